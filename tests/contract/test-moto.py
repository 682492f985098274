#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""slipwayctl aws against moto_server, compared with what the AWS CLI prints for the same call.

usage: test-moto.py SLIPWAYCTL

Two programs nobody here wrote: the server answers in the protocols of AWS, and the AWS CLI reads the
same answers. Each case changes something through slipwayctl or reads it through both; reads must
agree in every field. Prints TAP; without moto_server or the AWS CLI everything is skipped.
"""
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

from rehearsal import Fork

REGION = "eu-west-1"
ROLE = "arn:aws:iam::123456789012:role/worker"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::a/%25+b"}]})
MACHINE = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})
TASK = {"family": "restore", "containerDefinitions": [
    {"name": "main", "image": "alpine", "memory": 128, "environment": [{"name": "A", "value": "ü=&1"}]}]}
AWKWARD = "a b/ü&+=%25?#~'\"<x>"

# What is made, in order: (our service, operation, input).
CHANGES = [
    ("iam", "CreateRole", {"RoleName": "worker", "AssumeRolePolicyDocument": TRUST,
                           "Description": "räumt auf & mehr"}),
    ("iam", "PutRolePolicy", {"RoleName": "worker", "PolicyName": "p", "PolicyDocument": POLICY}),
    ("rds", "CreateDBClusterParameterGroup", {"DBClusterParameterGroupName": "pg",
                                              "DBParameterGroupFamily": "aurora-postgresql15",
                                              "Description": "d"}),
    ("rds", "CreateDBCluster", {"DBClusterIdentifier": "api", "Engine": "aurora-postgresql",
                                "MasterUsername": "root1", "MasterUserPassword": "hunter2hunter2",
                                "AvailabilityZones": ["eu-west-1a", "eu-west-1b"],
                                "Tags": [{"Key": "env", "Value": "pre&prod"}]}),
    ("rds", "CreateDBClusterSnapshot", {"DBClusterIdentifier": "api",
                                        "DBClusterSnapshotIdentifier": "before",
                                        "Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}]}),
    ("kms", "CreateKey", {"Description": "for snapshots",
                          "Tags": [{"TagKey": "k", "TagValue": "v"}]}),
    ("secretsmanager", "CreateSecret", {"Name": "db", "SecretString": "{\"password\":\"p\\\"w\"}"}),
    ("secretsmanager", "CreateSecret", {"Name": "bin", "SecretBinary": "AAECAwT/"}),
    ("dynamodb", "CreateTable", {"TableName": "cases", "BillingMode": "PAY_PER_REQUEST",
                                 "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                                 "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}),
    ("dynamodb", "PutItem", {"TableName": "cases", "Item": {
        "id": {"S": "1"}, "n": {"N": "3.14"}, "b": {"B": "AAEC"}, "l": {"L": [{"NULL": True}, {"BOOL": False}]},
        "m": {"M": {"ü": {"SS": ["x", "y"]}}}}}),
    ("s3", "CreateBucket", {"Bucket": "dumps",
                            "CreateBucketConfiguration": {"LocationConstraint": REGION}}),
    ("s3", "PutObject", {"Bucket": "dumps", "Key": AWKWARD, "Body": "aGVsbG8=",
                         "Metadata": {"owner": "me"}, "ContentType": "text/plain"}),
    ("s3", "PutObject", {"Bucket": "dumps", "Key": "plain/key", "Body": ""}),
    ("s3", "PutBucketTagging", {"Bucket": "dumps", "Tagging": {"TagSet": [{"Key": "a", "Value": "b & c"}]}}),
    ("ec2", "CreateVpc", {"CidrBlock": "10.9.0.0/16", "TagSpecifications": [
        {"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "restore"}]}]}),
    ("logs", "CreateLogGroup", {"logGroupName": "/ecs/restore", "tags": {"a": "b"}}),
    ("logs", "CreateLogStream", {"logGroupName": "/ecs/restore", "logStreamName": "one/1"}),
    ("logs", "PutLogEvents", {"logGroupName": "/ecs/restore", "logStreamName": "one/1",
                              "logEvents": [{"timestamp": 1700000000000, "message": "zähle\n2"}]}),
    ("ecs", "CreateCluster", {"clusterName": "restore"}),
    ("ecs", "RegisterTaskDefinition", TASK),
    ("ssm", "PutParameter", {"Name": "/restore/x", "Value": "y <&>", "Type": "String"}),
    ("monitoring", "PutMetricData", {"Namespace": "Restore", "MetricData": [
        {"MetricName": "rows", "Value": 12.5, "Dimensions": [{"Name": "t", "Value": "v"}]}]}),
    ("monitoring", "PutMetricAlarm", {"AlarmName": "late", "ComparisonOperator": "GreaterThanThreshold",
                                      "EvaluationPeriods": 1, "MetricName": "rows", "Namespace": "Restore",
                                      "Period": 60, "Threshold": 1.5, "Statistic": "Sum"}),
    ("backup", "CreateBackupVault", {"BackupVaultName": "vault", "BackupVaultTags": {"a": "b"}}),
    ("states", "CreateStateMachine", {"name": "restore", "definition": MACHINE, "roleArn": ROLE}),
    ("ecr", "CreateRepository", {"repositoryName": "restore/tools"}),
    ("application-autoscaling", "RegisterScalableTarget", {
        "ServiceNamespace": "dynamodb", "ResourceId": "table/cases",
        "ScalableDimension": "dynamodb:table:ReadCapacityUnits", "MinCapacity": 1, "MaxCapacity": 9}),
]

# What is read through both: (our service, the AWS CLI's, operation, the AWS CLI's command, input).
READS = [
    ("sts", "sts", "GetCallerIdentity", {}),
    ("iam", "iam", "GetRole", {"RoleName": "worker"}),
    ("iam", "iam", "ListRoles", {}),
    ("iam", "iam", "GetRolePolicy", {"RoleName": "worker", "PolicyName": "p"}),
    ("rds", "rds", "DescribeDBClusters", {}),
    ("rds", "rds", "DescribeDBClusterSnapshots", {"DBClusterIdentifier": "api"}),
    ("rds", "rds", "DescribeDBClusterParameterGroups", {}),
    ("kms", "kms", "ListKeys", {}),
    ("secretsmanager", "secretsmanager", "ListSecrets", {}),
    ("secretsmanager", "secretsmanager", "GetSecretValue", {"SecretId": "db"}),
    ("secretsmanager", "secretsmanager", "DescribeSecret", {"SecretId": "bin"}),
    ("dynamodb", "dynamodb", "DescribeTable", {"TableName": "cases"}),
    ("dynamodb", "dynamodb", "GetItem", {"TableName": "cases", "Key": {"id": {"S": "1"}}}),
    ("dynamodb", "dynamodb", "Scan", {"TableName": "cases"}),
    ("s3", "s3api", "ListBuckets", {}),
    ("s3", "s3api", "ListObjectsV2", {"Bucket": "dumps"}),
    ("s3", "s3api", "HeadObject", {"Bucket": "dumps", "Key": AWKWARD}),
    ("s3", "s3api", "GetBucketTagging", {"Bucket": "dumps"}),
    ("s3", "s3api", "GetBucketLocation", {"Bucket": "dumps"}),
    ("ec2", "ec2", "DescribeVpcs", {"Filters": [{"Name": "tag:Name", "Values": ["restore"]}]}),
    ("ec2", "ec2", "DescribeAvailabilityZones", {}),
    ("logs", "logs", "DescribeLogGroups", {"logGroupNamePrefix": "/ecs"}),
    ("logs", "logs", "FilterLogEvents", {"logGroupName": "/ecs/restore"}),
    ("ecs", "ecs", "DescribeClusters", {"clusters": ["restore"]}),
    ("ecs", "ecs", "DescribeTaskDefinition", {"taskDefinition": "restore"}),
    ("ecs", "ecs", "ListTaskDefinitions", {}),
    ("ssm", "ssm", "GetParameter", {"Name": "/restore/x"}),
    ("monitoring", "cloudwatch", "DescribeAlarms", {}),
    ("monitoring", "cloudwatch", "ListMetrics", {"Namespace": "Restore"}),
    ("elbv2", "elbv2", "DescribeLoadBalancers", {}),
    ("backup", "backup", "DescribeBackupVault", {"BackupVaultName": "vault"}),
    ("backup", "backup", "ListBackupVaults", {}),
    ("states", "stepfunctions", "ListStateMachines", {}),
    ("ecr", "ecr", "DescribeRepositories", {}),
    ("application-autoscaling", "application-autoscaling", "DescribeScalableTargets",
     {"ServiceNamespace": "dynamodb"}),
]

# Refusals that must come out the same: (our service, the AWS CLI's, operation, input, error code).
REFUSALS = [
    ("rds", "rds", "DescribeDBClusters", {"DBClusterIdentifier": "gone"}, "DBClusterNotFoundFault"),
    ("iam", "iam", "GetRole", {"RoleName": "gone"}, "NoSuchEntity"),
    ("kms", "kms", "DescribeKey", {"KeyId": "gone"}, "NotFoundException"),
    ("secretsmanager", "secretsmanager", "GetSecretValue", {"SecretId": "gone"},
     "ResourceNotFoundException"),
    ("dynamodb", "dynamodb", "DescribeTable", {"TableName": "gone"}, "ResourceNotFoundException"),
    ("s3", "s3api", "GetBucketTagging", {"Bucket": "gone-gone"}, "NoSuchBucket"),
    ("ec2", "ec2", "DescribeVpcs", {"VpcIds": ["vpc-0123456789abcdef0"]}, "InvalidVpcID.NotFound"),
    ("logs", "logs", "FilterLogEvents", {"logGroupName": "gone"}, "ResourceNotFoundException"),
    ("backup", "backup", "DescribeBackupVault", {"BackupVaultName": "gone"}, "ResourceNotFoundException"),
    ("states", "stepfunctions", "DescribeStateMachine",
     {"stateMachineArn": "arn:aws:states:eu-west-1:123456789012:stateMachine:gone"},
     "StateMachineDoesNotExist"),
]

# Not comparable, each with its reason.
IGNORED = {
    # moto tells the time of the call.
    ("rds", "DescribeDBClusters"): re.compile(r"\.LatestRestorableTime$"),
    # Newer than the model.
    ("dynamodb", "DescribeTable"): re.compile(r"\.WarmThroughput$"),
}
ISO = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)$")


def command_of(operation):
    """DescribeDBClusters is describe-db-clusters, ListObjectsV2 list-objects-v2."""
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1-\2", re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1-\2", operation))
    return words.lower()


def instant(value):
    """Seconds since 1970 of a time in either spelling, or None."""
    if isinstance(value, str) and ISO.match(value):
        return datetime.fromisoformat(value.replace("Z", "+00:00")).astimezone(timezone.utc).timestamp()
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str) and value.endswith(" GMT"):
        return parsedate_to_datetime(value).timestamp()
    return None


def differences(path, ours, theirs):
    """Every place in which two answers differ. Times are equal when they are the same instant."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for name in sorted(set(ours) | set(theirs)):
            if name not in ours:
                # The AWS CLI prints members of S3's lists that the answer does not have.
                if theirs[name] is not None:
                    yield f"{path}.{name}: only the AWS CLI has it: {theirs[name]!r}"
            elif name not in theirs:
                yield f"{path}.{name}: only slipwayctl has it: {ours[name]!r}"
            else:
                yield from differences(f"{path}.{name}", ours[name], theirs[name])
    elif isinstance(ours, list) and isinstance(theirs, list):
        if len(ours) != len(theirs):
            yield f"{path}: {len(ours)} elements instead of {len(theirs)}"
        for index, pair in enumerate(zip(ours, theirs)):
            yield from differences(f"{path}[{index}]", *pair)
    elif ours != theirs or isinstance(ours, bool) != isinstance(theirs, bool):
        left, right = instant(ours), instant(theirs)
        # Our times count milliseconds.
        if not (isinstance(ours, str) and left is not None and right is not None
                and abs(left - right) < 0.0011):
            yield f"{path}: {ours!r} instead of {theirs!r}"


