#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""slipwayctl runbook and plan, from outside.

usage: test-cli.py SLIPWAYCTL SLIPWAY-REHEARSAL

Exports are judged by AWS's own JSON schema of Automation documents (in $SLIPWAY_SHARED); plans are made
on a rehearsal estate. Prints TAP.
"""
import json
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import urllib.request

CTL, SERVER = sys.argv[1:3]
# Nothing here looks at rows of clusters.
os.environ["SLIPWAY_REHEARSAL_POSTGRES"] = "off"
SCHEMA = pathlib.Path(os.environ.get("SLIPWAY_SHARED", ""), "ssm/automation-document.schema.json")
#: What AWS's schema does not know yet.
YOUNGER = {"aws:loop", "aws:updateVariable"}

count = 0


def report(fine, name, detail=""):
    global count
    count += 1
    print(f"{'ok' if fine else 'not ok'} {count} - {name}")
    if not fine:
        print("\n".join("# " + line for line in str(detail).splitlines()))
    return fine


def skip(name, why):
    global count
    count += 1
    print(f"ok {count} - {name} # SKIP {why}")


def run(*words, env=None):
    ended = subprocess.run([CTL, *words], capture_output=True, text=True, check=False, env=env,
                           timeout=120)
    return ended.returncode, ended.stdout, ended.stderr


def age(document):
    """The document as it would have been written before `aws:loop` and variables."""
    document = dict(document)
    document.pop("variables", None)
    steps = []
    for step in document["mainSteps"]:
        steps += step["inputs"]["Steps"] if step["action"] == "aws:loop" else [step]
    document["mainSteps"] = [step for step in steps if step["action"] not in YOUNGER]
    return document


def check_schema(name):
    status, out, err = run("runbook", "export", "--ssm", name, "--format", "json")
    if not report(status == 0 and "slipway:" not in json.dumps(json.loads(out)["parameters"]),
                  f"{name} exports without slipway objects", err):
        return
    document = json.loads(out)
    try:
        import jsonschema
    except ImportError:
        return skip(f"{name} satisfies AWS's schema", "python3-jsonschema is not installed")
    if not SCHEMA.is_file():
        return skip(f"{name} satisfies AWS's schema", f"no {SCHEMA}")
    validator = jsonschema.Draft7Validator(json.loads(SCHEMA.read_text()))
    faults = [f"{list(e.path)}: {e.message[:200]}" for e in validator.iter_errors(age(document))]
    report(not faults, f"{name} satisfies AWS's schema", "\n".join(faults))


def check_formats(folder):
    """YAML and JSON of one export are one document, and one of ours again."""
    paths = [pathlib.Path(folder, "e." + kind) for kind in ("yaml", "json")]
    for path in paths:
        run("runbook", "export", "--ssm", "pre-migration-snapshot", "--format", path.suffix[1:],
            "-o", str(path))
    digests = {json.loads(run("runbook", "show", str(path), "--json")[1])["mainSteps"][0]["name"]
               for path in paths}
    checked = [run("runbook", "check", str(path))[0] for path in paths]
    texts = [json.loads(run("runbook", "show", str(path), "--json")[1]) for path in paths]
    report(len(digests) == 1 and checked == [0, 0] and texts[0] == texts[1],
           "yaml and json exports are the same document", texts)


def check_faults(folder):
    path = pathlib.Path(folder, "bad.yaml")
    path.write_text("schemaVersion: '0.3'\nmainSteps:\n  - name: one\n    action: aws:executeAwsApi\n"
                    "    inputs:\n      Service: rds\n      Api: DescribeDBCluster\n"
                    "    nextStep: two\n")
    status, out, _ = run("runbook", "check", str(path))
    report(status == 1 and out.splitlines() == [
        f"{path}:7:7: $.mainSteps[0].inputs.Api: rds has no operation DescribeDBCluster; did you "
        "mean DescribeDBClusters?",
        f"{path}:8:5: $.mainSteps[0].nextStep: there is no step two"],
        "check tells every fault as file:line:column: path: text", out)
    status, out, _ = run("runbook", "check", "--json", str(path))
    report(status == 1 and [f["line"] for f in json.loads(out)] == [7, 8], "check --json", out)
    status, _, err = run("runbook", "check", str(path) + ".none")
    report(status == 1 and ".none" in err, "check names a file that is not there", err)
    path.write_text("schemaVersion: '0.3'\nmainSteps:\n  - {name: apply, action: 'slipway:migrate',"
                    " inputs: {Operation: report, Run: 1, MigrationDatabase: {Secret: x}}}\n")
    status, out, err = run("runbook", "export", "--ssm", str(path))
    report(status == 1 and "apply" in err and out == "", "export names workstation steps", err)


def check_usage():
    calls = {
        (): 2, ("check",): 2, ("show",): 2, ("export", "pre-migration-snapshot"): 2, ("nothing",): 2,
        ("export", "--ssm", "pre-migration-snapshot", "--format", "xml"): 2, ("show", "nothing"): 1,
        ("list",): 0, ("show", "tidy-up-snapshots"): 0,
    }
    wrong = {words: status for words, want in calls.items()
             if (status := run("runbook", *words)[0]) != want}
    report(not wrong, "runbook's exit statuses", wrong)
    wrong = {words: status for words in ((), ("pre-migration-snapshot",), ("a", "b"))
             if (status := run("plan", *words)[0]) != 2}
    report(not wrong, "plan's usage errors", wrong)


def check_plan(folder, workspace):
    def plan(*words, environment="production"):
        return run("--workspace", workspace, "plan", "pre-migration-snapshot", "--environment",
                   environment, "--started", "2026-11-21T06:30:00Z", *words)

    first = pathlib.Path(folder, "plan.json")
    status, out, err = plan("-o", str(first))
    report(status == 0 and "point of no return" in out and "✗" not in out, "a plan that holds",
           out + err)
    written = json.loads(first.read_text())
    again = json.loads(plan("--json")[1])
    report(again["hash"] == written["hash"] and f"hash {written['hash']}" in out,
           "planning again gives the same hash", again["hash"])
    report(first.stat().st_mode & 0o777 == 0o600, "a plan is its owner's to read")
    parameters = pathlib.Path(folder, "parameters.json")
    parameters.write_text(json.dumps({"CopyName": "api-snapshot-for-copy"}))
    status, out, _ = plan("--parameters", "@" + str(parameters), "--set", "ConsumerExpects=",
                          "--set", "ConsumerTaskDefinition=", "--json")
    report(status == 0 and json.loads(out)["hash"] != written["hash"], "parameters change the hash",
           out[-300:])
    for setting, words in (("CopyNmae=x", "the runbook pre-migration-snapshot has no such parameter"),
                           ("CopyName", "expected NAME=VALUE")):
        told = [run("--workspace", workspace, "--state", str(pathlib.Path(folder, "own")), *verb,
                    "pre-migration-snapshot", "--environment", "production", "--set", setting)
                for verb in (("plan",), ("run", "start"))]
        report(all(status == 2 and f"--set {setting}: {words}" in err for status, _, err in told),
               f"plan and run start alike refuse --set {setting}", told)
    status, out, _ = plan("--set", "CopyName=api-snapshot-for-copy")
    report(status == 1 and "copy-shared-snapshot-api expects api-snpshot-for-copy" in out,
           "a name that the consumer does not read blocks", out)
    status, out, _ = plan("--set", "ReencryptionKey=alias/rds-production")
    report(status == 1 and "✗ block" in out and "cannot be approved" in out,
           "a key without a grant blocks", out)
    status, out, _ = plan("--set", "ReencryptionKey=alias/none")
    report(status == 1 and "✗ block" in out, "a key that is not there blocks", out)
    status, out, _ = plan("--set", "Database=none")
    report(status == 1 and "there is no cluster none-production" in out,
           "a cluster that is not there blocks", out)
    status, _, err = plan("--set", "ShareWith=all")
    report(status == 2 and "ShareWith" in err, "sharing with everybody is refused", err)
    status, _, err = plan("--set", "Nothing=1")
    report(status == 2 and "Nothing" in err, "a parameter that is not there is refused", err)
    status, _, err = plan(environment="staging")
    report(status == 2 and "staging" in err and "production" in err,
           "an environment that is not there is refused", err)


def check_storm(endpoint, workspace):
    fault = json.dumps({"kind": "throttle", "service": "rds", "times": 20}).encode()
    urllib.request.urlopen(endpoint + "/_slipway/faults", fault, timeout=60).close()
    status, out, err = run("--workspace", workspace, "plan", "pre-migration-snapshot", "--environment",
                           "production")
    report(status == 0 and "throttled by AWS, trying again in " in err,
           "a plan outlasts a throttle storm, and says so", out[-300:] + err)


def check_runs(folder, workspace):
    """What is not there is an error, and never an empty answer."""
    def ctl(*words):
        return run("--workspace", workspace, "--state", str(pathlib.Path(folder, "own")), *words)

    plan = pathlib.Path(folder, "plan.json")
    ctl("run", "start", str(plan))
    runs = [entry["id"] for entry in json.loads(ctl("run", "list", "--json")[1])]
    log = pathlib.Path(folder, "log.jsonl")
    whole = ctl("ledger", "list", "--run", runs[0])[1]
    report(whole and all(ctl("ledger", "list", "--run", name)[1] == whole for name in ("last", runs[0][:12])),
           "ledger list takes last and the beginning of an id", whole)
    told = [ctl("ledger", "export", "--run", name, "-o", str(log))[2] for name in (runs[0], "last")]
    verified = ctl("ledger", "verify", str(log))[1]
    report(told[0].split(" of ")[0] == told[1].split(" of ")[0] and f"run {runs[0]}" in verified
           and ": 0 of" not in told[1], "ledger export takes last", told + [verified])
    log.unlink()
    wrong = {words: got for words in (
        ("export", "--run", "typo", "-o", str(log)), ("list", "--run", "typo"), ("list", "--environment", "typo"))
        if (got := ctl("ledger", *words))[0] != 2 or "typo" not in got[2]}
    report(not wrong and not log.exists(), "a run or an environment that is not there is refused", wrong)
    report(ctl("ledger", "list", "--environment", "development")[0] == 0,
           "an environment without entries is none")
    for _ in range(3):
        ctl("run", "start", str(plan))
    check_edited(folder, workspace, plan)


def check_edited(folder, workspace, plan):
    """What opens, since its end is right, need not be what was written."""
    state = pathlib.Path(folder, "edited")
    shutil.copytree(pathlib.Path(folder, "own"), state)
    with sqlite3.connect(state / "ledger.db") as ledger:
        triggers = ledger.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            ledger.execute(f'DROP TRIGGER "{name}"')
        ledger.execute("UPDATE entry SET body = replace (body, 'run.planned', 'run.plannes') WHERE seq = 2")
        before = ledger.execute("SELECT count(*) FROM entry").fetchone()
        for _, text in triggers:
            ledger.execute(text)
    status, _, err = run("--workspace", workspace, "--state", str(state), "run", "start", str(plan))
    with sqlite3.connect(state / "ledger.db") as ledger:
        after = ledger.execute("SELECT count(*) FROM entry").fetchone()
    report(status == 1 and "entry 2 " in err and "No run is added" in err and "--state" in err and before == after,
           "no run is added to an edited audit log", f"{before} {after} {err}")


def check_broken_plans(folder, workspace):
    text = pathlib.Path(folder, "plan.json").read_text()
    broken = {"cut.json": (text[:len(text) // 2], r"cut\.json.*\b\d+:\d+"), "garbage": ("a: b: c\n", r"garbage.*\n.*1:\d+"),
              "empty.json": ("{}", r"empty\.json")}
    wrong = {}
    for name, (content, pattern) in broken.items():
        path = pathlib.Path(folder, name)
        path.write_text(content)
        got = run("--workspace", workspace, "--state", str(pathlib.Path(folder, "own")), "run", "start", str(path))
        if got[0] != 2 or not re.search(pattern, got[2]) or "--environment" in got[2]:
            wrong[name] = got
    report(not wrong, "a broken plan is told with its place", wrong)


def check_wrong_files(folder, workspace):
    """Whoever takes the wrong file is told what it is, and which one is wanted."""
    def ctl(*words):
        return run("--workspace", workspace, "--state", str(pathlib.Path(folder, "own")), *words)

    status, _, err = ctl("cosign", workspace, "--approve", "0" * 64)
    report(status == 2 and "this is no plan, but a file of schema “org.slipway.workspace/1”. Give the file that "
           "slipwayctl plan --output or slipwayctl run plan ID wrote" in err, "cosign says what it wants", err)
    large = pathlib.Path(folder, "large.json")
    large.write_text(pathlib.Path(folder, "plan.json").read_text() + " " * 65536)
    status, _, err = ctl("run", "cosign", "last", str(large))
    report(status == 2 and f"{large}: this is no cosignature. Hand over the file that slipwayctl cosign wrote" in err,
           "run cosign says what it wants", err)


def check_last(folder, workspace):
    """“last” is the newest run; where that is over, no older one goes on in its place."""
    def ctl(*words):
        return run("--workspace", workspace, "--state", str(pathlib.Path(folder, "own")), *words)

    plan = pathlib.Path(folder, "plan.json")
    ctl("run", "start", str(plan))
    newest, older = [entry["id"] for entry in json.loads(ctl("run", "list", "--json")[1])][:2]
    status, _, err = ctl("run", "cancel", "last")
    report(status == 0 and f"last is run {newest}: " in err, "last is named before anything is done to it", err)
    before = ctl("ledger", "list")[1]
    told = [ctl("run", verb, "last", *words) for verb, *words in (
        ("resume", "--approve", json.loads(plan.read_text())["hash"]), ("cancel",), ("decide", "x", "did"))]
    report(all(status == 2 and "that run is over" in err and f"\n  {older}  " in err for status, _, err in told)
           and ctl("ledger", "list")[1] == before, "what is done to the last run is done to no older one", told)


def check_choices(workspace):
    def choices(*words):
        return run("--workspace", workspace, "runbook", "choices", *words)

    status, out, err = choices("restore-preproduction", "SharedSnapshot", "-e", "preproduction")
    rows = out.splitlines()
    report(status == 0 and len(rows) > 2 and "arn:" not in out
           and all(re.fullmatch(r"\S+  (of 20\S+Z, \d.* old|copied 20\S+Z, \d.* ago: its data is older)  available", row)
                   for row in rows)
           and any(row.startswith("api-snpshot-for-copy  copied ") for row in rows),
           "shared snapshots to choose from have the names, ages and states that a restore asks for", out + err)
    times = [row.split()[2] for row in rows]
    report(times == sorted(times, reverse=True), "the newest comes first", times)
    told = [choices("tidy-up-after-rollback", "Accepted", "-e", "production"),
            choices("tidy-up-after-rollback", "Typo", "-e", "production"), choices("tidy-up-after-rollback"),
            choices("restore-preproduction", "SharedSnapshot")]
    report([status for status, _, _ in told] == [2] * 4 and "is not chosen from a list. It is: Who accepted" in told[0][2]
           and "no parameter Typo" in told[1][2], "what cannot be chosen says so", told)
    status, _, err = run("--workspace", workspace, "plan", "tidy-up-after-rollback", "-e", "production", "--set",
                         "Accepted=ok")
    report(status == 2 and "“ok” has fewer than 10 characters. Wanted: Who accepted the rollback" in err
           and "{10" not in err, "a value that does not fit says in words what is wanted", err)


def check_own(folder):
    path = pathlib.Path(folder, "mine.yaml")
    path.write_text("schemaVersion: '0.3'\nmainSteps: []\n")
    own = {**os.environ, "SLIPWAY_RUNBOOKS": folder}
    status, out, err = run("runbook", "check", "mine", env=own)
    report(status == 1 and out.startswith(f"{path}:2:"), "check finds a user's own runbook by its name", out + err)
    status, out, err = run("runbook", "check", "nobodys", env=own)
    report(status == 1 and "there is no runbook nobodys" in err and "org/slipway" not in err,
           "check tells a name that is not there", out + err)
    path.unlink()


def check_account(folder, workspace):
    document = json.loads(pathlib.Path(workspace).read_text())
    other = pathlib.Path(pathlib.Path(workspace).parent, "other.json")
    document["environments"][0]["account"] = "999999999999"
    other.write_text(json.dumps(document))
    name = document["environments"][0]["name"]
    status, out, err = run("--workspace", str(other), "estate", "list", "--environment", name, "--kind", "databases")
    report(status == 1 and out == "" and "not to 999999999999" in err,
           "another account's estate is not listed", out + err)


def with_server(folder):
    state = pathlib.Path(folder, "state")
    server = subprocess.Popen([SERVER, "--state", str(state), "--port", "0", "--speed", "600"],
                              stdout=subprocess.PIPE, text=True)
    try:
        line = server.stdout.readline()
        if report(line.startswith("endpoint="), "the rehearsal server runs", line):
            workspace = str(state / "workspace.json")
            check_plan(folder, workspace)
            check_storm(line.strip().partition("=")[2], workspace)
            check_runs(folder, workspace)
            check_broken_plans(folder, workspace)
            check_wrong_files(folder, workspace)
            check_last(folder, workspace)
            check_choices(workspace)
            check_account(folder, workspace)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)


def main():
    os.environ["SLIPWAY_RUNBOOKS"] = "/nonexistent"
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        for name in ("pre-migration-snapshot", "tidy-up-snapshots"):
            check_schema(name)
        check_formats(folder)
        check_faults(folder)
        check_usage()
        check_own(folder)
        with_server(folder)
    print(f"1..{count}")


main()
