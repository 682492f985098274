/* SPDX-License-Identifier: MIT */
/* How runs stand, as the migration database tells it and, where it is asked, the target. */

#include "slip-migration-run-private.h"
#include "slip-stage-shown.h"

void
slip_stage_result_free (SlipStageResult *result)
{
  g_free (result->stage);
  g_free (result->state);
  g_free (result->note);
  g_free (result);
}

void
slip_stage_add_note (SlipStageResult *result, const char *note)
{
  g_autofree char *before = g_steal_pointer (&result->note);

  result->note = before != NULL ? g_strdup_printf ("%s; %s", before, note) : g_strdup (note);
}

static gboolean
is_locked (SlipPg *pg, gboolean *locked, GError **error)
{
  gint64 got = 0;

  if (!slip_stage_sql_ask_number (pg, "look whether a run goes on", &got, error,
                                  "SELECT pg_try_advisory_lock_shared (hashtext (%L))::int",
                                  SLIP_STAGE_RUN_LOCK))
    return FALSE;
  *locked = got == 0;
  return got == 0
         || slip_stage_sql_run (pg, "unlock", error,
                                "SELECT pg_advisory_unlock_shared (hashtext (%L))",
                                SLIP_STAGE_RUN_LOCK);
}

static gboolean
read_stages (SlipPg *pg, SlipMigrationRunStatus *status, gboolean locked, GError **error)
{
  g_autofree char *order = g_strjoinv (",", (char **)slip_migration_run_get_stages ());
  g_autoptr (SlipPgRows) rows = slip_stage_sql_ask (
      pg, "list stages", error,
      "SELECT stage, " SLIP_STAGE_SHOWN_STATE ", rows, extract (epoch FROM coalesce (ended, "
      "clock_timestamp ()) - started), " SLIP_STAGE_SHOWN_NOTE "\n"
      "  FROM slipway.stage WHERE run = %D ORDER BY array_position "
      "(string_to_array (%L, ','), stage)",
      status->run, order);

  if (rows == NULL)
    return FALSE;
  for (guint i = 0; i < slip_pg_rows_get_n_rows (rows); i++)
    {
      SlipStageResult *result = g_new0 (SlipStageResult, 1);
      const char *state = slip_pg_rows_get (rows, i, 1);

      result->stage = g_strdup (slip_pg_rows_get (rows, i, 0));
      result->state = g_strdup (!locked && g_str_equal (state, "running") ? "broken off" : state);
      result->rows = slip_pg_rows_get_int (rows, i, 2);
      result->seconds = g_ascii_strtod (slip_pg_rows_get (rows, i, 3), NULL);
      result->note = g_strdup (slip_pg_rows_get (rows, i, 4));
      g_ptr_array_add (status->stages, result);
    }
  return TRUE;
}

gboolean
slip_migration_stage_is_open (const char *state)
{
  return g_strcmp0 (state, "running") == 0 || g_strcmp0 (state, "broken off") == 0
         || g_strcmp0 (state, "failed") == 0;
}

static void
part_free (gpointer data)
{
  SlipLoadedPart *part = data;

  g_free (part->table);
  g_free (part);
}

static void
add_part (SlipMigrationRunStatus *status, const SlipPgRows *rows, guint row)
{
  SlipLoadedPart *part;

  g_ptr_array_add (status->loaded, g_strdup (slip_pg_rows_get (rows, row, 0)));
  if (slip_pg_rows_get (rows, row, 1) == NULL)
    return;
  part = g_new0 (SlipLoadedPart, 1);
  part->table = g_strdup (slip_pg_rows_get (rows, row, 1));
  part->rows = slip_pg_rows_get_int (rows, row, 2);
  part->staged = slip_pg_rows_get_int (rows, row, 3);
  g_ptr_array_add (status->parts, part);
}

/* The stage counts its rows when it is through. */
static void
count_loaded (SlipMigrationRunStatus *status)
{
  for (guint i = 0; i < status->stages->len; i++)
    {
      SlipStageResult *stage = g_ptr_array_index (status->stages, i);

      if (!g_str_equal (stage->stage, "load_to_target")
          || !slip_migration_stage_is_open (stage->state))
        continue;
      stage->rows = 0;
      for (guint j = 0; j < status->parts->len; j++)
        stage->rows += ((const SlipLoadedPart *)g_ptr_array_index (status->parts, j))->rows;
    }
}

static gboolean
read_loaded (SlipPg *target, SlipMigrationRunStatus *status, const char *token, GError **error)
{
  gboolean has = FALSE;
  g_autoptr (SlipPgRows) rows = NULL;

  status->loaded = g_ptr_array_new_with_free_func (g_free);
  status->parts = g_ptr_array_new_with_free_func (part_free);
  if (!slip_migration_run_has_manifest (target, &has, error))
    return FALSE;
  if (!has)
    return TRUE;
  rows = slip_stage_sql_ask (
      target, "read the manifest", error,
      "SELECT part || ': ' || inserted || ' inserted, ' || updated || ' updated'\n"
      "       || CASE WHEN partly THEN ', of ' || staged ELSE '' END,\n"
      "  table_name, inserted + updated, CASE WHEN partly THEN staged ELSE inserted + updated END\n"
      /* the table of an earlier release lacks some columns */
      "  FROM (SELECT id, part, table_name, inserted, updated, (to_jsonb (l) ->> "
      "'staged')::bigint AS staged,\n"
      "          (to_jsonb (l) ->> 'complete')::boolean IS FALSE AS partly\n"
      "          FROM slipway_migration.load l WHERE token = %L) AS l ORDER BY id",
      token);
  for (guint i = 0; rows != NULL && i < slip_pg_rows_get_n_rows (rows); i++)
    add_part (status, rows, i);
  return rows != NULL;
}

