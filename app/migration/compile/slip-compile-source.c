/* SPDX-License-Identifier: MIT */
/* The first stages: which landed columns are read, and which rows the table definition's conditions keep.
 * Conditions come in the original's own order, whatever the file's, and before anything is renamed. Each row
 * that is dropped knows by which of them. */

#include "slip-compile-private.h"

#include <string.h>

/* What a condition looks at, in `looked_at`: what another condition made, or a landed column. */
static char *
dup_looked_at (SlipCompiler *self, const char *name)
{
  g_autofree char *c_name = slip_table_definition_dup_c_name (name);
  const char *source = NULL;
  gpointer found;
  gpointer value;

  if (g_hash_table_lookup_extended (self->sources, c_name, &found, &value)
      || g_hash_table_lookup_extended (self->sources, name, &found, &value))
    return slip_compile_quote (value != NULL ? value : found);
  slip_mapping_find_alias (self->step->mapping, name, &source);
  return source != NULL ? slip_compile_quote (source) : NULL;
}

static char *
dup_number_name (SlipCompiler *self, const SlipCondition *condition)
{
  guint n = 0;

  g_ptr_array_find (self->step->definition->conditions, condition, &n);
  return g_strdup_printf (SLIP_RESERVED_PREFIX "number_%u", n);
}

static gboolean
compares (const SlipCondition *condition)
{
  return condition->op == SLIP_CONDITION_GREATER_THAN || condition->op == SLIP_CONDITION_LESS_THAN;
}

static const SlipCondition *
find_condition (SlipCompiler *self, SlipConditionOp op)
{
  GPtrArray *conditions = self->step->definition->conditions;

  for (guint i = 0; i < conditions->len; i++)
    {
      const SlipCondition *condition = g_ptr_array_index (conditions, i);

      if (condition->op == op)
        return condition;
    }
  return NULL;
}

/* "not null" comes before: what it makes blank is blank for those behind it. */
static gboolean
clears (SlipCompiler *self)
{
  return !self->strict && find_condition (self, SLIP_CONDITION_NOT_NULL) != NULL;
}

static void
append_source (SlipCompiler *self)
{
  gboolean first = FALSE;

  g_string_append (self->sql, "-- The landed rows, with the columns that are asked for.\n"
                              "source AS (\n  SELECT s.casrec_row_id");
  for (guint i = 0; i < self->raw->len; i++)
    {
      g_autofree char *name = slip_compile_quote (g_ptr_array_index (self->raw, i));

      if (self->strict)
        slip_compile_list (self->sql, &first, "s.%s", name);
      else
        slip_compile_list (self->sql, &first, "slipway.landed (s.%s) AS %s", name, name);
    }
  g_string_append_printf (self->sql,
                          "\n    FROM %s AS s\n  OFFSET 0 -- each stage is computed once\n)",
                          self->relation);
}

