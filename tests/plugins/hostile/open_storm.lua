-- hook: opens sessions without number
return {
  name = "open_storm",
  version = "1.0.0",
  api = 1,
  setup = function(hd1)
    return {
      before_event = {
        object_created = function()
          local count = 0
          while true do
            count = count + 1
            hd1.open("session" .. count, function() end)
          end
        end,
      },
    }
  end,
}
