#!/usr/bin/python3
"""The command line: what it says, what it refuses, and with which exit code."""

import asyncio
import os
import socket
import sqlite3
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from hd1 import ROOT, TIMEOUT_S, Server, binary, equal, run, scene

BARE = "return { plugins = {} }"


async def hd1(*arguments, env=None, cwd=None):
    """Runs a command that ends by itself: (exit code, stdout, stderr)."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("HD1_")}
    process = await asyncio.create_subprocess_exec(
        binary(), *map(str, arguments), env={**clean, **(env or {})}, cwd=cwd,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE)
    try:
        out, err = await asyncio.wait_for(process.communicate(), TIMEOUT_S)
    except asyncio.TimeoutError:
        process.kill()
        raise AssertionError(f"hd1 {arguments} did not end") from None
    return process.returncode, out.decode(), err.decode()


async def check(text, *arguments, env=None):
    """hd1 check of a configuration: (exit code, all it said)."""
    with tempfile.TemporaryDirectory(prefix="hd1-test-") as folder:
        file = Path(folder) / "hd1.lua"
        file.write_text(text)
        code, out, err = await hd1("check", "--config", file, *arguments, env=env, cwd=folder)
        return code, out + err


@scene("version and help say what one can do", server=None)
async def _():
    code, out, _ = await hd1("version")
    equal(code, 0)
    assert out.startswith("hd1 "), out
    for arguments in (["--help"], ["serve", "--help"], ["check", "--help"]):
        code, out, err = await hd1(*arguments)
        equal((code, err), (0, ""), str(arguments))
        assert "hd1 serve" in out or "hd1 check" in out, out
    _, out, _ = await hd1("serve", "--help")
    for word in ("--config", "--listen", "--data", "queue_bytes", "HD1_DATA", "1048576", "Exit",
                 "message_bytes", "HD1_LIMITS_MESSAGE_BYTES"):
        assert word in out, f"{word} is not in the help"


@scene("a wrong command line is exit code 2, with a hint", server=None)
async def _():
    for arguments in ([], ["serv"], ["serve", "--confg", "x"], ["serve", "--data"],
                      ["serve", "extra"], ["check", "--listen", "x"]):
        code, _, err = await hd1(*arguments)
        equal(code, 2, str(arguments))
        assert "hd1" in err, err


FAULTS = (  # a configuration, a word of the complaint
    ("return {\n  listen = {\n}", "hd1.lua:3"),
    ("return 7", "table"),
    ("return {\n  lissten = {},\n}", "lissten"),
    ("return {\n  durability = 'maybe',\n}", "durability"),
    ("return {\n  queue_messages = 3,\n}", "queue_messages"),
    ("return {\n  queue_messages = '256',\n}", "queue_messages"),
    ("return {\n  limits = { mesage_bytes = 1 },\n}", "mesage_bytes"),
    ("return {\n  limits = 7,\n}", "limits"),
    ("return {\n  timeouts = { ping_s = 30, read_s = 20 },\n}", "read_s"),
    ("return {\n  limits = { body_bytes = 2097152, pending_bytes = 1048576 },\n}",
     "limits.body_bytes (2097152)"),
    ("return {\n  limits = { message_bytes = 2097152, pending_bytes = 1048576 },\n}",
     "limits.message_bytes (2097152)"),
    ("return {\n  listen = { 'nowhere' },\n}", "nowhere"),
    ("return {\n  listen = { '127.0.0.1:99999' },\n}", "99999"),
    ("return {\n  origins = { 'not a url' },\n}", "not a url"),
    ("return {\n  plugins = { 'nonexistent' },\n}", "nonexistent"),
    ("return {\n  plugins = { { 'chat', max_length = -1 } },\n}", "max_length"),
    ("return {\n  plugins = { 'chat', 'chat' },\n}", "chat"),
    ("return {\n  plugin_path = '/does/not/exist', plugins = { 'chat' },\n}", "/does/not/exist"),
    ("return {\n  sessions = { ['two words'] = {} },\n}", "two words"),
    ("return {\n  sessions = { demo = { script = 'nowhere' } },\n}", "nowhere"),
    ("return {\n  sessions = { demo = { world = 7 } },\n}", "world"),
    ("return {\n  log = { level = 'loud' },\n}", "loud"),
    ("local x = nil\nreturn { data = x.y }", "hd1.lua:2"),
    ("while true do end", "hd1.lua:1"),
    ("os.exit(0)", "os"),
    ("return { listen = { '0.0.0.0:8080' } }", "anonymous"),
)


@scene("check names each fault: the key, the line, exit code 78", server=None)
async def _():
    for text, word in FAULTS:
        code, said = await check(text)
        equal(code, 78, f"{text}: {said}")
        assert word in said, f"{word!r} is not in: {said}"
        if text.startswith("return {\n  ") and "demo" not in text:
            assert "hd1.lua:" in said, said


@scene("check of what is right is 0", server=None)
async def _():
    for text in ("return {}", BARE, "return { limits = { pending_bytes = 1048576 } }",
                 "return { anonymous = true, listen = { '0.0.0.0:8080' } }",
                 "return { sessions = { demo = { script = 'gallery' } } }",
                 (ROOT / "examples" / "hd1.lua").read_text()):
        code, said = await check(text)
        equal(code, 0, f"{text[:200]}: {said}")
    code, _, err = await hd1("check", "--config", "/does/not/exist.lua")
    equal(code, 78)
    assert "/does/not/exist.lua" in err, err


@scene("flag before environment before file before default", server=None)
async def _():
    config = "return { plugins = {}, queue_messages = 100, data = 'from-file' }"
    server = Server(config=config, env={"HD1_QUEUE_MESSAGES": "300", "HD1_DATA": "/dev/null"})
    try:
        await server.start()
        romeo = await server.client("romeo")
        equal(romeo.welcome["limits"]["queue_messages"], 300)
        assert (server.data / "hd1.db").exists(), "the flag --data"
        await server.close(is_checked=True)
    finally:
        await server.close(is_checked=False)
    code, said = await check("return {}", env={"HD1_QUEUE_MESSAGES": "3"})
    equal(code, 78)
    assert "HD1_QUEUE_MESSAGES" in said, said


@scene("a variable that is no key, but was meant to be one, is refused; others are only told",
       server=None)
async def _():
    for name, part in (("HD1_PLUGINS", "configuration file only"), ("HD1_SESSIONS", "file only"),
                       ("HD1_QUEUE_MESAGES", "did you mean HD1_QUEUE_MESSAGES?"),
                       ("HD1_LOG_COLOUR", "those of log")):
        code, said = await check("return {}", env={name: "1"})
        equal((code, said.startswith(f"{name}: "), part in said), (78, True, True), said)
    code, said = await check("return {}", env={"HD1_FOO": "1"})
    equal(code, 0, said)
    assert 'msg="unknown environment variable" name=HD1_FOO' in said, said


@scene("an address in use refuses to start, with 1 and its name", server=None)
async def _():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        server = Server(config=BARE, args=["--listen", address])
        try:
            code, text = await server.refuse_to_start()
            equal(code, 1)
            assert address in text and "in use" in text, text
        finally:
            await server.close(is_checked=False)


@scene("several listeners, IPv6 too, and a line for each", config=BARE,
       args=["--listen", "[::1]:0"])
async def _(server):
    equal(len(server.urls), 2)
    assert server.urls[0].startswith("http://127.0.0.1:"), server.urls
    assert server.urls[1].startswith("http://[::1]:"), server.urls
    port = int(server.urls[1].rsplit(":", 1)[1])
    reader, writer = await asyncio.open_connection("::1", port)
    request = f"GET /healthz HTTP/1.1\r\nHost: [::1]:{port}\r\nConnection: close\r\n\r\n"
    writer.write(request.encode())
    assert (await asyncio.wait_for(reader.read(), TIMEOUT_S)).startswith(b"HTTP/1.1 200 ")
    writer.close()


@scene("other than loopback needs anonymous = true", config=None, start=False,
       args=["--listen", "0.0.0.0:0"])
async def _(server):
    code, text = await server.refuse_to_start()
    equal(code, 78)
    assert "anonymous" in text, text
    assert "a plugin cannot be loaded" not in text, text
    equal(server.data.exists(), False, "the database is not touched")


@scene("... or a plugin that says who somebody is; a fault of its own is told instead",
       start=False)
async def _(server):
    (server.folder / "guard.lua").write_text(
        "return { name = 'guard', version = '1', api = 1,\nsetup = function(hd1)\n"
        "hd1.log.info('set up')\nreturn { before_connect = print } end }")
    server.config = (f'return {{ plugin_path = "{server.folder}", plugins = {{ "guard" }},'
                     " anonymous = false }")
    await server.start()
    equal(len([line for line in server.log if "set up" in line or "msg=loaded" in line]), 2)
    await server.stop()
    (server.folder / "guard.lua").write_text("return 7 +")
    code, text = await server.refuse_to_start()
    equal((code, "anonymous" in text, "guard.lua:1: " in text), (78, False, True), text)


@scene("one server owns a database; a second refuses", config=BARE)
async def _(server):
    await server.create_session("verona")
    code, _, err = await hd1("serve", "--listen", "127.0.0.1:0", "--data", server.data)
    equal(code, 1)
    assert str(server.data) in err and ("lock" in err or "another" in err), err
    await server.create_object("verona", "rose")


async def refuses(server, *words):
    code, text = await server.refuse_to_start()
    equal(code, 1, text)
    for word in words:
        assert word in text, f"{word!r} is not in: {text}"
    assert "assertion" not in text.lower(), text


@scene("a newer database is refused, and not touched", config=BARE)
async def _(server):
    await server.create_session("verona")
    await server.stop()
    file = server.data / "hd1.db"
    with sqlite3.connect(file) as db:
        version = db.execute("PRAGMA user_version").fetchone()[0]
        db.execute("PRAGMA user_version = 999")
    db.close()
    before = file.read_bytes()
    await refuses(server, "hd1.db", "999")
    equal(file.read_bytes() == before, True, "untouched")
    with sqlite3.connect(file) as db:
        db.execute(f"PRAGMA user_version = {version}")
    db.close()
    await server.start()
    equal((await server.get("/api/sessions/verona")).status, 200)


@scene("a database of another program, and a file that is none, are refused", config=BARE,
       start=False)
async def _(server):
    server.data.mkdir()
    file = server.data / "hd1.db"
    db = sqlite3.connect(file)
    db.execute("CREATE TABLE contacts (name TEXT)")
    db.commit()
    db.close()
    await refuses(server, "hd1.db")
    file.write_bytes(b"this is no database, but long enough to be looked at " * 100)
    await refuses(server, "hd1.db")
    file.unlink()
    file.mkdir()
    await refuses(server, "hd1.db")


@scene("a corrupt database is refused by check --database, and crashes nothing", config=BARE)
async def _(server):
    await server.create_session("verona")
    for index in range(200):
        await server.create_object("verona", f"o{index}", note="x" * 500)
    await server.stop()
    code, out, err = await hd1("check", "--database", "--data", server.data, "--config",
                               server.folder / "hd1.lua")
    equal(code, 0, out + err)
    file = server.data / "hd1.db"
    content = bytearray(file.read_bytes())
    for start in range(4096 * 4, len(content), 4096):
        content[start:start + 2000] = bytes(2000)
    file.write_bytes(content)
    code, out, err = await hd1("check", "--database", "--data", server.data, "--config",
                               server.folder / "hd1.lua")
    equal(code, 1, out + err)
    assert "hd1.db" in out + err, out + err
    try:
        await server.start()
    except AssertionError:
        equal(server.exit_code, 1)
    else:
        answer = await server.get("/api/sessions/verona/objects")
        assert answer.status in (200, 404, 503), answer
        await server.stop(is_checked=False)
    server.check()


@scene("a data directory that cannot be made or written is refused", config=BARE, start=False)
async def _(server):
    server.data.write_text("a file is in the way")
    await refuses(server, str(server.data))


@scene("durability = process serves, and survives a kill", start=False,
       config="return { plugins = {}, durability = 'process' }")
async def _(server):
    await server.start()
    await server.create_session("verona")
    thing = await server.create_object("verona", "rose")
    await server.restart(is_killed=True)
    equal((await server.get("/api/sessions/verona/objects/rose")).json, thing)


@scene("check tells the faults of all plugins at once", server=None)
async def _():
    with tempfile.TemporaryDirectory(prefix="hd1-test-") as name:
        folder = Path(name)
        (folder / "one.lua").write_text("return {\n name = 'one', version = '1', api = 2 }")
        (folder / "two.lua").write_text(
            "return { name = 'two', version = '1', api = 1,\nsetup = function()\nerror('no')\nend }")
        (folder / "three.lua").write_text("return 7 +")
        code, said = await check(f"return {{ plugin_path = '{folder}',\n"
                                 "plugins = { 'one', 'two', 'three', 'absent' } }")
        equal(code, 78)
        for part in ("one.lua:2: api must be 1", "two.lua:3: no", "three.lua:1:", "hd1.lua:2",
                     "absent.lua"):
            assert part in said, f"{part} is not in {said}"


@scene("check finds sessions and world scripts that the plugins would refuse", server=None)
async def _():
    code, said = await check("return {\n sessions = {\n  good = { world = { size = 9 } },\n"
                             "  bad = { world = { size = -1 } },\n } }")
    equal(code, 78)
    assert "hd1.lua:4: session bad would be refused: /world/size must be at least 1" in said, said
    assert "session good" not in said, said
    with tempfile.TemporaryDirectory(prefix="hd1-test-") as name:
        folder = Path(name)
        (folder / "near.lua").write_text("object{ name = 'near', type = 'cube' }")
        (folder / "far.lua").write_text("world{ size = 9 }\n"
                                        "object{ name = 'far', type = 'cube', x = 99 }")
        (folder / "test_far.lua").write_text("no world script")
        code, said = await check(f"return {{ script_path = '{folder}' }}")
        equal(code, 78)
        assert f"{folder}/far.lua:2: /object/x must be within" in said, said
        equal(said.count("\n"), 1, said)
        code, said = await check(f"return {{ script_path = '{folder}', plugins = {{}} }}")
        equal(code, 0, said)


run()
