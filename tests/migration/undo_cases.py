# SPDX-License-Identifier: MIT
"""When a run is not taken back: rows that others changed, made or refer to, before undo begins and while it works. Part of
test-run.py, whose world it uses."""

import re
import subprocess
import time

from bound_cases import EXAMPLE


def undo_is_refused_where_rows_were_changed(new):
    world = new()
    made = world.dump()
    world.run()
    surname = world.one(1, "SELECT surname FROM people ORDER BY id DESC LIMIT 1")
    world.sql(1, every_table("ADD COLUMN since text DEFAULT 'new'"))
    world.sql(1, "UPDATE people SET surname = 'Changed' WHERE id = (SELECT max(id) FROM people)")
    before = world.dump()
    world.sql(1, "CREATE TABLE put_aside AS SELECT * FROM deposits; DELETE FROM deposits; INSERT INTO phones (person_id, phonenumber) SELECT id, 'later' FROM people ORDER BY id DESC LIMIT 2")
    done = world.undo()
    told = re.findall(r"public.(\w+: [0-9]+ [a-z ]+)", done.stderr)
    yield done.returncode == 1 and sorted(told) == [
        f"deposits: {world.one(1, 'SELECT count(*) AS n FROM put_aside')} rows of the run were changed or deleted since",
        "people: 1 row of the run was changed or deleted since", "people: 2 later rows depend on rows of the run"], done.stderr
    world.sql(1, "INSERT INTO deposits SELECT * FROM put_aside; DROP TABLE put_aside; DELETE FROM phones WHERE phonenumber = 'later'")
    yield world.dump() == before, "a refused undo changed rows"
    yield from a_run_that_ends_while_undo_waits_is_not_taken_back(world)
    yield world.dump() == before, "an undo that waited changed rows"
    world.sql(1, f"UPDATE people SET surname = '{surname}', since = 'later' WHERE id = (SELECT max(id) FROM people); ALTER TABLE people RENAME memo TO remark")
    done = world.undo()
    yield done.returncode == 1 and "people has no column memo any more" in done.stderr, done.stderr
    world.sql(1, "ALTER TABLE people RENAME remark TO memo; ALTER TABLE deposits RENAME TO deposited; ALTER TABLE timeline RENAME TO events")
    done = world.undo()
    yield done.returncode == 1 and re.search("there is no table public.(deposits|timeline) any more.*Nothing was taken back", done.stderr), done.stderr
    world.sql(1, "ALTER TABLE deposited RENAME TO deposits; ALTER TABLE events RENAME TO timeline")
    yield from what_was_taken_back_in_a_copy_stays(world)
    done = world.undo()
    yield done.returncode == 0, f"columns that came since keep rows: {done.stderr}"
    world.sql(1, every_table("DROP COLUMN since"))
    yield world.dump() == made, [line for line in world.dump() if line not in made][:5]


def what_was_taken_back_in_a_copy_stays(world):
    """To rehearse an undo on a copy of the target takes nothing out of the target itself."""
    run, target = world.run_words(), world.names[1]
    copy = world.postgres.database(target + "_copy", target)
    done = world.call([*world.words("undo", "1")[:-1], copy])
    yield done.returncode == 0, f"the copy is not taken back: {done.stderr}"
    stage, = [stage for stage in world.status()[0]["stages"] if stage["stage"] == "load_to_target"]
    yield stage["state"] == "done" and f"{target}_copy; here its rows are in" in stage.get("note", ""), f"the status says of the target: {stage}"
    done = world.call([*world.words("validate", EXAMPLE)[:-1], copy])
    yield done.returncode == 1 and "nothing of it is in" in done.stderr, f"of the copy: {done.stderr}"
    done = world.call(world.words("validate", EXAMPLE))
    yield done.returncode == 0 and done.stdout.startswith("run 1\n"), f"of the target: {done.stderr}"
    before = world.dump()
    done = world.call([*run, "--skip", "validation"])
    yield done.returncode == 0 and world.dump() == before and world.status()[0]["state"] == "done", f"the run does not go on: {done.stderr}"


