local test = require("test")

local TOKENS = {
  { token = "correct horse", user = "romeo", roles = { "moderator" } },
  { token = "battery staple", user = "juliet" },
}
local PLUGINS = { "tokens", "validate", "chat" }

test("who brings a token is that user, with those roles", function(t)
  t:config("tokens", { tokens = TOKENS })
  t:config("chat", { moderators = "moderator" })
  local world = t:world({ plugins = PLUGINS })
  local romeo = world:join("romeo", { token = "correct horse" })
  local juliet = world:join("juliet", { token = "battery staple" })
  romeo:send("chat_mute", { user = "juliet", seconds = 60 }) -- a moderator may
  romeo:expect("chat_mute")
  juliet:send("chat_message", { text = "hark" })
  juliet:expect_error("muted")
  juliet:send("chat_mute", { user = "romeo", seconds = 60 })
  juliet:expect_error("not_moderator")
end)

test("a token that nobody has is refused, on WebSocket and REST alike", function(t)
  t:config("tokens", { tokens = TOKENS })
  local world = t:world({ plugins = PLUGINS })
  world:connect("eve", { token = "no horse" }):expect_error("unknown_token", { status = 401 })
  t:match(world:rest("GET", "/api/sessions", nil, { token = "no horse" }), {
    status = 401, body = { code = "unknown_token" },
  })
  t:equal(world:rest("GET", "/api/sessions", nil, { token = "battery staple" }).status, 200)
end)

test("without a token one is nobody, or refused if tokens are required", function(t)
  local world = t:world({ plugins = PLUGINS })
  world:join("guest"):expect_nothing()
  t:config("tokens", { required = true })
  world = t:world({ plugins = PLUGINS, session = false })
  world:connect("guest"):expect_error("token_required", {
    status = 401, headers = { ["www-authenticate"] = "Bearer" },
  })
end)
