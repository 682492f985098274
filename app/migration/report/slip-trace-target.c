/* SPDX-License-Identifier: MIT */
/* The second half of a record's way: the keys that its rows got, the rows of the target with the manifest's word for it,
 * and what the validation says. */

#include "slip-trace-private.h"

#include "slip-json.h"
#include "slip-run-report.h"
#include "slip-stage-sql.h"

gboolean
slip_trace_has_table (SlipTracing *tracing, const char *schema, const char *table)
{
  g_autofree char *name = slip_stage_sql ("%I.%I", schema, table);
  gint64 has = 0;

  return slip_stage_sql_ask_number (tracing->pg, "look for a table", &has, NULL,
                                    "SELECT (to_regclass (%L) IS NOT NULL)::int", name)
         && has != 0;
}

/* ---- the target */

static char *
dup_token (SlipTracing *tracing, GError **error)
{
  g_auto (GStrv) list
      = slip_stage_sql_ask_list (tracing->pg, "read the run's token", error,
                                 "SELECT token FROM slipway.run WHERE id = %D", tracing->run);

  if (list == NULL)
    return NULL;
  if (list[0] == NULL)
    g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_NOT_FOUND,
                 "there is no run %" G_GINT64_FORMAT
                 ". “slipwayctl migrate status” lists those that there are",
                 tracing->run);
  return g_strdup (list[0]);
}

/* “a = '1' AND b = '2'” over the primary key, with the values that the integrated row has; NULL without one. */
static char *
dup_key_condition (SlipTracing *tracing, const char *table, const char *values, GError **error)
{
  g_autofree char *name = slip_stage_sql ("%I.%I", tracing->schemas->target, table);
  g_auto (GStrv) columns = slip_stage_sql_ask_list (
      tracing->target, "look for the primary key", error,
      "SELECT a.attname FROM pg_constraint c CROSS JOIN unnest (c.conkey) WITH ORDINALITY AS k "
      "(attnum, n)\n"
      "  JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.attnum\n"
      " WHERE c.contype = 'p' AND c.conrelid = to_regclass (%L) ORDER BY k.n",
      name);
  g_autoptr (JsonNode) node = slip_json_parse (values, -1, NULL);
  JsonObject *row = slip_json_node_object (node);
  g_autoptr (GString) sql = g_string_new (NULL);

  for (guint i = 0; columns != NULL && row != NULL && columns[i] != NULL; i++)
    {
      JsonNode *value = json_object_get_member (row, columns[i]);
      g_autofree char *text
          = value != NULL && !JSON_NODE_HOLDS_NULL (value) ? slip_value_dup_text (value) : NULL;

      if (text == NULL)
        return NULL;
      slip_stage_sql_append (sql, "%st.%I::text = %L", i > 0 ? " AND " : "", columns[i], text);
    }
  return sql->len > 0 ? g_strdup (sql->str) : NULL;
}

static char *
dup_manifest (SlipTracing *tracing, const char *table, const char *token, const char *key)
{
  g_autofree char *row_key = g_strdup_printf ("(%s)", key);
  g_auto (GStrv) list = NULL;

  if (token == NULL || key == NULL)
    return NULL;
  list = slip_stage_sql_ask_list (
      tracing->target, "look at the manifest", NULL,
      "SELECT r.op::text || ' ' || l.loaded::timestamp(0)::text FROM slipway_migration.load l JOIN "
      "slipway_migration.row r ON r.load = l.id\n"
      " WHERE l.token = %L AND l.table_name = %L AND r.key = %L LIMIT 1",
      token, table, row_key);
  return list != NULL ? g_strdup (list[0]) : NULL;
}

