/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-aws-client.h"

G_BEGIN_DECLS

/**
 * SlipAwsIdentity:
 * @account: the account's id
 * @arn: the principal
 * @user_id: its unique id
 * @role: (nullable): `breakglass` of `arn:aws:sts::…:assumed-role/breakglass/session` or of a role's
 *   own ARN, else %NULL
 *
 * Who AWS says we are.
 */
typedef struct
{
  char *account;
  char *arn;
  char *user_id;
  char *role;
} SlipAwsIdentity;

void slip_aws_identity_free (SlipAwsIdentity *identity);

/**
 * slip_aws_identity_get:
 * @client: a client
 * @cancellable: (nullable): ends it
 * @error: return location
 *
 * Asks `sts:GetCallerIdentity`, which needs no permission. Blocks.
 *
 * Returns: (transfer full): the identity, or %NULL with what slip_aws_client_call() raises
 */
SlipAwsIdentity *
slip_aws_identity_get (SlipAwsClient *client, GCancellable *cancellable, GError **error);

/**
 * slip_aws_identity_new_for_arn:
 * @account: the account
 * @arn: the principal
 * @user_id: (nullable): its unique id
 *
 * Returns: (transfer full): an identity, with the role read from @arn
 */
SlipAwsIdentity *
slip_aws_identity_new_for_arn (const char *account, const char *arn, const char *user_id);

/**
 * slip_aws_identity_matches:
 * @identity: who we are
 * @account: who we must be
 * @role: (nullable): the role we must have, or %NULL for any principal. A role of IAM Identity Center,
 *   `AWSReservedSSO_<name>_<hash>`, matches by its name too.
 * @error: return location
 *
 * Returns: %FALSE with %SLIP_AWS_ERROR_IDENTITY that names both
 */
gboolean slip_aws_identity_matches (const SlipAwsIdentity *identity,
                                    const char *account,
                                    const char *role,
                                    GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipAwsIdentity, slip_aws_identity_free)

G_END_DECLS
