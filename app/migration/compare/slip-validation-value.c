/* SPDX-License-Identifier: MIT */
/* What one column should be, as SQL over landed rows, and the one way in which both sides write a value. The mode counts:
 * what strict corrects is expected corrected, and compat expects the original's defects (data/migration/README.md has the
 * list). FROM and WHERE are made in slip-validation-query.c; nothing of app/migration/compile is used. */

#include "slip-validation-private.h"

#include "slip-json.h"

const char *
slip_validation_find_override (const SlipValidationSide *side, const char *column)
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
is_strict (SlipValidationBuild *build)
{
  return slip_migration_is_strict (build->self->migration);
}

/* ---- what should be */

static char *
dup_reference (SlipValidationBuild *build, const char *table, const char *column)
{
  g_hash_table_add (build->self->source_tables, g_strdup (table));
  g_hash_table_add (build->self->source_words, g_strdup (column));
  return slip_stage_sql (build->clears ? "slipway.cleared (%I.%I.%I)" : "%I.%I.%I",
                         SLIP_VALIDATION_EXPECTED, table, column);
}

static char *
dup_default (const SlipMappingColumn *column)
{
  g_autofree char *text = slip_value_dup_text (column->default_value);

  return text == NULL || g_str_equal (text, "none") ? g_strdup ("NULL::text")
                                                    : slip_stage_sql ("%L::text", text);
}

static gboolean
is_conditional (const SlipMappingColumn *column)
{
  return g_strcmp0 (column->transformation, "conditional_lookup") == 0;
}

/* Compat asks for the alias, which no lookup knows once it has a number. */
static char *
dup_conditional (SlipValidationBuild *build, const SlipMappingColumn *column, const char *value)
{
  g_autofree char *code = NULL;

  if (column->lookup == NULL || column->additional_columns == NULL
      || column->additional_columns[0] == NULL)
    return NULL;
  code = dup_reference (build, column->source_table, column->additional_columns[0]);
  return slip_stage_sql ("CASE WHEN %s.%I (%s) = %L THEN %s END", SLIP_VALIDATION_EXPECTED,
                         column->lookup, code,
                         is_strict (build) ? column->source_columns[0] : column->aliases[0], value);
}

/* What a default is. Compat looks it up like any other code, and takes it as it is where there is none. */
static char *
dup_default_looked_up (SlipValidationBuild *build, const SlipMappingColumn *column)
{
  g_autofree char *plain = dup_default (column);

  if (is_strict (build) || column->lookup == NULL || is_conditional (column)
      || json_node_get_value_type (column->default_value) != G_TYPE_STRING)
    return g_steal_pointer (&plain);
  return slip_stage_sql ("coalesce (%s.%I (%s)::text, %s)", SLIP_VALIDATION_EXPECTED,
                         column->lookup, plain, plain);
}

/* A code that the lookup lacks becomes the default in compat, and NULL in strict. */
static char *
dup_lookup (SlipValidationBuild *build, const SlipMappingColumn *column, const char *value)
{
  const SlipLookup *lookup = slip_definitions_find_lookup (
      slip_migration_get_definitions (build->self->migration), column->lookup);
  g_autofree char *call = NULL;
  g_autofree char *fallback = NULL;
  g_autofree char *blank = NULL;

  if (lookup == NULL)
    return NULL;
  call = slip_stage_sql ("%s.%I (%s)::text", SLIP_VALIDATION_EXPECTED, column->lookup, value);
  if (column->default_value == NULL)
    return g_steal_pointer (&call);
  fallback = dup_default (column);
  blank = dup_default_looked_up (build, column);
  if (is_strict (build))
    return slip_stage_sql ("CASE WHEN %s = '' THEN %s ELSE %s END", value, blank, call);
  return slip_stage_sql ("CASE WHEN %s = '' THEN %s ELSE coalesce (%s, %s) END", value, blank, call,
                         fallback);
}

/* Of several source columns a function makes one value. */
static char *
dup_transformed (SlipValidationBuild *build, const SlipMappingColumn *column)
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

/* What {col} stands for: the source column, by its lookup, or a constant. NULL for a column that nothing fills, and for
 * what a run invents. */
static char *
dup_base (SlipValidationBuild *build, const SlipMappingColumn *column)
{
  if (column->calculated != NULL)
    return g_str_equal (column->calculated, "current_date")
               ? slip_stage_sql ("%L::text", build->self->options->run_date)
               : NULL;
  if (g_strcmp0 (column->transformation, "unique_number") == 0)
    return NULL;
  if (column->source_columns != NULL && column->source_table != NULL)
    {
      g_autofree char *value
          = dup_reference (build, column->source_table, column->source_columns[0]);

      if (is_conditional (column))
        return dup_conditional (build, column, value);
      return column->lookup != NULL ? dup_lookup (build, column, value) : g_steal_pointer (&value);
    }
  return column->default_value != NULL ? dup_default_looked_up (build, column) : NULL;
}

char *
slip_validation_dup_expected (SlipValidationBuild *build, const SlipMappingColumn *column)
{
  const char *override
      = slip_validation_find_override (&build->validation->expected, column->target);
  g_autofree char *base = dup_base (build, column);

  if (override != NULL)
    {
      slip_validation_add_words (build->self->source_words, override);
      return slip_validation_expand (build->self, override, base != NULL ? base : "NULL");
    }
  if (base == NULL || column->source_columns == NULL || column->source_table == NULL
      || column->calculated != NULL)
    return g_steal_pointer (&base);
  if (column->transformation != NULL && !is_conditional (column))
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

char *
slip_validation_dup_expected_text (SlipValidationBuild *build,
                                   SlipType type,
                                   const char *target_type,
                                   gboolean raw,
                                   const char *value)
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
      return slip_stage_sql (
          is_strict (build) ? "trim_scale (slipway.valid_number ((%s)::text)::%s)::text"
                            : "trim_scale (slipway.through_float (slipway.valid_number "
                              "((%s)::text))::%s)::text",
          value,
          target_type != NULL && g_str_has_prefix (target_type, "numeric") ? target_type
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

char *
slip_validation_dup_actual_text (SlipType type,
                                 const char *target_type,
                                 gboolean raw,
                                 const char *value)
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
