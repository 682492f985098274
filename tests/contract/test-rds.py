# SPDX-License-Identifier: MIT
"""Every RDS operation that the rehearsal offers, through the AWS CLI, with the states and refusals that
the procedures rely on. Answers are judged field by field against botocore's own model. The claims stand
in rds_*.py, by subject; each goes on with the world as the one before it left it.

usage: test-rds.py SERVER
"""

import os
import sys
import time

from fastcli import FastCli
from rds_changes import modifications
from rds_globals import globals_
from rds_restores import restores
from rds_snapshots import copies, quota, reads, snapshots
from rehearsal import Server, Skip, Tap, equal, holds

BINARY = sys.argv[1]
SPEED = 20000


def coverage(server, cli, tap):
    def all_called():
        offered = set(server.control("GET", "operations")["rds"])
        holds(len(offered) > 50, f"only {len(offered)} operations are offered")
        equal(sorted(offered - cli.judge.called), [], "operations that no claim calls")

    tap.claim("every operation offered was called", all_called)
    tap.claim("every answer fits botocore's model",
              lambda: equal(sorted(set(cli.judge.problems)), [], "problems"))


def main():
    tap = Tap()
    os.environ["SLIPWAY_REHEARSAL_POSTGRES"] = "off"
    with Server(BINARY, speed=SPEED) as server:
        try:
            cli = FastCli(server)
        except Skip as skip:
            print(f"1..0 # SKIP {skip}")
            return 77
        begun = time.monotonic()
        for part in (reads, snapshots, copies, quota, modifications, restores, globals_):
            part(server, cli, tap)
            print(f"# {part.__name__}: {time.monotonic() - begun:.1f} s", flush=True)
        coverage(server, cli, tap)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
