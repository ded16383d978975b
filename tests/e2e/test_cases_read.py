#!/usr/bin/python3
"""A case file holds what the call looked up, however much else there is, and says what it lacks."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from hd1 import equal, run, scene
from hd1_case import fail, replay, write

MANY = 150
EVENTS = [{"type": "object_created", "data": {"object": {
    "name": f"o{n:03}", "type": "cube" if n % 50 else "sphere", "note": f"note {n}"}}}
    for n in range(MANY)]
PUT = """return { routes = { ['PUT /api/x/fragile/it'] = function()
  for n = 1, 400 do hd1.store.put(("k%03d"):format(n), { n = n, text = ("x"):rep(100) }) end
end } }"""
WAVE = """return { name = "wave", version = "1.0.0", api = 1, events = { wave = {
  lane = "volatile", schema = { type = "object", properties = { high = { maximum = 7 } } } } },
  setup = function() end }"""


async def say(server):
    [romeo] = await server.joined("verona", "romeo")
    await romeo.send("chat_message", {"session_id": "verona", "text": "hark"})


async def assert_comes_back(server, hook, error, left_out=()):
    """before_event of chat_message with this body fails with that error, in its case file too."""
    body = ("return { before_event = { chat_message = function(event)\n"
            "  local session = event.session\n" f"  {hook}\nend }} }}")
    write(server, body, others=["wave"])
    await server.start()
    path = await fail(server, "before_event", say)
    await server.stop()
    text = open(path).read()
    assert error in json.loads(text)["error"], text
    code, said = await replay(server, path)
    equal((code, said.split("\n")[0]), (1, "reproduced"), f"{said}\n{text[:5000]}")
    write(server, body, is_broken=False, others=["wave"])
    code, said = await replay(server, path)
    equal((code, said.split(":")[0]), (0, "no longer fails"), said)
    for part in left_out:
        assert any(part in item for item in json.loads(text)["left_out"]), text
        assert "note: not all is in the file:" in said and part in said, said


def add_scene(what, *case):
    @scene(what, start=False, timeout=120)
    async def _(server):
        (server.folder / "plugins").mkdir()
        (server.folder / "plugins" / "wave.lua").write_text(WAVE)
        write(server, PUT)
        await server.start()
        await server.create_session("verona")
        answer = await server.post("/api/sessions/verona/events", EVENTS)
        equal(answer.status // 100, 2, repr(answer))
        equal((await server.http("PUT", "/api/x/fragile/it")).status, 204)
        await server.stop()
        await assert_comes_back(server, *case)


for of_what in (
    ("an object looked up by its name, however many come before it",
     "break_at(session:get('o149').note)", "note 149"),
    ("objects found by a query",
     "break_at(#session:objects{ type = 'sphere' }, session:objects{ prefix = 'o14' }[10].note)",
     "3 note 149"),
    ("how many objects and clients there are",
     "break_at(session.object_count, session.client_count)", f"{MANY} 1",
     [f"objects of verona: 100 of {MANY} are here"]),
    ("what a walk over all objects came to last", """local cursor
  repeat
    local page page, cursor = session:objects{ limit = 40, cursor = cursor }
    for _, object in ipairs(page) do
      if object.name == 'o149' then break_at('after', object.note) end
    end
  until not cursor""", "after note 149"),
    ("what it keeps, though it keeps much",
     "break_at(hd1.store.get('k399').n, hd1.store.list{ prefix = 'k39' }[2].key,"
     " tostring(hd1.store.get('k401')))", "399 k391 nil", ["of 400 keys are here"]),
    ("schemas of other plugins' types",
     "break_at(hd1.schema('wave').properties.high.maximum, #hd1.event_types())", "7"),
):
    add_scene(*of_what)


run()
