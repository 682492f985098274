# SPDX-License-Identifier: MIT
"""CloudTrail: every served call is an event that names who made it, after AWS's delay."""

import json
import time

from rehearsal import wait_until


def looked_up(judge, key, value, *args):
    return judge.call("LookupEvents", "--lookup-attributes",
                      f"AttributeKey={key},AttributeValue={value}", *args).get("Events", [])


def calls(judge):
    judge.server.control("DELETE", "faults")
    cli = judge.cli
    begun = time.time()
    cli("secretsmanager", "create-secret", "--name", "traced", "--secret-string", "hush-hush")
    judge.is_true("an event is not there at once",
                  not looked_up(judge, "EventName", "CreateSecret"))
    cli("secretsmanager", "describe-secret", "--secret-id", "traced")
    cli.error("secretsmanager", "describe-secret", "--secret-id", "untraced")
    cli("secretsmanager", "list-secrets", profile="preproduction")
    wait_until(lambda: cli("cloudtrail", "lookup-events", "--lookup-attributes",
                           "AttributeKey=ResourceName,AttributeValue=untraced")["Events"],
               what="the event of a refused call", pause=0.5)
    made = looked_up(judge, "EventName", "CreateSecret")
    judge.is_true("a call is one event", len(made) == 1)
    record = json.loads(made[0]["CloudTrailEvent"])
    judge.is_true("the event names who called",
                  record["userIdentity"]["arn"]
                  == "arn:aws:sts::111111111111:assumed-role/breakglass/ann"
                  and record["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"]
                  == "arn:aws:iam::111111111111:role/breakglass"
                  and made[0]["Username"] == "ann")
    judge.is_true("the event has no secret", "hush-hush" not in json.dumps(made)
                  and record["requestParameters"]["Name"] == "traced")
    judge.is_true("a change is no read", made[0]["ReadOnly"] == "false"
                  and record["readOnly"] is False
                  and made[0]["EventSource"] == "secretsmanager.amazonaws.com")
    judge.is_true("an event is found by its id",
                  len(looked_up(judge, "EventId", made[0]["EventId"])) == 1)
    refused = json.loads(looked_up(judge, "ResourceName", "untraced")[0]["CloudTrailEvent"])
    judge.is_true("a refused call tells why", refused["errorCode"] == "ResourceNotFoundException")
    judge.is_true("events are found by user", all(
        e["Username"] == "ann" for e in looked_up(judge, "Username", "ann")))
    judge.is_true("another account's calls are not shown",
                  not looked_up(judge, "EventName", "ListSecrets"))
    judge.is_true("reads are told from changes", "CreateSecret" not in [
        e["EventName"] for e in looked_up(judge, "ReadOnly", "true")])
    judge.is_true("events are found by source", all(
        e["EventName"].endswith("Secret")
        for e in looked_up(judge, "EventSource", "secretsmanager.amazonaws.com")))
    judge.is_true("a time range bounds them", not judge.call(
        "LookupEvents", "--end-time", str(int(begun) - 60)).get("Events"))
    page = judge.call("LookupEvents", "--max-results", "1")
    judge.is_true("pages come newest first and go on", len(page["Events"]) == 1 and judge.call(
        "LookupEvents", "--max-results", "1", "--next-token",
        page["NextToken"])["Events"][0]["EventId"] != page["Events"][0]["EventId"])
    judge.refuses("InvalidTimeRangeException", "LookupEvents", "--start-time",
                  str(int(begun)), "--end-time", str(int(begun) - 60))
    judge.refuses("InvalidNextTokenException", "LookupEvents", "--next-token", "zzz")
    judge.refuses("InvalidMaxResultsException", "LookupEvents", "--max-results", "51")
    judge.refuses("InvalidLookupAttributesException", "LookupEvents", "--lookup-attributes",
                  "AttributeKey=EventName,AttributeValue=a",
                  "AttributeKey=Username,AttributeValue=b")
