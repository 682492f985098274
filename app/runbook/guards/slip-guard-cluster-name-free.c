/* SPDX-License-Identifier: MIT */
/* Whether no Aurora cluster has the name that a restore will give to a new one. AWS Backup finds out
 * only after the job was started, and the job fails then. */

#include "slip-guards.h"
#include "slip-json.h"

static const char *const inputs[] = {"cluster", NULL};

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  const char *name = slip_guard_input (context, "cluster");
  g_autoptr (JsonObject) input = json_object_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) output = NULL;
  JsonArray *clusters;

  if (name == NULL)
    {
      *message = g_strdup ("the new cluster has no name");
      return SLIP_GUARD_BLOCK;
    }
  json_object_set_string_member (input, "DBClusterIdentifier", name);
  output = slip_guard_call (context, "rds", "DescribeDBClusters", input, &error);
  if (output == NULL && !slip_aws_error_has_code (error, "DBClusterNotFoundFault"))
    return slip_guard_unprovable (message, "whether the name is free", error);
  clusters = output != NULL ? slip_json_array (slip_json_node_object (output), "DBClusters") : NULL;
  if (clusters == NULL || json_array_get_length (clusters) == 0)
    {
      *message = g_strdup_printf ("no cluster is called %s", name);
      return SLIP_GUARD_PASS;
    }
  *message = g_strdup_printf (
      "a cluster %s exists already (%s, created %s). Choose another name", name,
      slip_json_string (json_array_get_object_element (clusters, 0), "Status"),
      slip_json_string (json_array_get_object_element (clusters, 0), "ClusterCreateTime"));
  return SLIP_GUARD_BLOCK;
}

const SlipGuard slip_guard_cluster_name_free = {
    .id = "cluster-name-free",
    .title = "Cluster name is free",
    .inputs = inputs,
    .evaluate = evaluate,
};
