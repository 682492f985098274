# SPDX-License-Identifier: MIT
"""What stands in a run's way, and what is told of it: a target that has nothing of the run any more. Part of test-run.py, whose
worlds it takes."""

import contextlib
import csv
import io
import json
import os
import re
import subprocess
import tempfile
import time

import undo_cases

HERE = os.path.dirname(os.path.abspath(__file__))
EXAMPLE = os.path.join(HERE, "..", "..", "data", "example")


def loaded(text):
    """Rows that a waterfall as CSV counts in the target."""
    return [line for line in csv.DictReader(io.StringIO(text)) if line["level"] in ("loaded", "validated") and line["kind"] == "count"]


def what_went_is_told(world, run, word, said):
    """By the waterfall and by the evidence of run @run, of which the target has nothing."""
    words = world.words("waterfall", EXAMPLE, "--run", str(run))
    done = world.call(words)
    yield done.returncode == 0 and said in done.stdout, (done.stdout[-300:], done.stderr)
    done = world.call([*words, "--csv"])
    yield done.returncode == 0 and not loaded(done.stdout) and said in done.stderr, (loaded(done.stdout), done.stderr)
    told = json.loads(world.call([*words, "--json"]).stdout)
    yield told["target"] == word and not any("loaded" in table["counts"] for table in told["tables"]), told["target"]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "evidence")
        done = world.call(world.words("report", EXAMPLE, "--run", str(run), "--all", path))
        yield done.returncode == 0 and said in done.stdout, (done.stdout, done.stderr)
        with open(os.path.join(path, "report.json"), encoding="utf-8") as file:
            report = json.load(file)
        states = {stage["stage"]: stage["state"] for stage in report["stages"]}
        with open(os.path.join(path, "stages.csv"), encoding="utf-8") as file:
            yield {row["stage"]: row["state"] for row in csv.DictReader(file)} == states, "two words for a stage"
        went = "gone" if word == "gone" else "undone"
        yield report["target"] == word and report["state"] == states["load_to_target"] == went and states["integration"] == "done", report
        with open(os.path.join(path, "waterfall.csv"), encoding="utf-8") as file:
            yield not loaded(file.read()), "the evidence counts what is gone as loaded"


def what_is_gone_is_told(world):
    """Behind a snapshot of before; who does not name the target is told that it was not asked."""
    yield from what_went_is_told(world, 1, "gone", "Run 1 is gone: the target was brought back")
    unasked = [world.slipwayctl, "migrate", "waterfall", EXAMPLE, *world.databases[:2]]
    done = world.call(unasked)
    yield done.returncode == 0 and "--target-db tells" in done.stdout and "gone" not in done.stdout, done.stdout[-300:]
    yield json.loads(world.call([*unasked, "--json"]).stdout)["target"] == "not asked", "an unasked target is said to have it"


@contextlib.contextmanager
def somebody(world, which, statement):
    """Somebody else's session, which begins a transaction with @statement and stays in it; its process id."""
    with subprocess.Popen(["psql", "-X", "-q", "-At", world.databases[1 + 2 * which]], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True, env={**os.environ, "PGAPPNAME": "stranger"}) as session:
        print(f"BEGIN; SELECT pg_backend_pid (); {statement};\n\\echo ready", file=session.stdin, flush=True)
        pid = session.stdout.readline().strip()
        while session.stdout.readline() not in ("ready\n", ""):
            pass
        yield pid
        session.stdin.close()


def who_is_told(done, pid, statement):
    return (done.returncode == 1 and f"process {pid} (user migrator, application stranger)" in done.stderr and "in its transaction since 20" in done.stderr
            and "idle in transaction" in done.stderr and statement in done.stderr and f"pg_terminate_backend ({pid})" in done.stderr
            and f"waits for a lock of process {pid} (migrator, stranger)" in done.stderr and "waited 2 s" in done.stderr)


