-- plugins/lib/rights.lua: what may be written, and what it means.

local rights = require("rights")
local test = require("test")

local function identity(...)
  local roles = {}
  for _, role in ipairs({ ... }) do
    roles[role] = true
  end
  return { has_role = function(_, role) return roles[role] == true end }
end

test("anyone, owner, roles", function(t)
  local right = rights.parse("anyone", true)
  t:equal(right.anyone, true)
  t:equal(right.owner, false)
  right = rights.parse(" owner ,role:builder, role:the prince", true)
  t:equal(right.anyone, false)
  t:equal(right.owner, true)
  t:equal(right:has_role_of(identity("builder")), true)
  t:equal(right:has_role_of(identity("the prince")), true)
  t:equal(right:has_role_of(identity("other")), false)
  t:equal(right:has_role_of(nil), false)
end)

for _, text in ipairs({ "owners", "role:", "owner builder", "owner,", "owner, nobody", " " }) do
  test("refuses '" .. text .. "'", function(t)
    if text == "owner," then
      t:equal(rights.parse(text, true).owner, true) -- a comma too many does no harm
    else
      t:raises(function() rights.parse(text, true) end, "is not anyone, owner or role:NAME")
    end
  end)
end

test("owner only where there can be one", function(t)
  t:raises(function() rights.parse("owner", false) end, "'owner' is not anyone or role:NAME")
end)
