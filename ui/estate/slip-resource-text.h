/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-resource.h"

G_BEGIN_DECLS

/**
 * slip_resource_dup_member:
 * @resource: a resource
 * @name: a member of the API's answer for it
 *
 * Finds one top-level string, number or boolean by walking the compact text, without building a tree:
 * list cells ask for it while they scroll.
 *
 * Returns: (transfer full) (nullable): its text, or %NULL when absent or of another kind
 */
char *slip_resource_dup_member (SlipResource *resource, const char *name);

/**
 * slip_resource_get_key:
 *
 * Returns: (transfer none) (nullable): the ARN of the encryption key, which never changes in the life
 *   of a resource and is therefore looked up only once
 */
const char *slip_resource_get_key (SlipResource *resource);

/**
 * slip_json_text_dup_member:
 * @text: compact JSON text of one object
 * @name: a member
 *
 * What slip_resource_dup_member() does, on any text. Text that is not well formed gives %NULL.
 *
 * Returns: (transfer full) (nullable): its text
 */
char *slip_json_text_dup_member (const char *text, const char *name);

G_END_DECLS
