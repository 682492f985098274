/* SPDX-License-Identifier: MIT */
#pragma once

#include <adwaita.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define SLIP_TYPE_JSON_VIEW (slip_json_view_get_type ())

/**
 * SlipJsonView:
 *
 * Read-only JSON, indented and coloured, with a button that copies it.
 */
G_DECLARE_FINAL_TYPE (SlipJsonView, slip_json_view, SLIP, JSON_VIEW, AdwBin)

GtkWidget *slip_json_view_new (const char *accessible_label);

/**
 * slip_json_view_set_node:
 * @self: a view
 * @node: (nullable): what to show
 */
void slip_json_view_set_node (SlipJsonView *self, JsonNode *node);
char *slip_json_view_dup_text (SlipJsonView *self);

G_END_DECLS
