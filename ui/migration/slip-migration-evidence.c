/* SPDX-License-Identifier: MIT */

/* The evidence of a run out of the window: what `slipwayctl migrate report` writes, and the charts that only a window can
 * draw. Its digests go into the audit log. */

#include "config.h"

#include "slip-migration-evidence.h"

#include <glib/gi18n.h>

#include "slip-comparison-page.h"
#include "slip-confirm.h"
#include "slip-file-dialog.h"
#include "slip-migration-export.h"
#include "slip-migration-log.h"
#include "slip-pool.h"
#include "slip-run-evidence.h"
#include "slip-task.h"
#include "slip-waterfall-page.h"

typedef struct
{
  GtkWidget *parent;        /* owned */
  SlipWorkbench *workbench; /* owned */
  SlipLedger *ledger;       /* owned */
  SlipMigrationData *data;  /* owned */
  GHashTable *pictures;     /* owned; name → GBytes */
  char *path;
} Evidence;

static void
evidence_free (gpointer memory)
{
  Evidence *self = memory;

  g_object_unref (self->parent);
  g_object_unref (self->workbench);
  g_object_unref (self->ledger);
  slip_migration_data_unref (self->data);
  g_hash_table_unref (self->pictures);
  g_free (self->path);
  g_free (self);
}

static JsonObject *
new_request (const Evidence *self)
{
  JsonObject *request = json_object_new ();

  json_object_set_string_member (request, "definitions", self->data->project->definitions);
  json_object_set_string_member (request, "migrationDatabase", self->data->project->migration_db);
  json_object_set_string_member (request, "folder", self->path);
  json_object_set_int_member (request, "run", self->data->run);
  return request;
}

static gboolean
do_write (SlipJob *job, gpointer memory, GError **error)
{
  Evidence *self = memory;
  g_autoptr (GCancellable) cancellable = slip_job_ref_cancellable (job);
  g_auto (SlipMigrationLog) log = {0};
  g_autoptr (GError) failure = NULL;
  JsonObject *told;

  if (!slip_migration_log_begin (&log, self->ledger, "report", new_request (self), error))
    return FALSE;
  told = slip_run_evidence_write (
      self->data->migration, self->data->project->migration_db,
      self->data->unasked == NULL ? self->data->project->target_db : NULL, self->data->run,
      self->pictures, self->path, cancellable, &failure);
  if (!slip_migration_log_end (&log, failure, told != NULL ? told : json_object_new (), error))
    return FALSE;
  if (failure != NULL)
    g_propagate_error (error, g_steal_pointer (&failure));
  return told != NULL;
}

static void
written_cb (gpointer owner, gpointer memory, const GError *error)
{
  Evidence *self = memory;
  g_autofree char *text = NULL;

  if (error != NULL)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        slip_confirm_message (self->parent, _ ("The evidence was not written"), error->message);
      return;
    }
  text = g_strdup_printf (_ ("Evidence of run %d: %s"), (int)self->data->run, self->path);
  slip_workbench_toast (self->workbench, text);
}

static Evidence *
evidence_new (GtkWidget *parent, SlipMigrationDesk *desk)
{
  SlipMigrationData *data = slip_migration_desk_get_data (desk);
  Evidence *self;

  if (data == NULL || data->run == 0)
    return NULL;
  self = g_new0 (Evidence, 1);
  self->parent = g_object_ref (parent);
  self->workbench = g_object_ref (slip_migration_desk_get_workbench (desk));
  self->ledger = g_object_ref (slip_workbench_get_ledger (self->workbench));
  self->data = slip_migration_data_ref (data);
  self->pictures
      = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_bytes_unref);
  return self;
}

static void
add_pictures (Evidence *self)
{
  g_autofree char *heading = slip_migration_dup_heading (self->data);

  if (self->data->validations != NULL && self->data->validations->len > 0)
    g_hash_table_insert (
        self->pictures, (gpointer) "comparison.png",
        slip_migration_draw (slip_comparison_page_new_chart (self->data), heading, self->parent));
  if (self->data->waterfall != NULL)
    g_hash_table_insert (self->pictures, (gpointer) "waterfall.png",
                         slip_migration_draw (slip_waterfall_page_new_chart (self->data, NULL),
                                              heading, self->parent));
}

static void
save (Evidence *self, const char *path)
{
  g_autoptr (SlipJob) job = NULL;

  self->path = g_strdup (path);
  add_pictures (self);
  job = slip_task_run (self->workbench, slip_pool_get_io (), _ ("Writing the evidence of a run"),
                       do_write, written_cb, self, evidence_free);
  slip_workbench_add_job (self->workbench, job);
}

static void
chosen_cb (GObject *source, GAsyncResult *result, gpointer memory)
{
  Evidence *self = memory;
  g_autoptr (GFile) file = slip_file_dialog_finish (result);

  if (file != NULL && g_file_peek_path (file) != NULL
      && gtk_widget_get_native (self->parent) != NULL)
    save (self, g_file_peek_path (file));
  else
    evidence_free (self);
}

void
slip_migration_evidence_ask (GtkWidget *parent, SlipMigrationDesk *desk)
{
  Evidence *self = evidence_new (parent, desk);
  g_autofree char *name = NULL;

  if (self == NULL)
    return;
  name = g_strdup_printf ("%s-run-%d", self->data->project->name, (int)self->data->run);
  slip_file_dialog_save_async (parent, _ ("A new folder for the evidence"), name, chosen_cb, self);
}

void
slip_migration_evidence_save (GtkWidget *parent, SlipMigrationDesk *desk, const char *path)
{
  Evidence *self = evidence_new (parent, desk);

  if (self != NULL)
    save (self, path);
}
