/* SPDX-License-Identifier: MIT */
/* Plans as files: made by one person, read and approved by another, in the window or on the command
 * line. What a file says is believed only as far as its hash goes; see slip_plan_new_from_json(). */

#include "slip-plan-file.h"

#include "slip-file.h"
#include "slip-json.h"
#include "slip-runbook.h"

#include <string.h>

#define MAX_BYTES (64 * 1024 * 1024)

gboolean
slip_plan_write_file (SlipPlan *plan, const char *path, GError **error)
{
  g_autofree char *text = NULL;

  g_return_val_if_fail (SLIP_IS_PLAN (plan), FALSE);
  g_return_val_if_fail (path != NULL, FALSE);

  text = slip_json_to_text (slip_plan_to_json (plan), TRUE);
  return slip_file_write_atomic (path, text, -1, 0600, error);
}

char *
slip_plan_dup_runbook_difference (SlipPlan *self)
{
  JsonObject *told = slip_json_object (slip_json_node_object (slip_plan_to_json (self)), "runbook");
  const char *name = slip_plan_get_runbook (self);
  g_autoptr (SlipRunbook) found = NULL;

  /* A path in a plan is the maker's, and not for us to open. */
  if (strchr (name, '/') == NULL && !g_str_has_suffix (name, ".yaml")
      && !g_str_has_suffix (name, ".yml") && !g_str_has_suffix (name, ".json"))
    found = slip_runbook_find (name, NULL);
  if (found == NULL)
    return g_strdup_printf ("the runbook %s that it was made from is not here to compare", name);
  if (g_strcmp0 (slip_runbook_get_sha256 (found), slip_json_string (told, "sha256")) == 0)
    return NULL;
  return g_strdup_printf ("it was made from another %s than the one that is here", name);
}

SlipPlan *
slip_plan_read_file (const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (JsonNode) node = NULL;
  SlipPlan *plan = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  bytes = slip_file_read (path, MAX_BYTES, error);
  if (bytes != NULL)
    node
        = slip_json_parse (g_bytes_get_data (bytes, NULL), (gssize)g_bytes_get_size (bytes), error);
  if (node != NULL)
    plan = slip_plan_new_from_json (node, error);
  if (plan == NULL)
    g_prefix_error (error, "%s: ", path);
  return plan;
}
