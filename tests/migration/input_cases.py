# SPDX-License-Identifier: MIT
"""Cases of a run that change what goes in: definitions, source files, values. test-run.py runs them; new() is a world of its own."""

import csv
import functools
import json
import os
import re
import shutil
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
EXAMPLE = os.path.join(HERE, "..", "..", "data", "example")
STAGES = ["load", "filter", "prepare", "transform", "integration", "load_to_target", "validation", "api", "hooks"]


def edit_example(folder, edit):
    """A copy of the example in @folder, its sidecar changed by @edit."""
    shutil.copytree(EXAMPLE, folder)
    path = os.path.join(folder, "migration.json")
    with open(path, encoding="utf-8") as file:
        sidecar = json.load(file)
    edit(sidecar)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(sidecar, file)
    return folder


def put_ids_everywhere(sidecar):
    late = {"$late": {"table": "people", "id": "p.id"}}
    sidecar["gates"]["integration"]["unmatched"] = 305  # those of "lost"
    sidecar["validation"]["readBack"]["timeline"] = "these events are none of the example's"
    for step in [step for entity in sidecar["entities"] for step in entity["steps"] if step["mapping"] == "reminders"]:
        step["from"].pop("where")  # which leaves none on the run's date
    for step in [step for entity in sidecar["entities"] for step in entity["steps"] if step["mapping"] == "timeline"]:
        event = step["json"]["event"]
        step["json"]["event"] = {"source": {"personId": {"$sql": "'S-1 é\"'::text"}}, "maybe": {"personId": {"$sql": "NULL::int"}},
                                 "same": {"personId": {"$sql": "p.id"}}, "list": [None, 7, {"personId": late}],
                                 "none": {"$late": {"table": "people", "id": "nullif (p.id, p.id)"}},
                                 "lost": {"$late": {"table": "people", "id": "p.id + 1000000"}}, **event}


OUR_NAMES = {"reminders": ("key", "number", "kind", "new_id", "marks", "mark", "lost"), "members": ("match", "key")}


def name_columns_as_sql_does(folder):
    """Columns of the target whose names stand for something else in SQL that reads, matches and compares rows."""
    definitions = os.path.join(folder, "mapping_definitions")
    for mapping, names in OUR_NAMES.items():
        path = os.path.join(definitions, f"{mapping}_mapping.json")
        with open(path, encoding="utf-8") as file:
            columns = json.load(file)
        for name in names:
            columns[name] = json.loads(json.dumps(columns["event" if mapping == "reminders" else "surname"]))
            columns[name]["sirius_details"]["data_type"] = "str"
            columns[name]["transform_casrec"] = {**{member: "" for member in columns[name]["transform_casrec"]}, "default_value": f"our {name}"}
        with open(path, "w", encoding="utf-8") as file:
            json.dump(columns, file)
    for name, members in (("tables.json", ("people", "existing_data", "keep_original_data")), ("validation_mapping.json", ("members", "exclude"))):
        path = os.path.join(folder, name)
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
        functools.reduce(dict.__getitem__, members, document).extend(OUR_NAMES["members"])
        with open(path, "w", encoding="utf-8") as file:
            json.dump(document, file)
    return folder


