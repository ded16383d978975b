-- A WebSocket at /ws/x/echo that says back what it is told, byte for byte,
-- and nothing else.
return {
  name = "echo", version = "1.0.0", api = 1,
  setup = function()
    return { sockets = { ["/ws/x/echo"] = function(socket, message, is_binary)
      socket:send(message, is_binary and "binary" or "text")
    end } }
  end,
}
