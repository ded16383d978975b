-- hook: a value that is exponential as JSON
return {
  name = "json_bomb",
  version = "1.0.0",
  api = 1,
  setup = function(hd1)
    return {
      before_event = {
        object_created = function()
          local value = {}
          for _ = 1, 30 do
            value = { value, value }
          end
          return hd1.replace({ value = value })
        end,
      },
    }
  end,
}
