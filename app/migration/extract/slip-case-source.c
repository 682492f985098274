/* SPDX-License-Identifier: MIT */
/* Where a case is read: landed tables of a database, in one transaction that cannot write, or files. */

#include "slip-case-private.h"

#include "slip-load-header.h"
#include "slip-stage-sql.h"

struct _SlipCaseSource
{
  SlipMigration *migration;       /* borrowed */
  const SlipCaseOptions *options; /* borrowed */
  GCancellable *cancellable;      /* borrowed */
  SlipPg *pg;                     /* owned; NULL when it is files */
};

/* A case is made of nobody for a database that has none of the others: where it was landed it would stand beside them, and go
 * with them into the target. */
static gboolean
check_apart (SlipCaseSource *self, GError **error)
{
  g_autoptr (SlipPg) to
      = slip_pg_open (self->options->to, "migration database", self->cancellable, error);
  gboolean same = FALSE;

  if (to == NULL || !slip_stage_sql_is_same_database (self->pg, to, &same, error))
    return FALSE;
  if (!same)
    return TRUE;
  SLIP_CASE_ERROR (error, STATE,
                   "--from and --to are one database, %s. Nothing was merged: its runs would take "
                   "the made-up rows into the target with the others. Name a migration database of "
                   "your own (--to)",
                   slip_pg_get_where (to));
  return FALSE;
}

