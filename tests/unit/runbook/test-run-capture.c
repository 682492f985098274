/* SPDX-License-Identifier: MIT */
/* Claims of slipway:capture: its tables fit the API models; what a restore loses is put back call by
 * call, and compared. */

#include "run-fixture.h"

#include "actions/slip-capture-table.h"
#include "slip-planner-private.h"

#include <string.h>

#define OLD "production-Lpas"
#define NEW "production-Lpas-20261121"
#define ARN(name) "arn:aws:dynamodb:eu-west-1:111111111111:table/" name

/* ---- the tables */

/* Expressions become references, which the check takes for anything. */
static JsonNode *
as_template (JsonNode *node)
{
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    return slip_json_new_string (*json_node_get_string (node) == '{' ? "{{ Any.Value }}"
                                                                     : json_node_get_string (node));
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObject *object = json_object_new ();
      g_autoptr (GList) names = json_object_get_members (json_node_get_object (node));

      for (GList *l = names; l != NULL; l = l->next)
        if (!g_str_equal (l->data, "..."))
          json_object_set_member (
              object, l->data,
              as_template (json_object_get_member (json_node_get_object (node), l->data)));
      return slip_json_new_object (object);
    }
  return slip_json_copy (node);
}

static void
assert_call (JsonObject *call, gboolean reads)
{
  const char *service = slip_json_string (call, "service");
  const char *operation = slip_json_string (call, "operation");
  g_autoptr (GError) error = NULL;
  const SlipAwsOperation *op = slip_aws_model_lookup_operation (service, operation, NULL, &error);
  g_autoptr (JsonNode) input = as_template (json_object_get_member (call, "input"));
  g_autofree char *problem = NULL;

  g_assert_no_error (error);
  g_assert_cmpint (op->effect == SLIP_AWS_EFFECT_READ, ==, reads);
  /* What is spread in is known only with an element. */
  if (json_object_has_member (slip_json_object (call, "input"), "..."))
    return;
  problem = slip_check_partial_request (service, operation, json_node_get_object (input));
  g_assert_cmpstr (problem, ==, NULL);
}

/* A read that is left out must be no other read's, nor the one that a call puts something back by. */
static void
assert_read (JsonObject *table, JsonObject *read, guint n)
{
  JsonObject *thing = json_array_get_object_element (slip_json_array (table, "reads"), 0);
  g_autoptr (GHashTable) applied = slip_capture_list_applied (table, NULL);
  g_autofree char *first = g_strdup_printf ("{%s.", slip_json_string (thing, "name"));
  g_autofree char *input = slip_json_to_text (json_object_get_member (read, "input"), FALSE);
  g_auto (GStrv) references = NULL;

  assert_call (read, TRUE);
  g_assert_false (slip_json_bool (read, "optional", FALSE)
                  && slip_capture_needs_read (table, n, applied));
  references = g_strsplit (input + 1, "{", -1);
  for (guint i = 1; references[i] != NULL; i++)
    g_assert_true (g_str_has_prefix (references[i], "target}")
                   || g_str_has_prefix (references[i], first + 1));
}

static void
tables_fit_the_models (void)
{
  static const char *const calls[] = {"apply", "add", "remove"};
  guint checked = 0;

  for (const char *const *kind = slip_capture_list_kinds (); *kind != NULL; kind++)
    {
      JsonObject *table = slip_capture_table_find (*kind);
      JsonArray *reads = slip_json_array (table, "reads");
      JsonArray *fields = slip_json_array (table, "fields");

      for (guint i = 0; i < json_array_get_length (reads); i++)
        assert_read (table, json_array_get_object_element (reads, i), i);
      if (json_object_has_member (table, "ready"))
        assert_call (slip_json_object (table, "ready"), TRUE);
      for (guint i = 0; i < json_array_get_length (fields); i++)
        for (guint j = 0; j < G_N_ELEMENTS (calls); j++)
          {
            JsonObject *field = json_array_get_object_element (fields, i);
            JsonObject *call = slip_json_object (field, calls[j]);

            g_test_message ("%s %s %s", *kind, slip_json_string (field, "field"), calls[j]);
            if (call != NULL)
              assert_call (call, FALSE);
            checked += call != NULL;
          }
    }
  g_assert_cmpuint (checked, >, 40);
}

