/* SPDX-License-Identifier: MIT */
/* What a query answered, and texts that are put into statements. */

#include "slip-pg-private.h"

#include <string.h>

void
slip_pg_rows_free (SlipPgRows *rows)
{
  if (rows == NULL)
    return;
  PQclear (rows->result);
  g_free (rows);
}

guint
slip_pg_rows_get_n_rows (const SlipPgRows *rows)
{
  g_return_val_if_fail (rows != NULL, 0);

  return (guint)PQntuples (rows->result);
}

guint
slip_pg_rows_get_n_columns (const SlipPgRows *rows)
{
  g_return_val_if_fail (rows != NULL, 0);

  return (guint)PQnfields (rows->result);
}

const char *
slip_pg_rows_get_column (const SlipPgRows *rows, guint column)
{
  g_return_val_if_fail (rows != NULL, NULL);

  return PQfname (rows->result, (int)column);
}

int
slip_pg_rows_find_column (const SlipPgRows *rows, const char *name)
{
  g_return_val_if_fail (rows != NULL && name != NULL, -1);

  /* PQfnumber() would fold and unquote the name. */
  for (int i = 0; i < PQnfields (rows->result); i++)
    if (g_str_equal (PQfname (rows->result, i), name))
      return i;
  return -1;
}

const char *
slip_pg_rows_get (const SlipPgRows *rows, guint row, guint column)
{
  g_return_val_if_fail (rows != NULL, NULL);

  if (PQgetisnull (rows->result, (int)row, (int)column))
    return NULL;
  return PQgetvalue (rows->result, (int)row, (int)column);
}

gint64
slip_pg_rows_get_int (const SlipPgRows *rows, guint row, guint column)
{
  const char *text = slip_pg_rows_get (rows, row, column);

  return text != NULL ? g_ascii_strtoll (text, NULL, 10) : 0;
}

/* ---- quoting */

char *
slip_pg_quote_name (const char *name)
{
  g_return_val_if_fail (name != NULL, NULL);

  g_autoptr (GString) text = g_string_new (name);

  g_string_replace (text, "\"", "\"\"", 0);
  return g_strdup_printf ("\"%s\"", text->str);
}

char *
slip_pg_quote_literal (const char *value)
{
  if (value == NULL)
    return g_strdup ("NULL");
  g_autoptr (GString) text = g_string_new (value);
  gboolean escaped = strchr (value, '\\') != NULL;

  g_string_replace (text, "'", "''", 0);
  g_string_replace (text, "\\", "\\\\", 0);
  return g_strdup_printf ("%s'%s'", escaped ? " E" : "", text->str);
}

/* ---- asking */

SlipPgRows *
slip_pg_query_with_nulls (SlipPg *self,
                          const char *sql,
                          guint n,
                          const char *const *params,
                          GCancellable *cancellable,
                          GError **error)
{
  g_return_val_if_fail (self != NULL && !self->copying, NULL);
  g_return_val_if_fail (sql != NULL, NULL);

  PGresult *result = NULL;
  SlipPgRows *rows;

  if (!slip_pg_begin (self, sql, cancellable, error))
    return NULL;
  if (PQsendQueryParams (self->conn, sql, (int)n, NULL, params, NULL, NULL, 0))
    result = slip_pg_finish (self, cancellable, error);
  else
    slip_pg_set_error (self, NULL, error);
  slip_pg_done (self);
  if (result == NULL)
    return NULL;
  rows = g_new0 (SlipPgRows, 1);
  rows->result = result;
  return rows;
}

SlipPgRows *
slip_pg_query (SlipPg *self,
               const char *sql,
               const char *const *params,
               GCancellable *cancellable,
               GError **error)
{
  return slip_pg_query_with_nulls (self, sql, params != NULL ? g_strv_length ((char **)params) : 0,
                                   params, cancellable, error);
}
