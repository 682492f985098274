# SPDX-License-Identifier: MIT
"""Every procedure with every kind of fault, and what the user sees of it: either it comes to where an
undisturbed run comes, with each change in effect as often as there, or it stops, says why, and goes on when the
cause is mended. A chosen sample; with SLIPWAY_TEST_LONG=1 (tests/run --long) the whole table. Words after the
three programs choose by name."""

import configparser
import datetime
import functools
import json
import os
import queue
import re
import signal
import sys
import threading

import drive
import procedures

WORKERS = 3
#: Long enough to end a session meanwhile, in seconds.
SLOW = 6
#: Those of Terraform, which tries again by itself, and gives up sooner than a run does.
TERRAFORM = ("s3", "dynamodb", "sts")
#: What Terraform and the containers of tasks do is theirs; the faults strike what a run sends, signed in as
#: one of these.
OURS = "Slipway/"
PEOPLE = tuple(f":assumed-role/{role}/" for role in sorted({right for right, _ in procedures.ROLES.values()}))
#: Rule R3: where RDS shows late what was set, or only while it is being set (a password), it is set to the same
#: once more when the answer was lost.
CONVERGING = (("rds", "ModifyDBCluster"), ("rds", "ModifyDBInstance"), ("rds", "ModifyGlobalCluster"))
#: What takes a new name has it; to say so once more is a mistake.
RENAMING = ("NewDBClusterIdentifier", "NewDBInstanceIdentifier", "NewGlobalClusterIdentifier")


def effects(one, after):
    """How often each operation changed something, by service and operation, since @after."""
    counts = {}
    for call in one.server.calls(after):
        if call["changed"] and call.get("user_agent", "").startswith(OURS) \
                and any(role in call["principal"] for role in PEOPLE):
            name = (call["service"], call["operation"])
            counts[name] = counts.get(name, 0) + 1
    return counts


class Truth:
    """What an undisturbed run of a procedure comes to."""

    def __init__(self, procedure, slipwayctl, world):
        case = Case(procedure, slipwayctl, world)
        try:
            done = case.one.start()
            if done.returncode != 0:
                raise RuntimeError(done.stderr)
            self.effects = effects(case.one, case.begun)
            if not self.effects:
                raise RuntimeError("an undisturbed run changes nothing")
            self.estate = case.one.estate()
        finally:
            case.one.server.stop()


CLOCKS = ("service_date", "time")


