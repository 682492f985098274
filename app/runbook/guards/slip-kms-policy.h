/* SPDX-License-Identifier: MIT */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * slip_kms_policy_find_missing:
 * @policy: a key policy
 * @account: an account
 * @actions: (array zero-terminated=1): actions, `kms:Decrypt`
 *
 * Reads what a policy grants to an account as a whole (its root, its number, or everybody) without
 * conditions other than those on grants for AWS services. Statements for single roles of the account
 * do not count, and a Deny does.
 *
 * Returns: (transfer full) (nullable): the actions that are not granted, as text; %NULL when all are
 */
char *
slip_kms_policy_find_missing (JsonNode *policy, const char *account, const char *const *actions);

G_END_DECLS
