#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How long a whole migration takes with the real definitions, from source files to a validated target, and how that grows.

    tests/bench/migrate-run.py BUILD [--large]

Made-up clients in the shape of the real headers (tests/migration/casrec/generate.json): 1,000 and 10,000, with --large
100,000 too (12 GB of disk). For each stage the seconds, and beside the whole the work: the processor's time of the server and
of the program, which is what can be compared on a machine that others use. The exponent says how the work grows: 1 is in
proportion. Exit status 1 when a limit is missed: 20 s for 10,000, 200 s for 100,000, 100 MB. The build must be optimised
(-Doptimization=2)."""

import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "migration"))

import corpus  # noqa: E402  pylint: disable=wrong-import-position
import server  # noqa: E402  pylint: disable=wrong-import-position

SETTINGS = ("fsync=on", "shared_buffers=512MB", "max_wal_size=4GB")
LIMITS = {10000: 20, 100000: 200}


def work(pid):
    """Processor seconds of a server and of the sessions that it has had."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        words = file.read().rsplit(")", 1)[1].split()
    return sum(map(int, words[11:15])) / os.sysconf("SC_CLK_TCK")


def migrate(program, clients):
    """One migration of so many clients between two new databases: what is told, and what it took."""
    with server.Server(SETTINGS) as postgres, tempfile.TemporaryDirectory(prefix="slip-bench-") as source:
        subprocess.run([program, "migrate", "generate", "--clients", str(clients), "--seed", "1", "--settings", corpus.SETTINGS,
                        "--output", source], check=True, stdout=subprocess.DEVNULL)
        databases = "--migration-db", postgres.database("migration"), "--target-db", postgres.database("target")
        postgres.psql("target", corpus.target_sql())
        subprocess.run(["psql", "-X", "-q", "-c", "CHECKPOINT", postgres.conninfo("target")], check=True)
        before, begun = work(postgres.child.pid), time.monotonic()
        with subprocess.Popen([program, "migrate", "run", corpus.SHARED, "--sidecar", corpus.SIDECAR, "--source", source, "--run-date",
                               corpus.RUN_DATE, "--json", "--quiet", *databases], stdout=subprocess.PIPE) as child:
            text = child.stdout.read()
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - begun
        postgres.psql("target", "SELECT 1")
        told = json.loads(text)
        return {"clients": clients, "seconds": seconds, "memory": usage.ru_maxrss / 1024, "status": child.returncode,
                "server": work(postgres.child.pid) - before, "program": usage.ru_utime + usage.ru_stime,
                "stages": {stage["stage"]: (stage["seconds"], stage["rows"]) for stage in told["stages"]}}


def line(name, cells):
    print(f"{name:<18}" + "".join(f"{cell:>16}" for cell in cells))


def table(runs):
    line("clients", [f"{run['clients']:,}" for run in runs])
    for stage in runs[0]["stages"]:
        line(stage, [f"{run['stages'][stage][0]:.2f} s" if stage in run["stages"] else "-" for run in runs])
    line("together", [f"{run['seconds']:.1f} s" for run in runs])
    line("rows loaded", [f"{run['stages'].get('load_to_target', (0, 0))[1]:,}" for run in runs])
    line("work, server", [f"{run['server']:.1f} s" for run in runs])
    line("work, program", [f"{run['program']:.1f} s" for run in runs])
    line("peak memory", [f"{run['memory']:.0f} MB" for run in runs])
    for one, other in zip(runs, runs[1:]):
        grown = math.log(other["clients"] / one["clients"])
        print(f"from {one['clients']:,} to {other['clients']:,} clients: exponent {math.log(other['server'] / one['server']) / grown:.2f} "
              f"by work, {math.log(other['seconds'] / one['seconds']) / grown:.2f} by the clock")


def main():
    program = os.path.join(os.path.abspath(sys.argv[1]), "app", "cli", "slipwayctl")
    reason = server.why_not() or corpus.why_not()
    if reason:
        print(f"skipped: {reason}")
        return 0
    counts = [1000, 10000] + ([100000] if "--large" in sys.argv else [])
    if counts[-1] > 10000 and shutil.disk_usage(tempfile.gettempdir()).free < 12e9:
        print("skipped: 100,000 clients need 12 GB of disk")
        counts.pop()
    runs = [migrate(program, clients) for clients in counts]
    table(runs)
    wrong = [f"{run['clients']:,} clients: exit status {run['status']}" for run in runs if run["status"] != 0]
    wrong += [f"{run['clients']:,} clients: {run['seconds']:.1f} s, not {LIMITS[run['clients']]} s"
              for run in runs if run["seconds"] > LIMITS.get(run["clients"], math.inf)]
    wrong += [f"{run['clients']:,} clients: {run['memory']:.0f} MB, not 100 MB" for run in runs if run["memory"] > 100]
    print("\n".join(["missed:"] + wrong) if wrong else "ok")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
