/* SPDX-License-Identifier: MIT */
/* The check's look at rows: codes that the landed data has and lookups lack, and values that are none of their column's type. The
 * original turns the codes into NULL without a word. */

#include "slip-migration-check-private.h"

#define TOLD_CODES 8

/* So many values say how the others are; so few may all be slips of the pen. */
#define READ_VALUES "100000"
#define FEW_VALUES 3

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

/* ---- types */

/* Whether a step's own SQL, and not the mapping, says what becomes of the column. */
static gboolean
is_overridden (const SlipStep *step, const char *target)
{
  for (guint i = 0; i < step->columns->len; i++)
    if (g_str_equal (((SlipNamedSql *)step->columns->pdata[i])->name, target))
      return TRUE;
  for (guint i = 0; i < step->json->len; i++)
    if (g_str_equal (((SlipJsonColumn *)step->json->pdata[i])->column, target))
      return TRUE;
  for (guint i = 0; i < step->decisions->len; i++)
    if (g_strv_contains ((const char *const *)((SlipDecision *)step->decisions->pdata[i])->outputs,
                         target))
      return TRUE;
  return step->update != NULL && !g_strv_contains ((const char *const *)step->update->set, target);
}

/* The destination that a step writes the column's landed texts into, or NULL. */
static const char *
find_destination (SlipCheck *check, const SlipMapping *mapping, const SlipMappingColumn *column)
{
  GPtrArray *steps = slip_migration_get_steps (check->migration);

  for (guint i = 0; i < steps->len; i++)
    {
      const SlipStep *step = g_ptr_array_index (steps, i);

      if (step->mapping == mapping && step->definition != NULL && step->from == NULL
          && g_strcmp0 (step->definition->source_table, column->source_table) == 0
          && !is_overridden (step, column->target))
        return step->update != NULL ? step->update->table : step->definition->destination;
    }
  return NULL;
}

/* What a step reads such a text by: see slip_compile_typed(). A whole number is as wide as the target's column. */
static const char *
get_reader (SlipCheck *check, const SlipMappingColumn *column, const char *destination)
{
  const SlipCatalogueColumn *found
      = check->target != NULL
            ? slip_catalogue_find_column (check->target, destination, column->target)
            : NULL;
  gboolean narrow
      = found != NULL
        && (g_strcmp0 (found->type, "integer") == 0 || g_strcmp0 (found->type, "smallint") == 0);

  switch (column->type)
    {
    case SLIP_TYPE_INT:
      return narrow ? "slipway.as_int (v)" : "slipway.as_bigint (v)";
    case SLIP_TYPE_BIGINT:
      return "slipway.as_bigint (v)";
    case SLIP_TYPE_BOOL:
      return "slipway.as_bool (v)";
    case SLIP_TYPE_DATE:
    case SLIP_TYPE_DATETIME:
      return slip_migration_is_strict (check->migration) ? "slipway.day_first_strict (v)"
                                                         : "slipway.day_first (v, 2000)";
    case SLIP_TYPE_DECIMAL:
      return "slipway.as_decimal (v)";
    case SLIP_TYPE_DICT:
      return "slipway.as_json (v)";
    case SLIP_TYPE_STR:
    default:
      return NULL;
    }
}

/* How many values there are, how many of them are none, and one of these. */
static SlipPgRows *
query_values (SlipCheck *check,
              SlipPg *pg,
              const SlipMappingColumn *column,
              const char *reader,
              GCancellable *cancellable,
              GError **error)
{
  g_autofree char *schema
      = slip_pg_quote_name (slip_migration_get_schemas (check->migration)->source);
  g_autofree char *table = slip_pg_quote_name (column->source_table);
  g_autofree char *name = slip_pg_quote_name (column->source_columns[0]);
  const char *set
      = slip_migration_is_strict (check->migration) ? "slipway.is_set" : "slipway.is_stored";
  g_autofree char *sql = g_strdup_printf (
      "SELECT count (*), count (*) FILTER (WHERE bad), (array_agg (v) FILTER (WHERE bad))[1] FROM\n"
      "  (SELECT v, %s IS NULL AS bad FROM (SELECT %s AS v FROM %s.%s) AS landed WHERE %s (v) "
      "LIMIT " READ_VALUES ") AS judged",
      reader, name, schema, table, set);

  slip_pg_name_statement (pg, "values of the data");
  return slip_pg_query (pg, sql, NULL, cancellable, error);
}

