-- hook: yields to nobody
return {
  name = "yields",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function(event)
          coroutine.yield(event)
        end,
      },
    }
  end,
}
