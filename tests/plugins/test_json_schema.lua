-- plugins/lib/json_schema.lua: each keyword, paths, and schemas that are refused.

local json_schema = require("json_schema")
local test = require("test")

local GOOD = "good"

-- schema, value, expected path or GOOD, part of the message
local judged = {
  { '{}', 'null', GOOD },
  { '{"type":"null"}', 'null', GOOD },
  { '{"type":"null"}', 'false', "", "must be null" },
  { '{"type":"boolean"}', 'true', GOOD },
  { '{"type":"boolean"}', '0', "", "must be a boolean" },
  { '{"type":"string"}', '""', GOOD },
  { '{"type":"string"}', '1', "", "must be a string" },
  { '{"type":"number"}', '1', GOOD },
  { '{"type":"number"}', '1.5', GOOD },
  { '{"type":"number"}', '"1"', "", "must be a number" },
  { '{"type":"integer"}', '3', GOOD },
  { '{"type":"integer"}', '3.0', GOOD },
  { '{"type":"integer"}', '3.5', "", "must be an integer" },
  { '{"type":"integer"}', '9007199254740993', GOOD },
  { '{"type":"array"}', '[]', GOOD },
  { '{"type":"array"}', '{}', "", "must be an array" },
  { '{"type":"object"}', '{}', GOOD },
  { '{"type":"object"}', '[]', "", "must be an object" },
  { '{"type":"object"}', 'null', "", "must be an object" },
  { '{"type":["number","null"]}', 'null', GOOD },
  { '{"type":["number","null"]}', '2', GOOD },
  { '{"type":["number","null"]}', '{}', "", "must be a number or null" },
  { '{"const":4}', '4', GOOD },
  { '{"const":4}', '4.0', GOOD },
  { '{"const":4}', '5', "", "must be 4" },
  { '{"const":null}', 'null', GOOD },
  { '{"const":null}', '0', "", "must be null" },
  { '{"enum":["a","b",null]}', '"b"', GOOD },
  { '{"enum":["a","b",null]}', 'null', GOOD },
  { '{"enum":["a","b",null]}', '"c"', "", 'must be one of "a", "b", null' },
  { '{"minimum":2}', '2', GOOD },
  { '{"minimum":2}', '1.99', "", "must be at least 2" },
  { '{"minimum":2}', '"only numbers are compared"', GOOD },
  { '{"maximum":2}', '2.01', "", "must be at most 2" },
  { '{"maximum":2}', '2', GOOD },
  { '{"maximum":2}', '-1e300', GOOD },
  { '{"minLength":2}', '"a"', "", "must have at least 2 characters" },
  { '{"minLength":2}', '"äö"', GOOD },
  { '{"minLength":2}', '"ä"', "", "must have at least 2 characters" },
  { '{"maxLength":2}', '"äö"', GOOD },
  { '{"maxLength":2}', '"äöü"', "", "must have at most 2 characters" },
  { '{"maxLength":2}', '[1,2,3]', GOOD },
  { '{"maxItems":2}', '[1,2]', GOOD },
  { '{"maxItems":2}', '[1,2,3]', "", "must have at most 2 items" },
  { '{"maxItems":0}', '[]', GOOD },
  { '{"items":{"type":"integer"}}', '[1,2,3]', GOOD },
  { '{"items":{"type":"integer"}}', '[1,"2",3]', "/1", "must be an integer" },
  { '{"items":{"items":{"type":"null"}}}', '[[null],[null,0]]', "/1/1", "must be null" },
  { '{"required":["a"]}', '{"a":null}', GOOD },
  { '{"required":["a","b"]}', '{"a":1}', "/b", "is missing" },
  { '{"required":["a"]}', '[]', GOOD },
  { '{"properties":{"a":{"type":"string"}}}', '{"b":1}', GOOD },
  { '{"properties":{"a":{"type":"string"}}}', '{"a":1}', "/a", "must be a string" },
  { '{"properties":{"a":{"properties":{"b":{"maximum":1}}}}}', '{"a":{"b":2}}', "/a/b", "at most" },
  { '{"properties":{"x":{"minimum":0},"y":{"minimum":0}}}', '{"y":-1,"x":-1}', "/x", "at least" },
  { '{"properties":{"a/b~c":{"type":"null"}}}', '{"a/b~c":1}', "/a~1b~0c", "must be null" },
  { '{"additionalProperties":false}', '{}', GOOD },
  { '{"additionalProperties":false}', '{"z":1}', "/z", "is not known here" },
  { '{"properties":{"a":{}},"additionalProperties":false}', '{"a":{"b":1}}', GOOD },
  { '{"properties":{"a":{}},"additionalProperties":true}', '{"b":1}', GOOD },
  { '{"additionalProperties":{"type":"number"}}', '{"b":1}', GOOD },
  { '{"additionalProperties":{"type":"number"}}', '{"b":"1"}', "/b", "must be a number" },
  { '{"$schema":"s","title":"t","description":"d","examples":[1]}', '1', GOOD },
}

-- schema, part of the error
local refused = {
  { '{"pattern":"^a"}', 'unknown keyword "pattern"' },
  { '{"properties":{"a":{"$ref":"#"}}}', 'schema at /properties/a: unknown keyword "$ref"' },
  { '{"items":{"minItems":1}}', 'schema at /items: unknown keyword "minItems"' },
  { '{"additionalProperties":{"format":"date"}}', 'unknown keyword "format"' },
  { '{"type":"float"}', 'no type is called "float"' },
  { '{"type":[]}', "type names no type" },
  { '{"minimum":"1"}', "minimum must be a number" },
  { '{"maxLength":null}', "maxLength must be a number" },
  { '{"enum":1}', "enum must be a list" },
  { '{"enum":[[1]]}', "only simple values" },
  { '{"const":{}}', "only simple values" },
  { '{"required":"a"}', "required must be a list" },
  { '{"properties":{"a":true}}', "a schema must be an object" },
}

local decode = test.json.decode
local using = { null = test.json.null, is_array = test.json.is_array }

for _, row in ipairs(judged) do
  local schema, value, expected, part = table.unpack(row)
  test(schema .. " of " .. value, function(t)
    local path, message = json_schema.compile(decode(schema), using)(decode(value))
    t:equal(path or GOOD, expected, "path")
    t:ok(not part or message:find(part, 1, true), message)
  end)
end

for _, row in ipairs(refused) do
  test("refuses " .. row[1], function(t)
    t:raises(function() json_schema.compile(decode(row[1]), using) end, row[2])
  end)
end
