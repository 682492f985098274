/* SPDX-License-Identifier: MIT */
/* The way through a document: which steps a plan has and in which order. Branches that can be decided
 * are, loops whose list is known are unrolled; where only the run can tell, all that it may reach is
 * planned and marked as conditional. */

#include "slip-action.h"
#include "slip-json.h"
#include "slip-planner-private.h"
#include "slip-template.h"

#include <string.h>

/* Systems Manager's own limit for a loop. */
#define MAX_TURNS 100

#define NOWHERE (-1)

/* One list of steps on its way into the plan. */
typedef struct
{
  SlipPlanning *planning;
  const SlipPlanScope *scope;
  JsonArray *steps;
  const char *exit;   /* id after the list; "" when the run ends there */
  gboolean *visited;  /* by step */
  gboolean *pending;  /* by step: reached, not planned yet */
  guint first_repeat; /* steps from here on may run again: what they read now means nothing */
} Walk;

static gboolean walk_list (SlipPlanning *planning,
                           const SlipPlanScope *scope,
                           JsonArray *steps,
                           const char *exit,
                           GError **error);

static JsonObject *
get_step (Walk *walk, guint index)
{
  return json_array_get_object_element (walk->steps, index);
}

static int
find_index (JsonArray *steps, const char *name)
{
  for (guint i = 0; i < json_array_get_length (steps); i++)
    if (g_strcmp0 (slip_json_string (json_array_get_object_element (steps, i), "name"), name) == 0)
      return (int)i;
  return NOWHERE;
}

static gboolean
is_end (JsonObject *step)
{
  return slip_json_bool (step, "isEnd", FALSE)
         || g_strcmp0 (slip_json_string (step, "isEnd"), "true") == 0;
}

/* The step after @index when nothing is decided; NOWHERE at the end of the list. */
static int
plain_next (Walk *walk, guint index)
{
  JsonObject *step = get_step (walk, index);
  const char *next = slip_json_string (step, "nextStep");

  if (next != NULL)
    return find_index (walk->steps, next);
  if (is_end (step) || index + 1 >= json_array_get_length (walk->steps))
    return NOWHERE;
  return (int)index + 1;
}

static char *
id_of (Walk *walk, int index)
{
  if (index == NOWHERE)
    return g_strdup (walk->exit);
  return g_strconcat (walk->scope->prefix, slip_json_string (get_step (walk, (guint)index), "name"),
                      NULL);
}

static void
set_next (Walk *walk, JsonObject *planned, int index)
{
  g_autofree char *id = id_of (walk, index);

  if (*id != '\0')
    json_object_set_string_member (planned, "next", id);
}

static void
reach (Walk *walk, const char *target)
{
  int index = NOWHERE;

  if (target != NULL && g_str_has_prefix (target, "step:"))
    index = find_index (walk->steps, target + strlen ("step:"));
  if (index != NOWHERE)
    walk->pending[index] = TRUE;
}

static void
add_note (JsonObject *planned, const char *text)
{
  JsonArray *notes = slip_json_array (planned, "notes");

  if (notes == NULL)
    {
      notes = json_array_new ();
      json_object_set_array_member (planned, "notes", notes);
    }
  json_array_add_string_element (notes, text);
}

/* Variables that a step further on may change are not known where the way splits. */
static void
forget_variables (SlipPlanning *planning, JsonArray *steps)
{
  for (guint i = 0; i < json_array_get_length (steps); i++)
    {
      JsonObject *step = json_array_get_object_element (steps, i);
      JsonObject *inputs = slip_json_object (step, "inputs");
      const char *name = inputs != NULL ? slip_json_string (inputs, "Name") : NULL;

      if (inputs != NULL && slip_json_array (inputs, "Steps") != NULL)
        forget_variables (planning, slip_json_array (inputs, "Steps"));
      if (name != NULL && g_str_has_prefix (name, "variable:")
          && g_strcmp0 (slip_json_string (step, "action"), "aws:updateVariable") == 0)
        json_object_remove_member (planning->variables, name + strlen ("variable:"));
    }
}

static void
split (SlipPlanning *planning)
{
  if (planning->split)
    return;
  planning->split = TRUE;
  forget_variables (planning, slip_runbook_get_steps (planning->runbook));
}

/* The index that a branch leads to. FALSE without @error when only the run can tell; then all that it
 * may lead to is pending. */
