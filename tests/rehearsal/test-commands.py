# SPDX-License-Identifier: MIT
"""A run that failed is finished by hand, with the commands that it prints and the AWS CLI alone."""

import json
import os
import re
import shutil
import subprocess
import tempfile

import drive

REFERENCE = re.compile(r"\{\{ *([^{}]+?) *\}\}")
NOTE = re.compile(r"Replace \{\{ (\S+) \}\} by \$\.(\S+) of the answer of step \d+")


def select(answer, path):
    """The plain part of JSONPath that outputs use: members, indexes and [*]."""
    values = [answer]
    for name, index in re.findall(r"([A-Za-z]\w*)|\[(\d+|\*)\]", path):
        if name:
            values = [value[name] for value in values]
        elif index == "*":
            values = [element for value in values for element in value]
        else:
            values = [value[int(index)] for value in values]
    return values if "*" in path else values[0]


class Hand:
    """A person with a shell, who does what the notes say."""

    def __init__(self, commands):
        self.commands = commands
        self.answers = {}
        self.selectors = {}
        self.sent = 0

    def fill(self, line):
        def value(match):
            step, _ = match.group(1).rsplit(".", 1)
            found = select(self.answers[step], self.selectors[match.group(1)])
            return found if isinstance(found, str) else json.dumps(found)
        return REFERENCE.sub(value, line)

    def run(self):
        for step in self.commands:
            for note in step["notes"]:
                if match := NOTE.match(note):
                    self.selectors[match.group(1)] = match.group(2)
            for line in step["commands"]:
                line = self.fill(line).replace("sleep 30", "sleep 0.2")
                done = subprocess.run(["sh", "-c", line], capture_output=True, text=True,
                                      timeout=120, check=False)
                if done.returncode != 0:
                    return f"{step['step']}: {line}\n{done.stderr}"
                self.sent += 1
                if done.stdout.lstrip().startswith("{"):
                    self.answers[step["step"]] = json.loads(done.stdout)
        return None


def failed_run(desk, server, plan, digest):
    server.fault(kind="error-before", service="rds", operation="CreateDBClusterSnapshot",
                 code="AccessDenied", status=403, times=0)
    ended = desk.start(plan, digest)
    server.clear_faults()
    return ended


def finishes_by_hand(tap, slipwayctl, world):
    with world.fresh() as server:
        desk = world.desk(slipwayctl, server)
        plan = os.path.join(desk.state, "plan.json")
        digest = desk.plan(plan)
        ended = failed_run(desk, server, plan, digest)
        tap.result(ended.returncode == 1 and "run commands" in ended.stderr,
                   "a failed run says how to finish it by hand", ended.stderr[-600:])
        commands = json.loads(desk.call("run", "commands", "last", "--json").stdout)
        tap.result(commands[0]["step"] == "CreateSnapshot", "they begin with the step that failed",
                   commands[0])
        if shutil.which("aws") is None:
            print(f"ok {tap.count + 1} the AWS CLI finishes it # SKIP the AWS CLI is not installed")
            tap.count += 1
            return
        hand = Hand(commands)
        wrong = hand.run()
        tap.result(wrong is None and hand.sent > 4, "the AWS CLI carries out every command",
                   wrong or hand.sent)
        done = {name: effect for name, (_, effect) in server.changes().items()}
        tap.result(done == {name: 1 for name in drive.CHANGES}, "each change had its effect once", done)
        by_hand = server.estate()
    with world.fresh() as server:
        desk = world.desk(slipwayctl, server)
        plan = os.path.join(desk.state, "plan.json")
        digest = desk.plan(plan)
        ended = desk.start(plan, digest)
        tags = re.compile(r'\{"Key": "slipway[^}]*\}|"Tags": \[[^]]*\]|"tags": \{[^}]*\}')
        tap.result(ended.returncode == 0 and tags.sub("", by_hand) == tags.sub("", server.estate()),
                   "the estate is as a run would have left it",
                   tags.sub("", by_hand)[:3000] + "\n" + tags.sub("", server.estate())[:3000])


def text_is_for_a_shell(tap, slipwayctl, world):
    with world.fresh() as server:
        desk = world.desk(slipwayctl, server)
        plan = os.path.join(desk.state, "plan.json")
        digest = desk.plan(plan)
        failed_run(desk, server, plan, digest)
        shown = desk.call("run", "commands", "last")
        with tempfile.NamedTemporaryFile("w", suffix=".sh", dir=desk.state) as script:
            script.write(shown.stdout)
            script.flush()
            checked = subprocess.run(["sh", "-n", script.name], capture_output=True, text=True,
                                     check=False)
        tap.result(shown.returncode == 0 and checked.returncode == 0, "a shell can read it all",
                   checked.stderr)
        tap.result("run cancel" in shown.stdout and "--profile production" in shown.stdout,
                   "it says to end the run first, and whose credentials", shown.stdout[:800])
        os.rename(desk.workspace, desk.workspace + ".gone")
        bare = desk.call("run", "commands", "last")
        tap.result(bare.returncode == 0 and "create-db-cluster-snapshot" in bare.stdout
                   and "does not say how" in bare.stdout, "it works without a workspace", bare.stderr)


def run(tap, slipwayctl, world):
    finishes_by_hand(tap, slipwayctl, world)
    text_is_for_a_shell(tap, slipwayctl, world)


drive.main(run)
