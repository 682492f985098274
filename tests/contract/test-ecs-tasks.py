# SPDX-License-Identifier: MIT
"""The ordered restore tasks of the default scenario: run by ECS as processes, they really restore the
preproduction database from production's shared snapshot.

usage: test-ecs-tasks.py SERVER
"""

import os
import sys

from rehearsal import Cli, Server, Tap, aws_path, equal, holds, wait_until

BINARY = sys.argv[1]
NETWORK = ("--network-configuration", "awsvpcConfiguration={subnets=[subnet-0c0000000000000c1],"
           "securityGroups=[sg-0c1b2c3d4e5f60901]}")


def run(cli, family, *args):
    """Runs a task to its end; returns it with the lines of its log."""
    answer = cli("ecs", "run-task", "--cluster", "preproduction", "--task-definition", family,
                 "--launch-type", "FARGATE", *NETWORK, *args)
    equal(answer["failures"], [])
    arn = answer["tasks"][0]["taskArn"]
    found = {}

    def ended():
        found.update(cli("ecs", "describe-tasks", "--cluster", "preproduction", "--tasks",
                         arn)["tasks"][0])
        return found["lastStatus"] == "STOPPED"

    wait_until(ended, 120, f"{family} stopped")
    stream = f"{family}/{family}/{arn.rsplit('/', 1)[1]}"
    events = cli("logs", "get-log-events", "--log-group-name", "data-sync-preproduction",
                 "--log-stream-name", stream, "--start-from-head")["events"]
    return found, [event["message"] for event in events]


def cluster(cli):
    return cli("rds", "describe-db-clusters", "--db-cluster-identifier",
               "api-preproduction")["DBClusters"][0]


def copies(cli):
    task, lines = run(cli, "copy-shared-snapshot-api")
    equal((task["stopCode"], task["containers"][0]["exitCode"]), ("EssentialContainerExited", 0),
          lines)
    found = cli("rds", "describe-db-cluster-snapshots", "--db-cluster-snapshot-identifier",
                "api-preproduction-snapshot-for-restore")["DBClusterSnapshots"][0]
    equal(found["Status"], "available")
    holds(found["SourceDBClusterSnapshotArn"].endswith(
        ":111111111111:cluster-snapshot:api-snpshot-for-copy"), found)


def restores(cli):
    before = cluster(cli)
    task, lines = run(cli, "restore-database-snapshot-api")
    equal(task["containers"][0]["exitCode"], 0, lines)
    after = cluster(cli)
    holds(after["DbClusterResourceId"] != before["DbClusterResourceId"], "it is the old cluster")
    equal(sorted(m["DBInstanceIdentifier"] for m in after["DBClusterMembers"]),
          sorted(m["DBInstanceIdentifier"] for m in before["DBClusterMembers"]))
    for member in ("DBSubnetGroup", "DBClusterParameterGroup", "EngineVersion", "KmsKeyId"):
        equal(after[member], before[member], member)
    equal(after["DeletionProtection"], True)
    equal({t["Key"]: t["Value"] for t in after["TagList"]},
          {"account": "preproduction", "environment-name": "preproduction",
           "is-production": "false"})
    cli("rds", "describe-db-cluster-snapshots", "--db-cluster-snapshot-identifier",
        "api-preproduction-final-snapshot")


def refuses(cli):
    overrides = ('{"containerOverrides": [{"name": "restore-database-snapshot-api", "environment": '
                 '[{"name": "ENVIRONMENT_NAME", "value": "production"}]}]}')
    task, lines = run(cli, "restore-database-snapshot-api", "--overrides", overrides)
    equal(task["containers"][0]["exitCode"], 2)
    equal(lines, ["ERROR restore-database-snapshot refuses ENVIRONMENT_NAME=production"])


def fails(cli):
    task, lines = run(cli, "copy-shared-snapshot-api", "--overrides",
                      '{"containerOverrides": [{"name": "copy-shared-snapshot-api", "environment": '
                      '[{"name": "SNAPSHOT_NAME", "value": "nowhere"}]}]}')
    equal((task["stopCode"], task["containers"][0]["exitCode"]), ("EssentialContainerExited", 1))
    holds("DBClusterSnapshotNotFound" in lines[-1], lines)


def role(cli):
    """The task may do what its role allows, and no more."""
    cli("iam", "delete-role-policy", "--role-name", "data-sync-task-preproduction",
        "--policy-name", "databases")
    task, lines = run(cli, "copy-shared-snapshot-api")
    equal(task["containers"][0]["exitCode"], 1)
    holds("is not authorized to perform: rds:DescribeDBClusterSnapshots" in lines[-1], lines)


def main():
    aws_path()
    os.environ["SLIPWAY_REHEARSAL_POSTGRES"] = "off"
    tap = Tap()
    with Server(BINARY, speed=2000) as server:
        cli = Cli(server, "preproduction")
        server.control("POST", "faults", {"kind": "stuck", "transition": "ecs.task-forgotten"})
        tap.claim("the first task copies the shared snapshot", copies, cli)
        tap.claim("the second restores the cluster as it was, with its instances", restores, cli)
        tap.claim("a task refuses production", refuses, cli)
        tap.claim("a task whose snapshot is missing fails, and its log says why", fails, cli)
        tap.claim("a task may do what its role allows", role, cli)
    return tap.done()


sys.exit(main())
