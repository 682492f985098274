/* SPDX-License-Identifier: MIT */
/* Stage transform: the compiled steps, several at a time over the graph of entities. A step begins when those before
 * it in its entity, those of the entities that it needs, and those before it that write the same table are done, so that
 * ids are the same however many run at once. A step's rows and that it is done are one transaction. */

#include "slip-migration-run-private.h"

#include "slip-compile.h"
#include "slip-jobs.h"
#include "slip-run-report.h"

typedef struct
{
  SlipMigrationRun *run;
  const char *source; /* where landed rows are read, or NULL for the sidecar's schema */
  GPtrArray *steps;   /* const SlipStep: those still to do */
  GHashTable *wide;   /* element-type utf8: see SlipCompileOptions */
  guint n_before;     /* that a broken-off run did */
  guint n_begun;      /* atomic */
} Work;

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

/* Of each step the earlier ones that it waits for. */
static GArray **
find_after (Work *work)
{
  GArray **after = g_new0 (GArray *, work->steps->len + 1);

  for (guint i = 0; i < work->steps->len; i++)
    {
      const SlipStep *step = g_ptr_array_index (work->steps, i);

      after[i] = g_array_new (FALSE, FALSE, sizeof (guint));
      for (guint j = 0; j < i; j++)
        {
          const SlipStep *other = g_ptr_array_index (work->steps, j);

          if (g_str_equal (other->entity, step->entity)
              || g_str_equal (get_destination (other), get_destination (step))
              || needs (work->run->migration, step->entity, other->entity))
            g_array_append_val (after[i], j);
        }
    }
  return after;
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
do_step (gpointer session, guint job, gpointer data, GError **error)
{
  Work *work = data;
  SlipPg *pg = session;
  SlipMigrationRun *run = work->run;
  const SlipStep *step = g_ptr_array_index (work->steps, job);
  SlipCompileOptions options = {run->run_date, run->id, work->source, work->wide};
  g_autoptr (GPtrArray) statements = slip_compile_step (run->migration, step, &options, error);
  gint64 begun = g_get_monotonic_time ();
  char seconds[G_ASCII_DTOSTR_BUF_SIZE];
  gint64 rows = 0;

  slip_migration_run_tell (run, "transform", step->entity, step->name,
                           work->n_before + (guint)g_atomic_int_add (&work->n_begun, 1),
                           work->n_before + work->steps->len, "steps");
  if (statements == NULL
      || !slip_stage_sql_run (pg, "begin a step", error, "BEGIN; " SLIP_STAGE_NO_WAIT)
      || !run_statements (pg, statements, error)
      || !slip_stage_sql_ask_number (pg, "count a step's rows", &rows, error,
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
                             run->id, step->name, step->entity, rows, seconds);
}

static gpointer
open_session (gpointer data, GCancellable *cancellable, GError **error)
{
  Work *work = data;
  g_autoptr (SlipPg) pg
      = slip_pg_open (work->run->options->migration_db, "migration database", cancellable, error);

  if (pg == NULL || !slip_stage_session_prepare (work->run, pg, error)
      || !slip_stage_sql_run (pg, "lock the transform", error,
                              "SELECT pg_advisory_lock_shared (hashtext ('slipway.step'))"))
    return NULL;
  return g_steal_pointer (&pg);
}

static void
close_session (gpointer session)
{
  slip_pg_close (session);
}

/* Of each step the rows that are landed in what it reads. */
static gint64 *
find_costs (Work *work, GError **error)
{
  SlipMigrationRun *run = work->run;
  gint64 *costs;
  g_autoptr (SlipPgRows) rows = slip_stage_sql_ask (
      run->pg, "look how much is landed", error,
      "SELECT table_name, sum (rows) FROM slipway.file WHERE table_schema = %L GROUP BY 1",
      run->schemas->source);

  if (rows == NULL)
    return NULL;
  costs = g_new0 (gint64, work->steps->len + 1);
  for (guint i = 0; i < work->steps->len; i++)
    {
      g_autoptr (GPtrArray) sources
          = slip_step_dup_sources (run->migration, g_ptr_array_index (work->steps, i));

      for (guint j = 0; j < slip_pg_rows_get_n_rows (rows); j++)
        if (g_ptr_array_find_with_equal_func (sources, slip_pg_rows_get (rows, j, 0), g_str_equal,
                                              NULL))
          costs[i] += slip_pg_rows_get_int (rows, j, 1);
    }
  return costs;
}

/* Columns of staging, whose types are the target's, that take more than 32 bits. */
static GHashTable *
read_wide (SlipMigrationRun *run, GError **error)
{
  g_autoptr (GHashTable) wide = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_auto (GStrv) columns = slip_stage_sql_ask_list (
      run->pg, "look how wide the target's columns are", error,
      "SELECT c.relname || '.' || a.attname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = "
      "c.relnamespace\n"
      "  JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped\n"
      " WHERE n.nspname = %L AND c.relkind IN ('r', 'p') AND a.atttypid NOT IN "
      "('smallint'::regtype, 'integer'::regtype)",
      run->schemas->staging);

  if (columns == NULL)
    return NULL;
  for (guint i = 0; columns[i] != NULL; i++)
    g_hash_table_add (wide, g_strdup (columns[i]));
  return g_steal_pointer (&wide);
}

static gboolean
do_steps (Work *work, GError **error)
{
  g_autofree gint64 *costs = find_costs (work, error);
  SlipMigrationRun *run = work->run;
  SlipJobs jobs = {.n_jobs = work->steps->len,
                   .n_sessions = CLAMP (run->options->connections, 1, 32),
                   .after = find_after (work),
                   .costs = costs,
                   .open = open_session,
                   .close = close_session,
                   .func = do_step,
                   .data = work};
  g_autoptr (GHashTable) wide = read_wide (run, error);
  gboolean ok = costs != NULL && wide != NULL;

  work->wide = wide;
  ok = ok && slip_jobs_run (&jobs, run->cancellable, error);

  slip_jobs_free_after (jobs.after);
  return ok;
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
  for (guint i = work->steps->len; i-- > 0;)
    if (g_strv_contains ((const char *const *)names,
                         ((const SlipStep *)work->steps->pdata[i])->name))
      {
        g_ptr_array_remove_index (work->steps, i);
        work->n_before++;
      }
  return TRUE;
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
  g_autoptr (GPtrArray) steps = g_ptr_array_new ();
  Work work = {.run = run, .steps = steps};
  g_autofree char *filter = slip_migration_run_dup_stage (run, "filter", error);

  g_ptr_array_extend (steps, slip_migration_get_steps (run->migration), NULL, NULL);
  if (filter == NULL || !take_up (run, &work, error))
    return FALSE;
  /* Once filters ran their views are read, and one that is gone is an error: never the rows that it left out. */
  work.source = g_str_equal (filter, "done") ? run->kept : NULL;
  if (work.n_before > 0)
    result->note = g_strdup_printf ("%u of %u steps were done before", work.n_before,
                                    work.n_before + steps->len);
  if (!do_steps (&work, error) || !note_values (run, result, error))
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
