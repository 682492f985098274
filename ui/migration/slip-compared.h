/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-columns.h"
#include "slip-migration-data.h"

G_BEGIN_DECLS

#define SLIP_TYPE_COMPARED (slip_compared_get_type ())

/**
 * SlipCompared:
 *
 * A mapping in the table of a comparison. Main thread.
 */
G_DECLARE_FINAL_TYPE (SlipCompared, slip_compared, SLIP, COMPARED, GObject)

#define SLIP_COMPARED_N_COLUMNS 6
extern const SlipColumn slip_compared_columns[SLIP_COMPARED_N_COLUMNS];

/**
 * slip_compared_new:
 * @result: (transfer none): what was found; it must stay for as long as the row has it
 * @gone: whether the target was brought back to a time before since
 *
 * Returns: (transfer full): the row
 */
SlipCompared *slip_compared_new (const SlipValidationResult *result, gboolean gone);

/**
 * slip_compared_put:
 *
 * Has the row say something else, of which it tells when it differs. What it said before must still be there.
 */
void slip_compared_put (SlipCompared *self, const SlipValidationResult *result, gboolean gone);
const SlipValidationResult *slip_compared_get_result (SlipCompared *self);

/**
 * slip_compared_count_wrong:
 *
 * Returns: how many rows are not as expected, also for a known reason
 */
gint64 slip_compared_count_wrong (const SlipValidationResult *result);

/**
 * slip_compared_tone:
 * @gone: whether the target was brought back to a time before since
 */
SlipTone slip_compared_tone (const SlipValidationResult *result, gboolean gone);

/**
 * slip_compared_is_same:
 *
 * Returns: whether two comparisons found the same
 */
gboolean slip_compared_is_same (const SlipValidationResult *a, const SlipValidationResult *b);

/**
 * slip_compared_dup_state:
 *
 * Returns: (transfer full): what is wrong, in words
 */
char *slip_compared_dup_state (const SlipValidationResult *result);

/**
 * slip_compared_dup_columns:
 * @compared: how many columns are compared
 * @total: how many there are
 * @independent: whether what they should be is computed
 *
 * Returns: (transfer full): it in words, as all pages say it
 */
char *slip_compared_dup_columns (guint compared, guint total, gboolean independent);

/**
 * slip_compared_find_times:
 * @data: what is known of a run
 * @first: (out): when the first of its mappings was compared, microseconds since 1970; 0 when none was
 * @last: (out): when the last one was
 */
void slip_compared_find_times (const SlipMigrationData *data, gint64 *first, gint64 *last);

/**
 * slip_compared_dup_total:
 * @data: what is known of a run that was validated
 * @tone: (out): how it is
 *
 * Returns: (transfer full): what was found, as the command counts it, and what of the run may have changed the target since
 */
char *slip_compared_dup_total (const SlipMigrationData *data, SlipTone *tone);

G_END_DECLS
