/* SPDX-License-Identifier: MIT */
/* What of the staged rows the target would refuse, and where it comes from: first what its columns do not take, then what its
 * constraints forbid. The server's own error would name one row of one of them. */

#include "slip-migration-run-private.h"

/* What no row may be, told for each column before staging is filled: the server's own error names one row at most. */
static const char refused_sql[]
    = "SELECT c.condition, format ('SELECT ''%%s'' || count (*) || CASE count (*) WHEN 1 THEN '' "
      "row ('' ELSE '' rows ('' END || string_agg "
      "(slipway.where_landed (casrec_details)%%s, ''; '') FILTER (WHERE slipway_n <= 5) || '')''\n"
      "  FROM (SELECT row_number () OVER () AS slipway_n, * FROM %%s WHERE %%s) AS r HAVING count "
      "(*) "
      "> "
      "0',\n"
      "  replace (c.what, '''', ''''''), c.value, %L, c.condition), format ('ALTER TABLE %%s ALTER "
      "COLUMN "
      "%%I %%s', a.attrelid::regclass, a.attname, c.wider)\n"
      "  FROM pg_attribute a JOIN pg_attribute i ON i.attrelid = %L::regclass AND i.attname = "
      "a.attname AND i.attnum > 0\n"
      " CROSS JOIN LATERAL (SELECT format ('%%s is NOT NULL: ', a.attname), format ('%%I IS NULL', "
      "a.attname), '', 'DROP NOT NULL' WHERE a.attnotnull\n"
      "   UNION ALL SELECT format ('%%s is longer than %%s letters: ', a.attname, a.atttypmod - "
      "4),\n"
      "          format ('length (%%I::text) > %%s', a.attname, a.atttypmod - 4),\n"
      "          format (' || '': '' || slipway.told (%%I)', a.attname), 'TYPE text'\n"
      "    WHERE a.atttypid IN ('varchar'::regtype, 'bpchar'::regtype) AND a.atttypmod > 4\n"
      "   UNION ALL SELECT format ('%%s takes numbers up to %%s: ', a.attname, r.most),\n"
      "          format ('round (%%I::numeric, %%s) NOT BETWEEN %%s AND %%s', a.attname, r.scale, "
      "r.least, r.most),\n"
      "          format (' || '': '' || slipway.told (%%I::text)', a.attname), 'TYPE numeric'\n"
      "    FROM (SELECT trim_scale (most) AS most, trim_scale (- most - CASE a.atttypid WHEN "
      "'numeric'::regtype THEN 0 ELSE 1 END) AS least, scale\n"
      "      FROM (SELECT CASE a.atttypid WHEN 'int2'::regtype THEN 32767 WHEN 'int4'::regtype "
      "THEN 2147483647 WHEN 'int8'::regtype THEN 9223372036854775807\n"
      "                   WHEN 'numeric'::regtype THEN (10::numeric ^ ((a.atttypmod - 4) >> 16) - "
      "1) / 10::numeric ^ scale END AS most, scale\n"
      "        FROM (SELECT CASE a.atttypid WHEN 'numeric'::regtype THEN (((a.atttypmod - 4) & "
      "2047) # 1024) - 1024 ELSE 0 END AS scale) AS s) AS m) AS r\n"
      "    WHERE r.most IS NOT NULL AND (a.atttypid <> 'numeric'::regtype OR a.atttypmod >= 4)\n"
      "      AND i.atttypid IN ('int4'::regtype, 'int8'::regtype, 'numeric'::regtype)\n"
      "      AND (i.atttypid <> a.atttypid OR i.atttypmod <> a.atttypmod)\n"
      "   UNION ALL SELECT format ('%%s is none of %%s: ', a.attname, string_agg (e.enumlabel, ', "
      "' "
      "ORDER BY e.enumsortorder)), format ('%%I::text <> ALL (%%L)', a.attname, array_agg "
      "(e.enumlabel)), format (' || '': '' || slipway.told (%%I::text)', a.attname), format ('TYPE "
      "text USING %%I::text', a.attname)\n"
      "    FROM pg_enum e WHERE e.enumtypid = a.atttypid HAVING count (*) > 0) AS c "
      "(what, condition, value, wider)\n"
      " WHERE a.attrelid = %L::regclass AND a.attnum > 0 AND NOT a.attisdropped";

