# SPDX-License-Identifier: MIT
"""A DynamoDB table from AWS Backup, into service by the real Terraform in a real checkout; the old one's
deletion; what either refuses; and both killed at their boundaries."""

import json
import os
import re
import shutil
import subprocess

import drive
import killing

RESTORE = "restore-dynamodb-from-backup"
DELETE = "delete-old-dynamodb-tables"
ACCOUNT = "111111111111"
TABLE = "production-Lpas"
OLD = "production-Lpas-20260902"
NEW = "production-Lpas-restored"
BRANCH = "restore-" + NEW
VAULT = "eu-west-1-111111111111-backup-vault"
SETTINGS = ("NewName=Lpas-restored", "ContainerVersion=main-v0.1182.3")
WORDS = ("--confirm", f"TerraformApply={NEW}@{ACCOUNT}", "--attest", "AttestItems", "--attest", "AttestPipeline",
         "--attest", "AttestRollout", "--attest", "MakeBranch")
LAST_WORDS = ("--attest", "OpenService", "--attest", "Close")
CHANGES = ("StopPipeline", "StartBackupJob", "StartRestoreJob", "CreatePipeline", "DeletePipeline",
           "PutResourcePolicy", "TagResource", "UpdateTimeToLive", "UpdateContinuousBackups",
           "RegisterScalableTarget", "PutScalingPolicy", "DeleteTable")
DELETIONS = ("DeregisterScalableTarget", "UpdateTable", "DeleteTable", "DeleteAlarms")
# Recovery points expire on the real clock, so that days of AWS must not fly by.
SPEED = 3000
SET_UP = os.path.join(os.path.dirname(os.path.abspath(drive.sys.argv[3])), "terraform", "lpas", "set-up")


def run(*words, cwd=None):
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{words}: {done.stdout}{done.stderr}")
    return done.stdout


def switched_on(world):
    """The world with maintenance mode and change freeze on, and the checkout where it looks for it."""
    with drive.Server(world.binary, world.template, world.scenario, SPEED) as server:
        checkout = os.path.join(world.template, "checkouts", "lpas")
        run("sh", SET_UP, checkout)
        desk = world.desk(drive.sys.argv[2], server)
        for runbook, *settings in (("maintenance-mode-on", "Reason=restore"),
                                   ("change-freeze-on", "Reference=CHG-1", "Reason=restore")):
            plan = os.path.join(desk.state, "plan.json")
            done = desk.start(plan, desk.plan_of(runbook, "production", plan, *settings))
            if done.returncode != 0:
                raise RuntimeError(done.stderr)


