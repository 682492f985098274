#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Lists 10,000 cluster snapshots from the rehearsal server, with the AWS CLI and with slipwayctl.

usage: tests/bench/listing.py BUILD-DIR [COUNT] [--factor N]

Prints the median and worst wall time, the processor's time and the peak memory of both over five runs
and their ratio, so that one
machine and one server stand behind both figures, and how long the first page takes: the start of the
program, one request and its answer as text. Exits with 1 when a limit is missed; --factor makes the
first page's, the only one that is no ratio, milder on a slower machine. Run by hand; needs the AWS CLI.
"""
import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
RUNS = 5
LEAST_RATIO = 10
FIRST_PAGE_MS = 150
MOST_MIB = 40


def scenario(folder, count):
    """A copy of the sirius scenario without databases and with COUNT more snapshots."""
    world = json.loads((TOP / "data/rehearsal/sirius.json").read_text(encoding="utf-8"))
    section = world["accounts"][0]["resources"]["eu-west-1"]["rds"]
    for cluster in section["clusters"]:
        cluster.pop("database", None)
    section["generate_snapshots"] = [{"cluster": "api-production", "prefix": "bench", "count": count}]
    world["accounts"][0].setdefault("quotas", {})["rds.manual-cluster-snapshots"] = count + 1000
    path = folder / "bench.json"
    path.write_text(json.dumps(world), encoding="utf-8")
    return path


def measure(command, environment):
    """Returns (wall seconds, peak KiB, items, processor seconds)."""
    with tempfile.TemporaryFile() as out:
        began = time.monotonic()
        child = subprocess.Popen(command, stdout=out, env=environment)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.monotonic() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            sys.exit(f"{command[0]} failed")
        out.seek(0)
        items = len(json.load(out)["DBClusterSnapshots"])
    return wall, usage.ru_maxrss, items, usage.ru_utime + usage.ru_stime


def judge(name, value, unit, kept, limit):
    print(f"{name:40} {value:8.1f} {unit:4} {limit:16} {'kept' if kept else 'MISSED'}")
    return kept


def judge_all(medians, factor):
    """Prints the three figures beside their limits; returns whether all are kept."""
    wall = {name: median[0] for name, median in medians.items()}
    ratio = wall["aws"] / wall["slipwayctl"]
    page = wall["slipwayctl page"] * 1000
    memory = (medians["slipwayctl"][1] - medians["slipwayctl idle"][1]) / 1024
    return all([
        judge("times as fast as the AWS CLI", ratio, "", ratio >= LEAST_RATIO, f">= {LEAST_RATIO}, aim 17"),
        judge("first page after", page, "ms", page <= FIRST_PAGE_MS * factor,
              f"<= {FIRST_PAGE_MS * factor:g}"),
        judge("more memory than for an empty list", memory, "MiB", memory <= MOST_MIB, f"<= {MOST_MIB}"),
    ])


def main(build, count, factor):
    if shutil.which("aws") is None:
        sys.exit("the AWS CLI is not installed")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="slip-bench-"))
    server = subprocess.Popen(
        [build / "app/rehearsal/slipway-rehearsal", "--scenario", scenario(folder, count),
         "--state", folder / "world", "--port", "0", "--speed", "1"], stdout=subprocess.PIPE, text=True)
    try:
        line = server.stdout.readline()
        if not line.startswith("endpoint="):
            sys.exit("the rehearsal server did not start")
        environment = dict(os.environ, AWS_CONFIG_FILE=str(folder / "world/aws/config"),
                           AWS_SHARED_CREDENTIALS_FILE=str(folder / "world/aws/credentials"),
                           AWS_PROFILE="production", AWS_PAGER="")
        programs = {
            "aws": ["aws", "rds", "describe-db-cluster-snapshots", "--output", "json"],
            "slipwayctl": [build / "app/cli/slipwayctl", "aws", "rds", "DescribeDBClusterSnapshots",
                           "--profile", "production"],
            "slipwayctl page": [build / "app/cli/slipwayctl", "aws", "rds",
                                "DescribeDBClusterSnapshots", "--profile", "production",
                                "--no-paginate"],
            "slipwayctl idle": [build / "app/cli/slipwayctl", "aws", "rds",
                                "DescribeDBClusterSnapshots", "--profile", "production", "--input",
                                '{"DBClusterIdentifier":"no-such-cluster"}'],
        }
        medians = {}
        # In turns, so that a machine that is faster now and slower then is so for all of them.
        rounds = [{name: measure(command, environment) for name, command in programs.items()}
                  for _ in range(RUNS)]
        for name in programs:
            samples = [measured[name] for measured in rounds]
            wall = statistics.median(sample[0] for sample in samples)
            memory = statistics.median(sample[1] for sample in samples)
            work = statistics.median(sample[3] for sample in samples)
            worst = max(sample[0] for sample in samples)
            medians[name] = (wall, memory)
            print(f"{name:16} {samples[0][2]:6} items  {wall:7.3f} s (worst {worst:.3f}, work {work:.3f})"
                  f"  {memory / 1024:7.1f} MiB")
        kept = judge_all(medians, factor)
    finally:
        server.terminate()
        server.wait(30)
        shutil.rmtree(folder)
    return 0 if kept else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("count", type=int, nargs="?", default=10000)
    parser.add_argument("--factor", type=float, default=1)
    given = parser.parse_args()
    sys.exit(main(given.build.resolve(), given.count, given.factor))