def ids_in_json_are_found_by_their_place_and_own_columns_are_the_targets(new):
    world = new()
    world.sql(1, "ALTER TABLE timeline ADD number bigint GENERATED ALWAYS AS IDENTITY UNIQUE, ADD came timestamptz NOT NULL DEFAULT clock_timestamp();"
                 "ALTER TABLE phones ADD token uuid NOT NULL DEFAULT gen_random_uuid (), ADD serial bigserial NOT NULL;"
                 "ALTER TABLE people ADD match text DEFAULT 'their match', ADD key text DEFAULT 'their key'; ALTER TABLE reminders ADD key text, "
                 "ADD number text, ADD kind text, ADD new_id text, ADD marks text, ADD mark text, ADD lost text;"
                 "ALTER TABLE people_tasks DROP CONSTRAINT people_tasks_pkey; ALTER TABLE people_tasks ADD id serial PRIMARY KEY")
    with tempfile.TemporaryDirectory(prefix="slip-late-") as folder:
        world.definitions = name_columns_as_sql_does(edit_example(os.path.join(folder, "example"), put_ids_everywhere))
        with open(os.path.join(world.definitions, "functions.sql"), "a", encoding="utf-8") as file:
            file.write("CREATE FUNCTION {source}.landed () RETURNS bigint LANGUAGE sql AS 'SELECT count (*) FROM {source}.member';\n")
        done, _ = world.run()
    yield done.returncode == 0, done.stderr
    if done.returncode:
        return
    yield world.one(0, "SELECT logbook.landed () > 100 AS n") == "t", "a function that reads landed files"
    rows = world.postgres.rows(world.names[1], "SELECT t.event, p.id, t.number, t.came FROM timeline t JOIN people p "
                               "ON p.membernumber = t.event ->> 'memberNumber' AND p.type = 'member'")
    yield len(rows) > 200 and len({row["number"] for row in rows}) == len(rows) and all(row["came"] for row in rows), rows[:2]
    local = {row["membernumber"]: int(row["id"]) for row in world.postgres.rows(
        world.names[0], "SELECT membernumber, id FROM transform.people WHERE type = 'member' ORDER BY id DESC")}
    for row in rows:
        event, own = json.loads(row["event"]), int(row["id"])
        yield (list(event)[:6] == ["source", "maybe", "same", "list", "none", "lost"] and event["personId"] == own
               and event["list"] == [None, 7, {"personId": own}] and event["same"] == {"personId": local[event["memberNumber"]]}
               and event["source"] == {"personId": 'S-1 é"'} and event["maybe"] == {"personId": None}
               and event["none"] is None and event["lost"] is None and row["event"] == json.dumps(event)), row
    yield any(json.loads(row["event"])["same"]["personId"] != int(row["id"]) for row in rows), "no id moved, so that nothing is proven"
    told = world.postgres.rows(world.names[0], "SELECT column_name, rows FROM slipway.measure WHERE stage = 'integration' AND kind = "
                               "'unmatched' AND entity = 'timeline'")
    given = world.postgres.rows(world.names[1], "SELECT DISTINCT key, number, kind, new_id, marks, mark, lost FROM reminders")
    yield given == [{name: f"our {name}" for name in OUR_NAMES["reminders"]}], given
    given = world.postgres.rows(world.names[1], "SELECT DISTINCT match, key FROM people WHERE type = 'member' ORDER BY match")
    yield [tuple(row.values()) for row in given] == [("our match", "our key"), ("their match", "their key")], given
    yield told == [{"column_name": "event.lost", "rows": world.one(0, "SELECT count(*) FROM transform.timeline")}], told


def invented_values_of_two_phases_are_never_the_same(new):
    """Another text of `values` with the same files, and other files with the same row numbers."""
    world, tokens = new(), []
    words = [word for stage in STAGES[4:] for word in ("--skip", stage)]
    with tempfile.TemporaryDirectory(prefix="slip-phase-") as folder:
        world.source = shutil.copytree(world.source, os.path.join(folder, "source"))
        for value, more in (("LOGBOOK", ""), ("LOGBOOK2", ""), ("LOGBOOK", "\n")):
            with open(os.path.join(world.source, "member.csv"), "a", encoding="utf-8") as file:
                file.write(more)
            done, _ = world.run("--value", f"source={value}", *words)
            yield done.returncode == 0, done.stderr
            tokens.append({row["token"] for row in world.postgres.rows(world.names[0], "SELECT token FROM transform.people "
                                                                       "WHERE token IS NOT NULL")})
    yield len(tokens[0]) > 200 and all(len(one) == len(tokens[0]) for one in tokens), [len(one) for one in tokens]
    yield len(set.union(*tokens)) == 3 * len(tokens[0]), "values of two phases are the same"


def files_that_no_table_takes_are_told_and_bounded(new):
    world = new()
    with tempfile.TemporaryDirectory(prefix="slip-unclaimed-") as folder:
        world.source = shutil.copytree(world.source, os.path.join(folder, "source"))
        for name in ("ENTRY3.csv", "entries-late.csv"):
            shutil.copy(os.path.join(world.source, "entry1.csv"), os.path.join(world.source, name))
        done, _ = world.run()
        yield done.returncode == 3 and re.search(r"gate of stage load: 2 unclaimed, of 1\d files; 0 may pass\n\s+ENTRY3.csv: no table", done.stderr), done.stderr
        done = world.call([world.slipwayctl, "migrate", "load", EXAMPLE, "--source", world.source, *world.databases[:2], "--json"])
        yield json.loads(done.stdout)["unclaimed"] == ["ENTRY3.csv", "entries-late.csv"], done.stdout[-300:] + done.stderr
        world.definitions = edit_example(os.path.join(folder, "example"), lambda sidecar: sidecar["gates"].pop("load"))
        words = [word for stage in STAGES[1:] for word in ("--skip", stage)]
        done, report = world.run(*words)
        yield done.returncode == 0 and report["stages"][0]["note"] == "no table takes ENTRY3.csv, entries-late.csv", (done.stderr, report)
        yield from a_header_alone_is_told(world, words)


