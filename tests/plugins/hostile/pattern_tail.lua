-- hook: each step reads a literal of a thousand
return {
  name = "pattern_tail",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          return (("a"):rep(7000)):find(".-" .. ("a"):rep(1000) .. "b")
        end,
      },
    }
  end,
}
