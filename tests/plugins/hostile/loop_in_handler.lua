-- hook: loops in the handler of its own error
return {
  name = "loop_in_handler",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          xpcall(error, function()
            while true do end
          end)
          xpcall(function()
            while true do end
          end, function()
            while true do end
          end)
        end,
      },
    }
  end,
}
