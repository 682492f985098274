# SPDX-License-Identifier: MIT
"""AWS Backup: vaults that deny and lock, recovery points, backups, copies and restores."""

import json

from rehearsal import wait_until

ROLE = "arn:aws:iam::111111111111:role/service-role/AWSBackupDefaultServiceRole"
COPIER = "arn:aws:iam::555555555555:role/copier"
CLUSTER = "arn:aws:rds:eu-west-1:111111111111:cluster:mavis"
MANAGED = "arn:aws:rds:eu-west-1:111111111111:cluster:managed"
VAULT = "arn:aws:backup:eu-west-1:{}:backup-vault:{}"
SAFE = VAULT.format("555555555555", "safe")
MAIN = ("--backup-vault-name", "main")
TABLES = ("--backup-vault-name", "tables")
TABLE = "arn:aws:dynamodb:eu-west-1:111111111111:table/lpas"
OWN_KEY = "arn:aws:kms:eu-west-1:111111111111:key/11111111-1111-4111-8111-111111111111"


def calls(judge):
    settings(judge)
    vaults(judge)
    locks(judge)
    points(judge)
    plans(judge)
    restores(judge)
    backups(judge)
    copies(judge)
    tables(judge)
    deletion(judge)


def ended(judge, operation, argument, job, member="State", profile=None, wrap=None):
    """The job as it is when it has ended."""
    service = operation.lower().replace("describe", "describe-").replace("job", "-job")

    def look():
        shown = judge.cli("backup", service, argument, job, profile=profile)
        return shown[wrap] if wrap else shown

    wait_until(lambda: look()[member] not in ("CREATED", "PENDING", "RUNNING", "ABORTING"),
               what=f"the end of {job}")
    shown = judge.call(operation, argument, job, profile=profile)
    return shown[wrap] if wrap else shown


def settings(judge):
    judge.is_true("cross-account copies are off", judge.call("DescribeGlobalSettings").get(
        "GlobalSettings") == {"isCrossAccountBackupEnabled": "false"})
    on = ("--global-settings", "isCrossAccountBackupEnabled=true")
    judge.refuses("InvalidRequestException", "UpdateGlobalSettings", *on)
    judge.refuses("InvalidParameterValueException", "UpdateGlobalSettings", "--global-settings",
                  "isCrossAccountBackupEnabled=yes", profile="backup")
    judge.is_true("Aurora is backed up", judge.call("DescribeRegionSettings").get(
        "ResourceTypeOptInPreference", {}).get("Aurora") is True)
    judge.call("UpdateRegionSettings", "--resource-type-opt-in-preference", "DynamoDB=false")
    judge.is_true("a preference is kept", judge.call("DescribeRegionSettings").get(
        "ResourceTypeOptInPreference") == {"Aurora": True, "DynamoDB": False})
    judge.refuses("InvalidParameterValueException", "UpdateRegionSettings",
                  "--resource-type-opt-in-preference", "Tape=true")
    judge.is_true("types are listed", "Aurora" in judge.call("GetSupportedResourceTypes").get(
        "ResourceTypes", []))


def vaults(judge):
    name = ("--backup-vault-name", "new")
    made = judge.call("CreateBackupVault", *name, "--encryption-key-arn", "alias/own",
                      "--backup-vault-tags", "x=y", "--creator-request-id", "one")
    judge.is_true("the same creation again is the same vault", made == judge.call(
        "CreateBackupVault", *name, "--creator-request-id", "one"))
    judge.refuses("AlreadyExistsException", "CreateBackupVault", *name)
    judge.refuses("InvalidParameterValueException", "CreateBackupVault", "--backup-vault-name",
                  "n.o")
    judge.refuses("InvalidParameterValueException", "CreateBackupVault", "--backup-vault-name",
                  "other", "--encryption-key-arn", "alias/none")
    judge.refuses("AccessDeniedException", "DescribeBackupVault", "--backup-vault-name", "none")
    shown = judge.call("DescribeBackupVault", *name)
    judge.is_true("a vault is described", shown.get("NumberOfRecoveryPoints") == 0
                  and shown.get("Locked") is False and shown.get("VaultState") == "AVAILABLE")
    names = [v["BackupVaultName"] for v in judge.call("ListBackupVaults").get(
        "BackupVaultList", [])]
    judge.is_true("vaults are listed", names == ["main", "new", "tables"])
    paged = judge.call("ListBackupVaults", "--page-size", "1").get("BackupVaultList", [])
    judge.is_true("pages of vaults add up", [v["BackupVaultName"] for v in paged] == names)
    arn = shown.get("BackupVaultArn", "")
    judge.call("TagResource", "--resource-arn", arn, "--tags", "k=v")
    judge.call("UntagResource", "--resource-arn", arn, "--tag-key-list", "x")
    judge.is_true("tags are set and removed", judge.call("ListTags", "--resource-arn", arn).get(
        "Tags") == {"k": "v"})
    policies(judge, name)
    judge.refuses("ResourceNotFoundException", "GetBackupVaultNotifications", *name)
    judge.call("PutBackupVaultNotifications", *name, "--sns-topic-arn",
               "arn:aws:sns:eu-west-1:111111111111:t", "--backup-vault-events",
               "RESTORE_JOB_FAILED")
    judge.is_true("notifications are kept", judge.call("GetBackupVaultNotifications", *name).get(
        "BackupVaultEvents") == ["RESTORE_JOB_FAILED"])
    judge.call("DeleteBackupVaultNotifications", *name)


