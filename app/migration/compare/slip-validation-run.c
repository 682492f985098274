/* SPDX-License-Identifier: MIT */
/* A validation from its beginning to its end: queries are compiled, what they read is brought together, each mapping is
 * compared in the migration database, and what was found is written down. With several sessions each commits what it found
 * where nobody reads it; behind the last one all of it is put in place in one transaction, so that a validation that breaks off
 * leaves what the last one found. */

#include "slip-validation-private.h"

#include "slip-migration-error.h"
#include "slip-stage-lost.h"

#include <string.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipValidationQuery, slip_validation_query_free)

void
slip_validator_clear (SlipValidator *self)
{
  g_free (self->client_source);
  g_clear_pointer (&self->target_tables, g_hash_table_unref);
  g_clear_pointer (&self->source_tables, g_hash_table_unref);
  g_clear_pointer (&self->source_words, g_hash_table_unref);
  g_clear_pointer (&self->queries, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SlipValidator, slip_validator_clear)

/* ---- which mappings, and how */

static const char *
find_named (GPtrArray *list, const char *mapping)
{
  for (guint i = 0; i < list->len; i++)
    {
      const SlipNamedSql *named = g_ptr_array_index (list, i);

      if (g_str_equal (named->name, mapping))
        return named->sql;
    }
  return NULL;
}

static const SlipOwnQueries *
find_own (SlipMigration *migration, const char *mapping)
{
  GPtrArray *list = slip_migration_get_validation_rules (migration)->queries;

  for (guint i = 0; i < list->len; i++)
    if (g_str_equal (((const SlipOwnQueries *)list->pdata[i])->mapping, mapping))
      return list->pdata[i];
  return NULL;
}

const char *
slip_validation_find_entity (SlipMigration *migration, const char *mapping)
{
  GPtrArray *steps = slip_migration_get_steps (migration);
  GPtrArray *rules = slip_migration_get_rules (migration);

  g_return_val_if_fail (mapping != NULL, NULL);

  for (guint i = 0; i < steps->len; i++)
    {
      const SlipStep *step = g_ptr_array_index (steps, i);

      if (g_strcmp0 (step->mapping_name, mapping) == 0)
        return step->entity;
    }
  for (guint i = 0; i < rules->len; i++)
    if (g_strcmp0 (((SlipBusinessRule *)rules->pdata[i])->mapping, mapping) == 0)
      return "rules";
  return NULL;
}

static gboolean
is_read_back (const SlipTargetTable *target, const SlipMappingColumn *column)
{
  if (target != NULL && g_strcmp0 (target->primary_key, column->target) == 0)
    return TRUE;
  return !column->primary_key
         && (target == NULL || target->existing == NULL
             || !g_strv_contains ((const char *const *)target->existing->keep_columns,
                                  column->target));
}

guint
slip_validation_count_columns (SlipMigration *migration,
                               const SlipMapping *mapping,
                               gboolean *independent)
{
  SlipDefinitions *definitions = slip_migration_get_definitions (migration);
  const SlipValidation *validation = slip_definitions_find_validation (definitions, mapping->name);
  const SlipOwnQueries *own = find_own (migration, mapping->name);
  const SlipTableDefinition *table
      = slip_definitions_find_table_definition (definitions, mapping->name);
  const SlipTargetTable *target
      = table != NULL ? slip_definitions_find_target_table (definitions, table->destination) : NULL;
  gboolean back
      = find_named (slip_migration_get_validation_rules (migration)->read_back, mapping->name)
            != NULL
        || (own == NULL && !slip_validation_can_generate (mapping, validation));
  guint n = 0;

  *independent = !back;
  for (guint i = 0; i < mapping->columns->len; i++)
    {
      const SlipMappingColumn *column = g_ptr_array_index (mapping->columns, i);

      if (back)
        n += is_read_back (target, column);
      else if (own != NULL)
        n += g_strv_contains ((const char *const *)own->key, column->target)
             || g_strv_contains ((const char *const *)own->columns, column->target);
      else
        n += slip_validation_computes (mapping, validation, column);
    }
  return n;
}

/* What {client_source} is for a mapping. */
static void
take_client_source (SlipValidator *self, SlipValidationQuery *query)
{
  const SlipValidationRules *rules = slip_migration_get_validation_rules (self->migration);
  const char *own = find_named (rules->client_sources, query->mapping);
  JsonNode *value = rules->client_source != NULL
                        ? slip_migration_get_value (self->migration, rules->client_source)
                        : NULL;

  g_free (self->client_source);
  self->client_source = own != NULL ? g_strdup (own) : slip_value_dup_text (value);
  if (own != NULL)
    g_string_append_printf (query->note, "looked for as “%s”, as the sidecar says", own);
}

gboolean
slip_validation_compile (SlipValidator *self, SlipValidationQuery *query, GError **error)
{
  SlipDefinitions *definitions = slip_migration_get_definitions (self->migration);
  const SlipMapping *mapping = slip_definitions_find_mapping (definitions, query->mapping);
  const SlipValidation *validation = slip_definitions_find_validation (definitions, query->mapping);
  const SlipOwnQueries *own = find_own (self->migration, query->mapping);
  const char *reason = find_named (slip_migration_get_validation_rules (self->migration)->read_back,
                                   query->mapping);

  query->entity = g_strdup (slip_validation_find_entity (self->migration, query->mapping));
  query->n_total = mapping->columns->len;
  if (reason == NULL && own != NULL)
    {
      take_client_source (self, query);
      if (!slip_validation_own (self, query, mapping, own, error))
        return FALSE;
      slip_validation_read_back_rest (self, query, mapping);
      return TRUE;
    }
  if (reason == NULL && slip_validation_can_generate (mapping, validation))
    {
      take_client_source (self, query);
      if (!slip_validation_generate (self, query, mapping, validation, error))
        return FALSE;
      slip_validation_read_back_rest (self, query, mapping);
      return TRUE;
    }
  if (reason == NULL)
    reason = validation == NULL ? "there is no validation of it"
                                : "its validation says nothing that could be computed";
  g_string_append_printf (query->note, "read back, not independent: %s", reason);
  return slip_validation_read_back (self, query, mapping, error);
}

gboolean
slip_validation_is_wanted (SlipValidator *self, const char *mapping)
{
  const char *const *only = self->options->mappings;

  return (only == NULL || g_strv_contains (only, mapping))
         && slip_definitions_find_mapping (slip_migration_get_definitions (self->migration),
                                           mapping)
                != NULL
         && slip_validation_find_entity (self->migration, mapping) != NULL;
}

static gboolean
check_wanted (SlipValidator *self, GError **error)
{
  const char *const *only = self->options->mappings;

  for (guint i = 0; only != NULL && only[i] != NULL; i++)
    if (!slip_validation_is_wanted (self, only[i]))
      {
        g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_NOT_FOUND,
                     "nothing fills a mapping %s. “slipwayctl migrate check” lists what there is",
                     only[i]);
        return FALSE;
      }
  return TRUE;
}

