-- hook: the time of day, half a million times
return {
  name = "date_bomb",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          local format = ("%p"):rep(500000)
          while true do
            pcall(os.date, format)
          end
        end,
      },
    }
  end,
}
