/* SPDX-License-Identifier: MIT */
/* slipwayctl migrate run, stage and undo: a migration's stages over two databases, and the way back. The work is in app/migration/stages; this file reads options, tells progress and prints. */

#include "config.h"

#include "slip-migration-log.h"
#include "slip-cli-migrate.h"
#include "slip-json.h"
#include "slip-migration-run.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define GATE_FAILED 3

typedef struct
{
  SlipMigrationRunOptions options;
  char *migration_db;
  char *target_db;
  char *source;
  char *sidecar;
  char *definitions_sha256;
  char *sidecar_sha256;
  char *integration;
  char *run_date;
  char *stage;
  char *api_url;
  char **values;
  char **skip;
  gint connections;
  gint chunk_rows;
  gint lock_wait;
  gboolean json;
  gboolean quiet;
  gboolean no_log;

  SlipMigration *migration; /* owned */
  gint64 run;
  gboolean undo;
  SlipMigrationRunResult *result; /* owned; of the thread until the loop has ended */
  gint64 rows;
  char *note;
  gboolean ok;
  GError *error;

  GMutex mutex;
  char *where; /* of the thread and the timer, under the lock */
  char *unit;
  guint64 done;
  guint64 total;
  gint64 begun; /* of what is told now */
  gboolean lines;
  gint64 told;         /* when the last line was written */
  gboolean begun_said; /* which run it is */
} Command;

static void
command_clear (Command *self)
{
  g_free (self->migration_db);
  g_free (self->target_db);
  g_free (self->source);
  g_free (self->sidecar);
  g_free (self->definitions_sha256);
  g_free (self->sidecar_sha256);
  g_free (self->integration);
  g_free (self->run_date);
  g_free (self->stage);
  g_free (self->api_url);
  g_strfreev (self->values);
  g_strfreev (self->skip);
  g_clear_object (&self->migration);
  g_clear_pointer (&self->result, slip_migration_run_result_free);
  g_clear_error (&self->error);
  g_free (self->note);
  g_free (self->where);
  g_free (self->unit);
  g_mutex_clear (&self->mutex);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Command, command_clear)

/* ---- while it goes on */

/* How often a line of progress comes at most, while it is about the same. */
#define LINE_SECONDS 5

/* Whoever follows the log needs it to take the run back, also when the task does not come to its end. */
static void
tell_run (Command *command)
{
  const SlipMigrationRunResult *result = command->result;

  if (command->begun_said || result == NULL || result->run_date == NULL)
    return;
  command->begun_said = TRUE;
  g_printerr (_ ("run %" G_GINT64_FORMAT ", run date %s%s\n"), result->run, result->run_date,
              result->resumed ? _ (", taken up") : "");
}

/* A line for a log, which nobody can overwrite. */
static void
tell_line (Command *command, gboolean is_new)
{
  gint64 now = g_get_monotonic_time ();

  if (!is_new && now - command->told < LINE_SECONDS * G_USEC_PER_SEC)
    return;
  command->told = now;
  tell_run (command);
  g_printerr ("%s: %" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT " %s\n", command->where, command->done,
              command->total, command->unit);
}

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
  g_autofree char *where = g_strjoin (" → ", stage, entity != NULL ? entity : step,
                                      entity != NULL ? step : NULL, NULL);
  gboolean is_new;

  g_mutex_lock (&command->mutex);
  if (done == 0 && g_str_equal (unit, SLIP_MIGRATION_WAITING))
    {
      g_clear_pointer (&command->where, g_free); /* the wait is over */
      g_mutex_unlock (&command->mutex);
      return;
    }
  is_new = g_strcmp0 (command->where, where) != 0;
  if (is_new)
    {
      g_free (command->where);
      command->where = g_steal_pointer (&where);
      command->begun = g_get_monotonic_time ();
    }
  g_free (command->unit);
  command->unit = g_strdup (unit);
  command->done = done;
  command->total = total;
  if (command->lines)
    tell_line (command, is_new);
  else if (is_new && !command->quiet && g_str_equal (unit, SLIP_MIGRATION_WAITING)
           && !isatty (STDERR_FILENO))
    slip_cli_migrate_tell_wait (command->where, total);
  g_mutex_unlock (&command->mutex);
}

