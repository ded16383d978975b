-- Who owns what in which session; in a plugin's hd1.store.
--
--   local list = owners.new(hd1.store, hd1.uuid)
--   local is_kept, message = list:set("verona", "rose", "user:romeo")   -- nil: nobody's
--   local owner = list:of("verona", "rose")
--   list:forget("verona")        -- the session is deleted
--   list:sweep(500)              -- now and then
--
-- A session has a number (of `uuid`), new whenever its id is used again: so all in it are forgotten
-- by one write, and what is left is swept away little by little.
--
--   session/ID -> NUMBER    owner/NUMBER/NAME -> "user:romeo"    gone/NUMBER: to be swept

local owners = {}
local Owners = {}
Owners.__index = Owners

function owners.new(store, uuid)
  return setmetatable({ store = store, uuid = uuid }, Owners)
end

local function key_of(number, name)
  return "owner/" .. number .. "/" .. (name or "")
end

function Owners:of(session_id, name)
  local number = self.store.get("session/" .. session_id)
  return number and self.store.get(key_of(number, name))
end

-- Answers like hd1.store.put.
function Owners:set(session_id, name, owner)
  local number = self.store.get("session/" .. session_id)
  if owner == nil then
    return number == nil or self.store.delete(key_of(number, name))
  elseif not number then
    number = self.uuid()
    local is_kept, message, code = self.store.put("session/" .. session_id, number)
    if not is_kept then
      return nil, message, code
    end
  end
  return self.store.put(key_of(number, name), owner)
end

-- Answers like hd1.store.put.
function Owners:forget(session_id)
  local number = self.store.get("session/" .. session_id)
  if not number then
    return true
  end
  local is_kept, message, code = self.store.delete("session/" .. session_id)
  if not is_kept then
    return nil, message, code
  end
  return self.store.put("gone/" .. number, true)
end

-- Deletes at most so many keys of sessions that are gone.
function Owners:sweep(limit)
  local gone = self.store.list({ prefix = "gone/", limit = 1 })[1]
  if not gone then
    return
  end
  local left = self.store.list({ prefix = key_of(gone.key:sub(#"gone/" + 1)), limit = limit })
  for _, entry in ipairs(left) do
    self.store.delete(entry.key)
  end
  if #left < limit then
    self.store.delete(gone.key)
  end
end

return owners
