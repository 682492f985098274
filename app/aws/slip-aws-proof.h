/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-aws-identity.h"

G_BEGIN_DECLS

/* How long a proof of identity is good for, in seconds. */
#define SLIP_AWS_PROOF_SECONDS 900

/**
 * slip_aws_proof_make:
 * @client: a client with the credentials of who vouches
 * @bound_to: what is vouched for: a plan's hash; printable ASCII
 * @cancellable: (nullable): ends the fetch of credentials
 * @error: return location
 *
 * Pre-signs `sts:GetCallerIdentity` with @bound_to in the signed header `x-slipway-plan`. Whoever has
 * the result can ask STS who signed it, and for nothing else: the signature holds only together with
 * that header, for %SLIP_AWS_PROOF_SECONDS. It holds the session's token, so it is kept like a
 * password until then. Blocks for credentials; sends nothing.
 *
 * Returns: (transfer full): the request's query string, or %NULL with %SLIP_AWS_ERROR_CREDENTIALS,
 *   %SLIP_AWS_ERROR_MFA_NEEDED, %SLIP_AWS_ERROR_EXPIRED or %SLIP_AWS_ERROR_ENDPOINT
 */
char *slip_aws_proof_make (SlipAwsClient *client,
                           const char *bound_to,
                           GCancellable *cancellable,
                           GError **error);

/**
 * slip_aws_proof_verify:
 * @client: a client whose endpoints say where STS is; its credentials are not used
 * @proof: what slip_aws_proof_make() returned, perhaps on another workstation
 * @bound_to: what it must vouch for
 * @made_us: (out) (optional): when it was signed, microseconds since 1970
 * @cancellable: (nullable): ends the call
 * @error: return location
 *
 * Asks STS who signed @proof. Only the query is taken from it, never a host, and only
 * `GetCallerIdentity` is sent. Blocks.
 *
 * Returns: (transfer full): who AWS says made it; %NULL with %SLIP_AWS_ERROR_IDENTITY when it is no
 *   such proof, is bound to something else, was altered, or is older than it may be; with
 *   %SLIP_AWS_ERROR_TRANSPORT when STS cannot be asked
 */
SlipAwsIdentity *slip_aws_proof_verify (SlipAwsClient *client,
                                        const char *proof,
                                        const char *bound_to,
                                        gint64 *made_us,
                                        GCancellable *cancellable,
                                        GError **error);

G_END_DECLS
