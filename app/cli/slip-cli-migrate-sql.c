/* SPDX-License-Identifier: MIT */
/* slipwayctl migrate sql: the SQL that a migration's steps become, for a person to read and for psql to run. It
 * needs no database. */

#include "config.h"

#include "slip-cli-migrate.h"
#include "slip-compile.h"
#include "slip-functions.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

typedef struct
{
  char *sidecar;
  char *entity;
  char *step;
  char *run_date;
  gboolean functions;
} Options;

static gboolean
parse_options (Options *options, int *argc, char ***argv, int *status)
{
  const GOptionEntry entries[] = {
      {"sidecar", 0, 0, G_OPTION_ARG_FILENAME, &options->sidecar,
       N_ ("The sidecar, where it is not DIR/migration.json"), N_ ("FILE")},
      {"entity", 0, 0, G_OPTION_ARG_STRING, &options->entity, N_ ("Only the steps of this entity"),
       N_ ("NAME")},
      {"step", 0, 0, G_OPTION_ARG_STRING, &options->step, N_ ("Only this step"), N_ ("NAME")},
      {"run-date", 0, 0, G_OPTION_ARG_STRING, &options->run_date,
       N_ ("What “current_date” is, in place of today"), N_ ("YYYY-MM-DD")},
      {"functions", 0, 0, G_OPTION_ARG_NONE, &options->functions,
       N_ ("The helper functions instead, which the rest needs"), NULL},
      G_OPTION_ENTRY_NULL,
  };

  return slip_cli_parse (entries, "migrate sql DIR",
                         _ ("Prints the SQL that the steps of a migration become, in the order in "
                            "which they run. psql can run it "
                            "on a migration database that has the helper functions and the landed "
                            "tables.\n\nExit status: 0 it is "
                            "printed, 1 the definitions are faulty, 2 wrong call."),
                         argc, argv, status);
}

static void
options_clear (Options *options)
{
  g_free (options->sidecar);
  g_free (options->entity);
  g_free (options->step);
  g_free (options->run_date);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static gboolean
is_date (const char *text)
{
  int year, month, day;
  char rest;

  return strlen (text) == 10 && sscanf (text, "%4d-%2d-%2d%c", &year, &month, &day, &rest) == 3
         && month >= 1 && month <= 12 && year > 0
         && g_date_valid_dmy ((GDateDay)day, (GDateMonth)month, (GDateYear)year);
}

static int
print_functions (void)
{
  g_autofree char *sql = slip_functions_dup_sql ();

  g_print ("%s", sql);
  return SLIP_CLI_OK;
}

static gboolean
is_asked_for (const Options *options, const SlipStep *step)
{
  return (options->entity == NULL || g_str_equal (options->entity, step->entity))
         && (options->step == NULL || g_str_equal (options->step, step->name));
}

static int
print_steps (SlipMigration *migration, const Options *options)
{
  GPtrArray *steps = slip_migration_get_steps (migration);
  SlipCompileOptions compile = {options->run_date, 0, NULL, NULL};
  g_autoptr (GString) script = g_string_new (
      "-- For psql; the tables may be there already, and statements are too short to be\n"
      "-- compiled.\nSET client_min_messages = warning;\nSET jit = off;\n");
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < steps->len; i++)
    {
      const SlipStep *step = g_ptr_array_index (steps, i);
      g_autoptr (GPtrArray) statements = NULL;
      g_autofree char *text = NULL;

      if (!is_asked_for (options, step))
        continue;
      statements = slip_compile_step (migration, step, &compile, &error);
      if (statements == NULL)
        return slip_cli_fail (g_steal_pointer (&error));
      text = slip_compile_dup_script (statements);
      g_string_append_printf (script, "\n\n%s", text);
    }
  g_print ("%s", script->str);
  return SLIP_CLI_OK;
}

int
slip_cli_migrate_sql (SlipCli *cli, int argc, char **argv)
{
  g_auto (Options) options = {0};
  g_autoptr (SlipMigration) migration = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  if (!parse_options (&options, &argc, &argv, &status))
    return status;
  if (argc != 2)
    return slip_cli_usage_error (_ ("migrate sql needs one DIR"));
  if (options.functions)
    return print_functions ();
  if (options.run_date == NULL)
    {
      g_autoptr (GDateTime) now = g_date_time_new_now_local ();

      options.run_date = g_date_time_format (now, "%Y-%m-%d");
    }
  else if (!is_date (options.run_date))
    return slip_cli_usage_error (_ ("“%s” is not a date. Write it as YYYY-MM-DD"),
                                 options.run_date);
  migration = slip_migration_load (argv[1], options.sidecar, &error);
  if (migration == NULL)
    return slip_cli_fail (g_steal_pointer (&error));
  if (options.entity != NULL && slip_migration_find_entity (migration, options.entity) == NULL)
    return slip_cli_usage_error (_ ("there is no entity %s in %s"), options.entity, argv[1]);
  if (options.step != NULL && slip_migration_find_step (migration, options.step) == NULL)
    return slip_cli_usage_error (_ ("there is no step %s in %s"), options.step, argv[1]);
  return print_steps (migration, &options);
}
