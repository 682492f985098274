/* SPDX-License-Identifier: MIT */
/* The check's look at names in SQL: aliases, columns, tables and functions, in what steps and filters are compiled to and in queries
 * of the target. PostgreSQL parses each statement in a transaction that nobody can commit; nothing is carried out but what makes
 * the steps' tables, empty, in a schema that nobody else sees, and functions. What is wrong is told where it stands in the sidecar. */

#include "slip-migration-check-private.h"

#include "slip-compile.h"
#include "slip-migration-error.h"
#include "slip-sql-file.h"

#include <string.h>

#define RUN_DATE "2000-01-01"

/* Whether statements make what queries behind them could read. */
static gboolean
makes (const char *sql)
{
  return sql != NULL
         && g_regex_match_simple ("\\b(CREATE|ALTER|INTO|EXECUTE)\\b", sql, G_REGEX_CASELESS, 0);
}

/* ---- steps */

static gboolean
is_of_step (const SlipCheckedSql *checked, const SlipStep *step)
{
  if (g_str_has_prefix (checked->path, step->path)
      && (checked->path[strlen (step->path)] == '/' || checked->path[strlen (step->path)] == '\0'))
    return TRUE;
  for (guint i = 0; i < step->decisions->len; i++)
    {
      const SlipDecision *decision = g_ptr_array_index (step->decisions, i);
      g_autofree char *path = g_strconcat ("/decisions/", decision->name, NULL);

      if (g_str_has_prefix (checked->path, path))
        return TRUE;
    }
  return FALSE;
}

/* NULL is of any type; what orders, and what is written, is a text where a type is asked for. */
static const char *
get_mask (const SlipCheckedSql *checked)
{
  gboolean text = checked->order || strstr (checked->path, "/json/") != NULL
                  || strstr (checked->path, "/columns/") != NULL;

  return text ? "NULL::text" : "NULL";
}

static GPtrArray *
list_parts (SlipCheck *check, const SlipStep *step)
{
  GPtrArray *parts = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_sql_part_free);

  for (guint i = 0; i < check->expressions->len; i++)
    {
      const SlipCheckedSql *checked = g_ptr_array_index (check->expressions, i);

      if (is_of_step (checked, step))
        g_ptr_array_add (parts, slip_sql_part_new (g_strdup (checked->path), checked->sql,
                                                   slip_migration_expand (check->migration,
                                                                          checked->sql, RUN_DATE),
                                                   get_mask (checked)));
    }
  return parts;
}

static gboolean
prepare_step (SlipCheck *check, SlipPg *pg, const SlipStep *step, const char *sql, GError **error)
{
  g_autoptr (GPtrArray) parts = list_parts (check, step);
  const SlipCheckedStatement statement
      = {.path = step->path, .sql = sql, .relations = check->target != NULL};

  return slip_migration_check_prepare (check, pg, &statement, parts, error);
}

/* Every destination is there before any step is looked at: in which order steps run is looked at elsewhere. */
static gboolean
compile_steps (SlipCheck *check, SlipPg *pg, GPtrArray *compiled, GError **error)
{
  GPtrArray *steps = slip_migration_get_steps (check->migration);
  SlipCompileOptions options = {.run_date = RUN_DATE};

  for (guint i = 0; i < steps->len; i++)
    {
      g_autoptr (GPtrArray) statements
          = slip_compile_step (check->migration, g_ptr_array_index (steps, i), &options, NULL);

      /* Why one cannot be compiled is found by those who read the definitions. */
      if (statements == NULL || statements->len < 2)
        g_ptr_array_add (compiled, NULL);
      else if (!slip_migration_check_run (pg, "make the tables of steps, empty",
                                          ((SlipStatement *)statements->pdata[0])->sql, error))
        return FALSE;
      else
        g_ptr_array_add (compiled, g_strdup (((SlipStatement *)statements->pdata[1])->sql));
    }
  return TRUE;
}

