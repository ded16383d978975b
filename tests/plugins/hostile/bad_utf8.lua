-- hook: text that is none
return {
  name = "bad_utf8",
  version = "1.0.0",
  api = 1,
  setup = function(hd1)
    return {
      before_event = {
        object_created = function()
          return hd1.patch({ text = "\xff\xfe" })
        end,
      },
    }
  end,
}
