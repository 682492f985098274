/* SPDX-License-Identifier: MIT */
/* Starts a run's engine on a worker thread and keeps its job. What people tell a run goes through
 * slip-runner-control.c. */

#include "slip-runner-private.h"

#include "slip-caller-workspace.h"
#include "slip-pool.h"
#include "slip-run-engine.h"
#include "slip-run-lock.h"

struct _SlipRunner
{
  GObject parent_instance;
  SlipWorkspace *workspace; /* owned; NULL in tests */
  SlipLedger *ledger;       /* owned */
  char *run_id;
  SlipRunCaller *caller; /* counted; NULL until needed */
  SlipCaller *reader;    /* counted */
  GMutex mutex;
  GCond wake;
  SlipJob *job;      /* owned, under mutex */
  SlipRunFold *fold; /* owned, under mutex; NULL while somebody has it */
  gint hold;         /* atomic */
};

G_DEFINE_FINAL_TYPE (SlipRunner, slip_runner, G_TYPE_OBJECT)

static void
slip_runner_finalize (GObject *object)
{
  SlipRunner *self = SLIP_RUNNER (object);

  g_clear_object (&self->workspace);
  g_clear_object (&self->ledger);
  g_clear_object (&self->job);
  g_clear_pointer (&self->fold, slip_run_fold_free);
  g_free (self->run_id);
  g_clear_pointer (&self->caller, slip_run_caller_unref);
  g_clear_pointer (&self->reader, slip_caller_unref);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->wake);
  G_OBJECT_CLASS (slip_runner_parent_class)->finalize (object);
}

static void
slip_runner_class_init (SlipRunnerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = slip_runner_finalize;
}

static void
slip_runner_init (SlipRunner *self)
{
  g_mutex_init (&self->mutex);
  g_cond_init (&self->wake);
}

SlipRunner *
slip_runner_new (SlipWorkspace *workspace, SlipLedger *ledger, const char *run_id)
{
  SlipRunner *self;

  g_return_val_if_fail (SLIP_IS_WORKSPACE (workspace), NULL);
  g_return_val_if_fail (SLIP_IS_LEDGER (ledger) && run_id != NULL, NULL);

  self = g_object_new (SLIP_TYPE_RUNNER, NULL);
  self->workspace = g_object_ref (workspace);
  self->ledger = g_object_ref (ledger);
  self->run_id = g_strdup (run_id);
  self->reader = slip_caller_new_for_workspace (workspace);
  return self;
}

SlipRunner *
slip_runner_new_with_callers (SlipLedger *ledger,
                              const char *run_id,
                              SlipRunCaller *caller,
                              SlipCaller *reader)
{
  SlipRunner *self;

  g_return_val_if_fail (SLIP_IS_LEDGER (ledger) && run_id != NULL && caller != NULL, NULL);

  self = g_object_new (SLIP_TYPE_RUNNER, NULL);
  self->ledger = g_object_ref (ledger);
  self->run_id = g_strdup (run_id);
  self->caller = slip_run_caller_ref (caller);
  self->reader = reader != NULL ? slip_caller_ref (reader) : NULL;
  return self;
}

const char *
slip_runner_get_run_id (SlipRunner *self)
{
  g_return_val_if_fail (SLIP_IS_RUNNER (self), NULL);
  return self->run_id;
}

SlipLedger *
slip_runner_get_ledger (SlipRunner *self)
{
  return self->ledger;
}

/* A caller for one go of the engine: its clients are fresh, and nobody else unlocks them. */
static SlipRunCaller *
new_caller (SlipRunner *self)
{
  return self->caller != NULL ? slip_run_caller_ref (self->caller)
                              : slip_run_caller_new_for_workspace (self->workspace, self->run_id);
}

SlipRunCaller *
slip_runner_ref_caller (SlipRunner *self)
{
  return new_caller (self);
}

SlipRunFold *
slip_runner_take_fold (SlipRunner *self, GError **error)
{
  g_autoptr (SlipRunFold) fold = NULL;

  g_mutex_lock (&self->mutex);
  fold = g_steal_pointer (&self->fold);
  g_mutex_unlock (&self->mutex);
  if (fold == NULL)
    fold = slip_run_fold_new (self->run_id);
  return slip_run_fold_sync (fold, self->ledger, error) ? g_steal_pointer (&fold) : NULL;
}