def policies(judge, name):
    policy = json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Principal": "*", "Action": "backup:DeleteBackupVault",
         "Resource": "*", "Condition": {"StringNotEquals": {
             "aws:PrincipalArn": "arn:aws:iam::111111111111:role/somebody"}}}]})
    judge.refuses("ResourceNotFoundException", "GetBackupVaultAccessPolicy", *name)
    judge.refuses("InvalidParameterValueException", "PutBackupVaultAccessPolicy", *name,
                  "--policy", "{}")
    judge.call("PutBackupVaultAccessPolicy", *name, "--policy", policy)
    judge.is_true("the policy is kept", json.loads(judge.call(
        "GetBackupVaultAccessPolicy", *name).get("Policy", "{}")) == json.loads(policy))
    judge.refuses("AccessDeniedException", "DeleteBackupVault", *name)
    judge.call("PutBackupVaultAccessPolicy", *name, "--policy",
               policy.replace("role/somebody", "role/breakglass"))
    judge.call("DeleteBackupVaultAccessPolicy", *name)


def locks(judge):
    name = ("--backup-vault-name", "new")
    judge.refuses("InvalidParameterValueException", "PutBackupVaultLockConfiguration", *name,
                  "--min-retention-days", "9", "--max-retention-days", "8")
    judge.refuses("InvalidParameterValueException", "PutBackupVaultLockConfiguration", *name,
                  "--changeable-for-days", "2")
    judge.call("PutBackupVaultLockConfiguration", *name, "--min-retention-days", "7",
               "--changeable-for-days", "3")
    shown = judge.call("DescribeBackupVault", *name)
    judge.is_true("a compliance lock has its date", shown.get("Locked") is True
                  and shown.get("MinRetentionDays") == 7 and "LockDate" in shown)
    judge.call("DeleteBackupVaultLockConfiguration", *name)
    shown = judge.call("DescribeBackupVault", *name)
    judge.is_true("before its date a lock can be taken off", shown.get("Locked") is False
                  and "LockDate" not in shown and "MinRetentionDays" not in shown)
    safe = ("--backup-vault-name", "safe")
    point = judge.call("ListRecoveryPointsByBackupVault", *safe, profile="backup")[
        "RecoveryPoints"][0]["RecoveryPointArn"]
    judge.refuses("InvalidRequestException", "UpdateRecoveryPointLifecycle", *safe,
                  "--recovery-point-arn", point, "--lifecycle", "DeleteAfterDays=1",
                  profile="backup")


def listed(judge, *args):
    return judge.call("ListRecoveryPointsByBackupVault", *MAIN, *args).get("RecoveryPoints", [])


