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
import zipfile

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


BOOK = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def spreadsheet(rows, strings=("Case", "Born", "O\'Neil &amp; Søn", "two\nlines"), first=True, **others):
    """A spreadsheet with a second sheet in front of the first one in the archive; formats 1 and 2 are dates. @others replace
    what stands in a part of that name."""
    out = io.BytesIO()
    parts = {
        "xl/worksheets/other.xml": f'<worksheet xmlns="{BOOK}"><sheetData><row r="1"><c r="A1"><v>9</v></c></row></sheetData></worksheet>',
        "xl/worksheets/sheet7.xml": f'<worksheet xmlns="{BOOK}"><sheetData>{rows}</sheetData></worksheet>',
        "xl/workbook.xml": f'<workbook xmlns="{BOOK}" xmlns:r="{OFFICE}"><sheets><sheet name="a" sheetId="7" r:id="{"r7" if first else "r9"}"/>'
                           '<sheet name="b" sheetId="8" r:id="r8"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<Relationships><Relationship Id="r8" Target="worksheets/other.xml"/>'
                                      '<Relationship Id="r7" Target="worksheets/sheet7.xml"/></Relationships>',
        "xl/sharedStrings.xml": f'<sst xmlns="{BOOK}">' + "".join(f"<si><r><t>{text[:2]}</t></r><r><t>{text[2:]}</t></r>"
                                                                  f"<rPh><t>unseen</t></rPh></si>" for text in strings) + "</sst>",
        "xl/styles.xml": f'<styleSheet xmlns="{BOOK}"><numFmts><numFmt numFmtId="164" formatCode="dd/mm/yyyy&quot;x&quot;"/>'
                         '<numFmt numFmtId="165" formatCode="0.00&quot; days&quot;"/><numFmt numFmtId="166" formatCode="[Red][hh]:mm"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
                         '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/><xf numFmtId="46"/></cellXfs></styleSheet>',
    }
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        for name, text in parts.items():
            text = others.get(os.path.basename(name).split(".")[0], text)
            file.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + text)
    return out.getvalue()


