-- plugins/rate_limit.lua: who has to wait, for what, and for how long. A join is a message too.

local test = require("test")

-- A world whose limits are out of reach but for those named.
local function limited(t, limits)
  local options = { "rate_limit" }
  for _, whose in ipairs({ "client", "address", "session" }) do
    options[whose] = { rate = 1000000, burst = 1000000 }
    for key, value in pairs(limits[whose] or {}) do
      options[whose][key] = value
    end
  end
  return t:world({ plugins = { options } })
end

-- Sends so many messages; the message of the last refusal, nil if none was refused.
local function say(client, count)
  for _ = 1, count or 1 do
    client:send("camera_orbit_started", {
      center = { x = 0, y = 0, z = 0 }, radius = 1, speed = 1,
    })
  end
  local refusals = client:take_errors()
  return #refusals > 0 and refusals[#refusals].message or nil
end

test("answers 429 with the time to wait", function(t)
  local romeo = limited(t, { client = { rate = 10, burst = 3 } }):join("romeo")
  t:equal(say(romeo, 2), nil)
  romeo:send("camera_orbit_started", {})
  romeo:expect_error("rate_limited", {
    status = 429, retry_after_ms = 100, message = "too many messages from this client",
  })
end)

test("lets go on once the time is over", function(t)
  local world = limited(t, { client = { rate = 10, burst = 1 } })
  local romeo = world:join("romeo")
  romeo:send("presence", {})
  local refusal = romeo:expect_error("rate_limited")
  world.clock:advance((refusal.retry_after_ms - 1) / 1000)
  t:match(say(romeo), "too many messages from this client")
  world.clock:advance(0.001)
  t:equal(say(romeo), nil)
end)

test("clients of one address share its limit", function(t)
  local world = limited(t, { address = { rate = 10, burst = 4 } })
  local romeo = world:join("romeo", { address = "10.0.0.1" })
  local juliet = world:join("juliet", { address = "10.0.0.1" })
  local tybalt = world:join("tybalt", { address = "10.0.0.2" })
  t:equal(say(romeo), nil)
  t:equal(say(juliet), nil)
  t:equal(say(romeo), "too many messages from this address")
  t:equal(say(tybalt), nil)
end)

test("clients of one session share its limit", function(t)
  local world = limited(t, { session = { rate = 10, burst = 4 } })
  world:rest("POST", "/api/sessions", { id = "mantua" })
  local romeo, tybalt = world:join("romeo"), world:join("tybalt")
  local paris = world:join("paris", { session = "mantua" })
  t:equal(say(romeo), nil)
  t:equal(say(tybalt), nil)
  t:equal(say(tybalt), "too many messages from this session")
  t:equal(say(paris), nil)
end)

test("who is over his own limit costs the session nothing", function(t)
  local world = limited(t, {
    client = { rate = 1, burst = 2 }, session = { rate = 1, burst = 4 },
  })
  local romeo = world:join("romeo")
  t:equal(say(romeo), nil)
  t:equal(say(romeo, 10), "too many messages from this client")
  local juliet = world:join("juliet")
  t:equal(say(juliet), nil)
  t:equal(say(juliet), "too many messages from this client")
end)

test("nonsense without type and session is charged", function(t)
  local romeo = limited(t, { client = { rate = 1, burst = 1 } }):connect("romeo")
  romeo:send_text("nonsense")
  romeo:expect_error("malformed")
  romeo:send_text("nonsense")
  romeo:expect_error("rate_limited")
end)

test("an array is charged for each of its events", function(t)
  local world = limited(t, { client = { rate = 10, burst = 100 } })
  local orbit = {
    type = "camera_orbit_started",
    data = { center = { x = 0, y = 0, z = 0 }, radius = 1, speed = 1 },
  }
  local function post(count)
    local events = {}
    for index = 1, count do
      events[index] = orbit
    end
    return world:rest("POST", "/api/sessions/test/events", events)
  end
  t:equal(post(60).status, 200)
  t:match(post(60), { status = 429, body = { code = "rate_limited", retry_after_ms = 2000 } })
  t:equal(post(40).status, 200)
end)

test("what the world itself does is not charged", function(t)
  local world = t:world({
    plugins = { { "rate_limit", session = { rate = 0.01, burst = 1 } } }, script = "gallery",
  })
  t:ok(world:object("bench_1"))
end)

test("its defaults are within its own bounds", function(t)
  local world = t:world({ plugins = { "rate_limit" } })
  local config = world:rest("GET", "/api/plugins").body.items[1].config
  for _, whose in ipairs({ "client", "address", "session" }) do
    t:ok(config[whose].rate >= 0.01 and config[whose].rate <= 1000000)
    t:ok(config[whose].burst >= 1 and config[whose].burst <= 1000000)
  end
end)
