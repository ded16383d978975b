#!/usr/bin/python3
"""Routes, sockets and before_connect over a reload: the new generation's are in force at once."""

import asyncio
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from hd1 import equal, run, scene, until
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


@scene("routes and sockets are those of the new generation; open sockets stay while it has them",
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
    equal(await ask(peer), (TEXT, b"2"))
    equal((await server.get("/api/x/web/it")).status, 404)
    equal((await server.get("/api/x/web/other")).json, {"version": 2})
    write(server, "web", "3.0.0", "return {}")
    await server.reload()
    await expect_close(peer, 1012)
    equal((await server.get("/api/x/web/other")).status, 404)
    web(server, 4)
    await server.reload()
    peer = await RawWebSocket.connect(server, "/ws/x/web")
    equal(await ask(peer), (TEXT, b"4"))
    await peer.send_frame(CLOSE, b"\x03\xe8")
    await server.wait_log("area=web .*closed by the peer")


ROOM = """
  local people, kept = {}, {}
  local function tell(text) for socket in pairs(people) do socket:send(text) end end
  return {
    save = function()
      local names = {}
      for socket, name in pairs(people) do names[socket.id] = name end
      return names
    end,
    restore = function(names) kept = names end,
    sockets = { ["/ws/x/room"] = {
      connect = function(socket, request) people[socket] = request.query.name end,
      resume = function(socket) people[socket] = kept[socket.id] end,
      message = function(socket, message) tell(people[socket] .. " in %d: " .. message) end,
      close = function(socket)
        local name = people[socket]
        people[socket] = nil
        tell(name .. " left")
      end } } }"""


@scene("who is on a plugin's socket is there in the next generation too, with what it kept of him",
       start=False)
async def _(server):
    write(server, "room", "1.0.0", ROOM % 1)
    await start(server, '"room"')
    names = ("romeo", "juliet", "mercutio")
    peers = [await RawWebSocket.connect(server, f"/ws/x/room?name={name}") for name in names]
    for version in range(2, 5):
        write(server, "room", f"{version}.0.0", ROOM % version)
        await server.reload()
        await peers[0].send_frame(TEXT, b"hark")
        for peer in peers:
            equal(await peer.frame(), (TEXT, b"romeo in %d: hark" % version))
    [sockets] = [p["sockets"] for p in (await server.get("/api/plugins")).json["items"]]
    equal(sockets, [{"path": "/ws/x/room", "open": 3}])
    peers[1].close()
    equal(await peers[2].frame(), (TEXT, b"juliet left"))


PEERS, MESSAGES, RELOADS = 40, 300, 5
NUMBERED = """
  return { sockets = { ["/ws/x/numbered"] = function(socket, message)
    socket:send("%d " .. message) end } }"""


async def count(peer, said):
    """Sends its numbers, each when the one before is answered, and returns who answered."""
    versions = []
    for number in range(MESSAGES):
        said[0] += 1
        await peer.send_frame(TEXT, b"%d" % number)
        kind, answer = await peer.frame()
        version, echo = answer.split()
        equal((kind, echo), (TEXT, b"%d" % number))
        versions.append(int(version))
    return versions


@scene("a reload disconnects nobody who talks on a plugin's socket, and no message is lost",
       start=False)
async def _(server):
    write(server, "numbered", "1.0.0", NUMBERED % 1)
    await start(server, '{ "numbered", cpu_share = 1 }')
    peers = [await RawWebSocket.connect(server, "/ws/x/numbered") for _ in range(PEERS)]
    said = [0]
    counting = asyncio.gather(*[count(peer, said) for peer in peers])
    for version in range(2, 2 + RELOADS):
        await until(lambda: said[0] >= PEERS * MESSAGES * (version - 1) // (RELOADS + 2),
                    what="the talk to go on")
        write(server, "numbered", f"{version}.0.0", NUMBERED % version)
        await server.reload()
    for versions in await counting:
        equal(versions, sorted(versions))
        equal((versions[0], versions[-1]), (1, 1 + RELOADS))


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
