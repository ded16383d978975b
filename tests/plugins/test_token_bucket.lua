-- plugins/lib/token_bucket.lua, told the time.

local test = require("test")
local token_bucket = require("token_bucket")

test("lets burst through at once, then rate", function(t)
  local buckets = token_bucket.new(10, 3)
  for _ = 1, 3 do
    t:equal(buckets:take("a", 1, 1000), nil)
  end
  t:equal(buckets:take("a", 1, 1000), 100, "wait")
  t:equal(buckets:take("a", 1, 1099), 1, "wait")
  t:equal(buckets:take("a", 1, 1100), nil)
  t:equal(buckets:take("a", 1, 1100), 100, "wait")
end)

test("what is refused costs nothing", function(t)
  local buckets = token_bucket.new(10, 1)
  t:equal(buckets:take("a", 1, 0), nil)
  for _ = 1, 50 do
    t:equal(buckets:take("a", 1, 0), 100)
  end
  t:equal(buckets:take("a", 1, 100), nil)
end)

test("keys do not share", function(t)
  local buckets = token_bucket.new(1, 1)
  t:equal(buckets:take("a", 1, 0), nil)
  t:equal(buckets:take("b", 1, 0), nil)
  t:equal(buckets:take("a", 1, 0), 1000)
end)

test("a bucket does not hold more than burst", function(t)
  local buckets = token_bucket.new(10, 2)
  t:equal(buckets:take("a", 2, 0), nil)
  t:equal(buckets:take("a", 2, 1000000), nil)
  t:equal(buckets:take("a", 1, 1000000), 100)
end)

test("a full bucket lets an array beyond burst through, and it is paid for", function(t)
  local buckets = token_bucket.new(10, 5)
  t:equal(buckets:take("a", 20, 0), nil)
  t:equal(buckets:take("a", 1, 0), 1600, "wait") -- 15 in debt and one to take
  t:equal(buckets:take("a", 1, 1600), nil)
end)

test("an array beyond burst waits for a full bucket", function(t)
  local buckets = token_bucket.new(10, 5)
  t:equal(buckets:take("a", 1, 0), nil)
  t:equal(buckets:take("a", 20, 0), 100)
  t:equal(buckets:take("a", 20, 100), nil)
end)

test("a clock that goes back refuses nobody for long", function(t)
  local buckets = token_bucket.new(10, 5)
  t:equal(buckets:take("a", 5, 5000), nil)
  t:equal(buckets:take("b", 1, 4000), nil)
  t:equal(buckets:take("a", 1, 5100), nil)
end)

test("keys whose bucket is full again are forgotten", function(t)
  local buckets = token_bucket.new(100, 10) -- full again after 100 ms
  for now_ms = 1, 5000 do
    buckets:take("key" .. now_ms, 1, now_ms)
  end
  t:ok(buckets:count() <= 400, buckets:count() .. " are left")
end)

test("when nobody takes, forget is enough, and forgets no debt", function(t)
  local buckets = token_bucket.new(10, 10) -- full again after 1000 ms
  for index = 1, 5000 do
    buckets:take("key" .. index, 1, 0)
  end
  buckets:take("debtor", 1000, 0) -- full again at 100000 ms
  for now_ms = 1000, 10000, 1000 do
    buckets:forget(now_ms)
  end
  t:equal(buckets:count(), 1)
  t:equal(buckets:take("debtor", 10, 10000), 90000, "wait")
end)

test("a key that is being forgotten is still limited", function(t)
  local buckets = token_bucket.new(10, 10) -- full again after 1000 ms
  t:equal(buckets:take("first", 1, 0), nil)
  for index = 1, 50 do
    t:equal(buckets:take("key" .. index, 10, 999), nil)
  end
  for index = 1, 50 do
    t:equal(buckets:take("key" .. index, 10, 1000), 999, "wait")
  end
end)

test("a debt is not forgotten", function(t)
  local buckets = token_bucket.new(100, 10)
  buckets:take("debtor", 1000, 0) -- full again at 10000 ms
  for now_ms = 1, 5000 do
    buckets:take("key" .. now_ms % 7, 1, now_ms)
  end
  t:equal(buckets:take("debtor", 10, 5000), 5000, "wait")
end)

test("over time exactly rate gets through", function(t)
  local buckets = token_bucket.new(50, 100)
  local taken = 0
  for now_ms = 0, 60000, 3 do
    if not buckets:take("a", 1, now_ms) then
      taken = taken + 1
    end
  end
  t:ok(taken >= 3099 and taken <= 3101, taken .. " were taken")
end)
