/* SPDX-License-Identifier: MIT */
/* Whether a cluster's master password is ours to read and to set. Where RDS keeps it in a secret of its own,
 * that secret goes with the cluster, and no password can be set beside it. */

#include "slip-guards.h"
#include "slip-json.h"

static const char *const inputs[] = {"cluster", NULL};

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  const char *name = slip_guard_input (context, "cluster");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) cluster = slip_guard_find_cluster (context, name, &error);
  JsonObject *managed = cluster != NULL ? slip_json_object (cluster, "MasterUserSecret") : NULL;

  if (error != NULL)
    return slip_guard_unprovable (message, "who keeps the master password", error);
  if (cluster == NULL)
    {
      *message = g_strdup_printf ("there is no cluster %s in %s", name, context->region);
      return SLIP_GUARD_BLOCK;
    }
  if (managed == NULL)
    {
      *message = g_strdup_printf ("the master password of %s is not managed by RDS", name);
      return SLIP_GUARD_PASS;
    }
  *message = g_strdup_printf (
      "RDS itself keeps the master password of %s, in %s, which is deleted with the cluster and "
      "made anew where it is managed again. Name no secret, and verify by hand",
      name, slip_json_string (managed, "SecretArn"));
  return SLIP_GUARD_BLOCK;
}

const SlipGuard slip_guard_master_password = {
    .id = "master-password",
    .title = "Master password is not managed by RDS",
    .inputs = inputs,
    .evaluate = evaluate,
};
