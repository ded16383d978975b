#!/usr/bin/python3
"""Who is in, what they say of themselves, and who has gone."""

import asyncio
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from hd1 import equal, run, scene


def here(**state):
    return {"session_id": "verona", **state}


async def clients_of(server):
    items = (await server.get("/api/sessions/verona/clients")).json["items"]
    return {item["client_id"]: item for item in items}


@scene("comings and goings are told, with how many are in now")
async def _(server):
    await server.create_session("verona")
    [romeo] = await server.joined("verona", "romeo")
    equal([c["client_id"] for c in romeo.replicas["verona"].clients], [romeo.id])
    for index in range(3):
        [juliet] = await server.joined("verona", "juliet")
        came = await romeo.expect("client_connected")
        equal((came["data"]["client_id"], came["data"]["clients"]), (juliet.id, 2))
        assert "seq" not in came, came
        equal({c["client_id"] for c in juliet.replicas["verona"].clients}, {romeo.id, juliet.id})
        if index == 0:
            await juliet.close()
        elif index == 1:
            juliet.abort()
        else:
            await juliet.send("leave", here())
        left = await romeo.expect("client_disconnected")
        equal((left["data"]["client_id"], left["data"]["clients"]), (juliet.id, 1))
    equal(romeo.of_type("client_connected")[0].get("client_id") != romeo.id, True)


@scene("client_info is told in all sessions, and to who comes later")
async def _(server):
    await server.create_session("verona")
    await server.create_session("mantua")
    romeo, juliet = await server.joined("verona", "romeo", "juliet")
    [nurse] = await server.joined("mantua", "nurse")
    await romeo.join("mantua")
    await romeo.send("client_info", {"user_agent": "balcony/1.0", "capabilities": ["roses"]})
    for client, session_id in ((juliet, "verona"), (nurse, "mantua")):
        told = await client.expect("client_info")
        equal((told["data"]["session_id"], told["data"]["client_id"]), (session_id, romeo.id))
        equal(told["data"]["info"]["user_agent"], "balcony/1.0")
    [late] = await server.joined("verona", "late")
    entry = next(c for c in late.replicas["verona"].clients if c["client_id"] == romeo.id)
    equal(entry["info"]["capabilities"], ["roses"])
    equal((await clients_of(server))[romeo.id]["info"]["user_agent"], "balcony/1.0")


@scene("presence is told to the others, the newest of what comes too fast")
async def _(server):
    await server.create_session("verona")
    romeo, juliet = await server.joined("verona", "romeo", "juliet")
    began = time.monotonic()
    for index in range(40):
        await romeo.send("presence", here(pointing=index))
    await juliet.expect("presence_updated",
                        lambda m: m["data"]["presence"].get("pointing") == 39)
    told = juliet.of_type("presence_updated")
    most = 2 + (time.monotonic() - began) / 0.1
    assert len(told) <= most, f"{len(told)} in {time.monotonic() - began:.2f} s"
    seen = [m["data"]["presence"]["pointing"] for m in told]
    equal(seen, sorted(seen))
    equal(romeo.of_type("presence_updated"), [])
    equal((await clients_of(server))[romeo.id]["presence"]["pointing"], 39)
    [late] = await server.joined("verona", "late")
    entry = next(c for c in late.replicas["verona"].clients if c["client_id"] == romeo.id)
    equal(entry["presence"]["pointing"], 39)


@scene("presence is forgotten with its client, and with a restart")
async def _(server):
    await server.create_session("verona")
    romeo, juliet = await server.joined("verona", "romeo", "juliet")
    await romeo.send("presence", here(mood="sad"))
    await juliet.expect("presence_updated")
    romeo.abort()
    await juliet.expect("client_disconnected")
    equal(set(await clients_of(server)), {juliet.id})
    await server.restart(is_killed=True)
    equal(await clients_of(server), {})
    equal((await server.get("/api/sessions/verona")).json["seq"], 1)


@scene("too much of it is refused")
async def _(server):
    await server.create_session("verona")
    [romeo] = await server.joined("verona", "romeo")
    for kind in ("presence", "client_info"):
        await romeo.send(kind, here(note="x" * 5000), id=romeo.next_id())
        await romeo.expect_error("too_large")
    await romeo.send("presence", {"session_id": "padua"}, id=romeo.next_id())
    await romeo.expect_error("not_joined")


@scene("of three hundred in one session, the first page names 200 and counts all",
       config="return { plugins = {}, limits = { connections_per_address = 1000 } }")
async def _(server):
    await server.create_session("verona")

    async def come(index):
        return (await server.joined("verona", f"c{index}"))[0]

    for start in range(0, 300, 50):
        await asyncio.gather(*[come(index) for index in range(start, start + 50)])
    [last] = await server.joined("verona", "last")
    page = last.of_type("session_snapshot")[0]["data"]
    equal((len(page["clients"]), page["clients_total"]), (200, 301))
    equal(len((await server.get("/api/sessions/verona/clients?limit=1000")).json["items"]), 301)


run()
