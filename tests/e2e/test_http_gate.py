#!/usr/bin/python3
"""The gate before every handler: which bytes are a request, from whom, and what becomes of them."""

import asyncio
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from hd1 import equal, run, scene, until
from hd1_raw import TEXT, Raw, RawWebSocket

ORIGINS = 'return { plugins = {}, origins = { "https://world.example.org" } }'
HASTY = "return { plugins = {}, timeouts = { request_s = 1 } }"
KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
UPGRADE = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" + KEY


async def status_of(server, text):
    """The status that these bytes get on a connection of their own; None: closed without one."""
    raw = await Raw.open(server)
    try:
        await raw.send(text)
        return (await raw.response(text.split(" ")[0] if isinstance(text, str) else "GET")).status
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    finally:
        raw.close()


def get(*headers, path="/healthz"):
    return f"GET {path} HTTP/1.1\r\n" + "".join(f"{line}\r\n" for line in headers) + "\r\n"


# --- from whom ---

HOSTS = (
    ("localhost", 200), ("localhost:8080", 200), ("LOCALHOST", 200), ("127.0.0.1:1", 200),
    ("[::1]", 200), ("[::1]:8080", 200), ("192.0.2.7", 200), ("world.example.org", 200),
    ("world.example.org:8443", 200), ("WORLD.example.ORG", 200),
    ("example.org", 403), ("evil.example", 403), ("world.example.org.evil.example", 403),
    ("evil-world.example.org", 403), ("localhost.evil.example", 403),
    ("127.0.0.1.evil.example", 403),
    ("", 400), ("a b", 400), ("localhost:x", 400), ("localhost:", 200), ("user@localhost", 400),
    ("local/host", 400), ("[::1", 400), ("localhost:99999999", 400), ("a,b", 400),
)


@scene("Host: an address, localhost or a host of origins; another is refused", config=ORIGINS)
async def _(server):
    for host, status in HOSTS:
        got = await status_of(server, get(f"Host: {host}"))
        equal(got in (200, 400) if host == "localhost:" else got, True if host == "localhost:"
              else status, f"Host: {host!r} gave {got}")
    equal(await status_of(server, get()), 400, "no Host")
    equal(await status_of(server, get("Host: localhost", "Host: localhost")), 400, "two Hosts")


ALLOWED = (
    ("localhost:8080", "http://localhost:8080", True), ("localhost", "http://localhost", True),
    ("127.0.0.1:8080", "http://127.0.0.1:8080", True), ("[::1]:8080", "http://[::1]:8080", True),
    ("localhost:8080", "https://world.example.org", True),
    ("localhost:8080", "http://localhost:8081", False),
    ("localhost:8080", "http://localhost", False),
    ("localhost:8080", "http://evil.example", False), ("localhost:8080", "null", False),
    ("localhost:8080", "", False), ("localhost:8080", "http://world.example.org", False),
    ("localhost:8080", "https://world.example.org.evil.example", False),
    ("localhost:8080", "https://world.example.org:444", False),
    ("localhost:8080", "https://evil.example/https://world.example.org", False),
    ("127.0.0.1:8080", "http://localhost:8080", False),
)


@scene("Origin: none, the server's own, or one of origins; also for the WebSocket", config=ORIGINS)
async def _(server):
    for host, origin, is_allowed in ALLOWED:
        text = get(f"Host: {host}", f"Origin: {origin}")
        equal(await status_of(server, text), 200 if is_allowed else 403, f"{host} from {origin!r}")
        text = f"GET /ws HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\n{UPGRADE}\r\n"
        equal(await status_of(server, text), 101 if is_allowed else 403, f"ws {host} {origin!r}")
    two = get("Host: localhost", "Origin: http://localhost", "Origin: http://localhost")
    equal(await status_of(server, two), 400, "two Origins")


