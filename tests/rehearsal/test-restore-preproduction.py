# SPDX-License-Identifier: MIT
"""Preproduction restored by its own ECS tasks: with real rows, killed anywhere, and disturbed."""

import json
import os
import threading

import drive
import killing

RUNBOOK = "restore-preproduction"
ENVIRONMENT = "preproduction"
# The shared snapshot of the scenario is old; a fresh one would come from pre-migration-snapshot.
# Only one case has databases to log in to.
SETTINGS = ("MaxAgeHours=2400", "LogIn=false")
TYPED = "RestoreEach[1].RestoreDatabase=api-preproduction@222222222222"
# ECS forgets a stopped task after an hour, which must not be shorter than a look at it.
SPEED = 2000
COPY = "RestoreEach[1].CopySnapshot"
CHANGES = ("UpdateService", "RunTask", "ModifyDBCluster", "AddTagsToResource")


class Case:
    def __init__(self, slipwayctl, world):
        self.server = world.fresh(speed=SPEED)
        self.desk = world.desk(slipwayctl, self.server)
        self.plan = os.path.join(self.desk.state, "plan.json")
        self.digest = None
        self.wrong = []

    def check(self, good, what):
        if not good:
            self.wrong.append(str(what)[-900:])

    def make_plan(self, *settings, environment=ENVIRONMENT):
        words = ["plan", RUNBOOK, "--environment", environment, "--output", self.plan]
        for setting in SETTINGS + settings:
            words += ["--set", setting]
        done = self.desk.call(*words)
        if os.path.exists(self.plan):
            with open(self.plan, encoding="utf-8") as file:
                self.digest = json.load(file)["hash"]
        return done

    def start(self, *words, **more):
        return self.desk.call("run", "start", self.plan, "--approve", self.digest, *words, **more)

    def step(self, name):
        return next(step for step in self.desk.show()["steps"] if step["id"] == name)


def count(case, cluster):
    return int(case.server.sql(cluster, "SELECT count(*) FROM cases"))


def production_rows_come_to_preproduction(case):
    """The pre-migration snapshot first, then this: the rows there are those of production."""
    case.digest = case.desk.plan(case.plan)
    case.check(case.start().returncode == 0, "no snapshot was taken")
    expected, before = count(case, "api-production"), count(case, "api-preproduction")
    case.check(expected != before, f"{before} rows on both sides prove nothing")
    case.make_plan("MaxAgeHours=24", "LogIn=true")
    ended = case.start("--confirm", TYPED)
    case.check(ended.returncode == 0, ended.stderr)
    after = count(case, "api-preproduction")
    case.check(after == expected, f"{after} rows, not {expected}")
    counted = case.step("RestoreEach[1].CountRows")["outputs"]["Manifest"]["tables"]
    case.check(counted["public.cases"]["rows"] == expected, counted)
    case.check(case.server.find("rds.cluster", "api-preproduction")["BackupRetentionPeriod"] == 3,
               "the retention was lost")
    case.check(case.desk.verify() is None, "the ledger does not verify")


def keep_backups(case, days):
    """What another hand does meanwhile."""
    request = {"DBClusterIdentifier": "api-preproduction", "BackupRetentionPeriod": days, "ApplyImmediately": True}
    done = case.desk.call("aws", "rds", "ModifyDBCluster", "--environment", ENVIRONMENT, "--allow-change",
                          "--confirm", ENVIRONMENT, "--input", json.dumps(request))
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    drive.wait_for(lambda: case.server.find("rds.cluster", "api-preproduction")["Status"] == "available", 60)
    case.desk.await_event(ENVIRONMENT, "api-preproduction", "ModifyDBCluster")


def is_kept(case, environment, cluster, snapshot):
    """Neither task says so to AWS, but both steps do: a plan that would delete their snapshot names this run."""
    done = case.desk.call("plan", "tidy-up-snapshots", "--environment", environment, "--json", "--set",
                          f"Cluster={cluster}", "--set", f"Snapshots={json.dumps([snapshot])}")
    guard = next(one for one in json.loads(done.stdout)["guards"] if one["guard"] == "unfinished-runs")
    case.check(done.returncode == 1 and guard["state"] == "block" and case.desk.show()["id"] in guard["message"]
               and f"It made {snapshot}, or needs it" in guard["message"], guard)


def nothing_is_deleted_before_it_is_typed(case):
    """Nor when another hand changed it since it was captured; the word then counts no more."""
    case.make_plan()
    ended = case.start()
    case.check(ended.returncode == 1 and "needs-confirmation" in ended.stderr, ended.stderr)
    counts = case.server.changes(CHANGES)
    case.check(counts["RunTask"] == [1, 1], counts)
    is_kept(case, ENVIRONMENT, "api-preproduction", "api-preproduction-snapshot-for-restore")
    wrong = case.desk.resume("--confirm", TYPED.replace("api-preproduction@", "api-production@"))
    case.check(wrong.returncode == 1, "it went on with the wrong text")
    case.check(case.server.changes(CHANGES)["RunTask"] == [1, 1], "the second task was started")
    keep_backups(case, 29)
    stopped = case.desk.resume("--confirm", TYPED)
    case.check(stopped.returncode == 1 and "BackupRetentionPeriod was 3 and is 29" in stopped.stderr
               and "ModifyDBCluster by " in stopped.stderr, stopped.stderr)
    case.check(case.server.changes(CHANGES)["RunTask"] == [1, 1], "another hand's change was deleted")
    keep_backups(case, 3)
    asked = case.desk.resume()
    case.check(asked.returncode == 1 and "asks again, because somebody changed" in asked.stderr, asked.stderr)
    case.check(case.desk.resume("--confirm", TYPED).returncode == 0, "it does not go on")
    case.check(case.server.changes(CHANGES)["RunTask"] == [2, 2], "the tasks were not started once")


