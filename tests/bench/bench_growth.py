#!/usr/bin/python3
"""What an event costs as the crowd grows; two plots with a logarithmic x axis.

  clients   10 to 10,000 in one session with always 20,000 deliveries/s (so 2000 to 2 events/s):
            the server's processor time per delivery
  sessions  1 to 10,000 of one client each with always 2000 events/s: the server's processor time
            per event, once published in all of them, once in 100 at most while the others rest

With few clients the cost of the event itself weighs on its few deliveries; with all sessions
active each event needs a write of its own, with few a write carries several. What must not be seen
is a line that rises with the number.
"""
import sys

from measure import load, machine, plot, report
from measure.process import Server

CLIENTS = "10,30,100,300,1000,3000,10000"
SESSIONS = "1,10,100,1000,10000"
ACTIVE = 100


def run(args, test):
    with Server(args.binary, parent=args.dir) as server:
        load.set_up(server, test)
        result = load.wsload(server.port, server.pid, test, args.seconds,
                             extra=load.hd1_options())
    return dict(result, others=load.others_cores(result))


def cost_us(result):
    return 1e6 / max(result["cpu"]["deliveries_per_server_cpu_s"], 1)


def series(args, out, rows, name, tests):
    """The medians for each (number, test), also as lines of the table."""
    points = []
    for number, test in tests:
        results = []
        for _ in range(args.repeats):
            result = machine.calm(lambda: run(args, test), args.retries, out.note)
            out.keep(series=name, number=number, result=result)
            results.append(result)
        calm = [r for r in results if not r["disturbed"]] or results
        cost = report.median(cost_us(r) for r in calm)
        points.append((number, cost))
        rows.append([name, number, test["rate"], cost, cost / points[0][1],
                     report.median(r["latency_ms"]["p99"] for r in calm),
                     report.median(r["cpu"]["server_pct"] for r in calm),
                     max(r["lost"] for r in calm),
                     "%d of %d" % (sum(r["disturbed"] for r in results), len(results))])
        out.note("%s %d: %.2f us" % (name, number, cost))
    return points


def main():
    parser = report.arguments(__doc__, repeats=3)
    parser.add_argument("--clients", default=CLIENTS, help="(default: %(default)s)")
    parser.add_argument("--sessions", default=SESSIONS, help="(default: %(default)s)")
    parser.add_argument("--deliveries", type=int, default=20000, help="per second")
    parser.add_argument("--events", type=int, default=2000, help="per second")
    parser.add_argument("--retries", type=int, default=2, help="of a disturbed run")
    args = parser.parse_args()
    out = report.Report("bench_growth", args)
    columns = ["line", "number", "events/s", "cost us", "by the first", "p99 ms", "cpu %", "lost",
               "disturbed"]
    numbers = [int(word) for word in args.clients.split(",")]
    by_clients = series(args, out, out.table("Cost per delivery, one session", columns), "clients",
                        [(n, dict(clients=n, rooms=1, publishers=1, rate=args.deliveries / n))
                         for n in numbers])
    numbers = [int(word) for word in args.sessions.split(",")]
    rows = out.table("Cost per event, one client in each session", columns)
    by_sessions = {
        name: series(args, out, rows, name, [
            (n, dict(clients=n, rooms=n, publishers=min(n, most), rate=args.events))
            for n in numbers])
        for name, most in (("all active", max(numbers)), ("%d active" % ACTIVE, ACTIVE))}
    if args.svg:
        plot.lines(args.svg, [
            ("server CPU per delivery, us", "clients in one session", {"clients": by_clients},
             True),
            ("server CPU per event, us", "sessions", by_sessions, True)])
    return out.finish()


if __name__ == "__main__":
    sys.exit(main())
