/* SPDX-License-Identifier: MIT */

/* What all protocols have in common: which one speaks, idempotency tokens, host prefixes, checksums,
 * compression, and the way from an error's answer to a GError. The client and the rehearsal server call
 * this; the protocols themselves are in slip-aws-protocol-*.c. */

#include "slip-aws-protocol-private.h"

#include <gio/gio.h>
#include <string.h>

#include "slip-json.h"
#include "slip-print.h"

/* Below this size a body is not worth compressing; the SDKs' default. */
#define GZIP_MIN_BYTES 10240
#define MAX_PLAIN_BYTES (64 * 1024 * 1024)

/* Of an error; more than any of AWS's, and little enough for an entry of the audit log. */
#define MAX_CODE_BYTES 256
#define MAX_MESSAGE_BYTES 4096

static const SlipAwsProtocolVtable *
get_vtable (const SlipAwsModel *model)
{
  switch (model->protocol)
    {
    case SLIP_AWS_PROTOCOL_QUERY:
      return &slip_aws_protocol_query;
    case SLIP_AWS_PROTOCOL_EC2:
      return &slip_aws_protocol_ec2;
    case SLIP_AWS_PROTOCOL_REST_JSON:
      return &slip_aws_protocol_rest_json;
    case SLIP_AWS_PROTOCOL_REST_XML:
      return &slip_aws_protocol_rest_xml;
    default:
      return &slip_aws_protocol_json;
    }
}

const char *
slip_aws_body_text (GBytes *body, gsize *length)
{
  const char *text = body != NULL ? g_bytes_get_data (body, length) : NULL;

  if (text == NULL)
    *length = 0;
  return text != NULL ? text : "";
}

GBytes *
slip_aws_body_take (GString *text)
{
  return g_string_free_to_bytes (text);
}

void
slip_aws_xml_take_body (SlipAwsResponse *response, const char *content_type, GString *xml)
{
  slip_aws_headers_set (response->headers, "Content-Type", content_type);
  response->body = slip_aws_body_take (xml);
}

void
slip_aws_failure_clear (SlipAwsFailure *failure)
{
  g_clear_pointer (&failure->code, g_free);
  g_clear_pointer (&failure->message, g_free);
  g_clear_pointer (&failure->request_id, g_free);
  g_clear_pointer (&failure->type, g_free);
}

JsonNode *
slip_aws_protocol_fill_token (const SlipAwsOperation *op, JsonNode *input)
{
  const char *member = slip_aws_operation_token_member (op);
  JsonNode *filled
      = input != NULL ? json_node_ref (input) : slip_json_new_object (json_object_new ());
  JsonObject *object = slip_json_node_object (filled);

  if (member == NULL || object == NULL || json_object_has_member (object, member))
    return filled;
  json_node_unref (filled);
  filled = input != NULL ? slip_json_copy (input) : slip_json_new_object (json_object_new ());
  g_autofree char *token = g_uuid_string_random ();
  json_object_set_string_member (json_node_get_object (filled), member, token);
  return filled;
}

static gboolean
is_host_label (const char *text)
{
  if (*text == '\0')
    return FALSE;
  for (; *text != '\0'; text++)
    if (!g_ascii_isalnum (*text) && *text != '-' && *text != '.')
      return FALSE;
  return TRUE;
}

static gboolean
set_host_prefix (const SlipAwsOperation *op,
                 JsonObject *input,
                 SlipAwsRequest *request,
                 GError **error)
{
  g_autoptr (GString) prefix = g_string_new (op->host_prefix);

  for (guint i = 0; op->input != NULL && i < op->input->n_members; i++)
    {
      const SlipAwsMember *member = op->input->members[i];
      if (!member->host_label)
        continue;
      const char *value = slip_json_string (input, member->name);
      if (value == NULL || !is_host_label (value))
        {
          g_set_error (
              error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CHECK,
              "$.%s: must be letters, digits, hyphens and periods, since it becomes part of "
              "the host's name",
              member->name);
          return FALSE;
        }
      g_autofree char *label = g_strdup_printf ("{%s}", member->name);
      g_string_replace (prefix, label, value, 0);
    }
  request->host_prefix = g_string_free (g_steal_pointer (&prefix), FALSE);
  return TRUE;
}

