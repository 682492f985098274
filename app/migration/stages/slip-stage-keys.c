/* SPDX-License-Identifier: MIT */
/* The integration's first half: every row gets the key that it will have in the target. New rows are shifted past the
 * target's largest key, rows that the target has already get its key; children and ids in JSON follow. The keys from
 * before stay beside them, in transformation_schema_COLUMN. Tables are made beside each other, each in a transaction of its
 * own: first those of the keys, in a schema that is there meanwhile only, then those that are made with them. */

#include "slip-stage-late.h"

#include "slip-catalogue.h"

#include <string.h>

typedef struct
{
  SlipMigrationRun *run;
  SlipCatalogue *columns; /* of the transform */
  GPtrArray *targets;     /* SlipTargetTable */
  GHashTable *numbers;    /* of public numbers: TABLE.COLUMN → SQL */
} Keys;

char *
slip_stage_keys_dup_schema (SlipMigrationRun *run)
{
  return g_strconcat (run->schemas->integration, "_keys", NULL);
}

static char *
dup_name (SlipMigrationRun *run, const char *kind, const char *table)
{
  g_autofree char *schema = slip_stage_keys_dup_schema (run);
  g_autofree char *name = g_strconcat (kind, table, NULL);

  return slip_stage_sql ("%I.%I", schema, name);
}

char *
slip_stage_keys_dup_table (SlipMigrationRun *run, const char *table)
{
  return dup_name (run, "keys_", table);
}

static char *
dup_matched_table (SlipMigrationRun *run, const char *table)
{
  return dup_name (run, "matched_", table);
}

/* ---- rows that the target has */

/* Of the transform, whose columns need not be all of the target's. */
static char *
dup_own_conditions (Keys *keys, const SlipTargetTable *table)
{
  GPtrArray *columns = slip_catalogue_find (keys->columns, table->name);
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_auto (GStrv) list = NULL;

  for (guint i = 0; columns != NULL && i < columns->len; i++)
    g_strv_builder_add (names, ((const SlipCatalogueColumn *)columns->pdata[i])->name);
  list = g_strv_builder_end (names);
  return slip_stage_match_conditions (table, "t", list);
}

static gboolean
check_ambiguous (Keys *keys, const SlipTargetTable *table, GError **error)
{
  g_autofree char *names = NULL;
  g_auto (GStrv) values = slip_stage_sql_ask_list (
      keys->run->pg, "look for keys that match twice", error,
      "SELECT 'in the target: ' || slipway.told (slipway_match) FROM existing WHERE slipway_match "
      "IN (SELECT "
      "slipway_match FROM sources) GROUP BY slipway_match HAVING count (*) > 1\n"
      "UNION ALL SELECT 'in the source: ' || slipway.told (slipway_match) FROM sources WHERE "
      "slipway_match "
      "IN (SELECT slipway_match FROM existing) GROUP BY slipway_match "
      "HAVING count (*) > 1\nORDER BY 1 LIMIT 6");

  if (values == NULL)
    return FALSE;
  if (values[0] == NULL)
    return TRUE;
  names = g_strjoinv ("; ", values);
  SLIP_STAGE_ERROR (error, STATE,
                    "rows of %s match by %s, which must name one row: %s. Which is meant cannot be "
                    "known: merge them, or leave "
                    "them out by a filter",
                    table->name, table->existing->match_field, names);
  return FALSE;
}

