-- hook: each step looks through a set of a thousand
return {
  name = "pattern_set",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          return (("a"):rep(7000)):find("[" .. ("z"):rep(1000) .. "a]-b")
        end,
      },
    }
  end,
}
