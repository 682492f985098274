/* SPDX-License-Identifier: MIT */

/* Exporting the audit log and verifying an export. The same functions as `slipwayctl ledger export`
 * and `verify`, behind a file chooser. */

#include "config.h"

#include "slip-export.h"

#include <glib/gi18n.h>

#include "slip-confirm.h"
#include "slip-file-dialog.h"
#include "slip-ledger-verify.h"
#include "slip-task.h"

typedef struct
{
  GtkWidget *parent;        /* owned; only touched on the main thread */
  SlipWorkbench *workbench; /* owned; only touched on the main thread */
  SlipLedger *ledger;       /* owned */
  char *run;
  char *path;
  SlipLedgerFormat format;
  SlipLedgerExport info;
  SlipVerifyReport report;
} Work;

static void
work_free (gpointer data)
{
  Work *work = data;

  g_object_unref (work->parent);
  g_object_unref (work->workbench);
  g_object_unref (work->ledger);
  g_free (work->run);
  g_free (work->path);
  g_free (work);
}

static Work *
work_new (GtkWidget *parent, SlipWorkbench *workbench, const char *path)
{
  Work *work = g_new0 (Work, 1);

  work->parent = g_object_ref (parent);
  work->workbench = g_object_ref (workbench);
  work->ledger = g_object_ref (slip_workbench_get_ledger (workbench));
  work->path = g_strdup (path);
  return work;
}

static gboolean
do_export (SlipJob *job, gpointer data, GError **error)
{
  Work *work = data;
  g_autoptr (GCancellable) cancellable = slip_job_ref_cancellable (job);

  return slip_ledger_export (work->ledger, work->format, work->run, work->path, &work->info,
                             cancellable, error);
}

static void
exported_cb (gpointer owner, gpointer data, const GError *error)
{
  Work *work = data;
  g_autofree char *name = g_path_get_basename (work->path);
  g_autofree char *text = NULL;

  if (error != NULL)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        slip_confirm_message (work->parent, _ ("The audit log was not exported"), error->message);
      return;
    }
  text = g_strdup_printf (
      ngettext ("%s: %u entry exported", "%s: %u entries exported", (gulong)work->info.entries),
      name, (guint)work->info.entries);
  slip_workbench_toast (work->workbench, text);
}

void
slip_export_to (GtkWidget *parent,
                SlipWorkbench *workbench,
                const char *run,
                SlipLedgerFormat format,
                const char *path)
{
  Work *work = work_new (parent, workbench, path);
  g_autoptr (SlipJob) job = NULL;

  work->run = g_strdup (run);
  work->format = format;
  job = slip_task_run (workbench, slip_pool_get_io (), _ ("Exporting the audit log"), do_export,
                       exported_cb, work, work_free);
  slip_workbench_add_job (workbench, job);
}

static void
chosen_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Work *work = data;
  g_autoptr (GFile) file = slip_file_dialog_finish (result);

  if (file != NULL && g_file_peek_path (file) != NULL)
    slip_export_to (work->parent, work->workbench, work->run, work->format,
                    g_file_peek_path (file));
  work_free (work);
}

void
slip_export_ask (GtkWidget *parent,
                 SlipWorkbench *workbench,
                 const char *run,
                 SlipLedgerFormat format)
{
  static const char *const endings[] = {
      [SLIP_LEDGER_FORMAT_JSONL] = "jsonl",
      [SLIP_LEDGER_FORMAT_CSV] = "csv",
      [SLIP_LEDGER_FORMAT_HTML] = "html",
  };
  g_autofree char *name = NULL;
  Work *work;

  g_return_if_fail ((guint)format < G_N_ELEMENTS (endings));

  name = run != NULL ? g_strdup_printf ("audit-log-%s.%s", run, endings[format])
                     : g_strdup_printf ("audit-log.%s", endings[format]);
  work = work_new (parent, workbench, NULL);
  work->run = g_strdup (run);
  work->format = format;
  slip_file_dialog_save_async (parent, _ ("Export the audit log"), name, chosen_cb, work);
}

static gboolean
do_verify (SlipJob *job, gpointer data, GError **error)
{
  Work *work = data;
  g_autofree char *key = slip_ledger_dup_public_key (work->ledger);

  return slip_ledger_verify_file (work->path, key, &work->report, error);
}

static void
verified_cb (gpointer owner, gpointer data, const GError *error)
{
  Work *work = data;
  g_autofree char *text = NULL;

  if (error != NULL)
    {
      text = g_strdup_printf ("%s: %s", slip_verify_error_name (error), error->message);
      slip_confirm_message (work->parent, _ ("The file does not verify"), text);
      return;
    }
  text = g_strdup_printf (
      _ ("%u entries of a log of %u, exported %s.\nEvery entry is as it was written, none is "
         "missing, and this workbench's key signed it.\nRoot %s"),
      (guint)work->report.entries, (guint)work->report.size, work->report.exported,
      work->report.root);
  slip_confirm_message (work->parent, _ ("The file verifies"), text);
}

static void
verify_chosen_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Work *work = data;
  g_autoptr (GFile) file = slip_file_dialog_finish (result);
  g_autoptr (SlipJob) job = NULL;

  if (file == NULL || g_file_peek_path (file) == NULL)
    {
      work_free (work);
      return;
    }
  work->path = g_strdup (g_file_peek_path (file));
  job = slip_task_run (work->workbench, slip_pool_get_io (), _ ("Verifying an export"), do_verify,
                       verified_cb, work, work_free);
  slip_workbench_add_job (work->workbench, job);
}

void
slip_export_verify_ask (GtkWidget *parent, SlipWorkbench *workbench)
{
  slip_file_dialog_open_async (parent, _ ("Verify an exported audit log"), verify_chosen_cb,
                               work_new (parent, workbench, NULL));
}