/* Their key, what they match by, and the columns that an update must leave as they are. */
static gboolean
fetch_existing (Keys *keys, const SlipTargetTable *table, const char *matched, GError **error)
{
  SlipMigrationRun *run = keys->run;
  const SlipExistingData *existing = table->existing;
  g_autofree char *where = slip_stage_match_conditions (table, "t", NULL);
  g_autofree char *own = dup_own_conditions (keys, table);
  g_autoptr (GString) columns = g_string_new (NULL);
  g_autoptr (GString) values = g_string_new (NULL);
  g_autofree char *what = g_strdup_printf ("rows of %s that are there", table->name);
  g_autofree char *out = NULL;

  for (guint i = 0; existing->keep_columns[i] != NULL; i++)
    {
      slip_stage_sql_append (columns, ", %I text", existing->keep_columns[i]);
      slip_stage_sql_append (values, ", t.%I::text", existing->keep_columns[i]);
    }
  out = slip_stage_sql (
      "COPY (SELECT t.%I::bigint, t.%I::text%s FROM %I.%I AS t WHERE t.%I::text <> "
      "''%s) TO STDOUT (FORMAT binary)",
      table->primary_key, existing->match_field, values->str, run->schemas->target, table->name,
      existing->match_field, where);
  return slip_stage_sql_run (run->pg, "make room for existing rows", error,
                             "DROP TABLE IF EXISTS existing, sources; CREATE TEMP TABLE existing "
                             "(slipway_key bigint, slipway_match text%s)",
                             columns->str)
         && slip_stage_sql_copy (run->target, out, run->pg,
                                 "COPY existing FROM STDIN (FORMAT binary)", what, error)
         && slip_stage_sql_run (
             run->pg, "gather what may match", error,
             "CREATE TEMP TABLE sources AS SELECT t.%I AS slipway_key, t.%I::text AS slipway_match "
             "FROM %I.%I AS t WHERE "
             "t.%I::text <> ''%s; ANALYZE existing; ANALYZE sources",
             table->primary_key, existing->match_field, run->schemas->transform, table->name,
             existing->match_field, own)
         && check_ambiguous (keys, table, error)
         && slip_stage_sql_run (
             run->pg, "match existing rows", error,
             "CREATE UNLOGGED TABLE %s AS SELECT s.slipway_key AS slipway_old_key, e.* "
             "FROM existing e JOIN sources s "
             "USING (slipway_match); DROP TABLE existing, sources",
             matched);
}

/* ---- new keys */

/* The place of a new row among those of its table, which a public number is made of, or nothing. */
static char *
dup_places (SlipMigrationRun *run, const SlipTargetTable *table, const char *matched)
{
  GPtrArray *uids = slip_migration_get_uids (run->migration);

  for (guint i = 0; i < uids->len; i++)
    {
      GPtrArray *columns = ((const SlipUid *)uids->pdata[i])->columns;

      for (guint j = 0; j < columns->len; j++)
        if (g_str_equal (((const SlipTableColumn *)columns->pdata[j])->table, table->name))
          return slip_stage_sql (", row_number () OVER (PARTITION BY %s ORDER BY t.%I) AS n",
                                 matched, table->primary_key);
    }
  return g_strdup ("");
}

static gboolean
make_keys (Keys *keys, const SlipTargetTable *table, GError **error)
{
  SlipMigrationRun *run = keys->run;
  g_autofree char *name = slip_stage_keys_dup_table (run, table->name);
  g_autofree char *matched = dup_matched_table (run, table->name);
  gint64 base = 0;
  gboolean matches
      = table->existing != NULL
        && slip_catalogue_find_column (keys->columns, table->name, table->existing->match_field)
               != NULL;
  g_autofree char *places
      = dup_places (run, table, matches ? "e.slipway_key IS NOT NULL" : "false");

  if (!slip_stage_sql_ask_number (run->target, "look for the largest key", &base, error,
                                  "SELECT coalesce (max (%I), 0) FROM %I.%I", table->primary_key,
                                  run->schemas->target, table->name)
      || !slip_stage_sql_run (
          run->pg, "note the largest key", error,
          "INSERT INTO slipway.base (run, table_name, column_name, kind, value) "
          "VALUES (%D, %L, %L, 'key', %D)",
          run->id, table->name, table->primary_key, base))
    return FALSE;
  if (matches && !fetch_existing (keys, table, matched, error))
    return FALSE;
  if (matches)
    return slip_stage_sql_run (
        run->pg, "give keys", error,
        "CREATE UNLOGGED TABLE %s AS SELECT t.%I::bigint AS old_key, "
        "coalesce (e.slipway_key, t.%I + %D) AS "
        "new_key, e.slipway_key IS NOT NULL AS matched%s FROM %I.%I AS t LEFT JOIN %s AS e "
        "ON e.slipway_old_key = t.%I;\n"
        "CREATE INDEX ON %s (old_key); ANALYZE %s",
        name, table->primary_key, table->primary_key, base, places, run->schemas->transform,
        table->name, matched, table->primary_key, name, name);
  return slip_stage_sql_run (run->pg, "give keys", error,
                             "CREATE UNLOGGED TABLE %s AS SELECT t.%I::bigint AS old_key, "
                             "t.%I + %D AS new_key, false AS "
                             "matched%s FROM %I.%I AS t; CREATE INDEX ON %s (old_key); ANALYZE %s",
                             name, table->primary_key, table->primary_key, base, places,
                             run->schemas->transform, table->name, name, name);
}

