/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-migration.h"

G_BEGIN_DECLS

/**
 * SlipCoverage:
 * @mapping: a mapping's name
 * @entity: (nullable): the entity whose step it is; %NULL when no step uses it
 * @columns: target columns that it has
 * @mapped: those that something fills: a source, a default, a calculation, a key, the sidecar
 * @complete: those that their author signed off
 * @validated: those that a validation compares
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

G_END_DECLS
