/* SPDX-License-Identifier: MIT */
#pragma once

#include <adwaita.h>

#include "slip-migration-desk.h"

G_BEGIN_DECLS

#define SLIP_TYPE_DIFFERENCE_VIEW (slip_difference_view_get_type ())

/**
 * SlipDifferenceView:
 *
 * Rows of one mapping that are not as they should be, however many: a list, and below it the chosen row's columns,
 * expected beside actual, each with its mapping rule. Signals: `back`, and `trace` (`TABLE:ID` of the source row).
 */
G_DECLARE_FINAL_TYPE (SlipDifferenceView, slip_difference_view, SLIP, DIFFERENCE_VIEW, AdwBin)

GtkWidget *slip_difference_view_new (void);

/**
 * slip_difference_view_show:
 * @data: what is known of the run
 * @mapping: which of its mappings
 */
void
slip_difference_view_show (SlipDifferenceView *self, SlipMigrationData *data, const char *mapping);

/**
 * slip_difference_view_retry:
 *
 * Fetches rows that could not be fetched.
 */
void slip_difference_view_retry (SlipDifferenceView *self);

/**
 * slip_difference_view_get_n_rows:
 *
 * Returns: how many rows are listed; 0 while they are counted
 */
guint slip_difference_view_get_n_rows (SlipDifferenceView *self);

/**
 * slip_difference_view_select:
 * @position: a row of the list
 */
void slip_difference_view_select (SlipDifferenceView *self, guint position);

G_END_DECLS
