/* SPDX-License-Identifier: MIT */
/* Guards while running: what was proven when the plan was made is proven again before the first
 * change and before each final step, because hours may lie between. Every result is an entry. */

#include "slip-run-engine.h"

#include "slip-json.h"
#include "slip-run-lost.h"
#include "slip-run-missing.h"

/* A copy, because what a guard found, and what it was asked, never changes. */
static JsonObject *
copy_members (JsonObject *object)
{
  JsonObject *copy = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &value))
    json_object_set_member (copy, name, json_node_ref (value));
  return copy;
}

static gboolean
write_result (SlipRunEngine *engine,
              SlipFoldStep *step,
              SlipGuardResult *result,
              JsonObject *voids,
              JsonArray *missing,
              GError **error)
{
  JsonObject *entry = slip_run_engine_entry (engine, SLIP_RUN_GUARD_KIND, step);
  g_autoptr (JsonObject) found = slip_guard_result_to_json (result);
  JsonObject *data = copy_members (found);

  json_object_set_string_member (entry, "outcome",
                                 slip_guard_state_get_name (slip_guard_result_get_state (result)));
  if (voids != NULL)
    json_object_set_object_member (data, "voids", json_object_ref (voids));
  if (missing != NULL)
    json_object_set_array_member (data, SLIP_RUN_MISSING, json_array_ref (missing));
  json_object_set_object_member (entry, "data", data);
  return slip_run_engine_append (engine, entry, error);
}

/* Whether @result, of planning, is that of @guard as it is asked for @step. */
static gboolean
is_result_of (SlipGuardResult *result, JsonObject *guard, SlipFoldStep *step)
{
  const char *of = slip_guard_result_get_step (result);
  const char *own = slip_json_string (guard, "step");
  const char *environment = slip_guard_result_get_environment (result);
  const char *wanted = slip_json_string (guard, "environment");

  if (g_strcmp0 (slip_guard_result_get_guard (result), slip_json_string (guard, "guard")) != 0
      || (environment != NULL && wanted != NULL && !g_str_equal (environment, wanted)))
    return FALSE;
  return of == NULL ? own == NULL : g_str_equal (of, own != NULL ? own : step->id);
}

/* Whoever approved the plan has seen what could not be proven then, of this guard before this step; what
 * could be proven then and cannot now is something else. */
static gboolean
was_unprovable (SlipRunEngine *engine, JsonObject *guard, SlipFoldStep *step)
{
  GListModel *planned = slip_plan_get_guards (engine->fold->plan);

  for (guint i = 0; i < g_list_model_get_n_items (planned); i++)
    {
      g_autoptr (SlipGuardResult) result = g_list_model_get_item (planned, i);

      if (slip_guard_result_get_state (result) == SLIP_GUARD_UNPROVABLE
          && is_result_of (result, guard, step))
        return TRUE;
    }
  return FALSE;
}

typedef struct
{
  SlipRunEngine *engine;
  SlipFoldStep *step;
  GError *stop; /* owned; what a person said meanwhile, and a guard cannot pass on */
} Guarding;

static gboolean
wait_out_throttling (
    gpointer data, double seconds, const char *text, GCancellable *cancellable, GError **error)
{
  Guarding *guarding = data;

  if (guarding->stop == NULL)
    slip_run_engine_pause (guarding->engine, guarding->step, seconds, text, &guarding->stop);
  if (guarding->stop != NULL)
    g_propagate_error (error, g_error_copy (guarding->stop));
  return guarding->stop == NULL;
}

