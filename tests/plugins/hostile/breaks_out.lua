-- setup: no way
-- looks for a way out of the sandbox
local ways = {
  io, debug, package, load, dofile, loadfile, collectgarbage, -- luacheck: ignore 113
  os.execute, os.exit, os.getenv, os.remove, string.dump, -- luacheck: ignore 143
  getmetatable("") or nil,
}
if next(ways) then
  return "found one"
end
error("no way")
