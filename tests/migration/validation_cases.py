# SPDX-License-Identifier: MIT
"""What a validation compares that its definition's own query does not reach, and what transform and validation must read
alike. Cases of test-run.py, whose worlds they take."""

import csv
import json
import os
import shutil
import tempfile

from bound_cases import example_with


def example_without(folder, **members):
    """A copy of the example whose validation of notes leaves out those of one kind, as a join or a condition may."""
    copy = example_with(folder, **members)
    path = os.path.join(copy, "validation_mapping.json")
    with open(path, encoding="utf-8") as file:
        validations = json.load(file)
    validations["notes"]["casrec"]["where_clauses"].append("{casrec_schema}.note.\"Log Type\" <> 'E'")
    validations["notes"]["sirius"]["where_clauses"].append("coalesce (notes.type, '') <> 'E-mail'")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(validations, file)
    return copy


def validate(world, folder, *words):
    done = world.call(world.words("validate", folder, "--json", *words))
    mappings = {one["mapping"]: one for one in json.loads(done.stdout)["mappings"]} if done.stdout else {}
    return done, mappings.get("notes", {})


def told(world, columns="kind, columns, target_id"):
    return [tuple(row.values()) for row in world.postgres.rows(
        world.names[0], f"SELECT {columns} FROM slipway.difference WHERE mapping = 'notes' ORDER BY number")]


def rows_that_no_query_reaches_are_read_back(new):
    world = new()
    world.run()
    with tempfile.TemporaryDirectory() as folder:
        known = {"mapping": "notes", "kind": "differing", "columns": ["direction"], "reason": "turned round by hand"}
        with open(os.path.join(example_with(folder), "migration.json"), encoding="utf-8") as file:
            validation = json.load(file)["validation"]
        copy = example_without(folder, validation={**validation, "known": [*validation["known"], known]})
        _, whole = validate(world, world.definitions)
        done, notes = validate(world, copy)
        left_out = int(world.one(0, "SELECT count(*) AS n FROM integration.notes WHERE type = 'E-mail'"))
        yield done.returncode == 0 and left_out > 10 and (whole["outside"], notes["outside"]) == (0, left_out), (done.stderr, whole, notes)
        yield notes["expected"] == notes["actual"] == whole["expected"], f"a row is counted twice, or not at all: {notes}"
        yield f"{left_out} rows are outside of the definition's query: read back" in notes["note"], notes["note"]
        noted = {stage["stage"]: stage for stage in world.status()[0]["stages"]}["validation"]["note"]
        yield noted.startswith(f"{whole['known']}" if whole["known"] else "") and f"{left_out} rows are outside of the definitions' queries" in noted, noted
        table = world.call(world.words("validate", copy, "--csv")).stdout
        row = next(row for row in csv.DictReader(table.splitlines()) if row["mapping"] == "notes")
        yield row["outside"] == str(left_out), row
        first, second, third, fourth, last = [row["id"] for row in world.postgres.rows(
            world.names[1], "SELECT id FROM notes WHERE type = 'E-mail' ORDER BY id DESC LIMIT 5")]
        world.sql(1, f"UPDATE notes SET direction = 'x', createdtime = createdtime + interval '1 s' WHERE id = {first};"
                     f"UPDATE notes SET direction = 'x' WHERE id = {second};"
                     f"UPDATE notes SET text = text || ' ' WHERE id = {third};"
                     f"UPDATE notes SET type = 'Letter' WHERE id = {last};"
                     f"CREATE TABLE kept AS SELECT * FROM notes WHERE id = {fourth}; DELETE FROM notes WHERE id = {fourth};"
                     f"INSERT INTO notes (person_id, type, text) SELECT person_id, type, 'of nobody' FROM notes WHERE id = {third}")
        done, notes = validate(world, copy)
        # What is of another kind now is in the query of what is, and is no row of what should be there.
        wanted = [("differing", "{createdtime,direction}", first), ("differing", "{direction}", second), ("differing", "{text}", third),
                  ("missing", None, fourth), ("extra", None, last)]
        found = [(kind, columns if kind == "differing" else None, row) for kind, columns, row in told(world)]
        yield done.returncode == 3 and sorted(found) == sorted(wanted), f"{found} instead of {wanted}: {done.stderr}"
        yield notes["actual"] == notes["expected"] - notes["missing"] + notes["extra"] + notes["duplicated"], notes
        reasons = dict(told(world, "target_id, known"))
        yield [row for row, reason in reasons.items() if reason] == [second], f"a reason for one column holds for others: {reasons}"
        yield "1 row of notes came behind the keys that were there and is none of the run's" in notes["note"], notes["note"]
        lost = told(world, "expected ->> 'type' AS type, source_table, casrec_row_id IS NOT NULL AS landed")[[kind for kind, *_ in found].index("missing")]
        yield lost == ("E-mail", "note", "t"), f"no way to the row: {lost}"
        world.sql(1, f"INSERT INTO notes SELECT * FROM kept; DROP TABLE kept; UPDATE notes SET text = rtrim (text) WHERE id = {third}")
        done, again = validate(world, copy, "--recheck", "1")
        left = [row for *_, row in told(world)]
        yield sorted(left) == sorted([first, second, last]) and again["outside"] == notes["outside"], (left, again)
        yield f"{notes['outside']} rows are outside" in again["note"], again["note"]


