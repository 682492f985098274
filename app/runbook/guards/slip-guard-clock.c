/* SPDX-License-Identifier: MIT */
/* Whether the local clock agrees with AWS. Signatures tolerate five minutes; names with a minute in
 * them and the order of the audit log tolerate less. */

#include "slip-guards.h"

#define WARN_SECONDS 60
#define BLOCK_SECONDS 240

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) output = slip_guard_call (context, "sts", "GetCallerIdentity", NULL, &error);
  gint64 skew = slip_caller_clock_skew (context->caller, context->environment);
  gint64 seconds = ABS (skew) / G_USEC_PER_SEC;

  if (output == NULL && skew == 0)
    return slip_guard_unprovable (message, "the service's time", error);
  *message = g_strdup_printf ("the local clock is %" G_GINT64_FORMAT " s %s the service's%s",
                              seconds, skew < 0 ? "behind" : "ahead of",
                              seconds < WARN_SECONDS ? "" : ". Set it before you go on");
  if (seconds < WARN_SECONDS)
    return SLIP_GUARD_PASS;
  return seconds < BLOCK_SECONDS ? SLIP_GUARD_WARN : SLIP_GUARD_BLOCK;
}

const SlipGuard slip_guard_clock = {
    .id = "clock",
    .title = "Clock agrees with AWS",
    .evaluate = evaluate,
};
