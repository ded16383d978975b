-- tick: yields out of a tick
return {
  name = "tick_yields",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      on_tick = function(session)
        coroutine.yield(session.id)
      end,
    }
  end,
}