@scene("a page that may read gets the headers to do so, and a preflight its answer", config=ORIGINS)
async def _(server):
    page = {"Origin": "https://world.example.org"}
    answer = await server.get("/api/sessions", headers=page)
    equal(answer.headers["access-control-allow-origin"], page["Origin"])
    assert "access-control-allow-origin" not in (await server.get("/api/sessions")).headers
    answer = await server.http("OPTIONS", "/api/sessions/a/objects/b", headers={
        **page, "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "content-type, if-match"})
    equal(answer.status, 204)
    assert "PUT" in answer.headers["access-control-allow-methods"], answer.headers
    allowed = answer.headers["access-control-allow-headers"].lower()
    assert "content-type" in allowed and "if-match" in allowed, allowed
    answer = await server.http("OPTIONS", "/api/sessions", headers={
        "Origin": "https://evil.example", "Access-Control-Request-Method": "POST"})
    equal(answer.status, 403)


@scene("a web page cannot create anything from another origin", config=ORIGINS)
async def _(server):
    for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}):
        answer = await server.http("POST", "/api/sessions", '{"id":"verona"}', headers=headers)
        equal(answer.status, 403)
    equal((await server.get("/api/sessions")).json["items"], [])


# --- which bytes ---

POST = "POST /api/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
FRAMING = (
    (POST + "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", 400),
    (POST + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400),
    (POST + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    (POST + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 411),
    (POST + "Transfer-Encoding: gzip\r\n\r\n{}", 411),
    (POST + "\r\n{}", 411),
    (POST + "Content-Length: 2x\r\n\r\n{}", 400), (POST + "Content-Length: -2\r\n\r\n{}", 400),
    (POST + "Content-Length: +2\r\n\r\n{}", 400), (POST + "Content-Length: 2, 2\r\n\r\n{}", 400),
    (POST + "Content-Length: 0x2\r\n\r\n{}", 400), (POST + "Content-Length:\r\n\r\n{}", 400),
    (POST + "Content-Length: 99999999999999999999\r\n\r\n{}", 400),
    (POST + "Content-Length: 9999999999\r\n\r\n{}", 413),
    (POST + "Content-Length : 2\r\n\r\n{}", 400), (POST + " Content-Length: 2\r\n\r\n{}", 400),
    (POST + "X: a\r\n folded: b\r\nContent-Length: 2\r\n\r\n{}", 400),
    (POST + "X: a\x00b\r\nContent-Length: 2\r\n\r\n{}", 400),
    (POST + "X\r\nContent-Length: 2\r\n\r\n{}", 400),
    ("GET  /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    ("GET /healthz\r\nHost: localhost\r\n\r\n", 400),
    ("GET /healthz HTTP/2.0\r\nHost: localhost\r\n\r\n", 400),
    ("GET /healthz HTTP/1.1\nHost: localhost\n\n", 400),
    ("GET healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    ("GET http://evil.example/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    ("GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    ("GET /api/sessions/%00 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    ("GET /a#b HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    ("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    ("BREW /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
    ("TRACE /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
    ("CONNECT localhost:1 HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
    ("GET /healthz HTTP/1.1\r\nHost: localhost\r\nExpect: the-worst\r\n\r\n", 400),
    ("GET /%68ealthz HTTP/1.1\r\nHost: localhost\r\n\r\n", 200),
    ("\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", 200),
    ("GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n", 200),
    (POST + "Content-Length: 0\r\n\r\n", 201),
)


@scene("what is no clean request is refused, and the connection closed", config=ORIGINS)
async def _(server):
    for text, status in FRAMING:
        raw = await Raw.open(server)
        await raw.send(text)
        method = "GET" if text[:1] in "\r\x16" else text.split(" ")[0]
        answer = await raw.response(method)
        equal(answer.status, status, repr(text))
        if status in (400, 411, 413):
            equal(answer.headers["content-type"].split(";")[0], "application/problem+json")
        if status != 201 and text.startswith("POST"):
            equal(await raw.ended(), b"")
        raw.close()
    equal(len((await server.get("/api/sessions")).json["items"]), 1)


@scene("what was smuggled behind a refused body is not a request", config=ORIGINS)
async def _(server):
    hidden = "POST /api/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 15\r\n\r\n" \
             '{"id":"hidden"}'
    for head in ("Content-Length: 2\r\nContent-Length: 80\r\n\r\n{}", "Transfer-Encoding: chunked"
                 "\r\n\r\n0\r\n\r\n", "\r\n"):
        raw = await Raw.open(server)
        await raw.send(POST + head + hidden)
        equal((await raw.response()).status // 100, 4)
        equal(await raw.ended(), b"")
        raw.close()
    equal((await server.get("/api/sessions")).json["items"], [])


@scene("a slash that is hidden from proxies is no path")
async def _(server):
    await server.create_session("verona")
    equal((await server.get("/api/sessions/verona")).status, 200)
    for path in ("/api%2Fsessions/verona", "/api/sessions%2fverona", "/ws%2fverona"):
        answer = await server.get(path)
        equal((answer.status, answer.json["code"]), (400, "invalid_request"), path)


@scene("headers beyond the bound are refused with 431", config=ORIGINS)
async def _(server):
    equal(await status_of(server, get("Host: localhost", "X: " + "x" * 8000)), 200, "8 KB")
    for headers in (["X: " + "x" * 100000], [f"X-{i}: {'y' * 1000}" for i in range(100)],
                    [f"X-{i}: 1" for i in range(1000)]):
        equal(await status_of(server, get("Host: localhost", *headers)), 431)
    equal(await status_of(server, get("Host: localhost", path="/" + "x" * 100000)), 431)


@scene("404, and 405 with what is allowed")
async def _(server):
    for path in ("/nowhere", "/api", "/api/", "/api/sessions/", "/api/sessions/a/b/c/d",
                 "/api/sessions/a/objects/b/c", "/healthz/", "//healthz", "/../healthz"):
        answer = await server.get(path)
        assert answer.status in (400, 404), (path, answer)
        equal(answer.headers["content-type"].split(";")[0], "application/problem+json")
    for path, method, allowed in (
            ("/healthz", "POST", {"GET", "HEAD", "OPTIONS"}),
            ("/api/sessions", "DELETE", {"GET", "HEAD", "POST", "OPTIONS"}),
            ("/api/sessions/a/objects/b", "POST",
             {"GET", "HEAD", "PATCH", "PUT", "DELETE", "OPTIONS"}),
            ("/api/sessions/a/camera/orbit", "GET", {"POST", "OPTIONS"})):
        answer = await server.http(method, path, "{}")
        equal(answer.status, 405, f"{method} {path}")
        equal(set(answer.headers["allow"].split(", ")), allowed, f"{method} {path}")
        answer = await server.http("OPTIONS", path)
        equal((answer.status, set(answer.headers["allow"].split(", "))), (204, allowed), path)


@scene("HEAD is GET without the body")
async def _(server):
    await server.create_session("verona")
    raw = await Raw.open(server)
    for path in ("/healthz", "/api/sessions", "/api/sessions/verona", "/api/sessions/padua"):
        got = await raw.ask(f"GET {path} HTTP/1.1\r\n\r\n")
        head = await raw.ask(f"HEAD {path} HTTP/1.1\r\n\r\n")
        equal((head.status, head.headers["content-length"], head.body),
              (got.status, got.headers["content-length"], b""), path)
    raw.close()


# --- one connection, many requests ---

@scene("a connection is kept, closed on wish, and of HTTP/1.0 only kept on wish")
async def _(server):
    raw = await Raw.open(server)
    for _ in range(50):
        equal((await raw.ask("GET /healthz HTTP/1.1\r\n\r\n")).status, 200)
    answer = await raw.ask("GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n")
    equal((answer.status, await raw.ended()), (200, b""))
    raw = await Raw.open(server)
    equal((await raw.ask("GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")).status, 200)
    equal((await raw.ask("GET /healthz HTTP/1.0\r\n\r\n")).status, 200)
    await raw.ended()


@scene("pipelined requests are answered in their order")
async def _(server):
    await server.create_session("verona")
    body = '{"name":"o%d","type":"cube"}'
    texts = []
    for index in range(60):
        one = body % index
        texts.append("POST /api/sessions/verona/objects HTTP/1.1\r\nHost: localhost\r\n"
                     f"Content-Length: {len(one)}\r\n\r\n{one}")
        texts.append(f"GET /api/sessions/verona/objects/o{index} HTTP/1.1\r\n"
                     "Host: localhost\r\n\r\n")
    raw = await Raw.open(server)
    await raw.send("".join(texts))
    for index in range(60):
        made, got = await raw.response(), await raw.response()
        equal((made.status, made.json["name"]), (201, f"o{index}"))
        equal((got.status, got.json), (200, made.json))
    raw.close()


@scene("requests in single bytes are requests")
async def _(server):
    raw = await Raw.open(server)
    text = POST + 'Content-Length: 15\r\n\r\n{"id":"verona"}'
    for byte in text.encode():
        await raw.send(bytes([byte]))
    equal((await raw.response()).status, 201)
    raw.close()


@scene("Expect: 100-continue is answered before the body, a refusal instead of it")
async def _(server):
    raw = await Raw.open(server)
    await raw.send(POST + "Content-Length: 15\r\nExpect: 100-continue\r\n\r\n")
    equal((await raw.response()).status, 100)
    await raw.send('{"id":"verona"}')
    equal((await raw.response()).status, 201)
    raw.close()
    raw = await Raw.open(server)
    await raw.send(POST + "Content-Length: 99999999\r\nExpect: 100-continue\r\n\r\n")
    equal((await raw.response()).status, 413)
    raw.close()


@scene("a client that goes amid its request leaves nothing behind")
async def _(server):
    before = server.descriptor_count()
    for cut in (1, 30, len(POST) + 10, len(POST) + 25):
        raw = await Raw.open(server)
        await raw.send((POST + 'Content-Length: 15\r\n\r\n{"id":"verona"}')[:cut])
        raw.close()
    for _ in range(5):  # gone while the answer is on its way
        raw = await Raw.open(server)
        await raw.send(POST + "Content-Length: 2\r\n\r\n{}")
        raw.close()
    equal((await server.get("/healthz")).status, 200)

    async def is_clean():
        return server.descriptor_count() <= before + 1
    await until(is_clean, what="descriptors to be closed")


@scene("a request that does not become whole in time is dropped; others are not", config=HASTY)
async def _(server):
    await server.create_session("verona")
    [romeo] = await server.joined("verona", "romeo")
    slow = [("nothing", ""), ("half a head", "GET /healthz HTTP/1.1\r\nHost"),
            ("half a body", POST + 'Content-Length: 100\r\n\r\n{"id":')]
    raws = []
    for name, text in slow:
        raw = await Raw.open(server)
        await raw.send(text)
        raws.append((name, raw))
    for name, raw in raws:
        got = await raw.ended()
        assert got == b"" or got.startswith(b"HTTP/1.1 4"), (name, got)
    await romeo.do("object_created", {"session_id": "verona",
                                      "object": {"name": "rose", "type": "cube"}})


# --- upgrades ---

UPGRADES = (
    ("GET /ws HTTP/1.1\r\n", UPGRADE, 101),
    ("GET /ws HTTP/1.1\r\n", UPGRADE.replace("websocket", "WebSocket").replace("Upgrade\r\n",
                                                                               "upgrade\r\n"), 101),
    ("GET /ws HTTP/1.1\r\n", UPGRADE.replace("Connection: Upgrade",
                                             "Connection: keep-alive, Upgrade"), 101),
    ("GET /ws HTTP/1.1\r\n", "", 400), ("GET /ws/verona HTTP/1.1\r\n", "", 400),
    ("GET /ws/two%20words HTTP/1.1\r\n", UPGRADE, 400), ("GET /ws/ HTTP/1.1\r\n", UPGRADE, 400),
    ("GET /other HTTP/1.1\r\n", UPGRADE, 404),
    ("POST /ws HTTP/1.1\r\nContent-Length: 0\r\n", UPGRADE, 400),
    ("GET /ws HTTP/1.0\r\n", UPGRADE, 400),
    ("GET /ws HTTP/1.1\r\n", UPGRADE.replace(KEY, ""), 400),
    ("GET /ws HTTP/1.1\r\n", UPGRADE + KEY, 400),
    ("GET /ws HTTP/1.1\r\n", UPGRADE.replace("dGhlIHNhbXBsZSBub25jZQ==", "short"), 400),
    ("GET /ws HTTP/1.1\r\n", UPGRADE.replace("Version: 13", "Version: 8"), 400),
    ("GET /ws HTTP/1.1\r\n", UPGRADE.replace("Upgrade: websocket", "Upgrade: foobar"), 400),
    ("GET /ws HTTP/1.1\r\n", UPGRADE.replace("Upgrade: websocket", "Upgrade: h2c"), 400),
    ("GET /ws HTTP/1.1\r\n", UPGRADE.replace("Upgrade: websocket", "Upgrade: websocket, x"), 400),
    ("GET /ws HTTP/1.1\r\n", UPGRADE + "Sec-WebSocket-Protocol: other\r\n", 400),
)


@scene("upgrades: a clean handshake or a clear refusal")
async def _(server):
    await server.create_session("verona")
    for line, headers, status in UPGRADES:
        raw = await Raw.open(server)
        answer = await raw.ask(f"{line}{headers}\r\n")
        equal(answer.status, status, f"{line}{headers}")
        if status == 101:
            equal(answer.headers["sec-websocket-accept"], "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        raw.close()


@scene("keep-alive, then Upgrade: foobar: no use after free (libwebsockets 4.1.6)")
async def _(server):
    for upgrade in ("foobar", "h2c", "websocket, foobar", "", "x" * 3000):
        for path in ("/healthz", "/ws"):
            raw = await Raw.open(server)
            for _ in range(3):
                equal((await raw.ask("GET /healthz HTTP/1.1\r\n\r\n")).status, 200)
            answer = await raw.ask(f"GET {path} HTTP/1.1\r\nConnection: Upgrade\r\n"
                                   f"Upgrade: {upgrade}\r\n\r\n")
            assert answer.status in (200, 400, 404, 426), (upgrade, path, answer)
            raw.close()
    raw = await Raw.open(server)  # an upgrade that is right, after requests
    equal((await raw.ask("GET /healthz HTTP/1.1\r\n\r\n")).status, 200)
    equal((await raw.ask(f"GET /ws HTTP/1.1\r\n{UPGRADE}\r\n")).status, 101)
    raw.close()
    server.check()


@scene("a frame that comes together with the handshake is read")
async def _(server):
    await server.create_session("verona")
    raw = RawWebSocket(*(await asyncio.open_connection("127.0.0.1", server.port)))
    text = b'{"type":"join","data":{"session_id":"verona"}}'
    frame = bytes([0x80 | TEXT, 0x80 | len(text)]) + bytes(4) + text
    await raw.send(f"GET /ws HTTP/1.1\r\nHost: localhost\r\n{UPGRADE}\r\n".encode() + frame)
    equal((await raw.response()).status, 101)
    await raw.expect_message("welcome")
    await raw.expect_message("session_snapshot")
    raw.close()


@scene("answers say how they may be kept and shown")
async def _(server):
    answer = await server.get("/api/sessions")
    equal(answer.headers["x-content-type-options"], "nosniff")
    equal(answer.headers["cache-control"], "no-store")
    assert "date" in answer.headers, answer.headers
    page = await server.get("/")
    equal((page.status, page.headers["content-type"].split(";")[0]), (200, "text/plain"))


run()
