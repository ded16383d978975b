"""A real server as a child process: its own data directory, port 0, ended by its pid."""

import asyncio
import ctypes
import http.client
import json
import os
import re
import resource
import shutil
import signal
import socket
import tempfile
import time
from pathlib import Path

from hd1_client import TIMEOUT_S, Client

ROOT = Path(__file__).resolve().parents[2]
START_S = 60.0
STOP_S = 60.0
CONFIG = 'return { plugins = { "validate", "chat" } }\n'
SAMPLE = re.compile(r"^([a-z_0-9]+(?:\{.*\})?) (\S+)$")
SANITIZER = re.compile(
    r"ERROR: (Address|Leak|Thread)Sanitizer|WARNING: ThreadSanitizer|runtime error:")


def binary():
    return os.environ.get("HD1_BINARY") or str(ROOT / "build" / "dev" / "hd1")


async def run_hd1(*arguments, cwd=None, env=None, program=None):
    """A command of hd1 (or of that program) that ends by itself: (exit code, stdout, stderr). env:
    further environment."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("HD1_")}
    process = await asyncio.create_subprocess_exec(
        program or binary(), *map(str, arguments), env={**clean, **(env or {})}, cwd=cwd,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE)
    try:
        out, err = await asyncio.wait_for(process.communicate(), 120)
    except asyncio.TimeoutError:
        process.kill()
        raise AssertionError(f"hd1 {arguments} did not end") from None
    return process.returncode, out.decode(), err.decode()


async def until(predicate, timeout=TIMEOUT_S, what="a condition"):
    """Waits until predicate() (plain or async) is true; returns what it gave."""
    deadline = time.monotonic() + timeout
    while True:
        value = predicate()
        if asyncio.iscoroutine(value):
            value = await value
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout} s for {what}")
        await asyncio.sleep(0.01)


def equal(actual, expected, what="values"):
    """An assertion that says what it saw."""
    assert actual == expected, f"{what}: {actual!r} instead of {expected!r}"


class Response:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers  # names in lower case
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.body[:300]!r}>"


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def _die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: no orphans


class Server:
    """
    config: text of the configuration file (None: no --config); args: further arguments of `serve`;
    env: further environment; descriptors: its soft and hard limit of them. The data directory lives
    as long as the object; restart() finds it.
    """

    last_log = []  # of the server that failed last, for the runner's report

    def __init__(self, config=CONFIG, args=(), env=None, descriptors=None):
        self.folder = Path(tempfile.mkdtemp(prefix="hd1-test-"))
        self.data = self.folder / "data"
        self.config = config
        self.args = list(args)
        self.env = dict(env or {})
        self.descriptors = descriptors
        self.program = binary()
        self.process = None
        self.urls = []
        self.port = None
        self._log_lines = []
        self._log_read = 0  # bytes of the log file that are in _log_lines
        self.clients = []
        self.exit_code = None
        self.is_failed = False
        self._tasks = []

    # --- life ---

    async def start(self, port=0):
        """Starts it and waits until it listens."""
        self.urls, self.exit_code = [], None
        command = [self.program, "serve", "--listen", f"127.0.0.1:{port}", "--data", str(self.data)]
        if self.config is not None:
            file = self.folder / "hd1.lua"
            file.write_text(self.config)
            command += ["--config", str(file)]
        env = {k: v for k, v in os.environ.items() if not k.startswith("HD1_")}
        env.setdefault("ASAN_OPTIONS", "abort_on_error=0:detect_leaks=1")
        env.setdefault("UBSAN_OPTIONS", "print_stacktrace=1")
        if "stop_s" not in (self.config or ""):
            env["HD1_TIMEOUTS_STOP_S"] = str(int(STOP_S * 2 / 3))
        env.update(self.env)
        with self._log_file.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *command, *self.args, cwd=str(self.folder), env=env, limit=1 << 20,
                stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
                stderr=log, preexec_fn=self._prepare_child)
        self._tasks = [asyncio.create_task(self._read_stdout())]
        await until(lambda: self.urls or self.process.returncode is not None, START_S,
                    "`listening on` from the server")
        if not self.urls:
            await asyncio.gather(*self._tasks)
            self.exit_code = self.process.returncode
            raise AssertionError(f"the server refused to start ({self.exit_code}): {self.log[-5:]}")
        return self

    def _prepare_child(self):
        _die_with_parent()
        if self.descriptors:
            resource.setrlimit(resource.RLIMIT_NOFILE, self.descriptors)

    async def refuse_to_start(self):
        """Starts it and expects that it ends by itself; returns (exit code, stderr's text)."""
        before = len(self.log)
        try:
            await self.start()
        except AssertionError:
            if self.exit_code is None:
                raise
            return self.exit_code, "\n".join(self.log[before:])
        raise AssertionError("the server started, though it should have refused")

    async def _read_stdout(self):
        async for line in self.process.stdout:
            text = line.decode("utf-8", "replace").rstrip("\n")
            found = re.match(r"listening on (\S+)", text)
            if found:
                self.urls.append(found.group(1))
                port = re.search(r":(\d+)$", found.group(1))
                if port and len(self.urls) == 1:
                    self.port = int(port.group(1))

    @property
    def _log_file(self):
        return self.folder / "server.log"

    @property
    def log(self):
        """
        Lines of stderr, over all starts. It is a file and not a pipe: what the server logged
        before an answer left is there when the answer has come.
        """
        if self._log_file.exists():
            with self._log_file.open("rb") as file:
                file.seek(self._log_read)
                whole, newline, _ = file.read().rpartition(b"\n")
            self._log_read += len(whole) + len(newline)
            if newline:
                self._log_lines += whole.decode("utf-8", "replace").split("\n")
        return self._log_lines

    @property
    def pid(self):
        return self.process.pid

    @property
    def url(self):
        return self.urls[0]

    def is_running(self):
        return self.process is not None and self.process.returncode is None

    async def _ended(self, timeout):
        try:
            await asyncio.wait_for(self.process.wait(), timeout)
        except asyncio.TimeoutError:
            self.process.kill()
            await self.process.wait()
            raise AssertionError(f"the server did not end within {timeout} s") from None
        finally:
            await asyncio.gather(*self._tasks, return_exceptions=True)
            self.exit_code = self.process.returncode

    async def stop(self, is_checked=True):
        """SIGTERM; waits until it is gone; checks that it went in peace."""
        if not self.is_running():
            return
        self.process.send_signal(signal.SIGTERM)
        await self._ended(STOP_S)
        if is_checked:
            self.check()
            assert self.exit_code == 0, f"exit code {self.exit_code}: {self.log[-5:]}"

    async def wait_end(self, timeout=STOP_S):
        """Waits until it ends by itself; returns the exit code."""
        await self._ended(timeout)
        return self.exit_code

    async def kill(self):
        """SIGKILL, as a crash would."""
        if self.is_running():
            self.process.kill()
            await self._ended(STOP_S)

    async def restart(self, is_killed=False, same_port=False):
        """Down and up again on the same data directory. Clients must be connected anew."""
        if is_killed:
            await self.kill()
        else:
            await self.stop()
        return await self.start(self.port if same_port else 0)

    def check(self):
        """No sanitizer has complained, and no client saw events out of order."""
        for index, line in enumerate(self.log):
            assert not SANITIZER.search(line), "\n".join(self.log[index:index + 40])
        for client in self.clients:
            assert not client.faults, f"{client.name}: {client.faults[:3]}"

    async def close(self, is_checked):
        """Ends the server, checks it, removes its folder (HD1_KEEP keeps it after a failure)."""
        try:
            for client in self.clients:
                if client.close_code is None:
                    client.abort()
            await asyncio.gather(*[c._reader for c in self.clients], return_exceptions=True)
            if is_checked:
                await self.stop()
                self.check()
            else:
                await self.kill()
        except BaseException:
            self.is_failed = True
            raise
        finally:
            if self.is_failed:
                Server.last_log = self.log[-30:]
            if self.is_failed and os.environ.get("HD1_KEEP"):
                print(f"# kept {self.folder}")
            else:
                shutil.rmtree(self.folder, ignore_errors=True)

    # --- talking to it ---

    async def client(self, name="client", path="/ws", **options):
        """A WebSocket client that got its welcome; path "/ws/demo" joins at once (see joined())."""
        client = await Client.connect(f"ws://127.0.0.1:{self.port}{path}", name, **options)
        self.clients.append(client)
        return client

    async def joined(self, session_id, *names):
        """Clients that are in the session, one per name."""
        clients = []
        for name in names:
            client = await self.client(name)
            await client.join(session_id)
            clients.append(client)
        return clients

    async def http(self, method, path, body=None, headers=None, timeout=TIMEOUT_S, by=None):
        """
        One request on its own connection; a dict or list becomes JSON. by: the path of a Unix
        socket to send it to instead.
        """
        def call():
            sent = dict(headers or {})
            payload = body
            if isinstance(body, (dict, list)):
                payload = json.dumps(body)
                sent.setdefault("Content-Type", "application/json")
            if isinstance(payload, str):
                payload = payload.encode()
            connection = (UnixConnection(by, timeout) if by else
                          http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout))
            try:
                connection.request(method, path, payload, sent)
                answer = connection.getresponse()
                return Response(answer.status, {k.lower(): v for k, v in answer.getheaders()},
                                answer.read())
            finally:
                connection.close()
        return await asyncio.to_thread(call)

    async def get(self, path, **options):
        return await self.http("GET", path, **options)

    async def metrics(self):
        """{name{labels}: value} of GET /metrics, which has no line of another form."""
        found = {}
        for line in (await self.get("/metrics")).body.decode().splitlines():
            if not line.startswith("#"):
                match = SAMPLE.match(line)
                assert match and match[1] not in found, line
                found[match[1]] = float(match[2])
        return found

    async def post(self, path, body=None, **options):
        return await self.http("POST", path, {} if body is None else body, **options)

    async def admin(self, method, path, **options):
        """A request to the listener for administration."""
        return await self.http(method, path, by=self.data / "admin.sock", **options)

    async def reload(self, is_checked=True, discard_state=False):
        """POST /api/admin/reload; its answer's JSON. is_checked: it must have worked."""
        answer = await self.admin("POST", "/api/admin/reload"
                                  + ("?discard_state=true" if discard_state else ""), body="")
        assert not is_checked or answer.status == 200, answer
        return answer.json

    async def create_session(self, session_id, **members):
        """POST /api/sessions; returns the session's detail."""
        answer = await self.post("/api/sessions", {"id": session_id, **members})
        assert answer.status == 201, answer
        return answer.json

    async def create_object(self, session_id, name, **members):
        answer = await self.post(f"/api/sessions/{session_id}/objects",
                                 {"name": name, "type": "cube", **members})
        assert answer.status == 201, answer
        return answer.json

    async def history(self, session_id, since=0, limit=1000):
        """All events after since, page by page."""
        events = []
        while True:
            query = f"since={since}&limit={limit}"
            answer = await self.get(f"/api/sessions/{session_id}/events?{query}")
            assert answer.status == 200, answer
            items = answer.json["items"]
            events += items
            if not items or answer.json.get("next") is None:
                return events
            since = items[-1]["seq"]

    async def raw(self, data, timeout=TIMEOUT_S):
        """Sends bytes over TCP; returns what came until the server closed or time was over."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        got = bytearray()
        try:
            writer.write(data)
            async with asyncio.timeout(timeout):
                while piece := await reader.read(65536):
                    got += piece
        except (TimeoutError, ConnectionError):
            pass
        finally:
            writer.close()
        return bytes(got)

    async def wait_log(self, pattern, timeout=TIMEOUT_S):
        """Waits for a line of the log that matches; returns it."""
        expression = re.compile(pattern)

        def find():
            return next((line for line in self.log if expression.search(line)), None)
        return await until(find, timeout, f"a log line like {pattern}")

    def resident_bytes(self):
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        return 0

    def descriptor_count(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))
