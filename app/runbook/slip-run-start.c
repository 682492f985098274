/* SPDX-License-Identifier: MIT */
/* What executions of state machines and of automations have in common: one call starts them and
 * yields a handle, and polling with that handle shows how they end. The handle is on disk before the
 * first poll. */

#include "slip-run-start.h"

#include "slip-json.h"

static char *
start_it (SlipRunContext *context, const SlipRunStart *start, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonNode) handle = NULL;

  if (!slip_run_send (context, &local))
    {
      const char *code = slip_aws_error_get_code (local);
      char *existing
          = code != NULL && strstr (code, "AlreadyExists") != NULL && start->handle_of != NULL
                ? start->handle_of (context)
                : NULL;

      if (existing == NULL)
        g_propagate_error (error, g_steal_pointer (&local));
      return existing;
    }
  handle = slip_json_select (context->answer, start->handle, error);
  if (handle != NULL && JSON_NODE_HOLDS_VALUE (handle))
    return json_node_dup_string (handle);
  if (error != NULL && *error == NULL)
    g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED, "the answer has no %s",
                 start->handle);
  return NULL;
}

static void
add_reason (SlipRunContext *context, const SlipRunStart *start, GError **error)
{
  g_autoptr (JsonNode) why
      = context->answer != NULL ? slip_json_select (context->answer, start->why, NULL) : NULL;

  if (why != NULL && JSON_NODE_HOLDS_VALUE (why) && json_node_get_string (why) != NULL
      && error != NULL && g_error_matches (*error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED))
    {
      g_autofree char *message
          = g_strconcat ((*error)->message, ": ", json_node_get_string (why), NULL);

      g_clear_error (error);
      g_set_error_literal (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED, message);
    }
}

static void
take_outputs (SlipRunContext *context, const SlipRunStart *start)
{
  for (const char *const *output = start->outputs; *output != NULL; output += 2)
    {
      JsonNode *value = slip_json_select (context->answer, output[1], NULL);

      if (value != NULL && !json_object_has_member (context->outputs, output[0]))
        json_object_set_member (context->outputs, output[0], value);
      else
        g_clear_pointer (&value, json_node_unref);
    }
}

gboolean
slip_run_start_and_wait (SlipRunContext *context, const SlipRunStart *start, GError **error)
{
  g_autofree char *handle = g_strdup (context->step->handle);
  g_autoptr (JsonNode) wait = slip_json_parse (start->wait, -1, NULL);
  JsonObject *input = json_object_new ();
  g_autoptr (JsonNode) request = slip_json_new_object (input);
  SlipRunWaitSpec spec = {
      .service = start->service,
      .operation = start->operation,
      .request = request,
      .wait = json_node_get_object (wait),
  };

  if (handle == NULL)
    handle = start_it (context, start, error);
  if (handle == NULL)
    return FALSE;
  json_object_set_string_member (input, start->member, handle);
  spec.handle = handle;
  context->changed = TRUE;
  if (slip_run_wait (context, &spec, error))
    {
      take_outputs (context, start);
      return TRUE;
    }
  add_reason (context, start, error);
  return FALSE;
}
