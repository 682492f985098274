/* SPDX-License-Identifier: MIT */
/* The queries of a validation without a run: what they read is made without rows, so that PostgreSQL can be asked whether it
 * understands them before a run is at its end. */

#include "slip-validation-check.h"

#include "slip-sql-file.h"
#include "slip-validation-private.h"

#include <string.h>

#define AWAY "slipway_checked"

typedef SlipValidator Looker;

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Looker, slip_validator_clear)

static void
fragment_free (gpointer data)
{
  SlipValidationFragment *fragment = data;

  g_free (fragment->path);
  g_free (fragment->sql);
  g_free (fragment->text);
  g_free (fragment);
}

static void
add_fragment (GPtrArray *fragments, char *path, const char *sql, char *text, const char *mask)
{
  SlipValidationFragment *fragment = g_new0 (SlipValidationFragment, 1);

  fragment->path = path;
  fragment->sql = g_strdup (sql);
  fragment->text = g_strstrip (text);
  fragment->mask = mask;
  g_ptr_array_add (fragments, fragment);
}

/* Of what {col} stands in nothing is known but what is around it. */
static void
add_transforms (SlipValidator *self,
                GPtrArray *fragments,
                const char *mapping,
                const SlipValidationSide *side,
                const char *member)
{
  for (guint i = 0; i < side->transform->len; i++)
    {
      const SlipValidationColumn *column = g_ptr_array_index (side->transform, i);
      g_autofree char *text = slip_validation_expand (self, column->sql, NULL);
      g_auto (GStrv) parts = g_strsplit (text, "{col}", -1);
      guint longest = 0;

      for (guint k = 1; parts[k] != NULL; k++)
        longest = strlen (parts[k]) > strlen (parts[longest]) ? k : longest;
      add_fragment (fragments,
                    g_strdup_printf ("/%s/%s/transform/%s", mapping, member, column->column),
                    column->sql, g_strdup (parts[longest]), parts[1] == NULL ? "NULL" : NULL);
    }
}

static void
add_side (SlipValidator *self,
          GPtrArray *fragments,
          const char *mapping,
          const SlipValidationSide *side,
          const char *member)
{
  add_transforms (self, fragments, mapping, side, member);
  for (guint i = 0; side->joins[i] != NULL; i++)
    add_fragment (fragments, g_strdup_printf ("/%s/%s/joins/%u", mapping, member, i),
                  side->joins[i], slip_validation_expand (self, side->joins[i], NULL), NULL);
  for (guint i = 0; side->where_clauses[i] != NULL; i++)
    add_fragment (fragments, g_strdup_printf ("/%s/%s/where_clauses/%u", mapping, member, i),
                  side->where_clauses[i],
                  slip_validation_expand (self, side->where_clauses[i], NULL), "true");
}

static char *
dup_own_path (SlipValidator *self, const char *mapping)
{
  GPtrArray *list = slip_migration_get_validation_rules (self->migration)->queries;

  for (guint i = 0; i < list->len; i++)
    if (g_str_equal (((const SlipOwnQueries *)list->pdata[i])->mapping, mapping))
      return g_strdup_printf ("/validation/queries/%u/file", i);
  return NULL;
}

/* ---- one mapping */

typedef struct
{
  SlipValidationQuery *query; /* owned by the validator */
  char *path;
  GPtrArray *fragments;
  char *missing; /* a table that is not landed */
} Looked;

static void
looked_free (gpointer data)
{
  Looked *looked = data;

  g_free (looked->path);
  g_clear_pointer (&looked->fragments, g_ptr_array_unref);
  g_free (looked->missing);
  g_free (looked);
}

/* What it reads of the source goes to the others' if all of it is there. */
static gboolean
take_sources (SlipValidator *self, Looked *looked, GHashTable *all, GError **error)
{
  GHashTableIter iter;
  gpointer table;

  g_hash_table_iter_init (&iter, self->source_tables);
  while (g_hash_table_iter_next (&iter, &table, NULL))
    {
      g_autofree char *name = slip_stage_sql ("%I.%I", self->options->source, (const char *)table);
      gint64 there = 0;

      if (!slip_stage_sql_ask_number (self->pg, "look for a landed table", &there, error,
                                      "SELECT (to_regclass (%L) IS NOT NULL)::int", name))
        return FALSE;
      if (there == 0 && looked->missing == NULL)
        looked->missing = g_strdup (table);
    }
  g_hash_table_iter_init (&iter, self->source_tables);
  while (looked->missing == NULL && g_hash_table_iter_next (&iter, &table, NULL))
    g_hash_table_add (all, g_strdup (table));
  g_hash_table_remove_all (self->source_tables);
  return TRUE;
}

