#!/usr/bin/python3
"""What an operator sees: /metrics, the trace of single events, the watchdog's line."""

import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from hd1 import equal, run, scene, until
from hd1_promtool import promtool_check
from hd1_raw import RawWebSocket

SLOW = """return { name = "slow", version = "1", api = 1, setup = function()
  return { before_event = { chat_message = function() for _ = 1, 900000 do end end } } end }"""
folder = tempfile.mkdtemp(prefix="hd1-metrics-")
with open(os.path.join(folder, "slow.lua"), "w") as out:
    out.write(SLOW)
with open(os.path.join(folder, "chat.lua"), "w") as out:
    out.write('return { name = "chat", version = "1", api = 1, '
              'events = { chat_message = { doc = "said", lane = "durable" } }, '
              'setup = function() return {} end }')


@scene("the figures count what happened")
async def _(server, romeo, juliet):
    await server.create_session("verona")
    await romeo.join("verona")
    await juliet.join("verona")
    await romeo.expect("client_connected", lambda m: m["client_id"] == juliet.id)
    before = await server.metrics()
    for index in range(5):
        await romeo.do("chat_message", {"session_id": "verona", "text": "hark %d" % index})
        await juliet.expect("chat_message")
    answer = await server.post("/api/sessions/verona/objects", {"name": "rose"})
    equal(answer.status, 422)
    after = await server.metrics()

    def grown(name):
        return after[name] - before.get(name, 0)
    equal(grown('hd1_events_total{type="chat_message",verdict="accepted"}'), 5)
    equal(grown('hd1_events_total{type="object_created",verdict="refused"}'), 1)
    equal(grown("hd1_deliveries_total"), 10)
    equal(grown("hd1_messages_refused_total"), 1)
    equal(grown("hd1_batch_events_sum"), 5)
    in_flight = after["hd1_batches_total"] - after["hd1_commit_seconds_count"]
    assert in_flight in (0, 1), in_flight
    equal(grown('hd1_plugin_rejections_total{plugin="validate",hook="before_event"}'), 1)
    equal(after['hd1_connections{kind="websocket"}'], 2)
    equal(after["hd1_clients"], 2)
    equal(after["hd1_storage_ready"], 1)
    assert after["hd1_round_seconds_count"] > 0
    assert after["process_resident_memory_bytes"] > 1e6


NOTE = "x" * 20000
CUT_AFTER_MAX = 100  # arrays of events, of 400 KB each


def noted():
    return {"type": "object_updated", "data": {"object": {"name": "rose", "note": NOTE}}}


@scene("bytes, rings, memory and who is cut for being slow are figures too", config="""return {
  plugins = { "validate" }, log = { level = "debug" } }""")
async def _(server, romeo):
    await server.create_session("verona")
    await server.create_object("verona", "rose")
    await romeo.join("verona")
    before = await server.metrics()
    equal((await server.post("/api/sessions/verona/events", [noted()] * 10)).status, 200)
    await romeo.reach("verona", 12)
    after = await server.metrics()

    def grown(name):
        return after[name] - before[name]
    for name in ("hd1_received_bytes_total", "hd1_sent_bytes_total", "hd1_ring_bytes"):
        assert 200000 < grown(name) < 250000, f"{name}: {grown(name)}"
    assert 1 <= grown("hd1_ring_blocks") <= 11, grown("hd1_ring_blocks")
    memory = after['hd1_plugin_memory_bytes{plugin="validate"}']
    assert 10000 < memory < after['hd1_plugin_memory_limit_bytes{plugin="validate"}'], memory
    equal(after["hd1_waiting_bytes"], 0)
    equal(after["hd1_slow_clients_cut_total"], 0)
    romeo.abort()  # it reads, but not faster than it is written to
    raw = await RawWebSocket.connect(server, "/ws/verona", receive_bytes=4096)
    await raw.expect_message("session_snapshot")
    for _ in range(CUT_AFTER_MAX):
        equal((await server.post("/api/sessions/verona/events", [noted()] * 20)).status, 200)
        after = await server.metrics()
        if after["hd1_slow_clients_cut_total"]:
            break
    equal(after["hd1_slow_clients_cut_total"], 1)
    raw.close()


@scene("the figures are well-formed: histograms grow and end in +Inf")
async def _(server):
    await server.create_session("verona")
    found = await server.metrics()
    hook = 'plugin="validate",hook="before_event"'
    for name, labels in (("hd1_round_seconds", ""), ("hd1_commit_seconds", ""),
                         ("hd1_batch_events", ""), ("hd1_plugin_call_seconds", hook)):
        values = [value for key, value in found.items()
                  if key.startswith(f"{name}_bucket{{{labels}")]
        assert len(values) > 8, name
        equal(values, sorted(values), name)
        equal(found['%s_bucket{%sle="+Inf"}' % (name, labels and labels + ",")],
              found[name + "_count" + (labels and "{%s}" % labels)])


@scene("Prometheus' own tool finds nothing to say")
async def _(server, romeo):
    await server.create_session("verona")
    await romeo.join("verona")
    await romeo.do("chat_message", {"session_id": "verona", "text": "hark"})
    await promtool_check((await server.get("/metrics")).body)


