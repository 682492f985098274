# SPDX-License-Identifier: MIT
"""Every RDS operation that the rehearsal offers, through the AWS CLI, with the states and refusals that
the procedures rely on. Answers are judged field by field against botocore's own model.

usage: test-rds.py SERVER
"""

import os
import sys
import time

from fastcli import FastCli
from rehearsal import Server, Skip, Tap, equal, holds, wait_until

BINARY = sys.argv[1]
SPEED = 20000
PRODUCTION, PREPRODUCTION = "111111111111", "222222222222"
PRIMARY = f"arn:aws:rds:eu-west-1:{PRODUCTION}:cluster:api-production"
SECONDARY = f"arn:aws:rds:eu-west-2:{PRODUCTION}:cluster:api-production"
DR = ("--region", "eu-west-2")
GLOBAL = ("--global-cluster-identifier", "production-api-global")
KEY = "alias/rds-snapshot-reencryption-production"


def snapshot(cli, name, *args, **kwargs):
    return cli.rds("describe-db-cluster-snapshots", "--db-cluster-snapshot-identifier", name, *args,
                   **kwargs)["DBClusterSnapshots"][0]


def cluster(cli, name="api-production", *args):
    return cli.rds("describe-db-clusters", "--db-cluster-identifier", name, *args)["DBClusters"][0]


def instance(cli, name, *args):
    return cli.rds("describe-db-instances", "--db-instance-identifier", name,
                   *args)["DBInstances"][0]


def available(cli, name="api-production", *args):
    wait_until(lambda: cluster(cli, name, *args)["Status"] == "available", what=f"{name} available")


def snapshot_available(cli, name, *args, **kwargs):
    wait_until(lambda: snapshot(cli, name, *args, **kwargs)["Status"] == "available",
               what=f"{name} available")


def gone(cli, code, operation, *args):
    wait_until(lambda: cli.run("rds", operation, *args).returncode != 0, what=f"{args} gone")
    cli.refused(code, operation, *args)


class Held:
    """Holds transitions of a kind back until the block ends, so that states can be looked at."""

    def __init__(self, server, transition):
        self.server, self.transition = server, transition

    def __enter__(self):
        fault = {"kind": "stuck", "transition": self.transition}
        self.id = self.server.control("POST", "faults", fault)["ids"][0]

    def __exit__(self, *_):
        self.server.control("DELETE", f"faults/{self.id}")


def reads(server, cli, tap):
    def shape():
        found = cluster(cli)
        equal(found["Engine"], "aurora-postgresql")
        equal([m["DBInstanceIdentifier"] for m in found["DBClusterMembers"] if m["IsClusterWriter"]],
              ["api-production-0"])
        equal(found["MultiAZ"], True)
        equal(cluster(cli, PRIMARY)["DBClusterArn"], PRIMARY)

    def not_found():
        cli.refused("DBClusterNotFoundFault", "describe-db-clusters", "--db-cluster-identifier", "x")
        cli.refused("DBInstanceNotFound", "describe-db-instances", "--db-instance-identifier", "x")
        cli.refused("GlobalClusterNotFoundFault", "describe-global-clusters",
                    "--global-cluster-identifier", "x")
        cli.refused("DBClusterSnapshotNotFoundFault", "describe-db-cluster-snapshots",
                    "--db-cluster-snapshot-identifier", "x")
        cli.refused("DBParameterGroupNotFound", "describe-db-cluster-parameter-groups",
                    "--db-cluster-parameter-group-name", "x")
        cli.refused("DBSubnetGroupNotFoundFault", "describe-db-subnet-groups",
                    "--db-subnet-group-name", "x")

    def filters():
        found = cli.rds("describe-db-instances", "--filters", f"Name=db-cluster-id,Values={PRIMARY}")
        equal(len(found["DBInstances"]), 3)
        found = cli.rds("describe-db-clusters", "--filters",
                        "Name=db-cluster-id,Values=membrane-production")
        equal(len(found["DBClusters"]), 1)
        cli.refused("InvalidParameterValue", "describe-db-clusters", "--filters",
                    "Name=colour,Values=red")

    def pages():
        everything = cli.rds("describe-db-cluster-snapshots")["DBClusterSnapshots"]
        names = [s["DBClusterSnapshotIdentifier"] for s in everything]
        paged = cli.rds("describe-db-cluster-snapshots", "--page-size", "20")["DBClusterSnapshots"]
        equal([s["DBClusterSnapshotIdentifier"] for s in paged], names)
        equal(len(set(names)), len(names))
        holds(len(names) >= 40, f"only {len(names)} snapshots")
        first = cli.rds("describe-db-cluster-snapshots", "--no-paginate", "--max-records", "20")
        equal(len(first["DBClusterSnapshots"]), 20)
        cli.refused("InvalidParameterValue", "describe-db-cluster-snapshots", "--no-paginate",
                    "--max-records", "19")
        cli.refused("InvalidParameterValue", "describe-db-cluster-snapshots", "--no-paginate",
                    "--marker", "nonsense")

    def types():
        for kind in ("manual", "automated", "awsbackup"):
            found = cli.rds("describe-db-cluster-snapshots", "--snapshot-type", kind)
            equal({s["SnapshotType"] for s in found["DBClusterSnapshots"]}, {kind})
        cli.refused("InvalidParameterValue", "describe-db-cluster-snapshots", "--snapshot-type", "x")

    def catalogue():
        versions = cli.rds("describe-db-engine-versions", "--engine", "aurora-postgresql",
                           "--default-only")["DBEngineVersions"]
        equal(len(versions), 1)
        options = cli.rds("describe-orderable-db-instance-options", "--engine", "aurora-postgresql",
                          "--engine-version", "14.15", "--db-instance-class", "db.r6g.8xlarge")
        zones = options["OrderableDBInstanceOptions"][0]["AvailabilityZones"]
        equal([z["Name"] for z in zones], ["eu-west-1a", "eu-west-1b"])
        cli.rds("describe-certificates")
        cli.refused("CertificateNotFound", "describe-certificates", "--certificate-identifier", "x")
        quotas = {q["AccountQuotaName"]: q for q in cli.rds("describe-account-attributes")["AccountQuotas"]}
        equal(quotas["ManualClusterSnapshots"]["Max"], 100)
        holds(quotas["ManualClusterSnapshots"]["Used"] >= 10, "snapshots are not counted")
        found = cli.rds("describe-pending-maintenance-actions")["PendingMaintenanceActions"]
        equal(len(found), 1)
        endpoints = cli.rds("describe-db-cluster-endpoints", "--db-cluster-identifier",
                            "api-production")["DBClusterEndpoints"]
        equal([e["EndpointType"] for e in endpoints], ["WRITER", "READER"])
        backups = cli.rds("describe-db-cluster-automated-backups")["DBClusterAutomatedBackups"]
        holds({b["Status"] for b in backups} == {"active"}, "automated backups are not active")

    tap.claim("a cluster shows its members, writer and ARN", shape)
    tap.claim("what is not there is answered with its own code", not_found)
    tap.claim("filters take names and ARNs, and unknown ones are refused", filters)
    tap.claim("pages add up to the whole list, and their size is checked", pages)
    tap.claim("snapshot types select", types)
    tap.claim("the catalogue and quotas are there", catalogue)


