-- hook: loops while its stack is unwound
return {
  name = "close_bomb",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          local guard <close> = setmetatable({}, {
            __close = function()
              while true do end
            end,
          })
          error(guard)
        end,
      },
    }
  end,
}
