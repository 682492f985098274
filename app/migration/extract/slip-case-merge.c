/* SPDX-License-Identifier: MIT */
/* Rows of a case into landed tables, in one transaction: what is there already stays, what the case has no more goes, and
 * what two cases share is there once. Files that were loaded before are not touched, nor does a load of them see these
 * rows; one that replaces a table takes them away, and the same merge brings them back. */

#include "slip-case-private.h"

#include "slip-copy-text.h"
#include "slip-functions.h"
#include "slip-load.h"
#include "slip-load-header.h"
#include "slip-stage-sql.h"

#include <string.h>

#define EMPTY_SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

typedef struct
{
  SlipPg *pg;         /* owned */
  const char *schema; /* borrowed */
  const char *key;    /* borrowed; of the case, as it is here */
} Merge;

typedef struct
{
  Merge *merge;
  const SlipCaseRows *rows;
  SlipCaseTableResult *result;
  GPtrArray *digests; /* owned; by row */
  GHashTable *known;  /* owned; digest → id of the row that has it, as text */
  GHashTable *mine;   /* owned; ids of rows that this case had */
} Table;

static void
merge_clear (Merge *merge)
{
  if (merge->pg != NULL)
    slip_pg_rollback (merge->pg);
  g_clear_pointer (&merge->pg, slip_pg_close);
}