def points(judge):
    wait_until(lambda: len(judge.cli("backup", "list-recovery-points-by-backup-vault", *MAIN)[
        "RecoveryPoints"]) == 6, what="the end of a point whose lifecycle is over")
    every = listed(judge)
    judge.is_true("a point whose lifecycle is over is gone", len(every) == 6)
    arns = [p["RecoveryPointArn"] for p in every]
    paged = listed(judge, "--page-size", "4")
    judge.is_true("pages of points add up", [p["RecoveryPointArn"] for p in paged] == arns)
    judge.is_true("points are found by resource", len(listed(
        judge, "--by-resource-arn", MANAGED)) == 1)
    judge.is_true("points are found by type", len(listed(
        judge, "--by-resource-type", "DynamoDB")) == 0)
    cut = str(next(p for p in every if "Lifecycle" in p)["CreationDate"])
    judge.is_true("points are found by time",
                  len(listed(judge, "--by-created-after", cut)) == 1
                  and len(listed(judge, "--by-created-before", cut)) == 4)
    judge.is_true("points are found by resource across vaults", len(judge.call(
        "ListRecoveryPointsByResource", "--resource-arn", CLUSTER)["RecoveryPoints"]) == 5)
    judge.refuses("ResourceNotFoundException", "ListRecoveryPointsByBackupVault",
                  "--backup-vault-name", "none")
    judge.refuses("InvalidParameterValueException", "ListRecoveryPointsByBackupVault", *MAIN,
                  "--next-token", "zzz")
    arn = next(p["RecoveryPointArn"] for p in every if "Lifecycle" in p)
    one = (*MAIN, "--recovery-point-arn", arn)
    shown = judge.call("DescribeRecoveryPoint", *one)
    judge.is_true("a point tells its end", "DeleteAt" in shown.get("CalculatedLifecycle", {})
                  and shown.get("Status") == "COMPLETED")
    judge.call("UpdateRecoveryPointLifecycle", *one, "--lifecycle", "DeleteAfterDays=99")
    judge.refuses("InvalidParameterValueException", "UpdateRecoveryPointLifecycle", *one,
                  "--lifecycle", "DeleteAfterDays=99,MoveToColdStorageAfterDays=30")
    judge.refuses("ResourceNotFoundException", "DescribeRecoveryPoint", *MAIN,
                  "--recovery-point-arn", arn + "x")
    found = judge.call("GetRecoveryPointRestoreMetadata", *one).get("RestoreMetadata", {})
    judge.is_true("the metadata names what was", found.get("DBClusterIdentifier") == "mavis"
                  and found.get("Engine") == "aurora-postgresql")
    judge.call("ListTags", "--resource-arn", arn)
    seen = judge.call("ListProtectedResources").get("Results", [])
    judge.is_true("resources with points are protected",
                  [r["ResourceArn"] for r in seen] == [TABLE, MANAGED, CLUSTER])
    judge.call("DescribeProtectedResource", "--resource-arn", CLUSTER)
    judge.refuses("ResourceNotFoundException", "DescribeProtectedResource", "--resource-arn",
                  CLUSTER + "x")
    # Which point comes last is chance: the later parts need the original of the copy and MANAGED's.
    spare = next(p["RecoveryPointArn"] for p in every
                 if p["ResourceArn"] == CLUSTER and p["RecoveryPointArn"] != arn)
    judge.call("DeleteRecoveryPoint", *MAIN, "--recovery-point-arn", spare)
    judge.is_true("a deleted point is gone", len(listed(judge)) == 5)


def original(judge):
    """The point that the scenario's copy is of; points() has changed its lifecycle."""
    return next(p["RecoveryPointArn"] for p in listed(judge)
                if p.get("Lifecycle", {}).get("DeleteAfterDays") == 99)


