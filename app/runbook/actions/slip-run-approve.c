/* SPDX-License-Identifier: MIT */
/* aws:approve while running: waits until enough people of those named have approved. Each approval
 * is an entry with its STS principal; the same person counts once. */

#include "slip-run-engine.h"

#include "slip-json.h"

/* Documents name approvers by ARN, by user name, or not at all. */
static gboolean
may_approve (JsonArray *approvers, const char *who)
{
  if (approvers == NULL || json_array_get_length (approvers) == 0)
    return TRUE;
  for (guint i = 0; i < json_array_get_length (approvers); i++)
    {
      JsonNode *node = json_array_get_element (approvers, i);
      const char *name = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;
      g_autofree char *as = name != NULL ? g_strconcat (" as ", name, NULL) : NULL;
      g_autofree char *user = name != NULL ? g_strconcat (name, "@", NULL) : NULL;
      g_autofree char *session = name != NULL ? g_strconcat ("/", name, NULL) : NULL;

      if (name != NULL
          && (g_str_has_suffix (who, as) || g_str_has_prefix (who, user)
              || g_str_has_suffix (who, session)))
        return TRUE;
    }
  return FALSE;
}

static gint64
count_approvals (SlipRunContext *context)
{
  JsonArray *approvers = slip_json_array (context->inputs, "Approvers");
  GHashTableIter iter;
  gpointer who;
  gint64 count = 0;

  g_hash_table_iter_init (&iter, context->step->approvers);
  while (g_hash_table_iter_next (&iter, &who, NULL))
    if (may_approve (approvers, who))
      count++;
  return count;
}

static gboolean
approved (SlipRunEngine *engine, gpointer data, GError **error)
{
  SlipRunContext *context = data;
  gint64 timeout = slip_plan_step_get_timeout (context->plan);
  gint64 age = slip_clock_now (engine->clock) - context->step->waiting_since;

  if (context->step->rejected_by != NULL)
    g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED, "rejected by %s",
                 context->step->rejected_by);
  else if (timeout > 0 && context->step->waiting_since != 0 && age > timeout * G_USEC_PER_SEC)
    g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
                 "nobody approved within %" G_GINT64_FORMAT " s", timeout);
  else
    return count_approvals (context) >= slip_json_int (context->inputs, "MinRequiredApprovals", 1);
  return FALSE;
}

static gboolean
run (SlipRunContext *context, GError **error)
{
  const char *text = slip_json_string (context->inputs, "Message");
  g_autofree char *message = NULL;
  g_autoptr (GError) local = NULL;

  if (context->step->state == SLIP_RUN_STEP_PLANNED
      && !slip_run_engine_append (
          context->engine,
          slip_run_engine_entry (context->engine, SLIP_STEP_WAITING_KIND, context->step), error))
    return FALSE;
  if (approved (context->engine, context, &local))
    return TRUE;
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  message = g_strdup_printf (
      "step %s needs %" G_GINT64_FORMAT " approvals and has %" G_GINT64_FORMAT "%s%s",
      context->step->id, slip_json_int (context->inputs, "MinRequiredApprovals", 1),
      count_approvals (context), text != NULL ? ": " : "", text != NULL ? text : "");
  return slip_run_engine_need (context->engine, "approval", context->step, message, NULL, approved,
                               context, error);
}

const SlipRunAction slip_run_action_approve = {
    .name = "aws:approve",
    .run = run,
};
