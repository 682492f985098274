# SPDX-License-Identifier: MIT
"""Aurora from AWS Backup: beside the old cluster, with real rows and the real Terraform, out of a vault
that denies restores, and disturbed."""

import json
import os
import shutil
import subprocess
import threading

import drive
import killing

RUNBOOK = "restore-aurora-from-backup"
NEW = "mavis-production-restored"
WORDS = ("--confirm", "PointSecret=yes", "--confirm", f"TerraformApply={NEW}@111111111111",
         "--attest", "AttestQuiet", "--attest", "AttestTerraform", "--attest", "AttestDeployment", "--attest", "Close")
CHANGES = ("StartRestoreJob", "StartCopyJob", "CreateDBInstance", "PutSecretValue", "DeleteDBCluster")
# The vault's points expire on the real clock, so that days of AWS must not fly by.
SPEED = 3000


class Case:
    def __init__(self, slipwayctl, world):
        self.server = world.fresh(speed=SPEED)
        self.desk = world.desk(slipwayctl, self.server)
        self.second = world.desk(slipwayctl, self.server)
        self.second.workspace = os.path.join(self.server.state, "second", "workspace.json")
        self.plan = os.path.join(self.desk.state, "plan.json")
        self.digest = None
        self.proof = None
        self.wrong = []

    def check(self, good, what):
        if not good:
            self.wrong.append(str(what)[-900:])

    def points(self, account):
        found = [one["data"]["shape"] for one in
                 self.server.ask(f"resources?type=backup.recovery-point&account={account}")]
        found = [one for one in found if "mavis" in one["BackupVaultName"]]
        return [one["RecoveryPointArn"] for one in sorted(found, key=lambda one: one["CreationDate"])]

    def try_plan(self, runbook, environment, *settings):
        words = ["plan", runbook, "--environment", environment, "--output", self.plan]
        for setting in settings:
            words += ["--set", setting]
        done = self.desk.call(*words)
        return done.stdout + done.stderr

    def freeze(self):
        path = os.path.join(self.desk.state, "freeze.json")
        digest = self.desk.plan_of("change-freeze-on", "production", path, "Reference=CHG-4",
                                   "Reason=restore from AWS Backup")
        ended = self.desk.call("run", "start", path, "--approve", digest)
        if ended.returncode != 0:
            raise RuntimeError(ended.stderr)

    def make_plan(self, *settings, point=None):
        settings = ("Maintenance=", *settings)
        said = self.try_plan(RUNBOOK, "production",
                             f"RecoveryPoint={point or self.points('111111111111')[-1]}", *settings)
        self.check(os.path.exists(self.plan), said)
        return said

    def cosign(self):
        with open(self.plan, encoding="utf-8") as file:
            self.digest = json.load(file)["hash"]
        self.proof = os.path.join(self.second.state, "cosigned.json")
        cosigned = self.second.call("cosign", self.plan, "--approve", self.digest, "-o", self.proof)
        self.check(cosigned.returncode == 0, cosigned.stderr)

    def start(self, *words, **more):
        self.cosign()
        return self.desk.call("run", "start", self.plan, "--approve", self.digest, "--cosign", self.proof,
                              *words, **more)

    def step(self, name):
        return next(step for step in self.desk.show()["steps"] if step["id"] == name)


def a_vault_that_denies_restores_is_told(case):
    """The plan is blocked before anything is sent, and names the way: which then works."""
    point = case.points("555555555555")[-1]
    said = case.try_plan(RUNBOOK, "backup", f"RecoveryPoint={point}", "InstanceClass=db.r6g.large",
                         "LogIn=false")
    case.check("denies restores" in said and "copy-recovery-point-back" in said, said)
    said = case.try_plan("copy-recovery-point-back", "backup", f"RecoveryPoint={point}")
    ended = case.start()
    case.check(ended.returncode == 0, said + ended.stderr)
    copied = case.step("DescribeCopy")["outputs"]["RecoveryPoint"]
    case.check(copied in case.points("111111111111"), copied)
    os.unlink(case.plan)
    case.make_plan("LogIn=false", point=copied)
    ended = case.start(*WORDS)
    case.check(ended.returncode == 0, ended.stderr)
    case.check(case.server.find("rds.cluster", NEW)["Status"] == "available", "no cluster")


