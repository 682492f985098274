/* SPDX-License-Identifier: MIT */
/* The load stage: all tables of a folder, several at a time, each on a connection of its own. What one table needs is
 * slip-landing.c's. */

#include "slip-load.h"

#include "slip-functions.h"
#include "slip-load-header.h"
#include "slip-pool.h"

#define STREAMS 2
#define SCHEMA "casrec_csv"

#define LOCK_SECONDS 30

typedef struct
{
  const SlipLoadOptions *options;
  const char *schema;
  GPtrArray *plan;      /* element-type SlipLoadTable */
  GHashTable *expected; /* owned, or NULL */
  SlipPg *pg;           /* owned; holds the lock against runs, and is the first stream's */
  GCancellable *stop;   /* owned; the caller's cancel, or a connection that is lost */
  GPtrArray *tasks;     /* element-type Task */
  gint next;            /* atomic; of the tasks */
  gint first;           /* atomic; 1 until a stream has @pg */
  GMutex mutex;
  guint64 done; /* bytes */
  guint64 total;
} Load;

typedef struct
{
  Load *load;
  const SlipLoadTable *table;
  SlipLoadResult *result;
} Task;

void
slip_load_result_free (SlipLoadResult *result)
{
  if (result == NULL)
    return;
  g_free (result->table);
  slip_landing_clear (&result->landing);
  g_clear_error (&result->error);
  g_free (result);
}

guint
slip_load_count_failed (GPtrArray *results)
{
  g_return_val_if_fail (results != NULL, 0);

  guint n = 0;

  for (guint i = 0; i < results->len; i++)
    n += ((SlipLoadResult *)g_ptr_array_index (results, i))->error != NULL;
  return n;
}

/* ---- one table */

static void
count_bytes (const char *file, guint64 bytes, gpointer user_data)
{
  Task *task = user_data;
  Load *load = task->load;

  g_mutex_lock (&load->mutex);
  load->done += bytes;
  if (load->options->progress != NULL)
    load->options->progress ("load", task->table->name, file, load->done, load->total, "bytes",
                             load->options->data);
  g_mutex_unlock (&load->mutex);
}

static SlipLandingOrder
order_of (Task *task)
{
  const SlipLoadOptions *options = task->load->options;
  SlipLandingOrder order = {
      .schema = task->load->schema,
      .table = task->table,
      .format = options->format,
      .expected = task->load->expected,
      .accept_headers = options->accept_headers,
      .no_reload = options->no_reload,
      .collect = options->collect,
      .max_rejected = options->max_rejected,
      .max_rejected_percent = options->max_rejected_percent,
      .lock_seconds = options->lock_seconds,
      .run = options->run,
      .bound = options->bound,
      .progress = count_bytes,
      .data = task,
  };

  if (task->table->encoding != NULL)
    order.format.encoding = task->table->encoding;
  if (task->table->delimiter != '\0')
    order.format.delimiter = task->table->delimiter;
  return order;
}

static void
land_table (Task *task, SlipPg *pg)
{
  SlipLoadResult *result = task->result;
  const SlipLandingOrder order = order_of (task);
  gint64 begun = g_get_monotonic_time ();

  slip_landing_land (pg, &order, &result->landing, &result->error);
  result->seconds = (double)(g_get_monotonic_time () - begun) / G_USEC_PER_SEC;
  /* The others would fail in the same way, one after the other. */
  if (g_error_matches (result->error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_CONNECTION))
    g_cancellable_cancel (task->load->stop);
}

static void
on_lock (const char *who, guint waited, guint seconds, gpointer data)
{
  Load *load = data;
  g_autofree char *step = g_strdup_printf ("waits for a lock of %s", who);

  g_mutex_lock (&load->mutex);
  if (load->options->progress != NULL)
    load->options->progress ("load", NULL, step, waited, seconds, SLIP_MIGRATION_WAITING,
                             load->options->data);
  g_mutex_unlock (&load->mutex);
}

static SlipPg *
open_session (Load *load, GCancellable *cancellable, GError **error)
{
  const SlipLoadOptions *options = load->options;
  g_autoptr (SlipPg) pg
      = slip_pg_open (options->conninfo, "migration database", cancellable, error);

  if (pg == NULL
      || !slip_pg_wait_for_locks (pg, options->conninfo,
                                  options->lock_seconds > 0 ? options->lock_seconds : LOCK_SECONDS,
                                  on_lock, load, error))
    return NULL;
  return g_steal_pointer (&pg);
}

