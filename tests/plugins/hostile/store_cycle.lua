-- hook: keeps what has no end
return {
  name = "store_cycle",
  version = "1.0.0",
  api = 1,
  setup = function(hd1)
    return {
      before_event = {
        object_created = function()
          local cycle = {}
          cycle.cycle = cycle
          hd1.store.put("key", cycle)
        end,
      },
    }
  end,
}