/* ---- a small DynamoDB: what the restore lost, and takes back */

typedef struct
{
  gboolean restored; /* the new table, not the old one */
  gboolean deletion_protection;
  gboolean pitr;
  gboolean ttl;
  gboolean tags;
  gboolean policy;
  gboolean stream;
  gboolean scaling;
  gboolean odd_class; /* something nobody explains */
  guint ttl_late;     /* looks until a change of the time to live shows */
} Dynamo;

static JsonNode *
describe_table (Dynamo *db, const char *name)
{
  g_autofree char *text = g_strdup_printf (
      "{\"Table\":{\"TableName\":\"%s\",\"TableArn\":\"" ARN (
          "%s") "\",\"TableId\":\"%s\","
                "\"TableStatus\":\"ACTIVE\",\"KeySchema\":[{\"AttributeName\":\"PK\",\"KeyType\":"
                "\"HASH\"}],"
                "\"BillingModeSummary\":{\"BillingMode\":\"PAY_PER_REQUEST\"},%s%s"
                "\"DeletionProtectionEnabled\":%s}}",
      name, name, name,
      db->stream ? "\"StreamSpecification\":{\"StreamEnabled\":true,\"StreamViewType\":"
                   "\"NEW_AND_OLD_IMAGES\"},"
                 : "",
      db->odd_class ? "\"SSEDescription\":{\"SSEType\":\"AES256\"}," : "",
      db->deletion_protection ? "true" : "false");

  return fixture_json (text);
}

static JsonNode *
read_table (Dynamo *db, const char *operation, JsonObject *input, GError **error)
{
  const char *name = db->restored ? NEW : OLD;
  g_autofree char *policy = g_strdup_printf (
      "{\"Policy\":\"{\\\"Resource\\\":\\\"" ARN ("%s") "\\\"}\",\"RevisionId\":\"1\"}", name);

  if (g_str_equal (operation, "DescribeTable"))
    return describe_table (db, name);
  if (g_str_equal (operation, "DescribeContinuousBackups"))
    return fixture_json (db->pitr
                             ? "{\"ContinuousBackupsDescription\":{\"ContinuousBackupsStatus\":"
                               "\"ENABLED\",\"PointInTimeRecoveryDescription\":"
                               "{\"PointInTimeRecoveryStatus\":\"ENABLED\"}}}"
                             : "{\"ContinuousBackupsDescription\":{\"ContinuousBackupsStatus\":"
                               "\"ENABLED\"}}");
  if (g_str_equal (operation, "DescribeTimeToLive"))
    return fixture_json (db->ttl && (db->ttl_late == 0 || db->ttl_late-- == 0)
                             ? "{\"TimeToLiveDescription\":{\"TimeToLiveStatus\":\"ENABLED\","
                               "\"AttributeName\":\"ExpiresAt\"}}"
                             : "{\"TimeToLiveDescription\":{\"TimeToLiveStatus\":\"DISABLED\"}}");
  if (g_str_equal (operation, "ListTagsOfResource"))
    return fixture_json (
        db->tags ? "{\"Tags\":[{\"Key\":\"owner\",\"Value\":\"lpa\"},{\"Key\":\"aws:x\","
                   "\"Value\":\"y\"}]}"
                 : "{\"Tags\":[]}");
  if (g_str_equal (operation, "GetResourcePolicy") && db->policy)
    return fixture_json (policy);
  if (g_str_equal (operation, "GetResourcePolicy"))
    {
      slip_aws_error_set_service (error, "PolicyNotFoundException", 400, "no policy");
      return NULL;
    }
  if (g_str_equal (operation, "DescribeScalableTargets") && db->scaling)
    return fixture_json (
        "{\"ScalableTargets\":[{\"ServiceNamespace\":\"dynamodb\",\"ScalableDimension\":"
        "\"dynamodb:table:ReadCapacityUnits\",\"MinCapacity\":5,\"MaxCapacity\":50,"
        "\"CreationTime\":1}]}");
  return fixture_json ("{}");
}