/* What is noted as loaded, and is not in the target: that was brought back to a time before. */
static void
tell_gone (SlipMigrationRunStatus *status)
{
  gboolean gone = FALSE;

  for (guint i = 0; status->loaded->len == 0 && i < status->stages->len; i++)
    {
      SlipStageResult *stage = g_ptr_array_index (status->stages, i);

      gone = gone || g_str_equal (stage->stage, "load_to_target");
      if (!gone || !g_str_equal (stage->state, "done"))
        continue;
      g_free (stage->state);
      stage->state = g_strdup ("gone");
      /* What failed behind the load, failed of rows that are not there any more. */
      if (!g_str_equal (status->state, "done") && !g_str_equal (status->state, "failed"))
        continue;
      g_free (status->state);
      status->state = g_strdup ("gone");
    }
}

/* What was taken back in another database, a copy, and is in this one. */
static void
tell_there (SlipMigrationRunStatus *status, const char *taken_back_in)
{
  for (guint i = 0; status->loaded->len > 0 && i < status->stages->len; i++)
    {
      SlipStageResult *stage = g_ptr_array_index (status->stages, i);

      if (!g_str_equal (stage->stage, "load_to_target") || !g_str_equal (stage->state, "undone"))
        continue;
      g_free (stage->state);
      stage->state = g_strdup ("done");
      g_free (stage->note);
      stage->note = g_strdup_printf ("taken back in %s; here its rows are in",
                                     taken_back_in != NULL ? taken_back_in : "another database");
      g_free (status->state);
      status->state = g_strdup ("in part");
    }
}

const SlipMigrationRunStatus *
slip_migration_run_status_find (GPtrArray *runs, gint64 run, GError **error)
{
  g_return_val_if_fail (runs != NULL, NULL);

  for (guint i = 0; i < runs->len; i++)
    {
      const SlipMigrationRunStatus *status = g_ptr_array_index (runs, i);

      if (run == 0 || run == status->run)
        return status;
    }
  SLIP_STAGE_ERROR (error, NOT_FOUND,
                    "there is no such run in the migration database. “slipwayctl migrate status” "
                    "lists those that there are");
  return NULL;
}

const SlipMigrationRunStatus *
slip_migration_run_status_find_taken_up (GPtrArray *runs, SlipMigration *migration)
{
  g_return_val_if_fail (runs != NULL && SLIP_IS_MIGRATION (migration), NULL);

  const SlipMigrationRunStatus *latest = NULL;

  for (guint i = 0; i < runs->len; i++)
    {
      const SlipMigrationRunStatus *status = g_ptr_array_index (runs, i);

      if (g_str_equal (status->name, slip_migration_get_name (migration))
          && !g_str_equal (status->state, "undone")
          && (latest == NULL || status->run > latest->run))
        latest = status;
    }
  return latest;
}

/* A run that fails itself is not done. */
const SlipStageResult *
slip_migration_run_status_find_failed_since (const SlipMigrationRunStatus *status)
{
  g_return_val_if_fail (status != NULL, NULL);

  for (guint i = 0; g_str_equal (status->state, "done") && i < status->stages->len; i++)
    {
      const SlipStageResult *stage = g_ptr_array_index (status->stages, i);

      if (g_str_equal (stage->state, "failed"))
        return stage;
    }
  return NULL;
}

guint
slip_migration_run_status_compare (const SlipMigrationRunStatus *status,
                                   SlipMigration *migration,
                                   const char *run_date)
{
  guint other = 0;

  g_return_val_if_fail (status != NULL && SLIP_IS_MIGRATION (migration), 0);

  if (g_strcmp0 (status->definitions_sha256,
                 slip_definitions_get_sha256 (slip_migration_get_definitions (migration)))
      != 0)
    other |= SLIP_MIGRATION_OTHER_DEFINITIONS;
  if (g_strcmp0 (status->sidecar_sha256, slip_migration_get_sidecar_sha256 (migration)) != 0)
    other |= SLIP_MIGRATION_OTHER_SIDECAR;
  if (run_date != NULL && g_strcmp0 (status->run_date, run_date) != 0)
    other |= SLIP_MIGRATION_OTHER_RUN_DATE;
  return other;
}

gboolean
slip_migration_run_status_keeps (const SlipMigrationRunStatus *status, const char *stage)
{
  const char *const *stages = slip_migration_run_get_stages ();

  g_return_val_if_fail (status != NULL && stage != NULL, FALSE);

  if (status->loaded == NULL || status->loaded->len == 0)
    return FALSE;
  for (guint i = 0; stages[i] != NULL && !g_str_equal (stages[i], "load_to_target"); i++)
    if (g_str_equal (stages[i], stage))
      return TRUE;
  return FALSE;
}

