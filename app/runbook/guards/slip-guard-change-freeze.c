/* SPDX-License-Identifier: MIT */
/* Whether a change freeze is on: a record in Parameter Store, `/slipway/ENVIRONMENT/change-freeze`, that
 * the runbook change-freeze-on writes and change-freeze-off takes away, and that everybody who works
 * in the account can see. */

#include "slip-guards.h"
#include "slip-json.h"

static const char *const inputs[] = {"parameter", NULL};

SlipGuardState
slip_guard_read_record (SlipGuardContext *context,
                        const char *kind,
                        JsonNode **record,
                        char **message)
{
  const char *name = slip_guard_input (context, "parameter");
  g_autoptr (JsonObject) input = json_object_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) output = NULL;
  JsonObject *parameter;
  JsonObject *object;
  const char *value;

  *record = NULL;
  if (name == NULL)
    {
      *message
          = g_strdup ("no record of it is named, so nothing proves it; a person vouches for it");
      return SLIP_GUARD_WARN;
    }
  json_object_set_string_member (input, "Name", name != NULL ? name : "");
  output = slip_guard_call (context, "ssm", "GetParameter", input, &error);
  if (output == NULL && g_strcmp0 (slip_aws_error_get_code (error), "ParameterNotFound") == 0)
    return SLIP_GUARD_BLOCK;
  if (output == NULL)
    return slip_guard_unprovable (message, name, error);
  parameter = slip_json_object (slip_json_node_object (output), "Parameter");
  value = parameter != NULL ? slip_json_string (parameter, "Value") : NULL;
  *record = value != NULL ? slip_json_parse (value, -1, NULL) : NULL;
  object = *record != NULL ? slip_json_node_object (*record) : NULL;
  if (object != NULL && g_strcmp0 (slip_json_string (object, "kind"), kind) == 0)
    return SLIP_GUARD_PASS;
  *message
      = g_strdup_printf ("the parameter %s does not hold a record of %s that Slipway wrote. Name "
                         "the one that the runbook %s-on writes",
                         name, kind, kind);
  g_clear_pointer (record, json_node_unref);
  return SLIP_GUARD_BLOCK;
}

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  g_autoptr (JsonNode) record = NULL;
  SlipGuardState state = slip_guard_read_record (context, "change-freeze", &record, message);
  JsonObject *object = record != NULL ? slip_json_node_object (record) : NULL;

  if (state == SLIP_GUARD_PASS)
    *message = g_strdup_printf (
        "change freeze %s is on since %s (%s)", slip_json_string (object, "reference"),
        slip_json_string (object, "since"), slip_json_string (object, "reason"));
  else if (*message == NULL)
    *message
        = g_strdup_printf ("no change freeze is on in %s; a pipeline could run meanwhile. Begin "
                           "one with the runbook change-freeze-on",
                           context->environment);
  return state;
}

const SlipGuard slip_guard_change_freeze = {
    .id = "change-freeze",
    .title = "Change freeze is on",
    .inputs = inputs,
    .evaluate = evaluate,
};
