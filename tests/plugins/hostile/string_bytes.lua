-- hook: more values than a call can take
return {
  name = "string_bytes",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          return select("#", (("x"):rep(10000000)):byte(1, -1))
        end,
      },
    }
  end,
}
