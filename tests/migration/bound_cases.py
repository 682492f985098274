# SPDX-License-Identifier: MIT
"""What a run is bound to: the files that were landed, its values, and schemas that another migration may write too. Cases of
test-run.py, whose worlds they take."""

import json
import os
import re
import shutil
import subprocess
import tempfile

import libpq

EXAMPLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "data", "example")


def states(report):
    """Of all stages but api, which asks nobody unless it is told whom."""
    return [stage["state"] for stage in report.get("stages", []) if stage["stage"] != "api"]


def example_with(folder, **members):
    """A copy of the example with other members in its sidecar, or without those that are None."""
    copy = os.path.join(folder, "example")
    shutil.copytree(EXAMPLE, copy, dirs_exist_ok=True)
    with open(os.path.join(EXAMPLE, "migration.json"), encoding="utf-8") as file:
        sidecar = {**json.load(file), **members}
    with open(os.path.join(copy, "migration.json"), "w", encoding="utf-8") as file:
        json.dump({name: value for name, value in sidecar.items() if value is not None}, file)
    return copy


def note_with(folder, old, new):
    """A copy of the source whose notes say something else."""
    copy = os.path.join(folder, "other")
    shutil.copytree(os.path.join(folder, "source"), copy)
    path = os.path.join(copy, "note.csv")
    with open(path, "rb") as file:
        text = file.read()
    with open(path, "wb") as file:
        file.write(text.replace(old, new))
    return copy


def a_run_is_bound_to_what_was_landed(new):
    """Other files, landed by hand or given to the run, before its rows are in the target and when they are."""
    world = new()
    with tempfile.TemporaryDirectory() as folder:
        os.symlink(world.source, os.path.join(folder, "source"))
        other = note_with(folder, b"M0", b"m0")
        done, _ = world.run("--skip", "load_to_target", "--skip", "hooks")
        yield done.returncode == 0, done.stderr
        load = [world.slipwayctl, "migrate", "load", EXAMPLE, "--source", other, *world.databases[:2]]
        done = world.call(load)
        yield done.returncode == 0 and "run 1 of haddow-creek was made of other files" in done.stdout + done.stderr, done.stderr
        done = world.call(world.words("stage", "load_to_target", EXAMPLE))
        yield done.returncode == 1 and "not what run 1 works with; others are note.csv" in done.stderr, done.stderr
        yield world.one(1, "SELECT count(*) FROM notes") == "0", "rows of other files are in"
        done, report = world.run()
        yield done.returncode == 0 and states(report)[0] == "done", (done.stderr, states(report))
        before, landed = world.dump(), world.one(0, "SELECT slipway.landed_digest ('logbook')")
        done = world.call(world.words("run", EXAMPLE, "--source", other, "--run-date", "2022-06-15"))
        yield done.returncode == 1 and "note.csv is another file than the one that run 1 was made of" in done.stderr, done.stderr
        yield world.one(0, "SELECT slipway.landed_digest ('logbook')") == landed, "they are landed all the same"
        yield world.status()[0]["state"] == "done", f"a refused call left the run {world.status()[0]['state']}"
        world.call(load)
        done = world.call(world.words("run", EXAMPLE))
        yield done.returncode == 1 and "Give its own files with --source" in done.stderr, done.stderr
        done = world.call(world.words("validate", EXAMPLE, "--json"))
        yield done.returncode == 1 and "others are note.csv" in done.stderr, done.stderr
        world.sql(0, "UPDATE slipway.stage SET state = 'running' WHERE stage = 'load'")
        done, report = world.run()
        yield done.returncode == 0 and set(states(report)) == {"kept"}, (done.stderr, report)
        done = world.call(world.words("validate", EXAMPLE, "--json"))
        yield done.returncode == 0 and world.dump() == before, done.stderr
        # A case has no files of its own that could be given.
        salt = os.path.join(folder, "salt")
        with open(salt, "w", encoding="utf-8") as file:
            file.write("a salt that only this test knows\n")
        os.chmod(salt, 0o600)
        done = world.call([world.slipwayctl, "migrate", "case", EXAMPLE, "--key", "M000001", "--source", world.source, "--to", world.databases[1],
                           "--salt-file", salt])
        yield done.returncode == 0, done.stderr
        done = world.call(world.words("run", EXAMPLE, "--json"))
        yield "slipwayctl migrate undo 1, then run again" in done.stderr and "--source" not in done.stderr, done.stderr
        yield done.returncode == 1 and states(json.loads(done.stdout)) == ["refused"] and world.status()[0]["state"] == "done", done.stdout


