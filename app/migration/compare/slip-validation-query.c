/* SPDX-License-Identifier: MIT */
/* Compiles one entry of validation_mapping.json and its mapping to two queries: what should be, from landed rows, and what
 * is, from the target. The rules are those of the pipeline that the definitions come from (its validation, not its
 * transform); nothing of app/migration/compile is used here, so that the one can find the other's faults. */

#include "slip-validation-private.h"

#include "slip-migration-error.h"

#include <string.h>

SlipValidationQuery *
slip_validation_query_new (const char *mapping)
{
  SlipValidationQuery *query = g_new0 (SlipValidationQuery, 1);

  query->mapping = mapping;
  query->names = g_ptr_array_new_with_free_func (g_free);
  query->note = g_string_new (NULL);
  query->restored = g_ptr_array_new ();
  query->back_names = g_ptr_array_new_with_free_func (g_free);
  return query;
}

void
slip_validation_query_free (SlipValidationQuery *query)
{
  g_ptr_array_unref (query->names);
  g_string_free (query->note, TRUE);
  g_free (query->entity);
  g_free (query->source_table);
  g_free (query->expected);
  g_free (query->actual);
  g_free (query->guards);
  g_free (query->expected_guarded);
  g_free (query->actual_guarded);
  g_free (query->back);
  g_free (query->unreached);
  g_free (query->outside);
  g_ptr_array_unref (query->back_names);
  g_ptr_array_unref (query->restored);
  g_free (query);
}

static gboolean
is_order (const SlipValidation *validation, const char *column)
{
  for (guint i = 0; i < validation->order->len; i++)
    if (g_str_equal (((SlipValidationOrder *)validation->order->pdata[i])->column, column))
      return TRUE;
  return FALSE;
}

static gboolean
is_compared (const SlipValidation *validation, const SlipMappingColumn *column)
{
  return column->complete && !column->primary_key
         && !g_strv_contains ((const char *const *)validation->exclude, column->target)
         && !g_str_equal (column->target, "caserecnumber")
         && !is_order (validation, column->target);
}

static gboolean
has_value (const SlipValidation *validation, const SlipMappingColumn *column)
{
  return slip_validation_find_override (&validation->expected, column->target) != NULL
         || column->source_columns != NULL || column->default_value != NULL
         || g_strcmp0 (column->calculated, "current_date") == 0;
}

/* By itself, or as part of what rows are known by. */
gboolean
slip_validation_computes (const SlipMapping *mapping,
                          const SlipValidation *validation,
                          const SlipMappingColumn *column)
{
  gboolean is_key = g_strcmp0 (validation->case_mapping, mapping->name) == 0
                    && g_strcmp0 (validation->case_column, column->target) == 0;

  for (guint i = 0; i < validation->order->len && !is_key; i++)
    {
      const SlipValidationOrder *order = g_ptr_array_index (validation->order, i);

      is_key = g_strcmp0 (order->mapping, mapping->name) == 0
               && g_strcmp0 (order->mapping_column, column->target) == 0;
    }
  return (is_key || is_compared (validation, column)) && has_value (validation, column);
}

gboolean
slip_validation_can_generate (const SlipMapping *mapping, const SlipValidation *validation)
{
  if (validation == NULL || validation->case_column == NULL
      || validation->expected.from_table == NULL || validation->actual.from_table == NULL)
    return FALSE;
  for (guint i = 0; i < mapping->columns->len; i++)
    {
      const SlipMappingColumn *column = g_ptr_array_index (mapping->columns, i);

      if (is_compared (validation, column) && has_value (validation, column))
        return TRUE;
    }
  return FALSE;
}

/* ---- cells */

static const char *
find_target_type (SlipValidationBuild *build, const SlipMappingColumn *column)
{
  const char *name = g_hash_table_lookup (build->targets, column->table);
  SlipValidationTable *table
      = slip_validator_find_target (build->self, name != NULL ? name : column->table);

  return table != NULL ? g_hash_table_lookup (table->types, column->target) : NULL;
}

static void
note_left_out (SlipValidationBuild *build, const char *column, const char *why)
{
  g_string_append_printf (build->query->note, "%s%s is not computed: %s",
                          build->query->note->len > 0 ? "; " : "", column, why);
}

