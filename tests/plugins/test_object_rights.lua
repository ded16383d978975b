-- plugins/object_rights.lua, with clients whom nobody knows: they own by their client id. Users and
-- roles: tests/e2e/test_shipped.py.

local test = require("test")

local function verona(t, options, spec)
  t:config("object_rights", options)
  local world = t:world(spec)
  return world:join("romeo"), world:join("juliet"), world
end

local function make(client, name)
  client:send("object_created", { object = { name = name, type = "cube" } })
end

local function refused(client, right)
  client:expect_error("not_allowed", { status = 403, details = { right = right, name = "rose" } })
end

test("by default anyone moves, and only its owner edits and deletes", function(t)
  local romeo, juliet, world = verona(t)
  make(romeo, "rose")
  juliet:send("object_updated", { object = { name = "rose", x = 1, y = 2, z = 3, scale = 2 } })
  juliet:send("object_moved", { name = "rose", x = 1, y = 1, z = 1 })
  juliet:send("object_updated", { object = { name = "rose", x = 5, color = "red" } })
  refused(juliet, "edit")
  juliet:send("object_deleted", { name = "rose" })
  refused(juliet, "delete")
  t:match(world:object("rose"), { x = 1, y = 2, z = 3, scale = 2 })
  romeo:send("object_updated", { object = { name = "rose", color = "red" } })
  romeo:send("object_deleted", { name = "rose" })
  t:equal(world:object("rose"), nil)
end)

-- The script's objects are nobody's: so whoever owned one of that name before would be seen.
test("its owner goes with the object", function(t)
  local romeo, juliet, world = verona(t)
  make(romeo, "bench_1")
  romeo:send("object_deleted", { name = "bench_1" })
  t:match(world:rest("POST", "/api/sessions/test/script", { script = "gallery" }), { status = 200 })
  juliet:send("object_updated", { object = { name = "bench_1", color = "red" } })
  juliet:expect("object_updated", { object = { name = "bench_1" } })
end)

test("who tries to make what is there does not get it", function(t)
  local romeo, juliet = verona(t)
  make(romeo, "rose")
  make(juliet, "rose")
  juliet:expect_error("object_exists")
  juliet:send("object_updated", { object = { name = "rose", color = "red" } })
  refused(juliet, "edit")
end)

test("objects of scripts are nobody's; scripts may do everything", function(t)
  local options = { rights = { create = "role:x", move = "role:x", edit = "owner" } }
  local romeo, _, world = verona(t, options, { script = "gallery" })
  t:ok(world:object("bench_1"))
  romeo:send("object_updated", { object = { name = "bench_1", color = "red" } })
  romeo:expect("object_updated")
  make(romeo, "rose")
  refused(romeo, "create")
end)

test("a session's id that is used again owes nothing to the one before", function(t)
  local romeo, juliet, world = verona(t)
  make(romeo, "bench_1")
  world:rest("DELETE", "/api/sessions/test")
  world:rest("POST", "/api/sessions", { id = "test", script = "gallery" })
  juliet:join()
  juliet:send("object_updated", { object = { name = "bench_1", color = "red" } })
  juliet:expect("object_updated", { object = { name = "bench_1" } })
end)

-- They are no keys of the store, and the core refuses them behind us.
test("names that are none are not the plugin's failure", function(t)
  local romeo = verona(t)
  for _, name in ipairs({ "a\0b", ("a"):rep(300), "a/b" }) do
    make(romeo, name)
    romeo:expect_error("invalid_event")
    romeo:send("object_moved", { name = name, x = 1 })
    romeo:expect_error("invalid_event")
    romeo:send("object_deleted", { name = name })
    romeo:expect_error("invalid_event")
  end
end)
