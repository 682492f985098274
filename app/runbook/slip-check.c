/* SPDX-License-Identifier: MIT */
/* The check of a runbook document: its top level, and what the parts of the check share. Nothing here
 * stops at the first fault: an author gets the whole list, each with its place. The document is
 * otherwise trusted by the planner, so what is not told here must not matter there. */

#include "slip-check.h"

#include "slip-json.h"
#include "slip-template.h"

#include <string.h>

static const SlipActionInput top_members[] = {
    {"schemaVersion", SLIP_ACTION_ANY, TRUE}, {"description", SLIP_ACTION_TEXT, FALSE},
    {"assumeRole", SLIP_ACTION_TEXT, FALSE},  {"parameters", SLIP_ACTION_MAP, FALSE},
    {"variables", SLIP_ACTION_MAP, FALSE},    {"outputs", SLIP_ACTION_LIST, FALSE},
    {"mainSteps", SLIP_ACTION_LIST, TRUE},    {"slipway", SLIP_ACTION_MAP, FALSE},
    {"files", SLIP_ACTION_MAP, FALSE},        {NULL, SLIP_ACTION_ANY, FALSE},
};

static void
add_fault (SlipCheck *check, const char *path, const char *format, va_list args)
{
  g_autofree char *message = g_strdup_vprintf (format, args);
  guint line = 0;
  guint column = 0;

  if (check->document != NULL)
    slip_document_locate (check->document, path, &line, &column);
  g_ptr_array_add (check->faults, slip_fault_new (line, column, path, message));
}

void
slip_check_fault (SlipCheck *check, const char *path, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  add_fault (check, path, format, args);
  va_end (args);
}

void
slip_check_fault_at (SlipCheck *check, const char *path, const char *name, const char *format, ...)
{
  g_autofree char *member = slip_path_member (path, name);
  va_list args;

  va_start (args, format);
  add_fault (check, member, format, args);
  va_end (args);
}

static guint
edit_distance (const char *a, const char *b)
{
  gsize length = strlen (b);
  g_autofree guint *row = g_new (guint, length + 1);

  for (gsize j = 0; j <= length; j++)
    row[j] = (guint)j;
  for (gsize i = 0; a[i] != '\0'; i++)
    {
      guint diagonal = row[0];

      row[0] = (guint)i + 1;
      for (gsize j = 0; j < length; j++)
        {
          guint above = row[j + 1];
          guint change = diagonal + (g_ascii_tolower (a[i]) != g_ascii_tolower (b[j]));

          row[j + 1] = MIN (MIN (above, row[j]) + 1, change);
          diagonal = above;
        }
    }
  return row[length];
}

char *
slip_check_suggest (const char *name, const char *const *candidates)
{
  const char *best = NULL;
  guint best_distance = G_MAXUINT;

  if (strlen (name) > 128)
    return g_strdup ("");
  for (guint i = 0; candidates[i] != NULL; i++)
    {
      guint distance = edit_distance (name, candidates[i]);

      if (distance < best_distance)
        {
          best_distance = distance;
          best = candidates[i];
        }
    }
  if (best == NULL || best_distance > MAX (2, strlen (name) / 3))
    return g_strdup ("");
  return g_strdup_printf ("; did you mean %s?", best);
}

static gboolean
is_kind (JsonNode *node, SlipActionKind kind)
{
  GType type = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;

  if (type == G_TYPE_STRING && kind != SLIP_ACTION_TEXT
      && strstr (json_node_get_string (node), "{{") != NULL)
    return TRUE;
  switch (kind)
    {
    case SLIP_ACTION_TEXT:
      return type == G_TYPE_STRING;
    case SLIP_ACTION_INTEGER:
      return type == G_TYPE_INT64;
    case SLIP_ACTION_BOOLEAN:
      return type == G_TYPE_BOOLEAN;
    case SLIP_ACTION_LIST:
      return JSON_NODE_HOLDS_ARRAY (node);
    case SLIP_ACTION_MAP:
      return JSON_NODE_HOLDS_OBJECT (node);
    case SLIP_ACTION_ANY:
    default:
      return TRUE;
    }
}

