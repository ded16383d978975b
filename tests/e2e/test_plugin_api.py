#!/usr/bin/python3
"""Plugins that a scene makes: what they decide is seen from outside; what they break, only in the
log."""

import asyncio
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from hd1 import Refused, equal, run, scene

PLUGIN = """return {
  name = "%s", version = "1.0.0", api = 1,
  %s
  setup = function(hd1, config)
    %s
  end,
}
"""


def write(server, name, setup, head=""):
    """
    A plugin of that name; setup: the body of its function, which returns hooks. Those that ship are
    found besides, their libraries too.
    """
    folder = server.folder / "plugins"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.lua").write_text(PLUGIN % (name, head, setup))


async def start(server, *entries):
    folder = server.folder / "plugins"
    server.config = f'return {{ plugin_path = "{folder}", plugins = {{ {", ".join(entries)} }} }}'
    await server.start()


def said(text):
    return {"session_id": "verona", "text": text}


async def verona(server, *names):
    await server.create_session("verona")
    return await server.joined("verona", *names)


async def refusal(awaitable):
    try:
        answer = await awaitable
    except Refused as refused:
        return refused
    raise AssertionError(f"was accepted: {answer}")


def traceback_in(server, name):
    """The plugin's complaint, which must have a traceback and its file."""
    lines = [line for line in server.log if f"area={name} " in line and "level=error" in line]
    assert lines, f"nothing of {name} in the log"
    text = "\n".join(lines)
    assert "traceback" in text and f"{name}.lua:" in text, text[:2000]
    return text


# --- what they decide ---

@scene("reject: the sender is told what the plugin says, on both ways in", start=False)
async def _(server):
    write(server, "censor", """
      return { before_event = { chat_message = function(event)
        if event.data.text:find("plague", 1, true) then
          return hd1.reject{ code = "rude", message = "a plague on that", status = 403,
                             details = { word = "plague" }, retry_after_ms = 1500 }
        end
      end } }""")
    await start(server, '"chat"', '"censor"')
    romeo, juliet = await verona(server, "romeo", "juliet")
    error = await refusal(romeo.do("chat_message", said("a plague o' both")))
    equal((error.status, error.code, error.details), (403, "rude", {"word": "plague"}))
    equal((error.error["message"], error.error["retry_after_ms"]), ("a plague on that", 1500))
    answer = await server.post("/api/sessions/verona/events", [
        {"type": "chat_message", "data": {"text": "fine"}},
        {"type": "chat_message", "data": {"text": "plague"}}])
    equal((answer.status, answer.json["code"]), (403, "rude"))
    equal(answer.json["details"], {"index": 1, "word": "plague"})
    assert int(answer.headers["retry-after"]) >= 1, answer.headers
    await romeo.do("chat_message", said("but soft"))
    await juliet.barrier("verona")
    equal([m["data"]["text"] for m in juliet.of_type("chat_message")], ["but soft"])


@scene("patch, replace, drop: what the others see is what the plugin made of it", start=False)
async def _(server):
    write(server, "editor", """
      return { before_event = {
        object_created = function(event)
          return hd1.patch{ object = { color = "#ff0000", owner = event.client.id } }
        end,
        chat_message = function(event)
          if event.data.text == "quiet" then return hd1.drop() end
          if event.data.text == "loud" then return hd1.replace{ text = "LOUD" } end
        end } }""")
    await start(server, '"validate"', '"chat"', '"editor"')
    romeo, juliet = await verona(server, "romeo", "juliet")
    await romeo.do("object_created", {"session_id": "verona",
                                      "object": {"name": "rose", "type": "cube", "x": 1.50}})
    seen = (await juliet.expect("object_created"))["data"]["object"]
    equal((seen["color"], seen["owner"], seen["x"]), ("#ff0000", romeo.id, 1.5))
    equal((await server.get("/api/sessions/verona/objects/rose")).json["owner"], romeo.id)
    for text in ("quiet", "loud", "soft"):
        await romeo.send("chat_message", said(text))
    await juliet.expect("chat_message", lambda m: m["data"]["text"] == "soft")
    equal([(m["data"]["text"], m["seq"]) for m in juliet.of_type("chat_message")],
          [("LOUD", 3), ("soft", 4)])
    equal(juliet.of_type("chat_message")[0]["data"]["session_id"], "verona")
    answer = await server.post("/api/sessions/verona/events",
                               {"type": "chat_message", "data": {"text": "quiet"}})
    assert answer.status in (200, 204), answer


