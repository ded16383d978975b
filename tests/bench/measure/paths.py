"""Where things are, and C programs built on first use."""

import glob
import os
import subprocess

BENCH = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.dirname(os.path.dirname(BENCH))
BUILD = os.path.join(ROOT, "build")
CORE = os.path.join(ROOT, "core")
CONFIG = os.path.join(BENCH, "hd1.lua")


def sources_of(name):
    """The C files and the headers: of the folder tests/bench/NAME/, or tests/bench/NAME.c alone."""
    folder = os.path.join(BENCH, name)
    if not os.path.isdir(folder):
        return [folder + ".c"], [os.path.join(BENCH, "load_stats.h")]
    return sorted(glob.glob(folder + "/*.c")), glob.glob(folder + "/*.h")


def compiled(output, name, flags):
    """The path of build/OUTPUT from NAME's sources; compiled again when one of them is newer."""
    path, (sources, headers) = os.path.join(BUILD, output), sources_of(name)
    newest = max(map(os.path.getmtime, sources + headers))
    if not os.path.exists(path) or os.path.getmtime(path) < newest:
        os.makedirs(BUILD, exist_ok=True)
        subprocess.run(["cc", "-O2", "-g", *flags, "-o", path, *sources, "-lm", "-pthread"], check=True)
    return path


def program(name):
    return compiled(name, name, ["-std=c11", "-D_GNU_SOURCE", "-I" + CORE])


def shared_object(name):
    """For LD_PRELOAD."""
    return compiled(name + ".so", name, ["-std=c11", "-fPIC", "-shared"])
