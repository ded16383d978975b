-- plugins/presence_idle.lua: who is shown as away, and when.

local test = require("test")

local function watched(t, after_s)
  t:config("presence_idle", { after_s = after_s })
  local world = t:world()
  return world, world:join("romeo"), world:join("juliet")
end

-- juliet speaks now and then, so that only romeo is silent.
local function pass(world, juliet, seconds)
  for _ = 1, seconds do
    world.clock:advance(1)
    juliet:send("presence", { mood = "awake" })
  end
end

test("away after so long, not before", function(t)
  local world, _, juliet = watched(t, 60)
  pass(world, juliet, 59)
  juliet:expect_nothing("presence_updated")
  pass(world, juliet, 3)
  juliet:expect("presence_updated", { client_id = "romeo", presence = { state = "away" } })
  pass(world, juliet, 100)
  juliet:expect_nothing("presence_updated") -- it is said once
end)

test("back at once with whatever it sends, be it refused", function(t)
  local world, romeo, juliet = watched(t, 5)
  pass(world, juliet, 7)
  juliet:expect("presence_updated", { client_id = "romeo", presence = { state = "away" } })
  romeo:send_text("nonsense")
  romeo:expect_error("malformed")
  juliet:expect("presence_updated", { client_id = "romeo", presence = { state = "active" } })
  pass(world, juliet, 7)
  juliet:expect("presence_updated", { client_id = "romeo", presence = { state = "away" } })
end)

test("what the client says of itself stays beside it", function(t)
  local world, romeo, juliet = watched(t, 5)
  romeo:send("presence", { mood = "sad" })
  pass(world, juliet, 7)
  juliet:expect("presence_updated", {
    client_id = "romeo", presence = { mood = "sad", state = "away" },
  })
  local late = world:connect("late")
  local others = {}
  for _, client in ipairs(late:join().clients) do
    others[client.client_id] = client.presence
  end
  t:match(others.romeo, { mood = "sad", state = "away" })
end)

test("nothing is left of a session that is gone", function(t)
  local world, romeo, juliet = watched(t, 5)
  pass(world, juliet, 7)
  juliet:expect("presence_updated", { client_id = "romeo", presence = { state = "away" } })
  world:rest("DELETE", "/api/sessions/test")
  world:rest("POST", "/api/sessions", { id = "test" })
  juliet:join()
  romeo:join()
  pass(world, juliet, 3)
  juliet:expect_nothing("presence_updated") -- "active" would be news of the one before
end)

test("who left and came back is not away", function(t)
  local world, romeo, juliet = watched(t, 5)
  pass(world, juliet, 7)
  juliet:expect("presence_updated", { presence = { state = "away" } })
  romeo:leave()
  romeo:join()
  pass(world, juliet, 3)
  juliet:expect_nothing("presence_updated")
end)
