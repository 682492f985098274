/* SPDX-License-Identifier: MIT */
/* Compiles one entry of validation_mapping.json and its mapping to two queries: what should be, from landed rows, and what
 * is, from the target. The rules are those of the pipeline that the definitions come from (its validation, not its
 * transform); nothing of app/migration/compile is used here, so that the one can find the other's faults. */

#include "slip-validation-private.h"

#include "slip-json.h"
#include "slip-migration-error.h"

#include <string.h>

typedef struct
{
  SlipValidator *self;
  SlipValidationQuery *query;
  const SlipValidation *validation;
  GHashTable *sources; /* alias → landed table, of the FROM clause */
  GHashTable *targets; /* alias → table of the target */
  GString *expected;   /* cells */
  GString *actual;
  const char *table; /* in the target, of the first cell that is compared */
} Build;

SlipValidationQuery *
slip_validation_query_new (const char *mapping)
{
  SlipValidationQuery *query = g_new0 (SlipValidationQuery, 1);

  query->mapping = mapping;
  query->names = g_ptr_array_new_with_free_func (g_free);
  query->note = g_string_new (NULL);
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
  g_free (query);
}

static const char *
find_override (const SlipValidationSide *side, const char *column)
{
  for (guint i = 0; i < side->transform->len; i++)
    {
      const SlipValidationColumn *found = g_ptr_array_index (side->transform, i);

      if (g_str_equal (found->column, column))
        return found->sql;
    }
  return NULL;
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
  return find_override (&validation->expected, column->target) != NULL
         || column->source_columns != NULL || column->default_value != NULL
         || g_strcmp0 (column->calculated, "current_date") == 0;
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

/* ---- what should be */

static char *
dup_reference (Build *build, const char *table, const char *column)
{
  g_hash_table_add (build->self->source_tables, g_strdup (table));
  g_hash_table_add (build->self->source_words, g_strdup (column));
  return slip_stage_sql ("%I.%I.%I", SLIP_VALIDATION_EXPECTED, table, column);
}

static char *
dup_default (const SlipMappingColumn *column)
{
  g_autofree char *text = slip_value_dup_text (column->default_value);

  return text == NULL || g_str_equal (text, "none") ? g_strdup ("NULL::text")
                                                    : slip_stage_sql ("%L::text", text);
}

static char *
dup_lookup (Build *build, const SlipMappingColumn *column, const char *value)
{
  const SlipLookup *lookup = slip_definitions_find_lookup (
      slip_migration_get_definitions (build->self->migration), column->lookup);
  g_autofree char *call = NULL;
  g_autofree char *fallback = NULL;

  if (lookup == NULL)
    return NULL;
  if (g_strcmp0 (column->transformation, "conditional_lookup") == 0)
    {
      g_autofree char *code = NULL;

      if (column->additional_columns == NULL || column->additional_columns[0] == NULL)
        return NULL;
      code = dup_reference (build, column->source_table, column->additional_columns[0]);
      return slip_stage_sql ("CASE WHEN %s.%I (%s) = %L THEN %s END", SLIP_VALIDATION_EXPECTED,
                             column->lookup, code, column->source_columns[0], value);
    }
  call = slip_stage_sql ("%s.%I (%s)::text", SLIP_VALIDATION_EXPECTED, column->lookup, value);
  if (column->default_value == NULL)
    return g_steal_pointer (&call);
  fallback = dup_default (column);
  return slip_stage_sql ("coalesce (%s, %s)", call, fallback);
}

/* Of several source columns a function makes one value. */
static char *
dup_transformed (Build *build, const SlipMappingColumn *column)
{
  g_autoptr (GString) sql = g_string_new (NULL);
  g_autofree char *name = g_strdup_printf ("transf_%s", column->transformation);
  g_autofree char *lower = g_ascii_strdown (name, -1);

  slip_stage_sql_append (sql, "slipway.%I (", lower);
  for (guint i = 0; column->source_columns[i] != NULL; i++)
    {
      g_autofree char *reference
          = dup_reference (build, column->source_table, column->source_columns[i]);

      g_string_append_printf (sql, "%s%s", i > 0 ? ", " : "", reference);
    }
  g_string_append_c (sql, ')');
  return g_strdup (sql->str);
}

/* What {col} stands for: the source column, by its lookup, or a constant. NULL for a column that nothing fills. */
static char *
dup_base (Build *build, const SlipMappingColumn *column)
{
  if (column->source_columns != NULL && column->source_table != NULL)
    {
      g_autofree char *value
          = dup_reference (build, column->source_table, column->source_columns[0]);

      return column->lookup != NULL ? dup_lookup (build, column, value) : g_steal_pointer (&value);
    }
  if (g_strcmp0 (column->calculated, "current_date") == 0)
    return slip_stage_sql ("%L::text", build->self->options->run_date);
  return column->default_value != NULL ? dup_default (column) : NULL;
}

static char *
dup_expected_value (Build *build, const SlipMappingColumn *column)
{
  const char *override = find_override (&build->validation->expected, column->target);
  g_autofree char *base = dup_base (build, column);

  if (override != NULL)
    {
      slip_validation_add_words (build->self->source_words, override);
      return slip_validation_expand (build->self, override, base != NULL ? base : "NULL");
    }
  if (base == NULL || column->source_columns == NULL || column->source_table == NULL)
    return g_steal_pointer (&base);
  if (column->transformation != NULL && !g_str_equal (column->transformation, "conditional_lookup"))
    return dup_transformed (build, column);
  if (column->lookup == NULL && column->default_value != NULL)
    {
      g_autofree char *fallback = dup_default (column);

      return slip_stage_sql ("CASE WHEN %s = '' THEN %s ELSE %s END", base, fallback, base);
    }
  return g_steal_pointer (&base);
}

/* ---- one way to write each value, so that texts can be compared */

static gboolean
is_day (const char *type)
{
  return type != NULL && g_str_equal (type, "date");
}

static char *
dup_expected_text (SlipType type, const char *target_type, gboolean raw, const char *value)
{
  switch (type)
    {
    case SLIP_TYPE_INT:
    case SLIP_TYPE_BIGINT:
      return slip_stage_sql ("slipway.valid_integer (nullif (btrim ((%s)::text), ''))::text",
                             value);
    case SLIP_TYPE_BOOL:
      return slip_stage_sql ("slipway.as_bool ((%s)::text)::text", value);
    case SLIP_TYPE_DATE:
      return slip_stage_sql ("slipway.valid_date (%s)::text", value);
    case SLIP_TYPE_DATETIME:
      return slip_stage_sql (is_day (target_type)
                                 ? "slipway.valid_date (%s)::text"
                                 : "slipway.valid_timestamp (%s)::timestamp(0)::text",
                             value);
    case SLIP_TYPE_DECIMAL:
      return slip_stage_sql ("trim_scale (slipway.valid_number ((%s)::text)::%s)::text", value,
                             target_type != NULL && g_str_has_prefix (target_type, "numeric")
                                 ? target_type
                                 : "numeric");
    case SLIP_TYPE_DICT:
      if (!raw)
        return slip_stage_sql ("slipway.valid_json ((%s)::text)::text", value);
      break;
    case SLIP_TYPE_STR:
      break;
    }
  return slip_stage_sql ("nullif (btrim ((%s)::text), '')", value);
}

static char *
dup_actual_text (SlipType type, const char *target_type, gboolean raw, const char *value)
{
  switch (type)
    {
    case SLIP_TYPE_INT:
    case SLIP_TYPE_BIGINT:
      return slip_stage_sql ("(%s)::bigint::text", value);
    case SLIP_TYPE_BOOL:
      return slip_stage_sql ("(%s)::boolean::text", value);
    case SLIP_TYPE_DATE:
      return slip_stage_sql ("(%s)::date::text", value);
    case SLIP_TYPE_DATETIME:
      return slip_stage_sql (is_day (target_type) ? "(%s)::date::text" : "(%s)::timestamp(0)::text",
                             value);
    case SLIP_TYPE_DECIMAL:
      return slip_stage_sql ("trim_scale ((%s)::numeric)::text", value);
    case SLIP_TYPE_DICT:
      if (!raw)
        return slip_stage_sql ("(%s)::jsonb::text", value);
      break;
    case SLIP_TYPE_STR:
      break;
    }
  /* Blanks are NULL in the target; a text of no letters is something else, and is told. */
  return raw ? slip_stage_sql ("nullif (btrim ((%s)::text), '')", value)
             : slip_stage_sql (
                 "CASE WHEN (%s)::text = '' THEN '' ELSE nullif (btrim ((%s)::text), '') END",
                 value, value);
}

/* ---- cells */

static const char *
find_target_type (Build *build, const SlipMappingColumn *column)
{
  const char *name = g_hash_table_lookup (build->targets, column->table);
  SlipValidationTable *table
      = slip_validator_find_target (build->self, name != NULL ? name : column->table);

  return table != NULL ? g_hash_table_lookup (table->types, column->target) : NULL;
}

static void
note_left_out (Build *build, const char *column, const char *why)
{
  g_string_append_printf (build->query->note, "%s%s is not compared: %s",
                          build->query->note->len > 0 ? "; " : "", column, why);
}

/* Adds a cell to both queries; tells in the note why it does not. */
static void
add_cell (Build *build, const char *name, const SlipMappingColumn *column)
{
  const char *type = find_target_type (build, column);
  const char *override = find_override (&build->validation->actual, column->target);
  gboolean raw
      = override != NULL || find_override (&build->validation->expected, column->target) != NULL;
  g_autofree char *value = NULL;
  g_autofree char *read = NULL;
  g_autofree char *left = NULL;
  g_autofree char *right = NULL;

  if (type == NULL)
    {
      note_left_out (build, name, "the target has no such column");
      return;
    }
  if ((value = dup_expected_value (build, column)) == NULL)
    {
      note_left_out (build, name, "the mapping does not say what fills it");
      return;
    }
  read = slip_stage_sql ("%I.%I", column->table, column->target);
  if (override != NULL)
    {
      char *plain = g_steal_pointer (&read);

      read = slip_validation_expand (build->self, override, plain);
      g_free (plain);
    }
  left = dup_expected_text (column->type, type, raw, value);
  right = dup_actual_text (column->type, type, raw, read);
  g_string_append_printf (build->expected, "%s\n         %s", build->expected->len > 0 ? "," : "",
                          left);
  g_string_append_printf (build->actual, "%s\n         %s", build->actual->len > 0 ? "," : "",
                          right);
  g_ptr_array_add (build->query->names, g_strdup (name));
}

static gboolean
add_key (Build *build,
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

  if (column != NULL)
    add_cell (build, name, column);
  if (build->query->names->len > n)
    {
      build->query->n_compared += g_str_equal (mapping_name, build->query->mapping) ? 1 : 0;
      return TRUE;
    }
  g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_DEFINITION,
               "validation_mapping.json, %s: %s is read from %s.%s, which nothing fills or the "
               "target lacks",
               build->validation->name, name, mapping_name, column_name);
  return FALSE;
}

