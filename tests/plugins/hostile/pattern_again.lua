-- hook: captures, and reads what it captured again
return {
  name = "pattern_again",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          return (("a"):rep(1000000)):find("(.*)%1b")
        end,
      },
    }
  end,
}
