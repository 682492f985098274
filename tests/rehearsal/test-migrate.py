# SPDX-License-Identifier: MIT
"""The example migration on the club's estate, as README's chapter has it: snapshot, migrate, validate, roll back, and
the counts return. What is not fit for production is refused. Migrated once more it is killed at one of the boundaries of
its stages, and comes to where it came undisturbed; with SLIPWAY_TEST_LONG=1 (tests/run --long) at every one, each in a
world of its own."""

import configparser
import csv
import io
import json
import os
import random
import subprocess
import sys
import types

import drive
import killing

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "migration"))

import api_server  # noqa: E402

RUNBOOK = "migrate"
TARGET = "club-production"
ACCOUNT = "777777777777"
GLOBAL = "production-club-global"
SNAPSHOT = "pre-migration-snapshot-club"
TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
EXAMPLE = os.path.realpath(os.path.join(TOP, "data", "example"))
CLUB = os.path.realpath(os.path.join(TOP, "data", "rehearsal", "club.json"))
CLIENTS = "120"
#: The steps that are stages of the migration.
STAGES = ("Load", "Filter", "Prepare", "Transform", "Integrate", "LoadToTarget", "Validate", "AskApi", "Hooks")

#: What is in each table of the target, and nothing of Slipway's own.
CONTENTS = """
SELECT coalesce (string_agg (line, ';' ORDER BY line), '') FROM (
  SELECT c.relname || ' ' || (xpath ('/row/n/text()', query_to_xml (format (
    'SELECT count (*) || '' '' || md5 (coalesce (string_agg (t::text, ''|'' ORDER BY t::text), '''')) AS n FROM %I.%I t',
    n.nspname, c.relname), false, true, '')))[1]::text AS line
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE n.nspname = 'public' AND c.relkind = 'r') AS lines"""


class Migration:
    """The club's estate, an engineer's desk and a colleague's; as killing.py takes it."""

    WORDS = ("--attest", "AttestQuiet", "--confirm", f"GoOn={TARGET}@{ACCOUNT}")

    def __init__(self, slipwayctl, world, source):
        self.server = world.fresh()
        self.desk = world.desk(slipwayctl, self.server)
        self.colleague = world.desk(slipwayctl, self.server)
        self.colleague.workspace = os.path.join(self.server.state, "second", "workspace.json")
        self.source = source
        self.file = os.path.join(self.desk.state, "plan.json")
        self.cosigned = os.path.join(self.desk.state, "cosigned.json")
        self.digest = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.stop()

    @staticmethod
    def need(done):
        if done.returncode != 0:
            raise RuntimeError(done.stdout[-800:] + done.stderr[-1500:])
        return done

    def plan_other(self, runbook, *settings):
        words = ["plan", runbook, "-e", "production", "-o", self.file]
        for setting in settings:
            words += ["--set", setting]
        done = self.desk.call(*words)
        if done.returncode == 0:
            with open(self.file, encoding="utf-8") as file:
                self.digest = json.load(file)["hash"]
        return done

    def plan(self, *settings):
        given = {"TargetCluster": TARGET, "Definitions": EXAMPLE, "Source": self.source, "RunDate": "2022-06-15",
                 "SnapshotName": SNAPSHOT}
        given.update(setting.split("=", 1) for setting in settings)
        return self.plan_other(RUNBOOK, *(f"{name}={value}" for name, value in given.items()))

    def cosign(self, *more):
        self.need(self.colleague.call("cosign", self.file, "--approve", self.digest, "-o", self.cosigned, *more))

    def freeze(self):
        self.need(self.plan_other("change-freeze-on", "Reference=CHG-1", "Reason=migration"))
        self.need(self.desk.call("run", "start", self.file, "--approve", self.digest))

    def start(self, *words, **more):
        return self.desk.call("run", "start", self.file, "--approve", self.digest, "--cosign", self.cosigned,
                              *(words or self.WORDS), timeout=400, **more)

    # ---- as killing.py takes it

    def prepare(self):
        self.freeze()
        self.need(self.plan())
        self.cosign()

    def go_on(self):
        newest = self.desk.runs()[0]
        if newest["state"] in ("done", "cancelled") or newest.get("runbook") == "change-freeze-on":
            return self.start()
        words = ["--approve", self.digest] if newest["state"] == "planned" else []
        shown = self.desk.call("run", "show", newest["id"], "--json").stdout
        if newest["state"] in ("planned", "approved") and "cosigned" not in shown:
            words += ["--cosign", self.cosigned]
        return self.desk.call("run", "resume", newest["id"], *words, *self.WORDS, timeout=400)

    def counts(self):
        return self.server.changes(("CreateDBClusterSnapshot", "AddTagsToResource"))

    def estate(self):
        stages = self.server.sql("club-migration", "SELECT string_agg (run || stage || state || rows, ' ' ORDER BY run, "
                                                   "stage) FROM slipway.stage")
        loads = self.server.sql(TARGET, "SELECT count (*) || ' ' || count (DISTINCT token) FROM slipway_migration.load")
        tags = {one["Key"]: one["Value"] for one in
                self.server.find("rds.cluster-snapshot", SNAPSHOT)["TagList"] if "run" not in one["Key"]}
        return {"target": self.contents(), "stages": stages, "loads": loads, "snapshot": tags}

    def contents(self):
        return self.server.sql(TARGET, CONTENTS)

    def step(self, name):
        return next(one for one in self.desk.show()["steps"] if one["id"] == name)


