/* SPDX-License-Identifier: MIT */
/* Stage load of a run: lands the source files by the loader, with what the sidecar says of them. On a run that is taken
 * up it only looks whether the files are those that were landed. */

#include "slip-migration-run-private.h"

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
  load.format.max_field = (gsize)MAX (source->max_field_bytes, 0);
  load.headers = source->headers;
  load.streams = run->options->connections;
  load.no_reload = run->options->no_reload || was_done;
  load.collect = source->collect;
  load.run = run->id;
  load.progress = run->options->progress;
  load.data = run->options->data;
  take_gate (run, &load);
  return load;
}

static gboolean
read_results (GPtrArray *results, SlipStageResult *result, gboolean *changed, GError **error)
{
  g_autoptr (GString) failed = g_string_new (NULL);
  guint n_failed = slip_load_count_failed (results);

  *changed = FALSE;
  for (guint i = 0; i < results->len; i++)
    {
      const SlipLoadResult *table = g_ptr_array_index (results, i);

      if (table->error != NULL)
        g_string_append_printf (failed, "\n  %s: %s", table->table, table->error->message);
      else if (!table->landing.kept)
        *changed = TRUE;
      result->rows += (gint64)table->landing.rows;
    }
  if (n_failed == 0)
    return TRUE;
  SLIP_STAGE_ERROR (error, INPUT, "%u of %u tables could not be landed:%s", n_failed, results->len,
                    failed->str);
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
  g_autofree char *all = NULL;
  g_auto (GStrv) list = slip_stage_sql_ask_list (
      run->pg, "list landed tables", error,
      "SELECT DISTINCT format ('ANALYZE %%I.%%I', table_schema, table_name) "
      "FROM slipway.file WHERE table_schema = %L",
      run->schemas->source);

  if (list == NULL)
    return FALSE;
  all = g_strjoinv ("; ", list);
  return *all == '\0' || slip_stage_sql_run (run->pg, "analyze landed tables", error, "%s", all);
}

static gboolean
check_change (SlipMigrationRun *run,
              gboolean was_done,
              gboolean changed,
              SlipStageResult *result,
              GError **error)
{
  gint64 later = 0;

  if (was_done && !changed)
    {
      result->state = g_strdup ("kept");
      return TRUE;
    }
  if (was_done
      && !slip_stage_sql_ask_number (
          run->pg, "look at later stages", &later, error,
          "SELECT count (*) FROM slipway.stage WHERE run = %D AND stage IN "
          "('load_to_target', 'hooks')",
          run->id))
    return FALSE;
  if (later > 0)
    {
      SLIP_STAGE_ERROR (error, CHANGED,
                        "source files changed since run %" G_GINT64_FORMAT
                        " was loaded into the target; they are landed now. Take the run back: "
                        "slipwayctl migrate undo "
                        "%" G_GINT64_FORMAT ", and run again",
                        run->id, run->id);
      return FALSE;
    }
  return slip_stage_sql_run (
             run->pg, "forget later stages", error,
             "DELETE FROM slipway.stage WHERE run = %D AND stage <> 'load'; DELETE FROM "
             "slipway.step WHERE run = %D",
             run->id, run->id)
         && analyze (run, error);
}

gboolean
slip_stage_load (SlipMigrationRun *run, SlipStageResult *result, GError **error)
{
  gint64 was_done = 0;
  gboolean changed = FALSE;
  SlipLoadOptions load;
  g_autoptr (GPtrArray) results = NULL;

  if (run->options->source == NULL)
    return take_landed (run, result, error);
  if (!slip_stage_sql_ask_number (
          run->pg, "look at later stages", &was_done, error,
          "SELECT count (*) FROM slipway.stage WHERE run = %D AND stage <> 'load'", run->id))
    return FALSE;
  load = make_options (run, was_done > 0);
  results = slip_load_run (&load, run->cancellable, error);
  if (results == NULL || !read_results (results, result, &changed, error))
    return FALSE;
  return check_change (run, was_done > 0, changed, result, error);
}
