"""What the soak samples, and how it judges that something does not grow."""

import csv
import os
import statistics

MIB = 1 << 20
RING_MAX = 64 * MIB  # the server's bound
PENDING_MAX = 64 * MIB
# name: (title, how much the trend may grow from the end of the warm-up to the end). Half an hour
# without a leak showed 0.7 MiB of memory, which goes up and down by as much, and nothing of the rest.
FLAT = {
    "resident_less_ring": ("resident memory less the rings", 2 * MIB),
    "descriptors_besides": ("descriptors besides connections", 2),
    "lua": ("memory of the Lua states", 96 * 1024),
    "wal": ("write-ahead log", MIB),
    "pending": ("pending bytes", 64 * 1024),
}
# Garbage comes and goes within a second: what is judged is the least of so many samples.
LEAST_OF = {"lua": 12}
BELOW = {"ring": ("memory of the rings", RING_MAX + MIB), "pending": ("pending bytes", PENDING_MAX)}


def sample(server, elapsed_s, crowd):
    metrics = server.metrics()

    def total(prefix):
        return sum(value for name, value in metrics.items() if name.startswith(prefix))
    resident, connections = server.resident_bytes(), total("hd1_connections{")
    descriptors, ring = server.descriptors(), metrics["hd1_ring_bytes"]
    database = os.path.getsize(os.path.join(server.data, "hd1.db"))
    return dict(time_s=round(elapsed_s, 1), resident=resident, ring=int(ring),
                resident_less_ring=int(resident - ring), descriptors=descriptors,
                connections=int(connections), descriptors_besides=int(descriptors - connections),
                lua=int(total("hd1_plugin_memory_bytes")), wal=server.wal_bytes(),
                database=database, pending=int(metrics["hd1_pending_bytes"]),
                slow_cut=int(metrics["hd1_slow_clients_cut_total"]), sent=crowd.sent,
                received=crowd.received, cpu_s=round(metrics["process_cpu_seconds_total"], 2))


def write_csv(path, samples):
    with open(path, "w", newline="") as out:
        writer = csv.DictWriter(out, samples[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(samples)


def trend(points):
    """The growth per unit of x: the median of the slopes between points half the way apart (after
    Theil and Sen), which neither a peak nor a saw's teeth move."""
    half = len(points) // 2
    return statistics.median((y2 - y1) / (x2 - x1)
                             for (x1, y1), (x2, y2) in zip(points, points[half:]))


def least_of_each(points, count):
    return [min(points[i:i + count], key=lambda point: point[1])
            for i in range(0, len(points), count)]


def judge(samples, warm_up_s):
    """(is good, sentence) for each bound."""
    steady = [s for s in samples if s["time_s"] >= warm_up_s]
    lasting_s = steady[-1]["time_s"] - steady[0]["time_s"]
    for name, (title, bound) in FLAT.items():
        points = least_of_each([(s["time_s"], s[name]) for s in steady], LEAST_OF.get(name, 1))
        growth = lasting_s * trend(points)
        yield growth <= bound, "%s: flat (%d at the median, a trend of %+d in %d s; at most %d)" % (
            title, statistics.median(value for _, value in points), growth, lasting_s, bound)
    for name, (title, bound) in BELOW.items():
        most = max(s[name] for s in samples)
        yield most <= bound, "%s: bounded (%d at most; %d)" % (title, most, bound)


def panels(samples):
    """For plot.lines()."""
    def line(name, scale=1):
        return [(s["time_s"] / 60, s[name] / scale) for s in samples]
    return [("memory, MiB", "minutes", {"resident": line("resident", MIB),
                                        "rings": line("ring", MIB)}, False),
            ("memory of the Lua states, KiB", "minutes", {"lua": line("lua", 1024)}, False),
            ("descriptors", "minutes", {"all": line("descriptors"),
                                        "besides connections": line("descriptors_besides")},
             False),
            ("files, MiB", "minutes", {"write-ahead log": line("wal", MIB),
                                       "database": line("database", MIB)}, False),
            ("pending, KiB", "minutes", {"pending": line("pending", 1024)}, False)]