/* Where a column is gone that the run was loaded with, no cell of it can be compared, and no difference would say so. */
static gboolean
check_shape (SlipValidator *self, GError **error)
{
  GPtrArray *definitions
      = slip_definitions_get_table_definitions (slip_migration_get_definitions (self->migration));
  g_autoptr (GPtrArray) told = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (SlipPgRows) lost = NULL;
  g_autofree char *list = NULL;

  if (self->options->token == NULL)
    return TRUE;
  lost = slip_stage_lost_ask (self->target, self->options->token, error);
  for (guint i = 0; lost != NULL && i < slip_pg_rows_get_n_rows (lost); i++)
    for (guint k = 0; k < definitions->len; k++)
      {
        const char *name = ((const SlipTableDefinition *)definitions->pdata[k])->name;
        const SlipMapping *mapping = slip_definitions_find_mapping (
            slip_migration_get_definitions (self->migration), name);
        g_autofree char *text = slip_stage_lost_dup_text (lost, i);

        if (slip_validation_is_wanted (self, name)
            && g_strcmp0 (slip_validation_back_find_destination (self, name),
                          slip_pg_rows_get (lost, i, 0))
                   == 0
            && slip_mapping_find_column (mapping, slip_pg_rows_get (lost, i, 1)) != NULL)
          g_ptr_array_add (told, g_strdup_printf ("%s, which %s fills", text, name));
      }
  if (told->len == 0)
    return lost != NULL;
  g_ptr_array_add (told, NULL);
  list = g_strjoinv ("; ", (char **)told->pdata);
  g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_STATE,
               "%s has no more what run %" G_GINT64_FORMAT
               " was loaded into: %s. Nothing was compared. Give these columns back, or let the "
               "definitions say what they are now",
               slip_pg_get_where (self->target), self->options->run, list);
  return FALSE;
}

