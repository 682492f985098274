/* SPDX-License-Identifier: MIT */

/* Proofs of identity: that STS is asked with the plan's hash signed, and that nothing else is ever
 * sent for one. */

#include "scripted-server.h"

#include "slip-aws-proof.h"
#include "slip-aws-sigv4.h"

#include <string.h>

#define PLAN "3f9a000000000000000000000000000000000000000000000000000000000001"
#define NOW G_GINT64_CONSTANT (1440938160000000)
#define ANSWER                                                                                     \
  "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"                \
  "<GetCallerIdentityResult><Arn>arn:aws:sts::111111111111:assumed-role/breakglass/bob</Arn>"      \
  "<UserId>AROA:bob</UserId><Account>111111111111</Account></GetCallerIdentityResult>"             \
  "<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
#define REFUSAL                                                                                    \
  "<ErrorResponse><Error><Type>Sender</Type><Code>SignatureDoesNotMatch</Code><Message>no</"       \
  "Message>"                                                                                       \
  "</Error><RequestId>r</RequestId></ErrorResponse>"

typedef struct
{
  ScriptedServer *server;
  SlipAwsClient *client;
  SlipClock *clock;
} Fixture;

static Fixture
set_up (const ScriptedStep *steps, guint n_steps)
{
  Fixture fixture = {0};
  g_autoptr (SlipAwsCredentials) credentials
      = slip_aws_credentials_new ("AKIATEST", "secret", "token", 0, "test");
  g_autoptr (SlipAwsProvider) provider = slip_aws_provider_new_static (credentials);
  g_autoptr (SlipAwsEndpoints) endpoints = NULL;

  fixture.server = scripted_server_new (steps, n_steps);
  endpoints = slip_aws_endpoints_new (NULL, NULL, scripted_server_get_url (fixture.server));
  fixture.client = slip_aws_client_new (provider, endpoints, "eu-west-1");
  fixture.clock = slip_clock_new_manual (NOW);
  slip_aws_client_set_clock (fixture.client, fixture.clock);
  return fixture;
}

static void
tear_down (Fixture *fixture)
{
  g_clear_object (&fixture->client);
  g_clear_pointer (&fixture->server, scripted_server_free);
  g_clear_pointer (&fixture->clock, slip_clock_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fixture, tear_down)

static char *
make (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  char *proof = slip_aws_proof_make (fixture->client, PLAN, NULL, &error);

  g_assert_no_error (error);
  return proof;
}

/* As AWS judges it: the request as sent, with the header as sent. */
static gboolean
aws_accepts (Fixture *fixture, const char *proof, const char *plan, GError **error)
{
  g_autoptr (SlipAwsRequest) request = slip_aws_request_new ("GET", "/");
  g_autofree char *target = g_strconcat ("/?", proof, NULL);

  g_assert_true (slip_aws_request_set_target (request, target));
  slip_aws_headers_set (request->headers, "x-slipway-plan", plan);
  return slip_aws_sigv4_verify (request,
                                strstr (scripted_server_get_url (fixture->server), "//") + 2,
                                "secret", "token", NOW, 300, error);
}

static void
test_bound (void)
{
  g_auto (Fixture) fixture = set_up (NULL, 0);
  g_autofree char *proof = make (&fixture);
  g_autoptr (GError) error = NULL;

  g_assert_true (aws_accepts (&fixture, proof, PLAN, &error));
  g_assert_no_error (error);
  g_assert_false (aws_accepts (&fixture, proof, "another", &error));
  g_assert_cmpstr (slip_aws_error_get_code (error), ==, "SignatureDoesNotMatch");
}

static void
test_verified (void)
{
  const ScriptedStep steps[]
      = {{.expect_method = "GET", .expect_header = "x-slipway-plan: " PLAN, .body = ANSWER}};
  g_auto (Fixture) fixture = set_up (steps, G_N_ELEMENTS (steps));
  g_autofree char *proof = make (&fixture);
  g_autofree char *request = NULL;
  g_autoptr (GError) error = NULL;
  gint64 made = 0;
  g_autoptr (SlipAwsIdentity) identity = NULL;

  slip_clock_advance (fixture.clock, 60 * G_USEC_PER_SEC);
  identity = slip_aws_proof_verify (fixture.client, proof, PLAN, &made, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (identity->arn, ==, "arn:aws:sts::111111111111:assumed-role/breakglass/bob");
  g_assert_cmpstr (identity->account, ==, "111111111111");
  g_assert_cmpint (made, ==, NOW);
  request = scripted_server_dup_request (fixture.server, 0);
  g_assert_nonnull (strstr (request, "GET /?Action=GetCallerIdentity&Version=2011-06-15&"));
  g_assert_null (strstr (request, "Authorization:"));
}

static void
test_refusal_is_told (void)
{
  const ScriptedStep steps[] = {{.status = 403, .body = REFUSAL}};
  g_auto (Fixture) fixture = set_up (steps, G_N_ELEMENTS (steps));
  g_autofree char *proof = make (&fixture);
  g_autoptr (GError) error = NULL;

  g_assert_null (slip_aws_proof_verify (fixture.client, proof, "other", NULL, NULL, &error));
  g_assert_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_IDENTITY);
  g_assert_nonnull (strstr (error->message, "SignatureDoesNotMatch"));
}

/* The server plays no script: anything sent fails the test. */
static void
expect_refused (Fixture *fixture, const char *proof, const char *why)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (slip_aws_proof_verify (fixture->client, proof, PLAN, NULL, NULL, &error));
  g_assert_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_IDENTITY);
  g_assert_nonnull (strstr (error->message, why));
  g_assert_cmpuint (scripted_server_get_n_requests (fixture->server), ==, 0);
}

