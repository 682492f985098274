# SPDX-License-Identifier: MIT
"""The real corpus: what the engine's SQL makes of landed rows against what the specification says, row by row and
column by column, for all 44 table definitions; and a pair of databases, the target with no rows but those that definitions point
at, which a run takes to a validated target. On the
synthetic rows as they are, and on rows with seeded oddities: one seed, or with SLIPWAY_TEST_LONG=1 (`tests/run --long`) eight."""

import datetime
import json
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "reference"), os.path.join(HERE, "..", "rehearsal")]

# pylint: disable=wrong-import-position
import compare  # noqa: E402
import corpus  # noqa: E402
import drive  # noqa: E402
import entities  # noqa: E402
import pipeline  # noqa: E402
import server  # noqa: E402
import twist  # noqa: E402

SIDECAR = os.path.join(HERE, "casrec", "migration.json")
SHARED = os.path.join(os.environ.get("SLIPWAY_SHARED", os.path.join(HERE, "..", "..", "..", "shared")), "casrec")
RUN_DATE = "2022-06-15"
UPDATES = {"crec_persons": ("persons", "client_persons")}
RULES = ("client_status",)
STEPS = {"annual_report_logs_pending": "annual_report_logs", "timeline_event_archive": "timeline_event"}


class Run:
    """One set of source files, landed, transformed by the engine and by the judge."""

    def __init__(self, slipwayctl, postgres, source, name):
        self.slipwayctl, self.postgres, self.name = slipwayctl, postgres, name
        self.conninfo = postgres.database(name)
        self.definitions = pipeline.Definitions(SHARED)
        self.call("load", "--source", source, "--migration-db", self.conninfo)
        postgres.psql(name, self.call("sql", "--functions"))
        postgres.psql(name, self.call("sql", "--run-date", RUN_DATE))
        self.judge = entities.Expected(self.definitions, pipeline.load_source(source),
                                       datetime.datetime.fromisoformat(RUN_DATE))
        self.expected = self.judge.run()
        self.tables = {table: self.compared(table, rows) for table, rows in self.expected.items()}

    def call(self, command, *words):
        done = subprocess.run([self.slipwayctl, "migrate", command, SHARED, "--sidecar", SIDECAR, *words],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"migrate {command}: exit {done.returncode}\n{done.stderr[-3000:]}")
        return done.stdout

    def compared(self, table, rows):
        actual = self.postgres.rows(self.name, f'SELECT * FROM transform."{table}"')
        return compare.Table(table, self.definitions.types(table), rows, actual)

    def faults(self, mapping):
        """Rows looked at, and what is wrong with them."""
        table, rows_of = UPDATES.get(mapping, (self.definitions.tables[mapping]["destination_table_name"], mapping))
        return self.tables[table].faults(rows_of)

    def bad_values(self):
        """Where the original would have ended: mapping, column and source row, the judge's and the engine's."""
        expected = {(mapping, column, str(row)) for mapping, row, column, _ in self.judge.bad}
        measured = self.postgres.rows(self.name, """
            SELECT step, column_name, unnest (row_ids) AS row FROM slipway.measure
             WHERE kind = 'bad value' AND column_name IS NOT NULL""")
        return expected, {(STEPS.get(row["step"], row["step"]), row["column_name"], row["row"]) for row in measured}


def rows_agree(tap, run):
    for mapping in run.definitions.tables:
        if mapping in RULES:
            continue
        rows, faults = run.faults(mapping)
        tap.result(not faults and rows > 0, f"{run.name}/{mapping}/agrees_in_{rows}_rows",
                   "\n".join(faults) or "no row was expected, so that nothing is proven")


def bad_values_are_measured(tap, run):
    expected, measured = run.bad_values()
    wrong = [f"not measured: {key}" for key in sorted(expected - measured)] + [f"not bad: {key}" for key in sorted(measured - expected)]
    tap.result(not wrong and expected, f"{run.name}/bad_values_are_measured", "\n".join(wrong[:20]))


# Validations of the real definitions that name a defect of theirs, and why, is said in the sidecar ("known").
DEFECTS = {"deputy_death_notifications": 10, "deputy_notes": 90}
# Nobody's definitions say what these should be.
READ_BACK = {"annual_report_lodging_details", "annual_report_logs", "annual_report_type_assignments", "client_status", "crec_persons",
             "deputy_addresses", "person_timeline", "scheduled_events_reporting", "timeline_event"}

