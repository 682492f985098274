# SPDX-License-Identifier: MIT
"""The example migration on AWS: Step Functions sequences its stages, ECS runs slipwayctl for each, and a runbook
starts, follows and stops it. Databases are real."""

import base64
import configparser
import contextlib
import csv
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/migration")]

# pylint: disable=wrong-import-position
import drive  # noqa: E402
import server as postgres_server  # noqa: E402

EXAMPLE = ROOT / "data/example"
ACCOUNT = "111111111111"
RUN_DATE = "2022-06-15"
REPOSITORY = "haddow-creek/migration"
FAMILY = "haddow-creek-migration"
MACHINE = f"arn:aws:states:eu-west-1:{ACCOUNT}:stateMachine:haddow-creek"
PASSWORD = "open sesame of the boat club"


def scenario(machines, databases, state):
    """One account with what a migration needs: a cluster, images, secrets, a log group, roles and the machine."""
    registry = f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/{REPOSITORY}"
    secrets = [{"name": f"migration/{name}", "string": databases[name]} for name in databases]
    task = {"family": FAMILY, "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
            "cpu": "1024", "memory": "2048", "taskRoleArn": f"arn:aws:iam::{ACCOUNT}:role/migration-task",
            "executionRoleArn": f"arn:aws:iam::{ACCOUNT}:role/migration-execution", "volumes": [], "containerDefinitions": [{
                "name": "migrate", "image": registry + ":production-1", "essential": True,
                "secrets": [{"name": variable, "valueFrom": f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:"
                             f"migration/{name}"} for variable, name in (("SLIPWAY_MIGRATION_DB", "migration-db"),
                                                                         ("SLIPWAY_TARGET_DB", "target-db"))],
                "environment": [{"name": "SLIPWAY_HEARTBEAT_SECONDS", "value": "1"},
                                {"name": "SLIPWAY_STATE_DIR", "value": state}], "mountPoints": [],
                "logConfiguration": {"logDriver": "awslogs", "options": {
                    "awslogs-group": "haddow-creek-migration", "awslogs-region": "eu-west-1",
                    "awslogs-stream-prefix": "migrate"}}}]}
    services = {
        "logs": {"groups": [{"name": "haddow-creek-migration"}]},
        "secretsmanager": {"secrets": secrets},
        "ssm": {"parameters": [{"name": "/slipway/club/change-freeze", "value": json.dumps({
            "kind": "change-freeze", "reference": "CHG-1", "reason": "migration", "since": "2026-11-21T06:00:00Z",
            "run": "by hand"})}]},
        "rds": {"clusters": [{"id": "club-production", "engine": "aurora-postgresql", "size_gib": 1, "hours_ago": 900,
                              "instances": [{"id": "club-production-0", "class": "db.r6g.large"}]}],
                "snapshots": [{"id": "pre-migration-snapshot-club", "cluster": "club-production", "hours_ago": 2}]},
        "ecs": {"clusters": [{"name": "migration"}], "task_definitions": [task],
                "images": [{"image": f"*/{REPOSITORY}*", "argv": ["@slipwayctl"]}]},
        "ecr": {"repositories": [{"name": REPOSITORY, "images": [
            {"tags": ["production-1"], "size": 90000000}, {"tags": ["main-7"], "size": 90000001}]}]},
        "states": {"state_machines": [{"name": "haddow-creek" + name, "role": "migration-states", "definition": definition}
                                      for name, definition in machines.items()]},
    }
    return {"schema": "org.slipway.scenario/1", "name": "migrate-on-aws", "accounts": [{
        "id": ACCOUNT, "alias": "club", "regions": ["eu-west-1"], "roles": [
            {"name": "operator"}, {"name": "migration-states", "services": ["states.amazonaws.com"]},
            {"name": "migration-task", "services": ["ecs-tasks.amazonaws.com"], "attached": [], "policies": {
                "heartbeats": {"Version": "2012-10-17", "Statement": [
                    {"Effect": "Allow", "Action": "states:SendTaskHeartbeat", "Resource": "*"}]}}},
            {"name": "migration-execution", "services": ["ecs-tasks.amazonaws.com"]}],
        "resources": {"eu-west-1": services}}],
        "environments": [{"name": "club", "account": ACCOUNT, "role": "operator", "protected": False, "settings": {
            "migration": {"state_machine": MACHINE, "repository": REPOSITORY, "tag_prefix": "production-",
                          "ecs_cluster": "migration", "task_family": FAMILY, "subnets": ["subnet-1"]}}}]}