def who_is_first_in_the_queue_is_told(world):
    """Who reads is in nobody's way but that of a third one, who waits for the table as a whole."""
    waiting = "SELECT count (*) AS n FROM pg_locks WHERE relation = 'notes'::regclass AND NOT granted"
    with somebody(world, 1, "SELECT count (*) FROM notes") as pid:
        third = subprocess.Popen(["psql", "-X", "-q", "-1", "-c", "LOCK TABLE notes", world.databases[3]], stderr=subprocess.DEVNULL)
        yield undo_cases.until(lambda: world.one(1, waiting) == "1"), "the third one does not wait"
        done = world.undo(1, "--lock-wait", "2", "--progress-lines")
        yield who_is_told(done, pid, "SELECT count (*) FROM notes") and "“LOCK TABLE notes”, which waits itself" in done.stderr, done.stderr
    third.wait(timeout=60)


def a_lock_of_somebody_else_is_waited_for_so_long_and_told(new):
    world = new()
    world.run()
    before, patience = world.dump(), ("--lock-wait", "2", "--progress-lines")
    with somebody(world, 1, "UPDATE people SET surname = surname WHERE id = (SELECT max (id) FROM people)") as pid:
        done = world.undo(1, *patience)
        yield who_is_told(done, pid, "UPDATE people") and "nothing was taken back" in done.stderr, done.stderr
        yield world.status()[0]["state"] == "done", world.status()
    yield world.dump() == before, "an undo that gave up changed rows"
    log = subprocess.run([world.slipwayctl, "ledger", "list", "--json", "--limit", "2"], capture_output=True, text=True, check=True).stdout
    yield f"process {pid}" in log and "UPDATE people" not in log, f"somebody's statement is in the audit log: {log}"
    yield from who_is_first_in_the_queue_is_told(world)
    done = world.undo(1, *patience)
    yield done.returncode == 0 and "waits" not in done.stderr, done.stderr
    world.sql(1, "CREATE TABLE spare (berth text)")
    for which, stage, statement in ((0, "integration", "SELECT count (*) FROM integration.people"), (1, "load_to_target", "LOCK TABLE notes IN SHARE MODE")):
        with somebody(world, which, statement) as pid:
            done = world.call([*world.run_words(), *patience])
            yield who_is_told(done, pid, statement), done.stderr
            states = {one["stage"]: one["state"] for one in world.status()[0]["stages"]}
            yield states[stage] == "failed", states
    world.sql(1, "DROP TABLE spare")  # Nothing of it is migrated: that it went is told, and no more.
    done = world.call(world.run_words())
    yield done.returncode == 0 and "spare is not there any more" in done.stdout, (done.stderr, done.stdout)
    done = world.undo(2, "--lock-wait", "-1")
    yield done.returncode == 2 and "--lock-wait takes seconds" in done.stderr, done.stderr
    yield from hooks_that_wait_are_in_nobodys_way(world)


