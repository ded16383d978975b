"""
Scenes against the real server.

    #!/usr/bin/python3
    import os, sys
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
    from hd1 import Refused, run, scene

    @scene("juliet sees what romeo creates, in his words")
    async def _(server, romeo, juliet):
        await server.create_session("verona")
        await romeo.join("verona")
        await juliet.join("verona")
        event = await romeo.do("object_created", {"session_id": "verona",
                                                  "object": {"name": "rose", "type": "sphere"}})
        seen = await juliet.expect("object_created")
        assert seen["seq"] == event["seq"]

    run()

Each scene has its own server (build/dev/hd1; HD1_BINARY says another), its own data directory and
port 0. Nothing waits by sleeping: expect(), reach(), until() wait for a condition with a deadline.
After each scene the server is stopped by SIGTERM and must end with 0, without a sanitizer's
complaint, and no client may have seen durable events out of order. HD1_KEEP=1 keeps the folder of a
failed scene.
"""

from hd1_client import Client, Refused, Replica, TIMEOUT_S, merge
from hd1_server import CONFIG, ROOT, Response, Server, binary, equal, run_hd1, until
from hd1_tap import run, scene

__all__ = ["CONFIG", "Client", "Refused", "Replica", "Response", "ROOT", "Server", "TIMEOUT_S",
           "binary", "equal", "merge", "run", "run_hd1", "scene", "until"]
