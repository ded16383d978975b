-- hook: joins megabytes by a function, and fails
return {
  name = "concat_large",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          local list = {}
          for index = 1, 1000 do
            list[index] = list[1] or ("x"):rep(1000000)
          end
          list[6] = {}
          while true do
            pcall(table.concat, list)
            pcall(table.concat, list, "", 1, 5)
          end
        end,
      },
    }
  end,
}