static gboolean
decide (Walk *walk, guint index, JsonObject *planned, int *next, GError **error)
{
  JsonObject *inputs = slip_json_object (planned, "inputs");
  JsonArray *choices = slip_json_array (inputs, "Choices");
  const char *otherwise = slip_json_string (inputs, "Default");
  gboolean sure = TRUE;

  for (guint i = 0; choices != NULL && i < json_array_get_length (choices); i++)
    {
      JsonObject *choice = json_array_get_object_element (choices, i);
      g_autoptr (GError) local = NULL;
      SlipConditionResult result = slip_condition_evaluate (choice, &local);
      int target = find_index (walk->steps, slip_json_string (choice, "NextStep"));

      if (local != NULL)
        {
          g_propagate_prefixed_error (error, g_steal_pointer (&local),
                                      "step %s: ", slip_json_string (planned, "id"));
          return FALSE;
        }
      if (result == SLIP_CONDITION_FALSE)
        continue;
      if (result == SLIP_CONDITION_TRUE && sure)
        {
          *next = target;
          return TRUE;
        }
      sure = FALSE;
      walk->pending[target] = TRUE;
      if (result == SLIP_CONDITION_TRUE)
        return FALSE;
    }
  *next = otherwise != NULL ? find_index (walk->steps, otherwise) : plain_next (walk, index);
  if (!sure && *next != NOWHERE)
    walk->pending[*next] = TRUE;
  return sure;
}

static gboolean
plan_branch (Walk *walk, guint index, JsonObject *planned, int *next, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *note = NULL;
  const char *otherwise;

  if (decide (walk, index, planned, next, &local))
    {
      g_autofree char *id = id_of (walk, *next);

      note = g_strdup_printf ("decided at planning: goes to %s", *id != '\0' ? id : "the end");
      json_object_set_boolean_member (planned, "decided", TRUE);
      add_note (planned, note);
      set_next (walk, planned, *next);
      return TRUE;
    }
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  add_note (planned, "decided while running");
  otherwise = slip_json_string (slip_json_object (planned, "inputs"), "Default");
  set_next (walk, planned,
            otherwise != NULL ? find_index (walk->steps, otherwise) : plain_next (walk, index));
  split (walk->planning);
  *next = NOWHERE;
  return TRUE;
}

static void
plan_update (Walk *walk, JsonObject *planned)
{
  JsonObject *inputs = slip_json_object (planned, "inputs");
  const char *name = slip_json_string (inputs, "Name");
  JsonNode *value = json_object_get_member (inputs, "Value");

  if (!g_str_has_prefix (name, "variable:"))
    return;
  name += strlen ("variable:");
  if (walk->planning->split || slip_template_has_references (value))
    json_object_remove_member (walk->planning->variables, name);
  else
    json_object_set_member (walk->planning->variables, name, slip_json_copy (value));
}

/* A step of the body that does not say what to do when it fails does what the loop says. */
static char *
failure_of_loop (Walk *walk, JsonObject *step, const char *after)
{
  const char *told = slip_json_string (step, "onFailure");

  if (told == NULL || g_str_equal (told, "Abort"))
    return g_strdup ("Abort");
  if (g_str_has_prefix (told, "step:"))
    return g_strconcat ("step:", walk->scope->prefix, told + strlen ("step:"), NULL);
  return *after != '\0' ? g_strconcat ("step:", after, NULL) : g_strdup ("Abort");
}

static gboolean
plan_turns (Walk *walk, JsonObject *step, JsonArray *values, const char *after, GError **error)
{
  const char *name = slip_json_string (step, "name");
  JsonArray *body = slip_json_array (slip_json_object (step, "inputs"), "Steps");
  const char *first = slip_json_string (json_array_get_object_element (body, 0), "name");
  guint n = json_array_get_length (values);
  g_autofree char *on_failure = failure_of_loop (walk, step, after);

  g_hash_table_replace (walk->planning->aliases, g_strconcat (walk->scope->prefix, name, NULL),
                        n > 0 ? g_strdup_printf ("%s[1].%s", name, first) : g_strdup (after));
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *prefix = g_strdup_printf ("%s[%u].", name, i + 1);
      g_autofree char *next
          = i + 1 < n ? g_strdup_printf ("%s[%u].%s", name, i + 2, first) : g_strdup (after);
      SlipPlanScope scope = {
          .loop = name,
          .body = body,
          .prefix = prefix,
          .value = json_array_get_element (values, i),
          .number = (gint64)i + 1,
          .on_failure = on_failure,
      };

      if (!walk_list (walk->planning, &scope, body, next, error))
        return FALSE;
    }
  return TRUE;
}

