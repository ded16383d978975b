-- hook: keeps more and more, for ever
return {
  name = "store_storm",
  version = "1.0.0",
  api = 1,
  setup = function(hd1)
    return {
      before_event = {
        object_created = function()
          local count = 0
          while true do
            count = count + 1
            hd1.store.put("key" .. count, ("x"):rep(30000))
          end
        end,
      },
    }
  end,
}
