# SPDX-License-Identifier: MIT
"""`slipwayctl migrate compare` between two servers of the test's own: what it prints, and how it ends.

    test-compare.py SLIPWAYCTL"""

import json
import os
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "rehearsal")]

# pylint: disable=wrong-import-position
import drive  # noqa: E402
import server  # noqa: E402

TABLE = """CREATE TABLE public."Person" (id int PRIMARY KEY, "Full, name" text, born date);
INSERT INTO "Person" SELECT i, 'person ' || i, date '1950-01-01' + i FROM generate_series(1, 5000) AS i; ANALYZE "Person";"""


class World:
    def __init__(self, program, left, right):
        self.program, self.sides = program, (left, right)
        for side in self.sides:
            side.database("compare")
            side.psql("compare", TABLE)

    def command(self, *words):
        left, right = (side.conninfo("compare") for side in self.sides)
        return [self.program, "migrate", "compare", "--left", left, "--right", right, *words]

    def call(self, *words):
        done = subprocess.run(self.command(*words), capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    def right(self, sql):
        self.sides[1].psql("compare", sql)


def tables_that_are_the_same_end_with_0(world):
    status, said, _ = world.call("--table", '"Person"')
    yield status == 0 and "the same: 3 columns" in said, f"{status}: {said}"


def each_difference_is_printed_with_its_cells(world):
    world.right("""UPDATE "Person" SET "Full, name" = NULL WHERE id = 2500; DELETE FROM "Person" WHERE id = 7;
                   INSERT INTO "Person" VALUES (9000, 'one more', NULL)""")
    status, said, _ = world.call("--table", '"Person"')
    lines = [line.strip() for line in said.splitlines()]
    yield status == 1, f"{status}: {said}"
    for line in ("differing  id = 2500", "Full, name: left 'person 2500', right NULL", "missing    id = 7", "extra      id = 9000",
                 "missing    1", "extra      1", "differing  1", "more-left  0", "more-right 0"):
        yield lines.count(line) == 1, f"{line!r} is not once in {said}"


def json_has_both_rows_and_the_cells(world):
    status, said, _ = world.call("--table", 'public."Person"', "--json", "--except", "born")
    found = json.loads(said)
    differing = [each for each in found["differences"] if each["kind"] == "differing"]
    yield status == 1 and found["same"] is False, said
    yield differing == [{"kind": "differing", "left": {"id": "2500", "Full, name": "person 2500"},
                         "right": {"id": "2500", "Full, name": None}, "cells": ["Full, name"]}], said
    yield (found["left"]["rows"], found["right"]["rows"]) == (5000, 5000), said


def a_name_with_a_comma_is_given_in_quotes(world):
    status, said, _ = world.call("--table", '"Person"', "--columns", 'born,"Full, name"', "--where", "id NOT IN (7, 2500, 9000)")
    yield status == 0 and "3 columns" in said, f"{status}: {said}"
    status, said, _ = world.call("--table", '"Person"', "--key", '"Full, name"', "--json", "--limit", "0")
    found = json.loads(said)
    yield (status, found["by"], found["missing"], found["extra"]) == (1, "hash of the key", 2, 2), said
    yield found["differences"] == [], said


def a_wrong_call_ends_with_2_and_a_refusal_with_1(world):
    for words, status, text in ((["--table", "nothing"], 1, "there is no table or view nothing"),
                                (["--table", '"Person"', "--key", "ID"], 1, "has no column ID"),
                                (["--table", '"Person"', "--where", "id ="], 1, "syntax error"),
                                ([], 2, "--table"), (["--table", "t", "word"], 2, "no words"),
                                (["--table", "t", "--limit", "-1"], 2, "--limit")):
        found, said, told = world.call(*words)
        yield found == status and text in told and not said, f"{words}: {found} {said} {told}"


def an_interrupt_ends_both_sides(world):
    slow = f"pg_sleep(id * 0 + 120) IS NOT NULL AND {os.getpid()} > 0"
    with subprocess.Popen(world.command("--table", '"Person"', "--where", slow), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True) as child:
        busy = f"SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%{os.getpid()} > 0%' AND pid <> pg_backend_pid()"
        until = time.monotonic() + 60
        while any(side.psql("compare", busy).stdout.strip() != b"1" for side in world.sides):
            if time.monotonic() > until:
                child.kill()
                yield False, "the statements never began"
                return
        child.send_signal(signal.SIGINT)
        _, told = child.communicate(timeout=60)
    yield child.returncode == 1 and "57014" in told, f"{child.returncode}: {told}"
    until = time.monotonic() + 60
    while any(side.psql("compare", busy).stdout.strip() != b"0" for side in world.sides):
        if time.monotonic() > until:
            yield False, "a statement goes on"
            return


CLAIMS = [tables_that_are_the_same_end_with_0, each_difference_is_printed_with_its_cells, json_has_both_rows_and_the_cells,
          a_name_with_a_comma_is_given_in_quotes, a_wrong_call_ends_with_2_and_a_refusal_with_1, an_interrupt_ends_both_sides]


def main():
    tap = drive.Tap()
    reason = server.why_not()
    if reason:
        tap.skip("compare", reason)
        return tap.end()
    with server.Server() as left, server.Server() as right:
        world = World(os.path.abspath(sys.argv[1]), left, right)
        for claim in CLAIMS:
            results = list(claim(world))
            wrong = [why for good, why in results if not good]
            tap.result(not wrong and results, claim.__name__, "\n".join(wrong[:20]))
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
