/* SPDX-License-Identifier: MIT */
/* Rows that must be in a target before a run, written as SQL: for a rehearsal in a target that has a schema and nothing
 * else. What is in them beside their keys is made up. Which are needed the check finds. */

#include "slip-needed.h"

#include "slip-stage-sql.h"

#include <string.h>

typedef struct
{
  SlipMigration *migration;
  SlipPg *pg;
  const SlipCatalogue *target;
  GPtrArray *needed;
  const char *schema;
  char *run_date;      /* owned */
  GString *sql;        /* owned */
  GHashTable *tables;  /* set of tables that rows are written for */
  GHashTable *written; /* set of SlipNeeded that are, or whose turn it is */
  GHashTable *lists;   /* set of tables and columns whose keys are */
  GHashTable *open;    /* set of tables whose parents are looked for */
} Writer;

/* A foreign key of the target, to a table of the same schema. */
typedef struct
{
  char *parent;
  char **columns;
  char **parent_columns;
} Parent;

static void
parent_free (Parent *parent)
{
  g_free (parent->parent);
  g_strfreev (parent->columns);
  g_strfreev (parent->parent_columns);
  g_free (parent);
}

static gboolean write_table (Writer *self, const char *table, GError **error);

static gboolean write_insert (Writer *self,
                              const char *table,
                              const char *rows,
                              const char *const *given,
                              const char *unless,
                              GError **error);

/* ---- columns */

/* Something of the column's type; rows are numbered by slipway_n. */
static char *
dup_filling (const char *table, const SlipCatalogueColumn *column)
{
  static const struct
  {
    const char *type; /* or how it begins */
    const char *sql;
  } fillings[] = {
      {"integer", "r.slipway_n"},
      {"bigint", "r.slipway_n"},
      {"numeric", "0"},
      {"smallint", "0"},
      {"real", "0"},
      {"double", "0"},
      {"boolean", "false"},
      {"date", "'1970-01-01'"},
      {"timestamp", "'1970-01-01'"},
      {"time", "'00:00'"},
      {"interval", "'0'"},
      {"json", "'{}'"},
      {"uuid", "md5 (r.slipway_n::text)::uuid"},
  };
  const char *length = strchr (column->type, '(');

  if (column->labels != NULL && column->labels[0] != NULL)
    return slip_stage_sql ("%L", column->labels[0]);
  if (g_str_has_suffix (column->type, "[]"))
    return g_strdup ("'{}'");
  if (g_str_equal (column->type, "text")
      || (g_str_has_prefix (column->type, "character")
          && (length == NULL || g_ascii_strtoull (length + 1, NULL, 10) > strlen (table) + 11)))
    return slip_stage_sql ("%L || r.slipway_n", table);
  if (g_str_has_prefix (column->type, "character"))
    return slip_stage_sql ("left (r.slipway_n::text, %D)",
                           (gint64)g_ascii_strtoull (length + 1, NULL, 10));
  for (gsize i = 0; i < G_N_ELEMENTS (fillings); i++)
    if (g_str_has_prefix (column->type, fillings[i].type))
      return g_strdup (fillings[i].sql);
  return g_strdup ("''");
}

/* ---- foreign keys */

static GPtrArray *
find_parents (Writer *self, const char *table, GError **error)
{
  g_autofree char *name = slip_stage_sql ("%I.%I", self->schema, table);
  g_autoptr (SlipPgRows) rows = slip_stage_sql_ask (
      self->pg, "look for foreign keys", error,
      "SELECT p.relname,\n"
      "  (SELECT string_agg (a.attname, E'\\x1f' ORDER BY k.n) FROM unnest (o.conkey) WITH "
      "ORDINALITY AS k (num, n) JOIN pg_attribute a ON a.attrelid = o.conrelid AND a.attnum = "
      "k.num),\n"
      "  (SELECT string_agg (a.attname, E'\\x1f' ORDER BY k.n) FROM unnest (o.confkey) WITH "
      "ORDINALITY AS k (num, n) JOIN pg_attribute a ON a.attrelid = o.confrelid AND a.attnum = "
      "k.num)\n"
      "  FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid JOIN pg_class p ON p.oid = "
      "o.confrelid AND p.relnamespace = c.relnamespace\n"
      " WHERE o.contype = 'f' AND o.conrelid = %L::regclass ORDER BY o.conname",
      name);
  GPtrArray *parents;

  if (rows == NULL)
    return NULL;
  parents = g_ptr_array_new_with_free_func ((GDestroyNotify)parent_free);
  for (guint i = 0; i < slip_pg_rows_get_n_rows (rows); i++)
    {
      Parent *parent = g_new0 (Parent, 1);

      parent->parent = g_strdup (slip_pg_rows_get (rows, i, 0));
      parent->columns = g_strsplit (slip_pg_rows_get (rows, i, 1), "\x1f", -1);
      parent->parent_columns = g_strsplit (slip_pg_rows_get (rows, i, 2), "\x1f", -1);
      g_ptr_array_add (parents, parent);
    }
  return parents;
}

