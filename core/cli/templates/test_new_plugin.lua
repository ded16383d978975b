-- Run by `hd1 test`: each case gets a world of its own, with fake clients and a clock that stands
-- still until world.clock:advance(seconds).

local test = require("test")

local plugins = { "validate", "new_plugin" } -- in the order of the configuration

test("what is said reaches the others", function(t)
  local world = t:world({ plugins = plugins })
  local alice = world:join("alice")
  local bob = world:join("bob")

  alice:send("new_plugin_said", { text = "hello" })
  bob:expect("new_plugin_said", { text = "hello" })
end)

test("what is too long is refused, and nobody sees it", function(t)
  t:config("new_plugin", { max_length = 5 })
  local world = t:world({ plugins = plugins })
  local alice = world:join("alice")
  local bob = world:join("bob")

  alice:send("new_plugin_said", { text = "hello there" })
  alice:expect_error("new_plugin_too_long", { details = { max_length = 5 } })
  bob:expect_nothing("new_plugin_said")
end)

test("what has no text is refused by validate", function(t)
  local alice = t:world({ plugins = plugins }):join("alice")

  alice:send("new_plugin_said", {})
  alice:expect_error("invalid_event", { details = { path = "/text" } })
end)
