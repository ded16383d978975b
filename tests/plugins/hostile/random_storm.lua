-- hook: all the system's randomness
return {
  name = "random_storm",
  version = "1.0.0",
  api = 1,
  setup = function(hd1)
    return {
      before_event = {
        object_created = function()
          while true do
            hd1.random_bytes(65536)
          end
        end,
      },
    }
  end,
}
