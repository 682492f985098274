# SPDX-License-Identifier: MIT
"""A run from source files to the target and back: the example migration on two databases. What is claimed: the rows are in, a
second run changes nothing, what the target refuses is told, and undo leaves the target as it was.

    test-run.py SLIPWAYCTL [PART|CASE…]"""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "rehearsal")]

# pylint: disable=wrong-import-position
import api_server  # noqa: E402
import bound_cases  # noqa: E402
import drive  # noqa: E402
import hook_cases  # noqa: E402
import input_cases  # noqa: E402
import robust_cases  # noqa: E402
import server  # noqa: E402
import target_cases  # noqa: E402
import undo_cases  # noqa: E402
import validation_cases  # noqa: E402

EXAMPLE = os.path.join(HERE, "..", "..", "data", "example")
STAGES = ["load", "filter", "prepare", "transform", "integration", "load_to_target", "validation", "api", "hooks"]


class World:
    """A pair of databases, the target as the example begins, and the program."""

    number = 0
    #: What runs of fresh worlds came to, by their words: their databases are copied where the same is run again.
    came_to = {}

    def __init__(self, slipwayctl, postgres, source):
        World.number += 1
        self.slipwayctl, self.postgres, self.source, self.definitions = slipwayctl, postgres, source, EXAMPLE
        self.names = f"migration{World.number}", f"target{World.number}"
        if World.number == 1:
            postgres.database("example")
            with open(os.path.join(EXAMPLE, "target.sql"), encoding="utf-8") as file:
                postgres.psql("example", file.read())
        self.databases = ("--migration-db", postgres.database(self.names[0]),
                          "--target-db", postgres.database(self.names[1], "example"))
        self.as_made = self.source, self.definitions
        self.fresh = True

    def words(self, *words):
        return [self.slipwayctl, "migrate", *words, *self.databases]

    def run_words(self, *words):
        return self.words("run", self.definitions, "--source", self.source, "--run-date", "2022-06-15", "--json", *words)

    def call(self, words):
        self.fresh = False
        return subprocess.run(words, capture_output=True, text=True, check=False)

    def run(self, *words):
        as_all = self.fresh and self.as_made == (self.source, self.definitions)
        known = World.came_to.get(words) if as_all else None
        if known:
            self.fresh = False
            for name, kept in zip(self.names, known[0]):
                self.postgres.database(name, kept)
            self.stand_in()
            return known[1:]
        done = self.call(self.run_words(*words))
        report = json.loads(done.stdout) if done.stdout else {}
        if as_all and done.returncode == 0:
            kept = tuple(f"{name} of {len(World.came_to)}" for name in ("migration", "target"))
            for name, copy in zip(self.names, kept):
                self.postgres.database(copy, name)
            World.came_to[words] = kept, done, report
        return done, report

    def stand_in(self):
        """The target is a copy that stands for the one which the books know, as a restored cluster's would: of the same number."""
        number = self.one(1, "SELECT oid AS n FROM pg_database WHERE datname = current_database ()")
        self.sql(0, f"UPDATE slipway.run SET target_place = regexp_replace (target_place, '[0-9]+$', '{number}'),"
                    f" target_where = regexp_replace (target_where, '[^/]+$', '{self.names[1]}')")

    def undo(self, run=1, *words):
        return self.call(self.words("undo", str(run), *words))

    def status(self):
        return json.loads(self.call(self.words("status", "--json")).stdout)["runs"]

    def dump(self):
        """All rows of the target without its sequences and the manifest; rows come back in another place."""
        done = subprocess.run(["pg_dump", "-N", "slipway_migration", self.databases[3]], capture_output=True, text=True, check=True)
        return sorted(line for line in done.stdout.splitlines() if "setval" not in line and "restrict" not in line)

    def one(self, which, query):
        return list(self.postgres.rows(self.names[which], query)[0].values())[0]

    def sql(self, which, text):
        self.fresh = False
        self.postgres.psql(self.names[which], text)


def states(report):
    """Of all stages but api, which asks nobody unless it is told whom."""
    return [stage["state"] for stage in report.get("stages", []) if stage["stage"] != "api"]


def all_stages_are_done(new):
    world = new()
    done, report = world.run()
    yield done.returncode == 0, done.stderr
    yield [stage["stage"] for stage in report["stages"]] == STAGES and set(states(report)) == {"done"}, report
    staged = world.one(0, "SELECT count(*) AS n FROM staging.people")
    loaded = world.one(1, "SELECT count(*) AS n FROM people WHERE clubsource = 'LOGBOOK'")
    yield int(staged) > 200 and staged == loaded, (staged, loaded)
    kept = world.one(1, "SELECT count(*) AS n FROM people WHERE token LIKE 'by-hand-%' AND clubsource = 'LOGBOOK'")
    yield kept == "3", f"{kept} rows that were there were updated with their tokens kept"
    wrong = world.one(1, "SELECT count(*) AS n FROM timeline t LEFT JOIN people p ON p.id = (t.event ->> 'personId')::int "
                         "AND p.membernumber = t.event ->> 'memberNumber' WHERE p.id IS NULL")
    yield wrong == "0", f"{wrong} ids in JSON are not those of the target"
    yield from what_the_target_rounds_is_told_with_its_record(world, report)
    # A snapshot from between the load and the hooks.
    world.sql(1, "DELETE FROM slipway_migration.load WHERE part LIKE 'hook %'; DELETE FROM slipway_migration.change;"
                 "UPDATE invoices SET batchnumber = NULL WHERE source = 'LOGBOOK'")
    done, report = world.run()
    missing = world.one(1, "SELECT count(*) AS n FROM invoices WHERE source = 'LOGBOOK' AND batchnumber IS NULL")
    yield done.returncode == 0 and states(report)[-3:] == ["kept", "done", "done"] and missing == "0", (done.stderr, report, missing)


def what_the_target_rounds_is_told_with_its_record(world, report):
    note = {stage["stage"]: stage for stage in report["stages"]}["integration"].get("note", "")
    told = re.search(r"ledger_credits\.amount: (\d+) values? altered \((entry\d\.csv) record (\d+) \(line (\d+)\): “([0-9.-]+) → ([0-9.-]+)”", note)
    longer = world.one(0, "SELECT count(*) AS n FROM integration.ledger_entries WHERE amount <> round (amount, 2)")
    yield told and int(longer) > 0 and told[1] == longer, (note, longer)
    with open(os.path.join(world.source, told[2]), encoding="utf-8", newline="") as file:
        reader, first = csv.reader(file), 1
        amount = next(reader).index("Amount")
        for number, record in enumerate(reader, 1):
            if number == int(told[3]):
                break
            first = reader.line_num
    yield int(told[4]) == first + 1 != number + 1, f"record {number} begins in line {first + 1}: {note}"
    yield abs(float(record[amount])) == abs(float(told[5])) != abs(float(told[6])), (record, note)
    behind = world.one(0, "SELECT sum(cardinality(row_ids)) AS n FROM slipway.measure WHERE kind = 'altered value' AND stage = 'integration'")
    yield behind == longer, f"{behind} rows are behind {longer}"