class Case:
    runbook = RESTORE
    words = WORDS
    changed = CHANGES

    def __init__(self, slipwayctl, world):
        self.server = world.fresh(speed=SPEED)
        self.desk = world.desk(slipwayctl, self.server)
        self.second = world.desk(slipwayctl, self.server)
        self.second.workspace = os.path.join(self.server.state, "second", "workspace.json")
        self.checkout = os.path.join(self.server.state, "checkouts", "lpas")
        self.root = os.path.join(self.checkout, "terraform", "environment")
        self.plan = os.path.join(self.desk.state, "plan.json")
        self.run = None
        self.proof = None
        self.wrong = []

    def check(self, good, what):
        if not good:
            self.wrong.append(str(what)[-900:])

    # what there is

    def point(self, table=TABLE):
        """The newest recovery point of the table, and how many items it holds."""
        found = [one["data"]["shape"] for one in self.server.ask("resources?type=backup.recovery-point")]
        found = [one for one in found if one["ResourceArn"].endswith(f":table/{table}")
                 and one["BackupVaultName"] == VAULT]
        arn = max(found, key=lambda one: one["CreationDate"])["RecoveryPointArn"]
        backup = self.server.find("dynamodb.backup", arn)
        return arn, backup["source"]["ItemCount"]

    def calls(self, operation):
        found, after = [], 0
        while True:
            page = self.server.ask(f"calls?after={after}&limit=500&operation={operation}")["calls"]
            found += [call for call in page if call.get("operation") == operation]
            if not page:
                return found
            after = page[-1]["sequence"]

    def aws(self, service, operation, **members):
        done = self.desk.call("aws", service, operation, "--environment", "production", "--allow-change",
                              "--confirm", "production", "--input", json.dumps(members))
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return json.loads(done.stdout or "{}")

    def items(self, table):
        """All items of a table, as text."""
        found, after = [], {}
        while True:
            page = self.aws("dynamodb", "Scan", TableName=table, **after)
            found += page["Items"]
            if "LastEvaluatedKey" not in page:
                return sorted(json.dumps(item, sort_keys=True) for item in found)
            after = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    def alarms(self, table):
        found = [one["data"].get("shape", one["data"]) for one in
                 self.server.ask("resources?type=monitoring.alarm")]
        return sorted(one["AlarmName"] for one in found
                      if {"Name": "TableName", "Value": table} in one.get("Dimensions", []))

    def terraform(self, *words):
        return run("terraform", *words, cwd=self.root)

    def commit(self, subject):
        """Another hand's, on whatever branch the checkout is at."""
        with open(os.path.join(self.root, "main.tf"), "a", encoding="utf-8") as file:
            file.write("# somebody's\n")
        run("git", "-C", self.checkout, "commit", "-q", "-a", "-m", subject)

    def step(self, name):
        return next(step for step in self.desk.show_run(self.run)["steps"] if step["id"] == name)

    def why(self):
        """Where the run stands, and why."""
        run = self.desk.show_run(self.run)
        return f"the run is {run['state']}: {run.get('message')}"

    # what people do

    def try_plan(self, *settings):
        words = ["plan", self.runbook, "--environment", "production", "--output", self.plan]
        for setting in settings:
            words += ["--set", setting]
        done = self.desk.call(*words)
        return done.stdout + done.stderr

    def make_plan(self, *settings):
        return self.try_plan(f"Vault={VAULT}", f"RecoveryPoint={self.point()[0]}", *SETTINGS, *settings)

    def cosign(self):
        with open(self.plan, encoding="utf-8") as file:
            digest = json.load(file)["hash"]
        self.proof = os.path.join(self.second.state, "cosigned.json")
        done = self.second.call("cosign", self.plan, "--approve", digest, "-o", self.proof)
        self.check(done.returncode == 0, done.stderr)
        return digest

    def start(self, *words, **more):
        digest = self.cosign()
        done = self.desk.call("run", "start", self.plan, "--approve", digest, "--cosign", self.proof,
                              *self.words, *words, timeout=300, **more)
        self.run = next((one["id"] for one in self.desk.runs()), None)
        return done

    def resume(self, *words):
        return self.desk.call("run", "resume", self.run, *self.words, *words, timeout=300)

    def open_service(self):
        """Maintenance mode ends as people end it, by its own runbook."""
        plan = os.path.join(self.desk.state, "open.json")
        done = self.desk.start(plan, self.desk.plan_of("maintenance-mode-off", "production", plan))
        self.check(done.returncode == 0, done.stderr)

    def finish(self):
        """The restore's end: opened by a person, and attested."""
        self.check(self.desk.show_run(self.run)["state"] == "needs-confirmation",
                   self.desk.show_run(self.run).get("message"))
        self.open_service()
        ended = self.resume(*LAST_WORDS)
        self.check(ended.returncode == 0, self.why())


# ---- undisturbed

def a_table_comes_back_and_into_service(case):
    arn, count = case.point()
    said = case.make_plan(f"ExpectedItems={count}")
    case.check(os.path.exists(case.plan), said)
    case.check("RPO: the data is that of" in said, said)
    words, case.words = case.words, case.words[:-2]
    case.start()
    held = run("git", "-C", case.checkout, "rev-parse", "main").strip()
    case.check(case.step("HoldCommit")["outputs"]["Output"] == held, case.why())
    case.commit("somebody's, while the run waits for a word on the branch")
    case.words = words
    case.resume()
    # A person's word does not do while the page is still shown.
    ended = case.resume(*LAST_WORDS)
    case.check(ended.returncode != 0 and case.step("OpenService")["state"] == "failed", case.why())
    case.open_service()
    ended = case.resume(*LAST_WORDS)
    case.check(ended.returncode == 0, case.why())
    # What stands for Terraform's ECS deploys nothing, as a circuit breaker leaves it.
    case.check([case.step(name)["state"] for name in ("AttestRollout", "AttestPipeline")] == ["done", "done"], case.why())
    items_are_those_of_the_point(case, arn, count)
    settings_are_those_of_the_old_table(case)
    code_and_state_name_the_new_table(case, held)
    case.check(case.desk.verify() is None, "the ledger does not verify")
    case.check(not case.desk.secrets_on_disk(), "a secret is on disk")


