/* SPDX-License-Identifier: MIT */
/* The integration's second half: rows into tables that are built like the target's. What the target would refuse is found
 * here, all of it where it can be counted, before the target sees a row. */

#include "slip-migration-run-private.h"

static gboolean
fill_copies (SlipMigrationRun *run, GError **error)
{
  GPtrArray *copies
      = slip_definitions_get_copy_tables (slip_migration_get_definitions (run->migration));

  for (guint i = 0; i < copies->len; i++)
    {
      const SlipCopyTable *table = g_ptr_array_index (copies, i);
      g_autofree char *out = slip_stage_sql ("COPY (SELECT * FROM %I.%I) TO STDOUT (FORMAT binary)",
                                             run->schemas->target, table->name);
      g_autofree char *in = slip_stage_sql ("COPY %I.%I FROM STDIN (FORMAT binary)",
                                            run->schemas->staging, table->name);

      if (!slip_pg_copy_between (run->target, out, run->pg, in, NULL, NULL, NULL, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_key (const SlipTargetTable *table, const char *column)
{
  gboolean found = g_strcmp0 (table->primary_key, column) == 0;

  for (guint i = 0; !found && i < table->foreign_keys->len; i++)
    found = g_str_equal (((const SlipForeignKey *)table->foreign_keys->pdata[i])->column, column);
  return found;
}

/* Columns that both sides have, and their values: texts go as they are, so that one that is too long is an error and never
 * cut; all else is cast. Those that constraints join by are @keys too. */
static gboolean
read_columns (SlipMigrationRun *run,
              const SlipTargetTable *table,
              GString *list,
              GString *values,
              GString *keys,
              GError **error)
{
  g_autofree char *one = slip_stage_sql ("%I.%I", run->schemas->staging, table->name);
  g_autofree char *other = slip_stage_sql ("%I.%I", run->schemas->integration, table->name);
  g_autoptr (SlipPgRows) rows = slip_stage_sql_ask (
      run->pg, "compare columns", error,
      "SELECT a.attname, CASE WHEN t.typcategory = 'S' THEN 'text' ELSE format_type (a.atttypid, "
      "a.atttypmod) END\n"
      "  FROM pg_attribute a JOIN pg_attribute b ON b.attname = a.attname AND b.attrelid = "
      "%L::regclass AND b.attnum > 0 AND NOT b.attisdropped\n"
      "  JOIN pg_type t ON t.oid = a.atttypid\n"
      " WHERE a.attrelid = %L::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated "
      "= '' ORDER BY a.attnum",
      other, one);

  for (guint i = 0; rows != NULL && i < slip_pg_rows_get_n_rows (rows); i++)
    {
      const char *name = slip_pg_rows_get (rows, i, 0);

      slip_stage_sql_append (list, "%s%I", i > 0 ? ", " : "", name);
      slip_stage_sql_append (values, "%st.%I::%s", i > 0 ? ", " : "", name,
                             slip_pg_rows_get (rows, i, 1));
      if (is_key (table, name))
        slip_stage_sql_append (keys, "%s%I", keys->len > 0 ? ", " : "", name);
    }
  return rows != NULL;
}

/* Columns that only one side has, by name: what the integration has and the target lacks is lost, and that is told. */
static gboolean
note_dropped (SlipMigrationRun *run, const char *table, GString *note, GError **error)
{
  g_autofree char *one = slip_stage_sql ("%I.%I", run->schemas->transform, table);
  g_autofree char *other = slip_stage_sql ("%I.%I", run->schemas->staging, table);
  g_autofree char *list = NULL;
  g_auto (GStrv) names = slip_stage_sql_ask_list (
      run->pg, "compare columns", error,
      "SELECT attname FROM pg_attribute a WHERE attrelid = %L::regclass AND attnum > 0 AND NOT "
      "attisdropped\n"
      "   AND attname !~ '^(c_|casrec_)' AND NOT EXISTS (SELECT FROM pg_attribute b WHERE "
      "b.attrelid = %L::regclass\n"
      "       AND b.attname = a.attname AND b.attnum > 0 AND NOT b.attisdropped) ORDER BY attnum",
      one, other);

  if (names == NULL)
    return FALSE;
  if (names[0] == NULL)
    return TRUE;
  list = g_strjoinv (", ", names);
  g_string_append_printf (note, "%sthe target has no %s.%s", note->len > 0 ? "; " : "", table,
                          list);
  for (guint i = 0; names[i] != NULL; i++)
    if (!slip_stage_sql_run (
            run->pg, "note a column that the target lacks", error,
            "INSERT INTO slipway.measure (run, stage, entity, column_name, kind, rows) "
            "SELECT %D, 'integration', %L, %L, "
            "'dropped column', count (%I) FROM %I.%I",
            run->id, table, names[i], names[i], run->schemas->integration, table))
      return FALSE;
  return TRUE;
}

/* Columns that the target fills itself, by a default that only it can compute, an identity or a serial: where the rows have no such
 * column it is left out of the load, so that staging has nothing to judge there. */
static gboolean
find_left (SlipMigrationRun *run, const char *table, GError **error)
{
  g_autofree char *staging = slip_stage_sql ("%I.%I", run->schemas->staging, table);
  g_autofree char *integration = slip_stage_sql ("%I.%I", run->schemas->integration, table);
  g_autofree char *target = slip_stage_sql ("%I.%I", run->schemas->target, table);
  g_auto (GStrv) names = slip_stage_sql_ask_list (
      run->target, "look for columns that the target fills", error,
      "SELECT attname FROM pg_attribute WHERE attrelid = %L::regclass AND attnum > 0 AND NOT "
      "attisdropped AND attnotnull AND (atthasdef OR attidentity <> '')",
      target);

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    if (!slip_stage_sql_run (
            run->pg, "note a column that the target fills", error,
            "INSERT INTO slip_left SELECT attrelid, attnum FROM pg_attribute a\n"
            " WHERE attrelid = %L::regclass AND attname = %L AND attnum > 0 AND NOT atthasdef AND "
            "NOT EXISTS (SELECT FROM pg_attribute i WHERE i.attrelid = %L::regclass AND i.attname "
            "= a.attname AND i.attnum > 0 AND NOT i.attisdropped)",
            staging, names[i], integration))
      return FALSE;
  return names != NULL;
}

static gboolean
leave_to_target (SlipMigrationRun *run, GError **error)
{
  g_autofree char *all = NULL;
  g_auto (GStrv) statements = slip_stage_sql_ask_list (
      run->pg, "list the columns that the target fills", error,
      "SELECT format ('ALTER TABLE %%s ALTER COLUMN %%I DROP NOT NULL', attrelid::regclass, "
      "attname) FROM slip_left JOIN pg_attribute USING (attrelid, attnum)");

  if (statements == NULL)
    return FALSE;
  all = g_strjoinv ("; ", statements);
  return *all == '\0'
         || slip_stage_sql_run (run->pg, "leave columns to the target", error, "%s", all);
}

/* In the order of the keys: the load goes through the table from its first block to its last. */
static gboolean
fill_table (SlipMigrationRun *run, const SlipTargetTable *table, gint64 *rows, GError **error)
{
  g_autoptr (GString) list = g_string_new (NULL);
  g_autoptr (GString) values = g_string_new (NULL);
  g_autoptr (GString) order = g_string_new (NULL);
  g_autoptr (GString) keys = g_string_new (NULL);
  g_autofree char *name = g_strdup_printf ("staging %s: insert", table->name);
  g_autofree char *sql = NULL;
  guint64 written = 0;

  if (!read_columns (run, table, list, values, keys, error))
    return FALSE;
  if (table->primary_key != NULL)
    slip_stage_sql_append (order, " ORDER BY t.%I", table->primary_key);
  for (guint i = 0; table->primary_key == NULL && table->order_by[i] != NULL; i++)
    slip_stage_sql_append (order, "%st.%I", i > 0 ? ", " : " ORDER BY ", table->order_by[i]);
  sql = slip_stage_sql ("INSERT INTO %I.%I (%s) SELECT %s FROM %I.%I AS t%s", run->schemas->staging,
                        table->name, list->str, values->str, run->schemas->integration, table->name,
                        order->str);
  slip_pg_name_statement (run->pg, name);
  if (!slip_pg_run_counted (run->pg, sql, &written, error))
    return FALSE;
  *rows += (gint64)written;
  return slip_stage_sql_run (run->pg, name, error, "ANALYZE %I.%I%s%s%s", run->schemas->staging,
                             table->name, keys->len > 0 ? " (" : "", keys->str,
                             keys->len > 0 ? ")" : "");
}

/* ---- what the target would refuse */

/* What no row may be, told for each column before staging is filled: the server's own error names one row at most. */
static const char refused_sql[]
    = "SELECT c.condition, format ('SELECT ''%%s'' || count (*) || '' rows ('' || string_agg "
      "(slipway.where_landed (casrec_details)%%s, ''; '') FILTER (WHERE slipway_n <= 5) || '')''\n"
      "  FROM (SELECT row_number () OVER () AS slipway_n, * FROM %%s WHERE %%s) AS r HAVING count "
      "(*) "
      "> "
      "0',\n"
      "  replace (c.what, '''', ''''''), c.value, %L, c.condition)\n"
      "  FROM pg_attribute a JOIN pg_attribute i ON i.attrelid = %L::regclass AND i.attname = "
      "a.attname AND i.attnum > 0\n"
      " CROSS JOIN LATERAL (SELECT format ('%%s is NOT NULL: ', a.attname), format ('%%I IS NULL', "
      "a.attname), '' WHERE a.attnotnull\n"
      "   UNION ALL SELECT format ('%%s is longer than %%s letters: ', a.attname, a.atttypmod - "
      "4),\n"
      "          format ('length (%%I::text) > %%s', a.attname, a.atttypmod - 4),\n"
      "          format (' || '': '' || slipway.told (%%I)', a.attname)\n"
      "    WHERE a.atttypid IN ('varchar'::regtype, 'bpchar'::regtype) AND a.atttypmod > 4\n"
      "   UNION ALL SELECT format ('%%s takes numbers up to %%s: ', a.attname, r.most),\n"
      "          format ('round (%%I::numeric, %%s) NOT BETWEEN %%s AND %%s', a.attname, r.scale, "
      "r.least, r.most),\n"
      "          format (' || '': '' || slipway.told (%%I::text)', a.attname)\n"
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
      "(e.enumlabel)), format (' || '': '' || slipway.told (%%I::text)', a.attname)\n"
      "    FROM pg_enum e WHERE e.enumtypid = a.atttypid HAVING count (*) > 0) AS c "
      "(what, condition, value)\n"
      " WHERE a.attrelid = %L::regclass AND a.attnum > 0 AND NOT a.attisdropped";

static gboolean
find_refused (SlipMigrationRun *run, const SlipTargetTable *table, GString *refused, GError **error)
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
      if (told[0] != NULL)
        g_string_append_printf (refused, "\n  %s.%s", table->name, told[0]);
    }
  return TRUE;
}

static gboolean
find_faults (SlipMigrationRun *run, char **queries, GString *refused, GError **error)
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

static gboolean
judge (GString *refused, GError **error)
{
  if (refused->len == 0)
    return TRUE;
  SLIP_STAGE_ERROR (error, STATE, "the target would refuse rows; nothing was written to it:%s",
                    refused->str);
  return FALSE;
}

/* Constraints stand aside while tables are filled: judged at once for a whole table they cost a fraction of what they
 * cost for each row, and indexes are built from sorted keys. */
typedef struct
{
  char **drop;
  char **add;
  char **twice;   /* queries that tell of keys that are there twice */
  char **apart;   /* of pairs of rows that an EXCLUDE forbids */
  char **orphans; /* and of keys that point at nothing */
  char **checks;  /* and of values that a CHECK forbids */
} Constraints;

static void
constraints_clear (Constraints *constraints)
{
  g_strfreev (constraints->drop);
  g_strfreev (constraints->add);
  g_strfreev (constraints->twice);
  g_strfreev (constraints->apart);
  g_strfreev (constraints->orphans);
  g_strfreev (constraints->checks);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Constraints, constraints_clear)

/* Of a constraint o: a key over a column that the target fills, or one that points at such a column, is judged by the target. */
#define NOT_LEFT                                                                                   \
  "NOT EXISTS (SELECT FROM slip_left l WHERE (o.conrelid = l.attrelid AND o.contype = 'p' AND "    \
  "l.attnum = ANY (o.conkey)) OR (o.confrelid = l.attrelid AND l.attnum = ANY (o.confkey)))"

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
    = "SELECT format ('SELECT %%L || count (*) || '' rows ('' || array_to_string ((array_agg "
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
    = "SELECT format ('SELECT %%L || count (*) || '' rows ('' || string_agg (slipway.where_landed "
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

/* The target takes no new row that a constraint forbids, though it was not held against the old ones ("NOT VALID"). */
static gboolean
read_constraints (SlipMigrationRun *run, Constraints *constraints, GError **error)
{
  g_autofree char *schema = slip_stage_sql ("%I", run->schemas->staging);

  constraints->drop = slip_stage_sql_ask_list (
      run->pg, "read staging's constraints", error,
      "SELECT format ('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname) AS sql, "
      "contype = 'f' AS key FROM pg_constraint\n"
      " WHERE connamespace = %L::regnamespace AND contype IN ('p', 'u', 'x', 'f', 'c')\n"
      "UNION ALL SELECT format ('DROP INDEX %%s', i.indexrelid::regclass), false FROM pg_index i "
      "JOIN pg_class c ON c.oid = i.indrelid\n"
      " WHERE c.relnamespace = %L::regnamespace AND NOT EXISTS (SELECT FROM pg_constraint o WHERE "
      "o.conindid = i.indexrelid AND o.contype IN ('p', 'u', 'x'))\n"
      " ORDER BY key DESC",
      schema, schema);
  if (constraints->drop == NULL)
    return FALSE;
  constraints->add = slip_stage_sql_ask_list (
      run->pg, "read staging's constraints", error,
      "SELECT format ('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, "
      "CASE WHEN EXISTS (SELECT FROM pg_attribute d WHERE d.attrelid = conrelid AND d.attname = "
      "'casrec_details') THEN regexp_replace (def, ' NOT VALID$', '') ELSE def END) AS sql, "
      "contype = 'f' AS key\n"
      "  FROM pg_constraint o, pg_get_constraintdef (oid) AS def\n"
      " WHERE connamespace = %L::regnamespace AND contype IN ('p', 'u', 'x', 'f', 'c') "
      "AND " NOT_LEFT "\n"
      "UNION ALL SELECT pg_get_indexdef (i.indexrelid), false FROM pg_index i JOIN pg_class c ON "
      "c.oid = i.indrelid\n"
      " WHERE c.relnamespace = %L::regnamespace AND NOT EXISTS (SELECT FROM pg_constraint o WHERE "
      "o.conindid = i.indexrelid AND o.contype IN ('p', 'u', 'x'))\n"
      " ORDER BY key, sql",
      schema, schema);
  if (constraints->add == NULL)
    return FALSE;
  constraints->twice
      = slip_stage_sql_ask_list (run->pg, "read staging's unique keys", error, twice_sql, schema);
  if (constraints->twice == NULL)
    return FALSE;
  constraints->apart
      = slip_stage_sql_ask_list (run->pg, "read staging's exclusions", error, apart_sql, schema);
  if (constraints->apart == NULL)
    return FALSE;
  constraints->orphans = slip_stage_sql_ask_list (run->pg, "read staging's foreign keys", error,
                                                  orphans_sql, schema);
  if (constraints->orphans == NULL)
    return FALSE;
  constraints->checks
      = slip_stage_sql_ask_list (run->pg, "read staging's checks", error, checks_sql, schema);
  return constraints->checks != NULL;
}

static gboolean
run_each (SlipMigrationRun *run, char **statements, GError **error)
{
  for (guint i = 0; statements[i] != NULL; i++)
    if (!slip_stage_sql_run (run->pg, "constraints of staging", error, "%s", statements[i]))
      return FALSE;
  return TRUE;
}

/* Puts the constraints back, which judges all rows. Of a fault the server names one row; all are looked for then. */
static gboolean
judge_rows (SlipMigrationRun *run, Constraints *constraints, GError **error)
{
  g_autoptr (GError) fault = NULL;
  g_autoptr (GString) refused = g_string_new (NULL);

  slip_migration_run_tell (run, "integration", "staging", "constraints", 0, 1, "steps");
  if (!slip_stage_sql_run (run->pg, "begin to judge", error, "SAVEPOINT slip_judge"))
    return FALSE;
  if (run_each (run, constraints->add, &fault))
    return TRUE;
  if (slip_stage_sql_run (run->pg, "look for all faults", error, "ROLLBACK TO SAVEPOINT slip_judge")
      && find_faults (run, constraints->orphans, refused, error)
      && find_faults (run, constraints->twice, refused, error)
      && find_faults (run, constraints->apart, refused, error)
      && find_faults (run, constraints->checks, refused, error) && judge (refused, error))
    g_propagate_error (error, g_steal_pointer (&fault));
  return FALSE;
}

/* What prepare has just made is left as it is: to empty tables makes new files for them and all of their indexes. */
static gboolean
empty (SlipMigrationRun *run, GError **error)
{
  g_autoptr (SlipPgRows) tables = slip_stage_sql_ask (
      run->pg, "list staging's tables", error,
      "SELECT count (*), coalesce (sum (pg_relation_size (oid)), 0), string_agg "
      "(oid::regclass::text, ', ') FROM pg_class\n"
      " WHERE relnamespace = to_regnamespace (quote_ident (%L)) AND relkind = 'r'",
      run->schemas->staging);

  if (tables == NULL)
    return FALSE;
  if (slip_pg_rows_get_int (tables, 0, 0) == 0)
    {
      SLIP_STAGE_ERROR (error, STATE, "schema %s is empty: run stage prepare first",
                        run->schemas->staging);
      return FALSE;
    }
  return slip_pg_rows_get_int (tables, 0, 1) == 0
         || slip_stage_sql_run (run->pg, "empty staging", error, "TRUNCATE %s",
                                slip_pg_rows_get (tables, 0, 2));
}

gboolean
slip_stage_staging (SlipMigrationRun *run, gint64 *rows, GString *note, GError **error)
{
  GPtrArray *targets
      = slip_definitions_get_target_tables (slip_migration_get_definitions (run->migration));
  g_autoptr (GPtrArray) made = g_ptr_array_new ();
  g_autoptr (GString) refused = g_string_new (NULL);
  g_auto (Constraints) constraints = {NULL};

  if (!slip_stage_shape_check (run, error) || !empty (run, error)
      || !slip_stage_sql_run (
          run->pg, "room for columns that the target fills", error,
          "CREATE TEMP TABLE slip_left (attrelid regclass, attnum int2) ON COMMIT DROP"))
    return FALSE;
  for (guint i = 0; i < targets->len; i++)
    {
      const SlipTargetTable *table = g_ptr_array_index (targets, i);
      gboolean has = FALSE;

      if (!slip_migration_run_has_table (run->pg, run->schemas->integration, table->name, &has,
                                         error))
        return FALSE;
      if (!has)
        continue;
      if (!note_dropped (run, table->name, note, error) || !find_left (run, table->name, error)
          || !find_refused (run, table, refused, error)
          || !slip_stage_sql_run (
              run->pg, "room for how a row is migrated", error,
              "ALTER TABLE %I.%I ADD COLUMN IF NOT EXISTS migration_method text, ADD "
              "COLUMN IF NOT EXISTS casrec_details "
              "jsonb",
              run->schemas->staging, table->name))
        return FALSE;
      g_ptr_array_add (made, (gpointer)table);
    }
  if (!judge (refused, error) || !read_constraints (run, &constraints, error)
      || !run_each (run, constraints.drop, error) || !leave_to_target (run, error)
      || !fill_copies (run, error))
    return FALSE;
  for (guint i = 0; i < made->len; i++)
    {
      const SlipTargetTable *table = g_ptr_array_index (made, i);

      slip_migration_run_tell (run, "integration", table->name, "staging", i, made->len, "tables");
      if (!slip_stage_altered (run, table->name, error) || !fill_table (run, table, rows, error))
        return FALSE;
    }
  return slip_stage_note_values (run, "integration", note, error)
         && judge_rows (run, &constraints, error);
}
