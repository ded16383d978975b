-- Token buckets, one per key, told the time. A key may take `burst` at once and `rate` per second.
--
--   local buckets = token_bucket.new(rate, burst)
--   local wait_ms = buckets:take(key, count, now_ms)     -- nil: taken; else when to try again
--
-- A bucket is one number: when it will be full again. A full bucket lets through any count and goes
-- into debt for what is beyond `burst`; so a large array passes once and is paid for afterwards.
--
-- Keys whose bucket is full again are forgotten: `young` holds those used in this period, `old`
-- those of the one before, of which each take() looks at two: no call ever walks over all keys.
-- When nobody takes, buckets:forget(now_ms) is to be called now and then.

local token_bucket = {}
local Buckets = {}
Buckets.__index = Buckets

function token_bucket.new(rate, burst)
  return setmetatable({
    cost_ms = 1000 / rate, -- of one token
    depth_ms = burst * 1000 / rate, -- from empty to full
    young = {}, old = {},
    cursor = nil, -- last key of old looked at
    turn_ms = 0, -- when young becomes old
    age_ms = 0, -- when age() has something to do: turn_ms, or 0 while something is left in old
  }, Buckets)
end

local function age(self, now_ms)
  if self.turn_ms <= now_ms and next(self.old, self.cursor) == nil then
    self.old, self.young, self.cursor = self.young, {}, nil
    self.turn_ms = now_ms + self.depth_ms
  end
  local old, young = self.old, self.young
  self.age_ms = 0
  for _ = 1, 2 do
    local key, full_ms = next(old, self.cursor)
    if key == nil then
      self.age_ms = self.turn_ms
      return
    end
    self.cursor = key
    old[key] = nil
    if full_ms > now_ms and not young[key] then
      young[key] = full_ms
    end
  end
end

function Buckets:take(key, count, now_ms)
  if now_ms >= self.age_ms then
    age(self, now_ms)
  end
  local young = self.young
  local full_ms = young[key] or self.old[key] -- if in both, young's is the newer
  if not full_ms or full_ms < now_ms then
    full_ms = now_ms
  end
  local cost_ms, depth_ms = count * self.cost_ms, self.depth_ms
  local wait_ms = full_ms - now_ms + cost_ms - depth_ms
  if wait_ms > 0 then
    if cost_ms > depth_ms then
      wait_ms = full_ms - now_ms -- more than ever fits: once the bucket is full
    end
    if wait_ms > 0 then
      return math.ceil(wait_ms)
    end
  end
  young[key] = full_ms + cost_ms
end

-- Looks at some thousand keys.
function Buckets:forget(now_ms)
  for _ = 1, 2000 do
    if now_ms < self.age_ms then
      return
    end
    age(self, now_ms)
  end
end

-- How many keys are remembered.
function Buckets:count()
  local count = 0
  for _ in pairs(self.young) do
    count = count + 1
  end
  for key in pairs(self.old) do
    count = count + (self.young[key] and 0 or 1)
  end
  return count
end

return token_bucket
