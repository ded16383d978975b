#!/usr/bin/python3
"""hd1 test, hd1 plugin new, and the case files of plugins that failed."""

import json
import os
import re
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from hd1 import equal, run, run_hd1 as hd1, scene

# Fails in every moment if told so; its secret is not to be seen.
FRAGILE = """return {
  name = "fragile", version = "1.2.3", api = 1,
  config = {
    word = { type = "string", default = "boom", doc = "what it cannot bear" },
    token = { type = "string", default = "", secret = true, doc = "nobody is to see it" },
  },
  setup = function(hd1, config)
    local function bear(word)
      if word == config.word then
        error("cannot bear " .. word)
      end
    end
    return {
      before_event = {
        chat_message = function(event) bear(event.data.text) end,
        object_updated = function(event)
          bear(event.session:object(event.data.object.name).color .. event.session.world.title)
        end,
      },
      before_message = function(client, message) bear(message.type) end,
      after_join = function(client) bear(client.info and client.info.user_agent) end,
    }
  end,
}
"""

CONFIG = """return { plugin_path = "%s", plugins = { "chat", { "fragile", word = "%s",
  token = "TOP-SECRET" } } %s }"""

TEST = """local test = require("test")
local plugins = { "chat", "fragile" }
test("passes", function(t)
  local world = t:world({ plugins = plugins })
  local alice, bob = world:join("alice"), world:join("bob")
  alice:send("chat_message", { text = "hi" })
  bob:expect("chat_message", { text = "hi" })
end)
"""


async def run_test(text, *arguments, **files):
    """hd1 test of one file beside fragile.lua: (exit code, stdout, stderr)."""
    with tempfile.TemporaryDirectory(prefix="hd1-test-") as name:
        folder = Path(name) / "plugins"
        folder.mkdir()
        (folder / "fragile.lua").write_text(FRAGILE)
        (folder / "test_fragile.lua").write_text(text)
        for file, content in files.items():
            (folder / f"{file}.lua").write_text(content)
        return await hd1("test", *arguments, cwd=name)


def case(body, name="it is so"):
    return f'local test = require("test")\ntest("{name}", function(t)\n{body}\nend)\n'


JOINED = 'local world = t:world({ plugins = { "chat", "fragile" } })\n' \
         'local alice, bob = world:join("alice"), world:join("bob")\n'


@scene("hd1 test finds tests, runs them and prints TAP", server=None)
async def _():
    code, out, err = await run_test(TEST)
    equal((code, err), (0, ""))
    assert out.startswith("TAP version 13\nok 1 - plugins/test_fragile.lua: passes\n1..1\n"), out
    assert "# 1 passed, 0 failed" in out and "\033" not in out, out


FAILURES = (  # the body of a case, what is said about it
    (JOINED + 'alice:send("chat_message", { text = "hi" })\nbob:expect("chat_message", '
     '{ text = "ho" })', ('test_fragile.lua:6: bob should receive chat_message, but data.text is '
                          '"hi", not "ho"', 'expected: chat_message {text="ho"}',
                          'received: chat_message {session_id="test", text="hi"}')),
    (JOINED + 'bob:expect("chat_message")', ("received: nothing",)),
    (JOINED + 'alice:send("chat_message", {})\nbob:expect("chat_message")',
     ("bob should receive chat_message", "alice was refused: 422 invalid_event")),
    (JOINED + 'alice:send("chat_message", { text = "hi" })\nbob:expect_nothing("chat_message")',
     ("bob should receive no chat_message",)),
    (JOINED + 'alice:expect_error("invalid_event")', ("was refused nothing",)),
    (JOINED + 'alice:send("chat_message", {})\nt:equal(1, 1)',
     ("alice was refused: 422 invalid_event", "expect_error takes it")),
    (JOINED + 'alice:send("chat_message", { text = "boom" })\n'
     'alice:expect_error("plugin_failed")',
     ("plugin fragile failed in before_event", "fragile.lua:10: cannot bear boom",
      "stack traceback")),
    ("local _ = t:world({ plugins = {} })", ("it asserts nothing",)),
    ("t:equal({ a = 1 }, { a = 2 })", ("the value.a is 1, not 2",)),
    ("t:ok(nothing.at_all)", ("attempt to index a nil value",)),
    ("while true do end", ("budget",)),
    ('t:world({ plugins = { "absent" } })', ("the plugins do not load", "absent")),
    ('t:world({ plugin = { "absent" } })', ("t:world does not know 'plugin'",)),
)


@scene("what fails says file, line, what was expected and what came; exit code 1", server=None)
async def _():
    for body, wanted in FAILURES:
        code, out, _ = await run_test(case(body))
        equal(code, 1, body)
        assert "not ok 1" in out and "# 0 passed, 1 failed" in out, (body, out)
        for text in wanted:
            assert text in out, f"{body}: {text} is not in {out}"


