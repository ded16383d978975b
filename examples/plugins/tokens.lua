-- An example of an identity plugin: who brings one of the tokens in the configuration is that user,
-- with those roles. It is to try things out with, and not for production: the tokens stand in a
-- file, never end, and cannot be taken back without a reload.
--
--   { "tokens", tokens = {
--     { token = "correct horse", user = "romeo", roles = { "moderator" } },
--     { token = "battery staple", user = "juliet" } } }
--
--   curl -H "Authorization: Bearer correct horse" http://127.0.0.1:8080/api/sessions

local function setup(hd1, config)
  local function find(token)
    for _, known in ipairs(config.tokens) do
      if hd1.equal(known.token, token) then -- takes as long wherever they differ
        return known
      end
    end
  end

  local function before_connect(request)
    local token = request.token
    local known = token and find(token)
    if known then
      return hd1.identity({ user = known.user, roles = known.roles })
    elseif token then
      return hd1.reject({ status = 401, code = "unknown_token", message = "who has this token?" })
    elseif config.required then
      return hd1.reject({
        status = 401, code = "token_required", message = "send Authorization: Bearer TOKEN",
        headers = { ["WWW-Authenticate"] = "Bearer" },
      })
    end
  end

  return { before_connect = before_connect }
end

local TEXT = { type = "string", required = true, min = 1, max = 128 }

return {
  name = "tokens",
  version = "1.0.0",
  api = 1,
  config = {
    tokens = {
      type = "list", default = {}, max = 1000, secret = true,
      doc = "who may come, and by what token",
      items = { type = "table", fields = {
        token = TEXT,
        user = TEXT,
        roles = { type = "list", default = {}, max = 32, items = { type = "string" } },
      } },
    },
    required = {
      type = "boolean", default = false, doc = "who brings no token is refused, else is nobody",
    },
  },
  setup = setup,
}
