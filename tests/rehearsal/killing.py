# SPDX-License-Identifier: MIT
"""kill -9 at the boundaries of any procedure: before and after each entry of the audit log, between sending
a change and its answer, between the answer and its entry. Then it is resumed, and must come to where an
undisturbed run comes, with each of its changes sent as often as there.

A procedure is a class whose objects have one world each: `prepare()`, `start(**environment)`, `go_on()`,
`estate()` (what there is, without what differs between two runs), `counts()` (of its changes, by
operation: sent and had an effect), `desk`, `server`. One at random, of a seed that is printed: another whenever the
code changes, the same while it does not, so that what is found red stays red until it is mended. With
SLIPWAY_TEST_LONG=1 (`tests/run --long`) all of them."""

import glob
import os
import random
import sys
import zlib

SAMPLE = 1


def seed_of_the_code():
    here = os.path.dirname(os.path.abspath(__file__))
    top = os.path.dirname(os.path.dirname(here))
    seed = 0
    for folder in (here, os.path.join(top, "app"), os.path.join(top, "data")):
        for path in sorted(glob.glob(os.path.join(folder, "**", "*.*"), recursive=True)):
            if path.endswith((".py", ".c", ".yaml")):
                with open(path, "rb") as file:
                    seed = zlib.crc32(file.read(), seed)
    return seed


SEED = int(os.environ.get("SLIPWAY_TEST_SEED") or seed_of_the_code())


def places_of(points):
    """Each of @points with which visit of its name it is."""
    visits = {}
    places = []
    for name in points:
        visits[name] = visits.get(name, 0) + 1
        places.append((name, visits[name]))
    return places


def sample(places, size):
    """@size of @places, which are pairs of a name and which visit of it: names first, since how often some of them
    are visited depends on how fast the machine is."""
    chance = random.Random(SEED)
    names = sorted({name for name, _ in places})
    chosen = chance.sample(names, min(size, len(names)))
    return [(name, chance.choice([visit for one, visit in places if one == name])) for name in chosen]


def undisturbed(procedure, counted):
    one = procedure()
    try:
        one.prepare()
        done = one.start(SLIPWAY_CRASH_COUNT=counted)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        with open(counted, encoding="utf-8") as file:
            points = [line.split(" ", 1)[1].strip() for line in file]
        return one.estate(), one.counts(), points
    finally:
        one.server.stop()


def judge(one, estate, counts):
    run = one.desk.show()
    wrong = [] if run["state"] == "done" else [f"the run is {run['state']}: {run.get('message')}"]
    now = one.counts()
    wrong += [f"{operation}: {now[operation]}, undisturbed {counts[operation]}"
              for operation in counts if now[operation] != counts[operation]]
    if one.estate() != estate:
        wrong.append(f"the estate is {one.estate()}, undisturbed {estate}")
    if one.desk.verify() is not None:
        wrong.append("the ledger does not verify")
    if one.desk.secrets_on_disk():
        wrong.append("a secret is on disk")
    return wrong


def killed(procedure, name, visit, estate, counts):
    """What is wrong afterwards, and whether it got there and was killed."""
    one = procedure()
    try:
        one.prepare()
        first = one.start(SLIPWAY_CRASH_AT=f"{visit}:{name}")
        # How often a wait, or a log, writes what it saw depends on how fast this machine is just now.
        if first.returncode == 0 and "step.observed" in name:
            return judge(one, estate, counts), False
        if first.returncode != -9:
            return [f"it was not killed, but ended with {first.returncode}: {first.stderr[-600:]}"], True
        ended = one.go_on()
        wrong = judge(one, estate, counts)
        return wrong if ended.returncode == 0 else [ended.stderr[-900:]] + wrong, True
    finally:
        one.server.stop()


def run(tap, procedure, folder, label="", only=""):
    """Kills it at the boundaries whose names hold @only; @label stands before each claim."""
    os.makedirs(folder, exist_ok=True)
    estate, counts, points = undisturbed(procedure, os.path.join(folder, "points"))
    places = [place for place in places_of(points) if only in place[0]]
    everything = os.environ.get("SLIPWAY_TEST_LONG") == "1"
    chosen = places if everything else sample(places, SAMPLE)
    tap.note(f"{label}to be killed at {len(chosen)} of {len(places)} boundaries; SLIPWAY_TEST_SEED={SEED}")
    good = missed = 0
    for name, visit in chosen:
        try:
            wrong, reached = killed(procedure, name, visit, estate, counts)
        except Exception as error:  # a test that breaks is a test that failed
            wrong, reached = [repr(error)], True
        good += reached and not wrong
        missed += not reached
        what = "killed at" if reached else "not killed, but at its end without"
        tap.result(not wrong, f"{label}{what} {name}, visit {visit}", "\n".join(wrong))
    tap.note(f"{label}{good} of {len(chosen) - missed} came to where an undisturbed run comes; {missed} were not killed")
