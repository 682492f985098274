/* SPDX-License-Identifier: MIT */
/* aws:approve while running: waits until enough people of those named have approved. Each approval
 * is an entry with its STS principal, signed when it was written; the same person counts once,
 * in whatever roles. */

#include "slip-run-engine.h"

#include "slip-json.h"
#include "slip-person.h"

#include <string.h>

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

/* Who approved reads `USER@HOST as PRINCIPAL`. Another role is no other person; another principal on the same machine is
 * one. */
static gboolean
is_same_person (const char *one, const char *other)
{
  static const char as[] = " as ";
  const char *first = strstr (one, as);
  const char *second = strstr (other, as);
  gsize length = first != NULL ? (gsize)(first - one) : strlen (one);

  if (first != NULL && second != NULL)
    return slip_person_same (first + strlen (as), second + strlen (as));
  return length == (second != NULL ? (gsize)(second - other) : strlen (other))
         && strncmp (one, other, length) == 0;
}

static gboolean
is_counted (GPtrArray *people, const char *who)
{
  for (guint i = 0; i < people->len; i++)
    if (is_same_person (people->pdata[i], who))
      return TRUE;
  return FALSE;
}

/* @unsigned_seq is an approval that does not count, since anybody can put one into the file; 0 for none. */
static gboolean
count_approvals (SlipRunContext *context, gint64 *count, gint64 *unsigned_seq, GError **error)
{
  JsonArray *approvers = slip_json_array (context->inputs, "Approvers");
  g_autoptr (GPtrArray) people = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer who, seq;
  gboolean trusted;

  *count = 0;
  *unsigned_seq = 0;
  g_hash_table_iter_init (&iter, context->step->approvers);
  while (g_hash_table_iter_next (&iter, &who, &seq))
    {
      if (!may_approve (approvers, who))
        continue;
      if (!slip_run_engine_trusts (context->engine, (gint64)GPOINTER_TO_SIZE (seq), &trusted,
                                   error))
        return FALSE;
      if (!trusted)
        *unsigned_seq = (gint64)GPOINTER_TO_SIZE (seq);
      else if (!is_counted (people, who))
        g_ptr_array_add (people, who);
    }
  *count = people->len;
  return TRUE;
}

static gboolean
approved (SlipRunEngine *engine, gpointer data, GError **error)
{
  SlipRunContext *context = data;
  gint64 timeout = slip_plan_step_get_timeout (context->plan);
  gint64 count, unsigned_seq;
  gint64 age = slip_clock_now (engine->clock) - context->step->waiting_since;

  if (context->step->rejected_by != NULL)
    g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED, "rejected by %s",
                 context->step->rejected_by);
  else if (timeout > 0 && context->step->waiting_since != 0 && age > timeout * G_USEC_PER_SEC)
    g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
                 "nobody approved within %" G_GINT64_FORMAT " s", timeout);
  else if (count_approvals (context, &count, &unsigned_seq, error))
    return count >= slip_json_int (context->inputs, "MinRequiredApprovals", 1);
  return FALSE;
}

static char *
describe_need (SlipRunContext *context, gint64 count, gint64 unsigned_seq)
{
  const char *text = slip_json_string (context->inputs, "Message");
  gint64 least = slip_json_int (context->inputs, "MinRequiredApprovals", 1);
  g_autoptr (GString) message = g_string_new (NULL);

  g_string_printf (
      message, "step %s needs %" G_GINT64_FORMAT " approvals and has %" G_GINT64_FORMAT "%s%s",
      context->step->id, least, count, text != NULL ? ": " : "", text != NULL ? text : "");
  if (unsigned_seq != 0)
    g_string_append_printf (
        message,
        ". One (entry %" G_GINT64_FORMAT
        " of the audit log) bears no signature and does not count: either the key "
        "was missing when it was given, or somebody put it into the file. Give "
        "it again",
        unsigned_seq);
  return g_string_free (g_steal_pointer (&message), FALSE);
}

static gboolean
run (SlipRunContext *context, GError **error)
{
  g_autofree char *message = NULL;
  g_autoptr (GError) local = NULL;
  gint64 count, unsigned_seq;

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
  if (!count_approvals (context, &count, &unsigned_seq, error))
    return FALSE;
  message = describe_need (context, count, unsigned_seq);
  return slip_run_engine_need (context->engine, "approval", context->step, message, NULL, approved,
                               context, error);
}

const SlipRunAction slip_run_action_approve = {
    .name = "aws:approve",
    .run = run,
};
