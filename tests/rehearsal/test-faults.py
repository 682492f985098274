# SPDX-License-Identifier: MIT
"""What goes wrong between Slipway and AWS, one kind at a time, with the outcome that a user sees."""

import ctypes
import json
import os
import pty
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time

import drive


class Case:
    """One world, one desk, one plan."""

    def __init__(self, slipwayctl, world, speed=None):
        self.server = world.fresh(speed=speed)
        self.desk = world.desk(slipwayctl, self.server)
        self.plan = os.path.join(self.desk.state, "plan.json")
        self.digest = self.desk.plan(self.plan)
        self.wrong = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.stop()

    def check(self, good, what):
        if not good:
            self.wrong.append(what)

    def start(self, **more):
        return self.desk.start(self.plan, self.digest, **more)

    def done_once(self, ended, sends=None):
        """The run is done, and every change had its effect once."""
        self.check(ended.returncode == 0, f"exit {ended.returncode}: {ended.stderr[-700:]}")
        self.check(self.desk.show()["state"] == "done", "the run is not done")
        for operation, (sent, effective) in self.server.changes().items():
            allowed = (sends or {}).get(operation, 1)
            self.check(sent <= allowed, f"{operation} was sent {sent} times")
            self.check(effective == 1, f"{operation} had an effect {effective} times")
        bad = self.desk.verify()
        self.check(not bad, f"the ledger does not verify: {bad}")

    def step(self, name):
        return next(step for step in self.desk.show()["steps"] if step["id"] == name)


def throttle_storm(case):
    """A storm of throttling delays the run and fails nothing."""
    case.server.fault(kind="throttle", service="rds", operation="*", probability=0.3)
    ended = case.start()
    case.server.clear_faults()
    rounds = 0
    while ended.returncode != 0 and rounds < 5:
        rounds += 1
        ended = case.desk.resume()
    # A refused change had no effect, so that sending it again is right.
    case.done_once(ended, {operation: 20 for operation in drive.CHANGES})


def lost_answers(kind, sends):
    def fault_case(case):
        for operation in drive.CHANGES:
            case.server.fault(kind=kind, service="rds", operation=operation, times=1)
        case.done_once(case.start(), {operation: sends for operation in drive.CHANGES})
    return fault_case


def truncated_answers(case):
    """An answer that ends half way is read again; a change's is looked up."""
    case.server.fault(kind="truncate", service="rds", operation="CreateDBClusterSnapshot", times=1)
    case.server.fault(kind="truncate", service="rds", operation="DescribeDBClusterSnapshots", times=3,
                      after=4)
    case.done_once(case.start())


def expired_token(case):
    """A session that ends while AWS copies pauses the run; signing in goes on with it."""
    case.server.fault(kind="stuck", transition="rds.snapshot-copied", resource=f"*{drive.COPY}*")
    process = threading.Thread(target=lambda: setattr(case, "ended", case.start()))
    process.start()
    case.desk.wait_for_step("WaitForCopy")
    case.server.ask("sessions/expire", {"match": "production"}, "POST")
    process.join(timeout=100)
    paused = case.desk.show()
    case.check(case.ended.returncode == 1, f"exit {case.ended.returncode}")
    case.check(paused["state"] == "needs-sign-in", f"the run is {paused['state']}")
    case.check("run resume" in case.ended.stderr, f"no command to go on with: {case.ended.stderr[-300:]}")
    case.check(case.step("WaitForCopy")["state"].startswith("waiting"), "the wait was given up")
    case.server.clear_faults()
    still = case.desk.resume()
    case.check(still.returncode == 1 and case.desk.show()["state"] == "needs-sign-in",
               "it went on without a sign-in")
    case.server.ask("sessions/renew", {}, "POST")
    case.done_once(case.desk.resume())


def disk_full(case):
    """No room for the next entry: the run stops before the call, says so, and goes on when there is
    room. Tried at several places."""
    case.desk.call("run", "start", case.plan)
    hits = 0
    for limit in range(150_000, 900_000, 150_000):
        ended = case.desk.resume("--approve", case.digest, preexec=lambda: drive.small_files(limit))
        if ended.returncode == 0:
            break
        hits += "audit log cannot be written" in ended.stderr
        case.check("run resume" in ended.stderr or "--approve" in ended.stderr, ended.stderr[-300:])
        case.check(not sent_without_intent(case), f"sent without intent: {sent_without_intent(case)}")
    case.check(hits > 1, f"the disk filled only {hits} times: {ended.stderr[-300:]}")
    case.done_once(case.desk.resume("--approve", case.digest))