class Pair:
    """An empty pair of databases, the second of them with the corpus' schema and no row."""

    def __init__(self, slipwayctl, postgres, source, name="whole", template=None, sidecar=SIDECAR):
        self.slipwayctl, self.postgres, self.source, self.name, self.sidecar = slipwayctl, postgres, source, name, sidecar
        self.databases = ["--migration-db", postgres.database(name), "--target-db", postgres.database(name + "_target", template or "template0")]
        if template is None:
            postgres.psql(name + "_target", corpus.schema_sql())

    def call(self, *words):
        return subprocess.run([self.slipwayctl, "migrate", *words[:1], SHARED, "--sidecar", self.sidecar, *words[1:], *self.databases, "--json"],
                              capture_output=True, text=True, check=False)

    def run(self):
        return self.call("run", "--source", self.source, "--run-date", RUN_DATE)

    def rows(self, query):
        return self.postgres.rows(self.name, query)

    def wrong(self):
        """Validations in which something else than the definitions' own defects was found."""
        return [row for row in self.rows("SELECT * FROM slipway.validation")
                if row["expected"] == "0" or int(row["missing"]) + int(row["extra"]) + int(row["differing"]) + int(row["duplicated"]) !=
                DEFECTS.get(row["mapping"], 0) or row["known"] != str(DEFECTS.get(row["mapping"], 0))]

    def dump(self):
        done = subprocess.run(["pg_dump", "-a", self.databases[3]], capture_output=True, text=True, check=True)
        return [line for line in done.stdout.splitlines() if "restrict" not in line]


def validates(tap, slipwayctl, postgres, source):
    pair = Pair(slipwayctl, postgres, source)
    done = pair.call("check")
    told = "\n".join(finding["message"] for finding in json.loads(done.stdout)["findings"] if finding["severity"] == "error")
    tap.result(done.returncode == 1 and all(f"the target's {table}" in told for table in (*corpus.PARENTS, "finance_person")),
               "whole/check_names_every_row_that_must_be_there_first", told + done.stderr)
    done = pair.run()
    tap.result(done.returncode == 1 and "the target's finance_person has no row" in done.stderr and
               postgres.rows("whole_target", "SELECT count(*) AS n FROM persons")[0]["n"] == "0",
               "whole/prepare_refuses_what_lacks_them_before_it_writes", done.stderr)
    words = [slipwayctl, "migrate", "needs", SHARED, "--sidecar", SIDECAR, *pair.databases[2:]]
    listed = subprocess.run(words, capture_output=True, text=True, check=False)
    keys = {table: {int(line.split()[1][:-1]) for line in listed.stdout.splitlines() if line.startswith(table + ".id ")} for table in corpus.PARENTS}
    tap.result(keys == {table: set(ids) for table, ids in corpus.parents().items()} and "\nfinance_person *: " in "\n" + listed.stdout,
               "whole/needs_lists_each_of_them", listed.stdout + listed.stderr)
    written = subprocess.run([*words, "--sql"], capture_output=True, text=True, check=False)
    postgres.psql("whole_target", written.stdout)
    done = pair.call("check")
    tap.result(done.returncode == 0, "whole/check_passes_with_them", done.stdout)
    postgres.database("whole_before", "whole_target")
    done = pair.run()
    tap.result(done.returncode == 0, "whole/real_definitions_take_a_target_with_the_rows_they_point_at_to_a_validated_one", done.stderr)
    found = {row["mapping"]: row for row in pair.rows("SELECT * FROM slipway.validation")}
    tap.result(found.keys() == set(pipeline.Definitions(SHARED).tables), "whole/every_mapping_is_validated", sorted(found))
    wrong = pair.wrong()
    tap.result(not wrong, "whole/expected_is_actual_or_a_defect_is_named", "\n".join(map(str, wrong)))
    tap.result({name for name, row in found.items() if row["independent"] == "f"} == READ_BACK and
               all("not independent" in found[name]["note"] for name in READ_BACK), "whole/what_is_not_independent_says_so")
    before = pair.dump()
    done = pair.run()
    states = {stage["stage"]: stage["state"] for stage in json.loads(done.stdout)["stages"]}
    asked = states.pop("api", None)  # of no API: it is asked for each time
    tap.result(done.returncode == 0 and asked == "skipped" and set(states.values()) == {"kept"} and pair.dump() == before, "whole/second_run_changes_nothing",
               f"{states} {done.stderr}")
    postgres.psql("whole_target", "UPDATE persons SET dob = dob + 1 WHERE id = (SELECT max (id) FROM persons WHERE dob IS NOT NULL "
                                  "AND type = 'actor_client'); DELETE FROM visits WHERE id = (SELECT max (id) FROM visits);"
                                  # A task without an order is in no row that the definition's joins reach.
                                  "UPDATE tasks SET duedate = '1999-01-01' WHERE id = (SELECT max (id) FROM tasks WHERE id NOT IN "
                                  "(SELECT task_id FROM caseitem_task));"
                                  # Expected of a deputyship, made of a deputy: its loss is told by one of them.
                                  "DELETE FROM phonenumbers WHERE id = (SELECT p.id FROM phonenumbers p JOIN order_deputy o ON o.deputy_id = p.person_id"
                                  " WHERE p.type = 'Work' GROUP BY p.id HAVING count (*) = 1 ORDER BY p.id LIMIT 1)")
    done = pair.call("validate", "--mapping", "client_persons", "--mapping", "visits", "--mapping", "cases", "--mapping", "tasks",
                     "--mapping", "deputy_daytime_phonenumbers")
    # The target's own trigger stamps the row that is updated; nothing computes that column, it is read back.
    told = [(row["mapping"], row["kind"], row["columns"] if row["kind"] == "differing" else "")
            for row in pair.rows("SELECT * FROM slipway.difference WHERE known IS NULL ORDER BY mapping")]
    tap.result(done.returncode == 3 and told == [("client_persons", "differing", "{dob,updateddate}"), ("deputy_daytime_phonenumbers", "missing", ""), ("tasks", "differing", "{duedate}"), ("visits", "missing", "")],
               "whole/changed_cells_and_lost_rows_are_found_once", f"{told} {done.stderr}")


