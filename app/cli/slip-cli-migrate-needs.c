/* SPDX-License-Identifier: MIT */
/* slipwayctl migrate needs: rows that must be in the target before a run and are not, all of them, and as SQL that adds
 * rows which stand in for them. */

#include "config.h"

#include "slip-cli-migrate.h"
#include "slip-needed.h"

#include <glib/gi18n.h>

static void
print_list (GPtrArray *needed)
{
  for (guint i = 0; i < needed->len; i++)
    {
      const SlipNeeded *one = g_ptr_array_index (needed, i);

      if (one->need == NULL)
        g_print ("%s.%s %s: %s\n", one->table, one->column, one->value, one->why);
      else
        g_print ("%s %s: %s\n", one->table, one->need->where != NULL ? one->need->where : "*",
                 one->why);
    }
  g_printerr (ngettext ("slipwayctl: %u need is not met\n", "slipwayctl: %u needs are not met\n",
                        needed->len),
              needed->len);
}

static gboolean
tell (SlipMigration *migration, const char *target_db, gboolean as_sql, GError **error)
{
  g_autoptr (SlipPg) pg = slip_pg_open (target_db, "target", NULL, error);
  g_autoptr (SlipCatalogue) target = NULL;
  g_autoptr (GPtrArray) needed = NULL;
  g_autofree char *sql = NULL;

  if (pg != NULL)
    needed = slip_migration_list_needed (migration, pg, NULL, &target, error);
  if (needed == NULL)
    return FALSE;
  if (as_sql)
    {
      sql = slip_needed_to_sql (migration, pg, target, needed, error);
      if (sql != NULL)
        g_print ("%s", sql);
      return sql != NULL;
    }
  print_list (needed);
  return TRUE;
}

int
slip_cli_migrate_needs (SlipCli *cli, int argc, char **argv)
{
  g_autofree char *sidecar = NULL;
  g_autofree char *target_db = NULL;
  gboolean as_sql = FALSE;
  const GOptionEntry entries[] = {
      {"target-db", 0, 0, G_OPTION_ARG_STRING, &target_db,
       N_ ("The target: a URI, or words of libpq"), N_ ("CONNINFO")},
      {"sidecar", 0, 0, G_OPTION_ARG_FILENAME, &sidecar,
       N_ ("The sidecar, where it is not DIR/migration.json"), N_ ("FILE")},
      {"sql", 0, 0, G_OPTION_ARG_NONE, &as_sql,
       N_ ("Print statements that add rows standing in for them"), NULL},
      G_OPTION_ENTRY_NULL,
  };
  g_autoptr (SlipMigration) migration = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  if (!slip_cli_parse (
          entries, "migrate needs DIR",
          _ ("Tells every row that must be in the target before a run, since no file of the source "
             "brings it,\nand is not there. With --sql as statements for psql: their keys, and "
             "what is NOT NULL filled by its\ntype, rows before those that point at them, "
             "sequences "
             "behind them. Changes nothing.\n\nExit status: 0 told, 1 it "
             "could not be, 2 wrong call."),
          &argc, &argv, &status))
    return status;
  if (!slip_cli_migrate_find_conninfo (&target_db, "SLIPWAY_TARGET_DB", &status))
    return status;
  if (argc != 2 || target_db == NULL)
    return slip_cli_usage_error (_ ("migrate needs needs one DIR and --target-db CONNINFO"));
  migration = slip_migration_load (argv[1], sidecar, &error);
  if (migration == NULL || !tell (migration, target_db, as_sql, &error))
    return slip_cli_fail (g_steal_pointer (&error));
  return SLIP_CLI_OK;
}
