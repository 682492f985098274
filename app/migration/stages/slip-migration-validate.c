/* SPDX-License-Identifier: MIT */
/* Validation by itself: of a run that is in the target, with the definitions as they are now. As the stage of a run it is
 * in slip-stage-validation.c. */

#include "slip-migration-validate.h"

#include "slip-functions.h"
#include "slip-migration-run-private.h"

static gboolean
find_run (SlipMigrationRun *run, gint64 wanted, GError **error)
{
  gint64 undone = 0;
  g_autofree char *there = run->target != NULL ? slip_migration_run_dup_there (run->target, error)
                                               : g_strdup ("'{}'::text[]");
  g_autoptr (SlipPgRows) rows = NULL;

  if (there == NULL)
    return FALSE;
  rows = slip_stage_sql_ask (
      run->pg, "look for the run", error,
      "SELECT id, token, run_date FROM slipway.run WHERE name = %L AND (%D = 0 AND (state <> "
      "'undone' OR token::text = ANY (%s)) OR id = %D)\n"
      " ORDER BY state = 'undone' DESC, id DESC LIMIT 1",
      slip_migration_get_name (run->migration), wanted, there, wanted);
  if (rows == NULL)
    return FALSE;
  if (slip_pg_rows_get_n_rows (rows) == 0
      && !slip_stage_sql_ask_number (run->pg, "look for runs that were taken back", &undone, error,
                                     "SELECT max (id) FROM slipway.run WHERE name = %L AND %D = 0",
                                     slip_migration_get_name (run->migration), wanted))
    return FALSE;
  if (undone > 0)
    {
      SLIP_STAGE_ERROR (error, STATE,
                        "run %" G_GINT64_FORMAT " of %s was taken back: nothing of it is in %s. "
                        "Load it again first: slipwayctl migrate run",
                        undone, slip_migration_get_name (run->migration),
                        slip_pg_get_where (run->target));
      return FALSE;
    }
  if (slip_pg_rows_get_n_rows (rows) == 0)
    {
      SLIP_STAGE_ERROR (error, NOT_FOUND,
                        "there is no such run of %s in %s. “slipwayctl migrate status” lists those "
                        "that there are",
                        slip_migration_get_name (run->migration), slip_pg_get_where (run->pg));
      return FALSE;
    }
  run->id = slip_pg_rows_get_int (rows, 0, 0);
  run->token = g_strdup (slip_pg_rows_get (rows, 0, 1));
  run->run_date = g_strdup (slip_pg_rows_get (rows, 0, 2));
  return TRUE;
}

/* Without its rows there is nothing to look at, and while they come there is too little. */
static gboolean
check_loaded (SlipMigrationRun *run, GError **error)
{
  gint64 loaded = 0;
  gboolean has = FALSE;

  if (!slip_migration_run_has_manifest (run->target, &has, error)
      || (has
          && !slip_stage_sql_ask_number (
              run->target, "look at the manifest", &loaded, error,
              "SELECT count (*) FROM slipway_migration.run WHERE token = %L AND state = 'loaded'",
              run->token)))
    return FALSE;
  if (loaded > 0)
    return TRUE;
  if (!slip_migration_run_check_identity (run, error))
    return FALSE;
  SLIP_STAGE_ERROR (
      error, STATE,
      "run %" G_GINT64_FORMAT " of %s is not in %s. Load it first: slipwayctl migrate "
      "run",
      run->id, slip_migration_get_name (run->migration), slip_pg_get_where (run->target));
  return FALSE;
}

static gboolean
open_both (SlipMigrationRun *run, GError **error)
{
  run->pg
      = slip_pg_open (run->options->migration_db, "migration database", run->cancellable, error);
  if (run->pg == NULL)
    return FALSE;
  run->target = slip_pg_open (run->options->target_db, "target database", run->cancellable, error);
  return run->target != NULL
         && slip_stage_patience_take (&run->patience, run->pg, run->options->migration_db, error)
         && slip_stage_patience_take (&run->patience, run->target, run->options->target_db, error)
         && slip_stage_schema_check_roles (run->pg, run->target, error)
         && slip_functions_install (run->pg, error)
         && slip_migration_run_lock (run->pg, SLIP_STAGE_RUN_LOCK, error);
}

