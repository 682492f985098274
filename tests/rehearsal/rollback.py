# SPDX-License-Identifier: MIT
"""A rehearsed rollback of the global cluster as its tests drive it: a world, the desk of an engineer, a
colleague's. Standard library only."""

import json
import os
import re

RUNBOOK = "roll-back-global-cluster"
SNAPSHOT = "pre-migration-snapshot-api-202611141905"
GLOBAL = "production-api-global"
ACCOUNT = "111111111111"
FINAL = ("RemoveFromGlobalCluster", "DeleteDBInstance", "DeleteDBCluster", "DeleteGlobalCluster")
MAKING = ("CreateDBClusterSnapshot", "RestoreDBClusterFromSnapshot", "CreateDBInstance",
          "CreateGlobalCluster", "CreateDBCluster")
DECISION = "Decision=it cannot be fixed forward; decided by ann and ben"


def calls(server, operations):
    """By operation: how often it was sent and how often it changed something."""
    counts = {operation: [0, 0] for operation in operations}
    after = 0
    while True:
        page = server.ask(f"calls?after={after}&limit=500")["calls"]
        for call in page:
            after = call["sequence"]
            if call.get("operation") in counts:
                counts[call["operation"]][0] += 1
                counts[call["operation"]][1] += bool(call["changed"])
        if len(page) < 500:
            return counts


class Rollback:
    """A world, an engineer's desk, a colleague's."""

    def __init__(self, slipwayctl, world, mode="replace", port=0):
        self.server = world.fresh(port=port)
        self.desk = world.desk(slipwayctl, self.server)
        self.colleague = world.desk(slipwayctl, self.server)
        self.colleague.workspace = os.path.join(self.server.state, "second", "workspace.json")
        self.mode = mode
        self.file = os.path.join(self.desk.state, "plan.json")
        self.cosigned = os.path.join(self.desk.state, "cosigned.json")
        self.accepted = os.path.join(self.desk.state, "accepted.json")
        self.digest = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.stop()

    def do(self, runbook, *settings, words=()):
        """Plans and runs another runbook, by one person."""
        path = os.path.join(self.desk.state, "other.json")
        digest = self.desk.plan_of(runbook, "production", path, *settings)
        return self.need(self.desk.call("run", "start", path, "--approve", digest, *words, timeout=400))

    def freeze(self):
        self.do("change-freeze-on", "Reference=CHG-1", "Reason=rollback")

    def close(self):
        self.do("maintenance-mode-on", "Reason=rollback")

    @staticmethod
    def need(done):
        if done.returncode != 0:
            raise RuntimeError(done.stdout[-800:] + done.stderr[-800:])
        return done

    def plan(self, *settings):
        words = ["plan", RUNBOOK, "-e", "production", "-o", self.file, "--set", DECISION]
        given = {"GlobalCluster": GLOBAL, "Snapshot": SNAPSHOT, "Mode": self.mode,
                 "Verification": "by-hand", "Maintenance": ""}
        given.update(setting.split("=", 1) for setting in settings)
        for name, value in given.items():
            words += ["--set", f"{name}={value}"]
        done = self.desk.call(*words)
        if done.returncode == 0:
            with open(self.file, encoding="utf-8") as file:
                self.digest = json.load(file)["hash"]
        return done

    def cosign(self):
        self.need(self.colleague.call("cosign", self.file, "--approve", self.digest, "-o",
                                      self.cosigned))

    ATTESTED = ("--attest", "AttestQuiet", "--attest", "AttestRows", "--attest", "Reopen")
    WORDS = ("--confirm", f"EachSecondary[1].DetachSecondary={GLOBAL}@{ACCOUNT}", "--confirm",
             f"GoOn=api-production@{ACCOUNT}", *ATTESTED)

    def question(self):
        return self.desk.question()

    def vouch(self, question):
        return self.colleague.vouch(self.file, question, self.accepted)

    def start(self, **more):
        return self.with_two(more, "run", "start", self.file, "--approve", self.digest, "--cosign",
                             self.cosigned, *self.WORDS)

    def with_two(self, more, *words):
        """A run that waits for the second person gets them, and goes on in another process. Places to be
        killed at are counted over all of them."""
        counted = more.get("SLIPWAY_CRASH_COUNT") or os.path.join(self.desk.state, "points")
        kill, _, place = more.get("SLIPWAY_CRASH_AT", "").partition(":")

        def visited():
            if not os.path.exists(counted):
                return 0
            with open(counted, encoding="utf-8") as file:
                return sum(line.split(" ", 1)[1].strip() == place for line in file)

        def call(*them):
            environment = dict(more)
            if kill:
                environment |= {"SLIPWAY_CRASH_COUNT": counted,
                                "SLIPWAY_CRASH_AT": f"{int(kill) - visited()}:{place}"}
            return self.desk.call(*them, timeout=400, **environment)

        done = call(*words)
        for _ in range(2):
            question = self.question() if done.returncode == 1 else None
            if question is None:
                break
            self.need(self.vouch(question))
            done = call("run", "resume", "last", "--cosign", self.accepted, *self.WORDS)
        return done

    def go_on(self):
        """What a person does next, whatever state the run was left in."""
        newest = next((run for run in self.desk.runs() if run.get("runbook") == RUNBOOK), None) \
            if os.path.exists(os.path.join(self.desk.state, "ledger.db")) else None
        if newest is None:
            runs = self.desk.runs()
            newest = runs[0] if runs and "oll back" in json.dumps(runs[0]) else None
        if newest is None:
            return self.start()
        words = ["--approve", self.digest] if newest["state"] == "planned" else []
        run = json.loads(self.desk.call("run", "show", newest["id"], "--json").stdout)
        if "cosigned" not in json.dumps(run) and newest["state"] in ("planned", "approved"):
            words += ["--cosign", self.cosigned]
        return self.with_two({}, "run", "resume", newest["id"], *words, *self.WORDS)

    def names(self):
        """What there is in production, by name and state, without what differs between two runs."""
        found = {}
        for kind in ("rds.cluster", "rds.instance", "rds.global-cluster", "rds.cluster-snapshot"):
            text = json.dumps(sorted(f"{item.get('region')}/{item.get('id')}" for item in
                                     self.server.ask(f"resources?type={kind}")))
            for what, stands_for in ((r"rds:[^\"]*", "rds:"), (r"job-[0-9a-f-]{36}", "job"),
                                     (r"-\d{12}\b", "-TIME")):
                text = re.sub(what, stands_for, text)
            found[kind] = text
        return found

    def verify(self):
        return self.desk.verify()