/* Adds a cell to both queries; tells in the note why it does not. */
static void
add_cell (SlipValidationBuild *build, const char *name, const SlipMappingColumn *column)
{
  const char *type = find_target_type (build, column);
  const char *override = slip_validation_find_override (&build->validation->actual, column->target);
  gboolean raw
      = override != NULL
        || slip_validation_find_override (&build->validation->expected, column->target) != NULL;
  g_autofree char *value = NULL;
  g_autofree char *plain = NULL;
  g_autofree char *read = NULL;
  g_autofree char *left = NULL;
  g_autofree char *right = NULL;

  if (type == NULL)
    {
      note_left_out (build, name, "the target has no such column");
      return;
    }
  if ((value = slip_validation_dup_expected (build, column)) == NULL)
    {
      note_left_out (build, name, "the mapping does not say what fills it");
      return;
    }
  plain = slip_stage_sql ("%I.%I", column->table, column->target);
  read
      = override != NULL ? slip_validation_expand (build->self, override, plain) : g_strdup (plain);
  left = slip_validation_dup_expected_text (build, column->type, type, raw, value);
  right = slip_validation_dup_actual_text (column->type, type, raw, override != NULL, read);
  slip_validation_guard_add (build->guard_expected, left, "NULL");
  slip_validation_guard_add (build->guard_actual, right, plain);
  g_string_append_printf (build->expected, "%s\n         %s", build->expected->len > 0 ? "," : "",
                          left);
  g_string_append_printf (build->actual, "%s\n         %s", build->actual->len > 0 ? "," : "",
                          right);
  g_ptr_array_add (build->query->names, g_strdup (name));
}

/* In compat a condition `not null` makes blanks of every "0" and " " of a row that stays. */
static gboolean
is_cleared (SlipValidationBuild *build)
{
  const SlipTableDefinition *definition = slip_definitions_find_table_definition (
      slip_migration_get_definitions (build->self->migration), build->query->mapping);

  for (guint i = 0; definition != NULL && i < definition->conditions->len; i++)
    if (((const SlipCondition *)definition->conditions->pdata[i])->op == SLIP_CONDITION_NOT_NULL)
      return !slip_migration_is_strict (build->self->migration);
  return FALSE;
}

static gboolean
add_key (SlipValidationBuild *build,
         const char *name,
         const char *mapping_name,
         const char *column_name,
         GError **error)
{
  const SlipMapping *mapping = slip_definitions_find_mapping (
      slip_migration_get_definitions (build->self->migration), mapping_name);
  const SlipMappingColumn *column
      = mapping != NULL ? slip_mapping_find_column (mapping, column_name) : NULL;
  guint n = build->query->names->len;

  build->clears = g_str_equal (mapping_name, build->query->mapping) && is_cleared (build);
  if (column != NULL)
    add_cell (build, name, column);
  build->clears = FALSE;
  if (build->query->names->len > n)
    {
      /* One that is compared by itself as well is still one column. */
      build->query->n_compared += g_str_equal (mapping_name, build->query->mapping)
                                  && !is_compared (build->validation, column);
      return TRUE;
    }
  g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_DEFINITION,
               "validation_mapping.json, %s: %s is read from %s.%s, which nothing fills or the "
               "target lacks",
               build->validation->name, name, mapping_name, column_name);
  return FALSE;
}

static gboolean
add_cells (SlipValidationBuild *build, const SlipMapping *mapping, GError **error)
{
  const SlipValidation *validation = build->validation;

  if (!add_key (build, "caserecnumber", validation->case_mapping, validation->case_column, error))
    return FALSE;
  for (guint i = 0; i < validation->order->len; i++)
    {
      const SlipValidationOrder *order = g_ptr_array_index (validation->order, i);

      if (!add_key (build, order->column, order->mapping, order->mapping_column, error))
        return FALSE;
    }
  build->query->n_key = build->query->names->len;
  build->clears = is_cleared (build);
  for (guint i = 0; i < mapping->columns->len; i++)
    {
      const SlipMappingColumn *column = g_ptr_array_index (mapping->columns, i);
      guint n = build->query->names->len;

      if (!is_compared (validation, column))
        continue;
      add_cell (build, column->target, column);
      if (build->query->names->len == n)
        continue;
      build->query->n_compared++;
      if (build->table == NULL)
        build->table = column->table;
    }
  return TRUE;
}

/* ---- FROM and WHERE */

