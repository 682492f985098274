/* SPDX-License-Identifier: MIT */
/* The middle stages: source columns become target columns, blanks get their defaults, codes are looked up,
 * and decision tables are applied. Everything is still text, as it is for the original at this point. What
 * happened to a value on the way is a mark in the row. */

#include "slip-compile-private.h"

#include <string.h>

#define BAD SLIP_RESERVED_PREFIX "bad"
#define ALTERED SLIP_RESERVED_PREFIX "altered"

static char *
dup_own_name (const char *prefix, const SlipCompiledColumn *compiled)
{
  return g_strdup_printf ("%s_%u", prefix, compiled->number);
}

static void
append_own (SlipCompiler *self,
            gboolean *first,
            const char *prefix,
            const SlipCompiledColumn *compiled,
            const char *sql)
{
  g_autofree char *name = dup_own_name (prefix, compiled);

  if (sql != NULL)
    slip_compile_list (self->sql, first, "%s AS %s", sql, name);
}

/* What is at fault is carried along for every row, so that what it may have become is computed once: it is at fault where
 * that is NULL. */
static void
append_own_mark (GString *marks,
                 const char *prefix,
                 const SlipCompiledColumn *compiled,
                 const char *sql,
                 const char *kind)
{
  g_autofree char *name = dup_own_name (prefix, compiled);
  g_autofree char *literal = slip_compile_literal (compiled->name);
  g_autofree char *own = slip_compile_quote (compiled->name);
  g_autofree char *lost
      = g_str_equal (prefix, BAD) ? g_strdup_printf ("m.%s IS NULL AND ", own) : g_strdup ("");

  if (sql != NULL)
    g_string_append_printf (
        marks, "%sCASE WHEN %sm.%s IS NOT NULL THEN slipway.mark (%s, '%s', m.%s) END",
        marks->len > 0 ? ",\n           " : "", lost, name, literal, kind, name);
}

/* What a default of the file stands for: "none" is a blank. */
static char *
dup_default (const SlipMappingColumn *column)
{
  char *text;

  if (column->default_value == NULL)
    return NULL;
  text = slip_compile_value (column, column->default_value);
  if (g_str_equal (text, "none"))
    text[0] = '\0';
  return text;
}

static gboolean
has_lookup (const SlipCompiledColumn *compiled)
{
  const SlipMappingColumn *column = compiled->column;

  return column != NULL && column->lookup != NULL
         && g_strcmp0 (column->transformation, "conditional_lookup") != 0;
}

static const SlipLookup *
find_lookup (SlipCompiler *self, const SlipCompiledColumn *compiled)
{
  return slip_definitions_find_lookup (slip_migration_get_definitions (self->migration),
                                       compiled->column->lookup);
}

void
slip_compile_mapped (SlipCompiler *self)
{
  g_autofree char *order = NULL;
  gboolean first = FALSE;

  g_string_append (
      self->sql,
      ",\n\n-- Source columns as target columns, transformed, and the number of the row.\n"
      "mapped AS (\n  SELECT k.casrec_row_id");
  /* The original sorts the rows by what is the latest, and leaves them so. */
  if (self->latest_by != NULL && !self->strict)
    order = g_strdup_printf ("k.%s COLLATE \"C\", ", self->latest_by);
  slip_compile_list (self->sql, &first,
                     "row_number () OVER (ORDER BY %sk.casrec_row_id%s) AS slipway_id",
                     order != NULL ? order : "", self->multiplied ? ", k.slipway_debt" : "");
  for (guint i = 0; i < self->columns->len; i++)
    {
      SlipCompiledColumn *compiled = g_ptr_array_index (self->columns, i);
      g_autofree char *name = slip_compile_quote (compiled->name);

      if (compiled->column == NULL && g_hash_table_contains (self->sources, compiled->name))
        {
          compiled->mapped = g_strdup_printf ("k.%s", name);
          slip_compile_list (self->sql, &first, "k.%s", name);
        }
      else if (compiled->column != NULL)
        {
          slip_compile_transform (self, compiled);
          if (compiled->mapped != NULL)
            slip_compile_list (self->sql, &first, "%s AS %s", compiled->mapped, name);
        }
      append_own (self, &first, BAD, compiled, compiled->bad);
      append_own (self, &first, ALTERED, compiled, compiled->altered);
      compiled->present = compiled->mapped != NULL;
    }
  g_string_append (self->sql, "\n    FROM kept AS k\n  OFFSET 0\n)");
}

/* An answer, or what comes in its place: in the original the default, for blanks and unknown codes alike. */
static char *
dup_looked_up (SlipCompiler *self,
               SlipCompiledColumn *compiled,
               const char *name,
               const char *fallback)
{
  const SlipLookup *lookup = find_lookup (self, compiled);
  g_autofree char *answers = NULL;
  g_autofree char *literal = fallback != NULL ? slip_compile_literal (fallback) : NULL;
  g_autofree char *blank = NULL;
  JsonNode *value = compiled->column->default_value;

  if (lookup == NULL)
    return g_strdup_printf ("m.%s", name);
  answers = slip_compile_lookup (lookup);
  if (fallback == NULL)
    return g_strdup_printf (self->strict ? "%s ->> m.%s" : "coalesce (%s ->> m.%s, '')", answers,
                            name);
  /* A blank has become the default by then, which is looked up itself. */
  blank = g_strdup (literal);
  if (!self->strict && json_node_get_value_type (value) == G_TYPE_STRING
      && slip_lookup_find (lookup, fallback) != NULL)
    {
      g_autofree char *text
          = slip_compile_value (compiled->column, slip_lookup_find (lookup, fallback));

      g_free (blank);
      blank = slip_compile_literal (text);
    }
  if (self->strict)
    return g_strdup_printf ("CASE WHEN m.%s = '' THEN %s ELSE %s ->> m.%s END", name, blank,
                            answers, name);
  return g_strdup_printf ("CASE WHEN m.%s = '' THEN %s ELSE coalesce (%s ->> m.%s, %s) END", name,
                          blank, answers, name, literal);
}

