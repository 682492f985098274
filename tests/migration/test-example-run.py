#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The example migration, landed and transformed: each concept yields the rows that plain Python makes of the same files,
and each planted defect is in the measures.

usage: test-example-run.py SLIPWAYCTL
"""
import collections
import csv
import datetime
import decimal
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import zoneinfo

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/migration"), str(ROOT / "tests/rehearsal")]

# pylint: disable=wrong-import-position
import drive  # noqa: E402
import example_case  # noqa: E402
import server  # noqa: E402

EXAMPLE = ROOT / "data/example"
RUN_DATE = datetime.date(2022, 6, 15)
LONDON = zoneinfo.ZoneInfo("Europe/London")


class Logbook:
    """The source files as Python's csv module reads them."""

    def __init__(self, folder):
        options = json.loads((EXAMPLE / "migration.json").read_text(encoding="utf-8"))["source"]["tables"]
        self.tables = {}
        for table, option in options.items():
            for name in option.get("files", [table + ".csv"]):
                with open(folder / name, encoding=option.get("encoding", "utf-8"), newline="") as file:
                    self.tables.setdefault(table, []).extend(csv.DictReader(file, delimiter=option.get("delimiter", ",")))
        with open(folder / "PLANTED.tsv", encoding="utf-8") as file:
            self.planted = {(row["table"], row["column"], row["defect"]): int(row["rows"])
                            for row in csv.DictReader(file, delimiter="\t")}

    def __getitem__(self, table):
        return self.tables[table]


def lookup(name):
    text = (EXAMPLE / f"mapping_definitions/lookups/{name}_lookup.json").read_text(encoding="utf-8")
    return {code: entry["sirius_mapping"] for code, entry in json.loads(text).items()}


def day(text):
    """A date as it is written in the Logbook: ISO or day first; None for none."""
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.datetime.strptime(text, form).date()
        except ValueError:
            pass
    return None


def on(value):
    """A timestamp of the database as a date."""
    return datetime.date.fromisoformat(value[:10]) if value else None


def tax_year(date):
    return date.year if date.month >= 4 else date.year - 1


def people(book):
    titles, states = lookup("title"), lookup("membership")
    risk = {}
    for row in sorted(book["score"], key=lambda row: (row["Modify"], row["at"])):
        risk[row["Member No"]] = row["Score"]
    for row in book["member"]:
        first, _, rest = row["Forenames"].partition(" ")
        yield {"membernumber": row["Member No"], "salutation": titles.get(row["Title"]) or None, "firstname": first.title(),
               "othernames": rest.title() or None, "surname": row["Surname"].title(),
               "dateofbirth": day(row["Born"]), "dateofdeath": day(row["Status Date"]) if row["Status"] == "X" else None,
               "membership": states[row["Status"]], "prefersletters": "t" if row["Letters"] == "Y" else "f",
               "risklevel": risk.get(row["Member No"], "1"), "memo": None, "clubsource": "LOGBOOK"}


def contracts(book):
    latest = {}
    for number, row in enumerate(book["share"]):
        if row["Share"] != "5":
            latest[row["Contract No"]] = max(latest.get(row["Contract No"], ("", 0, "")), (row["Since"], number, row["Share"]))
    shares = {"1": "ALONE", "2": "TOGETHER", "3": "IN TURNS", "4": "IN TURNS"}
    risks = lookup("risk_band")
    for row in book["contract"]:
        if row["State"] == "Draft":
            continue
        begin = day(row["Begin"])
        feb29 = (begin.month, begin.day) == (2, 29)
        yield {"contractnumber": row["Contract No"], "berthcode": row["Berth No"].upper(),
               "boatlength": max(decimal.Decimal(row["Length"]), decimal.Decimal(row["Length Overall"])).normalize(),
               "state": "CLOSED" if row["State"] == "Ended" else "OPEN" if row["Kind"] in "SP" else "STORED",
               "holding": shares.get(latest.get(row["Contract No"], ("", 0, ""))[2]), "begins": begin,
               "firstrenewal": begin.replace(year=begin.year + 1, day=28 if feb29 else begin.day),
               "riskband": risks.get(row["Risk"], "MEDIUM"), "terms": "{}"}


def invoices(book):
    posted = {row["Invoice No"]: row["Posted"] for row in book["posted"]}
    debt = {row["Trx Number"] for row in book["sop_aged_debt"]}
    for row in book["entry"]:
        date, number = day(row["Create"]), row["Invoice No"]
        if decimal.Decimal(row["Amount"]) > 0 and (date > datetime.date(2019, 3, 31) or number in debt):
            year = tax_year(date)
            yield {"reference": number, "feetype": number[:2], "amount": str(int(decimal.Decimal(row["Amount"]) * 100)),
                   "startdate": datetime.date(year, 4, 1), "enddate": datetime.date(year + 1, 3, 31), "raiseddate": date,
                   "confirmeddate": day(posted[number]) if number in posted else RUN_DATE if number in debt else None,
                   "band": lookup("fee_band").get(row["Account"])}