class Case:
    """One procedure in a world of its own, planned and approved."""

    def __init__(self, procedure, slipwayctl, world, truth=None):
        self.procedure = procedure
        self.truth = truth
        self.wrong = []
        self.ended = None
        self.hand = {}
        self.one = procedure.kind(slipwayctl, world)
        self.server = self.one.server
        self.desk = self.one.desk
        try:
            self.one.prepare()
            self.begun = max((call["sequence"] for call in self.server.calls()), default=0)
        except Exception:
            self.server.stop()
            raise

    def check(self, good, what):
        if not good:
            self.wrong.append(str(what)[-900:])

    def show(self):
        """The run of this procedure: whatever prepared for it is older."""
        return self.desk.show()

    def is_now(self, state):
        found = self.show()["state"]
        self.check(found == state, f"the run is {found}")

    def state_of(self, step):
        try:
            return next(one["state"] for one in self.show()["steps"] if one["id"] == step)
        except StopIteration:
            return ""

    def on_all_changes(self, **fault):
        for service, operation in self.truth.effects:
            for role in PEOPLE:
                self.server.fault(service=service, operation=operation, principal=f"*{role}*", **fault)

    def struck(self, kind, expected=()):
        """Faults of @kind met something, each of @expected at least; otherwise nothing would be shown here."""
        met = {(call["service"], call["operation"]) for call in self.server.calls(self.begun)
               if call.get("fault") == kind}
        self.check(met and met >= set(expected), f"{kind} met only {sorted(met)}")

    def log(self):
        """The entries of this run, the newest, by the log that was exported last."""
        with open(os.path.join(self.desk.state, "export.jsonl"), encoding="utf-8") as file:
            entries = [json.loads(line).get("entry", {}) for line in file]
        run = [entry["run"] for entry in entries if entry.get("kind") == "run.planned"][-1]
        return [entry for entry in entries if entry.get("run") == run]

    def said_again(self):
        """How often what converges was sent beyond its first time, by operation: as the same request, of a step
        that looks first (R3), can be taken back and gives no name."""
        entries = self.log()
        plan = next(entry["data"]["plan"] for entry in entries if entry["kind"] == "run.planned")
        steps = {step["id"]: step for one in plan["steps"] for step in (one, *one.get("body", []))}
        sent = {}
        for entry in entries:
            if entry["kind"] == "step.intent":
                sent.setdefault(entry["step"], []).append(entry)
        again = {}
        for name, intents in sent.items():
            step = steps.get(name) or steps[re.sub(r"\[\d+\]", "[*]", name)]
            operation = (step.get("service"), step.get("operation"))
            if operation in CONVERGING and step["resume"]["rule"] == "R3" and step["reversibility"] != "final" \
                    and not set(RENAMING) & set(intents[0]["request"]) \
                    and len({intent["request_sha256"] for intent in intents}) == 1:
                again[operation] = again.get(operation, 0) + len(intents) - 1
        return again

    def apart(self):
        """How far AWS's clock was at most from ours, by the log that was exported last."""
        with open(os.path.join(self.desk.state, "export.jsonl"), encoding="utf-8") as file:
            entries = [json.loads(line).get("entry", {}) for line in file]
        times = [[datetime.datetime.fromisoformat(entry[name].replace("Z", "+00:00")) for name in CLOCKS]
                 for entry in entries if "service_date" in entry]
        return max((abs((theirs - ours).total_seconds()) for theirs, ours in times), default=0)

    def begin(self, act=None):
        """Starts it, or goes on with it, on a thread of its own; end() waits for it."""
        self.thread = threading.Thread(target=lambda: setattr(self, "ended", (act or self.one.start)()))
        self.thread.start()

    def end(self):
        self.thread.join(timeout=400)
        return self.ended

    def by_hand(self, calls):
        """What a person does, with the tool that records it; it is no part of the run's own calls."""
        for environment, service, operation, request in calls:
            done = self.desk.call("aws", "--environment", environment, "--allow-change", "--confirm", environment,
                                  service, operation, "--input", json.dumps(request))
            self.check(done.returncode == 0, done.stderr)
            self.hand[(service, operation)] = self.hand.get((service, operation), 0) + 1

    def goes_on(self, rounds=1):
        ended = self.one.go_on()
        while ended.returncode != 0 and rounds > 1:
            rounds -= 1
            ended = self.one.go_on()
        return ended

    def stopped(self, ended, *says):
        """It ended with a reason, and with the command to go on."""
        self.check(ended.returncode == 1, f"exit {ended.returncode}: {ended.stderr}")
        for word in (*says, "run resume"):
            self.check(word in ended.stderr, f"no “{word}” in: {ended.stderr}")
        self.check(self.desk.verify() is None, "the ledger does not verify")

    def through(self, ended, more=None, converging=False):
        """It is done, and there is what an undisturbed run leaves; @more: what had to be made again; @converging:
        whether what converges may be said twice, because an answer was lost behind its effect."""
        self.check(ended.returncode == 0, f"exit {ended.returncode}: {ended.stderr}")
        self.is_now("done")
        self.check(self.desk.verify() is None, "the ledger does not verify")
        again = self.said_again() if converging else {}
        now = effects(self.one, self.begun)
        for name in sorted(set(now) | set(self.truth.effects)):
            expected = self.truth.effects.get(name, 0) + (more or {}).get(name, 0) + self.hand.get(name, 0)
            allowed = range(expected, expected + again.get(name, 0) + 1)
            self.check(now.get(name, 0) in allowed, f"{name}: {now.get(name, 0)}, undisturbed {expected}")
        estate = self.one.estate()
        self.check(estate == self.truth.estate, f"the estate is {estate}, undisturbed {self.truth.estate}")
        self.check(not self.desk.secrets_on_disk(), "a secret is on disk")


