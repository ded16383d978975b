-- hook: raises an object that fails when shown
return {
  name = "error_object",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          error(setmetatable({}, { __tostring = function() error("again") end }))
        end,
      },
    }
  end,
}
