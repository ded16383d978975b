-- Fake clients: world:join("alice"). What a client receives is looked at in order: expect() looks
-- on from behind the last message it found. Refusals are kept apart, for expect_error().

local host, compare, fail, Peer = ...
local json = host.json

local Client = setmetatable({}, { __index = Peer })
Client.__index = Client

local MORE = { session = true }

local function check_type(kind)
  if type(kind) ~= "string" then
    error("an event type is expected, not " .. compare.show(kind), 3)
  end
end

function Client:receive()
  self.world:check()
  for _, message in ipairs(self.number and host.take(self.number) or {}) do
    local list = message.type == "error" and self.refusals or self.messages
    list[#list + 1] = message
  end
end

local function show_message(message)
  return message.type .. " " .. compare.show(message.data)
end

-- What came since the last message that was found, for the text of a failure.
function Client:show_unread()
  local lines = {}
  for index = self.next, #self.messages do
    lines[#lines + 1] = show_message(self.messages[index])
  end
  for index = self.next_refusal, #self.refusals do
    lines[#lines + 1] = show_message(self.refusals[index])
  end
  return #lines > 0 and lines or { "nothing" }
end

-- Sends an event or a control message; data.session_id is filled in. Returns the message's id.
function Client:send(kind, data)
  check_type(kind)
  self.world:check()
  local full = {}
  for key, value in pairs(data or {}) do
    full[key] = value
  end
  if full.session_id == nil then
    full.session_id = self.session
  end
  self.last_id = self.last_id + 1
  self:send_text(json.encode({ type = kind, data = full, id = self.last_id }))
  return self.last_id
end

-- Sends these bytes as they are.
function Client:send_text(text)
  if not self.number then
    error(self.name .. " is not connected", 2)
  end
  host.send(self.number, text)
end

-- The next message of this type whose data has at least these members. Returns it.
function Client:expect(kind, data)
  check_type(kind)
  if kind == "error" then
    return self:expect_error(data and data.code, data)
  end
  self:receive()
  self.world.case:count()
  local nearest
  for index = self.next, #self.messages do
    local message = self.messages[index]
    if message.type == kind then
      local why = data ~= nil and compare.partial(data, message.data, "data")
      if not why then
        self.next = index + 1
        return message
      end
      nearest = nearest or why
    end
  end
  fail(self.name .. " should receive " .. kind .. (nearest and ", but " .. nearest or ""),
    { kind .. (data ~= nil and " " .. compare.show(data) or "") }, self:show_unread())
end

-- No message of this type has come since the last one found; without a type: no message at all.
function Client:expect_nothing(kind)
  self:receive()
  self.world.case:count()
  for index = self.next, #self.messages do
    if kind == nil or self.messages[index].type == kind then
      fail(self.name .. " should receive no " .. (kind or "message"), nil,
        { show_message(self.messages[index]) })
    end
  end
  if kind == nil and self.refusals[self.next_refusal] then
    fail(self.name .. " should receive no message", nil, self:show_unread())
  end
end

-- Takes all messages that were not looked at yet, refusals left aside, and returns them.
function Client:take()
  self:receive()
  local taken = table.move(self.messages, self.next, #self.messages, 1, {})
  self.next = #self.messages + 1
  return taken
end

-- Takes all refusals that were not looked at yet and returns their data.
function Client:take_errors()
  self:receive()
  local taken = {}
  for index = self.next_refusal, #self.refusals do
    taken[#taken + 1] = self.refusals[index].data
  end
  self.next_refusal = #self.refusals + 1
  return taken
end

local function add_page(snapshot, data)
  for key, value in pairs(data) do
    if key ~= "objects" then
      snapshot[key] = value
    end
  end
  for _, object in ipairs(data.objects or {}) do
    snapshot.objects[object.name] = object
  end
end

-- Joins a session: the world's own if none is named. how: { since =, epoch = } to resume. Returns
-- what it was told: world, camera, clients, objects by name; nil if it was refused.
function Client:join(session, how)
  self.session = session or self.session
  local first = #self.messages + 1
  self:send("join", { since = how and how.since, epoch = how and how.epoch })
  self:receive()
  local snapshot = { objects = {} }
  for index = first, #self.messages do
    local message = self.messages[index]
    if message.type == "session_snapshot" then
      add_page(snapshot, message.data)
    end
    if message.type == "session_resumed" or message.type == "session_snapshot"
      and message.data.last then
      self.next = index + 1
      self.snapshot = snapshot
      return snapshot
    end
  end
  return nil
end

-- Leaves the session; the connection stays.
function Client:leave()
  self:send("leave")
end

-- The connection ends.
function Client:disconnect()
  self:receive()
  host.disconnect(self.number)
  self.number = nil
end

-- The code the server closed the connection with, or nil.
function Client:close_code()
  self.world:check()
  local code = self.number and host.close_code(self.number) or 0
  return code ~= 0 and code or nil
end

-- options.session: which session join() is for.
local function connect(world, name, options)
  local headers, address, identity = Peer.read(options, MORE)
  local client = Peer.new(Client, world, name)
  client.id, client.session = name, options and options.session or world.session
  client.messages, client.next, client.last_id = {}, 1, 0
  local number, status, head, body = host.connect(name, "/ws", headers, address, identity)
  if not number then
    client:refuse(status, head, body)
    return client
  end
  client.number = number
  client.welcome = client:expect("welcome")
  world.case.asserts = world.case.asserts - 1 -- ours, not the test's
  return client
end

return { connect = connect }
