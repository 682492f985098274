/* SPDX-License-Identifier: MIT */
/* The part of JSONPath that Systems Manager documents use: members, indices, wildcards, filters by
 * equality, and several members at once. Everything else is refused by name, so that a runbook never reads less than it says. */

#include "slip-json.h"
#include "slip-base-error.h"

#include <string.h>

typedef struct
{
  const char *text;
  const char *at;
  GPtrArray *matches; /* element-type JsonNode, borrowed from the root or from `made` */
  GPtrArray *made;    /* element-type JsonNode, owned: objects of some members */
  gboolean many;
} Selection;

static gboolean
malformed (Selection *selection, const char *why, GError **error)
{
  g_set_error (error, SLIP_BASE_ERROR, SLIP_BASE_ERROR_SELECTOR, "selector “%s”, character %d: %s",
               selection->text, (int)(selection->at - selection->text) + 1, why);
  return FALSE;
}

static void
add_children (GPtrArray *found, JsonNode *node)
{
  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (array); i++)
        g_ptr_array_add (found, json_array_get_element (array, i));
    }
  else if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObjectIter iter;
      const char *name;
      JsonNode *value;

      json_object_iter_init_ordered (&iter, json_node_get_object (node));
      while (json_object_iter_next_ordered (&iter, &name, &value))
        g_ptr_array_add (found, value);
    }
}

static void
step_wildcard (Selection *selection)
{
  GPtrArray *found = g_ptr_array_new ();

  for (guint i = 0; i < selection->matches->len; i++)
    add_children (found, g_ptr_array_index (selection->matches, i));
  g_ptr_array_unref (selection->matches);
  selection->matches = found;
  selection->many = TRUE;
}

static void
step_member (Selection *selection, const char *name)
{
  GPtrArray *found = g_ptr_array_new ();

  for (guint i = 0; i < selection->matches->len; i++)
    {
      JsonObject *object = slip_json_node_object (g_ptr_array_index (selection->matches, i));
      JsonNode *value = object != NULL ? json_object_get_member (object, name) : NULL;

      if (value != NULL)
        g_ptr_array_add (found, value);
    }
  g_ptr_array_unref (selection->matches);
  selection->matches = found;
}

static void
step_index (Selection *selection, gint64 index)
{
  GPtrArray *found = g_ptr_array_new ();

  for (guint i = 0; i < selection->matches->len; i++)
    {
      JsonNode *node = g_ptr_array_index (selection->matches, i);
      JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
      gint64 n = array != NULL ? json_array_get_length (array) : 0;
      gint64 place = index < 0 ? n + index : index;

      if (place >= 0 && place < n)
        g_ptr_array_add (found, json_array_get_element (array, (guint)place));
    }
  g_ptr_array_unref (selection->matches);
  selection->matches = found;
}

static gboolean
read_dot (Selection *selection, GError **error)
{
  g_autofree char *name = NULL;
  gsize length;

  if (*selection->at == '.')
    return malformed (selection, "recursive descent (..) is not supported", error);
  if (*selection->at == '*')
    {
      selection->at++;
      step_wildcard (selection);
      return TRUE;
    }
  length = strcspn (selection->at, ".[]*'\" ()?@");
  if (length == 0)
    return malformed (selection, "expected a member name behind the dot", error);
  name = g_strndup (selection->at, length);
  selection->at += length;
  step_member (selection, name);
  return TRUE;
}

/* Each match becomes an object of the members called @names that it has. */
static void
step_members (Selection *selection, GPtrArray *names)
{
  GPtrArray *found = g_ptr_array_new ();

  for (guint i = 0; i < selection->matches->len; i++)
    {
      JsonObject *object = slip_json_node_object (g_ptr_array_index (selection->matches, i));
      JsonObject *part = object != NULL ? json_object_new () : NULL;

      for (guint k = 0; object != NULL && k < names->len; k++)
        if (json_object_has_member (object, g_ptr_array_index (names, k)))
          json_object_set_member (
              part, g_ptr_array_index (names, k),
              slip_json_copy (json_object_get_member (object, g_ptr_array_index (names, k))));
      if (part == NULL)
        continue;
      g_ptr_array_add (selection->made, slip_json_new_object (part));
      g_ptr_array_add (found, g_ptr_array_index (selection->made, selection->made->len - 1));
    }
  g_ptr_array_unref (selection->matches);
  selection->matches = found;
}

static char *
read_name (Selection *selection, GError **error)
{
  char quote = *selection->at++;
  const char *end = strchr (selection->at, quote);
  char *name;

  if (end == NULL)
    {
      malformed (selection, "the quoted member name does not end", error);
      return NULL;
    }
  name = g_strndup (selection->at, (gsize)(end - selection->at));
  selection->at = end + 1;
  return name;
}

/* One quoted name, or several with commas between them. */
static gboolean
read_quoted (Selection *selection, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  for (;;)
    {
      char *name = read_name (selection, error);

      if (name == NULL)
        return FALSE;
      g_ptr_array_add (names, name);
      while (*selection->at == ' ')
        selection->at++;
      if (*selection->at != ',')
        break;
      selection->at++;
      while (*selection->at == ' ')
        selection->at++;
      if (*selection->at != '\'' && *selection->at != '"')
        return malformed (selection, "expected another quoted name behind the comma", error);
    }
  if (names->len == 1)
    step_member (selection, g_ptr_array_index (names, 0));
  else
    step_members (selection, names);
  return TRUE;
}

/* ---- filters: [?(@.Member == 'value')] */

typedef struct
{
  char *path; /* `$.Member`, below the element */
  gboolean unequal;
  JsonNode *value;
} Filter;

