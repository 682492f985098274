/* SPDX-License-Identifier: MIT */
/* What can be said of planned steps only once all are there: where names lead, which steps a run may
 * pass, and what the plan builds on. */

#include "slip-json.h"
#include "slip-planner-private.h"

#include <string.h>

/* The id that stands for @id in the plan: loops are replaced by their first turn. */
static const char *
resolve_alias (SlipPlanning *planning, const char *id)
{
  const char *other;

  while ((other = g_hash_table_lookup (planning->aliases, id)) != NULL)
    id = other;
  return id;
}

static void
fix_target (SlipPlanning *planning, JsonObject *step, const char *member, const char *head)
{
  const char *target = slip_json_string (step, member);
  const char *id;
  g_autofree char *text = NULL;

  if (target == NULL || !g_str_has_prefix (target, head))
    return;
  id = resolve_alias (planning, target + strlen (head));
  text = g_strconcat (head, id, NULL);
  if (*id != '\0')
    json_object_set_string_member (step, member, text);
  else if (*head == '\0')
    json_object_remove_member (step, member);
  else
    json_object_set_string_member (step, member, "Abort");
}

static char *
prefix_of (JsonObject *step)
{
  const char *id = slip_json_string (step, "id");

  return g_strndup (id, strlen (id) - strlen (slip_json_string (step, "name")));
}

/* Choices name steps of the document; in a plan they name steps of the plan. */
static void
fix_choices (SlipPlanning *planning, JsonObject *step)
{
  JsonObject *inputs = slip_json_object (step, "inputs");
  JsonArray *choices = slip_json_array (inputs, "Choices");
  g_autofree char *prefix = prefix_of (step);

  for (guint i = 0; choices != NULL && i <= json_array_get_length (choices); i++)
    {
      gboolean last = i == json_array_get_length (choices);
      JsonObject *holder = last ? inputs : json_array_get_object_element (choices, i);
      const char *member = last ? "Default" : "NextStep";
      const char *name = slip_json_string (holder, member);
      g_autofree char *id = name != NULL ? g_strconcat (prefix, name, NULL) : NULL;

      if (id != NULL)
        json_object_set_string_member (holder, member, resolve_alias (planning, id));
    }
}

static void
fix_steps (SlipPlanning *planning, JsonArray *steps)
{
  for (guint i = 0; i < json_array_get_length (steps); i++)
    {
      JsonObject *step = json_array_get_object_element (steps, i);

      json_object_set_int_member (step, "index", i);
      fix_target (planning, step, "next", "");
      fix_target (planning, step, "onFailure", "step:");
      fix_target (planning, step, "onCancel", "step:");
      if (g_strcmp0 (slip_json_string (step, "action"), "aws:branch") == 0)
        fix_choices (planning, step);
      if (slip_json_array (step, "body") != NULL)
        fix_steps (planning, slip_json_array (step, "body"));
    }
}

/* Whether the end can be reached from the first step without passing @without. */
static gboolean
can_avoid (JsonArray *steps, GHashTable *indexes, guint without)
{
  guint n = json_array_get_length (steps);
  g_autofree gboolean *seen = g_new0 (gboolean, n);
  g_autoptr (GArray) todo = g_array_new (FALSE, FALSE, sizeof (guint));
  guint first = 0;

  if (without == 0)
    return FALSE;
  g_array_append_val (todo, first);
  while (todo->len > 0)
    {
      guint at = g_array_index (todo, guint, todo->len - 1);
      JsonObject *step = json_array_get_object_element (steps, at);
      JsonArray *choices = slip_json_array (slip_json_object (step, "inputs"), "Choices");
      gboolean decided = slip_json_bool (step, "decided", FALSE);
      guint n_choices = choices != NULL && !decided ? json_array_get_length (choices) : 0;

      g_array_set_size (todo, todo->len - 1);
      if (seen[at] || at == without)
        continue;
      seen[at] = TRUE;
      for (guint i = 0; i <= n_choices; i++)
        {
          const char *id
              = i < n_choices
                    ? slip_json_string (json_array_get_object_element (choices, i), "NextStep")
                    : slip_json_string (step, "next");
          gpointer found;

          if (id == NULL || *id == '\0')
            return TRUE;
          found = g_hash_table_lookup (indexes, id);
          if (found != NULL)
            {
              guint to = GPOINTER_TO_UINT (found) - 1;

              g_array_append_val (todo, to);
            }
        }
    }
  return FALSE;
}

static void
mark_conditional (JsonArray *steps)
{
  g_autoptr (GHashTable) indexes = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < json_array_get_length (steps); i++)
    g_hash_table_insert (
        indexes, (gpointer)slip_json_string (json_array_get_object_element (steps, i), "id"),
        GUINT_TO_POINTER (i + 1));
  for (guint i = 0; i < json_array_get_length (steps); i++)
    if (can_avoid (steps, indexes, i))
      json_object_set_boolean_member (json_array_get_object_element (steps, i), "conditional",
                                      TRUE);
}

/* What was asked for of the step's answer and is not in it: it stays a reference, which the run would fill
 * in with whatever is there by then. */
static void
expect_nothing (SlipPlanning *planning, JsonObject *step, JsonObject *known, JsonObject *expect)
{
  JsonArray *outputs = slip_json_array (step, "outputs");

  for (guint i = 0; outputs != NULL && i < json_array_get_length (outputs); i++)
    {
      const char *name = slip_json_string (json_array_get_object_element (outputs, i), "Name");
      g_autofree char *key = g_strdup_printf ("%s.%s", slip_json_string (step, "id"), name);

      if (!json_object_has_member (known, name) && g_hash_table_contains (planning->used, key))
        json_object_set_null_member (expect, name);
    }
}

/* What a plan relies on must be the same when it runs. */
static void
set_expectations (SlipPlanning *planning)
{
  for (guint i = 0; i < json_array_get_length (planning->steps); i++)
    {
      JsonObject *step = json_array_get_object_element (planning->steps, i);
      JsonObject *known = slip_json_object (step, "known");
      g_autoptr (JsonObject) expect = json_object_new ();
      JsonObjectIter iter;
      const char *name;
      JsonNode *node;

      if (known == NULL)
        continue;
      json_object_iter_init_ordered (&iter, known);
      while (json_object_iter_next_ordered (&iter, &name, &node))
        {
          g_autofree char *key = g_strdup_printf ("%s.%s", slip_json_string (step, "id"), name);

          if (g_hash_table_contains (planning->used, key))
            json_object_set_member (expect, name, slip_json_copy (node));
        }
      /* Of a capture the document is taken, and nothing is selected. */
      if (!slip_planning_is_capture (step))
        expect_nothing (planning, step, known, expect);
      if (json_object_get_size (expect) > 0)
        json_object_set_object_member (step, "expect", g_steal_pointer (&expect));
    }
}

void
slip_planning_finish (SlipPlanning *planning)
{
  fix_steps (planning, planning->steps);
  mark_conditional (planning->steps);
  set_expectations (planning);
}
