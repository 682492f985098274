/* SPDX-License-Identifier: MIT */
/* In what two values differ, told to people: only what differs, and each of it short. What is in no order that
 * means anything is put in one first. */

#include "slip-json.h"

#include "slip-print.h"

#define MAX_VALUE_BYTES 60

typedef struct
{
  GString *text;
  GString *path;
  GPtrArray
      *around; /* nullable, element-type JsonNode: what holds the first difference, outside first */
  GPtrArray *inside; /* element-type JsonNode: what holds the place that is looked at */
  guint most;
  guint found;
} Comparison;

static void compare (Comparison *comparison, JsonNode *was, JsonNode *is);

static char *
show (JsonNode *node, guint most)
{
  g_autofree char *text = node != NULL ? slip_json_to_text (node, FALSE) : g_strdup ("not there");

  return slip_print_one_line (text, most > 0 ? MAX_VALUE_BYTES : 0);
}

static void
note (Comparison *comparison, JsonNode *was, JsonNode *is)
{
  g_autofree char *before = show (was, comparison->most);
  g_autofree char *after = show (is, comparison->most);

  if (comparison->found++ >= comparison->most && comparison->most > 0)
    return;
  if (comparison->around != NULL && comparison->found == 1)
    for (guint i = 0; i < comparison->inside->len; i++)
      g_ptr_array_add (comparison->around, comparison->inside->pdata[i]);
  g_string_append_printf (comparison->text, "%s%s was %s and is %s",
                          comparison->found > 1 ? "; " : "",
                          comparison->path->len > 0 ? comparison->path->str : "it", before, after);
}

static void
compare_member (Comparison *comparison, const char *name, JsonNode *was, JsonNode *is)
{
  gsize length = comparison->path->len;

  g_string_append_printf (comparison->path, "%s%s", length > 0 ? "." : "", name);
  compare (comparison, was, is);
  g_string_truncate (comparison->path, length);
}

static void
compare_objects (Comparison *comparison, JsonObject *was, JsonObject *is)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, was);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    compare_member (comparison, name, node, json_object_get_member (is, name));
  json_object_iter_init_ordered (&iter, is);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    if (!json_object_has_member (was, name))
      compare_member (comparison, name, NULL, node);
}

static void
compare_arrays (Comparison *comparison, JsonArray *was, JsonArray *is)
{
  guint before = json_array_get_length (was);
  guint after = json_array_get_length (is);
  gsize length = comparison->path->len;

  for (guint i = 0; i < MAX (before, after); i++)
    {
      g_string_append_printf (comparison->path, "[%u]", i);
      compare (comparison, i < before ? json_array_get_element (was, i) : NULL,
               i < after ? json_array_get_element (is, i) : NULL);
      g_string_truncate (comparison->path, length);
    }
}

static void
compare (Comparison *comparison, JsonNode *was, JsonNode *is)
{
  if (was != NULL && is != NULL && slip_json_equal (was, is))
    return;
  if (was == NULL || is == NULL || json_node_get_node_type (was) != json_node_get_node_type (is)
      || JSON_NODE_HOLDS_VALUE (was))
    {
      note (comparison, was, is);
      return;
    }
  g_ptr_array_add (comparison->inside, was);
  if (JSON_NODE_HOLDS_OBJECT (was))
    compare_objects (comparison, json_node_get_object (was), json_node_get_object (is));
  else
    compare_arrays (comparison, json_node_get_array (was), json_node_get_array (is));
  g_ptr_array_set_size (comparison->inside, comparison->inside->len - 1);
}

char *
slip_json_describe_differences (JsonNode *was, JsonNode *is, guint most, GPtrArray *around)
{
  g_autoptr (GString) path = g_string_new (NULL);
  g_autoptr (GPtrArray) inside = g_ptr_array_new ();
  Comparison comparison = {g_string_new (NULL), path, around, inside, most, 0};

  g_return_val_if_fail (was != NULL, NULL);
  compare (&comparison, was, is);
  if (comparison.found > most && most > 0)
    g_string_append_printf (comparison.text, "; and %u more", comparison.found - most);
  return g_string_free (comparison.text, comparison.found == 0);
}

/* ---- order */

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  g_autofree char *first = slip_json_canonical (*(JsonNode *const *)a, NULL);
  g_autofree char *second = slip_json_canonical (*(JsonNode *const *)b, NULL);

  return g_strcmp0 (first, second);
}

JsonNode *
slip_json_sort (JsonNode *node)
{
  g_autoptr (GPtrArray) elements = g_ptr_array_new ();
  JsonArray *list;
  JsonArray *result;

  g_return_val_if_fail (node != NULL, NULL);
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return slip_json_copy (node);
  list = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (list); i++)
    g_ptr_array_add (elements, json_array_get_element (list, i));
  g_ptr_array_sort (elements, compare_texts);
  result = json_array_new ();
  for (guint i = 0; i < elements->len; i++)
    json_array_add_element (result, slip_json_copy (g_ptr_array_index (elements, i)));
  return slip_json_new_array (result);
}