def items_are_those_of_the_point(case, arn, count):
    """As many as AWS Backup took, none younger than it, and each as it is in the old table."""
    case.check(case.step("VerifyItems")["outputs"]["Items"] == count, case.step("VerifyItems"))
    found = case.items(NEW)
    case.check(len(found) == count, f"{len(found)} items, {count} in the point")
    backup = case.server.find("dynamodb.backup", arn)
    moment = backup["BackupCreationDateTime"][:19] + "Z"
    case.check(all(json.loads(item)["UpdatedAt"]["S"] <= moment for item in found),
               f"there are items from after {moment}: {max(json.loads(i)['UpdatedAt']['S'] for i in found)}")
    before = case.items(TABLE)
    case.check(set(found) <= set(before) and len(before) > len(found),
               "the items are not those of the old table at that moment")


def its_indexes_were_waited_for(case):
    waits = [step for step in case.desk.show()["steps"] if step["id"].endswith(".WaitForIndex")]
    case.check([step["state"] for step in waits] == ["done", "done"], waits)


def settings_are_those_of_the_old_table(case):
    for name in ("CompareSettings", "CompareAgain"):
        comparison = case.step(name)["outputs"]["Comparison"]
        case.check(comparison["unexplained"] == 0, comparison)
        explained = [field["field"] for field in comparison["fields"] if field.get("explained")]
        case.check(explained == ["Alarms", "TableId", "LatestStreamArn"], explained)
    new = case.server.find("dynamodb.table", NEW)
    case.check(new["DeletionProtectionEnabled"] is True
               and new["StreamSpecification"]["StreamViewType"] == "NEW_AND_OLD_IMAGES", new)
    case.check(case.server.find("dynamodb.table", TABLE)["TableStatus"] == "ACTIVE",
               "the old table is not as it was")


def code_and_state_name_the_new_table(case, held):
    """What was committed is of the commit that Terraform's plan was judged on, and no other."""
    pipeline = case.server.find("osis.pipeline", "lpas-production-stream")
    case.check(pipeline["Status"] == "ACTIVE"
               and f"table/{NEW}\n" in pipeline["PipelineConfigurationBody"], pipeline)
    case.check(case.terraform("output", "-raw", "lpas_table") == NEW, "the state is not so")
    case.check("No changes" in case.terraform("plan", "-input=false", "-no-color"),
               "there is something left to do")
    rules = {change["address"]: change.get("rule", "")[:2]
             for change in case.step("TerraformPlan")["outputs"]["Changes"]}
    case.check(sorted(set(rules.values())) == ["1.", "2.", "3.", "4.", "5.", "6."], rules)
    case.check(run("git", "-C", case.checkout, "log", "-1", "--format=%P", BRANCH).strip() == held, "another commit")
    diff = run("git", "-C", case.checkout, "diff", "--unified=0", held, BRANCH)
    lines = [line for line in diff.splitlines() if re.match(r"[-+][^-+]", line)]
    case.check(lines == ['-        "lpas_table_name": "Lpas",', '+        "lpas_table_name": "Lpas-restored",'],
               diff)
    case.check(run("git", "-C", case.checkout, "status", "--porcelain") == "", "something is not committed")


# ---- refusals

def a_taken_name_is_told(case):
    said = case.make_plan(f"NewTable={OLD}")
    case.check(f"a table {OLD} exists already" in said and "cannot be approved" in said, said)


def a_vault_that_denies_restores_is_told(case):
    policy = {"Version": "2012-10-17", "Statement": [
        {"Sid": "NoRestores", "Effect": "Deny", "Principal": {"AWS": "*"},
         "Action": "backup:StartRestoreJob", "Resource": "*"}]}
    case.aws("backup", "PutBackupVaultAccessPolicy", BackupVaultName=VAULT, Policy=json.dumps(policy))
    said = case.make_plan()
    case.check("denies restores here (statement NoRestores)" in said
               and "copy-recovery-point-back" in said, said)


