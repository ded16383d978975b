#!/usr/bin/python3
"""The soak: 30 minutes at 2000 events/s in 20 sessions of 10 clients, which join, leave, resume,
are reset, and stop reading now and then. Afterwards

  - each client saw the durable events of its session dense and in order, and all of them;
  - resident memory, descriptors, Lua memory, the write-ahead log and pending bytes did not grow:
    their trend in the second half of the time is within a bound (flat.py). In the first half the
    database grows until as much is pruned as comes in, and SQLite's caches with it.

Writes soak.csv and soak.svg into --out. Prints TAP lines. --seconds 120 is a short try, in which the
rings still fill (that takes two minutes), so that what it says of resident memory means nothing.
"""
import argparse
import os
import random
import sys
import time

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(TESTS, "bench"))

import crowd as crowds
import flat
from measure import plot
from measure.paths import BUILD
from measure.process import Server

SESSIONS, CLIENTS, OBJECTS = 20, 10, 40
DISTURB_PER_S = 8
SETTLE_S = 90
TOLERATED = ("error 404", "error 409")  # an object's state is not known after a reset
CONFIG = """local limits = { rate = 100000, burst = 100000 }
return {
  listen = { "127.0.0.1:0" }, keep = { events = 20000 },
  limits = { connections_per_address = 1000 },
  timeouts = { write_s = 30 }, -- so that those who stop are cut for what waits, not for the time
  plugins = { { "rate_limit", client = limits, address = limits, session = limits },
              "validate", "chat" },
}
"""


def prepare(server):
    for number in range(SESSIONS):
        server.post("/api/sessions", {"id": "s%d" % number})
        server.post("/api/sessions/s%d/events" % number, [
            {"type": "object_created", "data": {"object": {"name": "o%d" % i, "type": "cube"}}}
            for i in range(OBJECTS)])


def live(args, server, crowd):
    """The load, for its time; gives the samples."""
    begin = time.monotonic()
    every_s, samples, disturbed = max(0.5, args.seconds / 360), [], 0
    told_s = next_s = 0
    # Samples at even times may catch a saw's teeth (garbage, say) at ever the same place, and then
    # at another one, which looks like growth.
    chance = random.Random(args.seed)
    while (elapsed := time.monotonic() - begin) < args.seconds:
        crowd.turn()
        crowd.publish(min(int(elapsed * args.rate) - crowd.sent, 200))
        while disturbed < elapsed * DISTURB_PER_S:
            crowd.disturb()
            disturbed += 1
        if elapsed >= next_s:
            samples.append(flat.sample(server, elapsed, crowd))
            next_s = (len(samples) + chance.random()) * every_s
        if elapsed >= told_s:
            told_s += max(10, args.seconds / 60)
            last = samples[-1]
            print("# %4.0f s: %d sent, %d received, %.1f MiB resident (%.1f in rings), %d faults"
                  % (elapsed, crowd.sent, crowd.received, last["resident"] / flat.MIB,
                     last["ring"] / flat.MIB, len(crowd.faults)), flush=True)
    return samples


def say(is_good, sentence):
    print("%s - %s" % ("ok" if is_good else "not ok", sentence), flush=True)
    return is_good


def judge(args, server, crowd, samples):
    heads = {}

    def head(session_id):
        return heads[session_id]
    crowd.turn()
    time_left = time.monotonic() + SETTLE_S
    while True:  # what was sent last may still be on its way in
        before = dict(heads)
        heads.update({i: server.get("/api/sessions/" + i)["seq"]
                      for i in sorted({m.session_id for m in crowd.members})})
        late = crowd.settle(head, 5)
        if (not late and before == heads) or time.monotonic() > time_left:
            break
    errors = {what: n for what, n in crowd.counts.items()
              if what.startswith(("error", "connecting")) and not what.startswith(TOLERATED)}
    print("# " + ", ".join("%s: %d" % pair for pair in sorted(crowd.counts.items()))
          + ", cut for being slow: %d" % samples[-1]["slow_cut"])
    rate = samples[-1]["sent"] / args.seconds
    results = [
        say(not crowd.faults, "what %d clients saw is dense: %d messages%s"
            % (len(crowd.members), crowd.received, "".join("\n#   " + f
                                                           for f in crowd.faults[:10]))),
        say(not late, "all clients came to the head of their session (%d did not)" % len(late)),
        say(not errors, "nothing was refused %s" % (errors or "")),
        say(rate > 0.99 * args.rate, "the load was made: %.0f events/s" % rate)]
    results += [say(*pair) for pair in flat.judge(samples, args.seconds / 2)]
    return all(results)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=1800)
    parser.add_argument("--rate", type=int, default=2000, help="events/s (default: %(default)s)")
    parser.add_argument("--binary", default=os.path.join(BUILD, "release/hd1"))
    parser.add_argument("--dir", help="where the database is made (default: temporary folder)")
    parser.add_argument("--out", default=os.path.join(BUILD, "soak"))
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    random.seed(args.seed)
    os.makedirs(args.out, exist_ok=True)
    config = os.path.join(args.out, "soak.lua")
    with open(config, "w") as file:
        file.write(CONFIG)
    with Server(args.binary, config=config, parent=args.dir) as server:
        prepare(server)
        crowd = crowds.Crowd(server.port, SESSIONS, CLIENTS)
        try:
            samples = live(args, server, crowd)
            flat.write_csv(os.path.join(args.out, "soak.csv"), samples)
            plot.lines(os.path.join(args.out, "soak.svg"), flat.panels(samples))
            is_good = judge(args, server, crowd, samples)
        finally:
            crowd.close()
    print("1..%d" % (4 + len(flat.FLAT) + len(flat.BELOW)))
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