static gboolean
tell_progress (gpointer data)
{
  Command *command = data;

  g_mutex_lock (&command->mutex);
  if (command->where != NULL)
    {
      double seconds = (double)(g_get_monotonic_time () - command->begun) / G_USEC_PER_SEC;
      double rate = seconds > 0 ? (double)command->done / seconds : 0;

      g_printerr ("\r%s: %" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT " %s", command->where,
                  command->done, command->total, command->unit);
      if (rate > 0 && command->total >= command->done && !g_str_equal (command->unit, "steps")
          && !g_str_equal (command->unit, "tables")
          && !g_str_equal (command->unit, SLIP_MIGRATION_WAITING))
        g_printerr (_ (", %.0f/s, %.0f s to go"), rate,
                    (double)(command->total - command->done) / rate);
      g_printerr ("\033[K");
    }
  else
    g_printerr ("\r\033[K");
  g_mutex_unlock (&command->mutex);
  return G_SOURCE_CONTINUE;
}

static void
work (GCancellable *cancellable, gpointer data)
{
  Command *command = data;
  const SlipMigrationUndoOptions undo = {
      .migration_db = command->migration_db,
      .target_db = command->target_db,
      .run = command->run,
      .stage = command->stage,
      .lock_wait = command->options.lock_wait,
      .progress = command->options.progress,
      .data = command,
  };

  if (command->undo)
    command->ok = slip_migration_run_undo (&undo, &command->rows, &command->note, cancellable,
                                           &command->error);
  else
    command->ok = slip_migration_run_execute (command->migration, &command->options,
                                              &command->result, cancellable, &command->error);
}

/* ---- what came of it */

static void
set_text (JsonObject *object, const char *name, const char *value)
{
  if (value != NULL)
    json_object_set_string_member (object, name, value);
}

static void
set_list (JsonObject *object, const char *name, char **values)
{
  JsonArray *list = json_array_new ();

  for (guint i = 0; values != NULL && values[i] != NULL; i++)
    json_array_add_string_element (list, values[i]);
  json_object_set_array_member (object, name, list);
}

/* What somebody may agree to before it is loaded. */
static void
set_integration (JsonObject *object, const SlipMigrationIntegration *integration)
{
  JsonObject *told;

  if (integration == NULL)
    return;
  told = json_object_new ();
  set_text (told, "mark", integration->mark);
  set_text (told, "source", integration->source);
  json_object_set_int_member (told, "rows", integration->rows);
  json_object_set_object_member (object, "integration", told);
}

static JsonObject *
request_of (Command *command, const char *folder)
{
  JsonObject *request = json_object_new ();

  set_text (request, "definitions", folder);
  set_text (request, "sidecar", command->sidecar);
  set_text (request, "source", command->source);
  set_text (request, "migrationDatabase", command->migration_db);
  set_text (request, "targetDatabase", command->target_db);
  set_text (request, "stage", command->stage);
  set_text (request, "runDate", command->run_date);
  set_text (request, "integration", command->options.integration);
  if (command->undo)
    json_object_set_int_member (request, "run", command->run);
  if (command->migration == NULL)
    return request;
  set_list (request, "values", command->values);
  set_list (request, "skip", command->skip);
  json_object_set_boolean_member (request, "noReload", command->options.no_reload);
  if (command->options.accept_headers)
    json_object_set_boolean_member (request, "acceptHeaders", TRUE);
  set_text (request, "definitionsSha256",
            slip_definitions_get_sha256 (slip_migration_get_definitions (command->migration)));
  set_text (request, "sidecarSha256", slip_migration_get_sidecar_sha256 (command->migration));
  return request;
}