def generate(slipwayctl, folder):
    source = os.path.join(folder, "source")
    subprocess.run([slipwayctl, "migrate", "generate", "--clients", CLIENTS, "--seed", "1", "--settings",
                    os.path.join(EXAMPLE, "generate.json"), "--output", source], check=True, capture_output=True)
    return source


def example_with_an_open_gate(club):
    copy = os.path.join(club.desk.state, "open")
    subprocess.run(["cp", "-r", EXAMPLE, copy], check=True)
    path = os.path.join(copy, "migration.json")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace('"validation": {"missing": 0,', '"validation": {"missing": "100%",'))
    return copy


def what_is_not_fit_is_refused(club):
    """Each was an edit of code, or a line of a checklist."""
    planned = club.plan()
    yield planned.returncode == 1 and "change-freeze-on" in planned.stdout, planned.stdout[-900:]
    club.freeze()
    for setting, words in (("TestData=refused", "holds test data: slipwayctl migrate generate made it"),
                           ('Values=["offices=HC"]', "value offices is “HC”, and only “HC,UP” takes everybody"),
                           (f"Definitions={example_with_an_open_gate(club)}", "the gate of stage validation lets everything pass that is missing"),
                           ("NoReload=true", "would be left as they are (no reload)"),
                           ("Source=/nonexistent", "/nonexistent"),
                           (f"MigrationCluster={TARGET}", f"would work in {TARGET}, which is the target itself"),
                           ("RunDate=15/06/2022", "as YYYY-MM-DD")):
        planned = club.plan(setting)
        yield planned.returncode != 0 and words in planned.stdout + planned.stderr, (setting, planned.stdout[-1500:],
                                                                                    planned.stderr[-600:])


def one_person_or_no_word_is_not_enough(club, points):
    club.need(club.plan())
    alone = club.desk.call("run", "start", club.file, "--approve", club.digest, *club.WORDS, timeout=400)
    yield alone.returncode == 1 and "slipwayctl cosign" in alone.stderr, alone.stderr[-600:]
    club.need(club.desk.call("run", "cancel", "last"))
    club.cosign()
    stopped = club.start("--attest", "AttestQuiet", SLIPWAY_CRASH_COUNT=points)
    yield stopped.returncode == 1 and f"{TARGET}@{ACCOUNT}" in stopped.stderr, stopped.stderr[-900:]
    made = club.step("Integrate")
    yield made["state"] == "done", made
    yield "{Rows} rows, made of source files {Source} (integration {Integration})".format(**made["outputs"]) in stopped.stderr, \
        stopped.stderr[-900:]
    yield club.server.sql(TARGET, "SELECT to_regclass ('slipway_migration.row') IS NULL OR NOT EXISTS (SELECT FROM "
                                  "pg_class WHERE relname = 'row' AND reltuples > 0)") == "t", "rows are in already"


def nobody_comes_between_by_hand(club):
    """While the run waits for the name, which only its migration's stages come behind; the workspace names the target."""
    run = club.desk.runs()[0]["id"]
    databases = ("--migration-db", "service=club-migration", "--target-db", f"service={TARGET}")
    services = {"PGSERVICEFILE": os.path.join(club.server.state, "pg_service.conf")}
    before = club.contents()
    for words in (("run", EXAMPLE, "--source", club.source, "--run-date", "2022-06-15"),
                  ("stage", "load_to_target", EXAMPLE, "--source", club.source, "--run-date", "2022-06-15"), ("undo", "1")):
        refused = club.desk.call("migrate", *words, *databases, **services)
        yield refused.returncode == 1 and "works in databases of production, and run " in refused.stderr \
            and f"slipwayctl run resume|cancel {run}" in refused.stderr, (words, refused.stdout[-300:], refused.stderr[-900:])
    yield club.contents() == before, "rows went in beside a run"


