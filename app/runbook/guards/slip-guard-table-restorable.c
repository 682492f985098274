/* SPDX-License-Identifier: MIT */
/* Whether a DynamoDB table could be had back after it was deleted: AWS Backup has a complete recovery
 * point of it that is not about to expire. Its age is what would be lost. */

#include "slip-guards.h"
#include "slip-json.h"
#include "slip-runbook-error.h"

static const char *const inputs[] = {"table", "keepDays?", NULL};

/* Nobody should find out in so few days that it was the wrong table. */
#define KEEP_DAYS 7

/* More pages than any table has; a service that never ends is not believed. */
#define MAX_PAGES 100

static JsonArray *
list_points (SlipGuardContext *context, const char *arn, GError **error)
{
  JsonArray *all = json_array_new ();
  g_autofree char *token = NULL;
  guint pages = 0;

  do
    {
      g_autoptr (JsonObject) input = json_object_new ();
      g_autoptr (JsonNode) output = NULL;
      JsonArray *page;

      json_object_set_string_member (input, "ResourceArn", arn);
      if (token != NULL)
        json_object_set_string_member (input, "NextToken", token);
      output = slip_guard_call (context, "backup", "ListRecoveryPointsByResource", input, error);
      if (output != NULL && ++pages > MAX_PAGES)
        g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PLAN,
                     "AWS Backup lists recovery points without an end");
      if (output == NULL || pages > MAX_PAGES)
        {
          json_array_unref (all);
          return NULL;
        }
      page = slip_json_array (slip_json_node_object (output), "RecoveryPoints");
      for (guint i = 0; page != NULL && i < json_array_get_length (page); i++)
        json_array_add_element (all, slip_json_copy (json_array_get_element (page, i)));
      g_free (token);
      token = g_strdup (slip_json_string (slip_json_node_object (output), "NextToken"));
    }
  while (token != NULL);
  return all;
}

static JsonObject *
find_newest (JsonArray *points)
{
  JsonObject *newest = NULL;

  for (guint i = 0; i < json_array_get_length (points); i++)
    {
      JsonObject *point = json_array_get_object_element (points, i);
      const char *status = slip_json_string (point, "Status");

      if (g_strcmp0 (status, "COMPLETED") != 0 && g_strcmp0 (status, "AVAILABLE") != 0)
        continue;
      if (newest == NULL
          || g_strcmp0 (slip_json_string (point, "CreationDate"),
                        slip_json_string (newest, "CreationDate"))
                 > 0)
        newest = point;
    }
  return newest;
}

/* The list tells neither kind of end; the point itself does: @expiry is %NULL when it is kept for good. */
static gboolean
find_expiry (SlipGuardContext *context, JsonObject *point, char **expiry, GError **error)
{
  g_autoptr (JsonObject) input = json_object_new ();
  g_autoptr (JsonNode) output = NULL;
  JsonObject *lifecycle;

  json_object_set_string_member (input, "BackupVaultName",
                                 slip_json_string (point, "BackupVaultName"));
  json_object_set_string_member (input, "RecoveryPointArn",
                                 slip_json_string (point, "RecoveryPointArn"));
  output = slip_guard_call (context, "backup", "DescribeRecoveryPoint", input, error);
  lifecycle = output != NULL
                  ? slip_json_object (slip_json_node_object (output), "CalculatedLifecycle")
                  : NULL;
  *expiry = lifecycle != NULL ? g_strdup (slip_json_string (lifecycle, "DeleteAt")) : NULL;
  return output != NULL;
}

static SlipGuardState
judge (SlipGuardContext *context, const char *table, JsonObject *point, char **message)
{
  gint64 keep = slip_json_int (context->inputs, "keepDays", KEEP_DAYS);
  g_autofree char *expires = NULL;
  g_autofree char *age = slip_guard_age (context, slip_json_string (point, "CreationDate"));
  g_autoptr (GError) error = NULL;
  gint64 until;

  if (!find_expiry (context, point, &expires, &error))
    return slip_guard_unprovable (message, "until when the recovery point is kept", error);
  if (expires != NULL && !slip_time_parse (expires, &until))
    {
      *message = g_strdup_printf (
          "until when the recovery point of %s is kept could not be told: %s is no "
          "time",
          table, expires);
      return SLIP_GUARD_UNPROVABLE;
    }
  if (expires != NULL && slip_time_parse (expires, &until)
      && until < slip_clock_now (context->clock) + keep * G_TIME_SPAN_DAY)
    {
      *message = g_strdup_printf ("the newest recovery point of %s expires at %s, in less than "
                                  "%d days. Back the table up once more first",
                                  table, expires, (int)keep);
      return SLIP_GUARD_BLOCK;
    }
  *message = g_strdup_printf ("%s is kept by a recovery point in vault %s (%s)%s%s", table,
                              slip_json_string (point, "BackupVaultName"), age,
                              expires != NULL ? " until " : "", expires != NULL ? expires : "");
  return SLIP_GUARD_PASS;
}

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  const char *table = slip_guard_input (context, "table");
  g_autoptr (JsonObject) own = slip_caller_dup_environment (context->caller, context->environment);
  g_autofree char *arn
      = g_strdup_printf ("arn:aws:dynamodb:%s:%s:table/%s", context->region,
                         slip_json_string (own, "account"), table != NULL ? table : "");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonArray) points = list_points (context, arn, &error);
  JsonObject *newest;

  if (points == NULL)
    return slip_guard_unprovable (message, "whether the table is backed up", error);
  newest = find_newest (points);
  if (newest == NULL)
    {
      *message
          = g_strdup_printf ("no complete recovery point of %s is in AWS Backup: nothing would "
                             "bring it back. Back it up first",
                             table);
      return SLIP_GUARD_BLOCK;
    }
  return judge (context, table, newest, message);
}

const SlipGuard slip_guard_table_restorable = {
    .id = "table-restorable",
    .title = "Table can be restored",
    .inputs = inputs,
    .evaluate = evaluate,
};
