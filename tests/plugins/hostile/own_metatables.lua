-- hook: replaces metatables and globals under our feet
return {
  name = "own_metatables",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function(event)
          for name in pairs(_G) do
            _G[name] = nil -- luacheck: ignore 142
          end
          event.data = nil
        end,
      },
    }
  end,
}
