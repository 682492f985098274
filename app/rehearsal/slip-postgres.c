/* SPDX-License-Identifier: MIT */
/* Real databases behind clusters: opened, made from a template, started and stopped. Copies of them
 * are in slip-postgres-copy.c. Each has a
 * postmaster of its own (slip-postgres-server.c), because masters of two clusters may share a name and
 * a database name, but never a password or rows. */

#include "slip-postgres-private.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SEEDED "filled by the rehearsal server"

gboolean
slip_postgres_check_key (const char *key)
{
  return key != NULL && *key != '\0' && strlen (key) < 120
         && strspn (key, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen (key);
}

static SlipPostgresServer *
get_server (SlipPostgres *self, const char *key)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  SlipPostgresServer *server = g_hash_table_lookup (self->servers, key);

  if (server == NULL)
    {
      server = slip_postgres_server_new (self->tools, key);
      g_hash_table_insert (self->servers, g_strdup (key), server);
    }
  return slip_postgres_server_ref (server);
}

gboolean
slip_postgres_has (SlipPostgres *self, const char *name)
{
  g_autofree char *path = slip_postgres_tools_dup_path (self->tools, name);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

gboolean
slip_postgres_rename (SlipPostgres *self, const char *from, const char *to, GError **error)
{
  g_autofree char *old = slip_postgres_tools_dup_path (self->tools, from);
  g_autofree char *new = slip_postgres_tools_dup_path (self->tools, to);

  if (rename (old, new) == 0)
    return TRUE;
  g_set_error (error, SLIP_POSTGRES_ERROR, SLIP_POSTGRES_ERROR_FAILED, "cannot rename %s to %s: %s",
               old, new, g_strerror (errno));
  return FALSE;
}

/* --- Opening --- */

static gboolean
open_password (SlipPostgres *self, GError **error)
{
  g_autofree char *path = slip_postgres_tools_dup_path (self->tools, "admin.password");
  g_autofree char *pgpass = NULL;

  if (!g_file_get_contents (path, &self->password, NULL, NULL))
    {
      g_autofree char *first = g_uuid_string_random ();
      g_autofree char *second = g_uuid_string_random ();

      self->password = g_strconcat (first, second, NULL);
      if (!slip_postgres_tools_write (self->tools, "admin.password", self->password, error))
        return FALSE;
    }
  pgpass = g_strdup_printf ("*:*:*:" SLIP_POSTGRES_ADMIN ":%s\n", self->password);
  return slip_postgres_tools_write (self->tools, "pgpass", pgpass, error);
}

/* What a killed server left half made carries `.part` in its name. */
static void
sweep (SlipPostgres *self, const char *folder)
{
  g_autofree char *path = slip_postgres_tools_dup_path (self->tools, folder);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".part"))
      {
        g_autofree char *inside = g_build_filename (folder, name, NULL);
        slip_postgres_tools_remove (self->tools, inside);
      }
}

SlipPostgres *
slip_postgres_new (const char *folder, GError **error)
{
  g_autoptr (SlipPostgres) self = g_new0 (SlipPostgres, 1);

  g_return_val_if_fail (folder != NULL, NULL);

  g_mutex_init (&self->mutex);
  g_mutex_init (&self->template_mutex);
  self->servers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                         (GDestroyNotify)slip_postgres_server_unref);
  self->caught_up = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->tools = slip_postgres_tools_new (folder, error);
  if (self->tools == NULL || !slip_postgres_tools_make_folder (self->tools, "clusters", error)
      || !slip_postgres_tools_make_folder (self->tools, "snapshots", error)
      || !open_password (self, error))
    return NULL;
  sweep (self, ".");
  sweep (self, "clusters");
  sweep (self, "snapshots");
  return g_steal_pointer (&self);
}

void
slip_postgres_free (SlipPostgres *self)
{
  GHashTableIter iter;
  gpointer server;

  if (self == NULL)
    return;
  g_hash_table_iter_init (&iter, self->servers);
  while (g_hash_table_iter_next (&iter, NULL, &server))
    if (slip_postgres_server_is_running (server))
      slip_postgres_server_stop (server);
  g_hash_table_unref (self->servers);
  g_hash_table_unref (self->caught_up);
  slip_postgres_tools_free (self->tools);
  g_mutex_clear (&self->mutex);
  g_mutex_clear (&self->template_mutex);
  g_free (self->password);
  g_free (self);
}

const char *
slip_postgres_get_version (SlipPostgres *self)
{
  return slip_postgres_tools_get_version (self->tools);
}

