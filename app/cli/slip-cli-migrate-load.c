/* SPDX-License-Identifier: MIT */
/* slipwayctl migrate load: source files into the landing tables, with what is bad in them, and how far it is. */

#include "config.h"

#include "slip-cli-migrate.h"
#include "slip-functions.h"
#include "slip-json.h"
#include "slip-load-plan.h"
#include "slip-load.h"
#include "slip-migration.h"
#include "slip-print.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

#define TOLD_NOTES 20

typedef struct
{
  SlipLoadOptions options;
  SlipMigration *migration; /* owned, or NULL */
  char *max_rejected;
  char *delimiter;
  char *quote;
  char *encoding;
  char *source;
  char *conninfo;
  char *sidecar;
  char *headers;
  char **only;
  gint streams;
  gint64 max_field;
  gboolean verify;
  gboolean json;
  gboolean quiet;

  GPtrArray *results; /* owned; of the thread, once the loop has ended */
  char **unclaimed;   /* owned; files that no table takes */
  GError *error;
  gint64 begun;
  GMutex mutex;
  guint64 done; /* bytes */
  guint64 total;
  char *table; /* owned */
} Command;

static void
command_clear (Command *command)
{
  g_clear_object (&command->migration);
  g_clear_pointer (&command->results, g_ptr_array_unref);
  g_clear_pointer (&command->unclaimed, g_strfreev);
  g_clear_error (&command->error);
  g_mutex_clear (&command->mutex);
  g_free (command->max_rejected);
  g_free (command->delimiter);
  g_free (command->quote);
  g_free (command->encoding);
  g_free (command->source);
  g_free (command->conninfo);
  g_free (command->sidecar);
  g_free (command->headers);
  g_strfreev (command->only);
  g_free (command->table);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Command, command_clear)

/* ---- what is asked for */

static gboolean
take_character (const char *word, const char *option, char *character, int *status)
{
  if (word == NULL)
    return TRUE;
  if (g_str_equal (word, "\\t") || g_str_equal (word, "tab"))
    *character = '\t';
  else if (strlen (word) == 1 && *word > 0)
    *character = *word;
  else
    {
      *status = slip_cli_usage_error (_ ("%s is one ASCII character, or tab"), option);
      return FALSE;
    }
  return TRUE;
}

static gboolean
take_limit (Command *command, int *status)
{
  const char *word = command->max_rejected;
  char *end = NULL;
  double number;

  if (word == NULL)
    return TRUE;
  number = g_ascii_strtod (word, &end);
  command->options.collect = TRUE;
  if (end != word && number >= 0 && g_str_equal (end, "%"))
    command->options.max_rejected_percent = number;
  else if (end != word && number >= 0 && *end == '\0')
    command->options.max_rejected = (gint64)number;
  else if (g_str_equal (word, "all"))
    return TRUE;
  else
    {
      *status = slip_cli_usage_error (
          _ ("--max-rejected is a number of records, a percentage such as 0.5%%, or all"));
      return FALSE;
    }
  return TRUE;
}

/* What the sidecar's gate lets pass; without one nothing does. */
static void
take_gate (Command *command)
{
  GPtrArray *gates = slip_migration_get_gates (command->migration);

  command->options.max_rejected = 0;
  for (guint i = 0; i < gates->len; i++)
    {
      const SlipGate *gate = g_ptr_array_index (gates, i);

      if (!g_str_equal (gate->stage, "load") || !g_str_equal (gate->kind, "rejected"))
        continue;
      command->options.max_rejected = gate->percent ? -1 : (gint64)gate->limit;
      command->options.max_rejected_percent = gate->percent ? gate->limit : -1;
    }
}

static void
take_sidecar (Command *command)
{
  const SlipSource *source = slip_migration_get_source (command->migration);
  SlipLoadOptions *options = &command->options;

  options->schema = slip_migration_get_schemas (command->migration)->source;
  options->tables = source->tables;
  options->headers = source->headers;
  options->collect = source->collect;
  options->format.encoding = source->encoding;
  options->format.delimiter = source->delimiter != NULL ? *source->delimiter : '\0';
  options->format.max_field = (gsize)MAX (source->max_field_bytes, 0);
  if (options->collect)
    take_gate (command);
}

