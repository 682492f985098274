# SPDX-License-Identifier: MIT
"""The corpus' business rules and hooks: their SQL on the rows that the judge expects, against what the rules say in
words. They must give the right rows, and nothing more when they run again."""

import datetime
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "reference"), os.path.join(HERE, "..", "rehearsal")]

# pylint: disable=wrong-import-position
import drive  # noqa: E402
import entities  # noqa: E402
import pipeline  # noqa: E402
import server  # noqa: E402
import twist  # noqa: E402

CASREC = os.path.join(HERE, "casrec")
SHARED = os.path.join(os.environ.get("SLIPWAY_SHARED", os.path.join(HERE, "..", "..", "..", "shared")), "casrec")
RUN_DATE = datetime.datetime(2022, 6, 15)
TYPES = {"str": "text", "int": "integer", "bigint": "bigint", "bool": "boolean", "date": "timestamp(0)",
         "datetime": "timestamp(0)", "Decimal": "numeric", "dict": "json"}
LISTED = ("NEW DEPUTY", "INTERIM ORDER", "REPLACEMENT", "SUPPLEMENTARY")
RULED = ("persons", "cases", "order_deputy", "death_notifications", "finance_invoice", "finance_remission_exemption",
         "finance_ledger", "finance_order")


def escape(text):
    if text is None:
        return "\\N"
    for plain, written in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        text = text.replace(plain, written)
    return text


class World:
    """The judge's rows in a schema integration, with a finance person for every third client."""

    def __init__(self, postgres):
        self.postgres, self.name = postgres, "rules"
        postgres.database(self.name)
        with open(os.path.join(CASREC, "migration.json"), encoding="utf-8") as file:
            self.sidecar = json.load(file)
        definitions = pipeline.Definitions(SHARED)
        with tempfile.TemporaryDirectory(prefix="slip-twist-") as folder:
            twist.twist(os.path.join(SHARED, "source-1k"), folder, "rules")
            self.tables = entities.Expected(definitions, pipeline.load_source(folder), RUN_DATE).run()
        sql = ["CREATE SCHEMA integration;"]
        for table in RULED:
            sql += self.table(table, definitions.types(table), self.tables[table])
        self.finance = {row["id"]: str(90000 + int(row["id"])) for row in self.clients() if int(row["id"]) % 3 == 0}
        sql += self.table("finance_person", {"id": "int", "person_id": "int"},
                          [{"id": ident, "person_id": person} for person, ident in self.finance.items()])
        with open(os.path.join(SHARED, "target_schema.sql"), encoding="utf-8") as file:
            postgres.psql(self.name, "DROP SCHEMA public;\n" + file.read())
        # Rows to copy behind their statement are for psql alone.
        subprocess.run(["psql", "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", postgres.conninfo(self.name)], input="\n".join(sql).encode(),
                       check=True)

    @staticmethod
    def table(name, types, rows):
        types = types | {column: "str" for row in rows for column in row if column.startswith("c_") and column not in types}
        columns = ", ".join(f'"{column}" {TYPES[kind]}' for column, kind in types.items())
        yield f"CREATE TABLE integration.{name} ({columns});\nCOPY integration.{name} FROM STDIN;"
        for row in rows:
            yield "\t".join(escape(row.get(column)) for column in types)
        yield "\\.\n"

    def clients(self):
        return [row for row in self.tables["persons"] if row["type"] == "actor_client"]

    def text(self, path):
        with open(os.path.join(CASREC, path), encoding="utf-8") as file:
            text = file.read()
        for name, value in (("{integration}", "integration"), ("{target}", "public"),
                            ("{values.phase}", f"'{self.sidecar['values']['phase']}'")):
            text = text.replace(name, value)
        return text

    def rules(self):
        """Runs all rules in their order; the rows that they changed."""
        changed = []
        for rule in self.sidecar["rules"]:
            for statement in self.text(rule["file"]).split(";\n"):
                if "UPDATE" in statement:
                    changed.append((rule["name"], self.count(statement)))
        return changed

    def count(self, statement):
        done = self.postgres.psql(self.name, f"DO $do$ DECLARE n bigint; BEGIN {statement}; GET DIAGNOSTICS n = ROW_COUNT;"
                                             " RAISE INFO 'changed %', n; END $do$;")
        return int(done.stderr.decode().split("changed ")[-1])

    def rows(self, query):
        return self.postgres.rows(self.name, query)

    def column(self, table, column):
        return {row["id"]: row[column] for row in self.rows(f"SELECT id, {column} FROM integration.{table}")}


def status(orders, deaths):
    """The first of the list that holds, for one client; an order without a date is the latest."""
    orders = sorted(orders, key=lambda row: (row["orderdate"] or "9", int(row["id"])))
    states = [row["orderstatus"] for row in orders]
    if any(row["proofofdeathreceived"] == "t" for row in deaths):
        return "DEATH_CONFIRMED"
    if any(row["datenotified"] for row in deaths):
        return "DEATH_NOTIFIED"
    if "ACTIVE" in states:
        return "ACTIVE"
    if not states:
        return None
    if states[-1] == "OPEN":
        return "OPEN"
    if set(states) == {"CLOSED"} and orders[-1]["ordersubtype"] in LISTED:
        return "CLOSED"
    return "INACTIVE" if states[-1] == "CLOSED" else None


def differences(wanted, got):
    return [f"{key}: expected {value!r}, got {got.get(key)!r}" for key, value in wanted.items()
            if got.get(key) != value][:5]


def rules_change_what_they_should(world):
    changed = world.rules()
    yield all(count > 0 for _, count in changed), f"a rule found nothing to do: {changed}"
    again = world.rules()
    yield all(count == 0 for _, count in again), f"rules change rows when run again: {again}"


