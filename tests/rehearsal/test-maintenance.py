# SPDX-License-Identifier: MIT
"""Maintenance mode and change freeze, on and off, against the rehearsal: what visitors see, what is
recorded and put back, and kill -9 at every boundary of each of the four procedures."""

import json
import os
import threading
import urllib.error
import urllib.request

import drive

HOST = "app.modernising.opg.service.justice.gov.uk"
CHANGES = ("ModifyRule", "PutParameter", "DeleteParameter")
WORKERS = 4

#: Of the boundaries, every so many are killed at; SLIPWAY_TEST_LONG=1 (tests/run --long) takes all.
EVERY = 24

#: Runbook, its settings, what it sends, and what must be done before.
PROCEDURES = {
    "maintenance-mode-on": (["Reason=restore"], {"PutParameter": 1, "ModifyRule": 2}, None),
    "maintenance-mode-off": ([], {"ModifyRule": 2, "DeleteParameter": 1}, "maintenance-mode-on"),
    "change-freeze-on": (["Reference=CHG-1", "Reason=restore"], {"PutParameter": 1}, None),
    "change-freeze-off": ([], {"DeleteParameter": 1}, "change-freeze-on"),
}


def visit(server, path):
    """What a visitor gets: status, body and the priority of the rule that decided."""
    try:
        with urllib.request.urlopen(f"{server.endpoint}/_site/{HOST}{path}", timeout=30) as answer:
            return answer.status, answer.read().decode(), answer.headers["X-Slipway-Rule"]
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), error.headers["X-Slipway-Rule"]


def switched(server):
    """The priorities of the rules that were changed, in order."""
    rules = {rule["id"]: rule["data"]["Priority"]
             for rule in server.ask("resources?type=elbv2.rule")}
    calls = server.ask("calls?limit=500")["calls"]
    return [rules[call["parameters"]["RuleArn"]] for call in calls
            if call.get("operation") == "ModifyRule"]


def estate(server):
    """Rules and records, without what differs between two runs of the same thing."""
    return drive.without_times(server, "elbv2.rule", "ssm.parameter")


def plan(desk, name, path):
    line = ["plan", name, "--environment", "production", "--output", path]
    for setting in PROCEDURES[name][0]:
        line += ["--set", setting]
    done = desk.call(*line)
    if done.returncode != 0:
        raise RuntimeError(f"no plan of {name}: {done.stdout[-1500:]}{done.stderr}")
    with open(path, encoding="utf-8") as file:
        return json.load(file)["hash"]


def words(name):
    """What a person says with the start, or when going on."""
    return ["--attest", "AttestOver=merged and deployed"] if name == "change-freeze-off" else []


def start(desk, name, path, digest, **more):
    return desk.call("run", "start", path, "--approve", digest, *words(name), **more)


def go_on(desk, name, path, digest):
    runs = desk.runs()
    if not runs:
        return start(desk, name, path, digest)
    if runs[0]["state"] == "planned":
        return desk.resume("--approve", digest, *words(name))
    return desk.resume(*words(name))


def prepare(world, slipwayctl, name):
    """A world in which the procedure that must come before was done."""
    before = PROCEDURES[name][2]
    server = world.fresh()
    if before is None:
        return server
    desk = world.desk(slipwayctl, server)
    path = os.path.join(desk.state, "before.json")
    done = start(desk, before, path, plan(desk, before, path))
    if done.returncode != 0:
        raise RuntimeError(f"{before}: {done.stderr}")
    return server


def sent(server, base):
    counts = server.changes(CHANGES)
    return {operation: [count[0] - base[operation][0], count[1] - base[operation][1]]
            for operation, count in counts.items() if count != base[operation]}


def judge(server, desk, name, base, wanted):
    wrong = []
    run = desk.show()
    if run["state"] != "done":
        wrong.append(f"the run is {run['state']}: {run.get('message')}")
    expected = {operation: [count, count] for operation, count in PROCEDURES[name][1].items()}
    if sent(server, base) != expected:
        wrong.append(f"sent {sent(server, base)}, not {expected}")
    if wanted is not None and estate(server) != wanted:
        wrong.append(f"the estate is {estate(server)}, not {wanted}")
    bad = desk.verify()
    if bad:
        wrong.append(f"the ledger does not verify: {bad}")
    return wrong


def undisturbed(tap, world, slipwayctl, name):
    counted = os.path.join(world.folder, f"points-{name}")
    with prepare(world, slipwayctl, name) as server:
        desk = world.desk(slipwayctl, server)
        base = server.changes(CHANGES)
        path = os.path.join(desk.state, "plan.json")
        done = start(desk, name, path, plan(desk, name, path), SLIPWAY_CRASH_COUNT=counted)
        wrong = judge(server, desk, name, base, None)
        tap.result(done.returncode == 0 and not wrong, f"{name} is done, each change sent once",
                   "\n".join(wrong) + done.stderr[-600:])
        after = estate(server)
    with open(counted, encoding="utf-8") as file:
        points = [line.split(" ", 1)[1].strip() for line in file]
    return after, points


