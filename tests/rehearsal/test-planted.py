# SPDX-License-Identifier: MIT
"""Twelve faults that are planted where a person would make or meet them. The plan of each finds it: a
guard blocks, names the thing and the way out, and AWS was not changed by as much as a tag. One world holds
all of them."""

import json
import os

import drive

PRODUCTION = "111111111111"
GLOBAL = "production-api-global"
MYSQL = "8.0.mysql_aurora.3.08.0"
CLASS = "db.r6g.8xlarge"

#: A restore as somebody wrote it who forgot the argument: AWS would take the default group.
NO_GROUP = """schemaVersion: "0.3"
description: Restores the latest snapshot beside.
mainSteps:
  - name: Restore
    action: aws:executeAwsApi
    isEnd: true
    inputs:
      Service: rds
      Api: RestoreDBClusterFromSnapshot
      DBClusterIdentifier: api-production-beside
      SnapshotIdentifier: pre-migration-snapshot-api-202611141905
      Engine: aurora-postgresql
      DBSubnetGroupName: data-persistence-subnet-group
      {group}
    slipway:
      guards:
        - guard: restore-possible
          inputs:
            cluster:
              DBClusterIdentifier: api-production-beside
              Engine: aurora-postgresql
              DBSubnetGroupName: data-persistence-subnet-group
              {group}
"""


