/* SPDX-License-Identifier: MIT */
/* The fold's other half: what an entry means for the step that it names. */

#include "slip-run-fold-private.h"

#include "slip-action.h"
#include "slip-clock.h"
#include "slip-json.h"

static void
keep_request (SlipFoldStep *step, JsonObject *entry)
{
  JsonNode *request = json_object_get_member (entry, "request");

  if (request == NULL)
    return;
  g_clear_pointer (&step->request, json_node_unref);
  step->request = json_node_ref (request);
  slip_run_fold_set_text (&step->request_sha256, slip_json_string (entry, "request_sha256"));
}

static void
apply_intent (SlipRunFold *fold, SlipFoldStep *step, JsonObject *entry, JsonObject *data)
{
  gint64 time = slip_run_entry_get_time (entry);

  if (step->started == 0)
    step->started = time;
  if (!step->open)
    step->intent_time = time;
  step->open = TRUE;
  step->state = SLIP_RUN_STEP_INTENT;
  step->sends++;
  step->finished = 0;
  slip_run_fold_set_text (&step->detail, NULL);
  slip_run_fold_set_text (&step->idempotency, slip_json_string (data, "idempotency"));
  g_clear_pointer (&step->decision, g_free);
  /* What was waited for before belongs to the call before. */
  slip_run_fold_set_text (&step->handle, NULL);
  keep_request (step, entry);
}

static void
merge_variables (SlipRunFold *fold, JsonObject *data)
{
  JsonObject *variables = slip_json_object (data, "variables");
  g_autoptr (GList) names = variables != NULL ? json_object_get_members (variables) : NULL;

  for (GList *l = names; l != NULL; l = l->next)
    json_object_set_member (fold->variables, l->data,
                            json_node_copy (json_object_get_member (variables, l->data)));
}

static void
skip_between (SlipRunFold *fold, const char *from, const char *to)
{
  gboolean between = FALSE;

  if (slip_run_fold_find (fold, from) == NULL || slip_run_fold_find (fold, to) == NULL)
    return;
  for (guint i = 0; i < fold->steps->len; i++)
    {
      SlipFoldStep *step = g_ptr_array_index (fold->steps, i);

      if (g_str_equal (step->id, to))
        return;
      if (between && step->state == SLIP_RUN_STEP_PLANNED)
        step->state = SLIP_RUN_STEP_SKIPPED;
      between = between || g_str_equal (step->id, from);
    }
}

static void
move_cursor (SlipRunFold *fold, SlipFoldStep *step, JsonObject *data)
{
  const char *next;

  if (!json_object_has_member (data, "next"))
    return;
  next = slip_json_string (data, "next");
  skip_between (fold, step->id, next);
  slip_run_fold_set_text (&fold->cursor, next);
}

static SlipRunStepState
outcome_state (const char *outcome)
{
  if (g_strcmp0 (outcome, "done") == 0 || g_strcmp0 (outcome, "adopted") == 0
      || g_strcmp0 (outcome, "unchanged") == 0)
    return SLIP_RUN_STEP_DONE;
  if (g_strcmp0 (outcome, "skipped") == 0)
    return SLIP_RUN_STEP_SKIPPED;
  if (g_strcmp0 (outcome, "postponed") == 0)
    return SLIP_RUN_STEP_PLANNED;
  if (g_strcmp0 (outcome, "unknown") == 0)
    return SLIP_RUN_STEP_UNKNOWN;
  /* Nothing happened, or one of several things that the step does: it goes on. */
  if (g_strcmp0 (outcome, "absent") == 0 || g_strcmp0 (outcome, "part") == 0)
    return SLIP_RUN_STEP_INTENT;
  return SLIP_RUN_STEP_FAILED;
}

/* Whether the end of something that was sent leaves an effect behind. What AWS refused has none; of what
 * this machine did, only that it did nothing at all. */
