# SPDX-License-Identifier: MIT
"""The corpus of real definitions, where it is at hand, and a target for it: its schema, and a row for each parent that the
definitions name by a fixed id (staff, bond providers), which no file of the source brings."""

import glob
import json
import os

HERE = os.path.dirname(os.path.abspath(__file__))
SIDECAR = os.path.join(HERE, "casrec", "migration.json")
SETTINGS = os.path.join(HERE, "casrec", "generate.json")
SHARED = os.path.join(os.environ.get("SLIPWAY_SHARED", os.path.join(HERE, "..", "..", "..", "shared")), "casrec")
SOURCE = os.path.join(SHARED, "source-1k")
RUN_DATE = "2022-06-15"
PARENTS = {"assignees": "INSERT INTO public.assignees (id, name, type) SELECT n, 'Team ' || n, 'assignee_team'",
           "bond_providers": "INSERT INTO public.bond_providers (id, name) SELECT n, 'Provider ' || n"}
# The finance persons of a target are made by a program of its own: here everybody has one, with the person's own id.
FINANCE_PERSONS = """INSERT INTO public.finance_person (id, person_id, finance_billing_reference, payment_method)
    SELECT n, n, 'R' || n, 'DEMANDED' FROM generate_series (1, {}) AS n;"""


def why_not():
    """Why there is no corpus here, or None."""
    return None if os.path.isdir(SHARED) else f"{SHARED} is absent"


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def parents():
    """The ids that columns of the mappings give, by the table that they point at."""
    found = {table: set() for table in PARENTS}
    folder = os.path.join(SHARED, "mapping_definitions")
    for path in sorted(glob.glob(os.path.join(folder, "*_mapping.json"))):
        for column in read(path).values():
            table = column["sirius_details"]["fk_parents"].split(":")[0]
            if table not in found:
                continue
            rule = column["transform_casrec"]
            found[table].add(rule["default_value"])
            if rule["lookup_table"]:
                lookup = read(os.path.join(folder, "lookups", rule["lookup_table"] + ".json"))
                found[table] |= {entry["sirius_mapping"] for entry in lookup.values()}
    return {table: sorted(int(value) for value in values if value not in ("", "none")) for table, values in found.items()}


def schema_sql():
    """What gives an empty database the target's schema, and no row."""
    with open(os.path.join(SHARED, "target_schema.sql"), encoding="utf-8") as file:
        return "DROP SCHEMA public;\n" + file.read()


def rows_sql(clients=1000):
    """The rows that must be there before a run of so many clients: what casrec/README.md names."""
    found = parents()
    return "\n".join([f"{PARENTS[table]} FROM unnest (ARRAY{sorted(set(ids))}) AS n;" for table, ids in found.items()] + [FINANCE_PERSONS.format(3 * clients)])


def target_sql(clients=1000):
    """What makes an empty database the corpus' target."""
    return schema_sql() + "\n" + rows_sql(clients)