static JsonNode *
change_table (Dynamo *db, const char *operation, JsonObject *input)
{
  static const struct
  {
    const char *operation;
    gsize offset;
  } others[] = {{"UpdateContinuousBackups", G_STRUCT_OFFSET (Dynamo, pitr)},
                {"UpdateTimeToLive", G_STRUCT_OFFSET (Dynamo, ttl)},
                {"TagResource", G_STRUCT_OFFSET (Dynamo, tags)},
                {"RegisterScalableTarget", G_STRUCT_OFFSET (Dynamo, scaling)}};

  if (g_str_equal (operation, "UpdateTable"))
    {
      g_assert_cmpstr (slip_json_string (input, "TableName"), ==, NEW);
      db->deletion_protection
          = slip_json_bool (input, "DeletionProtectionEnabled", db->deletion_protection);
      db->stream = db->stream || json_object_has_member (input, "StreamSpecification");
    }
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    if (g_str_equal (operation, others[i].operation))
      G_STRUCT_MEMBER (gboolean, db, others[i].offset) = TRUE;
  if (g_str_equal (operation, "PutResourcePolicy"))
    {
      /* The policy names the new table, not the one that is to go. */
      g_assert_nonnull (strstr (slip_json_string (input, "Policy"), ARN (NEW)));
      db->policy = TRUE;
    }
  return fixture_json ("{}");
}

static JsonNode *
answer (gpointer data, const char *operation, JsonObject *input, GError **error)
{
  Fixture *fixture = data;

  if (g_str_has_prefix (operation, "Describe") || g_str_has_prefix (operation, "List")
      || g_str_has_prefix (operation, "Get"))
    return read_table (fixture->data, operation, input, error);
  return change_table (fixture->data, operation, input);
}

static char *
step (const char *id, const char *mode, const char *target, const char *more)
{
  g_autofree char *inputs = g_strdup_printf (
      "{\"Mode\":\"%s\",\"Kind\":\"dynamodb-table\",\"Target\":\"%s\"%s}", mode, target, more);

  return fixture_step (id, "slipway:capture", inputs, NULL);
}

#define CAPTURED ",\"Captured\":\"{{ Before.Document }}\""

/* Captures the old table; from then on the new one answers. */
static void
begin (Fixture *fixture, Dynamo *db, const char *more)
{
  g_autofree char *before = step ("Before", "capture", OLD, "");
  g_autofree char *steps = g_strconcat (
      before, ",{\"id\":\"Hold\",\"action\":\"aws:pause\",\"resume\":{\"rule\":\"R5\"}},", more,
      NULL);
  Dynamo lost = {.restored = TRUE};

  *db = (Dynamo){.deletion_protection = TRUE,
                 .pitr = TRUE,
                 .ttl = TRUE,
                 .tags = TRUE,
                 .policy = TRUE,
                 .stream = TRUE,
                 .scaling = TRUE};
  fixture->answer = answer;
  fixture->data = db;
  fixture_plan (fixture, steps);
  slip_run_fold_free (fixture_go (fixture));
  *db = lost;
  fixture_control (fixture, SLIP_RUNNER_RESUME, "Hold", NULL);
}

