/* SPDX-License-Identifier: MIT */
/* Claims of slipway:sql against a real PostgreSQL: parameters stay parameters, what reads cannot write,
 * what is not as expected is not committed, counts are compared, and no password is stored. */

#include "run-fixture.h"

#include "actions/slip-run-sql.h"
#include "slip-aws-sigv4.h"
#include "slip-postgres.h"

#include <string.h>

#define PASSWORD "it's \\ a pass word"
#define LOGIN "\"Secret\":\"rds-api\",\"Database\":\"api\","
#define CHANGE "{\"slipway\":{\"effect\":\"change\"}}"

static const SlipPostgresSpec spec = {
    .database = "api",
    .user = "api_master",
    .password = PASSWORD,
    .seed = "CREATE TABLE cases (id bigserial PRIMARY KEY, title text NOT NULL);"
            "INSERT INTO cases (title) SELECT 'case ' || n FROM generate_series(1, 500) AS n;"
            "CREATE SCHEMA other; CREATE TABLE other.\"Odd \"\"name\" (a int, b int, PRIMARY KEY "
            "(a, b)); CREATE TABLE parts (id int PRIMARY KEY) PARTITION BY RANGE (id);"
            "CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (100);"
            "INSERT INTO parts VALUES (7), (9);",
};

/* One for all tests, NULL where none is installed. */
static SlipPostgres *postgres;
static char *postgres_folder;
static char *postgres_absent;

typedef struct
{
  Fixture run;
  SlipPostgres *postgres; /* borrowed */
} Database;

/* As RDS keeps it, the port too. */
static JsonNode *
answer_secret (gpointer fixture, const char *operation, JsonObject *input, GError **error)
{
  Database *database = ((Fixture *)fixture)->data;
  JsonObject *secret = json_object_new ();
  JsonObject *answer = json_object_new ();
  g_autoptr (JsonNode) node = slip_json_new_object (secret);
  g_autofree char *text = NULL;

  g_assert_cmpstr (operation, ==, "GetSecretValue");
  json_object_set_string_member (secret, "username", "api_master");
  json_object_set_string_member (secret, "password", PASSWORD);
  json_object_set_string_member (secret, "host", "127.0.0.1");
  json_object_set_int_member (secret, "port",
                              slip_postgres_get_port (database->postgres, "cluster-a"));
  text = slip_json_to_text (node, FALSE);
  json_object_set_string_member (answer, "SecretString", text);
  return slip_json_new_object (answer);
}

static void
start_postgres (void)
{
  g_autoptr (GError) error = NULL;

  postgres_folder = g_dir_make_tmp ("slip-sql-XXXXXX", NULL);
  postgres = slip_postgres_new (postgres_folder, &error);
  if (g_error_matches (error, SLIP_POSTGRES_ERROR, SLIP_POSTGRES_ERROR_ABSENT))
    {
      postgres_absent = g_strdup (error->message);
      return;
    }
  g_assert_no_error (error);
  slip_postgres_create (postgres, "cluster-a", &spec, NULL, &error);
  g_assert_no_error (error);
}

static void
stop_postgres (void)
{
  g_autofree char *command = g_strdup_printf ("rm -rf '%s'", postgres_folder);

  g_clear_pointer (&postgres, slip_postgres_free);
  g_assert_cmpint (system (command), ==, 0);
  g_free (postgres_folder);
  g_free (postgres_absent);
}

static char *look (Database *database, const char *sql);

static void
set_up (Database *database, gconstpointer data)
{
  fixture_set_up (&database->run, data);
  database->run.answer = answer_secret;
  database->run.data = database;
  database->postgres = postgres;
  if (postgres == NULL)
    g_test_skip (postgres_absent);
  else
    g_free (look (database, "TRUNCATE cases; INSERT INTO cases SELECT n, 'case ' || n FROM "
                            "generate_series(1, 500) AS n"));
}

static void
tear_down (Database *database, gconstpointer data)
{
  fixture_tear_down (&database->run, data);
}