def a_header_alone_is_told(world, words):
    """With how many rows there were before, where there were; a load of what is there already says it too."""
    path = os.path.join(world.source, "survey.csv")
    with open(path, "r+", encoding="utf-8") as file:
        header, *records = list(csv.reader(file))
        file.seek(0)
        file.truncate()
        csv.writer(file).writerow(header)
    done, report = world.run(*words)
    note = f"no table takes ENTRY3.csv, entries-late.csv; survey.csv has a header and no rows; survey had {len(records)} rows before"
    yield done.returncode == 0 and len(records) > 50 and report["stages"][0]["note"] == note, (done.stderr, report)
    yield note in world.call(world.words("status")).stdout, "status does not say it"
    done = world.call([world.slipwayctl, "migrate", "load", EXAMPLE, "--source", world.source, *world.databases[:2], "--no-reload", "-q"])
    yield done.returncode == 0 and "  warning: survey.csv has a header and no rows\n" in done.stdout, done.stdout + done.stderr
    with open(path, "a", encoding="utf-8") as file:
        file.write("too few\n")
    done, report = world.run(*words)
    yield done.returncode == 1 and "\n  survey: 1 bad record, and nothing of it is landed" in done.stderr, done.stderr
    yield report["stages"][0]["state"] == "failed" and report["stages"][0]["rows"] == world.status()[0]["stages"][0]["rows"] > 0, (report["stages"], world.status())
    # Another header is taken as the error says, and one field longer than others is.
    with open(path, "w", encoding="utf-8") as file:
        csv.writer(file).writerows([[*header[:-1], "Told"], ["x" * 3000 for _ in header]])
    done, _ = world.run(*words)
    told = f"survey: the header is not the one that is expected: survey.csv, line 1: column {len(header)} is “Told” where “{header[-1]}” is expected. Look"
    yield done.returncode == 1 and told in done.stderr and "“slipwayctl migrate run” with --accept-headers take it" in done.stderr, done.stderr
    done, _ = world.run(*words, "--accept-headers", "--max-field", "2000")
    yield done.returncode == 1 and "3000 bytes, and 2000 are allowed (--max-field, or maxFieldBytes in the sidecar)" in done.stderr, done.stderr
    for more in ("--accept-headers", "--max-field", "3000"), ("--no-reload",):
        done, _ = world.run(*words, *more)
        yield done.returncode == 0, done.stderr
    done = world.call([world.slipwayctl, "migrate", "status", "--migration-db", "host=/nowhere"])
    yield done.returncode == 1 and re.search(r"cannot connect to the migration database .*: connection to .* No such file or directory\n$", done.stderr), f"a server that is not there: {done.stderr}"


