#!/usr/bin/python3
"""Coming back: from the ring, from the database, over restarts, and when the server knows less."""

import asyncio
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from hd1 import equal, run, scene, until

BARE = "return { plugins = {} }"
EVENTS = "/api/sessions/verona/events"


def made(name):
    return {"type": "object_created", "data": {"object": {"name": name, "type": "cube", "x": 0}}}


def updated(name, x):
    return {"session_id": "verona", "object": {"name": name, "x": x}}


async def fill(server, count, first=0):
    """count objects: count events."""
    for start in range(first, first + count, 500):
        names = [f"o{i}" for i in range(start, min(start + 500, first + count))]
        answer = await server.post(EVENTS, [made(name) for name in names])
        equal(answer.status, 200, repr(answer))


async def whole(server, replica):
    """The replica is what the server has."""
    things, cursor = {}, ""
    while cursor is not None:
        page = (await server.get(f"/api/sessions/verona/objects?limit=1000{cursor}")).json
        things.update({thing["name"]: thing for thing in page["items"]})
        cursor = page["next"] and f"&cursor={page['next']}"
    equal(replica.objects, things, "objects")


@scene("who comes back misses nothing and sees nothing twice")
async def _(server):
    await server.create_session("verona")
    romeo, juliet = await server.joined("verona", "romeo", "juliet")
    await fill(server, 10)
    replica = await juliet.reach("verona", 11)
    juliet.abort()
    await romeo.expect("client_disconnected")
    await fill(server, 10, first=10)
    again = await server.client("juliet")
    replica = await again.join("verona", replica=replica)
    resumed = again.of_type("session_resumed")[0]["data"]
    equal((resumed["from"], resumed["to"], resumed["epoch"]), (12, 21, replica.epoch))
    await again.reach("verona", 21)
    equal([m["seq"] for m in replica.events], list(range(2, 22)))
    equal(again.of_type("session_snapshot"), [])
    await whole(server, replica)


@scene("from the very beginning, and from the head")
async def _(server):
    await server.create_session("verona")
    epoch = (await server.get("/api/sessions/verona")).json["epoch"]
    await fill(server, 700)
    romeo = await server.client("romeo")
    replica = await romeo.join("verona", since=0, epoch=epoch)
    await romeo.reach("verona", 701)
    equal([m["seq"] for m in replica.events], list(range(1, 702)))
    await whole(server, replica)
    juliet = await server.client("juliet")
    replica = await juliet.join("verona", since=701, epoch=epoch)
    await romeo.do("object_updated", updated("o0", 1))
    await juliet.reach("verona", 702)
    equal([m["seq"] for m in replica.events], [702])


@scene("from the database, when a restart has emptied the ring", config=BARE)
async def _(server):
    await server.create_session("verona")
    await fill(server, 1500)
    [romeo] = await server.joined("verona", "romeo")
    known = romeo.replicas["verona"]
    known_epoch = known.epoch
    await romeo.do("object_updated", updated("o0", 1))
    for is_killed in (True, False):
        await server.restart(is_killed)
        client = await server.client("romeo")
        replica = await client.join("verona", since=3, epoch=known_epoch)
        assert client.of_type("session_resumed"), "a snapshot"
        assert replica.epoch != known_epoch, "the epoch must be new"
        await client.reach("verona", 1502)
        equal([m["seq"] for m in replica.events], list(range(4, 1503)))
        await client.do("object_updated", updated("o1", 1 if is_killed else 2))
        if is_killed:
            client.abort()
            await fill(server, 0)
            break
    again = await server.client("romeo")
    await again.join("verona", replica=known)
    await again.reach("verona", 1503)
    await whole(server, known)


@scene("a big log is read from the database while new events come", config=BARE)
async def _(server):
    await server.create_session("verona")
    await fill(server, 3000)
    epoch = (await server.get("/api/sessions/verona")).json["epoch"]
    await server.restart(is_killed=True)
    [romeo] = await server.joined("verona", "romeo")
    resumers = [await server.client(f"resumer-{index}") for index in range(4)]
    replicas = []

    async def talk():
        for index in range(150):
            await romeo.do("object_updated", updated(f"o{index}", index % 12))

    async def come(client):
        replicas.append(await client.join("verona", since=1, epoch=epoch))

    await asyncio.gather(talk(), *[come(client) for client in resumers])
    for client, replica in zip(resumers, replicas):
        await client.reach("verona", 3151)
        equal([m["seq"] for m in replica.events], list(range(2, 3152)))


@scene("an unknown epoch, or none, gives a snapshot with the reason")
async def _(server):
    await server.create_session("verona")
    await fill(server, 5)
    for epoch, since, reason in (("e-nonsense", 3, "unknown_epoch"), ("", 3, "unknown_epoch"),
                                 ("x" * 500, 0, "unknown_epoch"), (None, 3, "unknown_epoch")):
        client = await server.client("romeo")
        replica = await client.join("verona", since=since, epoch=epoch)
        equal((replica.reason, replica.seq, len(replica.objects)), (reason, 6, 5), f"{epoch}")
    fresh = await server.client("fresh")
    equal((await fresh.join("verona")).reason, None)


