-- hook: looks for a balance at each place
return {
  name = "pattern_balance",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          return (("("):rep(1000000)):match("%b()")
        end,
      },
    }
  end,
}
