# SPDX-License-Identifier: MIT
"""What a target asks of rows, what it must have before them, and one that is altered between two calls. Cases of test-run.py,
whose worlds they take."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import time

from bound_cases import EXAMPLE, example_with, states

REFUSED = (
    # what the target asks besides, what is told of it
    ("ALTER TABLE phones ALTER phonenumber TYPE varchar(4); ALTER TABLE ledger_entries ALTER amount TYPE numeric (4, 2)",
     r"(?=.*phones\.phonenumber is longer than 4 letters: \d+ rows \(member\.csv record \d+ \(line \d+\): “)"
     r".*ledger_entries\.amount takes numbers up to 99\.99: \d+ rows \(entry\d\.csv record \d+ \(line \d+\): “-?\d{3,}\.\d+”"),
    ("ALTER TABLE surveys ALTER reviewstatus SET NOT NULL", r"surveys\.reviewstatus is NOT NULL: \d+ rows \(survey\S*\.csv record \d+ \(line \d+\)"),
    ("ALTER TABLE phones ADD CONSTRAINT one_each UNIQUE (person_id)",
     r"phones \(person_id\) must be unique: .*“\d+” \(2 rows: member\.csv (record \d+ \(line \d+\)), member\.csv \1\)"),
    ("ALTER TABLE phones ADD CONSTRAINT apart EXCLUDE USING gist (int4range (person_id, person_id, '[]') WITH &&) WHERE (person_id > 0)",
     r"phones breaks EXCLUDE apart: member\.csv (record \d+ \(line \d+\)) and member\.csv \1: “\[\d+,\d+\)”"),
    ("ALTER TABLE deposits ADD FOREIGN KEY (contract_id) REFERENCES insurers",
     r"deposits\.contract_id points at no row of insurers: \d+ rows \(.*, as of contract\S*\.csv record \d+ \(line \d+\)\)"),
    ("CREATE TYPE state AS ENUM ('OPEN', 'STORED'); DELETE FROM contracts; ALTER TABLE contracts ALTER state TYPE state USING state::state",
     r"contracts\.state is none of OPEN, STORED: \d+ rows \(contract\S*\.csv record \d+ \(line \d+\): “CLOSED”"),
    ("ALTER TABLE phones ADD CONSTRAINT short CHECK (length (phonenumber) < 4) NOT VALID",
     r"nothing was written to it:.*phones\.phonenumber breaks CHECK short \(length\(.* < 4\): \d+ rows \(member\.csv record \d+ \(line \d+\): phonenumber is “0[^”]+”; member\.csv record"),
)


def what_the_target_would_refuse_is_told_with_its_place(new):
    """All of it at once: what columns do not take, and what constraints forbid; and the latter alone."""
    constraints = [one for one in REFUSED if " ADD " in one[0]]
    for refused in (REFUSED, constraints):
        world = new()
        for asked, _ in refused:
            world.sql(1, asked)
        before = world.dump()
        done, _ = world.run()
        yield done.returncode == 1, done.stdout
        for asked, told in refused:
            yield re.search(told, done.stderr, re.S), f"{asked}: {done.stderr}"
        yield world.dump() == before, "rows were written"
        stages = {stage["stage"]: stage["state"] for stage in world.status()[0]["stages"]}
        yield stages.get("integration") == "failed" and "load_to_target" not in stages, stages
    yield len(constraints) == 4, constraints


def a_trace_takes_no_row_of_another_run(new):
    """What a run integrated stands there until the next one that gets as far; another run's schemas are not this one's."""
    world = new()
    world.run()
    row = world.one(0, "SELECT casrec_row_id FROM integration.people WHERE migration_method = 'INSERT' ORDER BY id LIMIT 1")

    def trace(run):
        told = world.call(world.words("trace", EXAMPLE, "--run", str(run), "--table", "member", "--row", str(row), "--json"))
        return {step["table"]: step["what"] for step in json.loads(told.stdout)["steps"]} if told.returncode == 0 else {"": told.stderr}
    yield trace(1).get("integration.people", "").startswith("new"), trace(1)
    world.undo()
    world.sql(1, REFUSED[-1][0])
    folder = tempfile.TemporaryDirectory(prefix="slip-other-")
    world.source = shutil.copytree(world.source, os.path.join(folder.name, "source"))
    with open(os.path.join(world.source, "survey.csv"), "r+", encoding="utf-8") as file:
        lines = file.readlines()
        file.seek(0)
        file.truncate()
        file.writelines(lines[:-1])
    done = world.call([*world.run_words(), "--run-date", "2022-06-16"])
    yield done.returncode == 1 and sorted(run["run"] for run in world.status()) == [1, 2], (done.stderr, world.status())
    told = trace(2)
    yield "transform.people" in told and told.get("integration.people") == "not integrated in this run" and "public.people" not in told, told
    told = trace(1)
    yield told.get("member") == "not transformed in run 1" and not any("people" in table for table in told), told
    yield from a_report_has_the_files_of_its_run(world, folder.name, len(lines) - 1)
    folder.cleanup()


def a_report_has_the_files_of_its_run(world, folder, rows):
    """Whatever another run landed since."""
    for run, wanted in ((1, rows), (2, rows - 1)):
        path = os.path.join(folder, f"evidence{run}")
        done = world.call([world.slipwayctl, "migrate", "report", EXAMPLE, *world.databases[:2], "--run", str(run), "--all", path, "--no-log"])
        yield done.returncode == 0, done.stderr
        with open(os.path.join(path, "files.csv"), encoding="utf-8") as file:
            yield f"survey,survey.csv,{wanted},0," in file.read(), f"files of run {run} are another's"
        told = json.loads(world.call([world.slipwayctl, "migrate", "waterfall", EXAMPLE, *world.databases[:2], "--run", str(run), "--json"]).stdout)
        landed = [one["rows"] for one in told["measures"] if (one["stage"], one["entity"], one["kind"]) == ("load", "survey", "out")]
        yield set(landed) == {wanted}, (run, landed)


OWN_TYPES = """CREATE TYPE state AS ENUM ('OPEN', 'STORED', 'CLOSED'); CREATE DOMAIN word AS varchar(90) CHECK (VALUE <> 'VALUE');
    CREATE DOMAIN name AS word DEFAULT '' CHECK (length (VALUE) < 5); ALTER TABLE contracts ALTER state TYPE state USING state::state;
    ALTER TABLE people ALTER surname TYPE public.name, ADD EXCLUDE USING gist (int4range (id, id, '[]') WITH &&)"""


def a_target_that_was_altered_is_prepared_again(new):
    world = new()
    world.sql(1, "UPDATE people SET surname = left (surname, 4);" + OWN_TYPES)
    before = world.dump()
    done, _ = world.run()
    yield done.returncode == 1 and re.search(r"people\.surname breaks CHECK surname_name_check \(length.*record \d+ \(line \d+\): surname is “", done.stderr), done.stderr
    yield world.dump() == before, "rows were written"
    world.sql(1, "ALTER DOMAIN public.name DROP CONSTRAINT name_check")
    done = world.call(world.words("stage", "integration", EXAMPLE))
    yield done.returncode == 1 and "altered since stage prepare copied its tables: people" in done.stderr, done.stderr
    done, report = world.run()
    stages = {stage["stage"]: stage for stage in report["stages"]}
    yield done.returncode == 0 and stages["load"]["state"] == "kept", done.stderr
    yield "the target was altered (people)" in stages["prepare"]["note"], stages["prepare"]
    done, report = world.run()
    yield done.returncode == 0 and set(states(report)) == {"kept"}, report


MORE_COLUMNS = """CREATE TYPE grade AS ENUM ('A', 'B'); """ + "".join(
    f"ALTER TABLE staff ADD c{number} {kind} NOT NULL DEFAULT {value}; ALTER TABLE staff ALTER c{number} DROP DEFAULT; " for number, (kind, value) in enumerate((
        ("grade", "'B'"), ("boolean", "true"), ("timestamptz (0)", "now ()"), ("time", "now ()::time"), ("json", "'{}'"), ("uuid", "gen_random_uuid ()"),
        ("varchar (3)", "'x'"), ("text", "''"), ("numeric (3, 2)", "1"), ("date[]", "'{}'"), ("bytea", "''"), ("bigint", "7"), ("interval", "'0'"))))


# What a row of the staff points at and must, and what points at the staff and comes before it in the list.
MORE_PARENTS = """CREATE TABLE offices (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL);
    CREATE SEQUENCE team_numbers; CREATE SEQUENCE staff_id_seq;
    CREATE TABLE teams (id integer PRIMARY KEY DEFAULT nextval ('team_numbers'), office_id integer NOT NULL REFERENCES offices);
    ALTER TABLE staff ADD team_id integer NOT NULL REFERENCES teams, ADD leader integer NOT NULL REFERENCES staff;
    ALTER TABLE insurers ADD keeper integer NOT NULL REFERENCES staff; ALTER TABLE insurers ALTER id ADD GENERATED ALWAYS AS IDENTITY"""


def what_a_run_needs_is_named_before_it_writes(new):
    world = new()
    world.sql(1, "DELETE FROM insurers WHERE id = 2; DELETE FROM notes; DELETE FROM staff WHERE id = 2")
    before = world.dump()
    checked = world.call([world.slipwayctl, "migrate", "check", EXAMPLE, *world.databases[2:]])
    ran = world.run()[0]
    for done in (checked, ran):
        yield done.returncode == 1 and "the target's staff has no row where id = 2, and the migration needs some: who wrote" in done.stdout + done.stderr, done
        yield "1 of its values are no id of the target's insurers: 2 (for “" in done.stdout + done.stderr, done
    yield world.dump() == before and world.status()[0]["stages"][-1]["stage"] == "prepare", world.status()
    needs = [world.slipwayctl, "migrate", "needs", EXAMPLE, *world.databases[2:]]
    listed = sorted(world.call(needs).stdout.splitlines())
    yield {line.split(":")[0] for line in listed} == {"insurers.id 2", "staff id = 2", "staff.id 2"}, listed
    world.sql(1, "DELETE FROM staff; DELETE FROM insurers;" + MORE_COLUMNS + MORE_PARENTS)
    before = world.dump()
    world.sql(1, "ALTER TABLE offices ADD head integer NOT NULL REFERENCES teams")
    done = world.call([*needs, "--sql"])
    yield done.returncode == 1 and done.stdout == "" and re.search(r"offices\.head is NOT NULL and points at teams, .* must point at offices\. Add one row of each", done.stderr), done
    world.sql(1, "ALTER TABLE offices DROP head")
    written = world.call([*needs, "--sql"]).stdout
    yield world.dump() == before, "needs wrote to the target"
    # Twice is once; and what is NOT NULL is filled, whatever its type.
    world.sql(1, written + written)
    yield world.one(1, "SELECT (SELECT count(*) FROM staff WHERE id = 2) || ' ' || count(*) AS n FROM insurers WHERE id = 2") == "1 1", written
    yield world.call(needs).stdout == "", "something is needed still"
    # What they point at is there, and the new system goes on behind them, whatever its sequences are called.
    yield world.one(1, "SELECT count (*) || ' of ' || (SELECT count (*) FROM teams) || ' in ' || (SELECT count (*) FROM offices) AS n FROM staff "
                       "WHERE team_id = 1 AND leader = id") == "3 of 1 in 1" and written.count("keys that") == 2, written
    numbered = world.postgres.rows(world.names[1], "SELECT nextval ('staff_id_seq') AS staff, nextval (pg_get_serial_sequence ('insurers', 'id')) "
                                   "AS insurers, nextval ('team_numbers') AS teams, nextval (pg_get_serial_sequence ('offices', 'id')) AS offices")
    yield numbered == [{"staff": "4", "insurers": "4", "teams": "2", "offices": "2"}], (numbered, written)
    with open(os.path.join(EXAMPLE, "migration.json"), encoding="utf-8") as file:
        rules = json.load(file)["rules"]
    rules[0]["fills"] = [{"table": "contracts", "column": "person_id"}]
    with tempfile.TemporaryDirectory() as folder:
        changed = example_with(folder, rules=rules, needs=[])
        done = world.call(world.words("run", changed, "--source", world.source, "--run-date", "2022-06-15", "--skip", "load_to_target"))
    left = world.one(0, "SELECT count(*) AS n FROM integration.contracts WHERE person_id IS NULL")
    yield int(left) > 0 and done.returncode == 3 and f"{left} unmatched" in done.stderr and "contract-people contracts.person_id" in done.stderr, done.stderr
    rows = world.one(0, "SELECT cardinality (row_ids) AS n FROM slipway.measure WHERE step = 'contract-people' AND kind = 'unmatched'")
    yield rows == left, f"{rows} rows are behind {left}"


def a_run_goes_on_when_the_target_asks_less(new):
    world = new()
    # A table that is no part of the migration is not in staging: what points at it is judged by the target itself.
    world.sql(1, "CREATE TABLE berths AS SELECT DISTINCT berthcode FROM contracts; ALTER TABLE berths ADD PRIMARY KEY (berthcode);"
                 "ALTER TABLE contracts ADD FOREIGN KEY (berthcode) REFERENCES berths")
    done, _ = world.run()
    yield done.returncode == 1 and "load contracts: insert" in done.stderr and "(berthcode)=(" in done.stderr, done.stderr
    loaded = world.status()[0]["inTarget"]
    # In whatever order they came, being on several connections.
    yield any(part.startswith("people:") for part in loaded) and not any(part.startswith("contracts:") for part in loaded), loaded
    yield from half_a_load_goes_on_in_no_other_target(world)
    world.sql(1, "ALTER TABLE contracts DROP CONSTRAINT contracts_berthcode_fkey")
    done, report = world.run()
    yield done.returncode == 0 and report["run"] == 1, done.stderr


def half_a_load_goes_on_in_no_other_target(world):
    """Not in one that looks as its own did before. Where its own was brought back, and was worked with since, it begins anew."""
    copies = ("half of the books", world.names[0]), ("half of the target", world.names[1])
    for copy, name in copies:
        world.postgres.database(copy, name)
    here, other = world.databases[3], world.postgres.database("other", "example")
    done = world.call([other if word == here else word for word in world.run_words()])
    yield done.returncode == 1 and re.search(r"run 1 was loaded into .*target\d+, and .*other is another database", done.stderr), done.stderr
    yield {stage["stage"]: stage["state"] for stage in world.status()[0]["stages"]}["integration"] == "done", "it was forgotten"
    world.postgres.database(world.names[1], "example")
    world.stand_in()
    number = world.one(0, "SELECT min (membernumber) AS n FROM staging.people WHERE migration_method = 'INSERT' AND type = 'member'")
    member = f"INSERT INTO people (id, uid, type, membernumber, surname) VALUES (5000, 700000000013, 'member', '{number}', 'Since')"
    world.sql(1, member)
    done, report = world.run()
    yield done.returncode == 0 and report["run"] == 1 and states(report)[2:6] == ["done"] * 4, (done.stderr, report)
    there = world.one(1, f"SELECT string_agg (id::text, ' ') AS n FROM people WHERE membernumber = '{number}'")
    yield there == "5000", f"{number} is {there}"
    yield from a_number_that_the_same_books_gave_is_no_other_target(world)
    for copy, name in copies:
        world.postgres.database(name, copy)


def a_number_that_the_same_books_gave_is_no_other_target(world):
    """It was brought back again, and another run came and went. One that other books gave is that of another target."""
    world.postgres.database(world.names[1], "example")
    world.stand_in()
    done = world.call([*world.run_words("--skip", "validation", "--skip", "hooks"), "--run-date", "2022-06-16"])
    yield done.returncode == 0 and json.loads(done.stdout)["run"] == 2, done.stderr
    done = world.undo(2)
    yield done.returncode == 0, done.stderr
    token = world.one(0, "SELECT token FROM slipway.run WHERE id = 2")
    world.sql(1, "UPDATE slipway_migration.run SET token = gen_random_uuid ()")
    done, _ = world.run()
    yield done.returncode == 1 and "is another database, neither that one nor restored" in done.stderr, done.stderr
    world.sql(1, f"UPDATE slipway_migration.run SET token = '{token}'")
    done, report = world.run()
    yield done.returncode == 0 and report["run"] == 1 and states(report)[2:6] == ["done"] * 4, (done.stderr, report)


def run_while_held(world, statement):
    """How a run ends that waits for rows which another session has changed by @statement, and which it then commits."""
    waiting = "SELECT count(*) AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database ()"
    with subprocess.Popen(["psql", "-X", "-q", world.databases[3]], stdin=subprocess.PIPE, text=True) as holder:
        print(f"BEGIN; {statement};", file=holder.stdin, flush=True)
        with subprocess.Popen(world.run_words("--skip", "validation", "--skip", "hooks"), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              text=True) as run:
            deadline = time.monotonic() + 120
            while world.one(1, waiting) == "0" and run.poll() is None and time.monotonic() < deadline:
                time.sleep(0.05)
            waited = world.one(1, waiting) == "1"
            holder.stdin.write("COMMIT;")
            holder.stdin.close()
            told = run.communicate(timeout=120)[1]
            return waited, run.returncode, told


def what_matches_by_now_is_not_inserted_beside(world):
    """A member whom somebody enters while people look at what was integrated, or while the load waits for its table."""
    done, _ = world.run("--skip", "load_to_target", "--skip", "hooks")
    number = world.one(0, "SELECT max (membernumber) AS n FROM staging.people WHERE migration_method = 'INSERT' AND type = 'member'")
    member = "INSERT INTO people (id, uid, type, membernumber, surname) VALUES (5000, 700000000013, '{}', '{}', 'Entered')"
    told = rf"people 5000 has the membernumber “{number}” of member\.csv record \d+ \(line \d+\), which would be inserted beside it\. "
    world.sql(1, member.format("member", number))
    done = world.call(world.words("stage", "load_to_target", EXAMPLE))
    yield done.returncode == 1 and re.search(told + r"Nothing was loaded\. Run stage integration again", done.stderr), done.stderr
    world.sql(1, "DELETE FROM people WHERE id = 5000")
    waited, status, said = run_while_held(world, member.format("member", number))
    yield waited, "the run waits for nobody, so that nothing is proven"
    yield status == 1 and re.search(told + "Of the people of this chunk none is in", said), said
    yield world.one(1, "SELECT count(*) AS n FROM people WHERE clubsource = 'LOGBOOK'") == "0", "rows are in beside one that is theirs"
    # Who is no member is matched by none.
    world.sql(1, "UPDATE people SET type = 'guest' WHERE id = 5000")
    done = world.call(world.words("stage", "load_to_target", EXAMPLE))
    yield done.returncode == 0, done.stderr
    yield world.undo(1, "--stage", "load_to_target").returncode == 0, "the undo"
    world.sql(1, "DELETE FROM people WHERE id = 5000")


def undo_puts_back_what_another_session_wrote_as_the_run_waited(new):
    """Somebody holds rows that the run updates, and is done when the run waits for them."""
    world = new()

    def by_hand():
        return world.postgres.rows(world.names[1], "SELECT * FROM people WHERE token LIKE 'by-hand-%' ORDER BY token")
    yield from what_matches_by_now_is_not_inserted_beside(world)
    # First they make somebody else of one: it is not overwritten, and the run goes on when they have put it right.
    moved = "UPDATE people SET membernumber = {} WHERE token = 'by-hand-3'"
    waited, status, told = run_while_held(world, moved.format("'M000777'"))
    yield waited, "the run waits for nobody, so that nothing is proven"
    yield status == 1 and re.search(r"people \d+ \(“M000007”\) is gone or has another membernumber\. Of the people of this chunk none is in", told), told
    yield world.one(1, "SELECT count(*) AS n FROM people WHERE clubsource = 'LOGBOOK'") == "0", "rows are in beside one that was another's"
    yield by_hand()[2]["surname"] == "By-Hand" and by_hand()[2]["membernumber"] == "M000777", by_hand()[2]
    world.sql(1, moved.format("'M000007'"))
    wanted = [{**row, "surname": "Meanwhile"} for row in by_hand()]
    waited, status, told = run_while_held(world, "UPDATE people SET surname = 'Meanwhile' WHERE token LIKE 'by-hand-%'")
    yield waited, "the run waits for nobody, so that nothing is proven"
    yield status == 0, told
    yield sum(row["surname"] != "Meanwhile" for row in by_hand()) == 3, f"what the run updated: {by_hand()}"
    done = world.undo()
    yield done.returncode == 0 and by_hand() == wanted, (done.stderr, [row["surname"] for row in by_hand()])


def types_are_held_against_the_landed_values(world, copy):
    """None fits: an error. One of them does not: a warning, with the value."""
    path = os.path.join(copy, "mapping_definitions", "members_mapping.json")
    with open(path, encoding="utf-8") as file:
        right = file.read()
    mapping = json.loads(right)
    mapping["email"]["sirius_details"]["data_type"] = "int"
    with open(path, "w", encoding="utf-8") as file:
        json.dump(mapping, file)
    mails = world.one(0, "SELECT count (*) AS n FROM logbook.member WHERE \"E-mail\" <> ''")
    born = world.one(0, "SELECT count (*) AS n FROM logbook.member WHERE \"Born\" <> ''")
    bad = world.one(0, "SELECT count (*) AS n FROM logbook.member WHERE \"Born\" <> '' AND slipway.day_first (\"Born\", 2022) IS NULL")
    done = world.call([world.slipwayctl, "migrate", "check", copy, *world.databases])
    told = [line for line in done.stdout.splitlines() if "/sirius_details/data_type: " in line]
    yield done.returncode == 0 and len(told) == 2, (told, done.stderr)
    for severity, words in (("warning", f": /email/sirius_details/data_type: {mails} of {mails} values of “E-mail” in member are no int: “"),
                            ("warning", f": /dateofbirth/sirius_details/data_type: {bad} of {born} values of “Born” in member are no date: “00/00/0000”, …")):
        yield any(line.startswith(f"{severity}: ") and words in line for line in told), (words, told)
    with open(path, "w", encoding="utf-8") as file:
        file.write(right)


def names_in_sql_are_looked_for_by_the_check(new):
    """Each where it stands, and nothing is carried out or left behind."""
    world = new()
    world.run()
    schemas = "SELECT string_agg (n.nspname || '.' || relname, ' ' ORDER BY 1) AS n FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind = 'r'"
    before = [world.one(which, schemas) for which in (0, 1)]
    with tempfile.TemporaryDirectory() as folder:
        copy = example_with(folder)
        path = os.path.join(copy, "migration.json")
        done = world.call([world.slipwayctl, "migrate", "check", copy, *world.databases])
        yield done.returncode == 0 and "could not be looked for" not in done.stdout, f"the example as it is: {done.stdout}{done.stderr}"
        yield from types_are_held_against_the_landed_values(world, copy)
        with open(path, encoding="utf-8") as file:
            sidecar = json.load(file)
        steps = {(step["mapping"], "update" in step or step.get("name")): (f"/entities/{i}/steps/{k}", step)
                 for i, entity in enumerate(sidecar["entities"]) for k, step in enumerate(entity["steps"])}
        contracts, left = steps["contracts", None], steps["timeline", "timeline_leavers"]
        contracts[1]["columns"]["holding"] = "CASE x.\"Share\" WHEN '1' THEN 'ALONE' END"
        contracts[1]["joins"][0]["where"] = "\"Shar\" <> '5'"
        contracts[1]["joins"][0]["pick"]["order"][0] = "\"Sinc\" DESC"
        left[1]["joins"][0]["on"] = "p.number_of_member = r.\"Member No\""
        left[1]["columns"].update({"c_member_no": "r.\"Member\""})
        left[1]["json"]["event"]["description"]["$sql"] = "'Left on ' || r.\"Member\""
        steps["timeline", None][1]["joins"][0]["where"] = "type = 'member'; DROP TABLE slipway.run"
        sidecar["decisions"]["set_survey_status"]["let"]["period_end"] = "slipway.day_first (m.c_nowhere)::date"
        sidecar["filters"][0]["drop"] = "s.\"Ofice\" = 'x'"
        sidecar["api"]["checks"][1]["ids"] = "SELECT id FROM {target}.contract WHERE contractnumber = $1"
        del sidecar["hooks"][0]["setup"]  # makes what a query behind it may read
        sidecar["rules"].append({"name": "broken", "stage": "integration", "sql": "ANALYZE; UPDATE {integration}.people SET = 1"})
        sidecar["rules"].append({"name": "given", "stage": "integration", "sql": "COPY {integration}.people FROM STDIN"})
        sidecar["rules"][0]["sql"] = sidecar["rules"][0]["sql"].replace("p.membernumber", "p.numbr")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(sidecar, file)
        with open(os.path.join(copy, "hooks", "batch-numbers-audit.sql"), "w", encoding="utf-8") as file:
            file.write("SELECT i.numbr FROM {target}.invoices i;")
        with open(os.path.join(copy, "api-tests", "members.csv"), "a", encoding="utf-8") as file:
            file.write("/api/v1/people/{id},M000001,$.[,broken,1\n")
        # What else files of functions have; nothing of it keeps names from being looked for.
        with open(os.path.join(copy, "functions.sql"), "r+", encoding="utf-8") as file:
            functions = file.read()
            file.seek(0)
            file.write("SET client_min_messages = warning; /* where */ SET search_path TO \"$user\", public;\nSET check_function_bodies = false;\n"
                       "CREATE SCHEMA IF NOT EXISTS mine; CREATE TYPE mine.pair AS (a int); CREATE DOMAIN mine.word AS text CHECK (VALUE <> '');\n"
                       "CREATE TABLE mine.words (i int GENERATED BY DEFAULT AS IDENTITY (START WITH 7), at timestamp with time zone, w mine.word DEFAULT 'x', temp int, server text, of text, UNIQUE (temp, of) WITH (fillfactor = 50)) WITH (fillfactor = 90); CREATE OR REPLACE VIEW mine.seen AS SELECT w FROM mine.words;\n"
                       "DROP FUNCTION IF EXISTS mine.f (text);\nCREATE FUNCTION mine.f (g text) RETURNS mine.word LANGUAGE sql AS 'SELECT g FROM later';\n"
                       "ALTER FUNCTION mine.f (text) STRICT; COMMENT ON VIEW mine.seen IS 'x';\nDROP VIEW mine.seen;\n" + functions)
        # What validations compute by, many faults of one query.
        path_of_checks = os.path.join(copy, "validation_mapping.json")
        with open(path_of_checks, encoding="utf-8") as file:
            checks = json.load(file)
        checks["member_addresses"]["casrec"]["transform"]["address_lines"] = "CONCAT(\"Adrs1\", \"Adrs9\")"
        checks["member_addresses"]["sirius"]["where_clauses"][0:1] = ["people.typ = 'member'", "people.token::date > '2000-01-01'", "people.clubsorce = ''"]
        checks["member_day_phones"]["sirius"]["joins"] = ["LEFT JOIN {target_schema}.people ON people.idd = phones.person_id"]
        with open(path_of_checks, "w", encoding="utf-8") as file:
            json.dump(checks, file)
        with open(os.path.join(copy, "validation", "people-tasks.sql"), encoding="utf-8") as file:
            tasks = file.read()
        with open(os.path.join(copy, "validation", "people-tasks.sql"), "w", encoding="utf-8") as file:
            file.write(tasks.replace("t.description", "t.descripton"))
        sidecar["validation"]["known"].append({"mapping": "tasks", "kind": "missing", "where": "d.keys = ''", "reason": "none"})
        lines = open(os.path.join(copy, "api-tests", "members.csv"), encoding="utf-8").read().count("\n")
        sidecar["api"]["checks"][0]["skip"] = "SELECT e.why FROM slipway.excluded e WHERE $1 = e.table_name"
        with open(path, "w", encoding="utf-8") as file:
            json.dump(sidecar, file)
        alone = world.call([world.slipwayctl, "migrate", "check", copy])
        yield alone.returncode == 1 and f"members.csv: line {lines}: “$.[” is no JSONPath" in alone.stdout, f"without a database: {alone.stdout}"
        done = world.call([world.slipwayctl, "migrate", "check", copy, *world.databases])
        for told in (f"{contracts[0]}/columns/holding: “CASE x.\"Share\" WHEN '1' THEN 'ALONE' END” is refused: missing FROM-clause entry for table \"x\"",
                     f"{contracts[0]}/joins/0/where: “\"Shar\" <> '5'” is refused: column \"Shar\" does not exist",
                     f"{contracts[0]}/joins/0/pick/order: “\"Sinc\" DESC” is refused: column \"Sinc\" does not exist",
                     f"{left[0]}/columns/c_member_no: “r.\"Member\"” is refused: column r.Member does not exist",
                     f"{left[0]}/json/event: “'Left on ' || r.\"Member\"” is refused: column r.Member does not exist",
                     f"{left[0]}/joins/0/on: “p.number_of_member = r.\"Member No\"” is refused: column p.number_of_member does not exist",
                     "/decisions/set_survey_status/period_end: “slipway.day_first (m.c_nowhere)::date” is refused: column m.c_nowhere does not exist",
                     "/filters/0/drop: “s.\"Ofice\" = 'x'” is refused: column s.Ofice does not exist",
                     "/api/checks/1/ids: it is refused: relation \"public.contract\" does not exist",
                     "/api/checks/0/skip: it is refused: column e.why does not exist",
                     f"/rules/{len(sidecar['rules']) - 1}: COPY … FROM STDIN: nobody gives it rows",
                     f"/rules/{len(sidecar['rules']) - 2}: it is no SQL: syntax error at or near \"=\"",
                     "/rules/0: it is refused: column p.numbr does not exist",
                     f"/validation/known/{len(sidecar['validation']['known']) - 1}/where: it is refused: column d.keys does not exist",
                     "/validation/queries/2/file: it is refused: column t.descripton does not exist",
                     "/hooks/0/audit: it is refused: column i.numbr does not exist"):
            yield done.returncode == 1 and f"error: migration.json: {told}" in done.stdout, f"{told} is not among {done.stdout}{done.stderr}"
        for told in ("casrec/transform/address_lines: “CONCAT(\"Adrs1\", \"Adrs9\")” is refused: column \"Adrs9\" does not exist",
                     "sirius/where_clauses/0: “people.typ = 'member'” is refused: column people.typ does not exist",
                     "sirius/where_clauses/2: “people.clubsorce = ''” is refused: column people.clubsorce does not exist"):
            yield f"error: validation_mapping.json: /member_addresses/{told}" in done.stdout, f"{told} is not among {done.stdout}"
        yield "/member_day_phones/sirius/joins/0: “LEFT JOIN {target_schema}.people ON people.idd = phones.person_id” is refused" in done.stdout, done.stdout
        yield done.stdout.count("error: validation_mapping.json") == 4, done.stdout
        yield "could not be looked for" not in done.stdout, done.stdout
        # Side by side they tell the same: what one makes to look is in nobody's way.
        together = [subprocess.Popen([world.slipwayctl, "migrate", "check", copy, *world.databases], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
                    for _ in range(3)]
        for text, status in [(one.communicate()[0], one.returncode) for one in together]:
            yield status == 1 and text == done.stdout + done.stderr, f"beside two others: {status}, {text}"
        yield done.stdout.count("r.Member does not exist") == 2, f"told more than once, or of what is right: {done.stdout}"
    yield before == [world.one(which, schemas) for which in (0, 1)], "something was left behind"


CASES = [names_in_sql_are_looked_for_by_the_check, what_the_target_would_refuse_is_told_with_its_place, a_target_that_was_altered_is_prepared_again, what_a_run_needs_is_named_before_it_writes,
         a_run_goes_on_when_the_target_asks_less, a_trace_takes_no_row_of_another_run,
         undo_puts_back_what_another_session_wrote_as_the_run_waited]
