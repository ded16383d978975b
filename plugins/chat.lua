-- Lines said in a session: chat_message { text }. Durable, so that who comes later can read them in
-- the session's events; the newest are also kept apart, for GET /api/x/chat/{session}/history.
--
-- Moderators (a role of the identity that a before_connect plugin gives) may silence somebody:
-- chat_mute { client_id or user, seconds }. What he says is then refused: 403 "muted", with the
-- time to wait. seconds = 0 lets him speak again. Who is muted by client_id gets out of it by a new
-- connection; by user he does not. World scripts and plugins may always speak, and mute.

local mute_list = require("mute_list")
local query = require("query")
local store_log = require("store_log")

local LONGEST = 4096

local function setup(hd1, config)
  local mutes = mute_list.new(hd1.store)

  local function history_of(session_id)
    return store_log.new(hd1.store, "line/" .. session_id .. "/", config.history)
  end

  local function refuse(status, code, message, details)
    return hd1.reject({ status = status, code = code, message = message, details = details })
  end

  local function refuse_muted(event, client)
    local names = { "client:" .. client.id, client.user and "user:" .. client.user }
    local wait_ms = mutes:wait_ms(event.session_id, names, hd1.now())
    return wait_ms and hd1.reject({
      code = "muted", status = 403, message = "a moderator has muted you",
      retry_after_ms = wait_ms,
    })
  end

  local function before_chat_message(event, client)
    local text = event.data.text
    if type(text) ~= "string" or not text:find("%S") then
      return refuse(422, "invalid_event", "/text must be a string that says something",
        { path = "/text" })
    end
    local length = utf8.len(text)
    if length > config.max_length then
      return refuse(422, "chat_too_long",
        string.format("%d characters; at most %d", length, config.max_length),
        { path = "/text", length = length, max_length = config.max_length })
    end
    return client.kind ~= "local" and refuse_muted(event, client) or nil
  end

  -- What is written here is on disk exactly if the event is.
  local function before_chat_mute(event, client)
    local data, identity = event.data, client.identity
    if client.kind ~= "local" and not (identity and identity:has_role(config.moderators)) then
      return refuse(403, "not_moderator", "this needs the role " .. config.moderators)
    end
    local who, path, fault = mute_list.read(data)
    if not who then
      return refuse(422, "invalid_event", path .. " " .. fault, { path = path })
    end
    local until_ms = data.seconds > 0 and hd1.now() + data.seconds * 1000 or nil
    local is_kept, message = mutes:set(event.session_id, who, until_ms)
    if not is_kept then
      return refuse(503, "mute_not_kept", message)
    end
  end

  -- After it was said: whatever other plugins made of the text, this is what everybody read.
  local function after_chat_message(event, client)
    local is_kept, message = history_of(event.session_id):append({
      seq = event.seq, time_ms = event.time_ms, client_id = client.id, user = client.user,
      text = event.data.text,
    })
    if not is_kept then
      hd1.log.warn("a line is missing in the history: " .. message)
    end
  end

  local function before_session_deleted(event)
    mutes:clear(event.session_id)
    history_of(event.session_id):clear()
  end

  -- The newest lines, oldest first: { items = { { seq, time_ms, client_id, user, text }, ... } }.
  local function get_history(request)
    local limit, fault = query.integer(request.query, "limit", { default = 50, min = 1, max = 500 })
    if fault or #request.params.session > 64 then -- it would be no key of the store
      return refuse(400, "invalid_query", fault or "no session has so long an id")
    end
    local lines = history_of(request.params.session):newest({ limit = limit })
    local items = {}
    for index, line in ipairs(lines) do
      line.number = nil -- seq says it
      items[#lines + 1 - index] = line
    end
    return { items = hd1.json.array(items) }
  end

  return {
    before_event = {
      chat_message = before_chat_message, chat_mute = before_chat_mute,
      session_deleted = before_session_deleted,
    },
    after_event = config.history > 0 and { chat_message = after_chat_message } or nil,
    routes = { ["GET /api/x/chat/{session}/history"] = get_history },
  }
end

local SESSION_ID = { type = "string", minLength = 1, maxLength = 64 }
local NAME = { type = "string", minLength = 1, maxLength = 128 }

local function object(all, required)
  return { type = "object", properties = all, required = required, additionalProperties = false }
end

return {
  name = "chat",
  version = "1.1.0",
  api = 1,
  config = {
    max_length = {
      type = "integer", default = 500, min = 1, max = LONGEST,
      doc = "longest message, in characters",
    },
    history = {
      type = "integer", default = 100, min = 0, max = 500,
      doc = "newest lines of each session kept for the history; 0: none",
    },
    moderators = {
      type = "string", default = "moderator", min = 1, max = 128, doc = "role that may mute",
    },
  },
  events = {
    chat_message = {
      doc = "a line said in the session", lane = "durable",
      schema = object({
        session_id = SESSION_ID, text = { type = "string", minLength = 1, maxLength = LONGEST },
      }, { "text" }),
    },
    chat_mute = {
      doc = "somebody may not speak for so many seconds", lane = "durable",
      schema = object({
        session_id = SESSION_ID, client_id = NAME, user = NAME,
        seconds = { type = "integer", minimum = 0, maximum = mute_list.LONGEST_S },
      }, { "seconds" }),
    },
  },
  setup = setup,
}