static const char *
kind_name (SlipActionKind kind)
{
  static const char *const names[] = {
      "a string", "a whole number", "true or false", "a list", "a map", "a value",
  };

  return names[kind];
}

static const char **
table_names (const SlipActionInput *table)
{
  GPtrArray *names = g_ptr_array_new ();

  for (; table->name != NULL; table++)
    g_ptr_array_add (names, (gpointer)table->name);
  g_ptr_array_add (names, NULL);
  return (const char **)g_ptr_array_free (names, FALSE);
}

static const SlipActionInput *
find_member (const SlipActionInput *table, const char *name)
{
  for (; table->name != NULL; table++)
    if (g_str_equal (table->name, name))
      return table;
  return NULL;
}

void
slip_check_members (SlipCheck *check,
                    const char *path,
                    JsonObject *object,
                    const SlipActionInput *table,
                    gboolean others)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      const SlipActionInput *member = find_member (table, name);

      if (member == NULL && !others)
        {
          g_autofree const char **names = table_names (table);
          g_autofree char *hint = slip_check_suggest (name, names);

          slip_check_fault_at (check, path, name, "there is no such key here%s", hint);
        }
      else if (member != NULL && !is_kind (node, member->kind))
        slip_check_fault_at (check, path, name, "must be %s", kind_name (member->kind));
    }
  for (; table->name != NULL; table++)
    if (table->required && !json_object_has_member (object, table->name))
      slip_check_fault (check, path, "%s is missing", table->name);
}

void
slip_check_one_of (SlipCheck *check,
                   const char *path,
                   JsonObject *object,
                   const char *name,
                   const char *const *values)
{
  const char *value = slip_json_string (object, name);
  g_autofree char *list = NULL;

  if (value == NULL || g_strv_contains (values, value))
    return;
  list = g_strjoinv (", ", (char **)values);
  slip_check_fault_at (check, path, name, "“%s” is not one of: %s", value, list);
}

gboolean
slip_check_is_plain (JsonObject *object, const char *name)
{
  const char *text = slip_json_string (object, name);

  return text != NULL && strstr (text, "{{") == NULL;
}

char *
slip_check_whole_reference (JsonNode *node)
{
  g_autoptr (GPtrArray) names = NULL;
  g_autofree char *bare = NULL;

  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
    return NULL;
  bare = g_strstrip (g_strdup (json_node_get_string (node)));
  names = slip_template_list_text (bare, NULL);
  if (names == NULL || names->len != 1 || !g_str_has_prefix (bare, "{{")
      || !g_str_has_suffix (bare, "}}") || strstr (bare + 2, "{{") != NULL)
    return NULL;
  return g_strdup (g_ptr_array_index (names, 0));
}

/* Whether @reference leads into a map or list that a step yields, or into a turn's value. */
static gboolean
leads_into (SlipCheck *check, const char *reference)
{
  for (const char *at = reference + strlen (reference); at-- > reference;)
    {
      g_autofree char *whole = NULL;
      gpointer found;

      if (*at != '.' && *at != '[')
        continue;
      whole = g_strndup (reference, (gsize)(at - reference));
      found = g_hash_table_lookup (check->types, whole);
      if (found == NULL)
        continue;
      return GPOINTER_TO_UINT (found) - 1 == SLIP_PARAMETER_STRING_MAP
             || GPOINTER_TO_UINT (found) - 1 == SLIP_PARAMETER_MAP_LIST
             || g_str_has_suffix (whole, ".CurrentIteratorValue");
    }
  return FALSE;
}

gboolean
slip_check_reference_type (SlipCheck *check, const char *reference, SlipParameterType *type)
{
  gpointer found = g_hash_table_lookup (check->types, reference);

  if (g_str_has_prefix (reference, "global:") || g_str_has_prefix (reference, "automation:"))
    {
      *type = SLIP_PARAMETER_STRING;
      return TRUE;
    }
  if (found == NULL && strchr (reference, '.') != NULL && leads_into (check, reference))
    {
      *type = SLIP_CHECK_ANY_TYPE;
      return TRUE;
    }
  if (found == NULL)
    return FALSE;
  *type = (SlipParameterType)(GPOINTER_TO_UINT (found) - 1);
  return TRUE;
}

