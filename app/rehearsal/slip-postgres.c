/* SPDX-License-Identifier: MIT */
/* Real databases behind clusters: made from a template, backed up, restored, replicated. Each has a
 * postmaster of its own (slip-postgres-server.c), because masters of two clusters may share a name and
 * a database name, but never a password or rows. */

#include "slip-postgres.h"
#include "slip-postgres-server.h"

#include <errno.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ADMIN "rdsadmin"
#define SEEDED "filled by the rehearsal server"

struct _SlipPostgres
{
  SlipPostgresTools *tools; /* owned */
  char *password;           /* owned; the administrator's */
  GMutex mutex;             /* guards servers */
  GHashTable *servers;      /* owned; key → SlipPostgresServer */
  GMutex template_mutex;    /* held while the template is made */
};

typedef PGconn SlipPgConn;
typedef PGresult SlipPgResult;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipPgConn, PQfinish)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipPgResult, PQclear)

static gboolean
check_key (const char *key)
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

static gboolean
has (SlipPostgres *self, const char *name)
{
  g_autofree char *path = slip_postgres_tools_dup_path (self->tools, name);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static gboolean
rename_inside (SlipPostgres *self, const char *from, const char *to, GError **error)
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
  pgpass = g_strdup_printf ("127.0.0.1:*:*:" ADMIN ":%s\n", self->password);
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

  g_return_val_if_fail (self != NULL && check_key (key), 0);
  server = get_server (self, key);
  return slip_postgres_server_get_port (server);
}

gboolean
slip_postgres_is_running (SlipPostgres *self, const char *key)
{
  g_autoptr (SlipPostgresServer) server = NULL;

  g_return_val_if_fail (self != NULL && check_key (key), FALSE);
  server = get_server (self, key);
  return slip_postgres_server_is_running (server);
}

/* --- SQL --- */

