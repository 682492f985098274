/* SPDX-License-Identifier: MIT */
/* Stage integration: the transform's rows with the keys that the target will know them by, public numbers, and the sidecar's
 * business rules; then staging judges them by the target's constraints. Tables with their keys are made beside each other;
 * all else is one transaction, in whose end the stage is done. Broken off, it begins anew. */

#include "slip-stage-late.h"

#include "slip-catalogue.h"

/* Tables of the target whose keys rows point at, or that rules read. */
static gboolean
copy_table (SlipMigrationRun *run,
            const SlipCopyTable *table,
            const SlipCatalogue *target,
            GError **error)
{
  GPtrArray *columns = g_ptr_array_new ();
  g_auto (GStrv) names = NULL;
  g_autofree char *list = NULL;
  g_autofree char *out = NULL;
  g_autofree char *in = NULL;
  g_autofree char *what = NULL;
  g_autoptr (GString) types = g_string_new (NULL);

  for (guint i = 0; i < table->columns->len; i++)
    {
      const SlipCopyColumn *column = g_ptr_array_index (table->columns, i);
      const SlipCatalogueColumn *known
          = slip_catalogue_find_column (target, table->name, column->name);

      if (known == NULL)
        continue; /* the check has told of it */
      /* An enum's values go over as their labels: the type is the target's own. */
      slip_stage_sql_append (types, "%s%I %s", types->len > 0 ? ", " : "", column->name,
                             known->labels != NULL ? "text" : known->type);
      g_ptr_array_add (columns, g_strdup (column->name));
    }
  g_ptr_array_add (columns, NULL);
  names = (char **)g_ptr_array_free (columns, FALSE);
  list = slip_migration_run_join_names (names, "");
  out = slip_stage_sql ("COPY (SELECT %s FROM %I.%I) TO STDOUT (FORMAT binary)", list,
                        run->schemas->target, table->name);
  in = slip_stage_sql ("COPY %I.%I FROM STDIN (FORMAT binary)", run->schemas->integration,
                       table->name);
  what = g_strdup_printf ("copy of the target's %s", table->name);
  return slip_stage_sql_run (run->pg, what, error, "CREATE TABLE %I.%I (%s)",
                             run->schemas->integration, table->name, types->str)
         && slip_stage_sql_copy (run->target, out, run->pg, in, what, error)
         && slip_stage_sql_run (run->pg, "copy a table of the target", error, "ANALYZE %I.%I",
                                run->schemas->integration, table->name);
}

static gboolean
copy_tables (SlipMigrationRun *run, GError **error)
{
  GPtrArray *copies
      = slip_definitions_get_copy_tables (slip_migration_get_definitions (run->migration));
  g_autoptr (SlipCatalogue) target
      = slip_catalogue_read_schema (run->target, run->schemas->target, run->cancellable, error);

  if (target == NULL)
    return FALSE;
  for (guint i = 0; i < copies->len; i++)
    {
      const SlipCopyTable *table = g_ptr_array_index (copies, i);

      slip_migration_run_tell (run, "integration", table->name, "copy", i, copies->len, "tables");
      if (!copy_table (run, table, target, error))
        return FALSE;
    }
  return TRUE;
}

/* ---- public numbers */

static char *
dup_decoded (const SlipUid *uid, const char *column)
{
  return uid->luhn ? slip_stage_sql ("%I::bigint / 10 - %D", column, uid->base)
                   : slip_stage_sql ("%I::bigint - %D", column, uid->base);
}

/* The last number that the target gave out: by its sequence, or by a row that somebody numbered without it. */
gboolean
slip_stage_last_uid (SlipMigrationRun *run, const SlipUid *uid, gint64 *last, GError **error)
{
  if (!slip_stage_sql_ask_number (
          run->target, "look at the sequence of public numbers", last, error,
          "SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM %I.%I",
          run->schemas->target, uid->sequence))
    return FALSE;
  for (guint i = 0; i < uid->columns->len; i++)
    {
      const SlipTableColumn *column = g_ptr_array_index (uid->columns, i);
      g_autofree char *decoded = dup_decoded (uid, column->column);
      gint64 largest = 0;

      if (!slip_stage_sql_ask_number (
              run->target, "look for the largest public number", &largest, error,
              "SELECT coalesce (max (%s), 0) FROM %I.%I WHERE %D = 0 OR %s BETWEEN 1 AND %D",
              decoded, run->schemas->target, column->table, uid->base, decoded, uid->base))
        return FALSE;
      *last = MAX (*last, largest);
    }
  return TRUE;
}

