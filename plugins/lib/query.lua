-- Numbers in the query of a request: ?limit=20.
--
--   local limit, fault = query.integer(request.query, "limit", { default = 9, min = 1, max = 50 })
--   if fault then
--     return hd1.reject({ status = 400, code = "invalid_query", message = fault })
--   end

local query = {}

-- The number, or the default (which may be nil); or nil and what is wrong with it.
function query.integer(values, name, allowed)
  local text = values[name]
  if text == nil then
    return allowed.default
  end
  local number = text:find("^%d+$") and math.tointeger(tonumber(text))
  if not number or number < allowed.min or number > allowed.max then
    return nil, string.format("%s must be an integer from %d to %d", name, allowed.min, allowed.max)
  end
  return number
end

return query
