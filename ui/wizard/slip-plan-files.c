/* SPDX-License-Identifier: MIT */

/* Plans to and from files, with the dialogs around it. The format is that of the command line, through
 * the same functions; the page of a plan is the wizard's. */

#include "config.h"

#include "slip-plan-files.h"

#include <glib/gi18n.h>

#include "slip-confirm.h"
#include "slip-file-dialog.h"
#include "slip-plan-file.h"
#include "slip-task.h"

typedef struct
{
  GtkWidget *parent;        /* owned */
  SlipWorkbench *workbench; /* owned */
  SlipPlan *plan;           /* owned */
  char *path;
} Work;

static Work *
work_new (GtkWidget *parent, SlipWorkbench *workbench, SlipPlan *plan)
{
  Work *work = g_new0 (Work, 1);

  work->parent = g_object_ref (parent);
  work->workbench = g_object_ref (workbench);
  work->plan = g_object_ref (plan);
  return work;
}

static void
work_free (gpointer data)
{
  Work *work = data;

  g_object_unref (work->parent);
  g_object_unref (work->workbench);
  g_object_unref (work->plan);
  g_free (work->path);
  g_free (work);
}

static gboolean
save (SlipJob *job, gpointer data, GError **error)
{
  Work *work = data;

  if (!slip_plan_write_file (work->plan, work->path, error))
    return FALSE;
  slip_job_set_outcome (job, work->path);
  return TRUE;
}

static void
saved_cb (gpointer owner, gpointer data, const GError *error)
{
  Work *work = data;
  g_autofree char *text = NULL;

  if (error != NULL)
    {
      slip_confirm_message (work->parent, _ ("The plan was not saved"), error->message);
      return;
    }
  text = g_strdup_printf (_ ("Plan saved as %s"), work->path);
  slip_workbench_toast (work->workbench, text);
}

void
slip_plan_files_save (GtkWidget *parent, SlipWorkbench *workbench, SlipPlan *plan, const char *path)
{
  Work *work;
  g_autoptr (SlipJob) job = NULL;

  g_return_if_fail (GTK_IS_WIDGET (parent));
  g_return_if_fail (SLIP_IS_PLAN (plan));
  g_return_if_fail (path != NULL);

  work = work_new (parent, workbench, plan);
  work->path = g_strdup (path);
  job = slip_task_run (workbench, slip_pool_get_io (), _ ("Saving the plan"), save, saved_cb, work,
                       work_free);
  slip_workbench_add_job (workbench, job);
}

static void
save_chosen_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Work *work = data;
  g_autoptr (GFile) file = slip_file_dialog_finish (result);

  if (file != NULL && g_file_peek_path (file) != NULL)
    slip_plan_files_save (work->parent, work->workbench, work->plan, g_file_peek_path (file));
  work_free (work);
}

void
slip_plan_files_save_ask (GtkWidget *parent, SlipWorkbench *workbench, SlipPlan *plan)
{
  g_autofree char *name = NULL;

  g_return_if_fail (SLIP_IS_PLAN (plan));

  name = g_strdup_printf ("plan-%s-%s-%.8s.json", slip_plan_get_runbook (plan),
                          slip_plan_get_environment (plan), slip_plan_get_hash (plan));
  slip_file_dialog_save_async (parent, _ ("Save the plan"), name, save_chosen_cb,
                               work_new (parent, workbench, plan));
}

void
slip_plan_files_open_ask (GtkWidget *window)
{
  g_return_if_fail (GTK_IS_WIDGET (window));
  slip_file_dialog_open_page (window, _ ("Open a plan"), "plan");
}
