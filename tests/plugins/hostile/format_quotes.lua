-- hook: quotes a megabyte that needs an escape for each byte
return {
  name = "format_quotes",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          local text = ("\0"):rep(1000000)
          while true do
            pcall(string.format, "%q", text)
          end
        end,
      },
    }
  end,
}
