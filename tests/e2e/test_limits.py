#!/usr/bin/python3
"""Bounds: how often, how many, from where. What is over them is told so, and harms nobody else."""

import asyncio
import http.client
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from hd1 import Refused, equal, run, scene, until
from hd1_raw import Raw, RawWebSocket

RATES = """return { plugins = { { "rate_limit",
  client = { rate = %s, burst = %s }, address = { rate = %s, burst = %s },
  session = { rate = %s, burst = %s } }, "validate", "chat" } }"""


def rates(client=(1000, 1000), address=(10000, 10000), session=(10000, 10000)):
    return RATES % (*client, *address, *session)


def said(text="hark!"):
    return {"session_id": "verona", "text": text}


@scene("over the rate: 429 with retry_after_ms, and after that time it works",
       config=rates(client=(0.5, 5)))
async def _(server):
    await server.create_session("verona")
    [romeo] = await server.joined("verona", "romeo")
    for own in range(100, 120):
        await romeo.send("chat_message", said(), id=own)
    first = (await romeo.expect("error"))["data"]
    equal((first["status"], first["code"]), (429, "rate_limited"))
    assert 0 < first["retry_after_ms"] <= 2000, first
    equal([m["id"] for m in await romeo.collect(4, "chat_message")], [100, 101, 102, 103])

    async def is_allowed():
        try:
            return await romeo.do("chat_message", said())
        except Refused as refused:
            equal(refused.code, "rate_limited")
            return None
    romeo._ids = iter(range(200, 10000))
    await until(is_allowed, what="the bucket to fill")


@scene("arrays are charged for each event, and wholly or not at all",
       config=rates(client=(1, 1000), session=(1, 150)))
async def _(server):
    await server.create_session("verona")
    events = [{"type": "chat_message", "data": {"text": "hark!"}}] * 100
    equal((await server.post("/api/sessions/verona/events", events)).status, 200)
    answer = await server.post("/api/sessions/verona/events", events)
    equal((answer.status, answer.json["code"]), (429, "rate_limited"))
    assert answer.json["retry_after_ms"] >= 10000, answer
    assert int(answer.headers["retry-after"]) >= 10, answer.headers
    equal((await server.get("/api/sessions/verona")).json["seq"], 101)


@scene("nonsense, joins and reconnects do not get around it", config=rates(address=(0.01, 40)))
async def _(server):
    await server.create_session("verona")
    refused = 0
    for index in range(8):
        client = await server.client(f"c{index}")
        for _ in range(10):
            await client.send_text("nonsense")
        await client.send("presence", {}, id=1)
        await client.expect("error", lambda m: m["data"].get("id") == 1)
        refused += sum(m["data"]["code"] == "rate_limited" for m in client.of_type("error"))
        client.abort()
    assert refused >= 40, refused
    answer = await server.post("/api/sessions", {"id": "padua"})
    equal((answer.status, answer.json["code"]), (429, "rate_limited"))
    equal((await server.get("/api/sessions/verona")).status, 200, "reading")


@scene("a session's limit holds however its id is written, and for joins by path",
       config=rates(session=(0.01, 3)))
async def _(server):
    await server.create_session("verona")
    romeo = await server.client("romeo")
    for text in ('"verona"', '"veron\\u0061"', '"\\u0076erona"', '"verona"'):
        await romeo.send_text('{"type":"join","id":%d,"data":{"session_id":%s}}'
                              % (romeo.next_id(), text))
    error = (await romeo.expect("error", lambda m: m["data"]["code"] == "rate_limited"))["data"]
    equal(error["id"], 3)  # of three the first was that the session was made
    juliet = await server.client("juliet", path="/ws/verona")
    equal((await juliet.expect("error"))["data"]["code"], "rate_limited")


@scene("names that are none do not fill the plugins' memory", config=rates(
    client=(10 ** 6, 10 ** 6), address=(10 ** 6, 10 ** 6)))
async def _(server):
    await server.create_session("verona")
    [romeo] = await server.joined("verona", "romeo")
    flood = await server.client("flood")
    for index in range(400):
        name = "%d" % index + "x" * 60000
        await flood.send_text('{"type":"join","data":{"session_id":"%s"}}' % name)
    await flood.send("presence", {}, id=10 ** 6)
    await flood.expect("error", lambda m: m["data"].get("id") == 10 ** 6)
    for _ in range(22):
        answer = await server.get("/api/x/chat/%s/history" % ("y" * 300))
        equal((answer.status, answer.json["code"]), (400, "invalid_query"))
    await romeo.do("chat_message", said())
    found = await server.metrics()
    equal(found['hd1_plugin_errors_total{plugin="rate_limit",hook="before_message"}'], 0)


@scene("one client's flood costs the others nothing", config=rates(client=(0.1, 20)))
async def _(server):
    await server.create_session("verona")
    romeo, juliet = await server.joined("verona", "romeo", "juliet")
    for own in range(2, 2000):
        await romeo.send("chat_message", said(), id=own)
    for _ in range(10):
        await juliet.do("chat_message", said())
    heard = [m for m in juliet.of_type("chat_message") if m["client_id"] == romeo.id]
    assert len(heard) < 100, len(heard)


FEW = "return { plugins = {}, limits = { connections = 20, connections_per_address = 5 } }"


