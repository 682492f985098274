/* SPDX-License-Identifier: MIT */

/* Batches and transactions: many items in one call. A batch's writes know no conditions; a
 * transaction's all happen or none. */

#include "slip-dynamodb-item.h"

#include "slip-aws-error.h"
#include "slip-json.h"

#define MAX_GETS 100
#define MAX_WRITES 25
#define MAX_TRANSACTION 100
#define MAX_PAGE_BYTES (16 * 1024 * 1024)

/* How many requests there are, over all tables. */
static guint
count_requests (JsonObject *tables, gboolean keys)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;
  guint count = 0;

  json_object_iter_init (&iter, tables);
  while (json_object_iter_next (&iter, &name, &node))
    {
      JsonArray *list = keys ? slip_json_array (json_node_get_object (node), "Keys")
                             : json_node_get_array (node);

      count += json_array_get_length (list);
    }
  return count;
}

static gboolean
check_count (guint count, guint most, const char *member, GError **error)
{
  if (count > 0 && count <= most)
    return TRUE;
  if (count == 0)
    slip_dynamodb_invalid (
        error,
        "1 validation error detected: Value at '%s' failed to satisfy constraint: "
        "Member must have length greater than or equal to 1",
        member);
  else
    slip_dynamodb_invalid (error, "Too many items requested for the %s call: %u, at most %u",
                           member, count, most);
  return FALSE;
}

static gboolean
check_twice (GHashTable *seen, const SlipWorldRecord *table, SlipDynamodbKey *key, GError **error)
{
  if (g_hash_table_add (seen, g_strdup_printf ("%s\n%s\n%s", table->id, key->hash, key->range)))
    return TRUE;
  slip_dynamodb_invalid (error, "Provided list of item keys contains duplicates");
  return FALSE;
}

static void
add_consumed (JsonArray *list, const char *table, double units, JsonObject *input)
{
  JsonObject *shown = slip_dynamodb_show_consumed (table, NULL, units, input);

  if (shown != NULL)
    json_array_add_object_element (list, shown);
}

static JsonArray *
get_of_table (SlipServiceContext *ctx,
              const SlipWorldRecord *table,
              JsonObject *request,
              double *units,
              GError **error)
{
  g_autoptr (JsonArray) found = json_array_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  JsonArray *keys = slip_json_array (request, "Keys");

  for (guint i = 0; i < json_array_get_length (keys); i++)
    {
      JsonObject *given = json_array_get_object_element (keys, i);
      g_auto (SlipDynamodbKey) key = {NULL, NULL};
      g_autoptr (GError) problem = NULL;
      double one = 0;
      JsonObject *item = slip_dynamodb_read_item (ctx, table, request, given, &one, &problem);

      if (item != NULL)
        json_array_add_object_element (found, item);
      if (problem == NULL && slip_dynamodb_key_of (table, given, TRUE, &key, &problem))
        check_twice (seen, table, &key, &problem);
      if (problem != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&problem));
          return NULL;
        }
      *units += one;
    }
  return g_steal_pointer (&found);
}

static void
finish_batch (JsonObject *output, JsonArray *consumed, const char *unprocessed)
{
  json_object_set_object_member (output, unprocessed, json_object_new ());
  if (json_array_get_length (consumed) > 0)
    json_object_set_array_member (output, "ConsumedCapacity", json_array_ref (consumed));
}

JsonNode *
slip_dynamodb_batch_get (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  JsonObject *tables = slip_json_object (input, "RequestItems");
  g_autoptr (JsonObject) output = json_object_new ();
  g_autoptr (JsonArray) consumed = json_array_new ();
  JsonObject *responses = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_set_object_member (output, "Responses", responses);
  if (!check_count (count_requests (tables, TRUE), MAX_GETS, "BatchGetItem", error))
    return NULL;
  json_object_iter_init_ordered (&iter, tables);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      const SlipWorldRecord *table = slip_dynamodb_need_open (ctx, name, error);
      double units = 0;
      JsonArray *found = table != NULL
                             ? get_of_table (ctx, table, json_node_get_object (node), &units, error)
                             : NULL;

      if (found == NULL)
        return NULL;
      json_object_set_array_member (responses, name, found);
      add_consumed (consumed, name, units, input);
    }
  finish_batch (output, consumed, "UnprocessedKeys");
  return slip_json_new_object (g_steal_pointer (&output));
}

static double
write_request (SlipServiceContext *ctx,
               const char *name,
               JsonObject *request,
               GHashTable *seen,
               GError **error)
{
  JsonObject *put = slip_json_object (request, "PutRequest");
  JsonObject *delete = slip_json_object (request, "DeleteRequest");
  g_auto (SlipDynamodbWrite) write
      = {.action = put != NULL ? SLIP_DYNAMODB_PUT : SLIP_DYNAMODB_DELETE,
         .table = slip_dynamodb_need_open (ctx, name, error)};

  if (write.table == NULL)
    return -1;
  if ((put == NULL) == (delete == NULL))
    {
      slip_dynamodb_invalid (error, "Supplied AttributeValue has more than one datatypes set, must "
                                    "contain exactly one of PutRequest and DeleteRequest");
      return -1;
    }
  if (!slip_dynamodb_write_prepare (&write, ctx->world, put != NULL ? put : delete, error)
      || !check_twice (seen, write.table, &write.key, error))
    return -1;
  return slip_dynamodb_write_apply (&write, ctx, error);
}

