-- hook: a frontier of a hundred thousand, at each place
return {
  name = "pattern_frontier",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          return (("a"):rep(1000000)):find("%f[" .. ("z"):rep(100000) .. "]")
        end,
      },
    }
  end,
}
