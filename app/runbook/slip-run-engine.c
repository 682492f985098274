/* SPDX-License-Identifier: MIT */
/* The heart of a run: prepares, takes step after step where the ledger says it stopped, and writes
 * how it ended. Runs on a worker thread and blocks freely. Everything it knows is in the ledger; if
 * the process dies at any line here, the next one begins again at the top and comes to the same end. */

#include "slip-run-engine.h"

#include "slip-crash.h"
#include "slip-json.h"
#include "slip-person.h"
#include "slip-run-local.h"
#include "slip-run-lock.h"
#include "slip-run-clash.h"
#include "slip-run-targets.h"
#include "slip-template.h"

#include <math.h>
#include <time.h>

/* ---- writing */

JsonObject *
slip_run_engine_entry (SlipRunEngine *engine, const char *kind, SlipFoldStep *step)
{
  SlipPlanStep *plan = step != NULL ? step->plan_step : NULL;
  const char *environment = plan != NULL ? slip_plan_step_get_environment (plan)
                                         : slip_plan_get_environment (engine->fold->plan);
  const char *principal
      = environment != NULL ? g_hash_table_lookup (engine->principals, environment) : NULL;
  JsonObject *entry
      = slip_run_entry_new (kind, engine->fold->id, step != NULL ? step->id : NULL, principal);

  slip_run_entry_set_text (entry, "environment", environment);
  if (plan == NULL)
    return entry;
  slip_run_entry_set_text (entry, "account", slip_plan_step_get_account (plan));
  slip_run_entry_set_text (entry, "region", slip_plan_step_get_region (plan));
  json_object_set_string_member (entry, "effect",
                                 slip_aws_effect_name (slip_plan_step_get_effect (plan)));
  if (slip_plan_step_get_operation (plan) != NULL)
    {
      g_autofree char *operation = g_strconcat (slip_plan_step_get_service (plan), ":",
                                                slip_plan_step_get_operation (plan), NULL);

      json_object_set_string_member (entry, "operation", operation);
    }
  return entry;
}

/* What the activity row shows follows what the ledger says. */
static void
tell_job (SlipRunEngine *engine)
{
  SlipFoldStep *step = slip_run_fold_find (engine->fold, engine->fold->cursor);
  gint64 now = slip_clock_now (engine->clock);
  double speed = slip_clock_get_speed (engine->clock);

  slip_job_set_progress (engine->job, slip_run_fold_get_progress (engine->fold, now, speed));
  slip_job_set_remaining (engine->job, slip_run_fold_get_remaining (engine->fold, now, speed));
  if (step != NULL)
    {
      guint number = slip_plan_step_get_index (step->plan_step) + 1;
      const char *title = slip_plan_step_get_title (step->plan_step);
      g_autofree char *detail
          = g_strdup_printf ("%u/%u %s%s%s", number, slip_plan_get_n_steps (engine->fold->plan),
                             title != NULL ? title : step->id, step->detail != NULL ? ": " : "",
                             step->detail != NULL ? step->detail : "");

      slip_job_set_detail (engine->job, detail);
    }
}

gboolean
slip_run_engine_append (SlipRunEngine *engine, JsonObject *entry, GError **error)
{
  const char *kind = slip_json_string (entry, "kind");
  const char *step = slip_json_string (entry, "step");
  g_autofree char *before = g_strdup_printf ("before %s %s", kind, step != NULL ? step : "run");
  g_autofree char *after = g_strdup_printf ("after %s", before + strlen ("before "));
  gboolean ok;

  slip_crash_point (before);
  ok = slip_ledger_append (engine->ledger, entry, NULL, error);
  json_object_unref (entry);
  if (!ok)
    {
      g_prefix_error (error, "the run stopped because the audit log cannot be written: ");
      return FALSE;
    }
  slip_crash_point (after);
  if (!slip_run_fold_sync (engine->fold, engine->ledger, error))
    return FALSE;
  tell_job (engine);
  return TRUE;
}

/* ---- what a person said */

static gboolean
resume_wished (SlipRunEngine *engine, gpointer data, GError **error)
{
  return engine->fold->resume_requested;
}

/* Honest about what stopping means: AWS does not stop. */
static void
set_cancelled (SlipRunEngine *engine, GError **error)
{
  const char *going_on = slip_run_fold_find_going_on (engine->fold);
  const char *who = engine->fold->cancelled_by;

  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_CANCELLED,
               "cancelled%s%s before the next call%s%s", who != NULL ? " by " : "",
               who != NULL ? who : "",
               going_on != NULL ? ". AWS goes on with what was begun: " : "",
               going_on != NULL ? going_on : "");
}

