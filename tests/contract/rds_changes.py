# SPDX-License-Identifier: MIT
"""RDS: modifications, protection, groups, tags, power and names of clusters and instances."""

from rds import PRODUCTION, Held, available, cluster, gone, instance, snapshot
from rehearsal import equal, holds, wait_until


def modifications(server, cli, tap):
    modify = ("modify-db-cluster", "--db-cluster-identifier", "membrane-production")

    def settle():
        # The second hold begins before the first ends: between the two all of it could pass.
        with Held(server, "rds.cluster-modified"):
            with Held(server, "rds.cluster-settled"):
                answer = cli.rds(*modify, "--backup-retention-period", "21", "--apply-immediately")
                equal(answer["DBCluster"]["Status"], "available")
                found = cluster(cli, "membrane-production")
                equal((found["Status"], found["BackupRetentionPeriod"]), ("available", 14))
                equal(found["PendingModifiedValues"]["BackupRetentionPeriod"], 21)
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
