#!/usr/bin/python3
"""POST and GET of events: arrays all or nothing, history, custom types, both ways in."""

import asyncio
import contextlib
import os
import sqlite3
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from hd1 import equal, run, scene

EVENTS = "/api/sessions/verona/events"
BARE = "return { plugins = {} }"


def created(name, **members):
    return {"type": "object_created", "data": {"object": {"name": name, "type": "cube", **members}}}


def updated(name, **members):
    return {"type": "object_updated", "data": {"object": {"name": name, **members}}}


def refused(answer, status, code):
    equal((answer.status, answer.json.get("code")), (status, code), repr(answer))
    return answer.json


@scene("one event by POST is the same as by WebSocket")
async def _(server):
    await server.create_session("verona")
    [romeo] = await server.joined("verona", "romeo")
    answer = await server.post(EVENTS, {"type": "chat_message", "data": {"text": "hark!"}})
    equal(answer.status, 200)
    equal((answer.json["first_seq"], answer.json["last_seq"], answer.json["count"]), (2, 2, 1))
    by_rest = await romeo.expect("chat_message")
    await romeo.send("chat_message", {"session_id": "verona", "text": "hark!"})
    by_socket = await romeo.expect("chat_message")
    equal(by_rest["data"], {"session_id": "verona", "text": "hark!"})
    equal(by_socket["data"], by_rest["data"])
    equal((by_rest["seq"], by_socket["seq"]), (2, 3))
    equal([e["data"] for e in await server.history("verona", since=1)], [by_rest["data"]] * 2)


@scene("an array is one step: dense seqs, in order, for all")
async def _(server):
    await server.create_session("verona")
    romeo, juliet = await server.joined("verona", "romeo", "juliet")
    events = [created(f"o{index}") for index in range(300)]
    events += [updated(f"o{index}", x=3) for index in range(300)]
    answer = await server.post(EVENTS, events)
    equal((answer.status, answer.json["first_seq"], answer.json["last_seq"]), (200, 2, 601))
    for client in (romeo, juliet):
        replica = await client.reach("verona", 601)
        equal(len(replica.objects), 300)
        equal([m["seq"] for m in replica.events], list(range(2, 602)))
    equal(romeo.replicas["verona"].events, juliet.replicas["verona"].events)


@scene("one bad event refuses the whole array, with its index, and nothing is seen of it")
async def _(server):
    await server.create_session("verona")
    await server.create_object("verona", "old", x=1)
    [romeo] = await server.joined("verona", "romeo")
    bad = (
        (created("old"), 409, "object_exists"),
        (created("new2"), 409, "object_exists"),  # by the array itself
        (updated("nobody", x=1), 404, "unknown_object"),
        ({"type": "object_updated",
          "data": {"object": {"name": "old", "x": 1}, "if_version": 1}}, 412, "version_mismatch"),
        ({"type": "tempest", "data": {}}, 422, "unknown_type"),
        ({"type": "session_deleted", "data": {}}, 422, "invalid_event"),
        ({"type": "object_created", "data": {"session_id": "padua", "object": {}}}, 422,
         "invalid_event"),
        ({"data": {}}, 400, "invalid_message"),
        (7, 400, "invalid_message"),
    )
    before = (await server.get("/api/sessions/verona/objects")).json
    for event, status, code in bad:
        array = [created("new1"), created("new2"), updated("old", x=5, note="no"),
                 {"type": "object_deleted", "data": {"name": "old"}}, created("old", y=7),
                 {"type": "world_updated", "data": {"world": {"size": 99}}}, event, created("new3")]
        problem = refused(await server.post(EVENTS, array), status, code)
        equal(problem["details"]["index"], 6, f"index of {event}")
        equal((await server.get("/api/sessions/verona/objects")).json, before)
    equal((await server.get("/api/sessions/verona/world")).json, {})
    equal((await server.get("/api/sessions/verona")).json["seq"], 2)
    await romeo.barrier("verona")
    equal(romeo.replicas["verona"].seq, 2)
    equal((await server.post(EVENTS, [created("new1")])).json["first_seq"], 3)


