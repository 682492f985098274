/* SPDX-License-Identifier: MIT */
/* The tables of config custody, and what is captured by them. What a service loses with a restore is
 * data; how to tell it is the same for all of them. Comparing and putting back is in
 * slip-capture-compare.c. */

#include "slip-capture-table.h"

#include "slip-json.h"
#include "slip-runbook-private.h"

#include <string.h>

static const char *const kinds[]
    = {"dynamodb-table", "listener-rule", "rds-cluster", "rds-instance", NULL};

const char *const *
slip_capture_list_kinds (void)
{
  return kinds;
}

static JsonObject *
load (const char *kind)
{
  g_autofree char *path = g_strdup_printf ("/org/slipway/capture/%s.json", kind);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_resource_lookup_data (slip_runbook_get_resource (), path,
                                                     G_RESOURCE_LOOKUP_FLAGS_NONE, &error);
  g_autoptr (JsonNode) node = NULL;

  if (bytes != NULL)
    node = slip_json_parse (g_bytes_get_data (bytes, NULL), (gssize)g_bytes_get_size (bytes),
                            &error);
  if (node == NULL)
    g_error ("%s: %s", path, error->message);
  return json_object_ref (json_node_get_object (node));
}

JsonObject *
slip_capture_table_find (const char *kind)
{
  static GMutex mutex;
  static JsonObject *tables[G_N_ELEMENTS (kinds)];
  JsonObject *found = NULL;

  g_mutex_lock (&mutex);
  for (guint i = 0; kinds[i] != NULL && kind != NULL; i++)
    if (g_str_equal (kinds[i], kind))
      {
        if (tables[i] == NULL)
          tables[i] = load (kind);
        found = tables[i];
      }
  g_mutex_unlock (&mutex);
  return found;
}

gboolean
slip_capture_table_has_field (JsonObject *table, const char *name)
{
  JsonArray *fields = slip_json_array (table, "fields");

  for (guint i = 0; i < json_array_get_length (fields); i++)
    if (g_strcmp0 (slip_json_string (json_array_get_object_element (fields, i), "field"), name)
        == 0)
      return TRUE;
  return FALSE;
}

GHashTable *
slip_capture_list_applied (JsonObject *table, JsonArray *except)
{
  static const char *const calls[] = {"apply", "add", "remove"};
  GHashTable *names = g_hash_table_new (g_str_hash, g_str_equal);
  JsonArray *fields = slip_json_array (table, "fields");

  for (guint i = 0; i < json_array_get_length (fields); i++)
    for (guint j = 0; j < G_N_ELEMENTS (calls); j++)
      {
        JsonObject *field = json_array_get_object_element (fields, i);

        if (json_object_has_member (field, calls[j]))
          g_hash_table_add (names, (gpointer)slip_json_string (field, "field"));
      }
  for (guint i = 0; except != NULL && i < json_array_get_length (except); i++)
    {
      const char *name = slip_json_node_string (json_array_get_element (except, i));

      if (name != NULL)
        g_hash_table_remove (names, name);
    }
  return names;
}

gboolean
slip_capture_needs_read (JsonObject *table, guint n, GHashTable *only)
{
  JsonObject *read = json_array_get_object_element (slip_json_array (table, "reads"), n);
  JsonArray *fields = slip_json_array (table, "fields");

  for (guint i = 0; n > 0 && only != NULL && i < json_array_get_length (fields); i++)
    {
      JsonObject *field = json_array_get_object_element (fields, i);

      if (g_strcmp0 (slip_json_string (field, "read"), slip_json_string (read, "name")) == 0
          && g_hash_table_contains (only, slip_json_string (field, "field")))
        return TRUE;
    }
  return n == 0 || only == NULL;
}

/* ---- expressions */

/* `name`, `name.Member`, `name=TEXT`. */
static JsonNode *
look_up (const char *expression, JsonObject *values)
{
  g_auto (GStrv) sides = g_strsplit (expression, "=", 2);
  g_auto (GStrv) parts = g_strsplit (sides[0], ".", -1);
  JsonNode *node = NULL;
  JsonObject *object = values;

  for (guint i = 0; parts[i] != NULL; i++)
    {
      node = object != NULL ? json_object_get_member (object, parts[i]) : NULL;
      object = slip_json_node_object (node);
    }
  if (sides[1] != NULL)
    {
      JsonNode *is = json_node_alloc ();

      return json_node_init_boolean (is, g_strcmp0 (slip_json_node_string (node), sides[1]) == 0);
    }
  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return NULL;
  return slip_json_copy (node);
}

