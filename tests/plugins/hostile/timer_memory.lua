-- timer: allocates as a timer
return {
  name = "timer_memory",
  version = "1.0.0",
  api = 1,
  setup = function(hd1)
    local kept = {}
    hd1.every(0.1, function()
      while true do
        kept[#kept + 1] = { kept }
      end
    end)
    return {}
  end,
}