/* What the numbers of @column are made of, and how many there will be. */
static gboolean
number_column (SlipMigrationRun *run,
               const SlipUid *uid,
               const SlipTableColumn *column,
               GHashTable *numbers,
               gint64 *last,
               GError **error)
{
  const SlipTargetTable *table = slip_definitions_find_target_table (
      slip_migration_get_definitions (run->migration), column->table);
  g_autofree char *keys = slip_stage_keys_dup_table (run, column->table);
  gint64 rows = 0;

  if (table == NULL || table->primary_key == NULL)
    {
      SLIP_STAGE_ERROR (error, DEFINITION,
                        "%s.%s is numbered, and tables.json says no primary key for it",
                        column->table, column->column);
      return FALSE;
    }
  g_hash_table_insert (numbers, g_strconcat (column->table, ".", column->column, NULL),
                       slip_stage_sql (uid->luhn ? "slipway.with_luhn (%D + k.n)" : "(%D + k.n)",
                                       uid->base + *last));
  if (!slip_stage_sql_ask_number (run->pg, "count the public numbers", &rows, error,
                                  "SELECT count (*) FROM %s WHERE NOT matched", keys))
    return FALSE;
  *last += rows;
  return TRUE;
}

/* Of the columns of @columns that are numbered, TABLE.COLUMN: the number of the row that has key `k`, as SQL. */
gboolean
slip_stage_uids (SlipMigrationRun *run, SlipCatalogue *columns, GHashTable *numbers, GError **error)
{
  GPtrArray *uids = slip_migration_get_uids (run->migration);

  for (guint i = 0; i < uids->len; i++)
    {
      const SlipUid *uid = g_ptr_array_index (uids, i);
      gint64 last = 0;

      if (!slip_stage_last_uid (run, uid, &last, error)
          || !slip_stage_sql_run (
              run->pg, "note the last public number", error,
              "INSERT INTO slipway.base (run, table_name, column_name, kind, value) "
              "VALUES (%D, %L, '', 'uid', %D)",
              run->id, uid->sequence, last))
        return FALSE;
      for (guint j = 0; j < uid->columns->len; j++)
        {
          const SlipTableColumn *column = g_ptr_array_index (uid->columns, j);

          if (slip_catalogue_find (columns, column->table) != NULL
              && !number_column (run, uid, column, numbers, &last, error))
            return FALSE;
        }
    }
  return TRUE;
}

/* Of this run or another, whole or broken off. */
static gboolean
forget (SlipMigrationRun *run, const char *keys, GError **error)
{
  return slip_stage_schema_drop (run->pg, run->schemas->integration, error)
         && slip_stage_schema_drop (run->pg, keys, error)
         && slip_stage_sql_run (
             run->pg, "forget what the integration made", error,
             "DELETE FROM slipway.base WHERE run = %D AND kind IN ('key', 'uid');\n"
             "DELETE FROM slipway.measure WHERE run = %D AND stage = 'integration'",
             run->id, run->id);
}

static gboolean
integrate (SlipMigrationRun *run, const char *keys, SlipStageResult *result, GError **error)
{
  g_autoptr (GString) note = g_string_new (NULL);
  gint64 staged = 0;

  if (!slip_stage_sql_run (run->pg, "begin the integration", error, "BEGIN")
      || !forget (run, keys, error)
      || !slip_stage_schema_make (run->pg, run->schemas->integration, error)
      || !slip_stage_schema_make (run->pg, keys, error)
      || !slip_stage_sql_run (run->pg, "begin the integration", error, "COMMIT")
      || !slip_stage_keys (run, &result->rows, error)
      || !slip_stage_sql_run (run->pg, "go on with the integration", error,
                              "BEGIN; DROP SCHEMA %I CASCADE", keys)
      || !copy_tables (run, error) || !slip_migration_run_rules (run, "integration", error)
      || !slip_stage_staging (run, &staged, note, error))
    return FALSE;
  result->note = note->len > 0 ? g_strdup (note->str) : NULL;
  return slip_migration_run_set_stage (run, "integration", "done", result->rows, result->note,
                                       error)
         && slip_stage_sql_run (run->pg, "end the integration", error, "COMMIT");
}

gboolean
slip_stage_integration (SlipMigrationRun *run, SlipStageResult *result, GError **error)
{
  g_autofree char *keys = slip_stage_keys_dup_schema (run);

  if (integrate (run, keys, result, error))
    return TRUE;
  /* What a run that is killed leaves, the next one forgets. */
  slip_pg_rollback (run->pg);
  if (!forget (run, keys, NULL))
    g_debug ("what the integration made is still there");
  return FALSE;
}