def snapshots(server, cli, tap):
    create = ("create-db-cluster-snapshot", "--db-cluster-identifier", "api-production",
              "--db-cluster-snapshot-identifier")

    def life():
        with Held(server, "rds.snapshot-created"):
            made = cli.rds(*create, "one", "--tags", "Key=run,Value=7")["DBClusterSnapshot"]
            equal(made["Status"], "creating")
            equal(cluster(cli)["Status"] in ("backing-up", "available"), True)
            holds(0 <= snapshot(cli, "one")["PercentProgress"] < 100, "progress")
            cli.refused("InvalidDBClusterSnapshotStateFault", "delete-db-cluster-snapshot",
                        "--db-cluster-snapshot-identifier", "one")
            cli.refused("InvalidDBClusterSnapshotStateFault", "copy-db-cluster-snapshot",
                        "--source-db-cluster-snapshot-identifier", "one",
                        "--target-db-cluster-snapshot-identifier", "early")
        snapshot_available(cli, "one")
        cli("rds", "wait", "db-cluster-snapshot-available", "--db-cluster-snapshot-identifier", "one")
        tags = {t["Key"]: t["Value"] for t in snapshot(cli, "one")["TagList"]}
        equal((tags["run"], tags["application"]), ("7", "sirius"))
        equal(snapshot(cli, "one")["AllocatedStorage"], 412)
        cli.refused("DBClusterSnapshotAlreadyExistsFault", *create, "one")
        cli.refused("InvalidParameterValue", *create, "1-bad")
        cli.refused("InvalidParameterValue", *create, "bad--name")
        cli.refused("DBClusterNotFoundFault", "create-db-cluster-snapshot", "--db-cluster-identifier",
                    "nothing", "--db-cluster-snapshot-identifier", "two")
        events = cli.rds("describe-events", "--source-type", "db-cluster-snapshot",
                         "--source-identifier", "one")["Events"]
        holds(any("created" in e["Message"] for e in events), f"no event in {events}")

    def busy():
        with Held(server, "rds.cluster-backed-up"):
            cli.rds(*create, "busy-1")
            text = cli.refused("InvalidDBClusterStateFault", *create, "busy-2")
            holds("isn't currently in the available state" in text, text)
        available(cli)

    def failure():
        server.control("POST", "faults", {"kind": "fail", "transition": "rds.snapshot-created",
                                          "times": 1, "message": "storage is out of sorts"})
        available(cli)
        cli.rds(*create, "broken")
        wait_until(lambda: snapshot(cli, "broken")["Status"] == "failed")
        cli.rds("delete-db-cluster-snapshot", "--db-cluster-snapshot-identifier", "broken")
        gone(cli, "DBClusterSnapshotNotFoundFault", "describe-db-cluster-snapshots",
             "--db-cluster-snapshot-identifier", "broken")

    def automated():
        name = cli.rds("describe-db-cluster-snapshots", "--snapshot-type", "automated")[
            "DBClusterSnapshots"][0]["DBClusterSnapshotIdentifier"]
        cli.refused("InvalidDBClusterSnapshotStateFault", "delete-db-cluster-snapshot",
                    "--db-cluster-snapshot-identifier", name)
        cli.refused("InvalidDBClusterSnapshotStateFault", "modify-db-cluster-snapshot-attribute",
                    "--db-cluster-snapshot-identifier", name, "--attribute-name", "restore",
                    "--values-to-add", PREPRODUCTION)

    tap.claim("a snapshot is created, waited for, tagged and reported", life)
    tap.claim("a cluster that is backing up takes no second snapshot", busy)
    tap.claim("a failed snapshot is failed and can be deleted", failure)
    tap.claim("automated snapshots are neither deleted nor shared", automated)


def copy(cli, source, target, *args, **kwargs):
    return cli.rds("copy-db-cluster-snapshot", "--source-db-cluster-snapshot-identifier", source,
                   "--target-db-cluster-snapshot-identifier", target, *args,
                   **kwargs)["DBClusterSnapshot"]


def copy_refused(cli, code, source, target, *args, **kwargs):
    return cli.refused(code, "copy-db-cluster-snapshot", "--source-db-cluster-snapshot-identifier",
                       source, "--target-db-cluster-snapshot-identifier", target, *args, **kwargs)


def share(cli, name, *values):
    return cli.rds("modify-db-cluster-snapshot-attribute", "--db-cluster-snapshot-identifier", name,
                   "--attribute-name", "restore", *values)["DBClusterSnapshotAttributesResult"]


def shared_with(cli, name):
    found = cli.rds("describe-db-cluster-snapshot-attributes", "--db-cluster-snapshot-identifier",
                    name)["DBClusterSnapshotAttributesResult"]["DBClusterSnapshotAttributes"]
    return [a["AttributeValues"] for a in found if a["AttributeName"] == "restore"][0]