def production_is_refused(case):
    done = case.make_plan("SourceAccount=222222222222", "Services=api", "SharedSnapshot=x",
                          environment="production")
    said = done.stdout + done.stderr
    case.check("refuses production" in said, said)


def names_that_drift_are_refused(case):
    done = case.make_plan("SharedSnapshot=api-production-snapshot-for-copy")
    said = done.stdout + done.stderr
    case.check("copy-shared-snapshot-api expects api-snpshot-for-copy" in said, said)


def an_old_snapshot_is_refused(case):
    done = case.make_plan("MaxAgeHours=24")
    said = done.stdout + done.stderr
    case.check("should be no older than 24 hours" in said, said)


def a_missing_elasticsearch_task_is_told(case):
    done = case.make_plan("ElasticsearchTask=restore-elasticsearch7-snapshot")
    said = done.stdout + done.stderr
    case.check("there is no task definition restore-elasticsearch7-snapshot" in said, said)


def services_come_back_with_their_counts(case):
    case.make_plan()
    ended = case.start("--confirm", TYPED)
    case.check(ended.returncode == 0, ended.stderr)
    outputs = case.step("RecordEnd")["outputs"]["Services"]
    counts = {service["serviceName"]: service["desiredCount"] for service in outputs}
    case.check(counts == {"api": 3, "frontend": 2}, counts)


def a_failed_first_task_leaves_the_cluster_alone(case):
    """Its exit code is the truth, not EssentialContainerExited."""
    case.make_plan()
    case.server.fault(kind="fail", transition="ecs.task-run", resource="*/copy-shared-*", times=1,
                      message="cannot copy")
    ended = case.start("--confirm", TYPED)
    case.check(ended.returncode == 1, f"exit {ended.returncode}")
    case.check("container copy-shared-snapshot-api exited with 1" in ended.stderr, ended.stderr)
    case.check(case.server.changes(CHANGES)["RunTask"] == [1, 1], "the second task was started")
    is_kept(case, "production", "api-production", "api-snpshot-for-copy")
    case.check(case.desk.resume("--confirm", TYPED).returncode == 0, "it does not go on")
    case.check(case.desk.show()["state"] == "done", "the run is not done")


def lost_answers_start_no_task_twice(case):
    case.make_plan()
    case.server.fault(kind="drop-after", service="ecs", operation="RunTask", times=1)
    case.server.fault(kind="drop-after", service="ecs", operation="UpdateService", times=1)
    ended = case.start("--confirm", TYPED)
    case.check(ended.returncode == 0, ended.stderr)
    counts = case.server.changes(CHANGES)
    case.check(counts["RunTask"][1] == 2, f"tasks were started {counts['RunTask'][1]} times")


def an_expired_session_pauses_the_wait(case):
    """The task works on; the run waits for a sign-in and then sees how it ended."""
    case.make_plan()
    case.server.fault(kind="stuck", transition="ecs.task-stopped", resource="*/copy-shared-*")
    ended = []
    process = threading.Thread(target=lambda: ended.append(case.start("--confirm", TYPED)))
    process.start()
    case.desk.wait_for_step(COPY)
    case.server.ask("sessions/expire", {"match": "preproduction"}, "POST")
    process.join(timeout=100)
    case.check(case.desk.show()["state"] == "needs-sign-in", ended)
    case.check(case.step(COPY)["state"].startswith("waiting"), "the wait was given up")
    case.server.clear_faults()
    case.server.ask("sessions/renew", {}, "POST")
    ended = case.desk.resume("--confirm", TYPED)
    case.check(ended.returncode == 0, ended.stderr)
    case.check(case.server.changes(CHANGES)["RunTask"][1] == 2, "a task was started twice")


ELASTICSEARCH = "restore-elasticsearch7-snapshot"
MEMBRANE = "RestoreEach[2].RestoreDatabase=membrane-preproduction@222222222222"


