#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The example migration uses every concept, its own check passes, and its source data is what it was.

usage: test-example.py SLIPWAYCTL

Reads data/example as the engine does, and holds it against the lists of what there is. Prints TAP.
"""
import csv
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "data/example"
CTL = sys.argv[1]

TRANSFORMATIONS = """squash_columns convert_to_bool get_max_col capitalise multiply_by_100 absolute_value money_poundPence
    first_two_chars add_one_year start_of_tax_year end_of_tax_year fee_reduction_end_date credit_type_from_invoice_ref
    calculate_duedate calculate_startdate is_at_least_one_set coalesce convert_to_timestamp first_word last_words
    capitalise_first_letter unique_number conditional_lookup""".split()
OPERATORS = """convert_to_timestamp greater_than less_than recent_or_open_invoices date_since first_x_chars exclude_values
    include_values latest""".split()
TYPES = "str int bigint bool date datetime Decimal dict".split()
WHEN = ["value", "list", "not", "<", "<=", ">", ">=", "unset", "sql"]

count = 0


def report(fine, name, detail=""):
    global count
    count += 1
    print(f"{'ok' if fine else 'not ok'} {count} - {name}")
    if not fine:
        print("\n".join("# " + line for line in str(detail).splitlines()))


def all_of(name, used, wanted):
    missing = sorted(set(wanted) - set(used))
    report(not missing, f"example/uses_every_{name}", f"of no use in data/example: {missing}")


def read(name):
    return json.loads((EXAMPLE / name).read_text(encoding="utf-8"))


def by_stem(folder, ending):
    return {path.name.removesuffix(ending): read(path.relative_to(EXAMPLE))
            for path in sorted((EXAMPLE / folder).glob("*" + ending))}


MAPPINGS = by_stem("mapping_definitions", "_mapping.json")
LOOKUPS = by_stem("mapping_definitions/lookups", "_lookup.json")
DEFINITIONS = read("mapping_definitions/tables/table_definitions.json")
SIDECAR = read("migration.json")
COLUMNS = [column for mapping in MAPPINGS.values() for column in mapping.values()]
STEPS = [step for entity in SIDECAR["entities"] for step in entity["steps"]]
JOINS = [join for step in STEPS for join in step.get("joins", [])]


def source(column):
    return column["transform_casrec"]


def mapped():
    all_of("transformation", [source(column)["requires_transformation"] for column in COLUMNS], TRANSFORMATIONS)
    all_of("type", [column["sirius_details"]["data_type"] for column in COLUMNS], TYPES)
    all_of("calculation", [source(column)["calculated"] for column in COLUMNS], ["current_date", "uuid4"])
    all_of("kind_of_default", [type(source(column)["default_value"]).__name__ for column in COLUMNS
                               if source(column)["default_value"] != ""], ["str", "int", "float", "bool"])
    used = {
        "default that means NULL": any(source(column)["default_value"] == "none" for column in COLUMNS),
        "default beside a source and a lookup": any(
            source(column)["default_value"] != "" and source(column)["casrec_column_name"]
            and source(column)["lookup_table"] for column in COLUMNS),
        "column without anything": any(
            not any(source(column).values()) and not column["sirius_details"]["is_pk"]
            and not column["sirius_details"]["fk_parents"] for column in COLUMNS),
        "default beside a source alone": any(
            source(column)["default_value"] != "" and source(column)["casrec_column_name"]
            and not source(column)["lookup_table"] for column in COLUMNS),
        "second alias": any(source(column)["alias"] != source(column)["casrec_column_name"] for column in COLUMNS),
        "parent's key": any(column["sirius_details"]["fk_parents"] for column in COLUMNS),
        "synchronised lookup": any(column["prepare"]["sync"] == "sync_lookup" for column in COLUMNS),
        "additional column": any(source(column)["additional_columns"] for column in COLUMNS),
    }
    all_of("way_to_fill_a_column", [name for name, is_used in used.items() if is_used], used)


def looked_up():
    named = {source(column)["lookup_table"].removesuffix("_lookup") for column in COLUMNS} - {""}
    report(named <= set(LOOKUPS), "example/has_every_lookup_that_it_names", named - set(LOOKUPS))
    values = [entry["sirius_mapping"] for name in named for entry in LOOKUPS[name].values()]
    all_of("kind_of_lookup", [type(value).__name__ for value in values], ["str", "int", "bool"])
    report("" in values and any("" in LOOKUPS[name] for name in named),
           "example/has_a_blank_code_and_a_code_without_a_value")


def conditions():
    used = [(name, value) for definition in DEFINITIONS.values() for name, value in definition["source_conditions"].items()]
    all_of("condition", [name for name, _ in used], OPERATORS)
    report(any(value == "not null" for _, value in used), "example/uses_not_null")
    report(any(not isinstance(value, (dict, list)) and value != "not null" for _, value in used), "example/uses_equality")
    report(any(name.startswith("c_") for name, _ in used), "example/has_a_condition_on_a_carried_column")


def when_forms(rule):
    for test in rule.get("when", {}).values():
        if isinstance(test, dict):
            yield from test
        else:
            yield "list" if isinstance(test, list) else "value"


def sidecar():
    rules = [rule for decision in SIDECAR["decisions"].values() for rule in decision["rules"]]
    decisions = list(SIDECAR["decisions"].values())
    all_of("comparison_of_a_decision", [form for rule in rules for form in when_forms(rule)], WHEN)
    text = json.dumps(SIDECAR)
    used = {
        "joins left": any(join["kind"] == "left" for join in JOINS),
        "joins inner": any(join["kind"] == "inner" for join in JOINS),
        "joins by a condition": any(isinstance(join["on"], str) for join in JOINS),
        "joins with a filter": any("where" in join for join in JOINS),
        "latest of several": any("DESC" in order for join in JOINS for order in join.get("pick", {}).get("order", [])),
        "source": any(join["relation"].startswith("source.") for join in JOINS if isinstance(join["relation"], str)),
        "transform": any(join["relation"].startswith("transform.") for join in JOINS if isinstance(join["relation"], str)),
        "query": any(isinstance(join["relation"], dict) for join in JOINS),
        "rows from elsewhere": any(isinstance(step.get("from", {}).get("relation"), str) for step in STEPS),
        "rows from a query": any(isinstance(step.get("from", {}).get("relation"), dict) for step in STEPS),
        "rows from elsewhere with a filter": any("where" in step.get("from", {}) for step in STEPS),
        "join table": any(definition["table_type"] == "join" for definition in DEFINITIONS.values()),
        "two steps of one mapping": any("name" in step for step in STEPS),
        "columns by expression": any("columns" in step for step in STEPS),
        "carried column by expression": any(name.startswith("c_") for step in STEPS for name in step.get("columns", {})),
        "filter of a step": any("where" in step for step in STEPS),
        "final ids": any(step.get("ids") == "final" for step in STEPS),
        "update": any("update" in step for step in STEPS),
        "JSON column": any("json" in step for step in STEPS),
        "late id": '"$late"' in text,
        "value in JSON": '"$sql"' in text,
        "prerequisite": any(entity.get("needs") for entity in SIDECAR["entities"]),
        "run date": "{run_date}" in text,
        "value of a run": "{values." in text,
        "decision by the last rule": any(decision.get("policy") == "last" for decision in decisions),
        "decision by the first rule": any(decision.get("policy") == "first" for decision in decisions),
        "decision's local": any("let" in decision for decision in decisions),
        "decision's default": any("default" in decision for decision in decisions),
        "all unset": any("unset" in rule for rule in rules),
        "any set": any("anySet" in rule for rule in rules),
        "output by expression": any(isinstance(value, dict) for rule in rules for value in rule["set"].values()),
        "uid with Luhn": any(uid.get("check") == "luhn" and len(uid["tables"]) > 1 for uid in SIDECAR["uids"]),
        "rule in place": any("sql" in rule for rule in SIDECAR["rules"]),
        "rule in a file": any("file" in rule for rule in SIDECAR["rules"]),
        "rule for a mapping": any("mapping" in rule for rule in SIDECAR["rules"]),
        "hook": any({"setup", "audit", "update", "validate"} <= set(hook) for hook in SIDECAR["hooks"]),
        "filter": any(rule.get("follows") for rule in SIDECAR["filters"]),
        "filter that is off": any(rule.get("enabled") is False for rule in SIDECAR["filters"]),
        "gate": {"load", "transform", "validation"} <= set(SIDECAR["gates"]),
        "function": bool(SIDECAR["functions"]),
        "validation of its own": any(queries.get("columns") for queries in SIDECAR["validation"]["queries"]),
        "validation that is none": bool(SIDECAR["validation"]["readBack"]),
        "encoding": any("encoding" in table for table in SIDECAR["source"]["tables"].values()),
        "delimiter": any("delimiter" in table for table in SIDECAR["source"]["tables"].values()),
        "parts": any("files" in table for table in SIDECAR["source"]["tables"].values()),
        "expected headers": "headers" in SIDECAR["source"],
    }
    all_of("concept_of_the_sidecar", [name for name, is_used in used.items() if is_used], used)
    schema = json.loads((ROOT / "data/migration/migration.schema.json").read_text(encoding="utf-8"))["$defs"]
    for name, members in (("step", STEPS), ("join", JOINS), ("filter", SIDECAR["filters"]), ("decision", decisions),
                          ("rule", rules), ("hook", SIDECAR["hooks"]), ("businessRule", SIDECAR["rules"])):
        all_of(f"member_of_a_{name}", [member for one in members for member in one], schema[name]["properties"])


def targets():
    tables = read("tables.json")
    existing = [table["existing_data"] for table in tables.values() if "existing_data" in table]
    report(any(one["conditions"] and one["keep_original_data"] for one in existing), "example/matches_existing_rows")
    report({sequence["type"] for table in tables.values() for sequence in table["sequences"]} == {"pk", "uid"},
           "example/uses_both_kinds_of_sequences")
    copied = read("tables_to_copy_from_sirius.json")
    text = (EXAMPLE / "target.sql").read_text(encoding="utf-8")
    made = set(re.findall(r"^CREATE TABLE (\w+)", text, re.M))
    report(set(tables) | set(copied) <= made, "example/target_has_every_table", (set(tables) | set(copied)) - made)
    columns = {table: set(re.findall(r"^  (\w+) ", body, re.M)) for table, body in
               re.findall(r"^CREATE TABLE (\w+) \(\n(.*?)^\);", text, re.M | re.S)}
    missing = [f"{name}.{column}" for name, mapping in MAPPINGS.items() for column in mapping
               if column not in columns[DEFINITIONS[name]["destination_table_name"]]]
    report(not missing, "example/target_has_every_column", missing)
    fulfilled = {step["mapping"] for step in STEPS} | {rule.get("mapping") for rule in SIDECAR["rules"]}
    report(set(MAPPINGS) == set(DEFINITIONS) == fulfilled - {None}, "example/every_mapping_has_a_step",
           set(MAPPINGS) ^ (fulfilled - {None}))
    report(set(read("validation_mapping.json")) <= set(MAPPINGS), "example/validates_mappings_that_there_are")


def anonymised(generated):
    classes = SIDECAR["case"]["classes"]
    all_of("class_of_the_extract", [name for table in classes.values() for name in table.values()],
           "keep blank key given-name family-name full-name organisation address town postcode phone email date number text"
           .split())
    report(generated == {table: list(columns) for table, columns in classes.items()},
           "example/every_column_has_a_class", f"{generated}\n{classes}")


def headers(folder):
    """The columns of each landing table, from the files themselves."""
    found = {}
    for table in SIDECAR["source"]["tables"]:
        options = SIDECAR["source"]["tables"][table]
        for name in options.get("files", [table + ".csv"]):
            with open(folder / name, encoding=options.get("encoding", "utf-8"), newline="") as file:
                found.setdefault(table, next(csv.reader(file, delimiter=options.get("delimiter", ","))))
    return found


def places(node, path=()):
    """Every object's members in a value."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        if isinstance(node, dict):
            yield (*path, key)
        yield from places(value, (*path, key))