/* ---- the tables */

static int
find_foreign (const SlipTargetTable *table, const char *column)
{
  for (guint i = 0; i < table->foreign_keys->len; i++)
    if (g_str_equal (((const SlipForeignKey *)table->foreign_keys->pdata[i])->column, column))
      return (int)i;
  return -1;
}

static gboolean
has_keys (Keys *keys, const char *table)
{
  for (guint i = 0; i < keys->targets->len; i++)
    {
      const SlipTargetTable *target = g_ptr_array_index (keys->targets, i);

      if (g_str_equal (target->name, table))
        return target->primary_key != NULL && slip_catalogue_find (keys->columns, table) != NULL;
    }
  return FALSE;
}

static gboolean
is_kept (const SlipTargetTable *table, const char *column)
{
  return table->existing != NULL
         && g_strv_contains ((const char *const *)table->existing->keep_columns, column);
}

/* The templates that make @column with late ids, of tables that have keys. */
static GPtrArray *
find_lates (Keys *keys, const SlipTargetTable *table, const char *column, GError **error)
{
  g_autoptr (GPtrArray) lates
      = slip_stage_late_find (keys->run->migration, table->name, column, error);

  for (guint i = 0; lates != NULL && i < lates->len; i++)
    {
      const SlipLate *late = g_ptr_array_index (lates, i);

      for (guint j = 0; j < late->places->len; j++)
        {
          const SlipLatePlace *place = g_ptr_array_index (late->places, j);

          if (has_keys (keys, place->table))
            continue;
          SLIP_STAGE_ERROR (
              error, DEFINITION,
              "step %s: a late id of %s.%s is one of %s, whose rows get no ids: no step "
              "fills it, or tables.json says no primary key of it",
              late->step, table->name, column, place->table);
          return NULL;
        }
    }
  return g_steal_pointer (&lates);
}

static const char *
find_number (Keys *keys, const SlipTargetTable *table, const char *column)
{
  g_autofree char *name = g_strconcat (table->name, ".", column, NULL);

  return g_hash_table_lookup (keys->numbers, name);
}

/* Rows that the target has keep the number that is theirs. */
static void
append_value (GString *list,
              const char *value,
              const char *number,
              const SlipCatalogueColumn *column)
{
  slip_stage_sql_append (list, list->len > 0 ? ",\n  " : "");
  if (number != NULL)
    slip_stage_sql_append (list, "CASE WHEN k.matched THEN %s ELSE %s::%s END AS %I", value, number,
                           column->type, column->name);
  else
    slip_stage_sql_append (list, "%s AS %I", value, column->name);
}

