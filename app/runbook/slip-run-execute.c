/* SPDX-License-Identifier: MIT */
/* One step: what must be true and said before it, its action, what becomes of its result or failure.
 * The outcome entry carries where the run goes on, so that a process that takes over need not work
 * that out again. */

#include "slip-run-engine.h"

#include "slip-json.h"
#include "slip-print.h"
#include "slip-redact.h"
#include "slip-run-lost.h"
#include "slip-run-missing.h"
#include "slip-runbook-error.h"
#include "slip-trail.h"

#include <string.h>

/* Of a plan that went stale. */
#define MAX_DIFFERENCES 5

/* A page of text. A window takes minutes to lay out a label of a hundred times that. */
#define MAX_MESSAGE_BYTES 4000

static void
context_clear (SlipRunContext *context)
{
  g_clear_pointer (&context->inputs, json_object_unref);
  g_clear_pointer (&context->request, json_node_unref);
  g_clear_pointer (&context->outputs, json_object_unref);
  g_clear_pointer (&context->response, json_node_unref);
  g_clear_pointer (&context->answer, json_node_unref);
  g_clear_pointer (&context->variables, json_object_unref);
  g_free (context->detail);
  g_free (context->request_id);
  g_free (context->next);
}

/* ---- references */

static gboolean
is_late (const SlipRunAction *action, const char *name)
{
  return action->late != NULL && g_strv_contains (action->late, name);
}

static JsonObject *
resolve_inputs (SlipRunContext *context, const SlipRunAction *action, GError **error)
{
  JsonObject *inputs = slip_plan_step_get_inputs (context->plan);
  g_autoptr (JsonObject) resolved = json_object_new ();
  g_autoptr (GList) names = inputs != NULL ? json_object_get_members (inputs) : NULL;

  for (GList *l = names; l != NULL; l = l->next)
    {
      JsonNode *value = json_object_get_member (inputs, l->data);
      JsonNode *node = is_late (action, l->data)
                           ? json_node_ref (value)
                           : slip_run_engine_resolve (context->engine, value, error);

      if (node == NULL)
        {
          g_prefix_error (error, "input %s: ", (const char *)l->data);
          return NULL;
        }
      json_object_set_member (resolved, l->data, node);
    }
  return g_steal_pointer (&resolved);
}

static gboolean
resolve (SlipRunContext *context, const SlipRunAction *action, GError **error)
{
  JsonNode *request = slip_plan_step_get_request (context->plan);

  if (request != NULL)
    {
      context->request = slip_run_engine_resolve (context->engine, request, error);
      if (context->request == NULL)
        return FALSE;
    }
  context->inputs = resolve_inputs (context, action, error);
  return context->inputs != NULL;
}

/* ---- where to go on */

/* The loop that @id is a turn's step of, when the plan itself does not hold that turn. */
static char *
loop_of (SlipRunEngine *engine, const char *id)
{
  const char *bracket = strrchr (id, '[');

  if (bracket == NULL || slip_plan_find_step (engine->fold->plan, id) != NULL)
    return NULL;
  return g_strndup (id, bracket - id);
}

static char *
place_in_turn (SlipRunEngine *engine, SlipFoldStep *step, const char *next)
{
  g_autofree char *loop = loop_of (engine, step->id);

  if (loop == NULL || next != NULL)
    return g_strdup (next);
  return g_steal_pointer (&loop);
}

static char *
next_of (SlipRunContext *context)
{
  return place_in_turn (context->engine, context->step,
                        context->next_set ? context->next
                                          : slip_plan_step_get_next (context->plan));
}

/* ---- outcome */

static void
set_next (JsonObject *data, const char *next)
{
  if (next != NULL)
    json_object_set_string_member (data, "next", next);
  else
    json_object_set_null_member (data, "next");
}

static void
fill_outcome (SlipRunContext *context, JsonObject *entry)
{
  JsonObject *data = slip_run_entry_data (entry);

  slip_run_entry_set_text (entry, "request_id", context->request_id);
  slip_run_entry_set_text (data, "detail", context->detail);
  if (context->service_date != 0)
    {
      g_autofree char *date = slip_time_format (context->service_date);

      json_object_set_string_member (entry, "service_date", date);
    }
  if (context->response != NULL)
    {
      g_autofree char *digest = slip_json_sha256 (context->response);

      json_object_set_string_member (data, "response_sha256", digest);
      json_object_set_member (data, "response", json_node_ref (context->response));
    }
  if (context->outputs != NULL)
    json_object_set_object_member (data, "outputs", json_object_ref (context->outputs));
  if (context->variables != NULL)
    json_object_set_object_member (data, "variables", json_object_ref (context->variables));
  if (context->changed)
    json_object_set_boolean_member (data, "changed", TRUE);
  if (context->gone)
    json_object_set_boolean_member (data, "gone", TRUE);
  if (context->secret_outputs)
    json_object_set_boolean_member (data, "secret_outputs", TRUE);
}

