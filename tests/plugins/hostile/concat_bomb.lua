-- hook: joins elements without end
return {
  name = "concat_bomb",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          local endless = setmetatable({}, { __index = rawlen })
          return table.concat(endless, "", 1, math.maxinteger)
        end,
      },
    }
  end,
}
