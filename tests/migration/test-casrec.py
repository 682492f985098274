# SPDX-License-Identifier: MIT
"""The real corpus: what the engine's SQL makes of landed rows against what the specification says, row by row and
column by column, for all 44 table definitions. On the synthetic rows as they are, and on rows with seeded oddities:
one seed, or with SLIPWAY_TEST_LONG=1 (`tests/run --long`) eight."""

import datetime
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "reference"), os.path.join(HERE, "..", "rehearsal")]

# pylint: disable=wrong-import-position
import compare  # noqa: E402
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
        """How often the original would have ended: by mapping and column, the engine's count and the judge's."""
        counted = {}
        for mapping, _, column, _ in self.judge.bad:
            counted[mapping, column] = counted.get((mapping, column), 0) + 1
        measured = self.postgres.rows(self.name, """
            SELECT step, column_name, sum (rows) AS rows FROM slipway.measure
             WHERE kind = 'bad value' AND column_name IS NOT NULL GROUP BY step, column_name""")
        return counted, {(row["step"], row["column_name"]): int(row["rows"]) for row in measured}


def rows_agree(tap, run):
    for mapping in run.definitions.tables:
        if mapping in RULES:
            continue
        rows, faults = run.faults(mapping)
        tap.result(not faults and rows > 0, f"{run.name}/{mapping}/agrees_in_{rows}_rows",
                   "\n".join(faults) or "no row was expected, so that nothing is proven")


def bad_values_are_measured(tap, run):
    counted, measured = run.bad_values()
    wrong = [f"{key}: expected {counted.get(key, 0)}, measured {measured.get(key, 0)}"
             for key in sorted(counted.keys() | measured.keys()) if counted.get(key) != measured.get(key)]
    tap.result(not wrong, f"{run.name}/bad_values_are_measured", "\n".join(wrong))


def main(slipwayctl):
    tap = drive.Tap()
    reason = server.why_not() or (None if os.path.isdir(SHARED) else f"{SHARED} is absent")
    if reason:
        tap.skip("casrec", reason)
        return tap.end()
    source = os.path.join(SHARED, "source-1k")
    with server.Server() as postgres, tempfile.TemporaryDirectory(prefix="slip-twist-") as folder:
        rows_agree(tap, Run(slipwayctl, postgres, source, "plain"))
        for seed in "12345678" if os.environ.get("SLIPWAY_TEST_LONG") else "1":
            os.mkdir(os.path.join(folder, seed))
            twist.twist(source, os.path.join(folder, seed), seed)
            run = Run(slipwayctl, postgres, os.path.join(folder, seed), "twisted-" + seed)
            rows_agree(tap, run)
            bad_values_are_measured(tap, run)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
