# SPDX-License-Identifier: MIT
"""Drives slipwayctl against slipway-rehearsal: servers on copies of one world, runs, and what both
say of them afterwards. Standard library only."""

import json
import os
import re
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

RUNBOOK = "pre-migration-snapshot"
SNAPSHOT = "pre-migration-snapshot-api-202611210630"
COPY = "api-snpshot-for-copy"
CHANGES = ("CreateDBClusterSnapshot", "DeleteDBClusterSnapshot", "CopyDBClusterSnapshot",
           "ModifyDBClusterSnapshotAttribute")


class Tap:
    def __init__(self):
        self.count = 0
        self.failed = 0
        self.lock = threading.Lock()

    def result(self, good, name, why=""):
        with self.lock:
            self.count += 1
            self.failed += not good
            print(f"{'ok' if good else 'not ok'} {self.count} {name}", flush=True)
            for line in str(why).splitlines() if not good else []:
                print(f"#   {line}", flush=True)

    def skip(self, name, why):
        with self.lock:
            self.count += 1
            print(f"ok {self.count} {name} # SKIP {why}", flush=True)

    def note(self, text):
        with self.lock:
            print(f"# {text}", flush=True)

    def end(self):
        print(f"1..{self.count}")
        return 1 if self.failed else 0


def wait_for(condition, seconds=30):
    """Returns when @condition holds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return
        time.sleep(0.1)
    raise RuntimeError("it never came to that")


def small_files(limit):
    """For a child: no file may grow beyond @limit, as on a disk that is full."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))


def why_no_rows():
    """Why there can be no real databases here, or None."""
    if not os.path.isdir("/usr/lib/postgresql") and shutil.which("postgres") is None:
        return "PostgreSQL's server programs are not installed"
    return None if shutil.which("psql") else "psql is not installed"