static gboolean
take_options (Command *command, const char *folder, int *status)
{
  SlipLoadOptions *options = &command->options;

  options->max_rejected = -1;
  options->max_rejected_percent = -1;
  command->migration
      = slip_cli_migrate_read (folder, command->sidecar, (const char *[]){"/source", NULL}, status);
  if (command->migration == NULL)
    return FALSE;
  take_sidecar (command);
  if (command->encoding != NULL)
    options->format.encoding = command->encoding;
  if (command->headers != NULL)
    options->headers = command->headers;
  if (command->max_field > 0)
    options->format.max_field = (gsize)command->max_field;
  options->conninfo = command->conninfo;
  options->folder = command->source;
  options->only = (const char *const *)command->only;
  options->streams = (guint)CLAMP (command->streams, 0, 32);
  return take_character (command->delimiter, "--delimiter", &options->format.delimiter, status)
         && take_character (command->quote, "--quote", &options->format.quote, status)
         && take_limit (command, status);
}

static gboolean
parse (Command *command, int *argc, char ***argv, int *status)
{
  const GOptionEntry entries[] = {
      {"source", 0, 0, G_OPTION_ARG_FILENAME, &command->source, N_ ("Where the source files are"),
       N_ ("FOLDER")},
      {"migration-db", 0, 0, G_OPTION_ARG_STRING, &command->conninfo,
       N_ ("The migration database: a URI, or words of libpq"), N_ ("CONNINFO")},
      {"sidecar", 0, 0, G_OPTION_ARG_FILENAME, &command->sidecar,
       N_ ("The sidecar, when it is not DIR/migration.json"), N_ ("FILE")},
      {"table", 0, 0, G_OPTION_ARG_STRING_ARRAY, &command->only,
       N_ ("Only this table; may be repeated"), N_ ("NAME")},
      {"streams", 0, 0, G_OPTION_ARG_INT, &command->streams,
       N_ ("How many tables at once (default 2)"), N_ ("N")},
      {"no-reload", 0, 0, G_OPTION_ARG_NONE, &command->options.no_reload,
       N_ ("Leave tables whose files have not changed since they were loaded"), NULL},
      {"accept-headers", 0, 0, G_OPTION_ARG_NONE, &command->options.accept_headers,
       N_ ("Take headers that are not those expected or loaded before"), NULL},
      {"max-rejected", 0, 0, G_OPTION_ARG_STRING, &command->max_rejected,
       N_ ("Put up to so many bad records of a table aside: a number, N%, or all"), N_ ("N")},
      {"encoding", 0, 0, G_OPTION_ARG_STRING, &command->encoding,
       N_ ("The files' encoding, as iconv names it"), N_ ("NAME")},
      {"delimiter", 0, 0, G_OPTION_ARG_STRING, &command->delimiter, N_ ("Between fields"),
       N_ ("CHARACTER")},
      {"quote", 0, 0, G_OPTION_ARG_STRING, &command->quote, N_ ("Around fields"), N_ ("CHARACTER")},
      {"max-field", 0, 0, G_OPTION_ARG_INT64, &command->max_field,
       N_ ("The longest field that is taken (default 16777216)"), N_ ("BYTES")},
      {"headers", 0, 0, G_OPTION_ARG_FILENAME, &command->headers,
       N_ ("The headers that are expected, as head -1 *.csv prints them"), N_ ("FILE")},
      {"verify", 0, 0, G_OPTION_ARG_NONE, &command->verify,
       N_ ("Read all rows back and compare them with what was sent"), NULL},
      {"json", 0, 0, G_OPTION_ARG_NONE, &command->json, N_ ("Print JSON"), NULL},
      {"quiet", 'q', 0, G_OPTION_ARG_NONE, &command->quiet, N_ ("Tell no progress"), NULL},
      G_OPTION_ENTRY_NULL,
  };

  if (!slip_cli_parse (
          entries, "migrate load DIR",
          _ ("Loads the source files of a migration into its landing tables, every column as "
             "text.\nEach table is replaced in one transaction: whatever happens, it holds either "
             "what it held\nor what the files hold. A bad record is told with file, "
             "record, line, byte,\ncolumn and value.\n\nExit status: 0 all tables loaded, 1 some "
             "not, 2 wrong call."),
          argc, argv, status))
    return FALSE;
  if (*argc == 2 && command->source != NULL && command->conninfo != NULL)
    return take_options (command, (*argv)[1], status);
  *status = *argc != 2 ? slip_cli_usage_error (_ ("migrate load needs one DIR"))
                       : slip_cli_usage_error (
                           _ ("migrate load needs --source FOLDER and --migration-db CONNINFO"));
  return FALSE;
}

