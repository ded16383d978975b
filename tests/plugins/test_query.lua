-- plugins/lib/query.lua: numbers in a query.

local query = require("query")
local test = require("test")

local ALLOWED = { default = 7, min = 1, max = 100 }

test("a number, or the default", function(t)
  t:equal(query.integer({ limit = "12" }, "limit", ALLOWED), 12)
  t:equal(query.integer({ limit = "007" }, "limit", ALLOWED), 7)
  t:equal(query.integer({}, "limit", ALLOWED), 7)
  t:equal(query.integer({}, "limit", { min = 1, max = 2 }), nil)
end)

for _, text in ipairs({ "", "0", "101", "-1", "1.5", "1e1", "0x10", " 5", "999999999999999999" }) do
  test("refuses '" .. text .. "'", function(t)
    local number, fault = query.integer({ limit = text }, "limit", ALLOWED)
    t:equal(number, nil)
    t:equal(fault, "limit must be an integer from 1 to 100")
  end)
end
