/* SPDX-License-Identifier: MIT */
/* What one column of a mapping is over the row that was kept: the source column as it is, or one of the
 * original's transformations of it. Each gives text, says which text could not be used, and what its text
 * holds, so that the last stage need not read it again. */

#include "slip-compile-private.h"

#include <string.h>

typedef enum
{
  BAD_NEVER,
  BAD_WHEN_SET, /* a blank is no fault, a text without a result is */
  BAD_ALWAYS,   /* the original ends at a blank too */
} Bad;

/* What stands for what: {0} {1} the columns, {all} all of them, {day} the first as a time, {row} the row's
 * number in the file, {seed} what is this step's own. `strict` is only given where it differs; `exact` where the
 * result is cut, which both modes do: it is what nothing is cut from. */
static const struct
{
  const char *name;
  const char *sql;
  const char *strict;
  Bad bad;
  SlipForm form;
  const char *exact;
} known[] = {
    {"squash_columns", "slipway.squash_columns ({all})", NULL, BAD_NEVER, SLIP_FORM_JSON},
    {"convert_to_bool", "slipway.convert_to_bool ({0})", NULL, BAD_NEVER, SLIP_FORM_TEXT},
    {"get_max_col", "slipway.get_max_col ({numbers}, {all})", NULL, BAD_NEVER, SLIP_FORM_TEXT},
    {"unique_number", "slipway.unique_number ({seed}, {row})", NULL, BAD_NEVER, SLIP_FORM_TEXT},
    {"capitalise", "slipway.capitalise ({0})", NULL, BAD_NEVER, SLIP_FORM_TEXT},
    {"multiply_by_100", "slipway.multiply_by_100 ({0})", NULL, BAD_ALWAYS, SLIP_FORM_TEXT,
     "slipway.as_decimal ({0}) * 100"},
    {"absolute_value", "slipway.absolute_value ({0})", NULL, BAD_ALWAYS, SLIP_FORM_TEXT},
    {"first_two_chars", "slipway.first_two_chars ({0})", NULL, BAD_NEVER, SLIP_FORM_TEXT},
    {"add_one_year", "slipway.add_one_year ({day})", NULL, BAD_WHEN_SET, SLIP_FORM_TIMESTAMP},
    {"start_of_tax_year", "slipway.start_of_tax_year ({day})", NULL, BAD_ALWAYS,
     SLIP_FORM_TIMESTAMP},
    {"end_of_tax_year", "slipway.end_of_tax_year ({day})", NULL, BAD_ALWAYS, SLIP_FORM_TIMESTAMP},
    {"fee_reduction_start_date", "slipway.fee_reduction_start_date ({day})", NULL, BAD_NEVER,
     SLIP_FORM_TIMESTAMP},
    {"fee_reduction_end_date", "slipway.fee_reduction_end_date ({day})", NULL, BAD_ALWAYS,
     SLIP_FORM_TIMESTAMP},
    {"credit_type_from_invoice_ref", "slipway.credit_type_from_invoice_ref ({0})", NULL, BAD_NEVER,
     SLIP_FORM_TEXT},
    {"money_poundPence", "slipway.money_poundpence ({0})", NULL, BAD_ALWAYS, SLIP_FORM_TEXT},
    {"calculate_duedate", "slipway.calculate_duedate ({day})", NULL, BAD_WHEN_SET,
     SLIP_FORM_TIMESTAMP},
    {"calculate_startdate", "slipway.calculate_startdate ({day})", NULL, BAD_WHEN_SET,
     SLIP_FORM_TIMESTAMP},
    {"is_at_least_one_set", "slipway.is_at_least_one_set ({all})", NULL, BAD_NEVER, SLIP_FORM_TEXT},
    {"convert_to_timestamp", "slipway.convert_to_timestamp ({0}, {1})",
     "slipway.london_to_utc_strict (slipway.date_and_time ({0}, {1}))", BAD_WHEN_SET,
     SLIP_FORM_TIMESTAMP},
    {"first_word", "slipway.first_word ({0})", NULL, BAD_NEVER, SLIP_FORM_TEXT},
    {"last_words", "slipway.last_words ({0})", NULL, BAD_NEVER, SLIP_FORM_TEXT},
    {"capitalise_first_letter", "slipway.capitalise_first_letter ({0})", NULL, BAD_NEVER,
     SLIP_FORM_TEXT},
    {"coalesce", "slipway.first_set ({all})", NULL, BAD_NEVER, SLIP_FORM_TEXT},
};

/* A lookup as a JSON object: one expression, no join, and PostgreSQL finds a key in it by bisection. */
char *
slip_compile_lookup (const SlipLookup *lookup)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *json = NULL;
  g_autofree char *literal = NULL;

  for (guint i = 0; i < lookup->entries->len; i++)
    {
      const SlipLookupEntry *entry = g_ptr_array_index (lookup->entries, i);

      json_object_set_member (object, entry->code, json_node_copy (entry->value));
    }
  json_node_set_object (node, object);
  json = json_to_string (node, FALSE);
  literal = slip_compile_literal (json);
  return g_strdup_printf ("%s::jsonb", literal);
}

static char *
dup_source (const SlipMappingColumn *column, guint n)
{
  g_autofree char *name = NULL;

  if (n >= g_strv_length (column->source_columns))
    return g_strdup ("NULL::text");
  name = slip_compile_quote (column->source_columns[n]);
  return g_strdup_printf ("k.%s", name);
}

