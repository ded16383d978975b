#!/usr/bin/python3
"""Objects, over REST and WebSocket: what they are after each change, and who may change them."""

import asyncio
import json
import os
import re
import socket
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from hd1 import Refused, equal, run, scene

OBJECTS = "/api/sessions/verona/objects"
ROSE = OBJECTS + "/rose"
TAG = re.compile(r'"[A-Za-z0-9_-]+-[0-9]+"$')


async def refusal(awaitable):
    try:
        answer = await awaitable
    except Refused as refused:
        return refused
    raise AssertionError(f"was accepted: {answer}")


def refused(answer, status, code):
    equal((answer.status, answer.json.get("code")), (status, code), repr(answer))
    equal(answer.headers["content-type"].split(";")[0], "application/problem+json")
    equal(answer.json["status"], status)
    return answer.json


async def verona(server):
    """A session with an object: {"name": "rose", ...} at version 2. Returns its tag."""
    await server.create_session("verona")
    answer = await server.post(OBJECTS, {"name": "rose", "type": "sphere", "x": 1,
                                         "petals": {"red": 5}, "note": "by any other name"})
    equal(answer.status, 201)
    return answer.headers["etag"]


async def put(server, body, **headers):
    names = {key.replace("_", "-"): value for key, value in headers.items()}
    return await server.http("PUT", ROSE, body, headers=names)


async def patch(server, body, **headers):
    names = {key.replace("_", "-"): value for key, value in headers.items()}
    return await server.http("PATCH", ROSE, body, headers=names)


# --- create, get, list ---

@scene("POST makes an object: 201, Location, ETag, defaults and version")
async def _(server):
    await server.create_session("verona")
    answer = await server.post(OBJECTS, {"name": "rose", "type": "sphere", "x": 1.5, "thorns": [1]})
    equal(answer.status, 201)
    equal(answer.headers["location"], ROSE)
    assert TAG.match(answer.headers["etag"]), answer.headers
    expected = {"name": "rose", "type": "sphere", "x": 1.5, "y": 0, "z": 0, "scale": 1,
                "thorns": [1], "version": 2}
    equal(answer.json, expected)
    got = await server.get(ROSE)
    equal((got.status, got.json, got.headers["etag"]), (200, expected, answer.headers["etag"]))


@scene("an existing name is 409 with the object that is there")
async def _(server):
    await verona(server)
    there = (await server.get(ROSE)).json
    problem = refused(await server.post(OBJECTS, {"name": "rose", "type": "cube"}), 409,
                      "object_exists")
    equal(problem["details"]["object"], there)
    [romeo] = await server.joined("verona", "romeo")
    error = await refusal(romeo.do("object_created", {
        "session_id": "verona", "object": {"name": "rose", "type": "cube"}}))
    equal((error.status, error.code, error.details["object"]), (409, "object_exists", there))
    equal((await server.get(ROSE)).json, there)


@scene("bodies that are no object are refused and change nothing")
async def _(server):
    await server.create_session("verona")
    for body, status in (
            ("", 400), ("{", 400), ("[]", 400), ("null", 400), ('"rose"', 400),
            ('{"name":"rose","name":"lily","type":"cube"}', 400),
            ('{"name":"rose","type":"cube"} x', 400),
            ('{"name":"ros\\ud800","type":"cube"}', 400),
            ('{"name":"rose","type":"cube","x":1e}', 400),
            (b'{"name":"rose","type":"\xff"}', 400),
            ("[" * 40 + "]" * 40, 400),
            ("{}", 422), ('{"name":"rose"}', 422), ('{"type":"cube"}', 422),
            ('{"name":"","type":"cube"}', 422), ('{"name":"two words","type":"cube"}', 422),
            ('{"name":"' + "r" * 65 + '","type":"cube"}', 422), ('{"name":7,"type":"cube"}', 422),
            ('{"name":"rose","type":7}', 422), ('{"name":"rose","type":null}', 422),
            ('{"name":"rose","type":"cube","x":"left"}', 422),
            ('{"name":"rose","type":"cube","x":1e400}', 400),
            ('{"name":"rose","type":"cube","y":13}', 422),
            ('{"name":"rose","type":"cube","note":"' + "x" * 33000 + '"}', 413)):
        answer = await server.http("POST", OBJECTS, body,
                                   headers={"Content-Type": "application/json"})
        equal(answer.status, status, f"{body[:60]!r}: {answer}")
        equal(answer.json["status"], status)
        assert answer.json["code"] and answer.json["detail"], answer
    equal((await server.get("/api/sessions/verona")).json["seq"], 1)


