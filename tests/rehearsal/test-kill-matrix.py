# SPDX-License-Identifier: MIT
"""kill -9 at the boundaries of the pre-migration snapshot procedure: before and after each entry of
the audit log, between sending a change and its answer, between the answer and its entry. Then the
run is resumed, and must come to where an undisturbed run comes, with each change sent once. One in SAMPLE_OF at random,
others in each run, and those behind a change that was sent always; with SLIPWAY_TEST_LONG=1 (`tests/run --long`) all of them."""

import json
import os
import queue
import random
import shutil
import threading
import time

import drive
import killing

WORKERS = 3
SAMPLE_OF = 4


def undisturbed(slipwayctl, world):
    """The estate after an undisturbed run, and its crash points by name."""
    counted = os.path.join(world.folder, "points")
    plan = os.path.join(world.folder, "plan.json")
    with world.fresh() as server:
        desk = world.desk(slipwayctl, server)
        digest = desk.plan(plan)
        done = desk.start(plan, digest, SLIPWAY_CRASH_COUNT=counted)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        estate = server.estate()
        changes = server.changes()
    with open(counted, encoding="utf-8") as file:
        points = [line.split(" ", 1)[1].strip() for line in file]
    return estate, changes, points


def judge(server, desk, estate):
    """What is wrong after a killed and resumed run, as a list."""
    wrong = []
    run = desk.show()
    if run["state"] != "done":
        wrong.append(f"the run is {run['state']}: {run.get('message')}")
    for step in run["steps"]:
        if step["state"] not in ("done", "skipped"):
            wrong.append(f"step {step['id']} is {step['state']}")
    for operation, (sent, effective) in server.changes().items():
        if sent != 1 or effective != 1:
            wrong.append(f"{operation} was sent {sent} times, with effect {effective} times")
    if server.estate() != estate:
        wrong.append("the estate differs from that after an undisturbed run")
    bad = desk.verify()
    if bad:
        wrong.append(f"the ledger does not verify: {bad}")
    leaked = desk.secrets_on_disk()
    if leaked:
        wrong.append(f"secrets in {leaked}")
    return wrong


def passed(desk, name):
    """What the audit log holds at the place of a point that was not come by."""
    words = name.split(" ")
    if len(words) < 3 or not os.path.exists(os.path.join(desk.state, "ledger.db")):
        return []
    return [f"{words[2]}: {json.dumps(step)[:2000]}" for step in desk.show()["steps"]
            if step["id"] == words[2]]


class Place:
    """What a worker keeps: its port, and the plan that was made for the endpoint there."""

    def __init__(self, world, number):
        self.port = 0
        self.plan = os.path.join(world.folder, f"plan-{number}.json")
        self.digest = None


def one(slipwayctl, world, place, name, visit, estate):
    with world.fresh(port=place.port) as server:
        desk = world.desk(slipwayctl, server)
        if place.port != server.port:
            place.digest = desk.plan(place.plan)
            place.port = server.port
        plan, digest = place.plan, place.digest
        killed = desk.start(plan, digest, SLIPWAY_CRASH_AT=f"{visit}:{name}")
        # How often a wait writes what it saw depends on how fast this machine is just now.
        if killed.returncode == 0 and "step.observed" in name and visit > 1:
            return server, desk, judge(server, desk, estate)
        if killed.returncode != -9:
            return server, desk, [f"it was not killed, but ended with {killed.returncode}: "
                                  f"{killed.stderr[-600:]}", *passed(desk, name)]
        resumed = desk.go_on(plan, digest)
        wrong = judge(server, desk, estate)
        if resumed.returncode != 0:
            wrong.append(f"resumed, it ended with {resumed.returncode}: {resumed.stderr[-600:]}")
        return server, desk, wrong


def worker(tap, slipwayctl, world, place, work, estate):
    while True:
        try:
            name, visit = work.get_nowait()
        except queue.Empty:
            return
        try:
            server, desk, wrong = one(slipwayctl, world, place, name, visit, estate)
            # A point that this pass did not come by is tried once more; missing it twice is a fault.
            if wrong and wrong[0].startswith("it was not killed"):
                tap.note(f"missed {name}, visit {visit}: " + " | ".join(wrong))
                shutil.rmtree(server.state, ignore_errors=True)
                shutil.rmtree(desk.state, ignore_errors=True)
                server, desk, wrong = one(slipwayctl, world, place, name, visit, estate)
            tap.result(not wrong, f"killed at {name}, visit {visit}", "\n".join(wrong))
            shutil.rmtree(server.state, ignore_errors=True)
            shutil.rmtree(desk.state, ignore_errors=True)
        except Exception as error:  # a test that breaks is a test that failed
            tap.result(False, f"killed at {name}, visit {visit}", repr(error))


def run(tap, slipwayctl, world):
    begun = time.monotonic()
    estate, changes, points = undisturbed(slipwayctl, world)
    tap.result(all(count == [1, 1] for count in changes.values()),
               "undisturbed: each change is sent once", changes)
    tap.result(points.count("sent") == len(drive.CHANGES),
               "there is a point between each change and its answer", points)
    work = queue.Queue()
    every = os.environ.get("SLIPWAY_TEST_LONG") == "1"
    drawn = random.Random(killing.SEED)
    for name, visit in killing.places_of(points):
        if every or name == "sent" or drawn.randrange(SAMPLE_OF) == 0:
            work.put((name, visit))
    killed = work.qsize()
    threads = [threading.Thread(target=worker,
                                args=(tap, slipwayctl, world, Place(world, number), work, estate))
               for number in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tap.note(f"killed at {killed} of {len(points)} boundaries in {time.monotonic() - begun:.0f} s; "
             f"SLIPWAY_TEST_SEED={killing.SEED}")


drive.main(run)
