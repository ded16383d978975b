#!/usr/bin/python3
"""Sessions over REST: made, listed, described, ended, and still there after a restart."""

import asyncio
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from hd1 import equal, run, scene, until

BARE = "return { plugins = {} }"
CONFIGURED = """return { plugins = { "validate" },
  sessions = { demo = { script = "gallery" }, hall = { world = { size = 101 } } } }"""


def refused(answer, status, code):
    equal((answer.status, answer.json.get("code")), (status, code), repr(answer))
    return answer.json


async def ids_of(server):
    return [item["session_id"] for item in (await server.get("/api/sessions")).json["items"]]


@scene("POST makes a session: 201, Location and its detail")
async def _(server):
    answer = await server.post("/api/sessions", {"id": "verona", "world": {"size": 51}})
    equal((answer.status, answer.headers["location"]), (201, "/api/sessions/verona"))
    detail = answer.json
    equal((detail["session_id"], detail["seq"], detail["world"], detail["objects"],
           detail["clients"]), ("verona", 1, {"size": 51}, 0, 0))
    equal((await server.get("/api/sessions/verona")).json, detail)
    [event] = await server.history("verona")
    equal((event["type"], event["seq"], event["data"]["world"]), ("session_created", 1,
                                                                  {"size": 51}))


@scene("without a body or an id, the server finds one")
async def _(server):
    ids = set()
    for body in ("", "{}", '{"id":null}', '{"world":{"size":9}}'):
        answer = await server.http("POST", "/api/sessions", body)
        equal(answer.status, 201, body)
        session_id = answer.json["session_id"]
        assert re.match(r"session-[A-Za-z0-9]{8}$", session_id), session_id
        ids.add(session_id)
    equal(set(await ids_of(server)), ids)


@scene("what is no session is refused and makes none")
async def _(server):
    for body, status in (
            ("[]", 400), ("{", 400), ('{"id":"a","id":"b"}', 400), ('{"id":7}', 422),
            ('{"id":""}', 422), ('{"id":"two words"}', 422), ('{"id":"' + "x" * 65 + '"}', 422),
            ('{"id":"a","world":7}', 422), ('{"id":"a","world":[]}', 422),
            ('{"id":"a","world":{"size":"big"}}', 422), ('{"id":"a","world":{"size":-1}}', 422),
            ('{"id":"a","script":"nowhere"}', 404), ('{"id":"a","script":"../gallery"}', 404),
            ('{"id":"a","script":7}', 422),
            ('{"id":"a","world":{"note":"' + "x" * 33000 + '"}}', 413)):
        answer = await server.http("POST", "/api/sessions", body)
        if "script\":7" in body:
            assert answer.status in (404, 422), answer
        else:
            equal(answer.status, status, f"{body[:60]}: {answer}")
    equal(await ids_of(server), [])


@scene("the same id twice is 409; of twenty at once, one wins")
async def _(server):
    await server.create_session("verona")
    refused(await server.post("/api/sessions", {"id": "verona"}), 409, "session_exists")
    answers = await asyncio.gather(*[server.post("/api/sessions", {"id": "mantua"})
                                     for _ in range(20)])
    equal(sorted(answer.status for answer in answers), [201] + [409] * 19)
    await server.restart()
    refused(await server.post("/api/sessions", {"id": "verona"}), 409, "session_exists")


@scene("the list comes in pages, and is there after a restart", config=BARE)
async def _(server):
    ids = sorted(f"s{index:03}" for index in range(130))
    for session_id in reversed(ids):
        await server.create_session(session_id)
    for is_restarted in (False, True):
        if is_restarted:
            await server.restart(is_killed=True)
        for limit in (1000, 130, 50, 7):
            listed, cursor = [], ""
            while True:
                page = (await server.get(f"/api/sessions?limit={limit}{cursor}")).json
                listed += [item["session_id"] for item in page["items"]]
                if page["next"] is None:
                    break
                cursor = f"&cursor={page['next']}"
            equal(listed, ids, f"limit {limit}")
    refused(await server.get("/api/sessions?limit=0"), 400, "invalid_request")


@scene("the detail counts objects and clients")
async def _(server):
    await server.create_session("verona")
    await server.create_object("verona", "rose")
    [romeo] = await server.joined("verona", "romeo")
    detail = (await server.get("/api/sessions/verona")).json
    equal((detail["objects"], detail["clients"], detail["seq"]), (1, 1, 2))
    equal(detail["epoch"], romeo.replicas["verona"].epoch)
    refused(await server.get("/api/sessions/padua"), 404, "unknown_session")
    refused(await server.get("/api/sessions/two%20words"), 400, "invalid_request")


