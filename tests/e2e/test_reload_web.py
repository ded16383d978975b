#!/usr/bin/python3
"""Routes, sockets and before_connect over a reload: the new generation's are in force at once."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from hd1 import equal, run, scene
from hd1_plugin import configure, start, write
from hd1_raw import CLOSE, TEXT, RawWebSocket

WEB = """
  return {
    routes = { ["GET /api/x/web/%s"] = function() return { version = %d } end },
    sockets = { ["/ws/x/web"] = {
      message = function(socket) socket:send("%d") end,
      close = function() hd1.log.info("closed by the peer") end } } }"""
GUARD = """
  return { before_connect = function(request)
    if request.headers["X-Name"] then return hd1.identity{ user = request.headers["X-Name"] } end
    %s end }"""


def web(server, version, path="it"):
    write(server, "web", f"{version}.0.0", WEB % (path, version, version))


async def ask(peer):
    await peer.send_frame(TEXT, b"who?")
    return await peer.frame()


async def expect_close(peer, code):
    kind, said = await peer.frame()
    equal((kind, int.from_bytes(said[:2], "big")), (CLOSE, code))
    await peer.send_frame(CLOSE, said[:2])
    equal(await peer.ended(), b"")


@scene("routes and sockets are those of the new generation; open sockets are told to come back",
       start=False)
async def _(server):
    web(server, 1)
    await start(server, '"web"')
    equal((await server.get("/api/x/web/it")).json, {"version": 1})
    peer = await RawWebSocket.connect(server, "/ws/x/web")
    equal(await ask(peer), (TEXT, b"1"))
    write(server, "web", "broken", "return 7")
    await server.reload(is_checked=False)
    equal(await ask(peer), (TEXT, b"1"))
    web(server, 2, "other")
    await server.reload()
    await expect_close(peer, 1012)
    equal((await server.get("/api/x/web/it")).status, 404)
    equal((await server.get("/api/x/web/other")).json, {"version": 2})
    peer = await RawWebSocket.connect(server, "/ws/x/web")
    equal(await ask(peer), (TEXT, b"2"))
    write(server, "web", "3.0.0", "return {}")
    await server.reload()
    await expect_close(peer, 1012)
    equal((await server.get("/api/x/web/other")).status, 404)


@scene("who guards is replaced at once, and never locks out who administers", start=False)
async def _(server):
    write(server, "guard", "1.0.0", GUARD % "")
    await start(server, '"guard"', more="anonymous = false,")
    equal((await server.get("/api/sessions")).status, 401)
    romeo = {"X-Name": "romeo"}
    equal((await server.http("GET", "/api/sessions", headers=romeo)).status, 200)
    write(server, "guard", "2.0.0", GUARD % "error('nobody')")
    await server.reload()
    equal((await server.get("/api/sessions")).json["code"], "plugin_failed")
    equal((await server.admin("GET", "/api/admin")).status, 200)
    write(server, "other", "1.0.0", "return {}")
    configure(server, '"other"', more="anonymous = false,")
    faults = (await server.reload(is_checked=False))["details"]["faults"]
    assert "needs an authentication plugin" in faults[0], faults
    equal((await server.get("/api/sessions")).json["code"], "plugin_failed")
    write(server, "guard", "3.0.0", GUARD % "return hd1.identity{ user = 'anybody' }")
    configure(server, '"guard"', more="anonymous = false,")
    await server.reload()
    equal((await server.get("/api/sessions")).status, 200)


@scene("the listener for administration serves no routes of plugins", start=False)
async def _(server):
    web(server, 1)
    await start(server, '"web"')
    equal((await server.admin("GET", "/api/x/web/it")).status, 404)


run()