def sent_without_intent(case):
    """Changes that the server saw and the ledger has no intent for."""
    path = os.path.join(case.desk.state, "ledger.db")
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as ledger:
        tables = [row[0] for row in ledger.execute(
            "select name from sqlite_master where type='table'")]
        text = "".join(str(row) for table in tables for row in ledger.execute(
            f"select * from \"{table}\""))
    return [operation for operation, (sent, _) in case.server.changes().items()
            if sent and f"rds:{operation}" not in text]


def clock_step(case):
    """A clock that is off is told with its direction: a little is warned of, much blocks the plan. One
    that steps during a run is signed around or stops it, and the run ends as it should."""
    path = os.path.join(case.desk.state, "skewed.json")
    for seconds, state, direction, status in (
            (900, "block", "behind", 1), (-900, "block", "ahead of", 1), (150, "warn", "behind", 0)):
        case.server.fault(kind="clock-skew", seconds=seconds, times=0)
        told = case.desk.call("plan", drive.RUNBOOK, "--environment", "production", "--output", path)
        case.check(told.returncode == status, f"{seconds} s: exit {told.returncode}: {told.stderr[-300:]}")
        with open(path, encoding="utf-8") as file:
            guard = next(one for one in json.load(file)["guards"] if one["guard"] == "clock")
        case.check(guard["state"] == state, f"{seconds} s: {guard}")
        case.check(f" s {direction} the service's" in guard["message"], f"{seconds} s: {guard['message']}")
        case.check(guard["message"] in told.stdout, f"{seconds} s: it is not told")
        case.server.clear_faults()
    case.server.fault(kind="stuck", transition="rds.snapshot-created", resource=f"*{drive.SNAPSHOT}*")
    process = threading.Thread(target=lambda: setattr(case, "ended", case.start()))
    process.start()
    case.desk.wait_for_step("WaitForSnapshot", seconds=60)
    case.server.clear_faults()
    case.server.fault(kind="clock-skew", seconds=900, times=0)
    process.join(timeout=100)
    # The older copy is deleted in between, and before a final step the clock has to agree.
    case.check(case.ended.returncode == 1, f"exit {case.ended.returncode}")
    case.check("the local clock is" in case.ended.stderr and " s behind the service's" in case.ended.stderr,
               f"nobody speaks of the clock: {case.ended.stderr[-400:]}")
    case.check("run resume" in case.ended.stderr, case.ended.stderr[-300:])
    case.check(case.server.changes()["DeleteDBClusterSnapshot"][0] == 0, "it was deleted all the same")
    case.server.clear_faults()
    case.done_once(case.desk.resume())


def plain_secret(case):
    """What only AWS's model marks as a secret is in no entry, and what the model refuses makes none."""
    words = ["aws", "ssm", "put-parameter", "--environment", "development", "--allow-change", "--input"]
    value = {"Name": "/api/key", "Type": "SecureString", "Value": "Tr0ub4dor-plain"}
    wrong = case.desk.call(*words, json.dumps({**value, "Valeu": "Tr0ub4dor-plain"}))
    case.check(wrong.returncode == 2 and "Valeu" in wrong.stderr, f"{wrong.returncode}: {wrong.stderr}")
    case.check("call.intent" not in case.desk.call("ledger", "list").stdout, "a wrong call was noted")
    case.desk.call(*words, json.dumps(value))
    path = os.path.join(case.desk.state, "secret.jsonl")
    case.desk.call("ledger", "export", "-o", path)
    with open(path, encoding="utf-8") as file:
        text = file.read()
    case.check("call.intent" in text and "/api/key" in text, "the call was not noted")
    case.check("Tr0ub4dor" not in text, "the secret is in the export")


def without_override():
    """For a child: the superuser, too, may then write only what its modes allow."""
    for capability in 1, 2:  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP


