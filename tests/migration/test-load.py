# SPDX-License-Identifier: MIT
"""`slipwayctl migrate load` against judges of its own: Python's csv module on made-up files, the digests of the files after
a kill at any moment, and the row counts of the synthetic corpus.

    test-load.py SLIPWAYCTL"""

import csv
import hashlib
import io
import json
import os
import random
import signal
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "rehearsal")]

# pylint: disable=wrong-import-position
import drive  # noqa: E402
import server  # noqa: E402

SHARED = os.environ.get("SLIPWAY_SHARED", os.path.join(HERE, "..", "..", "..", "shared"))
SEED = 20221115
WELL_FORMED = 60
SOUP = 200
KILLS = 8
TEXTS = ["", "", "", "a", "plain text", " padded ", "x,y", 'say "hi"', '"', '""', "line\nline", "cr\r\nlf", "tab\there",
         "back\\slash", "\\N", "\\.", "NULL", "é", "日本語", "𝔘", "o'neil", "1.0", "-", ";", "\b\f\v\x01"]


class World:
    def __init__(self, program, postgres):
        self.program, self.postgres, self.databases = program, postgres, 0
        self.folder = tempfile.TemporaryDirectory()
        self.path("migration", "migration.json", b'{"name": "test"}')

    def path(self, folder, name, data=None):
        """A path in a folder of the test's own, written when there is @data."""
        where = os.path.join(self.folder.name, folder)
        os.makedirs(where, exist_ok=True)
        if data is not None:
            with open(os.path.join(where, name), "wb") as file:
                file.write(data)
        return os.path.join(where, name) if name else where

    def database(self):
        self.databases += 1
        self.postgres.database(f"load{self.databases}")
        return f"load{self.databases}"

    def command(self, database, folder, *words):
        return [self.program, "migrate", "load", self.path("migration", ""), "--source", self.path(folder, ""),
                "--migration-db", self.postgres.conninfo(database), "--json", *words]

    def load(self, database, folder, *words):
        done = subprocess.run(self.command(database, folder, *words), capture_output=True, check=False)
        try:
            return done.returncode, {table["table"]: table for table in json.loads(done.stdout)["tables"]}
        except ValueError as broken:
            raise RuntimeError(done.stderr.decode()) from broken

    def landed(self, database, tables):
        """The rows of landing tables, given with their columns, without their ids; and the ids."""
        found = {table: ([], []) for table in tables}
        query = " UNION ALL ".join(
            f"SELECT '{table}' AS name, casrec_row_id, array_to_json(ARRAY[{', '.join(columns)}])::text AS fields FROM casrec_csv.{table}"
            for table, columns in tables.items())
        for row in self.postgres.rows(database, f"SELECT * FROM ({query}) AS each_row ORDER BY name, casrec_row_id"):
            found[row["name"]][0].append(json.loads(row["fields"]))
            found[row["name"]][1].append(int(row["casrec_row_id"]))
        return found


