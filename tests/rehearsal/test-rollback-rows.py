# SPDX-License-Identifier: MIT
"""The rollback of a production global cluster with real databases: the rows of the snapshot come back, by recorded
counts and by a restore beside, with and without a snapshot of the primary; then what was kept is tidied up."""

import json
import os
import threading

import drive
import killing
from rollback import (
    ACCOUNT, FINAL, LOST_KEY, NO_SNAPSHOT, WAIVER, Beside, Rollback, break_cluster, calls, change,
    in_production, one_case, refuse_once, step)


COUNTED = "pre-migration-snapshot-api-counted"
COPY_OF_COUNTED = "api-snpshot-for-copy"
LIVING_KEY = "alias/rds-snapshot-reencryption-production"
HERE = ("Maintenance=/slipway/production/maintenance-mode", "MasterSecret=rds-api-production")


def scribble(rollback):
    """What was written after the snapshot, and is lost."""
    rollback.server.sql("api-production", "DELETE FROM order_deputy WHERE ctid IN "
                        "(SELECT ctid FROM order_deputy ORDER BY ctid LIMIT 7)")


def rows(rollback, cluster="api-production"):
    return int(rollback.server.sql(cluster, "SELECT count(*) FROM order_deputy",
                                   "rehearsal-api-production"))


def snapshot_of_a_closed_service(rollback):
    rollback.freeze()
    rollback.close()
    rollback.do("pre-migration-snapshot", f"SnapshotName={COUNTED}", "Quiesced=in-maintenance",
                words=("--attest", "AttestQuiet"))
    rollback.do("record-row-counts", f"Snapshot={COUNTED}", words=("--attest", "AttestQuiet"))


def start_with_a_standby_that_lags(rollback):
    """The new DR cluster's replay stands still from when it is connected. Until then there are no values, so that
    none of before passes for one of now."""
    server = rollback.server
    server.fault(kind="fail", transition="rds.lag-measured", times=0,
                 message="no value in this minute")
    ended = []
    process = threading.Thread(target=lambda: ended.append(rollback.go_on()))
    process.start()

    def struck():
        return sum(one["hits"] for one in server.ask("faults"))

    def connected():
        return any(one["id"] == "EachConnected[1].WaitConnected" and one["state"] == "done"
                   for one in rollback.desk.show()["steps"])

    drive.wait_for(lambda: ended or connected(), 300)
    server.administer("api-production", "eu-west-2", "SELECT pg_wal_replay_pause()")
    server.administer("api-production", "eu-west-1", "SELECT pg_switch_wal()")
    before = struck()
    drive.wait_for(lambda: struck() > before + 1, 60)
    server.clear_faults()
    process.join(timeout=400)
    return ended[0]


def another_hand_stops_the_renames(rollback):
    """Behind the typed word, and before what it allows."""
    refuse_once(rollback, "ModifyDBInstance")
    ended = rollback.start()
    yield ended.returncode == 1 and "EachRename[1].RenameInstance" in ended.stderr, ended.stderr[-900:]
    for days in (3, 14):
        change(rollback, "rds", "ModifyDBCluster", {"DBClusterIdentifier": "api-production",
                                                    "BackupRetentionPeriod": days, "ApplyImmediately": True})
        if days == 3:
            ended = rollback.go_on()
    yield ended.returncode == 1 and "BackupRetentionPeriod was 14 and is 3" in ended.stderr, ended.stderr[-900:]
    yield rollback.server.find("rds.instance", "api-production-0-old") is None, "it was renamed"


def a_lag_stops_it(rollback):
    ended = start_with_a_standby_that_lags(rollback)
    yield ended.returncode == 1, ended.stderr[-900:]
    told = ("AuroraGlobalDBReplicationLag of DBClusterIdentifier=api-production in eu-west-2 is still",
            "should be at most 1000", "then resume")
    yield all(words in ended.stderr for words in told), ended.stderr[-1500:]
    yield step(rollback, "Reopen")["state"] != "done", "people were asked to accept it"
    rollback.server.administer("api-production", "eu-west-2", "SELECT pg_wal_replay_resume()")
    ended = rollback.go_on()
    yield ended.returncode == 0, ended.stderr[-900:]
    yield float(step(rollback, "EachLag[1].WaitLag")["outputs"]["Value"]) <= 1000, "it is still behind"


