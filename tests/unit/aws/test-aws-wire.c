/* SPDX-License-Identifier: MIT */

/* Requests and answers of each protocol as they stand on the wire, where that is easy to get wrong, and
 * broken ones from either side. */

#include <string.h>

#include "slip-aws-protocol.h"
#include "slip-json.h"

static SlipAwsRequest *
build (const char *service, const char *operation, const char *input, GError **error)
{
  SlipAwsModel *model = NULL;
  const SlipAwsOperation *op = slip_aws_model_lookup_operation (service, operation, &model, NULL);
  g_autoptr (JsonNode) node = slip_json_parse (input, -1, NULL);

  g_assert_nonnull (op);
  g_assert_nonnull (node);
  return slip_aws_protocol_build_request (model, op, node, error);
}

static void
assert_body (const char *service, const char *operation, const char *input, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipAwsRequest) request = build (service, operation, input, &error);
  g_assert_no_error (error);
  gsize size = 0;
  const char *data = g_bytes_get_data (request->body, &size);
  g_autofree char *text = g_strndup (data, size);
  g_autofree char *decoded = strcmp (service, "rds") == 0 || strcmp (service, "ec2") == 0
                                     || strcmp (service, "elbv2") == 0
                                 ? slip_aws_uri_decode (text, -1, FALSE)
                                 : g_strdup (text);

  g_assert_cmpstr (decoded, ==, expected);
}

/* The names that facts about RDS call easy to get wrong. */
static void
test_rds_names (void)
{
  assert_body ("rds", "ModifyDBClusterSnapshotAttribute",
               "{\"DBClusterSnapshotIdentifier\":\"s\",\"AttributeName\":\"restore\","
               "\"ValuesToAdd\":[\"1\",\"2\"]}",
               "Action=ModifyDBClusterSnapshotAttribute&Version=2014-10-31&"
               "DBClusterSnapshotIdentifier=s&AttributeName=restore&"
               "ValuesToAdd.AttributeValue.1=1&ValuesToAdd.AttributeValue.2=2");
  assert_body ("rds", "DescribeDBClusters",
               "{\"Filters\":[{\"Name\":\"db-cluster-id\",\"Values\":[\"a\",\"b\"]}]}",
               "Action=DescribeDBClusters&Version=2014-10-31&Filters.Filter.1.Name=db-cluster-id&"
               "Filters.Filter.1.Values.Value.1=a&Filters.Filter.1.Values.Value.2=b");
  assert_body (
      "rds", "RestoreDBClusterFromSnapshot",
      "{\"DBClusterIdentifier\":\"c\",\"SnapshotIdentifier\":\"s\",\"Engine\":\"e\","
      "\"VpcSecurityGroupIds\":[\"sg\"],\"Tags\":[{\"Key\":\"k\",\"Value\":\"v\"}],"
      "\"EnableCloudwatchLogsExports\":[\"postgresql\"],\"DeletionProtection\":true,"
      "\"ServerlessV2ScalingConfiguration\":{\"MinCapacity\":0.5}}",
      "Action=RestoreDBClusterFromSnapshot&Version=2014-10-31&DBClusterIdentifier=c&"
      "SnapshotIdentifier=s&Engine=e&VpcSecurityGroupIds.VpcSecurityGroupId.1=sg&"
      "Tags.Tag.1.Key=k&Tags.Tag.1.Value=v&EnableCloudwatchLogsExports.member.1=postgresql&"
      "DeletionProtection=true&ServerlessV2ScalingConfiguration.MinCapacity=0.5");
  assert_body (
      "elbv2", "ModifyRule",
      "{\"RuleArn\":\"r\",\"Conditions\":[{\"Field\":\"host-header\","
      "\"HostHeaderConfig\":{\"Values\":[\"h\"]}}]}",
      "Action=ModifyRule&Version=2015-12-01&RuleArn=r&Conditions.member.1.Field=host-header&"
      "Conditions.member.1.HostHeaderConfig.Values.member.1=h");
}

