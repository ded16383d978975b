-- hook: errors of megabytes
return {
  name = "errors_large",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          local text = ("x"):rep(1000000)
          text = text .. text .. text .. text
          while true do
            pcall(error, text)
            pcall(assert, false, text)
            xpcall(error, tostring, text)
          end
        end,
      },
    }
  end,
}
