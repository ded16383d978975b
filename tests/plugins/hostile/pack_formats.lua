-- hook: formats of a hundred thousand options
return {
  name = "pack_formats",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          local format = ("b"):rep(100000)
          while true do
            pcall(string.packsize, format)
            pcall(string.unpack, format, format)
            pcall(string.pack, "c1000000", "")
          end
        end,
      },
    }
  end,
}