static const char *
get_type (const SlipCatalogueColumn *column)
{
  return column->type != NULL && column->labels == NULL ? column->type : "text";
}

/* Tables of the target that joins read are copied by stage prepare, which need not have run. */
static gboolean
make_copies (SlipCheck *check, SlipPg *pg, GError **error)
{
  GPtrArray *steps = slip_migration_get_steps (check->migration);
  const char *schema = slip_migration_get_schemas (check->migration)->target;

  for (guint i = 0; check->target != NULL && i < steps->len; i++)
    {
      const SlipStep *step = g_ptr_array_index (steps, i);

      for (guint k = 0; k < step->joins->len; k++)
        {
          const SlipRelation *relation = &((SlipJoin *)step->joins->pdata[k])->relation;
          GPtrArray *columns = relation->kind == SLIP_RELATION_TARGET
                                   ? slip_catalogue_find (check->target, relation->table)
                                   : NULL;
          g_autofree char *left = slip_pg_quote_name (schema);
          g_autofree char *right = columns != NULL ? slip_pg_quote_name (relation->table) : NULL;
          g_autoptr (GString) sql = g_string_new (NULL);

          if (columns == NULL)
            continue;
          g_string_append_printf (
              sql, "CREATE SCHEMA IF NOT EXISTS %s; CREATE TABLE IF NOT EXISTS %s.%s (", left, left,
              right);
          for (guint c = 0; c < columns->len; c++)
            {
              const SlipCatalogueColumn *column = g_ptr_array_index (columns, c);
              g_autofree char *name = slip_pg_quote_name (column->name);

              g_string_append_printf (sql, "%s%s %s", c > 0 ? ", " : "", name, get_type (column));
            }
          g_string_append (sql, ")");
          if (!slip_migration_check_run (pg, "make the target's tables, empty", sql->str, error))
            return FALSE;
        }
    }
  return TRUE;
}

/* A schema as a run finds it; another one's is out of the way until this is rolled back. */
static gboolean
make_schema (SlipPg *pg, const char *schema, const char *away, GError **error)
{
  g_autofree char *name = slip_pg_quote_name (schema);
  g_autofree char *literal = slip_pg_quote_literal (schema);
  g_autofree char *sql = g_strdup_printf (
      "DO $do$ BEGIN IF to_regnamespace (quote_ident (%s)) IS NOT NULL THEN ALTER SCHEMA %s RENAME "
      "TO %s; END IF; END $do$; CREATE SCHEMA %s",
      literal, name, away, name);

  return slip_migration_check_run (pg, "make a schema for what is looked at", sql, error);
}

static gboolean
begin (SlipCheck *check, SlipPg *pg, GError **error)
{
  const SlipSchemas *schemas = slip_migration_get_schemas (check->migration);

  return slip_migration_check_run (pg, "begin to look for names",
                                   "BEGIN; SET LOCAL client_min_messages = warning", error)
         && slip_sql_bar_commit (pg, error)
         && make_schema (pg, schemas->transform, "slipway_checked_transform", error)
         && make_schema (pg, schemas->integration, "slipway_checked_integration", error);
}

