#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How long one wrong cell takes to be found, between two tables on two servers.

    tests/bench/migrate-compare.py BUILD [ROWS]

ROWS is 1,000,000 without it; the limits are those of 10,000,000: 30 s and 100 MB, and for other numbers the
time in proportion, 2 s at least. The table is compared three times: as it is, with one cell changed in the middle, and by a key
that has no order (a hash of two columns). Ten million rows need 4 GB of disk. Beside the time stands the work, the
processor's time of each server: on a machine that others use it is what can be compared. Exit status 1 when the cell is not found, something else is, or a limit
is missed. The build must be optimised (-Doptimization=2)."""

import json
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "migration"))

import server  # noqa: E402  pylint: disable=wrong-import-position

SETTINGS = ("fsync=on", "shared_buffers=512MB", "max_wal_size=512MB", "synchronous_commit=off")
TABLE = """CREATE TABLE entry (id bigint NOT NULL, account int NOT NULL, amount numeric(12,2), booked timestamp(0), note text);
INSERT INTO entry SELECT i, i % 50021, (i % 100003) / 100.0, timestamp '2010-01-01' + (i % 3000000) * interval '1 minute',
  CASE WHEN i % 11 = 0 THEN NULL ELSE 'entry ' || i END FROM generate_series(1, {rows}) AS i;
ALTER TABLE entry ADD PRIMARY KEY (id);"""


def compare(program, left, right, *words):
    """Seconds, peak memory in MB, exit status and what is said."""
    begun = time.monotonic()
    with subprocess.Popen([program, "migrate", "compare", "--left", left.conninfo("bench"), "--right", right.conninfo("bench"),
                           "--table", "entry", "--json", *words], stdout=subprocess.PIPE) as child:
        text = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - begun
    assert text, child.returncode
    return seconds, usage.ru_maxrss / 1024, child.returncode, json.loads(text)


def cells(said):
    return [(each["kind"], each["left"]["id"], each["cells"]) for each in said["differences"]]


def main():
    program = os.path.join(os.path.abspath(sys.argv[1]), "app", "cli", "slipwayctl")
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else 1000000
    allowed = max(30 * rows / 1e7, 2)
    reason = server.why_not()
    if reason:
        print(f"skipped: {reason}")
        return 0
    with server.Server(SETTINGS) as left, server.Server(SETTINGS) as right:
        for each in (left, right):
            each.database("bench")
            each.psql("bench", TABLE.format(rows=rows))
            subprocess.run(["psql", "-X", "-q", "-c", "VACUUM (FREEZE, ANALYZE) entry", "-c", "CHECKPOINT", each.conninfo("bench")],
                           check=True)
        good = True
        wrong = [("differing", str(rows // 2), ["amount"])]
        for name, change, words, expected in (
                ("the same", None, (), []),
                ("one wrong cell", f"UPDATE entry SET amount = amount + 0.01 WHERE id = {rows // 2}", (), wrong),
                ("one wrong cell, by the hash of (account, id)", None, ("--key", "account,id"), wrong)):
            if change:
                right.psql("bench", change)
            before = left.work(), right.work()
            seconds, memory, status, said = compare(program, left, right, *words)
            worked = max(left.work() - before[0], right.work() - before[1])
            found = cells(said) == expected and status == (1 if expected else 0)
            # A key without order is read whole three times; its time is told, and not held to the limit.
            within = (seconds <= allowed or bool(words)) and memory <= 100
            good = good and found and within
            print(f"{name}: {rows} rows, {seconds:.1f} s ({rows / seconds:.0f} rows/s on each side; work {worked:.1f} s), peak memory {memory:.0f} MB, "
                  f"{said['chunksDiffering']} of {said['chunks']} chunks differ{'' if found else ', AND NOT AS IT IS'}")
    print("ok" if good else f"missed: {allowed:.0f} s, 100 MB, and nothing but the cell")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
