/* SPDX-License-Identifier: MIT */
#pragma once

#include <json-glib/json-glib.h>

#include "slip-aws-error.h"
#include "slip-aws-shape.h"

G_BEGIN_DECLS

/**
 * SlipAwsModel:
 *
 * The operations and shapes of one service, and what is known of them: effects, pagination, waiters.
 * Immutable after loading; every function here may be called from any thread.
 */
typedef struct _SlipAwsModel SlipAwsModel;

/**
 * SlipAwsEffect:
 * @SLIP_AWS_EFFECT_READ: changes nothing
 * @SLIP_AWS_EFFECT_CHANGE: changes or adds something
 * @SLIP_AWS_EFFECT_FINAL: cannot be undone, exposes data, or ends replication
 */
typedef enum
{
  SLIP_AWS_EFFECT_READ,
  SLIP_AWS_EFFECT_CHANGE,
  SLIP_AWS_EFFECT_FINAL,
} SlipAwsEffect;

typedef enum
{
  SLIP_AWS_PROTOCOL_QUERY,
  SLIP_AWS_PROTOCOL_EC2,
  SLIP_AWS_PROTOCOL_JSON,
  SLIP_AWS_PROTOCOL_REST_JSON,
  SLIP_AWS_PROTOCOL_REST_XML,
} SlipAwsProtocol;

/**
 * SlipAwsPagination:
 * @input_tokens: (array zero-terminated=1): members of the input that carry the place to go on from
 * @output_tokens: (array zero-terminated=1): paths in the output to the values for @input_tokens, in
 *   their order; `A.B` selects a member of a member, `A || B` the first that is there, and `A[-1].B`
 *   a member of the last element
 * @result_keys: (array zero-terminated=1): paths in the output to the lists of results
 * @limit_key: (nullable): member of the input with the size of a page
 * @more_results: (nullable): path in the output to a boolean that says whether to go on
 */
typedef struct
{
  const char *const *input_tokens;
  const char *const *output_tokens;
  const char *const *result_keys;
  const char *limit_key;
  const char *more_results;
} SlipAwsPagination;

typedef enum
{
  SLIP_AWS_MATCH_PATH,
  SLIP_AWS_MATCH_PATH_ALL,
  SLIP_AWS_MATCH_PATH_ANY,
  SLIP_AWS_MATCH_STATUS,
  SLIP_AWS_MATCH_ERROR,
} SlipAwsMatcher;

typedef enum
{
  SLIP_AWS_WAIT_SUCCESS,
  SLIP_AWS_WAIT_FAILURE,
  SLIP_AWS_WAIT_RETRY,
} SlipAwsWaitState;

/**
 * SlipAwsAcceptor:
 * @matcher: what is looked at
 * @argument: (nullable): a JMESPath expression, `DBClusters[].Status`
 * @expected: a string, boolean or number to compare with
 * @state: what a match means
 */
typedef struct
{
  SlipAwsMatcher matcher;
  const char *argument;
  JsonNode *expected;
  SlipAwsWaitState state;
} SlipAwsAcceptor;

/**
 * SlipAwsWaiter:
 * @name: "DBClusterAvailable"
 * @operation: the operation to poll
 * @delay: seconds between polls
 * @max_attempts: how often the SDKs poll before they give up
 * @acceptors: (array length=n_acceptors): in order; the first match decides
 */
typedef struct
{
  const char *name;
  const char *operation;
  guint delay;
  guint max_attempts;
  const SlipAwsAcceptor *acceptors;
  guint n_acceptors;
} SlipAwsWaiter;

/**
 * SlipAwsOperation:
 * @name: "DescribeDBClusters"
 * @input: (nullable): what it takes
 * @output: (nullable): what it returns
 * @input_ref: (nullable): the use of @input, with its name and namespace on the wire
 * @output_ref: (nullable): the use of @output
 * @http_method: "POST", …
 * @http_uri: path, with `{Label}` and `{Label+}`, then perhaps `?` and fixed query parameters
 * @http_status: the status of a good answer
 * @result_wrapper: (nullable): the element around the output in the query protocol
 * @host_prefix: (nullable): goes before the endpoint's host; may hold `{Label}`
 * @errors: (array length=n_errors): the exceptions that the model lists; models made from the npm
 *   package list none
 * @effect: read, change or final
 * @secret_output: the output must never be logged
 * @idempotent: the service calls it idempotent without a token
 * @unsigned_payload: the body is not part of the signature
 * @unsigned_request: it is called without credentials (STS AssumeRoleWithWebIdentity)
 * @checksum_required: the request must carry a checksum of its body
 * @gzip: the body may be sent compressed
 * @deprecated: another operation has taken its place
 *
 * One operation of a service. Immutable.
 */
