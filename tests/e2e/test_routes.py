#!/usr/bin/python3
"""REST endpoints of plugins: what they see, what they answer, what goes wrong."""

import asyncio
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from hd1 import equal, run, scene
from hd1_raw import Raw

ODD = """
return { name = "odd", version = "1", api = 1,
  events = { odd_said = { doc = "odd", lane = "durable" } },
  setup = function(hd1)
  local kept
  return { routes = {
    ["GET /api/x/odd"] = function() return { root = true } end,
    ["GET /api/x/odd/see/{what}/{which}"] = function(request)
      return { method = request.method, path = request.path, params = request.params,
               q = request.query, all = request:query_all("a"), none = request:query_all("zz"),
               agent = request.headers["user-agent"], AGENT = request.headers["User-Agent"],
               kind = request.kind, address = request.address, client = request.client.kind }
    end,
    ["GET /api/x/odd/see/{what}/exact"] = function() return { exact = true } end,
    ["POST /api/x/odd/json"] = function(request)
      local first = request.json
      return 201, { got = first, same = rawequal(first, request.json), bytes = #request.body },
             { Location = "/api/x/odd/1", ["Cache-Control"] = "max-age=5" }
    end,
    ["PUT /api/x/odd/body"] = function(request)
      return 200, request.body, { ["content-type"] = "application/octet-stream" }
    end,
    ["GET /api/x/odd/text"] = function() return 200, "as it is" end,
    ["GET /api/x/odd/empty"] = function() end,
    ["GET /api/x/odd/bare"] = function() return 404 end,
    ["GET /api/x/odd/reject"] = function()
      return hd1.reject{ status = 418, code = "teapot", message = "short and stout",
                         retry_after_ms = 1500, headers = { ["X-Pot"] = "tea" } }
    end,
    ["POST /api/x/odd/say/{session}"] = function(request)
      local ok, message, code = hd1.emit{ type = "odd_said", session_id = request.params.session,
                                          data = { text = request.json.text } }
      return 202, { ok = ok, code = code }
    end,
    ["GET /api/x/odd/bad/{how}"] = function(request)
      local how = request.params.how
      if how == "error" then error("no") end
      if how == "loop" then while true do end end
      if how == "grow" then local t = {} while true do t[#t + 1] = ("x"):rep(1000) .. #t end end
      if how == "string" then return "text" end
      if how == "status" then return 99 end
      if how == "switch" then return 101 end
      if how == "second" then return { a = 1 }, 5 end
      if how == "function" then return 200, { f = print } end
      if how == "number" then return 200, 5 end
      if how == "none" then return 204, "a body" end
      if how == "drop" then return hd1.drop() end
      if how == "patch" then return hd1.patch{ a = 1 } end
      if how == "huge" then return 200, ("x"):rep(1024 * 1024 + 1) end
      if how == "split" then return 200, {}, { a = "b\\r\\nset-cookie: c" } end
      if how == "feed" then return 200, {}, { a = "b\\nc" } end
      if how == "name" then return 200, {}, { ["a: b\\r\\nc"] = "d" } end
      if how == "length" then return 200, {}, { ["content-LENGTH"] = "5" } end
      if how == "chunked" then return 200, {}, { ["Transfer-Encoding"] = "chunked" } end
      if how == "cors" then return 200, {}, { ["Access-Control-Allow-Origin"] = "*" } end
      if how == "headers" then return 200, {}, "a: b" end
      if how == "nul" then return 200, {}, { a = "b\\0c" } end
      if how == "caught" then return { ok = pcall(function() return request.json end) } end
      if how == "write" then request.path = "x" end
      if how == "kept" then kept = kept or request return { path = kept.path } end
      return { fine = how }
    end,
  } }
end }
"""
PLAIN = 'return {{ {more} plugin_path = "{path}", plugins = {{ {names} }} }}'


def with_plugin(server, text=ODD, names='"odd"', more=""):
    plugins = server.folder / "plugins"
    plugins.mkdir(exist_ok=True)
    (plugins / "odd.lua").write_text(text)
    server.config = PLAIN.format(path=plugins, names=names, more=more)


async def started(server, **options):
    with_plugin(server, **options)
    await server.start()


@scene("a route sees the request taken apart", start=False)
async def _(server):
    await started(server)
    equal((await server.get("/api/x/odd")).json, {"root": True})
    answer = await server.get("/api/x/odd/see/a%20b/%C3%A4?a=1&b=%26+%3D&a=2&&c&=d&a=",
                              headers={"User-Agent": "tester"})
    equal((answer.status, answer.headers["content-type"]), (200, "application/json"))
    equal(answer.json, {
        "method": "GET", "path": "/api/x/odd/see/a b/ä", "params": {"what": "a b", "which": "ä"},
        "q": {"a": "1", "b": "& =", "c": "", "": "d"}, "all": ["1", "2", ""], "none": [],
        "agent": "tester", "AGENT": "tester", "kind": "rest", "address": "127.0.0.1",
        "client": "rest"})
    equal((await server.get("/api/x/odd/see/a/exact")).json, {"exact": True})
    described = (await server.get("/api/plugins")).json["items"][0]
    equal(described["routes"][:2],
          ["GET /api/x/odd", "GET /api/x/odd/bad/{how}"])
    equal(len(described["routes"]), 11)
    equal(described["hooks"]["routes"]["calls"], 3)


