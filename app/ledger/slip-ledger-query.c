/* SPDX-License-Identifier: MIT */
/* Reading the ledger: entries by filter, counts, the head, proofs, and the check of everything. Each
 * call has a connection of its own for as long as it lasts, and sees one state of the file. */

#include "slip-json.h"
#include "slip-ledger-kind.h"
#include "slip-ledger-note.h"
#include "slip-ledger-private.h"

#include <gio/gio.h>
#include <string.h>

static char *
like_pattern (const char *text, const char *before, const char *after)
{
  GString *pattern = g_string_new (before);

  for (const char *p = text; *p != '\0'; p++)
    {
      if (*p == '%' || *p == '_' || *p == '\\')
        g_string_append_c (pattern, '\\');
      g_string_append_c (pattern, *p);
    }
  g_string_append (pattern, after);
  return g_string_free (pattern, FALSE);
}

static void
bind_pattern (sqlite3_stmt *statement, int position, char *pattern)
{
  sqlite3_bind_text (statement, position, pattern, -1, g_free);
}

/* @kind `step.*` stands for all kinds that begin with `step.`. SQLite asks in this order. */
static void
add_kind (GString *sql, const char *kind)
{
  g_string_append (sql, " AND " SLIP_LEDGER_KIND_MAY_BE " (body, ?6)");
  if (g_str_has_suffix (kind, "*"))
    g_string_append (sql, " AND substr (kind, 1, length (?3)) = ?3");
  else
    g_string_append (sql, " AND kind = ?3");
}

static void
bind_kind (sqlite3_stmt *statement, const char *kind)
{
  gsize length = strlen (kind);

  if (g_str_has_suffix (kind, "*"))
    length--;
  sqlite3_bind_text (statement, 3, kind, (int)length, SQLITE_TRANSIENT);
  sqlite3_bind_text (statement, 6, slip_ledger_kind_dup_text (kind), -1, g_free);
}

sqlite3_stmt *
slip_ledger_query (SlipLedgerStore *store,
                   const char *columns,
                   const SlipLedgerFilter *filter,
                   gboolean count,
                   GError **error)
{
  static const SlipLedgerFilter all = {0};
  g_autoptr (GString) sql = g_string_new (NULL);
  sqlite3_stmt *statement;

  if (filter == NULL)
    filter = &all;
  g_string_append_printf (sql, "SELECT %s FROM entry WHERE seq >= ?5", columns);
  if (filter->run != NULL)
    g_string_append (sql, " AND run = ?1");
  if (filter->environment != NULL)
    g_string_append (sql, " AND environment = ?2");
  if (filter->kind != NULL)
    add_kind (sql, filter->kind);
  if (filter->text != NULL)
    g_string_append (sql, " AND body LIKE ?4 ESCAPE '\\'");
  if (!count)
    {
      g_string_append (sql, filter->newest_first ? " ORDER BY seq DESC" : " ORDER BY seq");
      if (filter->limit > 0)
        g_string_append_printf (sql, " LIMIT %" G_GINT64_FORMAT, filter->limit);
    }
  statement = slip_ledger_store_prepare (store, sql->str, error);
  if (statement == NULL)
    return NULL;

  sqlite3_bind_int64 (statement, 5, filter->from_seq);
  if (filter->run != NULL)
    sqlite3_bind_text (statement, 1, filter->run, -1, SQLITE_TRANSIENT);
  if (filter->environment != NULL)
    sqlite3_bind_text (statement, 2, filter->environment, -1, SQLITE_TRANSIENT);
  if (filter->kind != NULL)
    bind_kind (statement, filter->kind);
  if (filter->text != NULL)
    bind_pattern (statement, 4, like_pattern (filter->text, "%", "%"));
  return statement;
}

static gboolean
not_as_written (const char *path, gint64 seq, GError **error)
{
  g_set_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_DAMAGED,
               "ledger %s is damaged: entry %" G_GINT64_FORMAT
               " is not what was written there. Keep the file as evidence and start another",
               path, seq);
  return FALSE;
}

