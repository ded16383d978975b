-- hook: a call for each place of a megabyte
return {
  name = "gsub_calls",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          local text = ("x"):rep(1000000)
          while true do
            pcall(string.gsub, text, "()", tostring)
          end
        end,
      },
    }
  end,
}