def throttle_storm(case):
    """It takes longer; whoever refuses says so before anything happened."""
    services = {call["service"] for call in case.server.calls()} | {name for name, _ in case.truth.effects}
    for service in services - set(TERRAFORM if case.procedure.tools else ()):
        # What AWS forgets in an hour is forgotten here before a refused look is made again.
        forgets = service == "ecs" and case.procedure.forgets
        for operation in ("RunTask", "UpdateService") if forgets else ("*",):
            case.server.fault(kind="throttle", service=service, operation=operation, probability=0.3)
            case.server.fault(kind="throttle", service=service, operation=operation, times=1)
    ended = case.one.start()
    for _ in range(6):
        if ended.returncode == 0:
            break
        case.check("run resume" in ended.stderr, ended.stderr)
        ended = case.one.go_on()
    case.struck("throttle")
    case.server.clear_faults()
    case.through(ended if ended.returncode == 0 else case.goes_on())


def lost_answer(kind):
    happened = kind in ("error-after", "drop-after", "truncate")

    def strike(case):
        case.on_all_changes(kind=kind, times=1)
        ended = case.one.start()
        case.struck(kind, case.truth.effects)
        # What nobody can find out is asked, not guessed; here nothing is such.
        case.through(ended, converging=happened)
    return strike


def hold(case):
    """Starts it, and returns when it waits for what does not come."""
    step, transition = case.procedure.wait
    case.server.fault(kind="stuck", transition=transition)
    case.begin()
    case.desk.wait_for_step(step, seconds=120)


def with_wrong_role(case):
    """Signs in with the same account's other profile."""
    path = os.path.join(case.server.state, "aws", "credentials")
    profiles = configparser.ConfigParser(interpolation=None)
    profiles.read(path, encoding="utf-8")
    profile = case.procedure.profile
    profiles[profile] = dict(profiles[f"other-{profile}"])
    with open(path, "w", encoding="utf-8") as file:
        profiles.write(file)


def expired_token(case):
    """The session ends: in a wait, or where there is none at a change. The run waits for a sign-in, takes no
    other role's, and then goes on."""
    step, what = case.procedure.wait
    if step is not None:
        hold(case)
        case.server.ask("sessions/expire", {"match": case.procedure.profile}, "POST")
        ended = case.end()
        case.check(case.state_of(step).startswith("waiting"), "the wait was given up")
    else:
        case.server.fault(kind="slow", operation=what, seconds=SLOW)
        case.begin()
        drive.wait_for(lambda: any(fault["hits"] for fault in case.server.ask("faults")), 120)
        case.server.ask("sessions/expire", {"match": case.procedure.profile}, "POST")
        ended = case.end()
    case.stopped(ended, "ign in")
    case.is_now("needs-sign-in")
    case.server.ask("sessions/renew", {}, "POST")
    before = effects(case.one, case.begun)
    with_wrong_role(case)
    other = case.one.go_on()
    right, wrong = procedures.ROLES[case.procedure.profile]
    case.stopped(other, f"assumed-role/{wrong}", f"not of role {right}", "name its profile")
    case.check(effects(case.one, case.begun) == before, "the wrong role changed something")
    case.server.ask("sessions/renew", {}, "POST")
    case.begin(case.one.go_on)
    if step is not None:
        case.desk.wait_for_run(lambda run: run["state"] == "running", 120)
    case.server.clear_faults()
    case.through(case.end())