static gboolean
leaves_effect (SlipFoldStep *step, const char *outcome, JsonObject *data)
{
  const char *service = slip_plan_step_get_service (step->plan_step);

  if (g_strcmp0 (outcome, "absent") == 0 || g_strcmp0 (outcome, "unchanged") == 0)
    return FALSE;
  return g_strcmp0 (outcome, "failed") != 0 || service == NULL || slip_action_is_local (service)
         || slip_json_bool (data, "changed", FALSE);
}

static void
apply_outcome (SlipRunFold *fold, SlipFoldStep *step, JsonObject *entry, JsonObject *data)
{
  const char *outcome = slip_json_string (entry, "outcome");
  JsonObject *failure = slip_json_object (data, "error");
  JsonNode *response = json_object_get_member (data, "response");
  JsonObject *outputs = slip_json_object (data, "outputs");

  step->state = outcome_state (outcome);
  /* What became of it may still turn out. */
  if (step->open && step->state != SLIP_RUN_STEP_UNKNOWN)
    step->carried_out = step->carried_out || leaves_effect (step, outcome, data);
  step->open = step->state == SLIP_RUN_STEP_UNKNOWN;
  step->finished
      = step->open || step->state == SLIP_RUN_STEP_INTENT || step->state == SLIP_RUN_STEP_PLANNED
            ? 0
            : slip_run_entry_get_time (entry);
  step->changed = step->changed || slip_json_bool (data, "changed", FALSE);
  step->has_secrets = step->has_secrets || slip_json_bool (data, "secret_outputs", FALSE);
  if (step->state == SLIP_RUN_STEP_DONE)
    step->progress = -1;
  slip_run_fold_set_text (&step->detail, failure != NULL ? slip_json_string (failure, "message")
                                                         : slip_json_string (data, "detail"));
  slip_run_fold_set_text (&step->error_code,
                          failure != NULL ? slip_json_string (failure, "code") : NULL);
  if (slip_json_string (entry, "request_id") != NULL)
    slip_run_fold_set_text (&step->request_id, slip_json_string (entry, "request_id"));
  keep_request (step, entry);
  if (response != NULL)
    {
      g_clear_pointer (&step->response, json_node_unref);
      step->response = json_node_ref (response);
    }
  if (outputs != NULL)
    {
      g_clear_pointer (&step->outputs, json_object_unref);
      step->outputs = json_object_ref (outputs);
    }
  merge_variables (fold, data);
  move_cursor (fold, step, data);
}

static void
apply_waiting (SlipRunFold *fold, SlipFoldStep *step, JsonObject *entry, JsonObject *data)
{
  gint64 time = slip_run_entry_get_time (entry);

  if (step->started == 0)
    step->started = time;
  if (step->waiting_since == 0)
    step->waiting_since = time;
  step->state = SLIP_RUN_STEP_WAITING;
  step->finished = 0;
  step->carried_out = step->carried_out || step->open;
  step->open = FALSE;
  if (slip_json_string (data, "handle") != NULL)
    slip_run_fold_set_text (&step->handle, slip_json_string (data, "handle"));
  slip_time_parse (slip_json_string (data, "deadline") != NULL ? slip_json_string (data, "deadline")
                                                               : "",
                   &step->deadline);
  slip_run_fold_set_text (&step->detail, slip_json_string (data, "detail"));
  keep_request (step, entry);
}

/* What is about to be done is not what was confirmed: somebody must say it again. */
static void
void_word (SlipFoldStep *step, JsonObject *voids)
{
  step->confirmed = 0;
  step->attested = 0;
  step->cosigned = 0;
  slip_run_fold_set_text (&step->voided, slip_json_string (voids, "why"));
  g_clear_pointer (&step->voided_for, g_free);
  step->voided_for = g_strdup (slip_json_string (voids, "difference_sha256"));
}

static void
apply_voids (SlipFoldStep *step, JsonObject *voids)
{
  if (voids == NULL)
    return;
  void_word (step, voids);
  slip_run_fold_set_text (&step->voided_text, slip_json_string (voids, "text"));
}