static gboolean
read_target (SlipTracing *tracing,
             const char *table,
             const char *token,
             const SlipTraceStep *integrated,
             const char *mapping,
             GError **error)
{
  g_autofree char *condition = dup_key_condition (tracing, table, integrated->values, error);
  g_autofree char *name = g_strdup_printf ("%s.%s", tracing->schemas->target, table);
  g_autofree char *key = g_strdup (integrated->key);
  g_autofree char *values = g_strdup (integrated->values);
  g_autofree char *manifest = NULL;
  g_autoptr (SlipPgRows) rows = NULL;
  SlipTraceStep *step;

  if (condition == NULL)
    return error == NULL || *error == NULL;
  rows = slip_stage_sql_ask (tracing->target, "read the target's row", error,
                             "SELECT row_to_json (t) FROM %I.%I AS t WHERE %s",
                             tracing->schemas->target, table, condition);
  if (rows == NULL)
    return FALSE;
  manifest = dup_manifest (tracing, table, token, key);
  step = slip_trace_add (tracing->trace, "load_to_target", name, table);
  step->key = g_steal_pointer (&key);
  step->mapping = g_strdup (mapping);
  step->lost = slip_pg_rows_get_n_rows (rows) == 0;
  step->values = step->lost ? NULL : g_strdup (slip_pg_rows_get (rows, 0, 0));
  if (step->lost)
    step->what = g_strdup (manifest != NULL ? "was loaded, and is gone from the target"
                                            : "not in the target");
  else if (manifest == NULL)
    step->what = g_strdup (step->key == NULL ? "in the target" : "in the target, not by this run");
  else
    step->what = g_strdup_printf ("%s by this run, %s", manifest[0] == 'U' ? "updated" : "inserted",
                                  manifest + 2);
  return TRUE;
}

/* ---- keys */

static gboolean
read_integrated (SlipTracing *tracing,
                 const char *table,
                 const char *condition,
                 const char *mapping,
                 const char *token,
                 GError **error)
{
  g_autofree char *name = g_strdup_printf ("%s.%s", tracing->schemas->integration, table);
  g_autoptr (SlipPgRows) rows = slip_stage_sql_ask (
      tracing->pg, "look for integrated rows", error,
      "SELECT row_to_json (t), row_to_json (t) ->> 'id', t.migration_method FROM %I.%I AS t WHERE "
      "%s LIMIT %D",
      tracing->schemas->integration, table, condition, (gint64)SLIP_TRACE_MAX_ROWS);

  if (rows == NULL)
    return FALSE;
  for (guint i = 0; i < slip_pg_rows_get_n_rows (rows); i++)
    {
      const char *method = slip_pg_rows_get (rows, i, 2);
      SlipTraceStep *step = slip_trace_add (tracing->trace, "integration", name, table);

      step->key = g_strdup (slip_pg_rows_get (rows, i, 1));
      step->mapping = g_strdup (mapping);
      step->values = g_strdup (slip_pg_rows_get (rows, i, 0));
      step->what
          = g_strdup (g_strcmp0 (method, "UPDATE") == 0 ? "matches a row that the target has"
                                                        : "new, with a key past the target's");
      if (tracing->target != NULL && !read_target (tracing, table, token, step, mapping, error))
        return FALSE;
    }
  return TRUE;
}

/* What stands there is the work of the run that began the stage last: it removes what another one made, and what of its own
 * is there before it is done is none of its rows yet. A run that left the stage out took what was there when it loaded it. */
static gboolean
is_integrated (SlipTracing *tracing, gboolean *integrated, GError **error)
{
  gint64 count = 0;

  if (!slip_stage_sql_ask_number (
          tracing->pg, "look whose rows are integrated", &count, error,
          "SELECT count (*) FROM slipway.run r JOIN slipway.stage s ON s.run = r.id AND s.stage = "
          "'integration'\n"
          " WHERE r.id = %D AND (s.state = 'done' OR s.state = 'skipped' AND EXISTS (\n"
          "   SELECT FROM slipway.stage l WHERE l.run = r.id AND l.stage = 'load_to_target' AND "
          "l.state = 'done'))\n"
          "   AND NOT EXISTS (SELECT FROM slipway.stage o JOIN slipway.run m ON m.id = o.run\n"
          "     WHERE o.stage = 'integration' AND o.state <> 'skipped' AND o.run <> r.id AND "
          "o.started "
          "> s.started\n"
          "       AND m.schemas[3] IS NOT DISTINCT FROM r.schemas[3])",
          tracing->run))
    return FALSE;
  *integrated = count > 0;
  return TRUE;
}