/* Whether all values of all rows are numbers, which the original finds out before it compares. */
static char *
dup_numbers (SlipCompiler *self, const SlipMappingColumn *column)
{
  GString *sql = g_string_new ("(SELECT bool_and (");

  for (guint i = 0; column->source_columns[i] != NULL; i++)
    {
      g_autofree char *name = slip_compile_quote (column->source_columns[i]);

      g_string_append_printf (sql, "%sslipway.as_decimal (s.%s) IS NOT NULL", i > 0 ? " AND " : "",
                              name);
    }
  g_string_append_printf (sql, ") FROM %s AS s)", self->relation);
  return g_string_free (sql, FALSE);
}

static char *
dup_filled_in (SlipCompiler *self, const SlipMappingColumn *column, const char *template)
{
  g_autoptr (GString) sql = g_string_new (template);
  g_autoptr (GString) all = g_string_new (NULL);
  g_autofree char *first = dup_source (column, 0);
  g_autofree char *second = dup_source (column, 1);
  g_autofree char *read = slip_compile_day (self, first);
  g_autofree char *day
      = self->strict ? g_strdup (read) : g_strdup_printf ("slipway.held (%s)", read);
  g_autofree char *seed = slip_compile_seed (self);

  for (guint i = 0; column->source_columns[i] != NULL; i++)
    {
      g_autofree char *source = dup_source (column, i);

      g_string_append_printf (all, "%s%s", i > 0 ? ", " : "", source);
    }
  if (strstr (template, "{numbers}") != NULL)
    {
      g_autofree char *numbers = dup_numbers (self, column);

      g_string_replace (sql, "{numbers}", numbers, 0);
    }
  g_string_replace (sql, "{all}", all->str, 0);
  g_string_replace (sql, "{day}", day, 0);
  g_string_replace (sql, "{0}", first, 0);
  g_string_replace (sql, "{1}", second, 0);
  g_string_replace (sql, "{row}", "k.casrec_row_id", 0);
  g_string_replace (sql, "{seed}", seed, 0);
  return g_strdup (sql->str);
}

/* The data column's own name is its alias: with a number behind it, no lookup ever names it, and compat
 * keeps that. Strict compares with the source column. */
static char *
dup_conditional (SlipCompiler *self, const SlipMappingColumn *column)
{
  const SlipLookup *lookup = column->lookup != NULL ? slip_definitions_find_lookup (
                                 slip_migration_get_definitions (self->migration), column->lookup)
                                                    : NULL;
  g_autofree char *value = dup_source (column, 0);
  g_autofree char *other = NULL;
  g_autofree char *answers = NULL;
  g_autofree char *own = NULL;

  if (column->additional_columns != NULL && column->additional_columns[0] != NULL)
    {
      g_autofree char *c_name = slip_table_definition_dup_c_name (column->additional_columns[0]);

      if (g_hash_table_contains (self->sources, c_name))
        other = slip_compile_quote (c_name);
    }
  if (lookup == NULL || other == NULL)
    return g_strdup ("NULL::text");
  answers = slip_compile_lookup (lookup);
  own = slip_compile_literal (self->strict ? column->source_columns[0] : column->aliases[0]);
  return g_strdup_printf ("slipway.conditional_lookup (%s, %s, %s ->> k.%s)", value, own, answers,
                          other);
}

static gboolean
transform_by_name (SlipCompiler *self, SlipCompiledColumn *compiled)
{
  const SlipMappingColumn *column = compiled->column;

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    {
      g_autofree char *result = NULL;
      g_autofree char *first = NULL;

      if (!g_str_equal (known[i].name, column->transformation))
        continue;
      result = dup_filled_in (
          self, column, self->strict && known[i].strict != NULL ? known[i].strict : known[i].sql);
      if (known[i].form == SLIP_FORM_TIMESTAMP && !self->strict)
        {
          g_autofree char *held = g_strdup_printf ("slipway.held (%s)", result);

          g_free (result);
          result = g_steal_pointer (&held);
        }
      first = dup_source (column, 0);
      compiled->form = known[i].form;
      if (known[i].bad == BAD_ALWAYS)
        compiled->bad = g_strdup_printf ("coalesce (%s, '')", first);
      else if (known[i].bad == BAD_WHEN_SET)
        {
          /* Of a day and its time either may be at fault. */
          g_autofree char *second = dup_source (column, 1);
          g_autofree char *both
              = strstr (known[i].sql, "{1}") != NULL
                    ? g_strdup_printf ("concat_ws (' ', %s, nullif (%s, ''))", first, second)
                    : g_strdup (first);

          compiled->bad
              = g_strdup_printf ("CASE WHEN slipway.is_set (%s) THEN %s END", first, both);
        }
      if (known[i].exact != NULL)
        {
          g_autofree char *exact = dup_filled_in (self, column, known[i].exact);

          compiled->altered
              = g_strdup_printf ("CASE WHEN %s <> %s THEN %s END", exact, result, first);
        }
      compiled->mapped = compiled->form == SLIP_FORM_TEXT || compiled->form == SLIP_FORM_TIMESTAMP
                             ? g_strdup_printf ("(%s)::text", result)
                             : g_strdup (result);
      return TRUE;
    }
  return FALSE;
}

/* An unknown transformation leaves the column without a value, as in the original, and the check of the
 * definitions says so. `date_format_standard` is such a one there; strict takes the column as it is. */
void
slip_compile_transform (SlipCompiler *self, SlipCompiledColumn *compiled)
{
  const SlipMappingColumn *column = compiled->column;

  if (column->source_columns == NULL || column->source_columns[0] == NULL || self->table == NULL
      || g_strcmp0 (column->source_table, self->table) != 0)
    return;
  if (column->transformation == NULL
      || (self->strict && g_str_equal (column->transformation, "date_format_standard")))
    compiled->mapped = dup_source (column, 0);
  else if (g_str_equal (column->transformation, "conditional_lookup"))
    compiled->mapped = dup_conditional (self, column);
  else
    transform_by_name (self, compiled);
}
