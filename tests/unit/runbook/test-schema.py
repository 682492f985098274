#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The schema of `slipway` objects judges documents as `slipwayctl runbook check` does.

usage: test-schema.py SLIPWAYCTL SCHEMA

The built-in runbooks satisfy it; what is broken in one of them is refused by both. Prints TAP.
"""
import copy
import json
import os
import pathlib
import subprocess
import sys
import tempfile

CTL, SCHEMA = sys.argv[1:3]

count = 0


def report(fine, name, detail=""):
    global count
    count += 1
    print(f"{'ok' if fine else 'not ok'} {count} - {name}")
    if not fine:
        print("\n".join("# " + line for line in str(detail).splitlines()))


def ctl(*words):
    ended = subprocess.run([CTL, "runbook", *words], capture_output=True, text=True, check=False, timeout=60)
    return ended.returncode, ended.stdout


def steps_with(document, member):
    """The slipway objects of steps, loops' own too, that have the member."""
    def walk(steps):
        for step in steps:
            yield step
            yield from walk(step.get("inputs", {}).get("Steps", []))
    return [step["slipway"] for step in walk(document["mainSteps"]) if member in step.get("slipway", {})]


def misspell(holder, name):
    holder[name + "x"] = holder.pop(name)


#: What is broken: how, in the built-in runbook that has it.
BREAKS = {
    "a member of the document": lambda d: misspell(d["slipway"], "title"),
    "a member of a parameter": lambda d: misspell(d["parameters"]["Cluster"]["slipway"], "widget"),
    "a word of a parameter": lambda d: d["parameters"]["Cluster"]["slipway"].update(widget="slider"),
    "a member of choices": lambda d: d["parameters"]["Cluster"]["slipway"]["choices"].pop("values"),
    "a member of a step in a loop": lambda d: misspell(steps_with(d, "confirm")[0], "confirm"),
    "a word of a step": lambda d: steps_with(d, "effect")[0].update(effect="harmless"),
    "a word of confirm": lambda d: steps_with(d, "confirm")[0]["confirm"].update(how="shout"),
    "a rule": lambda d: steps_with(d, "resume")[0]["resume"].update(rule="R9"),
    "a resume without its rule": lambda d: steps_with(d, "resume")[0]["resume"].pop("rule"),
    "a wait that lists no list": lambda d: steps_with(d, "wait")[0]["wait"].update(gone="NotFound"),
    "a guard without its name": lambda d: steps_with(d, "guards")[0]["guards"][0].pop("guard"),
    "a forecast": lambda d: steps_with(d, "minutes")[0].update(minutes="long"),
}


def check_breaks(validator, folder):
    status, text = ctl("show", "tidy-up-snapshots", "--json")
    whole = json.loads(text)
    for name, break_it in BREAKS.items():
        document = copy.deepcopy(whole)
        break_it(document)
        path = pathlib.Path(folder, "broken.json")
        path.write_text(json.dumps(document))
        status, told = ctl("check", str(path))
        faults = [error.message[:120] for error in validator.iter_errors(document)]
        report(status == 1 and "slipway" in told and faults, f"both refuse {name}", f"{told}\n{faults}")


def main():
    try:
        import jsonschema
    except ImportError:
        return print("1..0 # SKIP python3-jsonschema is not installed")
    os.environ["SLIPWAY_RUNBOOKS"] = "/nonexistent"
    schema = json.loads(pathlib.Path(SCHEMA).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    names = [line.split()[0] for line in ctl("list")[1].splitlines()]
    report(names, "there are built-in runbooks")
    for name in names:
        document = json.loads(ctl("show", name, "--json")[1])
        faults = [f"{list(e.absolute_path)}: {e.message[:200]}" for e in validator.iter_errors(document)]
        report("slipway" in document and not faults, f"{name} satisfies the schema", "\n".join(faults))
    with tempfile.TemporaryDirectory() as folder:
        check_breaks(validator, folder)
    return print(f"1..{count}")


main()
