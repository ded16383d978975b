#!/usr/bin/python3
"""
The kill test: `kill -9` again and again while 20 clients in 4 sessions write, over WebSocket and
REST. After each restart everyone resumes with `since` and `epoch`. At the end each has seen 1..N
once each, all of a session the same bytes, and the state folded from them is the server's.

    kill.py [SEED [KILLS]]      a given seed repeats the same choices (not the same timing)
"""

import asyncio
import json
import os
import random
import sys
import time

import websockets

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from hd1 import TIMEOUT_S, Replica, Server, equal

SESSIONS = [f"room-{index}" for index in range(4)]
CLIENTS_EACH = 5
NAMES = 40  # objects that the clients of a session fight over
TOTAL_S = 600
CONFIG = """return { plugins = {
  { "rate_limit", client = { rate = 100000, burst = 100000 },
    address = { rate = 100000, burst = 100000 }, session = { rate = 100000, burst = 100000 } },
  "validate", "chat",
} }"""


class Witness:
    """One client: it writes at random, and remembers every durable event as it came."""

    def __init__(self, session_id, number, seed):
        self.session_id = session_id
        self.name = f"{session_id}/{number}"
        self.random = random.Random(f"{seed} {self.name}")
        self.replica = Replica(session_id)
        self.texts = []  # of events 1..N
        self.faults = []
        self.count = 0
        self.own = 0  # messages sent, over all connections
        self.is_in = None

    async def live(self, server):
        """From connecting until the server is gone."""
        try:
            async with websockets.connect(f"ws://127.0.0.1:{server.port}/ws", ping_interval=None,
                                          compression=None, open_timeout=TIMEOUT_S,
                                          close_timeout=0.1) as socket:
                epoch, since = self.replica.epoch, self.replica.seq
                await socket.send(json.dumps({"type": "join", "data": {
                    "session_id": self.session_id, "since": since, "epoch": epoch}}))
                writer = asyncio.create_task(self.write(socket))
                try:
                    async for text in socket:
                        self.receive(text)
                finally:
                    writer.cancel()
        except (OSError, websockets.WebSocketException):
            pass

    def receive(self, text):
        message = json.loads(text)
        kind, data = message["type"], message["data"]
        if kind == "session_resumed":
            if data["from"] != self.replica.seq + 1:
                self.faults.append(f"resumed from {data['from']}, knew {self.replica.seq}")
            self.replica.epoch = data["epoch"]
            self.is_in.set()
        elif kind == "session_snapshot":
            self.faults.append(f"a snapshot ({data.get('reason')}) for since {self.replica.seq}")
            self.is_in.set()
        elif "seq" in message and data.get("session_id") == self.session_id:
            fault = self.replica.feed(message)
            self.replica.events.clear()
            self.texts.append(text)
            if fault:
                self.faults.append(fault)
        elif kind == "error" and data["status"] not in (404, 409, 412, 503):
            self.faults.append(f"refused: {data}")

    async def write(self, socket):
        await self.is_in.wait()
        while True:
            await socket.send(json.dumps(self.choose()))
            await asyncio.sleep(self.random.random() * 0.02)  # the pace of the load

    def choose(self):
        self.count += 1
        name = f"o{self.random.randrange(NAMES)}"
        thing = {"name": name, "type": "cube", "x": self.random.randint(-12, 12),
                 "by": f"{self.name} {self.count}"}
        kind = self.random.choices(
            ("object_created", "object_updated", "object_deleted", "world_updated", "chat_message",
             "object_moved"), (25, 45, 10, 5, 10, 5))[0]
        data = {"object_created": {"object": thing},
                "object_updated": {"object": {**thing, "old": None}},
                "object_deleted": {"name": name},
                "world_updated": {"world": {"mood": thing["by"]}},
                "chat_message": {"text": thing["by"]},
                "object_moved": {"name": name, "x": 1}}[kind]
        return {"type": kind, "data": {"session_id": self.session_id, **data}}


