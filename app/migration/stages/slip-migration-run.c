/* SPDX-License-Identifier: MIT */
/* A run: the stages of a migration in order, each taken up where it stands. What a stage does is in the file of its
 * name; here is when it may, what is noted of it, and what it means for those behind it. */

#include "slip-migration-run-private.h"

#include <string.h>

static const struct
{
  const char *name;
  SlipStageFunc func;
  gboolean in_target; /* what it writes is in the target */
  gboolean judges;    /* it writes nothing there, and a target that was mended can pass it */
} stages[] = {
    {"load", slip_stage_load, FALSE},
    {"filter", slip_stage_filter, FALSE},
    {"prepare", slip_stage_prepare, FALSE},
    {"transform", slip_stage_transform, FALSE},
    {"integration", slip_stage_integration, FALSE},
    {"load_to_target", slip_stage_target, TRUE},
    {"validation", slip_stage_validation, TRUE, TRUE},
    {"api", slip_stage_api, TRUE, TRUE},
    {"hooks", slip_stage_hooks, TRUE},
};

const char *const *
slip_migration_run_get_stages (void)
{
  static const char *names[G_N_ELEMENTS (stages) + 1];

  for (gsize i = 0; i < G_N_ELEMENTS (stages); i++)
    names[i] = stages[i].name;
  return names;
}

static void
run_clear (SlipMigrationRun *run)
{
  g_clear_pointer (&run->pg, slip_pg_close);
  g_clear_pointer (&run->target, slip_pg_close);
  g_free (run->token);
  g_free (run->run_date);
  g_free (run->kept);
  g_free (run->taken);
  g_free (run->was);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SlipMigrationRun, run_clear)

static gboolean
open_databases (SlipMigrationRun *run, GError **error)
{
  const SlipMigrationRunOptions *options = run->options;

  run->pg = slip_pg_open (options->migration_db, "migration database", run->cancellable, error);
  if (run->pg == NULL)
    return FALSE;
  run->target = slip_pg_open (options->target_db, "target database", run->cancellable, error);
  return run->target != NULL && slip_stage_session_prepare (run, run->pg, error)
         && slip_stage_session_prepare_target (run, run->target, error)
         && slip_stage_schema_check_sides (run, error)
         && slip_migration_run_lock (run->target, SLIP_STAGE_TARGET_LOCK, error);
}

gboolean
slip_migration_run_is_loaded (SlipMigrationRun *run, gboolean *loaded, GError **error)
{
  gint64 parts = 0;
  gboolean has = FALSE;

  *loaded = FALSE;
  if (!slip_migration_run_has_manifest (run->target, &has, error))
    return FALSE;
  if (has
      && !slip_stage_sql_ask_number (
          run->target, "look at the manifest", &parts, error,
          "SELECT count (*) FROM slipway_migration.load WHERE token = %L", run->token))
    return FALSE;
  *loaded = parts > 0;
  return TRUE;
}

/* What a stage writes again makes what comes behind it old, which nothing may that is in the target. An undo without a stage
 * ends the run, and there is none then that the stage could go on with. */
static gboolean
check_later (SlipMigrationRun *run, guint index, GError **error)
{
  gboolean loaded = FALSE;

  if (stages[index].in_target)
    return TRUE;
  if (!slip_migration_run_is_loaded (run, &loaded, error) || !loaded)
    return !loaded;
  run->refused = TRUE;
  SLIP_STAGE_ERROR (error, STATE,
                    "stage %s cannot be run again: rows of run %" G_GINT64_FORMAT
                    " are in the target, and were made by what it made before. Take them back "
                    "first, and all that was made from there on: slipwayctl migrate undo "
                    "%" G_GINT64_FORMAT " --stage %s",
                    stages[index].name, run->id, run->id, stages[index].name);
  return FALSE;
}

static gboolean
forget_later (SlipMigrationRun *run, guint index, GError **error)
{
  if (stages[index].in_target)
    return TRUE;
  for (guint i = index + 1; i < G_N_ELEMENTS (stages); i++)
    if (!slip_stage_sql_run (run->pg, "forget a stage", error,
                             "DELETE FROM slipway.stage WHERE run = %D AND stage = %L", run->id,
                             stages[i].name))
      return FALSE;
  return TRUE;
}

