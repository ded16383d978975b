#!/usr/bin/python3
"""WebSocket endpoints of plugins: echo.lua byte for byte, limits, storms, plugins that fail."""

import asyncio
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from hd1 import ROOT, equal, run, scene, until
from hd1_raw import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, Raw, RawWebSocket

ECHO = f'return {{ plugin_path = "{ROOT}/examples/plugins", plugins = {{ "echo" }} }}'
PATH = "/ws/x/echo"


def with_plugin(server, body, name="odd", more="", before=""):
    """The server's configuration: this plugin alone, of that setup's body."""
    plugins = server.folder / "plugins"
    plugins.mkdir(exist_ok=True)
    (plugins / f"{name}.lua").write_text(f"""{before}
return {{ name = "{name}", version = "1", api = 1, setup = function(hd1) {body} end }}""")
    server.config = f'return {{ plugin_path = "{plugins}", plugins = {{ "{name}" }}, {more} }}'


async def described(server, name):
    items = (await server.get("/api/plugins")).json["items"]
    return next(item for item in items if item["name"] == name)


@scene("echo says back every message, byte for byte, and nothing else", config=ECHO)
async def _(server):
    peer = await RawWebSocket.connect(server, PATH)
    messages = [(TEXT, b""), (BINARY, b""), (TEXT, b"hark!"), (TEXT, "äöü€😀".encode()),
                (BINARY, bytes(range(256))), (TEXT, b"x" * 125), (TEXT, b"x" * 126),
                (BINARY, os.urandom(65535)), (BINARY, os.urandom(65536)), (TEXT, b"y" * 65536),
                (TEXT, b'{"type":"join","data":{"session_id":"demo"}}'), (TEXT, b"\0\0")]
    for kind, message in messages:
        await peer.send_frame(kind, message)
        equal(await peer.frame(), (kind, message))
    await peer.send_frame(CLOSE, b"\x03\xe8")
    equal(await peer.frame(), (CLOSE, b"\x03\xe8"))
    equal(await peer.ended(), b"")


@scene("fragments become one message; a ping between them is answered", config=ECHO)
async def _(server):
    peer = await RawWebSocket.connect(server, PATH)
    for kind in (TEXT, BINARY):
        await peer.send_frame(kind, b"a" * 300, fin=False)
        await peer.send_frame(PING, b"are you there?")
        equal(await peer.frame(), (PONG, b"are you there?"))
        await peer.send_frame(CONTINUATION, b"", fin=False)
        await peer.send_frame(CONTINUATION, b"b" * 300, fin=False)
        await peer.send_frame(CONTINUATION, b"c")
        equal(await peer.frame(), (kind, b"a" * 300 + b"b" * 300 + b"c"))
    euro = "€".encode()
    await peer.send_frame(TEXT, euro[:1], fin=False)
    await peer.send_frame(CONTINUATION, euro[1:])
    equal(await peer.frame(), (TEXT, euro))


@scene("fragments stay what their first frame says, whatever came before", config=ECHO)
async def _(server):
    peer = await RawWebSocket.connect(server, PATH)
    for first, payload in ((BINARY, b"\xff\xfe"), (TEXT, b"text"), (BINARY, b"\xff")):
        await peer.send_frame(first, payload, fin=False)
        await peer.send_frame(CONTINUATION, b"")
        equal(await peer.frame(), (first, payload))


@scene("a hundred clients at once get their own words", config=ECHO)
async def _(server):
    async def talk(number):
        peer = await RawWebSocket.connect(server, PATH)
        for turn in range(20):
            words = f"{number}:{turn}".encode() * (1 + number)
            await peer.send_frame(BINARY if turn % 2 else TEXT, words)
            equal(await peer.frame(), (BINARY if turn % 2 else TEXT, words))
        return peer
    peers = await asyncio.gather(*[talk(i) for i in range(100)])
    equal((await described(server, "echo"))["sockets"], [{"path": PATH, "open": 100}])
    for peer in peers:
        peer.close()

    async def none_left():
        return (await described(server, "echo"))["sockets"][0]["open"] == 0
    await until(none_left, what="the sockets to be gone")


@scene("many messages in one segment come back in their order", config=ECHO)
async def _(server):
    peer = await RawWebSocket.connect(server, PATH)
    frames = b"".join(bytes([0x81, 0x80 | 4]) + bytes(4) + b"%04d" % i for i in range(2000))
    await peer.send(frames)
    for i in range(2000):
        equal(await peer.frame(), (TEXT, b"%04d" % i))


