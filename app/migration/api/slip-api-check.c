/* SPDX-License-Identifier: MIT */
/* The checks of a migration's API, several at once: references are looked up by one thread, answers fetched by some, and
 * each group of checks is judged where its answers came in, so that no more of them are held than threads ask. */

#include "slip-api-private.h"

#include "slip-functions.h"
#include "slip-stage-sql.h"

#include <string.h>

typedef struct
{
  const SlipApiOptions *options;
  const char *login;
  GCancellable *cancellable;
  GPtrArray *groups; /* borrowed; those that have something to ask */

  GMutex mutex;
  guint next; /* under the lock, as all that follows */
  guint done;
  GError *error; /* owned; the first */
} Work;

static void
work_clear (Work *work)
{
  g_clear_error (&work->error);
  g_mutex_clear (&work->mutex);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Work, work_clear)

void
slip_api_options_take_environment (SlipApiOptions *options)
{
  g_return_if_fail (options != NULL);

  if (options->url == NULL)
    options->url = g_getenv ("SLIPWAY_API_URL");
  options->token = g_getenv ("SLIPWAY_API_TOKEN");
  options->user = g_getenv ("SLIPWAY_API_USER");
  options->password = g_getenv ("SLIPWAY_API_PASSWORD");
}

/* ---- one group */

static void
note_answer (SlipApiGroup *group, const char *path, const SlipApiAnswer *answer)
{
  for (guint i = 0; i < group->checks->len; i++)
    {
      SlipApiCheck *check = g_ptr_array_index (group->checks, i);
      g_autofree char *before = check->asked;

      check->asked = before != NULL ? g_strconcat (before, " ", path, NULL) : g_strdup (path);
      check->status = answer->status;
      check->tries += answer->tries;
      check->milliseconds += answer->milliseconds;
      if (answer->message != NULL && check->message == NULL)
        {
          check->state = "error";
          check->message = g_strdup_printf ("%s: %s", path, answer->message);
        }
    }
}

static void
free_values (gpointer data)
{
  g_ptr_array_unref (data);
}

static GPtrArray *
new_values (guint n)
{
  GPtrArray *values = g_ptr_array_new_with_free_func (free_values);

  for (guint i = 0; i < n; i++)
    g_ptr_array_add (values, g_ptr_array_new_with_free_func (g_free));
  return values;
}

static void
do_group (Work *work, SlipApiClient *client, SlipApiGroup *group)
{
  g_autoptr (GPtrArray) values = new_values (group->checks->len);

  for (guint i = 0; i < group->paths->len; i++)
    {
      const char *path = g_ptr_array_index (group->paths, i);
      g_auto (SlipApiAnswer) answer = {0};

      slip_api_client_get (client, path, group->of->retry, work->cancellable, &answer);
      note_answer (group, path, &answer);
      for (guint j = 0; j < group->checks->len; j++)
        {
          const SlipApiCheck *check = g_ptr_array_index (group->checks, j);

          slip_api_collect (g_ptr_array_index (values, j), check->locator, answer.json,
                            group->of->count);
        }
    }
  for (guint j = 0; j < group->checks->len; j++)
    {
      SlipApiCheck *check = g_ptr_array_index (group->checks, j);

      if (check->state == NULL)
        slip_api_judge (check, g_ptr_array_index (values, j));
    }
}

/* ---- threads */

static SlipApiGroup *
take_group (Work *work)
{
  SlipApiGroup *group = NULL;

  g_mutex_lock (&work->mutex);
  if (work->error == NULL && work->next < work->groups->len
      && !g_cancellable_is_cancelled (work->cancellable))
    group = g_ptr_array_index (work->groups, work->next++);
  g_mutex_unlock (&work->mutex);
  return group;
}

static void
end_group (Work *work, const SlipApiGroup *group)
{
  const SlipApiCheck *first = g_ptr_array_index (group->checks, 0);

  g_mutex_lock (&work->mutex);
  work->done++;
  if (work->options->progress != NULL)
    work->options->progress ("api", first->file, first->reference, work->done, work->groups->len,
                             "references", work->options->data);
  g_mutex_unlock (&work->mutex);
}

static gpointer
run_thread (gpointer data)
{
  Work *work = data;
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GError) error = NULL;
  SlipApiClient *client;

  g_main_context_push_thread_default (context);
  client = slip_api_client_new (work->options);
  if (slip_api_client_login (client, work->login, work->cancellable, &error))
    for (SlipApiGroup *group = take_group (work); group != NULL; group = take_group (work))
      {
        do_group (work, client, group);
        end_group (work, group);
      }
  slip_api_client_free (client);
  g_main_context_pop_thread_default (context);
  g_mutex_lock (&work->mutex);
  if (error != NULL && work->error == NULL)
    work->error = g_steal_pointer (&error);
  g_mutex_unlock (&work->mutex);
  return NULL;
}

static gboolean
run_threads (Work *work, GError **error)
{
  guint n = CLAMP (work->options->parallel > 0 ? work->options->parallel : 4, 1, 32);
  GThread *threads[32];

  n = MIN (n, work->groups->len);
  for (guint i = 0; i < n; i++)
    threads[i] = g_thread_new ("api", run_thread, work);
  for (guint i = 0; i < n; i++)
    g_thread_join (threads[i]);
  if (g_cancellable_is_cancelled (work->cancellable))
    {
      SLIP_API_ERROR (error, CANCELLED, "cancelled; what was asked is forgotten");
      return FALSE;
    }
  if (work->error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&work->error));
  return FALSE;
}

