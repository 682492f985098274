/* SPDX-License-Identifier: MIT */

/* The models of data/aws: that each loads, that the effects table and the supplement name only what
 * exists, and what the check before sending finds. */

#include <string.h>

#include "slip-aws-model.h"
#include "slip-aws-resources.h"
#include "slip-json.h"
#include "slip-redact.h"

static JsonNode *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  JsonNode *node = slip_json_parse (text, -1, &error);
  g_assert_no_error (error);
  return node;
}

static SlipAwsModel *
get (const char *service)
{
  g_autoptr (GError) error = NULL;
  SlipAwsModel *model = slip_aws_model_get (service, &error);
  g_assert_no_error (error);
  g_assert_nonnull (model);
  return model;
}

static const SlipAwsOperation *
find (const char *service, const char *name)
{
  const SlipAwsOperation *op = slip_aws_model_find_operation (get (service), name);
  g_assert_nonnull (op);
  return op;
}

static void
test_all_load (void)
{
  const char *const *services = slip_aws_model_list_services ();

  g_assert_cmpuint (g_strv_length ((char **)services), ==, 23);
  for (guint i = 0; services[i] != NULL; i++)
    {
      SlipAwsModel *model = get (services[i]);
      g_assert_cmpuint (slip_aws_model_get_n_operations (model), >, 4);
      g_assert_nonnull (slip_aws_model_get_api_version (model));
      g_assert_true (slip_aws_model_get (services[i], NULL) == model);
    }
}

static void
test_metadata (void)
{
  g_assert_cmpstr (slip_aws_model_get_signing_name (get ("ecr")), ==, "ecr");
  g_assert_cmpstr (slip_aws_model_get_endpoint_prefix (get ("ecr")), ==, "api.ecr");
  g_assert_cmpstr (slip_aws_model_get_signing_name (get ("elbv2")), ==, "elasticloadbalancing");
  g_assert_cmpstr (slip_aws_model_get_target_prefix (get ("dms")), ==, "AmazonDMSv20160101");
  g_assert_cmpstr (slip_aws_model_get_json_version (get ("states")), ==, "1.0");
  g_assert_cmpstr (slip_aws_model_get_service_id (get ("secretsmanager")), ==, "Secrets Manager");
  g_assert_cmpint (slip_aws_model_get_protocol (get ("rds")), ==, SLIP_AWS_PROTOCOL_QUERY);
  g_assert_cmpint (slip_aws_model_get_protocol (get ("backup")), ==, SLIP_AWS_PROTOCOL_REST_JSON);
  g_assert_true (slip_aws_model_is_s3 (get ("s3")));
}

static void
test_unknown_names (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (slip_aws_model_get ("../etc", &error));
  g_assert_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_MODEL);
  g_clear_error (&error);
  g_assert_null (slip_aws_model_lookup_operation ("rds", "DescribeDbCluster", NULL, &error));
  g_assert_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_MODEL);
  g_assert_nonnull (strstr (error->message, "DescribeDBClusters"));
}

static JsonObject *
read_table (const char *path, JsonNode **node)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_resource_lookup_data (slip_aws_get_resource (), path,
                                                     G_RESOURCE_LOOKUP_FLAGS_NONE, &error);
  g_assert_no_error (error);
  *node = slip_json_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &error);
  g_assert_no_error (error);
  return json_node_get_object (*node);
}

static void
assert_list_names_operations (const char *service, const char *kind, JsonArray *list)
{
  static const char *const kinds[] = {"read", "change", "final", "secret_output", "unsigned", NULL};

  g_assert_true (g_strv_contains (kinds, kind));
  g_assert_cmpuint (json_array_get_length (list), >, 0);
  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      const char *name = json_array_get_string_element (list, i);
      if (slip_aws_model_find_operation (get (service), name) == NULL)
        g_error ("the table names %s %s, which does not exist", service, name);
    }
}