static SlipGuardResult *
evaluate (SlipRunEngine *engine, JsonObject *guard, SlipFoldStep *step, GError **error)
{
  JsonObject *plan = slip_json_node_object (slip_plan_to_json (engine->fold->plan));
  Guarding guarding = {.engine = engine, .step = step};
  g_autoptr (SlipCaller) patient = slip_caller_new_patient (engine->reader, engine->clock,
                                                            slip_run_engine_patience (engine, step),
                                                            wait_out_throttling, &guarding);
  const SlipGuardMeans means = {
      .caller = patient,
      .clock = engine->clock,
      .ledger = engine->ledger,
      .run = engine->fold->id,
      .fold = engine->fold,
      .cancellable = engine->cancellable,
  };
  g_autoptr (SlipGuardResult) result = slip_guard_run (&means, guard, plan, step->id);

  if (guarding.stop == NULL)
    return g_steal_pointer (&result);
  g_propagate_error (error, guarding.stop);
  return NULL;
}

/* Whether the run has done, or may have done, something that cannot be undone. */
static gboolean
is_past_return (SlipRunFold *fold)
{
  for (guint i = 0; i < fold->steps->len; i++)
    {
      SlipFoldStep *step = g_ptr_array_index (fold->steps, i);

      if ((step->carried_out || step->open)
          && (slip_plan_step_get_effect (step->plan_step) == SLIP_AWS_EFFECT_FINAL
              || slip_plan_step_get_reversibility (step->plan_step) == SLIP_REVERSIBILITY_FINAL))
        return TRUE;
    }
  return FALSE;
}

/* What could be proven when it was planned, and cannot be asked now. A guard that only advises does not
 * bar. One that binds does, but once there is no way back there must be one on: a person looks. */
static gboolean
without_proof (SlipRunEngine *engine,
               SlipFoldStep *step,
               JsonObject *asked,
               SlipGuardResult *result,
               GError **error)
{
  const SlipGuard *guard = slip_guard_find (slip_guard_result_get_guard (result));
  g_autofree char *what = g_strdup_printf (
      "guard “%s” could be proven at planning but not before step %s: %s",
      slip_guard_result_get_title (result), step->id, slip_guard_result_get_message (result));
  g_autofree char *message = NULL;

  if (guard != NULL && guard->advisory)
    return TRUE;
  if (!is_past_return (engine->fold))
    {
      g_set_error_literal (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_GUARD, what);
      return FALSE;
    }
  message = g_strdup_printf ("%s. What was done cannot be undone. Wait until it can be asked and "
                             "resume, or look yourself and "
                             "attest what you saw",
                             what);
  return slip_run_engine_vouch (engine, step, asked, message, error);
}

/* The guard with what it found: whoever accepts that accepts nothing else. */
static JsonObject *
with_difference (JsonObject *asked, SlipGuardResult *result)
{
  JsonObject *copy = copy_members (asked);

  json_object_set_string_member (copy, "difference_sha256",
                                 slip_guard_result_get_difference_sha256 (result));
  return copy;
}

/* Said again in sight of this very difference, which then needs to be accepted besides. */
static gboolean
is_said_of_it (SlipFoldStep *word, const char *difference_sha256)
{
  return difference_sha256 != NULL && g_strcmp0 (word->voided_for, difference_sha256) == 0;
}

/* Whoever said a word, said it of things as they were: what a guard bars is asked for again. It stands in the entry
 * of what the guard found, so that no kill comes between. The step's word, and that which it needs of another. */
static JsonObject *
list_voids (SlipRunEngine *engine, SlipFoldStep *step, JsonObject *asked, SlipGuardResult *result)
{
  const char *by = slip_plan_step_get_confirmed_by (step->plan_step);
  SlipFoldStep *words[] = {step, by != NULL ? slip_run_fold_find (engine->fold, by) : NULL};
  gboolean differs
      = slip_guard_result_get_difference (result) != NULL && is_past_return (engine->fold);
  const char *difference = differs ? slip_guard_result_get_difference_sha256 (result) : NULL;
  g_autoptr (JsonObject) very = differs ? with_difference (asked, result) : NULL;
  g_autoptr (JsonArray) names = json_array_new ();
  JsonObject *voids;

  if (slip_guard_result_get_state (result) != SLIP_GUARD_BLOCK
      || (differs && slip_run_engine_is_vouched (engine, step, very)))
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (words[i] != NULL && !is_said_of_it (words[i], difference))
      json_array_add_string_element (names, words[i]->id);
  voids = json_object_new ();
  json_object_set_string_member (voids, "why", slip_guard_result_get_message (result));
  slip_run_entry_set_text (voids, "difference_sha256",
                           slip_guard_result_get_difference_sha256 (result));
  json_object_set_array_member (voids, "words", g_steal_pointer (&names));
  return voids;
}

