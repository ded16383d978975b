#!/usr/bin/python3
"""Plugins at full tilt, and others are served all the same; what an operator sees of it."""

import os
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from hd1 import ROOT, equal, run, scene, until

PLUGINS = {
    # never fails and never rests: only its share of CPU holds it back
    "spinner": """
      hd1.every(0, function() for _ = 1, 400000 do end end)
      return { on_tick = { hz = 60, fn = function() for _ = 1, 400000 do end end } }""",
    # emits all that it can, whenever it can
    "shouter": """
      local function shout()
        while hd1.emit{ type = "object_moved", session_id = "hell", data = { name = "imp" } } do end
      end
      for _ = 1, 200 do hd1.every(0, shout) end
      return { on_tick = { hz = 60, fn = shout }, after_event = shout }""",
    # never comes back
    "looper": """
      hd1.every(0, function() while true do end end)
      return { on_tick = { hz = 60, fn = function() while true do end end } }""",
    # guards everything, and always fails
    "broken": "return { before_event = { chat_message = function() error('boom') end } }",
}

folder = tempfile.mkdtemp(prefix="hd1-hostile-")
for name in ("lib", "chat.lua", "validate.lua"):
    os.symlink(ROOT / "plugins" / name, os.path.join(folder, name))
for name, body in PLUGINS.items():
    with open(os.path.join(folder, name + ".lua"), "w") as out:
        out.write('return { name = "%s", version = "1", api = 1, setup = function(hd1) %s end }'
                  % (name, body))


def config(*plugins):
    return 'return { plugin_path = "%s", plugins = { %s } }' % (folder, ", ".join(plugins))


async def metric(server, name):
    """Its value in /metrics; 0 if it is not there."""
    return (await server.metrics()).get(name, 0)


async def talk(server, romeo, hellion):
    """While the hellion's session keeps the plugins busy, all of 200 messages get through."""
    await server.create_session("hell")
    await server.create_object("hell", "imp")
    await server.create_session("verona")
    await hellion.join("hell")
    await romeo.join("verona")
    for i in range(200):
        await romeo.send("chat_message", {"session_id": "verona", "text": f"hark {i}"},
                         id=1000 + i)
    said = [await romeo.expect("chat_message") for _ in range(200)]
    equal([event["id"] for event in said], list(range(1000, 1200)))


@scene("who spins in ticks and timers is held back; others are served",
       config=config('{ "spinner", cpu_share = 0.1 }', '"validate"', '"chat"'))
async def _(server, romeo, hellion):
    await talk(server, romeo, hellion)

    async def is_skipped():
        return await metric(server, 'hd1_plugin_skipped_total{plugin="spinner",hook="on_tick",'
                                    'reason="cpu_share"}') > 0
    await until(is_skipped, what="ticks to be skipped")
    await server.wait_log(r"area=spinner .*share of CPU is used up")
    equal(await metric(server, 'hd1_plugin_resting{plugin="spinner"}'), 0)


@scene("who emits without end is cut off; others are served",
       config=config('"shouter"', '"validate"', '"chat"'))
async def _(server, romeo, hellion):
    await talk(server, romeo, hellion)

    async def is_refused():
        return await metric(server, 'hd1_plugin_emits_refused_total{plugin="shouter"}') > 0
    await until(is_refused, what="emits to be refused")


@scene("who never comes back is put to rest, and that is seen; others are served",
       config=config('"looper"', '"validate"', '"chat"'))
async def _(server, romeo, hellion):
    await talk(server, romeo, hellion)

    async def is_resting():
        return (await server.get("/readyz")).json["plugins"] == {"looper": "resting"}
    await until(is_resting, what="the looper to rest")
    equal((await server.get("/readyz")).status, 200)
    equal(await metric(server, 'hd1_plugin_resting{plugin="looper"}'), 1)
    listed = (await server.get("/api/plugins")).json["items"]
    plugins = {plugin["name"]: plugin for plugin in listed}
    equal((plugins["looper"]["state"], plugins["chat"]["state"]), ("resting", "running"))
    await server.wait_log(r"area=looper .*too many failures")


@scene("a guard that rests refuses with a time to come back, and the server stays ready",
       config=config('"broken"', '"chat"'))
async def _(server):
    await server.create_session("verona")
    said = {"type": "chat_message", "data": {"text": "hark"}}
    codes = [(await server.post("/api/sessions/verona/events", said)).json["code"]
             for _ in range(21)]
    equal(codes, ["plugin_failed"] * 20 + ["plugin_unavailable"])
    answer = await server.post("/api/sessions/verona/events", said)
    assert 0 < int(answer.headers["retry-after"]) <= 30, answer.headers
    ready = await server.get("/readyz")
    equal((ready.status, ready.json["status"], ready.json["plugins"]),
          (200, "ok", {"broken": "resting"}))
    await server.create_object("verona", "rose")  # what it does not guard goes on


try:
    run()
finally:
    shutil.rmtree(folder, ignore_errors=True)
