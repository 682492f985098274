/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-aws-model.h"
#include "slip-payload.h"
#include "slip-world.h"

G_BEGIN_DECLS

/**
 * SlipServiceReply:
 * @status: HTTP status of a success when it is not the model's, else 0
 * @headers: more headers, also of errors
 * @body: (nullable): the body of an answer whose payload is a blob: what must not pass through JSON
 *
 * What a service adds to the answer of a call besides its output.
 */
typedef struct
{
  guint status;
  SlipAwsHeaders *headers;
  GBytes *body;
} SlipServiceReply;

/**
 * SlipServiceContext:
 * @world: the world, in a transaction
 * @model: the service's model
 * @operation: what is called
 * @account: the caller's account
 * @region: the region the request was signed for
 * @principal_arn: such as `arn:aws:sts::111111111111:assumed-role/breakglass/ann`
 * @user_id: such as `AROA…:ann`
 * @access_key: what the request was signed with
 * @session: (nullable): the access key's record in the world (type %SLIP_TYPE_ACCESS_KEY)
 * @request_id: the answer's request id
 * @endpoint: where the server listens, `http://127.0.0.1:PORT`
 * @request: the request as it came, for headers that the model does not know
 * @payload: (nullable): what an upload to S3 carries
 * @reply: for what goes into the answer besides the output
 *
 * One call, as a service function sees it. Everything is borrowed.
 */
typedef struct
{
  SlipWorld *world;
  SlipAwsModel *model;
  const SlipAwsOperation *operation;
  const char *account;
  const char *region;
  const char *principal_arn;
  const char *user_id;
  const char *access_key;
  const SlipWorldRecord *session;
  const char *request_id;
  const char *endpoint;
  const SlipAwsRequest *request;
  const SlipPayload *payload;
  SlipServiceReply *reply;
} SlipServiceContext;

/**
 * SlipServiceFunc:
 * @ctx: the call
 * @input: the operation's input, already checked against the model (required members are there,
 *   types are right, no unknown members); an object
 * @error: return location for an error made with slip_service_error()
 *
 * Serves one operation, on the main thread, in a transaction that the server commits before it
 * answers and rolls back when @error is set. Never blocks: slow work goes to slip_world_start_work().
 *
 * Returns: (transfer full) (nullable): the output in the JSON convention of the model (times as ISO
 *   8601 strings, blobs as base64); %NULL without @error is an empty output
 */
typedef JsonNode *(*SlipServiceFunc) (SlipServiceContext *ctx, JsonObject *input, GError **error);

typedef struct
{
  const char *name; /* as in the model: "CreateDBCluster" */
  SlipServiceFunc func;
} SlipServiceOperation;

/**
 * SlipSeed:
 * @world: the world, in a transaction
 * @account: the account to seed
 * @region: the region to seed, "" for a section under `global`
 * @section: what the scenario says for this service there
 * @path: where that is in the scenario, for errors: `$.accounts[0].resources.eu-west-1.rds`
 */
typedef struct
{
  SlipWorld *world;
  const char *account;
  const char *region;
  JsonObject *section;
  const char *path;
} SlipSeed;

/**
 * SlipService:
 * @name: the model's name: "rds"
 * @operations: ends with a %NULL name
 * @attach: (nullable): registers handlers of transitions and work; at every start, before @start
 * @seed: (nullable): makes a scenario's resources; once, when the world is new. Errors are
 *   %SLIP_REHEARSAL_ERROR_SCENARIO made with slip_scenario_error()
 * @start: (nullable): at every start, after seeding and before the first request: starts processes.
 *   Outside a transaction, may block.
 * @stop: (nullable): when the server ends: stops processes. May block.
 * @prepare: (nullable): once, when the world is new, for every account and region, before any section
 *   is seeded: makes what AWS makes by itself (default parameter groups)
 *
 * One service of the rehearsal server. Registered in slip-services.c.
 */
typedef struct
{
  const char *name;
  const SlipServiceOperation *operations;
  void (*attach) (SlipWorld *world);
  gboolean (*seed) (const SlipSeed *seed, GError **error);
  gboolean (*start) (SlipWorld *world, GError **error);
  void (*stop) (SlipWorld *world);
  void (*prepare) (SlipWorld *world, const char *account, const char *region);
} SlipService;

/**
 * slip_services_list:
 *
 * Returns: (array zero-terminated=1) (transfer none): all services, in the order in which they are
 *   seeded
 */
const SlipService *const *slip_services_list (void);

/**
 * slip_services_find:
 *
 * Returns: (transfer none) (nullable): the service with this model name
 */
