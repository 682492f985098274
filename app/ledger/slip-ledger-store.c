/* SPDX-License-Identifier: MIT */
/* The ledger's SQLite file: its schema, and the few statements that read and extend it. The tree's
 * nodes lie beside the entry that completes them, so that an append writes one row and any node is
 * one look-up away: node (level, index) is the level-th hash of entry (index + 1) << level. */

#include "slip-ledger-store.h"
#include "slip-ledger-kind.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define APPLICATION_ID 0x534c4950 /* "SLIP" */
#define SCHEMA_VERSION 1
#define BUSY_TIMEOUT_MS 10000

/* The file's master table must hold exactly these texts. */
static const struct
{
  const char *name;
  const char *sql;
} schema[] = {
    {"ledger", "CREATE TABLE ledger (id INTEGER PRIMARY KEY CHECK (id = 1), origin TEXT NOT NULL, "
               "verifier TEXT NOT NULL) STRICT"},
    {"entry", "CREATE TABLE entry (seq INTEGER PRIMARY KEY CHECK (seq > 0), nodes BLOB NOT NULL, "
              "body TEXT NOT NULL, "
              "run TEXT AS (json_extract (body, '$.run')) VIRTUAL, "
              "environment TEXT AS (json_extract (body, '$.environment')) VIRTUAL, "
              "kind TEXT AS (json_extract (body, '$.kind')) VIRTUAL) STRICT"},
    {"entry_run", "CREATE INDEX entry_run ON entry (run) WHERE run IS NOT NULL"},
    {"entry_environment",
     "CREATE INDEX entry_environment ON entry (environment) WHERE environment IS NOT NULL"},
    {"checkpoint", "CREATE TABLE checkpoint (size INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT"},
    {"ledger_insert", "CREATE TRIGGER ledger_insert BEFORE INSERT ON ledger WHEN (SELECT count (*) "
                      "FROM ledger) > 0 BEGIN SELECT RAISE (ABORT, 'a ledger has one name'); END"},
    {"ledger_update", "CREATE TRIGGER ledger_update BEFORE UPDATE ON ledger BEGIN "
                      "SELECT RAISE (ABORT, 'a ledger is append-only'); END"},
    {"ledger_delete", "CREATE TRIGGER ledger_delete BEFORE DELETE ON ledger BEGIN "
                      "SELECT RAISE (ABORT, 'a ledger is append-only'); END"},
    /* INSERT OR REPLACE deletes without asking a delete trigger; this one stops it. */
    {"entry_insert", "CREATE TRIGGER entry_insert BEFORE INSERT ON entry WHEN NEW.seq IS NOT "
                     "(SELECT coalesce (max (seq), 0) + 1 FROM entry) BEGIN "
                     "SELECT RAISE (ABORT, 'a ledger is append-only'); END"},
    {"entry_update", "CREATE TRIGGER entry_update BEFORE UPDATE ON entry BEGIN "
                     "SELECT RAISE (ABORT, 'a ledger is append-only'); END"},
    {"entry_delete", "CREATE TRIGGER entry_delete BEFORE DELETE ON entry BEGIN "
                     "SELECT RAISE (ABORT, 'a ledger is append-only'); END"},
    {"checkpoint_insert", "CREATE TRIGGER checkpoint_insert BEFORE INSERT ON checkpoint WHEN "
                          "NEW.size <= (SELECT max (size) FROM checkpoint) BEGIN "
                          "SELECT RAISE (ABORT, 'a ledger is append-only'); END"},
    {"checkpoint_update", "CREATE TRIGGER checkpoint_update BEFORE UPDATE ON checkpoint BEGIN "
                          "SELECT RAISE (ABORT, 'a ledger is append-only'); END"},
    {"checkpoint_delete", "CREATE TRIGGER checkpoint_delete BEFORE DELETE ON checkpoint BEGIN "
                          "SELECT RAISE (ABORT, 'a ledger is append-only'); END"},
};

