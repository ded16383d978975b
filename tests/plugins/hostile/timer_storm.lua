-- runs: as many timers as it can get, each sets more
return {
  name = "timer_storm",
  version = "1.0.0",
  api = 1,
  setup = function(hd1)
    local function more()
      while pcall(hd1.after, 0, more) do end
    end
    more()
    return {}
  end,
}
