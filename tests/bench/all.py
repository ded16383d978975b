#!/usr/bin/python3
"""Runs all measurements, one after the other, and writes into build/bench/ (or --out):

  results.md       every table, with the machine and the revision they were taken on
  NAME.json, .svg  each script's raw results and plot

About 40 minutes on a quiet machine, more where runs must be repeated because others disturbed them;
--quick makes each run short and single, to see whether everything works. A script that fails is
said so in results.md and the others go on. Exits with 1 if one failed, 3 if a bound was missed.
"""
import argparse
import json
import os
import subprocess
import sys
import time

from measure import report
from measure.paths import BENCH, BUILD, ROOT

# name: (arguments, those of --quick)
SCRIPTS = {
    "bench": (["--tests", "all"], ["--repeats", "1", "--seconds", "1", "--retries", "0"]),
    "bench_ingest": ([], ["--seconds", "1", "--retries", "0", "--rates", "20000,40000"]),
    "bench_rest": ([], ["--repeats", "1", "--seconds", "1", "--retries", "0"]),
    "bench_idle": ([], ["--repeats", "1", "--retries", "0"]),
    "bench_join": ([], ["--seconds", "2", "--retries", "0"]),
    "bench_slow": ([], ["--retries", "0"]),
    "bench_start": ([], ["--repeats", "1"]),
    "bench_growth": ([], ["--repeats", "1", "--seconds", "1", "--retries", "0", "--clients",
                          "10,1000", "--sessions", "1,1000"]),
    "bench_metrics": ([], ["--seconds", "2", "--retries", "0"]),
}
LIMIT_S = 3 * 3600  # of one script


def run(args, name):
    """Its exit code: 0, or report.MISSED; another one if it did not write its results."""
    command = [os.path.join(BENCH, name + ".py"), "--binary", args.binary]
    for kind in ("json", "svg"):
        path = os.path.join(args.out, "%s.%s" % (name, kind))
        command += ["--" + kind, path]
        if os.path.exists(path):
            os.unlink(path)
    usual, quick = SCRIPTS[name]
    command += usual + (quick if args.quick else [])
    command += ["--peer", args.peer] if args.peer and name == "bench" else []
    command += ["--dir", args.dir] if args.dir else []
    return subprocess.run(command, timeout=LIMIT_S).returncode


def chapter(args, name):
    with open(os.path.join(args.out, name + ".json")) as file:
        document = json.load(file)
    plot = os.path.join(args.out, name + ".svg")
    parts = ["## %s\n\n%s, revision %s, %s.\n\n" % (name, document["machine"], document["revision"],
                                                   document["time"]),
             report.markdown(document)]
    if os.path.exists(plot):
        parts.append("![](%s.svg)\n\n" % name)
    return "".join(parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(SCRIPTS), help="(default: %(default)s)")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--binary", default=os.path.join(ROOT, "build/release/hd1"))
    parser.add_argument("--peer", metavar="NODE_MODULES", type=report.node_modules,
                        help="a folder that holds ws")
    parser.add_argument("--dir", help="where databases are made")
    parser.add_argument("--out", default=os.path.join(BUILD, "bench"))
    args = parser.parse_args()
    os.makedirs(args.out, exist_ok=True)
    chapters, failed, missed = [], [], []
    for name in args.only.split(","):
        began = time.monotonic()
        print("== %s" % name, flush=True)
        try:
            code = run(args, name)
        except subprocess.TimeoutExpired:
            code = 1
        is_good = code in (0, report.MISSED)
        if not is_good:
            failed.append(name)
        elif code:
            missed.append(name)
        chapters.append(chapter(args, name) if is_good else "## %s\n\nfailed\n\n" % name)
        with open(os.path.join(args.out, "results.md"), "w") as out:
            out.write("# Measurements\n\n" + "".join(chapters).rstrip() + "\n")
        print("== %s: %s in %.0f s" % (name, "done" if is_good else "FAILED",
                                       time.monotonic() - began), flush=True)
    print("%s%s%s" % (os.path.join(args.out, "results.md"),
                      ("; failed: " + ", ".join(failed)) if failed else "",
                      ("; a bound was missed: " + ", ".join(missed)) if missed else ""))
    return 1 if failed else report.MISSED if missed else 0


if __name__ == "__main__":
    sys.exit(main())
