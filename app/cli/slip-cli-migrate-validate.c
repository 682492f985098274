/* SPDX-License-Identifier: MIT */
/* slipwayctl migrate validate: what should be in the target against what is, for a run that is in it. The work is in
 * app/migration/compare; this file reads options and prints a table, CSV or JSON. */

#include "config.h"

#include "slip-cli-migrate.h"
#include "slip-json.h"
#include "slip-migration-validate.h"

#include <glib/gi18n.h>
#include <string.h>

#define GATE_FAILED 3

typedef struct
{
  SlipMigrationValidateOptions options;
  char *migration_db;
  char *target_db;
  char *sidecar;
  char **values;
  char **mappings;
  gint64 run;
  gint64 recheck;
  gint64 against;
  gint lock_wait;
  char *waits_for; /* owned; of the thread */
  gboolean json;
  gboolean csv;

  SlipMigration *migration; /* owned */
  GPtrArray *results;       /* owned; of the thread until the loop has ended */
  GPtrArray *changes;       /* owned; the same */
  char *note;               /* owned; the same: what else two runs differ by, or NULL */
  gint64 validated;
  gboolean ok;
  GError *error;
} Command;

static void
command_clear (Command *command)
{
  g_free (command->migration_db);
  g_free (command->target_db);
  g_free (command->sidecar);
  g_free (command->waits_for);
  g_free (command->note);
  g_strfreev (command->values);
  g_strfreev (command->mappings);
  g_clear_object (&command->migration);
  g_clear_pointer (&command->results, g_ptr_array_unref);
  g_clear_pointer (&command->changes, g_ptr_array_unref);
  g_clear_error (&command->error);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Command, command_clear)

/* Of all progress only what the command waits for; once for each. */
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

  if (!g_str_equal (unit, SLIP_MIGRATION_WAITING) || g_strcmp0 (step, command->waits_for) == 0)
    return;
  g_free (command->waits_for);
  command->waits_for = done > 0 ? g_strdup (step) : NULL;
  if (done > 0)
    slip_cli_migrate_tell_wait (step, total);
}

static void
work (GCancellable *cancellable, gpointer data)
{
  Command *command = data;

  if (command->against == 0)
    {
      command->ok
          = slip_migration_validate (command->migration, &command->options, &command->validated,
                                     &command->results, cancellable, &command->error);
      return;
    }
  command->changes = slip_migration_validations_compare (
      command->migration, command->migration_db, command->run, command->against,
      &command->validated, &command->note, cancellable, &command->error);
  command->ok = command->changes != NULL;
}

/* ---- what came of it */

/* What the sidecar knows of differences, and why a mapping is only read back. */
static void
print_remarks (GPtrArray *results)
{
  guint back = 0;

  for (guint i = 0; i < results->len; i++)
    {
      const SlipValidationResult *result = g_ptr_array_index (results, i);

      if (result->reasons != NULL)
        g_print (_ ("%s, known: %s\n"), result->mapping, result->reasons);
      if (!result->independent)
        g_print ("%s: %s\n", result->mapping,
                 result->note != NULL ? result->note : _ ("read back, not independent"));
      else if (result->note != NULL)
        g_print ("%s: %s\n", result->mapping, result->note);
      back += result->independent ? 0 : 1;
    }
  if (back > 0)
    g_print (_ ("* %u of %u mappings are read back: what the transform made against what is in the "
                "target; its own faults do not show\n"),
             back, results->len);
}

static void
print_table (GPtrArray *results)
{
  g_print ("%-32s %10s %10s %8s %8s %9s %10s %8s %9s\n", _ ("mapping"), _ ("expected"),
           _ ("actual"), _ ("missing"), _ ("extra"), _ ("differing"), _ ("duplicated"), _ ("known"),
           _ ("coverage"));
  for (guint i = 0; i < results->len; i++)
    {
      const SlipValidationResult *result = g_ptr_array_index (results, i);

      g_print ("%-32s %10" G_GINT64_FORMAT " %10" G_GINT64_FORMAT " %8" G_GINT64_FORMAT
               " %8" G_GINT64_FORMAT " %9" G_GINT64_FORMAT " %10" G_GINT64_FORMAT
               " %8" G_GINT64_FORMAT " %8u%%%s\n",
               result->mapping, result->expected, result->actual, result->missing, result->extra,
               result->differing, result->duplicated, result->known,
               slip_validation_result_get_coverage (result), result->independent ? "" : " *");
    }
  print_remarks (results);
}