static gboolean
compile_all (SlipValidator *self, GError **error)
{
  GPtrArray *definitions
      = slip_definitions_get_table_definitions (slip_migration_get_definitions (self->migration));
  const char *source = slip_migration_get_validation_rules (self->migration)->client_source;
  JsonNode *value = source != NULL ? slip_migration_get_value (self->migration, source) : NULL;

  self->client_source = slip_value_dup_text (value);
  for (guint i = 0; i < definitions->len; i++)
    {
      const SlipTableDefinition *definition = g_ptr_array_index (definitions, i);
      SlipValidationQuery *query;

      if (!slip_validation_is_wanted (self, definition->name))
        continue;
      query = slip_validation_query_new (definition->name);
      g_ptr_array_add (self->queries, query);
      if (!slip_validation_compile (self, query, error))
        return FALSE;
    }
  return TRUE;
}

/* ---- one mapping */

/* Only rows of cases that were flagged. */
static char *
dup_limited (SlipValidator *self, const SlipValidationQuery *query, const char *sql)
{
  if (!self->options->recheck || sql == NULL)
    return g_strdup (sql);
  return slip_stage_sql ("SELECT * FROM (%s) AS compared\n WHERE coalesce (cells[1], '') IN "
                         "(SELECT coalesce (coalesce (expected, actual) ->> %L, '')\n"
                         "         FROM slipway.difference WHERE run = %D AND mapping = %L)",
                         sql, query->names->pdata[0], self->options->run, query->mapping);
}

char *
slip_validation_dup_names (const GPtrArray *names)
{
  GString *list = g_string_new (NULL);

  for (guint i = 0; i < names->len; i++)
    slip_stage_sql_append (list, "%s%L", i > 0 ? ", " : "", names->pdata[i]);
  return g_string_free (list, FALSE);
}

static gboolean
compare (SlipValidator *self, const SlipValidationQuery *query, GError **error)
{
  g_autofree char *expected = dup_limited (self, query, query->expected);
  g_autofree char *actual = dup_limited (self, query, query->actual);
  g_autofree char *safe = dup_limited (self, query, query->expected_guarded);
  g_autofree char *also = dup_limited (self, query, query->actual_guarded);
  g_autofree char *names = slip_validation_dup_names (query->names);
  g_auto (GStrv) began
      = slip_stage_sql_ask_list (self->pg, "look at the clock", error, "SELECT clock_timestamp ()");

  return began != NULL
         && slip_stage_sql_run (self->pg, query->mapping, error,
                                "DROP TABLE IF EXISTS slip_expected, slip_actual")
         && slip_validation_make_rows (self, query, FALSE, expected, safe, error)
         && slip_validation_make_rows (self, query, TRUE, actual, also, error)
         && slip_stage_sql_run (
             self->pg, query->mapping, error,
             "SELECT slipway.compare_rows (%D, %L, %L, %L, ARRAY[%s], %D, %D, %D, %s, %s, %L, %L)",
             self->options->run, query->mapping, query->entity, query->source_table, names,
             (gint64)query->n_key, (gint64)query->n_compared, (gint64)query->n_total,
             query->independent ? "true" : "false", self->options->recheck ? "true" : "false",
             began[0], query->note->len > 0 ? query->note->str : NULL);
}