@scene("DELETE ends it for all; the id can be used anew, and begins at 1")
async def _(server):
    await server.create_session("verona")
    await server.create_object("verona", "rose")
    romeo, juliet = await server.joined("verona", "romeo", "juliet")
    epoch = romeo.replicas["verona"].epoch
    answer = await server.http("DELETE", "/api/sessions/verona")
    equal((answer.status, answer.body), (204, b""))
    for client in (romeo, juliet):
        equal((await client.expect("session_deleted"))["seq"], 3)
    for path in ("", "/objects", "/objects/rose", "/world", "/events", "/clients"):
        refused(await server.get("/api/sessions/verona" + path), 404, "unknown_session")
    refused(await server.http("DELETE", "/api/sessions/verona"), 404, "unknown_session")
    equal(await ids_of(server), [])
    await server.restart(is_killed=True)
    refused(await server.get("/api/sessions/verona"), 404, "unknown_session")
    equal((await server.create_session("verona"))["seq"], 1)
    equal((await server.get("/api/sessions/verona/objects")).json["items"], [])
    again = await server.client("again")
    replica = await again.join("verona", since=2, epoch=epoch)
    equal((replica.reason, replica.seq, replica.objects), ("unknown_epoch", 1, {}))


@scene("made and ended again and again, under load", config=BARE)
async def _(server):
    async def cycle(number):
        for index in range(10):
            answer = await server.post("/api/sessions", {"id": f"s{number % 3}"})
            assert answer.status in (201, 409), answer
            events = [{"type": "object_created", "data": {"object": {
                "name": f"o{number}-{index}-{i}", "type": "cube"}}} for i in range(20)]
            answer = await server.post(f"/api/sessions/s{number % 3}/events", events)
            assert answer.status in (200, 404), answer
            answer = await server.http("DELETE", f"/api/sessions/s{number % 3}")
            assert answer.status in (204, 404), answer

    await asyncio.gather(*[cycle(number) for number in range(6)])
    for session_id in await ids_of(server):
        equal((await server.http("DELETE", f"/api/sessions/{session_id}")).status, 204)
    await server.restart(is_killed=True)
    equal(await ids_of(server), [])


@scene("who is in is listed")
async def _(server):
    await server.create_session("verona")
    romeo, juliet = await server.joined("verona", "romeo", "juliet")
    items = (await server.get("/api/sessions/verona/clients")).json["items"]
    equal({item["client_id"] for item in items}, {romeo.id, juliet.id})
    page = (await server.get("/api/sessions/verona/clients?limit=1")).json
    equal((len(page["items"]), page["next"]), (1, page["items"][0]["client_id"]))
    page = (await server.get(f"/api/sessions/verona/clients?limit=1&cursor={page['next']}")).json
    equal((len(page["items"]), page["next"]), (1, None))


@scene("the sessions of the configuration are made once, and stay what they became",
       config=CONFIGURED)
async def _(server):
    equal(sorted(await ids_of(server)), ["demo", "hall"])
    equal((await server.get("/api/sessions/hall/world")).json, {"size": 101})
    seq = (await server.get("/api/sessions/demo")).json["seq"]
    assert seq > 5, seq
    await server.http("PATCH", "/api/sessions/hall/world", {"size": 9})
    await server.restart()
    equal((await server.get("/api/sessions/hall/world")).json, {"size": 9})
    equal((await server.get("/api/sessions/demo")).json["seq"], seq)


@scene("an idle session leaves the memory and comes back as it was", config="""return {
  plugins = {}, timeouts = { idle_s = 1 }, log = { level = "debug" } }""")
async def _(server):
    await server.create_session("verona")
    await server.create_object("verona", "rose", x=3)
    before = (await server.get("/api/sessions/verona/objects")).json
    epoch = (await server.get("/api/sessions/verona")).json["epoch"]

    async def is_unloaded():
        return (await server.metrics())["hd1_sessions_loaded"] == 0
    await until(is_unloaded, what="the session to leave the memory")
    loads = len([line for line in server.log if "session loaded" in line])
    equal((await server.get("/api/sessions/verona/objects")).json, before)
    equal(len([line for line in server.log if "session loaded" in line]), loads + 1)
    romeo = await server.client("romeo")
    replica = await romeo.join("verona", since=1, epoch=epoch)
    await romeo.reach("verona", 2)
    assert replica.epoch != epoch


@scene("fifty sessions at once are loaded when they are needed", config=BARE)
async def _(server):
    for index in range(50):
        await server.create_session(f"s{index}")
        await server.create_object(f"s{index}", "rose", x=index % 12)
    await server.restart(is_killed=True)
    answers = await asyncio.gather(*[
        server.http("PATCH", f"/api/sessions/s{index}/objects/rose", {"y": 1})
        for index in range(50) for _ in range(2)])
    equal({answer.status for answer in answers}, {200})
    equal({answer.json["version"] for answer in answers}, {3, 4})


run()
