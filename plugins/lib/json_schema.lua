-- Compiles a JSON Schema once into closures that judge values: nil if fine, else path and message.
--
--   local json_schema = require("json_schema")
--   local check = json_schema.compile(schema, { null = ..., is_array = ... })  -- see compile()
--   local path, message = check(value)     -- "/object/x", "must be a number"
--
-- The subset of draft 2020-12 below; any other keyword raises, so that a schema never promises what
-- nobody checks. Paths are JSON Pointers. A check that passes allocates nothing.
--
-- A schema becomes a table from type(value) to the check of such values; nil: anything goes. So a
-- member that has nothing but a type costs no call of a closure.

local type, next = type, next -- are called for each member

local json_schema = {}

local KEYWORDS = {
  type = true, const = true, enum = true, minimum = true, maximum = true, minLength = true,
  maxLength = true, items = true, maxItems = true, required = true, properties = true,
  additionalProperties = true,
  -- said about a schema, not checked by it:
  ["$schema"] = true, title = true, description = true, examples = true,
}

local TYPES = {
  null = "null", boolean = "a boolean", number = "a number", integer = "an integer",
  string = "a string", array = "an array", object = "an object",
}

local LUA_TYPES = {
  "nil", "boolean", "number", "string", "table", "userdata", "function", "thread",
}

local function fail(where, ...)
  error("schema at " .. (where == "" and "/" or where) .. ": " .. string.format(...), 0)
end

local function pointer(key)
  return "/" .. tostring(key):gsub("~", "~0"):gsub("/", "~1")
end

local function shown(value)
  if type(value) == "string" then
    return '"' .. value .. '"'
  end
  return type(value) == "userdata" and "null" or tostring(value)
end

local function number_at(schema, keyword, where)
  local value = schema[keyword]
  if value ~= nil and type(value) ~= "number" then
    fail(where, "%s must be a number", keyword)
  end
  return value
end

local function list_at(schema, keyword, where)
  local value = schema[keyword]
  if value ~= nil and type(value) ~= "table" then
    fail(where, "%s must be a list", keyword)
  end
  return value
end

local function refusal(message)
  return function()
    return "", message
  end
end

-- One check after the other; either may be nil.
local function chain(first, second)
  if not (first and second) then
    return first or second
  end
  return function(value)
    local path, message = first(value)
    if path then
      return path, message
    end
    return second(value)
  end
end

--- The checks of each kind of value: each takes the schema and where it is, and returns a check of
--- values of that kind, or nil if the schema says nothing about them.

local compile

local function compile_whole(message)
  return function(number)
    if math.type(number) ~= "integer" and number % 1 ~= 0 then
      return "", message
    end
  end
end

local function compile_number(schema, where)
  local min, max = number_at(schema, "minimum", where), number_at(schema, "maximum", where)
  if not min and not max then
    return nil
  end
  local too_small, too_large = "must be at least " .. shown(min), "must be at most " .. shown(max)
  min, max = min or -math.huge, max or math.huge
  return function(number)
    if number < min then
      return "", too_small
    elseif number > max then
      return "", too_large
    end
  end
end

-- Characters are counted only if the bytes leave it open: n bytes are at most n characters, and at
-- least n/4.
local function compile_string(schema, where)
  local min, max = number_at(schema, "minLength", where), number_at(schema, "maxLength", where)
  if not min and not max then
    return nil
  end
  local too_short = "must have at least " .. shown(min) .. " characters"
  local too_long = "must have at most " .. shown(max) .. " characters"
  min, max = math.ceil(min or 0), max or math.huge
  local enough = 4 * min - 3
  return function(text)
    local length = #text
    if length >= enough and length <= max then
      return nil
    end
    length = utf8.len(text) or length
    if length < min then
      return "", too_short
    elseif length > max then
      return "", too_long
    end
  end
end

local function compile_array(schema, where, using)
  local max = number_at(schema, "maxItems", where)
  local checks = schema.items ~= nil and compile(schema.items, where .. "/items", using)
  if not max and not checks then
    return nil
  end
  local too_many = "must have at most " .. shown(max) .. " items"
  return function(array)
    if max and #array > max then
      return "", too_many
    end
    for index = 1, checks and #array or 0 do
      local item = array[index]
      local check = checks[type(item)]
      local path, message
      if check then
        path, message = check(item)
      end
      if path then
        return pointer(index - 1) .. path, message
      end
    end
  end
end

-- The checks of members that are not among the properties; nil: anything goes.
local function compile_others(schema, where, using)
  local extra = schema.additionalProperties
  if extra == nil or extra == true then
    return nil
  elseif extra ~= false then
    return compile(extra, where .. "/additionalProperties", using)
  end
  local checks = {}
  for _, name in ipairs(LUA_TYPES) do
    checks[name] = refusal("is not known here")
  end
  return checks
