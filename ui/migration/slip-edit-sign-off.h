/* SPDX-License-Identifier: MIT */
#pragma once

#include <adwaita.h>

#include "slip-definition-draft.h"

G_BEGIN_DECLS

/**
 * slip_edit_is_signed_off:
 * @draft: the changes
 * @mapping: a mapping as it is on disk
 * @column: one of its columns
 *
 * Returns: whether somebody signed the column off, with what @draft says of it
 */
gboolean slip_edit_is_signed_off (SlipDefinitionDraft *draft,
                                  const SlipMapping *mapping,
                                  const SlipMappingColumn *column);

/**
 * slip_edit_take_sign_off_back:
 * @draft: the changes, the latest of which is of @column
 * @mapping: a mapping as it is on disk
 * @column: one of its columns
 *
 * What was signed off was the rule of before: the sign-off goes with the latest change, and comes back with its undo.
 *
 * Returns: whether there was one
 */
gboolean slip_edit_take_sign_off_back (SlipDefinitionDraft *draft,
                                       const SlipMapping *mapping,
                                       const SlipMappingColumn *column);

/**
 * slip_edit_sign_off_row_new:
 *
 * Returns: (transfer floating): a row with a switch that shows whether a column is signed off
 */
GtkWidget *slip_edit_sign_off_row_new (void);
GtkSwitch *slip_edit_get_switch (GtkWidget *row);

/**
 * slip_edit_show_sign_off:
 * @row: what slip_edit_sign_off_row_new() made
 * @column: (nullable): a column of @mapping
 *
 * Shows how it is, and that the draft took it back.
 */
void slip_edit_show_sign_off (GtkWidget *row,
                              SlipDefinitionDraft *draft,
                              const SlipMapping *mapping,
                              const SlipMappingColumn *column);

G_END_DECLS
