# SPDX-License-Identifier: MIT
"""`slipwayctl migrate case`: one case of the example out of landed tables and out of files, into databases of their own, and a
small world of shared and vanishing rows. Part of test-example-run.py, whose server and data it uses."""

import csv
import json
import pathlib
import re
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "data/example"
PERSONAL = ("given-name", "family-name", "full-name", "organisation", "address", "town", "postcode", "phone", "email", "time")
SALT = "a salt that only this test knows\n"
OTHER_SALT = "another salt, that it knows as well\n"


class Cases:
    def __init__(self, run, folder):
        self.run, self.postgres, self.folder, self.databases = run, run.postgres, pathlib.Path(folder, "cases"), 0
        self.folder.mkdir()
        self.case = json.loads((EXAMPLE / "migration.json").read_text(encoding="utf-8"))["case"]
        self.tables = [self.case["key"]["table"], *(table["table"] for table in self.case["tables"])]
        self.salt, self.other_salt = self.write("salt", SALT), self.write("other-salt", OTHER_SALT)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        return path

    def database(self):
        self.databases += 1
        return f"case{self.databases}", self.postgres.database(f"case{self.databases}")

    def pull(self, definitions, key, to, *words, salt=None):
        """(exit status, what came of it or the error)"""
        command = [self.run.slipwayctl, "migrate", "case", definitions, "--key", key, "--to", to, "--salt-file", salt or self.salt,
                   "--json", *words]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
        return done.returncode, json.loads(done.stdout) if done.returncode == 0 else done.stderr

    def fingerprint(self, database, schema, tables):
        """Every row of every table with the transaction that wrote it: equal when nothing was written in between."""
        return [self.postgres.rows(database, f'SELECT xmin, ctid, t::text AS row FROM {schema}."{table}" t ORDER BY 2') for table in tables]

    def contents(self, database, schema, table, columns="*"):
        return sorted(str(row) for row in self.postgres.rows(database, f'SELECT {columns} FROM {schema}."{table}"'))


def count(result, what):
    return sum(table[what] for table in result["tables"])


def member_with_most(run):
    """A member with a contract, debts and posted invoices: rows of every kind."""
    rows = run.rows("""SELECT m."Member No" AS key, count(*) AS n FROM logbook.member m JOIN logbook.contract c USING ("Member No")
        JOIN logbook.entry e USING ("Member No") JOIN logbook.posted p USING ("Invoice No") JOIN logbook.note n USING ("Member No")
        GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1""")
    return rows[0]["key"]


def closure(run, case, key):
    """Rows of the case by table, found by Python's csv module and nothing of ours."""
    found = {case["key"]["table"]: [row for row in run.book[case["key"]["table"]] if row[case["key"]["column"]] == key]}
    for table in case["tables"]:
        wanted = {tuple(row[left] for left in table["on"]) for row in found[table.get("of", case["key"]["table"])]}
        found[table["table"]] = [row for row in run.book[table["table"]]
                                 if tuple(row[right] for right in table["on"].values()) in wanted and all(row[r] for r in table["on"].values())]
    return found


def links_hold(cases, database):
    """Rows of each table that find what they follow, here and at the source."""
    broken = []
    for table in cases.case["tables"]:
        of = table.get("of", cases.case["key"]["table"])
        on = " AND ".join(f'p."{left}" = t."{right}"' for left, right in table["on"].items())
        lost = cases.postgres.rows(database, f'SELECT * FROM logbook."{table["table"]}" t WHERE NOT EXISTS (SELECT FROM logbook."{of}" p WHERE {on})')
        if lost:
            broken.append((table["table"], lost[:1]))
    return broken


def personal_values(cases, found):
    for table, rows in found.items():
        for row in rows:
            for column, kind in cases.case["classes"][table].items():
                if kind in PERSONAL + ("text",) and len(row[column].strip()) > 3:
                    yield table, column, row[column].strip()


def row_numbers(classes, tables):
    """Columns that are kept though they number the rows of their table: who has the file finds the row by one of them."""
    for table, rows in tables.items():
        for column, kind in classes[table].items():
            values = [row[column] for row in rows]
            if kind == "keep" and len(set(values)) == len(values) > 10 and all(value.isdigit() for value in values):
                yield f"{table}.{column}"


def finds_a_person(classes, tables):
    """Columns that are kept though they hold days, times to the second or amounts to the penny: few rows have the same."""
    for table, rows in tables.items():
        for column, kind in classes[table].items():
            if kind == "keep" and any(re.fullmatch(r"-?\d+\.\d\d|\d{4}-\d\d-\d\d|\d\d:\d\d:\d\d", row[column].strip()) for row in rows):
                yield f"{table}.{column}"


