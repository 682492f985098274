/* SPDX-License-Identifier: MIT */
/* One PostgreSQL for a test program of the migration, with a fresh database for each test that wants one. */

#include "fixture.h"

#include "slip-postgres.h"
#include "slip-test-folder.h"

#define KEY "migration"

static char *folder;
static char *reason;
static SlipPostgres *postgres;
static guint databases;

static char *
conninfo_of (const char *database)
{
  return g_strdup_printf ("host=127.0.0.1 port=%u user=migrator password='the secret' dbname=%s",
                          slip_postgres_get_port (postgres, KEY), database);
}

void
migration_server_start (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *data = NULL;
  const SlipPostgresSpec spec = {.database = "first", .user = "migrator", .password = "the secret"};

  folder = g_dir_make_tmp ("slip-migration-XXXXXX", &error);
  g_assert_no_error (error);
  data = g_build_filename (folder, "postgres", NULL);
  postgres = slip_postgres_new (data, &error);
  if (g_error_matches (error, SLIP_POSTGRES_ERROR, SLIP_POSTGRES_ERROR_ABSENT))
    {
      reason = g_strdup (error->message);
      return;
    }
  g_assert_no_error (error);
  slip_postgres_create (postgres, KEY, &spec, NULL, &error);
  g_assert_no_error (error);
}

void
migration_server_stop (void)
{
  g_clear_pointer (&postgres, slip_postgres_free);
  g_assert_true (slip_test_remove_folder (folder));
  g_clear_pointer (&folder, g_free);
  g_clear_pointer (&reason, g_free);
}

gboolean
migration_server_skip (void)
{
  if (postgres != NULL)
    return FALSE;
  g_test_skip (reason);
  return TRUE;
}

char *
migration_server_new_database (void)
{
  g_autofree char *name = g_strdup_printf ("test_%u", ++databases);
  g_autofree char *create = g_strdup_printf ("CREATE DATABASE %s TEMPLATE template0", name);
  g_autofree char *first = conninfo_of ("first");
  g_autoptr (SlipPg) pg = migration_open (first);

  migration_run (pg, create);
  return conninfo_of (name);
}

void
migration_server_halt (void)
{
  slip_postgres_stop (postgres, KEY);
}

void
migration_server_resume (void)
{
  g_autoptr (GError) error = NULL;

  slip_postgres_start (postgres, KEY, slip_postgres_get_port (postgres, KEY), &error);
  g_assert_no_error (error);
}

SlipPg *
migration_open (const char *conninfo)
{
  g_autoptr (GError) error = NULL;
  SlipPg *pg = slip_pg_open (conninfo, "test database", NULL, &error);

  g_assert_no_error (error);
  return pg;
}

void
migration_run (SlipPg *pg, const char *sql)
{
  g_autoptr (GError) error = NULL;

  slip_pg_run (pg, sql, &error);
  g_assert_no_error (error);
}

char *
migration_value (SlipPg *pg, const char *sql)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipPgRows) rows = slip_pg_query (pg, sql, NULL, NULL, &error);

  g_assert_no_error (error);
  return slip_pg_rows_get_n_rows (rows) > 0 ? g_strdup (slip_pg_rows_get (rows, 0, 0)) : NULL;
}

char *
migration_rows (SlipPg *pg, const char *sql)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipPgRows) rows = slip_pg_query (pg, sql, NULL, NULL, &error);
  GString *text = g_string_new (NULL);

  g_assert_no_error (error);
  for (guint row = 0; row < slip_pg_rows_get_n_rows (rows); row++)
    for (guint i = 0; i < slip_pg_rows_get_n_columns (rows); i++)
      {
        const char *value = slip_pg_rows_get (rows, row, i);

        g_string_append_printf (text, "%s%s",
                                i > 0     ? "|"
                                : row > 0 ? "\n"
                                          : "",
                                value != NULL ? value : "∅");
      }
  return g_string_free (text, FALSE);
}