def stuck(case):
    """What takes longer than its deadline is overdue, not failed; a stuck `promoting` is such."""
    step, _ = case.procedure.wait
    hold(case)
    case.desk.wait_for_step(step, "waiting-overdue", 120)
    case.server.clear_faults()
    case.through(case.end())


def quota(case):
    """A definite no: nothing happened, it says which quota, and goes on when there is room."""
    operation, code = case.procedure.quota
    case.server.fault(kind="error-before", operation=operation, status=400, code=code,
                      message="You have reached a quota of this account.", times=0)
    ended = case.one.start()
    case.server.clear_faults()
    case.stopped(ended, code, operation)
    case.through(case.one.go_on())


def biggest(folder):
    return max((os.path.getsize(os.path.join(folder, name)) for name in os.listdir(folder)
                if name.startswith("ledger.db")), default=0)


def disk_full(case):
    """No room for the next entry: it stops before the call, and goes on when there is room."""
    hits = 0
    for more in (60_000, 150_000, 300_000):
        limit = max(biggest(case.desk.state), 100_000) + more
        case.desk.preexec = functools.partial(drive.small_files, limit)
        ended = case.one.go_on() if hits else case.one.start()
        if ended.returncode == 0:
            break
        full = any(word in ended.stderr for word in ("audit log cannot be written", "nothing was stored"))
        hits += full
        case.check(full, ended.stderr)
    case.desk.preexec = None
    case.check(hits > 0, "the disk was never full")
    case.through(ended if ended.returncode == 0 else case.one.go_on())


def process_of(case):
    """The process that executes the run."""
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/cmdline", "rb") as file:
                words = file.read().decode(errors="replace").split("\0")
        except OSError:  # it ended meanwhile
            continue
        if case.desk.state in words and words[words.index(case.desk.state) + 1:][:2] == ["run", "start"]:
            return int(name)
    raise RuntimeError("nobody executes the run")


def suspended_laptop(case):
    """The lid is shut in a wait: AWS goes on, and when it is opened the clock is two hours off."""
    hold(case)
    process = process_of(case)
    os.kill(process, signal.SIGSTOP)
    if not case.procedure.forgets:
        case.server.clear_faults()
    case.server.fault(kind="clock-skew", seconds=7200)
    os.kill(process, signal.SIGCONT)
    if case.procedure.forgets:
        for fault in case.server.ask("faults"):
            if fault["kind"] == "stuck":
                case.server.ask(f"faults/{fault['id']}", None, "DELETE")
    ended = case.end()
    case.server.clear_faults()
    case.through(ended if ended.returncode == 0 else case.one.go_on())
    case.check(case.apart() > 7000, f"the log's two clocks were never more than {case.apart()} s apart")


def failure(name):
    def strike(case):
        expected = case.procedure.failures[name]
        case.server.fault(**{key: value for key, value in expected.fault.items() if value is not None})
        ended = case.one.start()
        case.stopped(ended, *expected.says)
        case.is_now("failed")
        for kind, resource in expected.there:
            case.check(case.server.find(kind, resource) is not None, f"{resource} is gone")
        case.server.clear_faults()
        again = case.one.go_on()
        if expected.mend is None:
            case.stopped(again, *expected.says)
            return
        if expected.mend:
            # Nothing is mended by trying again.
            case.stopped(again, *expected.says)
            case.by_hand(expected.mend)
            again = case.one.go_on()
        case.through(again, expected.more)
    return strike


FAULTS = {
    "throttle storm": throttle_storm,
    "500 before the effect": lost_answer("error-before"),
    "500 after the effect": lost_answer("error-after"),
    "dropped before the effect": lost_answer("drop"),
    "dropped reply": lost_answer("drop-after"),
    "truncated answer": lost_answer("truncate"),
    "expired token, wrong role": expired_token,
    "stuck": stuck,
    "quota": quota,
    "disk full": disk_full,
    "suspended laptop": suspended_laptop,
}

