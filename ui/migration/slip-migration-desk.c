/* SPDX-License-Identifier: MIT */

/* One migration on the main thread: its data, read as a whole by a job, and its work, another job. Everything that
 * counts or decides is app/migration's; `slipwayctl migrate` calls the same functions. */

#include "config.h"

#include "slip-migration-desk.h"

#include <glib/gi18n.h>

#include "slip-migration-log.h"
#include "slip-task.h"

#define RELOAD_US (2 * (gint64)G_USEC_PER_SEC)

struct _SlipMigrationDesk
{
  GObject parent_instance;

  SlipWorkbench *workbench; /* borrowed: it owns the desk */
  SlipMigrationProject *project;
  SlipMigrationData *data;
  char *message;
  gboolean away; /* whether the message says that there was no way to the database */
  gint64 wanted; /* the run to show; 0 is the latest */
  gboolean loading;
  gboolean again;
  gint64 loaded;       /* when it was last read, monotonic microseconds */
  gint64 asking;       /* when what is being read was begun, microseconds since 1970 */
  gint64 asked;        /* the same of what was last read */
  SlipJob *job;        /* owned; the work that goes on, or NULL */
  SlipStageFeed *feed; /* owned; what it tells */
  char **left_out;     /* owned; stages that it leaves out */
};

G_DEFINE_FINAL_TYPE (SlipMigrationDesk, slip_migration_desk, G_TYPE_OBJECT)

static guint signal_changed;
static guint signal_progress;

/* ---- data */

typedef struct
{
  SlipMigrationData *data;
  SlipLedger *ledger; /* owned */
  gint64 wanted;
} Load;

static void
load_free (gpointer memory)
{
  Load *load = memory;

  slip_migration_data_unref (load->data);
  g_object_unref (load->ledger);
  g_free (load);
}

static gboolean
load_all (SlipJob *job, gpointer memory, GError **error)
{
  Load *load = memory;
  g_autoptr (GCancellable) cancellable = slip_job_ref_cancellable (job);

  return slip_migration_data_read (load->data, load->ledger, load->wanted, cancellable, error);
}

static void
loaded_cb (gpointer owner, gpointer memory, const GError *error)
{
  SlipMigrationDesk *self = owner;
  Load *load = memory;

  self->loading = FALSE;
  self->loaded = g_get_monotonic_time ();
  self->asked = self->asking;
  g_clear_pointer (&self->message, g_free);
  if (error != NULL)
    self->message = g_strdup (error->message);
  self->away = g_error_matches (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_CONNECTION);
  if (error != NULL)
    slip_migration_data_keep (load->data, self->data);
  g_clear_pointer (&self->data, slip_migration_data_unref);
  if (load->data->migration != NULL)
    self->data = slip_migration_data_ref (load->data);
  g_signal_emit (self, signal_changed, 0);
  if (self->again)
    slip_migration_desk_load (self);
}

void
slip_migration_desk_load (SlipMigrationDesk *self)
{
  Load *load;
  g_autoptr (SlipJob) job = NULL;

  g_return_if_fail (SLIP_IS_MIGRATION_DESK (self));

  self->again = self->loading;
  if (self->loading)
    return;
  self->loading = TRUE;
  self->asking = g_get_real_time ();
  load = g_new0 (Load, 1);
  load->wanted = self->wanted;
  load->ledger = g_object_ref (slip_workbench_get_ledger (self->workbench));
  load->data = slip_migration_data_new (self->project);
  job = slip_task_run (self, slip_pool_get_io (), _ ("Reading a migration"), load_all, loaded_cb,
                       load, load_free);
}

/* ---- work */

typedef struct
{
  SlipMigrationProject *project;
  SlipStageFeed *feed;
  SlipLedger *ledger; /* owned */
  char *stage;
  char *integration; /* that is shown; NULL when none is loaded */
  GStrv skip;
  gboolean no_reload;
  gint64 run;  /* to undo; 0 to execute */
  gint64 done; /* the run that was executed */
  gint64 rows;
} Work;

static void
work_free (gpointer memory)
{
  Work *work = memory;

  slip_migration_project_unref (work->project);
  g_clear_pointer (&work->feed, slip_stage_feed_unref);
  g_object_unref (work->ledger);
  g_free (work->stage);
  g_free (work->integration);
  g_strfreev (work->skip);
  g_free (work);
}

static gint64
count_rows (const SlipMigrationRunResult *result)
{
  const SlipStageResult *last = result != NULL && result->stages->len > 0
                                    ? g_ptr_array_index (result->stages, result->stages->len - 1)
                                    : NULL;

  return last != NULL ? last->rows : 0;
}

