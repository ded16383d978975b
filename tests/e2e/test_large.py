#!/usr/bin/python3
"""Much at once: large sessions, large batches, and clients that do not keep up."""

import asyncio
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from hd1 import equal, run, scene
from hd1_raw import CLOSE, PING, PONG, TEXT, RawWebSocket

BARE = "return { plugins = {} }"
PATIENT = "queue_messages = 65536, queue_bytes = 268435456,"  # nobody is cut for being behind
PINGS = f"return {{ plugins = {{}}, {PATIENT} timeouts = {{ ping_s = 1, read_s = 6 }} }}"
STALLS = f"return {{ plugins = {{}}, {PATIENT} timeouts = {{ write_s = 2 }} }}"
EVENTS = "/api/sessions/verona/events"


def made(name, **members):
    return {"type": "object_created", "data": {"object": {"name": name, "type": "cube", **members}}}


def updated(name, **members):
    return {"type": "object_updated", "data": {"object": {"name": name, **members}}}


async def post(server, events):
    answer = await server.post(EVENTS, events, timeout=60)
    equal(answer.status, 200, repr(answer))
    return answer.json["last_seq"]


async def snapshot_of(raw):
    """Reads the snapshot to its last page; returns the data of its first."""
    first = None
    while True:
        page = json.loads(await raw.expect_message("session_snapshot"))["data"]
        first = first or page
        if page["last"]:
            return first


async def objects_of(server):
    things, cursor = {}, ""
    while cursor is not None:
        page = (await server.get(f"/api/sessions/verona/objects?limit=1000{cursor}")).json
        things.update({thing["name"]: thing for thing in page["items"]})
        cursor = page["next"] and f"&cursor={page['next']}"
    return things


@scene("joiners of a 20,000-object session while events flow: each event once", config=BARE)
async def _(server):
    await server.create_session("verona")
    for start in range(0, 20000, 1000):
        await post(server, [made(f"o{index}", x=index % 12, color="#ffffff")
                            for index in range(start, start + 1000)])
    [writer] = await server.joined("verona", "writer")
    equal(len(writer.replicas["verona"].objects), 20000)
    pages = writer.of_type("session_snapshot")
    equal([page["data"]["page"] for page in pages], list(range(len(pages))))
    equal([page["data"]["last"] for page in pages], [False] * (len(pages) - 1) + [True])
    assert max(len(json.dumps(page, separators=(",", ":"))) for page in pages) <= 65536 + 200
    is_over = False

    async def flow():
        index = 0
        while not is_over:
            await writer.do("object_updated", {"session_id": "verona", "object": {
                "name": f"o{index * 37 % 20000}", "x": index % 12}})
            if index % 10 == 0:
                await writer.do("object_deleted", {"session_id": "verona", "name": f"o{index}"})
                await writer.do("object_created", {"session_id": "verona", "object": {
                    "name": f"n{index}", "type": "cube"}})
            index += 1
        return writer.replicas["verona"].seq

    async def come(number):
        client = await server.client(f"joiner-{number}")
        return client, await client.join("verona")

    async def crawl():
        """A raw client that takes its pages in small bites."""
        raw = await RawWebSocket.connect(server, "/ws/verona", receive_bytes=4096)
        while True:
            page = json.loads(await raw.expect_message("session_snapshot"))["data"]
            if page["page"] == 0:
                seq, names = page["seq"], set()
            names |= {thing["name"] for thing in page["objects"]}
            if page["last"]:
                break
        equal(len(names), 20000)
        for expected in range(seq + 1, seq + 51):
            text = await raw.expect(TEXT, lambda text: b'"seq":' in text)
            equal(json.loads(text)["seq"], expected)
        raw.close()

    flowing = asyncio.create_task(flow())
    joined = await asyncio.gather(*[come(number) for number in range(4)])
    await crawl()
    is_over = True
    last = await flowing
    things = await objects_of(server)
    for client, replica in joined:
        first = client.of_type("session_snapshot")[0]["data"]["seq"]
        await client.reach("verona", last)
        equal([m["seq"] for m in replica.events], list(range(first + 1, last + 1)))
        assert replica.objects == things, f"{client.name} has another state"
    equal(len(things), 20000)


@scene("the same session after a kill: loaded, and as it was", config=BARE)
async def _(server):
    await server.create_session("verona")
    for start in range(0, 5000, 1000):
        await post(server, [made(f"o{index}") for index in range(start, start + 1000)])
        await post(server, [updated(f"o{index}", x=5) for index in range(start, start + 1000, 2)])
    before = await objects_of(server)
    await server.restart(is_killed=True)
    things = await objects_of(server)
    assert things == before, "another state"
    [romeo] = await server.joined("verona", "romeo")
    assert romeo.replicas["verona"].objects == before


@scene("one array of 300 events cuts nobody, not even who does not read just then", config=BARE)
async def _(server):
    await server.create_session("verona")
    await post(server, [made(f"o{index}") for index in range(300)])
    romeo, juliet = await server.joined("verona", "romeo", "juliet")
    raw = await RawWebSocket.connect(server, "/ws/verona", receive_bytes=4096)
    await snapshot_of(raw)
    last = await post(server, [updated(f"o{index}", note="x" * 3000) for index in range(300)])
    for client in (romeo, juliet):
        await client.reach("verona", last)
    for seq in range(302, last + 1):
        equal(json.loads(await raw.expect(TEXT, lambda t: b'"seq":' in t))["seq"], seq)
    await romeo.do("object_updated", {"session_id": "verona", "object": {"name": "o1", "x": 1}})
    await raw.expect_message("object_updated")
    raw.close()