/* A stage that was taken back is done again where all of it was looked at, in the target that the run is loaded into: after an
 * undo of the load that is another one. */
static gboolean
note_again (SlipMigrationRun *run, gint64 begun, GError **error)
{
  return slip_stage_sql_run (
      run->pg, "note that the run was validated again", error,
      "UPDATE slipway.stage SET state = 'done', undone = NULL, ended = clock_timestamp (),\n"
      "       started = clock_timestamp () - make_interval (secs => %D / 1000000.0)\n"
      " WHERE run = %D AND stage = 'validation' AND state = 'undone'\n"
      "   AND EXISTS (SELECT FROM slipway.stage l WHERE l.run = stage.run AND l.stage = "
      "'load_to_target' AND l.state = 'done')",
      g_get_monotonic_time () - begun, run->id);
}

/* The stage of the run says what the last look found, as the numbers of its mappings do. What else it says, such as whose rows
 * it was made of, still holds; so does its state, which is that of the run. */
static gboolean
note_found (SlipMigrationRun *run, GPtrArray *results, GError **error)
{
  gint64 rows = 0;
  g_autofree char *note = slip_stage_validation_dup_note (results, &rows);

  return slip_stage_sql_run (
      run->pg, "note what was found", error,
      "UPDATE slipway.stage\n"
      "   SET rows = %D,\n"
      "       note = nullif (concat_ws ('; ', nullif (regexp_replace (note, '(^|; )([0-9]+ (rows? "
      "(is|are) (not as expected|outside of the)|of [0-9]+ mappings? (is|are) read back)|recheck "
      "on [0-9]).*$', ''), ''), %L), '')\n"
      " WHERE run = %D AND stage = 'validation'",
      rows, note, run->id);
}

gboolean
slip_migration_validate (SlipMigration *migration,
                         const SlipMigrationValidateOptions *options,
                         gint64 *run_id,
                         GPtrArray **results,
                         GCancellable *cancellable,
                         GError **error)
{
  SlipMigrationRunOptions run_options = {.migration_db = options->migration_db,
                                         .target_db = options->target_db,
                                         .lock_wait = options->lock_wait,
                                         .progress = options->progress,
                                         .data = options->data};
  SlipMigrationRun run
      = {.migration = migration,
         .options = &run_options,
         .patience = {"validation", options->lock_wait, options->progress, options->data},
         .cancellable = cancellable};
  SlipValidationOptions how = {.mappings = options->mappings, .recheck = options->recheck};
  gint64 begun = g_get_monotonic_time ();
  gboolean whole = options->mappings == NULL && !options->recheck;
  gboolean ok;

  g_return_val_if_fail (SLIP_IS_MIGRATION (migration) && run_id != NULL && results != NULL, FALSE);
  g_return_val_if_fail (options->migration_db != NULL && options->target_db != NULL, FALSE);

  *results = NULL;
  run.schemas = slip_migration_get_schemas (migration);
  run.kept = g_strdup_printf ("%s_kept", run.schemas->source);
  ok = open_both (&run, error) && find_run (&run, options->run, error) && check_loaded (&run, error)
       && slip_migration_run_check_unchanged (&run, error);
  *run_id = run.id;
  if (ok)
    *results = slip_stage_validate (&run, &how, error);
  ok = *results != NULL && note_found (&run, *results, error)
       && (!whole || note_again (&run, begun, error))
       && slip_migration_run_check_gates (&run, "validation", error);
  g_clear_pointer (&run.pg, slip_pg_close);
  g_clear_pointer (&run.target, slip_pg_close);
  g_free (run.token);
  g_free (run.run_date);
  g_free (run.kept);
  return ok;
}