end

local function check_member(checks, name, member)
  local check = checks[type(member)]
  if check then
    local path, message = check(member)
    if path then
      return pointer(name) .. path, message
    end
  end
end

local function compile_object(schema, where, using)
  local required = list_at(schema, "required", where) or {}
  local others = compile_others(schema, where, using)
  local names, properties = {}, {}
  for name, property in pairs(schema.properties or {}) do
    names[#names + 1] = name
    properties[name] = compile(property, where .. "/properties" .. pointer(name), using)
  end
  table.sort(names) -- of several faults, always the same one is named
  if #required == 0 and #names == 0 and not others then
    return nil
  end
  local name_count, required_count = #names, #required
  return function(object)
    for index = 1, required_count do
      if object[required[index]] == nil then
        return pointer(required[index]), "is missing"
      end
    end
    local list, checks, kind = names, properties, type -- locals are faster to get at
    for index = 1, name_count do
      local name = list[index]
      local member = object[name]
      if member ~= nil then
        local check = checks[name][kind(member)]
        if check then
          local path, message = check(member)
          if path then
            return pointer(name) .. path, message
          end
        end
      end
    end
    if not others then
      return nil
    end
    for name, member in next, object do
      if not properties[name] then
        local path, message = check_member(others, name, member)
        if path then
          return path, message
        end
      end
    end
  end
end

--- Keywords for values of any kind.

-- The set of allowed kinds, nil for all; and what is said about the others.
local function compile_type(schema, where)
  local wanted = schema.type
  if wanted == nil then
    return nil
  end
  local is_allowed, texts = {}, {}
  for index, name in ipairs(type(wanted) == "table" and wanted or { wanted }) do
    if not TYPES[name] then
      fail(where, "no type is called %s", shown(name))
    end
    is_allowed[name], texts[index] = true, TYPES[name]
  end
  if #texts == 0 then
    fail(where, "type names no type")
  end
  return is_allowed, "must be " .. table.concat(texts, " or ")
end

local function compile_choice(values, where, message)
  local is_allowed = {}
  for _, value in ipairs(values) do
    if type(value) == "table" then
      fail(where, "only simple values can be compared")
    end
    is_allowed[value] = true
  end
  return function(value)
    if not is_allowed[value] then
      return "", message
    end
  end
end

local function compile_const(schema, where)
  local value = schema.const
  return value ~= nil and compile_choice({ value }, where, "must be " .. shown(value)) or nil
end

local function compile_enum(schema, where)
  local values, texts = list_at(schema, "enum", where), {}
  for index, value in ipairs(values or {}) do
    texts[index] = shown(value)
  end
  return values and compile_choice(values, where, "must be one of " .. table.concat(texts, ", "))
end

-- Two kinds of value are of the same Lua type.
local function split(is_first, first, second)
  if first == second then
    return first
  end
  return function(value)
    local check = second
    if is_first(value) then
      check = first
    end
    if check then
      return check(value)
    end
  end
end

function compile(schema, where, using)
  if type(schema) ~= "table" then
    fail(where, "a schema must be an object")
  end
  for keyword in pairs(schema) do
    if not KEYWORDS[keyword] then
      fail(where, "unknown keyword %s", shown(keyword))
    end
  end
  local is_allowed, message = compile_type(schema, where)
  local refuse = refusal(message)
  local choice = chain(compile_const(schema, where), compile_enum(schema, where))
  local function of_kind(kind, check)
    if is_allowed and not is_allowed[kind] then
      return refuse
    end
    return chain(choice, check)
  end

  local number = compile_number(schema, where)
  if is_allowed and is_allowed.integer and not is_allowed.number then
    number = chain(compile_whole(message), chain(choice, number))
  else
    number = of_kind("number", number)
  end
  local array = of_kind("array", compile_array(schema, where, using))
  local object = of_kind("object", compile_object(schema, where, using))
  local checks = {
    boolean = of_kind("boolean"),
    number = number,
    string = of_kind("string", compile_string(schema, where)),
    table = split(using.is_array, array, object),
    userdata = split(using.is_null, of_kind("null"), of_kind("userdata")),
  }
  for _, name in ipairs({ "nil", "function", "thread" }) do -- are no JSON
    checks[name] = of_kind(name)
  end
  return checks
end

--- `using` says how this Lua shows JSON: null = the value that stands for null, is_array(table).
function json_schema.compile(schema, using)
  local function is_null(value)
    return value == using.null
  end
  local checks = compile(schema, "", { is_null = is_null, is_array = using.is_array })
  return function(value)
    local check = checks[type(value)]
    if check then
      return check(value)
    end
  end
end

return json_schema