def rows_of_the_snapshot_come_back(slipwayctl, world):
    """In maintenance mode, with a snapshot that was counted: first by its tags, then, in the same world and
    on another night, by restoring it beside."""
    with Rollback(slipwayctl, world, "rename-swap") as rollback:
        snapshot_of_a_closed_service(rollback)
        expected = rows(rollback)
        scribble(rollback)
        yield rows(rollback) == expected - 7, "nothing was lost that could come back"
        rollback.need(rollback.plan(f"Snapshot={COUNTED}", "Verification=recorded-counts", *HERE))
        rollback.cosign()
        yield from another_hand_stops_the_renames(rollback)
        yield from a_lag_stops_it(rollback)
        yield rows(rollback) == expected, f"{rows(rollback)} rows, not {expected}"
        compared = step(rollback, "CompareWithRecorded")["outputs"]
        yield compared["Differences"] == [] and \
            compared["Manifest"]["tables"]["public.order_deputy"]["rows"] == expected, compared
        yield rows(rollback, "api-production-old") == expected - 7, "the old rows are gone"
        yield from tidies_up(rollback)
        scribble(rollback)
        yield from rolls_back_what_takes_no_snapshot(rollback)
        counted = step(rollback, "CountBeside")["outputs"]["Manifest"]["tables"]
        yield counted["public.order_deputy"]["rows"] == expected == rows(rollback), counted
        yield step(rollback, "CompareWithSnapshot")["outputs"]["Differences"] == [], "they differ"
        left = [one["DBClusterIdentifier"]
                for one in in_production(rollback, "DescribeDBClusters", "DBClusters")]
        yield not any(name.startswith("proof-") or name.endswith("-old") for name in left), left
        yield rollback.verify() is None, "the ledger does not verify"
        yield not rollback.desk.secrets_on_disk(), "a secret is on disk"


def replica_goes_unkept(rollback):
    """The DR cluster is not deleted yet, and another hand deletes what was kept of it."""
    rollback.server.fault(kind="error-before", service="rds", operation="DeleteDBCluster", region="eu-west-2",
                          status=403, code="AccessDenied", message="not yet", times=1)
    ended = rollback.start()
    yield ended.returncode == 1 and "not yet" in ended.stderr, ended.stderr[-900:]
    safety = {"DBClusterSnapshotIdentifier":
              json.load(open(rollback.file, encoding="utf-8"))["parameters"]["SafetySnapshot"]}
    change(rollback, "rds", "DeleteDBClusterSnapshot", safety, "eu-west-2")
    before = calls(rollback.server, FINAL)
    ended = rollback.go_on()
    yield ended.returncode == 1 and "of cluster api-production in eu-west-2, which is what is kept instead" in \
        ended.stderr, ended.stderr[-900:]
    yield calls(rollback.server, FINAL) == before, "something was deleted"
    change(rollback, "rds", "CreateDBClusterSnapshot", {"DBClusterIdentifier": "api-production", **safety}, "eu-west-2")
    drive.wait_for(lambda: rollback.server.find("rds.cluster-snapshot", safety["DBClusterSnapshotIdentifier"],
                                                ACCOUNT)["Status"] == "available")


def rolls_back_what_takes_no_snapshot(rollback):
    """The primary loses its key, on the way for good: with what two people waived, and another key, all else is as
    ever."""
    key = rollback.need(rollback.desk.call("aws", "--environment", "production", "kms", "DescribeKey", "--input",
                                           json.dumps({"KeyId": "alias/rds-production"})))
    change(rollback, "kms", "DisableKey", {"KeyId": json.loads(key.stdout)["KeyMetadata"]["KeyId"]})
    break_cluster(rollback.server, LOST_KEY + "-recoverable")
    rollback.mode = "replace"
    rollback.WORDS = (*rollback.WORDS, "--confirm", NO_SNAPSHOT)
    settings = (f"Snapshot={COPY_OF_COUNTED}", "Verification=restore-beside", WAIVER, *HERE)
    planned = rollback.plan(*settings)
    yield planned.returncode == 1 and "is Disabled: the cluster could not be brought back under it" in \
        planned.stdout, planned.stdout[-900:]
    rollback.need(rollback.plan(*settings, f"RestoredKey={LIVING_KEY}"))
    rollback.cosign()
    before = calls(rollback.server, ("CreateDBClusterSnapshot",))["CreateDBClusterSnapshot"][0]
    yield from replica_goes_unkept(rollback)
    break_cluster(rollback.server)
    ended = rollback.go_on()
    yield ended.returncode == 0, ended.stderr[-1500:]
    compared = {row["field"]: row for row in step(rollback, "ComparePrimary")["outputs"]["Comparison"]["fields"]}
    yield compared["KmsKeyId"].get("explained") == LIVING_KEY, compared["KmsKeyId"]
    after = calls(rollback.server, ("CreateDBClusterSnapshot",))["CreateDBClusterSnapshot"][0]
    yield after == before + 2, "it asked for snapshots that AWS does not take"
    safety = json.load(open(rollback.file, encoding="utf-8"))["parameters"]["SafetySnapshot"]
    kept = [one["region"] for one in rollback.server.ask("resources?type=rds.cluster-snapshot") if one["id"] == safety]
    yield kept == ["eu-west-2"], f"what the DR cluster held is kept in {kept}"
    page = os.path.join(rollback.desk.state, "evidence.html")
    rollback.need(rollback.desk.call("ledger", "export", "--format", "html", "-o", page))
    with open(page, encoding="utf-8") as file:
        text = file.read()
    told = ("SafetySnapshotWaiver", "there will be no snapshot", NO_SNAPSHOT.split("=")[1], "breakglass/ann",
            "breakglass/colleague")
    yield all(words in text for words in told), [words for words in told if words not in text]


