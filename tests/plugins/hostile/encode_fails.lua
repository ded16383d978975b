-- hook: JSON that is refused at its end, again and again
return {
  name = "encode_fails",
  version = "1.0.0",
  api = 1,
  setup = function(hd1)
    return {
      before_event = {
        object_created = function()
          local list = { ("x"):rep(900000), "\xff" }
          local holes = {}
          for index = 1, 20000 do
            holes[index] = index
          end
          holes[20001] = print
          while true do
            pcall(hd1.json.encode, list)
            pcall(hd1.json.encode, holes)
            pcall(cjson.encode, holes)
          end
        end,
      },
    }
  end,
}
