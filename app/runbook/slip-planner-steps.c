/* SPDX-License-Identifier: MIT */
/* One step of a document becomes one step of a plan: references resolved, the request built and
 * checked, effect, undo, resume rule, waits and forecast filled in. */

#include "slip-action.h"
#include "slip-json.h"
#include "slip-plan-private.h"
#include "slip-planner-private.h"
#include "slip-template.h"

#include <string.h>

/* Forecasts of what documents do not tell, in minutes. */
#define READ_MINUTES 0.02
#define CHANGE_MINUTES 0.05
#define WAIT_MINUTES 5.0

#define DEFAULT_POLL 30
#define DEFAULT_DEADLINE (4 * 60 * 60)

static JsonObject *
resolve_object (SlipPlanning *planning,
                const SlipPlanScope *scope,
                JsonObject *object,
                gboolean use,
                GPtrArray *unknown,
                GError **error)
{
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), object);
  g_autoptr (JsonNode) resolved
      = slip_planning_resolve (planning, scope, node, use, unknown, error);

  return resolved != NULL ? json_object_ref (json_node_get_object (resolved)) : NULL;
}

/* A loop's body is planned by itself; what stands in it is not the loop's own. */
static JsonObject *
resolve_inputs (SlipPlanning *planning,
                const SlipPlanScope *scope,
                JsonObject *step,
                GPtrArray *unknown,
                GError **error)
{
  JsonObject *inputs = slip_json_object (step, "inputs");
  g_autoptr (JsonObject) own = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (inputs == NULL)
    return g_steal_pointer (&own);
  json_object_iter_init_ordered (&iter, inputs);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    if (!g_str_equal (name, "Steps")
        || g_strcmp0 (slip_json_string (step, "action"), "aws:loop") != 0)
      json_object_set_member (own, name, json_node_ref (node));
  return resolve_object (planning, scope, own, TRUE, unknown, error);
}

static void
copy_text (SlipPlanning *planning,
           const SlipPlanScope *scope,
           JsonObject *slipway,
           const char *name,
           JsonObject *planned)
{
  const char *text = slipway != NULL ? slip_json_string (slipway, name) : NULL;
  g_autofree char *resolved = NULL;

  if (text == NULL)
    return;
  resolved = slip_planning_resolve_text (planning, scope, text);
  json_object_set_string_member (planned, name, resolved);
}

static void
set_title (SlipPlanning *planning,
           const SlipPlanScope *scope,
           JsonObject *step,
           JsonObject *planned)
{
  JsonObject *slipway = slip_json_object (step, "slipway");
  const char *description = slip_json_string (step, "description");

  copy_text (planning, scope, slipway, "title", planned);
  if (json_object_has_member (planned, "title"))
    return;
  if (description != NULL && strchr (description, '\n') == NULL && strlen (description) <= 72)
    json_object_set_string_member (planned, "title", description);
  else
    json_object_set_string_member (planned, "title", slip_json_string (step, "name"));
}

/* Environment, account and region: where the step acts. */
static gboolean
set_place (SlipPlanning *planning,
           const SlipPlanScope *scope,
           JsonObject *step,
           JsonObject *planned,
           GError **error)
{
  JsonObject *slipway = slip_json_object (step, "slipway");
  const char *wanted = slipway != NULL ? slip_json_string (slipway, "environment") : NULL;
  const char *wanted_region = slipway != NULL ? slip_json_string (slipway, "region") : NULL;
  g_autofree char *name = NULL;
  g_autofree char *region = NULL;
  JsonObject *facts;

  name = wanted != NULL ? slip_planning_resolve_text (planning, scope, wanted)
                        : g_strdup (planning->options->environment);
  facts = slip_planning_touch (planning, name, error);
  if (facts == NULL)
    {
      g_prefix_error (error, "step %s: ", slip_json_string (planned, "id"));
      return FALSE;
    }
  if (wanted_region != NULL)
    region = slip_planning_resolve_text (planning, scope, wanted_region);
  json_object_set_string_member (planned, "environment", name);
  json_object_set_string_member (planned, "account", slip_json_string (facts, "account"));
  json_object_set_string_member (planned, "region", slip_planning_region (planning, facts, region));
  return TRUE;
}