def a_word_for_the_old_cluster_is_asked_again(rollback, typed):
    """Typed, and then another hand was at the first instance that goes: put back, it is no more what was typed of."""
    refuse_once(rollback, "DeleteDBInstance")
    stopped = rollback.desk.call("run", "resume", "last", *typed, timeout=400)
    yield stopped.returncode == 1 and "EachInstance[1].DeleteInstance" in stopped.stderr, stopped.stderr[-600:]
    first = step(rollback, "DescribeOld")["outputs"]["Members"][0]
    tier = rollback.server.find("rds.instance", first)["PromotionTier"]
    for value, told in ((tier + 1, f"PromotionTier was {tier} and is {tier + 1}"),
                        (tier, "step ConfirmOld asks again")):
        change(rollback, "rds", "ModifyDBInstance", {"DBInstanceIdentifier": first, "PromotionTier": value,
                                                     "ApplyImmediately": True})
        stopped = rollback.desk.call("run", "resume", "last", timeout=400)
        yield stopped.returncode == 1 and told in stopped.stderr, stopped.stderr[-900:]
    yield rollback.server.find("rds.instance", first) is not None, "it is deleted"


def tidies_up(rollback):
    """Too early it is refused; then what was kept goes, each thing when its name was typed."""
    safety = json.load(open(rollback.file, encoding="utf-8"))["parameters"]["SafetySnapshot"]
    tidy = ["OldCluster=api-production-old", f"Snapshots={json.dumps([safety])}",
            "Accepted=the service owner, this morning"]
    path = os.path.join(rollback.desk.state, "tidy.json")

    def plan(*settings):
        words = ["plan", "tidy-up-after-rollback", "-e", "production", "-o", path]
        return rollback.desk.call(*words, *(word for setting in settings for word in ("--set", setting)))

    early = plan(*tidy, "MinAgeHours=100000")
    yield early.returncode == 1 and "is kept for 100000 hours" in early.stdout, early.stdout[-900:]
    wrong = plan("OldCluster=api-production", *tidy[1:], "MinAgeHours=0")
    yield wrong.returncode == 1 and "in service" in wrong.stdout, wrong.stdout[-900:]
    foreign = plan("OldCluster=membrane-production", *tidy[1:], "MinAgeHours=0")
    yield foreign.returncode == 1 and "renamed api-production to membrane-production" in foreign.stdout, \
        foreign.stdout[-900:]
    rollback.need(plan(*tidy, "MinAgeHours=0"))
    with open(path, encoding="utf-8") as file:
        digest = json.load(file)["hash"]
    cosigned = os.path.join(rollback.desk.state, "tidy-cosigned.json")
    rollback.need(rollback.colleague.call("cosign", path, "--approve", digest, "-o", cosigned))
    words = ["run", "start", path, "--approve", digest, "--cosign", cosigned]
    stopped = rollback.desk.call(*words, timeout=400)
    yield stopped.returncode == 1 and f"api-production-old@{ACCOUNT}" in stopped.stderr, stopped.stderr[-600:]
    yield rows(rollback, "api-production-old") > 0, "it was touched"
    typed = ["--confirm", f"ConfirmOld=api-production-old@{ACCOUNT}"]
    yield from a_word_for_the_old_cluster_is_asked_again(rollback, typed)
    stopped = rollback.desk.call("run", "resume", "last", *typed, timeout=400)
    yield stopped.returncode == 1 and f"{safety}@{ACCOUNT}" in stopped.stderr, stopped.stderr[-600:]
    ended = rollback.desk.call("run", "resume", "last", *typed, "--confirm",
                               f"EachSnapshot[1].DeleteSnapshot={safety}@{ACCOUNT}", timeout=400)
    yield ended.returncode == 0, ended.stderr[-900:]
    left = {one["id"] for kind in ("rds.cluster", "rds.instance", "rds.cluster-snapshot")
            for one in rollback.server.ask(f"resources?type={kind}&account={ACCOUNT}")}
    yield not {"api-production-old", "api-production-0-old", safety} & left, left
    yield any(name.startswith("last-api-production-") for name in left), left




def run(tap, slipwayctl, world):
    why = drive.why_no_rows()
    if why:
        tap.skip(rows_of_the_snapshot_come_back.__name__, why)
        return
    rows_world = world.with_rows(clusters=("api-production",))
    one_case(tap, slipwayctl, rows_world, rows_of_the_snapshot_come_back)
    if os.environ.get("SLIPWAY_TEST_LONG") == "1":
        killing.run(tap, lambda: Beside(slipwayctl, rows_world), rows_world.folder, "beside: ", "Beside")


if __name__ == "__main__":
    os.environ["SLIPWAY_REHEARSAL_POSTGRES"] = "off"
    drive.main(run)