static JsonObject *
result_of (Command *command)
{
  SlipMigrationRunResult *result = command->result;
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, "run", result != NULL ? result->run : command->run);
  if (command->undo)
    json_object_set_int_member (object, "changes", command->rows);
  set_text (object, "note", command->note);
  if (result == NULL)
    return object;
  set_text (object, "runDate", result->run_date);
  set_integration (object, result->integration);
  json_object_set_array_member (object, "stages", slip_cli_migrate_stages_to_json (result->stages));
  return object;
}

/* What is meant is in the audit log before anything is done, and what came of it after. */
static void
go (Command *command, SlipCli *cli, const char *operation, const char *folder)
{
  g_auto (SlipMigrationLog) log = {0};
  GError *error = NULL;

  if (!command->no_log
      && !slip_cli_migrate_check_unfinished (cli, command->target_db, &command->error))
    return;
  if (!command->no_log
      && !slip_cli_migrate_log_begin (&log, cli, operation, request_of (command, folder),
                                      &command->error))
    return;
  command->options.progress = on_progress;
  command->options.data = command;
  slip_cli_migrate_work (work, command->quiet || command->lines ? NULL : tell_progress, command);
  command->error = slip_cli_migrate_take_printed (command->error);
  if (slip_migration_log_end (&log, command->ok ? NULL : command->error, result_of (command),
                              &error))
    return;
  command->ok = FALSE;
  if (command->error == NULL)
    g_propagate_error (&command->error, error);
  else
    slip_cli_fail (error); /* the first one matters more, and both are told */
}

static void
print_object (JsonObject *object)
{
  g_autoptr (JsonNode) node = slip_json_new_object (object);
  g_autofree char *text = slip_json_to_text (node, TRUE);

  g_print ("%s\n", text);
}

static int
finish_run (Command *command)
{
  SlipMigrationRunResult *result = command->result;
  gboolean gate = g_error_matches (command->error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_GATE);

  if (result != NULL && command->json)
    {
      JsonObject *object = json_object_new ();

      json_object_set_int_member (object, "run", result->run);
      json_object_set_boolean_member (object, "resumed", result->resumed);
      set_text (object, "runDate", result->run_date);
      json_object_set_boolean_member (object, "done", command->ok);
      set_text (object, "error", command->error != NULL ? command->error->message : NULL);
      set_integration (object, result->integration);
      json_object_set_array_member (object, "stages",
                                    slip_cli_migrate_stages_to_json (result->stages));
      print_object (object);
    }
  else if (result != NULL && result->run > 0)
    {
      g_print (_ ("run %" G_GINT64_FORMAT ", run date %s%s\n"), result->run, result->run_date,
               result->resumed ? _ (", taken up") : "");
      g_print ("%-16s %-10s %12s %9s\n", _ ("stage"), _ ("state"), _ ("rows"), _ ("seconds"));
      slip_cli_migrate_print_stages (result->stages);
      if (result->integration != NULL)
        {
          g_autofree char *integrated = slip_migration_integration_to_text (result->integration);

          g_print ("%s\n", integrated);
        }
    }
  if (command->ok)
    return SLIP_CLI_OK;
  slip_cli_fail (g_steal_pointer (&command->error));
  return gate ? GATE_FAILED : SLIP_CLI_FAILED;
}

/* ---- run and stage */

static gboolean
is_date (const char *text)
{
  int year, month, day;
  char rest;

  return strlen (text) == 10 && sscanf (text, "%4d-%2d-%2d%c", &year, &month, &day, &rest) == 3
         && month >= 1 && month <= 12 && year > 0
         && g_date_valid_dmy ((GDateDay)day, (GDateMonth)month, (GDateYear)year);
}

