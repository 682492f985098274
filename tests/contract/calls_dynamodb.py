# SPDX-License-Identifier: MIT
"""DynamoDB: tables and their states, items and expressions, pages, backups and what restores drop."""

import json

from rehearsal import wait_until

ARN = "arn:aws:dynamodb:eu-west-1:111111111111:table/"
KEY = "arn:aws:kms:eu-west-1:111111111111:key/11111111-1111-4111-8111-111111111111"
SEEDED = "production-Seeded"
SCHEMA = ("--attribute-definitions", "AttributeName=PK,AttributeType=S",
          "AttributeName=SK,AttributeType=N", "--key-schema", "AttributeName=PK,KeyType=HASH",
          "AttributeName=SK,KeyType=RANGE", "--billing-mode", "PAY_PER_REQUEST")
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111111111111:role/app"},
     "Action": "dynamodb:GetItem", "Resource": ARN + "t-one"}]})


def table(judge, name, *args):
    return judge.call("DescribeTable", "--table-name", name, *args).get("Table", {})


def peek(judge, operation, *args):
    """A call that is not judged: for waiting."""
    done = judge.cli.run("dynamodb", operation, *args)
    return json.loads(done.stdout) if done.returncode == 0 and done.stdout else {}


def active(judge, name, *args):
    wait_until(lambda: peek(judge, "describe-table", "--table-name", name, *args)
               .get("Table", {}).get("TableStatus") == "ACTIVE", what=f"{name} active")


def gone(judge, name, *args):
    wait_until(lambda: not peek(judge, "describe-table", "--table-name", name, *args),
               what=f"{name} gone")


class Held:
    def __init__(self, judge, transition):
        self.server, self.transition = judge.server, transition

    def __enter__(self):
        fault = {"kind": "stuck", "transition": self.transition}
        self.id = self.server.control("POST", "faults", fault)["ids"][0]

    def __exit__(self, *_):
        self.server.control("DELETE", f"faults/{self.id}")


def calls(judge):
    tables(judge)
    items(judge)
    expressions(judge)
    pages(judge)
    batches(judge)
    settings(judge)
    backups(judge)
    changes(judge)
    seeded(judge)
    deletion(judge)


def tables(judge):
    with Held(judge, "dynamodb.table-created"):
        made = judge.call("CreateTable", "--table-name", "t-one", *SCHEMA, "--sse-specification",
                          "Enabled=true,SSEType=KMS,KMSMasterKeyId=alias/own", "--tags",
                          "Key=a,Value=b", "--deletion-protection-enabled").get("TableDescription", {})
        judge.is_true("a new table is being made", made.get("TableStatus") == "CREATING")
        judge.is_true("its key is the alias's",
                      made.get("SSEDescription", {}).get("KMSMasterKeyArn") == KEY)
        judge.refuses("ResourceInUseException", "CreateTable", "--table-name", "t-one", *SCHEMA)
        judge.refuses("ResourceInUseException", "DeleteTable", "--table-name", "t-one")
        judge.refuses("ResourceNotFoundException", "GetItem", "--table-name", "t-one", "--key",
                      '{"PK": {"S": "a"}, "SK": {"N": "1"}}')
    active(judge, "t-one")
    judge.is_true("a table is found by its ARN",
                  table(judge, ARN + "t-one").get("TableStatus") == "ACTIVE")
    judge.refuses("ResourceNotFoundException", "DescribeTable", "--table-name", "none")
    judge.refuses("ValidationException", "CreateTable", "--table-name", "a b c", *SCHEMA)
    judge.refuses("ValidationException", "CreateTable", "--table-name", "t-bad",
                  "--attribute-definitions", "AttributeName=PK,AttributeType=S",
                  "AttributeName=XX,AttributeType=S", "--key-schema",
                  "AttributeName=PK,KeyType=HASH", "--billing-mode", "PAY_PER_REQUEST")
    judge.refuses("ValidationException", "CreateTable", "--table-name", "t-bad",
                  "--attribute-definitions", "AttributeName=PK,AttributeType=S", "--key-schema",
                  "AttributeName=PK,KeyType=HASH", "--billing-mode", "PROVISIONED")
    judge.refuses("ValidationException", "CreateTable", "--table-name", "t-bad", *SCHEMA,
                  "--sse-specification", "Enabled=true,SSEType=KMS,KMSMasterKeyId=alias/none")
    first = judge.call("ListTables", "--limit", "1")
    judge.is_true("lists come in pages", first.get("LastEvaluatedTableName") == SEEDED
                  and judge.call("ListTables", "--exclusive-start-table-name", SEEDED)
                  .get("TableNames") == ["t-one"])
    judge.call("DescribeLimits")


