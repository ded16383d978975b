#!/usr/bin/python3
"""Slow clients: 500 in one session, 150 durable events/s of about 1 KB. First all read; then 50 of
them, whose receive buffers are small, stop reading for good.

Measured: p99 of the other 450 in both cases, the time from the stop until the server has cut the
first and the last of the 50 and has let go of their connections (its own counts in /metrics, every
50 ms), and the growth of its resident memory against 50 x queue_bytes. wsload is the 450, this
program the 50. Before the server can notice anything, the kernel's send buffers must be full.
"""
import sys
import time

from measure import load, machine, plot, report, ws
from measure.process import Server

QUEUE_BYTES = 1 << 20  # the default
CUT_S = 10
LIMIT_S = 40  # after which those not cut are given up
CUT_METRIC = "hd1_slow_clients_cut_total"
OPEN_METRIC = 'hd1_connections{kind="websocket"}'


class Stoppers:
    """They join and read along until stop()."""

    def __init__(self, server, count, receive_buffer):
        self.poll = ws.Poll()
        self.clients = [ws.Client(server.port, receive_buffer) for _ in range(count)]
        for client in self.clients:
            self.poll.add(client, client)
            client.send("join", {"session_id": "s0"})

    def read_until(self, until):
        while time.monotonic() < until:
            for client in self.poll.ready(max(0, min(0.05, until - time.monotonic()))):
                client.messages()

    def close(self):
        for client in self.clients:
            self.poll.remove(client)
            client.close()


def start_load(args, server, marker):
    test = dict(clients=args.clients - args.stop, rooms=1, publishers=1, rate=args.rate)
    return load.Load(load.wsload_command(
        server.port, server.pid, test, args.seconds, payload=1000,
        extra=load.hd1_options(marker=marker)), limit_s=args.seconds + 90)


def phase_reading(args, server, stoppers):
    generator = start_load(args, server, "t1")
    while generator.child.poll() is None:
        stoppers.read_until(time.monotonic() + 0.1)
    return generator.result()


def phase_stopped(args, server, stoppers):
    """wsload's result with cut_s and freed_s (of each), resident (before, most, end)."""
    generator = start_load(args, server, "t2")
    begin = generator.await_events(server) + 1.3  # its warm-up
    stoppers.read_until(begin)
    stopped_at = time.monotonic()
    first, resident = server.metrics(), [server.resident_bytes()]
    cut_s, freed_s, until = [], [], stopped_at + LIMIT_S
    while time.monotonic() < until and (len(freed_s) < args.stop or generator.child.poll() is None):
        time.sleep(0.05)  # the pace of the sampling
        now, metrics = time.monotonic() - stopped_at, server.metrics()
        resident.append(server.resident_bytes())
        cut_s += [now] * int(metrics[CUT_METRIC] - first[CUT_METRIC] - len(cut_s))
        if generator.child.poll() is None and now < args.seconds - 0.5:  # its own are still there
            freed_s += [now] * int(first[OPEN_METRIC] - metrics[OPEN_METRIC] - len(freed_s))
        elif metrics[OPEN_METRIC] == 0:
            freed_s += [now] * (args.stop - len(freed_s))
    result = generator.result()
    return dict(result, cut_s=cut_s, freed_s=freed_s,
                resident=[resident[0], max(resident), resident[-1]])


def run(args):
    with Server(args.binary, parent=args.dir) as server:
        load.set_up(server, dict(rooms=1, publishers=1))
        others = machine.Others(server.pid)
        stoppers = Stoppers(server, args.stop, args.receive_buffer)
        reading = phase_reading(args, server, stoppers)
        stopped = phase_stopped(args, server, stoppers)
        stoppers.close()
        return dict(reading=reading, stopped=stopped, others=others.read())


def main():
    parser = report.arguments(__doc__, seconds=12)
    parser.add_argument("--clients", type=int, default=500)
    parser.add_argument("--stop", type=int, default=50, help="how many of them stop")
    parser.add_argument("--rate", type=int, default=150, help="events/s (default: %(default)s)")
    parser.add_argument("--receive-buffer", type=int, default=4096, metavar="BYTES")
    parser.add_argument("--retries", type=int, default=2, help="of a disturbed run")
    args = parser.parse_args()
    ws.raise_descriptor_limit(args.stop + 100)
    out = report.Report("bench_slow", args)
    result = machine.calm(lambda: run(args), args.retries, out.note)
    out.keep(result=result)
    reading, stopped = result["reading"], result["stopped"]
    rows = out.table("The %d clients that read, %d events/s of 1 KB"
                     % (args.clients - args.stop, args.rate),
                     ["the other %d" % args.stop, "p50 ms", "p99 ms", "max ms", "lost", "cpu %"])
    for name, part in (("read", reading), ("stop", stopped)):
        rows.append([name, *[part["latency_ms"][q] for q in ("p50", "p99", "max")], part["lost"],
                     part["cpu"]["server_pct"]])
    before, most, end = stopped["resident"]
    bound = args.stop * QUEUE_BYTES / 1e6
    doubt = "?" if result["disturbed"] else ""
    p99_bound = 1.25 * reading["latency_ms"]["p99"] + 1
    cut, freed = (list_ + [None] * (args.stop - len(list_))
                  for list_ in (stopped["cut_s"], stopped["freed_s"]))
    rows = out.table("The %d that stop" % args.stop, ["what", "value", "must", "is"])
    rows += [["p99 of the others, ms", stopped["latency_ms"]["p99"], p99_bound,
              report.judge(stopped["latency_ms"]["p99"], p99_bound, is_least=False, doubt=doubt)],
             ["cut", len(stopped["cut_s"]), args.stop,
              report.judge(len(stopped["cut_s"]), args.stop, doubt=doubt)],
             ["first cut after, s", cut[0], None, ""],
             ["last cut after, s", cut[-1], CUT_S, report.judge(cut[-1], CUT_S, is_least=False, doubt=doubt)],
             ["last connection freed after, s", freed[-1], None, ""],
             ["memory growth at most, MB", (most - before) / 1e6, bound,
              report.judge((most - before) / 1e6, bound, is_least=False, doubt=doubt)],
             ["memory growth at the end, MB", (end - before) / 1e6, None, ""],
             ["disturbed", "yes" if result["disturbed"] else "no", None, ""]]
    if args.svg:
        plot.bars(args.svg, "p99 of the others, ms", [
            ("all read", "hd1", reading["latency_ms"]["p99"]),
            ("%d stopped" % args.stop, "hd1", stopped["latency_ms"]["p99"])])
    return out.finish()


if __name__ == "__main__":
    sys.exit(main())
