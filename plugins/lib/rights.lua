-- Who may: "anyone", "owner", "role:NAME", or several of them: "owner, role:builder".
--
--   local right = rights.parse("owner, role:builder", true)    -- raises if it is something else
--   if right.anyone or right:has_role_of(client.identity) or right.owner and ... then

local rights = {}
local Right = {}
Right.__index = Right

-- Those of the right's roles count that the identity has; nil has none.
function Right:has_role_of(identity)
  for _, role in ipairs(identity and self.roles or {}) do
    if identity:has_role(role) then
      return true
    end
  end
  return false
end

function rights.parse(text, may_be_owner)
  local right = setmetatable({ roles = {}, anyone = false, owner = false }, Right)
  for word in text:gmatch("[^,]+") do
    word = word:match("^%s*(.-)%s*$")
    local role = word:match("^role:(.+)$")
    if role then
      right.roles[#right.roles + 1] = role
    elseif word == "anyone" or word == "owner" and may_be_owner then
      right[word] = true
    else
      error(string.format("'%s' is not anyone%s or role:NAME", word,
        may_be_owner and ", owner" or ""), 0)
    end
  end
  return right
end

return rights
