# SPDX-License-Identifier: MIT
"""The rollback of a production global cluster: from freeze to comparison, in both modes, with planted
faults, and killed at places of its audit log. With SLIPWAY_TEST_LONG=1 (tests/run --long) it is
killed at every one."""

import contextlib
import hashlib
import json
import os
import random
import re
import sqlite3
import threading
import time

import drive
import killing

RUNBOOK = "roll-back-global-cluster"
SNAPSHOT = "pre-migration-snapshot-api-202611141905"
GLOBAL = "production-api-global"
ACCOUNT = "111111111111"
FINAL = ("RemoveFromGlobalCluster", "DeleteDBInstance", "DeleteDBCluster", "DeleteGlobalCluster")
MAKING = ("CreateDBClusterSnapshot", "RestoreDBClusterFromSnapshot", "CreateDBInstance",
          "CreateGlobalCluster", "CreateDBCluster")
DECISION = "Decision=it cannot be fixed forward; decided by ann and ben"


def calls(server, operations):
    """By operation: how often it was sent and how often it changed something."""
    counts = {operation: [0, 0] for operation in operations}
    after = 0
    while True:
        page = server.ask(f"calls?after={after}&limit=500")["calls"]
        for call in page:
            after = call["sequence"]
            if call.get("operation") in counts:
                counts[call["operation"]][0] += 1
                counts[call["operation"]][1] += bool(call["changed"])
        if len(page) < 500:
            return counts


class Rollback:
    """A world, an engineer's desk, a colleague's."""

    def __init__(self, slipwayctl, world, mode="replace", port=0):
        self.server = world.fresh(port=port)
        self.desk = world.desk(slipwayctl, self.server)
        self.colleague = world.desk(slipwayctl, self.server)
        self.colleague.workspace = os.path.join(self.server.state, "second", "workspace.json")
        self.mode = mode
        self.file = os.path.join(self.desk.state, "plan.json")
        self.cosigned = os.path.join(self.desk.state, "cosigned.json")
        self.accepted = os.path.join(self.desk.state, "accepted.json")
        self.digest = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.stop()

    def do(self, runbook, *settings, words=()):
        """Plans and runs another runbook, by one person."""
        path = os.path.join(self.desk.state, "other.json")
        digest = self.desk.plan_of(runbook, "production", path, *settings)
        return self.need(self.desk.call("run", "start", path, "--approve", digest, *words, timeout=400))

    def freeze(self):
        self.do("change-freeze-on", "Reference=CHG-1", "Reason=rollback")

    def close(self):
        self.do("maintenance-mode-on", "Reason=rollback")

    @staticmethod
    def need(done):
        if done.returncode != 0:
            raise RuntimeError(done.stdout[-800:] + done.stderr[-800:])
        return done

    def plan(self, *settings):
        words = ["plan", RUNBOOK, "-e", "production", "-o", self.file, "--set", DECISION]
        given = {"GlobalCluster": GLOBAL, "Snapshot": SNAPSHOT, "Mode": self.mode,
                 "Verification": "by-hand", "Maintenance": ""}
        given.update(setting.split("=", 1) for setting in settings)
        for name, value in given.items():
            words += ["--set", f"{name}={value}"]
        done = self.desk.call(*words)
        if done.returncode == 0:
            with open(self.file, encoding="utf-8") as file:
                self.digest = json.load(file)["hash"]
        return done

    def cosign(self):
        self.need(self.colleague.call("cosign", self.file, "--approve", self.digest, "-o",
                                      self.cosigned))

    ATTESTED = ("--attest", "AttestQuiet", "--attest", "AttestRows", "--attest", "Reopen")
    WORDS = ("--confirm", f"EachSecondary[1].DetachSecondary={GLOBAL}@{ACCOUNT}", "--confirm",
             f"GoOn=api-production@{ACCOUNT}", *ATTESTED)

    def question(self):
        return self.desk.question()

    def vouch(self, question):
        return self.colleague.vouch(self.file, question, self.accepted)

    def start(self, **more):
        return self.with_two(more, "run", "start", self.file, "--approve", self.digest, "--cosign",
                             self.cosigned, *self.WORDS)

    def with_two(self, more, *words):
        """A run that waits for the second person at its end gets them, and goes on in another process. Places to be
        killed at are counted over all of them."""
        counted = more.get("SLIPWAY_CRASH_COUNT") or os.path.join(self.desk.state, "points")
        kill, _, place = more.get("SLIPWAY_CRASH_AT", "").partition(":")

        def visited():
            if not os.path.exists(counted):
                return 0
            with open(counted, encoding="utf-8") as file:
                return sum(line.split(" ", 1)[1].strip() == place for line in file)

        def call(*them):
            environment = dict(more)
            if kill:
                environment |= {"SLIPWAY_CRASH_COUNT": counted,
                                "SLIPWAY_CRASH_AT": f"{int(kill) - visited()}:{place}"}
            return self.desk.call(*them, timeout=400, **environment)

        done = call(*words)
        question = self.question() if done.returncode == 1 else None
        if question is None:
            return done
        self.need(self.vouch(question))
        return call("run", "resume", "last", "--cosign", self.accepted, *self.WORDS)

    def go_on(self):
        """What a person does next, whatever state the run was left in."""
        newest = next((run for run in self.desk.runs() if run.get("runbook") == RUNBOOK), None) \
            if os.path.exists(os.path.join(self.desk.state, "ledger.db")) else None
        if newest is None:
            runs = self.desk.runs()
            newest = runs[0] if runs and "oll back" in json.dumps(runs[0]) else None
        if newest is None:
            return self.start()
        words = ["--approve", self.digest] if newest["state"] == "planned" else []
        run = json.loads(self.desk.call("run", "show", newest["id"], "--json").stdout)
        if "cosigned" not in json.dumps(run) and newest["state"] in ("planned", "approved"):
            words += ["--cosign", self.cosigned]
        return self.with_two({}, "run", "resume", newest["id"], *words, *self.WORDS)

    def names(self):
        """What there is in production, by name and state, without what differs between two runs."""
        found = {}
        for kind in ("rds.cluster", "rds.instance", "rds.global-cluster", "rds.cluster-snapshot"):
            text = json.dumps(sorted(f"{item.get('region')}/{item.get('id')}" for item in
                                     self.server.ask(f"resources?type={kind}")))
            for what, stands_for in ((r"rds:[^\"]*", "rds:"), (r"job-[0-9a-f-]{36}", "job"),
                                     (r"-\d{12}\b", "-TIME")):
                text = re.sub(what, stands_for, text)
            found[kind] = text
        return found

    def verify(self):
        return self.desk.verify()


WAIVER = "SafetySnapshotWaiver=primary-not-available"
LOST_KEY = "inaccessible-encryption-credentials"
NO_SNAPSHOT = f"WaiveSafetySnapshot=no-snapshot-of-api-production@{ACCOUNT}"


def break_cluster(server, state=LOST_KEY, region="eu-west-1"):
    server.ask("clusters/break", {"cluster": "api-production", "account": ACCOUNT, "region": region, "state": state},
               "POST")


def in_production(rollback, operation, member):
    answer = rollback.need(rollback.desk.call("aws", "--environment", "production", "rds", operation))
    return json.loads(answer.stdout)[member]


def tells_age_and_length(rollback, planned):
    """The two figures that an incident is led by, of a real plan."""
    taken = rollback.server.find("rds.cluster-snapshot", SNAPSHOT)["SnapshotCreateTime"][:16]
    told = re.search(r"^RPO: the data is that of (\S+), (.+) old$", planned.stdout, re.M)
    yield told is not None and told[1].startswith(taken), planned.stdout[:600]
    told = re.search(r"^RTO: about (\d+) h(?: \d+ min)? \(from the document", planned.stdout, re.M)
    yield told is not None and int(told[1]) >= 1, planned.stdout[:600]


