-- hook: coroutines within coroutines
return {
  name = "coroutine_bomb",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          local function spawn()
            while true do
              pcall(coroutine.wrap(spawn))
            end
          end
          spawn()
        end,
      },
    }
  end,
}