const char *
slip_migration_run_status_get_target (const SlipMigrationRunStatus *status)
{
  g_return_val_if_fail (status != NULL, NULL);

  for (guint i = 0; i < status->stages->len; i++)
    {
      const SlipStageResult *stage = g_ptr_array_index (status->stages, i);

      if (!g_str_equal (stage->stage, "load_to_target"))
        continue;
      if (g_str_equal (stage->state, "gone"))
        return "gone";
      if (g_str_equal (stage->state, "undone"))
        return "taken back";
      if (!g_str_equal (stage->state, "skipped"))
        return status->loaded == NULL    ? "not asked"
               : status->loaded->len > 0 ? "there"
                                         : "not loaded";
    }
  return "not loaded";
}

/* Of runs that are taken back, or another one has worked behind, nothing stands integrated any more. Databases of earlier versions
 * do not know whose the schemas are. */
static gboolean
read_integrated (SlipPg *pg, SlipMigrationRunStatus *status, const char *mark, GError **error)
{
  gboolean knows = FALSE;

  if (mark == NULL || g_str_equal (status->state, "undone"))
    return TRUE;
  if (!slip_migration_run_has_table (pg, "slipway", "working", &knows, error)
      || (knows
          && !slip_stage_sql_ask_number (pg, "look whose the schemas are", &status->worked_since,
                                         error, SLIP_STAGE_SHOWN_OTHER, status->run)))
    return FALSE;
  if (status->worked_since == 0)
    status->integration = g_strdup (mark);
  return TRUE;
}

/* The one that was worked on last first, though an earlier one may have been taken up again behind a later; to validate or ask
 * what an earlier one brought is no work on it. */
static gboolean
read_runs (SlipPg *pg, SlipPg *target, GPtrArray *all, GError **error)
{
  gboolean locked = FALSE;
  g_autoptr (SlipPgRows) rows = slip_stage_sql_ask (
      pg, "list runs", error,
      "SELECT id, name, run_date, state, token, to_jsonb (r) ->> 'taken_back_in',\n"
      "  definitions_sha256, sidecar_sha256, (SELECT " SLIP_STAGE_SHOWN_MARK " FROM slipway.stage\n"
      "   WHERE run = r.id AND stage = 'integration' AND stage.state = 'done')\n"
      "  FROM slipway.run r\n"
      " ORDER BY greatest (started, CASE WHEN state IN ('undone', 'taken back', 'taken back in "
      "part') THEN ended "
      "END,\n"
      "    (SELECT max (started) FROM slipway.stage s WHERE s.run = r.id AND s.stage NOT IN "
      "('validation', 'api'))) DESC, id DESC");

  if (rows == NULL || !is_locked (pg, &locked, error))
    return FALSE;
  for (guint i = 0; i < slip_pg_rows_get_n_rows (rows); i++)
    {
      SlipMigrationRunStatus *status = g_new0 (SlipMigrationRunStatus, 1);
      const char *state = slip_pg_rows_get (rows, i, 3);

      g_ptr_array_add (all, status);
      status->run = slip_pg_rows_get_int (rows, i, 0);
      status->name = g_strdup (slip_pg_rows_get (rows, i, 1));
      status->run_date = g_strdup (slip_pg_rows_get (rows, i, 2));
      status->definitions_sha256 = g_strdup (slip_pg_rows_get (rows, i, 6));
      status->sidecar_sha256 = g_strdup (slip_pg_rows_get (rows, i, 7));
      status->state = g_strdup (!locked && g_str_equal (state, "running") ? "broken off" : state);
      status->stages = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_stage_result_free);
      if (!read_stages (pg, status, locked, error)
          || !read_integrated (pg, status, slip_pg_rows_get (rows, i, 8), error)
          || (target != NULL
              && !read_loaded (target, status, slip_pg_rows_get (rows, i, 4), error)))
        return FALSE;
      if (target == NULL)
        continue;
      count_loaded (status);
      tell_gone (status);
      tell_there (status, slip_pg_rows_get (rows, i, 5));
    }
  return TRUE;
}

GPtrArray *
slip_migration_run_status (const char *migration_db,
                           const char *target_db,
                           GCancellable *cancellable,
                           GError **error)
{
  g_autoptr (SlipPg) pg = slip_pg_open (migration_db, "migration database", cancellable, error);
  g_autoptr (SlipPg) target = NULL;
  g_autoptr (GPtrArray) all
      = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_migration_run_status_free);
  gboolean has = FALSE;

  if (pg == NULL || !slip_migration_run_has_table (pg, "slipway", "base", &has, error))
    return NULL;
  if (!has)
    return g_steal_pointer (&all);
  if (target_db != NULL
      && (target = slip_pg_open (target_db, "target database", cancellable, error)) == NULL)
    return NULL;
  if (!read_runs (pg, target, all, error))
    return NULL;
  return g_steal_pointer (&all);
}