static SlipRunFold *
go (Database *database, const char *inputs, const char *more)
{
  g_autofree char *step = fixture_step ("Ask", "slipway:sql", inputs, more);

  fixture_plan (&database->run, step);
  return fixture_go (&database->run);
}

static char *
look (Database *database, const char *sql)
{
  g_autoptr (GError) error = NULL;
  char *text = slip_postgres_query (database->postgres, "cluster-a", "api", sql, &error);

  g_assert_no_error (error);
  return text;
}

static void
assert_failed (Database *database, const char *why)
{
  g_assert_error (database->run.error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  if (strstr (database->run.error->message, why) == NULL)
    g_error ("“%s” does not say “%s”", database->run.error->message, why);
}

/* ---- queries */

static void
rows_come_as_outputs_up_to_a_bound (Database *database, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  JsonObject *outputs;

  if (database->postgres == NULL)
    return;
  fold = go (
      database,
      "{" LOGIN "\"Operation\":\"query\",\"Statement\":\"SELECT id, title, id > $2::int AS "
      "late, NULL AS none FROM cases WHERE id <= $1::int ORDER BY id\",\"Parameters\":[40,\"3\"],"
      "\"Rows\":5,\"ExpectRows\":40,\"Expect\":{\"id\":1,\"title\":\"case 1\",\"late\":false}}",
      "{\"outputs\":[{\"Name\":\"Last\",\"Selector\":\"$.rows[4].id\",\"Type\":\"Integer\"}]}");
  g_assert_no_error (database->run.error);
  outputs = slip_run_fold_find (fold, "Ask")->outputs;
  g_assert_cmpint (slip_json_int (outputs, "RowCount", 0), ==, 40);
  g_assert_cmpuint (json_array_get_length (slip_json_array (outputs, "Rows")), ==, 5);
  g_assert_cmpint (slip_json_int (outputs, "Last", 0), ==, 5);
  g_assert_true (
      JSON_NODE_HOLDS_NULL (json_object_get_member (slip_json_object (outputs, "Row"), "none")));
}

static void
parameter_is_never_part_of_the_statement (Database *database, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  if (database->postgres == NULL)
    return;
  fold = go (database,
             "{" LOGIN
             "\"Operation\":\"query\",\"Statement\":\"SELECT count(*) AS n FROM cases WHERE "
             "title = $1\",\"Parameters\":[\"' OR true --\"],\"Expect\":{\"n\":0}}",
             NULL);
  g_assert_no_error (database->run.error);
}

static void
unexpected_value_fails (Database *database, gconstpointer data)
{
  g_autoptr (SlipRunFold) first = NULL;
  g_autoptr (SlipRunFold) second = NULL;

  if (database->postgres == NULL)
    return;
  first = go (database,
              "{" LOGIN "\"Operation\":\"query\",\"Statement\":\"SELECT count(*) AS n FROM cases\","
              "\"Expect\":{\"n\":{\"AtLeast\":501}}}",
              NULL);
  assert_failed (database, "n is 500, but {\"AtLeast\":501} was expected");
  second
      = go (database,
            "{" LOGIN "\"Operation\":\"query\",\"Statement\":\"SELECT count(*) AS n FROM cases\","
            "\"Expect\":{\"n\":{\"AtLeast\":500,\"AtMost\":500}}}",
            NULL);
  g_assert_no_error (database->run.error);
}

static void
step_that_reads_cannot_write (Database *database, gconstpointer data)
{
  static const char *const statements[] = {
      "DELETE FROM cases",
      "WITH gone AS (DELETE FROM cases RETURNING 1) SELECT * FROM gone",
      "SELECT set_config('transaction_read_only', 'off', true)",
      "SELECT 1; DELETE FROM cases",
  };

  for (guint i = 0; database->postgres != NULL && i < G_N_ELEMENTS (statements); i++)
    {
      g_autofree char *inputs = g_strdup_printf (
          "{" LOGIN "\"Operation\":\"query\",\"Statement\":\"%s\"}", statements[i]);
      g_autoptr (SlipRunFold) fold = go (database, inputs, NULL);
      g_autofree char *left = look (database, "SELECT count(*) FROM cases");

      g_assert_error (database->run.error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
      g_assert_cmpstr (left, ==, "500");
    }
}

static void
change_is_committed_when_it_is_as_expected (Database *database, gconstpointer data)
{
  g_autoptr (SlipRunFold) first = NULL;
  g_autoptr (SlipRunFold) second = NULL;
  g_autofree char *untouched = NULL;
  g_autofree char *left = NULL;

  if (database->postgres == NULL)
    return;
  first = go (database,
              "{" LOGIN
              "\"Operation\":\"query\",\"Statement\":\"DELETE FROM cases WHERE id > $1::int\","
              "\"Parameters\":[490],\"ExpectRows\":9}",
              CHANGE);
  assert_failed (database, "10 rows, but 9 were expected");
  untouched = look (database, "SELECT count(*) FROM cases");
  g_assert_cmpstr (untouched, ==, "500");
  second = go (database,
               "{" LOGIN
               "\"Operation\":\"query\",\"Statement\":\"DELETE FROM cases WHERE id > $1::int\","
               "\"Parameters\":[490],\"ExpectRows\":10}",
               CHANGE);
  g_assert_no_error (database->run.error);
  left = look (database, "SELECT count(*) FROM cases");
  g_assert_cmpstr (left, ==, "490");
}

static void
change_cut_off_asks_a_person (Database *database, gconstpointer data)
{
  g_autofree char *step = NULL;
  g_autoptr (SlipRunFold) fold = NULL;
  g_autofree char *left = NULL;

  if (database->postgres == NULL)
    return;
  step = fixture_step ("Ask", "slipway:sql",
                       "{" LOGIN "\"Operation\":\"query\",\"Statement\":\"DELETE FROM cases\"}",
                       CHANGE);
  fixture_plan (&database->run, step);
  fixture_append (&database->run, "run.started", NULL,
                  "{\"endpoints\":{\"production\":\"endpoint-a\"}}");
  fixture_append (&database->run, "step.intent", "Ask", NULL);
  fold = fixture_go (&database->run);
  g_assert_error (database->run.error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_NEEDS_PERSON);
  left = look (database, "SELECT count(*) FROM cases");
  g_assert_cmpstr (left, ==, "500");
}

static void
statement_that_takes_too_long_is_ended (Database *database, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  if (database->postgres == NULL)
    return;
  fold = go (database,
             "{" LOGIN "\"Operation\":\"query\",\"StatementSeconds\":1,\"Statement\":\"SELECT "
             "pg_sleep(60)\"}",
             NULL);
  assert_failed (database, "statement timeout");
}

/* ---- logins */

static void
login_proves_the_password_and_stores_none (Database *database, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  if (database->postgres == NULL)
    return;
  fold = go (database, "{" LOGIN "\"Operation\":\"login\"}", NULL);
  g_assert_no_error (database->run.error);
  for (guint i = 0; i < fold->entries->len; i++)
    {
      g_autoptr (JsonNode) node
          = slip_json_new_object (json_object_ref (g_ptr_array_index (fold->entries, i)));
      g_autofree char *text = slip_json_to_text (node, FALSE);

      g_assert_null (strstr (text, "pass word"));
    }
}

static void
wrong_login_fails (Database *database, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  g_autoptr (SlipRunFold) remote = NULL;

  if (database->postgres == NULL)
    return;
  fold = go (database, "{" LOGIN "\"Operation\":\"login\",\"User\":\"somebody\"}", NULL);
  assert_failed (database, "cannot log in to somebody@127.0.0.1");
  remote = go (database,
               "{" LOGIN "\"Operation\":\"login\",\"Host\":\"db.example\",\"SslMode\":\"disable\"}",
               NULL);
  assert_failed (database, "may send the password in the clear");
}

/* The token is a presigned URL without its scheme; AWS verifies it as it does others. */
static void
token_is_signed_for_host_port_and_user (void)
{
  gint64 now = G_GINT64_CONSTANT (1795329000) * G_USEC_PER_SEC;
  g_autoptr (SlipAwsCredentials) credentials
      = slip_aws_credentials_new ("AKIAEXAMPLE", "secret", "session", 0, "test");
  g_autoptr (GError) error = NULL;
  g_autofree char *token
      = slip_sql_token (credentials, "eu-west-1", "db.example", 5432, "api user", now, &error);
  g_autoptr (SlipAwsRequest) request = slip_aws_request_new ("GET", "/");
  g_auto (SlipAwsSigned) out = {0};
  char *slash = strchr (token, '/');

  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (token, "db.example:5432/?Action=connect&DBUser=api%20user&"));
  g_assert_true (slip_aws_request_set_target (request, slash));
  g_assert_true (slip_aws_sigv4_parse (request, &out, &error));
  g_assert_cmpstr (out.service, ==, "rds-db");
  g_assert_cmpuint (out.expires_s, ==, 900);
  g_assert_true (
      slip_aws_sigv4_verify (request, "db.example:5432", "secret", "session", now, 300, &error));
  g_assert_no_error (error);
  g_assert_false (
      slip_aws_sigv4_verify (request, "other.example:5432", "secret", "session", now, 300, NULL));
}

/* What the AWS CLI makes holds the same members. */
static void
token_is_the_one_of_the_aws_cli (void)
{
  const char *argv[] = {"aws",        "rds",        "generate-db-auth-token",
                        "--hostname", "db.example", "--port",
                        "5432",       "--username", "api user",
                        "--region",   "eu-west-1",  NULL};
  g_auto (GStrv) envp = g_get_environ ();
  g_autofree char *program = g_find_program_in_path ("aws");
  g_autofree char *out = NULL;
  g_autoptr (SlipAwsRequest) request = slip_aws_request_new ("GET", "/");
  g_auto (SlipAwsSigned) parsed = {0};
  g_autoptr (SlipAwsCredentials) credentials
      = slip_aws_credentials_new ("AKIAEXAMPLE", "secret", "session", 0, "test");
  g_autofree char *own = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  if (program == NULL)
    {
      g_test_skip ("the AWS CLI is not installed");
      return;
    }
  envp = g_environ_setenv (envp, "AWS_ACCESS_KEY_ID", "AKIAEXAMPLE", TRUE);
  envp = g_environ_setenv (envp, "AWS_SECRET_ACCESS_KEY", "secret", TRUE);
  envp = g_environ_setenv (envp, "AWS_SESSION_TOKEN", "session", TRUE);
  g_spawn_sync (NULL, (char **)argv, envp, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, NULL, &status,
                &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
  g_strstrip (out);
  g_assert_true (g_str_has_prefix (out, "db.example:5432/?"));
  g_assert_true (slip_aws_request_set_target (request, strchr (out, '/')));
  g_assert_true (slip_aws_sigv4_parse (request, &parsed, &error));
  own = slip_sql_token (credentials, "eu-west-1", "db.example", 5432, "api user", parsed.time_us,
                        &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (own, parsed.signature));
}

/* ---- manifests */

#define MANIFEST "{" LOGIN "\"Operation\":\"manifest\""
#define AGAINST_COUNTS MANIFEST ",\"Against\":\"{{ Before.Manifest }}\"}"
#define AGAINST_DIGEST MANIFEST ",\"AgainstSha256\":\"{{ Before.Sha256 }}\"}"

static SlipRunFold *
count_twice (Database *database, const char *between, const char *again)
{
  g_autofree char *before = fixture_step ("Before", "slipway:sql", MANIFEST "}", NULL);
  g_autofree char *inputs
      = g_strdup_printf ("{" LOGIN "\"Operation\":\"query\",\"Statement\":\"%s\"}", between);
  g_autofree char *change = fixture_step ("Change", "slipway:sql", inputs, CHANGE);
  g_autofree char *after = fixture_step ("After", "slipway:sql", again, NULL);
  g_autofree char *all = g_strjoin (",", before, change, after, NULL);

  fixture_plan (&database->run, all);
  return fixture_go (&database->run);
}

static void
manifest_counts_rows_and_greatest_keys (Database *database, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  JsonObject *tables;

  if (database->postgres == NULL)
    return;
  fold = count_twice (database, "SELECT 1", AGAINST_COUNTS);
  g_assert_no_error (database->run.error);
  tables = slip_json_object (
      slip_json_object (slip_run_fold_find (fold, "Before")->outputs, "Manifest"), "tables");
  g_assert_cmpuint (json_object_get_size (tables), ==, 3);
  g_assert_cmpint (slip_json_int (slip_json_object (tables, "public.cases"), "rows", 0), ==, 500);
  g_assert_cmpstr (slip_json_string (slip_json_object (tables, "public.cases"), "maxKey"), ==,
                   "500");
  g_assert_cmpint (slip_json_int (slip_json_object (tables, "public.parts"), "rows", 0), ==, 2);
  g_assert_null (slip_json_string (slip_json_object (tables, "other.Odd \"name"), "maxKey"));
}

static void
manifest_tells_what_differs (Database *database, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  JsonArray *differences;

  if (database->postgres == NULL)
    return;
  fold = count_twice (database, "UPDATE cases SET id = 1000 WHERE id = 500", AGAINST_COUNTS);
  assert_failed (database, "public.cases: greatest key is 1000, 500 expected");
  differences = slip_json_array (slip_run_fold_find (fold, "After")->outputs, "Differences");
  g_assert_cmpuint (json_array_get_length (differences), ==, 1);
}

/* A snapshot's tag has room for a digest, not for the counts. */
static void
manifest_is_known_again_by_its_digest (Database *database, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  JsonArray *differences;

  if (database->postgres == NULL)
    return;
  fold = count_twice (database, "SELECT 1", AGAINST_DIGEST);
  g_assert_no_error (database->run.error);
  g_assert_cmpuint (
      strlen (slip_json_string (slip_run_fold_find (fold, "Before")->outputs, "Sha256")), ==, 64);
  differences = slip_json_array (slip_run_fold_find (fold, "After")->outputs, "Differences");
  g_assert_cmpuint (json_array_get_length (differences), ==, 0);
}

static void
manifest_with_another_digest_fails (Database *database, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  if (database->postgres == NULL)
    return;
  fold = count_twice (database, "DELETE FROM cases WHERE id = 250", AGAINST_DIGEST);
  assert_failed (database, "does not hold what was counted before");
}

static void
manifest_of_a_missing_table_fails (Database *database, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  if (database->postgres == NULL)
    return;
  fold = go (database,
             "{" LOGIN "\"Operation\":\"manifest\",\"Tables\":[\"public.cases\",\"public.none\"]}",
             NULL);
  assert_failed (database, "has no table public.none");
}

#define ADD(func) g_test_add ("/run/sql/" #func, Database, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  start_postgres ();
  ADD (rows_come_as_outputs_up_to_a_bound);
  ADD (parameter_is_never_part_of_the_statement);
  ADD (unexpected_value_fails);
  ADD (step_that_reads_cannot_write);
  ADD (change_is_committed_when_it_is_as_expected);
  ADD (change_cut_off_asks_a_person);
  ADD (statement_that_takes_too_long_is_ended);
  ADD (login_proves_the_password_and_stores_none);
  ADD (wrong_login_fails);
  ADD (manifest_counts_rows_and_greatest_keys);
  ADD (manifest_tells_what_differs);
  ADD (manifest_is_known_again_by_its_digest);
  ADD (manifest_with_another_digest_fails);
  ADD (manifest_of_a_missing_table_fails);
  g_test_add_func ("/sql/token_is_signed_for_host_port_and_user",
                   token_is_signed_for_host_port_and_user);
  g_test_add_func ("/sql/token_is_the_one_of_the_aws_cli", token_is_the_one_of_the_aws_cli);
  status = g_test_run ();
  stop_postgres ();
  return status;
}
