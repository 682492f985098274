/* SPDX-License-Identifier: MIT */

/* Where the wizard's plans come from: the planner, or a file that somebody made before. Runs on a
 * worker and touches no widget. */

#include "config.h"

#include "slip-plan-work.h"

#include <glib/gi18n.h>

#include "slip-durations.h"
#include "slip-plan-file.h"
#include "slip-planner.h"

void
slip_plan_work_free (gpointer data)
{
  SlipPlanWork *work = data;

  g_clear_object (&work->runbook);
  g_object_unref (work->workspace);
  g_object_unref (work->ledger);
  g_free (work->environment);
  g_free (work->path);
  g_clear_pointer (&work->parameters, json_object_unref);
  g_clear_object (&work->plan);
  g_free (work);
}

/* The activity row's last words: how long the plan is, and whether it may be approved. */
static void
tell_outcome (SlipJob *job, SlipPlan *plan)
{
  guint n = slip_plan_get_n_steps (plan);
  guint blocks = slip_plan_count_guards (plan, SLIP_GUARD_BLOCK);
  g_autofree char *steps = g_strdup_printf (ngettext ("%u step", "%u steps", n), n);
  g_autofree char *guards
      = g_strdup_printf (ngettext ("%u guard blocks", "%u guards block", blocks), blocks);
  g_autofree char *outcome
      = g_strdup_printf ("%s, %s", steps, blocks > 0 ? guards : _ ("no guard blocks"));

  slip_job_set_outcome (job, outcome);
}

gboolean
slip_plan_work_make (SlipJob *job, gpointer data, GError **error)
{
  SlipPlanWork *work = data;

  g_autoptr (SlipPlan) plan = slip_planner_plan (work->runbook, work->workspace, work->ledger,
                                                 work->environment, work->parameters, job, error);

  if (plan == NULL)
    return FALSE;
  work->plan = slip_plan_remember (plan, work->ledger, work->workspace);
  tell_outcome (job, work->plan);
  return TRUE;
}

gboolean
slip_plan_work_read (SlipJob *job, gpointer data, GError **error)
{
  SlipPlanWork *work = data;

  work->plan = slip_plan_read_file (work->path, error);
  if (work->plan == NULL)
    return FALSE;
  /* An environment of another workspace is not looked for under the same name in this one's AWS. */
  if (slip_workspace_find (work->workspace, slip_plan_get_environment (work->plan)) == NULL)
    {
      g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_NOT_FOUND,
                   _ ("%s: the plan is for environment %s, which this workspace does not have. "
                      "Open the workspace it was made in."),
                   work->path, slip_plan_get_environment (work->plan));
      return FALSE;
    }
  if (!slip_planner_check_plan_file (work->plan, work->workspace, NULL, error))
    {
      g_prefix_error (error, "%s: ", work->path);
      return FALSE;
    }
  tell_outcome (job, work->plan);
  return TRUE;
}