static void
what_a_restore_loses_is_put_back (Fixture *fixture, gconstpointer data)
{
  Dynamo db;
  g_autofree char *reapply = step ("PutBack", "reapply", NEW, CAPTURED);
  g_autofree char *diff = step ("Compare", "diff", NEW, CAPTURED);
  g_autofree char *steps = g_strjoin (",", reapply, diff, NULL);
  g_autoptr (SlipRunFold) fold = NULL;
  JsonObject *comparison;

  begin (fixture, &db, steps);
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_true (db.deletion_protection && db.pitr && db.ttl && db.tags && db.policy && db.stream
                 && db.scaling);
  /* Seven calls, each with its intent and its outcome. */
  g_assert_cmpuint (fixture->sent->len, ==, 7);
  g_assert_cmpuint (fixture_entries (fold, "step.intent", "PutBack"), ==, 7);
  comparison = slip_json_object (slip_run_fold_find (fold, "Compare")->outputs, "Comparison");
  g_assert_cmpint (slip_json_int (comparison, "unexplained", -1), ==, 0);
  /* Another table has another id; the table of fields explains that. */
  g_assert_cmpint (slip_json_int (comparison, "explained", -1), ==, 1);
  g_assert_cmpstr (slip_json_string (slip_json_object (comparison, "after"), "target"), ==, NEW);
}

/* All is put back but point-in-time recovery. */
static const Dynamo without_recovery = {.restored = TRUE,
                                        .deletion_protection = TRUE,
                                        .ttl = TRUE,
                                        .tags = TRUE,
                                        .policy = TRUE,
                                        .stream = TRUE,
                                        .scaling = TRUE};

static void
unexplained_difference_fails_and_is_named (Fixture *fixture, gconstpointer data)
{
  Dynamo db;
  g_autofree char *diff = step ("Compare", "diff", NEW, CAPTURED);
  g_autoptr (SlipRunFold) fold = NULL;

  begin (fixture, &db, diff);
  db = without_recovery;
  fold = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_nonnull (
      strstr (fixture->error->message, "PointInTimeRecovery was \"ENABLED\" and is \"DISABLED\""));
  /* The table of fields is kept all the same: it is what people look at. */
  g_assert_nonnull (slip_json_object (slip_run_fold_find (fold, "Compare")->outputs, "Comparison"));
}

/* Of a table that the plan was made for, too, whoever reads it learns which one it is. */
static void
change_since_the_plan_names_the_table (Fixture *fixture, gconstpointer data)
{
  Dynamo db = {.tags = TRUE};
  g_autofree char *before
      = fixture_step ("Before", "slipway:capture",
                      "{\"Mode\":\"capture\",\"Kind\":\"dynamodb-table\",\"Target\":\"" OLD "\"}",
                      "{\"expect\":{\"Document\":{\"target\":\"" OLD
                      "\",\"fields\":{\"DeletionProtectionEnabled\":true}}}}");
  g_autoptr (SlipRunFold) fold = NULL;

  fixture->answer = answer;
  fixture->data = &db;
  fixture_plan (fixture, before);
  fold = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_nonnull (strstr (fixture->error->message, "Document of " OLD ": "));
  g_assert_nonnull (
      strstr (fixture->error->message, "fields.DeletionProtectionEnabled was true and is false"));
}

static void
empty_text_explains_nothing (Fixture *fixture, gconstpointer data)
{
  Dynamo db;
  g_autofree char *diff
      = step ("Compare", "diff", NEW, CAPTURED ",\"Explain\":{\"PointInTimeRecovery\":\"\"}");
  g_autoptr (SlipRunFold) fold = NULL;

  begin (fixture, &db, diff);
  db = without_recovery;
  fold = fixture_go (fixture);
  g_assert_nonnull (fixture->error);
  g_assert_nonnull (strstr (fixture->error->message, "PointInTimeRecovery"));
}

static void
explained_difference_passes (Fixture *fixture, gconstpointer data)
{
  Dynamo db;
  g_autofree char *diff = step ("Compare", "diff", NEW,
                                CAPTURED ",\"Explain\":{\"PointInTimeRecovery\":\"Terraform "
                                         "turns it on\"}");
  g_autoptr (SlipRunFold) fold = NULL;

  begin (fixture, &db, diff);
  db = without_recovery;
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
}

static void
lost_answer_is_looked_at_not_sent_again (Fixture *fixture, gconstpointer data)
{
  Dynamo db;
  g_autofree char *reapply = step ("PutBack", "reapply", NEW, CAPTURED);
  g_autoptr (SlipRunFold) fold = NULL;

  begin (fixture, &db, reapply);
  fixture_fault (fixture, "TagResource", FAULT_AFTER);
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (fixture_count (fixture->effects, "TagResource"), ==, 1);
}

