/* SPDX-License-Identifier: MIT */
/* The step's own part, which is program code in the original: joins to what earlier steps made or to landed
 * tables, and the columns that come from them. An inner join is a left one here and marks the rows that find
 * nothing, so that they can be counted and named before they go. */

#include "slip-compile-private.h"

#include <string.h>

/* Whether an expression of the step names the raw row. */
static gboolean
names_raw_row (SlipCompiler *self)
{
  g_autoptr (GRegex) regex = g_regex_new ("(^|[^A-Za-z0-9_\".])s\\.", 0, 0, NULL);
  const SlipStep *step = self->step;

  if (step->from != NULL || self->relation == NULL)
    return FALSE;
  for (guint i = 0; i < step->columns->len; i++)
    if (g_regex_match (regex, ((SlipNamedSql *)g_ptr_array_index (step->columns, i))->sql, 0, NULL))
      return TRUE;
  for (guint i = 0; i < step->joins->len; i++)
    {
      const SlipJoin *join = g_ptr_array_index (step->joins, i);

      if (join->on_sql != NULL && g_regex_match (regex, join->on_sql, 0, NULL))
        return TRUE;
    }
  for (guint i = 0; i < step->json->len; i++)
    {
      g_autofree char *json
          = json_to_string (((SlipJsonColumn *)g_ptr_array_index (step->json, i))->template, FALSE);

      if (g_regex_match (regex, json, 0, NULL))
        return TRUE;
    }
  for (guint i = 0; step->order[i] != NULL; i++)
    if (g_regex_match (regex, step->order[i], 0, NULL))
      return TRUE;
  return step->where != NULL && g_regex_match (regex, step->where, 0, NULL);
}

/* How it may be that nobody said which of several rows is meant. */
typedef enum
{
  DOUBT_NEVER,
  DOUBT_SEVERAL, /* wherever there is another row: the number of a row decides, and it alone */
  DOUBT_TIED,    /* wherever the order puts another row in the same place */
} Doubt;

#define NUMBER "\\s*(r\\.)?(%s|\"%s\")\\s*(::\\s*\\w+\\s*)?"

static gboolean
is_number (const char *order, const char *name, gboolean directed)
{
  g_autofree char *pattern = g_strdup_printf (
      directed ? "^" NUMBER "(\\b(ASC|DESC)\\s*)?(\\bNULLS\\s+\\w+\\s*)?$" : "^" NUMBER "$", name,
      name);

  return g_regex_match_simple (pattern, order, G_REGEX_CASELESS, 0);
}

/* With a direction, or behind something else, somebody said that a row's number decides. A landed table's own `id` may be any
 * column, and so may a query's. */
static Doubt
find_doubt (const SlipJoin *join)
{
  const char *own = join->relation.kind == SLIP_RELATION_SOURCE ? "casrec_row_id" : "id";
  char **order;

  if (join->pick == NULL)
    return DOUBT_NEVER;
  order = join->pick->order;
  if (order[0] == NULL || is_number (order[0], "id", FALSE)
      || is_number (order[0], "casrec_row_id", FALSE))
    return DOUBT_SEVERAL;
  if (join->relation.kind != SLIP_RELATION_SQL)
    for (guint i = 0; order[i] != NULL; i++)
      if (is_number (order[i], own, TRUE))
        return DOUBT_NEVER;
  return DOUBT_TIED;
}

/* Whether each row finds one at most: it is picked by columns that are all joined on. */
static gboolean
finds_one (const SlipJoin *join)
{
  if (join->pick == NULL || join->on == NULL)
    return FALSE;
  for (guint i = 0; join->pick->per[i] != NULL; i++)
    {
      gboolean joined = FALSE;

      for (guint j = 0; !joined && j < join->on->len; j++)
        joined = g_str_equal (((SlipPair *)g_ptr_array_index (join->on, j))->right,
                              join->pick->per[i]);
      if (!joined)
        return FALSE;
    }
  return TRUE;
}

/* Whether more than one row can come of a landed row. */
gboolean
slip_compile_can_multiply (SlipCompiler *self)
{
  GPtrArray *joins = self->step->joins;

  for (guint i = 0; i < joins->len; i++)
    if (!finds_one (g_ptr_array_index (joins, i)))
      return TRUE;
  return self->multiplied || self->step->from != NULL;
}

static void
append_per (GString *sql, const SlipPick *pick)
{
  for (guint i = 0; pick->per[i] != NULL; i++)
    {
      g_autofree char *name = slip_compile_quote (pick->per[i]);

      g_string_append_printf (sql, "%s%s", i > 0 ? ", " : "", name);
    }
}

