/* SPDX-License-Identifier: MIT */
/* What validations left behind in schema slipway, read again: for reports, for the gate, and one run beside another. */

#include "slip-validation-private.h"

#define TOLD_TIME(moment) "to_char (" moment " AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')"

void
slip_validation_result_free (SlipValidationResult *result)
{
  g_free (result->mapping);
  g_free (result->entity);
  g_free (result->note);
  g_free (result->reasons);
  g_free (result);
}

guint
slip_validation_result_get_coverage (const SlipValidationResult *result)
{
  gint64 cells = result->columns_total * MAX (result->expected, 1);
  gint64 computed = result->columns_compared * (MAX (result->expected, 1) - result->outside);

  return cells > 0 ? (guint)MAX (100 * computed / cells, 0) : 0;
}

/* Where sessions write: tables like those of schema slipway. A recheck counts on, from what the last validation found. */
gboolean
slip_validator_prepare_found (SlipValidator *self, GError **error)
{
  return slip_stage_sql_run (
             self->pg, "make tables for what is found", error,
             "CREATE UNLOGGED TABLE " SLIP_VALIDATION_FOUND
             ".validation (LIKE slipway.validation INCLUDING DEFAULTS INCLUDING INDEXES);\n"
             "CREATE UNLOGGED TABLE " SLIP_VALIDATION_FOUND
             ".difference (LIKE slipway.difference INCLUDING DEFAULTS INCLUDING INDEXES)")
         && (!self->options->recheck
             || slip_stage_sql_run (
                 self->pg, "take what was found", error,
                 "INSERT INTO " SLIP_VALIDATION_FOUND
                 ".validation SELECT * FROM slipway.validation v\n"
                 " WHERE run = %D AND EXISTS (SELECT FROM slipway.difference d WHERE (d.run, "
                 "d.mapping) = (v.run, v.mapping))",
                 self->options->run));
}

/* That it was one: what it found says nothing of other rows, which nobody looked at since all were compared. */
gboolean
slip_validator_note_recheck (SlipValidator *self, const char *mapping, GError **error)
{
  return !self->options->recheck
         || slip_stage_sql_run (
             self->pg, mapping, error,
             "UPDATE slipway_found.validation f\n"
             "   SET rechecked = f.ended, started = v.started, ended = v.ended, flagged = "
             "v.flagged, "
             "flagged_known = v.flagged_known,\n"
             "       note = concat_ws ('; ', f.note, format ('recheck on %%s UTC: of %%s %%s "
             "flagged "
             "%%s now; no other row was looked at since all were compared, on %%s UTC',\n"
             "                " TOLD_TIME (
                 "f.ended") ", v.flagged, CASE v.flagged WHEN 1 THEN "
                            "'row that was' ELSE 'rows that were' END,\n"
                            "                f.missing + f.extra + f.differing + f.duplicated || "
                            "CASE f.missing + "
                            "f.extra + f.differing + f.duplicated WHEN 1 THEN ' is' ELSE ' are' "
                            "END, "
                            "" TOLD_TIME ("v.ended") "))\n"
                                                     "  FROM (SELECT run, mapping, started, ended, "
                                                     "coalesce (flagged, missing + extra + "
                                                     "differing + duplicated) AS flagged,\n"
                                                     "               CASE WHEN flagged IS NULL "
                                                     "THEN known ELSE flagged_known END AS "
                                                     "flagged_known FROM slipway.validation) AS v\n"
                                                     " WHERE f.run = %D AND f.mapping = %L AND "
                                                     "(v.run, v.mapping) = (f.run, f.mapping)",
             self->options->run, mapping);
}

/* In the place of what the last validation found of these mappings; the caller commits. */
gboolean
slip_validator_publish (SlipValidator *self, GError **error)
{
  g_autofree char *moves = NULL;
  g_auto (GStrv) list = NULL;

  if (!slip_stage_sql_run (self->pg, "put what was found in place", error,
                           "DELETE FROM slipway.validation v USING " SLIP_VALIDATION_FOUND
                           ".validation f WHERE (v.run, v.mapping) = (f.run, f.mapping);\n"
                           "INSERT INTO slipway.validation SELECT * FROM " SLIP_VALIDATION_FOUND
                           ".validation;\n"
                           "INSERT INTO slipway.difference SELECT * FROM " SLIP_VALIDATION_FOUND
                           ".difference ORDER BY mapping, number"))
    return FALSE;
  list = slip_stage_sql_ask_list (
      self->pg, "list exceptions", error,
      "SELECT format ('DROP TABLE IF EXISTS %%I.%%I CASCADE; ALTER TABLE %%I.%%I SET SCHEMA %%I', "
      "%L, relname, %L, relname, %L)\n"
      "  FROM pg_class WHERE relnamespace = %L::regnamespace AND relkind = 'r' AND relname LIKE "
      "'exceptions\\_%%' ORDER BY relname",
      self->schemas->source, SLIP_VALIDATION_FOUND, self->schemas->source, SLIP_VALIDATION_FOUND);
  if (list == NULL)
    return FALSE;
  moves = g_strjoinv (";\n", list);
  return *moves == '\0'
         || slip_stage_sql_run (self->pg, "put exceptions in place", error, "%s", moves);
}

