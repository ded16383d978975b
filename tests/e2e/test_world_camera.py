#!/usr/bin/python3
"""The world's properties and the camera."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from hd1 import Refused, equal, run, scene

WORLD = "/api/sessions/verona/world"
CAMERA = "/api/sessions/verona/camera"
VIEW = {"position": {"x": 8, "y": 6.5, "z": 8}, "target": {"x": 0, "y": 0, "z": 0}}
ORBIT = {"center": {"x": 0, "y": 1, "z": 0}, "radius": 10, "speed": 15}


def refused(answer, status, code):
    equal((answer.status, answer.json.get("code")), (status, code), repr(answer))
    return answer.json


@scene("PUT sets the world as a whole, PATCH a part, null removes")
async def _(server):
    await server.create_session("verona", world={"size": 51, "mood": "dark"})
    [romeo] = await server.joined("verona", "romeo")
    answer = await server.http("PATCH", WORLD, {"mood": None, "sky": {"color": "#0000ff"}})
    equal((answer.status, answer.json), (200, {"size": 51, "sky": {"color": "#0000ff"}}))
    changed = await romeo.expect("world_updated")
    equal(changed["data"]["world"], {"mood": None, "sky": {"color": "#0000ff"}})
    answer = await server.http("PUT", WORLD, {"size": 9})
    equal((answer.status, answer.json), (200, {"size": 9}))
    equal((await romeo.expect("world_initialized"))["data"]["world"], {"size": 9})
    got = await server.get(WORLD)
    equal((got.json, got.headers["etag"]), ({"size": 9}, answer.headers["etag"]))
    equal(romeo.replicas["verona"].world, {"size": 9})
    for is_killed in (False, True):
        await server.restart(is_killed)
        again = await server.get(WORLD)
        equal((again.json, again.headers["etag"]), (got.json, got.headers["etag"]))


@scene("conditions on the world: If-Match and If-None-Match")
async def _(server):
    await server.create_session("verona")
    old = (await server.get(WORLD)).headers["etag"]
    answer = await server.http("PATCH", WORLD, {"mood": 1}, headers={"If-Match": old})
    new = answer.headers["etag"]
    problem = refused(await server.http("PUT", WORLD, {}, headers={"If-Match": old}), 412,
                      "version_mismatch")
    equal(problem["details"]["world"], {"mood": 1})
    equal((await server.get(WORLD, headers={"If-None-Match": new})).status, 304)
    equal((await server.get(WORLD, headers={"If-None-Match": old})).status, 200)


@scene("the world's tag stays good over a restart, whatever else has changed")
async def _(server):
    await server.create_session("verona", world={"size": 9})
    tag = (await server.http("PATCH", WORLD, {"mood": "dark"})).headers["etag"]
    for number, is_killed in enumerate((False, True)):
        await server.create_object("verona", f"rose{number}")
        await server.restart(is_killed)
        equal((await server.get(WORLD)).headers["etag"], tag)
    answer = await server.http("PATCH", WORLD, {"mood": "light"}, headers={"If-Match": tag})
    equal(answer.status, 200)


@scene("the world over WebSocket, and worlds that are none")
async def _(server):
    await server.create_session("verona")
    romeo, juliet = await server.joined("verona", "romeo", "juliet")
    await romeo.do("world_updated", {"session_id": "verona", "world": {"mood": "light"}})
    await juliet.expect("world_updated")
    equal((await server.get(WORLD)).json, {"mood": "light"})
    for body, status in (("[]", 400), ("7", 400), ('{"size":0}', 422), ('{"size":"x"}', 422),
                         ('{"conflict":"dice"}', 422), ('{"note":"' + "x" * 33000 + '"}', 413)):
        for method in ("PUT", "PATCH"):
            equal((await server.http(method, WORLD, body)).status, status, f"{method} {body[:30]}")
    equal((await server.get(WORLD)).json, {"mood": "light"})
    equal((await server.http("GET", "/api/sessions/padua/world")).status, 404)


@scene("the camera moves for the others, and who joins later sees where it is")
async def _(server):
    await server.create_session("verona")
    equal((await server.get(CAMERA + "/position")).status, 404)
    romeo, juliet = await server.joined("verona", "romeo", "juliet")
    answer = await server.http("PUT", CAMERA + "/position", VIEW)
    assert answer.status in (200, 204), answer
    moved = await romeo.expect("camera_moved")
    equal((moved["data"]["position"], moved.get("seq")), (VIEW["position"], None))
    other = {**VIEW, "target": {"x": 1, "y": 2, "z": 3}}
    await romeo.send("camera_moved", {"session_id": "verona", **other})
    await juliet.expect("camera_moved", lambda m: m["data"]["target"] == other["target"])
    got = (await server.get(CAMERA + "/position")).json
    equal((got["position"], got["target"]), (other["position"], other["target"]))
    [nurse] = await server.joined("verona", "nurse")
    camera = nurse.replicas["verona"].camera
    equal((camera["position"], camera["target"]), (other["position"], other["target"]))
    equal((await server.get("/api/sessions/verona")).json["seq"], 1)


@scene("the camera's newest place is kept over an orderly restart")
async def _(server):
    await server.create_session("verona")
    await server.http("PUT", CAMERA + "/position", VIEW)
    await server.restart()
    got = (await server.get(CAMERA + "/position")).json
    equal((got["position"], got["target"]), (VIEW["position"], VIEW["target"]))


@scene("an orbit is durable, and the camera until it is moved again")
async def _(server):
    await server.create_session("verona")
    [romeo] = await server.joined("verona", "romeo")
    answer = await server.post(CAMERA + "/orbit", ORBIT)
    equal(answer.status, 200)
    equal((await romeo.expect("camera_orbit_started"))["seq"], 2)
    for is_killed in (False, True):
        [nurse] = await server.joined("verona", f"nurse-{is_killed}")
        orbit = nurse.replicas["verona"].camera["orbit"]
        equal({key: orbit[key] for key in ORBIT}, ORBIT)
        await server.restart(is_killed)
    await server.http("PUT", CAMERA + "/position", VIEW)
    got = (await server.get(CAMERA + "/position")).json
    assert "orbit" not in got and got["position"] == VIEW["position"], got
    await server.restart()
    got = (await server.get(CAMERA + "/position")).json
    assert "orbit" not in got and got["position"] == VIEW["position"], got


@scene("cameras that are none are refused")
async def _(server):
    await server.create_session("verona")
    for body in ({}, {"position": VIEW["position"]}, {"target": VIEW["target"]},
                 {**VIEW, "target": 7}, {**VIEW, "position": {"x": 1, "y": 2}},
                 {**VIEW, "position": {"x": "1", "y": 2, "z": 3}}):
        refused(await server.http("PUT", CAMERA + "/position", body), 422, "invalid_event")
    for body in ({}, {"center": ORBIT["center"]}, {**ORBIT, "radius": -1}, {**ORBIT, "axis": "w"},
                 {**ORBIT, "speed": "fast"}):
        refused(await server.post(CAMERA + "/orbit", body), 422, "invalid_event")
    equal((await server.get(CAMERA + "/position")).status, 404)
    [romeo] = await server.joined("verona", "romeo")
    try:
        await romeo.do("camera_orbit_started", {"session_id": "verona"})
    except Refused as error:
        equal(error.code, "invalid_event")
    else:
        raise AssertionError("an orbit about nothing")


run()