static void
test_ec2_and_json_names (void)
{
  assert_body ("ec2", "DescribeInstances", "{\"InstanceIds\":[\"i-1\"],\"MaxResults\":5}",
               "Action=DescribeInstances&Version=2016-11-15&InstanceId.1=i-1&MaxResults=5");
  g_autoptr (SlipAwsRequest) request
      = build ("dms", "DescribeEvents", "{\"StartTime\":\"2026-11-21T06:30:00Z\"}", NULL);
  g_assert_cmpstr (slip_aws_headers_get (request->headers, "x-amz-target"), ==,
                   "AmazonDMSv20160101.DescribeEvents");
  g_assert_cmpstr (slip_aws_headers_get (request->headers, "content-type"), ==,
                   "application/x-amz-json-1.1");
  g_assert_cmpstr (g_bytes_get_data (request->body, NULL), ==, "{\"StartTime\":1795242600}");
}

static void
test_paths (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipAwsRequest) backup = build (
      "backup", "DescribeRecoveryPoint",
      "{\"BackupVaultName\":\"v\",\"RecoveryPointArn\":\"arn:aws:backup:x:1:rp/a b\"}", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (backup->path, ==,
                   "/backup-vaults/v/recovery-points/arn%3Aaws%3Abackup%3Ax%3A1%3Arp%2Fa%20b");
  g_assert_null (backup->body);

  g_autoptr (SlipAwsRequest) s3
      = build ("s3", "GetObject", "{\"Bucket\":\"b\",\"Key\":\"a/b c//d+\xC3\xA9\"}", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (s3->path, ==, "/b/a/b%20c//d%2B%C3%A9");

  g_autoptr (SlipAwsRequest) empty
      = build ("s3", "GetObject", "{\"Bucket\":\"b\",\"Key\":\"\"}", &error);
  g_assert_null (empty);
  g_assert_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CHECK);
  g_assert_nonnull (strstr (error->message, "$.Key"));
}

static void
test_headers_cannot_be_split (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipAwsRequest) request
      = build ("s3", "PutObject",
               "{\"Bucket\":\"b\",\"Key\":\"k\",\"ContentType\":\"a\\r\\nX-Evil: 1\"}", &error);
  g_assert_null (request);
  g_assert_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CHECK);
  g_clear_error (&error);
  request = build ("s3", "PutObject",
                   "{\"Bucket\":\"b\",\"Key\":\"k\",\"Metadata\":{\"a: b\\r\\nc\":\"d\"}}", &error);
  g_assert_null (request);
  g_assert_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CHECK);
}

static void
test_host_prefix (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipAwsRequest) sync
      = build ("states", "StartSyncExecution", "{\"stateMachineArn\":\"a\"}", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (sync->host_prefix, ==, "sync-");

  g_autoptr (SlipAwsRequest) evil
      = build ("s3", "WriteGetObjectResponse",
               "{\"RequestRoute\":\"evil.example.com/\",\"RequestToken\":\"t\"}", &error);
  g_assert_null (evil);
  g_assert_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CHECK);
}

static void
test_tokens (void)
{
  const SlipAwsOperation *op
      = slip_aws_model_lookup_operation ("secretsmanager", "RotateSecret", NULL, NULL);
  g_autoptr (JsonNode) input = slip_json_parse ("{\"SecretId\":\"s\"}", -1, NULL);
  g_autoptr (JsonNode) first = slip_aws_protocol_fill_token (op, input);
  g_autoptr (JsonNode) second = slip_aws_protocol_fill_token (op, input);
  g_autoptr (JsonNode) third = slip_aws_protocol_fill_token (op, first);
  const char *token = slip_json_string (json_node_get_object (first), "ClientRequestToken");

  g_assert_true (g_uuid_string_is_valid (token));
  g_assert_cmpstr (token, !=,
                   slip_json_string (json_node_get_object (second), "ClientRequestToken"));
  g_assert_cmpstr (token, ==,
                   slip_json_string (json_node_get_object (third), "ClientRequestToken"));
  g_assert_false (json_object_has_member (json_node_get_object (input), "ClientRequestToken"));
}

