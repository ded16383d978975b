#!/usr/bin/python3
"""
plugins/README.md, the manual, does what it says: its blocks are played in their order, as by
somebody who reads along.

    ```lua   a plugin (with name = "X"): plugins/X.lua; "-- hd1.lua": the configuration;
             "-- test_X.lua": plugins/test_X.lua; "-- in setup": the body of a setup function
    ```sh    "hd1 serve ..." alone (re)starts the server; anything else is run in its folder
    ```text  what the sh block before it prints; "..." stands for anything
    ```json  JSON

Any other kind is a mistake.
"""

import asyncio
import json
import os
import re
import signal
import sys

import websockets

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from hd1 import ROOT, binary, equal, run, scene, until

MANUAL = ROOT / "plugins" / "README.md"
RUN_S = 120


class Block:
    def __init__(self, kind, line):
        self.kind = kind
        self.line = line
        self.lines = []

    @property
    def text(self):
        return "\n".join(self.lines) + "\n"

    @property
    def where(self):
        return f"{MANUAL.name}:{self.line}"

    def named(self, pattern):
        """What the pattern's group finds in the block, or None."""
        found = re.search(pattern, self.text, re.M)
        return found and found.group(1)


def read_blocks(text):
    blocks, block = [], None
    for number, line in enumerate(text.split("\n"), 1):
        if not line.lstrip().startswith("```"):
            if block:
                block.lines.append(line)
        elif block:
            equal(line, "```", f"{MANUAL.name}:{number}: the end of a block")
            blocks.append(block)
            block = None
        else:
            block = Block(line.removeprefix("```"), number)
    assert block is None, f"{block.where}: this block does not end"
    return blocks


BLOCKS = read_blocks(MANUAL.read_text())


def plugin_name(block):
    return block.kind == "lua" and block.named(r'^  name = "(\w+)",')


def is_part(block):
    return block.kind == "lua" and block.text.startswith("-- in setup\n")


def write(server, name, text):
    path = server.folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)


def write_lua(server, block):
    """Puts it where the manual's reader would. Parts are loaded by another scene."""
    test = block.named(r"\A-- (test_\w+\.lua)$")
    if block.text.startswith("-- hd1.lua\n"):
        server.config = block.text
        write(server, "hd1.lua", block.text)
    elif test:
        write(server, f"plugins/{test}", block.text)
    elif plugin_name(block):
        write(server, f"plugins/{plugin_name(block)}.lua", block.text)
    else:
        assert is_part(block), f"{block.where}: of no known kind: {block.lines[0]}"


async def shell(server, block):
    """Runs the block as it stands; returns what it printed."""
    write(server, "bin/hd1", f'#!/bin/sh\nexec "{binary()}" "$@"\n')
    (server.folder / "bin" / "hd1").chmod(0o755)
    text = block.text.replace("127.0.0.1:8080", f"127.0.0.1:{server.port}")
    env = {k: v for k, v in os.environ.items() if not k.startswith("HD1_")}
    env["PATH"] = f"{server.folder}/bin:{env['PATH']}"
    process = await asyncio.create_subprocess_exec(
        "bash", "-e", "-o", "pipefail", "-c", text, cwd=server.folder, env=env,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT)
    output = (await asyncio.wait_for(process.communicate(), RUN_S))[0].decode()
    assert process.returncode == 0, f"{block.where}: ended with {process.returncode}: {output}"
    return output


def compare(block, output):
    """... in the block stands for anything, also for lines."""
    pattern = ".*?".join(re.escape(part) for part in block.text.strip().split("..."))
    assert re.fullmatch(pattern, output.strip(), re.S), \
        f"{block.where}: it prints\n{output}instead of\n{block.text}"


async def serve(server):
    if server.is_running():
        await server.stop()
    await server.start()


