/* SPDX-License-Identifier: MIT */

/* What happens later: transitions on the scaled clock. The table in the store is the only list of
 * them, so that a rollback and a restart need no care here; this file keeps a timer for the next one
 * and the handlers. Background work, which is kept in the same table, is in slip-world-work.c. */

#include "slip-world-private.h"

#include "slip-json.h"

static void arm (SlipWorldSchedule *schedule, gint64 looked);

SlipWorldSchedule *
slip_world_schedule_new (SlipWorld *world)
{
  SlipWorldSchedule *schedule = g_new0 (SlipWorldSchedule, 1);

  schedule->world = world;
  schedule->handlers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  slip_world_work_init (schedule);
  return schedule;
}

void
slip_world_schedule_free (SlipWorldSchedule *schedule)
{
  slip_world_stop (schedule->world);
  slip_world_work_clear (schedule);
  g_hash_table_unref (schedule->handlers);
  g_free (schedule);
}

void
slip_world_handle (SlipWorld *world, const char *kind, SlipTransitionFunc func)
{
  g_hash_table_insert (world->schedule->handlers, g_strdup (kind), (gpointer)func);
}

void
slip_world_set_judge (SlipWorld *world, SlipWorldJudgeFunc judge, gpointer data)
{
  world->schedule->judge = judge;
  world->schedule->judge_data = data;
}

SlipTransition *
slip_transition_from_row (sqlite3_stmt *row)
{
  SlipTransition *transition = g_new0 (SlipTransition, 1);
  const char *payload = (const char *)sqlite3_column_text (row, 7);

  transition->sequence = sqlite3_column_int64 (row, 0);
  transition->due_us = sqlite3_column_int64 (row, 1);
  transition->kind = g_strdup ((const char *)sqlite3_column_text (row, 2));
  transition->account = g_strdup ((const char *)sqlite3_column_text (row, 3));
  transition->region = g_strdup ((const char *)sqlite3_column_text (row, 4));
  transition->type = g_strdup ((const char *)sqlite3_column_text (row, 5));
  transition->id = g_strdup ((const char *)sqlite3_column_text (row, 6));
  if (payload != NULL)
    {
      g_autoptr (JsonNode) node = slip_json_parse (payload, -1, NULL);

      if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
        {
          transition->payload = json_node_dup_object (node);
          json_object_seal (transition->payload);
        }
    }
  return transition;
}

void
slip_transition_free (SlipTransition *transition)
{
  g_free (transition->kind);
  g_free (transition->account);
  g_free (transition->region);
  g_free (transition->type);
  g_free (transition->id);
  g_clear_pointer (&transition->payload, json_object_unref);
  g_free (transition);
}

void
slip_world_schedule_insert (SlipWorld *world,
                            gboolean work,
                            double seconds,
                            const char *kind,
                            const char *account,
                            const char *region,
                            const char *type,
                            const char *id,
                            JsonObject *payload)
{
  g_autoptr (JsonNode) node = payload != NULL ? slip_json_new_object (payload) : NULL;
  g_autofree char *text = node != NULL ? slip_json_to_text (node, FALSE) : NULL;
  gint64 due = slip_world_now (world) + (gint64)(MAX (seconds, 0) / world->speed * G_USEC_PER_SEC);

  g_return_if_fail (world->in_transaction);

  slip_world_store_write (world->store,
                          "INSERT INTO schedule (due, work, kind, account, region, type, id, "
                          "payload, seal) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8,"
                          " row_seal (?2, ?3, ?4, ?5, ?6, ?7, ?8))",
                          "iissssss", due, (gint64)work, kind, account, region, type, id, text);
  world->changes++;
}

void
slip_world_schedule (SlipWorld *world,
                     double seconds,
                     const char *kind,
                     const char *account,
                     const char *region,
                     const char *type,
                     const char *id,
                     JsonObject *payload)
{
  if (!g_hash_table_contains (world->schedule->handlers, kind))
    g_warning ("transition %s has no handler", kind);
  slip_world_schedule_insert (world, FALSE, seconds, kind, account, region, type, id, payload);
}

