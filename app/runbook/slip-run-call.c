/* SPDX-License-Identifier: MIT */
/* Reads of a run and what becomes of answers: redaction before anything is stored, selection of the
 * outputs. Sending changes is slip-run-send.c. */

#include "slip-run-engine.h"

#include "slip-action.h"
#include "slip-json.h"

/* An answer that would swell the ledger is kept as its digest only; its outputs are kept always. */
#define RESPONSE_MAX (256 * 1024)

static void
keep_info (SlipRunContext *context, const SlipAwsCallInfo *info)
{
  if (info->request_id != NULL)
    {
      g_free (context->request_id);
      context->request_id = g_strdup (info->request_id);
    }
  if (info->service_date_us != 0)
    context->service_date = info->service_date_us;
}

JsonNode *
slip_run_engine_read (SlipRunContext *context,
                      const char *service,
                      const char *operation,
                      JsonNode *input,
                      SlipAwsPriority priority,
                      GError **error)
{
  return slip_run_engine_read_in (context, slip_plan_step_get_region (context->plan), service,
                                  operation, input, priority, error);
}

JsonNode *
slip_run_engine_read_in (SlipRunContext *context,
                         const char *region,
                         const char *service,
                         const char *operation,
                         JsonNode *input,
                         SlipAwsPriority priority,
                         GError **error)
{
  SlipRunEngine *engine = context->engine;
  const char *environment = slip_plan_step_get_environment (context->plan);
  SlipAwsCall call = {
      .service = service,
      .operation = operation,
      .region = region,
      .input = input,
      .priority = priority,
  };
  SlipPatience patience = {0};

  /* The clients of a run let changes through; here nothing is on disk that says one was sent. */
  if (!slip_action_require_read (service, operation, error))
    return NULL;
  for (;;)
    {
      g_auto (SlipAwsCallInfo) info = {0};
      g_autoptr (GError) local = NULL;
      JsonNode *response;

      if (!slip_run_engine_identify (engine, environment, error))
        return NULL;
      response = slip_run_caller_call (engine->caller, environment, &call, &info,
                                       engine->cancellable, &local);
      keep_info (context, &info);
      if (response != NULL)
        return response;
      if (!slip_run_engine_check (engine, error))
        return NULL;
      if (slip_run_error_is_sign_in (local))
        {
          if (!slip_run_engine_sign_in (engine, environment, context->step, local->message, error))
            return NULL;
        }
      else if (priority == SLIP_AWS_PRIORITY_WAIT)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
      else if (!slip_run_engine_outlast (engine, context->step, &patience, &local, error))
        return NULL;
    }
}

static JsonNode *
stored_form (JsonNode *redacted)
{
  g_autofree char *text = redacted != NULL ? slip_json_to_text (redacted, FALSE) : NULL;

  if (text == NULL || strlen (text) > RESPONSE_MAX)
    return NULL;
  return json_node_ref (redacted);
}

static void
keep_secret (SlipRunContext *context, const char *name, JsonNode *value)
{
  g_hash_table_insert (context->engine->secrets, g_strdup_printf ("%s.%s", context->step->id, name),
                       json_node_ref (value));
  context->secret_outputs = TRUE;
}

static gboolean
select_output (SlipRunContext *context,
               JsonObject *output,
               JsonNode *response,
               JsonNode *stored,
               GError **error)
{
  const char *name = slip_json_string (output, "Name");
  const char *selector = slip_json_string (output, "Selector");
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonNode) value = NULL;
  g_autoptr (JsonNode) shown = NULL;
  gboolean secret;

  if (name == NULL || selector == NULL)
    return TRUE;
  value = slip_json_select (response, selector, &local);
  if (local != NULL)
    {
      g_propagate_prefixed_error (error, g_steal_pointer (&local), "output %s: ", name);
      return FALSE;
    }
  if (value == NULL)
    return TRUE;
  /* What redaction replaced in the answer is a secret as an output too. */
  shown = stored != NULL ? slip_json_select (stored, selector, NULL) : NULL;
  secret = stored != NULL && (shown == NULL || !slip_json_equal (shown, value));
  value = slip_action_open_output (output, g_steal_pointer (&value), error);
  if (value == NULL)
    return FALSE;
  if (secret)
    keep_secret (context, name, value);
  else
    json_object_set_member (context->outputs, name, g_steal_pointer (&value));
  return TRUE;
}

gboolean
slip_run_context_take_result (SlipRunContext *context,
                              JsonNode *result,
                              JsonNode *redacted,
                              GError **error)
{
  JsonArray *declared = slip_plan_step_get_outputs (context->plan);
  g_autoptr (JsonNode) shown = slip_run_engine_scrub (context->engine, redacted);

  g_clear_pointer (&context->answer, json_node_unref);
  context->answer = result;
  g_clear_pointer (&context->response, json_node_unref);
  context->response = stored_form (shown);
  g_clear_pointer (&context->outputs, json_object_unref);
  context->outputs = json_object_new ();
  for (guint i = 0; declared != NULL && i < json_array_get_length (declared); i++)
    {
      JsonObject *output = slip_json_node_object (json_array_get_element (declared, i));

      if (output != NULL && !select_output (context, output, result, shown, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
slip_run_context_take_response (SlipRunContext *context,
                                const SlipAwsOperation *op,
                                JsonNode *response,
                                GError **error)
{
  return slip_run_context_take_result (context, response,
                                       slip_aws_model_redact (op, response, TRUE), error);
}