/* ---- while it goes on */

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
  if (g_strcmp0 (command->table, step) != 0)
    {
      g_free (command->table);
      command->table = g_strdup (step);
    }
  g_mutex_unlock (&command->mutex);
}

static gboolean
tell_progress (gpointer data)
{
  Command *command = data;
  double seconds = (double)(g_get_monotonic_time () - command->begun) / G_USEC_PER_SEC;

  g_mutex_lock (&command->mutex);
  if (command->done > 0 && command->total > 0)
    {
      double rate = (double)command->done / seconds;

      g_printerr (_ ("\r%3.0f %%, %.1f MB/s, %.0f s to go: %s\033[K"),
                  (double)command->done * 100 / (double)command->total, rate / 1e6,
                  (double)(command->total - command->done) / rate, command->table);
    }
  g_mutex_unlock (&command->mutex);
  return G_SOURCE_CONTINUE;
}

static void
verify_table (Command *command, SlipLoadResult *result, GCancellable *cancellable)
{
  g_autoptr (SlipPg) pg
      = slip_pg_open (command->conninfo, "migration database", cancellable, &result->error);

  if (pg != NULL)
    slip_landing_verify (pg, command->options.schema, result->table, &result->error);
}

static void
load (GCancellable *cancellable, gpointer data)
{
  Command *command = data;

  command->results = slip_load_run (&command->options, cancellable, &command->error);
  for (guint i = 0; command->verify && command->results != NULL && i < command->results->len; i++)
    {
      SlipLoadResult *result = g_ptr_array_index (command->results, i);

      if (result->error == NULL)
        verify_table (command, result, cancellable);
    }
  if (command->results != NULL)
    command->unclaimed
        = slip_load_plan_find_unclaimed (command->options.folder, command->options.tables, NULL);
}

static void
run (Command *command)
{
  command->begun = g_get_monotonic_time ();
  command->options.progress = on_progress;
  command->options.data = command;
  slip_cli_migrate_work (load, command->quiet ? NULL : tell_progress, command);
}

/* ---- what came of it */

static const char *
state_of (const SlipLoadResult *result)
{
  return result->error != NULL ? "failed" : result->landing.kept ? "kept" : "loaded";
}

static void
print_table (const SlipLoadResult *result)
{
  const SlipLanding *landing = &result->landing;
  g_autofree char *message
      = result->error != NULL ? g_strdup_printf ("  %s", result->error->message) : NULL;

  g_print ("%-28s %-7s %5u %12" G_GUINT64_FORMAT " %9" G_GUINT64_FORMAT " %9.2f\n", result->table,
           state_of (result), result->files, landing->rows, landing->rejected, result->seconds);
  if (message != NULL)
    g_print ("%s\n", message);
  if (landing->empty != NULL)
    g_print (_ ("  warning: %s\n"), landing->empty);
  for (guint i = 0; i < MIN (landing->notes->len, TOLD_NOTES); i++)
    g_print (_ ("  note: %s\n"), (const char *)g_ptr_array_index (landing->notes, i));
}

static void
print_text (Command *command, double seconds)
{
  guint64 rows = 0;
  guint64 bytes = 0;

  g_print ("%-28s %-7s %5s %12s %9s %9s\n", _ ("table"), _ ("state"), _ ("files"), _ ("rows"),
           _ ("rejected"), _ ("seconds"));
  for (guint i = 0; i < command->results->len; i++)
    {
      const SlipLoadResult *result = g_ptr_array_index (command->results, i);

      print_table (result);
      rows += result->error == NULL && !result->landing.kept ? result->landing.rows : 0;
      bytes += result->error == NULL && !result->landing.kept ? result->landing.bytes : 0;
    }
  for (guint i = 0; command->unclaimed != NULL && command->unclaimed[i] != NULL; i++)
    g_print (_ ("note: no table of the sidecar takes %s\n"), command->unclaimed[i]);
  g_print (ngettext ("%u table, ", "%u tables, ", command->results->len), command->results->len);
  g_print (_ ("%u not loaded; "), slip_load_count_failed (command->results));
  g_print (g_dngettext (NULL, "%" G_GUINT64_FORMAT " row, ", "%" G_GUINT64_FORMAT " rows, ", rows),
           rows);
  g_print (_ ("%.1f MB in %.2f s: %.0f rows/s, %.1f MB/s\n"), (double)bytes / 1e6, seconds,
           (double)rows / seconds, (double)bytes / 1e6 / seconds);
}

