/* SPDX-License-Identifier: MIT */
/* How much of each mapping is done, signed off and compared, from the files alone. */

#include "slip-coverage.h"

#include "slip-mapping-rule.h"
#include "slip-validation-run.h"

static void
coverage_free (gpointer data)
{
  SlipCoverage *coverage = data;

  g_free (coverage->mapping);
  g_free (coverage->entity);
  g_free (coverage);
}

static SlipCoverage *
cover (SlipMigration *migration, const SlipMapping *mapping)
{
  SlipCoverage *coverage = g_new0 (SlipCoverage, 1);

  coverage->mapping = g_strdup (mapping->name);
  coverage->entity = g_strdup (slip_validation_find_entity (migration, mapping->name));
  coverage->columns = mapping->columns->len;
  for (guint i = 0; i < mapping->columns->len; i++)
    {
      const SlipMappingColumn *column = g_ptr_array_index (mapping->columns, i);
      g_autofree char *rule = slip_mapping_rule_dup_text (migration, mapping->name, column->target);

      coverage->mapped += rule[0] != '\0';
      coverage->complete += column->complete;
    }
  if (coverage->entity != NULL)
    coverage->validated
        = slip_validation_count_columns (migration, mapping, &coverage->independent);
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

void
slip_coverage_take (GPtrArray *coverage, GPtrArray *results)
{
  g_return_if_fail (coverage != NULL && results != NULL);

  for (guint i = 0; i < coverage->len; i++)
    for (guint j = 0; j < results->len; j++)
      {
        SlipCoverage *one = g_ptr_array_index (coverage, i);
        const SlipValidationResult *result = g_ptr_array_index (results, j);

        if (!g_str_equal (one->mapping, result->mapping) || one->columns != result->columns_total)
          continue;
        one->validated = result->columns_compared;
        one->independent = result->independent;
      }
}