void
slip_runner_return_fold (SlipRunner *self, SlipRunFold *fold)
{
  g_autoptr (SlipRunFold) other = NULL;

  g_mutex_lock (&self->mutex);
  other = g_steal_pointer (&self->fold);
  self->fold = fold;
  g_mutex_unlock (&self->mutex);
}

void
slip_runner_wake (SlipRunner *self)
{
  g_mutex_lock (&self->mutex);
  g_cond_broadcast (&self->wake);
  g_mutex_unlock (&self->mutex);
}

void
slip_runner_set_hold (SlipRunner *self, gboolean hold)
{
  g_return_if_fail (SLIP_IS_RUNNER (self));
  g_atomic_int_set (&self->hold, hold);
}

/* ---- the worker */

static void
free_node (gpointer node)
{
  json_node_unref (node);
}

static void
engine_clear (SlipRunEngine *engine)
{
  g_clear_pointer (&engine->fold, slip_run_fold_free);
  g_clear_pointer (&engine->caller, slip_run_caller_unref);
  g_clear_pointer (&engine->clock, slip_clock_unref);
  g_clear_object (&engine->cancellable);
  g_clear_pointer (&engine->sessions, g_hash_table_unref);
  g_clear_pointer (&engine->principals, g_hash_table_unref);
  g_clear_pointer (&engine->secrets, g_hash_table_unref);
  g_clear_pointer (&engine->locks, g_ptr_array_unref);
}

static void
engine_init (SlipRunEngine *engine, SlipRunner *self, SlipJob *job)
{
  engine->ledger = self->ledger;
  engine->fold = slip_run_fold_new (self->run_id);
  engine->caller = new_caller (self);
  engine->reader = self->reader;
  engine->job = job;
  engine->cancellable = slip_job_ref_cancellable (job);
  engine->hold = g_atomic_int_get (&self->hold);
  engine->mutex = &self->mutex;
  engine->wake = &self->wake;
  engine->sessions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  engine->principals = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  engine->secrets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_node);
  engine->locks = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_run_lock_free);
}

static gboolean
run_engine (SlipRunner *self, SlipRunEngine *engine, GError **error)
{
  const char *environment;

  if (!slip_run_fold_sync (engine->fold, engine->ledger, error))
    return FALSE;
  environment = engine->fold->plan != NULL ? slip_plan_get_environment (engine->fold->plan) : NULL;
  engine->clock = environment != NULL ? slip_run_caller_clock (engine->caller, environment)
                                      : slip_clock_ref (slip_clock_get_system ());
  return slip_run_engine_run (engine, error);
}

static gboolean
run_job (SlipJob *job, gpointer data, GError **error)
{
  SlipRunner *self = data;
  g_autofree char *folder = slip_run_lock_folder (self->ledger);
  g_autofree char *holder = g_strdup_printf ("process %d of %s", getpid (), g_get_user_name ());
  g_autofree char *name = g_strdup (self->run_id);
  g_autoptr (SlipRunLock) lock = slip_run_lock_take (folder, name, holder, error);
  SlipRunEngine engine = {0};
  gboolean ok;

  if (lock == NULL)
    {
      g_prefix_error (error, "another process executes this run: ");
      return FALSE;
    }
  engine_init (&engine, self, job);
  ok = run_engine (self, &engine, error);
  engine_clear (&engine);
  return ok;
}

SlipJob *
slip_runner_start (SlipRunner *self)
{
  SlipJob *job;
  g_autofree char *title = NULL;

  g_return_val_if_fail (SLIP_IS_RUNNER (self), NULL);

  g_mutex_lock (&self->mutex);
  if (self->job != NULL && !slip_job_is_finished (self->job))
    {
      job = g_object_ref (self->job);
      g_mutex_unlock (&self->mutex);
      return job;
    }
  title = g_strdup_printf ("Run %s", self->run_id);
  job = slip_job_new (title);
  g_set_object (&self->job, job);
  slip_pool_run (slip_pool_get_io (), job, run_job, g_object_ref (self), g_object_unref);
  g_mutex_unlock (&self->mutex);
  return job;
}

SlipJob *
slip_runner_ref_job (SlipRunner *self)
{
  SlipJob *job;

  g_return_val_if_fail (SLIP_IS_RUNNER (self), NULL);

  g_mutex_lock (&self->mutex);
  job = self->job != NULL ? g_object_ref (self->job) : NULL;
  g_mutex_unlock (&self->mutex);
  return job;
}
