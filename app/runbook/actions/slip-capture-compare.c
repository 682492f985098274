/* SPDX-License-Identifier: MIT */
/* The other half of slip-capture-table.h: what was captured against what is there now, field by field,
 * and the calls that make the one of the other. Nothing here calls anybody. */

#include "slip-capture-table.h"

#include "slip-json.h"

/* ---- comparing */

static char *
replace (const char *text, const char *from, const char *to)
{
  g_auto (GStrv) parts = g_strsplit (text, from, -1);

  return g_strjoinv (to, parts);
}

static JsonNode *
rename_in (JsonNode *node, JsonObject *before, JsonObject *after)
{
  const char *text = slip_json_node_string (node);

  if (text != NULL && *slip_json_string (before, "arn") != '\0')
    {
      g_autofree char *arn
          = replace (text, slip_json_string (before, "arn"), slip_json_string (after, "arn"));
      g_autofree char *name = g_str_equal (arn, text)
                                  ? replace (text, slip_json_string (before, "target"),
                                             slip_json_string (after, "target"))
                                  : g_strdup (arn);

      return slip_json_new_string (name);
    }
  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *result = json_array_new ();

      for (guint i = 0; i < json_array_get_length (json_node_get_array (node)); i++)
        json_array_add_element (
            result,
            rename_in (json_array_get_element (json_node_get_array (node), i), before, after));
      return slip_json_new_array (result);
    }
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObject *result = json_object_new ();
      JsonObjectIter iter;
      const char *name;
      JsonNode *member;

      json_object_iter_init_ordered (&iter, json_node_get_object (node));
      while (json_object_iter_next_ordered (&iter, &name, &member))
        json_object_set_member (result, name, rename_in (member, before, after));
      return slip_json_new_object (result);
    }
  return slip_json_copy (node);
}

/* The captured value as it should be on the other resource. */
static JsonNode *
wanted (JsonObject *field, JsonObject *before, JsonObject *after)
{
  JsonObject *fields = slip_json_object (before, "fields");
  JsonNode *value = json_object_get_member (fields, slip_json_string (field, "field"));

  if (value == NULL)
    return json_node_new (JSON_NODE_NULL);
  if (slip_json_bool (field, "rewrite", FALSE)
      && !g_str_equal (slip_json_string (before, "target"), slip_json_string (after, "target")))
    return rename_in (value, before, after);
  return slip_json_copy (value);
}

static JsonNode *
present (JsonObject *field, JsonObject *after)
{
  JsonNode *value = json_object_get_member (slip_json_object (after, "fields"),
                                            slip_json_string (field, "field"));

  return value != NULL ? slip_json_copy (value) : json_node_new (JSON_NODE_NULL);
}

static JsonObject *
place_of (JsonObject *document)
{
  JsonObject *place = json_object_new ();

  json_object_set_string_member (place, "target", slip_json_string (document, "target"));
  json_object_set_string_member (place, "arn", slip_json_string (document, "arn"));
  return place;
}

static JsonObject *
compare_field (JsonObject *field, JsonObject *before, JsonObject *after, JsonObject *explain)
{
  const char *name = slip_json_string (field, "field");
  JsonObject *row = json_object_new ();
  JsonNode *old = wanted (field, before, after);
  JsonNode *new = present (field, after);
  const char *why = explain != NULL ? slip_json_string (explain, name) : NULL;

  if (why == NULL || *why == '\0')
    why = slip_json_string (field, "identity");
  json_object_set_string_member (row, "field", name);
  json_object_set_boolean_member (row, "same",
                                  json_object_has_member (slip_json_object (after, "fields"), name)
                                      && slip_json_equal (old, new));
  json_object_set_member (row, "before", old);
  json_object_set_member (row, "after", new);
  if (why != NULL && !slip_json_bool (row, "same", FALSE))
    json_object_set_string_member (row, "explained", why);
  return row;
}

JsonObject *
slip_capture_compare (JsonObject *table, JsonObject *before, JsonObject *after, JsonObject *explain)
{
  JsonArray *fields = slip_json_array (table, "fields");
  JsonObject *result = json_object_new ();
  JsonArray *rows = json_array_new ();
  guint n[3] = {0, 0, 0};

  for (guint i = 0; i < json_array_get_length (fields); i++)
    {
      JsonObject *row
          = compare_field (json_array_get_object_element (fields, i), before, after, explain);

      n[slip_json_bool (row, "same", FALSE)           ? 0
        : slip_json_string (row, "explained") != NULL ? 1
                                                      : 2]++;
      json_array_add_object_element (rows, row);
    }
  json_object_set_string_member (result, "kind", slip_json_string (table, "kind"));
  json_object_set_object_member (result, "before", place_of (before));
  json_object_set_object_member (result, "after", place_of (after));
  json_object_set_array_member (result, "fields", rows);
  json_object_set_int_member (result, "same", n[0]);
  json_object_set_int_member (result, "explained", n[1]);
  json_object_set_int_member (result, "unexplained", n[2]);
  return result;
}