static gboolean
forget_from (SlipMigrationRun *run, const char *stage, GError **error)
{
  guint from = 0;

  run->changed = TRUE;
  while (!g_str_equal (stages[from].name, stage))
    from++;
  for (guint i = from; i < G_N_ELEMENTS (stages); i++)
    if (!slip_stage_sql_run (run->pg, "forget a stage", error,
                             "DELETE FROM slipway.stage WHERE run = %D AND stage = %L", run->id,
                             stages[i].name))
      return FALSE;
  return TRUE;
}

/* Whether each hook of the run is in the target. */
static gboolean
find_hooks (SlipMigrationRun *run, gboolean *all, GError **error)
{
  GPtrArray *hooks = slip_migration_get_hooks (run->migration);
  g_auto (GStrv) parts = slip_stage_sql_ask_list (
      run->target, "look for the run's hooks in the target", error,
      "SELECT part FROM slipway_migration.load WHERE token = %L AND table_name IS NULL",
      run->token);

  *all = TRUE;
  for (guint i = 0; parts != NULL && i < hooks->len; i++)
    {
      const SlipHook *hook = g_ptr_array_index (hooks, i);
      g_autofree char *part = g_strdup_printf ("hook %s", hook->name);

      *all = *all && g_strv_contains ((const char *const *)parts, part);
    }
  return parts != NULL;
}

/* How far a run is that the migration database says is in the target: "absent", "in part" or "loaded", by the manifest. An
 * undo that was broken off behind its commit there left it "undone", which is absent. */
static char *
dup_target_state (SlipMigrationRun *run, GError **error)
{
  gboolean has = FALSE;
  g_auto (GStrv) state = NULL;

  if (!slip_migration_run_has_manifest (run->target, &has, error))
    return NULL;
  if (!has)
    return g_strdup ("absent");
  state = slip_stage_sql_ask_list (
      run->target, "look for the run in the target", error,
      "SELECT CASE WHEN r.state = 'undone' THEN 'absent' WHEN r.state <> 'loaded' OR EXISTS (\n"
      "  SELECT FROM slipway_migration.load l WHERE l.token = r.token\n"
      "     AND (to_jsonb (l) ->> 'complete')::boolean IS FALSE) THEN 'in part' ELSE 'loaded' END\n"
      "  FROM slipway_migration.run r WHERE r.token = %L",
      run->token);
  if (state == NULL)
    return NULL;
  return g_strdup (state[0] != NULL ? state[0] : "absent");
}

/* A target that was brought back to a snapshot, or out of which the run was taken, knows less of it than the migration
 * database says. Where nothing is in, what was made for the target as it stood is old: its counts, and the ids past its
 * own. Where the load stands half-way it goes on, and where hooks are missing they are carried out again. A load that was broken off is one that
 * was begun: a target that knows nothing of it was brought back too. */
static gboolean
forget_what_went (SlipMigrationRun *run, GError **error)
{
  g_autofree char *state = slip_migration_run_dup_stage (run, "load_to_target", error);
  g_autofree char *hooks = NULL;
  g_autofree char *there = NULL;
  gboolean all = TRUE;
  gint64 known = 0;

  if (run->moved)
    return forget_from (run, "prepare", error);
  if (state == NULL
      || !slip_stage_sql_ask_number (run->pg, "look whether a target knows the run", &known, error,
                                     "SELECT count (*) FROM slipway.stage WHERE run = %D AND stage "
                                     "= 'load_to_target' AND in_target AND state <> 'undone'",
                                     run->id))
    return FALSE;
  if (known == 0 && !g_str_equal (state, "done"))
    return TRUE;
  there = dup_target_state (run, error);
  if (there == NULL)
    return FALSE;
  if (g_str_equal (there, "absent"))
    return forget_from (run, "prepare", error);
  if (!g_str_equal (state, "done"))
    return TRUE;
  if (g_str_equal (there, "in part"))
    return forget_from (run, "load_to_target", error);
  hooks = slip_migration_run_dup_stage (run, "hooks", error);
  if (hooks == NULL || (g_str_equal (hooks, "done") && !find_hooks (run, &all, error)))
    return FALSE;
  return all || forget_from (run, "validation", error);
}

