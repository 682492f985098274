/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-aws-http.h"
#include "slip-aws-sigv4.h"
#include "slip-service.h"

G_BEGIN_DECLS

/**
 * slip_gate_admit:
 * @world: the world
 * @request: a request as it came
 * @host: its Host header
 * @signed_: what the request says of its signature
 * @now_us: the server's time, with its skew
 * @error: return location
 *
 * Proves who calls. Checks, in AWS's order: the key is known, the signature is right and near in
 * time, the session has not ended.
 *
 * Returns: (transfer none): the access key's record, or %NULL with a %SLIP_AWS_ERROR_SERVICE in the
 *   codes of the query protocol; slip_gate_translate() makes them those of another
 */
const SlipWorldRecord *slip_gate_admit (SlipWorld *world,
                                        const SlipAwsRequest *request,
                                        const char *host,
                                        const SlipAwsSigned *signed_,
                                        gint64 now_us,
                                        GError **error);

/**
 * slip_gate_translate:
 * @model: (nullable): the service that would have answered
 * @error: an error of slip_gate_admit() or slip_aws_sigv4_parse()
 *
 * The services' protocols name the same refusals differently (`InvalidClientTokenId` 403 in query,
 * `UnrecognizedClientException` 400 in JSON, `AuthFailure` 401 in EC2).
 *
 * Returns: (transfer full): the error as @model's protocol has it
 */
GError *slip_gate_translate (const SlipAwsModel *model, const GError *error);

/**
 * slip_gate_read:
 * @model: the service
 * @request: a request as it came
 * @operation: (out) (transfer none): the operation, also when its input is refused
 * @input: (out) (transfer full): the input, which fits the model
 * @error: return location
 *
 * Returns: whether the request could be read; otherwise %FALSE with the code that this service gives
 *   (`InvalidAction`, `UnknownOperationException`, `MissingParameter`, `ValidationError`,
 *   `ValidationException`, `SerializationException`)
 */
gboolean slip_gate_read (const SlipAwsModel *model,
                         const SlipAwsRequest *request,
                         const SlipAwsOperation **operation,
                         JsonNode **input,
                         GError **error);

G_END_DECLS
