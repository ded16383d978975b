-- Tag, a game: one player is "it" and touches another, who is "it" then. Players are objects named
-- player_...; who touches gets a point.

local PLAYER = "player_"

local function setup(hd1, config)
  local touches = hd1.metrics.counter("touches", "players touched", { "session" })
  local immune_until = {} -- session id -> hd1.mono_ms() before which nobody can be touched

  local function is_player(session, name)
    return name:sub(1, #PLAYER) == PLAYER and session:get(name) ~= nil
  end

  local function before_tag_start(event)
    if not is_player(event.session, event.data.it) then
      return hd1.reject({
        code = "no_such_player",
        message = event.data.it .. " is no object named " .. PLAYER .. "... of this session",
      })
    end
    assert(hd1.store.put("it/" .. event.session_id, event.data.it))
  end

  -- The point is stored in the same transaction as the event: both are on disk, or neither.
  local function before_tag_touched(event)
    local key = "points/" .. event.data.by
    assert(hd1.store.put(key, (hd1.store.get(key) or 0) + 1))
    assert(hd1.store.put("it/" .. event.session_id, event.data.whom))
  end

  local function before_session_deleted(event)
    assert(hd1.store.delete("it/" .. event.session_id))
    immune_until[event.session_id] = nil
  end

  local function after_tag_touched(event)
    touches:add(1, { session = event.session_id })
  end

  local function on_tick(session)
    local it = hd1.store.get("it/" .. session.id)
    local me = it and session:get(it)
    if not me or hd1.mono_ms() < (immune_until[session.id] or 0) then
      return
    end
    local near = { x = me.x or 0, y = me.y or 0, z = me.z or 0, radius = config.reach }
    for _, other in ipairs(session:objects({ prefix = PLAYER, near = near, limit = 2 })) do
      if other.name ~= it then
        immune_until[session.id] = hd1.mono_ms() + config.pause_ms
        session:emit({ type = "tag_touched", data = { by = it, whom = other.name } })
        return
      end
    end
  end

  local function get_scores(request)
    local scores = hd1.json.array({})
    for _, entry in ipairs(hd1.store.list({ prefix = "points/", limit = 1000 })) do
      scores[#scores + 1] = { player = entry.key:sub(#"points/" + 1), points = entry.value }
    end
    table.sort(scores, function(a, b)
      return a.points > b.points or a.points == b.points and a.player < b.player
    end)
    local limit = math.tointeger(tonumber(request.query.limit)) or 10
    return { items = table.move(scores, 1, math.min(limit, #scores), 1, hd1.json.array({})) }
  end

  return {
    before_event = {
      tag_start = before_tag_start,
      tag_touched = before_tag_touched,
      session_deleted = before_session_deleted,
    },
    after_event = { tag_touched = after_tag_touched },
    on_tick = { hz = 10, fn = on_tick },
    routes = { ["GET /api/x/tag/scores"] = get_scores },
  }
end

local name = { type = "string", minLength = 1, maxLength = 64 }

local function event_type(doc, is_sendable, members, required)
  members.session_id = name
  return {
    doc = doc,
    sendable = is_sendable, -- by clients
    schema = {
      type = "object", properties = members, required = required, additionalProperties = false,
    },
  }
end

return {
  name = "tag",
  version = "1.0.0",
  api = 1,
  config = {
    reach = { type = "number", default = 1.5, min = 0, doc = "how near is touched, in units" },
    pause_ms = { type = "integer", default = 3000, min = 0, doc = "nobody is touched meanwhile" },
  },
  events = {
    tag_start = event_type("a game begins; this player is it", true, { it = name }, { "it" }),
    tag_touched = event_type("this player touched that one, who is it now", false,
      { by = name, whom = name }, { "by", "whom" }),
  },
  setup = setup,
}
