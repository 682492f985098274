/* SPDX-License-Identifier: MIT */
/* The shape of the target's tables: read from its catalogue as statements that make the same tables in staging, and
 * kept as a number for each, so that a target that was altered since is noticed. */

#include "slip-migration-run-private.h"

/* The tables that staging needs, as SQL: an array of names. */
char *
slip_stage_shape_dup_tables (SlipMigrationRun *run)
{
  SlipDefinitions *definitions = slip_migration_get_definitions (run->migration);
  GPtrArray *targets = slip_definitions_get_target_tables (definitions);
  GPtrArray *copies = slip_definitions_get_copy_tables (definitions);
  GString *list = g_string_new ("ARRAY[");

  for (guint i = 0; i < targets->len; i++)
    slip_stage_sql_append (list, "%s%L", i > 0 ? ", " : "",
                           ((const SlipTargetTable *)targets->pdata[i])->name);
  for (guint i = 0; i < copies->len; i++)
    slip_stage_sql_append (list, "%s%L", list->len > 6 ? ", " : "",
                           ((const SlipCopyTable *)copies->pdata[i])->name);
  g_string_append (list, "]::text[]");
  return g_string_free (list, FALSE);
}

/* A column's type without its domains, which the migration database does not know: what they ask is asked of the column. */
#define BASE_SQL                                                                                   \
  " CROSS JOIN LATERAL (WITH RECURSIVE r AS (SELECT a.atttypid AS oid, a.atttypmod AS typmod, "    \
  "false AS needed, NULL::text COLLATE \"C\" AS expr, '{}'::oid[] AS domains\n"                    \
  "    UNION ALL SELECT t.typbasetype, t.typtypmod, r.needed OR t.typnotnull, coalesce (r.expr, "  \
  "pg_get_expr (t.typdefaultbin, 0)) COLLATE \"C\", r.domains || r.oid\n"                          \
  "      FROM r JOIN pg_type t ON t.oid = r.oid WHERE t.typtype = 'd')\n"                          \
  "    SELECT * FROM r ORDER BY cardinality (domains) DESC LIMIT 1) AS b\n"

#define COLUMNS_SQL                                                                                \
  "  FROM s JOIN pg_namespace n ON n.nspname = s.target JOIN pg_class c ON c.relnamespace = "      \
  "n.oid AND c.relname = ANY (s.tables)\n"                                                         \
  "  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped\n" BASE_SQL

/* All of these are (table, statement). What the migration database cannot make is found by foreign_sql. */
static const char types_sql[]
    = "SELECT 'types', format ('CREATE TYPE %I.%I AS ENUM (%s)', s.staging, t.typname,\n"
      "    (SELECT string_agg (quote_literal (enumlabel), ', ' ORDER BY enumsortorder) FROM "
      "pg_enum "
      "WHERE enumtypid = t.oid))\n"
      "  FROM s JOIN pg_namespace n ON n.nspname = s.target JOIN pg_type t ON t.typnamespace = "
      "n.oid\n"
      " WHERE t.typtype = 'e' ORDER BY t.typname";

/* Defaults that are constants; what calls a function of the target cannot be asked here, and is no business of
 * rows that are judged. */
static const char tables_sql[]
    = "SELECT c.relname, format ('CREATE TABLE %I.%I (%s)', s.staging, c.relname, string_agg "
      "(format ('%I %s%s%s', a.attname,\n"
      "    format_type (b.oid, b.typmod), CASE WHEN a.attnotnull OR b.needed THEN ' NOT NULL' ELSE "
      "'' END,\n"
      "    CASE WHEN d.expr IS NOT NULL AND a.attgenerated = '' AND d.expr !~ '[a-z_0-9]\\s*\\('\n"
      "         THEN ' DEFAULT ' || d.expr ELSE '' END), ', ' ORDER BY a.attnum))\n" COLUMNS_SQL
      " CROSS JOIN LATERAL (SELECT coalesce ((SELECT pg_get_expr (adbin, adrelid) FROM pg_attrdef\n"
      "                      WHERE adrelid = c.oid AND adnum = a.attnum), b.expr) AS expr) AS d\n"
      " GROUP BY s.staging, c.relname ORDER BY c.relname";

