# SPDX-License-Identifier: MIT
"""ECS: clusters, task definitions, services that follow their counts, and tasks that really run."""

import json

from rehearsal import wait_until

ARN = "arn:aws:ecs:eu-west-1:111111111111:"


def containers(name="main", image="rehearsal/shell:1", command=None, **more):
    log = {"logDriver": "awslogs", "options": {"awslogs-group": "/ecs/contract",
                                               "awslogs-region": "eu-west-1",
                                               "awslogs-stream-prefix": "x"}}
    return json.dumps([{"name": name, "image": image, "logConfiguration": log,
                        "environment": [{"name": "WHO", "value": "definition"}],
                        **({"command": command} if command else {}), **more}])


def calls(judge):
    clusters(judge)
    definitions(judge)
    services(judge)
    # An hour passes in a second here.
    kept = judge.server.control("POST", "faults", {"kind": "stuck", "transition":
                                                   "ecs.task-forgotten"})["ids"][0]
    tasks(judge)
    failures(judge)
    judge.server.control("DELETE", f"faults/{kept}")
    wait_until(lambda: not judge.cli("ecs", "list-tasks", "--cluster", "c", "--desired-status",
                                     "STOPPED", "--started-by", "run-1")["taskArns"],
               what="stopped tasks vanish")
    judge.refuses("ClusterNotFoundException", "ListTasks", "--cluster", "none")
    judge.refuses("ClusterContainsServicesException", "DeleteCluster", "--cluster", "c")
    judge.call("DeleteService", "--cluster", "c", "--service", "s", "--force")
    wait_until(lambda: judge.cli("ecs", "describe-services", "--cluster", "c", "--services", "s")
               ["services"][0]["status"] == "INACTIVE", what="the service is inactive")
    judge.call("DeleteCluster", "--cluster", "empty")


def clusters(judge):
    made = judge.call("CreateCluster", "--cluster-name", "c", "--tags", "key=a,value=b")
    judge.call("CreateCluster", "--cluster-name", "empty")
    arn = made.get("cluster", {}).get("clusterArn")
    judge.is_true("the cluster has its ARN", arn == ARN + "cluster/c")
    found = judge.call("DescribeClusters", "--clusters", "c", "none", "--include", "TAGS")
    judge.is_true("what is missing is told beside what is there",
                  [c["clusterName"] for c in found.get("clusters", [])] == ["c"]
                  and [f["reason"] for f in found.get("failures", [])] == ["MISSING"])
    judge.is_true("clusters are listed", judge.call("ListClusters").get("clusterArns")
                  == [arn, ARN + "cluster/empty"])
    judge.call("TagResource", "--resource-arn", arn, "--tags", "key=c,value=d")
    judge.call("UntagResource", "--resource-arn", arn, "--tag-keys", "a")
    judge.is_true("tags are set and removed", judge.call(
        "ListTagsForResource", "--resource-arn", arn).get("tags") == [{"key": "c", "value": "d"}])


def definitions(judge):
    judge.call("RegisterTaskDefinition", "--family", "f", "--container-definitions",
               containers(command=["echo one"]), "--task-role-arn",
               "arn:aws:iam::111111111111:role/viewer")
    second = judge.call("RegisterTaskDefinition", "--family", "f", "--container-definitions",
                        containers(command=["echo two"]), "--tags", "key=a,value=b")
    judge.is_true("revisions are counted", second["taskDefinition"]["revision"] == 2)
    judge.refuses("ClientException", "RegisterTaskDefinition", "--family", "a b",
                  "--container-definitions", containers())
    newest = judge.call("DescribeTaskDefinition", "--task-definition", "f", "--include", "TAGS")
    judge.is_true("a family is its newest revision", newest["taskDefinition"]["revision"] == 2
                  and newest.get("tags") == [{"key": "a", "value": "b"}])
    judge.call("DeregisterTaskDefinition", "--task-definition", "f:2")
    newest = judge.call("DescribeTaskDefinition", "--task-definition", "f")
    judge.is_true("an inactive revision is not the newest", newest["taskDefinition"]["revision"] == 1)
    judge.refuses("ClientException", "DescribeTaskDefinition", "--task-definition", "none")
    judge.is_true("inactive ones are listed apart", judge.call(
        "ListTaskDefinitions", "--family-prefix", "f", "--status", "INACTIVE")
        .get("taskDefinitionArns") == [ARN + "task-definition/f:2"])
    judge.is_true("families are listed", judge.call(
        "ListTaskDefinitionFamilies", "--family-prefix", "f").get("families") == ["f"])


