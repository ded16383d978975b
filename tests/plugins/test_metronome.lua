-- What a plugin does by the clock, which goes on only by world.clock:advance(); and what the next
-- case does not see of it.
local test = require("test")

local beats = setmetatable({}, { __mode = "k" }) -- that came so far, by client

-- What the beats that came so far say of this.
local function beats_of(client, key)
  local found = {}
  beats[client] = beats[client] or {}
  for _, message in ipairs(client:take()) do
    if message.type == "beat" then
      table.insert(beats[client], message.data)
    end
  end
  for _, beat in ipairs(beats[client]) do
    found[#found + 1] = beat[key]
  end
  return found
end

test("every and after come at their times, and not while the clock stands still", function(t)
  local world = t:world()
  local ann = world:join("ann")
  ann:expect_nothing("beat")
  world.clock:advance(0.249)
  t:equal(beats_of(ann, "every"), {})
  world.clock:advance(0.001)
  t:equal(beats_of(ann, "every"), { 1 })
  world.clock:advance(1.249)
  t:equal(#beats_of(ann, "every"), 5)
  t:equal(beats_of(ann, "after"), {})
  world.clock:advance(0.001)
  t:equal(beats_of(ann, "after"), { 1 })
  world.clock:advance(60)
  t:equal(#beats_of(ann, "every"), 8, "the timer that returned false")
  t:equal(beats_of(ann, "after"), { 1 })
end)

test("ticks number from 1 while somebody is joined, evenly", function(t)
  local world = t:world()
  world.clock:advance(10)
  local ann = world:join("ann")
  world.clock:advance(0)
  t:equal(beats_of(ann, "tick"), { 1 })
  world.clock:advance(1)
  t:equal(beats_of(ann, "tick"), { 1, 2, 3, 4, 5 })
  t:equal(beats_of(ann, "dt"), { 0.25, 0.25, 0.25, 0.25, 0.25 })
  ann:disconnect()
  world.clock:advance(10)
  local bob = world:join("bob")
  bob:take() -- the newest beat, which who joins is told
  world.clock:advance(0)
  t:equal(beats_of(bob, "tick"), { 1 })
end)

test("a tick in another session is for those who are there", function(t)
  local world = t:world()
  world:rest("POST", "/api/sessions", { id = "other" })
  local ann, bob = world:join("ann"), world:join("bob", { session = "other" })
  world.clock:advance(0.5)
  t:equal(#beats_of(ann, "tick"), 3)
  t:equal(#beats_of(bob, "tick"), 3)
  t:equal(#beats_of(bob, "every"), 0)
end)

for turn = 1, 2 do
  test("what it keeps is gone in the next case, turn " .. turn, function(t)
    local world = t:world()
    local ann = world:join("ann")
    ann:send("object_created", { object = { name = "rose", type = "sphere" } })
    ann:expect("beat", { created = 1 })
  end)
end

test("a timer that fails is told, with what failed", function(t)
  local world = t:world()
  t:allow_failures()
  world:join("ann"):send("object_created", { object = { name = "rose", type = "sphere" } })
  world.clock:advance(59.9)
  t:equal(t:failures(), {})
  world.clock:advance(0.2)
  t:ok(t:failures()[1]:find("plugin metronome failed in timer: ", 1, true), t:failures()[1])
end)

test("its route is served", function(t)
  local world = t:world()
  world.clock:advance(1)
  t:match(world:rest("GET", "/api/x/metronome/often"), { status = 200, body = { often = 4 } })
  t:equal(world:rest("GET", "/api/x/metronome/nothing").status, 404)
end)
