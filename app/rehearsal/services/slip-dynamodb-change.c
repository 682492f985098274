/* SPDX-License-Identifier: MIT */

/* UpdateTable and DeleteTable: which changes a table takes in which state, and that only one index is
 * made or deleted at a time. */

#include "slip-dynamodb.h"

#include "slip-json.h"

typedef struct
{
  SlipServiceContext *ctx;
  const SlipWorldRecord *table;
  JsonObject *input;
  JsonObject *data; /* changed */
  double seconds;
  guint changes;
} Change;

static gboolean
is_on_demand (Change *change)
{
  JsonObject *summary = slip_json_object (change->data, "BillingModeSummary");

  return summary != NULL
         && g_strcmp0 (slip_json_string (summary, "BillingMode"), "PAY_PER_REQUEST") == 0;
}

static gboolean
refuse_throughput (GError **error)
{
  slip_dynamodb_invalid (error, "One or more parameter values were invalid: Neither "
                                "ReadCapacityUnits nor WriteCapacityUnits can be specified when "
                                "BillingMode is PAY_PER_REQUEST");
  return FALSE;
}

static gboolean
change_billing (Change *change, GError **error)
{
  const char *mode = slip_json_string (change->input, "BillingMode");
  JsonObject *throughput = slip_json_object (change->input, "ProvisionedThroughput");
  JsonObject *summary;

  if (mode == NULL && throughput == NULL)
    return TRUE;
  change->changes++;
  if (mode != NULL)
    {
      g_autofree char *now = slip_world_dup_now (change->ctx->world);
      gboolean on_demand = g_str_equal (mode, "PAY_PER_REQUEST");

      if (on_demand == (throughput != NULL))
        return on_demand ? refuse_throughput (error)
                         : (slip_dynamodb_invalid (
                                error, "One or more parameter values were invalid: "
                                       "ReadCapacityUnits and WriteCapacityUnits must both be "
                                       "specified when BillingMode is PROVISIONED"),
                            FALSE);
      summary = json_object_new ();
      json_object_set_string_member (summary, "BillingMode", mode);
      if (on_demand)
        json_object_set_string_member (summary, "LastUpdateToPayPerRequestDateTime", now);
      json_object_set_object_member (change->data, "BillingModeSummary", summary);
    }
  else if (is_on_demand (change))
    return refuse_throughput (error);
  json_object_set_object_member (change->data, "ProvisionedThroughput",
                                 slip_dynamodb_new_throughput (change->input));
  return TRUE;
}

static gboolean
change_stream (Change *change, GError **error)
{
  JsonObject *given = slip_json_object (change->input, "StreamSpecification");
  gboolean have = json_object_has_member (change->data, "StreamSpecification");
  gboolean want = given != NULL && slip_json_bool (given, "StreamEnabled", FALSE);
  const char *view = given != NULL ? slip_json_string (given, "StreamViewType") : NULL;

  if (given == NULL)
    return TRUE;
  change->changes++;
  if (want && have)
    slip_dynamodb_invalid (error, "Table already has an enabled stream: TableName: %s",
                           change->table->id);
  else if (!want && !have)
    slip_dynamodb_invalid (error, "Table does not have an enabled stream: TableName: %s",
                           change->table->id);
  else if (!want && json_object_has_member (change->data, "Replicas"))
    slip_dynamodb_invalid (error, "Streams cannot be disabled while table %s has replicas",
                           change->table->id);
  else if (want && view == NULL)
    slip_dynamodb_invalid (error, "One or more parameter values were invalid: StreamViewType is "
                                  "required when StreamEnabled is true");
  else
    {
      if (want)
        slip_dynamodb_set_stream (change->ctx->world, change->data, view);
      else
        json_object_remove_member (change->data, "StreamSpecification");
      return TRUE;
    }
  return FALSE;
}

static gboolean
change_sse (Change *change, GError **error)
{
  JsonObject *given = slip_json_object (change->input, "SSESpecification");
  g_autoptr (GError) problem = NULL;
  JsonObject *sse, *have;

  if (given == NULL)
    return TRUE;
  change->changes++;
  sse = slip_dynamodb_new_sse (change->ctx->world, change->table->account, change->table->region,
                               given, &problem);
  have = slip_json_object (change->data, "SSEDescription");
  if (problem != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return FALSE;
    }
  if (sse != NULL)
    {
      json_object_set_string_member (sse, "Status", "UPDATING");
      json_object_set_object_member (change->data, "SSEDescription", sse);
    }
  else if (have != NULL)
    json_object_set_string_member (have, "Status", "DISABLING");
  return TRUE;
}

