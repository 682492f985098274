# SPDX-License-Identifier: MIT
"""The rollback of a production global cluster: from freeze to comparison, in both modes, disturbed on the way,
and killed at places of its audit log. With SLIPWAY_TEST_LONG=1 (tests/run --long) it is killed at every one."""

import contextlib
import json
import os
import random
import re
import sqlite3
import threading

import drive
import killing
from rollback import (
    ACCOUNT, FINAL, GLOBAL, MAKING, SNAPSHOT, Procedure, RenameSwap, Rollback, Waived, calls, change,
    in_production, one_case, step)


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
    ended = rollback.desk.call("run", "resume", "last", *rollback.WORDS, timeout=400)
    shown = rollback.desk.call("run", "show", "last").stdout
    yield ended.returncode == 1 and shown.count("cosigned-AttestFinalSnapshot.json") == 2, \
        f"one person alone, or a file of any step: {ended.stderr[-600:]} {shown[-900:]}"


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
    yield from what_is_gone_is_not_told_as_existing(rollback)


def what_is_gone_is_not_told_as_existing(rollback):
    """A guard finds it gone: who undoes the rollback by hand does not look for it."""
    with open(rollback.file, encoding="utf-8") as file:
        safety = json.load(file)["parameters"]["SafetySnapshot"]
    change(rollback, "rds", "DeleteDBClusterSnapshot", {"DBClusterSnapshotIdentifier": safety})
    ended = rollback.go_on()
    yield ended.returncode == 1 and f"there is no snapshot {safety}" in ended.stderr, ended.stderr[-900:]
    left = next(one for one in rollback.desk.show()["leftovers"] if one["step"] == "TakeSafetySnapshot")
    yield "that it is not there (DBClusterSnapshotNotFoundFault)" in left.get("lost", "") and "undo" not in left, left


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


# With rows, the other mode is rehearsed with rows.
CASES = [replace, *([rename_swap] if drive.why_no_rows() else []), wrong_word_stops_at_the_point_of_no_return,
         a_snapshot_that_goes_behind_the_point_of_no_return_stops_it]


def run(tap, slipwayctl, world):
    for case in CASES:
        one_case(tap, slipwayctl, world, case)
    # Each has its own steps; now the one is drawn, now another.
    every = [Procedure, RenameSwap, Waived]
    modes = every if os.environ.get("SLIPWAY_TEST_LONG") == "1" else [random.Random(killing.SEED).choice(every)]
    for mode in modes:
        killing.run(tap, lambda kind=mode: kind(slipwayctl, world), os.path.join(world.folder, mode.kind),
                    f"{mode.kind}: ")


if __name__ == "__main__":
    os.environ["SLIPWAY_REHEARSAL_POSTGRES"] = "off"
    drive.main(run)
