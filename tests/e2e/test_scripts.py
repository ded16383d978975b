#!/usr/bin/python3
"""World scripts that a scene writes: what they may do, when they run, and what their faults cost.
Those that ship are played in test_worlds.py."""

import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from hd1 import equal, run, scene, until

TOWN = """world{ size = 51, mood = "dark" }
object{ name = "tower", type = "cube", y = 3 }
for i = 1, 3 do object{ name = "house" .. i, type = "cube", x = i } end
camera{ position = { x = 1, y = 2, z = 3 }, target = { x = 0, y = 0, z = 0 } }
"""


async def start(server, **scripts):
    folder = server.folder / "scripts"
    folder.mkdir(exist_ok=True)
    for name, text in scripts.items():
        (folder / f"{name}.lua").write_text(text)
    server.config = f'return {{ plugins = {{ "validate", "chat" }}, script_path = "{folder}" }}'
    await server.start()


async def names_in(server, session_id):
    items = (await server.get(f"/api/sessions/{session_id}/objects?limit=1000")).json["items"]
    return sorted(item["name"] for item in items)


def refused(answer, status, code):
    equal((answer.status, answer.json.get("code")), (status, code), repr(answer))
    return answer.json


@scene("a script sets up world, objects and camera; run again, it changes nothing", start=False)
async def _(server):
    await start(server, town=TOWN)
    await server.create_session("verona", script="town")
    equal(await names_in(server, "verona"), ["house1", "house2", "house3", "tower"])
    equal((await server.get("/api/sessions/verona/world")).json, {"size": 51, "mood": "dark"})
    camera = (await server.get("/api/sessions/verona/camera/position")).json
    equal(camera["position"], {"x": 1, "y": 2, "z": 3})
    detail = (await server.get("/api/sessions/verona")).json
    for _ in range(2):
        answer = await server.post("/api/sessions/verona/script", {"script": "town"})
        equal(answer.status, 200)
        equal((await server.get("/api/sessions/verona")).json["seq"], detail["seq"])
    await server.restart(is_killed=True)
    answer = await server.post("/api/sessions/verona/script", {"script": "town"})
    equal(answer.status, 200)
    equal((await server.get("/api/sessions/verona")).json["seq"], detail["seq"])


@scene("it leaves alone what people have changed, and makes again what is gone", start=False)
async def _(server):
    await start(server, town=TOWN)
    await server.create_session("verona", script="town")
    await server.http("PATCH", "/api/sessions/verona/objects/tower", {"y": 9})
    await server.http("DELETE", "/api/sessions/verona/objects/house2")
    await server.create_object("verona", "mine")
    equal((await server.post("/api/sessions/verona/script", {"script": "town"})).status, 200)
    equal(await names_in(server, "verona"), ["house1", "house2", "house3", "mine", "tower"])
    equal((await server.get("/api/sessions/verona/objects/tower")).json["y"], 9)


@scene("what a script asks for goes the way of all events: one bad one, and nothing is made",
       start=False)
async def _(server):
    await start(server, far=TOWN + 'object{ name = "far", type = "cube", x = 99 }\n')
    await server.create_session("verona")
    answer = await server.post("/api/sessions/verona/script", {"script": "far"})
    assert answer.status >= 400, answer
    equal(await names_in(server, "verona"), [])
    equal((await server.get("/api/sessions/verona")).json["seq"], 1)


@scene("a session whose script is refused is not made, and the answer says which line", start=False)
async def _(server):
    await start(server, far=TOWN + 'object{ name = "far", type = "cube", x = 99 }\n', town=TOWN)
    line = TOWN.count("\n") + 1
    for _ in range(2):
        answer = await server.post("/api/sessions", {"id": "verona", "script": "far"})
        refused(answer, 422, "invalid_event")
        assert answer.json["detail"].startswith(f"far.lua:{line}: /object/x"), answer.json
        equal((await server.get("/api/sessions/verona")).status, 404)
    await server.restart()
    equal((await server.get("/api/sessions/verona")).status, 404)
    await server.create_session("verona", script="town")


@scene("unknown scripts, and names that reach out", start=False)
async def _(server):
    await start(server, town=TOWN)
    await server.create_session("verona")
    for name, status in (("nowhere", 404), ("../town", 422), ("town.lua", 422), ("", 422)):
        answer = await server.post("/api/sessions/verona/script", {"script": name})
        equal(answer.status, status, name)
    for body in ({}, {"script": 7}, {"script": None}):
        refused(await server.post("/api/sessions/verona/script", body), 422, "invalid_event")
    refused(await server.post("/api/sessions/padua/script", {"script": "town"}), 404,
            "unknown_session")
    equal([item["name"] for item in (await server.get("/api/scripts")).json["items"]], ["town"])


BEAT = """object{ name = "heart", type = "sphere" }
local beats = 0
every(0.05, function()
  beats = beats + 1
  session.emit("chat_message", { text = "beat " .. beats })
end)
"""


