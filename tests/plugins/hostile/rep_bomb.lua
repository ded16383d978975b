-- hook: a string of a terabyte
return {
  name = "rep_bomb",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          return ("x"):rep(1e12)
        end,
      },
    }
  end,
}
