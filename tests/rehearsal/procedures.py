# SPDX-License-Identifier: MIT
"""All procedures in the one shape that killing.py takes, whichever test they come from, with what may go wrong
in each: where they wait, what can fail, which quota they meet, and what a user is told then."""

import importlib.util
import json
import os
import shutil
import threading
from dataclasses import dataclass, field

import drive


def load(name):
    """A test's module, without running it."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), f"test-{name}.py")
    spec = importlib.util.spec_from_file_location(name.replace("-", "_"), path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


aurora = load("restore-aurora")
dynamodb = load("restore-dynamodb")
infrastructure = load("backup-infrastructure")
maintenance = load("maintenance")
preproduction = load("restore-preproduction")
rollback = load("rollback")

PRODUCTION = "111111111111"
PREPRODUCTION = "222222222222"


class Copy:
    """The pre-migration snapshot and its copy."""

    def __init__(self, slipwayctl, world):
        self.server = world.fresh()
        self.desk = world.desk(slipwayctl, self.server)
        self.plan = os.path.join(self.desk.state, "plan.json")
        self.digest = None

    def prepare(self):
        self.digest = self.desk.plan(self.plan)

    def start(self, **more):
        return self.desk.start(self.plan, self.digest, **more)

    def go_on(self):
        return self.desk.go_on(self.plan, self.digest)

    def counts(self):
        return self.server.changes()

    def estate(self):
        return self.server.estate()


class RowCounts(Copy):
    """What an older snapshot holds is counted, as if nobody had written since."""

    runbook = "record-row-counts"
    words = ("--attest", "AttestQuiet")

    def prepare(self):
        self.digest = self.desk.plan_of(self.runbook, "production", self.plan, f"Snapshot={rollback.SNAPSHOT}",
                                        "Maintenance=")

    def start(self, **more):
        return self.desk.start(self.plan, self.digest, *self.words, **more)

    def go_on(self):
        return self.desk.go_on(self.plan, self.digest, *self.words)

    def counts(self):
        return self.server.changes(("AddTagsToResource",))

    def estate(self):
        tags = {one["Key"]: one["Value"] for one in
                self.server.find("rds.cluster-snapshot", rollback.SNAPSHOT)["TagList"]}
        tags.pop("slipway:manifest-run", None)
        return tags


class CopyBack(aurora.Procedure):
    """Out of the vault that denies restores."""

    runbook = "copy-recovery-point-back"
    words = ()

    def prepare(self):
        said = self.try_plan(self.runbook, "backup", f"RecoveryPoint={self.points('555555555555')[-1]}")
        if not os.path.exists(self.plan):
            raise RuntimeError(said)

    def estate(self):
        return {"points": len(self.points(PRODUCTION)), "kept": len(self.points("555555555555")),
                "jobs": len(self.server.ask("resources?type=backup.copy-job"))}


OLD_CLUSTER = "api-production-old"
OLD_SNAPSHOT = "pre-migration-snapshot-api-202609060430"
OLD_INSTANCE = "api-production-1-old"
LAST_SNAPSHOT = "last-api-production"


class TidyUp(aurora.Procedure):
    """After a rollback that kept the old cluster, in a world where that was long ago."""

    runbook = "tidy-up-after-rollback"
    words = ("--confirm", f"ConfirmOld={OLD_CLUSTER}@{PRODUCTION}", "--confirm",
             f"EachSnapshot[1].DeleteSnapshot={OLD_SNAPSHOT}@{PRODUCTION}")
    deletions = ("DeleteDBInstance", "ModifyDBCluster", "DeleteDBCluster", "DeleteDBClusterSnapshot")

    def __init__(self, slipwayctl, world):
        super().__init__(slipwayctl, world)
        self.evidence = world.evidence

    def prepare(self):
        said = self.try_plan(self.runbook, "production", f"OldCluster={OLD_CLUSTER}",
                             f'Snapshots=["{OLD_SNAPSHOT}"]', f"LastSnapshot={LAST_SNAPSHOT}",
                             "Accepted=the service owner, this morning", *self.evidence)
        if not os.path.exists(self.plan):
            raise RuntimeError(said)

    def counts(self):
        return self.server.changes(self.deletions)

    def estate(self):
        return {kind: sorted(one["id"] for one in self.server.ask(f"resources?type={kind}&account={PRODUCTION}")
                             if not one["id"].startswith("rds:"))
                for kind in ("rds.cluster", "rds.instance", "rds.cluster-snapshot")}


class TidyUpSnapshots(Copy):
    """Two old snapshots, each deleted with a word of its own."""

    runbook = "tidy-up-snapshots"
    snapshots = (OLD_SNAPSHOT, "pre-migration-snapshot-api-202610110415")
    words = tuple(word for number, name in enumerate(snapshots, 1) for word in
                  ("--confirm", f"EachSnapshot[{number}].DeleteSnapshot={name}@{PRODUCTION}"))

    def prepare(self):
        self.digest = self.desk.plan_of(self.runbook, "production", self.plan,
                                        f"Snapshots={json.dumps(self.snapshots)}")

    def start(self, **more):
        return self.desk.start(self.plan, self.digest, *self.words, **more)

    def go_on(self):
        return self.desk.go_on(self.plan, self.digest, *self.words)

    def counts(self):
        return self.server.changes(("DeleteDBClusterSnapshot",))


class FromCaptured(Copy):
    """A restore of preproduction whose task died behind its deletion, finished from what was captured."""

    runbook = "restore-cluster-from-captured"
    cluster = "api-preproduction"

    def __init__(self, slipwayctl, world):
        super().__init__(slipwayctl, world)
        self.captured = world.captured
        self.before = world.before

    def prepare(self):
        self.digest = self.desk.plan_of(self.runbook, preproduction.ENVIRONMENT, self.plan, *self.captured)

    def counts(self):
        """Without the password, which may be set to the same twice."""
        return self.server.changes(("RestoreDBClusterFromSnapshot", "CreateDBInstance"))

    def estate(self):
        found = preproduction_of(self.server)
        if found != self.before:
            raise RuntimeError(f"it is {found}, and was {self.before}")
        return found


def preproduction_of(server):
    """Its cluster as it was before a restore, and is after it."""
    cluster = server.find("rds.cluster", FromCaptured.cluster)
    found = {name: cluster[name] for name in ("Status", "BackupRetentionPeriod", "DBSubnetGroup",
                                              "DBClusterParameterGroup", "StorageEncrypted")}
    found["security groups"] = [one["VpcSecurityGroupId"] for one in cluster["VpcSecurityGroups"]]
    found["instances"] = sorted((one["id"], *(one["data"]["shape"][name] for name in
                                              ("DBInstanceStatus", "DBInstanceClass", "AvailabilityZone")))
                                for one in server.ask(f"resources?type=rds.instance&account={PREPRODUCTION}"))
    return found


class Infrastructure(infrastructure.Attempt):
    def __init__(self, slipwayctl, world):
        super().__init__(slipwayctl, world, world.fresh())
        self.digest = None

    def prepare(self):
        self.digest = self.plan()["hash"]

    def start(self, **more):
        return super().start(self.digest, **more)

    def go_on(self):
        return self.desk.go_on(self.plan_file, self.digest)

    def estate(self):
        return self.wrong()


class Switch:
    """Maintenance mode or change freeze, on or off."""

    name = None

    def __init__(self, slipwayctl, world):
        self.server = maintenance.prepare(world, slipwayctl, self.name)
        self.desk = world.desk(slipwayctl, self.server)
        self.plan = os.path.join(self.desk.state, "plan.json")
        self.digest = None

    def prepare(self):
        self.digest = maintenance.plan(self.desk, self.name, self.plan)

    def start(self, **more):
        return maintenance.start(self.desk, self.name, self.plan, self.digest, **more)

    def go_on(self):
        return maintenance.go_on(self.desk, self.name, self.plan, self.digest)

    def estate(self):
        return maintenance.estate(self.server)


def switch(name):
    return type(name, (Switch,), {"name": name})


@dataclass
class Failure:
    """A transition that ends badly."""

    fault: dict
    #: What a user reads.
    says: tuple
    #: What must be there all the same, (type, id): nobody's data go because a step failed.
    there: tuple = ()
    #: What a person does before the run is resumed, (environment, service, operation, request) of
    #: each call; None when that does not help, and a person plans again.
    mend: tuple | None = ()
    #: How often more than undisturbed these have their effect: what failed is made once more.
    more: dict = field(default_factory=dict)


@dataclass
class Procedure:
    kind: type
    #: Whose session ends.
    profile: str = "production"
    #: Where it waits for AWS: the step, and the transition that can be held; or no step, and the
    #: operation after which the session ends.
    wait: tuple = ()
    #: Whether AWS soon forgets what it waited for, so that a person has to look.
    forgets: bool = False
    #: Which call meets which quota, with AWS's code.
    quota: tuple = ()
    #: What must be installed.
    tools: tuple = ()
    #: By the name of the fault.
    failures: dict = field(default_factory=dict)

    def why_not(self):
        if self.kind is RowCounts:
            return drive.why_no_rows()
        missing = [tool for tool in self.tools if shutil.which(tool) is None]
        return f"{missing[0]} is not installed" if missing else None


def failing(transition, resource, message="the key was disabled meanwhile"):
    return {"kind": "fail", "transition": transition, "resource": resource, "message": message, "times": 1}


UNPROTECT = ("production", "rds", "ModifyDBCluster", {
    "DBClusterIdentifier": "api-production", "DeletionProtection": False, "ApplyImmediately": True})
REFUSED_SECRET = {"kind": "error-before", "operation": "GetSecretValue", "status": 400, "times": 0,
                  "code": "AccessDeniedException", "message": "a policy of the organisation denies it"}
DELETE = ("production", "rds", "DeleteDBCluster",
          {"DBClusterIdentifier": "api-production", "SkipFinalSnapshot": True})
UNPROTECT_PREPRODUCTION, DELETE_PREPRODUCTION = (
    ("preproduction", *call[1:3], {**call[3], "DBClusterIdentifier": FromCaptured.cluster})
    for call in (UNPROTECT, DELETE))

TABLE = {
    "pre-migration-snapshot": Procedure(
        Copy, wait=("WaitForCopy", "rds.snapshot-copied"),
        quota=("CopyDBClusterSnapshot", "SnapshotQuotaExceeded"),
        failures={"FAILED copy": Failure(failing("rds.snapshot-copied", f"*{drive.COPY}*"),
                                         ("delete the failed copy, then resume", "DeleteDBClusterSnapshot"),
                                         mend=(("production", "rds", "DeleteDBClusterSnapshot",
                                                {"DBClusterSnapshotIdentifier": drive.COPY}),),
                                         more={("rds", "CopyDBClusterSnapshot"): 1})}),
    "roll-back-global-cluster": Procedure(
        rollback.Procedure, wait=("EachSecondary[1].WaitLeft", "rds.cluster-promoted"),
        quota=("RestoreDBClusterFromSnapshot", "DBClusterQuotaExceededFault"),
        failures={
            "FAILED restore": Failure(
                failing("rds.cluster-created", "api-production"),
                ("incompatible-restore", "delete the failed cluster", "it is restored again"),
                there=(("rds.cluster-snapshot", rollback.SNAPSHOT),), mend=(UNPROTECT, DELETE),
                more={("rds", "RestoreDBClusterFromSnapshot"): 1}),
            "half-deleted cluster": Failure(
                {**failing("rds.cluster-deleted", "api-production"), "region": "eu-west-1"},
                ("it came to state failed", "Delete the cluster once more by hand"),
                there=(("rds.cluster-snapshot", rollback.SNAPSHOT),), mend=(DELETE,))}),
    "restore-preproduction": Procedure(
        preproduction.Procedure, profile="preproduction", wait=(preproduction.COPY, "ecs.task-stopped"),
        forgets=True,
        quota=("RunTask", "LimitExceededException"),
        failures={
            "FAILED restore": Failure(failing("rds.cluster-created", "api-preproduction"),
                                      ("restore-cluster-from-captured",), mend=None),
            "task exit is not 0": Failure(
                failing("ecs.task-run", "*/copy-shared-*", "cannot copy"),
                ("container copy-shared-snapshot-api exited with 1",),
                there=(("rds.cluster", "api-preproduction"),), more={("ecs", "RunTask"): 1}),
            "task exit is not 0 after its work": Failure(
                failing("ecs.task-exited", "*/restore-database-*", "cannot tell"),
                ("container restore-database-snapshot-api exited with 1",), more={("ecs", "RunTask"): 1})}),
    "restore-cluster-from-captured": Procedure(
        FromCaptured, profile="preproduction", wait=("WaitForCluster", "rds.cluster-created"),
        quota=("RestoreDBClusterFromSnapshot", "DBClusterQuotaExceededFault"),
        failures={
            "FAILED restore": Failure(
                failing("rds.cluster-created", FromCaptured.cluster),
                ("incompatible-restore", "delete the failed cluster", "it is restored again"),
                there=(("rds.cluster-snapshot", f"{FromCaptured.cluster}-snapshot-for-restore"),),
                mend=(UNPROTECT_PREPRODUCTION, DELETE_PREPRODUCTION),
                more={("rds", "RestoreDBClusterFromSnapshot"): 1}),
            "FAILED instance": Failure(
                failing("rds.instance-created", f"{FromCaptured.cluster}-1"),
                ("it came to state failed", "delete the failed instance", "it is created again"),
                there=(("rds.cluster", FromCaptured.cluster),),
                mend=(("preproduction", "rds", "DeleteDBInstance",
                       {"DBInstanceIdentifier": f"{FromCaptured.cluster}-1", "SkipFinalSnapshot": True}),),
                more={("rds", "CreateDBInstance"): 1})}),
    "restore-aurora-from-backup": Procedure(
        aurora.Procedure, wait=("WaitForRestore", "backup.restore-completed"),
        quota=("CreateDBInstance", "InstanceQuotaExceeded"),
        failures={"FAILED restore": Failure(failing("backup.restore-started", None),
                                            ("FAILED", "plan again"),
                                            there=(("rds.cluster", "mavis-production"),), mend=None)}),
    "restore-dynamodb-from-backup": Procedure(
        dynamodb.Procedure, wait=("WaitForRestore", "backup.restore-completed"),
        quota=("StartRestoreJob", "LimitExceededException"), tools=("terraform", "git"),
        failures={"FAILED restore": Failure(failing("backup.restore-started", None), ("FAILED",),
                                            there=(("dynamodb.table", dynamodb.TABLE),), mend=None)}),
    "delete-old-dynamodb-tables": Procedure(
        dynamodb.DeletionProcedure, wait=(None, "DeleteTable"), tools=("terraform", "git")),
    "backup-infrastructure": Procedure(
        Infrastructure, wait=("WaitForCopy", "backup.copy-completed"), quota=("CreateBucket", "TooManyBuckets"),
        tools=("terraform",),
        failures={"FAILED copy": Failure(failing("backup.copy-started", None), ("FAILED",), mend=None)}),
    "copy-recovery-point-back": Procedure(
        CopyBack, profile="backup", wait=("WaitForCopy", "backup.copy-completed"),
        quota=("StartCopyJob", "LimitExceededException"),
        failures={"FAILED copy": Failure(failing("backup.copy-started", None), ("FAILED", "plan again"), mend=None)}),
    "tidy-up-after-rollback": Procedure(
        TidyUp, wait=("WaitOldGone", "rds.cluster-deleted"), quota=("DeleteDBCluster", "SnapshotQuotaExceeded"),
        failures={
            "half-deleted cluster": Failure(
                failing("rds.cluster-deleted", OLD_CLUSTER), ("it came to state failed", "once more by hand"),
                there=(("rds.cluster", "api-production"), ("rds.cluster-snapshot", LAST_SNAPSHOT)),
                mend=(("production", "rds", "DeleteDBCluster",
                       {"DBClusterIdentifier": OLD_CLUSTER, "SkipFinalSnapshot": True}),)),
            "half-deleted instance": Failure(
                failing("rds.instance-deleted", OLD_INSTANCE),
                ("it came to state failed", "once more by hand"), there=(("rds.cluster", OLD_CLUSTER),),
                mend=(("production", "rds", "DeleteDBInstance",
                       {"DBInstanceIdentifier": OLD_INSTANCE, "SkipFinalSnapshot": True}),)),
            "FAILED last snapshot": Failure(
                failing("rds.snapshot-created", f"*{LAST_SNAPSHOT}"),
                ("it came to state failed", "No other snapshot was deleted"),
                there=(("rds.cluster-snapshot", OLD_SNAPSHOT),), mend=None)}),
    "tidy-up-snapshots": Procedure(
        TidyUpSnapshots, wait=("EachSnapshot[1].WaitUntilGone", "rds.snapshot-deleted")),
    "record-row-counts": Procedure(
        RowCounts, wait=(None, "AddTagsToResource"),
        failures={"refused secret": Failure(REFUSED_SECRET, ("a policy of the organisation", "Nothing was changed"))}),
    "maintenance-mode-on": Procedure(switch("maintenance-mode-on"), wait=(None, "ModifyRule"),
                                     quota=("PutParameter", "ParameterLimitExceeded")),
    "maintenance-mode-off": Procedure(switch("maintenance-mode-off"), wait=(None, "ModifyRule")),
    "change-freeze-on": Procedure(switch("change-freeze-on"), wait=(None, "PutParameter"),
                                  quota=("PutParameter", "ParameterLimitExceeded")),
    "change-freeze-off": Procedure(switch("change-freeze-off"), wait=(None, "GetParameter")),
}

#: In which role a person signs in, and in which by mistake, by profile.
ROLES = {"production": ("breakglass", "viewer"), "preproduction": ("breakglass", "operator"),
         "backup": ("operator", "viewer")}


def scenario(source, folder):
    """The estate, with a second profile of another role in each account."""
    with open(source, encoding="utf-8") as file:
        document = json.load(file)
    accounts = {one["id"]: one for one in document["accounts"]}
    viewer = next(one for one in accounts[PRODUCTION]["roles"] if one["name"] == "viewer")
    accounts["555555555555"]["roles"].append(viewer)
    for name, (_, role) in ROLES.items():
        same = next(one for one in document["environments"] if one["name"] == name)
        document["environments"].append({**same, "name": f"other-{name}", "role": role})
    path = os.path.join(folder, "with-other-roles.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(document, file)
    return path


#: What a rollback does to the cluster that it keeps, as far as the audit log of it matters.
RENAMING = f"""\
schemaVersion: "0.3"
description: Gives the cluster that was replaced its other name.
slipway:
  title: Rename the replaced cluster
