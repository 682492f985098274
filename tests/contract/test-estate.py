# SPDX-License-Identifier: MIT
"""The estate's lists against the rehearsal server: whole, partial, refused, interrupted.

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
    sys.exit(tap.done())


main()
