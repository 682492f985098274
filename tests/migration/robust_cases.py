# SPDX-License-Identifier: MIT
"""What stands in a run's way, and what is told of it: a target that has nothing of the run any more. Part of test-run.py, whose
worlds it takes."""

import csv
import io
import json
import os
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
EXAMPLE = os.path.join(HERE, "..", "..", "data", "example")


def loaded(text):
    """Rows that a waterfall as CSV counts in the target."""
    return [line for line in csv.DictReader(io.StringIO(text)) if line["level"] in ("loaded", "validated") and line["kind"] == "count"]


def what_went_is_told(world, run, word, said):
    """By the waterfall and by the evidence of run @run, of which the target has nothing."""
    words = world.words("waterfall", EXAMPLE, "--run", str(run))
    done = world.call(words)
    yield done.returncode == 0 and said in done.stdout, (done.stdout[-300:], done.stderr)
    done = world.call([*words, "--csv"])
    yield done.returncode == 0 and not loaded(done.stdout) and said in done.stderr, (loaded(done.stdout), done.stderr)
    told = json.loads(world.call([*words, "--json"]).stdout)
    yield told["target"] == word and not any("loaded" in table["counts"] for table in told["tables"]), told["target"]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "evidence")
        done = world.call(world.words("report", EXAMPLE, "--run", str(run), "--all", path))
        yield done.returncode == 0 and said in done.stdout, (done.stdout, done.stderr)
        with open(os.path.join(path, "report.json"), encoding="utf-8") as file:
            report = json.load(file)
        states = {stage["stage"]: stage["state"] for stage in report["stages"]}
        with open(os.path.join(path, "stages.csv"), encoding="utf-8") as file:
            yield {row["stage"]: row["state"] for row in csv.DictReader(file)} == states, "two words for a stage"
        went = "gone" if word == "gone" else "undone"
        yield report["target"] == word and report["state"] == states["load_to_target"] == went and states["integration"] == "done", report
        with open(os.path.join(path, "waterfall.csv"), encoding="utf-8") as file:
            yield not loaded(file.read()), "the evidence counts what is gone as loaded"


def what_is_gone_is_told(world):
    """Behind a snapshot of before; who does not name the target is told that it was not asked."""
    yield from what_went_is_told(world, 1, "gone", "Run 1 is gone: the target was brought back")
    unasked = [world.slipwayctl, "migrate", "waterfall", EXAMPLE, *world.databases[:2]]
    done = world.call(unasked)
    yield done.returncode == 0 and "--target-db tells" in done.stdout and "gone" not in done.stdout, done.stdout[-300:]
    yield json.loads(world.call([*unasked, "--json"]).stdout)["target"] == "not asked", "an unasked target is said to have it"
