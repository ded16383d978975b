-- setup: a way in was found: 0
-- looks for a way to run text as code
local found = 0
for _, name in ipairs({ "load", "loadstring", "loadfile", "dofile", "require" }) do
  local fn = rawget(_G, name)
  if fn and name ~= "require" and pcall(fn, "return 1") then
    found = found + 1
  end
  if fn and pcall(fn, "../../etc/passwd") then
    found = found + 1
  end
end
error("a way in was found: " .. found)
