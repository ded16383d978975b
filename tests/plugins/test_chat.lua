-- plugins/chat.lua: what may be said, and who hears it.

local test = require("test")

local function saying(t, max_length, plugins)
  t:config("chat", { max_length = max_length })
  local world = t:world({ plugins = plugins or { "chat" } })
  return world:join("romeo"), world:join("juliet"), world
end

test("lets pass what is as long as allowed, in characters", function(t)
  local romeo, juliet = saying(t, 5)
  for _, text in ipairs({ "Romeo", "äöüßé" }) do
    romeo:send("chat_message", { text = text })
    romeo:expect("chat_message", { text = text })
    juliet:expect("chat_message", { text = text, session_id = "test" })
  end
end)

test("refuses what is longer, and says by how much", function(t)
  local romeo, juliet = saying(t, 5)
  romeo:send("chat_message", { text = "Juliet" })
  romeo:expect_error("chat_too_long", {
    status = 422, details = { path = "/text", length = 6, max_length = 5 },
  })
  juliet:expect_nothing("chat_message")
end)

test("refuses what says nothing", function(t)
  local romeo, juliet = saying(t, 500)
  for _, text in ipairs({ "", "   ", "\t\n", 7, test.json.null, test.json.array({}) }) do
    romeo:send("chat_message", { text = text })
    romeo:expect_error("invalid_event", { details = { path = "/text" } })
  end
  romeo:send("chat_message")
  romeo:expect_error("invalid_event", { details = { path = "/text" } })
  juliet:expect_nothing("chat_message")
end)

test("its schema is exact", function(t)
  local romeo = saying(t, 4096, { "validate", "chat" })
  local function refused(data, path)
    romeo:send("chat_message", data)
    romeo:expect_error("invalid_event", { details = { path = path } })
  end
  romeo:send("chat_message", { text = "hello" })
  romeo:expect("chat_message", { text = "hello" })
  refused({}, "/text")
  refused({ text = "hello", colour = "red" }, "/colour")
  refused({ text = { "hello" } }, "/text")
  refused({ text = string.rep("x", 4097) }, "/text")
end)

test("chat is kept", function(t)
  local romeo, _, world = saying(t, 500)
  romeo:send("chat_message", { text = "hello" })
  romeo:expect("chat_message")
  t:match(world:events(), {
    { type = "session_created" }, { type = "chat_message", data = { text = "hello" } },
  })
end)

test("wrong options refuse to start", function(t)
  for _, length in ipairs({ 0, 5000, 2.5 }) do
    t:raises(function() saying(t, length) end, "max_length")
  end
end)

test("the newest lines can be read, oldest first", function(t)
  t:config("chat", { history = 3 })
  local world = t:world()
  local romeo = world:join("romeo")
  for index = 1, 5 do
    romeo:send("chat_message", { text = "line " .. index })
  end
  local path = "/api/x/chat/test/history"
  t:match(world:rest("GET", path).body.items, {
    { text = "line 3" }, { text = "line 4" },
    { text = "line 5", client_id = "romeo", time_ms = world.clock:now_ms() },
  })
  t:match(world:rest("GET", path .. "?limit=1").body.items, { { text = "line 5" } })
  t:match(world:rest("GET", path .. "?limit=x"), {
    status = 400, body = { code = "invalid_query" },
  })
  world:rest("DELETE", "/api/sessions/test")
  t:equal(#world:rest("GET", path).body.items, 0)
end)

test("only moderators mute", function(t)
  local romeo, juliet = saying(t, 500)
  romeo:send("chat_mute", { client_id = "juliet", seconds = 60 })
  romeo:expect_error("not_moderator", { status = 403 })
  juliet:send("chat_message", { text = "still here" })
  juliet:expect("chat_message")
end)

test("a session id that is none costs nobody anything", function(t)
  local _, _, world = saying(t, 500)
  local answer = world:rest("GET", "/api/x/chat/" .. ("y"):rep(300) .. "/history")
  t:match(answer, { status = 400, body = { code = "invalid_query" } })
end)