/* Not everything can be put back, and once something cannot be undone there must be a way on: a person
 * accepts this very difference. The word that it voided is said again. */
static gboolean
accept_difference (SlipRunEngine *engine,
                   SlipFoldStep *step,
                   JsonObject *asked,
                   SlipGuardResult *result,
                   GError **error)
{
  g_autoptr (JsonObject) very = with_difference (asked, result);
  g_autofree char *message = NULL;

  if (slip_run_engine_is_vouched (engine, step, very))
    return TRUE;
  message = g_strdup_printf (
      "guard “%s” blocks step %s: %s. What was done before cannot be undone. Put it back and "
      "resume, or, "
      "when it may stay as it is, attest that you accept this very difference",
      slip_guard_result_get_title (result), step->id, slip_guard_result_get_difference (result));

  return slip_run_engine_vouch (engine, step, very, message, error)
         && slip_run_engine_confirm (engine, step, error)
         && slip_run_engine_confirm_again (engine, step, error);
}

/* What differs behind something that was carried out is this run's own change. */
static gboolean
is_for_before (JsonObject *guard, SlipFoldStep *step)
{
  const SlipGuard *found = slip_guard_find (slip_json_string (guard, "guard"));

  return found != NULL && found->drift && (step->carried_out || step->open);
}

static gboolean
run_guard (SlipRunEngine *engine, JsonObject *guard, SlipFoldStep *step, GError **error)
{
  g_autoptr (JsonObject) resolved = slip_run_engine_resolve_object (engine, guard, error);
  g_autoptr (SlipGuardResult) result = NULL;
  g_autoptr (JsonObject) voids = NULL;
  g_autoptr (JsonArray) missing = NULL;
  g_autofree char *way = NULL;
  SlipGuardState state;

  if (resolved == NULL)
    return FALSE;
  result = evaluate (engine, resolved, step, error);
  if (result == NULL || !slip_run_engine_check (engine, error))
    return FALSE;
  voids = list_voids (engine, step, resolved, result);
  state = slip_guard_result_get_state (result);
  if (!write_result (engine, step, result, voids, NULL, error))
    return FALSE;
  /* What bars the step stands in the log before AWS is asked anything more: a kill meanwhile keeps no word. */
  missing = state == SLIP_GUARD_BLOCK ? slip_run_list_missing (engine) : NULL;
  if (missing != NULL && !write_result (engine, step, result, voids, missing, error))
    return FALSE;
  if (state == SLIP_GUARD_PASS || state == SLIP_GUARD_WARN
      || (state == SLIP_GUARD_UNPROVABLE && was_unprovable (engine, guard, step)))
    return TRUE;
  if (state == SLIP_GUARD_UNPROVABLE)
    return without_proof (engine, step, resolved, result, error);
  if (slip_guard_result_get_difference (result) != NULL && is_past_return (engine->fold))
    return accept_difference (engine, step, resolved, result, error);
  way = slip_run_describe_missing (engine, missing, TRUE);
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_GUARD, "guard “%s” blocks step %s: %s%s%s",
               slip_guard_result_get_title (result), step->id,
               slip_guard_result_get_message (result), way != NULL ? ". " : "",
               way != NULL ? way : "");
  return FALSE;
}

gboolean
slip_run_engine_has_changed (SlipRunEngine *engine)
{
  for (guint i = 0; i < engine->fold->steps->len; i++)
    {
      SlipFoldStep *step = g_ptr_array_index (engine->fold->steps, i);

      if ((step->carried_out || step->open)
          && slip_plan_step_get_effect (step->plan_step) != SLIP_AWS_EFFECT_READ)
        return TRUE;
    }
  return FALSE;
}

