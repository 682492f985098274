/* SPDX-License-Identifier: MIT */
/* aws:executeStateMachine while running: starts an execution whose name is this run's and step's, so
 * that Step Functions itself refuses a second one, and waits for its end. */

#include "slip-run-start.h"

#include "slip-json.h"

/* At most 80 of the characters that execution names may have. */
static char *
execution_name (SlipRunContext *context)
{
  g_autofree char *name
      = g_strdup_printf ("slipway-%s-%s", context->engine->fold->id, context->step->id);

  g_strcanon (name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", '-');
  return g_strndup (name, 80);
}

/* arn:aws:states:R:A:stateMachine:NAME → arn:aws:states:R:A:execution:NAME:EXECUTION */
static char *
execution_arn (SlipRunContext *context)
{
  JsonObject *request = json_node_get_object (context->request);
  g_auto (GStrv) parts = NULL;
  const char *machine = slip_json_string (request, "stateMachineArn");

  if (machine == NULL)
    return NULL;
  parts = g_strsplit (machine, ":", -1);
  if (g_strv_length (parts) < 7)
    return NULL;
  return g_strdup_printf ("%s:%s:%s:%s:%s:execution:%s:%s", parts[0], parts[1], parts[2], parts[3],
                          parts[4], parts[6], slip_json_string (request, "name"));
}

static const char *const outputs[] = {
    "executionArn",    "$.executionArn",    "input",     "$.input",     "name",     "$.name",
    "output",          "$.output",          "startDate", "$.startDate", "stopDate", "$.stopDate",
    "stateMachineArn", "$.stateMachineArn", "status",    "$.status",    NULL,
};

static gboolean
run (SlipRunContext *context, GError **error)
{
  static const SlipRunStart start = {
      .handle = "$.executionArn",
      .handle_of = execution_arn,
      .service = "states",
      .operation = "DescribeExecution",
      .member = "executionArn",
      .wait = "{\"selector\": \"$.status\", \"ok\": [\"SUCCEEDED\"], \"pending\": [\"RUNNING\","
              " \"PENDING_REDRIVE\"], \"fail\": [\"FAILED\", \"TIMED_OUT\", \"ABORTED\"]}",
      .outputs = outputs,
      .why = "$.cause",
  };
  JsonObject *request = slip_json_node_object (context->request);

  if (request == NULL)
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_DAMAGED,
                   "the plan has no request for step %s", context->step->id);
      return FALSE;
    }
  if (slip_json_string (request, "name") == NULL)
    {
      g_autofree char *name = execution_name (context);

      json_object_set_string_member (request, "name", name);
    }
  return slip_run_start_and_wait (context, &start, error);
}

const SlipRunAction slip_run_action_execute_state_machine = {
    .name = "aws:executeStateMachine",
    .run = run,
};