static gboolean
parse_run (
    Command *command, const char *usage, const char *summary, int *argc, char ***argv, int *status)
{
  const GOptionEntry entries[] = {
      {"source", 0, 0, G_OPTION_ARG_FILENAME, &command->source,
       N_ ("Where the source files are; without it what is landed is used"), N_ ("FOLDER")},
      {"migration-db", 0, 0, G_OPTION_ARG_STRING, &command->migration_db,
       N_ ("The migration database: a URI, or words of libpq"), N_ ("CONNINFO")},
      {"target-db", 0, 0, G_OPTION_ARG_STRING, &command->target_db,
       N_ ("The database that is migrated into"), N_ ("CONNINFO")},
      {"sidecar", 0, 0, G_OPTION_ARG_FILENAME, &command->sidecar,
       N_ ("The sidecar, where it is not DIR/migration.json"), N_ ("FILE")},
      {"run-date", 0, 0, G_OPTION_ARG_STRING, &command->run_date,
       N_ ("What “current_date” is, in place of today"), N_ ("YYYY-MM-DD")},
      {"value", 0, 0, G_OPTION_ARG_STRING_ARRAY, &command->values,
       N_ ("Another text for a value of the sidecar; may be repeated"), N_ ("NAME=TEXT")},
      {"skip", 0, 0, G_OPTION_ARG_STRING_ARRAY, &command->skip,
       N_ ("Leave a stage out; may be repeated"), N_ ("STAGE")},
      {"connections", 0, 0, G_OPTION_ARG_INT, &command->connections,
       N_ ("How many steps, tables or comparisons at once (default 2)"), N_ ("N")},
      {"chunk-rows", 0, 0, G_OPTION_ARG_INT, &command->chunk_rows,
       N_ ("Rows that go into the target in one transaction (default 50000)"), N_ ("N")},
      {"lock-wait", 0, 0, G_OPTION_ARG_INT, &command->lock_wait, SLIP_CLI_LOCK_WAIT_TEXT,
       N_ ("SECONDS")},
      {"api-url", 0, 0, G_OPTION_ARG_STRING, &command->api_url,
       N_ ("Where the new system's API is, for stage api; who asks is in SLIPWAY_API_TOKEN, or "
           "SLIPWAY_API_USER and SLIPWAY_API_PASSWORD"),
       N_ ("URL")},
      {"no-reload", 0, 0, G_OPTION_ARG_NONE, &command->options.no_reload,
       N_ ("Leave landed tables whose files have not changed"), NULL},
      {"accept-headers", 0, 0, G_OPTION_ARG_NONE, &command->options.accept_headers,
       N_ ("Take headers that are not those expected or loaded before"), NULL},
      {"max-field", 0, 0, G_OPTION_ARG_INT64, &command->options.max_field,
       N_ ("The longest field that is taken (default 16777216)"), N_ ("BYTES")},
      {"keep-done", 0, 0, G_OPTION_ARG_NONE, &command->options.keep_done,
       N_ ("Of “migrate stage”: leave the stage when it is done"), NULL},
      {"definitions-sha256", 0, 0, G_OPTION_ARG_STRING, &command->definitions_sha256,
       N_ ("Do nothing when the definitions have another digest"), N_ ("HEX")},
      {"sidecar-sha256", 0, 0, G_OPTION_ARG_STRING, &command->sidecar_sha256,
       N_ ("The same of the sidecar"), N_ ("HEX")},
      {"integration", 0, 0, G_OPTION_ARG_STRING, &command->integration,
       N_ ("Load nothing into the target but this integration, as its stage told it"), N_ ("HEX")},
      {"progress-lines", 0, 0, G_OPTION_ARG_NONE, &command->lines,
       N_ ("Tell progress in lines, for a log"), NULL},
      {"no-log", 0, 0, G_OPTION_ARG_NONE, &command->no_log,
       N_ ("Leave the audit log alone: another run's tells of this one"), NULL},
      {"json", 0, 0, G_OPTION_ARG_NONE, &command->json, N_ ("Print JSON"), NULL},
      {"quiet", 'q', 0, G_OPTION_ARG_NONE, &command->quiet, N_ ("Tell no progress"), NULL},
      G_OPTION_ENTRY_NULL,
  };

  return slip_cli_parse (entries, usage, summary, argc, argv, status);
}