@scene("a patch that makes the event impossible is refused, not stored", start=False)
async def _(server):
    write(server, "vandal", """
      return { before_event = { object_created = function(event)
        return hd1.patch{ object = { type = 7 } }
      end } }""")
    await start(server, '"vandal"')
    [romeo] = await verona(server, "romeo")
    error = await refusal(romeo.do("object_created", {
        "session_id": "verona", "object": {"name": "rose", "type": "cube"}}))
    equal(error.status, 422)
    equal((await server.get("/api/sessions/verona")).json["seq"], 1)


@scene("hooks run in the order of the configuration", start=False)
async def _(server):
    for name in ("zeta", "alpha"):
        write(server, name, """
          return { before_event = { chat_message = function(event)
            return hd1.patch{ text = event.data.text .. " %s" }
          end } }""" % name)
    await start(server, '"chat"', '"zeta"', '"alpha"')
    [romeo] = await verona(server, "romeo")
    equal((await romeo.do("chat_message", said("by")))["data"]["text"], "by zeta alpha")


DICE = """events = {
    dice_rolled = { doc = "dice", lane = "durable", schema = { type = "object", properties = {
      session_id = { type = "string" }, sides = { type = "integer", minimum = 2, maximum = 100 } },
      required = { "sides" }, additionalProperties = false } },
    cursor_moved = { doc = "where one points", lane = "volatile" },
    dice_result = { doc = "what came", lane = "durable" },
  },"""


@scene("custom types: checked by their schema, stored or not by their lane", start=False)
async def _(server):
    write(server, "dice", "return {}", DICE)
    await start(server, '"validate"', '"dice"')
    romeo, juliet = await verona(server, "romeo", "juliet")
    await romeo.do("dice_rolled", {"session_id": "verona", "sides": 6})
    equal((await juliet.expect("dice_rolled"))["seq"], 2)
    error = await refusal(romeo.do("dice_rolled", {"session_id": "verona", "sides": 1}))
    equal((error.code, error.details["path"]), ("invalid_event", "/sides"))
    await romeo.send("cursor_moved", {"session_id": "verona", "at": [1, 2.50]})
    moved = await juliet.expect("cursor_moved")
    equal((moved["data"]["at"], moved.get("seq")), ([1, 2.5], None))
    answer = await server.post("/api/sessions/verona/events",
                               {"type": "dice_rolled", "data": {"sides": 20}})
    equal(answer.status, 200)
    await server.restart()
    equal([m["type"] for m in await server.history("verona")][1:], ["dice_rolled", "dice_rolled"])


@scene("emit: from a before-hook with its event or not at all, from an after-hook later",
       start=False)
async def _(server):
    write(server, "dice", """
      return {
        before_event = { dice_rolled = function(event)
          hd1.emit{ type = "dice_result", session_id = event.session_id,
                    data = { early = event.data.sides } }
          if event.data.sides == 13 then return hd1.reject{ code = "unlucky", message = "13" } end
        end },
        after_event = { dice_rolled = function(event)
          hd1.emit{ type = "dice_result", session_id = event.session_id,
                    data = { late = event.data.sides, seq = event.seq } }
        end },
      }""", DICE)
    await start(server, '"dice"')
    romeo, juliet = await verona(server, "romeo", "juliet")
    equal((await refusal(romeo.do("dice_rolled", {"session_id": "verona", "sides": 13}))).code,
          "unlucky")
    await romeo.do("dice_rolled", {"session_id": "verona", "sides": 6})
    early, late = await juliet.collect(2, "dice_result")
    equal((early["data"]["early"], early["seq"]), (6, 3))
    equal((late["data"]["late"], late["data"]["seq"], late["seq"]), (6, 2, 4))
    assert early["client_id"] != romeo.id, early


@scene("what is not sendable is emitted by the plugin that declared it, and by nobody else",
       start=False)