static void
table_clear (Table *table)
{
  g_clear_pointer (&table->digests, g_ptr_array_unref);
  g_clear_pointer (&table->known, g_hash_table_unref);
  g_clear_pointer (&table->mine, g_hash_table_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Merge, merge_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Table, table_clear)

/* ---- tables as they are */

static gboolean
lock (Merge *merge, const SlipCaseRows *rows, GError **error)
{
  g_autofree char *schema = slip_pg_quote_name (merge->schema);
  g_autofree char *table = slip_pg_quote_name (rows->table);
  g_autofree char *key = g_strdup_printf ("slipway load %s.%s", schema, table);

  return slip_stage_sql_run (merge->pg, "lock of the landing", error,
                             "SELECT pg_advisory_xact_lock (hashtextextended (%L, 0))", key);
}

/* Always in the same order, so that two merges wait for each other and neither for ever. */
static int
by_table (gconstpointer left, gconstpointer right)
{
  const SlipCaseRows *const *a = left;
  const SlipCaseRows *const *b = right;

  return strcmp ((*a)->table, (*b)->table);
}

static gboolean
begin (Merge *merge, GPtrArray *all, GPtrArray *others, GError **error)
{
  g_autoptr (GPtrArray) sorted = g_ptr_array_copy (all, NULL, NULL);

  g_ptr_array_set_free_func (sorted, NULL);
  for (guint i = 0; i < others->len; i++)
    g_ptr_array_add (sorted, g_ptr_array_index (others, i));
  g_ptr_array_sort (sorted, by_table);
  if (!slip_functions_install (merge->pg, error) || !slip_load_lock_out_runs (merge->pg, error)
      || !slip_stage_sql_run (merge->pg, "begin of the merge", error,
                              "BEGIN; SET LOCAL lock_timeout = '30s';"
                              "CREATE SCHEMA IF NOT EXISTS %I",
                              merge->schema))
    return FALSE;
  for (guint i = 0; i < sorted->len; i++)
    if (!lock (merge, g_ptr_array_index (sorted, i), error))
      return FALSE;
  return TRUE;
}

static gboolean
create (Merge *merge, const SlipCaseRows *rows, GError **error)
{
  g_autoptr (GString) sql = g_string_new (NULL);
  g_autoptr (GString) header = g_string_new (NULL);

  slip_stage_sql_append (sql, "CREATE TABLE %I.%I (" SLIP_LOAD_ROW_ID " bigint NOT NULL",
                         merge->schema, rows->table);
  for (guint i = 0; i < rows->n; i++)
    {
      slip_stage_sql_append (sql, ", %I text", rows->columns[i]);
      slip_stage_sql_append (header, "%s%L", i > 0 ? ", " : "", rows->columns[i]);
    }
  /* As a load of no rows leaves it, so that a later load replaces it, and a check finds it whole. */
  slip_stage_sql_append (
      sql,
      ");\nINSERT INTO slipway.file (table_schema, table_name, part, name, bytes, sha256, format,"
      " header, rows, rejected, blank_lines, first_row_id, last_row_id, landed_sha256)"
      " VALUES (%L, %L, 1, '(cases only)', 0, %L, '', ARRAY[%s]::text[], 0, 0, 0, 1, 0, %L)",
      merge->schema, rows->table, EMPTY_SHA256, header->str, EMPTY_SHA256);
  slip_pg_name_statement (merge->pg, "making of the landing table");
  return slip_pg_run (merge->pg, sql->str, error);
}

static gboolean
check_columns (Merge *merge, const SlipCaseRows *rows, char **landed, GError **error)
{
  g_autoptr (GString) missing = g_string_new (NULL);

  for (guint i = 0; i < rows->n; i++)
    if (!g_strv_contains ((const char *const *)landed, rows->columns[i]))
      g_string_append_printf (missing, "%s“%s”", missing->len > 0 ? ", " : "", rows->columns[i]);
  if (missing->len == 0)
    return TRUE;
  SLIP_CASE_ERROR (error, STATE,
                   "%s.%s lacks columns that the case has: %s. Load it from files with the header "
                   "that the case's source has",
                   merge->schema, rows->table, missing->str);
  return FALSE;
}

static char **
list_columns (Merge *merge, const SlipCaseRows *rows, GError **error)
{
  return slip_stage_sql_ask_list (
      merge->pg, "columns of the landing table", error,
      "SELECT a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
      " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %L AND c.relname = %L"
      " AND a.attnum > 0 AND NOT a.attisdropped",
      merge->schema, rows->table);
}

/* What is there stays as it is: nothing is put into it. */
static gboolean
make_others (Merge *merge, GPtrArray *others, SlipCaseResult *result, GError **error)
{
  for (guint i = 0; i < others->len; i++)
    {
      const SlipCaseRows *rows = g_ptr_array_index (others, i);
      g_auto (GStrv) landed = list_columns (merge, rows, error);

      if (landed == NULL || (*landed == NULL && !create (merge, rows, error)))
        return FALSE;
      if (*landed == NULL)
        g_ptr_array_add (result->empty, g_strdup (rows->table));
    }
  return TRUE;
}

static gboolean
prepare (Merge *merge, const SlipCaseRows *rows, GError **error)
{
  g_auto (GStrv) landed = list_columns (merge, rows, error);
  gint64 files = 0;
  gint64 last = 0;

  if (landed == NULL)
    return FALSE;
  if (*landed == NULL)
    return create (merge, rows, error);
  if (!slip_stage_sql_ask_number (
          merge->pg, "files of the landing table", &files, error,
          "SELECT count(*) FROM slipway.file WHERE table_schema = %L AND table_name = %L",
          merge->schema, rows->table)
      || !slip_stage_sql_ask_number (
          merge->pg, "last row of the landing table's files", &last, error,
          "SELECT coalesce (max (last_row_id), 0) FROM slipway.file WHERE table_schema = %L AND "
          "table_name = %L",
          merge->schema, rows->table))
    return FALSE;
  if (last >= SLIP_CASE_FIRST_ROW_ID)
    {
      SLIP_CASE_ERROR (error, STATE,
                       "%s.%s has rows of files up to %" G_GINT64_FORMAT
                       ", and rows of cases begin at %" G_GINT64_FORMAT
                       ". Merge into a database where less is landed",
                       merge->schema, rows->table, last, SLIP_CASE_FIRST_ROW_ID);
      return FALSE;
    }
  if (files > 0)
    return check_columns (merge, rows, landed, error);
  SLIP_CASE_ERROR (
      error, STATE,
      "%s.%s exists and was not loaded by Slipway, so nothing is put into it. Drop it, "
      "or name another schema in the sidecar",
      merge->schema, rows->table);
  return FALSE;
}

/* A case that came with the files must not be there twice. */
static gboolean
check_key (Merge *merge, const SlipCaseRows *rows, const char *column, GError **error)
{
  gint64 there = 0;

  if (!slip_stage_sql_ask_number (merge->pg, "look for the case", &there, error,
                                  "SELECT count(*) FROM %I.%I WHERE %I = %L"
                                  " AND " SLIP_LOAD_ROW_ID " < %D",
                                  merge->schema, rows->table, column, merge->key,
                                  SLIP_CASE_FIRST_ROW_ID))
    return FALSE;
  if (there == 0)
    return TRUE;
  SLIP_CASE_ERROR (error, STATE,
                   "%s.%s has “%s” from its files already. Merge into a database that does not, or "
                   "use another salt",
                   merge->schema, rows->table, merge->key);
  return FALSE;
}

/* ---- what is there */

/* Rows that are alike are told apart by their number. */
static GPtrArray *
digest_rows (const SlipCaseRows *rows)
{
  GPtrArray *digests = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < rows->rows->len; i++)
    {
      const SlipCaseRow *row = g_ptr_array_index (rows->rows, i);
      g_autofree char *text = slip_case_tuple_text ((const char *const *)row->values, rows->n);
      g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
      guint n = GPOINTER_TO_UINT (g_hash_table_lookup (seen, digest)) + 1;

      g_hash_table_insert (seen, g_strdup (digest), GUINT_TO_POINTER (n));
      g_ptr_array_add (digests, g_strdup_printf ("%s %u", digest, n));
    }
  return digests;
}

