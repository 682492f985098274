# SPDX-License-Identifier: MIT
"""RDS: restores from snapshots and to a point in time, and clusters that are made anew."""

from rds import Held, available, cluster, gone, instance
from rehearsal import equal, holds, wait_until


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