guint
slip_postgres_get_port (SlipPostgres *self, const char *key)
{
  g_autoptr (SlipPostgresServer) server = NULL;

  g_return_val_if_fail (self != NULL && slip_postgres_check_key (key), 0);
  server = get_server (self, key);
  return slip_postgres_server_get_port (server);
}

char *
slip_postgres_dup_address (SlipPostgres *self, const char *key)
{
  g_autoptr (SlipPostgresServer) server = NULL;

  g_return_val_if_fail (self != NULL && slip_postgres_check_key (key), NULL);
  server = get_server (self, key);
  return slip_postgres_server_dup_address (server);
}

gboolean
slip_postgres_is_running (SlipPostgres *self, const char *key)
{
  g_autoptr (SlipPostgresServer) server = NULL;

  g_return_val_if_fail (self != NULL && slip_postgres_check_key (key), FALSE);
  server = get_server (self, key);
  return slip_postgres_server_is_running (server);
}

/* --- SQL --- */

SlipPgConn *
slip_postgres_connect (SlipPostgres *self, const char *key, const char *database, GError **error)
{
  g_autofree char *port = g_strdup_printf ("%u", slip_postgres_get_port (self, key));
  g_autofree char *address = slip_postgres_dup_address (self, key);
  const char *names[]
      = {"host", "port", "user", "password", "dbname", "sslmode", "connect_timeout", NULL};
  const char *values[] = {address,
                          port,
                          SLIP_POSTGRES_ADMIN,
                          self->password,
                          database != NULL ? database : "postgres",
                          "disable",
                          "20",
                          NULL};
  g_autoptr (SlipPgConn) conn = PQconnectdbParams (names, values, 0);

  if (PQstatus (conn) == CONNECTION_OK)
    return g_steal_pointer (&conn);
  g_set_error (error, SLIP_POSTGRES_ERROR, SLIP_POSTGRES_ERROR_FAILED,
               "cannot log in to PostgreSQL of %s: %s", key, g_strstrip (PQerrorMessage (conn)));
  return NULL;
}

static SlipPgResult *
run_sql (SlipPgConn *conn, const char *sql, GError **error)
{
  g_autoptr (SlipPgResult) result = PQexec (conn, sql);
  ExecStatusType status = PQresultStatus (result);

  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY)
    return g_steal_pointer (&result);
  g_set_error (error, SLIP_POSTGRES_ERROR, SLIP_POSTGRES_ERROR_FAILED, "PostgreSQL refused: %s",
               g_strstrip (PQerrorMessage (conn)));
  return NULL;
}

gboolean
slip_postgres_do (SlipPgConn *conn, GError **error, const char *format, ...)
{
  g_autofree char *sql = NULL;
  g_autoptr (SlipPgResult) result = NULL;
  va_list args;

  va_start (args, format);
  sql = g_strdup_vprintf (format, args);
  va_end (args);
  result = run_sql (conn, sql, error);
  return result != NULL;
}

gboolean
slip_postgres_has_rows (SlipPgConn *conn, const char *sql, const char *parameter)
{
  g_autoptr (SlipPgResult) result = PQexecParams (conn, sql, 1, NULL, &parameter, NULL, NULL, 0);

  return PQntuples (result) > 0;
}

static char *
quote_name (SlipPgConn *conn, const char *name)
{
  char *quoted = PQescapeIdentifier (conn, name, strlen (name));
  char *copy = g_strdup (quoted);

  PQfreemem (quoted);
  return copy;
}

static char *
quote_text (SlipPgConn *conn, const char *text)
{
  char *quoted = PQescapeLiteral (conn, text, strlen (text));
  char *copy = g_strdup (quoted);

  PQfreemem (quoted);
  return copy;
}

char *
slip_postgres_query (
    SlipPostgres *self, const char *key, const char *database, const char *sql, GError **error)
{
  g_autoptr (SlipPgConn) conn = NULL;
  g_autoptr (SlipPgResult) result = NULL;

  g_return_val_if_fail (self != NULL && slip_postgres_check_key (key) && sql != NULL, NULL);
  if ((conn = slip_postgres_connect (self, key, database, error)) == NULL
      || (result = run_sql (conn, sql, error)) == NULL)
    return NULL;
  return g_strdup (PQntuples (result) > 0 && PQnfields (result) > 0 ? PQgetvalue (result, 0, 0)
                                                                    : "");
}