@scene("what is no array of events is refused")
async def _(server):
    await server.create_session("verona")
    for body, status in (("[]", 400), ("[[]]", 400), ("7", 400), ("[", 400), ("", 400), ("{}", 400),
                         ('{"type":"object_created"}', 422)):
        equal((await server.http("POST", EVENTS, body)).status, status, body)
    refused(await server.post(EVENTS, [created(f"o{i}") for i in range(1001)]), 413, "too_large")
    refused(await server.post("/api/sessions/padua/events", [created("a")]), 404, "unknown_session")
    equal((await server.get("/api/sessions/verona")).json["seq"], 1)


@scene("a body beyond the bound is refused before it is read")
async def _(server):
    await server.create_session("verona")
    answer = await server.raw(b"POST /api/sessions/verona/events HTTP/1.1\r\nHost: localhost\r\n"
                              b"Content-Length: 1048577\r\nContent-Type: application/json\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 "), answer[:200]
    big = [created(f"o{i}", note="x" * 10000) for i in range(103)]
    equal((await server.post(EVENTS, big)).status, 200)


@scene("history comes in pages, and from any point")
async def _(server):
    await server.create_session("verona")
    await server.post(EVENTS, [created(f"o{index}") for index in range(250)])
    for is_restarted in (False, True):
        if is_restarted:
            await server.restart()
        for limit in (1000, 100, 7):
            events = await server.history("verona", limit=limit)
            equal([e["seq"] for e in events], list(range(1, 252)), f"limit {limit}")
        page = (await server.get(EVENTS)).json
        equal((len(page["items"]), page["next"] is not None), (100, True))
        page = (await server.get(EVENTS + "?since=249&limit=10")).json
        equal(([e["seq"] for e in page["items"]], page["next"]), ([250, 251], None))
        for since in (251, 252, 10**9):
            page = (await server.get(f"{EVENTS}?since={since}")).json
            equal(page, {"items": [], "next": None})
    for query in ("since=x", "since=-1", "since=1.5", "limit=0", "limit=1001"):
        refused(await server.get(f"{EVENTS}?{query}"), 400, "invalid_request")
    refused(await server.get("/api/sessions/padua/events"), 404, "unknown_session")


@scene("history shows what was seen, byte for byte, also from the database")
async def _(server):
    await server.create_session("verona", world={"size": 33})
    [romeo] = await server.joined("verona", "romeo")
    await romeo.do("object_created", {"session_id": "verona", "object": {
        "name": "rose", "type": "sphere", "x": 1.50, "note": "é\"\\\n😀"}}, time_ms=12345)
    await romeo.do("chat_message", {"session_id": "verona", "text": "hark!"})
    seen = [m for m in romeo.log if "seq" in m and m["seq"] > 1]
    from_ring = (await server.get(EVENTS + "?since=1")).body
    equal((await server.history("verona", since=1)), seen)
    await server.restart(is_killed=True)
    equal((await server.get(EVENTS + "?since=1")).body, from_ring)


@scene("many writers at once: one order, the same for all", config=BARE)
async def _(server):
    await server.create_session("verona")
    clients = await server.joined("verona", *[f"c{index}" for index in range(6)])

    async def write(client):
        for index in range(30):
            await client.do("object_created", {"session_id": "verona", "object": {
                "name": f"{client.name}-{index}", "type": "cube"}})

    async def post(number):
        for index in range(10):
            answer = await server.post(EVENTS, [created(f"r{number}-{index}-{i}")
                                                for i in range(5)])
            equal(answer.json["last_seq"] - answer.json["first_seq"], 4)

    await asyncio.gather(*[write(c) for c in clients], *[post(n) for n in range(2)])
    last = 1 + 6 * 30 + 2 * 10 * 5
    for client in clients:
        await client.reach("verona", last)
    orders = {str(client.replicas["verona"].events) for client in clients}
    equal(len(orders), 1, "different orders")
    times = [m["time_ms"] for m in clients[0].replicas["verona"].events]
    equal(times, sorted(times), "time_ms")


