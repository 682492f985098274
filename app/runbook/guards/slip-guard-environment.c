/* SPDX-License-Identifier: MIT */
/* Whether the environment may be changed: protected ones need a person who says so, and an account that
 * a protected environment has too is protected under any name. */

#include "slip-guards.h"
#include "slip-json.h"

static const char *const inputs[] = {"forbidProtected?", NULL};

/* The protected environment that has the account @account, NULL when none has. */
static char *
find_protected (SlipGuardContext *context, const char *account)
{
  g_auto (GStrv) names = slip_caller_list_environments (context->caller);

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      g_autoptr (JsonObject) other = slip_caller_dup_environment (context->caller, names[i]);

      if (other != NULL && slip_json_bool (other, "protected", FALSE)
          && g_strcmp0 (slip_json_string (other, "account"), account) == 0)
        return g_strdup (names[i]);
    }
  return NULL;
}

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  g_autoptr (JsonObject) environment
      = slip_caller_dup_environment (context->caller, context->environment);
  gboolean is_protected = slip_json_bool (environment, "protected", FALSE);
  const char *account = slip_json_string (environment, "account");
  g_autofree char *other = find_protected (context, account);

  if (!is_protected && other != NULL)
    {
      *message = g_strdup_printf ("account %s is that of the protected environment %s. Correct the "
                                  "workspace file",
                                  account, other);
      return SLIP_GUARD_BLOCK;
    }
  if (!is_protected)
    {
      *message = g_strdup_printf ("%s is not protected", context->environment);
      return SLIP_GUARD_PASS;
    }
  *message = g_strdup_printf ("%s (account %s) is protected", context->environment, account);
  return slip_json_bool (context->inputs, "forbidProtected", FALSE) ? SLIP_GUARD_BLOCK
                                                                    : SLIP_GUARD_WARN;
}

const SlipGuard slip_guard_environment = {
    .id = "environment",
    .title = "Environment may be changed",
    .inputs = inputs,
    .evaluate = evaluate,
};
