/* SPDX-License-Identifier: MIT */
/* The last stages: texts become the types of the destination, rows are inserted or change others, and what
 * became of each of them is counted. All in one statement, so that what is measured is what was written. */

#include "slip-compile-private.h"

#include <string.h>

/* An `int` is what the target's column takes for one: the original has no narrower type than pandas' Int64. */
static SlipType
get_type (SlipCompiler *self, const SlipMappingColumn *column)
{
  g_autofree char *name = NULL;

  if (column->type != SLIP_TYPE_INT || self->options->wide == NULL)
    return column->type;
  name = g_strconcat (self->destination, ".", column->target, NULL);
  return g_hash_table_contains (self->options->wide, name) ? SLIP_TYPE_BIGINT : SLIP_TYPE_INT;
}

static const char *
get_sql_type (SlipCompiler *self, const SlipMappingColumn *column)
{
  if (column == NULL)
    return "text";
  switch (get_type (self, column))
    {
    case SLIP_TYPE_INT:
      return "integer";
    case SLIP_TYPE_BIGINT:
      return "bigint";
    case SLIP_TYPE_BOOL:
      return "boolean";
    case SLIP_TYPE_DATE:
    case SLIP_TYPE_DATETIME:
      return "timestamp(0)";
    case SLIP_TYPE_DECIMAL:
      return "numeric";
    case SLIP_TYPE_DICT:
      return "json";
    case SLIP_TYPE_STR:
    default:
      return "text";
    }
}

/* The destination's columns are those of its mapping and what the step carries on beside them. A second step
 * of the same destination adds what it has more. */
char *
slip_compile_dup_table (SlipCompiler *self)
{
  g_autofree char *schema = slip_compile_quote (self->schemas->transform);
  g_autofree char *table = slip_compile_table (self->schemas->transform, self->destination);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  GString *sql = g_string_new (NULL);

  for (guint i = 0; i < self->columns->len; i++)
    {
      SlipCompiledColumn *compiled = g_ptr_array_index (self->columns, i);
      g_autofree char *name = slip_compile_quote (compiled->name);

      if (self->step->update == NULL
          || g_strv_contains ((const char *const *)self->step->update->set, compiled->name))
        g_ptr_array_add (names,
                         g_strdup_printf ("%s %s", name, get_sql_type (self, compiled->column)));
    }
  g_ptr_array_add (names, g_strdup ("casrec_row_id text"));
  g_ptr_array_add (names, g_strdup ("casrec_mapping_file_name text"));
  g_ptr_array_add (names, g_strdup ("casrec_table_name text"));
  g_ptr_array_add (names, g_strdup ("casrec_details jsonb NOT NULL DEFAULT '[]'"));
  g_string_append_printf (
      sql, "CREATE SCHEMA IF NOT EXISTS %s;\nCREATE TABLE IF NOT EXISTS %s ();\nALTER TABLE %s",
      schema, table, table);
  for (guint i = 0; i < names->len; i++)
    g_string_append_printf (sql, "%s\n  ADD COLUMN IF NOT EXISTS %s", i > 0 ? "," : "",
                            (char *)g_ptr_array_index (names, i));
  g_string_append (sql, ";\n");
  return g_string_free (sql, FALSE);
}

/* What a text says when it is read as a time, to the fraction of a second. */
static char *
dup_moment (SlipCompiler *self, const SlipCompiledColumn *compiled, const char *text)
{
  return compiled->form == SLIP_FORM_TIMESTAMP ? g_strdup_printf ("(%s)::timestamp", text)
                                               : slip_compile_day (self, text);
}

/* A text in the destination's type; NULL where it cannot be that. */
static char *
dup_cast (SlipCompiler *self, const SlipCompiledColumn *compiled, const char *text)
{
  g_autofree char *inner = NULL;

  if (compiled->column == NULL)
    return g_strdup_printf (self->strict ? "nullif (%s, '')" : "slipway.stored (%s)", text);
  switch (get_type (self, compiled->column))
    {
    case SLIP_TYPE_INT:
      return g_strdup_printf ("slipway.as_int (%s)", text);
    case SLIP_TYPE_BIGINT:
      return g_strdup_printf ("slipway.as_bigint (%s)", text);
    case SLIP_TYPE_BOOL:
      return g_strdup_printf ("slipway.as_bool (%s)", text);
    case SLIP_TYPE_DATE:
    case SLIP_TYPE_DATETIME:
      inner = dup_moment (self, compiled, text);
      return g_strdup_printf (self->strict ? "date_trunc ('second', %s)" : "%s::timestamp(0)",
                              inner);
    case SLIP_TYPE_DECIMAL:
      return g_strdup_printf (self->strict ? "slipway.as_decimal (%s)"
                                           : "slipway.through_float (slipway.as_decimal (%s))",
                              text);
    case SLIP_TYPE_DICT:
      if (compiled->form == SLIP_FORM_JSON)
        return g_strdup_printf ("(%s)::json", text);
      return g_strdup_printf ("slipway.as_json (%s)", text);
    case SLIP_TYPE_STR:
    default:
      return g_strdup_printf (self->strict ? "nullif (%s, '')" : "slipway.stored (%s)", text);
    }
}