static gboolean
write_outcome (SlipRunContext *context, GError **error)
{
  JsonObject *entry
      = slip_run_engine_entry (context->engine, SLIP_STEP_OUTCOME_KIND, context->step);
  g_autofree char *next = next_of (context);

  json_object_set_string_member (entry, "outcome",
                                 context->outcome != NULL ? context->outcome : "done");
  fill_outcome (context, entry);
  set_next (slip_run_entry_data (entry), next);
  return slip_run_engine_append (context->engine, entry, error);
}

/* The innermost thing around the first difference that CloudTrail and people know by name. */
static const char *
find_resource (GPtrArray *around, const char **region)
{
  static const char *const names[] = {"cluster", "id", "table", "name", "target"};

  for (guint i = around->len; i-- > 0;)
    {
      JsonObject *object = slip_json_node_object (around->pdata[i]);

      for (guint n = 0; object != NULL && n < G_N_ELEMENTS (names); n++)
        if (slip_json_string (object, names[n]) != NULL)
          {
            *region = slip_json_string (object, "region");
            return slip_json_string (object, names[n]);
          }
    }
  return NULL;
}

/* Asked besides: that CloudTrail cannot be asked is no failure of the step. */
static char *
name_actor (SlipRunContext *context, const char *resource, const char *region)
{
  g_autoptr (JsonNode) question = slip_trail_new_question (resource);
  g_autoptr (JsonNode) answer = NULL;
  g_autoptr (GError) refused = NULL;
  SlipAwsCall call = {
      .service = "cloudtrail",
      .operation = "LookupEvents",
      .region = region != NULL ? region : slip_plan_step_get_region (context->plan),
      .input = question,
      .priority = SLIP_AWS_PRIORITY_RUN,
  };

  answer = slip_run_caller_call (context->engine->caller,
                                 slip_plan_step_get_environment (context->plan), &call, NULL,
                                 context->engine->cancellable, &refused);
  return slip_trail_describe_last_change (answer, refused, context->engine->ledger,
                                          context->engine->fold->id,
                                          slip_plan_get_started (context->engine->fold->plan));
}

/* Whoever said a word, said it of things as they were: after they were put back it is asked for again. */
static void
tell_stale (SlipRunContext *context, const char *what, GError **error)
{
  context->stale = TRUE;
  if (slip_run_engine_void_words (context->engine, what, error))
    g_set_error (
        error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
        "%s. Put it back and resume, or cancel this run. Plan again with what is there now", what);
}

/* What somebody changed since the plan was made. A capture of a whole estate is thousands of values, of
 * which one or two changed: only those are told. */
static gboolean
plan_went_stale (SlipRunContext *context, GError **error)
{
  JsonObject *expect = slip_plan_step_get_expect (context->plan);
  g_autoptr (GList) names = expect != NULL ? json_object_get_members (expect) : NULL;

  if (slip_plan_step_is_failed_at_planning (context->plan)
      && !slip_run_engine_has_changed (context->engine))
    {
      tell_stale (context,
                  "what the plan was built on was changed: this failed when the plan was made, and "
                  "does not now",
                  error);
      return TRUE;
    }
  for (GList *l = names; l != NULL; l = l->next)
    {
      JsonNode *wanted = json_object_get_member (expect, l->data);
      JsonNode *got
          = context->outputs != NULL ? json_object_get_member (context->outputs, l->data) : NULL;
      g_autoptr (GPtrArray) around = g_ptr_array_new ();
      gboolean absent = got == NULL && JSON_NODE_HOLDS_NULL (wanted);
      g_autofree char *difference
          = absent ? NULL : slip_json_describe_differences (wanted, got, MAX_DIFFERENCES, around);
      const char *region = NULL;
      const char *resource = difference != NULL ? find_resource (around, &region) : NULL;
      g_autofree char *actor = resource != NULL ? name_actor (context, resource, region) : NULL;

      g_autofree char *what = NULL;

      if (difference == NULL)
        continue;
      what = g_strdup_printf ("what the plan was built on was changed: %s%s%s: %s%s%s",
                              (const char *)l->data, resource != NULL ? " of " : "",
                              resource != NULL ? resource : "", difference,
                              actor != NULL ? ". " : "", actor != NULL ? actor : "");
      tell_stale (context, what, error);
      return TRUE;
    }
  return FALSE;
}