def plans(judge):
    plan = {"BackupPlanName": "daily", "Rules": [
        {"RuleName": "daily", "TargetBackupVaultName": "main",
         "ScheduleExpression": "cron(0 2 * * ? *)", "Lifecycle": {"DeleteAfterDays": 35},
         "CopyActions": [{"DestinationBackupVaultArn": SAFE}]}]}
    made = judge.call("CreateBackupPlan", "--backup-plan", json.dumps(plan))
    bad = dict(plan, Rules=[dict(plan["Rules"][0], TargetBackupVaultName="none")])
    judge.refuses("InvalidParameterValueException", "CreateBackupPlan", "--backup-plan",
                  json.dumps(bad))
    one = ("--backup-plan-id", made["BackupPlanId"])
    shown = judge.call("GetBackupPlan", *one).get("BackupPlan", {})
    judge.is_true("a plan is kept with its rules", "RuleId" in shown["Rules"][0])
    changed = judge.call("UpdateBackupPlan", *one, "--backup-plan",
                         json.dumps(dict(plan, BackupPlanName="nightly")))
    judge.is_true("an update is another version", changed["VersionId"] != made["VersionId"])
    judge.is_true("plans are listed", [p["BackupPlanName"] for p in judge.call(
        "ListBackupPlans").get("BackupPlansList", [])] == ["nightly"])
    judge.refuses("ResourceNotFoundException", "GetBackupPlan", "--backup-plan-id", "none")
    chosen = judge.call("CreateBackupSelection", *one, "--backup-selection", json.dumps(
        {"SelectionName": "tagged", "IamRoleArn": ROLE, "ListOfTags": [
            {"ConditionType": "STRINGEQUALS", "ConditionKey": "NHSE-Enable-Backup",
             "ConditionValue": "True"}]}))
    of = (*one, "--selection-id", chosen["SelectionId"])
    judge.call("GetBackupSelection", *of)
    judge.is_true("selections are listed", len(judge.call("ListBackupSelections", *one).get(
        "BackupSelectionsList", [])) == 1)
    judge.refuses("InvalidRequestException", "DeleteBackupPlan", *one)
    judge.call("DeleteBackupSelection", *of)
    judge.refuses("ResourceNotFoundException", "GetBackupSelection", *of)
    judge.call("DeleteBackupPlan", *one)


def restore_of(judge, arn, *args, profile=None, role=ROLE, **metadata):
    found = judge.cli("backup", "get-recovery-point-restore-metadata", *MAIN,
                      "--recovery-point-arn", arn)["RestoreMetadata"]
    found.update(metadata)
    return ("--recovery-point-arn", arn, "--iam-role-arn", role, "--metadata",
            json.dumps(found), *args)


def restores(judge):
    arn = original(judge)
    token = ("--idempotency-token", "0001")
    request = restore_of(judge, arn, *token, "--resource-type", "Aurora",
                         "--copy-source-tags-to-restored-resource",
                         DBClusterIdentifier="mavis-restored", Port="")
    job = judge.call("StartRestoreJob", *request)["RestoreJobId"]
    judge.is_true("the same token is the same job",
                  judge.call("StartRestoreJob", *request)["RestoreJobId"] == job)
    judge.refuses("InvalidParameterValueException", "StartRestoreJob", *restore_of(
        judge, arn, *token, DBClusterIdentifier="mavis-other"))
    shown = ended(judge, "DescribeRestoreJob", "--restore-job-id", job, "Status")
    judge.is_true("the restore tells what it made", shown.get("CreatedResourceArn") ==
                  CLUSTER + "-restored" and shown.get("PercentDone") == "100.00%")
    cluster = judge.cli("rds", "describe-db-clusters", "--db-cluster-identifier",
                        "mavis-restored")["DBClusters"][0]
    judge.is_true("a restored cluster has no instances", cluster["DBClusterMembers"] == []
                  and "MasterUserSecret" not in cluster
                  and cluster["TagList"] == [{"Key": "from", "Value": "point"}])
    judge.call("GetRestoreJobMetadata", "--restore-job-id", job)
    judge.call("PutRestoreValidationResult", "--restore-job-id", job, "--validation-status",
               "SUCCESSFUL", "--validation-status-message", "rows counted")
    judge.refuses("InvalidParameterValueException", "PutRestoreValidationResult",
                  "--restore-job-id", job, "--validation-status", "FINE")
    taken = judge.call("StartRestoreJob", *restore_of(judge, arn))["RestoreJobId"]
    failed = ended(judge, "DescribeRestoreJob", "--restore-job-id", taken, "Status")
    judge.is_true("a name that is taken fails the job",
                  failed["Status"] == "FAILED" and "already exists" in failed["StatusMessage"])
    judge.refuses("InvalidRequestException", "PutRestoreValidationResult", "--restore-job-id",
                  taken, "--validation-status", "SUCCESSFUL")
    judge.server.control("POST", "faults", {
        "kind": "fail", "transition": "rds.cluster-created", "message": "no capacity"})
    lost = judge.call("StartRestoreJob", *restore_of(
        judge, arn, DBClusterIdentifier="mavis-lost"))["RestoreJobId"]
    failed = ended(judge, "DescribeRestoreJob", "--restore-job-id", lost, "Status")
    judge.is_true("a cluster that fails fails the job", failed["StatusMessage"] == "no capacity")
    judge.is_true("restore jobs are found by state", len(judge.call(
        "ListRestoreJobs", "--by-status", "FAILED").get("RestoreJobs", [])) == 2)
    judge.is_true("the newest restore job comes first", judge.call("ListRestoreJobs").get(
        "RestoreJobs", [{}])[0].get("RestoreJobId") == lost)
    judge.refuses("InvalidParameterValueException", "StartRestoreJob", *restore_of(
        judge, arn, role=ROLE + "x"))
    judge.refuses("InvalidParameterValueException", "StartRestoreJob", *restore_of(
        judge, arn, role="arn:aws:iam::111111111111:role/breakglass"))
    weak = judge.call("StartRestoreJob", *restore_of(
        judge, arn, role="arn:aws:iam::111111111111:role/backups-only",
        DBClusterIdentifier="mavis-weak"))["RestoreJobId"]
    failed = ended(judge, "DescribeRestoreJob", "--restore-job-id", weak, "Status")
    judge.is_true("a role that may not restore fails the job",
                  "rds:RestoreDBClusterFromSnapshot" in failed["StatusMessage"])
    judge.refuses("InvalidParameterValueException", "StartRestoreJob", *restore_of(
        judge, arn, "--resource-type", "DynamoDB"))
    judge.refuses("ResourceNotFoundException", "DescribeRestoreJob", "--restore-job-id", "none")
    copied = judge.cli("backup", "list-recovery-points-by-backup-vault", "--backup-vault-name",
                       "safe", profile="backup")["RecoveryPoints"][0]["RecoveryPointArn"]
    judge.refuses("AccessDeniedException", "StartRestoreJob", "--recovery-point-arn", copied,
                  "--iam-role-arn", COPIER, "--metadata", "{}", profile="backup")
    judge.refuses("ResourceNotFoundException", "StartRestoreJob", "--recovery-point-arn", copied,
                  "--iam-role-arn", ROLE, "--metadata", "{}")


