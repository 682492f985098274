# SPDX-License-Identifier: MIT
"""One service of the rehearsal, judged by the AWS CLI: every operation it offers.

usage: test-judge.py SERVER SCENARIO SERVICE
"""

import importlib
import sys

from judge import Judge
from rehearsal import Server, Tap, aws_path


def main():
    binary, scenario, service = sys.argv[1:4]
    aws_path()
    tap = Tap()
    with Server(binary, scenario) as server:
        judge = Judge(server, service, tap)
        importlib.import_module("calls_" + service).calls(judge)
        judge.done()
    return tap.done()


sys.exit(main())
