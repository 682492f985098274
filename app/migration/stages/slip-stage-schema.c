/* SPDX-License-Identifier: MIT */
/* Schemas of the migration database that runs drop and make again: only those that a run made. Each bears a mark, its comment,
 * which goes where the schema goes: with a dump, with a copy of the database, and with DROP SCHEMA. */

#include "slip-migration-run-private.h"

/* 06-stages.sql puts the same on schemas of earlier versions. */
#define MARK "Made by Slipway, whose runs drop it and make it again"

/* What is in a schema that bears no mark; NULL where it may be dropped: it is not there, is empty, or is a run's. */
static gboolean
find_strange (SlipPg *pg, const char *schema, char **strange, GError **error)
{
  g_auto (GStrv) found = slip_stage_sql_ask_list (
      pg, "look whose a schema is", error,
      "SELECT count (*) || ' of them: ' || string_agg (pg_describe_object (classid, objid, 0), ', "
      "' "
      "ORDER BY objid) FILTER (WHERE number <= 5) || CASE WHEN count (*) > 5 THEN ', …' ELSE '' "
      "END\n"
      "  FROM (SELECT d.classid, d.objid, row_number () OVER (ORDER BY d.objid) AS number\n"
      "          FROM pg_namespace n JOIN pg_depend d ON d.refclassid = 'pg_namespace'::regclass\n"
      "           AND d.refobjid = n.oid AND d.deptype = 'n'\n"
      "         WHERE n.nspname = %L AND coalesce (obj_description (n.oid, 'pg_namespace'), '') <> "
      "%L) AS things\n"
      "HAVING count (*) > 0",
      schema, MARK);

  *strange = found != NULL ? g_strdup (found[0]) : NULL;
  return found != NULL;
}

gboolean
slip_stage_schema_check (SlipPg *pg, const char *schema, GError **error)
{
  g_autofree char *strange = NULL;
  g_autofree char *name = NULL;

  if (!find_strange (pg, schema, &strange, error))
    return FALSE;
  if (strange == NULL)
    return TRUE;
  name = slip_pg_quote_name (schema);
  SLIP_STAGE_ERROR (error, STATE,
                    "no run made schema %s of %s, and a run would drop it with all that is in it "
                    "(%s). Say another name under “schemas” in the sidecar, or another migration "
                    "database; or, when nothing in it is needed: DROP SCHEMA %s CASCADE",
                    name, slip_pg_get_where (pg), strange, name);
  return FALSE;
}

gboolean
slip_stage_schema_drop (SlipPg *pg, const char *schema, GError **error)
{
  return slip_stage_schema_check (pg, schema, error)
         && slip_stage_sql_run (pg, "drop a schema", error, "DROP SCHEMA IF EXISTS %I CASCADE",
                                schema);
}

gboolean
slip_stage_schema_make (SlipPg *pg, const char *schema, GError **error)
{
  return slip_stage_schema_drop (pg, schema, error)
         && slip_stage_sql_run (pg, "make a schema", error,
                                "CREATE SCHEMA %I; COMMENT ON SCHEMA %I IS %L", schema, schema,
                                MARK);
}

/* Of a run, as its row names them: source, transform, integration and staging. */
gboolean
slip_stage_schema_check_run (SlipPg *pg, char **schemas, GError **error)
{
  g_autofree char *kept = g_strconcat (schemas[0], "_kept", NULL);
  g_autofree char *keys = g_strconcat (schemas[2], "_keys", NULL);

  for (guint i = 1; i < 4; i++)
    if (!slip_stage_schema_check (pg, schemas[i], error))
      return FALSE;
  return slip_stage_schema_check (pg, kept, error) && slip_stage_schema_check (pg, keys, error);
}