/* What nothing is computed for. */
static gboolean
read_back (SlipValidator *self, const SlipValidationQuery *query, GError **error)
{
  g_autofree char *names = slip_validation_dup_names (query->names);

  return query->back == NULL
         || slip_stage_sql_run (
             self->pg, query->mapping, error,
             "DROP TABLE IF EXISTS slip_back;\nCREATE TEMP TABLE slip_back ON COMMIT DROP "
             "AS\n%s%s;\n"
             "SELECT slipway.add_read_back (%D, %L, %L, ARRAY[%s], %D) WHERE EXISTS (SELECT FROM "
             "slip_back)",
             query->back,
             self->options->recheck
                 ? "\n   AND EXISTS (SELECT FROM slip_actual AS a WHERE a.target_id = b.target_id)"
                 : "",
             self->options->run, query->mapping, query->source_table, names, (gint64)query->n_key);
}

/* What the sidecar has a reason for. */
static gboolean
mark_known (SlipValidator *self, const SlipValidationQuery *query, GError **error)
{
  const SlipValidationRules *rules = slip_migration_get_validation_rules (self->migration);

  for (guint i = 0; i < rules->known->len; i++)
    {
      const SlipKnownDifference *known = g_ptr_array_index (rules->known, i);
      g_autoptr (GString) columns = g_string_new (NULL);
      g_autofree char *where = NULL;

      if (!g_str_equal (known->mapping, query->mapping))
        continue;
      for (guint k = 0; known->columns[k] != NULL; k++)
        slip_stage_sql_append (columns, "%s%L", k > 0 ? ", " : "", known->columns[k]);
      where = known->where != NULL
                  ? slip_migration_expand (self->migration, known->where, self->options->run_date)
                  : g_strdup ("true");
      if (!slip_stage_sql_run (
              self->pg, "mark known differences", error,
              "UPDATE slipway_found.difference AS d SET known = %L WHERE d.run = %D AND d.mapping "
              "= %L "
              "AND d.kind = %L\n"
              "   AND d.known IS NULL AND (%s OR d.columns <@ ARRAY[%s]::text[]) AND (%s)",
              known->reason, self->options->run, query->mapping, known->kind,
              columns->len == 0 || !g_str_equal (known->kind, "differing") ? "true" : "false",
              columns->str, where))
        return FALSE;
    }
  return slip_stage_sql_run (self->pg, "count known differences", error,
                             "UPDATE slipway_found.validation SET known = (SELECT count (*) FROM "
                             "slipway_found.difference WHERE run = %D AND "
                             "mapping = %L AND known IS NOT NULL) WHERE run = %D AND mapping = %L",
                             self->options->run, query->mapping, self->options->run,
                             query->mapping);
}

/* exceptions_<mapping>, all text, as in the original: expected rows that the target does not have, and here the others as
 * well, with their kind. */
static gboolean
write_exceptions (SlipValidator *self, const SlipValidationQuery *query, GError **error)
{
  g_autofree char *table = g_strconcat ("exceptions_", query->mapping, NULL);
  g_autoptr (GString) values = g_string_new (NULL);

  for (guint i = 0; i < query->names->len; i++)
    slip_stage_sql_append (values, "coalesce (expected, actual) ->> %L AS %I, ",
                           query->names->pdata[i], query->names->pdata[i]);
  for (guint i = 0; i < query->back_names->len; i++)
    if (!g_ptr_array_find_with_equal_func (query->names, query->back_names->pdata[i], g_str_equal,
                                           NULL))
      slip_stage_sql_append (values, "coalesce (expected, actual) ->> %L AS %I, ",
                             query->back_names->pdata[i], query->back_names->pdata[i]);
  return slip_stage_sql_run (
      self->pg, table, error,
      "CREATE TABLE " SLIP_VALIDATION_FOUND ".%I AS SELECT %s"
      "kind AS slipway_kind, source_table AS slipway_table, casrec_row_id::text AS slipway_row, "
      "target_id AS slipway_target\n"
      "  FROM slipway_found.difference AS d WHERE run = %D AND mapping = %L ORDER BY d.number",
      table, values->str, self->options->run, query->mapping);
}

static gboolean
was_flagged (SlipValidator *self,
             const SlipValidationQuery *query,
             gboolean *flagged,
             GError **error)
{
  gint64 n = 0;

  if (!slip_stage_sql_ask_number (
          self->pg, "look for flagged rows", &n, error,
          "SELECT count (*) FROM slipway.difference WHERE run = %D AND mapping = %L",
          self->options->run, query->mapping))
    return FALSE;
  *flagged = n > 0;
  return TRUE;
}

