-- tick: grows with each tick
local kept = {}

return {
  name = "tick_memory",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      on_tick = function()
        for index = 1, 1e9 do
          kept[#kept + 1] = ("x"):rep(100) .. index
        end
      end,
    }
  end,
}