def one_database_is_refused_without_a_guard_too(club):
    """A runbook of somebody's own has no guard; the step itself looks before it opens anything."""
    place = club.server.find("rds.cluster", TARGET)
    login = {"Secret": f"rds-{TARGET}", "Host": place["Endpoint"], "Port": place["Port"], "Database": place["DatabaseName"]}
    path = os.path.join(club.desk.state, "own.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"schemaVersion": "0.3", "description": "One database", "slipway": {"title": "One database"}, "mainSteps": [
            {"name": "Land", "action": "slipway:migrate", "isEnd": True, "slipway": {"title": "Land"},
             "inputs": {"Operation": "stage", "Stage": "load", "Definitions": EXAMPLE, "Source": club.source,
                        "RunDate": "2022-06-15", "MigrationDatabase": login,
                        "TargetDatabase": {**login, "Host": login["Host"].upper()}}}]}, file)
    club.need(club.plan_other(path))
    club.cosign("--runbook", path)
    stopped = club.start("--runbook", path)
    yield stopped.returncode == 1 and "the migration database is the target itself" in stopped.stderr, stopped.stderr[-900:]
    yield club.server.sql(TARGET, "SELECT to_regnamespace ('slipway') IS NULL") == "t", "a schema is in the target"
    club.need(club.desk.call("run", "cancel", "last"))


def what_differs_since_the_plan_stops_it(club):
    """A definition that somebody mends between plan and run is another migration."""
    copy = os.path.join(club.desk.state, "definitions")
    subprocess.run(["cp", "-r", EXAMPLE, copy], check=True)
    club.need(club.plan(f"Definitions={copy}", "SnapshotName=another-snapshot"))
    club.cosign()
    with open(os.path.join(copy, "migration.json"), "a", encoding="utf-8") as file:
        file.write(" \n")
    stopped = club.start()
    yield stopped.returncode == 1 and "is not what it was when the plan was made (sidecarSha256" in stopped.stderr, \
        stopped.stderr[-900:]
    club.need(club.desk.call("run", "cancel", "last"))


def what_was_agreed_to_is_what_is_loaded(club):
    """A colleague, whose audit log knows nothing of this run, integrates anew between the question and the word."""
    databases = ("--migration-db", "service=club-migration", "--target-db", f"service={TARGET}")
    before = club.contents()
    agreed = club.step("Integrate")["outputs"]
    stands = "SELECT started FROM slipway.stage WHERE stage = 'integration' AND state = 'done'"
    started = club.server.sql("club-migration", stands)
    told = json.loads(club.need(club.colleague.call(
        "migrate", "stage", "integration", EXAMPLE, "--run-date", "2022-06-15", "--json", *databases,
        PGSERVICEFILE=os.path.join(club.server.state, "pg_service.conf"))).stdout)["integration"]
    yield told["mark"] != agreed["Integration"] and told["source"] == agreed["Source"], (told, agreed)
    refused = club.desk.call("run", "resume", "last", *club.WORDS, timeout=400)
    yield refused.returncode == 1 and f"integration {told['mark']}: " in refused.stderr \
        and f"integration {agreed['Integration']} was agreed to" in refused.stderr, refused.stderr[-1500:]
    yield club.contents() == before, "what nobody agreed to is in the target"
    entry = club.desk.call("run", "show", "last", "--json").stdout
    yield agreed["Integration"] in entry, "the audit log does not say what was asked about"
    # It is known by when it was made.
    club.server.sql("club-migration", f"UPDATE slipway.stage SET started = '{started}' WHERE stage = 'integration' RETURNING 1")


