/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-policy.h"
#include "slip-service.h"

G_BEGIN_DECLS

/**
 * SlipPermission:
 * @verdict: what all policies of the identity say together
 * @source_id: (nullable): the policy that decided
 * @source_type: its kind, as the simulator has it: `IAM Policy` or `Role`… ; %NULL without @source_id
 *
 * What an identity's policies say about one question.
 */
typedef struct
{
  SlipPolicyVerdict verdict;
  char *source_id;
  const char *source_type;
} SlipPermission;

void slip_permission_clear (SlipPermission *permission);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SlipPermission, slip_permission_clear)

/**
 * slip_permissions_find_identity:
 * @world: the world
 * @principal_arn: a role's or user's ARN, or that of a role's session
 *
 * Returns: (transfer none) (nullable): the `iam.role` or `iam.user` whose policies count; %NULL for a
 *   federated user and for one that is gone
 */
const SlipWorldRecord *slip_permissions_find_identity (SlipWorld *world, const char *principal_arn);

/**
 * slip_permissions_judge:
 * @world: the world
 * @identity: an `iam.role` or `iam.user`
 * @request: the question
 * @permission: (out caller-allocates): the answer
 *
 * Asks the inline and attached policies of an identity: one denial outweighs what all others allow.
 */
void slip_permissions_judge (SlipWorld *world,
                             const SlipWorldRecord *identity,
                             const SlipPolicyRequest *request,
                             SlipPermission *permission);

/**
 * slip_permissions_check:
 * @ctx: a call
 * @input: its input
 * @error: return location
 *
 * Whether the caller's role or user may make the call, as far as its own policies go. What a key's or a
 * secret's policy says is the service's matter. GetCallerIdentity needs no permission.
 *
 * Returns: %FALSE with AWS's refusal in the words and code of the service's protocol
 */
gboolean slip_permissions_check (SlipServiceContext *ctx, JsonObject *input, GError **error);

G_END_DECLS
