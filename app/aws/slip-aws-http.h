/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SlipAwsPair:
 * @name: (not nullable): a name, neither encoded nor changed in case
 * @value: (not nullable): its value, not encoded; may be empty
 */
typedef struct
{
  char *name;
  char *value;
} SlipAwsPair;

SlipAwsPair *slip_aws_pair_new (const char *name, const char *value);
void slip_aws_pair_free (SlipAwsPair *pair);

/**
 * SlipAwsHeaders:
 *
 * HTTP headers: the order of arrival is kept, names are compared without regard to case, one name
 * may occur more than once. Not thread-safe: it belongs to one request or response.
 */
typedef struct _SlipAwsHeaders SlipAwsHeaders;

SlipAwsHeaders *slip_aws_headers_new (void);
SlipAwsHeaders *slip_aws_headers_copy (const SlipAwsHeaders *headers);
void slip_aws_headers_free (SlipAwsHeaders *headers);

/**
 * slip_aws_headers_set:
 * @headers: headers
 * @name: a header's name
 * @value: its value
 *
 * Replaces every header called @name by this one, at the place of the first.
 */
void slip_aws_headers_set (SlipAwsHeaders *headers, const char *name, const char *value);

/**
 * slip_aws_headers_append:
 * @headers: headers
 * @name: a header's name
 * @value: its value
 *
 * Adds a header behind the others, whether or not @name is there already.
 */
void slip_aws_headers_append (SlipAwsHeaders *headers, const char *name, const char *value);

/**
 * slip_aws_headers_get:
 * @headers: headers
 * @name: a header's name
 *
 * Returns: (transfer none) (nullable): the first value under @name
 */
const char *slip_aws_headers_get (const SlipAwsHeaders *headers, const char *name);

/**
 * slip_aws_headers_remove:
 * @headers: headers
 * @name: a header's name
 *
 * Returns: whether there was one
 */
gboolean slip_aws_headers_remove (SlipAwsHeaders *headers, const char *name);

guint slip_aws_headers_get_length (const SlipAwsHeaders *headers);

/**
 * slip_aws_headers_get_pair:
 * @headers: headers
 * @index: below slip_aws_headers_get_length()
 *
 * Returns: (transfer none): the header at @index, in order
 */
const SlipAwsPair *slip_aws_headers_get_pair (const SlipAwsHeaders *headers, guint index);

typedef void (*SlipAwsHeadersFunc) (const char *name, const char *value, gpointer data);

void
slip_aws_headers_foreach (const SlipAwsHeaders *headers, SlipAwsHeadersFunc func, gpointer data);

/**
 * SlipAwsRequest:
 * @method: "GET", "POST", …
 * @path: begins with `/`; already percent-encoded
 * @query: (element-type SlipAwsPair): names and values, not encoded, in order
 * @headers: headers; without Host and without what signing adds
 * @body: (nullable): the body
 * @host_prefix: (nullable): goes before the endpoint's host name, `streaming-` or `data.`
 *
 * One HTTP request that is not yet bound to an endpoint.
 */
typedef struct
{
  char *method;
  char *path;
  GPtrArray *query;
  SlipAwsHeaders *headers;
  GBytes *body;
  char *host_prefix;
} SlipAwsRequest;

SlipAwsRequest *slip_aws_request_new (const char *method, const char *path);
SlipAwsRequest *slip_aws_request_copy (const SlipAwsRequest *request);
void slip_aws_request_free (SlipAwsRequest *request);
void slip_aws_request_add_query (SlipAwsRequest *request, const char *name, const char *value);

/**
 * slip_aws_request_get_query:
 * @request: a request
 * @name: a parameter of the query string
 *
 * Returns: (transfer none) (nullable): its first value
 */
const char *slip_aws_request_get_query (const SlipAwsRequest *request, const char *name);

/**
 * slip_aws_request_set_target:
 * @request: a request
 * @target: what stands in an HTTP request line: path, then perhaps `?` and a query string
 *
 * Sets @path and @query from @target, decoding the names and values of the query string. For servers.
 *
 * Returns: %FALSE when @target does not begin with `/` or holds a malformed escape
 */
gboolean slip_aws_request_set_target (SlipAwsRequest *request, const char *target);

/**
 * slip_aws_request_dup_query_string:
 * @request: a request
 *
 * Returns: (transfer full): the query string in the order given, encoded as RFC 3986 asks (all but
 *   unreserved characters), without `?`; empty when there is none. A parameter with an empty value is
 *   written `name=`.
 */
char *slip_aws_request_dup_query_string (const SlipAwsRequest *request);

/**
 * SlipAwsResponse:
 * @status: the HTTP status
 * @headers: headers
 * @body: (nullable): the body
 */
typedef struct
{
  guint status;
  SlipAwsHeaders *headers;
  GBytes *body;
} SlipAwsResponse;

SlipAwsResponse *slip_aws_response_new (guint status);
void slip_aws_response_free (SlipAwsResponse *response);

/**
 * slip_aws_uri_encode:
 * @text: any bytes
 * @length: how many, or -1 when @text ends with a NUL
 * @keep: (nullable): characters to leave as they are besides A-Z a-z 0-9 - . _ ~
 *
 * Returns: (transfer full): @text with every other byte written `%XX`, as AWS wants it
 */
char *slip_aws_uri_encode (const char *text, gssize length, const char *keep);

/**
 * slip_aws_uri_decode:
 * @text: percent-encoded text
 * @length: its bytes, or -1 when it ends with a NUL
 * @plus_is_space: whether `+` stands for a space, as in forms
 *
 * Returns: (transfer full) (nullable): the text, or %NULL when an escape is malformed or the result
 *   is not UTF-8 without NUL
 */
char *slip_aws_uri_decode (const char *text, gssize length, gboolean plus_is_space);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipAwsPair, slip_aws_pair_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipAwsHeaders, slip_aws_headers_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipAwsRequest, slip_aws_request_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipAwsResponse, slip_aws_response_free)

G_END_DECLS
