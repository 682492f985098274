/* SPDX-License-Identifier: MIT */

/* The client against a scripted server: what it sends, what it refuses to send, what it sends again
 * and what it never does. */

#include "scripted-server.h"

#include "slip-aws-client.h"
#include "slip-aws-deadline.h"
#include "slip-aws-identity.h"
#include "slip-aws-pages.h"
#include "slip-json.h"
#include "slip-pool.h"

#include <string.h>

#define NOT_FOUND                                                                                  \
  "<ErrorResponse xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\"><Error><Type>Sender</Type>"   \
  "<Code>DBClusterNotFoundFault</Code><Message>no such cluster</Message></Error>"                  \
  "<RequestId>req-404</RequestId></ErrorResponse>"
#define ERROR(code, message)                                                                       \
  "<ErrorResponse><Error><Type>Sender</Type><Code>" code "</Code><Message>" message                \
  "</Message></Error><RequestId>req-err</RequestId></ErrorResponse>"
#define CLUSTERS(names, marker)                                                                    \
  "<DescribeDBClustersResponse xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\">"                \
  "<DescribeDBClustersResult><DBClusters>" names "</DBClusters>" marker                            \
  "</DescribeDBClustersResult><ResponseMetadata><RequestId>req-1</RequestId></ResponseMetadata>"   \
  "</DescribeDBClustersResponse>"
#define CLUSTER(name) "<DBCluster><DBClusterIdentifier>" name "</DBClusterIdentifier></DBCluster>"
#define DELETED                                                                                    \
  "<DeleteDBClusterResponse><DeleteDBClusterResult/><ResponseMetadata><RequestId>req-2"            \
  "</RequestId></ResponseMetadata></DeleteDBClusterResponse>"

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
  static guint account;
  g_autofree char *name = g_strdup_printf ("account-%u", account++);

  fixture.server = scripted_server_new (steps, n_steps);
  endpoints = slip_aws_endpoints_new (NULL, NULL, scripted_server_get_url (fixture.server));
  fixture.client = slip_aws_client_new (provider, endpoints, "eu-west-1");
  fixture.clock = slip_clock_new_manual (G_GINT64_CONSTANT (1440938160000000));
  slip_aws_client_set_clock (fixture.client, fixture.clock);
  slip_aws_client_set_account (fixture.client, name);
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

static JsonNode *
call (Fixture *fixture,
      const char *service,
      const char *operation,
      const char *input,
      SlipAwsCallInfo *info,
      GError **error)
{
  g_autoptr (JsonNode) node = input != NULL ? slip_json_parse (input, -1, NULL) : NULL;
  SlipAwsCall arguments = {.service = service, .operation = operation, .input = node};

  return slip_aws_client_call (fixture->client, &arguments, info, NULL, error);
}

static const char *const delete_input
    = "{\"DBClusterIdentifier\":\"api\",\"SkipFinalSnapshot\":true}";

/* What is sent */

static void
test_read (void)
{
  const ScriptedStep steps[] = {
      {.expect_method = "POST",
       .expect_target = "/",
       .expect_header = "X-Amz-Security-Token: token",
       .expect_body = "Action=DescribeDBClusters",
       .headers = "Date: Sun, 30 Aug 2015 12:36:30 GMT\r\nx-amzn-RequestId: req-7\r\n",
       .body = CLUSTERS (CLUSTER ("api"), "")},
  };
  g_auto (Fixture) fixture = set_up (steps, G_N_ELEMENTS (steps));
  g_auto (SlipAwsCallInfo) info = {0};
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) output = call (&fixture, "rds", "DescribeDBClusters", NULL, &info, &error);
  g_autofree char *request = NULL;

  g_assert_no_error (error);
  g_assert_nonnull (slip_json_array (json_node_get_object (output), "DBClusters"));
  g_assert_cmpuint (info.status, ==, 200);
  g_assert_cmpuint (info.attempts, ==, 1);
  g_assert_cmpstr (info.request_id, ==, "req-7");
  g_assert_cmpstr (info.endpoint, ==, scripted_server_get_url (fixture.server));
  g_assert_cmpint (info.service_date_us, ==, G_GINT64_CONSTANT (1440938190000000));
  g_assert_false (info.maybe_sent);
  g_assert_cmpint (slip_aws_client_get_clock_skew (fixture.client), ==, 30 * G_USEC_PER_SEC);
  request = scripted_server_dup_request (fixture.server, 0);
  g_assert_nonnull (strstr (request, "Credential=AKIATEST/20150830/eu-west-1/rds/aws4_request"));
  g_assert_nonnull (strstr (request, "User-Agent: Slipway/"));
}

