/* SPDX-License-Identifier: MIT */
/* The `{{ … }}` of Systems Manager documents: found, resolved, renamed. Shared by the checks, the
 * planner and the runner, which differ only in what they look references up in. */

#include "slip-template.h"

#include "slip-json.h"
#include "slip-runbook-error.h"

#include <string.h>

typedef struct
{
  SlipTemplateLookup lookup;
  gpointer data;
  GPtrArray *unknown; /* borrowed, nullable */
  char *(*rename) (const char *reference, gpointer data);
} Resolver;

static JsonNode *resolve_node (Resolver *resolver, JsonNode *node, GError **error);

static gboolean
is_reference_char (char c)
{
  return g_ascii_isalnum (c) || strchr ("_-.:[]*", c) != NULL;
}

/* Finds the next reference from @at on. @start is where its braces begin, @end just behind them. */
static gboolean
next_reference (const char *at, const char **start, const char **end, char **name, GError **error)
{
  const char *open = strstr (at, "{{");
  const char *close;
  g_autofree char *inner = NULL;

  *name = NULL;
  if (open == NULL)
    return TRUE;
  close = strstr (open, "}}");
  if (close == NULL)
    {
      g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_EXPRESSION,
                   "the reference “%.40s” does not end with }}", open);
      return FALSE;
    }
  inner = g_strstrip (g_strndup (open + 2, (gsize)(close - open - 2)));
  for (const char *c = inner; *c != '\0'; c++)
    if (!is_reference_char (*c))
      {
        g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_EXPRESSION,
                     "“%s” is no reference. Write {{ Parameter }}, {{ Step.Output }}, "
                     "{{ variable:Name }} or {{ global:DATE }}",
                     inner);
        return FALSE;
      }
  if (*inner == '\0')
    {
      g_set_error_literal (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_EXPRESSION,
                           "the reference {{ }} names nothing");
      return FALSE;
    }
  *start = open;
  *end = close + 2;
  *name = g_steal_pointer (&inner);
  return TRUE;
}

static void
add_once (GPtrArray *names, const char *name)
{
  if (!g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL))
    g_ptr_array_add (names, g_strdup (name));
}

static gboolean
list_text (const char *text, GPtrArray *names, GError **error)
{
  const char *at = text;

  for (;;)
    {
      g_autofree char *name = NULL;
      const char *start;

      if (!next_reference (at, &start, &at, &name, error))
        return FALSE;
      if (name == NULL)
        return TRUE;
      add_once (names, name);
    }
}

static gboolean
list_node (JsonNode *node, GPtrArray *names, GError **error)
{
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    return list_text (json_node_get_string (node), names, error);
  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (array); i++)
        if (!list_node (json_array_get_element (array, i), names, error))
          return FALSE;
    }
  else if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObjectIter iter;
      const char *name; /* json-glib 1.6 writes it unasked */
      JsonNode *member;

      json_object_iter_init_ordered (&iter, json_node_get_object (node));
      while (json_object_iter_next_ordered (&iter, &name, &member))
        if (!list_node (member, names, error))
          return FALSE;
    }
  return TRUE;
}

GPtrArray *
slip_template_list (JsonNode *node, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  return list_node (node, names, error) ? g_steal_pointer (&names) : NULL;
}

GPtrArray *
slip_template_list_text (const char *text, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  return list_text (text, names, error) ? g_steal_pointer (&names) : NULL;
}

gboolean
slip_template_has_references (JsonNode *node)
{
  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (array); i++)
        if (slip_template_has_references (json_array_get_element (array, i)))
          return TRUE;
    }
  else if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObjectIter iter;
      const char *name; /* json-glib 1.6 writes it unasked */
      JsonNode *member;

      json_object_iter_init (&iter, json_node_get_object (node));
      while (json_object_iter_next (&iter, &name, &member))
        if (slip_template_has_references (member))
          return TRUE;
    }
  else if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    return strstr (json_node_get_string (node), "{{") != NULL;
  return FALSE;
}

/* `Step.Output.Member` and `Step.Output[0]` lead into what the step yielded. */
static JsonNode *
look_within (Resolver *resolver, const char *name)
{
  for (const char *at = name + strlen (name); at-- > name;)
    {
      g_autofree char *whole = NULL;
      g_autofree char *selector = NULL;
      g_autoptr (JsonNode) node = NULL;

      if (*at != '.' && *at != '[')
        continue;
      whole = g_strndup (name, (gsize)(at - name));
      if (strchr (whole, '.') == NULL)
        return NULL;
      node = resolver->lookup (whole, resolver->data);
      if (node == NULL)
        continue;
      selector = g_strconcat ("$", at, NULL);
      return slip_json_select (node, selector, NULL);
    }
  return NULL;
}

static JsonNode *
look_up (Resolver *resolver, const char *name, GError **error)
{
  JsonNode *value = resolver->lookup (name, resolver->data);

  if (value == NULL)
    value = look_within (resolver, name);
  if (value != NULL)
    return value;
  if (resolver->unknown == NULL)
    g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_EXPRESSION, "{{ %s }} has no value",
                 name);
  else
    add_once (resolver->unknown, name);
  return NULL;
}

