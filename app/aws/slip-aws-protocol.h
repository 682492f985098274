/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-aws-http.h"
#include "slip-aws-model.h"

G_BEGIN_DECLS

/**
 * slip_aws_protocol_fill_token:
 * @op: an operation
 * @input: (nullable): its input
 *
 * Returns: (transfer full): @input itself, or, when the operation has an idempotency token that @input
 *   lacks, a copy with a new random UUID there. Call it once for each intended change, before the
 *   first attempt, so that all attempts carry the same token.
 */
JsonNode *slip_aws_protocol_fill_token (const SlipAwsOperation *op, JsonNode *input);

/**
 * slip_aws_protocol_build_request:
 * @model: a model
 * @op: one of its operations
 * @input: (nullable): the input, which slip_aws_model_check() found good; %NULL is `{}`
 * @error: return location
 *
 * Writes a request in the service's protocol. Without an idempotency token in @input one is made up.
 *
 * Returns: (transfer full): the request, or %NULL with %SLIP_AWS_ERROR_CHECK when @input cannot be
 *   written (an empty label of the path, a timestamp that is none, …)
 */
SlipAwsRequest *slip_aws_protocol_build_request (const SlipAwsModel *model,
                                                 const SlipAwsOperation *op,
                                                 JsonNode *input,
                                                 GError **error);

/**
 * slip_aws_protocol_parse_response:
 * @model: a model
 * @op: the operation that was called
 * @response: the answer
 * @error: return location
 *
 * Returns: (transfer full): the output, an object; or %NULL with %SLIP_AWS_ERROR_SERVICE for an error
 *   of the service, %SLIP_AWS_ERROR_PROTOCOL with line and column for an answer that is not what the
 *   protocol allows
 */
JsonNode *slip_aws_protocol_parse_response (const SlipAwsModel *model,
                                            const SlipAwsOperation *op,
                                            const SlipAwsResponse *response,
                                            GError **error);

/**
 * SLIP_AWS_TEXT_DEPTH:
 *
 * How many values the elements of a list are in that slip_aws_protocol_parse_page() gives as text.
 */
#define SLIP_AWS_TEXT_DEPTH 2

/**
 * slip_aws_protocol_parse_page:
 * @model: a model
 * @op: the operation that was called
 * @response: the answer
 * @texts: (nullable) (array zero-terminated=1): names of lists in the output
 * @error: return location
 *
 * As slip_aws_protocol_parse_response(), for those who only print the lists @texts: where the protocol
 * can, such a list is a string in the output, its elements as JSON as slip_aws_xml_read_list_text()
 * writes them. Else it is the list.
 *
 * Returns: (transfer full): the output, or %NULL with an error
 */
JsonNode *slip_aws_protocol_parse_page (const SlipAwsModel *model,
                                        const SlipAwsOperation *op,
                                        const SlipAwsResponse *response,
                                        const char *const *texts,
                                        GError **error);

/**
 * slip_aws_protocol_parse_error:
 * @model: a model
 * @op: (nullable): the operation that was called
 * @response: an answer with an error's status
 * @details: (out) (optional) (transfer full) (nullable): the members of the error's own shape, when the
 *   model has it
 *
 * Returns: (transfer full): a %SLIP_AWS_ERROR_SERVICE; never fails, an unreadable body yields the HTTP
 *   status as the code
 */
GError *slip_aws_protocol_parse_error (const SlipAwsModel *model,
                                       const SlipAwsOperation *op,
                                       const SlipAwsResponse *response,
                                       JsonNode **details);

/**
 * slip_aws_protocol_dup_request_id:
 * @response: an answer
 *
 * Returns: (transfer full) (nullable): the request id of the headers or of the body
 */
char *slip_aws_protocol_dup_request_id (const SlipAwsResponse *response);

/**
 * slip_aws_protocol_parse_request:
 * @model: a model
 * @request: a request as it reached a server
 * @op: (out) (transfer none): the operation
 * @input: (out) (transfer full): its input, an object
 * @error: return location
 *
 * The server's side of slip_aws_protocol_build_request().
 *
 * Returns: whether it could be read; otherwise @error is a %SLIP_AWS_ERROR_SERVICE with the code that
 *   AWS answers such a request with (InvalidAction, UnknownOperationException, SerializationException,
 *   MalformedInput …)
 */
gboolean slip_aws_protocol_parse_request (const SlipAwsModel *model,
                                          const SlipAwsRequest *request,
                                          const SlipAwsOperation **op,
                                          JsonNode **input,
                                          GError **error);

/**
 * slip_aws_protocol_build_response:
 * @model: a model
 * @op: one of its operations
 * @output: (nullable): the output, an object
 * @request_id: the request id
 * @error: return location
 *
 * The server's side of slip_aws_protocol_parse_response().
 *
 * Returns: (transfer full): the answer, or %NULL with %SLIP_AWS_ERROR_CHECK when @output does not fit
 *   the model
 */
SlipAwsResponse *slip_aws_protocol_build_response (const SlipAwsModel *model,
                                                   const SlipAwsOperation *op,
                                                   JsonNode *output,
                                                   const char *request_id,
                                                   GError **error);

/**
 * slip_aws_protocol_build_error:
 * @model: a model
 * @op: (nullable): the operation, when it is known
 * @status: the HTTP status
 * @code: the code on the wire
 * @message: (nullable): the service's words
 * @request_id: the request id
 *
 * Returns: (transfer full): an error's answer in the service's protocol
 */
SlipAwsResponse *slip_aws_protocol_build_error (const SlipAwsModel *model,
                                                const SlipAwsOperation *op,
                                                guint status,
                                                const char *code,
                                                const char *message,
                                                const char *request_id);

G_END_DECLS
