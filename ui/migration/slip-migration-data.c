/* SPDX-License-Identifier: MIT */

/* What is known of a migration at one moment: read by a worker as a whole, then shown by all of its pages and changed by
 * nobody. */

#include "config.h"

#include "slip-migration-data.h"

#include <glib/gi18n.h>

#include "slip-coverage.h"
#include "slip-landed-lines.h"

SlipMigrationData *
slip_migration_data_ref (SlipMigrationData *data)
{
  return g_atomic_rc_box_acquire (data);
}

static void
clear_runs (SlipMigrationData *data)
{
  g_clear_pointer (&data->runs, g_ptr_array_unref);
  g_clear_pointer (&data->waterfall, slip_waterfall_free);
  g_clear_pointer (&data->report, slip_run_report_free);
  g_clear_pointer (&data->validations, g_ptr_array_unref);
}

static void
data_clear (gpointer memory)
{
  SlipMigrationData *data = memory;

  slip_migration_project_unref (data->project);
  g_clear_object (&data->migration);
  g_clear_pointer (&data->findings, g_ptr_array_unref);
  g_clear_pointer (&data->coverage, g_ptr_array_unref);
  if (data->kept == NULL)
    clear_runs (data);
  g_clear_pointer (&data->kept, slip_migration_data_unref);
  g_free (data->unasked);
  g_clear_pointer (&data->clash, slip_run_clash_free);
}

void
slip_migration_data_keep (SlipMigrationData *data, SlipMigrationData *before)
{
  SlipMigrationData *kept;

  g_return_if_fail (data != NULL && data->kept == NULL);

  if (before == NULL || before->run == 0)
    return;
  kept = before->kept != NULL ? before->kept : before;
  clear_runs (data);
  data->kept = slip_migration_data_ref (kept);
  data->runs = kept->runs;
  data->run = kept->run;
  data->report = kept->report;
  data->waterfall = kept->waterfall;
  data->validations = kept->validations;
  data->has_lines = kept->has_lines;
  data->read = kept->read;
  g_free (data->unasked);
  data->unasked = g_strdup (kept->unasked);
  if (data->coverage != NULL && data->validations != NULL)
    slip_coverage_take (data->coverage, data->validations);
}

const SlipMigrationRunStatus *
slip_migration_data_get_status (const SlipMigrationData *data)
{
  for (guint i = 0; data != NULL && i < data->runs->len; i++)
    {
      const SlipMigrationRunStatus *status = g_ptr_array_index (data->runs, i);

      if (status->run == data->run)
        return status;
    }
  return NULL;
}

gboolean
slip_migration_data_is_gone (const SlipMigrationData *data)
{
  return data != NULL && data->report != NULL && slip_run_report_is_gone (data->report);
}

const char *
slip_migration_data_get_note (const SlipMigrationData *data)
{
  if (data != NULL && data->report != NULL && slip_run_report_is_taken_back (data->report))
    return _ ("The target has nothing of it");
  if (slip_migration_data_is_gone (data))
    return _ ("The target was brought back to a time before, and has nothing of it");
  return data->unasked;
}

const char *
slip_migration_data_get_failure (const SlipMigrationData *data)
{
  const SlipMigrationRunStatus *run = slip_migration_data_get_status (data);

  for (guint i = 0; run != NULL && i < run->stages->len; i++)
    {
      const SlipStageResult *stage = g_ptr_array_index (run->stages, i);

      if (g_strcmp0 (stage->state, "failed") == 0)
        return stage->note;
    }
  return NULL;
}

void
slip_migration_data_unref (SlipMigrationData *data)
{
  g_atomic_rc_box_release_full (data, data_clear);
}

/* ---- reading it */

/* The one that is wanted, or the latest. */
static gint64
find_run (GPtrArray *runs, gint64 wanted)
{
  for (guint i = 0; i < runs->len; i++)
    if (((SlipMigrationRunStatus *)g_ptr_array_index (runs, i))->run == wanted)
      return wanted;
  return runs->len > 0 ? ((SlipMigrationRunStatus *)g_ptr_array_index (runs, 0))->run : 0;
}