void
slip_run_moment_now (SlipRunMoment *moment)
{
  struct timespec now;

  clock_gettime (CLOCK_BOOTTIME, &now);
  moment->boot = (gint64)now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
  moment->wall = g_get_real_time ();
}

gint64
slip_run_moment_age (const SlipRunMoment *moment)
{
  SlipRunMoment now;

  slip_run_moment_now (&now);
  return MAX (now.boot - moment->boot, now.wall - moment->wall);
}

gboolean
slip_run_engine_check (SlipRunEngine *engine, GError **error)
{
  const char *going_on;
  g_autofree char *message = NULL;

  if (!slip_run_fold_sync (engine->fold, engine->ledger, error))
    return FALSE;
  if (g_cancellable_is_cancelled (engine->cancellable) && !engine->fold->cancel_requested
      && !slip_run_engine_append (
          engine, slip_run_engine_entry (engine, SLIP_RUN_CANCEL_KIND, NULL), error))
    return FALSE;
  if (engine->fold->cancel_requested)
    {
      set_cancelled (engine, error);
      return FALSE;
    }
  if (!engine->fold->pause_requested)
    return TRUE;
  going_on = slip_run_fold_find_going_on (engine->fold);
  message = g_strconcat ("paused", going_on != NULL ? ". AWS goes on with what was begun: " : "",
                         going_on != NULL ? going_on : "", "; resume to go on", NULL);
  return slip_run_engine_need (engine, "pause", NULL, message, NULL, resume_wished, NULL, error);
}

gboolean
slip_run_engine_sleep (SlipRunEngine *engine, double seconds, GError **error)
{
  double slice = slip_clock_get_speed (engine->clock);

  engine->waited += (gint64)(seconds / slice * G_USEC_PER_SEC);
  while (seconds > 0)
    {
      double now = MIN (seconds, slice);
      g_autoptr (GError) local = NULL;

      if (!slip_run_engine_check (engine, error))
        return FALSE;
      /* A cancelled sleep is dealt with by the check, which writes it down. */
      if (!slip_clock_sleep (engine->clock, (gint64)(now * G_USEC_PER_SEC), engine->cancellable,
                             &local))
        g_debug ("sleep ended early: %s", local->message);
      seconds -= now;
    }
  return slip_run_engine_check (engine, error);
}

/* ---- references */

static JsonNode *
lookup (const char *reference, gpointer data)
{
  SlipRunEngine *engine = data;
  JsonNode *secret = g_hash_table_lookup (engine->secrets, reference);

  return secret != NULL ? json_node_ref (secret) : slip_run_fold_lookup (engine->fold, reference);
}

JsonNode *
slip_run_engine_resolve (SlipRunEngine *engine, JsonNode *node, GError **error)
{
  g_autoptr (GError) local = NULL;
  JsonNode *resolved = slip_template_resolve (node, lookup, engine, NULL, &local);

  if (resolved == NULL)
    g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_EXPRESSION, "%s", local->message);
  return resolved;
}

JsonObject *
slip_run_engine_resolve_object (SlipRunEngine *engine, JsonObject *object, GError **error)
{
  g_autoptr (JsonNode) node = slip_json_new_object (json_object_ref (object));
  g_autoptr (JsonNode) resolved = slip_run_engine_resolve (engine, node, error);

  return resolved != NULL ? json_object_ref (json_node_get_object (resolved)) : NULL;
}

/* ---- preparing */

static gboolean
check_approval (SlipRunEngine *engine, GError **error)
{
  SlipRunFold *fold = engine->fold;
  const char *pairing;

  if (fold->plan == NULL)
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_NOT_FOUND, "the ledger holds no run %s",
                   fold->id);
      return FALSE;
    }
  if (!slip_run_trust_check (engine, error))
    return FALSE;
  pairing = slip_run_trust_pairing (engine);
  if (fold->approved_hash == NULL)
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_NOT_APPROVED,
                   "the plan of run %s is not approved. Approve %s first", fold->id,
                   fold->plan_hash);
      return FALSE;
    }
  if (g_strcmp0 (fold->approved_hash, slip_plan_get_hash (fold->plan)) != 0)
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_NOT_APPROVED,
                   "run %s has plan %s, but %s was approved", fold->id, fold->plan_hash,
                   fold->approved_hash);
      return FALSE;
    }
  if (pairing != NULL
      && (fold->cosigned_by == NULL || slip_person_same (fold->cosigned_by, fold->approved_as)))
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_NOT_APPROVED,
                   "%s, and only one approved run %s. The other one reads the plan and runs "
                   "slipwayctl cosign; hand its file over with slipwayctl run cosign",
                   pairing, fold->id);
      return FALSE;
    }
  if (fold->state == SLIP_RUN_DONE || fold->state == SLIP_RUN_CANCELLED)
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_REFUSED, "run %s is %s. Plan a new one",
                   fold->id, slip_run_state_get_name (fold->state));
      return FALSE;
    }
  return TRUE;
}