static gboolean
compress (const SlipAwsOperation *op, SlipAwsRequest *request, GError **error)
{
  gsize size = 0;
  const char *text = slip_aws_body_text (request->body, &size);
  const char *encoding = slip_aws_headers_get (request->headers, "Content-Encoding");

  if (!op->gzip || size < GZIP_MIN_BYTES)
    return TRUE;
  g_autoptr (GConverter) gzip
      = G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, -1));
  g_autoptr (GInputStream) plain = g_memory_input_stream_new_from_data (text, size, NULL);
  g_autoptr (GInputStream) packed = g_converter_input_stream_new (plain, gzip);
  g_autoptr (GOutputStream) out = g_memory_output_stream_new_resizable ();
  if (g_output_stream_splice (out, packed, G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, NULL, error) < 0)
    return FALSE;
  g_autofree char *both
      = encoding != NULL ? g_strdup_printf ("%s, gzip", encoding) : g_strdup ("gzip");
  slip_aws_headers_set (request->headers, "Content-Encoding", both);
  g_bytes_unref (request->body);
  request->body = g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (out));
  return TRUE;
}

static void
add_checksum (SlipAwsRequest *request)
{
  g_autoptr (GChecksum) md5 = g_checksum_new (G_CHECKSUM_MD5);
  guint8 digest[16];
  gsize length = sizeof digest;
  gsize size = 0;
  const char *text = slip_aws_body_text (request->body, &size);

  if (slip_aws_headers_get (request->headers, "Content-MD5") != NULL)
    return;
  g_checksum_update (md5, (const guchar *)text, size);
  g_checksum_get_digest (md5, digest, &length);
  g_autofree char *encoded = g_base64_encode (digest, length);
  slip_aws_headers_set (request->headers, "Content-MD5", encoded);
}

SlipAwsRequest *
slip_aws_protocol_build_request (const SlipAwsModel *model,
                                 const SlipAwsOperation *op,
                                 JsonNode *input,
                                 GError **error)
{
  g_return_val_if_fail (model != NULL && op != NULL, NULL);

  g_autoptr (JsonNode) filled = slip_aws_protocol_fill_token (op, input);
  g_autoptr (SlipAwsRequest) request = slip_aws_request_new (op->http_method, "/");
  JsonObject *object = slip_json_node_object (filled);

  if (object == NULL)
    {
      g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CHECK, "%s %s: the input is not an object",
                   model->service, op->name);
      return NULL;
    }
  if (!get_vtable (model)->build_request (model, op, object, request, error))
    {
      g_prefix_error (error, "%s %s: ", model->service, op->name);
      return NULL;
    }
  if (op->host_prefix != NULL && !set_host_prefix (op, object, request, error))
    return NULL;
  if (!compress (op, request, error))
    return NULL;
  if (op->checksum_required)
    add_checksum (request);
  return g_steal_pointer (&request);
}

static gboolean
has_event_stream (const SlipAwsShape *shape)
{
  for (guint i = 0; shape != NULL && i < shape->n_members; i++)
    if (shape->members[i]->event_stream)
      return TRUE;
  return FALSE;
}

JsonNode *
slip_aws_protocol_parse_response (const SlipAwsModel *model,
                                  const SlipAwsOperation *op,
                                  const SlipAwsResponse *response,
                                  GError **error)
{
  return slip_aws_protocol_parse_page (model, op, response, NULL, error);
}

