/* SPDX-License-Identifier: MIT */
/* Whether a cluster takes the snapshot that a procedure begins with, or is in a state in which AWS takes
 * none and the plan does without. To do without is nobody's convenience: it is refused where a snapshot
 * can be taken, or soon can. */

#include "slip-guards.h"
#include "slip-json.h"

/* `waiver`: anything but `no` does without; `passing`: states that the cluster leaves by itself; `mode`:
 * how the cluster goes, which is by `replace` when nothing else can be done with it; `advice`: what to do
 * about a cluster that takes no snapshot. */
static const char *const inputs[] = {"cluster", "waiver", "passing", "mode?", "advice?", NULL};

static gboolean
is_passing (SlipGuardContext *context, const char *status)
{
  g_auto (GStrv) passing = slip_guard_input_list (context, "passing");

  return passing != NULL && g_strv_contains ((const char *const *)passing, status);
}

static SlipGuardState
judge (SlipGuardContext *context, const char *name, const char *status, char **message)
{
  const char *advice = slip_guard_input (context, "advice");

  if (g_str_equal (status, "available"))
    {
      *message = g_strdup_printf ("cluster %s is available: a snapshot of it can be taken", name);
      return SLIP_GUARD_PASS;
    }
  if (is_passing (context, status))
    {
      *message = g_strdup_printf (
          "cluster %s is %s: no snapshot of it can be taken until it is available", name, status);
      return SLIP_GUARD_WARN;
    }
  *message
      = g_strdup_printf ("cluster %s is %s, not available: AWS takes no snapshot of it. %s", name,
                         status, advice != NULL ? advice : "Wait until it is, then plan again");
  return SLIP_GUARD_BLOCK;
}

static SlipGuardState
judge_waived (SlipGuardContext *context, const char *name, const char *status, char **message)
{
  const char *mode = slip_guard_input (context, "mode");

  if (g_str_equal (status, "available"))
    {
      *message
          = g_strdup_printf ("cluster %s is available: a snapshot of it can be taken, and there "
                             "is nothing to waive. Plan again without the waiver",
                             name);
      return SLIP_GUARD_BLOCK;
    }
  if (is_passing (context, status))
    {
      *message = g_strdup_printf ("cluster %s is %s, which passes by itself. Wait, then plan again",
                                  name, status);
      return SLIP_GUARD_BLOCK;
    }
  if (mode != NULL && !g_str_equal (mode, "replace"))
    {
      *message
          = g_strdup_printf ("cluster %s is %s, in which it cannot be renamed. Plan again with "
                             "the mode replace",
                             name, status);
      return SLIP_GUARD_BLOCK;
    }
  *message
      = g_strdup_printf ("cluster %s is %s, in which AWS takes no snapshot: there will be none "
                         "of the data as it is now",
                         name, status);
  return SLIP_GUARD_WARN;
}

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  const char *name = slip_guard_input (context, "cluster");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) cluster = slip_guard_find_cluster (context, name, &error);
  const char *status = cluster != NULL ? slip_json_string (cluster, "Status") : NULL;

  if (error != NULL)
    return slip_guard_unprovable (message, "the state of the cluster", error);
  if (status == NULL)
    {
      *message = g_strdup_printf ("there is no cluster %s in %s", name, context->region);
      return SLIP_GUARD_BLOCK;
    }
  return slip_guard_is_waived (context) ? judge_waived (context, name, status, message)
                                        : judge (context, name, status, message);
}

const SlipGuard slip_guard_snapshot_waiver = {
    .id = "snapshot-waiver",
    .title = "Cluster takes a snapshot, or that is waived",
    .inputs = inputs,
    .evaluate = evaluate,
};
