#!/usr/bin/python3
"""
The kill test, and each time the power fails too: of what was written to the database and its log
but not synced, nothing, something or everything is there afterwards. With durability = "full" what
anyone was shown is there all the same; with "process" it is not, which shows that the power fails.
And what was refused because a sync failed does not come back with the power.

    power_loss.py [SEED [KILLS]]
"""

import asyncio
import os
import random
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import kill
from hd1 import Server, binary

SHIM = os.path.join(os.path.dirname(binary()), "tests", "support", "unsynced.so")
NOTE = struct.Struct("=cc6xqq")
FILES = {b"d": "hd1.db", b"w": "hd1.db-wal"}
SECTOR = 512
TOTAL_S = 600


class Power:
    """What the disk of a server really holds."""

    def __init__(self, server, seed):
        self.server, self.random = server, random.Random(f"power {seed}")
        self.log = server.folder / "unsynced"
        self.sync_fails = server.folder / "sync_fails"  # the next one of the log, if this is there
        self.base = None  # before the server began: file -> bytes
        self.lost = 0
        server.env = {"LD_PRELOAD": SHIM, "UNSYNCED_LOG": str(self.log),
                      "UNSYNCED_FAIL": str(self.sync_fails),
                      "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=1"}

    def path(self, file):
        return self.server.data / FILES[file]

    def on(self):
        self.base = {file: self.path(file).read_bytes() if self.path(file).exists() else b""
                     for file in FILES}
        self.log.unlink(missing_ok=True)

    def notes(self):
        """[(kind, file, at, len, bytes)], without what was being noted when the server died."""
        data, at, found = self.log.read_bytes() if self.log.exists() else b"", 0, []
        while at + NOTE.size <= len(data):
            kind, file, where, length = NOTE.unpack_from(data, at)
            at += NOTE.size
            body = b""
            if kind == b"W":
                body = data[at:at + length]
                at += length
                if len(body) < length:
                    break
            found.append((kind, file, where, length, body))
        return found

    @staticmethod
    def synced(notes, file):
        """How many of the notes were safe."""
        begun, safe = {}, 0
        for index, (kind, of, number, _, _) in enumerate(notes):
            if of == file and kind == b"B":
                begun[number] = index
            elif of == file and kind == b"E":
                safe = max(safe, begun[number])
        return safe

    def survives(self, mode, kind):
        if mode == "something":
            return self.random.random() < 0.5
        return mode == "everything" or mode == "writes" and kind == b"W"

    def write(self, content, where, body, is_safe, mode):
        if len(content) < where + len(body):
            content.extend(bytes(where + len(body) - len(content)))
        for start in range(0, len(body), SECTOR):
            if is_safe or self.survives(mode, b"W"):
                piece = body[start:start + SECTOR]
                content[where + start:where + start + len(piece)] = piece
            else:
                self.lost += 1

    def fail(self, mode=None):
        """The server is dead; its files become what the disk holds."""
        mode = mode or self.random.choice(("nothing", "something", "something", "everything"))
        notes = self.notes()
        for file in FILES:
            content, safe = bytearray(self.base[file]), self.synced(notes, file)
            for index, (kind, of, where, length, body) in enumerate(notes):
                if of != file or kind in b"BE":
                    continue
                is_safe = index < safe
                if kind == b"W":
                    self.write(content, where, body, is_safe, mode)
                elif is_safe or self.survives(mode, kind):
                    del content[length:]
                    content.extend(bytes(length - len(content)))
            self.path(file).write_bytes(content)
        (self.server.data / "hd1.db-shm").unlink(missing_ok=True)  # memory, not disk


class Test(kill.Test):
    def __init__(self, seed, kills):
        super().__init__(seed, kills)
        self.power = None
        self.seed = seed

    async def start(self):
        if self.power is None:  # a database is made in peace
            await self.server.start()
            await self.server.stop()
            self.power = Power(self.server, self.seed)
        elif not self.server.is_running():
            self.power.fail()
        self.power.on()
        await super().start()

    async def run(self):
        """Whether a kill comes amid a commit is chance; that loss would be noticed is shown below."""
        await super().run()
        print(f"# {self.power.lost} sectors lost")


async def loses_without_sync(seed):
    """How many acknowledged changes are gone with durability = "process"."""
    server = Server(config='return { plugins = {}, durability = "process" }')
    try:
        await server.start()
        await server.create_session("s")
        await server.stop()
        power = Power(server, seed)
        power.on()
        await server.start()
        for number in range(20):
            await server.create_object("s", f"o{number}")
        await server.kill()
        power.fail("nothing")
        await server.start()
        return 20 - len([e for e in await server.history("s") if e["type"] == "object_created"])
    finally:
        await server.close(is_checked=False)


async def create_refused(server, power):
    """The name of an object that was refused: unless a commit of the server's own met the fault."""
    for number in range(20):
        power.sync_fails.touch()
        answer = await server.post("/api/sessions/s/objects",
                                   {"name": f"lost_{number}", "type": "cube"})
        if answer.status == 503:
            assert answer.json["code"] != "outcome_unknown", answer
            return f"lost_{number}"
    raise AssertionError("no commit failed")


async def refused_comes_back(seed):
    """
    Is an event there that was refused because its log could not be synced? It was written, and cut
    off again; of that, a disk may have kept the writing alone.
    """
    server = Server(config="return { plugins = {} }")
    try:
        await server.start()
        await server.create_session("s")
        await server.stop()
        power = Power(server, seed)
        power.on()
        await server.start()
        await server.create_object("s", "kept")
        lost = await create_refused(server, power)
        await server.kill()
        power.fail("writes")
        await server.start()
        assert (await server.get("/api/sessions/s/objects/kept")).status == 200
        return (await server.get(f"/api/sessions/s/objects/{lost}")).status != 404
    finally:
        await server.close(is_checked=False)


def main():
    arguments = [int(argument) for argument in sys.argv[1:]]
    seed = arguments[0] if arguments else random.SystemRandom().randrange(10**6)
    kills = arguments[1] if len(arguments) > 1 else 12
    print(f"# seed {seed}")
    test = Test(seed, kills)
    asyncio.run(asyncio.wait_for(test.run(), TOTAL_S))
    lost = asyncio.run(asyncio.wait_for(loses_without_sync(seed), TOTAL_S))
    print(f"{'ok' if lost else 'not ok'} - without syncs {lost} of 20 acknowledged changes are lost")
    is_back = asyncio.run(asyncio.wait_for(refused_comes_back(seed), TOTAL_S))
    print(f"{'not ok' if is_back else 'ok'} - what was refused does not come back with the power")
    print(f"1..{test.count + 2}")
    sys.exit(1 if test.failed or not lost or is_back else 0)


main()
