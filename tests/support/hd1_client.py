"""A WebSocket client for scenes, and the replica that watches what it is told.

Every client keeps a replica of each session it joined and checks on the way that durable events
arrive dense and in order, each once (invariant 2 of the hub). A breach is a fault; the scene that
the client belongs to fails, whatever else it looks at.
"""

import asyncio
import itertools
import json

import websockets

TIMEOUT_S = 60.0  # for what comes at once on an idle machine


class Refused(Exception):
    """The server answered `error`; .error is its data."""

    def __init__(self, error):
        super().__init__(f"{error.get('status')} {error.get('code')}: {error.get('message')}")
        self.error = error
        self.status = error.get("status")
        self.code = error.get("code")
        self.details = error.get("details", {})


def merge(target, changes):
    """What object_updated and world_updated do: top-level members, null removes."""
    for key, value in changes.items():
        if value is None:
            target.pop(key, None)
        else:
            target[key] = value


def without_nulls(members):
    return {key: value for key, value in members.items() if value is not None}


class Replica:
    """One session as a client knows it: snapshot, then events."""

    def __init__(self, session_id):
        self.session_id = session_id
        self.epoch = None
        self.seq = 0
        self.world = {}
        self.camera = None
        self.objects = {}
        self.clients = []
        self.reason = None
        self.is_complete = False  # the last page (or session_resumed) is here
        self.is_partial = False  # resumed with nothing known from before: objects are not judged
        self.events = []  # durable ones, as received

    def begin_page(self, data):
        if data["page"] == 0:
            self.epoch, self.seq = data["epoch"], data["seq"]
            self.world = data.get("world") or {}
            self.camera = data.get("camera")
            self.clients = data.get("clients", [])
            self.reason = data.get("reason")
            self.objects = {}
            self.events = []
        for thing in data.get("objects", []):
            self.objects[thing["name"]] = thing
        self.is_complete = data["last"] is True

    def feed(self, message):
        """Applies a durable event; returns what is wrong with it, or None."""
        seq = message["seq"]
        if seq != self.seq + 1:
            return f"{self.session_id}: seq {seq} ({message['type']}) came after {self.seq}"
        self.seq = seq
        self.events.append(message)
        kind, data = message["type"], message["data"]
        if kind == "world_initialized":
            self.world = without_nulls(data["world"])
        elif kind == "world_updated":
            merge(self.world, data["world"])
        elif kind == "object_created":
            self.objects[data["object"]["name"]] = {**without_nulls(data["object"]), "version": seq}
        elif kind == "object_updated":
            name = data["object"]["name"]
            if name not in self.objects:
                if self.is_partial:
                    return None
                return f"{self.session_id}: seq {seq} updates {name}, which nobody created"
            merge(self.objects[name], data["object"])
            self.objects[name]["version"] = seq
        elif kind == "object_deleted":
            if self.objects.pop(data["name"], None) is None and not self.is_partial:
                return f"{self.session_id}: seq {seq} deletes {data['name']}, which is not there"
        return None


