-- A world: t:world{...}. The real hub with the real plugins, a session in it, and a clock.

local host, compare, fail, Peer, clients, sockets = ...
local json = host.json

local World = {}
World.__index = World

local Clock = {}
Clock.__index = Clock

-- Time goes by; timers that fall due meanwhile run at their time.
function Clock:advance(seconds)
  self.world:check()
  host.advance(math.floor(seconds * 1000 + 0.5))
end

-- Unix time in milliseconds, what hd1.now() says.
function Clock:now_ms()
  self.world:check()
  return host.now_ms()
end

function World:check()
  if host.world ~= self then
    error("this world is over: a case has one at a time", 3)
  end
end

local function add(self, peer)
  self.peers[#self.peers + 1] = peer
  return peer
end

-- A client's connection, which has joined nothing. options: { token =, headers =, origin =,
-- address =, identity = { user = } }: what before_connect sees; identity: as if a plugin in front
-- had said so. If it is refused, expect_error takes that.
function World:connect(name, options)
  self:check()
  if type(name) ~= "string" or not name:find("^[%w_-]+$") or #name > 64 then
    error("a client's name is 1 to 64 of letters, digits, _ and -", 2)
  end
  return add(self, clients.connect(self, name, options))
end

-- A client that has joined the session (options.session: another one).
function World:join(name, options)
  local client = self:connect(name, options)
  if not (client.number and client:join()) then
    fail(name .. " should join " .. client.session, nil,
      { "error " .. compare.show((client:take_errors())[1]) })
  end
  return client
end

-- A WebSocket of a plugin's own. options: those of connect, and subprotocol.
function World:socket(path, options)
  self:check()
  return add(self, sockets.open(self, path, options))
end

-- A request: world:rest("POST", "/api/sessions", { id = "other" }). body: a table, text, or nil;
-- options: those of connect. Returns { status =, body = decoded JSON or text, headers = { name =
-- value } }.
function World:rest(method, path, body, options)
  self:check()
  local headers, address, identity = Peer.read(options)
  if type(body) == "table" then
    headers = headers .. "content-type: application/json\r\n"
    body = json.encode(body)
  end
  local head = method .. " " .. path .. " HTTP/1.1\r\n" .. headers .. "\r\n"
  return Peer.answer(host.request(head, body or "", address, identity))
end

local function get(self, session, path)
  local answer = self:rest("GET", "/api/sessions/" .. (session or self.session) .. path)
  if answer.status == 404 then
    return nil
  elseif answer.status ~= 200 then
    error(path .. ": " .. compare.show(answer.body), 3)
  end
  return answer.body
end

-- An object as clients see it, or nil. In another session if one is named; so below.
function World:object(name, session)
  return get(self, session, "/objects/" .. name)
end

-- All objects, by name.
function World:objects(session)
  local found, page = {}, nil
  repeat
    local cursor = page and page.next ~= json.null and "&cursor=" .. page.next or ""
    page = get(self, session, "/objects?limit=1000" .. cursor) or { items = {}, next = json.null }
    for _, object in ipairs(page.items) do
      found[object.name] = object
    end
  until page.next == json.null
  return found
end

-- The world's properties.
function World:properties(session)
  return get(self, session, "/world")
end

-- The durable events of the session so far (up to 1000), oldest first.
function World:events(session)
  local page = get(self, session, "/events?since=0&limit=1000")
  return page and (page.items or page.events)
end

local function make_session(self, spec)
  local data = { session_id = self.session, world = spec.world, script = spec.script }
  local is_made, status, code, message = host.make_session(json.encode(data))
  if not is_made then
    fail(string.format("the session should be made: %s %s: %s", status, code, message))
  end
  for _, object in ipairs(spec.objects or {}) do
    local answer = self:rest("POST", "/api/sessions/" .. self.session .. "/objects", object)
    if answer.status ~= 201 then
      fail("object " .. compare.show(object) .. " should be made", nil,
        { compare.show(answer.body) })
    end
  end
end

local known = { plugins = true, script = true, world = true, objects = true, session = true }

-- The plugin named like the test, or else the world script.
local function fill_in(spec)
  for key in pairs(spec) do
    if not known[key] then
      error("t:world does not know '" .. tostring(key) .. "'; it takes plugins, script, world, "
        .. "objects, session", 3)
    end
  end
  local full = {}
  for key, value in pairs(spec) do
    full[key] = value
  end
  if not spec.plugins and host.has_plugin(host.subject) then
    full.plugins = { host.subject }
  elseif not spec.plugins and not spec.script and host.has_script(host.subject) then
    full.script = host.subject
  end
  full.plugins = full.plugins or {}
  return full
end

-- { "chat", max_length = 5 }, and what t:config said, as JSON.
local function options_of(case, entry)
  local options = {}
  for key, value in pairs(type(entry) == "table" and entry or {}) do
    if key ~= 1 then
      options[key] = value
    end
  end
  local name = type(entry) == "table" and entry[1] or entry
  for key, value in pairs(case.options[name] or {}) do
    options[key] = value
  end
  return name, json.encode(options)
end

local function open(case, spec)
  spec = fill_in(spec or {})
  local entries, is_configured = {}, spec.plugins == "configured"
  for index, entry in ipairs(is_configured and {} or spec.plugins) do
    local name, options = options_of(case, entry)
    if type(name) ~= "string" then
      error("plugins must be a list of names, or of { NAME, option = value }", 3)
    end
    entries[index] = { name, options }
  end
  local self = setmetatable({
    case = case, peers = {}, session = spec.session or "test",
  }, World)
  self.clock = setmetatable({ world = self }, Clock)
  host.world = nil
  local why = host.open(entries, is_configured, spec.script or "")
  if why then
    fail("the plugins do not load:\n" .. why)
  end
  host.world = self
  if spec.session ~= false then
    make_session(self, spec)
  end
  return self
end

return { open = open }
