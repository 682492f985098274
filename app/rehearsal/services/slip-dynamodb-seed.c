/* SPDX-License-Identifier: MIT */

/* Tables that a scenario describes: as CreateTable would make them, but there already, with their
 * settings, items and the traffic of the last days. */

#include "slip-dynamodb.h"

#include <string.h>

#include "slip-json.h"
#include "slip-scenario.h"
#include "slip-world-metrics.h"

#define USAGE_HOURS 48

static const char *const table_members[] = {
    "name", "hash", "range", "indexes", "throughput", "class", "kms_key_id", "stream",
    "ttl",  "pitr", "tags",  "policy",  "hours_ago",  "items", "usage",      "deletion_protection",
    NULL};
static const char *const index_members[] = {"name", "hash", "range", "local", "projection", NULL};

/* `name` or `name:N`: an attribute that is a key, S unless said otherwise. */
static char *
define (JsonArray *definitions, const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, ":", 2);
  JsonObject *one;

  for (guint i = 0; i < json_array_get_length (definitions); i++)
    if (g_strcmp0 (
            slip_json_string (json_array_get_object_element (definitions, i), "AttributeName"),
            parts[0])
        == 0)
      return g_strdup (parts[0]);
  one = json_object_new ();
  json_object_set_string_member (one, "AttributeName", parts[0]);
  json_object_set_string_member (one, "AttributeType", parts[1] != NULL ? parts[1] : "S");
  json_array_add_object_element (definitions, one);
  return g_strdup (parts[0]);
}

static void
add_key (JsonArray *schema, JsonArray *definitions, const char *text, const char *type)
{
  g_autofree char *name = text != NULL ? define (definitions, text) : NULL;
  JsonObject *key;

  if (name == NULL)
    return;
  key = json_object_new ();
  json_object_set_string_member (key, "AttributeName", name);
  json_object_set_string_member (key, "KeyType", type);
  json_array_add_object_element (schema, key);
}

static JsonArray *
new_schema (JsonArray *definitions, JsonObject *item)
{
  JsonArray *schema = json_array_new ();

  add_key (schema, definitions, slip_json_string (item, "hash"), "HASH");
  add_key (schema, definitions, slip_json_string (item, "range"), "RANGE");
  return schema;
}

/* ALL, KEYS_ONLY, or the names of what is included. */
static JsonObject *
new_projection (JsonObject *item)
{
  const char *type = slip_json_string (item, "projection");
  JsonArray *names = slip_json_array (item, "projection");
  JsonObject *projection = json_object_new ();

  json_object_set_string_member (projection, "ProjectionType",
                                 names != NULL  ? "INCLUDE"
                                 : type != NULL ? type
                                                : "ALL");
  if (names != NULL)
    json_object_set_array_member (projection, "NonKeyAttributes", json_array_ref (names));
  return projection;
}

typedef struct
{
  JsonObject *input;
  JsonObject *throughput;
} Building;

static JsonArray *
list_of (JsonObject *input, const char *member)
{
  if (slip_json_array (input, member) == NULL)
    json_object_set_array_member (input, member, json_array_new ());
  return slip_json_array (input, member);
}

static gboolean
add_index (JsonObject *item, const char *path, gpointer data, GError **error)
{
  Building *building = data;
  const char *name, *hash, *range;
  gboolean local = FALSE;
  JsonObject *index;

  if (!slip_scenario_check_members (item, path, index_members, error)
      || !slip_scenario_get_string (item, path, "name", TRUE, &name, error)
      || !slip_scenario_get_string (item, path, "hash", TRUE, &hash, error)
      || !slip_scenario_get_string (item, path, "range", FALSE, &range, error)
      || !slip_scenario_get_bool (item, path, "local", &local, error))
    return FALSE;
  index = json_object_new ();
  json_object_set_string_member (index, "IndexName", name);
  json_object_set_array_member (
      index, "KeySchema", new_schema (list_of (building->input, "AttributeDefinitions"), item));
  json_object_set_object_member (index, "Projection", new_projection (item));
  if (!local && building->throughput != NULL)
    json_object_set_object_member (index, "ProvisionedThroughput",
                                   json_object_ref (building->throughput));
  json_array_add_object_element (
      list_of (building->input, local ? "LocalSecondaryIndexes" : "GlobalSecondaryIndexes"), index);
  return TRUE;
}