def put(judge, pk, sk, *args, **attributes):
    item = {"PK": {"S": pk}, "SK": {"N": str(sk)}, **attributes}
    return judge.call("PutItem", "--table-name", "t-one", "--item", json.dumps(item), *args)


def key(pk, sk):
    return ("--table-name", "t-one", "--key", json.dumps({"PK": {"S": pk}, "SK": {"N": str(sk)}}))


def get(judge, pk, sk, *args):
    return judge.call("GetItem", *key(pk, sk), *args).get("Item")


def items(judge):
    put(judge, "a", "1.50", name={"S": "one"}, price={"N": "1e3"}, tags={"SS": ["x", "y"]},
        deep={"M": {"list": {"L": [{"N": "7"}, {"BOOL": True}, {"NULL": True}]}}},
        blob={"B": "aGVsbG8="})
    judge.is_true("numbers are written as AWS writes them",
                  get(judge, "a", "1.5", "--consistent-read").get("price") == {"N": "1000"})
    judge.is_true("blobs come back", get(judge, "a", 1.5).get("blob")
                  # The CLI's first version takes text where its second takes base64.
                  in ({"B": "aGVsbG8="}, {"B": "YUdWc2JHOD0="}))
    judge.is_true("an item that is not there is none", get(judge, "a", 2) is None)
    old = put(judge, "a", 1.5, "--return-values", "ALL_OLD", name={"S": "two"})
    judge.is_true("the replaced item is told", old.get("Attributes", {}).get("name") == {"S": "one"})
    judge.refuses("ValidationException", "PutItem", "--table-name", "t-one", "--item",
                  '{"PK": {"S": "a"}}')
    judge.refuses("ValidationException", "PutItem", "--table-name", "t-one", "--item",
                  '{"PK": {"S": ""}, "SK": {"N": "1"}}')
    judge.refuses("ValidationException", "PutItem", "--table-name", "t-one", "--item",
                  '{"PK": {"S": "a"}, "SK": {"N": "one"}}')
    judge.refuses("ValidationException", "PutItem", "--table-name", "t-one", "--item",
                  json.dumps({"PK": {"S": "a"}, "SK": {"N": "1" * 39}}))
    judge.refuses("ValidationException", "GetItem", "--table-name", "t-one", "--key",
                  '{"PK": {"S": "a"}}')
    judge.refuses("ConditionalCheckFailedException", "PutItem", "--table-name", "t-one", "--item",
                  '{"PK": {"S": "a"}, "SK": {"N": "1.5"}}', "--condition-expression",
                  "attribute_not_exists(PK)")
    gone_item = judge.call("DeleteItem", *key("a", 1.5), "--return-values", "ALL_OLD",
                           "--return-consumed-capacity", "TOTAL")
    judge.is_true("a deleted item is told with what it cost",
                  gone_item.get("Attributes", {}).get("name") == {"S": "two"}
                  and gone_item.get("ConsumedCapacity", {}).get("CapacityUnits") == 1.0)
    judge.is_true("and is gone", get(judge, "a", 1.5) is None)


def update(judge, pk, sk, expression, names=None, values=None, *args):
    more = ["--expression-attribute-names", json.dumps(names)] if names else []
    more += ["--expression-attribute-values", json.dumps(values)] if values else []
    return judge.call("UpdateItem", *key(pk, sk), "--update-expression", expression, *more, *args)


