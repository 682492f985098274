/* SPDX-License-Identifier: MIT */
/* The check's look at rows that must be in the target before a run: keys that lookups and defaults give and that point at
 * tables which no file of the source fills, and what the sidecar says under needs. */

#include "slip-migration-check-private.h"

#include <string.h>

#define TOLD_KEYS 8

typedef struct
{
  SlipCheck *check;
  SlipPg *pg;
  GCancellable *cancellable;
  GHashTable *keys; /* parent table and column → set of its keys as texts */
  GHashTable *told; /* what was told already, or found to be well */
} Needs;

static void
needed_free (SlipNeeded *needed)
{
  g_free (needed->table);
  g_free (needed->column);
  g_free (needed->value);
  g_free (needed->why);
  g_free (needed);
}

static void
add_needed (Needs *needs, const SlipMappingColumn *column, const char *value, const char *why)
{
  SlipNeeded *needed;

  if (needs->check->needed == NULL)
    return;
  needed = g_new0 (SlipNeeded, 1);
  needed->table = g_strdup (column->parent_table);
  needed->column = g_strdup (column->parent_column);
  needed->value = g_strdup (value);
  needed->why = g_strdup (why);
  g_ptr_array_add (needs->check->needed, needed);
}

static void
add_needed_of_sidecar (Needs *needs, const SlipNeed *need)
{
  SlipNeeded *needed;

  if (needs->check->needed == NULL)
    return;
  needed = g_new0 (SlipNeeded, 1);
  needed->table = g_strdup (need->table);
  needed->why = g_strdup (need->why);
  needed->need = need;
  g_ptr_array_add (needs->check->needed, needed);
}

static GHashTable *
query_keys (Needs *needs, const SlipMappingColumn *column, GError **error)
{
  g_autofree char *schema
      = slip_pg_quote_name (slip_migration_get_schemas (needs->check->migration)->target);
  g_autofree char *table = slip_pg_quote_name (column->parent_table);
  g_autofree char *key = slip_pg_quote_name (column->parent_column);
  g_autofree char *sql = g_strdup_printf ("SELECT %s::text FROM %s.%s WHERE %s IS NOT NULL", key,
                                          schema, table, key);
  g_autoptr (SlipPgRows) rows = NULL;
  GHashTable *keys;

  slip_pg_name_statement (needs->pg, "keys that definitions give");
  rows = slip_pg_query (needs->pg, sql, NULL, needs->cancellable, error);
  if (rows == NULL)
    return NULL;
  keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < slip_pg_rows_get_n_rows (rows); i++)
    g_hash_table_add (keys, g_strdup (slip_pg_rows_get (rows, i, 0)));
  return keys;
}

/* The keys of a column's parent; each parent is asked once. */
static GHashTable *
need_keys (Needs *needs, const SlipMappingColumn *column, GError **error)
{
  g_autofree char *name = g_strconcat (column->parent_table, ".", column->parent_column, NULL);
  GHashTable *keys = g_hash_table_lookup (needs->keys, name);

  if (keys == NULL && (keys = query_keys (needs, column, error)) != NULL)
    g_hash_table_insert (needs->keys, g_steal_pointer (&name), keys);
  return keys;
}

static void
check_lookup (Needs *needs, const SlipMappingColumn *column, GHashTable *keys)
{
  const SlipLookup *lookup
      = slip_definitions_find_lookup (needs->check->definitions, column->lookup);
  g_autofree char *name = g_strconcat (column->lookup, " ", column->parent_table, NULL);
  g_autoptr (GString) list = g_string_new (NULL);
  guint missing = 0;

  if (lookup == NULL || !g_hash_table_add (needs->told, g_steal_pointer (&name)))
    return;
  for (guint i = 0; i < lookup->entries->len; i++)
    {
      const SlipLookupEntry *entry = g_ptr_array_index (lookup->entries, i);
      g_autofree char *value = slip_migration_check_dup_value (column, entry->value);
      g_autofree char *why = NULL;

      if (*value == '\0' || g_hash_table_contains (keys, value))
        continue;
      why = g_strdup_printf ("%s, “%s”", lookup->file, entry->code);
      add_needed (needs, column, value, why);
      if (missing++ < TOLD_KEYS)
        g_string_append_printf (list, "%s%s (for “%s”)", missing > 1 ? ", " : "", value,
                                entry->code);
    }
  if (missing > 0)
    slip_migration_check_tell (needs->check, SLIP_SEVERITY_ERROR, lookup->file, NULL,
                               "Mend the lookup, or add the rows to the target",
                               "%u of its values are no %s of the target's %s: %s%s", missing,
                               column->parent_column, column->parent_table, list->str,
                               missing > TOLD_KEYS ? ", …" : "");
}

