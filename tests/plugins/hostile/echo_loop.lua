-- runs: answers each event with two
return {
  name = "echo_loop",
  version = "1.0.0",
  api = 1,
  setup = function(hd1)
    local function again()
      for _ = 1, 2 do
        hd1.emit({ type = "world_updated", session_id = "demo", data = { world = { n = 1 } } })
      end
    end
    return { after_event = again, on_tick = again }
  end,
}
