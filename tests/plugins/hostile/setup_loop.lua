-- setup: the budget of
return {
  name = "setup_loop",
  version = "1.0.0",
  api = 1,
  setup = function()
    while true do end
  end,
}
