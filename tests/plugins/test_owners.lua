-- plugins/lib/owners.lua over a table that stands for hd1.store.

local owners = require("owners")
local test = require("test")

local function fake_store()
  local values, store = {}, {}
  local function keys(prefix)
    local list = {}
    for key in pairs(values) do
      list[#list + 1] = key:sub(1, #prefix) == prefix and key or nil
    end
    table.sort(list)
    return list
  end
  function store.get(key) return values[key] end
  function store.put(key, value) values[key] = value return true end
  function store.delete(key) values[key] = nil return true end
  function store.list(how)
    local found = {}
    for index, key in ipairs(keys(how.prefix)) do
      found[index] = index <= how.limit and { key = key, value = values[key] } or nil
    end
    return found
  end
  return store, keys
end

local function fake_uuid()
  local count = 0
  return function()
    count = count + 1
    return "number-" .. count
  end
end

test("an owner is kept, changed and forgotten", function(t)
  local store, keys = fake_store()
  local list = owners.new(store, fake_uuid())
  t:equal(list:of("verona", "rose"), nil)
  t:equal(list:set("verona", "rose", nil), true)
  list:set("verona", "rose", "user:romeo")
  list:set("mantua", "rose", "user:tybalt")
  t:equal(list:of("verona", "rose"), "user:romeo")
  t:equal(list:of("mantua", "rose"), "user:tybalt")
  list:set("verona", "rose", nil)
  t:equal(list:of("verona", "rose"), nil)
  t:equal(#keys("owner/"), 1)
end)

test("a session is forgotten at once, and swept away little by little", function(t)
  local store, keys = fake_store()
  local list = owners.new(store, fake_uuid())
  for index = 1, 10 do
    list:set("verona", "rose_" .. index, "user:romeo")
  end
  list:forget("verona")
  list:set("verona", "rose_1", "user:juliet")
  t:equal(list:of("verona", "rose_1"), "user:juliet")
  t:equal(list:of("verona", "rose_2"), nil)
  for _, left in ipairs({ 7, 3, 1, 1 }) do -- of them one is juliet's
    list:sweep(4)
    t:equal(#keys("owner/"), left)
  end
  t:equal(#keys("gone/"), 0)
  t:equal(list:of("verona", "rose_1"), "user:juliet")
end)