/* What conditions add to a row before it is judged. */
static void
append_looked_at (SlipCompiler *self)
{
  GPtrArray *conditions = self->step->definition->conditions;
  g_autoptr (GString) join = g_string_new (NULL);

  g_string_append (self->sql, ",\n\n-- What the conditions look at.\nlooked_at AS (\n  SELECT r.*");
  for (guint i = 0; i < conditions->len; i++)
    {
      const SlipCondition *condition = g_ptr_array_index (conditions, i);
      g_autofree char *column = dup_looked_at (self, condition->column);

      if (compares (condition) && column != NULL)
        {
          g_autofree char *number = dup_number_name (self, condition);

          g_string_append_printf (self->sql, ",\n         slipway.as_comparable (r.%s) AS %s",
                                  column, number);
        }
      else if (condition->op == SLIP_CONDITION_FIRST_X_CHARS && column != NULL)
        {
          g_autofree char *result = slip_table_definition_dup_c_name (condition->result_column);
          g_autofree char *quoted = slip_compile_quote (result);

          g_string_append_printf (self->sql, ",\n         left (r.%s, %" G_GINT64_FORMAT ") AS %s",
                                  column, condition->number, quoted);
          g_hash_table_insert (self->sources, g_strdup (result), NULL);
        }
      else if (condition->op == SLIP_CONDITION_CONVERT_TO_TIMESTAMP && column != NULL)
        {
          g_autofree char *clock = dup_looked_at (self, condition->time_column);

          g_string_append_printf (
              self->sql,
              ",\n         slipway.date_and_time (CASE WHEN slipway.is_set (r.%s) THEN r.%s "
              "ELSE '1900-01-01' END,\n                                 r.%s)::text AS c_timestamp",
              column, column, clock != NULL ? clock : "casrec_row_id");
          g_hash_table_insert (self->sources, g_strdup ("c_timestamp"), NULL);
        }
      else if (condition->op == SLIP_CONDITION_RECENT_OR_OPEN_INVOICES)
        {
          g_autofree char *invoice = dup_looked_at (self, "Invoice No");
          SlipRelation debt = {SLIP_RELATION_SOURCE, (char *)"sop_aged_debt", NULL};
          g_autofree char *relation = slip_compile_relation (self, &debt);

          if (invoice == NULL)
            continue;
          g_string_append (self->sql, ",\n         debt.casrec_row_id AS slipway_debt");
          /* The original joins, so that an invoice with two debts becomes two rows; strict asks whether
           * there is one. */
          if (self->strict)
            g_string_append_printf (
                join,
                "\n    LEFT JOIN (SELECT DISTINCT ON (\"Trx Number\") * FROM %s\n"
                "                ORDER BY \"Trx Number\", casrec_row_id) AS debt\n"
                "           ON debt.\"Trx Number\" = r.%s",
                relation, invoice);
          else
            g_string_append_printf (join,
                                    "\n    LEFT JOIN %s AS debt ON debt.\"Trx Number\" = r.%s"
                                    " AND debt.\"Outstanding Amount\" IS NOT NULL",
                                    relation, invoice);
          self->multiplied = TRUE;
        }
    }
  g_string_append_printf (self->sql, "\n    FROM source AS r%s\n  OFFSET 0\n)", join->str);
}

static char *
dup_values (char **values)
{
  GString *list = g_string_new (NULL);

  for (guint i = 0; values[i] != NULL; i++)
    {
      g_autofree char *literal = slip_compile_literal (values[i]);

      g_string_append_printf (list, "%s%s", i > 0 ? ", " : "", literal);
    }
  if (list->len == 0)
    g_string_append (list, "NULL");
  return g_string_free (list, FALSE);
}

/* Several "not null" are one condition: a row goes when all of them are empty. */
static char *
dup_not_null (SlipCompiler *self)
{
  GPtrArray *conditions = self->step->definition->conditions;
  GString *sql = g_string_new (NULL);

  for (guint i = 0; i < conditions->len; i++)
    {
      const SlipCondition *condition = g_ptr_array_index (conditions, i);
      g_autofree char *column = NULL;

      if (condition->op != SLIP_CONDITION_NOT_NULL)
        continue;
      column = dup_looked_at (self, condition->column);
      if (column != NULL)
        g_string_append_printf (sql, "%sl.%s NOT IN ('', ' ', '0')", sql->len > 0 ? " OR " : "",
                                column);
    }
  if (sql->len == 0)
    g_string_append (sql, "true");
  return g_string_free (sql, FALSE);
}