static void
append_csv (GString *text, const char *value)
{
  if (text->len > 0 && text->str[text->len - 1] != '\n')
    g_string_append_c (text, ',');
  if (value == NULL || strpbrk (value, ",\"\r\n") == NULL)
    {
      g_string_append (text, value != NULL ? value : "");
      return;
    }
  g_string_append_c (text, '"');
  for (const char *p = value; *p != '\0'; p++)
    g_string_append_printf (text, *p == '"' ? "\"\"" : "%c", *p);
  g_string_append_c (text, '"');
}

static void
append_csv_number (GString *text, gint64 number)
{
  g_autofree char *value = g_strdup_printf ("%" G_GINT64_FORMAT, number);

  append_csv (text, value);
}

static char *
dup_rechecked (const SlipValidationResult *result)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (result->rechecked / G_USEC_PER_SEC);

  return result->rechecked > 0 ? g_date_time_format_iso8601 (time) : NULL;
}

static void
print_csv (GPtrArray *results)
{
  g_autoptr (GString) text
      = g_string_new ("mapping,entity,expected,actual,missing,extra,differing,duplicated,known,"
                      "columns_compared,columns_total,independent,seconds,note,reasons,outside,"
                      "flagged,rechecked\n");

  for (guint i = 0; i < results->len; i++)
    {
      const SlipValidationResult *result = g_ptr_array_index (results, i);
      const gint64 numbers[] = {result->expected, result->actual,           result->missing,
                                result->extra,    result->differing,        result->duplicated,
                                result->known,    result->columns_compared, result->columns_total};
      char seconds[G_ASCII_DTOSTR_BUF_SIZE];
      g_autofree char *rechecked = dup_rechecked (result);

      append_csv (text, result->mapping);
      append_csv (text, result->entity);
      for (guint k = 0; k < G_N_ELEMENTS (numbers); k++)
        append_csv_number (text, numbers[k]);
      append_csv (text, result->independent ? "true" : "false");
      append_csv (text, g_ascii_formatd (seconds, sizeof seconds, "%.3f", result->seconds));
      append_csv (text, result->note);
      append_csv (text, result->reasons);
      append_csv_number (text, result->outside);
      if (result->rechecked > 0)
        append_csv_number (text, result->flagged);
      else
        append_csv (text, NULL);
      append_csv (text, rechecked);
      g_string_append_c (text, '\n');
    }
  g_print ("%s", text->str);
}

static JsonObject *
result_to_json (const SlipValidationResult *result)
{
  JsonObject *object = json_object_new ();
  const struct
  {
    const char *name;
    gint64 value;
  } numbers[] = {{"expected", result->expected},
                 {"actual", result->actual},
                 {"missing", result->missing},
                 {"extra", result->extra},
                 {"differing", result->differing},
                 {"duplicated", result->duplicated},
                 {"known", result->known},
                 {"columnsCompared", result->columns_compared},
                 {"columnsTotal", result->columns_total},
                 {"outside", result->outside}};

  g_autofree char *rechecked = dup_rechecked (result);

  json_object_set_string_member (object, "mapping", result->mapping);
  if (rechecked != NULL)
    {
      json_object_set_string_member (object, "rechecked", rechecked);
      json_object_set_int_member (object, "flagged", result->flagged);
    }
  if (result->entity != NULL)
    json_object_set_string_member (object, "entity", result->entity);
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    json_object_set_int_member (object, numbers[i].name, numbers[i].value);
  json_object_set_boolean_member (object, "independent", result->independent);
  json_object_set_double_member (object, "seconds", result->seconds);
  if (result->note != NULL)
    json_object_set_string_member (object, "note", result->note);
  if (result->reasons != NULL)
    json_object_set_string_member (object, "reasons", result->reasons);
  return object;
}

static JsonObject *
change_to_json (const SlipValidationChange *change)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "mapping", change->mapping);
  json_object_set_int_member (object, "expected", change->expected);
  json_object_set_int_member (object, "expectedBefore", change->expected_before);
  json_object_set_int_member (object, "appeared", change->appeared);
  json_object_set_int_member (object, "gone", change->gone);
  json_object_set_int_member (object, "same", change->same);
  return object;
}

static void
print_json (Command *command)
{
  JsonObject *object = json_object_new ();
  JsonArray *array = json_array_new ();
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *text = NULL;

  json_object_set_int_member (object, "run", command->validated);
  json_object_set_boolean_member (object, "passed", command->ok);
  if (command->recheck > 0)
    json_object_set_boolean_member (object, "recheck", TRUE);
  if (command->error != NULL)
    json_object_set_string_member (object, "error", command->error->message);
  for (guint i = 0; command->results != NULL && i < command->results->len; i++)
    json_array_add_object_element (array, result_to_json (g_ptr_array_index (command->results, i)));
  for (guint i = 0; command->changes != NULL && i < command->changes->len; i++)
    json_array_add_object_element (array, change_to_json (g_ptr_array_index (command->changes, i)));
  if (command->against > 0)
    json_object_set_int_member (object, "against", command->against);
  if (command->note != NULL)
    json_object_set_string_member (object, "note", command->note);
  json_object_set_array_member (object, "mappings", array);
  node = slip_json_new_object (object);
  text = slip_json_to_text (node, TRUE);
  g_print ("%s\n", text);
}

