/* SPDX-License-Identifier: MIT */

/* PutItem, GetItem, UpdateItem and DeleteItem, with their conditions. */

#include "slip-dynamodb-item.h"

#include "slip-aws-error.h"
#include "slip-json.h"
#include "slip-world-items.h"

void
slip_dynamodb_write_clear (SlipDynamodbWrite *write)
{
  slip_dynamodb_key_clear (&write->key);
  g_clear_pointer (&write->before, json_object_unref);
  g_clear_pointer (&write->after, json_object_unref);
  g_clear_pointer (&write->touched, g_hash_table_unref);
}

gboolean
slip_dynamodb_refuse_legacy (JsonObject *input, GError **error)
{
  static const struct
  {
    const char *old;
    const char *instead;
  } members[] = {
      {"AttributesToGet", "ProjectionExpression"}, {"AttributeUpdates", "UpdateExpression"},
      {"Expected", "ConditionExpression"},         {"ScanFilter", "FilterExpression"},
      {"QueryFilter", "FilterExpression"},         {"KeyConditions", "KeyConditionExpression"},
      {"ConditionalOperator", "an expression"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    if (json_object_has_member (input, members[i].old))
      {
        slip_dynamodb_invalid (error,
                               "The rehearsal does not serve the legacy parameter %s: use %s",
                               members[i].old, members[i].instead);
        return FALSE;
      }
  return TRUE;
}

/* An update makes the item when there is none, with its key only. Keys cannot be changed. */
static JsonObject *
updated (SlipDynamodbWrite *write, JsonObject *key, const SlipDynamodbNode *update, GError **error)
{
  g_autoptr (JsonObject) start
      = write->before != NULL ? json_object_ref (write->before) : slip_dynamodb_copy (key);
  const char *keys[2];

  slip_dynamodb_key_names (slip_json_array (write->table->data, "KeySchema"), &keys[0], &keys[1]);
  for (guint i = 0; update != NULL && i < update->children->len; i++)
    {
      const SlipDynamodbNode *action = slip_dynamodb_child (update, i);
      const char *name
          = g_array_index (slip_dynamodb_child (action, 0)->steps, SlipDynamodbStep, 0).name;

      if (g_strcmp0 (name, keys[0]) == 0 || g_strcmp0 (name, keys[1]) == 0)
        return slip_dynamodb_invalid (error,
                                      "One or more parameter values were invalid: Cannot update "
                                      "attribute %s. This attribute is part of the key",
                                      name);
    }
  return slip_dynamodb_update (update, start, write->touched, error);
}

static gboolean
prepare_key (SlipDynamodbWrite *write, JsonObject *request, JsonObject **given, GError **error)
{
  gboolean put = write->action == SLIP_DYNAMODB_PUT;

  *given = slip_dynamodb_item_normal (slip_json_object (request, put ? "Item" : "Key"), error);
  return *given != NULL && slip_dynamodb_key_of (write->table, *given, !put, &write->key, error);
}

gboolean
slip_dynamodb_write_prepare (SlipDynamodbWrite *write,
                             SlipWorld *world,
                             JsonObject *request,
                             GError **error)
{
  g_auto (SlipDynamodbNames) names = {0};
  g_autoptr (SlipDynamodbNode) condition = NULL;
  g_autoptr (SlipDynamodbNode) update = NULL;
  g_autoptr (JsonObject) given = NULL;
  g_autoptr (JsonObject) none = json_object_new ();
  g_autoptr (GError) problem = NULL;

  slip_dynamodb_names_init (&names, request);
  write->touched = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (slip_dynamodb_refuse_legacy (request, &problem)
      && prepare_key (write, request, &given, &problem))
    condition = slip_dynamodb_parse_condition (request, "ConditionExpression", &names, &problem);
  if (problem == NULL && write->action == SLIP_DYNAMODB_UPDATE)
    update = slip_dynamodb_parse_update (request, &names, &problem);
  if (problem != NULL || !slip_dynamodb_names_check (&names, &problem))
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return FALSE;
    }
  write->before = slip_dynamodb_load (world, write->table, &write->key);
  write->holds = slip_dynamodb_matches (condition, write->before != NULL ? write->before : none);
  if (!write->holds)
    return TRUE;
  if (write->action == SLIP_DYNAMODB_PUT)
    write->after = g_steal_pointer (&given);
  else if (write->action == SLIP_DYNAMODB_UPDATE)
    {
      write->after = updated (write, given, update, error);
      return write->after != NULL;
    }
  return TRUE;
}

/* Both forms of an index are written when its keys are in the item. */
static void
consume_indexes (SlipServiceContext *ctx,
                 const SlipWorldRecord *table,
                 JsonObject *item,
                 double units)
{
  JsonArray *list = slip_json_array (table->data, "GlobalSecondaryIndexes");

  for (guint i = 0; item != NULL && list != NULL && i < json_array_get_length (list); i++)
    {
      JsonObject *index = json_array_get_object_element (list, i);
      const char *keys[2];

      slip_dynamodb_key_names (slip_json_array (index, "KeySchema"), &keys[0], &keys[1]);
      if (slip_json_object (item, keys[0]) != NULL
          && (keys[1] == NULL || slip_json_object (item, keys[1]) != NULL))
        slip_dynamodb_consume (ctx->world, table->account, table->region, table->id,
                               slip_json_string (index, "IndexName"), 0, units);
    }
}

double
slip_dynamodb_write_apply (SlipDynamodbWrite *write, SlipServiceContext *ctx, GError **error)
{
  g_autofree char *account = g_strdup (write->table->account);
  g_autofree char *region = g_strdup (write->table->region);
  g_autofree char *name = g_strdup (write->table->id);
  gint64 size = MAX (write->before != NULL ? slip_dynamodb_item_size (write->before) : 0,
                     write->after != NULL ? slip_dynamodb_item_size (write->after) : 0);
  double units = slip_dynamodb_write_units (size);

  if (write->action == SLIP_DYNAMODB_CHECK)
    return units;
  slip_dynamodb_keep_count (ctx->world, account, region, name);
  write->table = slip_world_get (ctx->world, account, region, DDB_TABLE, name);
  if (write->after != NULL && !slip_dynamodb_store (ctx->world, write->table, write->after, error))
    return -1;
  if (write->after == NULL && write->before != NULL)
    slip_dynamodb_erase (ctx->world, write->table, &write->key);
  slip_dynamodb_consume (ctx->world, account, region, name, NULL, 0, units);
  consume_indexes (ctx, write->table, write->after != NULL ? write->after : write->before, units);
  return units;
}

/* Only the attributes that an update touched. */
static JsonObject *
only_touched (JsonObject *item, GHashTable *touched)
{
  JsonObject *shown = json_object_new ();
  GHashTableIter iter;
  gpointer name;

  g_hash_table_iter_init (&iter, touched);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    if (slip_json_object (item, name) != NULL)
      json_object_set_object_member (shown, name, json_object_ref (slip_json_object (item, name)));
  return shown;
}

static void
show_values (SlipDynamodbWrite *write, JsonObject *input, JsonObject *output)
{
  const char *wanted = slip_json_string (input, "ReturnValues");
  gboolean old = wanted != NULL && g_str_has_suffix (wanted, "_OLD");
  JsonObject *item = old ? write->before : write->after;
  g_autoptr (JsonObject) shown = NULL;

  if (wanted == NULL || g_str_equal (wanted, "NONE") || item == NULL)
    return;
  shown = g_str_has_prefix (wanted, "UPDATED") ? only_touched (item, write->touched)
                                               : json_object_ref (item);
  if (json_object_get_size (shown) > 0)
    json_object_set_object_member (output, "Attributes", g_steal_pointer (&shown));
}

static gboolean
check_return_values (SlipDynamodbAction action, JsonObject *input, GError **error)
{
  const char *wanted = slip_json_string (input, "ReturnValues");

  if (wanted == NULL || action == SLIP_DYNAMODB_UPDATE || g_str_equal (wanted, "NONE")
      || g_str_equal (wanted, "ALL_OLD"))
    return TRUE;
  slip_dynamodb_invalid (error, "Return values set to invalid value");
  return FALSE;
}

static JsonNode *
write_one (SlipServiceContext *ctx, JsonObject *input, SlipDynamodbAction action, GError **error)
{
  g_auto (SlipDynamodbWrite) write = {.action = action};
  JsonObject *output, *consumed;
  double units;

  write.table = slip_dynamodb_need_open (ctx, slip_json_string (input, "TableName"), error);
  if (write.table == NULL || !check_return_values (action, input, error)
      || !slip_dynamodb_write_prepare (&write, ctx->world, input, error))
    return NULL;
  if (!write.holds)
    return slip_service_error (error, 400, "ConditionalCheckFailedException",
                               "The conditional request failed");
  units = slip_dynamodb_write_apply (&write, ctx, error);
  if (units < 0)
    return NULL;
  output = json_object_new ();
  show_values (&write, input, output);
  consumed = slip_dynamodb_show_consumed (write.table->id, NULL, units, input);
  if (consumed != NULL)
    json_object_set_object_member (output, "ConsumedCapacity", consumed);
  return slip_json_new_object (output);
}

JsonNode *
slip_dynamodb_put_item (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  return write_one (ctx, input, SLIP_DYNAMODB_PUT, error);
}

JsonNode *
slip_dynamodb_update_item (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  return write_one (ctx, input, SLIP_DYNAMODB_UPDATE, error);
}

JsonNode *
slip_dynamodb_delete_item (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  return write_one (ctx, input, SLIP_DYNAMODB_DELETE, error);
}

JsonObject *
slip_dynamodb_read_item (SlipServiceContext *ctx,
                         const SlipWorldRecord *table,
                         JsonObject *request,
                         JsonObject *key,
                         double *units,
                         GError **error)
{
  g_auto (SlipDynamodbNames) names = {0};
  g_auto (SlipDynamodbKey) place = {NULL, NULL};
  g_autoptr (SlipDynamodbNode) projection = NULL;
  g_autoptr (JsonObject) normal = slip_dynamodb_item_normal (key, error);
  g_autoptr (JsonObject) item = NULL;
  g_autoptr (GError) problem = NULL;

  slip_dynamodb_names_init (&names, request);
  if (normal == NULL || !slip_dynamodb_refuse_legacy (request, error)
      || !slip_dynamodb_key_of (table, normal, TRUE, &place, error))
    return NULL;
  projection = slip_dynamodb_parse_projection (request, &names, &problem);
  if (problem != NULL || !slip_dynamodb_names_check (&names, &problem))
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return NULL;
    }
  item = slip_dynamodb_load (ctx->world, table, &place);
  *units = slip_dynamodb_read_units (item != NULL ? slip_dynamodb_item_size (item) : 0,
                                     slip_json_bool (request, "ConsistentRead", FALSE));
  slip_dynamodb_consume (ctx->world, table->account, table->region, table->id, NULL, *units, 0);
  return item != NULL ? slip_dynamodb_project (projection, item) : NULL;
}

JsonNode *
slip_dynamodb_get_item (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *table
      = slip_dynamodb_need_open (ctx, slip_json_string (input, "TableName"), error);
  g_autoptr (GError) problem = NULL;
  JsonObject *item, *output, *consumed;
  double units = 0;

  if (table == NULL)
    return NULL;
  item = slip_dynamodb_read_item (ctx, table, input, slip_json_object (input, "Key"), &units,
                                  &problem);
  if (problem != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return NULL;
    }
  output = json_object_new ();
  if (item != NULL)
    json_object_set_object_member (output, "Item", item);
  consumed = slip_dynamodb_show_consumed (table->id, NULL, units, input);
  if (consumed != NULL)
    json_object_set_object_member (output, "ConsumedCapacity", consumed);
  return slip_json_new_object (output);
}