static gboolean
read_known (Table *table, GError **error)
{
  Merge *merge = table->merge;
  g_autoptr (SlipPgRows) rows = NULL;

  /* A load that replaced the table took its merged rows away. */
  if (!slip_stage_sql_run (merge->pg, "forget rows that are gone", error,
                           "DELETE FROM slipway.case_row r WHERE table_schema = %L"
                           " AND table_name = %L AND NOT EXISTS (SELECT FROM %I.%I t"
                           " WHERE t." SLIP_LOAD_ROW_ID " = r.casrec_row_id)",
                           merge->schema, table->rows->table, merge->schema, table->rows->table))
    return FALSE;
  rows = slip_stage_sql_ask (
      merge->pg, "rows of cases", error,
      "SELECT r.digest, r.casrec_row_id, o.case_key IS NOT NULL FROM slipway.case_row r"
      " LEFT JOIN slipway.case_of o ON o.table_schema = r.table_schema"
      " AND o.table_name = r.table_name AND o.casrec_row_id = r.casrec_row_id AND o.case_key = %L"
      " WHERE r.table_schema = %L AND r.table_name = %L",
      merge->key, merge->schema, table->rows->table);
  if (rows == NULL)
    return FALSE;
  for (guint i = 0; i < slip_pg_rows_get_n_rows (rows); i++)
    {
      const char *id = slip_pg_rows_get (rows, i, 1);

      g_hash_table_insert (table->known, g_strdup (slip_pg_rows_get (rows, i, 0)), g_strdup (id));
      if (g_str_equal (slip_pg_rows_get (rows, i, 2), "t"))
        g_hash_table_add (table->mine, g_strdup (id));
    }
  return TRUE;
}

/* ---- what is written */

static gboolean
copy (const Table *table, const char *sql, const GString *data, GError **error)
{
  SlipPg *pg = table->merge->pg;
  g_autofree char *name = g_strdup_printf ("merge into %s", table->rows->table);

  if (data->len == 0)
    return TRUE;
  slip_pg_name_statement (pg, name);
  if (slip_pg_copy_in_begin (pg, sql, error)
      && slip_pg_copy_in_data (pg, data->str, data->len, error)
      && slip_pg_copy_in_end (pg, NULL, error))
    return TRUE;
  slip_pg_copy_in_abort (pg, "the merge failed");
  return FALSE;
}

/* Tabs, line ends and backslashes are escaped, as in every other value. */
static void
append_name (GString *data, const char *name)
{
  slip_copy_text_append (data, name, strlen (name));
  g_string_append_c (data, '\t');
}

static void
append_row (GString *data, const SlipCaseRows *rows, const SlipCaseRow *row, gint64 id)
{
  g_autofree SlipField *fields = g_new0 (SlipField, rows->n + 1);

  for (guint i = 0; i < rows->n; i++)
    fields[i] = (SlipField){row->values[i], row->values[i] != NULL ? strlen (row->values[i]) : 0};
  slip_copy_text_append_number (data, (guint64)id);
  slip_copy_text_append_fields (data, fields, rows->n);
  g_string_append_c (data, '\n');
}

static char *
copy_sql (const Table *table)
{
  GString *sql = g_string_new (NULL);

  slip_stage_sql_append (sql, "COPY %I.%I (" SLIP_LOAD_ROW_ID, table->merge->schema,
                         table->rows->table);
  for (guint i = 0; i < table->rows->n; i++)
    slip_stage_sql_append (sql, ", %I", table->rows->columns[i]);
  g_string_append (sql, ") FROM STDIN");
  return g_string_free (sql, FALSE);
}

static gboolean
find_next_id (const Table *table, gint64 *id, GError **error)
{
  return slip_stage_sql_ask_number (table->merge->pg, "the next row's id", id, error,
                                    "SELECT greatest (max (" SLIP_LOAD_ROW_ID ") + 1, %D)"
                                    " FROM %I.%I",
                                    SLIP_CASE_FIRST_ROW_ID, table->merge->schema,
                                    table->rows->table);
}

typedef struct
{
  GString *rows;
  GString *tracked;
  GString *owned;
} Writes;

static void
write_row (Table *table, Writes *writes, guint i, gint64 *next)
{
  const char *digest = g_ptr_array_index (table->digests, i);
  const char *known = g_hash_table_lookup (table->known, digest);
  g_autofree char *id
      = known != NULL ? g_strdup (known) : g_strdup_printf ("%" G_GINT64_FORMAT, *next);

  if (known == NULL)
    {
      append_row (writes->rows, table->rows, g_ptr_array_index (table->rows->rows, i), (*next)++);
      append_name (writes->tracked, table->merge->schema);
      append_name (writes->tracked, table->rows->table);
      g_string_append_printf (writes->tracked, "%s\t%s\n", id, digest);
      table->result->added++;
    }
  else
    table->result->kept++;
  if (g_hash_table_remove (table->mine, id))
    return;
  append_name (writes->owned, table->merge->schema);
  append_name (writes->owned, table->rows->table);
  append_name (writes->owned, id);
  slip_copy_text_append (writes->owned, table->merge->key, strlen (table->merge->key));
  g_string_append_c (writes->owned, '\n');
}

