-- The configuration of examples/quickstart.sh: Lua that returns a table; README.md lists the keys.
return {
  listen = { "127.0.0.1:8080" },
  data = "data",
  plugins = { -- the order in which they are asked
    "rate_limit",
    "validate",
    { "chat", max_length = 500 },
  },
  sessions = { -- made at start if they do not exist
    demo = { script = "gallery" },
    solar = { script = "solar_system" },
  },
}