def example_of_some_members(folder):
    """A copy of the example whose queries for risk and standing, an update and a rule, say nothing of many members, and where no
    other mapping has these columns."""
    copy = example_with(folder)
    path = os.path.join(copy, "mapping_definitions", "members_mapping.json")
    with open(path, encoding="utf-8") as file:
        columns = json.load(file)
    with open(path, "w", encoding="utf-8") as file:
        json.dump({name: column for name, column in columns.items() if name not in ("risklevel", "standing")}, file)
    for name in ("member-risk.sql", "member-standing.sql"):
        path = os.path.join(copy, "validation", name)
        with open(path, encoding="utf-8") as file:
            expected, actual = file.read().split("\nEXCEPT\n")
        where = "WHERE m.\"Member No\" NOT LIKE '%1'"
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"{expected}\n{where}\nEXCEPT\n{actual} AND p.membernumber NOT LIKE '%1'\n")
    return copy


def what_an_update_should_and_should_not_change_is_read_back(new):
    """Cells that only an update or a rule fills, in rows that its own query leaves out: each told once, by who looks at it."""
    world = new()
    world.run()
    with tempfile.TemporaryDirectory() as folder:
        copy = example_of_some_members(folder)
        words = ("--mapping", "member_risk", "--mapping", "member_standing", "--mapping", "members")
        touched = "casrec_details @> '[{\"casrec_mapping_file_name\": \"member_risk_mapping\"}]'"
        done, _ = validate(world, copy, *words)
        counts = {one["mapping"]: one for one in json.loads(done.stdout)["mappings"]}
        outside = int(world.one(0, f"SELECT count(*) AS n FROM integration.people WHERE {touched} AND membernumber LIKE '%1'"))
        yield done.returncode == 0 and outside > 10 and counts["member_risk"]["outside"] == outside, (done.stderr, counts["member_risk"])
        yield "rows of people that its query leaves out are read back, whether it changes them or not" in counts["member_standing"]["note"], counts
        ids = {kind: [row["id"] for row in world.postgres.rows(
            world.names[0], f"SELECT id FROM integration.people WHERE membernumber LIKE '%1' AND {kind} {touched} ORDER BY id")]
               for kind in ("", "NOT")}
        yield ids["NOT"], "every member has a score: nothing is left alone"
        (changed, standing, gone), left = ids[""][:3], ids["NOT"][0]
        world.sql(1, f"UPDATE people SET risklevel = risklevel + 1 WHERE id IN ({left}, {changed});"
                     f"UPDATE people SET standing = 'NOBODY' WHERE id = {standing}")
        done, _ = validate(world, copy, *words)
        found = world.postgres.rows(world.names[0], "SELECT mapping, kind, columns, target_id FROM slipway.difference WHERE known IS NULL"
                                                    " AND mapping IN ('member_risk', 'member_standing', 'members')")
        wanted = sorted([("member_risk", "differing", "{risklevel}", left), ("member_risk", "differing", "{risklevel}", changed),
                         ("member_standing", "differing", "{standing}", standing)])
        yield done.returncode == 3 and sorted(tuple(row.values()) for row in found) == wanted, f"{found} instead of {wanted}: {done.stderr}"
        world.sql(1, f"UPDATE people SET risklevel = risklevel - 1 WHERE id = {left}; UPDATE people SET standing = NULL WHERE id = {gone}")
        validate(world, copy, "--recheck", "1", *words)
        told_of = [row["target_id"] for row in world.postgres.rows(
            world.names[0], "SELECT target_id FROM slipway.difference WHERE mapping IN ('member_risk', 'member_standing') ORDER BY mapping")]
        yield told_of == [changed, standing], told_of


