/* SPDX-License-Identifier: MIT */

/* The signer against AWS's published examples that the public suite does not have (S3, presigned
 * URLs), and the proving side against everything that must not pass. The suite itself is run by
 * slip-conformance. */

#include "slip-aws-error.h"
#include "slip-aws-sigv4.h"

#include <string.h>

#define TIME_2013 G_GINT64_CONSTANT (1369353600000000) /* 20130524T000000Z */
#define TIME_2015 G_GINT64_CONSTANT (1440938160000000) /* 20150830T123600Z */
#define SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define S3_SECRET "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
#define HOST "example.amazonaws.com"
#define SECOND G_USEC_PER_SEC

static SlipAwsCredentials *
suite_credentials (const char *token)
{
  return slip_aws_credentials_new ("AKIDEXAMPLE", SECRET, token, 0, "test");
}

static SlipAwsRequest *
signed_request (const char *token)
{
  g_autoptr (SlipAwsCredentials) credentials = suite_credentials (token);
  SlipAwsRequest *request = slip_aws_request_new ("POST", "/path");
  g_autoptr (GError) error = NULL;

  request->body = g_bytes_new_static ("Action=ListUsers", 16);
  slip_aws_headers_set (request->headers, "Content-Type", "text/plain");
  g_assert_true (slip_aws_sigv4_sign (request, HOST, credentials, "eu-west-1", "rds", TIME_2015,
                                      SLIP_AWS_SIGV4_NONE, &error));
  g_assert_no_error (error);
  return request;
}

static void
assert_refused (const SlipAwsRequest *request,
                const char *secret,
                const char *token,
                gint64 now_us,
                const char *code)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (slip_aws_sigv4_verify (request, HOST, secret, token, now_us, 300, &error));
  g_assert_cmpstr (slip_aws_error_get_code (error), ==, code);
}

