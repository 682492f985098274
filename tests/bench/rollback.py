#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Rehearses a production rollback at 60 times AWS's pace, as two people would, and measures it.

usage: tests/bench/rollback.py BUILD-DIR [--speed N] [--verification HOW] [--factor N]

Prints the wall time of the whole rehearsal beside what the plan forecast; what the engine itself takes for a
step, which is the time between two outcomes in the audit log less the time that AWS's answers took; and how
long it takes from starting `run resume` after a kill -9 to the first call of the step that was under way. A
proxy between both programs takes the times of the calls. Exits with 1 when a limit is missed; --factor makes
the limits milder on a machine that others use too. Run by hand; with PostgreSQL's programs the rows are real.
"""
import argparse
import json
import os
import pathlib
import re
import select
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests/rehearsal"))
import drive  # noqa: E402

ACCOUNT = "111111111111"
GLOBAL = "production-api-global"
SNAPSHOT = "pre-migration-snapshot-api-202611141905"
SAID = ("--confirm", f"EachSecondary[1].DetachSecondary={GLOBAL}@{ACCOUNT}", "--confirm",
        f"GoOn=api-production@{ACCOUNT}", "--attest", "AttestQuiet", "--attest", "AttestRows", "--attest",
        "Reopen")
MOST_OVERHEAD_MS = 10
MOST_RESUME_S = 1
KILLS = 3


class Proxy:
    """Passes bytes on, and keeps when each request began and its answer ended."""

    def __init__(self, port):
        self.target = port
        self.calls = []
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def note(self, call):
        if call is not None:
            with self.lock:
                self.calls.append(tuple(call))

    def serve(self, client):
        server = socket.create_connection(("127.0.0.1", self.target))
        for one in client, server:
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        call = None
        try:
            while True:
                for ready in select.select([client, server], [], [])[0]:
                    data = ready.recv(1 << 16)
                    if not data:
                        return
                    if ready is client:
                        if call is None or call[1] is not None:
                            self.note(call)
                            call = [time.time(), None, b""]
                        call[2] += data[:4096]
                        server.sendall(data)
                    else:
                        client.sendall(data)
                        call[1] = time.time()
        except OSError:
            return
        finally:
            self.note(call)
            client.close()
            server.close()


def through(server, proxy):
    """The workspace's files lead to the proxy from now on."""
    for folder, _, names in os.walk(server.state):
        for name in names:
            path = os.path.join(folder, name)
            if name == "workspace.json" or os.path.basename(folder) == "aws":
                with open(path, encoding="utf-8") as file:
                    text = file.read()
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text.replace(f":{server.port}", f":{proxy.port}"))


def need(done):
    if done.returncode != 0:
        sys.exit(done.stdout[-1500:] + done.stderr[-1500:])
    return done


def prepare(desk, colleague, verification):
    """Freeze, plan and second signature; returns the words that start the run, and the plan."""
    freeze, plan = (os.path.join(desk.state, name) for name in ("freeze.json", "plan.json"))
    digest = desk.plan_of("change-freeze-on", "production", freeze, "Reference=CHG-1", "Reason=bench")
    need(desk.call("run", "start", freeze, "--approve", digest))
    digest = desk.plan_of("roll-back-global-cluster", "production", plan, f"GlobalCluster={GLOBAL}",
                          f"Snapshot={SNAPSHOT}", "Mode=replace", f"Verification={verification}",
                          "MasterSecret=rds-api-production", "Maintenance=",
                          "Decision=a rehearsal that is measured")
    cosigned = os.path.join(desk.state, "cosigned.json")
    need(colleague.call("cosign", plan, "--approve", digest, "-o", cosigned))
    with open(plan, encoding="utf-8") as file:
        return [plan, "--approve", digest, "--cosign", cosigned, *SAID], json.load(file)


def begin(desk, *words):
    return subprocess.Popen(
        [desk.binary, "--workspace", desk.workspace, "--state", desk.state, "run", *words],
        env=desk.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True)


def accept(desk, colleague, plan):
    """The second person, beside whoever has the run, at its end."""
    accepted = os.path.join(desk.state, "accepted.json")
    need(colleague.vouch(plan, desk.question(), accepted))
    need(desk.call("run", "resume", "last", "--cosign", accepted))


def waiting_step(desk):
    return next((step["id"] for step in desk.show()["steps"] if step["state"].startswith("waiting")), None)