def a_failed_restore_job_is_told(case):
    case.make_plan("LogIn=false")
    case.server.fault(kind="fail", transition="backup.restore-started", times=1,
                      message="the key is not accessible")
    ended = case.start(*WORDS)
    case.check(ended.returncode == 1, f"exit {ended.returncode}")
    case.check("FAILED" in ended.stderr, ended.stderr)
    case.check(case.server.find("rds.cluster", NEW) is None, "there is a cluster")
    case.check(case.server.find("rds.cluster", "mavis-production")["Status"] == "available",
               "the old cluster is gone")


def a_taken_name_is_told(case):
    said = case.make_plan("LogIn=false", "NewCluster=mavis-production")
    case.check("a cluster mavis-production exists already" in said, said)


def an_old_point_is_told(case):
    said = case.make_plan("LogIn=false", point=case.points("111111111111")[0])
    case.check("should be no older than 48 hours" in said, said)


def lost_answers_restore_once(case):
    case.make_plan("LogIn=false")
    for service, operation in (("backup", "StartRestoreJob"), ("rds", "CreateDBInstance"),
                               ("secretsmanager", "PutSecretValue")):
        case.server.fault(kind="drop-after", service=service, operation=operation, times=1)
    ended = case.start(*WORDS)
    case.check(ended.returncode == 0, ended.stderr)
    for operation in ("StartRestoreJob", "CreateDBInstance", "PutSecretValue"):
        case.check(case.server.changes(CHANGES)[operation][1] == 1,
                   f"{operation}: {case.server.changes(CHANGES)[operation]}")
    jobs = case.server.ask("resources?type=backup.restore-job")
    case.check(len(jobs) == 1, f"{len(jobs)} restore jobs")
    case.check(case.desk.verify() is None, "the ledger does not verify")


def an_expired_session_pauses_the_wait(case):
    case.make_plan("LogIn=false")
    case.server.fault(kind="stuck", transition="backup.restore-completed")
    ended = []
    process = threading.Thread(target=lambda: ended.append(case.start(*WORDS)))
    process.start()
    case.desk.wait_for_step("WaitForRestore")
    case.server.ask("sessions/expire", {"match": "production"}, "POST")
    process.join(timeout=100)
    case.check(case.desk.show()["state"] == "needs-sign-in", ended)
    case.server.clear_faults()
    case.server.ask("sessions/renew", {}, "POST")
    ended = case.desk.resume(*WORDS)
    case.check(ended.returncode == 0, ended.stderr)
    case.check(case.server.changes(CHANGES)["StartRestoreJob"] == [1, 1], "restored twice")


def a_service_that_is_open_is_told(case):
    """Neither freeze nor maintenance mode: the plan says what to do first."""
    said = case.make_plan("LogIn=false", "Maintenance=/slipway/production/maintenance-mode")
    case.check("change-freeze-on" in said and "maintenance-mode-on" in said, said)
    case.check("A guard blocks" in said, said)


def nobody_restores_before_it_is_attested(case):
    case.make_plan("LogIn=false")
    ended = case.start()
    case.check(ended.returncode == 1 and "nobody writes to" in ended.stderr, ended.stderr)
    case.check(case.server.changes(CHANGES)["StartRestoreJob"] == [0, 0], "it was restored")
    what_is_gone_before_the_secret_is_made_by_hand(case)