@scene("a failure that the test allows does not fail it", server=None)
async def _():
    code, out, _ = await run_test(case(
        "t:allow_failures()\n" + JOINED + 'alice:send("chat_message", { text = "boom" })\n'
        'alice:expect_error("plugin_failed")\nt:ok(t:failures()[1]:find("cannot bear boom"))'))
    equal(code, 0, out)


@scene("time goes by only by the clock, and timers of world scripts with it", server=None)
async def _():
    code, out, _ = await run_test(case(
        'local world = t:world({ plugins = {}, script = "solar_system" })\n'
        'local alice = world:join("alice")\nlocal began = world.clock:now_ms()\n'
        'alice:expect_nothing("object_moved")\nworld.clock:advance(1)\n'
        't:equal(world.clock:now_ms() - began, 1000)\n'
        'for _ = 1, 10 do alice:expect("object_moved", { name = "earth" }) end\n'
        'alice:expect_nothing("object_updated")'))
    equal(code, 0, out)


@scene("REST, objects, options and cases of their own", server=None)
async def _():
    code, out, _ = await run_test(case(
        't:config("fragile", { word = "rose" })\nt:allow_failures()\n'
        'local world = t:world({ plugins = { "chat", "fragile" }, world = { size = 11 },\n'
        '  objects = { { name = "rose", type = "sphere", x = 1 } } })\n'
        't:match(world:object("rose"), { x = 1, y = 0 })\nt:equal(world:object("tulip"), nil)\n'
        't:equal(world:properties().size, 11)\n'
        'local made = world:rest("POST", "/api/sessions/test/objects", { name = "t", type = "c" })\n'
        't:equal(made.status, 201)\nt:match(world:objects(), { rose = {}, t = { type = "c" } })\n'
        'local alice = world:join("alice")\nalice:send("chat_message", { text = "rose" })\n'
        'alice:expect_error("plugin_failed")\nalice:leave()\nalice:send("chat_message", {})\n'
        'alice:expect_error("not_joined")') + TEST.split("\n", 1)[1].replace(
            "passes", "begins anew"))
    equal(code, 0, out)
    assert "# 2 passed, 0 failed" in out, out


@scene("nothing to run, a file that does not load, a filter", server=None)
async def _():
    code, _, err = await run_test(TEST, "nowhere")
    equal(code, 2)
    assert "nowhere" in err, err
    code, out, _ = await run_test("return 7 +")
    equal(code, 1)
    assert "test_fragile.lua:1:" in out, out
    code, out, _ = await run_test("-- nothing")
    equal(code, 1)
    assert "no case in it" in out, out
    code, _, err = await run_test(TEST, "--filter", "sorrow")
    equal(code, 2)
    assert "sorrow" in err, err
    code, out, _ = await run_test(TEST, "--filter", "pass", "--time")
    equal(code, 0)
    assert re.search(r"ok 1 .* # [0-9.]+ ms", out), out
    with tempfile.TemporaryDirectory(prefix="hd1-test-") as folder:
        code, _, err = await hd1("test", cwd=folder)
        equal(code, 2)
        assert "test_NAME.lua" in err, err


@scene("what hd1 plugin new writes loads, and its test passes", server=None)
async def _():
    with tempfile.TemporaryDirectory(prefix="hd1-test-") as folder:
        code, out, _ = await hd1("plugin", "new", "greeter", "--dir", "mine", cwd=folder)
        equal(code, 0)
        assert "hd1 test mine/test_greeter.lua" in out and '"greeter"' in out, out
        (Path(folder) / "hd1.lua").write_text(
            'return { plugin_path = "mine", plugins = { "validate", "greeter" } }')
        code, out, err = await hd1("check", "--config", "hd1.lua", cwd=folder)
        equal((code, err), (0, ""))
        code, out, _ = await hd1("test", "--config", "hd1.lua", cwd=folder)
        equal(code, 0, out)
        assert "# 3 passed, 0 failed" in out or "not ok" not in out, out
        assert "new_plugin" not in (Path(folder) / "mine" / "greeter.lua").read_text()
        code, _, err = await hd1("plugin", "new", "greeter", "--dir", "mine", cwd=folder)
        equal(code, 1)
        assert "nothing is overwritten" in err, err
        (Path(folder) / "mine" / "test_greeter.lua").unlink()
        code, _, _ = await hd1("plugin", "new", "greeter", "--dir", "mine", cwd=folder)
        equal(code, 1)
        assert not (Path(folder) / "mine" / "test_greeter.lua").exists()
        for name in ("Greeter", "a-b", "../x", "", "x" * 41, "test_x"):
            code, _, err = await hd1("plugin", "new", name, cwd=folder)
            equal(code, 2, name)
            assert "no name for a plugin" in err, err


