/* SPDX-License-Identifier: MIT */

/* The state all pages share. Opening the workspace and the ledger blocks for the disk and therefore
 * happens in a job; until it has ended the window shows that it is loading. */

#include "config.h"

#include "slip-workbench.h"

#include <glib/gi18n.h>

#include "slip-file-dialog.h"
#include "slip-freshness.h"
#include "slip-job-row.h"
#include "slip-task.h"

struct _SlipWorkbench
{
  GObject parent_instance;

  char *workspace_path;
  char *state_dir;
  SlipWorkbenchState state;
  GError *error;            /* owned; why it failed */
  SlipWorkspace *workspace; /* owned */
  SlipLedger *ledger;       /* owned */
  guint ledger_watch;
  GListModel *runbooks;     /* owned; element-type SlipRunbook */
  GPtrArray *problems;      /* owned; element-type utf8 */
  SlipRunList *runs;        /* owned */
  SlipFreshness *freshness; /* owned */
  GListStore *jobs;         /* owned; element-type SlipJob */
  GHashTable *runners;      /* owned; run id → SlipRunner */
  GHashTable *estates;      /* owned; "kind-environment" → SlipEstateList */
};

G_DEFINE_FINAL_TYPE (SlipWorkbench, slip_workbench, G_TYPE_OBJECT)

enum
{
  STATE_CHANGED,
  TOAST,
  RUNS_CHANGED,
  RUN_ENDED,
  ESTATE_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

typedef struct
{
  char *workspace_path;
  char *ledger_path;
  char *state_dir;
  SlipWorkspace *workspace;
  SlipLedger *ledger;
  GListModel *runbooks;
  GPtrArray *problems;
} Opening;

static void
opening_free (gpointer data)
{
  Opening *opening = data;

  g_free (opening->workspace_path);
  g_free (opening->ledger_path);
  g_free (opening->state_dir);
  g_clear_object (&opening->workspace);
  g_clear_object (&opening->ledger);
  g_clear_object (&opening->runbooks);
  g_clear_pointer (&opening->problems, g_ptr_array_unref);
  g_free (opening);
}

static gboolean
open_both (SlipJob *job, gpointer data, GError **error)
{
  Opening *opening = data;

  opening->workspace = slip_workspace_load (opening->workspace_path, error);
  if (opening->workspace == NULL)
    return FALSE;
  if (g_mkdir_with_parents (opening->state_dir, 0700) != 0)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno),
                   "folder %s cannot be made: %s", opening->state_dir, g_strerror (errno));
      return FALSE;
    }
  opening->runbooks = slip_runbook_list (&opening->problems);
  opening->ledger = slip_ledger_open (opening->ledger_path, error);
  return opening->ledger != NULL;
}

static void
set_state (SlipWorkbench *self, SlipWorkbenchState state)
{
  self->state = state;
  g_signal_emit (self, signals[STATE_CHANGED], 0);
}

static void
appended_cb (SlipLedger *ledger, gint64 seq, gpointer data)
{
  SlipWorkbench *self = data;

  slip_run_list_load_soon (self->runs);
  slip_freshness_look_soon (self->freshness, seq);
  g_signal_emit (self, signals[RUNS_CHANGED], 0);
}

static gboolean
is_cancelled (SlipWorkbench *self, const char *run_id)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->runs)); i++)
    {
      g_autoptr (SlipRunRow) row = g_list_model_get_item (G_LIST_MODEL (self->runs), i);
      const SlipRunSummary *summary = slip_run_row_get_summary (row);

      if (g_str_equal (summary->id, run_id))
        return summary->state == SLIP_RUN_CANCELLED;
    }
  return FALSE;
}

/* A failed run that was cancelled since then, here or from the command line, needs nobody any more. */
static void
runs_loaded_cb (SlipWorkbench *self)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->jobs)); i++)
    {
      g_autoptr (SlipJob) job = g_list_model_get_item (G_LIST_MODEL (self->jobs), i);
      const char *run_id = g_object_get_data (G_OBJECT (job), "run-id");

      if (run_id != NULL && slip_job_get_state (job) == SLIP_JOB_FAILED
          && is_cancelled (self, run_id))
        slip_job_row_set_given_up (job);
    }
}

static void
estate_changed_cb (SlipWorkbench *self, const char *environment)
{
  g_signal_emit (self, signals[ESTATE_CHANGED], 0, environment);
}

static void
unwatch (SlipWorkbench *self)
{
  if (self->ledger_watch != 0)
    slip_ledger_unwatch (self->ledger, self->ledger_watch);
  self->ledger_watch = 0;
}