def migrates(club, before, points):
    ended = club.desk.call("run", "resume", "last", *club.WORDS, timeout=400, SLIPWAY_CRASH_COUNT=points)
    yield ended.returncode == 0, ended.stderr[-1500:]
    yield club.contents() != before, "nothing was migrated"
    loaded = club.step("LoadToTarget")
    yield loaded["outputs"]["State"] == "done" and loaded["outputs"]["Rows"] > 1000, loaded
    asked = club.step("AskApi")
    yield asked["outputs"]["State"] == "skipped" and "no address of the API" in asked["detail"], asked
    counted = club.step("CountAfter")["outputs"]["Manifest"]["tables"]
    people = int(club.server.sql(TARGET, "SELECT count (*) FROM people"))
    yield counted["public.people"]["rows"] == people > 100, counted["public.people"]
    yield club.desk.verify() is None, "the ledger does not verify"
    yield not club.desk.secrets_on_disk(), "a secret is on disk"


def validation_and_counts_are_evidence(club):
    """In the export, as JSON and as CSV, and in the run's folder."""
    path = os.path.join(club.desk.state, "evidence.jsonl")
    club.need(club.desk.call("ledger", "export", "-o", path))
    with open(path, encoding="utf-8") as file:
        text = file.read()
    outputs = club.step("Report")["outputs"]
    stages = {one["stage"]: one for one in outputs["Report"]["stages"]}
    yield stages["load_to_target"]["state"] == stages["validation"]["state"] == "done", stages
    validation = list(csv.DictReader(io.StringIO(outputs["Tables"]["validation"])))
    yield len(validation) > 10 and all(row["missing"] == row["extra"] == "0" for row in validation), validation[:3]
    yield sum(one["rows"] for one in outputs["Report"]["files"]) > 1000, outputs["Report"]["files"]
    waterfall = list(csv.DictReader(io.StringIO(outputs["Tables"]["waterfall"])))
    yield any(row["table"] == "people" for row in waterfall), waterfall[:3]
    for words in ('"Report":', '"sidecarSha256"', "stage,entity,step,column,kind,rows"):
        yield words in text, words
    yield "rehearsal-club" not in text, "a password is in the evidence"
    folder = os.path.join(club.desk.state, "ledger.db.runs", club.desk.show()["id"])
    yield any(name.endswith("validation.csv") for name in os.listdir(folder)), os.listdir(folder)


def a_second_run_is_refused(club):
    """Its rows are in: a step says so before anything is closed or copied for it."""
    club.need(club.plan("SnapshotName=once-more", "RunDate=2022-06-16"))
    club.cosign()
    stopped = club.start()
    yield stopped.returncode == 1 and "step CheckDefinitions: rows of run 1 of haddow-creek" in stopped.stderr, \
        stopped.stderr[-900:]
    club.need(club.desk.call("run", "cancel", "last"))


def rolls_back(club, before):
    given = (f"GlobalCluster={GLOBAL}", f"Snapshot={SNAPSHOT}", "Mode=replace", "Verification=recorded-counts",
             "MasterSecret=rds-club-production", "Decision=it cannot be fixed forward; decided by ann and ben")
    club.need(club.plan_other("roll-back-global-cluster", *given))
    club.cosign()
    words = ("--attest", "AttestQuiet", "--attest", "Reopen", "--confirm",
             f"EachSecondary[1].DetachSecondary={GLOBAL}@{ACCOUNT}", "--confirm", f"GoOn={TARGET}@{ACCOUNT}")
    club.start(*words)
    accepted = os.path.join(club.desk.state, "accepted.json")
    club.need(club.colleague.vouch(club.file, club.desk.question(), accepted))
    ended = club.desk.call("run", "resume", "last", "--cosign", accepted, *words, timeout=400)
    yield ended.returncode == 0, ended.stderr[-1500:]
    yield club.contents() == before, "the rows are not those of before"
    compared = club.step("CompareWithRecorded")["outputs"]
    yield compared["Differences"] == [], compared
    yield club.server.sql(TARGET, "SELECT to_regclass ('slipway_migration.load') IS NULL") == "t", "a manifest is there"
    services = configparser.ConfigParser()
    services.read(os.path.join(club.server.state, "pg_service.conf"))
    place = club.server.find("rds.cluster", TARGET)
    yield [services[TARGET][name] for name in ("host", "port")] == [place["Endpoint"], str(place["Port"])], \
        "service=club-production is not the restored cluster"


def boundaries(points):
    """Places of the audit log that stages of the migration come to, each once."""
    with open(points, encoding="utf-8") as file:
        names = [line.split(" ", 1)[1].strip() for line in file]
    return sorted(name for name in set(names)
                  if names.count(name) == 1 and name.split(" ")[-1] in STAGES and "observed" not in name)