mainSteps:
  - name: Rename
    action: aws:executeAwsApi
    inputs:
      Service: rds
      Api: ModifyDBCluster
      DBClusterIdentifier: api-production
      NewDBClusterIdentifier: {OLD_CLUSTER}
      ApplyImmediately: true
    slipway:
      title: Rename api-production
      undo: rename it back
      resume:
        rule: R3
        service: rds
        operation: DescribeDBClusters
        input: {{DBClusterIdentifier: {OLD_CLUSTER}}}
        select: "$.DBClusters[0]"
        absent: [DBClusterNotFoundFault]
        desired: {{"$.DBClusterIdentifier": {OLD_CLUSTER}}}
  - name: WaitRenamed
    action: aws:waitForAwsResourceProperty
    isEnd: true
    timeoutSeconds: 3600
    inputs:
      Service: rds
      Api: DescribeDBClusters
      DBClusterIdentifier: {OLD_CLUSTER}
      PropertySelector: "$.DBClusters[0].Status"
      DesiredValues: [available]
    slipway:
      title: Wait until it is renamed
      wait: {{pending: [renaming, modifying], absent: [DBClusterNotFoundFault], deadline: PT1H}}
"""


def rename(desk, old, new):
    request = {"DBClusterIdentifier": old, "NewDBClusterIdentifier": new, "ApplyImmediately": True}
    done = desk.call("aws", "--environment", "production", "--allow-change", "--confirm", "production", "rds",
                     "ModifyDBCluster", "--input", json.dumps(request))
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    drive.wait_for(lambda: desk.server.find("rds.cluster", new) is not None, 60)


def leave_behind(world):
    """The names that a rollback leaves, given in its way; returns the settings that name the evidence of it."""
    with drive.Server(world.binary, world.template, world.scenario, world.speed) as server:
        desk = world.desk(drive.sys.argv[2], server)
        rename(desk, "api-production", "api-production-next")
        rename(desk, OLD_CLUSTER, "api-production")
        runbook = os.path.join(desk.state, "renaming.yaml")
        with open(runbook, "w", encoding="utf-8") as file:
            file.write(RENAMING)
        plan = os.path.join(desk.state, "plan.json")
        done = desk.start(plan, desk.plan_of(runbook, "production", plan))
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        rename(desk, "api-production-next", "api-production")
        evidence = os.path.join(world.folder, "rollback.jsonl")
        done = desk.call("ledger", "export", "-o", evidence)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return f"Evidence={evidence}", f"EvidenceKey={desk.call('ledger', 'key').stdout.strip()}"


def die_midway(world):
    """What a restore of preproduction leaves whose task died when the cluster was gone, cancelled: the settings
    that it captured, and the cluster that there was."""
    with drive.Server(world.binary, world.template, world.scenario, preproduction.SPEED) as server:
        world.before = preproduction_of(server)
        desk = world.desk(drive.sys.argv[2], server)
        plan = os.path.join(desk.state, "plan.json")
        digest = desk.plan_of(preproduction.RUNBOOK, preproduction.ENVIRONMENT, plan, *preproduction.SETTINGS)
        server.fault(kind="error-before", service="rds", operation="RestoreDBClusterFromSnapshot", status=400,
                     code="InvalidRestoreFault", times=0)
        died = desk.start(plan, digest, "--confirm", preproduction.TYPED)
        server.clear_faults()
        if server.find("rds.cluster", FromCaptured.cluster) or desk.call("run", "cancel", "last").returncode != 0:
            raise RuntimeError(died.stderr)
        outputs = {}
        for step in desk.show()["steps"]:
            if step["id"].startswith("RestoreEach[1].Capture"):
                outputs.update(step["outputs"])
        outputs["Settings"] = outputs.pop("Document")
        world.captured = [f"{name}={json.dumps(outputs[name])}" for name in
                          ("Settings", "Request", "Groups", "SecurityGroups", "Instances")]


def with_old_cluster(source, folder):
    """The estate some days after a rollback that renamed the cluster that it replaced."""
    with open(source, encoding="utf-8") as file:
        document = json.load(file)
    rds = next(one for one in document["accounts"] if one["id"] == PRODUCTION)["resources"]["eu-west-1"]["rds"]
    cluster = next(one for one in rds["clusters"] if one["id"] == "api-production")
    old = {**cluster, "id": OLD_CLUSTER,
           "instances": [{**one, "id": f"{one['id']}-old"} for one in cluster["instances"]]}
    rds["clusters"].append(old)
    path = os.path.join(folder, "with-old-cluster.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(document, file)
    return path


class Worlds:
    """Worlds that are made when somebody needs them: the plain one, and those that some procedures want."""

    def __init__(self, world):
        folder = os.path.join(world.folder, "procedures")
        os.mkdir(folder)
        self.plain = drive.World(world.binary, scenario(world.original, folder), folder, world.speed)
        self.others = {}
        self.lock = threading.Lock()

    def folder(self, name):
        folder = os.path.join(self.plain.folder, name)
        os.mkdir(folder)
        return folder

    def closed(self):
        world = drive.World(self.plain.binary, self.plain.scenario, self.folder("closed"), self.plain.speed)
        dynamodb.switched_on(world)
        return world

    def midway(self):
        world = drive.World(self.plain.binary, self.plain.scenario, self.folder("midway"), self.plain.speed)
        die_midway(world)
        return world

    def left_behind(self):
        folder = self.folder("left-behind")
        path = with_old_cluster(self.plain.scenario, folder)
        world = drive.World(self.plain.binary, path, folder, self.plain.speed)
        world.evidence = leave_behind(world)
        return world

    def rows(self):
        return self.plain.with_rows(clusters=("api-production",))

    def of(self, procedure):
        makers = {dynamodb.Case: self.closed, TidyUp: self.left_behind, RowCounts: self.rows,
                  FromCaptured: self.midway}
        make = next((make for kind, make in makers.items() if issubclass(procedure.kind, kind)), None)
        if make is None:
            return self.plain
        with self.lock:
            if make not in self.others:
                self.others[make] = make()
            return self.others[make]