SlipCaseSource *
slip_case_source_new (SlipMigration *migration,
                      const SlipCaseOptions *options,
                      GCancellable *cancellable,
                      GError **error)
{
  g_autoptr (SlipCaseSource) self = g_new0 (SlipCaseSource, 1);

  self->migration = migration;
  self->options = options;
  self->cancellable = cancellable;
  if (options->from == NULL)
    return g_steal_pointer (&self);
  self->pg = slip_pg_open (options->from, "database of the case", cancellable, error);
  if (self->pg == NULL || !check_apart (self, error)
      || !slip_pg_run (self->pg, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", error))
    return NULL;
  return g_steal_pointer (&self);
}

void
slip_case_source_free (SlipCaseSource *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->pg, slip_pg_close);
  g_free (self);
}

/* ---- a database */

static char **
landed_columns (SlipCaseSource *self, const char *table, GError **error)
{
  const char *schema = slip_migration_get_schemas (self->migration)->source;
  const char *params[] = {schema, table, SLIP_LOAD_ROW_ID, NULL};
  g_autoptr (SlipPgRows) rows = NULL;
  char **columns;

  slip_pg_name_statement (self->pg, "columns of the case");
  rows = slip_pg_query (self->pg,
                        "SELECT a.attname, bool_or (a.attname = $3) OVER () FROM pg_attribute a"
                        " JOIN pg_class c ON c.oid = a.attrelid"
                        " JOIN pg_namespace n ON n.oid = c.relnamespace"
                        " WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0"
                        " AND NOT a.attisdropped ORDER BY a.attname = $3, a.attnum",
                        params, self->cancellable, error);
  if (rows == NULL)
    return NULL;
  if (slip_pg_rows_get_n_rows (rows) == 0 || g_str_equal (slip_pg_rows_get (rows, 0, 1), "f"))
    {
      SLIP_CASE_ERROR (error, NOT_FOUND,
                       "%s has no landed table %s.%s. Load it there, or name another schema in the "
                       "sidecar",
                       slip_pg_get_where (self->pg), schema, table);
      return NULL;
    }
  /* The row's id stands last, and is no column of the file. */
  columns = g_new0 (char *, slip_pg_rows_get_n_rows (rows));
  for (guint i = 0; i + 1 < slip_pg_rows_get_n_rows (rows); i++)
    columns[i] = g_strdup (slip_pg_rows_get (rows, i, 0));
  return columns;
}

static char **
landed_tables (SlipCaseSource *self, GError **error)
{
  return slip_stage_sql_ask_list (
      self->pg, "tables beside the case", error,
      "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN "
      "pg_attribute a ON a.attrelid = c.oid WHERE n.nspname = %L AND a.attname = %L AND c.relkind "
      "IN ('r', 'p') ORDER BY 1",
      slip_migration_get_schemas (self->migration)->source, SLIP_LOAD_ROW_ID);
}

static void
append_columns (GString *sql, char **columns)
{
  for (guint i = 0; columns[i] != NULL; i++)
    {
      g_autofree char *quoted = slip_pg_quote_name (columns[i]);

      g_string_append_printf (sql, "%s%s", i > 0 ? ", " : "", quoted);
    }
}

/* The values of a column as an array that PostgreSQL reads. */
static char *
dup_array (const SlipCaseTuples *tuples, guint column)
{
  GString *array = g_string_new ("{");

  for (guint i = 0; i < tuples->tuples->len; i++)
    {
      char **tuple = g_ptr_array_index (tuples->tuples, i);

      g_string_append (array, i > 0 ? ",\"" : "\"");
      for (const char *p = tuple[column]; *p != '\0'; p++)
        {
          if (*p == '"' || *p == '\\')
            g_string_append_c (array, '\\');
          g_string_append_c (array, *p);
        }
      g_string_append_c (array, '"');
    }
  g_string_append_c (array, '}');
  return g_string_free (array, FALSE);
}

static char *
select_sql (SlipCaseSource *self, const SlipCaseRows *rows, const SlipCaseTuples *tuples)
{
  g_autofree char *schema
      = slip_pg_quote_name (slip_migration_get_schemas (self->migration)->source);
  g_autofree char *table = slip_pg_quote_name (rows->table);
  GString *sql = g_string_new ("SELECT " SLIP_LOAD_ROW_ID ", ");

  append_columns (sql, rows->columns);
  g_string_append_printf (sql, " FROM %s.%s WHERE (", schema, table);
  append_columns (sql, tuples->columns);
  g_string_append (sql, ") IN (SELECT * FROM unnest (");
  for (guint i = 0; tuples->columns[i] != NULL; i++)
    g_string_append_printf (sql, "%s$%u::text[]", i > 0 ? ", " : "", i + 1);
  g_string_append (sql, ")) ORDER BY " SLIP_LOAD_ROW_ID);
  return g_string_free (sql, FALSE);
}

static void
take_row (SlipCaseRows *rows, const SlipCaseTuples *tuples, SlipPgRows *found, guint row)
{
  guint n_keys = g_strv_length (tuples->columns);
  g_autofree const char **values = g_new0 (const char *, rows->n + 1);
  g_autofree const char **keys = g_new0 (const char *, n_keys + 1);
  g_autofree char *anchor = NULL;

  for (guint i = 0; i < rows->n; i++)
    values[i] = slip_pg_rows_get (found, row, i + 1);
  for (guint i = 0; i < n_keys; i++)
    keys[i] = values[slip_case_rows_find_column (rows, tuples->columns[i])];
  anchor = slip_case_tuple_text (keys, n_keys);
  slip_case_rows_add (rows, slip_pg_rows_get (found, row, 0), values, anchor);
}

static gboolean
select_landed (SlipCaseSource *self,
               SlipCaseRows *rows,
               const SlipCaseTuples *tuples,
               GError **error)
{
  guint n = g_strv_length (tuples->columns);
  g_auto (GStrv) params = g_new0 (char *, n + 1);
  g_autofree char *sql = select_sql (self, rows, tuples);
  g_autoptr (SlipPgRows) found = NULL;

  for (guint i = 0; i < n; i++)
    params[i] = dup_array (tuples, i);
  slip_pg_name_statement (self->pg, "rows of the case");
  found = slip_pg_query (self->pg, sql, (const char *const *)params, self->cancellable, error);
  if (found == NULL)
    return FALSE;
  for (guint i = 0; i < slip_pg_rows_get_n_rows (found); i++)
    take_row (rows, tuples, found, i);
  return TRUE;
}

/* ---- either */

char **
slip_case_source_dup_columns (SlipCaseSource *self, const char *table, GError **error)
{
  if (self->pg != NULL)
    return landed_columns (self, table, error);
  return slip_case_files_dup_columns (self->migration, self->options->source, table, error);
}

char **
slip_case_source_dup_tables (SlipCaseSource *self, GError **error)
{
  if (self->pg != NULL)
    return landed_tables (self, error);
  return slip_case_files_dup_tables (self->migration, self->options->source, error);
}

gboolean
slip_case_source_select (SlipCaseSource *self,
                         SlipCaseRows *rows,
                         const SlipCaseTuples *tuples,
                         GError **error)
{
  if (tuples->tuples->len == 0)
    return TRUE;
  if (self->pg != NULL)
    return select_landed (self, rows, tuples, error);
  return slip_case_files_select (self->migration, self->options->source, rows, tuples,
                                 self->cancellable, error);
}