def second_run_changes_nothing(new):
    world = new()
    world.run()
    before = world.dump()
    told = {stage["stage"]: (stage["rows"], stage.get("note")) for stage in world.status()[0]["stages"]}
    done, report = world.run()
    yield done.returncode == 0 and set(states(report)) == {"kept"}, (done.stderr, report)
    noted = {stage["stage"]: (stage["rows"], stage.get("note")) for stage in report["stages"]}
    yield noted == told and "bad" in told["transform"][1], f"what is kept is told otherwise: {noted} {told}"
    yield world.dump() == before, "rows of the target changed"
    done = world.call(world.words("run", EXAMPLE, "--source", world.source, "--run-date", "2022-06-16"))
    yield done.returncode == 1 and "undo 1" in done.stderr, f"another run date is not refused: {done.stderr}"
    yield world.dump() == before, "a refused run changed rows"
    yield from a_refused_stage_leaves_the_run_as_it_was(world)


def a_refused_stage_leaves_the_run_as_it_was(world):
    """Done or taken back in part; and what it says leads there."""
    transform = world.words("stage", "transform", EXAMPLE)
    for stage in (None, "validation"):
        if stage:
            world.undo(1, "--stage", stage)
        before = world.status(), world.one(0, "SELECT ended FROM slipway.run")
        done = world.call(transform)
        yield done.returncode == 1 and "stage transform cannot be run again" in done.stderr, done.stderr
        yield (world.status(), world.one(0, "SELECT ended FROM slipway.run")) == before, (before, world.status())
    yield from what_is_validated_again_is_not_undone(world)
    words = re.search(r"slipwayctl migrate undo 1 (--stage transform)$", done.stderr.strip())
    done = world.undo(1, *(words[1].split() if words else ()))
    yield words and done.returncode == 0, done.stderr
    done = world.call(transform)
    yield done.returncode == 0 and world.status()[0]["state"] == "in part", (done.stderr, world.status()[0]["state"])


def what_is_validated_again_is_not_undone(world):
    def stages():
        return {stage["stage"]: stage["state"] for stage in world.status()[0]["stages"]}
    undone = ["validation", "hooks"]
    yield stages()["api"] == "skipped", f"what was left out is taken back: {stages()}"
    for words, left in (("--mapping", "tasks"), undone), ((), undone[1:]):
        done, _ = validate(world, *words)
        yield done.returncode == 0 and [name for name, state in stages().items() if state == "undone"] == left, (done.stderr, stages())
    yield stages()["validation"] == "done" and world.status()[0]["state"] == "taken back in part", world.status()[0]


# A trigger that reads a table to which its own does not refer, and which comes before it.
HEARD = """CREATE TABLE heard (task integer PRIMARY KEY, notes bigint); CREATE FUNCTION heard () RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO heard SELECT NEW.id, count(*) FROM notes; RETURN NEW; END $$;
    CREATE TRIGGER heard AFTER INSERT ON tasks FOR EACH ROW EXECUTE FUNCTION heard ()"""


def ids_are_the_same_whatever_is_parallel(new):
    dumps, targets = [], []
    for connections in ("1", "4"):
        world = new()
        world.sql(1, HEARD)
        done, _ = world.run("--connections", connections)
        yield done.returncode == 0, done.stderr
        targets.append(world.dump())
        dumps.append([world.postgres.rows(world.names[0], f"SELECT * FROM {schema}.{table} ORDER BY id")
                      for schema in ("transform", "integration", "staging")
                      for table in ("people", "contracts", "phones", "warnings", "invoices")])
        dumps.append(world.postgres.rows(world.names[0], "SELECT stage, entity, step, column_name, kind, value, rows, row_ids FROM slipway.measure "
                                                         "ORDER BY 1, 2, 3, 4, 5, 6, 7, 8"))
        schemas = world.one(0, "SELECT string_agg (nspname, ' ') AS n FROM pg_namespace WHERE nspname ~ 'keys'")
        yield not schemas, f"left behind: {schemas}"
    yield dumps[:2] == dumps[2:], "rows or measures differ"
    yield world.one(1, "SELECT count(*) > 20 AND min (notes) > 100 AS n FROM heard") == "t", "no trigger heard of all notes"
    yield targets[0] == targets[1], sorted(set(targets[0]) ^ set(targets[1]))[:6]


# Triggers that write to the row that fires them, when the transaction ends, and to a row of another table, in a part of the
# transaction that has its own number.
TOUCHED = """ALTER TABLE people ADD COLUMN indexedas text;
    CREATE FUNCTION indexed () RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        UPDATE people SET indexedas = 'indexed' WHERE id = NEW.id AND indexedas IS DISTINCT FROM 'indexed'; RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER indexed AFTER INSERT OR UPDATE OF surname ON people DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION indexed ();
    CREATE FUNCTION touched () RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        BEGIN UPDATE people SET indexedas = indexedas || ' p' WHERE id = NEW.person_id; EXCEPTION WHEN division_by_zero THEN NULL; END;
        RETURN NEW; END $$;
    CREATE TRIGGER touched BEFORE INSERT ON phones FOR EACH ROW EXECUTE FUNCTION touched ()"""


def undo_leaves_the_target_as_it_was(new):
    world = new()
    before = world.dump()
    world.run()
    yield world.dump() != before, "nothing was loaded, so that nothing is proven"
    took = {stage["stage"]: stage["seconds"] for stage in world.status()[0]["stages"]}
    done = world.undo()
    yield done.returncode == 0, done.stderr
    yield world.dump() == before, [line for line in world.dump() if line not in before][:5]
    yield world.status()[0]["state"] == "undone", world.status()[0]["state"]
    yield from robust_cases.what_went_is_told(world, 1, "taken back", "Run 1 was taken back")
    seconds = {stage["stage"]: stage["seconds"] for stage in world.status()[0]["stages"]}
    yield seconds == took, f"undo changes how long stages took: {took} {seconds}"
    done = world.call(world.words("validate", EXAMPLE))
    yield done.returncode == 1 and "run 1 of" in done.stderr and "was taken back" in done.stderr, done.stderr
    done = world.undo(1, "--stage", "hooks")
    yield world.status()[0]["state"] == "undone", "undo of one stage brings a run back that was undone"
    world.sql(1, "CREATE TABLE journal (id serial PRIMARY KEY, what text); CREATE FUNCTION journal () RETURNS trigger LANGUAGE plpgsql AS "
                 "$$ BEGIN INSERT INTO journal (what) VALUES (NEW.contractnumber); RETURN NEW; END $$; "
                 "CREATE TRIGGER journal AFTER INSERT ON contracts FOR EACH ROW EXECUTE FUNCTION journal (); " + STAYING)
    touched = "SELECT count(*) AS n FROM people WHERE indexedas ~ '^indexed( p)+$' AND clubsource = 'LOGBOOK'"
    world.sql(1, TOUCHED)
    before = world.dump()
    done, report = world.run("--chunk-rows", "50")
    yield done.returncode == 0 and report["run"] == 2, (done.stderr, report)
    yield int(world.one(1, touched)) > 100, "no trigger wrote to its own row and to that of another table"
    done = world.undo(1, "--stage", "load")
    yield done.returncode == 1 and "that of run 2" in done.stderr, f"undo takes away what a later run landed: {done.stderr}"
    done, report = world.run()
    yield done.returncode == 0 and set(states(report)) == {"kept"}, done.stderr
    yield world.one(0, "SELECT count(*) > 0 AS n FROM logbook.member") == "t", "what is landed is gone"
    done = world.undo(2, "--stage", "load_to_target")
    left = world.one(1, "SELECT count(*) AS n FROM journal")
    yield int(left) > 50 and f"journal has +{left} rows" in done.stdout, f"what a trigger wrote stays untold: {done.stdout} {done.stderr}"
    yield from what_keeps_rows_is_no_obstacle(world)
    world.sql(1, "TRUNCATE journal")
    yield world.dump() == before, [line for line in world.dump() if line not in before][:5]
    world.sql(1, "INSERT INTO slipway_migration.load (token, part, table_schema, table_name) SELECT token, 'people', 'public', 'people' "
                 "FROM slipway_migration.run WHERE run = 2")
    done = world.call(world.words("run", EXAMPLE, "--run-date", "2022-06-16"))
    yield done.returncode == 1 and "undo 2" in done.stderr, f"a run that was taken back and begun again is not seen: {done.stderr}"


