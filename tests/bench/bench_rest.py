#!/usr/bin/python3
"""REST over keep-alive connections (64, one request outstanding on each): durable creations per
second (POST of objects with unique names) and reads per second (GET of one object), with the
server's processor time. rest_load, one file of C, makes the load; it shares the machine.

Each figure is the median of --repeats runs, each on a fresh database. --pipeline N keeps N
requests outstanding on each connection instead of one.
"""
import sys

from measure import load, machine, plot, report
from measure.process import Server

OBJECT = '{"name":"o{n}","type":"cube","x":1.25,"y":0.5,"z":-3,"color":"#aabbcc"}'
PATH = "/api/sessions/s{session}/objects"
TARGETS = {"create": (5000, 15000), "read": (20000, 40000)}


def run(args, kind):
    names = 100 * args.sessions  # what there is to read
    common = ["--connections", args.connections, "--depth", args.pipeline, "--sessions",
              args.sessions]
    timed = ["--duration", args.seconds]
    with Server(args.binary, durability=args.durability, parent=args.dir) as server:
        load.rest_load(server, "/api/sessions", "--body", '{"id":"s{n}"}', "--requests",
                       args.sessions, method="POST")
        if kind == "read":
            load.rest_load(server, PATH, "--body", OBJECT, "--requests", names, "--sessions",
                           args.sessions, method="POST")
        others = machine.Others(server.pid)
        if kind == "create":
            result = load.rest_load(server, PATH, "--body", OBJECT, *common, *timed, method="POST")
        else:
            result = load.rest_load(server, PATH + "/o{n}", "--names", names, *common, *timed)
        result["others"] = others.read()
    return result


def main():
    parser = report.arguments(__doc__, repeats=5)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--pipeline", type=int, default=1, metavar="N")
    parser.add_argument("--sessions", type=int, default=10)
    parser.add_argument("--durability", default="full", choices=("full", "process"))
    parser.add_argument("--retries", type=int, default=2, help="of a disturbed run")
    args = parser.parse_args()
    out = report.Report("bench_rest", args)
    rows = out.table("REST, %d connections, %d outstanding on each, %d sessions, medians of %d"
                     % (args.connections, args.pipeline, args.sessions, args.repeats),
                     ["work", "per s", "must", "reach", "is", "per server CPU s", "p50 ms",
                      "p99 ms", "max ms", "server cpu %", "generator cpu %", "disturbed"])
    for kind in TARGETS:
        results = []
        for _ in range(args.repeats):
            result = machine.calm(lambda: run(args, kind), args.retries, out.note)
            out.keep(work=kind, result=result)
            out.note("%-6s %8.0f/s  p99 %.2f ms  others %.2f"
                     % (kind, result["per_s"], result["latency_ms"]["p99"], result["others"]))
            results.append(result)
        calm = [r for r in results if not r["disturbed"]] or results
        rate = report.median(r["per_s"] for r in calm)
        rows.append([kind, rate, *TARGETS[kind], report.judge(rate, *TARGETS[kind]),
                     report.median(r["cpu"]["per_server_cpu_s"] for r in calm),
                     *[report.median(r["latency_ms"][q] for r in calm)
                       for q in ("p50", "p99", "max")],
                     *[report.median(100 * r["cpu"][who] / r["seconds"] for r in calm)
                       for who in ("server_s", "client_s")],
                     "%d of %d" % (sum(r["disturbed"] for r in results), len(results))])
    if args.svg:
        plot.bars(args.svg, "requests per second", [(row[0], "hd1", row[1]) for row in rows])
    return out.finish()


if __name__ == "__main__":
    sys.exit(main())
