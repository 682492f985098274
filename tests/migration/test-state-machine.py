#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The state machine that `slipwayctl migrate state-machine` makes, held to the specification of the Amazon States Language,
which is read here a second time and apart from the rehearsal's interpreter.

usage: test-state-machine.py SLIPWAYCTL
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/rehearsal")]

# pylint: disable=wrong-import-position
import drive  # noqa: E402

EXAMPLE = ROOT / "data/example"
COMMON = {"Type", "Comment", "InputPath", "OutputPath"}
FIELDS = {
    "Task": COMMON | {"Resource", "Next", "End", "Parameters", "ResultSelector", "ResultPath", "Retry", "Catch",
                      "TimeoutSeconds", "HeartbeatSeconds"},
    "Pass": COMMON | {"Next", "End", "Parameters", "Result", "ResultPath"},
    "Choice": COMMON | {"Choices", "Default"},
    "Succeed": COMMON,
    "Fail": {"Type", "Comment", "Error", "Cause", "ErrorPath", "CausePath"},
}
TESTS = {"StringEquals", "StringMatches", "NumericEquals", "NumericGreaterThan", "IsPresent", "IsString"}
CALL = re.compile(r"^States\.(Array|Format|StringToJson)\((.*)\)$", re.S)
PATH = re.compile(r"^\$\$?(\.[A-Za-z0-9_]+(\[\d+\])?)*$")


def strict_json(text):
    """JSON in which no member is given twice, as Python's own reader would let pass."""
    def pairs(items):
        names = [name for name, _ in items]
        if len(set(names)) != len(names):
            raise ValueError(f"a member is given twice: {names}")
        return dict(items)
    return json.loads(text, object_pairs_hook=pairs)


def templates(value, where):
    """Faults of a payload template."""
    if isinstance(value, list):
        for item in value:
            yield from templates(item, where)
    elif isinstance(value, dict):
        for name, item in value.items():
            if not name.endswith(".$"):
                yield from templates(item, where)
            elif not isinstance(item, str) or not (PATH.match(item) or CALL.match(item)):
                yield f"{where}: {name} is neither a path nor a call: {item}"


def handlers(state, name):
    for kind in ("Retry", "Catch"):
        for number, one in enumerate(state.get(kind, [])):
            errors = one["ErrorEquals"]
            if not errors or ("States.ALL" in errors and (len(errors) > 1 or number + 1 < len(state[kind]))):
                yield f"{name}: {kind} {number} names {errors}"
            if kind == "Retry" and not (one.get("BackoffRate", 2) >= 1 and one.get("IntervalSeconds", 1) >= 1
                                        and one.get("MaxDelaySeconds", 10 ** 6) > one.get("IntervalSeconds", 1)):
                yield f"{name}: Retry {number} is out of its ranges"


def rules(rule, name):
    inner = rule.get("And", rule.get("Or", [rule["Not"]] if "Not" in rule else None))
    tests = TESTS & set(rule)
    if (inner is None) == (not tests) or len(tests) > 1:
        yield f"{name}: a rule has not just one test: {rule}"
    if tests and not PATH.match(rule["Variable"]):
        yield f"{name}: {rule['Variable']} is no path"
    unknown = set(rule) - TESTS - {"And", "Or", "Not", "Variable", "Next", "Comment"}
    if unknown:
        yield f"{name}: {unknown} are no members of a rule"
    for one in inner or []:
        if "Next" in one:
            yield f"{name}: a rule inside of another has Next"
        yield from rules(one, name)


def targets(state):
    return [state[member] for member in ("Next", "Default") if member in state] + [
        one["Next"] for kind in ("Choices", "Catch") for one in state.get(kind, [])]