def a_point_of_another_table_is_told(case):
    said = case.try_plan(f"Vault={VAULT}", f"RecoveryPoint={case.point(OLD)[0]}", *SETTINGS)
    case.check(f"the recovery point is of arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/{OLD}" in said, said)


def a_canary_key_of_another_shape_is_told(case):
    said = case.make_plan('CanaryKey={"Id": {"S": "slipway"}}')
    case.check("(CanaryKey) is one of" in said and "does not match the schema" in said and "cannot be approved" in said,
               said)


def an_open_service_is_told(case):
    case.open_service()
    said = case.make_plan()
    case.check("maintenance-mode-on" in said and "cannot be approved" in said, said)


def another_image_tag_is_told(case):
    said = case.make_plan("ContainerVersion=main-v0.1200.0")
    case.check("which is not :main-v0.1200.0" in said and "cannot be approved" in said, said)


def an_unexpected_delete_stops_and_is_named(case):
    """Somebody's commit takes the sessions' table out of the code: nothing is applied."""
    path = os.path.join(case.root, "main.tf")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    without = re.sub(r'resource "terraform_data" "sessions_table" \{.*?\n\}\n', "", text, flags=re.S)
    with open(path, "w", encoding="utf-8") as file:
        file.write(without)
    run("git", "-C", case.checkout, "commit", "-q", "-a", "-m", "somebody's")
    case.make_plan()
    ended = case.start()
    case.check(ended.returncode == 1
               and "delete of terraform_data.sessions_table is refused by" in ended.stderr, ended.stderr)
    case.check(case.step("TerraformApply")["state"] == "planned", case.step("TerraformApply"))
    case.check("sessions_table" in case.terraform("state", "list"), "it was deleted")
    pipeline = case.server.find("osis.pipeline", "lpas-production-stream")
    case.check(pipeline["Status"] == "STOPPED", pipeline)


def another_image_in_the_code_is_refused(case):
    """The parameter is right, and the code on the main branch deploys another version all the same."""
    path = os.path.join(case.root, "main.tf")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace("modernising-lpa/app:${var.container_version}", "modernising-lpa/app:main-v9.9.9"))
    run("git", "-C", case.checkout, "commit", "-q", "-a", "-m", "somebody's")
    case.make_plan()
    ended = case.start()
    case.check(ended.returncode == 1 and "its image would be “modernising-lpa/app:main-v9.9.9”" in ended.stderr,
               ended.stderr)
    case.check(case.step("TerraformApply")["state"] == "planned", case.step("TerraformApply"))


def it_is_not_opened_meanwhile(case):
    """Until the run itself waits for that."""
    planned = case.desk.call("plan", "maintenance-mode-off", "--environment", "production", "--json")
    guard = next(one for one in json.loads(planned.stdout)["guards"] if one["guard"] == "unfinished-runs")
    case.check(planned.returncode == 1 and guard["state"] == "block" and case.run in guard["message"]
               and "maintenance-mode, or needs it" in guard["message"], guard)


def a_changed_checkout_stops(case):
    with open(os.path.join(case.root, "main.tf"), "a", encoding="utf-8") as file:
        file.write("# mine\n")
    case.make_plan()
    ended = case.start()
    case.check(ended.returncode == 1 and case.step("CheckoutIsClean")["state"] == "failed", ended.stderr)
    it_is_not_opened_meanwhile(case)
    run("git", "-C", case.checkout, "checkout", "-q", "--", ".")
    ended = case.resume()
    case.check(case.desk.show_run(case.run)["state"] == "needs-confirmation", ended.stderr)
    case.check(len(case.calls("StartRestoreJob")) == 1, "restored twice")


def another_number_of_items_stops(case):
    count = case.point()[1]
    case.make_plan(f"ExpectedItems={count + 1}")
    ended = case.start()
    case.check(ended.returncode == 1
               and f"holds {count} items, and should hold {count + 1}" in ended.stderr, ended.stderr)
    case.check(case.terraform("output", "-raw", "lpas_table") == TABLE, "the state was changed")


