-- plugins/validate.lua: what it accepts and refuses of each type, and where it says the fault is.
-- What it accepts may still be refused by the core: then the refusal names no path.

local test = require("test")

local GOOD = "good"

local SLASHES = ("/"):rep(20000)

-- The name of 64 characters, and one too long.
local LONG = string.rep("n", 64)
local TOO_LONG = LONG .. "n"

-- type, data, expected path or GOOD; the world has size 25 unless a fourth column says its JSON
local judged = {
  { "object_created", '{"object":{"name":"a","type":"cube"}}', GOOD },
  { "object_created", '{"session_id":"s","object":{"name":"a","type":"cube"}}', GOOD },
  { "object_created", '{"object":{"name":"a","type":"cube","x":-12,"y":12,"z":0.5}}', GOOD },
  { "object_created", '{"object":{"name":"a","type":"cube","scale":2}}', GOOD },
  { "object_created", '{"object":{"name":"a","type":"cube","scale":{"x":1,"y":0.5}}}', GOOD },
  { "object_created", '{"object":{"name":"a","type":"cube","scale":{}}}', GOOD },
  { "object_created", '{"object":{"name":"a","type":"cube","rotation":{"y":-90}}}', GOOD },
  { "object_created", '{"object":{"name":"a","type":"cube","color":"#ff0000"}}', GOOD },
  { "object_created", '{"object":{"name":"a","type":"cube","tags":[1,{"deep":null}]}}', GOOD },
  { "object_created", '{"object":{"name":"' .. LONG .. '","type":"cube"}}', GOOD },
  { "object_created", '{"object":{"name":"a","type":"Würfel"}}', GOOD },
  { "object_created", '{"object":{"name":"a","type":"cube","x":1e1}}', GOOD },
  { "object_created", '{}', "/object" },
  { "object_created", '{"object":null}', "/object" },
  { "object_created", '{"object":[]}', "/object" },
  { "object_created", '{"object":{"type":"cube"}}', "/object/name" },
  { "object_created", '{"object":{"name":"a"}}', "/object/type" },
  { "object_created", '{"object":{"name":"","type":"cube"}}', "/object/name" },
  { "object_created", '{"object":{"name":7,"type":"cube"}}', "/object/name" },
  { "object_created", '{"object":{"name":"' .. TOO_LONG .. '","type":"cube"}}', "/object/name" },
  { "object_created", '{"object":{"name":"a","type":""}}', "/object/type" },
  { "object_created", '{"object":{"name":"a","type":"cube","x":"1"}}', "/object/x" },
  { "object_created", '{"object":{"name":"a","type":"cube","x":null}}', "/object/x" },
  { "object_created", '{"object":{"name":"a","type":"cube","x":12.001}}', "/object/x" },
  { "object_created", '{"object":{"name":"a","type":"cube","y":-13}}', "/object/y" },
  { "object_created", '{"object":{"name":"a","type":"cube","z":1e300}}', "/object/z" },
  { "object_created", '{"object":{"name":"a","type":"cube","scale":0}}', "/object/scale" },
  { "object_created", '{"object":{"name":"a","type":"cube","scale":-1}}', "/object/scale" },
  { "object_created", '{"object":{"name":"a","type":"cube","scale":null}}', "/object/scale" },
  { "object_created", '{"object":{"name":"a","type":"cube","scale":[1,1,1]}}', "/object/scale" },
  { "object_created", '{"object":{"name":"a","type":"cube","scale":{"y":0}}}', "/object/scale/y" },
  { "object_created", '{"object":{"name":"a","type":"cube","scale":{"w":1}}}', "/object/scale/w" },
  { "object_created", '{"object":{"name":"a","type":"cube","rotation":90}}', "/object/rotation" },
  {
    "object_created", '{"object":{"name":"a","type":"cube","rotation":{"x":"90"}}}',
    "/object/rotation/x",
  },
  { "object_created", '{"object":{"name":"a","type":"cube","color":16711680}}', "/object/color" },
  -- whose path would be too long ends before it
  {
    "object_created", '{"object":{"name":"a","type":"cube","scale":{"' .. SLASHES .. '":1}}}',
    "/object/scale",
  },
  {
    "object_created", '{"object":{"name":"a","type":"cube","color":"' .. TOO_LONG .. '"}}',
    "/object/color",
  },
  -- unknown members are ignored
  { "object_created", '{"object":{"name":"a","type":"cube"},"objekt":1}', GOOD },

  { "object_updated", '{"object":{"name":"a","x":1}}', GOOD },
  { "object_updated", '{"object":{"name":"a"}}', GOOD },
  { "object_updated", '{"object":{"name":"a","color":null,"scale":null,"rotation":null}}', GOOD },
  { "object_updated", '{"object":{"name":"a","owner":null}}', GOOD },
  { "object_updated", '{"object":{"name":"a","type":"sphere"},"if_version":7}', GOOD },
  { "object_updated", '{"object":{"x":1}}', "/object/name" },
  { "object_updated", '{"object":{"name":"a","y":null}}', "/object/y" },
  { "object_updated", '{"object":{"name":"a","type":null}}', "/object/type" },
  { "object_updated", '{"object":{"name":"a","z":-12.5}}', "/object/z" },
  { "object_updated", '{"object":{"name":"a"},"if_version":-1}', "/if_version" },
  { "object_updated", '{"object":{"name":"a"},"if_version":1.5}', "/if_version" },
  { "object_updated", '{"object":{"name":"a"},"if_version":"1"}', "/if_version" },
  { "object_updated", '{"name":"a","x":1}', "/object" },

  { "object_deleted", '{"name":"a"}', GOOD },
  { "object_deleted", '{"session_id":"s","name":"a","if_version":0}', GOOD },
  { "object_deleted", '{}', "/name" },
  { "object_deleted", '{"name":null}', "/name" },
  { "object_deleted", '{"object":{"name":"a"}}', "/name" },
  { "object_deleted", '{"name":"a","x":1}', GOOD },

  { "object_moved", '{"name":"a","x":1,"y":2,"z":3}', GOOD },
  { "object_moved", '{"name":"a","rotation":{"x":1,"y":2,"z":3},"scale":{"x":2}}', GOOD },
  { "object_moved", '{"x":1}', "/name" },
  { "object_moved", '{"name":"a","x":12.5}', "/x" },
  { "object_moved", '{"name":"a","x":true}', "/x" },
  { "object_moved", '{"name":"a","color":"red"}', GOOD },
  { "object_moved", '{"name":"a","scale":{"x":0}}', "/scale/x" },

  { "world_initialized", '{"world":{}}', GOOD },
  { "world_initialized", '{"world":{"size":41,"transparency":0.5,"conflict":"timestamp"}}', GOOD },
  { "world_initialized", '{"world":{"background":"#000000","fog":{"near":1}}}', GOOD },
  { "world_initialized", '{}', "/world" },
  { "world_initialized", '{"world":[]}', "/world" },
  { "world_initialized", '{"world":{"size":0}}', "/world/size" },
  { "world_initialized", '{"world":{"size":25.5}}', "/world/size" },
  { "world_initialized", '{"world":{"size":null}}', "/world/size" },
  { "world_initialized", '{"world":{"transparency":1.1}}', "/world/transparency" },
  { "world_initialized", '{"world":{"conflict":"last"}}', "/world/conflict" },
  { "world_initialized", '{"size":25}', "/world" },

  { "world_updated", '{"world":{"transparency":null,"size":null,"conflict":null}}', GOOD },
  { "world_updated", '{"world":{"title":"x"}}', GOOD },
  { "world_updated", '{"world":{"size":"25"}}', "/world/size" },
  { "world_updated", '{"world":{"transparency":-0.1}}', "/world/transparency" },
  { "world_updated", '{"world":{"conflict":true}}', "/world/conflict" },

  { "camera_moved", '{"position":{"x":1,"y":2,"z":3},"target":{"x":0,"y":0,"z":0}}', GOOD },
  { "camera_moved", '{"position":{"x":99,"y":2,"z":3},"target":{"x":0,"y":0,"z":0}}', GOOD },
  { "camera_moved", '{"position":{"x":1,"y":2},"target":{"x":0,"y":0,"z":0}}', "/position/z" },
  { "camera_moved", '{"position":{"x":1,"y":2,"z":3}}', "/target" },
  { "camera_moved", '{"position":[1,2,3],"target":{"x":0,"y":0,"z":0}}', "/position" },
  {
    "camera_moved", '{"position":{"x":1e9,"y":2,"z":3},"target":{"x":0,"y":0,"z":0}}',
    "/position/x",
  },

  { "camera_orbit_started", '{"center":{"x":0,"y":0,"z":0},"radius":5,"speed":10}', GOOD },
  {
    "camera_orbit_started", '{"center":{"x":0,"y":0,"z":0},"radius":5,"speed":-9,"axis":"x"}',
    GOOD,
  },
  { "camera_orbit_started", '{"center":{"x":0,"y":0,"z":0},"radius":-5,"speed":1}', "/radius" },
  { "camera_orbit_started", '{"radius":5,"speed":10}', "/center" },
  { "camera_orbit_started", '{"center":{"x":0,"y":0,"z":0},"radius":5}', "/speed" },
  {
    "camera_orbit_started", '{"center":{"x":0,"y":0,"z":0},"radius":5,"speed":1,"axis":"w"}',
    "/axis",
  },

  { "session_created", '{}', GOOD },
  { "session_created", '{"session_id":"s2","world":{"size":11,"a":1},"script":"gallery"}', GOOD },
  { "session_created", '{"world":{"size":-1}}', "/world/size" },
  { "session_created", '{"script":""}', "/script" },
  { "session_created", '{"id":"s"}', GOOD },
  { "session_deleted", '{}', GOOD },
  { "session_deleted", '{"session_id":"s"}', GOOD },
  { "session_deleted", '{"why":"because"}', GOOD },

  -- the grid: [-floor(size/2), +floor(size/2)]
  { "object_created", '{"object":{"name":"a","type":"cube","x":5}}', GOOD, '{"size":11}' },
  { "object_created", '{"object":{"name":"a","type":"cube","x":5.5}}', "/object/x", '{"size":11}' },
  { "object_created", '{"object":{"name":"a","type":"cube","x":6}}', GOOD, '{"size":12}' },
  { "object_created", '{"object":{"name":"a","type":"cube","x":1}}', "/object/x", '{"size":1}' },
  { "object_created", '{"object":{"name":"a","type":"cube","x":500}}', GOOD, '{"size":1001}' },
  { "object_updated", '{"object":{"name":"a","y":-2}}', "/object/y", '{"size":3}' },
  { "object_moved", '{"name":"a","z":-2}', "/z", '{"size":3.0}' },
}