static void
assert_tokens_are_known (const char *service, JsonObject *tokens)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *member;

  json_object_iter_init (&iter, tokens);
  while (json_object_iter_next (&iter, &name, &member))
    g_assert_cmpstr (slip_aws_operation_token_member (find (service, name)), ==,
                     json_node_get_string (member));
}

/* `{OPERATION: [MEMBER, …]}` of its input or output. */
static void
assert_members_are_known (const char *service, JsonObject *operations)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *list;

  json_object_iter_init (&iter, operations);
  while (json_object_iter_next (&iter, &name, &list))
    {
      g_autoptr (GError) error = NULL;
      const SlipAwsOperation *op = slip_aws_model_lookup_operation (service, name, NULL, &error);
      JsonArray *members = json_node_get_array (list);

      g_assert_no_error (error);
      for (guint i = 0; i < json_array_get_length (members); i++)
        {
          const char *member = json_array_get_string_element (members, i);

          g_assert_true (
              (op->input != NULL && slip_aws_shape_find_member (op->input, member) != NULL)
              || (op->output != NULL && slip_aws_shape_find_member (op->output, member) != NULL));
        }
    }
}

static void
test_tables_name_what_exists (void)
{
  const char *const paths[] = {"/org/slipway/aws/effects.json", "/org/slipway/aws/supplement.json"};

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr (JsonNode) node = NULL;
      JsonObject *table = read_table (paths[i], &node);
      JsonObjectIter iter;
      const char *service;
      JsonNode *entry;

      json_object_iter_init (&iter, table);
      while (json_object_iter_next (&iter, &service, &entry))
        {
          JsonObjectIter inner;
          const char *kind;
          JsonNode *list;
          json_object_iter_init (&inner, json_node_get_object (entry));
          while (json_object_iter_next (&inner, &kind, &list))
            if (JSON_NODE_HOLDS_ARRAY (list))
              assert_list_names_operations (service, kind, json_node_get_array (list));
            else if (strcmp (kind, "tokens") == 0)
              assert_tokens_are_known (service, json_node_get_object (list));
            else if (strcmp (kind, "open") == 0)
              assert_members_are_known (service, json_node_get_object (list));
            else
              g_assert_cmpstr (kind, ==, "errors");
        }
    }
}

static void
test_effects (void)
{
  const struct
  {
    const char *service;
    const char *operation;
    SlipAwsEffect effect;
    gboolean secret;
  } cases[] = {
      {"rds", "DescribeDBClusters", SLIP_AWS_EFFECT_READ, FALSE},
      {"rds", "CreateDBClusterSnapshot", SLIP_AWS_EFFECT_CHANGE, FALSE},
      {"rds", "CopyDBClusterSnapshot", SLIP_AWS_EFFECT_CHANGE, FALSE},
      {"rds", "DeleteDBClusterSnapshot", SLIP_AWS_EFFECT_FINAL, FALSE},
      {"rds", "ModifyDBClusterSnapshotAttribute", SLIP_AWS_EFFECT_FINAL, FALSE},
      {"rds", "RemoveFromGlobalCluster", SLIP_AWS_EFFECT_FINAL, FALSE},
      {"rds", "AddTagsToResource", SLIP_AWS_EFFECT_CHANGE, FALSE},
      {"backup", "PutBackupVaultLockConfiguration", SLIP_AWS_EFFECT_FINAL, FALSE},
      {"dynamodb", "Query", SLIP_AWS_EFFECT_READ, FALSE},
      {"secretsmanager", "GetSecretValue", SLIP_AWS_EFFECT_READ, TRUE},
      {"sts", "AssumeRole", SLIP_AWS_EFFECT_READ, TRUE},
      {"sts", "GetCallerIdentity", SLIP_AWS_EFFECT_READ, FALSE},
      {"kms", "GenerateDataKey", SLIP_AWS_EFFECT_READ, TRUE},
      {"iam", "CreateAccessKey", SLIP_AWS_EFFECT_CHANGE, TRUE},
      {"ec2", "TerminateInstances", SLIP_AWS_EFFECT_FINAL, FALSE},
      {"ec2", "DeleteTags", SLIP_AWS_EFFECT_CHANGE, FALSE},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const SlipAwsOperation *op = find (cases[i].service, cases[i].operation);
      g_assert_cmpint (slip_aws_operation_effect (op), ==, cases[i].effect);
      g_assert_cmpint (slip_aws_operation_secret_output (op), ==, cases[i].secret);
    }
  g_assert_true (find ("sts", "AssumeRoleWithWebIdentity")->unsigned_request);
  g_assert_false (find ("sts", "AssumeRole")->unsigned_request);
}