def what_is_gone_before_the_secret_is_made_by_hand(case):
    """It waits for a word, and another hand deletes the instance: the commands look first, and make it again."""
    attested = [word for word in WORDS if word != "PointSecret=yes"]
    attested.remove("--confirm")
    asked = case.desk.resume(*attested)
    case.check(asked.returncode == 1 and case.desk.show().get("need_step") == "PointSecret", asked.stderr)
    aws(case, "rds", "DeleteDBInstance", {"DBInstanceIdentifier": f"{NEW}-0", "SkipFinalSnapshot": True})
    drive.wait_for(lambda: case.server.find("rds.instance", f"{NEW}-0") is None)
    first, second = json.loads(case.desk.call("run", "commands", "last", "--json").stdout)[:2]
    case.check(first["step"] == "CreateInstance" and "the rest builds on it" in first["notes"][0]
               and second["step"] == "PointSecret", first)
    stopped = case.desk.resume(*WORDS)
    left = {one["step"]: one for one in case.desk.show()["leftovers"]}
    case.check(stopped.returncode == 1 and "not there any more: CreateInstance. “slipwayctl run commands " in stopped.stderr
               and "lost" in left["CreateInstance"] and "lost" not in left["StartRestore"], f"{stopped.stderr} {left}")
    if shutil.which("aws"):
        for line in first["commands"]:
            done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False, timeout=120)
            case.check(done.returncode == 0, f"{line}: {done.stdout}{done.stderr}")
        ended = case.desk.resume(*WORDS)
        case.check(ended.returncode == 0, ended.stderr)


def credentials_that_rds_manages_are_managed_again(case):
    case.make_plan("LogIn=false", "Credentials=managed-by-rds")
    ended = case.start(*WORDS)
    case.check(ended.returncode == 0, ended.stderr)
    secret = case.server.find("rds.cluster", NEW)["MasterUserSecret"]
    case.check(secret["SecretStatus"] == "active", secret)
    case.check(case.step("ReadManagedSecret")["outputs"]["Secret"] == secret["SecretArn"], secret)
    counts = case.server.changes(("ModifyDBCluster", "PutSecretValue"))
    case.check(counts == {"ModifyDBCluster": [1, 1], "PutSecretValue": [0, 0]}, counts)


def aws(case, service, operation, request):
    done = case.desk.call("aws", "--environment", "production", "--allow-change", "--confirm", "production",
                          service, operation, "--input", json.dumps(request))
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout)


def make_service(case):
    aws(case, "ecs", "CreateCluster", {"clusterName": "mavis"})
    aws(case, "ecs", "RegisterTaskDefinition",
        {"family": "web", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256",
         "memory": "512", "containerDefinitions": [{"name": "web", "image": "example/mavis:v1"}]})
    aws(case, "ecs", "CreateService",
        {"cluster": "mavis", "serviceName": "web", "taskDefinition": "web", "desiredCount": 1,
         "launchType": "FARGATE",
         "deploymentConfiguration": {"deploymentCircuitBreaker": {"enable": True, "rollback": True}},
         "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-0a0000000000000a1"]}}})
    drive.wait_for(lambda: deployments(case)[0]["rolloutState"] == "COMPLETED")


def deployments(case):
    return aws(case, "ecs", "DescribeServices",
               {"cluster": "mavis", "services": ["web"]})["services"][0]["deployments"]


def a_deployment_that_is_rolled_back_is_told(case):
    """The circuit breaker's own deployment comes to its end, too; that is not what was deployed. It is so also for who
    was dead when it rolled back, and who deploys by hand then says so."""
    make_service(case)
    before = deployments(case)[0]["id"]
    case.make_plan("LogIn=false", "EcsCluster=mavis", 'Services=["web"]')
    case.server.fault(kind="fail", transition="ecs.service-rolled", times=3)
    ended = case.start(*WORDS, SLIPWAY_CRASH_AT="1:before step.outcome DeployEach[1].Deploy")
    case.check(ended.returncode == -9, ended.stderr)
    drive.wait_for(lambda: deployments(case)[0]["id"] != before and deployments(case)[0]["rolloutState"] == "COMPLETED")
    case.server.fault(kind="fail", transition="ecs.service-rolled", times=3)
    for _ in range(2):
        ended = case.desk.resume(*WORDS)
        case.check(ended.returncode == 1 and ("FAILED" in ended.stderr or "not one of" in ended.stderr), ended.stderr)
        if case.desk.show()["state"] == "needs-confirmation":
            break
    asked = case.desk.show()
    case.check(asked["state"] == "needs-confirmation" and "does not run the deployment" in str(asked.get("message")),
               str(asked.get("message")))
    made = case.step("DeployEach[1].Deploy")["outputs"]["Made"][0]["id"]
    case.check(made not in [one["id"] for one in deployments(case) if one["status"] == "PRIMARY"], deployments(case))
    case.check(case.server.changes(("UpdateService",))["UpdateService"] == [2, 2], "it was deployed another time")
    aws(case, "ecs", "UpdateService", {"cluster": "mavis", "service": "web", "forceNewDeployment": True})
    drive.wait_for(lambda: deployments(case)[0]["rolloutState"] == "COMPLETED")
    ended = case.desk.resume(*WORDS, "--attest", "DeployEach[1].AttestByHand")
    case.check(ended.returncode == 0, ended.stderr)


