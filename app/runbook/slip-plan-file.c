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

static const char *
wanted_digest (SlipPlan *plan)
{
  JsonObject *told = slip_json_object (slip_json_node_object (slip_plan_to_json (plan)), "runbook");

  return slip_json_string (told, "sha256");
}

char *
slip_plan_dup_runbook_difference (SlipPlan *self)
{
  const char *name = slip_plan_get_runbook (self);
  g_autofree char *digest = NULL;

  /* A path in a plan is the maker's, and not for us to open. */
  if (strchr (name, '/') == NULL && !g_str_has_suffix (name, ".yaml")
      && !g_str_has_suffix (name, ".yml") && !g_str_has_suffix (name, ".json"))
    digest = slip_runbook_dup_digest (name);
  if (digest == NULL)
    return g_strdup_printf ("the runbook %s that it was made from is not here to compare", name);
  if (g_strcmp0 (digest, wanted_digest (self)) == 0)
    return NULL;
  return g_strdup_printf ("it was made from another %s than the one that is here", name);
}

SlipRunbook *
slip_plan_load_runbook (SlipPlan *self, const char *file, GError **error)
{
  g_autoptr (SlipRunbook) found = NULL;
  g_autofree char *difference = NULL;

  g_return_val_if_fail (SLIP_IS_PLAN (self), NULL);

  if (file == NULL)
    {
      difference = slip_plan_dup_runbook_difference (self);
      if (difference == NULL)
        return slip_runbook_find (slip_plan_get_runbook (self), error);
      g_set_error (
          error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PLAN,
          "the plan cannot be held against its runbook: %s. Plan again with the one that is "
          "here, or give the one that it was made from: slipwayctl takes it with --runbook "
          "FILE",
          difference);
      return NULL;
    }
  found = slip_runbook_load (file, NULL, error);
  if (found == NULL)
    {
      g_prefix_error (error, "%s: ", file);
      return NULL;
    }
  if (g_strcmp0 (slip_runbook_get_sha256 (found), wanted_digest (self)) == 0)
    return g_steal_pointer (&found);
  g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PLAN,
               "%s is not the runbook %s that the plan was made from: it has another digest. Plan "
               "again",
               file, slip_plan_get_runbook (self));
  return NULL;
}

/* A plan that was cut off is one still, and says where it ends. */
static gboolean
looks_like_json (GBytes *bytes)
{
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);
  gsize i = 0;

  while (i < length && g_ascii_isspace (data[i]))
    i++;
  return i < length && data[i] == '{';
}

/* What is no plan at all is told apart from one that is damaged: somebody took the wrong file. */
static gboolean
check_is_plan (JsonNode *node, GError **error)
{
  JsonObject *object = node != NULL ? slip_json_node_object (node) : NULL;
  const char *schema = object != NULL ? slip_json_string (object, "schema") : NULL;
  gboolean other = schema != NULL && !g_str_has_prefix (schema, "org.slipway.plan/");

  if (schema != NULL && !other)
    return TRUE;
  g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PLAN,
               "this is no plan%s%s%s. Give the file that slipwayctl plan --output or slipwayctl "
               "run plan ID wrote",
               other ? ", but a file of schema “" : "", other ? schema : "", other ? "”" : "");
  return FALSE;
}

SlipPlan *
slip_plan_read_file (const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GError) local = NULL;
  SlipPlan *plan = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  bytes = slip_file_read (path, MAX_BYTES, error);
  if (bytes != NULL)
    node = slip_json_parse (g_bytes_get_data (bytes, NULL), (gssize)g_bytes_get_size (bytes),
                            &local);
  if (bytes != NULL && looks_like_json (bytes) && local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else if (bytes != NULL && check_is_plan (node, error))
    plan = slip_plan_new_from_json (node, error);
  if (plan == NULL)
    g_prefix_error (error, "%s: ", path);
  return plan;
}