static void
test_facts (void)
{
  const SlipAwsPagination *pages
      = slip_aws_operation_pagination (find ("rds", "DescribeDBClusterSnapshots"));
  g_assert_cmpstr (pages->input_tokens[0], ==, "Marker");
  g_assert_cmpstr (pages->output_tokens[0], ==, "Marker");
  g_assert_cmpstr (pages->result_keys[0], ==, "DBClusterSnapshots");
  g_assert_cmpstr (pages->limit_key, ==, "MaxRecords");
  g_assert_null (slip_aws_operation_pagination (find ("rds", "CreateDBCluster")));

  const SlipAwsWaiter *waiter = slip_aws_model_waiter (get ("rds"), "DBClusterSnapshotAvailable");
  g_assert_cmpstr (waiter->operation, ==, "DescribeDBClusterSnapshots");
  g_assert_cmpuint (waiter->delay, ==, 30);
  g_assert_cmpuint (waiter->n_acceptors, >, 3);
  g_assert_cmpint (waiter->acceptors[0].matcher, ==, SLIP_AWS_MATCH_PATH_ALL);
  g_assert_cmpint (waiter->acceptors[0].state, ==, SLIP_AWS_WAIT_SUCCESS);
  g_assert_cmpstr (json_node_get_string (waiter->acceptors[0].expected), ==, "available");

  g_assert_cmpstr (slip_aws_model_error_code (get ("rds"), "DBInstanceNotFoundFault"), ==,
                   "DBInstanceNotFound");
  g_assert_cmpstr (slip_aws_model_error_code (get ("rds"), "DBClusterNotFoundFault"), ==,
                   "DBClusterNotFoundFault");
  g_assert_cmpstr (slip_aws_operation_token_member (find ("backup", "StartRestoreJob")), ==,
                   "IdempotencyToken");
  g_assert_null (slip_aws_operation_token_member (find ("rds", "CreateDBCluster")));
}

static void
assert_problems (const char *service,
                 const char *operation,
                 const char *input,
                 const char *expected)
{
  g_autoptr (JsonNode) node = parse (input);
  g_autoptr (GPtrArray) problems
      = slip_aws_model_check (get (service), find (service, operation), node);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; problems != NULL && i < problems->len; i++)
    {
      const SlipAwsProblem *problem = problems->pdata[i];
      g_string_append_printf (text, "%s: %s\n", problem->path, problem->message);
    }
  g_assert_cmpstr (text->str, ==, expected);
}

static void
test_check_names_every_fault (void)
{
  assert_problems ("rds", "CreateDBClusterSnapshot",
                   "{\"DBClusterIdentifer\":\"a\",\"Tags\":[{\"Kye\":\"x\",\"Value\":3},7]}",
                   "$.DBClusterIdentifer: unknown member; did you mean DBClusterIdentifier?\n"
                   "$.Tags[0].Kye: unknown member; did you mean Key?\n"
                   "$.Tags[0].Value: must be a string, not a number\n"
                   "$.Tags[1]: must be an object, not a number\n"
                   "$.DBClusterSnapshotIdentifier: is required\n"
                   "$.DBClusterIdentifier: is required\n");
  assert_problems ("rds", "CreateDBClusterSnapshot",
                   "{\"DBClusterIdentifier\":\"a\",\"DBClusterSnapshotIdentifier\":\"b\"}", "");
  assert_problems ("sts", "GetCallerIdentity", "{\"Zonk\":1}", "$.Zonk: unknown member\n");
  assert_problems ("sts", "GetCallerIdentity", "[]", "$: must be an object, not an array\n");
}