static gboolean
is_needed (Writer *self, const char *table, const char *name)
{
  const SlipCatalogueColumn *column = slip_catalogue_find_column (self->target, table, name);

  return column != NULL && column->needed;
}

/* Rows of @table must point at one of a table whose rows must point at theirs: where neither has any, none can be the first. */
static gboolean
check_cycle (Writer *self, const char *table, const Parent *parent, GError **error)
{
  g_autofree char *columns = g_strjoinv (", ", parent->columns);
  gint64 has = 0;

  if (g_hash_table_contains (self->tables, parent->parent))
    return TRUE;
  if (!slip_stage_sql_ask_number (self->pg, "look for a row to point at", &has, error,
                                  "SELECT EXISTS (SELECT FROM %I.%I)::int", self->schema,
                                  parent->parent))
    return FALSE;
  if (has == 0)
    g_set_error (
        error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_DEFINITION,
        "rows that stand in for %s cannot be written: %s.%s is NOT NULL and points at %s, "
        "which has no row and by way of its own keys must point at %s. Add one row of each "
        "to the target yourself, in one transaction with one of the keys deferred, or with "
        "its NOT NULL dropped meanwhile; then say needs --sql again",
        table, table, columns, parent->parent, table);
  return has != 0;
}

/* Rows that the rows point at: those with the keys that are given, or one, where any will do. */
static gboolean
write_parent (Writer *self,
              const char *table,
              const Parent *parent,
              const char *rows,
              const char *const *given,
              GError **error)
{
  const char *column = parent->columns[0];
  const char *key = parent->parent_columns[0];
  gboolean one = parent->columns[1] == NULL;
  gboolean needed = FALSE;

  for (guint i = 0; parent->columns[i] != NULL; i++)
    needed |= !g_strv_contains (given, parent->columns[i])
              && is_needed (self, table, parent->columns[i]);
  if (g_str_equal (parent->parent, table))
    return TRUE;
  if (g_hash_table_contains (self->open, parent->parent))
    return !needed || check_cycle (self, table, parent, error);
  if (one && g_strv_contains (given, column))
    {
      const char *const keys[] = {key, NULL};
      g_autofree char *pointed
          = slip_stage_sql ("SELECT DISTINCT q.%I AS %I FROM (%s) AS q WHERE q.%I IS NOT NULL",
                            column, key, rows, column);
      g_autofree char *unless = slip_stage_sql ("%I.%I = r.%I", parent->parent, key, key);

      return write_table (self, parent->parent, error)
             && write_insert (self, parent->parent, pointed, keys, unless, error);
    }
  if (!needed)
    return TRUE;
  return write_table (self, parent->parent, error)
         && (g_hash_table_contains (self->tables, parent->parent)
             || write_insert (self, parent->parent, "SELECT 1 AS slipway_one",
                              (const char *const[]){NULL}, "true", error));
}

static gboolean
write_parents (Writer *self,
               const char *table,
               GPtrArray *parents,
               const char *rows,
               const char *const *given,
               GError **error)
{
  gboolean ok = TRUE;

  g_hash_table_add (self->open, (gpointer)table);
  for (guint i = 0; ok && i < parents->len; i++)
    ok = write_parent (self, table, g_ptr_array_index (parents, i), rows, given, error);
  g_hash_table_remove (self->open, table);
  return ok;
}

