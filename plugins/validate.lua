-- Checks the shape of each event by the JSON Schema of its type, and that coordinates lie within
-- the world's grid. The schemas of the core's types are schema/events/*.json; other plugins' types
-- bring their own. What is refused here is answered 422 invalid_event with the path of the fault.

local DEFAULT_SIZE = 25

-- Where in their data is what has a place in the grid.
local PLACED = { object_created = "/object", object_updated = "/object", object_moved = "" }

local function setup(hd1, config)
  local function reject(path, message)
    return hd1.reject({
      code = "invalid_event",
      status = 422,
      message = (path == "" and "data" or path) .. " " .. message,
      details = { path = path },
    })
  end

  -- How far from the middle its grid reaches. A world is the same table until it changes.
  local reach_of = setmetatable({}, { __mode = "k" })
  local function find_reach(world)
    local size = math.type(world.size) and world.size or DEFAULT_SIZE
    reach_of[world] = size // 2
    return size // 2
  end

  -- Its coordinates are numbers where present: that was checked.
  local function check_bounds(event, path)
    local x, y, z = event:members(path, "x", "y", "z")
    local session = event.session
    if not session or not (x or y or z) then
      return nil
    end
    local world = session.world
    local max = reach_of[world] or find_reach(world)
    local min = -max
    local axis = x and (x < min or x > max) and "x"
      or y and (y < min or y > max) and "y"
      or z and (z < min or z > max) and "z"
    if axis then
      return reject(path .. "/" .. axis, string.format("must be within %d and %d", min, max))
    end
  end

  local function hook_of(name, schema)
    local check, place = hd1.checker(schema), config.bounds and PLACED[name]
    return function(event)
      local path, message = check(event)
      if path then
        return reject(path, message)
      end
      return place and check_bounds(event, place) or nil
    end
  end

  local before_event = {}
  for _, name in ipairs(hd1.event_types()) do
    local schema = hd1.schema(name)
    before_event[name] = schema and hook_of(name, schema)
  end
  return { before_event = before_event }
end

return {
  name = "validate",
  version = "1.0.0",
  api = 1,
  config = {
    bounds = { type = "boolean", default = true, doc = "keep objects within the world's grid" },
  },
  setup = setup,
}
