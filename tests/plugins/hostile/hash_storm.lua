-- hook: hashes for ever
return {
  name = "hash_storm",
  version = "1.0.0",
  api = 1,
  setup = function(hd1)
    return {
      before_event = {
        object_created = function()
          local text = ("x"):rep(1000000)
          while true do
            text = hd1.hmac_sha256(text, text) .. text
          end
        end,
      },
    }
  end,
}
