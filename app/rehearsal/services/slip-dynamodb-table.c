/* SPDX-License-Identifier: MIT */

/* Tables of DynamoDB in the world: how a request finds one, in which states it may use it, and what
 * DescribeTable shows. */

#include "slip-dynamodb.h"

#include <string.h>

#include "slip-json.h"
#include "slip-kms-world.h"
#include "slip-world-items.h"

char *
slip_dynamodb_arn (const char *account, const char *region, const char *name)
{
  return g_strdup_printf ("arn:aws:dynamodb:%s:%s:table/%s", region, account, name);
}

gboolean
slip_dynamodb_check_name (const char *name, GError **error)
{
  gsize length = name != NULL ? strlen (name) : 0;

  if (length < 3 || length > 255)
    slip_dynamodb_invalid (
        error, "TableName must be at least 3 characters long and at most 255 characters long");
  else if (!g_regex_match_simple ("^[A-Za-z0-9_.-]+$", name, 0, 0))
    slip_dynamodb_invalid (error,
                           "1 validation error detected: Value '%s' at 'tableName' failed to "
                           "satisfy constraint: Member must satisfy regular expression pattern: "
                           "[a-zA-Z0-9_.-]+",
                           name);
  else
    return TRUE;
  return FALSE;
}

/* The name in a table's ARN, or in that of its index, stream or backup. */
static char *
name_in_resource (const char *resource)
{
  g_auto (GStrv) parts = g_strsplit (resource, "/", 3);

  return g_strv_length (parts) >= 2 && g_str_equal (parts[0], "table") ? g_strdup (parts[1]) : NULL;
}

const SlipWorldRecord *
slip_dynamodb_find_arn (SlipWorld *world, const char *arn)
{
  g_autoptr (SlipArn) parts = slip_arn_parse (arn);
  g_autofree char *name = NULL;

  if (parts == NULL || !g_str_equal (parts->service, "dynamodb"))
    return NULL;
  name = name_in_resource (parts->resource);
  return name != NULL ? slip_world_get (world, parts->account, parts->region, DDB_TABLE, name)
                      : NULL;
}

/* Other accounts' tables are reached by ARN, and only where their policy names the caller. */
static gboolean
allows (SlipServiceContext *ctx, const SlipWorldRecord *table, const char *arn, GError **error)
{
  if (g_str_equal (table->account, ctx->account))
    return TRUE;
  slip_service_error (error, 400, "AccessDeniedException",
                      "User: %s is not authorized to perform: dynamodb:%s on resource: %s because "
                      "no resource-based policy allows the dynamodb:%s action",
                      ctx->principal_arn, ctx->operation->name, arn, ctx->operation->name);
  return FALSE;
}

static const SlipWorldRecord *
find (SlipServiceContext *ctx, const char *name, GError **error)
{
  const SlipWorldRecord *table;
  g_autoptr (SlipArn) arn = NULL;

  if (name != NULL && g_str_has_prefix (name, "arn:"))
    {
      arn = slip_arn_parse (name);
      if (arn == NULL || !g_str_equal (arn->service, "dynamodb"))
        return slip_dynamodb_invalid (error, "Invalid table/index ARN: %s", name);
      table = slip_dynamodb_find_arn (ctx->world, name);
      return table == NULL || allows (ctx, table, name, error) ? table : NULL;
    }
  if (!slip_dynamodb_check_name (name, error))
    return NULL;
  return slip_world_get (ctx->world, ctx->account, ctx->region, DDB_TABLE, name);
}

const SlipWorldRecord *
slip_dynamodb_need (SlipServiceContext *ctx, const char *name, GError **error)
{
  g_autoptr (GError) problem = NULL;
  const SlipWorldRecord *table = find (ctx, name, &problem);

  if (problem != NULL)
    g_propagate_error (error, g_steal_pointer (&problem));
  else if (table == NULL)
    slip_service_error (error, 400, "ResourceNotFoundException",
                        "Requested resource not found: Table: %s not found", name);
  return table;
}

/* A key that was disabled makes its tables unreadable. */
static gboolean
key_is_usable (SlipWorld *world, const SlipWorldRecord *table)
{
  JsonObject *sse = slip_json_object (table->data, "SSEDescription");
  const char *arn = sse != NULL ? slip_json_string (sse, "KMSMasterKeyArn") : NULL;
  const SlipWorldRecord *key
      = arn != NULL ? slip_kms_world_find_key (world, table->account, table->region, arn) : NULL;

  return arn == NULL || (key != NULL && slip_kms_world_is_enabled (key));
}

