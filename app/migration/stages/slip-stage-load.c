/* SPDX-License-Identifier: MIT */
/* Stage load of a run: lands the source files by the loader, with what the sidecar says of them. On a run that is taken
 * up it only looks whether the files are those that were landed. */

#include "slip-migration-run-private.h"

#include "slip-load-plan.h"
#include "slip-load.h"

static void
take_gate (SlipMigrationRun *run, SlipLoadOptions *load)
{
  GPtrArray *gates = slip_migration_get_gates (run->migration);

  load->max_rejected = load->collect ? 0 : -1;
  load->max_rejected_percent = -1;
  for (guint i = 0; load->collect && i < gates->len; i++)
    {
      const SlipGate *gate = g_ptr_array_index (gates, i);

      if (!g_str_equal (gate->stage, "load") || !g_str_equal (gate->kind, "rejected"))
        continue;
      load->max_rejected = gate->percent ? -1 : (gint64)gate->limit;
      load->max_rejected_percent = gate->percent ? gate->limit : -1;
    }
}

/* Whose files they must be: once rows are in the target, others are refused before anything is landed. */
static gboolean
find_bound (SlipMigrationRun *run, gint64 *bound, GError **error)
{
  gboolean loaded = FALSE;
  gboolean known = FALSE;
  gboolean same = FALSE;

  if (!slip_migration_run_is_loaded (run, &loaded, error)
      || !slip_migration_run_look_landed (run, &known, &same, error))
    return FALSE;
  *bound = loaded && known ? run->id : 0;
  return TRUE;
}

static SlipLoadOptions
make_options (SlipMigrationRun *run, gboolean was_done)
{
  const SlipSource *source = slip_migration_get_source (run->migration);
  SlipLoadOptions load = {0};

  load.conninfo = run->options->migration_db;
  load.folder = run->options->source;
  load.schema = run->schemas->source;
  load.tables = source->tables;
  load.format.encoding = source->encoding;
  load.format.delimiter = source->delimiter != NULL ? *source->delimiter : '\0';
  load.format.max_field = (gsize)MAX (
      run->options->max_field > 0 ? run->options->max_field : source->max_field_bytes, 0);
  load.accept_headers = run->options->accept_headers;
  load.headers = source->headers;
  load.streams = run->options->connections;
  load.no_reload = run->options->no_reload || was_done;
  load.collect = source->collect;
  load.lock_seconds = slip_stage_patience_get_seconds (&run->patience);
  load.run = run->id;
  load.progress = run->options->progress;
  load.data = run->options->data;
  take_gate (run, &load);
  return load;
}

/* What is wrong with a table's records names the table itself. */
static void
append_error (GString *failed, const SlipLoadResult *table)
{
  g_autofree char *name = g_strconcat (table->table, ": ", NULL);

  g_string_append_printf (failed, "\n  %s%s",
                          g_str_has_prefix (table->error->message, name) ? "" : name,
                          table->error->message);
}

/* What a load by hand says of each table. One that failed has its rows again. */
static char *
dup_cases_gone (GPtrArray *results)
{
  gint64 gone = 0;

  for (guint i = 0; i < results->len; i++)
    {
      const SlipLoadResult *table = g_ptr_array_index (results, i);

      gone += table->error == NULL ? table->landing.case_rows : 0;
    }
  if (gone == 0)
    return NULL;
  return g_strdup_printf ("%" G_GINT64_FORMAT " %s of merged cases went with what was landed "
                          "before; merge the cases again: slipwayctl migrate case",
                          gone, gone == 1 ? "row" : "rows");
}

/* Tables that were landed before another one failed are kept next time, and nobody would tell it any more. */
static char *
dup_gone_in_error (GPtrArray *results)
{
  g_autofree char *gone = dup_cases_gone (results);

  return gone != NULL ? g_strconcat ("\nIn the others ", gone, NULL) : g_strdup ("");
}

static gboolean
is_stopped (const SlipLoadResult *table)
{
  return g_error_matches (table->error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_CANCELLED);
}

/* Tables that were stopped because another one's connection was gone are told once, and not as many faults. */
static void
append_errors (GString *failed, GPtrArray *results)
{
  g_autoptr (GString) stopped = g_string_new (NULL);
  gboolean gone = FALSE;

  for (guint i = 0; i < results->len; i++)
    gone = gone
           || g_error_matches (((const SlipLoadResult *)g_ptr_array_index (results, i))->error,
                               SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_CONNECTION);
  for (guint i = 0; i < results->len; i++)
    {
      const SlipLoadResult *table = g_ptr_array_index (results, i);

      if (gone && is_stopped (table))
        g_string_append_printf (stopped, "%s%s", stopped->len > 0 ? ", " : "", table->table);
      else if (table->error != NULL)
        append_error (failed, table);
    }
  if (stopped->len > 0)
    g_string_append_printf (failed, "\n  for that reason nothing was landed of %s", stopped->str);
  if (gone)
    g_string_append (failed, "\nA table is landed as a whole or not at all");
}

