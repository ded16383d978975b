-- hook: takes a text apart, into more values than fit
return {
  name = "utf8_bomb",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          local text = ("\u{10FFFF}"):rep(1000000)
          return utf8.codepoint(text, 1, -1)
        end,
      },
    }
  end,
}