static gboolean
change_password (SlipPgConn *conn, const char *user, const char *password, GError **error)
{
  char *verifier = PQencryptPasswordConn (conn, password, user, "scram-sha-256");
  g_autofree char *role = quote_name (conn, user);
  g_autofree char *text = NULL;

  if (verifier == NULL)
    {
      g_set_error (error, SLIP_POSTGRES_ERROR, SLIP_POSTGRES_ERROR_FAILED,
                   "cannot make a verifier for the password of %s", user);
      return FALSE;
    }
  text = quote_text (conn, verifier);
  PQfreemem (verifier);
  return slip_postgres_do (conn, error, "ALTER ROLE %s PASSWORD %s", role, text);
}

gboolean
slip_postgres_set_password (
    SlipPostgres *self, const char *key, const char *user, const char *password, GError **error)
{
  g_autoptr (SlipPgConn) conn = NULL;

  g_return_val_if_fail (
      self != NULL && slip_postgres_check_key (key) && user != NULL && password != NULL, FALSE);
  conn = slip_postgres_connect (self, key, NULL, error);
  return conn != NULL && change_password (conn, user, password, error);
}

/* --- Making --- */

static gboolean
make_template (SlipPostgres *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->template_mutex);
  g_autofree char *folder = slip_postgres_tools_dup_inner_path (self->tools, "template.part");
  g_autofree char *pwfile = slip_postgres_tools_dup_inner_path (self->tools, "admin.password");
  const char *argv[] = {"initdb",
                        "-D",
                        folder,
                        "-U",
                        SLIP_POSTGRES_ADMIN,
                        "--pwfile",
                        pwfile,
                        "-A",
                        "scram-sha-256",
                        "-E",
                        "UTF8",
                        "--locale=C.UTF-8",
                        "--no-sync",
                        "--wal-segsize=1",
                        NULL};

  if (slip_postgres_has (self, "template"))
    return TRUE;
  slip_postgres_tools_remove (self->tools, "template.part");
  return slip_postgres_tools_run (self->tools, argv, NULL, cancellable, error)
         && slip_postgres_rename (self, "template.part", "template", error);
}

static gboolean
make_folder (SlipPostgres *self, const char *key, GCancellable *cancellable, GError **error)
{
  g_autofree char *final = g_build_filename ("clusters", key, NULL);
  g_autofree char *part = g_strconcat (final, ".part", NULL);
  g_autofree char *from = slip_postgres_tools_dup_inner_path (self->tools, "template");
  g_autofree char *to = slip_postgres_tools_dup_inner_path (self->tools, part);
  const char *argv[] = {"cp", "-a", "--reflink=auto", from, to, NULL};

  if (slip_postgres_has (self, final))
    return TRUE;
  slip_postgres_tools_remove (self->tools, part);
  return make_template (self, cancellable, error)
         && slip_postgres_tools_run (self->tools, argv, NULL, cancellable, error)
         && slip_postgres_rename (self, part, final, error);
}

/* The master user gets what RDS gives it: everything but a superuser's rights. */
static gboolean
make_master (SlipPgConn *conn, const SlipPostgresSpec *spec, GError **error)
{
  g_autofree char *user = quote_name (conn, spec->user);
  g_autofree char *database = spec->database != NULL ? quote_name (conn, spec->database) : NULL;

  if (!slip_postgres_has_rows (conn, "SELECT 1 FROM pg_roles WHERE rolname = $1", "rds_superuser")
      && !slip_postgres_do (
          conn, error,
          "CREATE ROLE rds_superuser NOLOGIN; GRANT pg_monitor, pg_signal_backend, "
          "pg_checkpoint, pg_read_all_data TO rds_superuser"))
    return FALSE;
  if (!slip_postgres_has_rows (conn, "SELECT 1 FROM pg_roles WHERE rolname = $1", spec->user)
      && !slip_postgres_do (conn, error,
                            "CREATE ROLE %s LOGIN CREATEDB CREATEROLE IN ROLE rds_superuser", user))
    return FALSE;
  if (!change_password (conn, spec->user, spec->password, error))
    return FALSE;
  return database == NULL
         || slip_postgres_has_rows (conn, "SELECT 1 FROM pg_database WHERE datname = $1",
                                    spec->database)
         || slip_postgres_do (conn, error, "CREATE DATABASE %s OWNER %s", database, user);
}