/* A guard that bars voids the words that are behind its step, in one entry with what it found. */
static void
apply_guard (SlipRunFold *fold, SlipFoldStep *step, JsonObject *entry, JsonObject *data)
{
  JsonObject *voids = slip_json_object (data, "voids");
  JsonArray *words = voids != NULL ? slip_json_array (voids, "words") : NULL;

  for (guint i = 0; words != NULL && i < json_array_get_length (words); i++)
    {
      const char *name = json_array_get_string_element (words, i);
      SlipFoldStep *word = slip_run_fold_find (fold, name);

      if (word != NULL && (word->confirmed != 0 || word->attested != 0))
        void_word (word, voids);
    }
}

static void
apply_observed (SlipRunFold *fold, SlipFoldStep *step, JsonObject *entry, JsonObject *data)
{
  slip_run_fold_set_text (&step->detail, slip_json_string (data, "detail"));
  apply_voids (step, slip_json_object (data, "voids"));
  if (slip_json_double (data, "progress", -1) <= step->progress)
    return;
  /* A resource that was changed again may begin anew; what was seen to be done stays. */
  step->progress = CLAMP (slip_json_double (data, "progress", -1), 0, 1);
  step->progress_time = slip_run_entry_get_time (entry);
}

static void
apply_overdue (SlipRunFold *fold, SlipFoldStep *step, JsonObject *entry, JsonObject *data)
{
  step->state = SLIP_RUN_STEP_OVERDUE;
  slip_run_fold_set_text (&step->detail, slip_json_string (data, "detail"));
}

static void
forget_turn (SlipRunFold *fold, SlipFoldStep *loop)
{
  g_clear_pointer (&loop->turn_value, json_node_unref);
}

static void
apply_turn (SlipRunFold *fold, SlipFoldStep *step, JsonObject *entry, JsonObject *data)
{
  JsonArray *values = slip_json_array (data, "values");
  JsonNode *value = json_object_get_member (data, "value");

  if (step->started == 0)
    step->started = slip_run_entry_get_time (entry);
  step->state = SLIP_RUN_STEP_WAITING;
  step->turn = slip_json_int (data, "turn", 0);
  forget_turn (fold, step);
  if (value != NULL)
    step->turn_value = json_node_ref (value);
  if (values != NULL && step->turn_values == NULL)
    step->turn_values = json_array_ref (values);
  slip_run_fold_set_text (&step->detail, slip_json_string (data, "detail"));
  slip_run_fold_set_text (&fold->cursor, slip_json_string (data, "next"));
}

static void
apply_decided (SlipRunFold *fold, SlipFoldStep *step, JsonObject *entry, JsonObject *data)
{
  slip_run_fold_set_text (&step->decision, slip_json_string (entry, "outcome"));
}

static void
apply_confirmed (SlipRunFold *fold, SlipFoldStep *step, JsonObject *entry, JsonObject *data)
{
  JsonObject *actor = slip_json_object (entry, "actor");

  step->confirmed = slip_run_entry_get_time (entry);
  slip_run_fold_set_text (&step->confirmed_as,
                          actor != NULL ? slip_json_string (actor, "principal") : NULL);
}

/* What a second person is asked; an answer to what was asked before is none to this. */
static void
apply_asked (SlipRunFold *fold, SlipFoldStep *step, JsonObject *entry, JsonObject *data)
{
  const char *asked = slip_json_string (data, "asked_sha256");

  if (asked == NULL || g_strcmp0 (asked, step->asked) == 0)
    return;
  slip_run_fold_set_text (&step->asked, asked);
  slip_run_fold_set_text (&step->asked_says, slip_json_string (data, "says"));
  slip_run_fold_set_text (&step->asked_after, slip_json_string (data, "after"));
  step->cosigned = 0;
}

