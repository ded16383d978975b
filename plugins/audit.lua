-- Who did what: each durable event that a client caused is written to hd1.store, the newest `keep`
-- of them, and read by GET /api/x/audit?session=&user=&limit=&before=, newest first:
--
--   { "items": [{ "number", "time_ms", "session", "type", "client", "user", "address", "object" }],
--     "next": the `before` of the next page, or null }
--
-- It is written in before_event: then it is in the transaction of its event, and is dropped with it
-- if a later plugin or the core refuses it. So there is an entry exactly for what happened, after
-- kill -9 too. after_event would come too late for that: the event is on disk by then, and a crash
-- in between would leave no trace of it. The price is that the event has no seq yet. What cannot be
-- written is not done: 503 "audit_not_kept".
--
-- Put it last in the configuration, so that it sees events as the other plugins left them.

local query = require("query")
local store_log = require("store_log")

local function setup(hd1, config)
  local log = store_log.new(hd1.store, "entry/", config.keep)

  local function object_of(data)
    local name = data.name
    if type(data.object) == "table" then
      name = data.object.name
    end
    return type(name) == "string" and name or nil
  end

  local function before_event(event, client)
    if event.lane ~= "durable" or client.kind == "local" and not config.scripts then
      return nil
    end
    local data = event.data
    local is_kept, message = log:append({
      time_ms = hd1.now(), type = event.type, client = client.id, user = client.user,
      address = client.address, object = object_of(data),
      session = event.session_id or data.session_id, -- session_created: there is none yet
    })
    if not is_kept then
      return hd1.reject({
        code = "audit_not_kept", status = 503, message = message, retry_after_ms = 1000,
      })
    end
  end

  local function refuse(status, code, message)
    return hd1.reject({ status = status, code = code, message = message })
  end

  local function get_entries(request)
    local identity, wanted = request.identity, request.query
    if not config.open and not (identity and identity:has_role(config.role)) then
      return refuse(403, "not_allowed", "this needs the role " .. config.role)
    end
    local limit, fault = query.integer(wanted, "limit", { default = 100, min = 1, max = 1000 })
    if fault then
      return refuse(400, "invalid_query", fault)
    end
    local before
    before, fault = query.integer(wanted, "before", { min = 1, max = 999999999999 })
    if fault then
      return refuse(400, "invalid_query", fault)
    end
    local entries, next_before = log:newest({
      limit = limit, before = before,
      is_wanted = function(entry)
        return (wanted.session == nil or entry.session == wanted.session)
          and (wanted.user == nil or entry.user == wanted.user)
      end,
    })
    return { items = hd1.json.array(entries), next = next_before or hd1.json.null }
  end

  return { before_event = before_event, routes = { ["GET /api/x/audit"] = get_entries } }
end

return {
  name = "audit",
  version = "1.0.0",
  api = 1,
  config = {
    keep = {
      type = "integer", default = 10000, min = 1, max = 50000,
      doc = "newest entries that are kept, of some 200 bytes each (see also store_bytes)",
    },
    role = { type = "string", default = "admin", min = 1, max = 128, doc = "role that may read" },
    open = {
      type = "boolean", default = false,
      doc = "anybody may read it: only where nobody else reaches the server",
    },
    scripts = {
      type = "boolean", default = false,
      doc = "also what world scripts and plugins do, which may be much",
    },
  },
  setup = setup,
}