/* What is done stays of when it was done, also where it had to be looked at again: what was compared since is not older. */
static gboolean
put_times_back (SlipMigrationRun *run, const char *stage, char **times, GError **error)
{
  return times[0] == NULL
         || slip_stage_sql_run (run->pg, "note when the stage was done", error,
                                "UPDATE slipway.stage SET %s WHERE run = %D AND stage = %L",
                                times[0], run->id, stage);
}

static gboolean
run_stage (SlipMigrationRun *run, guint index, SlipStageResult *result, GError **error)
{
  gint64 begun = g_get_monotonic_time ();
  gboolean ok;
  g_autoptr (GError) problem = NULL;
  g_auto (GStrv) times = slip_stage_sql_ask_list (
      run->pg, "look when the stage was done", error,
      "SELECT format ('started = %%L, ended = %%L', started, ended) FROM slipway.stage\n"
      " WHERE run = %D AND stage = %L AND state = 'done'",
      run->id, result->stage);

  run->patience.stage = stages[index].name;
  if (times == NULL
      || !slip_migration_run_set_stage (run, result->stage, "running", 0, NULL, error))
    return FALSE;
  /* They can stand in the schema of the landed files, and read these. */
  ok = (index == 0 || slip_migration_run_make_functions (run, &problem))
       && stages[index].func (run, result, &problem);
  result->seconds = (double)(g_get_monotonic_time () - begun) / G_USEC_PER_SEC;
  if (ok)
    {
      if (result->state == NULL)
        result->state = g_strdup ("done");
      run->changed = run->changed || !g_str_equal (result->state, "kept");
      if (run->taken != NULL)
        {
          g_autofree char *note = g_steal_pointer (&result->note);

          result->note = g_strjoin ("; ", run->taken, note, NULL);
        }
      return slip_migration_run_set_stage (run, result->stage, result->state, result->rows,
                                           result->note, error)
             && (!g_str_equal (result->state, "kept")
                 || put_times_back (run, result->stage, times, error));
    }
  slip_pg_rollback (run->pg);
  slip_pg_rollback (run->target);
  g_free (result->state);
  result->state = g_strdup (run->refused ? "refused" : "failed");
  /* Of a load what is landed stays; of other stages nothing does. */
  if (run->refused || stages[index].func != slip_stage_load)
    result->rows = 0;
  /* What was refused before anything was done leaves the stage as it was. */
  if (!slip_migration_run_set_stage (run, result->stage, run->refused ? "kept" : "failed",
                                     result->rows, slip_migration_error_get_lasting (problem), NULL)
      || (run->refused && !put_times_back (run, result->stage, times, NULL)))
    g_debug ("the failure of stage %s could not be noted",
             result->stage); /* the status says: broken off */
  g_propagate_error (error, g_steal_pointer (&problem));
  return FALSE;
}

static gboolean
is_skipped (SlipMigrationRun *run, const char *stage)
{
  const SlipMigrationRunOptions *options = run->options;

  return options->skip != NULL && g_strv_contains (options->skip, stage);
}

/* What a gate stops is done in the database, where what it counted stays to be looked at, and is told as the status tells it. */
static void
tell_failed (SlipStageResult *result)
{
  g_free (result->state);
  result->state = g_strdup ("failed");
}

/* Whether a stage that is done need not run again. Copies of tables that the target has otherwise now are made again, while
 * nothing is loaded; and what looked at the target and failed its gates looks again. */
static gboolean
may_keep (
    SlipMigrationRun *run, guint index, SlipStageResult *result, gboolean *keep, GError **error)
{
  g_autofree char *changed = NULL;
  g_autoptr (GError) failed = NULL;
  gboolean loaded = FALSE;

  if (stages[index].func == slip_stage_prepare)
    {
      if (!slip_migration_run_is_loaded (run, &loaded, error)
          || (!loaded && !slip_stage_shape_compare (run, &changed, error)))
        return FALSE;
      if (changed != NULL)
        {
          result->note = g_strdup_printf ("prepared again: the target was altered (%s)", changed);
          *keep = FALSE;
          return TRUE;
        }
    }
  *keep = slip_migration_run_check_gates (run, result->stage, &failed);
  if (*keep
      || (stages[index].judges
          && g_error_matches (failed, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_GATE)))
    return TRUE;
  tell_failed (result);
  g_propagate_error (error, g_steal_pointer (&failed));
  return FALSE;
}

