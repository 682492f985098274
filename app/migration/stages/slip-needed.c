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
  char *run_date; /* owned */
  GString *sql;   /* owned */
} Writer;

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

/* INSERT of @rows, a query that has the columns @given, unless they are there. */
static void
write_insert (
    Writer *self, const char *table, const char *rows, const char *const *given, const char *unless)
{
  GPtrArray *columns = slip_catalogue_find (self->target, table);
  g_autoptr (GString) names = g_string_new (NULL);
  g_autoptr (GString) values = g_string_new (NULL);

  for (guint i = 0; i < columns->len; i++)
    {
      const SlipCatalogueColumn *column = g_ptr_array_index (columns, i);
      gboolean has = g_strv_contains (given, column->name);
      g_autofree char *filling = NULL;

      if (!has && !column->needed)
        continue;
      filling = has ? slip_stage_sql ("r.%I", column->name) : dup_filling (table, column);
      slip_stage_sql_append (names, "%s%I", names->len > 0 ? ", " : "", column->name);
      g_string_append_printf (values, "%s%s", values->len > 0 ? ", " : "", filling);
    }
  slip_stage_sql_append (self->sql, "INSERT INTO %I.%I (%s)\nSELECT %s\n",
                         slip_migration_get_schemas (self->migration)->target, table, names->str,
                         values->str);
  slip_stage_sql_append (
      self->sql,
      "  FROM (SELECT row_number () OVER () AS slipway_n, q.* FROM (%s) AS q) AS r\n"
      " WHERE NOT EXISTS (SELECT FROM %I.%I WHERE %s);\n",
      rows, slip_migration_get_schemas (self->migration)->target, table, unless);
}

/* ---- keys that lookups and defaults give */

static gboolean
is_written_before (GPtrArray *needed, guint index)
{
  const SlipNeeded *one = g_ptr_array_index (needed, index);

  for (guint i = 0; i < index; i++)
    {
      const SlipNeeded *other = g_ptr_array_index (needed, i);

      if (other->value != NULL && g_str_equal (other->table, one->table)
          && g_str_equal (other->column, one->column))
        return TRUE;
    }
  return FALSE;
}

/* All keys of the column that the first of them names. */
static void
write_keys (Writer *self, GPtrArray *needed, guint first)
{
  const SlipNeeded *one = g_ptr_array_index (needed, first);
  const SlipCatalogueColumn *column
      = slip_catalogue_find_column (self->target, one->table, one->column);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GString) list = g_string_new (NULL);
  g_autofree char *rows = NULL;
  g_autofree char *unless = slip_stage_sql ("%I.%I = r.%I", one->table, one->column, one->column);
  const char *const given[] = {one->column, NULL};

  for (guint i = first; i < needed->len; i++)
    {
      const SlipNeeded *other = g_ptr_array_index (needed, i);

      if (other->value == NULL || !g_str_equal (other->table, one->table)
          || !g_str_equal (other->column, one->column) || !g_hash_table_add (seen, other->value))
        continue;
      slip_stage_sql_append (list, "%s%L", list->len > 0 ? ", " : "", other->value);
    }
  rows = slip_stage_sql ("SELECT unnest (ARRAY[%s]::%s[]) AS %I", list->str, column->type,
                         one->column);
  slip_stage_sql_append (self->sql, "\n-- %s: %D keys that lookups and defaults give\n", one->table,
                         (gint64)g_hash_table_size (seen));
  write_insert (self, one->table, rows, given, unless);
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
  write_insert (self, need->table, rows, (const char *const *)given->pdata, unless);
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
  Writer self = {migration, target_db, target, run_date, sql};

  g_return_val_if_fail (SLIP_IS_MIGRATION (migration) && target_db != NULL && needed != NULL, NULL);

  for (guint i = 0; i < needed->len; i++)
    {
      const SlipNeeded *one = g_ptr_array_index (needed, i);

      if (one->need != NULL && !write_need (&self, one->need, error))
        return NULL;
      if (one->need == NULL && !is_written_before (needed, i))
        write_keys (&self, needed, i);
    }
  g_string_append (sql, "\nCOMMIT;\n");
  return g_strdup (sql->str);
}
