/* SPDX-License-Identifier: MIT */
/* Compiles one step of a migration into SQL. The text is a chain of common table expressions in the order of
 * the original's row pipeline (source, kept, mapped, filled, decided, joined, typed, written), each of which
 * lists its columns, so that a person can run it up to any stage and look. This file gathers what the stages
 * need; slip-compile-source.c and the files after it write them. Nothing here talks to a database. */

#include "slip-compile-private.h"

#include "slip-migration-error.h"

#include <stdlib.h>
#include <string.h>

void
slip_statement_free (SlipStatement *statement)
{
  if (statement == NULL)
    return;
  g_free (statement->name);
  g_free (statement->purpose);
  g_free (statement->sql);
  g_free (statement);
}

static void
compiled_free (gpointer data)
{
  SlipCompiledColumn *compiled = data;

  g_free (compiled->name);
  g_free (compiled->mapped);
  g_free (compiled->bad);
  g_free (compiled->altered);
  g_free (compiled->constant);
  g_free (compiled->joined);
  g_free (compiled);
}

static void
read_column (SlipCompiler *self, const char *name)
{
  if (!g_ptr_array_find_with_equal_func (self->raw, name, g_str_equal, NULL))
    g_ptr_array_add (self->raw, g_strdup (name));
}

/* A source column that rows carry on under its c_ name. */
static void
carry_column (SlipCompiler *self, const char *name)
{
  g_autofree char *c_name = slip_table_definition_dup_c_name (name);

  read_column (self, name);
  g_hash_table_insert (self->sources, g_steal_pointer (&c_name), g_strdup (name));
}

static void
gather_raw (SlipCompiler *self)
{
  const SlipTableDefinition *definition = self->step->definition;
  const SlipMapping *mapping = self->step->mapping;

  for (guint i = 0; i < mapping->columns->len; i++)
    {
      const SlipMappingColumn *column = g_ptr_array_index (mapping->columns, i);

      if (column->source_columns == NULL || g_strcmp0 (column->source_table, self->table) != 0)
        continue;
      for (char **name = column->source_columns; *name != NULL; name++)
        read_column (self, *name);
    }
  for (guint i = 0; definition->additional_columns[i] != NULL; i++)
    carry_column (self, definition->additional_columns[i]);
  for (guint i = 0; i < definition->transforms->len; i++)
    {
      const SlipTableTransform *transform = g_ptr_array_index (definition->transforms, i);

      for (guint j = 0; transform->source_columns[j] != NULL; j++)
        carry_column (self, transform->source_columns[j]);
    }
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (a, b);
}

static void
add_carried (SlipCompiler *self)
{
  g_autoptr (GList) names = g_list_sort (g_hash_table_get_keys (self->sources), compare_texts);

  for (GList *l = names; l != NULL; l = l->next)
    slip_compile_add (self, l->data, NULL);
}

/* The step's own expressions, which have the last word on their columns. */
static void
add_own (SlipCompiler *self)
{
  const SlipStep *step = self->step;

  for (guint i = 0; i < step->columns->len; i++)
    {
      const SlipNamedSql *own = g_ptr_array_index (step->columns, i);
      g_autofree char *sql = slip_compile_expand (self, own->sql);
      SlipCompiledColumn *compiled
          = slip_compile_add (self, own->name, slip_mapping_find_column (step->mapping, own->name));

      g_free (compiled->joined);
      compiled->joined = g_strdup_printf ("(%s)::text", sql);
      compiled->form = SLIP_FORM_TEXT;
    }
  for (guint i = 0; i < step->json->len; i++)
    {
      const SlipJsonColumn *json = g_ptr_array_index (step->json, i);
      SlipCompiledColumn *compiled = slip_compile_add (
          self, json->column, slip_mapping_find_column (step->mapping, json->column));

      g_free (compiled->joined);
      compiled->joined = slip_compile_json (self, json->template);
      compiled->form = SLIP_FORM_JSON;
    }
}

static gboolean
check_step (const SlipStep *step, GError **error)
{
  const char *problem = NULL;

  if (step->mapping == NULL || step->definition == NULL)
    problem = "has no mapping or no table definition. Run “slipwayctl migrate check” for what is "
              "missing.";
  else if (step->from == NULL && step->definition->source_table == NULL)
    problem = "has no source table. Say in its “from” where its rows come from.";
  else if (step->from != NULL && step->decisions->len > 0)
    problem = "takes its rows “from” a relation, so that its decisions have no inputs. Write what "
              "they decide"
              " as “columns”.";
  if (problem == NULL)
    return TRUE;
  g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_DEFINITION,
               "step %s of entity %s %s", step->name, step->entity, problem);
  return FALSE;
}

