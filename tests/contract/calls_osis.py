# SPDX-License-Identifier: MIT
"""OpenSearch Ingestion: pipelines in their states, and what each state refuses."""

import json

from rehearsal import wait_until

BODY = "version: '2'\nsource:\n  dynamodb: {}\nsink:\n  - opensearch: {}\n"
ARN = "arn:aws:osis:eu-west-1:111111111111:pipeline/lpas"
NAME = ("--pipeline-name", "lpas")


def status(judge, want):
    def is_so():
        done = judge.cli.run("osis", "get-pipeline", *NAME)
        return done.returncode == 0 and json.loads(done.stdout)["Pipeline"]["Status"] == want
    wait_until(is_so, what=want)


def calls(judge):
    judge.refuses("ValidationException", "CreatePipeline", *NAME, "--min-units", "1", "--max-units",
                  "2", "--pipeline-configuration-body", "version: '2'")
    judge.is_true("a fault is told", judge.call(
        "ValidatePipeline", "--pipeline-configuration-body", "version: '2'")["isValid"] is False)
    made = judge.call("CreatePipeline", *NAME, "--min-units", "1", "--max-units", "2",
                      "--pipeline-configuration-body", BODY, "--tags", "Key=a,Value=b")
    judge.is_true("a pipeline is made in time", made["Pipeline"]["Status"] == "CREATING")
    status(judge, "ACTIVE")
    judge.refuses("ResourceAlreadyExistsException", "CreatePipeline", *NAME, "--min-units", "1",
                  "--max-units", "2", "--pipeline-configuration-body", BODY)
    judge.refuses("ResourceNotFoundException", "GetPipeline", "--pipeline-name", "none")
    held = judge.server.control("POST", "faults", {"kind": "stuck", "transition": "osis.*"})["ids"][0]
    judge.call("UpdatePipeline", *NAME, "--max-units", "3")
    judge.refuses("ConflictException", "StopPipeline", *NAME)
    progress = judge.call("GetPipelineChangeProgress", *NAME)["ChangeProgressStatuses"][0]
    judge.is_true("its change is under way", progress["Status"] == "IN_PROGRESS")
    judge.is_true("a change is not there before it is done",
                  judge.call("GetPipeline", *NAME)["Pipeline"]["MaxUnits"] == 2)
    judge.server.control("DELETE", f"faults/{held}")
    status(judge, "ACTIVE")
    judge.is_true("then it is", judge.call("GetPipeline", *NAME)["Pipeline"]["MaxUnits"] == 3)
    judge.refuses("ConflictException", "StartPipeline", *NAME)
    judge.is_true("it stops in time",
                  judge.call("StopPipeline", *NAME)["Pipeline"]["Status"] == "STOPPING")
    status(judge, "STOPPED")
    judge.server.control("POST", "faults", {"kind": "fail", "transition": "osis.pipeline-started",
                                            "message": "no capacity"})
    judge.call("StartPipeline", *NAME)
    status(judge, "START_FAILED")
    judge.is_true("a failure says why", judge.call("GetPipeline", *NAME)["Pipeline"]
                  ["StatusReason"] == {"Description": "no capacity"})
    judge.call("StartPipeline", *NAME)
    status(judge, "ACTIVE")
    judge.call("TagResource", "--arn", ARN, "--tags", "Key=c,Value=d")
    judge.call("UntagResource", "--arn", ARN, "--tag-keys", "a")
    judge.is_true("tags are set and removed", judge.call("ListTagsForResource", "--arn", ARN)["Tags"]
                  == [{"Key": "c", "Value": "d"}])
    judge.is_true("pipelines are listed", [p["PipelineName"] for p in judge.call(
        "ListPipelines")["Pipelines"]] == ["lpas"])
    judge.call("DeletePipeline", *NAME)
    wait_until(lambda: judge.cli.run("osis", "get-pipeline", *NAME).returncode != 0, what="gone")
    judge.refuses("ResourceNotFoundException", "StopPipeline", *NAME)
