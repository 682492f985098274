/* SPDX-License-Identifier: MIT */
/* Whether no Aurora cluster has the name that a restore or a renaming will give, and no instance those
 * that its instances get. AWS finds out only when the call comes, which may be hours and many deletions
 * later; AWS Backup only after the job was started. */

#include "slip-guards.h"
#include "slip-json.h"

static const char *const inputs[] = {"cluster", "instances?", "otherThan?", NULL};

#define MAX_LENGTH 63

static gboolean
is_taken (const char *what, const char *name, JsonObject *found, char **message)
{
  gboolean cluster = g_str_equal (what, "cluster");

  if (found == NULL)
    return FALSE;
  *message = g_strdup_printf (
      "%s %s %s exists already (%s, created %s). Choose another name, or see to it first that this "
      "one becomes free",
      cluster ? "a" : "an", what, name,
      slip_json_string (found, cluster ? "Status" : "DBInstanceStatus"),
      slip_json_string (found, cluster ? "ClusterCreateTime" : "InstanceCreateTime"));
  return TRUE;
}

static JsonObject *
find_instance (SlipGuardContext *context, const char *name, GError **error)
{
  g_autoptr (JsonObject) input = json_object_new ();
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonNode) output = NULL;
  JsonArray *instances;

  json_object_set_string_member (input, "DBInstanceIdentifier", name);
  output = slip_guard_call (context, "rds", "DescribeDBInstances", input, &local);
  if (output == NULL && !slip_aws_error_has_code (local, "DBInstanceNotFound"))
    g_propagate_error (error, g_steal_pointer (&local));
  instances
      = output != NULL ? slip_json_array (slip_json_node_object (output), "DBInstances") : NULL;
  if (instances == NULL || json_array_get_length (instances) == 0)
    return NULL;
  return json_object_ref (json_array_get_object_element (instances, 0));
}

/* Clusters and instances each have names of their own kind. */
static SlipGuardState
judge (SlipGuardContext *context,
       const char *what,
       const char *name,
       const char *const *others,
       JsonObject *(*find) (SlipGuardContext *, const char *, GError **),
       char **message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) found = NULL;

  if (!slip_guard_name_fits (what, name, MAX_LENGTH, others, message))
    return SLIP_GUARD_BLOCK;
  found = find (context, name, &error);
  if (error != NULL)
    return slip_guard_unprovable (message, "whether the name is free", error);
  return is_taken (what, name, found, message) ? SLIP_GUARD_BLOCK : SLIP_GUARD_PASS;
}

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  const char *name = slip_guard_input (context, "cluster");
  g_auto (GStrv) instances = slip_guard_input_list (context, "instances");
  g_auto (GStrv) others = slip_guard_input_list (context, "otherThan");
  SlipGuardState state;
  guint n = 0;

  if (name == NULL)
    {
      *message = g_strdup ("the new cluster has no name");
      return SLIP_GUARD_BLOCK;
    }
  state = judge (context, "cluster", name, (const char *const *)others, slip_guard_find_cluster,
                 message);
  for (; state == SLIP_GUARD_PASS && instances != NULL && instances[n] != NULL; n++)
    state = judge (context, "instance", instances[n], NULL, find_instance, message);
  if (state == SLIP_GUARD_PASS && n > 0)
    *message = g_strdup_printf ("no cluster is called %s, and no instance as its instances will be",
                                name);
  else if (state == SLIP_GUARD_PASS)
    *message = g_strdup_printf ("no cluster is called %s", name);
  return state;
}

const SlipGuard slip_guard_cluster_name_free = {
    .id = "cluster-name-free",
    .title = "Cluster name is free",
    .inputs = inputs,
    .evaluate = evaluate,
};
