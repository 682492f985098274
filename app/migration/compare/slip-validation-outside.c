/* SPDX-License-Identifier: MIT */
/* Rows of the run that the query of what is does not reach, by its joins and conditions: they are counted, those that are not
 * as the integration made them are differences like all others, and the mapping's note tells of both. What is asked is made in
 * slip-validation-back.c. */

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
  if (unreached == 0 && strays == 0 && !self->options->recheck)
    return TRUE;
  names = slip_validation_dup_names (query->names);
  return slip_stage_sql_run (
             self->pg, query->mapping, error,
             "DROP TABLE IF EXISTS slip_outside;\nCREATE TEMP TABLE slip_outside ON "
             "COMMIT DROP AS\n%s%s",
             query->outside, unreached > 0 ? "" : " AND false")
         && slip_stage_sql_run (
             self->pg, query->mapping, error,
             "SELECT slipway.add_outside (%D, %L, %L, %L, ARRAY[%s], %s, %D, %D)",
             self->options->run, query->mapping, query->table, query->source_table, names,
             self->options->recheck ? "true" : "false", unreached, strays);
}
