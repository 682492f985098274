/* SPDX-License-Identifier: MIT */

/* On-demand backups: a table's description and items as they were. A backup outlives its table. */

#include "slip-dynamodb.h"

#include "slip-json.h"
#include "slip-world-items.h"

#define PAGE_SIZE 100

static void
copy_member (JsonObject *from, JsonObject *to, const char *name)
{
  JsonNode *node = json_object_get_member (from, name);

  if (node != NULL)
    json_object_set_member (to, name, slip_json_copy (node));
}

/* BackupDetails' members are the record's own; `source` and `features` are the other two parts of
 * BackupDescription, `table` is what a restore makes a table from. */
JsonObject *
slip_dynamodb_new_backup (SlipWorld *world,
                          const SlipWorldRecord *table,
                          const char *arn,
                          const char *name,
                          const char *type)
{
  static const char *const details[] = {"TableName", "TableId", "TableArn", "KeySchema"};
  JsonObject *data = json_object_new ();
  JsonObject *source = json_object_new ();
  JsonObject *input = slip_dynamodb_to_input (table->data);
  g_autofree char *now = slip_world_dup_now (world);
  gint64 bytes = 0;
  gint64 count = slip_world_items_count (world, slip_dynamodb_collection (table), &bytes);

  json_object_set_string_member (data, "BackupArn", arn);
  json_object_set_string_member (data, "BackupName", name);
  json_object_set_int_member (data, "BackupSizeBytes", bytes);
  json_object_set_string_member (data, "BackupStatus", "CREATING");
  json_object_set_string_member (data, "BackupType", type);
  json_object_set_string_member (data, "BackupCreationDateTime", now);
  for (guint i = 0; i < G_N_ELEMENTS (details); i++)
    copy_member (table->data, source, details[i]);
  json_object_set_int_member (source, "TableSizeBytes", bytes);
  json_object_set_string_member (source, "TableCreationDateTime",
                                 slip_json_string (table->data, "CreationDateTime"));
  if (json_object_has_member (input, "ProvisionedThroughput"))
    copy_member (input, source, "ProvisionedThroughput");
  else
    {
      JsonObject *none = json_object_new ();

      json_object_set_int_member (none, "ReadCapacityUnits", 0);
      json_object_set_int_member (none, "WriteCapacityUnits", 0);
      json_object_set_object_member (source, "ProvisionedThroughput", none);
    }
  json_object_set_int_member (source, "ItemCount", count);
  copy_member (input, source, "BillingMode");
  json_object_set_object_member (data, "source", source);
  json_object_set_object_member (data, "table", input);
  return data;
}

static JsonObject *
show_features (JsonObject *data)
{
  JsonObject *features = json_object_new ();
  JsonObject *table = slip_json_object (data, "table");

  copy_member (table, features, "LocalSecondaryIndexes");
  copy_member (table, features, "GlobalSecondaryIndexes");
  copy_member (data, features, "StreamDescription");
  copy_member (data, features, "TimeToLiveDescription");
  copy_member (data, features, "SSEDescription");
  return features;
}

static JsonObject *
show_details (JsonObject *data)
{
  static const char *const members[] = {"BackupArn",    "BackupName", "BackupSizeBytes",
                                        "BackupStatus", "BackupType", "BackupCreationDateTime"};
  JsonObject *details = json_object_new ();

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    copy_member (data, details, members[i]);
  return details;
}

static JsonNode *
show_backup (JsonObject *data)
{
  JsonObject *output = json_object_new ();
  JsonObject *description = json_object_new ();

  json_object_set_object_member (description, "BackupDetails", show_details (data));
  json_object_set_object_member (description, "SourceTableDetails",
                                 slip_dynamodb_copy (slip_json_object (data, "source")));
  json_object_set_object_member (description, "SourceTableFeatureDetails", show_features (data));
  json_object_set_object_member (output, "BackupDescription", description);
  return slip_json_new_object (output);
}

/* Made in their order: the id begins with the time, as AWS's does. */
static char *
new_arn (SlipServiceContext *ctx, const SlipWorldRecord *table)
{
  g_autofree char *tail = slip_random_id (NULL, 8, SLIP_ALPHABET_HEX);

  return g_strdup_printf ("%s/backup/%014" G_GINT64_FORMAT "-%s",
                          slip_json_string (table->data, "TableArn"),
                          slip_world_now (ctx->world) / 1000, tail);
}

static void
keep_features (JsonObject *data, JsonObject *table)
{
  JsonObject *ttl = slip_json_object (table, "ttl");

  if (json_object_has_member (table, "StreamSpecification"))
    json_object_set_member (data, "StreamDescription",
                            slip_json_copy (json_object_get_member (table, "StreamSpecification")));
  if (ttl != NULL)
    json_object_set_object_member (data, "TimeToLiveDescription", slip_dynamodb_copy (ttl));
  copy_member (table, data, "SSEDescription");
}