# Rows that nobody else can delete.
STAYING = """CREATE FUNCTION stay () RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
    CREATE TRIGGER stay BEFORE DELETE ON tasks FOR EACH ROW EXECUTE FUNCTION stay (); ALTER TABLE tasks ENABLE ALWAYS TRIGGER stay;
    CREATE RULE stay AS ON DELETE TO ledger_entries DO INSTEAD NOTHING; ALTER TABLE ledger_entries ENABLE ALWAYS RULE stay"""


def what_keeps_rows_is_no_obstacle(world):
    left = world.one(1, "SELECT (SELECT count(*) FROM tasks) || ' ' || (SELECT count(*) FROM ledger_entries) AS n")
    yield left == "0 0", f"of tasks and entries that undo took back there are {left}"
    on = world.one(1, "SELECT (SELECT tgenabled::text FROM pg_trigger WHERE tgname = 'stay') || (SELECT ev_enabled::text FROM pg_rewrite WHERE rulename = 'stay') AS n")
    yield on == "AA", f"they do not fire as before: {on}"


def taken_ids_are_found_before_the_first_write(new):
    world = new()
    done, report = world.run("--skip", "load_to_target", "--skip", "hooks")
    yield done.returncode == 0, done.stderr
    yield states(report)[-2] == "skipped", "what is not loaded is validated"
    world.sql(1, "INSERT INTO people (uid, type) VALUES (390000000000, 'guest')")
    before = world.dump()
    done, report = world.run()
    yield done.returncode == 1 and "people.id 7 is taken" in done.stderr, done.stderr
    yield world.dump() == before, "rows were written"
    done = world.call(world.words("stage", "integration", EXAMPLE))
    yield done.returncode == 0, done.stderr
    done, report = world.run()
    yield done.returncode == 0 and report["run"] == 1, done.stderr


def a_failed_validation_is_made_again(new):
    world = new()
    world.run()
    world.sql(1, dict((told[:2], asked) for asked, told in PLANTED)["notes", "extra"])
    done = world.call(world.words("stage", "validation", EXAMPLE))
    yield done.returncode == 3, done.stderr
    done = subprocess.run([world.slipwayctl, "migrate", "validate", EXAMPLE], capture_output=True, text=True, check=False,
                          env={**os.environ, "SLIPWAY_MIGRATION_DB": world.databases[1], "SLIPWAY_TARGET_DB": world.databases[3]})
    yield done.returncode == 3 and "1 extra" in done.stdout + done.stderr, (done.stdout[-600:], done.stderr)
    yield from notes_say_what_was_found_last(world)
    done, _ = world.run()
    yield done.returncode == 3 and "1 extra" in done.stderr, done.stderr
    world.sql(1, "DELETE FROM notes WHERE text = 'not theirs'")
    done, report = world.run()
    yield done.returncode == 0 and {stage["stage"]: stage["state"] for stage in report["stages"]}["validation"] == "done", (done.stderr, report)
    yield from a_recheck_says_nothing_of_other_rows(world)
    world.sql(1, "DROP SCHEMA slipway_migration CASCADE")  # as a snapshot of before has it
    status = world.status()[0]
    stages = {stage["stage"]: stage["state"] for stage in status["stages"]}
    yield status["state"] == stages["load_to_target"] == "gone" and stages["integration"] == "done", status
    world.sql(0, "UPDATE slipway.run SET state = 'failed'; UPDATE slipway.stage SET gate = 'gate of it' WHERE stage = 'validation'")
    status = world.status()[0]  # as it is when a person goes back because of what the validation found
    stages = {stage["stage"]: stage["state"] for stage in status["stages"]}
    yield status["state"] == stages["load_to_target"] == "gone" and stages["validation"] == "failed", status
    world.sql(0, "UPDATE slipway.run SET state = 'done'; UPDATE slipway.stage SET gate = NULL")
    yield from robust_cases.what_is_gone_is_told(world)


def a_recheck_says_nothing_of_other_rows(world):
    """Neither is a run all right for it that was not looked at, nor what a gate stopped."""
    def noted():
        run = world.status()[0]
        return run.get("failedSince"), {stage["stage"]: stage for stage in run["stages"]}["validation"]["note"]
    world.sql(1, "UPDATE people SET surname = surname || 'x' WHERE id = (SELECT max(id) FROM people)")
    done, looked_at = validate(world, "--recheck", "1")
    yield done.returncode == 0 and "invoices_berth" in looked_at and "members" not in looked_at and json.loads(done.stdout)["recheck"], (done.stderr, looked_at)
    known, berths = sum(one["flagged"] for one in looked_at.values()), looked_at["invoices_berth"]["flagged"]
    when = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"
    told = (rf"recheck on {when} of {known} flagged rows alone: 0 of what was flagged are not as expected now, and {known} that the sidecar has a "
            rf"reason for; all rows were validated last on {when}, when 0 were not as expected, and {known} had a reason; 1 of 25 mappings is read back, not independent")
    yield noted()[0] is None and re.fullmatch(told, noted()[1]), noted()
    yield re.search(rf"recheck on {when}: of {berths} rows that were flagged {berths} are now; no other row was looked at since all were compared, on {when}",
                    looked_at["invoices_berth"]["note"]), looked_at
    text = world.call(world.words("validate", EXAMPLE, "--recheck", "1")).stdout
    yield f"Only the {known} rows that were flagged were looked at again; of all others this says nothing\n" in text and "\nmembers" not in text, text
    with tempfile.TemporaryDirectory() as folder:
        world.call(world.words("report", EXAMPLE, "--all", os.path.join(folder, "all")))
        with open(os.path.join(folder, "all", "validation.csv"), encoding="utf-8") as file:
            rows = {row["mapping"]: row for row in csv.DictReader(file)}
        yield rows["invoices_berth"]["rechecked"] > rows["invoices_berth"]["ended"] and rows["members"]["rechecked"] == "", rows["invoices_berth"]
    yield validate(world)[0].returncode == 3 and noted()[0] == "validation" and "1 row is not as expected" in noted()[1], noted()
    world.sql(1, "UPDATE people SET surname = rtrim (surname, 'x') WHERE id = (SELECT max(id) FROM people)")
    stopped = "gate of stage validation: it stopped the last validation of all rows, and only what that flagged was looked at since"
    for _ in range(2):
        done, looked_at = validate(world, "--recheck", "1")
        yield done.returncode == 3 and stopped in done.stderr and looked_at["members"]["differing"] == 0, done.stderr
        yield noted()[0] == "validation" and noted()[1].startswith(stopped) and "when 1 was not as expected, and" in noted()[1], noted()
    done, _ = validate(world)
    yield done.returncode == 0 and noted()[0] is None and "recheck" not in noted()[1], (done.stderr, noted())


