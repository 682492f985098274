/* SPDX-License-Identifier: MIT */
/* Whether a cluster can be brought back to a snapshot: it is available, of the same engine, of no newer
 * version than the cluster, and its key is enabled. Tells how much data is lost. */

#include "slip-clock.h"
#include "slip-copied.h"
#include "slip-guards.h"
#include "slip-json.h"

#include <stdlib.h>

/* Instead of `snapshot`, `taskDefinition` names the copy task, which tells what it looks for, in
 * `account`. */
static const char *const inputs[] = {
    "snapshot?",      "taskDefinition?", "account?",     "engine",
    "engineVersion?", "cluster?",        "maxAgeHours?", NULL,
};

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

/* Why it is too old, or NULL. A copy of last night under the same name restores without an error. */
static char *
judge_age (SlipGuardContext *context, JsonObject *snapshot, const char *name)
{
  const char *created = slip_json_string (snapshot, "SnapshotCreateTime");
  gint64 most = slip_json_int (context->inputs, "maxAgeHours", 0);
  g_autofree char *age = NULL;
  gint64 made;

  if (most <= 0)
    return NULL;
  age = slip_guard_age (context, created);
  if (created != NULL && slip_time_parse (created, &made)
      && slip_clock_now (context->clock) - made <= most * 3600 * G_USEC_PER_SEC)
    return NULL;
  return g_strdup_printf ("snapshot %s is %s, and should be no older than %d hours. Take and share "
                          "a new one, or allow its age",
                          name, age, (int)most);
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
  return judge_age (context, snapshot, name);
}

static SlipGuardState
check_key (SlipGuardContext *context, const char *key, char **message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) metadata = slip_guard_describe_key (context, key, &error);

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

/* The snapshot's name or ARN. */
static char *
dup_name (SlipGuardContext *context, GError **error)
{
  const char *given = slip_guard_input (context, "snapshot");
  const char *task = slip_guard_input (context, "taskDefinition");

  if (given != NULL || task == NULL)
    return g_strdup (given != NULL ? given : "");
  return slip_guard_dup_copied (context, task, slip_guard_input (context, "account"), error);
}

/* While running, what was chosen cannot be chosen anew: whose hand took it away, and the ways on. */
static char *
tell_missing (SlipGuardContext *context, const char *name)
{
  g_autofree char *actor
      = context->run != NULL ? slip_guard_name_actor (context, name, NULL) : NULL;

  if (actor == NULL)
    return g_strdup_printf ("there is no snapshot %s in %s", name, context->region);
  return g_strdup_printf (
      "there is no snapshot %s in %s%s. Copy what is left of it, in another region or account, or "
      "in a backup "
      "vault, to that name by hand (CopyDBClusterSnapshot), then resume; or cancel this run, make "
      "what it "
      "deleted again by hand (what each step told as its undo) and plan with another snapshot",
      name, context->region, actor);
}

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *name = dup_name (context, &error);
  g_autoptr (JsonObject) snapshot = NULL;
  g_autofree char *age = NULL;
  const char *created;
  const char *key;
  SlipGuardState state = SLIP_GUARD_PASS;

  if (name != NULL)
    snapshot = slip_guard_find_snapshot (context, name, &error);
  if (error != NULL)
    return slip_guard_unprovable (message, "the state of the snapshot", error);
  *message = snapshot == NULL ? tell_missing (context, name) : judge (context, snapshot, name);
  if (*message != NULL)
    return SLIP_GUARD_BLOCK;
  key = slip_json_string (snapshot, "KmsKeyId");
  if (key != NULL)
    state = check_key (context, key, message);
  if (state != SLIP_GUARD_PASS)
    return state;
  created = slip_json_string (snapshot, "SnapshotCreateTime");
  age = slip_guard_age (context, created);
  *message = slip_copied (snapshot)
                 ? g_strdup_printf (
                     "snapshot %s is available. It was copied at %s (%s): its data is older, "
                     "see when its original was taken",
                     name, created, age)
                 : g_strdup_printf (
                     "snapshot %s is available, %s: all that was written since %s is lost", name,
                     age, created);
  return SLIP_GUARD_PASS;
}

const SlipGuard slip_guard_snapshot_restorable = {
    .id = "snapshot-restorable",
    .title = "Snapshot can be restored",
    .inputs = inputs,
    .evaluate = evaluate,
};
