#!/usr/bin/python3
"""The plugins that ship, seen from outside: what is refused, over WebSocket and REST alike."""

import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from hd1 import ROOT, Refused, equal, run, scene

LIMITED = """return { plugins = {
  { "rate_limit", client = { rate = 0.1, burst = 3 }, address = { rate = 0.1, burst = 20 } },
  "validate", "chat",
} }"""
TIGHT = 'return { plugins = { { "object_rights", memory_bytes = 524288 } } }'
SHORT = 'return { plugins = { "validate", { "chat", max_length = 5 } } }'

ROSE = {"name": "rose", "type": "sphere", "x": 1}
FAULTS = [  # an object, the path of what is wrong with it
    ({"type": "sphere"}, "/object/name"),
    ({"name": "rose"}, "/object/type"),
    ({"name": "rose", "type": "sphere", "x": "1"}, "/object/x"),
    ({"name": "rose", "type": "sphere", "y": 12.5}, "/object/y"),
    ({"name": "rose", "type": "sphere", "scale": 0}, "/object/scale"),
    ({"name": "rose", "type": "sphere", "rotation": {"w": 1}}, "/object/rotation/w"),
    ({"name": "rose", "type": "sphere", "color": ["red"]}, "/object/color"),
]


async def refusal(awaitable):
    try:
        answer = await awaitable
    except Refused as refused:
        return refused
    raise AssertionError(f"was accepted: {answer}")


@scene("a misshapen event is refused with its path, on both ways in")
async def _(server, romeo):
    await server.create_session("verona")
    await romeo.join("verona")
    for thing, path in FAULTS:
        answer = await server.post("/api/sessions/verona/objects", thing)
        equal((answer.status, answer.json["code"]), (422, "invalid_event"), path)
        equal(answer.headers["content-type"].split(";")[0], "application/problem+json")
        equal(answer.json["details"]["path"], path)
        refused = await refusal(
            romeo.do("object_created", {"session_id": "verona", "object": thing}))
        equal((refused.status, refused.code), (422, "invalid_event"), path)
        equal(refused.details["path"], path)
    equal((await server.history("verona"))[-1]["type"], "session_created", "last event")


@scene("the world's size is the bound")
async def _(server):
    await server.create_session("hall", world={"size": 101})
    await server.create_session("closet", world={"size": 3})
    far = {"name": "far", "type": "cube", "x": 50, "y": -50}
    equal((await server.post("/api/sessions/hall/objects", far)).status, 201)
    answer = await server.post("/api/sessions/closet/objects", far)
    equal(answer.json["details"]["path"], "/object/x")
    answer = await server.http("PATCH", "/api/sessions/closet/world", {"size": 101})
    equal(answer.status, 200)
    equal((await server.post("/api/sessions/closet/objects", far)).status, 201)


@scene("a world that is none of a session makes no session")
async def _(server):
    answer = await server.post("/api/sessions", {"id": "verona", "world": {"size": -1}})
    equal((answer.status, answer.json["details"]["path"]), (422, "/world/size"))
    equal((await server.get("/api/sessions/verona")).status, 404)


@scene("in an array, one bad event undoes the good ones")
async def _(server):
    await server.create_session("verona")
    events = [{"type": "object_created", "data": {"object": {**ROSE, "name": f"rose-{i}"}}}
              for i in range(5)]
    events[3]["data"]["object"]["x"] = 99
    answer = await server.post("/api/sessions/verona/events", events)
    equal((answer.status, answer.json["code"]), (422, "invalid_event"))
    equal((await server.get("/api/sessions/verona/objects")).json["items"], [])


@scene("motion out of the world is refused, though it is volatile")
async def _(server, romeo):
    await server.create_session("verona")
    await server.create_object("verona", "rose")
    await romeo.join("verona")
    await romeo.send("object_moved", {"session_id": "verona", "name": "rose", "x": 13}, id=1000)
    error = await romeo.expect_error("invalid_event")
    equal((error["id"], error["details"]["path"]), (1000, "/x"))


@scene("what is said is heard by all, its sender too, and kept")
async def _(server, romeo, juliet):
    await server.create_session("verona")
    await romeo.join("verona")
    await juliet.join("verona")
    said = await romeo.do("chat_message", {"session_id": "verona", "text": "wherefore art thou?"})
    heard = await juliet.expect("chat_message")
    equal(heard["data"]["text"], "wherefore art thou?")
    equal((heard["seq"], heard["client_id"]), (said["seq"], romeo.id))
    equal((await server.history("verona"))[-1]["data"]["text"], "wherefore art thou?")