/* The first relation of a side, its alias behind it, in the schema that stands in for the real one. */
static char *
dup_from (const char *schema, const char *from_table)
{
  g_auto (GStrv) words = g_strsplit (from_table, " ", 2);
  g_autofree char *table = g_ascii_strdown (words[0], -1);

  return slip_stage_sql ("FROM %s.%I%s%s", schema, table, words[1] != NULL ? " " : "",
                         words[1] != NULL ? words[1] : "");
}

static char *
dup_first_alias (const char *from_table)
{
  const char *space = strrchr (from_table, ' ');

  return g_ascii_strdown (space != NULL ? space + 1 : from_table, -1);
}

static char *
dup_relations (SlipValidationBuild *build, const SlipValidationSide *side, const char *schema)
{
  GString *sql = g_string_new (NULL);
  g_autofree char *from = dup_from (schema, side->from_table);

  g_string_append (sql, from);
  for (guint i = 0; side->joins[i] != NULL; i++)
    {
      g_autofree char *join = slip_validation_expand (build->self, side->joins[i], NULL);

      g_string_append_printf (sql, "\n  %s", g_strstrip (join));
    }
  return g_string_free (sql, FALSE);
}

static char *
dup_conditions (SlipValidationBuild *build, const SlipValidationSide *side)
{
  GString *sql = g_string_new (" WHERE true");

  for (guint i = 0; side->where_clauses[i] != NULL; i++)
    {
      g_autofree char *clause = slip_validation_expand (build->self, side->where_clauses[i], NULL);

      g_string_append_printf (sql, "\n   AND (%s)", clause);
    }
  return g_string_free (sql, FALSE);
}

/* Cases that somebody checks by hand are left out of both sides. */
static char *
dup_without_manual (SlipValidationBuild *build, char *query)
{
  const SlipValidation *validation = build->validation;
  g_autofree char *owned = query;
  g_autoptr (GString) list = g_string_new (NULL);

  if (g_strcmp0 (validation->manual_column, "caserecnumber") != 0
      || validation->manual_identifiers[0] == NULL)
    return g_steal_pointer (&owned);
  for (guint i = 0; validation->manual_identifiers[i] != NULL; i++)
    slip_stage_sql_append (list, "%s%L", i > 0 ? ", " : "", validation->manual_identifiers[i]);
  return slip_stage_sql (
      "SELECT * FROM (%s) AS compared\n WHERE coalesce (cells[1], '') NOT IN (%s)", owned,
      list->str);
}

/* Landed tables that @sql names, in a subquery of a condition too; every table that the schema's name stands before counts. */
void
slip_validation_name_sources (SlipValidator *self, const char *sql)
{
  g_autoptr (GHashTable) aliases = slip_validation_find_aliases (sql, SLIP_VALIDATION_EXPECTED);
  GHashTableIter iter;
  gpointer table;

  g_hash_table_iter_init (&iter, aliases);
  while (g_hash_table_iter_next (&iter, NULL, &table))
    g_hash_table_add (self->source_tables, g_strdup (table));
  slip_validation_add_words (self->source_words, sql);
}

/* The primary key of a relation of the target, as one text. */
static char *
dup_key (SlipValidationBuild *build, const char *alias)
{
  const char *name = g_hash_table_lookup (build->targets, alias);
  SlipValidationTable *table = name != NULL ? slip_validator_find_target (build->self, name) : NULL;
  GString *key;

  if (table == NULL || table->key->len == 0)
    return table != NULL ? slip_stage_sql ("%I::text", alias) : g_strdup ("NULL::text");
  key = g_string_new ("concat_ws ('/'");
  for (guint i = 0; i < table->key->len; i++)
    slip_stage_sql_append (key, ", %I.%I", alias, table->key->pdata[i]);
  g_string_append_c (key, ')');
  return g_string_free (key, FALSE);
}

void
slip_validation_need_columns (SlipValidator *self, GHashTable *targets, const char *sql)
{
  g_autoptr (GHashTable) words = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GHashTableIter iter;
  gpointer name;

  slip_validation_add_words (words, sql);
  g_hash_table_iter_init (&iter, targets);
  while (g_hash_table_iter_next (&iter, NULL, &name))
    {
      SlipValidationTable *table = slip_validator_find_target (self, name);

      for (guint i = 0; table != NULL && i < table->columns->len; i++)
        if (g_hash_table_contains (words, table->columns->pdata[i]))
          g_hash_table_add (table->needed, table->columns->pdata[i]);
      for (guint i = 0; table != NULL && i < table->key->len; i++)
        g_hash_table_add (table->needed, table->key->pdata[i]);
    }
}