static JsonObject *
need_index (Change *change, JsonObject *given, GError **error)
{
  const char *name = slip_json_string (given, "IndexName");
  gboolean global = FALSE;
  JsonObject *index = slip_dynamodb_find_index (change->data, name, &global);

  if (index != NULL && global)
    return index;
  return slip_service_error (error, 400, "ResourceNotFoundException",
                             "Requested resource not found: no index %s", name);
}

static gboolean
create_index (Change *change, JsonObject *given, GError **error)
{
  const char *name = slip_json_string (given, "IndexName");
  JsonArray *list = slip_json_array (change->data, "GlobalSecondaryIndexes");
  JsonArray *definitions = slip_json_array (change->input, "AttributeDefinitions");
  const char *keys[2];
  JsonObject *index;

  if (slip_dynamodb_find_index (change->data, name, NULL) != NULL)
    {
      slip_dynamodb_invalid (error, "Attempting to create an index which already exists");
      return FALSE;
    }
  if (definitions != NULL)
    json_object_set_array_member (change->data, "AttributeDefinitions",
                                  json_array_ref (definitions));
  slip_dynamodb_key_names (slip_json_array (given, "KeySchema"), &keys[0], &keys[1]);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    if (keys[i] != NULL && slip_dynamodb_attribute_type (change->data, keys[i]) == NULL)
      {
        slip_dynamodb_invalid (
            error,
            "One or more parameter values were invalid: Some index key attributes "
            "are not defined in AttributeDefinitions. Keys: [%s]",
            keys[i]);
        return FALSE;
      }
  index = slip_dynamodb_new_index (given, slip_json_string (change->data, "TableArn"), TRUE,
                                   is_on_demand (change));
  json_object_set_boolean_member (index, "Backfilling", TRUE);
  if (list == NULL)
    {
      list = json_array_new ();
      json_object_set_array_member (change->data, "GlobalSecondaryIndexes", list);
    }
  json_array_add_object_element (list, index);
  change->seconds = DDB_INDEX_SECONDS;
  return TRUE;
}

static gboolean
delete_index (Change *change, JsonObject *given, GError **error)
{
  JsonObject *index = need_index (change, given, error);

  if (index == NULL)
    return FALSE;
  json_object_set_string_member (index, "IndexStatus", "DELETING");
  change->seconds = DDB_INDEX_SECONDS;
  return TRUE;
}

static gboolean
update_index (Change *change, JsonObject *given, GError **error)
{
  JsonObject *index = need_index (change, given, error);

  if (index == NULL)
    return FALSE;
  if (is_on_demand (change))
    return refuse_throughput (error);
  json_object_set_object_member (index, "ProvisionedThroughput",
                                 slip_dynamodb_new_throughput (given));
  json_object_set_string_member (index, "IndexStatus", "UPDATING");
  return TRUE;
}

static gboolean
change_indexes (Change *change, GError **error)
{
  JsonArray *list = slip_json_array (change->input, "GlobalSecondaryIndexUpdates");
  guint online = 0;

  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    {
      JsonObject *one = json_array_get_object_element (list, i);
      JsonObject *create = slip_json_object (one, "Create");
      JsonObject *delete = slip_json_object (one, "Delete");
      JsonObject *update = slip_json_object (one, "Update");

      change->changes++;
      online += (create != NULL) + (delete != NULL);
      if (online > 1)
        {
          slip_service_error (error, 400, "LimitExceededException",
                              "Subscriber limit exceeded: Only 1 online index can be created or "
                              "deleted simultaneously per table");
          return FALSE;
        }
      if ((create != NULL && !create_index (change, create, error))
          || (delete != NULL && !delete_index (change, delete, error))
          || (update != NULL && !update_index (change, update, error)))
        return FALSE;
    }
  return TRUE;
}

