-- hook: numbers as long texts
return {
  name = "number_bomb",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          local text = "0x" .. ("f"):rep(1000000)
          while true do
            local _ = tonumber(text) or math.tointeger(text)
          end
        end,
      },
    }
  end,
}
