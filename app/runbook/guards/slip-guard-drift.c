/* SPDX-License-Identifier: MIT */
/* What every guard says that finds another hand's change: what differs, whose hand it was, the way on. */

#include "slip-guards.h"
#include "slip-clock.h"
#include "slip-json.h"
#include "slip-runbook-error.h"
#include "slip-trail.h"

#include <string.h>

/* Adds what CloudTrail has under one of the names that it knows a thing by: some calls name it, others its
 * ARN. */
static void
ask_trail (SlipGuardContext *context, const char *name, JsonArray *events, GError **refused)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonNode) question = name != NULL ? slip_trail_new_question (name) : NULL;
  g_autoptr (JsonNode) answer = question != NULL
                                    ? slip_guard_call (context, "cloudtrail", "LookupEvents",
                                                       json_node_get_object (question), &local)
                                    : NULL;
  JsonArray *found
      = answer != NULL ? slip_json_array (slip_json_node_object (answer), "Events") : NULL;

  for (guint i = 0; found != NULL && i < json_array_get_length (found); i++)
    json_array_add_element (events, slip_json_copy (json_array_get_element (found, i)));
  if (local != NULL && *refused == NULL)
    g_propagate_error (refused, g_steal_pointer (&local));
}

/* When what is held against the present was read, or before: while planning that is just now. */
static gint64
planned_at (SlipGuardContext *context)
{
  const char *started = context->plan != NULL ? slip_json_string (context->plan, "started") : NULL;
  gint64 time = 0;

  return started != NULL && slip_time_parse (started, &time) ? time : 0;
}

char *
slip_guard_name_actor (SlipGuardContext *context, const char *resource, const char *arn)
{
  JsonObject *all = json_object_new ();
  JsonArray *events = json_array_new ();
  g_autoptr (JsonNode) node = slip_json_new_object (all);
  g_autofree char *sentence = NULL;
  g_autoptr (GError) refused = NULL;

  json_object_set_array_member (all, "Events", events);
  if (resource == NULL)
    return g_strdup ("");
  ask_trail (context, resource, events, &refused);
  ask_trail (context, arn, events, &refused);
  sentence = slip_trail_describe_last_change (node, refused, context->ledger, context->run,
                                              planned_at (context));
  return g_strconcat (". ", sentence, NULL);
}

/* For a person who accepts it: all that differs, told without a way out. */
static void
note_difference (SlipGuardContext *context, const char *resource, JsonNode *was, JsonNode *is)
{
  JsonObject *difference = json_object_new ();

  if (resource != NULL)
    json_object_set_string_member (difference, "resource", resource);
  if (was != NULL)
    json_object_set_member (difference, "was", slip_json_copy (was));
  if (is != NULL)
    json_object_set_member (difference, "is", slip_json_copy (is));
  json_array_add_object_element (context->differences, difference);
}

void
slip_guard_note_untold (SlipGuardContext *context, const char *resource, const char *message)
{
  JsonObject *untold = json_object_new ();

  json_object_set_string_member (untold, "untold", resource);
  json_array_add_object_element (context->differences, untold);
  g_string_append_printf (context->told, "%s%s: %s", context->told->len > 0 ? "; " : "", resource,
                          message);
}

gboolean
slip_guard_is_gone (const GError *error)
{
  const char *code = slip_aws_error_get_code (error);

  return g_error_matches (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_NOT_FOUND)
         || (g_error_matches (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_SERVICE) && code != NULL
             && strstr (code, "NotFound") != NULL);
}

SlipGuardState
slip_guard_judge_drift (SlipGuardContext *context,
                        const char *resource,
                        const char *arn,
                        JsonNode *was,
                        JsonNode *is,
                        char **message)
{
  /* All of them, whole: nobody accepts what they do not see. */
  g_autofree char *difference = is != NULL ? slip_json_describe_differences (was, is, 0, NULL)
                                           : g_strdup ("it is not there any more");
  g_autofree char *actor = NULL;
  g_autofree char *told = NULL;

  if (difference == NULL)
    {
      *message = g_strdup ("it is still what was planned for");
      return SLIP_GUARD_PASS;
    }
  actor = slip_guard_name_actor (context, resource, arn);
  told = g_strdup_printf ("somebody changed %s since the plan was made: %s",
                          resource != NULL ? resource : "it", difference);
  note_difference (context, resource, was, is);
  g_string_append_printf (context->told, "%s%s%s", context->told->len > 0 ? "; " : "", told, actor);
  *message
      = g_strdup_printf ("%s%s. %s", told, actor,
                         is != NULL ? "Put it back and resume, or cancel this run and plan again"
                                    : "Cancel this run and plan again");
  return SLIP_GUARD_BLOCK;
}