JsonNode *
slip_dynamodb_batch_write (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  JsonObject *tables = slip_json_object (input, "RequestItems");
  g_autoptr (JsonArray) consumed = json_array_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  JsonObject *output;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (!check_count (count_requests (tables, FALSE), MAX_WRITES, "BatchWriteItem", error))
    return NULL;
  json_object_iter_init_ordered (&iter, tables);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      JsonArray *requests = json_node_get_array (node);
      double units = 0;

      for (guint i = 0; i < json_array_get_length (requests); i++)
        {
          double one
              = write_request (ctx, name, json_array_get_object_element (requests, i), seen, error);

          if (one < 0)
            return NULL;
          units += one;
        }
      add_consumed (consumed, name, units, input);
    }
  output = json_object_new ();
  finish_batch (output, consumed, "UnprocessedItems");
  return slip_json_new_object (output);
}

/* --- Transactions --- */

JsonNode *
slip_dynamodb_transact_get (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  JsonArray *requests = slip_json_array (input, "TransactItems");
  g_autoptr (JsonArray) responses = json_array_new ();
  JsonObject *output;

  if (!check_count (json_array_get_length (requests), MAX_TRANSACTION, "TransactGetItems", error))
    return NULL;
  for (guint i = 0; i < json_array_get_length (requests); i++)
    {
      JsonObject *get = slip_json_object (json_array_get_object_element (requests, i), "Get");
      const SlipWorldRecord *table
          = slip_dynamodb_need_open (ctx, slip_json_string (get, "TableName"), error);
      g_autoptr (GError) problem = NULL;
      JsonObject *response = json_object_new ();
      JsonObject *item = NULL;
      double units;

      json_array_add_object_element (responses, response);
      if (table == NULL)
        return NULL;
      item = slip_dynamodb_read_item (ctx, table, get, slip_json_object (get, "Key"), &units,
                                      &problem);
      if (problem != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&problem));
          return NULL;
        }
      if (item != NULL)
        json_object_set_object_member (response, "Item", item);
    }
  output = json_object_new ();
  json_object_set_array_member (output, "Responses", g_steal_pointer (&responses));
  return slip_json_new_object (output);
}

static const char *const actions[] = {"Put", "Update", "Delete", "ConditionCheck"};

static JsonObject *
request_of (JsonObject *item, SlipDynamodbAction *action)
{
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    if (slip_json_object (item, actions[i]) != NULL)
      {
        *action = (SlipDynamodbAction)i;
        return slip_json_object (item, actions[i]);
      }
  return NULL;
}

static void
clear_write (gpointer write)
{
  slip_dynamodb_write_clear (write);
}

/* Looks at all before anything is done. Lists a reason for each in @reasons. */
static gboolean
prepare_all (SlipServiceContext *ctx,
             JsonArray *requests,
             GArray *writes,
             GString *reasons,
             gboolean *held,
             GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  *held = TRUE;
  g_array_set_size (writes, json_array_get_length (requests));
  for (guint i = 0; i < writes->len; i++)
    {
      SlipDynamodbWrite *write = &g_array_index (writes, SlipDynamodbWrite, i);
      JsonObject *request
          = request_of (json_array_get_object_element (requests, i), &write->action);

      if (request == NULL)
        {
          slip_dynamodb_invalid (error,
                                 "TransactItems can only contain one of Check, Put, Update or "
                                 "Delete");
          return FALSE;
        }
      write->table = slip_dynamodb_need_open (ctx, slip_json_string (request, "TableName"), error);
      if (write->table == NULL || !slip_dynamodb_write_prepare (write, ctx->world, request, error))
        return FALSE;
      if (!check_twice (seen, write->table, &write->key, NULL))
        {
          slip_dynamodb_invalid (error, "Transaction request cannot include multiple operations on "
                                        "one item");
          return FALSE;
        }
      *held = *held && write->holds;
      g_string_append_printf (reasons, "%s%s", i > 0 ? ", " : "",
                              write->holds ? "None" : "ConditionalCheckFailed");
    }
  return TRUE;
}

JsonNode *
slip_dynamodb_transact_write (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  JsonArray *requests = slip_json_array (input, "TransactItems");
  g_autoptr (GArray) writes = g_array_new (FALSE, TRUE, sizeof (SlipDynamodbWrite));
  g_autoptr (GString) reasons = g_string_new (NULL);
  gboolean held;

  g_array_set_clear_func (writes, clear_write);
  if (!check_count (json_array_get_length (requests), MAX_TRANSACTION, "TransactWriteItems", error)
      || !prepare_all (ctx, requests, writes, reasons, &held, error))
    return NULL;
  if (!held)
    return slip_service_error (error, 400, "TransactionCanceledException",
                               "Transaction cancelled, please refer cancellation reasons for "
                               "specific reasons [%s]",
                               reasons->str);
  for (guint i = 0; i < writes->len; i++)
    {
      SlipDynamodbWrite *write = &g_array_index (writes, SlipDynamodbWrite, i);

      /* The record of a table may have been written by the one before. */
      write->table = slip_dynamodb_need_open (
          ctx,
          slip_json_string (
              request_of (json_array_get_object_element (requests, i), &write->action),
              "TableName"),
          error);
      if (write->table == NULL || slip_dynamodb_write_apply (write, ctx, error) < 0)
        return NULL;
    }
  return slip_json_new_object (json_object_new ());
}
