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
        r"plugins/top\.lua:2: there is no library 'scores' in plugins/lib; did you mean score\?"
        r" There are places, score",
        r"plugins/late\.lua:3: there is no library 'nolib' in plugins/lib; there are places, score"
        r".*")


@scene("the same in world scripts, and where there are no libraries at all", server=None)
async def _():
    world = 'world{ size = 9 }\nlocal walls = require("wals")\n'
    files = {"hd1.lua": configured(), "scripts/house.lua": world}
    await assert_faults(
        {**files, "scripts/lib/walls.lua": "return {}"},
        r"scripts/house\.lua:2: there is no library 'wals' in scripts/lib; did you mean walls\?"
        r" There are walls")
    await assert_faults(
        files,
        r"scripts/house\.lua:2: there is no library 'wals', for there is no folder scripts/lib")


@scene("a plugin that is not there: where it was looked for, and the nearest there is", server=None)
async def _():
    await assert_faults(
        {"hd1.lua": configured('"validat"', '"rate_limt"', '"scores"', '"unheard_of"',
                               more='plugin_path = "own",'),
         "own/score.lua": plugin("score"), "own/test_scores.lua": "", "scripts/empty.lua": ""},
        *(rf"hd1\.lua:{line}: plugin {name}: there is no {name}\.lua in own, nor in {SHIPPED}{near}"
          for line, name, near in ((3, "validat", r"; did you mean validate\?"),
                                   (4, "rate_limt", r"; did you mean rate_limit\?"),
                                   (5, "scores", r"; did you mean score\?"),
                                   (6, "unheard_of", ""))))


@scene("a folder of plugins that is not there, with the place that names it", server=None)
async def _():
    files = {"hd1.lua": configured('"mine"', '{ "chat", odd = 1 }', '"chatt"',
                                   more='\nplugin_path = "own",'), "scripts/empty.lua": ""}
    option = r"hd1\.lua:5: plugin chat: option odd is not known; known:.*"
    near = rf"hd1\.lua:6: plugin chatt: there is no chatt\.lua in {SHIPPED}; did you mean chat\?"
    await assert_faults(
        files, r"hd1\.lua:2: plugin_path: there is no folder own", option, near)
    await assert_faults(
        files, option, near, r"HD1_PLUGIN_PATH: plugin_path: hd1\.lua is no folder",
        env={"HD1_PLUGIN_PATH": "hd1.lua"})
    await assert_faults(
        {"hd1.lua": 'return { script_path = "worlds", plugins = {} }'},
        r"hd1\.lua:1: script_path: there is no folder worlds")


run()
