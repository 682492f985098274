/* SPDX-License-Identifier: MIT */
/* Whether a procedure that overwrites an environment stands clear of production: by the words of the
 * environment's name, title and alias, by the name that its programs are told, and by its account, which
 * must be neither that of an environment called production nor the one that the data comes from. One that is
 * protected may be production under any name, unless its name says that it is not. */

#include "slip-guards.h"
#include "slip-json.h"

/* `called`: what the programs call the environment; `source`: the account that the data comes from. */
static const char *const inputs[] = {"called?", "source?", NULL};

static const char *const production[] = {"production", "prod", "live", "prd", NULL};

/* `pre-production`, `nonprod`: what follows is not meant. */
static const char *const before[] = {"pre", "non", "not", NULL};
static const char *const others[]
    = {"preproduction", "preprod", "preprd",      "nonproduction", "nonprod", "nonlive",
       "staging",       "stage",   "test",        "testing",       "qa",      "development",
       "dev",           "demo",    "integration", "sandbox",       NULL};

typedef enum
{
  CALLED_NOTHING,
  CALLED_PRODUCTION,
  CALLED_OTHER, /* it says that it is not */
} Called;

/* By whole words: `sirius-production` is production, `preproduction` is not. */
static Called
read_name (const char *name)
{
  g_autofree char *plain = g_ascii_strdown (name != NULL ? name : "", -1);
  g_auto (GStrv) words = g_strsplit_set (plain, " -_./:,;()0123456789", -1);
  Called called = CALLED_NOTHING;
  gboolean negated = FALSE;

  for (char **word = words; *word != NULL; word++)
    {
      if (**word == '\0')
        continue;
      if (g_strv_contains (production, *word) && !negated)
        return CALLED_PRODUCTION;
      if (g_strv_contains (others, *word) || (negated && g_strv_contains (production, *word)))
        called = CALLED_OTHER;
      negated = g_strv_contains (before, *word);
    }
  return called;
}

static Called
read_names (const char *name, JsonObject *facts)
{
  const char *const names[]
      = {name, slip_json_string (facts, "title"), slip_json_string (facts, "alias")};
  Called called = CALLED_NOTHING;

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      Called one = read_name (names[i]);

      if (one == CALLED_PRODUCTION)
        return one;
      called = one != CALLED_NOTHING ? one : called;
    }
  return called;
}

static gboolean
is_production (const char *name)
{
  return read_name (name) == CALLED_PRODUCTION;
}

/* An environment that is called production and has @account; NULL when none has. */
static char *
find_production (SlipGuardContext *context, const char *account)
{
  g_auto (GStrv) all = slip_caller_list_environments (context->caller);

  for (guint i = 0; all != NULL && all[i] != NULL; i++)
    {
      g_autoptr (JsonObject) other = slip_caller_dup_environment (context->caller, all[i]);

      if (other != NULL && read_names (all[i], other) == CALLED_PRODUCTION
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
  Called own_name = read_names (context->environment, own);

  if (own_name == CALLED_PRODUCTION || is_production (called))
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
  else if (own_name == CALLED_NOTHING && slip_json_bool (own, "protected", FALSE))
    *message
        = g_strdup_printf ("%s is protected, and nothing in its name says that it is not "
                           "production. If it is not, let its name in the workspace file say so",
                           context->environment);
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