static void
filter_clear (Filter *filter)
{
  g_free (filter->path);
  g_clear_pointer (&filter->value, json_node_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Filter, filter_clear)

static void
skip_spaces (Selection *selection)
{
  while (*selection->at == ' ')
    selection->at++;
}

static gboolean
take (Selection *selection, const char *text)
{
  skip_spaces (selection);
  if (!g_str_has_prefix (selection->at, text))
    return FALSE;
  selection->at += strlen (text);
  return TRUE;
}

static gboolean
read_literal (Selection *selection, Filter *filter, GError **error)
{
  gsize length;
  g_autofree char *text = NULL;

  skip_spaces (selection);
  if (*selection->at == '\'' || *selection->at == '"')
    {
      char quote = *selection->at++;
      const char *end = strchr (selection->at, quote);

      if (end == NULL)
        return malformed (selection, "the quoted value does not end", error);
      text = g_strndup (selection->at, (gsize)(end - selection->at));
      selection->at = end + 1;
      filter->value = slip_json_new_string (text);
      return TRUE;
    }
  length = strcspn (selection->at, " )]");
  text = g_strndup (selection->at, length);
  filter->value = slip_json_parse (text, -1, NULL);
  if (filter->value == NULL || !JSON_NODE_HOLDS_VALUE (filter->value))
    return malformed (selection, "expected a quoted text, a number, true or false", error);
  selection->at += length;
  return TRUE;
}

static gboolean
read_filter (Selection *selection, Filter *filter, GError **error)
{
  const char *start;

  if (!take (selection, "?(") || !take (selection, "@"))
    return malformed (selection, "expected ?(@.Member == value)", error);
  start = selection->at;
  selection->at += strcspn (selection->at, " =!<>)]?*");
  if (*start != '.' || selection->at == start + 1)
    return malformed (selection, "expected a member behind ‘@’", error);
  filter->path = g_strdup_printf ("$%.*s", (int)(selection->at - start), start);
  filter->unequal = take (selection, "!=");
  if (!filter->unequal && !take (selection, "=="))
    return malformed (selection, "filters compare with == or != only", error);
  if (!read_literal (selection, filter, error))
    return FALSE;
  return take (selection, ")") || malformed (selection, "expected ‘)’", error);
}

static gboolean
matches (const Filter *filter, JsonNode *element)
{
  g_autoptr (JsonNode) found = slip_json_select (element, filter->path, NULL);

  return (found != NULL && json_node_equal (found, filter->value)) != filter->unequal;
}

static void
step_filter (Selection *selection, const Filter *filter)
{
  GPtrArray *found = g_ptr_array_new ();

  for (guint i = 0; i < selection->matches->len; i++)
    {
      JsonNode *node = g_ptr_array_index (selection->matches, i);
      JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

      for (guint k = 0; array != NULL && k < json_array_get_length (array); k++)
        if (matches (filter, json_array_get_element (array, k)))
          g_ptr_array_add (found, json_array_get_element (array, k));
    }
  g_ptr_array_unref (selection->matches);
  selection->matches = found;
  selection->many = TRUE;
}

static gboolean
read_bracket (Selection *selection, GError **error)
{
  if (*selection->at == '?')
    {
      g_auto (Filter) filter = {0};

      if (!read_filter (selection, &filter, error))
        return FALSE;
      step_filter (selection, &filter);
    }
  else if (*selection->at == '*')
    {
      selection->at++;
      step_wildcard (selection);
    }
  else if (*selection->at == '\'' || *selection->at == '"')
    {
      if (!read_quoted (selection, error))
        return FALSE;
    }
  else if (g_ascii_isdigit (*selection->at) || *selection->at == '-')
    {
      char *end;
      gint64 index = g_ascii_strtoll (selection->at, &end, 10);

      if (end == selection->at)
        return malformed (selection, "expected an index", error);
      selection->at = end;
      step_index (selection, index);
    }
  else
    return malformed (selection, "expected an index, ‘*’, a quoted name or a filter", error);

  if (*selection->at != ']')
    return malformed (selection, "expected ‘]’", error);
  selection->at++;
  return TRUE;
}

static JsonNode *
result (Selection *selection)
{
  JsonArray *array;

  if (!selection->many)
    return selection->matches->len > 0 ? slip_json_copy (g_ptr_array_index (selection->matches, 0))
                                       : NULL;
  array = json_array_new ();
  for (guint i = 0; i < selection->matches->len; i++)
    json_array_add_element (array, slip_json_copy (g_ptr_array_index (selection->matches, i)));
  return slip_json_new_array (array);
}

JsonNode *
slip_json_select (JsonNode *root, const char *selector, GError **error)
{
  Selection selection = {.text = selector, .at = selector};
  JsonNode *node = NULL;
  gboolean ok = TRUE;

  g_return_val_if_fail (root != NULL, NULL);
  g_return_val_if_fail (selector != NULL, NULL);

  selection.matches = g_ptr_array_new ();
  selection.made = g_ptr_array_new_with_free_func ((GDestroyNotify)json_node_unref);
  g_ptr_array_add (selection.matches, root);
  if (*selection.at == '$')
    selection.at++;
  else
    ok = malformed (&selection, "it must begin with ‘$’", error);

  while (ok && *selection.at != '\0')
    {
      char c = *selection.at++;

      if (c == '.')
        ok = read_dot (&selection, error);
      else if (c == '[')
        ok = read_bracket (&selection, error);
      else
        {
          selection.at--;
          ok = malformed (&selection, "expected ‘.’ or ‘[’", error);
        }
    }
  if (ok)
    node = result (&selection);
  g_ptr_array_unref (selection.matches);
  g_ptr_array_unref (selection.made);
  return node;
}