static const char foreign_sql[]
    = "SELECT format ('%s.%s', c.relname, a.attname), format_type (b.oid, NULL)\n" COLUMNS_SQL
      "  JOIN pg_type t ON t.oid = b.oid WHERE t.typnamespace <> 'pg_catalog'::regnamespace "
      "ORDER BY 1";

/* Of a domain's check, VALUE is the column, unless it stands in quotes. */
static const char constraints_sql[]
    = "SELECT c.relname, format ('ALTER TABLE %I.%I ADD CONSTRAINT %I %s', s.staging, c.relname, "
      "o.conname, pg_get_constraintdef (o.oid)), o.contype = 'c' AS last, o.conname::text AS name\n"
      "  FROM s JOIN pg_namespace n ON n.nspname = s.target JOIN pg_class c ON c.relnamespace = "
      "n.oid AND c.relname = ANY (s.tables)\n"
      "  JOIN pg_constraint o ON o.conrelid = c.oid AND o.contype IN ('p', 'u', 'c')\n"
      "UNION ALL SELECT c.relname, format ('ALTER TABLE %I.%I ADD CONSTRAINT %I %s', s.staging, "
      "c.relname, a.attname || '_' || o.conname, x.def), true, a.attname || o.conname\n" COLUMNS_SQL
      "  JOIN pg_constraint o ON o.contypid = ANY (b.domains) AND o.contype = 'c'\n"
      " CROSS JOIN LATERAL (SELECT string_agg (CASE WHEN m[1] ~ '^[''\"]' THEN m[1]\n"
      "      ELSE regexp_replace (m[1], '\\mVALUE\\M', quote_ident (a.attname), 'g') END, '' ORDER "
      "BY p.n) AS def\n"
      "    FROM regexp_matches (pg_get_constraintdef (o.oid), "
      "'(''(?:[^'']|'''')*''|\"(?:[^\"]|\"\")*\"|[^''\"]+)', 'g') WITH ORDINALITY AS p (m, n)) AS "
      "x\n"
      " ORDER BY last, name";

static const char indexes_sql[]
    = "SELECT c.relname, regexp_replace (pg_get_indexdef (i.indexrelid), ' ON (ONLY )?\\S+ USING "
      "',\n"
      "         replace (format (' ON %I.%I USING ', s.staging, c.relname), '\\', '\\\\'))\n"
      "  FROM s JOIN pg_namespace n ON n.nspname = s.target JOIN pg_class c ON c.relnamespace = "
      "n.oid AND c.relname = ANY (s.tables)\n"
      "  JOIN pg_index i ON c.oid = i.indrelid WHERE i.indisunique\n"
      "   AND NOT EXISTS (SELECT FROM pg_constraint o WHERE o.conindid = i.indexrelid AND "
      "o.conrelid = i.indrelid)\n"
      " ORDER BY i.indexrelid::regclass::text";

static const char apart_sql[]
    = "SELECT c.relname, format ('ALTER TABLE %I.%I ADD CONSTRAINT %I %s', s.staging, c.relname, "
      "o.conname, pg_get_constraintdef (o.oid))\n"
      "  FROM s JOIN pg_namespace n ON n.nspname = s.target JOIN pg_class c ON c.relnamespace = "
      "n.oid AND c.relname = ANY (s.tables)\n"
      "  JOIN pg_constraint o ON o.conrelid = c.oid AND o.contype = 'x' ORDER BY c.relname, "
      "o.conname";

