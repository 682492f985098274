# SPDX-License-Identifier: MIT
"""CloudWatch Logs: groups, streams, events along a stream and over streams."""

import json
import time


def calls(judge):
    group = ("--log-group-name", "/app/one")
    arn = "arn:aws:logs:eu-west-1:111111111111:log-group:/app/one"
    judge.call("CreateLogGroup", *group, "--tags", "a=b")
    judge.refuses("ResourceAlreadyExistsException", "CreateLogGroup", *group)
    judge.refuses("InvalidParameterException", "CreateLogGroup", "--log-group-name", "a b")
    judge.call("CreateLogGroup", "--log-group-name", "/app/two")
    names = [g["logGroupName"] for g in judge.call(
        "DescribeLogGroups", "--log-group-name-prefix", "/app/").get("logGroups", [])]
    judge.is_true("groups are listed in order", names == ["/app/one", "/app/two"])
    pages = judge.call("DescribeLogGroups", "--log-group-name-prefix", "/app/", "--page-size", "1")
    judge.is_true("pages add up", len(pages.get("logGroups", [])) == 2)
    judge.call("PutRetentionPolicy", *group, "--retention-in-days", "30")
    judge.refuses("InvalidParameterException", "PutRetentionPolicy", *group, "--retention-in-days",
                  "31")
    kept = judge.call("DescribeLogGroups", "--log-group-name-prefix", "/app/one")
    judge.is_true("the retention is kept", kept["logGroups"][0].get("retentionInDays") == 30)
    judge.call("DeleteRetentionPolicy", *group)
    judge.call("TagResource", "--resource-arn", arn, "--tags", "c=d")
    judge.call("UntagResource", "--resource-arn", arn, "--tag-keys", "a")
    judge.is_true("tags are set and removed", judge.call(
        "ListTagsForResource", "--resource-arn", arn).get("tags") == {"c": "d"})
    streams(judge, group)
    events(judge, group)
    judge.call("DeleteLogStream", *group, "--log-stream-name", "x/a")
    judge.refuses("ResourceNotFoundException", "GetLogEvents", *group, "--log-stream-name", "x/a")
    judge.call("DeleteLogGroup", *group)
    judge.refuses("ResourceNotFoundException", "DescribeLogStreams", *group)


def streams(judge, group):
    for name in ("x/b", "x/a", "y/c"):
        judge.call("CreateLogStream", *group, "--log-stream-name", name)
    judge.refuses("ResourceAlreadyExistsException", "CreateLogStream", *group, "--log-stream-name",
                  "x/a")
    judge.refuses("ResourceNotFoundException", "CreateLogStream", "--log-group-name", "none",
                  "--log-stream-name", "x")
    found = judge.call("DescribeLogStreams", *group, "--log-stream-name-prefix", "x/")
    judge.is_true("streams are listed in order",
                  [s["logStreamName"] for s in found.get("logStreams", [])] == ["x/a", "x/b"])


def events(judge, group):
    now = int(time.time() * 1000) - 60000
    a = (*group, "--log-stream-name", "x/a")

    def put(stream, *lines):
        text = json.dumps([{"timestamp": now + at, "message": line} for at, line in lines])
        return judge.call("PutLogEvents", *group, "--log-stream-name", stream, "--log-events", text)

    put("x/a", (0, "begin"), (10, "step one"), (20, "ERROR: no step two"))
    put("x/b", (5, "between"))
    judge.refuses("InvalidParameterException", "PutLogEvents", *a, "--log-events",
                  json.dumps([{"timestamp": now + 2, "message": "x"},
                              {"timestamp": now + 1, "message": "y"}]))
    old = judge.call("PutLogEvents", *a, "--log-events",
                     json.dumps([{"timestamp": 1000, "message": "x"}]))
    judge.is_true("what is too old is rejected",
                  old.get("rejectedLogEventsInfo") == {"tooOldLogEventEndIndex": 1})

    def get(*args):
        return judge.call("GetLogEvents", *a, *args)

    def lines(answer):
        return [event["message"] for event in answer.get("events", [])]

    first = get("--start-from-head", "--limit", "2")
    judge.is_true("a page from the head", lines(first) == ["begin", "step one"])
    second = get("--start-from-head", "--next-token", first["nextForwardToken"])
    judge.is_true("the token goes on", lines(second) == ["ERROR: no step two"])
    end = get("--start-from-head", "--next-token", second["nextForwardToken"])
    judge.is_true("at the end the token stays the same", not end["events"]
                  and end["nextForwardToken"] == second["nextForwardToken"])
    put("x/a", (30, "later"))
    judge.is_true("and finds what came later", lines(get(
        "--start-from-head", "--next-token", end["nextForwardToken"])) == ["later"])
    tail = get("--limit", "1")
    judge.is_true("the tail is the newest", lines(tail) == ["later"])
    judge.is_true("and goes back", lines(get("--limit", "1", "--next-token",
                                             tail["nextBackwardToken"])) == ["ERROR: no step two"])
    judge.refuses("InvalidParameterException", "GetLogEvents", *a, "--next-token", "nonsense")

    def search(*args):
        return judge.call("FilterLogEvents", *group, *args)

    merged = search("--log-stream-name-prefix", "x/")
    judge.is_true("streams are merged by time", lines(merged)
                  == ["begin", "between", "step one", "ERROR: no step two", "later"])
    judge.is_true("events have ids of their own",
                  len({event["eventId"] for event in merged["events"]}) == 5)
    judge.is_true("terms are searched", lines(search("--filter-pattern", "step -ERROR"))
                  == ["step one"])
    judge.is_true("one of several is enough", lines(search("--filter-pattern", "?begin ?between"))
                  == ["begin", "between"])
    judge.is_true("a time is searched", lines(search("--start-time", str(now + 20)))
                  == ["ERROR: no step two", "later"])
    judge.is_true("named streams only", lines(search("--log-stream-names", "x/b")) == ["between"])
    paged = search("--page-size", "2")
    judge.is_true("pages of a search add up", len(paged.get("events", [])) == 5)
    last = judge.call("DescribeLogStreams", *group, "--order-by", "LastEventTime", "--descending")
    judge.is_true("the last one to speak comes first",
                  [s["logStreamName"] for s in last.get("logStreams", [])][:2] == ["x/a", "x/b"])
