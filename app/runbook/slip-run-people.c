/* SPDX-License-Identifier: MIT */
/* Where a run needs a person: pauses, confirmations, attestations, decisions. The need is written
 * first, so that it is known to everybody also when this process goes away; the answer arrives as a
 * ledger entry, from this process or another. */

#include "slip-run-engine.h"

#include "slip-given.h"
#include "slip-json.h"

/* ---- waiting for somebody */

static void
wait_a_moment (SlipRunEngine *engine)
{
  gint64 until = g_get_monotonic_time () + G_USEC_PER_SEC / 4;

  g_mutex_lock (engine->mutex);
  g_cond_wait_until (engine->wake, engine->mutex, until);
  g_mutex_unlock (engine->mutex);
}

static gboolean
cancelled (SlipRunEngine *engine)
{
  return engine->fold->cancel_requested || g_cancellable_is_cancelled (engine->cancellable);
}

/* A guard of one step names it, so that it differs from that of another. */
static char *
digest_of (JsonObject *guard)
{
  g_autoptr (JsonNode) node = slip_json_new_object (json_object_ref (guard));

  return slip_json_sha256 (node);
}

static gboolean
write_need (SlipRunEngine *engine,
            const char *reason,
            SlipFoldStep *step,
            JsonObject *guard,
            const char *message,
            const char *text,
            GError **error)
{
  JsonObject *entry = slip_run_engine_entry (engine, SLIP_RUN_PAUSED_KIND, step);
  JsonObject *data = slip_run_entry_data (entry);

  json_object_set_string_member (data, "reason", reason);
  json_object_set_string_member (data, "message", message);
  slip_run_entry_set_text (data, "text", text);
  if (guard != NULL)
    {
      g_autofree char *sha256 = digest_of (guard);

      slip_run_entry_set_text (data, "guard", slip_json_string (guard, "guard"));
      json_object_set_string_member (data, "guard_sha256", sha256);
    }
  return slip_run_engine_append (engine, entry, error);
}