/* `throughput` is `{read, write}`; without it the table is on demand. */
static gboolean
set_throughput (Building *building, JsonObject *item, const char *path, GError **error)
{
  static const char *const members[] = {"read", "write", NULL};
  gint64 read = 5, write = 5;
  JsonObject *given;

  if (!slip_scenario_get_object (item, path, "throughput", FALSE, &given, error))
    return FALSE;
  json_object_set_string_member (building->input, "BillingMode",
                                 given != NULL ? "PROVISIONED" : "PAY_PER_REQUEST");
  if (given == NULL)
    return TRUE;
  if (!slip_scenario_check_members (given, path, members, error)
      || !slip_scenario_get_int (given, path, "read", 1, 40000, &read, error)
      || !slip_scenario_get_int (given, path, "write", 1, 40000, &write, error))
    return FALSE;
  building->throughput = json_object_new ();
  json_object_set_int_member (building->throughput, "ReadCapacityUnits", read);
  json_object_set_int_member (building->throughput, "WriteCapacityUnits", write);
  json_object_set_object_member (building->input, "ProvisionedThroughput", building->throughput);
  return TRUE;
}

static void
set_options (JsonObject *input, JsonObject *item)
{
  const char *key_id = slip_json_string (item, "kms_key_id");
  const char *view = slip_json_string (item, "stream");
  JsonObject *object;

  if (key_id != NULL)
    {
      object = json_object_new ();
      json_object_set_boolean_member (object, "Enabled", TRUE);
      json_object_set_string_member (object, "SSEType", "KMS");
      json_object_set_string_member (object, "KMSMasterKeyId", key_id);
      json_object_set_object_member (input, "SSESpecification", object);
    }
  if (view != NULL)
    {
      object = json_object_new ();
      json_object_set_boolean_member (object, "StreamEnabled", TRUE);
      json_object_set_string_member (object, "StreamViewType", view);
      json_object_set_object_member (input, "StreamSpecification", object);
    }
  if (slip_json_string (item, "class") != NULL)
    json_object_set_string_member (input, "TableClass", slip_json_string (item, "class"));
  json_object_set_boolean_member (input, "DeletionProtectionEnabled",
                                  slip_json_bool (item, "deletion_protection", FALSE));
  json_object_set_array_member (input, "Tags",
                                slip_tags_from_object (slip_json_object (item, "tags")));
}

/* What CreateTable does not take. */
static void
finish_table (const SlipSeed *seed, JsonObject *item, JsonObject *data)
{
  gint64 made
      = slip_world_now (seed->world) - slip_json_int (item, "hours_ago", 0) * G_TIME_SPAN_HOUR;
  g_autofree char *time = slip_time_format (made);
  JsonArray *indexes = slip_json_array (data, "GlobalSecondaryIndexes");
  JsonObject *policy = slip_json_object (item, "policy");

  json_object_set_string_member (data, "TableStatus", "ACTIVE");
  json_object_set_string_member (data, "CreationDateTime", time);
  for (guint i = 0; indexes != NULL && i < json_array_get_length (indexes); i++)
    json_object_set_string_member (json_array_get_object_element (indexes, i), "IndexStatus",
                                   "ACTIVE");
  if (slip_json_string (item, "ttl") != NULL)
    {
      JsonObject *ttl = json_object_new ();

      json_object_set_string_member (ttl, "TimeToLiveStatus", "ENABLED");
      json_object_set_string_member (ttl, "AttributeName", slip_json_string (item, "ttl"));
      json_object_set_object_member (data, "ttl", ttl);
    }
  if (slip_json_bool (item, "pitr", FALSE))
    json_object_set_int_member (data, "pitr", made);
  if (policy != NULL)
    {
      g_autoptr (JsonNode) node = slip_json_new_object (json_object_ref (policy));
      g_autofree char *text = slip_json_to_text (node, FALSE);

      json_object_set_string_member (data, "policy", text);
      json_object_set_string_member (data, "policy_revision", "1");
    }
}

