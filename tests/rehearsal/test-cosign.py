# SPDX-License-Identifier: MIT
"""Two people for one plan: a colleague at a workstation of their own cosigns, and AWS says who that was."""

import hashlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import urllib.parse

import drive


class Pair:
    """A production that asks for two people, an engineer's desk and a colleague's."""

    def __init__(self, slipwayctl, world):
        self.server = world.fresh()
        self.first = world.desk(slipwayctl, self.server)
        self.second = world.desk(slipwayctl, self.server)
        self.require_pairing()
        self.plan = os.path.join(self.first.state, "plan.json")
        self.digest = self.first.plan(self.plan)
        self.file = os.path.join(self.second.state, "cosigned.json")

    def require_pairing(self):
        path = os.path.join(self.server.state, "workspace.json")
        with open(path, encoding="utf-8") as file:
            workspace = json.load(file)
        workspace["environments"][0]["pairing"] = True
        with open(path, "w", encoding="utf-8") as file:
            json.dump(workspace, file)

    def cosign(self, *words, folder="second", plan=None):
        self.second.workspace = os.path.join(self.server.state, folder, "workspace.json")
        return self.second.call("cosign", plan or self.plan, "--approve", self.digest, "-o",
                                self.file, *words)

    def start(self, *words):
        return self.first.call("run", "start", self.plan, "--approve", self.digest, *words)

    def untouched(self):
        return not any(sent for sent, _ in self.server.changes().values())

    def change_file(self, change):
        with open(self.file, encoding="utf-8") as file:
            cosignature = json.load(file)
        change(cosignature)
        with open(self.file, "w", encoding="utf-8") as file:
            json.dump(cosignature, file)


def one_person_is_not_enough(pair):
    alone = pair.start()
    yield alone.returncode == 1, f"exit {alone.returncode}"
    yield "slipwayctl cosign" in alone.stderr, alone.stderr
    yield pair.untouched(), "something was changed"


def rehash(plan):
    """What anybody can do who edits a plan file (slip_plan_compute_hash())."""
    found = ("guard", "title", "state", "environment", "region", "step", "inputs", "severity", "when")
    members = ["schema", "runbook", "environment", "environments", "parameters", "variables",
               "globals", "outputs", "preflight", "pairing"]
    part = {name: plan[name] for name in members if name in plan}
    part["steps"] = [{name: value for name, value in step.items()
                      if name not in ("minutes", "gib", "forecast", "known", "notes", "index")}
                     for step in plan["steps"]]
    part["guards"] = [{name: guard[name] for name in found if name in guard} for guard in plan["guards"]]
    text = json.dumps(part, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def edit_plan(pair, change):
    with open(pair.plan, encoding="utf-8") as file:
        plan = json.load(file)
    if rehash(plan) != pair.digest:
        raise AssertionError("the test does not compute the hash as Slipway does")
    change(plan)
    pair.digest = plan["hash"] = rehash(plan)
    with open(pair.plan, "w", encoding="utf-8") as file:
        json.dump(plan, file, ensure_ascii=False)


def leaving_pairing_out_of_the_plan_does_not_help(pair):
    edit_plan(pair, lambda plan: plan.pop("pairing"))
    alone = pair.start()
    yield alone.returncode == 1, f"exit {alone.returncode}"
    yield "asks for two people" in alone.stderr, alone.stderr
    yield pair.untouched(), "something was changed"


def calling_a_deletion_a_read_does_not_help(pair):
    def change(plan):
        plan.pop("pairing")
        for step in plan["steps"]:
            if step.get("operation") == "DeleteDBClusterSnapshot":
                step.update(effect="read", reversibility="read", guards=[], resume={"rule": "R0"})
                step.pop("confirm", None)
    edit_plan(pair, change)
    alone = pair.start()
    yield alone.returncode == 2, f"exit {alone.returncode}"
    yield "is final, and says that it is read" in alone.stderr, alone.stderr
    yield pair.untouched(), "something was changed"


def leaving_a_confirmation_out_does_not_help(pair):
    def change(plan):
        plan.pop("pairing")
        for step in plan["steps"]:
            step.pop("confirm", None)
    edit_plan(pair, change)
    alone = pair.start()
    yield alone.returncode == 1, f"exit {alone.returncode}"
    yield "not what its runbook makes" in alone.stderr and "confirm was" in alone.stderr, alone.stderr
    second = pair.cosign()
    yield second.returncode == 1 and "confirm was" in second.stderr, second.stderr
    yield not os.path.exists(pair.file), "a cosignature was made"
    yield pair.untouched(), "something was changed"


def runbook_file(name):
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "data", "runbooks", f"{name}.yaml")


