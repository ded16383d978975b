"""Arguments, progress lines, tables and files that all measurements share."""

import argparse
import datetime
import json
import os
import statistics
import subprocess

from . import machine
from .paths import ROOT


MISSED = 3  # the exit code of a measurement that worked and shows that a bound is not kept


def arguments(doc, seconds=4.0, repeats=None):
    """A parser with what every script takes."""
    parser = argparse.ArgumentParser(description=doc,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=os.path.join(ROOT, "build/release/hd1"),
                        help="the server (default: build/release/hd1)")
    parser.add_argument("--dir", help="where databases are made (default: the temporary folder)")
    parser.add_argument("--json", metavar="FILE", help="write tables and raw results")
    parser.add_argument("--svg", metavar="FILE", help="write the plot")
    parser.add_argument("--seconds", type=float, default=seconds,
                        help="measured in each run (default: %(default)s)")
    if repeats:
        parser.add_argument("--repeats", type=int, default=repeats,
                            help="runs of which the median is taken (default: %(default)s)")
    return parser


def node_modules(path):
    """The type of --peer: a mistake shows before anything is measured."""
    if not os.path.isdir(os.path.join(path, "ws")):
        raise argparse.ArgumentTypeError(
            "%s holds no ws; `npm install ws` in a folder of yours makes FOLDER/node_modules"
            % path)
    return path


def median(values):
    values = [value for value in values if value is not None]
    return statistics.median(values) if values else None


def judge(value, must, reach=None, is_least=True, doubt=""):
    """
    pass, reach or miss, with the doubt behind it; empty without a must. is_least: the value must be
    at least that.
    """
    if must is None or value is None:
        return ""
    sign = 1 if is_least else -1
    if sign * value < sign * must:
        return "miss" + doubt
    return ("reach" if reach is not None and sign * value >= sign * reach else "pass") + doubt


def text_of(value):
    if value is None:
        return "-"
    if isinstance(value, float):
        return "%.0f" % value if abs(value) >= 100 else "%.3g" % value
    return str(value)


def revision():
    done = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty"], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return done.stdout.strip()


class Report:
    """Tables that are printed at the end, and raw results beside them in the JSON file."""

    def __init__(self, name, args):
        self.name, self.args = name, args
        self.tables, self.raw, self.remarks = [], [], []
        self.note("%s: %s" % (name, machine.describe()))

    def note(self, text):
        """A line of progress."""
        print(text, flush=True)

    def remark(self, text):
        """Stands below the tables, for whoever reads them later."""
        self.remarks.append(text)

    def table(self, title, columns):
        rows = []
        self.tables.append(dict(title=title, columns=columns, rows=rows))
        return rows

    def keep(self, **result):
        self.raw.append(result)

    def finish(self):
        """Prints and writes all; MISSED if a must was missed without a doubt, else 0: for exit()."""
        for table in self.tables:
            print("\n" + table["title"])
            lines = [table["columns"]] + [[text_of(v) for v in row] for row in table["rows"]]
            widths = [max(len(line[i]) for line in lines) for i in range(len(table["columns"]))]
            for line in lines:
                print("  " + "  ".join(cell.ljust(width) if i == 0 else cell.rjust(width)
                                       for i, (cell, width) in enumerate(zip(line, widths))))
        for text in self.remarks:
            print(text)
        if self.args.json:
            with open(self.args.json, "w") as out:
                json.dump(dict(bench=self.name, machine=machine.describe(), revision=revision(),
                               time=datetime.datetime.now().isoformat(timespec="seconds"),
                               tables=self.tables, remarks=self.remarks, raw=self.raw), out,
                          indent=1)
                out.write("\n")
        cells = [cell for table in self.tables for row in table["rows"] for cell in row]
        return MISSED if "miss" in cells else 0


def markdown(document):
    """One script's JSON document as Markdown."""
    parts = []
    for table in document["tables"]:
        parts.append("### %s\n\n| %s |\n|%s\n" % (table["title"], " | ".join(table["columns"]),
                                                 " --- |" * len(table["columns"])))
        parts += ["| %s |\n" % " | ".join(text_of(v) for v in row) for row in table["rows"]]
        parts.append("\n")
    parts += [text + "\n\n" for text in document["remarks"]]
    return "".join(parts)