static void
test_check_comes_first (void)
{
  g_auto (Fixture) fixture = set_up (NULL, 0);
  g_autoptr (GError) unknown = NULL;
  g_autoptr (GError) operation = NULL;
  g_autoptr (GError) service = NULL;

  g_assert_null (call (&fixture, "rds", "DescribeDBClusters", "{\"Nonsense\":1}", NULL, &unknown));
  g_assert_error (unknown, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CHECK);
  g_assert_nonnull (strstr (unknown->message, "$.Nonsense"));
  g_assert_null (call (&fixture, "rds", "DescribeNonsense", NULL, NULL, &operation));
  g_assert_error (operation, SLIP_AWS_ERROR, SLIP_AWS_ERROR_MODEL);
  g_assert_null (call (&fixture, "nonsense", "X", NULL, NULL, &service));
  g_assert_error (service, SLIP_AWS_ERROR, SLIP_AWS_ERROR_MODEL);
}

static void
test_lock (void)
{
  const ScriptedStep steps[] = {{.expect_body = "Action=DeleteDBCluster", .body = DELETED}};
  g_auto (Fixture) fixture = set_up (steps, G_N_ELEMENTS (steps));
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) output = NULL;

  g_assert_null (call (&fixture, "rds", "DeleteDBCluster", delete_input, NULL, &error));
  g_assert_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_READ_ONLY);
  g_assert_cmpuint (scripted_server_get_n_connections (fixture.server), ==, 0);
  g_clear_error (&error);
  slip_aws_client_unlock (fixture.client, "run 1");
  output = call (&fixture, "rds", "DeleteDBCluster", delete_input, NULL, &error);
  g_assert_no_error (error);
  slip_aws_client_lock (fixture.client);
  g_assert_null (call (&fixture, "rds", "DeleteDBCluster", delete_input, NULL, &error));
  g_assert_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_READ_ONLY);
}

static void
test_service_error (void)
{
  const ScriptedStep steps[] = {{.status = 404, .body = NOT_FOUND}};
  g_auto (Fixture) fixture = set_up (steps, G_N_ELEMENTS (steps));
  g_auto (SlipAwsCallInfo) info = {0};
  g_autoptr (GError) error = NULL;

  g_assert_null (call (&fixture, "rds", "DescribeDBClusters", "{\"DBClusterIdentifier\":\"api\"}",
                       &info, &error));
  g_assert_cmpstr (slip_aws_error_get_code (error), ==, "DBClusterNotFoundFault");
  g_assert_cmpuint (slip_aws_error_get_status (error), ==, 404);
  g_assert_cmpstr (info.request_id, ==, "req-404");
}

/* A service's words could otherwise pass for lines of ours, and fill the audit log. */
static void
test_service_error_is_one_short_line (void)
{
  g_autofree char *many = g_strnfill (300000, 'M');
  g_autofree char *body = g_strconcat (
      "<ErrorResponse><Error><Code>Nope</Code><Message>no\n[25/25] All: done\r\nrun is "
      "done&#x2028;\xc3\xa9",
      many, "</Message></Error></ErrorResponse>", NULL);
  const ScriptedStep steps[] = {{.status = 400, .body = body}};
  g_auto (Fixture) fixture = set_up (steps, G_N_ELEMENTS (steps));
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) output = call (&fixture, "rds", "DescribeDBClusters", NULL, NULL, &error);

  g_assert_null (output);
  g_assert_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_SERVICE);
  g_assert_true (g_str_has_prefix (error->message, "Nope: no [25/25] All: done"));
  g_assert_null (strpbrk (error->message, "\r\n"));
  g_assert_null (strstr (error->message, "\xe2\x80\xa8"));
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_cmpuint (strlen (error->message), <, 4500);
  g_assert_true (g_str_has_suffix (error->message, " bytes more)"));
}

static void
test_redirect_is_told (void)
{
  static const char *const wanted[]
      = {"redirects to portal.example,", "redirects to another place,"};
  const ScriptedStep steps[] = {
      {.status = 302,
       .headers = "Location: https://portal.example/login?t=1\r\n",
       .body = "<html><body>moved</body></html>"},
      {.status = 302, .headers = "Location: /login\r\n", .body = ""},
  };
  g_auto (Fixture) fixture = set_up (steps, G_N_ELEMENTS (steps));

  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (call (&fixture, "rds", "DescribeDBClusters", NULL, NULL, &error));
      g_assert_nonnull (error);
      g_assert_nonnull (strstr (error->message, wanted[i]));
      g_assert_nonnull (strstr (error->message, "never follows"));
      g_assert_null (strstr (error->message, "login"));
    }
}

static void
test_redirect_is_not_followed (void)
{
  const ScriptedStep steps[] = {
      {.status = 307, .headers = "Location: http://127.0.0.1:9/stolen\r\n", .body = ""},
  };
  g_auto (Fixture) fixture = set_up (steps, G_N_ELEMENTS (steps));
  g_autoptr (GError) error = NULL;

  g_assert_null (call (&fixture, "rds", "DescribeDBClusters", NULL, NULL, &error));
  g_assert_nonnull (error);
  g_assert_null (strstr (error->message, ":9/"));
}

/* Trying again */

