/* SPDX-License-Identifier: MIT */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * slip_policy_allows:
 * @policy: a resource policy of a key, a secret, a vault
 * @account: who asks
 * @principal_arn: (nullable): who asks, for statements that name a role; %NULL asks for the account
 *   as a whole
 * @action: such as `kms:Decrypt`
 *
 * Judges a policy in the small: Effect, Principal and Action with wildcards, and the condition
 * `kms:CallerAccount`. Other conditions count as met.
 *
 * Returns: whether a statement allows it and none denies it
 */
gboolean slip_policy_allows (JsonNode *policy,
                             const char *account,
                             const char *principal_arn,
                             const char *action);

G_END_DECLS
