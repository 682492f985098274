#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How fast source files land, beside psql's \\copy of the same files into the same server, one after the other.

    tests/bench/migrate-load.py BUILD [TIMES [ROUNDS]]

TIMES repeats the rows of the 1,000 clients in ../shared/casrec/source-1k (10 without it); each round runs
psql, one stream and two streams, in turn, and the medians are compared. A file of half a gigabyte tells of memory. Exit
status 1 when a limit is missed: 0.9 of psql with one stream, 1.0 with two, 100 MB. The build must be optimised
(-Doptimization=2).

pgloader is no part of this. Version 3.6.7 of Debian 12, one file after the other into tables of texts, took 32 s for the files of
TIMES 10 where a load with one stream took 1.6 s beside it (16 s of processor time against 0.2 s of the client's)."""

import collections
import csv
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "migration"))

import server  # noqa: E402  pylint: disable=wrong-import-position

SOURCE = os.path.join(os.environ.get("SLIPWAY_SHARED", os.path.join(HERE, "..", "..", "..", "shared")), "casrec", "source-1k")
SETTINGS = ("fsync=on", "shared_buffers=512MB", "max_wal_size=4GB")
LARGE = 512 * 1024 * 1024
SAME = "psql with blanks as they are"

#: Seconds: of the clock, of the client's processor, of the server's sessions.
Took = collections.namedtuple("Took", "wall client server")


def multiply(folder, times):
    """The files of 1,000 clients with their rows so many times."""
    for name in sorted(os.listdir(SOURCE)):
        if not name.endswith(".csv"):
            continue
        with open(os.path.join(SOURCE, name), "rb") as file:
            header, rows = file.read().split(b"\n", 1)
        with open(os.path.join(folder, name), "wb") as file:
            file.write(header + b"\n")
            for _ in range(times):
                file.write(rows)


def by_psql(postgres, folder, options=""):
    """Seconds of psql: a table of texts for each file, as the load makes it, and \\copy. Without other @options a blank field lands
    as NULL, which takes less than the empty text that it is in the file."""
    script = []
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8", newline="") as file:
            header = next(csv.reader(file))
        columns = ", ".join('"' + column.replace('"', '""') + '" text' for column in header)
        script.append(f'BEGIN;\nCREATE TABLE by_psql."{name}" ({columns});\n'
                      f"\\copy by_psql.\"{name}\" FROM '{os.path.join(folder, name)}' WITH (FORMAT csv, HEADER{options})\nCOMMIT;\n")
    before = postgres.work()
    begun = time.monotonic()
    with subprocess.Popen(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", postgres.conninfo("bench")], stdin=subprocess.PIPE) as child:
        child.stdin.write("".join(script).encode())
        child.stdin.close()
        usage = finish(child)
    assert child.returncode == 0
    return Took(time.monotonic() - begun, usage.ru_utime + usage.ru_stime, postgres.work() - before)


def finish(child):
    """Waits for @child; what it used."""
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return usage


def by_slipway(postgres, program, migration, folder, streams):
    """What a load took, its peak of memory in MB, and what it says."""
    before = postgres.work()
    begun = time.monotonic()
    with subprocess.Popen([program, "migrate", "load", migration, "--source", folder, "--json", "--streams", str(streams),
                           "--migration-db", postgres.conninfo("bench")], stdout=subprocess.PIPE) as child:
        text = child.stdout.read()
        usage = finish(child)
    took = Took(time.monotonic() - begun, usage.ru_utime + usage.ru_stime, postgres.work() - before)
    assert child.returncode == 0, text.decode()
    return took, usage.ru_maxrss / 1024, json.loads(text)


def empty(postgres):
    """Each measurement begins with nothing landed and nothing left to write."""
    postgres.psql("bench", "DROP SCHEMA IF EXISTS by_psql, casrec_csv CASCADE; CREATE SCHEMA by_psql;"
                           "DO $$BEGIN IF to_regclass('slipway.file') IS NOT NULL THEN TRUNCATE slipway.file; END IF; END$$")
    subprocess.run(["psql", "-X", "-q", "-c", "CHECKPOINT", postgres.conninfo("bench")], check=True)


def compare(postgres, program, migration, folder, rounds):
    times = {"psql": [], SAME: [], 1: [], 2: []}
    megabytes = sum(entry.stat().st_size for entry in os.scandir(folder)) / 1e6
    peak = rows = 0
    for _ in range(rounds):
        empty(postgres)
        times["psql"].append(by_psql(postgres, folder))
        empty(postgres)
        times[SAME].append(by_psql(postgres, folder, ", NULL '\\N'"))
        for streams in (1, 2):
            empty(postgres)
            took, memory, said = by_slipway(postgres, program, migration, folder, streams)
            times[streams].append(took)
            peak = max(peak, memory)
            rows = sum(table["rows"] for table in said["tables"])
    medians = {way: Took(*(statistics.median(column) for column in zip(*each))) for way, each in times.items()}
    print(f"{rows} rows, {megabytes:.0f} MB, medians of {rounds} rounds")
    for way, took in medians.items():
        print(f"  {f'slipway, {way} streams' if isinstance(way, int) else way + ', one by one'}: {took.wall:.2f} s, "
              f"{rows / took.wall:.0f} rows/s, {megabytes / took.wall:.1f} MB/s, {medians['psql'].wall / took.wall:.2f} x psql "
              f"(best {min(times['psql']).wall / min(times[way]).wall:.2f}); work: client {took.client:.2f} s, server {took.server:.2f} s")
    print(f"  peak memory {peak:.0f} MB")
    return medians["psql"].wall / medians[1].wall, medians["psql"].wall / medians[2].wall, peak


def large_file(postgres, program, migration):
    """The peak of memory at a file of half a gigabyte."""
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "large.csv"), "w", encoding="utf-8") as file:
            file.write("number,text,quoted\n")
            block = "".join(f'{number},{"x" * 90},"a ""b"" c, {"y" * 90}"\n' for number in range(5000))
            while file.tell() < LARGE:
                file.write(block)
        empty(postgres)
        took, peak, said = by_slipway(postgres, program, migration, folder, 1)
        print(f"a file of {LARGE / 1e6:.0f} MB: {took.wall:.1f} s (work: client {took.client:.1f} s, server {took.server:.1f} s), {said['tables'][0]['rows']} rows, peak memory {peak:.0f} MB")
        empty(postgres)
        return peak


def main():
    build = os.path.abspath(sys.argv[1])
    program = os.path.join(build, "app", "cli", "slipwayctl")
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    reason = server.why_not() or (None if os.path.isdir(SOURCE) else f"{SOURCE} is absent")
    if reason:
        print(f"skipped: {reason}")
        return 0
    with server.Server(SETTINGS) as postgres, tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as migration:
        postgres.database("bench")
        with open(os.path.join(migration, "migration.json"), "w", encoding="utf-8") as file:
            json.dump({"name": "bench"}, file)
        # The migration database is prepared once, and not for each load.
        multiply(folder, 1)
        empty(postgres)
        by_slipway(postgres, program, migration, folder, 1)
        multiply(folder, count)
        one, two, peak = compare(postgres, program, migration, folder, rounds)
        peak = max(peak, large_file(postgres, program, migration))
    good = one >= 0.9 and two >= 1.0 and peak <= 100
    print("ok" if good else "missed: 0.9 with one stream, 1.0 with two, 100 MB")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