static gboolean
check_request (JsonObject *planned, gboolean complete, GError **error)
{
  const char *service = slip_json_string (planned, "service");
  const char *operation = slip_json_string (planned, "operation");
  JsonNode *request = json_object_get_member (planned, "request");
  g_autoptr (GError) local = NULL;
  g_autofree char *problem = NULL;
  const SlipAwsOperation *op;
  SlipAwsModel *model = NULL;

  if (service == NULL || slip_action_is_local (service))
    return TRUE;
  if (slip_action_find (slip_json_string (planned, "action"))->reads
      && !slip_action_require_read (service, operation, error))
    {
      g_prefix_error (error, "step %s: ", slip_json_string (planned, "id"));
      return FALSE;
    }
  op = slip_aws_model_lookup_operation (service, operation, &model, &local);
  if (op != NULL && complete)
    slip_aws_model_check_error (model, op, request, &local);
  else if (op != NULL)
    problem = slip_check_partial_request (service, operation, json_node_get_object (request));
  if (local == NULL && problem == NULL)
    return TRUE;
  g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_REQUEST, "step %s: %s",
               slip_json_string (planned, "id"), local != NULL ? local->message : problem);
  return FALSE;
}

static const SlipAwsOperation *
planned_operation (JsonObject *planned)
{
  const char *service = slip_json_string (planned, "service");

  if (service == NULL || slip_action_is_local (service))
    return NULL;
  return slip_aws_model_lookup_operation (slip_json_string (planned, "service"),
                                          slip_json_string (planned, "operation"), NULL, NULL);
}

static void
set_effect (JsonObject *slipway, JsonObject *planned)
{
  const SlipAwsOperation *operation = planned_operation (planned);
  SlipAwsEffect effect
      = operation != NULL ? slip_aws_operation_effect (operation) : SLIP_AWS_EFFECT_READ;
  SlipAwsEffect told;
  SlipReversibility reversibility = SLIP_REVERSIBILITY_READ;

  /* What the action itself says of a step that is no call. */
  if (slip_aws_effect_from_name (slip_json_string (planned, "effect"), &told))
    effect = MAX (effect, told);
  if (slipway != NULL && slip_aws_effect_from_name (slip_json_string (slipway, "effect"), &told))
    effect = MAX (effect, told);
  if (effect == SLIP_AWS_EFFECT_FINAL)
    reversibility = SLIP_REVERSIBILITY_FINAL;
  else if (effect == SLIP_AWS_EFFECT_CHANGE)
    reversibility = slipway != NULL && json_object_has_member (slipway, "undo")
                        ? SLIP_REVERSIBILITY_REVERSIBLE
                        : SLIP_REVERSIBILITY_RECOVERABLE;
  if (slipway != NULL)
    slip_reversibility_parse (slip_json_string (slipway, "reversibility"), &reversibility);
  reversibility = MAX (reversibility, slip_plan_least_reversibility (effect));
  json_object_set_string_member (planned, "effect", slip_aws_effect_name (effect));
  json_object_set_string_member (planned, "reversibility",
                                 slip_reversibility_get_name (reversibility));
}

/* What is safe to assume when a document does not say how to resume. */
static SlipResumeRule
default_rule (JsonObject *planned)
{
  const SlipAwsOperation *operation = planned_operation (planned);
  const char *action = slip_json_string (planned, "action");

  if (g_str_equal (action, "aws:pause") || g_str_equal (action, "aws:approve"))
    return SLIP_RESUME_R5;
  if (operation == NULL || slip_aws_operation_effect (operation) == SLIP_AWS_EFFECT_READ)
    return SLIP_RESUME_R0;
  if (g_str_equal (action, "aws:executeStateMachine")
      || slip_aws_operation_token_member (operation) != NULL)
    return SLIP_RESUME_R2;
  return SLIP_RESUME_R4;
}

static gboolean
set_resume (SlipPlanning *planning,
            const SlipPlanScope *scope,
            JsonObject *slipway,
            JsonObject *planned,
            GError **error)
{
  JsonObject *told = slipway != NULL ? slip_json_object (slipway, "resume") : NULL;
  JsonObject *resume;

  if (told != NULL)
    resume = resolve_object (planning, scope, told, FALSE, NULL, error);
  else if (slip_json_object (planned, "resume") != NULL)
    return TRUE;
  else
    {
      resume = json_object_new ();
      json_object_set_string_member (resume, "rule",
                                     slip_resume_rule_get_name (default_rule (planned)));
    }
  if (resume == NULL)
    return FALSE;
  json_object_set_object_member (planned, "resume", resume);
  return TRUE;
}

