/* SPDX-License-Identifier: MIT */

/* A world's rows are documents that thousands of lines of services take as they wrote them. So each row
 * carries a seal over its columns, and one look at the start finds what anything else has changed: a
 * disk, a copy that was cut off, or a hand. It is no defence against whoever means to deceive. */

#include "slip-world-seal.h"

#include "slip-world.h"

#include <openssl/evp.h>

/* Half of SHA-256 is more than chance will ever meet. */
#define BYTES 16

/* The columns that a seal is over stand where rows are written, too. A table's key tells the row. Metrics
 * have none: they are sums that change with every call, and all key, which is never empty. */
static const char *const checks[] = {
    "SELECT 'settings', name FROM settings WHERE seal IS NOT row_seal (name, value)",
    "SELECT 'resources', type || ' ' || id || ' of ' || account || ' ' || region FROM resources"
    " WHERE seal IS NOT row_seal (type, account, region, id, data)",
    "SELECT 'schedule', seq FROM schedule"
    " WHERE seal IS NOT row_seal (work, kind, account, region, type, id, payload)",
    "SELECT 'items', collection || ' ' || hash || ' ' || range FROM items"
    " WHERE seal IS NOT row_seal (collection, hash, range, size, item)",
    "SELECT 'item_history', seq FROM item_history"
    " WHERE seal IS NOT row_seal (collection, time, hash, range, size, item)",
    "SELECT 'events', seq FROM events WHERE seal IS NOT row_seal (time, account, region, service,"
    " source_type, source_id, source_arn, category, message)",
    "SELECT 'calls', seq FROM calls WHERE seal IS NOT row_seal (time, service, operation, account,"
    " region, principal, access_key, request_id, effect, changed, status, error, message, fault,"
    " user_agent, parameters)",
};

static void
add_value (EVP_MD_CTX *digest, sqlite3_value *value)
{
  const guchar *text = sqlite3_value_text (value);
  int length = sqlite3_value_bytes (value);
  guint32 marks[2] = {(guint32)sqlite3_value_type (value), (guint32)length};

  /* Kind and length keep one column's end from being another one's beginning. */
  EVP_DigestUpdate (digest, marks, sizeof marks);
  if (text != NULL)
    EVP_DigestUpdate (digest, text, (gsize)length);
}

/* A large world has 150 MB of rows, all of which are looked at before it serves: libcrypto uses what the
 * processor has for it, GLib does not. */
static void
row_seal (sqlite3_context *context, int n_values, sqlite3_value **values)
{
  EVP_MD_CTX *digest = sqlite3_user_data (context);
  guchar whole[EVP_MAX_MD_SIZE];
  char seal[2 * BYTES + 1];

  EVP_DigestInit_ex (digest, NULL, NULL);
  for (int i = 0; i < n_values; i++)
    add_value (digest, values[i]);
  EVP_DigestFinal_ex (digest, whole, NULL);
  for (guint i = 0; i < BYTES; i++)
    {
      seal[2 * i] = "0123456789abcdef"[whole[i] >> 4];
      seal[2 * i + 1] = "0123456789abcdef"[whole[i] & 15];
    }
  sqlite3_result_text (context, seal, 2 * BYTES, SQLITE_TRANSIENT);
}

static void
free_digest (void *digest)
{
  EVP_MD_CTX_free (digest);
}

gboolean
slip_world_seal_register (sqlite3 *database)
{
  EVP_MD_CTX *digest = EVP_MD_CTX_new ();

  if (EVP_DigestInit_ex (digest, EVP_sha256 (), NULL) != 1)
    {
      EVP_MD_CTX_free (digest);
      return FALSE;
    }
  /* Frees the digest also when it fails. */
  return sqlite3_create_function_v2 (database, "row_seal", -1, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                                     digest, row_seal, NULL, NULL, free_digest)
         == SQLITE_OK;
}

static gboolean
check_table (sqlite3 *database, const char *sql, GError **error)
{
  sqlite3_stmt *row = NULL;
  int result = sqlite3_prepare_v2 (database, sql, -1, &row, NULL);

  if (result == SQLITE_OK)
    result = sqlite3_step (row);
  if (result == SQLITE_ROW)
    g_set_error (error, SLIP_REHEARSAL_ERROR, SLIP_REHEARSAL_ERROR_STATE,
                 "row %s of table %s is not as it was written", sqlite3_column_text (row, 1),
                 sqlite3_column_text (row, 0));
  else if (result != SQLITE_DONE)
    g_set_error (error, SLIP_REHEARSAL_ERROR, SLIP_REHEARSAL_ERROR_STATE,
                 "the world's file cannot be read: %s", sqlite3_errmsg (database));
  sqlite3_finalize (row);
  return result == SQLITE_DONE;
}

gboolean
slip_world_seal_check (sqlite3 *database, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (checks); i++)
    if (!check_table (database, checks[i], error))
      return FALSE;
  return TRUE;
}
