/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-service.h"

G_BEGIN_DECLS

/**
 * slip_call_resources_list:
 * @ctx: a call
 * @input: its input
 *
 * The ARNs of what a call is about, as IAM compares them with the resources of policies: from the
 * input's members, those the rehearsal knows how to read. Names of keys and secrets become the ARNs of
 * what they name.
 *
 * Returns: (transfer full) (element-type utf8): ARNs; empty for a call that names no resource
 */
GPtrArray *slip_call_resources_list (SlipServiceContext *ctx, JsonObject *input);

/**
 * slip_call_resources_dup_action:
 * @ctx: a call
 *
 * Returns: (transfer full): the call as IAM's policies write it: `rds:DeleteDBCluster`,
 *   `s3:ListBucket` for ListObjectsV2
 */
char *slip_call_resources_dup_action (SlipServiceContext *ctx);

G_END_DECLS
