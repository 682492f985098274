/* SPDX-License-Identifier: MIT */
/* The last level of a waterfall: of the rows that were loaded those that a validation found as expected, and what came and
 * went since. */

#include "slip-waterfall-private.h"

#include "slip-stage-sql.h"

/* The table whose rows a mapping adds; NULL when it only changes those of others, which are counted by theirs. */
static const char *
find_destination (SlipFall *fall, const char *mapping)
{
  GPtrArray *steps = slip_migration_get_steps (fall->migration);

  for (guint i = 0; i < steps->len; i++)
    {
      const SlipStep *step = g_ptr_array_index (steps, i);

      if (step->update == NULL && g_strcmp0 (step->mapping_name, mapping) == 0)
        return slip_step_get_destination (step);
    }
  return NULL;
}

enum
{
  MAPPING,
  ACTUAL,
  MISSING,
  EXTRA,
  DIFFERING,
  KNOWN_EXTRA,
  KNOWN_DIFFERING,
};

/* At most @rows of what went (@gone is positive) or came (negative) since the load is explained by them. */
static gint64
take (gint64 *gone, gint64 rows)
{
  gint64 taken = *gone > 0 ? MIN (*gone, rows) : MAX (*gone, -rows);

  *gone -= taken;
  return ABS (taken);
}

/* What is in the target and not as expected, but for what the sidecar has a reason for. A row that is missing was lost on
 * the way, and is a gap there, unless it went since the load; an extra one was loaded, or is of others and came since. */
static void
add_validation (
    SlipFall *fall, SlipWaterfallTable *table, const SlipPgRows *rows, guint row, gint64 *gone)
{
  const char *mapping = slip_pg_rows_get (rows, row, MAPPING);
  gint64 missing = slip_pg_rows_get_int (rows, row, MISSING);
  gint64 known_extra = slip_pg_rows_get_int (rows, row, KNOWN_EXTRA);
  gint64 known_differing = slip_pg_rows_get_int (rows, row, KNOWN_DIFFERING);
  gint64 extra = slip_pg_rows_get_int (rows, row, EXTRA) - known_extra;
  gint64 differing = slip_pg_rows_get_int (rows, row, DIFFERING) - known_differing;

  slip_fall_add_count (table, SLIP_WATERFALL_VALIDATED,
                       slip_pg_rows_get_int (rows, row, ACTUAL) - extra - differing);
  table->known += known_extra + known_differing;
  slip_fall_add_gap (fall, table, SLIP_WATERFALL_VALIDATED, mapping, NULL, "differing", -differing,
                     NULL);
  if (*gone > 0)
    slip_fall_add_gap (fall, table, SLIP_WATERFALL_VALIDATED, mapping, NULL, "missing",
                       -take (gone, missing), NULL);
  if (*gone < 0)
    extra -= take (gone, extra);
  slip_fall_add_gap (fall, table, SLIP_WATERFALL_VALIDATED, mapping, NULL, "extra", -extra, NULL);
}

static gboolean
is_validated (const SlipPgRows *rows, const char *mapping)
{
  for (guint i = 0; i < slip_pg_rows_get_n_rows (rows); i++)
    if (g_strcmp0 (slip_pg_rows_get (rows, i, MAPPING), mapping) == 0)
      return TRUE;
  return FALSE;
}

/* The mappings that fill the table and have no validation; where all have one, all of them. */
static char *
dup_loaders (SlipFall *fall,
             const SlipWaterfallTable *table,
             const SlipPgRows *rows,
             gboolean *without)
{
  GPtrArray *steps = slip_migration_get_steps (fall->migration);
  g_autoptr (GPtrArray) all = g_ptr_array_new ();
  g_autoptr (GPtrArray) some = g_ptr_array_new ();

  for (guint i = 0; i < steps->len; i++)
    {
      const SlipStep *step = g_ptr_array_index (steps, i);
      char *name = step->mapping_name != NULL ? step->mapping_name : step->name;

      if (step->update != NULL || g_strcmp0 (slip_step_get_destination (step), table->name) != 0
          || g_ptr_array_find_with_equal_func (all, name, g_str_equal, NULL))
        continue;
      g_ptr_array_add (all, name);
      if (!is_validated (rows, name))
        g_ptr_array_add (some, name);
    }
  *without = some->len > 0;
  g_ptr_array_add (all, NULL);
  g_ptr_array_add (some, NULL);
  return g_strjoinv (", ", (char **)(*without ? some : all)->pdata);
}

static void
add_not_compared (SlipFall *fall, SlipWaterfallTable *table, const SlipPgRows *rows, gint64 gone)
{
  gboolean without;
  g_autofree char *loaders = dup_loaders (fall, table, rows, &without);

  slip_fall_add_gap (fall, table, SLIP_WATERFALL_VALIDATED, loaders,
                     without ? "no validation" : "outside of what its validation selects",
                     "not compared", -gone, NULL);
}

static void
add_validations (SlipFall *fall, SlipWaterfallTable *table, const SlipPgRows *rows)
{
  g_autoptr (GArray) mine = g_array_new (FALSE, FALSE, sizeof (guint));
  gint64 gone = table->counts[SLIP_WATERFALL_LOADED];

  for (guint i = 0; i < slip_pg_rows_get_n_rows (rows); i++)
    if (g_strcmp0 (find_destination (fall, slip_pg_rows_get (rows, i, MAPPING)), table->name) == 0)
      {
        g_array_append_val (mine, i);
        gone -= slip_pg_rows_get_int (rows, i, ACTUAL);
      }
  if (mine->len == 0)
    return;
  if (table->counts[SLIP_WATERFALL_LOADED] < 0)
    gone = 0;
  for (guint i = 0; i < mine->len; i++)
    add_validation (fall, table, rows, g_array_index (mine, guint, i), &gone);
  /* A row that several mappings compare counts once. */
  if (gone < 0)
    slip_fall_add_count (table, SLIP_WATERFALL_VALIDATED, gone);
  else
    add_not_compared (fall, table, rows, gone);
}

gboolean
slip_fall_read_validation (SlipFall *fall, GError **error)
{
  gint64 has = 0;
  g_autoptr (SlipPgRows) rows = NULL;

  if (!slip_stage_sql_ask_number (fall->pg, "look for a validation", &has, error,
                                  "SELECT (to_regclass ('slipway.validation') IS NOT NULL)::int"))
    return FALSE;
  /* What was found in a target that was brought back to a time before is so no more. */
  if (has == 0 || slip_run_report_is_gone (fall->report))
    return TRUE;
  rows = slip_stage_sql_ask (
      fall->pg, "read the validation", error,
      "SELECT v.mapping, v.actual, v.missing, v.extra, v.differing, d.extra, d.differing\n"
      "  FROM slipway.validation AS v\n"
      "  CROSS JOIN LATERAL (\n"
      "    SELECT count (*) FILTER (WHERE kind = 'extra') AS extra,\n"
      "           count (*) FILTER (WHERE kind = 'differing') AS differing\n"
      "      FROM slipway.difference\n"
      "     WHERE v.known > 0 AND run = v.run AND mapping = v.mapping AND known IS NOT NULL) AS d\n"
      " WHERE v.run = %D ORDER BY v.mapping",
      fall->report->run);
  if (rows == NULL)
    return FALSE;
  for (guint i = 1; i < fall->waterfall->tables->len; i++)
    add_validations (fall, g_ptr_array_index (fall->waterfall->tables, i), rows);
  return TRUE;
}
