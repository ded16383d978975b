-- hook: metamethods that ask one another
return {
  name = "index_chain",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          local thing = setmetatable({}, {})
          getmetatable(thing).__index = function(self, key)
            return self[key .. "x"]
          end
          while true do
            pcall(function() return thing.x end)
          end
        end,
      },
    }
  end,
}
