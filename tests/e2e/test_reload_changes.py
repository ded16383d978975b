#!/usr/bin/python3
"""What a reload takes over: event types, the configuration, world scripts; and when it may come."""

import asyncio
import os
import re
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from hd1 import equal, run, scene, until
from hd1_plugin import NOTED, configure, figure, refusal, said, stamp, start, types, verona, write


# --- event types ---

@scene("types come, change and go; the log keeps what they were", start=False)
async def _(server):
    write(server, "notes", "1.0.0", "return {}", NOTED % "durable")
    await start(server, '"chat"', '"notes"')
    romeo, juliet = await verona(server, "romeo", "juliet")
    note = {"session_id": "verona", "on": "a rose"}
    await romeo.do("noted", note)
    for number in range(50):  # the reload may come amid them
        await romeo.send("noted", {**note, "number": number})
    write(server, "notes", "2.0.0", "return {}", NOTED % "volatile")
    await server.reload()
    equal((await types(server))["noted"], "volatile")
    await romeo.send("noted", {**note, "late": True})
    await juliet.expect("noted", lambda m: m["data"].get("late") and "seq" not in m)
    kept = [event["data"]["number"] for event in (await server.history("verona", since=2))]
    equal(kept, list(range(len(kept))), "those that came before the reload")
    write(server, "notes", "3.0.0", "return {}")
    await server.reload()
    assert "noted" not in await types(server)
    await romeo.send("noted", note)
    await romeo.expect_error("unknown_type")
    equal((await server.history("verona", since=1))[0]["data"], note)
    write(server, "notes", "4.0.0", "return {}", (NOTED % "durable").replace("a note", "again"))
    await server.reload()
    await romeo.do("noted", note)
    equal(await figure(server, 'hd1_events_total{type="noted",verdict="accepted"}'), 53.0)
    write(server, "rival", "1.0.0", "return {}", NOTED % "durable")
    configure(server, '"notes"', '"rival"', '"chat"')
    faults = (await server.reload(is_checked=False))["details"]["faults"]
    assert re.search(r"rival\.lua:3: event type noted exists already \(of notes\)", faults[0])


@scene("after-hooks of the new generation see what the old one let in", start=False)
async def _(server):
    def reporter(version):
        write(server, "reporter", version, """
          return { after_event = function(event)
            hd1.log.info("saw", { kind = event.type, by = "%s" }) end }""" % version)
    write(server, "notes", "1.0.0", "return {}", NOTED % "durable")
    reporter("1.0.0")
    await start(server, '"notes"', '"reporter"')
    [romeo] = await verona(server, "romeo")
    reporter("2.0.0")
    configure(server, '"reporter"')  # the type goes while events of it may be on their way
    sending = [romeo.send("noted", {"session_id": "verona"}) for _ in range(20)]
    await asyncio.gather(server.reload(), *sending)
    count = len(await server.history("verona", since=1))
    await until(lambda: len([line for line in server.log if "kind=noted" in line]) >= count,
                what="the after-hooks")


# --- timers and ticks ---

BEAT = """
  hd1.every(0.05, function()
    hd1.emit{ type = "noted", session_id = "verona", data = { of = "%s", timer = true } } end)
  return { on_tick = { hz = 20, fn = function()
    hd1.emit{ type = "noted", data = { of = "%s", timer = false } } end } }"""


@scene("timers and ticks of the old generation end, those of the new one begin", start=False)
async def _(server):
    await start(server, '"chat"')
    [romeo] = await verona(server, "romeo")

    async def expect_beats(version):
        for kind in (True, False, True, False):
            await romeo.expect("noted", lambda m: m["data"] == {
                **m["data"], "of": version, "timer": kind})

    for version in ("1", "2"):
        write(server, "notes", version, BEAT % (version, version), NOTED % "volatile")
        configure(server, '"notes"')
        await server.reload()
        await expect_beats(version)
    of = [m["data"]["of"] for m in romeo.of_type("noted")]
    equal(of, sorted(of))
    write(server, "notes", "3", BEAT % ("3", "3") + ")", NOTED % "volatile")
    await server.reload(is_checked=False)
    await expect_beats("2")
    write(server, "notes", "4", "return {}", NOTED % "volatile")
    await server.reload()
    equal(await figure(server, 'hd1_plugin_timers{plugin="notes"}'), 0.0)
    calls = await figure(server, 'hd1_plugin_calls_total{plugin="notes",hook="timer"}')
    await romeo.do("object_created", {"session_id": "verona", "object": {
        "name": "rose", "type": "flower"}})
    equal(await figure(server, 'hd1_plugin_calls_total{plugin="notes",hook="timer"}'), calls)


# --- what else is new or stays ---

