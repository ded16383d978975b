-- runs: cancels what runs, and what ran
return {
  name = "timer_cancels",
  version = "1.0.0",
  api = 1,
  setup = function(hd1)
    local timers = {}
    local function shuffle()
      for index, timer in pairs(timers) do
        timer:cancel()
        timers[index] = hd1.every(0, shuffle)
      end
    end
    for index = 1, 200 do
      timers[index] = hd1.every(0, shuffle)
    end
    return {}
  end,
}