typedef struct
{
  const char *name;
  const SlipAwsShape *input;
  const SlipAwsShape *output;
  const SlipAwsMember *input_ref;
  const SlipAwsMember *output_ref;
  const char *http_method;
  const char *http_uri;
  guint http_status;
  const char *result_wrapper;
  const char *host_prefix;
  const SlipAwsShape *const *errors;
  guint n_errors;
  const SlipAwsPagination *pagination;
  SlipAwsEffect effect;
  guint secret_output : 1;
  guint idempotent : 1;
  guint unsigned_payload : 1;
  guint unsigned_request : 1;
  guint checksum_required : 1;
  guint gzip : 1;
  guint deprecated : 1;
} SlipAwsOperation;

/**
 * slip_aws_model_get:
 * @service: a service as data/aws names it: "rds", "sts", "servicequotas", …
 * @error: return location
 *
 * Loads the model once and keeps it for the life of the process.
 *
 * Returns: (transfer none): the model, or %NULL with %SLIP_AWS_ERROR_MODEL
 */
SlipAwsModel *slip_aws_model_get (const char *service, GError **error);

/**
 * slip_aws_model_find_json_twin:
 * @target: (nullable): the `X-Amz-Target` of a request
 *
 * For servers: a service may be spoken to in more than one protocol. CloudWatch's model here is of the
 * query protocol, and AWS's command line sends it JSON. Called on one thread only.
 *
 * Returns: (transfer none) (nullable): the service's model in the JSON protocol, when @target is of
 *   such a service
 */
SlipAwsModel *slip_aws_model_find_json_twin (const char *target);

/**
 * slip_aws_model_list_services:
 *
 * Returns: (transfer none) (array zero-terminated=1): all services with a model, sorted
 */
const char *const *slip_aws_model_list_services (void);

/**
 * slip_aws_model_new_from_json:
 * @node: a model, as data/aws/ has them or as botocore writes them
 * @name: what errors call it
 * @error: return location
 *
 * Returns: (transfer full): the model, or %NULL with %SLIP_AWS_ERROR_MODEL and the place in the message
 */
SlipAwsModel *slip_aws_model_new_from_json (JsonNode *node, const char *name, GError **error);
void slip_aws_model_free (SlipAwsModel *model);

const char *slip_aws_model_get_service (const SlipAwsModel *model);
SlipAwsProtocol slip_aws_model_get_protocol (const SlipAwsModel *model);
const char *slip_aws_model_get_protocol_name (const SlipAwsModel *model);
const char *slip_aws_model_get_api_version (const SlipAwsModel *model);
const char *slip_aws_model_get_endpoint_prefix (const SlipAwsModel *model);

/**
 * slip_aws_model_get_signing_name:
 * @model: a model
 *
 * Returns: (transfer none): the service in a signature's scope; the endpoint prefix when the model
 *   gives no other
 */
const char *slip_aws_model_get_signing_name (const SlipAwsModel *model);

/**
 * slip_aws_model_get_service_id:
 * @model: a model
 *
 * Returns: (transfer none): the service's id, from which `AWS_ENDPOINT_URL_<ID>` and the keys of a
 *   profile's `services` section are made: "RDS", "Secrets Manager", "SFN"
 */
const char *slip_aws_model_get_service_id (const SlipAwsModel *model);
const char *slip_aws_model_get_title (const SlipAwsModel *model);

/* %NULL when the model has none: */
const char *slip_aws_model_get_target_prefix (const SlipAwsModel *model);
const char *slip_aws_model_get_json_version (const SlipAwsModel *model);
const char *slip_aws_model_get_xml_namespace (const SlipAwsModel *model);
const char *slip_aws_model_get_global_endpoint (const SlipAwsModel *model);

/**
 * slip_aws_model_is_s3:
 * @model: a model
 *
 * Returns: whether S3's own rules hold: buckets in the path, keys not encoded twice, errors without an
 *   outer element
 */
gboolean slip_aws_model_is_s3 (const SlipAwsModel *model);

/**
 * slip_aws_model_find_operation:
 * @model: a model
 * @name: an operation's exact name
 *
 * Returns: (transfer none) (nullable): the operation
 */
const SlipAwsOperation *slip_aws_model_find_operation (const SlipAwsModel *model, const char *name);

/**
 * slip_aws_model_lookup_operation:
 * @service: a service
 * @name: an operation's exact name
 * @model: (out) (optional) (transfer none): its model
 * @error: return location
 *
 * Returns: (transfer none): the operation, or %NULL with %SLIP_AWS_ERROR_MODEL that names the nearest
 *   one
 */
const SlipAwsOperation *slip_aws_model_lookup_operation (const char *service,
                                                         const char *name,
                                                         SlipAwsModel **model,
                                                         GError **error);

guint slip_aws_model_get_n_operations (const SlipAwsModel *model);

/**
 * slip_aws_model_get_operation:
 * @model: a model
 * @index: below slip_aws_model_get_n_operations()
 *
 * Returns: (transfer none): the operation at @index; they are sorted by name
 */
