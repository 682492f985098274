/* SPDX-License-Identifier: MIT */
/* Whether a cluster snapshot is there, complete, and of the cluster it should be of. Evaluated again
 * before the step that relies on it: nothing older is deleted before the new one is available. */

#include "slip-clock.h"
#include "slip-guards.h"
#include "slip-json.h"

/* `source`: the snapshot that it must be a copy of, or `taskDefinition`, the copy task, which tells what it copies out of
 * `account`; `notBefore`: when it must have been made, at the earliest: what a task that exited with 0 left from its last
 * time is not what it made now; `waiver`: what the plan says of doing without, in which `state` of the cluster;
 * `replicas`: ARNs of clusters of which one of that name was taken instead. */
static const char *const inputs[]
    = {"snapshot",   "cluster?", "source?", "taskDefinition?", "account?",
       "notBefore?", "waiver?",  "state?",  "replicas?",       NULL};

gboolean
slip_guard_is_waived (SlipGuardContext *context)
{
  const char *waiver = slip_guard_input (context, "waiver");

  return waiver != NULL && *waiver != '\0' && !g_str_equal (waiver, "no");
}

/* What is kept of the replica @id instead of a snapshot @name of the cluster itself. */
static SlipGuardState
judge_replica (SlipGuardContext *context, const char *name, const char *id, char **message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) snapshot = slip_guard_find_snapshot (context, name, &error);
  g_autoptr (JsonObject) cluster = NULL;
  const char *status = snapshot != NULL ? slip_json_string (snapshot, "Status") : NULL;
  const char *of = snapshot != NULL ? slip_json_string (snapshot, "DBClusterIdentifier") : NULL;

  if (error == NULL && snapshot == NULL)
    cluster = slip_guard_find_cluster (context, id, &error);
  if (error != NULL)
    return slip_guard_unprovable (message, "what is kept of the replica", error);
  if (g_strcmp0 (status, "available") == 0 && g_strcmp0 (of, id) == 0)
    return SLIP_GUARD_PASS;
  if (snapshot != NULL)
    *message = g_strdup_printf ("snapshot %s in %s is %s, of cluster %s; it should be available, "
                                "of %s: it is what is kept instead of the one that was waived",
                                name, context->region, status, of, id);
  else if (cluster != NULL)
    *message = g_strdup_printf (
        "there is no snapshot %s of cluster %s in %s, which is what is kept instead of the one "
        "that was waived. Take it again (CreateDBClusterSnapshot), then resume",
        name, id, context->region);
  else
    *message = g_strdup_printf (
        "neither cluster %s in %s nor its snapshot %s is there any more, which is what is kept "
        "instead of the one that was waived: whether anything else is could not be told",
        id, context->region, name);
  return snapshot == NULL && cluster == NULL ? SLIP_GUARD_UNPROVABLE : SLIP_GUARD_BLOCK;
}

static SlipGuardState
judge_replicas (SlipGuardContext *context, const char *name, char **message)
{
  g_auto (GStrv) arns = slip_guard_input_list (context, "replicas");
  const char *region = context->region;
  SlipGuardState state = SLIP_GUARD_PASS;

  for (guint i = 0; state == SLIP_GUARD_PASS && arns != NULL && arns[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (arns[i], ":", 7);

      if (g_strv_length (parts) < 7)
        {
          *message = g_strdup_printf ("%s is no ARN of a cluster", arns[i]);
          return SLIP_GUARD_BLOCK;
        }
      context->region = parts[3];
      state = judge_replica (context, name, parts[6], message);
      context->region = region;
    }
  return state;
}

/* None, and none was waived: whose hand took it away, and how there is one of that name again. */
static SlipGuardState
tell_missing (SlipGuardContext *context, const char *name, const char *id, char **message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) cluster
      = id != NULL ? slip_guard_find_cluster (context, id, &error) : NULL;
  g_autofree char *actor
      = context->run != NULL ? slip_guard_name_actor (context, name, NULL) : NULL;
  g_autofree char *way = NULL;

  if (cluster != NULL)
    way = g_strdup_printf (
        ". Take one of that name, of cluster %s, by hand (CreateDBClusterSnapshot), "
        "then resume",
        id);
  else if (id != NULL && error == NULL)
    way = g_strdup_printf (
        ". Cluster %s is gone as well: copy another snapshot of it to that name by hand "
        "(CopyDBClusterSnapshot), then resume",
        id);
  *message = g_strconcat ("there is no snapshot ", name, actor != NULL ? actor : "",
                          context->run != NULL && way != NULL ? way : "", NULL);
  return SLIP_GUARD_BLOCK;
}