/* Of what the caller was made for. */
static gboolean
check_digest (const char *expected, const char *found, const char *what, GError **error)
{
  if (expected == NULL || g_str_equal (expected, found))
    return TRUE;
  g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_STATE,
               _ ("%s has the digest %s, and should have %s: it was changed since that was agreed "
                  "to, and nothing is done by "
                  "it. Put back what it was; or make the state machine anew (slipwayctl migrate "
                  "state-machine), and plan "
                  "again"),
               what, found, expected);
  return FALSE;
}

static gboolean
check_digests (Command *command, const char *folder, GError **error)
{
  g_autofree char *sidecar = command->sidecar != NULL
                                 ? g_strdup (command->sidecar)
                                 : g_build_filename (folder, "migration.json", NULL);

  return check_digest (
             command->definitions_sha256,
             slip_definitions_get_sha256 (slip_migration_get_definitions (command->migration)),
             folder, error)
         && check_digest (command->sidecar_sha256,
                          slip_migration_get_sidecar_sha256 (command->migration), sidecar, error);
}

static gboolean
take_run (Command *command, const char *folder, int *status)
{
  g_autoptr (GError) error = NULL;

  if (!slip_cli_migrate_take_lock_wait (command->lock_wait, &command->options.lock_wait, status)
      || !slip_cli_migrate_find_conninfo (&command->migration_db, "SLIPWAY_MIGRATION_DB", status)
      || !slip_cli_migrate_find_conninfo (&command->target_db, "SLIPWAY_TARGET_DB", status))
    return FALSE;
  if (command->migration_db == NULL || command->target_db == NULL)
    *status = slip_cli_usage_error (
        _ ("migrate needs --migration-db CONNINFO and --target-db CONNINFO, or the variables "
           "SLIPWAY_MIGRATION_DB and SLIPWAY_TARGET_DB"));
  else if (command->run_date != NULL && !is_date (command->run_date))
    *status = slip_cli_usage_error (_ ("“%s” is not a date. Write it as YYYY-MM-DD"),
                                    command->run_date);
  else if ((command->migration = slip_migration_load (folder, command->sidecar, &error)) == NULL
           || !check_digests (command, folder, &error)
           || (command->values != NULL
               && !slip_migration_override (command->migration,
                                            (const char *const *)command->values, &error)))
    *status = slip_cli_fail (g_steal_pointer (&error));
  else
    {
      command->options.migration_db = command->migration_db;
      command->options.target_db = command->target_db;
      command->options.source = command->source;
      command->options.run_date = command->run_date;
      command->options.values = (const char *const *)command->values;
      command->options.skip = (const char *const *)command->skip;
      /* A state machine that was to agree to none gives an empty text. */
      command->options.integration = command->integration != NULL && *command->integration != '\0'
                                         ? command->integration
                                         : NULL;
      command->options.only = command->stage;
      command->options.api_url = command->api_url;
      command->options.chunk_rows = (guint)MAX (command->chunk_rows, 0);
      command->options.connections
          = command->connections > 0 ? (guint)MIN (command->connections, 32) : 2;
      return TRUE;
    }
  return FALSE;
}

int
slip_cli_migrate_run (SlipCli *cli, int argc, char **argv)
{
  g_auto (Command) command = {.lock_wait = SLIP_MIGRATION_LOCK_WAIT};
  int status;

  g_mutex_init (&command.mutex);
  if (!parse_run (
          &command, "migrate run DIR",
          _ ("Runs the stages of a migration: load, filter, prepare, transform, integration,\n"
             "load_to_target, validation, api, hooks. A run that broke off is taken up where it "
             "stands; of one\nthat is finished nothing is changed.\n\nExit status: 0 all is done, "
             "1 a stage failed, 2 "
             "wrong "
             "call, 3 a gate is exceeded."),
          &argc, &argv, &status))
    return status;
  if (argc != 2)
    return slip_cli_usage_error (_ ("migrate run needs one DIR"));
  if (!take_run (&command, argv[1], &status))
    return status;
  go (&command, cli, "run", argv[1]);
  return finish_run (&command);
}

