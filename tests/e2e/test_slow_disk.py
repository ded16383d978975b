#!/usr/bin/python3
"""A disk that does not keep up: senders wait, then are refused; nobody else does, nothing is lost."""

import asyncio
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from hd1 import TIMEOUT_S, equal, run, scene, until
from hd1_disk import Disk
from hd1_raw import PING, PONG, TEXT, RawWebSocket

MIB = 1 << 20
PENDING = MIB
MEMORY = 24 * MIB  # what the server may grow by meanwhile, its sanitizers' share included
CONFIG = f"""return {{
  plugins = {{ "validate" }}, limits = {{ pending_bytes = {PENDING}, ring_bytes = {MIB} }},
  queue_messages = 65536, queue_bytes = {64 * MIB},
}}"""
FILLER = "x" * 30000


def on_slow_disk(name):
    def mark(function):
        @scene(name, start=False, config=CONFIG)
        async def _(server):
            disk = Disk(server)
            await server.start()
            try:
                await function(server, disk)
            finally:
                disk.set(0)
        return function
    return mark


async def rounds_and_batches(server):
    """How many rounds of the loop took longer than 33 ms, and how many batches there were."""
    found = await server.metrics()
    short = found['hd1_round_seconds_bucket{le="0.032768"}']
    return found["hd1_round_seconds_count"] - short, found["hd1_batches_total"]


class Sender:
    """Sends events as fast as it is read from, and remembers what became of each."""

    def __init__(self, client, session_id, thing, filler):
        self.client, self.session_id, self.thing, self.filler = client, session_id, thing, filler
        self.sent = []

    async def send(self, count):
        for number in range(count):
            own = self.client.next_id()
            self.sent.append(own)
            await self.client.send("object_updated", {"session_id": self.session_id, "object": {
                "name": self.thing, "n": number, "filler": self.filler}}, id=own)

    def answers(self):
        """id -> seq, or the code of its refusal"""
        found = {}
        for message in self.client.log:
            if message["type"] == "error":
                found[message["data"].get("id")] = message["data"]["code"]
            elif message.get("client_id") == self.client.id and "seq" in message:
                found[message.get("id")] = message["seq"]
        return found

    async def all_answered(self):
        await until(lambda: set(self.sent) <= set(self.answers()), what="an answer to each")
        return [self.answers()[own] for own in self.sent]


async def life_goes_on(server, mover, watcher, number):
    """Pings are answered and volatile events arrive, whatever the disk does."""
    await asyncio.wait_for(await mover.socket.ping(), TIMEOUT_S)
    await mover.send("object_moved", {"session_id": "verona", "name": "rose", "x": 1, "n": number})
    await watcher.expect("object_moved", lambda m: m["data"]["n"] == number)
    assert (await server.get("/healthz")).status == 200


async def expect_whole(server, client, accepted):
    """The log has each accepted event once, and the client has seen all of it."""
    history = await server.history("verona", limit=100)
    equal([event["seq"] for event in history], list(range(1, len(history) + 1)), "the log")
    seqs = {event["seq"] for event in history if event["type"] == "object_updated"}
    equal(seqs, set(accepted), "what is in the log")
    await client.reach("verona", len(history))


async def people(server):
    await server.create_session("verona")
    await server.create_object("verona", "rose")
    return await server.joined("verona", "romeo", "juliet", "mercutio")


@on_slow_disk("a disk that stops for 5 s holds senders up and nobody else; then all goes on")
async def _(server, disk):
    romeo, juliet, mercutio = await people(server)
    sender = Sender(romeo, "verona", "rose", FILLER)
    before = server.resident_bytes()
    disk.stop()
    began = time.monotonic()
    sending = asyncio.create_task(sender.send(1500))  # 45 MB, while there is room for one
    refused = number = 0
    while time.monotonic() < began + 5 or not refused:  # the scene's own deadline bounds it
        number += 1
        await life_goes_on(server, juliet, mercutio, number)
        pending = (await server.metrics())["hd1_pending_bytes"]
        assert pending <= PENDING, pending
        if pending > PENDING * 3 / 4:
            answer = await server.post("/api/sessions/verona/events", [
                {"type": "object_updated", "data": {"object": {"name": "rose", "filler": FILLER}}}
            ] * 10)
            equal((answer.status, answer.json["code"]), (503, "busy"))
            assert int(answer.headers["retry-after"]) > 0
            refused += 1
    assert not sending.done(), "the sender was read from all the time"
    grown = server.resident_bytes() - before
    assert grown < MEMORY, f"{grown} bytes more"
    equal(mercutio.replicas["verona"].seq, 2, "what was seen before it was on disk")
    disk.set(0)
    await sending
    accepted = [answer for answer in await sender.all_answered() if answer != "busy"]
    await server.create_object("verona", "lily")
    await expect_whole(server, mercutio, accepted)

    async def is_settled():
        return (await server.metrics())["hd1_pending_bytes"] == 0
    await until(is_settled, what="nothing to be pending")
    equal((await server.get("/readyz")).status, 200)