static void
check_version (SlipCheck *check)
{
  JsonNode *version = json_object_get_member (check->root, "schemaVersion");
  const char *text = slip_json_string (check->root, "schemaVersion");

  if (version == NULL || g_strcmp0 (text, "0.3") == 0)
    return;
  if (text == NULL)
    slip_check_fault (check, "$.schemaVersion", "write it in quotes: \"0.3\"");
  else
    slip_check_fault (check, "$.schemaVersion",
                      "“%s” is no schema of Automation documents; it must be \"0.3\"", text);
}

static void
check_outputs (SlipCheck *check)
{
  JsonArray *outputs = slip_json_array (check->root, "outputs");

  for (guint i = 0; outputs != NULL && i < json_array_get_length (outputs); i++)
    {
      g_autofree char *path = slip_path_element ("$.outputs", i);
      JsonNode *node = json_array_get_element (outputs, i);
      g_autofree char *name = NULL;
      SlipParameterType type;

      if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
        {
          slip_check_fault (check, path, "must be a string, Step.Output");
          continue;
        }
      name = slip_check_whole_reference (node);
      if (name == NULL)
        name = g_strdup (json_node_get_string (node));
      if (!slip_check_reference_type (check, name, &type))
        slip_check_fault (check, path, "no step has the output %s", name);
    }
}

static void
check_assume_role (SlipCheck *check)
{
  const char *role = slip_json_string (check->root, "assumeRole");
  g_autoptr (GPtrArray) names = NULL;
  g_autoptr (GError) error = NULL;

  if (role == NULL)
    return;
  names = slip_template_list_text (role, &error);
  if (names == NULL)
    slip_check_fault (check, "$.assumeRole", "%s", error->message);
  else if (names->len == 0 && *role != '\0' && !g_str_has_prefix (role, "arn:"))
    slip_check_fault (check, "$.assumeRole", "must be the ARN of a role, or a parameter that is");
  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      SlipParameterType type;

      if (!slip_check_reference_type (check, name, &type) || strchr (name, '.') != NULL)
        slip_check_fault (check, "$.assumeRole", "there is no parameter %s", name);
    }
}

static void
free_step (gpointer data)
{
  SlipCheckStep *step = data;

  g_free (step->name);
  g_free (step->path);
  g_free (step->loop);
  json_object_unref (step->inputs);
  g_free (step);
}

static void
check_root (SlipCheck *check)
{
  slip_check_members (check, "$", check->root, top_members, FALSE);
  if (json_object_has_member (check->root, "files"))
    slip_check_fault (check, "$.files", "attached scripts are not supported");
  check_version (check);
  slip_check_parameters (check);
  slip_check_steps (check);
  slip_check_slipway_document (check);
  slip_check_flow (check);
  slip_check_secrets (check);
  check_outputs (check);
  check_assume_role (check);
}

void
slip_check_document (SlipDocument *document, GPtrArray *faults)
{
  SlipCheck check = {.document = document, .faults = faults};
  JsonNode *root = slip_document_get_root (document);

  check.root = slip_json_node_object (root);
  if (check.root == NULL)
    {
      guint line;
      guint column;

      slip_document_locate (document, "$", &line, &column);
      g_ptr_array_add (faults,
                       slip_fault_new (line, column, "$",
                                       "a runbook is a map with schemaVersion and mainSteps"));
      return;
    }
  check.types = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  check.steps = g_hash_table_new (g_str_hash, g_str_equal);
  check.all = g_ptr_array_new_with_free_func (free_step);
  check.main_steps = g_ptr_array_new ();
  check_root (&check);
  slip_faults_sort (faults);
  g_ptr_array_unref (check.main_steps);
  g_hash_table_unref (check.steps);
  g_hash_table_unref (check.types);
  g_ptr_array_unref (check.all);
}
