-- hook: a list that says it is endless
return {
  name = "insert_bomb",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          local list = setmetatable({}, { __len = function() return math.maxinteger - 1 end })
          table.insert(list, 1, "x")
        end,
      },
    }
  end,
}
