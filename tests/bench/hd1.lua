-- The benchmark's configuration: limits raised, nothing else.
return {
  listen = { "127.0.0.1:0" },
  limits = { connections = 20000, connections_per_address = 20000 },
  plugins = {
    {
      "rate_limit",
      client = { rate = 1000000, burst = 1000000 },
      address = { rate = 1000000, burst = 1000000 },
      session = { rate = 1000000, burst = 1000000 },
    },
    "validate",
    "chat",
  },
}