const SlipAwsOperation *slip_aws_model_get_operation (const SlipAwsModel *model, guint index);

/**
 * slip_aws_operation_effect:
 * @op: an operation
 *
 * Returns: its effect: the table's (data/aws/effects.json), otherwise read for Describe, Get, List and
 *   Head, and change for all others
 */
SlipAwsEffect slip_aws_operation_effect (const SlipAwsOperation *op);

/**
 * slip_aws_effect_name:
 *
 * Returns: (transfer none): "read", "change" or "final"
 */
const char *slip_aws_effect_name (SlipAwsEffect effect);
gboolean slip_aws_effect_from_name (const char *name, SlipAwsEffect *effect);
gboolean slip_aws_operation_secret_output (const SlipAwsOperation *op);

/**
 * slip_aws_operation_token_member:
 * @op: an operation
 *
 * Returns: (transfer none) (nullable): the member of the input that makes sending it twice harmless
 */
const char *slip_aws_operation_token_member (const SlipAwsOperation *op);

/**
 * slip_aws_operation_pagination:
 * @op: an operation
 *
 * Returns: (transfer none) (nullable): how its answers are paged
 */
const SlipAwsPagination *slip_aws_operation_pagination (const SlipAwsOperation *op);

/**
 * slip_aws_model_waiter:
 * @model: a model
 * @name: "DBClusterAvailable"
 *
 * Returns: (transfer none) (nullable): the SDKs' waiter of that name
 */
const SlipAwsWaiter *slip_aws_model_waiter (const SlipAwsModel *model, const char *name);
guint slip_aws_model_get_n_waiters (const SlipAwsModel *model);
const SlipAwsWaiter *slip_aws_model_get_waiter (const SlipAwsModel *model, guint index);

/**
 * slip_aws_model_error_code:
 * @model: a model
 * @shape_name: the name the documentation gives an error, "DBInstanceNotFoundFault"
 *
 * Returns: (transfer none): the code on the wire, "DBInstanceNotFound"; @shape_name itself when they
 *   are the same
 */
const char *slip_aws_model_error_code (const SlipAwsModel *model, const char *shape_name);

/**
 * SlipAwsProblem:
 * @path: where, `$.Tags[0].Kye`
 * @message: what is wrong, and perhaps what was meant
 */
typedef struct
{
  char *path;
  char *message;
} SlipAwsProblem;

/**
 * slip_aws_model_check:
 * @model: a model
 * @op: one of its operations
 * @input: (nullable): what would be sent; %NULL is `{}`
 *
 * Checks a request before it is sent: unknown members, missing required members, wrong types, in
 * every place at once. The idempotency token may be missing, because it is filled in.
 *
 * Returns: (transfer full) (nullable) (element-type SlipAwsProblem): what is wrong, or %NULL when
 *   nothing is
 */
GPtrArray *
slip_aws_model_check (const SlipAwsModel *model, const SlipAwsOperation *op, JsonNode *input);

/**
 * slip_aws_model_check_error:
 * @model: a model
 * @op: one of its operations
 * @input: (nullable): what would be sent
 * @error: return location
 *
 * Returns: %TRUE when slip_aws_model_check() finds nothing; otherwise %FALSE with one
 *   %SLIP_AWS_ERROR_CHECK that names every place, one in a line
 */
gboolean slip_aws_model_check_error (const SlipAwsModel *model,
                                     const SlipAwsOperation *op,
                                     JsonNode *input,
                                     GError **error);

/**
 * slip_aws_model_redact:
 * @op: an operation
 * @node: (nullable): its input or output
 * @output: whether @node is the output
 *
 * Returns: (transfer full) (nullable): a copy with every secret replaced: by the model's `sensitive`
 *   marks, by name, and the whole output of operations whose answer is a secret
 */
JsonNode *slip_aws_model_redact (const SlipAwsOperation *op, JsonNode *node, gboolean output);

/**
 * SlipAwsSensitiveFunc:
 * @path: where it stands, `$.Tags[0].Value`
 * @value: a text or number
 * @data: user data
 *
 * Takes one value of slip_aws_model_foreach_sensitive().
 */
typedef void (*SlipAwsSensitiveFunc) (const char *path, JsonNode *value, gpointer data);

/**
 * slip_aws_model_foreach_sensitive:
 * @op: an operation
 * @input: (nullable): its input
 * @func: called for each value
 * @data: for @func
 *
 * Finds the texts and numbers of @input that the model marks as `sensitive`, or that stand within what
 * it marks so; but not the value of a parameter (SSM PutParameter) whose `Type` says that it is no
 * SecureString. Any thread.
 */
void slip_aws_model_foreach_sensitive (const SlipAwsOperation *op,
                                       JsonNode *input,
                                       SlipAwsSensitiveFunc func,
                                       gpointer data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipAwsModel, slip_aws_model_free)

G_END_DECLS
