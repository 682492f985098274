/* SPDX-License-Identifier: MIT */
/* Placeholders in the SQL of a sidecar. They are what keeps one sidecar true for every run date and for every
 * name of a schema. */

#include "slip-json.h"
#include "slip-migration.h"
#include "slip-migration-error.h"

#include <string.h>

/* A literal of SQL, with standard_conforming_strings. */
static void
append_literal (GString *out, const char *text)
{
  g_string_append_c (out, '\'');
  for (const char *p = text; *p != '\0'; p++)
    {
      if (*p == '\'')
        g_string_append_c (out, '\'');
      g_string_append_c (out, *p);
    }
  g_string_append_c (out, '\'');
}

static void
append_name (GString *out, const char *name)
{
  g_string_append_c (out, '"');
  for (const char *p = name; *p != '\0'; p++)
    {
      if (*p == '"')
        g_string_append_c (out, '"');
      g_string_append_c (out, *p);
    }
  g_string_append_c (out, '"');
}

static void
append_value (GString *out, JsonNode *value)
{
  g_autofree char *text = slip_value_dup_text (value);

  if (json_node_get_value_type (value) == G_TYPE_STRING)
    append_literal (out, text);
  else if (json_node_get_value_type (value) == G_TYPE_BOOLEAN)
    g_string_append (out, json_node_get_boolean (value) ? "true" : "false");
  else
    g_string_append (out, text);
}

static const char *
find_schema (SlipMigration *self, const char *name)
{
  const SlipSchemas *schemas = slip_migration_get_schemas (self);
  const struct
  {
    const char *name;
    const char *schema;
  } all[] = {{"source", schemas->source},
             {"transform", schemas->transform},
             {"integration", schemas->integration},
             {"staging", schemas->staging},
             {"target", schemas->target}};

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    if (g_str_equal (all[i].name, name))
      return all[i].schema;
  return NULL;
}

/* Whether @name is a placeholder, which has then been put in. */
static gboolean
append_placeholder (SlipMigration *self, GString *out, const char *name, const char *run_date)
{
  const char *schema = find_schema (self, name);
  JsonNode *value = g_str_has_prefix (name, "values.")
                        ? slip_migration_get_value (self, name + strlen ("values."))
                        : NULL;

  if (schema != NULL)
    append_name (out, schema);
  else if (g_str_equal (name, "run_date"))
    {
      g_string_append (out, "DATE ");
      append_literal (out, run_date);
    }
  else if (value != NULL)
    append_value (out, value);
  else
    return FALSE;
  return TRUE;
}

gboolean
slip_migration_override (SlipMigration *self, const char *const *values, GError **error)
{
  JsonObject *all;

  g_return_val_if_fail (SLIP_IS_MIGRATION (self) && values != NULL, FALSE);

  all = slip_migration_get_values (self);
  for (guint i = 0; values[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (values[i], "=", 2);

      if (g_strv_length (parts) == 2 && json_object_has_member (all, parts[0]))
        continue;
      g_set_error (
          error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_DEFINITION,
          "“%s” gives no value of the sidecar another text. Write NAME=TEXT with a NAME that "
          "stands under values",
          values[i]);
      return FALSE;
    }
  for (guint i = 0; values[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (values[i], "=", 2);

      json_object_set_string_member (all, parts[0], parts[1]);
    }
  return TRUE;
}

char *
slip_migration_expand (SlipMigration *self, const char *sql, const char *run_date)
{
  GString *out;

  g_return_val_if_fail (SLIP_IS_MIGRATION (self) && sql != NULL && run_date != NULL, NULL);

  out = g_string_new (NULL);
  for (const char *p = sql; *p != '\0';)
    {
      const char *end = *p == '{' ? strchr (p, '}') : NULL;
      g_autofree char *name = end != NULL ? g_strndup (p + 1, (gsize)(end - p - 1)) : NULL;

      if (name != NULL && append_placeholder (self, out, name, run_date))
        p = end + 1;
      else
        g_string_append_c (out, *p++);
    }
  /* What stands behind it must not be part of its comment. */
  if (strstr (sql, "--") != NULL)
    g_string_append_c (out, '\n');
  return g_string_free (out, FALSE);
}
