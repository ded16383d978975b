#!/usr/bin/python3
"""Measures HD1's fan-out and, beside it in the same run, a plain room broadcast with the npm
package ws.

  t1       one session, 100 clients, 1 publisher, 1000 durable events/s
  t2       one session, 1000 clients, 1 publisher, 100 events/s
  t3       50 sessions of 10 clients, all publish, 5000 events/s
  t4       100 sessions of 10 clients, all publish, 10,000 events/s
  t4half   the same at half the rate
  t1v..t4v the same with volatile events (object_moved)
  ingest   50 sessions of one client each, 60,000 durable events/s: nobody else to deliver to
  ingestv  the same, 150,000 volatile events/s; the rate is by the server's own count
  idle     5000 joined clients in 50 sessions: bytes of the server's memory for each
  idle10k  10,000 in 100
  all      those with a target in the issue: t1..t4, t1v..t4v, t4half, ingest, ingestv, idle10k

HD1 and ws take turns, so that both see the same minutes; a run during which other processes used
more than 0.15 core is made again, up to twice. D is deliveries per CPU second of the server;
D/uWS derives from D/ws (see README.md). The load generator shares the machine: latency holds its
own queueing too.
"""
import sys

from measure import machine, matrix, plot, report

ALL = "t1,t2,t3,t4,t4half,t1v,t2v,t3v,t4v,ingest,ingestv,idle10k"
COLUMNS = ["test", "server", "deliveries/s", "D", "D/ws", "D/uWS", "must", "reach", "D is",
           "p99 ms", "must", "reach", "p99 is", "lost", "lost is", "p50 ms", "cpu %", "disturbed"]


def progress(name, who, result):
    f = matrix.figures(result)
    return ("%-7s %-3s  D %9s  p50 %7s ms  p99 %7s ms  %8.0f events/s  lost %d"
            "  others %.2f  slow %.1f %%  memory x%.1f%s"
            % (name, who, *[report.text_of(f[key]) for key in ("d", "p50", "p99")], f["rate"],
               f["lost"], f["others"], 100 * result["slow"], result["memory"],
               "  DISTURBED" if result["disturbed"] else ""))


def measure(args, out, name):
    """The runs of one test: {who: [result, ...]}, in pairs."""
    runs = {}
    for _ in range(args.repeats):
        for who, run in (("hd1", matrix.run_hd1), ("ws", matrix.run_peer)):
            if who == "ws" and not (args.peer and matrix.has_peer(name)):
                continue
            result = machine.calm(lambda: run(args, name), args.retries, out.note)
            out.keep(test=name, who=who, result=result)
            out.note(progress(name, who, result))
            runs.setdefault(who, []).append(result)
    return runs


def middle(results):
    """Medians of the calm runs; of all if none was."""
    calm = [result for result in results if not result["disturbed"]] or results
    rows = [matrix.figures(result) for result in calm]
    middles = {key: report.median(row[key] for row in rows) for key in rows[0]}
    return dict(middles, lost=max(row["lost"] for row in rows))


def ratios(name, runs):
    """D by the peer's of the same minutes: (by ws, by uWebSockets)."""
    if "ws" not in runs:
        return None, None
    pairs = [(one, two) for one, two in zip(runs["hd1"], runs["ws"])]
    calm = [pair for pair in pairs if not any(r["disturbed"] for r in pair)] or pairs
    by_ws = report.median(matrix.figures(one)["d"] / matrix.figures(two)["d"] for one, two in calm)
    return by_ws, by_ws / matrix.UWS_BY_WS[name.rstrip("v")]


def must_lose_nothing(name, who):
    """Volatile events may be skipped for who is behind."""
    return 0 if who == "hd1" and name in matrix.TARGETS and not matrix.is_volatile(name) else None


def rows_of(name, runs):
    """The table's lines of one test; (who, D) to draw."""
    targets = matrix.TARGETS.get(name, {})
    for who, results in runs.items():
        f = middle(results)
        d_must, d_reach = targets.get("d", (None, None)) if who == "hd1" else (None, None)
        p_must, p_reach = targets.get("p99", (None, None)) if who == "hd1" else (None, None)
        by_ws, by_uws = ratios(name, runs) if who == "hd1" else (None, None)
        doubt = "?" if all(result["disturbed"] for result in results) else ""
        yield [name, who, f["deliveries"], f["d"], by_ws, by_uws, d_must, d_reach,
               report.judge(by_uws, d_must, d_reach, doubt=doubt), f["p99"], p_must, p_reach,
               report.judge(f["p99"], p_must, p_reach, is_least=False, doubt=doubt), f["lost"],
               report.judge(f["lost"], must_lose_nothing(name, who), is_least=False), f["p50"],
               f["cpu"], "%d of %d" % (sum(r["disturbed"] for r in results), len(results))]


def more_tables(out, taken):
    """Accepted rates and memory, which only some tests are about."""
    for key, title in (("rate", "Events accepted per second, nobody else to deliver to"),
                       ("memory", "Resident bytes for each joined client")):
        names = [name for name in taken if key in matrix.TARGETS.get(name, {}) or
                 (key == "memory" and name.startswith("idle"))]
        if not names:
            continue
        rows = out.table(title, ["test", "median", "must", "reach", "is"])
        for name in names:
            f = middle(taken[name]["hd1"])
            must, reach = matrix.TARGETS.get(name, {}).get(key, (None, None))
            # A load generator's clock is not exact to the last event.
            value = f[key] * 1.005 if key == "rate" else f[key]
            rows.append([name, f[key], must, reach,
                         report.judge(value, must, reach, is_least=key == "rate")])


def main():
    parser = report.arguments(__doc__, repeats=5)
    parser.add_argument("--tests", default="t1,t2,t3,t4,idle", help="(default: %(default)s)")
    parser.add_argument("--peer", metavar="NODE_MODULES", type=report.node_modules,
                        help="a folder that holds ws")
    parser.add_argument("--durability", default="full", choices=("full", "process"))
    parser.add_argument("--retries", type=int, default=2, help="of a disturbed run")
    args = parser.parse_args()
    out = report.Report("bench", args)
    names = (ALL if args.tests == "all" else args.tests).split(",")
    rows = out.table("Fan-out, medians of %d, durability %s" % (args.repeats, args.durability),
                     COLUMNS)
    taken, drawn = {}, []
    for name in names:
        taken[name] = measure(args, out, name)
        rows += rows_of(name, taken[name])
        drawn += [(name, who, middle(results)["d"]) for who, results in taken[name].items()]
    more_tables(out, taken)
    if args.svg:
        plot.bars(args.svg, "deliveries per CPU second of the server",
                  [row for row in drawn if row[2]])
    return out.finish()


if __name__ == "__main__":
    sys.exit(main())