static char *
dup_stated_order (SlipCompiler *self, const SlipJoin *join)
{
  GString *sql = g_string_new (NULL);

  for (guint i = 0; join->pick->order[i] != NULL; i++)
    {
      g_autofree char *order = slip_compile_expand (self, join->pick->order[i]);

      g_string_append_printf (sql, "%s%s", i > 0 ? ", " : "", order);
    }
  return g_string_free (sql, FALSE);
}

/* Whether every row of a table of the transform has a number of its own. */
static gboolean
is_numbered (SlipCompiler *self, const char *table)
{
  GPtrArray *steps = slip_migration_get_steps (self->migration);

  for (guint i = 0; i < steps->len; i++)
    {
      const SlipStep *step = g_ptr_array_index (steps, i);

      if (step->update == NULL && step->mapping != NULL && step->definition != NULL
          && g_strcmp0 (step->definition->destination, table) == 0
          && slip_mapping_find_column (step->mapping, "id") == NULL)
        return FALSE;
    }
  return TRUE;
}

/* Where a row lies says nothing: one that is updated lies behind the others. */
static const char *
get_making (SlipCompiler *self, const SlipRelation *relation)
{
  switch (relation->kind)
    {
    case SLIP_RELATION_SOURCE:
      return "r.casrec_row_id";
    case SLIP_RELATION_TRANSFORM:
      return is_numbered (self, relation->table)
                 ? "r.id"
                 : "r.casrec_row_id::bigint, r.casrec_mapping_file_name, r.ctid";
    default:
      return "r::text COLLATE \"C\"";
    }
}

/* Of rows that the sidecar's order puts in one place the first is picked, as they landed or were made: whatever way the server
 * takes to them, it is the same one. */
static char *
dup_pick_order (SlipCompiler *self, const SlipJoin *join)
{
  GString *sql = g_string_new (NULL);

  for (guint i = 0; join->pick->order[i] != NULL; i++)
    {
      g_autofree char *order = slip_compile_expand (self, join->pick->order[i]);

      g_string_append_printf (sql, "%s, ", order);
    }
  g_string_append (sql, get_making (self, &join->relation));
  return g_string_free (sql, FALSE);
}

/* Sorted as the pick is, so that one sort serves both. A row's count is that of the rows before it and of those in its place,
 * of which the first has none before it. */
static void
append_several (SlipCompiler *self, GString *sql, const SlipJoin *join, const char *order)
{
  Doubt doubt = find_doubt (join);
  g_autofree char *stated = NULL;

  if (doubt == DOUBT_NEVER)
    return;
  stated = doubt == DOUBT_TIED ? dup_stated_order (self, join) : NULL;
  g_string_append_printf (sql, ",\n                      %s OVER (PARTITION BY ",
                          stated != NULL ? "count (*)" : "lead (true)");
  append_per (sql, join->pick);
  g_string_append_printf (sql, " ORDER BY %s)%s AS slipway_several",
                          stated != NULL ? stated : order, stated != NULL ? " > 1" : "");
}

/* What is joined: only rows that count, one of several where the step says which, and a column that tells
 * whether a row was found. */
static char *
dup_relation (SlipCompiler *self, const SlipJoin *join)
{
  g_autofree char *relation = slip_compile_relation (self, &join->relation);
  g_autofree char *order = join->pick != NULL ? dup_pick_order (self, join) : NULL;
  GString *sql = g_string_new ("(SELECT ");

  if (join->pick != NULL)
    {
      g_string_append (sql, "DISTINCT ON (");
      append_per (sql, join->pick);
      g_string_append (sql, ") ");
    }
  g_string_append (sql, "*, true AS slipway_matched");
  append_several (self, sql, join, order);
  g_string_append_printf (sql, "\n                 FROM %s AS r", relation);
  if (join->where != NULL)
    {
      g_autofree char *where = slip_compile_expand (self, join->where);

      g_string_append_printf (sql, "\n                WHERE %s", where);
    }
  if (join->pick != NULL)
    {
      g_string_append (sql, "\n                ORDER BY ");
      append_per (sql, join->pick);
      g_string_append_printf (sql, ", %s", order);
    }
  g_string_append_c (sql, ')');
  return g_string_free (sql, FALSE);
}

