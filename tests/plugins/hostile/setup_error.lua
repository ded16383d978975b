-- setup: not today
return {
  name = "setup_error",
  version = "1.0.0",
  api = 1,
  setup = function()
    error("not today")
  end,
}
