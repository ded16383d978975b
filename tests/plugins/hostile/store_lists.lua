-- hook: lists all that it keeps, again and again
return {
  name = "store_lists",
  version = "1.0.0",
  api = 1,
  setup = function(hd1)
    return {
      before_event = {
        object_created = function()
          for i = 1, 200 do
            hd1.store.put("key" .. i, i)
          end
          while true do
            hd1.store.list({ limit = 1000 })
          end
        end,
      },
    }
  end,
}
