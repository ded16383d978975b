-- hook: wants to run when nobody looks
return {
  name = "finalizer",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          setmetatable({}, {
            __gc = function()
              while true do end
            end,
          })
          error("should not come here")
        end,
      },
    }
  end,
}