class Rows:
    """The target, as the new system's API reads it."""

    def __init__(self, club):
        self.club = club

    def psql(self, _, query):
        return types.SimpleNamespace(stdout=self.club.server.sql(TARGET, query).encode())


def only_aws_is_hastened(club):
    """What a stage took in the run before is no more than that: databases are no faster in a rehearsal."""
    with open(club.file, encoding="utf-8") as file:
        plan = json.load(file)
    steps = {one["id"]: one for one in plan["steps"] if one.get("forecast")}
    yield {"Load", "Filter", "Prepare", "WaitForSnapshot"} <= set(steps), list(steps)
    yield all(one["minutes"] < 1 and one["minutes"] == one["forecast"]["ours"]
              for name, one in steps.items() if name != "WaitForSnapshot"), steps
    waited = steps["WaitForSnapshot"]
    yield 4 < waited["minutes"] and waited["forecast"]["ours"] < waited["minutes"] / 10, waited  # as long as a busy machine takes to look again


def it_can_be_migrated_once_more(club, points):
    """With the same run date, killed, and the new system asked: the migration database says that all is in, and the
    target knows better."""
    places = boundaries(points)
    yield len(places) >= 4 * len(STAGES), places
    place = random.Random(killing.SEED).choice(places)
    with api_server.Api(Rows(club), None) as api:
        club.need(club.plan("SnapshotName=once-more", f"ApiUrl={api.url}"))
        yield from only_aws_is_hastened(club)
        club.cosign()
        killed = club.start(SLIPWAY_CRASH_AT=f"1:{place}")
        yield killed.returncode == -9, (place, killed.stderr[-900:])
        ended = club.go_on()
        yield ended.returncode == 0, (f"killed at {place}; SLIPWAY_TEST_SEED={killing.SEED}", ended.stderr[-1500:])
        asked = club.step("AskApi")
        told = asked.get("outputs", {})
        yield told.get("State") in ("done", "kept") and told["Counts"]["passed"] == 7, asked
        yield api.asked, "nothing was asked"
    yield all(club.step(name)["state"] == "done" for name in STAGES), club.desk.show()["steps"]
    yield club.desk.verify() is None, "the ledger does not verify"
    yield not club.desk.secrets_on_disk(), "a secret is on disk"


def conninfo(club, cluster):
    found = club.server.find("rds.cluster", cluster)
    return f"host={found['Endpoint']} port={found['Port']} dbname={found['DatabaseName']} user=root " \
           f"password=rehearsal-{cluster}"


def undo_by_hand_leaves_an_audit_log(club, before):
    """Outside of a runbook, as the same rows of the same log; and the rows are those of before."""
    databases = ("--migration-db", conninfo(club, "club-migration"), "--target-db", conninfo(club, TARGET))
    run = str(club.step("Report")["outputs"]["Run"])
    club.need(club.desk.call("migrate", "undo", run, *databases))
    yield club.contents() == before, "the rows are not those of before"
    refused = club.desk.call("migrate", "stage", "hooks", EXAMPLE, "--run-date", "2022-06-15", "--value", "offices=HC",
                             "--source", "/nonexistent", *databases)
    entries = json.loads(club.desk.call("ledger", "list", "--json", "--limit", "4").stdout)
    told = sorted((one["seq"], one["kind"], one["operation"], one.get("outcome")) for one in entries)
    yield [one[1:3] for one in told] == [
        ("migration.intent", "migration:undo"), ("migration.outcome", "migration:undo"),
        ("migration.intent", "migration:stage"), ("migration.outcome", "migration:stage")], told
    yield told[1][3] == "done" and told[3][3] == ("done" if refused.returncode == 0 else "failed"), told
    yield club.desk.verify() is None, "the ledger does not verify"
    with open(os.path.join(club.desk.state, "export.jsonl"), encoding="utf-8") as file:
        text = file.read()
    yield "host=127.0.0.1" in text and "sidecarSha256" in text, "where it was is not told"
    yield "rehearsal-club" not in text, "a password is in the evidence"


def on_aws(club, *settings):
    return club.plan_other("migrate-on-aws", f"TargetCluster={TARGET}", "ImageTag=production-2", "SnapshotName=once-more",
                           "RunDate=2022-06-16", *settings)


