#!/usr/bin/python3
"""Joining a world of 20,000 objects while events flow.

10 clients publish 500 durable events/s in the session. Beside them, in runs of their own on the
same server: nobody joins; one joiner at a time; 200 at once. A join is timed from its message to
the page with "last":true (Python reads: it takes a part of the machine and of the time). The p99
is that of the 10 clients over the whole run. Memory is sampled every 20 ms: the joiners share one
snapshot if it grows by less than a tenth of a snapshot for each.
"""
import sys
import time

from measure import load, machine, plot, report, ws
from measure.process import Server

OBJECT = {"type": "cube", "x": 1.25, "y": 0.5, "z": -3, "color": "#aabbcc", "note": "as they are"}
LAST = b'"last":true'
SESSION = "s0"
SHARE = 0.1  # joiners share a snapshot if they take less memory than a tenth of one for each
JOIN_TARGET, P99_TARGET = (200, 100), (15, None)
LIMIT_S = 120


def fill(server, test, objects):
    load.set_up(server, test)
    events = [{"type": "object_created", "data": {"object": {"name": "o%d" % i, **OBJECT}}}
              for i in range(objects - test["publishers"])]
    for at in range(0, len(events), 1000):
        server.post("/api/sessions/%s/events" % SESSION, events[at:at + 1000])


class Joiner:
    """Looks at the bytes only: a page is not parsed."""

    def __init__(self, server, poll):
        self.client, self.tail, self.bytes, self.end = ws.Client(server.port), b"", 0, None
        poll.add(self.client, self)

    def join(self):
        self.begin = time.monotonic()
        self.client.send("join", {"session_id": SESSION})

    def read(self):
        piece = self.client.read() or b""
        self.bytes += len(piece)
        if self.end is None and LAST in self.tail + piece:
            self.end = time.monotonic()
        self.tail = piece[-len(LAST):]

    @property
    def ms(self):
        return 1000 * (self.end - self.begin)


def join(server, count, resident):
    """So many at once; gives them when all are complete. resident: samples are added."""
    poll = ws.Poll()
    joiners = [Joiner(server, poll) for _ in range(count)]
    for joiner in joiners:
        joiner.join()
    left, until, sample_at = count, time.monotonic() + LIMIT_S, 0
    while left:
        for joiner in poll.ready(0.02):
            joiner.read()
            if joiner.end is not None:
                poll.remove(joiner.client)
                joiner.client.close()
                left -= 1
        if time.monotonic() > sample_at:
            resident.append(server.resident_bytes())
            sample_at = time.monotonic() + 0.02
        if time.monotonic() > until:
            raise RuntimeError("%d of %d joins were not done in %d s" % (left, count, LIMIT_S))
    return joiners


def run(args, server, test, number, count):
    """
    One load with joins of `count` at once in it: wsload's result with joins, resident, others. Each
    load has a marker of its own: objects keep what earlier ones wrote.
    """
    others = machine.Others(server.pid)
    resident = [server.resident_bytes()]
    generator = load.Load(load.wsload_command(
        server.port, server.pid, test, args.seconds,
        extra=load.hd1_options(marker="t%d" % number)), limit_s=args.seconds + LIMIT_S)
    begin = generator.await_events(server) + 1.2  # its warm-up
    joins = []
    time.sleep(max(0, begin - time.monotonic()))
    while count and time.monotonic() < begin + args.seconds - 0.5:
        joins.append(join(server, count, resident))
        if count > 1:
            break
        time.sleep(0.2)  # the pace of single joiners
    result = generator.result()
    result.update(joins=joins, resident=resident, others=others.read())
    return result


def row_of(name, count, result):
    every = [joiner for joiners in result["joins"] for joiner in joiners]
    whole = [max(j.end for j in joiners) - min(j.begin for j in joiners)
             for joiners in result["joins"]]
    took = report.median(1000 * seconds for seconds in whole)
    p99 = result["latency_ms"]["p99"]
    must, p99_must = (JOIN_TARGET, P99_TARGET) if count == 1 else ((None, None), (None, None))
    size = report.median(j.bytes / 1e6 for j in every)
    growth = (max(result["resident"]) - result["resident"][0]) / 1e6
    is_shared = "" if count < 2 else "yes" if growth < SHARE * count * size else "no"
    return [name, len(result["joins"]), took, max(whole) * 1000 if whole else None, *must,
            report.judge(took, *must, is_least=False), size, p99, *p99_must,
            report.judge(p99, *p99_must, is_least=False), result["latency_ms"]["max"],
            result["lost"], growth, is_shared, result["cpu"]["server_pct"],
            "yes" if result["disturbed"] else "no"]


def main():
    parser = report.arguments(__doc__, seconds=6)
    parser.add_argument("--objects", type=int, default=20000)
    parser.add_argument("--joiners", type=int, default=200)
    parser.add_argument("--rate", type=int, default=500, help="events/s (default: %(default)s)")
    parser.add_argument("--retries", type=int, default=2, help="of a disturbed run")
    args = parser.parse_args()
    ws.raise_descriptor_limit(args.joiners + 100)
    out = report.Report("bench_join", args)
    test = dict(clients=10, rooms=1, publishers=10, rate=args.rate)
    rows = out.table("Joining %d objects while %d events/s flow" % (args.objects, args.rate),
                     ["joiners", "times", "complete ms", "longest", "must", "reach", "is",
                      "MB each", "others' p99 ms", "must", "reach", "is", "max ms", "lost", "memory +MB",
                      "shared", "cpu %", "disturbed"])
    number = 0
    with Server(args.binary, parent=args.dir) as server:
        fill(server, test, args.objects)
        out.note("world of %d objects: server %.1f MB" % (args.objects,
                                                          server.resident_bytes() / 1e6))
        for name, count in (("none", 0), ("1 at a time", 1),
                            ("%d at once" % args.joiners, args.joiners)):
            def once():
                nonlocal number
                number += 1
                return run(args, server, test, number, count)
            result = machine.calm(once, args.retries, out.note)
            rows.append(row_of(name, count, result))
            out.note("%s: complete in %s ms, others' p99 %.2f ms" % (
                name, report.text_of(rows[-1][2]), result["latency_ms"]["p99"]))
            out.keep(joiners=count, rows=rows[-1], joins_ms=[[j.ms for j in joiners] for joiners
                                                             in result.pop("joins")], result=result)
        out.remark("Memory at the end: %.1f MB." % (server.resident_bytes() / 1e6))
    if args.svg:
        plot.bars(args.svg, "time until the snapshot is complete, ms; p99 of the others, ms",
                  [(row[0], "join", row[2]) for row in rows if row[2] is not None]
                  + [(row[0], "p99", row[8]) for row in rows])
    return out.finish()


if __name__ == "__main__":
    sys.exit(main())
