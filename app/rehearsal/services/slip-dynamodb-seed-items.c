/* SPDX-License-Identifier: MIT */

/* Items of a scenario's tables, made from a short description: the same items at every start of a new
 * world, with times that count from its beginning. */

#include "slip-dynamodb.h"

#include <string.h>

#include "slip-json.h"
#include "slip-scenario.h"
#include "slip-world-items.h"

#define MAX_ITEMS 100000

typedef struct
{
  const SlipSeed *seed;
  const SlipWorldRecord *table;
  const char *path;
  gint64 count;
  gint64 hours; /* over which they came to be */
  gint64 number;
  gint64 time_us; /* when this one came to be */
  GRand *random;
} Making;

static char *
random_uuid (GRand *random)
{
  guint32 a = g_rand_int (random), b = g_rand_int (random);
  guint32 c = g_rand_int (random), d = g_rand_int (random);

  return g_strdup_printf ("%08x-%04x-4%03x-%04x-%04x%08x", a, b >> 16, b & 0xfff,
                          0x8000 | (c >> 18), c & 0xffff, d);
}

/* {n}, {n:4}, {uuid}, {time}, {epoch+30} (days later), {pick:a|b|c}; NULL when it is none of them. */
static char *
placeholder (Making *making, const char *name)
{
  if (g_str_equal (name, "n"))
    return g_strdup_printf ("%" G_GINT64_FORMAT, making->number);
  if (g_str_has_prefix (name, "n:"))
    return g_strdup_printf ("%0*" G_GINT64_FORMAT,
                            (int)CLAMP (g_ascii_strtoll (name + 2, NULL, 10), 1, 18),
                            making->number);
  if (g_str_equal (name, "uuid"))
    return random_uuid (making->random);
  if (g_str_equal (name, "time"))
    return slip_time_format (making->time_us);
  if (g_str_has_prefix (name, "epoch+"))
    return g_strdup_printf ("%" G_GINT64_FORMAT,
                            making->time_us / G_TIME_SPAN_SECOND
                                + g_ascii_strtoll (name + 6, NULL, 10) * 24 * 3600);
  if (g_str_has_prefix (name, "pick:"))
    {
      g_auto (GStrv) choices = g_strsplit (name + 5, "|", -1);

      return g_strdup (
          choices[g_rand_int_range (making->random, 0, (gint32)g_strv_length (choices))]);
    }
  return NULL;
}

static char *
fill (Making *making, const char *pattern, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);

  while (*pattern != '\0')
    {
      const char *end = *pattern == '{' ? strchr (pattern, '}') : NULL;
      g_autofree char *name
          = end != NULL ? g_strndup (pattern + 1, (gsize)(end - pattern - 1)) : NULL;
      g_autofree char *value = name != NULL ? placeholder (making, name) : NULL;

      if (end == NULL)
        {
          g_string_append_c (text, *pattern++);
          continue;
        }
      if (value == NULL)
        {
          slip_scenario_error (error, making->path, "there is no placeholder {%s}", name);
          return NULL;
        }
      g_string_append (text, value);
      pattern = end + 1;
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static JsonObject *make_value (Making *making, JsonNode *node, GError **error);

static JsonObject *
make_map (Making *making, JsonObject *members, GError **error)
{
  g_autoptr (JsonObject) map = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, members);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      JsonObject *value = make_value (making, node, error);

      if (value == NULL)
        return NULL;
      json_object_set_object_member (map, name, value);
    }
  return g_steal_pointer (&map);
}

/* An object with the one member N or B is a value of that type, any other object a map. */
static JsonObject *
make_object (Making *making, JsonObject *object, GError **error)
{
  const char *type = slip_dynamodb_type (object);
  JsonObject *value, *map;

  if (json_object_get_size (object) == 1 && (g_str_equal (type, "N") || g_str_equal (type, "B")))
    {
      g_autofree char *text = fill (making, slip_json_string (object, type), error);

      return text != NULL ? slip_dynamodb_new_value (type, text) : NULL;
    }
  map = make_map (making, object, error);
  if (map == NULL)
    return NULL;
  value = json_object_new ();
  json_object_set_object_member (value, "M", map);
  return value;
}

