/* SPDX-License-Identifier: MIT */
/* Whether an Aurora cluster, and such of its instances as matter, take a snapshot and changes. */

#include "slip-aws-error.h"
#include "slip-guards.h"
#include "slip-json.h"

/* `instances`: that must be available too; `advice`: what to do when something is not. */
static const char *const inputs[] = {"cluster", "instances?", "advice?", NULL};

static const char *
advice (SlipGuardContext *context)
{
  const char *text = slip_guard_input (context, "advice");

  return text != NULL ? text : "Wait until it is, then plan again";
}

static SlipGuardState
judge (SlipGuardContext *context, JsonObject *cluster, const char *name, char **message)
{
  const char *status = slip_json_string (cluster, "Status");
  JsonArray *members = slip_json_array (cluster, "DBClusterMembers");

  if (g_strcmp0 (status, "available") != 0)
    {
      *message
          = g_strdup_printf ("cluster %s in %s is %s, not available. %s", name, context->region,
                             status != NULL ? status : "in no known state", advice (context));
      return SLIP_GUARD_BLOCK;
    }
  *message = g_strdup_printf (
      "cluster %s is available: %s %s, %d instances%s", name, slip_json_string (cluster, "Engine"),
      slip_json_string (cluster, "EngineVersion"),
      members != NULL ? (int)json_array_get_length (members) : 0,
      slip_json_string (cluster, "GlobalClusterIdentifier") != NULL ? ", member of a global cluster"
                                                                    : "");
  return SLIP_GUARD_PASS;
}

JsonObject *
slip_guard_find_cluster (SlipGuardContext *context, const char *name, GError **error)
{
  g_autoptr (JsonObject) input = json_object_new ();
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonNode) output = NULL;
  JsonArray *clusters;

  json_object_set_string_member (input, "DBClusterIdentifier", name != NULL ? name : "");
  output = slip_guard_call (context, "rds", "DescribeDBClusters", input, &local);
  if (output == NULL && !slip_aws_error_has_code (local, "DBClusterNotFoundFault"))
    g_propagate_error (error, g_steal_pointer (&local));
  clusters = output != NULL ? slip_json_array (slip_json_node_object (output), "DBClusters") : NULL;
  if (clusters == NULL || json_array_get_length (clusters) == 0)
    return NULL;
  return json_object_ref (json_array_get_object_element (clusters, 0));
}

/* FALSE without @error when @message says which is not available. */
static gboolean
judge_instances (SlipGuardContext *context, char **message, GError **error)
{
  g_auto (GStrv) ids = slip_guard_input_list (context, "instances");

  for (guint i = 0; ids != NULL && ids[i] != NULL; i++)
    {
      g_autoptr (JsonObject) input = json_object_new ();
      g_autoptr (JsonNode) output = NULL;
      g_autoptr (JsonNode) status = NULL;
      const char *text;

      json_object_set_string_member (input, "DBInstanceIdentifier", ids[i]);
      output = slip_guard_call (context, "rds", "DescribeDBInstances", input, error);
      if (output == NULL)
        return FALSE;
      status = slip_json_select (output, "$.DBInstances[0].DBInstanceStatus", NULL);
      text = status != NULL ? json_node_get_string (status) : "in no known state";
      if (g_strcmp0 (text, "available") == 0)
        continue;
      *message = g_strdup_printf ("instance %s in %s is %s, not available. %s", ids[i],
                                  context->region, text, advice (context));
      return FALSE;
    }
  return TRUE;
}

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  const char *name = slip_guard_input (context, "cluster");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) cluster = slip_guard_find_cluster (context, name, &error);

  if (error != NULL)
    return slip_guard_unprovable (message, "the state of the cluster", error);
  if (cluster != NULL && !judge_instances (context, message, &error))
    return error != NULL ? slip_guard_unprovable (message, "the state of its instances", error)
                         : SLIP_GUARD_BLOCK;
  if (cluster != NULL)
    return judge (context, cluster, name, message);
  *message = g_strdup_printf ("there is no cluster %s in %s", name, context->region);
  return SLIP_GUARD_BLOCK;
}

const SlipGuard slip_guard_cluster_healthy = {
    .id = "cluster-healthy",
    .title = "Cluster is available",
    .inputs = inputs,
    .evaluate = evaluate,
};
