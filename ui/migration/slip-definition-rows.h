/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-columns.h"
#include "slip-coverage.h"
#include "slip-finding.h"

G_BEGIN_DECLS

#define SLIP_TYPE_COVERED (slip_covered_get_type ())

/**
 * SlipCovered:
 *
 * A mapping or a lookup, how far it is and what is wrong with it, as a row of a list.
 */
G_DECLARE_FINAL_TYPE (SlipCovered, slip_covered, SLIP, COVERED, GObject)

SlipCovered *slip_covered_new (const SlipCoverage *coverage);
SlipCovered *slip_covered_new_lookup (const SlipLookup *lookup);
const char *slip_covered_get_name (SlipCovered *self);

/**
 * slip_covered_count:
 * @errors: (nullable) (element-type utf8 guint): how many findings there are by what slip_found_dup_subject() says; %NULL
 *   while that is not known yet
 * @warnings: (nullable) (element-type utf8 guint): the same
 * @whole: whether all was looked at; where it was not, that nothing was found says little
 *
 * Takes its numbers of findings.
 */
void
slip_covered_count (SlipCovered *self, GHashTable *errors, GHashTable *warnings, gboolean whole);

/**
 * slip_covered_put:
 * @rows: the list that is shown
 * @wanted: (element-type SlipCovered): what it is to show
 *
 * Lines that are there stay, and tell when their numbers are others.
 */
void slip_covered_put (GListStore *rows, GPtrArray *wanted);

#define SLIP_TYPE_FOUND (slip_found_get_type ())

/**
 * SlipFound:
 *
 * A finding, as a row of a list.
 */
G_DECLARE_FINAL_TYPE (SlipFound, slip_found, SLIP, FOUND, GObject)

/**
 * slip_found_new:
 * @finding: a finding; must stay as long as the row is shown
 *
 * Returns: (transfer full): its row
 */
SlipFound *slip_found_new (const SlipFinding *finding);
const SlipFinding *slip_found_get_finding (SlipFound *self);

/**
 * slip_found_dup_subject:
 *
 * Returns: (transfer full): the mapping or the lookup that the finding's file holds
 */
char *slip_found_dup_subject (const SlipFinding *finding);

#define SLIP_COVERED_N_COLUMNS 6
#define SLIP_FOUND_N_COLUMNS 3

/* How they are shown. */
extern const SlipColumn slip_covered_columns[SLIP_COVERED_N_COLUMNS];
extern const SlipColumn slip_found_columns[SLIP_FOUND_N_COLUMNS];

G_END_DECLS
