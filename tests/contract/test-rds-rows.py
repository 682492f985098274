# SPDX-License-Identifier: MIT
"""Real rows behind the clusters: they come back from snapshot, copy and restore while writes go on,
passwords count, a secondary follows its primary, and a server killed in the middle goes on.

usage: test-rds-rows.py SERVER
"""

import datetime
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time

from fastcli import FastCli
from rehearsal import Cli, Server, Skip, Tap, equal, holds, wait_until

BINARY = sys.argv[1]
SPEED = 3000
PASSWORD = "first-secret"
DR = ("--region", "eu-west-2")
SCENARIO = {
    "schema": "org.slipway.scenario/1",
    "name": "rows",
    "accounts": [
        {"id": "111111111111", "regions": ["eu-west-1", "eu-west-2"],
         "roles": [{"name": "breakglass"},
                   {"name": "backups", "services": ["backup.amazonaws.com"]}],
         "global": {"rds": {"global_clusters": [
             {"id": "all-api", "engine_version": "14.15", "encrypted": True, "members": [
                 {"region": "eu-west-1", "cluster": "api", "writer": True},
                 {"region": "eu-west-2", "cluster": "api"}]}]}},
         "resources": {
             "eu-west-1": {
                 "kms": {"keys": [{"aliases": ["alias/shared"], "usable_by": ["222222222222"]}]},
                 "backup": {"vaults": [{"name": "main", "recovery_points": [
                     {"resource": "arn:aws:rds:eu-west-1:111111111111:cluster:api",
                      "hours_ago": 48, "data": {"cases": 77}}]}, {"name": "second"}]},
                 "rds": {
                     "clusters": [
                         {"id": "api", "engine_version": "14.15", "database_name": "api",
                          "size_gib": 2, "kms_key_id": "alias/aws/rds",
                          "database": {"password": PASSWORD, "seed": "sirius", "cases": 300},
                          "instances": [{"id": "api-0", "writer": True}]}],
                     "snapshots": [{"id": "old", "cluster": "api", "hours_ago": 240}]}},
             "eu-west-2": {
                 "kms": {"keys": [{"aliases": ["alias/dr"]}]},
                 "rds": {"clusters": [
                     {"id": "api", "engine_version": "14.15", "database_name": "api",
                      "kms_key_id": "alias/dr", "size_gib": 2,
                      "instances": [{"id": "api-dr-0", "writer": True}]}]}}}},
        {"id": "222222222222", "regions": ["eu-west-1"], "roles": [{"name": "operator"}],
         "resources": {"eu-west-1": {"kms": {"keys": [{"aliases": ["alias/own"]}]}}}}],
    "environments": [
        {"name": "production", "account": "111111111111", "role": "breakglass"},
        {"name": "preproduction", "account": "222222222222", "role": "operator"}],
}


def need_postgres():
    for path in ["/usr/lib/postgresql"]:
        if os.path.isdir(path):
            return
    if shutil.which("postgres") is None:
        raise Skip("PostgreSQL's server programs are not installed")
    if shutil.which("psql") is None:
        raise Skip("psql is not installed")


class Database:
    """psql, pointed at what a cluster's endpoint says."""

    def __init__(self, cli, name="api", password=PASSWORD, args=(), **kwargs):
        found = cli.rds("describe-db-clusters", "--db-cluster-identifier", name, *args,
                        **kwargs)["DBClusters"][0]
        self.url = ["psql", "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-h", found["Endpoint"],
                    "-p", str(found["Port"]), "-U", found["MasterUsername"], "-d",
                    found["DatabaseName"]]
        self.env = dict(os.environ, PGPASSWORD=password, PGCONNECT_TIMEOUT="20")

    def run(self, sql):
        return subprocess.run(self.url + ["-c", sql], env=self.env, capture_output=True, text=True,
                              timeout=60)

    def __call__(self, sql):
        done = self.run(sql)
        if done.returncode != 0:
            raise RuntimeError(done.stderr.strip())
        return done.stdout.strip()

    def count(self, table="cases"):
        return int(self(f"SELECT count(*) FROM {table}"))


