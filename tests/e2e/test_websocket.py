#!/usr/bin/python3
"""The WebSocket: joining and leaving, who hears what, and what is no message."""

import asyncio
import json
import os
import re
import sys
import time

import websockets

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from hd1 import Refused, equal, run, scene
from hd1_raw import CONTINUATION, PING, PONG, TEXT, RawWebSocket

CLIENT_ID = re.compile(r"client-[A-Za-z0-9]{8}$")


def rose(session_id="verona", **members):
    return {"session_id": session_id, "object": {"name": "rose", "type": "sphere", **members}}


async def refusal(awaitable):
    try:
        answer = await awaitable
    except Refused as refused:
        return refused
    raise AssertionError(f"was accepted: {answer}")


async def is_alive(server, client, session_id="verona"):
    """The client can go on, and nothing has changed: the session has only its first event."""
    await client.barrier(session_id)
    equal((await server.get(f"/api/sessions/{session_id}")).json["seq"], 1, "seq")


# --- coming, being in, going ---

@scene("welcome says who one is and what is bounded")
async def _(server, romeo, juliet):
    assert CLIENT_ID.match(romeo.id), romeo.id
    assert romeo.id != juliet.id
    equal(romeo.welcome["protocol"], "hd1.v1")
    equal(romeo.welcome["heartbeat_s"], 25)
    equal(romeo.welcome["limits"]["message_bytes"], 65536)


@scene("the subprotocol is echoed to who asks for it; another is refused")
async def _(server, romeo):
    equal(romeo.socket.subprotocol, None)
    juliet = await server.client("juliet", subprotocols=["other.v2", "hd1.v1"])
    equal(juliet.socket.subprotocol, "hd1.v1")
    try:
        await server.client("tybalt", subprotocols=["other.v2"])
    except websockets.InvalidStatusCode as error:
        equal(error.status_code, 400)
    else:
        raise AssertionError("tybalt got in")


