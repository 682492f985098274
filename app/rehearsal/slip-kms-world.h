/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-service.h"

G_BEGIN_DECLS

/**
 * slip_kms_world_find_key:
 * @world: the world
 * @account: the account that a bare id or alias belongs to
 * @region: the region that a bare id or alias belongs to
 * @key_id: a key id, a key ARN, an alias (`alias/name`) or an alias ARN; AWS managed aliases
 *   (`alias/aws/rds`) make their key on first use, so call it in a transaction
 *
 * Looks a key up the way every service does that takes a KmsKeyId. Does not ask for permission.
 *
 * Returns: (transfer none) (nullable): the key (type `kms.key`): its data is DescribeKey's
 *   KeyMetadata and what else the service keeps
 */
const SlipWorldRecord *slip_kms_world_find_key (SlipWorld *world,
                                                const char *account,
                                                const char *region,
                                                const char *key_id);

/**
 * slip_kms_world_allows:
 * @world: the world
 * @key: a key
 * @account: who asks
 * @principal_arn: (nullable): who asks, for policies that name a role
 * @action: such as `kms:Decrypt`
 *
 * Judges by the key's policy in the small: its own account through the account's root, another one
 * when a statement allows the action to the account, its root or the principal. An AWS managed key
 * serves its own account only.
 *
 * Returns: whether the key may be used
 */
gboolean slip_kms_world_allows (SlipWorld *world,
                                const SlipWorldRecord *key,
                                const char *account,
                                const char *principal_arn,
                                const char *action);

/**
 * slip_kms_world_is_aws_managed:
 *
 * Returns: whether KeyManager is `AWS`: such a key's snapshots cannot be shared
 */
gboolean slip_kms_world_is_aws_managed (const SlipWorldRecord *key);

/**
 * slip_kms_world_is_enabled:
 *
 * Returns: whether KeyState is `Enabled`
 */
gboolean slip_kms_world_is_enabled (const SlipWorldRecord *key);

G_END_DECLS