def naming_another_runbook_does_not_help(pair):
    """One whose digest is nobody's: then there is nothing to hold the plan against."""
    def change(plan):
        plan.pop("pairing")
        plan["runbook"]["sha256"] = "0" * 64
        for step in plan["steps"]:
            for member in ("confirm", "confirmedBy", "guards"):
                step.pop(member, None)
    edit_plan(pair, change)
    way = "Plan again with the one that is here, or give the one that it was made from: slipwayctl takes it with " \
        "--runbook FILE"
    for done in (pair.start(), pair.cosign()):
        yield done.returncode == 1 and way in done.stderr, done.stderr
    given = pair.start("--runbook", runbook_file(drive.RUNBOOK))
    yield given.returncode == 1 and "it has another digest" in given.stderr, given.stderr
    yield pair.untouched(), "something was changed"


def a_runbook_that_is_not_found_by_name_is_given(pair):
    """As whoever plans from a file of their own does, with somebody who has that file too."""
    mine = os.path.join(pair.first.state, "mine.yaml")
    shutil.copyfile(runbook_file(drive.RUNBOOK), mine)
    pair.digest = pair.first.plan_of(mine, "production", pair.plan, f"SnapshotName={drive.SNAPSHOT}")
    without = pair.cosign()
    yield without.returncode == 1 and "--runbook FILE" in without.stderr, without.stderr
    yield pair.cosign("--runbook", mine).returncode == 0, "no cosignature"
    ended = pair.start("--runbook", mine, "--cosign", pair.file)
    yield ended.returncode == 0, ended.stderr[-700:]


def two_people_run_it(pair):
    made = pair.cosign()
    yield made.returncode == 0, made.stderr
    yield oct(os.stat(pair.file).st_mode & 0o777) == "0o600", "others can read the cosignature"
    ended = pair.start("--cosign", pair.file)
    yield ended.returncode == 0, ended.stderr[-700:]
    entries = json.loads(pair.first.call("ledger", "list", "--json", "--limit", "1000").stdout)
    cosigned = [entry for entry in entries if entry["kind"] == "run.cosigned"]
    yield len(cosigned) == 1, f"{len(cosigned)} entries"
    data = cosigned[0]["data"]
    yield data["cosigned_by"].endswith(":assumed-role/breakglass/colleague"), data
    yield cosigned[0]["actor"]["principal"].endswith("/ann"), cosigned[0]["actor"]
    yield data["plan_sha256"] == pair.digest, data
    with open(pair.file, encoding="utf-8") as file:
        proof = json.load(file)["proof"]
    signature = urllib.parse.parse_qs(proof)["X-Amz-Signature"][0]
    yield signature not in json.dumps(entries), "the ledger holds the proof itself"
    yield pair.first.verify() is None, "the ledger does not verify"
    yield not pair.first.secrets_on_disk(), "a secret is on disk"


def later_handing_over(pair):
    """The run waits, the colleague comes, and it goes on."""
    pair.start()
    plan = pair.first.call("run", "plan", "last")
    pair.plan = os.path.join(pair.second.state, "received.json")
    with open(pair.plan, "w", encoding="utf-8") as file:
        file.write(plan.stdout)
    yield pair.cosign().returncode == 0, "the plan of the run cannot be cosigned"
    taken = pair.first.call("run", "cosign", "last", pair.file)
    yield taken.returncode == 0, taken.stderr
    ended = pair.first.resume()
    yield ended.returncode == 0, ended.stderr[-700:]


def refused(pair, why, *words):
    ended = pair.start("--cosign", pair.file, *words)
    yield ended.returncode == 1, f"exit {ended.returncode}"
    yield why in ended.stderr, ended.stderr
    yield pair.untouched(), "something was changed"


