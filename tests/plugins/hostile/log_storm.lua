-- hook: logs without end
return {
  name = "log_storm",
  version = "1.0.0",
  api = 1,
  setup = function(hd1)
    return {
      before_event = {
        object_created = function()
          while true do
            hd1.log.debug("again", { n = 1 })
          end
        end,
      },
    }
  end,
}
