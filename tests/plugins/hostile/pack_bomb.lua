-- hook: packs and unpacks too much
return {
  name = "pack_bomb",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          local format = ("s8"):rep(10000)
          while true do
            pcall(string.pack, format, table.unpack({}, 1, 10000))
            pcall(string.unpack, ("z"):rep(10000), ("x"):rep(10000))
            pcall(string.pack, "!16 xXi16 s4", 1, ("y"):rep(1000000))
          end
        end,
      },
    }
  end,
}
