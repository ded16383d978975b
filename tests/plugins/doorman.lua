-- For test_doorman.lua: says who it saw, and speaks on a socket of its own.
local function setup(hd1)
  local seen = hd1.json.array({}) -- by before_connect
  local function before_connect(request)
    seen[#seen + 1] = {
      kind = request.kind, address = request.address, origin = request.origin,
      token = request.token, lang = request.headers["Accept-Language"],
      user = request.identity and request.identity.user,
    }
    if request.headers["X-Refuse"] then
      return hd1.reject({
        code = "not_today", status = 403, message = "come tomorrow", details = { day = 2 },
        headers = { ["Retry-After"] = "86400" },
      })
    end
  end
  local function message(socket, text, is_binary)
    if text == "bye" then
      socket:close(4001, "bye")
    elseif text == "boom" then
      error("boom")
    elseif text == "who" then
      socket:send(hd1.json.encode({ user = socket.user or "nobody", address = socket.address }))
    else
      socket:send(text, is_binary and "binary" or "text")
    end
  end
  local closed = {}
  return {
    before_connect = before_connect,
    before_message = function(_, told)
      if told.type == "socket_message" and told.bytes > 9 then
        return hd1.reject({ code = "too_long", status = 413 })
      end
    end,
    routes = {
      ["GET /api/x/doorman/seen"] = function() return seen end,
      ["GET /api/x/doorman/closed"] = function() return hd1.json.array(closed) end,
    },
    sockets = { ["/ws/x/doorman"] = {
      subprotocol = "door.v1",
      connect = function(socket, request)
        socket:send("welcome " .. (request.query.name or "stranger"))
      end,
      message = message,
      close = function(_, code) closed[#closed + 1] = code end,
    } },
  }
end

return { name = "doorman", version = "1.0.0", api = 1, setup = setup }
