-- hook: an empty string, for ever
return {
  name = "rep_of_nothing",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          return (""):rep(math.maxinteger)
        end,
      },
    }
  end,
}