/* Public numbers of columns that no step fills. */
static void
append_numbers (Keys *keys, const SlipTargetTable *table, GString *list)
{
  GPtrArray *uids = slip_migration_get_uids (keys->run->migration);

  for (guint i = 0; i < uids->len; i++)
    {
      GPtrArray *columns = ((const SlipUid *)uids->pdata[i])->columns;

      for (guint j = 0; j < columns->len; j++)
        {
          const SlipTableColumn *column = g_ptr_array_index (columns, j);
          const char *number = find_number (keys, table, column->column);

          if (g_str_equal (column->table, table->name) && number != NULL
              && slip_catalogue_find_column (keys->columns, table->name, column->column) == NULL)
            slip_stage_sql_append (list, ",\n  CASE WHEN NOT k.matched THEN %s END AS %I", number,
                                   column->column);
        }
    }
}

static gboolean
append_column (Keys *keys,
               const SlipTargetTable *table,
               const SlipCatalogueColumn *column,
               GString *list,
               GString *saved,
               GError **error)
{
  int foreign = find_foreign (table, column->name);
  g_autoptr (GPtrArray) lates = find_lates (keys, table, column->name, error);
  const SlipForeignKey *key
      = foreign >= 0 ? g_ptr_array_index (table->foreign_keys, (guint)foreign) : NULL;
  g_autofree char *value = NULL;

  if (lates == NULL
      || !slip_stage_late_measure (keys->run, lates, table->name, column->name, error))
    return FALSE;
  if (g_strcmp0 (table->primary_key, column->name) == 0)
    value = slip_stage_sql ("k.new_key::%s", column->type);
  else if (key != NULL && has_keys (keys, key->parent_table))
    {
      g_autofree char *alias = g_strdup_printf ("f%d", foreign);

      value = slip_stage_sql ("%I.new_key::%s", alias, column->type);
    }
  else if (lates->len > 0)
    value = slip_stage_late_sql (keys->run, lates, column->name);
  else if (is_kept (table, column->name) && table->primary_key != NULL)
    value = slip_stage_sql ("CASE WHEN k.matched THEN x.%I::%s ELSE t.%I END", column->name,
                            column->type, column->name);
  else
    value = slip_stage_sql ("t.%I", column->name);
  append_value (list, value, find_number (keys, table, column->name), column);
  if (key != NULL || g_strcmp0 (table->primary_key, column->name) == 0)
    {
      g_autofree char *old = g_strconcat ("transformation_schema_", column->name, NULL);

      slip_stage_sql_append (saved, ",\n  t.%I AS %I", column->name, old);
    }
  return TRUE;
}

static char *
dup_joins (Keys *keys, const SlipTargetTable *table)
{
  GString *joins = g_string_new (NULL);

  if (table->primary_key != NULL)
    {
      g_autofree char *name = slip_stage_keys_dup_table (keys->run, table->name);
      g_autofree char *matched = dup_matched_table (keys->run, table->name);

      slip_stage_sql_append (joins, " JOIN %s AS k ON k.old_key = t.%I", name, table->primary_key);
      if (table->existing != NULL)
        slip_stage_sql_append (joins, " LEFT JOIN %s AS x ON x.slipway_old_key = t.%I", matched,
                               table->primary_key);
    }
  for (guint i = 0; i < table->foreign_keys->len; i++)
    {
      const SlipForeignKey *key = g_ptr_array_index (table->foreign_keys, i);
      g_autofree char *name = slip_stage_keys_dup_table (keys->run, key->parent_table);
      g_autofree char *alias = g_strdup_printf ("f%u", i);

      if (slip_catalogue_find_column (keys->columns, table->name, key->column) != NULL
          && has_keys (keys, key->parent_table))
        slip_stage_sql_append (joins, "\n  LEFT JOIN %s AS %I ON %I.old_key = t.%I", name, alias,
                               alias, key->column);
    }
  return g_string_free (joins, FALSE);
}

