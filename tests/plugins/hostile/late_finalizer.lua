-- hook: gives a metatable a finalizer afterwards
return {
  name = "late_finalizer",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          local meta = {}
          for _ = 1, 100 do
            setmetatable({}, meta)
          end
          meta.__gc = function()
            while true do end
          end
          for index = 1, 1e7 do
            local _ = { index }
          end
        end,
      },
    }
  end,
}