static const char keys_sql[]
    = "SELECT c.relname, format ('ALTER TABLE %I.%I ADD CONSTRAINT %I FOREIGN KEY (%s) REFERENCES "
      "%I.%I (%s) DEFERRABLE INITIALLY DEFERRED', s.staging, c.relname, o.conname, own.names, "
      "s.staging, p.relname, its.names)\n"
      "  FROM s JOIN pg_namespace n ON n.nspname = s.target JOIN pg_class c ON c.relnamespace = "
      "n.oid AND c.relname = ANY (s.tables)\n"
      "  JOIN pg_constraint o ON o.conrelid = c.oid AND o.contype = 'f'\n"
      "  JOIN pg_class p ON p.oid = o.confrelid AND p.relname = ANY (s.tables) AND p.relnamespace "
      "= "
      "c.relnamespace\n"
      " CROSS JOIN LATERAL (SELECT string_agg (quote_ident (a.attname), ', ' ORDER BY k.n) AS "
      "names\n"
      "    FROM unnest (o.conkey) WITH ORDINALITY AS k (num, n) JOIN pg_attribute a ON a.attrelid "
      "= c.oid AND a.attnum = k.num) own\n"
      " CROSS JOIN LATERAL (SELECT string_agg (quote_ident (a.attname), ', ' ORDER BY k.n) AS "
      "names\n"
      "    FROM unnest (o.confkey) WITH ORDINALITY AS k (num, n) JOIN pg_attribute a ON a.attrelid "
      "= p.oid AND a.attnum = k.num) its\n"
      " ORDER BY c.relname, o.conname";

/* Operators and functions of constraints and of indexes that an extension brings. */
static const char extensions_sql[]
    = "SELECT e.extname, string_agg (DISTINCT format ('%s.%s', c.relname, u.name), ', ')\n"
      "  FROM s JOIN pg_namespace n ON n.nspname = s.target JOIN pg_class c ON c.relnamespace = "
      "n.oid AND c.relname = ANY (s.tables)\n"
      " CROSS JOIN LATERAL (SELECT 'pg_constraint'::regclass AS class, o.oid, o.conname AS name "
      "FROM pg_constraint o WHERE o.conrelid = c.oid AND o.contype IN ('c', 'x')\n"
      "    UNION SELECT 'pg_class'::regclass, i.indexrelid, x.relname FROM pg_index i JOIN "
      "pg_class x ON x.oid = i.indexrelid\n"
      "     WHERE i.indrelid = c.oid AND (i.indisunique OR i.indisexclusion)) AS u\n"
      "  JOIN pg_depend d ON d.classid = u.class AND d.objid = u.oid\n"
      "  JOIN pg_depend m ON m.classid = d.refclassid AND m.objid = d.refobjid AND m.deptype = "
      "'e' AND m.refclassid = 'pg_extension'::regclass\n"
      "  JOIN pg_extension e ON e.oid = m.refobjid GROUP BY 1 ORDER BY 1";

static const struct
{
  const char *read;
  const char *made;
  const char *sql;
} parts[] = {
    {"read the target's types", "staging types", types_sql},
    {"read the target's tables", "staging tables", tables_sql},
    {"read the target's constraints", "staging constraints", constraints_sql},
    {"read the target's indexes", "staging indexes", indexes_sql},
    {"read the target's exclusion constraints", "staging exclusion constraints", apart_sql},
    {"read the target's foreign keys", "staging foreign keys", keys_sql},
};

typedef struct
{
  SlipPgRows *parts[G_N_ELEMENTS (parts)]; /* (table, statement) */
  SlipPgRows *foreign;                     /* (column, type): types that are not PostgreSQL's own */
  SlipPgRows *extensions;                  /* (name, what needs it) */
} Shape;