static gboolean
add_cells (Build *build, const SlipMapping *mapping, GError **error)
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
dup_relations (Build *build, const SlipValidationSide *side, const char *schema)
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
dup_conditions (Build *build, const SlipValidationSide *side)
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
dup_without_manual (Build *build, char *query)
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

static void
name_tables (Build *build, const char *relations, GHashTable *aliases, gboolean source)
{
  GHashTableIter iter;
  gpointer table;

  g_hash_table_iter_init (&iter, aliases);
  while (g_hash_table_iter_next (&iter, NULL, &table))
    if (source)
      g_hash_table_add (build->self->source_tables, g_strdup (table));
  if (source)
    slip_validation_add_words (build->self->source_words, relations);
}

/* Landed tables may also be named in a subquery of a condition; every table that the schema's name stands before counts. */
static void
name_in_conditions (Build *build, const char *conditions)
{
  g_autoptr (GHashTable) aliases
      = slip_validation_find_aliases (conditions, SLIP_VALIDATION_EXPECTED);

  name_tables (build, conditions, aliases, TRUE);
}

/* The primary key of a relation of the target, as one text. */
static char *
dup_key (Build *build, const char *alias)
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

static void
need_columns (Build *build, const char *sql)
{
  g_autoptr (GHashTable) words = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GHashTableIter iter;
  gpointer name;

  slip_validation_add_words (words, sql);
  g_hash_table_iter_init (&iter, build->targets);
  while (g_hash_table_iter_next (&iter, NULL, &name))
    {
      SlipValidationTable *table = slip_validator_find_target (build->self, name);

      for (guint i = 0; table != NULL && i < table->columns->len; i++)
        if (g_hash_table_contains (words, table->columns->pdata[i]))
          g_hash_table_add (table->needed, table->columns->pdata[i]);
      for (guint i = 0; table != NULL && i < table->key->len; i++)
        g_hash_table_add (table->needed, table->key->pdata[i]);
    }
}