static JsonNode *
answer (const char *service,
        const char *operation,
        guint status,
        const char *header,
        const char *value,
        const char *body,
        GError **error)
{
  SlipAwsModel *model = NULL;
  const SlipAwsOperation *op = slip_aws_model_lookup_operation (service, operation, &model, NULL);
  g_autoptr (SlipAwsResponse) response = slip_aws_response_new (status);

  g_assert_nonnull (op);
  if (header != NULL)
    slip_aws_headers_append (response->headers, header, value);
  response->body = body != NULL ? g_bytes_new (body, strlen (body)) : NULL;
  return slip_aws_protocol_parse_response (model, op, response, error);
}

static void
assert_failure (const char *service,
                const char *operation,
                guint status,
                const char *header,
                const char *value,
                const char *body,
                const char *code,
                const char *request_id)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) output = answer (service, operation, status, header, value, body, &error);

  g_assert_null (output);
  g_assert_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_SERVICE);
  g_assert_cmpstr (slip_aws_error_get_code (error), ==, code);
  g_assert_cmpstr (slip_aws_error_get_request_id (error), ==, request_id);
  g_assert_cmpuint (slip_aws_error_get_status (error), ==, status);
}

static void
test_failures (void)
{
  assert_failure ("rds", "DescribeDBClusters", 404, NULL, NULL,
                  "<ErrorResponse xmlns=\"x\"><Error><Type>Sender</Type>"
                  "<Code>DBClusterNotFoundFault</Code><Message>m</Message></Error>"
                  "<RequestId>r-1</RequestId></ErrorResponse>",
                  "DBClusterNotFoundFault", "r-1");
  assert_failure ("ec2", "DescribeInstances", 400, NULL, NULL,
                  "<Response><Errors><Error><Code>InvalidInstanceID.NotFound</Code>"
                  "<Message>m</Message></Error></Errors><RequestID>r-2</RequestID></Response>",
                  "InvalidInstanceID.NotFound", "r-2");
  assert_failure ("kms", "DescribeKey", 400, "x-amzn-RequestId", "r-3",
                  "{\"__type\":\"com.amazonaws.kms#NotFoundException\",\"message\":\"m\"}",
                  "NotFoundException", "r-3");
  assert_failure ("backup", "DescribeRestoreJob", 404, "x-amzn-ErrorType",
                  "ResourceNotFoundException:http://internal/", "{\"Message\":\"m\"}",
                  "ResourceNotFoundException", NULL);
  assert_failure ("s3", "GetObject", 404, NULL, NULL,
                  "<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code><Message>m</Message>"
                  "<RequestId>r-5</RequestId></Error>",
                  "NoSuchKey", "r-5");
  assert_failure ("s3", "HeadObject", 404, "x-amz-request-id", "r-6", NULL, "404", "r-6");
  assert_failure ("rds", "DescribeDBClusters", 502, NULL, NULL,
                  "<html><body><b>Bad Gateway</b></body></html>", "502", NULL);
  assert_failure ("kms", "DescribeKey", 503, NULL, NULL, "not JSON", "503", NULL);
}

static void
test_retry_classes (void)
{
  g_autoptr (GError) throttle = slip_aws_error_new_service ("Throttling", "m", 400, NULL);
  g_autoptr (GError) broken = slip_aws_error_new_service ("InternalFailure", "m", 500, NULL);
  g_autoptr (GError) plain = slip_aws_error_new_service ("DBClusterNotFoundFault", "m", 404, NULL);
  g_autoptr (GError) expired = slip_aws_error_new_service ("ExpiredToken", "m", 403, NULL);
  g_autoptr (GError) other = g_error_new (G_IO_ERROR, 0, "x");

  g_assert_true (slip_aws_error_is_throttle (throttle));
  g_assert_false (slip_aws_error_is_transient (throttle));
  g_assert_true (slip_aws_error_is_transient (broken));
  g_assert_false (slip_aws_error_is_transient (plain) || slip_aws_error_is_throttle (plain));
  g_assert_true (slip_aws_error_is_expired_token (expired));
  g_assert_true (slip_aws_error_has_code (plain, "DBClusterNotFoundFault"));
  g_assert_null (slip_aws_error_get_code (other));
  g_assert_cmpstr (plain->message, ==, "DBClusterNotFoundFault: m");
  g_autoptr (GError) copy = g_error_copy (plain);
  g_assert_cmpstr (slip_aws_error_get_code (copy), ==, "DBClusterNotFoundFault");
}

