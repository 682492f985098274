/* SPDX-License-Identifier: MIT */
/* Whether the account has room for more manual cluster snapshots, and the share list for more
 * accounts. The limit comes from the account itself where it tells; else 100 is assumed and told so. */

#include "slip-guards.h"
#include "slip-json.h"

#define ASSUMED_LIMIT 100
#define SHARE_LIMIT 20
#define MAX_PAGES 100

static const char *const inputs[] = {"adds", "shareWith?", NULL};

static gboolean
count_manual (SlipGuardContext *context, guint *count, GError **error)
{
  g_autofree char *marker = NULL;

  *count = 0;
  for (guint page = 0; page < MAX_PAGES; page++)
    {
      g_autoptr (JsonObject) input = json_object_new ();
      g_autoptr (JsonNode) output = NULL;
      JsonObject *answer;
      JsonArray *snapshots;

      json_object_set_string_member (input, "SnapshotType", "manual");
      if (marker != NULL)
        json_object_set_string_member (input, "Marker", marker);
      output = slip_guard_call (context, "rds", "DescribeDBClusterSnapshots", input, error);
      if (output == NULL)
        return FALSE;
      answer = slip_json_node_object (output);
      snapshots = answer != NULL ? slip_json_array (answer, "DBClusterSnapshots") : NULL;
      *count += snapshots != NULL ? json_array_get_length (snapshots) : 0;
      g_free (marker);
      marker = answer != NULL ? g_strdup (slip_json_string (answer, "Marker")) : NULL;
      if (marker == NULL || *marker == '\0')
        return TRUE;
    }
  return TRUE;
}

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
  gint64 limit;
  guint count;

  if (g_strv_length (accounts) > SHARE_LIMIT)
    {
      *message = g_strdup_printf ("a snapshot can be shared with %d accounts, not with %u",
                                  SHARE_LIMIT, g_strv_length (accounts));
      return SLIP_GUARD_BLOCK;
    }
  if (!count_manual (context, &count, &error))
    return slip_guard_unprovable (message, "how many snapshots there are", error);
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
