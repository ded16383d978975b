-- hook: makes answers of a megabyte, and drops them
return {
  name = "answers_dropped",
  version = "1.0.0",
  api = 1,
  setup = function(hd1)
    return {
      before_event = {
        object_created = function()
          local data = { text = ("x"):rep(1000000) }
          while true do
            pcall(hd1.patch, data)
            pcall(hd1.replace, data)
            pcall(hd1.reject, { code = "no", details = data })
          end
        end,
      },
    }
  end,
}
