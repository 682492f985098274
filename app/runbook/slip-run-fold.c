/* SPDX-License-Identifier: MIT */
/* The fold: a run's state is what its ledger entries add up to, and nothing else stores it. The
 * engine folds on its worker to know where to go on, the window and the command line fold to show
 * it; all by the same code, so that what is shown is what will be resumed. */

#include "slip-run-fold-private.h"

#include "slip-clock.h"
#include "slip-json.h"

static void
step_clear (gpointer data)
{
  SlipFoldStep *step = data;

  g_free (step->id);
  g_clear_object (&step->plan_step);
  g_free (step->detail);
  g_clear_pointer (&step->request, json_node_unref);
  g_clear_pointer (&step->response, json_node_unref);
  g_free (step->request_sha256);
  g_free (step->request_id);
  g_free (step->actor);
  g_clear_pointer (&step->outputs, json_object_unref);
  g_free (step->idempotency);
  g_free (step->decision);
  g_free (step->error_code);
  g_free (step->confirmed_as);
  g_free (step->attested_as);
  g_free (step->asked);
  g_free (step->asked_says);
  g_free (step->asked_after);
  g_free (step->cosigned_by);
  g_free (step->cosigned_with);
  g_free (step->voided);
  g_free (step->voided_text);
  g_free (step->voided_for);
  g_free (step->rejected_by);
  g_free (step->handle);
  g_hash_table_unref (step->approvers);
  g_clear_pointer (&step->turn_value, json_node_unref);
  g_clear_pointer (&step->turn_values, json_array_unref);
  g_ptr_array_unref (step->entries);
}

void
slip_fold_step_unref (SlipFoldStep *step)
{
  g_rc_box_release_full (step, step_clear);
}

static SlipFoldStep *
step_new (SlipPlanStep *plan_step)
{
  SlipFoldStep *step = g_rc_box_new0 (SlipFoldStep);

  step->id = g_strdup (slip_plan_step_get_id (plan_step));
  step->plan_step = g_object_ref (plan_step);
  step->progress = -1;
  step->approvers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  step->entries = g_ptr_array_new_with_free_func ((GDestroyNotify)json_object_unref);
  return step;
}

SlipRunFold *
slip_run_fold_new (const char *run_id)
{
  SlipRunFold *fold = g_new0 (SlipRunFold, 1);

  fold->id = g_strdup (run_id);
  fold->steps = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_fold_step_unref);
  fold->by_id = g_hash_table_new (g_str_hash, g_str_equal);
  fold->variables = json_object_new ();
  fold->vouched
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)json_object_unref);
  fold->approvers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  fold->entries = g_ptr_array_new_with_free_func ((GDestroyNotify)json_object_unref);
  return fold;
}

void
slip_run_fold_free (SlipRunFold *fold)
{
  g_free (fold->id);
  g_clear_object (&fold->plan);
  g_free (fold->plan_hash);
  g_free (fold->approved_hash);
  g_free (fold->approved_by);
  g_free (fold->approved_as);
  g_free (fold->cosigned_by);
  g_free (fold->cosigned_with);
  g_free (fold->actor);
  g_free (fold->message);
  g_free (fold->need_step);
  g_free (fold->need_text);
  g_free (fold->need_guard);
  g_free (fold->need_guard_sha256);
  g_hash_table_unref (fold->vouched);
  g_free (fold->cursor);
  g_hash_table_unref (fold->by_id);
  g_ptr_array_unref (fold->steps);
  json_object_unref (fold->variables);
  g_clear_pointer (&fold->endpoints, json_object_unref);
  g_clear_pointer (&fold->leftovers, json_array_unref);
  g_hash_table_unref (fold->approvers);
  g_free (fold->cancelled_by);
  g_ptr_array_unref (fold->entries);
  g_free (fold);
}

void
slip_run_fold_set_text (char **target, const char *text)
{
  if (g_strcmp0 (*target, text) == 0)
    return;
  g_free (*target);
  *target = g_strdup (text);
}

void
slip_run_fold_set_damaged (SlipRunFold *fold, const char *what, GError **error)
{
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_DAMAGED, "run %s cannot be read: %s", fold->id,
               what);
}

SlipFoldStep *
slip_run_fold_find (SlipRunFold *fold, const char *step_id)
{
  return step_id != NULL ? g_hash_table_lookup (fold->by_id, step_id) : NULL;
}

