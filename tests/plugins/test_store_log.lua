-- plugins/lib/store_log.lua over a table that stands for hd1.store.

local store_log = require("store_log")
local test = require("test")

-- The part of hd1.store that it uses; with room for so many keys.
local function fake_store(room)
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
  function store.delete(key) values[key] = nil return true end
  function store.put(key, value)
    if values[key] == nil and #keys() >= (room or math.huge) then
      return nil, "the plugin's store is full", "full"
    end
    values[key] = value
    return true
  end
  function store.list(how)
    local found = {}
    for _, key in ipairs(keys()) do
      if key:sub(1, #how.prefix) == how.prefix and #found < how.limit then
        found[#found + 1] = { key = key, value = values[key] }
      end
    end
    return found
  end
  return store, keys
end

local function numbers(entries)
  local list = {}
  for index, entry in ipairs(entries) do
    list[index] = entry.number
  end
  return table.concat(list, " ")
end

local function filled(keep, count, room)
  local store, keys = fake_store(room)
  local log = store_log.new(store, "a/", keep)
  for index = 1, count do
    log:append({ is_even = index % 2 == 0 })
  end
  return log, store, keys
end

test("keeps the newest, and no more than that", function(t)
  local log, _, keys = filled(3, 10)
  t:equal(numbers(log:newest({ limit = 100 })), "10 9 8")
  t:equal(#keys(), 4) -- three and the next number
end)

test("an empty one has nothing", function(t)
  local log = filled(3, 0)
  local entries, before = log:newest({ limit = 5 })
  t:equal(#entries, 0)
  t:equal(before, nil)
end)

test("pages follow each other without a gap", function(t)
  local log = filled(100, 10)
  local seen, before = {}, nil
  repeat
    local entries
    entries, before = log:newest({ limit = 3, before = before })
    seen[#seen + 1] = numbers(entries)
  until not before
  t:equal(table.concat(seen, ", "), "10 9 8, 7 6 5, 4 3 2, 1")
end)

test("finds those that are wanted, and looks at 1000 in a call", function(t)
  local log = filled(3000, 2500)
  local function is_even(entry) return entry.is_even end
  t:equal(numbers(log:newest({ limit = 2, is_wanted = is_even })), "2500 2498")
  local entries, before = log:newest({ limit = 1, is_wanted = function() return false end })
  t:equal(#entries, 0)
  t:equal(before, 1501)
end)

test("one that was allowed to be longer shrinks little by little", function(t)
  local _, store, keys = filled(10, 10)
  local log = store_log.new(store, "a/", 4)
  t:equal(numbers(log:newest({ limit = 100 })), "10 9 8 7")
  for _ = 1, 6 do
    log:append({})
  end
  t:equal(#keys(), 5)
end)

test("a full store is said to be, and gets out of it", function(t)
  local log, store = filled(10, 4, 5)
  local is_kept, message, code = log:append({})
  t:equal(is_kept, nil)
  t:ok(message)
  t:equal(code, "full")
  t:equal(numbers(log:newest({ limit = 100 })), "4 3 2 1")
  t:equal(store_log.new(store, "a/", 3):append({}), true)
end)

test("is cleared, and begins anew; others are left alone", function(t)
  local log, store = filled(10, 5)
  local other = store_log.new(store, "b/", 10)
  other:append({})
  log:clear()
  t:equal(#log:newest({ limit = 5 }), 0)
  log:append({})
  t:equal(numbers(log:newest({ limit = 5 })), "1")
  t:equal(numbers(other:newest({ limit = 5 })), "1")
end)
