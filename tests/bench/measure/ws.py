"""A WebSocket client of the bare minimum: non-blocking, no library, cheap per frame."""

import json
import resource
import select
import socket
import struct

REQUEST = ("GET /ws HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\n"
           "Connection: Upgrade\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n"
           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: hd1.v1\r\n\r\n")
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class Closed(Exception):
    """The connection is gone; .code is the close frame's, or 1006."""

    def __init__(self, code):
        super().__init__("closed with %d" % code)
        self.code = code


def masked(opcode, payload):
    """A client's frame, with a mask of zeros: the server cannot tell and does the same work."""
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", 0x80 | opcode, 0x80 | size)
    elif size < 65536:
        head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, size)
    else:
        head = struct.pack("!BBQ", 0x80 | opcode, 0x80 | 127, size)
    return head + b"\0\0\0\0" + payload


class Client:
    """receive_buffer: bytes of SO_RCVBUF, for one that is meant to fall behind."""

    def __init__(self, port, receive_buffer=None, timeout_s=30):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(timeout_s)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall((REQUEST % port).encode())
        self.pending = b""
        while b"\r\n\r\n" not in self.pending:
            piece = self.socket.recv(65536)
            if not piece:
                raise Closed(1006)
            self.pending += piece
        head, self.pending = self.pending.split(b"\r\n\r\n", 1)
        if not head.startswith(b"HTTP/1.1 101"):
            raise RuntimeError("no upgrade: %s" % head.split(b"\r\n")[0])
        self.socket.setblocking(False)
        self.unsent = b""

    def fileno(self):
        return self.socket.fileno()

    def send_frame(self, opcode, payload):
        """Keeps what the socket does not take; the next send goes on with it."""
        self.unsent += masked(opcode, payload)
        try:
            self.unsent = self.unsent[self.socket.send(self.unsent):]
        except BlockingIOError:
            pass
        except OSError:
            raise Closed(1006) from None

    def send(self, kind, data, **members):
        message = {"type": kind, "data": data, **members}
        self.send_frame(TEXT, json.dumps(message, separators=(",", ":")).encode())

    def read(self, size=262144):
        """Bytes that are there; None if none are."""
        try:
            piece = self.socket.recv(size)
        except BlockingIOError:
            return None
        except OSError:
            raise Closed(1006) from None
        if not piece:
            raise Closed(1006)
        return piece

    def messages(self):
        """The whole text messages that are there, as bytes; answers pings on the way."""
        piece = self.read()
        if piece is None:
            return []
        data = self.pending + piece if self.pending else piece
        at, end, found = 0, len(data), []
        while end - at >= 2:
            size, head = data[at + 1], 2
            if size == 126:
                if end - at < 4:
                    break
                size, head = data[at + 2] << 8 | data[at + 3], 4
            elif size == 127:
                if end - at < 10:
                    break
                size, head = int.from_bytes(data[at + 2:at + 10], "big"), 10
            if end - at < head + size:
                break
            opcode, payload = data[at] & 15, data[at + head:at + head + size]
            at += head + size
            if opcode == TEXT:
                found.append(payload)
            elif opcode == PING:
                self.send_frame(PONG, payload)
            elif opcode == CLOSE:
                self.close()
                raise Closed(int.from_bytes(payload[:2], "big") if size >= 2 else 1005)
        self.pending = data[at:]
        return found

    def close(self):
        self.socket.close()

    def abort(self):
        """Reset instead of an orderly end."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


class Poll:
    """The clients that have something to read; as many as there are."""

    def __init__(self):
        self.epoll, self.clients = select.epoll(), {}

    def add(self, client, owner):
        self.epoll.register(client.fileno(), select.EPOLLIN)
        self.clients[client.fileno()] = owner

    def remove(self, client):
        """Before the client is closed."""
        if self.clients.pop(client.fileno(), None) is not None:
            self.epoll.unregister(client.fileno())

    def ready(self, timeout_s):
        """Their owners; one removed meanwhile is left out."""
        for fd, _ in self.epoll.poll(timeout_s):
            if fd in self.clients:
                yield self.clients[fd]


def raise_descriptor_limit(count):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(count, hard), hard))