JsonNode *
slip_dynamodb_create_backup (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  g_autoptr (GError) problem = NULL;
  const char *named = slip_json_string (input, "TableName");
  const char *name = slip_json_string (input, "BackupName");
  const SlipWorldRecord *table = slip_dynamodb_need (ctx, named, &problem);
  g_autofree char *arn = NULL;
  JsonObject *data, *output;

  if (table == NULL)
    return slip_service_error (error, 400, "TableNotFoundException", "Table not found: %s", named);
  if (!g_str_equal (slip_json_string (table->data, "TableStatus"), "ACTIVE"))
    return slip_service_error (error, 400, "TableInUseException",
                               "Table is not in ACTIVE state: %s", table->id);
  if (!slip_dynamodb_check_name (name, error))
    return NULL;
  arn = new_arn (ctx, table);
  data = slip_dynamodb_new_backup (ctx->world, table, arn, name, "USER");
  keep_features (data, table->data);
  slip_world_items_copy (ctx->world, slip_dynamodb_collection (table), arn);
  output = json_object_new ();
  json_object_set_object_member (output, "BackupDetails", show_details (data));
  slip_world_put (ctx->world, ctx->account, ctx->region, DDB_BACKUP, arn, data);
  slip_world_schedule (ctx->world, DDB_BACKUP_SECONDS, "dynamodb.backup-created", ctx->account,
                       ctx->region, DDB_BACKUP, arn, NULL);
  return slip_json_new_object (output);
}

static const SlipWorldRecord *
need_backup (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *arn = slip_json_string (input, "BackupArn");
  const SlipWorldRecord *backup
      = slip_world_get (ctx->world, ctx->account, ctx->region, DDB_BACKUP, arn);

  if (backup == NULL)
    return slip_service_error (error, 400, "BackupNotFoundException", "Backup not found: %s", arn);
  return backup;
}

JsonNode *
slip_dynamodb_describe_backup (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *backup = need_backup (ctx, input, error);

  return backup != NULL ? show_backup (backup->data) : NULL;
}

JsonNode *
slip_dynamodb_delete_backup (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *backup = need_backup (ctx, input, error);
  JsonNode *output;
  g_autoptr (JsonObject) data = NULL;
  g_autofree char *arn = NULL;

  if (backup == NULL)
    return NULL;
  if (g_strcmp0 (slip_json_string (backup->data, "BackupType"), "AWS_BACKUP") == 0)
    return slip_service_error (error, 400, "AccessDeniedException",
                               "Backup %s is AWS Backup's: delete it in its vault", backup->id);
  if (!g_str_equal (slip_json_string (backup->data, "BackupStatus"), "AVAILABLE"))
    return slip_service_error (error, 400, "BackupInUseException", "Backup is being created: %s",
                               backup->id);
  data = slip_dynamodb_copy (backup->data);
  json_object_set_string_member (data, "BackupStatus", "DELETED");
  output = show_backup (data);
  arn = g_strdup (backup->id);
  slip_world_items_clear (ctx->world, arn);
  slip_world_remove (ctx->world, ctx->account, ctx->region, DDB_BACKUP, arn);
  return output;
}

typedef struct
{
  JsonObject *input;
  JsonArray *page;
  guint limit;
  const char *last;
  gboolean more;
} Listing;

static JsonObject *
show_summary (JsonObject *data)
{
  static const char *const members[] = {"TableName", "TableId", "TableArn"};
  JsonObject *summary = show_details (data);

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    copy_member (slip_json_object (data, "source"), summary, members[i]);
  return summary;
}

static gboolean
is_wanted (JsonObject *data, JsonObject *input)
{
  const char *table = slip_json_string (input, "TableName");
  const char *type = slip_json_string (input, "BackupType");
  const char *from = slip_json_string (input, "TimeRangeLowerBound");
  const char *to = slip_json_string (input, "TimeRangeUpperBound");
  const char *made = slip_json_string (data, "BackupCreationDateTime");
  const char *own_type = slip_json_string (data, "BackupType");

  /* Without a type AWS shows the users' own; times are all of one spelling. */
  return (table == NULL
          || g_strcmp0 (table, slip_json_string (slip_json_object (data, "source"), "TableName"))
                 == 0)
         && (g_strcmp0 (type, "ALL") == 0
             || g_strcmp0 (type != NULL ? type : "USER", own_type) == 0)
         && (from == NULL || strcmp (made, from) >= 0) && (to == NULL || strcmp (made, to) < 0);
}

static gboolean
list_one (const SlipWorldRecord *backup, gpointer data)
{
  Listing *listing = data;

  if (!is_wanted (backup->data, listing->input))
    return TRUE;
  if (json_array_get_length (listing->page) == listing->limit)
    {
      listing->more = TRUE;
      return FALSE;
    }
  json_array_add_object_element (listing->page, show_summary (backup->data));
  listing->last = backup->id;
  return TRUE;
}

JsonNode *
slip_dynamodb_list_backups (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  Listing listing = {
      .input = input,
      .page = json_array_new (),
      .limit = (guint)CLAMP (slip_json_int (input, "Limit", PAGE_SIZE), 1, PAGE_SIZE),
  };
  JsonObject *output = json_object_new ();

  slip_world_foreach (ctx->world, ctx->account, ctx->region, DDB_BACKUP,
                      slip_json_string (input, "ExclusiveStartBackupArn"), list_one, &listing);
  json_object_set_array_member (output, "BackupSummaries", listing.page);
  if (listing.more)
    json_object_set_string_member (output, "LastEvaluatedBackupArn", listing.last);
  return slip_json_new_object (output);
}