def expressions(judge):
    made = update(judge, "u", 1, "SET #n = :n, list = :l, m = :m ADD hits :one", {"#n": "name"},
                  {":n": {"S": "x"}, ":one": {"N": "1"}, ":l": {"L": [{"S": "p"}]},
                   ":m": {"M": {"inner": {"N": "0.1"}}}}, "--return-values", "ALL_NEW")
    judge.is_true("an update makes the item", made["Attributes"]["hits"] == {"N": "1"})
    changed = update(judge, "u", 1, "SET m.inner = m.inner + :d, list = list_append(list, :l), "
                     "fresh = if_not_exists(fresh, :d), list[0] = :s REMOVE #n ADD hits :d",
                     {"#n": "name"}, {":d": {"N": "0.2"}, ":l": {"L": [{"S": "q"}]},
                                      ":s": {"S": "P"}}, "--return-values", "ALL_NEW")["Attributes"]
    judge.is_true("decimals add up exactly", changed["m"] == {"M": {"inner": {"N": "0.3"}}}
                  and changed["hits"] == {"N": "1.2"})
    judge.is_true("attributes are removed and made",
                  "name" not in changed and changed["fresh"] == {"N": "0.2"})
    touched = update(judge, "u", 1, "SET a1 = :v", None, {":v": {"BOOL": False}},
                     "--return-values", "UPDATED_NEW")
    judge.is_true("only what an update touched is told", touched["Attributes"] == {"a1": {"BOOL": False}})
    sets = update(judge, "u", 1, "ADD s :a", None, {":a": {"SS": ["a", "b"]}})
    sets = update(judge, "u", 1, "DELETE s :a", None, {":a": {"SS": ["a"]}}, "--return-values",
                  "UPDATED_NEW")
    judge.is_true("sets lose members", sets["Attributes"] == {"s": {"SS": ["b"]}})
    bad = [("SET PK = :v", {":v": {"S": "x"}}), ("SET a = b.c", None), ("SET a = ", None),
           ("SET a = nothere", None), ("SET x.y = :v", {":v": {"S": "x"}}),
           ("SET a = :v", {":v": {"S": "x"}, ":unused": {"S": "x"}}), ("SET a = :none", None),
           ("SET a = size(b)", None), ("SET #no = :v", {":v": {"S": "x"}})]
    for expression, values in bad:
        more = ["--expression-attribute-values", json.dumps(values)] if values else []
        judge.refuses("ValidationException", "UpdateItem", *key("u", 1), "--update-expression",
                      expression, *more)
    for condition, holds in (
            ("hits > :v AND attribute_exists(m.inner)", True), ("hits BETWEEN :v AND :v", False),
            ("NOT (hits = :v OR begins_with(PK, :p))", False), ("contains(s, :b)", True),
            ("size(list) = :two", True), ("PK IN (:b, :p)", True), ("attribute_type(m, :t)", True),
            ("a1 <> :v", True), ("list[0] = :P", True)):
        values = {":v": {"N": "1"}, ":p": {"S": "u"}, ":b": {"S": "b"}, ":two": {"N": "2"},
                  ":t": {"S": "M"}, ":P": {"S": "P"}}
        used = {k: v for k, v in values.items() if k + " " in condition + " " or k + ")" in condition
                or k + "," in condition}
        args = (*key("u", 1), "--update-expression", "SET touched = :touched",
                "--condition-expression", condition, "--expression-attribute-values",
                json.dumps({**used, ":touched": {"N": "1"}}))
        if holds:
            judge.call("UpdateItem", *args)
        else:
            judge.refuses("ConditionalCheckFailedException", "UpdateItem", *args)


