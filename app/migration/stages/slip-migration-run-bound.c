/* SPDX-License-Identifier: MIT */
/* What a run is bound to: stages before the one that is asked for, what was landed when it began, and schemas that no other
 * run has written since. */

#include "slip-migration-run-private.h"

#include "slip-stage-shown.h"

static gboolean
is_left_out (SlipMigrationRun *run, const char *stage)
{
  return run->options->skip != NULL && g_strv_contains (run->options->skip, stage);
}

static gboolean
refuse_order (SlipMigrationRun *run, const char *before, const char *state, GError **error)
{
  const char *what = g_str_equal (state, "")          ? "not done yet"
                     : g_str_equal (state, "running") ? "broken off"
                                                      : state;

  run->refused = TRUE;
  if (run->id == 0)
    SLIP_STAGE_ERROR (
        error, STATE,
        "there is no run of %s with these definitions, values and run date in %s that "
        "stage %s could go on with. Begin with “slipwayctl migrate stage %s”, or with "
        "“slipwayctl migrate run”",
        slip_migration_get_name (run->migration), slip_pg_get_where (run->pg), run->options->only,
        before);
  else
    SLIP_STAGE_ERROR (error, STATE,
                      "stage %s works on what stage %s makes, and that is %s in run "
                      "%" G_GINT64_FORMAT ". Run it first: slipwayctl migrate stage %s; or say "
                      "with --skip %s that it is left out",
                      run->options->only, before, what, run->id, before, before);
  return FALSE;
}

/* One stage by itself works on what those before it made, and what their gates stopped goes no further by hand either. The
 * API's tests make nothing, so that they need not be done; what they found counts. */
gboolean
slip_migration_run_check_order (SlipMigrationRun *run, GError **error)
{
  const char *const *stages = slip_migration_run_get_stages ();

  for (guint i = 0; stages[i] != NULL && !g_str_equal (stages[i], run->options->only); i++)
    {
      g_autofree char *state = NULL;

      if (is_left_out (run, stages[i]))
        continue;
      state = slip_migration_run_dup_stage (run, stages[i], error);
      if (state == NULL)
        return FALSE;
      if (g_str_equal (state, "done"))
        {
          run->refused = !slip_migration_run_check_gates (run, stages[i], error);
          if (run->refused)
            return FALSE;
        }
      else if (!g_str_equal (state, "skipped") && !g_str_equal (stages[i], "api"))
        return refuse_order (run, stages[i], state, error);
    }
  return TRUE;
}

/* ---- what is landed */

/* `known` is FALSE before the run worked on anything, and `same` TRUE then. */
gboolean
slip_migration_run_look_landed (SlipMigrationRun *run,
                                gboolean *known,
                                gboolean *same,
                                GError **error)
{
  g_autoptr (SlipPgRows) rows = slip_stage_sql_ask (
      run->pg, "look what is landed", error,
      "SELECT landed IS NOT NULL, landed IS NULL OR landed = slipway.landed_digest (%L) FROM "
      "slipway.run WHERE id = %D",
      run->schemas->source, run->id);

  if (rows == NULL)
    return FALSE;
  *known = g_str_equal (slip_pg_rows_get (rows, 0, 0), "t");
  *same = g_str_equal (slip_pg_rows_get (rows, 0, 1), "t");
  return TRUE;
}

gboolean
slip_migration_run_bind_landed (SlipMigrationRun *run, GError **error)
{
  return slip_stage_sql_run (
      run->pg, "note what is landed", error,
      "DELETE FROM slipway.run_file WHERE run = %D;\n"
      "INSERT INTO slipway.run_file (run, table_name, part, name, bytes, sha256, format, rows, "
      "rejected) SELECT "
      "%D, "
      "table_name, part, name, bytes, sha256, format, rows, rejected FROM slipway.file WHERE "
      "table_schema = %L;\n"
      "UPDATE slipway.run SET landed = slipway.landed_digest (%L) WHERE id = %D",
      run->id, run->id, run->schemas->source, run->schemas->source, run->id);
}

