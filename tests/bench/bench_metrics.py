#!/usr/bin/python3
"""What /metrics being always on costs at 10,000 events/s (t4).

The counting cannot be switched off, and two builds differ by more than the 3 % in question from one
minute to the next, so it is added up: metric_cost, one file of C, measures one counter, one
histogram_add() and one reading of the clock; a run of t4 says how often each of them happens (from
the figures' own counts); their products, by the processor time of that run, are the share. Every
clock that is read for a figure or for the watchdog counts in full, though some readings serve both:
it is an upper bound for warm caches. The answering of /metrics itself is measured beside it: the server's
processor time for 200 of them, as if asked every 15 s.
"""
import json
import subprocess
import sys
import threading
import time

from measure import load, machine, matrix, plot, report
from measure.paths import program
from measure.process import Server

MUST_PERCENT = 3
SCRAPES, SCRAPE_EVERY_S = 200, 15


def total(metrics, prefix):
    return sum(value for name, value in metrics.items() if name.startswith(prefix))


def watch(server, load_, seconds, samples):
    """/metrics and processor time at the beginning and the end of the measured seconds."""
    begin = load_.await_events(server) + 1.2
    for at in (begin, begin + seconds):
        time.sleep(max(0, at - time.monotonic()))
        samples.append((time.monotonic(), server.cpu_s(), server.metrics()))


def run(args):
    test = matrix.TESTS["t4"]
    with Server(args.binary, parent=args.dir) as server:
        load.set_up(server, test)
        generator = load.Load(load.wsload_command(server.port, server.pid, test, args.seconds + 1,
                                                  extra=load.hd1_options()))
        samples = []
        watcher = threading.Thread(target=watch, args=(server, generator, args.seconds, samples))
        watcher.start()
        result = generator.result()
        watcher.join()
        before = server.cpu_s()
        for _ in range(SCRAPES):
            server.metrics()
        scrape_ms = 1000 * (server.cpu_s() - before) / SCRAPES
    return dict(others=load.others_cores(result), samples=samples, scrape_ms=scrape_ms)


def per_second(samples, prefix):
    (t0, _, before), (t1, _, after) = samples
    return (total(after, prefix) - total(before, prefix)) / (t1 - t0)


def parts(samples):
    """(what, times per second, counters, histograms, clocks) for each."""
    def rate(prefix):
        return per_second(samples, prefix)
    return [("event: type and verdict, durable or not", rate("hd1_events_total{"), 4, 0, 2),
            ("hook: calls, time", rate("hd1_plugin_calls_total{"), 2, 0, 2),
            # As if no write carried several; the clock is read for each session's 10 clients.
            ("delivery: events, bytes", rate("hd1_deliveries_total"), 2, 0, 2 / 10),
            ("batch: events, commit time", rate("hd1_batches_total"), 3, 2, 4),
            ("round: busy time", rate("hd1_round_seconds_count"), 9, 1, 6)]


def main():
    parser = report.arguments(__doc__, seconds=6)
    parser.add_argument("--retries", type=int, default=2, help="of a disturbed run")
    args = parser.parse_args()
    out = report.Report("bench_metrics", args)
    done = subprocess.run([program("metric_cost")], stdout=subprocess.PIPE, text=True, check=True)
    cost = json.loads(done.stdout)
    out.note("one counter %(counter)s ns, histogram %(histogram)s ns, clock %(clock)s ns" % cost)
    result = machine.calm(lambda: run(args), args.retries, out.note)
    out.keep(cost=cost, result=result)
    (t0, cpu0, _), (t1, cpu1, _) = result["samples"]
    cores = (cpu1 - cpu0) / (t1 - t0)
    rows = out.table("Counting, share of the server's processor time (%.0f %% of a core)"
                     % (100 * cores), ["what", "times/s", "us per s", "% of the server", "must",
                                       "is"])
    sum_us = 0
    for what, times, counters, histograms, clocks in parts(result["samples"]):
        us = times * (counters * cost["counter"] + histograms * cost["histogram"]
                      + clocks * cost["clock"]) / 1000
        rows.append([what, times, us, us / (cores * 1e4), None, ""])
        sum_us += us
    scrape_us = 1000 * result["scrape_ms"] / SCRAPE_EVERY_S
    rows.append(["answering /metrics every %d s (%.2f ms)" % (SCRAPE_EVERY_S, result["scrape_ms"]),
                 1 / SCRAPE_EVERY_S, scrape_us, scrape_us / (cores * 1e4), None, ""])
    share = (sum_us + scrape_us) / (cores * 1e4)
    rows.append(["all", None, sum_us + scrape_us, share, MUST_PERCENT,
                 report.judge(share, MUST_PERCENT, is_least=False,
                              doubt="?" if result["disturbed"] else "")])
    if args.svg:
        plot.bars(args.svg, "us of each second", [(row[0].split(":")[0].split(" ")[0], "", row[2])
                                                  for row in rows])
    return out.finish()


if __name__ == "__main__":
    sys.exit(main())
