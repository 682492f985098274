/* SPDX-License-Identifier: MIT */
#pragma once

#include <gtk/gtk.h>

#include "slip-definition-draft.h"

G_BEGIN_DECLS

/**
 * slip_edit_save:
 * @parent: a widget in the window to ask over
 * @draft: the changes
 *
 * Saves them. Where they bring errors, it names these and asks first. Main thread.
 */
void slip_edit_save (GtkWidget *parent, SlipDefinitionDraft *draft);

G_END_DECLS
