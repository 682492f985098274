/* SPDX-License-Identifier: MIT */
/* Whether no cluster snapshot has the name that a step will give to a new one, and no other step of the
 * plan gives it too. */

#include "slip-guards.h"
#include "slip-json.h"
#include "slip-run-foreign.h"

static const char *const inputs[] = {"snapshot", "otherThan?", "waiver?", NULL};

#define MAX_LENGTH 255

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  const char *name = slip_guard_input (context, "snapshot");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) snapshot = NULL;
  g_autofree char *maker = NULL;
  g_auto (GStrv) others = slip_guard_input_list (context, "otherThan");

  if (slip_guard_is_waived (context))
    {
      *message = g_strdup_printf ("a snapshot %s is not taken", name);
      return SLIP_GUARD_PASS;
    }
  if (name != NULL
      && !slip_guard_name_fits ("snapshot", name, MAX_LENGTH, (const char *const *)others, message))
    return SLIP_GUARD_BLOCK;
  snapshot = slip_guard_find_snapshot (context, name != NULL ? name : "", &error);
  if (error != NULL)
    return slip_guard_unprovable (message, "whether the name is free", error);
  if (snapshot == NULL)
    {
      *message = g_strdup_printf ("no snapshot is called %s", name);
      return SLIP_GUARD_PASS;
    }
  maker = slip_run_foreign_maker (context->ledger, slip_run_foreign_tag (snapshot));
  *message = g_strdup_printf (
      "a snapshot %s exists already (of cluster %s, made %s %s). Choose another name", name,
      slip_json_string (snapshot, "DBClusterIdentifier"),
      slip_json_string (snapshot, "SnapshotCreateTime"), maker);
  return SLIP_GUARD_BLOCK;
}

const SlipGuard slip_guard_snapshot_name_free = {
    .id = "snapshot-name-free",
    .title = "Snapshot name is free",
    .inputs = inputs,
    .evaluate = evaluate,
};
