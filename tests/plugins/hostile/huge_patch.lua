-- hook: a patch of megabytes
return {
  name = "huge_patch",
  version = "1.0.0",
  api = 1,
  setup = function(hd1)
    return {
      before_event = {
        object_created = function()
          return hd1.patch({ text = ("x"):rep(1000000), more = ("y"):rep(1000000) })
        end,
      },
    }
  end,
}