def pages(judge):
    for number in (10, 9, -3, 2.5):
        put(judge, "q", number, kind={"S": "even" if number in (10,) else "odd"})
    condition = ("--table-name", "t-one", "--key-condition-expression")
    values = ("--expression-attribute-values",)
    found = judge.call("Query", *condition, "PK = :p", *values, '{":p": {"S": "q"}}')
    judge.is_true("a query is in the order of numbers",
                  [i["SK"]["N"] for i in found["Items"]] == ["-3", "2.5", "9", "10"])
    found = judge.call("Query", *condition, "PK = :p AND SK BETWEEN :a AND :b", *values,
                       '{":p": {"S": "q"}, ":a": {"N": "0"}, ":b": {"N": "9"}}',
                       "--no-scan-index-forward", "--projection-expression", "SK")
    judge.is_true("a range is read backwards", found["Items"] == [{"SK": {"N": "9"}},
                                                                  {"SK": {"N": "2.5"}}])
    found = judge.call("Query", *condition, "PK = :p", "--filter-expression", "kind = :k", *values,
                       '{":p": {"S": "q"}, ":k": {"S": "even"}}', "--select", "COUNT", "--limit", "2")
    judge.is_true("a filter may leave nothing of a page",
                  (found["Count"], found["ScannedCount"]) == (0, 2))
    start = json.dumps(found["LastEvaluatedKey"])
    found = judge.call("Query", *condition, "PK = :p", "--filter-expression", "kind = :k", *values,
                       '{":p": {"S": "q"}, ":k": {"S": "even"}}', "--exclusive-start-key", start)
    judge.is_true("and the next page has it", found["Count"] == 1 and "LastEvaluatedKey" not in found)
    judge.refuses("ValidationException", "Query", *condition, "SK = :p", *values,
                  '{":p": {"N": "1"}}')
    judge.refuses("ValidationException", "Query", *condition, "PK = :p", *values,
                  '{":p": {"N": "1"}}')
    count = judge.call("Scan", "--table-name", SEEDED, "--select", "COUNT")
    judge.is_true("a scan counts", count["Count"] == 120)
    parts = [judge.call("Scan", "--table-name", SEEDED, "--select", "COUNT", "--segment", str(n),
                        "--total-segments", "3")["Count"] for n in range(3)]
    judge.is_true("segments add up, and none is empty", sum(parts) == 120 and all(parts))
    seen, start = [], []
    while True:
        page = judge.call("Scan", "--table-name", SEEDED, "--limit", "50", *start)
        seen += [item["PK"]["S"] for item in page["Items"]]
        if "LastEvaluatedKey" not in page:
            break
        start = ["--exclusive-start-key", json.dumps(page["LastEvaluatedKey"])]
    judge.is_true("pages give every item once", len(seen) == len(set(seen)) == 120)
    index = judge.call("Query", "--table-name", SEEDED, "--index-name", "ByOwner",
                       "--key-condition-expression", "Owner = :o", "--expression-attribute-values",
                       '{":o": {"S": "ann"}}')
    judge.is_true("an index projects its keys only, in its order",
                  index["Count"] > 5 and set(index["Items"][0]) == {"PK", "Owner", "MadeAt"}
                  and [i["MadeAt"]["S"] for i in index["Items"]]
                  == sorted(i["MadeAt"]["S"] for i in index["Items"]))
    judge.refuses("ValidationException", "Query", "--table-name", SEEDED, "--index-name", "ByOwner",
                  "--consistent-read", "--key-condition-expression", "Owner = :o",
                  "--expression-attribute-values", '{":o": {"S": "ann"}}')
    judge.refuses("ValidationException", "Scan", "--table-name", SEEDED, "--index-name", "none")
    judge.refuses("ValidationException", "Scan", "--table-name", SEEDED, "--segment", "3",
                  "--total-segments", "3")
    first = judge.call("Scan", "--table-name", "t-one", "--limit", "1")
    judge.call("DeleteItem", "--table-name", "t-one", "--key", json.dumps(first["LastEvaluatedKey"]))
    rest = judge.call("Scan", "--table-name", "t-one", "--exclusive-start-key",
                      json.dumps(first["LastEvaluatedKey"]))
    judge.is_true("a page goes on behind an item that is gone", rest["Count"] >= 3)


