-- new_plugin: what it is for, in one line.
--
-- Loaded by its name in `plugins` of the configuration; `hd1 check` says what is wrong with it,
-- `hd1 test` runs test_new_plugin.lua.

-- Called once, when all plugins are loaded. hd1 is what the server offers, config the options below
-- as the configuration sets them. Returns which functions are to be called, and when.
local function setup(hd1, config)
  -- Before an event is applied: return nothing to let it pass, or hd1.reject, hd1.patch,
  -- hd1.replace, hd1.drop.
  local function before_said(event, client)
    local text = event.data.text
    if utf8.len(text) > config.max_length then
      return hd1.reject({
        code = "new_plugin_too_long",
        message = string.format("%s, at most %d characters", client.id, config.max_length),
        details = { path = "/text", max_length = config.max_length },
      })
    end
  end

  return { before_event = { new_plugin_said = before_said } }
end

return {
  name = "new_plugin",
  version = "0.1.0",
  api = 1,
  -- Options: { "new_plugin", max_length = 80 } in the configuration.
  config = {
    max_length = { type = "integer", default = 200, min = 1, max = 4096, doc = "in characters" },
  },
  -- Event types of its own. The schema is checked by the plugin validate, which comes first in
  -- `plugins`. lane: "durable" (stored, in order) or "volatile" (the newest counts).
  events = {
    new_plugin_said = {
      doc = "somebody said something",
      lane = "durable",
      schema = {
        type = "object",
        properties = {
          session_id = { type = "string" },
          text = { type = "string", minLength = 1, maxLength = 4096 },
        },
        required = { "text" },
        additionalProperties = false,
      },
    },
  },
  setup = setup,
}
