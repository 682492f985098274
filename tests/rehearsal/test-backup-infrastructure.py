# SPDX-License-Identifier: MIT
"""Backup infrastructure from scratch, with the real Terraform and its state in the rehearsal's S3: end to
end, with what is there already, with what is somebody else's, with a lock that nobody can take off, and
killed at a sample of the audit log's boundaries."""

import json
import os
import shutil
import sys

import drive
import killing

SAMPLE = 1
VAULT = "arn:aws:backup:eu-west-1:555555555555:backup-vault:mavis-destination-backup-vault"
BUCKETS = ("nhse-mavisbackup-destination-terraform-state", "nhse-mavisbackup-terraform-state")
TABLES = ("mavisbackup-destination-state-lock", "mavisbackup-state-lock")
FINAL = ("CreateBucket", "CreateTable", "StartBackupJob", "StartCopyJob")
EXAMPLE = os.path.join(os.path.dirname(os.path.abspath(sys.argv[3])), "terraform", "backup")


class Attempt:
    """A server, a desk and Terraform roots of their own."""

    def __init__(self, slipwayctl, world, server):
        self.server = server
        self.desk = world.desk(slipwayctl, server)
        self.roots = os.path.join(self.desk.state, "roots")
        shutil.copytree(EXAMPLE, self.roots)
        self.plan_file = os.path.join(self.desk.state, "plan.json")

    def plan(self, *settings):
        words = ["plan", "backup-infrastructure", "--environment", "backup", "--output",
                 self.plan_file]
        for setting in ("SourceEnvironment=production",
                        f"DestinationRoot={self.roots}/destination",
                        f"SourceRoot={self.roots}/source",
                        "ProofResource=arn:aws:rds:eu-west-1:111111111111:cluster:mavis-production",
                        "ProofVault=mavis-production-backup-vault",
                        "ProofRole=arn:aws:iam::111111111111:role/service-role/"
                        "AWSBackupDefaultServiceRole", *settings):
            words += ["--set", setting]
        done = self.desk.call(*words)
        if done.returncode != 0:
            raise RuntimeError(done.stdout[-600:] + done.stderr[-600:])
        with open(self.plan_file, encoding="utf-8") as file:
            return json.load(file)

    def start(self, digest, **more):
        return self.desk.start(self.plan_file, digest, timeout=300, **more)

    def calls(self):
        """Effective calls that must not happen twice, by operation and what they name."""
        counts, after = {}, 0
        while True:
            page = self.server.ask(f"calls?after={after}&limit=500")["calls"]
            for call in page:
                after = call["sequence"]
                if call.get("operation") in FINAL and call["changed"]:
                    about = call["parameters"]
                    name = about.get("Bucket") or about.get("TableName") or ""
                    key = f"{call['operation']} {name}".strip()
                    counts[key] = counts.get(key, 0) + 1
            if len(page) < 500:
                return counts

    def wrong(self):
        """What is not as it must be after a run that is done."""
        wrong = []
        run = self.desk.show()
        if run["state"] != "done":
            wrong.append(f"the run is {run['state']}: {run.get('message')}")
        want = {**{f"CreateBucket {name}": 1 for name in BUCKETS},
                **{f"CreateTable {name}": 1 for name in TABLES},
                "StartBackupJob": 1, "StartCopyJob": 1}
        if self.calls() != want:
            wrong.append(f"calls are {self.calls()}")
        kept = {r["id"]: r["data"] for r in self.server.ask("resources?type=s3.bucket")}
        for name in BUCKETS:
            data = json.dumps(kept.get(name, {}))
            if '"Status": "Enabled"' not in data or "aws:kms" not in data:
                wrong.append(f"bucket {name} is {data}")
        with open(os.path.join(self.roots, "source", "dev.tfvars"), encoding="utf-8") as file:
            text = file.read()
        if f'destination_vault_arn = "{VAULT}"' not in text or not text.startswith("# The dest"):
            wrong.append(f"the variables are {text}")
        bad = self.desk.verify()
        if bad:
            wrong.append(f"the ledger does not verify: {bad}")
        leaked = self.desk.secrets_on_disk()
        if leaked:
            wrong.append(f"secrets in {leaked}")
        return wrong


def undisturbed(tap, slipwayctl, world):
    with world.fresh() as server:
        attempt = Attempt(slipwayctl, world, server)
        counted = os.path.join(world.folder, "points")
        done = attempt.start(attempt.plan()["hash"], SLIPWAY_CRASH_COUNT=counted)
        wrong = attempt.wrong() if done.returncode == 0 else [done.stderr[-900:]]
        tap.result(not wrong, "both accounts have state, vault and plans, and a copy proves it",
                   "\n".join(wrong))
        made = {step["id"] for step in attempt.plan()["steps"]}
        tap.result({"VersionDestinationBucket", "VersionSourceBucket", "AssertSourceTable"} <= made
                   and not any(name.startswith("Create") for name in made),
                   "what is there and ours is adopted by the next plan", sorted(made))
    with open(counted, encoding="utf-8") as file:
        return [line.split(" ", 1)[1].strip() for line in file]


def foreign(tap, slipwayctl, world):
    with world.fresh() as server:
        attempt = Attempt(slipwayctl, world, server)
        done = attempt.start(attempt.plan("DestinationBucket=taken-by-somebody-else")["hash"])
        tap.result(done.returncode != 0 and "another account's" in done.stderr + done.stdout
                   and attempt.calls() == {},
                   "somebody else's bucket stops the run before anything is made",
                   f"{attempt.calls()} {done.stdout[-400:]} {done.stderr[-900:]}")


