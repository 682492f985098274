# SPDX-License-Identifier: MIT
"""The workspace's environments against the rehearsal server: lists that are whole, partial or refused,
and single calls as an environment.

usage: test-estate.py SERVER SLIPWAYCTL SCENARIO
"""

import json
import os
import subprocess
import sys
import tempfile

from rehearsal import Server, Tap, equal, holds

BINARY, CTL, SCENARIO = sys.argv[1:4]


def estate(server, *args, workspace=None):
    """Runs `slipwayctl estate list --json`; returns status, lists by kind, errors."""
    command = [CTL, "--workspace", workspace or os.path.join(server.state, "workspace.json"),
               "estate", "list", "--json", *args]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    lists = json.loads(done.stdout) if done.stdout.strip() else []
    return done.returncode, {entry["kind"]: entry for entry in lists}, done.stderr


def names(rows):
    return {row["name"]: names(row.get("children", [])) for row in rows}


def leaves(rows):
    for row in rows:
        if row["kind"] != "snapshot-group":
            yield row
        yield from leaves(row.get("children", []))


def whole(server):
    status, lists, errors = estate(server, "-e", "production")
    equal(status, 0, errors)
    holds(all(entry["complete"] and not entry["missing"] for entry in lists.values()), lists)
    tree = names(lists["databases"]["resources"])
    members = tree["production-api-global"]["api-production"]
    holds("production-api-global" in tree and members, tree)
    holds("api-production" not in tree, "a member stands on the first level too")


def counts(server):
    """The same snapshots as the API lists, each once, newest first below its cluster."""
    _, lists, _ = estate(server, "-e", "production", "-k", "snapshots")
    listed = [row["id"] for row in leaves(lists["snapshots"]["resources"])]
    equal(len(listed), len(set(listed)))
    expected = set()
    for region in "eu-west-1", "eu-west-2":
        for more in {}, {"SnapshotType": "shared", "IncludeShared": True}, {"SnapshotType": "awsbackup"}:
            done = subprocess.run(
                [CTL, "aws", "rds", "DescribeDBClusterSnapshots", "--profile", "production", "--region",
                 region, "--input", json.dumps(more)],
                capture_output=True, text=True, env=server.environ(), timeout=60, check=True)
            expected |= {s["DBClusterSnapshotArn"] for s in json.loads(done.stdout)["DBClusterSnapshots"]}
    equal(set(listed), expected)
    for group in lists["snapshots"]["resources"]:
        times = [row.get("created", "") for row in group["children"]]
        equal(times, sorted(times, reverse=True))


def partial(server):
    """One region's listing is refused: the others are shown, and what is missing is named."""
    server.control("POST", "faults", {
        "kind": "error-before", "operation": "DescribeDBClusters", "region": "eu-west-2",
        "status": 403, "code": "AccessDenied", "message": "no", "times": 0})
    status, lists, errors = estate(server, "-e", "production", "-k", "databases")
    server.control("DELETE", "faults")
    equal(status, 1)
    entry = lists["databases"]
    equal(entry["complete"], False)
    equal([part["listing"] for part in entry["missing"]], ["eu-west-2 clusters"])
    holds("AccessDenied" in entry["missing"][0]["error"], entry["missing"])
    holds("eu-west-2 clusters" in errors, errors)
    holds(any(row["name"] == "api-production" for row in leaves(entry["resources"])), entry)


def unreachable(server):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "workspace.json")
        with open(os.path.join(server.state, "workspace.json"), encoding="utf-8") as file:
            workspace = json.load(file)
        for environment in workspace["environments"]:
            environment["endpoint_url"] = "http://127.0.0.1:9"
            for name in "aws_config", "aws_credentials":
                environment[name] = os.path.join(server.state, environment[name])
        with open(path, "w", encoding="utf-8") as file:
            json.dump(workspace, file)
        status, lists, errors = estate(server, "-e", "development", "-k", "databases", workspace=path)
    equal(status, 1)
    equal(lists["databases"]["complete"], False)
    equal(lists["databases"]["resources"], [])
    holds("127.0.0.1" in errors, errors)


