#!/usr/bin/python3
"""Which failures get a case file: one for each place, renewed when the plugin has changed."""

import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from hd1 import equal, run, scene
from hd1_case import replay, write

PLACES = 12
ROUTE = "return { routes = { ['GET /api/x/fragile/{n}'] = function(request)\n%s\nend } }"
MANY = ROUTE % "\n".join(f"if request.params.n == '{n}' then error('no ' .. request.path) end"
                         for n in range(PLACES))
TABLES = ROUTE % """if request.params.n == '1' then error({ code = 1 }) end
error({ code = 2 })"""
QUIET = ROUTE % "error('no ' .. request.params.n, 0)"


def cases(server):
    return sorted((server.data / "cases").glob("*"))


async def get(server, *numbers):
    for n in numbers:
        equal((await server.get(f"/api/x/fragile/{n}")).status, 500)


@scene("errors that are no texts, or have no place: the place is where they were raised",
       start=False)
async def _(server):
    for body, requests, count in ((TABLES, (1, 2, 1), 2), (QUIET, (1, 2, 3), 1)):
        write(server, body)
        await server.start()
        await get(server, *requests)
        equal(len(cases(server)), count)
        await server.stop()
        for path in cases(server):
            code, said = await replay(server, path)
            equal((code, said.split("\n")[0]), (1, "reproduced"), said)
            write(server, body.replace("function(request)", "function(request)\n"))
            code, said = await replay(server, path)
            equal((code, said.split("\n")[0]), (1, "fails, but otherwise"), said)
            write(server, body)
            path.unlink()


@scene("each place has its file, however many fail at once", start=False)
async def _(server):
    write(server, MANY)
    await server.start()
    await get(server, *range(PLACES), *range(PLACES // 2))
    equal(len(cases(server)), PLACES)
    said = [line for line in server.log if "hook failed" in line]
    equal(len([line for line in said if re.search(r"case=\S+\.json", line)]), len(said))


@scene("a failure without a file says why", start=False)
async def _(server):
    write(server, MANY)
    (server.data / "cases").mkdir(parents=True)
    for n in range(100):
        (server.data / "cases" / f"old-{n}.json").write_text("{}")
    await server.start()
    await get(server, 1, 2)
    for line in [line for line in server.log if "hook failed" in line]:
        assert re.search('case="not written: there are 100 files in .*cases', line), line
    equal(len(cases(server)), 100)
    (server.data / "cases" / "old-7.json").unlink()
    await get(server, 1)
    assert (server.data / "cases" / "old-7.json") not in cases(server)
    equal(len(cases(server)), 100)


@scene("a file is kept as long as the plugin is what it was, then it is renewed", start=False)
async def _(server):
    write(server, MANY)
    await server.start()
    await get(server, 1)
    [path] = cases(server)
    before = path.read_text()
    await get(server, 1)
    equal(path.read_text(), before)
    write(server, MANY + "\n-- another day")
    (server.folder / "hd1.lua").write_text(server.config)
    await server.reload()
    await get(server, 1)
    equal(cases(server), [path])
    assert json.loads(path.read_text())["file_hash"] != json.loads(before)["file_hash"]
    after = path.read_text()
    await get(server, 1)
    equal(path.read_text(), after)


run()
