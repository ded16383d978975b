-- hook: emits as much as it can, and then some
return {
  name = "emit_storm",
  version = "1.0.0",
  api = 1,
  setup = function(hd1)
    return {
      before_event = {
        object_created = function()
          local count = 0
          while true do
            hd1.emit({ type = "object_deleted", data = { name = "n" .. count } })
            count = count + 1
          end
        end,
      },
    }
  end,
}