/* The original's column of floats holds the nearest one, which is another number where there are many digits; and of its times
 * an insert rounds the fraction of a second, which may be the next day's. Only a text with a clock has one. */
static char *
dup_altered (SlipCompiler *self,
             const SlipCompiledColumn *compiled,
             const char *name,
             const char *text)
{
  g_autofree char *literal = slip_compile_literal (compiled->name);
  g_autofree char *moment = NULL;

  if (compiled->column == NULL)
    return NULL;
  if (compiled->column->type == SLIP_TYPE_DECIMAL && !self->strict)
    return g_strdup_printf (",\n           CASE WHEN t.%s <> slipway.as_decimal (%s)"
                            " THEN slipway.mark (%s, 'altered value', %s) END",
                            name, text, literal, text);
  if (compiled->constant != NULL
      || (compiled->column->type != SLIP_TYPE_DATE && compiled->column->type != SLIP_TYPE_DATETIME))
    return NULL;
  moment = dup_moment (self, compiled, text);
  return g_strdup_printf (",\n           CASE WHEN %s LIKE '%%:%%.%%' AND t.%s <> %s"
                          " THEN slipway.mark (%s, 'altered value', %s) END",
                          text, name, moment, literal, text);
}

static gboolean
can_be_bad (const SlipCompiledColumn *compiled)
{
  return compiled->column != NULL && compiled->column->type != SLIP_TYPE_STR
         && compiled->form == SLIP_FORM_TEXT;
}

static char *
dup_file (SlipCompiler *self)
{
  g_autofree char *file = g_strconcat (self->step->mapping_name, "_mapping", NULL);

  return slip_compile_literal (file);
}

static char *
dup_source_table (SlipCompiler *self)
{
  const SlipFrom *from = self->step->from;

  return slip_compile_literal (from != NULL ? from->table : self->table);
}

/* A row that comes from rows of earlier steps says which landed row those came from. */
static void
append_provenance (SlipCompiler *self, gboolean *first)
{
  g_autofree char *file = dup_file (self);
  g_autofree char *source = dup_source_table (self);

  slip_compile_list (self->sql, first,
                     "jsonb_build_array (jsonb_build_object ('casrec_row_id', m.casrec_row_id,\n"
                     "           'casrec_mapping_file_name', %s::text, 'casrec_table_name', "
                     "%s::text)) AS casrec_details",
                     file, source);
}

/* The casts stand in a query of their own, so that each is computed once and its result can be judged. */
void
slip_compile_typed (SlipCompiler *self)
{
  g_autoptr (GString) casts = g_string_new (NULL);
  g_autoptr (GString) marks = g_string_new (NULL);
  /* What stands for nothing in the original is nothing here, and no bad value. */
  const char *set = self->strict ? "slipway.is_set" : "slipway.is_stored";
  gboolean first = FALSE;

  g_string_append (
      self->sql,
      ",\n\n-- Texts in the types of the destination; what cannot be that is NULL and marked.\n"
      "typed AS MATERIALIZED (\n  SELECT m.casrec_row_id,\n         m.slipway_id,\n         "
      "m.slipway_lost");
  for (guint i = 0; i < self->columns->len; i++)
    {
      SlipCompiledColumn *compiled = g_ptr_array_index (self->columns, i);
      g_autofree char *name = slip_compile_quote (compiled->name);
      g_autofree char *literal = slip_compile_literal (compiled->name);
      g_autofree char *text = NULL;
      g_autofree char *cast = NULL;
      g_autofree char *altered = NULL;

      if (!compiled->present)
        continue;
      text = compiled->constant != NULL ? g_strdup (compiled->constant)
                                        : g_strdup_printf ("m.%s", name);
      cast = dup_cast (self, compiled, text);
      g_string_append_printf (casts, "%s%s AS %s", casts->len > 0 ? ",\n           " : "", cast,
                              name);
      slip_compile_list (self->sql, &first, "t.%s", name);
      if (can_be_bad (compiled))
        g_string_append_printf (marks,
                                ",\n           CASE WHEN t.%s IS NULL AND %s (%s)"
                                " THEN slipway.mark (%s, 'bad value', %s) END",
                                name, set, text, literal, text);
      altered = dup_altered (self, compiled, name, text);
      if (altered != NULL)
        g_string_append (marks, altered);
    }
  append_provenance (self, &first);
  slip_compile_list (self->sql, &first,
                     "m.slipway_join_marks || CASE WHEN m.slipway_lost IS NOT NULL THEN "
                     "ARRAY[slipway.mark (m.slipway_lost, 'dropped', "
                     "NULL)]\n"
                     "         ELSE m.slipway_marks || array_remove (ARRAY[NULL%s]::text[], NULL) "
                     "END AS slipway_marks",
                     marks->str);
  g_string_append_printf (self->sql, "\n    FROM joined AS m");
  if (casts->len > 0)
    g_string_append_printf (
        self->sql, "\n   CROSS JOIN LATERAL (SELECT %s\n           OFFSET 0) AS t", casts->str);
  g_string_append (self->sql, "\n)");
}

