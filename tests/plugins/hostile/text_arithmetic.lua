-- hook: counts with texts of megabytes
return {
  name = "text_arithmetic",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          local digits = ("1"):rep(1000000)
          digits = digits .. digits .. digits .. digits
          while true do
            local _ = digits + 1 - digits
            _ = -digits * math.floor(digits)
          end
        end,
      },
    }
  end,
}
