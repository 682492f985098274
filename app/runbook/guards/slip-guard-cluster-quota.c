/* SPDX-License-Identifier: MIT */
/* Whether the account has room for more clusters and instances in the region, by what the account itself
 * tells. */

#include "slip-guards.h"
#include "slip-json.h"

static const char *const inputs[] = {"clusters?", "instances?", NULL};

static const struct
{
  const char *input;
  const char *quota;
  const char *what;
} kinds[] = {
    {"clusters", "DBClusters", "clusters"},
    {"instances", "DBInstances", "instances"},
};

static JsonObject *
find_quota (JsonObject *answer, const char *name)
{
  JsonArray *quotas = slip_json_array (answer, "AccountQuotas");

  for (guint i = 0; quotas != NULL && i < json_array_get_length (quotas); i++)
    {
      JsonObject *quota = slip_json_node_object (json_array_get_element (quotas, i));

      if (quota != NULL && g_strcmp0 (slip_json_string (quota, "AccountQuotaName"), name) == 0)
        return quota;
    }
  return NULL;
}

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) output
      = slip_guard_call (context, "rds", "DescribeAccountAttributes", NULL, &error);
  GString *told;

  if (output == NULL)
    return slip_guard_unprovable (message, "the account's quotas", error);
  told = g_string_new (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      JsonObject *quota = find_quota (slip_json_node_object (output), kinds[i].quota);
      gint64 adds = slip_json_int (context->inputs, kinds[i].input, 0);
      gint64 used = quota != NULL ? slip_json_int (quota, "Used", 0) : 0;
      gint64 most = quota != NULL ? slip_json_int (quota, "Max", 0) : 0;

      if (adds == 0)
        continue;
      if (quota == NULL || used + adds > most)
        {
          g_string_free (told, TRUE);
          *message = quota == NULL
                         ? g_strdup_printf ("the account does not tell how many %s it may have",
                                            kinds[i].what)
                         : g_strdup_printf (
                             "there are %d of %d %s in %s, and %d more are needed. Delete "
                             "some, or have the quota raised",
                             (int)used, (int)most, kinds[i].what, context->region, (int)adds);
          return quota == NULL ? SLIP_GUARD_UNPROVABLE : SLIP_GUARD_BLOCK;
        }
      g_string_append_printf (told, "%s%d of %d %s, %d more to come", told->len > 0 ? "; " : "",
                              (int)used, (int)most, kinds[i].what, (int)adds);
    }
  *message = g_string_free (told, FALSE);
  return SLIP_GUARD_PASS;
}

const SlipGuard slip_guard_cluster_quota = {
    .id = "cluster-quota",
    .title = "Room for more clusters",
    .inputs = inputs,
    .evaluate = evaluate,
};