def kill_at(world, slipwayctl, name, point, visit_number, wanted):
    with prepare(world, slipwayctl, name) as server:
        desk = world.desk(slipwayctl, server)
        base = server.changes(CHANGES)
        path = os.path.join(desk.state, "plan.json")
        digest = plan(desk, name, path)
        killed = start(desk, name, path, digest, SLIPWAY_CRASH_AT=f"{visit_number}:{point}")
        if killed.returncode != -9:
            return [f"it was not killed, but ended with {killed.returncode}: {killed.stderr[-300:]}"]
        done = go_on(desk, name, path, digest)
        wrong = judge(server, desk, name, base, wanted)
        return wrong + ([done.stderr[-600:]] if done.returncode != 0 else [])


def kill_matrix(tap, world, slipwayctl, name, after, points, every):
    work = []
    visits = {}
    for number, point in enumerate(points):
        visits[point] = visits.get(point, 0) + 1
        if number % every == 0:
            work.append((point, visits[point]))
    lock = threading.Lock()
    killed = len(work)

    def worker():
        while True:
            with lock:
                if not work:
                    return
                point, number = work.pop(0)
            try:
                wrong = kill_at(world, slipwayctl, name, point, number, after)
            except Exception as error:  # a test that breaks is a test that failed
                wrong = [repr(error)]
            tap.result(not wrong, f"{name} killed at {point}, visit {number}", "\n".join(wrong))

    threads = [threading.Thread(target=worker) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tap.note(f"{name}: killed at {killed} of {len(points)} boundaries")


def modify(desk, arn, conditions):
    done = desk.call("aws", "--environment", "production", "--allow-change", "--confirm", "production", "elbv2",
                     "ModifyRule", "--input", json.dumps({"RuleArn": arn, "Conditions": conditions}))
    if done.returncode != 0:
        raise RuntimeError(done.stderr)


def half_open_is_closed(tap, server, desk, path):
    """Somebody puts one rule back: what the others are told to do closes it again, with the first record."""
    closed = drive.without_times(server, "elbv2.rule")
    before = server.ask("resources?type=ssm.parameter")
    record = next(one for one in before if one["id"].endswith("/maintenance-mode"))
    rules = json.loads(record["data"]["Value"])["rules"]
    english = rules[1]
    third = [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/elsewhere"]}}]
    modify(desk, english["arn"], third)
    refused = desk.call("plan", "maintenance-mode-on", "--environment", "production", "--set", "Reason=again")
    tap.result(refused.returncode == 1 and f"modify-rule --rule-arn {english['arn']} --conditions" in refused.stdout,
               "a rule that is neither open nor closed is told with the way back", refused.stdout[-900:])
    modify(desk, english["arn"], english["original"])
    tap.result(visit(server, "/start")[0] == 200, "half open, visitors see the English service")
    ended = start(desk, "maintenance-mode-on", path, plan(desk, "maintenance-mode-on", path))
    tap.result(ended.returncode == 0 and visit(server, "/start")[0] == 503
               and drive.without_times(server, "elbv2.rule") == closed
               and server.ask("resources?type=ssm.parameter") == before,
               "a half open mode is closed again, and its first record stays", ended.stderr[-900:])


def what_visitors_see(tap, world, slipwayctl):
    with world.fresh() as server:
        desk = world.desk(slipwayctl, server)
        path = os.path.join(desk.state, "plan.json")
        before = estate(server)
        tap.result(visit(server, "/")[0] == 200, "before, visitors see the service")
        start(desk, "maintenance-mode-on", path, plan(desk, "maintenance-mode-on", path))
        english, welsh = visit(server, "/start"), visit(server, "/cy/start")
        tap.result(english[0] == 503 and "under maintenance" in english[1] and english[2] == "101",
                   "in maintenance mode, visitors see the English page", english)
        tap.result(welsh[0] == 503 and "Cynnal" in welsh[1] and welsh[2] == "100",
                   "in maintenance mode, visitors of Welsh pages see the Welsh one", welsh)
        again = desk.call("plan", "maintenance-mode-on", "--environment", "production", "--set",
                          "Reason=twice")
        tap.result(again.returncode == 1 and "on already" in again.stdout,
                   "a second maintenance mode is refused by its plan", again.stdout + again.stderr)
        half_open_is_closed(tap, server, desk, path)
        start(desk, "maintenance-mode-off", path, plan(desk, "maintenance-mode-off", path))
        tap.result(switched(server) == ["100", "101", *["101"] * 3, "101", "100"],
                   "Welsh is closed before English, and opened after it", switched(server))
        tap.result(visit(server, "/cy/start")[0] == 200, "after, visitors see the service again")
        tap.result(estate(server) == before, "after, rules are to the letter what they were")


def run(tap, slipwayctl, world):
    every = 1 if os.environ.get("SLIPWAY_TEST_LONG") == "1" else EVERY
    what_visitors_see(tap, world, slipwayctl)
    for name in PROCEDURES:
        after, points = undisturbed(tap, world, slipwayctl, name)
        kill_matrix(tap, world, slipwayctl, name, after, points, every)


if __name__ == "__main__":
    drive.main(run)