/* Rows of the first relation are what is counted: what joins make of them beside is not, as DISTINCT in the original. */
static void
write_queries (Build *build, const char *left, const char *right)
{
  const SlipValidation *validation = build->validation;
  SlipValidationQuery *query = build->query;
  g_autofree char *source = dup_first_alias (validation->expected.from_table);
  g_autofree char *own = dup_first_alias (validation->actual.from_table);
  g_autofree char *key = dup_key (build, own);
  g_autofree char *id = dup_key (build, build->table != NULL ? build->table : own);
  g_autofree char *where_left = dup_conditions (build, &validation->expected);
  g_autofree char *where_right = dup_conditions (build, &validation->actual);

  name_in_conditions (build, where_left);
  query->expected = dup_without_manual (
      build,
      slip_stage_sql (
          "SELECT%s ARRAY[%s]::text[] AS cells,\n       %I.casrec_row_id AS row_id\n  %s\n%s",
          validation->expected.joins[0] != NULL ? " DISTINCT" : "", build->expected->str, source,
          left, where_left));
  query->actual = dup_without_manual (
      build,
      slip_stage_sql (
          "SELECT%s ARRAY[%s]::text[] AS cells,\n       %s AS own, %s AS target_id\n  %s\n%s",
          validation->actual.joins[0] != NULL ? " DISTINCT" : "", build->actual->str, key, id,
          right, where_right));
  need_columns (build, query->actual);
}