def notes_say_what_was_found_last(world):
    """A validation by itself is as new as the numbers of its mappings, for whoever reads the run; no other note changes."""
    def stages():
        found = {stage["stage"]: stage for stage in world.status()[0]["stages"]}
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "all")
            world.call(world.words("report", EXAMPLE, "--all", path))
            with open(os.path.join(path, "stages.csv"), encoding="utf-8") as file:
                told = {row["stage"]: row["note"] for row in csv.DictReader(file)}
        return found, told

    back = "1 of 25 mappings is read back, not independent"
    before, told = stages()
    yield list(told) == STAGES and before["validation"]["note"] == told["validation"], told
    gate = r"gate of stage validation: %d extra, of \d+ rows expected; 0 may pass"
    yield re.fullmatch(rf"{gate % 1}; 1 row is not as expected, and \d+ that the sidecar has a reason for; {back}", told["validation"]), told
    world.sql(0, "UPDATE slipway.stage SET note = 'whose rows these are; ' || note WHERE stage = 'validation'")
    world.sql(1, "INSERT INTO notes (person_id, createdtime, type, direction, text) SELECT person_id, createdtime, type, direction, 'nor this' "
                 "FROM notes ORDER BY id LIMIT 1")
    for more, wrong in (("--mapping", "tasks"), 1), (("--mapping", "notes"), 2), ((), 2):
        validate(world, *more)
        after, told = stages()
        yield re.fullmatch(rf"{gate % wrong}; whose rows these are; {wrong} rows? (?:is|are) not as expected, and \d+ that .*; {back}", told["validation"]), (more, told)
        same = [name for name in STAGES if after[name] == before[name]]
        yield same == [name for name in STAGES if name != "validation"] and before["transform"]["note"], after
    world.sql(1, "DELETE FROM notes WHERE text = 'nor this'")


def a_gate_has_its_own_exit_status_and_what_it_stops_goes_no_further(new):
    world = new()
    done = world.call(world.words("stage", "transform", EXAMPLE))
    yield done.returncode == 1 and "Begin with “slipwayctl migrate stage load”" in done.stderr, done.stderr
    yield not world.status(), "a stage that was refused began a run"
    done, _ = world.run("--skip", "load_to_target", "--skip", "hooks")
    world.sql(0, "INSERT INTO slipway.measure (run, stage, entity, step, column_name, kind, value, rows, row_ids) "
                 "VALUES (1, 'transform', 'members', 'members', 'salutation', 'unknown code', 'Zebedee', 100000, '{17}'),"
                 " (1, 'transform', 'members', 'notes', 'p', 'ambiguous', 'M000007', 2, '{3,4}')")
    done, _ = world.run()
    yield done.returncode == 3 and "unknown" in done.stderr and "“Zebedee”" in done.stderr and "17" in done.stderr, (done.returncode, done.stderr)
    yield "2 ambiguous" in done.stderr and "notes p “M000007”: 2 (rows 3, 4)" in done.stderr, done.stderr
    stage = {one["stage"]: one for one in world.status()[0]["stages"]}["transform"]
    yield stage["state"] == "failed" and stage["note"].startswith("gate of stage transform: 1"), f"what a gate stopped is shown as done: {stage}"
    yield "Zebedee" not in stage["note"], stage
    log = subprocess.run([world.slipwayctl, "ledger", "list", "--json", "--limit", "2"], capture_output=True, text=True, check=True).stdout
    yield "members salutation “…”: 100000 (rows 17 …)" in log and "Zebedee" not in log, f"somebody's value is in the audit log: {log}"
    before = world.dump()
    done = world.call(world.words("stage", "load_to_target", EXAMPLE))
    yield done.returncode == 3 and "gate of stage transform" in done.stderr, f"what a gate stopped is loaded: {done.stderr}"
    done = world.call(world.words("stage", "transform", EXAMPLE))
    yield done.returncode == 0, done.stderr
    stage = {one["stage"]: one for one in world.status()[0]["stages"]}["transform"]
    yield stage["state"] == "done" and "gate" not in stage["note"], f"a gate that holds again is shown as failed: {stage}"
    done = world.call(world.words("stage", "load_to_target", EXAMPLE))
    yield done.returncode == 1 and "what stage integration makes, and that is not done yet" in done.stderr, f"old rows are loaded: {done.stderr}"
    yield world.dump() == before, "a refused stage changed rows"


def read_waterfall(text):
    levels, gaps, known = {}, {}, {}
    for line in csv.DictReader(io.StringIO(text)):
        where = {"count": levels, "known": known}.get(line["kind"], gaps)
        key = line["table"], line["level"]
        where[key] = where.get(key, 0) + int(line["rows"])
    return levels, gaps, known


def not_adding_up(levels, gaps):
    order = ["landed", "kept", "transformed", "integrated", "loaded", "validated"]
    for table in {table for table, _ in levels}:
        counted = [level for level in order if (table, level) in levels]
        for before, level in zip(counted, counted[1:]):
            there = levels[table, before] + gaps.get((table, level), 0)
            if there != levels[table, level]:
                yield f"{table}: {before} and its gaps are {there}, {level} is {levels[table, level]}"


def the_run_that_was_worked_on_last_is_told(new):
    """An earlier one that was taken up again, when a later one was loaded into what stood in its target's place and taken back."""
    world = new()
    world.run()
    with open(os.path.join(EXAMPLE, "target.sql"), encoding="utf-8") as file:
        world.sql(1, "DROP SCHEMA slipway_migration CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public;" + file.read())
    done = world.call([*world.run_words(), "--run-date", "2022-06-16"])
    yield done.returncode == 0 and world.undo(2).returncode == 0 and [run["run"] for run in world.status()] == [2, 1], (done.stderr, world.status())
    done, _ = world.run()
    told = [(run["run"], run["state"]) for run in world.status()]
    yield done.returncode == 0 and told == [(1, "done"), (2, "undone")], (done.stderr, told)
    done = world.call(world.words("trace", EXAMPLE, "--table", "member", "--line", "2"))
    yield done.returncode == 0 and "not transformed" not in done.stdout, done.stdout
    done = world.call(world.words("waterfall", EXAMPLE, "--json"))
    yield json.loads(done.stdout)["target"] == "there", done.stdout[:300]
    with tempfile.TemporaryDirectory() as folder:
        done = world.call(world.words("report", EXAMPLE, "--all", os.path.join(folder, "evidence")))
        with open(os.path.join(folder, "evidence", "report.json"), encoding="utf-8") as file:
            report = json.load(file)
        yield done.returncode == 0 and report["run"] == 1, (done.stderr, report["run"])


