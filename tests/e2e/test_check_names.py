#!/usr/bin/python3
"""hd1 check on what is not there: it says who wants it, where it was looked for and what there is."""

import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from hd1 import ROOT, equal, run, scene
from hd1_check import faults, plugin

SHIPPED = re.escape(str(ROOT / "plugins"))
LIBRARIES = {"plugins/lib/score.lua": "return {}", "plugins/lib/places.lua": "return {}"}


async def assert_faults(files, *patterns, **options):
    lines = await faults(files, **options)
    for line, pattern in zip(lines, patterns):
        assert re.fullmatch(pattern, line), f"{line!r} is not {pattern!r}"
    equal(len(lines), len(patterns), str(lines))


def configured(*entries, more=""):
    names = ",\n".join(entries)
    return f"return {{ script_path = \"scripts\", {more}\nplugins = {{\n{names} }} }}"


@scene("a library that is not there: who requires it, and which there are", server=None)
async def _():
    await assert_faults(
        {"hd1.lua": configured('"top", "late"', more='plugin_path = "plugins",'), **LIBRARIES,
         "plugins/top.lua": 'local x = 1\nlocal score = require "scores"\n' + plugin("top"),
         "plugins/late.lua": plugin("late", 'return require("nolib").hooks'),
         "scripts/empty.lua": ""},
        r"plugins/top\.lua:2: there is no library 'scores' in plugins/lib; did you mean score\?;"
        r" there are: places, score",
        r"plugins/late\.lua:3: there is no library 'nolib' in plugins/lib; there are: places, score"
        r".*")


@scene("the same in world scripts, and where there are no libraries at all", server=None)
async def _():
    world = 'world{ size = 9 }\nlocal walls = require("wals")\n'
    files = {"hd1.lua": configured(), "scripts/house.lua": world}
    await assert_faults(
        {**files, "scripts/lib/walls.lua": "return {}"},
        r"scripts/house\.lua:2: there is no library 'wals' in scripts/lib; did you mean walls\?;"
        r" there are: walls")
    await assert_faults(
        files,
        r"scripts/house\.lua:2: there is no library 'wals', for there is no folder scripts/lib")


run()
