-- hook: thousands of numbers with hundreds of digits
return {
  name = "format_digits",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          local numbers = {}
          for index = 1, 9000 do
            numbers[index] = 1e308
          end
          while true do
            pcall(string.format, ("%99.99f"):rep(9000), table.unpack(numbers))
          end
        end,
      },
    }
  end,
}
