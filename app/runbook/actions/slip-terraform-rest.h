/* SPDX-License-Identifier: MIT */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * slip_terraform_is_rest:
 * @confirmed: what `terraform show -json` prints of a plan that was confirmed
 * @resource: one of the `resource_changes` of a later plan
 *
 * Returns: whether @confirmed does the same to the same resource: the same action, or of a replacement
 *   the creation or the removal of what it put aside, with the values that were known then
 */
gboolean slip_terraform_is_rest (JsonObject *confirmed, JsonObject *resource);

/**
 * slip_terraform_describe_difference:
 * @before: the changes of the plan that was confirmed
 * @now: those of a later one, each of which tells whether it is part of that
 *
 * Returns: (transfer full): what is in one and not in the other, for people
 */
char *slip_terraform_describe_difference (JsonArray *before, JsonArray *now);

G_END_DECLS