def put_into(path, record, column, value):
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    rows[record][rows[0].index(column)] = value
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def amounts_that_are_no_numbers_are_bad_and_told(new):
    world, record = new(), 0
    words = [word for stage in STAGES[4:] for word in ("--skip", stage)]
    with tempfile.TemporaryDirectory(prefix="slip-pounds-") as folder:
        world.source = shutil.copytree(world.source, os.path.join(folder, "source"))
        path = os.path.join(world.source, "entry1.csv")
        with open(path, encoding="utf-8", newline="") as file:
            header, *records = csv.reader(file)
        for number, fields in enumerate(records, 1):
            if number % 20 == 0:
                fields[header.index("Amount")] = "£248.00"
                record = record or number
        with open(path, "w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *records])
        put_into(path, 8, "Amount", "99999999999999")
        put_into(os.path.join(world.source, "survey.csv"), 7, "Score", "ninety")
        spoil(os.path.join(world.source, "note.csv"), "Log Date", ["2021-10-05"])
        spoil(os.path.join(world.source, "note.csv"), "Log Time", ["half past"])
        world.definitions = edit_example(os.path.join(folder, "example"), lambda sidecar: sidecar["gates"]["transform"].update(bad="90%"))
        done, report = world.run(*words)
        note = {stage["stage"]: stage for stage in report["stages"]}["transform"].get("note", "")
        told = re.search(r"(\S+\.Amount): (\d+) values no number, and the rows dropped \(entry1.csv record (\d+) \(line [≥ ]*\d+\): “£248.00” …\)", note)
        yield done.returncode == 0 and told and int(told[2]) > 5 and int(told[3]) >= record, (done.stderr, note)
        yield re.search(r"dateofbirth: \d+ values? bad", note), note
        # A rule of a decision table asks for a number.
        yield re.search(r"surveys\.Score: 1 value bad \(survey\.csv record 7 \(line [≥ ]*\d+\): “ninety”\)", note), note
        # What stands in the file, and not only what became of it.
        yield re.search(r"invoices_berth\.amount: 1 value bad \(entry1\.csv record 8 \(line [≥ ]*9\): “99999999999999”, which becomes “9999999999999900”, "
                        r"out of the range of integer\)", note), note
        # Of a day and its time both are told.
        yield re.search(r"notes\.createdtime: 1 value bad \(note\.csv record 1 \(line 2\): “2021-10-05 half past”\)", note), note
        world.definitions = edit_example(os.path.join(folder, "strict"), lambda sidecar: sidecar["gates"]["transform"].update(bad=5))
        done, _ = world.run(*words)
        yield done.returncode == 3 and re.search(r"gate of stage transform: \d+ bad, of \d+ rows read; .*\n.* Amount “£248.00”: ", done.stderr), done.stderr


def spoil(path, column, values, **options):
    """Writes @values into @column of the first records of a file."""
    with open(path, newline="", encoding="latin-1") as file:
        header, *records = csv.reader(file, **options)
    for record, value in zip(records, values):
        record[header.index(column)] = value
    with open(path, "w", newline="", encoding="latin-1") as file:
        csv.writer(file, **options).writerows([header, *records])


#: What each mode makes of the values that spoil_all() writes; the rest of the rows is the same in both.
GIVEN = {
    "SELECT dateofbirth FROM people WHERE membernumber = 'M000001'": ("1970-11-05", None),
    "SELECT dateofbirth FROM people WHERE membernumber = 'M000002'": ("1970-04-01", "1970-03-31"),
    "SELECT event ->> 'description' FROM timeline WHERE event ->> 'memberNumber' = 'M000003' AND event ->> 'kind' = 'migrated'":
        ("Taken over from the Logbook. Away since 01/02/2020", "Taken over from the Logbook"),
    "SELECT email FROM people WHERE membernumber = 'M000001'": (None, "None"),
    "SELECT string_agg (coalesce (riskband, 'NULL'), ' ' ORDER BY id) FROM (SELECT * FROM contracts WHERE clubsource = 'LOGBOOK' ORDER BY id LIMIT 2) AS c":
        ("MEDIUM 2A", "2A NULL"),
    "SELECT string_agg (coalesce (firstrenewal::text, 'NULL'), ' ' ORDER BY id) FROM contracts WHERE begins = '9999-12-31'": ("NULL", "10000-12-31"),
    "SELECT createdtime FROM notes WHERE text = 'as the clocks went back'": (None, "2021-10-31 01:30:00"),
}


def spoil_all(source):
    spoil(os.path.join(source, "member.csv"), "Born", ["5 November 1970", "1970-03-31 23:59:59.6"])
    spoil(os.path.join(source, "member.csv"), "E-mail", ["None"])
    spoil(os.path.join(source, "member.csv"), "Office", ["HC"] * 50)
    spoil(os.path.join(source, "member.csv"), "Away Since", ["", "", "1 Feb 2020"] + [""] * 47)
    spoil(os.path.join(source, "contract.csv"), "Risk", ["", "?"], delimiter=";")
    spoil(os.path.join(source, "contract.csv"), "State", ["Ended"] * 2, delimiter=";")
    spoil(os.path.join(source, "contract.csv"), "Begin", ["9999-12-31"], delimiter=";")
    spoil(os.path.join(source, "note.csv"), "Log Date", ["2021-10-31"])
    spoil(os.path.join(source, "note.csv"), "Log Time", ["01:30:00"])
    spoil(os.path.join(source, "note.csv"), "Text", ["as the clocks went back"])


def generate(world, folder):
    """Few rows of its own for a world."""
    world.source = os.path.join(folder, "source")
    os.makedirs(os.path.join(folder, "here"), exist_ok=True)
    words = [os.path.abspath(world.slipwayctl), "migrate", "generate", "--clients", "50", "--seed", "1"]
    # Of the example, into "source", unless other words are said.
    for more, where in (([], "here"), ([EXAMPLE, "--output", world.source], None)):
        subprocess.run([*words, *more], cwd=os.path.join(folder, where) if where else None, check=True, capture_output=True)
    made = [open(os.path.join(one, "MANIFEST.tsv"), encoding="utf-8").read() for one in (world.source, os.path.join(folder, "here", "source"))]
    assert made[0] == made[1] and len(made[0]) > 100, made
    done = world.call([*words, EXAMPLE, "--settings", os.path.join(EXAMPLE, "generate.json")])
    assert done.returncode == 2 and "and not both" in done.stderr, done.stderr


def break_steps(sidecar):
    """A fault in the steps of each kind that the mapping alone says nothing of: join tables, an update, a rule, JSON."""
    steps = {step.get("name", step["mapping"]): step for entity in sidecar["entities"] for step in entity["steps"]}
    steps["contract_holders"]["columns"]["payer"] = "'false'"
    steps["people_contracts"]["where"] = "c.id % 2 = 0"
    steps["people_tasks"]["columns"]["person_id"] = "(SELECT max (id) FROM {transform}.people)"
    steps["people_warnings"]["where"] = "w.warningtype <> 'Not insured'"
    steps["member_risk"]["update"]["where"] = "t.membernumber < 'M000020'"
    steps["timeline"]["json"]["event"]["personId"]["$late"]["id"] = "p.id % 7 + 1"
    del steps["timeline_leavers"]["columns"]["c_member_no"]  # nobody's, so that people_timeline lacks it
    sidecar["rules"][-1].pop("file")
    sidecar["rules"][-1]["sql"] = "UPDATE {integration}.people SET standing = 'MEMBER' WHERE type = 'member'"
    sidecar["gates"] = {}


def a_validation_finds_faults_of_steps_that_mappings_say_nothing_of(new):
    world = new()
    with tempfile.TemporaryDirectory(prefix="slip-broken-") as folder:
        generate(world, folder)
        world.definitions = edit_example(os.path.join(folder, "example"), break_steps)
        done, _ = world.run()
    yield done.returncode == 3, done.stderr
    told = world.one(0, "SELECT string_agg (DISTINCT mapping, ' ' ORDER BY mapping) FROM slipway.difference WHERE known IS NULL")
    yield told == "contract_holders member_risk member_standing member_warnings people_contracts people_tasks people_timeline people_warnings tasks timeline", told


def a_validation_expects_what_the_mode_gives(new):
    """Each value that compat and strict read differently; the default of a lookup is a code of its own."""
    for mode, place in (("compat", 0), ("strict", 1)):
        world = new()
        with tempfile.TemporaryDirectory(prefix="slip-mode-") as folder:
            generate(world, folder)
            spoil_all(world.source)
            world.definitions = edit_example(os.path.join(folder, "example"), lambda sidecar, mode=mode: sidecar.update(
                mode=mode, gates={**sidecar["gates"], "transform": {}}))
            path = os.path.join(world.definitions, "mapping_definitions", "contracts_mapping.json")
            with open(path, encoding="utf-8") as file:
                mapping = json.load(file)
            mapping["riskband"]["transform_casrec"]["default_value"] = "2A"
            with open(path, "w", encoding="utf-8") as file:
                json.dump(mapping, file)
            done, report = world.run()
        yield done.returncode == 0, (mode, done.stderr)
        yield not world.postgres.rows(world.names[0], "SELECT * FROM slipway.difference WHERE known IS NULL"), mode
        given = {query: world.one(1, query) for query in GIVEN}
        yield given == {query: values[place] for query, values in GIVEN.items()}, (mode, given)
        told = "members.dateofbirth: 1 value altered (member.csv record 2 (line 3): “1970-03-31 23:59:59.6”)"
        yield told in next(stage["note"] for stage in report["stages"] if stage["stage"] == "transform"), (mode, report)


CASES = [a_validation_expects_what_the_mode_gives, a_validation_finds_faults_of_steps_that_mappings_say_nothing_of, amounts_that_are_no_numbers_are_bad_and_told, ids_in_json_are_found_by_their_place_and_own_columns_are_the_targets, invented_values_of_two_phases_are_never_the_same,
         files_that_no_table_takes_are_told_and_bounded]