/* What a column that points at a row is: of a row of the same table its own key, else that of the first row there. NULL for a
 * column that points at nothing. */
static char *
dup_pointer (
    Writer *self, const char *table, GPtrArray *parents, const char *const *given, const char *name)
{
  for (guint i = 0; i < parents->len; i++)
    {
      const Parent *parent = g_ptr_array_index (parents, i);

      for (guint k = 0; parent->columns[k] != NULL; k++)
        if (!g_str_equal (parent->columns[k], name))
          continue;
        else if (!g_str_equal (parent->parent, table))
          return slip_stage_sql ("(SELECT f.%I FROM %I.%I AS f ORDER BY f::text LIMIT 1)",
                                 parent->parent_columns[k], self->schema, parent->parent);
        else if (g_strv_contains (given, parent->parent_columns[k]))
          return slip_stage_sql ("r.%I", parent->parent_columns[k]);
    }
  return NULL;
}

/* INSERT of @rows, a query that has the columns @given, unless they are there; before it, of the rows that they point at. */
static gboolean
write_insert (Writer *self,
              const char *table,
              const char *rows,
              const char *const *given,
              const char *unless,
              GError **error)
{
  GPtrArray *columns = slip_catalogue_find (self->target, table);
  g_autoptr (GPtrArray) parents = find_parents (self, table, error);
  g_autoptr (GString) names = g_string_new (NULL);
  g_autoptr (GString) values = g_string_new (NULL);

  if (parents == NULL || !write_parents (self, table, parents, rows, given, error))
    return FALSE;
  for (guint i = 0; i < columns->len; i++)
    {
      const SlipCatalogueColumn *column = g_ptr_array_index (columns, i);
      gboolean has = g_strv_contains (given, column->name);
      g_autofree char *filling = NULL;

      if (!has && !column->needed)
        continue;
      filling = has ? slip_stage_sql ("r.%I", column->name)
                    : dup_pointer (self, table, parents, given, column->name);
      if (filling == NULL)
        filling = dup_filling (table, column);
      slip_stage_sql_append (names, "%s%I", names->len > 0 ? ", " : "", column->name);
      g_string_append_printf (values, "%s%s", values->len > 0 ? ", " : "", filling);
    }
  g_hash_table_add (self->tables, g_strdup (table));
  /* Where the target fills all columns there is nothing to name. */
  slip_stage_sql_append (self->sql, "INSERT INTO %I.%I", self->schema, table);
  if (names->len > 0)
    slip_stage_sql_append (self->sql, " (%s) OVERRIDING SYSTEM VALUE\nSELECT %s\n", names->str,
                           values->str);
  else
    g_string_append (self->sql, "\nSELECT\n");
  slip_stage_sql_append (
      self->sql,
      "  FROM (SELECT row_number () OVER () AS slipway_n, q.* FROM (%s) AS q) AS r\n"
      " WHERE NOT EXISTS (SELECT FROM %I.%I WHERE %s);\n",
      rows, self->schema, table, unless);
  return TRUE;
}

/* ---- keys that lookups and defaults give */

/* All keys of the column that one of them names. */
static gboolean
write_keys (Writer *self, const SlipNeeded *one, GError **error)
{
  const SlipCatalogueColumn *column
      = slip_catalogue_find_column (self->target, one->table, one->column);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GString) list = g_string_new (NULL);
  g_autofree char *rows = NULL;
  g_autofree char *unless = slip_stage_sql ("%I.%I = r.%I", one->table, one->column, one->column);
  const char *const given[] = {one->column, NULL};

  if (!g_hash_table_add (self->lists, g_strconcat (one->table, ".", one->column, NULL)))
    return TRUE;
  for (guint i = 0; i < self->needed->len; i++)
    {
      const SlipNeeded *other = g_ptr_array_index (self->needed, i);

      if (other->value == NULL || !g_str_equal (other->table, one->table)
          || !g_str_equal (other->column, one->column) || !g_hash_table_add (seen, other->value))
        continue;
      slip_stage_sql_append (list, "%s%L", list->len > 0 ? ", " : "", other->value);
    }
  rows = slip_stage_sql ("SELECT unnest (ARRAY[%s]::%s[]) AS %I", list->str, column->type,
                         one->column);
  slip_stage_sql_append (self->sql, "\n-- %s: %D keys that lookups and defaults give\n", one->table,
                         (gint64)g_hash_table_size (seen));
  return write_insert (self, one->table, rows, given, unless, error);
}