static void
test_throttle_is_waited_out (void)
{
  const ScriptedStep steps[] = {
      {.status = 400, .body = ERROR ("Throttling", "Rate exceeded")},
      {.status = 503, .body = ERROR ("RequestLimitExceeded", "slow down")},
      {.body = CLUSTERS ("", "")},
  };
  g_auto (Fixture) fixture = set_up (steps, G_N_ELEMENTS (steps));
  g_auto (SlipAwsCallInfo) info = {0};
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) output = call (&fixture, "rds", "DescribeDBClusters", NULL, &info, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (info.attempts, ==, 3);
}

static void
test_throttled_change_is_sent_again (void)
{
  const ScriptedStep steps[] = {
      {.status = 400, .body = ERROR ("Throttling", "Rate exceeded")},
      {.body = DELETED},
  };
  g_auto (Fixture) fixture = set_up (steps, G_N_ELEMENTS (steps));
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) output = NULL;

  slip_aws_client_unlock (fixture.client, "test");
  output = call (&fixture, "rds", "DeleteDBCluster", delete_input, NULL, &error);
  g_assert_no_error (error);
}

static void
test_read_survives_faults (void)
{
  const ScriptedStep steps[] = {
      {.status = 500, .body = ERROR ("InternalFailure", "oops")},
      {.end = SCRIPTED_DROP},
      {.body = CLUSTERS (CLUSTER ("api"), ""), .end = SCRIPTED_TRUNCATE},
      {.status = 502, .body = "<html>bad gateway"},
      {.body = "<DescribeDBClustersResponse><Describe", .end = SCRIPTED_CLOSE},
      {.body = CLUSTERS (CLUSTER ("api"), "")},
  };
  g_auto (Fixture) fixture = set_up (steps, G_N_ELEMENTS (steps));
  g_auto (SlipAwsCallInfo) info = {0};
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) output = call (&fixture, "rds", "DescribeDBClusters", NULL, &info, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (info.attempts, ==, G_N_ELEMENTS (steps));
}

static void
test_unreadable_answers_end_soon (void)
{
  const ScriptedStep steps[] = {
      {.body = "<html>a portal wants you to sign in"},
      {.body = "<html>a portal wants you to sign in"},
      {.body = "<html>a portal wants you to sign in"},
  };
  g_auto (Fixture) fixture = set_up (steps, G_N_ELEMENTS (steps));
  g_autoptr (GError) error = NULL;

  g_assert_null (call (&fixture, "rds", "DescribeDBClusters", NULL, NULL, &error));
  g_assert_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_PROTOCOL);
}

static void
assert_change_is_sent_once (const ScriptedStep *step)
{
  g_auto (Fixture) fixture = set_up (step, 1);
  g_auto (SlipAwsCallInfo) info = {0};
  g_autoptr (GError) error = NULL;

  slip_aws_client_unlock (fixture.client, "test");
  g_assert_null (call (&fixture, "rds", "DeleteDBCluster", delete_input, &info, &error));
  g_assert_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_UNKNOWN_OUTCOME);
  g_assert_true (info.maybe_sent);
  g_assert_cmpuint (info.attempts, ==, 1);
  g_assert_cmpuint (scripted_server_get_n_requests (fixture.server), ==, 1);
}

static void
test_change_is_sent_once (void)
{
  const ScriptedStep faults[] = {
      {.end = SCRIPTED_DROP},
      {.body = DELETED, .end = SCRIPTED_TRUNCATE},
      {.status = 500, .body = ERROR ("InternalFailure", "oops")},
      {.status = 503, .body = ERROR ("ServiceUnavailable", "oops")},
      {.body = "<DeleteDBClusterResponse><"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    assert_change_is_sent_once (&faults[i]);
}

/* libsoup resends PUT and DELETE on a kept connection that closes; on a new one it has no reason. */
static void
test_change_has_its_own_connection (void)
{
  const ScriptedStep steps[] = {
      {.expect_method = "GET", .body = "{\"BackupVaultList\":[]}"},
      {.expect_method = "DELETE", .expect_target = "/backup-vaults/v", .end = SCRIPTED_DROP},
  };
  g_auto (Fixture) fixture = set_up (steps, G_N_ELEMENTS (steps));
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) list = call (&fixture, "backup", "ListBackupVaults", NULL, NULL, &error);

  g_assert_no_error (error);
  slip_aws_client_unlock (fixture.client, "test");
  g_assert_null (
      call (&fixture, "backup", "DeleteBackupVault", "{\"BackupVaultName\":\"v\"}", NULL, &error));
  g_assert_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_UNKNOWN_OUTCOME);
  g_assert_cmpuint (scripted_server_get_n_connections (fixture.server), ==, 2);
}