static void
opened_cb (gpointer owner, gpointer data, const GError *error)
{
  SlipWorkbench *self = owner;
  Opening *opening = data;

  g_clear_error (&self->error);
  if (error != NULL)
    {
      self->error = g_error_copy (error);
      set_state (self, SLIP_WORKBENCH_FAILED);
      return;
    }
  unwatch (self);
  g_set_object (&self->workspace, opening->workspace);
  g_set_object (&self->ledger, opening->ledger);
  slip_file_dialog_keep (self->ledger);
  g_set_object (&self->runbooks, opening->runbooks);
  g_clear_object (&self->runs);
  self->runs = slip_run_list_new (self->ledger);
  g_signal_connect_object (self->runs, "loaded", G_CALLBACK (runs_loaded_cb), self,
                           G_CONNECT_SWAPPED);
  g_clear_object (&self->freshness);
  self->freshness = slip_freshness_new (self->ledger);
  g_signal_connect_object (self->freshness, "changed", G_CALLBACK (estate_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_clear_pointer (&self->problems, g_ptr_array_unref);
  self->problems = g_steal_pointer (&opening->problems);
  self->ledger_watch = slip_ledger_watch (self->ledger, appended_cb, self);
  g_hash_table_remove_all (self->runners);
  g_hash_table_remove_all (self->estates);
  set_state (self, SLIP_WORKBENCH_READY);
}

static void
slip_workbench_dispose (GObject *object)
{
  SlipWorkbench *self = SLIP_WORKBENCH (object);

  unwatch (self);
  g_clear_pointer (&self->runners, g_hash_table_unref);
  g_clear_pointer (&self->estates, g_hash_table_unref);
  g_clear_object (&self->jobs);
  g_clear_object (&self->runs);
  g_clear_object (&self->freshness);
  g_clear_object (&self->runbooks);
  g_clear_pointer (&self->problems, g_ptr_array_unref);
  g_clear_object (&self->workspace);
  g_clear_object (&self->ledger);
  G_OBJECT_CLASS (slip_workbench_parent_class)->dispose (object);
}

static void
slip_workbench_finalize (GObject *object)
{
  SlipWorkbench *self = SLIP_WORKBENCH (object);

  g_free (self->workspace_path);
  g_free (self->state_dir);
  g_clear_error (&self->error);
  G_OBJECT_CLASS (slip_workbench_parent_class)->finalize (object);
}

static void
slip_workbench_class_init (SlipWorkbenchClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);

  object_class->dispose = slip_workbench_dispose;
  object_class->finalize = slip_workbench_finalize;

  signals[STATE_CHANGED] = g_signal_new ("state-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                         NULL, G_TYPE_NONE, 0);
  signals[TOAST] = g_signal_new ("toast", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                 1, G_TYPE_STRING);
  signals[RUNS_CHANGED]
      = g_signal_new ("runs-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[RUN_ENDED] = g_signal_new ("run-ended", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                     G_TYPE_NONE, 2, G_TYPE_STRING, SLIP_TYPE_JOB);
  signals[ESTATE_CHANGED] = g_signal_new ("estate-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                          NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
slip_workbench_init (SlipWorkbench *self)
{
  self->jobs = g_list_store_new (SLIP_TYPE_JOB);
  self->runners = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  self->estates = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
}

SlipWorkbench *
slip_workbench_new (const char *workspace_path, const char *state_dir)
{
  SlipWorkbench *self = g_object_new (SLIP_TYPE_WORKBENCH, NULL);

  self->workspace_path = g_strdup (workspace_path);
  self->state_dir = g_strdup (state_dir);
  slip_workbench_reload (self);
  return self;
}

void
slip_workbench_reload (SlipWorkbench *self)
{
  Opening *opening = g_new0 (Opening, 1);
  g_autoptr (SlipJob) job = NULL;

  g_return_if_fail (SLIP_IS_WORKBENCH (self));

  opening->workspace_path = g_strdup (self->workspace_path);
  opening->state_dir = g_strdup (self->state_dir);
  opening->ledger_path = g_build_filename (self->state_dir, "ledger.db", NULL);
  set_state (self, SLIP_WORKBENCH_LOADING);
  job = slip_task_run (self, slip_pool_get_io (), _ ("Opening workspace"), open_both, opened_cb,
                       opening, opening_free);
}

SlipWorkbenchState
slip_workbench_get_state (SlipWorkbench *self)
{
  g_return_val_if_fail (SLIP_IS_WORKBENCH (self), SLIP_WORKBENCH_FAILED);
  return self->state;
}

const GError *
slip_workbench_get_error (SlipWorkbench *self)
{
  g_return_val_if_fail (SLIP_IS_WORKBENCH (self), NULL);
  return self->error;
}

const char *
slip_workbench_get_workspace_path (SlipWorkbench *self)
{
  g_return_val_if_fail (SLIP_IS_WORKBENCH (self), NULL);
  return self->workspace_path;
}

const char *
slip_workbench_get_state_dir (SlipWorkbench *self)
{
  g_return_val_if_fail (SLIP_IS_WORKBENCH (self), NULL);
  return self->state_dir;
}

SlipWorkspace *
slip_workbench_get_workspace (SlipWorkbench *self)
{
  g_return_val_if_fail (SLIP_IS_WORKBENCH (self), NULL);
  return self->workspace;
}

SlipLedger *
slip_workbench_get_ledger (SlipWorkbench *self)
{
  g_return_val_if_fail (SLIP_IS_WORKBENCH (self), NULL);
  return self->ledger;
}

GListModel *
slip_workbench_get_runbooks (SlipWorkbench *self)
{
  g_return_val_if_fail (SLIP_IS_WORKBENCH (self), NULL);
  return self->runbooks;
}

GPtrArray *
slip_workbench_get_runbook_problems (SlipWorkbench *self)
{
  g_return_val_if_fail (SLIP_IS_WORKBENCH (self), NULL);
  return self->problems;
}

SlipRunbook *
slip_workbench_find_runbook (SlipWorkbench *self, const char *name)
{
  g_return_val_if_fail (SLIP_IS_WORKBENCH (self), NULL);

  for (guint i = 0; self->runbooks != NULL; i++)
    {
      g_autoptr (SlipRunbook) runbook = g_list_model_get_item (self->runbooks, i);

      if (runbook == NULL)
        break;
      if (g_strcmp0 (slip_runbook_get_name (runbook), name) == 0)
        return runbook; /* The list keeps it. */
    }
  return NULL;
}

SlipEnvironment *
slip_workbench_find_environment (SlipWorkbench *self, const char *name)
{
  g_return_val_if_fail (SLIP_IS_WORKBENCH (self), NULL);
  if (self->workspace == NULL || name == NULL)
    return NULL;
  return slip_workspace_find (self->workspace, name);
}

static char *
dup_estate_key (SlipEnvironment *environment, SlipEstateKind kind)
{
  return g_strdup_printf ("%s-%s", slip_estate_kind_get_name (kind),
                          slip_environment_get_name (environment));
}

SlipEstateList *
slip_workbench_get_estate (SlipWorkbench *self, SlipEnvironment *environment, SlipEstateKind kind)
{
  g_autofree char *key = NULL;
  SlipEstateList *list;

  g_return_val_if_fail (SLIP_IS_WORKBENCH (self), NULL);
  g_return_val_if_fail (SLIP_IS_ENVIRONMENT (environment), NULL);

  key = dup_estate_key (environment, kind);
  list = g_hash_table_lookup (self->estates, key);
  if (list == NULL)
    {
      g_autofree char *folder = g_build_filename (self->state_dir, "cache", NULL);

      list = slip_estate_list_new (environment, kind);
      g_hash_table_insert (self->estates, g_steal_pointer (&key), list);
      slip_estate_list_set_cache_folder (list, folder);
      slip_workbench_refresh_estate (self, list);
    }
  else
    slip_workbench_freshen_estate (self, list);
  return list;
}

void
slip_workbench_refresh_estate (SlipWorkbench *self, SlipEstateList *list)
{
  g_autoptr (SlipJob) job = NULL;

  g_return_if_fail (SLIP_IS_WORKBENCH (self));
  g_return_if_fail (SLIP_IS_ESTATE_LIST (list));

  job = slip_estate_list_refresh (list);
  slip_workbench_add_job (self, job);
}

/* Whether the newest job is an earlier one of the same kind, and failed. */
static gboolean
has_failed_before (SlipWorkbench *self, SlipJob *job)
{
  g_autoptr (SlipJob) last = g_list_model_get_item (G_LIST_MODEL (self->jobs), 0);
  g_autofree char *title = slip_job_dup_title (job);
  g_autofree char *last_title = last != NULL ? slip_job_dup_title (last) : NULL;

  return last != NULL && slip_job_get_state (last) == SLIP_JOB_FAILED
         && g_strcmp0 (title, last_title) == 0;
}

void
slip_workbench_freshen_estate (SlipWorkbench *self, SlipEstateList *list)
{
  SlipEnvironment *environment;
  g_autoptr (SlipJob) job = NULL;

  g_return_if_fail (SLIP_IS_WORKBENCH (self));
  g_return_if_fail (SLIP_IS_ESTATE_LIST (list));

  environment = slip_estate_list_get_environment (list);
  /* One that goes on may have asked before the change; it is judged again when it has ended. */
  if (slip_estate_list_get_state (list) == SLIP_ESTATE_LOADING
      || slip_estate_list_get_asked_at (list) >= slip_freshness_get_changed (
             self->freshness, slip_environment_get_name (environment)))
    return;
  /* Nobody asked for it, so that the activity panel goes on to show what somebody did ask for; but an
   * error of the same listing must not outlast it. */
  job = slip_estate_list_refresh (list);
  if (has_failed_before (self, job))
    slip_workbench_add_job (self, job);
}

GPtrArray *
slip_workbench_get_estates (SlipWorkbench *self)
{
  GPtrArray *lists = g_ptr_array_new_with_free_func (g_object_unref);
  GHashTableIter iter;
  gpointer list;

  g_return_val_if_fail (SLIP_IS_WORKBENCH (self), lists);

  g_hash_table_iter_init (&iter, self->estates);
  while (g_hash_table_iter_next (&iter, NULL, &list))
    g_ptr_array_add (lists, g_object_ref (list));
  return lists;
}

SlipRunList *
slip_workbench_get_runs (SlipWorkbench *self)
{
  g_return_val_if_fail (SLIP_IS_WORKBENCH (self), NULL);
  return self->runs;
}

GListModel *
slip_workbench_get_jobs (SlipWorkbench *self)
{
  g_return_val_if_fail (SLIP_IS_WORKBENCH (self), NULL);
  return G_LIST_MODEL (self->jobs);
}

void
slip_workbench_add_job (SlipWorkbench *self, SlipJob *job)
{
  g_return_if_fail (SLIP_IS_WORKBENCH (self));
  g_return_if_fail (SLIP_IS_JOB (job));

  if (!g_list_store_find (self->jobs, job, NULL))
    g_list_store_insert (self->jobs, 0, job);
}

void
slip_workbench_clear_jobs (SlipWorkbench *self)
{
  g_return_if_fail (SLIP_IS_WORKBENCH (self));

  for (guint i = g_list_model_get_n_items (G_LIST_MODEL (self->jobs)); i > 0; i--)
    {
      g_autoptr (SlipJob) job = g_list_model_get_item (G_LIST_MODEL (self->jobs), i - 1);

      if (slip_job_is_finished (job))
        g_list_store_remove (self->jobs, i - 1);
    }
}

SlipRunner *
slip_workbench_ref_runner (SlipWorkbench *self, const char *run_id)
{
  SlipRunner *runner;

  g_return_val_if_fail (SLIP_IS_WORKBENCH (self), NULL);
  g_return_val_if_fail (self->workspace != NULL && run_id != NULL, NULL);

  runner = g_hash_table_lookup (self->runners, run_id);
  if (runner == NULL)
    {
      runner = slip_runner_new (self->workspace, self->ledger, run_id);
      slip_runner_set_hold (runner, TRUE);
      g_hash_table_insert (self->runners, g_strdup (run_id), runner);
    }
  return g_object_ref (runner);
}

typedef struct
{
  GWeakRef workbench;
  char *run_id;
} Ending;

static void
run_finished_cb (SlipJob *job, Ending *ending)
{
  g_autoptr (SlipWorkbench) self = g_weak_ref_get (&ending->workbench);

  if (self != NULL)
    g_signal_emit (self, signals[RUN_ENDED], 0, ending->run_id, job);
}

static void
ending_free (gpointer data, GClosure *closure)
{
  Ending *ending = data;

  g_weak_ref_clear (&ending->workbench);
  g_free (ending->run_id);
  g_free (ending);
}

void
slip_workbench_start_run (SlipWorkbench *self, const char *run_id, const char *title)
{
  g_autoptr (SlipRunner) runner = NULL;
  g_autoptr (SlipJob) job = NULL;
  Ending *ending;

  g_return_if_fail (SLIP_IS_WORKBENCH (self));
  g_return_if_fail (self->workspace != NULL && run_id != NULL);

  runner = slip_workbench_ref_runner (self, run_id);
  job = slip_runner_start (runner);
  if (title != NULL)
    g_object_set_data_full (G_OBJECT (job), "title", g_strdup (title), g_free);
  if (g_list_store_find (self->jobs, job, NULL))
    return;

  g_object_set_data_full (G_OBJECT (job), "run-id", g_strdup (run_id), g_free);
  ending = g_new0 (Ending, 1);
  g_weak_ref_init (&ending->workbench, self);
  ending->run_id = g_strdup (run_id);
  g_signal_connect_data (job, "finished", G_CALLBACK (run_finished_cb), ending, ending_free, 0);
  slip_workbench_add_job (self, job);
}

void
slip_workbench_toast (SlipWorkbench *self, const char *text)
{
  g_return_if_fail (SLIP_IS_WORKBENCH (self));
  g_return_if_fail (text != NULL);
  g_signal_emit (self, signals[TOAST], 0, text);
}
