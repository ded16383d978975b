-- hook: the same while replacing, and caught
return {
  name = "pattern_tail_gsub",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          while true do
            pcall(string.gsub, ("a"):rep(7000), ".-" .. ("a"):rep(1000) .. "b", "")
          end
        end,
      },
    }
  end,
}