def what_the_target_lost_since_it_was_loaded_is_named(new):
    """Before anything is compared, or a hook begins."""
    world = new()
    world.run()
    before = world.postgres.rows(world.names[0], "SELECT * FROM slipway.validation ORDER BY mapping")
    world.sql(1, "ALTER TABLE people RENAME standing TO rank; ALTER TABLE people DROP COLUMN risklevel; ALTER TABLE invoices RENAME batchnumber TO batch;"
                 "DELETE FROM slipway_migration.load WHERE part LIKE 'hook %'")
    done, _ = validate(world, world.definitions)
    yield done.returncode == 1 and all(told in done.stderr for told in (
        "people.standing (the table has rank since), which member_standing fills", "people.risklevel (the table has rank since), which member_risk fills",
        "invoices.batchnumber (the table has batch since)", "Nothing was compared")), done.stderr
    yield before == world.postgres.rows(world.names[0], "SELECT * FROM slipway.validation ORDER BY mapping"), "something was written down"
    done, _ = validate(world, world.definitions, "--mapping", "notes")
    yield done.returncode == 0, f"what is not compared is missed: {done.stderr}"
    done = world.call(world.words("stage", "hooks", world.definitions, "--skip", "validation"))
    yield done.returncode == 1 and "hook batch-numbers names invoices.batchnumber (the table has batch since)" in done.stderr, done.stderr
    world.sql(1, "ALTER TABLE people RENAME rank TO standing; ALTER TABLE people ADD COLUMN risklevel integer; ALTER TABLE invoices RENAME batch TO batchnumber")
    done = world.call(world.words("stage", "hooks", world.definitions, "--skip", "validation"))
    yield done.returncode == 0, done.stderr


def with_great_amounts(source, folder):
    """A copy of the source whose amounts are, in pence, the first number that an integer does not hold."""
    copy = shutil.copytree(source, os.path.join(folder, "source"))
    for name in sorted(os.listdir(copy)):
        if name.startswith("entry"):
            path = os.path.join(copy, name)
            with open(path, encoding="utf-8", newline="") as file:
                header, *rows = list(csv.reader(file))
            amount = header.index("Amount")
            for row in rows:
                row[amount] = "21474836.48" if row[amount] and float(row[amount]) > 0 else row[amount]
            with open(path, "w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([header, *rows])
    return copy


def whole_numbers_are_what_the_target_takes(new):
    """An `int` is what the column takes; what it does not take is a bad value, and no difference."""
    with tempfile.TemporaryDirectory() as folder:
        gates = {"transform": {"bad": "100%", "unknown": "1%", "unmatched": "10%"}}
        for of_type, wanted in (("bigint", "2147483648"), ("integer", None)):
            world = new()
            world.source = with_great_amounts(world.source, os.path.join(folder, of_type))
            world.definitions = example_with(os.path.join(folder, of_type), gates=gates)
            world.sql(1, f"ALTER TABLE invoices ALTER amount TYPE {of_type}, ALTER amount DROP NOT NULL")
            done, _ = world.run()
            amounts = {row["amount"] for row in world.postgres.rows(world.names[1], "SELECT amount FROM invoices WHERE source = 'LOGBOOK'")}
            yield done.returncode == 0 and amounts == {wanted}, (of_type, done.stderr, amounts)
            bad = world.one(0, "SELECT coalesce (sum (rows), 0) AS n FROM slipway.measure WHERE kind = 'bad value' AND column_name = 'amount'")
            yield (bad == "0") == (wanted is not None), f"{bad} bad values in {of_type}"


CASES = [rows_that_no_query_reaches_are_read_back, what_an_update_should_and_should_not_change_is_read_back,
         what_the_target_lost_since_it_was_loaded_is_named, whole_numbers_are_what_the_target_takes]