static void
append_insert (SlipCompiler *self)
{
  g_autofree char *table = slip_compile_table (self->schemas->transform, self->destination);
  g_autoptr (GString) names = g_string_new (NULL);
  g_autoptr (GString) values = g_string_new (NULL);
  g_autofree char *file = dup_file (self);
  g_autofree char *source = dup_source_table (self);
  gboolean has_id = slip_mapping_find_column (self->step->mapping, "id") != NULL;

  for (guint i = 0; i < self->columns->len; i++)
    {
      SlipCompiledColumn *compiled = g_ptr_array_index (self->columns, i);
      g_autofree char *name = slip_compile_quote (compiled->name);

      if (!compiled->present || g_str_equal (compiled->name, "id"))
        continue;
      g_string_append_printf (names, "%s, ", name);
      g_string_append_printf (values, "n.%s, ", name);
    }
  g_string_append_printf (self->sql,
                          ",\n\n-- The rows, numbered behind those that are there.\nwritten AS (\n"
                          "  INSERT INTO %s (%s%scasrec_row_id, casrec_mapping_file_name, "
                          "casrec_table_name, casrec_details)\n"
                          "  SELECT ",
                          table, has_id ? "id, " : "", names->str);
  if (has_id)
    g_string_append_printf (self->sql, "(SELECT coalesce (max (id), 0) FROM %s) + n.slipway_id, ",
                            table);
  g_string_append_printf (self->sql,
                          "%sn.casrec_row_id::text, %s::text, %s::text, n.casrec_details\n"
                          "    FROM typed AS n\n   WHERE n.slipway_lost IS NULL\n   ORDER BY "
                          "n.slipway_id\n  RETURNING 1\n)",
                          values->str, file, source);
}

static char *
dup_update_on (SlipCompiler *self, const char *target)
{
  const SlipUpdate *update = self->step->update;
  GString *sql = g_string_new (NULL);

  for (guint i = 0; i < update->on->len; i++)
    {
      const SlipPair *pair = g_ptr_array_index (update->on, i);
      g_autofree char *left = slip_compile_quote (pair->left);
      g_autofree char *right = slip_compile_quote (pair->right);

      g_string_append_printf (sql, "%s%s.%s::text = n.%s::text", i > 0 ? " AND " : "", target, left,
                              right);
    }
  if (update->where != NULL)
    {
      g_autofree char *where = slip_compile_expand (self, update->where);

      g_string_append_printf (sql, " AND (%s)", where);
    }
  return g_string_free (sql, FALSE);
}

static void
append_update (SlipCompiler *self)
{
  g_autofree char *table = slip_compile_table (self->schemas->transform, self->step->update->table);
  g_autofree char *on = dup_update_on (self, "t");
  g_autoptr (GString) set = g_string_new (NULL);

  for (guint i = 0; self->step->update->set[i] != NULL; i++)
    {
      g_autofree char *name = slip_compile_quote (self->step->update->set[i]);

      g_string_append_printf (set, "%s = n.%s, ", name, name);
    }
  g_string_append_printf (
      self->sql,
      ",\n\n-- Rows of earlier steps change; where they come from is remembered beside.\nwritten "
      "AS (\n"
      "  UPDATE %s AS t\n     SET %scasrec_details = t.casrec_details || n.casrec_details\n"
      "    FROM typed AS n\n   WHERE n.slipway_lost IS NULL AND %s\n  RETURNING n.casrec_row_id\n)",
      table, set->str, on);
}

/* The rows that came in: all of the table or relation. */
static char *
dup_in (SlipCompiler *self)
{
  const SlipFrom *from = self->step->from;
  g_autofree char *relation = NULL;
  g_autofree char *where = NULL;

  if (from == NULL)
    return g_strdup_printf (
        "SELECT NULL::text, 'in', NULL::text, count(*), NULL::bigint[] FROM %s AS s",
        self->relation);
  relation = slip_compile_relation (self, &from->relation);
  where = from->where != NULL ? slip_compile_expand (self, from->where) : g_strdup ("true");
  return g_strdup_printf (
      "SELECT NULL::text, 'in', NULL::text, count(*), NULL::bigint[] FROM %s AS r WHERE %s",
      relation, where);
}

