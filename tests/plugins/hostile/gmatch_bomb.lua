-- hook: matches that go back and forth
return {
  name = "gmatch_bomb",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          for _ in (("a"):rep(2000)):gmatch("(a*)(a*)(a*)(a*)b") do
            error("nothing matches")
          end
        end,
      },
    }
  end,
}
