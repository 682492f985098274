# SPDX-License-Identifier: MIT
"""The generic row pipeline of the specification, read from the definition files: select, conditions, simple
mapping, transformations, defaults, calculated, lookups, table transforms, ids, types. What single entities do
besides stands in entities.py. A second reading of the specification, to judge the engine's SQL by."""

import csv
import glob
import json
import os
import re

import decisions
import values

FIELDS = csv.field_size_limit(1 << 30)
SILENT = ("calculate_duedate", "calculate_startdate")


class Definitions:
    """The mapping files, lookups and table definitions of one folder."""

    def __init__(self, folder):
        base = os.path.join(folder, "mapping_definitions")
        self.mappings = self.read(os.path.join(base, "*_mapping.json"), "_mapping.json")
        self.lookups = self.read(os.path.join(base, "lookups", "*_lookup.json"), ".json")
        with open(os.path.join(base, "tables", "table_definitions.json"), encoding="utf-8") as file:
            self.tables = json.load(file)

    @staticmethod
    def read(pattern, ending):
        found = {}
        for path in sorted(glob.glob(pattern)):
            with open(path, encoding="utf-8") as file:
                found[os.path.basename(path)[: -len(ending)]] = json.load(file)
        return found

    def types(self, table):
        """The type of each column of a destination: its mappings' columns."""
        return {target: entry["sirius_details"]["data_type"]
                for name, definition in self.tables.items() if definition["destination_table_name"] == table
                for target, entry in self.mappings[name].items()}