static gboolean
execute (Work *work, SlipMigration *migration, GCancellable *cancellable, GError **error)
{
  const SlipMigrationProject *project = work->project;
  SlipMigrationRunOptions options = {
      .migration_db = project->migration_db,
      .target_db = project->target_db,
      .source = project->source,
      .run_date = project->run_date,
      .connections = 2,
      .no_reload = work->no_reload,
      .skip = (const char *const *)work->skip,
      .only = work->stage,
      .integration = work->integration,
      .progress = slip_stage_feed_tell,
      .data = work->feed,
  };
  SlipMigrationRunResult *result = NULL;
  gboolean ok = slip_migration_run_execute (migration, &options, &result, cancellable, error);

  work->rows = count_rows (result);
  work->done = result != NULL ? result->run : 0;
  slip_migration_run_result_free (result);
  return ok;
}

static gboolean
undo (Work *work, SlipJob *job, GCancellable *cancellable, GError **error)
{
  const SlipMigrationUndoOptions options = {
      .migration_db = work->project->migration_db,
      .target_db = work->project->target_db,
      .run = work->run,
      .stage = work->stage,
      .progress = slip_stage_feed_tell,
      .data = work->feed,
  };
  g_autofree char *taken = NULL;
  g_autofree char *note = NULL;
  g_autofree char *outcome = NULL;

  work->done = work->run;
  if (!slip_migration_run_undo (&options, &work->rows, &note, cancellable, error))
    return FALSE;
  taken = g_strdup_printf (ngettext ("%" G_GINT64_FORMAT " change taken back; sequences stay",
                                     "%" G_GINT64_FORMAT " changes taken back; sequences stay",
                                     (gulong)work->rows),
                           work->rows);
  outcome = g_strjoin ("; ", taken, note, NULL);
  slip_job_set_outcome (job, outcome);
  return TRUE;
}

static void
add_choices (JsonObject *request, const Work *work)
{
  JsonArray *skip = json_array_new ();

  for (guint i = 0; work->skip != NULL && work->skip[i] != NULL; i++)
    json_array_add_string_element (skip, work->skip[i]);
  json_object_set_array_member (request, "skip", skip);
  json_object_set_boolean_member (request, "noReload", work->no_reload);
}

static JsonObject *
new_request (const Work *work, SlipMigration *migration)
{
  const SlipMigrationProject *project = work->project;
  JsonObject *request = json_object_new ();

  json_object_set_string_member (request, "definitions", project->definitions);
  json_object_set_string_member (request, "migrationDatabase", project->migration_db);
  json_object_set_string_member (request, "targetDatabase", project->target_db);
  if (work->stage != NULL)
    json_object_set_string_member (request, "stage", work->stage);
  if (work->integration != NULL)
    json_object_set_string_member (request, "integration", work->integration);
  if (work->run != 0)
    json_object_set_int_member (request, "run", work->run);
  if (migration == NULL)
    return request;
  if (project->source != NULL)
    json_object_set_string_member (request, "source", project->source);
  if (project->run_date != NULL)
    json_object_set_string_member (request, "runDate", project->run_date);
  add_choices (request, work);
  json_object_set_string_member (
      request, "definitionsSha256",
      slip_definitions_get_sha256 (slip_migration_get_definitions (migration)));
  json_object_set_string_member (request, "sidecarSha256",
                                 slip_migration_get_sidecar_sha256 (migration));
  return request;
}

/* As slipwayctl does: what is meant is in the audit log before anything is done, and what came of it after. */
static gboolean
do_work (SlipJob *job, gpointer memory, GError **error)
{
  Work *work = memory;
  g_autoptr (GCancellable) cancellable = slip_job_ref_cancellable (job);
  g_autoptr (SlipMigration) migration = NULL;
  g_auto (SlipMigrationLog) log = {0};
  g_autoptr (GError) failure = NULL;
  JsonObject *result;
  gboolean ok;

  if (!slip_migration_log_check (work->ledger, work->project->environment, error))
    return FALSE;
  if (work->run == 0
      && (migration
          = slip_migration_load (work->project->definitions, work->project->sidecar, error))
             == NULL)
    return FALSE;
  if (!slip_migration_log_begin (&log, work->ledger,
                                 work->run != 0        ? "undo"
                                 : work->stage != NULL ? "stage"
                                                       : "run",
                                 new_request (work, migration), error))
    return FALSE;
  ok = work->run == 0 ? execute (work, migration, cancellable, &failure)
                      : undo (work, job, cancellable, &failure);
  result = json_object_new ();
  json_object_set_int_member (result, "run", work->done);
  json_object_set_int_member (result, "rows", work->rows);
  if (!slip_migration_log_end (&log, failure, result, error))
    return FALSE;
  if (failure != NULL)
    g_propagate_error (error, g_steal_pointer (&failure));
  return ok;
}