def a_row_that_becomes_several_is_told(new):
    """The original's condition on invoices joins their debts, of which one can have two."""
    world = new()
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(world.source, folder, dirs_exist_ok=True)
        with open(os.path.join(folder, "sop_aged_debt.csv"), "r+b") as file:
            file.write(file.readlines()[-1])
        world.source = folder
        world.run("--skip", "integration", "--skip", "load_to_target", "--skip", "hooks", "--skip", "validation")
    several = world.one(0, "SELECT count(*) FROM (SELECT FROM transform.invoices GROUP BY casrec_mapping_file_name, casrec_row_id "
                           "HAVING count(*) > 1) AS rows")
    counted = world.one(0, "SELECT coalesce (sum (rows), 0) FROM slipway.measure WHERE kind = 'multiplied' AND step LIKE 'invoices%'")
    yield several == counted == "1", f"{several} rows of invoices became several, {counted} are told"


def waterfall_adds_up_from_the_files_to_the_target(new):
    world = new()
    world.run()

    def waterfall():
        return world.call([world.slipwayctl, "migrate", "waterfall", EXAMPLE, *world.databases[:2], "--csv"]).stdout
    text = waterfall()
    levels, gaps, known = read_waterfall(text)
    wrong = list(not_adding_up(levels, gaps))
    yield not wrong, "\n".join(wrong)
    with open(os.path.join(world.source, "member.csv"), encoding="utf-8", newline="") as file:
        members = sum(1 for _ in csv.DictReader(file))
    yield levels["people", "landed"] == members, f"{levels['people', 'landed']} members landed, not {members}"
    # However many tables a source row feeds, it was landed once.
    landed = world.one(0, "SELECT sum(rows) FROM slipway.file WHERE table_schema = 'logbook'")
    yield str(levels["*", "landed"]) == landed, f"{levels['*', 'landed']} rows landed in all, not {landed}"
    fed = sum(rows for (table, level), rows in levels.items() if level == "landed" and table != "*")
    yield fed > levels["*", "landed"], f"no source row feeds two tables: {fed}"
    loaded = world.one(1, "SELECT sum(inserted + updated) FROM slipway_migration.load WHERE table_name = 'people'")
    yield str(levels["people", "loaded"]) == loaded, f"{levels['people', 'loaded']} people loaded, not {loaded}"
    yield levels["people", "validated"] == levels["people", "loaded"], "people are not as expected"
    yield from all_that_is_told_is_one_folder(world, text)
    yield from measures_are_listed_with_the_rows_behind_them(world)
    # What hooks change after the validation differs for a reason, and is no loss; a surname is one.
    world.sql(1, "UPDATE people SET surname = 'Nobody' WHERE membernumber = (SELECT min(membernumber) FROM people)")
    validate(world)
    levels, gaps, known = read_waterfall(waterfall())
    wrong = list(not_adding_up(levels, gaps))
    yield not wrong, "\n".join(wrong)
    yield known.get(("invoices", "validated"), 0) > 0 and levels["invoices", "validated"] == levels["invoices", "loaded"], (known, levels)
    yield levels["people", "validated"] == levels["people", "loaded"] - 1, f"a wrong surname is no gap: {levels['people', 'validated']}"
    # What left rows out has a name that the sidecar has, and rows that nothing compares the mapping that loads them.
    joined = [line["what"] for line in csv.DictReader(io.StringIO(text)) if line["kind"] == "dropped" and line["what"].startswith("join ")]
    yield joined and all(re.fullmatch(r"join \w+ \(\w+\)", what) for what in joined), text
    kept = world.one(0, "SELECT row_to_json (v) FROM slipway.validation AS v WHERE mapping = 'invoices_berth'")
    world.sql(0, "DELETE FROM slipway.validation WHERE mapping = 'invoices_berth'")
    unseen = [line for line in csv.DictReader(io.StringIO(waterfall())) if line["kind"] == "not compared" and line["table"] == "invoices"]
    yield [(line["step"], line["what"]) for line in unseen] == [("invoices_berth", "no validation")] and int(unseen[0]["rows"]) < 0, unseen
    world.sql(0, f"INSERT INTO slipway.validation SELECT * FROM json_populate_record (NULL::slipway.validation, '{kept}')")
    # A row counts once, also where another mapping compares it too.
    world.sql(0, "UPDATE slipway.validation SET expected = expected + 5, actual = actual + 5 WHERE mapping = 'members'")
    levels, gaps, _ = read_waterfall(waterfall())
    wrong = list(not_adding_up(levels, gaps))
    yield not wrong, "\n".join(wrong)
    yield levels["people", "validated"] == levels["people", "loaded"] - 1, f"rows count twice: {levels['people', 'validated']}"


def measures_are_listed_with_the_rows_behind_them(world):
    words = [world.slipwayctl, "migrate", "waterfall", EXAMPLE, *world.databases[:2]]
    told = json.loads(world.call([*words, "--json"]).stdout)
    counted = world.one(0, "SELECT count(DISTINCT (stage, entity, step, column_name, kind)) AS n FROM slipway.measure WHERE run = 1")
    yield len([one for one in told["measures"] if one["stage"] != "load"]) == int(counted), (len(told["measures"]), counted)
    text = world.call([*words, "--measures"]).stdout.splitlines()
    yield len(text) == len(told["measures"]) + 1, text[:5]
    one = next(one for one in told["measures"] if one["kind"] == "altered value")
    yield text[one["number"]].split()[:2] == [str(one["number"]), "integration"] and "altered value" in text[one["number"]], text[one["number"]]
    rows = json.loads(world.call([*words, "--rows", str(one["number"]), "--json"]).stdout)
    yield rows["of"] == len(rows["rows"]) == one["rows"] and rows["rows"][0]["file"].startswith("entry"), rows
    listed = world.call([*words, "--rows", str(one["number"])]).stdout
    first = rows["rows"][0]
    yield listed.startswith(f"{first['file']} record {first['record']} (line {first['line']}): {{"), listed
    gap = next(gap for table in told["tables"] for gap in table["gaps"] if gap["kind"] == "filtered" and gap["rows"] < -3)
    rows = json.loads(world.call([*words, "--rows", str(gap["measure"]), "--limit", "3", "--json"]).stdout)
    yield rows["of"] == -gap["rows"] > 3 == len(rows["rows"]) and rows["rows"][0]["values"], rows
    done = world.call([*words, "--rows", "99999"])
    yield done.returncode == 1 and "and none is 99999" in done.stderr, done.stderr
    total = next(one for one in told["measures"] if one["kind"] == "out")
    done = world.call([*words, "--rows", str(total["number"])])
    yield done.returncode == 1 and "no rows are kept behind" in done.stderr, done.stderr


