/* SPDX-License-Identifier: MIT */
/* Installs the helper functions and bookkeeping tables of schema slipway into a migration database. The SQL
 * is in data/migration/functions and built into the program; this file decides when it is run, and that two
 * programs do not run it at once. Whoever compiles or runs a stage calls it first. */

#include "slip-functions.h"

#include "slip-migration-resources.h"

#define FOLDER "/org/slipway/migration/functions"

GResource *
slip_functions_get_resource (void)
{
  static gsize registered = 0;

  if (g_once_init_enter (&registered))
    {
      slip_migration_register_resource ();
      g_once_init_leave (&registered, 1);
    }
  return slip_migration_get_resource ();
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* They are built in, so none can be missing. */
char *
slip_functions_dup_sql (void)
{
  GResource *resource = slip_functions_get_resource ();
  g_auto (GStrv) names
      = g_resource_enumerate_children (resource, FOLDER, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  GString *sql = g_string_new (NULL);

  g_assert (names != NULL);
  qsort (names, g_strv_length (names), sizeof *names, compare_names);
  for (char **name = names; *name != NULL; name++)
    {
      g_autofree char *path = g_build_path ("/", FOLDER, *name, NULL);
      g_autoptr (GBytes) bytes
          = g_resource_lookup_data (resource, path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);

      g_assert (bytes != NULL);
      g_string_append_len (sql, g_bytes_get_data (bytes, NULL), (gssize)g_bytes_get_size (bytes));
      g_string_append_c (sql, '\n');
    }
  return g_string_free (sql, FALSE);
}

const char *
slip_functions_get_sha256 (void)
{
  static char *sha256 = NULL;
  static gsize made = 0;

  if (g_once_init_enter (&made))
    {
      g_autofree char *sql = slip_functions_dup_sql ();

      sha256 = g_compute_checksum_for_string (G_CHECKSUM_SHA256, sql, -1);
      g_once_init_leave (&made, 1);
    }
  return sha256;
}

/* Where runs were loaded into, and none works. */
static gboolean
refuse_target (SlipPg *pg, GError **error)
{
  g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_STATE,
               "%s is a target: runs were loaded into it. Nothing was written. Are --migration-db "
               "and --target-db exchanged?",
               slip_pg_get_where (pg));
  return FALSE;
}

static gboolean
is_installed (SlipPg *pg, gboolean *installed, GError **error)
{
  g_autoptr (SlipPgRows) there = NULL;
  g_autoptr (SlipPgRows) manifest = NULL;
  g_autoptr (SlipPgRows) same = NULL;
  const char *params[] = {slip_functions_get_sha256 (), NULL};

  *installed = FALSE;
  slip_pg_name_statement (pg, "look for the functions");
  there = slip_pg_query (pg, "SELECT 1 WHERE to_regclass ('slipway.version') IS NOT NULL", NULL,
                         NULL, error);
  if (there == NULL)
    return FALSE;
  if (slip_pg_rows_get_n_rows (there) == 0)
    {
      slip_pg_name_statement (pg, "look for a manifest");
      manifest
          = slip_pg_query (pg, "SELECT 1 WHERE to_regclass ('slipway_migration.run') IS NOT NULL",
                           NULL, NULL, error);
      return manifest != NULL
             && (slip_pg_rows_get_n_rows (manifest) == 0 || refuse_target (pg, error));
    }
  slip_pg_name_statement (pg, "look for the functions' version");
  same = slip_pg_query (pg, "SELECT 1 FROM slipway.version WHERE sha256 = $1", params, NULL, error);
  if (same == NULL)
    return FALSE;
  *installed = slip_pg_rows_get_n_rows (same) > 0;
  return TRUE;
}

/* The lock is held to the end of the transaction, so that a second program finds the first one's work done
 * and does it once more, which changes nothing. */
gboolean
slip_functions_install (SlipPg *pg, GError **error)
{
  gboolean installed;
  g_autofree char *sql = NULL;
  g_autofree char *all = NULL;

  g_return_val_if_fail (pg != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!is_installed (pg, &installed, error))
    return FALSE;
  if (installed)
    return TRUE;
  sql = slip_functions_dup_sql ();
  all = g_strdup_printf ("BEGIN;\n"
                         "SET LOCAL client_min_messages = warning;\n"
                         "SELECT pg_advisory_xact_lock (hashtext ('slipway.functions'));\n"
                         "%s"
                         "INSERT INTO slipway.version (sha256) VALUES ('%s')\n"
                         "  ON CONFLICT (only_row) DO UPDATE SET sha256 = excluded.sha256, "
                         "installed = clock_timestamp ();\n"
                         "COMMIT;\n",
                         sql, slip_functions_get_sha256 ());
  slip_pg_name_statement (pg, "install the functions");
  if (!slip_pg_run (pg, all, error))
    {
      slip_pg_rollback (pg);
      return FALSE;
    }
  return TRUE;
}
