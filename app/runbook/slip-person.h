/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-run-caller.h"

G_BEGIN_DECLS

/**
 * slip_person_same:
 * @one: (nullable): a principal's ARN
 * @other: (nullable): another's
 *
 * Whether both may be one person: the same user or session name, whatever the roles. Two names are two
 * people only where slip_person_check_named() holds for both.
 *
 * Returns: whether they are called the same
 */
gboolean slip_person_same (const char *one, const char *other);

/**
 * slip_person_trust_names:
 * @policy: a role's trust policy
 *
 * Whether whoever assumes the role cannot choose what the session is called: each statement that lets
 * people in wants `sts:RoleSessionName` to be `${aws:username}`.
 *
 * Returns: whether a session's name is that of the IAM user behind it
 */
gboolean slip_person_trust_names (JsonNode *policy);

/**
 * slip_person_check_named:
 * @caller: how to ask
 * @environment: an environment of the principal's account
 * @arn: the principal
 * @cancellable: (nullable): ends calls
 * @error: return location
 *
 * Whether AWS vouches for the name in @arn: it is an IAM user, a session of IAM Identity Center
 * (`AWSReservedSSO_…`, named after the user), or of a role whose trust policy binds the session's name
 * (`iam:GetRole`). Anybody who may assume another role names the session as they like. Blocks.
 *
 * Returns: %FALSE with %SLIP_RUN_ERROR_REFUSED that says what to change, or why it could not be told
 */
gboolean slip_person_check_named (SlipRunCaller *caller,
                                  const char *environment,
                                  const char *arn,
                                  GCancellable *cancellable,
                                  GError **error);

G_END_DECLS
