/* SPDX-License-Identifier: MIT */
/* Whether the credentials are those of the environment's account and role. A profile's name proves
 * nothing. */

#include "slip-aws-identity.h"
#include "slip-guards.h"
#include "slip-json.h"

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  g_autoptr (JsonObject) environment
      = slip_caller_dup_environment (context->caller, context->environment);
  const char *account = slip_json_string (environment, "account");
  const char *role = slip_json_string (environment, "role");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) output = slip_guard_call (context, "sts", "GetCallerIdentity", NULL, &error);
  JsonObject *answer = output != NULL ? slip_json_node_object (output) : NULL;
  g_autoptr (SlipAwsIdentity) identity = NULL;

  if (answer == NULL)
    {
      *message = g_strdup_printf ("nobody is signed in to %s: %s", context->environment,
                                  error != NULL ? error->message : "the answer is empty");
      return SLIP_GUARD_BLOCK;
    }
  identity = slip_aws_identity_new_for_arn (slip_json_string (answer, "Account"),
                                            slip_json_string (answer, "Arn"),
                                            slip_json_string (answer, "UserId"));
  if (!slip_aws_identity_matches (identity, account, role, &error))
    {
      *message = g_strdup (error->message);
      return SLIP_GUARD_BLOCK;
    }
  *message = g_strdup_printf ("signed in to account %s as %s", identity->account, identity->arn);
  return SLIP_GUARD_PASS;
}

const SlipGuard slip_guard_identity = {
    .id = "identity",
    .title = "Signed in to the right account and role",
    .evaluate = evaluate,
};
