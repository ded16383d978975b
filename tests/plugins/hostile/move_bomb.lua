-- hook: moves from one end of the integers to the other
return {
  name = "move_bomb",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          return table.move({}, 1, math.maxinteger - 1, 2)
        end,
      },
    }
  end,
}