static void
test_reads_keep_their_connection (void)
{
  const ScriptedStep steps[] = {
      {.body = CLUSTERS ("", "")},
      {.body = CLUSTERS ("", "")},
      {.body = CLUSTERS ("", ""), .end = SCRIPTED_CLOSE},
      {.body = CLUSTERS ("", "")},
  };
  g_auto (Fixture) fixture = set_up (steps, G_N_ELEMENTS (steps));

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonNode) output
          = call (&fixture, "rds", "DescribeDBClusters", NULL, NULL, &error);

      g_assert_no_error (error);
      g_usleep (20000);
    }
  g_assert_cmpuint (scripted_server_get_n_connections (fixture.server), ==, 2);
}

/* The token makes the second sending harmless, and it is the same token. */
static void
test_token_allows_another_attempt (void)
{
  const ScriptedStep steps[] = {
      {.expect_body = "\"ClientRequestToken\"",
       .status = 500,
       .body = "{\"__type\":\"InternalServiceError\"}"},
      {.expect_body = "\"ClientRequestToken\"", .body = "{\"ARN\":\"a\",\"Name\":\"s\"}"},
  };
  g_auto (Fixture) fixture = set_up (steps, G_N_ELEMENTS (steps));
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) output = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  slip_aws_client_unlock (fixture.client, "test");
  output = call (&fixture, "secretsmanager", "CreateSecret",
                 "{\"Name\":\"s\",\"SecretString\":\"x\"}", NULL, &error);
  g_assert_no_error (error);
  first = scripted_server_dup_request (fixture.server, 0);
  second = scripted_server_dup_request (fixture.server, 1);
  g_assert_cmpstr (strstr (first, "\r\n\r\n"), ==, strstr (second, "\r\n\r\n"));
}

/* A refusal of the second sending says nothing of the first, whose answer was lost. */
static void
assert_refusal_leaves_it_unknown (const ScriptedStep *refusal)
{
  const ScriptedStep steps[] = {{.end = SCRIPTED_DROP}, *refusal};
  g_auto (Fixture) fixture = set_up (steps, G_N_ELEMENTS (steps));
  g_auto (SlipAwsCallInfo) info = {0};
  g_autoptr (GError) error = NULL;

  slip_aws_client_unlock (fixture.client, "test");
  g_assert_null (call (&fixture, "secretsmanager", "CreateSecret",
                       "{\"Name\":\"s\",\"SecretString\":\"x\"}", &info, &error));
  g_assert_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_UNKNOWN_OUTCOME);
  g_assert_true (info.maybe_sent);
  g_assert_cmpuint (info.attempts, ==, 2);
}

static void
test_refusal_of_another_attempt_proves_nothing (void)
{
  const ScriptedStep refusals[] = {
      {.status = 400, .body = "{\"__type\":\"AccessDeniedException\"}"},
      {.status = 400, .body = "{\"__type\":\"ResourceExistsException\"}"},
      {.status = 400, .body = "{\"__type\":\"ExpiredTokenException\"}"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    assert_refusal_leaves_it_unknown (&refusals[i]);
}

static void
test_refused_connection (void)
{
  g_autoptr (SlipAwsCredentials) credentials
      = slip_aws_credentials_new ("AKIATEST", "secret", NULL, 0, "test");
  g_autoptr (SlipAwsProvider) provider = slip_aws_provider_new_static (credentials);
  g_autoptr (SlipAwsEndpoints) endpoints
      = slip_aws_endpoints_new (NULL, NULL, "http://127.0.0.1:9");
  g_autoptr (SlipAwsClient) client = slip_aws_client_new (provider, endpoints, "eu-west-1");
  g_autoptr (SlipClock) clock = slip_clock_new_manual (0);
  g_auto (SlipAwsCallInfo) info = {0};
  g_autoptr (JsonNode) input = slip_json_parse (delete_input, -1, NULL);
  g_autoptr (GError) error = NULL;
  SlipAwsCall arguments = {.service = "rds", .operation = "DeleteDBCluster", .input = input};

  slip_aws_client_set_clock (client, clock);
  slip_aws_client_unlock (client, "test");
  g_assert_null (slip_aws_client_call (client, &arguments, &info, NULL, &error));
  /* Nothing was sent, so this is no unknown outcome. */
  g_assert_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_TRANSPORT);
  g_assert_false (info.maybe_sent);
  g_assert_cmpuint (info.attempts, ==, 3);
}

static void
test_timeout (void)
{
  const ScriptedStep steps[] = {{.end = SCRIPTED_HANG}};
  g_auto (Fixture) fixture = set_up (steps, G_N_ELEMENTS (steps));
  g_autoptr (GError) error = NULL;
  SlipAwsCall arguments
      = {.service = "rds", .operation = "DescribeDBClusters", .max_attempts = 1, .timeout_s = 1};
  gint64 begun = g_get_monotonic_time ();

  g_assert_null (slip_aws_client_call (fixture.client, &arguments, NULL, NULL, &error));
  g_assert_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_TRANSPORT);
  g_assert_cmpint (g_get_monotonic_time () - begun, <, 3 * G_USEC_PER_SEC);
}