static void
print_changes_csv (GPtrArray *changes)
{
  g_autoptr (GString) text = g_string_new ("mapping,expected,expected_before,appeared,gone,same\n");

  for (guint i = 0; i < changes->len; i++)
    {
      const SlipValidationChange *change = g_ptr_array_index (changes, i);
      const gint64 numbers[] = {change->expected, change->expected_before, change->appeared,
                                change->gone, change->same};

      append_csv (text, change->mapping);
      for (guint k = 0; k < G_N_ELEMENTS (numbers); k++)
        append_csv_number (text, numbers[k]);
      g_string_append_c (text, '\n');
    }
  g_print ("%s", text->str);
}

static void
print_changes (GPtrArray *changes)
{
  g_print ("%-32s %10s %10s %10s %10s %10s\n", _ ("mapping"), _ ("expected"), _ ("before"),
           _ ("appeared"), _ ("gone"), _ ("the same"));
  for (guint i = 0; i < changes->len; i++)
    {
      const SlipValidationChange *change = g_ptr_array_index (changes, i);

      g_print ("%-32s %10" G_GINT64_FORMAT " %10" G_GINT64_FORMAT " %10" G_GINT64_FORMAT
               " %10" G_GINT64_FORMAT " %10" G_GINT64_FORMAT "\n",
               change->mapping, change->expected, change->expected_before, change->appeared,
               change->gone, change->same);
    }
}

/* Of a recheck, what it looked at: the others are as they were found before. */
static void
leave_out_others (GPtrArray *results)
{
  for (guint i = results->len; i > 0; i--)
    if (((const SlipValidationResult *)g_ptr_array_index (results, i - 1))->rechecked == 0)
      g_ptr_array_remove_index (results, i - 1);
}

static void
print_recheck (GPtrArray *results)
{
  gint64 flagged = 0;

  for (guint i = 0; i < results->len; i++)
    flagged += ((const SlipValidationResult *)g_ptr_array_index (results, i))->flagged;
  if (results->len == 0)
    g_print (_ ("No row was flagged: a recheck looks at nothing\n"));
  else
    g_print (ngettext ("Only the %" G_GINT64_FORMAT " row that was flagged was looked at again; of "
                       "all others this says nothing\n",
                       "Only the %" G_GINT64_FORMAT " rows that were flagged were looked at again; "
                       "of all others this says nothing\n",
                       (gulong)flagged),
             flagged);
}

static int
finish (Command *command)
{
  gboolean gate = g_error_matches (command->error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_GATE);

  if (command->results != NULL && command->recheck > 0)
    leave_out_others (command->results);

  if (command->results != NULL || command->changes != NULL)
    {
      if (command->json)
        print_json (command);
      else if (command->changes != NULL && command->csv)
        print_changes_csv (command->changes);
      else if (command->changes != NULL)
        print_changes (command->changes);
      else if (command->csv)
        print_csv (command->results);
      else
        {
          g_print (_ ("run %" G_GINT64_FORMAT "\n"), command->validated);
          print_table (command->results);
          if (command->recheck > 0)
            print_recheck (command->results);
        }
    }
  if (command->note != NULL && !command->json)
    g_printerr ("slipwayctl: %s\n", command->note);
  if (command->ok)
    return SLIP_CLI_OK;
  if (command->against > 0 && command->against == command->validated)
    return slip_cli_usage_error ("%s", command->error->message);
  slip_cli_fail (g_steal_pointer (&command->error));
  return gate ? GATE_FAILED : SLIP_CLI_FAILED;
}

/* ---- what is asked for */