/* ---- turns of loops that are unrolled while running */

static char *
replace_text (const char *text, const char *from, const char *to)
{
  g_auto (GStrv) parts = g_strsplit (text, from, -1);

  return g_strjoinv (to, parts);
}

static SlipPlanStep *
make_turn_step (SlipPlanStep *loop, const char *turn_prefix, const char *step_id, guint index)
{
  JsonArray *body = slip_plan_step_get_body (loop);
  g_autofree char *star = g_strconcat (slip_plan_step_get_id (loop), "[*]", NULL);

  for (guint i = 0; body != NULL && i < json_array_get_length (body); i++)
    {
      g_autofree char *text = slip_json_to_text (json_array_get_element (body, i), FALSE);
      g_autofree char *turned = replace_text (text, star, turn_prefix);
      g_autoptr (JsonNode) node = slip_json_parse (turned, -1, NULL);
      JsonObject *object = slip_json_node_object (node);

      if (object != NULL && g_strcmp0 (slip_json_string (object, "id"), step_id) == 0)
        return slip_plan_step_new_from_json (object, index, NULL);
    }
  return NULL;
}

/* The loop's place in the list, and behind it those of its turns that are there already. */
static guint
place_after_turns (SlipRunFold *fold, const char *loop_id)
{
  g_autofree char *prefix = g_strconcat (loop_id, "[", NULL);
  guint place = fold->steps->len;

  for (guint i = 0; i < fold->steps->len; i++)
    {
      SlipFoldStep *step = g_ptr_array_index (fold->steps, i);

      if (g_str_equal (step->id, loop_id) || g_str_has_prefix (step->id, prefix))
        place = i + 1;
    }
  return place;
}

SlipFoldStep *
slip_run_fold_ensure_step (SlipRunFold *fold, const char *step_id)
{
  SlipFoldStep *step = slip_run_fold_find (fold, step_id);
  const char *bracket;
  g_autofree char *loop_id = NULL;
  g_autofree char *prefix = NULL;
  g_autoptr (SlipPlanStep) plan_step = NULL;
  SlipFoldStep *loop;

  if (step != NULL || step_id == NULL)
    return step;
  bracket = strrchr (step_id, ']');
  if (bracket == NULL)
    return NULL;
  prefix = g_strndup (step_id, bracket + 1 - step_id);
  loop_id = g_strndup (prefix, strrchr (prefix, '[') != NULL ? strrchr (prefix, '[') - prefix : 0);
  loop = slip_run_fold_find (fold, loop_id);
  if (loop == NULL)
    return NULL;
  plan_step = make_turn_step (loop->plan_step, prefix, step_id,
                              slip_plan_step_get_index (loop->plan_step));
  if (plan_step == NULL)
    return NULL;
  step = step_new (plan_step);
  g_ptr_array_insert (fold->steps, (gint)place_after_turns (fold, loop_id), step);
  g_hash_table_insert (fold->by_id, step->id, step);
  return step;
}

/* ---- entries of the run */

static gboolean
apply_planned (SlipRunFold *fold, JsonObject *entry, JsonObject *data, GError **error)
{
  JsonNode *node = json_object_get_member (data, "plan");
  const char *hash = slip_json_string (data, "plan_sha256");
  g_autoptr (GError) local = NULL;

  if (fold->plan != NULL)
    {
      slip_run_fold_set_damaged (fold, "it was planned twice", error);
      return FALSE;
    }
  if (node != NULL)
    fold->plan = slip_plan_new_stored (node, &local);
  if (fold->plan == NULL || g_strcmp0 (slip_plan_get_hash (fold->plan), hash) != 0)
    {
      slip_run_fold_set_damaged (
          fold, local != NULL ? local->message : "its plan is not the one that its hash names",
          error);
      return FALSE;
    }
  fold->plan_hash = g_strdup (hash);
  fold->actor = slip_run_entry_dup_actor (entry);
  fold->planned = slip_run_entry_get_time (entry);
  for (guint i = 0; i < slip_plan_get_n_steps (fold->plan); i++)
    {
      SlipFoldStep *step = step_new (slip_plan_get_step (fold->plan, i));

      g_ptr_array_add (fold->steps, step);
      g_hash_table_insert (fold->by_id, step->id, step);
    }
  if (fold->steps->len > 0)
    fold->cursor = g_strdup (((SlipFoldStep *)g_ptr_array_index (fold->steps, 0))->id);
  return TRUE;
}

