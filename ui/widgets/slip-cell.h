/* SPDX-License-Identifier: MIT */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * slip_cell_new:
 *
 * One line of text for a cell of a long list. Its width does not depend on the text, so columns stand
 * still while rows pass, and nothing has to be laid out to measure it; a text that is too long is cut
 * with an ellipsis.
 *
 * Returns: (transfer floating): the widget
 */
GtkWidget *slip_cell_new (void);

/**
 * slip_cell_set_chars:
 * @cell: a cell
 * @chars: its least width in characters
 * @natural_chars: its width when there is room
 */
void slip_cell_set_chars (GtkWidget *cell, int chars, int natural_chars);

/**
 * slip_cell_set_text:
 * @text: (nullable): what it says; setting the same text again does nothing
 */
void slip_cell_set_text (GtkWidget *cell, const char *text);

/**
 * slip_cell_set_tooltip:
 *
 * Lets the cell show its whole text as a tooltip when it is cut.
 */
void slip_cell_set_tooltip (GtkWidget *cell);

G_END_DECLS