def what_is_loaded_is_the_integration_that_was_agreed_to(new):
    """It is known by a mark, which is another one when the stage is done again and the same while it is kept."""
    world = new()
    done, agreed = world.run("--skip", "load_to_target", "--skip", "hooks")
    yield done.returncode == 0 and world.status()[0]["integration"] == agreed["integration"]["mark"], (done.stderr, agreed)
    kept = json.loads(world.call(world.words("stage", "integration", EXAMPLE, "--keep-done", "--json")).stdout)
    yield kept["integration"] == agreed["integration"], (kept, agreed)
    yield from what_is_done_is_that_where_nobody_answers(world)
    other = json.loads(world.call(world.words("stage", "integration", EXAMPLE, "--json")).stdout)["integration"]
    yield other["mark"] != agreed["integration"]["mark"] and other["rows"] == agreed["integration"]["rows"], (other, agreed)
    told = [stage for stage in world.status()[0]["stages"] if stage["stage"] != "load_to_target"]
    for words in ("stage", "load_to_target"), ("run",):
        done = world.call(world.words(*words, EXAMPLE, "--integration", agreed["integration"]["mark"]))
        yield done.returncode == 1 and f"integration {other['mark']}: {other['rows']} rows" in done.stderr \
            and f"integration {agreed['integration']['mark']} was agreed to" in done.stderr, done.stderr
    yield world.one(1, "SELECT count(*) FROM notes") == "0", "what nobody agreed to is in"
    yield [stage for stage in world.status()[0]["stages"] if stage["stage"] != "load_to_target"] == told, world.status()
    done = world.call(world.words("stage", "load_to_target", EXAMPLE, "--integration", other["mark"]))
    yield done.returncode == 0 and world.one(1, "SELECT count(*) FROM notes") != "0", done.stderr
    # What is loaded already is not taken for it either.
    done = world.call(world.words("stage", "load_to_target", EXAMPLE, "--keep-done", "--integration", "0" * 16))
    yield done.returncode == 1 and f"integration {'0' * 16} was agreed to" in done.stderr, done.stderr


def what_is_done_is_that_where_nobody_answers(world):
    """Neither the run nor a stage that may be kept becomes another by a look that fails."""
    was = world.status()
    for which, table, told, stood in ((1, "pg_constraint", "stage prepare is done, and could not be looked at again: ", ["kept"] * 3),
                                      (0, "slipway.stage", "migration database ", [])):
        with libpq.Session(world.databases[2 * which + 1]) as session:
            session.ask("BEGIN")
            session.ask(f"LOCK TABLE {table}")
            done, report = world.run("--lock-wait", "1", "--skip", "load_to_target", "--skip", "hooks")
        yield done.returncode == 1 and f"slipwayctl: {told}" in done.stderr and "waited 1 s for a lock" in done.stderr, done.stderr
        yield states(report) == stood and world.status() == was, (report, was, world.status())