static char *
replace (const char *text, const char *from, const char *to)
{
  g_auto (GStrv) parts = g_strsplit (text, from, -1);

  g_assert_cmpuint (g_strv_length (parts), ==, 2);
  return g_strjoinv (to, parts);
}

static void
test_old (void)
{
  g_auto (Fixture) fixture = set_up (NULL, 0);
  g_autofree char *proof = make (&fixture);

  slip_clock_advance (fixture.clock, (SLIP_AWS_PROOF_SECONDS + 61) * G_USEC_PER_SEC);
  expect_refused (&fixture, proof, "was made 16 minutes ago");
  slip_clock_advance (fixture.clock, -(SLIP_AWS_PROOF_SECONDS + 61 + 301) * G_USEC_PER_SEC);
  expect_refused (&fixture, proof, "in the future");
}

static void
test_only_who_am_i (void)
{
  g_auto (Fixture) fixture = set_up (NULL, 0);
  g_autofree char *proof = make (&fixture);
  g_autofree char *action = replace (proof, "GetCallerIdentity", "AssumeRole");
  g_autofree char *more = g_strconcat (proof, "&RoleArn=x", NULL);
  g_autofree char *twice = g_strconcat (proof, "&Action=AssumeRole", NULL);
  g_autofree char *unbound = replace (proof, "host%3Bx-slipway-plan", "host");
  g_autofree char *region = replace (proof, "%2Feu-west-1%2F", "%2Fevil.example%2F");
  g_autofree char *longer = replace (proof, "X-Amz-Expires=900", "X-Amz-Expires=604800");

  expect_refused (&fixture, action, "not a pre-signed sts:GetCallerIdentity");
  expect_refused (&fixture, more, "more than a pre-signed");
  expect_refused (&fixture, twice, "more than a pre-signed");
  expect_refused (&fixture, unbound, "not bound to a plan");
  expect_refused (&fixture, region, "not signed for STS");
  expect_refused (&fixture, longer, "longer than 15 minutes");
  expect_refused (&fixture, "", "");
  expect_refused (&fixture, "%zz", "cannot be read");
  expect_refused (&fixture, "Action=GetCallerIdentity&Version=2011-06-15", "no signature");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/aws/proof/signature_covers_the_plan", test_bound);
  g_test_add_func ("/aws/proof/sts_says_who_made_it", test_verified);
  g_test_add_func ("/aws/proof/what_sts_refuses_is_told", test_refusal_is_told);
  g_test_add_func ("/aws/proof/old_or_future_one_is_refused_unasked", test_old);
  g_test_add_func ("/aws/proof/only_get_caller_identity_is_ever_sent", test_only_who_am_i);
  return g_test_run ();
}