def a_failed_restore_is_told(case):
    case.server.fault(kind="fail", transition="backup.restore-started", times=1,
                      message="the key is not accessible")
    case.make_plan()
    ended = case.start()
    case.check(ended.returncode == 1 and "FAILED" in case.why(), case.why())
    case.check(case.server.find("dynamodb.table", NEW) is None, "there is a table")


def lost_answers_act_once(case):
    case.make_plan()
    for service, operation in (("backup", "StartRestoreJob"), ("backup", "StartBackupJob"),
                               ("osis", "StopPipeline"), ("dynamodb", "PutResourcePolicy")):
        case.server.fault(kind="drop-after", service=service, operation=operation, times=1)
    killed = case.start(SLIPWAY_CRASH_AT="1:before step.outcome TakeCanary")
    case.check(killed.returncode == -9, killed.stderr)
    case.resume()
    case.finish()
    changes = case.server.changes((*CHANGES, "TransactWriteItems"))
    for operation in ("StartRestoreJob", "StartBackupJob", "StopPipeline", "PutResourcePolicy", "TransactWriteItems"):
        case.check(changes[operation][1] == 1, f"{operation}: {changes[operation]}")
    case.check(case.step("CompareAgain")["outputs"]["Unexplained"] == [], "settings differ")


# ---- deletion

class Deletion(Case):
    runbook = DELETE
    words = ("--confirm", f"EachTable[1].ConfirmDelete={OLD}@{ACCOUNT}")
    changed = DELETIONS

    def make_plan(self, *settings, table=OLD):
        return self.try_plan(f'Tables=["{table}"]', SETTINGS[1], *settings)


def another_hand_keeps_it(case):
    """Behind the word and before the deletion; who put it in the way takes it away again."""
    case.aws("dynamodb", "UpdateTable", TableName=OLD, DeletionProtectionEnabled=True)
    case.desk.await_event("production", OLD, "UpdateTable")
    ended = case.resume()
    case.check(ended.returncode == 1 and "DeletionProtectionEnabled was false and is true" in ended.stderr
               and "UpdateTable by " in ended.stderr, ended.stderr)
    case.check(case.server.find("dynamodb.table", OLD)["TableStatus"] == "ACTIVE", "it is deleted")
    case.aws("dynamodb", "UpdateTable", TableName=OLD, DeletionProtectionEnabled=False)


def an_old_table_goes_with_its_alarms(case):
    case.check(len(case.alarms(OLD)) == 3, case.alarms(OLD))
    others = case.alarms(TABLE)
    case.make_plan()
    case.server.fault(kind="error-before", service="dynamodb", operation="DeleteTable", status=400,
                      code="AccessDeniedException", message="not yet", times=1)
    case.check(case.start().returncode == 1, "it was allowed")
    another_hand_keeps_it(case)
    ended = case.resume()
    case.check(ended.returncode == 0, case.why())
    case.check(case.server.find("dynamodb.table", OLD) is None, "the table is there")
    case.check(case.alarms(OLD) == [], case.alarms(OLD))
    case.check(case.alarms(TABLE) == others, "alarms of another table are gone")
    targets = [one["id"] for one in case.server.ask("resources?type=application-autoscaling.target")]
    case.check(targets and not any(OLD in one for one in targets), targets)
    # It can still be had back.
    case.check(case.point(OLD)[1] > 0, "no recovery point is left")
    case.check(case.desk.verify() is None, "the ledger does not verify")


def a_wrong_word_deletes_nothing(case):
    case.make_plan()
    case.words = ("--confirm", f"EachTable[1].ConfirmDelete={TABLE}@{ACCOUNT}")
    ended = case.start()
    case.check(ended.returncode != 0, "it went on")
    case.aws("dynamodb", "UpdateTimeToLive", TableName=OLD,
             TimeToLiveSpecification={"Enabled": True, "AttributeName": "gone"})
    case.desk.await_event("production", OLD, "UpdateTimeToLive")
    case.words = ()
    ended = case.resume("--confirm", f"EachTable[1].ConfirmDelete={OLD}@{ACCOUNT}")
    case.check(ended.returncode == 1 and 'is "gone"' in ended.stderr and "UpdateTimeToLive by " in ended.stderr,
               ended.stderr)
    case.check(case.server.find("dynamodb.table", OLD)["TableStatus"] == "ACTIVE", "it is deleted")
    # The last look comes before anything is taken from it.
    case.check(not any(did for _, did in case.server.changes(DELETIONS).values()), case.server.changes(DELETIONS))