@scene("what is too long or says nothing is not said", config=SHORT)
async def _(server, romeo):
    await server.create_session("verona")
    await romeo.join("verona")
    for text, code in (("Juliet", "chat_too_long"), ("  ", "invalid_event"), (7, "invalid_event")):
        refused = await refusal(romeo.do("chat_message", {"session_id": "verona", "text": text}))
        equal((refused.code, refused.details["path"]), (code, "/text"))
    await romeo.do("chat_message", {"session_id": "verona", "text": "äöüßé"})


@scene("who sends too much is told when to try again", config=LIMITED)
async def _(server, romeo):
    await server.create_session("verona")
    await romeo.join("verona")
    for own in range(100, 110):
        await romeo.send("chat_message", {"session_id": "verona", "text": "hark!"}, id=own)
    error = await romeo.expect_error("rate_limited")
    equal(error["status"], 429)
    assert 0 < error["retry_after_ms"] <= 10000, error
    assert error["message"].endswith("this client"), error


@scene("clients of one address are limited together; REST says Retry-After", config=LIMITED)
async def _(server):
    answers = [await server.post("/api/sessions", {"id": f"s-{i}"}) for i in range(40)]
    refused = [answer for answer in answers if answer.status == 429]
    assert refused and answers[0].status == 201, answers
    equal(refused[0].json["code"], "rate_limited")
    assert int(refused[0].headers["retry-after"]) >= 1, refused[0].headers


@scene("an event too large for a plugin's memory is its sender's fault, and rests nobody's plugin",
       config=TIGHT)
async def _(server):
    await server.create_session("verona")
    await server.create_object("verona", "rose")
    nests = {"nests": [[]] * 10000}
    for _ in range(25):  # 20 failures would put a plugin to rest
        answer = await server.http("PATCH", "/api/sessions/verona/objects/rose", nests)
        equal((answer.status, answer.json["code"]), (413, "too_large"), repr(answer))
    item = (await server.get("/api/plugins")).json["items"][0]
    equal((item["name"], item["errors"], item["state"]), ("object_rights", 0, "running"))
    answer = await server.http("PATCH", "/api/sessions/verona/objects/rose", {"x": 2})
    equal(answer.status, 200)


@scene("a fault under a name too long to be told is its sender's, and rests nobody's plugin")
async def _(server):
    await server.create_session("verona")
    long = {**ROSE, "rotation": {"/" * 540000: 1}}  # its pointer would be longer than JSON may be
    for _ in range(25):
        answer = await server.post("/api/sessions/verona/objects", long)
        equal((answer.status, answer.json["code"]), (422, "invalid_event"), repr(answer))
        equal(answer.json["details"], {"path": "/object/rotation"})
    await server.create_object("verona", "rose")


@scene("a schema with a keyword that nobody checks refuses to start", start=False)
async def _(server):
    plugins = server.folder / "plugins"
    plugins.mkdir()
    for name in ("lib", "validate.lua"):
        (plugins / name).symlink_to(ROOT / "plugins" / name)
    (plugins / "odd.lua").write_text("""return {
      name = "odd", version = "1", api = 1,
      events = { odd_said = { doc = "odd", schema = { type = "object", minProperties = 1 } } },
      setup = function() return {} end,
    }""")
    server.config = f'return {{ plugin_path = "{plugins}", plugins = {{ "validate", "odd" }} }}'
    code, text = await server.refuse_to_start()
    equal(code, 78)
    assert re.search(r"odd\.lua:\d+: event odd_said: .*minProperties", text), text


@scene("the plugin in the README works as it stands there", start=False)
async def _(server):
    plugins = server.folder / "plugins"
    plugins.mkdir()
    (plugins / "lib").symlink_to(ROOT / "plugins" / "lib")
    readme = (ROOT / "README.md").read_text()
    text = re.search(r"```lua\n(-- plugins/no_pink.lua.*?)```", readme, re.S).group(1)
    (plugins / "no_pink.lua").write_text(text)
    server.config = f'return {{ plugin_path = "{plugins}", plugins = {{ "no_pink" }} }}'
    await server.start()
    await server.create_session("verona")
    answer = await server.post("/api/sessions/verona/objects", {**ROSE, "color": "pink"})
    equal((answer.status, answer.json["code"]), (422, "no_pink"))
    await server.create_object("verona", "rose", color="red")


@scene("a misspelt option of a plugin refuses to start, with file and line", start=False)
async def _(server):
    server.config = 'return {\n  plugins = {\n    { "chat", max_lenght = 5 },\n  },\n}'
    code, text = await server.refuse_to_start()
    equal(code, 78)
    assert "hd1.lua:3" in text and "max_lenght" in text, text


run()
