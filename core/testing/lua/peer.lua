-- What clients and sockets have in common: who they are, where they come from, and refusals, which
-- are kept apart, for expect_error().

local host, compare, fail = ...
local json = host.json

local Peer = {}
Peer.__index = Peer

local known = {
  token = true, headers = true, origin = true, address = true, identity = true,
}

-- { token =, headers = { name = value }, origin =, address =, identity = { user = } }, and what
-- else is known there (more): header lines, address, identity as JSON.
function Peer.read(options, more)
  local lines = {}
  for key in pairs(options or {}) do
    if not (known[key] or more and more[key]) then
      error("there is no option '" .. tostring(key) .. "'; there are token, headers, origin, "
        .. "address, identity" .. (more and ", " .. next(more) or ""), 4)
    end
  end
  options = options or {}
  for name, value in pairs(options.headers or {}) do
    lines[#lines + 1] = name .. ": " .. tostring(value) .. "\r\n"
  end
  if options.token then
    lines[#lines + 1] = "authorization: Bearer " .. options.token .. "\r\n"
  end
  if options.origin then
    lines[#lines + 1] = "origin: " .. options.origin .. "\r\n"
  end
  return table.concat(lines), options.address or "127.0.0.1",
    options.identity and json.encode(options.identity)
end

-- An HTTP answer as a table: status, headers, body (JSON is decoded).
function Peer.answer(status, head, text)
  local answer = { status = status, headers = {} }
  for name, value in head:gmatch("([^:\r\n]+): ([^\r\n]*)") do
    answer.headers[name:lower()] = value
  end
  if (answer.headers["content-type"] or "application/json"):find("json", 1, true) and #text > 0 then
    answer.body = json.decode(text)
  end
  answer.body = answer.body == nil and text or answer.body
  return answer
end

function Peer.new(class, world, name)
  return setmetatable({ world = world, name = name, refusals = {}, next_refusal = 1 }, class)
end

-- The handshake was refused with that HTTP answer.
function Peer:refuse(...)
  local answer = Peer.answer(...)
  local told = answer.body
  self.refusals[1] = {
    type = "error",
    data = {
      status = answer.status, code = told.code, message = told.detail, details = told.details,
      retry_after_ms = told.retry_after_ms, headers = answer.headers,
    },
  }
end

function Peer:receive() -- luacheck: no self
end

-- The next refusal that this client was told, with that code and at least these members: status,
-- message, details, retry_after_ms, id; headers, if it was the handshake's. Returns them.
function Peer:expect_error(code, members)
  self:receive()
  self.world.case:count()
  local refusal = self.refusals[self.next_refusal]
  local why = not refusal and "was refused nothing"
    or code ~= nil and compare.partial(code, refusal.data.code, "code")
    or members ~= nil and compare.partial(members, refusal.data, "error")
  if why then
    fail(self.name .. " should be refused, but " .. why,
      { "error " .. compare.show(code) .. (members and " " .. compare.show(members) or "") },
      self:show_unread())
  end
  self.next_refusal = self.next_refusal + 1
  return refusal.data
end

-- A refusal that nobody has looked at, as text, or nil.
function Peer:unexpected()
  self:receive()
  local refusal = self.refusals[self.next_refusal]
  return refusal and string.format("%s was refused: %d %s: %s (expect_error takes it)", self.name,
    refusal.data.status, refusal.data.code, refusal.data.message)
end

return Peer