static gboolean
write_rows (Table *table, GError **error)
{
  g_autoptr (GString) rows = g_string_new (NULL);
  g_autoptr (GString) tracked = g_string_new (NULL);
  g_autoptr (GString) owned = g_string_new (NULL);
  Writes writes = {rows, tracked, owned};
  g_autofree char *sql = copy_sql (table);
  gint64 next = 0;

  if (!find_next_id (table, &next, error))
    return FALSE;
  for (guint i = 0; i < table->rows->rows->len; i++)
    write_row (table, &writes, i, &next);
  return copy (table, sql, rows, error)
         && copy (table,
                  "COPY slipway.case_row (table_schema, table_name, casrec_row_id, digest)"
                  " FROM STDIN",
                  tracked, error)
         && copy (table,
                  "COPY slipway.case_of (table_schema, table_name, casrec_row_id, case_key)"
                  " FROM STDIN",
                  owned, error);
}

/* What is left in `mine` was the case's and is no more; it goes when no other case has it. */
static gboolean
remove_rows (Table *table, GError **error)
{
  Merge *merge = table->merge;
  g_autofree char **ids = (char **)g_hash_table_get_keys_as_array (table->mine, NULL);
  g_autofree char *list = g_strjoinv (", ", ids);

  if (*list == '\0')
    return TRUE;
  table->result->removed = g_hash_table_size (table->mine);
  return slip_stage_sql_run (merge->pg, "take back what the case has no more", error,
                             "DELETE FROM slipway.case_of WHERE table_schema = %L"
                             " AND table_name = %L AND case_key = %L AND casrec_row_id IN (%s);\n"
                             "DELETE FROM slipway.case_row r WHERE table_schema = %L"
                             " AND table_name = %L AND NOT EXISTS (SELECT FROM slipway.case_of o"
                             " WHERE o.table_schema = r.table_schema"
                             " AND o.table_name = r.table_name"
                             " AND o.casrec_row_id = r.casrec_row_id);\n"
                             "DELETE FROM %I.%I t WHERE " SLIP_LOAD_ROW_ID " >= %D"
                             " AND NOT EXISTS (SELECT FROM slipway.case_row r"
                             " WHERE r.table_schema = %L AND r.table_name = %L"
                             " AND r.casrec_row_id = t." SLIP_LOAD_ROW_ID ")",
                             merge->schema, table->rows->table, merge->key, list, merge->schema,
                             table->rows->table, merge->schema, table->rows->table,
                             SLIP_CASE_FIRST_ROW_ID, merge->schema, table->rows->table);
}

static gboolean
merge_table (Merge *merge, const SlipCaseRows *rows, SlipCaseResult *result, GError **error)
{
  g_auto (Table) table = {
      .merge = merge,
      .rows = rows,
      .result = g_new0 (SlipCaseTableResult, 1),
      .digests = digest_rows (rows),
      .known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free),
      .mine = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
  };

  table.result->table = g_strdup (rows->table);
  table.result->rows = rows->rows->len;
  g_ptr_array_add (result->tables, table.result);
  return read_known (&table, error) && write_rows (&table, error) && remove_rows (&table, error);
}

gboolean
slip_case_merge (SlipMigration *migration,
                 const char *conninfo,
                 GPtrArray *all,
                 GPtrArray *others,
                 SlipCaseResult *result,
                 GCancellable *cancellable,
                 GError **error)
{
  const SlipCase *extract = slip_migration_get_case (migration);
  g_auto (Merge) merge = {
      .pg = slip_pg_open (conninfo, "migration database", cancellable, error),
      .schema = slip_migration_get_schemas (migration)->source,
      .key = result->key,
  };

  if (merge.pg == NULL || !begin (&merge, all, others, error))
    return FALSE;
  for (guint i = 0; i < all->len; i++)
    if (!prepare (&merge, g_ptr_array_index (all, i), error))
      return FALSE;
  if (!check_key (&merge, g_ptr_array_index (all, 0), extract->key_column, error))
    return FALSE;
  for (guint i = 0; i < all->len; i++)
    if (!merge_table (&merge, g_ptr_array_index (all, i), result, error))
      return FALSE;
  return make_others (&merge, others, result, error) && slip_pg_run (merge.pg, "COMMIT", error);
}