/* ---- public */

GPtrArray *
slip_api_execute (SlipMigration *migration,
                  const SlipApiOptions *options,
                  SlipPg *pg,
                  SlipPg *target,
                  const char *run_date,
                  GCancellable *cancellable,
                  GError **error)
{
  g_autoptr (GPtrArray) checks
      = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_api_check_free);
  g_autoptr (GPtrArray) groups
      = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_api_group_free);
  g_autoptr (GPtrArray) asking = g_ptr_array_new ();
  g_auto (Work) work = {.options = options, .cancellable = cancellable, .groups = asking};

  g_mutex_init (&work.mutex);
  g_return_val_if_fail (SLIP_IS_MIGRATION (migration) && options != NULL && target != NULL, NULL);
  g_return_val_if_fail (options->url != NULL && run_date != NULL, NULL);

  work.login = slip_migration_get_api (migration)->login;
  if (!slip_api_plan (migration, checks, groups, error))
    return NULL;
  for (guint i = 0; i < groups->len; i++)
    {
      SlipApiGroup *group = g_ptr_array_index (groups, i);

      if (!slip_api_resolve (migration, group, pg, target, run_date, error))
        return NULL;
      if (((const SlipApiCheck *)g_ptr_array_index (group->checks, 0))->state == NULL)
        g_ptr_array_add (asking, group);
    }
  return run_threads (&work, error) ? g_steal_pointer (&checks) : NULL;
}

guint
slip_api_count (GPtrArray *checks, const char *state)
{
  guint n = 0;

  g_return_val_if_fail (checks != NULL && state != NULL, 0);

  for (guint i = 0; i < checks->len; i++)
    n += g_strcmp0 (((const SlipApiCheck *)g_ptr_array_index (checks, i))->state, state) == 0;
  return n;
}

char *
slip_api_check_to_text (const SlipApiCheck *check)
{
  g_return_val_if_fail (check != NULL, NULL);

  if (check->message != NULL)
    return g_strdup_printf ("%s line %" G_GUINT64_FORMAT ": %s, %s, %s: %s", check->file,
                            check->line, check->purpose, check->reference, check->locator,
                            check->message);
  return g_strdup_printf (
      "%s line %" G_GUINT64_FORMAT ": %s, %s, %s: expected “%s”, actual “%s” (%s)", check->file,
      check->line, check->purpose, check->reference, check->locator, check->expected,
      check->actual != NULL ? check->actual : "", check->asked);
}

/* ---- what stays */

static void
append_check (GString *sql, gint64 run, const SlipApiCheck *check)
{
  slip_stage_sql_append (
      sql, "(nullif (%D, 0), %L, %D, %L, %L, %L, %L, %L, %L, %L, %L, %L, %D, %D, %D)", run,
      check->file, (gint64)check->line, check->endpoint, check->reference, check->locator,
      check->purpose, check->expected, check->actual, check->state, check->message, check->asked,
      (gint64)check->status, (gint64)check->tries, (gint64)check->milliseconds);
}

gboolean
slip_api_store (SlipPg *pg, gint64 run, GPtrArray *checks, GError **error)
{
  g_autoptr (GString) sql = g_string_new (NULL);

  g_return_val_if_fail (pg != NULL && checks != NULL, FALSE);

  slip_stage_sql_append (sql,
                         "BEGIN;\nDELETE FROM slipway.api_check WHERE run IS NOT DISTINCT FROM "
                         "nullif (%D, 0);\nDELETE FROM slipway.measure WHERE stage = 'api' AND run "
                         "IS NOT DISTINCT FROM nullif (%D, 0);\n",
                         run, run);
  for (guint i = 0; i < checks->len; i++)
    {
      g_string_append (sql, i == 0 ? "INSERT INTO slipway.api_check (run, file, line, endpoint, "
                                     "reference, locator, purpose, expected, actual, state, "
                                     "message, asked, status, tries, milliseconds) VALUES\n"
                                   : ",\n");
      append_check (sql, run, g_ptr_array_index (checks, i));
    }
  slip_stage_sql_append (
      sql,
      "%s\nINSERT INTO slipway.measure (run, stage, entity, kind, rows)\n"
      "  SELECT run, 'api', file, k.kind, count (*) FILTER (WHERE k.kind = 'in' OR k.kind = "
      "CASE state WHEN 'error' THEN 'failed' ELSE state END)\n"
      "    FROM slipway.api_check, (VALUES ('in'), ('passed'), ('failed'), ('skipped')) AS k "
      "(kind)\n"
      "   WHERE run IS NOT DISTINCT FROM nullif (%D, 0) GROUP BY run, file, k.kind;\nCOMMIT",
      checks->len > 0 ? ";" : "", run);
  slip_pg_name_statement (pg, "what came of the API checks");
  if (slip_functions_install (pg, error) && slip_pg_run (pg, sql->str, error))
    return TRUE;
  slip_pg_rollback (pg);
  return FALSE;
}