def same_principal_is_refused(pair):
    yield pair.cosign(folder="").returncode == 0, "no cosignature"
    yield from refused(pair, "cannot be both the first and the second person")


def aws(pair, profile, *words):
    folder = os.path.join(pair.server.state, "aws")
    return subprocess.run(
        ["aws", *words], capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "AWS_CONFIG_FILE": f"{folder}/config", "AWS_PROFILE": profile,
             "AWS_SHARED_CREDENTIALS_FILE": f"{folder}/credentials"})


def as_ben(pair):
    """Ann assumes the role with her own second factor, and calls the session ben."""
    done = aws(pair, "ann", "sts", "assume-role", "--role-arn",
               "arn:aws:iam::111111111111:role/breakglass", "--role-session-name", "ben",
               "--serial-number", "arn:aws:iam::444444444444:mfa/ann", "--token-code", "123456")
    if done.returncode == 0:
        keys = json.loads(done.stdout)["Credentials"]
        folder = os.path.join(pair.server.state, "aws")
        with open(f"{folder}/credentials", "a", encoding="utf-8") as file:
            file.write(f"\n[ben]\naws_access_key_id={keys['AccessKeyId']}\naws_secret_access_key="
                       f"{keys['SecretAccessKey']}\naws_session_token={keys['SessionToken']}\n")
        with open(f"{folder}/config", "a", encoding="utf-8") as file:
            file.write(f"\n[profile ben]\nregion = eu-west-1\nendpoint_url = {pair.server.endpoint}\n")
    return done


def one_person_under_two_names_is_refused(pair):
    """Whoever may assume a role calls the session what they like, unless its trust policy says what."""
    if shutil.which("aws") is None:
        return
    bound = as_ben(pair)
    yield bound.returncode != 0 and "AccessDenied" in bound.stderr, bound.stdout + bound.stderr
    anybody = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}
    loosened = aws(pair, "production", "iam", "update-assume-role-policy", "--role-name", "breakglass",
                   "--policy-document", json.dumps(anybody))
    yield loosened.returncode == 0, loosened.stderr
    loose = as_ben(pair)
    yield loose.returncode == 0, loose.stderr
    mine = change_profile(pair, "ben")
    yield pair.cosign(folder="").returncode == 0, "no cosignature"
    change_profile(pair, mine)
    yield from refused(pair, "is a person of their own is not provable")


def another_account_is_refused(pair):
    """Both on the colleague's desk and, where that was tampered with, at the run."""
    made = pair.cosign("--environment", "preproduction")
    yield made.returncode == 1 and "signs in to the account" in made.stderr, made.stderr
    path = os.path.join(pair.server.state, "second", "workspace.json")
    with open(path, encoding="utf-8") as file:
        workspace = json.load(file)
    workspace["environments"][0]["profile"] = workspace["environments"][1]["profile"]
    with open(path, "w", encoding="utf-8") as file:
        json.dump(workspace, file)
    made = pair.cosign()
    yield made.returncode == 1 and "belong to account" in made.stderr, made.stderr


def another_plan_is_refused(pair):
    yield pair.cosign().returncode == 0, "no cosignature"
    other = "0" * len(pair.digest)
    pair.change_file(lambda c: c.update(plan=other))
    yield from refused(pair, "is for plan 000000000000")


def proof_for_another_plan_is_refused(pair):
    """The file names our plan, but the signature does not cover it."""
    yield pair.cosign().returncode == 0, "no cosignature"
    mine, first = pair.digest, pair.plan
    pair.plan = os.path.join(pair.first.state, "other.json")
    pair.digest = pair.first.plan(pair.plan, "Quiesced=in-maintenance")
    pair.change_file(lambda c: c.update(plan=pair.digest))
    yield mine != pair.digest and first != pair.plan, "the plans do not differ"
    yield from refused(pair, "does not accept the proof of identity for what is asked here")


def altered_proof_is_refused(pair):
    yield pair.cosign().returncode == 0, "no cosignature"
    pair.change_file(lambda c: c.update(
        proof=c["proof"].replace("GetCallerIdentity", "GetSessionToken")))
    yield from refused(pair, "is not a pre-signed sts:GetCallerIdentity")


