/* SPDX-License-Identifier: MIT */
/* Whether something is still as it was when the plan was made. Read again before every final step:
 * what another hand changed meanwhile stops the run, and CloudTrail, where it may be asked, names whose
 * hand that was. For what config custody has a table of, `as-captured` compares all of it. */

#include "slip-guards.h"
#include "slip-json.h"

/* `service`, `operation`, `input`: the read; `select`: the thing in its answer; `expected`: members of
 * it, by selector; `resource`: what CloudTrail knows it by. */
static const char *const inputs[]
    = {"service", "operation", "input", "select", "expected", "resource?", NULL};

/* What is expected; services give lists in no order that means anything. */
static JsonNode *
copy_expected (JsonObject *expected)
{
  JsonObject *was = json_object_new ();
  JsonObjectIter iter;
  const char *selector;
  JsonNode *wanted;

  json_object_iter_init_ordered (&iter, expected);
  while (json_object_iter_next_ordered (&iter, &selector, &wanted))
    json_object_set_member (was, selector, slip_json_sort (wanted));
  return slip_json_new_object (was);
}

/* What is there of what is expected, by selector. */
static JsonNode *
look_up (JsonNode *found, JsonObject *expected, GError **error)
{
  g_autoptr (JsonObject) is = json_object_new ();
  JsonObjectIter iter;
  const char *selector;
  JsonNode *wanted;

  json_object_iter_init_ordered (&iter, expected);
  while (json_object_iter_next_ordered (&iter, &selector, &wanted))
    {
      g_autoptr (GError) local = NULL;
      g_autoptr (JsonNode) value = slip_json_select (found, selector, &local);

      if (local != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
      if (value == NULL && JSON_NODE_HOLDS_NULL (wanted))
        value = json_node_new (JSON_NODE_NULL);
      if (value != NULL)
        json_object_set_member (is, selector, slip_json_sort (value));
    }
  return slip_json_new_object (g_steal_pointer (&is));
}

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  JsonObject *expected = slip_json_object (context->inputs, "expected");
  JsonObject *input = slip_json_object (context->inputs, "input");
  const char *select = slip_guard_input (context, "select");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) output
      = slip_guard_call (context, slip_guard_input (context, "service"),
                         slip_guard_input (context, "operation"), input, &error);
  g_autoptr (JsonNode) found = NULL;
  g_autoptr (JsonNode) is = NULL;
  g_autoptr (JsonNode) was = NULL;

  if (output != NULL && select != NULL)
    found = slip_json_select (output, select, &error);
  if (found != NULL && expected != NULL)
    is = look_up (found, expected, &error);
  if (error != NULL && !slip_guard_is_gone (error))
    return slip_guard_unprovable (message, "whether it is still what was planned for", error);
  was = expected != NULL ? copy_expected (expected) : NULL;
  if (was != NULL)
    return slip_guard_judge_drift (context, slip_guard_input (context, "resource"), NULL, was, is,
                                   message);
  *message = g_strdup ("there is nothing that it should be like. Plan again");
  return SLIP_GUARD_BLOCK;
}

const SlipGuard slip_guard_unchanged = {
    .id = "unchanged",
    .title = "Still as planned for",
    .inputs = inputs,
    .evaluate = evaluate,
    .drift = TRUE,
};