static void
assert_unreadable (const char *service, const char *operation, const char *body, const char *part)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) output = answer (service, operation, 200, NULL, NULL, body, &error);

  g_assert_null (output);
  g_assert_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_PROTOCOL);
  g_assert_nonnull (strstr (error->message, part));
}

static void
test_broken_answers (void)
{
  assert_unreadable ("rds", "DescribeDBClusters",
                     "<DescribeDBClustersResponse>\n<DescribeDBClustersResult><DBClusters>",
                     "XML 2:39");
  assert_unreadable ("rds", "DescribeDBClusters", "<a/>",
                     "there is no element DescribeDBClustersResult");
  assert_unreadable ("rds", "DescribeDBClusters", "", "there is no element");
  assert_unreadable (
      "rds", "DescribeDBClusters",
      "<R><DescribeDBClustersResult><DBClusters><DBCluster><Port>x</Port></DBCluster>"
      "</DBClusters></DescribeDBClustersResult></R>",
      "'x' is not a integer");
  assert_unreadable ("kms", "DescribeKey", "{\"KeyMetadata\":", "JSON 1:");
  assert_unreadable ("kms", "DescribeKey", "{\"KeyMetadata\":[]}", "KeyMetadata");
  assert_unreadable ("kms", "DescribeKey", "[]", "not an object");
  assert_unreadable ("kms", "DescribeKey", "{\"KeyMetadata\":{},\"KeyMetadata\":{}}", "JSON 1:");
  assert_unreadable ("s3", "ListObjectsV2", "<ListBucketResult><Contents>", "XML 1:");
}

static void
assert_refused (const char *service, SlipAwsRequest *request, const char *code)
{
  SlipAwsModel *model = slip_aws_model_get (service, NULL);
  const SlipAwsOperation *op = NULL;
  g_autoptr (JsonNode) input = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (slip_aws_protocol_parse_request (model, request, &op, &input, &error));
  g_assert_null (input);
  g_assert_cmpstr (slip_aws_error_get_code (error), ==, code);
}

static SlipAwsRequest *
request_with (const char *method, const char *target, const char *body)
{
  SlipAwsRequest *request = slip_aws_request_new (method, "/");
  g_assert_true (slip_aws_request_set_target (request, target));
  request->body = g_bytes_new (body, strlen (body));
  return request;
}