enum
{
  STATEMENT_BEGIN_READ,
  STATEMENT_BEGIN_WRITE,
  STATEMENT_COMMIT,
  STATEMENT_SIZE,
  STATEMENT_NODES,
  STATEMENT_PREVIOUS,
  STATEMENT_INSERT,
  STATEMENT_CHECKPOINT,
  STATEMENT_LAST_CHECKPOINT,
  STATEMENT_INSERT_CHECKPOINT,
  N_STATEMENTS,
};

static const char *const statements[N_STATEMENTS] = {
    [STATEMENT_BEGIN_READ] = "BEGIN",
    [STATEMENT_BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [STATEMENT_COMMIT] = "COMMIT",
    [STATEMENT_SIZE] = "SELECT coalesce (max (seq), 0) FROM entry",
    [STATEMENT_NODES] = "SELECT nodes FROM entry WHERE seq = ?1",
    [STATEMENT_PREVIOUS] = "SELECT coalesce (max (seq), 0) FROM entry WHERE run = ?1",
    [STATEMENT_INSERT] = "INSERT INTO entry (seq, nodes, body) VALUES (?1, ?2, ?3)",
    [STATEMENT_CHECKPOINT] = "SELECT size, note FROM checkpoint WHERE size = ?1",
    [STATEMENT_LAST_CHECKPOINT] = "SELECT size, note FROM checkpoint ORDER BY size DESC LIMIT 1",
    [STATEMENT_INSERT_CHECKPOINT] = "INSERT INTO checkpoint (size, note) VALUES (?1, ?2)",
};

struct _SlipLedgerStore
{
  sqlite3 *db;
  char *path;
  sqlite3_stmt *prepared[N_STATEMENTS];
};

static void
set_error (SlipLedgerStore *store, int code, GError **error)
{
  switch (code & 0xff)
    {
    case SQLITE_FULL:
      g_set_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_WRITE,
                   "the disk that holds ledger %s is full; nothing was stored. Free some space",
                   store->path);
      break;
    case SQLITE_IOERR:
      g_set_error (error, SLIP_LEDGER_ERROR,
                   code == SQLITE_IOERR_READ || code == SQLITE_IOERR_SHORT_READ
                       ? SLIP_LEDGER_ERROR_READ
                       : SLIP_LEDGER_ERROR_WRITE,
                   "ledger %s: %s; nothing was stored. Is the disk full or failing?", store->path,
                   sqlite3_errmsg (store->db));
      break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      g_set_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_DAMAGED,
                   "ledger %s is damaged: %s. Keep the file as evidence and start another",
                   store->path, sqlite3_errmsg (store->db));
      break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      g_set_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_WRITE,
                   "another process holds ledger %s for longer than %d s; nothing was stored",
                   store->path, BUSY_TIMEOUT_MS / 1000);
      break;
    case SQLITE_READONLY:
      g_set_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_WRITE,
                   "ledger %s cannot be written: %s", store->path, sqlite3_errmsg (store->db));
      break;
    case SQLITE_CONSTRAINT:
      g_set_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_WRITE, "ledger %s: %s", store->path,
                   sqlite3_errmsg (store->db));
      break;
    default:
      g_set_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_READ, "ledger %s: %s", store->path,
                   sqlite3_errmsg (store->db));
      break;
    }
}

static gboolean
execute (SlipLedgerStore *store, const char *sql, GError **error)
{
  int code = sqlite3_exec (store->db, sql, NULL, NULL, NULL);

  if (code == SQLITE_OK)
    return TRUE;
  set_error (store, sqlite3_extended_errcode (store->db), error);
  return FALSE;
}

sqlite3_stmt *
slip_ledger_store_prepare (SlipLedgerStore *store, const char *sql, GError **error)
{
  sqlite3_stmt *statement = NULL;

  if (sqlite3_prepare_v2 (store->db, sql, -1, &statement, NULL) != SQLITE_OK)
    set_error (store, sqlite3_extended_errcode (store->db), error);
  return statement;
}

int
slip_ledger_store_step (SlipLedgerStore *store, sqlite3_stmt *statement, GError **error)
{
  int code = sqlite3_step (statement);

  if (code != SQLITE_ROW && code != SQLITE_DONE)
    set_error (store, sqlite3_extended_errcode (store->db), error);
  return code;
}

