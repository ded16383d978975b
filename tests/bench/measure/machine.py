"""What the machine is, how steady it is, and how much of it others used meanwhile."""

import json
import os
import platform
import resource
import subprocess
import time

from .paths import BUILD, program

DISTURBED_CORES = 0.15
# Of the time: so much of it leaves its mark on a p99.
DISTURBED_SLOW = 0.01
# Times what a step through memory takes on this machine at its best.
DISTURBED_MEMORY = 2.0
BEST_STEP = os.path.join(BUILD, "bench_step_ns")
PACE_MS = 500
CLK_TCK = os.sysconf("SC_CLK_TCK")


def describe():
    with open("/proc/cpuinfo") as file:
        models = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return "%d cores (%s), %.0f GiB, Linux %s" % (os.cpu_count(), models[0] if models else "?",
                                                  memory / 2**30, platform.release())


def process_cpu_s(pid):
    """With the children it has waited for; 0 for one that is gone."""
    try:
        with open("/proc/%s/stat" % pid) as file:
            fields = file.read().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(int(field) for field in fields[11:15]) / CLK_TCK


def all_cpu_s():
    return sum(process_cpu_s(name) for name in os.listdir("/proc") if name.isdigit())


def own_cpu_s():
    """Of this process and the children it has waited for."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


class Others:
    """
    Cores that processes besides this one, its children and the given server used between its
    making and read(). Children of this process must have been waited for by then.
    """

    def __init__(self, server_pid):
        self.server_pid = server_pid
        self.before = self._sample()

    def _sample(self):
        return (time.monotonic(), all_cpu_s(), own_cpu_s(), process_cpu_s(self.server_pid))

    def read(self):
        seconds, everyone, own, server = (now - then for now, then
                                          in zip(self._sample(), self.before))
        return max(0.0, everyone - own - server) / max(seconds, 1e-3)


def best_step_ns(step_ns):
    """The least that was ever seen in this folder, this one included."""
    try:
        with open(BEST_STEP) as file:
            best = float(file.read())
    except (FileNotFoundError, ValueError):
        best = step_ns
    if step_ns <= best:
        with open(BEST_STEP, "w") as file:
            file.write("%.2f" % step_ns)
    return min(best, step_ns)


def steadiness():
    """
    Of half a second: in which part did a core get less than half of its usual work done; and how
    many times longer than at its best does a step through memory take?
    """
    pace = json.loads(subprocess.run([program("pace"), str(PACE_MS)], check=True, text=True,
                                     stdout=subprocess.PIPE).stdout)
    return pace["slow"] / pace["windows"], pace["step_ns"] / best_step_ns(pace["step_ns"])


def disturbance(result):
    """1 is the most that a calm run may have had."""
    return max(result["others"] / DISTURBED_CORES, result["slow"] / DISTURBED_SLOW,
               result["memory"] / DISTURBED_MEMORY)


def calm(run, retries, note):
    """
    run() gives a result with "others" (cores); "slow" and "memory", of the time right before and
    after it, are put in. It is made again while it was disturbed, at most `retries` times more; the calmest is
    given.
    """
    results = []
    for attempt in range(retries + 1):
        before = steadiness()
        result = run()
        result["slow"], result["memory"] = (sum(two) / 2 for two in zip(before, steadiness()))
        results.append(result)
        if disturbance(result) <= 1:
            break
        if attempt < retries:
            note("disturbed (others used %.2f cores, %.1f %% slow, memory x%.1f): again"
                 % (result["others"], 100 * result["slow"], result["memory"]))
    best = min(results, key=disturbance)
    best["disturbed"] = disturbance(best) > 1
    return best
