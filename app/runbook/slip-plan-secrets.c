/* SPDX-License-Identifier: MIT */
/* Refuses plans that hold what looks like a secret. A plan is approved by its hash and kept whole in
 * the audit log, which redacts; had it something to redact, the plan in the log would not be the one
 * that was approved, and no run of it could ever be continued. */

#include "slip-json.h"
#include "slip-plan-private.h"
#include "slip-redact.h"

/* Where the two differ; they have the same shape except where a secret was. */
static void
compare (JsonNode *plan, JsonNode *redacted, const char *path, GPtrArray *places)
{
  if (JSON_NODE_HOLDS_OBJECT (plan) && JSON_NODE_HOLDS_OBJECT (redacted))
    {
      JsonObjectIter iter;
      const char *name;
      JsonNode *member;

      json_object_iter_init_ordered (&iter, json_node_get_object (plan));
      while (json_object_iter_next_ordered (&iter, &name, &member))
        {
          g_autofree char *at = g_strdup_printf ("%s.%s", path, name);

          compare (member, json_object_get_member (json_node_get_object (redacted), name), at,
                   places);
        }
    }
  else if (JSON_NODE_HOLDS_ARRAY (plan) && JSON_NODE_HOLDS_ARRAY (redacted))
    {
      JsonArray *array = json_node_get_array (plan);

      for (guint i = 0; i < json_array_get_length (array); i++)
        {
          g_autofree char *at = g_strdup_printf ("%s[%u]", path, i);

          compare (json_array_get_element (array, i),
                   json_array_get_element (json_node_get_array (redacted), i), at, places);
        }
    }
  else if (!slip_json_equal (plan, redacted))
    g_ptr_array_add (places, g_strdup (path));
}

gboolean
slip_plan_check_secrets (JsonNode *plan, GError **error)
{
  g_autoptr (JsonNode) redacted = slip_redact_json (plan);
  g_autoptr (GPtrArray) places = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *list = NULL;

  compare (plan, redacted, "$", places);
  if (places->len == 0)
    return TRUE;
  g_ptr_array_add (places, NULL);
  list = g_strjoinv (", ", (char **)places->pdata);
  g_set_error (
      error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PLAN,
      "the plan holds what looks like a secret at %s. The audit log keeps plans whole: let a "
      "step read the secret from where it is kept, and refer to it as {{ Step.Output }}",
      list);
  return FALSE;
}