/* A statement that is kept; the caller resets it after use. */
static sqlite3_stmt *
kept (SlipLedgerStore *store, guint which, GError **error)
{
  if (store->prepared[which] == NULL)
    store->prepared[which] = slip_ledger_store_prepare (store, statements[which], error);
  return store->prepared[which];
}

static gboolean
run_kept (SlipLedgerStore *store, guint which, GError **error)
{
  sqlite3_stmt *statement = kept (store, which, error);
  int code;

  if (statement == NULL)
    return FALSE;
  code = slip_ledger_store_step (store, statement, error);
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
  return code == SQLITE_DONE;
}

static gboolean
read_integer (SlipLedgerStore *store, const char *sql, gint64 *value, GError **error)
{
  g_autoptr (sqlite3_stmt) statement = slip_ledger_store_prepare (store, sql, error);

  if (statement == NULL || slip_ledger_store_step (store, statement, error) != SQLITE_ROW)
    return FALSE;
  *value = sqlite3_column_int64 (statement, 0);
  return TRUE;
}

/* Nobody in this process opens a ledger while another thread creates it. */
G_LOCK_DEFINE_STATIC (opening);

/* SQLite would create the file readable for all; the WAL takes the mode of the main file. One that is there is not
 * opened: a process that closes a file loses its POSIX locks of it, also those of its other connections, and then the
 * next process that closes the ledger takes the WAL from under them, with all that they write from there on. */
static gboolean
create_file (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  int fd;

  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      g_set_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_OPEN, "cannot create folder %s: %s",
                   folder, g_strerror (errno));
      return FALSE;
    }
  fd = g_open (path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0 && errno == EEXIST)
    return TRUE;
  if (fd < 0)
    {
      g_set_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_OPEN, "cannot open ledger %s: %s",
                   path, g_strerror (errno));
      return FALSE;
    }
  close (fd);
  return TRUE;
}

/* Changing into WAL mode needs the file alone for a moment, and SQLite does not always wait for it
 * as it does for other locks. */
static gboolean
enter_wal (SlipLedgerStore *store, GError **error)
{
  gint64 deadline = g_get_monotonic_time () + BUSY_TIMEOUT_MS * G_TIME_SPAN_MILLISECOND;
  int code;

  do
    {
      code = sqlite3_exec (store->db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
      if (code == SQLITE_OK)
        return execute (store, "PRAGMA synchronous = FULL", error);
      g_usleep (5000);
    }
  while (code == SQLITE_BUSY && g_get_monotonic_time () < deadline);
  set_error (store, sqlite3_extended_errcode (store->db), error);
  return FALSE;
}

static gboolean
configure (SlipLedgerStore *store, SlipLedgerStoreMode mode, GError **error)
{
  int code = slip_ledger_kind_add_function (store->db);

  sqlite3_extended_result_codes (store->db, 1);
  sqlite3_busy_timeout (store->db, BUSY_TIMEOUT_MS);
  sqlite3_db_config (store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  if (code != SQLITE_OK)
    set_error (store, code, error);
  if (code != SQLITE_OK || !execute (store, "PRAGMA cell_size_check = ON", error))
    return FALSE;
  return mode == SLIP_LEDGER_STORE_READ || enter_wal (store, error);
}

/* SQLite wants to write beside a file in WAL mode even to read it, which a disk that is mounted
 * read-only does not allow. Without a log beside it, which every writer has, the file stands still and can
 * be read as it is. */
static char *
still_uri (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *wal = g_strconcat (path, "-wal", NULL);
  g_autofree char *escaped = NULL;

  if (g_access (folder, W_OK) == 0 || g_file_test (wal, G_FILE_TEST_EXISTS))
    return NULL;
  escaped = g_uri_escape_string (path, "/", FALSE);
  return g_strdup_printf ("file:%s?immutable=1", escaped);
}

SlipLedgerStore *
slip_ledger_store_open (const char *path, SlipLedgerStoreMode mode, GError **error)
{
  g_autoptr (SlipLedgerStore) store = g_new0 (SlipLedgerStore, 1);
  int flags = mode == SLIP_LEDGER_STORE_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  g_autofree char *uri = mode == SLIP_LEDGER_STORE_READ ? still_uri (path) : NULL;
  gboolean created;
  int code;

  if (uri != NULL)
    flags |= SQLITE_OPEN_URI;
  store->path = g_strdup (path);
  G_LOCK (opening);
  created = mode != SLIP_LEDGER_STORE_CREATE || create_file (path, error);
  code = created ? sqlite3_open_v2 (uri != NULL ? uri : path, &store->db,
                                    flags | SQLITE_OPEN_NOMUTEX, NULL)
                 : SQLITE_CANTOPEN;
  G_UNLOCK (opening);
  if (!created)
    return NULL;
  if (code != SQLITE_OK)
    {
      g_set_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_OPEN, "cannot open ledger %s: %s",
                   path,
                   store->db == NULL                            ? "no memory"
                   : g_file_test (path, G_FILE_TEST_IS_REGULAR) ? sqlite3_errmsg (store->db)
                                                                : "no such file");
      return NULL;
    }
  if (!configure (store, mode, error))
    return NULL;
  return g_steal_pointer (&store);
}

void
slip_ledger_store_close (SlipLedgerStore *store)
{
  if (store == NULL)
    return;
  for (guint i = 0; i < N_STATEMENTS; i++)
    sqlite3_finalize (store->prepared[i]);
  sqlite3_close_v2 (store->db);
  g_free (store->path);
  g_free (store);
}

static gboolean
schema_damaged (SlipLedgerStore *store, const char *what, GError **error)
{
  g_set_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_DAMAGED,
               "ledger %s is damaged: its %s is not as it was created. Somebody changed the file "
               "with another program",
               store->path, what);
  return FALSE;
}