def install(server, word="boom", more=""):
    plugins = server.folder / "plugins"
    plugins.mkdir(exist_ok=True)
    (plugins / "fragile.lua").write_text(FRAGILE)
    server.config = CONFIG % (plugins, word, more)
    return plugins


def cases_of(server):
    """The case files, by moment."""
    found = {}
    for path in (server.folder / "data" / "cases").glob("*.json"):
        found.setdefault(json.loads(path.read_text())["moment"], []).append(path)
    return found


async def replay(path, plugins):
    config = plugins.parent / "replay.lua"
    config.write_text(f'return {{ plugin_path = "{plugins}" }}')
    code, out, err = await hd1("test", "--config", config, path)
    return code, out + err


@scene("an error in a hook leaves a case file that fails again, until it is mended", start=False)
async def _(server):
    plugins = install(server)
    await server.start()
    await server.create_session("verona")
    romeo = await server.client()
    await romeo.join("verona")
    for _ in range(3):
        await romeo.send("chat_message", {"session_id": "verona", "text": "boom"})
        await romeo.expect_error("plugin_failed")
    (path,) = cases_of(server)["before_event"]
    text = path.read_text()
    assert "TOP-SECRET" not in text and len(text) < 65536, text
    found = json.loads(text)
    equal(found["plugin"], "fragile")
    equal(found["version"], "1.2.3")
    equal(found["options"]["word"], "boom")
    equal((found["event"]["type"], found["event"]["data"]["text"]), ("chat_message", "boom"))
    equal((found["client"]["id"], found["session"]), (romeo.id, "verona"))
    assert "fragile.lua:10: cannot bear boom" in found["error"], found
    assert "stack traceback" in found["traceback"], found
    assert path.stat().st_mode & 0o077 == 0, "others may read it"
    assert any(f"case={path}" in line for line in server.log), server.log

    code, said = await replay(path, plugins)
    equal(code, 1, said)
    assert said.startswith("reproduced\n") and "cannot bear boom" in said, said
    (plugins / "fragile.lua").write_text(FRAGILE.replace("cannot bear", "hates"))
    code, said = await replay(path, plugins)
    equal(code, 1, said)
    assert said.startswith("fails, but otherwise\n") and "hates boom" in said, said
    (plugins / "fragile.lua").write_text(FRAGILE.replace("word == config.word", "false"))
    code, said = await replay(path, plugins)
    equal(code, 0, said)
    assert said.startswith("no longer fails"), said


@scene("session, object, message and client are in it", start=False)
async def _(server):
    plugins = install(server, "goldRome")
    await server.start()
    await server.create_session("verona", world={"title": "Rome"})
    await server.create_object("verona", "rose", color="gold")
    answer = await server.http("PATCH", "/api/sessions/verona/objects/rose", {"x": 1})
    equal(answer.status, 500)
    (path,) = cases_of(server)["before_event"]
    equal((await replay(path, plugins))[0], 1)

    await server.stop()
    plugins = install(server, "presence")
    await server.start()
    romeo = await server.client()
    await romeo.send("presence", {"session_id": "verona", "mood": "sad"})
    await romeo.expect_error("plugin_failed")
    (path,) = cases_of(server)["before_message"]
    equal((await replay(path, plugins))[0], 1)


@scene("cases = false writes none", start=False)
async def _(server):
    install(server, more=", cases = false")
    await server.start()
    await server.create_session("verona")
    romeo = await server.client()
    await romeo.join("verona")
    await romeo.send("chat_message", {"session_id": "verona", "text": "boom"})
    await romeo.expect_error("plugin_failed")
    assert not (server.folder / "data" / "cases").exists()


@scene("what is no case file is refused", server=None)
async def _():
    with tempfile.TemporaryDirectory(prefix="hd1-test-") as folder:
        for text in ("", "{}", '{"hd1_case":1}', '{"hd1_case":2}', "[" * 100,
                     '{"hd1_case":2,"plugin":"../x","moment":"before_event"}',
                     '{"hd1_case":2,"plugin":"absent","moment":"before_event"}',
                     '{"hd1_case":2,"plugin":"chat","moment":"never"}',
                     '{"hd1_case":2,"plugin":"chat","moment":"before_event"}',
                     '{"hd1_case":2,"plugin":"chat","moment":"before_event","event":7}'):
            file = Path(folder) / "case.json"
            file.write_text(text)
            code, _, err = await hd1("test", file, cwd=folder)
            equal(code, 2, text)
            assert err, text


run()
