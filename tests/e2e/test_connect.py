#!/usr/bin/python3
"""Who may connect: before_connect, identities, tokens, after_connect and after_disconnect."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from hd1 import equal, run, scene, until
from hd1_raw import Raw, RawWebSocket

GATE = """
local users = { romeo = { "lover" }, juliet = { "lover", "admin" } }
return { name = "gate", version = "1", api = 1, setup = function(hd1)
  return {
    before_connect = function(request)
      if request.headers["X-Banned"] then
        return hd1.reject{ status = 403, code = "banned", message = "not you",
                           details = { kind = request.kind, path = request.path } }
      end
      local user = request.token
      if not user then return end
      if not users[user] then
        return hd1.reject{ status = 401, code = "bad_token", message = "this token is not known",
                           headers = { ["WWW-Authenticate"] = 'Bearer error="invalid_token"' } }
      end
      return hd1.identity{ user = user, roles = users[user], name = user:upper(),
                           data = { origin = request.origin, method = request.method } }
    end,
    before_event = function(event, client)
      if client.kind == "local" then return end
      local identity = client.identity
      if event.type == "object_deleted" and not (identity and identity:has_role("admin")) then
        return hd1.reject{ status = 403, code = "not_admin" }
      end
      if event.type == "object_created" then
        return hd1.patch{ object = { by = client.user or "nobody", roles = identity and
          identity.roles or hd1.json.array{}, shown = identity and identity.name } }
      end
    end,
    after_connect = function(client) hd1.log.info("came", { user = client.user }) end,
    after_disconnect = function(client) hd1.log.info("went", { user = client.user }) end,
  }
end }
"""
SECOND = """
return { name = "second", version = "1", api = 1, setup = function(hd1)
  return { before_connect = function(request)
    hd1.log.info("second sees", { user = request.identity and request.identity.user or "none" })
    return hd1.identity{ user = "second" }
  end }
end }
"""


def with_plugins(server, more="", **texts):
    plugins = server.folder / "plugins"
    plugins.mkdir(exist_ok=True)
    for name, text in texts.items():
        (plugins / f"{name}.lua").write_text(text)
    names = ", ".join(f'"{name}"' for name in texts)
    server.config = f'return {{ {more} plugin_path = "{plugins}", plugins = {{ {names} }} }}'


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


async def upgrade(server, path="/ws", headers="", behind=b""):
    raw = await Raw.open(server)
    await raw.send(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                   "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                   f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n".encode() + behind)
    return raw, await raw.response()


@scene("a handshake is refused by HTTP, with status, problem and headers", start=False)
async def _(server):
    with_plugins(server, gate=GATE)
    await server.start()
    for path in ("/ws", "/ws/demo"):
        raw, answer = await upgrade(server, path, "Authorization: Bearer paris\r\n")
        equal((answer.status, answer.json["code"]), (401, "bad_token"))
        equal(answer.headers["www-authenticate"], 'Bearer error="invalid_token"')
        equal(answer.headers["content-type"], "application/problem+json")
        equal(await raw.ended(), b"")
    _, answer = await upgrade(server, "/ws/a%20b", "X-Banned: 1\r\n")
    equal(answer.status, 400)  # nobody is asked about what is no valid request
    _, answer = await upgrade(server, "/ws/demo?q=1", "X-Banned: 1\r\n")
    equal(answer.json["details"], {"kind": "websocket", "path": "/ws/demo"})


@scene("frames behind a refused handshake are not taken for requests", start=False)
async def _(server):
    with_plugins(server, gate=GATE)
    await server.start()
    frames = b"\x81\x85\0\0\0\0hello" * 50 + b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    raw, answer = await upgrade(server, headers="X-Banned: 1\r\n", behind=frames)
    equal((answer.status, answer.headers["connection"]), (403, "close"))
    equal(await raw.ended(), b"")


@scene("the token comes by header, subprotocol or query; it is in no log", start=False,
       args=["--log-level", "debug"])
async def _(server):
    with_plugins(server, gate=GATE)
    await server.start()
    for path, headers, echoed in (
            ("/ws", "Authorization: bearer   juliet\r\n", None),
            ("/ws", "Sec-WebSocket-Protocol: hd1.v1, hd1.jwt.juliet\r\n", "hd1.v1"),
            ("/ws?access_token=juliet", "", None),
            ("/ws?access_token=romeo",
             "Authorization: Bearer juliet\r\nSec-WebSocket-Protocol: hd1.jwt.romeo,hd1.v1\r\n",
             "hd1.v1")):
        before = len([line for line in server.log if "msg=came" in line])
        raw, answer = await upgrade(server, path, headers)
        equal((answer.status, answer.headers.get("sec-websocket-protocol")), (101, echoed))
        came = await until(
            lambda: [line for line in server.log if "msg=came" in line][before:], what="came")
        assert "user=juliet" in came[0], came
        raw.close()
    secret = "s3cr3t-t0k3n"
    for path, headers in ((f"/ws?access_token={secret}", ""),
                          ("/ws", f"Authorization: Bearer {secret}\r\n"),
                          ("/ws", f"Sec-WebSocket-Protocol: hd1.v1, hd1.jwt.{secret}\r\n")):
        _, answer = await upgrade(server, path, headers)
        equal(answer.status, 401)
        assert secret not in answer.body.decode()
    equal((await server.get(f"/api/sessions?access_token={secret}")).status, 401)
    assert not [line for line in server.log if secret in line]


@scene("the identity is the client's, over WebSocket and REST", start=False)
async def _(server):
    with_plugins(server, gate=GATE)
    await server.start()
    answer = await server.post("/api/sessions", {"id": "verona"}, headers=bearer("romeo"))
    equal(answer.status, 201)
    romeo = await server.client("romeo", extra_headers=bearer("romeo"))
    await romeo.join("verona")
    event = await romeo.do("object_created", {"session_id": "verona",
                                              "object": {"name": "rose", "type": "sphere"}})
    equal({k: event["data"]["object"][k] for k in ("by", "roles", "shown")},
          {"by": "romeo", "roles": ["lover"], "shown": "ROMEO"})
    path = "/api/sessions/verona/objects"
    answer = await server.post(path, {"name": "a", "type": "cube"}, headers=bearer("juliet"))
    equal((answer.json["by"], answer.json["roles"]), ("juliet", ["lover", "admin"]))
    answer = await server.post(path, {"name": "b", "type": "cube"})
    equal((answer.json["by"], answer.json["roles"]), ("nobody", []))
    answer = await server.http("DELETE", path + "/a", headers=bearer("romeo"))
    equal((answer.status, answer.json["code"]), (403, "not_admin"))
    equal((await server.http("DELETE", path + "/a", headers=bearer("juliet"))).status, 204)


@scene("each request of a connection is judged by itself", start=False)
async def _(server):
    with_plugins(server, gate=GATE)
    await server.start()
    await server.create_session("verona")
    raw = await Raw.open(server)
    for i, (token, status, by) in enumerate((
            ("romeo", 201, "romeo"), ("juliet", 201, "juliet"), ("paris", 401, None),
            (None, 201, "nobody"), ("juliet", 201, "juliet"), ("juliet", 201, "juliet"))):
        body = f'{{"name":"thing-{i}","type":"cube"}}'
        line = f"Authorization: Bearer {token}\r\n" if token else ""
        answer = await raw.ask("POST /api/sessions/verona/objects HTTP/1.1\r\n"
                               f"{line}Content-Length: {len(body)}\r\n\r\n{body}")
        equal(answer.status, status, f"request {i}")
        if by:
            equal(answer.json["by"], by, f"request {i}")


@scene("whoever is refused sees nothing but health; what is not there is refused too", start=False)
async def _(server):
    with_plugins(server, gate=GATE)
    await server.start()
    banned = {"X-Banned": "1"}
    for path in ("/", "/healthz", "/readyz", "/metrics"):
        equal((await server.get(path, headers=banned)).status, 200, path)
    for method, path in (("GET", "/api/sessions"), ("GET", "/api/plugins"), ("GET", "/nowhere"),
                         ("GET", "/api/x/gate"), ("OPTIONS", "/api/sessions"),
                         ("POST", "/healthz"), ("DELETE", "/api/sessions/verona")):
        answer = await server.http(method, path, headers={**banned, "Content-Length": "0"})
        equal((answer.status, answer.json["code"]), (403, "banned"), path)
    preflight = {**banned, "Origin": f"http://127.0.0.1:{server.port}",
                 "Access-Control-Request-Method": "GET"}
    equal((await server.http("OPTIONS", "/api/sessions", headers=preflight)).status, 204)


@scene("the first identity stays; the next plugin sees it", start=False)
async def _(server):
    with_plugins(server, gate=GATE, second=SECOND)
    await server.start()
    await server.create_session("verona")
    await server.wait_log("second sees.*user=none")
    path = "/api/sessions/verona/objects"
    answer = await server.post(path, {"name": "a", "type": "cube"}, headers=bearer("romeo"))
    equal(answer.json["by"], "romeo")
    await server.wait_log("second sees.*user=romeo")
    equal((await server.post(path, {"name": "b", "type": "cube"})).json["by"], "second")


@scene("coming and going are told once each, however it went", start=False)
async def _(server):
    with_plugins(server, gate=GATE)
    await server.start()

    def count(what):
        return sum(f"msg={what}" in line for line in server.log)
    polite = await server.client("romeo", extra_headers=bearer("romeo"))
    rude = await RawWebSocket.connect(server)
    wrong = await RawWebSocket.connect(server)
    await until(lambda: count("came") == 3, what="all three to have come")
    await polite.socket.close()
    await until(lambda: count("went") == 1, what="the polite one gone")
    rude.close()
    await until(lambda: count("went") == 2, what="the rude one gone")
    await wrong.send_frame(3, b"")
    await until(lambda: count("went") == 3, what="the wrong one gone")
    await RawWebSocket.connect(server)
    await until(lambda: count("came") == 4, what="the last one to have come")
    await server.stop()
    equal((count("came"), count("went")), (4, 4))


@scene("anonymous = false: who is not known is refused", start=False)
async def _(server):
    with_plugins(server, "anonymous = false,", gate=GATE)
    await server.start()
    answer = await server.get("/api/sessions")
    equal((answer.status, answer.json["code"]), (401, "unauthenticated"))
    equal(answer.headers["www-authenticate"], "Bearer")
    _, answer = await upgrade(server)
    equal((answer.status, answer.json["code"]), (401, "unauthenticated"))
    equal((await server.get("/api/sessions", headers=bearer("romeo"))).status, 200)
    equal((await server.get("/healthz")).status, 200)


@scene("without a plugin that knows visitors, neither anonymous = false nor an open address",
       start=False)
async def _(server):
    blind = 'return { name = "blind", version = "1", api = 1, setup = function() return {} end }'
    with_plugins(server, "anonymous = false,", blind=blind)
    code, log = await server.refuse_to_start()
    equal(code, 78)
    assert "hd1.lua:1: anonymous = false needs an authentication plugin" in log, log
    server.args = ["--listen", "0.0.0.0:0"]
    with_plugins(server, blind=blind)
    code, log = await server.refuse_to_start()
    equal(code, 78)
    assert "0.0.0.0:0 can be reached from other machines" in log, log
    with_plugins(server, gate=GATE)
    await server.start()
    equal((await server.get("/api/sessions")).status, 401)  # nobody said anonymous = true
    equal((await server.get("/api/sessions", headers=bearer("romeo"))).status, 200)


FAULTY = """
return { name = "gate", version = "1", api = 1, setup = function(hd1)
  return { before_connect = function(request)
    local what = request.headers.what
    if what == "loop" then while true do end end
    if what == "error" then error("no") end
    if what == "nonsense" then return { user = "x" } end
    if what == "drop" then return hd1.drop() end
    if what == "field" then return request.nothing end
    if what == "big" then return hd1.identity{ user = "a", data = { x = ("x"):rep(5000) } } end
    if what == "user" then return hd1.identity{ user = "" } end
    if what == "roles" then return hd1.identity{ user = "a", roles = { 1 } } end
    if what == "split" then
      return hd1.reject{ code = "x", headers = { a = "b\\r\\nset-cookie: c" } }
    end
    if what == "frame" then return hd1.reject{ code = "x", headers = { ["Content-Length"] = 0 } } end
    if what == "kept" then kept = kept or request return hd1.identity{ user = kept.path } end
  end }
end }
"""


@scene("a guard that fails lets nobody in", start=False)
async def _(server):
    with_plugins(server, gate="local kept\n" + FAULTY)
    await server.start()
    for what in ("loop", "error", "nonsense", "drop", "field", "big", "user", "roles", "split",
                 "frame"):
        answer = await server.get("/api/sessions", headers={"what": what})
        equal((answer.status, answer.json["code"]), (500, "plugin_failed"), what)
        assert "set-cookie" not in answer.headers
    equal((await server.get("/api/sessions", headers={"what": "kept"})).status, 200)
    equal((await server.get("/api/sessions", headers={"what": "kept"})).status, 500)
    for _ in range(100):  # twenty failures within ten seconds
        _, answer = await upgrade(server, headers="what: error\r\n")
        if answer.status != 500:
            break
    equal((answer.status, answer.json["code"]), (503, "plugin_unavailable"))
    assert int(answer.headers["retry-after"]) > 0
    equal((await server.get("/healthz")).status, 200)
    with_plugins(server, gate=FAULTY)
    server.config = server.config.replace('"gate"', '{ "gate", on_error = "open" }')
    await server.stop()
    code, log = await server.refuse_to_start()
    equal(code, 78)
    assert "guard connections" in log, log


run()
