/* SPDX-License-Identifier: MIT */

/* Slow work of the world (databases) on worker threads. A row in the schedule's table stands for
 * each work until its outcome is taken in, so that a killed server begins it again. Works of one
 * resource run in the order they were asked for. */

#include "slip-world-private.h"

#include "slip-handoff.h"

#define MAX_THREADS 4

typedef struct
{
  SlipWorkFunc run;
  SlipWorkDoneFunc done;
} WorkHandler;

typedef enum
{
  WORK_WAITING,
  WORK_RUNNING,
  WORK_FINISHED,
} WorkState;

/* Owned by the schedule and, while it runs, by its thread. */
typedef struct
{
  gatomicrefcount references;
  SlipWorldSchedule *schedule; /* main thread only; NULL when the world is closed */
  SlipTransition *transition;
  WorkHandler *handler; /* owned by the schedule, which waits for the threads before it goes */
  WorkState state;      /* main thread only */
  char *folder;
  GCancellable *cancellable;
  JsonObject *result;
  GError *error;
} Work;

static void
work_unref (gpointer data)
{
  Work *work = data;

  if (!g_atomic_ref_count_dec (&work->references))
    return;
  slip_transition_free (work->transition);
  g_free (work->folder);
  g_object_unref (work->cancellable);
  g_clear_pointer (&work->result, json_object_unref);
  g_clear_error (&work->error);
  g_free (work);
}

static gboolean
on_finished (gpointer data)
{
  Work *work = data;

  SLIP_HANDOFF_TAKE (work);
  if (work->schedule == NULL)
    return G_SOURCE_REMOVE;
  work->state = WORK_FINISHED;
  slip_world_tick (work->schedule->world);
  return G_SOURCE_REMOVE;
}

static void
run_on_thread (gpointer data, gpointer pool_data)
{
  Work *work = data;

  SLIP_HANDOFF_TAKE (work);
  if (!g_cancellable_set_error_if_cancelled (work->cancellable, &work->error))
    work->result
        = work->handler->run (work->folder, work->transition, work->cancellable, &work->error);
  SLIP_HANDOFF_GIVE (work);
  slip_handoff_invoke (NULL, on_finished, work, work_unref);
}

void
slip_world_work_init (SlipWorldSchedule *schedule)
{
  schedule->work_handlers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  schedule->works = g_ptr_array_new_with_free_func (work_unref);
  schedule->threads = g_thread_pool_new (run_on_thread, NULL, MAX_THREADS, FALSE, NULL);
  schedule->cancellable = g_cancellable_new ();
}

void
slip_world_work_stop (SlipWorldSchedule *schedule)
{
  if (schedule->threads == NULL)
    return;
  g_cancellable_cancel (schedule->cancellable);
  g_thread_pool_free (g_steal_pointer (&schedule->threads), FALSE, TRUE);
  for (guint i = 0; i < schedule->works->len; i++)
    ((Work *)schedule->works->pdata[i])->schedule = NULL;
}

void
slip_world_work_clear (SlipWorldSchedule *schedule)
{
  g_ptr_array_unref (schedule->works);
  g_object_unref (schedule->cancellable);
  g_hash_table_unref (schedule->work_handlers);
}

void
slip_world_handle_work (SlipWorld *world, const char *kind, SlipWorkFunc run, SlipWorkDoneFunc done)
{
  WorkHandler *handler = g_new0 (WorkHandler, 1);

  handler->run = run;
  handler->done = done;
  g_hash_table_insert (world->schedule->work_handlers, g_strdup (kind), handler);
}

void
slip_world_start_work (SlipWorld *world,
                       double seconds,
                       const char *kind,
                       const char *account,
                       const char *region,
                       const char *type,
                       const char *id,
                       JsonObject *payload)
{
  if (!g_hash_table_contains (world->schedule->work_handlers, kind))
    g_warning ("work %s has no handler", kind);
  slip_world_schedule_insert (world, TRUE, seconds, kind, account, region, type, id, payload);
}

static gboolean
same_resource (const SlipTransition *a, const SlipTransition *b)
{
  return g_str_equal (a->type, b->type) && g_str_equal (a->account, b->account)
         && g_str_equal (a->region, b->region) && g_str_equal (a->id, b->id);
}

static gboolean
must_wait (SlipWorldSchedule *schedule, guint index)
{
  Work *work = schedule->works->pdata[index];

  for (guint i = 0; i < index; i++)
    if (same_resource (((Work *)schedule->works->pdata[i])->transition, work->transition))
      return TRUE;
  return FALSE;
}

