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

/* What a column of the target holds. A value is held against it as that type writes it, never as the mapping's: a cast to
 * the mapping's type would round what somebody changed, or end at what is no such value. */
typedef enum
{
  FORM_TEXT,
  FORM_WHOLE,
  FORM_NUMERIC,
  FORM_FLOAT,
  FORM_BOOLEAN,
  FORM_DAY,
  FORM_TIME,
  FORM_JSON,
} Form;

static Form
find_form (const char *type)
{
  static const struct
  {
    const char *prefix;
    Form form;
  } forms[] = {
      {"smallint", FORM_WHOLE},  {"integer", FORM_WHOLE}, {"bigint", FORM_WHOLE},
      {"numeric", FORM_NUMERIC}, {"real", FORM_FLOAT},    {"double precision", FORM_FLOAT},
      {"boolean", FORM_BOOLEAN}, {"date", FORM_DAY},      {"timestamp", FORM_TIME},
      {"json", FORM_JSON},
  };

  for (gsize i = 0; type != NULL && i < G_N_ELEMENTS (forms); i++)
    if (g_str_has_prefix (type, forms[i].prefix) && !g_str_has_suffix (type, "[]")
        && !g_str_has_suffix (type, "range"))
      return forms[i].form;
  return FORM_TEXT;
}

static char *
dup_expected_whole (SlipType type, Form form, const char *target_type, const char *value)
{
  gboolean narrow
      = type == SLIP_TYPE_INT && form == FORM_WHOLE && !g_str_equal (target_type, "bigint");
  g_autofree char *number
      = slip_stage_sql (narrow ? "slipway.as_int (nullif (btrim ((%s)::text), ''))"
                               : "slipway.valid_integer (nullif (btrim ((%s)::text), ''))",
                        value);

  if (form == FORM_FLOAT)
    return slip_stage_sql ("%s::%s::text", number, target_type);
  return slip_stage_sql (form == FORM_BOOLEAN ? "(%s <> 0)::text" : "%s::text", number);
}

static char *
dup_expected_decimal (SlipValidationBuild *build,
                      Form form,
                      const char *target_type,
                      const char *value)
{
  g_autofree char *number
      = slip_stage_sql (is_strict (build) ? "slipway.valid_number ((%s)::text)"
                                          : "slipway.through_float (slipway.valid_number "
                                            "((%s)::text))",
                        value);

  return form == FORM_FLOAT ? slip_stage_sql ("%s::%s::text", number, target_type)
                            : slip_stage_sql ("trim_scale (%s::%s)::text", number,
                                              form == FORM_NUMERIC ? target_type : "numeric");
}

/* A fraction of a second is rounded, as the original's insert does, or cut. */
static char *
dup_expected_time (SlipValidationBuild *build,
                   SlipType type,
                   Form form,
                   const char *target_type,
                   const char *value)
{
  g_autofree char *seconds
      = slip_stage_sql (is_strict (build) ? "date_trunc ('second', slipway.valid_timestamp (%s))"
                                          : "slipway.valid_timestamp (%s)::timestamp(0)",
                        value);
  const char *to = form == FORM_TIME ? target_type : "timestamp";

  if (type == SLIP_TYPE_DATETIME && form != FORM_DAY)
    return slip_stage_sql ("%s::%s::text", seconds, to);
  return form == FORM_TIME ? slip_stage_sql ("%s::date::%s::text", seconds, to)
                           : slip_stage_sql ("%s::date::text", seconds);
}

char *
slip_validation_dup_expected_text (SlipValidationBuild *build,
                                   SlipType type,
                                   const char *target_type,
                                   gboolean raw,
                                   const char *value)
{
  Form form = find_form (target_type);

  switch (type)
    {
    case SLIP_TYPE_INT:
    case SLIP_TYPE_BIGINT:
      return dup_expected_whole (type, form, target_type, value);
    case SLIP_TYPE_BOOL:
      return slip_stage_sql (form == FORM_WHOLE ? "slipway.as_bool ((%s)::text)::integer::text"
                                                : "slipway.as_bool ((%s)::text)::text",
                             value);
    case SLIP_TYPE_DATE:
    case SLIP_TYPE_DATETIME:
      return dup_expected_time (build, type, form, target_type, value);
    case SLIP_TYPE_DECIMAL:
      return dup_expected_decimal (build, form, target_type, value);
    case SLIP_TYPE_DICT:
      if (!raw)
        return slip_stage_sql (form == FORM_JSON ? "slipway.valid_json ((%s)::text)::text"
                                                 : "slipway.read_json ((%s)::text)",
                               value);
      break;
    case SLIP_TYPE_STR:
      break;
    }
  return slip_stage_sql ("nullif (btrim ((%s)::text), '')", value);
}

/* What SQL of the definitions makes is of a type that only the server knows. */
static char *
dup_cast (SlipType type, Form form, const char *target_type, const char *value)
{
  const char *to = form == FORM_DAY || form == FORM_TIME || form == FORM_FLOAT ? target_type : NULL;

  if (type == SLIP_TYPE_BOOL)
    return slip_stage_sql ("(%s)::boolean::text", value);
  if (type == SLIP_TYPE_DATE || type == SLIP_TYPE_DATETIME)
    return slip_stage_sql ("(%s)::%s::text", value,
                           form == FORM_DAY || form == FORM_TIME ? to
                           : type == SLIP_TYPE_DATE              ? "date"
                                                                 : "timestamp");
  return form == FORM_FLOAT ? slip_stage_sql ("(%s)::%s::text", value, to)
                            : slip_stage_sql ("trim_scale ((%s)::numeric)::text", value);
}

/* A column as it stands there, whatever it is. */
static char *
dup_plain (SlipType type, Form form, const char *value)
{
  gboolean number = type == SLIP_TYPE_INT || type == SLIP_TYPE_BIGINT || type == SLIP_TYPE_DECIMAL;

  if (type == SLIP_TYPE_DICT)
    return slip_stage_sql (
        form == FORM_JSON ? "(%s)::jsonb::text" : "slipway.read_json ((%s)::text)", value);
  if (number && form == FORM_NUMERIC)
    return slip_stage_sql ("trim_scale (%s)::text", value);
  if (number && form == FORM_TEXT)
    return slip_stage_sql ("slipway.read_number ((%s)::text)", value);
  return slip_stage_sql ("(%s)::text", value);
}

char *
slip_validation_dup_actual_text (
    SlipType type, const char *target_type, gboolean raw, gboolean computed, const char *value)
{
  Form form = find_form (target_type);

  if (type != SLIP_TYPE_STR && type != SLIP_TYPE_DICT)
    return computed ? dup_cast (type, form, target_type, value) : dup_plain (type, form, value);
  if (type == SLIP_TYPE_DICT && !raw)
    return dup_plain (type, form, value);
  /* Blanks are NULL in the target; a text of no letters is something else, and is told. */
  return raw ? slip_stage_sql ("nullif (btrim ((%s)::text), '')", value)
             : slip_stage_sql (
                 "CASE WHEN (%s)::text = '' THEN '' ELSE nullif (btrim ((%s)::text), '') END",
                 value, value);
}
