#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The schema of migration.json judges sidecars as `slipwayctl migrate check` does.

usage: test-schema.py SLIPWAYCTL SCHEMA SIDECAR...

Each SIDECAR satisfies it. In the first one, every value is put for another, every object gets a member that nobody knows,
and every member is misspelt, one after the other: what the schema refuses, the check refuses. Prints TAP.
"""
import copy
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

CTL, SCHEMA, *SIDECARS = sys.argv[1:]

count = 0


def report(fine, name, detail=""):
    global count
    count += 1
    print(f"{'ok' if fine else 'not ok'} {count} - {name}")
    if not fine:
        print("\n".join("# " + line for line in str(detail).splitlines()))


def places(node, path=()):
    """Every place in a value, the value itself excepted."""
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from places(value, (*path, key))


def at(node, path):
    for key in path:
        node = node[key]
    return node


class Check:
    """A copy of the sidecar's folder in which the sidecar is put for others."""

    def __init__(self, sidecar, folder):
        self.folder = pathlib.Path(folder, "copy")
        shutil.copytree(sidecar.parent, self.folder)

    def errors(self, document):
        (self.folder / "migration.json").write_text(json.dumps(document))
        ended = subprocess.run([CTL, "migrate", "check", self.folder, "--json"], capture_output=True, text=True,
                               check=False, timeout=60)
        return [f"{found.get('path')}: {found['message']}" for found in json.loads(ended.stdout)["findings"]
                if found["severity"] == "error" and found["file"] == "migration.json"]


def value_for(value, turn):
    """What is put in place of a value: by turns a number, a list and an object."""
    others = [other for other in (7, [7], {"zz": 7}) if type(other) is not type(value)]
    return others[turn % len(others)]


def compare(validator, check, document):
    wrong = []
    unknown = []
    tried = 0
    for path in places(document):
        holder = copy.deepcopy(document)
        value = at(holder, path)
        if isinstance(value, dict):
            value["zz"] = 7
            tried += 1
            if not validator.is_valid(holder) and not check.errors(holder):
                unknown.append(f"{path}: a member zz is refused by the schema alone")
        holder = copy.deepcopy(document)
        other = at(holder, path[:-1])[path[-1]] = value_for(at(document, path), tried)
        tried += 1
        if not validator.is_valid(holder) and not check.errors(holder):
            wrong.append(f"{path} = {other!r} is refused by the schema alone")
    report(not unknown, "members that the schema refuses, the check refuses", "\n".join(unknown))
    report(not wrong, f"values that the schema refuses, the check refuses ({tried} tried)", "\n".join(wrong))


def misspell(validator, check, document):
    """Each member of an object with fixed members, misspelt."""
    wrong = []
    for path in places(document):
        if not isinstance(path[-1], str):
            continue
        holder = copy.deepcopy(document)
        owner = at(holder, path[:-1])
        owner[path[-1] + "x"] = owner.pop(path[-1])
        if not validator.is_valid(holder) and not check.errors(holder):
            wrong.append(f"{path}: misspelt, it is refused by the schema alone")
    report(not wrong, "members that are misspelt are refused by both", "\n".join(wrong))


def main():
    try:
        import jsonschema
    except ImportError:
        return print("1..0 # SKIP there is no python3-jsonschema")
    schema = json.loads(pathlib.Path(SCHEMA).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for sidecar in SIDECARS:
        document = json.loads(pathlib.Path(sidecar).read_text(encoding="utf-8"))
        faults = [f"{fault.json_path}: {fault.message[:200]}" for fault in validator.iter_errors(document)]
        report(not faults, f"{pathlib.Path(sidecar).parent.name}/migration.json satisfies it", "\n".join(faults))
    sidecar = pathlib.Path(SIDECARS[0])
    document = json.loads(sidecar.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        check = Check(sidecar, folder)
        report(check.errors(document) == [], "the check finds no error in the first one", check.errors(document))
        compare(validator, check, document)
        misspell(validator, check, document)
    return print(f"1..{count}")


main()
