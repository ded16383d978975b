"""A disk that takes its time: for how long each sync of the server's lasts (slow_disk.c)."""

import os

from hd1_server import binary

SHIM = os.path.join(os.path.dirname(binary()), "tests", "support", "slow_disk.so")
STOPPED_MS = 10 ** 9


class Disk:
    """Of a server that is not started yet. What stands still goes on with set(0)."""

    def __init__(self, server):
        assert os.path.exists(SHIM), f"{SHIM} is not built"
        self.file = server.folder / "slow_disk"
        self.set(0)
        server.env = {"LD_PRELOAD": SHIM, "SLOW_DISK": str(self.file),
                      "ASAN_OPTIONS": "verify_asan_link_order=0:quarantine_size_mb=1"}

    def set(self, milliseconds):
        new = self.file.with_suffix(".new")
        new.write_text(str(milliseconds))
        new.replace(self.file)  # never half a number

    def stop(self):
        self.set(STOPPED_MS)
