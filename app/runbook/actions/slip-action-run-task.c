/* SPDX-License-Identifier: MIT */
/* `slipway:runTask`, the document half: one ECS task. Its inputs are the request of RunTask; what makes
 * it safe to send twice and easy to find again is the run's business. */

#include "slip-actions.h"
#include "slip-json.h"

static const SlipActionInput inputs[] = {
    {"Logs", SLIP_ACTION_BOOLEAN, FALSE},
    {NULL, SLIP_ACTION_ANY, FALSE},
};

static const SlipActionOutput outputs[] = {
    {"taskArn", SLIP_PARAMETER_STRING},      {"taskDefinitionArn", SLIP_PARAMETER_STRING},
    {"stopCode", SLIP_PARAMETER_STRING},     {"stoppedReason", SLIP_PARAMETER_STRING},
    {"containers", SLIP_PARAMETER_MAP_LIST}, {"logFile", SLIP_PARAMETER_STRING},
    {NULL, SLIP_PARAMETER_STRING},
};

static void
check_step (SlipActionCheck *check)
{
  static const char *const own[] = {"clientToken", "startedBy"};

  for (guint i = 0; i < G_N_ELEMENTS (own); i++)
    {
      g_autofree char *suffix = g_strconcat (".inputs.", own[i], NULL);

      if (json_object_has_member (check->inputs, own[i]))
        slip_action_report (check, suffix,
                            "%s is the run's to choose: it finds its task again by it", own[i]);
    }
  if (slip_json_int (check->inputs, "count", 1) != 1)
    slip_action_report (check, ".inputs.count", "the action runs one task");
}

static gboolean
plan_step (SlipActionPlan *plan, GError **error)
{
  gboolean planned = slip_action_plan_request (plan, inputs);

  json_object_set_string_member (plan->step, "service", "ecs");
  json_object_set_string_member (plan->step, "operation", "RunTask");
  return planned;
}

const SlipAction slip_action_run_task = {
    .name = "slipway:runTask",
    .workstation = TRUE,
    .planned = TRUE,
    .request_inputs = TRUE,
    .service = "ecs",
    .operation = "RunTask",
    .answer = "DescribeTasks",
    .inputs = inputs,
    .outputs = outputs,
    .check = check_step,
    .plan = plan_step,
};