static void
test_server_refuses (void)
{
  static const struct
  {
    const char *service;
    const char *method;
    const char *target;
    const char *body;
    const char *code;
  } cases[] = {
      {"rds", "POST", "/", "Version=2014-10-31", "MissingAction"},
      {"rds", "POST", "/", "Action=Nope", "InvalidAction"},
      {"rds", "POST", "/", "Action=CreateDBCluster&Engine=e", "MissingParameter"},
      {"rds", "POST", "/", "Action=DescribeDBClusters&MaxRecords=many", "MalformedInput"},
      {"rds", "POST", "/", "Action=%ZZ", "MalformedQueryString"},
      {"kms", "POST", "/", "{}", "UnknownOperationException"},
      {"backup", "GET", "/nowhere", "", "UnknownOperationException"},
      {"backup", "PUT", "/restore-jobs", "{\"Metadata\":", "SerializationException"},
      {"backup", "PUT", "/restore-jobs", "{}", "ValidationException"},
      {"s3", "PATCH", "/b", "", "MethodNotAllowed"},
      {"s3", "PUT", "/b?lifecycle", "<LifecycleConfiguration>", "MalformedXML"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (SlipAwsRequest) request
          = request_with (cases[i].method, cases[i].target, cases[i].body);
      g_test_message ("%s %s", cases[i].service, cases[i].code);
      assert_refused (cases[i].service, request, cases[i].code);
    }
}

/* How the AWS CLI and browsers write forms: pluses for spaces, numbers beyond nine, any order. */
static void
test_server_reads_forms (void)
{
  SlipAwsModel *model = slip_aws_model_get ("rds", NULL);
  g_autoptr (SlipAwsRequest) request = request_with (
      "POST", "/",
      "Tags.Tag.10.Key=ten&Tags.Tag.2.Key=two&Tags.Tag.2.Value=a+b&Action=CreateDBClusterSnapshot&"
      "Version=2014-10-31&DBClusterIdentifier=c&DBClusterSnapshotIdentifier=s&Unknown=1");
  g_autoptr (JsonNode) input = NULL;
  g_autoptr (GError) error = NULL;
  const SlipAwsOperation *op = NULL;

  g_assert_true (slip_aws_protocol_parse_request (model, request, &op, &input, &error));
  g_assert_cmpstr (op->name, ==, "CreateDBClusterSnapshot");
  g_autofree char *text = slip_json_canonical (input, NULL);
  g_assert_cmpstr (text, ==,
                   "{\"DBClusterIdentifier\":\"c\",\"DBClusterSnapshotIdentifier\":\"s\","
                   "\"Tags\":[{\"Key\":\"two\",\"Value\":\"a b\"},{\"Key\":\"ten\"}]}");
}

/* Clients differ in whether they write `?lifecycle` or `?lifecycle=`, and in a last slash. */
static void
test_server_routes_s3 (void)
{
  static const struct
  {
    const char *method;
    const char *target;
    const char *operation;
  } cases[] = {
      {"GET", "/", "ListBuckets"},
      {"GET", "/b", "ListObjects"},
      {"GET", "/b/", "ListObjects"},
      {"GET", "/b?list-type=2&prefix=a%2F", "ListObjectsV2"},
      {"PUT", "/b/", "CreateBucket"},
      {"GET", "/b?location", "GetBucketLocation"},
      {"GET", "/b?versions=", "ListObjectVersions"},
      {"GET", "/b/a/b/c", "GetObject"},
      {"HEAD", "/b/k", "HeadObject"},
      {"PUT", "/b/k", "PutObject"},
      {"PUT", "/b/k?partNumber=1&uploadId=u", "UploadPart"},
      {"POST", "/b/k?uploads", "CreateMultipartUpload"},
      {"POST", "/b?delete", "DeleteObjects"},
      {"GET", "/b/k?uploadId=u", "ListParts"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (SlipAwsRequest) request
          = request_with (cases[i].method, cases[i].target,
                          strstr (cases[i].target, "delete") != NULL
                              ? "<Delete><Object><Key>k</Key></Object></Delete>"
                              : "");
      g_autoptr (JsonNode) input = NULL;
      g_autoptr (GError) error = NULL;
      const SlipAwsOperation *op = NULL;
      slip_aws_protocol_parse_request (slip_aws_model_get ("s3", NULL), request, &op, &input,
                                       &error);
      g_assert_no_error (error);
      g_assert_cmpstr (op->name, ==, cases[i].operation);
    }
}

static void
test_server_keeps_slashes (void)
{
  g_autoptr (SlipAwsRequest) request = request_with ("GET", "/b/a//b%2Fc/", "");
  g_autoptr (JsonNode) input = NULL;
  g_autoptr (GError) error = NULL;
  const SlipAwsOperation *op = NULL;

  slip_aws_protocol_parse_request (slip_aws_model_get ("s3", NULL), request, &op, &input, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (slip_json_string (json_node_get_object (input), "Key"), ==, "a//b/c/");
}

static void
test_unknown_output_is_refused (void)
{
  SlipAwsModel *model = slip_aws_model_get ("rds", NULL);
  const SlipAwsOperation *op = slip_aws_model_find_operation (model, "DescribeDBClusters");
  g_autoptr (JsonNode) output = slip_json_parse ("{\"DBClusters\":[{\"Stauts\":\"x\"}]}", -1, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipAwsResponse) response
      = slip_aws_protocol_build_response (model, op, output, "id", &error);

  g_assert_null (response);
  g_assert_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CHECK);
  g_assert_nonnull (strstr (error->message, "Stauts"));
}

#define SNAPSHOTS(list)                                                                            \
  "<DescribeDBClusterSnapshotsResponse><DescribeDBClusterSnapshotsResult>" list                    \
  "<Marker>m</Marker></DescribeDBClusterSnapshotsResult></DescribeDBClusterSnapshotsResponse>"

/* Reads @body with its lists as values and as text. Returns the text after it was compared. */
static char *
list_as_text (const char *body, GError **error)
{
  static const char *const texts[] = {"DBClusterSnapshots", NULL};
  SlipAwsModel *model = slip_aws_model_get ("rds", NULL);
  const SlipAwsOperation *op = slip_aws_model_find_operation (model, "DescribeDBClusterSnapshots");
  g_autoptr (SlipAwsResponse) response = slip_aws_response_new (200);
  g_autoptr (GString) expected = g_string_new (NULL);

  response->body = g_bytes_new (body, strlen (body));
  g_autoptr (JsonNode) values = slip_aws_protocol_parse_response (model, op, response, NULL);
  g_autoptr (JsonNode) page = slip_aws_protocol_parse_page (model, op, response, texts, error);
  g_assert_true ((values == NULL) == (page == NULL));
  if (page == NULL)
    return NULL;
  JsonArray *list = slip_json_array (json_node_get_object (values), texts[0]);
  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      g_string_append (expected, i > 0 ? ",\n    " : "\n    ");
      slip_json_append_text (expected, json_array_get_element (list, i), SLIP_AWS_TEXT_DEPTH);
    }
  g_assert_cmpstr (slip_json_string (json_node_get_object (page), "Marker"), ==, "m");
  g_assert_cmpstr (slip_json_string (json_node_get_object (page), texts[0]), ==, expected->str);
  return g_strdup (expected->str);
}

static void
test_lists_as_text (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *two = list_as_text (
      SNAPSHOTS (
          "<DBClusterSnapshots><DBClusterSnapshot><Engine>a&amp;\"\xC3\xA4&#9;</Engine>"
          "<Engine>again</Engine><Unheard><Engine>x</Engine></Unheard><StorageEncrypted>true"
          "</StorageEncrypted><Port/><AllocatedStorage>7</AllocatedStorage>"
          "<SnapshotCreateTime>2026-11-20T02:00:00.5Z</SnapshotCreateTime><TagList><Tag><Key>k"
          "</Key><Value/></Tag><Tag/></TagList><AvailabilityZones/></DBClusterSnapshot>"
          "<DBClusterSnapshot/></DBClusterSnapshots>"),
      NULL);
  g_autofree char *none = list_as_text (SNAPSHOTS ("<DBClusterSnapshots/>"), NULL);
  g_autofree char *broken
      = list_as_text (SNAPSHOTS ("<DBClusterSnapshots><DBClusterSnapshot><AllocatedStorage>many"
                                 "</AllocatedStorage></DBClusterSnapshot></DBClusterSnapshots>"),
                      &error);

  g_assert_nonnull (strstr (two, "\n      \"Engine\": \"a&\\\"\xC3\xA4\\t\",\n"));
  g_assert_null (strstr (two, "again"));
  g_assert_null (strstr (two, "Port"));
  g_assert_true (g_str_has_suffix (two, "},\n    {}"));
  g_assert_cmpstr (none, ==, "");
  g_assert_null (broken);
  g_assert_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_PROTOCOL);
  g_assert_nonnull (strstr (error->message, "AllocatedStorage"));
}