static void
copy_member (JsonObject *from, const char *name, JsonObject *to)
{
  if (from != NULL && json_object_has_member (from, name))
    json_object_set_member (to, name, slip_json_copy (json_object_get_member (from, name)));
}

/* The action gave selector and good values; the document may add the rest. */
static void
set_wait (JsonObject *slipway, JsonObject *planned)
{
  JsonObject *wait = slip_json_object (planned, "wait");
  JsonObject *told = slipway != NULL ? slip_json_object (slipway, "wait") : NULL;
  const char *deadline = told != NULL ? slip_json_string (told, "deadline") : NULL;
  gint64 timeout = slip_json_int (planned, "timeoutSeconds", DEFAULT_DEADLINE);
  gint64 seconds = timeout;

  if (wait == NULL)
    return;
  copy_member (told, "pending", wait);
  copy_member (told, "fail", wait);
  copy_member (told, "gone", wait);
  copy_member (told, "absent", wait);
  copy_member (told, "progress", wait);
  copy_member (told, "settle", wait);
  json_object_set_int_member (
      wait, "poll", told != NULL ? slip_json_int (told, "poll", DEFAULT_POLL) : DEFAULT_POLL);
  if (deadline != NULL)
    slip_action_parse_duration (deadline, &seconds);
  json_object_set_int_member (wait, "deadline", seconds);
}

static gboolean
number_of (SlipPlanning *planning,
           const SlipPlanScope *scope,
           JsonObject *slipway,
           const char *name,
           double *number)
{
  JsonNode *node = slipway != NULL ? json_object_get_member (slipway, name) : NULL;
  g_autoptr (JsonNode) resolved = NULL;
  const char *text;
  char *end;

  if (node == NULL)
    return FALSE;
  resolved = slip_planning_resolve (planning, scope, node, FALSE, NULL, NULL);
  if (resolved == NULL || !JSON_NODE_HOLDS_VALUE (resolved))
    return FALSE;
  if (json_node_get_value_type (resolved) != G_TYPE_STRING)
    {
      *number = json_node_get_double (resolved);
      return TRUE;
    }
  text = json_node_get_string (resolved);
  *number = g_ascii_strtod (text, &end);
  return *text != '\0' && *end == '\0';
}

static void
set_minutes (SlipPlanning *planning,
             const SlipPlanScope *scope,
             JsonObject *slipway,
             JsonObject *planned)
{
  double minutes = 0;
  double per_gib = 0;
  double size = 0;
  gboolean told = number_of (planning, scope, slipway, "minutes", &minutes);

  if (number_of (planning, scope, slipway, "minutesPerGiB", &per_gib)
      && number_of (planning, scope, slipway, "sizeGiB", &size))
    {
      minutes += per_gib * size;
      json_object_set_double_member (planned, "gib", size);
      told = TRUE;
    }
  if (!told && json_object_has_member (planned, "minutes"))
    return;
  if (!told && slip_json_string (planned, "service") != NULL)
    minutes = g_strcmp0 (slip_json_string (planned, "effect"), "read") == 0 ? READ_MINUTES
                                                                            : CHANGE_MINUTES;
  if (!told && json_object_has_member (planned, "wait"))
    minutes = WAIT_MINUTES;
  json_object_set_double_member (planned, "minutes", minutes);
}

static gboolean
flag (JsonObject *step, const char *name, gboolean fallback)
{
  const char *text = slip_json_string (step, name);

  return text != NULL ? g_str_equal (text, "true") : slip_json_bool (step, name, fallback);
}

