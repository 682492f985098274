/* SPDX-License-Identifier: MIT */
/* What tables there are, and with which columns: the source's as landed or as its files' headers say, and the
 * target's. The check holds definitions against it; it knows nothing of rows. */

#include "slip-catalogue.h"
#include "slip-load-header.h"
#include "slip-load-plan.h"
#include "slip-records.h"

struct _SlipCatalogue
{
  GHashTable *tables;    /* owned: name → GPtrArray of SlipCatalogueColumn */
  GHashTable *sequences; /* owned: names */
};

static void
column_free (SlipCatalogueColumn *column)
{
  g_free (column->name);
  g_free (column->type);
  g_free (column->domain);
  g_strfreev (column->labels);
  g_free (column);
}

SlipCatalogue *
slip_catalogue_new (void)
{
  SlipCatalogue *self = g_new0 (SlipCatalogue, 1);

  self->tables
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
  self->sequences = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

void
slip_catalogue_free (SlipCatalogue *self)
{
  g_hash_table_unref (self->tables);
  g_hash_table_unref (self->sequences);
  g_free (self);
}

static GPtrArray *
need_table (SlipCatalogue *self, const char *table)
{
  GPtrArray *columns = g_hash_table_lookup (self->tables, table);

  if (columns == NULL)
    {
      columns = g_ptr_array_new_with_free_func ((GDestroyNotify)column_free);
      g_hash_table_insert (self->tables, g_strdup (table), columns);
    }
  return columns;
}

static SlipCatalogueColumn *
add_column (GPtrArray *columns, const char *name, const char *type, gboolean needed)
{
  SlipCatalogueColumn *column = g_new0 (SlipCatalogueColumn, 1);

  column->name = g_strdup (name);
  column->type = g_strdup (type);
  column->needed = needed;
  g_ptr_array_add (columns, column);
  return column;
}

static void
read_column (SlipCatalogue *self, const SlipPgRows *rows, guint row)
{
  const char *labels = slip_pg_rows_get (rows, row, 6);
  SlipCatalogueColumn *column = add_column (
      need_table (self, slip_pg_rows_get (rows, row, 0)), slip_pg_rows_get (rows, row, 2),
      slip_pg_rows_get (rows, row, 3), slip_pg_rows_get_int (rows, row, 4) != 0);

  column->domain = g_strdup (slip_pg_rows_get (rows, row, 5));
  column->labels = labels != NULL ? g_strsplit (labels, "\x1f", -1) : NULL;
}

void
slip_catalogue_add (SlipCatalogue *self, const char *table, const char *const *columns)
{
  GPtrArray *list;

  g_return_if_fail (self != NULL && table != NULL && columns != NULL);

  list = need_table (self, table);
  for (guint i = 0; columns[i] != NULL; i++)
    if (slip_catalogue_find_column (self, table, columns[i]) == NULL)
      add_column (list, columns[i], NULL, FALSE);
}

static SlipPgRows *
query_schema (SlipPg *pg, const char *schema, GCancellable *cancellable, GError **error)
{
  static const char sql[]
      = "SELECT c.relname, c.relkind, a.attname, format_type (b.oid, b.typmod),\n"
        "       ((a.attnotnull OR b.needed) AND NOT a.atthasdef AND NOT b.has_default AND "
        "a.attidentity = '')::int,\n"
        "       CASE WHEN b.oid <> a.atttypid THEN format_type (a.atttypid, NULL) END,\n"
        "       (SELECT string_agg (enumlabel, E'\\x1f' ORDER BY enumsortorder) FROM pg_enum WHERE "
        "enumtypid = b.oid)\n"
        "  FROM pg_class c\n"
        "  JOIN pg_namespace n ON n.oid = c.relnamespace\n"
        "  LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped\n"
        "  LEFT JOIN LATERAL (WITH RECURSIVE r AS (\n"
        "      SELECT a.atttypid AS oid, a.atttypmod AS typmod, false AS needed, false AS "
        "has_default, 0 AS depth\n"
        "      UNION ALL SELECT t.typbasetype, t.typtypmod, r.needed OR t.typnotnull, "
        "r.has_default "
        "OR t.typdefault IS NOT NULL, depth + 1\n"
        "        FROM r JOIN pg_type t ON t.oid = r.oid WHERE t.typtype = 'd')\n"
        "    SELECT * FROM r ORDER BY depth DESC LIMIT 1) AS b ON true\n"
        " WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')\n"
        " ORDER BY c.relname, a.attnum";
  const char *const params[] = {schema, NULL};

  slip_pg_name_statement (pg, "tables and columns");
  return slip_pg_query (pg, sql, params, cancellable, error);
}

SlipCatalogue *
slip_catalogue_read_schema (SlipPg *pg,
                            const char *schema,
                            GCancellable *cancellable,
                            GError **error)
{
  g_autoptr (SlipPgRows) rows = NULL;
  SlipCatalogue *self;

  g_return_val_if_fail (pg != NULL && schema != NULL, NULL);

  rows = query_schema (pg, schema, cancellable, error);
  if (rows == NULL)
    return NULL;
  self = slip_catalogue_new ();
  for (guint i = 0; i < slip_pg_rows_get_n_rows (rows); i++)
    {
      const char *table = slip_pg_rows_get (rows, i, 0);
      const char *column = slip_pg_rows_get (rows, i, 2);

      if (g_str_equal (slip_pg_rows_get (rows, i, 1), "S"))
        g_hash_table_add (self->sequences, g_strdup (table));
      else if (column != NULL)
        read_column (self, rows, i);
      else
        need_table (self, table);
    }
  return self;
}

SlipCatalogue *
slip_catalogue_read_headers (const char *path, const SlipSource *source, GError **error)
{
  g_autoptr (GHashTable) headers
      = slip_load_headers_read (path, source->tables, *source->delimiter, error);
  SlipCatalogue *self;
  GHashTableIter iter;
  gpointer table;
  gpointer columns;

  if (headers == NULL)
    return NULL;
  self = slip_catalogue_new ();
  g_hash_table_iter_init (&iter, headers);
  while (g_hash_table_iter_next (&iter, &table, &columns))
    slip_catalogue_add (self, table, columns);
  return self;
}

static gboolean
add_part (SlipCatalogue *self,
          const SlipLoadTable *table,
          const SlipLoadPart *part,
          const SlipSource *source,
          GError **error)
{
  const SlipCsvFormat format = {
      .encoding = table->encoding != NULL ? table->encoding : source->encoding,
      .delimiter = table->delimiter != 0 ? table->delimiter : *source->delimiter,
      .max_field = (gsize)source->max_field_bytes,
  };
  g_autoptr (SlipRecords) records = slip_records_open (part->path, &format, error);
  g_auto (GStrv) columns = NULL;

  if (records != NULL)
    columns = slip_load_header_names (part->name, slip_records_get_header (records), NULL, error);
  if (columns == NULL)
    return FALSE;
  slip_catalogue_add (self, table->name, (const char *const *)columns);
  return TRUE;
}

SlipCatalogue *
slip_catalogue_read_folder (const char *folder, const SlipSource *source, GError **error)
{
  g_autoptr (GPtrArray) plan = NULL;
  g_autoptr (SlipCatalogue) self = NULL;

  g_return_val_if_fail (folder != NULL && source != NULL, NULL);

  plan = slip_load_plan (folder, source->tables, NULL, error);
  if (plan == NULL)
    return NULL;
  self = slip_catalogue_new ();
  for (guint i = 0; i < plan->len; i++)
    {
      const SlipLoadTable *table = g_ptr_array_index (plan, i);

      for (guint k = 0; k < table->parts->len; k++)
        if (!add_part (self, table, g_ptr_array_index (table->parts, k), source, error))
          return NULL;
    }
  return g_steal_pointer (&self);
}

guint
slip_catalogue_get_n_tables (const SlipCatalogue *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return g_hash_table_size (self->tables);
}

GPtrArray *
slip_catalogue_find (const SlipCatalogue *self, const char *table)
{
  g_return_val_if_fail (self != NULL && table != NULL, NULL);

  return g_hash_table_lookup (self->tables, table);
}

const SlipCatalogueColumn *
slip_catalogue_find_column (const SlipCatalogue *self, const char *table, const char *column)
{
  GPtrArray *columns = slip_catalogue_find (self, table);

  for (guint i = 0; columns != NULL && column != NULL && i < columns->len; i++)
    {
      const SlipCatalogueColumn *found = g_ptr_array_index (columns, i);

      if (g_str_equal (found->name, column))
        return found;
    }
  return NULL;
}

gboolean
slip_catalogue_has_sequence (const SlipCatalogue *self, const char *name)
{
  g_return_val_if_fail (self != NULL && name != NULL, FALSE);

  return g_hash_table_contains (self->sequences, name);
}