static JsonObject *
parse_entry (const char *path, gint64 seq, const char *text, gssize length, GError **error)
{
  g_autoptr (JsonNode) node = text != NULL ? slip_json_parse (text, length, NULL) : NULL;
  JsonObject *object = slip_json_node_object (node);

  if (object == NULL || slip_json_int (object, "seq", 0) != seq)
    {
      not_as_written (path, seq, error);
      return NULL;
    }
  return json_object_ref (object);
}

/* The leaf that the tree has for an entry is that of the text beside it: a run is never gone on with
 * by an entry that somebody edited. */
static gboolean
fits_leaf (sqlite3_stmt *statement)
{
  const guint8 *nodes = sqlite3_column_blob (statement, 2);
  SlipTreeHash leaf;

  if (nodes == NULL || sqlite3_column_bytes (statement, 2) < (int)sizeof leaf)
    return FALSE;
  slip_tree_leaf (sqlite3_column_text (statement, 1), (gsize)sqlite3_column_bytes (statement, 1),
                  &leaf);
  return memcmp (nodes, &leaf, sizeof leaf) == 0;
}

static gboolean
visit (SlipLedgerStore *store,
       const char *path,
       sqlite3_stmt *statement,
       SlipLedgerFunc func,
       gpointer data,
       GError **error)
{
  int code;

  while ((code = slip_ledger_store_step (store, statement, error)) == SQLITE_ROW)
    {
      SlipLedgerEntry entry;
      g_autoptr (JsonObject) object = NULL;

      entry.seq = sqlite3_column_int64 (statement, 0);
      entry.text = (const char *)sqlite3_column_text (statement, 1);
      entry.length = (gsize)sqlite3_column_bytes (statement, 1);
      object = parse_entry (path, entry.seq, entry.text, (gssize)entry.length, error);
      if (object == NULL || (!fits_leaf (statement) && !not_as_written (path, entry.seq, error)))
        return FALSE;
      entry.object = object;
      if (!func (&entry, data))
        return TRUE;
    }
  return code == SQLITE_DONE;
}

gboolean
slip_ledger_foreach (SlipLedger *self,
                     const SlipLedgerFilter *filter,
                     SlipLedgerFunc func,
                     gpointer data,
                     GError **error)
{
  g_autofree char *path = slip_ledger_dup_path (self);
  SlipLedgerStore *store;
  sqlite3_stmt *statement;
  gboolean read;

  g_return_val_if_fail (SLIP_IS_LEDGER (self), FALSE);
  g_return_val_if_fail (func != NULL, FALSE);

  store = slip_ledger_take_reader (self, error);
  if (store == NULL)
    return FALSE;
  statement = slip_ledger_query (store, "seq, body, nodes", filter, FALSE, error);
  read = statement != NULL && visit (store, path, statement, func, data, error);
  sqlite3_finalize (statement);
  slip_ledger_return_reader (self, store);
  return read;
}

gint64
slip_ledger_count (SlipLedger *self, const SlipLedgerFilter *filter, GError **error)
{
  SlipLedgerStore *store;
  sqlite3_stmt *statement;
  gint64 count = -1;

  g_return_val_if_fail (SLIP_IS_LEDGER (self), -1);

  store = slip_ledger_take_reader (self, error);
  if (store == NULL)
    return -1;
  statement = slip_ledger_query (store, "count (*)", filter, TRUE, error);
  if (statement != NULL && slip_ledger_store_step (store, statement, error) == SQLITE_ROW)
    count = sqlite3_column_int64 (statement, 0);
  sqlite3_finalize (statement);
  slip_ledger_return_reader (self, store);
  return count;
}

/* A connection in a read transaction, and how many entries it sees. */
static SlipLedgerStore *
begin_reading (SlipLedger *self, guint64 *size, GError **error)
{
  SlipLedgerStore *store = slip_ledger_take_reader (self, error);

  if (store == NULL)
    return NULL;
  if (slip_ledger_store_begin (store, FALSE, error) && slip_ledger_store_size (store, size, error))
    return store;
  slip_ledger_return_reader (self, store);
  return NULL;
}