void
slip_world_unschedule (SlipWorld *world,
                       const char *kind,
                       const char *account,
                       const char *region,
                       const char *type,
                       const char *id)
{
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GArray) running = g_array_new (FALSE, FALSE, sizeof (gint64));
  sqlite3_stmt *row = slip_world_store_query (
      world->store,
      "SELECT seq, kind FROM schedule WHERE type = ? AND account = ? AND region = ? AND id = ?",
      "ssss", type, account, region, id);

  while (slip_world_store_step (world->store, row))
    {
      gint64 sequence = sqlite3_column_int64 (row, 0);

      if (kind != NULL && !g_str_equal (kind, (const char *)sqlite3_column_text (row, 1)))
        continue;
      if (slip_world_work_is_running (world->schedule, sequence))
        g_array_append_val (running, sequence);
      else
        g_array_append_val (rows, sequence);
    }
  slip_world_store_done (row);
  for (guint i = 0; i < running->len; i++)
    {
      gint64 sequence = g_array_index (running, gint64, i);

      slip_world_store_write (world->store, "UPDATE schedule SET due = ? WHERE seq = ?", "ii",
                              slip_world_now (world), sequence);
      slip_world_work_hurry (world->schedule, sequence);
    }
  for (guint i = 0; i < rows->len; i++)
    slip_world_store_write (world->store, "DELETE FROM schedule WHERE seq = ?", "i",
                            g_array_index (rows, gint64, i));
}

gboolean
slip_world_is_scheduled (SlipWorld *world,
                         const char *kind,
                         const char *account,
                         const char *region,
                         const char *type,
                         const char *id)
{
  sqlite3_stmt *row = slip_world_store_query (world->store,
                                              "SELECT 1 FROM schedule WHERE type = ? AND account = "
                                              "? AND region = ? AND id = ? AND kind = ?",
                                              "sssss", type, account, region, id, kind);
  gboolean found = slip_world_store_step (world->store, row);

  slip_world_store_done (row);
  return found;
}

JsonArray *
slip_world_describe_schedule (SlipWorld *world)
{
  JsonArray *list = json_array_new ();
  sqlite3_stmt *row = slip_world_store_query (
      world->store,
      "SELECT due, work, kind, account, region, type, id FROM schedule ORDER BY due, seq", "");

  while (slip_world_store_step (world->store, row))
    {
      static const char *const names[] = {"kind", "account", "region", "type", "id"};
      JsonObject *item = json_object_new ();
      g_autofree char *due = slip_time_format (sqlite3_column_int64 (row, 0));

      json_object_set_string_member (item, "due", due);
      json_object_set_boolean_member (item, "work", sqlite3_column_int (row, 1) != 0);
      for (guint i = 0; i < G_N_ELEMENTS (names); i++)
        json_object_set_string_member (item, names[i],
                                       (const char *)sqlite3_column_text (row, 2 + (int)i));
      json_array_add_object_element (list, item);
    }
  slip_world_store_done (row);
  return list;
}

SlipWorldVerdict
slip_world_schedule_judge (SlipWorldSchedule *schedule,
                           const SlipTransition *transition,
                           char **reason)
{
  if (schedule->judge == NULL)
    return SLIP_WORLD_HAPPENS;
  return schedule->judge (transition, reason, schedule->judge_data);
}

static GPtrArray *
load_due (SlipWorld *world, gint64 now)
{
  GPtrArray *due = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_transition_free);
  sqlite3_stmt *row
      = slip_world_store_query (world->store,
                                "SELECT seq, due, kind, account, region, type, id, payload FROM "
                                "schedule WHERE work = 0 AND due <= ? ORDER BY due, seq",
                                "i", now);

  while (slip_world_store_step (world->store, row))
    g_ptr_array_add (due, slip_transition_from_row (row));
  slip_world_store_done (row);
  return due;
}

/* Whether it still waits: an earlier transition of the same tick may have dropped it. */
gboolean
slip_world_schedule_has (SlipWorld *world, gint64 sequence)
{
  sqlite3_stmt *row = slip_world_store_query (world->store, "SELECT 1 FROM schedule WHERE seq = ?",
                                              "i", sequence);
  gboolean found = slip_world_store_step (world->store, row);

  slip_world_store_done (row);
  return found;
}