/* ---- rows that the sidecar names */

/* Which rows: what the sidecar says, or the one that “column = literal” describes. */
static char *
dup_rows (Writer *self, const SlipNeed *need, GError **error)
{
  g_autoptr (GRegex) simple = NULL;
  g_autoptr (GMatchInfo) match = NULL;

  if (need->rows != NULL)
    return slip_migration_expand (self->migration, need->rows, self->run_date);
  simple = g_regex_new ("^\\s*(\"[^\"]+\"|[a-z_][a-z0-9_]*)\\s*=\\s*([0-9]+|'[^']*')\\s*$", 0, 0,
                        NULL);
  if (need->where != NULL && g_regex_match (simple, need->where, 0, &match))
    {
      g_autofree char *column = g_match_info_fetch (match, 1);
      g_autofree char *value = g_match_info_fetch (match, 2);

      return g_strdup_printf ("SELECT %s AS %s", value, column);
    }
  g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_DEFINITION,
               "it is not said which rows of %s are needed: %s. A query of them can stand in the "
               "sidecar: needs, rows",
               need->table, need->why);
  return NULL;
}

static gboolean
write_need (Writer *self, const SlipNeed *need, GError **error)
{
  g_autofree char *rows = dup_rows (self, need, error);
  g_autofree char *unless = slip_migration_expand (
      self->migration, need->where != NULL ? need->where : "true", self->run_date);
  g_autofree char *why = g_strdelimit (g_strdup (need->why), "\r\n", ' ');
  g_autoptr (SlipPgRows) shape = NULL;
  g_autoptr (GPtrArray) given = g_ptr_array_new ();

  if (rows == NULL)
    return FALSE;
  shape = slip_stage_sql_ask (self->pg, "look at rows that stand in", error,
                              "SELECT q.* FROM (%s) AS q LIMIT 0", rows);
  if (shape == NULL)
    return FALSE;
  for (guint i = 0; i < slip_pg_rows_get_n_columns (shape); i++)
    {
      const char *name = slip_pg_rows_get_column (shape, i);

      if (slip_catalogue_find_column (self->target, need->table, name) == NULL)
        {
          g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_DEFINITION,
                       "%s has no column %s, which needs, rows of the sidecar gives", need->table,
                       name);
          return FALSE;
        }
      g_ptr_array_add (given, (gpointer)name);
    }
  g_ptr_array_add (given, NULL);
  slip_stage_sql_append (self->sql, "\n-- %s: %s\n", need->table, why);
  return write_insert (self, need->table, rows, (const char *const *)given->pdata, unless, error);
}

/* ---- all of it, parents first */

static gboolean
write_needed (Writer *self, SlipNeeded *one, GError **error)
{
  g_autoptr (GPtrArray) parents = NULL;

  if (!g_hash_table_add (self->written, one))
    return TRUE;
  parents = find_parents (self, one->table, error);
  for (guint i = 0; parents != NULL && i < parents->len; i++)
    if (!write_table (self, ((const Parent *)parents->pdata[i])->parent, error))
      return FALSE;
  if (parents == NULL)
    return FALSE;
  return one->need != NULL ? write_need (self, one->need, error) : write_keys (self, one, error);
}

/* What is needed of @table and not written yet. */
static gboolean
write_table (Writer *self, const char *table, GError **error)
{
  for (guint i = 0; i < self->needed->len; i++)
    {
      SlipNeeded *one = g_ptr_array_index (self->needed, i);

      if (g_str_equal (one->table, table) && !write_needed (self, one, error))
        return FALSE;
    }
  return TRUE;
}

/* The new system numbers its next row behind those that were added: by the sequence that a column owns, that its default
 * names, or that is called after it. */
