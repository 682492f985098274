/* SPDX-License-Identifier: MIT */
/* Whether something is still as it was when the plan was made. Read again before every final step:
 * what another hand changed meanwhile stops the run, and CloudTrail, where it may be asked, names whose
 * hand that was. */

#include "slip-guards.h"
#include "slip-json.h"
#include "slip-trail.h"

#include <string.h>

/* `service`, `operation`, `input`: the read; `select`: the thing in its answer; `expected`: members of
 * it, by selector; `resource`: what CloudTrail knows it by. */
static const char *const inputs[]
    = {"service", "operation", "input", "select", "expected", "resource?", NULL};

/* ". The last change that CloudTrail knows is ModifyDBCluster by ann at 04:05", or nothing. */
static char *
name_actor (SlipGuardContext *context)
{
  const char *resource = slip_guard_input (context, "resource");
  g_autoptr (JsonNode) question = resource != NULL ? slip_trail_new_question (resource) : NULL;
  g_autoptr (JsonNode) answer = NULL;
  g_autofree char *sentence = NULL;

  if (question == NULL)
    return g_strdup ("");
  answer = slip_guard_call (context, "cloudtrail", "LookupEvents", json_node_get_object (question),
                            NULL);
  sentence = slip_trail_describe_last_change (answer);
  return g_strconcat (". ", sentence, NULL);
}

static char *
to_text (JsonNode *node)
{
  return node != NULL ? slip_json_to_text (node, FALSE) : g_strdup ("nothing");
}

/* The first member that differs, told as "Port was 5432 and is 5433", or NULL. */
static char *
find_difference (JsonNode *found, JsonObject *expected, GError **error)
{
  JsonObjectIter iter;
  const char *selector;
  JsonNode *wanted;

  json_object_iter_init_ordered (&iter, expected);
  while (json_object_iter_next_ordered (&iter, &selector, &wanted))
    {
      g_autoptr (GError) local = NULL;
      g_autoptr (JsonNode) value = slip_json_select (found, selector, &local);
      g_autofree char *is = to_text (value);
      g_autofree char *was = to_text (wanted);

      if (local != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
      if (!g_str_equal (is, was))
        return g_strdup_printf ("%s was %s and is %s", selector, was, is);
    }
  return NULL;
}

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  JsonObject *expected = slip_json_object (context->inputs, "expected");
  JsonObject *input = slip_json_object (context->inputs, "input");
  const char *select = slip_guard_input (context, "select");
  g_autofree char *difference = NULL;
  g_autofree char *actor = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) output
      = slip_guard_call (context, slip_guard_input (context, "service"),
                         slip_guard_input (context, "operation"), input, &error);
  g_autoptr (JsonNode) found = NULL;

  if (output != NULL && select != NULL)
    found = slip_json_select (output, select, &error);
  if (found != NULL && expected != NULL)
    difference = find_difference (found, expected, &error);
  if (error != NULL)
    return slip_guard_unprovable (message, "whether it is still what was planned for", error);
  if (found == NULL || expected == NULL)
    difference = g_strdup ("it is not there any more");
  if (difference == NULL)
    {
      *message = g_strdup_printf ("it is still what was planned for");
      return SLIP_GUARD_PASS;
    }
  actor = name_actor (context);
  *message = g_strdup_printf ("somebody changed it since the plan was made: %s%s. Plan again",
                              difference, actor);
  return SLIP_GUARD_BLOCK;
}

const SlipGuard slip_guard_unchanged = {
    .id = "unchanged",
    .title = "Still as planned for",
    .inputs = inputs,
    .evaluate = evaluate,
};
