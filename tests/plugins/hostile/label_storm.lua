-- hook: combinations of labels without number
return {
  name = "label_storm",
  version = "1.0.0",
  api = 1,
  setup = function(hd1)
    return {
      before_event = {
        object_created = function()
          local counter = hd1.metrics.counter("c", "x", { "who" })
          while true do
            counter:add(1, { who = hd1.uuid() })
          end
        end,
      },
    }
  end,
}