/* Nothing missing, nothing changed, and nothing more: a trigger that somebody added would run with
 * the next append. */
static gboolean
check_schema (SlipLedgerStore *store, gint64 present, GError **error)
{
  g_autoptr (sqlite3_stmt) statement
      = slip_ledger_store_prepare (store, "SELECT sql FROM sqlite_master WHERE name = ?1", error);

  if (statement == NULL)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (schema); i++)
    {
      int code;

      sqlite3_bind_text (statement, 1, schema[i].name, -1, SQLITE_STATIC);
      code = slip_ledger_store_step (store, statement, error);
      if (code != SQLITE_ROW && code != SQLITE_DONE)
        return FALSE;
      if (code == SQLITE_DONE
          || g_strcmp0 ((const char *)sqlite3_column_text (statement, 0), schema[i].sql) != 0)
        return schema_damaged (store, schema[i].name, error);
      sqlite3_reset (statement);
    }
  return present == G_N_ELEMENTS (schema) || schema_damaged (store, "schema", error);
}

gboolean
slip_ledger_store_is_empty (SlipLedgerStore *store, gboolean *empty, GError **error)
{
  gint64 id = 0;
  gint64 version = 0;
  gint64 tables = 0;

  if (!read_integer (store, "PRAGMA application_id", &id, error)
      || !read_integer (store, "PRAGMA user_version", &version, error)
      || !read_integer (store, "SELECT count (*) FROM sqlite_master", &tables, error))
    return FALSE;
  *empty = id == 0 && version == 0 && tables == 0;
  if (*empty)
    return TRUE;
  if (id != APPLICATION_ID)
    {
      g_set_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_OPEN,
                   "%s is the database of another program, not a ledger", store->path);
      return FALSE;
    }
  if (version > SCHEMA_VERSION)
    {
      g_set_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_VERSION,
                   "ledger %s is of version %" G_GINT64_FORMAT
                   ", this program knows %d. Use a later version of Slipway",
                   store->path, version, SCHEMA_VERSION);
      return FALSE;
    }
  return check_schema (store, tables, error);
}

