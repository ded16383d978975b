-- Limits how often messages may come: per client, per network address, per session. First in the
-- configuration, so that joins and nonsense are charged too; an array is charged for each event.
-- What world scripts and plugins emit is not charged.

local token_bucket = require("token_bucket")

local function limit(rate, burst, whose)
  return {
    type = "table",
    fields = {
      rate = {
        type = "number", default = rate, min = 0.01, max = 1000000,
        doc = "messages per second, of one " .. whose,
      },
      burst = { type = "integer", default = burst, min = 1, max = 1000000, doc = "at once" },
    },
    doc = "the limit of one " .. whose,
  }
end

local function setup(hd1, config)
  local function buckets_of(whose)
    return token_bucket.new(config[whose].rate, config[whose].burst)
  end
  local clients, addresses = buckets_of("client"), buckets_of("address")
  local sessions = buckets_of("session")

  local function refuse(whose, wait_ms)
    return hd1.reject({
      code = "rate_limited",
      status = 429,
      message = "too many messages from this " .. whose,
      retry_after_ms = wait_ms,
    })
  end

  -- In this order, so that who is over his own limit costs the others nothing. Buckets go by
  -- themselves once they are full again, and not when a client leaves: else leaving and joining
  -- would be the way to a full one.
  local function before_message(client, message)
    local now_ms, count = hd1.mono_ms(), message.count
    local wait_ms = clients:take(client.id, count, now_ms)
    if wait_ms then
      return refuse("client", wait_ms)
    end
    wait_ms = addresses:take(client.address, count, now_ms)
    if wait_ms then
      return refuse("address", wait_ms)
    end
    local session_id = message.session_id
    wait_ms = session_id and sessions:take(session_id, count, now_ms)
    if wait_ms then
      return refuse("session", wait_ms)
    end
  end

  -- Most clients say little: who is at rest costs nothing.
  hd1.every(1, function()
    local now_ms = hd1.mono_ms()
    clients:forget(now_ms)
    addresses:forget(now_ms)
    sessions:forget(now_ms)
  end)

  return { before_message = before_message }
end

return {
  name = "rate_limit",
  version = "1.0.0",
  api = 1,
  config = {
    client = limit(50, 100, "client"),
    address = limit(500, 1000, "address"),
    session = limit(5000, 10000, "session"),
  },
  setup = setup,
}
