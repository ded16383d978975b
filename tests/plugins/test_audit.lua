-- plugins/audit.lua: what is written, how much of it, and how it is read.

local test = require("test")

local function audited(t, options)
  options = options or {}
  options.open = options.open == nil or options.open
  t:config("audit", options)
  local world = t:world({ plugins = { "chat", "audit" } })
  return world, world:join("romeo")
end

local function read(world, query)
  return world:rest("GET", "/api/x/audit" .. (query or ""))
end

local function say(client, count)
  for index = 1, count do
    client:send("chat_message", { text = "line " .. index })
  end
end

test("durable events that happened, and nothing else", function(t)
  local world, romeo = audited(t)
  romeo:send("object_created", { object = { name = "rose", type = "cube" } })
  romeo:send("object_created", { object = { name = "rose", type = "cube" } })
  romeo:expect_error("object_exists")
  romeo:send("object_moved", { name = "rose", x = 1, y = 1, z = 1 })
  local items = read(world, "?session=test").body.items
  t:match(items[1], {
    type = "object_created", client = "romeo", session = "test", object = "rose",
    address = "127.0.0.1", time_ms = world.clock:now_ms(),
  })
  t:ok(not items[2] or items[2].type == "session_created")
end)

test("the newest are kept", function(t)
  local world, romeo = audited(t, { keep = 3 })
  say(romeo, 10)
  local body = read(world).body
  t:equal(#body.items, 3)
  t:equal(body.items[1].number - body.items[3].number, 2)
  t:equal(body.next, test.json.null)
end)

test("pages", function(t)
  local world, romeo = audited(t)
  say(romeo, 5)
  local first = read(world, "?limit=2").body
  local second = read(world, "?limit=2&before=" .. first.next).body
  t:equal(second.items[1].number, first.items[2].number - 1)
  t:match(read(world, "?limit=1001"), { status = 400, body = { code = "invalid_query" } })
  t:equal(#read(world, "?user=nobody").body.items, 0)
end)

test("closed unless it is said to be open", function(t)
  local world = audited(t, { open = false })
  t:match(read(world), { status = 403, body = { code = "not_allowed" } })
end)