static gboolean
read_results (SlipMigrationRun *run,
              GPtrArray *results,
              gint64 bound,
              SlipStageResult *result,
              gboolean *anew,
              GError **error)
{
  g_autoptr (GString) failed = g_string_new (NULL);
  g_autofree char *gone = dup_gone_in_error (results);
  guint n_failed = slip_load_count_failed (results);
  gboolean other = FALSE;

  *anew = FALSE;
  append_errors (failed, results);
  for (guint i = 0; i < results->len; i++)
    {
      const SlipLoadResult *table = g_ptr_array_index (results, i);

      if (table->error == NULL && !table->landing.kept)
        *anew = TRUE;
      other = other
              || g_error_matches (table->error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_CHANGED);
      result->rows += (gint64)table->landing.rows;
    }
  if (n_failed == 0)
    return TRUE;
  run->refused = bound > 0 && other;
  if (run->refused)
    SLIP_STAGE_ERROR (error, CHANGED,
                      "source files are not those that run %" G_GINT64_FORMAT
                      " was made of, whose rows are in the target; they were not landed:%s\nGive "
                      "its own files, or take the run back first: slipwayctl migrate undo "
                      "%" G_GINT64_FORMAT,
                      bound, failed->str, bound);
  else
    SLIP_STAGE_ERROR (error, INPUT, "%u of %u tables could not be landed:%s%s", n_failed,
                      results->len, failed->str, gone);
  return FALSE;
}

/* What is landed without files at hand: the count that the loader noted. */
static gboolean
take_landed (SlipMigrationRun *run, SlipStageResult *result, GError **error)
{
  gint64 files = 0;

  if (!slip_stage_sql_ask_number (run->pg, "look what is landed", &files, error,
                                  "SELECT count (*) FROM slipway.file WHERE table_schema = %L",
                                  run->schemas->source)
      || !slip_stage_sql_ask_number (
          run->pg, "look what is landed", &result->rows, error,
          "SELECT coalesce (sum (rows), 0)::bigint FROM slipway.file WHERE table_schema = %L",
          run->schemas->source))
    return FALSE;
  result->note = g_strdup ("what was landed before is used");
  if (files > 0)
    return TRUE;
  SLIP_STAGE_ERROR (
      error, STATE,
      "nothing is landed in schema %s of %s. Say with --source where the source files are",
      run->schemas->source, slip_pg_get_where (run->pg));
  return FALSE;
}

/* The planner must know what was landed before steps are run over it. */
static gboolean
analyze (SlipMigrationRun *run, GError **error)
{
  g_auto (GStrv) list = slip_stage_sql_ask_list (
      run->pg, "list landed tables", error,
      "SELECT format ('ANALYZE %%I.%%I', table_schema, table_name) FROM slipway.file WHERE "
      "table_schema = %L GROUP BY table_schema, table_name ORDER BY sum (bytes) DESC, table_name",
      run->schemas->source);

  return list != NULL
         && slip_stage_sessions_run (run, "load", "analyze landed tables", list, error);
}

/* Files can be given again, and a case cannot: there a run of its own begins when the one before is taken back. */
static gboolean
refuse_other (SlipMigrationRun *run, GError **error)
{
  gint64 cases = 0;

  if (!slip_stage_sql_ask_number (run->pg, "look for merged cases", &cases, error,
                                  "SELECT count (*) FROM slipway.case_row WHERE table_schema = %L",
                                  run->schemas->source))
    return FALSE;
  run->refused = TRUE;
  if (cases > 0)
    SLIP_STAGE_ERROR (error, CHANGED,
                      "what is landed in schema %s, rows of merged cases too, is not what run "
                      "%" G_GINT64_FORMAT
                      " was made of, and its rows are in the target. To run what is landed now, "
                      "take that back first: slipwayctl migrate undo %" G_GINT64_FORMAT
                      ", then run again",
                      run->schemas->source, run->id, run->id);
  else
    SLIP_STAGE_ERROR (error, CHANGED,
                      "what is landed in schema %s is not what run %" G_GINT64_FORMAT
                      " was made of, and its rows are in the target. Give its own files with "
                      "--source, or take it back: slipwayctl migrate undo %" G_GINT64_FORMAT,
                      run->schemas->source, run->id, run->id);
  return FALSE;
}

/* What is landed now against what the run worked with. Rows that are in the target were made of what it worked with; before
 * they are there, other files make later stages old. */