def all_that_is_told_is_one_folder(world, waterfall):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "evidence")
        words = [world.slipwayctl, "migrate", "report", EXAMPLE, *world.databases[:2], "--all", path, "--json"]
        done = world.call(words)
        yield done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        held = subprocess.run(["sha256sum", "--strict", "-c", "SHA256SUMS"], cwd=path, capture_output=True, text=True, check=False)
        yield held.returncode == 0 and set(os.listdir(path)) == set(told["files"]) | {"SHA256SUMS"} and len(told["files"]) == 6, held.stderr
        with open(os.path.join(path, "waterfall.csv"), encoding="utf-8") as file:
            yield file.read() == waterfall, "another waterfall"
        with open(os.path.join(path, "validation.csv"), encoding="utf-8") as file:
            yield len(list(csv.DictReader(file))) > 10, "no validation"
        log = subprocess.run([world.slipwayctl, "ledger", "list", "--json", "--limit", "2"], capture_output=True, text=True, check=True).stdout
        yield "migration:report" in log, log
        done = world.call(words)
        yield done.returncode == 1 and "is in folder" in done.stderr, done.stderr
        done = world.call([*words[:-2], path + "-2", "--run", "99"])
        yield done.returncode == 1 and "no such run" in done.stderr and not os.path.exists(path + "-2"), done.stderr


def a_record_is_traced_by_its_line_to_its_row(new):
    """Python's csv module says which lines a record has; notes have line ends in them."""
    world = new()
    world.run()

    def trace(table, *where):
        done = world.call([world.slipwayctl, "migrate", "trace", EXAMPLE, *world.databases, "--table", table, *where, "--json"])
        return json.loads(done.stdout) if done.returncode == 0 else done.stderr
    with open(os.path.join(world.source, "note.csv"), encoding="cp1252", newline="") as file:
        reader, line, records = csv.reader(file), 0, []
        for row in reader:
            records.append((line + 1, reader.line_num, row))
            line = reader.line_num
    several = [record for record in records[1:] if record[1] > record[0]]
    yield len(several) > 5, "no note goes over several lines, so that nothing is proven"
    for first, last, row in [*several[:3], several[-1], records[1], records[-1]]:
        for line in (first, last):
            told = trace("note", "--line", str(line))
            yield (isinstance(told, dict) and told["line"] == first and told["exact"]
                   and told["steps"][0]["values"]["Rec"] == row[0]), (line, row[0], told)
    # As CSV it says the same, line ends and all.
    several = trace("note", "--line", str(several[0][0]))
    words = ["--table", "note", "--row", str(several["row"]), "--csv"]
    lines = list(csv.DictReader(io.StringIO(world.call([world.slipwayctl, "migrate", "trace", EXAMPLE, *world.databases, *words]).stdout, newline="")))
    wanted = [(step["table"], column, value) for step in several["steps"] for column, value in step.get("values", {None: None}).items()]
    yield len(lines) == len(wanted) and all(line["table"] == table and (line["column"] or None) == column
                                            and (not isinstance(value, str) or line["value"] == value)
                                            for line, (table, column, value) in zip(lines, wanted)), lines[:4]
    yield "no landed record" in trace("note", "--line", "1"), "the header is a record"
    yield "no landed record" in trace("note", "--line", str(records[-1][1] + 1)), "there is a record behind the last"
    # A member whose row the run added, one that the target had, and one whom a filter left out.
    for method, what in (("INSERT", "inserted by this run"), ("UPDATE", "updated by this run")):
        row, number, key = list(world.postgres.rows(world.names[0], "SELECT casrec_row_id, membernumber, id FROM integration.people "
                                                    f"WHERE migration_method = '{method}' ORDER BY id LIMIT 1")[0].values())
        told = trace("member", "--row", str(row))
        steps = {step["table"]: step for step in told["steps"] if step["table"].endswith(".people")}
        yield set(steps) == {"transform.people", "integration.people", "public.people"}, (method, list(steps))
        yield str(steps["public.people"]["key"]) == str(key) and what in steps["public.people"]["what"], steps["public.people"]
        yield steps["public.people"]["values"]["membernumber"] == number, steps["public.people"]
    row = world.one(0, "SELECT casrec_row_id FROM slipway.excluded WHERE table_name = 'member' LIMIT 1")
    told = trace("member", "--row", str(row))
    yield [step["stage"] for step in told["steps"]] == ["load", "filter"] and told["steps"][1]["lost"], told
    yield "there is no record 999999" in trace("member", "--row", "999999"), "a record that is none is traced"


def api_test(world, api, *words, **environment):
    done = subprocess.run(world.words("api-test", EXAMPLE, "--api-url", api.url, "--pause", "1", "--json", *words),
                          capture_output=True, text=True, check=False, env={**os.environ, **environment})
    return done, json.loads(done.stdout)["checks"] if done.stdout else []


def the_new_system_is_asked(new):
    world = new()
    world.run("--skip", "hooks")
    with api_server.Api(world.postgres, world.names[1]) as api:
        done, checks = api_test(world, api)
        wrong = [check for check in checks if check["state"] != "passed"]
        yield done.returncode == 0 and len(checks) == 7 and not wrong, (done.stderr, wrong)
        yield world.one(0, "SELECT count(*) AS n FROM slipway.api_check WHERE state = 'passed' AND run IS NULL") == "7", "not kept"
        api.failing = 3
        done, checks = api_test(world, api)
        yield done.returncode == 0 and sum(check["tries"] for check in checks) > 7, "what passes is not asked for again"
        person = next(check["asked"] for check in checks if check["purpose"] == "an existing member is updated")
        api.override[person] = (200, {"surname": "Somebody Else", "uid": 300000000020})
        done, checks = api_test(world, api, "--parallel", "2")
        failed = {check["purpose"]: (check["expected"], check["actual"]) for check in checks if check["state"] == "failed"}
        yield done.returncode == 3 and failed == {"an existing member is updated": ("dunnockby", "somebody else")}, failed
        addresses = next(check["asked"] for check in checks if check["purpose"] == "addresses")
        api.override[person] = (200, b'{"surname": "dun,nockby", "uid": 123456789012345678901, "n": "1\\\"123456789012345678901"}')
        api.override[addresses] = (200, [{"type": "Primary"}, {"type": "Primary"}])
        failed = {check["purpose"]: check["actual"] for check in api_test(world, api)[1] if check["state"] == "failed"}
        yield failed == {"an existing member is updated": "dun,nockby", "addresses": "primary|primary",
                         "an existing member keeps the number": "123456789012345678901"}, failed
        shown = {"a": 1, "b": [None, True, 1.5, 12345678901234567890123, -7], "É": "it's", "": [], "q": "'\"\\\n\u00a0\u200b\x80 \U0001f600", "o": {}}
        api.override[addresses] = (200, b'[{"far": -1e999, "type": %s}, {"type": 2E+400}]' % json.dumps(shown).encode())
        actual, = [check["actual"] for check in api_test(world, api)[1] if check["purpose"] == "addresses"]
        yield actual == f"2e+400|{str(shown).lower()}", actual
        del api.override[addresses]
        told = world.call(world.words("stage", "api", EXAMPLE, "--run-date", "2022-06-15", "--api-url", api.url)).stderr
        yield "another answer than expected" in told and "nockby" not in told.lower(), told
        api.override[person] = (500, {})
        done, checks = api_test(world, api, "--tries", "2")
        errors = {check["message"] for check in checks if check["state"] == "error"}
        yield done.returncode == 3 and errors == {f"{person}: HTTP 500"}, errors
        done = world.call(world.words("stage", "api", EXAMPLE, "--run-date", "2022-06-15", "--api-url", api.url) + ["--json"])
        yield done.returncode == 3 and "gate of stage api: 2 failed, of 7 checks" in done.stderr and "HTTP 500" in done.stderr, done.stderr
        stages = json.loads(done.stdout)["stages"]
        yield [stage["state"] for stage in stages] == ["failed"] == [one["state"] for one in world.status()[0]["stages"] if one["stage"] == "api"], stages
        del api.override[person]
        done = world.call(world.words("stage", "api", EXAMPLE, "--run-date", "2022-06-15", "--api-url", api.url) + ["--json"])
        yield done.returncode == 0 and json.loads(done.stdout)["stages"][0]["state"] == "done", done.stderr
        yield api.most <= 4, f"{api.most} requests at once"
    yield from who_asks_stands_in_the_environment(world)