/* The condition as SQL over l, or NULL when it looks at nothing: compat then skips it, as the original does. */
static char *
dup_condition (SlipCompiler *self, const SlipCondition *condition)
{
  g_autofree char *column = dup_looked_at (self, condition->column);
  g_autofree char *literal = NULL;
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  if (column == NULL && condition->op != SLIP_CONDITION_NOT_NULL)
    return NULL;
  switch (condition->op)
    {
    case SLIP_CONDITION_GREATER_THAN:
    case SLIP_CONDITION_LESS_THAN:
      {
        g_autofree char *name = dup_number_name (self, condition);

        g_ascii_formatd (number, sizeof number, "%.15g", condition->value);
        return g_strdup_printf ("l.%s %c %s", name,
                                condition->op == SLIP_CONDITION_LESS_THAN ? '<' : '>', number);
      }
    case SLIP_CONDITION_RECENT_OR_OPEN_INVOICES:
      {
        g_autofree char *text = g_strdup_printf ("l.%s", column);
        g_autofree char *day = slip_compile_day (self, text);

        return g_strdup_printf ("%s > TIMESTAMP '%" G_GINT64_FORMAT
                                "-03-31 23:59:59' OR l.slipway_debt IS NOT NULL",
                                day, condition->number);
      }
    case SLIP_CONDITION_DATE_SINCE:
      {
        g_autofree char *text = g_strdup_printf ("l.%s", column);
        g_autofree char *day = slip_compile_day (self, text);

        return g_strdup_printf ("%s >= TIMESTAMP '%s'", day, condition->date);
      }
    case SLIP_CONDITION_EXCLUDE_VALUES:
      literal = dup_values (condition->values);
      return g_strdup_printf ("l.%s IS NULL OR l.%s NOT IN (%s)", column, column, literal);
    case SLIP_CONDITION_INCLUDE_VALUES:
      literal = dup_values (condition->values);
      return g_strdup_printf ("l.%s IN (%s)", column, literal);
    case SLIP_CONDITION_NOT_NULL:
      return dup_not_null (self);
    case SLIP_CONDITION_EQUAL:
      literal = slip_compile_literal (condition->values[0]);
      if (clears (self))
        return g_strdup_printf ("slipway.cleared (l.%s) = %s", column, literal);
      return g_strdup_printf ("l.%s = %s", column, literal);
    case SLIP_CONDITION_CONVERT_TO_TIMESTAMP:
    case SLIP_CONDITION_FIRST_X_CHARS:
    case SLIP_CONDITION_LATEST:
    default:
      return NULL;
    }
}

static char *
dup_label (const SlipCondition *condition)
{
  g_autofree char *values
      = condition->values != NULL ? g_strjoinv (", ", condition->values) : g_strdup ("");
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (number, sizeof number, "%.15g", condition->value);
  switch (condition->op)
    {
    case SLIP_CONDITION_GREATER_THAN:
      return g_strdup_printf ("%s > %s", condition->column, number);
    case SLIP_CONDITION_LESS_THAN:
      return g_strdup_printf ("%s < %s", condition->column, number);
    case SLIP_CONDITION_RECENT_OR_OPEN_INVOICES:
      return g_strdup_printf ("%s after 31 March %" G_GINT64_FORMAT " or debt open",
                              condition->column, condition->number);
    case SLIP_CONDITION_DATE_SINCE:
      return g_strdup_printf ("%s since %s", condition->column, condition->date);
    case SLIP_CONDITION_EXCLUDE_VALUES:
      return g_strdup_printf ("%s not in (%s)", condition->column, values);
    case SLIP_CONDITION_INCLUDE_VALUES:
      return g_strdup_printf ("%s in (%s)", condition->column, values);
    case SLIP_CONDITION_NOT_NULL:
      return g_strdup_printf ("%s not null", condition->column);
    case SLIP_CONDITION_LATEST:
      return g_strdup_printf ("latest %s per %s", condition->column, condition->per);
    case SLIP_CONDITION_EQUAL:
      return g_strdup_printf ("%s = %s", condition->column, values);
    case SLIP_CONDITION_CONVERT_TO_TIMESTAMP:
    case SLIP_CONDITION_FIRST_X_CHARS:
    default:
      return g_strdup (condition->column);
    }
}

/* The rows that a condition lets go because it cannot read what it looks at, by that text. */
static void
append_unread (SlipCompiler *self,
               const SlipCondition *told,
               const char *kind,
               const char *text,
               const char *unread,
               const SlipCondition *lets_go)
{
  g_autofree char *label = dup_label (lets_go);
  g_autofree char *dropped = slip_compile_literal (label);
  g_autofree char *literal = slip_compile_literal (told->column);

  g_string_append_printf (
      self->sql,
      "\nUNION ALL\n"
      "SELECT %s, '%s', %s, count(*), array_agg (casrec_row_id ORDER BY casrec_row_id)\n"
      "  FROM judged AS l WHERE %s AND slipway_dropped = %s GROUP BY 3",
      literal, kind, text, unread, dropped);
}

/* A blank is no number either, and has no text. */
static void
append_no_number (SlipCompiler *self, const SlipCondition *condition, const char *column)
{
  g_autofree char *number = dup_number_name (self, condition);
  g_autofree char *unread = g_strdup_printf ("l.%s IS NULL", number);
  g_autofree char *text = g_strdup_printf ("CASE WHEN slipway.%s (l.%s) THEN l.%s END",
                                           self->strict ? "is_set" : "is_stored", column, column);

  append_unread (self, condition, "not a number", text, unread, condition);
}

