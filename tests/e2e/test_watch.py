#!/usr/bin/python3
"""examples/clients/watch.py: shows what happens, comes back after an interruption, misses nothing."""

import asyncio
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from hd1 import ROOT, TIMEOUT_S, equal, run, scene

WATCH = str(ROOT / "examples" / "clients" / "watch.py")


class Watch:
    def __init__(self, process):
        self.process = process

    @classmethod
    async def start(cls, url, session, *options):
        return cls(await asyncio.create_subprocess_exec(
            sys.executable, WATCH, "--url", url, "--session", session, *options,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE))

    async def line(self, pattern):
        """The next line that has the pattern, and those before it."""
        lines = []
        while True:
            raw = await asyncio.wait_for(self.process.stdout.readline(), TIMEOUT_S)
            assert raw, (lines, await self.process.stderr.read())
            lines.append(raw.decode())
            if re.search(pattern, lines[-1]):
                return lines

    async def end(self):
        out, err = await asyncio.wait_for(self.process.communicate(), TIMEOUT_S)
        return self.process.returncode, out.decode(), err.decode()


@scene("it shows each event once, in order, though the server is killed meanwhile")
async def _(server):
    await server.create_session("verona")
    watch = await Watch.start(server.url, "verona")
    await watch.line("session_snapshot")
    seen = []
    for number in range(4):
        await server.create_object("verona", f"rose{number}")
        seen += await watch.line(f'"rose{number}"')
        await server.restart(is_killed=True, same_port=True)
        await server.create_object("verona", f"thorn{number}")
    seen += await watch.line('"thorn3"')
    names = re.findall(r'object_created .*"name":"(\w+)"', "".join(seen))
    equal(names, [f"{what}{number}" for number in range(4) for what in ("rose", "thorn")])
    watch.process.terminate()
    await watch.end()


@scene("a session that is not there, and an address that is none, are said so")
async def _(server):
    watch = await Watch.start(server.url, "nowhere")
    code, _, said = await watch.end()
    equal(code, 1)
    assert "unknown_session" in said, said
    watch = await Watch.start(server.url.removeprefix("http://"), "verona")
    code, _, said = await watch.end()
    equal(code, 1)
    assert "is not http://HOST:PORT" in said, said


@scene("it stops after as many lines as it is told to")
async def _(server):
    await server.create_session("verona")
    watch = await Watch.start(server.url, "verona", "--count", "3")
    await watch.line("session_snapshot")
    for number in range(3):
        await server.create_object("verona", f"rose{number}")
    code, out, said = await watch.end()
    equal((code, said), (0, ""))
    equal([line.split()[1] for line in out.splitlines()], ["2"])


run()
