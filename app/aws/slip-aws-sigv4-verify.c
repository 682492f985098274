/* SPDX-License-Identifier: MIT */

/* The server's side of AWS Signature Version 4: reads what a request says of its signature, and
 * proves it. The refusals carry the codes and words of AWS, because clients decide by them. */

#include "slip-aws-sigv4-private.h"

#include "slip-aws-error.h"

#include <openssl/crypto.h>
#include <string.h>

#define HEX_LENGTH 64

void
slip_aws_signed_clear (SlipAwsSigned *out)
{
  g_clear_pointer (&out->access_key, g_free);
  g_clear_pointer (&out->region, g_free);
  g_clear_pointer (&out->service, g_free);
  g_clear_pointer (&out->amz_date, g_free);
  g_clear_pointer (&out->signed_headers, g_free);
  g_clear_pointer (&out->signature, g_free);
  g_clear_pointer (&out->session_token, slip_aws_secret_free);
  memset (out, 0, sizeof *out);
}

const char *
slip_aws_sigv4_code_for (const char *code, const char *protocol)
{
  static const struct
  {
    const char *query;
    const char *json;
    const char *ec2;
  } codes[] = {
      {"MissingAuthenticationToken", "MissingAuthenticationTokenException",
       "MissingAuthenticationToken"},
      {"IncompleteSignature", "IncompleteSignatureException", "IncompleteSignature"},
      {"SignatureDoesNotMatch", "InvalidSignatureException", "AuthFailure"},
      {"InvalidClientTokenId", "UnrecognizedClientException", "AuthFailure"},
      {"ExpiredToken", "ExpiredTokenException", "RequestExpired"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    if (g_str_equal (code, codes[i].query))
      {
        if (g_str_equal (protocol, "json") || g_str_equal (protocol, "rest-json"))
          return codes[i].json;
        return g_str_equal (protocol, "ec2") ? codes[i].ec2 : codes[i].query;
      }
  return code;
}

static gboolean
refuse (GError **error, guint status, const char *code, const char *message)
{
  g_propagate_error (error, slip_aws_error_new_service (code, message, status, NULL));
  return FALSE;
}

/* `AKID/20150830/us-east-1/rds/aws4_request`; an access key holds no slash. */
static gboolean
parse_scope (const char *credential, SlipAwsSigned *out, char **day)
{
  g_auto (GStrv) parts = g_strsplit (credential, "/", -1);

  if (g_strv_length (parts) != 5 || !g_str_equal (parts[4], "aws4_request"))
    return FALSE;
  for (guint i = 0; i < 4; i++)
    if (*parts[i] == '\0')
      return FALSE;
  if (strlen (parts[1]) != 8)
    return FALSE;
  out->access_key = g_strdup (parts[0]);
  *day = g_strdup (parts[1]);
  out->region = g_strdup (parts[2]);
  out->service = g_strdup (parts[3]);
  return TRUE;
}

static gboolean
is_lower_hex (const char *text)
{
  gsize length = strspn (text, "0123456789abcdef");

  return length == HEX_LENGTH && text[length] == '\0';
}

static gboolean
parse_date (SlipAwsSigned *out, const char *date, const char *day)
{
  if (date == NULL || !slip_sigv4_parse_date (date, &out->time_us) || strncmp (date, day, 8) != 0)
    return FALSE;
  out->amz_date = g_strdup (date);
  return TRUE;
}

static gboolean
parse_header_parts (const char *text, SlipAwsSigned *out, char **credential)
{
  g_auto (GStrv) parts = g_strsplit (text, ",", -1);

  for (char **part = parts; *part != NULL; part++)
    {
      const char *value;

      g_strstrip (*part);
      value = strchr (*part, '=');
      if (value == NULL)
        return FALSE;
      value++;
      if (g_str_has_prefix (*part, "Credential=") && *credential == NULL)
        *credential = g_strdup (value);
      else if (g_str_has_prefix (*part, "SignedHeaders=") && out->signed_headers == NULL)
        out->signed_headers = g_strdup (value);
      else if (g_str_has_prefix (*part, "Signature=") && out->signature == NULL)
        out->signature = g_strdup (value);
      else
        return FALSE;
    }
  return *credential != NULL && out->signed_headers != NULL && out->signature != NULL;
}

static gboolean
parse_authorization (const SlipAwsRequest *request,
                     const char *authorization,
                     SlipAwsSigned *out,
                     GError **error)
{
  g_autofree char *credential = NULL;
  g_autofree char *day = NULL;

  if (!g_str_has_prefix (authorization, SLIP_SIGV4_ALGORITHM " "))
    return refuse (error, 403, "IncompleteSignature",
                   "Unsupported authorization type; only " SLIP_SIGV4_ALGORITHM " is supported.");
  if (!parse_header_parts (authorization + strlen (SLIP_SIGV4_ALGORITHM " "), out, &credential))
    return refuse (error, 403, "IncompleteSignature",
                   "Authorization header requires 'Credential', 'SignedHeaders' and 'Signature' "
                   "parameters.");
  if (!parse_scope (credential, out, &day))
    return refuse (error, 403, "IncompleteSignature",
                   "Credential must have exactly 5 slash-delimited elements, e.g. "
                   "keyid/date/region/service/aws4_request.");
  if (!parse_date (out, slip_aws_headers_get (request->headers, "X-Amz-Date"), day))
    return refuse (error, 403, "IncompleteSignature",
                   "Authorization header requires existence of a valid 'X-Amz-Date' header of the "
                   "credential's day.");
  out->session_token = g_strdup (slip_aws_headers_get (request->headers, "X-Amz-Security-Token"));
  return TRUE;
}

static gboolean
parse_presigned (const SlipAwsRequest *request, SlipAwsSigned *out, GError **error)
{
  const char *algorithm = slip_aws_request_get_query (request, "X-Amz-Algorithm");
  const char *credential = slip_aws_request_get_query (request, "X-Amz-Credential");
  const char *expires = slip_aws_request_get_query (request, "X-Amz-Expires");
  g_autofree char *day = NULL;
  guint64 seconds;

  out->presigned = TRUE;
  out->signed_headers = g_strdup (slip_aws_request_get_query (request, "X-Amz-SignedHeaders"));
  out->signature = g_strdup (slip_aws_request_get_query (request, "X-Amz-Signature"));
  out->session_token = g_strdup (slip_aws_request_get_query (request, "X-Amz-Security-Token"));
  if (g_strcmp0 (algorithm, SLIP_SIGV4_ALGORITHM) != 0 || credential == NULL || expires == NULL
      || out->signed_headers == NULL || out->signature == NULL)
    return refuse (error, 400, "AuthorizationQueryParametersError",
                   "Query-string authentication version 4 requires the X-Amz-Algorithm, "
                   "X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and "
                   "X-Amz-Expires parameters.");
  if (!parse_scope (credential, out, &day)
      || !parse_date (out, slip_aws_request_get_query (request, "X-Amz-Date"), day))
    return refuse (error, 400, "AuthorizationQueryParametersError",
                   "X-Amz-Credential or X-Amz-Date is malformed.");
  if (!g_ascii_string_to_unsigned (expires, 10, 1, 604800, &seconds, NULL))
    return refuse (error, 400, "AuthorizationQueryParametersError",
                   "X-Amz-Expires must be a number of 1 to 604800 seconds");
  out->expires_s = (guint)seconds;
  return TRUE;
}

static gboolean
names_host (const char *signed_headers)
{
  g_auto (GStrv) names = g_strsplit (signed_headers, ";", -1);

  return g_strv_contains ((const char *const *)names, "host");
}

gboolean
slip_aws_sigv4_parse (const SlipAwsRequest *request, SlipAwsSigned *out, GError **error)
{
  const char *authorization;
  gboolean ok;

  g_return_val_if_fail (request != NULL && out != NULL, FALSE);

  memset (out, 0, sizeof *out);
  authorization = slip_aws_headers_get (request->headers, "Authorization");
  if (authorization != NULL)
    ok = parse_authorization (request, authorization, out, error);
  else if (slip_aws_request_get_query (request, "X-Amz-Signature") != NULL
           || slip_aws_request_get_query (request, "X-Amz-Algorithm") != NULL)
    ok = parse_presigned (request, out, error);
  else
    ok = refuse (error, 403, "MissingAuthenticationToken",
                 "Request is missing Authentication Token");
  if (ok && (!is_lower_hex (out->signature) || !names_host (out->signed_headers)))
    ok = refuse (error, 403, "IncompleteSignature",
                 "Signature must be 64 hexadecimal digits, and 'Host' must be a signed header.");
  if (!ok)
    slip_aws_signed_clear (out);
  return ok;
}

/* Verification */

static gboolean
refuse_time (const SlipAwsSigned *sig, gint64 now_us, guint skew_s, gboolean early, GError **error)
{
  g_autofree char *message = NULL;
  gint64 skew_us = (gint64)skew_s * G_USEC_PER_SEC;
  char limit[17];
  char now[17];

  slip_sigv4_format_date (now_us, now);
  slip_sigv4_format_date (early ? now_us + skew_us : now_us - skew_us, limit);
  if (g_str_equal (sig->service, "s3"))
    return refuse (error, 403, "RequestTimeTooSkewed",
                   "The difference between the request time and the current time is too large.");
  message = g_strdup_printf (
      early ? "Signature not yet current: %s is still later than %s (%s + %u min.)"
            : "Signature expired: %s is now earlier than %s (%s - %u min.)",
      sig->amz_date, limit, now, skew_s / 60);
  return refuse (error, 403, "SignatureDoesNotMatch", message);
}

static gboolean
check_time (const SlipAwsSigned *sig, gint64 now_us, guint skew_s, GError **error)
{
  gint64 skew_us = (gint64)skew_s * G_USEC_PER_SEC;

  if (sig->time_us > now_us + skew_us)
    return refuse_time (sig, now_us, skew_s, TRUE, error);
  if (sig->presigned)
    {
      if (now_us > sig->time_us + (gint64)sig->expires_s * G_USEC_PER_SEC)
        return g_str_equal (sig->service, "s3")
                   ? refuse (error, 403, "AccessDenied", "Request has expired")
                   : refuse (error, 400, "RequestExpired", "Request has expired.");
      return TRUE;
    }
  if (sig->time_us < now_us - skew_us)
    return refuse_time (sig, now_us, skew_s, FALSE, error);
  return TRUE;
}

static gboolean
check_token (const SlipAwsSigned *sig, const char *session_token, GError **error)
{
  const char *sent = sig->session_token != NULL ? sig->session_token : "";
  const char *known = session_token != NULL ? session_token : "";

  if (strlen (sent) == strlen (known) && CRYPTO_memcmp (sent, known, strlen (known)) == 0)
    return TRUE;
  return refuse (error, 403, "InvalidClientTokenId",
                 "The security token included in the request is invalid.");
}

/* Every header that says something must be covered, or a middleman could add it. */
static gboolean
check_coverage (const SlipAwsRequest *request, const SlipAwsSigned *sig, GError **error)
{
  g_auto (GStrv) names = g_strsplit (sig->signed_headers, ";", -1);

  for (guint i = 0; i < slip_aws_headers_get_length (request->headers); i++)
    {
      const SlipAwsPair *pair = slip_aws_headers_get_pair (request->headers, i);
      g_autofree char *lower = g_ascii_strdown (pair->name, -1);
      g_autofree char *message = NULL;

      if (!g_str_has_prefix (lower, "x-amz-") || g_str_equal (lower, "x-amz-security-token")
          || g_str_equal (lower, "x-amz-content-sha256") || g_str_equal (lower, "x-amz-user-agent")
          || g_strv_contains ((const char *const *)names, lower))
        continue;
      message = g_strdup_printf ("'%s' must be a 'SignedHeader' in the AWS Authorization.", lower);
      return refuse (error, 403, "SignatureDoesNotMatch", message);
    }
  return TRUE;
}

/* What stands for the body in the canonical request; @hex has room for 65 bytes. */
static gboolean
choose_payload (const SlipAwsRequest *request,
                const SlipAwsSigned *sig,
                char **payload,
                GError **error)
{
  const char *said = slip_aws_headers_get (request->headers, "x-amz-content-sha256");
  gsize length = 0;
  gconstpointer data = request->body != NULL ? g_bytes_get_data (request->body, &length) : NULL;
  char hash[65];

  slip_sigv4_sha256_hex (data, length, hash);
  if (said == NULL)
    {
      *payload = g_strdup (sig->presigned && g_str_equal (sig->service, "s3") ? SLIP_SIGV4_UNSIGNED
                                                                              : hash);
      return TRUE;
    }
  if (is_lower_hex (said) && CRYPTO_memcmp (said, hash, HEX_LENGTH) != 0)
    return refuse (error, 400, "XAmzContentSHA256Mismatch",
                   "The provided 'x-amz-content-sha256' header does not match what was computed.");
  *payload = g_strdup (said);
  return TRUE;
}

static gboolean
check_signature (const SlipAwsRequest *request,
                 const char *host,
                 const char *secret,
                 const SlipAwsSigned *sig,
                 GError **error)
{
  SlipAwsSigv4Flags flags = slip_aws_sigv4_flags_for (sig->service);
  g_autofree char *payload = NULL;
  g_autofree char *canonical = NULL;
  g_autofree char *to_sign = NULL;
  g_autofree char *expected = NULL;

  if (!choose_payload (request, sig, &payload, error))
    return FALSE;
  canonical = slip_aws_sigv4_canonical_request (request, host, sig->signed_headers, payload, flags);
  to_sign = slip_aws_sigv4_string_to_sign (canonical, sig->amz_date, sig->region, sig->service);
  expected = slip_aws_sigv4_sign_text (secret, sig->amz_date, sig->region, sig->service, to_sign);
  if (CRYPTO_memcmp (expected, sig->signature, HEX_LENGTH) == 0)
    return TRUE;
  return refuse (error, 403, "SignatureDoesNotMatch",
                 "The request signature we calculated does not match the signature you provided. "
                 "Check your AWS Secret Access Key and signing method. Consult the service "
                 "documentation for details.");
}

gboolean
slip_aws_sigv4_verify (const SlipAwsRequest *request,
                       const char *host,
                       const char *secret,
                       const char *session_token,
                       gint64 now_us,
                       guint skew_s,
                       GError **error)
{
  g_auto (SlipAwsSigned) sig = {0};

  g_return_val_if_fail (request != NULL && host != NULL, FALSE);

  if (!slip_aws_sigv4_parse (request, &sig, error))
    return FALSE;
  if (secret == NULL)
    return g_str_equal (sig.service, "s3")
               ? refuse (error, 403, "InvalidAccessKeyId",
                         "The AWS Access Key Id you provided does not exist in our records.")
               : refuse (error, 403, "InvalidClientTokenId",
                         "The security token included in the request is invalid.");
  return check_token (&sig, session_token, error) && check_time (&sig, now_us, skew_s, error)
         && check_coverage (request, &sig, error)
         && check_signature (request, host, secret, &sig, error);
}