def kill_and_resume(desk, proxy, process):
    """Kills the run while it waits; returns the new process, and the seconds until it acted."""
    until = time.monotonic() + 600
    while waiting_step(desk) is None:
        if process.poll() is not None or time.monotonic() > until:
            sys.exit(process.stdout.read()[-1500:])
        time.sleep(0.2)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    asks = re.compile(rb"Action=Describe(DB|Global)Cluster|Action=DescribeDBInstances")
    began = time.time()
    process = begin(desk, "resume", "last", *SAID)
    while True:
        with proxy.lock:
            first = next((call[0] for call in proxy.calls if call[0] >= began and asks.search(call[2])), None)
        if first is not None:
            return process, first - began
        if time.time() > began + 60:
            sys.exit("it never went on")
        time.sleep(0.02)


def moment(text):
    seconds, _, rest = text.rstrip("Z").partition(".")
    return time.mktime(time.strptime(seconds, "%Y-%m-%dT%H:%M:%S")) - time.timezone + float(f"0.{rest or 0}")


def overheads(desk, proxy):
    """For each step that neither waits nor asks a person: milliseconds beside its calls."""
    listed = json.loads(need(desk.call("ledger", "list", "--json", "--limit", "100000")).stdout)
    steps = {step["id"]: step for step in desk.show()["steps"]}
    entries = sorted((entry for entry in listed if entry.get("run") == desk.runs()[0]["id"]),
                     key=lambda entry: entry["seq"])
    found = {}
    last = None
    for entry in entries:
        now = moment(entry["time"])
        if entry["kind"] == "step.outcome" and last is not None:
            step = steps[entry["step"]]
            action = step.get("action", "")
            answers = sum(min(call[1], now) - max(call[0], last) for call in proxy.calls
                          if call[1] is not None and call[1] > last and call[0] < now)
            if "wait" not in action and "Property" not in action and action not in ("slipway:sql",):
                found[entry["step"]] = (now - last - answers) * 1000
        last = now if entry["kind"] in ("step.outcome", "step.attested", "step.confirmed") else None \
            if entry["kind"] in ("step.waiting", "run.paused", "run.resumed", "run.started") else last
    return found


def judge(name, value, unit, limit):
    kept = value <= limit
    print(f"{name:48} {value:8.1f} {unit:3} at most {limit:<6g} {'kept' if kept else 'MISSED'}")
    return kept


def measure(arguments, folder):
    build = pathlib.Path(arguments.build).resolve()
    scenario = str(TOP / "data/rehearsal/sirius.json")
    with drive.Server(str(build / "app/rehearsal/slipway-rehearsal"), os.path.join(folder, "world"), scenario,
                      arguments.speed) as server:
        proxy = Proxy(server.port)
        through(server, proxy)
        ctl = str(build / "app/cli/slipwayctl")
        desk, colleague = (drive.Desk(ctl, server, os.path.join(folder, name)) for name in ("desk", "second"))
        for one in desk, colleague:
            os.mkdir(one.state)
        colleague.workspace = os.path.join(server.state, "second", "workspace.json")
        words, plan = prepare(desk, colleague, arguments.verification)
        began = time.monotonic()
        process = begin(desk, "start", *words)
        resumes = []
        for _ in range(KILLS):
            process, seconds = kill_and_resume(desk, proxy, process)
            resumes.append(seconds)
        told, _ = process.communicate(timeout=7200)
        if process.returncode == 1 and desk.question() is not None:
            accept(desk, colleague, words[0])
        elif process.returncode != 0:
            sys.exit(told[-1500:])
        wall = time.monotonic() - began
        if desk.verify() is not None:
            sys.exit("the audit log does not verify")
        found = overheads(desk, proxy)
    forecast = plan["forecast"]["minutes"] * 60 / arguments.speed
    print(f"rollback of {len(plan['steps'])} steps, {arguments.verification}, at --speed {arguments.speed:g}: "
          f"{wall:.0f} s (forecast {forecast:.0f} s), killed {KILLS} times")
    worst = sorted(found, key=found.get, reverse=True)[:5]
    # What AWS refused for now, or took and did not show yet, was waited for in between.
    print(f"{len(found)} steps beside waits and people; the longest: "
          + ", ".join(f"{name} {found[name]:.1f} ms" for name in worst))
    print("resumed in " + ", ".join(f"{seconds:.2f} s" for seconds in resumes))
    kept = judge("engine for a step beside its calls, median", statistics.median(found.values()), "ms",
                 MOST_OVERHEAD_MS * arguments.factor)
    return judge("from resuming to the first call of the step, worst", max(resumes), "s",
                 MOST_RESUME_S * arguments.factor) and kept


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--speed", type=float, default=60)
    parser.add_argument("--verification", default="restore-beside" if drive.why_no_rows() is None else "by-hand",
                        choices=["restore-beside", "by-hand"])
    parser.add_argument("--factor", type=float, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="slipway-bench-") as folder:
        sys.exit(0 if measure(arguments, folder) else 1)


main()