def backups(judge):
    request = (*MAIN, "--resource-arn", CLUSTER, "--iam-role-arn", ROLE)
    job = judge.call("StartBackupJob", *request, "--idempotency-token", "b1", "--lifecycle",
                     "DeleteAfterDays=9", "--recovery-point-tags", "who=me")["BackupJobId"]
    judge.is_true("the same backup token is the same job", judge.call(
        "StartBackupJob", *request, "--idempotency-token", "b1", "--lifecycle",
        "DeleteAfterDays=9", "--recovery-point-tags", "who=me")["BackupJobId"] == job)
    shown = ended(judge, "DescribeBackupJob", "--backup-job-id", job)
    judge.is_true("the backup has a recovery point", shown["State"] == "COMPLETED"
                  and shown["RecoveryPointArn"] in [p["RecoveryPointArn"] for p in listed(judge)])
    shot = judge.cli("rds", "describe-db-cluster-snapshots", "--db-cluster-snapshot-identifier",
                     shown["RecoveryPointArn"])["DBClusterSnapshots"][0]
    judge.is_true("it is a snapshot of AWS Backup", shot["SnapshotType"] == "awsbackup")
    judge.refuses("InvalidParameterValueException", "StartBackupJob", *MAIN, "--resource-arn",
                  CLUSTER + "x", "--iam-role-arn", ROLE)
    judge.server.control("POST", "faults", {"kind": "stuck",
                                            "transition": "backup.backup-completed"})
    held = judge.call("StartBackupJob", *request)["BackupJobId"]
    wait_until(lambda: judge.cli("backup", "describe-backup-job", "--backup-job-id", held)[
        "State"] == "RUNNING", what="a running backup")
    judge.call("StopBackupJob", "--backup-job-id", held)
    judge.server.control("DELETE", "faults")
    shown = ended(judge, "DescribeBackupJob", "--backup-job-id", held)
    judge.is_true("a stopped backup leaves nothing", shown["State"] == "ABORTED"
                  and "RecoveryPointArn" not in shown)
    judge.refuses("InvalidRequestException", "StopBackupJob", "--backup-job-id", held)
    judge.is_true("backup jobs are found by state", [j["BackupJobId"] for j in judge.call(
        "ListBackupJobs", "--by-state", "COMPLETED").get("BackupJobs", [])] == [job])