def terraform(folder, *words):
    done = subprocess.run(["terraform", *words], cwd=folder, capture_output=True, text=True,
                          timeout=120, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return done.stdout


def make_root(case, *settings):
    """The old cluster and two instances of it in the state; and what tells a run of them."""
    root = os.path.join(case.desk.state, "mavis")
    shutil.copytree(os.path.join(os.path.dirname(drive.sys.argv[3]), "terraform", "mavis"), root)
    with open(os.path.join(root, "terraform.tfvars"), "a", encoding="utf-8") as file:
        file.write("instance_count = 2\n")
    terraform(root, "init", "-input=false")
    terraform(root, "import", "-input=false", "terraform_data.core", "mavis-production")
    for number in (0, 1):
        terraform(root, "import", "-input=false", f"terraform_data.instance[{number}]",
                  f"mavis-production-{number}")
    terraform(root, "apply", "-input=false", "-auto-approve")
    case.make_plan("Terraform=true", f"TerraformRoot={root}", "TerraformAddress=terraform_data.core",
                   "TerraformInstance=terraform_data.instance[0]",
                   'TerraformOtherInstances=["terraform_data.instance[1]"]', *settings)
    return root


def an_instance_that_would_be_made_anew_stops(case):
    """Whatever it is, a database is not deleted on the way."""
    root = make_root(case, "LogIn=false")
    path = os.path.join(root, "main.tf")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace("  count = var.instance_count\n",
                                '  count = var.instance_count\n  triggers_replace = ["forced"]\n'))
    ended = case.start(*WORDS)
    case.check(ended.returncode == 1 and "replace of terraform_data.instance[0] is refused by" in ended.stderr,
               ended.stderr)
    case.check(case.step("TerraformApply")["state"] == "planned", case.step("TerraformApply"))


def rows_and_terraform_state_come_into_service(case):
    """The application's secret opens the new cluster, and Terraform's address stands for it."""
    root = make_root(case)
    ended = case.start(*WORDS)
    case.check(ended.returncode == 0, ended.stderr)
    counted = case.step("CountRows")["outputs"]["Manifest"]["tables"]["public.cases"]["rows"]
    there = int(case.server.sql(NEW, "SELECT count(*) FROM cases", "rehearsal-mavis-production"))
    case.check(there == counted > 0, f"{there} rows, counted {counted}")
    case.check(terraform(root, "output", "-raw", "cluster_identifier") == NEW, "the state is not so")
    case.check("No changes" in terraform(root, "plan", "-input=false"), "there is something left to do")
    case.check(case.server.find("rds.cluster", "mavis-production")["Status"] == "available",
               "the old cluster is gone")
    case.check(case.desk.verify() is None, "the ledger does not verify")
    case.check(not case.desk.secrets_on_disk(), "a secret is on disk")


class Procedure(Case):
    """As killing.py takes it."""

    runbook = RUNBOOK
    words = WORDS

    def prepare(self):
        self.freeze()
        self.make_plan("LogIn=false")

    def start(self, *words, **more):
        return super().start(*self.words, *words, **more)

    def go_on(self):
        runs = [run for run in self.desk.runs() if run["runbook"] == self.runbook]
        if not runs:
            return self.start()
        words = []
        if runs[0]["state"] == "planned":
            words = ["--approve", self.digest, "--cosign", self.proof]
        ended = self.desk.resume(*words, *self.words)
        if ended.returncode != 0 and "cosign" in ended.stderr:
            ended = self.desk.resume("--cosign", self.proof, *self.words)
        return ended

    def counts(self):
        counts = self.server.changes(CHANGES)
        # Under a token a call may be sent again: what must not happen twice is its effect.
        for operation in ("StartRestoreJob", "StartCopyJob", "PutSecretValue"):
            counts[operation] = counts[operation][1]
        return counts

    def estate(self):
        found = {kind: sorted(one["id"] for one in self.server.ask(f"resources?type={kind}")
                              if "mavis" in one["id"])
                 for kind in ("rds.cluster", "rds.instance")}
        found["jobs"] = len(self.server.ask("resources?type=backup.restore-job"))
        return found