def who_asks_stands_in_the_environment(world):
    with api_server.Api(world.postgres, world.names[1], token="t0ken") as api:
        done, checks = api_test(world, api)
        yield done.returncode == 3 and {check["status"] for check in checks} == {401} and {check["tries"] for check in checks} == {1}, checks
        done, checks = api_test(world, api, SLIPWAY_API_TOKEN="t0ken")
        yield done.returncode == 0 and "t0ken" not in done.stdout + done.stderr, done.stderr
    with api_server.Api(world.postgres, world.names[1], user=("clerk@club.example", "s3cret")) as api:
        done, _ = api_test(world, api, SLIPWAY_API_USER="clerk@club.example", SLIPWAY_API_PASSWORD="s3cret")
        yield done.returncode == 0, done.stderr
        done, _ = api_test(world, api, SLIPWAY_API_USER="clerk@club.example", SLIPWAY_API_PASSWORD="wrong")
        yield done.returncode == 1 and "refuses the login of clerk@club.example: HTTP 422" in done.stderr and "wrong" not in done.stderr, done.stderr
    done, _ = api_test(world, api)
    yield done.returncode == 3, "a server that is gone is no answer"


# What is done to the target, and all that a validation may say of it: mapping, kind, columns.
PLANTED = [
    ("DELETE FROM phones WHERE id = (SELECT max(id) FROM phones WHERE type = 'Home')", ("member_day_phones", "missing", None)),
    ("INSERT INTO notes (person_id, createdtime, type, direction, text) SELECT person_id, createdtime, type, direction, 'not theirs' "
     "FROM notes ORDER BY id DESC LIMIT 1", ("notes", "extra", None)),
    ("UPDATE contracts SET berthcode = 'Z99' WHERE id = (SELECT max(id) FROM contracts)", ("contracts", "differing", "{berthcode}")),
    ("UPDATE contracts SET contractnumber = 'moved' WHERE id = (SELECT max(id) - 1 FROM contracts)",
     ("contracts", "differing", "{contractnumber}")),
    ("INSERT INTO deposits (contract_id, amount, insurer_id, insurername, policynumber, reference, renewaldate) SELECT contract_id, "
     "amount, insurer_id, insurername, policynumber, reference, renewaldate FROM deposits ORDER BY id DESC LIMIT 1",
     ("deposits", "duplicated", None)),
    ("UPDATE people SET email = '' WHERE id = (SELECT max(id) FROM people WHERE email IS NULL AND clubsource = 'LOGBOOK')",
     ("members", "differing", "{email}")),
    ("UPDATE people SET email = '  ' WHERE id = (SELECT min(id) FROM people WHERE email IS NULL AND clubsource = 'LOGBOOK')",
     ("members", "differing", "{email}")),
    ("DELETE FROM people_tasks WHERE task_id = (SELECT max(task_id) FROM people_tasks)", ("people_tasks", "missing", None)),
    # What a cast to the mapping's type would make equal, or would fail at.
    ("ALTER TABLE invoices ALTER amount TYPE numeric; UPDATE invoices SET amount = amount + 0.4 WHERE id = (SELECT max(id) FROM invoices WHERE feetype = 'BE')",
     ("invoices_berth", "differing", "{amount,batchnumber}")),
    ("ALTER TABLE ledger_entries ALTER bookedon TYPE timestamp; UPDATE ledger_entries SET bookedon = bookedon + interval '0.3 s' "
     "WHERE id = (SELECT max(id) FROM ledger_entries)", ("ledger_credits", "differing", "{bookedon}")),
    ("ALTER TABLE reductions ALTER enddate TYPE timestamp, ALTER startdate TYPE text; UPDATE reductions SET enddate = enddate + interval '5 h' "
     "WHERE id = (SELECT max(id) FROM reductions)", ("reductions", "differing", "{enddate}")),
    ("UPDATE reductions SET startdate = 'soon' WHERE id = (SELECT max(id) - 1 FROM reductions)", ("reductions", "differing", "{startdate}")),
    # What the definitions leave out of the comparison, or compare without the blanks around it.
    ("UPDATE contracts SET person_id = (SELECT min(id) FROM people), feepayer_id = 1, state = 'Q' WHERE id = (SELECT max(id) - 2 FROM contracts)",
     ("contracts", "differing", "{person_id,state,feepayer_id}")),
    ("UPDATE phones SET phonenumber = phonenumber || '  ' WHERE id = (SELECT max(id) - 1 FROM phones WHERE type = 'Home')",
     ("member_day_phones", "differing", "{phonenumber}")),
    # What the definitions' SQL cannot read.
    ("""UPDATE addresses SET address_lines = '{"a": 1}' WHERE id = (SELECT max(id) FROM addresses)""",
     ("member_addresses", "differing", "{address_lines}")),
]


def validate(world, *words, folder=EXAMPLE):
    done = world.call(world.words("validate", folder, "--json", *words))
    return done, {one["mapping"]: one for one in json.loads(done.stdout)["mappings"]} if done.stdout else {}


def found(world, run=1):
    return world.postgres.rows(world.names[0], f"SELECT * FROM slipway.difference WHERE run = {run} AND known IS NULL "
                               "ORDER BY mapping, kind, columns")