static SlipPgConn *
connect_to (SlipPostgres *self, const char *key, const char *database, GError **error)
{
  g_autofree char *port = g_strdup_printf ("%u", slip_postgres_get_port (self, key));
  const char *names[]
      = {"host", "port", "user", "password", "dbname", "sslmode", "connect_timeout", NULL};
  const char *values[]
      = {"127.0.0.1", port, ADMIN, self->password, database != NULL ? database : "postgres",
         "disable",   "20", NULL};
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

static gboolean do_sql (SlipPgConn *conn, GError **error, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

static gboolean
do_sql (SlipPgConn *conn, GError **error, const char *format, ...)
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

static gboolean
has_rows (SlipPgConn *conn, const char *sql, const char *parameter)
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

  g_return_val_if_fail (self != NULL && check_key (key) && sql != NULL, NULL);
  if ((conn = connect_to (self, key, database, error)) == NULL
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
  return do_sql (conn, error, "ALTER ROLE %s PASSWORD %s", role, text);
}

gboolean
slip_postgres_set_password (
    SlipPostgres *self, const char *key, const char *user, const char *password, GError **error)
{
  g_autoptr (SlipPgConn) conn = NULL;

  g_return_val_if_fail (self != NULL && check_key (key) && user != NULL && password != NULL, FALSE);
  conn = connect_to (self, key, NULL, error);
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
                        ADMIN,
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

  if (has (self, "template"))
    return TRUE;
  slip_postgres_tools_remove (self->tools, "template.part");
  return slip_postgres_tools_run (self->tools, argv, NULL, cancellable, error)
         && rename_inside (self, "template.part", "template", error);
}

static gboolean
make_folder (SlipPostgres *self, const char *key, GCancellable *cancellable, GError **error)
{
  g_autofree char *final = g_build_filename ("clusters", key, NULL);
  g_autofree char *part = g_strconcat (final, ".part", NULL);
  g_autofree char *from = slip_postgres_tools_dup_inner_path (self->tools, "template");
  g_autofree char *to = slip_postgres_tools_dup_inner_path (self->tools, part);
  const char *argv[] = {"cp", "-a", "--reflink=auto", from, to, NULL};

  if (has (self, final))
    return TRUE;
  slip_postgres_tools_remove (self->tools, part);
  return make_template (self, cancellable, error)
         && slip_postgres_tools_run (self->tools, argv, NULL, cancellable, error)
         && rename_inside (self, part, final, error);
}

/* The master user gets what RDS gives it: everything but a superuser's rights. */
static gboolean
make_master (SlipPgConn *conn, const SlipPostgresSpec *spec, GError **error)
{
  g_autofree char *user = quote_name (conn, spec->user);
  g_autofree char *database = spec->database != NULL ? quote_name (conn, spec->database) : NULL;

  if (!has_rows (conn, "SELECT 1 FROM pg_roles WHERE rolname = $1", "rds_superuser")
      && !do_sql (conn, error,
                  "CREATE ROLE rds_superuser NOLOGIN; GRANT pg_monitor, pg_signal_backend, "
                  "pg_checkpoint, pg_read_all_data TO rds_superuser"))
    return FALSE;
  if (!has_rows (conn, "SELECT 1 FROM pg_roles WHERE rolname = $1", spec->user)
      && !do_sql (conn, error, "CREATE ROLE %s LOGIN CREATEDB CREATEROLE IN ROLE rds_superuser",
                  user))
    return FALSE;
  if (!change_password (conn, spec->user, spec->password, error))
    return FALSE;
  return database == NULL
         || has_rows (conn, "SELECT 1 FROM pg_database WHERE datname = $1", spec->database)
         || do_sql (conn, error, "CREATE DATABASE %s OWNER %s", database, user);
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
      if (!do_sql (conn, error, "SELECT set_config(%s, %s, false)", name, value))
        return FALSE;
    }
  return TRUE;
}

static gboolean
fill (SlipPostgres *self, const char *key, const SlipPostgresSpec *spec, GError **error)
{
  const char *database = spec->database != NULL ? spec->database : "postgres";
  g_autoptr (SlipPgConn) conn = connect_to (self, key, database, error);
  g_autofree char *user = NULL;
  g_autofree char *name = NULL;

  if (conn == NULL)
    return FALSE;
  if (has_rows (conn,
                "SELECT 1 FROM pg_database WHERE datname = $1 "
                "AND shobj_description(oid, 'pg_database') = '" SEEDED "'",
                database))
    return TRUE;
  user = quote_name (conn, spec->user);
  name = quote_name (conn, database);
  return apply_settings (conn, spec->seed_settings, error) && do_sql (conn, error, "BEGIN")
         && do_sql (conn, error, "SET LOCAL ROLE %s", user)
         && do_sql (conn, error, "%s", spec->seed) && do_sql (conn, error, "RESET ROLE")
         && do_sql (conn, error, "COMMENT ON DATABASE %s IS '" SEEDED "'", name)
         && do_sql (conn, error, "COMMIT") && do_sql (conn, error, "ANALYZE");
}

gboolean
slip_postgres_create (SlipPostgres *self,
                      const char *key,
                      const SlipPostgresSpec *spec,
                      GCancellable *cancellable,
                      GError **error)
{
  g_autoptr (SlipPgConn) conn = NULL;

  g_return_val_if_fail (self != NULL && check_key (key) && spec != NULL, FALSE);
  g_return_val_if_fail (spec->user != NULL && spec->password != NULL, FALSE);

  if (!make_folder (self, key, cancellable, error)
      || !slip_postgres_start (self, key, spec->port, error)
      || (conn = connect_to (self, key, NULL, error)) == NULL || !make_master (conn, spec, error))
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
  return check_key (g_strstrip (text)) ? text : (g_free (text), NULL);
}

gboolean
slip_postgres_start (SlipPostgres *self, const char *key, guint port, GError **error)
{
  g_autoptr (SlipPostgresServer) server = NULL;
  g_autofree char *primary = NULL;

  g_return_val_if_fail (self != NULL && check_key (key), FALSE);

  server = get_server (self, key);
  if (!slip_postgres_server_exists (server))
    {
      g_set_error (error, SLIP_POSTGRES_ERROR, SLIP_POSTGRES_ERROR_NOT_FOUND,
                   "there is no database %s", key);
      return FALSE;
    }
  primary = read_primary (self, key);
  return slip_postgres_server_start (
      server, port, primary != NULL ? slip_postgres_get_port (self, primary) : 0, error);
}

void
slip_postgres_stop (SlipPostgres *self, const char *key)
{
  g_autoptr (SlipPostgresServer) server = NULL;

  g_return_if_fail (self != NULL && check_key (key));
  server = get_server (self, key);
  slip_postgres_server_stop (server);
}

void
slip_postgres_remove (SlipPostgres *self, const char *key)
{
  const char *const suffixes[] = {"", ".part", ".port", ".primary", ".log"};

  g_return_if_fail (self != NULL && check_key (key));

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

/* --- Snapshots --- */

static gboolean
back_up (SlipPostgres *self,
         const char *key,
         const char *to,
         const char *const *options,
         GCancellable *cancellable,
         GError **error)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  const char *const common[]
      = {"pg_basebackup", "-h", "127.0.0.1", "-U",        ADMIN,           "-w", "-X",
         "stream",        "-c", "fast",      "--no-sync", "--no-manifest", "-p"};

  for (guint i = 0; i < G_N_ELEMENTS (common); i++)
    g_ptr_array_add (argv, g_strdup (common[i]));
  g_ptr_array_add (argv, g_strdup_printf ("%u", slip_postgres_get_port (self, key)));
  g_ptr_array_add (argv, g_strdup ("-D"));
  g_ptr_array_add (argv, slip_postgres_tools_dup_inner_path (self->tools, to));
  for (; *options != NULL; options++)
    g_ptr_array_add (argv, g_strdup (*options));
  g_ptr_array_add (argv, NULL);
  return slip_postgres_tools_run (self->tools, (const char *const *)argv->pdata, self->password,
                                  cancellable, error);
}

gboolean
slip_postgres_has_snapshot (SlipPostgres *self, const char *snapshot)
{
  g_autofree char *name = NULL;

  g_return_val_if_fail (self != NULL && check_key (snapshot), FALSE);
  name = g_build_filename ("snapshots", snapshot, NULL);
  return has (self, name);
}

gboolean
slip_postgres_snapshot (SlipPostgres *self,
                        const char *key,
                        const char *snapshot,
                        GCancellable *cancellable,
                        GError **error)
{
  const char *const options[] = {"-Ft", "-Z", "client-gzip:1", NULL};
  g_autofree char *final = NULL;
  g_autofree char *part = NULL;

  g_return_val_if_fail (self != NULL && check_key (key) && check_key (snapshot), FALSE);

  final = g_build_filename ("snapshots", snapshot, NULL);
  part = g_strconcat (final, ".part", NULL);
  if (has (self, final))
    return TRUE;
  slip_postgres_tools_remove (self->tools, part);
  return back_up (self, key, part, options, cancellable, error)
         && rename_inside (self, part, final, error);
}

static gboolean
link_folder (SlipPostgres *self, const char *source, const char *target, GError **error)
{
  g_autofree char *name = g_build_filename ("snapshots", source, NULL);
  g_autofree char *from = slip_postgres_tools_dup_inner_path (self->tools, name);
  g_autofree char *to = slip_postgres_tools_dup_inner_path (self->tools, target);
  const char *argv[] = {"cp", "-al", from, to, NULL};

  return slip_postgres_tools_run (self->tools, argv, NULL, NULL, error);
}

gboolean
slip_postgres_copy_snapshot (SlipPostgres *self,
                             const char *source,
                             const char *target,
                             GError **error)
{
  g_autofree char *final = NULL;
  g_autofree char *part = NULL;

  g_return_val_if_fail (self != NULL && check_key (source) && check_key (target), FALSE);

  if (slip_postgres_has_snapshot (self, target))
    return TRUE;
  if (!slip_postgres_has_snapshot (self, source))
    {
      g_set_error (error, SLIP_POSTGRES_ERROR, SLIP_POSTGRES_ERROR_NOT_FOUND,
                   "there are no rows of snapshot %s", source);
      return FALSE;
    }
  final = g_build_filename ("snapshots", target, NULL);
  part = g_strconcat (final, ".part", NULL);
  slip_postgres_tools_remove (self->tools, part);
  return link_folder (self, source, part, error) && rename_inside (self, part, final, error);
}

void
slip_postgres_remove_snapshot (SlipPostgres *self, const char *snapshot)
{
  g_autofree char *name = NULL;
  g_autofree char *part = NULL;

  g_return_if_fail (self != NULL && check_key (snapshot));
  name = g_build_filename ("snapshots", snapshot, NULL);
  part = g_strconcat (name, ".part", NULL);
  slip_postgres_tools_remove (self->tools, part);
  slip_postgres_tools_remove (self->tools, name);
}

static gboolean
unpack (SlipPostgres *self,
        const char *archive,
        const char *folder,
        GCancellable *cancellable,
        GError **error)
{
  g_autofree char *from = slip_postgres_tools_dup_inner_path (self->tools, archive);
  g_autofree char *to = slip_postgres_tools_dup_inner_path (self->tools, folder);
  const char *argv[] = {"tar", "-xzf", from, "-C", to, NULL};

  return slip_postgres_tools_run (self->tools, argv, NULL, cancellable, error);
}

gboolean
slip_postgres_restore (SlipPostgres *self,
                       const char *snapshot,
                       const char *key,
                       guint port,
                       GCancellable *cancellable,
                       GError **error)
{
  g_autofree char *final = NULL;
  g_autofree char *part = NULL;
  g_autofree char *base = NULL;
  g_autofree char *wal = NULL;
  g_autofree char *wal_folder = NULL;
  g_autofree char *standby = NULL;

  g_return_val_if_fail (self != NULL && check_key (key) && check_key (snapshot), FALSE);

  final = g_build_filename ("clusters", key, NULL);
  if (!has (self, final))
    {
      part = g_strconcat (final, ".part", NULL);
      base = g_build_filename ("snapshots", snapshot, "base.tar.gz", NULL);
      wal = g_build_filename ("snapshots", snapshot, "pg_wal.tar.gz", NULL);
      wal_folder = g_build_filename (part, "pg_wal", NULL);
      standby = g_build_filename (part, "standby.signal", NULL);
      slip_postgres_tools_remove (self->tools, part);
      if (!slip_postgres_tools_make_folder (self->tools, part, error)
          || !unpack (self, base, part, cancellable, error)
          || !unpack (self, wal, wal_folder, cancellable, error))
        return FALSE;
      /* A snapshot of a standby restores as a cluster that takes writes. */
      slip_postgres_tools_remove (self->tools, standby);
      if (!rename_inside (self, part, final, error))
        return FALSE;
    }
  return slip_postgres_start (self, key, port, error);
}

/* --- Replication --- */

gboolean
slip_postgres_follow (SlipPostgres *self,
                      const char *primary,
                      const char *key,
                      guint port,
                      GCancellable *cancellable,
                      GError **error)
{
  const char *const options[] = {"-Fp", "-R", NULL};
  g_autofree char *final = NULL;
  g_autofree char *part = NULL;
  g_autofree char *note = NULL;

  g_return_val_if_fail (self != NULL && check_key (key) && check_key (primary), FALSE);

  final = g_build_filename ("clusters", key, NULL);
  part = g_strconcat (final, ".part", NULL);
  note = g_strconcat (final, ".primary", NULL);
  if (!has (self, final))
    {
      slip_postgres_tools_remove (self->tools, part);
      if (!back_up (self, primary, part, options, cancellable, error)
          || !slip_postgres_tools_write (self->tools, note, primary, error)
          || !rename_inside (self, part, final, error))
        return FALSE;
    }
  return slip_postgres_start (self, key, port, error);
}

gboolean
slip_postgres_promote (SlipPostgres *self, const char *key, GError **error)
{
  g_autoptr (SlipPgConn) conn = NULL;
  g_autofree char *note = NULL;

  g_return_val_if_fail (self != NULL && check_key (key), FALSE);

  if ((conn = connect_to (self, key, NULL, error)) == NULL)
    return FALSE;
  if (has_rows (conn, "SELECT 1 WHERE pg_is_in_recovery() AND $1 <> ''", key)
      && !do_sql (conn, error, "SELECT pg_promote(true, 60)"))
    return FALSE;
  note = g_strdup_printf ("clusters/%s.primary", key);
  slip_postgres_tools_remove (self->tools, note);
  return TRUE;
}