/* Adds to @refused what rows of @table its columns do not take, and to @widen what lets them. */
gboolean
slip_stage_refused_find (SlipMigrationRun *run,
                         const SlipTargetTable *table,
                         GString *refused,
                         GPtrArray *widen,
                         GError **error)
{
  g_autofree char *staging = slip_stage_sql ("%I.%I", run->schemas->staging, table->name);
  g_autofree char *integration = slip_stage_sql ("%I.%I", run->schemas->integration, table->name);
  g_autoptr (GString) any = g_string_new (NULL);
  gint64 found = 0;
  g_autoptr (SlipPgRows) queries = slip_stage_sql_ask (
      run->pg, "read staging's columns", error, refused_sql, integration, integration, staging);

  if (queries == NULL)
    return FALSE;
  for (guint i = 0; i < slip_pg_rows_get_n_rows (queries); i++)
    g_string_append_printf (any, "%s%s", i > 0 ? " OR " : "", slip_pg_rows_get (queries, i, 0));
  if (any->len == 0)
    return TRUE;
  /* One look for them all; mostly there is nothing. */
  if (!slip_stage_sql_ask_number (run->pg, "look for what staging would refuse", &found, error,
                                  "SELECT EXISTS (SELECT FROM %s WHERE %s)::int", integration,
                                  any->str))
    return FALSE;
  for (guint i = 0; found != 0 && i < slip_pg_rows_get_n_rows (queries); i++)
    {
      g_auto (GStrv) told = slip_stage_sql_ask_list (run->pg, "count what staging would refuse",
                                                     error, "%s", slip_pg_rows_get (queries, i, 1));

      if (told == NULL)
        return FALSE;
      if (told[0] == NULL)
        continue;
      g_string_append_printf (refused, "\n  %s.%s", table->name, told[0]);
      g_ptr_array_add (widen, g_strdup (slip_pg_rows_get (queries, i, 2)));
    }
  return TRUE;
}

gboolean
slip_stage_refused_look (SlipMigrationRun *run, char **queries, GString *refused, GError **error)
{
  for (guint i = 0; queries[i] != NULL; i++)
    {
      g_auto (GStrv) told = slip_stage_sql_ask_list (run->pg, "look for what staging refuses",
                                                     error, "%s", queries[i]);

      if (told == NULL)
        return FALSE;
      for (guint j = 0; told[j] != NULL; j++)
        g_string_append_printf (refused, "\n  %s", told[j]);
    }
  return TRUE;
}

gboolean
slip_stage_refused_judge (GString *refused, GError **error)
{
  if (refused->len == 0)
    return TRUE;
  SLIP_STAGE_ERROR (error, STATE, "the target would refuse rows; nothing was written to it:%s",
                    refused->str);
  return FALSE;
}

/* What is unique by an expression or in part only is left to the server's own words. */
static const char twice_sql[]
    = "SELECT format ('SELECT %%L || string_agg (format (''%%%%s (%%%%s rows%%%%s)'', keys, n, "
      "%%s), "
      "''; '') FROM (SELECT slipway.told (concat_ws ('', '', %%s)) AS keys, count (*) AS n%%s\n"
      "    FROM %%s WHERE (%%s) IS NOT NULL GROUP BY %%s HAVING count (*) > 1 ORDER BY 1 LIMIT 5) "
      "AS t HAVING count (*) > 0',\n"
      "    format ('%%s (%%s) must be unique: ', c.relname, n.names),\n"
      "    CASE WHEN d.has THEN ''': '' || (SELECT string_agg (slipway.where_landed (one), '', '') "
      "FROM unnest (came[1:5]) AS one)' ELSE '''''' END, n.names,\n"
      "    CASE WHEN d.has THEN ', array_agg (casrec_details) AS came' ELSE '' END, "
      "c.oid::regclass, n.names, n.names)\n"
      "  FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid\n"
      " CROSS JOIN LATERAL (SELECT string_agg (quote_ident (a.attname), ', ' ORDER BY k.n) AS "
      "names\n"
      "    FROM unnest (i.indkey::int2[]) WITH ORDINALITY AS k (num, n) JOIN pg_attribute a ON "
      "a.attrelid = c.oid AND a.attnum = k.num) AS n\n"
      " CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND "
      "attname = 'casrec_details') AS has) AS d\n"
      " WHERE c.relnamespace = %L::regnamespace AND i.indisunique AND i.indpred IS NULL AND "
      "i.indexprs IS NULL";

/* Each row with the values that the constraint holds against those of others. */
static const char apart_sql[]
    = "SELECT format ('WITH r AS MATERIALIZED (SELECT row_number () OVER () AS slip_n, "
      "casrec_details AS slip_d, %%s FROM %%s WHERE %%s)\n"
      "SELECT %%L || string_agg (format (''%%%%s and %%%%s: %%%%s'', slipway.where_landed (d), "
      "slipway.where_landed (e), v), ''; '')\n"
      "  FROM (SELECT a.slip_d AS d, b.slip_d AS e, slipway.told (concat_ws ('', '', %%s)) AS v "
      "FROM r AS a JOIN r AS b ON a.slip_n < b.slip_n AND %%s LIMIT 5) AS t HAVING count (*) > "
      "0',\n"
      "    k.made, c.oid::regclass, coalesce (pg_get_expr (i.indpred, i.indrelid), 'true'),\n"
      "    format ('%%s breaks EXCLUDE %%s: ', c.relname, o.conname), k.told, k.joined)\n"
      "  FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid JOIN pg_index i ON "
      "i.indexrelid = o.conindid\n"
      "  JOIN pg_attribute h ON h.attrelid = c.oid AND h.attname = 'casrec_details'\n"
      " CROSS JOIN LATERAL (SELECT string_agg (format ('%%s AS slip_%%s', pg_get_indexdef "
      "(o.conindid, u.n::int, true), u.n), ', ') AS made,\n"
      "      string_agg (format ('a.slip_%%s', u.n), ', ') AS told,\n"
      "      string_agg (format ('a.slip_%%s OPERATOR(%%I.%%s) b.slip_%%s', u.n, m.nspname, "
      "p.oprname, u.n), ' AND ') AS joined\n"
      "    FROM unnest (o.conexclop) WITH ORDINALITY AS u (op, n) JOIN pg_operator p ON p.oid = "
      "u.op JOIN pg_namespace m ON m.oid = p.oprnamespace) AS k\n"
      " WHERE o.connamespace = %L::regnamespace AND o.contype = 'x' ORDER BY c.relname, "
      "o.conname";

