-- tick: loops in a coroutine of a tick
return {
  name = "tick_coroutine",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      on_tick = function()
        coroutine.wrap(function()
          while true do
            pcall(coroutine.wrap(function()
              while true do end
            end))
          end
        end)()
      end,
    }
  end,
}