def copy(judge, arn, destination, *args, source="main", profile=None, role=ROLE):
    job = judge.call("StartCopyJob", "--recovery-point-arn", arn, "--source-backup-vault-name",
                     source, "--destination-backup-vault-arn", destination, "--iam-role-arn",
                     role, *args, profile=profile)["CopyJobId"]
    return ended(judge, "DescribeCopyJob", "--copy-job-id", job, profile=profile, wrap="CopyJob")


def copies(judge):
    arn = original(judge)
    seeded = judge.call("ListCopyJobs", "--by-destination-vault-arn", SAFE).get("CopyJobs", [])
    judge.is_true("a seeded copy is linked to its original",
                  [j["SourceRecoveryPointArn"] for j in seeded] == [arn])
    off = copy(judge, arn, SAFE, "--lifecycle", "DeleteAfterDays=30")
    judge.is_true("a copy to another account needs the organization", off["State"] == "FAILED"
                  and "isCrossAccountBackupEnabled" in off["StatusMessage"])
    judge.call("UpdateGlobalSettings", "--global-settings", "isCrossAccountBackupEnabled=true",
               profile="backup")
    short = copy(judge, arn, SAFE, "--lifecycle", "DeleteAfterDays=2")
    judge.is_true("a copy shorter than the lock fails", "minimum retention" in
                  short["StatusMessage"])
    closed = copy(judge, arn, VAULT.format("555555555555", "closed"))
    judge.is_true("a vault that allows nobody takes no copy", "Access Denied" in
                  closed["StatusMessage"])
    managed = next(p["RecoveryPointArn"] for p in listed(judge, "--by-resource-arn", MANAGED))
    foreign = copy(judge, managed, SAFE, "--lifecycle", "DeleteAfterDays=30")
    judge.is_true("what an AWS managed key encrypts cannot leave the account",
                  "AWS managed key" in foreign["StatusMessage"])
    done = copy(judge, arn, SAFE, "--lifecycle", "DeleteAfterDays=30", "--idempotency-token", "c")
    judge.is_true("a copy is made", done["State"] == "COMPLETED")
    there = judge.call("DescribeRecoveryPoint", "--backup-vault-name", "safe",
                       "--recovery-point-arn", done["DestinationRecoveryPointArn"],
                       profile="backup")
    judge.is_true("the copy tells where it came from, under the vault's key",
                  there["SourceBackupVaultArn"] == VAULT.format("111111111111", "main")
                  and there["EncryptionKeyArn"].endswith("55555555-5555-4555-8555-555555555555"))
    judge.refuses("AccessDeniedException", "DeleteRecoveryPoint", "--backup-vault-name", "safe",
                  "--recovery-point-arn", there["RecoveryPointArn"], profile="backup")
    policy = json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::555555555555:root"},
         "Action": "backup:CopyIntoBackupVault", "Resource": "*"}]})
    judge.call("PutBackupVaultAccessPolicy", *MAIN, "--policy", policy)
    back = copy(judge, there["RecoveryPointArn"], VAULT.format("111111111111", "main"),
                source="safe", profile="backup", role=COPIER)
    judge.is_true("and comes back", back["State"] == "COMPLETED")
    job = judge.call("StartRestoreJob", *restore_of(
        judge, back["DestinationRecoveryPointArn"], DBClusterIdentifier="mavis-back"))
    shown = ended(judge, "DescribeRestoreJob", "--restore-job-id", job["RestoreJobId"], "Status")
    judge.is_true("what came back is restored", shown["Status"] == "COMPLETED")
    judge.refuses("InvalidParameterValueException", "StartCopyJob", "--recovery-point-arn", arn,
                  "--source-backup-vault-name", "main", "--destination-backup-vault-arn",
                  VAULT.format("111111111111", "main"), "--iam-role-arn", ROLE)


def count(judge, table):
    return judge.cli("dynamodb", "scan", "--table-name", table, "--select", "COUNT")["Count"]


def restored(judge, arn, name, *args, **metadata):
    """The end of a restore of a table under another name."""
    found = judge.cli("backup", "get-recovery-point-restore-metadata", *TABLES, "--recovery-point-arn",
                      arn)["RestoreMetadata"]
    found.update(metadata, targetTableName=name)
    job = judge.call("StartRestoreJob", "--recovery-point-arn", arn, "--iam-role-arn", ROLE, "--resource-type",
                     "DynamoDB", "--metadata", json.dumps(found), *args)["RestoreJobId"]
    return ended(judge, "DescribeRestoreJob", "--restore-job-id", job, "Status")