/* A row of the transform in the integration: by the key that it had, or by where it comes from and what it points at. */
static char *
dup_integrated_condition (SlipTracing *tracing, const SlipTraceStep *made, const char *table)
{
  const SlipTargetTable *known = slip_definitions_find_target_table (
      slip_migration_get_definitions (tracing->migration), table);
  g_autoptr (JsonNode) node = slip_json_parse (made->values, -1, NULL);
  JsonObject *row = slip_json_node_object (node);
  g_autoptr (GString) sql = NULL;

  if (known == NULL || row == NULL)
    return NULL;
  if (known->primary_key != NULL && made->key != NULL)
    {
      g_autofree char *old = g_strconcat ("transformation_schema_", known->primary_key, NULL);

      return slip_stage_sql ("t.%I::text = %L", old, made->key);
    }
  sql = g_string_new (NULL);
  slip_stage_sql_append (sql, "t.casrec_mapping_file_name = %L AND t.casrec_row_id = %L",
                         slip_json_string (row, "casrec_mapping_file_name"),
                         slip_json_string (row, "casrec_row_id"));
  for (guint i = 0; i < known->foreign_keys->len; i++)
    {
      const SlipForeignKey *key = g_ptr_array_index (known->foreign_keys, i);
      g_autofree char *old = g_strconcat ("transformation_schema_", key->column, NULL);
      JsonNode *value = json_object_get_member (row, key->column);
      g_autofree char *text
          = value != NULL && !JSON_NODE_HOLDS_NULL (value) ? slip_value_dup_text (value) : NULL;

      if (text != NULL)
        slip_stage_sql_append (sql, " AND t.%I::text = %L", old, text);
    }
  return g_strdup (sql->str);
}

static gboolean
read_behind (SlipTracing *tracing,
             const SlipTraceStep *made,
             const char *token,
             GHashTable *seen,
             GError **error)
{
  const SlipStep *step = made->rule != NULL && made->mapping != NULL
                             ? slip_migration_find_step (tracing->migration, made->rule)
                             : NULL;
  const char *table = step != NULL ? slip_step_get_destination (step) : NULL;
  g_autofree char *condition
      = table != NULL ? dup_integrated_condition (tracing, made, table) : NULL;
  g_autofree char *once = g_strdup_printf ("%s/%s", table, condition);

  if (condition == NULL || !g_hash_table_add (seen, g_steal_pointer (&once)))
    return TRUE;
  if (!tracing->integrated)
    {
      g_autofree char *name = g_strdup_printf ("%s.%s", tracing->schemas->integration, table);

      slip_trace_add (tracing->trace, "integration", name, table)->what
          = g_strdup ("not integrated in this run");
      return TRUE;
    }
  if (!slip_trace_has_table (tracing, tracing->schemas->integration, table))
    return TRUE;
  return read_integrated (tracing, table, condition, made->mapping, token, error);
}

/* Each row of the transform is followed by what became of it, so that the way reads from above. */
gboolean
slip_trace_read_keys (SlipTracing *tracing, GError **error)
{
  g_autoptr (GPtrArray) before = tracing->trace->steps;
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *token = dup_token (tracing, error);
  gboolean ok = token != NULL && is_integrated (tracing, &tracing->integrated, error);

  tracing->trace->steps = slip_trace_new_steps ();
  for (guint i = 0; i < before->len; i++)
    {
      SlipTraceStep *made = g_ptr_array_index (before, i);

      g_ptr_array_add (tracing->trace->steps, made);
      ok = ok && read_behind (tracing, made, token, seen, error);
    }
  g_ptr_array_set_free_func (before, NULL);
  return ok;
}

/* ---- validation */

gboolean
slip_trace_read_validation (SlipTracing *tracing, GError **error)
{
  SlipTrace *trace = tracing->trace;
  g_autoptr (SlipPgRows) rows = NULL;

  if (!slip_trace_has_table (tracing, "slipway", "difference"))
    return TRUE;
  rows = slip_stage_sql_ask (
      tracing->pg, "look at the validation", error,
      "SELECT mapping, kind, key, array_to_string (columns, ', '), known, coalesce (actual, "
      "expected)\n"
      "  FROM slipway.difference WHERE run = %D AND source_table = %L AND casrec_row_id = %D "
      "ORDER BY 1 LIMIT %D",
      tracing->run, trace->table, trace->row_id, (gint64)SLIP_TRACE_MAX_ROWS);
  if (rows == NULL)
    return FALSE;
  for (guint i = 0; i < slip_pg_rows_get_n_rows (rows); i++)
    {
      const char *known = slip_pg_rows_get (rows, i, 4);
      const char *kind = slip_pg_rows_get (rows, i, 1);
      SlipTraceStep *step = slip_trace_add (trace, "validation", slip_pg_rows_get (rows, i, 0),
                                            slip_pg_rows_get (rows, i, 0));

      step->mapping = g_strdup (step->table);
      step->key = g_strdup (slip_pg_rows_get (rows, i, 2));
      step->values = g_strdup (slip_pg_rows_get (rows, i, 5));
      step->what = g_strdup_printf ("%s: %s%s%s", kind, slip_pg_rows_get (rows, i, 3),
                                    known != NULL ? "; known: " : "", known != NULL ? known : "");
      step->lost = g_str_equal (kind, "missing") && known == NULL;
    }
  return TRUE;
}