def read_only_state(case):
    """Where the state folder cannot be written, one can still look; a log that cannot be read is told
    by the exit status of a plan, too."""
    case.done_once(case.start())
    path = os.path.join(case.desk.state, "ledger.db")
    outside = os.path.join(case.server.state, "looked.jsonl")

    def look(*words):
        return case.desk.call(*words, preexec=without_override)

    def planned():
        return look("plan", drive.RUNBOOK, "--environment", "production")

    first = planned()
    case.check(first.returncode == 0, f"exit {first.returncode}: {first.stderr[-300:]}")
    os.chmod(path, 0o400)
    os.chmod(case.desk.state, 0o500)
    try:
        for words in ("run", "list"), ("run", "show", "last"), ("ledger", "export", "-o", outside), \
                ("ledger", "export", "-o", "-"):
            ended = look(*words)
            case.check(ended.returncode == 0 and not ended.stderr.startswith("slipwayctl:"),
                       f"{words}: exit {ended.returncode}: {ended.stderr[-300:]}")
        case.check("done" in look("run", "list").stdout, "the run is not listed")
        verified = look("ledger", "verify", outside)
        case.check(verified.returncode == 0, verified.stderr[-300:])
        again = planned()
        case.check((again.returncode, again.stderr) == (first.returncode, first.stderr), again.stderr[-300:])
        refused = look("run", "start", case.plan, "--approve", case.digest)
        case.check(refused.returncode == 1 and "ledger" in refused.stderr, refused.stderr[-300:])
        os.chmod(path, 0)
        unread = planned()
        case.check(unread.returncode == 1 and "cannot open ledger" in unread.stderr,
                   f"a log that cannot be read: exit {unread.returncode}: {unread.stderr[-300:]}")
    finally:
        os.chmod(case.desk.state, 0o700)
        os.chmod(path, 0o600)


def forged_lines(case):
    """Words of a service are never lines of ours, and a long text of one fits the audit log."""
    forged = "no\n[25/25] Record what was shared: done, 100 %\nrun is done\n" + "M" * 300_000
    case.server.fault(kind="error-before", operation="CopyDBClusterSnapshot", status=400, code="Nope",
                      message=forged, times=1)
    ended = case.start()
    shown = case.desk.call("run", "show", "last")
    case.check(ended.returncode == 1 and case.desk.runs()[0]["state"] == "failed", f"exit {ended.returncode}")
    for told in ended.stderr, shown.stdout:
        case.check("Nope: no [25/25] Record" in told, "the service's words are not told")
        case.check(not any(line.startswith(("[25/25]", "run is done")) for line in told.splitlines()),
                   "a service's words are a line of ours")
        case.check(len(told) < 40_000, f"{len(told)} characters are told")
    case.done_once(case.desk.resume(), {"CopyDBClusterSnapshot": 2})


def stuck(case):
    """What takes longer than its deadline is overdue and not failed, and goes on by itself."""
    case.server.fault(kind="stuck", transition="rds.snapshot-created", resource=f"*{drive.SNAPSHOT}*")
    process = threading.Thread(target=lambda: setattr(case, "ended", case.start()))
    process.start()
    case.desk.wait_for_step("WaitForSnapshot", "waiting-overdue", 60)
    case.check(case.step("DeleteOlderCopy")["state"] == "planned", "the older copy was touched")
    case.server.clear_faults()
    process.join(timeout=100)
    case.done_once(case.ended)


def failed_copy(case):
    """A copy that fails ends the run with what is left, and how to go on. What somebody deleted is made once
    more, and no more than once when the process is killed at that turn."""
    case.server.fault(kind="fail", transition="rds.snapshot-copied", resource=f"*{drive.COPY}*",
                      message="the key was disabled meanwhile")
    ended = case.start()
    shown = case.desk.show()
    case.check(ended.returncode == 1, f"exit {ended.returncode}")
    case.check(shown["state"] == "failed", f"the run is {shown['state']}")
    case.check(case.step("ShareCopy")["state"] == "planned", "a failed copy was shared")
    left = [item["step"] for item in shown.get("leftovers", [])]
    case.check("CreateSnapshot" in left and "CopySnapshot" in left, f"left: {left}")
    case.check("DeleteDBClusterSnapshot" in ended.stderr, "no undo is told")
    reason = "the key was disabled meanwhile"
    case.check(reason in ended.stderr and reason in shown["message"], f"AWS's reason is lost: {ended.stderr[-600:]}")
    commands = {step["step"]: step for step in json.loads(case.desk.call("run", "commands", "last", "--json").stdout)}
    wait = subprocess.run(["sh", "-c", commands["WaitForCopy"]["commands"][0]], capture_output=True, text=True,
                          check=False, timeout=120) if shutil.which("aws") else None
    case.check(wait is None or (wait.returncode == 1 and "stop: it says failed" in wait.stderr),
               f"the wait by hand goes on: {wait}")
    source = " ".join(commands["AssertCopySource"]["notes"])
    case.check("{{" not in source and drive.SNAPSHOT in source, f"what is known is not filled in: {source}")
    case.check(any(note.startswith("To take it back: ") for note in commands["ShareCopy"]["notes"]),
               f"no undo: {commands['ShareCopy']}")
    still = case.desk.resume()
    case.check(still.returncode == 1 and case.server.changes()["CopyDBClusterSnapshot"] == [1, 1],
               f"it was copied over what failed: {still.stderr[-300:]}")
    case.desk.call("aws", "--environment", "production", "--allow-change", "--confirm", "production", "rds",
                   "DeleteDBClusterSnapshot", "--input", json.dumps({"DBClusterSnapshotIdentifier": drive.COPY}))
    drive.wait_for(lambda: case.server.find("rds.cluster-snapshot", drive.COPY, "111111111111") is None)
    killed = case.desk.resume(SLIPWAY_CRASH_AT="1:after step.outcome WaitForCopy")
    case.check(killed.returncode == -9, f"it was not killed: {killed.stderr[-300:]}")
    by_hand = json.loads(case.desk.call("run", "commands", "last", "--json").stdout)
    case.check(by_hand[0]["step"] == "CopySnapshot" and "what failed is gone" in by_hand[0]["notes"][0],
               f"by hand it does not begin where the run does: {by_hand[0]}")
    ended = case.desk.resume()
    case.check(ended.returncode == 0 and case.desk.show()["state"] == "done", ended.stderr[-600:])
    changes = case.server.changes()
    case.check(changes["CopyDBClusterSnapshot"] == [2, 2] and changes["CreateDBClusterSnapshot"] == [1, 1],
               changes)
    case.check(case.desk.verify() is None, "the ledger does not verify")


