/* SPDX-License-Identifier: MIT */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SLIP_TYPE_SHOWN_ROW (slip_shown_row_get_type ())

/**
 * SlipShownRow:
 *
 * A #GtkSelectionModel of the navigator's rows whose selected one is always that of the page shown.
 * Lists select what the pointer or the arrow keys pass over; here only the page itself does, so that the
 * highlight never stands on what is not there. It comes back with a row that was folded away.
 */
G_DECLARE_FINAL_TYPE (SlipShownRow, slip_shown_row, SLIP, SHOWN_ROW, GObject)

/**
 * slip_shown_row_new:
 * @rows: (transfer full): a tree of #SlipNavItem
 */
SlipShownRow *slip_shown_row_new (GtkTreeListModel *rows);

/**
 * slip_shown_row_set_page:
 * @self: a selection
 * @page_id: (nullable): the page that is shown; one without a row selects none
 */
void slip_shown_row_set_page (SlipShownRow *self, const char *page_id);

G_END_DECLS