static JsonObject *
make_list (Making *making, JsonArray *array, GError **error)
{
  g_autoptr (JsonArray) list = json_array_new ();
  JsonObject *value;

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      value = make_value (making, json_array_get_element (array, i), error);
      if (value == NULL)
        return NULL;
      json_array_add_object_element (list, value);
    }
  value = json_object_new ();
  json_object_set_array_member (value, "L", g_steal_pointer (&list));
  return value;
}

static JsonObject *
make_value (Making *making, JsonNode *node, GError **error)
{
  GType type = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;
  JsonObject *value;
  g_autofree char *text = NULL;

  if (JSON_NODE_HOLDS_OBJECT (node))
    return make_object (making, json_node_get_object (node), error);
  if (JSON_NODE_HOLDS_ARRAY (node))
    return make_list (making, json_node_get_array (node), error);
  if (type == G_TYPE_BOOLEAN)
    {
      value = json_object_new ();
      json_object_set_boolean_member (value, "BOOL", json_node_get_boolean (node));
      return value;
    }
  if (type == G_TYPE_INT64)
    {
      text = g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
      return slip_dynamodb_new_value ("N", text);
    }
  if (type != G_TYPE_STRING)
    {
      slip_scenario_error (error, making->path,
                           "an attribute is neither text, whole number, "
                           "boolean, array nor object");
      return NULL;
    }
  text = fill (making, json_node_get_string (node), error);
  return text != NULL ? slip_dynamodb_new_value ("S", text) : NULL;
}

static gboolean
make_item (Making *making, JsonObject *attributes, GError **error)
{
  g_autoptr (JsonObject) raw = make_map (making, attributes, error);
  g_autoptr (JsonObject) item = NULL;
  g_auto (SlipDynamodbKey) key = {NULL, NULL};
  g_autoptr (GError) problem = NULL;

  if (raw == NULL)
    return FALSE;
  item = slip_dynamodb_item_normal (raw, &problem);
  if (item == NULL || !slip_dynamodb_key_of (making->table, item, FALSE, &key, &problem)
      || !slip_dynamodb_store (making->seed->world, making->table, item, &problem))
    return slip_scenario_error (error, making->path, "%s", problem->message);
  slip_world_items_date (making->seed->world, slip_dynamodb_collection (making->table), key.hash,
                         key.range, making->time_us);
  return TRUE;
}

gboolean
slip_dynamodb_seed_items (const SlipSeed *seed,
                          const SlipWorldRecord *table,
                          JsonObject *description,
                          const char *path,
                          GError **error)
{
  static const char *const members[] = {"count", "hours", "attributes", NULL};
  Making making = {.seed = seed, .table = table, .path = path, .hours = 720};
  gint64 now = slip_world_now (seed->world);
  JsonObject *attributes;
  g_autoptr (GRand) random = NULL;

  if (!slip_scenario_check_members (description, path, members, error)
      || !slip_scenario_get_int (description, path, "count", 1, MAX_ITEMS, &making.count, error)
      || !slip_scenario_get_int (description, path, "hours", 1, 100000, &making.hours, error)
      || !slip_scenario_get_object (description, path, "attributes", TRUE, &attributes, error))
    return FALSE;
  random = g_rand_new_with_seed (g_str_hash (table->id) ^ g_str_hash (path));
  making.random = random;
  for (making.number = 1; making.number <= making.count; making.number++)
    {
      gint64 age = making.hours * G_TIME_SPAN_HOUR / making.count * (making.count - making.number);

      making.time_us = (now - age) / G_TIME_SPAN_SECOND * G_TIME_SPAN_SECOND;
      if (!make_item (&making, attributes, error))
        return FALSE;
    }
  return TRUE;
}
