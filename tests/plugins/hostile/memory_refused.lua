-- hook: asks for what is refused, with a full memory
return {
  name = "memory_refused",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          local kept = {}
          pcall(function()
            while true do
              kept[#kept + 1] = {}
            end
          end)
          for index = 1, 20000 do
            kept[index] = nil
          end
          while true do
            pcall(string.rep, "x", 1000000)
          end
        end,
      },
    }
  end,
}