def a_table_in_use_is_kept(case):
    said = case.make_plan(table=TABLE)
    case.check(f"{TABLE} is in use" in said and "cannot be approved" in said, said)


def a_table_without_a_recovery_point_is_kept(case):
    for one in case.server.ask("resources?type=backup.recovery-point"):
        shape = one["data"]["shape"]
        if shape["ResourceArn"].endswith(f":table/{OLD}"):
            case.aws("backup", "DeleteRecoveryPoint", BackupVaultName=VAULT,
                     RecoveryPointArn=shape["RecoveryPointArn"])
    said = case.make_plan()
    case.check(f"no complete recovery point of {OLD}" in said and "cannot be approved" in said, said)


def take_into_service(case):
    """Somebody names the old table in Terraform's code, and applies that."""
    case.terraform("state", "rm", "terraform_data.sessions_table")
    path = os.path.join(case.root, "main.tf")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace('"${terraform.workspace}-Sessions"', f'"{OLD}"'))
    case.terraform("apply", "-input=false", "-auto-approve")


def a_table_that_is_taken_into_service_before_the_word_is_kept(case):
    """The run waits for the word, for days perhaps; what it searched before is not what there is then."""
    words, case.words = case.words, ()
    case.make_plan()
    case.start()
    case.check(case.step("EachTable[1].Search")["state"] == "done", case.why())
    case.check(case.desk.show_run(case.run)["state"] == "needs-confirmation", case.why())
    case.check(case.server.find("dynamodb.table", OLD)["DeletionProtectionEnabled"] is True,
               "its protection was taken before the word")
    take_into_service(case)
    case.words = words
    ended = case.resume()
    case.check(ended.returncode == 1 and f"still names {OLD}: terraform_data.sessions_table" in ended.stderr,
               ended.stderr)
    case.check(not any(case.calls(operation) for operation in ("DeregisterScalableTarget", "DeleteTable"))
               and case.server.find("dynamodb.table", OLD)["DeletionProtectionEnabled"] is True, "it was touched")


def a_table_that_is_taken_into_service_behind_the_last_search_is_kept(case):
    """No guard can ask Terraform: what was searched before a run stopped is searched again when it is gone on with."""
    case.make_plan()
    case.server.fault(kind="error-before", service="dynamodb", operation="DeleteTable", status=400,
                      code="AccessDeniedException", message="not yet", times=1)
    case.check(case.start().returncode == 1 and case.step("EachTable[1].SearchLast")["state"] == "done", case.why())
    take_into_service(case)
    ended = case.resume()
    case.check(ended.returncode == 1 and f"still names {OLD}: terraform_data.sessions_table" in ended.stderr,
               ended.stderr)
    case.check(case.server.find("dynamodb.table", OLD)["TableStatus"] == "ACTIVE", "it is deleted")


def a_table_that_terraform_names_is_kept(case):
    case.make_plan()
    take_into_service(case)
    ended = case.start()
    case.check(ended.returncode == 1 and f"still names {OLD}: terraform_data.sessions_table" in ended.stderr,
               ended.stderr)
    case.check(case.server.find("dynamodb.table", OLD)["DeletionProtectionEnabled"] is True, "it was touched")


def code_that_wants_another_table_keeps_all(case):
    """The checkout is not what is in production."""
    path = os.path.join(case.root, "terraform.tfvars.json")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace('"Lpas"', f'"{OLD.removeprefix("production-")}"', 1))
    case.make_plan()
    ended = case.start()
    case.check(ended.returncode == 1 and "code and state agree on the tables" in ended.stderr, ended.stderr)
    case.check(case.server.find("dynamodb.table", OLD)["DeletionProtectionEnabled"] is True, "it was touched")


# ---- killed

