/* SPDX-License-Identifier: MIT */
/* slipwayctl migrate api-test: the checks of the new system's API by themselves, without a run. The work is in
 * app/migration/api; secrets come from the environment only. */

#include "config.h"

#include "slip-api-check.h"
#include "slip-cli-migrate.h"
#include "slip-json.h"
#include "slip-migration-run.h"

#include <glib/gi18n.h>
#include <string.h>
#include <unistd.h>

#define FAILED_CHECKS 3

typedef struct
{
  char *migration_db;
  char *target_db;
  char *sidecar;
  char *url;
  char *run_date;
  gint parallel;
  gint timeout;
  gint tries;
  gint pause;
  gboolean json;
  gboolean quiet;

  SlipMigration *migration; /* owned */
  SlipApiOptions options;
  GPtrArray *checks; /* owned; element-type SlipApiCheck */
  GError *error;

  GMutex mutex;
  guint64 done; /* of the thread and the timer, under the lock */
  guint64 total;
} Command;

static void
command_clear (Command *self)
{
  g_free (self->migration_db);
  g_free (self->target_db);
  g_free (self->sidecar);
  g_free (self->url);
  g_free (self->run_date);
  g_clear_object (&self->migration);
  g_clear_pointer (&self->checks, g_ptr_array_unref);
  g_clear_error (&self->error);
  g_mutex_clear (&self->mutex);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Command, command_clear)

static void
on_progress (const char *stage,
             const char *entity,
             const char *step,
             guint64 done,
             guint64 total,
             const char *unit,
             gpointer user_data)
{
  Command *command = user_data;

  g_mutex_lock (&command->mutex);
  command->done = done;
  command->total = total;
  g_mutex_unlock (&command->mutex);
}

static gboolean
tell (gpointer data)
{
  Command *command = data;

  g_mutex_lock (&command->mutex);
  g_printerr ("\r%" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT "\033[K", command->done, command->total);
  g_mutex_unlock (&command->mutex);
  return G_SOURCE_CONTINUE;
}

static void
work (GCancellable *cancellable, gpointer data)
{
  Command *command = data;
  g_autoptr (SlipPg) target
      = slip_pg_open (command->target_db, "target database", cancellable, &command->error);
  g_autoptr (SlipPg) pg = NULL;

  if (target == NULL)
    return;
  if (command->migration_db != NULL)
    {
      pg = slip_pg_open (command->migration_db, "migration database", cancellable, &command->error);
      if (pg == NULL)
        return;
    }
  command->checks = slip_api_execute (command->migration, &command->options, pg, target,
                                      command->run_date, cancellable, &command->error);
  if (command->checks != NULL && pg != NULL
      && !slip_api_store (pg, 0, command->checks, &command->error))
    g_clear_pointer (&command->checks, g_ptr_array_unref);
}

/* ---- what came of it */

static JsonObject *
check_to_json (const SlipApiCheck *check)
{
  JsonObject *object = json_object_new ();
  const char *const members[][2] = {
      {"file", check->file},       {"endpoint", check->endpoint}, {"reference", check->reference},
      {"locator", check->locator}, {"purpose", check->purpose},   {"expected", check->expected},
      {"actual", check->actual},   {"state", check->state},       {"message", check->message},
      {"asked", check->asked},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (members); i++)
    if (members[i][1] != NULL)
      json_object_set_string_member (object, members[i][0], members[i][1]);
  json_object_set_int_member (object, "line", (gint64)check->line);
  json_object_set_int_member (object, "status", check->status);
  json_object_set_int_member (object, "tries", check->tries);
  json_object_set_int_member (object, "milliseconds", check->milliseconds);
  return object;
}

static void
print_json (GPtrArray *checks)
{
  JsonObject *object = json_object_new ();
  JsonArray *array = json_array_new ();
  g_autoptr (JsonNode) node = slip_json_new_object (object);
  g_autofree char *text = NULL;

  for (guint i = 0; i < checks->len; i++)
    json_array_add_object_element (array, check_to_json (g_ptr_array_index (checks, i)));
  json_object_set_array_member (object, "checks", array);
  text = slip_json_to_text (node, TRUE);
  g_print ("%s\n", text);
}

static void
print_text (GPtrArray *checks)
{
  for (guint i = 0; i < checks->len; i++)
    {
      const SlipApiCheck *check = g_ptr_array_index (checks, i);
      g_autofree char *text = NULL;

      if (g_str_equal (check->state, "passed") || g_str_equal (check->state, "skipped"))
        continue;
      text = slip_api_check_to_text (check);
      g_print ("%s\n", text);
    }
  g_print (_ ("%u checks: %u passed, %u have another answer, %u have none, %u were skipped\n"),
           checks->len, slip_api_count (checks, "passed"), slip_api_count (checks, "failed"),
           slip_api_count (checks, "error"), slip_api_count (checks, "skipped"));
}

