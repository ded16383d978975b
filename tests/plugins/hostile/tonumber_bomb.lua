-- hook: four megabytes of digits, to the base of 36
return {
  name = "tonumber_bomb",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          local digits = ("z"):rep(1000000)
          digits = digits .. digits .. digits .. digits
          while true do
            pcall(tonumber, digits, 36)
          end
        end,
      },
    }
  end,
}
