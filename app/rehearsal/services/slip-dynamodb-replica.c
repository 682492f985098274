/* SPDX-License-Identifier: MIT */

/* Replicas of global tables, version 2019.11.21: tables of one name in several regions that share
 * their items. What one writes the others have at once, which the real ones have within a second. */

#include "slip-dynamodb.h"

#include "slip-json.h"
#include "slip-kms-world.h"

static JsonObject *
find_replica (JsonObject *table, const char *region)
{
  JsonArray *list = slip_json_array (table, "Replicas");

  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    {
      JsonObject *replica = json_array_get_object_element (list, i);

      if (g_strcmp0 (slip_json_string (replica, "RegionName"), region) == 0)
        return replica;
    }
  return NULL;
}

static JsonObject *
add_replica (JsonObject *table, const char *region, const char *status)
{
  JsonArray *list = slip_json_array (table, "Replicas");
  JsonObject *replica = json_object_new ();

  if (list == NULL)
    {
      list = json_array_new ();
      json_object_set_array_member (table, "Replicas", list);
    }
  json_object_set_string_member (replica, "RegionName", region);
  json_object_set_string_member (replica, "ReplicaStatus", status);
  json_array_add_object_element (list, replica);
  json_object_set_string_member (table, "GlobalTableVersion", "2019.11.21");
  return replica;
}

static void
drop_replica (JsonObject *table, const char *region)
{
  JsonArray *list = slip_json_array (table, "Replicas");

  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    if (g_strcmp0 (slip_json_string (json_array_get_object_element (list, i), "RegionName"), region)
        == 0)
      {
        json_array_remove_element (list, i);
        break;
      }
  if (list == NULL || json_array_get_length (list) > 0)
    return;
  json_object_remove_member (table, "Replicas");
  json_object_remove_member (table, "GlobalTableVersion");
}

/* A customer's key is of one region; for a key of AWS's the other region has its own. */
static gboolean
has_customer_key (SlipServiceContext *ctx, JsonObject *sse)
{
  const SlipWorldRecord *key = slip_kms_world_find_key (ctx->world, ctx->account, ctx->region,
                                                        slip_json_string (sse, "KMSMasterKeyArn"));

  return key != NULL && !slip_kms_world_is_aws_managed (key);
}

/* What must hold before a replica is made; TRUE when it does. */
static gboolean
check_new (SlipServiceContext *ctx, JsonObject *data, JsonObject *given, GError **error)
{
  const char *region = slip_json_string (given, "RegionName");
  const char *key_id = slip_json_string (given, "KMSMasterKeyId");
  JsonObject *stream = slip_json_object (data, "StreamSpecification");
  JsonObject *sse = slip_json_object (data, "SSEDescription");
  const char *name = slip_json_string (data, "TableName");

  if (g_str_equal (region, ctx->region) || find_replica (data, region) != NULL)
    slip_dynamodb_invalid (
        error,
        "Failed to create a the new replica of table with name: '%s' because one "
        "or more replicas already existed as tables.",
        name);
  else if (stream == NULL
           || g_strcmp0 (slip_json_string (stream, "StreamViewType"), "NEW_AND_OLD_IMAGES") != 0)
    slip_dynamodb_invalid (error, "Table needs to have streams enabled with NEW_AND_OLD_IMAGES to "
                                  "add a replica");
  else if (slip_world_get (ctx->world, ctx->account, region, DDB_TABLE, name) != NULL)
    slip_dynamodb_invalid (
        error,
        "Failed to create a the new replica of table with name: '%s' because one "
        "or more replicas already existed as tables.",
        name);
  else if (sse != NULL && key_id == NULL && has_customer_key (ctx, sse))
    slip_dynamodb_invalid (
        error,
        "One or more parameter values were invalid: a table with a customer's key "
        "needs KMSMasterKeyId for its replica in %s",
        region);
  else if (key_id != NULL
           && slip_kms_world_find_key (ctx->world, ctx->account, region, key_id) == NULL)
    slip_dynamodb_invalid (error,
                           "One or more parameter values were invalid: KMS validation error: there "
                           "is no key %s in %s",
                           key_id, region);
  else
    return TRUE;
  return FALSE;
}

static gboolean
create (SlipServiceContext *ctx, JsonObject *data, JsonObject *given, GError **error)
{
  const char *region = slip_json_string (given, "RegionName");
  const char *key_id = slip_json_string (given, "KMSMasterKeyId");
  JsonObject *replica;

  if (!check_new (ctx, data, given, error))
    return FALSE;
  replica = add_replica (data, region, "CREATING");
  if (key_id != NULL)
    json_object_set_string_member (
        replica, "KMSMasterKeyId",
        slip_json_string (slip_kms_world_find_key (ctx->world, ctx->account, region, key_id)->data,
                          "Arn"));
  json_object_set_boolean_member (data, "origin", TRUE);
  return TRUE;
}