def not_opted_in(tap, slipwayctl, world):
    """Whoever backs up only tables has opted in for DynamoDB only, and Aurora's backups would not begin."""
    for environment, step in (("backup", "AssertDestinationAurora"), ("production", "AssertSourceAurora")):
        with world.fresh() as server:
            attempt = Attempt(slipwayctl, world, server)
            off = attempt.desk.call("aws", "--environment", environment, "--allow-change", "--confirm", environment,
                                    "backup", "UpdateRegionSettings", "--input",
                                    '{"ResourceTypeOptInPreference": {"Aurora": false}}')
            try:
                said = f"{attempt.plan()['hash']} can be approved"
            except RuntimeError as error:
                said = str(error)
            with open(attempt.plan_file, encoding="utf-8") as file:
                blocks = [guard for guard in json.load(file)["guards"] if guard["state"] == "block"]
            tap.result(off.returncode == 0 and "cannot be approved" in said
                       and [guard.get("step") for guard in blocks] == [step],
                       f"without Aurora in {environment} no plan can be approved", f"{off.stderr} {said} {blocks}")


def final_lock(tap, slipwayctl, world):
    with world.fresh() as server:
        attempt = Attempt(slipwayctl, world, server)
        done = attempt.start(attempt.plan("VaultLock=compliance")["hash"])
        states = {step["id"]: step["state"] for step in attempt.desk.show()["steps"]}
        tap.result(done.returncode != 0 and states.get("PlanDestinationLocked") == "done"
                   and states.get("ApplyDestinationLocked") not in ("done", "failed"),
                   "a compliance lock is not applied before somebody typed it",
                   f"{states} {done.stdout[-300:]} {done.stderr[-600:]}")


def other_roots(tap, slipwayctl, world):
    """What the root makes is read in its plan, whatever the parameters say."""
    cases = (("vault_lock", 'var.vault_lock_type == "compliance"', "true", (), "“14”"),
             ("days", "default = 14", "default = 3", ("VaultLock=compliance",), "“3”, not"),
             ("policy", 'resource "terraform_data" "vault_policy"', 'resource "terraform_data" "other"', (),
              "does not do “its policy is made”"))
    for name, old, new, settings, told in cases:
        with world.fresh() as server:
            attempt = Attempt(slipwayctl, world, server)
            path = os.path.join(attempt.roots, "destination", "main.tf")
            with open(path, encoding="utf-8") as file:
                text = file.read()
            with open(path, "w", encoding="utf-8") as file:
                file.write(text.replace(old, new))
            done = attempt.start(attempt.plan(*settings)["hash"])
            applied = [step["id"] for step in attempt.desk.show()["steps"]
                       if step["id"].startswith("ApplyDestination") and step["state"] == "done"]
            tap.result(old in text and done.returncode != 0 and told in done.stderr and not applied,
                       f"a root that makes another {name} is not applied", f"{applied} {done.stderr[-900:]}")


def no_terraform(tap, slipwayctl, world):
    with world.fresh() as server:
        attempt = Attempt(slipwayctl, world, server)
        done = attempt.start(attempt.plan()["hash"], PATH=attempt.desk.state)
        tap.result(done.returncode != 0 and attempt.calls() == {}
                   and "Install Terraform" in done.stdout + done.stderr,
                   "without terraform nothing is changed, and the way out is told",
                   f"{attempt.calls()} {done.stdout[-300:]} {done.stderr[-600:]}")


def killed(tap, slipwayctl, world, name, visit):
    with world.fresh() as server:
        attempt = Attempt(slipwayctl, world, server)
        digest = attempt.plan()["hash"]
        struck = attempt.start(digest, SLIPWAY_CRASH_AT=f"{visit}:{name}")
        if struck.returncode == 0 and "step.observed" in name and visit > 1:
            wrong = attempt.wrong()
        elif struck.returncode != -9:
            wrong = [f"it was not killed, but ended with {struck.returncode}: "
                     f"{struck.stderr[-600:]}"]
        else:
            resumed = attempt.desk.go_on(attempt.plan_file, digest)
            wrong = attempt.wrong()
            if resumed.returncode != 0:
                wrong.append(resumed.stderr[-900:])
        tap.result(not wrong, f"killed at {name}, visit {visit}", "\n".join(wrong))


def run(tap, slipwayctl, world):
    if shutil.which("terraform") is None:
        tap.skip("backup infrastructure", "terraform is not installed")
        return
    points = undisturbed(tap, slipwayctl, world)
    foreign(tap, slipwayctl, world)
    final_lock(tap, slipwayctl, world)
    other_roots(tap, slipwayctl, world)
    not_opted_in(tap, slipwayctl, world)
    no_terraform(tap, slipwayctl, world)
    places = killing.places_of(points)
    everything = os.environ.get("SLIPWAY_TEST_LONG") == "1"
    chosen = places if everything else killing.sample(places, SAMPLE)
    for name, visit in chosen:
        killed(tap, slipwayctl, world, name, visit)
    tap.note(f"killed at {len(chosen)} of {len(points)} boundaries")


def with_foreign_bucket(path):
    """The scenario, in which another account has a bucket already."""
    with open(path, encoding="utf-8") as file:
        scenario = json.load(file)
    for account in scenario["accounts"]:
        if account["id"] == "111111111111":
            section = account["resources"]["eu-west-1"].setdefault("s3", {})
            section.setdefault("buckets", []).append({"name": "taken-by-somebody-else"})
    with open(path, "w", encoding="utf-8") as file:
        json.dump(scenario, file)


plain = drive.plain_scenario


def scenario_of_this_test(source, folder):
    path = plain(source, folder)
    with_foreign_bucket(path)
    return path


if __name__ == "__main__":
    drive.plain_scenario = scenario_of_this_test
    drive.main(run)