/* Rows of the first relation are what is counted: what joins make of them beside is not, as DISTINCT in the original. */
static char *
dup_expected_rows (SlipValidationBuild *build, const char *cells, const char *relations)
{
  const SlipValidation *validation = build->validation;
  g_autofree char *source = dup_first_alias (validation->expected.from_table);
  g_autofree char *where = dup_conditions (build, &validation->expected);

  slip_validation_name_sources (build->self, where);
  return dup_without_manual (
      build,
      slip_stage_sql (
          "SELECT%s ARRAY[%s]::text[] AS cells,\n       %I.casrec_row_id AS row_id\n  %s\n%s",
          validation->expected.joins[0] != NULL ? " DISTINCT" : "", cells, source, relations,
          where));
}

static char *
dup_actual_rows (SlipValidationBuild *build, const char *cells, const char *relations)
{
  const SlipValidation *validation = build->validation;
  g_autofree char *own = dup_first_alias (validation->actual.from_table);
  g_autofree char *key = dup_key (build, own);
  g_autofree char *id = dup_key (build, build->table != NULL ? build->table : own);
  g_autofree char *where = dup_conditions (build, &validation->actual);

  return dup_without_manual (
      build,
      slip_stage_sql (
          "SELECT%s ARRAY[%s]::text[] AS cells,\n       %s AS own, %s AS target_id\n  %s\n%s",
          validation->actual.joins[0] != NULL ? " DISTINCT" : "", cells, key, id, relations,
          where));
}

static void
write_queries (SlipValidationBuild *build, const char *left, const char *right)
{
  SlipValidationQuery *query = build->query;

  query->expected = dup_expected_rows (build, build->expected->str, left);
  query->actual = dup_actual_rows (build, build->actual->str, right);
  query->expected_guarded
      = dup_expected_rows (build, slip_validation_guard_get_cells (build->guard_expected), left);
  query->actual_guarded
      = dup_actual_rows (build, slip_validation_guard_get_cells (build->guard_actual), right);
  query->guards = g_strconcat (slip_validation_guard_get_functions (build->guard_expected),
                               slip_validation_guard_get_functions (build->guard_actual), NULL);
  slip_validation_need_columns (build->self, build->targets, query->actual);
}

/* @file is where the query stands. */
gboolean
slip_validation_check_client_source (SlipValidator *self,
                                     const SlipValidationQuery *query,
                                     const char *file,
                                     GError **error)
{
  if (self->client_source != NULL || strstr (query->actual, "{client_source}") == NULL)
    return TRUE;
  g_set_error (
      error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_DEFINITION,
      "%s, %s, names {client_source}. Say in the sidecar's validation.clientSource which of "
      "its values that is",
      file, query->mapping);
  return FALSE;
}

gboolean
slip_validation_generate (SlipValidator *self,
                          SlipValidationQuery *query,
                          const SlipMapping *mapping,
                          const SlipValidation *validation,
                          GError **error)
{
  SlipValidationBuild build = {.self = self, .query = query, .validation = validation};
  g_autofree char *left = dup_relations (&build, &validation->expected, SLIP_VALIDATION_EXPECTED);
  g_autofree char *right = dup_relations (&build, &validation->actual, SLIP_VALIDATION_ACTUAL);
  gboolean ok;

  query->independent = TRUE;
  query->source_table = g_ascii_strdown (validation->expected.from_table, -1);
  build.targets = slip_validation_find_aliases (right, SLIP_VALIDATION_ACTUAL);
  build.expected = g_string_new (NULL);
  build.actual = g_string_new (NULL);
  build.guard_expected = slip_validation_guard_new (SLIP_VALIDATION_EXPECTED, left);
  build.guard_actual = slip_validation_guard_new (SLIP_VALIDATION_ACTUAL, right);
  slip_validation_name_sources (self, left);
  ok = add_cells (&build, mapping, error);
  if (ok)
    write_queries (&build, left, right);
  ok = ok && slip_validation_check_client_source (self, query, "validation_mapping.json", error);
  g_string_free (build.expected, TRUE);
  g_string_free (build.actual, TRUE);
  slip_validation_guard_free (build.guard_expected);
  slip_validation_guard_free (build.guard_actual);
  g_hash_table_unref (build.targets);
  return ok;
}