def every_table(change):
    return f"""DO $$ DECLARE a regclass; BEGIN FOR a IN SELECT oid FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition
        AND relnamespace = 'public'::regnamespace LOOP EXECUTE 'ALTER TABLE ' || a || $x$ {change} $x$; END LOOP; END $$"""


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
        with subprocess.Popen(world.words("validate", EXAMPLE, "--lock-wait", "5"), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as validate:
            line = validate.stderr.readline()
            yield re.search("waits for a lock of process .*, for 15 s at most", line), f"validate waits in silence: {line}"
            validate.terminate()
        yield until(lambda: world.one(0, waiting.format("false")) == "0"), "validate waits on"
        with subprocess.Popen(world.words("undo", "1", "--progress-lines"), stderr=subprocess.PIPE, text=True) as undo:
            yield until(lambda: world.one(0, waiting.format("false")) == "1"), "undo does not wait"
            line = undo.stderr.readline()
            yield "waits for a lock of process" in line and "1/15 seconds" in line, f"undo waits in silence: {line}"
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
        yield from no_other_target_is_worked_with(world, other)
    world.sql(0, "UPDATE slipway.stage SET state = 'done', ended = started WHERE stage = 'load_to_target'")


def no_other_target_is_worked_with(world, other):
    """Though it looks as the run's did before, or is one that another run was loaded into."""
    books = "SELECT string_agg (s::text, ';' ORDER BY stage) || (SELECT r::text FROM slipway.run r) AS n FROM slipway.stage s"
    before = world.one(0, books)
    numbered = world.postgres.rows("other", "SELECT to_regclass ('slipway_migration.target') AS n")[0]["n"]
    if numbered is None:
        world.postgres.psql("other", "CREATE SCHEMA slipway_migration; CREATE TABLE slipway_migration.target (id uuid); "
                                     "INSERT INTO slipway_migration.target VALUES ('00000000-0000-0000-0000-000000000001')")
    for words in (world.run_words(), world.words("stage", "load_to_target", EXAMPLE), world.words("validate", EXAMPLE)):
        done = world.call([other if word == world.databases[3] else word for word in words])
        told = re.search(r"run 1 was loaded into (.+), and (.+) is another database", done.stderr)
        yield done.returncode == 1 and told and world.names[1] in told[1] and told[2].endswith("/other"), (words, done.stdout[-300:], done.stderr)
    yield world.one(0, books) == before, "something was forgotten"
    fresh = world.postgres.database("books")
    for words, told in (([fresh if word == world.databases[1] else word for word in world.run_words()], "from another migration database"),
                        ([*world.run_words(), "--run-date", "2022-06-17"], "with other definitions, values or run date"),
                        (world.words("stage", "validation", EXAMPLE, "--run-date", "2022-06-17"), "with other definitions, values or run date")):
        done = world.call(words)
        yield done.returncode == 1 and re.search(rf"run 1 of haddow-creek, begun 20[0-9: -]+ {told}, has its rows in", done.stderr), done.stderr
        yield ("by the definitions as they are now: slipwayctl migrate validate\n" in done.stderr) == ("validation" in words), done.stderr
    yield world.postgres.rows("other", "SELECT count (*) AS n FROM people")[0]["n"] == world.postgres.rows(
        "example", "SELECT count (*) AS n FROM people")[0]["n"], "rows were written"


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
            yield undo.returncode == 1 and "bookings (Z1," in told and "1 later row depends" in told, (undo.returncode, told)
    yield world.one(1, "SELECT count(*) AS n FROM bookings") == "1", "what somebody else committed is gone"


CASES = [undo_is_refused_where_rows_were_changed, undo_is_refused_where_later_rows_depend]