/* ---- putting back */

static void
change_free (gpointer data)
{
  SlipCaptureChange *change = data;

  g_free (change->field);
  g_free (change->service);
  g_free (change->operation);
  g_clear_pointer (&change->request, json_node_unref);
  g_free (change);
}

static void
add_change (GPtrArray *changes, JsonObject *field, JsonObject *call, JsonObject *values)
{
  SlipCaptureChange *change = g_new0 (SlipCaptureChange, 1);

  change->field = g_strdup (slip_json_string (field, "field"));
  change->service = g_strdup (slip_json_string (call, "service"));
  change->operation = g_strdup (slip_json_string (call, "operation"));
  change->request = slip_capture_expand (json_object_get_member (call, "input"), values);
  g_ptr_array_add (changes, change);
}

static const char *
key_of (JsonObject *field, JsonNode *element)
{
  const char *key = slip_json_string (field, "key");
  JsonObject *object = slip_json_node_object (element);

  return key != NULL && object != NULL ? slip_json_string (object, key)
                                       : slip_json_node_string (element);
}

static gboolean
list_has (JsonObject *field, JsonArray *list, JsonNode *element, gboolean by_key)
{
  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      JsonNode *one = json_array_get_element (list, i);

      if (by_key ? g_strcmp0 (key_of (field, one), key_of (field, element)) == 0
                 : slip_json_equal (one, element))
        return TRUE;
    }
  return FALSE;
}

/* Calls for the elements of @from that @in lacks: one for all, or one for each. */
static void
add_list (GPtrArray *changes,
          JsonObject *field,
          const char *which,
          JsonArray *from,
          JsonArray *in,
          JsonObject *values)
{
  JsonObject *call = slip_json_object (field, which);
  gboolean each = slip_json_bool (field, "each", FALSE);
  JsonArray *items = json_array_new ();
  JsonArray *keys = json_array_new ();

  for (guint i = 0; call != NULL && i < json_array_get_length (from); i++)
    {
      JsonNode *element = json_array_get_element (from, i);

      if (list_has (field, in, element, g_str_equal (which, "remove")))
        continue;
      json_array_add_element (items, slip_json_copy (element));
      json_array_add_string_element (keys, key_of (field, element));
      json_object_set_member (values, "item", slip_json_copy (element));
      if (each)
        add_change (changes, field, call, values);
    }
  if (!each && json_array_get_length (items) > 0)
    {
      json_object_set_array_member (values, "items", json_array_ref (items));
      json_object_set_array_member (values, "keys", json_array_ref (keys));
      add_change (changes, field, call, values);
    }
  json_array_unref (items);
  json_array_unref (keys);
}

static void
add_field (GPtrArray *changes, JsonObject *field, JsonNode *old, JsonNode *new, JsonObject *values)
{
  JsonObject *apply = slip_json_object (field, "apply");
  const char *when = slip_json_string (field, "when");

  json_object_set_member (values, "value", slip_json_copy (old));
  if (JSON_NODE_HOLDS_ARRAY (old) && JSON_NODE_HOLDS_ARRAY (new) && apply == NULL)
    {
      add_list (changes, field, "remove", json_node_get_array (new), json_node_get_array (old),
                values);
      add_list (changes, field, "add", json_node_get_array (old), json_node_get_array (new),
                values);
      return;
    }
  if (apply == NULL || JSON_NODE_HOLDS_NULL (old)
      || (when != NULL && g_strcmp0 (slip_json_node_string (old), when) != 0))
    return;
  add_change (changes, field, apply, values);
}

static gboolean
is_excepted (JsonArray *except, const char *name)
{
  for (guint i = 0; except != NULL && i < json_array_get_length (except); i++)
    if (g_strcmp0 (slip_json_node_string (json_array_get_element (except, i)), name) == 0)
      return TRUE;
  return FALSE;
}

GPtrArray *
slip_capture_changes (JsonObject *table, JsonObject *before, JsonObject *after, JsonArray *except)
{
  JsonArray *fields = slip_json_array (table, "fields");
  GPtrArray *changes = g_ptr_array_new_with_free_func (change_free);
  g_autoptr (JsonObject) values = json_object_new ();

  json_object_set_string_member (values, "target", slip_json_string (after, "target"));
  json_object_set_string_member (values, "arn", slip_json_string (after, "arn"));
  json_object_set_object_member (values, "captured",
                                 json_object_ref (slip_json_object (before, "fields")));
  for (guint i = 0; i < json_array_get_length (fields); i++)
    {
      JsonObject *field = json_array_get_object_element (fields, i);
      g_autoptr (JsonNode) old = wanted (field, before, after);
      g_autoptr (JsonNode) new = present (field, after);

      if (!slip_json_equal (old, new) && !is_excepted (except, slip_json_string (field, "field")))
        add_field (changes, field, old, new, values);
    }
  return changes;
}
