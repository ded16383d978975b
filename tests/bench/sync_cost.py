#!/usr/bin/python3
"""What the disk alone does: appends so many bytes and syncs them, every few ms, as the writer does
under load (t3 and t4 write some 100 to 400 KB in a commit). No server: what is slow here is slow in
every durable test, and is not the server's.
"""
import argparse
import os
import sys
import tempfile
import time


def syncs(folder, size, every_s, seconds):
    """Milliseconds of each fdatasync."""
    took, piece = [], b"x" * size
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        until = time.monotonic() + seconds
        while (begin := time.monotonic()) < until:
            file.write(piece)
            before = time.perf_counter()
            os.fdatasync(file.fileno())
            took.append(1000 * (time.perf_counter() - before))
            time.sleep(max(0, begin + every_s - time.monotonic()))  # the pace of the load
    return sorted(took)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dir", help="where (default: the temporary folder)")
    parser.add_argument("--seconds", type=float, default=8, help="each (default: %(default)s)")
    parser.add_argument("--every", type=float, default=6, metavar="MS", help="(default: %(default)s)")
    parser.add_argument("--sizes", default="20000,100000,400000", help="(default: %(default)s)")
    args = parser.parse_args()
    for size in map(int, args.sizes.split(",")):
        took = syncs(args.dir, size, args.every / 1000, args.seconds)
        print("%7d bytes: %5d syncs, p50 %.2f, p99 %.2f, max %.1f ms, %d over 20 ms" % (
            size, len(took), took[len(took) // 2], took[int(0.99 * len(took))], took[-1],
            sum(ms > 20 for ms in took)), flush=True)


if __name__ == "__main__":
    sys.exit(main())
