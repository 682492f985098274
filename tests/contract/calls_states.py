# SPDX-License-Identifier: MIT
"""Step Functions: machines, what is wrong with definitions, and executions that really walk and run tasks."""

import json

from rehearsal import holds, sign, wait_until

ROLE = "arn:aws:iam::111111111111:role/states-contract"
POWERLESS = "arn:aws:iam::111111111111:role/states-powerless"
ARN = "arn:aws:states:eu-west-1:111111111111:stateMachine:"
RUN = "arn:aws:states:::ecs:runTask"
FAMILY = "states-shell"


def machine(start, timeout=None, **states):
    """A definition whose states' names are those of the arguments."""
    top = {"StartAt": start, "States": states}
    return {**top, "TimeoutSeconds": timeout} if timeout else top


def shell(script, **more):
    """A Task state that runs @script; one that ends in .$ of ContainerOverrides is a path."""
    command = {"Command.$": script} if script.startswith(("$", "States.")) else {"Command": [script]}
    return {"Type": "Task", "Resource": RUN + ".sync", "Parameters": {
        "Cluster": "states", "TaskDefinition": FAMILY, "LaunchType": "FARGATE",
        "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": ["subnet-1"]}},
        "Overrides": {"ContainerOverrides": [{"Name": "shell", **command}]}}, **more}


