/* SPDX-License-Identifier: MIT */
/* `aws:approve`: waits for the approval of principals. */

#include "slip-actions.h"
#include "slip-json.h"

static const SlipActionInput inputs[] = {
    {"NotificationArn", SLIP_ACTION_TEXT, FALSE},
    {"Message", SLIP_ACTION_TEXT, FALSE},
    {"MinRequiredApprovals", SLIP_ACTION_INTEGER, FALSE},
    {"Approvers", SLIP_ACTION_LIST, TRUE},
    {NULL, SLIP_ACTION_ANY, FALSE},
};

static const SlipActionOutput outputs[] = {
    {"ApprovalStatus", SLIP_PARAMETER_STRING},
    {"ApproverDecisions", SLIP_PARAMETER_STRING_MAP},
    {NULL, SLIP_PARAMETER_STRING},
};

static void
check_step (SlipActionCheck *check)
{
  JsonArray *approvers = slip_json_array (check->inputs, "Approvers");
  gint64 least = slip_json_int (check->inputs, "MinRequiredApprovals", 1);
  const char *message = slip_json_string (check->inputs, "Message");

  if (approvers != NULL && json_array_get_length (approvers) == 0)
    slip_action_report (check, ".inputs.Approvers", "nobody can approve");
  if (approvers != NULL && json_array_get_length (approvers) > 10)
    slip_action_report (check, ".inputs.Approvers", "there are more than 10 approvers");
  if (least < 1)
    slip_action_report (check, ".inputs.MinRequiredApprovals", "must be 1 or more");
  if (message != NULL && g_utf8_strlen (message, -1) > 4096)
    slip_action_report (check, ".inputs.Message", "is longer than 4096 characters");
}

const SlipAction slip_action_approve = {
    .name = "aws:approve",
    .planned = TRUE,
    .inputs = inputs,
    .outputs = outputs,
    .check = check_step,
};
