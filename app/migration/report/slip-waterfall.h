/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-run-report.h"

G_BEGIN_DECLS

/**
 * SlipWaterfallLevel:
 * @SLIP_WATERFALL_LANDED: source rows that the table is made of, each once
 * @SLIP_WATERFALL_KEPT: those that filters leave
 * @SLIP_WATERFALL_TRANSFORMED: rows that the steps made of them
 * @SLIP_WATERFALL_INTEGRATED: rows with the keys of the target
 * @SLIP_WATERFALL_LOADED: rows that the target took
 * @SLIP_WATERFALL_VALIDATED: rows that are in the target as they are expected, or differ for a reason that the sidecar has
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
 * @step: (nullable): the step, the filter or the mapping; of rows that are not compared the mappings that load them
 * @what: why, such as a condition's name, `join NAME (TABLE)`, or a landed table; untranslated
 * @kind: `filtered`; `twice`, rows that two filters left out are taken back once; `unread`, no step begins with rows of the landed table @what; `again`, rows of the landed table @what
 *   feed a further step, or for all tables a further table; `derived`, made of what other steps made; `dropped`,
 *   `multiplied`, `missing`, `extra`, `differing`, `not compared`; `not loaded`, the load is not through; `between`, nothing that is kept
 *   tells why
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
 * @counts: rows at each level; -1 where nothing was counted. For all tables a source row counts once, however many
 *   tables it feeds
 * @known: how many of those validated differ, for a reason that the sidecar has
 * @gaps: (element-type SlipWaterfallGap): what lies between, in order; borrowed
 *
 * A level and the gaps before the next one add up to the next one.
 */
typedef struct
{
  char *name;
  gint64 counts[SLIP_WATERFALL_N_LEVELS];
  gint64 known;
  GPtrArray *gaps;
} SlipWaterfallTable;

/**
 * SlipWaterfall:
 * @tables: (element-type SlipWaterfallTable): "" first, then in the order in which steps fill them
 * @gaps: (element-type SlipWaterfallGap): those of all of them, which it owns
 */
typedef struct
{
  GPtrArray *tables;
  GPtrArray *gaps;
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
 * Returns: (transfer full): table, level, kind, step, what, rows: a line for each level of each table with the kind
 *   `count`, and one for each gap before it; `known` is how many of those validated differ for a known reason. All
 *   tables together have the name `*`
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
