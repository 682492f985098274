# SPDX-License-Identifier: MIT
"""What the rollback of a production global cluster refuses: planted faults when it is planned, one person where two
are asked for, plans that somebody edited, and what another hand changed before it began."""

import hashlib
import json
import os
import re
import shutil
import subprocess

import drive
from rollback import (
    ACCOUNT, FINAL, GLOBAL, LOST_KEY, MAKING, WAIVER, Rollback, Waived, break_cluster, calls, change, one_case,
    step)


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
    part["guards"] = [{name: value for name, value in guard.items() if name in (
        "guard", "title", "state", "environment", "region", "step", "inputs", "severity", "when")}
                      for guard in plan["guards"]]
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


def keep_backups(rollback, days):
    request = {"DBClusterIdentifier": "api-production", "BackupRetentionPeriod": days, "ApplyImmediately": True}
    rollback.need(rollback.colleague.call("aws", "--environment", "production", "--allow-change", "--confirm", "production",
                                          "rds", "ModifyDBCluster", "--input", json.dumps(request)))
    drive.wait_for(lambda: rollback.server.find("rds.cluster", "api-production")["Status"] == "available", 60)


def put_back_by_hand(rollback):
    """As the commands to finish a run by hand say; what is so already the AWS CLI may refuse to do once more."""
    if shutil.which("aws") is None:
        keep_backups(rollback, 14)
        return
    left = {one["step"]: one for one in json.loads(rollback.desk.call("run", "commands", "last", "--json").stdout)}
    for line in left["ReapplyPrimary"]["commands"]:
        subprocess.run(["sh", "-c", line.replace("sleep 30", "sleep 0.1")], capture_output=True, check=False, timeout=120)


def cosignatures(rollback):
    listed = json.loads(rollback.desk.call("ledger", "list", "--json", "--limit", "5000").stdout)
    return sum(entry["kind"] == "step.cosigned" for entry in listed)


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
        # Who makes again by hand what somebody took away sets it as it was, too.
        left = [one["step"] for one in json.loads(rollback.desk.call("run", "commands", "last", "--json").stdout)]
        yield "RestorePrimary" in left and left.index("RestorePrimary") < left.index("ReapplyPrimary") < left.index("Reopen"), left
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
        # What was compared is looked at once more behind the word; put back, the word is said again.
        keep_backups(rollback, 3)
        ended = rollback.desk.call("run", "resume", "last", "--cosign", rollback.accepted, timeout=400)
        yield ended.returncode == 1 and "BackupRetentionPeriod was 14 and is 3" in ended.stderr, ended.stderr[-900:]
        yield cosignatures(rollback) == 1, "entries"
        put_back_by_hand(rollback)
        yield rollback.server.find("rds.cluster", "api-production")["BackupRetentionPeriod"] == 14, "put back"
        ended = rollback.with_two({}, "run", "resume", "last", *rollback.WORDS)
        yield ended.returncode == 0, ended.stderr[-900:]
        yield cosignatures(rollback) == 2, "entries"
        yield refuses("only a plan that has not begun can be cosigned")


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


def planted(rollback, words, *settings):
    planned = rollback.plan(*settings)
    yield planned.returncode == 1, planned.stderr[-600:]
    yield words in planned.stdout, planned.stdout[-2500:]


def no_freeze_blocks(rollback):
    yield from planted(rollback, "change-freeze-on")


def snapshot_of_another_cluster_blocks(rollback):
    change(rollback, "rds", "CreateDBClusterSnapshot",
           {"DBClusterSnapshotIdentifier": "membrane-now", "DBClusterIdentifier": "membrane-production"})
    drive.wait_for(lambda: rollback.server.find("rds.cluster-snapshot", "membrane-now")["Status"] == "available", 60)
    yield from planted(rollback, "is of cluster membrane-production, not of api-production", "Snapshot=membrane-now")


def dead_key_blocks(rollback):
    key = rollback.need(rollback.desk.call("aws", "--environment", "production", "kms", "DescribeKey", "--input",
                                           '{"KeyId": "alias/rds-production"}'))
    change(rollback, "kms", "DisableKey", {"KeyId": json.loads(key.stdout)["KeyMetadata"]["KeyId"]})
    yield from planted(rollback, "Disabled")


def failed_snapshot_blocks(rollback):
    yield from planted(rollback, "is failed, not available", "Snapshot=pre-migration-snapshot-api-202611141840")


def taken_name_blocks(rollback):
    name = "api-production-pre-upgrade-14"
    yield from planted(rollback, name, f"SafetySnapshot={name}")


def what_cannot_be_deleted_or_renamed_blocks(rollback):
    """A DR cluster that a run would leave half way, and an instance that would keep its name."""
    rollback.server.fault(kind="stuck", transition="rds.instance-rebooted")
    change(rollback, "rds", "RebootDBInstance", {"DBInstanceIdentifier": "api-production-1"})
    yield from planted(rollback, "instance api-production-1 in eu-west-1 is rebooting", "Mode=rename-swap")
    rollback.server.clear_faults()
    break_cluster(rollback.server, "failed", "eu-west-2")
    planned = rollback.plan("Mode=rename-swap")
    yield planned.returncode == 1 and "cluster api-production in eu-west-2 is failed" in planned.stdout and \
        "RemoveFromGlobalCluster, DeleteDBCluster" in planned.stdout, planned.stdout[-900:]


def counts_that_nobody_recorded_block(rollback):
    yield from planted(rollback, "was not counted when it was taken", "Verification=recorded-counts",
                       "MasterSecret=rds-api-production")


def a_missing_secret_blocks(rollback):
    """Also where only the password is set by it, at the end."""
    for how, secret, words in (("restore-beside", "", "in the field “Master password”"),
                               ("by-hand", "rds-nobody", "can't find the specified secret")):
        yield from planted(rollback, words, f"Verification={how}", f"MasterSecret={secret}")


PLANTED = (failed_snapshot_blocks, taken_name_blocks, counts_that_nobody_recorded_block, a_missing_secret_blocks,
           snapshot_of_another_cluster_blocks, what_cannot_be_deleted_or_renamed_blocks, dead_key_blocks)


def what_is_planted_is_found_when_planning(slipwayctl, world):
    """All in one world: a plan changes nothing, and the later ones plant what stays."""
    with Rollback(slipwayctl, world) as rollback:
        yield from no_freeze_blocks(rollback)
        rollback.freeze()
        for blocks in PLANTED:
            yield from blocks(rollback)
        yield not any(sent for sent, _ in calls(rollback.server, FINAL).values()), "changed"


CASES = [one_person_is_not_enough, only_the_second_person_opens_it, another_hand_stops_it,
         what_is_planted_is_found_when_planning, a_primary_that_takes_no_snapshot_needs_two_people,
         names_that_clash_block, no_maintenance_blocks, a_secret_that_cannot_be_used_stops_before_any_change]


def run(tap, slipwayctl, world):
    for case in CASES:
        one_case(tap, slipwayctl, world, case)


if __name__ == "__main__":
    os.environ["SLIPWAY_REHEARSAL_POSTGRES"] = "off"
    drive.main(run)
