"""The runner of scenes: each its own server, one line `ok - name` or `not ok - name` per scene."""

import argparse
import asyncio
import inspect
import sys
import time
import traceback

from hd1_server import Server

SCENES = []


def scene(name, *, timeout=240, **server_options):
    """
    Marks `async def scene(server)` or `async def scene(server, romeo, juliet)`: the server is
    started with server_options (see Server), further arguments are clients connected to it, named
    so. With start=False the server is made but not started; with server=None there is none.
    """
    def mark(function):
        SCENES.append((name, function, timeout, server_options))
        return function
    return mark


async def _play(function, server_options):
    if server_options.get("server", True) is None:
        await function()
        return
    options = dict(server_options)
    is_started = options.pop("start", True)
    server = Server(**options)
    try:
        if is_started:
            await server.start()
        names = list(inspect.signature(function).parameters)[1:]
        await function(server, *[await server.client(name) for name in names])
        await server.close(is_checked=True)
    except BaseException:
        server.is_failed = True
        raise
    finally:
        await server.close(is_checked=False)


def _report(name, error, log):
    print(f"not ok - {name}")
    for frame in traceback.extract_tb(error.__traceback__):
        if "/asyncio/" not in frame.filename and frame.name != "run":
            print(f"# {frame.filename}:{frame.lineno}: {frame.line}")
    for line in str(error).splitlines() or [""]:
        print(f"# {type(error).__name__}: {line[:1000]}")
    for line in log:
        print(f"# server: {line}")


def run():
    """Runs the scenes of this file (those whose name contains an argument, if any); exits."""
    parser = argparse.ArgumentParser()
    parser.add_argument("words", nargs="*", help="run only scenes whose name contains one of these")
    parser.add_argument("--list", action="store_true", help="print the names and stop")
    options = parser.parse_args()
    failed = count = 0
    for name, function, timeout, server_options in SCENES:
        if options.words and not any(word in name for word in options.words):
            continue
        if options.list:
            print(name)
            continue
        count += 1
        started = time.monotonic()
        Server.last_log = []
        try:
            asyncio.run(asyncio.wait_for(_play(function, server_options), timeout))
            print(f"ok - {name} # {time.monotonic() - started:.2f} s")
        except Exception as error:  # asyncio.TimeoutError: not done after `timeout` seconds
            failed += 1
            _report(name, error, Server.last_log)
        sys.stdout.flush()
    if not options.list:
        print(f"1..{count}")
    sys.exit(1 if failed else 0)
