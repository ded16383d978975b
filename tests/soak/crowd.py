"""
The soak's clients: they publish, come and go, are cut, stop reading, resume; and each checks that
the durable events of its session reach it dense and in order, over all its connections.
"""

import concurrent.futures
import json
import random
import time

from measure import ws

SMALL_BUFFER = 4096  # of those that stop reading now and then
RECONNECT_S = 20
PAD = "." * 60


class Member:
    """One client of one session. state: away (a connection is being made), joining, in, stopped."""

    def __init__(self, crowd, session_id, number):
        self.crowd, self.session_id, self.number = crowd, session_id, number
        self.is_slow = number % 10 == 0
        self.seq, self.epoch, self.client, self.state = 0, None, None, "away"
        self.has_object = False
        self.wake_at = None  # when a stopped one reads again
        self.tail = b'"session_id":"%s"' % session_id.encode()

    def fault(self, text):
        self.crowd.faults.append("%s, client %d: %s" % (self.session_id, self.number, text))

    # --- coming and going ---

    def connect(self, is_fresh):
        self.state = "away"
        if is_fresh:
            self.seq, self.epoch = 0, None
        self.crowd.connecting[self] = self.crowd.pool.submit(
            ws.Client, self.crowd.port, SMALL_BUFFER if self.is_slow else None, RECONNECT_S)

    def connected(self, client):
        self.client, self.state = client, "joining"
        data = {"session_id": self.session_id}
        if self.epoch:
            data.update(since=self.seq, epoch=self.epoch)
        client.send("join", data)
        self.crowd.poll.add(client, self)

    def part(self, is_abort=False):
        self.crowd.poll.remove(self.client)
        if is_abort:
            self.client.abort()
        else:
            self.client.close()
        self.client = None

    def stop_reading(self, seconds):
        self.crowd.poll.remove(self.client)
        self.state, self.wake_at = "stopped", time.monotonic() + seconds

    def wake(self):
        self.state = "in"
        self.crowd.poll.add(self.client, self)

    # --- receiving ---

    def receive(self):
        try:
            for payload in self.client.messages():
                self.note(payload)
        except ws.Closed as closed:
            self.crowd.count("closed %d" % closed.code)
            self.part()
            self.connect(is_fresh=False)

    def note(self, payload):
        self.crowd.received += 1
        at = payload.rfind(b',"seq":')
        if at < 0 or payload.startswith((b'{"type":"session_', b'{"type":"error"')):
            self.control(json.loads(payload))
            return
        end = at + 7
        while payload[end:end + 1].isdigit():
            end += 1
        seq = int(payload[at + 7:end])
        if seq != self.seq + 1:
            self.fault("seq %d came after %d" % (seq, self.seq))
        self.seq = seq

    def control(self, message):
        kind, data = message["type"], message["data"]
        if kind == "session_snapshot":
            if self.epoch and data["page"] == 0 and self.state == "joining":
                self.fault("a snapshot (%s) instead of a resume" % data.get("reason"))
            if data["page"] == 0:
                self.next_epoch, self.seq = data["epoch"], data["seq"]
            if data["last"]:
                self.epoch, self.state = self.next_epoch, "in"
        elif kind == "session_resumed":
            if data["from"] != self.seq + 1:
                self.fault("resumed from %d after %d" % (data["from"], self.seq))
            self.epoch, self.state = data["epoch"], "in"
            self.crowd.count("resumed")
        elif kind == "error":
            self.crowd.count("error %s %s" % (data["status"], data["code"]))

    # --- publishing ---

    def publish(self):
        dice = random.random()
        here = b'{"type":"%s","data":{' + self.tail + b","
        if dice < 0.8:
            text = here % b"object_updated" + (
                b'"object":{"name":"o%d","x":%d,"note":"%s"}}}'
                % (random.randrange(40), random.randrange(-12, 13), PAD.encode()))
        elif dice < 0.88:
            text = here % b"object_moved" + b'"name":"o%d","x":%d}}' % (
                random.randrange(40), random.randrange(-12, 13))
        elif dice < 0.94:
            text = here % b"chat_message" + b'"text":"%s"}}' % PAD.encode()
        elif self.has_object:
            text = here % b"object_deleted" + b'"name":"m%d"}}' % self.number
            self.has_object = False
        else:
            text = here % b"object_created" + (b'"object":{"name":"m%d","type":"cube"}}}'
                                               % self.number)
            self.has_object = True
        try:
            self.client.send_frame(ws.TEXT, text)
            self.crowd.sent += 1
        except ws.Closed:  # receive() finds the same
            pass


class Crowd:
    """All members; one round of turn() is a few ms."""

    def __init__(self, port, sessions, clients):
        self.port, self.poll, self.faults, self.counts = port, ws.Poll(), [], {}
        self.pool = concurrent.futures.ThreadPoolExecutor(4)
        self.connecting = {}
        self.sent = self.received = 0
        self.members = [Member(self, "s%d" % s, number) for s in range(sessions)
                        for number in range(clients)]
        for member in self.members:
            member.connect(is_fresh=True)

    def count(self, what):
        self.counts[what] = self.counts.get(what, 0) + 1

    def turn(self):
        for member, future in list(self.connecting.items()):
            if future.done():
                del self.connecting[member]
                try:
                    member.connected(future.result())
                except (OSError, ws.Closed) as error:
                    self.count("connecting failed: %s" % error)
                    member.connect(is_fresh=not member.epoch)
        for member in self.poll.ready(0.002):
            member.receive()
        now = time.monotonic()
        for member in self.members:
            if member.state == "stopped" and now > member.wake_at:
                member.wake()

    def publish(self, count):
        here = [member for member in self.members if member.state == "in"]
        for member in random.choices(here, k=count) if here else ():
            member.publish()

    def disturb(self):
        """One of the things that happen to clients."""
        kind = random.choices(("rejoin", "resume", "abort", "stop"), (10, 10, 10, 1))[0]
        member = random.choice([m for m in self.members if m.is_slow or kind != "stop"])
        if member.state != "in":
            return
        if kind == "stop":
            member.stop_reading(random.uniform(2, 60))
        else:
            member.part(is_abort=kind == "abort")
            member.connect(is_fresh=kind == "rejoin")
        self.count(kind)

    def settle(self, heads, timeout_s):
        """Everybody reads on until he is at the head of his session; those who are not there."""
        until = time.monotonic() + timeout_s
        for member in self.members:
            member.wake_at = 0
        while time.monotonic() < until:
            self.turn()
            late = [m for m in self.members if m.state != "in" or m.seq != heads(m.session_id)]
            if not late:
                break
        return late

    def close(self):
        self.pool.shutdown(cancel_futures=True)
        for member in self.members:
            if member.client:
                member.part()
