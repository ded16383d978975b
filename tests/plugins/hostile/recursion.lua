-- hook: recurses until something gives
return {
  name = "recursion",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          local function deeper(depth)
            return 1 + deeper(depth + 1)
          end
          return deeper(0)
        end,
      },
    }
  end,
}