@scene("JSON in and out, bytes in and out, text, nothing, a rejection", start=False)
async def _(server):
    await started(server)
    sent = {"a": [1, 2.5, None, "ä"], "b": {}}
    answer = await server.post("/api/x/odd/json", sent)
    equal(answer.status, 201)
    equal(answer.json, {"got": sent, "same": True, "bytes": len(json.dumps(sent))})
    equal((answer.headers["location"], answer.headers["cache-control"]),
          ("/api/x/odd/1", "max-age=5"))
    body = bytes(range(256)) * 100 + b"\n"
    answer = await server.http("PUT", "/api/x/odd/body", headers={"Content-Length": "0"})
    equal((answer.status, answer.body), (200, b""))
    raw = await Raw.open(server)
    await raw.send(b"PUT /api/x/odd/body HTTP/1.1\r\nHost: localhost\r\n"
                   b"Content-Length: %d\r\n\r\n" % len(body) + body)
    answer = await raw.response()
    equal((answer.body, answer.headers["content-type"]), (body, "application/octet-stream"))
    answer = await server.get("/api/x/odd/text")
    equal((answer.body, answer.headers["content-type"]), (b"as it is", "text/plain; charset=utf-8"))
    answer = await server.get("/api/x/odd/empty")
    equal((answer.status, answer.body), (204, b""))
    answer = await server.get("/api/x/odd/bare")
    equal((answer.status, answer.body, answer.headers["content-length"]), (404, b"", "0"))
    assert "content-type" not in answer.headers, answer.headers
    answer = await server.get("/api/x/odd/reject")
    equal((answer.status, answer.json["code"], answer.json["detail"]),
          (418, "teapot", "short and stout"))
    equal((answer.headers["content-type"], answer.headers["retry-after"], answer.headers["x-pot"]),
          ("application/problem+json", "2", "tea"))


@scene("HEAD, OPTIONS, 405 and 404 as everywhere", start=False)
async def _(server):
    await started(server)
    raw = await Raw.open(server)
    head = await raw.ask("HEAD /api/x/odd/text HTTP/1.1\r\n\r\n")
    equal((head.status, head.headers["content-length"], head.body), (200, "8", b""))
    answer = await raw.ask("OPTIONS /api/x/odd/text HTTP/1.1\r\n\r\n")
    equal((answer.status, answer.headers["allow"]), (204, "GET, HEAD, OPTIONS"))
    answer = await server.post("/api/x/odd/text")
    equal((answer.status, answer.headers["allow"]), (405, "GET, HEAD, OPTIONS"))
    answer = await server.get("/api/x/odd/json")
    equal((answer.status, answer.headers["allow"]), (405, "POST, OPTIONS"))
    for path in ("/api/x/", "/api/x", "/api/x/odd/", "/api/x/odd/see/a", "/api/x/odd/see//b",
                 "/api/x/odd/see/a/b/c", "/api/x/other", "/api/x/ODD"):
        equal((await server.get(path)).status, 404, path)


@scene("what is no JSON is 400, and no failure of the plugin's", start=False)
async def _(server):
    await started(server, names='{ "odd", cpu_share = 1 }')
    for body in ("", "{", "nul", '{"a":1,"a":2}', "[1,]", '"\\ud800"', "{} x", "[" * 1000):
        for _ in range(4):
            answer = await server.http("POST", "/api/x/odd/json", body)
            equal((answer.status, answer.json["code"]), (400, "malformed"), body)
    equal((await server.get("/api/x/odd/bad/caught")).json, {"ok": False})
    many = "[" + ",".join(["{}"] * 340000) + "]"
    answer = await server.http("POST", "/api/x/odd/json", many)
    equal((answer.status, answer.json["code"]), (413, "too_large"))
    item = (await server.get("/api/plugins")).json["items"][0]
    equal((item["errors"], item["state"]), (0, "running"))
    answer = await server.http("POST", "/api/x/odd/json", "x" * (1024 * 1024 + 1))
    equal(answer.status, 413)
    for path in ("/api/x/odd/see/%zz/a", "/api/x/odd/see/%/a", "/api/x/odd/see/%00/a",
                 "/api/x/odd/see/a/b?x=%2"):
        equal((await server.get(path)).status, 400, path)
    answer = await server.get("/api/x/odd/see/%FF%FE/a?a=%80&%C3=1")
    equal((answer.status, answer.json["params"]["what"], answer.json["q"]),
          (200, "??", {"a": "?", "?": "1"}))


