# SPDX-License-Identifier: MIT
"""CloudWatch: alarms and their states, metrics that clients send and that DynamoDB counts."""

import datetime
import json

from rehearsal import wait_until

ALARM = ("--alarm-name", "busy", "--namespace", "Own", "--metric-name", "Load", "--statistic", "Sum",
         "--period", "300", "--evaluation-periods", "1", "--threshold", "10", "--comparison-operator",
         "GreaterThanThreshold", "--dimensions", "Name=Host,Value=one")
ARN = "arn:aws:cloudwatch:eu-west-1:111111111111:alarm:busy"


def window(hours=1):
    now = datetime.datetime.now(datetime.timezone.utc)
    start = now - datetime.timedelta(hours=hours)
    end = now + datetime.timedelta(minutes=5)
    return ("--start-time", start.isoformat(), "--end-time", end.isoformat())


def state(judge):
    found = judge.cli("cloudwatch", "describe-alarms", "--alarm-names", "busy")["MetricAlarms"]
    return found[0]["StateValue"]


def calls(judge):
    judge.refuses("ValidationError", "PutMetricAlarm", *ALARM, "--datapoints-to-alarm", "2")
    judge.call("PutMetricAlarm", *ALARM, "--tags", "Key=a,Value=b", "--alarm-actions",
               "arn:aws:sns:eu-west-1:111111111111:page")
    judge.call("PutMetricData", "--namespace", "Own", "--metric-data", json.dumps(
        [{"MetricName": "Load", "Value": 7, "Dimensions": [{"Name": "Host", "Value": "one"}]},
         {"MetricName": "Load", "Dimensions": [{"Name": "Host", "Value": "one"}],
          "StatisticValues": {"SampleCount": 2, "Sum": 5, "Minimum": 2, "Maximum": 3}}]))
    judge.refuses("InvalidParameterValue", "PutMetricData", "--namespace", "AWS/DynamoDB",
                  "--metric-data", '[{"MetricName": "x", "Value": 1}]')
    wait_until(lambda: state(judge) == "ALARM", what="the alarm")
    judge.is_true("an alarm rings", judge.call(
        "DescribeAlarms", "--state-value", "ALARM")["MetricAlarms"][0]["AlarmName"] == "busy")
    judge.call("SetAlarmState", "--alarm-name", "busy", "--state-value", "OK", "--state-reason", "t")
    judge.is_true("its state can be set", state(judge) == "OK")
    judge.refuses("ResourceNotFound", "SetAlarmState", "--alarm-name", "none", "--state-value", "OK",
                  "--state-reason", "t")
    statistics = judge.call("GetMetricStatistics", "--namespace", "Own", "--metric-name", "Load",
                            "--dimensions", "Name=Host,Value=one", *window(), "--period", "3600",
                            "--statistics", "Sum", "Maximum", "SampleCount")["Datapoints"]
    judge.is_true("values add up", (sum(p["Sum"] for p in statistics),
                                    sum(p["SampleCount"] for p in statistics)) == (12.0, 3.0))
    judge.is_true("metrics are listed", judge.call(
        "ListMetrics", "--namespace", "Own")["Metrics"][0]["Dimensions"]
        == [{"Name": "Host", "Value": "one"}])
    judge.is_true("alarms are found by metric", len(judge.call(
        "DescribeAlarmsForMetric", "--namespace", "Own", "--metric-name", "Load", "--dimensions",
        "Name=Host,Value=one")["MetricAlarms"]) == 1)
    judge.call("DisableAlarmActions", "--alarm-names", "busy")
    judge.call("EnableAlarmActions", "--alarm-names", "busy")
    judge.call("TagResource", "--resource-arn", ARN, "--tags", "Key=c,Value=d")
    judge.call("UntagResource", "--resource-arn", ARN, "--tag-keys", "a")
    judge.is_true("tags are set and removed", judge.call(
        "ListTagsForResource", "--resource-arn", ARN)["Tags"] == [{"Key": "c", "Value": "d"}])
    judge.call("PutMetricAlarm", *["idle" if a == "busy" else a for a in ALARM])
    page = judge.call("DescribeAlarms", "--max-records", "1")
    judge.is_true("alarms come in pages", [a["AlarmName"] for a in judge.call(
        "DescribeAlarms", "--next-token", page["NextToken"])["MetricAlarms"]] == ["idle"])
    judge.refuses("ResourceNotFound", "DeleteAlarms", "--alarm-names", "busy", "none")
    judge.is_true("with one unknown none is deleted", state(judge) == "OK")
    judge.call("DeleteAlarms", "--alarm-names", "busy", "idle")
    tables(judge)


def tables(judge):
    """The server counts what its tables serve; a scenario tells what they served before."""
    query = [{"Id": "reads", "MetricStat": {"Period": 86400, "Stat": "Sum", "Metric": {
        "Namespace": "AWS/DynamoDB", "MetricName": "ConsumedReadCapacityUnits",
        "Dimensions": [{"Name": "TableName", "Value": "production-Seeded"}]}}}]

    def reads():
        answer = judge.call("GetMetricData", "--metric-data-queries", json.dumps(query), *window(24))
        return sum(answer["MetricDataResults"][0]["Values"])

    before = reads()
    judge.is_true("yesterday's traffic is there", before > 500)
    judge.cli("dynamodb", "scan", "--table-name", "production-Seeded", "--consistent-read")
    judge.is_true("a scan is counted", reads() > before)
