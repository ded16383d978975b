"""Where things are, and C programs built on first use."""

import os
import subprocess

BENCH = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.dirname(os.path.dirname(BENCH))
BUILD = os.path.join(ROOT, "build")
CORE = os.path.join(ROOT, "core")
CONFIG = os.path.join(BENCH, "hd1.lua")


def compiled(output, name, flags):
    """The path of build/OUTPUT from tests/bench/NAME.c; compiled again when a source is newer."""
    path, source = os.path.join(BUILD, output), os.path.join(BENCH, name + ".c")
    sources = [source, os.path.join(BENCH, "load_stats.h")]
    if not os.path.exists(path) or os.path.getmtime(path) < max(map(os.path.getmtime, sources)):
        os.makedirs(BUILD, exist_ok=True)
        subprocess.run(["cc", "-O2", "-g", *flags, "-o", path, source, "-lm"], check=True)
    return path


def program(name, std="c11"):
    return compiled(name, name, ["-std=" + std, "-I" + CORE])


def shared_object(name):
    """For LD_PRELOAD."""
    return compiled(name + ".so", name, ["-std=c11", "-fPIC", "-shared"])