async def _(server):
    for name, lane in (("bell", "durable"), ("wind", "volatile")):
        write(server, name, """
          return { after_event = { object_created = function()
            hd1.emit{ type = "bell_rung" }
            hd1.emit{ type = "wind_blown" }
          end } }""", f'events = {{ {"bell_rung" if name == "bell" else "wind_blown"} = '
                      f'{{ lane = "{lane}", sendable = false }} }},')
    await start(server, '"bell"', '"wind"')
    romeo, juliet = await verona(server, "romeo", "juliet")
    for kind in ("bell_rung", "wind_blown"):
        equal((await refusal(romeo.do(kind, {"session_id": "verona"}))).code, "unknown_type")
    await server.create_object("verona", "rose")
    await juliet.expect("bell_rung")
    await juliet.expect("wind_blown")
    await juliet.barrier("verona")
    equal(len(juliet.of_type("bell_rung")), 1, "bells: wind rings none")


@scene("events that cause one another come to an end", start=False)
async def _(server):
    write(server, "dice", """
      return { before_event = { dice_rolled = function(event)
        for _ = 1, 2 do
          hd1.emit{ type = "dice_rolled", session_id = event.session_id, data = event.data }
        end
      end } }""", DICE)
    await start(server, '"dice"')
    [romeo] = await verona(server, "romeo")
    try:
        await romeo.do("dice_rolled", {"session_id": "verona", "sides": 6})
    except Refused:
        pass
    seq = (await server.get("/api/sessions/verona")).json["seq"]
    await romeo.barrier("verona")
    assert seq <= 1 + 2**9, seq
    await server.create_object("verona", "alive")


@scene("before_message sees whatever comes in, before_join may refuse", start=False)
async def _(server):
    write(server, "porter", """
      local seen = {}
      return {
        before_message = function(client, message)
          if message.type == "session_deleted" then
            return hd1.reject{ code = "not_here", message = "no", status = 403 }
          end
          hd1.log.info("came", { kind = message.type or "nonsense", count = message.count })
        end,
        before_join = function(client, session)
          if session.id == "secret" then
            return hd1.reject{ code = "members_only", message = "no", status = 403 }
          end
        end,
        after_join = function(client, session) hd1.log.info("joined " .. session.id) end,
        after_leave = function(client, session) hd1.log.info("left " .. session.id) end,
      }""")
    await start(server, '"porter"')
    [romeo] = await verona(server, "romeo")
    await server.create_session("secret")
    error = await refusal(romeo.join("secret"))
    equal((error.status, error.code), (403, "members_only"))
    equal((await server.http("DELETE", "/api/sessions/secret")).status, 403)
    await romeo.send_text("nonsense")
    await romeo.expect_error("malformed")
    await server.post("/api/sessions/verona/events", [
        {"type": "object_created", "data": {"object": {"name": f"o{i}", "type": "cube"}}}
        for i in range(3)])
    await server.wait_log("came.*count=3")
    await server.wait_log("came.*kind=nonsense")
    await server.wait_log('"joined verona"')
    romeo.abort()
    await server.wait_log('"left verona"')


@scene("typed options: defaults, ranges, and what the operator says", start=False)
async def _(server):
    head = """config = { word = { type = "string", default = "hark", doc = "what is said" },
      times = { type = "integer", default = 1, min = 1, max = 3, doc = "how often" } },"""
    write(server, "echo", """
      return { before_event = { chat_message = function(event)
        return hd1.patch{ text = event.data.text .. " " .. config.word:rep(config.times) }
      end } }""", head)
    await start(server, '"chat"', '{ "echo", times = 2 }')
    [romeo] = await verona(server, "romeo")
    equal((await romeo.do("chat_message", said("x")))["data"]["text"], "x harkhark")
    await server.stop()
    head = server.config.split('"chat"')[0]
    for entry, word in (('{ "echo", times = 4 }', "times"), ('{ "echo", times = "2" }', "times"),
                        ('{ "echo", wrod = "x" }', "wrod"), ('{ "echo", word = 7 }', "word")):
        server.config = f'{head} "chat",\n{entry} }} }}'
        code, text = await server.refuse_to_start()
        equal(code, 78, entry)
        assert word in text and "hd1.lua:2" in text, text


# --- what they break ---

HOSTILE = {
    "thrower": 'error("oops")',
    "indexer": "local nothing = nil; return nothing.field",
    "looper": "while true do end",
    "catcher": "while true do pcall(function() while true do end end) end",
    "eater": 'local t = {} while true do t[#t + 1] = ("x"):rep(1000) .. #t end',
    "doubler": 'local s = "x" while true do s = s .. s end',
    "diver": "local function dive(n) return 1 + dive(n + 1) end return dive(1)",
    "matcher": 'return (("a"):rep(40)):find(("a*"):rep(20) .. "b")',
    "answerer": "return 7",
}


