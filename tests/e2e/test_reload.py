#!/usr/bin/python3
"""New plugins in place of those that run, while people are connected: POST /api/admin/reload."""

import asyncio
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from hd1 import equal, run, scene, until
from hd1_plugin import NOTED, configure, figure, refusal, said, stamp, start, types, verona, write


# --- what a reload does ---

SESSIONS, CLIENTS, MESSAGES, BURST, PACE_S = 4, 5, 500, 5, 0.02  # 5000 events/s, 10,000 in all


async def talk(client, session, sent, has_reloaded):
    """Says its numbers in the session, in bursts, whatever becomes of them; the last when told."""
    for first in range(0, MESSAGES, BURST):
        if first == MESSAGES - BURST:
            await has_reloaded.wait()
        for number in range(first, first + BURST):
            await client.send("chat_message", said(f"{client.name} {number}", session))
        sent.append(BURST)
        await asyncio.sleep(PACE_S)


@scene("under load nobody is disconnected, nothing is lost or out of order", start=False)
async def _(server):
    stamp(server, 1)
    whole = [f'{{ "{name}", cpu_share = 1 }}' for name in ("validate", "chat", "stamp")]
    await start(server, *whole,
                more="queue_messages = 65536, queue_bytes = 67108864,")
    clients = []
    for index in range(SESSIONS):
        session = f"s{index}"
        await server.create_session(session)
        names = [f"{session}c{number}" for number in range(CLIENTS)]
        clients += [(session, client) for client in await server.joined(session, *names)]
    sent, has_reloaded, began = [], asyncio.Event(), time.monotonic()
    talking = asyncio.gather(*[talk(client, session, sent, has_reloaded)
                               for session, client in clients])
    total = SESSIONS * CLIENTS * MESSAGES
    await until(lambda: all(client.of_type("chat_message") for _, client in clients),
                what="all to hear something")
    for version in range(2, 7):
        await until(lambda: sum(sent) >= (version - 1) * total // 6, what="the talk to go on")
        stamp(server, version)
        equal((await server.reload())["generation"], version)
    has_reloaded.set()
    await talking
    print(f"# {total / (time.monotonic() - began):.0f} events/s were sent")
    for session, client in clients:
        replica = await client.reach(session, 1 + CLIENTS * MESSAGES)
        heard = [e["data"] for e in replica.events if e["type"] == "chat_message"]
        equal(len(heard), CLIENTS * MESSAGES)
        stamps = [data["stamp"] for data in heard]
        assert stamps == sorted(stamps), "an old version answered after a newer one"
        equal((stamps[0], stamps[-1]), (1, 6))
        for name in {data["text"].split()[0] for data in heard}:
            numbers = [int(d["text"].split()[1]) for d in heard if d["text"].split()[0] == name]
            equal(numbers, list(range(MESSAGES)), f"what {client.name} heard of {name}")
        assert not client.of_type("error"), client.of_type("error")[:1]
        equal(client.close_code, None)
    equal(await figure(server, 'hd1_plugin_calls_total{plugin="stamp",hook="before_event"}'),
          float(total))


@scene("loading holds nobody up: what a reload gives it is bounded", start=False)
async def _(server):
    stamp(server, 1)
    await start(server, '"chat"', '"stamp"')
    [romeo] = await verona(server, "romeo")
    for setup in ("for _ = 1, 3e6 do end return {}", "while true do end"):
        write(server, "stamp", "2.0.0", setup)
        [fault] = (await server.reload(is_checked=False))["details"]["faults"]
        assert re.search(r"stamp\.lua:5: the budget of \d+ instructions .*a reload gives", fault), fault
    equal((await romeo.do("chat_message", said("hark")))["data"]["stamp"], 1)


@scene("a version that fails to load changes nothing and says why, all of it", start=False)
async def _(server):
    stamp(server, 1)
    write(server, "other", "1.0.0", "return {}")
    await start(server, '"chat"', '"stamp"', '"other"')
    [romeo] = await verona(server, "romeo")
    write(server, "stamp", "2.0.0", "\n\nreturn nothing.here", NOTED % "durable")
    write(server, "other", "2.0.0", "return { before_evnt = function() end }")
    answer = await server.admin("POST", "/api/admin/reload", body="")
    equal((answer.status, answer.json["code"]), (422, "reload_failed"))
    equal(answer.headers["content-type"], "application/problem+json")
    details = answer.json["details"]
    equal((details["generation"], len(details["faults"])), (1, 2), answer)
    assert re.search(r"stamp\.lua:7: .*nothing", details["faults"][0]), details
    assert re.search(r"other\.lua:5: unknown moment 'before_evnt'", details["faults"][1]), details
    assert re.search(r"generation=1 .*stamp\.lua:7",
                     await server.wait_log("area=reload .*stamp.lua"))
    equal((await romeo.do("chat_message", said("hark")))["data"]["stamp"], 1)
    assert "noted" not in await types(server)
    items = (await server.get("/api/plugins")).json["items"]
    equal([p["version"] for p in items if p["name"] != "chat"], ["1.0.0", "1.0.0"])
    (server.folder / "hd1.lua").write_text("return {\n  plugins = { 'chat' },\n  plugin = 7 }")
    faults = (await server.reload(is_checked=False))["details"]["faults"]
    assert re.search(r"hd1\.lua:3: unknown key plugin; did you mean plugins", faults[0]), faults
    equal(await figure(server, 'hd1_plugin_reloads_total{result="failed"}'), 2.0)
    equal(await figure(server, "hd1_plugin_generation"), 1.0)
    stamp(server, 3)
    write(server, "other", "3.0.0", "return {}")
    configure(server, '"chat"', '"stamp"', '"other"')
    equal((await server.reload())["generation"], 2)
    equal((await romeo.do("chat_message", said("hark")))["data"]["stamp"], 3)
    equal(await figure(server, 'hd1_plugin_reloads_total{result="ok"}'), 1.0)


@scene("the log and GET /api/plugins name the generation", start=False)
async def _(server):
    write(server, "thrower", "1.0.0", """
      return { before_event = { chat_message = function() error("ouch") end } }""")
    await start(server, '"chat"', '"thrower"')
    [romeo] = await verona(server, "romeo")
    await server.reload()
    equal([p["generation"] for p in (await server.get("/api/plugins")).json["items"]], [2, 2])
    await refusal(romeo.do("chat_message", said("hark")))
    await server.wait_log("area=thrower .*hook failed.*generation=2")
    await server.wait_log("area=reload msg=reloaded generation=2")


COUNTER = """
  local count = 0
  return {
    before_event = { chat_message = function() count = count + 1
      return hd1.patch{ count = count, from = came_from } end },
    save = function() %s end,
    restore = function(state, version) %s end,
  }"""
SAVES, RESTORES = "return { count = count }", "count = state.count came_from = version"


@scene("state is handed over by save and restore; without them a plugin begins anew", start=False)
async def _(server):
    write(server, "counter", "1.0.0", COUNTER % (SAVES, RESTORES))
    write(server, "forgetful", "1.0.0", """
      local heard = 0
      return { before_event = { chat_message = function() heard = heard + 1
        return hd1.patch{ heard = heard } end } }""")
    await start(server, '"chat"', '"counter"', '"forgetful"')
    [romeo] = await verona(server, "romeo")
    for count in range(1, 4):
        data = (await romeo.do("chat_message", said("one")))["data"]
        equal((data["count"], data["heard"]), (count, count))
    write(server, "counter", "1.1.0", COUNTER % (SAVES, RESTORES))
    restored = {p["name"]: p["restored"] for p in (await server.reload())["plugins"]}
    equal(restored, {"chat": False, "counter": True, "forgetful": False})
    data = (await romeo.do("chat_message", said("four")))["data"]
    equal((data["count"], data["from"], data["heard"]), (4, "1.0.0", 1))
    await server.reload(discard_state=True)
    data = (await romeo.do("chat_message", said("one")))["data"]
    equal((data["count"], data.get("from")), (1, None))


BAD_STATES = (
    (COUNTER % ('error("no way")', RESTORES), r"counter\.lua:\d+: no way"),
    (COUNTER % ("return { f = print }", RESTORES), r"counter\.lua:\d+: what save returns.*f"),
    (COUNTER % ('return { ("x"):rep(500000), ("y"):rep(600000) }', RESTORES),
     r"counter\.lua:\d+: what save returns"),
    (COUNTER % ("while true do end", RESTORES), r"counter\.lua:\d+: the budget"),
)


@scene("a save that fails refuses the reload; discarding the state helps", start=False)
async def _(server):
    for setup, why in BAD_STATES:
        write(server, "counter", "1.0.0", setup)
        if server.is_running():
            await server.reload(discard_state=True)
        else:
            await start(server, '"chat"', '"counter"')
            [romeo] = await verona(server, "romeo")
        equal((await romeo.do("chat_message", said("one")))["data"]["count"], 1)
        write(server, "counter", "2.0.0", COUNTER % (SAVES, RESTORES))
        answer = await server.reload(is_checked=False)
        equal(answer.get("code"), "reload_failed", why)
        assert re.search(why, answer["details"]["faults"][0]), answer
        equal((await romeo.do("chat_message", said("two")))["data"]["count"], 2)


@scene("a restore that fails refuses the reload, and nothing has happened", start=False)
async def _(server):
    write(server, "counter", "1.0.0", COUNTER % (SAVES, RESTORES))
    await start(server, '"chat"', '"counter"')
    [romeo] = await verona(server, "romeo")
    equal((await romeo.do("chat_message", said("one")))["data"]["count"], 1)
    write(server, "counter", "2.0.0",
          'hd1.emit{ type = "chat_message", session_id = "verona", data = { text = "ghost" } }'
          + COUNTER % (SAVES, 'error("what is " .. state.count)'), NOTED % "durable")
    answer = await server.reload(is_checked=False)
    assert re.search(r"counter\.lua:\d+: what is 1", answer["details"]["faults"][0]), answer
    await server.wait_log("area=counter .*hook=restore generation=2")
    assert "noted" not in await types(server)
    equal((await romeo.do("chat_message", said("two")))["data"]["count"], 2)
    equal([e["data"]["text"] for e in await server.history("verona", since=1)], ["one", "two"])


@scene("what a setup emits goes out once the new generation is in force", start=False)
async def _(server):
    await start(server, '"chat"')
    [romeo] = await verona(server, "romeo")
    write(server, "herald", "1.0.0", """
      hd1.emit{ type = "chat_message", session_id = "verona", data = { text = "hear ye" } }
      return {}""")
    configure(server, '"chat"', '"herald"')
    await server.reload()
    event = await romeo.expect("chat_message")
    equal((event["data"]["text"], event["client_id"]), ("hear ye", "herald"))


# --- what is left behind ---

@scene("many reloads leave nothing behind", start=False,
       env={"ASAN_OPTIONS": "abort_on_error=0:detect_leaks=1:quarantine_size_mb=1"})
async def _(server):
    keeper = """
      local seen = {}
      return {
        before_message = function(client) seen[client] = (seen[client] or 0) + 1 end,
        before_event = function(event, client) seen[event.type] = client end,
        after_join = function(client, session) seen[session.id] = client end,
        save = function() return { ("x"):rep(100000) } end,
        restore = function(state) seen.text = state[1] end }"""
    write(server, "keeper", "1.0.0", keeper, NOTED % "durable")
    await start(server, '"rate_limit"', '"validate"', '"chat"', '"keeper"')
    romeo, _ = await verona(server, "romeo", "juliet")

    async def reload_often(count):
        for number in range(count):
            if number % 5 == 0:
                write(server, "keeper", "broken", keeper + ")", NOTED % "volatile")
                await server.reload(is_checked=False)
            lane = ("durable", "volatile")[number % 2]
            write(server, "keeper", f"{number}", keeper, NOTED % lane)
            await server.reload()
            await romeo.do("chat_message", said("still here"))

    await reload_often(15)
    before = server.resident_bytes(), server.descriptor_count()
    await reload_often(50)
    after = server.resident_bytes()
    assert after - before[0] < 8 << 20, f"{before[0]} bytes became {after}"
    await until(lambda: server.descriptor_count() <= before[1], what="descriptors to be closed")


run()