static gboolean
write_sequences (Writer *self, const char *table, GError **error)
{
  g_autofree char *name = slip_stage_sql ("%I.%I", self->schema, table);
  g_autoptr (SlipPgRows) rows = slip_stage_sql_ask (
      self->pg, "look for sequences", error,
      "SELECT a.attname, n.nspname, s.relname\n"
      "  FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT "
      "a.attisdropped\n"
      "   AND a.atttypid IN ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype)\n"
      "  JOIN pg_class s ON s.relkind = 'S' JOIN pg_namespace n ON n.oid = s.relnamespace\n"
      " WHERE t.oid = %L::regclass\n"
      "   AND (EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid "
      "= "
      "s.oid AND d.refclassid = 'pg_class'::regclass\n"
      "                   AND d.refobjid = t.oid AND d.refobjsubid = a.attnum AND d.deptype IN "
      "('a', 'i'))\n"
      "    OR EXISTS (SELECT FROM pg_attrdef f JOIN pg_depend d ON d.classid = "
      "'pg_attrdef'::regclass AND d.objid = f.oid\n"
      "                  AND d.refclassid = 'pg_class'::regclass AND d.refobjid = s.oid WHERE "
      "f.adrelid = t.oid AND f.adnum = a.attnum)\n"
      "    OR (s.relnamespace = t.relnamespace AND s.relname = t.relname || '_' || a.attname || "
      "'_seq'))\n"
      " ORDER BY a.attnum, s.relname",
      name);

  for (guint i = 0; rows != NULL && i < slip_pg_rows_get_n_rows (rows); i++)
    {
      const char *column = slip_pg_rows_get (rows, i, 0);
      g_autofree char *sequence
          = slip_stage_sql ("%I.%I", slip_pg_rows_get (rows, i, 1), slip_pg_rows_get (rows, i, 2));

      slip_stage_sql_append (self->sql,
                             "SELECT setval (%L, m.key) FROM (SELECT max (%I) AS key FROM "
                             "%I.%I) AS m, %s AS s\n"
                             " WHERE m.key >= s.last_value;\n",
                             sequence, column, self->schema, table, sequence);
    }
  return rows != NULL;
}

static gboolean
write_all (Writer *self, GError **error)
{
  g_autoptr (GList) tables = NULL;

  for (guint i = 0; i < self->needed->len; i++)
    if (!write_needed (self, g_ptr_array_index (self->needed, i), error))
      return FALSE;
  tables = g_list_sort (g_hash_table_get_keys (self->tables), (GCompareFunc)strcmp);
  if (tables != NULL)
    g_string_append (self->sql, "\n-- What the new system adds comes behind these rows\n");
  for (GList *l = tables; l != NULL; l = l->next)
    if (!write_sequences (self, l->data, error))
      return FALSE;
  return TRUE;
}

char *
slip_needed_to_sql (SlipMigration *migration,
                    SlipPg *target_db,
                    const SlipCatalogue *target,
                    GPtrArray *needed,
                    GError **error)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *run_date = g_date_time_format (now, "%F");
  g_autoptr (GString) sql
      = g_string_new ("-- Rows that stand in for those that a migration needs in its target: made "
                      "up but for their keys.\n-- For rehearsals. In the new system itself these "
                      "rows are its own.\nBEGIN;\n");
  g_autoptr (GHashTable) tables = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) written = g_hash_table_new (NULL, NULL);
  g_autoptr (GHashTable) lists = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) open = g_hash_table_new (g_str_hash, g_str_equal);
  Writer self = {.migration = migration,
                 .pg = target_db,
                 .target = target,
                 .needed = needed,
                 .schema = slip_migration_get_schemas (migration)->target,
                 .run_date = run_date,
                 .sql = sql,
                 .tables = tables,
                 .written = written,
                 .lists = lists,
                 .open = open};

  g_return_val_if_fail (SLIP_IS_MIGRATION (migration) && target_db != NULL && needed != NULL, NULL);

  if (!write_all (&self, error))
    return NULL;
  g_string_append (sql, "\nCOMMIT;\n");
  return g_strdup (sql->str);
}