/* The plan's guards; of those of its steps only what nobody asks again later, and that before the first
 * change: what a plan file says of them its last editor said. */
static gboolean
is_of_list (SlipRunEngine *engine, JsonObject *guard)
{
  return slip_json_string (guard, "step") == NULL
         || (g_strcmp0 (slip_json_string (guard, "when"), "plan") == 0
             && !slip_run_engine_has_changed (engine));
}

static gboolean
run_list (
    SlipRunEngine *engine, JsonArray *guards, SlipFoldStep *step, gboolean of_plan, GError **error)
{
  for (guint i = 0; guards != NULL && i < json_array_get_length (guards); i++)
    {
      JsonObject *guard = slip_json_node_object (json_array_get_element (guards, i));

      if (guard == NULL || (of_plan && !is_of_list (engine, guard)) || is_for_before (guard, step))
        continue;
      if (!run_guard (engine, guard, step, error))
        return FALSE;
    }
  return TRUE;
}

/* Guards that were held up are asked again, so often; from the third time on a short wait is let pass. */
#define ROUNDS 8
#define SHORT_WAIT (30 * G_USEC_PER_SEC)

static gboolean
run_lists (SlipRunEngine *engine, SlipFoldStep *step, gboolean whole, GError **error)
{
  g_autoptr (JsonArray) preflight = whole ? slip_run_trust_preflight (engine->fold->plan) : NULL;

  return run_list (engine, preflight, step, TRUE, error)
         && run_list (engine, slip_plan_step_get_guards (step->plan_step), step, FALSE, error);
}

/* A word may have grown too old while guards were asked. */
static gboolean
hear_again (SlipRunEngine *engine, SlipFoldStep *step, GError **error)
{
  return slip_run_engine_confirm (engine, step, error)
         && slip_run_engine_confirm_again (engine, step, error);
}

static void
note_proven (SlipRunEngine *engine)
{
  engine->proven = engine->waited;
  slip_run_moment_now (&engine->proven_at);
}

/* While one guard waited, for AWS or for a person, another hand may have changed what those before it saw. */
static gboolean
prove_at_once (SlipRunEngine *engine, SlipFoldStep *step, gboolean whole, GError **error)
{
  for (guint round = 0; round < ROUNDS; round++)
    {
      gint64 before = engine->waited;
      SlipRunMoment began;

      slip_run_moment_now (&began);
      if (!run_lists (engine, step, whole, error) || !hear_again (engine, step, error))
        return FALSE;
      if (engine->waited - before <= (round < 2 ? 0 : SHORT_WAIT)
          && slip_run_moment_age (&began) <= SLIP_RUN_LOOK_US * (round < 2 ? 1 : 3))
        {
          note_proven (engine);
          return TRUE;
        }
    }
  g_set_error (
      error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_GUARD,
      "the guards before step %s were held up %u times in a row, so that what the first of "
      "them saw may have changed before the last was through. Resume when AWS answers "
      "without delay",
      step->id, ROUNDS);
  return FALSE;
}

gboolean
slip_run_engine_guards (SlipRunEngine *engine, SlipFoldStep *step, GError **error)
{
  SlipAwsEffect effect = slip_plan_step_get_effect (step->plan_step);
  gboolean whole
      = effect == SLIP_AWS_EFFECT_FINAL || (effect == SLIP_AWS_EFFECT_CHANGE && !engine->guarded);

  /* A word may be long in coming: what is proven is proven after it. */
  if (!slip_run_engine_confirm_again (engine, step, error))
    return FALSE;
  if (engine->reader == NULL)
    {
      note_proven (engine);
      return TRUE;
    }
  if (!prove_at_once (engine, step, whole, error))
    return FALSE;
  engine->guarded = engine->guarded || whole;
  return TRUE;
}