class World:
    """Source files of the example, the machine that runs its stages, and a PostgreSQL."""

    def __init__(self, slipwayctl, folder, postgres):
        self.slipwayctl, self.folder, self.postgres = slipwayctl, folder, postgres
        source = os.path.join(folder, "source")
        self.migrate("generate", "--clients", "60", "--seed", "1", "--settings", EXAMPLE / "generate.json",
                     "--output", source)
        words = ("state-machine", EXAMPLE, "--folder", EXAMPLE, "--source", source, "--heartbeat", "30", "--timeout", "600")
        self.definition = json.loads(self.migrate(*words))
        self.short = json.loads(self.migrate(*words, "--skip", "load_to_target", "--skip", "hooks"))
        self.loose = json.loads(json.dumps(self.definition).replace("'--integration', $.integration, ", ""))
        self.landed = json.loads(self.migrate("state-machine", EXAMPLE, "--landed"))
        self.sha256 = self.migrate(*words, "--sha256").strip()

    def migrate(self, *words):
        done = subprocess.run([self.slipwayctl, "migrate", *map(str, words)], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"migrate {words[0]}: exit {done.returncode}\n{done.stderr[-3000:]}")
        return done.stdout

    def new_databases(self, number):
        """A migration database and a target: one told in words, the other as RDS's secrets are."""
        words = self.postgres.database(f"club_migration_{number}") + f" password='{PASSWORD}'"
        self.postgres.database(f"club_{number}")
        self.postgres.psql(f"club_{number}", (EXAMPLE / "target.sql").read_text(encoding="utf-8"))
        secret = {"host": self.postgres.folder, "username": "migrator", "password": PASSWORD, "dbname": f"club_{number}",
                  "port": 5432, "engine": "postgres"}
        return {"migration-db": words, "target-db": json.dumps(secret)}


RUNBOOK = "migrate-on-aws"
TYPED = f"LoadTarget=club-production@{ACCOUNT}"


class Case:
    """One world of its own: a rehearsal server, two databases, a desk."""

    def __init__(self, world, rehearsal, number, speed=200):
        self.world, self.number, self.rehearsal, self.speed = world, number, rehearsal, speed
        self.databases = world.new_databases(number)
        self.folder = os.path.join(world.folder, f"case-{number}")
        os.mkdir(self.folder)
        self.scenario = os.path.join(self.folder, "scenario.json")
        with open(self.scenario, "w", encoding="utf-8") as file:
            json.dump(scenario({"": world.definition, "-short": world.short, "-landed": world.landed, "-loose": world.loose}, self.databases,
                               os.path.join(self.folder, "state/container")), file)
        self.server = self.start()
        self.desk = drive.Desk(world.slipwayctl, self.server, self.folder)
        self.plan = os.path.join(self.folder, "plan.json")
        self.before = self.count("public.people")
        self.wrong = []

    def start(self, port=0):
        return drive.Server(self.rehearsal, os.path.join(self.folder, "state"), self.scenario, self.speed, port)

    def check(self, good, what):
        if not good:
            self.wrong.append(str(what)[-1500:])

    def make_plan(self, *settings):
        words = ["plan", RUNBOOK, "--environment", "club", "--output", self.plan]
        for setting in (f"MachineSha256={self.world.sha256}", f"RunDate={RUN_DATE}", "TargetCluster=club-production",
                        "ImageTag=production-1", "SnapshotName=pre-migration-snapshot-club", *settings):
            words += ["--set", setting]
        done = self.desk.call(*words)
        with contextlib.suppress(OSError), open(self.plan, encoding="utf-8") as file:
            self.digest = json.load(file)["hash"]
        return done

    def begin(self, *words, **more):
        return self.desk.call("run", "start", self.plan, "--approve", self.digest, *words, **more)

    def count(self, table):
        return int(self.world.postgres.rows(f"club_{self.number}", f"SELECT count(*) AS n FROM {table}")[0]["n"])

    def step(self, name):
        return next(step for step in self.desk.show()["steps"] if step["id"] == name)


@contextlib.contextmanager
def exchanged(world):
    """The source file has another surname for everybody meanwhile."""
    file = pathlib.Path(world.folder, "source/member.csv")
    text = file.read_text(encoding="utf-8")
    rows = list(csv.reader(io.StringIO(text)))
    surname = rows[0].index("Surname")
    other = io.StringIO()
    csv.writer(other).writerows([rows[0]] + [row[:surname] + ["Exchanged"] + row[surname + 1:] for row in rows[1:]])
    file.write_text(other.getvalue(), encoding="utf-8")
    try:
        yield
    finally:
        file.write_text(text, encoding="utf-8")