/* Each byte begins the time-out anew; only a deadline ends it, and what became of a change is unknown. One
 * whose microseconds are more than 32 bits hold does not end with it. */
static void
test_dripping_answer (void)
{
  const ScriptedStep steps[] = {
      {.expect_body = "Action=DeleteDBCluster", .body_length = 1000000, .end = SCRIPTED_DRIP},
      {.expect_body = "Action=DescribeDBClusters", .body_length = 1000000, .end = SCRIPTED_DRIP},
  };
  g_auto (Fixture) fixture = set_up (steps, G_N_ELEMENTS (steps));
  g_autoptr (SlipAwsDeadline) hours = slip_aws_deadline_new (4295, NULL);
  g_autoptr (JsonNode) input = slip_json_parse (delete_input, -1, NULL);
  g_auto (SlipAwsCallInfo) info = {0};
  g_autoptr (GError) error = NULL;
  SlipAwsCall change = {.service = "rds",
                        .operation = "DeleteDBCluster",
                        .input = input,
                        .timeout_s = 600,
                        .deadline_s = 1};
  SlipAwsCall look = {.service = "rds",
                      .operation = "DescribeDBClusters",
                      .max_attempts = 1,
                      .timeout_s = 600,
                      .deadline_s = 1};

  slip_aws_client_unlock (fixture.client, "test");
  g_assert_null (slip_aws_client_call (fixture.client, &change, &info, NULL, &error));
  g_assert_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_UNKNOWN_OUTCOME);
  g_assert_nonnull (strstr (error->message, "had not ended after 1 seconds"));
  g_assert_true (info.maybe_sent);
  g_clear_error (&error);
  g_assert_null (slip_aws_client_call (fixture.client, &look, NULL, NULL, &error));
  g_assert_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_TRANSPORT);
  g_assert_false (slip_aws_deadline_is_over (hours));
}

static gpointer
cancel_soon (gpointer data)
{
  g_usleep (100000);
  g_cancellable_cancel (data);
  return NULL;
}

static void
assert_cancelled (const char *operation, const char *input, int code)
{
  const ScriptedStep steps[] = {{.end = SCRIPTED_HANG}};
  g_auto (Fixture) fixture = set_up (steps, G_N_ELEMENTS (steps));
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (JsonNode) node = slip_json_parse (input, -1, NULL);
  g_autoptr (GError) error = NULL;
  SlipAwsCall arguments = {.service = "rds", .operation = operation, .input = node};
  gint64 begun = g_get_monotonic_time ();
  GThread *thread = g_thread_new ("cancel", cancel_soon, cancellable);

  slip_aws_client_unlock (fixture.client, "test");
  g_assert_null (slip_aws_client_call (fixture.client, &arguments, NULL, cancellable, &error));
  g_assert_error (error, SLIP_AWS_ERROR, code);
  g_assert_cmpint (g_get_monotonic_time () - begun, <, 2 * G_USEC_PER_SEC);
  g_thread_join (thread);
}

static void
test_cancel (void)
{
  assert_cancelled ("DescribeDBClusters", "{}", SLIP_AWS_ERROR_CANCELLED);
  /* A change that was under way may have been carried out. */
  assert_cancelled ("DeleteDBCluster", delete_input, SLIP_AWS_ERROR_UNKNOWN_OUTCOME);
}

/* Credentials and clock */

static SlipAwsCredentials *
fetch_next (gpointer data, GCancellable *cancellable, GError **error)
{
  guint *count = data;
  g_autofree char *key = g_strdup_printf ("AKIA%u", ++*count);

  return slip_aws_credentials_new (key, "s", NULL, 0, "counter");
}

static void
test_expired_token_is_renewed_for_reads (void)
{
  const ScriptedStep steps[] = {
      {.expect_header = "Authorization: Credential=AKIA1/",
       .status = 403,
       .body = ERROR ("ExpiredToken", "The security token included in the request is expired")},
      {.expect_header = "Authorization: Credential=AKIA2/", .body = CLUSTERS ("", "")},
      {.expect_header = "Authorization: Credential=AKIA2/",
       .status = 403,
       .body = ERROR ("ExpiredToken", "expired")},
  };
  g_autoptr (ScriptedServer) server = scripted_server_new (steps, G_N_ELEMENTS (steps));
  guint count = 0;
  g_autoptr (SlipAwsProvider) provider
      = slip_aws_provider_new_func ("counter", fetch_next, &count, NULL);
  g_autoptr (SlipAwsEndpoints) endpoints
      = slip_aws_endpoints_new (NULL, NULL, scripted_server_get_url (server));
  g_autoptr (SlipAwsClient) client = slip_aws_client_new (provider, endpoints, "eu-west-1");
  g_autoptr (JsonNode) input = slip_json_parse (delete_input, -1, NULL);
  SlipAwsCall read = {.service = "rds", .operation = "DescribeDBClusters"};
  SlipAwsCall change = {.service = "rds", .operation = "DeleteDBCluster", .input = input};
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) output = slip_aws_client_call (client, &read, NULL, NULL, &error);

  g_assert_no_error (error);
  /* A change waits for somebody to look whose the new ones are. */
  slip_aws_client_unlock (client, "test");
  g_assert_null (slip_aws_client_call (client, &change, NULL, NULL, &error));
  g_assert_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_EXPIRED);
  g_assert_nonnull (strstr (error->message, "counter"));
}

