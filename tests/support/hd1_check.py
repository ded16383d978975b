"""hd1 check on files that a scene makes up."""

import tempfile
from pathlib import Path

from hd1 import equal, run_hd1


async def check(files, *arguments, env=None):
    """In a folder with these files, hd1.lua among them: (exit code, stdout, stderr)."""
    with tempfile.TemporaryDirectory(prefix="hd1-test-") as name:
        for path, text in files.items():
            (Path(name) / path).parent.mkdir(exist_ok=True, parents=True)
            (Path(name) / path).write_text(text)
        return await run_hd1("check", "--config", "hd1.lua", *arguments, cwd=name, env=env)


async def faults(files, **options):
    """The lines that it refuses them with, but for what is only a note."""
    return [line for line in await lines(files, **options) if not line.startswith("note: ")]


async def lines(files, **options):
    """All of them."""
    code, out, err = await check(files, **options)
    equal((code, out), (78, ""), err)
    return err.splitlines()


def plugin(name, setup="", head=""):
    """Its text: two lines, then setup's own."""
    return (f'return {{ name = "{name}", version = "1", api = 1, {head}\n'
            f"setup = function(hd1, config)\n{setup}\nend }}\n")