@scene("a route that fails or answers nonsense is 500, in the log with its place", start=False)
async def _(server):
    await started(server, more="limits = { body_bytes = 1048576 },")
    hows = ("error", "loop", "grow", "string", "status", "switch", "second", "function", "number",
            "none", "drop", "patch", "huge", "split", "feed", "name", "length", "chunked", "cors",
            "headers", "nul", "write")
    for how in hows:
        answer = await server.get(f"/api/x/odd/bad/{how}")
        if answer.json.get("code") == "plugin_unavailable":
            equal(hows.index(how) >= 20, True)
            continue
        equal((answer.status, answer.json["code"]), (500, "plugin_failed"), how)
        equal(answer.headers["content-type"], "application/problem+json")
        assert "set-cookie" not in answer.headers and "c" not in answer.headers
    await server.wait_log("hook failed.*hook=routes.*GET /api/x/odd/bad.*odd.lua:")
    for _ in range(100):  # twenty failures within ten seconds
        if (await server.get("/api/x/odd/bad/error")).status == 503:
            break
    answer = await server.get("/api/x/odd")
    equal((answer.status, answer.json["code"]), (503, "plugin_unavailable"))
    assert int(answer.headers["retry-after"]) > 0
    equal((await server.get("/api/sessions")).status, 200)


@scene("a request is good only while its route runs", start=False)
async def _(server):
    await started(server)
    equal((await server.get("/api/x/odd/bad/kept")).status, 200)
    answer = await server.get("/api/x/odd/bad/kept")
    equal((answer.status, answer.json["code"]), (500, "plugin_failed"))
    await server.wait_log("the request is gone")


@scene("what a route emits takes the whole way in", start=False)
async def _(server):
    await started(server)
    await server.create_session("verona")
    romeo = await server.client("romeo")
    await romeo.join("verona")
    answer = await server.post("/api/x/odd/say/verona", {"text": "hark!"})
    equal((answer.status, answer.json), (202, {"ok": True}))
    equal((await romeo.expect("odd_said"))["data"]["text"], "hark!")


@scene("a route that changes things is charged; reads are not", start=False)
async def _(server):
    few = "{ rate = 0.01, burst = 5 }"
    names = f'{{ "rate_limit", client = {few}, address = {few} }}'
    await started(server, names=names + ', "odd"')
    answers = [await server.post("/api/x/odd/json", {}) for _ in range(8)]
    equal([answer.status for answer in answers], [201] * 5 + [429] * 3)
    equal(answers[-1].json["code"], "rate_limited")
    for _ in range(8):
        equal((await server.get("/api/x/odd")).status, 200)


@scene("while a route loops again and again, others are served", start=False)
async def _(server):
    await started(server)
    await server.create_session("verona")
    romeo, juliet = await server.joined("verona", "romeo", "juliet")
    loops = [asyncio.create_task(server.get("/api/x/odd/bad/loop")) for _ in range(10)]
    for i in range(20):
        await romeo.do("object_created", {"session_id": "verona",
                                          "object": {"name": f"o-{i}", "type": "cube"}})
        await juliet.expect("object_created")
    for loop in loops:
        equal((await loop).status, 500)


@scene("pipelined requests are answered in order; a torn one harms nobody", start=False)
async def _(server):
    await started(server)
    raw = await Raw.open(server)
    one = "GET /api/x/odd/bad/{} HTTP/1.1\r\nHost: localhost\r\n\r\n"
    await raw.send("".join(one.format(i) for i in range(50)))
    for i in range(50):
        equal((await raw.response()).json, {"fine": str(i)})
    torn = await Raw.open(server)
    await torn.send("POST /api/x/odd/json HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\n{")
    torn.close()
    equal((await server.get("/api/x/odd")).status, 200)


def refusing(routes):
    return ('return { name = "odd", version = "1", api = 1, setup = function()\n'
            f"  return {{ routes = {{\n    {routes}\n  }} }}\nend }}")


@scene("a bad pattern or a clash refuses to start, with its place", start=False)
async def _(server):
    for routes, text in (
            ('["GET /api/sessions"] = print', "must be below"),
            ('["GET /api/x/other/a"] = print', "must be below"),
            ('["GET /api/x/oddity"] = print', "must be below"),
            ('["/api/x/odd"] = print', "begins with GET"),
            ('["FETCH /api/x/odd"] = print', "begins with GET"),
            ('["HEAD /api/x/odd"] = print', "begins with GET"),
            ('["GET  /api/x/odd"] = print', "must be below"),
            ('["GET /api/x/odd/"] = print', "a segment"),
            ('["GET /api/x/odd//a"] = print', "a segment"),
            ('["GET /api/x/odd/a{b}"] = print', "a segment"),
            ('["GET /api/x/odd/{b}c"] = print', "a whole segment"),
            ('["GET /api/x/odd/{a}/{a}"] = print', "the same name"),
            ('["GET /api/x/odd/a b"] = print', "a segment"),
            ('["GET /api/x/odd"] = 5', "must be a function"),
            ('["GET /api/x/odd/{a}"] = print, ["GET /api/x/odd/{b}"] = print', "are the same")):
        with_plugin(server, text=refusing(routes))
        code, log = await server.refuse_to_start()
        equal(code, 78, routes)
        assert text in log and "odd.lua:3" in log, (text, log)


run()