def copies(server, cli, tap):
    pre = {"profile": "preproduction"}

    def reencrypted():
        made = copy(cli, "one", "one-copy", "--kms-key-id", KEY, "--copy-tags")
        equal(made["Status"], "copying")
        snapshot_available(cli, "one-copy")
        found = snapshot(cli, "one-copy")
        equal(found["SourceDBClusterSnapshotArn"], snapshot(cli, "one")["DBClusterSnapshotArn"])
        holds("5b1f3c42" in found["KmsKeyId"], found["KmsKeyId"])
        equal({t["Key"]: t["Value"] for t in found["TagList"]}["run"], "7")
        copy_refused(cli, "DBClusterSnapshotAlreadyExistsFault", "one", "one-copy")
        copy_refused(cli, "DBClusterSnapshotNotFoundFault", "nothing", "two-copy")

    def keys():
        copy_refused(cli, "KMSKeyNotAccessibleFault", "one", "x", "--kms-key-id", "alias/nothing")
        copy_refused(cli, "KMSKeyNotAccessibleFault", "one", "x", "--kms-key-id",
                     "alias/rds-snapshot-retired")
        text = copy_refused(cli, "KMSKeyNotAccessibleFault", "api-production-archive-2025", "x",
                            "--kms-key-id", KEY)
        holds("source snapshot KMS key" in text, text)

    def sharing():
        equal(shared_with(cli, "one-copy"), [])
        share(cli, "one-copy", "--values-to-add", PREPRODUCTION)
        equal(shared_with(cli, "one-copy"), [PREPRODUCTION])
        share(cli, "one-copy", "--values-to-add", PREPRODUCTION)
        equal(shared_with(cli, "one-copy"), [PREPRODUCTION])
        arn = snapshot(cli, "one-copy")["DBClusterSnapshotArn"]
        found = snapshot(cli, arn, "--include-shared", **pre)
        equal((found["Status"], found["SnapshotType"]), ("available", "shared"))
        names = [s["DBClusterSnapshotArn"] for s in cli.rds(
            "describe-db-cluster-snapshots", "--snapshot-type", "shared", **pre)["DBClusterSnapshots"]]
        holds(arn in names, f"{arn} is not in {names}")
        cli.refused("DBClusterSnapshotNotFoundFault", "describe-db-cluster-snapshots",
                    "--db-cluster-snapshot-identifier", arn, "--include-shared",
                    profile="development")

    def unshareable():
        refuse = ("modify-db-cluster-snapshot-attribute", "--attribute-name", "restore",
                  "--db-cluster-snapshot-identifier")
        text = cli.refused("InvalidParameterValue", *refuse, "api-production-pre-upgrade-14",
                           "--values-to-add", PREPRODUCTION)
        holds("default" in text, text)
        cli.refused("InvalidParameterValue", *refuse, "one-copy", "--values-to-add", "all")
        cli.refused("InvalidParameterValue", *refuse, "one-copy", "--values-to-add", "12")
        cli.refused("InvalidDBClusterSnapshotStateFault", *refuse,
                    "pre-migration-snapshot-api-202611141840", "--values-to-add", PREPRODUCTION)
        cli.refused("InvalidParameterValue", "modify-db-cluster-snapshot-attribute",
                    "--attribute-name", "colour", "--db-cluster-snapshot-identifier", "one-copy")
        accounts = [f"{i:012}" for i in range(1, 21)]
        cli.refused("SharedSnapshotQuotaExceeded", *refuse, "one-copy", "--values-to-add", *accounts)

    def foreign():
        arn = snapshot(cli, "one-copy")["DBClusterSnapshotArn"]
        copy_refused(cli, "InvalidParameterValue", arn, "from-production", "--kms-key-id",
                     "alias/rds-preproduction", "--copy-tags", **pre)
        copy_refused(cli, "InvalidParameterValue", arn, "from-production", **pre)
        copy(cli, arn, "from-production", "--kms-key-id", "alias/rds-preproduction", "--tags",
             "Key=from,Value=production", **pre)
        snapshot_available(cli, "from-production", **pre)
        equal(snapshot(cli, "from-production", **pre)["TagList"],
              [{"Key": "from", "Value": "production"}])

    def no_grant():
        arn = snapshot(cli, "api-production-internal-audit")["DBClusterSnapshotArn"]
        share(cli, "api-production-internal-audit", "--values-to-add", PREPRODUCTION)
        text = copy_refused(cli, "KMSKeyNotAccessibleFault", arn, "audit", "--kms-key-id",
                            "alias/rds-preproduction", **pre)
        holds("source snapshot KMS key" in text, text)
        share(cli, "api-production-internal-audit", "--values-to-remove", PREPRODUCTION)
        copy_refused(cli, "DBClusterSnapshotNotFoundFault", arn, "audit", "--kms-key-id",
                     "alias/rds-preproduction", **pre)

    def across():
        arn = snapshot(cli, "one")["DBClusterSnapshotArn"]
        copy_refused(cli, "InvalidParameterValue", arn, "one-in-dr", *DR)
        copy_refused(cli, "KMSKeyNotAccessibleFault", arn, "one-in-dr", "--kms-key-id", KEY, *DR)
        copy(cli, arn, "one-in-dr", "--kms-key-id", "alias/rds-production", *DR)
        snapshot_available(cli, "one-in-dr", *DR)

    def running():
        arn = snapshot(cli, "one")["DBClusterSnapshotArn"]
        with Held(server, "rds.snapshot-copied"):
            for i in range(5):
                copy(cli, arn, f"many-{i}", "--kms-key-id", "alias/rds-production", *DR)
            copy_refused(cli, "SnapshotQuotaExceeded", arn, "many-5", "--kms-key-id",
                         "alias/rds-production", *DR)

    def cancelled():
        with Held(server, "rds.snapshot-copied"):
            copy(cli, "one", "unwanted", "--kms-key-id", KEY)
            cli.refused("InvalidDBClusterSnapshotStateFault", "delete-db-cluster-snapshot",
                        "--db-cluster-snapshot-identifier", "one")
            cli.rds("delete-db-cluster-snapshot", "--db-cluster-snapshot-identifier", "unwanted")
        gone(cli, "DBClusterSnapshotNotFoundFault", "describe-db-cluster-snapshots",
             "--db-cluster-snapshot-identifier", "unwanted")

    def deleted():
        arn = snapshot(cli, "one-copy")["DBClusterSnapshotArn"]
        cli.rds("delete-db-cluster-snapshot", "--db-cluster-snapshot-identifier", "one-copy")
        gone(cli, "DBClusterSnapshotNotFoundFault", "describe-db-cluster-snapshots",
             "--db-cluster-snapshot-identifier", "one-copy")
        cli.refused("DBClusterSnapshotNotFoundFault", "describe-db-cluster-snapshots",
                    "--db-cluster-snapshot-identifier", arn, "--include-shared", **pre)

    tap.claim("a copy is re-encrypted and names its source", reencrypted)
    tap.claim("unknown and disabled keys are refused", keys)
    tap.claim("a share is seen by its account and by no other", sharing)
    tap.claim("what AWS does not let anybody share is refused", unshareable)
    tap.claim("another account copies with a key and tags of its own", foreign)
    tap.claim("a key that grants nothing makes a share useless", no_grant)
    tap.claim("another region needs a key of its own", across)
    tap.claim("five copies run into a region, not six", running)
    tap.claim("deleting a copy cancels it, and its source waits", cancelled)
    tap.claim("a deleted snapshot is gone for everybody", deleted)