@scene("a joiner gets the state, then every later event; the sender too, with its id")
async def _(server, romeo):
    await server.create_session("verona", world={"size": 51})
    await server.create_object("verona", "balcony", y=3)
    replica = await romeo.join("verona")
    equal((replica.seq, replica.world), (2, {"size": 51}))
    equal(replica.objects["balcony"]["y"], 3)
    equal(replica.objects["balcony"]["version"], 2)
    [juliet] = await server.joined("verona", "juliet")
    event = await romeo.do("object_created", rose())
    seen = await juliet.expect("object_created")
    equal((seen["seq"], seen["client_id"]), (3, romeo.id))
    equal(seen, event, "what both saw")
    equal(seen["timestamp"], seen["time_ms"] // 1000)
    equal(seen["data"]["object"], {"name": "rose", "type": "sphere", "x": 0, "y": 0, "z": 0,
                                   "scale": 1})


@scene("who leaves hears no more and may say no more; the others are told")
async def _(server):
    await server.create_session("verona")
    romeo, juliet = await server.joined("verona", "romeo", "juliet")
    await juliet.send("leave", {"session_id": "verona"})
    left = await romeo.expect("client_disconnected")
    equal((left["data"]["client_id"], left["data"]["clients"]), (juliet.id, 1))
    await romeo.do("object_created", rose())
    refused = await refusal(juliet.do("object_updated", rose()))
    equal((refused.status, refused.code), (403, "not_joined"))
    equal(juliet.of_type("object_created"), [])
    replica = await juliet.join("verona")
    equal(list(replica.objects), ["rose"])


@scene("who never joined is refused, and leaving where one is not is an error")
async def _(server, romeo):
    await server.create_session("verona")
    refused = await refusal(romeo.do("object_created", rose()))
    equal((refused.status, refused.code), (403, "not_joined"))
    await romeo.send("leave", {"session_id": "verona"}, id=romeo.next_id())
    await romeo.expect_error("not_joined")


@scene("a session that is not there cannot be joined")
async def _(server, romeo):
    for session_id in ("padua", "", "no spaces", "x" * 65, 7):
        refused = await refusal(romeo.join(session_id))
        assert refused.code in ("unknown_session", "invalid_message", "invalid_event"), refused
    equal((await refusal(romeo.join("padua"))).status, 404)


@scene("joining twice is refused and changes nothing")
async def _(server):
    await server.create_session("verona")
    [romeo] = await server.joined("verona", "romeo")
    own = romeo.next_id()
    await romeo.send("join", {"session_id": "verona"}, id=own)
    equal((await romeo.expect("error"))["data"]["id"], own)
    equal((await server.get("/api/sessions/verona/clients")).json["items"][0]["client_id"],
          romeo.id)
    await romeo.do("object_created", rose())


@scene("join, leave, join in one breath ends with one join")
async def _(server):
    await server.create_session("verona")
    await server.restart()  # the session must be loaded again, and its epoch stored
    romeo = await server.client("romeo")
    juliet = await server.client("juliet")
    await asyncio.gather(*[c.send(kind, {"session_id": "verona"})
                           for c in (romeo, juliet) for kind in ("join", "leave", "join")])
    for client in (romeo, juliet):
        await client.joined("verona")
    await romeo.do("object_created", rose())
    await juliet.reach("verona", 2)
    await romeo.barrier("verona")
    for client, other in ((romeo, juliet), (juliet, romeo)):
        joins = [m for m in client.of_type("client_connected")
                 if m["data"]["client_id"] == other.id]
        assert len(joins) <= 2, joins  # one, if loading takes longer than the breath
        assert len(client.of_type("session_snapshot")) <= 2, client.of_type("session_snapshot")
    equal((await server.get("/api/sessions/verona")).json["clients"], 2)


@scene("/ws/{session_id} joins at once; an unknown one is told and stays connected")
async def _(server):
    await server.create_session("verona")
    romeo = await server.client("romeo", path="/ws/verona")
    equal((await romeo.joined("verona")).seq, 1)
    lost = await server.client("lost", path="/ws/padua")
    await lost.expect_error("unknown_session")
    await lost.join("verona")
    await romeo.do("object_created", rose())
    await lost.reach("verona", 2)


@scene("one client in many sessions hears each of them, each in its own order")
async def _(server, romeo):
    for index in range(3):
        await server.create_session(f"s{index}")
        await romeo.join(f"s{index}")
    for index in (0, 1, 2, 1, 0, 1):
        name = f"rose-{len(romeo.log)}"
        await romeo.do("object_created", {"session_id": f"s{index}",
                                          "object": {"name": name, "type": "cube"}})
    equal([romeo.replicas[f"s{i}"].seq for i in range(3)], [3, 4, 2])


@scene("the seventeenth session is one too many", config="return { plugins = {} }")
async def _(server, romeo):
    for index in range(17):
        await server.create_session(f"s{index}")
    for index in range(16):
        await romeo.join(f"s{index}")
    refused = await refusal(romeo.join("s16"))
    equal((refused.status, refused.code), (429, "too_many_sessions"))
    await romeo.send("leave", {"session_id": "s3"})
    await romeo.join("s16")


@scene("two sessions never see each other's events", config="return { plugins = {} }")
async def _(server):
    rooms = {}
    for room in ("verona", "mantua"):
        await server.create_session(room)
        rooms[room] = await server.joined(room, f"{room}-1", f"{room}-2")

    async def talk(room, client):
        for index in range(50):
            await client.do("object_created", {
                "session_id": room, "object": {"name": f"{client.name}-{index}", "type": room}})

    await asyncio.gather(*[talk(room, c) for room, clients in rooms.items() for c in clients])
    for room, clients in rooms.items():
        for client in clients:
            await client.reach(room, 101)
            others = [m for m in client.log if m["data"].get("session_id") not in (None, room)
                      and m["type"] != "session_created"]
            equal(others, [], f"what {client.name} heard of the other room")
            equal({o["type"] for o in client.replicas[room].objects.values()}, {room})


@scene("clients in no session hear of sessions that begin and end; members do not")
async def _(server, romeo, juliet):
    await server.create_session("verona")
    for client in (romeo, juliet):
        equal((await client.expect("session_created"))["data"]["session_id"], "verona")
    await juliet.join("verona")
    await server.create_session("mantua", world={"size": 5})
    heard = await romeo.expect("session_created")
    equal((heard["data"]["session_id"], heard["data"]["world"]), ("mantua", {"size": 5}))
    await juliet.barrier("verona")
    equal(len(juliet.of_type("session_created")), 1)
    await server.http("DELETE", "/api/sessions/mantua")
    equal((await romeo.expect("session_deleted"))["data"]["session_id"], "mantua")
    await juliet.send("leave", {"session_id": "verona"})
    await juliet.send("leave", {"session_id": "verona"}, id=juliet.next_id())
    await juliet.expect_error("not_joined")
    await server.create_session("padua")
    await juliet.expect("session_created", lambda m: m["data"]["session_id"] == "padua")


@scene("a client makes a session, names it or not, and ends it")
async def _(server, romeo, juliet):
    made = await romeo.do("session_created", {"session_id": "verona", "world": {"size": 9}})
    equal((made["seq"], made["data"]["world"]), (1, {"size": 9}))
    nameless = await romeo.do("session_created", {})
    assert re.match(r"session-[A-Za-z0-9]{8}$", nameless["data"]["session_id"]), nameless
    refused = await refusal(romeo.do("session_created", {"session_id": "verona"}))
    equal((refused.status, refused.code), (409, "session_exists"))
    await romeo.join("verona")
    await juliet.join("verona")
    await juliet.do("session_deleted", {"session_id": "verona"})
    await romeo.expect("session_deleted", lambda m: m["seq"] == 2)
    refused = await refusal(romeo.do("object_created", rose()))
    assert refused.code in ("unknown_session", "not_joined"), refused
    equal((await refusal(romeo.join("verona"))).status, 404)
    await server.create_session("verona")
    equal((await romeo.join("verona")).seq, 1)


# --- what is a message ---

@scene("ids only grow; without id is fine")
async def _(server):
    await server.create_session("verona")
    [romeo] = await server.joined("verona", "romeo")
    for own in (10, 10, 9, 11):
        await romeo.send("object_deleted", {"session_id": "verona", "name": "nobody"}, id=own)
    codes = [m["data"]["code"] for m in await romeo.collect(4, "error")]
    equal(codes, ["unknown_object", "invalid_message", "invalid_message", "unknown_object"])
    for own in (0, -1, 1.5, "12", None, True, 2**53, [], 1e400):
        await romeo.send("object_deleted", {"session_id": "verona", "name": "nobody"}, id=own)
        assert (await romeo.expect("error"))["data"]["code"] in ("invalid_message", "malformed")
    await romeo.send("object_created", rose())
    made = await romeo.expect("object_created")
    assert "id" not in made, made
    await romeo.send("object_updated", rose(x=1), id=12, time_ms=5)
    equal((await romeo.expect("object_updated"))["seq"], 3)


NONSENSE = [  # a text, the status it gets
    ("", 400), ("{", 400), ("nonsense", 400), ("[]", 400), ("null", 400), ("7", 400),
    ('{"type":"join","data":{}} x', 400),
    ('{"type":"join","data":{"a":1,"a":2}}', 400),
    ('{"type":"join","type":"leave"}', 400),
    ('{"type":"object_created","data":{"x":NaN}}', 400),
    ('{"type":"object_created","data":{"x":01}}', 400),
    ('{"type":"object_created","data":{"x":"\\ud800"}}', 400),
    ('{"type":"object_created","data":{"x":"\t"}}', 400),
    ('{"data":{}}', 400), ('{"type":7}', 400), ('{"type":null}', 400), ('{"type":["join"]}', 400),
    ('{"type":"join","data":{}}', 400), ('{"type":"join"}', 400),
    ('{"type":"leave","data":[]}', 422), ('{"type":"object_created","data":null}', 422),
    ('{"type":"tempest","data":{"session_id":"verona"}}', 422),
    ('{"type":"","data":{"session_id":"verona"}}', 422),
    ('{"type":"welcome","data":{"session_id":"verona"}}', 422),
    ('{"type":"client_connected","data":{"session_id":"verona"}}', 422),
    ('{"type":"presence_updated","data":{"session_id":"verona"}}', 422),
    ('{"type":"object_created","data":{"object":{"name":"rose","type":"cube"}}}', 422),
    ('{"type":"object_created","data":{"session_id":"verona"}}', 422),
    ('{"type":"object_created","data":{"session_id":7,"object":{}}}', 422),
    ('[{"type":"object_created","data":{"session_id":"verona"}}]', 400),
    ('{"type":"x","data":' + "[" * 40 + "]" * 40 + "}", 400),
]


@scene("nonsense is answered, changes nothing, and one may go on")
async def _(server):
    await server.create_session("verona")
    for start in range(0, len(NONSENSE), 15):  # no more than 20 errors a second are answered
        [romeo] = await server.joined("verona", f"romeo-{start}")
        for text, status in NONSENSE[start:start + 15]:
            await romeo.send_text(text)
            error = (await romeo.expect("error"))["data"]
            equal(error["status"], status, f"{text}: {error}")
            assert error["message"] and error["code"], error
        await is_alive(server, romeo)


@scene("nesting: 32 deep is fine, 33 is not")
async def _(server):
    await server.create_session("verona")
    [romeo] = await server.joined("verona", "romeo")
    for depth, code in ((32, None), (33, "malformed")):
        nested = "[" * (depth - 3) + "]" * (depth - 3)  # inside message, data and object
        await romeo.send_text('{"type":"object_created","data":{"session_id":"verona","object":'
                              f'{{"name":"d{depth}","type":"cube","tags":{nested}}}}}}}')
        if code:
            await romeo.expect_error(code)
        else:
            await romeo.expect("object_created")


@scene("unknown members are ignored, and bytes are relayed as they came")
async def _(server):
    await server.create_session("verona")
    juliet = await RawWebSocket.connect(server, "/ws/verona")
    await juliet.expect_message("session_snapshot")
    [romeo] = await server.joined("verona", "romeo")
    await romeo.send_text('{"colour":"red","data":{"session_id":"verona","object":{"name":"rose",'
                          '"type":"sphere","x":1.50,"y":-0.0,"z":1e0,"scale":1,'
                          '"note":"\\u00e9\\/\\ud83d\\ude00","big":9007199254740993,"none":{}}},'
                          '"type":"object_created","id":5}')
    text = (await juliet.expect_message("object_created")).decode()
    for part in ('"x":1.50', '"y":-0.0', '"z":1e0', '"\\u00e9\\/\\ud83d\\ude00"',
                 "9007199254740993", '"none":{}'):
        assert part in text, (part, text)
    assert "colour" not in text, text
    juliet.close()


@scene("a binary message is an error, not the end")
async def _(server):
    await server.create_session("verona")
    [romeo] = await server.joined("verona", "romeo")
    await romeo.send_text(b'{"type":"leave","data":{"session_id":"verona"}}')
    equal((await romeo.expect("error"))["data"]["status"], 415)
    await is_alive(server, romeo)


@scene("a message of 64 KiB is read; one byte more closes with 1009")
async def _(server):
    await server.create_session("verona")
    [romeo, juliet] = await server.joined("verona", "romeo", "juliet")
    head = '{"type":"object_created","data":{"session_id":"verona"},"pad":"'
    for extra, client in ((0, romeo), (1, juliet)):
        await client.send_text(head + "x" * (65536 + extra - len(head) - 2) + '"}')
    equal((await romeo.expect("error"))["data"]["code"], "invalid_event")
    equal(await juliet.closed(), 1009)
    await is_alive(server, romeo)


@scene("an object of more than 32 KiB is refused")
async def _(server):
    await server.create_session("verona")
    [romeo] = await server.joined("verona", "romeo")
    refused = await refusal(romeo.do("object_created", rose(note="x" * 33000)))
    equal((refused.status, refused.code), (413, "too_large"))
    await is_alive(server, romeo)


@scene("a message in fragments is put together, with a ping in between")
async def _(server):
    await server.create_session("verona")
    raw = await RawWebSocket.connect(server, "/ws/verona")
    text = json.dumps({"type": "object_created", "id": 1, "data": rose(note="é€😀" * 300)},
                      ensure_ascii=False).encode()
    cuts = [0, 1, 60, 400, 401, 402, 1000, len(text)]  # in the middle of characters, too
    for first, last in zip(cuts, cuts[1:]):
        await raw.send_frame(CONTINUATION if first else TEXT, text[first:last],
                             fin=last == len(text))
        await raw.send_frame(PING, f"at {first}")
        equal(await raw.expect(PONG), f"at {first}".encode())
    raw.close()
    equal((await server.get("/api/sessions/verona/objects/rose")).json["note"], "é€😀" * 300)


@scene("fragments beyond 64 KiB close with 1009")
async def _(server):
    raw = await RawWebSocket.connect(server)
    await raw.send_frame(TEXT, "x" * 40000, fin=False)
    await raw.send_frame(CONTINUATION, "x" * 40000, fin=False)
    equal(await raw.close_code(), 1009)
    raw.close()


@scene("text that is no UTF-8 closes with 1007")
async def _(server):
    for bad in (b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82"):
        raw = await RawWebSocket.connect(server)
        await raw.send_frame(TEXT, b'{"type":"' + bad + b'"}')
        equal(await raw.close_code(), 1007, repr(bad))
        raw.close()


@scene("breaking the protocol closes with 1002, and nobody else notices")
async def _(server):
    await server.create_session("verona")
    [romeo] = await server.joined("verona", "romeo")
    for name, frames in (
            ("a reserved bit", [(TEXT, b"x", True, 4)]),
            ("a reserved opcode", [(3, b"x", True, 0)]),
            ("a reserved control opcode", [(11, b"x", True, 0)]),
            ("a ping in fragments", [(PING, b"x", False, 0)]),
            ("a continuation of nothing", [(CONTINUATION, b"x", True, 0)]),
            ("a new message amid fragments", [(TEXT, b"x", False, 0), (TEXT, b"x", True, 0)])):
        raw = await RawWebSocket.connect(server, "/ws/verona")
        for opcode, payload, fin, rsv in frames:
            await raw.send_frame(opcode, payload, fin, rsv)
        equal(await raw.close_code(), 1002, name)
        raw.close()
    await is_alive(server, romeo)


@scene("a client that dies amid a frame leaves its session")
async def _(server):
    await server.create_session("verona")
    [romeo] = await server.joined("verona", "romeo")
    for cut in (1, 3, 40):
        raw = await RawWebSocket.connect(server, "/ws/verona")
        await romeo.expect("client_connected")
        await raw.send((b"\x81\xfe\x01\x00" + bytes(4) + b'{"type":"object_created"' * 9)[:cut])
        raw.close()
        await romeo.expect("client_disconnected")
    await is_alive(server, romeo)


@scene("a close is answered by a close with its code")
async def _(server):
    for code in (1000, 1001, 3000, 4999):
        client = await server.client(f"client-{code}")
        await client.close(code)
        equal(client.socket.close_code, code)


@scene("a flood of nonsense is answered at a bounded rate and logged once")
async def _(server):
    await server.create_session("verona")
    [romeo] = await server.joined("verona", "romeo")
    began = time.monotonic()
    for _ in range(1000):
        await romeo.send_text("nonsense")
    await romeo.barrier("verona")
    answers = len(romeo.of_type("error")) - 1
    most = 20 * (2 + time.monotonic() - began)
    assert 1 <= answers <= most, answers
    complaints = [line for line in server.log if romeo.id in line and "level=info" in line]
    assert 1 <= len(complaints) <= 2, complaints


@scene("messages in one burst are all dealt with, in order", config="return { plugins = {} }")
async def _(server):
    await server.create_session("verona")
    [romeo] = await server.joined("verona", "romeo")
    raw = await RawWebSocket.connect(server, "/ws/verona")
    await raw.expect_message("session_snapshot")
    frames = b""
    for index in range(500):
        text = json.dumps({"type": "object_created", "id": index + 1, "data": {
            "session_id": "verona", "object": {"name": f"o{index}", "type": "cube"}}}).encode()
        frames += b"\x81\xfe" + len(text).to_bytes(2, "big") + bytes(4) + text
    await raw.send(frames)
    await romeo.reach("verona", 501)
    equal([m["id"] for m in romeo.of_type("object_created")], list(range(1, 501)))
    raw.close()


run()