/* Starts what can start. A work whose row is gone was dropped before it began. */
static void
pump (SlipWorldSchedule *schedule)
{
  for (guint i = 0; i < schedule->works->len; i++)
    {
      Work *work = schedule->works->pdata[i];

      if (work->state != WORK_WAITING || must_wait (schedule, i))
        continue;
      if (!slip_world_schedule_has (schedule->world, work->transition->sequence))
        {
          g_ptr_array_remove_index (schedule->works, i--);
          continue;
        }
      work->state = WORK_RUNNING;
      g_atomic_ref_count_inc (&work->references);
      SLIP_HANDOFF_GIVE (work);
      g_thread_pool_push (schedule->threads, work, NULL);
    }
}

static void
add_work (SlipWorldSchedule *schedule, SlipTransition *transition)
{
  WorkHandler *handler = g_hash_table_lookup (schedule->work_handlers, transition->kind);
  Work *work;

  schedule->last_work = transition->sequence;
  if (handler == NULL)
    {
      g_warning ("work %s of %s has no handler", transition->kind, transition->id);
      slip_transition_free (transition);
      return;
    }
  work = g_new0 (Work, 1);
  g_atomic_ref_count_init (&work->references);
  work->schedule = schedule;
  work->transition = transition;
  work->handler = handler;
  work->folder = g_strdup (schedule->world->folder);
  work->cancellable = g_object_ref (schedule->cancellable);
  g_ptr_array_add (schedule->works, work);
}

void
slip_world_work_start_new (SlipWorldSchedule *schedule)
{
  sqlite3_stmt *row
      = slip_world_store_query (schedule->world->store,
                                "SELECT seq, due, kind, account, region, type, id, payload FROM "
                                "schedule WHERE work = 1 AND seq > ? ORDER BY seq",
                                "i", schedule->last_work);

  while (slip_world_store_step (schedule->world->store, row))
    add_work (schedule, slip_transition_from_row (row));
  slip_world_store_done (row);
  pump (schedule);
}

gboolean
slip_world_work_is_running (SlipWorldSchedule *schedule, gint64 sequence)
{
  for (guint i = 0; i < schedule->works->len; i++)
    {
      Work *work = schedule->works->pdata[i];

      if (work->transition->sequence == sequence)
        return work->state != WORK_WAITING;
    }
  return FALSE;
}

/* Nobody waits for this work's time any more: its outcome is taken in as soon as it has ended. */
void
slip_world_work_hurry (SlipWorldSchedule *schedule, gint64 sequence)
{
  for (guint i = 0; i < schedule->works->len; i++)
    {
      Work *work = schedule->works->pdata[i];

      if (work->transition->sequence == sequence)
        work->transition->due_us = slip_world_now (schedule->world);
    }
}

/* Takes one outcome in. Returns FALSE when a fault holds it back. */
static gboolean
finish (SlipWorldSchedule *schedule, Work *work)
{
  SlipWorld *world = schedule->world;
  g_autofree char *reason = NULL;
  g_autoptr (GError) error = NULL;
  SlipWorldVerdict verdict = slip_world_schedule_judge (schedule, work->transition, &reason);

  if (verdict == SLIP_WORLD_STUCK)
    return FALSE;
  if (verdict == SLIP_WORLD_FAILS)
    {
      work->transition->fail = reason;
      g_clear_error (&work->error);
      work->error = g_error_new_literal (SLIP_REHEARSAL_ERROR, SLIP_REHEARSAL_ERROR_WORK, reason);
    }
  slip_world_begin (world);
  slip_world_store_write (world->store, "DELETE FROM schedule WHERE seq = ?", "i",
                          work->transition->sequence);
  work->handler->done (world, work->transition, work->result, work->error);
  if (!slip_world_commit (world, &error))
    g_warning ("work %s of %s: %s", work->transition->kind, work->transition->id, error->message);
  work->transition->fail = NULL;
  return error == NULL;
}

gboolean
slip_world_work_finish_due (SlipWorldSchedule *schedule, gint64 now)
{
  gboolean moved = FALSE;

  for (guint i = 0; i < schedule->works->len; i++)
    {
      Work *work = schedule->works->pdata[i];

      if (work->state != WORK_FINISHED || work->transition->due_us > now
          || !finish (schedule, work))
        continue;
      g_ptr_array_remove (schedule->works, work);
      moved = TRUE;
      i = G_MAXUINT; /* the done function may have changed the list: look again from the start */
    }
  if (moved)
    pump (schedule);
  return moved;
}

gint64
slip_world_work_next_due (SlipWorldSchedule *schedule, gint64 looked)
{
  gint64 next = G_MAXINT64;

  for (guint i = 0; i < schedule->works->len; i++)
    {
      Work *work = schedule->works->pdata[i];

      if (work->state == WORK_FINISHED && work->transition->due_us > looked)
        next = MIN (next, work->transition->due_us);
    }
  return next;
}