gboolean
slip_stage_schema_undo (SlipPg *pg, char **schemas, const char *stage, GError **error)
{
  g_autofree char *kept = g_strconcat (schemas[0], "_kept", NULL);
  g_autofree char *keys = g_strconcat (schemas[2], "_keys", NULL);

  if (g_str_equal (stage, "filter"))
    return slip_stage_schema_drop (pg, kept, error)
           && slip_stage_sql_run (pg, "undo stage filter", error, "DELETE FROM slipway.excluded");
  if (g_str_equal (stage, "prepare"))
    return slip_stage_schema_drop (pg, schemas[3], error);
  if (g_str_equal (stage, "transform"))
    return slip_stage_schema_drop (pg, schemas[1], error)
           && slip_stage_sql_run (pg, "undo stage transform", error, "DELETE FROM slipway.step");
  if (g_str_equal (stage, "integration"))
    return slip_stage_schema_drop (pg, schemas[2], error)
           && slip_stage_schema_drop (pg, keys, error);
  return TRUE;
}

static void
refuse_exchanged (SlipPg *pg, SlipPg *target, const char *why, GError **error)
{
  SLIP_STAGE_ERROR (error, STATE,
                    "%s. Nothing was written. Are --migration-db and --target-db exchanged? The "
                    "migration database is %s here, and the target %s",
                    why, slip_pg_get_where (pg), slip_pg_get_where (target));
}

/* Before anything is written. What a database has is that of its part: books of runs in the one, the manifest in the other; one
 * database can have both. What is written into a database that has nothing but a manifest slip_functions_install() refuses. */
gboolean
slip_stage_schema_check_roles (SlipPg *pg, SlipPg *target, GError **error)
{
  gboolean same = FALSE;
  gboolean books = FALSE;
  gboolean manifest = FALSE;

  if (!slip_stage_sql_is_same_database (pg, target, &same, error)
      || !slip_migration_run_has_table (target, "slipway", "run", &books, error)
      || !slip_migration_run_has_manifest (target, &manifest, error))
    return FALSE;
  if (same || !books || manifest)
    return TRUE;
  refuse_exchanged (pg, target, "the database that is named as the target is one that runs work in",
                    error);
  return FALSE;
}

/* Before the first run neither has anything of ours, and the tables that rows go into tell which is which. */
gboolean
slip_stage_schema_check_sides (SlipMigrationRun *run, GError **error)
{
  g_autofree char *tables = slip_stage_shape_dup_tables (run);
  g_autofree char *sql = slip_stage_sql (
      "SELECT count (*) FROM unnest (%s) AS t WHERE to_regclass (format ('%%I.%%I', %L, t)) IS NOT "
      "NULL",
      tables, run->schemas->target);
  gint64 there = 0;
  gint64 here = 0;

  if (!slip_stage_schema_check_roles (run->pg, run->target, error)
      || !slip_stage_sql_ask_number (run->target, "look for the target's tables", &there, error,
                                     "%s", sql)
      || !slip_stage_sql_ask_number (run->pg, "look for the target's tables", &here, error, "%s",
                                     sql))
    return FALSE;
  if (there > 0 || here == 0)
    return TRUE;
  refuse_exchanged (run->pg, run->target,
                    "the tables that rows go into are in the database that is named as the "
                    "migration database, and none is in the target",
                    error);
  return FALSE;
}

/* Before anything is written: all schemas that stages drop. */
gboolean
slip_stage_schema_check_all (SlipMigrationRun *run, GError **error)
{
  g_autofree char *keys = slip_stage_keys_dup_schema (run);
  const char *schemas[]
      = {run->kept, run->schemas->staging, run->schemas->transform, run->schemas->integration,
         keys,      run->schemas->source};
  gboolean same = FALSE;

  if (!slip_stage_sql_is_same_database (run->pg, run->target, &same, error))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (schemas); i++)
    {
      if (same && g_str_equal (schemas[i], run->schemas->target))
        {
          SLIP_STAGE_ERROR (error, STATE,
                            "schema %s of %s is the target's own, and this migration works in one "
                            "of that name in the same database. Say another name under “schemas” "
                            "in the sidecar, or another migration database",
                            schemas[i], slip_pg_get_where (run->pg));
          return FALSE;
        }
      if (schemas[i] != run->schemas->source
          && !slip_stage_schema_check (run->pg, schemas[i], error))
        return FALSE;
    }
  return TRUE;
}