/* One connection for all the tables that this stream gets to. */
static gboolean
land_tables (SlipJob *job, gpointer data, GError **error)
{
  Load *load = data;
  g_autoptr (GError) local = NULL;
  gboolean first = g_atomic_int_compare_and_exchange (&load->first, 1, 0);
  g_autoptr (SlipPg) opened = first ? NULL : open_session (load, load->stop, &local);
  SlipPg *pg = first ? load->pg : opened;
  guint i;

  while ((i = (guint)g_atomic_int_add (&load->next, 1)) < load->tasks->len)
    {
      Task *task = g_ptr_array_index (load->tasks, i);

      if (pg != NULL)
        land_table (task, pg);
      else
        task->result->error = g_error_copy (local);
    }
  return TRUE;
}

/* ---- all of them */

/* A run reads what is landed, so that nobody but itself lands anything meanwhile; loads go on side by side. The server may
 * still hold the lock of a run that was killed, for a moment. */
gboolean
slip_load_lock_out_runs (SlipPg *pg, GError **error)
{
  g_autoptr (GError) local = NULL;

  slip_pg_name_statement (pg, "lock against runs");
  if (slip_pg_run (pg,
                   "BEGIN; SET LOCAL lock_timeout = '2s'; SELECT pg_advisory_lock_shared (hashtext "
                   "('slipway.run')); COMMIT",
                   &local))
    return TRUE;
  slip_pg_rollback (pg);
  if (g_strcmp0 (slip_migration_error_get_sqlstate (local), "55P03") == 0)
    g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_STATE,
                 "a run works with what is landed in %s just now. Wait until it ends, or end it; "
                 "“slipwayctl migrate status” tells how far it is",
                 slip_pg_get_where (pg));
  else
    g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
make_schema (Load *load, GError **error)
{
  g_autofree char *quoted = slip_pg_quote_name (load->schema);
  g_autofree char *sql = g_strdup_printf ("CREATE SCHEMA IF NOT EXISTS %s", quoted);

  load->pg = open_session (load, load->stop, error);
  return load->pg != NULL && slip_functions_install (load->pg, error)
         && (load->options->run > 0 || slip_load_lock_out_runs (load->pg, error))
         && slip_pg_run (load->pg, sql, error);
}

static int
compare_sizes (gconstpointer a, gconstpointer b)
{
  const Task *left = *(Task *const *)a;
  const Task *right = *(Task *const *)b;

  return (left->table->bytes < right->table->bytes) - (left->table->bytes > right->table->bytes);
}

static GPtrArray *
new_tasks (Load *load, GPtrArray *results)
{
  GPtrArray *tasks = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < load->plan->len; i++)
    {
      const SlipLoadTable *table = g_ptr_array_index (load->plan, i);
      SlipLoadResult *result = g_new0 (SlipLoadResult, 1);
      Task *task = g_new0 (Task, 1);

      result->table = g_strdup (table->name);
      result->files = table->parts->len;
      slip_landing_init (&result->landing);
      g_ptr_array_add (results, result);
      *task = (Task){.load = load, .table = table, .result = result};
      g_ptr_array_add (tasks, task);
      load->total += table->bytes;
    }
  /* The longest first, so that none is begun when the others end. */
  g_ptr_array_sort (tasks, compare_sizes);
  return tasks;
}

static void
land_all (Load *load)
{
  guint streams = load->options->streams > 0 ? load->options->streams : STREAMS;
  g_autoptr (SlipPool) pool = NULL;
  g_autoptr (GPtrArray) jobs = g_ptr_array_new_with_free_func (g_object_unref);

  streams = MIN (streams, load->tasks->len);
  pool = slip_pool_new ("load", streams);
  for (guint i = 0; i < streams; i++)
    {
      SlipJob *job = slip_job_new ("load");

      g_ptr_array_add (jobs, job);
      slip_pool_run (pool, job, land_tables, load, NULL);
    }
  for (guint i = 0; i < jobs->len; i++)
    slip_job_wait (g_ptr_array_index (jobs, i));
}

static gboolean
is_landed (SlipLoadResult *result)
{
  return result->error == NULL && !result->landing.kept;
}

