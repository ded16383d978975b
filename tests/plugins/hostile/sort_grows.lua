-- hook: sorts a list that grows while it is sorted
return {
  name = "sort_grows",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          local list = { 3, 1, 2 }
          while true do
            pcall(table.sort, list, function(left, right)
              list[#list + 1] = #list
              return left < right
            end)
          end
        end,
      },
    }
  end,
}