static void
test_check_types (void)
{
  assert_problems ("rds", "DescribeEvents",
                   "{\"StartTime\":\"yesterday\",\"Duration\":1.5,\"MaxRecords\":99999999999,"
                   "\"SourceType\":null}",
                   "$.StartTime: must be a time such as 2026-11-21T06:30:00Z\n"
                   "$.Duration: must be a whole number, not a number\n"
                   "$.MaxRecords: must be a whole number of 32 bits\n"
                   "$.SourceType: must be a string, not null\n");
  assert_problems ("kms", "Decrypt", "{\"CiphertextBlob\":\"***\"}",
                   "$.CiphertextBlob: must be bytes in base64\n");
  assert_problems ("backup", "StartRestoreJob",
                   "{\"RecoveryPointArn\":\"a\",\"Metadata\":{\"a b\":1}}",
                   "$.Metadata['a b']: must be a string, not a number\n");
  assert_problems ("dynamodb", "PutItem",
                   "{\"TableName\":\"t\",\"Item\":{\"id\":{\"M\":{\"x\":{\"L\":[{\"S\":1}]}}}}}",
                   "$.Item.id.M.x.L[0].S: must be a string, not a number\n");
}

static void
test_check_survives_depth (void)
{
  g_autoptr (JsonNode) node = parse ("{\"S\":\"x\"}");

  for (guint i = 0; i < 200; i++)
    {
      JsonArray *list = json_array_new ();
      JsonObject *object = json_object_new ();
      json_array_add_element (list, g_steal_pointer (&node));
      json_object_set_array_member (object, "L", list);
      node = slip_json_new_object (object);
    }
  JsonObject *item = json_object_new ();
  JsonObject *input = json_object_new ();
  json_object_set_member (item, "id", g_steal_pointer (&node));
  json_object_set_string_member (input, "TableName", "t");
  json_object_set_object_member (input, "Item", item);
  node = slip_json_new_object (input);
  g_autoptr (GPtrArray) problems
      = slip_aws_model_check (get ("dynamodb"), find ("dynamodb", "PutItem"), node);
  g_assert_nonnull (problems);
}

static void
test_redaction (void)
{
  g_autoptr (JsonNode) input = parse ("{\"RoleArn\":\"arn\",\"RoleSessionName\":\"s\","
                                      "\"SerialNumber\":\"x\",\"ExternalId\":\"e\"}");
  g_autoptr (JsonNode) same = slip_aws_model_redact (find ("sts", "AssumeRole"), input, FALSE);
  g_assert_cmpstr (slip_json_string (json_node_get_object (same), "RoleArn"), ==, "arn");

  g_autoptr (JsonNode) secret
      = parse ("{\"Name\":\"n\",\"SecretString\":\"hunter2\",\"Tags\":[{\"Key\":\"k\"}]}");
  g_autoptr (JsonNode) hidden
      = slip_aws_model_redact (find ("secretsmanager", "CreateSecret"), secret, FALSE);
  g_autofree char *text = slip_json_to_text (hidden, FALSE);
  g_assert_null (strstr (text, "hunter2"));
  g_assert_nonnull (strstr (text, "\"Key\":\"k\""));

  g_autoptr (JsonNode) value
      = parse ("{\"ARN\":\"a\",\"SecretString\":\"hunter2\",\"X\":{\"y\":1}}");
  g_autoptr (JsonNode) gone
      = slip_aws_model_redact (find ("secretsmanager", "GetSecretValue"), value, TRUE);
  g_autofree char *gone_text = slip_json_to_text (gone, FALSE);
  g_assert_null (strstr (gone_text, "hunter2"));
  g_assert_null (strstr (gone_text, "\"y\""));
  g_assert_cmpstr (slip_json_string (json_node_get_object (value), "SecretString"), ==, "hunter2");
}