static char *
dup_constant_looked_up (SlipCompiler *self, SlipCompiledColumn *compiled, char *text)
{
  const SlipLookup *lookup = has_lookup (compiled) ? find_lookup (self, compiled) : NULL;
  JsonNode *found = lookup != NULL ? slip_lookup_find (lookup, text) : NULL;

  if (found == NULL || self->strict)
    return text;
  g_free (text);
  return slip_compile_value (compiled->column, found);
}

/* What one column is over m, and whether that is the same for every row. */
static char *
dup_filled (SlipCompiler *self, SlipCompiledColumn *compiled, const char *name)
{
  const SlipMappingColumn *column = compiled->column;
  g_autofree char *fallback = column != NULL ? dup_default (column) : NULL;
  g_autofree char *literal = NULL;

  if (column != NULL && g_strcmp0 (column->calculated, "uuid4") == 0)
    {
      g_autofree char *seed = slip_compile_seed (self);
      g_autofree char *own = slip_compile_literal (column->target);

      return g_strdup_printf (
          "slipway.uuid_of (%s || coalesce ('/' || m.casrec_row_id, ''), %s, m.slipway_id)::text",
          seed, own);
    }
  if (column != NULL && g_strcmp0 (column->calculated, "current_date") == 0)
    {
      g_free (fallback);
      fallback = g_strdup (self->options->run_date);
    }
  else if (compiled->mapped != NULL)
    {
      if (has_lookup (compiled))
        return dup_looked_up (self, compiled, name, fallback);
      if (fallback == NULL)
        return g_strdup_printf ("m.%s", name);
      literal = slip_compile_literal (fallback);
      return g_strdup_printf ("CASE WHEN m.%s = '' THEN %s ELSE m.%s END", name, literal, name);
    }
  if (fallback == NULL)
    return NULL;
  fallback = dup_constant_looked_up (self, compiled, g_steal_pointer (&fallback));
  compiled->constant = slip_compile_literal (fallback);
  return g_strdup_printf ("%s::text", compiled->constant);
}

static void
append_marks (SlipCompiler *self, SlipCompiledColumn *compiled, const char *name, GString *marks)
{
  g_autofree char *literal = slip_compile_literal (compiled->name);
  const char *gap = ",\n           ";

  append_own_mark (marks, BAD, compiled, compiled->bad, "bad value");
  append_own_mark (marks, ALTERED, compiled, compiled->altered, "altered value");
  if (compiled->column == NULL || compiled->mapped == NULL || compiled->column->calculated != NULL)
    return;
  if (compiled->column->default_value != NULL)
    g_string_append_printf (marks,
                            "%sCASE WHEN m.%s = '' THEN slipway.mark (%s, 'defaulted', '') END",
                            marks->len > 0 ? gap : "", name, literal);
  if (has_lookup (compiled) && find_lookup (self, compiled) != NULL)
    {
      g_autofree char *answers = slip_compile_lookup (find_lookup (self, compiled));

      g_string_append_printf (marks,
                              "%sCASE WHEN m.%s <> '' AND NOT %s ? m.%s\n"
                              "                THEN slipway.mark (%s, 'unknown code', m.%s) END",
                              marks->len > 0 ? gap : "", name, answers, name, literal, name);
    }
}

/* Over m; in a step without a source table every column is a constant. */
static void
append_filled_columns (SlipCompiler *self, gboolean *first, GString *marks)
{
  for (guint i = 0; i < self->columns->len; i++)
    {
      SlipCompiledColumn *compiled = g_ptr_array_index (self->columns, i);
      g_autofree char *name = slip_compile_quote (compiled->name);
      g_autofree char *filled = NULL;

      if (compiled->column == NULL && compiled->mapped != NULL)
        filled = g_strdup_printf ("m.%s", name);
      else
        filled = dup_filled (self, compiled, name);
      if (filled == NULL)
        continue;
      compiled->present = TRUE;
      append_marks (self, compiled, name, marks);
      slip_compile_list (self->sql, first, "%s AS %s", filled, name);
    }
}

void
slip_compile_filled (SlipCompiler *self)
{
  g_autoptr (GString) marks = g_string_new (NULL);
  gboolean first = FALSE;

  g_string_append (
      self->sql,
      ",\n\n-- Blanks become defaults, codes what their lookup says; what happened is marked.\n"
      "filled AS (\n  SELECT m.casrec_row_id,\n         m.slipway_id");
  append_filled_columns (self, &first, marks);
  slip_compile_list (self->sql, &first, "array_remove (ARRAY[%s]::text[], NULL) AS slipway_marks",
                     marks->str);
  g_string_append (self->sql, "\n    FROM mapped AS m\n  OFFSET 0\n)");
}

void
slip_compile_constants (SlipCompiler *self)
{
  for (guint i = 0; i < self->columns->len; i++)
    {
      SlipCompiledColumn *compiled = g_ptr_array_index (self->columns, i);
      g_autofree char *name = slip_compile_quote (compiled->name);
      g_autofree char *filled = dup_filled (self, compiled, name);

      compiled->present = compiled->constant != NULL;
      if (filled != NULL && !compiled->present)
        compiled->joined = g_steal_pointer (&filled);
    }
}
