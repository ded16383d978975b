-- hook: keeps all it can get, also over calls
local kept

return {
  name = "memory",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          kept = kept or {}
          for index = 1, 1e9 do
            kept[#kept + 1] = { index }
          end
        end,
      },
    }
  end,
}