static gboolean
measure_table (Keys *keys, const SlipTargetTable *table, GError **error)
{
  SlipMigrationRun *run = keys->run;

  for (guint i = 0; i < table->foreign_keys->len; i++)
    {
      const SlipForeignKey *key = g_ptr_array_index (table->foreign_keys, i);
      g_autofree char *old = g_strconcat ("transformation_schema_", key->column, NULL);

      if (slip_catalogue_find_column (keys->columns, table->name, key->column) != NULL
          && !slip_stage_sql_run (
              run->pg, "count children without a parent", error,
              "INSERT INTO slipway.measure (run, stage, entity, column_name, kind, rows, row_ids)\n"
              "SELECT %D, 'integration', %L, %L, 'unmatched', count (*), array_agg "
              "(casrec_row_id::bigint) FROM %I.%I "
              "WHERE %I IS NOT NULL AND %I IS NULL HAVING count (*) > 0",
              run->id, table->name, key->column, run->schemas->integration, table->name, old,
              key->column))
        return FALSE;
    }
  return slip_stage_sql_run (
      run->pg, "count the integration's rows", error,
      "INSERT INTO slipway.measure (run, stage, entity, kind, value, rows)\n"
      "SELECT %D, 'integration', %L, kind, value, count FROM (SELECT 'in', NULL, "
      "(SELECT count (*) FROM %I.%I)\n"
      " UNION ALL SELECT 'out', migration_method, count (*) FROM %I.%I GROUP BY "
      "2) AS told (kind, value, count)",
      run->id, table->name, run->schemas->transform, table->name, run->schemas->integration,
      table->name);
}

/* Whether a rule of this stage may look at @column. */
static gboolean
is_in_rules (Keys *keys, const char *column)
{
  GPtrArray *rules = slip_migration_get_rules (keys->run->migration);

  for (guint i = 0; i < rules->len; i++)
    {
      const SlipBusinessRule *rule = g_ptr_array_index (rules, i);

      if (g_str_equal (rule->stage, "integration") && strstr (rule->sql, column) != NULL)
        return TRUE;
    }
  return FALSE;
}

/* What is joined by later, keys and what rules name: to look at all of wide rows is a third of the work of making them. */
static gboolean
analyze (Keys *keys, const SlipTargetTable *table, const char *name, GError **error)
{
  GPtrArray *columns = slip_catalogue_find (keys->columns, table->name);
  g_autoptr (GString) list = g_string_new (NULL);

  for (guint i = 0; i < columns->len; i++)
    {
      const char *column = ((const SlipCatalogueColumn *)columns->pdata[i])->name;

      if (g_strcmp0 (table->primary_key, column) == 0 || find_foreign (table, column) >= 0
          || is_in_rules (keys, column))
        slip_stage_sql_append (list, "%s%I", list->len > 0 ? ", " : "", column);
    }
  return slip_stage_sql_run (keys->run->pg, name, error, "ANALYZE %I.%I%s%s%s",
                             keys->run->schemas->integration, table->name,
                             list->len > 0 ? " (" : "", list->str, list->len > 0 ? ")" : "");
}

static gboolean
make_table (Keys *keys, const SlipTargetTable *table, GError **error)
{
  SlipMigrationRun *run = keys->run;
  GPtrArray *columns = slip_catalogue_find (keys->columns, table->name);
  g_autoptr (GString) list = g_string_new (NULL);
  g_autoptr (GString) saved = g_string_new (NULL);
  g_autofree char *joins = dup_joins (keys, table);
  g_autofree char *name = g_strdup_printf ("integrate %s", table->name);

  for (guint i = 0; i < columns->len; i++)
    if (!append_column (keys, table, g_ptr_array_index (columns, i), list, saved, error))
      return FALSE;
  append_numbers (keys, table, list);
  if (!slip_stage_sql_run (
          run->pg, name, error,
          "CREATE TABLE %I.%I AS SELECT %s%s,\n  %s AS migration_method\n  FROM %I.%I AS t%s",
          run->schemas->integration, table->name, list->str, saved->str,
          table->primary_key != NULL ? "CASE WHEN k.matched THEN 'UPDATE' ELSE 'INSERT' END"
                                     : "'INSERT'::text",
          run->schemas->transform, table->name, joins))
    return FALSE;
  if (table->primary_key != NULL
      && !slip_stage_sql_run (run->pg, name, error, "CREATE UNIQUE INDEX ON %I.%I (%I)",
                              run->schemas->integration, table->name, table->primary_key))
    return FALSE;
  return analyze (keys, table, name, error) && measure_table (keys, table, error);
}

