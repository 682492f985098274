/* SPDX-License-Identifier: MIT */
/* Gates between stages: numbers that the stage measured against the sidecar's thresholds. */

#include "slip-migration-run-private.h"

#include <string.h>

/* What a gate's kind is called among the measures; the others are called the same there. */
static const struct
{
  const char *stage;
  const char *gate;
  const char *kind;
} kinds[] = {
    {"transform", "unknown", "unknown code"},     {"transform", "bad", "bad value"},
    {"transform", "altered", "altered value"},    {"integration", "altered", "altered value"},
    {"integration", "dropped", "dropped column"},
};

/* A text that a condition could not compare is as bad as one that a column cannot hold; a blank is none. */
#define UNREAD " OR (%L = 'bad' AND kind IN ('not a number', 'not a date') AND value IS NOT NULL)"

/* What no number of is acceptable unless the sidecar says so. */
static const SlipGate defaults[] = {
    {.stage = (char *)"validation", .kind = (char *)"missing"},
    {.stage = (char *)"validation", .kind = (char *)"extra"},
    {.stage = (char *)"validation", .kind = (char *)"differing"},
    {.stage = (char *)"validation", .kind = (char *)"duplicated"},
    {.stage = (char *)"api", .kind = (char *)"failed"},
};

static const char *
find_kind (const SlipGate *gate)
{
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_equal (kinds[i].stage, gate->stage) && g_str_equal (kinds[i].gate, gate->kind))
      return kinds[i].kind;
  return gate->kind;
}

static gboolean
count (SlipMigrationRun *run, const SlipGate *gate, gint64 *counted, gint64 *in, GError **error)
{
  if (g_str_equal (gate->kind, "unclaimed"))
    return slip_stage_sql_ask_number (
               run->pg, "count files that no table takes", counted, error,
               "SELECT count (*) FROM slipway.measure WHERE run = %D AND stage = 'load' AND kind = "
               "'unclaimed'",
               run->id)
           && slip_stage_sql_ask_number (
               run->pg, "count files", in, error,
               "SELECT %D + count (*) FROM slipway.file WHERE table_schema = %L", *counted,
               run->schemas->source);
  if (g_str_equal (gate->stage, "load"))
    return slip_stage_sql_ask_number (
               run->pg, "count rejected records", counted, error,
               "SELECT coalesce (sum (rejected), 0)::bigint FROM slipway.file "
               "WHERE table_schema = %L",
               run->schemas->source)
           && slip_stage_sql_ask_number (
               run->pg, "count landed rows", in, error,
               "SELECT coalesce (sum (rows + rejected), 0)::bigint FROM slipway.file WHERE "
               "table_schema = %L",
               run->schemas->source);
  if (g_str_equal (gate->stage, "api"))
    return slip_stage_sql_ask_number (run->pg, "count failed checks", counted, error,
                                      "SELECT count (*) FROM slipway.api_check WHERE run = %D "
                                      "AND state IN ('failed', 'error')",
                                      run->id)
           && slip_stage_sql_ask_number (run->pg, "count checks", in, error,
                                         "SELECT count (*) FROM slipway.api_check WHERE run = %D",
                                         run->id);
  /* What the sidecar has a reason for may pass. */
  if (g_str_equal (gate->stage, "validation"))
    return slip_stage_sql_ask_number (run->pg, "count differences", counted, error,
                                      "SELECT count (*) FROM slipway.difference WHERE run = %D AND "
                                      "kind = %L AND known IS NULL",
                                      run->id, gate->kind)
           && slip_stage_sql_ask_number (run->pg, "count expected rows", in, error,
                                         "SELECT coalesce (sum (expected), 0)::bigint FROM "
                                         "slipway.validation WHERE run = %D",
                                         run->id);
  return slip_stage_sql_ask_number (
             run->pg, "count for a gate", counted, error,
             "SELECT coalesce (sum (rows), 0)::bigint FROM slipway.measure WHERE "
             "run = %D AND stage = %L "
             "AND (kind = %L" UNREAD ")",
             run->id, gate->stage, find_kind (gate), gate->kind)
         && slip_stage_sql_ask_number (
             run->pg, "count for a gate", in, error,
             "SELECT coalesce (sum (rows), 0)::bigint FROM slipway.measure "
             "WHERE run = %D AND stage = "
             "%L AND kind = 'in'",
             run->id, gate->stage);
}

