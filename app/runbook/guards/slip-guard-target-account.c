/* SPDX-License-Identifier: MIT */
/* Whether an environment is one of the accounts that something is shared with, and not the account that
 * shares it. Without an environment for the account the proof from the other side is not possible. */

#include "slip-guards.h"
#include "slip-json.h"

static const char *const inputs[] = {"target", "accounts", NULL};

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  const char *target = slip_guard_input (context, "target");
  g_auto (GStrv) accounts = slip_guard_input_list (context, "accounts");
  g_autoptr (JsonObject) own = slip_caller_dup_environment (context->caller, context->environment);
  g_autoptr (JsonObject) other
      = target != NULL ? slip_caller_dup_environment (context->caller, target) : NULL;
  const char *account = other != NULL ? slip_json_string (other, "account") : NULL;

  if (g_strv_contains ((const char *const *)accounts, slip_json_string (own, "account")))
    {
      *message = g_strdup_printf ("account %s is that of %s itself; share with another",
                                  slip_json_string (own, "account"), context->environment);
      return SLIP_GUARD_BLOCK;
    }
  if (target == NULL)
    {
      *message = g_strdup ("no environment of the workspace is given for the account that receives "
                           "it, so that what arrives there cannot be proven");
      return SLIP_GUARD_UNPROVABLE;
    }
  if (other == NULL)
    {
      *message = g_strdup_printf ("there is no environment %s in the workspace", target);
      return SLIP_GUARD_BLOCK;
    }
  if (!g_strv_contains ((const char *const *)accounts, account))
    {
      *message = g_strdup_printf ("%s is account %s, which it is not shared with", target, account);
      return SLIP_GUARD_BLOCK;
    }
  *message = g_strdup_printf ("%s is account %s, one of those it is shared with", target, account);
  return SLIP_GUARD_PASS;
}

const SlipGuard slip_guard_target_account = {
    .id = "target-account",
    .title = "Receiving account is the right one",
    .inputs = inputs,
    .evaluate = evaluate,
};