JsonNode *
slip_aws_protocol_parse_page (const SlipAwsModel *model,
                              const SlipAwsOperation *op,
                              const SlipAwsResponse *response,
                              const char *const *texts,
                              GError **error)
{
  g_return_val_if_fail (model != NULL && op != NULL && response != NULL, NULL);

  g_autoptr (JsonObject) output = json_object_new ();

  if (response->status >= 300)
    {
      g_propagate_error (error, slip_aws_protocol_parse_error (model, op, response, NULL));
      return NULL;
    }
  if (has_event_stream (op->output))
    {
      g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_PROTOCOL,
                   "%s %s answers with an event stream, which is not read", model->service,
                   op->name);
      return NULL;
    }
  if (!get_vtable (model)->parse_response (model, op, response, texts, output, error))
    {
      g_prefix_error (error, "answer of %s %s: ", model->service, op->name);
      return NULL;
    }
  return slip_json_new_object (g_steal_pointer (&output));
}

static const char *
status_reason (guint status)
{
  switch (status)
    {
    case 301:
      return "Moved Permanently";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 412:
      return "Precondition Failed";
    case 500:
      return "Internal Server Error";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "";
    }
}

static gboolean
is_redirect (guint status)
{
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* An answer that sends us elsewhere without one of AWS's codes comes from something in between, or
 * from a wrong endpoint. What was signed for one host is never sent to another; of the other only the
 * name is told. NULL when it is no such answer. */
static char *
dup_redirect (const SlipAwsResponse *response)
{
  const char *location = slip_aws_headers_get (response->headers, "Location");
  g_autoptr (GUri) uri
      = location != NULL ? g_uri_parse (location, G_URI_FLAGS_ENCODED, NULL) : NULL;
  const char *host = uri != NULL ? g_uri_get_host (uri) : NULL;
  gboolean named = host != NULL && *host != '\0';

  /* S3 answers 301 to HEAD with neither a body nor a place. */
  if (!is_redirect (response->status) || (response->status == 301 && location == NULL))
    return NULL;
  return g_strdup_printf ("the endpoint redirects to %.255s, and a signed request never follows. "
                          "Set the endpoint and the region that are meant",
                          named ? host : "another place");
}

static const SlipAwsShape *
find_error_shape (const SlipAwsOperation *op, const char *code)
{
  for (guint i = 0; op != NULL && i < op->n_errors; i++)
    {
      const SlipAwsShape *shape = op->errors[i];
      if (g_strcmp0 (shape->error_code, code) == 0
          || (shape->error_code == NULL && strcmp (shape->name, code) == 0))
        return shape;
    }
  for (guint i = 0; op != NULL && i < op->n_errors; i++)
    if (strcmp (op->errors[i]->name, code) == 0)
      return op->errors[i];
  return NULL;
}

static JsonNode *
parse_details (const SlipAwsModel *model,
               const SlipAwsOperation *op,
               const SlipAwsResponse *response,
               const char *code,
               const char *type)
{
  const SlipAwsShape *shape = find_error_shape (op, code);
  g_autoptr (JsonObject) details = json_object_new ();

  if (shape == NULL && type != NULL)
    shape = find_error_shape (op, type);
  if (shape == NULL || shape->type != SLIP_AWS_TYPE_STRUCTURE
      || !get_vtable (model)->parse_error_details (model, shape, response, details))
    return NULL;
  return slip_json_new_object (g_steal_pointer (&details));
}

GError *
slip_aws_protocol_parse_error (const SlipAwsModel *model,
                               const SlipAwsOperation *op,
                               const SlipAwsResponse *response,
                               JsonNode **details)
{
  g_return_val_if_fail (model != NULL && response != NULL, NULL);

  SlipAwsFailure failure = {NULL};
  g_autofree char *status = g_strdup_printf ("%u", response->status);

  get_vtable (model)->parse_error (model, response, &failure);
  if (failure.request_id == NULL)
    failure.request_id = slip_aws_protocol_dup_request_id (response);
  gboolean has_code = failure.code != NULL && *failure.code != '\0';
  const char *code = has_code ? failure.code : status;
  g_autofree char *redirect = has_code ? NULL : dup_redirect (response);
  const char *message
      = failure.message != NULL || has_code ? failure.message : status_reason (response->status);

  if (redirect != NULL)
    message = redirect;
  g_autofree char *short_code = slip_print_one_line (code, MAX_CODE_BYTES);
  g_autofree char *line = message != NULL ? slip_print_one_line (message, MAX_MESSAGE_BYTES) : NULL;
  if (details != NULL)
    *details = parse_details (model, op, response, code, failure.type);
  GError *error
      = slip_aws_error_new_service (short_code, line, response->status, failure.request_id);
  slip_aws_failure_clear (&failure);
  return error;
}

char *
slip_aws_protocol_dup_request_id (const SlipAwsResponse *response)
{
  static const char *const headers[]
      = {"x-amzn-RequestId", "x-amz-request-id", "x-amz-requestid", "x-amzn-request-id"};
  static const char *const elements[] = {"<RequestId>", "<requestId>", "<RequestID>"};
  gsize length = 0;
  const char *text = slip_aws_body_text (response->body, &length);

  for (guint i = 0; i < G_N_ELEMENTS (headers); i++)
    if (slip_aws_headers_get (response->headers, headers[i]) != NULL)
      return g_strdup (slip_aws_headers_get (response->headers, headers[i]));
  for (guint i = 0; i < G_N_ELEMENTS (elements); i++)
    {
      const char *found = memmem (text, length, elements[i], strlen (elements[i]));
      const char *start = found != NULL ? found + strlen (elements[i]) : NULL;
      const char *end = start != NULL ? memchr (start, '<', text + length - start) : NULL;
      if (end != NULL && end - start <= 128)
        return g_utf8_make_valid (start, end - start);
    }
  return NULL;
}

/* The code with which each protocol's services refuse a request that lacks something. */
static void
set_missing (const SlipAwsModel *model, GPtrArray *problems, GError **error)
{
  const SlipAwsProblem *first = problems->pdata[0];
  const char *path = g_str_has_prefix (first->path, "$.") ? first->path + 2 : first->path;
  gboolean missing = strcmp (first->message, "is required") == 0;

  if (model->protocol == SLIP_AWS_PROTOCOL_QUERY || model->protocol == SLIP_AWS_PROTOCOL_EC2)
    slip_aws_error_set_service (error, missing ? "MissingParameter" : "InvalidParameterValue", 400,
                                missing ? "The request must contain the parameter %s%s"
                                        : "The parameter %s %s",
                                path, missing ? "" : first->message);
  else
    slip_aws_error_set_service (
        error, "ValidationException", 400, "1 validation error detected: Value at '%s' %s", path,
        missing ? "failed to satisfy constraint: Member must not be null" : first->message);
}

/* Undoes compress(); refuses what would grow beyond all measure. */
static GBytes *
decompress (GBytes *body, GError **error)
{
  g_autoptr (GConverter) gunzip
      = G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP));
  g_autoptr (GInputStream) packed = g_memory_input_stream_new_from_bytes (body);
  g_autoptr (GInputStream) plain = g_converter_input_stream_new (packed, gunzip);
  g_autoptr (GByteArray) all = g_byte_array_new ();
  g_autoptr (GError) local = NULL;
  guint8 block[65536];
  gssize n;

  while ((n = g_input_stream_read (plain, block, sizeof block, NULL, &local)) > 0)
    {
      g_byte_array_append (all, block, (guint)n);
      if (all->len > MAX_PLAIN_BYTES)
        break;
    }
  if (local == NULL && all->len <= MAX_PLAIN_BYTES)
    return g_byte_array_free_to_bytes (g_steal_pointer (&all));
  slip_aws_error_set_service (error, "SerializationException", 400, "The compressed body %s",
                              local != NULL ? "is malformed" : "is too large");
  return NULL;
}

