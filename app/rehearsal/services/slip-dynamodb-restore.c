/* SPDX-License-Identifier: MIT */

/* Restores make a new table with the source's keys, indexes, capacity and items. What they do not
 * bring back, as AWS has it: streams, time to live, continuous backups, tags, policies, deletion
 * protection, auto scaling and alarms. */

#include "slip-dynamodb.h"

#include "slip-json.h"
#include "slip-world-items.h"

#define MAX_RESTORES 50
#define PITR_DAYS 35

typedef struct
{
  guint restoring;
} Restoring;

static gboolean
count_restoring (const SlipWorldRecord *table, gpointer data)
{
  JsonObject *summary = slip_json_object (table->data, "RestoreSummary");

  if (summary != NULL && slip_json_bool (summary, "RestoreInProgress", FALSE))
    ((Restoring *)data)->restoring++;
  return TRUE;
}

static gboolean
check_target (SlipServiceContext *ctx, const char *name, GError **error)
{
  Restoring restoring = {0};
  gint64 most = slip_world_get_quota (ctx->world, ctx->account, ctx->region, "dynamodb.restores",
                                      MAX_RESTORES);

  if (!slip_dynamodb_check_name (name, error))
    return FALSE;
  if (slip_world_get (ctx->world, ctx->account, ctx->region, DDB_TABLE, name) != NULL)
    {
      slip_service_error (error, 400, "TableAlreadyExistsException", "Table already exists: %s",
                          name);
      return FALSE;
    }
  slip_world_foreach (ctx->world, ctx->account, ctx->region, DDB_TABLE, NULL, count_restoring,
                      &restoring);
  if (restoring.restoring < most)
    return TRUE;
  slip_service_error (error, 400, "LimitExceededException",
                      "Subscriber limit exceeded: only %" G_GINT64_FORMAT
                      " restores may run at the same time",
                      most);
  return FALSE;
}

/* Indexes may be left out of a restore, but none may be new or other than it was. */
static gboolean
override_indexes (JsonObject *table, JsonObject *overrides, const char *member, GError **error)
{
  g_autofree char *name = g_strdup_printf ("%.*sOverride", (int)strlen (member) - 2,
                                           member); /* …Index, not …Indexes */
  JsonArray *wanted = overrides != NULL ? slip_json_array (overrides, name) : NULL;
  JsonArray *left;

  if (wanted == NULL)
    return TRUE;
  left = json_array_new ();
  for (guint i = 0; i < json_array_get_length (wanted); i++)
    {
      JsonObject *one = json_array_get_object_element (wanted, i);
      JsonObject *have
          = slip_dynamodb_find_index (table, slip_json_string (one, "IndexName"), NULL);

      if (have == NULL
          || !slip_json_equal (json_object_get_member (have, "KeySchema"),
                               json_object_get_member (one, "KeySchema")))
        {
          json_array_unref (left);
          slip_dynamodb_invalid (
              error,
              "One or more parameter values were invalid: the backup has no index "
              "%s with these keys",
              slip_json_string (one, "IndexName"));
          return FALSE;
        }
      json_array_add_object_element (left, json_object_ref (one));
    }
  json_object_set_array_member (table, member, left);
  return TRUE;
}

static void
override_member (JsonObject *table, JsonObject *overrides, const char *from, const char *to)
{
  JsonNode *node = overrides != NULL ? json_object_get_member (overrides, from) : NULL;

  if (node != NULL)
    json_object_set_member (table, to, slip_json_copy (node));
}

/* On demand there is no throughput, neither of the table nor of its indexes. */
static void
fit_billing (JsonObject *table)
{
  JsonArray *list = slip_json_array (table, "GlobalSecondaryIndexes");

  if (g_strcmp0 (slip_json_string (table, "BillingMode"), "PAY_PER_REQUEST") != 0)
    return;
  json_object_remove_member (table, "ProvisionedThroughput");
  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    json_object_remove_member (json_array_get_object_element (list, i), "ProvisionedThroughput");
}

static JsonObject *
new_input (const char *name, JsonObject *stored, JsonObject *overrides, GError **error)
{
  g_autoptr (JsonObject) input = slip_dynamodb_copy (stored);

  json_object_set_string_member (input, "TableName", name);
  if (!override_indexes (input, overrides, "GlobalSecondaryIndexes", error)
      || !override_indexes (input, overrides, "LocalSecondaryIndexes", error))
    return NULL;
  override_member (input, overrides, "BillingModeOverride", "BillingMode");
  override_member (input, overrides, "ProvisionedThroughputOverride", "ProvisionedThroughput");
  override_member (input, overrides, "OnDemandThroughputOverride", "OnDemandThroughput");
  override_member (input, overrides, "SSESpecificationOverride", "SSESpecification");
  fit_billing (input);
  slip_dynamodb_prune_definitions (input);
  /* AWS: a restored table is always of the standard class. */
  json_object_remove_member (input, "TableClass");
  return g_steal_pointer (&input);
}

static void
set_summary (SlipWorld *world, JsonObject *table, const char *source_arn, const char *backup_arn)
{
  JsonObject *summary = json_object_new ();
  g_autofree char *now = slip_world_dup_now (world);

  if (backup_arn != NULL)
    json_object_set_string_member (summary, "SourceBackupArn", backup_arn);
  json_object_set_string_member (summary, "SourceTableArn", source_arn);
  json_object_set_string_member (summary, "RestoreDateTime", now);
  json_object_set_boolean_member (summary, "RestoreInProgress", TRUE);
  json_object_set_object_member (table, "RestoreSummary", summary);
}

