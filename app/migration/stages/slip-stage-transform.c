/* SPDX-License-Identifier: MIT */
/* Stage transform: the compiled steps, several at a time over the graph of entities. A step begins when those before
 * it in its entity, those of the entities that it needs, and those before it that write the same table are done, so that
 * ids are the same however many run at once. A step's rows and that it is done are one transaction. */

#include "slip-migration-run-private.h"

#include "slip-compile.h"

typedef struct
{
  const SlipStep *step;
  GArray *after; /* guint: steps that must be done */
  gboolean begun;
  gboolean done;
} Node;

typedef struct
{
  SlipMigrationRun *run;
  const char *source; /* where landed rows are read, or NULL for the sidecar's schema */
  GPtrArray *nodes;
  guint n_done;
  gint64 rows;
  GMutex mutex;
  GCond changed;
  GCancellable *cancellable; /* ends the others when one fails */
  GError *error;
} Work;

static void
node_free (gpointer data)
{
  Node *node = data;

  g_array_unref (node->after);
  g_free (node);
}

static const char *
get_destination (const SlipStep *step)
{
  if (step->update != NULL)
    return step->update->table;
  return step->definition != NULL ? step->definition->destination : step->name;
}

static gboolean
needs (SlipMigration *migration, const char *entity, const char *other)
{
  const SlipEntity *found = slip_migration_find_entity (migration, entity);

  for (guint i = 0; found != NULL && found->needs[i] != NULL; i++)
    if (g_str_equal (found->needs[i], other) || needs (migration, found->needs[i], other))
      return TRUE;
  return FALSE;
}

static GPtrArray *
make_graph (SlipMigration *migration)
{
  GPtrArray *steps = slip_migration_get_steps (migration);
  GPtrArray *nodes = g_ptr_array_new_with_free_func (node_free);

  for (guint i = 0; i < steps->len; i++)
    {
      Node *node = g_new0 (Node, 1);

      node->step = g_ptr_array_index (steps, i);
      node->after = g_array_new (FALSE, FALSE, sizeof (guint));
      for (guint j = 0; j < i; j++)
        {
          const SlipStep *other = g_ptr_array_index (steps, j);

          if (g_str_equal (other->entity, node->step->entity)
              || g_str_equal (get_destination (other), get_destination (node->step))
              || needs (migration, node->step->entity, other->entity))
            g_array_append_val (node->after, j);
        }
      g_ptr_array_add (nodes, node);
    }
  return nodes;
}

static Node *
find_ready (Work *work)
{
  for (guint i = 0; i < work->nodes->len; i++)
    {
      Node *node = g_ptr_array_index (work->nodes, i);
      gboolean ready = !node->begun;

      for (guint j = 0; ready && j < node->after->len; j++)
        ready = ((Node *)work->nodes->pdata[g_array_index (node->after, guint, j)])->done;
      if (ready)
        return node;
    }
  return NULL;
}

