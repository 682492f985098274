/* SPDX-License-Identifier: MIT */
/* The check's look at rows: codes that the landed data has and lookups lack. The original turns them into NULL without a
 * word. */

#include "slip-migration-check-private.h"

#define TOLD_CODES 8

/* Codes and how many rows have each. "" is no code unless the lookup has it. */
static SlipPgRows *
query_codes (SlipPg *pg,
             const char *schema,
             const SlipMappingColumn *column,
             GCancellable *cancellable,
             GError **error)
{
  g_autofree char *quoted_schema = slip_pg_quote_name (schema);
  g_autofree char *table = slip_pg_quote_name (column->source_table);
  g_autofree char *name = slip_pg_quote_name (column->source_columns[0]);
  g_autofree char *sql = g_strdup_printf (
      "SELECT %s, count(*) FROM %s.%s WHERE %s <> '' GROUP BY 1 ORDER BY 2 DESC, 1", name,
      quoted_schema, table, name);

  slip_pg_name_statement (pg, "codes of the data");
  return slip_pg_query (pg, sql, NULL, cancellable, error);
}

static void
tell_unknown (SlipCheck *check,
              const SlipMapping *mapping,
              const SlipMappingColumn *column,
              const SlipLookup *lookup,
              SlipPgRows *rows)
{
  g_autoptr (GString) list = g_string_new (NULL);
  gint64 total = 0;
  guint codes = 0;

  for (guint i = 0; i < slip_pg_rows_get_n_rows (rows); i++)
    {
      const char *code = slip_pg_rows_get (rows, i, 0);
      g_autofree char *told = NULL;

      if (code == NULL || slip_lookup_find (lookup, code) != NULL)
        continue;
      told = slip_migration_dup_told (code);
      codes++;
      total += slip_pg_rows_get_int (rows, i, 1);
      if (codes <= TOLD_CODES)
        g_string_append_printf (list, "%s%s (%s %s)", codes > 1 ? ", " : "", told,
                                slip_pg_rows_get (rows, i, 1),
                                slip_pg_rows_get_int (rows, i, 1) == 1 ? "row" : "rows");
    }
  if (codes > TOLD_CODES)
    g_string_append (list, ", …");
  if (codes > 0)
    SLIP_CHECK_TELL_COLUMN (check, SLIP_SEVERITY_WARNING, mapping, column, "transform_casrec",
                            "lookup_table",
                            "Add them to the lookup; otherwise they become the default, or NULL",
                            "%u %s of “%s” in %" G_GINT64_FORMAT " %s of %s %s not in %s: %s",
                            codes, codes == 1 ? "code" : "codes", column->source_columns[0], total,
                            total == 1 ? "row" : "rows", column->source_table,
                            codes == 1 ? "is" : "are", lookup->file, list->str);
}

static gboolean
check_column (SlipCheck *check,
              SlipPg *pg,
              const SlipMapping *mapping,
              const SlipMappingColumn *column,
              GCancellable *cancellable,
              GError **error)
{
  const char *schema = slip_migration_get_schemas (check->migration)->source;
  const SlipLookup *lookup = column->lookup != NULL
                                 ? slip_definitions_find_lookup (check->definitions, column->lookup)
                                 : NULL;
  g_autoptr (SlipPgRows) rows = NULL;

  if (lookup == NULL || column->transformation != NULL || column->source_columns == NULL
      || column->source_columns[1] != NULL || column->source_table == NULL || check->source == NULL
      || slip_catalogue_find_column (check->source, column->source_table, column->source_columns[0])
             == NULL)
    return TRUE;
  rows = query_codes (pg, schema, column, cancellable, error);
  if (rows == NULL)
    return FALSE;
  tell_unknown (check, mapping, column, lookup, rows);
  return TRUE;
}

gboolean
slip_migration_check_codes (SlipCheck *check,
                            SlipPg *migration_db,
                            GCancellable *cancellable,
                            GError **error)
{
  GPtrArray *mappings = slip_definitions_get_mappings (check->definitions);

  for (guint i = 0; i < mappings->len; i++)
    {
      const SlipMapping *mapping = g_ptr_array_index (mappings, i);

      if (slip_definitions_find_table_definition (check->definitions, mapping->name) == NULL)
        continue;
      for (guint k = 0; k < mapping->columns->len; k++)
        if (!check_column (check, migration_db, mapping, g_ptr_array_index (mapping->columns, k),
                           cancellable, error))
          return FALSE;
    }
  return TRUE;
}