def old_proof_is_refused(pair):
    yield pair.cosign().returncode == 0, "no cosignature"
    pair.change_file(lambda c: c.update(
        proof=re.sub(r"(X-Amz-Date=|%2F)\d{8}", r"\g<1>20200101", c["proof"])))
    yield from refused(pair, "and held for 15")


def nonsense_is_refused(pair):
    with open(pair.file, "w", encoding="utf-8") as file:
        file.write('{"schema": "org.slipway.plan/2"}')
    yield from refused(pair, "this is no cosignature")


def change_profile(pair, profile):
    path = os.path.join(pair.server.state, "workspace.json")
    with open(path, encoding="utf-8") as file:
        workspace = json.load(file)
    before = workspace["environments"][0]["profile"]
    workspace["environments"][0]["profile"] = profile
    with open(path, "w", encoding="utf-8") as file:
        json.dump(workspace, file)
    return before


def approver_of_another_account_is_refused(pair):
    """One person cosigns as production and approves as development: that is no second person."""
    yield pair.cosign(folder="").returncode == 0, "no cosignature"
    change_profile(pair, "development")
    yield from refused(pair, "belong to account")


def cosigner_does_not_execute(pair):
    """The approval came from somebody else; the one who goes on is the one who cosigned."""
    yield pair.cosign().returncode == 0, "no cosignature"
    killed = pair.first.call("run", "start", pair.plan, "--approve", pair.digest, "--cosign",
                             pair.file, SLIPWAY_CRASH_AT="1:after run.started run")
    yield killed.returncode not in (0, 1), f"exit {killed.returncode}"
    pair.first.workspace = pair.second.workspace
    went_on = pair.first.resume()
    yield went_on.returncode != 0, "the cosigner executed the plan"
    yield "sign in as somebody else" in went_on.stderr, went_on.stderr
    yield pair.untouched(), "something was changed"


def cosignature_serves_one_run(pair):
    yield pair.cosign().returncode == 0, "no cosignature"
    pair.first.call("run", "start", pair.plan, "--approve", pair.digest, "--cosign", pair.file,
                    SLIPWAY_CRASH_AT="1:before run.started run")
    yield pair.first.call("run", "cancel", "last").returncode == 0, "the run cannot be cancelled"
    # Written differently it is the same proof.
    pair.change_file(lambda c: c.update(proof="&".join(reversed(c["proof"].split("&")))))
    yield from refused(pair, "was used for run")