def rows_arrive_when_the_name_is_typed(case):
    """All of it, as a person does it; and no secret stands anywhere."""
    planned = case.make_plan()
    case.check(planned.returncode == 0, planned.stderr)
    case.check("Takes: about" in planned.stdout and "RPO" not in planned.stdout, f"a migration tells of a loss: {planned.stdout[:900]}")
    asked = case.begin()
    case.check(asked.returncode == 1 and "needs-confirmation" in asked.stderr, asked.stderr)
    case.check(case.count("public.people") == case.before, "rows are in the target before its name was typed")
    case.check("(transform → " in asked.stderr and "transform: transform" not in asked.stderr,
               "the stage's own progress is not told, or its name twice")
    with exchanged(case.world):
        ended = case.desk.resume("--confirm", TYPED)
    case.check(ended.returncode == 0, ended.stderr)
    case.check(case.count("public.people") == 58, "the rows are not in the target")
    case.check(case.count("public.people WHERE surname = 'Exchanged'") == 0, "what was agreed to is not what was loaded")
    states = case.step("LoadTarget")["outputs"]["States"]
    case.check([state["name"] for state in states][:2] + [states[-1]["name"]] == ["load_to_target", "validation", "hooks"], states)
    logs = [state["logFile"] for state in states + case.step("Integrate")["outputs"]["States"]]
    told = "".join(pathlib.Path(log).read_text(encoding="utf-8") for log in logs)
    shown = case.desk.call("run", "show", "last").stdout
    case.check(all(f"log of {state['name']}: {state['logFile']}" in shown for state in states), f"the logs are not named: {shown}")
    case.check("“…”" in told and not re.search("“(?!…”)", told), f"values of rows are in the logs of tasks: {told}")
    case.check(case.count("slipway_migration.load") > 0, "the target has no manifest")
    revision = case.server.find("ecs.task-definition", f"{FAMILY}:000002")["containerDefinitions"][0]
    case.check("@sha256:" in revision["image"] and revision["secrets"][0]["name"] == "SLIPWAY_MIGRATION_DB", revision)
    sent, taken = case.server.changes(("SendTaskHeartbeat",))["SendTaskHeartbeat"]
    case.check(sent >= len(states) and taken > 0, f"{sent} heartbeats were sent, {taken} of them taken")
    case.check(case.desk.verify() is None, "the ledger does not verify")
    case.check(not case.desk.secrets_on_disk(), "the session's secrets are on disk")
    for folder, _, names in os.walk(case.folder):
        if os.path.basename(folder) == "state" or "/state/" in folder:
            continue
        for name in names:
            data = pathlib.Path(folder, name).read_bytes()
            case.check(name == "scenario.json" or PASSWORD.encode() not in data, f"the password is in {name}")
    again = case.make_plan()
    case.check(again.returncode == 0, again.stderr)
    case.begin()
    case.desk.resume("--confirm", TYPED)
    case.check(case.count("public.people") == 58, "a second run changed the target")


def what_was_agreed_to_is_what_is_loaded(case):
    """Between the question and the word another workstation makes the same run anew, of other files."""
    def ask(begin=case.begin):
        asked = begin()
        made = case.step("Integrate")["outputs"]
        case.check("needs-confirmation" in asked.stderr and "{Rows} rows, made of source files {Source} (integration {Integration})"
                   .format(**made) in asked.stderr, f"{made}: {asked.stderr}")
        return made

    def stage(name, *words):
        done = subprocess.run(
            [case.world.slipwayctl, "migrate", "stage", name, EXAMPLE, "--run-date", RUN_DATE, "--no-log", "--json", *words],
            env={**case.desk.environment, "SLIPWAY_MIGRATION_DB": case.databases["migration-db"],
                 "SLIPWAY_TARGET_DB": case.databases["target-db"]}, capture_output=True, text=True, check=False)
        case.check(done.returncode == 0, done.stderr)
        return json.loads(done.stdout)

    case.make_plan()
    agreed = ask()
    with exchanged(case.world):
        stage("load", "--source", os.path.join(case.world.folder, "source"))
    for name in ("filter", "prepare", "transform"):
        stage(name)
    other = stage("integration")
    case.check(other["run"] == agreed["Run"] and other["integration"]["source"] != agreed["Source"], (other, agreed))
    refused = case.desk.resume("--confirm", TYPED)
    case.check(refused.returncode == 1 and f"integration {other['integration']['mark']}: " in refused.stderr
               and f"integration {agreed['Integration']} was agreed to" in refused.stderr, refused.stderr)
    case.check(case.count("public.people") == case.before, "what nobody agreed to is in the target")
    case.desk.call("run", "cancel", "last")
    # Without the tasks' logs nobody can be asked; another execution tells it again.
    case.make_plan()
    fault = case.server.fault(kind="error-before", service="logs", operation="FilterLogEvents", status=400,
                              code="InvalidParameterException", times=0)["ids"][0]
    silent = case.begin()
    case.check(silent.returncode == 1 and "no log of its tasks tells what was integrated" in silent.stderr, silent.stderr)
    case.server.ask(f"faults/{fault}", None, "DELETE")
    again = ask(case.desk.resume)
    case.check((again["Run"], again["Source"], again["Rows"]) == (agreed["Run"], agreed["Source"], agreed["Rows"])
               and again["Integration"] not in (agreed["Integration"], other["integration"]["mark"]), (again, agreed, other))


