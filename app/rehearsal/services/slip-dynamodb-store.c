/* SPDX-License-Identifier: MIT */

/* Items of a table by its keys, and the capacity that reading and writing them consumes. */

#include "slip-dynamodb.h"

#include <math.h>

#include "slip-json.h"
#include "slip-world-items.h"
#include "slip-world-metrics.h"

#define MAX_ITEM_BYTES (400 * 1024)

void
slip_dynamodb_key_clear (SlipDynamodbKey *key)
{
  g_clear_pointer (&key->hash, g_free);
  g_clear_pointer (&key->range, g_free);
}

/* One key attribute of an item as bytes that compare. */
static char *
key_text (const SlipWorldRecord *table,
          const char *name,
          JsonObject *item,
          gboolean exact,
          GError **error)
{
  JsonObject *value = slip_json_object (item, name);
  const char *type = slip_dynamodb_attribute_type (table->data, name);
  const char *text = value != NULL ? slip_json_string (value, type) : NULL;

  if (value == NULL && !exact)
    return slip_dynamodb_invalid (
        error, "One or more parameter values were invalid: Missing the key %s in the item", name);
  if (value == NULL || (text == NULL && exact))
    return slip_dynamodb_invalid (error, "The provided key element does not match the schema");
  if (text == NULL)
    return slip_dynamodb_invalid (error,
                                  "One or more parameter values were invalid: Type mismatch for "
                                  "key %s expected: %s actual: %s",
                                  name, type, slip_dynamodb_type (value));
  if (*text == '\0')
    return slip_dynamodb_invalid (error,
                                  "One or more parameter values are not valid. The AttributeValue "
                                  "for a key attribute cannot contain an empty %s value. Key: %s",
                                  type[0] == 'B' ? "binary" : "string", name);
  return slip_dynamodb_value_key (value);
}

gboolean
slip_dynamodb_key_of (const SlipWorldRecord *table,
                      JsonObject *item,
                      gboolean exact,
                      SlipDynamodbKey *key,
                      GError **error)
{
  const char *hash, *range;

  slip_dynamodb_key_names (slip_json_array (table->data, "KeySchema"), &hash, &range);
  if (exact && json_object_get_size (item) != (range != NULL ? 2u : 1u))
    {
      slip_dynamodb_invalid (error, "The provided key element does not match the schema");
      return FALSE;
    }
  key->hash = key_text (table, hash, item, exact, error);
  if (key->hash == NULL)
    return FALSE;
  key->range = range != NULL ? key_text (table, range, item, exact, error) : g_strdup ("");
  return key->range != NULL;
}

static void
copy_keys (JsonArray *schema, JsonObject *item, JsonObject *to)
{
  const char *keys[2];

  slip_dynamodb_key_names (schema, &keys[0], &keys[1]);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    if (keys[i] != NULL && slip_json_object (item, keys[i]) != NULL)
      json_object_set_object_member (to, keys[i],
                                     json_object_ref (slip_json_object (item, keys[i])));
}

JsonObject *
slip_dynamodb_only_keys (JsonObject *table, JsonObject *index, JsonObject *item)
{
  JsonObject *keys = json_object_new ();

  copy_keys (slip_json_array (table, "KeySchema"), item, keys);
  if (index != NULL)
    copy_keys (slip_json_array (index, "KeySchema"), item, keys);
  return keys;
}

JsonObject *
slip_dynamodb_item_from_text (const char *text)
{
  g_autoptr (JsonNode) node = slip_json_parse (text, -1, NULL);

  g_assert (node != NULL); /* this file wrote it */
  return json_object_ref (json_node_get_object (node));
}

JsonObject *
slip_dynamodb_load (SlipWorld *world, const SlipWorldRecord *table, const SlipDynamodbKey *key)
{
  g_autofree char *text
      = slip_world_items_get (world, slip_dynamodb_collection (table), key->hash, key->range);

  return text != NULL ? slip_dynamodb_item_from_text (text) : NULL;
}