/* A blank is no date, and before every day: nothing is wrong with it. */
static void
append_no_date (SlipCompiler *self, const SlipCondition *condition, const char *column)
{
  g_autofree char *text = g_strdup_printf ("l.%s", column);
  g_autofree char *day = slip_compile_day (self, text);
  g_autofree char *unread = g_strdup_printf ("slipway.is_set (%s) AND %s IS NULL", text, day);

  append_unread (self, condition, "not a date", text, unread, condition);
}

/* A day and a time that make no timestamp are let go by whatever looks at that one. */
static void
append_no_timestamp (SlipCompiler *self, const SlipCondition *condition, const char *column)
{
  GPtrArray *conditions = self->step->definition->conditions;
  g_autofree char *text = g_strdup_printf ("l.%s", column);
  g_autofree char *unread = g_strdup_printf ("slipway.is_set (%s) AND l.c_timestamp IS NULL", text);

  for (guint i = 0; i < conditions->len; i++)
    {
      const SlipCondition *other = g_ptr_array_index (conditions, i);

      if (g_strcmp0 (other->column, "c_timestamp") == 0)
        append_unread (self, condition, "not a date", text, unread, other);
    }
}

void
slip_compile_unread (SlipCompiler *self)
{
  GPtrArray *conditions = self->step->definition->conditions;

  for (guint i = 0; i < conditions->len; i++)
    {
      const SlipCondition *condition = g_ptr_array_index (conditions, i);
      g_autofree char *column = dup_looked_at (self, condition->column);

      if (column == NULL)
        continue;
      if (compares (condition))
        append_no_number (self, condition, column);
      else if (condition->op == SLIP_CONDITION_DATE_SINCE
               || condition->op == SLIP_CONDITION_RECENT_OR_OPEN_INVOICES)
        append_no_date (self, condition, column);
      else if (condition->op == SLIP_CONDITION_CONVERT_TO_TIMESTAMP)
        append_no_timestamp (self, condition, column);
    }
}

/* The CASE over the conditions from @from up to, and not with, the one that picks the latest; or behind it. */
static void
append_cases (SlipCompiler *self, gboolean behind)
{
  GPtrArray *conditions = self->step->definition->conditions;
  gboolean not_null = FALSE;
  guint n = 0;

  for (guint i = 0; i < conditions->len; i++)
    {
      const SlipCondition *condition = g_ptr_array_index (conditions, i);
      gboolean is_behind = self->latest && condition->op > SLIP_CONDITION_LATEST;
      g_autofree char *sql = NULL;
      g_autofree char *label = NULL;
      g_autofree char *literal = NULL;

      if (is_behind != behind || (condition->op == SLIP_CONDITION_NOT_NULL && not_null))
        continue;
      sql = dup_condition (self, condition);
      if (sql == NULL)
        continue;
      not_null = not_null || condition->op == SLIP_CONDITION_NOT_NULL;
      label = dup_label (condition);
      literal = slip_compile_literal (label);
      g_string_append_printf (self->sql, "%s WHEN (%s) IS NOT TRUE THEN %s",
                              n > 0 ? "\n              " : "", sql, literal);
      n++;
    }
  if (n == 0)
    g_string_append (self->sql, " WHEN false THEN ''");
}

/* A column of `judged_before`, as the rows that stay have it. */
static char *
dup_before (SlipCompiler *self, const char *column)
{
  if (column == NULL)
    return g_strdup ("b.casrec_row_id");
  return g_strdup_printf (clears (self) ? "slipway.cleared (b.%s)" : "b.%s", column);
}

