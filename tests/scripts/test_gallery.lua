-- scripts/gallery.lua: what it sets up, once.

local test = require("test")

test("sets the world up as the validator wants it", function(t)
  local world = t:world({ plugins = { "validate" }, script = "gallery" })
  t:match(world:properties(), { title = "Gallery", size = 25 })
  t:match(world:object("centrepiece"), { type = "sphere", label = "Please do not touch" })
  local count = 0
  for _ in pairs(world:objects()) do
    count = count + 1
  end
  t:equal(count, 5 + 12 + 24 + 2 + 2, "objects")
end)

test("run again it adds what is missing, and nothing else", function(t)
  local world = t:world()
  world:rest("DELETE", "/api/sessions/test/objects/bench_1")
  world:rest("PATCH", "/api/sessions/test/objects/bench_2", { color = "pink" })
  local before = #world:events()
  t:equal(world:rest("POST", "/api/sessions/test/script", { script = "gallery" }).status, 200)
  t:equal(#world:events(), before + 1)
  t:match(world:object("bench_1"), { color = "#5b4636" })
  t:match(world:object("bench_2"), { color = "pink" })
end)