def validates_in_strict_mode(tap, slipwayctl, postgres, source, folder):
    """What strict makes of the same files, in a copy of the same target."""
    copy = shutil.copytree(os.path.dirname(SIDECAR), os.path.join(folder, "strict"))
    with open(SIDECAR, encoding="utf-8") as file:
        sidecar = {**json.load(file), "mode": "strict", "definitions": SHARED}
    with open(os.path.join(copy, "migration.json"), "w", encoding="utf-8") as file:
        json.dump(sidecar, file)
    pair = Pair(slipwayctl, postgres, source, "strict", "whole_before", os.path.join(copy, "migration.json"))
    done = pair.run()
    tap.result(done.returncode == 1 and "bonds has no such column: its values go nowhere" in done.stderr and not pair.rows("SELECT FROM slipway.run"),
               "strict/what_the_check_calls_an_error_is_not_run", done.stderr)
    postgres.psql("strict_target", "ALTER TABLE bonds ADD COLUMN renewaldateofbond date")
    done = pair.run()
    told = [line for line in pair.rows("SELECT count(*) AS n FROM slipway.run WHERE mode = 'strict'") if line["n"] == "1"]
    tap.result(done.returncode == 0 and told and not pair.wrong(), "strict/expected_is_actual_or_a_defect_is_named",
               "\n".join(map(str, [done.stderr, *pair.wrong()])))


def main(slipwayctl):
    tap = drive.Tap()
    reason = server.why_not() or (None if os.path.isdir(SHARED) else f"{SHARED} is absent")
    if reason:
        tap.skip("casrec", reason)
        return tap.end()
    source = os.path.join(SHARED, "source-1k")
    with server.Server() as postgres, tempfile.TemporaryDirectory(prefix="slip-twist-") as folder:
        rows_agree(tap, Run(slipwayctl, postgres, source, "plain"))
        validates(tap, slipwayctl, postgres, source)
        validates_in_strict_mode(tap, slipwayctl, postgres, source, folder)
        for seed in "12345678" if os.environ.get("SLIPWAY_TEST_LONG") else "1":
            os.mkdir(os.path.join(folder, seed))
            twist.twist(source, os.path.join(folder, seed), seed, nasty=0.005 * int(seed))
            run = Run(slipwayctl, postgres, os.path.join(folder, seed), "twisted-" + seed)
            rows_agree(tap, run)
            bad_values_are_measured(tap, run)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
