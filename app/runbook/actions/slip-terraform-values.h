/* SPDX-License-Identifier: MIT */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * slip_terraform_matches:
 * @pattern: a text in which `*` stands for anything
 * @text: a text
 *
 * Returns: whether @text is as @pattern tells
 */
gboolean slip_terraform_matches (const char *pattern, const char *text);

/**
 * slip_terraform_is_marked:
 * @marks: (nullable): an `after_unknown` or `after_sensitive`, or a part of one
 *
 * Returns: whether anything in it is marked
 */
gboolean slip_terraform_is_marked (JsonNode *marks);

/**
 * slip_terraform_hold_values:
 * @values: name → pattern or list of patterns
 * @resource: (nullable): one of the `resource_changes` of a plan
 *
 * Looks at each member of what the resource will be that has one of the names, however deep, also in
 * JSON that is written as text. It must be what it was before, or as a pattern tells.
 *
 * Returns: (transfer full) (nullable): which value is not so, or %NULL when all are
 */
char *slip_terraform_hold_values (JsonObject *values, JsonObject *resource);

G_END_DECLS