/* Each table's transaction ends without waiting for the disk, together with its row of slipway.file: a server that
 * loses power has both or neither. Before anything is said to be landed the server waits once for all of them, which is what the
 * end of any transaction that wrote something does. */
static void
flush (Load *load, GPtrArray *results, GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipPgRows) rows = NULL;
  guint n = 0;

  for (guint i = 0; i < results->len; i++)
    n += is_landed (g_ptr_array_index (results, i));
  if (n == 0 || g_cancellable_is_cancelled (cancellable))
    return;
  /* A stream's connection was lost, and the others' were stopped. */
  if (g_cancellable_is_cancelled (load->stop))
    {
      slip_pg_close (load->pg);
      load->pg = open_session (load, cancellable, &error);
    }
  if (load->pg != NULL)
    {
      slip_pg_name_statement (load->pg, "wait for the disk");
      rows = slip_pg_query (load->pg, "SELECT pg_logical_emit_message (true, 'slipway', 'landed')",
                            NULL, NULL, &error);
    }
  for (guint i = 0; rows == NULL && i < results->len; i++)
    {
      SlipLoadResult *result = g_ptr_array_index (results, i);

      if (is_landed (result))
        result->error = g_error_copy (error);
    }
}

/* Whoever lands files by hand must know whose work ends with them. */
static void
tell_of_run (Load *load, GPtrArray *results)
{
  const char *params[] = {load->schema, NULL};
  SlipLoadResult *first = results->len > 0 ? g_ptr_array_index (results, 0) : NULL;
  g_autoptr (SlipPgRows) rows = NULL;

  if (load->options->run > 0 || first == NULL || load->pg == NULL)
    return;
  rows = slip_pg_query (
      load->pg,
      "SELECT id, name FROM slipway.run WHERE schemas[1] = $1 AND state <> 'undone'"
      " AND landed <> slipway.landed_digest ($1) ORDER BY id DESC LIMIT 1",
      params, NULL, NULL);
  if (rows != NULL && slip_pg_rows_get_n_rows (rows) > 0)
    g_ptr_array_add (
        first->landing.notes,
        g_strdup_printf ("run %s of %s was made of other files, and goes on with these "
                         "only from stage load",
                         slip_pg_rows_get (rows, 0, 0), slip_pg_rows_get (rows, 0, 1)));
}

static void
on_cancelled (GCancellable *cancellable, gpointer data)
{
  g_cancellable_cancel (data);
}

static gboolean
prepare (Load *load, GError **error)
{
  const SlipLoadOptions *options = load->options;

  load->plan = slip_load_plan (options->folder, options->tables, options->only, error);
  if (load->plan == NULL)
    return FALSE;
  if (options->headers != NULL)
    {
      load->expected = slip_load_headers_read (options->headers, options->tables,
                                               options->format.delimiter, error);
      if (load->expected == NULL)
        return FALSE;
    }
  return make_schema (load, error);
}

static void
load_clear (Load *load)
{
  g_clear_pointer (&load->pg, slip_pg_close);
  g_clear_pointer (&load->tasks, g_ptr_array_unref);
  g_clear_pointer (&load->plan, g_ptr_array_unref);
  g_clear_pointer (&load->expected, g_hash_table_unref);
  g_clear_object (&load->stop);
  g_mutex_clear (&load->mutex);
}

GPtrArray *
slip_load_run (const SlipLoadOptions *options, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (options != NULL && options->conninfo != NULL && options->folder != NULL,
                        NULL);

  Load load = {.options = options,
               .schema = options->schema != NULL ? options->schema : SCHEMA,
               .stop = g_cancellable_new (),
               .first = 1};
  g_autoptr (GPtrArray) results
      = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_load_result_free);
  gulong handler = 0;
  gboolean ok;

  g_mutex_init (&load.mutex);
  if (cancellable != NULL)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled),
                                     g_object_ref (load.stop), g_object_unref);
  ok = prepare (&load, error);
  if (ok)
    {
      load.tasks = new_tasks (&load, results);
      land_all (&load);
    }
  g_cancellable_disconnect (cancellable, handler);
  if (!ok)
    {
      load_clear (&load);
      return NULL;
    }
  flush (&load, results, cancellable);
  tell_of_run (&load, results);
  load_clear (&load);
  return g_steal_pointer (&results);
}