def quota(server, cli, tap):
    def counts():
        have = len(cli.rds("describe-db-cluster-snapshots", "--snapshot-type", "manual",
                           profile="development")["DBClusterSnapshots"])
        limit = 20
        for i in range(limit - have):
            available(cli_development(cli), "api-development")
            cli.rds("create-db-cluster-snapshot", "--db-cluster-identifier", "api-development",
                    "--db-cluster-snapshot-identifier", f"extra-{i}", profile="development")
        available(cli_development(cli), "api-development")
        text = cli.refused("SnapshotQuotaExceeded", "create-db-cluster-snapshot",
                           "--db-cluster-identifier", "api-development",
                           "--db-cluster-snapshot-identifier", "one-too-many",
                           profile="development")
        holds("20" in text, text)
    tap.claim("manual snapshots are counted against the quota", counts)


def cli_development(cli):
    class Bound:
        def rds(self, *args, **kwargs):
            return cli.rds(*args, profile="development", **kwargs)
    return Bound()


def modifications(server, cli, tap):
    modify = ("modify-db-cluster", "--db-cluster-identifier", "membrane-production")

    def settle():
        with Held(server, "rds.cluster-settled"):
            answer = cli.rds(*modify, "--backup-retention-period", "21", "--apply-immediately")
            equal(answer["DBCluster"]["Status"], "available")
            found = cluster(cli, "membrane-production")
            equal((found["Status"], found["BackupRetentionPeriod"]), ("available", 14))
            equal(found["PendingModifiedValues"]["BackupRetentionPeriod"], 21)
        with Held(server, "rds.cluster-modified"):
            wait_until(lambda: cluster(cli, "membrane-production")["Status"] == "modifying")
            cli.refused("InvalidDBClusterStateFault", *modify, "--copy-tags-to-snapshot")
            cli.refused("InvalidDBClusterStateFault", "create-db-cluster-snapshot",
                        "--db-cluster-identifier", "membrane-production",
                        "--db-cluster-snapshot-identifier", "not-now")
        available(cli, "membrane-production")
        found = cluster(cli, "membrane-production")
        equal(found["BackupRetentionPeriod"], 21)
        holds("PendingModifiedValues" not in found, "values still pend")

    def protection():
        cli.refused("InvalidParameterCombination", "delete-db-cluster", "--db-cluster-identifier",
                    "membrane-production", "--skip-final-snapshot")
        cli.rds(*modify, "--no-deletion-protection", "--apply-immediately")
        wait_until(lambda: not cluster(cli, "membrane-production")["DeletionProtection"])
        available(cli, "membrane-production")
        cli.refused("InvalidDBClusterStateFault", "delete-db-cluster", "--db-cluster-identifier",
                    "membrane-production", "--skip-final-snapshot")
        cli.refused("InvalidParameterCombination", "delete-db-cluster", "--db-cluster-identifier",
                    "membrane-production", "--skip-final-snapshot", "--final-db-snapshot-identifier",
                    "x")

    def password():
        cli.refused("InvalidParameterValue", *modify, "--master-user-password", "short")
        with Held(server, "rds.cluster-modified"):
            cli.rds(*modify, "--master-user-password", "long enough".replace(" ", "-"),
                    "--apply-immediately")
            wait_until(lambda: cluster(cli, "membrane-production")["Status"]
                       == "resetting-master-credentials")
        available(cli, "membrane-production")

    def managed():
        cli.rds(*modify, "--manage-master-user-password", "--apply-immediately")
        available(cli, "membrane-production")
        secret = cluster(cli, "membrane-production")["MasterUserSecret"]
        value = cli("secretsmanager", "get-secret-value", "--secret-id", secret["SecretArn"])
        holds("password" in value["SecretString"], "no password in the secret")
        cli.refused("InvalidParameterCombination", *modify, "--master-user-password", "long-enough")
        wait_until(lambda: cluster(cli, "membrane-production")["Status"] == "available")
        cli.rds(*modify, "--no-manage-master-user-password", "--master-user-password",
                "long-enough", "--apply-immediately")
        wait_until(lambda: "MasterUserSecret" not in cluster(cli, "membrane-production"))
        available(cli, "membrane-production")

    def groups():
        make = ("create-db-cluster-parameter-group", "--description", "test",
                "--db-cluster-parameter-group-name")
        cli.rds(*make, "fifteen", "--db-parameter-group-family", "aurora-postgresql15")
        cli.rds(*make, "fourteen", "--db-parameter-group-family", "aurora-postgresql14", "--tags",
                "Key=a,Value=b")
        cli.refused("DBParameterGroupAlreadyExists", *make, "fourteen",
                    "--db-parameter-group-family", "aurora-postgresql14")
        cli.refused("DBClusterParameterGroupNotFound", *modify,
                    "--db-cluster-parameter-group-name", "nothing")
        cli.refused("InvalidParameterCombination", *modify, "--db-cluster-parameter-group-name",
                    "fifteen")
        cli.rds("modify-db-cluster-parameter-group", "--db-cluster-parameter-group-name", "fourteen",
                "--parameters", "ParameterName=rds.force_ssl,ParameterValue=1,ApplyMethod=immediate")
        values = {p["ParameterName"]: p for p in cli.rds(
            "describe-db-cluster-parameters", "--db-cluster-parameter-group-name",
            "fourteen")["Parameters"]}
        equal((values["rds.force_ssl"]["ParameterValue"], values["rds.force_ssl"]["Source"]),
              ("1", "user"))
        cli.refused("InvalidParameterCombination", "modify-db-cluster-parameter-group",
                    "--db-cluster-parameter-group-name", "fourteen", "--parameters",
                    "ParameterName=rds.logical_replication,ParameterValue=1,ApplyMethod=immediate")
        cli.rds("reset-db-cluster-parameter-group", "--db-cluster-parameter-group-name", "fourteen",
                "--reset-all-parameters")
        cli.rds(*modify, "--db-cluster-parameter-group-name", "fourteen", "--apply-immediately")
        wait_until(lambda: cluster(cli, "membrane-production")["DBClusterParameterGroup"]
                   == "fourteen")
        available(cli, "membrane-production")
        statuses = {m["DBClusterParameterGroupStatus"] for m in
                    cluster(cli, "membrane-production")["DBClusterMembers"]}
        equal(statuses, {"pending-reboot"})
        cli.refused("InvalidDBParameterGroupState", "delete-db-cluster-parameter-group",
                    "--db-cluster-parameter-group-name", "fourteen")
        cli.rds("delete-db-cluster-parameter-group", "--db-cluster-parameter-group-name", "fifteen")
        for name in ("membrane-production-0", "membrane-production-1"):
            cli.rds("reboot-db-instance", "--db-instance-identifier", name)
        wait_until(lambda: {m["DBClusterParameterGroupStatus"] for m in cluster(
            cli, "membrane-production")["DBClusterMembers"]} == {"in-sync"})

    def instance_groups():
        cli.rds("create-db-parameter-group", "--db-parameter-group-name", "own", "--description", "x",
                "--db-parameter-group-family", "aurora-postgresql14")
        cli.rds("modify-db-parameter-group", "--db-parameter-group-name", "own", "--parameters",
                "ParameterName=log_statement,ParameterValue=all,ApplyMethod=immediate")
        values = cli.rds("describe-db-parameters", "--db-parameter-group-name", "own", "--source",
                         "user")["Parameters"]
        equal([p["ParameterName"] for p in values], ["log_statement"])
        cli.rds("describe-db-parameter-groups", "--db-parameter-group-name", "own")
        cli.rds("delete-db-parameter-group", "--db-parameter-group-name", "own")
        cli.rds("create-db-subnet-group", "--db-subnet-group-name", "own",
                "--db-subnet-group-description", "x", "--subnet-ids", "subnet-1", "subnet-2")
        cli.refused("DBSubnetGroupDoesNotCoverEnoughAZs", "modify-db-subnet-group",
                    "--db-subnet-group-name", "own", "--subnet-ids", "subnet-1")
        cli.rds("modify-db-subnet-group", "--db-subnet-group-name", "own", "--subnet-ids", "subnet-1",
                "subnet-2", "subnet-3")
        equal(len(cli.rds("describe-db-subnet-groups", "--db-subnet-group-name",
                          "own")["DBSubnetGroups"][0]["Subnets"]), 3)
        cli.refused("InvalidDBSubnetGroupStateFault", "delete-db-subnet-group",
                    "--db-subnet-group-name", "data-persistence-subnet-group")
        cli.rds("delete-db-subnet-group", "--db-subnet-group-name", "own")

    def tags():
        arn = cluster(cli, "membrane-production")["DBClusterArn"]
        cli.rds("add-tags-to-resource", "--resource-name", arn, "--tags", "Key=colour,Value=blue")
        found = cli.rds("list-tags-for-resource", "--resource-name", arn)["TagList"]
        holds({"Key": "colour", "Value": "blue"} in found, found)
        cli.rds("remove-tags-from-resource", "--resource-name", arn, "--tag-keys", "colour")
        found = cli.rds("list-tags-for-resource", "--resource-name", arn)["TagList"]
        holds({"Key": "colour", "Value": "blue"} not in found, found)
        cli.refused("InvalidParameterValue", "add-tags-to-resource", "--resource-name", arn,
                    "--tags", "Key=aws:x,Value=y")
        cli.refused("InvalidParameterValue", "list-tags-for-resource", "--resource-name", "x")
        cli.refused("DBClusterNotFoundFault", "list-tags-for-resource", "--resource-name",
                    arn + "x")
        cli.rds("list-tags-for-resource", "--resource-name",
                f"arn:aws:rds::{PRODUCTION}:global-cluster:production-api-global")

    def roles():
        role = "arn:aws:iam::111111111111:role/rds-import"
        args = ("--db-cluster-identifier", "membrane-production", "--role-arn", role)
        cli.rds("add-role-to-db-cluster", *args, "--feature-name", "s3Import")
        cli.refused("DBClusterRoleAlreadyExists", "add-role-to-db-cluster", *args)
        equal(cluster(cli, "membrane-production")["AssociatedRoles"][0]["RoleArn"], role)
        cli.rds("remove-role-from-db-cluster", *args)
        cli.refused("DBClusterRoleNotFound", "remove-role-from-db-cluster", *args)

    def power():
        args = ("--db-cluster-identifier", "membrane-production")
        cli.refused("InvalidDBClusterStateFault", "start-db-cluster", *args)
        cli.refused("InvalidDBClusterStateFault", "stop-db-cluster", "--db-cluster-identifier",
                    "api-production")
        cli.rds("stop-db-cluster", *args)
        wait_until(lambda: cluster(cli, "membrane-production")["Status"] == "stopped")
        equal(instance(cli, "membrane-production-0")["DBInstanceStatus"], "stopped")
        cli.rds("start-db-cluster", *args)
        available(cli, "membrane-production")
        cli.rds("failover-db-cluster", *args, "--target-db-instance-identifier",
                "membrane-production-1")
        wait_until(lambda: [m["DBInstanceIdentifier"] for m in cluster(
            cli, "membrane-production")["DBClusterMembers"] if m["IsClusterWriter"]]
            == ["membrane-production-1"])
        available(cli, "membrane-production")

    def rename():
        resource = cluster(cli, "membrane-production")["DbClusterResourceId"]
        cli.refused("DBClusterAlreadyExistsFault", *modify, "--new-db-cluster-identifier",
                    "api-production")
        with Held(server, "rds.cluster-modified"):
            cli.rds(*modify, "--new-db-cluster-identifier", "membrane-old", "--apply-immediately")
            wait_until(lambda: cluster(cli, "membrane-production")["Status"] == "renaming")
        gone(cli, "DBClusterNotFoundFault", "describe-db-clusters", "--db-cluster-identifier",
             "membrane-production")
        found = cluster(cli, "membrane-old")
        equal((found["Status"], found["DbClusterResourceId"]), ("available", resource))
        equal(len(found["DBClusterMembers"]), 2)
        cli.rds("modify-db-instance", "--db-instance-identifier", "membrane-production-0",
                "--new-db-instance-identifier", "membrane-old-0", "--apply-immediately")
        wait_until(lambda: cli.run("rds", "describe-db-instances", "--db-instance-identifier",
                                   "membrane-old-0").returncode == 0)
        equal(instance(cli, "membrane-old-0")["DBClusterIdentifier"], "membrane-old")
        cli.refused("DBInstanceNotFound", "describe-db-instances", "--db-instance-identifier",
                    "membrane-production-0")

    def deleted():
        delete = ("delete-db-cluster", "--db-cluster-identifier", "membrane-old")
        for name in ("membrane-old-0", "membrane-production-1"):
            cli.rds("delete-db-instance", "--db-instance-identifier", name)
            gone(cli, "DBInstanceNotFound", "describe-db-instances", "--db-instance-identifier", name)
        cli.refused("InvalidParameterCombination", *delete)
        cli.refused("DBClusterSnapshotAlreadyExistsFault", *delete, "--final-db-snapshot-identifier",
                    "membrane-production-pre-upgrade")
        with Held(server, "rds.snapshot-created"):
            cli.rds(*delete, "--final-db-snapshot-identifier", "membrane-final",
                    "--no-delete-automated-backups")
            equal(cluster(cli, "membrane-old")["Status"], "deleting")
            equal(snapshot(cli, "membrane-final")["Status"], "creating")
        gone(cli, "DBClusterNotFoundFault", "describe-db-clusters", "--db-cluster-identifier",
             "membrane-old")
        equal(snapshot(cli, "membrane-final")["Status"], "available")
        kept = [b for b in cli.rds("describe-db-cluster-automated-backups")[
            "DBClusterAutomatedBackups"] if b["Status"] == "retained"]
        equal([b["DBClusterIdentifier"] for b in kept], ["membrane-old"])
        cli.rds("delete-db-cluster-automated-backup", "--db-cluster-resource-id",
                kept[0]["DbClusterResourceId"])
        cli.refused("DBClusterAutomatedBackupNotFoundFault", "delete-db-cluster-automated-backup",
                    "--db-cluster-resource-id", kept[0]["DbClusterResourceId"])

    tap.claim("a modification reads available first, then modifying, then applies", settle)
    tap.claim("protection and instances forbid a deletion", protection)
    tap.claim("a password change resets master credentials", password)
    tap.claim("a managed password lives in Secrets Manager", managed)
    tap.claim("cluster parameter groups are checked, applied after a reboot and held", groups)
    tap.claim("parameter and subnet groups of instances live", instance_groups)
    tap.claim("tags are set, listed and removed", tags)
    tap.claim("roles are associated once", roles)
    tap.claim("a cluster stops, starts and fails over", power)
    tap.claim("a cluster and an instance are renamed and keep who they are", rename)
    tap.claim("a deletion leaves final snapshot and retained backup", deleted)