/* Returns @request, or a copy with its body as it was before compression. */
static SlipAwsRequest *
plain_request (const SlipAwsRequest *request, GError **error)
{
  const char *encoding = slip_aws_headers_get (request->headers, "Content-Encoding");
  SlipAwsRequest *copy = slip_aws_request_copy (request);

  if (encoding == NULL || !g_str_has_suffix (encoding, "gzip") || copy->body == NULL)
    return copy;
  GBytes *body = decompress (copy->body, error);
  if (body == NULL)
    {
      slip_aws_request_free (copy);
      return NULL;
    }
  g_bytes_unref (copy->body);
  copy->body = body;
  if (strcmp (encoding, "gzip") == 0)
    slip_aws_headers_remove (copy->headers, "Content-Encoding");
  else
    {
      g_autofree char *rest = g_strndup (encoding, strlen (encoding) - strlen ("gzip"));
      while (*rest != '\0' && strchr (", ", rest[strlen (rest) - 1]) != NULL)
        rest[strlen (rest) - 1] = '\0';
      slip_aws_headers_set (copy->headers, "Content-Encoding", rest);
    }
  return copy;
}

gboolean
slip_aws_protocol_parse_request (const SlipAwsModel *model,
                                 const SlipAwsRequest *request,
                                 const SlipAwsOperation **op,
                                 JsonNode **input,
                                 GError **error)
{
  g_return_val_if_fail (model != NULL && request != NULL && op != NULL && input != NULL, FALSE);

  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (SlipAwsRequest) plain = plain_request (request, error);

  *input = NULL;
  *op = plain != NULL ? get_vtable (model)->route (model, plain, error) : NULL;
  if (*op == NULL || !get_vtable (model)->parse_request (model, *op, plain, object, error))
    return FALSE;
  g_autoptr (JsonNode) node = slip_json_new_object (g_steal_pointer (&object));
  g_autoptr (GPtrArray) problems = slip_aws_model_check (model, *op, node);
  if (problems != NULL)
    {
      set_missing (model, problems, error);
      return FALSE;
    }
  *input = g_steal_pointer (&node);
  return TRUE;
}