def misspelt(document, path):
    """A copy in which one member has another name."""
    copy = json.loads(json.dumps(document))
    node = copy
    for key in path[:-1]:
        node = node[key]
    node[path[-1] + "x"] = node.pop(path[-1])
    return copy


def settings_schema():
    """The schema of the generator's settings judges as the generator does."""
    try:
        import jsonschema  # pylint: disable=import-outside-toplevel
    except ImportError:
        global count  # pylint: disable=global-statement
        count += 1
        return print(f"ok {count} - generate/schema # SKIP python3-jsonschema is not installed")
    schema = json.loads((ROOT / "data/migration/generate.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    settings = [EXAMPLE / "generate.json", ROOT / "tests/migration/casrec/generate.json",
                ROOT / "tests/unit/migration/fixtures/generate/kinds.json"]
    for path in settings:
        faults = [error.message for error in validator.iter_errors(json.loads(path.read_text(encoding="utf-8")))]
        report(not faults, f"generate/schema_accepts_{path.parent.name}", "\n".join(faults[:3]))
    document = json.loads(settings[2].read_text(encoding="utf-8"))
    free = ("values", "rows", "several", "lists", "picks", "is")
    wrong = [path for path in places(document) if len(path) < 2 or path[-2] not in free]
    differing = []
    with tempfile.TemporaryDirectory() as folder:
        for path in wrong[::3]:
            changed = misspelt(document, path)
            pathlib.Path(folder, "settings.json").write_text(json.dumps(changed), encoding="utf-8")
            refused = ctl("generate", "--clients", 1, "--settings", pathlib.Path(folder, "settings.json"), "--output",
                          pathlib.Path(folder, "out"), "--definitions", settings[2].parent).returncode == 1
            if not refused or validator.is_valid(changed):
                differing.append(f"{path}: {'refused' if refused else 'taken'} by the generator")
    report(wrong and not differing, f"generate/schema_refuses_what_the_generator_refuses_{len(wrong[::3])}_times",
           "\n".join(differing[:9]))
    return None


def ctl(*words):
    return subprocess.run([CTL, "migrate", *map(str, words)], capture_output=True, text=True, check=False, timeout=120)


def generated():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder, "source")
        ended = ctl("generate", "--clients", 100, "--seed", 1, "--settings", EXAMPLE / "generate.json", "--output", folder)
        report(ended.returncode == 0, "example/generates", ended.stderr)
        told = (EXAMPLE / "headers.txt").read_text(encoding="utf-8")
        files = re.findall(r"^==> (\S+) <==$", told, re.M)
        report(sorted(files) == sorted(path.name for path in folder.glob("*.csv")), "example/names_the_header_of_every_file",
               files)
        columns = headers(folder)
        lines = dict(re.findall(r"^==> (\S+?)[0-9]*\.csv <==\n(.*)$", told, re.M))
        tables = SIDECAR["source"]["tables"]
        report(lines == {table: tables[table].get("delimiter", ",").join(names) for table, names in columns.items()},
               "example/headers_are_those_that_are_generated", f"{lines}\n{columns}")
        kinds = {row["defect"] for row in csv.DictReader(open(folder / "PLANTED.tsv", encoding="utf-8"), delimiter="\t")}
        report(kinds >= {"unknown-code", "bad-date", "no-parent", "three-decimals", "blank", "float", "padding"},
               "example/plants_defects", kinds)
        anonymised(columns)
        bad = ctl("generate", "--clients", 0, "--settings", EXAMPLE / "generate.json", "--output", folder)
        report(bad.returncode == 2 and "--clients 0" in bad.stderr, "generate/refuses_no_clients", bad.stderr)
        pathlib.Path(folder, "mine.csv").write_text("x", encoding="utf-8")
        bad = ctl("generate", "--clients", 1, "--settings", EXAMPLE / "generate.json", "--output", folder)
        report(bad.returncode == 1 and "mine.csv" in bad.stderr, "generate/leaves_files_of_others_alone", bad.stderr)


def expected_headers_are_looked_at():
    """The sidecar names them from its own folder; the check knows the source's columns by them."""
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder, "copy")
        shutil.copytree(EXAMPLE, copy)
        path = copy / "headers.txt"
        path.write_text(path.read_text(encoding="utf-8").replace(",Surname,", ",Family,"), encoding="utf-8")
        ended = ctl("check", copy)
        report(ended.returncode == 1 and "members_mapping.json" in ended.stdout and "Surname" in ended.stdout,
               "check/holds_source_columns_against_the_headers_that_the_sidecar_names", ended.stdout + ended.stderr)


def main():
    mapped()
    looked_up()
    conditions()
    sidecar()
    targets()
    generated()
    settings_schema()
    ended = ctl("check", EXAMPLE)
    report(ended.returncode == 0 and ended.stdout == "0 errors, 0 warnings, 0 notes\n", "example/passes_its_check",
           ended.stdout + ended.stderr)
    expected_headers_are_looked_at()
    print(f"1..{count}")


main()