static void
set_flow (SlipPlanning *planning, const SlipPlanScope *scope, JsonObject *step, JsonObject *planned)
{
  static const char *const members[] = {"onFailure", "onCancel"};
  JsonNode *timeout = json_object_get_member (step, "timeoutSeconds");
  g_autoptr (JsonNode) seconds = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    {
      const char *target = slip_json_string (step, members[i]);
      g_autofree char *id = NULL;

      if (target != NULL && g_str_has_prefix (target, "step:"))
        id = g_strconcat ("step:", scope->prefix, target + strlen ("step:"), NULL);
      else if (target == NULL && i == 0)
        target = scope->on_failure;
      json_object_set_string_member (planned, members[i],
                                     id != NULL       ? id
                                     : target != NULL ? target
                                                      : "Abort");
    }
  if (!flag (step, "isCritical", TRUE))
    json_object_set_boolean_member (planned, "isCritical", FALSE);
  copy_member (step, "maxAttempts", planned);
  if (timeout == NULL)
    return;
  seconds = slip_planning_resolve (planning, scope, timeout, TRUE, NULL, NULL);
  if (seconds != NULL && JSON_NODE_HOLDS_VALUE (seconds))
    json_object_set_int_member (planned, "timeoutSeconds",
                                json_node_get_value_type (seconds) == G_TYPE_STRING
                                    ? g_ascii_strtoll (json_node_get_string (seconds), NULL, 10)
                                    : json_node_get_int (seconds));
}

/* A word that is given in a turn of a loop counts in that turn. */
static void
set_confirmed_by (const SlipPlanScope *scope, JsonObject *slipway, JsonObject *planned)
{
  const char *name = slipway != NULL ? slip_json_string (slipway, "confirmedBy") : NULL;
  g_autofree char *id = NULL;

  if (name == NULL)
    return;
  if (slip_planning_is_of_turn (scope, name))
    id = g_strconcat (scope->prefix, name, NULL);
  json_object_set_string_member (planned, "confirmedBy", id != NULL ? id : name);
}

static gboolean
set_texts (SlipPlanning *planning,
           const SlipPlanScope *scope,
           JsonObject *slipway,
           JsonObject *planned,
           GError **error)
{
  static const char *const objects[] = {"confirm", "hints"};

  copy_text (planning, scope, slipway, "why", planned);
  copy_text (planning, scope, slipway, "ifItFails", planned);
  copy_text (planning, scope, slipway, "undo", planned);
  copy_text (planning, scope, slipway, "match", planned);
  set_confirmed_by (scope, slipway, planned);
  for (guint i = 0; i < G_N_ELEMENTS (objects); i++)
    {
      JsonObject *told = slipway != NULL ? slip_json_object (slipway, objects[i]) : NULL;
      JsonObject *resolved;

      if (told == NULL)
        continue;
      resolved = resolve_object (planning, scope, told, FALSE, NULL, error);
      if (resolved == NULL)
        return FALSE;
      json_object_set_object_member (planned, objects[i], resolved);
    }
  return TRUE;
}

/* What tasks, commands and statements work from, and what a state machine changes, which nothing else tells. */
static gboolean
set_declared (SlipPlanning *planning,
              const SlipPlanScope *scope,
              JsonObject *slipway,
              JsonObject *planned,
              GError **error)
{
  static const char *const lists[] = {"needs", "changes"};

  for (guint i = 0; slipway != NULL && i < G_N_ELEMENTS (lists); i++)
    {
      JsonNode *told = json_object_get_member (slipway, lists[i]);
      JsonNode *resolved
          = told != NULL ? slip_planning_resolve (planning, scope, told, FALSE, NULL, error) : NULL;

      if (resolved != NULL)
        json_object_set_member (planned, lists[i], resolved);
      else if (told != NULL)
        return FALSE;
    }
  return TRUE;
}

static void
note_unknown (JsonObject *planned, GPtrArray *unknown)
{
  JsonArray *notes = json_array_new ();

  for (guint i = 0; i < unknown->len; i++)
    {
      g_autofree char *note = g_strdup_printf ("%s is known only while running",
                                               (const char *)g_ptr_array_index (unknown, i));

      json_array_add_string_element (notes, note);
    }
  json_object_set_array_member (planned, "notes", notes);
}