def service(judge):
    return judge.cli("ecs", "describe-services", "--cluster", "c", "--services", "s")["services"][0]


def steady(judge, count, revision):
    def holds():
        have = service(judge)
        return (len(have["deployments"]) == 1 and have["runningCount"] == count
                and have["deployments"][0]["rolloutState"] == "COMPLETED"
                and have["taskDefinition"].endswith(revision))
    wait_until(holds, what=f"{count} tasks of {revision}")


def services(judge):
    s = ("--cluster", "c", "--service", "s")
    breaker = "deploymentCircuitBreaker={enable=true,rollback=true}"
    judge.call("CreateService", "--cluster", "c", "--service-name", "s", "--task-definition", "f",
               "--desired-count", "3", "--deployment-configuration", breaker)
    judge.refuses("InvalidParameterException", "CreateService", "--cluster", "c", "--service-name",
                  "s", "--task-definition", "f")
    steady(judge, 3, "f:1")
    found = judge.call("ListTasks", "--cluster", "c", "--service-name", "s").get("taskArns", [])
    judge.is_true("the service has its tasks", len(found) == 3)
    judge.call("UpdateService", *s, "--desired-count", "0")
    steady(judge, 0, "f:1")
    judge.is_true("and none when none are wanted", not judge.cli(
        "ecs", "list-tasks", "--cluster", "c", "--service-name", "s")["taskArns"])
    judge.call("UpdateService", *s, "--desired-count", "2")
    steady(judge, 2, "f:1")
    judge.cli("ecs", "register-task-definition", "--family", "f", "--container-definitions",
              containers())
    held = judge.server.control("POST", "faults", {"kind": "stuck", "transition":
                                                   "ecs.service-rolled"})["ids"][0]
    judge.call("UpdateService", *s, "--task-definition", "f:3")
    rolling = judge.call("DescribeServices", "--cluster", "c", "--services", "s", "none")
    both = rolling["services"][0]["deployments"]
    judge.is_true("a new deployment stands before the old one",
                  [(d["status"], d["rolloutState"], d["runningCount"]) for d in both]
                  == [("PRIMARY", "IN_PROGRESS", 0), ("ACTIVE", "COMPLETED", 2)]
                  and rolling["failures"][0]["reason"] == "MISSING")
    judge.server.control("DELETE", f"faults/{held}")
    steady(judge, 2, "f:3")
    bad = judge.server.control("POST", "faults", {
        "kind": "fail", "transition": "ecs.service-rolled", "resource": "c/s", "times": 2,
        "message": "CannotPullContainerError: not found"})["ids"]
    judge.cli("ecs", "register-task-definition", "--family", "f", "--container-definitions",
              containers())
    judge.cli("ecs", "update-service", *s, "--task-definition", "f:4")
    steady(judge, 2, "f:3")
    judge.is_true("the circuit breaker has rolled back", any(
        "deployment failed" in e["message"] for e in service(judge)["events"]) and bad)
    judge.is_true("services are listed", judge.call("ListServices", "--cluster", "c")
                  .get("serviceArns") == [ARN + "service/c/s"])
    judge.refuses("ServiceNotFoundException", "UpdateService", "--cluster", "c", "--service", "no")


def stopped(judge, arn):
    def look():
        found = judge.cli("ecs", "describe-tasks", "--cluster", "c", "--tasks", arn)["tasks"]
        return found[0] if found and found[0]["lastStatus"] == "STOPPED" else None
    wait_until(lambda: look() is not None, what=f"{arn} stopped")
    return look()


def lines(judge, arn):
    stream = "x/main/" + arn.rsplit("/", 1)[1]
    events = judge.cli("logs", "get-log-events", "--log-group-name", "/ecs/contract",
                       "--log-stream-name", stream, "--start-from-head")["events"]
    return [event["message"] for event in events]


def run(judge, script, *args):
    overrides = json.dumps({"containerOverrides": [
        {"name": "main", "command": [script], "environment": [{"name": "WHO", "value": "ann"}]}]})
    return judge.cli("ecs", "run-task", "--cluster", "c", "--task-definition", "f:1", "--overrides",
                     overrides, *args)["tasks"][0]["taskArn"]


