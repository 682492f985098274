/* SPDX-License-Identifier: MIT */
/* How much of each mapping is done, signed off and compared, from the files alone. */

#include "slip-coverage.h"

#include "slip-mapping-rule.h"

static void
coverage_free (gpointer data)
{
  SlipCoverage *coverage = data;

  g_free (coverage->mapping);
  g_free (coverage->entity);
  g_free (coverage);
}

static const SlipStep *
find_step (SlipMigration *migration, const char *mapping)
{
  GPtrArray *steps = slip_migration_get_steps (migration);

  for (guint i = 0; i < steps->len; i++)
    if (g_strcmp0 (((const SlipStep *)steps->pdata[i])->mapping_name, mapping) == 0)
      return steps->pdata[i];
  return NULL;
}

static SlipCoverage *
cover (SlipMigration *migration, const SlipMapping *mapping)
{
  SlipCoverage *coverage = g_new0 (SlipCoverage, 1);
  const SlipStep *step = find_step (migration, mapping->name);
  const SlipValidation *validation = slip_definitions_find_validation (
      slip_migration_get_definitions (migration), mapping->name);

  coverage->mapping = g_strdup (mapping->name);
  coverage->entity = step != NULL ? g_strdup (step->entity) : NULL;
  coverage->columns = mapping->columns->len;
  for (guint i = 0; i < mapping->columns->len; i++)
    {
      const SlipMappingColumn *column = g_ptr_array_index (mapping->columns, i);
      g_autofree char *rule = slip_mapping_rule_dup_text (migration, mapping->name, column->target);

      coverage->mapped += rule[0] != '\0';
      coverage->complete += column->complete;
      coverage->validated
          += validation != NULL
             && !g_strv_contains ((const char *const *)validation->exclude, column->target);
    }
  return coverage;
}

GPtrArray *
slip_coverage_read (SlipMigration *migration)
{
  GPtrArray *all = g_ptr_array_new_with_free_func (coverage_free);
  GPtrArray *mappings;

  g_return_val_if_fail (SLIP_IS_MIGRATION (migration), all);

  mappings = slip_definitions_get_mappings (slip_migration_get_definitions (migration));
  for (guint i = 0; i < mappings->len; i++)
    g_ptr_array_add (all, cover (migration, g_ptr_array_index (mappings, i)));
  return all;
}
