"""Bytes on a socket, for what no well-behaved library sends: HTTP and WebSocket frames."""

import asyncio
import base64
import json
import os
import socket
import struct

from hd1_client import TIMEOUT_S
from hd1_server import Response

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


class Raw:
    """A TCP connection to the server."""

    def __init__(self, reader, writer):
        self.reader = reader
        self.writer = writer

    @classmethod
    async def open(cls, server, receive_bytes=None):
        """receive_bytes: a small SO_RCVBUF, and a small buffer of our own behind it."""
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if receive_bytes:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", server.port))
        return cls(*await asyncio.open_connection(sock=sock, limit=receive_bytes or 1 << 16))

    async def send(self, data):
        self.writer.write(data.encode() if isinstance(data, str) else data)
        await self.writer.drain()

    async def exactly(self, count, timeout=TIMEOUT_S):
        return await asyncio.wait_for(self.reader.readexactly(count), timeout)

    async def line(self, timeout=TIMEOUT_S):
        return (await asyncio.wait_for(self.reader.readuntil(b"\r\n"), timeout))[:-2].decode()

    async def response(self, method="GET", timeout=TIMEOUT_S):
        """The next HTTP response; of HEAD, 1xx, 204 and 304 no body is read."""
        version, status, _ = (await self.line(timeout)).split(" ", 2)
        assert version == "HTTP/1.1", version
        headers = {}
        while line := await self.line(timeout):
            key, value = line.split(":", 1)
            assert key.lower() not in headers, f"{key} twice"
            headers[key.lower()] = value.strip()
        body = b""
        if method != "HEAD" and int(status) not in (101, 100, 204, 304):
            body = await self.exactly(int(headers["content-length"]), timeout)
        return Response(int(status), headers, body)

    async def ask(self, text, timeout=TIMEOUT_S):
        """Sends a request (a text without the Host header) and reads the answer."""
        line, rest = text.split("\r\n", 1)
        await self.send(f"{line}\r\nHost: localhost\r\n{rest}")
        return await self.response(line.split(" ")[0], timeout)

    async def ended(self, timeout=TIMEOUT_S):
        """Waits until the server has closed; returns what still came."""
        got = bytearray()
        try:
            async with asyncio.timeout(timeout):
                while piece := await self.reader.read(65536):
                    got += piece
        except ConnectionError:
            pass
        except TimeoutError:
            fault = f"still open after {timeout} s; came: {bytes(got)[:200]}"
            raise AssertionError(fault) from None
        return bytes(got)

    def close(self):
        self.writer.transport.abort()


class RawWebSocket(Raw):
    """Frames, made and read by hand."""

    @classmethod
    async def connect(cls, server, path="/ws", receive_bytes=None, headers=""):
        self = await cls.open(server, receive_bytes)
        key = base64.b64encode(os.urandom(16)).decode()
        await self.send(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                        f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                        f"Sec-WebSocket-Key: {key}\r\n{headers}\r\n")
        self.handshake = await self.response()
        assert self.handshake.status == 101, self.handshake
        return self

    async def send_frame(self, opcode, payload=b"", fin=True, rsv=0, is_masked=True):
        payload = payload.encode() if isinstance(payload, str) else payload
        size = len(payload)
        mask = 0x80 if is_masked else 0
        head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
        if size < 126:
            head += bytes([mask | size])
        elif size < 65536:
            head += bytes([mask | 126]) + struct.pack("!H", size)
        else:
            head += bytes([mask | 127]) + struct.pack("!Q", size)
        if is_masked:
            head += bytes(4)  # the mask 0 changes nothing
        await self.send(head + payload)

    async def send_message(self, kind, data, **members):
        await self.send_frame(TEXT, json.dumps({"type": kind, "data": data, **members}))

    async def frame(self, timeout=TIMEOUT_S):
        """The next frame: (opcode, payload). The server never fragments."""
        first, second = await self.exactly(2, timeout)
        assert first & 0xF0 == 0x80, f"fragmented, or reserved bits: {first:#x}"
        assert second & 0x80 == 0, "the server masks"
        size = second
        if size == 126:
            size, = struct.unpack("!H", await self.exactly(2, timeout))
        elif size == 127:
            size, = struct.unpack("!Q", await self.exactly(8, timeout))
        return first & 0x0F, await self.exactly(size, timeout)

    async def expect(self, opcode, where=None, timeout=TIMEOUT_S):
        """The payload of the next frame of that kind (for which where(payload) holds)."""
        async with asyncio.timeout(timeout):
            while True:
                kind, payload = await self.frame(timeout)
                if kind == opcode and (where is None or where(payload)):
                    return payload

    async def expect_message(self, kind, timeout=TIMEOUT_S):
        """The next message of that type, as it came."""
        start = f'{{"type":"{kind}",'.encode()
        return await self.expect(TEXT, lambda payload: payload.startswith(start), timeout)

    async def close_code(self, timeout=TIMEOUT_S):
        """Reads on to the close frame; None if the server closed without one."""
        try:
            payload = await self.expect(CLOSE, None, timeout)
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        return struct.unpack("!H", payload[:2])[0] if payload else 1005