static gboolean
parse (Command *command, int *argc, char ***argv, int *status)
{
  const GOptionEntry entries[] = {
      {"target-db", 0, 0, G_OPTION_ARG_STRING, &command->target_db,
       N_ ("The target, in which references are looked up"), N_ ("CONNINFO")},
      {"migration-db", 0, 0, G_OPTION_ARG_STRING, &command->migration_db,
       N_ ("The migration database: what came of it is kept there"), N_ ("CONNINFO")},
      {"api-url", 0, 0, G_OPTION_ARG_STRING, &command->url,
       N_ ("Where the API is; without it SLIPWAY_API_URL"), N_ ("URL")},
      {"sidecar", 0, 0, G_OPTION_ARG_FILENAME, &command->sidecar,
       N_ ("The sidecar, where it is not DIR/migration.json"), N_ ("FILE")},
      {"run-date", 0, 0, G_OPTION_ARG_STRING, &command->run_date,
       N_ ("What {run_date} is in the sidecar's SQL, in place of today"), N_ ("YYYY-MM-DD")},
      {"parallel", 0, 0, G_OPTION_ARG_INT, &command->parallel,
       N_ ("How many requests at once (default 4, at most 32)"), N_ ("N")},
      {"timeout", 0, 0, G_OPTION_ARG_INT, &command->timeout,
       N_ ("Seconds until a request is given up (default 30)"), N_ ("SECONDS")},
      {"tries", 0, 0, G_OPTION_ARG_INT, &command->tries,
       N_ ("How often an answer is asked for (default 5)"), N_ ("N")},
      {"pause", 0, 0, G_OPTION_ARG_INT, &command->pause,
       N_ ("Milliseconds between tries (default 3000)"), N_ ("MS")},
      {"json", 0, 0, G_OPTION_ARG_NONE, &command->json, N_ ("Print JSON"), NULL},
      {"quiet", 'q', 0, G_OPTION_ARG_NONE, &command->quiet, N_ ("Tell no progress"), NULL},
      G_OPTION_ENTRY_NULL,
  };

  return slip_cli_parse (
      entries, "migrate api-test DIR",
      _ ("Asks the new system what the files under “api” of the sidecar say, and compares. Who "
         "asks\nstands in the environment: SLIPWAY_API_TOKEN, or SLIPWAY_API_USER and "
         "SLIPWAY_API_PASSWORD.\n\nExit status: 0 every answer is as expected, 1 nothing could be "
         "asked, 2 wrong call, 3 checks\nfailed."),
      argc, argv, status);
}

static gboolean
take (Command *command, const char *folder, int *status)
{
  SlipApiOptions *options = &command->options;

  command->migration = slip_cli_migrate_read (
      folder, command->sidecar, (const char *[]){"/api", "/schemas", "/values", NULL}, status);
  if (command->migration == NULL)
    return FALSE;
  options->url = command->url;
  slip_api_options_take_environment (options);
  if (command->target_db == NULL)
    *status = slip_cli_usage_error (_ ("migrate api-test needs --target-db CONNINFO"));
  else if (options->url == NULL)
    *status = slip_cli_usage_error (_ ("migrate api-test needs --api-url URL or SLIPWAY_API_URL"));
  else if (slip_migration_get_api (command->migration)->checks->len == 0)
    *status = slip_cli_usage_error (_ ("the sidecar has no checks under “api”"));
  else if (command->parallel < 0 || command->timeout < 0 || command->tries < 0
           || command->pause < 0)
    *status = slip_cli_usage_error (_ ("numbers are 1 or above"));
  else
    {
      options->parallel = (guint)command->parallel;
      options->timeout = (guint)command->timeout;
      options->tries = (guint)command->tries;
      options->pause = (guint)command->pause;
      options->progress = on_progress;
      options->data = command;
      return TRUE;
    }
  return FALSE;
}

int
slip_cli_migrate_api_test (SlipCli *cli, int argc, char **argv)
{
  g_auto (Command) command = {0};
  int status;

  g_mutex_init (&command.mutex);
  if (!parse (&command, &argc, &argv, &status))
    return status;
  if (argc != 2)
    return slip_cli_usage_error (_ ("migrate api-test needs one DIR"));
  if (!take (&command, argv[1], &status))
    return status;
  if (command.run_date == NULL)
    {
      g_autoptr (GDateTime) now = g_date_time_new_now_local ();

      command.run_date = g_date_time_format (now, "%Y-%m-%d");
    }
  slip_cli_migrate_work (work, command.quiet ? NULL : tell, &command);
  if (command.checks == NULL)
    return slip_cli_fail (g_steal_pointer (&command.error));
  if (command.json)
    print_json (command.checks);
  else
    print_text (command.checks);
  return slip_api_count (command.checks, "failed") + slip_api_count (command.checks, "error") > 0
             ? FAILED_CHECKS
             : SLIP_CLI_OK;
}
