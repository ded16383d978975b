-- For test_metronome.lua: a plugin with timers, ticks, a store, figures and a route.
return {
  name = "metronome",
  version = "1.0.0",
  api = 1,
  events = { beat = { doc = "how often the metronome has done what", lane = "volatile" } },

  setup = function(hd1)
    local function beat(session_id, data)
      hd1.emit({ type = "beat", session_id = session_id, data = data })
    end

    local often = 0
    hd1.after(1.5, function()
      beat("test", { after = 1 })
    end)
    hd1.every(0.25, function()
      often = often + 1
      beat("test", { every = often })
      return often < 8
    end)
    return {
      on_tick = {
        hz = 4,
        fn = function(session, tick)
          beat(session.id, { tick = tick.number, dt = tick.dt })
        end,
      },
      after_event = {
        object_created = function(event)
          local count = (hd1.store.get("created") or 0) + 1
          hd1.store.put("created", count)
          beat(event.session.id, { created = count })
          hd1.after(60, function()
            error("late")
          end)
        end,
      },
      routes = {
        ["GET /api/x/metronome/often"] = function()
          return { often = often }
        end,
      },
    }
  end,
}