/* ---- failure */

static const char *
hint_for (SlipPlanStep *plan, const GError *failure)
{
  JsonObject *hints = slip_plan_step_get_hints (plan);
  const char *code = slip_aws_error_get_code (failure);
  const char *hint = hints != NULL && code != NULL ? slip_json_string (hints, code) : NULL;

  return hint != NULL ? hint : slip_plan_step_get_if_it_fails (plan);
}

static const char *
failure_next (SlipPlanStep *plan, gboolean *go_on)
{
  const char *on_failure = slip_plan_step_get_on_failure (plan);

  *go_on = TRUE;
  if (g_strcmp0 (on_failure, "Continue") == 0)
    return slip_plan_step_get_next (plan);
  if (on_failure != NULL && g_str_has_prefix (on_failure, "step:"))
    return on_failure + strlen ("step:");
  *go_on = FALSE;
  return NULL;
}

static void
set_failure (SlipRunContext *context, JsonObject *entry, GError *failure)
{
  g_autofree char *without = slip_run_engine_scrub_text (context->engine, failure->message);
  g_autofree char *redacted = slip_redact_text (without);
  g_autofree char *scrubbed = slip_print_cut (redacted, MAX_MESSAGE_BYTES);

  slip_run_entry_set_error (entry, failure);
  json_object_set_string_member (slip_json_object (slip_run_entry_data (entry), "error"), "message",
                                 scrubbed);
  g_free (failure->message);
  failure->message = g_steal_pointer (&scrubbed);
}

/* What AWS says is mostly a whole sentence, what we say mostly not. */
static const char *
get_joint (const char *sentence)
{
  return g_str_has_suffix (sentence, ".") ? " " : ". ";
}

/* Whether it may have failed because something is not there any more: AWS says so, or what was compared is not as it
 * should be. Guards look themselves. */
static gboolean
may_be_missing (const GError *failure)
{
  const char *code = slip_aws_error_get_code (failure);

  return g_error_matches (failure, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED)
         || g_error_matches (failure, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_NOT_FOUND)
         || (g_error_matches (failure, SLIP_AWS_ERROR, SLIP_AWS_ERROR_SERVICE) && code != NULL
             && strstr (code, "NotFound") != NULL);
}

/* What the run made and is not there is noted, and the way out told. */
static void
note_missing (SlipRunContext *context, JsonObject *entry, GError *failure)
{
  g_autoptr (JsonArray) missing
      = may_be_missing (failure) ? slip_run_list_missing (context->engine) : NULL;
  g_autofree char *way = slip_run_describe_missing (context->engine, missing, FALSE);
  char *message;

  if (way == NULL)
    return;
  json_object_set_array_member (slip_run_entry_data (entry), SLIP_RUN_MISSING,
                                json_array_ref (missing));
  message = g_strconcat (failure->message, get_joint (failure->message), way, NULL);
  g_free (failure->message);
  failure->message = message;
}

/* Returns whether the run goes on in spite of @failure. */
static gboolean
take_failure (SlipRunContext *context, GError *failure, GError **error)
{
  JsonObject *entry
      = slip_run_engine_entry (context->engine, SLIP_STEP_OUTCOME_KIND, context->step);
  const char *hint = hint_for (context->plan, failure);
  gboolean unknown = context->unknown && context->step->open;
  gboolean go_on;
  const char *next = failure_next (context->plan, &go_on);
  g_autofree char *place = place_in_turn (context->engine, context->step, next);

  /* Nothing goes on behind a change that may still turn out to have happened, nor with a plan that is not true. */
  go_on = go_on && !unknown && !context->stale;
  json_object_set_string_member (entry, "outcome", unknown ? "unknown" : "failed");
  fill_outcome (context, entry);
  if (slip_aws_error_get_request_id (failure) != NULL)
    json_object_set_string_member (entry, "request_id", slip_aws_error_get_request_id (failure));
  if (!go_on && !unknown)
    note_missing (context, entry, failure);
  set_failure (context, entry, failure);
  slip_run_entry_set_text (slip_run_entry_data (entry), "hint", hint);
  if (go_on)
    set_next (slip_run_entry_data (entry), place);
  if (!slip_run_engine_append (context->engine, entry, error))
    {
      g_error_free (failure);
      return FALSE;
    }
  if (!go_on)
    g_set_error (error, SLIP_RUN_ERROR,
                 g_error_matches (failure, SLIP_RUN_ERROR, SLIP_RUN_ERROR_GUARD)
                     ? SLIP_RUN_ERROR_GUARD
                     : SLIP_RUN_ERROR_FAILED,
                 "step %s: %s%s%s", context->step->id, failure->message,
                 hint != NULL ? get_joint (failure->message) : "", hint != NULL ? hint : "");
  g_error_free (failure);
  return go_on;
}