static gboolean
make_functions (SlipCheck *check, SlipPg *pg, GError **error)
{
  GPtrArray *functions = slip_migration_get_functions (check->migration);

  for (guint i = 0; i < functions->len; i++)
    {
      const SlipNamedSql *file = g_ptr_array_index (functions, i);
      g_autofree char *sql = slip_migration_expand (check->migration, file->sql, RUN_DATE);

      if (!slip_sql_make_functions (pg, file->name, sql, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
prepare_filters (SlipCheck *check, SlipPg *pg, GError **error)
{
  GPtrArray *filters = slip_migration_get_filters (check->migration);
  g_autofree char *schema
      = slip_pg_quote_name (slip_migration_get_schemas (check->migration)->source);

  for (guint i = 0; i < filters->len; i++)
    {
      const SlipFilter *filter = g_ptr_array_index (filters, i);
      g_autofree char *table = slip_pg_quote_name (filter->table);
      g_autofree char *drop = filter->drop != NULL
                                  ? slip_migration_expand (check->migration, filter->drop, RUN_DATE)
                                  : NULL;
      g_autofree char *sql
          = g_strdup_printf ("SELECT FROM %s.%s AS s WHERE (%s\n)", schema, table, drop);
      g_autofree char *path = g_strdup_printf ("/filters/%u/drop", i);
      g_autoptr (GPtrArray) parts
          = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_sql_part_free);
      const SlipCheckedStatement statement = {.path = path, .sql = sql, .relations = TRUE};

      if (drop == NULL || slip_catalogue_find (check->source, filter->table) == NULL)
        continue;
      g_ptr_array_add (parts,
                       slip_sql_part_new (g_strdup (path), filter->drop, g_strdup (drop), NULL));
      if (!slip_migration_check_prepare (check, pg, &statement, parts, error))
        return FALSE;
    }
  return TRUE;
}

/* ---- rules */

/* As far as it can be known: what steps make of a table, and what the target has of it. */
static gboolean
make_integration (SlipCheck *check, SlipPg *pg, GError **error)
{
  const SlipSchemas *schemas = slip_migration_get_schemas (check->migration);
  GPtrArray *definitions = slip_definitions_get_table_definitions (check->definitions);
  g_autofree char *schema = slip_pg_quote_name (schemas->integration);
  g_autofree char *transform = slip_pg_quote_name (schemas->transform);

  for (guint i = 0; i < definitions->len; i++)
    {
      const char *name = ((SlipTableDefinition *)definitions->pdata[i])->destination;
      GPtrArray *columns = name != NULL ? slip_catalogue_find (check->target, name) : NULL;
      g_autofree char *table = columns != NULL ? slip_pg_quote_name (name) : NULL;
      g_autofree char *literal = columns != NULL ? slip_pg_quote_literal (name) : NULL;
      g_autoptr (GString) sql = g_string_new (NULL);

      if (columns == NULL)
        continue;
      g_string_append_printf (
          sql,
          "DO $do$ BEGIN IF EXISTS (SELECT FROM pg_tables WHERE schemaname = %s AND tablename = "
          "%s) "
          "THEN CREATE TABLE IF NOT EXISTS %s.%s (LIKE %s.%s, migration_method text);\n",
          "{schema}", literal, schema, table, transform, table);
      for (guint c = 0; c < columns->len; c++)
        {
          const SlipCatalogueColumn *column = g_ptr_array_index (columns, c);
          g_autofree char *quoted = slip_pg_quote_name (column->name);

          g_string_append_printf (sql, "ALTER TABLE %s.%s ADD COLUMN IF NOT EXISTS %s %s;\n",
                                  schema, table, quoted, get_type (column));
        }
      g_string_append (sql, "END IF; END $do$");
      {
        g_autofree char *of = slip_pg_quote_literal (schemas->transform);

        g_string_replace (sql, "{schema}", of, 0);
      }
      if (!slip_migration_check_run (pg, "make the integration's tables, empty", sql->str, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
prepare_rules (SlipCheck *check, SlipPg *pg, GError **error)
{
  GPtrArray *rules = slip_migration_get_rules (check->migration);

  if (check->target == NULL)
    return TRUE;
  if (!make_integration (check, pg, error))
    return FALSE;
  for (guint i = 0; i < rules->len; i++)
    {
      const SlipBusinessRule *rule = g_ptr_array_index (rules, i);
      g_autofree char *path = g_strdup_printf ("/rules/%u", i);
      g_autofree char *sql
          = slip_migration_expand (check->migration, rule->sql != NULL ? rule->sql : "", RUN_DATE);
      g_autoptr (GPtrArray) statements = slip_sql_split (sql);
      /* Types are not those of the integration. */
      const SlipCheckedStatement statement
          = {.path = path, .sql = sql, .relations = TRUE, .names = TRUE};

      if (makes (rule->sql) || statements->len != 1 || !slip_sql_is_query (statements->pdata[0]))
        continue;
      if (!slip_migration_check_prepare (check, pg, &statement, NULL, error))
        return FALSE;
    }
  return TRUE;
}

/* ---- queries */

static gboolean
prepare_query (SlipCheck *check, SlipPg *pg, const char *path, const char *sql, GError **error)
{
  g_autofree char *text
      = sql != NULL ? slip_migration_expand (check->migration, sql, RUN_DATE) : NULL;
  const SlipCheckedStatement statement = {.path = path, .sql = text, .relations = TRUE};

  return text == NULL || slip_migration_check_prepare (check, pg, &statement, NULL, error);
}

/* Those of the target look references up, those of the migration database say which are left out. */
static gboolean
prepare_api (SlipCheck *check, SlipPg *pg, gboolean target, GError **error)
{
  const SlipApi *api = slip_migration_get_api (check->migration);

  for (guint i = 0; i < api->checks->len; i++)
    {
      const SlipApiChecks *set = g_ptr_array_index (api->checks, i);
      g_autofree char *path = g_strdup_printf ("/api/checks/%u/%s", i, target ? "ids" : "skip");

      if (!prepare_query (check, pg, path, target ? set->ids : set->skip, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
slip_migration_check_prepare_steps (SlipCheck *check, SlipPg *migration_db, GError **error)
{
  GPtrArray *steps = slip_migration_get_steps (check->migration);
  g_autoptr (GPtrArray) compiled = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) problem = NULL;
  gboolean ok = begin (check, migration_db, &problem)
                && make_functions (check, migration_db, &problem)
                && make_copies (check, migration_db, &problem)
                && compile_steps (check, migration_db, compiled, &problem)
                && prepare_filters (check, migration_db, &problem);

  for (guint i = 0; ok && i < steps->len; i++)
    if (compiled->pdata[i] != NULL)
      ok = prepare_step (check, migration_db, g_ptr_array_index (steps, i), compiled->pdata[i],
                         &problem);
  ok = ok && prepare_rules (check, migration_db, &problem)
       && prepare_api (check, migration_db, FALSE, &problem);
  slip_pg_rollback (migration_db);
  if (ok)
    return TRUE;
  return slip_migration_check_note_unread (check, "the steps' SQL", g_steal_pointer (&problem),
                                           error);
}

/* ---- the target */

/* Where source and target are one database, schemas that a run makes are there by the time that the hook is. */
static gboolean
reads_made (const char *sql)
{
  return sql != NULL
         && (strstr (sql, "{transform}") != NULL || strstr (sql, "{integration}") != NULL
             || strstr (sql, "{staging}") != NULL || strstr (sql, "{source}") != NULL);
}

static gboolean
prepare_hooks (SlipCheck *check, SlipPg *pg, GError **error)
{
  GPtrArray *hooks = slip_migration_get_hooks (check->migration);
  gboolean made = FALSE;

  for (guint i = 0; i < hooks->len; i++)
    {
      const SlipHook *hook = g_ptr_array_index (hooks, i);
      g_autofree char *audit = g_strdup_printf ("/hooks/%u/audit", i);
      g_autofree char *validate = g_strdup_printf ("/hooks/%u/validate", i);

      made = made || makes (hook->setup);
      if (!made && !reads_made (hook->audit)
          && !prepare_query (check, pg, audit, hook->audit, error))
        return FALSE;
      made = made || makes (hook->update);
      if (!made && !reads_made (hook->validate)
          && !prepare_query (check, pg, validate, hook->validate, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
slip_migration_check_prepare_target (SlipCheck *check, SlipPg *target_db, GError **error)
{
  gboolean ok
      = slip_migration_check_run (target_db, "read queries of the target", "BEGIN READ ONLY", error)
        && prepare_hooks (check, target_db, error) && prepare_api (check, target_db, TRUE, error);

  slip_pg_rollback (target_db);
  return ok;
}