def a_case_leaves_anonymous_and_whole(tap, cases):
    run, key = cases.run, member_with_most(cases.run)
    found = closure(run, cases.case, key)
    database, conninfo = cases.database()
    status, result = cases.pull(EXAMPLE, key, conninfo, "--from", run.conninfo)
    tap.result(status == 0, "case/comes_out_of_landed_tables", result)
    if status != 0:
        return
    pulled = {table["table"]: table["rows"] for table in result["tables"]}
    tap.result(pulled == {table: len(rows) for table, rows in found.items()} and min(len(found[t]) for t in ("entry", "posted", "note")) > 0,
               "case/has_the_rows_that_python_finds", f"{pulled}\n{ {t: len(r) for t, r in found.items()} }")
    everything = "\n".join(str(row) for table in cases.tables for row in cases.contents(database, "logbook", table)).casefold()
    leaked = [(table, column, value) for table, column, value in personal_values(cases, found) if value.casefold() in everything]
    tap.result(not leaked and key.casefold() not in everything and len(list(personal_values(cases, found))) > 10,
               "case/nothing_personal_leaves", leaked[:5])
    numbered = list(row_numbers(cases.case["classes"], {table: run.book[table] for table in cases.tables}))
    tap.result(not numbered, "case/no_row_keeps_its_number", numbered)
    rare = list(finds_a_person(cases.case["classes"], {table: run.book[table] for table in cases.tables}))
    tap.result(not rare, "case/no_day_time_or_amount_is_kept", rare)
    tap.result(not links_hold(cases, database), "case/its_rows_still_belong_together", links_hold(cases, database))
    kept = [f'"{column}"' for column, kind in cases.case["classes"]["entry"].items() if kind == "keep"]
    source = f"""SELECT {', '.join(kept)} FROM logbook.entry WHERE "Member No" = '{key}'"""
    tap.result(cases.contents(database, "logbook", "entry", ", ".join(kept)) == sorted(str(row) for row in run.rows(source)),
               "case/what_may_stay_stays")

    before = cases.fingerprint(database, "logbook", cases.tables)
    status, again = cases.pull(EXAMPLE, key, conninfo, "--from", run.conninfo)
    tap.result(status == 0 and count(again, "added") == count(again, "removed") == 0 and count(again, "kept") == count(result, "rows")
               and cases.fingerprint(database, "logbook", cases.tables) == before, "case/a_second_merge_changes_nothing", again)
    status, again = cases.pull(EXAMPLE, key, conninfo, "--source", run.folder)
    tap.result(status == 0 and count(again, "added") == count(again, "removed") == 0
               and cases.fingerprint(database, "logbook", cases.tables) == before, "case/files_and_landed_tables_give_the_same", again)

    cases.postgres.psql(database, run.call("sql", EXAMPLE, "--functions"))
    cases.postgres.psql(database, run.call("sql", EXAMPLE, "--run-date", "2022-06-15"))
    people = cases.postgres.rows(database, "SELECT membernumber FROM transform.people WHERE membernumber IS NOT NULL")
    tap.result([row["membernumber"] for row in people] == [result["key"]], "case/is_migrated_by_itself", people)

    database, conninfo = cases.database()
    status, other = cases.pull(EXAMPLE, key, conninfo, "--from", run.conninfo, salt=cases.other_salt)
    tap.result(status == 0 and other["key"] != result["key"], "case/another_salt_makes_others", other)