static gboolean
refuse_landed (SlipMigrationRun *run, GError **error)
{
  g_autofree char *since = NULL;
  g_auto (GStrv) files = slip_stage_sql_ask_list (
      run->pg, "list what was landed since", error,
      "SELECT f.name FROM slipway.file f WHERE f.table_schema = %L AND NOT EXISTS (SELECT FROM "
      "slipway.run_file r\n"
      " WHERE r.run = %D AND (r.table_name, r.part, r.sha256, r.format) = (f.table_name, f.part, "
      "f.sha256, f.format))\n ORDER BY f.table_name, f.part LIMIT 5",
      run->schemas->source, run->id);

  if (files == NULL)
    return FALSE;
  run->refused = TRUE;
  since = g_strjoinv (", ", files);
  SLIP_STAGE_ERROR (error, CHANGED,
                    "what is landed in schema %s is not what run %" G_GINT64_FORMAT
                    " works with%s%s. Land its own files again, or take these: slipwayctl migrate "
                    "stage load",
                    run->schemas->source, run->id, *since != '\0' ? "; others are " : "", since);
  return FALSE;
}

static gboolean
check_landed (SlipMigrationRun *run, gboolean bind, GError **error)
{
  gboolean known = FALSE;
  gboolean same = FALSE;

  if (!slip_migration_run_look_landed (run, &known, &same, error))
    return FALSE;
  if (!same)
    return refuse_landed (run, error);
  return known || !bind || slip_migration_run_bind_landed (run, error);
}

/* ---- whose the schemas are */

/* Another run's number, or 0. */
static gboolean
find_other (SlipMigrationRun *run, gint64 *other, GError **error)
{
  return slip_stage_sql_ask_number (run->pg, "look whose the schemas are", other, error,
                                    SLIP_STAGE_SHOWN_OTHER, run->id);
}

static gboolean
check_own (SlipMigrationRun *run, GError **error)
{
  gint64 other = 0;

  if (!find_other (run, &other, error) || other == 0)
    return other == 0;
  run->refused = TRUE;
  SLIP_STAGE_ERROR (error, STATE,
                    "run %" G_GINT64_FORMAT
                    " has worked in %s since, and what run %" G_GINT64_FORMAT
                    " made there is gone. Take run %" G_GINT64_FORMAT
                    " back: slipwayctl migrate undo %" G_GINT64_FORMAT
                    ", and run it again, at best with a migration database of its own",
                    other, slip_pg_get_where (run->pg), run->id, run->id, run->id);
  return FALSE;
}

/* A run whose rows are half in the target needs the other half. */
gboolean
slip_migration_run_check_other (SlipMigrationRun *run, GError **error)
{
  gint64 other = 0;
  gint64 half = 0;
  gboolean has = FALSE;
  g_auto (GStrv) told = NULL;

  if (!find_other (run, &other, error)
      || (other != 0 && !slip_migration_run_has_manifest (run->target, &has, error)))
    return FALSE;
  if (!has)
    return TRUE;
  told = slip_stage_sql_ask_list (run->pg, "look at the other run", error,
                                  "SELECT unnest (ARRAY[token::text, name]) FROM slipway.run WHERE "
                                  "id = %D",
                                  other);
  if (told == NULL
      || !slip_stage_sql_ask_number (
          run->target, "look at the manifest", &half, error,
          "SELECT count (*) FROM slipway_migration.run r WHERE token = %L AND state NOT IN "
          "('loaded', 'undone')\n"
          "   AND EXISTS (SELECT FROM slipway_migration.load l WHERE l.token = r.token)",
          told[0]))
    return FALSE;
  if (half == 0)
    return TRUE;
  SLIP_STAGE_ERROR (error, STATE,
                    "run %" G_GINT64_FORMAT
                    " of %s is in %s in part, and the other part is in %s. Let it end first, or "
                    "take it back: slipwayctl migrate undo %" G_GINT64_FORMAT,
                    other, told[1], slip_pg_get_where (run->target), slip_pg_get_where (run->pg),
                    other);
  return FALSE;
}

/* Of a run that is taken up: when another one wrote the schemas since, what was made in them is made again; once it is in
 * the target it stays. */
gboolean
slip_migration_run_forget_other (SlipMigrationRun *run, GError **error)
{
  gint64 other = 0;
  gboolean loaded = FALSE;

  if (!find_other (run, &other, error))
    return FALSE;
  if (other == 0)
    return TRUE;
  if (!slip_migration_run_is_loaded (run, &loaded, error))
    return FALSE;
  run->changed = run->changed || !loaded;
  return loaded
         || slip_stage_sql_run (run->pg, "forget what another run wrote over", error,
                                "DELETE FROM slipway.stage WHERE run = %D AND stage <> 'load'; "
                                "DELETE FROM slipway.step WHERE run = %D",
                                run->id, run->id);
}

/* ---- what a stage takes that another one made */

static gboolean
refuse_taken (
    SlipMigrationRun *run, const char *stage, const char *before, const char *what, GError **error)
{
  run->refused = TRUE;
  SLIP_STAGE_ERROR (
      error, STATE,
      "stage %s is left out, and stage %s would take %s for what run %" G_GINT64_FORMAT
      " makes. Leave out --skip %s, or run it first: slipwayctl migrate stage %s",
      before, stage, what, run->id, before, before);
  return FALSE;
}