static void
shape_clear (Shape *shape)
{
  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    g_clear_pointer (&shape->parts[i], slip_pg_rows_free);
  g_clear_pointer (&shape->foreign, slip_pg_rows_free);
  g_clear_pointer (&shape->extensions, slip_pg_rows_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Shape, shape_clear)

static SlipPgRows *
read_part (SlipMigrationRun *run, const char *name, const char *sql, GError **error)
{
  g_autofree char *tables = slip_stage_shape_dup_tables (run);

  return slip_stage_sql_ask (run->target, name, error,
                             "WITH s (staging, target, tables) AS (VALUES (%L, %L, %s))\n%s",
                             run->schemas->staging, run->schemas->target, tables, sql);
}

/* Names are said without a schema where they are of the target's own: staging has its own of the same name. */
static gboolean
read_shape (SlipMigrationRun *run, Shape *shape, GError **error)
{
  if (!slip_stage_sql_run (run->target, "names of the target", error, "SET search_path TO %I",
                           run->schemas->target))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    if ((shape->parts[i] = read_part (run, parts[i].read, parts[i].sql, error)) == NULL)
      return FALSE;
  shape->foreign = read_part (run, "read the target's columns", foreign_sql, error);
  if (shape->foreign != NULL)
    shape->extensions = read_part (run, "read what extensions bring", extensions_sql, error);
  return shape->extensions != NULL
         && slip_stage_sql_run (run->target, "names of the target", error, "RESET search_path");
}

static gboolean
check_types (SlipMigrationRun *run, Shape *shape, GError **error)
{
  g_autoptr (GString) unknown = g_string_new (NULL);

  for (guint i = 0; i < slip_pg_rows_get_n_rows (shape->foreign); i++)
    {
      const char *type = slip_pg_rows_get (shape->foreign, i, 1);
      gint64 known = 0;

      if (!slip_stage_sql_ask_number (run->pg, "look for a type", &known, error,
                                      "SELECT (to_regtype (%L) IS NOT NULL)::int", type))
        return FALSE;
      if (known == 0)
        g_string_append_printf (unknown, "%s%s (%s)", unknown->len > 0 ? ", " : "",
                                slip_pg_rows_get (shape->foreign, i, 0), type);
    }
  if (unknown->len == 0)
    return TRUE;
  SLIP_STAGE_ERROR (error, NOT_FOUND,
                    "columns of the target have types that %s does not know: %s. Create them there "
                    "first, in schema public (CREATE EXTENSION, where an extension brings them)",
                    slip_pg_get_where (run->pg), unknown->str);
  return FALSE;
}

static gboolean
check_extensions (SlipMigrationRun *run, Shape *shape, GError **error)
{
  g_autoptr (GString) lacking = g_string_new (NULL);
  g_autoptr (GString) create = g_string_new (NULL);

  for (guint i = 0; i < slip_pg_rows_get_n_rows (shape->extensions); i++)
    {
      const char *name = slip_pg_rows_get (shape->extensions, i, 0);
      gint64 known = 0;

      if (!slip_stage_sql_ask_number (run->pg, "look for an extension", &known, error,
                                      "SELECT count (*) FROM pg_extension WHERE extname = %L",
                                      name))
        return FALSE;
      if (known != 0)
        continue;
      g_string_append_printf (lacking, "%s%s (%s)", lacking->len > 0 ? ", " : "", name,
                              slip_pg_rows_get (shape->extensions, i, 1));
      slip_stage_sql_append (create, "%sCREATE EXTENSION %I", create->len > 0 ? "; " : "", name);
    }
  if (lacking->len == 0)
    return TRUE;
  SLIP_STAGE_ERROR (error, NOT_FOUND,
                    "constraints of the target need what extensions bring, and %s lacks them: %s. "
                    "Nothing was written to the target. Create them in the migration database, and "
                    "run again: %s",
                    slip_pg_get_where (run->pg), lacking->str, create->str);
  return FALSE;
}

static gboolean
carry_out (SlipMigrationRun *run, const char *what, SlipPgRows *statements, GError **error)
{
  g_autoptr (GString) all = g_string_new (NULL);

  for (guint i = 0; i < slip_pg_rows_get_n_rows (statements); i++)
    g_string_append_printf (all, "%s;\n", slip_pg_rows_get (statements, i, 1));
  return all->len == 0 || slip_stage_sql_run (run->pg, what, error, "%s", all->str);
}

/* A number for each table (and one for the types): whatever of it changes, that changes. */
static GHashTable *
digest (Shape *shape)
{
  GHashTable *sums
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_checksum_free);

  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    for (guint row = 0; row < slip_pg_rows_get_n_rows (shape->parts[i]); row++)
      {
        const char *table = slip_pg_rows_get (shape->parts[i], row, 0);
        GChecksum *sum = g_hash_table_lookup (sums, table);

        if (sum == NULL)
          g_hash_table_insert (sums, g_strdup (table), sum = g_checksum_new (G_CHECKSUM_SHA256));
        g_checksum_update (sum, (const guint8 *)slip_pg_rows_get (shape->parts[i], row, 1), -1);
      }
  return sums;
}

