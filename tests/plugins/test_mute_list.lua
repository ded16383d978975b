-- plugins/lib/mute_list.lua over a table that stands for hd1.store, told the time.

local mute_list = require("mute_list")
local test = require("test")

-- The part of hd1.store that it uses, and the keys in it.
local function fake_store()
  local values, store = {}, {}
  local function keys()
    local list = {}
    for key in pairs(values) do
      list[#list + 1] = key
    end
    table.sort(list)
    return list
  end
  function store.get(key) return values[key] end
  function store.put(key, value) values[key] = value return true end
  function store.delete(key) values[key] = nil return true end
  function store.list(how)
    local found = {}
    for _, key in ipairs(keys()) do
      if key:sub(1, #how.prefix) == how.prefix and #found < (how.limit or 100) then
        found[#found + 1] = { key = key, value = values[key] }
      end
    end
    return found
  end
  return store, keys
end

test("who is meant is a user or a client", function(t)
  t:equal(mute_list.read({ user = "tybalt", seconds = 60 }), "user:tybalt")
  t:equal(mute_list.read({ client_id = "client-1", seconds = 0 }), "client:client-1")
  t:equal(mute_list.read({ user = string.rep("x", 128), seconds = mute_list.LONGEST_S }),
    "user:" .. string.rep("x", 128))
end)

for _, wrong in ipairs({
  { "nobody", { seconds = 1 }, "/user" },
  { "a user and a client", { user = "a", client_id = "b", seconds = 1 }, "/user" },
  { "a name that is no text", { user = 7, seconds = 1 }, "/user" },
  { "a name of 129 bytes", { client_id = string.rep("x", 129), seconds = 1 }, "/user" },
  { "no time", { user = "a" }, "/seconds" },
  { "a time that is over", { user = "a", seconds = -1 }, "/seconds" },
  { "half a second", { user = "a", seconds = 0.5 }, "/seconds" },
  { "a time in words", { user = "a", seconds = "60" }, "/seconds" },
  { "more than a year", { user = "a", seconds = mute_list.LONGEST_S + 1 }, "/seconds" },
}) do
  test("refuses " .. wrong[1], function(t)
    local who, path, message = mute_list.read(wrong[2])
    t:equal(who, nil)
    t:equal(path, wrong[3])
    t:ok(#message > 0)
  end)
end

test("who is muted waits until it is over, in that session only", function(t)
  local mutes = mute_list.new(fake_store())
  t:equal(mutes:wait_ms("verona", { "user:tybalt" }, 1000), nil)
  t:equal(mutes:set("verona", "user:tybalt", 5000), true)
  t:equal(mutes:wait_ms("verona", { "user:tybalt" }, 1000), 4000)
  t:equal(mutes:wait_ms("verona", { "user:tybalt" }, 4999), 1)
  t:equal(mutes:wait_ms("verona", { "user:romeo" }, 1000), nil)
  t:equal(mutes:wait_ms("mantua", { "user:tybalt" }, 1000), nil)
  t:equal(mutes:wait_ms("verona", { "user:tybalt" }, 5000), nil)
end)

test("who goes by several names waits for the longest", function(t)
  local mutes = mute_list.new(fake_store())
  mutes:set("verona", "user:tybalt", 9000)
  mutes:set("verona", "client:client-1", 5000)
  t:equal(mutes:wait_ms("verona", { "client:client-1", "user:tybalt" }, 1000), 8000)
  t:equal(mutes:wait_ms("verona", { "user:tybalt", "client:client-1" }, 1000), 8000)
  t:equal(mutes:wait_ms("verona", { "client:client-2", "user:tybalt" }, 6000), 3000)
  t:equal(mutes:wait_ms("verona", { "client:client-1" }, 1000), 4000)
end)

test("who is unmuted may speak at once", function(t)
  local store, keys = fake_store()
  local mutes = mute_list.new(store)
  mutes:set("verona", "user:tybalt", 5000)
  t:equal(mutes:set("verona", "user:tybalt", nil), true)
  t:equal(mutes:wait_ms("verona", { "user:tybalt" }, 1000), nil)
  t:equal(keys(), {})
end)

test("what is over is forgotten, what is not stays", function(t)
  local store, keys = fake_store()
  local mutes = mute_list.new(store)
  mutes:set("verona", "user:tybalt", 5000)
  mutes:set("verona", "client:client-1", 5001)
  mutes:wait_ms("verona", { "client:client-1", "user:tybalt" }, 4999)
  t:equal(#keys(), 2)
  t:equal(mutes:wait_ms("verona", { "client:client-1", "user:tybalt" }, 5000), 1)
  t:equal(keys(), { "mute/verona/client:client-1" })
end)

test("a deleted session's mutes are forgotten, and no other's", function(t)
  local store, keys = fake_store()
  local mutes = mute_list.new(store)
  for index = 1, 150 do -- more than one page of hd1.store.list by default
    mutes:set("verona", "user:u" .. index, 5000)
  end
  mutes:set("verona2", "user:tybalt", 5000)
  mutes:clear("verona")
  t:equal(keys(), { "mute/verona2/user:tybalt" })
end)

test("a store that is full is said so", function(t)
  local store = fake_store()
  store.put = function() return nil, "the plugin's store is full", "full" end
  local is_kept, message, code = mute_list.new(store):set("verona", "user:tybalt", 5000)
  t:equal(is_kept, nil)
  t:equal(message, "the plugin's store is full")
  t:equal(code, "full")
end)