class Machines:
    """Makes machines, runs them, and tells how it went."""

    def __init__(self, judge):
        self.judge, self.count = judge, 0
        self.key = judge.server.keys("production")

    def ask(self, operation, **request):
        """A call without the CLI, which needs its time for each: what it says of them is judged elsewhere."""
        server, body = self.judge.server, json.dumps(request).encode()
        headers = sign("POST", f"{server.host}:{server.port}", "/", body, {
            "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "AWSStepFunctions." + operation},
            self.key, "eu-west-1", "states")
        status, _, text = server.http("POST", "/", body, headers)
        holds(status == 200, text)
        return json.loads(text)

    def make(self, definition, role=ROLE):
        self.count += 1
        return self.ask("CreateStateMachine", name=f"m{self.count}", roleArn=role,
                        definition=json.dumps(definition))["stateMachineArn"]

    def start(self, arn, value=None):
        return self.ask("StartExecution", stateMachineArn=arn,
                        input=json.dumps(value if value is not None else {}))["executionArn"]

    def show(self, execution):
        return self.ask("DescribeExecution", executionArn=execution)

    def history(self, execution):
        return self.ask("GetExecutionHistory", executionArn=execution)["events"]

    def ended(self, execution, seconds=60):
        wait_until(lambda: self.show(execution)["status"] != "RUNNING", seconds, "the execution's end")
        return self.show(execution)

    def run(self, definition, value=None, role=ROLE):
        return self.ended(self.start(self.make(definition, role), value))

    def yields(self, claim, definition, value, expected):
        def check():
            ended = self.run(definition, value)
            holds(ended["status"] == "SUCCEEDED", f"{ended['status']}: {ended.get('error')}: {ended.get('cause')}")
            holds(json.loads(ended["output"]) == expected, ended["output"])
        self.judge.tap.claim(f"states: {claim}", check)

    def fails(self, claim, definition, value, error, cause="", role=ROLE):
        def check():
            ended = self.run(definition, value, role)
            holds(ended["status"] == "FAILED" and ended.get("error") == error and cause in ended.get("cause", ""),
                  f"{ended['status']}: {ended.get('error')}: {ended.get('cause')}")
        self.judge.tap.claim(f"states: {claim}", check)


def machines(judge):
    simple = json.dumps(machine("A", A={"Type": "Pass", "End": True}))
    other = json.dumps(machine("B", B={"Type": "Succeed"}))
    make = ("--name", "first", "--role-arn", ROLE, "--tags", "key=a,value=b")
    judge.refuses("InvalidDefinition", "CreateStateMachine", *make, "--definition", "{}")
    judge.refuses("AccessDeniedException", "CreateStateMachine", "--name", "first", "--definition", simple,
                  "--role-arn", "arn:aws:iam::111111111111:role/breakglass")
    judge.refuses("InvalidName", "CreateStateMachine", "--name", "a b", "--role-arn", ROLE, "--definition", simple)
    made = judge.call("CreateStateMachine", *make, "--definition", simple)
    judge.is_true("the machine has its ARN", made.get("stateMachineArn") == ARN + "first")
    judge.is_true("the same again is the same", judge.cli("stepfunctions", "create-state-machine", *make, "--definition",
                                                          simple) == made)
    judge.refuses("StateMachineAlreadyExists", "CreateStateMachine", *make, "--definition", other)
    at = ("--state-machine-arn", ARN + "first")
    judge.is_true("it is described", judge.call("DescribeStateMachine", *at).get("definition") == simple)
    judge.refuses("MissingRequiredParameter", "UpdateStateMachine", *at)
    judge.refuses("InvalidDefinition", "UpdateStateMachine", *at, "--definition", "[]")
    judge.call("UpdateStateMachine", *at, "--definition", other)
    judge.is_true("it is as it was updated", judge.cli(
        "stepfunctions", "describe-state-machine", *at)["definition"] == other)
    judge.is_true("machines are listed", [m["name"] for m in judge.call(
        "ListStateMachines").get("stateMachines", [])] == ["first"])
    judge.call("TagResource", "--resource-arn", ARN + "first", "--tags", "key=c,value=d")
    judge.call("UntagResource", "--resource-arn", ARN + "first", "--tag-keys", "a")
    judge.is_true("tags are set and removed", judge.call("ListTagsForResource", "--resource-arn", ARN + "first")
                  .get("tags") == [{"key": "c", "value": "d"}])
    judge.refuses("InvalidArn", "DescribeStateMachine", "--state-machine-arn", "first")
    judge.call("DeleteStateMachine", *at)
    judge.refuses("StateMachineDoesNotExist", "DescribeStateMachine", *at)


WRONG = {
    "SCHEMA_VALIDATION_FAILED": [
        machine("A", A={"Type": "Pass"}), machine("A", A={"Type": "Pass", "End": True, "Next": "A"}),
        machine("A", A={"Type": "Dance", "End": True}), machine("A", A={"Type": "Pass", "End": True, "Retry": []}),
        machine("A", A={"Type": "Wait", "Seconds": 1, "Timestamp": "2026-01-01T00:00:00Z", "End": True}),
        machine("A", A={"Type": "Choice", "Choices": []}),
        machine("A", A={"Type": "Choice", "Choices": [{"Variable": "$.a", "StringEquals": "b", "IsNull": True,
                                                       "Next": "B"}]}, B={"Type": "Succeed"}),
        machine("A", A={"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "End": True}),
        machine("A", A=shell("true", TimeoutSeconds=10, HeartbeatSeconds=10, End=True)),
        machine("A", A=shell("true", Retry=[{"ErrorEquals": ["States.ALL", "X"]}], End=True)),
        machine("A", A=shell("true", Retry=[{"ErrorEquals": ["X"], "BackoffRate": 0.5}], End=True)),
        machine("A", A=shell("true", Catch=[{"ErrorEquals": ["X"]}], End=True)),
        machine("A", A={"Type": "Pass", "Parameters": {"a.$": "b"}, "End": True}),
        machine("A", A={"Type": "Pass", "ResultPath": "$.a[*]", "End": True}),
        machine("A", A={"Type": "Fail", "Cause": "x", "CausePath": "$.x"}),
    ],
    "MISSING_TRANSITION_TARGET": [
        machine("B", A={"Type": "Succeed"}), machine("A", A={"Type": "Pass", "Next": "C"}),
        machine("A", A={"Type": "Succeed"}, B={"Type": "Succeed"}),
    ],
    "DUPLICATE_STATE_NAME": [
        machine("A", A={"Type": "Parallel", "Branches": [machine("A", A={"Type": "Succeed"})], "End": True})],
    "INVALID_JSON_DESCRIPTION": ["{", []],
}


def definitions(judge, run):
    good = json.dumps(machine("A", A=shell("true", End=True)))
    judge.is_true("a good definition has no fault", judge.call("ValidateStateMachineDefinition", "--definition", good)
                  == {"result": "OK", "diagnostics": [], "truncated": False})
    for code, wrong in WRONG.items():
        for number, definition in enumerate(wrong):
            text = definition if isinstance(definition, str) else json.dumps(definition)
            told = run.ask("ValidateStateMachineDefinition", definition=text)
            judge.is_true(f"{code} {number} is found", told["result"] == "FAIL"
                          and {d["code"] for d in told["diagnostics"]} == {code})


def data(run):
    """Paths, templates, functions and choices."""
    def shape(claim, state, value, expected):
        run.yields(claim, machine("A", A={"Type": "Pass", "End": True, **state}), value, expected)

    shape("a result goes where ResultPath says", {"Result": 1, "ResultPath": "$.a.b"}, {"c": 2}, {"c": 2, "a": {"b": 1}})
    shape("ResultPath null keeps the input", {"Result": 1, "ResultPath": None}, {"c": 2}, {"c": 2})
    shape("InputPath and OutputPath take parts", {"InputPath": "$.a", "Parameters": {"x.$": "$.b", "y": 1},
                                                  "OutputPath": "$.x"}, {"a": {"b": [3]}}, [3])
    shape("the context is there", {"Parameters": {"n.$": "$$.StateMachine.Name", "s.$": "$$.State.Name",
                                                  "i.$": "$$.Execution.Input.k"}}, {"k": 7},
          {"n": f"m{run.count + 1}", "s": "A", "i": 7})
    functions = {
        "format": ("States.Format('{} is \\{\\} \\'{}\\'', $.name, $.n)", "ann is {} '2'"),
        "array": ("States.Array('run', $.name, States.Format('x{}', $.n), 3, null)", ["run", "ann", "x2", 3, None]),
        "json": ("States.StringToJson($.text)", {"k": [1]}), "string": ("States.JsonToString($.list)", "[1,2,2]"),
        "partition": ("States.ArrayPartition($.list, 2)", [[1, 2], [2]]), "item": ("States.ArrayGetItem($.list, 1)", 2),
        "range": ("States.ArrayRange(1, 9, 4)", [1, 5, 9]), "length": ("States.ArrayLength($.list)", 3),
        "unique": ("States.ArrayUnique($.list)", [1, 2]), "contains": ("States.ArrayContains($.list, 2)", True),
        "encode": ("States.Base64Encode('hi')", "aGk="), "decode": ("States.Base64Decode('aGk=')", "hi"),
        "hash": ("States.Hash('a', 'SHA-1')", "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"),
        "merge": ("States.JsonMerge($.one, $.two, false)", {"a": 1, "b": 3}), "add": ("States.MathAdd(2, -3)", -1),
        "split": ("States.StringSplit('a,b', ',')", ["a", "b"]),
    }
    shape("intrinsic functions do what they say",
          {"Parameters": {f"{name}.$": call for name, (call, _) in functions.items()}},
          {"name": "ann", "n": 2, "text": '{"k": [1]}', "list": [1, 2, 2], "one": {"a": 1, "b": 2}, "two": {"b": 3}},
          {name: value for name, (_, value) in functions.items()})
    run.fails("a path that is not there fails", machine("A", A={"Type": "Pass", "Parameters": {"a.$": "$.b"}, "End": True}),
              {}, "States.ParameterPathFailure", "$.b")
    run.fails("a call that cannot be made fails", machine("A", A={
        "Type": "Pass", "Parameters": {"a.$": "States.StringToJson('{')"}, "End": True}), {}, "States.IntrinsicFailure")


def choices(run):
    ends = {name: {"Type": "Pass", "Result": name, "End": True} for name in ("Yes", "No")}

    def choose(claim, rule, value, expected):
        run.yields(claim, machine("C", C={"Type": "Choice", "Choices": [{**rule, "Next": "Yes"}], "Default": "No"}, **ends),
                   value, expected)

    choose("texts are compared", {"Variable": "$.a", "StringLessThan": "b"}, {"a": "a"}, "Yes")
    choose("numbers are, with another path", {"Variable": "$.a", "NumericGreaterThanEqualsPath": "$.b"}, {"a": 3, "b": 3.0},
           "Yes")
    choose("times are", {"Variable": "$.a", "TimestampGreaterThan": "2026-01-01T00:00:00Z"},
           {"a": "2025-12-31T23:59:59Z"}, "No")
    choose("patterns are", {"Variable": "$.a", "StringMatches": "log-*.txt"}, {"a": "log-7.txt"}, "Yes")
    choose("absence is told", {"Not": {"Variable": "$.a.b", "IsPresent": True}}, {}, "Yes")
    choose("another type does not fit", {"Variable": "$.a", "NumericEquals": 1}, {"a": "1"}, "No")
    choose("rules are joined", {"And": [{"Variable": "$.a", "IsNumeric": True}, {"Or": [
        {"Variable": "$.a", "NumericEquals": 1}, {"Variable": "$.a", "NumericEquals": 2}]}]}, {"a": 2}, "Yes")
    run.fails("no rule and no default fails", machine(
        "C", C={"Type": "Choice", "Choices": [{"Variable": "$.a", "IsNull": True, "Next": "Yes"}]}, Yes=ends["Yes"]),
        {"a": 1}, "States.NoChoiceMatched")
    run.fails("Fail says what its paths find", machine(
        "F", F={"Type": "Fail", "ErrorPath": "$.e", "CausePath": "States.Format('{} broke', $.s)"}),
        {"e": "Own.Error", "s": "load"}, "Own.Error", "load broke")


def fans(run):
    double = machine("D", D={"Type": "Pass", "Parameters": {"twice.$": "States.MathAdd($, $)"}, "OutputPath": "$.twice",
                             "End": True})
    run.yields("a map yields its items' results in order", machine("M", M={
        "Type": "Map", "ItemsPath": "$.list", "MaxConcurrency": 2, "ItemProcessor": double, "ResultPath": "$.all",
        "End": True}), {"list": [1, 2, 3, 4, 5]}, {"list": [1, 2, 3, 4, 5], "all": [2, 4, 6, 8, 10]})
    run.yields("an item knows its number", machine("M", M={
        "Type": "Map", "ItemSelector": {"i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value"}, "End": True,
        "ItemProcessor": machine("P", P={"Type": "Pass", "End": True})}), ["a"], [{"i": 0, "v": "a"}])
    left = machine("L", L={"Type": "Wait", "Seconds": 5, "Next": "L2"}, L2={"Type": "Pass", "Result": "left", "End": True})
    right = machine("R", R={"Type": "Pass", "Result": "right", "End": True})
    run.yields("branches run side by side", machine("P", P={
        "Type": "Parallel", "Branches": [left, right], "ResultSelector": {"both.$": "$"}, "End": True}), {},
        {"both": ["left", "right"]})
    wrong = machine("W", W={"Type": "Fail", "Error": "Bad", "Cause": "luck"})
    run.yields("a branch that fails is caught by its state", machine("P", P={
        "Type": "Parallel", "Branches": [machine("S", S={"Type": "Wait", "Seconds": 99999, "End": True}), wrong],
        "Catch": [{"ErrorEquals": ["Bad"], "ResultPath": "$.why", "Next": "E"}], "End": True},
        E={"Type": "Succeed"}), {"k": 1}, {"k": 1, "why": {"Error": "Bad", "Cause": "luck"}})


def tasks(judge, run):
    judge.server.control("POST", "faults", {"kind": "stuck", "transition": "ecs.task-forgotten"})
    judge.cli("ecs", "create-cluster", "--cluster-name", "states")
    judge.cli("ecs", "register-task-definition", "--family", FAMILY, "--network-mode", "awsvpc",
              "--requires-compatibilities", "FARGATE", "--cpu", "256", "--memory", "512", "--container-definitions",
              json.dumps([{"name": "shell", "image": "rehearsal/shell:1", "essential": True}]))
    execution = run.start(run.make(machine("A", A=shell("States.Array($.script)", ResultSelector={
        "code.$": "$.Containers[0].ExitCode", "by.$": "$.StartedBy"}, End=True))), {"script": "exit 0"})
    ended = run.ended(execution)
    judge.is_true("a task runs to its end", json.loads(ended.get("output", "{}")) == {"code": 0, "by": "AWS Step Functions"})
    judge.is_true("its history is AWS's", [event["type"] for event in run.history(execution)] == [
        "ExecutionStarted", "TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded",
        "TaskStateExited", "ExecutionSucceeded"])
    run.fails("a container's exit code is the task's", machine("A", A=shell("exit 3", End=True)), {}, "States.TaskFailed",
              '"ExitCode":3')
    run.fails("what the role may not do is refused", machine("A", A=shell("true", End=True)), {},
              "ECS.AccessDeniedException", "ecs:RunTask", role=POWERLESS)
    run.fails("a cluster that is not there is told", machine("A", A={**shell("true", End=True), "Parameters": {
        "Cluster": "none", "TaskDefinition": FAMILY}}), {}, "ECS.ClusterNotFoundException")
    judge.server.control("POST", "faults", {"kind": "fail", "transition": "states.task-started", "times": 2,
                                            "message": "ECS.ServerException: try later"})
    again = run.start(run.make(machine("A", A=shell("true", ResultPath="$.task", Next="B", Retry=[
        {"ErrorEquals": ["ECS.ServerException"], "IntervalSeconds": 2, "MaxAttempts": 3}]),
        B={"Type": "Pass", "Result": "well", "End": True})))
    judge.is_true("what ECS refuses is tried again", json.loads(run.ended(again).get("output", "0")) == "well")
    judge.is_true("and each time told", [event["type"] for event in run.history(again)].count("TaskSubmitFailed") == 2)
    run.yields("a failure that is caught leads on", machine("A", A=shell("exit 1", Next="B", Catch=[
        {"ErrorEquals": ["States.TaskFailed"], "ResultPath": "$.failed", "Next": "C"}]), B={"Type": "Succeed"}, C={
            "Type": "Pass", "Parameters": {"task.$": "States.StringToJson($.failed.Cause)"},
            "OutputPath": "$.task.StopCode", "End": True}), {}, "EssentialContainerExited")
    timed = run.start(run.make(machine("A", A=shell("exec sleep 60", TimeoutSeconds=1, End=True))))
    judge.is_true("a task that takes too long times out", run.ended(timed).get("error") == "States.Timeout")
    running = judge.cli("ecs", "list-tasks", "--cluster", "states")["taskArns"]
    judge.is_true("and runs on", len(running) == 1)
    for task in running:
        judge.cli("ecs", "stop-task", "--cluster", "states", "--task", task)


def tokens(judge, run):
    """A container that tells of itself; here the test does it for it."""
    def begin(silence):
        waiting = shell("exec sleep 600", TimeoutSeconds=100, HeartbeatSeconds=silence, End=True)
        waiting["Resource"] = RUN + ".waitForTaskToken"
        waiting["Parameters"]["Overrides"]["ContainerOverrides"][0]["Environment"] = [
            {"Name": "TOKEN", "Value.$": "$$.Task.Token"}]
        execution = run.start(run.make(machine("A", A=waiting)))
        wait_until(lambda: any(e["type"] == "TaskSubmitted" for e in run.history(execution)), what="a task")
        scheduled = next(e for e in run.history(execution) if e["type"] == "TaskScheduled")
        parameters = json.loads(scheduled["taskScheduledEventDetails"]["parameters"])
        return execution, parameters["Overrides"]["ContainerOverrides"][0]["Environment"][0]["Value"]

    execution, token = begin(90)
    judge.call("SendTaskHeartbeat", "--task-token", token)
    judge.refuses("InvalidToken", "SendTaskHeartbeat", "--task-token", "none")
    judge.refuses("InvalidOutput", "SendTaskSuccess", "--task-token", token, "--task-output", "{")
    judge.call("SendTaskSuccess", "--task-token", token, "--task-output", '{"rows": 3}')
    judge.is_true("its word is the result", run.ended(execution).get("output") == '{"rows":3}')
    judge.refuses("TaskTimedOut", "SendTaskHeartbeat", "--task-token", token)
    execution, token = begin(90)
    judge.call("SendTaskFailure", "--task-token", token, "--error", "Own", "--cause", "because")
    judge.is_true("and so is its failure", run.ended(execution).get("error") == "Own")
    execution, _ = begin(1)
    judge.is_true("silence is a failure", run.ended(execution).get("error") == "States.HeartbeatTimeout")
    for task in judge.cli("ecs", "list-tasks", "--cluster", "states")["taskArns"]:
        judge.cli("ecs", "stop-task", "--cluster", "states", "--task", task)


def executions(judge, run):
    arn = run.make(machine("A", A=shell("exec sleep 600", End=True), timeout=99999))
    name = ("--state-machine-arn", arn, "--name", "run-1")
    judge.refuses("InvalidExecutionInput", "StartExecution", *name, "--input", "{")
    judge.refuses("InvalidName", "StartExecution", "--state-machine-arn", arn, "--name", "a b")
    judge.refuses("StateMachineDoesNotExist", "StartExecution", "--state-machine-arn", ARN + "none")
    first = judge.call("StartExecution", *name, "--input", '{"a": 1}')
    at = ("--execution-arn", first["executionArn"])
    judge.is_true("the same name and input is the same execution", judge.cli(
        "stepfunctions", "start-execution", *name, "--input", '{"a": 1}') == first)
    judge.refuses("ExecutionAlreadyExists", "StartExecution", *name, "--input", '{"a": 2}')
    wait_until(lambda: judge.cli("ecs", "list-tasks", "--cluster", "states")["taskArns"], what="a task")
    judge.is_true("it runs", judge.call("DescribeExecution", *at)["status"] == "RUNNING")
    judge.is_true("it is listed", [e["name"] for e in judge.call(
        "ListExecutions", "--state-machine-arn", arn, "--status-filter", "RUNNING")["executions"]] == ["run-1"])
    judge.is_true("its machine is told", judge.call("DescribeStateMachineForExecution", *at)["stateMachineArn"] == arn)
    judge.call("StopExecution", *at, "--error", "Cancelled", "--cause", "by ann")
    shown = judge.cli("stepfunctions", "describe-execution", *at)
    judge.is_true("it is stopped, and why is told", (shown["status"], shown["error"], shown["cause"]) ==
                  ("ABORTED", "Cancelled", "by ann"))
    judge.is_true("its task is stopped too", judge.cli("ecs", "list-tasks", "--cluster", "states")["taskArns"] == [])
    judge.refuses("ExecutionAlreadyExists", "StartExecution", *name, "--input", '{"a": 1}')
    judge.refuses("ExecutionDoesNotExist", "DescribeExecution", "--execution-arn", first["executionArn"] + "x")
    events = judge.call("GetExecutionHistory", *at, "--reverse-order")["events"]
    judge.is_true("the history is told backwards too", [e["type"] for e in events][:1] == ["ExecutionAborted"])
    bare = judge.cli("stepfunctions", "get-execution-history", *at, "--no-include-execution-data", "--max-items", "1")
    judge.is_true("and without data, by pages", "input" not in bare["events"][0]["executionStartedEventDetails"]
                  and "NextToken" in bare)
    slow = run.start(run.make(machine("W", W={"Type": "Wait", "Seconds": 9999999, "End": True}, timeout=1)))
    judge.is_true("a machine's time-out ends it", run.ended(slow)["status"] == "TIMED_OUT")


def survives(judge, run):
    """A server that is killed goes on with what it was at; a container that died with it has failed."""
    arn = run.make(machine("W", W={"Type": "Wait", "Seconds": 720000, "Next": "A"}, A=shell("exec sleep 600", Next="B", Catch=[
        {"ErrorEquals": ["States.TaskFailed"], "ResultPath": "$.failed", "Next": "B"}]),
        B={"Type": "Pass", "Result": "went on", "End": True}))
    waiting, working = run.start(arn), None
    working = run.start(run.make(machine("A", A=shell("exec sleep 600", End=True))))
    wait_until(lambda: any(e["type"] == "TaskSubmitted" for e in run.history(working)), what="a task")
    wait_until(lambda: any(t["lastStatus"] == "RUNNING" for t in judge.cli(
        "ecs", "describe-tasks", "--cluster", "states", "--tasks",
        *judge.cli("ecs", "list-tasks", "--cluster", "states")["taskArns"])["tasks"]), what="a task that runs")
    port = judge.server.port
    judge.server.kill()
    judge.server.start(port)
    judge.is_true("what died with the server is told", '"ExitCode":137' in run.ended(working).get("cause", ""))
    judge.is_true("and who waited goes on waiting", run.show(waiting)["status"] == "RUNNING")
    judge.cli("stepfunctions", "stop-execution", "--execution-arn", waiting)


def calls(judge):
    run = Machines(judge)
    machines(judge)
    definitions(judge, run)
    data(run)
    choices(run)
    fans(run)
    tasks(judge, run)
    tokens(judge, run)
    executions(judge, run)
    survives(judge, run)
