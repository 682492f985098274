/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-environment.h"

G_BEGIN_DECLS

#define SLIP_TYPE_KEY_KINDS (slip_key_kinds_get_type ())

/**
 * SlipKeyKinds:
 *
 * Which encryption keys of an environment are the customer's and which AWS manages, which decides
 * whether a snapshot can be shared. Asks `kms:DescribeKey` once for each key that is met, never once
 * for each row. Main thread. Signal: `changed`.
 */
G_DECLARE_FINAL_TYPE (SlipKeyKinds, slip_key_kinds, SLIP, KEY_KINDS, GObject)

SlipKeyKinds *slip_key_kinds_new (SlipEnvironment *environment);

/**
 * slip_key_kinds_describe:
 * @self: key kinds
 * @key: (nullable): the key's ARN
 * @region: (nullable): where it is used
 *
 * Returns: (transfer none): "customer key", "AWS managed key", or "encrypted" while that is not
 *   known; translated
 */
const char *slip_key_kinds_describe (SlipKeyKinds *self, const char *key, const char *region);

G_END_DECLS