gboolean
slip_ledger_store_create (SlipLedgerStore *store,
                          const char *origin,
                          const char *verifier,
                          GError **error)
{
  g_autoptr (sqlite3_stmt) statement = NULL;
  g_autofree char *pragmas = g_strdup_printf (
      "PRAGMA application_id = %d; PRAGMA user_version = %d", APPLICATION_ID, SCHEMA_VERSION);

  for (guint i = 0; i < G_N_ELEMENTS (schema); i++)
    if (!execute (store, schema[i].sql, error))
      return FALSE;
  if (!execute (store, pragmas, error))
    return FALSE;
  statement = slip_ledger_store_prepare (
      store, "INSERT INTO ledger (id, origin, verifier) VALUES (1, ?1, ?2)", error);
  if (statement == NULL)
    return FALSE;
  sqlite3_bind_text (statement, 1, origin, -1, SQLITE_STATIC);
  sqlite3_bind_text (statement, 2, verifier, -1, SQLITE_STATIC);
  return slip_ledger_store_step (store, statement, error) == SQLITE_DONE;
}

gboolean
slip_ledger_store_identity (SlipLedgerStore *store, char **origin, char **verifier, GError **error)
{
  g_autoptr (sqlite3_stmt) statement
      = slip_ledger_store_prepare (store, "SELECT origin, verifier FROM ledger", error);
  int code;

  if (statement == NULL)
    return FALSE;
  code = slip_ledger_store_step (store, statement, error);
  if (code == SQLITE_ROW)
    {
      *origin = g_strdup ((const char *)sqlite3_column_text (statement, 0));
      *verifier = g_strdup ((const char *)sqlite3_column_text (statement, 1));
      return TRUE;
    }
  if (code == SQLITE_DONE)
    g_set_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_DAMAGED,
                 "ledger %s is damaged: its name and public key are missing", store->path);
  return FALSE;
}

static gboolean
check_quickly (SlipLedgerStore *store, GError **error)
{
  g_autoptr (sqlite3_stmt) statement
      = slip_ledger_store_prepare (store, "PRAGMA quick_check (1)", error);
  const char *verdict;

  if (statement == NULL || slip_ledger_store_step (store, statement, error) != SQLITE_ROW)
    return FALSE;
  verdict = (const char *)sqlite3_column_text (statement, 0);
  if (g_strcmp0 (verdict, "ok") == 0)
    return TRUE;
  g_set_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_DAMAGED,
               "ledger %s is damaged: %s. Keep the file as evidence and start another", store->path,
               verdict);
  return FALSE;
}

gboolean
slip_ledger_store_check (SlipLedgerStore *store, gint64 max_bytes, GError **error)
{
  gint64 bytes = 0;
  gint64 missing = 0;

  if (!read_integer (store,
                     "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
                     &bytes, error))
    return FALSE;
  if (bytes > max_bytes)
    return TRUE;
  if (!check_quickly (store, error)
      || !read_integer (store, "SELECT coalesce (max (seq), 0) - count (*) FROM entry", &missing,
                        error))
    return FALSE;
  if (missing == 0)
    return TRUE;
  g_set_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_DAMAGED,
               "ledger %s is damaged: %" G_GINT64_FORMAT " entries are missing", store->path,
               missing);
  return FALSE;
}

gboolean
slip_ledger_store_begin (SlipLedgerStore *store, gboolean write, GError **error)
{
  return run_kept (store, write ? STATEMENT_BEGIN_WRITE : STATEMENT_BEGIN_READ, error);
}

gboolean
slip_ledger_store_commit (SlipLedgerStore *store, GError **error)
{
  return run_kept (store, STATEMENT_COMMIT, error);
}

void
slip_ledger_store_rollback (SlipLedgerStore *store)
{
  /* Nothing can be done about a failure here, and SQLite rolls back by itself on the next open. */
  if (!sqlite3_get_autocommit (store->db))
    sqlite3_exec (store->db, "ROLLBACK", NULL, NULL, NULL);
}