/* The condition is about what the turn's own steps yielded, and about variables that they changed: with
 * the names of the turn, and after all that a turn may change is forgotten. */
static gboolean
plan_condition (SlipPlanning *planning,
                const SlipPlanScope *scope,
                JsonObject *step,
                JsonObject *planned,
                GError **error)
{
  JsonNode *told = json_object_get_member (slip_json_object (step, "inputs"), "LoopCondition");
  JsonNode *condition;

  if (told == NULL)
    return TRUE;
  condition = slip_planning_resolve (planning, scope, told, TRUE, NULL, error);
  if (condition == NULL)
    return FALSE;
  json_object_set_member (slip_json_object (planned, "inputs"), "LoopCondition", condition);
  return TRUE;
}

/* The steps of one turn, planned with `*` for its number, as the body of the loop's own step. */
static gboolean
plan_body (Walk *walk, JsonObject *step, JsonObject *planned, GError **error)
{
  SlipPlanning *planning = walk->planning;
  JsonArray *body = slip_json_array (slip_json_object (step, "inputs"), "Steps");
  const char *name = slip_json_string (step, "name");
  g_autofree char *prefix = g_strdup_printf ("%s[*].", name);
  SlipPlanScope scope = {.loop = name, .body = body, .prefix = prefix, .on_failure = "Abort"};
  JsonArray *outer = planning->steps;
  gboolean walked;

  split (planning);
  if (!plan_condition (planning, &scope, step, planned, error))
    return FALSE;
  planning->steps = json_array_new ();
  walked = walk_list (planning, &scope, body, "", error);
  json_object_set_array_member (planned, "body", planning->steps);
  planning->steps = outer;
  return walked;
}

/* A loop does what its body does. */
static void
sum_body (JsonObject *planned)
{
  JsonArray *body = slip_json_array (planned, "body");
  SlipAwsEffect effect = SLIP_AWS_EFFECT_READ;
  SlipReversibility reversibility = SLIP_REVERSIBILITY_READ;
  double minutes = 0;

  for (guint i = 0; i < json_array_get_length (body); i++)
    {
      JsonObject *step = json_array_get_object_element (body, i);
      SlipAwsEffect one = SLIP_AWS_EFFECT_READ;
      SlipReversibility back = SLIP_REVERSIBILITY_READ;

      slip_aws_effect_from_name (slip_json_string (step, "effect"), &one);
      slip_reversibility_parse (slip_json_string (step, "reversibility"), &back);
      effect = MAX (effect, one);
      reversibility = MAX (reversibility, back);
      minutes += slip_json_double (step, "minutes", 0);
    }
  json_object_set_string_member (planned, "effect", slip_aws_effect_name (effect));
  json_object_set_string_member (planned, "reversibility",
                                 slip_reversibility_get_name (reversibility));
  json_object_set_double_member (planned, "minutes", minutes);
  add_note (planned,
            "how many turns there will be is known only while running; the forecast is that "
            "of one");
}

static JsonNode *
known_iterators (Walk *walk, JsonObject *step)
{
  JsonNode *told = json_object_get_member (slip_json_object (step, "inputs"), "Iterators");
  g_autoptr (GPtrArray) unknown = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (JsonNode) resolved = NULL;

  if (told == NULL)
    return NULL;
  resolved = slip_planning_resolve (walk->planning, walk->scope, told, TRUE, unknown, NULL);
  if (resolved == NULL || unknown->len > 0 || !JSON_NODE_HOLDS_ARRAY (resolved))
    return NULL;
  return g_steal_pointer (&resolved);
}

static gboolean
too_many (JsonObject *step, guint n, GError **error)
{
  gint64 most = slip_json_int (slip_json_object (step, "inputs"), "MaxIterations", MAX_TURNS);

  if (n <= most)
    return FALSE;
  g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PLAN,
               "step %s: the loop has %u turns, more than %d. Narrow its list",
               slip_json_string (step, "name"), n, (int)most);
  return TRUE;
}

static gboolean
plan_loop (Walk *walk, guint index, int *next, GError **error)
{
  JsonObject *step = get_step (walk, index);
  g_autoptr (JsonNode) iterators = known_iterators (walk, step);
  g_autofree char *after = NULL;
  JsonObject *planned;

  *next = plain_next (walk, index);
  after = id_of (walk, *next);
  reach (walk, slip_json_string (step, "onFailure"));
  if (iterators != NULL)
    return !too_many (step, json_array_get_length (json_node_get_array (iterators)), error)
           && plan_turns (walk, step, json_node_get_array (iterators), after, error);
  planned = slip_planning_add_step (walk->planning, walk->scope, step, FALSE, error);
  if (planned == NULL || !plan_body (walk, step, planned, error))
    return FALSE;
  sum_body (planned);
  set_next (walk, planned, *next);
  if (g_strcmp0 (slip_json_string (planned, "effect"), "read") != 0)
    walk->planning->changed = TRUE;
  return TRUE;
}

