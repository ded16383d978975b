#!/usr/bin/python3
"""File descriptors: the server raises its limit as it needs them, or allows fewer connections."""

import asyncio
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from hd1 import equal, run, scene, until
from hd1_raw import RawWebSocket

OWN = 256  # of the database, the listeners, the loop
HUNDRED = "return { plugins = {}, limits = { connections = 100 } }"
THOUSAND = """return { plugins = {},
  limits = { connections = 1000, connections_per_address = 1000 } }"""


def limits(server):
    """(soft, hard)"""
    with open(f"/proc/{server.pid}/limits", encoding="ascii") as file:
        return tuple(map(int, re.search(r"Max open files +(\d+) +(\d+)", file.read()).groups()))


def warnings(server):
    return [line for line in server.log if "too few file descriptors" in line]


@scene("a soft limit that is too low is raised to what is needed, and no further",
       config=HUNDRED, descriptors=(64, 4096))
async def _(server):
    equal(limits(server), (100 + OWN, 4096))
    equal(warnings(server), [])


@scene("a hard limit that just suffices is used up", config=HUNDRED, descriptors=(64, 100 + OWN))
async def _(server):
    equal(limits(server), (100 + OWN, 100 + OWN))
    equal(warnings(server), [])


@scene("a soft limit that suffices stays", config=HUNDRED, descriptors=(2000, 4096))
async def _(server):
    equal(limits(server), (2000, 4096))
    equal(warnings(server), [])


@scene("a hard limit that is too low allows fewer connections, and the log says how many",
       config=THOUSAND, descriptors=(64, 600))
async def _(server):
    equal(limits(server), (600, 600))
    [warning] = warnings(server)
    assert "level=warn" in warning and "descriptors=600 " in warning, warning
    assert f"connections={600 - OWN} " in warning and f"wanted={1000 + OWN}" in warning, warning


async def enter(server):
    """A member of the session; None if there was no place, or one that is not free yet."""
    try:
        return await RawWebSocket.connect(server, "/ws/verona")
    except (asyncio.IncompleteReadError, ConnectionError, AssertionError):
        return None


@scene("a very low one is shared by halves; who is too many is turned away, and nobody else",
       config=THOUSAND, descriptors=(64, 300))
async def _(server):
    [warning] = warnings(server)
    assert "connections=150 " in warning, warning
    await server.create_session("verona")
    held = [await until(lambda: enter(server), what="a place") for _ in range(150)]
    equal(await enter(server), None, "one too many")
    await server.reload()  # files can still be opened
    await held[0].send_message("object_created", {"session_id": "verona", "object": {
        "name": "rose", "type": "cube"}})
    await held[149].expect_message("object_created")
    held.pop().close()
    held.append(await until(lambda: enter(server), what="the freed place"))
    for raw in held:
        raw.close()


run()
