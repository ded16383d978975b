-- hook: the same where the server sees less
return {
  name = "text_keys_in_coroutines",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          local text, list = ("x"):rep(1000000), {}
          text = text .. text .. text .. text
          while true do
            coroutine.wrap(function()
              while true do
                list[text .. "x"] = next(list)
              end
            end)()
          end
        end,
      },
    }
  end,
}
