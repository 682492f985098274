/* SPDX-License-Identifier: MIT */
/* aws:loop while running, for loops that the planner could not unroll. Each turn is an entry that
 * names the turn's first step; the last step of a turn leads back here. The values are frozen in the
 * first turn's entry, and a resumed run goes on inside the turn it was in. */

#include "slip-run-engine.h"

#include "slip-action.h"
#include "slip-json.h"

#define DEFAULT_TURNS 100

static char *
first_step (SlipRunContext *context, gint64 turn)
{
  JsonArray *body = slip_plan_step_get_body (context->plan);
  JsonObject *first = body != NULL && json_array_get_length (body) > 0
                          ? slip_json_node_object (json_array_get_element (body, 0))
                          : NULL;
  const char *id = first != NULL ? slip_json_string (first, "id") : NULL;
  const char *star = id != NULL ? strrchr (id, '*') : NULL;

  if (star == NULL)
    return NULL;
  return g_strdup_printf ("%.*s%" G_GINT64_FORMAT "%s", (int)(star - id), id, turn, star + 1);
}

/* The condition of the turn that has just ended, with its number in the names of its steps. */
static JsonObject *
condition_of_turn (SlipRunContext *context)
{
  JsonObject *told = slip_json_object (context->inputs, "LoopCondition");
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (JsonNode) numbered = NULL;
  g_autofree char *text = NULL;
  g_autofree char *star = g_strconcat (context->step->id, "[*]", NULL);
  g_autofree char *turn
      = g_strdup_printf ("%s[%" G_GINT64_FORMAT "]", context->step->id, context->step->turn);
  g_autofree char *replaced = NULL;
  g_auto (GStrv) parts = NULL;

  if (told == NULL)
    return NULL;
  node = slip_json_new_object (json_object_ref (told));
  text = slip_json_to_text (node, FALSE);
  parts = g_strsplit (text, star, -1);
  replaced = g_strjoinv (turn, parts);
  numbered = slip_json_parse (replaced, -1, NULL);
  return numbered != NULL ? json_object_ref (json_node_get_object (numbered)) : NULL;
}

static gboolean
condition_holds (SlipRunContext *context, gboolean *holds, GError **error)
{
  g_autoptr (JsonObject) condition = condition_of_turn (context);
  g_autoptr (JsonObject) resolved = NULL;
  g_autoptr (GError) local = NULL;

  *holds = TRUE;
  /* References to the turn's own steps have no value before the first turn, which is always made. */
  if (condition == NULL || context->step->turn == 0)
    return TRUE;
  resolved = slip_run_engine_resolve_object (context->engine, condition, error);
  if (resolved == NULL)
    return FALSE;
  *holds = slip_condition_evaluate (resolved, &local) == SLIP_CONDITION_TRUE;
  if (local == NULL)
    return TRUE;
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_EXPRESSION, "%s", local->message);
  return FALSE;
}

static gboolean
write_turn (SlipRunContext *context, gint64 turn, JsonArray *values, GError **error)
{
  g_autofree char *next = first_step (context, turn);
  JsonObject *entry;
  JsonObject *data;
  g_autofree char *detail = NULL;

  if (next == NULL)
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_DAMAGED, "loop %s has no steps",
                   context->step->id);
      return FALSE;
    }
  entry = slip_run_engine_entry (context->engine, SLIP_STEP_TURN_KIND, context->step);
  data = slip_run_entry_data (entry);
  detail = values != NULL ? g_strdup_printf ("turn %" G_GINT64_FORMAT " of %u", turn,
                                             json_array_get_length (values))
                          : g_strdup_printf ("turn %" G_GINT64_FORMAT, turn);
  json_object_set_int_member (data, "turn", turn);
  json_object_set_string_member (data, "next", next);
  json_object_set_string_member (data, "detail", detail);
  if (values != NULL)
    {
      json_object_set_member (data, "value",
                              json_node_ref (json_array_get_element (values, (guint)turn - 1)));
      if (turn == 1)
        json_object_set_array_member (data, "values", json_array_ref (values));
    }
  context->written = TRUE;
  return slip_run_engine_append (context->engine, entry, error);
}

static gboolean
run (SlipRunContext *context, GError **error)
{
  JsonArray *values = context->step->turn_values != NULL
                          ? context->step->turn_values
                          : slip_json_array (context->inputs, "Iterators");
  gint64 most = slip_json_int (context->inputs, "MaxIterations", DEFAULT_TURNS);
  gint64 turn = context->step->turn + 1;
  gboolean holds;

  if (values != NULL && json_array_get_length (values) > most)
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
                   "the loop has %u turns, more than %" G_GINT64_FORMAT
                   ". Nothing of it was done: narrow its list and plan again",
                   json_array_get_length (values), most);
      return FALSE;
    }
  if (values != NULL)
    most = json_array_get_length (values);
  if (!condition_holds (context, &holds, error))
    return FALSE;
  if (holds && turn <= most)
    return write_turn (context, turn, values, error);
  context->detail = g_strdup_printf ("%" G_GINT64_FORMAT " turns", context->step->turn);
  return TRUE;
}

static const char *const late[] = {"LoopCondition", "Steps", NULL};

const SlipRunAction slip_run_action_loop = {
    .name = "aws:loop",
    .late = late,
    .run = run,
};