static JsonObject *
bad_to_json (const SlipBadRecord *bad)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "file", bad->file);
  json_object_set_int_member (object, "record", (gint64)bad->number);
  json_object_set_int_member (object, "line", (gint64)bad->line);
  if (bad->sheet != NULL)
    json_object_set_string_member (object, "sheet", bad->sheet);
  else
    json_object_set_int_member (object, "byte", (gint64)bad->byte);
  if (bad->column > 0)
    json_object_set_int_member (object, "column", bad->column);
  if (bad->name != NULL)
    json_object_set_string_member (object, "name", bad->name);
  json_object_set_string_member (object, "value", bad->value);
  json_object_set_string_member (object, "reason", bad->reason);
  return object;
}

static JsonObject *
result_to_json (const SlipLoadResult *result)
{
  const SlipLanding *landing = &result->landing;
  JsonObject *object = json_object_new ();
  JsonArray *bad = json_array_new ();
  JsonArray *notes = json_array_new ();

  json_object_set_string_member (object, "table", result->table);
  json_object_set_string_member (object, "state", state_of (result));
  json_object_set_int_member (object, "files", result->files);
  json_object_set_int_member (object, "rows", (gint64)landing->rows);
  json_object_set_int_member (object, "rejected", (gint64)landing->rejected);
  json_object_set_int_member (object, "blankLines", (gint64)landing->blank_lines);
  json_object_set_int_member (object, "bytes", (gint64)landing->bytes);
  json_object_set_double_member (object, "seconds", result->seconds);
  if (result->error != NULL)
    json_object_set_string_member (object, "error", result->error->message);
  for (guint i = 0; i < landing->bad->len; i++)
    json_array_add_object_element (bad, bad_to_json (g_ptr_array_index (landing->bad, i)));
  if (landing->empty != NULL)
    json_array_add_string_element (notes, landing->empty);
  for (guint i = 0; i < landing->notes->len; i++)
    json_array_add_string_element (notes, g_ptr_array_index (landing->notes, i));
  json_object_set_array_member (object, "badRecords", bad);
  json_object_set_array_member (object, "notes", notes);
  return object;
}

static void
print_json (Command *command, double seconds)
{
  JsonObject *object = json_object_new ();
  g_autoptr (JsonNode) node = slip_json_new_object (object);
  JsonArray *tables = json_array_new ();
  JsonArray *unclaimed = json_array_new ();
  g_autofree char *text = NULL;

  for (guint i = 0; i < command->results->len; i++)
    json_array_add_object_element (tables,
                                   result_to_json (g_ptr_array_index (command->results, i)));
  json_object_set_double_member (object, "seconds", seconds);
  json_object_set_int_member (object, "failed", slip_load_count_failed (command->results));
  json_object_set_array_member (object, "tables", tables);
  for (guint i = 0; command->unclaimed != NULL && command->unclaimed[i] != NULL; i++)
    json_array_add_string_element (unclaimed, command->unclaimed[i]);
  json_object_set_array_member (object, "unclaimed", unclaimed);
  text = slip_json_to_text (node, TRUE);
  g_print ("%s\n", text);
}

int
slip_cli_migrate_load (SlipCli *cli, int argc, char **argv)
{
  g_auto (Command) command = {0};
  double seconds;
  int status;

  g_mutex_init (&command.mutex);
  if (!parse (&command, &argc, &argv, &status))
    return status;
  run (&command);
  if (command.results == NULL)
    return slip_cli_fail (g_steal_pointer (&command.error));
  seconds = (double)(g_get_monotonic_time () - command.begun) / G_USEC_PER_SEC;
  if (command.json)
    print_json (&command, seconds);
  else
    print_text (&command, seconds);
  return slip_load_count_failed (command.results) > 0 ? SLIP_CLI_FAILED : SLIP_CLI_OK;
}