static void
add_request_id (const SlipAwsModel *model, const char *request_id, SlipAwsResponse *response)
{
  if (model->is_s3)
    slip_aws_headers_set (response->headers, "x-amz-request-id", request_id);
  else
    slip_aws_headers_set (response->headers, "x-amzn-RequestId", request_id);
}

SlipAwsResponse *
slip_aws_protocol_build_response (const SlipAwsModel *model,
                                  const SlipAwsOperation *op,
                                  JsonNode *output,
                                  const char *request_id,
                                  GError **error)
{
  g_return_val_if_fail (model != NULL && op != NULL && request_id != NULL, NULL);

  g_autoptr (SlipAwsResponse) response = slip_aws_response_new (op->http_status);
  g_autoptr (JsonObject) empty = json_object_new ();
  JsonObject *object = output != NULL ? slip_json_node_object (output) : empty;

  if (object == NULL)
    {
      g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CHECK,
                   "%s %s: the output is not an object", model->service, op->name);
      return NULL;
    }
  add_request_id (model, request_id, response);
  if (!get_vtable (model)->build_response (model, op, object, request_id, response, error))
    {
      g_prefix_error (error, "output of %s %s: ", model->service, op->name);
      return NULL;
    }
  return g_steal_pointer (&response);
}

SlipAwsResponse *
slip_aws_protocol_build_error (const SlipAwsModel *model,
                               const SlipAwsOperation *op,
                               guint status,
                               const char *code,
                               const char *message,
                               const char *request_id)
{
  g_return_val_if_fail (model != NULL && code != NULL && request_id != NULL, NULL);

  SlipAwsResponse *response = slip_aws_response_new (status);

  add_request_id (model, request_id, response);
  get_vtable (model)->build_error (model, status, code, message != NULL ? message : "", request_id,
                                   response);
  return response;
}