async def play(server, block, output):
    """One block; returns what it printed, or None if that is nothing to compare."""
    if block.kind == "lua":
        write_lua(server, block)
    elif block.kind == "json":
        json.loads(block.text)
    elif block.kind == "text":
        assert output is not None, f"{block.where}: stands behind no sh block that prints"
        compare(block, output)
    elif block.kind == "sh":
        if not block.text.startswith("hd1 serve "):
            return await shell(server, block)
        await serve(server)
    else:
        raise AssertionError(f"{block.where}: a block of kind '{block.kind}'")
    return None


# --- the scenes ---

def write_plugins(server):
    """The plugins of the manual as its reader has them in the end, and its parts as plugins."""
    names = []
    for block in BLOCKS:
        if is_part(block):
            name = f"part_{block.line}"
            write(server, f"plugins/{name}.lua",
                  f'return {{ name = "{name}", version = "1", api = 1,\n'
                  f"  setup = function(hd1, config)\n{block.text}  end }}\n")
        elif plugin_name(block):
            name = plugin_name(block)
            write_lua(server, block)
        else:
            continue
        names.append(name)
    names = list(dict.fromkeys(names))  # one may be improved further on
    assert len(names) >= 8, names
    return names


@scene("its blocks do what they say, one after the other", timeout=600, start=False)
async def _(server):
    output = None
    for block in BLOCKS:
        output = await play(server, block, output)
    tests = Block("sh", 0)
    tests.lines = ["hd1 test plugins"]
    assert "not ok" not in await shell(server, tests)


# What a part does by the minute, and with more of everything than fits into one line of the log.
PART_TEST = """local test = require("test")

test("%(name)s goes on for a while, in many sessions", function(t)
  local world = t:world({ plugins = { "validate", "chat", "%(name)s" } })
  for number = 1, 12 do
    world:rest("POST", "/api/sessions", { id = "s" .. number })
    world:join("romeo" .. number, { session = "s" .. number })
  end
  world.clock:advance(121)
  t:equal(world:rest("GET", "/healthz").status, 200)
end)
"""


@scene("its parts of plugins fail in no moment, however long they go on", start=False)
async def _(server):
    parts = [name for name in write_plugins(server) if name.startswith("part_")]
    assert len(parts) >= 4, parts
    for name in parts:
        write(server, f"plugins/test_{name}.lua", PART_TEST % {"name": name})
    block = Block("sh", 0)
    block.lines = ["hd1 test " + " ".join(f"plugins/test_{name}.lua" for name in parts)]
    output = await shell(server, block)
    assert f"# {len(parts)} passed, 0 failed" in output, output


@scene("its parts of plugins load, are replaced, and fail in no moment", start=False)
async def _(server):
    names = [f'"{name}"' for name in write_plugins(server) if name != "gate"]
    server.config = 'return { plugin_path = "plugins", plugins = { "validate", "chat", %s } }' \
        % ", ".join(names)
    await server.start()
    await server.create_session("verona")
    romeo, juliet = await server.joined("verona", "romeo", "juliet")
    await server.create_object("verona", "rose")
    await romeo.do("world_updated", {"session_id": "verona", "world": {"title": "Verona"}})
    await juliet.close()
    await romeo.barrier("verona")
    async def has_ticked():
        return re.search(r'plugin_calls_total\{plugin="part_\d+",hook="on_tick"\} [1-9]',
                         (await server.get("/metrics")).body.decode())
    await until(has_ticked, what="a tick")
    server.process.send_signal(signal.SIGHUP)
    await server.wait_log("msg=reloaded")
    await romeo.barrier("verona")
    equal([line for line in server.log if "hook failed" in line], [], "failures")


