-- hook: returns what is no answer
return {
  name = "garbage",
  version = "1.0.0",
  api = 1,
  setup = function(hd1)
    return {
      before_event = {
        object_created = function()
          return setmetatable({ status = 200 }, { __index = hd1 })
        end,
      },
    }
  end,
}
