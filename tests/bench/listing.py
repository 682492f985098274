#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Lists 10,000 cluster snapshots from the rehearsal server, with the AWS CLI and with slipwayctl.

usage: tests/bench/listing.py BUILD-DIR [COUNT]

Prints the median wall time and peak memory of both over five runs and their ratio, so that one
machine and one server stand behind both figures. Run by hand; needs the AWS CLI.
"""
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
    """Returns (wall seconds, peak KiB, items)."""
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
    return wall, usage.ru_maxrss, items


def main(build, count):
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
            "slipwayctl idle": [build / "app/cli/slipwayctl", "aws", "rds",
                                "DescribeDBClusterSnapshots", "--profile", "production", "--input",
                                '{"DBClusterIdentifier":"no-such-cluster"}'],
        }
        medians = {}
        for name, command in programs.items():
            samples = [measure(command, environment) for _ in range(RUNS)]
            wall = statistics.median(sample[0] for sample in samples)
            memory = statistics.median(sample[1] for sample in samples)
            medians[name] = (wall, memory)
            print(f"{name:16} {samples[0][2]:6} items  {wall:7.3f} s  {memory / 1024:7.1f} MiB")
        print(f"slipwayctl takes 1/{medians['aws'][0] / medians['slipwayctl'][0]:.1f} of the AWS CLI's time")
        print("and holds "
              f"{(medians['slipwayctl'][1] - medians['slipwayctl idle'][1]) / 1024:.1f} MiB more than for an empty list")
    finally:
        server.terminate()
        server.wait(30)
        shutil.rmtree(folder)


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) == 3 else 10000)
