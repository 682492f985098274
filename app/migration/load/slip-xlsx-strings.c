/* SPDX-License-Identifier: MIT */
/* Shared strings in a database of SQLite without a name: it stays in its cache while it fits, and becomes a file that is
 * already deleted when it does not. */

#include "slip-xlsx-strings.h"

#include <sqlite3.h>

struct _SlipXlsxStrings
{
  char *path; /* owned; of the spreadsheet */
  sqlite3 *database;
  sqlite3_stmt *add;
  sqlite3_stmt *get;
  gint64 n;
};

/* Nothing of it is worth a journal. 4 MiB of cache; a text is read about as often as it is near the one before. */
static const char *const settings
    = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;"
      "PRAGMA page_size = 4096; PRAGMA cache_size = -4096; PRAGMA temp_store = FILE;"
      "CREATE TABLE string (number INTEGER PRIMARY KEY, text BLOB NOT NULL); BEGIN";

static gboolean
set_error (SlipXlsxStrings *self, GError **error)
{
  g_autofree char *name = g_path_get_basename (self->path);

  g_set_error (
      error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_IO,
      "the texts of %s cannot be put aside: %s. They need as much room as they have bytes; "
      "TMPDIR names another folder than /var/tmp for them",
      name, sqlite3_errmsg (self->database));
  return FALSE;
}

SlipXlsxStrings *
slip_xlsx_strings_new (const char *path, GError **error)
{
  g_autoptr (SlipXlsxStrings) self = g_new0 (SlipXlsxStrings, 1);
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;

  self->path = g_strdup (path);
  if (sqlite3_open_v2 ("", &self->database, flags, NULL) == SQLITE_OK
      && sqlite3_exec (self->database, settings, NULL, NULL, NULL) == SQLITE_OK
      && sqlite3_prepare_v2 (self->database, "INSERT INTO string VALUES (?1, ?2)", -1, &self->add,
                             NULL)
             == SQLITE_OK
      && sqlite3_prepare_v2 (self->database, "SELECT text FROM string WHERE number = ?1", -1,
                             &self->get, NULL)
             == SQLITE_OK)
    return g_steal_pointer (&self);
  set_error (self, error);
  return NULL;
}

void
slip_xlsx_strings_free (SlipXlsxStrings *self)
{
  if (self == NULL)
    return;
  sqlite3_finalize (self->add);
  sqlite3_finalize (self->get);
  sqlite3_close (self->database);
  g_free (self->path);
  g_free (self);
}

gboolean
slip_xlsx_strings_add (SlipXlsxStrings *self, const char *text, gsize length, GError **error)
{
  gboolean ok = sqlite3_bind_int64 (self->add, 1, self->n) == SQLITE_OK
                && sqlite3_bind_blob (self->add, 2, text, (int)length, SQLITE_STATIC) == SQLITE_OK
                && sqlite3_step (self->add) == SQLITE_DONE;

  if (!ok)
    return set_error (self, error);
  sqlite3_reset (self->add);
  self->n++;
  return TRUE;
}

gboolean
slip_xlsx_strings_get (
    SlipXlsxStrings *self, guint64 number, GString *to, gboolean *found, GError **error)
{
  gint64 n = number < (guint64)self->n ? (gint64)number : -1;
  int result;

  *found = FALSE;
  if (n < 0)
    return TRUE;
  sqlite3_bind_int64 (self->get, 1, n);
  result = sqlite3_step (self->get);
  if (result == SQLITE_ROW)
    {
      const char *text = sqlite3_column_blob (self->get, 0);

      *found = TRUE;
      if (text != NULL)
        g_string_append_len (to, text, sqlite3_column_bytes (self->get, 0));
    }
  if (result != SQLITE_ROW && result != SQLITE_DONE)
    return set_error (self, error);
  sqlite3_reset (self->get);
  return TRUE;
}