const SlipWorldRecord *
slip_dynamodb_begin_restore (SlipServiceContext *ctx,
                             const char *name,
                             JsonObject *stored,
                             const char *source_arn,
                             const char *backup_arn,
                             JsonObject *overrides,
                             GError **error)
{
  g_autoptr (JsonObject) input = NULL;
  JsonObject *table;

  if (!check_target (ctx, name, error))
    return NULL;
  input = new_input (name, stored, overrides, error);
  table = input != NULL
              ? slip_dynamodb_new_table (ctx->world, ctx->account, ctx->region, input, error)
              : NULL;
  if (table == NULL)
    return NULL;
  set_summary (ctx->world, table, source_arn, backup_arn);
  slip_world_put (ctx->world, ctx->account, ctx->region, DDB_TABLE, name, table);
  /* The count that AWS shows is none until it counts the next time. */
  slip_dynamodb_keep_count (ctx->world, ctx->account, ctx->region, name);
  slip_dynamodb_schedule (ctx->world, DDB_RESTORE_SECONDS, "dynamodb.table-restored", ctx->account,
                          ctx->region, name);
  return slip_world_get (ctx->world, ctx->account, ctx->region, DDB_TABLE, name);
}

static JsonNode *
show (SlipServiceContext *ctx, const SlipWorldRecord *table)
{
  JsonObject *output = json_object_new ();

  json_object_set_object_member (output, "TableDescription",
                                 slip_dynamodb_show (ctx->world, table));
  return slip_json_new_object (output);
}

JsonNode *
slip_dynamodb_restore_backup (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *arn = slip_json_string (input, "BackupArn");
  const SlipWorldRecord *backup
      = slip_world_get (ctx->world, ctx->account, ctx->region, DDB_BACKUP, arn);
  const SlipWorldRecord *table;

  if (backup == NULL)
    return slip_service_error (error, 400, "BackupNotFoundException", "Backup not found: %s", arn);
  if (!g_str_equal (slip_json_string (backup->data, "BackupStatus"), "AVAILABLE"))
    return slip_service_error (error, 400, "BackupInUseException",
                               "Backup is not in AVAILABLE state: %s", arn);
  table = slip_dynamodb_begin_restore (
      ctx, slip_json_string (input, "TargetTableName"), slip_json_object (backup->data, "table"),
      slip_json_string (slip_json_object (backup->data, "source"), "TableArn"), arn, input, error);
  if (table == NULL)
    return NULL;
  slip_world_items_copy (ctx->world, arn, slip_dynamodb_collection (table));
  return show (ctx, table);
}

static gboolean
find_moment (SlipServiceContext *ctx,
             const SlipWorldRecord *table,
             JsonObject *input,
             gint64 *moment,
             GError **error)
{
  const char *text = slip_json_string (input, "RestoreDateTime");
  g_autoptr (GDateTime) time = text != NULL ? g_date_time_new_from_iso8601 (text, NULL) : NULL;
  gint64 now = slip_world_now (ctx->world);
  gint64 since = slip_json_int (table->data, "pitr", 0);

  *moment = now;
  if (text == NULL && !slip_json_bool (input, "UseLatestRestorableTime", FALSE))
    {
      slip_dynamodb_invalid (error,
                             "Either RestoreDateTime or UseLatestRestorableTime is required");
      return FALSE;
    }
  if (text == NULL)
    return TRUE;
  *moment = time != NULL ? g_date_time_to_unix (time) * G_TIME_SPAN_SECOND
                               + g_date_time_get_microsecond (time)
                         : -1;
  /* Times on the wire are whole seconds often: the one in which it was enabled counts. */
  if (*moment + G_TIME_SPAN_SECOND > since && *moment <= now
      && *moment > now - PITR_DAYS * G_TIME_SPAN_DAY)
    return TRUE;
  slip_service_error (error, 400, "InvalidRestoreTimeException",
                      "An invalid restore time was specified: %s is not between "
                      "EarliestRestorableDateTime and LatestRestorableDateTime",
                      text);
  return FALSE;
}

static const SlipWorldRecord *
need_source (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *named = slip_json_string (input, "SourceTableArn");
  g_autoptr (GError) problem = NULL;
  const SlipWorldRecord *table;

  if (named == NULL)
    named = slip_json_string (input, "SourceTableName");
  if (named == NULL)
    return slip_dynamodb_invalid (error, "SourceTableName or SourceTableArn is required");
  table = slip_dynamodb_need (ctx, named, &problem);
  if (table == NULL)
    return slip_service_error (error, 400, "TableNotFoundException", "Table not found: %s", named);
  if (slip_dynamodb_has_pitr (table))
    return table;
  return slip_service_error (error, 400, "PointInTimeRecoveryUnavailableException",
                             "Point in time recovery is not enabled for table '%s'", table->id);
}

JsonNode *
slip_dynamodb_restore_time (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *source = need_source (ctx, input, error);
  const SlipWorldRecord *table;
  g_autoptr (JsonObject) stored = NULL;
  g_autofree char *from = NULL;
  g_autofree char *arn = NULL;
  gint64 moment;

  if (source == NULL || !find_moment (ctx, source, input, &moment, error))
    return NULL;
  stored = slip_dynamodb_to_input (source->data);
  from = g_strdup (slip_dynamodb_collection (source));
  arn = g_strdup (slip_json_string (source->data, "TableArn"));
  table = slip_dynamodb_begin_restore (ctx, slip_json_string (input, "TargetTableName"), stored,
                                       arn, NULL, input, error);
  if (table == NULL)
    return NULL;
  slip_world_items_rewind (ctx->world, from, slip_dynamodb_collection (table), moment);
  return show (ctx, table);
}
