/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-aws-credentials.h"
#include "slip-aws-http.h"

G_BEGIN_DECLS

/**
 * SlipAwsSigv4Flags:
 * @SLIP_AWS_SIGV4_NONE: double encode and normalise the path, hash the body
 * @SLIP_AWS_SIGV4_UNSIGNED_PAYLOAD: sign `UNSIGNED-PAYLOAD` instead of the body's hash
 * @SLIP_AWS_SIGV4_S3: the rules of S3: the path is encoded once and not normalised, and
 *   `x-amz-content-sha256` is added and signed
 * @SLIP_AWS_SIGV4_NO_TOKEN: leave the session token out of what is signed; the caller adds it after
 */
typedef enum
{
  SLIP_AWS_SIGV4_NONE = 0,
  SLIP_AWS_SIGV4_UNSIGNED_PAYLOAD = 1 << 0,
  SLIP_AWS_SIGV4_S3 = 1 << 1,
  SLIP_AWS_SIGV4_NO_TOKEN = 1 << 2,
} SlipAwsSigv4Flags;

/**
 * slip_aws_sigv4_flags_for:
 * @service: a signing name, such as `s3` or `rds`
 *
 * Returns: the flags a service asks for
 */
SlipAwsSigv4Flags slip_aws_sigv4_flags_for (const char *service);

/**
 * slip_aws_sigv4_sign:
 * @request: a request; its headers are changed
 * @host: the value of the Host header, with the port where it is not the scheme's own
 * @credentials: whose signature
 * @region: the region of the credential scope
 * @service: the signing name of the credential scope
 * @time_us: the time of signing, microseconds since the epoch
 * @flags: how
 * @error: return location
 *
 * Signs with headers: adds `X-Amz-Date`, `X-Amz-Security-Token` (for temporary credentials), with S3
 * `x-amz-content-sha256`, and `Authorization`. Signed headers are all the request holds but those
 * that proxies and transports change (`authorization`, `user-agent`, `expect`, `connection`,
 * `x-amzn-trace-id`, `transfer-encoding`). `Host` need not be among the headers. Signing again replaces what the last
 * one added. Any thread.
 *
 * Rule: AWS Signature Version 4.
 *
 * Returns: %FALSE with %SLIP_AWS_ERROR_PROTOCOL when a header cannot be signed
 */
gboolean slip_aws_sigv4_sign (SlipAwsRequest *request,
                              const char *host,
                              const SlipAwsCredentials *credentials,
                              const char *region,
                              const char *service,
                              gint64 time_us,
                              SlipAwsSigv4Flags flags,
                              GError **error);

/**
 * slip_aws_sigv4_presign:
 * @request: a request; its query is changed
 * @host: the value of the Host header
 * @credentials: whose signature
 * @region: the region of the credential scope
 * @service: the signing name
 * @time_us: the time of signing, microseconds since the epoch
 * @expires_s: how long the URL is good for, 1 to 604800 seconds
 * @flags: how
 * @error: return location
 *
 * Signs with query parameters: adds `X-Amz-Algorithm` … `X-Amz-Signature` to the query. The URL is
 * then the endpoint, the path and slip_aws_request_dup_query_string(). Any thread.
 *
 * Returns: %FALSE with %SLIP_AWS_ERROR_PROTOCOL when @expires_s is out of range
 */
gboolean slip_aws_sigv4_presign (SlipAwsRequest *request,
                                 const char *host,
                                 const SlipAwsCredentials *credentials,
                                 const char *region,
                                 const char *service,
                                 gint64 time_us,
                                 guint expires_s,
                                 SlipAwsSigv4Flags flags,
                                 GError **error);

/**
 * slip_aws_sigv4_canonical_request:
 * @request: a request
 * @host: the value of the Host header
 * @signed_headers: (nullable): `host;x-amz-date`, or %NULL for all headers that may be signed
 * @payload_hash: (nullable): what stands for the body, or %NULL for its SHA-256
 * @flags: how
 *
 * Returns: (transfer full): the canonical request
 */
char *slip_aws_sigv4_canonical_request (const SlipAwsRequest *request,
                                        const char *host,
                                        const char *signed_headers,
                                        const char *payload_hash,
                                        SlipAwsSigv4Flags flags);

