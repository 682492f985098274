/* SPDX-License-Identifier: MIT */
/* SQL of the stages, put together: names and literals are quoted where they are put in, so that no stage can
 * forget it. Not for what a migration's steps become; that is compiled elsewhere. */

#include "slip-stage-sql.h"

#include <string.h>

static void
append_quoted (GString *sql, char *quoted)
{
  g_string_append (sql, quoted);
  g_free (quoted);
}

static void
append_valist (GString *sql, const char *format, va_list *args)
{
  for (const char *p = format; *p != '\0'; p++)
    {
      if (*p != '%')
        {
          g_string_append_c (sql, *p);
          continue;
        }
      switch (*++p)
        {
        case 'I':
          append_quoted (sql, slip_pg_quote_name (va_arg (*args, const char *)));
          break;
        case 'L':
          append_quoted (sql, slip_pg_quote_literal (va_arg (*args, const char *)));
          break;
        case 's':
          g_string_append (sql, va_arg (*args, const char *));
          break;
        case 'D':
          g_string_append_printf (sql, "%" G_GINT64_FORMAT, va_arg (*args, gint64));
          break;
        case '%':
          g_string_append_c (sql, '%');
          break;
        default:
          g_assert_not_reached ();
        }
    }
}

char *
slip_stage_sql_valist (const char *format, va_list args)
{
  GString *sql = g_string_new (NULL);
  va_list copy;

  va_copy (copy, args);
  append_valist (sql, format, &copy);
  va_end (copy);
  return g_string_free (sql, FALSE);
}

char *
slip_stage_sql (const char *format, ...)
{
  va_list args;
  char *sql;

  va_start (args, format);
  sql = slip_stage_sql_valist (format, args);
  va_end (args);
  return sql;
}

void
slip_stage_sql_append (GString *sql, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  append_valist (sql, format, &args);
  va_end (args);
}

gboolean
slip_stage_sql_run (SlipPg *pg, const char *name, GError **error, const char *format, ...)
{
  g_autofree char *sql = NULL;
  va_list args;

  va_start (args, format);
  sql = slip_stage_sql_valist (format, args);
  va_end (args);
  slip_pg_name_statement (pg, name);
  return slip_pg_run (pg, sql, error);
}

static SlipPgRows *
ask (SlipPg *pg, const char *name, GError **error, const char *format, va_list args)
{
  g_autofree char *sql = slip_stage_sql_valist (format, args);

  slip_pg_name_statement (pg, name);
  return slip_pg_query (pg, sql, NULL, NULL, error);
}

SlipPgRows *
slip_stage_sql_ask (SlipPg *pg, const char *name, GError **error, const char *format, ...)
{
  SlipPgRows *rows;
  va_list args;

  va_start (args, format);
  rows = ask (pg, name, error, format, args);
  va_end (args);
  return rows;
}

gboolean
slip_stage_sql_ask_number (
    SlipPg *pg, const char *name, gint64 *number, GError **error, const char *format, ...)
{
  g_autoptr (SlipPgRows) rows = NULL;
  va_list args;

  va_start (args, format);
  rows = ask (pg, name, error, format, args);
  va_end (args);
  if (rows == NULL)
    return FALSE;
  *number = slip_pg_rows_get_n_rows (rows) > 0 ? slip_pg_rows_get_int (rows, 0, 0) : 0;
  return TRUE;
}

char **
slip_stage_sql_ask_list (SlipPg *pg, const char *name, GError **error, const char *format, ...)
{
  g_autoptr (SlipPgRows) rows = NULL;
  GPtrArray *list;
  va_list args;

  va_start (args, format);
  rows = ask (pg, name, error, format, args);
  va_end (args);
  if (rows == NULL)
    return NULL;
  list = g_ptr_array_new ();
  for (guint i = 0; i < slip_pg_rows_get_n_rows (rows); i++)
    g_ptr_array_add (list, g_strdup (slip_pg_rows_get (rows, i, 0)));
  g_ptr_array_add (list, NULL);
  return (char **)g_ptr_array_free (list, FALSE);
}

gboolean
slip_stage_sql_copy (
    SlipPg *from, const char *out, SlipPg *to, const char *in, const char *name, GError **error)
{
  slip_pg_name_statement (to, name);
  return slip_pg_copy_between (from, out, to, in, NULL, NULL, NULL, error);
}

/* Advisory locks are a database's own: one that a session has is taken for another session of the same database only. */
gboolean
slip_stage_sql_is_same_database (SlipPg *pg, SlipPg *other, gboolean *same, GError **error)
{
  gint64 key = ((gint64)g_random_int () << 31) | g_random_int ();
  gint64 got = 0;

  if (!slip_stage_sql_run (pg, "look whether the databases are one", error,
                           "SELECT pg_advisory_lock (%D)", key)
      || !slip_stage_sql_ask_number (
          other, "look whether the databases are one", &got, error,
          "SELECT CASE WHEN pg_try_advisory_lock (%D) THEN pg_advisory_unlock (%D)::int ELSE 0 END",
          key, key))
    return FALSE;
  *same = got == 0;
  return slip_stage_sql_run (pg, "look whether the databases are one", error,
                             "SELECT pg_advisory_unlock (%D)", key);
}