static gboolean
is_as_planned (SlipRunEngine *engine,
               const char *name,
               const char *what,
               const char *wanted,
               const char *found,
               GError **error)
{
  if (g_strcmp0 (wanted, found) == 0)
    return TRUE;
  g_set_error (
      error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_ENDPOINT,
      "run %s was planned for %s %s of environment %s, for which the workspace now has %s. "
      "A run never goes on elsewhere: set the workspace back, or plan a new run",
      engine->fold->id, what, wanted != NULL ? wanted : "(none)", name,
      found != NULL ? found : "(none)");
  return FALSE;
}

/* An edited workspace is told before anything is written, so that the run can still be gone on with. */
static gboolean
check_declared (SlipRunEngine *engine, const char *name, GError **error)
{
  JsonObject *planned = slip_json_object (slip_plan_get_environments (engine->fold->plan), name);
  g_autofree char *account = NULL;
  g_autofree char *role = NULL;

  return slip_run_caller_declared (engine->caller, name, &account, &role, error)
         && is_as_planned (engine, name, "account", slip_json_string (planned, "account"), account,
                           error)
         && is_as_planned (engine, name, "role", slip_json_string (planned, "role"), role, error);
}

static gboolean
check_endpoint (SlipRunEngine *engine, const char *name, JsonObject *endpoints, GError **error)
{
  JsonObject *planned = slip_json_object (slip_plan_get_environments (engine->fold->plan), name);
  const char *wanted = planned != NULL ? slip_json_string (planned, "endpoint") : NULL;
  g_autofree char *endpoint = slip_run_caller_endpoint (engine->caller, name, error);

  if (endpoint == NULL)
    return FALSE;
  if (engine->fold->endpoints != NULL)
    wanted = slip_json_string (engine->fold->endpoints, name);
  if (wanted != NULL && !g_str_equal (wanted, endpoint))
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_ENDPOINT,
                   "run %s was made for endpoints %.12s of environment %s, which now has %.12s. A "
                   "run never goes on elsewhere: set the endpoints back, or plan a new run",
                   engine->fold->id, wanted, name, endpoint);
      return FALSE;
    }
  json_object_set_string_member (endpoints, name, endpoint);
  return TRUE;
}

static JsonObject *
check_endpoints (SlipRunEngine *engine, GError **error)
{
  g_autoptr (JsonObject) endpoints = json_object_new ();
  g_autoptr (GList) names
      = json_object_get_members (slip_plan_get_environments (engine->fold->plan));

  for (GList *l = names; l != NULL; l = l->next)
    if (!check_declared (engine, l->data, error)
        || !check_endpoint (engine, l->data, endpoints, error))
      return NULL;
  return g_steal_pointer (&endpoints);
}

static JsonArray *
plan_steps (SlipRunEngine *engine)
{
  return slip_json_array (slip_json_node_object (slip_plan_to_json (engine->fold->plan)), "steps");
}

/* Two runs never act on the same thing at the same time. */
static gboolean
lock_targets (SlipRunEngine *engine, GError **error)
{
  g_autoptr (GHashTable) targets = slip_run_targets_mentioned (plan_steps (engine));
  g_autofree char *folder = slip_run_lock_folder (engine->ledger);
  g_autofree char *holder = g_strdup_printf ("run %s", engine->fold->id);
  GHashTableIter iter;
  gpointer target;

  g_hash_table_iter_init (&iter, targets);
  while (g_hash_table_iter_next (&iter, &target, NULL))
    {
      SlipRunLock *lock = slip_run_lock_take (folder, target, holder, error);

      if (lock == NULL)
        return FALSE;
      g_ptr_array_add (engine->locks, lock);
    }
  return TRUE;
}

/* Nor one after the other, while the first is not through: what it was interrupted in would be changed
 * under it. With the locks held, of two that begin at once one is seen by the other. */