/* AWS Backup marks restore metadata as sensitive as a whole; whoever approves a restore must see them. */
static void
test_opened_members_are_shown (void)
{
  g_autoptr (JsonNode) input
      = parse ("{\"RecoveryPointArn\":\"arn\",\"Metadata\":{\"DBSubnetGroupName\":\"data\","
               "\"MasterUserPassword\":\"hunter2\"}}");
  g_autoptr (JsonNode) shown
      = slip_aws_model_redact (find ("backup", "StartRestoreJob"), input, FALSE);
  g_autofree char *text = slip_json_to_text (shown, FALSE);

  g_assert_nonnull (strstr (text, "\"DBSubnetGroupName\":\"data\""));
  g_assert_null (strstr (text, "hunter2"));
}

static void
test_bad_models_are_refused (void)
{
  static const char *const texts[] = {
      "[]",
      "{}",
      "{\"metadata\":{},\"operations\":{}}",
      "{\"metadata\":{\"protocol\":\"smoke\"},\"operations\":{}}",
      "{\"metadata\":{\"protocol\":\"json\"},\"operations\":{\"A\":1}}",
      "{\"metadata\":{\"protocol\":\"json\"},\"operations\":{\"A\":{\"input\":{\"shape\":\"No\"}}}"
      "}",
      "{\"metadata\":{\"protocol\":\"json\"},\"operations\":{\"A\":{\"input\":{\"type\":\"list\"}}}"
      "}",
      "{\"metadata\":{\"protocol\":\"json\"},\"operations\":{\"A\":{\"input\":{\"type\":\"zzz\"}}}"
      "}",
      "{\"metadata\":{\"protocol\":\"json\"},\"operations\":{\"A\":{\"input\":{\"type\":"
      "\"structure\","
      "\"payload\":\"x\",\"members\":{}}}}}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (JsonNode) node = parse (texts[i]);
      g_autoptr (GError) error = NULL;
      g_autoptr (SlipAwsModel) model = slip_aws_model_new_from_json (node, "bad", &error);
      g_assert_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_MODEL);
      g_assert_null (model);
    }
}

static gpointer
load_ec2 (gpointer data)
{
  return slip_aws_model_get ("ec2", NULL);
}

static void
test_threads_share_one (void)
{
  GThread *threads[8];
  gpointer first = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("load", load_ec2, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    {
      gpointer model = g_thread_join (threads[i]);
      g_assert_nonnull (model);
      g_assert_true (first == NULL || first == model);
      first = model;
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  /* First, so that the model is not there yet. */
  g_test_add_func ("/aws/model/threads_share_one", test_threads_share_one);
  g_test_add_func ("/aws/model/all_services_load", test_all_load);
  g_test_add_func ("/aws/model/metadata", test_metadata);
  g_test_add_func ("/aws/model/unknown_names_get_a_hint", test_unknown_names);
  g_test_add_func ("/aws/model/tables_name_only_what_exists", test_tables_name_what_exists);
  g_test_add_func ("/aws/model/effects", test_effects);
  g_test_add_func ("/aws/model/pages_waiters_codes_tokens", test_facts);
  g_test_add_func ("/aws/model/check/names_every_fault", test_check_names_every_fault);
  g_test_add_func ("/aws/model/check/types", test_check_types);
  g_test_add_func ("/aws/model/check/survives_depth", test_check_survives_depth);
  g_test_add_func ("/aws/model/redacts_secrets", test_redaction);
  g_test_add_func ("/model/redaction/shows_what_the_supplement_opens",
                   test_opened_members_are_shown);
  g_test_add_func ("/aws/model/refuses_bad_models", test_bad_models_are_refused);
  return g_test_run ();
}
