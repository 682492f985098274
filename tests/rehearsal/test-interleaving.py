# SPDX-License-Identifier: MIT
"""Two runs for one copy. The first is interrupted between its copy and sharing it; the second is refused
until the first is through; and when the copy is replaced past Slipway, the first shares nothing."""

import json
import os
import shutil
import subprocess
import time

import drive

OTHER = "pre-migration-snapshot-api-202611210700"
REPLACING = "taken-by-hand"


class Aws:
    """The AWS CLI as a colleague would use it: it knows nothing of Slipway's runs."""

    def __init__(self, desk):
        folder = os.path.join(desk.server.state, "aws")
        self.environment = {**desk.environment, "AWS_PROFILE": "production", "AWS_PAGER": "",
                            "AWS_CONFIG_FILE": os.path.join(folder, "config"),
                            "AWS_SHARED_CREDENTIALS_FILE": os.path.join(folder, "credentials")}

    def __call__(self, *words):
        done = subprocess.run(["aws", "rds", *words, "--output", "json"], env=self.environment,
                              capture_output=True, text=True, timeout=120, check=False)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return json.loads(done.stdout) if done.stdout.strip() else {}

    def snapshot(self, name):
        return self("describe-db-cluster-snapshots", "--db-cluster-snapshot-identifier",
                    name)["DBClusterSnapshots"][0]

    def wait(self, name):
        until = time.monotonic() + 60
        while self.snapshot(name)["Status"] != "available":
            if time.monotonic() > until:
                raise RuntimeError(f"{name} did not become available")
            time.sleep(0.1)


class Scene:
    """A world in which run A waits for its copy, killed; and B was planned before A began."""

    def __init__(self, tap, slipwayctl, world, server):
        self.tap = tap
        self.server = server
        self.desk = world.desk(slipwayctl, server)
        self.plan_a = os.path.join(self.desk.state, "a.json")
        self.plan_b = os.path.join(self.desk.state, "b.json")
        self.digest_a = self.desk.plan(self.plan_a)
        self.digest_b = self.desk.plan(self.plan_b, f"SnapshotName={OTHER}")
        killed = self.desk.start(self.plan_a, self.digest_a,
                                 SLIPWAY_CRASH_AT="1:after step.waiting WaitForCopy")
        if killed.returncode != -9:
            raise RuntimeError(f"A was not killed: {killed.stderr}")
        self.a = self.desk.runs()[0]["id"]
        self.sent = server.changes()

    def names_a(self, text):
        return self.a in text and "run resume|cancel " + self.a in text

    def plan(self):
        done = self.desk.call("plan", drive.RUNBOOK, "--environment", "production", "--json",
                              "--set", f"SnapshotName={OTHER}")
        guards = json.loads(done.stdout)["guards"]
        return done, next(guard for guard in guards if guard["guard"] == "unfinished-runs")


def refused(scene):
    tap = scene.tap
    done, guard = scene.plan()
    tap.result(done.returncode == 1 and guard["state"] == "block" and scene.names_a(guard["message"])
               and "interrupted" in guard["message"] and drive.COPY in guard["message"]
               and OTHER not in guard["message"],
               "planning B for the same copy is blocked, and A is named with the ways out", guard)
    done = scene.desk.call("run", "start", drive.RUNBOOK, "--environment", "production", "--set",
                           f"SnapshotName={OTHER}")
    tap.result(done.returncode == 1 and scene.names_a(done.stderr) and len(scene.desk.runs()) == 1,
               "starting B by its runbook is refused, and leaves no run behind", done.stderr)
    done = scene.desk.start(scene.plan_b, scene.digest_b)
    tap.result(done.returncode == 1 and scene.names_a(done.stderr)
               and scene.server.changes() == scene.sent,
               "starting B by a plan that was made before A began is refused, and sends nothing",
               done.stderr)
    done = scene.desk.call("plan", drive.RUNBOOK, "--environment", "production", "--json", "--set",
                           f"SnapshotName={OTHER}", "--set", "CopyName=another-copy")
    guard = next(guard for guard in json.loads(done.stdout)["guards"]
                 if guard["guard"] == "unfinished-runs")
    tap.result(guard["state"] == "pass", "a copy of another name is in nobody's way", guard)