def batches(judge):
    write = {"t-one": [{"PutRequest": {"Item": {"PK": {"S": "b"}, "SK": {"N": str(n)}}}}
                       for n in range(25)]}
    judge.call("BatchWriteItem", "--request-items", json.dumps(write))
    keys = [{"PK": {"S": "b"}, "SK": {"N": str(n)}} for n in (1, 2, 99)]
    found = judge.call("BatchGetItem", "--request-items",
                       json.dumps({"t-one": {"Keys": keys, "ProjectionExpression": "SK"}}))
    judge.is_true("a batch gives what there is", len(found["Responses"]["t-one"]) == 2)
    write["t-one"].append(write["t-one"][0])
    judge.refuses("ValidationException", "BatchWriteItem", "--request-items", json.dumps(write))
    delete = {"t-one": [{"DeleteRequest": {"Key": {"PK": {"S": "b"}, "SK": {"N": str(n)}}}}
                        for n in range(25)]}
    judge.call("BatchWriteItem", "--request-items", json.dumps(delete))
    row = {"TableName": "t-one", "Item": {"PK": {"S": "t"}, "SK": {"N": "1"}}}
    check = {"TableName": "t-one", "Key": {"PK": {"S": "t"}, "SK": {"N": "2"}},
             "ConditionExpression": "attribute_exists(PK)"}
    judge.refuses("TransactionCanceledException", "TransactWriteItems", "--transact-items",
                  json.dumps([{"Put": row}, {"ConditionCheck": check}]))
    judge.is_true("a cancelled transaction wrote nothing", get(judge, "t", 1) is None)
    judge.call("TransactWriteItems", "--transact-items", json.dumps([{"Put": row}]))
    found = judge.call("TransactGetItems", "--transact-items", json.dumps(
        [{"Get": {"TableName": "t-one", "Key": {"PK": {"S": "t"}, "SK": {"N": "1"}}}}]))
    judge.is_true("a transaction reads", found["Responses"] == [{"Item": row["Item"]}])


def insights(judge, name):
    """What watches a table."""
    status = "ContributorInsightsStatus"
    judge.is_true("nothing watches a table at first",
                  judge.call("DescribeContributorInsights", *name)[status] == "DISABLED")
    with Held(judge, "dynamodb.insights-updated"):
        judge.is_true("watching takes its time", judge.call(
            "UpdateContributorInsights", *name, "--contributor-insights-action", "ENABLE")[status]
            == "ENABLING")
    wait_until(lambda: peek(judge, "describe-contributor-insights", *name).get(status) == "ENABLED",
               what="contributor insights enabled")
    judge.refuses("ResourceNotFoundException", "DescribeContributorInsights", "--table-name", "none")
    judge.is_true("no Kinesis stream gets its changes", judge.call(
        "DescribeKinesisStreamingDestination", *name)["KinesisDataStreamDestinations"] == [])


