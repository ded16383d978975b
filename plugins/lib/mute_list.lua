-- Who may not speak in a session, and until when; in a plugin's hd1.store, told the time.
--
--   local mutes = mute_list.new(hd1.store)
--   mutes:set("verona", "user:tybalt", until_ms)               -- nil: may speak again
--   local wait_ms = mutes:wait_ms("verona", { "client:client-1", "user:tybalt" }, now_ms)
--   mutes:clear("verona")

local mute_list = {}
local Mutes = {}
Mutes.__index = Mutes

mute_list.LONGEST_S = 365 * 24 * 3600

-- Who is meant by { client_id or user, seconds }: "user:tybalt"; or nil, path and message.
function mute_list.read(data)
  local seconds, user, client_id = data.seconds, data.user, data.client_id
  if math.type(seconds) ~= "integer" or seconds < 0 or seconds > mute_list.LONGEST_S then
    return nil, "/seconds", "must be an integer from 0 to " .. mute_list.LONGEST_S
  elseif (user == nil) == (client_id == nil) or type(user or client_id) ~= "string"
    or #(user or client_id) > 128 then
    return nil, "/user", "or /client_id must say who, in at most 128 bytes"
  end
  return user and "user:" .. user or "client:" .. client_id
end

function mute_list.new(store)
  return setmetatable({ store = store }, Mutes)
end

local function prefix_of(session_id)
  return "mute/" .. session_id .. "/"
end

-- Answers like hd1.store.put.
function Mutes:set(session_id, who, until_ms)
  local key = prefix_of(session_id) .. who
  if until_ms then
    return self.store.put(key, until_ms)
  end
  return self.store.delete(key)
end

-- How long somebody who goes by these names has to wait; nil if he may speak. What is over is
-- forgotten.
function Mutes:wait_ms(session_id, names, now_ms)
  local wait_ms
  for _, who in ipairs(names) do
    local until_ms = self.store.get(prefix_of(session_id) .. who)
    if until_ms and until_ms > now_ms then
      wait_ms = math.max(wait_ms or 0, until_ms - now_ms)
    elseif until_ms then
      self:set(session_id, who, nil)
    end
  end
  return wait_ms
end

-- The session is deleted. Of more than 1000, those beyond stay until they are over and seen again.
function Mutes:clear(session_id)
  for _, entry in ipairs(self.store.list({ prefix = prefix_of(session_id), limit = 1000 })) do
    self.store.delete(entry.key)
  end
end

return mute_list
