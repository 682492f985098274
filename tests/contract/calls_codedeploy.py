# SPDX-License-Identifier: MIT
"""CodeDeploy: deployments through all of their states, and people who go on or stop."""

import json

from rehearsal import wait_until

ROLE = "arn:aws:iam::111111111111:role/breakglass"
AT = ("--application-name", "mavis-test", "--deployment-group-name", "blue-green")
REVISION = json.dumps({"revisionType": "AppSpecContent", "appSpecContent": {
    "content": json.dumps({"version": 0.0, "Resources": []})}})


def status(judge, deployment):
    return judge.cli("deploy", "get-deployment", "--deployment-id", deployment)["deploymentInfo"][
        "status"]


def wait(judge, deployment, *states):
    judge.tap.claim(f"codedeploy: a deployment comes to {states[0]}", lambda: wait_until(
        lambda: status(judge, deployment) in states, what=f"{deployment} is {states}"))


def begin(judge, revision=REVISION):
    return judge.cli("deploy", "create-deployment", *AT, "--revision", revision)["deploymentId"]


def calls(judge):
    judge.call("CreateApplication", "--application-name", "mavis-test", "--compute-platform", "ECS")
    judge.refuses("ApplicationAlreadyExistsException", "CreateApplication", "--application-name",
                  "mavis-test")
    judge.is_true("the application says its platform", judge.call(
        "GetApplication", "--application-name", "mavis-test").get("application", {}).get(
            "computePlatform") == "ECS")
    judge.is_true("applications are listed", judge.call("ListApplications").get("applications")
                  == ["mavis-test"])
    judge.refuses("ApplicationDoesNotExistException", "GetApplication", "--application-name", "no")
    # Hours of AWS's, which pass in seconds: time enough for a person's word.
    judge.call("CreateDeploymentGroup", *AT, "--service-role-arn", ROLE,
               "--blue-green-deployment-configuration", json.dumps(
                   {"deploymentReadyOption": {"actionOnTimeout": "STOP_DEPLOYMENT",
                                              "waitTimeInMinutes": 2880},
                    "terminateBlueInstancesOnDeploymentSuccess": {
                        "action": "TERMINATE", "terminationWaitTimeInMinutes": 2800}}))
    judge.refuses("DeploymentGroupAlreadyExistsException", "CreateDeploymentGroup", *AT,
                  "--service-role-arn", ROLE)
    judge.is_true("groups are listed", judge.call(
        "ListDeploymentGroups", "--application-name", "mavis-test").get("deploymentGroups")
        == ["blue-green"])
    judge.refuses("DeploymentGroupDoesNotExistException", "CreateDeployment", "--application-name",
                  "mavis-test", "--deployment-group-name", "none", "--revision", REVISION)
    first = succeeded(judge)
    stopped(judge, first)
    failed(judge)
    judge.call("DeleteDeploymentGroup", *AT)
    judge.refuses("DeploymentGroupDoesNotExistException", "GetDeploymentGroup", *AT)
    judge.call("DeleteApplication", "--application-name", "mavis-test")
    judge.refuses("ApplicationDoesNotExistException", "ListDeploymentGroups", "--application-name",
                  "mavis-test")


def succeeded(judge):
    first = judge.call("CreateDeployment", *AT, "--revision", REVISION, "--description",
                       "the first").get("deploymentId", "")
    judge.refuses("DeploymentLimitExceededException", "CreateDeployment", *AT, "--revision",
                  REVISION)
    wait(judge, first, "Ready")
    told = judge.call("GetDeployment", "--deployment-id", first).get("deploymentInfo", {})
    judge.is_true("the overview counts it", told.get("deploymentOverview", {}).get("Ready") == 1)
    judge.refuses("InvalidDeploymentStatusException", "ContinueDeployment", "--deployment-id",
                  first, "--deployment-wait-type", "TERMINATION_WAIT")
    judge.call("ContinueDeployment", "--deployment-id", first, "--deployment-wait-type",
               "READY_WAIT")
    judge.refuses("DeploymentIsNotInReadyStateException", "ContinueDeployment", "--deployment-id",
                  first)

    def go_on():
        return judge.cli.run("deploy", "continue-deployment", "--deployment-id", first,
                             "--deployment-wait-type", "TERMINATION_WAIT").returncode == 0

    judge.tap.claim("codedeploy: the old tasks need not be waited for", lambda: wait_until(
        go_on, what="the termination wait"))
    wait(judge, first, "Succeeded")
    judge.refuses("DeploymentAlreadyCompletedException", "StopDeployment", "--deployment-id", first)
    judge.refuses("DeploymentDoesNotExistException", "GetDeployment", "--deployment-id",
                  "d-AAAAAAAAA")
    group = judge.call("GetDeploymentGroup", *AT).get("deploymentGroupInfo", {})
    judge.is_true("the group knows its last good deployment", group.get(
        "lastSuccessfulDeployment", {}).get("deploymentId") == first)
    return first


def stopped(judge, first):
    second = begin(judge)
    wait(judge, second, "Ready")
    told = judge.call("StopDeployment", "--deployment-id", second, "--auto-rollback-enabled")
    judge.is_true("the stop is told", told.get("status") == "Succeeded")
    info = judge.cli("deploy", "get-deployment", "--deployment-id", second)["deploymentInfo"]
    back = info.get("rollbackInfo", {}).get("rollbackDeploymentId", "")
    judge.is_true("it is stopped, and another takes it back", info["status"] == "Stopped" and back)
    wait(judge, back, "Ready")
    told = judge.call("BatchGetDeployments", "--deployment-ids", first, back)
    judge.is_true("what takes it back is what was there", [d.get("creator") for d in told.get(
        "deploymentsInfo", [])] == ["user", "codeDeployRollback"])
    judge.is_true("deployments are listed by state", judge.call(
        "ListDeployments", *AT, "--include-only-statuses", "Stopped").get("deployments")
        == [second])
    judge.cli("deploy", "stop-deployment", "--deployment-id", back)


def failed(judge):
    lost = begin(judge, json.dumps({"revisionType": "S3", "s3Location": {
        "bucket": "no-such-bucket", "key": "appspec.yaml", "bundleType": "YAML"}}))
    wait(judge, lost, "Failed")
    info = judge.cli("deploy", "get-deployment", "--deployment-id", lost)["deploymentInfo"]
    judge.is_true("a revision that is not there is the reason",
                  info.get("errorInformation", {}).get("code") == "REVISION_MISSING")
    judge.server.control("POST", "faults", {"kind": "fail", "transition":
                                            "codedeploy.deployment-provisioned",
                                            "message": "tasks do not become healthy"})
    ill = begin(judge)
    wait(judge, ill, "Failed")
    judge.is_true("a failure carries its reason", judge.cli(
        "deploy", "get-deployment", "--deployment-id", ill)["deploymentInfo"]["errorInformation"]
        == {"code": "HEALTH_CONSTRAINTS", "message": "tasks do not become healthy"})