@on_slow_disk("a disk of 50 ms per sync delays durable events and nothing else, and loses none")
async def _(server, disk):
    romeo, juliet, mercutio = await people(server)
    senders = [Sender(client, "verona", "rose", FILLER) for client in (romeo, juliet)]
    before, counted = server.resident_bytes(), await rounds_and_batches(server)
    disk.set(50)
    sending = [asyncio.create_task(sender.send(1000)) for sender in senders]
    number = 0
    while not all(task.done() for task in sending) or number < 20:
        number += 1
        await life_goes_on(server, juliet, mercutio, number)
        pending = (await server.metrics())["hd1_pending_bytes"]
        assert pending <= PENDING, pending
    answers = [answer for sender in senders for answer in await sender.all_answered()]
    accepted = [answer for answer in answers if answer != "busy"]
    assert len(accepted) > 100, len(accepted)
    grown = server.resident_bytes() - before
    assert grown < MEMORY, f"{grown} bytes more"
    await expect_whole(server, mercutio, accepted)
    long_rounds, batches = [after - earlier for after, earlier in
                            zip(await rounds_and_batches(server), counted)]
    # a hub that waited for the disk would have a long round for each batch
    assert batches > 20 and long_rounds < batches / 2, (long_rounds, batches)


SAYER = """return { name = "sayer", version = "1", api = 1, setup = function(hd1)
  return { routes = { ["POST /api/x/sayer/verona"] = function()
    hd1.emit({ type = "world_updated", session_id = "verona", data = { world = { title = "V" } } })
    return 202
  end } }
end }"""


@scene("a route that emits is answered when what it emitted is on disk", start=False, timeout=120)
async def _(server):
    disk = Disk(server)
    (server.folder / "plugins").mkdir()
    (server.folder / "plugins" / "sayer.lua").write_text(SAYER)
    server.config = f'return {{ plugin_path = "{server.folder}/plugins", plugins = {{ "sayer" }} }}'
    await server.start()
    await server.create_session("verona")
    disk.stop()
    asking = asyncio.create_task(server.post("/api/x/sayer/verona"))
    try:
        async def is_pending():
            return (await server.metrics())["hd1_pending_bytes"] > 0
        await until(is_pending, what="the event to be on its way")
        assert not asking.done(), "answered before the event is on disk"
    finally:
        disk.set(0)
    equal((await asking).status, 202)
    equal([e["type"] for e in await server.history("verona")][-1], "world_updated")


TELLER = """return { name = "teller", version = "1", api = 1, setup = function(hd1)
  local watching = {}
  return {
    before_event = { object_created = function(event)
      for socket in pairs(watching) do socket:send(event.data.object.name .. " is coming") end
    end },
    sockets = {
      ["/ws/x/teller/watch"] = { message = print, connect = function(socket)
        watching[socket] = true
      end },
      ["/ws/x/teller/ask"] = function(socket, message)
        local session = hd1.session("verona")
        socket:send(message == "how many?" and session.object_count .. "" or message)
      end,
      ["/ws/x/teller/echo"] = function(socket, message) socket:send(message) end,
    },
  }
end }"""


async def has_heard_nothing(peer):
    await peer.send_frame(PING, b"anything?")
    equal(await peer.frame(), (PONG, b"anything?"))


@scene("a plugin's sockets hear what is on disk; an echo waits for nothing", start=False, timeout=120)
async def _(server):
    disk = Disk(server)
    (server.folder / "plugins").mkdir()
    (server.folder / "plugins" / "teller.lua").write_text(TELLER)
    server.config = f'return {{ plugin_path = "{server.folder}/plugins", plugins = {{ "teller" }} }}'
    await server.start()
    await server.create_session("verona")
    watcher, asker, echo = [await RawWebSocket.connect(server, f"/ws/x/teller/{path}")
                            for path in ("watch", "ask", "echo")]
    disk.stop()
    creating = asyncio.create_task(server.create_object("verona", "rose"))
    try:
        async def is_pending():
            return (await server.metrics())["hd1_pending_bytes"] > 0
        await until(is_pending, what="the event to be on its way")
        await asker.send_frame(TEXT, b"how many?")
        await asker.send_frame(TEXT, b"thanks")
        await echo.send_frame(TEXT, b"hark")
        equal(await echo.frame(), (TEXT, b"hark"))
        for peer in (watcher, asker):
            await has_heard_nothing(peer)
        assert not creating.done()
    finally:
        disk.set(0)
    await creating
    equal(await watcher.frame(), (TEXT, b"rose is coming"))
    equal([await asker.frame() for _ in range(2)], [(TEXT, b"1"), (TEXT, b"thanks")])


run()
