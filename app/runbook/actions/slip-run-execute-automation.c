/* SPDX-License-Identifier: MIT */
/* aws:executeAutomation while running: starts an automation in Systems Manager and waits for its end.
 * Its client token is made from run and step, so that it is started once. */

#include "slip-run-start.h"

#include "slip-json.h"

/* Systems Manager takes UUIDs only: the digest of run and step, in that form. */
static char *
client_token (SlipRunContext *context)
{
  g_autofree char *text = g_strconcat (context->engine->fold->id, "/", context->step->id, NULL);
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);

  return g_strdup_printf ("%.8s-%.4s-4%.3s-8%.3s-%.12s", digest, digest + 8, digest + 12,
                          digest + 15, digest + 18);
}

static const char *const outputs[] = {
    "ExecutionId", "$.AutomationExecution.AutomationExecutionId",
    "Status",      "$.AutomationExecution.AutomationExecutionStatus",
    NULL,
};

/* `Output` is a list of all that the other document yields; the service answers a list for each name. */
static void
take_output (SlipRunContext *context)
{
  g_autoptr (JsonNode) lists
      = slip_json_select (context->answer, "$.AutomationExecution.Outputs.*", NULL);
  JsonArray *flat = json_array_new ();

  for (guint i = 0; lists != NULL && i < json_array_get_length (json_node_get_array (lists)); i++)
    {
      JsonNode *list = json_array_get_element (json_node_get_array (lists), i);

      for (guint j = 0;
           JSON_NODE_HOLDS_ARRAY (list) && j < json_array_get_length (json_node_get_array (list));
           j++)
        json_array_add_element (
            flat, json_node_ref (json_array_get_element (json_node_get_array (list), j)));
    }
  json_object_set_array_member (context->outputs, "Output", flat);
}

static gboolean
run (SlipRunContext *context, GError **error)
{
  static const SlipRunStart start = {
      .handle = "$.AutomationExecutionId",
      .service = "ssm",
      .operation = "GetAutomationExecution",
      .member = "AutomationExecutionId",
      .wait
      = "{\"selector\": \"$.AutomationExecution.AutomationExecutionStatus\", \"ok\": [\"Success\","
        " \"CompletedWithSuccess\"], \"pending\": [\"Pending\", \"InProgress\", \"Waiting\","
        " \"Scheduled\", \"Runbookinprogress\", \"PendingApproval\", \"Approved\","
        " \"PendingChangeCalendarOverride\", \"ChangeCalendarOverrideApproved\","
        " \"Cancelling\"], \"fail\": [\"Failed\", \"TimedOut\", \"Cancelled\", \"Rejected\","
        " \"ChangeCalendarOverrideRejected\", \"CompletedWithFailure\", \"Exited\"]}",
      .outputs = outputs,
      .why = "$.AutomationExecution.FailureMessage",
  };
  JsonObject *request = slip_json_node_object (context->request);

  if (request == NULL)
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_DAMAGED,
                   "the plan has no request for step %s", context->step->id);
      return FALSE;
    }
  if (slip_json_string (request, "ClientToken") == NULL)
    {
      g_autofree char *token = client_token (context);

      json_object_set_string_member (request, "ClientToken", token);
    }
  if (!slip_run_start_and_wait (context, &start, error))
    return FALSE;
  take_output (context);
  return TRUE;
}

const SlipRunAction slip_run_action_execute_automation = {
    .name = "aws:executeAutomation",
    .run = run,
};