static gboolean
happen (SlipWorldSchedule *schedule, SlipTransition *transition)
{
  SlipWorld *world = schedule->world;
  SlipTransitionFunc func
      = (SlipTransitionFunc)g_hash_table_lookup (schedule->handlers, transition->kind);
  g_autofree char *reason = NULL;
  g_autoptr (GError) error = NULL;
  SlipWorldVerdict verdict = slip_world_schedule_judge (schedule, transition, &reason);

  if (verdict == SLIP_WORLD_STUCK)
    return FALSE;
  transition->fail = verdict == SLIP_WORLD_FAILS ? reason : NULL;
  slip_world_begin (world);
  slip_world_store_write (world->store, "DELETE FROM schedule WHERE seq = ?", "i",
                          transition->sequence);
  if (func != NULL)
    func (world, transition);
  else
    g_warning ("transition %s of %s has no handler and is dropped", transition->kind,
               transition->id);
  if (!slip_world_commit (world, &error))
    g_warning ("transition %s of %s: %s", transition->kind, transition->id, error->message);
  return error == NULL;
}

void
slip_world_tick (SlipWorld *world)
{
  SlipWorldSchedule *schedule = world->schedule;
  gboolean again = TRUE;
  gint64 looked = 0;

  g_return_if_fail (!world->in_transaction);

  if (schedule->ticking)
    return;
  schedule->ticking = TRUE;
  /* What happens may make something else due at once, so look until nothing moves. */
  while (again)
    {
      g_autoptr (GPtrArray) due = NULL;

      looked = slip_world_now (world);
      due = load_due (world, looked);
      again = FALSE;
      for (guint i = 0; i < due->len; i++)
        {
          SlipTransition *transition = due->pdata[i];

          if (slip_world_schedule_has (world, transition->sequence)
              && happen (schedule, transition))
            again = TRUE;
        }
      if (slip_world_work_finish_due (schedule, looked))
        again = TRUE;
    }
  schedule->ticking = FALSE;
  if (schedule->running)
    arm (schedule, looked);
}

static gboolean
on_timer (gpointer data)
{
  SlipWorldSchedule *schedule = data;

  schedule->timer = 0;
  slip_world_tick (schedule->world);
  return G_SOURCE_REMOVE;
}

/* Sets the timer for what is due next. What was due when we @looked is stuck, and is looked at again
 * with the next tick, whoever causes it. What has become due since then is not stuck: a busy machine
 * may have let any time pass, and nobody else would ever wake us for it. */
static void
arm (SlipWorldSchedule *schedule, gint64 looked)
{
  gint64 now = slip_world_now (schedule->world);
  gint64 next = G_MAXINT64;
  gint64 wait;
  sqlite3_stmt *row;

  if (schedule->timer != 0)
    g_source_remove (schedule->timer);
  schedule->timer = 0;
  row = slip_world_store_query (schedule->world->store,
                                "SELECT due FROM schedule WHERE work = 0 AND due > ? ORDER BY due "
                                "LIMIT 1",
                                "i", looked);
  if (slip_world_store_step (schedule->world->store, row))
    next = sqlite3_column_int64 (row, 0);
  slip_world_store_done (row);
  next = MIN (next, slip_world_work_next_due (schedule, looked));
  if (next == G_MAXINT64)
    return;
  wait = CLAMP ((next - now + 999) / 1000, 1, 3600 * 1000);
  schedule->timer = g_timeout_add ((guint)wait, on_timer, schedule);
}

void
slip_world_schedule_committed (SlipWorldSchedule *schedule)
{
  if (!schedule->running)
    return;
  slip_world_work_start_new (schedule);
  if (!schedule->ticking)
    {
      /* Something may be due at once; it happens from the main loop, after the answer. */
      if (schedule->timer != 0)
        g_source_remove (schedule->timer);
      schedule->timer = g_timeout_add (0, on_timer, schedule);
    }
}

void
slip_world_run (SlipWorld *world)
{
  world->schedule->running = TRUE;
  slip_world_work_start_new (world->schedule);
  slip_world_tick (world);
}

void
slip_world_stop (SlipWorld *world)
{
  SlipWorldSchedule *schedule = world->schedule;

  schedule->running = FALSE;
  if (schedule->timer != 0)
    g_source_remove (schedule->timer);
  schedule->timer = 0;
  slip_world_work_stop (schedule);
}