async def write_until_cut(server, slow_id, size):
    """Writes events until the server has had enough of the slow one; returns the last seq."""
    for _ in range(100):
        seq = await post(server, [updated("o0", note="x" * size) for _ in range(20)])
        if [line for line in server.log if "slow client cut" in line and slow_id in line]:
            return seq
    raise AssertionError(f"not cut after {100 * 20} events of {size} bytes")


async def read_until_closed(raw, expected):
    """Reads events from seq `expected` on; returns the next one, when the close frame has come."""
    while True:
        opcode, payload = await raw.frame()
        if opcode == CLOSE:
            equal(int.from_bytes(payload[:2], "big"), 4008, "close code")
            return expected
        if b'"seq":' in payload[-120:]:
            equal(json.loads(payload)["seq"], expected)
            expected += 1


@scene("who stops reading is closed with 4008, by bytes or by messages; nobody else notices",
       config="return { plugins = {}, log = { level = 'debug' } }")
async def _(server):
    await server.create_session("verona")
    await post(server, [made("o0")])
    romeo, juliet = await server.joined("verona", "romeo", "juliet")
    for size in (20000, 1500):
        raw = await RawWebSocket.connect(server, "/ws/verona", receive_bytes=4096)
        slow_id = json.loads(await raw.expect_message("welcome"))["data"]["client_id"]
        snapshot = await snapshot_of(raw)
        await post(server, [updated("o0", note="")])
        await raw.expect_message("object_updated")  # now it is live, no longer catching up
        last = await write_until_cut(server, slow_id, size)
        expected = await read_until_closed(raw, snapshot["seq"] + 2)
        raw.close()
        await romeo.expect("client_disconnected", lambda m: m["client_id"] == slow_id)
        # it comes back by seq and loses nothing
        again = await server.client("again")
        replica = await again.join("verona", since=expected - 1, epoch=snapshot["epoch"])
        await again.reach("verona", last)
        equal([m["seq"] for m in replica.events], list(range(expected, last + 1)))
        again.abort()
    for client in (romeo, juliet):
        await client.reach("verona", last)
        equal(client.close_code, None)


@scene("who takes no byte for write_s is cut, though nothing more is written", config=STALLS)
async def _(server):
    await server.create_session("verona")
    await post(server, [made("o0")])
    [romeo] = await server.joined("verona", "romeo")
    raw = await RawWebSocket.connect(server, "/ws/verona", receive_bytes=4096)
    mine = json.loads(await raw.expect_message("welcome"))["data"]["client_id"]
    await snapshot_of(raw)
    await post(server, [updated("o0", note="x" * 30000) for _ in range(30)])
    for _ in range(9):  # more than any socket buffer
        await post(server, [updated("o0", note="x" * 30000) for _ in range(30)])
    await romeo.expect("client_disconnected", lambda m: m["client_id"] == mine)
    raw.close()


@scene("pings come between whole frames, and who answers lives", config=PINGS)
async def _(server):
    await server.create_session("verona")
    await post(server, [made("o0")])
    [romeo] = await server.joined("verona", "romeo")
    raw = await RawWebSocket.connect(server, "/ws/verona")
    await snapshot_of(raw)
    is_over = False

    async def flow():
        while not is_over:
            await post(server, [updated("o0", note="x" * 9000) for _ in range(20)])

    flowing = asyncio.create_task(flow())
    pings, seq, events = 0, None, 0
    while pings < 8 or events < 100:  # longer than read_s
        opcode, payload = await raw.frame()
        if opcode == PING:
            pings += 1
            await raw.send_frame(PONG, payload)
        else:
            equal(opcode, TEXT)
            message = json.loads(payload)  # whole, or this fails
            if "seq" in message:
                assert seq is None or message["seq"] == seq + 1, (seq, message["seq"])
                seq = message["seq"]
                events += 1
    is_over = True
    await flowing
    equal(romeo.close_code, None)
    raw.close()


@scene("who answers no ping is dead after read_s, and the others are told", config=PINGS)
async def _(server):
    await server.create_session("verona")
    [romeo] = await server.joined("verona", "romeo")
    raw = await RawWebSocket.connect(server, "/ws/verona")
    mine = json.loads(await raw.expect_message("welcome"))["data"]["client_id"]
    await raw.expect(PING)
    left = await romeo.expect("client_disconnected")
    equal(left["client_id"], mine)
    raw.close()


@scene("a deleted session tells even those who were catching up", config=BARE)
async def _(server):
    await server.create_session("verona")
    for start in range(0, 3000, 1000):
        await post(server, [made(f"o{index}", note="x" * 500)
                            for index in range(start, start + 1000)])
    raw = await RawWebSocket.connect(server, "/ws/verona", receive_bytes=4096)
    await raw.expect_message("welcome")
    [romeo] = await server.joined("verona", "romeo")
    equal((await server.http("DELETE", "/api/sessions/verona")).status, 204)
    await romeo.expect("session_deleted")
    await raw.expect_message("session_deleted")
    raw.close()


@scene("fifty clients, one session: all see the same, in the same order", config=BARE)
async def _(server):
    await server.create_session("verona")
    await post(server, [made(f"o{index}") for index in range(50)])
    clients = await server.joined("verona", *[f"c{index}" for index in range(50)])

    async def write(client, number):
        for index in range(20):
            await client.do("object_updated", {"session_id": "verona", "object": {
                "name": f"o{(number + index) % 50}", "by": number, "x": index % 12}})

    await asyncio.gather(*[write(client, number) for number, client in enumerate(clients)])
    for client in clients:
        await client.reach("verona", 1051)
    first, *others = [client.replicas["verona"].events[-1000:] for client in clients]
    for other in others:
        assert other == first, "another order"


run()