def a_case_alone_is_run_to_a_validated_target(tap, cases):
    """As README says it, by definitions whose cases have no rows of one table: it is landed without rows. Its partner's contract and
    what it owes are not the case's, which the gate of the transform tells."""
    definitions = cases.folder / "without-scores"
    shutil.copytree(EXAMPLE, definitions)
    text = json.loads((definitions / "migration.json").read_text(encoding="utf-8"))
    text["case"]["tables"] = [table for table in text["case"]["tables"] if table["table"] != "score"]
    del text["case"]["classes"]["score"]
    (definitions / "migration.json").write_text(json.dumps(text), encoding="utf-8")
    for source in (("--from", cases.run.conninfo), ("--source", cases.run.folder)):
        database, conninfo = cases.database()
        status, result = cases.pull(definitions, member_with_most(cases.run), conninfo, *source)
        landed = cases.postgres.rows(database, "SELECT rows, array_length (header, 1) > 1 AS headed FROM slipway.file WHERE table_name = 'score'")
        tap.result(status == 0 and result["empty"] == ["score"] and landed == [{"rows": "0", "headed": "t"}],
                   f"case/tables_that_it_has_no_rows_of_are_landed_{source[0][2:]}", (result, landed))
    databases = "--migration-db", conninfo, "--target-db", cases.postgres.database("case_target")
    cases.postgres.psql("case_target", (EXAMPLE / "target.sql").read_text(encoding="utf-8"))

    def call(*words):
        return subprocess.run([cases.run.slipwayctl, "migrate", words[0], definitions, *words[1:], *databases, "--json"],
                              capture_output=True, text=True, check=False)

    done = call("run", "--run-date", "2022-06-15")
    stages = {stage["stage"]: stage for stage in json.loads(done.stdout)["stages"]} if done.stdout else {}
    tap.result(done.returncode == 0 and stages["validation"]["state"] == "done" and stages["validation"]["rows"] > 10
               and "only merged cases are landed, and of them this is told and stops nothing: gate of stage transform" in stages["transform"]["note"],
               "case/alone_is_run_to_a_validated_target", (stages, done.stderr))
    people = cases.postgres.rows("case_target", "SELECT membernumber FROM people WHERE clubsource = 'LOGBOOK'")
    tap.result(people == [{"membernumber": result["key"]}], "case/alone_is_in_the_target", people)
    done = call("trace", "--table", "member", "--row", str(2 ** 30))
    tap.result(done.returncode == 0 and result["key"] in done.stdout and '"public.people"' in done.stdout, "case/its_rows_are_traced", done.stdout + done.stderr)
    # With records of files beside it, it is one of a population.
    cases.postgres.psql(database, "UPDATE slipway.file SET rejected = 1 WHERE table_name = 'member'")
    done = call("run", "--run-date", "2022-06-15", "--skip", "load")
    tap.result(done.returncode == 3 and "gate of stage transform" in done.stderr, "case/beside_files_is_held_by_gates", done.stderr)


def columns_without_a_class_stop_everything(tap, cases):
    definitions = cases.folder / "unclassed"
    shutil.copytree(EXAMPLE, definitions)
    text = json.loads((definitions / "migration.json").read_text(encoding="utf-8"))
    del text["case"]["classes"]["member"]["Surname"]
    del text["case"]["classes"]["note"]["Text"]
    text["case"]["classes"]["posted"]["Invoice No"] = "number"
    (definitions / "migration.json").write_text(json.dumps(text), encoding="utf-8")
    database, conninfo = cases.database()
    status, error = cases.pull(definitions, member_with_most(cases.run), conninfo, "--from", cases.run.conninfo)
    schemas = cases.postgres.rows(database, "SELECT nspname FROM pg_namespace WHERE nspname IN ('logbook', 'slipway')")
    tap.result(status == 1 and "member.“Surname” has no class" in error and "note.“Text” has no class" in error
               and "posted.“Invoice No” links rows" in error and not schemas, "case/columns_without_a_class_are_named_at_once", error)


def a_salt_that_others_read_is_refused(tap, cases):
    open_salt = cases.write("open-salt", SALT)
    open_salt.chmod(0o644)
    short = cases.write("short-salt", "too short\n")
    _, conninfo = cases.database()
    for salt, why in ((open_salt, "others can read"), (short, "needs 16")):
        status, error = cases.pull(EXAMPLE, "M000001", conninfo, "--from", cases.run.conninfo, salt=salt)
        tap.result(status == 1 and why in error, f"case/refuses_a_salt_that_{why.replace(' ', '_')}", error)


