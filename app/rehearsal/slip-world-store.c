/* SPDX-License-Identifier: MIT */

/* The durable half of the world: opens and locks the state folder, makes the tables, and runs
 * prepared statements. It knows nothing of what the rows mean. Only slip-world*.c and the call log
 * use it, on the main thread. */

#include "slip-world-store.h"

#include "slip-world-seal.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdarg.h>
#include <sys/file.h>
#include <unistd.h>

#define SCHEMA_VERSION "2"

struct _SlipWorldStore
{
  sqlite3 *database;
  GHashTable *statements; /* SQL text, by address → sqlite3_stmt, owned */
  GError *error;          /* first error since the last commit or rollback */
  int lock;
  gboolean writing;
};

static const char schema[]
    = "CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL, seal TEXT) "
      "WITHOUT "
      "ROWID;"
      "CREATE TABLE IF NOT EXISTS resources (type TEXT, account TEXT, region TEXT, id TEXT,"
      " data TEXT NOT NULL, seal TEXT, PRIMARY KEY (type, account, region, id)) WITHOUT ROWID;"
      "CREATE TABLE IF NOT EXISTS schedule (seq INTEGER PRIMARY KEY AUTOINCREMENT, due INTEGER,"
      " work INTEGER, kind TEXT, account TEXT, region TEXT, type TEXT, id TEXT, payload TEXT, seal "
      "TEXT);"
      "CREATE INDEX IF NOT EXISTS schedule_due ON schedule (work, due);"
      "CREATE INDEX IF NOT EXISTS schedule_resource ON schedule (type, account, region, id);"
      "CREATE TABLE IF NOT EXISTS events (seq INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER,"
      " account TEXT, region TEXT, service TEXT, source_type TEXT, source_id TEXT, source_arn TEXT,"
      " category TEXT, message TEXT, seal TEXT);"
      "CREATE INDEX IF NOT EXISTS events_place ON events (account, region, service, time);"
      "CREATE TABLE IF NOT EXISTS calls (seq INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER,"
      " service TEXT, operation TEXT, account TEXT, region TEXT, principal TEXT, access_key TEXT,"
      " request_id TEXT, effect TEXT, changed INTEGER, status INTEGER, error TEXT, message TEXT,"
      " fault TEXT, user_agent TEXT, parameters TEXT, seal TEXT);"
      "CREATE TABLE IF NOT EXISTS items (collection TEXT, hash TEXT, range TEXT, size INTEGER,"
      " item TEXT NOT NULL, seal TEXT, PRIMARY KEY (collection, hash, range)) WITHOUT ROWID;"
      "CREATE TABLE IF NOT EXISTS item_history (seq INTEGER PRIMARY KEY AUTOINCREMENT,"
      " collection TEXT, time INTEGER, hash TEXT, range TEXT, size INTEGER, item TEXT, seal TEXT);"
      "CREATE INDEX IF NOT EXISTS item_history_time ON item_history (collection, time);"
      "CREATE TABLE IF NOT EXISTS metrics (account TEXT, region TEXT, namespace TEXT, name TEXT,"
      " dimensions TEXT, unit TEXT, minute INTEGER, count REAL, sum REAL, low REAL, high REAL,"
      " PRIMARY KEY (account, region, namespace, name, dimensions, unit, minute)) WITHOUT ROWID;";

GQuark
slip_rehearsal_error_quark (void)
{
  return g_quark_from_static_string ("slip-rehearsal-error-quark");
}

static void
finalize_statement (gpointer statement)
{
  sqlite3_finalize (statement);
}

void
slip_world_store_tell_way_out (const char *folder, GError **error)
{
  g_autofree char *message = NULL;

  if (error == NULL || *error == NULL)
    return;
  message = g_strdup_printf ("%s/world.db: %s. The world in %s is damaged and cannot be mended: "
                             "move the folder away, or name "
                             "another one with --state, and a new world is made. With app/run: "
                             "./app/run --fresh, which also "
                             "begins a new audit log",
                             folder, (*error)->message, folder);
  g_clear_error (error);
  g_set_error_literal (error, SLIP_REHEARSAL_ERROR, SLIP_REHEARSAL_ERROR_STATE, message);
}