static gboolean
add_mapping (
    SlipValidator *self, const char *mapping, GPtrArray *all, GHashTable *sources, GError **error)
{
  SlipDefinitions *definitions = slip_migration_get_definitions (self->migration);
  const SlipValidation *validation = slip_definitions_find_validation (definitions, mapping);
  SlipValidationQuery *query = slip_validation_query_new (mapping);
  Looked *looked;

  g_ptr_array_add (self->queries, query);
  if (!slip_validation_compile (self, query, error))
    return FALSE;
  if (!query->independent || query->expected == NULL)
    {
      g_hash_table_remove_all (self->source_tables);
      return TRUE;
    }
  looked = g_new0 (Looked, 1);
  g_ptr_array_add (all, looked);
  looked->query = query;
  looked->path = dup_own_path (self, mapping);
  if (looked->path == NULL)
    {
      looked->fragments = g_ptr_array_new_with_free_func (fragment_free);
      add_side (self, looked->fragments, mapping, &validation->expected, "casrec");
      add_side (self, looked->fragments, mapping, &validation->actual, "sirius");
    }
  return take_sources (self, looked, sources, error);
}

/* ---- all of them */

/* Those of a validation that goes on, or broke off, are out of the way until this is rolled back. */
static gboolean
move_away (SlipValidator *self, GError **error)
{
  static const char *const schemas[]
      = {SLIP_VALIDATION_EXPECTED, SLIP_VALIDATION_ACTUAL, SLIP_VALIDATION_FOUND};

  for (gsize i = 0; i < G_N_ELEMENTS (schemas); i++)
    if (!slip_stage_sql_run (self->pg, "make room for what is looked at", error,
                             "DO $do$ BEGIN IF to_regnamespace (%L) IS NOT NULL THEN "
                             "ALTER SCHEMA %s RENAME TO " AWAY "_%s; END IF; END $do$",
                             schemas[i], schemas[i], schemas[i]))
      return FALSE;
  return TRUE;
}

static gboolean
tell_queries (GPtrArray *all, SlipValidationQueryFunc func, gpointer data, GError **error)
{
  for (guint i = 0; i < all->len; i++)
    {
      const Looked *looked = g_ptr_array_index (all, i);
      const char *mapping = looked->query->mapping;

      if (looked->missing != NULL)
        {
          if (!func (looked->path, mapping, NULL, looked->missing, NULL, data, error))
            return FALSE;
        }
      else if (!func (looked->path, mapping, looked->query->expected, NULL, looked->fragments, data,
                      error)
               || !func (looked->path, mapping, looked->query->actual, NULL, looked->fragments,
                         data, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
look (SlipValidator *self, SlipValidationQueryFunc func, gpointer data, GError **error)
{
  GPtrArray *definitions
      = slip_definitions_get_table_definitions (slip_migration_get_definitions (self->migration));
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (looked_free);
  GHashTable *sources = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gboolean ok = slip_validator_begin (self, error) && slip_sql_bar_commit (self->pg, error)
                && move_away (self, error) && slip_validator_read_target (self, error);

  for (guint i = 0; ok && i < definitions->len; i++)
    {
      const char *name = ((const SlipTableDefinition *)definitions->pdata[i])->name;

      ok = !slip_validation_is_wanted (self, name) || add_mapping (self, name, all, sources, error);
    }
  g_hash_table_unref (self->source_tables);
  self->source_tables = sources;
  return ok && slip_validator_bring (self, error) && tell_queries (all, func, data, error);
}

gboolean
slip_validation_each_query (SlipMigration *migration,
                            SlipPg *pg,
                            SlipPg *target,
                            const char *run_date,
                            SlipValidationQueryFunc func,
                            gpointer data,
                            GError **error)
{
  const SlipSchemas *schemas;
  SlipValidationOptions options = {.run_date = run_date};
  g_auto (Looker) self = {.migration = migration, .options = &options, .pg = pg, .target = target};
  gboolean ok;

  g_return_val_if_fail (SLIP_IS_MIGRATION (migration) && pg != NULL && target != NULL, FALSE);
  g_return_val_if_fail (run_date != NULL && func != NULL, FALSE);

  schemas = slip_migration_get_schemas (migration);
  options.source = schemas->source;
  self.schemas = schemas;
  self.empty = TRUE;
  self.source_tables = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self.source_words = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self.queries = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_validation_query_free);
  ok = look (&self, func, data, error);
  slip_pg_rollback (pg);
  return ok;
}
