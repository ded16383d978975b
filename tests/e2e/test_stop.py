#!/usr/bin/python3
"""Stopping: what is pending is stored and delivered, everyone is told, nothing is lost."""

import asyncio
import os
import signal
import sys

import websockets

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from hd1 import Refused, equal, run, scene
from hd1_raw import Raw, RawWebSocket

BARE = "return { plugins = {} }"
HASTY = "return { plugins = {}, timeouts = { stop_s = 5 } }"
IMPATIENT = "return { plugins = {}, timeouts = { stop_s = 1 } }"  # less than closing may take


def rose(number):
    return {"session_id": "verona", "object": {"name": f"o{number}", "type": "cube"}}


@scene("SIGTERM and SIGINT: goodbye, close 1001, exit 0", config=BARE)
async def _(server):
    await server.create_session("verona")
    for number in (signal.SIGTERM, signal.SIGINT):
        [romeo] = await server.joined("verona", "romeo")
        lobby = await server.client("lobby")
        server.process.send_signal(number)
        for client in (romeo, lobby):
            goodbye = (await client.expect("goodbye"))["data"]
            equal(goodbye["reconnect"], True)
            assert goodbye["after_ms"] >= 0, goodbye
            equal(await client.closed(), 1001)
        equal(await server.wait_end(), 0)
        server.check()
        await server.start()


@scene("what was acknowledged before or during the stop is there after it", config=BARE)
async def _(server):
    await server.create_session("verona")
    clients = await server.joined("verona", *[f"c{index}" for index in range(6)])
    acknowledged = {}

    async def write(client, number):
        for index in range(10000):
            try:
                event = await client.do("object_created", rose(f"{number}-{index}"))
            except (Refused, AssertionError, websockets.ConnectionClosed):
                return
            acknowledged[event["data"]["object"]["name"]] = event["seq"]

    async def post():
        for index in range(10000):
            try:
                answer = await server.post("/api/sessions/verona/objects",
                                           {"name": f"rest-{index}", "type": "cube"})
            except OSError:
                return
            except Exception:  # half an answer
                return
            if answer.status != 201:
                equal(answer.status, 503, repr(answer))
                return
            acknowledged[f"rest-{index}"] = answer.json["version"]

    tasks = [asyncio.create_task(write(c, n)) for n, c in enumerate(clients)]
    tasks.append(asyncio.create_task(post()))
    await clients[0].reach("verona", 100)
    await server.stop()
    await asyncio.gather(*tasks)
    for client in clients:
        equal(client.close_code, 1001, client.name)
    seen = {m["data"]["object"]["name"]: m["seq"] for c in clients
            for m in c.of_type("object_created")}
    await server.start()
    stored = {e["data"]["object"]["name"]: e["seq"]
              for e in (await server.history("verona"))[1:]}
    for name, seq in {**acknowledged, **seen}.items():
        equal(stored.get(name), seq, f"{name}, which was acknowledged or seen")
    things = (await server.get("/api/sessions/verona/objects?limit=1000")).json["items"]
    equal(len(things), min(1000, len(stored)))
    again = await server.client("again")
    await again.join("verona", replica=clients[0].replicas["verona"])
    equal(again.of_type("session_snapshot"), [])


@scene("connections that say nothing, or half a request, do not keep it from stopping", config=HASTY)
async def _(server):
    await server.create_session("verona")
    raws = [await Raw.open(server) for _ in range(3)]
    await raws[1].send("GET /healthz HTTP/1.1\r\n")
    await raws[2].send("POST /api/sessions HTTP/1.1\r\nHost: localhost\r\n"
                       "Content-Length: 50\r\n\r\n{")
    silent = await RawWebSocket.connect(server, "/ws/verona")  # answers no close frame
    await server.stop()
    for raw in raws + [silent]:
        raw.close()


@scene("a connection that does not close is cut when the time is up", config=IMPATIENT)
async def _(server):
    silent = await RawWebSocket.connect(server)  # answers no close frame
    await server.stop()
    await server.wait_log("connections that do not close are cut")
    silent.close()


@scene("a client that does not read does not keep it from stopping", config=HASTY)
async def _(server):
    await server.create_session("verona")
    await server.create_object("verona", "rose")
    stuck = await RawWebSocket.connect(server, "/ws/verona", receive_bytes=4096)
    await stuck.expect_message("session_snapshot")
    events = [{"type": "object_updated", "data": {"object": {"name": "rose", "note": "x" * 30000}}}
              for _ in range(30)]
    for _ in range(8):
        equal((await server.post("/api/sessions/verona/events", events)).status, 200)
    await server.stop(is_checked=False)
    server.check()
    stuck.close()
    await server.start()
    equal((await server.get("/api/sessions/verona")).json["seq"], 242)


@scene("objects and camera are written behind at the latest when it stops", config=BARE)
async def _(server):
    await server.create_session("verona")
    for index in range(100):
        await server.create_object("verona", f"o{index}")
    view = {"position": {"x": 1, "y": 2, "z": 3}, "target": {"x": 0, "y": 0, "z": 0}}
    await server.http("PUT", "/api/sessions/verona/camera/position", view)
    before = (await server.get("/api/sessions/verona/objects?limit=1000")).json
    await server.restart()
    equal((await server.get("/api/sessions/verona/objects?limit=1000")).json, before)
    equal((await server.get("/api/sessions/verona/camera/position")).json["position"],
          view["position"])


@scene("stopping while sessions are being loaded and joined", config=BARE)
async def _(server):
    for index in range(20):
        await server.create_session(f"s{index}")
    await server.restart()
    clients = [await server.client(f"c{index}") for index in range(10)]
    for index, client in enumerate(clients):
        for number in range(16):
            await client.send("join", {"session_id": f"s{(index + number) % 20}"})
    await server.stop()
    for client in clients:
        assert await client.closed() in (1001, 1006), client.close_code


def signal_sets(pid):
    """name -> which signals are in it, of /proc/PID/status of the process's first thread."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        fields = dict(line.split(":", 1) for line in status)
    return {name: {number for number in range(1, 65) if int(fields[name], 16) >> number - 1 & 1}
            for name in ("SigBlk", "SigCgt")}


@scene("signals are read, and interrupt nothing: what waits is not taken for busy", config=BARE)
async def _(server):
    sets = signal_sets(server.process.pid)
    ours = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
    assert ours <= sets["SigBlk"], sets
    assert not ours & sets["SigCgt"], sets
    server.process.send_signal(signal.SIGHUP)
    await server.wait_log(r"area=plugins msg=reloaded|msg=\"?reload")


@scene("it starts again at once on the same port", config=BARE)
async def _(server):
    for _ in range(3):
        await server.client("romeo")
        await server.restart(same_port=True)


run()
