#!/usr/bin/python3
"""10,000 clients that join and then rest: the server's resident memory for each of them, and how
many can join per second (128 joins under way at a time; the generator shares the machine).

The second table splits the memory: a shim (owned.c, preloaded) counts the bytes of the heap by who
asked for them. "HD1" is what its own code allocated, "libraries" what others did on its behalf
(libwebsockets, libuv, Lua, SQLite); both with the allocator's rounding. The rest of the resident
memory is stacks, pages not given back, and fragmentation. The shim slows joins; the first table is
made without it.

They rest for 20 s before either is read: what a join leaves behind in plugins (buckets
that fill up again, boxes, garbage) is given back once a second.
"""
import mmap
import os
import struct
import sys
import tempfile
import time

from measure import load, machine, plot, report
from measure.paths import shared_object
from measure.process import Server

MEMORY_TARGET, OWN_TARGET, JOINS_TARGET = (2048, 1536), (300, None), (5000, None)


def run(args):
    test = dict(clients=args.clients, rooms=args.rooms, publishers=0, rate=1)
    with Server(args.binary, parent=args.dir) as server:
        load.set_up(server, test)
        result = load.wsload(server.port, server.pid, test, 0.2, settle=load.REST_S,
                             extra=load.hd1_options())
    return dict(result, others=load.others_cores(result))


def heap(path):
    """Bytes now: (HD1's, the libraries')."""
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 16, prot=mmap.PROT_READ) as shared:
        return struct.unpack("qq", shared[:16])


def run_owned(args):
    """Heap bytes for each client while all are joined: (HD1's, the libraries')."""
    test = dict(clients=args.clients, rooms=args.rooms, publishers=0, rate=1)
    path = os.path.join(args.dir or tempfile.gettempdir(), "hd1-owned-%d" % os.getpid())
    with open(path, "wb") as file:
        file.write(b"\0" * 16)
    try:
        with Server(args.binary, parent=args.dir,
                    env={"LD_PRELOAD": shared_object("owned"), "HD1_OWNED": path}) as server:
            load.set_up(server, test)
            before = heap(path)
            generator = load.Load(load.wsload_command(server.port, server.pid, test, 0.2,
                                                      settle=load.REST_S + 5,
                                                      extra=load.hd1_options()))
            until = time.monotonic() + 90
            while server.metrics()["hd1_clients"] < args.clients and time.monotonic() < until:
                time.sleep(0.1)
            time.sleep(load.REST_S)  # within the time it lets them settle
            after = heap(path)
            generator.result()
    finally:
        os.unlink(path)
    return [(now - then) / args.clients for now, then in zip(after, before)]


def main():
    parser = report.arguments(__doc__, repeats=5)
    parser.add_argument("--clients", type=int, default=10000)
    parser.add_argument("--rooms", type=int, default=100)
    parser.add_argument("--retries", type=int, default=2, help="of a disturbed run")
    args = parser.parse_args()
    out = report.Report("bench_idle", args)
    results = []
    for _ in range(args.repeats):
        result = machine.calm(lambda: run(args), args.retries, out.note)
        out.keep(result=result)
        out.note("%.0f bytes/client, %.0f joins/s, others %.2f"
                 % (result["mem"]["rss_per_conn_b"], result["connect"]["per_s"], result["others"]))
        results.append(result)
    calm = [r for r in results if not r["disturbed"]] or results
    memory = report.median(r["mem"]["rss_per_conn_b"] for r in calm)
    joins = report.median(r["connect"]["per_s"] for r in calm)
    cost = report.median(1e6 * r["connect"]["server_cpu_s"] / r["connect"]["ok"] for r in calm)
    rows = out.table("%d clients in %d sessions, medians of %d (%d disturbed)" % (
        args.clients, args.rooms, len(results), sum(r["disturbed"] for r in results)),
        ["what", "value", "must", "reach", "is"])
    rows += [["resident bytes for each", memory, *MEMORY_TARGET,
              report.judge(memory, *MEMORY_TARGET, is_least=False)],
             ["joins/s", joins, *JOINS_TARGET, report.judge(joins, *JOINS_TARGET)],
             ["server CPU us per join", cost, None, None, ""],
             ["join p99 ms, 128 under way",
              report.median(r["connect"]["p99_ms"] for r in calm), None, None, ""],
             ["failed", max(r["connect"]["failed"] for r in calm), 0, None,
              report.judge(max(r["connect"]["failed"] for r in calm), 0, is_least=False)]]
    own, libraries = run_owned(args)
    out.keep(own=own, libraries=libraries)
    rows = out.table("Heap bytes for each client, by who asked for them",
                     ["what", "value", "must", "is"])
    rows += [["HD1", own, OWN_TARGET[0], report.judge(own, *OWN_TARGET, is_least=False)],
             ["libraries", libraries, None, ""]]
    if args.svg:
        plot.bars(args.svg, "bytes for each client", [
            ("resident", "all", memory), ("heap", "HD1", own), ("heap", "libraries", libraries)])
    return out.finish()


if __name__ == "__main__":
    sys.exit(main())
