/* SPDX-License-Identifier: MIT */
/* Whether the account has room for more manual cluster snapshots, and the share list for more
 * accounts. The limit comes from the account itself where it tells; else 100 is assumed and told so. */

#include "slip-guards.h"
#include "slip-json.h"

#define ASSUMED_LIMIT 100
#define SHARE_LIMIT 20

static const char *const inputs[] = {"adds", "shareWith?", NULL};

/* The account's own limit, 0 when it does not tell. */
static gint64
read_limit (SlipGuardContext *context)
{
  g_autoptr (JsonNode) output
      = slip_guard_call (context, "rds", "DescribeAccountAttributes", NULL, NULL);
  JsonObject *answer = output != NULL ? slip_json_node_object (output) : NULL;
  JsonArray *quotas = answer != NULL ? slip_json_array (answer, "AccountQuotas") : NULL;

  for (guint i = 0; quotas != NULL && i < json_array_get_length (quotas); i++)
    {
      JsonObject *quota = slip_json_node_object (json_array_get_element (quotas, i));

      if (quota != NULL
          && g_strcmp0 (slip_json_string (quota, "AccountQuotaName"), "ManualClusterSnapshots")
                 == 0)
        return slip_json_int (quota, "Max", 0);
    }
  return 0;
}

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  g_auto (GStrv) accounts = slip_guard_input_list (context, "shareWith");
  g_autoptr (GError) error = NULL;
  gint64 adds = slip_json_int (context->inputs, "adds", 1);
  g_autoptr (JsonArray) snapshots = NULL;
  gint64 limit;
  guint count;

  if (g_strv_length (accounts) > SHARE_LIMIT)
    {
      *message = g_strdup_printf ("a snapshot can be shared with %d accounts, not with %u",
                                  SHARE_LIMIT, g_strv_length (accounts));
      return SLIP_GUARD_BLOCK;
    }
  snapshots = slip_guard_list_snapshots (context, &error);
  if (snapshots == NULL)
    return slip_guard_unprovable (message, "how many snapshots there are", error);
  count = json_array_get_length (snapshots);
  limit = read_limit (context);
  if (limit > 0 && count + adds > limit)
    {
      *message
          = g_strdup_printf ("there are %u manual cluster snapshots in %s; with %d more the limit "
                             "of %d is passed. Delete some first (runbook tidy-up-snapshots)",
                             count, context->region, (int)adds, (int)limit);
      return SLIP_GUARD_BLOCK;
    }
  *message = g_strdup_printf ("%u manual cluster snapshots of %s%d, %d more to come", count,
                              limit > 0 ? "" : "an assumed ",
                              limit > 0 ? (int)limit : ASSUMED_LIMIT, (int)adds);
  if (limit > 0)
    return SLIP_GUARD_PASS;
  return count + adds > ASSUMED_LIMIT ? SLIP_GUARD_WARN : SLIP_GUARD_UNPROVABLE;
}

const SlipGuard slip_guard_snapshot_quota = {
    .id = "snapshot-quota",
    .title = "Room for more snapshots",
    .inputs = inputs,
    .evaluate = evaluate,
};