@scene("the types that can be sent are listed, with their schemas")
async def _(server):
    items = (await server.get("/api/event-types")).json["items"]
    types = {item["name"]: item for item in items}
    assert {"session_created", "session_deleted", "world_initialized", "world_updated",
            "object_created", "object_updated", "object_deleted", "object_moved", "camera_moved",
            "camera_orbit_started", "chat_message"} <= set(types), sorted(types)
    equal((types["object_moved"]["lane"], types["object_created"]["lane"]),
          ("volatile", "durable"))
    equal((types["chat_message"]["owner"], types["object_created"]["owner"]), ("chat", "core"))
    equal(types["client_connected"]["sendable"], False)
    equal(types["object_created"]["schema"]["title"], "object_created")


@scene("an if_version that is no version is refused", config=BARE)
async def _(server):
    await server.create_session("verona")
    await server.create_object("verona", "rose")
    for version in (-1, 2.5, "2", None, True):
        answer = await server.post(EVENTS, {"type": "object_updated", "data": {
            "object": {"name": "rose", "x": 1}, "if_version": version}})
        refused(answer, 422, "invalid_event")


@scene("an object and a world have as many properties as a message may bring, and no more",
       config=BARE)
async def _(server):
    await server.create_session("verona")
    await server.create_object("verona", "rose")
    rose, world = "/api/sessions/verona/objects/rose", "/api/sessions/verona/world"
    for path in (rose, world):
        many = [{f"p{batch}_{i}": i for i in range(500)} for batch in range(3)]
        for batch in many[:2]:
            equal((await server.http("PATCH", path, batch)).status, 200)
        refused(await server.http("PATCH", path, many[2]), 413, "too_large")
    equal((await server.http("PUT", rose, (await server.get(rose)).json)).status, 200)


@scene("a damaged row is not sent on, nor does it harm other sessions", config=BARE)
async def _(server):
    damage = {
        "verona": "UPDATE objects SET body = ''", "padua": "UPDATE objects SET body = '{\"a\":'",
        "mantua": "UPDATE sessions SET world = '{\"a\":'", "venice": "UPDATE sessions SET camera = '['",
        "milan": "UPDATE events SET body = '{'", "pisa": "UPDATE events SET seq = 9007199254740991"}
    for name in (*damage, "rome"):
        await server.create_session(name)
        await server.create_object(name, "rose")
    await server.stop()
    with contextlib.closing(sqlite3.connect(server.folder / "data" / "hd1.db")) as db:
        for name, change in damage.items():
            [[key]] = db.execute("SELECT key FROM sessions WHERE id = ?", [name])
            column = "key" if " sessions " in change else "session"
            more = " AND seq = 2" if "seq = " in change else ""
            db.execute(f"{change} WHERE {column} = ?{more}", [key])
            if name == "milan":
                db.execute("UPDATE sessions SET objects_seq = 0 WHERE key = ?", [key])
        db.commit()
    await server.start()
    for name in damage:
        answer = await server.get(f"/api/sessions/{name}/objects")
        refused(answer, 503, "storage_unavailable")
    equal([o["name"] for o in (await server.get("/api/sessions/rome/objects")).json["items"]],
          ["rose"])


@scene("a log in which no object changes is not read from its beginning at each start")
async def _(server):
    await server.create_session("verona")
    said = {"type": "chat_message", "data": {"text": "hark"}}
    for _ in range(3):
        equal((await server.post(EVENTS, [said] * 1000)).status, 200)
    await server.stop()
    with contextlib.closing(sqlite3.connect(server.folder / "data" / "hd1.db")) as db:
        [[objects_seq]] = db.execute("SELECT objects_seq FROM sessions")
    assert objects_seq >= 2000, objects_seq  # which pruning leaves alone, too
    await server.start()


run()