class InService(Procedure):
    """To its end. Terraform takes the new cluster and leaves the old one: nothing of that is Terraform's any more,
    nothing is deleted, and the next plan of a pipeline, which is told no variable, sees nothing to do. The services
    are deployed anew."""

    WANTED = {"deployed": [("COMPLETED", True)],
              "clusters": {"terraform_data.core": NEW, "terraform_data.instance[0]": f"{NEW}-0"},
              "changes": ["create", "update"], "nothing to do": True}

    def prepare(self):
        self.freeze()
        make_service(self)
        self.before = deployments(self)[0]["id"]
        self.root = make_root(self, "LogIn=false", "EcsCluster=mavis", 'Services=["web"]')

    def deployed(self):
        return self.server.changes(("UpdateService",))["UpdateService"][1]

    def go_on(self):
        runs = [run for run in self.desk.runs() if run["runbook"] == self.runbook]
        deploys = [step for step in self.desk.show()["steps"] if step["id"].endswith("].Deploy")] if runs else []
        self.answer_was_lost = self.deployed() == 1 and all(step["state"] != "done" for step in deploys)
        return super().go_on()

    def counts(self):
        # Whose answer was lost is deployed once more: that is the deployment which is judged. All others are one.
        deployed = self.deployed()
        was_lost = deployed == 2 and getattr(self, "answer_was_lost", False)
        return {**super().counts(), "deployed": 1 if was_lost else deployed}

    def estate(self):
        state = json.loads(terraform(self.root, "show", "-json"))["values"]["root_module"]["resources"]
        changes = self.step("TerraformPlan")["outputs"]["Changes"]
        found = {"deployed": [(one["rolloutState"], one["id"] != self.before) for one in deployments(self)],
                 "clusters": {one["address"]: one["values"]["id"] for one in state
                              if one["values"]["id"].startswith("mavis")},
                 "changes": sorted({one["action"] for one in changes}),
                 "nothing to do": "No changes" in terraform(self.root, "plan", "-input=false")}
        if found != self.WANTED:
            raise RuntimeError(f"it came to {found}")
        return {**super().estate(), **found}


CASES = [a_vault_that_denies_restores_is_told, a_failed_restore_job_is_told, a_taken_name_is_told,
         an_old_point_is_told, lost_answers_restore_once, an_expired_session_pauses_the_wait,
         a_service_that_is_open_is_told, nobody_restores_before_it_is_attested,
         credentials_that_rds_manages_are_managed_again,
         a_deployment_that_is_rolled_back_is_told]
TERRAFORM = [an_instance_that_would_be_made_anew_stops]
UNFROZEN = (a_service_that_is_open_is_told,)


def run_case(tap, slipwayctl, world, case):
    one = Case(slipwayctl, world)
    try:
        if case not in UNFROZEN:
            one.freeze()
        case(one)
        tap.result(not one.wrong, case.__name__, "\n".join(one.wrong))
    finally:
        one.server.stop()


def run(tap, slipwayctl, world):
    for case in CASES:
        run_case(tap, slipwayctl, world, case)
    kind = InService if shutil.which("terraform") else Procedure
    killing.run(tap, lambda: kind(slipwayctl, world), world.folder)
    for case in TERRAFORM:
        if shutil.which("terraform"):
            run_case(tap, slipwayctl, world, case)
        else:
            tap.skip(case.__name__, "terraform is not installed")
    why = drive.why_no_rows() or (None if shutil.which("terraform") else "terraform is not installed")
    if why:
        tap.skip(rows_and_terraform_state_come_into_service.__name__, why)
    else:
        run_case(tap, slipwayctl, world.with_rows(clusters=("mavis-production",)),
                 rows_and_terraform_state_come_into_service)


if __name__ == "__main__":
    drive.main(run)
