/* SPDX-License-Identifier: MIT */
/* Reads landed rows back and holds them against the digests of what was sent. */

#include "slip-landing-private.h"

#include "slip-digest.h"
#include "slip-load-header.h"

#include <string.h>

static gboolean
digest_row (const char *data, gsize length, gpointer user_data, GError **error)
{
  slip_digest_add (user_data, data, length);
  return TRUE;
}

static GStrv
part_columns (SlipPg *pg, const char *const *params, GError **error)
{
  g_autoptr (SlipPgRows) rows = slip_pg_query (
      pg,
      "SELECT unnest (header) FROM slipway.file WHERE table_schema = $1 AND table_name = $2"
      " AND part = $3",
      params, NULL, error);
  GStrv names;

  if (rows == NULL)
    return NULL;
  names = g_new0 (char *, slip_pg_rows_get_n_rows (rows) + 1);
  for (guint i = 0; i < slip_pg_rows_get_n_rows (rows); i++)
    names[i] = g_strdup (slip_pg_rows_get (rows, i, 0));
  return names;
}

/* Rows lie in the table as they were sent, and a session of ours reads it from its beginning. */
static gboolean
verify_part (
    SlipPg *pg, const char *schema, const char *table, SlipPgRows *parts, guint i, GError **error)
{
  g_autofree char *relation = slip_landing_relation (schema, table);
  const char *params[] = {schema, table, slip_pg_rows_get (parts, i, 0), NULL};
  g_auto (GStrv) names = part_columns (pg, params, error);
  g_autofree char *columns = NULL;
  g_autofree char *sql = NULL;
  g_autofree char *found = NULL;
  SlipDigest *digest;
  guint64 rows = 0;
  gboolean ok;

  if (names == NULL)
    return FALSE;
  columns = slip_landing_column_list ((const char *const *)names);
  columns[strlen (columns) - 1] = '\0';
  sql = g_strdup_printf (
      "COPY (SELECT %s FROM %s WHERE " SLIP_LOAD_ROW_ID " BETWEEN %s AND %s) TO STDOUT",
      columns + 1, relation, slip_pg_rows_get (parts, i, 2), slip_pg_rows_get (parts, i, 3));
  digest = slip_digest_new ();
  slip_pg_name_statement (pg, "what is landed of a file");
  ok = slip_pg_copy_out (pg, sql, digest_row, digest, &rows, error);
  found = slip_digest_end (digest);
  slip_digest_free (digest);
  if (!ok)
    return FALSE;
  if (g_str_equal (found, slip_pg_rows_get (parts, i, 5))
      && rows == (guint64)slip_pg_rows_get_int (parts, i, 4))
    return TRUE;
  g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_CHANGED,
               "%s has other rows of %s than were loaded: %" G_GUINT64_FORMAT " rows, and %s were "
               "loaded. Load it again",
               relation, slip_pg_rows_get (parts, i, 1), rows, slip_pg_rows_get (parts, i, 4));
  return FALSE;
}

static gboolean
verify (SlipPg *pg, const char *schema, const char *table, GError **error)
{
  const char *params[] = {schema, table, NULL};
  g_autofree char *relation = slip_landing_relation (schema, table);
  g_autofree char *of_files = slip_landing_dup_file_rows (schema, table);
  g_autofree char *sum = NULL;
  g_autoptr (SlipPgRows) count = NULL;
  g_autoptr (SlipPgRows) parts
      = slip_pg_query (pg,
                       "SELECT part, name, first_row_id, last_row_id, rows, landed_sha256,"
                       " (sum (rows) OVER ())::bigint FROM slipway.file"
                       " WHERE table_schema = $1 AND table_name = $2 ORDER BY part",
                       params, NULL, error);

  if (parts == NULL)
    return FALSE;
  if (slip_pg_rows_get_n_rows (parts) == 0)
    {
      g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_NOT_FOUND, "%s is not loaded",
                   relation);
      return FALSE;
    }
  for (guint i = 0; i < slip_pg_rows_get_n_rows (parts); i++)
    if (!verify_part (pg, schema, table, parts, i, error))
      return FALSE;
  sum = g_strdup_printf ("SELECT count(*) FROM %s WHERE %s", relation, of_files);
  count = slip_pg_query (pg, sum, NULL, NULL, error);
  if (count == NULL)
    return FALSE;
  if (slip_pg_rows_get_int (count, 0, 0) == slip_pg_rows_get_int (parts, 0, 6))
    return TRUE;
  g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_CHANGED,
               "%s has %s rows, and %s were loaded. Load it again", relation,
               slip_pg_rows_get (count, 0, 0), slip_pg_rows_get (parts, 0, 6));
  return FALSE;
}

gboolean
slip_landing_verify (SlipPg *pg, const char *schema, const char *table, GError **error)
{
  g_return_val_if_fail (pg != NULL && schema != NULL && table != NULL, FALSE);

  gboolean ok = slip_pg_run (pg,
                             "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;"
                             "SET LOCAL max_parallel_workers_per_gather = 0",
                             error)
                && verify (pg, schema, table, error);

  slip_pg_rollback (pg);
  return ok;
}
