-- hook: raises an object that loops when anything is asked of it
return {
  name = "error_object_loops",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          local function loop()
            while true do end
          end
          error(setmetatable({}, {
            __tostring = loop, __index = loop, __name = ("x"):rep(100000), __concat = loop,
            __eq = loop, __close = loop, __call = loop, __len = loop,
          }))
        end,
      },
    }
  end,
}