static gboolean
compare_one (gpointer session, guint job, gpointer data, GError **error)
{
  static GMutex telling; /* several threads compare, one at a time tells */
  SlipValidator *self = session;
  const SlipValidationQuery *query = g_ptr_array_index (self->queries, job);
  gboolean flagged = TRUE;
  gint64 begun = g_get_monotonic_time ();

  if (self->options->progress != NULL)
    {
      g_mutex_lock (&telling);
      self->options->progress ("validation", query->entity, query->mapping, job, self->queries->len,
                               "steps", self->options->data);
      g_mutex_unlock (&telling);
    }
  if (self->options->recheck && !was_flagged (self, query, &flagged, error))
    return FALSE;
  if (!flagged)
    return TRUE;
  if (!compare (self, query, error) || !read_back (self, query, error)
      || !slip_validation_add_outside (self, query, error) || !mark_known (self, query, error)
      || !write_exceptions (self, query, error)
      || !slip_validator_note_recheck (self, query->mapping, error))
    return FALSE;
  g_debug ("validation of %s: %.3f s", query->mapping,
           (double)(g_get_monotonic_time () - begun) / G_USEC_PER_SEC);
  return TRUE;
}

/* ---- all of it */

/* Those of mappings that are no more; a mapping that is compared forgets its own. */
static gboolean
forget_old (SlipValidator *self, GError **error)
{
  g_autoptr (GString) wanted = g_string_new (NULL);

  for (guint i = 0; i < self->queries->len; i++)
    slip_stage_sql_append (wanted, "%s%L", i > 0 ? ", " : "",
                           ((const SlipValidationQuery *)self->queries->pdata[i])->mapping);
  if (self->options->recheck || self->options->mappings != NULL)
    return TRUE;
  return slip_stage_sql_run (self->pg, "forget the last validation", error,
                             "DELETE FROM slipway.validation WHERE run = %D AND mapping <> ALL "
                             "(ARRAY[%s]::text[])",
                             self->options->run, wanted->str);
}

static gboolean
compare_all (SlipValidator *self, GError **error)
{
  return slip_validator_prepare_found (self, error) && slip_validator_show (self, error)
         && slip_validator_each (self, self->queries->len, compare_one, error)
         && forget_old (self, error) && slip_validator_publish (self, error);
}

static gboolean
end (SlipValidator *self, GError **error)
{
  return slip_stage_sql_run (self->pg, "end a validation", error,
                             "DROP SCHEMA " SLIP_VALIDATION_SCHEMAS
                             " CASCADE; COMMIT; ANALYZE slipway.difference")
         && slip_stage_sql_run (self->target, "end reading the target", error, "COMMIT");
}

GPtrArray *
slip_validation_execute (SlipMigration *migration,
                         SlipPg *pg,
                         SlipPg *target,
                         const SlipValidationOptions *options,
                         GError **error)
{
  g_auto (SlipValidator) self
      = {.migration = migration, .options = options, .pg = pg, .target = target};

  g_return_val_if_fail (SLIP_IS_MIGRATION (migration) && pg != NULL && target != NULL, NULL);
  g_return_val_if_fail (options != NULL && options->run_date != NULL && options->source != NULL,
                        NULL);

  self.schemas = slip_migration_get_schemas (migration);
  self.source_tables = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self.source_words = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self.queries = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_validation_query_free);
  if (check_wanted (&self, error) && slip_validator_begin (&self, error)
      && slip_stage_sql_run (target, "begin to read the target", error,
                             "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
      && slip_validator_read_target (&self, error) && check_shape (&self, error)
      && compile_all (&self, error) && slip_validator_bring (&self, error)
      && compare_all (&self, error) && end (&self, error))
    return slip_validation_results_read (pg, options->run, error);
  slip_pg_rollback (pg);
  slip_pg_rollback (target);
  /* The error that ended it matters more; the next validation drops them as well. */
  if (!slip_stage_sql_run (pg, "drop what was compared", NULL,
                           "DROP SCHEMA IF EXISTS " SLIP_VALIDATION_SCHEMAS " CASCADE"))
    g_debug ("what a validation compared stays for the next one");
  return NULL;
}