/* ---- the way back */

/* The landed table that the row ids of a mapping's rows count in; NULL when they can be of several. */
static char *
dup_only_source (SlipMigration *migration, const char *mapping, const char **destination)
{
  GPtrArray *steps = slip_migration_get_steps (migration);
  g_autofree char *only = NULL;

  for (guint i = 0; i < steps->len; i++)
    {
      const SlipStep *step = g_ptr_array_index (steps, i);
      g_autoptr (GPtrArray) sources = NULL;

      if (step->update != NULL || g_strcmp0 (step->mapping_name, mapping) != 0)
        continue;
      *destination = slip_step_get_destination (step);
      sources = slip_step_dup_sources (migration, step);
      if (sources->len != 1 || (only != NULL && !g_str_equal (only, sources->pdata[0])))
        return NULL;
      g_free (only);
      only = g_strdup (sources->pdata[0]);
    }
  return g_steal_pointer (&only);
}

static gint64
ask_row_id (
    SlipTracing *tracing, const char *mapping, const char *table, const char *key, GError **error)
{
  const SlipTargetTable *known = slip_definitions_find_target_table (
      slip_migration_get_definitions (tracing->migration), table);
  g_autofree char *file = g_strconcat (mapping, "_mapping", NULL);
  gint64 row_id = 0;

  if (known == NULL || known->primary_key == NULL
      || !slip_trace_has_table (tracing, tracing->schemas->integration, table))
    return 0;
  if (!slip_stage_sql_ask_number (
          tracing->pg, "look for the row that was integrated", &row_id, error,
          "SELECT coalesce (max (casrec_row_id::bigint), 0) FROM %I.%I\n"
          " WHERE %I::text = %L AND casrec_mapping_file_name = %L",
          tracing->schemas->integration, table, known->primary_key, key, file))
    return 0;
  return row_id;
}

char *
slip_trace_find_key (SlipMigration *migration,
                     gint64 run,
                     SlipPg *pg,
                     const char *mapping,
                     const char *key,
                     gint64 *row_id,
                     GError **error)
{
  SlipTracing tracing = {.migration = migration, .run = run, .pg = pg};
  g_autoptr (GError) local = NULL;
  const char *table = NULL;
  g_autofree char *source = NULL;

  g_return_val_if_fail (SLIP_IS_MIGRATION (migration) && pg != NULL, NULL);
  g_return_val_if_fail (mapping != NULL && key != NULL && row_id != NULL, NULL);

  tracing.schemas = slip_migration_get_schemas (migration);
  source = dup_only_source (migration, mapping, &table);
  *row_id = 0;
  if (!is_integrated (&tracing, &tracing.integrated, error))
    return NULL;
  if (source != NULL && tracing.integrated)
    *row_id = ask_row_id (&tracing, mapping, table, key, &local);
  if (*row_id > 0)
    return g_steal_pointer (&source);
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else if (!tracing.integrated)
    g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_NOT_FOUND,
                 "what stands integrated is not of run %" G_GINT64_FORMAT
                 " any more, so that nobody knows which record became row %s",
                 run, key);
  else if (source == NULL)
    g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_NOT_FOUND,
                 "rows of mapping %s are made of several source tables: which record became row %s "
                 "is not known",
                 mapping, key);
  else
    g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_NOT_FOUND,
                 "row %s of %s is none that run %" G_GINT64_FORMAT
                 " made by mapping %s: it is from elsewhere and has no record",
                 key, table, run, mapping);
  return NULL;
}
