-- hook: metrics without number
return {
  name = "metric_storm",
  version = "1.0.0",
  api = 1,
  setup = function(hd1)
    return {
      before_event = {
        object_created = function()
          local count = 0
          while true do
            count = count + 1
            hd1.metrics.counter("c" .. count, "x")
          end
        end,
      },
    }
  end,
}