/* Both sides as text: the row so far is text, and a landed table too. */
static char *
dup_on (SlipCompiler *self, const SlipJoin *join)
{
  GString *sql;
  g_autofree char *alias = slip_compile_quote (join->alias);

  if (join->on == NULL)
    return slip_compile_expand (self, join->on_sql);
  sql = g_string_new (NULL);
  for (guint i = 0; i < join->on->len; i++)
    {
      const SlipPair *pair = g_ptr_array_index (join->on, i);
      g_autofree char *left = slip_compile_quote (pair->left);
      g_autofree char *right = slip_compile_quote (pair->right);

      g_string_append_printf (sql, "%s%s.%s%s = m.%s", i > 0 ? " AND " : "", alias, right,
                              join->relation.kind == SLIP_RELATION_SOURCE ? "" : "::text", left);
    }
  return g_string_free (sql, FALSE);
}

/* The value that found nothing, where it is known which that is. */
static char *
dup_key (const SlipJoin *join)
{
  GString *sql;

  if (join->on == NULL)
    return g_strdup ("NULL");
  sql = g_string_new ("concat_ws ('/'");
  for (guint i = 0; i < join->on->len; i++)
    {
      g_autofree char *left
          = slip_compile_quote (((SlipPair *)g_ptr_array_index (join->on, i))->left);

      g_string_append_printf (sql, ", m.%s", left);
    }
  g_string_append_c (sql, ')');
  return g_string_free (sql, FALSE);
}

static char *
dup_lost (SlipCompiler *self)
{
  GString *sql = g_string_new (NULL);

  for (guint i = 0; i < self->step->joins->len; i++)
    {
      const SlipJoin *join = g_ptr_array_index (self->step->joins, i);
      g_autofree char *alias = slip_compile_quote (join->alias);
      g_autofree char *literal = slip_compile_literal (join->alias);

      if (!join->left)
        g_string_append_printf (sql, " WHEN %s.slipway_matched IS NULL THEN %s", alias, literal);
    }
  if (self->step->where != NULL)
    {
      g_autofree char *where = slip_compile_expand (self, self->step->where);

      g_string_append_printf (sql, " WHEN (%s) IS NOT TRUE THEN 'where'", where);
    }
  if (sql->len == 0)
    {
      g_string_append (sql, "NULL::text");
      return g_string_free (sql, FALSE);
    }
  g_string_prepend (sql, "CASE");
  g_string_append (sql, " END");
  return g_string_free (sql, FALSE);
}

static void
append_marks (SlipCompiler *self, gboolean *first)
{
  g_autoptr (GString) marks = g_string_new (NULL);

  for (guint i = 0; i < self->step->joins->len; i++)
    {
      const SlipJoin *join = g_ptr_array_index (self->step->joins, i);
      g_autofree char *alias = slip_compile_quote (join->alias);
      g_autofree char *literal = slip_compile_literal (join->alias);
      g_autofree char *key = dup_key (join);

      g_string_append_printf (
          marks, "%sCASE WHEN %s.slipway_matched IS NULL THEN slipway.mark (%s, 'unmatched', %s)",
          i > 0 ? ",\n           " : "", alias, literal, key);
      if (find_doubt (join) != DOUBT_NEVER)
        g_string_append_printf (marks,
                                " WHEN %s.slipway_several THEN slipway.mark (%s, 'ambiguous', %s)",
                                alias, literal, key);
      g_string_append (marks, " END");
    }
  if (marks->len > 0)
    slip_compile_list (self->sql, first,
                       "array_remove (ARRAY[%s]::text[], NULL) AS slipway_join_marks", marks->str);
  else
    slip_compile_list (self->sql, first, "'{}'::text[] AS slipway_join_marks");
}

static char *
dup_order (SlipCompiler *self)
{
  GString *sql = g_string_new (NULL);

  for (guint i = 0; self->step->order[i] != NULL; i++)
    {
      g_autofree char *order = slip_compile_expand (self, self->step->order[i]);

      g_string_append_printf (sql, "%s%s", i > 0 ? ", " : "", order);
    }
  if (sql->len == 0)
    g_string_append (sql, "m.slipway_id");
  return g_string_free (sql, FALSE);
}