def settings(judge):
    name = ("--table-name", "t-one")
    arn = ("--resource-arn", ARN + "t-one")
    pitr = "PointInTimeRecoveryDescription"
    judge.is_true("a new table has no continuous backups", judge.call(
        "DescribeContinuousBackups", *name)["ContinuousBackupsDescription"][pitr]
        ["PointInTimeRecoveryStatus"] == "DISABLED")
    judge.refuses("PointInTimeRecoveryUnavailableException", "RestoreTableToPointInTime",
                  "--source-table-name", "t-one", "--target-table-name", "t-two",
                  "--use-latest-restorable-time")
    on = judge.call("UpdateContinuousBackups", *name, "--point-in-time-recovery-specification",
                    "PointInTimeRecoveryEnabled=true")["ContinuousBackupsDescription"][pitr]
    judge.is_true("enabled, it has a window", on["PointInTimeRecoveryStatus"] == "ENABLED"
                  and "EarliestRestorableDateTime" in on)
    judge.refuses("TableNotFoundException", "DescribeContinuousBackups", "--table-name", "none")
    with Held(judge, "dynamodb.ttl-updated"):
        judge.call("UpdateTimeToLive", *name, "--time-to-live-specification",
                   "Enabled=true,AttributeName=expires")
        judge.is_true("time to live takes its time", judge.call("DescribeTimeToLive", *name)
                      ["TimeToLiveDescription"]["TimeToLiveStatus"] == "ENABLING")
        judge.refuses("ValidationException", "UpdateTimeToLive", *name,
                      "--time-to-live-specification", "Enabled=false,AttributeName=expires")
    wait_until(lambda: peek(judge, "describe-time-to-live", *name).get("TimeToLiveDescription", {})
               .get("TimeToLiveStatus") == "ENABLED", what="time to live enabled")
    judge.refuses("ValidationException", "UpdateTimeToLive", *name, "--time-to-live-specification",
                  "Enabled=true,AttributeName=expires")
    insights(judge, name)
    judge.call("TagResource", *arn, "--tags", "Key=c,Value=d", "Key=a,Value=z")
    judge.call("UntagResource", *arn, "--tag-keys", "c")
    judge.is_true("tags are set and removed", judge.call("ListTagsOfResource", *arn)["Tags"]
                  == [{"Key": "a", "Value": "z"}])
    judge.refuses("ResourceNotFoundException", "ListTagsOfResource", "--resource-arn", ARN + "none")
    judge.refuses("PolicyNotFoundException", "GetResourcePolicy", *arn)
    revision = judge.call("PutResourcePolicy", *arn, "--policy", POLICY)["RevisionId"]
    judge.is_true("the policy is kept", judge.call("GetResourcePolicy", *arn)
                  == {"Policy": POLICY, "RevisionId": revision})
    judge.refuses("PolicyNotFoundException", "DeleteResourcePolicy", *arn, "--expected-revision-id",
                  "1")
    judge.refuses("ValidationException", "PutResourcePolicy", *arn, "--policy", "{")


def scan_count(judge, name):
    return judge.call("Scan", "--table-name", name, "--select", "COUNT")["Count"]


def backups(judge):
    judge.refuses("TableNotFoundException", "CreateBackup", "--table-name", "none", "--backup-name",
                  "bbb")
    before = scan_count(judge, "t-one")
    with Held(judge, "dynamodb.backup-created"):
        made = judge.call("CreateBackup", "--table-name", "t-one", "--backup-name", "first")
        arn = made["BackupDetails"]["BackupArn"]
        judge.refuses("BackupInUseException", "RestoreTableFromBackup", "--target-table-name",
                      "t-two", "--backup-arn", arn)
    put(judge, "later", 1)
    wait_until(lambda: peek(judge, "describe-backup", "--backup-arn", arn).get(
        "BackupDescription", {}).get("BackupDetails", {}).get("BackupStatus") == "AVAILABLE",
        what="backup available")
    described = judge.call("DescribeBackup", "--backup-arn", arn)["BackupDescription"]
    judge.is_true("a backup tells its table", described["SourceTableDetails"]["ItemCount"] == before)
    judge.call("CreateBackup", "--table-name", "t-one", "--backup-name", "second")
    page = judge.call("ListBackups", "--limit", "1")
    judge.is_true("backups are listed in pages", [b["BackupName"] for b in page["BackupSummaries"]]
                  == ["first"] and "LastEvaluatedBackupArn" in page)
    with Held(judge, "dynamodb.table-restored"):
        made = judge.call("RestoreTableFromBackup", "--target-table-name", "t-two", "--backup-arn",
                          arn)["TableDescription"]
        judge.is_true("a restore is in progress", made["RestoreSummary"]["RestoreInProgress"] is True
                      and made["TableStatus"] == "CREATING"
                      and made["RestoreSummary"]["SourceBackupArn"] == arn)
        judge.refuses("TableAlreadyExistsException", "RestoreTableFromBackup", "--target-table-name",
                      "t-two", "--backup-arn", arn)
    active(judge, "t-two")
    new = table(judge, "t-two")
    judge.is_true("it ends", new["RestoreSummary"]["RestoreInProgress"] is False)
    judge.is_true("the items are those of then", scan_count(judge, "t-two") == before)
    judge.is_true("the key is the same", new["SSEDescription"]["KMSMasterKeyArn"] == KEY)
    judge.is_true("deletion protection is not restored", new["DeletionProtectionEnabled"] is False)
    judge.is_true("time to live is not restored", judge.call(
        "DescribeTimeToLive", "--table-name", "t-two")["TimeToLiveDescription"]
        == {"TimeToLiveStatus": "DISABLED"})
    judge.is_true("tags are not restored", judge.call(
        "ListTagsOfResource", "--resource-arn", ARN + "t-two")["Tags"] == [])
    judge.refuses("PolicyNotFoundException", "GetResourcePolicy", "--resource-arn", ARN + "t-two")
    moments(judge)
    judge.call("DeleteBackup", "--backup-arn", arn)
    judge.refuses("BackupNotFoundException", "DescribeBackup", "--backup-arn", arn)


