/* SPDX-License-Identifier: MIT */
/* What a target has lost of its shape since a run was loaded, by the manifest: columns that were dropped or renamed. Hooks and
 * validations ask before they begin, so that nobody has to read it out of a statement that failed in the middle. */

#include "slip-stage-lost.h"

#include "slip-stage-sql.h"

SlipPgRows *
slip_stage_lost_ask (SlipPg *target, const char *token, GError **error)
{
  return slip_stage_sql_ask (
      target, "look what the target has no more", error,
      "WITH had AS (SELECT l.table_schema, l.table_name, to_regclass (format ('%%I.%%I', "
      "l.table_schema, l.table_name)) AS now, c.name, c.place\n"
      "               FROM slipway_migration.load l, jsonb_array_elements_text (coalesce "
      "(nullif (to_jsonb (l) -> 'columns', 'null'), '[]')) WITH ORDINALITY AS c (name, place)\n"
      "              WHERE l.token = %L AND l.table_name IS NOT NULL),\n"
      "     has AS (SELECT attrelid, attname::text AS name, attnum FROM pg_attribute WHERE "
      "attrelid "
      "IN (SELECT now FROM had) AND attnum > 0 AND NOT attisdropped)\n"
      "SELECT table_name, name,\n"
      "       CASE WHEN now IS NULL THEN 'the table is gone'\n"
      "            ELSE (SELECT 'the table has ' || string_agg (has.name, ', ' ORDER BY attnum) || "
      "' since' FROM has WHERE attrelid = now\n"
      "                     AND has.name NOT IN (SELECT o.name FROM had o WHERE o.now = had.now)) "
      "END\n"
      "  FROM had WHERE NOT EXISTS (SELECT FROM has WHERE attrelid = now AND has.name = had.name)\n"
      " ORDER BY table_name, place",
      token);
}

char *
slip_stage_lost_dup_text (const SlipPgRows *lost, guint i)
{
  const char *now = slip_pg_rows_get (lost, i, 2);

  return g_strdup_printf ("%s.%s%s%s%s", slip_pg_rows_get (lost, i, 0),
                          slip_pg_rows_get (lost, i, 1), now != NULL ? " (" : "",
                          now != NULL ? now : "", now != NULL ? ")" : "");
}

static gboolean
has_word (const char *sql, const char *word)
{
  g_autofree char *escaped = g_regex_escape_string (word, -1);
  g_autofree char *pattern = g_strdup_printf ("(?<!\\w)%s(?!\\w)", escaped);

  return g_regex_match_simple (pattern, sql, G_REGEX_CASELESS, 0);
}

gboolean
slip_stage_lost_is_named (const SlipPgRows *lost, guint i, const char *sql)
{
  return sql != NULL && has_word (sql, slip_pg_rows_get (lost, i, 0))
         && has_word (sql, slip_pg_rows_get (lost, i, 1));
}
