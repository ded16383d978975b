#!/usr/bin/python3
"""An error in any moment leaves a case file that hd1 test plays again to the same error."""

import json
import os
import sys

import websockets

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from hd1 import equal, run, scene
from hd1_case import fail, replay, write

async def join(server):
    [romeo] = await server.joined("verona", "romeo")
    return romeo


async def say(server):
    romeo = await join(server)
    await romeo.send("chat_message", {"session_id": "verona", "text": "hark"})


async def leave(server):
    await (await join(server)).close()


async def speak(server):
    url = f"ws://127.0.0.1:{server.port}/ws/x/fragile?room=7"
    async with websockets.connect(url) as socket:
        await socket.send(b"\xff\x00")
        await socket.wait_closed()


async def connect(server):
    url = f"ws://127.0.0.1:{server.port}/ws/x/fragile?room=7"
    async with websockets.connect(url) as socket:
        await socket.wait_closed()


async def connect_and_reload(server):
    async with websockets.connect(f"ws://127.0.0.1:{server.port}/ws/x/fragile") as socket:
        await server.reload()
        await socket.wait_closed()


async def hang_up(server):
    async with websockets.connect(f"ws://127.0.0.1:{server.port}/ws/x/fragile"):
        pass


async def get(server):
    await server.http("GET", "/api/sessions?access_token=t0p", headers={"X-Number": "42"})


async def post(server):
    await server.http("POST", "/api/x/fragile/7?a=1&a=2", {"word": "ho"})


async def join_and_post(server):
    await join(server)  # so the session is loaded
    await post(server)


async def reload(server):
    await server.reload(is_checked=False)


async def nothing(server):
    pass


# hook as log and case file name it, what setup returns or does, what makes it fail, the error; None:
# it depends on a variable, and that is said
MOMENTS = (
    ("before_message", "return { before_message = function(client, message)"
     " if message.type == 'join' then break_at(client.kind, message.bytes > 9 and 'long') end end }",
     leave, "ws long"),
    ("before_connect", "return { before_connect = function(request)"
     " break_at(request.method, request.path, #request.token .. '', request.headers['X-Number'] or '') "
     "end }", get, "GET /api/sessions 3 42"),
    ("before_join", "return { before_join = function(client, session)"
     " break_at(session:get('rose').color, session.world.title) end }", join, "red Rome"),
    ("before_event", "return { before_event = { chat_message = function(event)"
     " break_at(event.data.text, hd1.store.get('kept')) end } }", say, "hark 7"),
    ("after_connect", "return { after_connect = function(client) break_at(client.address) end }",
     join, "127.0.0.1"),
    ("after_join", "return { after_join = function(client, session)"
     " break_at(#session:clients() .. '', client.is_gone and 'gone' or 'here') end }",
     join, "1 here"),
    ("after_event", "return { after_event = { chat_message = function(event)"
     " break_at(event.source, #event.session:objects({ type = 'sphere' }) .. '') end } }",
     say, "ws 1"),
    ("after_leave", "return { after_leave = function(client, session)"
     " break_at(session.id, session.object_count .. '') end }", leave, "verona 1"),
    ("after_disconnect", "return { after_disconnect = function(client) break_at(client.kind) end }",
     leave, "ws"),
    ("on_tick", "return { on_tick = function(session, tick)"
     " break_at(session.id, tick.number .. '', session:clients()[1].kind) end }",
     join, "verona 1 ws"),
    ("timer", "hd1.after(0.02, function() break_at('of setup') end)", nothing, "of setup"),
    ("timer", "return { after_join = function(client, session) local id = session.id"
     " hd1.after(0.02, function() break_at(hd1.session(id):get('rose').color) end) end }",
     join, "red"),
    ("timer", "return { before_event = { chat_message = function(event) local n = 0"
     " local text = event.data.text local function again() n = n + 1"
     " if n == 4 then break_at(text) end hd1.after(0.02, again) end again() end } }",
     say, "hark"),
    ("timer", "local n = 0 hd1.every(0.02, function() n = n + 1 if n == 3 then break_at('x') end"
     " end)", nothing, None),
    ("routes", "return { routes = { ['POST /api/x/fragile/{n}'] = function(request)"
     " break_at(request.params.n, request.json.word, request:query_all('a')[2]) end } }",
     post, "7 ho 2"),
    ("routes", "return { routes = { ['POST /api/x/fragile/{n}'] = function(request)"
     " break_at(hd1.session('verona'):get('rose').name) end } }", join_and_post, "rose"),
    ("sockets", "return { sockets = { ['/ws/x/fragile'] = { message = function() end,"
     " connect = function(socket, request) break_at(socket.path, request.query.room) end } } }",
     connect, "/ws/x/fragile 7"),
    ("sockets", "local open = {} return { sockets = { ['/ws/x/fragile'] = {"
     " connect = function(socket) open[socket] = 'open' end,"
     " message = function(socket, bytes, is_binary)"
     " break_at(open[socket], bytes:byte() .. '', is_binary and 'binary') end } } }",
     speak, "open 255 binary"),
    ("sockets", "return { sockets = { ['/ws/x/fragile'] = { message = function() end,"
     " close = function(socket, code) break_at(code .. '') end } } }", hang_up, "1000"),
    ("sockets", "return { sockets = { ['/ws/x/fragile'] = { message = function() end,"
     " resume = function(socket) break_at(socket.path, socket.address) end } } }",
     connect_and_reload, "/ws/x/fragile 127.0.0.1"),
    ("on_open", "return { before_event = { chat_message = function()"
     " hd1.open('verona', function(session) break_at(session.world.title) end) end } }",
     say, "Rome"),
    ("on_open", "hd1.open('nowhere', function(_, _, code) break_at(code) end)", nothing,
     "unknown_session"),
    ("save", "return { save = function() break_at('save', config.keys[1]) end,"
     " restore = function() end }", reload, "save TOP-SECRET"),
    ("restore", "return { save = function() return { n = 7 } end,"
     " restore = function(state, version) break_at(state.n .. '', version) end }",
     reload, "7 1.0.0"),
)

