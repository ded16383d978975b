-- hook: resumes, wraps and closes what runs
return {
  name = "closes_itself",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          local running = coroutine.running()
          coroutine.resume(running)
          coroutine.wrap(function()
            coroutine.close(coroutine.running())
          end)()
        end,
      },
    }
  end,
}