/* There is none. That holds where it was waived, and while the cluster takes none: once it takes a snapshot
 * again, that comes first; of one that is gone, there is nothing left to keep. What was taken of its replicas
 * instead must be there. */
static SlipGuardState
judge_missing (SlipGuardContext *context, const char *name, char **message)
{
  const char *state = slip_guard_input (context, "state");
  const char *id = slip_guard_input (context, "cluster");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) cluster = NULL;
  SlipGuardState kept;
  const char *status;

  if (!slip_guard_is_waived (context) || id == NULL || state == NULL)
    return tell_missing (context, name, id, message);
  cluster = slip_guard_find_cluster (context, id, &error);
  if (error != NULL)
    return slip_guard_unprovable (message, "the state of the cluster", error);
  status = cluster != NULL ? slip_json_string (cluster, "Status") : "gone";
  if (status == NULL || g_str_equal (status, "available"))
    {
      *message = g_strdup_printf (
          "there is no snapshot %s. It was waived because cluster %s was %s, and now it is %s. "
          "Take the snapshot, when it is available, and resume; or cancel this run and plan again",
          name, id, state, status != NULL ? status : "in no state");
      return SLIP_GUARD_BLOCK;
    }
  kept = judge_replicas (context, name, message);
  if (kept != SLIP_GUARD_PASS)
    return kept;
  *message = g_strdup_printf (
      "there is no snapshot %s, which was waived when cluster %s was %s; it is %s%s", name, id,
      state, g_str_equal (state, status) ? "so still" : status,
      g_str_equal (state, status) ? "" : " now, and no snapshot of it can be taken");
  return SLIP_GUARD_WARN;
}

/* Why it is not the one that is meant, or NULL. */
static char *
judge_origin (SlipGuardContext *context, JsonObject *snapshot, const char *name, const char *wanted)
{
  const char *earliest = slip_guard_input (context, "notBefore");
  const char *source = slip_json_string (snapshot, "SourceDBClusterSnapshotArn");
  const char *created = slip_json_string (snapshot, "SnapshotCreateTime");
  gint64 made;
  gint64 limit;

  if (wanted != NULL && g_strcmp0 (wanted, source) != 0)
    return g_strdup_printf ("snapshot %s is a copy of %s, not of %s", name,
                            source != NULL ? source : "nothing", wanted);
  if (earliest == NULL)
    return NULL;
  if (created == NULL || !slip_time_parse (created, &made) || !slip_time_parse (earliest, &limit))
    return g_strdup_printf ("when snapshot %s was made cannot be told", name);
  if (made < limit)
    return g_strdup_printf ("snapshot %s was made at %s, before %s: it is an older one", name,
                            created, earliest);
  return NULL;
}

/* What it must be a copy of; NULL without @error when that is not asked. */
static char *
dup_wanted (SlipGuardContext *context, GError **error)
{
  const char *task = slip_guard_input (context, "taskDefinition");

  return task != NULL
             ? slip_guard_dup_copied (context, task, slip_guard_input (context, "account"), error)
             : g_strdup (slip_guard_input (context, "source"));
}

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  const char *name = slip_guard_input (context, "snapshot");
  const char *cluster = slip_guard_input (context, "cluster");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) snapshot = NULL;
  g_autofree char *wanted = NULL;
  const char *status;
  const char *source;

  snapshot = slip_guard_find_snapshot (context, name != NULL ? name : "", &error);
  if (error != NULL)
    return slip_guard_unprovable (message, "the state of the snapshot", error);
  if (snapshot == NULL)
    return judge_missing (context, name, message);
  status = slip_json_string (snapshot, "Status");
  source = slip_json_string (snapshot, "DBClusterIdentifier");
  if (g_strcmp0 (status, "available") != 0)
    {
      *message = g_strdup_printf ("snapshot %s is %s, not available", name, status);
      return SLIP_GUARD_BLOCK;
    }
  if (cluster != NULL && g_strcmp0 (cluster, source) != 0)
    {
      *message = g_strdup_printf ("snapshot %s is of cluster %s, not of %s", name, source, cluster);
      return SLIP_GUARD_BLOCK;
    }
  wanted = dup_wanted (context, &error);
  if (error != NULL)
    return slip_guard_unprovable (message, "what the snapshot should be a copy of", error);
  *message = judge_origin (context, snapshot, name, wanted);
  if (*message != NULL)
    return SLIP_GUARD_BLOCK;
  *message = g_strdup_printf ("snapshot %s of %s is available", name, source);
  return SLIP_GUARD_PASS;
}

const SlipGuard slip_guard_snapshot_usable = {
    .id = "snapshot-usable",
    .title = "Snapshot is available",
    .inputs = inputs,
    .evaluate = evaluate,
};