@scene("who throws, loops or eats is stopped with a traceback; the others go on", start=False)
async def _(server):
    for name, body in HOSTILE.items():
        write(server, name, "return { before_event = { %s_do = function(event) %s end } }"
              % (name, body), f'events = {{ {name}_do = {{ doc = "x", lane = "durable" }} }},')
    await start(server, '"validate"', '"chat"', *[f'"{name}"' for name in HOSTILE])
    romeo, juliet = await verona(server, "romeo", "juliet")
    before = server.resident_bytes()
    for name in HOSTILE:
        for _ in range(2):
            error = await refusal(romeo.do(f"{name}_do", {"session_id": "verona"}))
            equal((error.status, error.code), (500, "plugin_failed"), name)
            assert name in error.error["message"], error.error
            await juliet.do("chat_message", said(f"still here after {name}"))
    for name in HOSTILE:
        if name != "answerer":
            traceback_in(server, name)
    assert server.resident_bytes() - before < 256 << 20, "memory has grown"
    equal({m["type"] for m in await server.history("verona")}, {"session_created", "chat_message"})


@scene("a failing after-hook is logged and changes nothing", start=False)
async def _(server):
    write(server, "thrower", """
      return {
        after_event = function(event) error("after " .. event.type) end,
        after_join = function() error("join") end,
        after_leave = function() error("leave") end }""")
    await start(server, '"chat"', '"thrower"')
    romeo, juliet = await verona(server, "romeo", "juliet")
    await romeo.do("chat_message", said("hark"))
    await juliet.expect("chat_message")
    romeo.abort()
    await juliet.expect("client_disconnected")
    for word in ("after chat_message", "join", "leave"):
        await server.wait_log(f"area=thrower .*{word}")


@scene("a timer of a call that fails, or of an event that is refused, is none", start=False)
async def _(server):
    write(server, "later", """
      return { before_event = { chat_message = function(event)
        local text = event.data.text
        local function tell()
          hd1.emit{ type = "later", session_id = "verona", data = { text = text } }
          return false
        end
        hd1.after(0.05, tell)
        hd1.every(0.05, tell)
        if text == "fail" then error("on purpose") end
      end } }""", 'events = { later = { doc = "what was said before", lane = "durable" } },')
    write(server, "censor", """
      return { before_event = { chat_message = function(event)
        if event.data.text == "no" then return hd1.reject{ code = "no" } end end } }""")
    await start(server, '"chat"', '"later"', '"censor"')
    romeo, juliet = await verona(server, "romeo", "juliet")
    for text, code in (("fail", "plugin_failed"), ("no", "no")):
        equal((await refusal(romeo.do("chat_message", said(text)))).code, code)
    for text in ("first", "last"):
        await romeo.do("chat_message", said(text))
        for _ in range(2):
            await juliet.expect("later", lambda m, text=text: m["data"]["text"] == text)
    equal([m["data"]["text"] for m in juliet.of_type("later")], ["first"] * 2 + ["last"] * 2)
    traceback_in(server, "later")


@scene("after twenty failures a plugin rests, closed or open as it is configured", start=False)
async def _(server):
    for name in ("shut", "ajar"):
        write(server, name, f"return {{ before_event = {{ {name}_do = function() error('x') end }}"
              " }", f'events = {{ {name}_do = {{ doc = "x", lane = "durable" }} }},')
    await start(server, '"shut"', '{ "ajar", on_error = "open" }', '"chat"')
    [romeo] = await verona(server, "romeo")
    codes = [(await refusal(romeo.do("shut_do", {"session_id": "verona"}))).error
             for _ in range(25)]
    equal([error["code"] for error in codes],
          ["plugin_failed"] * 20 + ["plugin_unavailable"] * 5)
    equal(codes[-1]["status"], 503)
    assert 0 < codes[-1]["retry_after_ms"] <= 30000, codes[-1]
    for _ in range(25):
        await romeo.do("ajar_do", {"session_id": "verona"})
    equal(len([line for line in server.log if "area=ajar" in line and "hook failed" in line]), 20)
    await romeo.do("chat_message", said("the others work"))