def start_with_late_effects(rollback):
    """AWS shows a thing available for a while before a change of it begins: nothing is deleted until then."""
    def wait_at(step):
        drive.wait_for(lambda: any(one["id"] == step and one["state"].startswith("waiting")
                                   for one in rollback.desk.show()["steps"]), 120)

    rollback.server.fault(kind="stuck", transition="rds.cluster-detaching")
    ended = []
    process = threading.Thread(target=lambda: ended.append(rollback.start()))
    process.start()
    wait_at("EachSecondary[1].WaitLeft")
    early = calls(rollback.server, ("DeleteDBInstance", "DeleteDBCluster"))
    rollback.server.clear_faults()
    rollback.server.fault(kind="stuck", transition="rds.global-settled")
    wait_at("WaitGlobalProtectionOff")
    rollback.server.clear_faults()
    process.join(timeout=400)
    return ended[0], early


def rolls_back(slipwayctl, world, mode):
    with Rollback(slipwayctl, world, mode) as rollback:
        rollback.freeze()
        if mode == "replace":
            change(rollback, "rds", "ModifyDBCluster", {"DBClusterIdentifier": "api-production",
                                                        "ManageMasterUserPassword": True, "ApplyImmediately": True})
            planned = rollback.plan("MasterSecret=rds-api-production")
            yield planned.returncode == 1 and "RDS itself keeps the master password" in planned.stdout, \
                planned.stdout[-900:]
        planned = rollback.plan(*(["MasterSecret=rds-api-production"] if mode == "rename-swap" else []))
        yield planned.returncode == 0, planned.stdout[-1500:]
        yield from tells_age_and_length(rollback, planned)
        rollback.cosign()
        ended, early = start_with_late_effects(rollback)
        yield not any(sent for sent, _ in early.values()), early
        yield ended.returncode == 0, ended.stderr[-1500:]
        counts = calls(rollback.server, FINAL + MAKING)
        yield all(sent == did for sent, did in counts.values()), counts
        yield counts["RemoveFromGlobalCluster"] == [2, 2], counts
        names = [cluster["DBClusterIdentifier"]
                 for cluster in in_production(rollback, "DescribeDBClusters", "DBClusters")]
        yield ("api-production-old" in names) == (mode == "rename-swap"), names
        managed = rollback.server.find("rds.cluster", "api-production", ACCOUNT).get("MasterUserSecret")
        yield bool(managed) == (mode == "replace"), managed
        members = in_production(rollback, "DescribeGlobalClusters",
                                "GlobalClusters")[0]["GlobalClusterMembers"]
        yield len(members) == 2, members
        steps = rollback.desk.show()["steps"]
        compared = [step for step in steps if "Compare" in step["id"]]
        yield len(compared) >= 6 and all(step["state"] == "done" for step in compared), compared
        entries = json.loads(rollback.desk.call("ledger", "list", "--json", "--limit", "1000").stdout)
        both = [entry for entry in entries if entry["kind"] in ("step.attested", "step.cosigned")
                and entry.get("step") == "Reopen"]
        yield [entry["kind"] for entry in both] == ["step.attested", "step.cosigned"], both
        yield both[0]["actor"]["principal"].endswith("/ann"), both[0]
        yield both[1]["data"]["cosigned_by"].endswith("/colleague"), both[1]
        yield "restored api-production by two people" in both[1]["data"]["says"], both[1]
        yield step(rollback, "Reopen")["cosigned_by"].endswith("/colleague"), step(rollback, "Reopen")
        yield from is_handed_in(rollback, "step.cosigned")
        yield rollback.verify() is None, "the ledger does not verify"


def is_handed_in(rollback, kind):
    """In each form in which the audit log leaves the house."""
    for form in "jsonl", "html", "csv":
        path = os.path.join(rollback.desk.state, f"evidence.{form}")
        rollback.need(rollback.desk.call("ledger", "export", "--format", form, "-o", path))
        with open(path, encoding="utf-8") as file:
            text = file.read()
        yield kind in text and "breakglass/colleague" in text, form


def replace(slipwayctl, world):
    yield from rolls_back(slipwayctl, world, "replace")


def rename_swap(slipwayctl, world):
    yield from rolls_back(slipwayctl, world, "rename-swap")