int
slip_cli_migrate_stage (SlipCli *cli, int argc, char **argv)
{
  g_auto (Command) command = {.lock_wait = SLIP_MIGRATION_LOCK_WAIT};
  int status;

  g_mutex_init (&command.mutex);
  if (!parse_run (
          &command, "migrate stage STAGE DIR",
          _ ("Runs one stage of the latest run again, or for the first time. What was made "
             "behind it is "
             "old\nthen and is run anew by “migrate run”. Stages before it must be done, or be "
             "left out by --skip,\nand pass their gates.\n\nExit status: 0 it is done, 1 "
             "it failed, 2 "
             "wrong call, 3 a gate is exceeded."),
          &argc, &argv, &status))
    return status;
  if (argc != 3)
    return slip_cli_usage_error (_ ("migrate stage needs a STAGE and a DIR"));
  command.stage = g_strdup (argv[1]);
  if (!take_run (&command, argv[2], &status))
    return status;
  go (&command, cli, "stage", argv[2]);
  return finish_run (&command);
}

/* ---- undo */

int
slip_cli_migrate_undo (SlipCli *cli, int argc, char **argv)
{
  g_auto (Command) command = {.undo = TRUE, .lock_wait = SLIP_MIGRATION_LOCK_WAIT};
  const GOptionEntry entries[] = {
      {"migration-db", 0, 0, G_OPTION_ARG_STRING, &command.migration_db,
       N_ ("The migration database: a URI, or words of libpq"), N_ ("CONNINFO")},
      {"target-db", 0, 0, G_OPTION_ARG_STRING, &command.target_db,
       N_ ("The database that was migrated into"), N_ ("CONNINFO")},
      {"stage", 0, 0, G_OPTION_ARG_STRING, &command.stage,
       N_ ("Take back this stage and those behind it; the run can go on from there"), N_ ("STAGE")},
      {"lock-wait", 0, 0, G_OPTION_ARG_INT, &command.lock_wait, SLIP_CLI_LOCK_WAIT_TEXT,
       N_ ("SECONDS")},
      {"progress-lines", 0, 0, G_OPTION_ARG_NONE, &command.lines,
       N_ ("Tell progress in lines, for a log"), NULL},
      {"quiet", 'q', 0, G_OPTION_ARG_NONE, &command.quiet, N_ ("Tell no progress"), NULL},
      G_OPTION_ENTRY_NULL,
  };
  char *end = NULL;
  int status;

  g_mutex_init (&command.mutex);
  if (!slip_cli_parse (
          entries, "migrate undo RUN",
          _ ("Takes a run back: of the target exactly the rows that its manifest names, in one "
             "transaction.\nIt is refused where a row was changed since, or where later rows "
             "depend on one.\nSequences stay.\n\nExit status: 0 it is undone, 1 refused or failed, "
             "2 "
             "wrong call."),
          &argc, &argv, &status))
    return status;
  command.run = argc == 2 ? g_ascii_strtoll (argv[1], &end, 10) : 0;
  if (argc != 2 || command.run <= 0 || *end != '\0')
    return slip_cli_usage_error (
        _ ("migrate undo needs one RUN, a number as “migrate status” tells it"));
  if (!slip_cli_migrate_take_lock_wait (command.lock_wait, &command.options.lock_wait, &status)
      || !slip_cli_migrate_find_conninfo (&command.migration_db, "SLIPWAY_MIGRATION_DB", &status)
      || !slip_cli_migrate_find_conninfo (&command.target_db, "SLIPWAY_TARGET_DB", &status))
    return status;
  if (command.migration_db == NULL || command.target_db == NULL)
    return slip_cli_usage_error (
        _ ("migrate undo needs --migration-db CONNINFO and --target-db CONNINFO"));
  go (&command, cli, "undo", NULL);
  if (!command.ok)
    return slip_cli_fail (g_steal_pointer (&command.error));
  g_print (
      _ ("run %" G_GINT64_FORMAT ": %" G_GINT64_FORMAT " changes taken back; sequences stay\n"),
      command.run, command.rows);
  if (command.note != NULL)
    g_print (_ ("What others, the target's own triggers and hooks made stays: %s\n"), command.note);
  return SLIP_CLI_OK;
}