/* An index's key may be absent, but not of another type. */
static gboolean
check_index_keys (const SlipWorldRecord *table, JsonObject *item, GError **error)
{
  JsonArray *definitions = slip_json_array (table->data, "AttributeDefinitions");

  for (guint i = 0; i < json_array_get_length (definitions); i++)
    {
      JsonObject *one = json_array_get_object_element (definitions, i);
      const char *name = slip_json_string (one, "AttributeName");
      const char *type = slip_json_string (one, "AttributeType");
      JsonObject *value = slip_json_object (item, name);

      if (value == NULL || g_str_equal (slip_dynamodb_type (value), type))
        continue;
      slip_dynamodb_invalid (
          error,
          "One or more parameter values were invalid: Type mismatch for Index Key "
          "%s Expected: %s Actual: %s",
          name, type, slip_dynamodb_type (value));
      return FALSE;
    }
  return TRUE;
}

gboolean
slip_dynamodb_store (SlipWorld *world,
                     const SlipWorldRecord *table,
                     JsonObject *item,
                     GError **error)
{
  g_auto (SlipDynamodbKey) key = {NULL, NULL};
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *text = NULL;
  SlipWorldItem stored = {.size = slip_dynamodb_item_size (item)};

  if (!slip_dynamodb_key_of (table, item, FALSE, &key, error)
      || !check_index_keys (table, item, error))
    return FALSE;
  if (stored.size > MAX_ITEM_BYTES)
    {
      slip_dynamodb_invalid (error, "Item size has exceeded the maximum allowed size");
      return FALSE;
    }
  node = slip_json_new_object (json_object_ref (item));
  text = slip_json_to_text (node, FALSE);
  stored.hash = key.hash;
  stored.range = key.range;
  stored.text = text;
  slip_world_items_put (world, slip_dynamodb_collection (table), &stored,
                        slip_dynamodb_has_pitr (table));
  return TRUE;
}

void
slip_dynamodb_erase (SlipWorld *world, const SlipWorldRecord *table, const SlipDynamodbKey *key)
{
  slip_world_items_remove (world, slip_dynamodb_collection (table), key->hash, key->range,
                           slip_dynamodb_has_pitr (table));
}

double
slip_dynamodb_read_units (gint64 bytes, gboolean consistent)
{
  double units = MAX (ceil ((double)bytes / 4096.0), 1.0);

  return consistent ? units : units / 2.0;
}

double
slip_dynamodb_write_units (gint64 bytes)
{
  return MAX (ceil ((double)bytes / 1024.0), 1.0);
}

static void
count (SlipWorld *world,
       const char *account,
       const char *region,
       const char *dimensions,
       const char *name,
       double units)
{
  SlipMetric metric = {account, region, "AWS/DynamoDB", name, dimensions, "Count"};

  if (units > 0)
    slip_world_metric_count (world, &metric, units);
}

void
slip_dynamodb_consume (SlipWorld *world,
                       const char *account,
                       const char *region,
                       const char *table,
                       const char *index,
                       double reads,
                       double writes)
{
  g_autofree char *dimensions
      = index != NULL ? slip_world_metric_dimensions ("TableName", table,
                                                      "GlobalSecondaryIndexName", index, NULL)
                      : slip_world_metric_dimensions ("TableName", table, NULL);

  count (world, account, region, dimensions, "ConsumedReadCapacityUnits", reads);
  count (world, account, region, dimensions, "ConsumedWriteCapacityUnits", writes);
}

static JsonObject *
new_units (double units)
{
  JsonObject *object = json_object_new ();

  json_object_set_double_member (object, "CapacityUnits", units);
  return object;
}

JsonObject *
slip_dynamodb_show_consumed (const char *table, const char *index, double units, JsonObject *input)
{
  const char *wanted = slip_json_string (input, "ReturnConsumedCapacity");
  JsonObject *shown;

  if (wanted == NULL || g_str_equal (wanted, "NONE"))
    return NULL;
  shown = new_units (units);
  json_object_set_string_member (shown, "TableName", table);
  if (!g_str_equal (wanted, "INDEXES"))
    return shown;
  json_object_set_object_member (shown, "Table", new_units (index != NULL ? 0 : units));
  if (index != NULL)
    {
      JsonObject *indexes = json_object_new ();

      json_object_set_object_member (indexes, index, new_units (units));
      json_object_set_object_member (shown, "GlobalSecondaryIndexes", indexes);
    }
  return shown;
}