def credit_type(number):
    if number.startswith("Z") or number.endswith("Z"):
        return "CREDIT REMISSION"
    return "CREDIT MEMO" if number.startswith("CR") else "CREDIT WRITE OFF" if number.startswith("WO") else None


def credits(book):
    kept = {row["reference"] for row in invoices(book)}
    for row in book["entry"]:
        amount = decimal.Decimal(row["Amount"])
        if amount < 0 and row["Orig Invoice"] in kept:
            yield {"reference": row["Invoice No"], "type": credit_type(row["Invoice No"]), "amount": (-amount).normalize()}


def survey_state(row):
    passed, score, papers = row["Outcome"], int(row["Score"]), row["Rcvd Date"] or row["Papers"]
    unset = not (row["Lodge Date"] or papers)
    if passed and papers:
        return "REVIEWED", "PASSED" if passed == "P" else "FAILED"
    if not passed and 50 <= score < 90 and row["Rcvd Date"]:
        return "RECEIVED", "TO BE REVIEWED"
    if score > 89:
        return "RECEIVED", "NO REVIEW"
    if not unset:
        return "UNKNOWN", None
    end, overdue = day(row["Period End"]), RUN_DATE - datetime.timedelta(days=21)  # 15 working days
    if end is None or end < overdue:
        return "OVERDUE", None
    return ("PENDING" if end > RUN_DATE else "DUE"), None


def surveys(book):
    for row in book["survey"]:
        state, review = survey_state(row)
        end = day(row["Period End"])
        due = end + datetime.timedelta(days=21) if end else None
        while due and due.weekday() > 4:
            due += datetime.timedelta(days=1)
        yield {"periodend": end, "duedate": due, "received": day(row["Rcvd Date"] or row["Lodge Date"]),
               "haspapers": "t" if row["Papers"] or row["Papers1"] else "f", "kind": lookup("survey_kind")[row["Kind"]],
               "status": state, "reviewstatus": review}


def notes(book):
    staff = lookup("staff")
    for row in book["note"]:
        written = None
        if row["Log Date"]:
            local = datetime.datetime.fromisoformat(f"{row['Log Date']} {row['Log Time'] or '00:00:00'}")
            written = str(local.replace(tzinfo=LONDON).astimezone(datetime.timezone.utc).replace(tzinfo=None))
        yield {"createdby_id": str(staff.get(row["By"], 2)), "createdtime": written, "text": row["Text"] or None,
               "type": lookup("note_type")[row["Log Type"]], "direction": lookup("note_direction")[row["Log Type"]] or None}


def tasks(book):
    kept = {row["contractnumber"] for row in contracts(book)}
    for row in book["task"]:
        if row["State"] in ("OPEN", "WAITING") and row["Contract No"] in kept:
            yield {"name": lookup("task_type")[row["What"]], "assignee_id": str(lookup("staff")[row["Who"]]),
                   "duedate": day(row["Target"] or row["Start"]), "createdtime": row["Start"] + " 00:00:00"}


EXPECTED = {"people": people, "contracts": contracts, "invoices": invoices, "ledger_entries": credits, "surveys": surveys,
            "notes": notes, "tasks": tasks}


def plain(row):
    return tuple(None if value is None else str(value) for value in row.values())


def same_value(expected, actual):
    if isinstance(expected, datetime.date):
        return on(actual)
    if isinstance(expected, decimal.Decimal) and actual is not None:
        return decimal.Decimal(actual).normalize()
    return actual