const SlipService *slip_services_find (const char *name);

/**
 * slip_service_find_operation:
 *
 * Returns: (nullable): the function that serves @operation, or %NULL when the server does not offer it
 */
SlipServiceFunc slip_service_find_operation (const SlipService *service, const char *operation);

/**
 * slip_service_error:
 * @error: return location
 * @status: HTTP status: 400 mostly, 404 for not found in RDS
 * @code: as on the wire: `DBClusterNotFoundFault`, `DBInstanceNotFound`
 * @format: the message
 *
 * Sets a service's own error.
 *
 * Returns: %NULL, so that a service function can return it
 */
gpointer
slip_service_error (GError **error, guint status, const char *code, const char *format, ...)
    G_GNUC_PRINTF (4, 5);

/* --- Helpers shared by services --- */

/**
 * slip_marker_encode:
 * @key: where a page ended: usually an id
 *
 * Returns: (transfer full): an opaque page marker
 */
char *slip_marker_encode (const char *key);

/**
 * slip_marker_decode:
 *
 * Returns: (transfer full) (nullable): the key, or %NULL when @marker is not one of ours
 */
char *slip_marker_decode (const char *marker);

/**
 * slip_tags_merge:
 * @tags: (nullable): tags as in the model, objects with @key_member
 * @add: (nullable): tags to set
 * @key_member: `Key`, or `TagKey` in KMS
 *
 * Returns: (transfer full): @tags with @add set over them, in the order first given
 */
JsonArray *slip_tags_merge (JsonArray *tags, JsonArray *add, const char *key_member);

/**
 * slip_tags_remove:
 * @keys: names of tags to remove
 *
 * Returns: (transfer full): @tags without those
 */
JsonArray *slip_tags_remove (JsonArray *tags, JsonArray *keys, const char *key_member);

/**
 * SlipTagging:
 * @stored: the member of a record's data that has its tags
 * @given: the input's that has tags to set, and the output's that has those that are set
 * @keys: the input's that has names of tags to remove
 * @key: what a tag calls its name: `Key`, or `TagKey` in KMS
 *
 * How a service writes tags.
 */
typedef struct
{
  const char *stored;
  const char *given;
  const char *keys;
  const char *key;
} SlipTagging;

/**
 * slip_tags_set:
 * @record: (nullable): what is tagged; %NULL where it was not found, which has then been said
 *
 * Returns: %NULL, the empty output
 */
JsonNode *slip_tags_set (SlipServiceContext *ctx,
                         const SlipWorldRecord *record,
                         JsonObject *input,
                         const SlipTagging *tagging);

/**
 * slip_tags_unset:
 * @record: (nullable): as in slip_tags_set()
 *
 * Returns: %NULL, the empty output
 */
JsonNode *slip_tags_unset (SlipServiceContext *ctx,
                           const SlipWorldRecord *record,
                           JsonObject *input,
                           const SlipTagging *tagging);

/**
 * slip_tags_show:
 * @record: (nullable): as in slip_tags_set()
 *
 * Returns: (transfer full) (nullable): an output that has all tags of @record and nothing else
 */
JsonNode *slip_tags_show (const SlipWorldRecord *record, const SlipTagging *tagging);

/**
 * slip_tags_from_object:
 * @object: (nullable): a scenario's `{"name": "value"}`
 *
 * Returns: (transfer full): as an array of `{"Key": …, "Value": …}`
 */
JsonArray *slip_tags_from_object (JsonObject *object);

/**
 * SlipArn:
 *
 * An ARN's parts; @resource holds all behind the fifth colon.
 */
typedef struct
{
  char *partition;
  char *service;
  char *region;
  char *account;
  char *resource;
} SlipArn;

/**
 * slip_arn_parse:
 *
 * Returns: (transfer full) (nullable): the parts, or %NULL when @text is no ARN
 */
SlipArn *slip_arn_parse (const char *text);
void slip_arn_free (SlipArn *arn);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipArn, slip_arn_free)

/**
 * slip_random_id:
 * @prefix: (nullable): begins with
 * @length: characters behind the prefix
 * @alphabet: the characters to choose from
 *
 * Returns: (transfer full): a random name from the system's generator
 */
char *slip_random_id (const char *prefix, guint length, const char *alphabet);

#define SLIP_ALPHABET_UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
#define SLIP_ALPHABET_LOWER "abcdefghijklmnopqrstuvwxyz0123456789"
#define SLIP_ALPHABET_HEX "0123456789abcdef"

G_END_DECLS