static void
test_s3_headers (void)
{
  g_autoptr (SlipAwsCredentials) credentials
      = slip_aws_credentials_new ("AKIAIOSFODNN7EXAMPLE", S3_SECRET, NULL, 0, "test");
  g_autoptr (SlipAwsRequest) request = slip_aws_request_new ("GET", "/test.txt");
  g_autoptr (GError) error = NULL;

  slip_aws_headers_set (request->headers, "Range", "bytes=0-9");
  g_assert_true (slip_aws_sigv4_sign (request, "examplebucket.s3.amazonaws.com", credentials,
                                      "us-east-1", "s3", TIME_2013, SLIP_AWS_SIGV4_S3, &error));
  g_assert_no_error (error);
  g_assert_true (
      g_str_has_suffix (slip_aws_headers_get (request->headers, "Authorization"),
                        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"));
}

static void
test_s3_presigned (void)
{
  g_autoptr (SlipAwsCredentials) credentials
      = slip_aws_credentials_new ("AKIAIOSFODNN7EXAMPLE", S3_SECRET, NULL, 0, "test");
  g_autoptr (SlipAwsRequest) request = slip_aws_request_new ("GET", "/test.txt");
  g_autoptr (GError) error = NULL;

  g_assert_true (slip_aws_sigv4_presign (request, "examplebucket.s3.amazonaws.com", credentials,
                                         "us-east-1", "s3", TIME_2013, 86400, SLIP_AWS_SIGV4_S3,
                                         &error));
  g_assert_no_error (error);
  g_assert_cmpstr (slip_aws_request_get_query (request, "X-Amz-Signature"), ==,
                   "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

static void
test_path_is_encoded_twice_but_for_s3 (void)
{
  g_autoptr (SlipAwsRequest) request = slip_aws_request_new ("GET", "/a%2Fb/../c%20d//e");
  g_autofree char *plain
      = slip_aws_sigv4_canonical_request (request, HOST, "host", NULL, SLIP_AWS_SIGV4_NONE);
  g_autofree char *s3
      = slip_aws_sigv4_canonical_request (request, HOST, "host", NULL, SLIP_AWS_SIGV4_S3);

  g_assert_true (g_str_has_prefix (plain, "GET\n/c%2520d/e\n"));
  g_assert_true (g_str_has_prefix (s3, "GET\n/a%2Fb/../c%20d//e\n"));
}

static void
test_sign_refuses_line_breaks (void)
{
  g_autoptr (SlipAwsCredentials) credentials = suite_credentials (NULL);
  g_autoptr (SlipAwsRequest) request = slip_aws_request_new ("GET", "/");
  g_autoptr (GError) error = NULL;

  slip_aws_headers_set (request->headers, "X-Note", "a\r\nX-Evil: b");
  g_assert_false (slip_aws_sigv4_sign (request, HOST, credentials, "eu-west-1", "rds", TIME_2015,
                                       SLIP_AWS_SIGV4_NONE, &error));
  g_assert_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_PROTOCOL);
}

static void
test_sign_again_replaces (void)
{
  g_autoptr (SlipAwsCredentials) credentials = suite_credentials (NULL);
  g_autoptr (SlipAwsRequest) request = signed_request (NULL);
  g_autofree char *first = g_strdup (slip_aws_headers_get (request->headers, "Authorization"));
  guint length = slip_aws_headers_get_length (request->headers);

  g_assert_true (slip_aws_sigv4_sign (request, HOST, credentials, "eu-west-1", "rds",
                                      TIME_2015 + 60 * SECOND, SLIP_AWS_SIGV4_NONE, NULL));
  g_assert_cmpuint (slip_aws_headers_get_length (request->headers), ==, length);
  g_assert_cmpstr (slip_aws_headers_get (request->headers, "Authorization"), !=, first);
}

static void
test_verify_accepts (void)
{
  g_autoptr (SlipAwsRequest) request = signed_request ("the/token==");
  g_autoptr (GError) error = NULL;

  g_assert_true (slip_aws_sigv4_verify (request, HOST, SECRET,
                                        "the/token==", TIME_2015 + 299 * SECOND, 300, &error));
  g_assert_no_error (error);
}

static void
test_verify_refuses_tampering (void)
{
  g_autoptr (SlipAwsRequest) body = signed_request (NULL);
  g_autoptr (SlipAwsRequest) path = signed_request (NULL);
  g_autoptr (SlipAwsRequest) header = signed_request (NULL);
  g_autoptr (SlipAwsRequest) extra = signed_request (NULL);

  g_bytes_unref (body->body);
  body->body = g_bytes_new_static ("Action=DeleteUsr", 16);
  assert_refused (body, SECRET, NULL, TIME_2015, "SignatureDoesNotMatch");
  g_free (path->path);
  path->path = g_strdup ("/other");
  assert_refused (path, SECRET, NULL, TIME_2015, "SignatureDoesNotMatch");
  slip_aws_headers_set (header->headers, "Content-Type", "text/html");
  assert_refused (header, SECRET, NULL, TIME_2015, "SignatureDoesNotMatch");
  slip_aws_headers_set (extra->headers, "X-Amz-Target", "Other.Operation");
  assert_refused (extra, SECRET, NULL, TIME_2015, "SignatureDoesNotMatch");
}

static void
test_verify_refuses_keys (void)
{
  g_autoptr (SlipAwsRequest) request = signed_request (NULL);
  g_autoptr (SlipAwsRequest) with_token = signed_request ("token");

  assert_refused (request, "another secret", NULL, TIME_2015, "SignatureDoesNotMatch");
  assert_refused (request, NULL, NULL, TIME_2015, "InvalidClientTokenId");
  assert_refused (request, SECRET, "token", TIME_2015, "InvalidClientTokenId");
  assert_refused (with_token, SECRET, NULL, TIME_2015, "InvalidClientTokenId");
  assert_refused (with_token, SECRET, "tokem", TIME_2015, "InvalidClientTokenId");
}

static void
test_verify_refuses_stale (void)
{
  g_autoptr (SlipAwsRequest) request = signed_request (NULL);
  g_autoptr (GError) early = NULL;
  g_autoptr (GError) late = NULL;

  g_assert_false (
      slip_aws_sigv4_verify (request, HOST, SECRET, NULL, TIME_2015 + 301 * SECOND, 300, &late));
  g_assert_cmpstr (slip_aws_error_get_code (late), ==, "SignatureDoesNotMatch");
  g_assert_cmpstr (slip_aws_error_get_text (late), ==,
                   "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z "
                   "(20150830T124101Z - 5 min.)");
  g_assert_false (
      slip_aws_sigv4_verify (request, HOST, SECRET, NULL, TIME_2015 - 301 * SECOND, 300, &early));
  g_assert_nonnull (strstr (slip_aws_error_get_text (early), "Signature not yet current"));
}

static void
test_verify_presigned (void)
{
  g_autoptr (SlipAwsCredentials) credentials = suite_credentials ("tok/en");
  g_autoptr (SlipAwsRequest) request = slip_aws_request_new ("GET", "/");
  g_autoptr (SlipAwsRequest) arrived = slip_aws_request_new ("GET", "/");
  g_autofree char *query = NULL;
  g_autofree char *target = NULL;
  g_autoptr (GError) error = NULL;

  slip_aws_request_add_query (request, "Action", "connect");
  slip_aws_request_add_query (request, "DBUser", "an admin");
  g_assert_true (slip_aws_sigv4_presign (request, HOST, credentials, "eu-west-1", "rds-db",
                                         TIME_2015, 900, SLIP_AWS_SIGV4_NONE, &error));
  query = slip_aws_request_dup_query_string (request);
  target = g_strconcat ("/?", query, NULL);
  g_assert_true (slip_aws_request_set_target (arrived, target));
  g_assert_true (slip_aws_sigv4_verify (arrived, HOST, SECRET, "tok/en", TIME_2015 + 899 * SECOND,
                                        300, &error));
  g_assert_no_error (error);
  assert_refused (arrived, SECRET, "tok/en", TIME_2015 + 901 * SECOND, "RequestExpired");
  slip_aws_request_add_query (arrived, "DBUser", "root");
  assert_refused (arrived, SECRET, "tok/en", TIME_2015, "SignatureDoesNotMatch");
}

static void
test_presign_refuses_long_lives (void)
{
  g_autoptr (SlipAwsCredentials) credentials = suite_credentials (NULL);
  g_autoptr (SlipAwsRequest) request = slip_aws_request_new ("GET", "/");
  g_autoptr (GError) error = NULL;

  g_assert_false (slip_aws_sigv4_presign (request, HOST, credentials, "eu-west-1", "rds", TIME_2015,
                                          604801, SLIP_AWS_SIGV4_NONE, &error));
  g_assert_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_PROTOCOL);
}

static void
test_parse_names_what_is_wrong (void)
{
  static const struct
  {
    const char *authorization;
    const char *code;
  } cases[] = {
      {NULL, "MissingAuthenticationToken"},
      {"Basic eDp5", "IncompleteSignature"},
      {"AWS4-HMAC-SHA256 ", "IncompleteSignature"},
      {"AWS4-HMAC-SHA256 Credential=A/20150830/r/s/aws4_request", "IncompleteSignature"},
      {"AWS4-HMAC-SHA256 Credential=A/2015/r/s/aws4_request, SignedHeaders=host, Signature=00",
       "IncompleteSignature"},
      {"AWS4-HMAC-SHA256 Credential=A/20150830/r/s/aws4_request, SignedHeaders=host, Signature=XY",
       "IncompleteSignature"},
      {"AWS4-HMAC-SHA256 Credential=A/20150830/r/s/aws4_request, SignedHeaders=x-amz-date, "
       "Signature=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
       "IncompleteSignature"},
      {"AWS4-HMAC-SHA256 Credential=A/20150831/r/s/aws4_request, SignedHeaders=host, "
       "Signature=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
       "IncompleteSignature"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (SlipAwsRequest) request = slip_aws_request_new ("GET", "/");
      g_auto (SlipAwsSigned) sig = {0};
      g_autoptr (GError) error = NULL;

      slip_aws_headers_set (request->headers, "X-Amz-Date", "20150830T123600Z");
      if (cases[i].authorization != NULL)
        slip_aws_headers_set (request->headers, "Authorization", cases[i].authorization);
      g_assert_false (slip_aws_sigv4_parse (request, &sig, &error));
      g_assert_cmpstr (slip_aws_error_get_code (error), ==, cases[i].code);
      g_assert_null (sig.access_key);
    }
}

static void
test_codes_by_protocol (void)
{
  g_assert_cmpstr (slip_aws_sigv4_code_for ("InvalidClientTokenId", "json"), ==,
                   "UnrecognizedClientException");
  g_assert_cmpstr (slip_aws_sigv4_code_for ("SignatureDoesNotMatch", "rest-json"), ==,
                   "InvalidSignatureException");
  g_assert_cmpstr (slip_aws_sigv4_code_for ("SignatureDoesNotMatch", "query"), ==,
                   "SignatureDoesNotMatch");
}

static gpointer
sign_many (gpointer data)
{
  for (guint i = 0; i < 200; i++)
    {
      g_autofree char *region = g_strdup_printf ("region-%u", i % 40);
      g_autofree char *a
          = slip_aws_sigv4_sign_text (SECRET, "20150830T000000Z", region, "rds", "text");
      g_autofree char *b
          = slip_aws_sigv4_sign_text (SECRET, "20150830T000000Z", region, "rds", "text");

      g_assert_cmpstr (a, ==, b);
    }
  return slip_aws_sigv4_sign_text (SECRET, "20150830T000000Z", "eu-west-1", "rds", "text");
}

static void
test_key_cache_is_thread_safe (void)
{
  g_autoptr (GThread) one = g_thread_new ("one", sign_many, NULL);
  g_autofree char *here = sign_many (NULL);
  g_autofree char *there = g_thread_join (g_steal_pointer (&one));

  g_assert_cmpstr (here, ==, there);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sigv4/sign/s3_example_of_aws", test_s3_headers);
  g_test_add_func ("/sigv4/presign/s3_example_of_aws", test_s3_presigned);
  g_test_add_func ("/sigv4/path/is_encoded_twice_but_for_s3",
                   test_path_is_encoded_twice_but_for_s3);
  g_test_add_func ("/sigv4/sign/refuses_line_breaks", test_sign_refuses_line_breaks);
  g_test_add_func ("/sigv4/sign/again_replaces", test_sign_again_replaces);
  g_test_add_func ("/sigv4/presign/refuses_long_lives", test_presign_refuses_long_lives);
  g_test_add_func ("/sigv4/verify/accepts", test_verify_accepts);
  g_test_add_func ("/sigv4/verify/refuses_tampering", test_verify_refuses_tampering);
  g_test_add_func ("/sigv4/verify/refuses_wrong_keys", test_verify_refuses_keys);
  g_test_add_func ("/sigv4/verify/refuses_stale", test_verify_refuses_stale);
  g_test_add_func ("/sigv4/verify/presigned", test_verify_presigned);
  g_test_add_func ("/sigv4/parse/names_what_is_wrong", test_parse_names_what_is_wrong);
  g_test_add_func ("/sigv4/codes/by_protocol", test_codes_by_protocol);
  g_test_add_func ("/sigv4/key_cache/is_thread_safe", test_key_cache_is_thread_safe);
  return g_test_run ();
}