static void
check_default (Needs *needs,
               const SlipMapping *mapping,
               const SlipMappingColumn *column,
               GHashTable *keys)
{
  g_autofree char *value = slip_migration_check_dup_value (column, column->default_value);
  g_autofree char *name = g_strconcat ("= ", value, " ", column->parent_table, NULL);
  g_autofree char *why = g_strdup_printf ("%s, default of %s", mapping->file, column->target);

  if (*value == '\0' || g_hash_table_contains (keys, value)
      || !g_hash_table_add (needs->told, g_steal_pointer (&name)))
    return;
  add_needed (needs, column, value, why);
  SLIP_CHECK_TELL_COLUMN (needs->check, SLIP_SEVERITY_ERROR, mapping, column, "transform_casrec",
                          "default_value", "Mend the default, or add the row to the target",
                          "%s is no %s of the target's %s", value, column->parent_column,
                          column->parent_table);
}

static gboolean
check_column (Needs *needs,
              const SlipMapping *mapping,
              const SlipMappingColumn *column,
              GError **error)
{
  SlipDefinitions *definitions = needs->check->definitions;
  gboolean filled;
  GHashTable *keys;

  if (column->parent_table == NULL || column->parent_column == NULL
      || (column->lookup == NULL && column->default_value == NULL)
      || slip_catalogue_find_column (needs->check->target, column->parent_table,
                                     column->parent_column)
             == NULL)
    return TRUE;
  /* What the migration brings itself has other ids than those that stand in files. */
  filled = slip_definitions_find_target_table (definitions, column->parent_table) != NULL;
  if (filled && g_strcmp0 (column->sync, "sync_lookup") != 0)
    return TRUE;
  keys = need_keys (needs, column, error);
  if (keys == NULL)
    return FALSE;
  if (column->lookup != NULL)
    check_lookup (needs, column, keys);
  if (column->default_value != NULL && !filled
      && slip_definitions_find_table_definition (definitions, mapping->name) != NULL)
    check_default (needs, mapping, column, keys);
  return TRUE;
}

static gboolean
check_columns (Needs *needs, GError **error)
{
  GPtrArray *mappings = slip_definitions_get_mappings (needs->check->definitions);

  for (guint i = 0; i < mappings->len; i++)
    {
      const SlipMapping *mapping = g_ptr_array_index (mappings, i);

      for (guint k = 0; k < mapping->columns->len; k++)
        if (!check_column (needs, mapping, g_ptr_array_index (mapping->columns, k), error))
          return FALSE;
    }
  return TRUE;
}

static gboolean
check_need (Needs *needs, const SlipNeed *need, const char *place, GError **error)
{
  SlipMigration *migration = needs->check->migration;
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *run_date = g_date_time_format (now, "%F");
  g_autofree char *schema = slip_pg_quote_name (slip_migration_get_schemas (migration)->target);
  g_autofree char *table = slip_pg_quote_name (need->table);
  g_autofree char *where
      = slip_migration_expand (migration, need->where != NULL ? need->where : "true", run_date);
  g_autofree char *sql
      = g_strdup_printf ("SELECT EXISTS (SELECT FROM %s.%s WHERE %s)::int", schema, table, where);
  const char *const path[] = {"needs", place, NULL};
  g_autoptr (SlipPgRows) rows = NULL;

  if (slip_catalogue_find (needs->check->target, need->table) == NULL)
    {
      slip_migration_check_tell (needs->check, SLIP_SEVERITY_ERROR, needs->check->sidecar, path,
                                 "Is it the right database, and is its schema migrated?",
                                 "the target has no table “%s”, and needs rows in it: %s",
                                 need->table, need->why);
      return TRUE;
    }
  slip_pg_name_statement (needs->pg, "rows that the migration needs");
  rows = slip_pg_query (needs->pg, sql, NULL, needs->cancellable, error);
  if (rows == NULL)
    return FALSE;
  if (slip_pg_rows_get_int (rows, 0, 0) == 0)
    {
      add_needed_of_sidecar (needs, need);
      slip_migration_check_tell (needs->check, SLIP_SEVERITY_ERROR, needs->check->sidecar, path,
                                 "Add the rows to the target before the run",
                                 "the target's %s has no row%s%s, and the migration needs some: %s",
                                 need->table, need->where != NULL ? " where " : "",
                                 need->where != NULL ? need->where : "", need->why);
    }
  return TRUE;
}

