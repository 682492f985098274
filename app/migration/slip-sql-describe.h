/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SlipSqlUse:
 * @SLIP_SQL_DOES: it does something
 * @SLIP_SQL_DESCRIBES: what it makes, alters or drops is only written down in the catalogue
 * @SLIP_SQL_PASSED_OVER: it neither makes a name nor says what one means
 */
typedef enum
{
  SLIP_SQL_DOES,
  SLIP_SQL_DESCRIBES,
  SLIP_SQL_PASSED_OVER,
} SlipSqlUse;

/**
 * slip_sql_judge:
 * @statement: one statement
 * @but: (out) (transfer full): the word for which it does more than others that begin so, or %NULL
 *
 * Returns: what it is to who only looks
 */
SlipSqlUse slip_sql_judge (const char *statement, char **but);

G_END_DECLS
