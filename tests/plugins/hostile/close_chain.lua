-- hook: a hundred guards, each fails while closed
return {
  name = "close_chain",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          local function guarded(depth)
            local _ <close> = setmetatable({}, {
              __close = function()
                error(("x"):rep(1000) .. depth)
              end,
            })
            if depth > 0 then
              return guarded(depth - 1), depth
            end
            error("deep")
          end
          while true do
            pcall(guarded, 100)
          end
        end,
      },
    }
  end,
}