/* The rows behind a gate's number, the largest first. */
static SlipPgRows *
list_behind (SlipMigrationRun *run, const SlipGate *gate)
{
  if (g_str_equal (gate->kind, "unclaimed"))
    return slip_stage_sql_ask (
        run->pg, "list what is behind a gate", NULL,
        "SELECT value || ': no table of the sidecar takes it' FROM slipway.measure WHERE run = %D "
        "AND stage = 'load' AND kind = 'unclaimed' ORDER BY 1 LIMIT 5",
        run->id);
  if (g_str_equal (gate->stage, "load"))
    return slip_stage_sql_ask (
        run->pg, "list what is behind a gate", NULL,
        "SELECT slipway.record_told (file, record, line, true) || ': ' || reason FROM "
        "slipway.rejected\n"
        " WHERE stage = 'load' ORDER BY file, line LIMIT 5");
  /* An answer is somebody's data, and this text goes into audit logs. */
  if (g_str_equal (gate->stage, "api"))
    return slip_stage_sql_ask (
        run->pg, "list what is behind a gate", NULL,
        "SELECT file || ' line ' || line || ': ' || purpose || ', ' || slipway.told (reference) || "
        "': ' || "
        "coalesce (message, 'another answer than expected, see slipway.api_check')\n"
        "  FROM slipway.api_check WHERE run = %D AND state IN ('failed', 'error') ORDER BY file, "
        "line LIMIT 5",
        run->id);
  if (g_str_equal (gate->stage, "validation"))
    return slip_stage_sql_ask (
        run->pg, "list what is behind a gate", NULL,
        "SELECT mapping || ': ' || count (*) || CASE count (*) WHEN 1 THEN ' row (' ELSE ' rows (' "
        "END || slipway.told ((array_agg (key ORDER "
        "BY number))[1]) "
        "|| "
        "CASE WHEN count (*) > 1\n"
        "       THEN ', ' || slipway.told ((array_agg (key ORDER BY number))[2]) ELSE '' END ||\n"
        "       CASE WHEN count (*) > 2 THEN ' …' ELSE '' END || ')' FROM slipway.difference\n"
        " WHERE run = %D AND kind = %L AND known IS NULL GROUP BY mapping ORDER BY count (*) DESC, "
        "mapping LIMIT 5",
        run->id, gate->kind);
  return slip_stage_sql_ask (
      run->pg, "list what is behind a gate", NULL,
      "SELECT concat_ws (' ', coalesce (step, entity), column_name) || coalesce (' ' || "
      "slipway.told (value), '')\n"
      "       || ': ' || rows || CASE rows WHEN 1 THEN ' (row ' ELSE ' (rows ' END || "
      "array_to_string (row_ids[1:5], ', ') ||\n"
      "       CASE WHEN rows > 5 THEN ' …' ELSE '' END || ')'\n"
      "  FROM slipway.measure WHERE stage = %L AND run = %D AND (kind = %L" UNREAD
      ") ORDER BY rows DESC, step, column_name LIMIT 5",
      gate->stage, run->id, find_kind (gate), gate->kind);
}

static char *
dup_behind (SlipMigrationRun *run, const SlipGate *gate)
{
  GString *text = g_string_new (NULL);
  g_autoptr (SlipPgRows) rows = list_behind (run, gate);

  for (guint i = 0; rows != NULL && i < slip_pg_rows_get_n_rows (rows); i++)
    if (slip_pg_rows_get (rows, i, 0) != NULL)
      g_string_append_printf (text, "\n  %s", slip_pg_rows_get (rows, i, 0));
  return g_string_free (text, FALSE);
}

/* What count() counts all of; a stage's own number of rows is of those that it wrote. */
static const char *
get_of_what (const SlipGate *gate)
{
  if (g_str_equal (gate->kind, "unclaimed"))
    return "files";
  if (g_str_equal (gate->stage, "load"))
    return "records";
  if (g_str_equal (gate->stage, "api"))
    return "checks";
  return g_str_equal (gate->stage, "validation") ? "rows expected" : "rows read";
}

typedef struct
{
  GString *told;   /* counts only, for wherever a run is shown */
  GString *failed; /* the same with what is behind each, for the error alone, since it has values */
} Stopped;

static gboolean
check_gate (SlipMigrationRun *run, const SlipGate *gate, Stopped *stopped, GError **error)
{
  gint64 counted = 0;
  gint64 in = 0;
  double limit;
  g_autofree char *behind = NULL;
  g_autofree char *text = NULL;

  if (!count (run, gate, &counted, &in, error))
    return FALSE;
  limit = gate->percent ? (double)in * gate->limit / 100 : gate->limit;
  if ((double)counted <= limit)
    return TRUE;
  behind = dup_behind (run, gate);
  text = g_strdup_printf ("gate of stage %s: %" G_GINT64_FORMAT " %s, of %" G_GINT64_FORMAT
                          " %s; %.6g%s may pass",
                          gate->stage, counted, gate->kind, in, get_of_what (gate), gate->limit,
                          gate->percent ? " percent" : "");
  g_string_append_printf (stopped->told, "%s%s", stopped->told->len > 0 ? "; " : "", text);
  g_string_append_printf (stopped->failed, "%s%s%s", stopped->failed->len > 0 ? "\n" : "", text,
                          behind);
  return TRUE;
}

