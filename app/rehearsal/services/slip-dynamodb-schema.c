/* SPDX-License-Identifier: MIT */

/* New tables and indexes: what CreateTable takes, checked as the service checks it, becomes what
 * DescribeTable shows. Restores go the other way first. */

#include "slip-dynamodb.h"

#include <string.h>

#include "slip-json.h"
#include "slip-kms-world.h"

#define MAX_GLOBAL 20
#define MAX_LOCAL 5

#define INVALID "One or more parameter values were invalid: "

static void
copy_member (JsonObject *from, JsonObject *to, const char *name)
{
  JsonNode *node = json_object_get_member (from, name);

  if (node != NULL)
    json_object_set_member (to, name, slip_json_copy (node));
}

const char *
slip_dynamodb_attribute_type (JsonObject *table, const char *name)
{
  JsonArray *list = slip_json_array (table, "AttributeDefinitions");

  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    {
      JsonObject *one = json_array_get_object_element (list, i);

      if (g_strcmp0 (slip_json_string (one, "AttributeName"), name) == 0)
        return slip_json_string (one, "AttributeType");
    }
  return NULL;
}

void
slip_dynamodb_key_names (JsonArray *schema, const char **hash, const char **range)
{
  *hash = *range = NULL;
  for (guint i = 0; schema != NULL && i < json_array_get_length (schema); i++)
    {
      JsonObject *key = json_array_get_object_element (schema, i);
      const char *name = slip_json_string (key, "AttributeName");

      if (g_strcmp0 (slip_json_string (key, "KeyType"), "HASH") == 0)
        *hash = name;
      else
        *range = name;
    }
}

JsonObject *
slip_dynamodb_find_index (JsonObject *table, const char *name, gboolean *global)
{
  static const char *const lists[] = {"LocalSecondaryIndexes", "GlobalSecondaryIndexes"};

  for (guint l = 0; l < G_N_ELEMENTS (lists); l++)
    {
      JsonArray *list = slip_json_array (table, lists[l]);

      for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
        {
          JsonObject *index = json_array_get_object_element (list, i);

          if (g_strcmp0 (slip_json_string (index, "IndexName"), name) != 0)
            continue;
          if (global != NULL)
            *global = l == 1;
          return index;
        }
    }
  return NULL;
}

static void
add_key_names (GHashTable *used, JsonObject *of)
{
  const char *hash, *range;

  slip_dynamodb_key_names (slip_json_array (of, "KeySchema"), &hash, &range);
  g_hash_table_add (used, (gpointer)hash);
  if (range != NULL)
    g_hash_table_add (used, (gpointer)range);
}

void
slip_dynamodb_prune_definitions (JsonObject *table)
{
  static const char *const lists[] = {"LocalSecondaryIndexes", "GlobalSecondaryIndexes"};
  g_autoptr (GHashTable) used = g_hash_table_new (g_str_hash, g_str_equal);
  JsonArray *all = slip_json_array (table, "AttributeDefinitions");
  JsonArray *left = json_array_new ();

  add_key_names (used, table);
  for (guint l = 0; l < G_N_ELEMENTS (lists); l++)
    {
      JsonArray *list = slip_json_array (table, lists[l]);

      for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
        add_key_names (used, json_array_get_object_element (list, i));
    }
  for (guint i = 0; i < json_array_get_length (all); i++)
    {
      JsonObject *one = json_array_get_object_element (all, i);

      if (g_hash_table_contains (used, slip_json_string (one, "AttributeName")))
        json_array_add_object_element (left, json_object_ref (one));
    }
  json_object_set_array_member (table, "AttributeDefinitions", left);
}