static const char orphans_sql[]
    = "SELECT format ('SELECT %%L || count (*) || CASE count (*) WHEN 1 THEN '' row ('' ELSE '' "
      "rows ('' END || array_to_string ((array_agg "
      "(DISTINCT slipway.told (concat_ws ('', '', %%s))))[1:5], ''; '')%%s || '')'' FROM %%s c "
      "LEFT "
      "JOIN %%s p ON %%s WHERE %%s AND p.%%I IS NULL HAVING count (*) > 0',\n"
      "    format ('%%s.%%s points at no row of %%s: ', c.relname, k.own, p.relname), "
      "k.qualified,\n"
      "    CASE WHEN EXISTS (SELECT FROM pg_attribute d WHERE d.attrelid = c.oid AND d.attname = "
      "'casrec_details') THEN ' || '', as of '' || slipway.where_landed ((array_agg "
      "(c.casrec_details ORDER BY c.casrec_details))[1])' ELSE '' END, "
      "c.oid::regclass, p.oid::regclass, k.joined, k.given, k.its)\n"
      "  FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid JOIN pg_class p ON p.oid = "
      "o.confrelid\n"
      " CROSS JOIN LATERAL (SELECT string_agg (a.attname, ', ') AS own, max (b.attname) AS its,\n"
      "      string_agg (format ('c.%%I', a.attname), ', ') AS qualified,\n"
      "      string_agg (format ('p.%%I = c.%%I', b.attname, a.attname), ' AND ') AS joined,\n"
      "      string_agg (format ('c.%%I IS NOT NULL', a.attname), ' AND ') AS given\n"
      "    FROM unnest (o.conkey, o.confkey) AS u (own, its)\n"
      "    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.own\n"
      "    JOIN pg_attribute b ON b.attrelid = p.oid AND b.attnum = u.its) AS k\n"
      " WHERE o.connamespace = %L::regnamespace AND o.contype = 'f' ORDER BY c.relname, k.own";

static const char checks_sql[]
    = "SELECT format ('SELECT %%L || count (*) || CASE count (*) WHEN 1 THEN '' row ('' ELSE '' "
      "rows ('' END || string_agg (slipway.where_landed "
      "(casrec_details) || '': '' || concat_ws ('', '', %%s), ''; '') FILTER (WHERE slipway_n <= "
      "5) "
      "|| "
      "'')''\n"
      "  FROM (SELECT row_number () OVER () AS slipway_n, * FROM %%s WHERE NOT (%%s)) AS r HAVING "
      "count "
      "(*) > "
      "0',\n"
      "    format ('%%s.%%s breaks CHECK %%s %%s: ', c.relname, k.names, o.conname, expr), k.told, "
      "c.oid::regclass, "
      "expr)\n"
      "  FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid\n"
      "  JOIN pg_attribute d ON d.attrelid = c.oid AND d.attname = 'casrec_details'\n"
      " CROSS JOIN LATERAL pg_get_expr (o.conbin, o.conrelid) AS expr\n"
      " CROSS JOIN LATERAL (SELECT string_agg (a.attname, ', ') AS names,\n"
      "      string_agg (format ('%%L || coalesce (slipway.told (%%I::text), ''NULL'')', "
      "a.attname || ' is ', a.attname), ', ') AS told\n"
      "    FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY (o.conkey)) AS k\n"
      " WHERE o.connamespace = %L::regnamespace AND o.contype = 'c' ORDER BY c.relname, o.conname";

/* Of all constraints of staging, each by a query that tells of its faults; to be read before they stand aside. */
char **
slip_stage_refused_dup_queries (SlipMigrationRun *run, GError **error)
{
  static const char *const kinds[] = {orphans_sql, twice_sql, apart_sql, checks_sql};
  g_autofree char *schema = slip_stage_sql ("%I", run->schemas->staging);
  g_autoptr (GStrvBuilder) all = g_strv_builder_new ();

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_auto (GStrv) queries = slip_stage_sql_ask_list (run->pg, "read staging's constraints",
                                                        error, kinds[i], schema);

      if (queries == NULL)
        return NULL;
      g_strv_builder_addv (all, (const char **)queries);
    }
  return g_strv_builder_end (all);
}
