-- hook: weak tables that are cleared for ever
return {
  name = "weak_tables",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          local weak = setmetatable({}, { __mode = "kv" })
          while true do
            weak[{}] = {}
          end
        end,
      },
    }
  end,
}