def spreadsheets_land_as_their_texts(world):
    rows = ('<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="inlineStr"><is><t>Any</t></is></c></row>'
            '<row r="3"><c r="A3" t="s"><v>2</v></c><c r="B3" s="1"><v>44287</v></c><c r="C3"><v>14</v></c></row>'
            '<row r="4"><c r="C4" t="b"><v>1</v></c></row>'
            '<row r="5"><c r="A5" t="s"><v>3</v></c><c r="B5" s="2"><v>44287.5</v></c><c r="C5"><v>1.1000000000000001</v></c></row>'
            '<row r="6"><c r="A6"><f>1/0</f><v>-0.5</v></c><c r="B6" s="1"><v>0.25</v></c><c r="C6" t="e"/></row>'
            '<row r="7"/><row r="8"><c r="A8"><v>12345678901</v></c><c r="B8" s="3"><v>3</v></c><c r="C8" t="str"><v>=x</v></c></row>'
            '<row r="9"><c r="A9"><v>9007199254740993</v></c><c r="B9" s="1"><v>-20220615123456789012</v></c><c r="C9" t="b"><v>true</v></c></row>'
            '<row r="10"><c r="A10"><v>0000000000000000012</v></c><c r="B10" t="b"><v>false</v></c><c r="C10" t="b"/></row>')
    # How a text is spoken, what XML cannot hold (half of a character stands for none, and two runs make no escape), and durations.
    special = ('<row r="20"><c r="A20" t="inlineStr"><is><r><t>in</t></r><rPh sb="0" eb="2"><t>PHON</t></rPh></is></c><c r="B20" t="s"><v>4</v></c>'
               '<c r="C20" t="str"><v>_x0041__xd83d__xDE00__xD83D__x000</v></c></row>'
               '<row r="21"><c r="A21" s="4"><v>1.5</v></c><c r="B21" s="5"><v>-0.0625</v></c>'
               '<c r="C21" t="inlineStr"><is><r><t>_x00</t></r><r><t>41_</t></r></is></c></row>'
               '<row r="22"><c r="A22" s="1"><v>-1</v></c><c r="B22" s="2"><v>-0.25</v></c><c r="C22"><v> 12 </v></c></row>')
    database = world.database()
    world.path("xlsx", "book.xlsx", spreadsheet(rows))
    world.path("xlsx", "special.xlsx", spreadsheet(rows + special, ("Case", "Born", "c", "d", "a _x000D_b_x005F_x000D_")))
    world.path("xlsx", "wide.xlsx", spreadsheet(rows + '<row r="11"><c r="E11"><v>5</v></c></row>'))
    world.path("xlsx", "twice.xlsx", spreadsheet(rows + '<row r="12"><c r="B12"><v>5</v></c><c r="B12"><v>6</v></c></row>'))
    world.path("xlsx", "none.xlsx", spreadsheet(rows, first=False))
    world.path("xlsx", "text.xlsx", b"a,b\n1,2\n")
    world.path("xlsx", "lost.xlsx", spreadsheet(rows, strings=()))
    world.path("xlsx", "void.xlsx", spreadsheet(""))
    whole, column = spreadsheet(rows), '<row r="1"><c t="str"><v>a</v></c></row>'
    world.path("xlsx", "none-at-all.xlsx", b"")
    world.path("xlsx", "half.xlsx", whole[:len(whole) // 2])
    world.path("xlsx", "start.xlsx", whole[:40])
    world.path("xlsx", "old.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    world.path("xlsx", "broken.xlsx", spreadsheet(column + '<row r="5"><c r="A5"><v>1</v></c><c r="B5"><v>2<</v></c></row>'))
    world.path("xlsx", "styles.xlsx", spreadsheet(rows, styles="<styleSheet><cellXfs></styleSheet>"))
    world.path("xlsx", "head.xlsx", spreadsheet('<row r="1"><c t="e"><v>#REF!</v></c></row>'))
    status, tables = world.load(database, "xlsx", "--verify")
    yield status == 1 and tables["book"]["state"] == "loaded", f"{status}: {tables['book']}"
    landed, ids = world.landed(database, {"book": ['"Case"', '"Born"', '"Any"']})["book"]
    wanted = [["O'Neil & Søn", "2021-04-01 00:00:00", "14"], ["", "", "True"],
              ["two\nlines", "2021-04-01 12:00:00", "1.1"], ["-0.5", "06:00:00", ""], ["12345678901", "3", "=x"],
              ["9007199254740993", "-20220615123456789012", "True"], ["0000000000000000012", "False", ""]]
    yield landed == wanted and ids == [1, 2, 3, 4, 5, 6, 7], f"{landed}, {ids}"
    landed = world.landed(database, {"special": ['"Case"', '"Born"', '"Any"']})["special"][0][7:]
    yield landed == [["in", "a \rb_x000D_", "A\U0001f600_xD83D__x000"], ["36:00:00", "-1:30:00", "_x0041_"], ["-1", "-0.25", "12"]], f"{landed}"
    sheet = "sheet a (xl/worksheets/sheet7.xml), "
    for name, words in (("wide", "wide.xlsx sheet a, record 8 (row 11), column E: 5 fields, and the header has 3: “5”"), ("none", "names no sheet"),
                        ("text", "text.xlsx cannot be read as a spreadsheet: it does not begin as any .xlsx file does"),
                        ("lost", sheet + "row 1, column A: it refers to text 0, which is not there"),
                        ("void", "void.xlsx is empty"), ("twice", sheet + "row 12, column B: it has two such cells"),
                        ("none-at-all", "none-at-all.xlsx cannot be read as a spreadsheet: it is empty. Fetch or export it again"),
                        ("half", "it is cut off: its end is not there. Fetch or export it again"), ("start", "it is cut off"),
                        ("old", "it has a password, or is of the kind before .xlsx. Save it as .xlsx without a password"),
                        ("broken", sheet + "row 5, column B: its XML is not well-formed"),
                        ("styles", "styles.xlsx cannot be read as a spreadsheet: xl/styles.xml: its XML is mismatched tag at byte"),
                        ("head", "the header cannot be read: head.xlsx sheet a, row 1, column A: the cell holds an error instead of a value")):
        yield words in tables[name].get("error", ""), f"{name}: {tables[name]}"
    kept = world.load(database, "xlsx", "--table", "book", "--no-reload")[1]["book"]
    yield kept["state"] == "kept", kept
    # A value that somebody wrote since leaves the number of rows as it was.
    world.postgres.psql(database, "UPDATE casrec_csv.book SET \"Any\" = '15' WHERE casrec_row_id = 1")
    again = world.load(database, "xlsx", "--table", "book", "--no-reload")[1]["book"]
    yield again["state"] == "loaded" and world.landed(database, {"book": ['"Any"']})["book"][0][0] == ["14"], again
    yield world.load(database, "xlsx", "--table", "book", "--no-reload")[1]["book"]["state"] == "kept", "it is loaded each time"


def error_cells_are_bad_records(world):
    rows = ('<row r="1"><c t="str"><v>id</v></c><c t="str"><v>Surname</v></c></row><row r="2"><c><v>1</v></c><c t="str"><v>#N/A</v></c></row>'
            '<row r="5"><c><v>2</v></c><c t="e"><f>A1/0</f><v>#DIV/0!</v></c></row><row r="6"><c><v>3</v></c><c t="s"><v>0</v></c></row>'
            '<row r="7"><c t="e"><v>#REF!</v></c><c t="e"><v>#N/A</v></c></row>'
            '<row r="8"><c><v>4</v></c><c t="b"><v>2</v></c></row><row r="9"><c><v>0x5</v></c><c t="b"><v>1</v></c></row>')
    database = world.database()
    world.path("errors", "member.xlsx", spreadsheet(rows, ("x" * 200,)))
    status, tables = world.load(database, "errors")
    place, reason = "member.xlsx sheet a, record 2 (row 5), column B (Surname)", "the cell holds an error instead of a value"
    yield status == 1 and f"{place}: {reason}: correct it in the spreadsheet, or empty it: “#DIV/0!”" in tables["member"]["error"], tables
    yield "let the others land: badRecords collect in the sidecar, or --max-rejected" in tables["member"]["error"], tables
    # With the policy the others land, and a text that only looks like an error is a text.
    status, tables = world.load(database, "errors", "--max-rejected", "all", "--max-field", "100")
    bad = [(row.get("sheet"), row["line"], row["column"], row["name"], "byte" in row) for row in tables["member"]["badRecords"]]
    yield status == 0 and bad == [("a", 5, 2, "Surname", False), ("a", 6, 2, "Surname", False), ("a", 7, 1, "id", False),
                                    ("a", 8, 2, "Surname", False), ("a", 9, 1, "id", False)], tables
    told = [one["reason"].split(":")[0] for one in tables["member"]["badRecords"][3:]]
    yield told == ["the cell is to hold a truth value, and that is 0 or 1", "the cell is to hold a number, and holds none"], tables
    yield tables["member"]["badRecords"][1]["reason"] == "the cell has 200 bytes, and 100 are allowed (--max-field, or maxFieldBytes in the sidecar)", tables
    yield world.landed(database, {"member": ["id", '"Surname"']})["member"] == ([["1", "#N/A"]], [1]), "the good row"
    kept = world.postgres.rows(database, "SELECT line, byte, value FROM slipway.rejected ORDER BY line")
    yield [row["value"][:5] for row in kept] == ["#DIV/", "xxxxx", "#REF!", "2", "0x5"] and not any(row["byte"] for row in kept), kept


#: A child begins with the memory of who forks it, and this one has little.
MEASURE = """import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=False, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, file=sys.stderr)"""


def peak(world, database, folder):
    """Megabytes that a load of @folder had at most, and what it says of each table. A sanitizer keeps what was freed for a
    while, and a shadow of all memory: it is told to keep little, and what it takes beside the program is left out."""
    command = world.command(database, folder, "--streams", "1")
    environment = {**os.environ, "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1"}

    def measure(words):
        return subprocess.run([sys.executable, "-c", MEASURE, *words], capture_output=True, check=True, env=environment)

    with open(command[0], "rb") as program:
        sanitized = b"__asan_init" in program.read()
    done = measure(command)
    beside = float(measure([command[0], "--version"]).stderr) if sanitized else 0
    return float(done.stderr) - beside, {table["table"]: table for table in json.loads(done.stdout)["tables"]}


def texts_of_a_spreadsheet_need_no_memory(world):
    chance = random.Random(SEED + 4)
    texts = [chance.randbytes(1000).hex() for _ in range(12000)]
    order = list(range(len(texts)))
    chance.shuffle(order)
    world.path("many", "many.xlsx", spreadsheet(
        '<row><c t="inlineStr"><is><t>n</t></is></c><c t="str"><v>text</v></c></row>'
        + "".join(f'<row r="{at + 2}"><c r="B{at + 2}" t="s"><v>{number}</v></c><c r="A{at + 2}"><v>{at}</v></c></row>'
                  for at, number in enumerate(order)), texts))
    database = world.database()
    most, tables = peak(world, database, "many")
    yield tables["many"].get("rows") == len(texts), tables["many"]
    found = world.postgres.rows(database, "SELECT md5(string_agg(n || text, '' ORDER BY casrec_row_id)) AS md5 FROM casrec_csv.many")
    yield found[0]["md5"] == hashlib.md5("".join(f"{at}{texts[number]}" for at, number in enumerate(order)).encode()).hexdigest(), found
    yield most < 36, f"{most:.0f} MB for 24 MB of texts"


def bombs_are_refused_in_constant_memory(world):
    rows = '<row r="1"><c t="str"><v>a</v></c></row>'
    filler = "x" * (4 << 20)
    bombs = {
        "cell": (spreadsheet(f'{rows}<row r="7"><c t="str"><v>{filler}</v></c></row>'), "record 1 (row 7), column A (a): the cell has 4194304 bytes, and 1048576 are allowed (--max-field allows more in CSV only"),
        "shared": (spreadsheet(rows, sharedStrings=f"<sst><si><t>{filler}</t></si></sst>"), "xl/sharedStrings.xml: text 1 of it, “xxx"),
        "attribute": (spreadsheet(f'{rows}<row r="2" hidden="{filler}"></row>'), "a tag or a comment of more than 256 KiB"),
        "comment": (spreadsheet(rows, styles=f"<styleSheet><!--{filler}--></styleSheet>"), "a tag or a comment of more than 256 KiB"),
        "deep": (spreadsheet(rows + "<a>" * 1000000), "nested deeper than in any spreadsheet"),
        "names": (spreadsheet(rows + "".join(f"<n{number}/>" for number in range(200000))), "more names of elements and attributes"),
        "unpacked": (spreadsheet(rows + " " * (70 << 20)), "far larger when it is unpacked"),
        "doctype": (spreadsheet(rows, workbook='<!DOCTYPE x [<!ENTITY a "b">]><workbook>&a;</workbook>'), "it has a document type"),
        "row": (spreadsheet(rows + '<row r="2">' + '<c t="s"><v>0</v></c>' * 200 + "</row>", ["y" * 1000000]),
                "row 2, column Q: the row has more than 16 MiB of text"),
        "formats": (spreadsheet(rows, styles=f"<styleSheet><cellXfs>{'<xf/>' * 1000000}</cellXfs></styleSheet>"), "more formats or sheets"),
        "far": (spreadsheet('<row><c r="XFD1"/></row>' * 100000), "is empty: it has no header"),
        "cells": (spreadsheet(f"{rows}<row>{'<c r=%sA1%s/>' % (chr(34), chr(34)) * 200000}</row>"), "row 2, column A: the row has more cells than the 16384"),
        "number": (spreadsheet(rows + '<row><c t="s"><v>-1</v></c></row>'), "row 2, column A: it refers to text -1"),
    }
    for name, (data, _) in bombs.items():
        world.path("bombs", name + ".xlsx", data)
    most, tables = peak(world, world.database(), "bombs")
    for name, (_, words) in bombs.items():
        yield words in tables[name].get("error", ""), f"{name}: {tables[name]}"
    yield most < 60, f"{most:.0f} MB"


def large_fields_are_refused_in_constant_memory(world):
    large = {"quote": (b'1,"' + b"abcdefg\n" * (12 << 20), "(line 2), byte 6, column 2 (b): the field that begins here has more than 3"),
             "field": (b"1," + b"x" * (100 << 20) + b"\n1,2\n", "(line 2), byte 6, column 2 (b): the field that begins here has more than 3"),
             "fields": (b"," * (20 << 20) + b"\n1,2\n", "(line 2), byte 16388, column 16385: the record has more than 16384 fields")}
    for name, (data, _) in large.items():
        world.path("large", name + ".csv", b"a,b\n" + data)
    most, tables = peak(world, world.database(), "large")
    for name, (_, words) in large.items():
        yield words in tables[name].get("error", ""), f"{name}: {tables[name]}"
    yield most < 80, f"{most:.0f} MB"


def a_server_that_crashes_has_what_was_said_to_be_landed(world):
    database = world.database()
    files = {f"kept{chr(97 + number)}": f"n,text\n{number},x\n".encode() for number in range(6)}
    for name, data in files.items():
        world.path("kept", name + ".csv", data)
    status, tables = world.load(database, "kept")
    world.postgres.crash()
    yield status == 0 and len(tables) == len(files), f"{status}: {tables}"
    found = world.postgres.rows(database, "SELECT table_name AS name, sha256 FROM slipway.file ORDER BY table_name")
    yield [row["name"] for row in found] == sorted(files), found
    for name, data in files.items() if len(found) == len(files) else ():
        yield world.landed(database, {name: ["n", "text"]})[name][0] == [[data.split(b"\n")[1].split(b",")[0].decode(), "x"]], name


CASES = [a_server_that_crashes_has_what_was_said_to_be_landed, large_fields_are_refused_in_constant_memory,
         texts_of_a_spreadsheet_need_no_memory, bombs_are_refused_in_constant_memory,
         spreadsheets_land_as_their_texts, error_cells_are_bad_records, well_formed_files_land_as_python_reads_them,
         any_file_lands_as_python_reads_it_or_is_refused, bad_records_are_where_they_are_said_to_be,
         kill_leaves_each_table_old_or_new, corpus_lands_with_the_rows_it_says]


def main():
    tap = drive.Tap()
    reason = server.why_not()
    if reason:
        tap.skip("load", reason)
        return tap.end()
    # What is not flushed to the log stays in memory long enough for a crash to lose it.
    with server.Server(("wal_writer_delay=10s",)) as postgres:
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