/* A step that was refused may be tried again as often as the document says; one whose fate is not
 * known never gets here. */
static gboolean
may_retry (SlipRunContext *context, guint tries, const GError *failure)
{
  if (context->step->open || tries >= slip_plan_step_get_max_attempts (context->plan))
    return FALSE;
  return failure->domain == SLIP_AWS_ERROR
         && (g_error_matches (failure, SLIP_AWS_ERROR, SLIP_AWS_ERROR_SERVICE)
             || g_error_matches (failure, SLIP_AWS_ERROR, SLIP_AWS_ERROR_TRANSPORT)
             || g_error_matches (failure, SLIP_AWS_ERROR, SLIP_AWS_ERROR_PROTOCOL));
}

/* ---- the step */

/* What is done already needs no proof that it may be done: slip_run_send() looks first, and proves where there
 * is something to send. R1 does not: what it would make is there only when it made it. */
static gboolean
looks_first (SlipPlanStep *plan)
{
  SlipResumeRule rule = slip_plan_step_get_resume_rule (plan);

  return (rule == SLIP_RESUME_R3 || rule == SLIP_RESUME_R6)
         && slip_plan_step_get_effect (plan) != SLIP_AWS_EFFECT_READ
         && g_strcmp0 (slip_plan_step_get_action (plan), "aws:executeAwsApi") == 0;
}

/* Waits and reads that are gone on with were entered before; guards and confirmations are for what
 * is about to be sent. */
gboolean
slip_run_engine_enter (SlipRunContext *context, GError **error)
{
  SlipRunEngine *engine = context->engine;
  const char *environment = slip_plan_step_get_environment (context->plan);

  if (slip_plan_step_get_operation (context->plan) != NULL && environment != NULL
      && !slip_run_engine_identify (engine, environment, error))
    return FALSE;
  if (!slip_run_engine_confirm (engine, context->step, error))
    return FALSE;
  if (context->step->state == SLIP_RUN_STEP_WAITING || context->step->state == SLIP_RUN_STEP_OVERDUE
      || context->step->open)
    return TRUE;
  if (!slip_run_engine_runway (engine, context->step, error))
    return FALSE;
  context->unproven = looks_first (context->plan);
  return context->unproven || slip_run_engine_guards (engine, context->step, error);
}

static gboolean
run_action (SlipRunContext *context, const SlipRunAction *action, GError **error)
{
  for (guint tries = 1;; tries++)
    {
      g_autoptr (GError) failure = NULL;

      if (action->run (context, &failure))
        return TRUE;
      if (!may_retry (context, tries, failure))
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return FALSE;
        }
      g_message ("step %s is tried again: %s", context->step->id, failure->message);
      if (!slip_run_engine_sleep (context->engine, 5 * tries, error))
        return FALSE;
    }
}

static gboolean
try_step (SlipRunContext *context, GError **error)
{
  const SlipRunAction *action = slip_run_action_find (slip_plan_step_get_action (context->plan));
  gboolean again;

  if (action == NULL)
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
                   "this version cannot run action %s", slip_plan_step_get_action (context->plan));
      return FALSE;
    }
  if (!slip_run_search_again (context, &again, error))
    return FALSE;
  if (again)
    return TRUE;
  return slip_run_engine_recover_secrets (context->engine, context->plan, error)
         && resolve (context, action, error) && slip_run_engine_enter (context, error)
         && run_action (context, action, error) && !plan_went_stale (context, error);
}

gboolean
slip_run_engine_step (SlipRunEngine *engine, SlipFoldStep *step, GError **error)
{
  SlipRunContext context = {.engine = engine, .step = step, .plan = step->plan_step};
  g_autoptr (GError) failure = NULL;
  gboolean ok;

  if (slip_run_go_back (&context))
    ok = write_outcome (&context, error);
  else if (try_step (&context, &failure))
    {
      ok = context.written || write_outcome (&context, error);
      slip_run_note_search (&context);
    }
  else if (slip_run_error_is_stop (failure))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      ok = FALSE;
    }
  else
    ok = take_failure (&context, g_steal_pointer (&failure), error);
  context_clear (&context);
  return ok;
}
