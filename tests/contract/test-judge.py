# SPDX-License-Identifier: MIT
"""One service of the rehearsal, judged by the AWS CLI: every operation it offers.

usage: test-judge.py SERVER SCENARIO SERVICE
"""

import importlib
import sys

from judge import Judge
from rehearsal import Server, Tap, aws_path


# Where the CLI's name of a service is not the model's; its calls are in calls_NAME.py.
NAMES = {"autoscaling": ("application-autoscaling", "application-autoscaling"),
         "s3": ("s3api", "s3"),
         "codedeploy": ("deploy", "codedeploy"),
         "cloudwatch": ("cloudwatch", "monitoring"),
         "servicequotas": ("service-quotas", "servicequotas"),
         "states": ("stepfunctions", "states")}


def main():
    binary, scenario, service = sys.argv[1:4]
    aws_path()
    tap = Tap()
    with Server(binary, scenario) as server:
        command, model = NAMES.get(service, (service, service))
        judge = Judge(server, command, tap, model)
        importlib.import_module("calls_" + service).calls(judge)
        judge.done()
    return tap.done()


sys.exit(main())
