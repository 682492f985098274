/* SPDX-License-Identifier: MIT */
/* Tables on several pairs of sessions at once. What is written to the target waits: of two tables of which one refers to the
 * other, by a key of the target, the later one for the earlier; so it does where both have triggers, for nobody knows what
 * those write. */

#include "slip-migration-run-private.h"

#include "slip-jobs.h"

typedef struct
{
  SlipMigrationRun *run;
  const char *stage;
  const char *name;  /* of statements */
  GPtrArray *tables; /* SlipTargetTable */
  SlipStageTableFunc func;
  gpointer data;
} Each;

static void
close_session (gpointer session)
{
  SlipMigrationRun *own = session;

  g_clear_pointer (&own->pg, slip_pg_close);
  g_clear_pointer (&own->target, slip_pg_close);
  g_free (own);
}

/* The same run, through sessions that nobody else uses. */
static gpointer
open_session (gpointer data, GCancellable *cancellable, GError **error)
{
  SlipMigrationRun *run = ((Each *)data)->run;
  SlipMigrationRun *own = g_memdup2 (run, sizeof *run);

  own->target = NULL;
  own->cancellable = cancellable;
  own->pg = slip_pg_open (run->options->migration_db, "migration database", cancellable, error);
  if (own->pg != NULL)
    own->target = slip_pg_open (run->options->target_db, "target database", cancellable, error);
  if (own->target != NULL && slip_stage_session_prepare (run, own->pg, error)
      && slip_stage_session_prepare_target (run, own->target, error)
      && slip_migration_run_lock_beside (own->pg, SLIP_STAGE_RUN_LOCK, error)
      && slip_migration_run_lock_beside (own->target, SLIP_STAGE_TARGET_LOCK, error))
    return own;
  close_session (own);
  return NULL;
}

static gboolean
do_table (gpointer session, guint job, gpointer data, GError **error)
{
  Each *each = data;

  slip_migration_run_tell (session, each->stage,
                           ((const SlipTargetTable *)each->tables->pdata[job])->name, NULL, job,
                           each->tables->len, "tables");
  return each->func (session, g_ptr_array_index (each->tables, job), each->data, error);
}

/* One name without another is that of a table which is in a pair with each. */
static gboolean
has_pair (SlipPgRows *pairs, const SlipTargetTable *one, const SlipTargetTable *other)
{
  for (guint i = 0; i < slip_pg_rows_get_n_rows (pairs); i++)
    {
      const char *left = slip_pg_rows_get (pairs, i, 0);
      const char *right = slip_pg_rows_get (pairs, i, 1);

      if (right == NULL && (g_str_equal (left, one->name) || g_str_equal (left, other->name)))
        return TRUE;
      if (right == NULL)
        continue;
      if ((g_str_equal (left, one->name) && g_str_equal (right, other->name))
          || (g_str_equal (left, other->name) && g_str_equal (right, one->name)))
        return TRUE;
    }
  return FALSE;
}

/* Tables of which staged rows are updates, as SQL: an array of names. */
static char *
dup_updated (Each *each, GError **error)
{
  SlipMigrationRun *run = each->run;
  g_autoptr (GString) list = g_string_new ("ARRAY[");

  for (guint i = 0; i < each->tables->len; i++)
    {
      const SlipTargetTable *table = g_ptr_array_index (each->tables, i);
      gint64 updates = 0;

      if (table->existing == NULL)
        continue;
      if (!slip_stage_sql_ask_number (
              run->pg, "look for rows that are updated", &updates, error,
              "SELECT EXISTS (SELECT FROM %I.%I WHERE migration_method = 'UPDATE')::int",
              run->schemas->staging, table->name))
        return NULL;
      if (updates != 0)
        slip_stage_sql_append (list, "%s%L", list->len > 6 ? ", " : "", table->name);
    }
  g_string_append (list, "]::text[]");
  return g_string_free (g_steal_pointer (&list), FALSE);
}