/* What is kept is told as it was when it was done. */
static gboolean
tell_kept (SlipMigrationRun *run, SlipStageResult *result, GError **error)
{
  g_autoptr (SlipPgRows) noted = slip_stage_sql_ask (
      run->pg, "read what the stage noted", error,
      "SELECT rows, note FROM slipway.stage WHERE run = %D AND stage = %L", run->id, result->stage);

  result->state = g_strdup ("kept");
  if (noted == NULL || slip_pg_rows_get_n_rows (noted) == 0)
    return noted != NULL;
  result->rows = slip_pg_rows_get_int (noted, 0, 0);
  g_free (result->note);
  result->note = g_strdup (slip_pg_rows_get (noted, 0, 1));
  return TRUE;
}

/* A stage that is done is that also where a server did not answer whether it may be kept. */
static gboolean
look_again (
    SlipMigrationRun *run, guint index, SlipStageResult *result, gboolean *keep, GError **error)
{
  g_autoptr (GError) problem = NULL;

  if (may_keep (run, index, result, keep, &problem))
    return !*keep || tell_kept (run, result, error);
  if (result->state == NULL)
    {
      slip_pg_rollback (run->pg);
      run->refused = TRUE;
      if (!tell_kept (run, result, NULL))
        g_debug ("what stage %s noted could not be read", result->stage);
      g_prefix_error (&problem,
                      "stage %s is done, and could not be looked at again: ", result->stage);
    }
  g_propagate_error (error, g_steal_pointer (&problem));
  return FALSE;
}

/* Once for all stages of a call, before the first that is done. Behind the load into the target that may have changed: what the
 * application did to it since is no fault of the definitions. */
static gboolean
check_definitions (
    SlipMigrationRun *run, guint index, gboolean done, SlipStageResult *result, GError **error)
{
  g_autoptr (GError) problem = NULL;
  gboolean behind = index > 0 && stages[index - 1].in_target;

  if (index == 0 || run->checked)
    return TRUE;
  run->checked = slip_migration_run_check_definitions (run, TRUE, !behind, &problem);
  if (run->checked)
    return TRUE;
  result->state = g_strdup (done ? "refused" : "failed");
  run->refused = done;
  if (!slip_migration_run_set_stage (run, result->stage, done ? "kept" : "failed", 0,
                                     problem->message, NULL))
    g_debug ("the failure of stage %s could not be noted", result->stage);
  g_propagate_error (error, g_steal_pointer (&problem));
  return FALSE;
}

static gboolean
do_stage (SlipMigrationRun *run, guint index, GError **error)
{
  SlipStageResult *result = g_new0 (SlipStageResult, 1);
  g_autofree char *state = slip_migration_run_dup_stage (run, stages[index].name, error);
  gboolean again = run->options->only != NULL && !run->options->keep_done;
  gboolean done;

  result->stage = g_strdup (stages[index].name);
  g_ptr_array_add (run->result->stages, result);
  if (state == NULL)
    return FALSE;
  done = g_str_equal (state, "done");
  if (is_skipped (run, result->stage))
    {
      result->state = g_strdup ("skipped");
      return done || slip_migration_run_set_stage (run, result->stage, "skipped", 0, NULL, error);
    }
  if (!slip_migration_run_check_agreed (run, result->stage, error)
      || (run->options->only != NULL && !slip_migration_run_check_order (run, error)))
    return FALSE;
  /* Landed files are looked at again in any case: they may be others now. */
  if (done && !again && index > 0)
    {
      gboolean keep = FALSE;

      if (!look_again (run, index, result, &keep, error) || keep)
        return keep;
    }
  if (!check_definitions (run, index, done, result, error))
    return FALSE;
  if (index > 0
      && (!check_later (run, index, error)
          || !slip_migration_run_check_bound (run, result->stage, error)
          || !forget_later (run, index, error)))
    return FALSE;
  if (!run_stage (run, index, result, error))
    return FALSE;
  if (slip_migration_run_check_gates (run, result->stage, error))
    return TRUE;
  tell_failed (result);
  return FALSE;
}

