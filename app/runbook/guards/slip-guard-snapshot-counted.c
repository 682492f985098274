/* SPDX-License-Identifier: MIT */
/* Whether it is known what a cluster snapshot holds: the runbook record-row-counts leaves the digest of the
 * counts in the tag `slipway:manifest`. */

#include "slip-guards.h"
#include "slip-json.h"

#include <string.h>

/* `needed`: when false, the guard has nothing to do. */
static const char *const inputs[] = {"snapshot", "needed?", NULL};

#define TAG "slipway:manifest"
#define DIGEST_LENGTH 64

static const char *
find_tag (JsonObject *snapshot, const char *name)
{
  JsonArray *tags = slip_json_array (snapshot, "TagList");

  for (guint i = 0; tags != NULL && i < json_array_get_length (tags); i++)
    {
      JsonObject *tag = slip_json_node_object (json_array_get_element (tags, i));

      if (tag != NULL && g_strcmp0 (slip_json_string (tag, "Key"), name) == 0)
        return slip_json_string (tag, "Value");
    }
  return NULL;
}

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  const char *name = slip_guard_input (context, "snapshot");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) snapshot = NULL;
  const char *digest;
  const char *run;

  if (!slip_json_bool (context->inputs, "needed", TRUE))
    {
      *message = g_strdup ("this plan does not go by recorded counts");
      return SLIP_GUARD_PASS;
    }
  snapshot = slip_guard_find_snapshot (context, name != NULL ? name : "", &error);
  if (error != NULL)
    return slip_guard_unprovable (message, "the tags of the snapshot", error);
  if (snapshot == NULL)
    {
      *message = g_strdup_printf ("there is no snapshot %s", name);
      return SLIP_GUARD_BLOCK;
    }
  digest = find_tag (snapshot, TAG);
  run = find_tag (snapshot, "slipway:manifest-run");
  if (digest == NULL || strlen (digest) != DIGEST_LENGTH)
    {
      *message = g_strdup_printf ("what snapshot %s holds was not counted when it was taken "
                                  "(runbook record-row-counts, while "
                                  "nobody writes). Choose another verification",
                                  name);
      return SLIP_GUARD_BLOCK;
    }
  *message = g_strdup_printf ("snapshot %s was counted as it was taken%s%s: %.12s…", name,
                              run != NULL ? " by run " : "", run != NULL ? run : "", digest);
  return SLIP_GUARD_PASS;
}

const SlipGuard slip_guard_snapshot_counted = {
    .id = "snapshot-counted",
    .title = "Snapshot was counted",
    .inputs = inputs,
    .evaluate = evaluate,
};
