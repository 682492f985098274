# SPDX-License-Identifier: MIT
"""RDS: global clusters, taken apart and built again."""

from rds import DR, GLOBAL, PRIMARY, PRODUCTION, SECONDARY, Held, available, cluster, gone, instance
from rehearsal import equal, wait_until


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
        # The second hold begins before the first ends: between the two all of it could pass.
        with Held(server, "rds.cluster-promoted"):
            with Held(server, "rds.cluster-detaching"):
                cli.rds(*remove, SECONDARY, *DR)
                equal(cluster(cli, "api-production", *DR)["Status"], "available")
                equal(SECONDARY in members(cli), True)
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

    def broken():
        modify = ("modify-db-cluster", "--db-cluster-identifier", "api-production")

        def refuses(*args):
            for request in (("create-db-cluster-snapshot", "--db-cluster-identifier", "api-production",
                             "--db-cluster-snapshot-identifier", "not-now"),
                            (*modify, "--backup-retention-period", "3"),
                            (*modify, "--new-db-cluster-identifier", "other", "--apply-immediately")):
                cli.refused("InvalidDBClusterStateFault", *request, *args)

        def lose_key(state, region):
            server.control("POST", "clusters/break", {
                "cluster": "api-production", "account": PRODUCTION, "region": region, "state": state})

        lose_key("inaccessible-encryption-credentials-recoverable", "eu-west-1")
        equal(instance(cli, "api-production-0")["DBInstanceStatus"],
              "inaccessible-encryption-credentials-recoverable")
        refuses()
        cli.refused("InvalidGlobalClusterStateFault", *remove, PRIMARY)
        cli.rds("start-db-cluster", "--db-cluster-identifier", "api-production")
        available(cli)
        equal(instance(cli, "api-production-0")["DBInstanceStatus"], "available")
        lose_key("inaccessible-encryption-credentials", "eu-west-2")
        refuses(*DR)
        cli.refused("InvalidDBClusterStateFault", "start-db-cluster", "--db-cluster-identifier",
                    "api-production", *DR)
        cli.rds(*remove, SECONDARY, *DR)
        wait_until(lambda: members(cli) == {PRIMARY: True})
        equal(cluster(cli, "api-production", *DR)["Status"], "inaccessible-encryption-credentials")
        cli.rds(*modify, "--no-deletion-protection", "--apply-immediately", *DR)
        equal(cluster(cli, "api-production", *DR)["DeletionProtection"], False)
        cli.refused("InvalidDBClusterStateFault", "delete-db-cluster", "--db-cluster-identifier",
                    "api-production", "--final-db-snapshot-identifier", "not-now", *DR)
        cli.rds("delete-db-cluster", "--db-cluster-identifier", "api-production",
                "--skip-final-snapshot", *DR)
        gone(cli, "DBClusterNotFoundFault", "describe-db-clusters", "--db-cluster-identifier",
             "api-production", *DR)

    tap.claim("a global cluster switches over and fails over", switch)
    tap.claim("a member of a global cluster cannot be deleted", protected)
    tap.claim("a detached secondary is promoted before it can go", detach)
    tap.claim("a global cluster is taken apart, secondaries first", teardown)
    tap.claim("a global cluster is built again from its primary", rebuild)
    tap.claim("a cluster that lost its key takes no snapshot and no change, and can go", broken)