static gboolean
apply_approved (SlipRunFold *fold, JsonObject *entry, JsonObject *data, GError **error)
{
  const char *hash = slip_json_string (data, "plan_sha256");
  JsonObject *actor = slip_json_object (entry, "actor");

  slip_run_fold_set_text (&fold->approved_hash, hash);
  g_free (fold->approved_by);
  fold->approved_by = slip_run_entry_dup_actor (entry);
  slip_run_fold_set_text (&fold->approved_as, slip_json_string (actor, "principal"));
  fold->approved_seq = slip_json_int (entry, "seq", 0);
  if (fold->approved_by != NULL)
    g_hash_table_add (fold->approvers, g_strdup (fold->approved_by));
  if (fold->state == SLIP_RUN_PLANNED && g_strcmp0 (hash, fold->plan_hash) == 0)
    fold->state = SLIP_RUN_APPROVED;
  return TRUE;
}

static gboolean
apply_cosigned (SlipRunFold *fold, JsonObject *entry, JsonObject *data, GError **error)
{
  if (g_strcmp0 (slip_json_string (data, "plan_sha256"), fold->plan_hash) != 0)
    return TRUE;
  slip_run_fold_set_text (&fold->cosigned_by, slip_json_string (data, "cosigned_by"));
  slip_run_fold_set_text (&fold->cosigned_with, slip_json_string (data, "proof_sha256"));
  fold->cosigned_seq = slip_json_int (entry, "seq", 0);
  return TRUE;
}

static void
clear_need (SlipRunFold *fold)
{
  g_clear_pointer (&fold->message, g_free);
  g_clear_pointer (&fold->need_step, g_free);
  g_clear_pointer (&fold->need_text, g_free);
  g_clear_pointer (&fold->need_guard, g_free);
  g_clear_pointer (&fold->need_guard_sha256, g_free);
  fold->need_cosign = FALSE;
}

static gboolean
apply_running (SlipRunFold *fold, JsonObject *entry, JsonObject *data, GError **error)
{
  JsonObject *endpoints = slip_json_object (data, "endpoints");

  if (fold->started == 0)
    fold->started = slip_run_entry_get_time (entry);
  if (endpoints != NULL && fold->endpoints == NULL)
    fold->endpoints = json_object_ref (endpoints);
  fold->state = SLIP_RUN_RUNNING;
  fold->finished = 0;
  fold->pause_requested = FALSE;
  fold->resume_requested = FALSE;
  g_clear_pointer (&fold->leftovers, json_array_unref);
  clear_need (fold);
  return TRUE;
}

static SlipRunState
need_state (const char *reason)
{
  static const struct
  {
    const char *reason;
    SlipRunState state;
  } reasons[] = {
      {"sign-in", SLIP_RUN_NEEDS_SIGN_IN},      {"decision", SLIP_RUN_NEEDS_DECISION},
      {"confirm", SLIP_RUN_NEEDS_CONFIRMATION}, {"attest", SLIP_RUN_NEEDS_CONFIRMATION},
      {"approval", SLIP_RUN_NEEDS_APPROVAL},    {"cosign", SLIP_RUN_NEEDS_APPROVAL},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (reasons); i++)
    if (g_strcmp0 (reason, reasons[i].reason) == 0)
      return reasons[i].state;
  return SLIP_RUN_PAUSED;
}

static gboolean
apply_paused (SlipRunFold *fold, JsonObject *entry, JsonObject *data, GError **error)
{
  fold->state = need_state (slip_json_string (data, "reason"));
  slip_run_fold_set_text (&fold->message, slip_json_string (data, "message"));
  slip_run_fold_set_text (&fold->need_step, slip_json_string (entry, "step"));
  slip_run_fold_set_text (&fold->need_text, slip_json_string (data, "text"));
  slip_run_fold_set_text (&fold->need_guard, slip_json_string (data, "guard"));
  slip_run_fold_set_text (&fold->need_guard_sha256, slip_json_string (data, "guard_sha256"));
  fold->need_cosign = g_strcmp0 (slip_json_string (data, "reason"), "cosign") == 0;
  fold->pause_requested = FALSE;
  fold->resume_requested = FALSE;
  return TRUE;
}

