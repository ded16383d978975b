-- hook: looks for the first key of what was large
return {
  name = "next_emptied",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          local list = {}
          for index = 1, 100000 do
            list["key" .. index] = index
          end
          for key in pairs(list) do
            list[key] = nil
          end
          while true do
            next(list)
          end
        end,
      },
    }
  end,
}
