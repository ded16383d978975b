"""A plugin that fails on purpose, the case file it leaves, and hd1 test on it."""

import re

from hd1 import Refused, run_hd1

PLUGIN = """local BROKEN = true -- or mended
return {
  name = "fragile", version = "1.0.0", api = 1,
  config = { keys = { type = "list", items = { type = "string" }, default = {}, secret = true } },
  setup = function(hd1, config)
    local function break_at(...)
      if BROKEN then error(table.concat({ ... }, " ")) end
    end
%s
  end }
"""


def write(server, body, is_broken=True, others=()):
    """fragile.lua, whose setup has this body, and the configuration; others: plugins besides."""
    folder = server.folder / "plugins"
    folder.mkdir(exist_ok=True)
    text = PLUGIN % body
    (folder / "fragile.lua").write_text(text if is_broken else text.replace("true", "false", 1))
    names = "".join(f'"{name}", ' for name in others)
    server.config = f"""return {{ plugin_path = "{folder}",
      plugins = {{ "chat", {names}{{ "fragile", keys = {{ "TOP-SECRET" }} }} }} }}"""


async def fail(server, moment, act):
    """Makes it fail by act(server); the path of the case file that the log names."""
    try:
        await act(server)
    except Refused:
        pass  # by the plugin that fails
    line = await server.wait_log(f"area=fragile .*hook={moment} .*case=")
    return re.search(r"case=(\S+\.json)", line).group(1)


async def replay(server, path):
    """hd1 test on the case: (exit code, what it said)."""
    (server.folder / "replay.lua").write_text(server.config)
    code, out, err = await run_hd1("test", "--config", server.folder / "replay.lua", path)
    return code, out + err
