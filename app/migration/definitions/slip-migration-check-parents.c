/* SPDX-License-Identifier: MIT */
/* The check's look at who a key's parent is: a mapping says so, tables.json does, by which a run goes, and the target's foreign key,
 * by which the target does. Where these are of several minds one of them misleads who reads it. */

#include "slip-migration-check-private.h"

/* TABLE.COLUMN → PARENT:COLUMN, of keys of one column. */
static GHashTable *
read_keys (SlipCheck *check, SlipPg *pg, GCancellable *cancellable, GError **error)
{
  const char *schema = slip_migration_get_schemas (check->migration)->target;
  const char *const params[] = {schema, NULL};
  g_autoptr (SlipPgRows) rows = NULL;
  GHashTable *keys;

  slip_pg_name_statement (pg, "look for foreign keys");
  rows = slip_pg_query (
      pg,
      "SELECT c.relname || '.' || a.attname, p.relname || ':' || b.attname FROM pg_constraint AS "
      "k\n"
      "  JOIN pg_class AS c ON c.oid = k.conrelid JOIN pg_namespace AS n ON n.oid = "
      "c.relnamespace\n"
      "  JOIN pg_class AS p ON p.oid = k.confrelid\n"
      "  JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = k.conkey[1]\n"
      "  JOIN pg_attribute AS b ON b.attrelid = p.oid AND b.attnum = k.confkey[1]\n"
      " WHERE k.contype = 'f' AND cardinality (k.conkey) = 1 AND n.nspname = $1",
      params, cancellable, error);
  if (rows == NULL)
    return NULL;
  keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (guint i = 0; i < slip_pg_rows_get_n_rows (rows); i++)
    g_hash_table_insert (keys, g_strdup (slip_pg_rows_get (rows, i, 0)),
                         g_strdup (slip_pg_rows_get (rows, i, 1)));
  return keys;
}

static const SlipForeignKey *
find_key (const SlipTargetTable *table, const char *column)
{
  for (guint i = 0; table != NULL && i < table->foreign_keys->len; i++)
    {
      const SlipForeignKey *key = g_ptr_array_index (table->foreign_keys, i);

      if (g_strcmp0 (key->column, column) == 0 && key->parent_table != NULL)
        return key;
    }
  return NULL;
}

/* A key that is said without its column is that of the table. */
static gboolean
contradicts (const char *table, const char *column, const char *other)
{
  g_autofree char *said = g_strdup_printf ("%s:%s", table, column != NULL ? column : "");

  return column != NULL ? !g_str_equal (said, other) : !g_str_has_prefix (other, said);
}

static const char *
find_in_target (GHashTable *keys, const char *table, const char *column)
{
  g_autofree char *name = g_strdup_printf ("%s.%s", table, column);

  return keys != NULL ? g_hash_table_lookup (keys, name) : NULL;
}

static void
check_column (SlipCheck *check,
              const SlipMapping *mapping,
              const char *destination,
              const SlipMappingColumn *column,
              GHashTable *keys)
{
  const SlipForeignKey *key = find_key (
      slip_definitions_find_target_table (check->definitions, destination), column->target);
  g_autofree char *listed
      = key != NULL ? g_strdup_printf ("%s:%s", key->parent_table,
                                       key->parent_column != NULL ? key->parent_column : "")
                    : NULL;
  const char *target = find_in_target (keys, destination, column->target);
  const char *other = listed != NULL ? listed : target;

  if (column->parent_table == NULL || other == NULL
      || !contradicts (column->parent_table, column->parent_column, other))
    return;
  SLIP_CHECK_TELL_COLUMN (
      check, SLIP_SEVERITY_WARNING, mapping, column, "sirius_details", "fk_parents",
      listed != NULL ? "A run goes by " SLIP_CHECK_TABLES_FILE : "Mend the mapping, or the target",
      "the parent of %s.%s is “%s:%s” here, and “%s” in %s", destination, column->target,
      column->parent_table, column->parent_column != NULL ? column->parent_column : "", other,
      listed == NULL                    ? "the target's foreign key"
      : g_strcmp0 (target, listed) == 0 ? SLIP_CHECK_TABLES_FILE " and in the target's foreign key"
                                        : SLIP_CHECK_TABLES_FILE);
}

static void
check_table (SlipCheck *check, const SlipTargetTable *table, GHashTable *keys)
{
  for (guint i = 0; i < table->foreign_keys->len; i++)
    {
      const SlipForeignKey *key = g_ptr_array_index (table->foreign_keys, i);
      const char *target
          = key->column != NULL ? find_in_target (keys, table->name, key->column) : NULL;

      if (key->parent_table == NULL || target == NULL
          || !contradicts (key->parent_table, key->parent_column, target))
        continue;
      slip_migration_check_tell (
          check, SLIP_SEVERITY_WARNING, SLIP_CHECK_TABLES_FILE,
          (const char *const[]){table->name, "fks", NULL},
          "A run puts the parent's new ids there, which the target then looks for elsewhere",
          "the parent of %s is “%s:%s” here, and “%s” in the target's foreign key", key->column,
          key->parent_table, key->parent_column != NULL ? key->parent_column : "", target);
    }
}

gboolean
slip_migration_check_parents (SlipCheck *check,
                              SlipPg *target_db,
                              GCancellable *cancellable,
                              GError **error)
{
  GPtrArray *mappings = slip_definitions_get_mappings (check->definitions);
  GPtrArray *tables = slip_definitions_get_target_tables (check->definitions);
  g_autoptr (GHashTable) keys
      = target_db != NULL ? read_keys (check, target_db, cancellable, error) : NULL;

  if (target_db != NULL && keys == NULL)
    return FALSE;
  for (guint i = 0; i < mappings->len; i++)
    {
      const SlipMapping *mapping = g_ptr_array_index (mappings, i);
      const SlipTableDefinition *definition
          = slip_definitions_find_table_definition (check->definitions, mapping->name);

      for (guint k = 0;
           definition != NULL && definition->destination != NULL && k < mapping->columns->len; k++)
        check_column (check, mapping, definition->destination,
                      g_ptr_array_index (mapping->columns, k), keys);
    }
  for (guint i = 0; i < tables->len; i++)
    check_table (check, g_ptr_array_index (tables, i), keys);
  return TRUE;
}
