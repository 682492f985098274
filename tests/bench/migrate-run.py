#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How long a whole migration takes with the real definitions, from source files to a validated target, and how that grows.

    tests/bench/migrate-run.py BUILD [--clients N,N] [--large] [--json FILE]

Made-up clients in the shape of the real headers (tests/migration/casrec/generate.json): 1,000 and 10,000, with --large
100,000 too (12 GB of disk). For each stage the seconds, and behind them the work: the processor's time of the server, all its
sessions together, and of the program, which is what can be compared on a machine that others use. The exponent says how the
work grows: 1 is in proportion. --json writes the same numbers. Exit status 1 when a limit is missed: 20 s for 10,000, 200 s
for 100,000, 100 MB. The build must be optimised (-Doptimization=2)."""

import argparse
import bisect
import contextlib
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "migration"))

import corpus  # noqa: E402  pylint: disable=wrong-import-position
import server  # noqa: E402  pylint: disable=wrong-import-position

SETTINGS = ("fsync=on", "shared_buffers=512MB", "max_wal_size=4GB")
LIMITS = {10000: 20, 100000: 200}


TICKS = os.sysconf("SC_CLK_TCK")


def read_times(pid):
    """Processor seconds of a process and of the children that have ended, and who started it."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        words = file.read().rsplit(")", 1)[1].split()
    return sum(map(int, words[11:15])) / TICKS, int(words[1])


def work(pid):
    """Processor seconds of a server: of its sessions too, those that go on and those that have ended."""
    total = read_times(pid)[0]
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            seconds, parent = read_times(name)
            total += seconds if parent == pid else 0
    return total


class Watch(threading.Thread):
    """Notes the work of a server and of a program twenty times a second, so that it can be told of any span of time."""

    def __init__(self, server_pid, program_pid):
        super().__init__(daemon=True)
        self.pids = server_pid, program_pid
        self.stop = threading.Event()
        self.times, self.seen = [], []
        self.note()

    def note(self):
        last = self.seen[-1] if self.seen else (0, 0)
        with contextlib.suppress(OSError):
            now = work(self.pids[0]), read_times(self.pids[1])[0]
            # A session is in neither sum for the moment in which it ends.
            self.seen.append(tuple(map(max, now, last)))
            self.times.append(time.time())

    def run(self):
        while not self.stop.wait(0.05):
            self.note()

    def until(self, moment):
        return self.seen[max(bisect.bisect_left(self.times, moment) - 1, 0)]

    def between(self, begun, ended):
        return [later - earlier for earlier, later in zip(self.until(begun), self.until(ended))]


def stages(postgres, told, watch):
    """Each stage's seconds, rows, and the work of the server and of the program meanwhile."""
    spans = {row["stage"]: (float(row["begun"]), float(row["ended"])) for row in postgres.rows(
        "migration", "SELECT stage, extract (epoch FROM started) AS begun, extract (epoch FROM ended) AS ended FROM slipway.stage"
                     " WHERE ended IS NOT NULL AND started IS NOT NULL")}
    found = {}
    for stage in told.get("stages", []):
        server_work, program_work = watch.between(*spans[stage["stage"]]) if stage["stage"] in spans else (0, 0)
        found[stage["stage"]] = {"state": stage["state"], "seconds": stage["seconds"], "rows": stage["rows"], "server": server_work,
                                 "program": program_work}
    return found


def migrate(program, clients):
    """One migration of so many clients between two new databases: what is told, and what it took."""
    with server.Server(SETTINGS) as postgres, tempfile.TemporaryDirectory(prefix="slip-bench-") as source:
        subprocess.run([program, "migrate", "generate", "--clients", str(clients), "--seed", "1", "--settings", corpus.SETTINGS,
                        "--output", source], check=True, stdout=subprocess.DEVNULL)
        databases = "--migration-db", postgres.database("migration"), "--target-db", postgres.database("target")
        postgres.psql("target", corpus.target_sql(clients))
        subprocess.run(["psql", "-X", "-q", "-c", "CHECKPOINT", postgres.conninfo("target")], check=True)
        begun = time.monotonic()
        with subprocess.Popen([program, "migrate", "run", corpus.SHARED, "--sidecar", corpus.SIDECAR, "--source", source, "--run-date",
                               corpus.RUN_DATE, "--json", "--quiet", *databases], stdout=subprocess.PIPE) as child:
            watch = Watch(postgres.child.pid, child.pid)
            watch.start()
            text = child.stdout.read()
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - begun
        watch.stop.set()
        watch.join()
        return {"clients": clients, "seconds": seconds, "memory": usage.ru_maxrss / 1024, "status": child.returncode,
                "server": watch.seen[-1][0] - watch.seen[0][0], "program": usage.ru_utime + usage.ru_stime,
                "stages": stages(postgres, json.loads(text or "{}"), watch)}


def line(name, cells):
    print(f"{name:<18}" + "".join(f"{cell:>32}" for cell in cells))


def table(runs):
    line("clients", [f"{run['clients']:,}" for run in runs])
    line("", ["clock, server + program"] * len(runs))
    for stage in dict.fromkeys(stage for run in runs for stage in run["stages"]):
        found = [run["stages"].get(stage) for run in runs]
        line(stage, [f"{one['seconds']:.2f} s, {one['server']:.2f} + {one['program']:.2f}" if one else "-" for one in found])
    line("together", [f"{run['seconds']:.1f} s, {run['server']:.1f} + {run['program']:.1f}" for run in runs])
    line("rows loaded", [f"{run['stages'].get('load_to_target', {'rows': 0})['rows']:,}" for run in runs])
    line("peak memory", [f"{run['memory']:.0f} MB" for run in runs])
    for one, other in zip(runs, runs[1:]):
        grown = math.log(other["clients"] / one["clients"])
        print(f"from {one['clients']:,} to {other['clients']:,} clients: exponent {math.log(other['server'] / one['server']) / grown:.2f} "
              f"by work, {math.log(other['seconds'] / one['seconds']) / grown:.2f} by the clock")


def arguments():
    parser = argparse.ArgumentParser(description="How long a whole migration takes with the real definitions.")
    parser.add_argument("build")
    parser.add_argument("--clients", default="1000,10000", help="how many, separated by commas")
    parser.add_argument("--large", action="store_true", help="100,000 too")
    parser.add_argument("--json", help="a file for the numbers")
    return parser.parse_args()


def main():
    args = arguments()
    program = os.path.join(os.path.abspath(args.build), "app", "cli", "slipwayctl")
    reason = server.why_not() or corpus.why_not()
    if reason:
        print(f"skipped: {reason}")
        return 0
    counts = [int(count) for count in args.clients.split(",")] + ([100000] if args.large else [])
    if max(counts) >= 100000 and shutil.disk_usage(tempfile.gettempdir()).free < 12e9:
        print("skipped: 100,000 clients need 12 GB of disk")
        counts = [count for count in counts if count < 100000]
    runs = [migrate(program, clients) for clients in counts]
    table(runs)
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump(runs, file, indent=2)
    wrong = [f"{run['clients']:,} clients: exit status {run['status']}" for run in runs if run["status"] != 0]
    wrong += [f"{run['clients']:,} clients: {run['seconds']:.1f} s, not {LIMITS[run['clients']]} s"
              for run in runs if run["seconds"] > LIMITS.get(run["clients"], math.inf)]
    wrong += [f"{run['clients']:,} clients: {run['memory']:.0f} MB, not 100 MB" for run in runs if run["memory"] > 100]
    print("\n".join(["missed:"] + wrong) if wrong else "ok")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