/* A key schema is a HASH, then perhaps a RANGE, of defined attributes. Adds them to @used. */
static gboolean
check_schema (JsonObject *input, JsonArray *schema, GHashTable *used, GError **error)
{
  guint length = schema != NULL ? json_array_get_length (schema) : 0;

  if (length < 1 || length > 2)
    {
      slip_dynamodb_invalid (error, "1 validation error detected: Value at 'keySchema' failed to "
                                    "satisfy constraint: Member must have length between 1 and 2");
      return FALSE;
    }
  for (guint i = 0; i < length; i++)
    {
      JsonObject *key = json_array_get_object_element (schema, i);
      const char *name = slip_json_string (key, "AttributeName");
      const char *type = slip_json_string (key, "KeyType");

      if (g_strcmp0 (type, i == 0 ? "HASH" : "RANGE") != 0)
        slip_dynamodb_invalid (error,
                               "Invalid KeySchema: The %s KeySchemaElement is not a %s key "
                               "type",
                               i == 0 ? "first" : "second", i == 0 ? "HASH" : "RANGE");
      else if (slip_dynamodb_attribute_type (input, name) == NULL)
        slip_dynamodb_invalid (error,
                               INVALID "Some index key attributes are not defined in "
                                       "AttributeDefinitions. Keys: [%s]",
                               name);
      else
        {
          g_hash_table_add (used, (gpointer)name);
          continue;
        }
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_projection (JsonObject *index, GError **error)
{
  JsonObject *projection = slip_json_object (index, "Projection");
  const char *type = projection != NULL ? slip_json_string (projection, "ProjectionType") : NULL;
  static const char *const types[] = {"ALL", "KEYS_ONLY", "INCLUDE", NULL};
  gboolean more = projection != NULL && json_object_has_member (projection, "NonKeyAttributes");

  if (type == NULL || !g_strv_contains (types, type))
    slip_dynamodb_invalid (error, INVALID "Unknown ProjectionType: %s",
                           type != NULL ? type : "null");
  else if (more != g_str_equal (type, "INCLUDE"))
    slip_dynamodb_invalid (error,
                           INVALID "ProjectionType is %s, but NonKeyAttributes is %sspecified",
                           type, more ? "" : "not ");
  else
    return TRUE;
  return FALSE;
}

static gboolean
check_indexes (JsonObject *input, const char *member, guint most, GHashTable *used, GError **error)
{
  JsonArray *list = slip_json_array (input, member);
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    {
      JsonObject *index = json_array_get_object_element (list, i);
      const char *name = slip_json_string (index, "IndexName");

      if (!slip_dynamodb_check_name (name, error)
          || !check_schema (input, slip_json_array (index, "KeySchema"), used, error)
          || !check_projection (index, error))
        return FALSE;
      if (!g_hash_table_add (names, (gpointer)name))
        {
          slip_dynamodb_invalid (error, INVALID "Duplicate index name: %s", name);
          return FALSE;
        }
    }
  if (list != NULL && json_array_get_length (list) > most)
    {
      slip_dynamodb_invalid (error, INVALID "%s count exceeds the per-table limit of %u", member,
                             most);
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_definitions (JsonObject *input, GHashTable *used, GError **error)
{
  static const char *const types[] = {"S", "N", "B", NULL};
  JsonArray *list = slip_json_array (input, "AttributeDefinitions");

  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      JsonObject *one = json_array_get_object_element (list, i);
      const char *name = slip_json_string (one, "AttributeName");
      const char *type = slip_json_string (one, "AttributeType");

      if (!g_strv_contains (types, type))
        slip_dynamodb_invalid (error, INVALID "Member must satisfy enum value set: [B, N, S]: %s",
                               type);
      else if (!g_hash_table_contains (used, name))
        slip_dynamodb_invalid (error,
                               INVALID "Some AttributeDefinitions are not used. "
                                       "AttributeDefinitions: [%s]",
                               name);
      else
        continue;
      return FALSE;
    }
  return TRUE;
}

static gboolean
is_on_demand (JsonObject *input)
{
  return g_strcmp0 (slip_json_string (input, "BillingMode"), "PAY_PER_REQUEST") == 0;
}

static gboolean
check_throughput (JsonObject *input, gboolean on_demand, GError **error)
{
  JsonObject *throughput = slip_json_object (input, "ProvisionedThroughput");

  if (!on_demand && throughput == NULL)
    slip_dynamodb_invalid (error, INVALID "ReadCapacityUnits and WriteCapacityUnits must both be "
                                          "specified when BillingMode is PROVISIONED");
  else if (on_demand && throughput != NULL)
    slip_dynamodb_invalid (error, INVALID "Neither ReadCapacityUnits nor WriteCapacityUnits can be "
                                          "specified when BillingMode is PAY_PER_REQUEST");
  else if (throughput != NULL
           && (slip_json_int (throughput, "ReadCapacityUnits", 0) < 1
               || slip_json_int (throughput, "WriteCapacityUnits", 0) < 1))
    slip_dynamodb_invalid (error, "1 validation error detected: ReadCapacityUnits and "
                                  "WriteCapacityUnits must have value greater than or equal to 1");
  else
    return TRUE;
  return FALSE;
}

static gboolean
check_all_throughput (JsonObject *input, GError **error)
{
  JsonArray *list = slip_json_array (input, "GlobalSecondaryIndexes");
  gboolean on_demand = is_on_demand (input);

  if (!check_throughput (input, on_demand, error))
    return FALSE;
  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    if (!check_throughput (json_array_get_object_element (list, i), on_demand, error))
      return FALSE;
  return TRUE;
}

static gboolean
check_stream (JsonObject *input, GError **error)
{
  JsonObject *stream = slip_json_object (input, "StreamSpecification");

  if (stream == NULL
      || slip_json_bool (stream, "StreamEnabled", FALSE)
             == json_object_has_member (stream, "StreamViewType"))
    return TRUE;
  slip_dynamodb_invalid (error, INVALID "StreamViewType is %s when StreamEnabled is %s",
                         json_object_has_member (stream, "StreamViewType") ? "not allowed"
                                                                           : "required",
                         json_object_has_member (stream, "StreamViewType") ? "false" : "true");
  return FALSE;
}

JsonObject *
slip_dynamodb_new_throughput (JsonObject *input)
{
  JsonObject *given = input != NULL ? slip_json_object (input, "ProvisionedThroughput") : NULL;
  JsonObject *shown = json_object_new ();

  json_object_set_int_member (shown, "NumberOfDecreasesToday", 0);
  json_object_set_int_member (shown, "ReadCapacityUnits",
                              given != NULL ? slip_json_int (given, "ReadCapacityUnits", 0) : 0);
  json_object_set_int_member (shown, "WriteCapacityUnits",
                              given != NULL ? slip_json_int (given, "WriteCapacityUnits", 0) : 0);
  return shown;
}

JsonObject *
slip_dynamodb_new_index (JsonObject *input,
                         const char *table_arn,
                         gboolean global,
                         gboolean on_demand)
{
  JsonObject *index = json_object_new ();
  g_autofree char *arn
      = g_strdup_printf ("%s/index/%s", table_arn, slip_json_string (input, "IndexName"));

  copy_member (input, index, "IndexName");
  copy_member (input, index, "KeySchema");
  copy_member (input, index, "Projection");
  if (global)
    {
      json_object_set_string_member (index, "IndexStatus", "CREATING");
      json_object_set_object_member (index, "ProvisionedThroughput",
                                     slip_dynamodb_new_throughput (on_demand ? NULL : input));
      copy_member (input, index, "OnDemandThroughput");
    }
  json_object_set_int_member (index, "IndexSizeBytes", 0);
  json_object_set_int_member (index, "ItemCount", 0);
  json_object_set_string_member (index, "IndexArn", arn);
  return index;
}

JsonObject *
slip_dynamodb_new_sse (SlipWorld *world,
                       const char *account,
                       const char *region,
                       JsonObject *specification,
                       GError **error)
{
  const char *named
      = specification != NULL ? slip_json_string (specification, "KMSMasterKeyId") : NULL;
  const SlipWorldRecord *key;
  JsonObject *sse;

  if (specification == NULL || !slip_json_bool (specification, "Enabled", named != NULL))
    return NULL;
  if (g_strcmp0 (slip_json_string (specification, "SSEType"), "AES256") == 0)
    return slip_dynamodb_invalid (error, INVALID "SSEType AES256 is not supported");
  key = slip_kms_world_find_key (world, account, region,
                                 named != NULL ? named : "alias/aws/dynamodb");
  if (key == NULL || !slip_kms_world_is_enabled (key)
      || !slip_kms_world_allows (world, key, account, NULL, "kms:CreateGrant"))
    return slip_dynamodb_invalid (error,
                                  INVALID "KMS validation error: the key %s does not exist, is not "
                                          "enabled or may not be used",
                                  named);
  sse = json_object_new ();
  json_object_set_string_member (sse, "Status", "ENABLED");
  json_object_set_string_member (sse, "SSEType", "KMS");
  json_object_set_string_member (sse, "KMSMasterKeyArn", slip_json_string (key->data, "Arn"));
  return sse;
}

void
slip_dynamodb_set_stream (SlipWorld *world, JsonObject *table, const char *view)
{
  gint64 now = slip_world_now (world);
  g_autofree char *time = slip_time_format (now / G_TIME_SPAN_SECOND * G_TIME_SPAN_SECOND);
  g_autofree char *label = g_strdup_printf ("%.19s.%03d", time, (int)(now / 1000 % 1000));
  g_autofree char *arn
      = g_strdup_printf ("%s/stream/%s", slip_json_string (table, "TableArn"), label);
  JsonObject *stream = json_object_new ();

  json_object_set_boolean_member (stream, "StreamEnabled", TRUE);
  json_object_set_string_member (stream, "StreamViewType", view);
  json_object_set_object_member (table, "StreamSpecification", stream);
  json_object_set_string_member (table, "LatestStreamLabel", label);
  json_object_set_string_member (table, "LatestStreamArn", arn);
}

static void
set_billing (SlipWorld *world, JsonObject *table, JsonObject *input)
{
  JsonObject *summary;
  g_autofree char *now = slip_world_dup_now (world);

  json_object_set_object_member (table, "ProvisionedThroughput",
                                 slip_dynamodb_new_throughput (input));
  if (!is_on_demand (input))
    return;
  summary = json_object_new ();
  json_object_set_string_member (summary, "BillingMode", "PAY_PER_REQUEST");
  json_object_set_string_member (summary, "LastUpdateToPayPerRequestDateTime", now);
  json_object_set_object_member (table, "BillingModeSummary", summary);
}

static void
set_indexes (JsonObject *table, JsonObject *input, const char *member, gboolean global)
{
  JsonArray *list = slip_json_array (input, member);
  JsonArray *shown;

  if (list == NULL || json_array_get_length (list) == 0)
    return;
  shown = json_array_new ();
  for (guint i = 0; i < json_array_get_length (list); i++)
    json_array_add_object_element (shown,
                                   slip_dynamodb_new_index (json_array_get_object_element (list, i),
                                                            slip_json_string (table, "TableArn"),
                                                            global, is_on_demand (input)));
  json_object_set_array_member (table, member, shown);
}

static void
set_identity (
    SlipWorld *world, const char *account, const char *region, JsonObject *table, JsonObject *input)
{
  const char *name = slip_json_string (input, "TableName");
  g_autofree char *arn = slip_dynamodb_arn (account, region, name);
  g_autofree char *id = g_uuid_string_random ();
  g_autofree char *now = slip_world_dup_now (world);

  copy_member (input, table, "AttributeDefinitions");
  json_object_set_string_member (table, "TableName", name);
  copy_member (input, table, "KeySchema");
  json_object_set_string_member (table, "TableStatus", "CREATING");
  json_object_set_string_member (table, "CreationDateTime", now);
  json_object_set_int_member (table, "TableSizeBytes", 0);
  json_object_set_int_member (table, "ItemCount", 0);
  json_object_set_string_member (table, "TableArn", arn);
  json_object_set_string_member (table, "TableId", id);
  json_object_set_string_member (table, "collection", id);
  json_object_set_boolean_member (table, "DeletionProtectionEnabled",
                                  slip_json_bool (input, "DeletionProtectionEnabled", FALSE));
}

static void
set_rest (SlipWorld *world, JsonObject *table, JsonObject *input)
{
  JsonObject *stream = slip_json_object (input, "StreamSpecification");
  const char *class_name = slip_json_string (input, "TableClass");

  if (stream != NULL && slip_json_bool (stream, "StreamEnabled", FALSE))
    slip_dynamodb_set_stream (world, table, slip_json_string (stream, "StreamViewType"));
  if (class_name != NULL)
    {
      JsonObject *summary = json_object_new ();

      json_object_set_string_member (summary, "TableClass", class_name);
      json_object_set_object_member (table, "TableClassSummary", summary);
    }
  copy_member (input, table, "OnDemandThroughput");
  json_object_set_array_member (table, "tags",
                                slip_tags_merge (NULL, slip_json_array (input, "Tags"), "Key"));
}

JsonObject *
slip_dynamodb_new_table (
    SlipWorld *world, const char *account, const char *region, JsonObject *input, GError **error)
{
  g_autoptr (GHashTable) used = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GError) problem = NULL;
  JsonObject *table, *sse;

  if (!slip_dynamodb_check_name (slip_json_string (input, "TableName"), error)
      || !check_schema (input, slip_json_array (input, "KeySchema"), used, error)
      || !check_indexes (input, "LocalSecondaryIndexes", MAX_LOCAL, used, error)
      || !check_indexes (input, "GlobalSecondaryIndexes", MAX_GLOBAL, used, error)
      || !check_definitions (input, used, error) || !check_all_throughput (input, error)
      || !check_stream (input, error))
    return NULL;
  sse = slip_dynamodb_new_sse (world, account, region, slip_json_object (input, "SSESpecification"),
                               &problem);
  if (problem != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return NULL;
    }
  table = json_object_new ();
  set_identity (world, account, region, table, input);
  set_billing (world, table, input);
  set_indexes (table, input, "LocalSecondaryIndexes", FALSE);
  set_indexes (table, input, "GlobalSecondaryIndexes", TRUE);
  if (sse != NULL)
    json_object_set_object_member (table, "SSEDescription", sse);
  set_rest (world, table, input);
  return table;
}

static void
throughput_to_input (JsonObject *from, JsonObject *to)
{
  JsonObject *shown = slip_json_object (from, "ProvisionedThroughput");
  JsonObject *input;

  if (shown == NULL || slip_json_int (shown, "ReadCapacityUnits", 0) == 0)
    return;
  input = json_object_new ();
  copy_member (shown, input, "ReadCapacityUnits");
  copy_member (shown, input, "WriteCapacityUnits");
  json_object_set_object_member (to, "ProvisionedThroughput", input);
}

static void
indexes_to_input (JsonObject *table, JsonObject *input, const char *member)
{
  JsonArray *list = slip_json_array (table, member);
  JsonArray *plain;

  if (list == NULL || json_array_get_length (list) == 0)
    return;
  plain = json_array_new ();
  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      JsonObject *index = json_array_get_object_element (list, i);
      JsonObject *one = json_object_new ();

      copy_member (index, one, "IndexName");
      copy_member (index, one, "KeySchema");
      copy_member (index, one, "Projection");
      throughput_to_input (index, one);
      json_array_add_object_element (plain, one);
    }
  json_object_set_array_member (input, member, plain);
}

JsonObject *
slip_dynamodb_to_input (JsonObject *table)
{
  JsonObject *input = json_object_new ();
  JsonObject *sse = slip_json_object (table, "SSEDescription");
  JsonObject *class_summary = slip_json_object (table, "TableClassSummary");
  JsonObject *billing = slip_json_object (table, "BillingModeSummary");

  copy_member (table, input, "TableName");
  copy_member (table, input, "AttributeDefinitions");
  copy_member (table, input, "KeySchema");
  indexes_to_input (table, input, "LocalSecondaryIndexes");
  indexes_to_input (table, input, "GlobalSecondaryIndexes");
  throughput_to_input (table, input);
  json_object_set_string_member (input, "BillingMode",
                                 billing != NULL && is_on_demand (billing) ? "PAY_PER_REQUEST"
                                                                           : "PROVISIONED");
  if (class_summary != NULL)
    copy_member (class_summary, input, "TableClass");
  if (sse != NULL)
    {
      JsonObject *specification = json_object_new ();

      json_object_set_boolean_member (specification, "Enabled", TRUE);
      json_object_set_string_member (specification, "SSEType", "KMS");
      json_object_set_string_member (specification, "KMSMasterKeyId",
                                     slip_json_string (sse, "KMSMasterKeyArn"));
      json_object_set_object_member (input, "SSESpecification", specification);
    }
  return input;
}