class Procedure(Case):
    """As killing.py takes it."""

    def prepare(self):
        self.make_plan()

    def start(self, *words, **more):
        done = super().start(*words, **more)
        return done if done.returncode == -9 else self.to_the_end(done)

    def to_the_end(self, done):
        """A person opens the service when the run asks for it, and says so."""
        if self.desk.show_run(self.run)["state"] != "needs-confirmation":
            return done
        if self.step("OpenService")["state"] == "needs-confirmation" or "OpenService" in done.stderr:
            self.open_service()
        return self.resume(*LAST_WORDS)

    def go_on(self):
        if self.run is None:
            return self.start()
        words = ["--cosign", self.proof]
        if self.desk.show_run(self.run)["state"] == "planned":
            words = ["--approve", json.load(open(self.plan, encoding="utf-8"))["hash"], *words]
        ended = self.resume(*words)
        if ended.returncode != 0 and "cosign" in ended.stderr:
            ended = self.resume()
        return self.to_the_end(ended)

    def counts(self):
        # Under a token a call may be sent again: what must not happen twice is its effect.
        return {name: count[1] for name, count in self.server.changes(self.changed).items()}

    def estate(self):
        table = self.server.find("dynamodb.table", NEW) or {}
        return {"tables": sorted(one["id"] for one in self.server.ask("resources?type=dynamodb.table")),
                "jobs": len(self.server.ask("resources?type=backup.restore-job")),
                "protected": table.get("DeletionProtectionEnabled"),
                "pipeline": self.server.find("osis.pipeline", "lpas-production-stream")["Status"],
                "state": self.terraform("output", "-raw", "lpas_table"),
                "left": "No changes" in self.terraform("plan", "-input=false", "-no-color"),
                "commits": run("git", "-C", self.checkout, "log", "--format=%s", BRANCH)}


class DeletionProcedure(Deletion, Procedure):
    def to_the_end(self, done):
        return done

    def estate(self):
        return {"tables": sorted(one["id"] for one in self.server.ask("resources?type=dynamodb.table")),
                "alarms": len(self.server.ask("resources?type=monitoring.alarm"))}


# What the plan tells needs no world of its own; each leaves what the next ones do not look at.
PLANNED = [a_taken_name_is_told, a_point_of_another_table_is_told, another_image_tag_is_told,
           a_canary_key_of_another_shape_is_told, a_vault_that_denies_restores_is_told, an_open_service_is_told]
RESTORES = [a_table_comes_back_and_into_service, another_image_in_the_code_is_refused,
            an_unexpected_delete_stops_and_is_named, a_changed_checkout_stops, another_number_of_items_stops, a_failed_restore_is_told,
            lost_answers_act_once]
KEPT = [a_table_in_use_is_kept, a_wrong_word_deletes_nothing, a_table_without_a_recovery_point_is_kept]
DELETES = [an_old_table_goes_with_its_alarms, a_table_that_terraform_names_is_kept,
           a_table_that_is_taken_into_service_before_the_word_is_kept,
           a_table_that_is_taken_into_service_behind_the_last_search_is_kept,
           code_that_wants_another_table_keeps_all]


def run_cases(tap, world, kind, cases):
    """All on one server, one after the other."""
    one = kind(drive.sys.argv[2], world)
    try:
        for case in cases:
            one.wrong = []
            try:
                case(one)
            except Exception as error:  # a test that breaks is a test that failed
                one.wrong.append(repr(error))
            tap.result(not one.wrong, case.__name__, "\n".join(one.wrong))
    finally:
        one.server.stop()


def everything(tap, slipwayctl, world):
    missing = [name for name in ("terraform", "git") if shutil.which(name) is None]
    if missing:
        tap.skip(RESTORE, f"{missing[0]} is not installed")
        return
    switched_on(world)
    run_cases(tap, world, Case, PLANNED)
    run_cases(tap, world, Deletion, KEPT)
    for kind, cases in ((Case, RESTORES), (Deletion, DELETES)):
        for case in cases:
            run_cases(tap, world, kind, [case])
    killing.run(tap, lambda: Procedure(slipwayctl, world), world.folder)
    folder = os.path.join(world.folder, "deletion")
    os.mkdir(folder)
    killing.run(tap, lambda: DeletionProcedure(slipwayctl, world), folder)


if __name__ == "__main__":
    drive.main(everything)
