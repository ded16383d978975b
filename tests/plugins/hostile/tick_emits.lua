-- tick: emits for ever, and nothing of it may come
return {
  name = "tick_emits",
  version = "1.0.0",
  api = 1,
  setup = function(hd1)
    return {
      on_tick = function()
        while true do
          hd1.emit({ type = "object_created", data = { object = { name = "t", type = "cube" } } })
        end
      end,
    }
  end,
}
