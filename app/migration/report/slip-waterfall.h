/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-run-report.h"

G_BEGIN_DECLS

/**
 * SlipWaterfallLevel:
 * @SLIP_WATERFALL_LANDED: source rows, once for each step that reads them
 * @SLIP_WATERFALL_KEPT: those that filters leave
 * @SLIP_WATERFALL_TRANSFORMED: rows that the steps made of them
 * @SLIP_WATERFALL_INTEGRATED: rows with the keys of the target
 * @SLIP_WATERFALL_LOADED: rows that the target took
 * @SLIP_WATERFALL_VALIDATED: rows that are in the target as they are expected
 *
 * Where rows are counted.
 */
typedef enum
{
  SLIP_WATERFALL_LANDED,
  SLIP_WATERFALL_KEPT,
  SLIP_WATERFALL_TRANSFORMED,
  SLIP_WATERFALL_INTEGRATED,
  SLIP_WATERFALL_LOADED,
  SLIP_WATERFALL_VALIDATED,
} SlipWaterfallLevel;

#define SLIP_WATERFALL_N_LEVELS 6

/**
 * SlipWaterfallGap:
 * @table: the table of the target that it is about
 * @level: the level before which it lies
 * @step: (nullable): the step, the filter or the mapping
 * @what: why, such as a condition's or join's name; untranslated
 * @kind: `filtered`, `dropped`, `multiplied`, `missing`, `extra`, `differing`, `not compared`, `between`
 * @rows: how many rows came (positive) or went (negative)
 * @measure: (nullable): the measure behind it, of the report; %NULL when no row ids are kept
 */
typedef struct
{
  char *table;
  SlipWaterfallLevel level;
  char *step;
  char *what;
  char *kind;
  gint64 rows;
  const SlipMeasure *measure;
} SlipWaterfallGap;

/**
 * SlipWaterfallTable:
 * @name: a table of the target; "" for all of them
 * @counts: rows at each level; -1 where nothing was counted
 * @gaps: (element-type SlipWaterfallGap): what lies between, in order; of all tables for "", borrowed then
 */
typedef struct
{
  char *name;
  gint64 counts[SLIP_WATERFALL_N_LEVELS];
  GPtrArray *gaps;
} SlipWaterfallTable;

/**
 * SlipWaterfall:
 * @tables: (element-type SlipWaterfallTable): "" first, then in the order in which steps fill them
 */
typedef struct
{
  GPtrArray *tables;
} SlipWaterfall;

void slip_waterfall_free (SlipWaterfall *waterfall);

/**
 * slip_waterfall_read:
 * @pg: the migration database
 * @migration: the migration
 * @report: what the run did; must stay as long as the waterfall
 * @error: return location
 *
 * Puts the counts of all stages in one line for each table, and what lies between them. Blocks; worker threads
 * only.
 *
 * Returns: (transfer full): the waterfall, or %NULL with an error of the database
 */
SlipWaterfall *slip_waterfall_read (SlipPg *pg,
                                    SlipMigration *migration,
                                    const SlipRunReport *report,
                                    GError **error);

/**
 * slip_waterfall_level_get_name:
 *
 * Returns: (transfer none): `landed`, `kept` …, untranslated
 */
const char *slip_waterfall_level_get_name (SlipWaterfallLevel level);

/**
 * slip_waterfall_to_csv:
 *
 * Returns: (transfer full): a line for each table, and one for each gap
 */
char *slip_waterfall_to_csv (const SlipWaterfall *waterfall);

/**
 * slip_waterfall_to_text:
 *
 * Returns: (transfer full): a table for a terminal, a line for each table of the target
 */
char *slip_waterfall_to_text (const SlipWaterfall *waterfall);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipWaterfall, slip_waterfall_free)

G_END_DECLS