#: In each run: every kind of fault once beside the first procedure, and every procedure once.
SAMPLE = {
    "pre-migration-snapshot": ("FAILED copy",),
    "roll-back-global-cluster": ("stuck", "half-deleted cluster"),
    "restore-preproduction": ("task exit is not 0 after its work", "expired token, wrong role"),
    "restore-aurora-from-backup": ("FAILED restore", "suspended laptop", "quota"),
    "restore-dynamodb-from-backup": ("500 before the effect",),
    "delete-old-dynamodb-tables": ("dropped reply",),
    "backup-infrastructure": ("500 after the effect",),
    "copy-recovery-point-back": ("500 after the effect",),
    "tidy-up-after-rollback": ("half-deleted cluster",),
    "tidy-up-snapshots": ("dropped reply",),
    "restore-cluster-from-captured": ("dropped reply",),
    "record-row-counts": ("dropped reply",),
    "maintenance-mode-on": ("throttle storm", "truncated answer"),
    "maintenance-mode-off": ("disk full",),
    "change-freeze-on": ("dropped before the effect",),
    "change-freeze-off": ("dropped reply",),
}


def faults_of(procedure):
    """What can happen to it, by name."""
    waits = bool(procedure.wait) and procedure.wait[0] is not None
    left_out = [] if procedure.quota else ["quota"]
    left_out += [] if waits else ["stuck", "suspended laptop"]
    found = {name: strike for name, strike in FAULTS.items() if name not in left_out}
    found.update({name: failure(name) for name in procedure.failures})
    return found


def chosen():
    """(procedure, fault) in the table's order."""
    words = sys.argv[4:]
    everything = os.environ.get("SLIPWAY_TEST_LONG") == "1" or words
    return [(name, fault) for name, procedure in procedures.TABLE.items() for fault in faults_of(procedure)
            if (everything or fault in SAMPLE[name]) and all(word in f"{name}: {fault}" for word in words)]


class Bench:
    """What the workers share."""

    def __init__(self, tap, slipwayctl, worlds):
        self.tap = tap
        self.slipwayctl = slipwayctl
        self.worlds = worlds
        self.truths = {}
        self.work = queue.Queue()

    def one_procedure(self, name, faults):
        procedure = procedures.TABLE[name]
        why = procedure.why_not()
        if why:
            for fault in faults:
                self.tap.skip(f"{name}: {fault}", why)
            return
        world = self.worlds.of(procedure)
        truth = Truth(procedure, self.slipwayctl, world)
        for fault in faults:
            try:
                case = Case(procedure, self.slipwayctl, world, truth)
                try:
                    faults_of(procedure)[fault](case)
                except Exception as error:  # what was wrong before tells why
                    case.wrong.append(repr(error))
                finally:
                    case.server.stop()
                self.tap.result(not case.wrong, f"{name}: {fault}", "\n".join(case.wrong))
            except Exception as error:  # a test that breaks is a test that failed
                self.tap.result(False, f"{name}: {fault}", repr(error))

    def worker(self):
        while True:
            try:
                name, faults = self.work.get_nowait()
            except queue.Empty:
                return
            try:
                self.one_procedure(name, faults)
            except Exception as error:
                self.tap.result(False, f"{name}, undisturbed", repr(error))


def run(tap, slipwayctl, world):
    bench = Bench(tap, slipwayctl, procedures.Worlds(world))
    by_name = {}
    for name, fault in chosen():
        by_name.setdefault(name, []).append(fault)
    for item in by_name.items():
        bench.work.put(item)
    threads = [threading.Thread(target=bench.worker) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tap.note(f"{sum(map(len, by_name.values()))} of "
             f"{sum(len(faults_of(one)) for one in procedures.TABLE.values())} pairs of procedure and fault")


os.environ["SLIPWAY_REHEARSAL_POSTGRES"] = "off"
drive.main(run)