@scene("a body must be JSON by its Content-Type, if that is given")
async def _(server):
    await server.create_session("verona")
    body = '{"name":"rose","type":"cube"}'
    for kind, status in (("text/plain", 415), ("application/x-www-form-urlencoded", 415),
                         ("application/merge-patch+json", 201)):
        answer = await server.http("POST", OBJECTS, body, headers={"Content-Type": kind})
        equal(answer.status, status, kind)
    answer = await server.http("POST", OBJECTS, body.replace("rose", "lily"))
    equal(answer.status, 201, "without Content-Type")


@scene("what is not there is 404, a bad name in the path 400")
async def _(server):
    await server.create_session("verona")
    for method, body in (("GET", None), ("PATCH", {"x": 1}), ("DELETE", None)):
        refused(await server.http(method, ROSE, body), 404, "unknown_object")
        refused(await server.http(method, "/api/sessions/padua/objects/rose", body), 404,
                "unknown_session")
        refused(await server.http(method, OBJECTS + "/a%20b", body), 400, "invalid_request")
    refused(await server.post("/api/sessions/padua/objects", {"name": "a", "type": "b"}), 404,
            "unknown_session")
    refused(await server.get("/api/sessions/padua/objects"), 404, "unknown_session")


@scene("a list comes in pages, in the order of names, each object once")
async def _(server):
    await server.create_session("verona")
    names = [f"o{index:03}" for index in range(250)]
    events = [{"type": "object_created", "data": {"object": {"name": name, "type": "cube"}}}
              for name in reversed(names)]
    equal((await server.post("/api/sessions/verona/events", events)).status, 200)
    equal(len((await server.get(OBJECTS)).json["items"]), 100)
    for limit in (1000, 250, 100, 7):
        listed, cursor = [], ""
        while True:
            page = (await server.get(f"{OBJECTS}?limit={limit}{cursor}")).json
            assert len(page["items"]) <= limit, page
            listed += [thing["name"] for thing in page["items"]]
            if page["next"] is None:
                break
            cursor = f"&cursor={page['next']}"
        equal(listed, names, f"limit {limit}")
    for query in ("limit=0", "limit=1001", "limit=x", "limit=", "limit=-1", "cursor=a%20b"):
        refused(await server.get(f"{OBJECTS}?{query}"), 400, "invalid_request")


# --- patch ---

@scene("PATCH changes what it names; null removes; nested values are replaced whole")
async def _(server):
    await verona(server)
    answer = await patch(server, {"x": 2, "note": None, "petals": {"white": 1}, "absent": None})
    expected = {"name": "rose", "type": "sphere", "x": 2, "y": 0, "z": 0, "scale": 1,
                "petals": {"white": 1}, "version": 3}
    equal((answer.status, answer.json), (200, expected))
    got = await server.get(ROSE)
    equal((got.json, got.headers["etag"]), (expected, answer.headers["etag"]))
    event = (await server.history("verona"))[-1]
    equal(event["type"], "object_updated")
    equal(event["data"]["object"], {"name": "rose", "x": 2, "note": None, "petals": {"white": 1},
                                    "absent": None})


@scene("name and version cannot be changed, and an object cannot lose its type")
async def _(server):
    await verona(server)
    for body in ({"name": "lily"}, {"type": None}, {"type": 7}):
        refused(await patch(server, body), 422, "invalid_event")
    answer = await patch(server, {"name": "rose", "version": 99, "x": 3})
    if answer.status == 200:  # ignored
        equal((answer.json["version"], answer.json["x"]), (3, 3))
    else:
        refused(answer, 422, "invalid_event")
    equal((await server.get(ROSE)).json["name"], "rose")


@scene("what null would take from x, y, z and scale is refused or set to the default")
async def _(server):
    await verona(server)
    for key, default in (("x", 0), ("scale", 1)):
        answer = await patch(server, {key: None})
        assert answer.status in (200, 422), answer
        thing = (await server.get(ROSE)).json
        assert isinstance(thing.get(key, default), (int, float)), thing
    [romeo] = await server.joined("verona", "romeo")
    equal(romeo.replicas["verona"].objects["rose"], (await server.get(ROSE)).json)


