# SPDX-License-Identifier: MIT
"""What the entities do besides the generic pipeline: the keys they fetch from rows that are there already, join
tables, enrichment. The expected rows of all destinations in the schema transform, in the order of their ids."""

import json

import pipeline
import values

DUE_TYPES = {*map(str, range(20, 30)), "60", "73", "90"}  # whose reports are due after 40 working days
PRO_TYPES = {"20", "21", "22", "24", "25", "26", "27", "28", "29", "63", "71"}
NOTES = {"Migration Notice": "<p>Migrated from Casrec. Earlier case notes are remarks, in the tab of case notes.</p>",
         "Put Away Notice": "<p>This case has been put away.</p>"}


def index(rows, column, last=False):
    """The first row (or the last) for each value of a column."""
    found = {}
    for row in rows:
        if row.get(column) is not None and (last or row[column] not in found):
            found[row[column]] = row
    return found


def whole(text):
    """Numbers of addresses and deputies are compared as such: "7.0" is 7. What is none is None."""
    try:
        return values.cast("int", text)
    except values.Fatal:
        return None


def ident(row):
    return row["id"] if row else None


class Expected:
    """Runs everything; afterwards @tables holds each destination's rows, and @steps each mapping's."""

    def __init__(self, definitions, source, run_date):
        self.definitions, self.source, self.run_date = definitions, source, run_date
        self.tables, self.bad = {}, []

    def run(self):
        for entity in (self.cases, self.deputies, self.clients, self.bonds, self.supervision_level, self.death,
                       self.invoice, self.remarks, self.reporting, self.tasks, self.visits, self.warnings,
                       self.crec, self.ledger, self.ledger_allocation, self.fee_reductions, self.timeline,
                       self.finance_order, self.scheduled_events):
            entity()
        return self.tables

    def read(self, mapping):
        """The generic rows of a mapping with their numbers."""
        step = pipeline.Step(self.definitions, mapping, self.run_date)
        first = self.next_id(step)
        rows = [row | {"id": str(first + number)} for number, row in enumerate(step.read(self.source))]
        return step, rows

    def next_id(self, step):
        rows = self.tables.get(step.table["destination_table_name"], [])
        return max((int(row["id"]) for row in rows if row.get("id")), default=0) + 1

    def put(self, step, rows):
        """The typed rows, with the source row that each comes from (None: from no source)."""
        target = self.tables.setdefault(step.table["destination_table_name"], [])
        for row in rows:
            target.append(step.typed(row) | {"#mapping": step.name, "#row": row.get("casrec_row_id")})
        there = {row.get("casrec_row_id") for row in rows}
        self.bad += [(step.name, *what) for what in step.bad if what[0] in there]

    def renumber(self, step, rows):
        first = self.next_id(step)
        return [row | {"id": str(first + number)} for number, row in enumerate(rows)]

    def clients_by_case(self):
        return index((row for row in self.tables["persons"] if row["type"] == "actor_client"), "caserecnumber")

    def deputies_by_number(self):
        return index((row for row in self.tables["persons"] if row["type"] == "actor_deputy"), "c_deputy_no")

    def with_parent(self, mapping, target, key, parents):
        """The common pattern: a parent's id, or NULL where there is none."""
        step, rows = self.read(mapping)
        self.put(step, [row | {target: ident(parents.get(row[key]))} for row in rows])

    def made(self, mapping, rows, numbered=True):
        """Rows that no source table of the mapping feeds: constants, and what the entity gives. Their
        source row is that of the row which they are made of."""
        step = pipeline.Step(self.definitions, mapping, self.run_date)
        rows = [step.constants() | row for row in rows]
        self.put(step, self.renumber(step, rows) if numbered else rows)

    def cases(self):
        held = {}
        for row in self.source["deputyship"]:
            key = (row["Create"], row["at"], row["casrec_row_id"])
            if row["Joint"] != "5" and key > held.get(row["Order No"], (("",),))[0]:
                held[row["Order No"]] = (key, row["Joint"])
        how = {"1": "SOLE", "2": "JOINT", "3": "JOINTANDSEVERALLY", "4": "JOINTANDSEVERALLY"}
        step, rows = self.read("cases")
        self.put(step, [row | {"howdeputyappointed": how.get(held.get(row["c_order_no"], (None, None))[1])}
                        for row in rows])

    def deputies(self):
        step, rows = self.read("deputy_persons")
        self.put(step, [self.split(row) | {"deputycasrecid": str(row["casrec_row_id"])} for row in rows])
        self.deputy_addresses()
        deputies = self.deputies_by_number()
        for mapping in ("deputy_daytime_phonenumbers", "deputy_evening_phonenumbers"):
            self.with_parent(mapping, "person_id", "c_deputy_no", deputies)
        self.order_deputy()

    @staticmethod
    def split(row):
        """Public authorities, and professionals without a first name, are organisations by all their names."""
        kind, first, last = (row[column] or "" for column in ("deputytype", "firstname", "surname"))
        if kind == "PA" or (kind == "PRO" and not first):
            names = {column: row[column] for column in ("firstname", "othernames", "surname")}
            return row | dict.fromkeys(names) | {
                "deputysubtype": "ORGANISATION", "organisationname": " ".join(filter(None, names.values())),
                "salutation": None}
        person = kind == "LAY" or (kind == "PRO" and last)
        return row | {"deputysubtype": "PERSON" if person else None}

    def deputy_addresses(self):
        firms = {row["Deputy No"] for row in self.source["deputy"] if row["Dep Type"] in PRO_TYPES}
        others = {row["Deputy No"] for row in self.source["deputy"] if row["Dep Type"] not in PRO_TYPES}
        links = [row for row in self.source["deplink"] if row["Main Addr"] == "1" and row["Deputy No"] in firms]
        links += [row for row in self.source["deputyship"] if row["Deputy No"] in others]
        deputies, owners = index(self.tables["persons"], "deputynumber"), {}
        for address, number in {(whole(row["Dep Addr No"]), whole(row["Deputy No"])) for row in links}:
            if number in deputies and address is not None:
                owners.setdefault(address, []).append((int(deputies[number]["id"]), deputies[number]["c_deputy_no"]))
        step, rows = self.read("deputy_addresses")
        self.put(step, self.renumber(step, [
            row | {"person_id": str(owner), "c_deputy_no": number}
            for row in rows for owner, number in sorted(owners.get(whole(row["c_dep_addr_no"]), []))]))

    def order_deputy(self):
        step, rows = self.read("order_deputy")
        by_deputy, made = {}, []
        for row in rows:
            by_deputy.setdefault(row["c_deputy_no"], []).append(row)
        orders, deputies = index(self.tables["cases"], "c_order_no"), self.deputies_by_number()
        for held in self.source["deputyship"]:
            if held["Order No"] not in orders or held["Deputy No"] not in deputies:
                continue
            for row in by_deputy[held["Deputy No"]]:
                gone = held["Joint"] == "5"
                made.append(row | ({"statusoncase": "CLOSED", "statusoncaseoverride": "DISCHARGED"} if gone else {})
                            | {"order_id": orders[held["Order No"]]["id"],
                               "deputy_id": deputies[held["Deputy No"]]["id"],
                               "c_order_no": held["Order No"], "c_fee_payer": held["Fee Payer"]})
        self.put(step, self.renumber(step, made))

    def clients(self):
        step, rows = self.read("client_persons")
        self.put(step, rows)
        clients = self.clients_by_case()
        self.with_parent("client_addresses", "person_id", "c_case", clients)
        self.with_parent("client_phonenumbers", "person_id", "c_case", clients)
        self.pairs("person_caseitem", self.tables["cases"], "caserecnumber", "caseitem_id",
                   "caserecnumber", "actor_client")

    def pairs(self, mapping, rows, key, target, person_key, kind):
        """A join table of persons and something else."""
        persons = {}
        for row in self.tables["persons"]:
            if row["type"] == kind:
                persons.setdefault(row[person_key], []).append(row["id"])
        self.made(mapping, [{"person_id": person, target: row["id"], "casrec_row_id": row["#row"]} for row in rows
                            if row.get(key) is not None for person in persons.get(row[key], [])],
                  numbered=False)

    def bonds(self):
        for mapping in ("bonds_active", "bonds_dispensed"):
            self.with_parent(mapping, "order_id", "c_cop_case", index(self.tables["cases"], "c_cop_case"))

    def supervision_level(self):
        self.with_parent("supervision_level_log", "order_id", "c_order_no",
                         index(self.tables["cases"], "c_order_no"))

    def death(self):
        self.with_parent("client_death_notifications", "person_id", "c_case", self.clients_by_case())
        self.with_parent("deputy_death_notifications", "person_id", "c_deputy_no", self.deputies_by_number())

    def invoice(self):
        dates = index(self.source["sop_feecheck"], "Invoice Number")
        owed = {row["Trx Number"] for row in self.source["sop_aged_debt"]}
        clients = self.clients_by_case()
        for mapping in ("finance_invoice_ad", "finance_invoice_non_ad"):
            step, rows = self.read(mapping)
            for row in rows:
                today = values.show(self.run_date) if row["c_invoice_no"] in owed else None
                posted = dates[row["c_invoice_no"]]["GL Date"] if row["c_invoice_no"] in dates else today
                row |= {"person_id": ident(clients.get(row["c_case"])), "confirmeddate": posted}
            self.put(step, rows)

    def remarks(self):
        self.with_parent("client_notes", "person_id", "c_case", self.clients_by_case())
        step, rows = self.read("deputy_notes")
        deputies = self.deputies_by_number()
        self.put(step, [row | {"person_id": ident(deputies.get(row["c_deputy_no"])),
                               "description": row["description"] or "-"} for row in rows])

    def reporting(self):
        orders = {}
        for row in sorted(self.tables["cases"], key=lambda row: (row["orderdate"] or "", int(row["id"]))):
            if row["orderstatus"] == "ACTIVE":
                orders[row["caserecnumber"]] = row
        paid = {row["Deputy No"] for row in self.source["deputy"] if row["Stat"] == "1" and row["Dep Type"] in DUE_TYPES}
        professional = {row["Case"] for row in self.source["deputyship"] if row["Deputy No"] in paid}
        clients = self.clients_by_case()

        def log(row, case, end):
            """The keys of a log, and its due date, which is a day without a time."""
            due = values.date(row["duedate"])
            if case in professional:
                due = values.coerced(end) and values.working_days(values.workday_before(values.coerced(end)), 40)
            row["duedate"] = values.show(due and values.midnight(due))
            return row | {"client_id": clients[case]["id"], "order_id": ident(orders.get(case))}

        step, rows = self.read("annual_report_logs")
        self.put(step, [log(row, row["c_case"], row["reportingperiodenddate"]) for row in rows
                        if row["c_case"] in clients])
        self.made("annual_report_logs", [
            log({"status": "PENDING", "reviewstatus": "NO_REVIEW", "reviewedby_id": None, "c_case": row["Case"],
                 "reportingperiodenddate": row["Report Due"], "casrec_row_id": row["casrec_row_id"],
                 "reportingperiodstartdate": start, "duedate": values.calculate_duedate(row["Report Due"])},
                row["Case"], row["Report Due"])
            for row in self.source["pat"] if row["Report Due"] != "" and row["Case"] in clients
            for start in self.periods_begun(row["Case"])])
        self.lodging_details()
        self.report_types()

    def periods_begun(self, case):
        """The day behind the last period of a case that has accounts, for each active order of it."""
        ends = [values.date(row["End Date"]) for row in self.source["account"] if row["Case"] == case]
        last = max(filter(None, ends), default=None)
        for row in self.source["order"]:
            if row["Case"] == case and row["Ord Stat"] == "Active" and ends:
                yield values.day_behind(last) if last else None

    def lodging_details(self):
        logs = {}
        for row in self.tables["annual_report_logs"]:
            if row["reportingperiodenddate"] is not None:
                logs.setdefault((row["c_case"], row["reportingperiodenddate"]), row["id"])
        step, rows = self.read("annual_report_lodging_details")
        rows = [row for row in rows if (row["c_case"], values.show(values.date(row["c_end_date"]))) in logs]
        for row in rows:
            end = values.show(values.date(row["c_end_date"]))
            codes = {number: code for number in range(1, 7) if (code := whole(row[f"c_further{number}"])) not in (None, "0")}
            asked, code = max(codes.items(), default=(None, None))
            further = max(filter(None, (values.coerced(row[f"c_further_date{number}"]) for number in (1, 2, 3, 4, 6, 61))),
                          default=None)
            come = {number: when for number in range(1, 7) if (when := values.coerced(row[f"c_rcvd_date{number}"]))}
            latest = max(come, key=come.get, default=None)
            again, statements = latest is not None and latest == asked, code in ("1", "8")
            row |= {"annual_report_log_id": logs[row["c_case"], end],
                    "deadlinedate": values.show(further) if code in ("2", "3", "4", "5", "6", "7", "99") else None,
                    "resubmitteddate": values.show(come[latest]) if again else None,
                    "bankstatementdeadlinedate": values.show(further) if statements else None,
                    "bankstatementsreceived": str(again).lower() if statements else None}
        self.put(step, rows)

    def report_types(self):
        """By the risk of the case's first active order in the file."""
        levels = index([row for row in self.source["order"] if row["Ord Stat"] == "Active"], "Case")
        forms = {"3": "OPG103", "1": "OPG102", "2": "OPG102", "2A": "OPG102"}
        self.made("annual_report_type_assignments", [
            {"annualreport_id": row["id"], "casrec_row_id": row["#row"], "type": "-",
             "reporttype": forms.get(levels.get(row["c_case"], {}).get("Ord Risk Lvl"))}
            for row in self.tables["annual_report_logs"]])

    def tasks(self):
        cases = index(self.tables["cases"], "caserecnumber")
        step, rows = self.read("tasks")
        self.put(step, [row | ({"duedate": row["c_target"]} if row["c_target"].strip() else {})
                        for row in rows if row["c_case"] in cases])
        tasks = self.tables["tasks"]
        self.pairs("person_task", tasks, "c_case", "task_id", "caserecnumber", "actor_client")
        self.made("caseitem_task", [
            {"caseitem_id": case["id"], "task_id": row["id"], "casrec_row_id": row["#row"]} for row in tasks
            for case in self.tables["cases"] if case["c_order_no"] == row["c_order_no"] is not None], numbered=False)

    def visits(self):
        self.with_parent("visits", "client_id", "c_case", self.clients_by_case())

    def warnings(self):
        for mapping in ("client_nodebtchase_warnings", "client_saarcheck_warnings", "client_special_warnings",
                        "client_violent_warnings", "deputy_special_warnings", "deputy_violent_warnings",
                        "p1_client_remarks_warnings"):
            step, rows = self.read(mapping)
            self.put(step, rows)
        rows = self.tables["warnings"]
        self.pairs("person_warning", rows, "c_case", "warning_id", "caserecnumber", "actor_client")
        self.pairs("person_warning", rows, "c_deputy_no", "warning_id", "c_deputy_no", "actor_deputy")

    def crec(self):
        step, rows = self.read("crec_persons")
        scores = {row["c_case"]: step.typed(row)["risk_score"] for row in rows}
        self.bad += [(step.name, *what) for what in step.bad]
        for row in self.tables["persons"]:
            if row["type"] == "actor_client" and row["caserecnumber"] in scores:
                row["risk_score"] = scores[row["caserecnumber"]]

    def ledger(self):
        invoices = index(self.tables["finance_invoice"], "reference")
        step, rows = self.read("finance_ledger_credits")
        self.put(step, [row for row in rows if row["c_orig_invoice"] in invoices])

    def ledger_allocation(self):
        invoices = index(self.tables["finance_invoice"], "reference")
        entries = index(self.tables["finance_ledger"], "c_invoice_no")
        posted = index(self.source["sop_feecheckcredits"], "Invoice Number")
        step, rows = self.read("finance_allocation_credits")
        self.put(step, [
            row | {"invoice_id": invoices[row["c_orig_invoice"]]["id"],
                   "ledger_entry_id": ident(entries.get(row["c_invoice_no"])),
                   "status": "ALLOCATED" if row["c_invoice_no"] in posted else "PENDING",
                   "allocateddate": posted.get(row["c_invoice_no"], {}).get("GL Date")}
            for row in rows if row["c_orig_invoice"] in invoices])

    def fee_reductions(self):
        for mapping in ("finance_remissions", "finance_exemptions"):
            step, rows = self.read(mapping)
            self.put(step, rows)

    @staticmethod
    def note(person, subject, when):
        """What the timeline says of a client."""
        names = " ".join(person[column] or "" for column in ("salutation", "firstname", "surname")).split(" ")
        case = person["caserecnumber"]
        return json.dumps({"class": "Opg\\Core\\Model\\Event\\Common\\NoteCreated", "payload": {
            "isPersonAndCaseEvent": False, "isPersonEvent": True, "isCaseEvent": False, "courtReference": case,
            "type": "Case note", "eventDate": when.strftime("%Y-%m-%dT00:00:00+00:00"), "subject": subject,
            "notes": NOTES[subject], "personType": "Client", "personId": int(person["id"]), "personUid": "",
            "personName": " ".join(filter(None, names)), "personCourtRef": case}})

    def timeline(self):
        clients = self.clients_by_case()
        step, rows = self.read("timeline_event")
        rows = [row for row in rows if row["c_case"] in clients]
        self.put(step, [row | {"event": self.note(clients[row["c_case"]], "Migration Notice", self.run_date)}
                        for row in rows])
        away = [(row, values.date(row["c_away_date"])) for row in rows if values.date(row["c_away_date"])]
        self.put(step, self.renumber(step, [
            row | {"event": self.note(clients[row["c_case"]], "Put Away Notice", when),
                   "timestamp": when.strftime("%Y-%m-%d")} for row, when in away]))
        pairs = sorted((int(clients[row["c_case"]]["id"]), int(row["id"]), row["#row"])
                       for row in self.tables["timeline_event"])
        self.made("person_timeline", [{"person_id": str(person), "timelineevent_id": str(event), "casrec_row_id": row}
                                      for person, event, row in pairs])

    def finance_order(self):
        orders, starts = index(self.tables["cases"], "c_order_no"), {}
        for row in self.source["risk_assessment"]:
            if row["Start Date"] not in values.NULLS and values.date(row["Start Date"]) is None:
                self.bad.append(("finance_order", row["casrec_row_id"], "risk_assessment.Start Date", "is not a date"))
            if start := values.date(row["Start Date"]):
                starts[row["Order No"]] = min(start, starts.get(row["Order No"], start))
        step, rows = self.read("finance_order")
        self.put(step, [row | {"order_id": orders[row["c_order_no"]]["id"],
                               "billing_start_date": values.show(starts.get(row["c_order_no"]))}
                        for row in rows if row["c_order_no"] in orders])

    def scheduled_events(self):
        made = []
        for row in self.tables["annual_report_logs"]:
            if row["status"] == "PENDING":
                end = values.date(row["reportingperiodenddate"])
                year = values.years(end, 1) if end and end.year < 9999 else None
                year = year if year and values.held(year) else None
                payload = {"clientId": int(row["client_id"]), "reportingPeriodId": int(row["id"]),
                           "endDate": year.strftime("%Y-%m-%dT00:00:00+00:00") if year else None}
                made.append({"casrec_row_id": row["#row"], "dueby": values.show(year - values.DAY) if year else None,
                             "event": json.dumps({
                                 "class": "Opg\\Core\\Model\\Event\\DeputyshipReporting\\ScheduledReportingPeriodEndDate",
                                 "payload": payload})})
        self.made("scheduled_events_reporting", made)