static void
test_expired_for_good (void)
{
  const ScriptedStep steps[] = {
      {.status = 403, .body = ERROR ("InvalidClientTokenId", "invalid")},
      {.status = 403, .body = ERROR ("InvalidClientTokenId", "invalid")},
  };
  g_auto (Fixture) fixture = set_up (steps, G_N_ELEMENTS (steps));
  g_autoptr (GError) error = NULL;

  g_assert_null (call (&fixture, "rds", "DescribeDBClusters", NULL, NULL, &error));
  g_assert_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_EXPIRED);
}

static void
test_clock_is_corrected_once (void)
{
  const ScriptedStep steps[] = {
      {.expect_header = "X-Amz-Date: 20150830T123600Z",
       .status = 403,
       .headers = "Date: Sun, 30 Aug 2015 13:36:00 GMT\r\n",
       .body = ERROR ("SignatureDoesNotMatch",
                      "Signature expired: 20150830T123600Z is now earlier than 20150830T133100Z")},
      {.expect_header = "X-Amz-Date: 20150830T1336", .body = CLUSTERS ("", "")},
      {.expect_header = "X-Amz-Date: 20150830T1336", .body = CLUSTERS ("", "")},
  };
  g_auto (Fixture) fixture = set_up (steps, G_N_ELEMENTS (steps));
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) first = call (&fixture, "rds", "DescribeDBClusters", NULL, NULL, &error);
  g_autoptr (JsonNode) second = NULL;

  g_assert_no_error (error);
  second = call (&fixture, "rds", "DescribeDBClusters", NULL, NULL, &error);
  g_assert_no_error (error);
}

/* Pages */

static gboolean
count_page (JsonNode *page, gpointer data, GError **error)
{
  guint *pages = data;

  return ++*pages < 10;
}

static void
test_pages (void)
{
  const ScriptedStep steps[] = {
      {.body = CLUSTERS (CLUSTER ("a"), "<Marker>m 1/+</Marker>")},
      {.expect_body = "Marker=m%201%2F%2B",
       .body = CLUSTERS (CLUSTER ("b"), "<Marker>m2</Marker>")},
      {.expect_body = "Marker=m2", .body = CLUSTERS (CLUSTER ("c"), "")},
  };
  g_auto (Fixture) fixture = set_up (steps, G_N_ELEMENTS (steps));
  SlipAwsCall arguments = {.service = "rds", .operation = "DescribeDBClusters"};
  g_autoptr (GError) error = NULL;
  guint pages = 0;

  g_assert_true (
      slip_aws_client_list (fixture.client, &arguments, count_page, &pages, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (pages, ==, 3);
}

static void
test_repeated_marker_is_an_error (void)
{
  const ScriptedStep steps[] = {
      {.body = CLUSTERS (CLUSTER ("a"), "<Marker>m</Marker>")},
      {.body = CLUSTERS (CLUSTER ("a"), "<Marker>m</Marker>")},
  };
  g_auto (Fixture) fixture = set_up (steps, G_N_ELEMENTS (steps));
  SlipAwsCall arguments = {.service = "rds", .operation = "DescribeDBClusters"};
  g_autoptr (GError) error = NULL;
  guint pages = 0;

  g_assert_false (
      slip_aws_client_list (fixture.client, &arguments, count_page, &pages, NULL, NULL, &error));
  g_assert_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_PROTOCOL);
}

/* Follows pages with ever new markers until the list is given up; @results in each. */
static guint
follow_for_ever (const char *results, guint most, GError **error)
{
  const SlipAwsOperation *op
      = slip_aws_model_lookup_operation ("rds", "DescribeDBClusters", NULL, NULL);
  g_autoptr (SlipAwsPages) pages = slip_aws_pages_new (op, NULL);

  for (guint i = 1; i <= most; i++)
    {
      g_autofree char *text
          = g_strdup_printf ("{\"Marker\":\"m%u\",\"DBClusters\":[%s]}", i, results);
      g_autoptr (JsonNode) page = slip_json_parse (text, -1, NULL);

      if (!slip_aws_pages_follow (pages, page, error))
        return i;
    }
  return 0;
}

static void
test_endless_pages (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (follow_for_ever ("", 2000, &error), ==, 1000);
  g_assert_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_PROTOCOL);
  g_assert_nonnull (strstr (error->message, "1000 pages in a row that hold nothing"));
  g_clear_error (&error);
  g_assert_cmpuint (follow_for_ever ("{}", 2000, &error), ==, 0);
  g_assert_no_error (error);
  g_assert_cmpuint (follow_for_ever ("{}", 200000, &error), ==, 100000);
  g_assert_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_PROTOCOL);
}

