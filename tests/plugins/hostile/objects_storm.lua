-- hook: looks for objects that are not there, for ever
return {
  name = "objects_storm",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function(event)
          while true do
            event.session:objects({ near = { x = 0, y = 0, z = 0, radius = 1 / 3 }, type = "none" })
          end
        end,
      },
    }
  end,
}