@scene("a since that the server never reached is server_behind")
async def _(server):
    await server.create_session("verona")
    await fill(server, 5)
    [romeo] = await server.joined("verona", "romeo")
    epoch = romeo.replicas["verona"].epoch
    ahead = await server.client("ahead")
    equal((await ahead.join("verona", since=7, epoch=epoch)).reason, "server_behind")
    await server.restart()
    [_] = await server.joined("verona", "first")
    await fill(server, 5, first=5)
    ahead = await server.client("ahead")
    # the old epoch ended with 6: what came after it is of another history
    replica = await ahead.join("verona", since=8, epoch=epoch)
    equal((replica.reason, replica.seq), ("server_behind", 11))


@scene("a since that is no seq is refused")
async def _(server, romeo):
    await server.create_session("verona")
    for since in (-1, 1.5, "3", [], 10**20):
        await romeo.send("join", {"session_id": "verona", "since": since, "epoch": "e-1"},
                         id=romeo.next_id())
        assert (await romeo.expect("error"))["data"]["status"] == 400, since
    await romeo.join("verona")


@scene("an expired log gives a snapshot", config="""return {
  plugins = {}, keep = { events = 50 }, timeouts = { idle_s = 1 } }""")
async def _(server):
    await server.create_session("verona")
    epoch = (await server.get("/api/sessions/verona")).json["epoch"]
    await fill(server, 300)
    await server.restart()

    async def is_pruned():
        page = (await server.get(EVENTS + "?limit=1")).json
        return page["items"] and page["items"][0]["seq"] > 2

    await until(is_pruned, what="pruning")
    romeo = await server.client("romeo")
    replica = await romeo.join("verona", since=2, epoch=epoch)
    equal((replica.reason, replica.seq, len(replica.objects)), ("expired", 301, 300))


@scene("leaving while history is read, and joining anew, mixes nothing up", config=BARE)
async def _(server):
    await server.create_session("verona")
    await fill(server, 1200)
    epoch = (await server.get("/api/sessions/verona")).json["epoch"]
    await server.restart(is_killed=True)
    [romeo] = await server.joined("verona", "romeo")
    for since in (1, 600, 1100):
        client = await server.client(f"hasty-{since}")
        old = {"session_id": "verona", "since": since, "epoch": epoch}
        for kind, data in (("join", old), ("leave", {"session_id": "verona"}), ("join", old),
                           ("leave", {"session_id": "verona"})):
            await client.send(kind, data)
        await client.send("join", {"session_id": "verona"})
        await client.expect("session_snapshot", lambda m: m["data"]["last"])
        replica = client.replicas["verona"]
        equal(len(replica.objects), 1200)
        event = await romeo.do("object_updated", updated("o0", 1))
        await client.reach("verona", event["seq"])
        last = await client.expect("object_updated", lambda m: m["seq"] == event["seq"])
        equal(last["data"], event["data"])


@scene("comings and goings under load: every client sees 1..N once each", config=BARE)
async def _(server):
    await server.create_session("verona")
    await fill(server, 20)
    [writer] = await server.joined("verona", "writer")
    is_over = False
    written = 0
    rounds = [0] * 5  # of each wanderer

    async def write():
        nonlocal written, is_over
        index = 0
        while index < 600 or min(rounds) < 2:
            event = await writer.do("object_updated", updated(f"o{index % 20}", index % 12))
            written = event["seq"]
            index += 1
        is_over = True

    async def wander(number):
        client = await server.client(f"wanderer-{number}")
        replica = await client.join("verona")
        first = client.of_type("session_snapshot")[0]["data"]["seq"]
        while not is_over:
            await client.reach("verona", min(written, replica.seq + 20 + number * 7))
            client.abort()
            await client.closed()  # and all that had come is in the replica
            client = await server.client(f"wanderer-{number}")
            await client.join("verona", replica=replica)
            rounds[number] += 1
        await client.reach("verona", written)
        seqs = [m["seq"] for m in replica.events]
        equal((len(seqs), seqs[0], seqs[-1]), (written - first, first + 1, written))
        equal(seqs, sorted(set(seqs)))
        await whole(server, replica)

    await asyncio.gather(write(), *[wander(n) for n in range(5)])


@scene("what is resumed is what was seen, byte for byte", config=BARE)
async def _(server):
    await server.create_session("verona")
    epoch = (await server.get("/api/sessions/verona")).json["epoch"]
    [romeo] = await server.joined("verona", "romeo")
    texts = ['{"type":"object_created","id":1000,"data":{ "session_id" : "verona","object":'
             '{"name":"rose","type":"sphere","x":1.50,"n":"\\u00e9\\/"} }}',
             '{"id":1001,"data":{"object":{"x":2e0,"name":"rose","n":null},"session_id":"verona"},'
             '"type":"object_updated"}']
    for text in texts:
        await romeo.send_text(text)
    await romeo.reach("verona", 3)
    await server.restart(is_killed=True)
    again = await server.client("again")
    await again.join("verona", since=1, epoch=epoch)
    await again.reach("verona", 3)
    equal([m for m in again.log if m.get("seq")], [m for m in romeo.log if m.get("seq", 0) > 1])


run()