static gboolean
wait_for_person (SlipRunEngine *engine, SlipRunNeedFunc satisfied, gpointer data, GError **error)
{
  g_autoptr (GError) local = NULL;

  for (;;)
    {
      if (!slip_run_fold_sync (engine->fold, engine->ledger, error))
        return FALSE;
      if (cancelled (engine))
        return slip_run_engine_check (engine, error);
      if (satisfied (engine, data, &local))
        return TRUE;
      if (local != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      if (!engine->hold)
        {
          g_set_error (error, SLIP_RUN_ERROR,
                       engine->fold->state == SLIP_RUN_PAUSED ? SLIP_RUN_ERROR_PAUSED
                                                              : SLIP_RUN_ERROR_NEEDS_PERSON,
                       "%s", engine->fold->message);
          return FALSE;
        }
      wait_a_moment (engine);
    }
}

gboolean
slip_run_engine_wait_until_said (SlipRunEngine *engine,
                                 SlipFoldStep *step,
                                 SlipRunNeedFunc satisfied,
                                 gpointer data,
                                 GError **error)
{
  gint64 since = slip_clock_monotonic (engine->clock);
  gboolean ok;

  slip_job_set_paused (engine->job, TRUE);
  ok = wait_for_person (engine, satisfied, data, error);
  slip_job_set_paused (engine->job, FALSE);
  engine->waited += MAX (slip_clock_monotonic (engine->clock) - since, 1);
  return ok
         && slip_run_engine_append (
             engine, slip_run_engine_entry (engine, SLIP_RUN_RESUMED_KIND, step), error);
}

gboolean
slip_run_engine_need (SlipRunEngine *engine,
                      const char *reason,
                      SlipFoldStep *step,
                      const char *message,
                      const char *text,
                      SlipRunNeedFunc satisfied,
                      gpointer data,
                      GError **error)
{
  return write_need (engine, reason, step, NULL, message, text, error)
         && slip_run_engine_wait_until_said (engine, step, satisfied, data, error);
}

/* ---- confirmations and attestations */

/* What was said counts for a while only; a clock that stepped back does not make it last longer. */
gboolean
slip_run_engine_is_fresh (SlipRunEngine *engine, SlipFoldStep *step, gint64 said)
{
  gint64 age = slip_clock_now (engine->clock) - said;

  return said != 0 && ABS (age) <= slip_given_minutes (step->plan_step) * 60 * G_USEC_PER_SEC;
}

static const char *
how_of (JsonObject *confirm)
{
  return confirm != NULL ? slip_json_string (confirm, "how") : NULL;
}

static gboolean
at_approval (JsonObject *confirm)
{
  return confirm != NULL && g_strcmp0 (slip_json_string (confirm, "when"), "approval") == 0;
}

/* Whoever acts now must be who attested; a session of another role has not looked. */
static gboolean
is_ours (SlipRunEngine *engine, SlipFoldStep *step, const char *who)
{
  const char *environment = slip_plan_step_get_environment (step->plan_step);
  const char *principal
      = environment != NULL ? g_hash_table_lookup (engine->principals, environment) : NULL;

  return who == NULL || principal == NULL || g_str_equal (who, principal);
}

/* The word of whoever has the run. */
static gboolean
said (SlipRunEngine *engine, gpointer data, GError **error)
{
  SlipFoldStep *step = data;
  JsonObject *confirm = slip_plan_step_get_confirm (step->plan_step);
  gboolean attest = g_strcmp0 (how_of (confirm), "attest") == 0;
  gint64 time = attest ? step->attested : step->confirmed;

  /* Said with the approval it belongs to the plan, which has not changed since. */
  if (at_approval (confirm) && step->voided == NULL)
    return time != 0;
  return slip_run_engine_is_fresh (engine, step, time)
         && (!attest || is_ours (engine, step, step->attested_as));
}

gboolean
slip_run_engine_is_said (SlipRunEngine *engine, SlipFoldStep *step)
{
  return said (engine, step, NULL) && slip_run_engine_is_paired (engine, step, NULL);
}

char *
slip_run_engine_wanted_text (const SlipFoldStep *step, const char *text)
{
  gboolean typed = g_strcmp0 (how_of (slip_plan_step_get_confirm (step->plan_step)), "typed") == 0;

  if (step->voided_text == NULL)
    return typed ? g_strdup (text) : NULL;
  return typed && text != NULL ? g_strdup_printf ("%s+%s", text, step->voided_text)
                               : g_strdup (step->voided_text);
}

/* What is asked before @step and what must be typed, with their values filled in. */
static gboolean
resolve_question (
    SlipRunEngine *engine, SlipFoldStep *step, char **asked, char **word, GError **error)
{
  JsonObject *confirm = slip_plan_step_get_confirm (step->plan_step);
  gboolean typed = g_strcmp0 (how_of (confirm), "typed") == 0;
  const char *ask = confirm != NULL ? slip_json_string (confirm, "ask") : NULL;
  const char *text = confirm != NULL ? slip_json_string (confirm, "text") : NULL;
  g_autoptr (JsonNode) ask_node = slip_json_new_string (ask != NULL ? ask : "go on");
  g_autoptr (JsonNode) text_node = slip_json_new_string (typed && text != NULL ? text : "");
  g_autoptr (JsonNode) ask_now = slip_run_engine_resolve (engine, ask_node, error);
  g_autoptr (JsonNode) text_now
      = ask_now != NULL ? slip_run_engine_resolve (engine, text_node, error) : NULL;

  if (text_now == NULL)
    return FALSE;
  *asked = g_strdup (json_node_get_string (ask_now));
  *word = slip_run_engine_wanted_text (step, json_node_get_string (text_now));
  return TRUE;
}

char *
slip_run_engine_dup_says (SlipRunEngine *engine, SlipFoldStep *step, GError **error)
{
  g_autofree char *asked = NULL;
  g_autofree char *word = NULL;

  if (!resolve_question (engine, step, &asked, &word, error))
    return NULL;
  return word != NULL ? g_strdup_printf ("%s [%s]", asked, word) : g_steal_pointer (&asked);
}

static gboolean
confirm_step (SlipRunEngine *engine, SlipFoldStep *step, GError **error)
{
  gboolean attest
      = g_strcmp0 (how_of (slip_plan_step_get_confirm (step->plan_step)), "attest") == 0;
  g_autofree char *asked = NULL;
  g_autofree char *word = NULL;
  g_autofree char *message = NULL;

  if (!resolve_question (engine, step, &asked, &word, error))
    return FALSE;
  message = step->voided == NULL ? g_strdup_printf ("step %s asks: %s", step->id, asked)
                                 : g_strdup_printf ("step %s asks again, because %s: %s", step->id,
                                                    step->voided, asked);
  return slip_run_engine_need (engine, attest ? "attest" : "confirm", step, message, word, said,
                               step, error);
}

gboolean
slip_run_engine_confirm (SlipRunEngine *engine, SlipFoldStep *step, GError **error)
{
  JsonObject *confirm = slip_plan_step_get_confirm (step->plan_step);
  const char *how = how_of (confirm);
  g_autoptr (GError) local = NULL;

  if (how == NULL && step->voided == NULL)
    return TRUE;
  /* Whoever approved the plan has confirmed what needs no more than a yes at that time. */
  if (at_approval (confirm) && g_str_equal (how, "simple") && step->voided == NULL)
    return TRUE;
  /* One word may grow too old while the other is waited for. */
  for (;;)
    if (!said (engine, step, NULL))
      {
        if (!confirm_step (engine, step, error))
          return FALSE;
      }
    else if (slip_run_engine_is_paired (engine, step, &local))
      return TRUE;
    else if (local != NULL)
      {
        g_propagate_error (error, g_steal_pointer (&local));
        return FALSE;
      }
    else if (!slip_run_engine_pair (engine, step, error))
      return FALSE;
}

gboolean
slip_run_engine_void (SlipRunEngine *engine,
                      SlipFoldStep *step,
                      const char *why,
                      const char *difference_sha256,
                      GError **error)
{
  JsonObject *entry;
  JsonObject *voids;

  if (step->confirmed == 0 && step->attested == 0)
    return TRUE;
  entry = slip_run_engine_entry (engine, SLIP_STEP_OBSERVED_KIND, step);
  voids = json_object_new ();
  json_object_set_string_member (voids, "why", why);
  slip_run_entry_set_text (voids, "text", step->voided_text);
  slip_run_entry_set_text (voids, "difference_sha256", difference_sha256);
  slip_run_entry_set_text (slip_run_entry_data (entry), "detail",
                           "what was said for it counts no more");
  json_object_set_object_member (slip_run_entry_data (entry), "voids", voids);
  return slip_run_engine_append (engine, entry, error);
}

static gboolean
void_word_of (SlipRunEngine *engine, const char *name, const char *why, GError **error)
{
  SlipFoldStep *step = name != NULL ? slip_run_fold_find (engine->fold, name) : NULL;

  return step == NULL || slip_run_engine_void (engine, step, why, NULL, error);
}

/* Of turns that are still to come only the loop tells whose words they need. */
static gboolean
void_words_of_body (SlipRunEngine *engine, JsonArray *body, const char *why, GError **error)
{
  for (guint i = 0; body != NULL && i < json_array_get_length (body); i++)
    if (!void_word_of (engine,
                       slip_json_string (json_array_get_object_element (body, i), "confirmedBy"),
                       why, error))
      return FALSE;
  return TRUE;
}

gboolean
slip_run_engine_void_words (SlipRunEngine *engine, const char *why, GError **error)
{
  for (guint i = 0; i < engine->fold->steps->len; i++)
    {
      SlipFoldStep *step = g_ptr_array_index (engine->fold->steps, i);

      if (step->state == SLIP_RUN_STEP_DONE || step->state == SLIP_RUN_STEP_SKIPPED)
        continue;
      if (!slip_run_engine_void (engine, step, why, NULL, error)
          || !void_word_of (engine, slip_plan_step_get_confirmed_by (step->plan_step), why, error)
          || !void_words_of_body (engine, slip_plan_step_get_body (step->plan_step), why, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
slip_run_engine_confirm_again (SlipRunEngine *engine, SlipFoldStep *step, GError **error)
{
  const char *name = slip_plan_step_get_confirmed_by (step->plan_step);
  SlipFoldStep *other = name != NULL ? slip_run_fold_find (engine->fold, name) : NULL;

  if (name == NULL)
    return TRUE;
  if (other != NULL && slip_plan_step_get_confirm (other->plan_step) != NULL)
    return slip_run_engine_confirm (engine, other, error);
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_DAMAGED,
               "step %s needs what a person says before step %s, and the plan asks nobody there. "
               "Plan again",
               step->id, name);
  return FALSE;
}

gboolean
slip_run_engine_confirm_all (SlipRunEngine *engine, GError **error)
{
  for (guint i = 0; i < engine->fold->steps->len; i++)
    {
      SlipFoldStep *step = g_ptr_array_index (engine->fold->steps, i);
      JsonObject *confirm = slip_plan_step_get_confirm (step->plan_step);

      if (confirm != NULL && at_approval (confirm) && step->state == SLIP_RUN_STEP_PLANNED
          && !slip_run_engine_confirm (engine, step, error))
        return FALSE;
    }
  return TRUE;
}

/* ---- a guard that cannot be asked */

typedef struct
{
  SlipFoldStep *step;
  JsonObject *guard;
} Vouching;

static gboolean
vouched (SlipRunEngine *engine, gpointer data, GError **error)
{
  Vouching *vouching = data;
  g_autofree char *sha256 = digest_of (vouching->guard);
  JsonObject *entry = g_hash_table_lookup (engine->fold->vouched, sha256);
  JsonObject *actor = entry != NULL ? slip_json_object (entry, "actor") : NULL;

  return entry != NULL
         && slip_run_engine_is_fresh (engine, vouching->step, slip_run_entry_get_time (entry))
         && is_ours (engine, vouching->step,
                     actor != NULL ? slip_json_string (actor, "principal") : NULL);
}

gboolean
slip_run_engine_is_vouched (SlipRunEngine *engine, SlipFoldStep *step, JsonObject *guard)
{
  Vouching vouching = {step, guard};

  return vouched (engine, &vouching, NULL);
}

gboolean
slip_run_engine_vouch (SlipRunEngine *engine,
                       SlipFoldStep *step,
                       JsonObject *guard,
                       const char *message,
                       GError **error)
{
  Vouching vouching = {step, guard};

  return vouched (engine, &vouching, NULL)
         || (write_need (engine, "attest", step, guard, message, NULL, error)
             && slip_run_engine_wait_until_said (engine, step, vouched, &vouching, error));
}

/* ---- decisions */

static gboolean
decided (SlipRunEngine *engine, gpointer data, GError **error)
{
  return ((SlipFoldStep *)data)->decision != NULL;
}

gboolean
slip_run_engine_decide (
    SlipRunEngine *engine, SlipFoldStep *step, const char *why, gboolean *did, GError **error)
{
  g_autofree char *message = g_strdup_printf (
      "whether step %s happened cannot be told: %s. Look at AWS, then decide: did, or did not",
      step->id, why);

  if (!decided (engine, step, NULL)
      && !slip_run_engine_need (engine, "decision", step, message, NULL, decided, step, error))
    return FALSE;
  *did = g_str_equal (step->decision, "did");
  return TRUE;
}
