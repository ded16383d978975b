-- hook: keys with a NUL, to be cut off somewhere
return {
  name = "store_nul",
  version = "1.0.0",
  api = 1,
  setup = function(hd1)
    return {
      before_event = {
        object_created = function()
          hd1.store.put("admin\0", true)
        end,
      },
    }
  end,
}