gboolean
slip_dynamodb_change_replica (SlipServiceContext *ctx,
                              const SlipWorldRecord *table,
                              JsonObject *data,
                              JsonObject *change,
                              GError **error)
{
  JsonObject *given = slip_json_object (change, "Create");
  gboolean delete = given == NULL && slip_json_object (change, "Delete") != NULL;
  const SlipWorldRecord *other;
  const char *region;
  JsonObject *replica;

  if (given != NULL)
    return create (ctx, data, given, error);
  given = slip_json_object (change, delete ? "Delete" : "Update");
  region = given != NULL ? slip_json_string (given, "RegionName") : NULL;
  replica = region != NULL ? find_replica (data, region) : NULL;
  if (replica == NULL)
    {
      slip_dynamodb_invalid (
          error, "Update global table operation failed because one or more replicas were not part "
                 "of the global table.");
      return FALSE;
    }
  other = slip_world_get (ctx->world, table->account, region, DDB_TABLE, table->id);
  if (delete &&other != NULL && slip_json_bool (other->data, "DeletionProtectionEnabled", FALSE))
    {
      slip_dynamodb_invalid (error, "Resource cannot be deleted as it is currently protected "
                                    "against deletion. Disable deletion protection first.");
      return FALSE;
    }
  json_object_set_string_member (replica, "ReplicaStatus", delete ? "DELETING" : "UPDATING");
  return TRUE;
}

/* The other region's table: the same keys, indexes, stream and items; its own key, tags and
 * settings. */
static void
make_table (SlipWorld *world, const SlipWorldRecord *table, JsonObject *data, JsonObject *replica)
{
  const char *region = slip_json_string (replica, "RegionName");
  const char *key_id = slip_json_string (replica, "KMSMasterKeyId");
  g_autoptr (JsonObject) input = slip_dynamodb_to_input (data);
  g_autoptr (GError) error = NULL;
  JsonObject *made, *sse = slip_json_object (input, "SSESpecification");
  JsonArray *indexes;

  if (sse != NULL && key_id != NULL)
    json_object_set_string_member (sse, "KMSMasterKeyId", key_id);
  else if (sse != NULL)
    json_object_remove_member (sse, "KMSMasterKeyId");
  made = slip_dynamodb_new_table (world, table->account, region, input, &error);
  if (made == NULL)
    {
      json_object_set_string_member (replica, "ReplicaStatus", "CREATION_FAILED");
      json_object_set_string_member (replica, "ReplicaStatusDescription", error->message);
      return;
    }
  json_object_set_string_member (made, "TableStatus", "ACTIVE");
  json_object_set_string_member (made, "collection", slip_dynamodb_collection (table));
  slip_dynamodb_set_stream (world, made, "NEW_AND_OLD_IMAGES");
  indexes = slip_json_array (made, "GlobalSecondaryIndexes");
  for (guint i = 0; indexes != NULL && i < json_array_get_length (indexes); i++)
    json_object_set_string_member (json_array_get_object_element (indexes, i), "IndexStatus",
                                   "ACTIVE");
  add_replica (made, table->region, "ACTIVE");
  slip_world_put (world, table->account, region, DDB_TABLE, table->id, made);
  json_object_set_string_member (replica, "ReplicaStatus", "ACTIVE");
}

void
slip_dynamodb_settle_replicas (SlipWorld *world,
                               const SlipWorldRecord *table,
                               JsonObject *data,
                               const char *fail)
{
  g_autoptr (JsonArray) list = slip_json_array (data, "Replicas") != NULL
                                   ? json_array_ref (slip_json_array (data, "Replicas"))
                                   : NULL;

  for (guint i = list != NULL ? json_array_get_length (list) : 0; i > 0; i--)
    {
      JsonObject *replica = json_array_get_object_element (list, i - 1);
      g_autofree char *region = g_strdup (slip_json_string (replica, "RegionName"));
      const char *status = slip_json_string (replica, "ReplicaStatus");

      if (g_str_equal (status, "CREATING") && fail == NULL)
        make_table (world, table, data, replica);
      else if (g_str_equal (status, "CREATING"))
        {
          json_object_set_string_member (replica, "ReplicaStatus", "CREATION_FAILED");
          json_object_set_string_member (replica, "ReplicaStatusDescription", fail);
        }
      else if (g_str_equal (status, "DELETING") && fail == NULL)
        {
          drop_replica (data, region);
          /* So that the other table, leaving, does not change this one's record meanwhile. */
          slip_world_remove (world, table->account, region, DDB_TABLE, table->id);
        }
      else
        json_object_set_string_member (replica, "ReplicaStatus", "ACTIVE");
    }
}

void
slip_dynamodb_leave_replicas (SlipWorld *world, const SlipWorldRecord *table)
{
  JsonArray *list = slip_json_array (table->data, "Replicas");

  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    {
      const char *region = slip_json_string (json_array_get_object_element (list, i), "RegionName");
      JsonObject *other = slip_world_edit (world, table->account, region, DDB_TABLE, table->id);

      if (other == NULL)
        continue;
      drop_replica (other, table->region);
      slip_world_put (world, table->account, region, DDB_TABLE, table->id, other);
    }
}