def load_source(folder):
    """The landed tables: each row a dictionary of texts and casrec_row_id, parts in order of their names."""
    tables = {}
    for path in sorted(glob.glob(os.path.join(folder, "*.csv"))):
        name = os.path.basename(path).split(".")[0].lower()
        if name[-1].isdigit():
            name = re.sub(r"[^a-z_]", "", name)
        rows = tables.setdefault(name, [])
        with open(path, newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                rows.append({column: "" if text in values.NULLS else text for column, text in row.items()}
                            | {"casrec_row_id": len(rows) + 1})
    return tables


def extra_name(column):
    return "c_" + column.lower().replace(" ", "_").replace(".", "")


def as_list(value):
    return value if isinstance(value, list) else [value]


def plain(value):
    """A default as the text that the pipeline carries."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


class Step:
    """The rows of one mapping up to its own table transforms: everything that is text."""

    def __init__(self, definitions, name, run_date):
        self.definitions, self.name, self.run_date = definitions, name, run_date
        self.mapping = definitions.mappings[name]
        self.table = definitions.tables[name]
        self.bad = []

    def columns(self):
        return [(target, entry["transform_casrec"]) for target, entry in self.mapping.items()]

    def mapped(self):
        return [(target, how) for target, how in self.columns()
                if how["casrec_table"] and how["casrec_column_name"] not in ("", [])]

    def frame(self, source):
        """Step 0: the selected columns by alias, and the additional ones by their c_ names."""
        pairs = [pair for _, how in self.mapped()
                 for pair in zip(as_list(how["alias"]), as_list(how["casrec_column_name"]))]
        extra = [column for column in self.table["source_table_additional_columns"] if column]
        for transform in self.table["table_transforms"].values():
            extra += [column for column in transform["source_cols"] if column not in extra]
        for row in source:
            made = {alias: row[column] for alias, column in pairs}
            made |= {extra_name(column): row[column] for column in extra}
            yield made | {"casrec_row_id": row["casrec_row_id"]}

    def read(self, tables):
        """The rows after conditions, mapping, defaults, lookups and table transforms, not yet numbered."""
        rows = list(self.frame(tables[self.table["source_table_name"]]))
        rows = Conditions(self.table["source_conditions"], tables).apply(rows)
        rows = [self.map(row) for row in rows]
        for name in self.table["table_transforms"]:
            rows = [decisions.apply(name, row, self.run_date) for row in rows]
        return rows

    def constants(self):
        """A row that has no source: defaults and what is calculated."""
        return self.defaults({})

    def map(self, row):
        made = {column: text for column, text in row.items()
                if column.startswith("c_") or column == "casrec_row_id"}
        for target, how in self.mapped():
            made[target] = self.value(target, how, row)
        self.defaults(made)
        for target, how in self.columns():
            if how["lookup_table"] and how["requires_transformation"] != "conditional_lookup":
                made[target] = self.look_up(how, made[target], row)
        return made

    def value(self, target, how, row):
        aliases = as_list(how["alias"])
        if how["requires_transformation"] == "":
            return row[aliases[0]]
        try:
            if how["requires_transformation"] == "conditional_lookup":
                return self.conditional(how, row)
            made = values.TRANSFORMATIONS[how["requires_transformation"]](*(row[alias] for alias in aliases))
            # The original goes on here without a word; a run tells it.
            if made is None and row[aliases[0]] != "" and how["requires_transformation"] in SILENT:
                self.bad.append((row["casrec_row_id"], target, f"{row[aliases[0]]!r} is not a date"))
            return made
        except values.Fatal as error:
            self.bad.append((row["casrec_row_id"], target, str(error)))
            return None

    def conditional(self, how, row):
        lookup = self.definitions.lookups[how["lookup_table"]]
        found = lookup.get(row[extra_name(how["additional_columns"])], {}).get("sirius_mapping")
        return row[how["alias"]] if found == how["alias"] else None

    def defaults(self, made):
        for target, how in self.columns():
            default = how["default_value"]
            if default != "" and made.get(target, "") == "":
                made[target] = "" if default == "none" else plain(default)
            if how["calculated"] == "current_date":
                made[target] = self.run_date.strftime("%Y-%m-%d")
        return made

    def look_up(self, how, text, row):
        """A default that is a number is no code of any lookup, a text can be one."""
        number = row[as_list(how["alias"])[0]] == "" and how["default_value"] != "" and not isinstance(how["default_value"], str)
        found = None if number else self.definitions.lookups[how["lookup_table"]].get(text)
        if found is None:
            return plain(how["default_value"])
        return plain(found["sirius_mapping"])

    def typed(self, row):
        """Steps 9 and 10: the row as the destination holds it."""
        made = {}
        for column, text in row.items():
            if column == "casrec_row_id":
                continue
            entry = self.mapping.get(column)
            try:
                made[column] = values.cast(entry["sirius_details"]["data_type"] if entry else "str", text)
            except values.Fatal as error:
                self.bad.append((row.get("casrec_row_id"), column, str(error)))
                made[column] = None
        return made


class Conditions:
    """Source conditions, in the specification's fixed order whatever the order in the file."""

    def __init__(self, conditions, tables):
        self.conditions, self.tables = conditions, tables

    def name(self, row, column):
        return column if column in row else extra_name(column)

    def get(self, row, column):
        return row[self.name(row, column)]

    def apply(self, rows):
        if not rows:
            return rows
        for operator in ("convert_to_timestamp", "greater_than", "less_than", "recent_or_open_invoices",
                         "date_since", "first_x_chars", "exclude_values", "include_values"):
            if operator in self.conditions:
                rows = getattr(self, operator)(rows, self.conditions[operator])
        filled = [column for column, what in self.conditions.items() if what == "not null"]
        if filled:
            rows = self.not_null(rows, filled)
        if "latest" in self.conditions:
            rows = self.latest(rows, self.conditions["latest"])
        for column, value in self.conditions.items():
            if not isinstance(value, dict) and value != "not null":
                rows = [row for row in rows
                        if self.name(row, column) not in row or self.get(row, column) == str(value)]
        return rows

    def convert_to_timestamp(self, rows, how):
        for row in rows:
            day, clock = self.get(row, how["date"]), self.get(row, how["time"])
            try:
                row["c_timestamp"] = values.show(values.day_and_clock(day or "1900-01-01", clock))
            except values.Fatal:  # before all others, and no such column
                row["c_timestamp"] = ""
        return rows

    @staticmethod
    def number(text):
        try:
            return float(values.money(text))
        except values.Fatal:
            bare = text.strip().lower()
            return float(bare) if bare.lstrip("+-") in ("inf", "infinity") and len(bare) - len(bare.lstrip("+-")) < 2 else 0.0

    def compared(self, rows, column, holds):
        """Rows whose number fulfils @holds; the additional column that was compared is a float from then on."""
        kept = [row for row in rows if holds(self.number(self.get(row, column)))]
        name = extra_name(column)
        return [row | ({name: self.shown(row[name])} if name in row else {}) for row in kept]

    def shown(self, text):
        """As Python writes a float; NULL where no double can be that."""
        return None if abs(self.number(text)) == float("inf") else repr(self.number(text))

    def greater_than(self, rows, how):
        return self.compared(rows, how["col"], lambda number: number > how["value"])

    def less_than(self, rows, how):
        return self.compared(rows, how["col"], lambda number: number < how["value"])

    def recent_or_open_invoices(self, rows, how):
        """After the last day of the year before, as the definitions' own checks have it: whatever the time of that day. A left
        join: an invoice with two debts is two rows."""
        debts = {}
        for row in self.tables["sop_aged_debt"]:
            debts[row["Trx Number"]] = debts.get(row["Trx Number"], 0) + 1
        last = values.date(f"{how['tax_year_from']}-03-31 23:59:59")
        return [dict(row) for row in rows
                if (values.date(self.get(row, how["date_col"])) or last) > last or row["c_invoice_no"] in debts
                for _ in range(debts.get(row["c_invoice_no"], 1))]

    def date_since(self, rows, how):
        since = values.date(how["date"])
        return [row for row in rows
                if (found := values.date(self.get(row, how["col"]))) is not None and found >= since]

    def first_x_chars(self, rows, how):
        for row in rows:
            row[how["result_col"]] = self.get(row, how["col"])[: how["num"]]
        return rows

    def exclude_values(self, rows, how):
        return [row for row in rows if self.get(row, how["col"]) not in how["values"]]

    def include_values(self, rows, how):
        return [row for row in rows if self.get(row, how["col"]) in how["values"]]

    def not_null(self, rows, columns):
        kept = [row for row in rows if any(self.get(row, column) not in ("", " ", "0") for column in columns)]
        return [{column: "" if text in ("0", " ") else text for column, text in row.items()} for row in kept]

    def latest(self, rows, how):
        last = {}
        for row in sorted(rows, key=lambda row: self.get(row, how["col"])):
            last[self.get(row, how["per"])] = row
        return sorted(last.values(), key=lambda row: row["casrec_row_id"])
