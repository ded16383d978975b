-- hook: handlers of errors of handlers
return {
  name = "handler_nests",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          local function boom()
            error("again")
          end
          local function handler()
            return xpcall(boom, handler)
          end
          while true do
            xpcall(boom, handler)
          end
        end,
      },
    }
  end,
}