static gboolean
check_names (const SlipMigrationRunOptions *options, GError **error)
{
  const char *const *names = slip_migration_run_get_stages ();
  g_autofree char *all = g_strjoinv (", ", (char **)names);
  const char *wrong
      = options->only != NULL && !g_strv_contains (names, options->only) ? options->only : NULL;

  for (guint i = 0; options->skip != NULL && options->skip[i] != NULL && wrong == NULL; i++)
    if (!g_strv_contains (names, options->skip[i]))
      wrong = options->skip[i];
  if (wrong == NULL)
    return TRUE;
  SLIP_STAGE_ERROR (error, NOT_FOUND, "there is no stage %s. There are: %s", wrong, all);
  return FALSE;
}

static gboolean
do_stages (SlipMigrationRun *run, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (stages); i++)
    if ((run->options->only == NULL || g_str_equal (run->options->only, stages[i].name))
        && !do_stage (run, i, error))
      return FALSE;
  return TRUE;
}

static gboolean
end_done (SlipMigrationRun *run, GError **error)
{
  const char *only = run->options->only;

  if ((only == NULL || g_str_equal (only, "integration"))
      && !slip_migration_run_look_integration (run, &run->result->integration, error))
    return FALSE;
  return only != NULL ? slip_migration_run_end_stage (run, error)
                      : slip_migration_run_end (run, "done", error);
}

/* What was refused before anything was done leaves the run as it was, whatever that is. */
static gboolean
end_refused (SlipMigrationRun *run, GError **error)
{
  if (run->was == NULL || run->changed)
    return slip_migration_run_end_stage (run, error);
  return slip_stage_sql_run (run->pg, "leave a run as it was", error,
                             "UPDATE slipway.run SET %s WHERE id = %D", run->was, run->id);
}

/* Filters and rules read dates as the run's mode does. What is known of a run that goes on, before its first stage. Where that cannot be asked, it is left as it was. */
static gboolean
take_up (SlipMigrationRun *run, GError **error)
{
  g_autofree char *year = g_strndup (run->run_date, 4);

  if (slip_stage_sql_run (run->pg, "set the run's mode", error,
                          "SELECT set_config ('slipway.mode', %L, false), set_config "
                          "('slipway.run_year', %L, false)",
                          slip_migration_is_strict (run->migration) ? "strict" : "compat", year)
      && (!run->resumed
          || (forget_what_went (run, error) && slip_migration_run_forget_other (run, error)
              && slip_migration_run_note_identity (run, error))))
    return TRUE;
  slip_pg_rollback (run->pg);
  end_refused (run, NULL);
  return FALSE;
}

gboolean
slip_migration_run_execute (SlipMigration *migration,
                            const SlipMigrationRunOptions *options,
                            SlipMigrationRunResult **result,
                            GCancellable *cancellable,
                            GError **error)
{
  g_auto (SlipMigrationRun) run
      = {.migration = migration, .options = options, .cancellable = cancellable};
  gboolean ok;
  g_autoptr (GError) problem = NULL;

  g_return_val_if_fail (SLIP_IS_MIGRATION (migration) && options != NULL && result != NULL, FALSE);
  g_return_val_if_fail (options->migration_db != NULL && options->target_db != NULL, FALSE);

  run.patience = (SlipStagePatience){"begin", options->lock_wait, options->progress, options->data};
  run.schemas = slip_migration_get_schemas (migration);
  run.kept = g_strdup_printf ("%s_kept", run.schemas->source);
  run.result = *result = g_new0 (SlipMigrationRunResult, 1);
  run.result->stages = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_stage_result_free);
  if (!check_names (options, error) || !open_databases (&run, error)
      || !slip_migration_run_begin (&run, error) || !take_up (&run, error))
    return FALSE;
  run.result->run = run.id;
  run.result->resumed = run.resumed;
  run.result->run_date = g_strdup (run.run_date);
  ok = do_stages (&run, &problem);
  if (!ok)
    {
      /* The error that ended it matters more than one that tells so. */
      slip_pg_rollback (run.pg);
      if (run.refused)
        end_refused (&run, NULL);
      else
        slip_migration_run_end (&run, "failed", NULL);
      g_propagate_error (error, g_steal_pointer (&problem));
      return FALSE;
    }
  return end_done (&run, error);
}