def orders_belong_to_their_clients(world):
    clients = {row["caserecnumber"]: row["id"] for row in world.clients()}
    wanted = {row["id"]: clients.get(row["caserecnumber"]) for row in world.tables["cases"]}
    wrong = differences(wanted, world.column("cases", "client_id"))
    yield not wrong, wrong


def fee_payers_are_alive_and_active(world):
    orders = {row["id"]: row for row in world.tables["cases"]}
    dead = {row["person_id"] for row in world.tables["death_notifications"]}
    clients = {row["caserecnumber"]: row["id"] for row in world.clients()}
    held = {}
    for row in world.tables["order_deputy"]:
        order = orders[row["order_id"]]
        if row["c_fee_payer"] == "Y" and row["statusoncase"] == "ACTIVE" and row["deputy_id"] not in dead:
            held.setdefault(clients[order["caserecnumber"]], []).append(
                (order["orderdate"] or "", int(row["id"]), row["deputy_id"]))
    wanted = {row["id"]: max(held[row["id"]])[2] if row["id"] in held else None for row in world.clients()}
    yield any(wanted.values()) and not all(wanted.values()), "nothing is proven"
    wrong = differences(wanted, world.column("persons", "feepayer_id"))
    yield not wrong, wrong


def finance_persons_are_found_by_each_way(world):
    cases = {row["caserecnumber"]: row["id"] for row in world.clients()}
    case_of = {row["id"]: row["caserecnumber"] for row in world.tables["cases"]}
    invoices = {row["id"]: world.finance.get(row["person_id"]) for row in world.tables["finance_invoice"]}
    references = {row["reference"]: invoices[row["id"]] for row in world.tables["finance_invoice"]}
    for table, wanted in (
            ("finance_invoice", invoices),
            ("finance_remission_exemption", {row["id"]: world.finance.get(cases.get(row["c_case"]))
                                             for row in world.tables["finance_remission_exemption"]}),
            ("finance_ledger", {row["id"]: references[row["c_orig_invoice"]] for row in world.tables["finance_ledger"]}),
            ("finance_order", {row["id"]: world.finance.get(cases.get(case_of.get(row["order_id"])))
                               for row in world.tables["finance_order"]})):
        yield any(wanted.values()) and not all(wanted.values()), f"{table}: nothing is proven"
        wrong = differences(wanted, world.column(table, "finance_person_id"))
        yield not wrong, f"{table}: {wrong}"


def client_status_is_the_first_that_holds(world):
    orders, deaths = {}, {}
    for row in world.tables["cases"]:
        orders.setdefault(row["caserecnumber"], []).append(row)
    for row in world.tables["death_notifications"]:
        deaths.setdefault(row["person_id"], []).append(row)
    wanted = {row["id"]: status(orders.get(row["caserecnumber"], []), deaths.get(row["id"], [])) for row in world.clients()}
    reached = set(wanted.values())
    yield {"DEATH_CONFIRMED", "DEATH_NOTIFIED", "ACTIVE", "OPEN", "CLOSED", "INACTIVE", None} <= reached, reached
    wrong = differences(wanted, world.column("persons", "clientstatus"))
    yield not wrong, wrong


def batch_numbers_are_given_once(world):
    hook = world.sidecar["hooks"][0]
    for table, needed in (("finance_invoice", "feetype, reference, startdate, enddate, amount"),
                          ("finance_ledger", "reference, datetime, method, amount, type, status")):
        given = {"finance_invoice": "'AD', '{}', '2022-01-01', '2022-01-01', 5",
                 "finance_ledger": "'{}', '2022-01-01', 'm', 5, 't', 's'"}[table]
        world.postgres.psql(world.name, "".join(
            f"INSERT INTO {table} (id, source, {needed}) VALUES ({number}, '{source}', {given.format(number)});"
            for number, source in ((1, "CASRECMIGRATION_P3"), (2, "CASRECMIGRATION_P2"))))
    for batch in ("1", "1", "2"):
        if batch == "2":
            world.postgres.psql(world.name, "UPDATE finance_ledger SET source = 'CASRECMIGRATION_P3' WHERE id = 2")
        world.postgres.psql(world.name, world.text(hook["setup"]))
        audited = world.rows(world.text(hook["audit"]).strip().rstrip(";"))
        world.postgres.psql(world.name, world.text(hook["update"]))
        left = world.rows(world.text(hook["validate"]).strip().rstrip(";"))
        yield not left, f"rows without a batch: {left}"
        counter = world.rows("SELECT counter FROM finance_counter")
        yield [row["counter"] for row in counter] == [batch], counter
    yield audited == [{"table_name": "finance_ledger", "id": "2", "batchnumber": None}], audited
    numbers = [world.rows(f"SELECT batchnumber AS n FROM {table} ORDER BY id") for table in ("finance_invoice", "finance_ledger")]
    yield [[row["n"] for row in rows] for rows in numbers] == [["1", None], ["1", "2"]], numbers


CASES = [rules_change_what_they_should, orders_belong_to_their_clients, fee_payers_are_alive_and_active,
         finance_persons_are_found_by_each_way, client_status_is_the_first_that_holds, batch_numbers_are_given_once]


def main():
    tap = drive.Tap()
    reason = server.why_not() or (None if os.path.isdir(SHARED) else f"{SHARED} is absent")
    if reason:
        tap.skip("casrec-rules", reason)
        return tap.end()
    with server.Server() as postgres:
        world = World(postgres)
        for case in CASES:
            results = list(case(world))
            wrong = [why for good, why in results if not good]
            tap.result(not wrong and results, case.__name__, "\n".join(map(str, wrong)))
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