typedef struct
{
  ScriptedServer *server;
  guint pages;
  guint asked_for; /* while the first page was taken */
} Early;

/* Takes the first page for so long that the next one can be asked for. */
static gboolean
wait_for_next (JsonNode *page, gpointer data, GError **error)
{
  Early *early = data;
  gint64 until = g_get_monotonic_time () + 30 * G_USEC_PER_SEC;

  if (early->pages++ > 0)
    return TRUE;
  while (scripted_server_get_n_requests (early->server) < 2 && g_get_monotonic_time () < until)
    g_usleep (1000);
  early->asked_for = scripted_server_get_n_requests (early->server);
  return TRUE;
}

static void
list_early (Fixture *fixture, const char *service, const char *operation)
{
  SlipAwsCall arguments = {.service = service, .operation = operation};
  Early early = {.server = fixture->server};
  g_autoptr (GError) error = NULL;

  g_assert_true (slip_aws_client_list (fixture->client, &arguments, wait_for_next, &early, NULL,
                                       NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (early.pages, ==, 2);
  g_assert_cmpuint (early.asked_for, ==, 2);
  g_assert_cmpuint (scripted_server_get_n_requests (fixture->server), ==, 2);
}

static void
test_next_page_is_asked_for_early (void)
{
  const ScriptedStep xml[] = {
      {.body = CLUSTERS (CLUSTER ("a"), "<Marker>m1</Marker>")},
      {.expect_body = "Marker=m1", .body = CLUSTERS (CLUSTER ("b"), "")},
  };
  const ScriptedStep json[] = {
      {.body = "{\"TableNames\":[\"a\"],\"LastEvaluatedTableName\":\"a\"}"},
      {.expect_body = "\"ExclusiveStartTableName\":\"a\"", .body = "{\"TableNames\":[\"b\"]}"},
  };
  g_auto (Fixture) first = set_up (xml, G_N_ELEMENTS (xml));
  g_auto (Fixture) second = set_up (json, G_N_ELEMENTS (json));

  list_early (&first, "rds", "DescribeDBClusters");
  list_early (&second, "dynamodb", "ListTables");
}

/* What looks like a next page before the answer is read may be none. */
static void
test_page_that_nobody_named_is_not_taken (void)
{
  const ScriptedStep steps[] = {
      {.body = CLUSTERS (CLUSTER ("a"), "<!--<Marker>m1</Marker>-->")},
      {.body = CLUSTERS (CLUSTER ("b"), "")},
  };
  g_auto (Fixture) fixture = set_up (steps, G_N_ELEMENTS (steps));
  SlipAwsCall arguments = {.service = "rds", .operation = "DescribeDBClusters"};
  Early early = {.server = fixture.server};
  g_autoptr (GError) error = NULL;

  g_assert_true (
      slip_aws_client_list (fixture.client, &arguments, wait_for_next, &early, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (early.asked_for, ==, 2);
  g_assert_cmpuint (early.pages, ==, 1);
}

/* Threads */

static gpointer
call_ten_times (gpointer data)
{
  for (guint i = 0; i < 10; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonNode) output = call (data, "rds", "DescribeDBClusters", NULL, NULL, &error);

      g_assert_no_error (error);
    }
  return NULL;
}

static void
test_many_threads (void)
{
  ScriptedStep steps[80];
  g_auto (Fixture) fixture = {0};
  GThread *threads[8];

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    steps[i] = (ScriptedStep){.body = CLUSTERS (CLUSTER ("api"), "")};
  fixture = set_up (steps, G_N_ELEMENTS (steps));
  for (guint i = 0; i < 8; i++)
    threads[i] = g_thread_new ("caller", call_ten_times, &fixture);
  for (guint i = 0; i < 8; i++)
    g_thread_join (threads[i]);
  g_assert_cmpuint (scripted_server_get_n_connections (fixture.server), <=, 8);
}

typedef struct
{
  JsonNode *output;
  SlipAwsCallInfo info;
  gboolean done;
} Async;

static void
on_called (GObject *source, GAsyncResult *result, gpointer data)
{
  Async *async = data;
  g_autoptr (GError) error = NULL;

  async->output
      = slip_aws_client_call_finish (SLIP_AWS_CLIENT (source), result, &async->info, &error);
  g_assert_no_error (error);
  async->done = TRUE;
}

static void
test_async (void)
{
  const ScriptedStep steps[] = {{.body = CLUSTERS (CLUSTER ("api"), "")}};
  g_auto (Fixture) fixture = set_up (steps, G_N_ELEMENTS (steps));
  SlipAwsCall arguments = {.service = "rds", .operation = "DescribeDBClusters"};
  Async async = {0};
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  slip_aws_client_call_async (fixture.client, &arguments, NULL, on_called, &async);
  while (!async.done && g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (async.done);
  g_assert_nonnull (async.output);
  g_assert_cmpuint (async.info.status, ==, 200);
  json_node_unref (async.output);
  slip_aws_call_info_clear (&async.info);
}

/* Identity */

static void
test_identity (void)
{
  const ScriptedStep steps[] = {
      {.body = "<GetCallerIdentityResponse><GetCallerIdentityResult>"
               "<Arn>arn:aws:sts::111111111111:assumed-role/breakglass/me</Arn>"
               "<UserId>AROA:me</UserId><Account>111111111111</Account></GetCallerIdentityResult>"
               "</GetCallerIdentityResponse>"},
  };
  g_auto (Fixture) fixture = set_up (steps, G_N_ELEMENTS (steps));
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipAwsIdentity) identity = slip_aws_identity_get (fixture.client, NULL, &error);
  g_autoptr (SlipAwsIdentity) sso = slip_aws_identity_new_for_arn (
      "1", "arn:aws:sts::1:assumed-role/AWSReservedSSO_breakglass_0123456789abcdef/me", NULL);
  g_autoptr (SlipAwsIdentity) user
      = slip_aws_identity_new_for_arn ("1", "arn:aws:iam::1:user/breakglass", NULL);

  g_assert_no_error (error);
  g_assert_cmpstr (identity->role, ==, "breakglass");
  g_assert_true (slip_aws_identity_matches (identity, "111111111111", "breakglass", NULL));
  g_assert_true (slip_aws_identity_matches (identity, "111111111111", NULL, NULL));
  g_assert_false (slip_aws_identity_matches (identity, "111111111111", "break", NULL));
  g_assert_false (slip_aws_identity_matches (identity, "222222222222", "breakglass", &error));
  g_assert_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_IDENTITY);
  g_assert_true (slip_aws_identity_matches (sso, "1", "breakglass", NULL));
  g_assert_false (slip_aws_identity_matches (sso, "1", "break", NULL));
  g_assert_false (slip_aws_identity_matches (user, "1", "breakglass", NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_unsetenv ("AWS_MAX_ATTEMPTS");
  g_unsetenv ("AWS_RETRY_MODE");
  g_test_add_func ("/client/read", test_read);
  g_test_add_func ("/client/check_comes_first", test_check_comes_first);
  g_test_add_func ("/client/lock", test_lock);
  g_test_add_func ("/client/service_error", test_service_error);
  g_test_add_func ("/client/redirect_is_not_followed", test_redirect_is_not_followed);
  g_test_add_func ("/client/redirect_is_told", test_redirect_is_told);
  g_test_add_func ("/client/throttle_is_waited_out", test_throttle_is_waited_out);
  g_test_add_func ("/client/throttled_change_is_sent_again", test_throttled_change_is_sent_again);
  g_test_add_func ("/client/read_survives_faults", test_read_survives_faults);
  g_test_add_func ("/client/unreadable_answers_end_soon", test_unreadable_answers_end_soon);
  g_test_add_func ("/client/change_is_sent_once", test_change_is_sent_once);
  g_test_add_func ("/client/change_has_its_own_connection", test_change_has_its_own_connection);
  g_test_add_func ("/client/reads_keep_their_connection", test_reads_keep_their_connection);
  g_test_add_func ("/client/token_allows_another_attempt", test_token_allows_another_attempt);
  g_test_add_func ("/client/refusal_of_another_attempt_proves_nothing",
                   test_refusal_of_another_attempt_proves_nothing);
  g_test_add_func ("/client/refused_connection_is_no_unknown_outcome", test_refused_connection);
  g_test_add_func ("/client/timeout", test_timeout);
  g_test_add_func ("/client/dripping_answer_is_broken_off", test_dripping_answer);
  g_test_add_func ("/client/endless_pages_are_given_up", test_endless_pages);
  g_test_add_func ("/client/service_error_is_one_short_line", test_service_error_is_one_short_line);
  g_test_add_func ("/client/cancel", test_cancel);
  g_test_add_func ("/client/expired_token_is_renewed_for_reads",
                   test_expired_token_is_renewed_for_reads);
  g_test_add_func ("/client/expired_for_good", test_expired_for_good);
  g_test_add_func ("/client/clock_is_corrected_once", test_clock_is_corrected_once);
  g_test_add_func ("/client/pages", test_pages);
  g_test_add_func ("/client/repeated_marker_is_an_error", test_repeated_marker_is_an_error);
  g_test_add_func ("/client/next_page_is_asked_for_while_one_is_taken",
                   test_next_page_is_asked_for_early);
  g_test_add_func ("/client/page_that_nobody_named_is_not_taken",
                   test_page_that_nobody_named_is_not_taken);
  g_test_add_func ("/client/many_threads", test_many_threads);
  g_test_add_func ("/client/async", test_async);
  g_test_add_func ("/client/identity", test_identity);
  return g_test_run ();
}
