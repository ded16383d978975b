#!/usr/bin/python3
"""
Stopping ends by itself within stop_s, or at once by a second signal, though the disk stands still.
Its exit code says that not everything could be stored; what was acknowledged is there after it.
"""

import asyncio
import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from hd1 import equal, run, scene, until
from hd1_disk import Disk

SHORT_S = 2
LONG_S = 600  # longer than a scene may take


def on_disk(name, stop_s, durability="full"):
    """The server's disk may be stopped, and goes on when the scene is over."""
    config = (f'return {{ plugins = {{}}, durability = "{durability}", '
              f"timeouts = {{ stop_s = {stop_s} }} }}")

    def mark(function):
        @scene(name, start=False, config=config)
        async def _(server):
            disk = Disk(server)
            await server.start()
            await server.create_session("verona")
            try:
                await function(server, disk)
            finally:
                disk.set(0)
        return function
    return mark


async def is_pending(server):
    return (await server.metrics())["hd1_pending_bytes"] > 0


async def ask_of_stopped_disk(server, disk):
    """A request whose event cannot be stored: the task that waits for its answer."""
    disk.stop()
    asking = asyncio.create_task(server.post("/api/sessions/verona/objects",
                                             {"name": "lily", "type": "cube"}))
    await until(lambda: is_pending(server), what="the event to wait for the disk")
    return asking


async def create_beside_stopped_disk(server, disk):
    """
    An object, stored while the disk stands still: a commit that is not synced waits only if it
    begins the database's log anew. The database cannot be closed then.
    """
    for number in range(100):
        disk.set(0)
        await server.create_object("verona", f"first_{number}")
        disk.stop()
        asking = asyncio.create_task(server.create_object("verona", f"rose_{number}"))
        is_stored, _ = await asyncio.wait([asking], timeout=5)
        if is_stored:
            return await asking
        disk.set(0)
        await asking
    raise AssertionError("each commit began the log anew")


async def expect_outcome_unknown(asking):
    """The answer, unless the connection ended before it."""
    try:
        answer = await asking
    except OSError:
        return
    equal((answer.status, answer.json["code"]), (503, "outcome_unknown"))


async def expect_kept(server, disk, *things):
    """Started again, it has each of the things; what nobody was told of may be there or not."""
    disk.set(0)
    await server.start()
    for thing in things:
        kept = (await server.get(f"/api/sessions/verona/objects/{thing['name']}")).json
        equal(kept, thing)
    seqs = [event["seq"] for event in await server.history("verona")]
    equal(seqs, list(range(1, len(seqs) + 1)), "the log")


async def expect_refusal_of_newcomers(server):
    """It has begun to stop."""
    async def is_refused():
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        except OSError:
            return True
        writer.close()
        return False
    await until(is_refused, what="the listener to be closed")


@on_disk("when its time is up it ends with 1, and says that not everything is stored", SHORT_S)
async def _(server, disk):
    rose = await server.create_object("verona", "rose")
    [juliet] = await server.joined("verona", "juliet")
    asking = await ask_of_stopped_disk(server, disk)
    await juliet.send("object_created", {"session_id": "verona",
                                         "object": {"name": "iris", "type": "cube"}})
    server.process.send_signal(signal.SIGTERM)
    equal(await server.wait_end(), 1)
    await server.wait_log("not everything could be stored in time")
    await expect_outcome_unknown(asking)
    equal(await juliet.closed(), 1001)
    equal(juliet.of_type("object_created"), [], "what was seen before it was on disk")
    await expect_kept(server, disk, rose)


@on_disk("when its time is up while the database is being closed it ends with 1", SHORT_S,
         durability="process")
async def _(server, disk):
    rose = await create_beside_stopped_disk(server, disk)
    server.process.send_signal(signal.SIGTERM)
    equal(await server.wait_end(), 1)
    await expect_kept(server, disk, rose)


@on_disk("a second signal ends it at once with 1, and loses nothing acknowledged", LONG_S)
async def _(server, disk):
    rose = await server.create_object("verona", "rose")
    asking = await ask_of_stopped_disk(server, disk)
    server.process.send_signal(signal.SIGTERM)
    await expect_refusal_of_newcomers(server)
    server.process.send_signal(signal.SIGINT)
    equal(await server.wait_end(), 1)
    await server.wait_log("second signal: exit at once")
    await expect_outcome_unknown(asking)
    await expect_kept(server, disk, rose)


@on_disk("so it does while the database is being closed", LONG_S, durability="process")
async def _(server, disk):
    rose = await create_beside_stopped_disk(server, disk)
    [juliet] = await server.joined("verona", "juliet")
    server.process.send_signal(signal.SIGTERM)
    equal(await juliet.closed(), 1001)
    server.process.send_signal(signal.SIGTERM)
    equal(await server.wait_end(), 1)
    await expect_kept(server, disk, rose)


run()
