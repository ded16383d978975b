-- hook: goes round without a loop, and catches
return {
  name = "goto_loop",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          ::again::
          pcall(function()
            ::round::
            goto round
          end)
          goto again
        end,
      },
    }
  end,
}
