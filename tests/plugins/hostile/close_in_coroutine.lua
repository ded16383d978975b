-- hook: loops while its coroutine is closed
return {
  name = "close_in_coroutine",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          local thread = coroutine.create(function()
            local _ <close> = setmetatable({}, {
              __close = function()
                while true do end
              end,
            })
            coroutine.yield()
          end)
          coroutine.resume(thread)
          coroutine.close(thread)
        end,
      },
    }
  end,
}