def tasks(judge):
    token = ("--client-token", "run-1-step-4")
    first = judge.call("RunTask", "--cluster", "c", "--task-definition", "f:1", "--started-by",
                       "run-1", *token)
    again = judge.call("RunTask", "--cluster", "c", "--task-definition", "f:1", "--started-by",
                       "run-1", *token)
    arn = first["tasks"][0]["taskArn"]
    judge.is_true("the same token is the same task", again["tasks"][0]["taskArn"] == arn)
    judge.refuses("ConflictException", "RunTask", "--cluster", "c", "--task-definition", "f:1",
                  *token)
    judge.refuses("ClientException", "RunTask", "--cluster", "c", "--task-definition", "f:2")
    judge.refuses("InvalidParameterException", "RunTask", "--cluster", "c", "--task-definition",
                  "f:1", "--overrides", '{"containerOverrides": [{"name": "other"}]}')
    task = stopped(judge, arn)
    judge.is_true("a task that ended well says so",
                  (task["stopCode"], task["containers"][0]["exitCode"])
                  == ("EssentialContainerExited", 0))
    judge.is_true("what it printed is in its log", lines(judge, arn) == ["one"])
    judge.is_true("it is found by who started it", arn in judge.cli(
        "ecs", "list-tasks", "--cluster", "c", "--started-by", "run-1", "--desired-status",
        "STOPPED")["taskArns"])
    arn = run(judge, "echo $WHO; echo $AWS_ENDPOINT_URL; echo oops >&2; exit 3")
    task = stopped(judge, arn)
    judge.is_true("a program's exit status is the container's",
                  task["containers"][0]["exitCode"] == 3)
    judge.is_true("its environment is the container's, with the override",
                  lines(judge, arn) == ["ann", judge.server.endpoint, "oops"])
    arn = run(judge, "kill -9 $$")
    judge.is_true("a killed program tells its signal",
                  stopped(judge, arn)["containers"][0]["exitCode"] == 137)
    arn = run(judge, "trap 'echo asked to end; exit 143' TERM; echo up; while :; do sleep 0.1; done")
    wait_until(lambda: judge.cli.run("logs", "get-log-events", "--log-group-name", "/ecs/contract",
                                     "--log-stream-name", "x/main/" + arn.rsplit("/", 1)[1])
               .returncode == 0, what="the log begins while the task runs")
    judge.call("StopTask", "--cluster", "c", "--task", arn, "--reason", "enough")
    task = judge.call("DescribeTasks", "--cluster", "c", "--tasks", arn, "0" * 32)
    judge.is_true("a task that is stopped says who did it",
                  (task["tasks"][0]["stopCode"], task["tasks"][0]["stoppedReason"])
                  == ("UserInitiated", "enough") and task["failures"][0]["reason"] == "MISSING")
    stopped(judge, arn)
    me = run(judge, "exec python3 -c 'import os; print(os.environ[\"AWS_ACCESS_KEY_ID\"][:4])'")
    stopped(judge, me)
    judge.is_true("it has a session of its role", lines(judge, me) == ["ASIA"])


def failures(judge):
    def fault(**fault):
        judge.server.control("POST", "faults", {"kind": "fail", "times": 1, **fault})

    fault(transition="ecs.task-running", resource="c/f/*", message="CannotPullContainerError: no")
    task = stopped(judge, run(judge, "true"))
    judge.is_true("a task that cannot start has no exit code",
                  (task["stopCode"], task["stoppedReason"])
                  == ("TaskFailedToStart", "CannotPullContainerError: no")
                  and "exitCode" not in task["containers"][0])
    fault(transition="ecs.task-run", message="OutOfMemoryError: Container killed due to memory usage")
    arn = run(judge, "echo never")
    task = stopped(judge, arn)
    judge.is_true("a container that ran out of memory says so",
                  (task["containers"][0]["exitCode"], task["containers"][0]["reason"][:16])
                  == (137, "OutOfMemoryError"))
    fault(transition="ecs.task-exited", message="the last step failed")
    arn = run(judge, "echo done")
    task = stopped(judge, arn)
    judge.is_true("a program can fail after its work",
                  (task["containers"][0]["exitCode"], lines(judge, arn)) == (1, ["done"]))
    judge.cli("ecs", "register-task-definition", "--family", "g", "--task-role-arn",
              "arn:aws:iam::111111111111:role/none", "--container-definitions", containers())
    arn = judge.cli("ecs", "run-task", "--cluster", "c", "--task-definition", "g")["tasks"][0]["taskArn"]
    judge.is_true("a role that is not there keeps a task from starting",
                  "unable to assume the role" in stopped(judge, arn)["stoppedReason"])
    judge.cli("logs", "delete-log-group", "--log-group-name", "/ecs/contract")
    task = stopped(judge, run(judge, "true"))
    judge.is_true("as does a log group that is not there",
                  task["stopCode"] == "TaskFailedToStart" and "log group" in task["stoppedReason"])