static void
apply_cosigned (SlipRunFold *fold, SlipFoldStep *step, JsonObject *entry, JsonObject *data)
{
  if (step->asked == NULL || g_strcmp0 (slip_json_string (data, "asked_sha256"), step->asked) != 0)
    return;
  step->cosigned = slip_run_entry_get_time (entry);
  step->cosigned_seq = slip_json_int (entry, "seq", 0);
  slip_run_fold_set_text (&step->cosigned_by, slip_json_string (data, "cosigned_by"));
  slip_run_fold_set_text (&step->cosigned_with, slip_json_string (data, "proof_sha256"));
}

static void
apply_attested (SlipRunFold *fold, SlipFoldStep *step, JsonObject *entry, JsonObject *data)
{
  JsonObject *actor = slip_json_object (entry, "actor");
  const char *guard = slip_json_string (data, "guard_sha256");

  if (guard != NULL)
    {
      g_hash_table_replace (fold->vouched, g_strdup (guard), json_object_ref (entry));
      return;
    }
  step->attested = slip_run_entry_get_time (entry);
  slip_run_fold_set_text (&step->attested_as,
                          actor != NULL ? slip_json_string (actor, "principal") : NULL);
}

static void
apply_vote (SlipRunFold *fold, SlipFoldStep *step, JsonObject *entry, JsonObject *data)
{
  char *who = slip_run_entry_dup_actor (entry);

  if (g_str_equal (slip_json_string (entry, "kind"), SLIP_STEP_REJECTED_KIND))
    {
      g_free (step->rejected_by);
      step->rejected_by = who;
      return;
    }
  g_clear_pointer (&step->rejected_by, g_free);
  if (who != NULL)
    g_hash_table_insert (step->approvers, who,
                         GSIZE_TO_POINTER ((gsize)slip_json_int (entry, "seq", 0)));
}

typedef void (*StepFunc) (SlipRunFold *, SlipFoldStep *, JsonObject *, JsonObject *);

static const struct
{
  const char *kind;
  StepFunc func;
} step_kinds[] = {
    {SLIP_STEP_INTENT_KIND, apply_intent},     {SLIP_STEP_OUTCOME_KIND, apply_outcome},
    {SLIP_STEP_WAITING_KIND, apply_waiting},   {SLIP_STEP_OBSERVED_KIND, apply_observed},
    {SLIP_STEP_OVERDUE_KIND, apply_overdue},   {SLIP_STEP_TURN_KIND, apply_turn},
    {SLIP_STEP_DECIDED_KIND, apply_decided},   {SLIP_STEP_CONFIRMED_KIND, apply_confirmed},
    {SLIP_STEP_ATTESTED_KIND, apply_attested}, {SLIP_STEP_APPROVED_KIND, apply_vote},
    {SLIP_STEP_REJECTED_KIND, apply_vote},     {SLIP_STEP_COSIGNED_KIND, apply_cosigned},
    {SLIP_RUN_PAUSED_KIND, apply_asked},       {SLIP_RUN_GUARD_KIND, apply_guard},
};

gboolean
slip_run_fold_apply_to_step (SlipRunFold *fold, JsonObject *entry, JsonObject *data, GError **error)
{
  const char *kind = slip_json_string (entry, "kind");
  const char *id = slip_json_string (entry, "step");
  SlipFoldStep *step = slip_run_fold_ensure_step (fold, id);

  if (id != NULL && step == NULL && g_str_has_prefix (kind, "step."))
    {
      g_autofree char *what = g_strdup_printf ("its plan has no step %s", id);

      slip_run_fold_set_damaged (fold, what, error);
      return FALSE;
    }
  if (step == NULL)
    return TRUE;
  g_ptr_array_add (step->entries, json_object_ref (entry));
  g_free (step->actor);
  step->actor = slip_run_entry_dup_actor (entry);
  for (gsize i = 0; i < G_N_ELEMENTS (step_kinds); i++)
    if (g_str_equal (kind, step_kinds[i].kind))
      step_kinds[i].func (fold, step, entry, data);
  return TRUE;
}