def interrupted(case):
    """Ctrl+C pauses after the current call, and says how to go on."""
    case.server.fault(kind="stuck", transition="rds.snapshot-created", resource=f"*{drive.SNAPSHOT}*")
    words = [case.desk.binary, "--workspace", os.path.join(case.server.state, "workspace.json"),
             "--state", case.desk.state, "run", "start", case.plan, "--approve", case.digest]
    process = subprocess.Popen(words, env=case.desk.environment, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    case.desk.wait_for_step("WaitForSnapshot")
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    case.check(process.returncode == 1, f"exit {process.returncode}")
    state = case.desk.show()["state"]
    case.check(state == "paused", f"the run is {state}")
    case.check("run resume" in told and "AWS goes on" in told, told[-400:])
    case.server.clear_faults()
    case.done_once(case.desk.resume())


def two_at_once(case):
    """A run is executed by one process, and two runs never act on the same thing."""
    case.server.fault(kind="stuck", transition="rds.snapshot-created", resource=f"*{drive.SNAPSHOT}*")
    process = threading.Thread(target=lambda: setattr(case, "ended", case.start()))
    process.start()
    case.desk.wait_for_step("WaitForSnapshot")
    second = case.desk.resume()
    case.check(second.returncode == 1 and "another process" in second.stderr, second.stderr[-300:])
    first = case.desk.runs()[0]["id"]
    other = case.start()
    case.check(other.returncode == 1 and first in other.stderr, other.stderr[-300:])
    # Nobody who goes on with what is unfinished shall do it later.
    refused = case.desk.runs()[0]
    case.check(refused["id"] != first and refused["state"] == "cancelled"
               and first in case.desk.show_run(refused["id"])["message"], f"{refused}")
    cancelled = case.desk.call("run", "cancel", first)
    case.check(cancelled.returncode == 0, cancelled.stderr)
    process.join(timeout=60)
    case.check(case.ended.returncode == 1 and "cancelled" in case.ended.stderr, case.ended.stderr[-300:])
    state = next(run["state"] for run in case.desk.runs() if run["id"] == first)
    case.check(state == "cancelled", f"the run is {state}")


def no_terminal(case):
    """Without a terminal nothing waits for an answer: it is told what is missing."""
    begun = time.monotonic()
    ended = case.desk.call("run", "start", case.plan)
    case.check(ended.returncode == 1, f"exit {ended.returncode}")
    case.check(f"--approve {case.digest}" in ended.stderr, ended.stderr[-300:])
    wrong = case.desk.call("run", "resume", "last", "--approve", "0" * 64)
    case.check(wrong.returncode == 1 and "not" in wrong.stderr, wrong.stderr[-300:])
    case.check(time.monotonic() - begun < 20, "it hung")
    case.check(all(sent == 0 for sent, _ in case.server.changes().values()), "something was sent")


SECRET_RUNBOOK = """description: x
schemaVersion: "0.3"
mainSteps:
  - name: ReadKey
    action: aws:executeAwsApi
    inputs: {Service: secretsmanager, Api: GetSecretValue, SecretId: rds-api-production}
    outputs: [{Name: SecretString, Selector: $.SecretString, Type: String}]
  - name: Use
    action: slipway:command
    inputs:
      Command: [sh, -c, 'echo "as root with $(echo $DB | sed "s/.*password.:.//" | tr -d \\"})"']
      Environment: {DB: "{{ ReadKey.SecretString }}"}
"""


def secret_in_json_text(case):
    """A password inside a secret that is JSON, kept as text, and printed by a program, is not stored."""
    runbook = os.path.join(case.desk.state, "secret.yaml")
    plan = os.path.join(case.desk.state, "secret.json")
    with open(runbook, "w", encoding="utf-8") as file:
        file.write(SECRET_RUNBOOK)
    made = case.desk.call("plan", runbook, "--environment", "production", "-o", plan)
    case.check(made.returncode == 0, made.stderr[-300:])
    with open(plan, encoding="utf-8") as file:
        digest = json.load(file)["hash"]
    ended = case.desk.start(plan, digest, "--runbook", runbook)
    case.check(ended.returncode == 0, ended.stderr[-300:])
    entries = case.desk.call("ledger", "list", "--json").stdout
    case.check("as root with " in entries, "the program printed nothing")
    case.check("rehearsal-api-production" not in entries, "the password is in the ledger")


def other_endpoint(case):
    """A run that was planned for one endpoint never goes on at another."""
    ended = case.start(SLIPWAY_CRASH_AT="1:after step.waiting WaitForSnapshot")
    case.check(ended.returncode == -9, f"exit {ended.returncode}")
    path = os.path.join(case.server.state, "workspace.json")
    with open(path, encoding="utf-8") as file:
        workspace = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(workspace.replace("127.0.0.1", "localhost"))
    refused = case.desk.resume()
    case.check(refused.returncode == 1 and "endpoint" in refused.stderr, refused.stderr[-300:])
    with open(path, "w", encoding="utf-8") as file:
        file.write(workspace)
    case.done_once(case.desk.resume())


class Terminal:
    """slipwayctl on a terminal of its own, as a person has it."""

    def __init__(self, case, *words):
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(
            [case.desk.binary, "--workspace", os.path.join(case.server.state, "workspace.json"),
             "--state", case.desk.state, *words], env=case.desk.environment, stdin=slave,
            stdout=slave, stderr=slave, start_new_session=True)
        os.close(slave)
        self.seen = ""

    def expect(self, text, seconds=60):
        until = time.monotonic() + seconds
        while text not in self.seen:
            ready, _, _ = select.select([self.master], [], [], max(0, until - time.monotonic()))
            if not ready:
                raise RuntimeError(f"no “{text}” in: {self.seen[-400:]}")
            try:
                self.seen += os.read(self.master, 4096).decode(errors="replace")
            except OSError as error:
                raise RuntimeError(f"it ended without “{text}”: {self.seen[-400:]}") from error
        self.seen = self.seen.split(text, 1)[1]

    def type(self, text):
        os.write(self.master, (text + "\n").encode())

    def end(self):
        while True:
            try:
                more = os.read(self.master, 4096)
            except OSError:
                break
            if not more:
                break
            self.seen += more.decode(errors="replace")
        os.close(self.master)
        return self.process.wait(timeout=60)


def at_a_terminal(case):
    """A person approves by typing, attests, and signs in again; one process sees it all through."""
    case.desk.plan(case.plan, "Quiesced=in-maintenance")
    with open(case.plan, encoding="utf-8") as file:
        case.digest = json.load(file)["hash"]
    case.server.fault(kind="stuck", transition="rds.snapshot-copied", resource=f"*{drive.COPY}*")
    terminal = Terminal(case, "run", "start", case.plan)
    terminal.expect("digits of the plan's hash")
    terminal.type(case.digest[:12])
    terminal.expect("a note to attest it")
    terminal.type("the maintenance page is up")
    terminal.expect("Wait until the copy is available: waiting")
    case.server.ask("sessions/expire", {"match": "production"}, "POST")
    terminal.expect("sign in elsewhere, then press Enter")
    case.server.clear_faults()
    case.server.ask("sessions/renew", {}, "POST")
    terminal.type("")
    code = terminal.end()
    case.check(code == 0, f"exit {code}: {terminal.seen[-500:]}")
    case.check(case.desk.show()["state"] == "done", "the run is not done")
    attested = case.desk.call("ledger", "list")
    case.check("step.attested" in attested.stdout, "the attestation is not in the audit log")
    case.check(all(sent == 1 for sent, _ in case.server.changes().values()), "sent twice")


def refused_at_a_terminal(case):
    """A wrong hash approves nothing."""
    terminal = Terminal(case, "run", "start", case.plan)
    terminal.expect("digits of the plan's hash")
    terminal.type("0" * 12)
    code = terminal.end()
    case.check(code == 1, f"exit {code}")
    case.check(case.desk.show()["state"] == "planned", "it was approved")


BACKUP = """schemaVersion: "0.3"
description: A backup on demand
mainSteps:
  - name: StartBackup
    action: aws:executeAwsApi
    inputs:
      Service: backup
      Api: StartBackupJob
      BackupVaultName: mavis-production-backup-vault
      ResourceArn: "arn:aws:rds:eu-west-1:111111111111:cluster:mavis-production"
      IamRoleArn: "arn:aws:iam::111111111111:role/service-role/AWSBackupDefaultServiceRole"
    isEnd: true
    slipway: {title: Start a backup, effect: change, resume: {rule: R2}, minutes: 1}
"""


def lost_then_refused(case):
    """A refusal of a second sending says nothing of the first, whose answer was lost."""
    runbook = os.path.join(case.desk.state, "backup.yaml")
    plan = os.path.join(case.desk.state, "backup.json")
    with open(runbook, "w", encoding="utf-8") as file:
        file.write(BACKUP)
    digest = case.desk.plan_of(runbook, "production", plan)
    case.server.fault(kind="drop-after", operation="StartBackupJob", times=1)
    refusal = {"kind": "error-before", "operation": "StartBackupJob", "times": 20, "after": 1,
               "status": 400, "code": "AccessDeniedException", "message": "not now"}
    case.server.fault(**refusal)
    ended = case.desk.start(plan, digest)
    asked = case.desk.show()
    case.check(ended.returncode == 1 and asked["state"] == "needs-decision", ended.stderr[-500:])
    case.check("not now" in ended.stderr and "run decide" in ended.stderr, ended.stderr[-500:])
    case.server.clear_faults()
    done = case.desk.resume()
    case.check(done.returncode == 0, done.stderr[-500:])
    jobs = case.server.ask("resources?type=backup.backup-job")
    case.check(len(jobs) == 1, f"{len(jobs)} backups were begun")


CASES = [
    ("lost, then refused: asked, and sent again as the same request", lost_then_refused),
    ("throttle storm: delayed, not failed", throttle_storm),
    ("500 before the effect: looked up, sent again", lost_answers("error-before", 2)),
    ("500 after the effect: looked up, adopted", lost_answers("error-after", 1)),
    ("dropped connection before the effect: looked up, sent again", lost_answers("drop", 2)),
    ("dropped connection after the effect: looked up, adopted", lost_answers("drop-after", 1)),
    ("truncated answers: read again, or looked up", truncated_answers),
    ("expired token in a wait: paused for a sign-in, then on", expired_token),
    ("disk full: stopped before the call, then on", disk_full),
    ("clock step: blocked with its direction, stopped before a final step, then on", clock_step),
    ("a secret that only the model knows: not in the audit log", plain_secret),
    ("read-only state: one can look", read_only_state),
    ("a service's error that looks like progress: one short line", forged_lines),
    ("stuck: overdue, not failed", stuck),
    ("failed copy: ended, with what is left; deleted, made once more", failed_copy),
    ("Ctrl+C: paused after the call, then on", interrupted),
    ("two at once: refused; cancelled from outside", two_at_once),
    ("no terminal: no hang, a clear message", no_terminal),
    ("secret that is JSON text: not stored", secret_in_json_text),
    ("another endpoint: refused", other_endpoint),
    ("at a terminal: approved, attested, signed in again", at_a_terminal),
    ("at a terminal: a wrong hash approves nothing", refused_at_a_terminal),
]


def run(tap, slipwayctl, world):
    only = sys.argv[4:]
    if only and not any(word in name for word in only for name, _ in CASES):
        tap.result(False, f"no case has {' or '.join(only)} in its name")
    for name, func in CASES:
        if only and not any(word in name for word in only):
            continue
        try:
            with Case(slipwayctl, world) as case:
                func(case)
                tap.result(not case.wrong, name, "\n".join(case.wrong))
        except Exception as error:  # a test that breaks is a test that failed
            tap.result(False, name, repr(error))


drive.main(run)
