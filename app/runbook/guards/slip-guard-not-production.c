/* SPDX-License-Identifier: MIT */
/* Whether a procedure that overwrites an environment stands clear of production: by the environment's
 * name, by the name that its programs are told, and by its account, which must be neither that of an
 * environment called production nor the one that the data comes from. */

#include "slip-guards.h"
#include "slip-json.h"

/* `called`: what the programs call the environment; `source`: the account that the data comes from. */
static const char *const inputs[] = {"called?", "source?", NULL};

static const char *const names[] = {"production", "prod", "live", NULL};

static gboolean
is_production (const char *name)
{
  g_autofree char *plain = name != NULL ? g_ascii_strdown (name, -1) : NULL;

  return plain != NULL && g_strv_contains (names, plain);
}

/* An environment that is called production and has @account; NULL when none has. */
static char *
find_production (SlipGuardContext *context, const char *account)
{
  g_auto (GStrv) all = slip_caller_list_environments (context->caller);

  for (guint i = 0; all != NULL && all[i] != NULL; i++)
    {
      g_autoptr (JsonObject) other = slip_caller_dup_environment (context->caller, all[i]);

      if (is_production (all[i]) && other != NULL
          && g_strcmp0 (slip_json_string (other, "account"), account) == 0)
        return g_strdup (all[i]);
    }
  return NULL;
}

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  g_autoptr (JsonObject) own = slip_caller_dup_environment (context->caller, context->environment);
  const char *account = slip_json_string (own, "account");
  const char *called = slip_guard_input (context, "called");
  const char *source = slip_guard_input (context, "source");
  g_autofree char *other = find_production (context, account);

  if (is_production (context->environment) || is_production (called))
    *message = g_strdup_printf ("this procedure overwrites what it is run for, and refuses %s. "
                                "Production is brought back by its own procedure, the rollback",
                                is_production (called) ? called : context->environment);
  else if (other != NULL)
    *message = g_strdup_printf ("account %s is that of %s: this procedure refuses it under any "
                                "name. Correct the workspace file",
                                account, other);
  else if (source != NULL && g_strcmp0 (source, account) == 0)
    *message = g_strdup_printf ("account %s is the one that the data comes from: it cannot be "
                                "overwritten with itself. Choose the receiving environment",
                                account);
  if (*message != NULL)
    return SLIP_GUARD_BLOCK;
  *message = g_strdup_printf ("%s (account %s) is not production", context->environment, account);
  return SLIP_GUARD_PASS;
}

const SlipGuard slip_guard_not_production = {
    .id = "not-production",
    .title = "Target is not production",
    .inputs = inputs,
    .evaluate = evaluate,
};
