# SPDX-License-Identifier: MIT
"""Expected rows against those of the schema transform: the first row and column of each mapping that differ."""

import decimal
import json
import uuid

BY_CHANCE = {("finance_ledger", "reference")}


def same(kind, expected, actual):
    if expected is None or actual is None:
        return expected is actual
    if kind == "Decimal":
        return decimal.Decimal(expected) == decimal.Decimal(actual)
    return expected == actual


def is_uuid4(text):
    try:
        return uuid.UUID(text).version == 4
    except (TypeError, ValueError):
        return False


def details(row):
    """The source row that a row says it comes from, as text; None where it says nothing."""
    try:
        found = json.loads(row["casrec_details"])[0].get("casrec_row_id")
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        return None
    return None if found in (None, "") else str(found)


def order(row):
    """Rows with ids in their order; rows of join tables by all that they hold."""
    if row.get("id") is not None:
        return (int(row["id"]),)
    return tuple(int(row[column]) for column in sorted(row) if column.endswith("_id") and not column.startswith("casrec_"))


class Table:
    """One destination."""

    def __init__(self, name, types, expected, actual):
        self.name, self.types = name, types
        self.expected = sorted(expected, key=order)
        self.actual = sorted(actual, key=order)

    def differing(self, want, have):
        """The columns that differ: (name, expected, actual)."""
        columns = [column for column in want if not column.startswith("#")]
        columns += [column for column in self.types if column not in want]
        for column in columns:
            if (self.name, column) in BY_CHANCE:
                if not is_uuid4(have.get(column)):
                    yield column, "a random uuid", have.get(column)
            elif column not in have:
                if want.get(column) is not None or column in self.types:
                    yield column, want.get(column), "no such column"
            elif not same(self.types.get(column), want.get(column), have[column]):
                yield column, want.get(column), have[column]
        source = None if want["#row"] is None else str(want["#row"])
        if details(have) != source:
            yield "casrec_details", f"source row {source}", have.get("casrec_details")

    def faults(self, mapping):
        """What is wrong with the rows of @mapping, the first five, in words."""
        told, rows = [], 0
        for number, want in enumerate(self.expected):
            if want["#mapping"] != mapping:
                continue
            rows += 1
            have = self.actual[number] if number < len(self.actual) else None
            if have is None:
                told.append(f"row {number + 1} of {len(self.expected)} is missing: {self.short(want)}")
                break
            told += [f"row {number + 1}, source row {want['#row']}, {column}: expected {wanted!r}, got {got!r}"
                     for column, wanted, got in self.differing(want, have)]
            if len(told) >= 5:
                break
        if len(self.actual) != len(self.expected):
            told.append(f"{self.name} has {len(self.actual)} rows, expected {len(self.expected)}")
        return rows, told

    @staticmethod
    def short(row):
        return {column: text for column, text in list(row.items())[:6]}
