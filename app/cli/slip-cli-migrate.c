/* SPDX-License-Identifier: MIT */
/* slipwayctl migrate: finds the subcommand and hands over. What each one does stands in its own file. */

#include "config.h"

#include "slip-cli-migrate.h"

#include <glib/gi18n.h>

static const struct
{
  const char *name;
  SlipCliFunc func;
  const char *summary;
} commands[] = {
    {"api-test", slip_cli_migrate_api_test, N_ ("what the new system answers")},
    {"case", slip_cli_migrate_case, N_ ("one case, anonymised, into local landed data")},
    {"check", slip_cli_migrate_check, N_ ("what is wrong with definitions, all at once")},
    {"compare", slip_cli_migrate_compare, N_ ("two tables on two servers, to the cell")},
    {"generate", slip_cli_migrate_generate, N_ ("made-up source data, the same for the same seed")},
    {"load", slip_cli_migrate_load, N_ ("source files into the landing tables")},
    {"load-s3", slip_cli_migrate_load_s3, N_ ("source files out of a bucket or a folder")},
    {"needs", slip_cli_migrate_needs, N_ ("rows that must be in the target first")},
    {"report", slip_cli_migrate_report, N_ ("all that is told of a run, in one folder")},
    {"run", slip_cli_migrate_run, N_ ("all stages, from source files to the target")},
    {"sql", slip_cli_migrate_sql, N_ ("the SQL that definitions become")},
    {"stage", slip_cli_migrate_stage, N_ ("one stage of a run")},
    {"state-machine", slip_cli_migrate_state_machine,
     N_ ("the Step Functions definition that runs it on AWS")},
    {"status", slip_cli_migrate_status, N_ ("runs, and what of them is in the target")},
    {"trace", slip_cli_migrate_trace, N_ ("one record, from its file to the target")},
    {"undo", slip_cli_migrate_undo, N_ ("a run out of the target again")},
    {"validate", slip_cli_migrate_validate, N_ ("what should be in the target against what is")},
    {"versions", slip_cli_migrate_versions, N_ ("versions of definitions in a bucket")},
    {"waterfall", slip_cli_migrate_waterfall, N_ ("what became of rows, stage by stage")},
};

static int
print_usage (void)
{
  g_print (
      _ ("Usage: slipwayctl migrate COMMAND DIR …\n\n"
         "Migrates data between databases by definition files. DIR holds migration.json, or the\n"
         "definitions themselves.\n\n"));
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    g_print ("  %-13s %s\n", commands[i].name, _ (commands[i].summary));
  g_print (_ ("\nEach command tells its options with --help.\n"));
  return SLIP_CLI_OK;
}

static char *
dup_names (void)
{
  GString *names = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", commands[i].name);
  return g_string_free (names, FALSE);
}

static gboolean
concerns (const SlipFinding *finding, const char *name, const char *const *parts)
{
  g_autofree char *file = g_path_get_basename (finding->file);

  if (finding->severity != SLIP_SEVERITY_ERROR || !g_str_equal (file, name))
    return FALSE;
  for (guint i = 0; finding->path != NULL && parts[i] != NULL; i++)
    if (g_str_has_prefix (finding->path, parts[i]))
      return TRUE;
  return finding->path == NULL;
}

SlipMigration *
slip_cli_migrate_read (const char *folder,
                       const char *sidecar,
                       const char *const *parts,
                       int *status)
{
  g_autoptr (GPtrArray) findings = slip_findings_new ();
  g_autoptr (SlipMigration) migration = slip_migration_read (folder, sidecar, findings);
  const char *path = slip_migration_get_sidecar_path (migration);
  g_autofree char *name = path != NULL ? g_path_get_basename (path) : NULL;

  for (guint i = 0; name != NULL && i < findings->len; i++)
    {
      const SlipFinding *finding = g_ptr_array_index (findings, i);

      if (!concerns (finding, name, parts))
        continue;
      *status
          = slip_cli_usage_error ("%s%s%s: %s", finding->file, finding->path != NULL ? ": " : "",
                                  finding->path != NULL ? finding->path : "", finding->message);
      return NULL;
    }
  if (path != NULL || sidecar == NULL)
    return g_steal_pointer (&migration);
  *status = slip_cli_usage_error (_ ("there is no sidecar %s"), sidecar);
  return NULL;
}

int
slip_cli_migrate (SlipCli *cli, int argc, char **argv)
{
  g_autofree char *names = NULL;

  if (argc >= 2 && (g_str_equal (argv[1], "--help") || g_str_equal (argv[1], "-h")))
    return print_usage ();
  for (gsize i = 0; argc >= 2 && i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (argv[1], commands[i].name))
      return commands[i].func (cli, argc - 1, argv + 1);
  names = dup_names ();
  if (argc >= 2)
    return slip_cli_usage_error (_ ("there is no migrate %s. There are: %s"), argv[1], names);
  return slip_cli_usage_error (_ ("migrate needs a command: %s"), names);
}
