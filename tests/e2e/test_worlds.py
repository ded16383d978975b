#!/usr/bin/python3
"""The world scripts that ship: they set up once, and what moves is seen to move."""

import os
import sys
from pathlib import Path

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from hd1 import ROOT, equal, run, scene

STRICT = 'return { plugins = { "rate_limit", "validate", "chat" } }'


async def objects_of(server, session_id):
    answer = await server.get(f"/api/sessions/{session_id}/objects?limit=1000")
    equal(answer.status, 200)
    return {thing["name"]: thing for thing in answer.json["items"]}


@scene("every script sets up a session that the plugins accept", config=STRICT)
async def _(server):
    names = sorted(file.stem for file in Path(ROOT, "scripts").glob("*.lua"))
    equal(names, ["gallery", "solar_system"])
    for name in names:
        await server.create_session(name, script=name)
        things = await objects_of(server, name)
        assert 10 <= len(things) <= 60, len(things)
        for thing in things.values():
            assert all(-12 <= thing[axis] <= 12 for axis in "xyz"), thing


@scene("running a script again changes nothing", config=STRICT)
async def _(server):
    await server.create_session("gallery", script="gallery")
    before = (await server.get("/api/sessions/gallery")).json["seq"]
    answer = await server.post("/api/sessions/gallery/script", {"script": "gallery"})
    equal(answer.status, 200)
    equal((await server.get("/api/sessions/gallery")).json["seq"], before, "seq")


@scene("running it again brings back what was taken away", config=STRICT)
async def _(server):
    await server.create_session("gallery", script="gallery")
    whole = await objects_of(server, "gallery")
    answer = await server.http("DELETE", "/api/sessions/gallery/objects/centrepiece")
    equal(answer.status in (200, 204), True, "deleted")
    await server.post("/api/sessions/gallery/script", {"script": "gallery"})
    again = await objects_of(server, "gallery")
    equal(sorted(again), sorted(whole))


@scene("the planets move while somebody looks, and nothing of it is stored", config=STRICT)
async def _(server, galileo):
    await server.create_session("solar", script="solar_system")
    replica = await galileo.join("solar")
    seq = replica.seq
    places = set()
    while len(places) < 5:
        moved = await galileo.expect("object_moved", lambda m: m["data"]["name"] == "earth")
        places.add((moved["data"]["x"], moved["data"]["z"]))
        distance = (moved["data"]["x"] ** 2 + moved["data"]["z"] ** 2) ** 0.5
        assert abs(distance - 4.0) < 0.01, moved
    equal((await server.get("/api/sessions/solar")).json["seq"], seq, "seq")


@scene("a script that does not exist makes no session")
async def _(server):
    answer = await server.post("/api/sessions", {"id": "s", "script": "nowhere"})
    equal((answer.status, answer.json["code"]), (404, "unknown_script"))
    equal((await server.get("/api/sessions/s")).status, 404)


run()