class Writer(threading.Thread):
    """Inserts pairs, each in one transaction, until it is stopped."""

    def __init__(self, database):
        super().__init__()
        self.database, self.stop, self.written, self.error = database, False, 0, None

    def run(self):
        done = self.database.run("CREATE TABLE IF NOT EXISTS pairs (side text, n serial)")
        while not self.stop and done.returncode == 0:
            done = self.database.run("BEGIN; INSERT INTO pairs (side) VALUES ('left');"
                                     "SELECT pg_sleep(0.002);"
                                     "INSERT INTO pairs (side) VALUES ('right'); COMMIT")
            self.written += 1
        self.error = done.stderr if done.returncode else None


def available(cli, kind, name, *args, **kwargs):
    operation, option, member = {
        "cluster": ("describe-db-clusters", "--db-cluster-identifier", "DBClusters"),
        "snapshot": ("describe-db-cluster-snapshots", "--db-cluster-snapshot-identifier",
                     "DBClusterSnapshots")}[kind]

    def status():
        return cli.rds(operation, option, name, *args, **kwargs)[member][0]["Status"]

    def settled():
        holds(status() not in ("failed", "incompatible-restore"), f"{name} is {status()}")
        return status() == "available"

    wait_until(settled, 90, f"{kind} {name} available")


def restore(cli, snapshot, name, *args, **kwargs):
    cli.rds("restore-db-cluster-from-snapshot", "--engine", "aurora-postgresql",
            "--snapshot-identifier", snapshot, "--db-cluster-identifier", name, *args, **kwargs)
    available(cli, "cluster", name, **kwargs)


def take(cli, name, cluster="api"):
    cli.rds("create-db-cluster-snapshot", "--db-cluster-identifier", cluster,
            "--db-cluster-snapshot-identifier", name)


def rows(server, cli, tap):
    def seeded():
        database = Database(cli)
        equal(database.count(), 300)
        holds(database.count("persons") > 300, "no deputies")
        equal(database("SELECT count(*) FROM cases c LEFT JOIN persons p ON p.id = c.client_id "
                       "WHERE p.id IS NULL"), "0")
        holds(Database(cli, password="wrong-password").run("SELECT 1").returncode != 0,
              "a wrong password logs in")
        holds(database.run("CREATE ROLE x SUPERUSER").returncode != 0,
              "the master user is a superuser")

    def old():
        restore(cli, "old", "from-old")
        holds(0 < Database(cli, "from-old").count() < 300, "an old snapshot has not fewer cases")

    def moment():
        writer = Writer(Database(cli))
        writer.start()
        wait_until(lambda: writer.written > 3 or writer.error)
        before = writer.written
        take(cli, "moment")
        available(cli, "snapshot", "moment")
        after = writer.written
        holds(after > before, "nothing was written meanwhile")
        cli.rds("copy-db-cluster-snapshot", "--source-db-cluster-snapshot-identifier", "moment",
                "--target-db-cluster-snapshot-identifier", "moment-copy", "--kms-key-id",
                "alias/shared")
        available(cli, "snapshot", "moment-copy")
        writer.stop = True
        writer.join()
        equal(writer.error, None)
        cli.rds("delete-db-cluster-snapshot", "--db-cluster-snapshot-identifier", "moment")
        restore(cli, "moment-copy", "restored")
        database = Database(cli, "restored")
        sides = database("SELECT count(*) FILTER (WHERE side = 'left'), "
                         "count(*) FILTER (WHERE side = 'right') FROM pairs").split("|")
        equal(sides[0], sides[1], "both halves of every transaction")
        holds(before <= int(sides[0]) + 1 and int(sides[0]) <= after + 1,
              f"{sides[0]} pairs, not between {before} and {after}")
        equal(database.count(), 300)
        database("DELETE FROM timeline_event")
        equal(Database(cli).count("timeline_event"), 300)

    def shared():
        pre = {"profile": "preproduction"}
        cli.rds("modify-db-cluster-snapshot-attribute", "--db-cluster-snapshot-identifier",
                "moment-copy", "--attribute-name", "restore", "--values-to-add", "222222222222")
        cli.rds("copy-db-cluster-snapshot", "--source-db-cluster-snapshot-identifier",
                "arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:moment-copy",
                "--target-db-cluster-snapshot-identifier", "theirs", "--kms-key-id", "alias/own",
                "--tags", "Key=a,Value=b", **pre)
        available(cli, "snapshot", "theirs", **pre)
        restore(cli, "theirs", "api", **pre)
        equal(Database(cli, "api", **pre).count(), 300)

    def password():
        take(cli, "before-password")
        available(cli, "snapshot", "before-password")
        available(cli, "cluster", "restored")
        cli.rds("modify-db-cluster", "--db-cluster-identifier", "restored", "--master-user-password",
                "second-secret", "--apply-immediately")
        wait_until(lambda: Database(cli, "restored", "second-secret").run("SELECT 1").returncode == 0)
        holds(Database(cli, "restored", PASSWORD).run("SELECT 1").returncode != 0,
              "the old password still logs in")

    tap.claim("a scenario's cluster has rows, a password and no superuser", seeded)
    tap.claim("an old snapshot brings older rows back", old)
    tap.claim("snapshot, copy and restore under writes give one moment", moment)
    tap.claim("another account restores its copy with rows", shared)
    tap.claim("a new master password takes effect", password)


