/* SPDX-License-Identifier: MIT */
#pragma once

#include <gtk/gtk.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * slip_comparison_new:
 * @comparison: what a step of `slipway:capture` found in mode `diff`: `{before: {target}, after: {target},
 *   fields: [{field, before, after, same, explained?}]}`
 *
 * The settings of two things side by side: those that differ without a reason first, then those with one,
 * then the names of those that are the same. Main thread.
 *
 * Returns: (transfer floating): the widget
 */
GtkWidget *slip_comparison_new (JsonObject *comparison);

G_END_DECLS