def restores(server, cli, tap):
    args = ("restore-db-cluster-from-snapshot", "--engine", "aurora-postgresql",
            "--snapshot-identifier")

    def rules():
        cli.refused("DBClusterSnapshotNotFoundFault", *args, "nothing", "--db-cluster-identifier", "x")
        cli.refused("DBClusterAlreadyExistsFault", *args, "one", "--db-cluster-identifier",
                    "api-production")
        cli.refused("InvalidDBClusterSnapshotStateFault", *args,
                    "pre-migration-snapshot-api-202611141840", "--db-cluster-identifier", "x")
        cli.refused("KMSKeyNotAccessibleFault", *args, "api-production-archive-2025",
                    "--db-cluster-identifier", "x")
        cli.refused("DBClusterParameterGroupNotFound", *args, "one", "--db-cluster-identifier", "x",
                    "--db-cluster-parameter-group-name", "nothing")
        cli.refused("DBSubnetGroupNotFoundFault", *args, "one", "--db-cluster-identifier", "x",
                    "--db-subnet-group-name", "nothing")
        cli.refused("InvalidParameterValue", *args, "one", "--db-cluster-identifier", "x",
                    "--vpc-security-group-ids", "sg-nothing")
        cli.refused("InvalidParameterCombination", *args, "one", "--db-cluster-identifier", "x",
                    "--engine-version", "13.12")

    def life():
        with Held(server, "rds.cluster-backed-up"):
            with Held(server, "rds.cluster-created"):
                made = cli.rds(*args, "one", "--db-cluster-identifier", "restored", "--tags",
                               "Key=a,Value=b")["DBCluster"]
                equal((made["Status"], made["DBClusterMembers"]), ("creating", []))
                equal(made["DBClusterParameterGroup"], "default.aurora-postgresql14")
                cli.refused("InvalidDBClusterStateFault", "delete-db-cluster",
                            "--db-cluster-identifier", "restored", "--skip-final-snapshot")
            wait_until(lambda: cluster(cli, "restored")["Status"] == "backing-up")
        available(cli, "restored")
        found = cluster(cli, "restored")
        equal((found["MasterUsername"], found["DatabaseName"], found["DeletionProtection"],
               found["BackupRetentionPeriod"]), ("root", "api", False, 1))
        cli.rds("create-db-instance", "--db-instance-identifier", "restored-0",
                "--db-instance-class", "db.r6g.large", "--engine", "aurora-postgresql",
                "--db-cluster-identifier", "restored", "--promotion-tier", "0")
        equal(instance(cli, "restored-0")["DBInstanceStatus"] in ("creating", "available"), True)
        wait_until(lambda: instance(cli, "restored-0")["DBInstanceStatus"] == "available")
        cli("rds", "wait", "db-instance-available", "--db-instance-identifier", "restored-0")
        cli("rds", "wait", "db-cluster-available", "--db-cluster-identifier", "restored")
        equal(cluster(cli, "restored")["DBClusterMembers"][0]["IsClusterWriter"], True)

    def instances():
        make = ("create-db-instance", "--db-instance-class", "db.r6g.large", "--engine",
                "aurora-postgresql", "--db-cluster-identifier", "restored",
                "--db-instance-identifier")
        cli.refused("DBInstanceAlreadyExists", *make, "restored-0")
        cli.refused("InvalidVPCNetworkStateFault", *make, "r1", "--availability-zone", "eu-west-1z")
        cli.refused("InvalidParameterCombination", "create-db-instance", "--db-instance-class",
                    "db.huge", "--engine", "aurora-postgresql", "--db-cluster-identifier",
                    "restored", "--db-instance-identifier", "r1")
        cli.refused("InvalidParameterCombination", *make, "r1", "--monitoring-interval", "30")
        cli.refused("InvalidParameterCombination", *make, "r1", "--master-username", "me")
        cli.rds("modify-db-instance", "--db-instance-identifier", "restored-0",
                "--db-instance-class", "db.r6g.xlarge", "--apply-immediately")
        wait_until(lambda: instance(cli, "restored-0")["DBInstanceClass"] == "db.r6g.xlarge")
        cli.refused("InvalidParameterCombination", "modify-db-instance", "--db-instance-identifier",
                    "restored-0", "--backup-retention-period", "3")

    def in_time():
        args2 = ("restore-db-cluster-to-point-in-time", "--source-db-cluster-identifier",
                 "api-production", "--db-cluster-identifier", "earlier")
        cli.refused("InvalidParameterCombination", *args2)
        cli.refused("InvalidRestoreFault", *args2, "--restore-to-time", "2001-01-01T00:00:00Z")
        cli.rds(*args2, "--use-latest-restorable-time")
        available(cli, "earlier")
        cli.rds("delete-db-cluster", "--db-cluster-identifier", "earlier", "--skip-final-snapshot")
        gone(cli, "DBClusterNotFoundFault", "describe-db-clusters", "--db-cluster-identifier",
             "earlier")

    def failure():
        server.control("POST", "faults", {"kind": "fail", "transition": "rds.cluster-created",
                                          "times": 1, "message": "no storage"})
        cli.rds(*args, "one", "--db-cluster-identifier", "unlucky")
        wait_until(lambda: cluster(cli, "unlucky")["Status"] == "incompatible-restore")
        cli.rds("delete-db-cluster", "--db-cluster-identifier", "unlucky", "--skip-final-snapshot")

    def created():
        make = ("create-db-cluster", "--engine", "aurora-postgresql", "--db-cluster-identifier")
        cli.refused("InvalidParameterValue", *make, "fresh")
        cli.refused("InvalidParameterCombination", *make, "fresh", "--engine-version", "9.9",
                    "--master-username", "root", "--master-user-password", "long-enough")
        cli.refused("KMSKeyNotAccessibleFault", *make, "fresh", "--storage-encrypted",
                    "--kms-key-id", "alias/rds-snapshot-retired", "--master-username", "root",
                    "--master-user-password", "long-enough")
        made = cli.rds(*make, "fresh", "--storage-encrypted", "--master-username", "root",
                       "--master-user-password", "long-enough")["DBCluster"]
        holds(":key/" in made["KmsKeyId"], made["KmsKeyId"])
        available(cli, "fresh")
        cli.refused("DBClusterAlreadyExistsFault", *make, "fresh", "--master-username", "root",
                    "--master-user-password", "long-enough")

    tap.claim("a restore is refused for all that does not fit", rules)
    tap.claim("a restored cluster has no instances, defaults, and backs up first", life)
    tap.claim("instances follow their cluster's rules", instances)
    tap.claim("a point in time is restored within its window", in_time)
    tap.claim("a failed restore ends incompatible and can be deleted", failure)
    tap.claim("a cluster is created with the account's own key", created)