/* Plans the step at @index. @next is where the way goes on; NOWHERE when it ends or splits. */
static gboolean
plan_one (Walk *walk, guint index, int *next, GError **error)
{
  JsonObject *step = get_step (walk, index);
  const char *action = slip_json_string (step, "action");
  JsonObject *planned;
  gboolean was_split = walk->planning->split;

  walk->visited[index] = TRUE;
  walk->pending[index] = FALSE;
  if (g_str_equal (action, "aws:loop"))
    return plan_loop (walk, index, next, error);
  planned = slip_planning_add_step (walk->planning, walk->scope, step, index < walk->first_repeat,
                                    error);
  if (planned == NULL)
    return FALSE;
  reach (walk, slip_json_string (step, "onFailure"));
  reach (walk, slip_json_string (step, "onCancel"));
  if (walk->planning->split && !was_split)
    forget_variables (walk->planning, slip_runbook_get_steps (walk->planning->runbook));
  if (g_str_equal (action, "aws:branch"))
    return plan_branch (walk, index, planned, next, error);
  if (g_str_equal (action, "aws:updateVariable"))
    plan_update (walk, planned);
  *next = plain_next (walk, index);
  set_next (walk, planned, *next);
  return TRUE;
}

/* Where the way may lead back to, what is read now is not what is read then. */
static guint
find_first_repeat (JsonArray *steps)
{
  guint first = json_array_get_length (steps);

  for (guint i = 0; i < json_array_get_length (steps); i++)
    {
      JsonObject *step = json_array_get_object_element (steps, i);
      JsonObject *inputs = slip_json_object (step, "inputs");
      JsonArray *choices = inputs != NULL ? slip_json_array (inputs, "Choices") : NULL;
      int targets[2] = {
          find_index (steps, slip_json_string (step, "nextStep")),
          inputs != NULL ? find_index (steps, slip_json_string (inputs, "Default")) : NOWHERE,
      };

      for (guint j = 0; choices != NULL && j < json_array_get_length (choices); j++)
        {
          JsonObject *choice = json_array_get_object_element (choices, j);
          int target = find_index (steps, slip_json_string (choice, "NextStep"));

          if (target != NOWHERE && target <= (int)i)
            first = MIN (first, (guint)target);
        }
      for (guint j = 0; j < G_N_ELEMENTS (targets); j++)
        if (targets[j] != NOWHERE && targets[j] <= (int)i)
          first = MIN (first, (guint)targets[j]);
    }
  return first;
}

/* Goes the certain way first, then plans what else may be reached, in the document's order. */
static gboolean
walk_all (Walk *walk, GError **error)
{
  int at = 0;
  guint n = json_array_get_length (walk->steps);

  while (at != NOWHERE && !walk->visited[at])
    if (!plan_one (walk, (guint)at, &at, error))
      return FALSE;
  for (guint i = 0; i < n;)
    {
      int next;

      if (!walk->pending[i] || walk->visited[i])
        {
          i++;
          continue;
        }
      split (walk->planning);
      if (!plan_one (walk, i, &next, error))
        return FALSE;
      if (next != NOWHERE)
        walk->pending[next] = TRUE;
      i = 0;
    }
  return TRUE;
}

static gboolean
walk_list (SlipPlanning *planning,
           const SlipPlanScope *scope,
           JsonArray *steps,
           const char *exit,
           GError **error)
{
  Walk walk = {.planning = planning, .scope = scope, .steps = steps, .exit = exit};
  gboolean walked;

  walk.visited = g_new0 (gboolean, json_array_get_length (steps));
  walk.pending = g_new0 (gboolean, json_array_get_length (steps));
  walk.first_repeat = find_first_repeat (steps);
  walked = walk_all (&walk, error);
  g_free (walk.visited);
  g_free (walk.pending);
  return walked;
}

gboolean
slip_planning_walk (SlipPlanning *planning, GError **error)
{
  const SlipPlanScope scope = {.prefix = "", .on_failure = "Abort"};

  if (!walk_list (planning, &scope, slip_runbook_get_steps (planning->runbook), "", error))
    return FALSE;
  slip_planning_finish (planning);
  return TRUE;
}