class Caller:
    """One REST client: what was acknowledged to it must be there."""

    def __init__(self, session_id, seed):
        self.session_id = session_id
        self.random = random.Random(f"{seed} rest {session_id}")
        self.count = 0
        self.puts = []  # (version, count): acknowledged
        self.arrays = []  # (first_seq, last_seq, count): acknowledged
        self.faults = []

    async def live(self, server):
        base = f"/api/sessions/{self.session_id}"
        while server.is_running():
            self.count += 1
            try:
                if self.random.random() < 0.5:
                    answer = await server.http("PUT", f"{base}/objects/rest",
                                               {"type": "cone", "count": self.count})
                    if answer.status in (200, 201):
                        self.puts.append((answer.json["version"], self.count))
                else:
                    events = [{"type": "chat_message", "data": {"text": f"array {self.count} {i}"}}
                              for i in range(self.random.randint(2, 12))]
                    answer = await server.post(f"{base}/events", events)
                    if answer.status == 200:
                        body = answer.json
                        self.arrays.append((body["first_seq"], body["last_seq"], self.count))
                if answer.status not in (200, 201, 503):
                    self.faults.append(repr(answer))
            except Exception as error:  # the server was killed; half an answer may be there
                if server.is_running():
                    await asyncio.sleep(0.005)
                    if server.is_running() and not isinstance(error, OSError):
                        self.faults.append(repr(error))


