#!/usr/bin/python3
"""How many events per second HD1 takes in when there is nobody else to deliver to: 50 sessions of
one client each. Rates rise (--rates) until one is not kept up with.

A durable rate is kept when nothing is lost, 98 % of it comes back to the senders in the measured
time and p99 stays under 50 ms. A volatile rate is kept when the server counts 98 % of it as
accepted in the measured time; volatile events are not sent back, so they have no latency here. A
rate that the generator itself cannot make (it uses a core of its own) is said so.
"""
import sys

from measure import machine, matrix, plot, report

RATES = "20000,40000,60000,80000,100000,120000,150000,200000,250000"
P99_MS = 50


def judge_run(result, rate):
    """kept, behind, or the reason why the generator was the limit."""
    if result["msgs_per_s"] < 0.98 * rate:
        return "generator"
    p99 = result["latency_ms"]["p99"]
    is_late = p99 is not None and p99 > P99_MS
    return "behind" if result["lost"] or result["rate"] < 0.98 * rate or is_late else "kept"


def climb(args, out, name, rows):
    """Rates of one kind, until two in a row were not kept; (rate, accepted) to draw."""
    drawn, failures, best = [], 0, 0
    for rate in (int(word) for word in args.rates.split(",")):
        result = machine.calm(lambda: matrix.run_hd1(args, name, rate), args.retries, out.note)
        said = judge_run(result, rate)
        out.keep(test=name, rate=rate, result=result)
        out.note("%s at %d/s: accepted %.0f/s, p99 %s ms, server %.0f %%: %s"
                 % (name, rate, result["rate"], report.text_of(result["latency_ms"]["p99"]),
                    result["cpu"]["server_pct"], said))
        rows.append([name, rate, result["rate"], result["latency_ms"]["p99"], result["lost"],
                     result["cpu"]["server_pct"], result["send_lag_ms"]["p99"], said,
                     "yes" if result["disturbed"] else "no"])
        drawn.append((rate, result["rate"]))
        best = max(best, rate) if said == "kept" else best
        failures = 0 if said == "kept" else failures + 1
        if failures == 2:
            break
    return drawn, best


def main():
    parser = report.arguments(__doc__)
    parser.add_argument("--rates", default=RATES, help="events/s (default: %(default)s)")
    parser.add_argument("--durability", default="full", choices=("full", "process"))
    parser.add_argument("--retries", type=int, default=2, help="of a disturbed run")
    args = parser.parse_args()
    out = report.Report("bench_ingest", args)
    rows = out.table("Ingest at rising rates", ["test", "rate", "accepted/s", "p99 ms", "lost",
                                                "cpu %", "send lag p99 ms", "is", "disturbed"])
    best = out.table("Highest rate kept", ["test", "events/s", "must", "reach", "is"])
    drawn = {}
    for name in ("ingest", "ingestv"):
        drawn[name], rate = climb(args, out, name, rows)
        must, reach = matrix.TARGETS[name]["rate"]
        best.append([name, rate, must, reach, report.judge(rate, must, reach)])
    if args.svg:
        plot.lines(args.svg, [("events accepted per second", "events sent per second", drawn)])
    return out.finish()


if __name__ == "__main__":
    sys.exit(main())