static gboolean
has_gate (GPtrArray *gates, const SlipGate *wanted)
{
  for (guint i = 0; i < gates->len; i++)
    {
      const SlipGate *gate = g_ptr_array_index (gates, i);

      if (g_str_equal (gate->stage, wanted->stage) && g_str_equal (gate->kind, wanted->kind))
        return TRUE;
    }
  return FALSE;
}

static gboolean
note_gates (SlipMigrationRun *run, const char *stage, const char *told, GError **error)
{
  return slip_stage_sql_run (run->pg, "note what a gate stopped", error,
                             "UPDATE slipway.stage SET gate = nullif (%L, '') WHERE run = %D AND "
                             "stage = %L AND coalesce (gate, '') <> %L",
                             told, run->id, stage, told);
}

/* ---- cases alone */

/* Gates on the way bound what a population may have; of one case a single row is many percent, and rows of others, which it
 * leads to, are not there. What it has in the target has to be right all the same. */
static const char *const told_of_cases[] = {"filter", "transform", "integration", NULL};

static gboolean
has_cases_alone (SlipMigrationRun *run, gboolean *alone, GError **error)
{
  gint64 of_cases = 0;

  *alone = FALSE;
  if (!slip_stage_sql_ask_number (
          run->pg, "look for merged cases", &of_cases, error,
          "SELECT count (*) FROM slipway.case_row WHERE table_schema = %L AND NOT EXISTS (SELECT "
          "FROM slipway.file WHERE table_schema = %L AND rows + rejected > 0)",
          run->schemas->source, run->schemas->source))
    return FALSE;
  *alone = of_cases > 0;
  return TRUE;
}

static gboolean
tell_passed (SlipMigrationRun *run, const char *stage, const char *told, GError **error)
{
  GPtrArray *stages = run->result != NULL ? run->result->stages : NULL;
  g_autofree char *note = g_strdup_printf (
      "only merged cases are landed, and of them this is told and stops nothing: %s", told);

  for (guint i = 0; stages != NULL && i < stages->len; i++)
    {
      SlipStageResult *result = g_ptr_array_index (stages, i);

      if (g_str_equal (result->stage, stage)
          && (result->note == NULL || strstr (result->note, note) == NULL))
        slip_stage_add_note (result, note);
    }
  return slip_stage_sql_run (run->pg, "note what a gate tells", error,
                             "UPDATE slipway.stage SET gate = NULL, note = concat_ws ('; ', note, "
                             "%L) WHERE run = %D AND stage = %L AND position (%L IN coalesce "
                             "(note, '')) = 0",
                             note, run->id, stage, note);
}

/* What a gate stopped passes no more for a recheck, which found nothing left of what was flagged, and knows of no other row. */
static gboolean
pass (SlipMigrationRun *run, const char *stage, GError **error)
{
  gint64 unknown = 0;
  g_autofree char *told = NULL;

  if (g_str_equal (stage, "validation")
      && !slip_stage_sql_ask_number (
          run->pg, "look whether all rows were validated", &unknown, error,
          "SELECT count (*) FROM slipway.stage s WHERE run = %D AND stage = 'validation' AND state "
          "= 'done' AND gate IS NOT NULL\n"
          "   AND EXISTS (SELECT FROM slipway.validation v WHERE v.run = s.run AND rechecked IS "
          "NOT "
          "NULL)",
          run->id))
    return FALSE;
  if (unknown == 0)
    return note_gates (run, stage, "", error);
  told = g_strdup_printf (
      "gate of stage validation: it stopped the last validation of all rows, and only what that "
      "flagged was looked at since. No more of it is left than may pass; to know of the others, "
      "validate all: "
      "slipwayctl migrate validate --run %" G_GINT64_FORMAT,
      run->id);
  if (note_gates (run, stage, told, error))
    g_set_error_literal (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_GATE, told);
  return FALSE;
}

gboolean
slip_migration_run_check_gates (SlipMigrationRun *run, const char *stage, GError **error)
{
  GPtrArray *gates = slip_migration_get_gates (run->migration);
  g_autoptr (GString) told = g_string_new (NULL);
  g_autoptr (GString) failed = g_string_new (NULL);
  Stopped stopped = {told, failed};
  gboolean alone = FALSE;

  for (guint i = 0; i < gates->len; i++)
    {
      const SlipGate *gate = g_ptr_array_index (gates, i);

      if (g_str_equal (gate->stage, stage) && !check_gate (run, gate, &stopped, error))
        return FALSE;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (defaults); i++)
    if (g_str_equal (defaults[i].stage, stage) && !has_gate (gates, &defaults[i])
        && !check_gate (run, &defaults[i], &stopped, error))
      return FALSE;
  if (failed->len == 0)
    return pass (run, stage, error);
  if (g_strv_contains (told_of_cases, stage) && !has_cases_alone (run, &alone, error))
    return FALSE;
  if (alone)
    return tell_passed (run, stage, told->str, error);
  note_gates (run, stage, told->str, NULL);
  g_set_error_literal (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_GATE, failed->str);
  return FALSE;
}
