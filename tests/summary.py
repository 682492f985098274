#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Adds up test logs and prints `N passed, N failed, N skipped` as the last line.

Each argument is LANE=FILE, where FILE holds a JSON object a line with `name`, `result` and `stdout`,
as meson writes it (meson-logs/testlog.json). A file that is not there counts as one failure: a lane
that did not run must not look like one that had nothing to say. So does a program that dies behind
its last good line of TAP, which meson's own JUnit file leaves out.
"""
import json
import re
import sys

TAP_LINE = re.compile(r"^(ok|not ok)\b\s*\d*\s*-?\s*(.*?)(?:\s+#\s*(SKIP|TODO)\b\s*(.*))?$", re.IGNORECASE)
GOOD = {"OK", "EXPECTEDFAIL"}


def read_log(lane, path):
    """Yields the tests of one lane; a broken log is one failed test."""
    try:
        with open(path, encoding="utf-8", errors="replace") as log:
            tests = [json.loads(line) for line in log if line.strip()]
    except (OSError, ValueError) as error:
        tests = [{"name": lane, "result": "ERROR", "stdout": f"no results: {error}"}]
    if not tests:
        tests = [{"name": lane, "result": "ERROR", "stdout": "the lane ran no test"}]
    return tests


def cases(test):
    """Yields (outcome, name, reason) for every case of one test program."""
    output = test.get("stdout") or ""
    lines = [line for line in output.splitlines() if line.strip()]
    result = test["result"]
    found = failed = False
    for match in filter(None, map(TAP_LINE.match, lines)):
        found = True
        name = f"{test['name']} {match[2]}"
        if match[3] and match[3].upper() == "SKIP":
            yield "skipped", name, match[4]
        elif match[1] == "ok":
            yield "passed", name, ""
        else:
            failed = True
            yield "failed", name, ""
    if result == "SKIP" and not found:
        yield "skipped", test["name"], lines[-1] if lines else "no reason given"
    elif result not in GOOD and result != "SKIP" and not failed:
        yield "failed", test["name"], f"{result.lower()}: {lines[-1] if lines else 'no output'}"
    elif not found and result in GOOD:
        yield "passed", test["name"], ""


def main(arguments):
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for argument in arguments:
        lane, _, path = argument.partition("=")
        for test in read_log(lane, path):
            for outcome, name, reason in cases(test):
                counts[outcome] += 1
                if outcome != "passed":
                    print(f"{outcome}: {lane}: {name}{': ' + reason if reason else ''}")
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 1 if counts["failed"] or not counts["passed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
