-- hook: never ends
return {
  name = "loop",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          while true do end
        end,
      },
    }
  end,
}