def what_is_not_as_it_should_be_is_refused(case):
    for setting, told in (
            ("ImageTag=main-7", "does not begin with production-"), ("ImageTag=production-9", "there is no image with tag"),
            ("MachineSha256=" + "0" * 64, "was made of other definitions"), ("SnapshotName=another", "another"),
            ("StateMachine=" + MACHINE + "-short", "leaves the stage load_to_target out"),
            ("StateMachine=" + MACHINE + "-landed", "does not load the source files anew"),
            ("StateMachine=" + MACHINE + "-loose", "loads whatever is integrated when it comes to that"),
            ("FreezeParameter=/none", "change freeze"), ("MaxAgeHours=1", "should be no older than")):
        more = ("MachineSha256=",) if setting.startswith("StateMachine") else ()
        planned = case.make_plan(*more, setting)
        said = planned.stdout + planned.stderr
        case.check(planned.returncode != 0 and told in said, f"{setting}: {said[:1500]}")


def held(case, state="load"):
    """Lets the task of a state run and not end, and begins a run; returns it when the task runs."""
    fault = case.server.fault(kind="stuck", transition="ecs.task-stopped")["ids"][0]
    process = subprocess.Popen(
        [case.desk.binary, "--workspace", case.desk.workspace, "--state", case.desk.state, "run", "start", case.plan,
         "--approve", case.digest], env=case.desk.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True)
    case.desk.wait_for_run(lambda run: any(step["id"] == "Integrate" and (step.get("detail") or "").startswith(state)
                                           for step in run["steps"]), 60)
    return process, fault


def executions(case):
    return [one["data"] for one in case.server.ask("resources?type=states.execution")]


def a_run_that_was_killed_follows_on(case):
    case.make_plan()
    process, fault = held(case)
    process.kill()
    process.communicate()
    first = executions(case)[0]["executionArn"]
    case.server.ask(f"faults/{fault}", None, "DELETE")
    ended = case.desk.resume()
    case.check("needs-confirmation" in ended.stderr, ended.stderr)
    outputs = case.step("Integrate")["outputs"]
    case.check(outputs["executionArn"] == first and len(executions(case)) == 1, executions(case))
    case.check(case.server.changes(("StartExecution",))["StartExecution"] == [1, 1], "it was started twice")
    case.check([state["name"] for state in outputs["States"]]
               == ["load", "filter", "prepare", "transform", "integration"], outputs)


def to_cancel_stops_it_on_aws(case):
    case.make_plan()
    process, fault = held(case)
    drive.wait_for(lambda: "done" in (case.step("Integrate").get("detail") or ""), 60)
    cancelled = case.desk.call("run", "cancel", "last")
    # It tells what is to come, or what has come already where the run's process was faster.
    case.check(cancelled.returncode == 0 and ("stops a Step Functions execution" in cancelled.stderr
                                              or "is stopped, and so is its task" in cancelled.stderr), cancelled.stderr)
    _, said = process.communicate(timeout=60)
    case.check("is stopped, and so is its task" in said, said)
    case.check("slipwayctl migrate undo 1 --stage load" in said, f"the run to take back is not named: {said}")
    case.check(case.desk.show()["state"] == "cancelled", "the run is not cancelled")
    shown = executions(case)[0]
    case.check((shown["status"], shown.get("error")) == ("ABORTED", "Cancelled"), shown)
    case.server.ask(f"faults/{fault}", None, "DELETE")
    case.check(case.count("public.people") == case.before, "rows are in the target")