/* What stands there is the work of the run that did the stage last. It may be taken when that run was of the same files,
 * definitions, values and date, so that this one would make the same. */
static gboolean
check_taken_from (SlipMigrationRun *run, const char *stage, const char *before, GError **error)
{
  g_autofree char *what = NULL;
  g_autoptr (SlipPgRows) rows = slip_stage_sql_ask (
      run->pg, "look whose work stands there", error,
      "SELECT m.id, s.state = 'done', (m.landed IS NOT DISTINCT FROM slipway.landed_digest (%L)),\n"
      "  (m.name, m.definitions_sha256, m.sidecar_sha256, m.run_date, m.mode)\n"
      "  = (r.name, r.definitions_sha256, r.sidecar_sha256, r.run_date, r.mode)\n"
      "  FROM slipway.run r, slipway.stage s JOIN slipway.run m ON m.id = s.run\n"
      " WHERE r.id = %D AND s.stage = %L AND s.state <> 'skipped' AND m.schemas = r.schemas\n"
      " ORDER BY s.started DESC LIMIT 1",
      run->schemas->source, run->id, before);

  if (rows == NULL)
    return FALSE;
  if (slip_pg_rows_get_n_rows (rows) == 0)
    return refuse_taken (run, stage, before,
                         "whatever stands there, which no run is known to have made,", error);
  if (!g_str_equal (slip_pg_rows_get (rows, 0, 1), "t"))
    what = g_strdup_printf ("what run %s left half-done", slip_pg_rows_get (rows, 0, 0));
  else if (!g_str_equal (slip_pg_rows_get (rows, 0, 2), "t"))
    what = g_strdup_printf ("what run %s made of other files", slip_pg_rows_get (rows, 0, 0));
  else if (!g_str_equal (slip_pg_rows_get (rows, 0, 3), "t"))
    what = g_strdup_printf ("what run %s made by other definitions, values or run date",
                            slip_pg_rows_get (rows, 0, 0));
  if (what != NULL)
    return refuse_taken (run, stage, before, what, error);
  g_free (run->taken);
  run->taken
      = g_strdup_printf ("takes what stage %s of run %s made, of the same files, definitions, "
                         "values and run date",
                         before, slip_pg_rows_get (rows, 0, 0));
  return TRUE;
}

static gboolean
check_taken (SlipMigrationRun *run, const char *stage, GError **error)
{
  static const struct
  {
    const char *stage;
    const char *takes;
  } all[] = {
      {"integration", "transform"}, {"integration", "prepare"}, {"load_to_target", "integration"}};
  g_autofree char *filter = slip_migration_run_dup_stage (run, "filter", error);

  if (filter == NULL)
    return FALSE;
  if (g_str_equal (stage, "transform") && !g_str_equal (filter, "done")
      && slip_migration_get_filters (run->migration)->len > 0)
    run->taken = g_strdup ("stage filter is left out: rows that filters name go on");
  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    {
      g_autofree char *state = NULL;

      if (!g_str_equal (all[i].stage, stage))
        continue;
      state = slip_migration_run_dup_stage (run, all[i].takes, error);
      if (state == NULL
          || (!g_str_equal (state, "done") && !check_taken_from (run, stage, all[i].takes, error)))
        return FALSE;
    }
  return TRUE;
}

/* Before a stage begins. */
gboolean
slip_migration_run_check_bound (SlipMigrationRun *run, const char *stage, GError **error)
{
  static const char *const makes[] = {"filter", "prepare", "transform", "integration", NULL};
  static const char *const reads[] = {"load_to_target", "validation", NULL};
  gboolean writes = g_strv_contains (makes, stage);

  g_clear_pointer (&run->taken, g_free);
  if (!writes && !g_strv_contains (reads, stage))
    return TRUE;
  if (!check_landed (run, TRUE, error) || !check_taken (run, stage, error))
    return FALSE;
  return writes ? slip_stage_sql_run (
             run->pg, "note whose the schemas are", error,
             "INSERT INTO slipway.working (run) VALUES (%D) ON CONFLICT (only_row) DO "
             "UPDATE SET run = excluded.run",
             run->id)
                : check_own (run, error);
}

/* What is validated at any time later. */
gboolean
slip_migration_run_check_unchanged (SlipMigrationRun *run, GError **error)
{
  return check_landed (run, FALSE, error) && check_own (run, error);
}