WAIVER = "SafetySnapshotWaiver=primary-not-available"
LOST_KEY = "inaccessible-encryption-credentials"
NO_SNAPSHOT = f"WaiveSafetySnapshot=no-snapshot-of-api-production@{ACCOUNT}"


def break_cluster(server, state=LOST_KEY, region="eu-west-1"):
    server.ask("clusters/break", {"cluster": "api-production", "account": ACCOUNT, "region": region, "state": state},
               "POST")


def in_production(rollback, operation, member):
    answer = rollback.need(rollback.desk.call("aws", "--environment", "production", "rds", operation))
    return json.loads(answer.stdout)[member]


def change(rollback, service, operation, request, region="eu-west-1"):
    rollback.need(rollback.desk.call("aws", "--environment", "production", "--region", region, "--allow-change",
                                     "--confirm", "production", service,
                                     operation, "--input", json.dumps(request)))


def step(rollback, name):
    return next(step for step in rollback.desk.show()["steps"] if step["id"] == name)


def refuse_once(rollback, operation):
    rollback.server.fault(kind="error-before", service="rds", operation=operation, region="eu-west-1", status=403,
                          code="AccessDenied", message="not yet", times=1)


class Procedure(Rollback):
    """As killing.py takes it."""

    kind = "replace"
    settings = ()

    def __init__(self, slipwayctl, world):
        super().__init__(slipwayctl, world, self.kind)

    def prepare(self):
        self.freeze()
        self.need(self.plan(*self.settings))
        self.cosign()

    def counts(self):
        return calls(self.server, FINAL + MAKING)

    def estate(self):
        return self.names()


class RenameSwap(Procedure):
    kind = "rename-swap"


class Waived(Procedure):
    """The primary is in a state in which AWS takes no snapshot, and two people do without."""

    kind = "waived"
    settings = (WAIVER,)
    WORDS = (*Rollback.WORDS, "--confirm", NO_SNAPSHOT)

    def __init__(self, slipwayctl, world):
        super().__init__(slipwayctl, world)
        self.mode = "replace"

    def prepare(self):
        break_cluster(self.server)
        super().prepare()


class Beside(Procedure):
    settings = ("Verification=restore-beside", "MasterSecret=rds-api-production")


def one_case(tap, slipwayctl, world, case):
    try:
        wrong = [why for good, why in case(slipwayctl, world) if not good]
        tap.result(not wrong, case.__name__, "\n".join(map(str, wrong)))
    except Exception as error:  # a test that breaks is a test that failed
        tap.result(False, case.__name__, repr(error))
