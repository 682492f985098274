# SPDX-License-Identifier: MIT
"""Runs AWS CLI commands without starting Python each time: loads the CLI once and forks for each call.

Reads one JSON object per line ({"args", "env", "out", "err"}), runs `aws ARGS` in a child with that
environment and its output in those files, and answers with the exit status. Must run in a Python that
has the CLI; ends when its input does.
"""

import json
import os
import sys

# What every call imports anyway.
import awscli.clidriver
import awscli.customizations.paginate  # noqa: F401
import botocore.auth  # noqa: F401
import botocore.handlers  # noqa: F401
import botocore.httpsession  # noqa: F401
import botocore.parsers  # noqa: F401


def child(request):
    for number, name in ((1, "out"), (2, "err")):
        target = os.open(request[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(target, number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    # Importing the CLI has noted where its models are.
    data = os.environ["AWS_DATA_PATH"]
    os.environ.clear()
    os.environ.update(request["env"], AWS_DATA_PATH=data)
    sys.argv = ["aws"] + request["args"]
    sys.stdin = open(0, encoding="utf-8", closefd=False)
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False)
    status = awscli.clidriver.main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def main():
    for line in sys.stdin:
        request = json.loads(line)
        pid = os.fork()
        if pid == 0:
            try:
                child(request)
            except SystemExit as end:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(end.code if isinstance(end.code, int) else 1)
            except BaseException:
                import traceback
                traceback.print_exc()
                sys.stderr.flush()
                os._exit(255)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


main()
