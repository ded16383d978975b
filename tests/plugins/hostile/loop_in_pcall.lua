-- hook: catches the budget's error and goes on
return {
  name = "loop_in_pcall",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          while true do
            pcall(function()
              while true do end
            end)
          end
        end,
      },
    }
  end,
}