static gboolean
apply_settings (SlipPgConn *conn, const char *const *pairs, GError **error)
{
  for (; pairs != NULL && *pairs != NULL; pairs++)
    {
      g_auto (GStrv) pair = g_strsplit (*pairs, "=", 2);
      g_autofree char *name = NULL;
      g_autofree char *value = NULL;

      if (g_strv_length (pair) != 2)
        continue;
      name = quote_text (conn, pair[0]);
      value = quote_text (conn, pair[1]);
      if (!slip_postgres_do (conn, error, "SELECT set_config(%s, %s, false)", name, value))
        return FALSE;
    }
  return TRUE;
}

static gboolean
fill (SlipPostgres *self, const char *key, const SlipPostgresSpec *spec, GError **error)
{
  const char *database = spec->database != NULL ? spec->database : "postgres";
  g_autoptr (SlipPgConn) conn = slip_postgres_connect (self, key, database, error);
  g_autofree char *user = NULL;
  g_autofree char *name = NULL;

  if (conn == NULL)
    return FALSE;
  if (slip_postgres_has_rows (conn,
                              "SELECT 1 FROM pg_database WHERE datname = $1 "
                              "AND shobj_description(oid, 'pg_database') = '" SEEDED "'",
                              database))
    return TRUE;
  user = quote_name (conn, spec->user);
  name = quote_name (conn, database);
  return apply_settings (conn, spec->seed_settings, error)
         && slip_postgres_do (conn, error, "BEGIN")
         && slip_postgres_do (conn, error, "SET LOCAL ROLE %s", user)
         && slip_postgres_do (conn, error, "%s", spec->seed)
         && slip_postgres_do (conn, error, "RESET ROLE")
         && slip_postgres_do (conn, error, "COMMENT ON DATABASE %s IS '" SEEDED "'", name)
         && slip_postgres_do (conn, error, "COMMIT") && slip_postgres_do (conn, error, "ANALYZE");
}

gboolean
slip_postgres_create (SlipPostgres *self,
                      const char *key,
                      const SlipPostgresSpec *spec,
                      GCancellable *cancellable,
                      GError **error)
{
  g_autoptr (SlipPgConn) conn = NULL;

  g_return_val_if_fail (self != NULL && slip_postgres_check_key (key) && spec != NULL, FALSE);
  g_return_val_if_fail (spec->user != NULL && spec->password != NULL, FALSE);

  if (!make_folder (self, key, cancellable, error)
      || !slip_postgres_start (self, key, spec->port, error)
      || (conn = slip_postgres_connect (self, key, NULL, error)) == NULL
      || !make_master (conn, spec, error))
    return FALSE;
  return spec->seed == NULL || fill (self, key, spec, error);
}

/* --- Life --- */

static char *
read_primary (SlipPostgres *self, const char *key)
{
  g_autofree char *name = g_strdup_printf ("clusters/%s.primary", key);
  g_autofree char *path = slip_postgres_tools_dup_path (self->tools, name);
  char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return NULL;
  return slip_postgres_check_key (g_strstrip (text)) ? text : (g_free (text), NULL);
}

gboolean
slip_postgres_start (SlipPostgres *self, const char *key, guint port, GError **error)
{
  g_autoptr (SlipPostgresServer) server = NULL;
  g_autofree char *primary = NULL;
  g_autofree char *address = NULL;

  g_return_val_if_fail (self != NULL && slip_postgres_check_key (key), FALSE);

  server = get_server (self, key);
  if (!slip_postgres_server_exists (server))
    {
      g_set_error (error, SLIP_POSTGRES_ERROR, SLIP_POSTGRES_ERROR_NOT_FOUND,
                   "there is no database %s", key);
      return FALSE;
    }
  primary = read_primary (self, key);
  address = primary != NULL ? slip_postgres_dup_address (self, primary) : NULL;
  return slip_postgres_server_start (
      server, port, address, primary != NULL ? slip_postgres_get_port (self, primary) : 0, error);
}

void
slip_postgres_stop (SlipPostgres *self, const char *key)
{
  g_autoptr (SlipPostgresServer) server = NULL;

  g_return_if_fail (self != NULL && slip_postgres_check_key (key));
  server = get_server (self, key);
  slip_postgres_server_stop (server);
}

void
slip_postgres_remove (SlipPostgres *self, const char *key)
{
  const char *const suffixes[] = {"", ".part", ".port", ".primary", ".log"};

  g_return_if_fail (self != NULL && slip_postgres_check_key (key));

  slip_postgres_stop (self, key);
  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *name = g_strdup_printf ("clusters/%s%s", key, suffixes[i]);
      slip_postgres_tools_remove (self->tools, name);
    }
  g_mutex_lock (&self->mutex);
  g_hash_table_remove (self->servers, key);
  g_mutex_unlock (&self->mutex);
}