class Run:
    def __init__(self, slipwayctl, postgres, folder):
        self.slipwayctl, self.postgres, self.folder = slipwayctl, postgres, folder
        self.conninfo = postgres.database("club_migration")
        self.call("generate", "--clients", "400", "--seed", "1", "--settings", EXAMPLE / "generate.json", "--output", folder)
        self.book = Logbook(folder)
        self.call("load", EXAMPLE, "--source", folder, "--migration-db", self.conninfo)
        postgres.psql("club_migration", self.call("sql", EXAMPLE, "--functions"))
        postgres.psql("club_migration", self.call("sql", EXAMPLE, "--run-date", str(RUN_DATE)))

    def call(self, *words):
        done = subprocess.run([self.slipwayctl, "migrate", *map(str, words)], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"migrate {words[0]}: exit {done.returncode}\n{done.stderr[-3000:]}")
        return done.stdout

    def rows(self, query):
        return self.postgres.rows("club_migration", query)

    def differing(self, table, expected):
        """The first rows that only one side has."""
        columns = list(expected[0])
        names = ", ".join(f'"{name}"' for name in columns)
        actual = [dict(zip(columns, row.values())) for row in self.rows(f'SELECT {names} FROM transform."{table}"')]
        shape = {name: next((row[name] for row in expected if row[name] is not None), None) for name in columns}
        found = collections.Counter(plain({name: same_value(shape[name], row[name]) for name in columns}) for row in actual)
        wanted = collections.Counter(map(plain, expected))
        return [f"expected {row}" for row in (wanted - found)][:3] + [f"found    {row}" for row in (found - wanted)][:3]


def keys_point_to_their_rows(tap, run):
    broken = {
        "addresses are people's": """SELECT * FROM transform.addresses a LEFT JOIN transform.people p ON p.id = a.person_id
            WHERE p.membernumber IS DISTINCT FROM a.c_member_no""",
        "credits are their invoice's": """SELECT * FROM transform.ledger_entries l JOIN transform.invoices i ON i.id = l.invoice_id
            WHERE i.reference <> l.c_orig_invoice OR i.person_id <> l.person_id""",
        "events name their person": """SELECT * FROM transform.timeline t LEFT JOIN transform.people p
            ON p.id = (t.event ->> 'personId')::integer WHERE p.membernumber IS DISTINCT FROM t.membernumber""",
        "reminders are of surveys that are due": """SELECT * FROM transform.reminders r JOIN transform.surveys s
            ON s.id = (r.event #>> '{payload,surveyId}')::integer WHERE s.status <> 'DUE'""",
        "holders are of contracts": """SELECT * FROM transform.contract_holders h JOIN transform.contracts c ON c.id = h.contract_id
            WHERE c.contractnumber <> h.c_contract_no""",
    }
    for claim, query in broken.items():
        rows = run.rows(query)
        tap.result(not rows, "example/" + claim.replace(" ", "_"), str(rows[:2]))


def planted_defects_are_measured(tap, run):
    def measured(step, kind, column):
        return int(run.rows(f"""SELECT coalesce(sum(rows), 0) AS n FROM slipway.measure
            WHERE step = '{step}' AND kind = '{kind}' AND column_name = '{column}'""")[0]["n"])

    bad = run.book.planted["member", "Born", "bad-date"]
    tap.result(measured("members", "bad value", "dateofbirth") == bad > 0, "example/bad_dates_are_measured",
               f"{bad} planted, {measured('members', 'bad value', 'dateofbirth')} measured")
    unknown = sum(row["Risk"].endswith("?") and row["State"] != "Draft" for row in run.book["contract"])
    tap.result(measured("contracts", "unknown code", "riskband") == unknown > 0, "example/unknown_codes_are_measured",
               f"{unknown} in the file, {measured('contracts', 'unknown code', 'riskband')} measured")
    nobody = sum(row["Member No"].startswith("NONE-") and row["State"] != "Draft" for row in run.book["contract"])
    tap.result(measured("people_contracts", "unmatched", "p") == nobody > 0, "example/parents_that_are_not_there_are_measured",
               f"{nobody} in the file, {measured('people_contracts', 'unmatched', 'p')} measured")


def main(slipwayctl):
    tap = drive.Tap()
    reason = server.why_not()
    if reason:
        tap.skip("example", reason)
        return tap.end()
    with server.Server() as postgres, tempfile.TemporaryDirectory(prefix="slip-example-") as folder:
        run = Run(slipwayctl, postgres, pathlib.Path(folder, "source"))
        for table, expect in EXPECTED.items():
            expected = list(expect(run.book))
            faults = run.differing(table, expected)
            tap.result(not faults, f"example/{table}_agree_in_{len(expected)}_rows", "\n".join(faults))
        steps = {row["step"]: int(row["rows"]) for row in run.rows(
            "SELECT step, sum(rows) AS rows FROM slipway.measure WHERE kind = 'out' GROUP BY step")}
        entities = json.loads((EXAMPLE / "migration.json").read_text(encoding="utf-8"))["entities"]
        named = {step.get("name", step["mapping"]) for entity in entities for step in entity["steps"]}
        tap.result(set(steps) == named and min(steps.values()) > 0, "example/every_step_makes_rows",
                   f"{steps}\n{named ^ set(steps)}")
        keys_point_to_their_rows(tap, run)
        planted_defects_are_measured(tap, run)
        example_case.check(tap, run, folder)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1])))