def call(server, *args, workspace=None):
    """Runs `slipwayctl aws` without any other setting of AWS; returns status, answer, errors."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    command = [CTL, "--workspace", workspace or os.path.join(server.state, "workspace.json"), "aws", *args]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environ)
    return done.returncode, json.loads(done.stdout) if done.returncode == 0 else None, done.stderr


def as_environment(server):
    with open(os.path.join(server.state, "workspace.json"), encoding="utf-8") as file:
        environments = json.load(file)["environments"]
    holds(len(environments) > 1, environments)
    for environment in environments:
        status, who, errors = call(server, "sts", "GetCallerIdentity", "-e", environment["name"])
        equal(status, 0, errors)
        equal(who["Account"], environment["account"])
    for region, more in ("eu-west-1", []), ("eu-west-2", ["--region", "eu-west-2"]):
        _, found, errors = call(server, "rds", "describe-db-clusters", "-e", "production", *more)
        regions = {cluster["DBClusterArn"].split(":")[3] for cluster in found["DBClusters"]}
        equal(regions, {region}, errors)


def as_nobody(server):
    """What an environment brings cannot be given beside it, and it must be one of the workspace."""
    for more, told in (["--profile", "production"], "--profile"), (["--endpoint-url", server.endpoint], "--endpoint-url"):
        status, _, errors = call(server, "sts", "GetCallerIdentity", "-e", "production", *more)
        equal(status, 2, errors)
        holds(told in errors, errors)
    status, _, errors = call(server, "sts", "GetCallerIdentity", "-e", "staging")
    equal(status, 2, errors)
    holds("staging" in errors and "workspace.json" in errors, errors)


def as_other_account(server):
    """A change as an environment is sent only as the account that the workspace names."""
    arguments = ["rds", "CreateDBClusterSnapshot", "-e", "production", "--allow-change", "--input",
                 json.dumps({"DBClusterIdentifier": "api-production", "DBClusterSnapshotIdentifier": "by-hand"})]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "workspace.json")
        with open(os.path.join(server.state, "workspace.json"), encoding="utf-8") as file:
            workspace = json.load(file)
        for environment in workspace["environments"]:
            for name in "aws_config", "aws_credentials":
                environment[name] = os.path.join(server.state, environment[name])
            if environment["name"] == "production":
                environment["account"] = "999999999999"
        with open(path, "w", encoding="utf-8") as file:
            json.dump(workspace, file)
        status, _, errors = call(server, *arguments, workspace=path)
    equal(status, 1, errors)
    holds("999999999999" in errors, errors)
    made = ["rds", "DescribeDBClusterSnapshots", "-e", "production", "--input",
            json.dumps({"DBClusterSnapshotIdentifier": "by-hand"})]
    status, _, errors = call(server, *made)
    holds(status == 1 and "DBClusterSnapshotNotFound" in errors, errors)
    equal(call(server, *arguments, "--confirm", "production")[0], 0)
    equal(len(call(server, *made)[1]["DBClusterSnapshots"]), 1)


def below(rows, kind):
    """All rows of a kind, at any level."""
    for row in rows:
        if row["kind"] == kind:
            yield row
        yield from below(row.get("children", []), kind)


def called(server, operation):
    calls = server.control("GET", "state")["calls"]
    return calls.get(operation, {}).get("calls", 0)


def vaults(server):
    """Points as their own listing gives them, each once, and with no call for a single one."""
    operations = ["backup:" + name for name in
                  ("ListBackupVaults", "ListRecoveryPointsByBackupVault", "ListCopyJobs", "DescribeRecoveryPoint")]
    before = [called(server, operation) for operation in operations]
    status, lists, errors = estate(server, "-e", "production", "-k", "vaults")
    equal(status, 0, errors)
    n_vaults = len(list(below(lists["vaults"]["resources"], "backup-vault")))
    equal([called(server, operation) - old for operation, old in zip(operations, before)], [2, n_vaults, 2, 0])
    points = list(below(lists["vaults"]["resources"], "recovery-point"))
    expected = []
    for vault in below(lists["vaults"]["resources"], "backup-vault"):
        _, answer, errors = call(server, "backup", "ListRecoveryPointsByBackupVault", "-e", "production",
                                 "--region", vault["region"], "--input", json.dumps({"BackupVaultName": vault["name"]}))
        expected += [point["RecoveryPointArn"] for point in answer["RecoveryPoints"]]
    holds(len(expected) > 5, expected)
    equal(sorted(point["id"] for point in points), sorted(expected))
    holds(all(point["size"] > 0 and point["created"] for point in points), points)


def copies(server):
    """A copy in another account leads to its original, and the original to the copy."""
    _, lists, _ = estate(server, "-e", "production", "-k", "vaults")
    copied = [row for row in below(lists["vaults"]["resources"], "recovery-point") if row.get("copies")]
    holds(copied, "no point of production has a copy")
    _, lists, _ = estate(server, "-e", "backup", "-k", "vaults")
    there = {row["id"]: row for row in below(lists["vaults"]["resources"], "recovery-point")}
    for row in copied:
        for link in row["copies"]:
            equal(link["original"], False)
            equal(there[link["id"]]["fields"]["ResourceArn"], row["fields"]["ResourceArn"])
            equal(there[link["id"]]["fields"]["BackupVaultArn"], link["vault"])


def hidden_vault(server):
    """A vault that may not be read hides its own points only, and is named."""
    server.control("POST", "faults", {
        "kind": "error-before", "operation": "ListRecoveryPointsByBackupVault", "region": "eu-west-1",
        "status": 403, "code": "AccessDeniedException", "message": "no", "times": 1})
    status, lists, errors = estate(server, "-e", "production", "-k", "vaults")
    server.control("DELETE", "faults")
    equal(status, 1)
    entry = lists["vaults"]
    equal([part["listing"] for part in entry["missing"]], ["eu-west-1 vaults"])
    holds("recovery points of " in entry["missing"][0]["error"], entry["missing"])
    equal(len(list(below(entry["resources"], "backup-vault"))), 2, errors)


def tables(server):
    status, lists, errors = estate(server, "-e", "production", "-k", "tables")
    equal(status, 0, errors)
    rows = {row["name"]: row for row in lists["tables"]["resources"]}
    _, listed, _ = call(server, "dynamodb", "ListTables", "-e", "production")
    equal(sorted(rows), sorted(listed["TableNames"]))
    for name, row in rows.items():
        argument = ["-e", "production", "--input", json.dumps({"TableName": name})]
        _, table, _ = call(server, "dynamodb", "DescribeTable", *argument)
        _, backups, _ = call(server, "dynamodb", "DescribeContinuousBackups", *argument)
        equal(row["fields"]["TableArn"], table["Table"]["TableArn"])
        indexes = [index["IndexName"] for index in table["Table"].get("GlobalSecondaryIndexes", [])]
        equal(sorted(below_row["name"] for below_row in below([row], "index")), sorted(indexes))
        equal(row["fields"]["ContinuousBackupsDescription"]["ContinuousBackupsStatus"],
              backups["ContinuousBackupsDescription"]["ContinuousBackupsStatus"])


def unknown_backups(server):
    """Who may not read a table's backups sees the table all the same."""
    server.control("POST", "faults", {
        "kind": "error-before", "operation": "DescribeContinuousBackups", "status": 400,
        "code": "AccessDeniedException", "message": "no", "times": 0})
    status, lists, errors = estate(server, "-e", "production", "-k", "tables")
    server.control("DELETE", "faults")
    equal(status, 0, errors)
    holds(lists["tables"]["resources"], lists)
    holds(all("ContinuousBackupsDescription" not in row["fields"] for row in lists["tables"]["resources"]), lists)


