-- A log in a plugin's hd1.store that keeps its newest entries. Each is a table under the key
-- PREFIX .. number; numbers count from 1 and are never used twice.
--
--   local log = store_log.new(hd1.store, "line/verona/", 100)
--   local is_kept, message, code = log:append({ text = "hi" })   -- answers like hd1.store.put
--   local entries, before = log:newest({ limit = 10 })           -- newest first, each with number
--   log:clear()
--
-- What before_event writes is dropped if its event is refused. So nothing about a log is remembered
-- in Lua: the number of the next entry is in the store as well.

local store_log = {}
local Log = {}
Log.__index = Log

local SCAN = 1000 -- entries that newest() looks at

function store_log.new(store, prefix, keep)
  return setmetatable({ store = store, prefix = prefix, keep = keep }, Log)
end

-- As many digits each, so that their order is the numbers'. Below 1: before all others.
local function key_of(self, number)
  return string.format("%s%012d", self.prefix, number)
end

-- "next" stands behind all digits.
local function next_number(self)
  return self.store.get(self.prefix .. "next") or 1
end

function Log:append(entry)
  local store, number = self.store, next_number(self)
  -- Room first, so that a full store gets out of it. Two, so that a log that was allowed to be
  -- longer once shrinks little by little.
  local oldest = key_of(self, number + 1 - self.keep)
  for _, old in ipairs(store.list({ prefix = self.prefix, limit = 2 })) do
    if old.key < oldest then
      store.delete(old.key)
    end
  end
  local is_kept, message, code = store.put(key_of(self, number), entry)
  if not is_kept then
    return nil, message, code
  end
  return store.put(self.prefix .. "next", number + 1)
end

-- The newest entries below the number `before`, at most `limit` of those for which is_wanted(entry)
-- is true; and the `before` to go on with, or nil if there are no more. It looks at 1000 entries at
-- most: there may be more though it found fewer than `limit`.
function Log:newest(how)
  local found, number = {}, next_number(self)
  local oldest = math.max(1, number - self.keep)
  number = math.min(how.before or number, number)
  for _ = 1, SCAN do
    if number <= oldest then
      return found, nil
    elseif #found >= how.limit then
      break
    end
    number = number - 1
    local entry = self.store.get(key_of(self, number))
    if entry and (not how.is_wanted or how.is_wanted(entry)) then
      entry.number = number
      found[#found + 1] = entry
    end
  end
  return found, number > oldest and number or nil
end

-- Forgets everything. For logs of at most 1000 entries.
function Log:clear()
  for _, entry in ipairs(self.store.list({ prefix = self.prefix, limit = 1000 })) do
    self.store.delete(entry.key)
  end
  self.store.delete(self.prefix .. "next")
end

return store_log
