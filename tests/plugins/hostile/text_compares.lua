-- hook: compares what is equal, and almost
return {
  name = "text_compares",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          local text, other = ("x"):rep(1000000), ("x"):rep(1000000)
          text, other = text .. text .. text, other .. other .. other
          while true do
            local _ = text ~= other or text < other or not rawequal(text, other)
          end
        end,
      },
    }
  end,
}
