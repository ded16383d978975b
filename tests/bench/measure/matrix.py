"""The fan-out tests: their loads, their targets, one run of each against HD1 or the peer ws."""

import threading
import time

from .load import DURABLE, REST_S, Load, hd1_options, others_cores, set_up, wsload, wsload_command
from .process import Server, peer

TESTS = {
    "t1": dict(clients=100, rooms=1, publishers=1, rate=1000),
    "t2": dict(clients=1000, rooms=1, publishers=1, rate=100),
    "t3": dict(clients=500, rooms=50, publishers=500, rate=5000),
    "t4": dict(clients=1000, rooms=100, publishers=1000, rate=10000),
    "t4half": dict(clients=1000, rooms=100, publishers=1000, rate=5000),
    "ingest": dict(clients=50, rooms=50, publishers=50, rate=60000),
    "ingestv": dict(clients=50, rooms=50, publishers=50, rate=150000),
    "idle": dict(clients=5000, rooms=50, publishers=0, rate=1),
    "idle10k": dict(clients=10000, rooms=100, publishers=0, rate=1),
}
# D of uWebSockets by that of ws in the same run (it was measured beside ws on another day).
UWS_BY_WS = {"t1": 174 / 107, "t2": 149 / 88, "t3": 114 / 82, "t4": 124 / 101}
# d: D by that of uWebSockets; p99 in ms; rate in accepted events/s; memory in bytes per client.
TARGETS = {
    "t1": dict(d=(1.8, 2.5), p99=(8, None)),
    "t1v": dict(d=(1.5, None)),
    "t2": dict(d=(0.8, 1.1), p99=(16, None)),
    "t2v": dict(d=(0.95, 1.1), p99=(16, None)),
    "t3": dict(d=(0.65, 0.9), p99=(8, None)),
    "t3v": dict(d=(0.9, 1.1)),
    "t4": dict(d=(0.8, None), p99=(25, 15)),
    "t4v": dict(p99=(6, None)),
    "t4half": dict(p99=(10, None)),
    "ingest": dict(rate=(60000, 150000), p99=(50, None)),
    "ingestv": dict(rate=(150000, None)),
    "idle10k": dict(memory=(2048, 1536)),
}


def load_of(name):
    return TESTS.get(name) or TESTS[name[:-1]]


def is_volatile(name):
    return name.endswith("v")


def has_peer(name):
    return name.rstrip("v") in UWS_BY_WS


class AcceptedRate(threading.Thread):
    """
    Accepted events per second by the server's own count, for events that nobody is sent: read()
    gives the rate between warm-up and the end of the load.
    """

    def __init__(self, server, warmup, seconds):
        super().__init__(daemon=True)
        self.server, self.warmup, self.seconds = server, warmup, seconds
        self.samples, self.is_over = [], threading.Event()
        self.start()

    def run(self):
        while not self.is_over.wait(0.1):
            metrics = self.server.metrics()
            count = metrics.get('hd1_events_total{type="object_moved",verdict="accepted"}', 0)
            self.samples.append((time.monotonic(), count))

    def read(self):
        self.is_over.set()
        self.join()
        begin = next((t for t, count in self.samples if count), None)
        if begin is None:
            return 0.0
        begin += self.warmup
        inside = [s for s in self.samples if begin <= s[0] <= begin + self.seconds]
        (t0, n0), (t1, n1) = inside[0], inside[-1]
        return (n1 - n0) / max(t1 - t0, 1e-3)


def run_hd1(args, name, rate=None):
    """One run on a fresh database; wsload's result with "others" and "rate"."""
    test = dict(load_of(name))
    test["rate"] = rate or test["rate"]
    with Server(args.binary, durability=args.durability, parent=args.dir) as server:
        set_up(server, test)
        settle_s = 1.0 if test["publishers"] else REST_S
        load = Load(wsload_command(server.port, server.pid, test, args.seconds, settle=settle_s,
                                   extra=hd1_options(is_volatile(name))))
        if name == "ingestv":
            accepted = AcceptedRate(server, 1.0, args.seconds)
            result = load.result()
            result["rate"] = accepted.read()
            result["latency_ms"] = dict.fromkeys(result["latency_ms"])
        else:
            result = load.result()
            result["rate"] = result["msgs_per_s"]
            if name == "ingest":  # everybody is sent his own
                result["rate"] = min(result["deliveries_per_s"], result["msgs_per_s"])
    result["others"] = others_cores(result)
    return result


def run_peer(args, name):
    """The same load; it knows no volatile events and sends everything to everybody."""
    with peer(args.peer) as server:
        result = wsload(server.port, server.pid, load_of(name), args.seconds,
                        extra=["--path", "/room/%r", "--message", DURABLE])
    result["rate"] = result["msgs_per_s"]
    result["others"] = others_cores(result)
    return result


def figures(result):
    latency = result["latency_ms"] if result["publishers"] else dict(p50=None, p99=None)
    return dict(deliveries=result["deliveries_per_s"], rate=result["rate"],
                d=result["cpu"]["deliveries_per_server_cpu_s"] or None,
                p50=latency["p50"], p99=latency["p99"],
                cpu=result["cpu"]["server_pct"], lost=result["lost"],
                memory=result["mem"]["rss_per_conn_b"] if not result["publishers"] else None,
                others=result["others"])
