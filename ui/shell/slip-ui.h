/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * slip_ui_init:
 *
 * Registers templates, style and icons, and the types that templates name. Call it once after the
 * toolkit was initialised and before the first widget.
 */
void slip_ui_init (void);

/**
 * slip_ui_get_templates:
 *
 * Returns: (transfer none) (array zero-terminated=1): the types of all widgets that have a template
 *   and can be made without arguments
 */
const GType *slip_ui_get_templates (void);

G_END_DECLS
