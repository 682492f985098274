# SPDX-License-Identifier: MIT
"""RDS: what is listed, and cluster snapshots: their life, copies, shares and quota."""

from rds import (DR, KEY, PREPRODUCTION, PRIMARY, Held, available, cli_development, cluster, gone, snapshot,
                 snapshot_available)
from rehearsal import equal, holds, wait_until


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
