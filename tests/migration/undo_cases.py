# SPDX-License-Identifier: MIT
"""When a run is not taken back: rows that others changed, made or refer to, before undo begins and while it works. Part of
test-run.py, whose world it uses."""

import subprocess
import time


def undo_is_refused_where_rows_were_changed(new):
    world = new()
    world.run()
    world.sql(1, "UPDATE people SET surname = 'Changed' WHERE id = (SELECT max(id) FROM people)")
    before = world.dump()
    done = world.undo()
    yield done.returncode == 1 and "people" in done.stderr and "changed" in done.stderr, done.stderr
    yield world.dump() == before, "a refused undo changed rows"
    yield from a_run_that_ends_while_undo_waits_is_not_taken_back(world)
    yield world.dump() == before, "an undo that waited changed rows"


def until(condition):
    deadline = time.monotonic() + 30
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def a_run_that_ends_while_undo_waits_is_not_taken_back(world):
    waiting = "SELECT count(*) AS n FROM pg_locks WHERE locktype = 'advisory' AND granted = {}"
    with subprocess.Popen(["psql", "-X", "-q", world.databases[1]], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as holder:
        print("SELECT pg_advisory_lock (hashtext ('slipway.run'));", file=holder.stdin, flush=True)
        yield until(lambda: world.one(0, waiting.format("true")) == "1"), "nobody holds the lock"
        with subprocess.Popen(world.words("undo", "1"), stderr=subprocess.PIPE, text=True) as undo:
            yield until(lambda: world.one(0, waiting.format("false")) == "1"), "undo does not wait"
            print("UPDATE slipway.run SET ended = clock_timestamp ();", file=holder.stdin, flush=True)
            holder.stdin.close()
            told = undo.communicate(timeout=60)[1]
            yield undo.returncode == 1 and "has just ended" in told, told


def undo_is_refused_where_later_rows_depend(new):
    world = new()
    world.run()
    world.sql(1, "INSERT INTO addresses (person_id, town) SELECT max(id), 'Later' FROM people")
    before = world.dump()
    done = world.undo()
    yield done.returncode == 1 and "Later" in done.stderr, done.stderr
    yield world.dump() == before, "a refused undo changed rows"
    yield from another_target_is_not_taken_for_that_of_the_run(world)
    world.sql(1, "DELETE FROM addresses WHERE town = 'Later'; CREATE TABLE bookings (berth text, person_id integer REFERENCES people ON DELETE CASCADE)")
    yield from what_is_committed_while_undo_waits_is_not_taken_along(world)


def another_target_is_not_taken_for_that_of_the_run(world):
    other = world.postgres.database("other", "example")
    words = [world.slipwayctl, "migrate", "undo", "1", *world.databases[:2], "--target-db", other]
    for broken_off in (False, True):
        if broken_off:
            world.sql(0, "UPDATE slipway.stage SET state = 'running', ended = NULL WHERE stage = 'load_to_target'")
        before = world.status()
        done = world.call(words)
        yield done.returncode == 1 and "other knows nothing of it" in done.stderr, (broken_off, done.stdout, done.stderr)
        yield [run["state"] for run in world.status()] == [run["state"] for run in before] == ["done"], world.status()
    world.sql(0, "UPDATE slipway.stage SET state = 'done', ended = started WHERE stage = 'load_to_target'")


def what_is_committed_while_undo_waits_is_not_taken_along(world):
    waiting = "SELECT count(*) AS n FROM pg_locks WHERE relation = 'people'::regclass AND NOT granted"
    with subprocess.Popen(["psql", "-X", "-q", "-At", world.databases[3]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        print("BEGIN; INSERT INTO bookings SELECT 'Z1', max(id) FROM people RETURNING berth;", file=other.stdin, flush=True)
        yield other.stdout.readline() == "Z1\n", "nobody booked"
        with subprocess.Popen(world.words("undo", "1"), stderr=subprocess.PIPE, text=True) as undo:
            yield until(lambda: undo.poll() is not None or world.one(1, waiting) == "1"), "undo does not wait"
            print("COMMIT;", file=other.stdin, flush=True)
            other.stdin.close()
            told = undo.communicate(timeout=60)[1]
            yield undo.returncode == 1 and "bookings (Z1," in told and "later rows depend" in told, (undo.returncode, told)
    yield world.one(1, "SELECT count(*) AS n FROM bookings") == "1", "what somebody else committed is gone"


CASES = [undo_is_refused_where_rows_were_changed, undo_is_refused_where_later_rows_depend]