def tree_nodes(rows, leaf):
    """What the ledger's tree gains with a leaf: its hash and those of the subtrees that it completes."""
    nodes = [hashlib.sha256(b"\0" + leaf).digest()]
    index = len(rows)
    lasts = {}
    for seq, stored, _ in rows:
        lasts[len(stored) // 32 - 1] = stored[-32:]
    level = 0
    while index & 1:
        nodes.append(hashlib.sha256(b"\1" + lasts[level] + nodes[-1]).digest())
        index >>= 1
        level += 1
    return b"".join(nodes)


def put_into_file(desk, change):
    """Adds an entry to ledger.db with nothing but SQLite: the tree fits, nobody signed."""
    database = sqlite3.connect(os.path.join(desk.state, "ledger.db"))
    rows = database.execute("select seq, nodes, body from entry order by seq").fetchall()
    entry = json.loads(rows[-1][2])
    entry["seq"] = len(rows) + 1
    entry["prev"] = len(rows)
    change(entry)
    body = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    database.execute("insert into entry (seq, nodes, body) values (?, ?, ?)",
                     (len(rows) + 1, tree_nodes(rows, body.encode()), body))
    database.commit()
    database.close()


def forged_cosignature_is_not_believed(pair):
    pair.start()

    def forge(entry):
        entry.update(kind="run.cosigned", data={
            "account": "111111111111", "plan_sha256": pair.digest, "proof_sha256": "0" * 64,
            "cosigned_by": "arn:aws:sts::111111111111:assumed-role/breakglass/colleague"})

    put_into_file(pair.first, forge)
    yield pair.first.call("ledger", "export", "-o",
                          os.path.join(pair.first.state, "blessed.jsonl")).returncode == 0, "no export"
    went_on = pair.first.resume()
    yield went_on.returncode == 1, f"exit {went_on.returncode}"
    yield "bears no signature" in went_on.stderr, went_on.stderr
    yield pair.untouched(), "something was changed"


def missing_key_stops_a_protected_run(pair):
    yield pair.cosign().returncode == 0, "no cosignature"
    pair.first.call("run", "start", pair.plan, "--approve", pair.digest, "--cosign", pair.file,
                    SLIPWAY_CRASH_AT="1:after run.started run")
    key = os.path.join(pair.first.state, "ledger.db.key")
    os.rename(key, key + ".away")
    went_on = pair.first.resume()
    yield went_on.returncode == 1, f"exit {went_on.returncode}"
    yield "audit log cannot be signed" in went_on.stderr, went_on.stderr
    yield "ledger.db.key" in went_on.stderr, went_on.stderr
    yield pair.untouched(), "something was changed"
    os.rename(key + ".away", key)
    ended = pair.first.resume()
    yield ended.returncode == 0, ended.stderr[-700:]


DELETE = ["aws", "rds", "delete-db-cluster-snapshot", "--environment", "production", "--allow-change",
          "--input", json.dumps({"DBClusterSnapshotIdentifier": drive.COPY})]


def change_without_a_plan_is_refused(pair):
    for words in DELETE, [*DELETE, "--confirm", "production"]:
        done = pair.first.call(*words)
        yield done.returncode == 1, f"exit {done.returncode}"
        yield "asks for two people" in done.stderr, done.stderr
    yield pair.untouched(), "something was changed"


def change_of_a_protected_environment_is_confirmed_and_told(pair):
    path = os.path.join(pair.server.state, "workspace.json")
    with open(path, encoding="utf-8") as file:
        workspace = json.load(file)
    del workspace["environments"][0]["pairing"]
    with open(path, "w", encoding="utf-8") as file:
        json.dump(workspace, file)
    done = pair.first.call(*DELETE)
    yield done.returncode == 1 and "--confirm production" in done.stderr, done.stderr
    yield pair.untouched(), "something was changed"
    done = pair.first.call(*DELETE, "--confirm", "production")
    yield done.returncode == 0, done.stderr
    entries = json.loads(pair.first.call("ledger", "list", "--json").stdout)
    told = {entry["kind"]: entry for entry in entries}
    yield told["call.intent"]["operation"] == "rds:DeleteDBClusterSnapshot", entries
    yield told["call.intent"]["request"]["DBClusterSnapshotIdentifier"] == drive.COPY, entries
    yield told["call.outcome"]["outcome"] == "done", entries
    yield from killed_changes_are_told_until_they_are_settled(pair)
    yield from lost_answers_are_told_until_they_are_settled(pair)
    yield pair.first.verify() is None, "the ledger does not verify"


SNAPSHOT = ["aws", "rds", "create-db-cluster-snapshot", "--environment", "production",
            "--allow-change", "--confirm", "production", "--input"]


def killed(pair, name, where):
    """A change whose process was killed; the number of its entry."""
    wanted = json.dumps({"DBClusterIdentifier": "api-production",
                         "DBClusterSnapshotIdentifier": name})
    pair.first.call(*SNAPSHOT, wanted, SLIPWAY_CRASH_AT=where)
    entries = json.loads(pair.first.call("ledger", "list", "--json").stdout)
    if entries[-1]["kind"] != "call.intent":
        raise AssertionError(f"it was not killed at {where}: {entries[-1]}")
    return str(entries[-1]["seq"])


def killed_changes_are_told_until_they_are_settled(pair):
    never = killed(pair, "killed-before", "1:after call.intent")
    sent = killed(pair, "killed-behind", "1:sent")
    way = f"slipwayctl ledger settle {sent}"
    for words in (["ledger", "list"], ["run", "list"], [*DELETE, "--confirm", "production"]):
        told = pair.first.call(*words)
        yield way in told.stderr and f"settle {never}" in told.stderr, (words, told.stderr)
    table = pair.first.call("ledger", "list").stdout.splitlines()
    yield [line.split()[0] for line in table if " unknown" in line] == [never, sent], table
    # What it may have made is in the way of who would make it.
    plan = pair.first.call("plan", "pre-migration-snapshot", "--environment", "production", "--set",
                           "SnapshotName=killed-behind", "--json")
    guard = next(guard for guard in json.loads(plan.stdout)["guards"]
                 if guard["guard"] == "unfinished-runs")
    yield guard["state"] == "block" and way in guard["message"], guard
    # CloudTrail shows what was sent, later; that it shows nothing settles nothing.
    drive.wait_for(lambda: pair.first.call("ledger", "settle", sent).returncode == 0, 120)
    unsettled = pair.first.call("ledger", "settle", never)
    yield unsettled.returncode == 1 and "That proves nothing" in unsettled.stderr, unsettled.stderr
    stated = pair.first.call("ledger", "settle", never, "did-not", "--note", "there is none")
    yield stated.returncode == 0, stated.stderr
    again = pair.first.call("ledger", "settle", never, "did")
    yield again.returncode == 2 and "there is none" in again.stderr, again.stderr
    entries = json.loads(pair.first.call("ledger", "list", "--json").stdout)
    settled = {entry["data"]["intent"]: entry for entry in entries
               if entry["kind"] == "call.settled"}
    yield settled[int(sent)]["outcome"] == "did", settled
    yield settled[int(sent)]["data"]["how"] == "cloudtrail", settled
    yield settled[int(never)]["outcome"] == "did-not", settled
    yield settled[int(never)]["data"]["text"] == "there is none", settled
    yield pair.first.call("ledger", "list").stderr == "", "still told"


def lost_answers_are_told_until_they_are_settled(pair):
    pair.server.fault(kind="drop-after", operation="CreateDBClusterSnapshot", times=1)
    wanted = json.dumps({"DBClusterIdentifier": "api-production",
                         "DBClusterSnapshotIdentifier": "lost"})
    done = pair.first.call(*SNAPSHOT, wanted)
    entries = json.loads(pair.first.call("ledger", "list", "--json").stdout)[-2:]
    yield done.returncode == 1 and "may or may not" in done.stderr, done.stderr
    yield [entry["kind"] for entry in entries] == ["call.intent", "call.outcome"], entries
    yield entries[1]["outcome"] == "unknown", entries
    way = f"slipwayctl ledger settle {entries[0]['seq']}"
    yield way in done.stderr, done.stderr
    yield way in pair.first.call("run", "list").stderr, "it is not told"
    seq = str(entries[0]["seq"])
    drive.wait_for(lambda: pair.first.call("ledger", "settle", seq).returncode == 0, 120)
    settled = json.loads(pair.first.call("ledger", "list", "--json").stdout)[-1]
    yield settled["kind"] == "call.settled" and settled["outcome"] == "did", settled
    yield pair.first.call("ledger", "list").stderr == "", "still told"


CASES = [one_person_is_not_enough, leaving_pairing_out_of_the_plan_does_not_help,
         calling_a_deletion_a_read_does_not_help, leaving_a_confirmation_out_does_not_help,
         naming_another_runbook_does_not_help, a_runbook_that_is_not_found_by_name_is_given,
         two_people_run_it, later_handing_over, same_principal_is_refused, one_person_under_two_names_is_refused,
         another_account_is_refused, another_plan_is_refused, proof_for_another_plan_is_refused,
         altered_proof_is_refused, old_proof_is_refused, nonsense_is_refused,
         approver_of_another_account_is_refused, cosigner_does_not_execute,
         cosignature_serves_one_run, forged_cosignature_is_not_believed,
         missing_key_stops_a_protected_run, change_without_a_plan_is_refused,
         change_of_a_protected_environment_is_confirmed_and_told]


def run(tap, slipwayctl, world):
    for case in CASES:
        pair = Pair(slipwayctl, world)
        try:
            wrong = [why for good, why in case(pair) if not good]
            tap.result(not wrong, case.__name__, "\n".join(map(str, wrong)))
        finally:
            pair.server.stop()


drive.main(run)