class Client:
    """
    Messages wait in `inbox` in the order they came until expect() or next() takes them out; `log`
    keeps all of them.
    """

    def __init__(self, socket, name):
        self.socket = socket
        self.name = name
        self.inbox = []
        self.log = []
        self.faults = []
        self.replicas = {}
        self._known = {}  # session -> replica of before, while a resume is asked for
        self.id = None  # from welcome
        self.welcome = None
        self.close_code = None
        self.close_reason = None
        self._ids = itertools.count(1)
        self._news = asyncio.Condition()
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def connect(cls, url, name="client", expect_welcome=True, **options):
        """url: ws://...; options go to websockets.connect (subprotocols, origin, ...)."""
        options = {"ping_interval": None, "compression": None, "max_size": None,
                   "open_timeout": TIMEOUT_S, "close_timeout": 10, **options}
        client = cls(await websockets.connect(url, **options), name)
        if expect_welcome:
            client.welcome = (await client.expect("welcome"))["data"]
            client.id = client.welcome["client_id"]
        return client

    async def _read(self):
        try:
            async for text in self.socket:
                message = json.loads(text)
                async with self._news:
                    self.log.append(message)
                    self.inbox.append(message)
                    self._watch(message)
                    self._news.notify_all()
        except websockets.ConnectionClosed:
            pass
        except Exception as error:  # not JSON, or a message the replica cannot read
            self.faults.append(f"{type(error).__name__}: {error}")
        async with self._news:
            self.close_code = self.socket.close_code or 1006
            self.close_reason = self.socket.close_reason
            self._news.notify_all()

    def _watch(self, message):
        data = message.get("data", {})
        session_id = data.get("session_id")
        if message["type"] == "session_snapshot":
            replica = self.replicas.get(session_id)
            if replica is None or data["page"] == 0:
                replica = self.replicas[session_id] = Replica(session_id)
            replica.begin_page(data)
        elif message["type"] == "session_resumed":
            replica = self._known.pop(session_id, None)
            if replica is None:
                replica = Replica(session_id)
                replica.is_partial = True
            self.replicas[session_id] = replica
            replica.epoch, replica.seq, replica.is_complete = data["epoch"], data["from"] - 1, True
        elif "seq" in message and session_id in self.replicas:
            fault = self.replicas[session_id].feed(message)
            if fault:
                self.faults.append(fault)
            if message["type"] == "session_deleted":
                del self.replicas[session_id]

    # --- sending ---

    def next_id(self):
        return next(self._ids)

    async def send(self, kind, data=None, **members):
        """One envelope; members: id=, time_ms=, or whatever a test wants in there."""
        await self.send_text(json.dumps({"type": kind, "data": data or {}, **members}))

    async def send_text(self, text):
        """As is; bytes go out as a binary message."""
        await self.socket.send(text)

    async def do(self, kind, data, timeout=TIMEOUT_S, **members):
        """Sends a durable event and waits until it came back; raises Refused if it was refused."""
        own = self.next_id()
        await self.send(kind, data, id=own, **members)
        message = await self.take(
            lambda m: (m["type"] == "error" and m["data"].get("id") == own)
            or (m.get("client_id") == self.id and m.get("id") == own),
            timeout, f"the outcome of {kind} (id {own})")
        if message["type"] == "error":
            raise Refused(message["data"])
        return message

    async def join(self, session_id, since=None, epoch=None, replica=None, timeout=TIMEOUT_S):
        """
        Joins; waits until the snapshot is whole or the resume begun; returns the replica. replica:
        what a client (an earlier connection, perhaps) knew: the join resumes from there.
        """
        data = {"session_id": session_id}
        if replica is not None:
            since, epoch = replica.seq, replica.epoch
            self._known[session_id] = replica
        if since is not None:
            data["since"] = since
        if epoch is not None:
            data["epoch"] = epoch
        own = self.next_id()
        self.replicas.pop(session_id, None)
        await self.send("join", data, id=own)
        return await self.joined(session_id, timeout, own)

    async def joined(self, session_id, timeout=TIMEOUT_S, own=None):
        """Waits for the end of a join, e.g. of one by path. The pages leave the inbox."""
        def is_answer(m):
            if m["type"] == "error":
                return own is not None and m["data"].get("id") == own
            return (m["type"] in ("session_snapshot", "session_resumed")
                    and m["data"]["session_id"] == session_id)

        while True:
            message = await self.take(is_answer, timeout, f"joining {session_id}")
            if message["type"] == "error":
                raise Refused(message["data"])
            if message["type"] == "session_resumed" or message["data"]["last"] is True:
                return self.replicas[session_id]

    async def barrier(self, session_id, timeout=TIMEOUT_S):
        """
        Returns when everything this client's session had applied by now has arrived: it asks for
        what the state must refuse, and such a refusal is held until that state is committed.
        """
        own = self.next_id()
        nothing = {"session_id": session_id, "name": "no-such-object"}
        await self.send("object_deleted", nothing, id=own)
        await self.take(lambda m: m["type"] == "error" and m["data"].get("id") == own, timeout,
                        "the barrier's refusal")

    # --- receiving ---

    async def take(self, predicate, timeout=TIMEOUT_S, what="a message"):
        """Takes the first message of the inbox that fits, waiting for it."""
        looked_at = 0

        def find():
            nonlocal looked_at
            for index in range(looked_at, len(self.inbox)):
                if predicate(self.inbox[index]):
                    return index
            looked_at = len(self.inbox)
            return None

        async def wait():
            async with self._news:
                while True:
                    index = find()
                    if index is not None:
                        return self.inbox.pop(index)
                    if self.close_code is not None:
                        raise AssertionError(f"{self.name} was closed with {self.close_code} "
                                             f"while it waited for {what}")
                    await self._news.wait()
        try:
            return await asyncio.wait_for(wait(), timeout)
        except asyncio.TimeoutError:
            seen = [m["type"] for m in self.log[-12:]]
            fault = f"{self.name} waited {timeout} s for {what}; last came {seen}"
            raise AssertionError(fault) from None

    async def expect(self, kind, where=None, timeout=TIMEOUT_S):
        """The first message of that type (for which where(message) holds); earlier others stay."""
        def fits(m):
            return m["type"] == kind and (where is None or where(m))
        return await self.take(fits, timeout, kind)

    async def expect_error(self, code, timeout=TIMEOUT_S):
        message = await self.expect("error", lambda m: m["data"].get("code") == code, timeout)
        return message["data"]

    async def collect(self, count, kind=None, timeout=TIMEOUT_S):
        """The next `count` messages (of that type)."""
        return [await self.take(lambda m: kind in (None, m["type"]), timeout, kind or "any message")
                for _ in range(count)]

    async def reach(self, session_id, seq, timeout=TIMEOUT_S):
        """Waits until the replica of the session is at seq; the inbox keeps what came."""
        def is_there():
            replica = self.replicas.get(session_id)
            return replica is not None and replica.seq >= seq

        async def wait():
            async with self._news:
                while not is_there():
                    if self.close_code is not None:
                        raise AssertionError(f"{self.name} was closed with {self.close_code}")
                    await self._news.wait()
        try:
            await asyncio.wait_for(wait(), timeout)
        except asyncio.TimeoutError:
            at = getattr(self.replicas.get(session_id), "seq", None)
            fault = f"{self.name} waited {timeout} s for seq {seq}, is at {at}"
            raise AssertionError(fault) from None
        return self.replicas[session_id]

    def of_type(self, kind):
        """All messages of that type that ever came."""
        return [m for m in self.log if m["type"] == kind]

    async def closed(self, timeout=TIMEOUT_S):
        """Waits until the server has closed; returns the code."""
        async def wait():
            async with self._news:
                await self._news.wait_for(lambda: self.close_code is not None)
        try:
            await asyncio.wait_for(wait(), timeout)
        except asyncio.TimeoutError:
            raise AssertionError(f"{self.name} is still open after {timeout} s") from None
        return self.close_code

    # --- ending ---

    async def close(self, code=1000):
        await self.socket.close(code)
        await asyncio.gather(self._reader, return_exceptions=True)

    def abort(self):
        """Cuts TCP without a goodbye."""
        self.socket.transport.abort()