@scene("the stages of a traced event sum to the whole", env={"HD1_LOG_TRACE_EVERY": "2"})
async def _(server, romeo):
    await server.create_session("verona")
    await romeo.join("verona")
    for _ in range(3):
        await romeo.do("chat_message", {"session_id": "verona", "text": "hark"})
    line = await server.wait_log(r"area=trace .*seq=4\b")
    us = {name: int(number) for name, number in re.findall(r"(\w+)_us=(\d+)", line)}
    equal(us["wait"] + us["hooks"] + us["queue"] + us["commit"] + us["flush"], us["total"])
    seqs = [int(re.search(r"seq=(\d+)", line)[1]) for line in server.log if "area=trace" in line]
    equal(seqs, [2, 4], "one event in two")


HOLD_UPS_MAX = 30


async def hold_up(server, action, line, labels):
    """Does it until the watchdog has told and counted it; the figures then. A line is told once a
    second at most, and on a fast machine not each time takes 50 ms."""
    name = "hd1_long_round_steps_total{%s}" % labels
    cause = "hd1_long_rounds_total{%s}" % labels.split(",")[0]
    assert (await server.metrics())[cause] >= 0, "all causes are there from the start"
    for _ in range(HOLD_UPS_MAX):
        await action()
        found = await server.metrics()
        told = [told for told in server.log if re.search("area=watchdog .*" + line, told)]
        if told and found.get(name):
            assert found[cause] >= found[name]
            return found
    raise AssertionError(f"{name}: {[key for key in found if 'long_round' in key]}")


SAID = {"type": "chat_message", "data": {"text": "hark"}}


@scene("a plugin that holds up the loop is named, with hook, type and session",
       config='return { plugins = { { "slow", cpu_share = 1 }, "chat" }, plugin_path = "%s" }' % folder)
async def _(server):
    await server.create_session("verona")

    async def say():
        answer = await server.post("/api/sessions/verona/events", [SAID] * 200)
        equal(answer.status, 200)
    found = await hold_up(
        server, say, "cause=plugin .*plugin=slow hook=before_event type=chat_message session=verona",
        'cause="plugin",plugin="slow",hook="before_event",type="chat_message"')
    equal(found['hd1_plugin_calls_total{plugin="slow",hook="before_event"}'] % 200, 0)
    last = [key for key in found if key.startswith("hd1_last_long_round_seconds{")]
    equal(len(last), 1)
    assert found[last[0]] > 0.05, found[last[0]]
    await promtool_check((await server.get("/metrics")).body)


@scene("an array that holds up the loop is named by type and session", config="""return {
  plugins = {}, limits = { events_per_request = 10000, body_bytes = 16777216 } }""")
async def _(server):
    await server.create_session("verona")
    moved = {"type": "world_updated", "data": {"world": {"title": "V" * 1000}}}

    async def post():
        equal((await server.post("/api/sessions/verona/events", [moved] * 10000)).status, 200)
    await hold_up(server, post, "cause=event .*type=world_updated session=verona",
                  'cause="event",type="world_updated"')


BUSY_SCRIPT = """for _ = 1, 60 do every(0.01, function()
  for _ = 1, 50000 do local t = {} end
end) end"""


@scene("a world script that holds up the loop is named, and its figures count", start=False)
async def _(server):
    scripts = server.folder / "scripts"
    scripts.mkdir()
    (scripts / "busy.lua").write_text(BUSY_SCRIPT)
    (scripts / "wrong.lua").write_text("every(0.01, function() error('no') end)")
    server.config = 'return { script_path = "%s" }' % scripts
    await server.start()
    await server.create_session("verona", script="busy")
    await server.create_session("mantua", script="wrong")
    await server.joined("verona", "romeo")
    await server.joined("mantua", "juliet")

    async def live():
        calls = (await server.metrics())['hd1_script_calls_total{script="busy"}']

        async def is_run():
            return (await server.metrics())['hd1_script_calls_total{script="busy"}'] > calls
        await until(is_run, what="timers to run")
    found = await hold_up(server, live, "cause=script .*script=busy session=verona",
                          'cause="script",script="busy"')
    assert found['hd1_script_calls_total{script="busy"}'] > 1
    assert found['hd1_script_call_seconds_sum{script="busy"}'] > 0.01
    equal(found['hd1_script_sessions{script="busy"}'], 1)
    assert found['hd1_script_memory_bytes{script="busy"}'] > 10000
    await server.wait_log("area=wrong .*timer stopped")
    equal((await server.metrics())['hd1_script_errors_total{script="wrong"}'], 5)


LATE = 30
SLOW_SETUP = """return { name = "late%d", version = "1", api = 1, setup = function()
  for _ = 1, 100000 do local t = {} end return {} end }"""


@scene("a reload that holds up the loop is named", start=False)
async def _(server):
    plugins = server.folder / "plugins"
    plugins.mkdir()
    for number in range(LATE):
        (plugins / f"late{number}.lua").write_text(SLOW_SETUP % number)
    names = ", ".join(f'"late{number}"' for number in range(LATE))
    server.config = 'return { plugin_path = "%s", plugins = { %s } }' % (plugins, names)
    await server.start()

    async def reload():  # one that takes too long is refused, which takes long, too
        await server.reload(is_checked=False)
    await hold_up(server, reload, "cause=reload", 'cause="reload"')


run()