def plain_scenario(source, folder, but=()):
    """The scenario without databases, but those of these clusters: snapshots then take their modelled time and
    no other."""
    with open(source, encoding="utf-8") as file:
        scenario = json.load(file)
    for account in scenario["accounts"]:
        for services in account.get("resources", {}).values():
            for cluster in services.get("rds", {}).get("clusters", []):
                if cluster["id"] not in but:
                    cluster.pop("database", None)
    path = os.path.join(folder, "scenario.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(scenario, file)
    return path


class Server:
    """slipway-rehearsal on a state folder."""

    def __init__(self, binary, state, scenario, speed, port=0, rows=False):
        self.state = state
        # libsoup 3.2 leaks the socket of a connection that its client closes (mended in 3.3).
        options = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        environment = {**os.environ, "ASAN_OPTIONS": options}
        if rows:
            environment.pop("SLIPWAY_REHEARSAL_POSTGRES", None)
        self.process = subprocess.Popen(
            [binary, "--state", state, "--scenario", scenario, "--speed", str(speed), "--port",
             str(port), "--die-with-parent"], stdout=subprocess.PIPE, text=True,
            env=environment)
        line = self.process.stdout.readline()
        if not line.startswith("endpoint="):
            raise RuntimeError(f"no endpoint line, but {line!r}")
        self.endpoint = line.strip().split("=", 1)[1]
        self.port = int(self.endpoint.rsplit(":", 1)[1])

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=60)
        self.process.stdout.close()
        if status != 0:
            raise RuntimeError(f"slipway-rehearsal ended with {status}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def ask(self, path, body=None, method=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.endpoint}/_slipway/{path}", data=data, method=method,
                                         headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def fault(self, **fault):
        return self.ask("faults", fault, "POST")

    def clear_faults(self):
        self.ask("faults", None, "DELETE")

    def calls(self, after=0):
        """The calls that were served, oldest first, as the control endpoint tells them."""
        while True:
            page = self.ask(f"calls?after={after}&limit=500")["calls"]
            yield from page
            if len(page) < 500:
                return
            after = page[-1]["sequence"]

    def changes(self, operations=CHANGES):
        """Calls that may change something, by operation: (sent, had an effect)."""
        counts = {operation: [0, 0] for operation in operations}
        for call in self.calls():
            if call.get("operation") in counts:
                counts[call["operation"]][0] += 1
                counts[call["operation"]][1] += bool(call["changed"])
        return counts

    def find(self, kind, name, account=None):
        """One resource as its service shows it, or None."""
        path = f"resources?type={kind}" + (f"&account={account}" if account else "")
        found = [one["data"] for one in self.ask(path) if one["id"] == name]
        return found[0].get("shape", found[0]) if found else None

    def sql(self, cluster, statement, password=None):
        """What a real database of the rehearsal answers."""
        found = self.find("rds.cluster", cluster)
        done = subprocess.run(
            ["psql", "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-h", found["Endpoint"], "-p",
             str(found["Port"]), "-U", found["MasterUsername"], "-d", found["DatabaseName"], "-c",
             statement],
            env={**os.environ, "PGPASSWORD": password or f"rehearsal-{cluster}",
                 "PGCONNECT_TIMEOUT": "20"}, capture_output=True, text=True, timeout=60, check=False)
        if done.returncode != 0:
            raise RuntimeError(done.stderr.strip())
        return done.stdout.strip()

    def administer(self, cluster, region, statement):
        """The same as the rehearsal's own user, who may also hold replication up."""
        found = next(one["data"]["shape"] for one in self.ask("resources?type=rds.cluster")
                     if (one["id"], one["region"]) == (cluster, region))
        with open(os.path.join(self.state, "postgres", "admin.password"), encoding="utf-8") as file:
            password = file.read()
        done = subprocess.run(
            ["psql", "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-h", found["Endpoint"], "-p",
             str(found["Port"]), "-U", "rdsadmin", "-d", "postgres", "-c", statement],
            env={**os.environ, "PGPASSWORD": password, "PGCONNECT_TIMEOUT": "20"}, capture_output=True,
            text=True, timeout=60, check=False)
        if done.returncode != 0:
            raise RuntimeError(done.stderr.strip())
        return done.stdout.strip()

    def estate(self):
        """Snapshots and shares, without what differs between two runs of the same thing."""
        return without_times(self, "rds.cluster-snapshot", "rds.share")


def without_times(server, *types):
    """Resources of these types as text, without what differs between two runs of the same thing."""
    found = [server.ask(f"resources?type={name}") for name in types]
    text = json.dumps(found, sort_keys=True)
    text = re.sub(r"\d{4}-\d\d-\d\d[T_]\d\d[:.]\d\d[:.]\d\d(\.\d+)?Z?", "TIME", text)
    return re.sub(r"\d{8}T\d{6}Z-[0-9a-f]{8}", "RUN", text)


def open_texts(steps):
    """What a plan's steps say to people with a reference that nothing fills in."""
    for step in steps:
        texts = [step.get(name) for name in ("title", "why", "undo", "ifItFails")]
        confirm = step.get("confirm", {})
        texts += [confirm.get("text"), *step.get("hints", {}).values()]
        texts += [confirm.get("ask")] if confirm.get("when") == "approval" else []
        yield from (f"{step['id']}: {text}" for text in texts if text and "{{" in text)
        yield from open_texts(step.get("body", ()))


def check_texts(words):
    """Whoever reads the plan that `slipwayctl plan` has just written reads no reference."""
    path = next((words[i + 1] for i, word in enumerate(words[:-1]) if word in ("-o", "--output")), None)
    if path is None:
        return
    with open(path, encoding="utf-8") as file:
        found = list(open_texts(json.load(file)["steps"]))
    if found:
        raise RuntimeError("a plan shows a reference: " + "; ".join(found))


class Desk:
    """A state folder of slipwayctl, pointed at a server."""

    def __init__(self, binary, server, state):
        self.binary = binary
        self.server = server
        self.state = state
        self.workspace = os.path.join(server.state, "workspace.json")
        #: What each child does before it becomes slipwayctl.
        self.preexec = None
        #: By plan file, the runbook that is no known name.
        self.runbooks = {}
        self.environment = {
            key: value for key, value in os.environ.items()
            if not key.startswith(("AWS_", "SLIPWAY_")) and key != "G_DEBUG"}
        self.environment.update(SLIPWAY_LEDGER_KEY="file", LC_ALL="C.UTF-8",
                                HOME=state, XDG_CONFIG_HOME=state, XDG_CACHE_HOME=state)

    def call(self, *words, timeout=120, preexec=None, **environment):
        done = subprocess.run(
            [self.binary, "--workspace", self.workspace, "--state", self.state, *words],
            env={**self.environment, **environment}, capture_output=True, text=True, timeout=timeout,
            stdin=subprocess.DEVNULL, preexec_fn=preexec or self.preexec, check=False)
        if "Sanitizer" in done.stderr or "runtime error: " in done.stderr:
            raise RuntimeError(done.stderr)
        if words[0] == "plan" and done.returncode == 0:
            check_texts(words)
        return done

    def await_event(self, environment, resource, operation):
        """CloudTrail tells of a call some time after it: returns when it does."""
        question = {"LookupAttributes": [{"AttributeKey": "ResourceName", "AttributeValue": resource}]}
        wait_for(lambda: f'"{operation}"' in self.call(
            "aws", "--environment", environment, "cloudtrail", "LookupEvents", "--input", json.dumps(question)).stdout)

    def plan(self, path, *settings):
        return self.plan_of(RUNBOOK, "production", path, f"SnapshotName={SNAPSHOT}", *settings)

    def plan_of(self, runbook, environment, path, *settings):
        """Writes the plan to @path; returns its hash."""
        words = ["plan", runbook, "--environment", environment, "--output", path]
        for setting in settings:
            words += ["--set", setting]
        done = self.call(*words)
        if done.returncode != 0:
            raise RuntimeError(f"no plan: {done.stderr}")
        self.runbooks[path] = ("--runbook", runbook) if "/" in runbook else ()
        with open(path, encoding="utf-8") as file:
            return json.load(file)["hash"]

    def start(self, plan, digest, *words, **more):
        words = (*self.runbooks.get(plan, ()), *words)
        return self.call("run", "start", plan, "--approve", digest, *words, **more)

    def resume(self, *words, **more):
        return self.call("run", "resume", "last", *words, **more)

    def grown(self):
        """What changes whenever the audit log does: whoever waits for a run asks again then, and not before."""
        names = (f"ledger.db{end}" for end in ("", "-wal"))
        found = (os.stat(path) for path in (os.path.join(self.state, name) for name in names) if os.path.exists(path))
        return [(one.st_mtime_ns, one.st_size) for one in found]

    def wait_for_step(self, step, state="waiting", seconds=30):
        """Returns when this step of the newest run is in a state of that name, or of one that goes on from there."""
        self.wait_for_run(lambda run: any(one["id"] == step and one["state"].startswith(state) for one in run["steps"]), seconds)

    def wait_for_run(self, condition, seconds=30):
        """Returns when @condition holds of the newest run, as `run show` tells it; asks when its log has grown, and every
        other second, since a run may be late without a word."""
        until, asked, seen = time.monotonic() + seconds, 0, None
        while time.monotonic() < until:
            now = self.grown()
            if now != seen or time.monotonic() - asked > 2:
                asked, seen = time.monotonic(), now
                done = self.call("run", "show", "last", "--json")
                if done.returncode == 0 and condition(json.loads(done.stdout)):
                    return
            time.sleep(0.1)
        raise RuntimeError("the run never came to that")

    def runs(self):
        done = self.call("run", "list", "--json")
        return json.loads(done.stdout) if done.returncode == 0 else []

    def show(self):
        return self.show_run("last")

    def show_run(self, name):
        return json.loads(self.call("run", "show", name, "--json").stdout)

    def go_on(self, plan, digest, *words):
        """What a person would do next, whatever state the run was left in."""
        runs = self.runs()
        if not runs:
            return self.start(plan, digest, *words)
        if runs[0]["state"] == "planned":
            return self.resume("--approve", digest, *words)
        return self.resume(*words)

    def question(self):
        """What the newest run asks a second person, as words for their command; None when it asks nothing."""
        shown = self.call("run", "show", "last", "--json")
        words = json.loads(shown.stdout).get("need_cosign") if shown.returncode == 0 else None
        return shlex.split(words) if words else None

    def vouch(self, plan, question, output):
        """What a second person does here: reads what is said, and names its digest."""
        words = ("cosign", plan, *question, "-o", output)
        told = self.call(*words)
        return self.call(*words, "--approve", told.stderr.rsplit("--approve ", 1)[-1].strip())

    def verify(self):
        """Exports the ledger and verifies the file as an auditor would; returns what is wrong."""
        path = os.path.join(self.state, "export.jsonl")
        exported = self.call("ledger", "export", "-o", path)
        if exported.returncode != 0:
            return exported.stderr
        key = self.call("ledger", "key").stdout.strip()
        verified = self.call("ledger", "verify", path, "--key", key)
        return None if verified.returncode == 0 else verified.stdout + verified.stderr

    def secrets_on_disk(self):
        """Secrets of the profiles that are found in the ledger's files."""
        with open(os.path.join(self.server.state, "aws", "credentials"), encoding="utf-8") as file:
            secrets = re.findall(r"(?:secret_access_key|session_token)\s*=\s*(\S+)", file.read())
        found = []
        for name in os.listdir(self.state):
            path = os.path.join(self.state, name)
            if os.path.isfile(path):
                with open(path, "rb") as file:
                    data = file.read()
                found += [name for secret in secrets if secret.encode() in data]
        return found


class World:
    """A world that was made once, and copied for each test."""

    def __init__(self, binary, scenario, folder, speed, rows=False):
        self.binary = binary
        self.folder = folder
        self.speed = speed
        self.original = scenario
        self.scenario = scenario if rows else plain_scenario(scenario, folder)
        self.rows = rows
        self.template = os.path.join(folder, "template")
        if not rows:
            with Server(binary, self.template, self.scenario, speed):
                pass
        self.numbers = 0
        self.lock = threading.Lock()

    def fresh(self, port=0, speed=None):
        with self.lock:
            self.numbers += 1
            state = os.path.join(self.folder, f"world-{self.numbers}")
        # Databases belong to who runs them, which a copy would not keep.
        if not self.rows:
            shutil.copytree(self.template, state, ignore=shutil.ignore_patterns("lock"))
        return Server(self.binary, state, self.scenario, speed or self.speed, port, self.rows)

    def with_rows(self, speed=2000, clusters=None):
        """The same world with real databases, all or those of @clusters; much slower."""
        folder = os.path.join(self.folder, "rows")
        os.mkdir(folder)
        scenario = plain_scenario(self.original, folder, clusters) if clusters else self.original
        return World(self.binary, scenario, folder, speed, rows=True)

    def desk(self, slipwayctl, server):
        state = tempfile.mkdtemp(prefix="desk-", dir=self.folder)
        return Desk(slipwayctl, server, state)


def main(run):
    """Calls `run(tap, slipwayctl, world)` with the programs of the command line."""
    rehearsal, slipwayctl, scenario = sys.argv[1:4]
    folder = tempfile.mkdtemp(prefix="slipway-drive-")
    tap = Tap()
    try:
        run(tap, slipwayctl, World(rehearsal, scenario, folder, 100000))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(tap.end())