def as_administrator(server, cli, statement, *args):
    """What the server's own user does to a cluster's database; no master user may hold replication up."""
    database = Database(cli, args=args)
    with open(os.path.join(server.state, "postgres", "admin.password"), encoding="utf-8") as file:
        database.env["PGPASSWORD"] = file.read()
    database.url[database.url.index("-U") + 1] = "rdsadmin"
    return database(statement)


class Lag:
    """AuroraGlobalDBReplicationLag of the secondary in a region."""

    def __init__(self, cli, region):
        self.cli, self.region = cli, ("--region", region)
        self.metric = ("--namespace", "AWS/RDS", "--metric-name", "AuroraGlobalDBReplicationLag")

    def dimensions(self):
        found = self.cli("cloudwatch", "list-metrics", *self.metric, *self.region)["Metrics"]
        return sorted((one["Name"], one["Value"]) for metric in found for one in metric["Dimensions"])

    def points(self):
        now = datetime.datetime.now(datetime.timezone.utc)
        found = self.cli("cloudwatch", "get-metric-statistics", *self.metric, "--dimensions",
                         "Name=DBClusterIdentifier,Value=api", "--start-time",
                         (now - datetime.timedelta(minutes=5)).isoformat(), "--end-time", now.isoformat(),
                         "--period", "60", "--statistics", "Maximum", "SampleCount", *self.region)
        return sorted(found["Datapoints"], key=lambda point: point["Timestamp"])

    def data(self):
        now = datetime.datetime.now(datetime.timezone.utc)
        query = [{"Id": "lag", "MetricStat": {"Period": 60, "Stat": "Maximum", "Metric": {
            "Namespace": "AWS/RDS", "MetricName": "AuroraGlobalDBReplicationLag",
            "Dimensions": [{"Name": "SourceRegion", "Value": "eu-west-1"}]}}}]
        found = self.cli("cloudwatch", "get-metric-data", "--metric-data-queries", json.dumps(query),
                         "--start-time", (now - datetime.timedelta(minutes=5)).isoformat(),
                         "--end-time", now.isoformat(), *self.region)
        return found["MetricDataResults"][0]["Values"]

    def newest(self):
        points = self.points()
        return points[-1]["Maximum"] if points else None