-- What became of an event with this data, sent to a world with these properties: the path that is
-- at fault or GOOD, and the refusal.
local function judge(t, name, data, properties, options)
  t:config("validate", options or {})
  local world = t:world({
    plugins = { "validate" }, session = "s", world = test.json.decode(properties),
  })
  local client = world:join("judged")
  if name == "session_created" or data:find('"session_id":', 1, true) then
    client:send_text('{"type":"' .. name .. '","data":' .. data .. ',"id":10}')
  else
    local full = test.json.decode(data)
    full.session_id = "s"
    client:send(name, full)
  end
  local refusal = client:take_errors()[1] or {}
  return refusal.details and refusal.details.path or GOOD, refusal
end

for _, row in ipairs(judged) do
  local name, data, expected, properties = table.unpack(row)
  test(name .. " " .. data .. (properties or ""), function(t)
    local path, refusal = judge(t, name, data, properties or "{}")
    t:equal(path, expected, "path")
    if path ~= GOOD then
      t:match(refusal, { code = "invalid_event", status = 422 })
      t:equal(refusal.message:sub(1, #expected), expected, "how the message begins")
    end
  end)
end

test("names the bound in its message", function(t)
  local _, refusal = judge(t, "object_moved", '{"name":"a","x":13}', "{}")
  t:equal(refusal.message, "/x must be within -12 and 12")
end)

test("bounds = false leaves coordinates alone", function(t)
  local far, lenient = '{"name":"a","x":1000}', { bounds = false }
  t:equal(judge(t, "object_moved", far, "{}"), "/x")
  t:equal(judge(t, "object_moved", far, "{}", lenient), GOOD)
  t:equal(judge(t, "object_moved", '{"name":"a","x":"far"}', "{}", lenient), "/x")
end)

test("bounds go by the size that the world has now", function(t)
  local world = t:world({ plugins = { "validate" } })
  local alice = world:join("alice")
  alice:send("world_updated", { world = { size = 11 } })
  alice:send("object_created", { object = { name = "a", type = "cube", x = 6 } })
  alice:expect_error("invalid_event", { details = { path = "/object/x" } })
  alice:send("world_updated", { world = { size = test.json.null } })
  alice:send("object_created", { object = { name = "a", type = "cube", x = 6 } })
  alice:expect("object_created", { object = { x = 6 } })
end)

test("every example of every schema is accepted", function(t)
  local count = 0
  local types = t:world({ plugins = {} }):rest("GET", "/api/event-types").body.items
  for _, kind in ipairs(types) do
    for _, example in ipairs(kind.sendable and kind.schema.examples or {}) do
      t:equal(judge(t, kind.name, test.json.encode(example), "{}"), GOOD, kind.name)
      count = count + 1
    end
  end
  t:ok(count >= 8, count .. " examples")
end)
