-- timer: a timer that yields
return {
  name = "timer_yields",
  version = "1.0.0",
  api = 1,
  setup = function(hd1)
    hd1.every(0.1, function() coroutine.yield(1) end)
    return {}
  end,
}