@scene("a plugin's global state is its own, and it cannot reach out", start=False)
async def _(server):
    write(server, "prisoner", """
      local function try(name, fn, ...) return hd1.log.info("try", { name = name,
        worked = pcall(fn, ...) }) end
      local names = {}
      for _, name in ipairs{ "io", "debug", "load", "loadstring", "dofile", "loadfile", "package",
                             "collectgarbage", "rawset_" } do
        if _G[name] ~= nil then names[#names + 1] = name end
      end
      hd1.log.info("found", { names = table.concat(names, " "), dump = tostring(string.dump),
        execute = tostring(os.execute), getenv = tostring(os.getenv) })
      try("string", function() getmetatable("").__index = {} end)
      try("require", require, "../../etc/passwd")
      shared = "mine"
      return {}""")
    write(server, "neighbour", 'hd1.log.info("shared", { value = tostring(shared) }) return {}')
    await start(server, '"prisoner"', '"neighbour"')
    found = await server.wait_log("found")
    assert 'names=""' in found or "names= " in found or "names=" == found[-6:], found
    for word in ("dump=nil", "execute=nil", "getenv=nil"):
        assert word in found, found
    for name in ("string", "require"):
        assert "worked=false" in await server.wait_log(f"name={name}"), name
    assert "value=nil" in await server.wait_log("area=neighbour msg=shared")


BROKEN = (  # a file's text, a word that the complaint must hold
    ("return {\n  name = \n}", "broken.lua:3"),
    ("error('at load')", "broken.lua:1"),
    ("return 7", "broken.lua"),
    ('return { name = "other", version = "1", api = 1, setup = function() return {} end }', "name"),
    ('return { name = "broken", version = "1", api = 99, setup = function() return {} end }',
     "api"),
    ('return { name = "broken", version = "1", api = 1 }', "setup"),
    ('return { name = "broken", version = "1", api = 1,\n'
     '  setup = function()\n    local x = nil\n    return x.y\n  end }', "broken.lua:4"),
    ('return { name = "broken", version = "1", api = 1,\n'
     "  setup = function() while true do end end }", "broken.lua"),
    ('return { name = "broken", version = "1", api = 1,\n'
     "  setup = function() return { before_evnt = function() end } end }", "before_evnt"),
    ('return { name = "broken", version = "1", api = 1, setup = function()\n'
     "  return { before_event = { no_such_type = function() end } } end }", "no_such_type"),
    ('return { name = "broken", version = "1", api = 1, events = { object_created = {} },\n'
     "  setup = function() return {} end }", "object_created"),
    ("\x1bLua", "broken.lua"),
)


@scene("a plugin that cannot be loaded refuses the start, with its place", start=False)
async def _(server):
    write(server, "chatty", "return {}")
    folder = server.folder / "plugins"
    for text, word in BROKEN:
        (folder / "broken.lua").write_text(text)
        server.config = f'return {{ plugin_path = "{folder}",\n  plugins = {{ "broken" }} }}'
        code, log = await server.refuse_to_start()
        equal(code, 78, f"{text}: {log}")
        assert word in log and "broken" in log, f"{word} is not in: {log}"
    server.config = f'return {{ plugin_path = "{folder}",\n  plugins = {{\n    "absent" }} }}'
    code, log = await server.refuse_to_start()
    equal(code, 78)
    assert "absent" in log and "hd1.lua:3" in log, log


@scene("GET /api/plugins tells who is there", start=False)
async def _(server):
    write(server, "porter", "return { after_join = function() end }")
    await start(server, '"chat"', '"porter"')
    items = (await server.get("/api/plugins")).json["items"]
    equal([item["name"] for item in items], ["chat", "porter"])
    equal([item["version"] for item in items], ["1.1.0", "1.0.0"])


async def hammer(client, count):
    for _ in range(count):
        try:
            await client.do("slow_do", {"session_id": "verona"})
        except Refused:
            pass


@scene("a slow plugin does not keep its victims from leaving", start=False)
async def _(server):
    write(server, "slow", """
      return { before_event = { slow_do = function() while true do end end } }""",
          'events = { slow_do = { doc = "x", lane = "durable" } },')
    await start(server, '"slow"', '"chat"')
    romeo, juliet = await verona(server, "romeo", "juliet")
    await asyncio.gather(hammer(romeo, 30), juliet.do("chat_message", said("through")))


run()
