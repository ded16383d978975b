#!/usr/bin/python3
"""The listener for administration: who may use it, what is served there, and `hd1 reload`."""

import asyncio
import os
import re
import socket
import stat
import subprocess
import sys
from http.client import HTTPConnection

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from hd1 import TIMEOUT_S, binary, equal, run, scene

CONFIG = 'return { plugins = { "chat" }, admin = %s }'


def sock(server):
    return server.data / "admin.sock"


async def raw(path, request):
    """Sends bytes by the Unix socket; the first line and all that came."""
    reader, writer = await asyncio.open_unix_connection(str(path))
    writer.write(request)
    async with asyncio.timeout(TIMEOUT_S):
        text = (await reader.read()).decode()
    writer.close()
    return text.split("\r\n")[0], text


@scene("it is a socket of its own, for its owner alone, and gone when the server stops")
async def _(server):
    mode = os.stat(sock(server)).st_mode
    assert stat.S_ISSOCK(mode), oct(mode)
    equal(stat.S_IMODE(mode), 0o600)
    equal(len(server.urls), 1, "what is announced to clients")
    await server.stop()
    assert not sock(server).exists()


@scene("what a crash left over is replaced")
async def _(server):
    await server.kill()
    assert sock(server).exists()
    await server.start()
    equal((await server.admin("GET", "/api/admin")).status, 200)


@scene("administration and health are served there, the world is not")
async def _(server):
    listed = (await server.admin("GET", "/api/admin")).json["items"]
    assert {"POST /api/admin/reload"} <= {f"{i['method']} {i['path']}" for i in listed}, listed
    for item in listed:
        if item["method"] == "GET":
            equal((await server.admin("GET", item["path"])).status, 200, item["path"])
    for path in ("/", "/api/sessions", "/api/plugins", "/api/event-types"):
        answer = await server.admin("GET", path)
        equal((answer.status, answer.json["code"]), (404, "not_found"), path)
        assert "/api/admin" in answer.json["detail"], answer
    answer = await server.admin("GET", "/api/admin/reload")
    equal((answer.status, answer.headers["allow"]), (405, "POST, OPTIONS"))
    answer = await server.admin("POST", "/api/admin/reload?discard_state=perhaps", body="")
    equal((answer.status, answer.json["code"]), (400, "invalid_request"))
    first, text = await raw(sock(server), b"GET /ws HTTP/1.1\r\nHost: localhost\r\n"
                            b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
                            b"Sec-WebSocket-Version: 13\r\n"
                            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
    equal(first, "HTTP/1.1 404 Not Found", text)


@scene("elsewhere there is no administration")
async def _(server):
    for method, path in (("GET", "/api/admin"), ("POST", "/api/admin/reload")):
        answer = await server.http(method, path, body="" if method == "POST" else None)
        equal((answer.status, answer.json["code"]), (404, "not_found"), path)


@scene("a full server can be administered", config='return { plugins = {}, '
       'limits = { connections = 2 } }')
async def _(server):
    await server.client("romeo")
    await server.client("juliet")
    assert (await server.raw(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")).startswith(
        b"HTTP/1.1 503")
    equal((await server.reload())["generation"], 2)


@scene("it can be switched off", config=CONFIG % "false")
async def _(server):
    assert not sock(server).exists()
    equal((await server.get("/healthz")).status, 200)


def tcp(port, method, path, headers):
    connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    connection.request(method, path, "" if method == "POST" else None, headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


@scene("over TCP only this machine may, and no web page", config=(
    'return { plugins = {}, admin = "127.0.0.1:0", origins = { "https://world.example.org" } }'))
async def _(server):
    assert not sock(server).exists()
    port = int(re.search(r":(\d+)$", await server.wait_log("msg=administration")).group(1))
    for headers, status in (
            ({}, 200), ({"Origin": f"http://127.0.0.1:{port}"}, 200),
            ({"Host": "world.example.org"}, 403), ({"Host": "evil.example"}, 403),
            ({"Origin": "https://world.example.org"}, 403), ({"Origin": "http://evil.test"}, 403)):
        equal(await asyncio.to_thread(tcp, port, "POST", "/api/admin/reload", headers), status,
              headers)
    equal(await asyncio.to_thread(tcp, port, "GET", "/api/sessions", {}), 404)


@scene("an address that others reach, and what is none, refuse to start", start=False)
async def _(server):
    for admin, word in (("0.0.0.0:0", "other machines"), ("192.0.2.1:80", "other machines"),
                        ("nonsense", "unix:PATH"), ("unix:" + "x" * 120, "107 bytes")):
        server.config = CONFIG % f'"{admin}"'
        code, log = await server.refuse_to_start()
        equal(code, 1 if admin.startswith("unix") else 78, admin)
        assert word in log, log
    server.config = CONFIG % "true"
    code, log = await server.refuse_to_start()
    equal(code, 78)
    assert "hd1.lua:1: admin is true, but must be a text, or false" in log, log


# --- hd1 reload ---

async def command(*arguments):
    """`hd1 reload`: exit code, standard output, standard error."""
    def call():
        env = {k: v for k, v in os.environ.items() if not k.startswith("HD1_")}
        done = subprocess.run([binary(), "reload", *arguments], env=env, text=True, timeout=TIMEOUT_S,
                              capture_output=True, check=False)
        return done.returncode, done.stdout, done.stderr
    return await asyncio.to_thread(call)


@scene("hd1 reload says what came of it", start=False)
async def _(server):
    folder = server.folder / "plugins"
    folder.mkdir()
    text = 'return { name = "mine", version = "%s", api = 1, setup = function() return {\n' \
           "  save = function() return { 1 } end, restore = function() end } end }"
    (folder / "mine.lua").write_text(text % "1.0.0")
    server.config = (f'return {{ plugin_path = "{folder}", plugins = {{ "mine" }},\n'
                     f'  data = "{server.data}" }}')
    await server.start()
    (folder / "mine.lua").write_text(text % "2.0.0")
    code, out, err = await command("--data", str(server.data))
    equal((code, out, err), (0, "reloaded: generation 2\n  mine 2.0.0, with its state\n", ""))
    file = server.folder / "hd1.lua"
    file.write_text(server.config.replace("data =", "queue_messages = 999, data ="))
    code, out, err = await command("--config", str(file), "--discard-state")
    equal((code, out, err), (0, "reloaded: generation 3\n  mine 2.0.0\nchanged, but only a restart "
                                "takes it over: queue_messages\n", ""))
    (folder / "mine.lua").write_text(text % "3.0.0" + "\n)")
    code, out, err = await command("--admin", f"unix:{sock(server)}")
    equal((code, out), (1, ""))
    assert err.startswith("not reloaded: 1 fault; nothing was changed (422)\n"), err
    assert f"{folder}/mine.lua:3: " in err, err


@scene("hd1 reload says when there is nobody", server=None)
async def _():
    code, _, err = await command("--data", "/nowhere")
    equal(code, 1)
    assert "unix:/nowhere/admin.sock: No such file" in err and "is a server running" in err, err
    with socket.socket() as deaf:  # has the port, and does not listen
        deaf.bind(("127.0.0.1", 0))
        equal((await command("--admin", f"127.0.0.1:{deaf.getsockname()[1]}"))[0], 1)
    equal((await command("--admin", "nonsense"))[0], 1)
    equal((await command("--adnim", "x"))[0], 2)


run()