static gboolean
is_damaged (SlipWorldStore *store)
{
  int code = sqlite3_errcode (store->database) & 0xff;

  return code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
}

static void
set_sqlite_error (SlipWorldStore *store, const char *doing)
{
  if (store->error == NULL)
    g_set_error (&store->error, SLIP_REHEARSAL_ERROR, SLIP_REHEARSAL_ERROR_STATE,
                 "the world's file cannot %s: %s", doing, sqlite3_errmsg (store->database));
}

static gboolean
execute (SlipWorldStore *store, const char *sql, GError **error)
{
  if (sqlite3_exec (store->database, sql, NULL, NULL, NULL) == SQLITE_OK)
    return TRUE;
  g_set_error (error, SLIP_REHEARSAL_ERROR, SLIP_REHEARSAL_ERROR_STATE,
               "the world's file cannot be used: %s", sqlite3_errmsg (store->database));
  return FALSE;
}

static gboolean
lock_folder (SlipWorldStore *store, const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "lock", NULL);

  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      g_set_error (error, SLIP_REHEARSAL_ERROR, SLIP_REHEARSAL_ERROR_STATE,
                   "state folder %s cannot be made: %s", folder, g_strerror (errno));
      return FALSE;
    }
  store->lock = open (path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (store->lock < 0)
    {
      g_set_error (error, SLIP_REHEARSAL_ERROR, SLIP_REHEARSAL_ERROR_STATE,
                   "state folder %s cannot be used: %s", folder, g_strerror (errno));
      return FALSE;
    }
  if (flock (store->lock, LOCK_EX | LOCK_NB) != 0)
    {
      g_set_error (error, SLIP_REHEARSAL_ERROR, SLIP_REHEARSAL_ERROR_STATE,
                   "state folder %s belongs to another slipway-rehearsal that still runs. "
                   "End that one, or choose another --state folder.",
                   folder);
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_version (SlipWorldStore *store, GError **error)
{
  sqlite3_stmt *row
      = slip_world_store_query (store, "SELECT value FROM settings WHERE name = 'schema'", "");
  gboolean found = row != NULL && slip_world_store_step (store, row);
  gboolean same
      = !found || g_strcmp0 ((const char *)sqlite3_column_text (row, 0), SCHEMA_VERSION) == 0;

  slip_world_store_done (row);
  if (store->error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&store->error));
      return FALSE;
    }
  if (!same)
    {
      g_set_error (error, SLIP_REHEARSAL_ERROR, SLIP_REHEARSAL_ERROR_STATE,
                   "the world's file was made by another version of slipway-rehearsal. "
                   "Choose another --state folder, or with app/run: ./app/run --fresh, which also "
                   "begins a new audit log");
      return FALSE;
    }
  slip_world_store_write (
      store, "INSERT OR IGNORE INTO settings VALUES ('schema', ?1, row_seal ('schema', ?1))", "s",
      SCHEMA_VERSION);
  return slip_world_store_commit (store, error);
}

/* WAL with synchronous=NORMAL survives the death of this process at any instant, which is what the
 * rehearsal needs; only the death of the whole machine could cost the last transactions. */