/* A step without a source table takes its rows from a relation; what the mapping says of constants is m. */
static void
append_from (SlipCompiler *self)
{
  const SlipFrom *from = self->step->from;
  g_autofree char *relation = NULL;
  g_autofree char *alias = NULL;
  g_autofree char *row = NULL;
  g_autofree char *where = NULL;
  g_autoptr (GString) marks = g_string_new (NULL);

  if (from == NULL)
    {
      g_string_append_printf (self->sql, "\n    FROM %s AS m",
                              self->step->decisions->len > 0 ? "decided" : "filled");
      return;
    }
  relation = slip_compile_relation (self, &from->relation);
  alias = slip_compile_quote (from->alias);
  where = from->where != NULL ? slip_compile_expand (self, from->where) : NULL;
  /* A query of one's own need not have the column; a row as JSON has NULL then. */
  row = from->relation.kind == SLIP_RELATION_SQL
            ? g_strdup_printf ("(to_jsonb (%s) ->> 'casrec_row_id')::bigint", alias)
            : g_strdup_printf ("%s.casrec_row_id::bigint", alias);
  g_string_append_printf (
      self->sql,
      "\n    FROM (SELECT r.*, row_number () OVER (%s) AS slipway_row\n            FROM %s AS "
      "r%s%s) "
      "AS %s",
      from->relation.kind == SLIP_RELATION_SOURCE      ? "ORDER BY r.casrec_row_id"
      : from->relation.kind == SLIP_RELATION_TRANSFORM ? "ORDER BY r.casrec_row_id::bigint"
                                                       : "",
      relation, where != NULL ? "\n           WHERE " : "", where != NULL ? where : "", alias);
  g_string_append_printf (
      self->sql,
      "\n   CROSS JOIN LATERAL (SELECT %s AS casrec_row_id, %s.slipway_row AS slipway_id,"
      " '{}'::text[] AS slipway_marks",
      row, alias);
  for (guint i = 0; i < self->columns->len; i++)
    {
      SlipCompiledColumn *compiled = g_ptr_array_index (self->columns, i);
      g_autofree char *name = slip_compile_quote (compiled->name);

      if (compiled->constant != NULL)
        g_string_append_printf (self->sql, ",\n           %s::text AS %s", compiled->constant,
                                name);
    }
  g_string_append (self->sql, ") AS m");
}

void
slip_compile_joined (SlipCompiler *self)
{
  g_autofree char *lost = dup_lost (self);
  /* Rows of a relation are numbered when the joins are done: the original reads them by one query. */
  gboolean final
      = self->step->ids_final || self->step->order[0] != NULL || self->step->from != NULL;
  gboolean first = FALSE;

  g_string_append_printf (
      self->sql, "%s%s\njoined AS (\n  SELECT m.casrec_row_id",
      self->step->from != NULL ? "" : ",\n\n",
      self->step->joins->len > 0
          ? "-- What other rows give. A row that a join needs and does not find is lost by it."
          : "-- What the step itself gives.");
  if (final)
    {
      g_autofree char *order = dup_order (self);

      slip_compile_list (self->sql, &first,
                         "row_number () OVER (PARTITION BY (%s) IS NULL ORDER BY %s) AS slipway_id",
                         lost, order);
    }
  else
    slip_compile_list (self->sql, &first, "m.slipway_id");
  for (guint i = 0; i < self->columns->len; i++)
    {
      SlipCompiledColumn *compiled = g_ptr_array_index (self->columns, i);
      g_autofree char *name = slip_compile_quote (compiled->name);

      if (compiled->joined != NULL)
        slip_compile_list (self->sql, &first, "%s AS %s", compiled->joined, name);
      else if (compiled->present)
        slip_compile_list (self->sql, &first, "m.%s", name);
    }
  slip_compile_list (self->sql, &first, "m.slipway_marks");
  append_marks (self, &first);
  slip_compile_list (self->sql, &first, "%s AS slipway_lost", lost);
  append_from (self);
  if (names_raw_row (self))
    g_string_append_printf (self->sql, "\n    JOIN %s AS s ON s.casrec_row_id = m.casrec_row_id",
                            self->relation);
  for (guint i = 0; i < self->step->joins->len; i++)
    {
      const SlipJoin *join = g_ptr_array_index (self->step->joins, i);
      g_autofree char *relation = dup_relation (self, join);
      g_autofree char *alias = slip_compile_quote (join->alias);
      g_autofree char *on = dup_on (self, join);

      g_string_append_printf (self->sql, "\n    LEFT JOIN %s AS %s\n           ON %s", relation,
                              alias, on);
    }
  g_string_append (self->sql, "\n  OFFSET 0\n)");
  for (guint i = 0; i < self->columns->len; i++)
    {
      SlipCompiledColumn *compiled = g_ptr_array_index (self->columns, i);

      if (compiled->joined == NULL)
        continue;
      compiled->present = TRUE;
      g_clear_pointer (&compiled->constant, g_free);
    }
}
