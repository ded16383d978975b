-- What require("test") gives in a test file: test("name", function(t) ... end) adds a case. Each
-- case gets a world of its own from t:world{...}; it fails by the first assertion that does, by an
-- error, by a refusal nobody expected, by a plugin or world script that failed, and if it asserts
-- nothing.

local host = ...
local compare = host.part("compare")

local function lines_of(title, lines)
  local text = ""
  for index, line in ipairs(lines or {}) do
    text = text .. "\n  " .. (index == 1 and title or string.rep(" ", #title)) .. line
  end
  return text
end

local function fail(message, expected, received)
  error({
    text = host.where() .. ": " .. message .. lines_of("expected: ", expected)
      .. lines_of("received: ", received),
  }, 0)
end

local Peer = host.part("peer", compare, fail)
local clients = host.part("client", compare, fail, Peer)
local sockets = host.part("socket", compare, fail, Peer)
local worlds = host.part("world", compare, fail, Peer, clients, sockets)

local T = {}
T.__index = T

function T:count()
  self.asserts = self.asserts + 1
end

-- A world for this case; the one before, if there is one, is over. { plugins = { "validate",
-- { "chat", max_length = 5 } } or "configured", script = "gallery", session = "test" or false for
-- none, world = { size = 11 }, objects = { { name = "rose", type = "sphere" } } }. Without plugins:
-- the plugin that the test's file is named after, else the world script of that name.
function T:world(spec)
  local world = worlds.open(self, spec)
  self.last_world = world
  return world
end

-- Options of a plugin for the worlds that this case opens from now on.
function T:config(plugin, options)
  self.options[plugin] = options
end

-- Errors in plugins and scripts do not fail this case.
function T:allow_failures()
  self.are_failures_allowed = true
end

-- The failures of plugins and scripts so far, as text with traceback.
function T:failures() -- luacheck: no self
  return host.failures()
end

function T:equal(value, expected, what)
  self:count()
  local why = compare.exact(expected, value, what or "the value")
  if why then
    fail(why, { compare.show(expected) }, { compare.show(value) })
  end
end

-- The value has at least these members.
function T:match(value, expected, what)
  self:count()
  local why = compare.partial(expected, value, what or "the value")
  if why then
    fail(why, { compare.show(expected) }, { compare.show(value) })
  end
end

function T:ok(value, what)
  self:count()
  if not value then
    fail((what or "the value") .. " is " .. tostring(value))
  end
end

function T:fail(message)
  self:count()
  fail(tostring(message))
end

-- fn must raise an error whose text has this part in it.
function T:raises(fn, part)
  self:count()
  local is_good, fault = pcall(fn)
  local text = type(fault) == "table" and fault.text or tostring(fault)
  if is_good then
    fail("it should raise an error")
  elseif part and not text:find(part, 1, true) then
    fail("it raises another error", { part }, { text })
  end
end

local cases = {}

-- The refusals that nobody has looked at, one of each client's.
local function find_refusals(t)
  local texts = {}
  if t.last_world and t.last_world == host.world then
    for _, peer in ipairs(t.last_world.peers) do
      texts[#texts + 1] = peer:unexpected()
    end
  end
  return texts
end

-- Only what went wrong behind the case's back.
local function find_leftover(t)
  return find_refusals(t)[1]
    or t.asserts == 0 and "it asserts nothing: use expect, expect_error, t:equal, ..." or nil
end

-- Why a case failed, and what may be the reason: somebody else was refused what he sent.
local function with_refusals(t, text)
  for _, refusal in ipairs(find_refusals(t)) do
    text = text .. "\n  " .. refusal
  end
  return text
end

local function append_failures(t, text)
  if not t.are_failures_allowed then
    for _, failure in ipairs(host.failures()) do
      text = (text and text .. "\n" or "") .. failure
    end
  end
  return text
end

-- An error that is no assertion's: with the lines of the traceback that are not ours.
local function describe(fault)
  if type(fault) == "table" and fault.text then
    return fault
  end
  local lines = { tostring(fault) }
  for line in host.traceback():gmatch("[^\n]+") do
    if not line:find("hd1:", 1, true) and not line:find("^%s*%[C%]: in") then
      lines[#lines + 1] = line
    end
  end
  return { text = table.concat(lines, "\n") }
end

-- Runs a case; nil, or why it failed.
local function run(index)
  local case = cases[index]
  local t = setmetatable({ asserts = 0, options = {}, name = case.name }, T)
  host.world = nil
  local is_good, fault = xpcall(case.fn, describe, t)
  local text = not is_good and (type(fault) == "table" and fault.text or tostring(fault)) or nil
  if is_good then
    local is_found, leftover = xpcall(find_leftover, describe, t)
    leftover = is_found and leftover or not is_found and leftover.text
    text = leftover and case.where .. ": " .. leftover or nil
  else
    local is_found, longer = pcall(with_refusals, t, text)
    text = is_found and longer or text
  end
  return append_failures(t, text)
end

local test = { any = compare.any, json = host.json }

local function add(_, name, fn)
  if type(name) ~= "string" or type(fn) ~= "function" then
    error("test(\"what it shows\", function(t) ... end)", 2)
  end
  cases[#cases + 1] = { name = name, fn = fn, where = host.where() }
end

setmetatable(test, { __call = add })

return test, run, function(index)
  return cases[index] and cases[index].name
end