static gboolean
apply_request (SlipRunFold *fold, JsonObject *entry, JsonObject *data, GError **error)
{
  const char *kind = slip_json_string (entry, "kind");

  if (g_str_equal (kind, SLIP_RUN_CANCEL_KIND))
    {
      fold->cancel_requested = TRUE;
      g_free (fold->cancelled_by);
      fold->cancelled_by = slip_run_entry_dup_actor (entry);
    }
  fold->pause_requested = g_str_equal (kind, SLIP_RUN_PAUSE_KIND);
  fold->resume_requested = g_str_equal (kind, SLIP_RUN_RESUME_KIND);
  if (fold->resume_requested && fold->state == SLIP_RUN_PAUSED && fold->need_step != NULL)
    {
      SlipFoldStep *step = slip_run_fold_ensure_step (fold, fold->need_step);

      if (step == NULL)
        {
          slip_run_fold_set_damaged (fold, "it pauses at a step that its plan does not have",
                                     error);
          return FALSE;
        }
      step->released = TRUE;
    }
  return TRUE;
}

static void
skip_untouched (SlipRunFold *fold)
{
  for (guint i = 0; i < fold->steps->len; i++)
    {
      SlipFoldStep *step = g_ptr_array_index (fold->steps, i);

      if (step->state == SLIP_RUN_STEP_PLANNED)
        step->state = SLIP_RUN_STEP_SKIPPED;
    }
}

static gboolean
apply_finished (SlipRunFold *fold, JsonObject *entry, JsonObject *data, GError **error)
{
  const char *outcome = slip_json_string (entry, "outcome");
  JsonArray *leftovers = slip_json_array (data, "leftovers");

  fold->state = g_strcmp0 (outcome, "done") == 0        ? SLIP_RUN_DONE
                : g_strcmp0 (outcome, "cancelled") == 0 ? SLIP_RUN_CANCELLED
                                                        : SLIP_RUN_FAILED;
  fold->finished = slip_run_entry_get_time (entry);
  clear_need (fold);
  slip_run_fold_set_text (&fold->message, slip_json_string (data, "message"));
  slip_run_fold_set_text (&fold->need_step, slip_json_string (entry, "step"));
  g_clear_pointer (&fold->leftovers, json_array_unref);
  if (leftovers != NULL)
    fold->leftovers = json_array_ref (leftovers);
  if (fold->state == SLIP_RUN_DONE)
    skip_untouched (fold);
  return TRUE;
}

typedef gboolean (*RunFunc) (SlipRunFold *, JsonObject *, JsonObject *, GError **);

static const struct
{
  const char *kind;
  RunFunc func;
} run_kinds[] = {
    {SLIP_RUN_PLANNED_KIND, apply_planned},   {SLIP_RUN_APPROVED_KIND, apply_approved},
    {SLIP_RUN_COSIGNED_KIND, apply_cosigned}, {SLIP_RUN_STARTED_KIND, apply_running},
    {SLIP_RUN_RESUMED_KIND, apply_running},   {SLIP_RUN_PAUSED_KIND, apply_paused},
    {SLIP_RUN_PAUSE_KIND, apply_request},     {SLIP_RUN_RESUME_KIND, apply_request},
    {SLIP_RUN_CANCEL_KIND, apply_request},    {SLIP_RUN_FINISHED_KIND, apply_finished},
};

gboolean
slip_run_fold_apply (SlipRunFold *fold, JsonObject *entry, GError **error)
{
  const char *kind = slip_json_string (entry, "kind");
  g_autoptr (JsonObject) empty = NULL;
  JsonObject *data = slip_json_object (entry, "data");

  g_return_val_if_fail (fold != NULL && entry != NULL, FALSE);

  if (data == NULL)
    data = empty = json_object_new ();
  if (kind == NULL || (fold->plan == NULL && !g_str_equal (kind, SLIP_RUN_PLANNED_KIND)))
    {
      slip_run_fold_set_damaged (fold, "its first entry is not a plan", error);
      return FALSE;
    }
  g_ptr_array_add (fold->entries, json_object_ref (entry));
  fold->last_seq = MAX (fold->last_seq, slip_json_int (entry, "seq", 0));
  fold->changed = slip_run_entry_get_time (entry);
  for (gsize i = 0; i < G_N_ELEMENTS (run_kinds); i++)
    if (g_str_equal (kind, run_kinds[i].kind) && !run_kinds[i].func (fold, entry, data, error))
      return FALSE;
  return slip_run_fold_apply_to_step (fold, entry, data, error);
}
