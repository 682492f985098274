/* SPDX-License-Identifier: MIT */
/* What a run did, for the audit log and for whoever signs it off: counts, never values. PostgreSQL writes both forms, from
 * one query for each table, so that they cannot disagree. */

#include "slip-migration-report.h"

#include "slip-migration-run-private.h"
#include "slip-stage-shown.h"

#include "slip-json.h"

/* %D is the run, %s, where there is one, whether the target has nothing of it, and %L the stages in their order; validation is told by what made it, column
 * by column. */
static const struct
{
  const char *name;
  const char *needs; /* the table that a migration database may lack */
  const char *sql;
} tables[] = {
    {"stages", "stage",
     "SELECT stage, CASE WHEN gone AND " SLIP_STAGE_SHOWN_STATE
     " = 'done' AND stage IN ('load_to_target', "
     "'validation', 'api', 'hooks')\n"
     "    THEN 'gone' ELSE " SLIP_STAGE_SHOWN_STATE " END AS state,\n"
     "  rows, round (extract (epoch FROM ended - started), 3) AS seconds,\n"
     "  regexp_replace (" SLIP_STAGE_SHOWN_NOTE ", '“[^”]*”', '“…”', 'g') AS note\n"
     "  FROM slipway.stage JOIN (VALUES (%D, %s)) AS asked (id, gone) ON run = id\n"
     " ORDER BY array_position (string_to_array (%L, ','), stage)"},
    {"files", "run_file",
     "SELECT f.table_name AS \"table\", f.name AS file, f.rows, f.rejected, f.sha256\n"
     "  FROM slipway.run AS r CROSS JOIN " SLIP_STAGE_SHOWN_FILES " AS f\n"
     " WHERE r.id = %D ORDER BY f.table_name, f.part"},
    {"measures", "measure",
     "SELECT stage, entity, step, column_name AS \"column\", kind, sum (rows) AS rows\n"
     "  FROM slipway.measure WHERE run = %D\n"
     " GROUP BY stage, entity, step, column_name, kind ORDER BY 1, 2, 3, 4, 5"},
    {"validation", "validation",
     "SELECT * FROM slipway.validation WHERE run = %D ORDER BY mapping"},
};

const char *const *
slip_migration_report_get_tables (void)
{
  static const char *names[G_N_ELEMENTS (tables) + 1];

  for (gsize i = 0; i < G_N_ELEMENTS (tables); i++)
    names[i] = tables[i].name;
  return names;
}

/* A database that an older version made may lack a table; it then has no rows. */
static char *
dup_query (SlipPg *pg, gsize index, gint64 run, gboolean gone, GError **error)
{
  g_autofree char *order = g_strjoinv (",", (char **)slip_migration_run_get_stages ());
  gboolean has = FALSE;

  if (!slip_migration_run_has_table (pg, "slipway", tables[index].needs, &has, error))
    return NULL;
  return has ? slip_stage_sql (tables[index].sql, run, gone ? "true" : "false", order)
             : g_strdup ("SELECT WHERE false");
}

static JsonNode *
read_json (SlipPg *pg, const char *name, const char *sql, GError **error)
{
  g_autoptr (SlipPgRows) rows = slip_stage_sql_ask (pg, name, error, "%s", sql);

  if (rows == NULL)
    return NULL;
  return slip_json_parse (
      slip_pg_rows_get_n_rows (rows) > 0 ? slip_pg_rows_get (rows, 0, 0) : "null", -1, error);
}

static JsonNode *
read_table (SlipPg *pg, gsize index, gint64 run, gboolean gone, GError **error)
{
  g_autofree char *query = dup_query (pg, index, run, gone, error);
  g_autofree char *sql = NULL;

  if (query == NULL)
    return NULL;
  sql = g_strdup_printf ("SELECT coalesce (json_agg (t), '[]') FROM (%s) AS t", query);
  return read_json (pg, "report a table", sql, error);
}

static JsonNode *
read_run (SlipPg *pg, gint64 run, gboolean gone, GError **error)
{
  gboolean has = FALSE;
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *sql = slip_stage_sql (
      "SELECT json_build_object ('run', id, 'name', name, 'mode', mode, 'runDate', run_date, "
      "'state', CASE WHEN %s AND state = 'done' THEN 'gone' ELSE state END,\n"
      "  'definitionsSha256', definitions_sha256, 'sidecarSha256', sidecar_sha256)\n"
      "  FROM slipway.run WHERE id = %D",
      gone ? "true" : "false", run);

  if (!slip_migration_run_has_table (pg, "slipway", "run", &has, error))
    return NULL;
  node = has ? read_json (pg, "report a run", sql, error) : NULL;
  if (has && node == NULL)
    return NULL;
  if (slip_json_node_object (node) != NULL)
    return g_steal_pointer (&node);
  SLIP_STAGE_ERROR (error, NOT_FOUND,
                    "there is no run %" G_GINT64_FORMAT
                    " in %s. slipwayctl migrate status tells which there are",
                    run, slip_pg_get_where (pg));
  return NULL;
}

JsonNode *
slip_migration_report_read (SlipPg *pg, gint64 run, gboolean gone, GError **error)
{
  g_return_val_if_fail (pg != NULL, NULL);

  g_autoptr (JsonNode) node = read_run (pg, run, gone, error);

  for (gsize i = 0; node != NULL && i < G_N_ELEMENTS (tables); i++)
    {
      JsonNode *table = read_table (pg, i, run, gone, error);

      if (table == NULL)
        return NULL;
      json_object_set_member (json_node_get_object (node), tables[i].name, table);
    }
  return g_steal_pointer (&node);
}

/* ---- CSV */

static gboolean
append (const char *data, gsize length, gpointer user_data, GError **error)
{
  g_string_append_len (user_data, data, (gssize)length);
  return TRUE;
}

char *
slip_migration_report_csv (SlipPg *pg, gint64 run, const char *table, gboolean gone, GError **error)
{
  g_return_val_if_fail (pg != NULL && table != NULL, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (tables); i++)
    if (g_str_equal (tables[i].name, table))
      {
        g_autofree char *query = dup_query (pg, i, run, gone, error);
        g_autofree char *sql = NULL;
        g_autoptr (GString) text = g_string_new (NULL);

        if (query == NULL)
          return NULL;
        sql = g_strdup_printf ("COPY (%s) TO STDOUT (FORMAT csv, HEADER)", query);
        slip_pg_name_statement (pg, table);
        if (!slip_pg_copy_out (pg, sql, append, text, NULL, error))
          return NULL;
        return g_string_free (g_steal_pointer (&text), FALSE);
      }
  SLIP_STAGE_ERROR (error, NOT_FOUND, "a report has no table %s", table);
  return NULL;
}
