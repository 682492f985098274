# SPDX-License-Identifier: MIT
"""What the claims about RDS share: names of the default scenario, looks at one thing, and states held."""

from rehearsal import wait_until

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


def cli_development(cli):
    class Bound:
        def rds(self, *args, **kwargs):
            return cli.rds(*args, profile="development", **kwargs)
    return Bound()


class Held:
    """Holds transitions of a kind back until the block ends, so that states can be looked at."""

    def __init__(self, server, transition):
        self.server, self.transition = server, transition

    def __enter__(self):
        fault = {"kind": "stuck", "transition": self.transition}
        self.id = self.server.control("POST", "faults", fault)["ids"][0]

    def __exit__(self, *_):
        self.server.control("DELETE", f"faults/{self.id}")
