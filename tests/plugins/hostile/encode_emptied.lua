-- hook: JSON of nothing, that was large, thousands of times
return {
  name = "encode_emptied",
  version = "1.0.0",
  api = 1,
  setup = function(hd1)
    return {
      before_event = {
        object_created = function()
          local emptied, list = {}, {}
          for index = 1, 60000 do
            emptied["key" .. index] = index
          end
          for key in pairs(emptied) do
            emptied[key] = nil
          end
          for index = 1, 60000 do
            list[index] = emptied
          end
          while true do
            pcall(hd1.json.encode, list)
          end
        end,
      },
    }
  end,
}