def tasks(server):
    status, lists, errors = estate(server, "-e", "preproduction", "-k", "tasks")
    equal(status, 0, errors)
    for service in below(lists["tasks"]["resources"], "ecs-service"):
        own = service["children"]
        equal(len(own), service["fields"]["desiredCount"], service["name"])
        holds(all(task["fields"]["group"] == "service:" + service["name"] for task in own), own)
    holds(list(below(lists["tasks"]["resources"], "ecs-task")), lists)


def watched(server):
    for kind, row, operation, service, member in (
            ("pipelines", "pipeline", "ListPipelines", "osis", "Pipelines"),
            ("alarms", "alarm", "DescribeAlarms", "cloudwatch", "MetricAlarms")):
        status, lists, errors = estate(server, "-e", "production", "-k", kind)
        equal(status, 0, errors)
        listed = list(below(lists[kind]["resources"], row))
        code, answer, errors = call(server, service if service == "osis" else "monitoring", operation, "-e", "production")
        equal(code, 0, errors)
        equal(len([one for one in listed if one["region"] == "eu-west-1"]), len(answer[member]))
        holds(listed, kind)
    order = {"ALARM": 0, "INSUFFICIENT_DATA": 1, "OK": 2}
    states = [order[one["status"]] for one in listed]
    equal(states, sorted(states))


