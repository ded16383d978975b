-- hook: tells clients that are not there, for ever
return {
  name = "send_storm",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function(event)
          while true do
            event.session:send("client-none", "camera_moved", { text = ("x"):rep(60000) })
          end
        end,
      },
    }
  end,
}