class Bench:
    """The server, the two clients, and the count of cases."""

    def __init__(self, slipwayctl, folder):
        self.slipwayctl = slipwayctl
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.environ = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        self.environ.update(
            AWS_ACCESS_KEY_ID="testing", AWS_SECRET_ACCESS_KEY="testing", AWS_REGION=REGION,
            AWS_DEFAULT_REGION=REGION, AWS_ENDPOINT_URL=f"http://127.0.0.1:{self.port}", HOME=folder,
            AWS_PAGER="", AWS_CONFIG_FILE=f"{folder}/config", AWS_MAX_ATTEMPTS="2")
        self.server = subprocess.Popen(
            ["moto_server", "-H", "127.0.0.1", "-p", str(self.port)], env=self.environ,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.wait_for_server()

    def wait_for_server(self):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if self.server.poll() is not None:
                raise RuntimeError("moto_server ended at once")
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("moto_server does not answer")

    def close(self):
        self.server.terminate()
        self.server.wait(20)

    def run(self, command):
        return subprocess.run(command, env=self.environ, capture_output=True, text=True, timeout=120,
                              check=False)

    def ours(self, service, operation, value, *options):
        return self.run([self.slipwayctl, "aws", service, operation, "--input", json.dumps(value), *options])

    def theirs(self, service, operation, value):
        args = [service, command_of(operation), "--output", "json", "--cli-input-json", json.dumps(value)]
        helper = Fork.get()
        return helper.run(args, self.environ) if helper is not None else self.run(["aws", *args])

    def change(self, service, operation, value):
        refused = self.ours(service, operation, value)
        if refused.returncode != 2 or "--allow-change" not in refused.stderr:
            return [f"without --allow-change: exit {refused.returncode}, {refused.stderr}"]
        done = self.ours(service, operation, value, "--allow-change")
        if done.returncode != 0:
            return [f"exit {done.returncode}: {done.stderr}"]
        json.loads(done.stdout)
        return []

    def read(self, service, cli_service, operation, value):
        ours = self.ours(cli_service if len(operation) % 2 else service,
                         command_of(operation) if len(operation) % 2 else operation, value)
        theirs = self.theirs(cli_service, operation, value)
        if ours.returncode != 0 or theirs.returncode != 0:
            return [f"slipwayctl {ours.returncode}: {ours.stderr}", f"aws {theirs.returncode}: {theirs.stderr}"]
        ignored = IGNORED.get((service, operation))
        return [problem for problem in
                differences("$", json.loads(ours.stdout), json.loads(theirs.stdout or "{}"))
                if ignored is None or not ignored.search(problem.split(":")[0])]

    def refusal(self, service, cli_service, operation, value, code):
        ours = self.ours(service, operation, value)
        theirs = self.theirs(cli_service, operation, value)
        problems = []
        if ours.returncode != 1 or not re.search(rf"\b{re.escape(code)}: ", ours.stderr) or ours.stdout:
            problems.append(f"slipwayctl {ours.returncode}: {ours.stderr}")
        if f"({code})" not in theirs.stderr:
            problems.append(f"the AWS CLI says: {theirs.stderr}")
        return problems


class Tap:
    def __init__(self):
        self.count = 0
        self.failed = 0

    def case(self, title, problems):
        self.count += 1
        for problem in problems:
            for line in problem.strip().splitlines():
                print(f"# {line}")
        self.failed += 1 if problems else 0
        print(f"{'not ok' if problems else 'ok'} {self.count} - {title}", flush=True)


def main(slipwayctl):
    for program in ("moto_server", "aws"):
        if shutil.which(program) is None:
            print(f"1..0 # SKIP {program} is not installed")
            return 0
    print(f"1..{len(CHANGES) + len(READS) + len(REFUSALS)}")
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(slipwayctl, folder)
        try:
            for case in CHANGES:
                tap.case(f"{case[0]} {case[1]} changes", bench.change(*case))
            with ThreadPoolExecutor(2) as pool:
                for case, problems in zip(READS, pool.map(lambda c: bench.read(*c), READS)):
                    tap.case(f"{case[0]} {case[2]} reads the same", problems)
                for case, problems in zip(REFUSALS, pool.map(lambda c: bench.refusal(*c), REFUSALS)):
                    tap.case(f"{case[0]} {case[2]} refuses the same", problems)
        finally:
            bench.close()
    return 1 if tap.failed else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
