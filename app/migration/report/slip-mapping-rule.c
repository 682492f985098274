/* SPDX-License-Identifier: MIT */
/* A mapping rule as one line for a person who looks at a value and asks why. It says what the definitions say, in the order
 * in which it is applied; the SQL itself is `slipwayctl migrate sql`. */

#include "slip-mapping-rule.h"

static const SlipStep *
find_step (SlipMigration *migration, const char *mapping)
{
  const SlipStep *step = slip_migration_find_step (migration, mapping);
  GPtrArray *steps = slip_migration_get_steps (migration);

  for (guint i = 0; step == NULL && i < steps->len; i++)
    if (g_strcmp0 (((const SlipStep *)steps->pdata[i])->mapping_name, mapping) == 0)
      step = steps->pdata[i];
  return step;
}

static const SlipNamedSql *
find_sql (const SlipStep *step, const char *column)
{
  for (guint i = 0; i < step->columns->len; i++)
    {
      const SlipNamedSql *sql = g_ptr_array_index (step->columns, i);

      if (g_strcmp0 (sql->name, column) == 0)
        return sql;
    }
  return NULL;
}

static const SlipDecision *
find_decision (const SlipStep *step, const char *column)
{
  for (guint i = 0; i < step->decisions->len; i++)
    {
      const SlipDecision *decision = g_ptr_array_index (step->decisions, i);

      if (g_strv_contains ((const char *const *)decision->outputs, column))
        return decision;
    }
  return NULL;
}

static gboolean
is_json (const SlipStep *step, const char *column)
{
  for (guint i = 0; i < step->json->len; i++)
    if (g_strcmp0 (((const SlipJsonColumn *)step->json->pdata[i])->column, column) == 0)
      return TRUE;
  return FALSE;
}

static void
append_source (GString *text, const SlipMappingColumn *column)
{
  for (guint i = 0; column->source_columns != NULL && column->source_columns[i] != NULL; i++)
    g_string_append_printf (text, "%s%s.%s", i > 0 ? " + " : "",
                            column->source_table != NULL ? column->source_table : "?",
                            column->source_columns[i]);
}

static void
append_mapping (GString *text, const SlipMappingColumn *column)
{
  append_source (text, column);
  if (column->transformation != NULL)
    g_string_append_printf (text, "%s%s", text->len > 0 ? " → " : "", column->transformation);
  if (column->lookup != NULL)
    g_string_append_printf (text, "%slookup %s", text->len > 0 ? " → " : "", column->lookup);
  if (column->calculated != NULL)
    g_string_append_printf (text, "%s%s", text->len > 0 ? ", else " : "", column->calculated);
  if (column->default_value != NULL)
    {
      g_autofree char *value = slip_value_dup_text (column->default_value);

      g_string_append_printf (text, "%s“%s”", text->len > 0 ? ", else " : "always ", value);
    }
  if (column->parent_table != NULL)
    g_string_append_printf (text, "%skey of %s", text->len > 0 ? " → " : "", column->parent_table);
  if (column->primary_key && text->len == 0)
    g_string_append (text, "a key of its own");
}

static void
append_step (GString *text, const SlipStep *step, const char *column)
{
  const SlipNamedSql *sql = find_sql (step, column);
  const SlipDecision *decision = find_decision (step, column);

  if (decision != NULL)
    g_string_append_printf (text, "%sdecision %s", text->len > 0 ? " → " : "", decision->name);
  if (sql != NULL)
    g_string_append_printf (text, "%s%s", text->len > 0 ? " → " : "", sql->sql);
  if (is_json (step, column))
    g_string_append_printf (text, "%sJSON template", text->len > 0 ? " → " : "");
}

/* What no step of the mapping does, the sidecar's rule for it does when ids are final. */
static void
append_rules (GString *text, SlipMigration *migration, const char *mapping, const char *column)
{
  GPtrArray *rules = slip_migration_get_rules (migration);

  for (guint i = 0; i < rules->len; i++)
    {
      const SlipBusinessRule *rule = g_ptr_array_index (rules, i);

      for (guint j = 0; g_strcmp0 (rule->mapping, mapping) == 0 && j < rule->fills->len; j++)
        if (g_strcmp0 (((const SlipTableColumn *)rule->fills->pdata[j])->column, column) == 0)
          g_string_append_printf (text, "%srule %s", text->len > 0 ? " → " : "", rule->name);
    }
}

static char *
dup_text (SlipMigration *migration,
          const char *mapping,
          const SlipMappingColumn *rule,
          const SlipStep *step,
          const char *column)
{
  GString *text = g_string_new (NULL);

  if (rule != NULL)
    append_mapping (text, rule);
  if (step != NULL)
    append_step (text, step, column);
  append_rules (text, migration, step != NULL ? step->mapping_name : mapping, column);
  return g_string_free (text, FALSE);
}

char *
slip_mapping_rule_dup_text_of (SlipMigration *migration,
                               const char *mapping,
                               const SlipMappingColumn *column)
{
  g_return_val_if_fail (SLIP_IS_MIGRATION (migration), g_strdup (""));
  g_return_val_if_fail (mapping != NULL && column != NULL, g_strdup (""));
  return dup_text (migration, mapping, column, find_step (migration, mapping), column->target);
}

char *
slip_mapping_rule_dup_text (SlipMigration *migration, const char *mapping, const char *column)
{
  const SlipStep *step;
  const SlipMapping *found;

  g_return_val_if_fail (SLIP_IS_MIGRATION (migration), g_strdup (""));
  g_return_val_if_fail (mapping != NULL && column != NULL, g_strdup (""));

  step = find_step (migration, mapping);
  found = step != NULL
              ? step->mapping
              : slip_definitions_find_mapping (slip_migration_get_definitions (migration), mapping);
  return dup_text (migration, mapping,
                   found != NULL ? slip_mapping_find_column (found, column) : NULL, step, column);
}