def larger_scenario(world):
    """The estate with the task that restores Elasticsearch, which is a program that says what it would do."""
    with open(world.scenario, encoding="utf-8") as file:
        scenario = json.load(file)
    services = next(account for account in scenario["accounts"] if account["id"] == "222222222222")[
        "resources"]["eu-west-1"]
    task = json.loads(json.dumps(next(one for one in services["ecs"]["task_definitions"]
                                      if one["family"] == "copy-shared-snapshot-api")))
    task.update(family=ELASTICSEARCH)
    task["containerDefinitions"][0].update(name=ELASTICSEARCH, image="example/elasticsearch:v1", command=[])
    services["ecs"]["task_definitions"].append(task)
    services["ecs"]["images"].append(
        {"image": "example/elasticsearch:*", "argv": ["/bin/sh", "-c", "echo all indices restored"]})
    path = os.path.join(world.folder, "larger.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(scenario, file)
    return path


def membrane_follows_when_it_is_asked_for(case):
    """By its own pair of tasks, after the first database, and each is typed by its own name."""
    case.make_plan('Also=["membrane"]')
    stopped = case.start("--confirm", TYPED)
    case.check(stopped.returncode == 1 and "membrane-preproduction@222222222222" in stopped.stderr,
               stopped.stderr)
    case.check(case.server.changes(CHANGES)["RunTask"] == [3, 3], "another task was started")
    ended = case.desk.resume("--confirm", TYPED, "--confirm", MEMBRANE)
    case.check(ended.returncode == 0, ended.stderr)
    ran = [step["outputs"]["taskDefinitionArn"].rsplit("/", 1)[1].split(":")[0]
           for step in case.desk.show()["steps"] if "taskDefinitionArn" in (step.get("outputs") or {})]
    case.check(ran == ["copy-shared-snapshot-api", "restore-database-snapshot-api",
                       "copy-shared-snapshot-membrane", "restore-database-snapshot-membrane"], ran)
    for database in ("api", "membrane"):
        there = case.server.find("rds.cluster", f"{database}-preproduction")
        case.check(there["Status"] == "available" and there["BackupRetentionPeriod"] == 3, there)


def elasticsearch_is_restored_when_somebody_looked(case):
    """Its task deletes all indices first, and does not look at the snapshot; so a person does."""
    case.make_plan(f"ElasticsearchTask={ELASTICSEARCH}")
    stopped = case.start("--confirm", TYPED)
    case.check(stopped.returncode == 1 and "has the state SUCCESS" in stopped.stderr, stopped.stderr)
    case.check(case.server.changes(CHANGES)["RunTask"] == [2, 2], "the indices were deleted")
    ended = case.desk.resume("--confirm", TYPED, "--attest", "RestoreElasticsearch")
    case.check(ended.returncode == 0, ended.stderr)
    outputs = case.step("RestoreElasticsearch")["outputs"]
    case.check(outputs["stopCode"] == "EssentialContainerExited", outputs)
    with open(outputs["logFile"], encoding="utf-8") as file:
        case.check("all indices restored" in file.read(), "its log was not followed")


class Procedure(Case):
    """As killing.py takes it."""

    def prepare(self):
        self.make_plan()

    def start(self, *words, **more):
        return super().start("--confirm", TYPED, *words, **more)

    def go_on(self):
        return self.desk.go_on(self.plan, self.digest, "--confirm", TYPED)

    def counts(self):
        return self.server.changes(("RunTask", "UpdateService", "RestoreDBClusterFromSnapshot",
                                    "DeleteDBCluster"))

    def estate(self):
        cluster = self.server.find("rds.cluster", "api-preproduction")
        found = {name: cluster[name] for name in ("Status", "BackupRetentionPeriod", "DeletionProtection",
                                                  "CopyTagsToSnapshot", "TagList")}
        for kind in ("rds.instance", "rds.cluster-snapshot"):
            found[kind] = sorted(one["id"] for one in
                                 self.server.ask(f"resources?type={kind}&account=222222222222")
                                 if not one["id"].startswith("rds:"))
        return found


CASES = [nothing_is_deleted_before_it_is_typed, production_is_refused, names_that_drift_are_refused,
         an_old_snapshot_is_refused, a_missing_elasticsearch_task_is_told,
         services_come_back_with_their_counts, a_failed_first_task_leaves_the_cluster_alone,
         lost_answers_start_no_task_twice, an_expired_session_pauses_the_wait,
         membrane_follows_when_it_is_asked_for]

LARGER = [elasticsearch_is_restored_when_somebody_looked]


def run_case(tap, slipwayctl, world, case):
    one = Case(slipwayctl, world)
    try:
        case(one)
        tap.result(not one.wrong, case.__name__, "\n".join(one.wrong))
    finally:
        one.server.stop()


def run(tap, slipwayctl, world):
    for case in CASES:
        run_case(tap, slipwayctl, world, case)
    folder = os.path.join(world.folder, "larger")
    os.mkdir(folder)
    larger = drive.World(world.binary, larger_scenario(world), folder, SPEED)
    for case in LARGER:
        run_case(tap, slipwayctl, larger, case)
    killing.run(tap, lambda: Procedure(slipwayctl, world), world.folder)
    why = drive.why_no_rows()
    if why:
        tap.skip(production_rows_come_to_preproduction.__name__, why)
    else:
        run_case(tap, slipwayctl, world.with_rows(clusters=("api-production", "api-preproduction")),
                 production_rows_come_to_preproduction)


if __name__ == "__main__":
    drive.main(run)