/* Of each table the earlier ones that it waits for. Triggers count that may fire: most look at updates only. */
static GArray **
find_after (Each *each, GError **error)
{
  SlipMigrationRun *run = each->run;
  GArray **after = NULL;
  g_autofree char *updated = dup_updated (each, error);
  g_autoptr (SlipPgRows) pairs = NULL;

  if (updated == NULL)
    return NULL;
  pairs = slip_stage_sql_ask (
      run->target, "look which tables refer to which", error,
      "SELECT c.relname, p.relname FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid JOIN "
      "pg_class p ON p.oid = o.confrelid\n"
      " WHERE o.contype = 'f' AND c.relnamespace = %L::regnamespace AND p.relnamespace = "
      "c.relnamespace\n"
      "UNION SELECT c.relname, NULL FROM pg_class c WHERE c.relnamespace = %L::regnamespace\n"
      "   AND c.relkind IN ('r', 'p') AND (c.relhasrules OR EXISTS (SELECT FROM pg_trigger t\n"
      "        WHERE t.tgrelid IN (SELECT c.oid UNION SELECT relid FROM pg_partition_tree "
      "(c.oid))\n"
      "          AND NOT t.tgisinternal AND t.tgenabled <> 'D' AND (t.tgtype & 4 <> 0 OR c.relname "
      "= "
      "ANY (%s))))",
      run->schemas->target, run->schemas->target, updated);
  if (pairs == NULL)
    return NULL;
  after = g_new0 (GArray *, each->tables->len + 1);
  for (guint i = 0; i < each->tables->len; i++)
    {
      after[i] = g_array_new (FALSE, FALSE, sizeof (guint));
      for (guint j = 0; j < i; j++)
        if (has_pair (pairs, g_ptr_array_index (each->tables, i),
                      g_ptr_array_index (each->tables, j)))
          g_array_append_val (after[i], j);
    }
  return after;
}

/* Of each table the blocks of what it is made of, as statistics have them. */
static gint64 *
find_costs (Each *each, GError **error)
{
  SlipMigrationRun *run = each->run;
  gint64 *costs;
  g_autoptr (SlipPgRows) rows = slip_stage_sql_ask (
      run->pg, "look how large tables are", error,
      "SELECT relname, relpages + 1 FROM pg_class WHERE relkind = 'r' AND relnamespace = "
      "to_regnamespace (quote_ident (%L))",
      g_str_equal (each->stage, "integration") ? run->schemas->transform : run->schemas->staging);

  if (rows == NULL)
    return NULL;
  costs = g_new0 (gint64, each->tables->len + 1);
  for (guint i = 0; i < each->tables->len; i++)
    for (guint j = 0; j < slip_pg_rows_get_n_rows (rows); j++)
      if (g_str_equal (((const SlipTargetTable *)each->tables->pdata[i])->name,
                       slip_pg_rows_get (rows, j, 0)))
        costs[i] = slip_pg_rows_get_int (rows, j, 1);
  return costs;
}

static gboolean
do_statement (gpointer session, guint job, gpointer data, GError **error)
{
  char **statements = ((Each *)data)->data;

  return slip_stage_sql_run (((SlipMigrationRun *)session)->pg, ((Each *)data)->name, error,
                             SLIP_STAGE_NO_WAIT ";\n%s", statements[job]);
}

/* Statements of the migration database that need nothing of each other, each a transaction of its own. */
gboolean
slip_stage_sessions_run (
    SlipMigrationRun *run, const char *stage, const char *name, char **statements, GError **error)
{
  Each each = {.run = run, .stage = stage, .name = name, .data = statements};
  SlipJobs jobs = {.n_jobs = g_strv_length (statements),
                   .n_sessions = CLAMP (run->options->connections, 1, 32),
                   .session = run,
                   .open = open_session,
                   .close = close_session,
                   .func = do_statement,
                   .data = &each};

  return slip_jobs_run (&jobs, run->cancellable, error);
}

/* With one session all is done in the order of @tables, by those of @run; so it is, for tables that are @related, with each
 * two of them of which one refers to the other. Otherwise the largest are first. */
gboolean
slip_stage_sessions_each (SlipMigrationRun *run,
                          const char *stage,
                          GPtrArray *tables,
                          gboolean related,
                          SlipStageTableFunc func,
                          gpointer data,
                          GError **error)
{
  Each each = {.run = run, .stage = stage, .tables = tables, .func = func, .data = data};
  g_autofree gint64 *costs = find_costs (&each, error);
  SlipJobs jobs = {.n_jobs = tables->len,
                   .n_sessions = CLAMP (run->options->connections, 1, 32),
                   .costs = costs,
                   .session = run,
                   .open = open_session,
                   .close = close_session,
                   .func = do_table,
                   .data = &each};
  gboolean ok;

  if (costs == NULL || (related && (jobs.after = find_after (&each, error)) == NULL))
    return FALSE;
  ok = slip_jobs_run (&jobs, run->cancellable, error);
  if (related)
    slip_jobs_free_after (jobs.after);
  return ok;
}