/**
 * slip_aws_sigv4_string_to_sign:
 * @canonical: a canonical request
 * @amz_date: `20150830T123600Z`
 * @region: the region of the scope
 * @service: the service of the scope
 *
 * Returns: (transfer full): the string to sign
 */
char *slip_aws_sigv4_string_to_sign (const char *canonical,
                                     const char *amz_date,
                                     const char *region,
                                     const char *service);

/**
 * slip_aws_sigv4_sign_text:
 * @secret: a secret access key
 * @amz_date: `20150830T123600Z`; its day counts
 * @region: the region of the scope
 * @service: the service of the scope
 * @text: what to sign
 *
 * Signs any text with the derived key of a scope. Derived keys are remembered for the process's
 * last few scopes.
 *
 * Returns: (transfer full): HMAC-SHA-256 of @text, 64 hexadecimal digits
 */
char *slip_aws_sigv4_sign_text (const char *secret,
                                const char *amz_date,
                                const char *region,
                                const char *service,
                                const char *text);

/**
 * SlipAwsSigned:
 *
 * What a signed request says of itself, before anything of it is proven. Clear it with
 * slip_aws_signed_clear().
 */
typedef struct
{
  char *access_key;
  char *region;
  char *service;
  char *amz_date;       /* 20150830T123600Z */
  char *signed_headers; /* host;x-amz-date */
  char *signature;      /* lower-case hexadecimal */
  char *session_token;  /* or NULL */
  gint64 time_us;
  guint expires_s; /* of a presigned URL, else 0 */
  gboolean presigned;
} SlipAwsSigned;

void slip_aws_signed_clear (SlipAwsSigned *out);

/**
 * slip_aws_sigv4_parse:
 * @request: a request as it came
 * @out: (out caller-allocates): what it says
 * @error: return location
 *
 * Reads the `Authorization` header or the query of a presigned URL. Proves nothing.
 *
 * Returns: %FALSE with a %SLIP_AWS_ERROR_SERVICE of AWS's own code and status:
 *   `MissingAuthenticationToken` (403), `IncompleteSignature` (403),
 *   `AuthorizationQueryParametersError` (400)
 */
gboolean slip_aws_sigv4_parse (const SlipAwsRequest *request, SlipAwsSigned *out, GError **error);

/**
 * slip_aws_sigv4_verify:
 * @request: a request as it came
 * @host: the Host header as it came
 * @secret: the secret of @out's access key, or %NULL when there is none such
 * @session_token: (nullable): the token that goes with the key, or %NULL for long-lived keys
 * @now_us: the time, microseconds since the epoch
 * @skew_s: how far @out's time may be from @now_us, seconds; AWS allows 300 (S3: 900)
 * @error: return location
 *
 * Proves a request: that the signature is right, the token is the key's, the time is near, a
 * presigned URL has not run out, and the body is the one that was signed. Compares in constant time.
 *
 * Returns: %FALSE with a %SLIP_AWS_ERROR_SERVICE of AWS's own code: `InvalidClientTokenId` (403; with
 *   S3 `InvalidAccessKeyId`), `SignatureDoesNotMatch` (403; its message says `Signature expired` or
 *   `Signature not yet current` for a wrong clock, with S3 `RequestTimeTooSkewed`), `RequestExpired`
 *   (400, a presigned URL that ran out), and what slip_aws_sigv4_parse() raises
 */
gboolean slip_aws_sigv4_verify (const SlipAwsRequest *request,
                                const char *host,
                                const char *secret,
                                const char *session_token,
                                gint64 now_us,
                                guint skew_s,
                                GError **error);

/**
 * slip_aws_sigv4_code_for:
 * @code: a code of slip_aws_sigv4_parse() or slip_aws_sigv4_verify(), as the query protocol has it
 * @protocol: the protocol's name: `query`, `ec2`, `json`, `rest-json`, `rest-xml`
 *
 * The JSON protocols name the same refusals differently: `UnrecognizedClientException`,
 * `InvalidSignatureException`, `MissingAuthenticationTokenException`, …; EC2 says `AuthFailure`.
 *
 * Returns: (transfer none): the code a service of that protocol answers with
 */
const char *slip_aws_sigv4_code_for (const char *code, const char *protocol);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SlipAwsSigned, slip_aws_signed_clear)

G_END_DECLS
