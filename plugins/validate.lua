-- Checks the shape of each event by the JSON Schema of its type, and that coordinates lie within
-- the world's grid. The schemas of the core's types are schema/events/*.json; other plugins' types
-- bring their own. What is refused here is answered 422 invalid_event with the path of the fault.

local json_schema = require("json_schema")

local DEFAULT_SIZE = 25
local BOUNDED = { object_created = true, object_updated = true, object_moved = true }

local function setup(hd1, config)
  local checks = {} -- event type -> check(data)
  local has_bounds = config.bounds and BOUNDED or {}
  local using = { null = hd1.json.null, is_array = hd1.json.is_array }
  for _, name in ipairs(hd1.event_types()) do
    local schema = hd1.schema(name)
    checks[name] = schema and json_schema.compile(schema, using)
  end

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

  -- thing: what holds x, y, z; checked to be numbers where present.
  local function check_bounds(session, thing, path)
    local x, y, z = thing.x, thing.y, thing.z
    if not (x or y or z) then
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

  local function before_event(event)
    local name = event.type
    local check = checks[name]
    if not check then
      return nil
    end
    local data = event.data
    local path, message = check(data)
    if path then
      return reject(path, message)
    end
    local session = has_bounds[name] and event.session
    if not session then
      return nil
    elseif name == "object_moved" then
      return check_bounds(session, data, "")
    end
    return check_bounds(session, data.object, "/object")
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
