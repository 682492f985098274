/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-migration.h"

G_BEGIN_DECLS

/**
 * SlipCoverage:
 * @mapping: a mapping's name
 * @entity: (nullable): the entity whose step it is, `rules` of one that rules fill; %NULL when nothing uses it
 * @columns: target columns that it has
 * @mapped: those that something fills: a source, a default, a calculation, a key, the sidecar
 * @complete: those that their author signed off
 * @validated: those that a validation compares
 * @independent: whether what these should be is computed apart from the transform, and not read back from it
 *
 * How far a mapping is. A column that nothing fills stays NULL, which can be meant.
 */
typedef struct
{
  char *mapping;
  char *entity;
  guint columns;
  guint mapped;
  guint complete;
  guint validated;
  gboolean independent;
} SlipCoverage;

/**
 * slip_coverage_read:
 * @migration: a migration
 *
 * Counts from the definitions alone. Any thread.
 *
 * Returns: (transfer full) (element-type SlipCoverage): a line for each mapping, by name
 */
GPtrArray *slip_coverage_read (SlipMigration *migration);

/**
 * slip_coverage_take:
 * @coverage: (element-type SlipCoverage): what slip_coverage_read() gave
 * @results: (element-type SlipValidationResult): what a validation compared
 *
 * Puts what was compared in the place of what would be, for mappings that have as many columns still.
 */
void slip_coverage_take (GPtrArray *coverage, GPtrArray *results);

G_END_DECLS