def replaced(scene):
    """Past Slipway, with other credentials or another workstation, anybody can replace the copy."""
    name = "when the AWS CLI replaced the copy, A resumes, sees whose it is not, and shares nothing"
    if shutil.which("aws") is None:
        scene.tap.skip(name, "there is no AWS CLI")
        return
    with open(scene.plan_a, encoding="utf-8") as file:
        parameters = json.load(file)["parameters"]
    aws = Aws(scene.desk)
    aws.wait(drive.COPY)
    aws("create-db-cluster-snapshot", "--db-cluster-identifier", parameters["Cluster"],
        "--db-cluster-snapshot-identifier", REPLACING)
    aws.wait(REPLACING)
    aws("delete-db-cluster-snapshot", "--db-cluster-snapshot-identifier", drive.COPY)
    until = time.monotonic() + 60
    while aws("describe-db-cluster-snapshots", "--filters",
              f"Name=db-cluster-snapshot-id,Values={drive.COPY}")["DBClusterSnapshots"]:
        if time.monotonic() > until:
            raise RuntimeError("the copy does not go")
    aws("copy-db-cluster-snapshot", "--source-db-cluster-snapshot-identifier", REPLACING,
        "--target-db-cluster-snapshot-identifier", drive.COPY, "--kms-key-id",
        parameters["ReencryptionKey"])
    aws.wait(drive.COPY)
    ended = scene.desk.call("run", "resume", scene.a)
    steps = {step["id"]: step["state"] for step in scene.desk.show_run(scene.a)["steps"]}
    shared = scene.server.changes()["ModifyDBClusterSnapshotAttribute"]
    scene.tap.result(ended.returncode == 1 and steps["AssertCopySource"] == "failed"
                     and steps["ShareCopy"] == "planned" and shared == [0, 0]
                     and "Another run or person replaced the copy" in ended.stderr,
                     name, f"{shared} {steps} {ended.stderr}")


def ended(scene):
    cancelled = scene.desk.call("run", "cancel", scene.a)
    _, guard = scene.plan()
    scene.tap.result(cancelled.returncode == 0 and guard["state"] == "pass",
                     "with A cancelled nothing is in B's way", guard)
    scene.tap.result("is cancelled" in cancelled.stderr
                     and "how to take it back" in cancelled.stderr,
                     "a run that nobody executes says at once what it leaves behind",
                     cancelled.stderr)
    again = scene.desk.call("run", "resume", scene.a)
    scene.tap.result(again.returncode == 1 and "[1/" not in again.stderr
                     and "steps are done" in again.stderr,
                     "going on with a run tells its old steps in one line", again.stderr)
    bad = scene.desk.verify()
    scene.tap.result(not bad, "the audit log of both verifies", bad)


def cut(scene):
    """Whoever reads the output may go away when they have seen enough."""
    for words in (["aws", "rds", "describe-db-cluster-snapshots", "--environment", "production"],
                  ["ledger", "export", "-o", "-"], ["ledger", "list", "--json"]):
        piped = subprocess.run(
            ["sh", "-c", '"$@" | head -c 1 >/dev/null', "sh", scene.desk.binary, "--workspace",
             scene.desk.workspace, "--state", scene.desk.state, *words],
            env=scene.desk.environment, capture_output=True, text=True, check=False, timeout=120)
        scene.tap.result(piped.stderr == "", f"slipwayctl {words[0]} {words[1]} | head says nothing",
                         piped.stderr)


def run(tap, slipwayctl, world):
    with world.fresh() as server:
        scene = Scene(tap, slipwayctl, world, server)
        for part in (refused, replaced, ended, cut):
            try:
                part(scene)
            except Exception as error:  # a test that breaks is a test that failed
                tap.result(False, part.__name__, repr(error))


drive.main(run)