static void
busy_table_is_waited_for (Fixture *fixture, gconstpointer data)
{
  Dynamo db;
  g_autofree char *reapply = step ("PutBack", "reapply", NEW, CAPTURED);
  g_autoptr (SlipRunFold) fold = NULL;

  begin (fixture, &db, reapply);
  fixture_fault (fixture, "UpdateTimeToLive", FAULT_BUSY);
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_true (db.ttl);
}

/* AWS takes the call, and shows the old setting for a while. */
static void
late_effect_is_waited_for_and_not_sent_again (Fixture *fixture, gconstpointer data)
{
  Dynamo db;
  g_autofree char *reapply = step ("PutBack", "reapply", NEW, CAPTURED);
  g_autoptr (SlipRunFold) fold = NULL;

  begin (fixture, &db, reapply);
  db.ttl_late = 8;
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (db.ttl_late, ==, 0);
  g_assert_cmpuint (fixture_count (fixture->sent, "UpdateTimeToLive"), ==, 1);
}

static void
unreadable_setting_stops_the_capture (Fixture *fixture, gconstpointer data)
{
  Dynamo db = {0};
  g_autofree char *before = step ("Before", "capture", OLD, "");
  g_autoptr (SlipRunFold) fold = NULL;

  fixture->answer = answer;
  fixture->data = &db;
  fixture_plan (fixture, before);
  fixture_fault (fixture, "DescribeTimeToLive", FAULT_DENIED);
  fold = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_nonnull (strstr (fixture->error->message, "DescribeTimeToLive"));
}

/* Alarms are only compared, and CloudWatch is another service: what it does not tell bars nothing, and is
 * told. Putting back asks it nothing, or the fault would meet that step. */
static void
untold_alarms_are_named_and_bar_nothing (Fixture *fixture, gconstpointer data)
{
  Dynamo db;
  g_autofree char *reapply = step ("PutBack", "reapply", NEW, CAPTURED);
  g_autofree char *diff = step ("Compare", "diff", NEW, CAPTURED);
  g_autofree char *steps = g_strjoin (",", reapply, diff, NULL);
  g_autoptr (SlipRunFold) fold = NULL;
  g_autofree char *rows = NULL;
  JsonObject *comparison;

  begin (fixture, &db, steps);
  fixture_fault (fixture, "DescribeAlarms", FAULT_DENIED);
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (fixture->faults.length, ==, 0);
  g_assert_true (db.pitr && db.tags && db.policy);
  comparison = slip_json_object (slip_run_fold_find (fold, "Compare")->outputs, "Comparison");
  g_assert_cmpint (slip_json_int (comparison, "unexplained", -1), ==, 0);
  g_assert_cmpint (slip_json_int (comparison, "explained", -1), ==, 2);
  rows = slip_json_to_text (json_object_get_member (comparison, "fields"), FALSE);
  g_assert_nonnull (strstr (rows, "could not be compared: monitoring:DescribeAlarms"));
}

#define OTHERS_ALARM                                                                               \
  "{\"AlarmName\":\"other-cpu\",\"Threshold\":80,\"Dimensions\":[{\"Name\":"                       \
  "\"DBClusterIdentifier\",\"Value\":\"other\"}]}"