def planted_differences_are_found_and_nothing_else(new):
    world = new()
    world.run()
    done, clean = validate(world)
    yield done.returncode == 0 and sum(one["expected"] for one in clean.values()) > 3000, done.stderr
    yield all(one["expected"] == one["actual"] for one in clean.values()) and not found(world), found(world)[:3]
    yield clean["invoices_berth"]["known"] == clean["invoices_berth"]["differing"] > 100, "what the hook did is not told as known"
    reason = "the hook batch-numbers gives numbers behind the load"  # as the sidecar says it
    yield clean["invoices_berth"]["reasons"] == reason, clean["invoices_berth"]
    told = world.call(world.words("validate", EXAMPLE)).stdout, world.call(world.words("validate", EXAMPLE, "--csv")).stdout
    yield f"invoices_berth, known: {reason}\n" in told[0] and any(row["reasons"] == reason for row in csv.DictReader(io.StringIO(told[1]))), told
    yield [name for name, one in clean.items() if not one["independent"]] == ["reminders"], "read back is told from computed"
    yield "\ncontracts: read back and not computed: uid, person_id, boatlength, state," in told[0], told[0]
    for statement, _ in PLANTED:
        world.sql(1, statement)
    done, report = validate(world)
    yield done.returncode == 3 and "contracts" in done.stderr, (done.returncode, done.stderr)
    said = world.call(world.words("status")).stdout
    yield ", done, but stage validation failed since\n" in said and world.status()[0]["failedSince"] == "validation", said
    told = sorted((row["mapping"], row["kind"], row["columns"] if row["kind"] == "differing" else "") for row in found(world))
    # A task whose person is gone is no row of its mapping either: it is found by way of the person. What points at a contract
    # is known by its number.
    also = [("tasks", "missing", None), ("people_contracts", "missing", None), ("people_contracts", "extra", None),
            ("contract_holders", "differing", "{contract_id}")]
    wanted = sorted((mapping, kind, columns or "") for mapping, kind, columns in [told for _, told in PLANTED] + also)
    yield told == wanted, f"{told}\ninstead of {wanted}"
    for row in found(world):
        yield bool(row["key"]) and (row["casrec_row_id"] if row["expected"] else row["target_id"]), f"no way to the row: {row}"
    unread, = [row["actual"] for row in found(world) if row["mapping"] == "member_addresses"]
    yield json.loads(unread)["address_lines"].startswith('{"a": 1}'), f"what cannot be read is not shown as it is: {unread}"
    exceptions = world.postgres.rows(world.names[0], "SELECT * FROM logbook.exceptions_contracts ORDER BY slipway_kind")
    yield len(exceptions) == 3 and {"caserecnumber", "person_id"} <= exceptions[0].keys(), exceptions
    for one in report.values():
        yield one["actual"] == one["expected"] - one["missing"] + one["extra"] + one["duplicated"], one
    world.sql(1, "UPDATE people SET email = NULL WHERE btrim (email) = ''")
    done, report = validate(world, "--recheck", "1")
    yield done.returncode == 3 and report["members"]["differing"] == 0, "a row that was mended is still told"
    yield len(found(world)) == len(told) - 2, found(world)
    with tempfile.TemporaryDirectory() as folder:
        passing = {"missing": "100%", "extra": "100%", "differing": "100%"}
        done, _ = validate(world, folder=bound_cases.example_with(folder, gates={"validation": passing}))
        yield done.returncode == 3 and "1 duplicated, of" in done.stderr, f"a difference without a gate passes: {done.stderr}"
        done, _ = validate(world, folder=bound_cases.example_with(folder, gates={"validation": {**passing, "duplicated": 1}}))
        yield done.returncode == 0, f"a gate that lets one pass does not: {done.stderr}"


COUNTED = "expected", "actual", "missing", "extra", "differing", "duplicated", "known"


def a_run_is_held_against_another(new):
    world = new()
    world.run()
    world.undo()
    world.run()
    world.sql(1, PLANTED[2][0])
    _, report = validate(world)
    done = world.call(world.words("validate", EXAMPLE, "--json", "--against", "1"))
    changed = [one for one in json.loads(done.stdout)["mappings"] if (one["appeared"] or one["gone"]) and "invoices" not in one["mapping"]]
    yield done.returncode == 0 and [(one["mapping"], one["appeared"]) for one in changed] == [("contracts", 1)], (done.stderr, changed)
    yield "behind the hooks of run 2 and before those of run 1: differences that hooks make or mend" in json.loads(done.stdout).get("note", ""), done.stdout
    world.sql(0, "UPDATE slipway.stage SET ended = started - interval '1 day' WHERE run = 1 AND stage = 'hooks'")
    done = world.call(world.words("validate", EXAMPLE, "--json", "--against", "1"))
    yield done.returncode == 0 and "note" not in json.loads(done.stdout), done.stdout
    done = world.call(world.words("validate", EXAMPLE, "--against", "7"))
    yield done.returncode == 1 and "never validated" in done.stderr, done.stderr
    done = world.call(world.words("validate", EXAMPLE, "--against", "2"))
    yield done.returncode == 2 and "run 2 is the run itself" in done.stderr, done.stderr
    table = world.call(world.words("validate", EXAMPLE, "--csv", "--mapping", "contracts", "--mapping", "invoices_berth")).stdout
    for row in csv.DictReader(io.StringIO(table)):
        one = report.pop(row["mapping"])
        yield {name: row[name] for name in COUNTED} == {name: str(one[name]) for name in COUNTED} and row["reasons"] == one.get("reasons", ""), (row, one)
    yield "contracts" not in report and "invoices_berth" not in report, table
    world.sql(1, "UPDATE contracts SET berthcode = NULL")
    done = world.call(world.words("validate", EXAMPLE, "--run", "1"))
    yield done.returncode == 1 and "not in" in done.stderr, f"a run that was undone is validated: {done.stderr}"


#: What meson runs side by side, by its subject; of about as much work each.
PARTS = {
    # How a run goes, what is told of it, and how it is taken back; of what the other parts do in C, each once.
    "run": [all_stages_are_done, second_run_changes_nothing, ids_are_the_same_whatever_is_parallel, undo_leaves_the_target_as_it_was,
            *undo_cases.CASES, taken_ids_are_found_before_the_first_write,
            a_run_is_held_against_another, *bound_cases.REFUSED, a_gate_has_its_own_exit_status_and_what_it_stops_goes_no_further, the_new_system_is_asked,
            the_run_that_was_worked_on_last_is_told, a_row_that_becomes_several_is_told,
            waterfall_adds_up_from_the_files_to_the_target,
            a_record_is_traced_by_its_line_to_its_row],
    # Of what it is made, and what a validation finds.
    "input": [planted_differences_are_found_and_nothing_else, *validation_cases.CASES,
              a_failed_validation_is_made_again, *bound_cases.CASES, *input_cases.CASES],
    # What the target, hooks and other people do to it.
    "target": [*target_cases.CASES, hook_cases.what_hooks_do_is_taken_back_wherever_they_do_it, *robust_cases.CASES],
}


def main(slipwayctl, names):
    """Of @names, which are parts and cases; without any, all."""
    tap = drive.Tap()
    if server.why_not():
        tap.skip("run", server.why_not())
        return tap.end()
    cases = [case for part, cases in PARTS.items() for case in cases if not names or part in names or case.__name__ in names]
    with server.Server() as postgres, tempfile.TemporaryDirectory(prefix="slip-run-") as folder:
        source = os.path.join(folder, "source")
        subprocess.run([slipwayctl, "migrate", "generate", "--clients", "300", "--seed", "1", "--settings",
                        os.path.join(EXAMPLE, "generate.json"), "--output", source], check=True, stdout=subprocess.DEVNULL)
        for case in cases:
            results = list(case(lambda: World(slipwayctl, postgres, source)))
            wrong = [why for good, why in results if not good]
            tap.result(not wrong and results, case.__name__, "\n".join(map(str, wrong)))
    return tap.end()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
