-- hook: a session kept beyond its call
return {
  name = "session_kept",
  version = "1.0.0",
  api = 1,
  setup = function(hd1)
    local kept
    return {
      before_event = {
        object_created = function(event)
          hd1.emit({ type = "object_deleted", data = { name = "none" } })
          pcall(function() return kept.id end)
          if kept then
            return kept:get("a")
          end
          kept = event.session
          error("next time")
        end,
      },
    }
  end,
}
