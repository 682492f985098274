# SPDX-License-Identifier: MIT
"""Application Auto Scaling: targets and policies of tables and services."""

TABLE = ("--service-namespace", "dynamodb", "--resource-id", "table/production-Seeded",
         "--scalable-dimension", "dynamodb:table:ReadCapacityUnits")
SERVICE = ("--service-namespace", "ecs", "--resource-id", "service/one/app", "--scalable-dimension",
           "ecs:service:DesiredCount")
TRACKING = ("--policy-type", "TargetTrackingScaling",
            "--target-tracking-scaling-policy-configuration",
            '{"TargetValue": 70, "PredefinedMetricSpecification": {"PredefinedMetricType": '
            '"DynamoDBReadCapacityUtilization"}}')


def alarms(judge):
    return [a["AlarmName"] for a in judge.cli("cloudwatch", "describe-alarms", "--alarm-name-prefix",
                                              "TargetTracking-")["MetricAlarms"]]


def calls(judge):
    judge.refuses("ValidationException", "RegisterScalableTarget", "--service-namespace", "dynamodb",
                  "--resource-id", "table/none", "--scalable-dimension",
                  "dynamodb:table:ReadCapacityUnits", "--min-capacity", "1", "--max-capacity", "2")
    judge.refuses("ValidationException", "RegisterScalableTarget", *TABLE, "--min-capacity", "3",
                  "--max-capacity", "2")
    judge.refuses("ObjectNotFoundException", "PutScalingPolicy", *TABLE, "--policy-name", "p",
                  *TRACKING)
    arn = judge.call("RegisterScalableTarget", *TABLE, "--min-capacity", "5", "--max-capacity",
                     "50", "--tags", "a=b")["ScalableTargetARN"]
    judge.call("RegisterScalableTarget", *TABLE, "--max-capacity", "60", "--suspended-state",
               "DynamicScalingInSuspended=true")
    found = judge.call("DescribeScalableTargets", "--service-namespace", "dynamodb")["ScalableTargets"]
    judge.is_true("what is not said again stays", [(t["MinCapacity"], t["MaxCapacity"],
                  t["SuspendedState"]["DynamicScalingInSuspended"]) for t in found] == [(5, 60, True)])
    judge.call("RegisterScalableTarget", *SERVICE, "--min-capacity", "1", "--max-capacity", "4")
    judge.call("TagResource", "--resource-arn", arn, "--tags", "c=d")
    judge.call("UntagResource", "--resource-arn", arn, "--tag-keys", "a")
    judge.is_true("tags are set and removed", judge.call(
        "ListTagsForResource", "--resource-arn", arn)["Tags"] == {"c": "d"})
    made = judge.call("PutScalingPolicy", *TABLE, "--policy-name", "p", *TRACKING)
    judge.is_true("a policy has alarms in CloudWatch",
                  alarms(judge) == sorted(a["AlarmName"] for a in made["Alarms"]))
    again = judge.call("PutScalingPolicy", *TABLE, "--policy-name", "p", *TRACKING)
    judge.is_true("put again it is the same policy", again["PolicyARN"] == made["PolicyARN"]
                  and len(alarms(judge)) == 2)
    judge.is_true("policies are found", [p["PolicyName"] for p in judge.call(
        "DescribeScalingPolicies", "--service-namespace", "dynamodb", "--policy-names", "p")
        ["ScalingPolicies"]] == ["p"])
    judge.call("DeleteScalingPolicy", *TABLE, "--policy-name", "p")
    judge.is_true("its alarms go with it", not alarms(judge))
    judge.refuses("ObjectNotFoundException", "DeleteScalingPolicy", *TABLE, "--policy-name", "p")
    judge.call("PutScalingPolicy", *TABLE, "--policy-name", "p", *TRACKING)
    judge.call("DeregisterScalableTarget", *TABLE)
    judge.is_true("a target's policies go with it", not alarms(judge))
    judge.refuses("ObjectNotFoundException", "DeregisterScalableTarget", *TABLE)