static void
worked_cb (gpointer owner, gpointer memory, const GError *error)
{
  SlipMigrationDesk *self = owner;

  g_clear_object (&self->job);
  g_clear_pointer (&self->feed, slip_stage_feed_unref);
  g_clear_pointer (&self->left_out, g_strfreev);
  g_signal_emit (self, signal_progress, 0);
  slip_migration_desk_load (self);
}

/* What stages commit while they go on is read now and then: it says more than what they tell. */
static void
progress_cb (SlipMigrationDesk *self)
{
  if (self->job == NULL)
    return;
  g_signal_emit (self, signal_progress, 0);
  if (!self->loading && g_get_monotonic_time () - self->loaded > RELOAD_US)
    slip_migration_desk_load (self);
}

static Work *
new_work (SlipMigrationDesk *self, gint64 run, const char *stage)
{
  Work *work = g_new0 (Work, 1);

  work->project = slip_migration_project_ref (self->project);
  work->ledger = g_object_ref (slip_workbench_get_ledger (self->workbench));
  work->stage = g_strdup (stage);
  work->run = run;
  return work;
}

/* The job is made here and not by slip_task_run(): the feed needs it before it begins. */
static void
begin (SlipMigrationDesk *self, const char *title, Work *work)
{
  if (self->job != NULL)
    {
      work_free (work);
      return;
    }
  self->wanted = work->run;
  self->job = slip_task_prepare (self, title, worked_cb, work, work_free);
  self->feed = slip_stage_feed_new (self->job);
  self->left_out = g_strdupv (work->skip);
  work->feed = slip_stage_feed_ref (self->feed);
  g_signal_connect_object (self->job, "changed", G_CALLBACK (progress_cb), self, G_CONNECT_SWAPPED);
  slip_workbench_add_job (self->workbench, self->job);
  slip_pool_run (slip_pool_get_io (), self->job, do_work, work, NULL);
  g_signal_emit (self, signal_progress, 0);
}

/* Whoever has this loaded means what the pages show, and not what somebody else has made since they were read. */
static char *
dup_shown_integration (SlipMigrationDesk *self)
{
  const SlipMigrationRunStatus *run
      = self->data != NULL && self->data->migration != NULL
            ? slip_migration_run_status_find_taken_up (self->data->runs, self->data->migration)
            : NULL;

  return run != NULL ? g_strdup (run->integration) : NULL;
}

void
slip_migration_desk_start (SlipMigrationDesk *self, const char *stage)
{
  g_autofree char *title = NULL;
  Work *work;

  g_return_if_fail (SLIP_IS_MIGRATION_DESK (self));

  if (stage == NULL)
    {
      slip_migration_desk_run (self, FALSE, NULL);
      return;
    }
  /* Translators: the first is a migration's title, the second the name of a stage */
  title = g_strdup_printf (_ ("%s: stage %s"), self->project->title, stage);
  work = new_work (self, 0, stage);
  if (g_str_equal (stage, "load_to_target"))
    work->integration = dup_shown_integration (self);
  begin (self, title, work);
}

void
slip_migration_desk_run (SlipMigrationDesk *self, gboolean no_reload, const char *const *skip)
{
  g_autofree char *title = NULL;
  Work *work;

  g_return_if_fail (SLIP_IS_MIGRATION_DESK (self));

  title = g_strdup_printf (_ ("%s: migration"), self->project->title);
  work = new_work (self, 0, NULL);
  work->no_reload = no_reload;
  work->skip = g_strdupv ((char **)skip);
  begin (self, title, work);
}

void
slip_migration_desk_undo (SlipMigrationDesk *self, gint64 run, const char *stage)
{
  g_autofree char *title = NULL;

  g_return_if_fail (SLIP_IS_MIGRATION_DESK (self) && run > 0);

  title = g_strdup_printf (_ ("%s: undo of run %" G_GINT64_FORMAT), self->project->title, run);
  begin (self, title, new_work (self, run, stage));
}

void
slip_migration_desk_stop (SlipMigrationDesk *self)
{
  g_return_if_fail (SLIP_IS_MIGRATION_DESK (self));
  if (self->job != NULL)
    slip_job_cancel (self->job);
}

gboolean
slip_migration_desk_is_busy (SlipMigrationDesk *self)
{
  g_return_val_if_fail (SLIP_IS_MIGRATION_DESK (self), FALSE);
  return self->job != NULL;
}

