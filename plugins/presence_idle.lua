-- Who says nothing for a while is shown as away: the others get presence_updated with
-- {"state":"away"} beside what the client says itself by `presence`, and {"state":"active"} at its
-- next message, whatever that is. Nothing is ever refused here.
--
-- Put it first in the configuration: then a message that another plugin refuses counts as well.

local SAVED_MAX = 8000 -- a reload carries 1 MiB at most

local function setup(hd1, config)
  local after_ms = config.after_s * 1000
  local last_ms = {} -- client id -> hd1.mono_ms() of its last message
  local away = {} -- client id -> set of the ids of sessions in which it is shown as away

  local function show(session, id, is_away)
    if not session:presence(id, { state = is_away and "away" or "active" }) then
      return -- too many at once: the next tick tries again
    end
    local sessions = away[id] or {}
    sessions[session.id] = is_away or nil
    away[id] = next(sessions) and sessions or nil
  end

  local function before_message(client)
    if client.kind ~= "ws" then
      return -- REST clients are in no session, and are not told of when they go
    end
    local id = client.id
    last_ms[id] = hd1.mono_ms()
    for session_id in pairs(away[id] or {}) do
      local session = hd1.session(session_id)
      if session then -- else the next tick sees to it
        show(session, id, false)
      end
    end
  end

  -- Once a second for each session that somebody is in.
  local function on_tick(session)
    local now_ms, session_id, cursor = hd1.mono_ms(), session.id, nil
    repeat
      local clients
      clients, cursor = session:clients({ limit = 1000, cursor = cursor })
      for _, client in ipairs(clients) do
        local id = client.id
        last_ms[id] = last_ms[id] or now_ms
        local is_away = now_ms - last_ms[id] >= after_ms
        local sessions = away[id]
        if is_away ~= (sessions ~= nil and sessions[session_id] == true) then
          show(session, id, is_away)
        end
      end
    until not cursor
  end

  local function after_leave(client, session)
    local sessions = away[client.id]
    if sessions then
      sessions[session.id] = nil
      away[client.id] = next(sessions) and sessions or nil
    end
  end

  local function after_disconnect(client)
    last_ms[client.id], away[client.id] = nil, nil
  end

  -- A reload: who is shown as away must be known, or he would stay it. The silence of the others
  -- counts anew.
  local function save()
    local pairs_of, count = hd1.json.array({}), 0
    for id, sessions in pairs(away) do
      for session_id in pairs(sessions) do
        count = count + 1
        if count <= SAVED_MAX then
          pairs_of[count] = hd1.json.array({ id, session_id, last_ms[id] })
        end
      end
    end
    return pairs_of
  end

  local function restore(saved)
    for _, entry in ipairs(saved) do
      local id, session_id, time_ms = table.unpack(entry)
      away[id] = away[id] or {}
      away[id][session_id] = true
      last_ms[id] = time_ms
    end
  end

  return {
    before_message = before_message, on_tick = { hz = 1, fn = on_tick },
    after_leave = after_leave, after_disconnect = after_disconnect,
    save = save, restore = restore,
  }
end

return {
  name = "presence_idle",
  version = "1.0.0",
  api = 1,
  config = {
    after_s = {
      type = "integer", default = 60, min = 1, max = 86400,
      doc = "seconds without a message until a client is shown as away",
    },
  },
  setup = setup,
}
