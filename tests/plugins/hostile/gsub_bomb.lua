-- hook: replaces what it just made
return {
  name = "gsub_bomb",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          local text = "a"
          while true do
            text = text:gsub("a", "aa")
          end
        end,
      },
    }
  end,
}