def moments(judge):
    """A table as it was at a moment, from the history of its items."""
    pitr = judge.call("DescribeContinuousBackups", "--table-name", SEEDED)
    window = pitr["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    judge.refuses("InvalidRestoreTimeException", "RestoreTableToPointInTime", "--source-table-name",
                  SEEDED, "--target-table-name", "t-past", "--restore-date-time",
                  "2020-01-01T00:00:00Z")
    judge.call("RestoreTableToPointInTime", "--source-table-name", SEEDED, "--target-table-name",
               "t-past", "--restore-date-time", str(window["EarliestRestorableDateTime"]))
    judge.call("RestoreTableToPointInTime", "--source-table-arn", ARN + SEEDED,
               "--target-table-name", "t-now", "--use-latest-restorable-time", "--sse-specification-override",
               "Enabled=false")
    active(judge, "t-past")
    active(judge, "t-now")
    past, now = scan_count(judge, "t-past"), scan_count(judge, "t-now")
    judge.is_true("a moment's items are fewer than now's", past < now == 120)
    judge.is_true("the count that AWS shows is not of now",
                  table(judge, "t-now")["ItemCount"] in (0, 120))
    judge.is_true("a restore may take another key", "SSEDescription" not in table(judge, "t-now"))
    judge.is_true("indexes are restored", table(judge, "t-now")["GlobalSecondaryIndexes"][0]
                  ["IndexStatus"] == "ACTIVE")


