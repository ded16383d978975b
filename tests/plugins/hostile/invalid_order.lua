-- hook: sorts by an order that is none
return {
  name = "invalid_order",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          local list = {}
          for index = 1, 50000 do
            list[index] = index % 7
          end
          while true do
            pcall(table.sort, list, function() return true end)
          end
        end,
      },
    }
  end,
}