/* A destination that tables.json does not know would be made and never loaded. */
static gboolean
check_known (Keys *keys, GError **error)
{
  GPtrArray *steps = slip_migration_get_steps (keys->run->migration);
  SlipDefinitions *definitions = slip_migration_get_definitions (keys->run->migration);

  for (guint i = 0; i < steps->len; i++)
    {
      const SlipStep *step = g_ptr_array_index (steps, i);

      if (step->definition == NULL
          || slip_definitions_find_target_table (definitions, step->definition->destination)
                 != NULL)
        continue;
      SLIP_STAGE_ERROR (
          error, DEFINITION,
          "step %s fills %s, which tables.json does not name: its rows would never be loaded",
          step->name, step->definition->destination);
      return FALSE;
    }
  return TRUE;
}

/* One table, all or nothing, through the sessions of @run. The order of rows is that of the plan: one process makes it. */
static gboolean
make_one (SlipMigrationRun *run,
          const SlipTargetTable *table,
          Keys *keys,
          gboolean (*func) (Keys *keys, const SlipTargetTable *table, GError **error),
          GError **error)
{
  Keys own = {run, keys->columns, keys->targets, keys->numbers};

  return slip_stage_sql_run (run->pg, "begin a table of the integration", error,
                             "BEGIN; " SLIP_STAGE_NO_WAIT
                             "; SET LOCAL max_parallel_workers_per_gather = 0")
         && func (&own, table, error)
         && slip_stage_sql_run (run->pg, "end a table of the integration", error, "COMMIT");
}

static gboolean
do_keys (SlipMigrationRun *run, const SlipTargetTable *table, gpointer data, GError **error)
{
  return make_one (run, table, data, make_keys, error);
}

static gboolean
do_table (SlipMigrationRun *run, const SlipTargetTable *table, gpointer data, GError **error)
{
  return make_one (run, table, data, make_table, error);
}

gboolean
slip_stage_keys (SlipMigrationRun *run, gint64 *rows, GError **error)
{
  GPtrArray *targets
      = slip_definitions_get_target_tables (slip_migration_get_definitions (run->migration));
  g_autoptr (SlipCatalogue) columns
      = slip_catalogue_read_schema (run->pg, run->schemas->transform, run->cancellable, error);
  g_autoptr (GPtrArray) keyed = g_ptr_array_new ();
  g_autoptr (GPtrArray) filled = g_ptr_array_new (); /* by a step */
  g_autoptr (GHashTable) numbers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  Keys keys = {run, columns, targets, numbers};

  if (columns == NULL || !check_known (&keys, error))
    return FALSE;
  for (guint i = 0; i < targets->len; i++)
    {
      const SlipTargetTable *table = g_ptr_array_index (targets, i);

      if (has_keys (&keys, table->name))
        g_ptr_array_add (keyed, (gpointer)table);
      if (slip_catalogue_find (columns, table->name) != NULL)
        g_ptr_array_add (filled, (gpointer)table);
    }
  return slip_stage_sessions_each (run, "integration", keyed, FALSE, do_keys, &keys, error)
         && slip_stage_uids (run, columns, numbers, error)
         && slip_stage_sessions_each (run, "integration", filled, FALSE, do_table, &keys, error)
         && slip_stage_sql_ask_number (
             run->pg, "count the integration's rows", rows, error,
             "SELECT coalesce (sum (rows), 0)::bigint FROM slipway.measure WHERE run = %D AND "
             "stage = 'integration' AND kind = 'out'",
             run->id);
}
