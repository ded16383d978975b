-- hook: a replacement of a megabyte that adds nothing, a million times
return {
  name = "gsub_reads",
  version = "1.0.0",
  api = 1,
  setup = function()
    return {
      before_event = {
        object_created = function()
          return (("a"):rep(1000000)):gsub("", ("%0"):rep(500000))
        end,
      },
    }
  end,
}
