/* SPDX-License-Identifier: MIT */
/* Values in a plan of Terraform, found by the names of their members: a container's image stands in JSON
 * that is the text of one attribute of a task definition. */

#include "slip-terraform-values.h"

#include "slip-json.h"

#include <string.h>

gboolean
slip_terraform_matches (const char *pattern, const char *text)
{
  const char *star = strchr (pattern, '*');
  gsize length;

  if (star == NULL)
    return g_str_equal (pattern, text);
  length = (gsize)(star - pattern);
  if (strncmp (pattern, text, length) != 0)
    return FALSE;
  for (text += length;; text++)
    {
      if (slip_terraform_matches (star + 1, text))
        return TRUE;
      if (*text == '\0')
        return FALSE;
    }
}

/* What is known only after the apply, or sensitive, is marked with true, as deep as it stands. */
gboolean
slip_terraform_is_marked (JsonNode *marks)
{
  if (marks == NULL || JSON_NODE_HOLDS_NULL (marks))
    return FALSE;
  if (JSON_NODE_HOLDS_VALUE (marks))
    return json_node_get_boolean (marks);
  if (JSON_NODE_HOLDS_ARRAY (marks))
    {
      JsonArray *list = json_node_get_array (marks);

      for (guint i = 0; i < json_array_get_length (list); i++)
        if (slip_terraform_is_marked (json_array_get_element (list, i)))
          return TRUE;
      return FALSE;
    }
  {
    g_autoptr (GList) values = json_object_get_values (json_node_get_object (marks));

    for (GList *l = values; l != NULL; l = l->next)
      if (slip_terraform_is_marked (l->data))
        return TRUE;
  }
  return FALSE;
}

/* ---- looking */

typedef void (*Found) (const char *name, JsonNode *value, gpointer data);

static void look (JsonNode *node, JsonObject *names, Found found, gpointer data);

static void
look_into_text (const char *text, JsonObject *names, Found found, gpointer data)
{
  g_autoptr (JsonNode) inner = NULL;

  if (*text != '{' && *text != '[')
    return;
  inner = slip_json_parse (text, -1, NULL);
  if (inner != NULL)
    look (inner, names, found, data);
}

static void
look (JsonNode *node, JsonObject *names, Found found, gpointer data)
{
  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return;
  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *list = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (list); i++)
        look (json_array_get_element (list, i), names, found, data);
    }
  else if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObjectIter iter;
      const char *name;
      JsonNode *value;

      json_object_iter_init_ordered (&iter, json_node_get_object (node));
      while (json_object_iter_next_ordered (&iter, &name, &value))
        if (json_object_has_member (names, name))
          found (name, value, data);
        else
          look (value, names, found, data);
    }
  else if (json_node_get_value_type (node) == G_TYPE_STRING)
    look_into_text (json_node_get_string (node), names, found, data);
}

static char *
text_of (JsonNode *value)
{
  if (JSON_NODE_HOLDS_NULL (value))
    return g_strdup ("");
  if (JSON_NODE_HOLDS_VALUE (value) && json_node_get_value_type (value) == G_TYPE_STRING)
    return json_node_dup_string (value);
  return slip_json_canonical (value, NULL);
}

/* ---- holding */

typedef struct
{
  JsonObject *values;
  GHashTable *before; /* set of "name=value" */
  GHashTable *told;   /* set of names that stand in what the resource will be */
  gboolean hidden;    /* values are not told */
  char *wrong;
} Holding;

static char *
key_of (const char *name, JsonNode *value)
{
  g_autofree char *text = text_of (value);

  return g_strdup_printf ("%s=%s", name, text);
}

static void
keep_before (const char *name, JsonNode *value, gpointer data)
{
  g_hash_table_add (((Holding *)data)->before, key_of (name, value));
}

static gboolean
is_as_told (JsonNode *patterns, const char *text)
{
  if (JSON_NODE_HOLDS_ARRAY (patterns))
    {
      JsonArray *list = json_node_get_array (patterns);

      for (guint i = 0; i < json_array_get_length (list); i++)
        if (is_as_told (json_array_get_element (list, i), text))
          return TRUE;
      return FALSE;
    }
  {
    g_autofree char *pattern = text_of (patterns);

    return slip_terraform_matches (pattern, text);
  }
}

static void
hold_one (const char *name, JsonNode *value, gpointer data)
{
  Holding *self = data;
  JsonNode *patterns = json_object_get_member (self->values, name);
  g_autofree char *key = key_of (name, value);
  g_autofree char *text = text_of (value);

  g_hash_table_add (self->told, g_strdup (name));
  if (self->wrong != NULL || g_hash_table_contains (self->before, key)
      || is_as_told (patterns, text))
    return;
  {
    g_autofree char *wanted = text_of (patterns);

    self->wrong = self->hidden
                      ? g_strdup_printf ("its %s changes, and not to %s", name, wanted)
                      : g_strdup_printf ("its %s would be “%s”, not %s", name, text, wanted);
  }
}

static void
say_unknown (const char *name, JsonNode *value, gpointer data)
{
  Holding *self = data;

  if (self->wrong == NULL)
    self->wrong = g_strdup_printf ("its %s is known only after the apply", name);
}

/* An attribute that only repeats what another one tells is computed, and nobody's wish. */
static void
say_unknown_if_untold (const char *name, JsonNode *value, gpointer data)
{
  if (!g_hash_table_contains (((Holding *)data)->told, name))
    say_unknown (name, value, data);
}

/* What is not known yet cannot be told to hold, where there was such a value or is to be one. */
static void
hold_unknown (Holding *self, JsonNode *before, JsonNode *unknown)
{
  JsonObject *marks = slip_json_node_object (unknown);
  JsonObject *old = slip_json_node_object (before);
  g_autoptr (GList) names = marks != NULL ? json_object_get_members (marks) : NULL;

  for (GList *l = names; l != NULL; l = l->next)
    {
      JsonNode *mark = json_object_get_member (marks, l->data);

      if (!slip_terraform_is_marked (mark))
        continue;
      if (json_object_has_member (self->values, l->data))
        say_unknown (l->data, NULL, self);
      else if (JSON_NODE_HOLDS_VALUE (mark))
        look (old != NULL ? json_object_get_member (old, l->data) : NULL, self->values,
              say_unknown_if_untold, self);
      else
        hold_unknown (self, old != NULL ? json_object_get_member (old, l->data) : NULL, mark);
    }
}

char *
slip_terraform_hold_values (JsonObject *values, JsonObject *resource)
{
  JsonObject *change = resource != NULL ? slip_json_object (resource, "change") : NULL;
  Holding holding = {.values = values};

  if (change == NULL)
    return NULL;
  holding.before = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  holding.told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  holding.hidden = slip_terraform_is_marked (json_object_get_member (change, "before_sensitive"))
                   || slip_terraform_is_marked (json_object_get_member (change, "after_sensitive"));
  look (json_object_get_member (change, "before"), values, keep_before, &holding);
  look (json_object_get_member (change, "after"), values, hold_one, &holding);
  hold_unknown (&holding, json_object_get_member (change, "before"),
                json_object_get_member (change, "after_unknown"));
  g_hash_table_unref (holding.before);
  g_hash_table_unref (holding.told);
  return holding.wrong;
}
