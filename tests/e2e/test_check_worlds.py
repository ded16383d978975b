#!/usr/bin/python3
"""hd1 check on sessions and world scripts, in whatever state the plugins are."""

import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from hd1 import equal, run, scene
from hd1_check import lines, plugin

FAR = "world{ size = 9 }\nobject{ name = 'far', type = 'cube', x = 99 }\n"
FAR_LINE = r"scripts/far\.lua:2: /object/x must be within .*"
TYPES = 'events = { wave = { schema = { type = "object" } } },'
CONFIG = """return { plugin_path = "plugins", script_path = "scripts",
  plugins = { %s },
  sessions = {
    small = { script = "nowhere", world = { size = -1 } },
    good = { world = { size = 9 } },
    torn = { script = "torn", world = { size = 0 } },
  } }"""
SESSIONS = (
    r"hd1\.lua:4: session small would be refused: /world/size must be at least 1 .*",
    r"hd1\.lua:4: session small: there is no script nowhere \(scripts are in scripts\)",
    r"hd1\.lua:6: session torn would be refused: /world/size must be at least 1 .*",
)


def assert_lines(said, *patterns):
    for line, pattern in zip(said, patterns):
        assert re.fullmatch(pattern, line), f"{line!r} is not {pattern!r}"
    equal(len(said), len(patterns), str(said))


@scene("a session's world and its script are told of at once", server=None)
async def _():
    said = await lines({"hd1.lua": CONFIG % '"validate"', "plugins/x.lua": "",
                          "scripts/far.lua": FAR, "scripts/torn.lua": "world{"})
    assert_lines(said, *SESSIONS, r"scripts/torn\.lua:1: .*", FAR_LINE)


@scene("worlds are tried with those plugins that load, and it is said with which not", server=None)
async def _():
    files = {"hd1.lua": CONFIG % '"broken", "validate", "rider", "wave"',
             "plugins/broken.lua": plugin("broken", "error('no')", TYPES.replace("wave", "tide")),
             "plugins/rider.lua": plugin("rider", "return { after_event = { tide = print } }"),
             "plugins/wave.lua": plugin("wave", "", TYPES),
             "scripts/far.lua": FAR, "scripts/torn.lua": "world{"}
    assert_lines(await lines(files), *SESSIONS, r"plugins/broken\.lua:3: no .*",
                 r"scripts/torn\.lua:1: .*", FAR_LINE,
                 r"note: sessions and world scripts were tried without what does not load: broken, rider")


@scene("faults come in the order of files and lines", server=None)
async def _():
    moments = "\n".join(f"  moment_{n:02} = print," for n in range(30))
    said = await lines({
        "hd1.lua": 'return { plugin_path = "plugins", script_path = "scripts",\n'
                   'plugins = { "second", "first" },\nqueue_mesages = 1, log = { lvl = 1 } }',
        "plugins/first.lua": plugin("first", f"return {{\n{moments}\n}}"),
        "plugins/second.lua": plugin("other", "error('no')"), "scripts/a.lua": "world{"})
    places = [line.split(":")[:2] for line in said]
    equal(places, [["hd1.lua", "3"], ["hd1.lua", "3"], ["plugins/second.lua", "1"],
                   ["plugins/second.lua", "3"],
                   *(["plugins/first.lua", str(4 + n)] for n in range(30)),
                   ["scripts/a.lua", "1"], ["note", said[-1].split(":")[1]]])


run()
