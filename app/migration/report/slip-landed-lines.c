/* SPDX-License-Identifier: MIT */
/* In which lines of their files records begin, for queries of many of them. Lines are counted by the database
 * (slipway.landed_lines), which looks through a file's records for it: what asks must not ask row by row. */

#include "slip-landed-lines.h"

#include "slip-stage-sql.h"

#include <string.h>

/* Where the query comes into the frame. */
#define PLACE "/* rows */"

gboolean
slip_landed_lines_are_known (SlipPg *pg, gboolean *known, GError **error)
{
  gint64 number = 0;

  g_return_val_if_fail (pg != NULL && known != NULL, FALSE);

  if (!slip_stage_sql_ask_number (pg, "look whether lines are known", &number, error,
                                  "SELECT (to_regprocedure (%L) IS NOT NULL)::int",
                                  "slipway.landed_lines (text, text, bigint[])"))
    return FALSE;
  *known = number != 0;
  return TRUE;
}

char *
slip_landed_lines_dup_frame (SlipMigration *migration,
                             const char *table,
                             const char *columns,
                             const char *order)
{
  g_return_val_if_fail (SLIP_IS_MIGRATION (migration) && table != NULL, NULL);
  g_return_val_if_fail (columns != NULL && order != NULL, NULL);

  return slip_stage_sql (
      "WITH q AS MATERIALIZED (" PLACE "), l AS MATERIALIZED (\n"
      "  SELECT i.landed, t.row_id, t.line, t.exact\n"
      "    FROM (SELECT q.%I AS landed, array_agg (DISTINCT q.casrec_row_id) AS ids FROM q\n"
      "           WHERE q.%I IS NOT NULL AND q.casrec_row_id IS NOT NULL GROUP BY 1) AS i\n"
      "   CROSS JOIN LATERAL slipway.landed_lines (%L, i.landed, i.ids) AS t)\n"
      "SELECT %s\n"
      "  FROM q LEFT JOIN l ON l.landed = q.%I AND l.row_id = q.casrec_row_id\n ORDER BY %s",
      table, table, slip_migration_get_schemas (migration)->source, columns, table, order);
}

char *
slip_landed_lines_dup_rows (SlipMigration *migration)
{
  return slip_landed_lines_dup_frame (
      migration, "table", "q.\"table\", q.casrec_row_id, q.file, q.record, l.line, l.exact, q.row",
      "q.casrec_row_id");
}

char *
slip_landed_lines_put (const char *frame, const char *sql)
{
  const char *place;

  g_return_val_if_fail (sql != NULL, NULL);

  if (frame == NULL)
    return g_strdup (sql);
  place = strstr (frame, PLACE);
  g_return_val_if_fail (place != NULL, NULL);
  return g_strdup_printf ("%.*s%s%s", (int)(place - frame), frame, sql, place + strlen (PLACE));
}