static gboolean
check_unfinished (SlipRunEngine *engine, GError **error)
{
  g_autoptr (JsonArray) left = slip_run_targets_left (engine->fold);
  g_autoptr (GPtrArray) clashes
      = slip_run_list_clashes (engine->ledger, engine->fold->id, left, error);
  g_autofree char *what = NULL;
  SlipRunClash *clash = NULL;

  if (clashes == NULL)
    return FALSE;
  /* What cannot be told does not stop a change; the guard says so to whoever approves. */
  for (guint i = 0; i < clashes->len && clash == NULL; i++)
    if (!((SlipRunClash *)g_ptr_array_index (clashes, i))->unprovable)
      clash = g_ptr_array_index (clashes, i);
  if (clash == NULL)
    return TRUE;
  what = slip_run_clash_describe (clash);
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_BUSY,
               "run %s would come between what another does: %s", engine->fold->id, what);
  return FALSE;
}

static void
set_unlocked (SlipRunEngine *engine, gboolean unlocked)
{
  g_autofree char *why
      = g_strdup_printf ("run %s, plan %s", engine->fold->id, engine->fold->approved_hash);
  g_autoptr (GList) names
      = json_object_get_members (slip_plan_get_environments (engine->fold->plan));

  for (GList *l = names; l != NULL; l = l->next)
    slip_run_caller_unlock (engine->caller, l->data, unlocked ? why : NULL);
}

static gboolean
prepare (SlipRunEngine *engine, GError **error)
{
  g_autoptr (JsonObject) endpoints = NULL;
  g_autofree char *no_key = NULL;
  g_autofree char *difference = NULL;
  gboolean first;
  JsonObject *entry;

  /* What is gone on with is what the ledger says: not one entry of it may have been edited. */
  if (!slip_ledger_check (engine->ledger, engine->cancellable, NULL, error)
      || !slip_run_fold_sync (engine->fold, engine->ledger, error)
      || !check_approval (engine, error) || !slip_run_engine_check_key (engine, &no_key, error)
      || !slip_run_engine_check_seals (engine, no_key, error))
    return FALSE;
  endpoints = check_endpoints (engine, error);
  if (endpoints == NULL || !lock_targets (engine, error) || !check_unfinished (engine, error))
    return FALSE;
  first = engine->fold->started == 0;
  difference = slip_plan_dup_runbook_difference (engine->fold->plan);
  entry
      = slip_run_engine_entry (engine, first ? SLIP_RUN_STARTED_KIND : SLIP_RUN_RESUMED_KIND, NULL);
  json_object_set_string_member (slip_run_entry_data (entry), "plan_sha256",
                                 engine->fold->plan_hash);
  json_object_set_object_member (slip_run_entry_data (entry), "endpoints",
                                 json_object_ref (endpoints));
  json_object_set_int_member (slip_run_entry_data (entry), "process", getpid ());
  slip_run_entry_set_text (slip_run_entry_data (entry), "unsigned", no_key);
  slip_run_entry_set_text (slip_run_entry_data (entry), "runbook_differs", difference);
  slip_run_local_sweep_all (engine->ledger);
  slip_run_local_sweep (engine->ledger, engine->fold->id, engine->fold);
  json_object_set_double_member (slip_run_entry_data (entry), "speed",
                                 slip_clock_get_speed (engine->clock));
  return slip_run_engine_append (engine, entry, error);
}

/* ---- ending */

static JsonObject *
run_outputs (SlipRunEngine *engine)
{
  JsonArray *references = slip_plan_get_outputs (engine->fold->plan);
  JsonObject *outputs = json_object_new ();

  for (guint i = 0; references != NULL && i < json_array_get_length (references); i++)
    {
      const char *reference = json_array_get_string_element (references, i);
      JsonNode *value = slip_run_fold_lookup (engine->fold, reference);

      if (value != NULL)
        json_object_set_member (outputs, reference, value);
    }
  return outputs;
}

static SlipFoldStep *
critical_failure (SlipRunFold *fold)
{
  for (guint i = 0; i < fold->steps->len; i++)
    {
      SlipFoldStep *step = g_ptr_array_index (fold->steps, i);

      if (step->state == SLIP_RUN_STEP_FAILED && slip_plan_step_is_critical (step->plan_step))
        return step;
    }
  return NULL;
}