/* What the step's own expressions read as a day, and cannot: a query of landed rows has no row of the step to mark. */
static void
append_bad_days (SlipCompiler *self)
{
  for (guint i = 0; self->step->dates[i] != NULL; i++)
    {
      const char *dot = strchr (self->step->dates[i], '.');
      g_autofree char *table
          = g_strndup (self->step->dates[i], (gsize)(dot - self->step->dates[i]));
      SlipRelation landed = {SLIP_RELATION_SOURCE, table, NULL};
      g_autofree char *relation = slip_compile_relation (self, &landed);
      g_autofree char *name = slip_compile_literal (self->step->dates[i]);
      g_autofree char *quoted = slip_compile_quote (dot + 1);
      g_autofree char *column = g_strconcat ("r.", quoted, NULL);
      g_autofree char *day = slip_compile_day (self, column);

      g_string_append_printf (self->sql,
                              "\nUNION ALL\n"
                              "SELECT %s, 'bad value', %s, count(*), array_agg (r.casrec_row_id "
                              "ORDER BY r.casrec_row_id)\n"
                              "  FROM %s AS r WHERE slipway.%s (%s) AND %s IS NULL GROUP BY 3",
                              name, column, relation, self->strict ? "is_set" : "is_stored", column,
                              day);
    }
}

void
slip_compile_written (SlipCompiler *self)
{
  g_autofree char *in = dup_in (self);
  g_autofree char *entity = slip_compile_literal (self->step->entity);
  g_autofree char *step = slip_compile_literal (self->step->name);
  g_autofree char *run = self->options->run > 0
                             ? g_strdup_printf ("%" G_GINT64_FORMAT, self->options->run)
                             : g_strdup ("NULL");

  if (self->step->update != NULL)
    append_update (self);
  else
    append_insert (self);
  g_string_append_printf (
      self->sql,
      "\n\n-- What became of the rows.\n"
      "INSERT INTO slipway.measure (run, stage, entity, step, column_name, kind, value, rows, "
      "row_ids)\n"
      "SELECT %s::bigint, 'transform', %s, %s, told.column_name, told.kind, told.value, told.rows, "
      "told.row_ids\n"
      "  FROM (\n%s\nUNION ALL\nSELECT NULL, 'out', NULL, count(*), NULL::bigint[] FROM written\n"
      "UNION ALL\n"
      "SELECT split_part (told.mark, E'\\x1f', 1), split_part (told.mark, E'\\x1f', 2),\n"
      "       nullif (split_part (told.mark, E'\\x1f', 3), ''), count(*), array_agg "
      "(n.casrec_row_id "
      "ORDER BY n.casrec_row_id)\n"
      "  FROM typed AS n CROSS JOIN unnest (n.slipway_marks) AS told (mark)\n"
      " WHERE n.slipway_marks <> '{}' GROUP BY told.mark",
      run, entity, step, in);
  if (slip_compile_can_multiply (self))
    g_string_append (self->sql,
                     "\nUNION ALL\n"
                     "SELECT NULL, 'multiplied', NULL, count(*), array_agg (casrec_row_id ORDER BY "
                     "casrec_row_id)\n"
                     "  FROM (SELECT casrec_row_id FROM typed WHERE slipway_lost IS NULL AND "
                     "casrec_row_id IS NOT NULL\n"
                     "         GROUP BY casrec_row_id HAVING count(*) > 1) AS several HAVING "
                     "count(*) > 0");
  if (self->dropped)
    {
      g_string_append (self->sql,
                       "\nUNION ALL\n"
                       "SELECT slipway_dropped, 'dropped', NULL, count(*), array_agg "
                       "(casrec_row_id ORDER BY casrec_row_id)\n"
                       "  FROM judged WHERE slipway_dropped IS NOT NULL GROUP BY slipway_dropped");
      slip_compile_unread (self);
    }
  if (self->step->update != NULL)
    {
      g_autofree char *literal = slip_compile_literal (self->step->update->table);

      g_string_append_printf (self->sql,
                              "\nUNION ALL\n"
                              "SELECT %s, 'unmatched', NULL, count(*), array_agg (casrec_row_id "
                              "ORDER BY casrec_row_id)\n"
                              "  FROM (SELECT casrec_row_id FROM typed WHERE slipway_lost IS NULL\n"
                              "        EXCEPT SELECT casrec_row_id FROM written) AS unchanged\n"
                              "HAVING count(*) > 0",
                              literal);
    }
  append_bad_days (self);
  g_string_append (self->sql, "\n) AS told (column_name, kind, value, rows, row_ids);\n");
}
