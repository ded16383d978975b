-- hook: sorts a list of megabytes
return {
  name = "sort_texts",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          local list = {}
          for index = 1, 9000 do
            list[index] = list[1] or ("x"):rep(1000000)
          end
          while true do
            pcall(table.sort, list)
          end
        end,
      },
    }
  end,
}