def lag(server, cli, tap):
    behind = Lag(cli, "eu-west-2")

    def measured():
        wait_until(lambda: behind.newest() is not None, 60, "a value")
        equal(behind.dimensions(), [("DBClusterIdentifier", "api"), ("SourceRegion", "eu-west-1")])
        equal({(point["Unit"], point["SampleCount"]) for point in behind.points()},
              {("Milliseconds", 1.0)})
        holds(all(value >= 0 for value in behind.data()) and behind.data(), "no data by SourceRegion")
        equal(Lag(cli, "eu-west-1").dimensions(), [], "the primary's region")

    def stands_still():
        wait_until(lambda: behind.newest() < 1000, 60, "a standby that keeps up")
        as_administrator(server, cli, "SELECT pg_wal_replay_pause()", *DR)
        Database(cli)("UPDATE timeline_event SET event = event WHERE id = 1")
        wait_until(lambda: behind.newest() > 2000, 60, "a lag that grows")
        first = behind.newest()
        wait_until(lambda: behind.newest() > first, 60, "more of it")
        as_administrator(server, cli, "SELECT pg_wal_replay_resume()", *DR)
        wait_until(lambda: behind.newest() < 1000, 60, "a standby that has caught up")

    tap.claim("CloudWatch has a connected secondary's lag, in its region, once a minute", measured)
    tap.claim("the lag is that of the standby: it grows while replay stands still", stands_still)


def replication(server, cli, tap):
    def follows():
        database = Database(cli, args=DR)
        equal(database.count(), 300)
        Database(cli)("INSERT INTO timeline_event (person_id, timestamp, event) "
                      "VALUES (1, now(), '{}')")
        wait_until(lambda: database.count("timeline_event") == 301)
        holds(database.run("DELETE FROM timeline_event").returncode != 0, "a secondary takes writes")

    def switch():
        arn = "arn:aws:rds:eu-west-2:111111111111:cluster:api"
        cli.rds("switchover-global-cluster", "--global-cluster-identifier", "all-api",
                "--target-db-cluster-identifier", arn)
        available(cli, "cluster", "api", *DR)
        available(cli, "cluster", "api")
        Database(cli, args=DR)("DELETE FROM timeline_event WHERE id = 1")
        wait_until(lambda: Database(cli).count("timeline_event") == 300)
        wait_until(lambda: Lag(cli, "eu-west-1").newest() is not None, 60, "the lag of the old primary")
        holds(Database(cli).run("DELETE FROM timeline_event").returncode != 0,
              "the old primary takes writes")

    def detach():
        arn = "arn:aws:rds:eu-west-1:111111111111:cluster:api"
        cli.rds("remove-from-global-cluster", "--global-cluster-identifier", "all-api",
                "--db-cluster-identifier", arn)
        wait_until(lambda: len(cli.rds("describe-global-clusters")["GlobalClusters"][0][
            "GlobalClusterMembers"]) == 1, what="member gone")
        available(cli, "cluster", "api")
        equal(Lag(cli, "eu-west-1").newest(), None, "the lag of a cluster that follows nobody")
        Database(cli)("DELETE FROM timeline_event")
        equal(Database(cli, args=DR).count("timeline_event"), 300)

    tap.claim("a secondary follows and takes no writes", follows)
    lag(server, cli, tap)
    tap.claim("a switchover turns replication round", switch)
    tap.claim("a detached member is a database of its own", detach)


ROLE = "arn:aws:iam::111111111111:role/backups"
CLUSTER = "arn:aws:rds:eu-west-1:111111111111:cluster:api"


