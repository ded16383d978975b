"""Load by the two generators in C: wsload for WebSocket, rest_load for REST."""

import json
import subprocess
import time

from .paths import program
from .process import die_with_parent

FRAME = '"x":1.25,"y":0.5,"z":-3,"seq":{seq},"pad":"{pad}","ts":{ts}}'
DURABLE = ('{"type":"object_updated","data":{"session_id":"s{room}","object":{"name":"c{id}",'
           + FRAME + "}}")
VOLATILE = '{"type":"object_moved","data":{"session_id":"s{room}","name":"c{id}",' + FRAME + "}"
REST_S = 20  # what a join leaves behind in plugins is given back within 15 s or so
JOIN = '{"type":"join","data":{"session_id":"s{room}"}}'


def wsload_command(port, pid, test, seconds, warmup=1.0, settle=1.0, payload=150, extra=()):
    """test: clients, rooms, publishers, rate."""
    return [program("wsload"), "--port", str(port), "--server-pid", str(pid),
            "--json-only", "--clients", str(test["clients"]), "--rooms", str(test["rooms"]),
            "--publishers", str(test["publishers"]), "--rate", str(test["rate"]),
            "--duration", str(seconds), "--warmup", str(warmup if test["publishers"] else 0),
            "--settle", str(settle), "--payload", str(payload), *extra]


def hd1_options(is_volatile=False, marker="ts"):
    """What wsload needs to speak to HD1. marker: the member that carries the time."""
    message = (VOLATILE if is_volatile else DURABLE).replace('"ts":', '"%s":' % marker)
    return (["--path", "/ws", "--subprotocol", "hd1.v1", "--hello", JOIN, "--ready", '"last":true',
             "--marker", '"%s":' % marker, "--message", message]
            + (["--exclude-self"] if is_volatile else []))


class Load:
    """A generator that runs beside what the caller does; result() waits for it."""

    def __init__(self, command, limit_s=180):
        self.child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                      text=True, preexec_fn=die_with_parent)
        self.name, self.until = command[0], time.monotonic() + limit_s

    def result(self):
        try:
            out, err = self.child.communicate(timeout=max(1, self.until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.communicate()
            raise RuntimeError("%s took too long" % self.name) from None
        if not out.strip():
            raise RuntimeError("%s: %s" % (self.name, err.strip()))
        return json.loads(out.strip().splitlines()[-1])

    def await_events(self, server, timeout_s=60):
        """Until the server has accepted some of its events; gives the time of that."""
        def count():
            return sum(value for name, value in server.metrics().items()
                       if name.startswith("hd1_events_total{type=\"object_")
                       and 'verdict="accepted"' in name)
        before, until = count(), time.monotonic() + timeout_s
        while count() == before:
            if time.monotonic() > until or self.child.poll() is not None:
                raise RuntimeError("no events came: %s" % self.child.poll())
            time.sleep(0.02)
        return time.monotonic()


def wsload(*args, limit_s=180, **options):
    return Load(wsload_command(*args, **options), limit_s).result()


def rest_load(server, path, *extra, method="GET", limit_s=300):
    """Runs it to its end; every answer must be a success."""
    command = [program("rest_load"), "--port", str(server.port), "--server-pid", str(server.pid),
               "--method", method, "--path", path, *[str(word) for word in extra]]
    result = Load(command, limit_s).result()
    if result["failed"]:
        raise RuntimeError("%s %s: %d failed: %s" % (method, path, result["failed"],
                                                     result["first_error"]))
    return result


def set_up(server, test):
    """One session per room, one object per publisher: client i is in room i % rooms."""
    rooms, names = test["rooms"], test["publishers"]
    rest_load(server, "/api/sessions", "--body", '{"id":"s{n}"}', "--requests", rooms,
              method="POST")
    if names:
        rest_load(server, "/api/sessions/s{session}/objects", "--sessions", rooms, "--requests",
                  names, "--body", '{"name":"c{n}","type":"cube"}', method="POST")


def others_cores(result):
    """From wsload's accounts, for a run in which this process only waited."""
    cpu = result["cpu"]
    spare = cpu["all_processes_s"] - cpu["server_s"] - cpu["client_s"]
    return max(0.0, spare) / max(result["duration_s"], 1e-3)
