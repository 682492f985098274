/* SPDX-License-Identifier: MIT */

/* DynamoDB tables as AWS Backup sees them, with its full management: recovery points have AWS Backup's
 * ARNs and may go to other accounts. A restore makes a table with the keys, indexes and items of then.
 * Auto scaling, policy, alarms, stream, time to live, continuous backups and deletion protection are
 * not in a backup. */

#include "slip-dynamodb.h"

#include "slip-backup-source.h"
#include "slip-json.h"
#include "slip-kms-world.h"
#include "slip-scenario.h"
#include "slip-world-items.h"

static JsonArray *
find (SlipWorld *world, const char *resource_arn)
{
  const SlipWorldRecord *table = slip_dynamodb_find_arn (world, resource_arn);

  if (table == NULL || g_strcmp0 (slip_json_string (table->data, "TableArn"), resource_arn) != 0)
    return NULL;
  return json_array_ref (slip_json_array (table->data, "tags"));
}

/* `targetTableName` is the name that a restore must give. The names of the encryption's members could
 * not be checked against a live account: they are those of AWS's guide to restores, as far as it tells
 * them, and a caller should send back what GetRecoveryPointRestoreMetadata shows. */
static JsonObject *
new_metadata (JsonObject *table)
{
  JsonObject *sse = slip_json_object (table, "SSESpecification");
  JsonObject *metadata = json_object_new ();

  json_object_set_string_member (metadata, "originalTableName",
                                 slip_json_string (table, "TableName"));
  json_object_set_string_member (metadata, "encryptionType", sse != NULL ? "KMS" : "Default");
  if (sse != NULL)
    json_object_set_string_member (metadata, "kmsMasterKeyArn",
                                   slip_json_string (sse, "KMSMasterKeyId"));
  return metadata;
}

static char *
new_point_arn (const SlipBackupPlace *place)
{
  return g_strdup_printf ("arn:aws:backup:%s:%s:recovery-point:%s", place->region, place->account,
                          place->job_id);
}

static void
fill_point (SlipBackupPoint *point, JsonObject *data, const char *arn, const SlipBackupPlace *place)
{
  JsonObject *source = slip_json_object (data, "source");

  point->arn = g_strdup (arn);
  point->stored = json_object_new ();
  json_object_set_object_member (point->stored, "table",
                                 slip_dynamodb_copy (slip_json_object (data, "table")));
  json_object_set_string_member (point->stored, "source_arn",
                                 slip_json_string (source, "TableArn"));
  json_object_set_string_member (point->stored, "account", place->account);
  json_object_set_string_member (point->stored, "region", place->region);
  point->metadata = new_metadata (slip_json_object (data, "table"));
  point->key = g_strdup (place->vault_key);
  point->size = slip_json_int (data, "BackupSizeBytes", 0);
  point->seconds = DDB_BACKUP_SECONDS;
  point->source_name = g_strdup (slip_json_string (source, "TableName"));
}

static gboolean
backup (SlipWorld *world,
        const char *resource_arn,
        const SlipBackupPlace *place,
        SlipBackupPoint *point,
        GError **error)
{
  const SlipWorldRecord *table = slip_dynamodb_find_arn (world, resource_arn);
  g_autofree char *arn = new_point_arn (place);
  JsonObject *data;

  if (table == NULL || !g_str_equal (slip_json_string (table->data, "TableStatus"), "ACTIVE"))
    {
      slip_service_error (error, 400, "TableInUseException", "Table is not in ACTIVE state: %s",
                          resource_arn);
      return FALSE;
    }
  data = slip_dynamodb_new_backup (world, table, arn, place->job_id, "AWS_BACKUP");
  slip_world_items_copy (world, slip_dynamodb_collection (table), arn);
  fill_point (point, data, arn, place);
  slip_world_put (world, place->account, place->region, DDB_BACKUP, arn, data);
  slip_world_schedule (world, DDB_BACKUP_SECONDS, "dynamodb.backup-created", place->account,
                       place->region, DDB_BACKUP, arn, NULL);
  return TRUE;
}

static const SlipWorldRecord *
find_stored (SlipWorld *world, const char *arn, JsonObject *stored)
{
  return slip_world_get (world, slip_json_string (stored, "account"),
                         slip_json_string (stored, "region"), DDB_BACKUP, arn);
}

static gboolean
copy (SlipWorld *world,
      const char *arn,
      JsonObject *stored,
      const SlipBackupPlace *place,
      SlipBackupPoint *point,
      GError **error)
{
  const SlipWorldRecord *from = find_stored (world, arn, stored);
  g_autofree char *to = new_point_arn (place);
  JsonObject *data;

  if (from == NULL || !g_str_equal (slip_json_string (from->data, "BackupStatus"), "AVAILABLE"))
    {
      slip_service_error (error, 400, "BackupNotFoundException", "Backup not found: %s", arn);
      return FALSE;
    }
  data = slip_dynamodb_copy (from->data);
  json_object_set_string_member (data, "BackupArn", to);
  json_object_set_string_member (data, "BackupName", place->job_id);
  json_object_set_string_member (data, "BackupStatus", "CREATING");
  slip_world_items_copy (world, arn, to);
  /* The backup service has put a copy of the metadata there. */
  g_clear_pointer (&point->metadata, json_object_unref);
  fill_point (point, data, to, place);
  slip_world_put (world, place->account, place->region, DDB_BACKUP, to, data);
  slip_world_schedule (world, DDB_BACKUP_SECONDS, "dynamodb.backup-created", place->account,
                       place->region, DDB_BACKUP, to, NULL);
  return TRUE;
}