gboolean
slip_ledger_get_head (SlipLedger *self,
                      guint64 *size,
                      guint8 root[SLIP_LEDGER_HASH_SIZE],
                      GError **error)
{
  SlipTreeFrontier frontier;
  SlipLedgerStore *store;
  SlipTreeHash hash;
  gboolean read;

  g_return_val_if_fail (SLIP_IS_LEDGER (self), FALSE);

  store = begin_reading (self, size, error);
  if (store == NULL)
    return FALSE;
  read = slip_tree_load (&frontier, *size, slip_ledger_store_node, store, error);
  slip_ledger_return_reader (self, store);
  if (!read)
    return FALSE;
  slip_tree_root (&frontier, &hash);
  memcpy (root, hash.bytes, sizeof hash.bytes);
  return TRUE;
}

static GBytes *
out_of_range (SlipLedger *self, guint64 a, guint64 b, guint64 size, GError **error)
{
  g_autofree char *path = slip_ledger_dup_path (self);

  g_set_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_RANGE,
               "no proof from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT
               ": ledger %s has %" G_GUINT64_FORMAT " entries",
               a, b, path, size);
  return NULL;
}

GBytes *
slip_ledger_inclusion_proof (SlipLedger *self, guint64 index, guint64 size, GError **error)
{
  SlipLedgerStore *store;
  GByteArray *proof = NULL;
  guint64 present;

  g_return_val_if_fail (SLIP_IS_LEDGER (self), NULL);

  store = begin_reading (self, &present, error);
  if (store == NULL)
    return NULL;
  if (index >= size || size > present)
    out_of_range (self, index, size, present, error);
  else
    proof = slip_tree_inclusion (index, size, slip_ledger_store_node, store, error);
  slip_ledger_return_reader (self, store);
  return proof != NULL ? g_byte_array_free_to_bytes (proof) : NULL;
}

GBytes *
slip_ledger_consistency_proof (SlipLedger *self, guint64 first, guint64 second, GError **error)
{
  SlipLedgerStore *store;
  GByteArray *proof = NULL;
  guint64 present;

  g_return_val_if_fail (SLIP_IS_LEDGER (self), NULL);

  store = begin_reading (self, &present, error);
  if (store == NULL)
    return NULL;
  if (first == 0 || first > second || second > present)
    out_of_range (self, first, second, present, error);
  else
    proof = slip_tree_consistency (first, second, slip_ledger_store_node, store, error);
  slip_ledger_return_reader (self, store);
  return proof != NULL ? g_byte_array_free_to_bytes (proof) : NULL;
}

typedef struct
{
  SlipLedger *ledger;
  SlipLedgerStore *store;
  const char *path;
  const char *origin;
  const char *verifier;
  GCancellable *cancellable;
  SlipTreeFrontier frontier;
} Check;

static gboolean
check_failed (Check *check, GError **error, const char *what)
{
  g_set_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_DAMAGED,
               "ledger %s is damaged: entry %" G_GUINT64_FORMAT " %s. Somebody changed the file",
               check->path, check->frontier.size, what);
  return FALSE;
}

static gboolean
check_nodes (Check *check, sqlite3_stmt *statement, GError **error)
{
  SlipTreeHash completed[SLIP_TREE_MAX_LEVELS];
  SlipTreeHash leaf;
  guint n;

  slip_tree_leaf (sqlite3_column_text (statement, 1), (gsize)sqlite3_column_bytes (statement, 1),
                  &leaf);
  n = slip_tree_append (&check->frontier, &leaf, completed);
  if (sqlite3_column_bytes (statement, 2) != (int)(n * sizeof leaf)
      || memcmp (sqlite3_column_blob (statement, 2), completed, n * sizeof leaf) != 0)
    return check_failed (check, error, "does not fit the tree");
  return TRUE;
}