def a_stage_that_fails_is_named_and_gone_on_with(case):
    """By its exit status, the only truth; what ECS refuses is tried again without a word from a person."""
    case.make_plan()
    case.server.fault(kind="fail", transition="states.task-started", times=2, message="ECS.ServerException: try later")
    case.server.fault(kind="fail", transition="ecs.task-run", resource=f"*/{FAMILY}/*", times=1, message="no memory")
    ended = case.begin()
    case.check(ended.returncode == 1 and "Slipway.StageFailed: stage load failed with exit status 1" in ended.stderr,
               ended.stderr)
    case.check(case.desk.show()["state"] == "failed", "the run has not failed")
    # What the task's log says of why is in the message, and where all of it is.
    file = pathlib.Path(case.world.folder, "source/member.csv")
    file.rename(file.with_suffix(".away"))
    ended = case.desk.resume()
    file.with_suffix(".away").rename(file)
    told = re.search(r"says why:\n\s*(.*)\n\s*All of its log is in (\S+\.txt)", ended.stderr, re.DOTALL)
    case.check(told and "member" in told[1] and "member" in pathlib.Path(told[2]).read_text(encoding="utf-8"), ended.stderr)
    ended = case.desk.resume()
    case.check("needs-confirmation" in ended.stderr, ended.stderr)
    names = sorted(one["name"].rsplit("-", 2)[1:] for one in map(dict, executions(case)))
    case.check(names == [["Integrate", str(attempt)] for attempt in (1, 2, 3)], names)


def a_task_that_nobody_waits_for_ends(case):
    """It would wait for the target, which somebody else holds; its first heartbeat tells it that the state machine has gone on."""
    parser = configparser.RawConfigParser()
    parser.read(os.path.join(case.server.state, "aws/credentials"))
    keys = {name.upper(): value for name, value in parser["club"].items()}
    # As the rehearsal writes them; it is of an execution that is not there any more.
    token = base64.b64encode(b"slip:haddow-creek/gone\n0\nsecret").decode()
    held_by = subprocess.Popen(["psql", "-X", "-q", case.world.postgres.conninfo(f"club_{case.number}")],
                               stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    held_by.stdin.write(b"SELECT pg_advisory_lock(hashtext('slipway.target'));\n")
    held_by.stdin.flush()
    try:
        drive.wait_for(lambda: case.world.postgres.rows(f"club_{case.number}", "SELECT 1 FROM pg_locks WHERE locktype = 'advisory'"))
        done = subprocess.run(
            [case.world.slipwayctl, "migrate", "stage", "load", EXAMPLE, "--source", os.path.join(case.world.folder, "source")],
            env={**case.desk.environment, **keys, "AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": case.server.endpoint,
                 "SLIPWAY_TASK_TOKEN": token, "SLIPWAY_MIGRATION_DB": case.databases["migration-db"],
                 "SLIPWAY_TARGET_DB": case.databases["target-db"]}, capture_output=True, text=True, timeout=50, check=False)
    finally:
        held_by.communicate(timeout=30)
    case.check(done.returncode == 1 and "waits for this task no more" in done.stderr, f"{done.returncode}: {done.stderr}")
    case.check(PASSWORD not in done.stderr + done.stdout, "it tells the password")


CASES = (rows_arrive_when_the_name_is_typed, what_was_agreed_to_is_what_is_loaded, what_is_not_as_it_should_be_is_refused, a_run_that_was_killed_follows_on,
         to_cancel_stops_it_on_aws, a_stage_that_fails_is_named_and_gone_on_with, a_task_that_nobody_waits_for_ends)


def main():
    rehearsal, slipwayctl = map(os.path.abspath, sys.argv[1:3])
    tap = drive.Tap()
    reason = postgres_server.why_not()
    if reason:
        for test in CASES:
            tap.skip(test.__name__, reason)
        return tap.end()
    os.environ["SLIPWAY_REHEARSAL_POSTGRES"] = "off"
    with tempfile.TemporaryDirectory(prefix="slip-on-aws-") as folder, postgres_server.Server() as postgres:
        world = World(slipwayctl, folder, postgres)
        for number, test in enumerate(CASES):
            case = Case(world, rehearsal, number)
            with case.server:
                test(case)
            tap.result(not case.wrong, test.__name__, "\n".join(case.wrong))
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
