#!/usr/bin/python3
"""What `cmake --install` puts under a prefix is a server that works, wherever the prefix moves."""

import asyncio
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from hd1 import ROOT, binary, equal, run, run_hd1, scene

CONFIG = 'return { sessions = { hall = { script = "gallery" } } }'
DEFAULTS = ["validate", "rate_limit", "chat"]

# What was installed is changed, so that it is not taken for what it was copied from.
CHANGES = {
    "plugins/chat.lua": ('version = "', 'version = "99'),
    "plugins/lib/mute_list.lua": ("LONGEST_S = 365 * 24 * 3600", "LONGEST_S = 7"),
    "scripts/gallery.lua": ('title = "Gallery"', 'title = "Moved gallery"'),
}

TEST = """local test = require("test")
test("script, plugin and its library are those of the prefix", function(t)
  local world = t:world({ script = "gallery", plugins = { "validate", "chat" } })
  t:equal(world:properties().title, "Moved gallery")
  local friar = world:join("friar", { identity = { user = "friar", roles = { "moderator" } } })
  friar:send("chat_mute", { user = "romeo", seconds = 8 })
  friar:expect_error("invalid_event", { details = { path = "/seconds" } })
  friar:send("chat_mute", { user = "romeo", seconds = 7 })
  friar:expect("chat_mute")
end)
"""


async def cmake_install(prefix):
    process = await asyncio.create_subprocess_exec(
        "cmake", "--install", os.path.dirname(os.path.abspath(binary())), "--prefix", str(prefix),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
    out, _ = await process.communicate()
    equal(process.returncode, 0, out.decode())


def change(shared):
    for name, (old, new) in CHANGES.items():
        text = (shared / name).read_text()
        assert old in text, f"{name} has no {old}"
        (shared / name).write_text(text.replace(old, new))


def lua_files(*folders):
    files = [file.relative_to(folder.parent) for folder in folders
             for file in folder.rglob("*.lua")]
    return sorted(str(file) for file in files if file.parts[1] != "dev")


def installed(name):
    """A server that is installed and moved, but not started: scene(server, prefix)."""
    def mark(function):
        @scene(name, start=False, config=CONFIG)
        async def _(server):
            made, prefix = server.folder / "made", server.folder / "elsewhere" / "moved"
            await cmake_install(made)
            prefix.parent.mkdir()
            made.rename(prefix)
            server.program = str(prefix / "bin" / "hd1")
            await function(server, prefix)
        return function
    return mark


@installed("all that ships is there")
async def _(server, prefix):
    shared = prefix / "share" / "hd1"
    equal(lua_files(shared / "plugins", shared / "scripts"),
          lua_files(ROOT / "plugins", ROOT / "scripts"))
    for name in ("README.md", "plugins.md"):
        assert (prefix / "share" / "doc" / "hd1" / name).stat().st_size > 0, name


@installed("it serves, with plugins, their libraries and world scripts of its prefix")
async def _(server, prefix):
    change(prefix / "share" / "hd1")
    await server.start()
    versions = {p["name"]: p["version"] for p in (await server.get("/api/plugins")).json["items"]}
    equal(sorted(versions), sorted(DEFAULTS))
    assert versions["chat"].startswith("99"), versions
    types = {t["name"]: t for t in (await server.get("/api/event-types")).json["items"]}
    equal(types["chat_mute"]["schema"]["properties"]["seconds"]["maximum"], 7)
    equal((await server.get("/api/sessions/hall/world")).json["title"], "Moved gallery")
    [romeo, juliet] = await server.joined("hall", "romeo", "juliet")
    await romeo.do("chat_message", {"session_id": "hall", "text": "hello"})
    await juliet.expect("chat_message")
    equal((await server.get("/api/sessions/hall/objects/floor")).status, 200)


@installed("hd1 check works from there, and looks there")
async def _(server, prefix):
    (server.folder / "hd1.lua").write_text(CONFIG)
    code, out, err = await run_hd1("check", "--config", "hd1.lua", cwd=server.folder,
                                   program=server.program)
    equal(code, 0, err)
    shared = prefix / "share" / "hd1"
    assert f"{len(DEFAULTS)} plugins from {shared}/plugins, " in out, out
    assert f"world scripts from {shared}/scripts, 1 sessions" in out, out
    (shared / "scripts" / "gallery.lua").unlink()
    code, _, err = await run_hd1("check", "--config", "hd1.lua", cwd=server.folder,
                                 program=server.program)
    equal(code, 78, err)


@installed("hd1 test works from there")
async def _(server, prefix):
    change(prefix / "share" / "hd1")
    tests = server.folder / "tests"
    tests.mkdir()
    (tests / "test_moved.lua").write_text(TEST)
    code, out, err = await run_hd1("test", tests, cwd=server.folder, program=server.program)
    equal(code, 0, out + err)
    assert "# 1 passed, 0 failed" in out, out


run()
