-- hook: formats into the megabytes
return {
  name = "format_bomb",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          local text = "x"
          while true do
            text = ("%s%s%s%s"):format(text, text, text, text)
          end
        end,
      },
    }
  end,
}