class Watch:
    """A psql that stays, so that a look at the server takes a millisecond."""

    def __init__(self, world, database):
        self.child = subprocess.Popen(["psql", "-X", "-q", "-At", world.postgres.conninfo(database)],
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.stdin.close()
        self.child.wait()
        self.child.stdout.close()

    def number(self, query):
        self.child.stdin.write(query + ";\n")
        self.child.stdin.flush()
        return int(self.child.stdout.readline())


def well_formed_files_land_as_python_reads_them(world):
    chance = random.Random(SEED)
    database, expected, widths = world.database(), {}, {}
    for number in range(WELL_FORMED):
        width = chance.randint(2, 9)
        out = io.StringIO()
        writer = csv.writer(out, lineterminator=chance.choice(["\n", "\r\n"]),
                            quoting=chance.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
        rows = [[f"c{column}" for column in range(width)]]
        rows += [[chance.choice(TEXTS) for _ in range(width)] for _ in range(chance.randint(0, 40))]
        writer.writerows(rows)
        name = f"well{chr(97 + number // 26)}{chr(97 + number % 26)}"
        expected[name], widths[name] = rows[1:], width
        data = out.getvalue().encode()
        world.path("well", name + ".csv", data[:-1] if chance.random() < 0.2 and data.endswith(b"\n") and data[-2:] != b"\r\n" else data)
    status, tables = world.load(database, "well", "--verify", "--streams", "4")
    yield status == 0 and len(tables) == WELL_FORMED, f"{status}: {[t for t in tables.values() if t['state'] != 'loaded']}"
    found = world.landed(database, {name: [f"c{column}" for column in range(widths[name])] for name in expected})
    for name, rows in expected.items():
        landed, ids = found[name]
        yield landed == rows, f"{name}: {landed} and not {rows}"
        yield ids == list(range(1, len(rows) + 1)), f"{name}: ids {ids}"


def soup(chance):
    """A file of the characters that matter, with a header of three columns."""
    pieces = ["a", "b", ",", ",", ",", '"', '"', "\n", "\r\n", " ", "é"]
    return "x,y,z\n" + "".join(chance.choice(pieces) for _ in range(chance.randint(0, 40)))


def read_strictly(text):
    """Python's rows, or None where it refuses the file."""
    try:
        return [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row][1:]
    except csv.Error:
        return None


def any_file_lands_as_python_reads_it_or_is_refused(world):
    chance = random.Random(SEED + 1)
    database, texts = world.database(), {}
    for number in range(SOUP):
        name = f"soup{chr(97 + number // 26)}{chr(97 + number % 26)}"
        texts[name] = soup(chance)
        world.path("soup", name + ".csv", texts[name].encode())
    status, tables = world.load(database, "soup", "--max-rejected", "all", "--streams", "4")
    yield status == 0 and len(tables) == SOUP, f"{status}: {[t for t in tables.values() if t['state'] != 'loaded']}"
    refused = clean = 0
    found = world.landed(database, {name: ["x", "y", "z"] for name in texts})
    for name, text in texts.items():
        rows, rejected = read_strictly(text), tables[name]["rejected"]
        if rows is None:
            refused += 1
            yield rejected > 0, f"{text!r} has no bad record, and Python refuses it"
            continue
        clean += 1
        good = [row for row in rows if len(row) == 3]
        landed, ids = found[name]
        yield landed == good, f"{text!r}: {landed} and not {good}"
        yield rejected == len(rows) - len(good), f"{text!r}: {rejected} rejected of {rows}"
        yield ids == [number for number, row in enumerate(rows, 1) if len(row) == 3], f"{text!r}: ids {ids}"
    yield refused > 20 and clean > 20, f"{refused} refused, {clean} clean: the files tell nothing"


def bad_records_are_where_they_are_said_to_be(world):
    chance = random.Random(SEED + 2)
    database, lines, wrong = world.database(), [b"a,b,c"], []
    for number in range(3000):
        if chance.random() < 0.02:
            wrong.append((len(lines) + 1, sum(map(len, lines)) + len(lines), number + 1))
            lines.append(chance.choice([b"1,2", b"1,2,3,4", b"only"]))
        else:
            lines.append(b"%d,text %d,\xc3\xa9" % (number, number))
    world.path("bad", "bad.csv", b"\n".join(lines) + b"\n")
    status, tables = world.load(database, "bad")
    found = [(bad["line"], bad["byte"], bad["record"]) for bad in tables["bad"]["badRecords"]]
    yield status == 1 and tables["bad"]["state"] == "failed", f"{status}, {tables['bad']['state']}"
    yield found == wrong, f"{found[:5]} and not {wrong[:5]}"
    kept = world.postgres.rows(database, "SELECT line, byte, record FROM slipway.rejected ORDER BY line")
    yield [tuple(map(int, row.values())) for row in kept] == wrong, f"slipway.rejected has {kept[:5]}"


def large_files(chance, salt):
    """Tables whose rows tell which of two loads they are of."""
    files = {}
    for table in range(8):
        rows = 4000 + 9000 * table
        files[f"t{chr(97 + table)}.csv"] = ("n,which,text\n" + "".join(
            f"{row},{salt},{'x' * chance.randint(20, 60)}\n" for row in range(rows))).encode()
    return files


def state(world, database):
    """What slipway.file says of each table, and what is in it."""
    if not world.postgres.rows(database, "SELECT 1 AS x WHERE to_regclass('slipway.file') IS NOT NULL"):
        return {}
    said = {row["name"]: row for row in world.postgres.rows(database, "SELECT name, table_name, sha256, rows FROM slipway.file")}
    for row in world.postgres.rows(database, "SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = "
                                             "c.relnamespace WHERE n.nspname = 'casrec_csv' AND c.relkind = 'r'"):
        said.setdefault(row["name"] + ".csv", None)
    return said


def judge(world, database, loads):
    """Each table is wholly of one of @loads, the one that slipway.file says, or not there at all."""
    seen = set()
    for name, said in state(world, database).items():
        if said is None:
            yield False, f"{name} is in the database and not in slipway.file"
            continue
        which = [salt for salt, files in loads.items() if hashlib.sha256(files[name]).hexdigest() == said["sha256"]]
        count = world.postgres.rows(database, f"SELECT count(*) AS rows, count(DISTINCT which) AS whole, min(which) AS which, "
                                              f"max(casrec_row_id) AS last FROM casrec_csv.{said['table_name']}")[0]
        good = which and count == {"rows": said["rows"], "whole": "1", "which": which[0], "last": said["rows"]}
        yield good, f"{name}: slipway.file says {which} with {said['rows']} rows, the table has {count}"
        seen.update(which)
    yield seen <= set(loads), seen


def kill_at(world, database, folder, tables, rows):
    """Kills a load with SIGKILL when so many tables are in and so many rows of the next on their way; whether it still ran."""
    done = "SELECT count(*) FROM slipway.file WHERE loaded > timestamptz '{}'"
    coming = "SELECT coalesce(sum(tuples_processed), 0)::bigint FROM pg_stat_progress_copy WHERE datname = current_database()"
    begun = world.postgres.rows(database, "SELECT clock_timestamp() AS now")[0]["now"]
    with Watch(world, database) as watch, subprocess.Popen(
            world.command(database, folder, "--streams", "1"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        while child.poll() is None and (watch.number(done.format(begun)) < tables or watch.number(coming) < rows):
            pass
        running = child.poll() is None
        if running:
            child.send_signal(signal.SIGKILL)
        child.wait()
    # The server ends the session when it sees that the client is gone.
    drive.wait_for(lambda: not world.postgres.rows(
        database, "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'slipway%' AND datname = current_database()"))
    return running


def kill_leaves_each_table_old_or_new(world):
    chance = random.Random(SEED + 3)
    loads = {salt: large_files(chance, salt) for salt in ("old", "new")}
    for salt, files in loads.items():
        for name, data in files.items():
            world.path(salt, name, data)
    killed = 0
    for number in range(KILLS):
        # Into a database that holds the files as they were, and into one that was only prepared.
        database = world.database()
        world.load(database, "old", *([] if number % 2 else ["--table", "ta"]))
        killed += kill_at(world, database, "new", number // 2, (0, 1, 4000)[number % 3])
        yield from judge(world, database, loads)
        status, tables = world.load(database, "new", "--no-reload", "--verify")
        yield status == 0, f"the load after the kill: {status}, {tables}"
        yield from judge(world, database, {"new": loads["new"]})
        rows = sum(table["rows"] for table in tables.values())
        yield rows == sum(data.count(b"\n") - 1 for data in loads["new"].values()), f"{rows} rows after the kill"
    yield killed >= KILLS // 2, f"only {killed} of {KILLS} loads were killed before they ended"


def corpus_lands_with_the_rows_it_says(world):
    where = os.path.join(SHARED, "casrec", "source-1k")
    if not os.path.isdir(where):
        yield None, f"{where} is absent"
        return
    database = world.database()
    with open(os.path.join(where, "MANIFEST.tsv"), encoding="utf-8") as file:
        manifest = list(csv.DictReader(file, delimiter="\t"))
    done = subprocess.run([world.program, "migrate", "load", world.path("migration", ""), "--source", where, "--json", "--verify",
                           "--headers", os.path.join(SHARED, "casrec", "source_headers.txt"),
                           "--migration-db", world.postgres.conninfo(database)], capture_output=True, check=False)
    yield done.returncode == 0, done.stderr.decode()
    tables = {table["table"]: table for table in json.loads(done.stdout)["tables"]}
    for row in manifest:
        name = row["table"].rstrip("0123456789")
        yield tables[name]["rows"] == int(row["rows"]), f"{name}: {tables[name]['rows']} rows and not {row['rows']}"
    digests = {row["sha256"] for row in world.postgres.rows(database, "SELECT sha256 FROM slipway.file")}
    yield digests == {row["sha256"] for row in manifest}, "the digests are not those of the manifest"


CASES = [well_formed_files_land_as_python_reads_them, any_file_lands_as_python_reads_it_or_is_refused,
         bad_records_are_where_they_are_said_to_be, kill_leaves_each_table_old_or_new, corpus_lands_with_the_rows_it_says]


def main():
    tap = drive.Tap()
    reason = server.why_not()
    if reason:
        tap.skip("load", reason)
        return tap.end()
    with server.Server() as postgres:
        world = World(os.path.abspath(sys.argv[1]), postgres)
        for case in CASES:
            results = list(case(world))
            if results and results[0][0] is None:
                tap.skip(case.__name__, results[0][1])
                continue
            wrong = [why for good, why in results if not good]
            tap.result(not wrong and results, case.__name__, "\n".join(map(str, wrong[:20])))
        world.folder.cleanup()
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
