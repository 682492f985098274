/* SPDX-License-Identifier: MIT */
/* Making a run and listing all runs of a ledger. The list folds every run once; a ledger holds
 * hundreds of runs of a few hundred entries, not more. */

#include "slip-run-fold.h"

#include "slip-clock.h"
#include "slip-crash.h"
#include "slip-json.h"
#include "slip-run-lock.h"

/* Sorts by time and is unique without asking anybody. */
static char *
make_run_id (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *time = g_date_time_format (now, "%Y%m%dT%H%M%SZ");
  g_autofree char *uuid = g_uuid_string_random ();

  return g_strdup_printf ("%s-%.8s", time, uuid);
}

/* What an edited log says of this run would prove nothing either. */
static gboolean
check_ledger (SlipLedger *ledger, GError **error)
{
  g_autofree char *path = slip_ledger_dup_path (ledger);
  g_autoptr (GError) local = NULL;

  if (slip_ledger_check (ledger, NULL, NULL, &local))
    return TRUE;
  g_set_error (
      error, local->domain, local->code,
      "%s. No run is added to it: move it away from %s, or name another folder with --state",
      local->message, path);
  return FALSE;
}

char *
slip_run_create (SlipLedger *ledger, SlipPlan *plan, GError **error)
{
  g_autofree char *id = make_run_id ();
  g_autoptr (JsonObject) entry = slip_run_entry_new (SLIP_RUN_PLANNED_KIND, id, NULL, NULL);
  JsonObject *data = slip_run_entry_data (entry);
  JsonObject *environment;

  g_return_val_if_fail (SLIP_IS_LEDGER (ledger) && SLIP_IS_PLAN (plan), NULL);

  if (!check_ledger (ledger, error))
    return NULL;
  environment
      = slip_json_object (slip_plan_get_environments (plan), slip_plan_get_environment (plan));
  slip_run_entry_set_text (entry, "environment", slip_plan_get_environment (plan));
  if (environment != NULL)
    slip_run_entry_set_text (entry, "account", slip_json_string (environment, "account"));
  json_object_set_string_member (data, "plan_sha256", slip_plan_get_hash (plan));
  slip_run_entry_set_text (data, "runbook", slip_plan_get_runbook (plan));
  slip_run_entry_set_text (data, "title", slip_plan_get_title (plan));
  json_object_set_member (data, "plan", slip_json_copy (slip_plan_to_json (plan)));
  slip_crash_point ("before " SLIP_RUN_PLANNED_KIND);
  if (!slip_ledger_append (ledger, entry, NULL, error))
    return NULL;
  slip_crash_point ("after " SLIP_RUN_PLANNED_KIND);
  return g_steal_pointer (&id);
}

void
slip_run_summary_free (SlipRunSummary *summary)
{
  g_free (summary->id);
  g_free (summary->title);
  g_free (summary->runbook);
  g_free (summary->environment);
  g_free (summary->account);
  g_free (summary->plan_hash);
  g_free (summary->actor);
  g_free (summary->message);
  g_free (summary);
}

static void
count_steps (SlipRunFold *fold, SlipRunSummary *summary)
{
  summary->steps = fold->steps->len;
  for (guint i = 0; i < fold->steps->len; i++)
    {
      SlipFoldStep *step = g_ptr_array_index (fold->steps, i);

      if (step->state == SLIP_RUN_STEP_DONE || step->state == SLIP_RUN_STEP_SKIPPED)
        summary->steps_done++;
    }
}

static SlipRunSummary *
summarise (SlipRunFold *fold, const char *lock_folder)
{
  SlipRunSummary *summary = g_new0 (SlipRunSummary, 1);
  const char *name = slip_plan_get_environment (fold->plan);
  JsonObject *environment = slip_json_object (slip_plan_get_environments (fold->plan), name);

  summary->id = g_strdup (fold->id);
  summary->title = g_strdup (slip_plan_get_title (fold->plan));
  summary->runbook = g_strdup (slip_plan_get_runbook (fold->plan));
  summary->environment = g_strdup (name);
  summary->account
      = g_strdup (environment != NULL ? slip_json_string (environment, "account") : NULL);
  summary->plan_hash = g_strdup (fold->plan_hash);
  summary->actor = g_strdup (fold->actor);
  summary->state = fold->state;
  if (fold->state == SLIP_RUN_RUNNING && !slip_run_lock_is_held (lock_folder, fold->id))
    summary->state = SLIP_RUN_INTERRUPTED;
  summary->message = g_strdup (fold->message);
  summary->planned = fold->planned;
  summary->changed = fold->changed;
  count_steps (fold, summary);
  return summary;
}

/* A run whose entries do not fit together is listed with what is wrong, never left out. */
static SlipRunSummary *
summarise_damaged (const char *id, const char *message)
{
  SlipRunSummary *summary = g_new0 (SlipRunSummary, 1);

  summary->id = g_strdup (id);
  summary->title = g_strdup (id);
  summary->state = SLIP_RUN_FAILED;
  summary->message = g_strdup (message);
  return summary;
}

typedef struct
{
  GPtrArray *ids; /* element-type utf8 */
  guint limit;
} Ids;

static gboolean
collect_id (const SlipLedgerEntry *entry, gpointer data)
{
  Ids *collected = data;
  const char *id = slip_json_string (entry->object, "run");

  if (id != NULL)
    g_ptr_array_add (collected->ids, g_strdup (id));
  return collected->limit == 0 || collected->ids->len < collected->limit;
}

GPtrArray *
slip_run_list_ids (SlipLedger *ledger, guint limit, GError **error)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  SlipLedgerFilter filter = {.kind = SLIP_RUN_PLANNED_KIND, .newest_first = TRUE};
  Ids collected = {ids, limit};

  g_return_val_if_fail (SLIP_IS_LEDGER (ledger), NULL);

  return slip_ledger_foreach (ledger, &filter, collect_id, &collected, error)
             ? g_steal_pointer (&ids)
             : NULL;
}

GPtrArray *
slip_run_list (SlipLedger *ledger, GError **error)
{
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (GPtrArray) runs
      = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_run_summary_free);
  g_autofree char *lock_folder = NULL;

  g_return_val_if_fail (SLIP_IS_LEDGER (ledger), NULL);

  ids = slip_run_list_ids (ledger, 0, error);
  if (ids == NULL)
    return NULL;
  lock_folder = slip_run_lock_folder (ledger);
  for (guint i = 0; i < ids->len; i++)
    {
      const char *id = g_ptr_array_index (ids, i);
      g_autoptr (SlipRunFold) fold = slip_run_fold_new (id);
      g_autoptr (GError) local = NULL;

      if (slip_run_fold_sync (fold, ledger, &local))
        g_ptr_array_add (runs, summarise (fold, lock_folder));
      else if (g_error_matches (local, SLIP_RUN_ERROR, SLIP_RUN_ERROR_DAMAGED))
        g_ptr_array_add (runs, summarise_damaged (id, local->message));
      else
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
    }
  return g_steal_pointer (&runs);
}
