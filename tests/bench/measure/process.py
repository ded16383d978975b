"""A server as a child process: HD1 on a database of its own, or the peer beside it."""

import ctypes
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile

from .paths import BENCH, CONFIG

STOP_S = 60


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: no orphans


class Process:
    """Prints `listening on http://127.0.0.1:PORT`; ended by its own pid when the block is left."""

    def __init__(self, command, env=None, log=None):
        self.log = open(log, "wb") if log else None
        self.child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True,
                                      env=dict(os.environ, **(env or {})),
                                      preexec_fn=die_with_parent)
        self.pid, self.port = self.child.pid, None
        for line in self.child.stdout:
            found = re.search(r"listening on http://127\.0\.0\.1:(\d+)", line)
            if found:
                self.port = int(found.group(1))
                return
        self.stop()
        raise RuntimeError("%s did not start%s" % (command[0], self.log_end()))

    def log_end(self):
        if not self.log:
            return ""
        with open(self.log.name, errors="replace") as log:
            return ":\n" + "".join(log.readlines()[-5:])

    def stop(self):
        self.child.terminate()
        try:
            self.child.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        self.child.stdout.close()
        if self.log:
            self.log.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    # --- what the kernel says ---

    def cpu_s(self):
        """User and system time so far, exact: of each thread in ns, of ended ones not at all."""
        total = 0
        for task in os.listdir("/proc/%d/task" % self.pid):
            try:
                with open("/proc/%d/task/%s/schedstat" % (self.pid, task)) as file:
                    total += int(file.read().split()[0])
            except FileNotFoundError:  # a thread that ended meanwhile
                pass
        return total / 1e9

    def status_bytes(self, key):
        with open("/proc/%d/status" % self.pid) as file:
            for line in file:
                if line.startswith(key + ":"):
                    return int(line.split()[1]) * 1024
        return 0

    def resident_bytes(self):
        return self.status_bytes("VmRSS")

    def descriptors(self):
        return len(os.listdir("/proc/%d/fd" % self.pid))


class Server(Process):
    """HD1. data: a folder that stays; without it the database lives as long as the block."""

    def __init__(self, binary, data=None, config=CONFIG, durability="full", parent=None,
                 env=None):
        self.folder = tempfile.mkdtemp(prefix="hd1-bench-", dir=parent)
        self.data = data or os.path.join(self.folder, "data")
        self.http = None
        try:
            super().__init__([binary, "serve", "--config", config, "--data", self.data],
                             {"HD1_DURABILITY": durability, **(env or {})},
                             os.path.join(self.folder, "server.log"))
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise

    def stop(self):
        if self.http:
            self.http.close()
        super().stop()

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def request(self, method, path, body=None):
        """On one connection that is kept; gives the body's text."""
        self.http = self.http or http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Content-Type": "application/json"} if body is not None else {}
        for attempt in (0, 1):
            try:
                self.http.request(method, path, body if body is None else json.dumps(body), headers)
                response = self.http.getresponse()
                break
            except (http.client.RemoteDisconnected, ConnectionError):  # it was idle too long
                self.http.close()
                if attempt:
                    raise
        text = response.read().decode()
        if response.status >= 300:
            raise RuntimeError("%s %s: %d %s" % (method, path, response.status, text))
        return text

    def get(self, path):
        return json.loads(self.request("GET", path))

    def post(self, path, body):
        return self.request("POST", path, body)

    def metrics(self):
        """name{labels} -> value."""
        lines = self.request("GET", "/metrics").splitlines()
        pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
        return {name: float(value) for name, value in pairs}

    def wal_bytes(self):
        path = os.path.join(self.data, "hd1.db-wal")
        return os.path.getsize(path) if os.path.exists(path) else 0


def peer(modules):
    """The room broadcast with the npm package ws, found in that node_modules folder."""
    return Process(["node", os.path.join(BENCH, "peer_ws.js")], {"NODE_PATH": modules})
