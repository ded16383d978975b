-- hook: keeps what is nested deeper than any stack
return {
  name = "store_depth",
  version = "1.0.0",
  api = 1,
  setup = function(hd1)
    return {
      before_event = {
        object_created = function()
          local value = {}
          for _ = 1, 100000 do
            value = { value }
          end
          hd1.store.put("deep", value)
        end,
      },
    }
  end,
}