@scene("plugins come and go with the configuration, options change", start=False)
async def _(server):
    echo = """return { before_event = { chat_message = function(event)
      return hd1.patch{ text = event.data.text .. config.word } end } }"""
    head = 'config = { word = { type = "string", default = "a", doc = "added" } },'
    for name in ("first", "second"):
        write(server, name, "1.0.0", echo, head)
    await start(server, '"chat"', '"first"')
    [romeo] = await verona(server, "romeo")
    equal((await romeo.do("chat_message", said("x")))["data"]["text"], "xa")
    configure(server, '"chat"', '{ "second", word = "b" }', '{ "first", word = "c" }')
    await server.reload()
    equal((await romeo.do("chat_message", said("x")))["data"]["text"], "xbc")
    configure(server, '"chat"', '"second"')
    await server.reload()
    equal((await romeo.do("chat_message", said("x")))["data"]["text"], "xa")
    configure(server, '"chat"', '{ "second", word = 7 }')
    faults = (await server.reload(is_checked=False))["details"]["faults"]
    assert re.search("hd1.lua:2: plugin second: option word must be", faults[0]), faults


@scene("a plugin that rests is awake again in the next generation", start=False)
async def _(server):
    write(server, "thrower", "1.0.0", """
      return { before_event = { chat_message = function() error("ouch") end } }""")
    await start(server, '"chat"', '"thrower"')
    [romeo] = await verona(server, "romeo")
    codes = [(await refusal(romeo.do("chat_message", said("x")))).code for _ in range(21)]
    equal(codes[-1], "plugin_unavailable")
    write(server, "thrower", "1.0.1", "return { before_event = { chat_message = print } }")
    await server.reload()
    await romeo.do("chat_message", said("at last"))
    equal([p["state"] for p in (await server.get("/api/plugins")).json["items"]],
          ["running", "running"])
    key = 'hd1_plugin_errors_total{plugin="thrower",hook="before_event"}'
    equal(await figure(server, key), 20.0)


@scene("SIGHUP does the same; keys that need a restart are named", start=False)
async def _(server):
    stamp(server, 1)
    await start(server, '"chat"', '"stamp"')
    [romeo] = await verona(server, "romeo")
    write(server, "stamp", "2.0.0", """
      return { before_event = { chat_message = function(event)
        hd1.log.debug("stamped")
        return hd1.patch{ stamp = 2 }
      end } }""")
    configure(server, '"chat"', '"stamp"', more='queue_messages = 999, log = { level = "debug" },')
    server.process.send_signal(signal.SIGHUP)
    await server.wait_log("area=reload msg=reloaded generation=2")
    await server.wait_log("only a restart takes it over.* key=queue_messages")
    equal((await romeo.do("chat_message", said("hark")))["data"]["stamp"], 2)
    equal((await server.reload())["restart_needed"], ["queue_messages"])
    await server.wait_log("level=debug area=stamp msg=stamped")
    write(server, "stamp", "3.0.0", "nonsense(")
    server.process.send_signal(signal.SIGHUP)
    await server.wait_log("not reloaded, nothing was changed.*stamp.lua")
    equal((await romeo.do("chat_message", said("hark")))["data"]["stamp"], 2)


@scene("who asks at once gets one reload, or each his own", start=False)
async def _(server):
    stamp(server, 1)
    await start(server, '"chat"', '"stamp"')
    answers = await asyncio.gather(*[server.reload() for _ in range(8)])
    generation = (await server.reload())["generation"]
    assert 3 <= generation <= 10, generation
    assert all(2 <= a["generation"] < generation for a in answers), answers


async def deaf(server):
    """A WebSocket connection whose other side answers nothing, not even a close."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
                 b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                 b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
    await reader.readuntil(b"\r\n\r\n")
    return writer


@scene("a reload that comes while the server stops is refused", start=False)
async def _(server):
    stamp(server, 1)
    await start(server, '"chat"', '"stamp"')
    writer = await deaf(server)
    server.process.send_signal(signal.SIGTERM)
    await server.wait_log("msg=stopping")
    server.process.send_signal(signal.SIGHUP)
    await server.wait_log("not reloaded: the server is stopping")
    writer.close()
    equal(await server.wait_end(), 0)
    server.check()


# --- world scripts ---

def world(server, name, title):
    folder = server.folder / "scripts"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.lua").write_text(title)


@scene("world scripts: those that run go on, new sessions get the new files", start=False)
async def _(server):
    world(server, "plaza", 'world{ title = "old" }')
    more = (f'script_path = "{server.folder}/scripts", '
            'sessions = { demo = { script = "plaza" } },')
    await start(server, '"chat"', more=more)
    equal((await server.get("/api/sessions/demo/world")).json["title"], "old")
    world(server, "plaza", "\nworld{ title = ")
    answer = await server.reload(is_checked=False)
    assert re.search(r"plaza\.lua:\d", answer["details"]["faults"][0]), answer
    world(server, "plaza", 'world{ title = "new" }')
    world(server, "shed", "world(7)")
    answer = await server.reload()
    assert re.search(r"shed\.lua:1", answer["warnings"][0]), answer
    await server.create_session("other", script="plaza")
    equal((await server.get("/api/sessions/other/world")).json["title"], "new")
    equal((await server.get("/api/sessions/demo/world")).json["title"], "old")
    (server.folder / "attic").mkdir()
    (server.folder / "attic" / "loft.lua").write_text('world{ title = "loft" }')
    configure(server, '"chat"', more=f'script_path = "{server.folder}/attic",')
    equal((await server.reload())["restart_needed"], ["sessions"])
    await server.create_session("third", script="loft")
    equal((await server.get("/api/sessions/third/world")).json["title"], "loft")


run()