gboolean
slip_migration_check_needs (SlipCheck *check,
                            SlipPg *target_db,
                            GCancellable *cancellable,
                            GError **error)
{
  GPtrArray *list = slip_migration_get_needs (check->migration);
  g_autoptr (GHashTable) keys
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_hash_table_unref);
  g_autoptr (GHashTable) told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Needs needs = {check, target_db, cancellable, keys, told};
  gboolean alone;
  gboolean ok;

  if (check->target == NULL)
    return TRUE;
  /* Conditions are the sidecar's, and can call what writes. */
  alone = !slip_pg_is_in_transaction (target_db);
  ok = !alone
       || slip_migration_check_run (target_db, "look for rows that the migration needs",
                                    "BEGIN READ ONLY", error);
  for (guint i = 0; ok && i < list->len; i++)
    {
      g_autofree char *place = g_strdup_printf ("%u", i);

      ok = check_need (&needs, g_ptr_array_index (list, i), place, error);
    }
  ok = ok && check_columns (&needs, error);
  if (alone)
    slip_pg_rollback (target_db);
  return ok;
}

/* What is needed and not there: as findings, and row by row into @needed, where it is given. */
static gboolean
find_needs (SlipMigration *migration,
            SlipPg *target_db,
            GCancellable *cancellable,
            GPtrArray *findings,
            GPtrArray *needed,
            SlipCatalogue **catalogue,
            GError **error)
{
  SlipCheck check = {.migration = migration, .findings = findings, .needed = needed};
  g_autofree char *sidecar = slip_migration_check_dup_sidecar (migration);
  g_autoptr (SlipCatalogue) target = slip_catalogue_read_schema (
      target_db, slip_migration_get_schemas (migration)->target, cancellable, error);

  if (target == NULL)
    return FALSE;
  check.sidecar = sidecar;
  check.definitions = slip_migration_get_definitions (migration);
  check.target = target;
  if (!slip_migration_check_needs (&check, target_db, cancellable, error))
    return FALSE;
  if (catalogue != NULL)
    *catalogue = g_steal_pointer (&target);
  return TRUE;
}

gboolean
slip_migration_find_needs (SlipMigration *migration,
                           SlipPg *target_db,
                           GCancellable *cancellable,
                           GPtrArray *findings,
                           GError **error)
{
  g_return_val_if_fail (SLIP_IS_MIGRATION (migration) && target_db != NULL && findings != NULL,
                        FALSE);

  return find_needs (migration, target_db, cancellable, findings, NULL, NULL, error);
}

GPtrArray *
slip_migration_list_needed (SlipMigration *migration,
                            SlipPg *target_db,
                            GCancellable *cancellable,
                            SlipCatalogue **target,
                            GError **error)
{
  g_autoptr (GPtrArray) findings = slip_findings_new ();
  g_autoptr (GPtrArray) needed = g_ptr_array_new_with_free_func ((GDestroyNotify)needed_free);
  GPtrArray *needs;

  g_return_val_if_fail (SLIP_IS_MIGRATION (migration) && target_db != NULL && target != NULL, NULL);

  needs = slip_migration_get_needs (migration);
  if (!find_needs (migration, target_db, cancellable, findings, needed, target, error))
    return NULL;
  for (guint i = 0; i < needs->len; i++)
    {
      const SlipNeed *need = g_ptr_array_index (needs, i);

      if (slip_catalogue_find (*target, need->table) != NULL)
        continue;
      g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_NOT_FOUND,
                   "%s has no table %s. Is it the right database, and is its schema migrated?",
                   slip_pg_get_where (target_db), need->table);
      g_clear_pointer (target, slip_catalogue_free);
      return NULL;
    }
  return g_steal_pointer (&needed);
}