@scene("an object cannot grow beyond 32 KiB by patches")
async def _(server):
    await verona(server)
    statuses = [(await patch(server, {f"part{index}": "x" * 9000})).status for index in range(5)]
    equal(statuses, [200, 200, 200, 413, 413])
    assert len((await server.get(ROSE)).body) < 32768 + 100


# --- conditions ---

@scene("If-Match: the tag that is current passes, another is 412 with the object")
async def _(server):
    old = await verona(server)
    new = (await patch(server, {"x": 2}, if_match=old)).headers["etag"]
    assert old != new
    for method, body in (("PATCH", {"x": 3}), ("PUT", {"type": "cube"}), ("DELETE", None)):
        answer = await server.http(method, ROSE, body, headers={"If-Match": old})
        problem = refused(answer, 412, "version_mismatch")
        equal(problem["details"]["object"], (await server.get(ROSE)).json)
    equal((await patch(server, {"x": 4}, if_match="*")).status, 200)
    equal((await server.get(ROSE)).json["x"], 4)
    for nonsense in ("7", '""', '"x"', 'W/"a-1"', '"a-1", "b-2"'):
        refused(await patch(server, {"x": 5}, if_match=nonsense), 400, "invalid_request")
    newest = (await server.get(ROSE)).headers["etag"]
    answer = await server.http("DELETE", ROSE, headers={"If-Match": newest})
    equal(answer.status, 204)


@scene("if_version in a body, where it would become a property and guard nothing, is refused")
async def _(server):
    await verona(server)
    before = (await server.get(ROSE)).json
    refused(await patch(server, {"x": 4, "if_version": 3}), 422, "invalid_event")
    refused(await server.http("PUT", ROSE, {**before, "if_version": 3}), 422, "invalid_event")
    refused(await server.http("PATCH", "/api/sessions/verona/world", {"sky": "red", "if_version": 1}), 422, "invalid_event")
    equal((await server.get(ROSE)).json, before)


@scene("a tag stays good over a restart; one of another epoch does not match")
async def _(server):
    tag = await verona(server)
    await server.restart()
    equal((await server.get(ROSE)).headers["etag"], tag)
    forged = '"e-00000000-' + tag.rsplit("-", 1)[1]
    refused(await patch(server, {"x": 2}, if_match=forged), 412, "version_mismatch")
    answer = await patch(server, {"x": 2}, if_match=tag)
    equal(answer.status, 200)
    assert answer.headers["etag"].rsplit("-", 1)[0] != tag.rsplit("-", 1)[0], "the same epoch"


@scene("If-None-Match: GET of what one has is 304 without a body")
async def _(server):
    tag = await verona(server)
    for header, status in ((tag, 304), (f'"x-1", {tag}', 304), (f"W/{tag}", 304), ("*", 304),
                           ('"x-1"', 200)):
        answer = await server.get(ROSE, headers={"If-None-Match": header})
        equal((answer.status, bool(answer.body)), (status, status == 200), header)
        equal(answer.headers["etag"], tag)
    await patch(server, {"x": 2})
    equal((await server.get(ROSE, headers={"If-None-Match": tag})).status, 200)


@scene("if_version over WebSocket: 412 with the object, or it is done")
async def _(server):
    await verona(server)
    [romeo] = await server.joined("verona", "romeo")
    change = {"session_id": "verona", "object": {"name": "rose", "x": 2}}
    error = await refusal(romeo.do("object_updated", {**change, "if_version": 1}))
    equal((error.status, error.code), (412, "version_mismatch"))
    equal(error.details["object"], (await server.get(ROSE)).json)
    equal((await romeo.do("object_updated", {**change, "if_version": 2}))["seq"], 3)
    gone = {"session_id": "verona", "name": "rose"}
    equal((await refusal(romeo.do("object_deleted", {**gone, "if_version": 2}))).status, 412)
    for nonsense in ("2", 2.5, -1, None, {}):
        error = await refusal(romeo.do("object_deleted", {**gone, "if_version": nonsense}))
        assert error.status in (400, 412, 422), error
    equal((await romeo.do("object_deleted", {**gone, "if_version": 3}))["seq"], 4)


@scene("of ten who change the same version, one wins")
async def _(server):
    tag = await verona(server)
    answers = await asyncio.gather(*[patch(server, {"x": index}, if_match=tag)
                                     for index in range(10)])
    equal(sorted(answer.status for answer in answers), [200] + [412] * 9)
    winner = next(answer for answer in answers if answer.status == 200)
    equal((await server.get(ROSE)).json, winner.json)
    losers = [answer.json["details"]["object"] for answer in answers if answer.status == 412]
    equal([thing["version"] for thing in losers], [3] * 9)