static void
test_headers (void)
{
  g_autoptr (SlipAwsHeaders) headers = slip_aws_headers_new ();

  slip_aws_headers_append (headers, "X-A", "1");
  slip_aws_headers_append (headers, "x-b", "2");
  slip_aws_headers_append (headers, "x-a", "3");
  g_assert_cmpstr (slip_aws_headers_get (headers, "X-a"), ==, "1");
  slip_aws_headers_set (headers, "X-A", "4");
  g_assert_cmpuint (slip_aws_headers_get_length (headers), ==, 2);
  g_assert_cmpstr (slip_aws_headers_get_pair (headers, 0)->value, ==, "4");
  g_assert_true (slip_aws_headers_remove (headers, "X-B"));
  g_assert_false (slip_aws_headers_remove (headers, "X-B"));
  g_assert_null (slip_aws_headers_get (headers, "x-b"));
}

/* Large bodies go compressed where the model allows it; a server reads what was meant. */
static void
test_compression (void)
{
  g_autoptr (GString) input = g_string_new ("{\"Namespace\":\"n\",\"MetricData\":[");
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 500; i++)
    g_string_append_printf (input, "%s{\"MetricName\":\"metric-%u\",\"Value\":%u.5}",
                            i > 0 ? "," : "", i, i);
  g_string_append (input, "]}");
  g_autoptr (JsonNode) node = slip_json_parse (input->str, -1, NULL);
  g_autoptr (SlipAwsRequest) request = build ("monitoring", "PutMetricData", input->str, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (slip_aws_headers_get (request->headers, "Content-Encoding"), ==, "gzip");
  g_assert_cmpuint (g_bytes_get_size (request->body), <, 10000);

  const SlipAwsOperation *op = NULL;
  g_autoptr (JsonNode) got = NULL;
  g_assert_true (slip_aws_protocol_parse_request (slip_aws_model_get ("monitoring", NULL), request,
                                                  &op, &got, &error));
  g_assert_true (slip_json_equal (node, got));

  g_bytes_unref (request->body);
  request->body = g_bytes_new_static ("no gzip", 7);
  assert_refused ("monitoring", request, "SerializationException");
}

