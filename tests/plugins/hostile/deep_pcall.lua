-- hook: pcall within pcall within pcall
return {
  name = "deep_pcall",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          local function deeper()
            pcall(deeper)
            pcall(deeper)
          end
          while true do
            deeper()
          end
        end,
      },
    }
  end,
}