const SlipWorldRecord *
slip_dynamodb_need_open (SlipServiceContext *ctx, const char *name, GError **error)
{
  g_autoptr (GError) problem = NULL;
  const SlipWorldRecord *table = find (ctx, name, &problem);
  const char *status = table != NULL ? slip_json_string (table->data, "TableStatus") : NULL;

  if (problem != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return NULL;
    }
  if (table == NULL || g_str_equal (status, "CREATING") || g_str_equal (status, "DELETING"))
    return slip_service_error (error, 400, "ResourceNotFoundException",
                               "Requested resource not found");
  if (!key_is_usable (ctx->world, table))
    return slip_service_error (error, 400, "AccessDeniedException",
                               "KMS key access denied error: the key of table %s cannot be used",
                               table->id);
  return table;
}

const SlipWorldRecord *
slip_dynamodb_need_idle (SlipServiceContext *ctx, const char *name, GError **error)
{
  const SlipWorldRecord *table = slip_dynamodb_need (ctx, name, error);
  const char *status = table != NULL ? slip_json_string (table->data, "TableStatus") : NULL;

  if (table == NULL || g_str_equal (status, "ACTIVE"))
    return table;
  return slip_service_error (
      error, 400, "ResourceInUseException",
      "Attempt to change a resource which is still in use: Table is being %s: %s",
      g_str_equal (status, "CREATING")   ? "created"
      : g_str_equal (status, "DELETING") ? "deleted"
                                         : "updated",
      table->id);
}

JsonObject *
slip_dynamodb_edit (SlipWorld *world, const SlipWorldRecord *table)
{
  return slip_world_edit (world, table->account, table->region, DDB_TABLE, table->id);
}

void
slip_dynamodb_put (SlipWorld *world, const SlipWorldRecord *table, JsonObject *data)
{
  g_autofree char *account = g_strdup (table->account);
  g_autofree char *region = g_strdup (table->region);
  g_autofree char *name = g_strdup (table->id);

  slip_world_put (world, account, region, DDB_TABLE, name, data);
}

const char *
slip_dynamodb_collection (const SlipWorldRecord *table)
{
  return slip_json_string (table->data, "collection");
}

gboolean
slip_dynamodb_has_pitr (const SlipWorldRecord *table)
{
  return json_object_has_member (table->data, "pitr");
}

/* The number of the six hours that now belongs to. */
static gint64
count_window (SlipWorld *world)
{
  double length = DDB_COUNT_SECONDS * (double)G_TIME_SPAN_SECOND / slip_world_get_speed (world);

  return (gint64)((double)slip_world_now (world) / MAX (length, 1.0));
}

void
slip_dynamodb_keep_count (SlipWorld *world,
                          const char *account,
                          const char *region,
                          const char *name)
{
  const SlipWorldRecord *table = slip_world_get (world, account, region, DDB_TABLE, name);
  gint64 window = count_window (world);
  gint64 bytes = 0;
  JsonObject *data;

  if (table == NULL || slip_json_int (table->data, "counted", -1) == window)
    return;
  data = slip_dynamodb_edit (world, table);
  json_object_set_int_member (
      data, "ItemCount", slip_world_items_count (world, slip_dynamodb_collection (table), &bytes));
  json_object_set_int_member (data, "TableSizeBytes", bytes);
  json_object_set_int_member (data, "counted", window);
  slip_dynamodb_put (world, table, data);
}

/* Nothing was written since the last six hours began: the count then is the count now. */
static void
show_count (SlipWorld *world, const SlipWorldRecord *table, JsonObject *shown)
{
  static const char *const lists[] = {"LocalSecondaryIndexes", "GlobalSecondaryIndexes"};
  gint64 count = slip_json_int (table->data, "ItemCount", 0);
  gint64 bytes = slip_json_int (table->data, "TableSizeBytes", 0);

  if (slip_json_int (table->data, "counted", -1) != count_window (world))
    count = slip_world_items_count (world, slip_dynamodb_collection (table), &bytes);
  json_object_set_int_member (shown, "ItemCount", count);
  json_object_set_int_member (shown, "TableSizeBytes", bytes);
  for (guint l = 0; l < G_N_ELEMENTS (lists); l++)
    {
      JsonArray *list = slip_json_array (shown, lists[l]);

      for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
        {
          JsonObject *index = json_array_get_object_element (list, i);

          json_object_set_int_member (index, "ItemCount", count);
          json_object_set_int_member (index, "IndexSizeBytes", bytes);
        }
    }
}

JsonObject *
slip_dynamodb_show (SlipWorld *world, const SlipWorldRecord *table)
{
  g_autoptr (JsonObject) data = slip_dynamodb_copy (table->data);
  JsonObject *shown = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, data);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    if (g_ascii_isupper (*name))
      json_object_set_member (shown, name, json_node_copy (node));
  show_count (world, table, shown);
  if (!key_is_usable (world, table)
      && g_strcmp0 (slip_json_string (table->data, "TableStatus"), "ACTIVE") == 0)
    json_object_set_string_member (shown, "TableStatus", "INACCESSIBLE_ENCRYPTION_CREDENTIALS");
  return shown;
}