GPtrArray *
slip_migration_desk_dup_lines (SlipMigrationDesk *self)
{
  g_return_val_if_fail (SLIP_IS_MIGRATION_DESK (self), NULL);
  return self->feed != NULL ? slip_stage_feed_dup_lines (self->feed) : NULL;
}

const char *const *
slip_migration_desk_get_left_out (SlipMigrationDesk *self)
{
  g_return_val_if_fail (SLIP_IS_MIGRATION_DESK (self), NULL);
  return (const char *const *)self->left_out;
}

/* ---- the object */

static void
slip_migration_desk_finalize (GObject *object)
{
  SlipMigrationDesk *self = SLIP_MIGRATION_DESK (object);

  g_clear_pointer (&self->project, slip_migration_project_unref);
  g_clear_pointer (&self->data, slip_migration_data_unref);
  g_clear_pointer (&self->feed, slip_stage_feed_unref);
  g_strfreev (self->left_out);
  g_clear_object (&self->job);
  g_free (self->message);
  G_OBJECT_CLASS (slip_migration_desk_parent_class)->finalize (object);
}

static void
slip_migration_desk_class_init (SlipMigrationDeskClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = slip_migration_desk_finalize;
  signal_changed
      = g_signal_new ("changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signal_progress
      = g_signal_new ("progress", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
slip_migration_desk_init (SlipMigrationDesk *self)
{
}

SlipMigrationDesk *
slip_migration_desk_get (SlipWorkbench *workbench, const char *name)
{
  g_autofree char *key = NULL;
  SlipWorkspace *workspace;
  SlipMigrationProject *project;
  SlipMigrationDesk *self;

  g_return_val_if_fail (SLIP_IS_WORKBENCH (workbench) && name != NULL, NULL);

  workspace = slip_workbench_get_workspace (workbench);
  project = workspace != NULL ? slip_workspace_find_migration (workspace, name) : NULL;
  if (project == NULL)
    return NULL;
  key = g_strconcat ("migration/", name, NULL);
  self = g_object_get_data (G_OBJECT (workbench), key);
  /* A workspace that was read again has other projects. */
  if (self != NULL && self->project == project)
    return self;
  self = g_object_new (SLIP_TYPE_MIGRATION_DESK, NULL);
  self->workbench = workbench;
  self->project = slip_migration_project_ref (project);
  g_object_set_data_full (G_OBJECT (workbench), key, self, g_object_unref);
  slip_migration_desk_load (self);
  return self;
}

SlipMigrationProject *
slip_migration_desk_get_project (SlipMigrationDesk *self)
{
  g_return_val_if_fail (SLIP_IS_MIGRATION_DESK (self), NULL);
  return self->project;
}

SlipWorkbench *
slip_migration_desk_get_workbench (SlipMigrationDesk *self)
{
  g_return_val_if_fail (SLIP_IS_MIGRATION_DESK (self), NULL);
  return self->workbench;
}

SlipMigrationData *
slip_migration_desk_get_data (SlipMigrationDesk *self)
{
  g_return_val_if_fail (SLIP_IS_MIGRATION_DESK (self), NULL);
  return self->data;
}

const char *
slip_migration_desk_get_message (SlipMigrationDesk *self)
{
  g_return_val_if_fail (SLIP_IS_MIGRATION_DESK (self), NULL);
  return self->message;
}

gint64
slip_migration_desk_get_asked (SlipMigrationDesk *self)
{
  g_return_val_if_fail (SLIP_IS_MIGRATION_DESK (self), 0);
  return self->asked;
}

/* While work goes on here, it tells by itself. */
void
slip_migration_desk_freshen (SlipMigrationDesk *self)
{
  g_return_if_fail (SLIP_IS_MIGRATION_DESK (self));

  if (self->asked != 0 && self->job == NULL && !self->loading
      && (self->message != NULL || g_get_real_time () - self->asked > RELOAD_US))
    slip_migration_desk_load (self);
}

gboolean
slip_migration_desk_is_away (SlipMigrationDesk *self)
{
  g_return_val_if_fail (SLIP_IS_MIGRATION_DESK (self), FALSE);
  return self->away;
}

gboolean
slip_migration_desk_is_loading (SlipMigrationDesk *self)
{
  g_return_val_if_fail (SLIP_IS_MIGRATION_DESK (self), FALSE);
  return self->loading || self->again;
}

void
slip_migration_desk_show_run (SlipMigrationDesk *self, gint64 run)
{
  g_return_if_fail (SLIP_IS_MIGRATION_DESK (self));
  /* What could not be read was not shown, though it was wanted. */
  if (self->wanted == run && self->data != NULL && self->data->run == run)
    return;
  self->wanted = run;
  slip_migration_desk_load (self);
}
