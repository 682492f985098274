/* SPDX-License-Identifier: MIT */
/* Whether a cluster can be brought back to a snapshot: it is available, of the same engine, of no newer
 * version than the cluster, and its key is enabled. Tells how much data is lost. */

#include "slip-guards.h"
#include "slip-json.h"

#include <stdlib.h>

static const char *const inputs[] = {"snapshot", "engine", "engineVersion?", "cluster?", NULL};

/* Compares dotted numbers; suffixes such as `mysql_aurora.3.05.2` compare by their numbers too. */
static int
compare_versions (const char *a, const char *b)
{
  while (*a != '\0' || *b != '\0')
    {
      char *end_a;
      char *end_b;
      long x = strtol (a, &end_a, 10);
      long y = strtol (b, &end_b, 10);

      if (x != y)
        return x < y ? -1 : 1;
      a = *end_a != '\0' ? end_a + 1 : end_a;
      b = *end_b != '\0' ? end_b + 1 : end_b;
    }
  return 0;
}

/* Why the snapshot does not suit, or NULL. */
static char *
judge (SlipGuardContext *context, JsonObject *snapshot, const char *name)
{
  const char *engine = slip_guard_input (context, "engine");
  const char *version = slip_guard_input (context, "engineVersion");
  const char *cluster = slip_guard_input (context, "cluster");
  const char *status = slip_json_string (snapshot, "Status");
  const char *of = slip_json_string (snapshot, "DBClusterIdentifier");
  const char *has = slip_json_string (snapshot, "Engine");
  const char *from = slip_json_string (snapshot, "EngineVersion");

  if (g_strcmp0 (status, "available") != 0)
    return g_strdup_printf ("snapshot %s is %s, not available", name, status);
  if (g_strcmp0 (engine, has) != 0)
    return g_strdup_printf ("snapshot %s is of engine %s, not of %s. Choose another snapshot", name,
                            has, engine);
  if (version != NULL && from != NULL && compare_versions (from, version) > 0)
    return g_strdup_printf ("snapshot %s is of version %s, newer than the cluster's %s; a restore "
                            "cannot go back to an older version",
                            name, from, version);
  if (cluster != NULL && g_strcmp0 (of, cluster) != 0)
    return g_strdup_printf ("snapshot %s is of cluster %s, not of %s. Choose another snapshot",
                            name, of, cluster);
  return NULL;
}

static SlipGuardState
check_key (SlipGuardContext *context, const char *key, char **message)
{
  g_autoptr (JsonObject) input = json_object_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) output = NULL;
  JsonObject *metadata;

  json_object_set_string_member (input, "KeyId", key);
  output = slip_guard_call (context, "kms", "DescribeKey", input, &error);
  metadata
      = output != NULL ? slip_json_object (slip_json_node_object (output), "KeyMetadata") : NULL;
  if (metadata == NULL)
    return slip_guard_unprovable (message, "the state of the snapshot's key", error);
  if (g_strcmp0 (slip_json_string (metadata, "KeyState"), "Enabled") == 0)
    return SLIP_GUARD_PASS;
  *message
      = g_strdup_printf ("the snapshot's key %s is %s: what it encrypts cannot be read. Enable "
                         "the key, or choose another snapshot",
                         key, slip_json_string (metadata, "KeyState"));
  return SLIP_GUARD_BLOCK;
}

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  const char *name = slip_guard_input (context, "snapshot");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) snapshot = NULL;
  g_autofree char *age = NULL;
  const char *created;
  const char *key;
  SlipGuardState state = SLIP_GUARD_PASS;

  snapshot = slip_guard_find_snapshot (context, name != NULL ? name : "", &error);
  if (error != NULL)
    return slip_guard_unprovable (message, "the state of the snapshot", error);
  *message = snapshot == NULL
                 ? g_strdup_printf ("there is no snapshot %s in %s", name, context->region)
                 : judge (context, snapshot, name);
  if (*message != NULL)
    return SLIP_GUARD_BLOCK;
  key = slip_json_string (snapshot, "KmsKeyId");
  if (key != NULL)
    state = check_key (context, key, message);
  if (state != SLIP_GUARD_PASS)
    return state;
  created = slip_json_string (snapshot, "SnapshotCreateTime");
  age = slip_guard_age (context, created);
  *message = g_strdup_printf ("snapshot %s is available, %s: all that was written since %s is lost",
                              name, age, created);
  return SLIP_GUARD_PASS;
}

const SlipGuard slip_guard_snapshot_restorable = {
    .id = "snapshot-restorable",
    .title = "Snapshot can be restored",
    .inputs = inputs,
    .evaluate = evaluate,
};
