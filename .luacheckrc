-- For luacheck. plugins/ and scripts/ may use exactly what the server's sandbox offers; a test
-- compares these lists with the sandbox itself (tests/unit/plugin/test_names.c).

std = "lua54"
max_line_length = 100

local function fields(names)
  local out = {}
  for name in names:gmatch("%S+") do
    out[name] = {}
  end
  return { fields = out }
end

local function sandbox()
  return {
    _G = {}, _VERSION = {}, assert = {}, error = {}, getmetatable = {}, ipairs = {}, next = {},
    pairs = {}, pcall = {}, print = {}, rawequal = {}, rawget = {}, rawlen = {}, rawset = {},
    require = {}, select = {}, setmetatable = {}, tonumber = {}, tostring = {}, type = {},
    xpcall = {},
    cjson = fields("decode encode null"),
    coroutine = fields("close create isyieldable resume running status wrap yield"),
    math = fields([[abs acos asin atan ceil cos deg exp floor fmod huge log max maxinteger min
      mininteger modf pi rad random randomseed sin sqrt tan tointeger type ult]]),
    os = fields("clock date time"),
    string = fields([[byte char find format gmatch gsub len lower match pack packsize rep reverse
      sub unpack upper]]),
    table = fields("concat insert move pack remove sort unpack"),
    utf8 = fields("char charpattern codepoint codes len offset"),
  }
end

stds.sandbox = { read_globals = sandbox() }
stds.script = { read_globals = sandbox() }
for _, name in ipairs({ "world", "object", "camera", "every", "after", "random", "session" }) do
  stds.script.read_globals[name] = name == "session" and { other_fields = true } or {}
end

files["plugins/"] = { std = "sandbox" }
files["examples/plugins/"] = { std = "sandbox" }
files["tests/plugins/"] = { std = "sandbox" }
files["tests/scripts/"] = { std = "sandbox" }
files["core/"] = { std = "sandbox" }
files["scripts/"] = { std = "script" }
files[".luacheckrc"] = { globals = { "std", "stds", "files", "max_line_length" } }
files["examples/*.lua"] = { std = "none" }