GPtrArray *
slip_validation_results_read (SlipPg *pg, gint64 run, GError **error)
{
  g_autoptr (GPtrArray) results
      = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_validation_result_free);
  g_autoptr (SlipPgRows) rows
      = slip_stage_sql_ask (pg, "read what was validated", error,
                            "SELECT mapping, entity, expected, actual, missing, extra, differing, "
                            "duplicated, known, columns_compared, columns_total,\n"
                            "       independent::int, extract (epoch FROM ended - started), note,\n"
                            "       (SELECT string_agg (k.known || CASE WHEN k.of > 1 THEN format "
                            "(' (%%s)', k.n) ELSE '' END, '; ' ORDER BY k.n DESC, k.known)\n"
                            "          FROM (SELECT known, count (*) AS n, count (*) OVER () AS of "
                            "FROM slipway.difference AS d WHERE d.run = v.run\n"
                            "                   AND d.mapping = v.mapping AND known IS NOT NULL "
                            "GROUP BY known) AS k),\n"
                            "       (extract (epoch FROM ended) * 1000000)::bigint,\n"
                            /* that of an earlier release has no such column */
                            "       coalesce ((to_jsonb (v) ->> 'outside')::bigint, 0),\n"
                            "       coalesce ((extract (epoch FROM (to_jsonb (v) ->> "
                            "'rechecked')::timestamptz) * 1000000)::bigint, 0),\n"
                            "       coalesce ((to_jsonb (v) ->> 'flagged')::bigint, 0), coalesce "
                            "((to_jsonb (v) ->> 'flagged_known')::bigint, 0)\n"
                            "  FROM slipway.validation AS v WHERE run = %D\n"
                            " ORDER BY missing + extra + differing + duplicated > known DESC, "
                            "missing + extra + differing + duplicated > 0 DESC, mapping",
                            run);

  if (rows == NULL)
    return NULL;
  for (guint i = 0; i < slip_pg_rows_get_n_rows (rows); i++)
    {
      SlipValidationResult *result = g_new0 (SlipValidationResult, 1);
      gint64 *numbers[]
          = {&result->expected,  &result->actual,     &result->missing, &result->extra,
             &result->differing, &result->duplicated, &result->known};

      result->mapping = g_strdup (slip_pg_rows_get (rows, i, 0));
      result->entity = g_strdup (slip_pg_rows_get (rows, i, 1));
      for (guint k = 0; k < G_N_ELEMENTS (numbers); k++)
        *numbers[k] = slip_pg_rows_get_int (rows, i, 2 + k);
      result->columns_compared = (guint)slip_pg_rows_get_int (rows, i, 9);
      result->columns_total = (guint)slip_pg_rows_get_int (rows, i, 10);
      result->independent = slip_pg_rows_get_int (rows, i, 11) != 0;
      result->seconds = g_ascii_strtod (slip_pg_rows_get (rows, i, 12), NULL);
      result->note = g_strdup (slip_pg_rows_get (rows, i, 13));
      result->reasons = g_strdup (slip_pg_rows_get (rows, i, 14));
      result->ended = slip_pg_rows_get_int (rows, i, 15);
      result->outside = slip_pg_rows_get_int (rows, i, 16);
      result->rechecked = slip_pg_rows_get_int (rows, i, 17);
      result->flagged = slip_pg_rows_get_int (rows, i, 18);
      result->flagged_known = slip_pg_rows_get_int (rows, i, 19);
      g_ptr_array_add (results, result);
    }
  return g_steal_pointer (&results);
}

void
slip_validation_change_free (SlipValidationChange *change)
{
  g_free (change->mapping);
  g_free (change);
}

GPtrArray *
slip_validation_results_compare (SlipPg *pg, gint64 run, gint64 other, GError **error)
{
  g_autoptr (GPtrArray) changes
      = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_validation_change_free);
  g_autoptr (SlipPgRows) rows = slip_stage_sql_ask (
      pg, "compare two validations", error,
      "WITH d AS (SELECT mapping, count (*) FILTER (WHERE run = %D) AS now, count (*) FILTER "
      "(WHERE run = %D) AS before\n"
      "             FROM slipway.difference WHERE run IN (%D, %D) GROUP BY mapping, kind, key, "
      "columns, expected, actual),\n"
      "     c AS (SELECT mapping, sum (greatest (now - before, 0)) AS appeared, sum (greatest "
      "(before - now, 0)) AS gone,\n"
      "                  sum (least (now, before)) AS same FROM d GROUP BY mapping)\n"
      "SELECT mapping, coalesce (v.expected, 0), coalesce (w.expected, 0), coalesce (appeared, "
      "0)::bigint, coalesce (gone, 0)::bigint,\n"
      "       coalesce (same, 0)::bigint\n"
      "  FROM (SELECT * FROM slipway.validation WHERE run = %D) AS v\n"
      "  FULL JOIN (SELECT * FROM slipway.validation WHERE run = %D) AS w USING (mapping) LEFT "
      "JOIN c USING (mapping)\n"
      " ORDER BY coalesce (appeared + gone, 0) > 0 DESC, mapping",
      run, other, run, other, run, other);

  if (rows == NULL)
    return NULL;
  for (guint i = 0; i < slip_pg_rows_get_n_rows (rows); i++)
    {
      SlipValidationChange *change = g_new0 (SlipValidationChange, 1);

      change->mapping = g_strdup (slip_pg_rows_get (rows, i, 0));
      change->expected = slip_pg_rows_get_int (rows, i, 1);
      change->expected_before = slip_pg_rows_get_int (rows, i, 2);
      change->appeared = slip_pg_rows_get_int (rows, i, 3);
      change->gone = slip_pg_rows_get_int (rows, i, 4);
      change->same = slip_pg_rows_get_int (rows, i, 5);
      g_ptr_array_add (changes, change);
    }
  return g_steal_pointer (&changes);
}
