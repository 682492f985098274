/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-job.h"
#include "slip-ledger.h"
#include "slip-plan.h"
#include "slip-runbook.h"
#include "slip-workspace.h"

G_BEGIN_DECLS

/**
 * SlipPlanWork:
 * @runbook: (nullable): what is planned, for slip_plan_work_make()
 * @workspace: where environments come from
 * @ledger: where unfinished runs are looked up, and what earlier ones took
 * @environment: (nullable): where the runbook acts
 * @path: (nullable): the plan's file, for slip_plan_work_read()
 * @parameters: (nullable): what the person said
 * @plan: (nullable): the plan, once there is one
 * @generation: which of its page's plans it is; an older one is of no use when it arrives
 *
 * How the wizard comes by a plan, on a worker. Owns all it points to.
 */
typedef struct
{
  SlipRunbook *runbook;
  SlipWorkspace *workspace;
  SlipLedger *ledger;
  char *environment;
  char *path;
  JsonObject *parameters;
  SlipPlan *plan;
  guint generation;
} SlipPlanWork;

void slip_plan_work_free (gpointer work);

/**
 * slip_plan_work_make:
 * @data: a #SlipPlanWork with runbook, environment and parameters
 *
 * A #SlipJobFunc that plans. Its job's outcome tells how long the plan is and whether a guard blocks.
 */
gboolean slip_plan_work_make (SlipJob *job, gpointer data, GError **error);

/**
 * slip_plan_work_read:
 * @data: a #SlipPlanWork with a path
 *
 * A #SlipJobFunc that reads a plan made before. Fails with an error of slip_plan_read_file(), or
 * %SLIP_RUNBOOK_ERROR_NOT_FOUND when the workspace lacks the plan's environment.
 */
gboolean slip_plan_work_read (SlipJob *job, gpointer data, GError **error);

G_END_DECLS