/* A cluster as RDS shows it; its own endpoints are RDS's, others are somebody's. */
static JsonNode *
describe_cluster (gpointer data, const char *operation, JsonObject *input, GError **error)
{
  Fixture *fixture = data;
  const gboolean *lost = fixture->data;

  if (g_str_equal (operation, "DescribeDBClusters"))
    return fixture_json (
        *lost ? "{\"DBClusters\":[{\"DBClusterArn\":\"arn:api\"}]}"
              : "{\"DBClusters\":[{\"DBClusterArn\":\"arn:api\",\"MasterUserSecret\":"
                "{\"SecretArn\":\"arn:rds!1\",\"KmsKeyId\":\"arn:key\"}}]}");
  if (g_str_equal (operation, "DescribeAlarms"))
    return fixture_json (
        *lost ? "{\"MetricAlarms\":[" OTHERS_ALARM "]}"
              : "{\"MetricAlarms\":[" OTHERS_ALARM
                ",{\"AlarmName\":\"api-cpu\",\"Threshold\":90,\"Dimensions\":[{\"Name\":"
                "\"DBClusterIdentifier\",\"Value\":\"api\"}]}]}");
  g_assert_cmpstr (operation, ==, "DescribeDBClusterEndpoints");
  return fixture_json (
      *lost ? "{\"DBClusterEndpoints\":[{\"EndpointType\":\"READER\"}]}"
            : "{\"DBClusterEndpoints\":[{\"EndpointType\":\"WRITER\"},{\"EndpointType\":"
              "\"CUSTOM\",\"DBClusterEndpointIdentifier\":\"reports\",\"CustomEndpointType\":"
              "\"READER\",\"StaticMembers\":[\"api-2\"]}]}");
}

static void
lost_endpoint_and_managed_password_differ (Fixture *fixture, gconstpointer data)
{
  gboolean lost = FALSE;
  g_autofree char *before
      = fixture_step ("Before", "slipway:capture",
                      "{\"Mode\":\"capture\",\"Kind\":\"rds-cluster\",\"Target\":\"api\"}", NULL);
  g_autofree char *diff = fixture_step (
      "Compare", "slipway:capture",
      "{\"Mode\":\"diff\",\"Kind\":\"rds-cluster\",\"Target\":\"api\"" CAPTURED "}", NULL);
  g_autofree char *steps = g_strconcat (
      before, ",{\"id\":\"Hold\",\"action\":\"aws:pause\",\"resume\":{\"rule\":\"R5\"}},", diff,
      NULL);
  g_autoptr (SlipRunFold) fold = NULL;

  fixture->answer = describe_cluster;
  fixture->data = &lost;
  fixture_plan (fixture, steps);
  slip_run_fold_free (fixture_go (fixture));
  lost = TRUE;
  fixture_control (fixture, SLIP_RUNNER_RESUME, "Hold", NULL);
  fold = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_nonnull (strstr (fixture->error->message, "CustomEndpoints"));
  g_assert_nonnull (strstr (fixture->error->message, "reports"));
  g_assert_nonnull (strstr (fixture->error->message, "Alarms"));
  g_assert_nonnull (strstr (fixture->error->message, "api-cpu"));
  g_assert_null (strstr (fixture->error->message, "other-cpu"));
  g_assert_nonnull (strstr (fixture->error->message, "ManagedMasterUserKmsKeyId was \"arn:key\""));
}

#define ADD(name, func)                                                                            \
  g_test_add ("/run/capture/" name, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/run/capture/tables_fit_the_models", tables_fit_the_models);
  ADD ("what_a_restore_loses_is_put_back", what_a_restore_loses_is_put_back);
  ADD ("unexplained_difference_fails_and_is_named", unexplained_difference_fails_and_is_named);
  ADD ("change_since_the_plan_names_the_table", change_since_the_plan_names_the_table);
  ADD ("empty_text_explains_nothing", empty_text_explains_nothing);
  ADD ("explained_difference_passes", explained_difference_passes);
  ADD ("lost_answer_is_looked_at_not_sent_again", lost_answer_is_looked_at_not_sent_again);
  ADD ("busy_table_is_waited_for", busy_table_is_waited_for);
  ADD ("late_effect_is_waited_for_and_not_sent_again",
       late_effect_is_waited_for_and_not_sent_again);
  ADD ("unreadable_setting_stops_the_capture", unreadable_setting_stops_the_capture);
  ADD ("untold_alarms_are_named_and_bar_nothing", untold_alarms_are_named_and_bar_nothing);
  ADD ("lost_endpoint_and_managed_password_differ", lost_endpoint_and_managed_password_differ);
  return g_test_run ();
}