SlipWorldStore *
slip_world_store_open (const char *folder, GError **error)
{
  g_autoptr (SlipWorldStore) store = g_new0 (SlipWorldStore, 1);
  g_autofree char *path = g_build_filename (folder, "world.db", NULL);

  store->lock = -1;
  store->statements = g_hash_table_new_full (NULL, NULL, NULL, finalize_statement);
  if (!lock_folder (store, folder, error))
    return NULL;
  if (sqlite3_open_v2 (path, &store->database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL)
      != SQLITE_OK)
    {
      g_set_error (error, SLIP_REHEARSAL_ERROR, SLIP_REHEARSAL_ERROR_STATE,
                   "%s cannot be opened: %s", path, sqlite3_errmsg (store->database));
      return NULL;
    }
  g_chmod (path, 0600);
  if (!slip_world_seal_register (store->database))
    {
      g_set_error (error, SLIP_REHEARSAL_ERROR, SLIP_REHEARSAL_ERROR_STATE,
                   "%s cannot be opened: %s", path, sqlite3_errmsg (store->database));
      return NULL;
    }
  if (!execute (store, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;", error)
      || !execute (store, schema, error) || !check_version (store, error))
    {
      if (is_damaged (store))
        slip_world_store_tell_way_out (folder, error);
      else
        g_prefix_error (error, "%s: ", path);
      return NULL;
    }
  if (!slip_world_seal_check (store->database, error))
    {
      slip_world_store_tell_way_out (folder, error);
      return NULL;
    }
  return g_steal_pointer (&store);
}

void
slip_world_store_close (SlipWorldStore *store)
{
  g_clear_pointer (&store->statements, g_hash_table_unref);
  sqlite3_close (store->database);
  if (store->lock >= 0)
    close (store->lock);
  g_clear_error (&store->error);
  g_free (store);
}

static sqlite3_stmt *
prepare (SlipWorldStore *store, const char *sql)
{
  sqlite3_stmt *statement = g_hash_table_lookup (store->statements, sql);

  if (statement != NULL)
    return statement;
  if (sqlite3_prepare_v3 (store->database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL)
      != SQLITE_OK)
    {
      set_sqlite_error (store, "be read");
      return NULL;
    }
  g_hash_table_insert (store->statements, (gpointer)sql, statement);
  return statement;
}

static void
bind_values (sqlite3_stmt *statement, const char *types, va_list values)
{
  for (int i = 0; types[i] != '\0'; i++)
    if (types[i] == 'i')
      sqlite3_bind_int64 (statement, i + 1, va_arg (values, gint64));
    else
      sqlite3_bind_text (statement, i + 1, va_arg (values, const char *), -1, SQLITE_TRANSIENT);
}

sqlite3_stmt *
slip_world_store_query (SlipWorldStore *store, const char *sql, const char *types, ...)
{
  sqlite3_stmt *statement = prepare (store, sql);
  va_list values;

  if (statement == NULL)
    return NULL;
  va_start (values, types);
  bind_values (statement, types, values);
  va_end (values);
  return statement;
}

gboolean
slip_world_store_step (SlipWorldStore *store, sqlite3_stmt *statement)
{
  int result;

  if (statement == NULL)
    return FALSE;
  result = sqlite3_step (statement);
  if (result != SQLITE_ROW && result != SQLITE_DONE)
    set_sqlite_error (store, "be read");
  return result == SQLITE_ROW;
}

void
slip_world_store_done (sqlite3_stmt *statement)
{
  if (statement != NULL)
    {
      sqlite3_reset (statement);
      sqlite3_clear_bindings (statement);
    }
}

void
slip_world_store_write (SlipWorldStore *store, const char *sql, const char *types, ...)
{
  sqlite3_stmt *statement = prepare (store, sql);
  va_list values;

  if (statement == NULL || store->error != NULL)
    return;
  if (!store->writing)
    {
      if (sqlite3_exec (store->database, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
        {
          set_sqlite_error (store, "be written");
          return;
        }
      store->writing = TRUE;
    }
  va_start (values, types);
  bind_values (statement, types, values);
  va_end (values);
  if (sqlite3_step (statement) != SQLITE_DONE)
    set_sqlite_error (store, "be written");
  slip_world_store_done (statement);
}

gint64
slip_world_store_last_row (SlipWorldStore *store)
{
  return sqlite3_last_insert_rowid (store->database);
}

gboolean
slip_world_store_commit (SlipWorldStore *store, GError **error)
{
  if (store->error == NULL && store->writing
      && sqlite3_exec (store->database, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
    set_sqlite_error (store, "be written");
  if (store->error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&store->error));
      slip_world_store_rollback (store);
      return FALSE;
    }
  store->writing = FALSE;
  return TRUE;
}

void
slip_world_store_rollback (SlipWorldStore *store)
{
  if (store->writing && !sqlite3_get_autocommit (store->database))
    sqlite3_exec (store->database, "ROLLBACK", NULL, NULL, NULL);
  store->writing = FALSE;
  g_clear_error (&store->error);
}