static gboolean
finish (SlipRunEngine *engine, const char *outcome, const GError *failure, GError **error)
{
  SlipFoldStep *step
      = failure != NULL ? slip_run_fold_find (engine->fold, engine->fold->cursor) : NULL;
  JsonObject *entry = slip_run_engine_entry (engine, SLIP_RUN_FINISHED_KIND, step);
  JsonObject *data = slip_run_entry_data (entry);

  json_object_set_string_member (entry, "outcome", outcome);
  if (failure != NULL)
    {
      slip_run_entry_set_error (entry, failure);
      slip_run_entry_set_text (data, "message",
                               slip_json_string (slip_json_object (data, "error"), "message"));
      json_object_set_array_member (data, "leftovers", slip_run_fold_list_leftovers (engine->fold));
    }
  else
    json_object_set_object_member (data, "outputs", run_outputs (engine));
  if (!slip_run_engine_append (engine, entry, error))
    return FALSE;
  slip_run_local_sweep (engine->ledger, engine->fold->id,
                        engine->fold->state == SLIP_RUN_CANCELLED ? NULL : engine->fold);
  return TRUE;
}

static gboolean
finish_well (SlipRunEngine *engine, GError **error)
{
  SlipFoldStep *step = critical_failure (engine->fold);
  g_autoptr (GError) failure = NULL;

  if (step == NULL)
    {
      g_autofree char *outcome = slip_run_fold_dup_outcome (engine->fold);

      slip_job_set_outcome (engine->job, outcome);
      return finish (engine, "done", NULL, error);
    }
  failure = g_error_new (SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
                         "the run came to its end, but step %s failed: %s", step->id,
                         step->detail != NULL ? step->detail : "no reason given");
  if (finish (engine, "failed", failure, error))
    g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/* A document may name a step that cleans up after a cancellation; it is done once. */
static SlipFoldStep *
cancel_step (SlipRunEngine *engine)
{
  SlipFoldStep *step = slip_run_fold_find (engine->fold, engine->fold->cursor);
  const char *on_cancel = step != NULL ? slip_plan_step_get_on_cancel (step->plan_step) : NULL;
  SlipFoldStep *cleanup;

  if (on_cancel == NULL || !g_str_has_prefix (on_cancel, "step:"))
    return NULL;
  cleanup = slip_run_fold_find (engine->fold, on_cancel + strlen ("step:"));
  return cleanup != NULL && cleanup->state == SLIP_RUN_STEP_PLANNED ? cleanup : NULL;
}

static gboolean
work (SlipRunEngine *engine, GError **error)
{
  if (!slip_run_engine_confirm_all (engine, error))
    return FALSE;
  set_unlocked (engine, TRUE);
  while (engine->fold->cursor != NULL)
    {
      SlipFoldStep *step;

      if (!slip_run_engine_check (engine, error))
        return FALSE;
      step = slip_run_fold_ensure_step (engine->fold, engine->fold->cursor);
      if (step == NULL)
        {
          g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_DAMAGED, "the plan has no step %s",
                       engine->fold->cursor);
          return FALSE;
        }
      if (!slip_run_engine_step (engine, step, error))
        return FALSE;
      slip_run_local_sweep (engine->ledger, engine->fold->id, engine->fold);
    }
  return TRUE;
}

static gboolean
end_badly (SlipRunEngine *engine, GError *failure, GError **error)
{
  g_autoptr (GError) local = NULL;
  gboolean cancelled = g_error_matches (failure, SLIP_RUN_ERROR, SLIP_RUN_ERROR_CANCELLED);

  if (cancelled)
    {
      SlipFoldStep *cleanup = cancel_step (engine);

      /* A clean-up that fails is in the ledger; the run ends as cancelled all the same. */
      engine->fold->cancel_requested = FALSE;
      g_cancellable_reset (engine->cancellable);
      if (cleanup != NULL && !slip_run_engine_step (engine, cleanup, &local))
        g_message ("clean-up step %s: %s", cleanup->id, local->message);
      g_clear_error (&local);
    }
  if (cancelled || !slip_run_error_is_stop (failure))
    if (!finish (engine, cancelled ? "cancelled" : "failed", failure, &local))
      {
        g_error_free (failure);
        g_propagate_error (error, g_steal_pointer (&local));
        return FALSE;
      }
  g_propagate_error (error, failure);
  return FALSE;
}

gboolean
slip_run_engine_run (SlipRunEngine *engine, GError **error)
{
  GError *failure = NULL;
  gboolean ok;

  if (!prepare (engine, error))
    return FALSE;
  ok = work (engine, &failure);
  set_unlocked (engine, FALSE);
  return ok ? finish_well (engine, error) : end_badly (engine, failure, error);
}
