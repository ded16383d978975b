-- hook: joins megabytes by an operator
return {
  name = "text_joins",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          local text = ("x"):rep(1000000)
          while true do
            local _ = text .. text .. text .. text .. text
          end
        end,
      },
    }
  end,
}
