-- Who comes to a test's world: handshakes, identities, WebSockets of plugins' own.
local test = require("test")

local FROM = {
  token = "t0ken", origin = "https://a.example", address = "10.0.0.7",
  headers = { ["Accept-Language"] = "en" },
}

test("before_connect sees where a client comes from", function(t)
  local world = t:world()
  world:join("ann", FROM)
  local seen = {
    address = "10.0.0.7", origin = "https://a.example", token = "t0ken", lang = "en",
  }
  local kinds = { "websocket", "rest" }
  for index, told in ipairs(world:rest("GET", "/api/x/doorman/seen", nil, FROM).body) do
    seen.kind = kinds[index]
    t:equal(told, seen)
  end
end)

test("it sees an identity that was given before, and clients and sockets have it", function(t)
  local world = t:world()
  local who = { identity = { user = "ann", roles = { "admin" } } }
  t:match(world:rest("GET", "/api/x/doorman/seen", nil, who).body, { { user = "ann" } })
  local socket = world:socket("/ws/x/doorman", who)
  socket:expect("welcome stranger")
  socket:send("who")
  socket:expect({ user = "ann", address = "127.0.0.1" })
end)

test("a refusal is expected like any other, with the status of HTTP", function(t)
  local world = t:world()
  local never = { headers = { ["X-Refuse"] = "1" } }
  local told = world:connect("ann", never):expect_error("not_today", {
    status = 403, message = "come tomorrow", details = { day = 2 },
  })
  t:equal(told.headers["retry-after"], "86400")
  world:socket("/ws/x/doorman", never):expect_error("not_today")
  t:equal(world:rest("GET", "/api/sessions", nil, never).status, 403)
  t:raises(function() world:join("ben", never) end, "ben should join")
end)

test("a socket speaks, has a subprotocol and ends", function(t)
  local world = t:world()
  local socket = world:socket("/ws/x/doorman?name=ann", { subprotocol = "door.v1" })
  t:equal(socket.subprotocol, "door.v1")
  socket:expect("welcome ann")
  socket:send("\xff", "binary")
  t:raises(function() socket:expect("\xff") end, "it is binary")
  socket:expect("\xff", "binary")
  socket:send("bye")
  socket:expect_close(4001)
  world:socket("/ws/x/doorman"):close(4002)
  world:socket("/ws/x/doorman"):send(("x"):rep(10)) -- before_message refuses it
  t:equal(world:rest("GET", "/api/x/doorman/closed").body, { 4001, 4002, 4413 })
end)

test("a socket whose function fails is closed with 1011", function(t)
  t:allow_failures()
  local socket = t:world():socket("/ws/x/doorman")
  socket:expect()
  socket:send("boom")
  socket:expect_close(1011)
  t:ok(t:failures()[1]:find("plugin doorman failed in sockets", 1, true), t:failures()[1])
end)

test("what is not known, and what does not come, is said", function(t)
  local world = t:world()
  t:raises(function() world:connect("ann", { tokn = "x" }) end, "there is no option 'tokn'")
  local socket = world:socket("/ws/x/doorman")
  t:raises(function() socket:expect_close(1000) end, 'received: "welcome stranger"')
  t:raises(function() socket:expect("hello") end, 'is "welcome stranger", not "hello"')
  t:raises(function() socket:expect_nothing() end, "should say nothing")
  socket:expect("welcome stranger")
  t:raises(function() socket:expect() end, "nothing came")
end)
