#!/usr/bin/python3
"""examples/quickstart.sh does what it prints: it starts, every line it offers works as pasted, a
port in use is said so, and Ctrl-C ends it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = "examples/quickstart.sh"
FOLDER = tempfile.TemporaryDirectory(prefix="hd1-quickstart-")
ENV = {**os.environ, "HD1_DATA": FOLDER.name}  # not the data of whoever tries it by hand
failed = 0


def case(name, is_good, text=""):
    global failed
    failed += not is_good
    print(f"{'ok' if is_good else 'not ok'} - {name}", flush=True)
    if not is_good:
        print("\n".join("# " + line for line in str(text).splitlines()[-20:]), flush=True)


def hear_interrupts():
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # who runs us in the background ignores them


def start(port, *options):
    return subprocess.Popen([SCRIPT, "--port", str(port), *options], cwd=ROOT, env=ENV, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            preexec_fn=hear_interrupts)


def shell(line):
    done = subprocess.run(["sh", "-c", line], cwd=ROOT, text=True, timeout=30,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def try_lines(text):
    """The curl lines in their order: the last two are refused, the others are not."""
    lines = [line for line in text.splitlines() if line.startswith("curl ")]
    answers = [shell(line) for line in lines]
    case("it offers at least eight lines to try", len(lines) >= 8, text)
    for index, (line, (code, out)) in enumerate(zip(lines, answers)):
        try:
            status = json.loads(out).get("status")
        except ValueError:
            status = "not JSON"
        wanted = (422, 404)[index - len(lines) + 2] if index >= len(lines) - 2 else None
        case(f"works as pasted: {line.split('/api')[-1][:60]}", (code, status) == (0, wanted),
             f"{line}\n{code} {out}")


def try_watch(text):
    line = re.search(r"^python3 .*--session solar.*$", text, re.M).group(0)
    code, out = shell(f"timeout 20 {line}")
    case("the planets can be watched", code == 0 and out.count("object_moved") > 10, out)


def run_in_background(port):
    """Returns the server's process id."""
    script = start(port, "--background")
    text, _ = script.communicate(timeout=600)
    stop = re.search(r"kill (\d+)", text)
    case("it starts in the background and says how to stop it", bool(stop), text)
    if not stop:
        sys.exit(1)
    return int(stop.group(1)), text


def main():
    port = free_port()
    pid, text = run_in_background(port)
    try:
        try_lines(text)
        try_watch(text)
        second = start(port)
        out, _ = second.communicate(timeout=60)
        is_said = second.returncode == 1 and f"port {port} is in use" in out
        case("a port in use is said so", is_said, out)
    finally:
        os.kill(pid, signal.SIGTERM)
    for _ in range(2000):
        if not Path(f"/proc/{pid}").exists():
            break
        shell("sleep 0.01")
    script = start(port)
    text = ""
    for line in script.stdout:
        text += line
        if line.startswith("Ctrl-C"):
            break
    script.send_signal(signal.SIGINT)
    rest, _ = script.communicate(timeout=30)
    case("Ctrl-C stops it", script.returncode == 130 and "stopped" in rest, text + rest)
    with socket.socket() as probe:
        case("and its server", probe.connect_ex(("127.0.0.1", port)) != 0)
    sys.exit(1 if failed else 0)


main()
