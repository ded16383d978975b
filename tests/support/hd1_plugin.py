"""Plugins that a scene writes, one version after another, and what is seen of them from outside."""


from hd1_client import Refused

PLUGIN = """return {
  name = "%s", version = "%s", api = 1,
  %s
  setup = function(hd1, config)
    %s
  end,
}
"""
NOTED = 'events = { noted = { doc = "a note", lane = "%s" } },'


def write(server, name, version, setup, head=""):
    """That version of a plugin; setup: the body of its function, which returns hooks."""
    folder = server.folder / "plugins"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.lua").write_text(PLUGIN % (name, version, head, setup))


def configure(server, *entries, more=""):
    """Writes the configuration file, also of a server that runs."""
    folder = server.folder / "plugins"
    folder.mkdir(exist_ok=True)
    server.config = (f'return {{ plugin_path = "{folder}", {more}\n'
                     f'  plugins = {{ {", ".join(entries)} }} }}')
    (server.folder / "hd1.lua").write_text(server.config)


async def start(server, *entries, more=""):
    configure(server, *entries, more=more)
    await server.start()


async def verona(server, *names):
    await server.create_session("verona")
    return await server.joined("verona", *names)


def said(text, session="verona"):
    return {"session_id": session, "text": text}


async def refusal(awaitable):
    try:
        answer = await awaitable
    except Refused as refused:
        return refused
    raise AssertionError(f"was accepted: {answer}")


async def figure(server, name):
    return (await server.metrics()).get(name)


async def types(server):
    items = (await server.get("/api/event-types")).json["items"]
    return {item["name"]: item["lane"] for item in items}


def stamp(server, version):
    """A plugin that puts its version on what is said."""
    write(server, "stamp", f"{version}.0.0", """
      return { before_event = { chat_message = function(event)
        return hd1.patch{ stamp = %d }
      end } }""" % version)
