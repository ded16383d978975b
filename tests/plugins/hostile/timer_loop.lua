-- timer: a timer that never comes back
return {
  name = "timer_loop",
  version = "1.0.0",
  api = 1,
  setup = function(hd1)
    hd1.every(0.1, function()
      while true do
        pcall(function()
          while true do end
        end)
      end
    end)
    return {}
  end,
}