static void
append_value (GString *text, JsonNode *value)
{
  if (JSON_NODE_HOLDS_VALUE (value) && json_node_get_value_type (value) == G_TYPE_STRING)
    g_string_append (text, json_node_get_string (value));
  else if (!JSON_NODE_HOLDS_NULL (value))
    {
      g_autofree char *json = slip_json_to_text (value, FALSE);

      g_string_append (text, json);
    }
}

static JsonNode *
resolve_text (Resolver *resolver, const char *text, GError **error)
{
  g_autoptr (GString) result = g_string_new (NULL);
  const char *at = text;

  for (;;)
    {
      g_autofree char *name = NULL;
      g_autoptr (GError) local = NULL;
      g_autoptr (JsonNode) value = NULL;
      const char *start = NULL;
      const char *end = NULL;

      if (!next_reference (at, &start, &end, &name, error))
        return NULL;
      if (name == NULL)
        break;
      value = look_up (resolver, name, &local);
      if (local != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
      if (value != NULL && start == text && *end == '\0')
        return slip_json_copy (value);
      g_string_append_len (result, at, start - at);
      if (value != NULL)
        append_value (result, value);
      else
        g_string_append_len (result, start, end - start);
      at = end;
    }
  g_string_append (result, at);
  return slip_json_new_string (result->str);
}

/* Whether @node is a string that is one reference and nothing else. */
static gboolean
is_whole_reference (JsonNode *node)
{
  const char *text;
  const char *start;
  const char *end;
  g_autofree char *name = NULL;

  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
    return FALSE;
  text = json_node_get_string (node);
  return next_reference (text, &start, &end, &name, NULL) && name != NULL && start == text
         && *end == '\0';
}

static JsonNode *
resolve_array (Resolver *resolver, JsonArray *array, GError **error)
{
  g_autoptr (JsonArray) result = json_array_new ();

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *element = json_array_get_element (array, i);
      g_autoptr (JsonNode) value = resolve_node (resolver, element, error);

      if (value == NULL)
        return NULL;
      if (JSON_NODE_HOLDS_ARRAY (value) && is_whole_reference (element))
        {
          JsonArray *spliced = json_node_get_array (value);

          for (guint j = 0; j < json_array_get_length (spliced); j++)
            json_array_add_element (result, slip_json_copy (json_array_get_element (spliced, j)));
        }
      else
        json_array_add_element (result, g_steal_pointer (&value));
    }
  return slip_json_new_array (g_steal_pointer (&result));
}

static JsonNode *
resolve_object (Resolver *resolver, JsonObject *object, GError **error)
{
  g_autoptr (JsonObject) result = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *member;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &member))
    {
      JsonNode *value = resolve_node (resolver, member, error);

      if (value == NULL)
        return NULL;
      json_object_set_member (result, name, value);
    }
  return slip_json_new_object (g_steal_pointer (&result));
}

static char *
rename_text (Resolver *resolver, const char *text)
{
  GString *result = g_string_new (NULL);
  const char *at = text;

  for (;;)
    {
      g_autofree char *name = NULL;
      g_autofree char *renamed = NULL;
      const char *start = NULL;
      const char *end = NULL;

      if (!next_reference (at, &start, &end, &name, NULL) || name == NULL)
        break;
      renamed = resolver->rename (name, resolver->data);
      g_string_append_len (result, at, start - at);
      if (renamed != NULL)
        g_string_append_printf (result, "{{ %s }}", renamed);
      else
        g_string_append_len (result, start, end - start);
      at = end;
    }
  g_string_append (result, at);
  return g_string_free (result, FALSE);
}

static JsonNode *
resolve_node (Resolver *resolver, JsonNode *node, GError **error)
{
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    {
      g_autofree char *renamed = NULL;

      if (resolver->rename == NULL)
        return resolve_text (resolver, json_node_get_string (node), error);
      renamed = rename_text (resolver, json_node_get_string (node));
      return slip_json_new_string (renamed);
    }
  if (JSON_NODE_HOLDS_ARRAY (node))
    return resolve_array (resolver, json_node_get_array (node), error);
  if (JSON_NODE_HOLDS_OBJECT (node))
    return resolve_object (resolver, json_node_get_object (node), error);
  return slip_json_copy (node);
}

JsonNode *
slip_template_resolve (
    JsonNode *node, SlipTemplateLookup lookup, gpointer data, GPtrArray *unknown, GError **error)
{
  Resolver resolver = {.lookup = lookup, .data = data, .unknown = unknown};

  return resolve_node (&resolver, node, error);
}

JsonNode *
slip_template_rename (JsonNode *node,
                      char *(*rename) (const char *reference, gpointer data),
                      gpointer data)
{
  Resolver resolver = {.data = data, .rename = rename};

  return resolve_node (&resolver, node, NULL);
}