def backups(server, cli, tap):
    """What AWS Backup brings back are the rows of the recovery point."""
    plain = Cli(server)

    def ended(operation, argument, job, member="State", wrap=None):
        def look():
            shown = plain("backup", operation, argument, job)
            return shown[wrap] if wrap else shown

        wait_until(lambda: look()[member] not in ("CREATED", "PENDING", "RUNNING"), 120, job)
        equal(look()[member], "COMPLETED", look().get("StatusMessage"))
        return look()

    def restored(arn, name, table="cases"):
        found = plain("backup", "get-recovery-point-restore-metadata", "--backup-vault-name",
                      "main", "--recovery-point-arn", arn)["RestoreMetadata"]
        job = plain("backup", "start-restore-job", "--recovery-point-arn", arn, "--iam-role-arn",
                    ROLE, "--metadata", json.dumps(dict(found, DBClusterIdentifier=name)))
        ended("describe-restore-job", "--restore-job-id", job["RestoreJobId"], "Status")
        return Database(cli, name).count(table)

    def seeded():
        arn = plain("backup", "list-recovery-points-by-backup-vault", "--backup-vault-name",
                    "main")["RecoveryPoints"][0]["RecoveryPointArn"]
        equal(restored(arn, "from-seed"), 77, "cases")

    def taken():
        before = Database(cli).count("phonenumbers")
        holds(before > 0, "no rows to lose")
        job = plain("backup", "start-backup-job", "--backup-vault-name", "main", "--resource-arn",
                    CLUSTER, "--iam-role-arn", ROLE)["BackupJobId"]
        arn = ended("describe-backup-job", "--backup-job-id", job)["RecoveryPointArn"]
        Database(cli)("DELETE FROM phonenumbers")
        copied = plain("backup", "start-copy-job", "--recovery-point-arn", arn,
                       "--source-backup-vault-name", "main", "--iam-role-arn", ROLE,
                       "--destination-backup-vault-arn",
                       "arn:aws:backup:eu-west-1:111111111111:backup-vault:second")["CopyJobId"]
        copy = ended("describe-copy-job", "--copy-job-id", copied, wrap="CopyJob")
        equal(restored(arn, "from-backup", "phonenumbers"), before, "phonenumbers")
        plain("backup", "delete-recovery-point", "--backup-vault-name", "main",
              "--recovery-point-arn", arn)
        job = plain("backup", "start-restore-job", "--recovery-point-arn",
                    copy["DestinationRecoveryPointArn"], "--iam-role-arn", ROLE, "--metadata",
                    json.dumps({"DBClusterIdentifier": "from-copy"}))["RestoreJobId"]
        ended("describe-restore-job", "--restore-job-id", job, "Status")
        equal(Database(cli, "from-copy").count("phonenumbers"), before, "phonenumbers")

    tap.claim("a scenario's recovery point brings back its rows", seeded)
    tap.claim("a backup and its copy bring back the rows of then, the copy alone too", taken)


def killed(server, cli, tap):
    def during_snapshot():
        port = Database(cli).url
        database = Database(cli)
        database("CREATE TABLE ballast AS SELECT n, repeat(md5(n::text), 8) AS t "
                 "FROM generate_series(1, 60000) AS n")
        take(cli, "cut-short")
        time.sleep(0.15)
        server.kill()
        server.start()
        cli.drivers.clear()
        available(cli, "cluster", "api")
        available(cli, "snapshot", "cut-short")
        equal(Database(cli).url, port, "endpoint")
        equal(Database(cli).count("ballast"), 60000)
        restore(cli, "cut-short", "whole")
        equal(Database(cli, "whole").count("ballast"), 60000)

    def stopped():
        folder = os.path.join(server.state, "postgres", "clusters")
        equal(server.stop(), 0)
        left = [name for name in os.listdir(folder)
                if os.path.exists(os.path.join(folder, name, "postmaster.pid"))]
        equal(left, [], "postmasters left behind")

    tap.claim("a server killed during a snapshot completes it after its next start",
              during_snapshot)
    tap.claim("SIGTERM ends every PostgreSQL", stopped)


def main():
    tap = Tap()
    try:
        need_postgres()
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(SCENARIO, file)
            file.flush()
            with Server(BINARY, scenario=file.name, speed=SPEED) as server:
                cli = FastCli(server)
                for part in (rows, backups, replication, killed):
                    begun = time.monotonic()
                    part(server, cli, tap)
                    print(f"# {part.__name__}: {time.monotonic() - begun:.1f} s", flush=True)
                server.start()
    except Skip as skip:
        print(f"1..0 # SKIP {skip}")
        return 77
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