static gint64
get_number (GChecksum *sum)
{
  g_autofree char *head = g_strndup (g_checksum_get_string (sum), 15);

  return (gint64)g_ascii_strtoull (head, NULL, 16);
}

static gboolean
note_shape (SlipMigrationRun *run, Shape *shape, GError **error)
{
  g_autoptr (GHashTable) sums = digest (shape);
  GHashTableIter iter;
  gpointer table;
  gpointer sum;

  g_hash_table_iter_init (&iter, sums);
  while (g_hash_table_iter_next (&iter, &table, &sum))
    if (!slip_stage_sql_run (run->pg, "note the target's shape", error,
                             "INSERT INTO slipway.base (run, table_name, column_name, kind, value) "
                             "VALUES (%D, %L, '', 'shape', %D)",
                             run->id, table, get_number (sum)))
      return FALSE;
  return TRUE;
}

/* Makes the tables of staging, within the caller's transaction. */
gboolean
slip_stage_shape_build (SlipMigrationRun *run, GError **error)
{
  g_auto (Shape) shape = {0};

  if (!read_shape (run, &shape, error) || !check_extensions (run, &shape, error)
      || !slip_stage_sql_run (run->pg, "names of staging", error,
                              "SET LOCAL search_path TO %I, public", run->schemas->staging))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    if (!carry_out (run, parts[i].made, shape.parts[i], error)
        || (i == 0 && !check_types (run, &shape, error)))
      return FALSE;
  return slip_stage_sql_run (run->pg, "names of staging", error, "SET LOCAL search_path TO DEFAULT")
         && note_shape (run, &shape, error);
}

/* The tables that are not as stage prepare saw them, or NULL when they all are; a run that was prepared by an older
 * release has nothing to compare with. */
gboolean
slip_stage_shape_compare (SlipMigrationRun *run, char **changed, GError **error)
{
  g_auto (Shape) shape = {0};
  g_autoptr (GHashTable) sums = NULL;
  g_autoptr (GString) names = g_string_new (NULL);
  g_autoptr (SlipPgRows) noted
      = slip_stage_sql_ask (run->pg, "read the target's shape", error,
                            "SELECT table_name, value FROM slipway.base WHERE run = %D AND kind = "
                            "'shape' ORDER BY table_name",
                            run->id);
  GHashTableIter iter;
  gpointer table;

  *changed = NULL;
  if (noted == NULL || !read_shape (run, &shape, error))
    return FALSE;
  sums = digest (&shape);
  for (guint i = 0; i < slip_pg_rows_get_n_rows (noted); i++)
    {
      const char *name = slip_pg_rows_get (noted, i, 0);
      GChecksum *sum = g_hash_table_lookup (sums, name);

      if (sum == NULL || get_number (sum) != slip_pg_rows_get_int (noted, i, 1))
        g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", name);
      g_hash_table_remove (sums, name);
    }
  g_hash_table_iter_init (&iter, sums);
  while (slip_pg_rows_get_n_rows (noted) > 0 && g_hash_table_iter_next (&iter, &table, NULL))
    g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", (char *)table);
  if (names->len > 0)
    *changed = g_string_free (g_steal_pointer (&names), FALSE);
  return TRUE;
}

/* For stages that work on what prepare made, and cannot make it again. */
gboolean
slip_stage_shape_check (SlipMigrationRun *run, GError **error)
{
  g_autofree char *changed = NULL;

  if (!slip_stage_shape_compare (run, &changed, error))
    return FALSE;
  if (changed == NULL)
    return TRUE;
  SLIP_STAGE_ERROR (error, CHANGED,
                    "the target was altered since stage prepare copied its tables: %s. “slipwayctl "
                    "migrate run” prepares again and goes on from there",
                    changed);
  return FALSE;
}