def members(cli):
    found = cli.rds("describe-global-clusters", *GLOBAL)["GlobalClusters"][0]
    return {m["DBClusterArn"]: m["IsWriter"] for m in found["GlobalClusterMembers"]}


def globals_(server, cli, tap):
    remove = ("remove-from-global-cluster", *GLOBAL, "--db-cluster-identifier")

    def switch():
        cli.rds("switchover-global-cluster", *GLOBAL, "--target-db-cluster-identifier", SECONDARY)
        wait_until(lambda: members(cli) == {PRIMARY: False, SECONDARY: True})
        available(cli)
        available(cli, "api-production", *DR)
        cli.refused("InvalidDBClusterStateFault", "failover-global-cluster", *GLOBAL,
                    "--target-db-cluster-identifier", SECONDARY)
        cli.rds("failover-global-cluster", *GLOBAL, "--target-db-cluster-identifier", PRIMARY,
                "--allow-data-loss")
        wait_until(lambda: members(cli) == {PRIMARY: True, SECONDARY: False})
        available(cli)
        available(cli, "api-production", *DR)

    def protected():
        for args, code in ((("--region", "eu-west-1"), "InvalidGlobalClusterStateFault"),
                           (DR, "InvalidDBClusterStateFault")):
            cli.rds("modify-db-cluster", "--db-cluster-identifier", "api-production",
                    "--no-deletion-protection", "--apply-immediately", *args)
            wait_until(lambda: not cluster(cli, "api-production", *args)["DeletionProtection"])
            available(cli, "api-production", *args)
            cli.refused(code, "delete-db-cluster", "--db-cluster-identifier", "api-production",
                        "--skip-final-snapshot", *args)
        cli.refused("InvalidParameterCombination", "delete-global-cluster", *GLOBAL)

    def detach():
        cli.refused("InvalidGlobalClusterStateFault", *remove, PRIMARY)
        cli.refused("InvalidParameterValue", *remove, "api-production")
        cli.refused("DBClusterNotFoundFault", *remove, PRIMARY + "x")
        with Held(server, "rds.cluster-detaching"):
            cli.rds(*remove, SECONDARY, *DR)
            equal(cluster(cli, "api-production", *DR)["Status"], "available")
            equal(SECONDARY in members(cli), True)
        with Held(server, "rds.cluster-promoted"):
            wait_until(lambda: cluster(cli, "api-production", *DR)["Status"] == "promoting")
            cli.refused("InvalidDBClusterStateFault", "delete-db-cluster", "--db-cluster-identifier",
                        "api-production", "--skip-final-snapshot", *DR)
        available(cli, "api-production", *DR)
        equal(members(cli), {PRIMARY: True})

    def teardown():
        cli.rds("delete-db-instance", "--db-instance-identifier", "api-production-dr-0", *DR)
        gone(cli, "DBInstanceNotFound", "describe-db-instances", "--db-instance-identifier",
             "api-production-dr-0", *DR)
        cli.rds("delete-db-cluster", "--db-cluster-identifier", "api-production",
                "--skip-final-snapshot", *DR)
        gone(cli, "DBClusterNotFoundFault", "describe-db-clusters", "--db-cluster-identifier",
             "api-production", *DR)
        cli.rds("modify-global-cluster", *GLOBAL, "--no-deletion-protection")
        wait_until(lambda: not cli.rds("describe-global-clusters", *GLOBAL)["GlobalClusters"][0][
            "DeletionProtection"])
        cli.refused("InvalidGlobalClusterStateFault", "delete-global-cluster", *GLOBAL)
        cli.rds(*remove, PRIMARY)
        wait_until(lambda: members(cli) == {})
        cli.rds("delete-global-cluster", *GLOBAL)
        gone(cli, "GlobalClusterNotFoundFault", "describe-global-clusters", *GLOBAL)

    def rebuild():
        secondary = ("create-db-cluster", "--db-cluster-identifier", "api-production", "--engine",
                     "aurora-postgresql", *GLOBAL, "--db-subnet-group-name",
                     "data-persistence-subnet-group", *DR)
        cli.refused("InvalidParameterCombination", "create-global-cluster", *GLOBAL,
                    "--source-db-cluster-identifier", PRIMARY, "--engine", "aurora-postgresql")
        with Held(server, "rds.global-created"):
            made = cli.rds("create-global-cluster", *GLOBAL, "--source-db-cluster-identifier",
                           PRIMARY, "--deletion-protection")["GlobalCluster"]
            equal(made["Status"], "creating")
            equal(cluster(cli)["Status"], "modifying")
            cli.refused("InvalidGlobalClusterStateFault", *secondary, "--kms-key-id",
                        "alias/rds-production")
        available(cli)
        cli.refused("GlobalClusterAlreadyExistsFault", "create-global-cluster", *GLOBAL, "--engine",
                    "aurora-postgresql")
        cli.refused("InvalidParameterCombination", *secondary)
        cli.refused("InvalidParameterCombination", *secondary, "--kms-key-id",
                    "alias/rds-production", "--master-username", "root")
        with Held(server, "rds.cluster-created"):
            cli.rds(*secondary, "--kms-key-id", "alias/rds-production")
            status = [m["SynchronizationStatus"] for m in cli.rds(
                "describe-global-clusters", *GLOBAL)["GlobalClusters"][0]["GlobalClusterMembers"]]
            equal(status, ["connected", "pending-resync"])
        available(cli, "api-production", *DR)
        equal(members(cli), {PRIMARY: True, SECONDARY: False})

    tap.claim("a global cluster switches over and fails over", switch)
    tap.claim("a member of a global cluster cannot be deleted", protected)
    tap.claim("a detached secondary is promoted before it can go", detach)
    tap.claim("a global cluster is taken apart, secondaries first", teardown)
    tap.claim("a global cluster is built again from its primary", rebuild)


def coverage(server, cli, tap):
    def all_called():
        offered = set(server.control("GET", "operations")["rds"])
        holds(len(offered) > 50, f"only {len(offered)} operations are offered")
        equal(sorted(offered - cli.judge.called), [], "operations that no claim calls")

    tap.claim("every operation offered was called", all_called)
    tap.claim("every answer fits botocore's model",
              lambda: equal(sorted(set(cli.judge.problems)), [], "problems"))


def main():
    tap = Tap()
    os.environ["SLIPWAY_REHEARSAL_POSTGRES"] = "off"
    with Server(BINARY, speed=SPEED) as server:
        try:
            cli = FastCli(server)
        except Skip as skip:
            print(f"1..0 # SKIP {skip}")
            return 77
        begun = time.monotonic()
        for part in (reads, snapshots, copies, quota, modifications, restores, globals_):
            part(server, cli, tap)
            print(f"# {part.__name__}: {time.monotonic() - begun:.1f} s", flush=True)
        coverage(server, cli, tap)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
