-- Values as text, and where one differs from another.

local host = ...
local json = host.json

local LONGEST = 400 -- of a value in a message, in bytes
local DEEPEST = 12

local compare = {}

-- Stands for anything but nil, in what is expected.
compare.any = setmetatable({}, { __name = "any" })

local function is_list(value)
  return json.is_array(value) or #value > 0
end

local show_value

local function show_members(value, depth)
  local keys, parts = {}, {}
  for key in pairs(value) do
    keys[#keys + 1] = tostring(key)
  end
  table.sort(keys)
  for index, key in ipairs(keys) do
    local member = value[key]
    if member == nil then
      member = value[math.tointeger(tonumber(key))]
    end
    parts[index] = key .. "=" .. show_value(member, depth + 1)
  end
  return "{" .. table.concat(parts, ", ") .. "}"
end

local function show_items(value, depth)
  local parts = {}
  for index, item in ipairs(value) do
    parts[index] = show_value(item, depth + 1)
  end
  return "[" .. table.concat(parts, ", ") .. "]"
end

function show_value(value, depth)
  if value == compare.any then
    return "anything"
  elseif value == json.null then
    return "null"
  elseif type(value) == "string" then
    return '"' .. value .. '"'
  elseif type(value) ~= "table" then
    return type(value) == "function" and "(a function)" or tostring(value)
  elseif depth > DEEPEST then
    return "..."
  elseif is_list(value) then
    return show_items(value, depth)
  end
  return show_members(value, depth)
end

function compare.show(value)
  local text = show_value(value, 0)
  return #text <= LONGEST and text or text:sub(1, LONGEST) .. "..."
end

-- nil if value fits expected, else where and how it differs. Partial: members that are not expected
-- do not matter; lists are compared item by item in either case. A function in expected is asked.
local function difference(expected, value, path, is_partial)
  if expected == compare.any then
    return value == nil and path .. " is missing" or nil
  elseif type(expected) == "function" then
    return not expected(value) and path .. " is " .. compare.show(value) .. ", which does not do"
      or nil
  elseif type(expected) ~= "table" or type(value) ~= "table" then
    if expected == value then
      return nil
    elseif value == nil then
      return path .. " is missing"
    end
    return path .. " is " .. compare.show(value) .. ", not " .. compare.show(expected)
  end
  for key, wanted in pairs(expected) do
    local why = difference(wanted, value[key], path .. "." .. tostring(key), is_partial)
    if why then
      return why
    end
  end
  if is_list(expected) and #value > #expected then
    return string.format("%s has %d items, not %d", path, #value, #expected)
  end
  for key in pairs(is_partial and {} or value) do
    if expected[key] == nil then
      return path .. "." .. tostring(key) .. " is there, and should not be"
    end
  end
  return nil
end

function compare.partial(expected, value, path)
  return difference(expected, value, path, true)
end

function compare.exact(expected, value, path)
  return difference(expected, value, path, false)
end

return compare
