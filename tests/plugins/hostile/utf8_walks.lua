-- hook: walks over four megabytes in every way
return {
  name = "utf8_walks",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          local text = ("\u{10FFFF}"):rep(262144)
          text = text .. text .. text .. text
          while true do
            pcall(utf8.len, text)
            pcall(utf8.offset, text, 1000000)
            pcall(utf8.codepoint, text, 1, 400000)
          end
        end,
      },
    }
  end,
}