def faults(machine):
    if set(machine) - {"Comment", "StartAt", "States", "TimeoutSeconds", "Version"}:
        yield f"the machine has {sorted(machine)}"
    states, reached, open_ = machine["States"], set(), [machine["StartAt"]]
    for name, state in states.items():
        kind = state["Type"]
        if len(name) > 80 or set(state) - FIELDS[kind]:
            yield f"{name}: {sorted(set(state) - FIELDS[kind])} are no fields of {kind}"
        if kind in ("Task", "Pass") and ("Next" in state) == bool(state.get("End")):
            yield f"{name}: not just one of Next and End"
        if kind == "Task" and not 0 < state["HeartbeatSeconds"] < state["TimeoutSeconds"]:
            yield f"{name}: its heartbeat is not shorter than its time-out"
        if not re.match(r"^\$(\.[A-Za-z0-9_]+)*$", state.get("ResultPath", "$")):
            yield f"{name}: {state['ResultPath']} is no reference path"
        for member in ("Parameters", "ResultSelector"):
            yield from templates(state.get(member, {}), name)
        yield from handlers(state, name)
        for rule in state.get("Choices", []):
            yield from rules(rule, name)
        for member in ("CausePath", "ErrorPath"):
            if member in state and not CALL.match(state[member]):
                yield f"{name}: {state[member]} is no call"
    while open_:
        name = open_.pop()
        if name not in states:
            yield f"{name} is led to and is no state"
        elif name not in reached:
            reached.add(name)
            open_ += targets(states[name])
    if set(states) - reached:
        yield f"nothing leads to {sorted(set(states) - reached)}"
    if not any(state["Type"] in ("Succeed", "Fail") or state.get("End") for state in states.values()):
        yield "it has no end"


def call(slipwayctl, *words):
    return subprocess.run([slipwayctl, "migrate", "state-machine", *map(str, words)], capture_output=True, text=True, check=False)


def make(slipwayctl, *words):
    done = call(slipwayctl, EXAMPLE, *words)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return strict_json(done.stdout)


def order(machine):
    """The stages in the order in which the machine runs them."""
    name, found = machine["StartAt"], []
    while name is not None:
        state = machine["States"][name]
        if state["Type"] == "Task":
            found.append(name)
        name = state.get("Next") or (state["Choices"][0]["Next"] if name in (machine["StartAt"], "where to begin") else state.get("Default"))
    return found


def files_of_a_task(slipwayctl, machine, *left_out):
    """What the first stage's command leaves where state is kept, when nobody says where that is and there is no home."""
    given = machine["States"]["load"]["Parameters"]["Overrides"]["ContainerOverrides"][0]["Command.$"]
    words = [word.strip("'") for word in given[len("States.Array("):-1].split(", ")]
    words = ["2022-06-15" if word == "$.runDate" else word for word in words if word not in left_out]
    nobody = "host=127.0.0.1 port=1 connect_timeout=1"
    with tempfile.TemporaryDirectory() as folder:
        environment = {"XDG_STATE_HOME": folder, "SLIPWAY_MIGRATION_DB": nobody, "SLIPWAY_TARGET_DB": nobody,
                       **{name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}}
        done = subprocess.run([slipwayctl, *words], env=environment, capture_output=True, text=True, check=False)
        files = [name for _, _, names in os.walk(folder) for name in names]
    return files, done.stderr


