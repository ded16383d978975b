"""Prometheus' own opinion of a /metrics page."""

import asyncio
import os
import shutil

from hd1_server import ROOT, equal


def promtool():
    """Fetched by tests/run.sh into build/tools/."""
    path = os.pathsep.join([str(ROOT / "build" / "tools"), os.environ.get("PATH", "")])
    found = shutil.which("promtool", path=path)
    assert found, "promtool is missing: tests/run.sh fetches it, or install Debian's prometheus"
    return found


async def promtool_check(text):
    """The page (bytes) is well-formed, and as Prometheus' authors would write it."""
    check = await asyncio.create_subprocess_exec(
        promtool(), "check", "metrics", stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
    said, _ = await check.communicate(text)
    equal((check.returncode, said.decode()), (0, ""), "promtool")
