/* SPDX-License-Identifier: MIT */
/* What takes long runs on a thread of its own; the main thread hears Ctrl+C and tells progress. */

#include "config.h"

#include "slip-cli-migrate.h"

#include "slip-handoff.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <unistd.h>

#define LOCK_WAIT_MAX (24 * 60 * 60)

typedef struct
{
  SlipCliWork work;
  gpointer data;
  GMainLoop *loop;
  GCancellable *cancellable;
} Work;

static gboolean
on_signal (gpointer data)
{
  g_cancellable_cancel (data);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_finished (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

static gpointer
run (gpointer data)
{
  Work *work = data;

  work->work (work->cancellable, work->data);
  slip_handoff_invoke (NULL, on_finished, work->loop, NULL);
  return NULL;
}

gboolean
slip_cli_migrate_log_begin (
    SlipMigrationLog *log, SlipCli *cli, const char *operation, JsonObject *request, GError **error)
{
  g_autofree char *path = slip_cli_ledger_path (cli, error);
  g_autoptr (SlipLedger) ledger = path != NULL ? slip_ledger_open (path, error) : NULL;

  if (ledger == NULL)
    {
      json_object_unref (request);
      return FALSE;
    }
  return slip_migration_log_begin (log, ledger, operation, request, error);
}

/* The environment whose target that is, as the workspace says; where there is none, or it cannot be read, nothing is known. */
static char *
dup_environment (SlipCli *cli, const char *target_db)
{
  g_autoptr (SlipWorkspace) workspace = slip_workspace_load (cli->workspace_path, NULL);
  GPtrArray *migrations = workspace != NULL ? slip_workspace_get_migrations (workspace) : NULL;

  for (guint i = 0; migrations != NULL && i < migrations->len; i++)
    {
      const SlipMigrationProject *project = g_ptr_array_index (migrations, i);

      if (slip_migration_log_is_same_database (project->target_db, target_db))
        return g_strdup (project->environment);
    }
  return NULL;
}

gboolean
slip_cli_migrate_check_unfinished (SlipCli *cli, const char *target_db, GError **error)
{
  g_autofree char *environment = dup_environment (cli, target_db);
  g_autofree char *path = environment != NULL ? slip_cli_ledger_path (cli, error) : NULL;
  g_autoptr (SlipLedger) ledger = path != NULL ? slip_ledger_open (path, error) : NULL;

  return environment == NULL
         || (ledger != NULL && slip_migration_log_check (ledger, environment, error));
}

gboolean
slip_cli_migrate_take_lock_wait (gint seconds, guint *lock_wait, int *status)
{
  if (seconds < 0)
    *status = slip_cli_usage_error (_ ("--lock-wait takes seconds, or 0 to wait without end"));
  else
    *lock_wait
        = seconds == 0 ? SLIP_MIGRATION_LOCK_WAIT_FOREVER : (guint)MIN (seconds, LOCK_WAIT_MAX);
  return seconds >= 0;
}

void
slip_cli_migrate_tell_wait (const char *where, guint64 seconds)
{
  if (seconds > 0)
    g_printerr (_ ("slipwayctl: %s, for %" G_GUINT64_FORMAT " s at most\n"), where, seconds);
  else
    g_printerr ("slipwayctl: %s\n", where);
}

void
slip_cli_migrate_work (SlipCliWork work, GSourceFunc tell, gpointer data)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Work all = {work, data, loop, cancellable};
  guint signals[] = {g_unix_signal_add (SIGINT, on_signal, cancellable),
                     g_unix_signal_add (SIGTERM, on_signal, cancellable)};
  gboolean tells = tell != NULL && isatty (STDERR_FILENO);
  guint timer = tells ? g_timeout_add (500, tell, data) : 0;
  SlipCliHeartbeat *beat = slip_cli_heartbeat_begin (cancellable);
  GThread *thread = g_thread_new ("migrate", run, &all);

  g_main_loop_run (loop);
  g_thread_join (thread);
  slip_cli_heartbeat_end (beat);
  if (tells)
    g_printerr ("\r\033[K");
  g_clear_handle_id (&timer, g_source_remove);
  g_source_remove (signals[0]);
  g_source_remove (signals[1]);
}