static void
test_targets (void)
{
  g_autoptr (SlipAwsRequest) request = slip_aws_request_new ("GET", "/");

  g_assert_true (slip_aws_request_set_target (request, "/a%20b?x=1&y=a%2Bb+c&z&&x=2"));
  g_assert_cmpstr (request->path, ==, "/a%20b");
  g_assert_cmpstr (slip_aws_request_get_query (request, "y"), ==, "a+b c");
  g_assert_cmpstr (slip_aws_request_get_query (request, "z"), ==, "");
  g_autofree char *text = slip_aws_request_dup_query_string (request);
  g_assert_cmpstr (text, ==, "x=1&y=a%2Bb%20c&z=&x=2");
  g_assert_false (slip_aws_request_set_target (request, "http://x/"));
  g_assert_false (slip_aws_request_set_target (request, "/?a=%f"));
  g_assert_false (slip_aws_request_set_target (request, "/?a=%00"));
  g_assert_cmpstr (request->path, ==, "/a%20b");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/aws/wire/rds_names", test_rds_names);
  g_test_add_func ("/aws/wire/ec2_and_json_names", test_ec2_and_json_names);
  g_test_add_func ("/aws/wire/paths_are_encoded", test_paths);
  g_test_add_func ("/aws/wire/headers_cannot_be_split", test_headers_cannot_be_split);
  g_test_add_func ("/aws/wire/host_prefix", test_host_prefix);
  g_test_add_func ("/aws/wire/tokens_are_filled_once", test_tokens);
  g_test_add_func ("/aws/wire/failures_of_every_protocol", test_failures);
  g_test_add_func ("/aws/wire/retry_classes", test_retry_classes);
  g_test_add_func ("/aws/wire/broken_answers_name_the_place", test_broken_answers);
  g_test_add_func ("/aws/wire/server_refuses_with_aws_codes", test_server_refuses);
  g_test_add_func ("/aws/wire/server_reads_any_form", test_server_reads_forms);
  g_test_add_func ("/aws/wire/server_routes_s3", test_server_routes_s3);
  g_test_add_func ("/aws/wire/server_keeps_slashes_of_keys", test_server_keeps_slashes);
  g_test_add_func ("/aws/wire/unknown_output_is_refused", test_unknown_output_is_refused);
  g_test_add_func ("/aws/wire/large_bodies_are_compressed", test_compression);
  g_test_add_func ("/aws/wire/lists_as_text_say_what_the_values_say", test_lists_as_text);
  g_test_add_func ("/aws/http/headers", test_headers);
  g_test_add_func ("/aws/http/targets", test_targets);
  return g_test_run ();
}
