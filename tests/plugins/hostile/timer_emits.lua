-- runs: all its timers emit all they can
return {
  name = "timer_emits",
  version = "1.0.0",
  api = 1,
  setup = function(hd1)
    local function emits()
      while hd1.emit({ type = "object_deleted", session_id = "demo", data = { name = "n" } }) do end
    end
    while pcall(hd1.every, 0, emits) do end
    return {}
  end,
}
