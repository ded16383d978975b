#!/usr/bin/env python3
"""Watches a session live: one line per event. Comes back when the connection breaks, or the server
is started again, and misses nothing. Python's standard library only.

    watch.py [--session demo] [--url http://127.0.0.1:8080] [--all] [--count N]
"""

import argparse
import base64
import json
import os
import socket
import struct
import sys
import time
from urllib.parse import urlsplit

TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
LONGEST_WAIT_S = 10


class Ended(Exception):
    """The server does not want to see this client again; or never did."""


def may_return(code):
    """After which close codes a client comes back."""
    return code in (1001, 1006, 1011, 1012, 1013) or 4000 <= code < 4500


class WebSocket:
    """As much of RFC 6455 as it takes to listen to a server that sends whole text frames."""

    def __init__(self, url):
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise Ended(f"{url} is not http://HOST:PORT")
        self.socket = socket.create_connection((parts.hostname, parts.port or 80), timeout=10)
        self.input = self.socket.makefile("rb")
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall((
            f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Protocol: hd1.v1\r\n\r\n").encode())
        status = self.input.readline().decode("latin-1").strip()
        if not status:
            raise ConnectionError("the server said nothing")
        if " 101 " not in status + " ":
            raise Ended(f"the server answered {status!r}")
        while self.input.readline().strip():
            pass
        self.socket.settimeout(None)

    def send(self, opcode, payload):
        """One masked frame, as clients must."""
        mask = os.urandom(4)
        if len(payload) < 126:
            head = struct.pack("!BB", 0x80 | opcode, 0x80 | len(payload))
        else:
            head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, len(payload))
        body = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
        self.socket.sendall(head + mask + body)

    def _read(self, count):
        data = self.input.read(count)
        if len(data) < count:
            raise ConnectionError("the connection ended")
        return data

    def messages(self):
        """Yields texts until the server closes; answers pings on the way."""
        while True:
            first, length = self._read(2)
            if length == 126:
                (length,) = struct.unpack("!H", self._read(2))
            elif length == 127:
                (length,) = struct.unpack("!Q", self._read(8))
            payload = self._read(length)
            opcode = first & 0x0F
            if opcode == TEXT:
                yield payload.decode()
            elif opcode == PING:
                self.send(PONG, payload)
            elif opcode == CLOSE:
                self.send(CLOSE, payload[:2])
                code = struct.unpack("!H", payload[:2])[0] if payload else 1005
                text = f"closed by the server: {code} {payload[2:].decode(errors='replace')}"
                raise ConnectionError(text) if may_return(code) else Ended(text)


class Watcher:
    """What is known of the session: where to go on after an interruption."""

    def __init__(self, url, session):
        self.url, self.session = url, session
        self.since, self.epoch = None, None

    def join(self):
        data = {"session_id": self.session}
        if self.epoch:
            data.update(since=self.since, epoch=self.epoch)
        return json.dumps({"type": "join", "data": data, "id": 1}).encode()

    def messages(self):
        """Yields messages until the connection breaks."""
        connection = WebSocket(self.url.rstrip("/") + "/ws")
        connection.send(TEXT, self.join())
        for text in connection.messages():
            message = json.loads(text)
            self.note(message)
            yield message

    def note(self, message):
        data = message.get("data", {})
        if message["type"] == "error" and data.get("id") == 1:
            raise Ended(f"{data['code']}: {data['message']}")
        if message["type"] in ("session_snapshot", "session_resumed"):
            self.epoch = data["epoch"]
        if message["type"] == "session_snapshot" and data.get("last"):
            self.since = data["seq"]
        self.since = message.get("seq", self.since)


def watch(watcher, show):
    """Until Ended; after an interruption again, with longer and longer waits."""
    wait_s = 0
    while True:
        try:
            for message in watcher.messages():
                wait_s = 0
                show(message)
        except OSError as error:
            wait_s = min(LONGEST_WAIT_S, wait_s * 2 or 0.5)
            print(f"{error}; again in {wait_s:g} s", file=sys.stderr, flush=True)
            time.sleep(wait_s)


def line(message):
    data = {k: v for k, v in message.get("data", {}).items() if k != "session_id"}
    if message["type"] == "session_snapshot":
        data = {"page": data["page"], "objects": len(data.get("objects", [])),
                "clients": data.get("clients_total", 0)}
    when = time.strftime("%H:%M:%S", time.localtime(message.get("timestamp", time.time())))
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    return (f"{when} {message.get('seq', '-'):>6} {message['type']:<20} "
            f"{message.get('client_id', '-'):<20} {text[:200]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--session", default="demo")
    parser.add_argument("--url", default="http://127.0.0.1:8080")
    parser.add_argument("--all", action="store_true", help="motion, camera and presence too")
    parser.add_argument("--count", type=int, default=0, help="stop after so many lines")
    options = parser.parse_args()
    print(f"{'time':<8} {'seq':>6} {'type':<20} {'client':<20} data", flush=True)
    shown = 0

    def show(message):
        nonlocal shown
        if not options.all and "seq" not in message and message["type"] in (
                "object_moved", "camera_moved", "presence_updated"):
            return
        print(line(message), flush=True)
        shown += 1
        if shown == options.count:
            sys.exit()

    watch(Watcher(options.url, options.session), show)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
    except Ended as error:
        sys.exit(f"watch.py: {error}")