static gboolean
check_seal (Check *check, GError **error)
{
  g_autofree char *note = NULL;
  g_autofree char *sealed = NULL;
  g_autofree char *expected = NULL;
  guint64 size = check->frontier.size;
  SlipTreeHash root;

  if (!slip_ledger_store_checkpoint (check->store, &size, &note, error))
    return FALSE;
  if (note == NULL)
    return TRUE;
  slip_tree_root (&check->frontier, &root);
  expected = slip_ledger_note_checkpoint (check->origin, check->frontier.size, &root);
  sealed = slip_ledger_note_open (check->verifier, note);
  if (g_strcmp0 (sealed, expected) != 0)
    return check_failed (check, error, "or one before it is not what its checkpoint sealed");
  return TRUE;
}

static gboolean
check_entries (Check *check, guint64 size, GError **error)
{
  g_autoptr (sqlite3_stmt) statement
      = slip_ledger_query (check->store, "seq, body, nodes", NULL, FALSE, error);
  int code;

  if (statement == NULL)
    return FALSE;
  while ((code = slip_ledger_store_step (check->store, statement, error)) == SQLITE_ROW)
    {
      gint64 seq = sqlite3_column_int64 (statement, 0);
      g_autoptr (JsonObject) entry = NULL;

      if (g_cancellable_set_error_if_cancelled (check->cancellable, error))
        return FALSE;
      if (seq != (gint64)check->frontier.size + 1)
        return check_failed (check, error, "is followed by a gap");
      entry = parse_entry (check->path, seq, (const char *)sqlite3_column_text (statement, 1),
                           sqlite3_column_bytes (statement, 1), error);
      if (entry == NULL || !check_nodes (check, statement, error) || !check_seal (check, error))
        return FALSE;
    }
  if (code != SQLITE_DONE)
    return FALSE;
  return check->frontier.size == size || check_failed (check, error, "is followed by a gap");
}

gboolean
slip_ledger_check (SlipLedger *self, GCancellable *cancellable, gint64 *entries, GError **error)
{
  g_autofree char *path = slip_ledger_dup_path (self);
  g_autofree char *origin = slip_ledger_dup_origin (self);
  g_autofree char *verifier = slip_ledger_dup_public_key (self);
  Check check = {self, NULL, path, origin, verifier, cancellable, {0}};
  g_autofree char *last = NULL;
  guint64 sealed = 0;
  guint64 size = 0;
  gboolean fits;

  g_return_val_if_fail (SLIP_IS_LEDGER (self), FALSE);

  check.store = begin_reading (self, &size, error);
  if (check.store == NULL)
    return FALSE;
  fits = check_entries (&check, size, error)
         && slip_ledger_store_checkpoint (check.store, &sealed, &last, error);
  if (fits && last != NULL && sealed > size)
    fits = check_failed (&check, error, "is the last, yet a later one was sealed");
  slip_ledger_return_reader (self, check.store);
  if (fits && entries != NULL)
    *entries = (gint64)size;
  return fits;
}

gboolean
slip_ledger_is_sealed (SlipLedger *self, gint64 seq, gboolean *sealed, GError **error)
{
  g_autofree char *verifier = slip_ledger_dup_public_key (self);
  g_autofree char *note = NULL;
  g_autofree char *text = NULL;
  guint64 size = (guint64)seq;
  SlipLedgerStore *store;
  gboolean ok;

  g_return_val_if_fail (SLIP_IS_LEDGER (self) && seq > 0 && sealed != NULL, FALSE);

  store = slip_ledger_take_reader (self, error);
  if (store == NULL)
    return FALSE;
  ok = slip_ledger_store_checkpoint (store, &size, &note, error);
  slip_ledger_return_reader (self, store);
  text = ok && note != NULL ? slip_ledger_note_open (verifier, note) : NULL;
  *sealed = text != NULL && size == (guint64)seq;
  return ok;
}
