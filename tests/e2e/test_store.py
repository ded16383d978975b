#!/usr/bin/python3
"""What a plugin keeps: exactly as durable as the events that it belongs to, through kill -9; and what
it reaches besides: its metrics, clients to be told and removed."""

import asyncio
import http.client
import os
import random
import re
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from hd1 import equal, run, scene, until
from hd1_promtool import promtool_check

KILLS = 30 if os.environ.get("HD1_LONG") else 6
SESSIONS = ("verona", "mantua", "padua")

# Counts its events over all sessions, and the last number of each session.
COUNTER = """
return { name = "purse", version = "1", api = 1,
  events = { coin = { doc = "one more" }, ask = { doc = "refused with the count" },
    change = { doc = "told to one member", lane = "volatile", sendable = false } },
  setup = function(hd1)
    local coins = hd1.metrics.counter("coins", "Coins seen.", { "session" })
    local size = hd1.metrics.histogram("coin_size", "How big.", { 1, 10 })
    return { before_event = {
      coin = function(event)
        local count = (hd1.store.get("count") or 0) + 1
        assert(hd1.store.put("count", count))
        assert(hd1.store.put("of/" .. event.session_id, (hd1.store.get("of/" .. event.session_id)
          or 0) + 1))
        coins:add(1, { session = event.session_id })
        size:observe(count)
        if event.client.kind == "ws" then
          event.session:send(event.client, "change", { count = count })
        end
        return hd1.patch({ count = count })
      end,
      ask = function(event)
        if event.data.kick then
          event.session:kick(event.data.kick, { code = 4700, reason = "asked", message = "away" })
          return
        end
        local each = {}
        for _, entry in ipairs(hd1.store.list({ prefix = "of/" })) do
          each[entry.key:sub(4)] = entry.value
        end
        return hd1.reject({ code = "count", details = {
          count = hd1.store.get("count") or 0, each = each } })
      end } }
  end }
"""
folder = tempfile.mkdtemp(prefix="hd1-store-")
with open(os.path.join(folder, "purse.lua"), "w") as out:
    out.write(COUNTER)
CONFIG = 'return { plugins = { "purse" }, plugin_path = "%s" }' % folder


async def ask(server):
    answer = await server.post("/api/sessions/verona/events", {"type": "ask", "data": {}})
    equal((answer.status, answer.json["code"]), (422, "count"))
    return answer.json["details"]


async def post_until_killed(server, session_id, size, acknowledged):
    """Coins, one by one or some at a time, as long as there is somebody to take them."""
    coin = {"type": "coin", "data": {}}
    while True:
        try:
            answer = await server.post(f"/api/sessions/{session_id}/events",
                                       coin if size == 1 else [coin] * size)
        except (OSError, http.client.HTTPException):
            return
        equal(answer.status // 100, 2, answer)
        acknowledged[session_id] += size


async def coins(server):
    """In the log, per session; and the numbers that they were told."""
    found, numbers = {}, []
    for session_id in SESSIONS:
        events = [e for e in await server.history(session_id) if e["type"] == "coin"]
        found[session_id] = len(events)
        numbers += [e["data"]["count"] for e in events]
    return found, sorted(numbers)


@scene(f"after each of {KILLS} kills the count is the number of events", config=CONFIG)
async def _(server):
    for session_id in SESSIONS:
        await server.create_session(session_id)
    chance, acknowledged = random.Random(7), dict.fromkeys(SESSIONS, 0)
    for _ in range(KILLS):
        writers = [asyncio.create_task(post_until_killed(server, session_id, size, acknowledged))
                   for session_id in SESSIONS for size in (1, 3)]
        before = sum(acknowledged.values())
        goal = before + chance.randint(1, 40)
        await until(lambda: sum(acknowledged.values()) >= goal, what="coins")
        await server.kill()
        await asyncio.gather(*writers)
        await server.start()
        found, numbers = await coins(server)
        kept = await ask(server)
        equal(kept["each"] or {}, {s: n for s, n in found.items() if n}, "counts per session")
        equal(kept["count"], sum(found.values()), "count in all")
        equal(numbers, list(range(1, kept["count"] + 1)), "the numbers told")
        for session_id in SESSIONS:
            assert found[session_id] >= acknowledged[session_id], "an acknowledged coin is lost"
    print(f"# {sum(found.values())} coins, {sum(acknowledged.values())} of them acknowledged")


@scene("one member is told, and only that one; and is removed", config=CONFIG)
async def _(server, romeo, juliet):
    await server.create_session("verona")
    await romeo.join("verona")
    await juliet.join("verona")
    await romeo.do("coin", {"session_id": "verona"})
    told = await romeo.expect("change")
    equal(told["data"], {"session_id": "verona", "count": 1})
    assert "seq" not in told, told
    coin = await juliet.expect("coin")
    equal(coin["data"]["count"], 1)
    await juliet.do("ask", {"session_id": "verona", "kick": romeo.id})
    error = await romeo.expect("error")
    equal((error["data"]["code"], error["data"]["message"]), ("kicked", "away"))
    equal(await romeo.closed(), 4700)
    await juliet.barrier("verona")


@scene("a plugin's figures are in /metrics, clean", config=CONFIG)
async def _(server):
    await server.create_session("verona")
    for _ in range(3):
        await server.post("/api/sessions/verona/events", {"type": "coin", "data": {}})
    text = (await server.get("/metrics")).body.decode()
    assert re.search(r'^hd1_x_purse_coins_total\{session="verona"\} 3$', text, re.M), text
    assert re.search(r'^hd1_x_purse_coin_size_bucket\{le="1"\} 1$', text, re.M), text
    assert re.search(r"^hd1_x_purse_coin_size_sum 6$", text, re.M), text
    await promtool_check(text.encode())


TILL = """
return { name = "till", version = "1", api = 1, setup = function(hd1)
  return { routes = {
    ["PUT /api/x/till/{n}"] = function(request)
      assert(hd1.store.put("n", tonumber(request.params.n)))
      return 204
    end,
    ["GET /api/x/till"] = function() return { n = hd1.store.get("n") } end } }
end }
"""
with open(os.path.join(folder, "till.lua"), "w") as out:
    out.write(TILL)


@scene("what a route has put is on disk when it answers",
       config='return { plugins = { "till" }, plugin_path = "%s" }' % folder)
async def _(server):
    for n in range(1, 9):
        equal((await server.http("PUT", f"/api/x/till/{n}")).status, 204)
        await server.restart(is_killed=True)
        equal((await server.get("/api/x/till")).json, {"n": n})


run()