/* SSESpecificationOverride of a restore: without a word of encryption the key is the one that AWS
 * owns. */
static JsonObject *
new_overrides (JsonObject *metadata)
{
  JsonObject *overrides = json_object_new ();
  JsonObject *sse = json_object_new ();
  const char *key = slip_json_string (metadata, "kmsMasterKeyArn");
  gboolean custom = g_strcmp0 (slip_json_string (metadata, "encryptionType"), "KMS") == 0
                    || (key != NULL && !json_object_has_member (metadata, "encryptionType"));

  json_object_set_boolean_member (sse, "Enabled", custom);
  if (custom)
    json_object_set_string_member (sse, "SSEType", "KMS");
  if (custom && key != NULL)
    json_object_set_string_member (sse, "KMSMasterKeyId", key);
  json_object_set_object_member (overrides, "SSESpecificationOverride", sse);
  return overrides;
}

static char *
restore (SlipServiceContext *ctx,
         const char *arn,
         JsonObject *stored,
         JsonObject *metadata,
         JsonArray *tags,
         double *seconds,
         GError **error)
{
  const char *name = slip_json_string (metadata, "targetTableName");
  g_autoptr (JsonObject) overrides = new_overrides (metadata);
  const SlipWorldRecord *table;
  g_autofree char *table_arn = NULL;
  JsonObject *data;

  if (name == NULL)
    return slip_service_error (error, 400, "InvalidParameterValueException",
                               "Invalid restore metadata. The member targetTableName is missing");
  table = slip_dynamodb_begin_restore (ctx, name, slip_json_object (stored, "table"),
                                       slip_json_string (stored, "source_arn"), arn, overrides,
                                       error);
  if (table == NULL)
    return NULL;
  table_arn = g_strdup (slip_json_string (table->data, "TableArn"));
  slip_world_items_copy (ctx->world, arn, slip_dynamodb_collection (table));
  data = slip_dynamodb_edit (ctx->world, table);
  json_object_set_array_member (data, "tags", slip_tags_merge (NULL, tags, "Key"));
  slip_dynamodb_put (ctx->world, table, data);
  *seconds = DDB_RESTORE_SECONDS;
  return g_steal_pointer (&table_arn);
}

static void
remove_backup (SlipWorld *world, const char *arn, JsonObject *stored)
{
  slip_world_items_clear (world, arn);
  slip_world_remove (world, slip_json_string (stored, "account"),
                     slip_json_string (stored, "region"), DDB_BACKUP, arn);
}

/* A recovery point of a scenario holds the items that were there that many hours ago. */
static gboolean
seed (const SlipSeed *seed,
      const char *resource_arn,
      gint64 hours_ago,
      const SlipBackupPlace *place,
      JsonObject *item,
      const char *path,
      SlipBackupPoint *point,
      GError **error)
{
  const SlipWorldRecord *table = slip_dynamodb_find_arn (seed->world, resource_arn);
  gint64 moment = slip_world_now (seed->world) - hours_ago * G_TIME_SPAN_HOUR;
  g_autofree char *arn = new_point_arn (place);
  g_autofree char *time = slip_time_format (moment);
  gint64 bytes = 0;
  gint64 count;
  JsonObject *data;

  if (table == NULL)
    return slip_scenario_error (error, path, "there is no table %s", resource_arn);
  data = slip_dynamodb_new_backup (seed->world, table, arn, place->job_id, "AWS_BACKUP");
  slip_world_items_rewind (seed->world, slip_dynamodb_collection (table), arn, moment);
  count = slip_world_items_count (seed->world, arn, &bytes);
  json_object_set_string_member (data, "BackupStatus", "AVAILABLE");
  json_object_set_string_member (data, "BackupCreationDateTime", time);
  json_object_set_int_member (data, "BackupSizeBytes", bytes);
  json_object_set_int_member (slip_json_object (data, "source"), "ItemCount", count);
  fill_point (point, data, arn, place);
  slip_world_put (seed->world, place->account, place->region, DDB_BACKUP, arn, data);
  return TRUE;
}

extern const SlipBackupSource slip_dynamodb_backup_source;

const SlipBackupSource slip_dynamodb_backup_source = {
    .resource_type = "DynamoDB",
    .find = find,
    .backup = backup,
    .copy = copy,
    .restore = restore,
    .remove = remove_backup,
    .seed = seed,
};
