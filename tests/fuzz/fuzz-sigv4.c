/* SPDX-License-Identifier: MIT */

/* Any bytes as a request: the server's side must refuse or prove it and never stumble; and whatever
 * our client signs, our server must accept. */

#include "slip-aws-error.h"
#include "slip-aws-sigv4.h"

#include <stdint.h>
#include <string.h>

#define NOW G_GINT64_CONSTANT (1440938160000000)
#define HOST "example.amazonaws.com"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* Request line, headers, empty line, body, as loosely as can be. */
static SlipAwsRequest *
read_request (const char *text, gsize length)
{
  const char *blank = g_strstr_len (text, (gssize)length, "\n\n");
  gsize head_length = blank != NULL ? (gsize)(blank - text) : length;
  g_autofree char *head = g_strndup (text, head_length);
  g_auto (GStrv) lines = g_strsplit (head, "\n", 200);
  g_auto (GStrv) words = g_strsplit (lines[0] != NULL ? lines[0] : "", " ", 3);
  SlipAwsRequest *request = slip_aws_request_new (words[0] != NULL ? words[0] : "GET", "/");

  if (words[0] != NULL && words[1] != NULL)
    slip_aws_request_set_target (request, words[1]);
  for (guint i = 1; lines[0] != NULL && lines[i] != NULL; i++)
    {
      char *colon = strchr (lines[i], ':');

      if (colon == NULL || colon == lines[i] || !g_utf8_validate (lines[i], -1, NULL))
        continue;
      *colon = '\0';
      slip_aws_headers_append (request->headers, lines[i], colon + 1);
    }
  if (blank != NULL)
    request->body = g_bytes_new (blank + 2, length - head_length - 2);
  return request;
}

static void
check_refusal (const SlipAwsRequest *request)
{
  g_autoptr (GError) error = NULL;

  /* Nobody knows this secret, so nothing may be proven with it. */
  g_assert (!slip_aws_sigv4_verify (request, HOST, "a secret that the fuzzer does not know", NULL,
                                    NOW, 300, &error));
  g_assert (slip_aws_error_get_code (error) != NULL);
}

static void
check_round_trip (SlipAwsRequest *request, SlipAwsSigv4Flags flags, const char *service)
{
  g_autoptr (SlipAwsCredentials) credentials
      = slip_aws_credentials_new ("AKID", "secret", "token", 0, "fuzz");
  g_autoptr (GError) error = NULL;

  /* What came with the request would contradict what is signed. */
  for (guint i = 0; i < 2; i++)
    while (slip_aws_headers_remove (request->headers,
                                    i == 0 ? "x-amz-content-sha256" : "x-amz-security-token"))
      ;
  if (!slip_aws_sigv4_sign (request, HOST, credentials, "eu-west-1", service, NOW, flags, &error))
    return;
  if (!slip_aws_sigv4_verify (request, HOST, "secret", "token", NOW, 300, &error))
    g_error ("%s", error->message);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (SlipAwsRequest) request = read_request ((const char *)data, size);

  check_refusal (request);
  check_round_trip (request, SLIP_AWS_SIGV4_NONE, "rds");
  check_round_trip (request, SLIP_AWS_SIGV4_S3, "s3");
  return 0;
}