def changes(judge):
    name = ("--table-name", "t-two")
    with Held(judge, "dynamodb.table-updated"):
        updating = judge.call("UpdateTable", *name, "--stream-specification",
                              "StreamEnabled=true,StreamViewType=NEW_AND_OLD_IMAGES")
        judge.is_true("a table that changes says so", updating["TableDescription"]["TableStatus"]
                      == "UPDATING" and "LatestStreamArn" in updating["TableDescription"])
        judge.refuses("ResourceInUseException", "UpdateTable", *name,
                      "--deletion-protection-enabled")
        judge.refuses("ResourceInUseException", "DeleteTable", *name)
    active(judge, "t-two")
    judge.refuses("ValidationException", "UpdateTable", *name, "--stream-specification",
                  "StreamEnabled=true,StreamViewType=NEW_AND_OLD_IMAGES")
    judge.refuses("ValidationException", "UpdateTable", *name)
    judge.refuses("ValidationException", "UpdateTable", *name, "--provisioned-throughput",
                  "ReadCapacityUnits=1,WriteCapacityUnits=1")
    create = [{"Create": {"IndexName": "ByKind", "KeySchema": [
        {"AttributeName": "kind", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"}}}]
    judge.call("UpdateTable", *name, "--attribute-definitions", "AttributeName=PK,AttributeType=S",
               "AttributeName=SK,AttributeType=N", "AttributeName=kind,AttributeType=S",
               "--global-secondary-index-updates", json.dumps(create))
    active(judge, "t-two")
    judge.is_true("a new index has the items that have its key", judge.call(
        "Query", *name, "--index-name", "ByKind", "--key-condition-expression", "kind = :k",
        "--expression-attribute-values", '{":k": {"S": "even"}}')["Count"] == 1)
    judge.refuses("ValidationException", "PutItem", *name, "--item",
                  '{"PK": {"S": "a"}, "SK": {"N": "1"}, "kind": {"N": "1"}}')
    judge.call("UpdateTable", *name, "--global-secondary-index-updates",
               '[{"Delete": {"IndexName": "ByKind"}}]')
    active(judge, "t-two")
    judge.is_true("a deleted index leaves no definition behind",
                  len(table(judge, "t-two")["AttributeDefinitions"]) == 2)
    judge.call("UpdateTable", *name, "--billing-mode", "PROVISIONED", "--provisioned-throughput",
               "ReadCapacityUnits=7,WriteCapacityUnits=2", "--table-class",
               "STANDARD_INFREQUENT_ACCESS")
    active(judge, "t-two")
    judge.is_true("capacity is provisioned", table(judge, "t-two")["ProvisionedThroughput"]
                  ["ReadCapacityUnits"] == 7)
    replicas(judge, name)


def replicas(judge, name):
    other = ("--region", "eu-west-2")
    judge.refuses("ValidationException", "UpdateTable", *name, "--replica-updates",
                  '[{"Create": {"RegionName": "eu-west-2"}}]')
    judge.call("UpdateTable", *name, "--sse-specification", "Enabled=false")
    active(judge, "t-two")
    judge.call("UpdateTable", *name, "--replica-updates",
               '[{"Create": {"RegionName": "eu-west-2"}}]')
    active(judge, "t-two")
    judge.is_true("a replica is a table of its region", table(judge, "t-two", *other)["TableArn"]
                  == ARN.replace("eu-west-1", "eu-west-2") + "t-two")
    judge.call("PutItem", *name, *other, "--item", '{"PK": {"S": "far"}, "SK": {"N": "1"}}')
    judge.is_true("what one writes the other has", "Item" in judge.call(
        "GetItem", *name, "--key", '{"PK": {"S": "far"}, "SK": {"N": "1"}}'))
    judge.refuses("ValidationException", "DeleteTable", *name)
    judge.call("UpdateTable", *name, "--replica-updates",
               '[{"Delete": {"RegionName": "eu-west-2"}}]')
    active(judge, "t-two")
    judge.refuses("ResourceNotFoundException", "DescribeTable", *name, *other)
    judge.is_true("the items stay", "Item" in judge.call(
        "GetItem", *name, "--key", '{"PK": {"S": "far"}, "SK": {"N": "1"}}'))


def seeded(judge):
    found = table(judge, SEEDED)
    judge.is_true("a scenario's table has its settings", found["DeletionProtectionEnabled"] is True
                  and found["StreamSpecification"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"
                  and found["ItemCount"] == 120)
    judge.refuses("AccessDeniedException", "DescribeTable", "--table-name", ARN + SEEDED,
                  profile="preproduction")


def deletion(judge):
    judge.refuses("ValidationException", "DeleteTable", "--table-name", "t-one")
    judge.call("UpdateTable", "--table-name", "t-one", "--no-deletion-protection-enabled")
    active(judge, "t-one")
    judge.call("DeleteResourcePolicy", "--resource-arn", ARN + "t-one")
    with Held(judge, "dynamodb.table-deleted"):
        judge.is_true("a table is deleted in time", judge.call(
            "DeleteTable", "--table-name", "t-one")["TableDescription"]["TableStatus"] == "DELETING")
        judge.refuses("ResourceNotFoundException", "GetItem", *key("a", 1))
    gone(judge, "t-one")
    judge.refuses("ResourceNotFoundException", "DeleteTable", "--table-name", "t-one")
