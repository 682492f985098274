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
    equal(call(server, *arguments)[0], 0)
    equal(len(call(server, *made)[1]["DBClusterSnapshots"]), 1)


def usage(server):
    for args in ["-e", "staging"], ["-k", "tables"], ["--colour"], ["more"]:
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
        tap.claim("wrong calls are told apart", usage, server)
        tap.claim("a call as an environment takes everything from the workspace", as_environment, server)
        tap.claim("a call as an environment takes nothing from elsewhere", as_nobody, server)
        tap.claim("a change as an environment needs its account", as_other_account, server)
    sys.exit(tap.done())


main()