/* A run of an earlier release has no tables for it. */
static gboolean
read_validations (SlipMigrationData *data, SlipPg *pg, GError **error)
{
  g_autoptr (SlipPgRows) rows = slip_pg_query (
      pg, "SELECT (to_regclass ('slipway.validation') IS NOT NULL)::int", NULL, NULL, error);

  if (rows == NULL)
    return FALSE;
  if (slip_pg_rows_get_int (rows, 0, 0) == 0)
    return TRUE;
  data->validations = slip_validation_results_read (pg, data->run, error);
  if (data->validations != NULL && data->coverage != NULL)
    slip_coverage_take (data->coverage, data->validations);
  return data->validations != NULL;
}

static gboolean
read_run (SlipMigrationData *data, GCancellable *cancellable, GError **error)
{
  g_autoptr (SlipPg) pg
      = slip_pg_open (data->project->migration_db, "migration database", cancellable, error);

  if (pg == NULL)
    return FALSE;
  data->report = slip_run_report_read (pg, data->run, error);
  if (data->report == NULL)
    return FALSE;
  slip_run_report_take_status (data->report, slip_migration_data_get_status (data));
  data->waterfall = slip_waterfall_read (pg, data->migration, data->report, error);
  return data->waterfall != NULL && slip_landed_lines_are_known (pg, &data->has_lines, error)
         && read_validations (data, pg, error);
}

/* With the target's word, for one that was brought back has nothing of what is noted as loaded; a target that does not answer
 * hides nothing of what the migration database knows. */
static GPtrArray *
ask_status (SlipMigrationData *data, GCancellable *cancellable, GError **error)
{
  const SlipMigrationProject *project = data->project;
  g_autoptr (GError) local = NULL;
  GPtrArray *all
      = slip_migration_run_status (project->migration_db, project->target_db, cancellable, &local);

  if (all != NULL)
    return all;
  all = slip_migration_run_status (project->migration_db, NULL, cancellable, error);
  if (all != NULL && all->len > 0)
    data->unasked = g_strdup (local->message);
  return all;
}

static gboolean
read_clash (SlipMigrationData *data, SlipLedger *ledger, GError **error)
{
  const char *environment = data->project->environment;
  g_autoptr (GPtrArray) clashes
      = environment != NULL ? slip_run_list_database_clashes (ledger, environment, error) : NULL;

  if (clashes != NULL && clashes->len > 0)
    data->clash = g_ptr_array_steal_index (clashes, 0);
  return environment == NULL || clashes != NULL;
}

SlipMigrationData *
slip_migration_data_new (SlipMigrationProject *project)
{
  SlipMigrationData *data = g_atomic_rc_box_new0 (SlipMigrationData);

  data->project = slip_migration_project_ref (project);
  data->findings = slip_findings_new ();
  data->runs = g_ptr_array_new ();
  return data;
}

gboolean
slip_migration_data_read (SlipMigrationData *data,
                          SlipLedger *ledger,
                          gint64 wanted,
                          GCancellable *cancellable,
                          GError **error)
{
  g_autoptr (GPtrArray) all = NULL;

  g_return_val_if_fail (data != NULL, FALSE);

  data->read = g_get_real_time ();
  data->migration
      = slip_migration_read (data->project->definitions, data->project->sidecar, data->findings);
  if (data->migration != NULL)
    data->coverage = slip_coverage_read (data->migration);
  if (!read_clash (data, ledger, error))
    return FALSE;
  all = ask_status (data, cancellable, error);
  if (all == NULL)
    return FALSE;
  g_clear_pointer (&data->runs, g_ptr_array_unref);
  data->runs = g_steal_pointer (&all);
  data->run = find_run (data->runs, wanted);
  return data->run == 0 || read_run (data, cancellable, error);
}