@scene("tag.lua is the one of the manual, and can be played", start=False)
async def _(server):
    block = next(block for block in BLOCKS if plugin_name(block) == "tag")
    equal(block.text, (ROOT / "examples" / "plugins" / "tag.lua").read_text(), "tag.lua")
    write_lua(server, block)
    server.config = 'return { plugin_path = "plugins", plugins = { "validate", { "tag", ' \
        'pause_ms = 0 } } }'
    await server.start()
    await server.create_session("yard")
    await server.create_object("yard", "player_ann", x=0)
    await server.create_object("yard", "player_ben", x=5)
    ann, = await server.joined("yard", "ann")
    await ann.do("tag_start", {"session_id": "yard", "it": "player_ann"})
    await ann.do("object_updated", {"session_id": "yard",
                                    "object": {"name": "player_ann", "x": 4}})
    touched = await ann.expect("tag_touched")
    equal((touched["data"]["by"], touched["data"]["whom"]), ("player_ann", "player_ben"))
    scores = (await server.get("/api/x/tag/scores?limit=1")).json["items"]
    assert scores[0]["points"] >= 1, scores
    assert b'hd1_x_tag_touches_total{session="yard"}' in (await server.get("/metrics")).body


@scene("its relay relays", start=False)
async def _(server):
    write_lua(server, next(block for block in BLOCKS if plugin_name(block) == "relay"))
    server.config = 'return { plugin_path = "plugins", plugins = { "relay" } }'
    await server.start()
    url = f"ws://127.0.0.1:{server.port}/ws/x/relay"
    async with websockets.connect(url) as romeo, websockets.connect(url) as juliet:
        await romeo.send("it is my lady")
        equal(await asyncio.wait_for(juliet.recv(), RUN_S), "it is my lady")
        await juliet.send(b"\x00\xff")
        equal(await asyncio.wait_for(romeo.recv(), RUN_S), b"\x00\xff")


@scene("it names every function of hd1, every moment and every limit, and none besides",
       start=False)
async def _(server):
    write(server, "plugins/lister.lua", """
        return { name = "lister", version = "1", api = 1, setup = function(hd1)
          local names = {}
          for key, value in pairs(hd1) do
            names[#names + 1] = "hd1." .. key
            for member in pairs(type(value) == "table" and value or {}) do
              names[#names + 1] = "hd1." .. key .. "." .. member
            end
          end
          return { routes = { ["GET /api/x/lister"] = function() return names end } }
        end }""")
    server.config = 'return { plugin_path = "plugins", plugins = { "lister" } }'
    await server.start()
    names = set((await server.get("/api/x/lister")).json)
    manual = MANUAL.read_text()
    named = set(re.findall(r"hd1(?:\.[a-z_0-9]+)+", manual)) - {"hd1.lua"}
    equal(sorted(named - names), [], "named, but not there")
    equal(sorted(name for name in names - named if f"{name}." not in manual),
          [], "there, but not named")
    moments = re.findall(r"^    \[\w+\] = \"(\w+)\",|\[[A-Z_]+\] = \"(\w+)\"", (
        ROOT / "core" / "plugin" / "plugin_hooks.c").read_text())
    for moment in (first or second for first, second in moments):
        if moment not in ("timer", "on_open"):
            assert f"`{moment}" in manual or f", `{moment}(" in manual, moment
    limits = re.findall(r'^    \{"(\w+)", read_', (
        ROOT / "core" / "plugin" / "plugin_limits.c").read_text(), re.M)
    assert len(limits) >= 6, limits
    for limit in limits:
        assert f"| `{limit}` |" in manual, limit


@scene("it names every field and method of what hooks are given", start=False)
async def _(_):
    sections = dict(re.findall(r"^### (\w+)\n(.*?)(?=^#)", MANUAL.read_text(), re.M | re.S))
    for box in ("event", "client", "session", "message", "request", "socket"):
        files = sorted((ROOT / "core" / "plugin" / "api").glob(f"box_{box}*.c"))
        source = "".join(file.read_text() for file in files)
        names = re.findall(r'strcmp\((?:key|name), "(\w+)"\) == 0|\{"(\w+)", \w+\}', source)
        assert len(names) >= 2, (box, names)
        for name in (first or second for first, second in names):
            assert re.search(rf"`{name}\b|[:.]{name}\b", sections[box]), f"{box}: {name}"


run()
