/* SPDX-License-Identifier: MIT */
/* Whether a cluster is one that a rollback left behind: a run that came to its end renamed it, another one
 * is in its place and has been so for a while, it belongs to no global cluster, and nobody is connected. What
 * is in service is never tidied up, and without the run nothing tells a cluster in service from another. */

#include "slip-clock.h"
#include "slip-guards.h"
#include "slip-json.h"
#include "slip-run-rename.h"

/* `cluster`: the old one; empty when there is none, then only its successor is looked at. `evidence`: the
 * exported log of the workstation that rolled back, when it was not this one; `evidenceKey`: its key. */
static const char *const inputs[]
    = {"cluster?", "successor", "minAgeHours?", "evidence?", "evidenceKey?", NULL};

#define HOUR (G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC)

/* For how many hours nobody was connected. */
#define QUIET_HOURS 1

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

/* ---- the run that renamed it */

static gboolean
find_run (SlipGuardContext *context,
          const SlipRunRename *asked,
          char **run,
          char **vouched,
          GError **error)
{
  const char *evidence = slip_guard_input (context, "evidence");
  const char *key = slip_guard_input (context, "evidenceKey");

  if (evidence != NULL)
    return slip_run_find_rename_exported (evidence, key, asked, run, vouched, error);
  return context->ledger == NULL
         || slip_run_find_rename (context->ledger, asked, run, vouched, error);
}

static SlipGuardState
judge_origin (SlipGuardContext *context,
              JsonObject *old,
              const char *name,
              char **run,
              char **vouched,
              char **message)
{
  g_autoptr (JsonObject) facts
      = slip_caller_dup_environment (context->caller, context->environment);
  const char *successor = slip_guard_input (context, "successor");
  const SlipRunRename asked = {slip_json_string (facts, "account"), context->region, successor,
                               name, slip_json_string (old, "DbClusterResourceId")};
  g_autoptr (GError) error = NULL;

  if (slip_guard_input (context, "evidence") != NULL
      && slip_guard_input (context, "evidenceKey") == NULL)
    {
      *message
          = g_strdup ("the evidence comes without the public key of its workstation, and proves "
                      "nothing by itself. Ask whoever rolled back for it (slipwayctl ledger key)");
      return SLIP_GUARD_BLOCK;
    }
  if (!find_run (context, &asked, run, vouched, &error))
    {
      *message = g_strdup_printf ("whether a rollback left %s behind could not be told: %s", name,
                                  error->message);
      return SLIP_GUARD_BLOCK;
    }
  if (*run != NULL)
    return SLIP_GUARD_PASS;
  *message = g_strdup_printf ("no finished run in %s renamed %s to %s (%s): nothing proves that a "
                              "rollback left it behind. If "
                              "another workstation rolled back, plan there, or name its exported "
                              "audit log and its key here",
                              slip_guard_input (context, "evidence") != NULL ? "that evidence"
                                                                             : "this audit log",
                              successor, name, asked.resource_id != NULL ? asked.resource_id : "?");
  return SLIP_GUARD_BLOCK;
}

/* ---- connections */

/* The most at a time; -1 when it cannot be read. */
static int
count_connections (SlipGuardContext *context, const char *name)
{
  const SlipGuardMetric asked
      = {"AWS/RDS", "DatabaseConnections", "DBClusterIdentifier", name, "Maximum", QUIET_HOURS};
  g_autoptr (JsonNode) output = slip_guard_ask_metric (context, &asked, NULL);
  JsonArray *points
      = output != NULL ? slip_json_array (slip_json_node_object (output), "Datapoints") : NULL;
  double most = output != NULL ? 0 : -1;

  for (guint i = 0; points != NULL && i < json_array_get_length (points); i++)
    most = MAX (most, slip_json_double (json_array_get_object_element (points, i), "Maximum", 0));
  return (int)most;
}

/* ---- the old cluster */

static SlipGuardState
judge_same (JsonObject *old, JsonObject *successor, const char *name, char **message)
{
  if (g_strcmp0 (slip_json_string (old, "DbClusterResourceId"),
                 slip_json_string (successor, "DbClusterResourceId"))
      != 0)
    return SLIP_GUARD_PASS;
  *message = g_strdup_printf ("%s is the cluster that is in service, not the one that it replaced",
                              name);
  return SLIP_GUARD_BLOCK;
}

static SlipGuardState
judge_use (SlipGuardContext *context,
           JsonObject *old,
           const char *name,
           const char **connected,
           char **message)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *global = find_global (context, slip_json_string (old, "DBClusterArn"), &error);
  int connections;

  if (error != NULL)
    return slip_guard_unprovable (message, "the global clusters", error);
  if (global != NULL)
    {
      *message = g_strdup_printf (
          "cluster %s is a member of the global cluster %s: it is in service, or was put back",
          name, global);
      return SLIP_GUARD_BLOCK;
    }
  connections = count_connections (context, name);
  *connected = connections < 0 ? "who is connected could not be asked" : "nobody is connected";
  if (connections <= 0)
    return SLIP_GUARD_PASS;
  *message = g_strdup_printf ("somebody is connected to %s: up to %d connections in the last hour. "
                              "Find out who, or wait",
                              name, connections);
  return SLIP_GUARD_BLOCK;
}

/* @found: what is known of the old one when it may go. Where it comes from is asked first: without that
 * nothing may go, whatever else could not be told. */
static SlipGuardState
judge (
    SlipGuardContext *context, JsonObject *old, JsonObject *successor, char **found, char **message)
{
  const char *name = slip_guard_input (context, "cluster");
  const char *successor_name = slip_guard_input (context, "successor");
  const char *connected = NULL;
  g_autofree char *run = NULL;
  g_autofree char *vouched = NULL;
  SlipGuardState state = old != NULL ? judge_same (old, successor, name, message) : SLIP_GUARD_PASS;

  if (state == SLIP_GUARD_PASS && old != NULL)
    state = judge_origin (context, old, name, &run, &vouched, message);
  if (state == SLIP_GUARD_PASS)
    state = judge_successor (context, successor, successor_name, message);
  if (state == SLIP_GUARD_PASS && old != NULL)
    state = judge_use (context, old, name, &connected, message);
  if (old != NULL)
    *found = g_strdup_printf ("run %s renamed %s, which belongs to no global cluster, and %s%s%s",
                              run != NULL ? run : "?", name, connected != NULL ? connected : "?",
                              vouched != NULL ? ". In that run, by their word alone, " : "",
                              vouched != NULL ? vouched : "");
  else
    *found = name != NULL ? g_strdup_printf ("%s is gone", name) : g_strdup ("nothing was kept");
  return state;
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
  g_autofree char *age = NULL;
  g_autofree char *found = NULL;
  SlipGuardState state;

  if (error != NULL)
    return slip_guard_unprovable (message, "the clusters", error);
  if (successor == NULL)
    {
      *message = g_strdup_printf ("there is no cluster %s: nothing is in the place of the old one",
                                  successor_name);
      return SLIP_GUARD_BLOCK;
    }
  state = judge (context, old, successor, &found, message);
  age = slip_guard_age (context, slip_json_string (successor, "ClusterCreateTime"));
  if (state == SLIP_GUARD_PASS)
    *message = g_strdup_printf ("cluster %s is in service and %s; %s", successor_name, age, found);
  return state;
}

const SlipGuard slip_guard_cluster_left_behind = {
    .id = "cluster-left-behind",
    .title = "Rollback has held, and the old cluster is not in service",
    .inputs = inputs,
    .evaluate = evaluate,
};