static gboolean
fill (SlipPlanning *planning,
      const SlipPlanScope *scope,
      JsonObject *step,
      const SlipAction *action,
      JsonObject *planned,
      GError **error)
{
  JsonObject *slipway = slip_json_object (step, "slipway");
  g_autoptr (GPtrArray) unknown = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (JsonObject) inputs = NULL;
  JsonObject *made = slip_planning_find_made (planning, slip_json_string (planned, "id"));
  SlipActionPlan plan = {.step = planned};

  set_title (planning, scope, step, planned);
  set_flow (planning, scope, step, planned);
  if (!set_place (planning, scope, step, planned, error))
    return FALSE;
  inputs = resolve_inputs (planning, scope, step, unknown, error);
  if (inputs == NULL
      || !slip_planning_merge (planning, scope, slipway, slip_json_string (planned, "id"), inputs,
                               error))
    return FALSE;
  plan.inputs = inputs;
  plan.slipway = slipway;
  plan.made = made != NULL ? slip_json_object (made, "request") : NULL;
  json_object_set_object_member (planned, "inputs", json_object_ref (inputs));
  if (action->plan != NULL && !action->plan (&plan, error))
    {
      g_prefix_error (error, "step %s: ", slip_json_string (planned, "id"));
      return FALSE;
    }
  json_object_set_boolean_member (planned, "requestComplete", unknown->len == 0);
  if (!check_request (planned, unknown->len == 0, error))
    return FALSE;
  if (unknown->len > 0)
    note_unknown (planned, unknown);
  set_effect (slipway, planned);
  if (!set_texts (planning, scope, slipway, planned, error)
      || !set_declared (planning, scope, slipway, planned, error)
      || !set_resume (planning, scope, slipway, planned, error))
    return FALSE;
  set_wait (slipway, planned);
  set_minutes (planning, scope, slipway, planned);
  copy_member (step, "outputs", planned);
  return slip_planning_add_step_guards (planning, scope, step, planned, error);
}

JsonObject *
slip_planning_make_step (SlipPlanning *planning,
                         const SlipPlanScope *scope,
                         JsonObject *step,
                         GError **error)
{
  const char *name = slip_json_string (step, "name");
  const SlipAction *action = slip_action_find (slip_json_string (step, "action"));
  g_autofree char *id = g_strconcat (scope->prefix, name, NULL);
  g_autoptr (JsonObject) planned = json_object_new ();

  if (!action->planned)
    {
      g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PLAN,
                   "step %s: this version cannot run %s", id, action->name);
      return NULL;
    }
  json_object_set_string_member (planned, "id", id);
  json_object_set_string_member (planned, "name", name);
  json_object_set_string_member (planned, "action", action->name);
  if (scope->loop != NULL && scope->number > 0)
    {
      JsonObject *iteration = json_object_new ();

      json_object_set_string_member (iteration, "loop", scope->loop);
      json_object_set_int_member (iteration, "number", scope->number);
      if (scope->value != NULL)
        json_object_set_member (iteration, "value", slip_json_copy (scope->value));
      json_object_set_object_member (planned, "iteration", iteration);
    }
  if (!fill (planning, scope, step, action, planned, error))
    return NULL;
  return g_steal_pointer (&planned);
}

/* Whether the answer to a read here and now is that which the run will get. Behind a change only the
 * document can tell. */
static gboolean
can_evaluate (SlipPlanning *planning, JsonObject *step, JsonObject *planned)
{
  JsonObject *slipway = slip_json_object (step, "slipway");
  const char *told = slipway != NULL ? slip_json_string (slipway, "evaluate") : NULL;
  const char *service = slip_json_string (planned, "service");

  return (!planning->changed || g_strcmp0 (told, "plan") == 0) && !planning->split
         && service != NULL
         && (!slip_action_is_local (service) || slip_planning_is_capture (planned))
         && g_strcmp0 (slip_json_string (planned, "effect"), "read") == 0
         && slip_json_bool (planned, "requestComplete", FALSE) && g_strcmp0 (told, "run") != 0;
}

JsonObject *
slip_planning_add_step (SlipPlanning *planning,
                        const SlipPlanScope *scope,
                        JsonObject *step,
                        gboolean evaluate,
                        GError **error)
{
  JsonObject *planned = slip_planning_make_step (planning, scope, step, error);
  gboolean failed = FALSE;

  if (planned == NULL)
    return NULL;
  json_object_set_int_member (planned, "index", json_array_get_length (planning->steps));
  json_array_add_object_element (planning->steps, planned);
  if (evaluate && can_evaluate (planning, step, planned)
      && !(planning->made != NULL ? slip_planning_recall (planning, planned, &failed, error)
                                  : slip_planning_evaluate (planning, planned, &failed, error)))
    return NULL;
  if (failed)
    json_object_set_boolean_member (planned, "failedAtPlanning", TRUE);
  if (failed && g_str_has_prefix (slip_json_string (planned, "onFailure"), "step:"))
    planning->split = TRUE;
  if (g_strcmp0 (slip_json_string (planned, "effect"), "read") != 0)
    planning->changed = TRUE;
  return planned;
}