static gboolean
parse (Command *command, int *argc, char ***argv, int *status)
{
  const GOptionEntry entries[] = {
      {"migration-db", 0, 0, G_OPTION_ARG_STRING, &command->migration_db,
       N_ ("The migration database: a URI, or words of libpq"), N_ ("CONNINFO")},
      {"target-db", 0, 0, G_OPTION_ARG_STRING, &command->target_db,
       N_ ("The database that was migrated into"), N_ ("CONNINFO")},
      {"sidecar", 0, 0, G_OPTION_ARG_FILENAME, &command->sidecar,
       N_ ("The sidecar, where it is not DIR/migration.json"), N_ ("FILE")},
      {"value", 0, 0, G_OPTION_ARG_STRING_ARRAY, &command->values,
       N_ ("Another text for a value of the sidecar; may be repeated"), N_ ("NAME=TEXT")},
      {"run", 0, 0, G_OPTION_ARG_INT64, &command->run,
       N_ ("Which run (default: the latest that was not taken back)"), N_ ("RUN")},
      {"mapping", 0, 0, G_OPTION_ARG_STRING_ARRAY, &command->mappings,
       N_ ("Only this mapping; may be repeated"), N_ ("NAME")},
      {"recheck", 0, 0, G_OPTION_ARG_INT64, &command->recheck,
       N_ ("Look again only at cases that the last validation of RUN flagged"), N_ ("RUN")},
      {"against", 0, 0, G_OPTION_ARG_INT64, &command->against,
       N_ ("What was found of the run beside what was found of RUN; nothing is validated"),
       N_ ("RUN")},
      {"lock-wait", 0, 0, G_OPTION_ARG_INT, &command->lock_wait, SLIP_CLI_LOCK_WAIT_TEXT,
       N_ ("SECONDS")},
      {"json", 0, 0, G_OPTION_ARG_NONE, &command->json, N_ ("Print JSON"), NULL},
      {"csv", 0, 0, G_OPTION_ARG_NONE, &command->csv, N_ ("Print CSV"), NULL},
      G_OPTION_ENTRY_NULL,
  };

  return slip_cli_parse (
      entries, "migrate validate DIR",
      _ ("Computes what should be in the target from the landed rows, by validation_mapping.json, "
         "and compares\nboth ways: rows that are missing, extra, differing or there too often. The "
         "rows are in slipway.difference\nand exceptions_MAPPING of the migration database. "
         "Nothing "
         "of the target is changed.\n\nExit status: 0 no gate is exceeded, 1 it failed, 2 wrong "
         "call, "
         "3 a gate is exceeded."),
      argc, argv, status);
}

static gboolean
take (Command *command, const char *folder, int *status)
{
  g_autoptr (GError) error = NULL;

  if (!slip_cli_migrate_take_lock_wait (command->lock_wait, &command->options.lock_wait, status)
      || !slip_cli_migrate_find_conninfo (&command->migration_db, "SLIPWAY_MIGRATION_DB", status)
      || !slip_cli_migrate_find_conninfo (&command->target_db, "SLIPWAY_TARGET_DB", status))
    return FALSE;
  if (command->migration_db == NULL || (command->target_db == NULL && command->against == 0))
    *status = slip_cli_usage_error (
        _ ("migrate validate needs --migration-db CONNINFO and --target-db CONNINFO, or the "
           "variables SLIPWAY_MIGRATION_DB and SLIPWAY_TARGET_DB"));
  else if (command->run < 0 || command->recheck < 0 || command->against < 0)
    *status = slip_cli_usage_error (_ ("a RUN is a number as “migrate status” tells it"));
  else if (command->recheck > 0 && (command->run > 0 || command->against > 0))
    *status
        = slip_cli_usage_error (_ ("--recheck names its run itself; leave --run and --against"));
  else if (command->json && command->csv)
    *status = slip_cli_usage_error (_ ("--json and --csv are two forms; take one"));
  else if ((command->migration = slip_migration_load (folder, command->sidecar, &error)) == NULL
           || (command->values != NULL
               && !slip_migration_override (command->migration,
                                            (const char *const *)command->values, &error)))
    *status = slip_cli_fail (g_steal_pointer (&error));
  else
    {
      command->options = (SlipMigrationValidateOptions){
          .migration_db = command->migration_db,
          .target_db = command->target_db,
          .run = command->recheck > 0 ? command->recheck : command->run,
          .mappings = (const char *const *)command->mappings,
          .recheck = command->recheck > 0,
          .lock_wait = command->options.lock_wait,
          .progress = on_progress,
          .data = command,
      };
      return TRUE;
    }
  return FALSE;
}

int
slip_cli_migrate_validate (SlipCli *cli, int argc, char **argv)
{
  g_auto (Command) command = {.lock_wait = SLIP_MIGRATION_LOCK_WAIT};
  int status;

  if (!parse (&command, &argc, &argv, &status))
    return status;
  if (argc != 2)
    return slip_cli_usage_error (_ ("migrate validate needs one DIR"));
  if (!take (&command, argv[1], &status))
    return status;
  slip_cli_migrate_work (work, NULL, &command);
  return finish (&command);
}
