-- tick: never comes back from a tick
return {
  name = "tick_loop",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      on_tick = function()
        while true do end
      end,
    }
  end,
}