static gboolean
run_statements (SlipPg *pg, GPtrArray *statements, GError **error)
{
  for (guint i = 0; i < statements->len; i++)
    {
      const SlipStatement *statement = g_ptr_array_index (statements, i);

      slip_pg_name_statement (pg, statement->name);
      if (!slip_pg_run (pg, statement->sql, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
run_step (Work *work, SlipPg *pg, const SlipStep *step, gint64 *rows, GError **error)
{
  SlipMigrationRun *run = work->run;
  SlipCompileOptions options = {run->run_date, run->id, work->source};
  g_autoptr (GPtrArray) statements = slip_compile_step (run->migration, step, &options, error);
  gint64 begun = g_get_monotonic_time ();
  char seconds[G_ASCII_DTOSTR_BUF_SIZE];

  if (statements == NULL || !slip_stage_sql_run (pg, "begin a step", error, "BEGIN")
      || !run_statements (pg, statements, error)
      || !slip_stage_sql_ask_number (pg, "count a step's rows", rows, error,
                                     "SELECT rows FROM slipway.measure WHERE run = %D AND stage = "
                                     "'transform' AND step = %L AND "
                                     "kind = 'out'",
                                     run->id, step->name))
    return FALSE;
  g_ascii_dtostr (seconds, sizeof seconds,
                  (double)(g_get_monotonic_time () - begun) / G_USEC_PER_SEC);
  return slip_stage_sql_run (pg, "note a step", error,
                             "INSERT INTO slipway.step (run, step, entity, rows, "
                             "seconds) VALUES (%D, %L, %L, "
                             "%D, %s);\nCOMMIT",
                             run->id, step->name, step->entity, *rows, seconds);
}

/* Under the lock: ends everything with the first error. */
static void
fail (Work *work, GError *error)
{
  if (work->error == NULL)
    work->error = error;
  else
    g_error_free (error);
  g_cancellable_cancel (work->cancellable);
  g_cond_broadcast (&work->changed);
}

static void
work_off (Work *work, SlipPg *pg)
{
  g_mutex_lock (&work->mutex);
  while (work->error == NULL && work->n_done < work->nodes->len)
    {
      Node *node = find_ready (work);
      g_autoptr (GError) error = NULL;
      gint64 rows = 0;
      gboolean ok;

      if (node == NULL)
        {
          g_cond_wait (&work->changed, &work->mutex);
          continue;
        }
      node->begun = TRUE;
      slip_migration_run_tell (work->run, "transform", node->step->entity, node->step->name,
                               work->n_done, work->nodes->len, "steps");
      g_mutex_unlock (&work->mutex);
      ok = run_step (work, pg, node->step, &rows, &error);
      g_mutex_lock (&work->mutex);
      if (!ok)
        {
          fail (work, g_steal_pointer (&error));
          break;
        }
      node->done = TRUE;
      work->n_done++;
      work->rows += rows;
      g_cond_broadcast (&work->changed);
    }
  g_mutex_unlock (&work->mutex);
}

static gpointer
worker (gpointer data)
{
  Work *work = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipPg) pg = slip_pg_open (work->run->options->migration_db, "migration database",
                                        work->cancellable, &error);

  if (pg == NULL
      || !slip_stage_sql_run (pg, "set the session up", &error,
                              SLIP_STAGE_SESSION
                              ";\nSELECT pg_advisory_lock_shared (hashtext ('slipway.step'))"))
    {
      g_mutex_lock (&work->mutex);
      fail (work, g_steal_pointer (&error));
      g_mutex_unlock (&work->mutex);
      return NULL;
    }
  work_off (work, pg);
  return NULL;
}

/* Steps that a broken-off run did are left; without any the schema begins empty. */
static gboolean
take_up (SlipMigrationRun *run, Work *work, GError **error)
{
  g_auto (GStrv) names = NULL;
  gint64 others = 0;

  /* Of a run that was killed the server may still be busy with a step: it holds the lock until that has ended. */
  if (!slip_stage_sql_run (run->pg, "wait for steps of a killed run", error,
                           "SELECT pg_advisory_lock (hashtext ('slipway.step')); SELECT "
                           "pg_advisory_unlock (hashtext ('slipway.step'))"))
    return FALSE;
  if (!slip_stage_sql_ask_number (run->pg, "look for steps", &others, error,
                                  "SELECT count (*) FROM slipway.step WHERE run > %D", run->id))
    return FALSE;
  names = slip_stage_sql_ask_list (run->pg, "look for steps", error,
                                   "SELECT step FROM slipway.step WHERE run = %D", run->id);
  if (names == NULL)
    return FALSE;
  if (names[0] == NULL || others > 0 || run->options->only != NULL)
    return slip_stage_sql_run (run->pg, "empty the transform schema", error,
                               "BEGIN; DELETE FROM slipway.step;\n"
                               "DELETE FROM slipway.measure WHERE run = %D AND stage = 'transform'",
                               run->id)
           && slip_stage_schema_make (run->pg, run->schemas->transform, error)
           && slip_stage_sql_run (run->pg, "end to empty the transform schema", error, "COMMIT");
  for (guint i = 0; i < work->nodes->len; i++)
    {
      Node *node = g_ptr_array_index (work->nodes, i);

      if (!g_strv_contains ((const char *const *)names, node->step->name))
        continue;
      node->begun = node->done = TRUE;
      work->n_done++;
    }
  return TRUE;
}

static void
on_cancelled (GCancellable *cancellable, gpointer data)
{
  g_cancellable_cancel (data);
}

static void
run_workers (SlipMigrationRun *run, Work *work)
{
  guint n = CLAMP (run->options->connections, 1, 32);
  g_autoptr (GPtrArray) threads = g_ptr_array_new ();
  gulong handler = 0;

  work->cancellable = g_cancellable_new ();
  if (run->cancellable != NULL)
    handler = g_cancellable_connect (run->cancellable, G_CALLBACK (on_cancelled),
                                     g_object_ref (work->cancellable), g_object_unref);
  g_mutex_init (&work->mutex);
  g_cond_init (&work->changed);
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (threads, g_thread_new ("transform", worker, work));
  for (guint i = 0; i < n; i++)
    g_thread_join (g_ptr_array_index (threads, i));
  g_mutex_clear (&work->mutex);
  g_cond_clear (&work->changed);
  g_cancellable_disconnect (run->cancellable, handler);
  g_object_unref (work->cancellable);
}

static gboolean
note_values (SlipMigrationRun *run, SlipStageResult *result, GError **error)
{
  g_autoptr (GString) note = g_string_new (result->note);

  if (!slip_stage_note_values (run, "transform", note, error))
    return FALSE;
  g_free (result->note);
  result->note = note->len > 0 ? g_strdup (note->str) : NULL;
  return TRUE;
}

gboolean
slip_stage_transform (SlipMigrationRun *run, SlipStageResult *result, GError **error)
{
  g_autoptr (GPtrArray) nodes = make_graph (run->migration);
  Work work = {.run = run, .nodes = nodes};

  g_autofree char *filter = slip_migration_run_dup_stage (run, "filter", error);

  if (filter == NULL || !take_up (run, &work, error))
    return FALSE;
  /* Once filters ran their views are read, and one that is gone is an error: never the rows that it left out. */
  work.source = g_str_equal (filter, "done") ? run->kept : NULL;
  if (work.n_done > 0)
    result->note = g_strdup_printf ("%u of %u steps were done before", work.n_done, nodes->len);
  run_workers (run, &work);
  if (work.error != NULL)
    {
      g_propagate_error (error, work.error);
      return FALSE;
    }
  if (!note_values (run, result, error))
    return FALSE;
  /* What rules change and that they did is one transaction: carried out twice they could change more. */
  return slip_stage_sql_ask_number (
             run->pg, "count the transform's rows", &result->rows, error,
             "SELECT coalesce (sum (rows), 0)::bigint FROM slipway.step WHERE run = %D", run->id)
         && slip_stage_sql_run (run->pg, "begin the transform's rules", error, "BEGIN")
         && slip_migration_run_rules (run, "transform", error)
         && slip_migration_run_set_stage (run, "transform", "done", result->rows, result->note,
                                          error)
         && slip_stage_sql_run (run->pg, "end the transform", error, "COMMIT");
}
