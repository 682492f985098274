/* SPDX-License-Identifier: MIT */
/* Whether the role may make the plan's calls, as far as IAM's policy simulator tells: it knows nothing
 * of organisation policies and little of resource policies, so a denial warns and a refusal to simulate
 * is "not provable". */

#include "slip-action.h"
#include "slip-aws-identity.h"
#include "slip-aws-model.h"
#include "slip-guards.h"
#include "slip-json.h"

#include <string.h>

/* The prefix of a service in IAM actions, where it is not its signing name. */
static const char *
iam_prefix (const char *service)
{
  const SlipAwsModel *model;

  if (g_str_equal (service, "monitoring"))
    return "cloudwatch";
  model = slip_aws_model_get (service, NULL);
  return model != NULL ? slip_aws_model_get_signing_name (model) : service;
}

static JsonArray *
list_actions (SlipGuardContext *context)
{
  JsonArray *actions = json_array_new ();
  JsonArray *steps = context->plan != NULL ? slip_json_array (context->plan, "steps") : NULL;
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; steps != NULL && i < json_array_get_length (steps); i++)
    {
      JsonObject *step = json_array_get_object_element (steps, i);
      const char *service = slip_json_string (step, "service");
      const char *environment = slip_json_string (step, "environment");
      char *action;

      if (service == NULL || slip_action_is_local (service)
          || g_strcmp0 (environment, context->environment) != 0)
        continue;
      action
          = g_strdup_printf ("%s:%s", iam_prefix (service), slip_json_string (step, "operation"));
      if (!g_hash_table_contains (seen, action))
        json_array_add_string_element (actions, action);
      g_hash_table_add (seen, action);
    }
  return actions;
}

/* The simulator takes roles and users, not the sessions that GetCallerIdentity names. */
static char *
policy_source (SlipGuardContext *context, GError **error)
{
  g_autoptr (JsonNode) output = slip_guard_call (context, "sts", "GetCallerIdentity", NULL, error);
  JsonObject *answer = output != NULL ? slip_json_node_object (output) : NULL;
  const char *arn = answer != NULL ? slip_json_string (answer, "Arn") : NULL;
  g_autoptr (SlipAwsIdentity) identity = NULL;

  if (arn == NULL)
    return NULL;
  identity = slip_aws_identity_new_for_arn (slip_json_string (answer, "Account"), arn,
                                            slip_json_string (answer, "UserId"));
  if (identity->role != NULL)
    return g_strdup_printf ("arn:aws:iam::%s:role/%s", identity->account, identity->role);
  return g_strdup (arn);
}

static SlipGuardState
judge (JsonObject *answer, char **message)
{
  JsonArray *results = slip_json_array (answer, "EvaluationResults");
  g_autoptr (GString) denied = g_string_new (NULL);
  guint n = results != NULL ? json_array_get_length (results) : 0;

  for (guint i = 0; i < n; i++)
    {
      JsonObject *result = slip_json_node_object (json_array_get_element (results, i));
      const char *decision = result != NULL ? slip_json_string (result, "EvalDecision") : NULL;

      if (g_strcmp0 (decision, "allowed") != 0)
        g_string_append_printf (denied, "%s%s", denied->len > 0 ? ", " : "",
                                result != NULL ? slip_json_string (result, "EvalActionName") : "?");
    }
  if (n == 0)
    {
      *message = g_strdup ("the policy simulator said nothing");
      return SLIP_GUARD_UNPROVABLE;
    }
  if (denied->len > 0)
    {
      *message = g_strdup_printf ("the policy simulator denies: %s", denied->str);
      return SLIP_GUARD_WARN;
    }
  *message = g_strdup_printf ("the policy simulator allows all %u calls; organisation policies are "
                              "not part of that",
                              n);
  return SLIP_GUARD_PASS;
}

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonArray) actions = list_actions (context);
  g_autofree char *source = NULL;
  g_autoptr (JsonObject) input = json_object_new ();
  g_autoptr (JsonNode) output = NULL;

  if (json_array_get_length (actions) == 0)
    {
      *message = g_strdup ("there are no calls");
      return SLIP_GUARD_PASS;
    }
  source = policy_source (context, &error);
  if (source == NULL)
    {
      *message = g_strdup_printf ("permissions could not be told: %s",
                                  error != NULL ? error->message : "the identity is not known");
      return SLIP_GUARD_UNPROVABLE;
    }
  json_object_set_string_member (input, "PolicySourceArn", source);
  json_object_set_array_member (input, "ActionNames", g_steal_pointer (&actions));
  output = slip_guard_call (context, "iam", "SimulatePrincipalPolicy", input, &error);
  if (output == NULL || slip_json_node_object (output) == NULL)
    {
      *message = g_strdup_printf ("the policy simulator could not be asked (%s). Service control "
                                  "policies could not be proven in any case",
                                  error != NULL ? error->message : "the answer is empty");
      return SLIP_GUARD_UNPROVABLE;
    }
  return judge (slip_json_node_object (output), message);
}

const SlipGuard slip_guard_permissions = {
    .id = "permissions",
    .title = "Calls are permitted",
    .evaluate = evaluate,
    .advisory = TRUE,
};
