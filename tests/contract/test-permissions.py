# SPDX-License-Identifier: MIT
"""The plan's guard on permissions, proven against the rehearsal's policies; and that the consumer of the
copy, whose task definition the plan reads, looks for the name that it gets.

usage: test-permissions.py SERVER SLIPWAYCTL
"""

import json
import os
import subprocess
import sys
import tempfile

from rehearsal import Cli, Server, Tap, aws_path, holds

BINARY, SLIPWAYCTL = sys.argv[1:3]
DENY = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Deny", "Action": "rds:CopyDBClusterSnapshot", "Resource": "*"}]}


def plan(server, state):
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "SLIPWAY_"))}
    environ.update(SLIPWAY_LEDGER_KEY="file", LC_ALL="C.UTF-8", HOME=state, XDG_CONFIG_HOME=state,
                   XDG_CACHE_HOME=state)
    done = subprocess.run(
        [SLIPWAYCTL, "--workspace", os.path.join(server.state, "workspace.json"), "--state", state,
         "plan", "pre-migration-snapshot", "--environment", "production", "--output",
         os.path.join(state, "plan.json")], env=environ, capture_output=True, text=True, timeout=60,
        check=False)
    return done.returncode, done.stdout + done.stderr


def main():
    aws_path()
    os.environ["SLIPWAY_REHEARSAL_POSTGRES"] = "off"
    tap = Tap()
    with Server(BINARY, speed=2000) as server, tempfile.TemporaryDirectory() as state:
        def held():
            status, text = plan(server, state)
            holds(status == 0 and "pass       Calls are permitted [production]" in text, text)
            holds("pass       Consumer looks for this name [production]" in text, text)

        def lacking():
            Cli(server)("iam", "put-role-policy", "--role-name", "breakglass", "--policy-name",
                        "no-copies", "--policy-document", json.dumps(DENY))
            _, text = plan(server, state)
            holds("warn       Calls are permitted [production]" in text, text)
            holds("the policy simulator denies: rds:CopyDBClusterSnapshot" in text, text)

        tap.claim("a role that may make the plan's calls is told so", held)
        tap.claim("the call that a role may not make is named", lacking)
    return tap.done()


sys.exit(main())
