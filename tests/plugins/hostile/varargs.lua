-- hook: moves a hundred thousand values about
return {
  name = "varargs",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          local function pass(...)
            while true do
              select("#", ...)
            end
          end
          pass(table.unpack({}, 1, 100000))
        end,
      },
    }
  end,
}