def spoiled(world):
    """The estate with what cannot be planted from outside: an instance whose class its zone does not have, a
    snapshot of another engine, a session that soon ends, a profile of another role."""
    with open(world.scenario, encoding="utf-8") as file:
        scenario = json.load(file)
    rds = next(account for account in scenario["accounts"] if account["id"] == PRODUCTION)[
        "resources"]["eu-west-1"]["rds"]
    cluster = next(one for one in rds["clusters"] if one["id"] == "membrane-production")
    reports = json.loads(json.dumps(cluster).replace("membrane", "reports"))
    reports.update(engine="aurora-mysql", engine_version=MYSQL, parameter_group="default.aurora-mysql8.0")
    reports.pop("log_exports", None)
    rds["clusters"].append(reports)
    rds["snapshots"].append({"id": "reports-before-upgrade", "cluster": "reports-production", "hours_ago": 5})
    first = next(one for one in rds["clusters"] if one["id"] == "api-production")
    next(one for one in first["instances"] if one["zone"] == "eu-west-1c")["class"] = CLASS
    production = next(one for one in scenario["environments"] if one["name"] == "production")
    scenario["environments"] += [{**production, "name": "short", "session_minutes": 10},
                                 {**production, "name": "looker", "role": "viewer"}]
    path = os.path.join(world.folder, "spoiled.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(scenario, file)
    return path


class Desk:
    """One world for all claims: a plan changes nothing, so that none is in another's way."""

    def __init__(self, slipwayctl, world):
        self.server = world.fresh()
        self.desk = world.desk(slipwayctl, self.server)
        self.file = os.path.join(self.desk.state, "plan.json")
        self.last = 0
        self.freeze()

    def freeze(self):
        """The rollback wants one."""
        digest = self.desk.plan_of("change-freeze-on", "production", self.file, "Reference=CHG-1",
                                   "Reason=planted faults")
        done = self.desk.start(self.file, digest)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        if self.changed() != ["PutParameter"]:
            raise RuntimeError("changes cannot be seen here")

    def changed(self):
        """The calls since the last look that changed something."""
        calls = list(self.server.calls(self.last))
        self.last = calls[-1]["sequence"] if calls else self.last
        return [call["operation"] for call in calls if call["changed"]]

    def plan(self, runbook, *settings, environment="production"):
        if os.path.exists(self.file):
            os.unlink(self.file)
        words = ["plan", runbook, "--environment", environment, "--output", self.file]
        for setting in settings:
            words += ["--set", setting]
        return self.desk.call(*words)

    def blocked(self, done, guard, *says, others=()):
        """What is wrong with the plan's outcome: it must be blocked by @guard, and none but @others,
        and say @says."""
        wrong = [] if done.returncode == 1 else [f"exit {done.returncode}"]
        if not os.path.exists(self.file):
            return wrong + [f"there is no plan: {done.stderr[-900:]}"]
        with open(self.file, encoding="utf-8") as file:
            plan = json.load(file)
        blocks = [one for one in plan["guards"] if one["state"] == "block"]
        if not {guard} <= {one["guard"] for one in blocks} <= {guard, *others}:
            wrong.append(f"blocks: {[(one['guard'], one['message']) for one in blocks]}")
        told = " / ".join(one["message"] for one in blocks if one["guard"] == guard)
        wrong += [f"“{word}” is not in: {told}" for word in says if word not in told]
        wrong += [] if told and told in done.stdout else [f"not printed: {done.stdout[-300:]}"]
        if "cannot be approved" not in done.stdout:
            wrong.append("nobody says that it cannot be approved")
        return wrong

    def refused_to_start(self):
        """What is wrong when somebody starts it all the same."""
        with open(self.file, encoding="utf-8") as file:
            digest = json.load(file)["hash"]
        done = self.desk.start(self.file, digest)
        # By the guard; or before, where the runbook is the test's own, or its plan was not made to the end.
        refusals = ("a guard blocks this plan; nothing was done", "the plan cannot be held against its runbook",
                    "the plan is not what its runbook makes of its parameters")
        if done.returncode == 1 and any(words in done.stderr for words in refusals):
            return []
        return [f"it can be started: exit {done.returncode}, {done.stderr[-300:]}"]

    def workspace(self, spoil):
        """The workspace file as somebody edited it."""
        with open(self.desk.workspace, encoding="utf-8") as file:
            workspace = json.load(file)
        spoil({one["name"]: one for one in workspace["environments"]})
        path = os.path.join(self.server.state, "edited.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(workspace, file)
        return path


def copy_and_share(desk, *settings, **more):
    return desk.plan(drive.RUNBOOK, *settings, **more)


def roll_back(desk, *settings):
    return desk.plan("roll-back-global-cluster", f"GlobalCluster={GLOBAL}", "Mode=replace", "Maintenance=",
                     "Verification=by-hand", "Decision=it cannot be fixed forward", *settings)


def points(desk, account):
    found = [one["data"]["shape"] for one in
             desk.server.ask(f"resources?type=backup.recovery-point&account={account}")]
    found = [one for one in found if "mavis" in one["BackupVaultName"]]
    return max(found, key=lambda one: one["CreationDate"])["RecoveryPointArn"]


def restore_from_backup(desk, *settings):
    return desk.plan("restore-aurora-from-backup", f"RecoveryPoint={points(desk, PRODUCTION)}",
                     "Maintenance=", "LogIn=false", *settings)


def elsewhere(desk, path, plan):
    """@plan with another workspace file."""
    kept = desk.desk.workspace
    desk.desk.workspace = path
    try:
        return plan()
    finally:
        desk.desk.workspace = kept


# ---- the twelve

def a_missing_parameter_group_argument(desk):
    path = os.path.join(desk.desk.state, "beside.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(NO_GROUP.replace("{group}", "Port: 5432"))
    wrong = desk.blocked(desk.plan(path), "restore-possible", "names no cluster parameter group",
                         "DBClusterParameterGroupName", "plan again")
    # The argument without a value, as the script had it: nothing at all, and an empty variable.
    with open(path, "w", encoding="utf-8") as file:
        file.write(NO_GROUP.replace("{group}", "DBClusterParameterGroupName:"))
    done = desk.plan(path)
    if done.returncode == 0 or "DBClusterParameterGroupName" not in done.stderr:
        wrong.append(f"no value: exit {done.returncode}, {done.stdout[-300:]}{done.stderr[-600:]}")
    with open(path, "w", encoding="utf-8") as file:
        file.write(NO_GROUP.replace("{group}", 'DBClusterParameterGroupName: ""'))
    return wrong + desk.blocked(desk.plan(path), "restore-possible", "names no cluster parameter group")


def a_dead_kms_key(desk):
    return desk.blocked(copy_and_share(desk, "ReencryptionKey=alias/rds-snapshot-retired"),
                        "kms-key-shareable", "alias/rds-snapshot-retired is Disabled", "Enable it")


def an_aws_managed_key_to_be_shared(desk):
    return desk.blocked(copy_and_share(desk, "ReencryptionKey=alias/aws/rds"), "kms-key-shareable",
                        "alias/aws/rds is managed by AWS", "Choose a customer key")


def a_missing_subnet_group(desk):
    return desk.blocked(restore_from_backup(desk, "SubnetGroup=data-persistence-old"), "restore-possible",
                        "subnet group data-persistence-old is gone from eu-west-1", "Create it")


def a_class_that_cannot_be_ordered_in_the_zone(desk):
    wrong = desk.blocked(restore_from_backup(desk, "InstanceClass=db.x99.huge"), "restore-possible",
                         "instance class db.x99.huge cannot be ordered", "Choose another class or zone")
    return wrong + desk.blocked(roll_back(desk, "Snapshot=pre-migration-snapshot-api-202611141905"),
                        "restore-possible", f"instance class {CLASS} cannot be ordered in eu-west-1c",
                        "api-production-2", "Choose another class or zone")


def a_wrong_account(desk):
    path = desk.workspace(lambda named: named["production"].update(profile="preproduction"))
    done = elsewhere(desk, path, lambda: copy_and_share(desk))
    # In another account everything else is missing, too; that is told last.
    with open(desk.file, encoding="utf-8") as file:
        first = json.load(file)["guards"][0]
    wrong = [] if (first["guard"], first["state"]) == ("identity", "block") else [f"first comes {first}"]
    return wrong + desk.blocked(done, "identity", "account 222222222222", f"not to {PRODUCTION}",
                                "name its profile in the workspace file",
                                others=("cluster-healthy", "kms-key-shareable", "read"))


def a_wrong_role(desk):
    path = desk.workspace(lambda named: named["production"].update(profile="looker"))
    done = elsewhere(desk, path, lambda: copy_and_share(desk))
    return desk.blocked(done, "identity", "assumed-role/viewer", "not of role breakglass",
                        "name its profile in the workspace file")


def a_short_session(desk):
    return desk.blocked(copy_and_share(desk, "Cluster=api-production", environment="short"), "credentials",
                        "the session ends at", "at least 15 are needed", "Sign in again")


def a_name_that_is_taken(desk):
    taken = "pre-migration-snapshot-api-202610110415"
    return desk.blocked(copy_and_share(desk, f"SnapshotName={taken}"), "snapshot-name-free",
                        f"a snapshot {taken} exists already", "of cluster api-production",
                        "Choose another name")


def a_snapshot_of_another_engine(desk):
    # The zone that lacks a class is in the same world.
    return desk.blocked(roll_back(desk, "Snapshot=reports-before-upgrade"), "snapshot-restorable",
                        "reports-before-upgrade is of engine aurora-mysql", "not of aurora-postgresql",
                        "Choose another snapshot", others=("restore-possible",))


def a_vault_that_denies_restores(desk):
    done = desk.plan("restore-aurora-from-backup", f"RecoveryPoint={points(desk, '555555555555')}",
                     "InstanceClass=db.r6g.large", "LogIn=false", "Maintenance=", environment="backup")
    return desk.blocked(done, "vault-allows-restore", "mavis-destination-backup-vault denies restores",
                        "DenyBackupVaultAccess", "copy-recovery-point-back",
                        others=("change-freeze", "restore-possible"))


def a_copy_name_that_the_consumer_does_not_read(desk):
    return desk.blocked(copy_and_share(desk, "CopyName=api-production-snapshot-for-copy"),
                        "consumer-name", "called api-production-snapshot-for-copy",
                        "copy-shared-snapshot-api expects api-snpshot-for-copy",
                        "Set the copy's name to api-snpshot-for-copy")


CLAIMS = [a_missing_parameter_group_argument, a_dead_kms_key, an_aws_managed_key_to_be_shared,
          a_missing_subnet_group, a_class_that_cannot_be_ordered_in_the_zone, a_wrong_account, a_wrong_role,
          a_short_session, a_name_that_is_taken, a_snapshot_of_another_engine,
          a_vault_that_denies_restores, a_copy_name_that_the_consumer_does_not_read]


def run(tap, slipwayctl, world):
    folder = os.path.join(world.folder, "spoiled")
    os.mkdir(folder)
    desk = Desk(slipwayctl, drive.World(world.binary, spoiled(world), folder, world.speed))
    try:
        for claim in CLAIMS:
            try:
                wrong = claim(desk)
                if os.path.exists(desk.file):
                    wrong += desk.refused_to_start()
                changed = desk.changed()
                wrong += [f"AWS was changed: {changed}"] if changed else []
            except Exception as error:  # a test that breaks is a test that failed
                wrong = [repr(error)]
            tap.result(not wrong, f"{claim.__name__} is caught by the plan", "\n".join(wrong))
    finally:
        desk.server.stop()


os.environ["SLIPWAY_REHEARSAL_POSTGRES"] = "off"
drive.main(run)