static gboolean
kept_integer (SlipLedgerStore *store, sqlite3_stmt *statement, gint64 *value, GError **error)
{
  int code = slip_ledger_store_step (store, statement, error);

  if (code == SQLITE_ROW)
    *value = sqlite3_column_int64 (statement, 0);
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
  return code == SQLITE_ROW;
}

gboolean
slip_ledger_store_size (SlipLedgerStore *store, guint64 *size, GError **error)
{
  sqlite3_stmt *statement = kept (store, STATEMENT_SIZE, error);
  gint64 value = 0;

  if (statement == NULL || !kept_integer (store, statement, &value, error))
    return FALSE;
  *size = (guint64)value;
  return TRUE;
}

gboolean
slip_ledger_store_previous (SlipLedgerStore *store, const char *run, gint64 *seq, GError **error)
{
  sqlite3_stmt *statement = kept (store, STATEMENT_PREVIOUS, error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_text (statement, 1, run, -1, SQLITE_STATIC);
  return kept_integer (store, statement, seq, error);
}

gboolean
slip_ledger_store_node (
    guint level, guint64 index, SlipTreeHash *hash, gpointer data, GError **error)
{
  SlipLedgerStore *store = data;
  sqlite3_stmt *statement = kept (store, STATEMENT_NODES, error);
  guint64 seq = (index + 1) << level;
  const guint8 *nodes;
  gboolean found;
  int code;

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, (gint64)seq);
  code = slip_ledger_store_step (store, statement, error);
  if (code != SQLITE_ROW && code != SQLITE_DONE)
    {
      sqlite3_reset (statement);
      return FALSE;
    }
  nodes = code == SQLITE_ROW ? sqlite3_column_blob (statement, 0) : NULL;
  found = nodes != NULL
          && sqlite3_column_bytes (statement, 0)
                 == (int)(slip_tree_completed (seq - 1) * sizeof (SlipTreeHash));
  if (found)
    memcpy (hash, nodes + level * sizeof *hash, sizeof *hash);
  else
    g_set_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_DAMAGED,
                 "ledger %s is damaged: the hashes of entry %" G_GUINT64_FORMAT " are missing",
                 store->path, seq);
  sqlite3_reset (statement);
  return found;
}

gboolean
slip_ledger_store_insert (SlipLedgerStore *store,
                          gint64 seq,
                          const char *body,
                          gsize length,
                          const SlipTreeHash *nodes,
                          guint n_nodes,
                          GError **error)
{
  sqlite3_stmt *statement = kept (store, STATEMENT_INSERT, error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, seq);
  sqlite3_bind_blob (statement, 2, nodes, (int)(n_nodes * sizeof *nodes), SQLITE_STATIC);
  sqlite3_bind_text (statement, 3, body, (int)length, SQLITE_STATIC);
  return run_kept (store, STATEMENT_INSERT, error);
}

gboolean
slip_ledger_store_checkpoint (SlipLedgerStore *store, guint64 *size, char **note, GError **error)
{
  sqlite3_stmt *statement
      = kept (store, *size == 0 ? STATEMENT_LAST_CHECKPOINT : STATEMENT_CHECKPOINT, error);
  int code;

  *note = NULL;
  if (statement == NULL)
    return FALSE;
  if (*size != 0)
    sqlite3_bind_int64 (statement, 1, (gint64)*size);
  code = slip_ledger_store_step (store, statement, error);
  if (code == SQLITE_ROW)
    {
      *size = (guint64)sqlite3_column_int64 (statement, 0);
      *note = g_strdup ((const char *)sqlite3_column_text (statement, 1));
    }
  sqlite3_reset (statement);
  return code == SQLITE_ROW || code == SQLITE_DONE;
}

gboolean
slip_ledger_store_insert_checkpoint (SlipLedgerStore *store,
                                     guint64 size,
                                     const char *note,
                                     GError **error)
{
  sqlite3_stmt *statement = kept (store, STATEMENT_INSERT_CHECKPOINT, error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, (gint64)size);
  sqlite3_bind_text (statement, 2, note, -1, SQLITE_STATIC);
  return run_kept (store, STATEMENT_INSERT_CHECKPOINT, error);
}
