/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-columns.h"
#include "slip-waterfall.h"

G_BEGIN_DECLS

/* How many kinds of gaps a person is told apart. */
#define SLIP_FALL_N_KINDS 14

/**
 * slip_fall_kind_find:
 * @kind: as #SlipWaterfallGap has it
 *
 * Returns: its number, in the order in which gaps of a level are drawn: what came, then what went
 */
guint slip_fall_kind_find (const char *kind);
const char *slip_fall_kind_get_title (guint kind);
SlipTone slip_fall_kind_get_tone (guint kind);

/**
 * slip_fall_level_get_title:
 *
 * Returns: (transfer none): what it is called, translated
 */
const char *slip_fall_level_get_title (SlipWaterfallLevel level);

/**
 * SlipFallOpens:
 * @SLIP_FALL_OPENS_NOTHING: nothing; no rows are kept behind the number
 * @SLIP_FALL_OPENS_MEASURE: the rows behind the gap's measure
 * @SLIP_FALL_OPENS_LANDED: the rows of the landed table that the gap is about
 * @SLIP_FALL_OPENS_COMPARISON: the comparison, of the gap's mapping where it has one
 *
 * What is behind a row.
 */
typedef enum
{
  SLIP_FALL_OPENS_NOTHING,
  SLIP_FALL_OPENS_MEASURE,
  SLIP_FALL_OPENS_LANDED,
  SLIP_FALL_OPENS_COMPARISON,
} SlipFallOpens;

#define SLIP_TYPE_FALL_ROW (slip_fall_row_get_type ())

/**
 * SlipFallRow:
 *
 * A level or a gap of a waterfall, as a row of a list. `notify::rows` tells that it says something else.
 */
G_DECLARE_FINAL_TYPE (SlipFallRow, slip_fall_row, SLIP, FALL_ROW, GObject)

/**
 * slip_fall_row_new:
 * @table: a table of a waterfall that must stay as long as the row
 * @level: the level, or the one behind the gap
 * @gap: (nullable): the gap; %NULL for the level itself
 *
 * Returns: (transfer full): its row
 */
SlipFallRow *slip_fall_row_new (const SlipWaterfallTable *table,
                                SlipWaterfallLevel level,
                                const SlipWaterfallGap *gap);
const SlipWaterfallGap *slip_fall_row_get_gap (SlipFallRow *self);
SlipFallOpens slip_fall_row_get_opens (SlipFallRow *self);
char *slip_fall_row_dup_reason (SlipFallRow *self);

/**
 * slip_fall_rows_put:
 * @rows: the list that is shown
 * @wanted: (element-type SlipFallRow): what it is to show
 *
 * The toolkit makes some hundred widgets anew for other rows: those that are there stay, and tell that they say something
 * else. What they said must stay until here.
 */
void slip_fall_rows_put (GListStore *rows, GPtrArray *wanted);

#define SLIP_FALL_N_COLUMNS 5

/* How rows are shown. */
extern const SlipColumn slip_fall_columns[SLIP_FALL_N_COLUMNS];

G_END_DECLS