static gboolean
change_replicas (Change *change, GError **error)
{
  JsonArray *list = slip_json_array (change->input, "ReplicaUpdates");

  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    {
      change->changes++;
      change->seconds = DDB_REPLICA_SECONDS;
      if (!slip_dynamodb_change_replica (change->ctx, change->table, change->data,
                                         json_array_get_object_element (list, i), error))
        return FALSE;
    }
  return TRUE;
}

static void
change_rest (Change *change)
{
  const char *class_name = slip_json_string (change->input, "TableClass");
  JsonObject *on_demand = slip_json_object (change->input, "OnDemandThroughput");

  if (class_name != NULL)
    {
      JsonObject *summary = json_object_new ();
      g_autofree char *now = slip_world_dup_now (change->ctx->world);

      json_object_set_string_member (summary, "TableClass", class_name);
      json_object_set_string_member (summary, "LastUpdateDateTime", now);
      json_object_set_object_member (change->data, "TableClassSummary", summary);
      change->changes++;
    }
  if (on_demand != NULL)
    {
      json_object_set_object_member (change->data, "OnDemandThroughput",
                                     json_object_ref (on_demand));
      change->changes++;
    }
  if (json_object_has_member (change->input, "DeletionProtectionEnabled"))
    {
      json_object_set_boolean_member (
          change->data, "DeletionProtectionEnabled",
          slip_json_bool (change->input, "DeletionProtectionEnabled", FALSE));
      change->changes++;
    }
}

static JsonNode *
show (SlipServiceContext *ctx, const char *account, const char *region, const char *name)
{
  JsonObject *output = json_object_new ();

  json_object_set_object_member (
      output, "TableDescription",
      slip_dynamodb_show (ctx->world,
                          slip_world_get (ctx->world, account, region, DDB_TABLE, name)));
  return slip_json_new_object (output);
}

static gboolean
make_changes (Change *change, GError **error)
{
  if (!change_billing (change, error) || !change_stream (change, error)
      || !change_sse (change, error) || !change_indexes (change, error)
      || !change_replicas (change, error))
    return FALSE;
  change_rest (change);
  if (change->changes > 0)
    return TRUE;
  slip_dynamodb_invalid (error,
                         "At least one of ProvisionedThroughput, BillingMode, "
                         "UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification "
                         "or ReplicaUpdates is required");
  return FALSE;
}

JsonNode *
slip_dynamodb_update_table (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  Change change = {.ctx = ctx, .input = input, .seconds = DDB_UPDATE_SECONDS};
  g_autofree char *name = NULL;

  change.table = slip_dynamodb_need_idle (ctx, slip_json_string (input, "TableName"), error);
  if (change.table == NULL)
    return NULL;
  name = g_strdup (change.table->id);
  change.data = slip_dynamodb_edit (ctx->world, change.table);
  if (!make_changes (&change, error))
    {
      json_object_unref (change.data);
      return NULL;
    }
  json_object_set_string_member (change.data, "TableStatus", "UPDATING");
  slip_dynamodb_put (ctx->world, change.table, change.data);
  slip_dynamodb_schedule (ctx->world, change.seconds, "dynamodb.table-updated", ctx->account,
                          ctx->region, name);
  return show (ctx, ctx->account, ctx->region, name);
}

JsonNode *
slip_dynamodb_delete_table (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *table
      = slip_dynamodb_need_idle (ctx, slip_json_string (input, "TableName"), error);
  g_autofree char *name = NULL;
  JsonObject *data;

  if (table == NULL)
    return NULL;
  if (slip_json_bool (table->data, "DeletionProtectionEnabled", FALSE))
    return slip_dynamodb_invalid (error, "Resource cannot be deleted as it is currently protected "
                                         "against deletion. Disable deletion protection first.");
  if (json_object_has_member (table->data, "Replicas")
      && slip_json_bool (table->data, "origin", FALSE))
    return slip_dynamodb_invalid (
        error, "Replica cannot be deleted because it has acted as a source region "
               "for new replica(s) being added to the table in the last 24 "
               "hours.");
  name = g_strdup (table->id);
  data = slip_dynamodb_edit (ctx->world, table);
  json_object_set_string_member (data, "TableStatus", "DELETING");
  slip_dynamodb_put (ctx->world, table, data);
  slip_dynamodb_schedule (ctx->world, DDB_DELETE_SECONDS, "dynamodb.table-deleted", ctx->account,
                          ctx->region, name);
  return show (ctx, ctx->account, ctx->region, name);
}
