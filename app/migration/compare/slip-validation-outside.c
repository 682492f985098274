/* SPDX-License-Identifier: MIT */
/* Rows of the run that the query of what is does not reach, by its joins and conditions: they are counted, those that are not
 * as the integration made them are differences like all others, and the mapping's note tells of both. What is asked is made in
 * slip-validation-rest.c. A row that is gone is reached by no query. Whether its loss is told already, as an expected row that
 * nothing is like, the query itself says: it is asked once more, with all rows that are gone where they were. */

#include "slip-validation-private.h"

static gboolean
note_unreached (SlipValidator *self, const SlipValidationQuery *query, gint64 n, GError **error)
{
  g_autofree char *note = g_strdup_printf (
      "%" G_GINT64_FORMAT " %s outside of the definition's query, and no key tells "
      "them apart: compared by nothing",
      n, n == 1 ? "row is" : "rows are");

  return n == 0
         || slip_stage_sql_run (
             self->pg, query->mapping, error,
             "UPDATE slipway_found.validation SET outside = %D, note = concat_ws ('; ', note, %L)\n"
             " WHERE run = %D AND mapping = %L",
             n, note, self->options->run, query->mapping);
}

/* ---- what is gone */

static char *
dup_lost_name (guint i)
{
  return g_strdup_printf ("slip_lost_%u", i);
}

/* Other sessions do not see these rows: nothing is committed before they are away again. */
static gboolean
restore (SlipValidator *self, guint i, const SlipValidationTable *table, GError **error)
{
  g_autofree char *name = dup_lost_name (i);
  g_autofree char *same = slip_validation_back_dup_same (table);
  g_autoptr (GString) names = g_string_new (NULL);
  g_autoptr (GString) values = g_string_new (NULL);

  for (guint k = 0; k < table->columns->len; k++)
    {
      const char *column = g_ptr_array_index (table->columns, k);
      const char *type = g_hash_table_lookup (table->types, column);
      const char *comma = names->len > 0 ? ", " : "";

      if (!g_hash_table_contains (table->needed, column)
          || !g_hash_table_contains (table->made, column))
        continue;
      slip_stage_sql_append (names, "%s%I", comma, column);
      slip_stage_sql_append (values, "%si.%I::%s AS %I", comma, column,
                             *type != '\0' ? type : "text", column);
    }
  return slip_stage_sql_run (self->pg, "put what is gone where it was", error,
                             "CREATE TEMP TABLE %s ON COMMIT DROP AS SELECT %s FROM %I.%I AS i\n"
                             " WHERE NOT EXISTS (SELECT FROM %s.%I AS t WHERE %s);\n"
                             "INSERT INTO %s.%I (%s) SELECT %s FROM %s",
                             name, values->str, self->schemas->integration, table->name,
                             SLIP_VALIDATION_ACTUAL, table->name, same, SLIP_VALIDATION_ACTUAL,
                             table->name, names->str, names->str, name);
}

static gboolean
take_away (SlipValidator *self, guint i, const SlipValidationTable *table, GError **error)
{
  g_autofree char *name = dup_lost_name (i);
  g_autofree char *same = slip_validation_back_dup_same (table);

  return slip_stage_sql_run (self->pg, "take what is gone away again", error,
                             "DELETE FROM %s.%I AS t USING %s AS i WHERE %s; DROP TABLE %s",
                             SLIP_VALIDATION_ACTUAL, table->name, name, same, name);
}

/* Marks what of slip_outside is told already: its cells, as they would be, are of an expected row that is missing, or that was
 * paired with another row. Behind it slip_actual has the rows that are gone as well. */
static gboolean
mark_told (SlipValidator *self, const SlipValidationQuery *query, const char *names, GError **error)
{
  gint64 n = 0;

  if (!slip_stage_sql_ask_number (self->pg, query->mapping, &n, error,
                                  "SELECT count (*) FROM slip_outside WHERE lost AND EXISTS "
                                  "(SELECT FROM slipway_found.difference WHERE run = %D AND "
                                  "mapping = %L AND kind IN ('missing', 'differing'))",
                                  self->options->run, query->mapping))
    return FALSE;
  if (n == 0)
    return TRUE;
  for (guint i = 0; i < query->restored->len; i++)
    if (!restore (self, i, query->restored->pdata[i], error))
      return FALSE;
  if (!slip_stage_sql_run (self->pg, query->mapping, error, "DROP TABLE slip_actual")
      || !slip_validation_make_rows (self, query, TRUE, query->actual, query->actual_guarded,
                                     error))
    return FALSE;
  for (guint i = 0; i < query->restored->len; i++)
    if (!take_away (self, i, query->restored->pdata[i], error))
      return FALSE;
  return slip_stage_sql_run (
      self->pg, query->mapping, error,
      "UPDATE slip_outside o SET told = true\n"
      "  FROM slip_actual a JOIN (SELECT ARRAY (SELECT expected ->> name FROM unnest (ARRAY[%s]) "
      "WITH ORDINALITY AS n (name, place) ORDER BY place) AS cells\n"
      "                             FROM slipway_found.difference WHERE run = %D AND mapping = %L "
      "AND kind IN ('missing', 'differing')) AS d USING (cells)\n"
      " WHERE o.lost AND a.target_id = o.target_id",
      names, self->options->run, query->mapping);
}

/* ---- all of it */

gboolean
slip_validation_add_outside (SlipValidator *self, const SlipValidationQuery *query, GError **error)
{
  g_autoptr (SlipPgRows) counts = NULL;
  g_autofree char *names = NULL;
  gint64 unreached;
  gint64 strays;

  if (query->unreached == NULL)
    return TRUE;
  counts = slip_stage_sql_ask (self->pg, query->mapping, error, "%s", query->unreached);
  if (counts == NULL)
    return FALSE;
  unreached = slip_pg_rows_get_int (counts, 0, 0);
  if (query->outside == NULL)
    return note_unreached (self, query, unreached, error);
  strays = slip_pg_rows_get_int (counts, 0, 1);
  if (unreached == 0 && strays == 0 && !query->beside && !self->options->recheck)
    return TRUE;
  names = slip_validation_dup_names (query->names);
  return slip_stage_sql_run (
             self->pg, query->mapping, error,
             "DROP TABLE IF EXISTS slip_outside;\nCREATE TEMP TABLE slip_outside ON "
             "COMMIT DROP AS\n%s%s",
             query->outside, unreached > 0 || query->beside ? "" : " AND false")
         && mark_told (self, query, names, error)
         && slip_stage_sql_run (
             self->pg, query->mapping, error,
             "SELECT slipway.add_outside (%D, %L, %L, %L, ARRAY[%s], %s, %D, %D)",
             self->options->run, query->mapping, query->table, query->source_table, names,
             self->options->recheck ? "true" : "false", unreached, strays);
}