def hooks_that_wait_are_in_nobodys_way(world):
    """They hold every table while they work, and none while they wait for one; who reads one keeps its trigger, not the hook."""
    def hooks(seconds):
        return world.words("stage", "hooks", EXAMPLE, "--lock-wait", str(seconds), "--progress-lines")

    triggers = "SELECT string_agg (tgrelid::regclass || ' ' || tgname, ', ' ORDER BY tgname) AS n FROM pg_trigger WHERE tgname LIKE 'slipway%'"
    write = ["psql", "-X", "-q", "-c", "SET statement_timeout = '3s'", "-c", "UPDATE people SET surname = surname WHERE id = 1", world.databases[3]]
    done = world.undo(2, "--stage", "hooks")
    yield done.returncode == 0, done.stderr
    world.sql(1, "CREATE TABLE unrelated (n integer)")
    with somebody(world, 1, "INSERT INTO unrelated VALUES (1)") as pid:
        with subprocess.Popen(hooks(6), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as waiting:
            wrote = []
            while waiting.poll() is None:
                wrote.append(subprocess.run(write, capture_output=True, text=True, check=False).stderr)
                time.sleep(0.2)
            told = waiting.stderr.read()
        yield len(wrote) > 1 and not any(wrote), wrote
        yield waiting.returncode == 1 and "waited 6 s" in told and told.count(f"waits for a lock of process {pid} (migrator, stranger)") in (1, 2), told
    with somebody(world, 1, "SELECT count (*) FROM unrelated") as pid:
        done = world.call(hooks(2))
        yield done.returncode == 1 and "is in. The triggers" in done.stderr and f"pg_terminate_backend ({pid})" in done.stderr, done.stderr
        yield world.one(1, triggers) == "unrelated slipway_capture, unrelated slipway_capture_truncate", world.one(1, triggers)
    done = world.call(hooks(6))
    yield done.returncode == 0 and world.one(1, triggers) is None, (done.stderr, world.one(1, triggers))
    world.sql(1, "INSERT INTO people (uid, type) VALUES (1, 'guest'); DELETE FROM addresses WHERE id = (SELECT min (id) FROM addresses)")
    done = world.undo(2)
    yield done.returncode == 0 and "addresses lacks 1 row that it should have" in done.stdout, (done.stdout, done.stderr)
    yield "people has +1 row that is not this run's" in done.stdout, done.stdout


def databases_that_are_exchanged_are_told_before_anything_is_written(new):
    world, fresh = new(), new()
    world.run()
    landed = ["run", EXAMPLE, "--source", world.source], ["stage", "load", EXAMPLE, "--source", world.source]
    for one, calls in ((fresh, landed), (world, (*landed, ["validate", EXAMPLE], ["undo", "1"]))):
        before = [whole(one, which) for which in (0, 1)]
        for words in calls:
            done = one.call([one.slipwayctl, "migrate", *words, "--migration-db", one.databases[3], "--target-db", one.databases[1]])
            yield done.returncode == 1 and "--migration-db and --target-db exchanged?" in done.stderr, (words, done.stderr)
        yield [whole(one, which) for which in (0, 1)] == before, (one.names, "something was written")
    done = world.call([world.slipwayctl, "migrate", "load", EXAMPLE, "--source", world.source, "--migration-db", world.databases[3]])
    yield done.returncode == 1 and "is a target: runs were loaded into it" in done.stderr, done.stderr


def extensions_that_constraints_need_are_named(new):
    """Also when they are missed on the way, the constraint judges rows once they are there."""
    world = new()
    if world.one(1, "SELECT count (*) AS n FROM pg_available_extensions WHERE name = 'btree_gist'") == "0":
        print("# btree_gist is not installed here: what it brings is not looked at")
        yield True, ""
        return
    world.sql(1, "CREATE EXTENSION btree_gist; ALTER TABLE phones ADD CONSTRAINT apart EXCLUDE USING gist (person_id WITH =, phonenumber WITH <>)")
    before = world.dump()
    done, _ = world.run()
    yield (done.returncode == 1 and "lacks them: btree_gist (phones.apart). Nothing was written to the target" in done.stderr
           and 'run again: CREATE EXTENSION "btree_gist"' in done.stderr), done.stderr
    states = {one["stage"]: one["state"] for one in world.status()[0]["stages"]}
    yield states == {"load": "done", "filter": "done", "prepare": "failed"}, states
    world.sql(0, "CREATE EXTENSION btree_gist")
    done, _ = world.run()
    yield done.returncode == 1 and re.search(r"phones breaks EXCLUDE apart: member\.csv record \d+ \(line \d+\) and member\.csv record", done.stderr), done.stderr
    yield world.dump() == before, "rows were written"
    world.sql(1, "ALTER TABLE phones DROP CONSTRAINT apart, ADD CONSTRAINT apart EXCLUDE USING gist (person_id WITH =, phonenumber WITH =, type WITH =)")
    done, _ = world.run()
    yield done.returncode == 0, done.stderr


def whole(world, which):
    done = subprocess.run(["pg_dump", world.databases[1 + 2 * which]], capture_output=True, text=True, check=True)
    return [line for line in done.stdout.splitlines() if "restrict" not in line]


CASES = [extensions_that_constraints_need_are_named, databases_that_are_exchanged_are_told_before_anything_is_written, a_lock_of_somebody_else_is_waited_for_so_long_and_told]