class Test:
    def __init__(self, seed, kills):
        self.random = random.Random(seed)
        self.kills = kills
        self.server = Server(config=CONFIG)
        self.witnesses = [Witness(session_id, number, seed) for session_id in SESSIONS
                          for number in range(CLIENTS_EACH)]
        self.callers = [Caller(session_id, seed) for session_id in SESSIONS]
        self.count = self.failed = 0
        self.slowest_start_s = 0

    def case(self, name, function):
        self.count += 1
        try:
            function()
            print(f"ok - {name}", flush=True)
        except AssertionError as error:
            self.failed += 1
            print(f"not ok - {name}", flush=True)
            for line in str(error)[:2000].splitlines():
                print(f"# {line}")

    # --- the load ---

    async def start(self):
        began = time.monotonic()
        await self.server.start()
        self.slowest_start_s = max(self.slowest_start_s, time.monotonic() - began)

    async def make_sessions(self):
        for session_id in SESSIONS:
            detail = await self.server.create_session(session_id)
            for witness in self.witnesses:
                if witness.session_id == session_id:
                    witness.replica.epoch = detail["epoch"]

    async def round(self, seconds, is_killed):
        """One life of the server: load, then its end."""
        for witness in self.witnesses:
            witness.is_in = asyncio.Event()
        tasks = [asyncio.create_task(w.live(self.server)) for w in self.witnesses]
        tasks += [asyncio.create_task(c.live(self.server)) for c in self.callers]
        if seconds > 0.1:
            everyone = asyncio.gather(*[w.is_in.wait() for w in self.witnesses])
            await asyncio.wait_for(everyone, TIMEOUT_S)
            self.check_resumes()
        await asyncio.sleep(seconds)  # how long the load lasts
        if is_killed:
            await self.server.kill()
        else:
            await self.server.stop()
        done, pending = await asyncio.wait(tasks, timeout=TIMEOUT_S)
        assert not pending, f"{len(pending)} clients hang"
        for task in done:
            task.result()

    async def catch_up(self):
        """Everyone is brought to the head, without further load."""
        heads = {}
        for session_id in SESSIONS:
            heads[session_id] = (await self.server.get(f"/api/sessions/{session_id}")).json["seq"]
        for witness in self.witnesses:
            witness.is_in = asyncio.Event()
            witness.write = self.stay_silent
        tasks = [asyncio.create_task(w.live(self.server)) for w in self.witnesses]
        deadline = time.monotonic() + TIMEOUT_S
        while any(w.replica.seq < heads[w.session_id] for w in self.witnesses):
            assert time.monotonic() < deadline, {w.name: (w.replica.seq, heads[w.session_id])
                                                 for w in self.witnesses}
            await asyncio.sleep(0.01)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @staticmethod
    async def stay_silent(_socket):
        await asyncio.Event().wait()

    # --- the judgement ---

    def check_resumes(self):
        for actor in self.witnesses + self.callers:
            assert not actor.faults, f"{getattr(actor, 'name', actor.session_id)}: " \
                                     f"{len(actor.faults)} faults: {actor.faults[:3]}"

    def check_dense(self):
        for witness in self.witnesses:
            seqs = [json.loads(text)["seq"] for text in witness.texts]
            equal(seqs, list(range(1, witness.replica.seq + 1)), witness.name)

    def check_bytes(self):
        for session_id in SESSIONS:
            first, *others = [w for w in self.witnesses if w.session_id == session_id]
            for other in others:
                for one, two in zip(first.texts, other.texts):
                    equal(two, one, f"{other.name} against {first.name}")
                equal(len(other.texts), len(first.texts), f"{other.name}'s events")

    def check_history(self):
        for session_id in SESSIONS:
            witness = next(w for w in self.witnesses if w.session_id == session_id)
            equal(self.history[session_id], [json.loads(text) for text in witness.texts],
                  f"history of {session_id}")

    def check_state(self):
        for witness in self.witnesses:
            things, world = self.state[witness.session_id]
            equal(witness.replica.objects, things, f"objects of {witness.name}")
            equal(witness.replica.world, world, f"world of {witness.name}")

    def check_acknowledged(self):
        for caller in self.callers:
            log = self.history[caller.session_id]
            for version, count in caller.puts:
                equal(log[version - 1]["data"]["object"].get("count"), count,
                      f"{caller.session_id}: PUT that was answered with version {version}")
            for first, last, count in caller.arrays:
                texts = [event["data"].get("text") for event in log[first - 1:last]]
                equal(texts, [f"array {count} {i}" for i in range(last - first + 1)],
                      f"{caller.session_id}: array that was answered with {first}..{last}")

    def check_arrays(self):
        """What was not acknowledged may be there or not, but whole, and without a gap."""
        for caller in self.callers:
            arrays = {}
            for event in self.history[caller.session_id]:
                words = event["data"].get("text", "").split()
                if words[:1] == ["array"]:
                    arrays.setdefault(words[1], []).append((event["seq"], int(words[2])))
            acknowledged = {str(count): last - first + 1
                            for first, last, count in caller.arrays}
            for count, events in arrays.items():
                first = events[0][0]
                equal(events, [(first + i, i) for i in range(len(events))], f"array {count}")
                assert len(events) >= 2, f"array {count} has a part only"
                equal(len(events), acknowledged.get(count, len(events)), f"array {count}")

    async def read_server(self):
        self.history, self.state = {}, {}
        for session_id in SESSIONS:
            self.history[session_id] = await self.server.history(session_id)
            answer = await self.server.get(f"/api/sessions/{session_id}/objects?limit=1000")
            things = {thing["name"]: thing for thing in answer.json["items"]}
            world = (await self.server.get(f"/api/sessions/{session_id}/world")).json
            self.state[session_id] = (things, world)

    # --- all of it ---

    async def play(self):
        await self.start()
        await self.make_sessions()
        for _ in range(self.kills):
            # some die before anyone is back
            seconds = self.random.choice((0.02, 0.5, 2, 4)) * self.random.random()
            await self.round(seconds, is_killed=True)
            await self.start()
        await self.catch_up()
        await self.read_server()

    async def run(self):
        try:
            await self.play()
            events = sum(w.replica.seq for w in self.witnesses[::CLIENTS_EACH])
            acknowledged = sum(len(c.puts) + len(c.arrays) for c in self.callers)
            print(f"# {self.kills} kills, {events} events, {acknowledged} acknowledged requests, "
                  f"slowest start {self.slowest_start_s:.2f} s")
            self.case(f"{self.kills} kills under load: every client could resume every time",
                      self.check_resumes)
            self.case("each client saw 1..N, each once", self.check_dense)
            self.case("all clients of a session saw the same bytes", self.check_bytes)
            self.case("the history says the same", self.check_history)
            self.case("the state folded from the events is the server's", self.check_state)
            self.case("what was acknowledged is there", self.check_acknowledged)
            self.case("arrays are there whole or not at all", self.check_arrays)
            await self.server.restart()
            await self.read_server()
            self.case("and all that after one more, orderly restart",
                      lambda: (self.check_history(), self.check_state()))
            assert events > 100 * self.kills / 20, "hardly any load"
            await self.server.close(is_checked=True)
        except BaseException as error:
            self.server.is_failed = True
            self.failed += 1
            print(f"not ok - the kill test went through\n# {type(error).__name__}: {error}")
            for line in self.server.log[-20:]:
                print(f"# server: {line}")
        finally:
            await self.server.close(is_checked=False)


def main():
    arguments = [int(argument) for argument in sys.argv[1:]]
    seed = arguments[0] if arguments else random.SystemRandom().randrange(10**6)
    kills = arguments[1] if len(arguments) > 1 else 20
    print(f"# seed {seed}")
    test = Test(seed, kills)
    asyncio.run(asyncio.wait_for(test.run(), TOTAL_S))
    print(f"1..{test.count}")
    sys.exit(1 if test.failed else 0)


if __name__ == "__main__":
    main()