def main():
    slipwayctl = os.path.abspath(sys.argv[1])
    tap = drive.Tap()
    variants = {"plain": (), "landed": ("--landed",), "short": ("--skip", "hooks", "--skip", "load"),
                "awkward": ("--folder", "/m'i{g}\\r", "--container", "c", "--connections", "4", "--timeout", "9", "--heartbeat",
                            "3", "--value", "source=it's {here}")}
    made = {name: make(slipwayctl, *words) for name, words in variants.items()}
    for name, machine in made.items():
        wrong = list(faults(machine))
        tap.result(not wrong, f"state-machine/{name}_is_amazon_states_language", "\n".join(wrong))
    plain = made["plain"]
    stages = order(plain)
    begin = {rule["StringEquals"]: rule["Next"] for rule in plain["States"]["where to begin"]["Choices"]}
    tap.result(begin == {"": "load", **{stage: stage for stage in stages}}
               and plain["States"]["where to begin"]["Default"] == "wrong input", "state-machine/begins_where_it_is_told_to", begin)
    tap.result(stages[0] == "load" and stages.index("integration") < stages.index("load_to_target") < stages.index("validation"),
               "state-machine/runs_the_stages_in_order", stages)
    tasks = [plain["States"][stage] for stage in stages]
    retried = {error for task in tasks for one in task["Retry"] for error in one["ErrorEquals"]}
    tap.result(all(error.startswith(("ECS.", "AmazonECS.")) for error in retried),
               "state-machine/tries_again_what_ecs_refuses_and_no_stage", retried)
    tap.result(all(task["Resource"] == "arn:aws:states:::ecs:runTask.sync" and task["Catch"][-1]["ErrorEquals"] == ["States.ALL"]
                   for task in tasks), "state-machine/catches_whatever_a_stage_ends_with")
    named = {plain["States"][task["Catch"][-1]["Next"]]["Parameters"]["stage"] for task in tasks}
    tap.result(named == set(stages), "state-machine/says_which_stage_failed", named)
    commands = [json.dumps(task["Parameters"]["Overrides"]) for task in tasks]
    tap.result(all("--keep-done" in one and "_DB" not in one and "password" not in one.lower() for one in commands),
               "state-machine/holds_no_connection_and_keeps_what_is_done")
    here = make(slipwayctl, "--folder", EXAMPLE)
    files, told = files_of_a_task(slipwayctl, here)
    logged, _ = files_of_a_task(slipwayctl, here, "--no-log")
    tap.result(not files and "migration database" in told and "ledger.db" in logged,
               "state-machine/a_task_without_a_home_writes_no_log_of_its_own", (files, logged, told))
    tap.result("--source" not in json.dumps(made["landed"]) and order(made["short"])[0] != "load",
               "state-machine/leaves_out_what_it_is_told_to")
    wrong = [one for one in (json.dumps(state) for state in made["short"]["States"].values() if state["Type"] == "Task")
             if "'--skip', 'hooks', '--skip', 'load'" not in one]
    tap.result(not wrong, "state-machine/tells_each_stage_what_is_left_out", wrong)
    quoted = made["awkward"]["States"]["load"]["Parameters"]["Overrides"]["ContainerOverrides"][0]["Command.$"]
    tap.result(r"'/m\'i\{g\}\\r'" in quoted and r"'source=it\'s \{here\}'" in quoted,
               "state-machine/quotes_what_a_function_would_read", quoted)
    again = call(slipwayctl, EXAMPLE).stdout
    digest = call(slipwayctl, EXAMPLE, "--sha256").stdout.strip()
    tap.result(again == call(slipwayctl, EXAMPLE).stdout and re.fullmatch("[0-9a-f]{64}", digest)
               and digest != call(slipwayctl, EXAMPLE, "--landed", "--sha256").stdout.strip(),
               "state-machine/is_the_same_for_the_same", digest)
    for words, told in ((("--skip", "dance"), "there is no stage dance"), (("--heartbeat", "18000"), "must be shorter"),
                        (("--value", "nothing=1"), "nothing"), (("--landed", "--source", "/s"), "exclude each other")):
        done = call(slipwayctl, EXAMPLE, *words)
        tap.result(done.returncode in (1, 2) and told in done.stderr, f"state-machine/refuses{'_'.join(words)}", done.stderr)
    digests = dict(re.findall("(definitions|sidecar) sha256:([0-9a-f]{64})", plain["Comment"]))
    tap.result(len(digests) == 2 and all(f"'--{name}-sha256', '{digest}'" in one for name, digest in digests.items() for one in commands),
               "state-machine/binds_each_task_to_its_definitions", plain["Comment"])
    whole = json.dumps(plain["States"]["check the input"]["Choices"][0]["And"])
    pinned = [stage for stage, one in zip(stages, commands) if "'--integration', $.integration" in one]
    without = json.dumps(make(slipwayctl, "--skip", "integration"))
    tap.result(pinned == ["load_to_target"] and '"$.integration", "StringEquals": ""' in whole and "$.integration" not in without,
               "state-machine/loads_what_was_agreed_to", (pinned, whole))
    for name in digests:
        done = subprocess.run([slipwayctl, "migrate", "stage", "load", EXAMPLE, "--migration-db", "host=127.0.0.1 port=1", "--target-db",
                               "host=127.0.0.1 port=1", f"--{name}-sha256", "0" * 64], capture_output=True, text=True, check=False)
        tap.result(done.returncode == 1 and digests[name] in done.stderr and "was changed since" in done.stderr,
                   f"state-machine/a_task_refuses_other_{name}", done.stderr)
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "SLIPWAY_MIGRATION_DB": '{"host": "h", "password": "open sesame"}', "SLIPWAY_TARGET_DB": "x"}
        done = subprocess.run([slipwayctl, "migrate", "stage", "load", EXAMPLE, "--source", folder], env=environment,
                              capture_output=True, text=True, check=False)
        tap.result(done.returncode == 2 and "SLIPWAY_MIGRATION_DB is neither" in done.stderr
                   and "sesame" not in done.stderr + done.stdout, "state-machine/a_wrong_secret_is_told_and_not_shown",
                   done.stderr)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