static gboolean
seed_usage (
    const SlipSeed *seed, const char *table, JsonObject *item, const char *path, GError **error)
{
  static const char *const members[] = {"reads", "writes", NULL};
  static const char *const names[] = {"ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"};
  g_autofree char *dimensions = slip_world_metric_dimensions ("TableName", table, NULL);
  g_autoptr (GRand) random = g_rand_new_with_seed (g_str_hash (table));
  gint64 per_hour[] = {0, 0};
  JsonObject *usage;

  if (!slip_scenario_get_object (item, path, "usage", FALSE, &usage, error))
    return FALSE;
  if (usage == NULL)
    return TRUE;
  if (!slip_scenario_check_members (usage, path, members, error)
      || !slip_scenario_get_int (usage, path, "reads", 0, 1000000, &per_hour[0], error)
      || !slip_scenario_get_int (usage, path, "writes", 0, 1000000, &per_hour[1], error))
    return FALSE;
  for (gint64 hour = 1; hour <= USAGE_HOURS; hour++)
    for (guint i = 0; i < G_N_ELEMENTS (names); i++)
      {
        SlipMetric metric
            = {seed->account, seed->region, "AWS/DynamoDB", names[i], dimensions, "Count"};
        double units = (double)per_hour[i] * g_rand_double_range (random, 0.8, 1.2);
        SlipMetricValues values = {slip_world_now (seed->world) - hour * G_TIME_SPAN_HOUR,
                                   MAX (units, 1),
                                   units,
                                   0.5,
                                   4,
                                   ""};

        if (per_hour[i] > 0)
          slip_world_metric_add (seed->world, &metric, &values);
      }
  return TRUE;
}

typedef struct
{
  const SlipSeed *seed;
  const char *name;
} Filling;

static gboolean
fill_one (JsonObject *item, const char *path, gpointer data, GError **error)
{
  Filling *filling = data;
  const SlipSeed *seed = filling->seed;

  return slip_dynamodb_seed_items (
      seed, slip_world_get (seed->world, seed->account, seed->region, DDB_TABLE, filling->name),
      item, path, error);
}

static gboolean
check_members (JsonObject *item, const char *path, GError **error)
{
  static const char *const strings[] = {"hash", "range", "class", "kms_key_id", "stream", "ttl"};
  static const char *const objects[] = {"tags", "policy"};
  gboolean flag = FALSE;
  gint64 hours = 0;
  const char *text;
  JsonObject *object;

  if (!slip_scenario_check_members (item, path, table_members, error)
      || !slip_scenario_get_bool (item, path, "pitr", &flag, error)
      || !slip_scenario_get_bool (item, path, "deletion_protection", &flag, error)
      || !slip_scenario_get_int (item, path, "hours_ago", 0, 1000000, &hours, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (strings); i++)
    if (!slip_scenario_get_string (item, path, strings[i], i == 0, &text, error))
      return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (objects); i++)
    if (!slip_scenario_get_object (item, path, objects[i], FALSE, &object, error))
      return FALSE;
  return TRUE;
}

static gboolean
seed_table (JsonObject *item, const char *path, gpointer user_data, GError **error)
{
  const SlipSeed *seed = user_data;
  g_autoptr (JsonObject) input = json_object_new ();
  Building building = {input, NULL};
  Filling filling = {seed, NULL};
  g_autoptr (GError) problem = NULL;
  JsonObject *data;

  if (!check_members (item, path, error)
      || !slip_scenario_get_string (item, path, "name", TRUE, &filling.name, error)
      || !set_throughput (&building, item, path, error))
    return FALSE;
  if (slip_world_get (seed->world, seed->account, seed->region, DDB_TABLE, filling.name) != NULL)
    return slip_scenario_error (error, path, "table %s is there already", filling.name);
  json_object_set_string_member (input, "TableName", filling.name);
  json_object_set_array_member (input, "KeySchema",
                                new_schema (list_of (input, "AttributeDefinitions"), item));
  if (!slip_scenario_foreach_item (item, path, "indexes", add_index, &building, error))
    return FALSE;
  set_options (input, item);
  data = slip_dynamodb_new_table (seed->world, seed->account, seed->region, input, &problem);
  if (data == NULL)
    return slip_scenario_error (error, path, "%s", problem->message);
  finish_table (seed, item, data);
  slip_world_put (seed->world, seed->account, seed->region, DDB_TABLE, filling.name, data);
  return seed_usage (seed, filling.name, item, path, error)
         && slip_scenario_foreach_item (item, path, "items", fill_one, &filling, error);
}

gboolean
slip_dynamodb_seed (const SlipSeed *seed, GError **error)
{
  return slip_scenario_seed_list (seed, "tables", seed_table, error);
}