@scene("connections per address: the sixth is turned away, until one goes", config=FEW)
async def _(server):
    held = [await RawWebSocket.connect(server) for _ in range(3)]
    held += [await Raw.open(server) for _ in range(2)]
    for raw in held[3:]:
        equal((await raw.ask("GET /healthz HTTP/1.1\r\n\r\n")).status, 200)
    for _ in range(3):
        sixth = await Raw.open(server)
        try:
            equal((await sixth.response()).status, 503)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        await sixth.ended()
    held.pop().close()

    async def is_let_in():
        raw = await Raw.open(server)
        try:
            return (await raw.ask("GET /healthz HTTP/1.1\r\n\r\n")).status == 200
        except (asyncio.IncompleteReadError, ConnectionError):
            return False
        finally:
            raw.close()
    await until(is_let_in, what="the freed place")
    await held[0].send_message("presence", {})
    await held[0].expect_message("error")
    for raw in held:
        raw.close()


@scene("connections in all", config="return { plugins = {}, limits = { connections = 4 } }")
async def _(server):
    held = [await RawWebSocket.connect(server) for _ in range(4)]
    fifth = await Raw.open(server)
    try:
        equal((await fifth.ask("GET /healthz HTTP/1.1\r\n\r\n")).status, 503)
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    for raw in held:
        raw.close()
    await until(lambda: is_served(server), what="room again")


async def is_served(server):
    try:
        return (await server.get("/healthz")).status == 200
    except (OSError, http.client.HTTPException):
        return False


SMALL = """return { plugins = {}, limits = { message_bytes = 2048, body_bytes = 4096,
  events_per_request = 10 } }"""


@scene("the bounds of the configuration hold", config=SMALL)
async def _(server):
    await server.create_session("verona")
    [romeo, juliet] = await server.joined("verona", "romeo", "juliet")
    equal(romeo.welcome["limits"]["message_bytes"], 2048)
    await juliet.send_text('{"type":"join","pad":"' + "x" * 2048 + '"}')
    equal(await juliet.closed(), 1009)
    answer = await server.post("/api/sessions/verona/objects",
                               {"name": "a", "type": "b", "note": "x" * 4096})
    equal((answer.status, answer.json["code"]), (413, "too_large"))
    events = [{"type": "object_created", "data": {"object": {"name": f"o{i}", "type": "c"}}}
              for i in range(11)]
    answer = await server.post("/api/sessions/verona/events", events)
    equal((answer.status, answer.json["code"]), (413, "too_large"))
    equal((await server.post("/api/sessions/verona/events", events[:10])).status, 200)
    await romeo.reach("verona", 11)


@scene("a long body that is JSON, but nothing that anybody wants, is refused",
       config="return { plugins = {} }")
async def _(server):
    await server.create_session("verona")
    for path in ("objects", "events", "script"):
        for body in (b"[" + b"1," * 400000 + b"1]", b'"' + b"x" * 900000 + b'"'):
            answer = await server.post(f"/api/sessions/verona/{path}", body)
            assert 400 <= answer.status < 500, answer
    equal((await server.get("/healthz")).status, 200)


@scene("a sender that outruns the disk is slowed, loses nothing, and stops nobody",
       config="""return { plugins = {}, limits = { pending_bytes = 1048576 },
  queue_messages = 65536, queue_bytes = 67108864 }""")
async def _(server):
    await server.create_session("verona")
    await server.create_session("mantua")
    [romeo] = await server.joined("verona", "romeo")
    [juliet] = await server.joined("mantua", "juliet")
    note = "x" * 30000
    sent = 300

    async def flood():
        for index in range(sent):
            await romeo.send("object_created", {"session_id": "verona", "object": {
                "name": f"o{index}", "type": "cube", "note": note}}, id=romeo.next_id())

    async def live():
        for index in range(30):
            try:
                await juliet.do("object_created", {"session_id": "mantua", "object": {
                    "name": f"o{index}", "type": "cube"}})
            except Refused as refused:
                equal((refused.status, refused.code), (503, "busy"))
                assert refused.error["retry_after_ms"] > 0, refused.error

    await asyncio.gather(flood(), live())
    done, busy = set(), set()

    def is_answered():
        done.update(m["id"] for m in romeo.of_type("object_created"))
        busy.update(m["data"]["id"] for m in romeo.of_type("error")
                    if m["data"]["code"] == "busy")
        return len(done) + len(busy) >= sent
    await until(is_answered, what="an answer to each")
    assert not done & busy, done & busy
    equal((await server.get("/api/sessions/verona")).json["objects"], len(done))


@scene("five hundred connections come and go", config="""return { plugins = {},
  limits = { connections_per_address = 1000 } }""")
async def _(server):
    await server.create_session("verona")
    [romeo] = await server.joined("verona", "romeo")
    before = server.descriptor_count()
    for _ in range(5):
        raws = await asyncio.gather(*[RawWebSocket.connect(server, "/ws/verona")
                                      for _ in range(100)])
        await asyncio.gather(*[raw.expect_message("session_snapshot") for raw in raws])
        for raw in raws:
            raw.close()
    await until(lambda: server.descriptor_count() <= before + 1, what="all to be gone")

    async def is_alone():
        return (await server.get("/api/sessions/verona")).json["clients"] == 1
    await until(is_alone, what="all to have left")
    await romeo.do("object_created", {"session_id": "verona",
                                      "object": {"name": "rose", "type": "cube"}})


run()
