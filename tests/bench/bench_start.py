#!/usr/bin/python3
"""Starting with 1,000,000 objects in 10,000 sessions in the database: the time from exec to
`listening on`, and resident memory then, against an empty database.

The database is made by SQL through schema/sql, as creating each object would have left it (event
rows too; --bare leaves them out but for each session's last), and kept in build/bench/ for the next
time. "cold": the kernel is asked to forget the database's pages before (POSIX_FADV_DONTNEED).
"""
import glob
import hashlib
import os
import sqlite3
import sys
import time

from measure import plot, report
from measure.paths import BUILD, ROOT
from measure.process import Server

APPLICATION_ID = 0x48443101
CREATED_MS = int(time.time() * 1000)
MUST_MS = 300
MEMORY_SLACK_MB = 4  # independent of what is not loaded: at most so much more than empty


def migrations():
    return sorted(glob.glob(os.path.join(ROOT, "schema/sql/*.sql")))


def cached_folder(args):
    """Named by all that decides what is in it."""
    digest = hashlib.sha256()
    for path in migrations():
        with open(path, "rb") as file:
            digest.update(file.read())
    return os.path.join(BUILD, "bench", "start-%d-%d%s-%s" % (
        args.objects, args.sessions, "-bare" if args.bare else "", digest.hexdigest()[:8]))


def rows_of_session(key, count, is_bare):
    """(objects, events): event 1 makes the session, each later one an object."""
    objects, events = [], [(key, 1, "session_created", '{"session_id":"s%d"}' % key)]
    for number in range(count):
        body = ('{"name":"o%d","type":"cube","x":1.25,"y":0.5,"z":-3,"scale":1,"color":"#aabbcc"}'
                % number)
        objects.append((key, "o%d" % number, number + 2, CREATED_MS, body))
        events.append((key, number + 2, "object_created",
                       '{"object":%s,"session_id":"s%d"}' % (body, key)))
    return objects, events[-1:] if is_bare else events


def make(args, folder, note):
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, "hd1.db")
    if os.path.exists(path + ".part"):  # of a run that was stopped
        os.remove(path + ".part")
    db = sqlite3.connect(path + ".part", isolation_level=None)
    db.execute("PRAGMA journal_mode=OFF")
    db.execute("PRAGMA synchronous=OFF")
    for number, file in enumerate(migrations(), 1):
        with open(file) as sql:
            db.executescript(sql.read())
        db.execute("PRAGMA user_version=%d" % number)
    db.execute("PRAGMA application_id=%d" % APPLICATION_ID)
    db.execute("BEGIN")
    each = args.objects // args.sessions
    for key in range(1, args.sessions + 1):
        objects, events = rows_of_session(key, each, args.bare)
        db.execute("INSERT INTO sessions (key, id, created_ms, objects_seq, world)"
                   " VALUES (?, ?, ?, ?, '{}')", (key, "s%d" % key, CREATED_MS, each + 1))
        db.execute("INSERT INTO epochs (session, first_seq, epoch) VALUES (?, 1, ?)",
                   (key, "e-%08d" % key))
        db.executemany("INSERT INTO objects (session, name, version, time_ms, body)"
                       " VALUES (?, ?, ?, ?, ?)", objects)
        db.executemany("INSERT INTO events (session, seq, type, body, time_ms)"
                       " VALUES (?, ?, ?, ?, %d)" % CREATED_MS, events)
        if key % (args.sessions // 10 or 1) == 0:
            note("making the database: %d of %d sessions" % (key, args.sessions))
    db.execute("COMMIT")
    db.execute("PRAGMA journal_mode=WAL")
    db.close()
    os.rename(path + ".part", path)


def forget(path):
    """Asks the kernel to drop the file from its cache."""
    with open(path, "rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def start(args, data, is_cold):
    if is_cold:
        forget(os.path.join(data, "hd1.db"))
    begin = time.monotonic()
    with Server(args.binary, data=data) as server:
        ms = 1000 * (time.monotonic() - begin)
        result = dict(ms=ms, memory=server.resident_bytes())
        if data:
            result["objects"] = server.get("/api/sessions/s1")["objects"]
    return result


def main():
    parser = report.arguments(__doc__, repeats=5)
    parser.add_argument("--objects", type=int, default=1000000)
    parser.add_argument("--sessions", type=int, default=10000)
    parser.add_argument("--bare", action="store_true", help="one event per session")
    args = parser.parse_args()
    out = report.Report("bench_start", args)
    folder = cached_folder(args)
    if not os.path.exists(os.path.join(folder, "hd1.db")):
        make(args, folder, out.note)
    size = os.path.getsize(os.path.join(folder, "hd1.db")) / 1e6
    rows = out.table("From exec to listening, %d objects in %d sessions (%.0f MB), medians of %d"
                     % (args.objects, args.sessions, size, args.repeats),
                     ["database", "ms", "longest", "must", "is", "memory MB", "must", "is"])
    empty_mb = None
    for name, data, is_cold in (("empty", None, False), ("full, warm", folder, False),
                                ("full, cold", folder, True)):
        results = [start(args, data, is_cold) for _ in range(args.repeats)]
        for result in results:
            out.keep(database=name, result=result)
            out.note("%s: %.0f ms, %.1f MB" % (name, result["ms"], result["memory"] / 1e6))
            if data and result["objects"] != args.objects // args.sessions:
                raise RuntimeError("session s1 has %d objects" % result["objects"])
        ms = report.median(r["ms"] for r in results)
        memory = report.median(r["memory"] / 1e6 for r in results)
        must = (MUST_MS, empty_mb + MEMORY_SLACK_MB) if data else (None, None)
        rows.append([name, ms, max(r["ms"] for r in results), must[0],
                     report.judge(ms, must[0], is_least=False), memory, must[1],
                     report.judge(memory, must[1], is_least=False)])
        empty_mb = empty_mb or memory
    if args.svg:
        plot.bars(args.svg, "ms from exec to listening", [(row[0], "hd1", row[1]) for row in rows])
    return out.finish()


if __name__ == "__main__":
    sys.exit(main())