def terraform(server):
    """Roots of the workspace file: state on disk, and one without a state that is named."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "workspace.json")
        os.mkdir(os.path.join(folder, "network"))
        os.mkdir(os.path.join(folder, "empty"))
        with open(os.path.join(folder, "network", "terraform.tfstate"), "w", encoding="utf-8") as file:
            json.dump({"version": 4, "serial": 7, "terraform_version": "1.5.7", "resources": [
                {"mode": "managed", "type": "terraform_data", "name": "one",
                 "instances": [{"attributes": {"id": "i", "input": {"secret": "hunter2"}}}]}]}, file)
        with open(os.path.join(server.state, "workspace.json"), encoding="utf-8") as file:
            workspace = json.load(file)
        for environment in workspace["environments"]:
            for name in "aws_config", "aws_credentials":
                environment[name] = os.path.join(server.state, environment[name])
            if environment["name"] == "production":
                environment["terraform"] = [{"name": name, "path": name} for name in ("network", "empty")]
        with open(path, "w", encoding="utf-8") as file:
            json.dump(workspace, file)
        status, lists, errors = estate(server, "-e", "production", "-k", "terraform", workspace=path)
    equal(status, 1)
    equal([part["listing"] for part in lists["terraform"]["missing"]], ["empty state"])
    rows = lists["terraform"]["resources"]
    equal([(row["name"], row["status"]) for row in rows], [("network", "not locked")])
    equal([row["name"] for row in rows[0]["children"]], ["terraform_data.one"])
    holds("hunter2" not in json.dumps(lists), "a state's secrets were listed")


def usage(server):
    for args in ["-e", "staging"], ["-k", "unicorns"], ["--colour"], ["more"]:
        status, _, errors = estate(server, *args)
        equal(status, 2, f"{args}: {errors}")
        holds(errors.startswith("slipwayctl: "), errors)


def main():
    tap = Tap()
    # Lists need no rows.
    os.environ["SLIPWAY_REHEARSAL_POSTGRES"] = "off"
    with Server(BINARY, SCENARIO) as server:
        tap.claim("lists the environment whole, members below their global cluster", whole, server)
        tap.claim("lists every snapshot once, newest first", counts, server)
        tap.claim("a refused listing leaves a partial list that says so", partial, server)
        tap.claim("an endpoint that is not there is named", unreachable, server)
        tap.claim("every recovery point stands once below its vault", vaults, server)
        tap.claim("copies in another account are linked with their originals", copies, server)
        tap.claim("a vault that may not be read hides only its own points", hidden_vault, server)
        tap.claim("tables are described with their backups and indexes", tables, server)
        tap.claim("a table whose backups may not be read is listed all the same", unknown_backups, server)
        tap.claim("tasks stand below their services", tasks, server)
        tap.claim("pipelines and alarms are listed, the worst alarms first", watched, server)
        tap.claim("terraform states are listed without their secrets", terraform, server)
        tap.claim("wrong calls are told apart", usage, server)
        tap.claim("a call as an environment takes everything from the workspace", as_environment, server)
        tap.claim("a call as an environment takes nothing from elsewhere", as_nobody, server)
        tap.claim("a change as an environment needs its account", as_other_account, server)
    sys.exit(tap.done())


main()
