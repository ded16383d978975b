-- hook: a pattern that takes centuries
return {
  name = "pattern_bomb",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          return (("a"):rep(3000)):find((".-"):rep(12) .. "b")
        end,
      },
    }
  end,
}
