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

/**
 * SlipPolicyRequest:
 * @account: who asks
 * @principal_arn: (nullable): who asks
 * @action: such as `rds:DeleteDBCluster`
 * @resource: (nullable): an ARN, or `*` for a call that names no resource; %NULL matches every
 *   statement's resources
 * @context: (nullable): condition keys and their values, strings or arrays of strings
 * @missing: (nullable) (element-type utf8): the simulator's way: a condition on a key that @context
 *   lacks is not met, and the key is added here. Without it such a condition counts as met.
 *
 * One question to a policy.
 */
typedef struct
{
  const char *account;
  const char *principal_arn;
  const char *action;
  const char *resource;
  JsonObject *context;
  GPtrArray *missing;
} SlipPolicyRequest;

/**
 * SlipPolicyVerdict:
 * @SLIP_POLICY_SILENT: no statement matches
 * @SLIP_POLICY_ALLOWS: a statement allows it and none denies it
 * @SLIP_POLICY_DENIES: a statement denies it
 */
typedef enum
{
  SLIP_POLICY_SILENT,
  SLIP_POLICY_ALLOWS,
  SLIP_POLICY_DENIES,
} SlipPolicyVerdict;

/**
 * slip_policy_judge_identity:
 * @policy: (nullable): a policy of a role or user: statements without principals, with Action or
 *   NotAction, Resource or NotResource, and conditions of the String, Arn and Bool operators
 * @request: the question
 *
 * Returns: what the policy says
 */
SlipPolicyVerdict slip_policy_judge_identity (JsonNode *policy, const SlipPolicyRequest *request);

/**
 * slip_policy_judge_trust:
 * @policy: (nullable): a role's trust policy or another resource policy, whose statements name
 *   principals
 * @request: the question
 *
 * Returns: what the policy says
 */
SlipPolicyVerdict slip_policy_judge_trust (JsonNode *policy, const SlipPolicyRequest *request);

/**
 * slip_policy_check_document:
 * @text: a policy as JSON
 * @with_principal: whether its statements must name a principal (a trust policy) or must not
 *
 * Returns: (transfer full) (nullable): why IAM would not take it, or %NULL when it would
 */
char *slip_policy_check_document (const char *text, gboolean with_principal);

G_END_DECLS