static JsonNode *
expand_text (const char *text, JsonObject *values)
{
  gsize length = strlen (text);
  GString *whole;
  JsonNode *node;

  if (*text == '{' && strchr (text, '}') == text + length - 1)
    {
      g_autofree char *expression = g_strndup (text + 1, length - 2);

      return look_up (expression, values);
    }
  whole = g_string_new (NULL);
  while (*text != '\0')
    {
      const char *end = *text == '{' ? strchr (text, '}') : NULL;

      if (end == NULL)
        g_string_append_c (whole, *text++);
      else
        {
          g_autofree char *expression = g_strndup (text + 1, (gsize)(end - text - 1));
          g_autoptr (JsonNode) value = look_up (expression, values);

          g_string_append (
              whole, slip_json_node_string (value) != NULL ? slip_json_node_string (value) : "");
          text = end + 1;
        }
    }
  node = slip_json_new_string (whole->str);
  g_string_free (whole, TRUE);
  return node;
}

static void
spread (JsonObject *into, JsonNode *from)
{
  JsonObject *object = slip_json_node_object (from);
  g_autoptr (GList) names = object != NULL ? json_object_get_members (object) : NULL;

  for (GList *l = names; l != NULL; l = l->next)
    json_object_set_member (into, l->data,
                            slip_json_copy (json_object_get_member (object, l->data)));
}

static JsonNode *
expand_object (JsonObject *object, JsonObject *values)
{
  JsonObject *result = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      g_autoptr (JsonNode) value = slip_capture_expand (node, values);

      if (g_str_equal (name, "..."))
        spread (result, value);
      else if (value != NULL)
        json_object_set_member (result, name, json_node_ref (value));
    }
  return slip_json_new_object (result);
}

JsonNode *
slip_capture_expand (JsonNode *node, JsonObject *values)
{
  if (slip_json_node_string (node) != NULL)
    return expand_text (slip_json_node_string (node), values);
  if (JSON_NODE_HOLDS_OBJECT (node))
    return expand_object (json_node_get_object (node), values);
  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *result = json_array_new ();

      for (guint i = 0; i < json_array_get_length (json_node_get_array (node)); i++)
        {
          JsonNode *element = slip_capture_expand (
              json_array_get_element (json_node_get_array (node), i), values);

          if (element != NULL)
            json_array_add_element (result, element);
        }
      return slip_json_new_array (result);
    }
  return slip_json_copy (node);
}

/* ---- taking */

static JsonNode *
pick (JsonNode *element, JsonArray *names)
{
  JsonObject *from = slip_json_node_object (element);
  JsonObject *to;

  if (names == NULL || from == NULL)
    return slip_json_copy (element);
  to = json_object_new ();
  for (guint i = 0; i < json_array_get_length (names); i++)
    {
      const char *name = json_array_get_string_element (names, i);

      if (json_object_has_member (from, name))
        json_object_set_member (to, name, slip_json_copy (json_object_get_member (from, name)));
    }
  return slip_json_new_object (to);
}

