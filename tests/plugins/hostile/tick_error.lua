-- tick: fails each time
return {
  name = "tick_error",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      on_tick = function()
        error("again")
      end,
    }
  end,
}