static gboolean
check_validated (SlipMigrationRun *run, gint64 id, GError **error)
{
  gint64 n = 0;

  if (!slip_stage_sql_ask_number (run->pg, "look for a validation", &n, error,
                                  "SELECT count (*) FROM slipway.validation WHERE run = %D", id))
    return FALSE;
  if (n == 0)
    SLIP_STAGE_ERROR (error, NOT_FOUND,
                      "run %" G_GINT64_FORMAT " was never validated. Do so with slipwayctl migrate "
                      "validate --run %" G_GINT64_FORMAT,
                      id, id);
  return n > 0;
}

static gboolean
check_another (SlipMigrationRun *run, gint64 other, GError **error)
{
  if (run->id == other)
    SLIP_STAGE_ERROR (error, STATE,
                      "run %" G_GINT64_FORMAT
                      " is the run itself: what was found of it is beside nothing else",
                      other);
  return run->id != other;
}

/* What hooks bring is missing before them, and is known to be: of two runs only one of which was looked at behind its hooks, that
 * appears or goes. */
static gboolean
compare_moments (SlipMigrationRun *run, gint64 other, char **note, GError **error)
{
  static const char when[]
      = "(SELECT v.mapping, EXISTS (SELECT FROM slipway.stage AS s WHERE s.run = v.run AND s.stage "
        "= "
        "'hooks'\n"
        "      AND s.state IN ('done', 'undone') AND s.ended < v.started) AS behind\n"
        "    FROM slipway.validation AS v WHERE v.run = %D)";
  g_autofree char *ours = slip_stage_sql (when, run->id);
  g_autofree char *theirs = slip_stage_sql (when, other);
  g_autoptr (SlipPgRows) rows = NULL;

  *note = NULL;
  if (slip_migration_get_hooks (run->migration)->len == 0)
    return TRUE;
  rows = slip_stage_sql_ask (
      run->pg, "look when runs were validated", error,
      "SELECT count (*) FILTER (WHERE a.behind AND NOT b.behind), count (*) FILTER (WHERE b.behind "
      "AND NOT a.behind)\n"
      "  FROM %s AS a JOIN %s AS b USING (mapping)",
      ours, theirs);
  for (guint i = 0; rows != NULL && *note == NULL && i < 2; i++)
    {
      gint64 n = slip_pg_rows_get_int (rows, 0, i);

      if (n > 0)
        *note = g_strdup_printf (
            "%" G_GINT64_FORMAT " %s behind the hooks of run %" G_GINT64_FORMAT
            " and before those of run %" G_GINT64_FORMAT
            ": differences that hooks make or mend appear or are gone for that alone. Validate run "
            "%" G_GINT64_FORMAT " again to compare them at one moment",
            n, n == 1 ? "mapping was looked at" : "mappings were looked at",
            i == 0 ? run->id : other, i == 0 ? other : run->id, i == 0 ? other : run->id);
    }
  return rows != NULL;
}

GPtrArray *
slip_migration_validations_compare (SlipMigration *migration,
                                    const char *migration_db,
                                    gint64 run_id,
                                    gint64 other,
                                    gint64 *found,
                                    char **note,
                                    GCancellable *cancellable,
                                    GError **error)
{
  SlipMigrationRun run = {.migration = migration, .cancellable = cancellable};
  GPtrArray *changes = NULL;

  g_return_val_if_fail (SLIP_IS_MIGRATION (migration) && migration_db != NULL && found != NULL,
                        NULL);
  g_return_val_if_fail (note != NULL, NULL);

  run.pg = slip_pg_open (migration_db, "migration database", cancellable, error);
  if (run.pg != NULL && slip_functions_install (run.pg, error) && find_run (&run, run_id, error)
      && check_another (&run, other, error) && check_validated (&run, run.id, error)
      && check_validated (&run, other, error) && compare_moments (&run, other, note, error))
    changes = slip_validation_results_compare (run.pg, run.id, other, error);
  *found = run.id;
  g_clear_pointer (&run.pg, slip_pg_close);
  g_free (run.token);
  g_free (run.run_date);
  return changes;
}