def tables(judge):
    """A table there and back: its items, and not its settings."""
    seeded = judge.call("ListRecoveryPointsByBackupVault", *TABLES, "--by-resource-type", "DynamoDB")[
        "RecoveryPoints"]
    judge.is_true("points of tables are found by type", [one["ResourceName"] for one in seeded] == ["lpas"])
    point = seeded[0]["RecoveryPointArn"]
    found = judge.call("GetRecoveryPointRestoreMetadata", *TABLES, "--recovery-point-arn", point)[
        "RestoreMetadata"]
    judge.is_true("the metadata name table and key", found["originalTableName"] == "lpas"
                  and found["kmsMasterKeyArn"] == OWN_KEY)
    nameless = judge.call("StartRestoreJob", "--recovery-point-arn", point, "--iam-role-arn", ROLE, "--metadata",
                          json.dumps(found))["RestoreJobId"]
    failed = ended(judge, "DescribeRestoreJob", "--restore-job-id", nameless, "Status")
    judge.is_true("a table needs a name", "targetTableName is missing" in failed.get("StatusMessage", ""))
    judge.refuses("InvalidParameterValueException", "StartRestoreJob", "--recovery-point-arn", point,
                  "--iam-role-arn", ROLE, "--resource-type", "Aurora", "--metadata", json.dumps(
                      dict(found, targetTableName="lpas-wrong")))
    job = judge.call("StartBackupJob", *TABLES, "--resource-arn", TABLE, "--iam-role-arn", ROLE)["BackupJobId"]
    whole = ended(judge, "DescribeBackupJob", "--backup-job-id", job)
    judge.is_true("a table is backed up", whole["State"] == "COMPLETED"
                  and whole["ResourceType"] == "DynamoDB")
    done = restored(judge, point, "lpas-old", "--idempotency-token", "t1")
    judge.is_true("a table is restored under another name", done["Status"] == "COMPLETED"
                  and done["CreatedResourceArn"] == TABLE + "-old")
    judge.is_true("it holds the items of then, the other those of now",
                  [count(judge, name) for name in ("lpas-old", "lpas")] == [19, 24])
    name = ("--table-name", "lpas-old")
    table = judge.cli("dynamodb", "describe-table", *name)["Table"]
    judge.is_true("keys, indexes and encryption come back", table["SSEDescription"]["KMSMasterKeyArn"] == OWN_KEY
                  and [one["IndexName"] for one in table["GlobalSecondaryIndexes"]] == ["ByKind"])
    judge.is_true("stream, time to live, continuous backups and tags do not", "StreamSpecification" not in table
                  and judge.cli("dynamodb", "describe-time-to-live", *name)["TimeToLiveDescription"]
                  == {"TimeToLiveStatus": "DISABLED"}
                  and judge.cli("dynamodb", "describe-continuous-backups", *name)[
                      "ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"][
                      "PointInTimeRecoveryStatus"] == "DISABLED"
                  and judge.cli("dynamodb", "list-tags-of-resource", "--resource-arn", TABLE + "-old")["Tags"]
                  == [])
    taken = restored(judge, point, "lpas-old")
    judge.is_true("a table's name that is taken fails the job", taken["Status"] == "FAILED"
                  and "lpas-old" in taken["StatusMessage"])
    judge.cli("dynamodb", "delete-table", "--table-name", "lpas")
    wait_until(lambda: "lpas" not in judge.cli("dynamodb", "list-tables")["TableNames"],
               what="a table that is gone")
    back = restored(judge, whole["RecoveryPointArn"], "lpas-again", encryptionType="Default")
    judge.is_true("a point outlives its table", back["Status"] == "COMPLETED"
                  and count(judge, "lpas-again") == 24)
    judge.is_true("without a key of one's own it is encrypted with DynamoDB's", "SSEDescription" not in judge.cli(
        "dynamodb", "describe-table", "--table-name", "lpas-again")["Table"])


def deletion(judge):
    judge.refuses("InvalidRequestException", "DeleteBackupVault", *MAIN)
    judge.call("DeleteBackupVault", "--backup-vault-name", "new")
    judge.refuses("AccessDeniedException", "DescribeBackupVault", "--backup-vault-name", "new")