class Shelf:
    """A library of three tables: readers, what they borrowed, and books, which several may have borrowed."""

    SIDECAR = {"name": "shelf", "case": {
        "key": {"table": "reader", "column": "No"},
        "tables": [{"table": "loan", "on": {"No": "Reader"}}, {"table": "book", "of": "loan", "on": {"Book": "Book"}}],
        "classes": {"reader": {"No": "key", "Name": "full-name"}, "loan": {"Reader": "key", "Book": "key", "Due": "date"},
                    "book": {"Book": "key", "Title": "keep", "Bought": "date"}}}}

    def __init__(self, cases):
        self.cases, self.definitions, self.files = cases, cases.folder / "shelf", cases.folder / "shelf-files"
        cases.write("shelf/migration.json", json.dumps(self.SIDECAR))
        self.tables = {"reader": [["No", "Name"], ["101", "Ann Other"], ["102", "Ben Nevis"]],
                       "loan": [["Reader", "Book", "Due"], ["101", "7001", "2022-01-05"], ["102", "7001", "2022-02-05"], ["101", "7002", "2022-03-05"],
                                ["102", "", "2022-04-05"], ["102", "7003", "2022-05-05"]],
                       "book": [["Book", "Title", "Bought"], ["7001", "Tides", "2020-01-01"], ["7002", "Knots", "2020-01-02"],
                                ["7003", "Sails", "2020-01-03"], ["", "Nobody's", "2020-01-04"]]}
        self.save()

    def save(self):
        for name, rows in self.tables.items():
            path = self.cases.write(f"shelf-files/{name}.csv", "")
            with open(path, "w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows(rows)

    def pull(self, key, conninfo):
        return self.cases.pull(self.definitions, key, conninfo, "--source", self.files)

    def titles(self, database):
        return [row["Title"] for row in self.cases.postgres.rows(database, 'SELECT "Title" FROM casrec_csv.book ORDER BY 1')]


def cases_share_rows(tap, cases):
    shelf = Shelf(cases)
    database, conninfo = cases.database()
    _, one = shelf.pull("101", conninfo)
    _, two = shelf.pull("102", conninfo)
    tap.result(shelf.titles(database) == ["Knots", "Sails", "Tides"] and two["tables"][2]["kept"] == 1,
               "case/what_two_cases_share_is_there_once", f"{one}\n{two}")
    shelf.tables["loan"] = [row for row in shelf.tables["loan"] if row[:2] != ["101", "7001"] and row[1] != "7002"]
    shelf.save()
    _, less = shelf.pull("101", conninfo)
    tap.result(shelf.titles(database) == ["Sails", "Tides"] and [t["removed"] for t in less["tables"]] == [0, 2, 2],
               "case/what_a_case_has_no_more_goes_unless_another_has_it", less)
    status, error = shelf.pull("103", conninfo)
    tap.result(status == 1 and "there is no case “103”" in error, "case/one_that_is_not_there_is_told", error)


def load(cases, shelf, conninfo, *words):
    done = subprocess.run([cases.run.slipwayctl, "migrate", "load", shelf.definitions, "--source", shelf.files, "--migration-db", conninfo,
                           "--json", *words], capture_output=True, text=True, check=False)
    return done.returncode, {table["table"]: table for table in json.loads(done.stdout)["tables"]}


def merged_rows_live_beside_loaded_ones(tap, cases):
    shelf = Shelf(cases)
    database, conninfo = cases.database()
    status, _ = load(cases, shelf, conninfo)
    merged, result = shelf.pull("101", conninfo)
    tap.result(status == 0 and merged == 0 and len(shelf.titles(database)) == 4 + 2, "case/merges_into_loaded_tables", result)
    status, error = cases.pull(shelf.definitions, "102", f"{conninfo} application_name=another", "--from", conninfo)
    tap.result(status == 1 and "--from and --to are one database" in error and len(shelf.titles(database)) == 4 + 2,
               "case/stays_out_of_the_database_it_comes_from", error)
    status, tables = load(cases, shelf, conninfo, "--no-reload", "--verify")
    tap.result(status == 0 and all(table["state"] == "kept" for table in tables.values()) and len(shelf.titles(database)) == 6,
               "case/tables_still_pass_for_what_was_loaded", tables)
    status, tables = load(cases, shelf, conninfo)
    tap.result(status == 0 and "merge the cases again" in str(tables["book"]) and len(shelf.titles(database)) == 4,
               "case/a_reload_says_that_merged_rows_went", tables)
    _, again = shelf.pull("101", conninfo)
    tap.result(count(again, "added") == count(result, "rows") and len(shelf.titles(database)) == 6,
               "case/the_same_merge_brings_them_back", again)
    cases.postgres.psql(database, f"""UPDATE casrec_csv.reader SET "No" = '{result["key"]}' WHERE "Name" = 'Ben Nevis'""")
    status, error = shelf.pull("101", conninfo)
    tap.result(status == 1 and "from its files already" in error, "case/one_that_came_with_the_files_is_not_there_twice", error)
    cases.postgres.psql(database, 'ALTER TABLE casrec_csv.loan DROP COLUMN "Due"')
    status, error = shelf.pull("102", conninfo)
    tap.result(status == 1 and "casrec_csv.loan lacks columns that the case has: “Due”" in error, "case/columns_that_are_missing_are_named", error)


def check(tap, run, folder):
    cases = Cases(run, folder)
    a_case_leaves_anonymous_and_whole(tap, cases)
    a_case_alone_is_run_to_a_validated_target(tap, cases)
    columns_without_a_class_stop_everything(tap, cases)
    a_salt_that_others_read_is_refused(tap, cases)
    cases_share_rows(tap, cases)
    merged_rows_live_beside_loaded_ones(tap, cases)