KEEP = "return { routes = { ['PUT /api/x/fragile/it'] = function() hd1.store.put('kept', 7) end } }"


async def make_scene(server):
    """Session, object and what the plugin keeps are there before anything can fail."""
    write(server, KEEP)
    await server.start()
    await server.create_session("verona", world={"title": "Rome"})
    await server.create_object("verona", "rose", type="sphere", color="red")
    equal((await server.http("PUT", "/api/x/fragile/it")).status, 204)
    await server.stop()


async def fail_and_replay(server, moment, body, act, error):
    cases = server.folder / "data" / "cases"
    for path in cases.glob("*"):
        path.unlink()
    write(server, body)
    await server.start()
    path = await fail(server, moment, act)
    text = open(path).read()
    assert "TOP-SECRET" not in text.replace("save TOP-SECRET", "") and "t0p" not in text, text
    await server.stop()
    code, said = await replay(server, path)
    if error:
        assert error in json.loads(text)["error"], text
        equal((code, said.split("\n")[0]), (1, "reproduced"), f"{moment}: {said}\n{text}")
    else:
        equal(code, 0, said)
        assert "what the plugin kept in variables is not in the file" in said, said
    write(server, body, is_broken=False)
    code, said = await replay(server, path)
    equal((code, said.split(":")[0]), (0, "no longer fails"), f"{moment}: {said}")


def add_scene(moment, body, act, error):
    @scene(f"{moment}: {error or 'by what is in a variable'}", start=False, timeout=120)
    async def _(server):
        await make_scene(server)
        await fail_and_replay(server, moment, body, act, error)


for of_moment in MOMENTS:
    add_scene(*of_moment)


run()
