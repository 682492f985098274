/* SPDX-License-Identifier: MIT */
/* Whether a cluster is one that a rollback left behind: another one is in its place and has been so for a
 * while, and the old one belongs to no global cluster. What is in service is never tidied up. */

#include "slip-clock.h"
#include "slip-guards.h"
#include "slip-json.h"

/* `cluster`: the old one; empty when there is none, then only its successor is looked at. */
static const char *const inputs[] = {"cluster?", "successor", "minAgeHours?", NULL};

#define HOUR (G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC)

static SlipGuardState
judge_successor (SlipGuardContext *context, JsonObject *successor, const char *name, char **message)
{
  const char *status = slip_json_string (successor, "Status");
  const char *created = slip_json_string (successor, "ClusterCreateTime");
  gint64 least = slip_json_int (context->inputs, "minAgeHours", 0);
  g_autofree char *age = slip_guard_age (context, created);
  gint64 made;

  if (g_strcmp0 (status, "available") != 0)
    {
      *message = g_strdup_printf (
          "cluster %s is %s, not available: the old one may still be needed", name, status);
      return SLIP_GUARD_BLOCK;
    }
  if (created == NULL || !slip_time_parse (created, &made))
    {
      *message = g_strdup_printf ("when cluster %s was made cannot be told", name);
      return SLIP_GUARD_UNPROVABLE;
    }
  if (slip_clock_now (context->clock) - made >= least * HOUR)
    return SLIP_GUARD_PASS;
  *message = g_strdup_printf ("cluster %s is %s; what it replaced is kept for %" G_GINT64_FORMAT
                              " hours. Wait, or plan with a smaller number if the rollback was "
                              "accepted already",
                              name, age, least);
  return SLIP_GUARD_BLOCK;
}

static gboolean
has_member (JsonObject *global, const char *arn)
{
  JsonArray *members = slip_json_array (global, "GlobalClusterMembers");

  for (guint i = 0; members != NULL && i < json_array_get_length (members); i++)
    if (g_strcmp0 (slip_json_string (json_array_get_object_element (members, i), "DBClusterArn"),
                   arn)
        == 0)
      return TRUE;
  return FALSE;
}

/* Which global cluster @arn is a member of; %NULL without @error for none. A cluster itself does not tell. */
static char *
find_global (SlipGuardContext *context, const char *arn, GError **error)
{
  g_autoptr (JsonObject) input = json_object_new ();
  g_autoptr (JsonNode) output
      = slip_guard_call (context, "rds", "DescribeGlobalClusters", input, error);
  JsonArray *all
      = output != NULL ? slip_json_array (slip_json_node_object (output), "GlobalClusters") : NULL;

  for (guint i = 0; all != NULL && i < json_array_get_length (all); i++)
    if (has_member (json_array_get_object_element (all, i), arn))
      return g_strdup (
          slip_json_string (json_array_get_object_element (all, i), "GlobalClusterIdentifier"));
  return NULL;
}

static SlipGuardState
judge_old (SlipGuardContext *context,
           JsonObject *old,
           JsonObject *successor,
           const char *name,
           char **message)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *global = find_global (context, slip_json_string (old, "DBClusterArn"), &error);

  if (error != NULL)
    return slip_guard_unprovable (message, "the global clusters", error);
  if (g_strcmp0 (slip_json_string (old, "DbClusterResourceId"),
                 slip_json_string (successor, "DbClusterResourceId"))
      == 0)
    *message = g_strdup_printf (
        "%s is the cluster that is in service, not the one that it replaced", name);
  else if (global != NULL)
    *message = g_strdup_printf (
        "cluster %s is a member of the global cluster %s: it is in service, or was put back", name,
        global);
  return *message != NULL ? SLIP_GUARD_BLOCK : SLIP_GUARD_PASS;
}

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  const char *name = slip_guard_input (context, "cluster");
  const char *successor_name = slip_guard_input (context, "successor");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) successor = slip_guard_find_cluster (context, successor_name, &error);
  g_autoptr (JsonObject) old
      = error == NULL && name != NULL ? slip_guard_find_cluster (context, name, &error) : NULL;
  SlipGuardState state;

  if (error != NULL)
    return slip_guard_unprovable (message, "the clusters", error);
  if (successor == NULL)
    {
      *message = g_strdup_printf ("there is no cluster %s: nothing is in the place of the old one",
                                  successor_name);
      return SLIP_GUARD_BLOCK;
    }
  state = judge_successor (context, successor, successor_name, message);
  if (state == SLIP_GUARD_PASS && old != NULL)
    state = judge_old (context, old, successor, name, message);
  if (state == SLIP_GUARD_PASS)
    {
      g_autofree char *age
          = slip_guard_age (context, slip_json_string (successor, "ClusterCreateTime"));

      *message = g_strdup_printf ("cluster %s is in service and %s%s%s%s", successor_name, age,
                                  name != NULL ? "; " : "", name != NULL ? name : "",
                                  name == NULL  ? ""
                                  : old != NULL ? " belongs to no global cluster"
                                                : " is gone");
    }
  return state;
}

const SlipGuard slip_guard_cluster_left_behind = {
    .id = "cluster-left-behind",
    .title = "Rollback has held, and the old cluster is not in service",
    .inputs = inputs,
    .evaluate = evaluate,
};
