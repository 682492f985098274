/* SPDX-License-Identifier: MIT */
/* That no other run which began is still to be gone on with and would change the same thing: resuming
 * it later would delete or share what this plan makes. Nor one that needs what this plan takes away: it
 * could not come to its end any more. Nor a change without a run whose outcome nobody
 * knows. Looks at the audit log of this workstation; a
 * run of another one shows only by the tags of what it made. */

#include "slip-guards.h"
#include "slip-json.h"
#include "slip-run-clash.h"
#include "slip-run-targets.h"

static SlipGuardState
judge (GPtrArray *clashes, char **message)
{
  g_autofree char *first = NULL;
  SlipRunClash *clash = NULL;

  if (clashes->len == 0)
    {
      *message
          = g_strdup ("no unfinished run of this audit log may change what this plan changes, or "
                      "needs what it takes away: what it made, names in a request to AWS, or what "
                      "its steps declare (needs)");
      return SLIP_GUARD_PASS;
    }
  for (guint i = 0; i < clashes->len && clash == NULL; i++)
    if (!((SlipRunClash *)g_ptr_array_index (clashes, i))->unprovable)
      clash = g_ptr_array_index (clashes, i);
  if (clash == NULL)
    {
      *message = slip_run_clash_describe (g_ptr_array_index (clashes, 0));
      return SLIP_GUARD_UNPROVABLE;
    }
  first = slip_run_clash_describe (clash);
  *message = clashes->len == 1
                 ? g_steal_pointer (&first)
                 : g_strdup_printf ("%s. There are %u more such runs", first, clashes->len - 1);
  return SLIP_GUARD_BLOCK;
}

/* While running, what this run has done already cannot be come between. */
static JsonArray *
steps_of (SlipGuardContext *context, GError **error)
{
  JsonArray *planned = context->plan != NULL ? slip_json_array (context->plan, "steps") : NULL;

  if (context->fold == NULL)
    return planned != NULL ? json_array_ref (planned) : json_array_new ();
  return slip_run_fold_sync (context->fold, context->ledger, error)
             ? slip_run_targets_left (context->fold)
             : NULL;
}

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonArray) steps = NULL;
  g_autoptr (GPtrArray) clashes = NULL;

  if (context->ledger == NULL)
    {
      *message
          = g_strdup ("whether another run is unfinished could not be told: no audit log is open");
      return SLIP_GUARD_UNPROVABLE;
    }
  steps = steps_of (context, &error);
  if (steps != NULL)
    clashes = slip_run_list_clashes (context->ledger, context->run, steps, &error);
  if (clashes == NULL)
    return slip_guard_unprovable (message, "whether another run is unfinished", error);
  return judge (clashes, message);
}

const SlipGuard slip_guard_unfinished_runs = {
    .id = "unfinished-runs",
    .title = "No unfinished run is in the way",
    .evaluate = evaluate,
};