static void
init (SlipCompiler *self,
      SlipMigration *migration,
      const SlipStep *step,
      const SlipCompileOptions *options)
{
  self->migration = migration;
  self->step = step;
  self->options = options;
  self->schemas = slip_migration_get_schemas (migration);
  self->strict = slip_migration_is_strict (migration);
  self->run_year = atoi (options->run_date);
  self->destination = step->update != NULL ? step->update->table : step->definition->destination;
  self->columns = g_ptr_array_new_with_free_func (compiled_free);
  self->raw = g_ptr_array_new_with_free_func (g_free);
  self->sources = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->sql = g_string_new ("WITH\n");
  if (step->from == NULL)
    {
      SlipRelation source = {SLIP_RELATION_SOURCE, step->definition->source_table, NULL};

      self->table = step->definition->source_table;
      self->relation = slip_compile_relation (self, &source);
    }
}

static void
clear (SlipCompiler *self)
{
  g_ptr_array_unref (self->columns);
  g_ptr_array_unref (self->raw);
  g_hash_table_unref (self->sources);
  g_string_free (self->sql, TRUE);
  g_free (self->relation);
  g_free (self->latest_by);
}

static void
compile_rows (SlipCompiler *self)
{
  const SlipMapping *mapping = self->step->mapping;

  for (guint i = 0; i < mapping->columns->len; i++)
    {
      const SlipMappingColumn *column = g_ptr_array_index (mapping->columns, i);

      slip_compile_add (self, column->target, column);
    }
  if (self->step->from == NULL)
    {
      gather_raw (self);
      slip_compile_source (self);
      add_carried (self);
      slip_compile_mapped (self);
      slip_compile_filled (self);
      slip_compile_decided (self);
    }
  else
    slip_compile_constants (self);
  add_own (self);
  slip_compile_joined (self);
  slip_compile_typed (self);
  slip_compile_written (self);
}

/* What the functions that the step's own SQL calls read: the run's mode, and the year that years of two digits are near to. */
static char *
dup_table (SlipCompiler *self)
{
  g_autofree char *table = slip_compile_dup_table (self);

  return g_strdup_printf ("SELECT set_config ('slipway.mode', '%s', false), set_config "
                          "('slipway.run_year', '%d', false);\n%s",
                          self->strict ? "strict" : "compat", self->run_year, table);
}

static void
add_statement (
    GPtrArray *statements, SlipCompiler *self, const char *what, char *purpose, char *sql)
{
  SlipStatement *statement = g_new0 (SlipStatement, 1);

  statement->name = g_strdup_printf ("transform %s: %s", self->step->name, what);
  statement->purpose = purpose;
  statement->sql = sql;
  g_ptr_array_add (statements, statement);
}

GPtrArray *
slip_compile_step (SlipMigration *migration,
                   const SlipStep *step,
                   const SlipCompileOptions *options,
                   GError **error)
{
  GPtrArray *statements;
  SlipCompiler self = {0};
  const char *source;

  g_return_val_if_fail (SLIP_IS_MIGRATION (migration), NULL);
  g_return_val_if_fail (step != NULL && options != NULL && options->run_date != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!check_step (step, error))
    return NULL;
  statements = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_statement_free);
  init (&self, migration, step, options);
  compile_rows (&self);
  source = step->from == NULL                   ? self.table
           : step->from->relation.table != NULL ? step->from->relation.table
                                                : "a query";
  add_statement (statements, &self, "table",
                 g_strdup_printf ("Makes %s.%s, or adds the columns that it lacks.",
                                  self.schemas->transform, self.destination),
                 dup_table (&self));
  add_statement (
      statements, &self, step->update != NULL ? "update" : "insert",
      g_strdup_printf (step->update != NULL
                           ? "Changes rows of %s.%s by those of %s, and counts what became of each."
                           : "Fills %s.%s from %s, and counts what became of each row.",
                       self.schemas->transform, self.destination, source),
      g_strdup (self.sql->str));
  add_statement (statements, &self, "analyze",
                 g_strdup_printf ("Tells the planner of later steps what %s.%s holds now.",
                                  self.schemas->transform, self.destination),
                 slip_compile_dup_statistics (&self));
  clear (&self);
  return statements;
}

char *
slip_compile_dup_script (GPtrArray *statements)
{
  GString *script = g_string_new (NULL);

  g_return_val_if_fail (statements != NULL, NULL);

  for (guint i = 0; i < statements->len; i++)
    {
      const SlipStatement *statement = g_ptr_array_index (statements, i);

      g_string_append_printf (script, "%s-- %s\n-- %s\n%s", i > 0 ? "\n" : "", statement->name,
                              statement->purpose, statement->sql);
    }
  return g_string_free (script, FALSE);
}
