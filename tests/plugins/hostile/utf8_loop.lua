-- hook: counts a long text again and again
return {
  name = "utf8_loop",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          local text = ("ä"):rep(1000000)
          while true do
            pcall(utf8.len, text)
            pcall(utf8.offset, text, -1)
          end
        end,
      },
    }
  end,
}