@scene("timers run while somebody is in, and pause when nobody is", start=False)
async def _(server):
    await start(server, beat=BEAT)
    await server.create_session("verona", script="beat")
    still = (await server.get("/api/sessions/verona")).json["seq"]
    [romeo] = await server.joined("verona", "romeo")
    first = romeo.of_type("session_snapshot")[0]["data"]["seq"]
    equal(first, still, "it ran without anyone")
    for _ in range(3):
        await romeo.expect("chat_message")
    await romeo.send("leave", {"session_id": "verona"})
    await romeo.send("leave", {"session_id": "verona"}, id=romeo.next_id())
    await romeo.expect_error("not_joined")

    looks = 0

    async def is_still():
        nonlocal still, looks
        before, still = still, (await server.get("/api/sessions/verona")).json["seq"]
        looks = looks + 1 if before == still else 0
        return looks == 20  # for longer than four beats take
    await until(is_still, what="the heart to stop")
    [juliet] = await server.joined("verona", "juliet")
    await juliet.expect("chat_message", lambda m: m["seq"] > still)
    await server.restart(is_killed=True)
    [nurse] = await server.joined("verona", "nurse")
    await nurse.expect("chat_message")


HOSTILE = {
    "thrower": 'error("oops")',
    "looper": "while true do end",
    "eater": 'local t = {} while true do t[#t + 1] = ("x"):rep(1000) .. #t end',
}


@scene("a script that throws, loops or eats is stopped, and harms no session", start=False)
async def _(server):
    wild = {f"{name}_later": f"every(0.05, function() {body} end)\n"
            for name, body in HOSTILE.items()}
    # whoever starts with a script that fails at once, is refused: so they fail by their session
    now = {f"{name}_now": f'if session.id == "victim" then {body} end\n'
           for name, body in HOSTILE.items()}
    await start(server, town=TOWN, **wild, **now)
    await server.create_session("victim")
    await server.create_session("verona")
    romeo, juliet = await server.joined("verona", "romeo", "juliet")
    for name in now:
        answer = await server.post("/api/sessions/victim/script", {"script": name})
        equal((answer.status, answer.json["code"]), (500, "script_failed"), name)
        await romeo.do("chat_message", {"session_id": "verona", "text": f"after {name}"})
    equal((await server.get("/api/sessions/victim")).json["seq"], 1)
    for name in wild:
        await server.create_session(name, script=name)
        [client] = await server.joined(name, name)
        await server.wait_log(f"level=(warn|error).*{name}")
        await romeo.do("chat_message", {"session_id": "verona", "text": f"after {name}"})
        await client.do("chat_message", {"session_id": name, "text": "it goes on"})
    await juliet.reach("verona", 7)


@scene("a script with a fault refuses to be served, with its place", start=False)
async def _(server):
    folder = server.folder / "scripts"
    folder.mkdir()
    (folder / "broken.lua").write_text("world{ size = 9 }\nobject{ name = }\n")
    server.config = (f'return {{ plugins = {{}}, script_path = "{folder}",\n'
                     'sessions = { demo = { script = "broken" } } }')
    code, text = await server.refuse_to_start()
    equal(code, 78)
    assert "broken.lua:2" in text, text


WRONG = {  # a script, and what the answer says of it
    "torn": ("world{ size = 9 }\nobject{ name = }\n", r"torn\.lua:2: unexpected symbol near '}'"),
    "lost": ("local x\nobject{ name = x.name }\n", r"lost\.lua:2: attempt to index a nil value .*"),
    "odd": ("wrld{ size = 9 }\n", r"odd\.lua:1: attempt to call a nil value \(global 'wrld'\)"),
    "loop": ("\nwhile true do end\n", r"loop\.lua:2: the budget of .* is used up"),
    "mute": ("error({ code = 1 })\n", r"mute\.lua:1: \(error object is a table value\)"),
    "bare": ("local x = require('walls')\n", r"bare\.lua:1: there is no library 'walls', for there is "
             "no folder lib"),
}


@scene("a script that fails is answered with the line that does", start=False)
async def _(server):
    await start(server, **{name: text for name, (text, _) in WRONG.items()})
    await server.create_session("verona")
    for name, (_, pattern) in WRONG.items():
        for answer in (await server.post("/api/sessions/verona/script", {"script": name}),
                       await server.post("/api/sessions", {"id": "new", "script": name})):
            refused(answer, 500, "script_failed")
            assert re.fullmatch(pattern, answer.json["detail"]), answer.json
            assert str(server.folder) not in answer.json["detail"], answer.json
        if name == "torn":
            await server.wait_log('level=error area=torn msg="script failed" session=verona error=')


@scene("what a script emits in vain is told with its type and session", start=False)
async def _(server):
    await start(server, late='object{ name = "o", type = "cube" }\n'
                             'after(0.02, function() session.update("o", { x = 99 }) end)\n')
    await server.create_session("verona", script="late")
    await server.joined("verona", "romeo")
    await server.wait_log('area=late msg="emitted event was refused" type=object_updated '
                          "session=verona code=invalid_event why=")


run()
