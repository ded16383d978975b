-- A WebSocket of a plugin's own: world:socket("/ws/x/PLUGIN"). Each message is looked at, in order.

local host, compare, fail, Peer = ...
local json = host.json

local Socket = setmetatable({}, { __index = Peer })
Socket.__index = Socket

local MORE = { subprotocol = true }

local function show(message)
  return compare.show(message[1]) .. (message[2] and " (binary)" or "")
end

-- The next message, or nil; taken if is_taken.
local function next_message(self, is_taken)
  self.world:check()
  if not self.waiting and self.number then
    local bytes, is_binary = host.socket_take(self.number)
    self.waiting = bytes and { bytes, is_binary }
  end
  local message = self.waiting
  if is_taken then
    self.waiting = nil
  end
  return message
end

function Socket:show_unread()
  local message = next_message(self)
  local refusal = self.refusals[self.next_refusal]
  local code = self.number and host.socket_close_code(self.number) or 0
  return { message and show(message)
    or refusal and "error " .. compare.show(refusal.data)
    or code ~= 0 and "close " .. code
    or "nothing" }
end

-- Sends text; or bytes: socket:send(bytes, "binary").
function Socket:send(message, kind)
  self.world:check()
  if not self.number then
    error(self.name .. " is not open", 2)
  end
  host.socket_send(self.number, message, kind == "binary")
end

-- The next message is this text; these bytes: socket:expect(bytes, "binary"); JSON with at least
-- the members of a table; nil: any. Returns it.
function Socket:expect(expected, kind)
  self.world.case:count()
  local message = next_message(self, true)
  local is_json = type(expected) == "table"
  local value = message and message[1]
  if is_json and message then
    value = json.decode(value)
  end
  local why = not message and "nothing came"
    or expected ~= nil and message[2] ~= (kind == "binary")
      and "it is " .. (message[2] and "binary" or "text")
    or expected ~= nil and compare.partial(expected, value, "the message")
  if why then
    self.waiting = message
    fail(self.name .. " should say something, but " .. why,
      { expected == nil and "any message" or show({ expected, kind == "binary" }) },
      self:show_unread())
  end
  return value
end

function Socket:expect_nothing()
  self.world.case:count()
  if next_message(self) then
    fail(self.name .. " should say nothing", nil, self:show_unread())
  end
end

-- It was closed with that code, and all it said before was looked at.
function Socket:expect_close(code)
  self.world.case:count()
  local closed = self.number and host.socket_close_code(self.number) or 0
  if closed ~= code or next_message(self) then
    fail(self.name .. " should be closed", { "close " .. tostring(code) }, self:show_unread())
  end
end

-- Closes it, with 1000 if no code is given.
function Socket:close(code)
  self.world:check()
  if self.number then
    host.socket_close(self.number, code or 1000)
  end
end

local function open(world, path, options)
  local headers, address, identity = Peer.read(options, MORE)
  local self = Peer.new(Socket, world, path)
  if options and options.subprotocol then
    headers = headers .. "sec-websocket-protocol: " .. options.subprotocol .. "\r\n"
  end
  local number, status, head, body = host.open_socket(path, headers, address, identity)
  if number then
    self.number, self.subprotocol = number, status
  else
    self:refuse(status, head, body)
  end
  return self
end

return { open = open }
