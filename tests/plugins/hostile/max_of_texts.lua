-- hook: the largest of thousands of megabytes
return {
  name = "max_of_texts",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          local list = {}
          for index = 1, 9000 do
            list[index] = list[1] or ("1"):rep(1000000)
          end
          while true do
            pcall(math.max, table.unpack(list))
            pcall(string.char, table.unpack(list))
            pcall(utf8.char, table.unpack(list))
          end
        end,
      },
    }
  end,
}