def what_another_run_made_is_not_taken_for_ones_own(new):
    """Run 1 is half-way; run 2 is of another day, or of other files, or of the same as one that was taken back."""
    world = new()
    until = ("--skip", "load_to_target", "--skip", "hooks")

    def other(*skipped, date="2022-06-16"):
        done = world.call(world.words("run", EXAMPLE, "--source", world.source, "--run-date", date, "--json", *until,
                                      *(word for stage in skipped for word in ("--skip", stage))))
        return done, {stage["stage"]: stage for stage in (json.loads(done.stdout) if done.stdout else {}).get("stages", [])}
    done, _ = world.run("--skip", "filter", "--skip", "transform", *until)
    yield done.returncode == 1 and "stage transform is left out, and stage integration would take whatever stands there" in done.stderr, done.stderr
    done, stages = other("filter", date="2022-06-15")
    yield done.returncode == 0 and "rows that filters name go on" in stages["transform"]["note"], (done.stderr, stages)
    done, _ = other("transform")
    yield done.returncode == 1 and "what run 1 made by other definitions, values or run date" in done.stderr, done.stderr
    yield "Leave out --skip transform" in done.stderr, done.stderr
    done, stages = other()
    yield done.returncode == 0 and stages["integration"]["state"] == "done", done.stderr
    told = {run["run"]: (run.get("integration"), run.get("workedSince")) for run in world.status()}
    yield told == {1: (None, 2), 2: (json.loads(done.stdout)["integration"]["mark"], None)}, told
    # The same once more, as after an undo: what stands there is what it would make.
    world.sql(0, "UPDATE slipway.run SET state = 'undone' WHERE id = 2")
    yield not any(run.get("integration") for run in world.status()), "what is taken back stands integrated"
    done, stages = other("transform")
    yield done.returncode == 0 and "takes what stage transform of run 2 made" in stages["integration"]["note"], (done.stderr, stages)
    world.sql(0, "UPDATE slipway.run SET landed = 'others' WHERE id = 2; UPDATE slipway.run SET state = 'undone' WHERE id = 3;"
                 "UPDATE slipway.stage SET state = 'skipped' WHERE run = 3 AND stage = 'transform'")
    done, _ = other("transform")
    yield done.returncode == 1 and "what run 2 made of other files" in done.stderr, done.stderr