static void
append_latest (SlipCompiler *self)
{
  const SlipCondition *latest = find_condition (self, SLIP_CONDITION_LATEST);
  g_autofree char *column = dup_looked_at (self, latest->column);
  g_autofree char *per = dup_looked_at (self, latest->per);
  g_autofree char *label = dup_label (latest);
  g_autofree char *literal = slip_compile_literal (label);
  g_autofree char *order = dup_before (self, column);
  g_autofree char *group = dup_before (self, per);

  g_string_append_printf (
      self->sql,
      ",\n\n-- Of those that are left, the last one of each group.\njudged AS (\n"
      "  SELECT l.*, CASE WHEN l.slipway_dropped_before IS NOT NULL THEN l.slipway_dropped_before\n"
      "              WHEN l.slipway_place > 1 THEN %s",
      literal);
  g_string_append (self->sql, "\n             ");
  append_cases (self, TRUE);
  g_string_append_printf (
      self->sql,
      " END AS slipway_dropped\n    FROM (SELECT b.*, row_number () OVER (PARTITION BY "
      "%s, b.slipway_dropped_before IS NULL\n"
      "                                            ORDER BY %s%s DESC NULLS "
      "LAST, b.casrec_row_id DESC)"
      " AS slipway_place\n            FROM judged_before AS b) AS l\n)",
      group, order, column != NULL ? " COLLATE \"C\"" : "");
  self->latest_by = g_steal_pointer (&column);
}

static void
append_judged (SlipCompiler *self)
{
  self->latest = find_condition (self, SLIP_CONDITION_LATEST) != NULL;
  g_string_append_printf (
      self->sql,
      ",\n\n-- The first condition that a row does not meet, in the order of the original.\n"
      "%s AS (\n  SELECT l.*, CASE",
      self->latest ? "judged_before" : "judged");
  append_cases (self, FALSE);
  g_string_append_printf (self->sql, " END AS %s\n    FROM looked_at AS l\n  OFFSET 0\n)",
                          self->latest ? "slipway_dropped_before" : "slipway_dropped");
  if (self->latest)
    append_latest (self);
}

/* The c_ column of a row that is kept. A comparison leaves its column as a float in the original. */
static char *
dup_carried (SlipCompiler *self, const char *name, const char *source, gboolean clear)
{
  GPtrArray *conditions = self->step->definition->conditions;
  g_autofree char *quoted = NULL;

  if (source == NULL)
    {
      quoted = slip_compile_quote (name);
      return g_strdup_printf ("j.%s", quoted);
    }
  quoted = slip_compile_quote (source);
  for (guint i = 0; !self->strict && i < conditions->len; i++)
    {
      const SlipCondition *condition = g_ptr_array_index (conditions, i);
      g_autofree char *c_name = slip_table_definition_dup_c_name (condition->column);

      if (compares (condition) && g_str_equal (c_name, name))
        {
          g_autofree char *number = dup_number_name (self, condition);

          return g_strdup_printf ("slipway.float_text (j.%s)", number);
        }
    }
  return g_strdup_printf (clear ? "slipway.cleared (j.%s)" : "j.%s", quoted);
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (a, b);
}

static void
append_kept (SlipCompiler *self)
{
  gboolean clear = clears (self);
  g_autoptr (GList) names = g_list_sort (g_hash_table_get_keys (self->sources), compare_texts);
  gboolean first = FALSE;

  g_string_append_printf (
      self->sql, ",\n\n-- %s\nkept AS (\n  SELECT j.casrec_row_id",
      clear ? "The rows that stay. Every \"0\" and \" \" in them becomes blank, as in the original."
            : "The rows that stay, with the columns that go on under a name of their own.");
  if (self->multiplied)
    slip_compile_list (self->sql, &first, "j.slipway_debt");
  for (guint i = 0; i < self->raw->len; i++)
    {
      g_autofree char *name = slip_compile_quote (g_ptr_array_index (self->raw, i));

      if (clear)
        slip_compile_list (self->sql, &first, "slipway.cleared (j.%s) AS %s", name, name);
      else
        slip_compile_list (self->sql, &first, "j.%s", name);
    }
  for (GList *l = names; l != NULL; l = l->next)
    {
      g_autofree char *name = slip_compile_quote (l->data);
      g_autofree char *carried
          = dup_carried (self, l->data, g_hash_table_lookup (self->sources, l->data), clear);

      slip_compile_list (self->sql, &first, "%s AS %s", carried, name);
    }
  g_string_append_printf (self->sql, "\n    FROM %s AS j%s\n  OFFSET 0\n)",
                          self->dropped ? "judged" : "source",
                          self->dropped ? "\n   WHERE j.slipway_dropped IS NULL" : "");
}

void
slip_compile_source (SlipCompiler *self)
{
  append_source (self);
  self->dropped = self->step->definition->conditions->len > 0;
  if (self->dropped)
    {
      append_looked_at (self);
      append_judged (self);
    }
  append_kept (self);
}