/* A warning also where none fits: conditions may leave out the rows that do not. */
static void
tell_unfit (SlipCheck *check,
            const SlipMapping *mapping,
            const SlipMappingColumn *column,
            SlipPgRows *rows)
{
  gint64 all = slip_pg_rows_get_int (rows, 0, 0);
  gint64 bad = slip_pg_rows_get_int (rows, 0, 1);
  const char *type = slip_type_get_name (column->type);
  const char *value = slip_pg_rows_get (rows, 0, 2);
  g_autofree char *told = value != NULL ? slip_migration_dup_told (value) : NULL;
  gboolean none = bad == all && all >= FEW_VALUES;

  if (bad == 0)
    return;
  SLIP_CHECK_TELL_COLUMN (
      check, SLIP_SEVERITY_WARNING, mapping, column, "sirius_details", "data_type",
      none ? "Name the type that they are of, or a transformation that makes it of them"
           : "They become NULL, and are counted as bad values; mend them at their source, or name "
             "a transformation",
      "%" G_GINT64_FORMAT " of %s%" G_GINT64_FORMAT " %s of “%s” in %s %s no %s: %s%s", bad,
      g_strcmp0 (READ_VALUES, slip_pg_rows_get (rows, 0, 0)) == 0 ? "the first " : "", all,
      all == 1 ? "value" : "values", column->source_columns[0], column->source_table,
      bad == 1 ? "is" : "are", type, told, bad > 1 ? ", …" : "");
}

static gboolean
check_type (SlipCheck *check,
            SlipPg *pg,
            const SlipMapping *mapping,
            const SlipMappingColumn *column,
            GCancellable *cancellable,
            GError **error)
{
  const char *destination;
  const char *reader;
  g_autoptr (SlipPgRows) rows = NULL;

  if (column->lookup != NULL || column->transformation != NULL || column->calculated != NULL
      || column->source_columns == NULL || column->source_columns[1] != NULL
      || column->source_table == NULL || check->source == NULL
      || slip_catalogue_find_column (check->source, column->source_table, column->source_columns[0])
             == NULL
      || (destination = find_destination (check, mapping, column)) == NULL
      || (reader = get_reader (check, column, destination)) == NULL)
    return TRUE;
  rows = query_values (check, pg, column, reader, cancellable, error);
  if (rows == NULL)
    return FALSE;
  tell_unfit (check, mapping, column, rows);
  return TRUE;
}

/* What somebody else put into the schema may be without them. */
static gboolean
has_readers (SlipPg *pg, gboolean *has, GCancellable *cancellable, GError **error)
{
  g_autoptr (SlipPgRows) rows = NULL;

  slip_pg_name_statement (pg, "look for the helper functions");
  rows = slip_pg_query (
      pg, "SELECT 1 WHERE to_regprocedure ('slipway.day_first (text, integer)') IS NOT NULL", NULL,
      cancellable, error);
  *has = rows != NULL && slip_pg_rows_get_n_rows (rows) > 0;
  return rows != NULL;
}

gboolean
slip_migration_check_data (SlipCheck *check,
                           SlipPg *migration_db,
                           GCancellable *cancellable,
                           GError **error)
{
  GPtrArray *mappings = slip_definitions_get_mappings (check->definitions);
  gboolean readers;

  if (!has_readers (migration_db, &readers, cancellable, error))
    return FALSE;
  for (guint i = 0; i < mappings->len; i++)
    {
      const SlipMapping *mapping = g_ptr_array_index (mappings, i);

      if (slip_definitions_find_table_definition (check->definitions, mapping->name) == NULL)
        continue;
      for (guint k = 0; k < mapping->columns->len; k++)
        {
          const SlipMappingColumn *column = g_ptr_array_index (mapping->columns, k);

          if (!check_column (check, migration_db, mapping, column, cancellable, error)
              || (readers
                  && !check_type (check, migration_db, mapping, column, cancellable, error)))
            return FALSE;
        }
    }
  return TRUE;
}
