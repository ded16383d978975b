-- hook: reads the same megabyte thousands of times, for three bytes
return {
  name = "format_reads",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          local texts = {}
          for index = 1, 9000 do
            texts[index] = texts[1] or ("x"):rep(1000000)
          end
          while true do
            pcall(string.format, ("%.3s"):rep(9000), table.unpack(texts))
          end
        end,
      },
    }
  end,
}