@scene("the same limits as everywhere: size, UTF-8, masks, path", config=ECHO)
async def _(server):
    peer = await RawWebSocket.connect(server, PATH)
    await peer.send_frame(BINARY, bytes(65537))
    equal(await peer.close_code(), 1009)
    peer = await RawWebSocket.connect(server, PATH)
    await peer.send_frame(BINARY, bytes(60000), fin=False)
    await peer.send_frame(CONTINUATION, bytes(60000))
    equal(await peer.close_code(), 1009)
    peer = await RawWebSocket.connect(server, PATH)
    await peer.send_frame(TEXT, b"\xff")
    equal(await peer.close_code(), 1007)
    for path in ("/ws/x/", "/ws/x/echo/", "/ws/x/echo/a", "/ws/x/ech", "/ws/x/nobody"):
        raw = await Raw.open(server)
        answer = await raw.ask(f"GET {path} HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade"
                               "\r\nSec-WebSocket-Version: 13\r\n"
                               "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        equal((answer.status, answer.json["code"]), (404, "not_found"), path)
    equal((await server.get(PATH)).status, 400)


@scene("who does not read is cut, and nobody else waits", config=ECHO.replace(
    "return {", "return { queue_bytes = 65536,"))
async def _(server):
    slow = await RawWebSocket.connect(server, PATH, receive_bytes=4096)
    quick = await RawWebSocket.connect(server, PATH)

    async def pour():
        try:
            for _ in range(400):
                await slow.send_frame(BINARY, bytes(65536))
        except ConnectionError:
            pass
    pouring = asyncio.create_task(pour())
    for i in range(200):
        await quick.send_frame(TEXT, str(i))
        equal(await quick.frame(), (TEXT, str(i).encode()))

    async def is_cut():
        return (await described(server, "echo"))["sockets"][0]["open"] == 1
    await until(is_cut, what="the slow one to be cut")
    pouring.cancel()


@scene("the server's stop says 1001", config=ECHO)
async def _(server):
    peer = await RawWebSocket.connect(server, PATH)
    await peer.send_frame(TEXT, b"hark!")
    equal(await peer.frame(), (TEXT, b"hark!"))
    stopping = asyncio.create_task(server.stop())
    equal(await peer.close_code(), 1001)
    await peer.send_frame(CLOSE, b"\x03\xe9")
    await stopping


SPEAKING = """
  local seen = {}
  return { sockets = { ["/ws/x/odd/speak"] = {
    subprotocol = "speak.v2",
    connect = function(socket, request)
      socket:send(hd1.json.encode({ path = socket.path, q = request.query.q,
        agent = request.headers["User-Agent"], kind = request.kind, address = socket.address }))
      seen[socket] = true
    end,
    message = function(socket, message, is_binary)
      if message == "bye" then
        socket:send("farewell")
        socket:close(4321, "as you wish")
        hd1.log.info("after", { answer = select(3, socket:send("more")) })
      else
        socket:send("\\255\\0" .. message, "binary")
      end
    end,
    close = function(socket, code)
      hd1.log.info("closed", { code = code, id = socket.id, known = seen[socket] == true })
      seen[socket] = nil
    end,
  } } }
"""


@scene("connect, subprotocol, binary, close with a code", start=False)
async def _(server):
    with_plugin(server, SPEAKING)
    await server.start()
    peer = await RawWebSocket.connect(
        server, "/ws/x/odd/speak?q=a%20b",
        headers="User-Agent: tester\r\nSec-WebSocket-Protocol: other, speak.v2\r\n")
    equal(peer.handshake.headers["sec-websocket-protocol"], "speak.v2")
    hello = json.loads((await peer.frame())[1])
    equal(hello, {"path": "/ws/x/odd/speak", "q": "a b", "agent": "tester", "kind": "websocket",
                  "address": "127.0.0.1"})
    await peer.send_frame(BINARY, b"\1")
    equal(await peer.frame(), (BINARY, b"\xff\0\1"))
    await peer.send_frame(TEXT, b"bye")
    equal(await peer.frame(), (TEXT, b"farewell"))
    equal(await peer.frame(), (CLOSE, b"\x10\xe1as you wish"))
    await server.wait_log("msg=after answer=closed")
    await server.wait_log("msg=closed .*code=4321")
    await server.wait_log("msg=closed .*known=true")
    equal((await described(server, "odd"))["sockets"],
          [{"path": "/ws/x/odd/speak", "subprotocol": "speak.v2", "open": 0}])
    gone = await RawWebSocket.connect(server, "/ws/x/odd/speak")
    assert "sec-websocket-protocol" not in gone.handshake.headers
    gone.close()
    await server.wait_log("msg=closed .*code=1006")
    raw = await Raw.open(server)
    answer = await raw.ask("GET /ws/x/odd/speak HTTP/1.1\r\nUpgrade: websocket\r\n"
                           "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                           "Sec-WebSocket-Protocol: hd1.v1\r\n"
                           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
    equal(answer.status, 400)


FAILING = """
  return { sockets = {
    ["/ws/x/odd/connect"] = { connect = function() error("no") end, message = function() end },
    ["/ws/x/odd/message"] = function(socket, message)
      if message == "loop" then while true do end end
      if message == "text" then socket:send("\\255") end
      if message == "code" then socket:close(1006) end
      if message == "grow" then local t = {} while true do t[#t + 1] = ("x"):rep(1000) .. #t end end
      if message == "huge" then socket:send(("x"):rep(2 * 1024 * 1024)) end
      if message == "fine" then socket:send("fine") end
    end,
  } }
"""


@scene("what fails ends its own connection; the others are served; the breaker rests it",
       start=False)
async def _(server):
    with_plugin(server, FAILING)
    await server.start()
    peer = await RawWebSocket.connect(server, "/ws/x/odd/connect")
    equal(await peer.close_code(), 1011)
    other = await RawWebSocket.connect(server, "/ws/x/odd/message")
    for fault in ("loop", "text", "code", "grow", "huge"):
        peer = await RawWebSocket.connect(server, "/ws/x/odd/message")
        await peer.send_frame(TEXT, fault)
        equal(await peer.close_code(), 1011, fault)
        await other.send_frame(TEXT, "fine")
        equal(await other.frame(), (TEXT, b"fine"), fault)
    for _ in range(100):  # twenty failures within ten seconds
        peer = await RawWebSocket.connect(server, "/ws/x/odd/connect")
        code = await peer.close_code()
        if code != 1011:
            break
    equal(code, 1013)


LIMITED = f"""return {{ plugin_path = "{ROOT}/examples/plugins", plugins = {{
  {{ "rate_limit", client = {{ rate = 0.1, burst = 10 }} }}, "echo",
}} }}"""


@scene("a storm of messages is charged by before_message", config=LIMITED)
async def _(server, romeo):
    peer = await RawWebSocket.connect(server, PATH)
    for i in range(200):
        await peer.send_frame(TEXT, str(i))
    for i in range(10):
        equal(await peer.frame(), (TEXT, str(i).encode()))
    equal(await peer.close_code(), 4429)
    await server.create_session("verona")
    await romeo.join("verona")


RELAY = """
  local sockets = {}
  return {
    before_event = { object_created = function(event)
      for socket in pairs(sockets) do socket:send(event.data.object.name) end
      if event.data.object.name == "bad" then error("bad") end
    end },
    sockets = { ["/ws/x/relay"] = { message = print,
      connect = function(socket) sockets[socket] = true end } } }"""
CENSOR = """
  return { before_event = { object_created = function(event)
    if event.data.object.name == "no" then return hd1.reject{ code = "no" } end end } }"""


@scene("what before_event sends goes with its event: not if it fails, nor if another refuses it",
       start=False)
async def _(server):
    with_plugin(server, CENSOR, name="censor")
    with_plugin(server, RELAY, name="relay")
    server.config = server.config.replace('"relay"', '"relay", "censor"')
    await server.start()
    await server.create_session("verona")
    peer = await RawWebSocket.connect(server, "/ws/x/relay")
    for name, status in (("bad", 500), ("no", 422), ("rose", 201), ("rose", 409), ("lily", 201)):
        answer = await server.post("/api/sessions/verona/objects", {"name": name, "type": "it"})
        equal(answer.status, status, name)
    equal([await peer.frame() for _ in range(2)], [(TEXT, b"rose"), (TEXT, b"lily")])


@scene("a bad endpoint refuses to start, with its place", start=False)
async def _(server):
    for body, text in (
            ('return { sockets = { ["/ws/x/other"] = print } }', "must be /ws/x/odd"),
            ('return { sockets = { ["/ws/x/odd/"] = print } }', "must be /ws/x/odd"),
            ('return { sockets = { ["/ws/x/odd"] = {} } }', "with the function message"),
            ('return { sockets = { ["/ws/x/odd"] = { message = print, mesage = print } } }',
             "unknown key 'mesage'"),
            ('return { sockets = { ["/ws/x/odd"] = { message = print, subprotocol = "a b" } } }',
             "subprotocol must be"),
            ("return { sockets = 5 }", "sockets must be a table")):
        with_plugin(server, body)
        code, log = await server.refuse_to_start()
        equal(code, 78)
        assert text in log and "odd.lua:2" in log, (text, log)


run()