static gboolean
settle (SlipMigrationRun *run,
        gboolean was_done,
        gboolean anew,
        SlipStageResult *result,
        GError **error)
{
  gboolean loaded = FALSE;
  gboolean known = FALSE;
  gboolean same = FALSE;
  gboolean other;

  if (!slip_migration_run_is_loaded (run, &loaded, error)
      || !slip_migration_run_look_landed (run, &known, &same, error))
    return FALSE;
  other = known ? !same : anew;
  if (loaded && other)
    return refuse_other (run, error);
  if (was_done && !other && (!anew || loaded))
    {
      result->state = g_strdup ("kept");
      return known || slip_migration_run_bind_landed (run, error);
    }
  return analyze (run, error)
         && slip_stage_sql_run (
             run->pg, "forget later stages", error,
             "BEGIN; DELETE FROM slipway.stage WHERE run = %D AND stage <> 'load'; DELETE FROM "
             "slipway.step WHERE run = %D",
             run->id, run->id)
         && slip_migration_run_bind_landed (run, error)
         && slip_stage_sql_run (run->pg, "end to forget", error, "COMMIT");
}

static void
note_empty (GPtrArray *results, SlipStageResult *result)
{
  for (guint i = 0; i < results->len; i++)
    {
      const SlipLoadResult *table = g_ptr_array_index (results, i);

      if (table->landing.empty != NULL)
        slip_stage_add_note (result, table->landing.empty);
    }
}

/* They are of nobody, and go into the target as all others do: who merged one into the wrong database sees it here first. */
static gboolean
note_cases (SlipMigrationRun *run, SlipStageResult *result, GError **error)
{
  g_autofree char *note = NULL;
  g_auto (GStrv) tables = slip_stage_sql_ask_list (
      run->pg, "look for merged cases", error,
      "SELECT table_name || ' ' || count (*) FROM slipway.case_row WHERE table_schema = %L GROUP "
      "BY table_name ORDER BY table_name",
      run->schemas->source);
  g_autofree char *list = NULL;

  if (tables == NULL || tables[0] == NULL)
    return tables != NULL;
  list = g_strjoinv (", ", tables);
  note = g_strdup_printf ("rows of merged cases, which are made up, are landed too: %s", list);
  slip_stage_add_note (result, note);
  return TRUE;
}

/* Files that stay where they are may be meant: a part with another spelling, or one that came later. */
static gboolean
note_unclaimed (SlipMigrationRun *run, SlipStageResult *result, GError **error)
{
  g_autofree char *list = NULL;
  g_autofree char *note = NULL;
  g_auto (GStrv) names = slip_load_plan_find_unclaimed (
      run->options->source, slip_migration_get_source (run->migration)->tables, error);

  if (names == NULL
      || !slip_stage_sql_run (
          run->pg, "note files that no table takes", error,
          "DELETE FROM slipway.measure WHERE run = %D AND stage = 'load' AND kind = 'unclaimed'",
          run->id))
    return FALSE;
  for (guint i = 0; names[i] != NULL; i++)
    if (!slip_stage_sql_run (run->pg, "note files that no table takes", error,
                             "INSERT INTO slipway.measure (run, stage, kind, value, rows) VALUES "
                             "(%D, 'load', 'unclaimed', %L, 1)",
                             run->id, names[i]))
      return FALSE;
  if (names[0] == NULL)
    return TRUE;
  list = g_strjoinv (", ", names);
  note = g_strdup_printf ("no table takes %s", list);
  slip_stage_add_note (result, note);
  return TRUE;
}

gboolean
slip_stage_load (SlipMigrationRun *run, SlipStageResult *result, GError **error)
{
  gint64 later = 0;
  gint64 bound = 0;
  gboolean anew = FALSE;
  SlipLoadOptions load;
  g_autoptr (GPtrArray) results = NULL;
  g_autofree char *gone = NULL;

  if (!slip_stage_sql_ask_number (
          run->pg, "look at later stages", &later, error,
          "SELECT count (*) FROM slipway.stage WHERE run = %D AND stage <> 'load'", run->id))
    return FALSE;
  if (run->options->source == NULL)
    return take_landed (run, result, error) && note_cases (run, result, error)
           && settle (run, later > 0, FALSE, result, error);
  if (!find_bound (run, &bound, error))
    return FALSE;
  load = make_options (run, later > 0 || bound > 0);
  load.bound = bound;
  results = slip_load_run (&load, run->cancellable, error);
  if (results == NULL || !read_results (run, results, bound, result, &anew, error)
      || !note_unclaimed (run, result, error))
    return FALSE;
  note_empty (results, result);
  gone = dup_cases_gone (results);
  if (gone != NULL)
    slip_stage_add_note (result, gone);
  return note_cases (run, result, error)
         && settle (run, later > 0 || bound > 0, anew, result, error);
}
