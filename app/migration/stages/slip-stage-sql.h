/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-pg.h"

G_BEGIN_DECLS

/**
 * slip_stage_sql:
 * @format: SQL with `%I` (a name, quoted), `%L` (a text as a literal), `%s` (SQL as it is), `%D` (a gint64) and `%%`
 * @...: a value for each
 *
 * Returns: (transfer full): the SQL
 */
char *slip_stage_sql (const char *format, ...);
char *slip_stage_sql_valist (const char *format, va_list args);

/**
 * slip_stage_sql_append:
 * @sql: where to
 * @format: as for slip_stage_sql()
 * @...: a value for each
 */
void slip_stage_sql_append (GString *sql, const char *format, ...);

/**
 * slip_stage_sql_run:
 * @pg: a connection
 * @name: the statement's name in errors
 * @error: return location
 * @format: as for slip_stage_sql()
 * @...: a value for each
 *
 * Returns: whether the server carried it out
 */
gboolean slip_stage_sql_run (SlipPg *pg, const char *name, GError **error, const char *format, ...);

/**
 * slip_stage_sql_ask:
 *
 * As slip_stage_sql_run(), with an answer.
 *
 * Returns: (transfer full): the rows, or %NULL
 */
SlipPgRows *
slip_stage_sql_ask (SlipPg *pg, const char *name, GError **error, const char *format, ...);

/**
 * slip_stage_sql_ask_number:
 * @number: (out): the first value of the first row; 0 when there is none
 *
 * As slip_stage_sql_ask().
 */
gboolean slip_stage_sql_ask_number (
    SlipPg *pg, const char *name, gint64 *number, GError **error, const char *format, ...);

/**
 * slip_stage_sql_ask_list:
 *
 * As slip_stage_sql_ask().
 *
 * Returns: (transfer full) (array zero-terminated=1): the first column's values, or %NULL
 */
char **
slip_stage_sql_ask_list (SlipPg *pg, const char *name, GError **error, const char *format, ...);

/**
 * slip_stage_sql_copy:
 * @from: the connection that sends
 * @out: its COPY
 * @to: the connection that takes
 * @in: its COPY
 * @name: what both are called in errors
 * @error: return location
 *
 * slip_pg_copy_between() of what has no length to be told.
 *
 * Returns: whether @to took all that @from sent
 */
gboolean slip_stage_sql_copy (
    SlipPg *from, const char *out, SlipPg *to, const char *in, const char *name, GError **error);

/**
 * slip_stage_sql_is_same_database:
 * @pg: a connection
 * @other: another
 * @same: (out): whether both are to one database, whatever they call it
 * @error: return location
 *
 * Nothing is written. A copy is another database, and so is one that follows.
 *
 * Returns: whether the servers could be asked
 */
gboolean
slip_stage_sql_is_same_database (SlipPg *pg, SlipPg *other, gboolean *same, GError **error);

G_END_DECLS
