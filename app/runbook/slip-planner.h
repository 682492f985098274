/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-caller.h"
#include "slip-clock.h"
#include "slip-job.h"
#include "slip-ledger.h"
#include "slip-plan.h"
#include "slip-runbook.h"
#include "slip-workspace.h"

G_BEGIN_DECLS

/**
 * SlipPlannerOptions:
 * @caller: how to reach AWS
 * @clock: (nullable): the time; %NULL for the system's
 * @ledger: (nullable): where runs of this workstation are looked up; without it, whether another run is
 *   unfinished is not provable
 * @environment: where the runbook acts
 * @parameters: (nullable): values by name; what is absent gets its default
 * @started: (nullable): plan as if begun at this time, ISO 8601, so that derived names come out the
 *   same; %NULL for now
 * @job: (nullable): receives progress, and can be cancelled
 * @tell: (nullable): is told on the planning thread when AWS throttles and planning waits
 * @data: for @tell
 */
typedef struct
{
  SlipCaller *caller;
  SlipClock *clock;
  SlipLedger *ledger;
  const char *environment;
  JsonObject *parameters;
  const char *started;
  SlipJob *job;
  void (*tell) (const char *text, gpointer data);
  gpointer data;
} SlipPlannerOptions;

/**
 * slip_planner_plan_full:
 * @runbook: a runbook
 * @options: with what
 * @error: return location
 *
 * Turns a document into a plan: evaluates reads that come before the first change, decides branches,
 * unrolls loops, resolves references, checks every request against its API model and evaluates every
 * guard. Blocking; changes nothing. A guard that blocks is no error: it is in the plan.
 *
 * Returns: (transfer full): the plan, or %NULL with %SLIP_RUNBOOK_ERROR_PARAMETER,
 *   %SLIP_RUNBOOK_ERROR_REQUEST, %SLIP_RUNBOOK_ERROR_NOT_FOUND, %SLIP_RUNBOOK_ERROR_PLAN,
 *   %SLIP_AWS_ERROR or %G_IO_ERROR_CANCELLED
 */
SlipPlan *
slip_planner_plan_full (SlipRunbook *runbook, const SlipPlannerOptions *options, GError **error);

/**
 * slip_planner_plan:
 * @runbook: a runbook
 * @workspace: where environments are looked up
 * @ledger: (nullable): where unfinished runs are looked up
 * @environment: where it acts
 * @parameters: (nullable): values by name
 * @job: (nullable): receives progress, and can be cancelled
 * @error: return location
 *
 * slip_planner_plan_full() on a workspace.
 *
 * Returns: (transfer full): the plan
 */
SlipPlan *slip_planner_plan (SlipRunbook *runbook,
                             SlipWorkspace *workspace,
                             SlipLedger *ledger,
                             const char *environment,
                             JsonObject *parameters,
                             SlipJob *job,
                             GError **error);

/**
 * slip_planner_check_plan:
 * @runbook: the document that @plan was made from
 * @plan: a plan, from wherever
 * @here: (nullable): what is known here of the plan's environments; a plan may not call one that is
 *   protected, or that asks for two people, otherwise
 * @error: return location
 *
 * Whether @plan is what planning makes of @runbook with the parameters and the answers that @plan holds:
 * the way through the document, every step, those of loops too, and every guard. Reads nothing from AWS
 * and no file that the plan is about. Whether the answers are still so, the run sees.
 *
 * Returns: %FALSE with %SLIP_RUNBOOK_ERROR_PLAN, which names the first step that differs
 */
gboolean
slip_planner_check_plan (SlipRunbook *runbook, SlipPlan *plan, SlipCaller *here, GError **error);

/**
 * slip_planner_check_plan_file:
 * @plan: a plan that was read from a file
 * @workspace: the workspace that is here
 * @runbook: (nullable): the document, where it is none of those that are found by name
 * @error: return location
 *
 * slip_planner_check_plan() with the document that @plan names. Reads files.
 *
 * Returns: %FALSE as that, or when the document is not here, as slip_plan_load_runbook()
 */
gboolean slip_planner_check_plan_file (SlipPlan *plan,
                                       SlipWorkspace *workspace,
                                       const char *runbook,
                                       GError **error);

/**
 * slip_planner_default_parameters:
 * @runbook: a runbook
 * @environment: what is known of the environment, as #SlipCallerVTable gives it
 * @parameters: (nullable): values given so far; derived defaults build on them
 * @started_us: what derived names take as now, microseconds since 1970
 *
 * What each parameter is when the user does not say: the environment's setting, else what is derived,
 * else the document's default. Reads nothing from AWS. A destructive parameter gets none.
 *
 * Returns: (transfer full): values by name; parameters without one are absent
 */
JsonObject *slip_planner_default_parameters (SlipRunbook *runbook,
                                             JsonObject *environment,
                                             JsonObject *parameters,
                                             gint64 started_us);

/**
 * slip_planner_validate_parameters:
 * @runbook: a runbook
 * @parameters: values by name, complete
 *
 * Returns: (transfer full) (element-type SlipFault): what does not fit, `path` the parameter's name;
 *   empty when all is well
 */
GPtrArray *slip_planner_validate_parameters (SlipRunbook *runbook, JsonObject *parameters);

/**
 * slip_planner_find_missing:
 * @runbook: a runbook
 * @parameter: a parameter with choices
 * @caller: knows the environment
 * @environment: its name
 * @parameters: (nullable): values given so far
 *
 * Returns: (transfer none) (nullable): the parameter that @parameter is chosen by and that has no value, for which
 *   slip_planner_list_choices() is refused
 */
SlipRunbookParameter *slip_planner_find_missing (SlipRunbook *runbook,
                                                 SlipRunbookParameter *parameter,
                                                 SlipCaller *caller,
                                                 const char *environment,
                                                 JsonObject *parameters);

/**
 * slip_planner_list_choices:
 * @runbook: a runbook
 * @parameter: a parameter with choices
 * @caller: how to reach AWS
 * @environment: the environment's name
 * @parameters: (nullable): values given so far
 * @cancellable: (nullable): ends the call
 * @error: return location
 *
 * Reads what a parameter can be from AWS. Blocking.
 *
 * Returns: (transfer full): an array of objects `{value, title, time, state}`, newest first where the document
 *   says which `times` they have, those without one last; `time` and `state` are missing where AWS tells none
 */
JsonArray *slip_planner_list_choices (SlipRunbook *runbook,
                                      SlipRunbookParameter *parameter,
                                      SlipCaller *caller,
                                      const char *environment,
                                      JsonObject *parameters,
                                      GCancellable *cancellable,
                                      GError **error);

G_END_DECLS
