-- scripts/solar_system.lua: it moves while somebody is there.

local test = require("test")

test("planets move ten times a second, and in their orbits", function(t)
  local world = t:world({ plugins = { "validate" }, script = "solar_system" })
  local alice = world:join("alice")
  local earth = alice.snapshot.objects.earth
  alice:expect_nothing("object_moved")
  world.clock:advance(3) -- a quarter of the earth's year
  local last
  for _ = 1, 30 do
    last = alice:expect("object_moved", { name = "earth" }).data
  end
  t:ok(math.abs(last.x * earth.x + last.z * earth.z) < 0.5, "a right angle to where it was")
  t:ok(math.abs((last.x ^ 2 + last.z ^ 2) - 16) < 0.1, "4 away from the sun")
  alice:expect_nothing("object_updated")
end)

test("nothing moves while nobody is there", function(t)
  local world = t:world()
  local alice = world:join("alice")
  world.clock:advance(1)
  local earth
  for _ = 1, 10 do
    earth = alice:expect("object_moved", { name = "earth" }).data
  end
  alice:leave()
  world.clock:advance(10)
  local bob = world:join("bob")
  bob:expect("object_moved", { name = "earth", x = earth.x, z = earth.z })
  t:match(bob.snapshot.objects.sun, { x = 0, glow = true })
end)