static gboolean
has_dimension (JsonObject *element, const char *name, const char *target)
{
  JsonArray *dimensions = slip_json_array (element, "Dimensions");

  for (guint i = 0; dimensions != NULL && i < json_array_get_length (dimensions); i++)
    {
      JsonObject *one = slip_json_node_object (json_array_get_element (dimensions, i));

      if (one != NULL && g_strcmp0 (slip_json_string (one, "Name"), name) == 0
          && g_strcmp0 (slip_json_string (one, "Value"), target) == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
counts (JsonObject *field, JsonNode *element, const char *target)
{
  const char *ignore = slip_json_string (field, "ignore");
  const char *dimension = slip_json_string (field, "dimension");
  JsonObject *object = slip_json_node_object (element);
  const char *key = object != NULL && slip_json_string (field, "key") != NULL
                        ? slip_json_string (object, slip_json_string (field, "key"))
                        : NULL;

  if (ignore != NULL && key != NULL && g_str_has_prefix (key, ignore))
    return FALSE;
  return dimension == NULL || (object != NULL && has_dimension (object, dimension, target));
}

/* Services give lists in no order that means anything. */
static JsonNode *
take_list (JsonObject *field, JsonArray *list, const char *target)
{
  JsonArray *result = json_array_new ();
  g_autoptr (JsonNode) taken = slip_json_new_array (result);

  for (guint i = 0; i < json_array_get_length (list); i++)
    if (counts (field, json_array_get_element (list, i), target))
      json_array_add_element (
          result, pick (json_array_get_element (list, i), slip_json_array (field, "pick")));
  return slip_json_sort (taken);
}

static JsonNode *
take_field (JsonObject *field, JsonObject *answers, const char *target)
{
  JsonNode *answer = json_object_get_member (answers, slip_json_string (field, "read"));
  g_autoptr (JsonNode) value
      = answer != NULL && !JSON_NODE_HOLDS_NULL (answer)
            ? slip_json_select (answer, slip_json_string (field, "select"), NULL)
            : NULL;

  if (value == NULL || JSON_NODE_HOLDS_NULL (value))
    {
      JsonNode *fallback = json_object_get_member (field, "default");

      return fallback != NULL ? slip_json_copy (fallback) : json_node_new (JSON_NODE_NULL);
    }
  if (JSON_NODE_HOLDS_ARRAY (value))
    return take_list (field, json_node_get_array (value), target);
  return slip_json_copy (value);
}

/* AWS takes no empty list where it takes none at all. */
static void
drop_empty_lists (JsonObject *request)
{
  g_autoptr (GList) names = json_object_get_members (request);

  for (GList *l = names; l != NULL; l = l->next)
    {
      JsonArray *list = slip_json_array (request, l->data);

      if (list != NULL && json_array_get_length (list) == 0)
        json_object_remove_member (request, l->data);
    }
}

/* What would bring the resource back, made of what was captured. */
static void
add_requests (JsonObject *table, JsonObject *document)
{
  JsonObject *requests = slip_json_object (table, "requests");
  JsonObject *fields = slip_json_object (document, "fields");
  g_autoptr (JsonNode) copy = NULL;
  JsonObject *values;
  JsonObject *made;
  JsonObjectIter iter;
  const char *name;
  JsonNode *request;

  if (requests == NULL)
    return;
  copy = json_node_init_object (json_node_alloc (), fields);
  values = json_object_new ();
  spread (values, copy);
  json_object_set_string_member (values, "target", slip_json_string (document, "target"));
  made = json_object_new ();
  json_object_iter_init_ordered (&iter, requests);
  while (json_object_iter_next_ordered (&iter, &name, &request))
    {
      JsonObject *spec = json_node_get_object (request);
      JsonNode *expanded = slip_capture_expand (json_object_get_member (spec, "input"), values);

      drop_empty_lists (json_node_get_object (expanded));
      json_object_set_member (made, name, expanded);
    }
  json_object_set_object_member (document, "requests", made);
  json_object_unref (values);
}

JsonObject *
slip_capture_take (JsonObject *table, const char *target, JsonObject *answers)
{
  JsonArray *fields = slip_json_array (table, "fields");
  g_autoptr (JsonNode) arn = slip_capture_expand (json_object_get_member (table, "arn"), answers);
  JsonObject *document = json_object_new ();
  JsonObject *values = json_object_new ();

  json_object_set_string_member (document, "kind", slip_json_string (table, "kind"));
  json_object_set_string_member (document, "target", target);
  json_object_set_string_member (
      document, "arn", slip_json_node_string (arn) != NULL ? slip_json_node_string (arn) : "");
  for (guint i = 0; i < json_array_get_length (fields); i++)
    {
      JsonObject *field = json_array_get_object_element (fields, i);

      if (json_object_has_member (answers, slip_json_string (field, "read")))
        json_object_set_member (values, slip_json_string (field, "field"),
                                take_field (field, answers, target));
    }
  json_object_set_object_member (document, "fields", values);
  add_requests (table, document);
  return document;
}