def step_functions_of_the_same_estate_migrate_it(club, slipwayctl, world, before):
    """With what the scenario and its set-up make, and nothing else. The machine's definition may come later than the world."""
    planned = on_aws(club)
    yield planned.returncode == 1 and "there is no state machine arn:aws:states" in planned.stdout, planned.stdout[-2500:]
    folder = os.path.join(club.server.state, "migration")
    subprocess.run([os.path.join(os.path.dirname(CLUB), "club", "set-up"), folder, "60"], check=True, capture_output=True,
                   env={**os.environ, "SLIPWAYCTL": slipwayctl})
    club.server.stop()
    club.server = drive.Server(world.binary, club.server.state, world.scenario, world.speed, club.server.port, rows=True)
    tags = club.need(club.desk.call("runbook", "choices", "migrate-on-aws", "ImageTag", "-e", "production")).stdout
    yield [line.split()[0] for line in tags.splitlines()] == ["main-7", "production-2", "production-1"], tags
    digest = club.need(club.desk.call("migrate", "state-machine", f"{folder}/definitions", "--folder", f"{folder}/definitions",
                                      "--source", f"{folder}/source", "--sha256")).stdout.strip()
    refused = on_aws(club, "MachineSha256=" + "0" * 64)
    yield refused.returncode == 1 and "was made of other definitions" in refused.stdout, refused.stdout[-1500:]
    club.need(on_aws(club, f"MachineSha256={digest}"))
    club.cosign()
    asked = club.start("--attest", "AttestQuiet")
    yield asked.returncode == 1 and "needs-confirmation" in asked.stderr, asked.stderr[-1500:]
    yield club.contents() == before, "rows are in before the name was typed"
    yield from nobody_comes_between_by_hand(club)
    beside = club.plan("SnapshotName=beside", "RunDate=2022-06-17")
    yield beside.returncode == 1 and "(“Migrate on AWS”" in beside.stdout, beside.stdout[-2500:]
    ended = club.desk.call("run", "resume", "last", "--confirm", f"LoadTarget={TARGET}@{ACCOUNT}", timeout=400)
    yield ended.returncode == 0, ended.stderr[-1500:]
    yield club.server.sql(TARGET, "SELECT count (*) > 50 FROM people") == "t", "the rows are not in the target"
    states = {one["name"]: one for one in club.step("LoadTarget")["outputs"]["States"]}
    with open(states["validation"]["logFile"], encoding="utf-8") as file:
        text = file.read()
    yield "validation       done" in text and "rehearsal-club" not in text, text
    yield not os.path.exists(os.path.join(club.server.state, "container")), "a task writes an audit log of its own"


def snapshot_migrate_validate_roll_back_and_the_counts_return(slipwayctl, world, source):
    with Migration(slipwayctl, world, source) as club:
        points = os.path.join(club.desk.state, "points")
        before = club.contents()
        yield from what_is_not_fit_is_refused(club)
        yield from one_database_is_refused_without_a_guard_too(club)
        yield from what_differs_since_the_plan_stops_it(club)
        yield from one_person_or_no_word_is_not_enough(club, points)
        yield from nobody_comes_between_by_hand(club)
        yield from what_was_agreed_to_is_what_is_loaded(club)
        yield from migrates(club, before, points)
        after = club.contents()
        yield from validation_and_counts_are_evidence(club)
        yield from a_second_run_is_refused(club)
        yield from rolls_back(club, before)
        yield from it_can_be_migrated_once_more(club, points)
        yield club.contents() == after, "the same files and run date gave other rows"
        yield from undo_by_hand_leaves_an_audit_log(club, before)
        yield from step_functions_of_the_same_estate_migrate_it(club, slipwayctl, world, before)


def run(tap, slipwayctl, world):
    case = snapshot_migrate_validate_roll_back_and_the_counts_return
    why = drive.why_no_rows()
    if why:
        tap.skip(case.__name__, why)
        return
    club = drive.World(world.binary, CLUB, os.path.join(world.folder, "club"), 2000, rows=True)
    source = generate(slipwayctl, world.folder)
    try:
        wrong = [why for good, why in case(slipwayctl, club, source) if not good]
        tap.result(not wrong, case.__name__, "\n".join(map(str, wrong)))
    except Exception as error:  # a test that breaks is a test that failed
        tap.result(False, case.__name__, repr(error))
    if os.environ.get("SLIPWAY_TEST_LONG") == "1":
        killing.run(tap, lambda: Migration(slipwayctl, club, source), os.path.join(world.folder, "kills"), "migrate: ")


if __name__ == "__main__":
    drive.main(run)