# --- put, delete ---

@scene("PUT creates with 201, or replaces: what it leaves out goes")
async def _(server):
    await server.create_session("verona")
    answer = await put(server, {"type": "sphere", "x": 3, "scale": 2, "note": "sweet"})
    equal((answer.status, answer.json["version"]), (201, 2))
    answer = await put(server, {"name": "rose", "type": "cube", "z": 1})
    equal(answer.status, 200)
    equal(answer.json, {"name": "rose", "type": "cube", "x": 0, "y": 0, "z": 1, "scale": 1,
                        "version": 3})
    equal((await server.get(ROSE)).json, answer.json)
    equal([m["type"] for m in await server.history("verona")],
          ["session_created", "object_created", "object_updated"])
    refused(await put(server, {"name": "lily", "type": "cube"}), 422, "invalid_event")
    refused(await put(server, {"x": 1}), 422, "invalid_event")


@scene("a PUT whose sender is gone when the session is loaded harms nobody", timeout=120)
async def _(server):
    await verona(server)
    await server.post("/api/sessions/verona/events", [
        {"type": "object_created", "data": {"object": {"name": f"o{i}", "type": "cube",
                                                       "note": "x" * 700}}} for i in range(1000)])
    for _ in range(5):
        await server.restart()  # it is to be loaded
        body = b'{"type":"cube"}'
        with socket.create_connection(("127.0.0.1", server.port)) as gone:
            gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            gone.sendall(b"PUT /api/sessions/verona/objects/new HTTP/1.1\r\nHost: localhost\r\n"
                         b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        equal((await server.get(ROSE)).status, 200)


@scene("PUT under a condition: If-None-Match * only creates, If-Match only replaces")
async def _(server):
    await server.create_session("verona")
    problem = refused(await put(server, {"type": "cube"}, if_match="*"), 412, "version_mismatch")
    assert "details" not in problem, problem
    answer = await put(server, {"type": "cube"}, if_none_match="*")
    equal(answer.status, 201)
    problem = refused(await put(server, {"type": "cone"}, if_none_match="*"), 412,
                      "version_mismatch")
    equal(problem["details"]["object"]["type"], "cube")
    equal((await put(server, {"type": "cone"}, if_match=answer.headers["etag"])).status, 200)


@scene("what a GET gave can be PUT back as it is")
async def _(server):
    await verona(server)
    thing = (await server.get(ROSE)).json
    answer = await put(server, thing)
    equal((answer.status, answer.json), (200, {**thing, "version": 3}))


@scene("many PUTs and PATCHes at once leave a state that the log explains")
async def _(server):
    await verona(server)
    [romeo] = await server.joined("verona", "romeo")
    answers = await asyncio.gather(*[
        put(server, {"type": "cube", f"k{index}": index}) if index % 2 else
        patch(server, {f"k{index}": index}) for index in range(20)])
    assert {answer.status for answer in answers} <= {200, 412}, answers
    thing = (await server.get(ROSE)).json
    await romeo.reach("verona", thing["version"])
    equal(romeo.replicas["verona"].objects["rose"], thing)


@scene("DELETE: 204, then 404; the name can be used again; all hear of it")
async def _(server):
    await verona(server)
    [romeo] = await server.joined("verona", "romeo")
    answer = await server.http("DELETE", ROSE)
    equal((answer.status, answer.body), (204, b""))
    equal((await romeo.expect("object_deleted"))["data"]["name"], "rose")
    refused(await server.http("DELETE", ROSE), 404, "unknown_object")
    made = await server.create_object("verona", "rose")
    equal(made["version"], 4)


@scene("all of it survives a restart, and a kill")
async def _(server):
    await verona(server)
    for index in range(30):
        await server.create_object("verona", f"o{index}", x=index % 12)
    await patch(server, {"x": 5, "note": None})
    for index in range(0, 30, 3):
        await server.http("DELETE", f"{OBJECTS}/o{index}")
    before = (await server.get(OBJECTS + "?limit=1000")).json
    for is_killed in (False, True):
        await server.restart(is_killed)
        equal((await server.get(OBJECTS + "?limit=1000")).json, before)
        equal((await patch(server, {"x": 5})).status, 200)
        before = (await server.get(OBJECTS + "?limit=1000")).json


# --- motion ---

@scene("motion is seen by the others, not stored, not echoed, without seq")
async def _(server):
    await verona(server)
    romeo, juliet = await server.joined("verona", "romeo", "juliet")
    await romeo.send("object_moved", {"session_id": "verona", "name": "rose", "x": 7, "y": 1,
                                      "rotation": {"y": 90}})
    moved = await juliet.expect("object_moved")
    equal((moved["data"]["x"], moved["client_id"]), (7, romeo.id))
    assert "seq" not in moved, moved
    await romeo.barrier("verona")
    equal(romeo.of_type("object_moved"), [])
    equal((await server.get(ROSE)).json["x"], 1)
    await romeo.do("object_updated", {"session_id": "verona", "object": {"name": "rose", "x": 7}})
    equal((await server.get(ROSE)).json["x"], 7)


@scene("who joins amid a motion is given its newest place, until it has ended")
async def _(server):
    await verona(server)
    [romeo] = await server.joined("verona", "romeo")
    for x in range(1, 9):
        await romeo.send("object_moved", {"session_id": "verona", "name": "rose", "x": x})
    await romeo.barrier("verona")
    [juliet] = await server.joined("verona", "juliet")
    equal((await juliet.expect("object_moved"))["data"]["x"], 8)
    await romeo.do("object_updated", {"session_id": "verona", "object": {"name": "rose", "x": 8}})
    [nurse] = await server.joined("verona", "nurse")
    await nurse.barrier("verona")
    await juliet.barrier("verona")
    equal((len(juliet.of_type("object_moved")), len(nurse.of_type("object_moved"))), (1, 0))


@scene("what does not exist cannot move")
async def _(server):
    await server.create_session("verona")
    [romeo] = await server.joined("verona", "romeo")
    await romeo.send("object_moved", {"session_id": "verona", "name": "ghost", "x": 1}, id=1000)
    equal((await romeo.expect_error("unknown_object"))["id"], 1000)


# --- conflicts by time ---

@scene("where conflicts go by time, the older change is stale")
async def _(server):
    await server.create_session("verona", world={"conflict": "timestamp"})
    [romeo] = await server.joined("verona", "romeo")
    rose = {"session_id": "verona", "object": {"name": "rose", "type": "sphere"}}
    made = await romeo.do("object_created", rose)
    now = made["time_ms"]
    rose["object"] = {"name": "rose", "x": 1}
    await romeo.do("object_updated", rose, time_ms=now + 10**12)  # clamped to the server's clock
    error = await refusal(romeo.do("object_updated", rose, time_ms=now - 5000))
    equal((error.status, error.code), (409, "stale"))
    await romeo.do("object_updated", rose)


@scene("where conflicts go by time, they still do after a restart, or a kill")
async def _(server):
    await server.create_session("verona", world={"conflict": "timestamp"})
    [romeo] = await server.joined("verona", "romeo")
    rose = {"session_id": "verona", "object": {"name": "rose", "type": "sphere"}}
    now = (await romeo.do("object_created", rose))["time_ms"]
    await romeo.do("object_deleted", {"session_id": "verona", "name": "rose"})
    await romeo.do("object_created", rose, time_ms=now - 10**6)
    rose["object"] = {"name": "rose", "x": 1}
    for step, is_killed in enumerate((True, False, True)):
        changed = now - 10**5 + 1000 * step
        await romeo.do("object_updated", rose, time_ms=changed)
        await server.restart(is_killed)
        [romeo] = await server.joined("verona", f"romeo{step}")
        error = await refusal(romeo.do("object_updated", rose, time_ms=changed - 1))
        equal((error.status, error.code), (409, "stale"))
        await romeo.do("object_updated", rose, time_ms=changed + 1)


@scene("numbers, texts and order come back as they went in")
async def _(server):
    await server.create_session("verona")
    body = ('{"type":"cube","name":"rose","z":1.50,"big":12345678901234567890,"none":{},"empty":[],'
            '"text":"\\u00e9\\n\\/","deep":[[{"a":[null,true,false,-0.0,1E5]}]]}')
    equal((await server.http("POST", OBJECTS, body)).status, 201)
    await server.restart(is_killed=True)
    text = (await server.get(ROSE)).body.decode()
    for part in ('"z":1.50', "12345678901234567890", '"none":{}', '"empty":[]',
                 '[[{"a":[null,true,false,-0.0,1E5]}]]'):
        assert part in text, (part, text)
    equal(json.loads(text)["text"], "é\n/")


run()
