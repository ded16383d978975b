-- A WebSocket at /ws/x/echo that says back what it is told, byte for byte.
local function setup()
  return { sockets = { ["/ws/x/echo"] = function(socket, message, is_binary)
    socket:send(message, is_binary and "binary" or "text")
  end } }
end

return { name = "echo", version = "1.0.0", api = 1, setup = setup }