static gboolean
check_client_source (Build *build, GError **error)
{
  if (build->self->client_source != NULL
      || strstr (build->query->actual, "{client_source}") == NULL)
    return TRUE;
  g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_DEFINITION,
               "validation_mapping.json, %s, names {client_source}. Say in the sidecar's "
               "validation.clientSource which of its values that is",
               build->validation->name);
  return FALSE;
}

gboolean
slip_validation_generate (SlipValidator *self,
                          SlipValidationQuery *query,
                          const SlipMapping *mapping,
                          const SlipValidation *validation,
                          GError **error)
{
  Build build = {.self = self, .query = query, .validation = validation};
  g_autofree char *left = dup_relations (&build, &validation->expected, SLIP_VALIDATION_EXPECTED);
  g_autofree char *right = dup_relations (&build, &validation->actual, SLIP_VALIDATION_ACTUAL);
  gboolean ok;

  query->independent = TRUE;
  query->source_table = g_ascii_strdown (validation->expected.from_table, -1);
  build.sources = slip_validation_find_aliases (left, SLIP_VALIDATION_EXPECTED);
  build.targets = slip_validation_find_aliases (right, SLIP_VALIDATION_ACTUAL);
  build.expected = g_string_new (NULL);
  build.actual = g_string_new (NULL);
  name_tables (&build, left, build.sources, TRUE);
  ok = add_cells (&build, mapping, error);
  if (ok)
    write_queries (&build, left, right);
  ok = ok && check_client_source (&build, error);
  g_string_free (build.expected, TRUE);
  g_string_free (build.actual, TRUE);
  g_hash_table_unref (build.sources);
  g_hash_table_unref (build.targets);
  return ok;
}