def values_are_the_same_in_any_order_and_nobody_lands_files_under_a_run(new):
    world = new()
    for values in (("years=9", "offices=HC"), ("offices=HC", "years=8", "years=9")):
        done = world.call(world.words("stage", "load", EXAMPLE, "--source", world.source, *(f"--value={value}" for value in values)))
        yield done.returncode == 0, done.stderr
    yield len(world.status()) == 1, "the order of values makes another run"
    load = [world.slipwayctl, "migrate", "load", EXAMPLE, "--source", world.source, *world.databases[:2]]
    with tempfile.NamedTemporaryFile("w") as salt:
        salt.write("a salt that only this test knows\n")
        salt.flush()
        merge = [world.slipwayctl, "migrate", "case", EXAMPLE, "--key", "M000001", "--source", world.source, "--to", world.databases[1],
                 "--salt-file", salt.name]
        with subprocess.Popen(["psql", "-X", "-q", "-d", world.databases[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as held:
            held.stdin.write(b"SELECT pg_advisory_lock (hashtext ('slipway.run'));\n")
            held.stdin.flush()
            held.stdout.readline()
            for words in (load, merge):
                done = world.call(words)
                yield done.returncode == 1 and "a run works with what is landed" in done.stderr, (words, done.stderr)
            held.stdin.close()
        done = world.call(merge)
        yield done.returncode == 0, done.stderr
        # A table that cannot be landed is told with what the others lost, since these are kept from now on.
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(world.source, folder, dirs_exist_ok=True)
            with open(os.path.join(folder, "task.csv"), "ab") as file:
                file.write(b'"no end')
            done = world.call(world.words("stage", "load", EXAMPLE, "--source", folder))
            yield done.returncode == 1 and re.search(r"1 of 10 tables could not be landed(.|\n)*In the others \d+ rows of merged cases went", done.stderr), done.stderr
            done = world.call(merge)
            yield done.returncode == 0, done.stderr
    # Whoever merged it into the wrong database is told by the run, and so is who loses it.
    for words, told in (((), "rows of merged cases, which are made up, are landed too: .*member 1"),
                        (("--source", world.source), r"^(?!.*made up).*\d+ rows of merged cases went with what was landed before; merge the cases again")):
        done = world.call(world.words("stage", "load", EXAMPLE, *words, "--json"))
        note = json.loads(done.stdout)["stages"][0].get("note", "")
        yield done.returncode == 0 and re.search(told, note) and note == world.status()[0]["stages"][0]["note"], (words, note, done.stderr)


def two_migrations_share_a_database_and_no_rows(new):
    """The other one has another name, and other rows by its values; both write the same schemas."""
    world = new()
    with tempfile.TemporaryDirectory() as folder:
        sidecar = example_with(folder, name="other-creek", values={"source": "LOGBOOK", "offices": "UP", "years": 10})
        until = ("--skip", "load_to_target", "--skip", "hooks")
        done, _ = world.run(*until)
        yield done.returncode == 0, done.stderr
        staged = "SELECT count(*) AS n FROM staging.people WHERE migration_method = 'INSERT'"
        own = world.one(0, staged)
        done = world.call(world.words("run", sidecar, "--source", world.source, "--run-date", "2022-06-15", *until))
        yield done.returncode == 0, done.stderr
        yield int(world.one(0, staged)) < int(own), "the rows are the same, so that nothing is proven"
        done = world.call(world.words("stage", "load_to_target", EXAMPLE))
        yield done.returncode == 1 and "stage filter makes, and that is not done yet" in done.stderr, done.stderr
        done, report = world.run()
        yield done.returncode == 0 and report["run"] == 1 and states(report)[3] == "done", (done.stderr, states(report))
        loaded = world.one(1, "SELECT inserted FROM slipway_migration.load WHERE table_name = 'people'")
        yield loaded == own, f"{loaded} people are in, and {own} were made"
        done = world.call(world.words("stage", "filter", sidecar))
        yield done.returncode == 0, done.stderr
        done = world.call(world.words("validate", EXAMPLE, "--json"))
        yield done.returncode == 1 and "has worked in" in done.stderr, done.stderr


def a_run_drops_no_schema_that_no_run_made(new):
    """Somebody's own, one that is empty, those of a run of an earlier version, and the target's."""
    world = new()
    until = ("--skip", "load_to_target", "--skip", "hooks")
    things = (("logbook_kept", "VIEW", "z AS SELECT 1 AS n"), ("staging", "TABLE", "precious (n int)"), ("transform", "TABLE", "keepme (n int)"))
    world.sql(0, "CREATE SCHEMA integration;" + "".join(f"CREATE SCHEMA {schema}; CREATE {kind} {schema}.{thing};" for schema, kind, thing in things))
    for schema, kind, thing in things:
        done, _ = world.run(*until)
        yield (done.returncode == 1 and f'no run made schema "{schema}" of ' in done.stderr
               and f"(1 of them: {kind.lower()} {schema}.{thing.split()[0]})" in done.stderr), done.stderr
        yield not world.status() and world.one(0, f"SELECT count (*) FROM {schema}.{thing.split()[0]}") is not None, "something was written"
        world.sql(0, f"DROP SCHEMA {schema} CASCADE")
    done, _ = world.run(*until)
    yield done.returncode == 0, done.stderr
    # As an earlier version leaves them.
    world.sql(0, "".join(f"COMMENT ON SCHEMA {schema} IS NULL;" for schema in ("logbook_kept", "staging", "transform", "integration")) +
                 "ALTER TABLE slipway.version DROP COLUMN marked; UPDATE slipway.version SET sha256 = 'another'")
    again = world.words("run", EXAMPLE, "--run-date", "2022-06-16", *until)
    done = world.call(again)
    yield done.returncode == 0, done.stderr
    world.sql(0, "DROP SCHEMA transform CASCADE; CREATE SCHEMA transform; CREATE TABLE transform.keepme AS SELECT 7 AS n")
    for words in (again, world.words("stage", "transform", EXAMPLE, "--run-date", "2022-06-16"), world.words("undo", "2", "--stage", "filter")):
        done = world.call(words)
        yield done.returncode == 1 and 'no run made schema "transform"' in done.stderr, (words, done.stderr)
    yield world.one(0, "SELECT n FROM transform.keepme") == "7", "somebody's rows are gone"
    with tempfile.TemporaryDirectory() as folder:
        sidecar = example_with(folder, schemas={"source": "logbook", "staging": "club", "target": "club"})
        both = world.databases[3]
        done = world.call([world.slipwayctl, "migrate", "run", sidecar, "--source", world.source, "--migration-db", both, "--target-db", both])
        yield done.returncode == 1 and "schema club of " in done.stderr and "is the target's own" in done.stderr, done.stderr


#: What is refused where rows are not those of the run.
REFUSED = [a_run_is_bound_to_what_was_landed, what_another_run_made_is_not_taken_for_ones_own]
CASES = [a_run_drops_no_schema_that_no_run_made, what_is_loaded_is_the_integration_that_was_agreed_to,
         values_are_the_same_in_any_order_and_nobody_lands_files_under_a_run,
         two_migrations_share_a_database_and_no_rows]