def edited(rollback, change):
    """The plan as somebody edited it, with the hash that fits; and what is said to it, by both people."""
    with open(rollback.file, encoding="utf-8") as file:
        whole = file.read()
    plan = json.loads(whole)
    change(plan)
    part = {name: value for name, value in plan.items() if name in (
        "schema", "runbook", "environment", "environments", "parameters", "variables", "globals", "outputs",
        "preflight", "pairing")}
    part["steps"] = [{name: value for name, value in step.items()
                      if name not in ("minutes", "gib", "forecast", "known", "notes", "index")}
                     for step in plan["steps"]]
    text = json.dumps(part, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    plan["hash"] = hashlib.sha256(text.encode()).hexdigest()
    with open(rollback.file, "w", encoding="utf-8") as file:
        json.dump(plan, file)
    told = [rollback.desk.call("run", "start", rollback.file, "--approve", plan["hash"], *rollback.WORDS),
            rollback.colleague.call("cosign", rollback.file, "--approve", plan["hash"])]
    with open(rollback.file, "w", encoding="utf-8") as file:
        file.write(whole)
    return told


def what_turns_of_loops_ask_cannot_be_left_out(rollback):
    """A word, a guard: of the steps that detach and delete, most are in loops."""
    with open(rollback.file, encoding="utf-8") as file:
        turns = [step for step in json.load(file)["steps"] if "]." in step["id"] and step["effect"] == "final"]
    for member in ("guards", "confirm", "confirmedBy"):
        name = next((turn["id"] for turn in turns if member in turn), None)
        yield name is not None, f"no turn has {member}"
        for done in edited(rollback, lambda plan, name=name, member=member: next(
                step for step in plan["steps"] if step["id"] == name).pop(member)):
            yield done.returncode == 1 and f"of step {name}, first as the runbook has it" in done.stderr and \
                f"{member} was" in done.stderr, (member, done.stderr[-600:])


def the_second_person_of_a_step_cannot_be_left_out(rollback):
    def change(plan):
        del next(step for step in plan["steps"] if step["id"] == "Reopen")["confirm"]["pairing"]
    for done in edited(rollback, change):
        yield done.returncode == 1 and "of step Reopen, first as the runbook has it" in done.stderr and \
            'confirm.pairing was "protected" and is not there' in done.stderr, done.stderr[-600:]


def one_person_is_not_enough(slipwayctl, world):
    with Rollback(slipwayctl, world) as rollback:
        rollback.freeze()
        rollback.need(rollback.plan())
        yield from what_turns_of_loops_ask_cannot_be_left_out(rollback)
        yield from the_second_person_of_a_step_cannot_be_left_out(rollback)
        ended = rollback.desk.call("run", "start", rollback.file, "--approve", rollback.digest,
                                   *Rollback.WORDS)
        yield ended.returncode == 1 and "slipwayctl cosign" in ended.stderr, ended.stderr[-600:]
        yield not any(sent for sent, _ in calls(rollback.server, FINAL + MAKING).values()), "changed"


def only_the_second_person_opens_it(slipwayctl, world):
    """The run waits at its end. What is no cosignature of this very question, by somebody else, is refused."""
    with Rollback(slipwayctl, world) as rollback:
        rollback.freeze()
        rollback.need(rollback.plan())
        rollback.cosign()
        ended = rollback.desk.call("run", "start", rollback.file, "--approve", rollback.digest, "--cosign",
                                   rollback.cosigned, *rollback.WORDS, timeout=400)
        shown = rollback.desk.show()
        yield ended.returncode == 1 and shown["state"] == "needs-approval", ended.stderr[-900:]
        question = rollback.question()
        told = rollback.desk.call("run", "show", "last").stdout
        yield all(f"slipwayctl cosign plan.json {shown['need_cosign']}" in text for text in (told, ended.stderr)), told
        # Waiting anew does not ask anew: who is about to answer does not do it in vain.
        again = rollback.desk.call("run", "resume", "last", timeout=400)
        yield again.returncode == 1 and rollback.question() == question, again.stderr[-600:]

        def refuses(why):
            taken = rollback.desk.call("run", "cosign", "last", rollback.accepted)
            return taken.returncode == 1 and why in taken.stderr, taken.stderr

        rollback.accepted, accepted = rollback.cosigned, rollback.accepted
        yield refuses("this cosigns a plan, and run")
        rollback.accepted = accepted
        first = rollback.colleague.workspace
        rollback.colleague.workspace = rollback.desk.workspace
        rollback.need(rollback.vouch(question))
        yield refuses("cannot be both the first and the second person")
        rollback.colleague.workspace = first
        for at, other, why in ((1, "another-run", "is for run another-run"),
                               (5, "0" * 64, f"is for what was asked after entry {'0' * 64}")):
            rollback.need(rollback.vouch([*question[:at], other, *question[at + 1:]]))
            yield refuses(why)
        for at, other, why in ((3, "ComparePrimary", "asks for no second person at step ComparePrimary"),
                               (7, "all is well", "and not what you were given")):
            words = [*question[:at], other, *question[at + 1:]]
            made = rollback.colleague.call("cosign", rollback.file, *words, "--approve", "0" * 64)
            yield made.returncode == 1 and why in made.stderr, made.stderr
        rollback.need(rollback.vouch(question))
        good = open(rollback.accepted, encoding="utf-8").read()
        for what, by, why in (("proof", json.load(open(rollback.cosigned, encoding="utf-8"))["proof"],
                               "does not accept the proof of identity"),
                              ("proof", re.sub(r"(X-Amz-Date=|%2F)\d{8}", r"\g<1>20200101",
                                               json.loads(good)["proof"]), "and held for 15")):
            with open(rollback.accepted, "w", encoding="utf-8") as file:
                json.dump({**json.loads(good), what: by}, file)
            yield refuses(why)
        with open(rollback.accepted, "w", encoding="utf-8") as file:
            file.write(good)
        # Behind the entry the plug is pulled: whoever then gives the same file again has given it.
        killed = rollback.desk.call("run", "cosign", "last", rollback.accepted, SLIPWAY_CRASH_AT="1:after control")
        yield killed.returncode == -9, killed.stderr[-600:]
        ended = rollback.desk.call("run", "resume", "last", "--cosign", rollback.accepted, timeout=400)
        yield ended.returncode == 0, ended.stderr[-900:]
        yield len([entry for entry in json.loads(rollback.desk.call(
            "ledger", "list", "--json", "--limit", "5000").stdout) if entry["kind"] == "step.cosigned"]) == 1, "entries"
        yield refuses("only a plan that has not begun can be cosigned")


def what_it_needs_is_not_tidied_away(rollback):
    """While it is stopped: neither what it will restore from, nor the way back that it made."""
    with open(rollback.file, encoding="utf-8") as file:
        told = json.load(file)["parameters"]
    names = [told["SafetySnapshot"], told["Snapshot"]]
    for name in names:
        planned = rollback.desk.call("plan", "tidy-up-snapshots", "-e", "production", "--json", "--set",
                                     "Cluster=api-production", "--set", f"Snapshots={json.dumps([name])}")
        guard = next(one for one in json.loads(planned.stdout)["guards"] if one["guard"] == "unfinished-runs")
        yield planned.returncode == 1 and guard["state"] == "block" and f"It made {name}, or needs" in guard["message"], \
            guard


def pipelines_do_not_run_again(rollback):
    """Before two people tried it: the record of the freeze stays, whatever the run waits for."""
    planned = rollback.desk.call("plan", "change-freeze-off", "-e", "production", "--json")
    guard = next(one for one in json.loads(planned.stdout)["guards"] if one["guard"] == "unfinished-runs")
    yield planned.returncode == 1 and guard["state"] == "block" and "change-freeze, or needs it" in guard["message"] \
        and rollback.desk.show()["id"] in guard["message"], guard


def entries(rollback):
    """How many the audit log has."""
    with contextlib.closing(sqlite3.connect(os.path.join(rollback.desk.state, "ledger.db"))) as store:
        return store.execute("SELECT max(seq) FROM entry").fetchone()[0]


def a_word_that_is_not_heard_is_said_once(rollback):
    """The session is another role's: the run ends at that, and the word that the command line has for it is not
    written into the audit log over and over."""
    with open(rollback.desk.workspace, encoding="utf-8") as file:
        kept = file.read()
    told = json.loads(kept)
    for environment in told["environments"]:
        if environment["name"] == "production":
            environment["role"] = "nobody"
    with open(rollback.desk.workspace, "w", encoding="utf-8") as file:
        json.dump(told, file)
    before = entries(rollback)
    ended = rollback.go_on()
    with open(rollback.desk.workspace, "w", encoding="utf-8") as file:
        file.write(kept)
    yield ended.returncode == 1 and "which the workspace now has nobody" in ended.stderr, ended.stderr[-600:]
    written = entries(rollback) - before
    yield written < 10, written


def a_final_snapshot_of_another_cluster_is_none(rollback):
    """Another hand deletes the primary and keeps nothing, and what has the name is not its data."""
    with open(rollback.file, encoding="utf-8") as file:
        told = json.load(file)["parameters"]
    rollback.server.fault(kind="error-before", service="rds", operation="DeleteDBCluster", region="eu-west-1",
                          status=403, code="AccessDenied", message="not yet", times=1)
    ended = rollback.go_on()
    yield ended.returncode == 1 and "step DeletePrimary: AccessDenied" in ended.stderr, ended.stderr[-600:]
    final = {"DBClusterSnapshotIdentifier": told["FinalSnapshot"]}
    change(rollback, "rds", "DeleteDBCluster", {"DBClusterIdentifier": "api-production", "SkipFinalSnapshot": True})
    change(rollback, "rds", "CreateDBClusterSnapshot", {**final, "DBClusterIdentifier": "membrane-production"})
    ended = rollback.go_on()
    found = step(rollback, "CheckFinalSnapshot")
    yield ended.returncode == 1 and "step AttestFinalSnapshot asks: " in ended.stderr and found["state"] == "failed", \
        ended.stderr[-900:]
    change(rollback, "rds", "DeleteDBClusterSnapshot", final)
    change(rollback, "rds", "CopyDBClusterSnapshot", {"SourceDBClusterSnapshotIdentifier": told["SafetySnapshot"],
                                                      "TargetDBClusterSnapshotIdentifier": told["FinalSnapshot"]})
    drive.wait_for(lambda: rollback.server.find("rds.cluster-snapshot", told["FinalSnapshot"])["Status"] == "available", 120)
    rollback.WORDS = (*rollback.WORDS, "--attest", "AttestFinalSnapshot=a copy of the safety snapshot")


def wrong_word_stops_at_the_point_of_no_return(slipwayctl, world):
    with Rollback(slipwayctl, world) as rollback:
        rollback.freeze()
        rollback.need(rollback.plan())
        rollback.cosign()
        ended = rollback.desk.call(
            "run", "start", rollback.file, "--approve", rollback.digest, "--cosign", rollback.cosigned,
            "--confirm", f"EachSecondary[1].DetachSecondary={GLOBAL}@{ACCOUNT}", *Rollback.ATTESTED,
            timeout=400)
        yield ended.returncode == 1 and "api-production@111111111111" in ended.stderr, \
            ended.stderr[-600:]
        deleted = calls(rollback.server, FINAL)
        yield deleted["DeleteDBCluster"] == [1, 1], deleted
        yield from what_it_needs_is_not_tidied_away(rollback)
        yield from pipelines_do_not_run_again(rollback)
        yield from a_word_that_is_not_heard_is_said_once(rollback)
        yield from outages_do_not_end_it(rollback)
        yield from a_final_snapshot_of_another_cluster_is_none(rollback)
        ended = rollback.go_on()
        yield ended.returncode == 0, ended.stderr[-900:]


def another_hand_stops_the_first_final_step(rollback):
    """The run stands before it, with all that was said: what it detaches and deletes must be as it was captured."""
    def modify(operation, **request):
        words = ("aws", "--environment", "production", "--allow-change", "--confirm", "production", "rds", operation)
        rollback.need(rollback.colleague.call(*words, "--input", json.dumps({**request, "ApplyImmediately": True})))

    for operation, of, name, was, other in (
            ("ModifyDBCluster", {"DBClusterIdentifier": "api-production"}, "BackupRetentionPeriod", 14, 3),
            ("ModifyDBInstance", {"DBInstanceIdentifier": "api-production-1"}, "PromotionTier", 1, 9)):
        modify(operation, **of, **{name: other})
        rollback.desk.await_event("production", *of.values(), operation)
        ended = rollback.go_on()
        yield ended.returncode == 1 and f"{name} was {was} and is {other}" in ended.stderr, ended.stderr[-900:]
        yield f"{operation} by " in ended.stderr, ended.stderr[-900:]
        modify(operation, **of, **{name: was})
    yield not any(did for _, did in calls(rollback.server, FINAL).values()), "deleted"


def a_changed_dr_cluster_keeps_its_instances(rollback):
    """It is read again with each of them, not only when it is deleted itself."""
    def dr_cluster():
        found = rollback.server.ask("resources?type=rds.cluster")
        return next(one["data"]["shape"] for one in found if (one["id"], one["region"]) == ("api-production", "eu-west-2"))

    def keep_backups(days):
        request = {"DBClusterIdentifier": "api-production", "BackupRetentionPeriod": days, "ApplyImmediately": True}
        change(rollback, "rds", "ModifyDBCluster", request, "eu-west-2")
        drive.wait_for(lambda: dr_cluster()["Status"] == "available", 60)

    rollback.server.fault(kind="error-before", service="rds", operation="DeleteDBInstance", region="eu-west-2",
                          status=403, code="AccessDenied", message="not yet", times=1)
    ended = rollback.go_on()
    yield ended.returncode == 1 and "step EachDrInstance[1].DeleteDrInstance: AccessDenied" in ended.stderr, ended.stderr[-900:]
    was = dr_cluster()["BackupRetentionPeriod"]
    keep_backups(was + 1)
    ended = rollback.go_on()
    yield ended.returncode == 1 and "“Its cluster is still as it was captured” blocks step EachDrInstance[1]" in ended.stderr \
        and f"BackupRetentionPeriod was {was} and is {was + 1}" in ended.stderr, ended.stderr[-900:]
    keep_backups(was)


def what_another_hand_took_away_is_done(rollback):
    """A step that only prepares a deletion has nothing to do, when another hand deleted the thing meanwhile."""
    for operation, request, region, stopped in (
            ("DeleteDBCluster", {"DBClusterIdentifier": "api-production"}, "eu-west-2",
             "EachDrCluster[1].UnprotectSecondary"),
            ("DeleteGlobalCluster", {"GlobalClusterIdentifier": GLOBAL}, "eu-west-1", "UnprotectGlobal")):
        modify = operation.replace("Delete", "Modify")
        rollback.server.fault(kind="error-before", service="rds", operation=modify, region=region, status=403,
                              code="AccessDenied", message="not yet", times=1)
        ended = rollback.go_on()
        yield ended.returncode == 1 and f"step {stopped}: AccessDenied" in ended.stderr, ended.stderr[-900:]
        soon = {"ApplyImmediately": True} if "Global" not in modify else {}
        change(rollback, "rds", modify, {**request, "DeletionProtection": False, **soon}, region)
        change(rollback, "rds", operation, {**request, **({"SkipFinalSnapshot": True} if soon else {})}, region)
    ended = rollback.go_on()
    for name, code in (("EachDrCluster[1].UnprotectSecondary", "DBClusterNotFoundFault"),
                       ("UnprotectGlobal", "GlobalClusterNotFoundFault")):
        told = step(rollback, name)
        yield told["state"] == "done" and code in told.get("detail", ""), told
    yield ended.returncode == 1 and "EachOldInstance[1].DeleteOldInstance" in ended.stderr, ended.stderr[-600:]


def a_snapshot_that_goes_behind_the_point_of_no_return_stops_it(slipwayctl, world):
    """The run stands between the typed word and the first deletion that it allows; somebody deletes the snapshot."""
    with Rollback(slipwayctl, world) as rollback:
        rollback.freeze()
        rollback.need(rollback.plan())
        rollback.cosign()
        for operation in ("RemoveFromGlobalCluster", "DeleteDBInstance"):
            rollback.server.fault(kind="error-before", service="rds", operation=operation, status=403,
                                  **({"region": "eu-west-1"} if operation == "DeleteDBInstance" else {}),
                                  code="AccessDenied", message="not yet", times=1)
        ended = rollback.start()
        yield ended.returncode == 1 and "EachSecondary[1].DetachSecondary" in ended.stderr, ended.stderr[-600:]
        yield from another_hand_stops_the_first_final_step(rollback)
        yield from a_changed_dr_cluster_keeps_its_instances(rollback)
        yield from what_another_hand_took_away_is_done(rollback)
        change(rollback, "rds", "DeleteDBClusterSnapshot", {"DBClusterSnapshotIdentifier": SNAPSHOT})
        rollback.desk.await_event("production", SNAPSHOT, "DeleteDBClusterSnapshot")
        ended = rollback.go_on()
        yield ended.returncode == 1 and "guard “Snapshot can still be restored” blocks" in ended.stderr, \
            ended.stderr[-900:]
        told = ("DeleteDBClusterSnapshot by ", "CopyDBClusterSnapshot")
        yield all(words in ended.stderr for words in told), ended.stderr[-900:]
        yield all(rollback.server.find("rds.instance", f"api-production-{number}") for number in range(3)), "deleted"
        yield from another_snapshot_under_its_name_stops_it(rollback)


def another_snapshot_under_its_name_stops_it(rollback):
    """What was planned and approved is that snapshot, not whatever has its name by now."""
    change(rollback, "rds", "CreateDBClusterSnapshot", {"DBClusterSnapshotIdentifier": SNAPSHOT,
                                                        "DBClusterIdentifier": "api-production"})
    drive.wait_for(lambda: rollback.server.find("rds.cluster-snapshot", SNAPSHOT)["Status"] == "available", 120)
    ended = rollback.go_on()
    yield ended.returncode == 1 and "“It is the snapshot that was planned for” blocks" in ended.stderr \
        and "$.SnapshotCreateTime was" in ended.stderr, ended.stderr[-900:]
    yield all(rollback.server.find("rds.instance", f"api-production-{number}") for number in range(3)), "deleted"


def outages_do_not_end_it(rollback):
    """Behind it no service that only proves something bars the way: who looks, says so."""
    for service, operation in (("iam", "SimulatePrincipalPolicy"), ("ssm", "GetParameter")):
        rollback.server.fault(kind="error-before", service=service, operation=operation, status=400,
                              code="AccessDeniedException", message="down", times=0)
    asked = rollback.go_on()
    freeze = re.search(r"--attest (\S+/change-freeze:\S+)=NOTE", asked.stderr + asked.stdout)
    yield asked.returncode == 1 and freeze is not None, asked.stderr[-900:]
    # A note that does not name the very question answers none.
    rollback.WORDS = (*rollback.WORDS, "--attest", f"{freeze[1].split(':')[0]}=whatever it asks")
    asked = rollback.go_on()
    yield asked.returncode == 1 and f"--attest {freeze[1]}=NOTE" in asked.stderr, asked.stderr[-900:]
    rollback.WORDS = (*rollback.WORDS, "--attest", f"{freeze[1]}=it is on: the board says so")


def another_hand_stops_it(slipwayctl, world):
    """Somebody changes the cluster between plan and run: what was captured no longer holds."""
    with Rollback(slipwayctl, world) as rollback:
        rollback.freeze()
        rollback.need(rollback.plan())
        rollback.cosign()
        change = ["aws", "--environment", "production", "--allow-change", "--confirm",
                  "production", "rds", "ModifyDBCluster",
                  "--input", json.dumps({"DBClusterIdentifier": "api-production",
                                         "BackupRetentionPeriod": 3, "ApplyImmediately": True})]
        rollback.need(rollback.desk.call(*change))
        rollback.desk.await_event("production", "api-production", "ModifyDBCluster")
        ended = rollback.start()
        yield ended.returncode == 1 and "Plan again" in ended.stderr, ended.stderr[-900:]
        yield "of api-production: primary." in ended.stderr, ended.stderr[-900:]
        yield "BackupRetentionPeriod was 14 and is 3" in ended.stderr, ended.stderr[-900:]
        yield "ModifyDBCluster by " in ended.stderr, ended.stderr[-900:]
        longest = max((line for line in ended.stderr.splitlines() if " was 14 and is 3" in line), key=len)
        yield len(longest) < 1000, longest[:3000]
        yield not any(sent for sent, _ in calls(rollback.server, FINAL).values()), "deleted"


def planted(slipwayctl, world, spoil, words, *settings):
    with Rollback(slipwayctl, world) as rollback:
        rollback.freeze()
        spoil(rollback)
        planned = rollback.plan(*settings)
        yield planned.returncode == 1, planned.stderr[-600:]
        yield words in planned.stdout, planned.stdout[-2500:]
        yield not any(sent for sent, _ in calls(rollback.server, FINAL).values()), "changed"


def change(rollback, service, operation, request, region="eu-west-1"):
    rollback.need(rollback.desk.call("aws", "--environment", "production", "--region", region, "--allow-change",
                                     "--confirm", "production", service,
                                     operation, "--input", json.dumps(request)))


def no_freeze_blocks(slipwayctl, world):
    with Rollback(slipwayctl, world) as rollback:
        planned = rollback.plan()
        yield planned.returncode == 1 and "change-freeze-on" in planned.stdout, planned.stdout[-900:]


def snapshot_of_another_cluster_blocks(slipwayctl, world):
    with Rollback(slipwayctl, world) as rollback:
        rollback.freeze()
        change(rollback, "rds", "CreateDBClusterSnapshot",
               {"DBClusterSnapshotIdentifier": "membrane-now", "DBClusterIdentifier": "membrane-production"})
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            shots = json.loads(rollback.desk.call(
                "aws", "--environment", "production", "rds", "DescribeDBClusterSnapshots", "--input",
                '{"DBClusterSnapshotIdentifier": "membrane-now"}').stdout)["DBClusterSnapshots"]
            if shots[0]["Status"] == "available":
                break
            time.sleep(0.1)
        planned = rollback.plan("Snapshot=membrane-now")
        yield planned.returncode == 1, planned.stderr[-300:]
        yield "is of cluster membrane-production, not of api-production" in planned.stdout, \
            planned.stdout[-2500:]


def dead_key_blocks(slipwayctl, world):
    def spoil(rollback):
        key = json.loads(rollback.desk.call(
            "aws", "--environment", "production", "kms", "DescribeKey", "--input",
            '{"KeyId": "alias/rds-production"}').stdout)["KeyMetadata"]["KeyId"]
        change(rollback, "kms", "DisableKey", {"KeyId": key})
    yield from planted(slipwayctl, world, spoil, "Disabled")


def failed_snapshot_blocks(slipwayctl, world):
    yield from planted(slipwayctl, world, lambda rollback: None, "is failed, not available",
                       "Snapshot=pre-migration-snapshot-api-202611141840")


def taken_name_blocks(slipwayctl, world):
    yield from planted(slipwayctl, world, lambda rollback: None, "api-production-pre-upgrade-14",
                       "SafetySnapshot=api-production-pre-upgrade-14")


def make_one_person_enough(rollback):
    """As in an environment that is not protected."""
    for path in (rollback.desk.workspace, rollback.colleague.workspace):
        with open(path, encoding="utf-8") as file:
            workspace = json.load(file)
        for one in workspace["environments"]:
            one.pop("protected", None)
            one.pop("pairing", None)
        with open(path, "w", encoding="utf-8") as file:
            json.dump(workspace, file)


def take_back_the_waiver(plan):
    del plan["pairing"]
    plan["parameters"]["SafetySnapshotWaiver"] = "no"


def taking_the_waiver_back_does_not_help(rollback):
    """The branches stand decided in the plan: another value does not make it a plan of one person."""
    for done in edited(rollback, take_back_the_waiver):
        yield done.returncode == 1 and "not what its runbook makes of its parameters" in done.stderr, \
            done.stderr[-600:]


def a_primary_that_takes_no_snapshot_needs_two_people(slipwayctl, world):
    """Without need it is refused, of one person too, also where one is enough otherwise; and when it comes back,
    the plan does not hold any more."""
    with Rollback(slipwayctl, world) as rollback:
        rollback.freeze()
        planned = rollback.plan(WAIVER)
        yield planned.returncode == 1 and "there is nothing to waive. Plan again" in planned.stdout, \
            planned.stdout[-900:]
        break_cluster(rollback.server, LOST_KEY + "-recoverable")
        planned = rollback.plan()
        yield planned.returncode == 1 and f"api-production is {LOST_KEY}-recoverable, not available" in \
            planned.stdout and "SafetySnapshotWaiver=primary-not-available" in planned.stdout, planned.stdout[-900:]
        planned = rollback.plan(WAIVER, "Mode=rename-swap")
        yield planned.returncode == 1 and "cannot be renamed" in planned.stdout, planned.stdout[-900:]
        make_one_person_enough(rollback)
        rollback.need(rollback.plan(WAIVER))
        yield from taking_the_waiver_back_does_not_help(rollback)
        ended = rollback.desk.call("run", "start", rollback.file, "--approve", rollback.digest, *Waived.WORDS)
        yield ended.returncode == 1 and "there will be no snapshot of the primary's data" in ended.stderr and \
            "slipwayctl cosign" in ended.stderr, ended.stderr[-900:]
        rollback.cosign()
        ended = rollback.go_on()
        yield ended.returncode == 1 and "no-snapshot-of-api-production@" in ended.stderr, ended.stderr[-900:]
        change(rollback, "rds", "StartDBCluster", {"DBClusterIdentifier": "api-production"})
        drive.wait_for(lambda: rollback.server.find("rds.cluster", "api-production", ACCOUNT)["Status"] == "available")
        rollback.WORDS = Waived.WORDS
        ended = rollback.go_on()
        yield ended.returncode == 1 and "Plan again" in ended.stderr, ended.stderr[-900:]
        sent = calls(rollback.server, FINAL + MAKING)
        yield not any(count for count, _ in sent.values()), sent


def what_cannot_be_deleted_or_renamed_blocks(slipwayctl, world):
    """A DR cluster that a run would leave half way, and an instance that would keep its name."""
    with Rollback(slipwayctl, world, "rename-swap") as rollback:
        rollback.freeze()
        rollback.server.fault(kind="stuck", transition="rds.instance-rebooted")
        change(rollback, "rds", "RebootDBInstance", {"DBInstanceIdentifier": "api-production-1"})
        planned = rollback.plan()
        yield planned.returncode == 1 and "instance api-production-1 in eu-west-1 is rebooting" in planned.stdout, \
            planned.stdout[-900:]
        rollback.server.clear_faults()
        break_cluster(rollback.server, "failed", "eu-west-2")
        planned = rollback.plan()
        yield planned.returncode == 1 and "cluster api-production in eu-west-2 is failed" in planned.stdout and \
            "RemoveFromGlobalCluster, DeleteDBCluster" in planned.stdout, planned.stdout[-900:]


def names_that_clash_block(slipwayctl, world):
    """Those that the plan itself gives twice, and that which somebody takes before the first final step."""
    with Rollback(slipwayctl, world, "rename-swap") as rollback:
        rollback.freeze()
        for settings, words in ((("SafetySnapshot=same", "FinalSnapshot=same"), "the name same to another snapshot"),
                                (("ProofCluster=api-production-old",), "another cluster too"),
                                ((f"ProofCluster={'p' * 62}",), "64 characters long")):
            planned = rollback.plan(*settings)
            yield planned.returncode == 1 and words in planned.stdout, planned.stdout[-1500:]
        rollback.need(rollback.plan())
        rollback.cosign()
        change(rollback, "rds", "CreateDBCluster",
               {"DBClusterIdentifier": "api-production-old", "Engine": "aurora-postgresql",
                "MasterUsername": "x", "MasterUserPassword": "abcdefgh1234"})
        ended = rollback.start()
        yield ended.returncode == 1 and "cluster api-production-old exists already" in ended.stderr, \
            ended.stderr[-900:]
        yield not any(sent for sent, _ in calls(rollback.server, FINAL).values()), "deleted"
        planned = rollback.plan()
        yield planned.returncode == 1 and "api-production-old exists already" in planned.stdout, planned.stdout[-900:]
        rollback.need(rollback.desk.call("run", "cancel", "last"))
        planned = rollback.plan("Mode=replace", "SafetySnapshot=another")
        yield planned.returncode == 0, planned.stdout[-900:]


def no_maintenance_blocks(slipwayctl, world):
    """Whoever says nothing of it is asked for the record; that nobody writes must be said."""
    with Rollback(slipwayctl, world) as rollback:
        rollback.freeze()
        planned = rollback.plan("Maintenance=/slipway/production/maintenance-mode")
        yield planned.returncode == 1 and "maintenance-mode-on" in planned.stdout, planned.stdout[-900:]
        rollback.need(rollback.plan())
        rollback.cosign()
        ended = rollback.desk.call(
            "run", "start", rollback.file, "--approve", rollback.digest, "--cosign", rollback.cosigned,
            "--confirm", f"EachSecondary[1].DetachSecondary={GLOBAL}@{ACCOUNT}", timeout=400)
        yield ended.returncode == 1 and "nobody writes to api-production" in ended.stderr, \
            ended.stderr[-600:]
        sent = calls(rollback.server, FINAL + MAKING)
        yield not any(count for count, _ in sent.values()), sent


def counts_that_nobody_recorded_block(slipwayctl, world):
    yield from planted(slipwayctl, world, lambda rollback: None, "was not counted when it was taken",
                       "Verification=recorded-counts", "MasterSecret=rds-api-production")


def a_missing_secret_blocks(slipwayctl, world):
    """Also where only the password is set by it, at the end."""
    for how, secret in (("restore-beside", ""), ("by-hand", "rds-nobody")):
        yield from planted(slipwayctl, world, lambda rollback: None, "can't find the specified secret",
                           f"Verification={how}", f"MasterSecret={secret}")


def a_secret_that_cannot_be_used_stops_before_any_change(slipwayctl, world):
    """It is there, and no JSON: the rollback would set no password at its end."""
    with Rollback(slipwayctl, world) as rollback:
        rollback.freeze()
        change(rollback, "secretsmanager", "CreateSecret", {"Name": "plain", "SecretString": "no JSON"})
        rollback.need(rollback.plan("MasterSecret=plain"))
        rollback.cosign()
        ended = rollback.start()
        yield ended.returncode == 1 and "step TryToReadSecret" in ended.stderr, ended.stderr[-900:]
        sent = calls(rollback.server, FINAL + MAKING)
        yield not any(count for count, _ in sent.values()), sent


COUNTED = "pre-migration-snapshot-api-counted"
COPY_OF_COUNTED = "api-snpshot-for-copy"
LIVING_KEY = "alias/rds-snapshot-reencryption-production"
HERE = ("Maintenance=/slipway/production/maintenance-mode", "MasterSecret=rds-api-production")


def scribble(rollback):
    """What was written after the snapshot, and is lost."""
    rollback.server.sql("api-production", "DELETE FROM order_deputy WHERE ctid IN "
                        "(SELECT ctid FROM order_deputy ORDER BY ctid LIMIT 7)")


def rows(rollback, cluster="api-production"):
    return int(rollback.server.sql(cluster, "SELECT count(*) FROM order_deputy",
                                   "rehearsal-api-production"))


def step(rollback, name):
    return next(step for step in rollback.desk.show()["steps"] if step["id"] == name)


def snapshot_of_a_closed_service(rollback):
    rollback.freeze()
    rollback.close()
    rollback.do("pre-migration-snapshot", f"SnapshotName={COUNTED}", "Quiesced=in-maintenance",
                words=("--attest", "AttestQuiet"))
    rollback.do("record-row-counts", f"Snapshot={COUNTED}", words=("--attest", "AttestQuiet"))


def start_with_a_standby_that_lags(rollback):
    """The new DR cluster's replay stands still from when it is connected. Until then there are no values, so that
    none of before passes for one of now."""
    server = rollback.server
    server.fault(kind="fail", transition="rds.lag-measured", times=0,
                 message="no value in this minute")
    ended = []
    process = threading.Thread(target=lambda: ended.append(rollback.go_on()))
    process.start()

    def struck():
        return sum(one["hits"] for one in server.ask("faults"))

    def connected():
        return any(one["id"] == "EachConnected[1].WaitConnected" and one["state"] == "done"
                   for one in rollback.desk.show()["steps"])

    drive.wait_for(lambda: ended or connected(), 300)
    server.administer("api-production", "eu-west-2", "SELECT pg_wal_replay_pause()")
    server.administer("api-production", "eu-west-1", "SELECT pg_switch_wal()")
    before = struck()
    drive.wait_for(lambda: struck() > before + 1, 60)
    server.clear_faults()
    process.join(timeout=400)
    return ended[0]


def refuse_once(rollback, operation):
    rollback.server.fault(kind="error-before", service="rds", operation=operation, region="eu-west-1", status=403,
                          code="AccessDenied", message="not yet", times=1)


def another_hand_stops_the_renames(rollback):
    """Behind the typed word, and before what it allows."""
    refuse_once(rollback, "ModifyDBInstance")
    ended = rollback.start()
    yield ended.returncode == 1 and "EachRename[1].RenameInstance" in ended.stderr, ended.stderr[-900:]
    for days in (3, 14):
        change(rollback, "rds", "ModifyDBCluster", {"DBClusterIdentifier": "api-production",
                                                    "BackupRetentionPeriod": days, "ApplyImmediately": True})
        if days == 3:
            ended = rollback.go_on()
    yield ended.returncode == 1 and "BackupRetentionPeriod was 14 and is 3" in ended.stderr, ended.stderr[-900:]
    yield rollback.server.find("rds.instance", "api-production-0-old") is None, "it was renamed"


def a_lag_stops_it(rollback):
    ended = start_with_a_standby_that_lags(rollback)
    yield ended.returncode == 1, ended.stderr[-900:]
    told = ("AuroraGlobalDBReplicationLag of DBClusterIdentifier=api-production in eu-west-2 is still",
            "should be at most 1000", "then resume")
    yield all(words in ended.stderr for words in told), ended.stderr[-1500:]
    yield step(rollback, "Reopen")["state"] != "done", "people were asked to accept it"
    rollback.server.administer("api-production", "eu-west-2", "SELECT pg_wal_replay_resume()")
    ended = rollback.go_on()
    yield ended.returncode == 0, ended.stderr[-900:]
    yield float(step(rollback, "EachLag[1].WaitLag")["outputs"]["Value"]) <= 1000, "it is still behind"


def rows_of_the_snapshot_come_back(slipwayctl, world):
    """In maintenance mode, with a snapshot that was counted: first by its tags, then, in the same world and
    on another night, by restoring it beside."""
    with Rollback(slipwayctl, world, "rename-swap") as rollback:
        snapshot_of_a_closed_service(rollback)
        expected = rows(rollback)
        scribble(rollback)
        yield rows(rollback) == expected - 7, "nothing was lost that could come back"
        rollback.need(rollback.plan(f"Snapshot={COUNTED}", "Verification=recorded-counts", *HERE))
        rollback.cosign()
        yield from another_hand_stops_the_renames(rollback)
        yield from a_lag_stops_it(rollback)
        yield rows(rollback) == expected, f"{rows(rollback)} rows, not {expected}"
        compared = step(rollback, "CompareWithRecorded")["outputs"]
        yield compared["Differences"] == [] and \
            compared["Manifest"]["tables"]["public.order_deputy"]["rows"] == expected, compared
        yield rows(rollback, "api-production-old") == expected - 7, "the old rows are gone"
        yield from tidies_up(rollback)
        scribble(rollback)
        yield from rolls_back_what_takes_no_snapshot(rollback)
        counted = step(rollback, "CountBeside")["outputs"]["Manifest"]["tables"]
        yield counted["public.order_deputy"]["rows"] == expected == rows(rollback), counted
        yield step(rollback, "CompareWithSnapshot")["outputs"]["Differences"] == [], "they differ"
        left = [one["DBClusterIdentifier"]
                for one in in_production(rollback, "DescribeDBClusters", "DBClusters")]
        yield not any(name.startswith("proof-") or name.endswith("-old") for name in left), left
        yield rollback.verify() is None, "the ledger does not verify"
        yield not rollback.desk.secrets_on_disk(), "a secret is on disk"


def replica_goes_unkept(rollback):
    """The DR cluster is not deleted yet, and another hand deletes what was kept of it."""
    rollback.server.fault(kind="error-before", service="rds", operation="DeleteDBCluster", region="eu-west-2",
                          status=403, code="AccessDenied", message="not yet", times=1)
    ended = rollback.start()
    yield ended.returncode == 1 and "not yet" in ended.stderr, ended.stderr[-900:]
    safety = {"DBClusterSnapshotIdentifier":
              json.load(open(rollback.file, encoding="utf-8"))["parameters"]["SafetySnapshot"]}
    change(rollback, "rds", "DeleteDBClusterSnapshot", safety, "eu-west-2")
    before = calls(rollback.server, FINAL)
    ended = rollback.go_on()
    yield ended.returncode == 1 and "of cluster api-production in eu-west-2, which is what is kept instead" in \
        ended.stderr, ended.stderr[-900:]
    yield calls(rollback.server, FINAL) == before, "something was deleted"
    change(rollback, "rds", "CreateDBClusterSnapshot", {"DBClusterIdentifier": "api-production", **safety}, "eu-west-2")
    drive.wait_for(lambda: rollback.server.find("rds.cluster-snapshot", safety["DBClusterSnapshotIdentifier"],
                                                ACCOUNT)["Status"] == "available")


def rolls_back_what_takes_no_snapshot(rollback):
    """The primary loses its key, on the way for good: with what two people waived, and another key, all else is as
    ever."""
    key = rollback.need(rollback.desk.call("aws", "--environment", "production", "kms", "DescribeKey", "--input",
                                           json.dumps({"KeyId": "alias/rds-production"})))
    change(rollback, "kms", "DisableKey", {"KeyId": json.loads(key.stdout)["KeyMetadata"]["KeyId"]})
    break_cluster(rollback.server, LOST_KEY + "-recoverable")
    rollback.mode = "replace"
    rollback.WORDS = (*rollback.WORDS, "--confirm", NO_SNAPSHOT)
    settings = (f"Snapshot={COPY_OF_COUNTED}", "Verification=restore-beside", WAIVER, *HERE)
    planned = rollback.plan(*settings)
    yield planned.returncode == 1 and "is Disabled: the cluster could not be brought back under it" in \
        planned.stdout, planned.stdout[-900:]
    rollback.need(rollback.plan(*settings, f"RestoredKey={LIVING_KEY}"))
    rollback.cosign()
    before = calls(rollback.server, ("CreateDBClusterSnapshot",))["CreateDBClusterSnapshot"][0]
    yield from replica_goes_unkept(rollback)
    break_cluster(rollback.server)
    ended = rollback.go_on()
    yield ended.returncode == 0, ended.stderr[-1500:]
    compared = {row["field"]: row for row in step(rollback, "ComparePrimary")["outputs"]["Comparison"]["fields"]}
    yield compared["KmsKeyId"].get("explained") == LIVING_KEY, compared["KmsKeyId"]
    after = calls(rollback.server, ("CreateDBClusterSnapshot",))["CreateDBClusterSnapshot"][0]
    yield after == before + 2, "it asked for snapshots that AWS does not take"
    safety = json.load(open(rollback.file, encoding="utf-8"))["parameters"]["SafetySnapshot"]
    kept = [one["region"] for one in rollback.server.ask("resources?type=rds.cluster-snapshot") if one["id"] == safety]
    yield kept == ["eu-west-2"], f"what the DR cluster held is kept in {kept}"
    page = os.path.join(rollback.desk.state, "evidence.html")
    rollback.need(rollback.desk.call("ledger", "export", "--format", "html", "-o", page))
    with open(page, encoding="utf-8") as file:
        text = file.read()
    told = ("SafetySnapshotWaiver", "there will be no snapshot", NO_SNAPSHOT.split("=")[1], "breakglass/ann",
            "breakglass/colleague")
    yield all(words in text for words in told), [words for words in told if words not in text]


def a_word_for_the_old_cluster_is_asked_again(rollback, typed):
    """Typed, and then another hand was at the first instance that goes: put back, it is no more what was typed of."""
    refuse_once(rollback, "DeleteDBInstance")
    stopped = rollback.desk.call("run", "resume", "last", *typed, timeout=400)
    yield stopped.returncode == 1 and "EachInstance[1].DeleteInstance" in stopped.stderr, stopped.stderr[-600:]
    first = step(rollback, "DescribeOld")["outputs"]["Members"][0]
    tier = rollback.server.find("rds.instance", first)["PromotionTier"]
    for value, told in ((tier + 1, f"PromotionTier was {tier} and is {tier + 1}"),
                        (tier, "step ConfirmOld asks again")):
        change(rollback, "rds", "ModifyDBInstance", {"DBInstanceIdentifier": first, "PromotionTier": value,
                                                     "ApplyImmediately": True})
        stopped = rollback.desk.call("run", "resume", "last", timeout=400)
        yield stopped.returncode == 1 and told in stopped.stderr, stopped.stderr[-900:]
    yield rollback.server.find("rds.instance", first) is not None, "it is deleted"


def tidies_up(rollback):
    """Too early it is refused; then what was kept goes, each thing when its name was typed."""
    safety = json.load(open(rollback.file, encoding="utf-8"))["parameters"]["SafetySnapshot"]
    tidy = ["OldCluster=api-production-old", f"Snapshots={json.dumps([safety])}",
            "Accepted=the service owner, this morning"]
    path = os.path.join(rollback.desk.state, "tidy.json")

    def plan(*settings):
        words = ["plan", "tidy-up-after-rollback", "-e", "production", "-o", path]
        return rollback.desk.call(*words, *(word for setting in settings for word in ("--set", setting)))

    early = plan(*tidy, "MinAgeHours=100000")
    yield early.returncode == 1 and "is kept for 100000 hours" in early.stdout, early.stdout[-900:]
    wrong = plan("OldCluster=api-production", *tidy[1:], "MinAgeHours=0")
    yield wrong.returncode == 1 and "in service" in wrong.stdout, wrong.stdout[-900:]
    foreign = plan("OldCluster=membrane-production", *tidy[1:], "MinAgeHours=0")
    yield foreign.returncode == 1 and "renamed api-production to membrane-production" in foreign.stdout, \
        foreign.stdout[-900:]
    rollback.need(plan(*tidy, "MinAgeHours=0"))
    with open(path, encoding="utf-8") as file:
        digest = json.load(file)["hash"]
    cosigned = os.path.join(rollback.desk.state, "tidy-cosigned.json")
    rollback.need(rollback.colleague.call("cosign", path, "--approve", digest, "-o", cosigned))
    words = ["run", "start", path, "--approve", digest, "--cosign", cosigned]
    stopped = rollback.desk.call(*words, timeout=400)
    yield stopped.returncode == 1 and f"api-production-old@{ACCOUNT}" in stopped.stderr, stopped.stderr[-600:]
    yield rows(rollback, "api-production-old") > 0, "it was touched"
    typed = ["--confirm", f"ConfirmOld=api-production-old@{ACCOUNT}"]
    yield from a_word_for_the_old_cluster_is_asked_again(rollback, typed)
    stopped = rollback.desk.call("run", "resume", "last", *typed, timeout=400)
    yield stopped.returncode == 1 and f"{safety}@{ACCOUNT}" in stopped.stderr, stopped.stderr[-600:]
    ended = rollback.desk.call("run", "resume", "last", *typed, "--confirm",
                               f"EachSnapshot[1].DeleteSnapshot={safety}@{ACCOUNT}", timeout=400)
    yield ended.returncode == 0, ended.stderr[-900:]
    left = {one["id"] for kind in ("rds.cluster", "rds.instance", "rds.cluster-snapshot")
            for one in rollback.server.ask(f"resources?type={kind}&account={ACCOUNT}")}
    yield not {"api-production-old", "api-production-0-old", safety} & left, left
    yield any(name.startswith("last-api-production-") for name in left), left


# With rows, the other mode is rehearsed with rows.
CASES = [replace, *([rename_swap] if drive.why_no_rows() else []), one_person_is_not_enough,
         only_the_second_person_opens_it,
         wrong_word_stops_at_the_point_of_no_return,
         a_snapshot_that_goes_behind_the_point_of_no_return_stops_it, another_hand_stops_it, no_freeze_blocks, snapshot_of_another_cluster_blocks, dead_key_blocks,
         a_primary_that_takes_no_snapshot_needs_two_people, what_cannot_be_deleted_or_renamed_blocks,
         failed_snapshot_blocks, taken_name_blocks, names_that_clash_block, no_maintenance_blocks,
         counts_that_nobody_recorded_block, a_missing_secret_blocks, a_secret_that_cannot_be_used_stops_before_any_change]


def one_case(tap, slipwayctl, world, case):
    try:
        wrong = [why for good, why in case(slipwayctl, world) if not good]
        tap.result(not wrong, case.__name__, "\n".join(map(str, wrong)))
    except Exception as error:  # a test that breaks is a test that failed
        tap.result(False, case.__name__, repr(error))


class Procedure(Rollback):
    """As killing.py takes it."""

    kind = "replace"
    settings = ()

    def __init__(self, slipwayctl, world):
        super().__init__(slipwayctl, world, self.kind)

    def prepare(self):
        self.freeze()
        self.need(self.plan(*self.settings))
        self.cosign()

    def counts(self):
        return calls(self.server, FINAL + MAKING)

    def estate(self):
        return self.names()


class RenameSwap(Procedure):
    kind = "rename-swap"


class Waived(Procedure):
    """The primary is in a state in which AWS takes no snapshot, and two people do without."""

    kind = "waived"
    settings = (WAIVER,)
    WORDS = (*Rollback.WORDS, "--confirm", NO_SNAPSHOT)

    def __init__(self, slipwayctl, world):
        super().__init__(slipwayctl, world)
        self.mode = "replace"

    def prepare(self):
        break_cluster(self.server)
        super().prepare()


class Beside(Procedure):
    settings = ("Verification=restore-beside", "MasterSecret=rds-api-production")


def with_rows(tap, slipwayctl, world):
    rows_world = world.with_rows(clusters=("api-production",))
    one_case(tap, slipwayctl, rows_world, rows_of_the_snapshot_come_back)
    if os.environ.get("SLIPWAY_TEST_LONG") == "1":
        killing.run(tap, lambda: Beside(slipwayctl, rows_world), rows_world.folder, "beside: ", "Beside")


def run(tap, slipwayctl, world):
    for case in CASES:
        one_case(tap, slipwayctl, world, case)
    why = drive.why_no_rows()
    if why:
        tap.skip(rows_of_the_snapshot_come_back.__name__, why)
    else:
        with_rows(tap, slipwayctl, world)
    # Each has its own steps; now the one is drawn, now another.
    every = [Procedure, RenameSwap, Waived]
    modes = every if os.environ.get("SLIPWAY_TEST_LONG") == "1" else [random.Random(killing.SEED).choice(every)]
    for mode in modes:
        killing.run(tap, lambda kind=mode: kind(slipwayctl, world), os.path.join(world.folder, mode.kind),
                    f"{mode.kind}: ")


if __name__ == "__main__":
    os.environ["SLIPWAY_REHEARSAL_POSTGRES"] = "off"
    drive.main(run)
