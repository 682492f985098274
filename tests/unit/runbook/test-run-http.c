/* SPDX-License-Identifier: MIT */
/* Claims of slipway:http against a scripted server: what must be answered, how often, and that a change
 * is sent once. */

#include "run-fixture.h"

#include "actions/slip-http-target.h"
#include "scripted-server.h"

#include <string.h>

#define CHANGE "{\"slipway\":{\"effect\":\"change\"}}"

static SlipRunFold *
ask (Fixture *fixture,
     ScriptedServer *server,
     const char *path,
     const char *inputs,
     const char *more)
{
  g_autofree char *all
      = g_strdup_printf ("{\"Url\":\"%s%s\"%s%s}", scripted_server_get_url (server), path,
                         *inputs != '\0' ? "," : "", inputs);
  g_autofree char *step = fixture_step ("Ask", "slipway:http", all, more);

  fixture_plan (fixture, step);
  return fixture_go (fixture);
}

static void
asks_until_answers_are_right_in_a_row (Fixture *fixture, gconstpointer data)
{
  static const ScriptedStep steps[] = {
      {.expect_method = "GET", .expect_target = "/cy/start?lang=cy", .body = "Welcome"},
      {.body = "Maintenance"},
      {.status = 503, .body = "Maintenance"},
      {.body = "Maintenance"},
      {.body = "Maintenance"},
      {.body = "Maintenance"},
  };
  g_autoptr (ScriptedServer) server = scripted_server_new (steps, G_N_ELEMENTS (steps));
  g_autoptr (SlipRunFold) fold
      = ask (fixture, server, "/cy/start?lang=cy",
             "\"BodyPattern\":\"^Main\",\"Consecutive\":3,\"Attempts\":9,\"PauseSeconds\":1", NULL);

  g_assert_no_error (fixture->error);
  g_assert_cmpuint (scripted_server_get_n_requests (server), ==, 6);
  g_assert_cmpint (slip_json_int (slip_run_fold_find (fold, "Ask")->outputs, "Requests", 0), ==, 6);
  g_assert_cmpstr (slip_json_string (slip_run_fold_find (fold, "Ask")->outputs, "Body"), ==,
                   "Maintenance");
}

static void
gives_up_and_says_what_came (Fixture *fixture, gconstpointer data)
{
  static const ScriptedStep steps[] = {
      {.body = "old page"},
      {.status = 302, .headers = "Location: https://elsewhere.example/\r\n"},
  };
  g_autoptr (ScriptedServer) server = scripted_server_new (steps, G_N_ELEMENTS (steps));
  g_autoptr (SlipRunFold) fold
      = ask (fixture, server, "/", "\"RefusePattern\":\"old\",\"Attempts\":2", NULL);

  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_nonnull (strstr (fixture->error->message, "status 302, to https://elsewhere.example/"));
  g_assert_cmpuint (scripted_server_get_n_requests (server), ==, 2);
  g_assert_cmpuint (fixture_entries (fold, "step.observed", "Ask"), ==, 2);
}

static void
large_answer_is_refused (Fixture *fixture, gconstpointer data)
{
  static const ScriptedStep steps[] = {{.body = "0123456789abcdef"}};
  g_autoptr (ScriptedServer) server = scripted_server_new (steps, G_N_ELEMENTS (steps));
  g_autoptr (SlipRunFold) fold = ask (fixture, server, "/", "\"MaxBytes\":8", NULL);

  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_nonnull (strstr (fixture->error->message, "larger than 8 bytes"));
}

static void
outputs_are_selected_from_json (Fixture *fixture, gconstpointer data)
{
  static const ScriptedStep steps[] = {{.body = "{\"status\": {\"db\": \"ok\"}}"}};
  g_autoptr (ScriptedServer) server = scripted_server_new (steps, G_N_ELEMENTS (steps));
  g_autoptr (SlipRunFold) fold = ask (
      fixture, server, "/health", "\"Json\":true",
      "{\"outputs\":[{\"Name\":\"Db\",\"Selector\":\"$.body.status.db\",\"Type\":\"String\"}]}");

  g_assert_no_error (fixture->error);
  g_assert_cmpstr (slip_json_string (slip_run_fold_find (fold, "Ask")->outputs, "Db"), ==, "ok");
}

#define READ_KEY                                                                                   \
  "{\"id\":\"ReadKey\",\"action\":\"aws:executeAwsApi\",\"service\":\"secretsmanager\","           \
  "\"operation\":\"GetSecretValue\",\"effect\":\"read\",\"request\":{\"SecretId\":\"key\"},"       \
  "\"outputs\":[{\"Name\":\"Key\",\"Selector\":\"$.SecretString\",\"Type\":\"String\"}]}"

static void
secret_header_is_sent_and_not_stored (Fixture *fixture, gconstpointer data)
{
  static const ScriptedStep steps[] = {{.expect_method = "POST",
                                        .expect_header = "X-Api-Key: hunter2-very-secret",
                                        .expect_body = "\"go\"",
                                        .status = 201,
                                        .body = "you sent hunter2-very-secret"}};
  g_autoptr (ScriptedServer) server = scripted_server_new (steps, G_N_ELEMENTS (steps));
  g_autofree char *inputs = g_strdup_printf (
      "{\"Url\":\"%s/jobs\",\"Method\":\"POST\",\"Body\":\"\\\"go\\\"\",\"Status\":[201],"
      "\"Headers\":{\"X-Api-Key\":\"{{ ReadKey.Key }}\"}}",
      scripted_server_get_url (server));
  g_autofree char *step = fixture_step ("Ask", "slipway:http", inputs, CHANGE);
  g_autofree char *both = g_strconcat (READ_KEY ",", step, NULL);
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, both);
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpstr (slip_json_string (slip_run_fold_find (fold, "Ask")->outputs, "Body"), ==,
                   "you sent [redacted]");
  for (guint i = 0; i < fold->entries->len; i++)
    {
      g_autoptr (JsonNode) node
          = slip_json_new_object (json_object_ref (g_ptr_array_index (fold->entries, i)));
      g_autofree char *text = slip_json_to_text (node, FALSE);

      g_assert_null (strstr (text, "hunter2"));
    }
}

static void
change_without_answer_is_sent_once_and_asks_a_person (Fixture *fixture, gconstpointer data)
{
  static const ScriptedStep steps[] = {{.expect_method = "POST", .end = SCRIPTED_DROP}};
  g_autoptr (ScriptedServer) server = scripted_server_new (steps, G_N_ELEMENTS (steps));
  g_autoptr (SlipRunFold) fold
      = ask (fixture, server, "/jobs", "\"Method\":\"POST\",\"Body\":\"go\"", CHANGE);
  g_autoptr (SlipRunFold) after = NULL;

  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_NEEDS_PERSON);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_NEEDS_DECISION);
  fixture_control (fixture, SLIP_RUNNER_DECIDE_DID, "Ask", NULL);
  after = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (after->state, ==, SLIP_RUN_DONE);
  g_assert_cmpuint (scripted_server_get_n_requests (server), ==, 1);
}

static void
refused_change_fails_without_a_question (Fixture *fixture, gconstpointer data)
{
  static const ScriptedStep steps[] = {{.expect_method = "DELETE", .status = 409}};
  g_autoptr (ScriptedServer) server = scripted_server_new (steps, G_N_ELEMENTS (steps));
  g_autoptr (SlipRunFold) fold = ask (fixture, server, "/jobs/1", "\"Method\":\"DELETE\"", CHANGE);

  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_nonnull (strstr (fixture->error->message, "status 409"));
}

static void
addresses_that_leak_are_refused (void)
{
  static const char *const bad[] = {
      "http://app.example/",
      "https://ann:secret@app.example/",
      "https://app.example/?token=abc",
      "https://app.example/?a=1&password=abc",
      "https://app.example/?X-Amz-Signature=abc",
      "ftp://app.example/",
      "https:///path",
      "app.example",
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (SlipHttpTarget) target = slip_http_target_new (bad[i], &error);

      g_assert_null (target);
      g_assert_nonnull (error);
      g_assert_null (strstr (error->message, "secret@"));
    }
}

static void
addresses_keep_their_path_and_port (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipHttpTarget) first
      = slip_http_target_new ("https://App.example/a%20b/?page=2", &error);
  g_autoptr (SlipHttpTarget) second = NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (first->port, ==, 443);
  g_assert_cmpstr (first->path, ==, "/a%20b/");
  g_assert_cmpstr (first->query, ==, "page=2");
  second = slip_http_target_new ("http://127.0.0.1:8080", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (second->port, ==, 8080);
  g_assert_cmpstr (second->path, ==, "/");
}

#define ADD(func)                                                                                  \
  g_test_add ("/run/http/" #func, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (asks_until_answers_are_right_in_a_row);
  ADD (gives_up_and_says_what_came);
  ADD (large_answer_is_refused);
  ADD (outputs_are_selected_from_json);
  ADD (secret_header_is_sent_and_not_stored);
  ADD (change_without_answer_is_sent_once_and_asks_a_person);
  ADD (refused_change_fails_without_a_question);
  g_test_add_func ("/http/target/addresses_that_leak_are_refused", addresses_that_leak_are_refused);
  g_test_add_func ("/http/target/addresses_keep_their_path_and_port",
                   addresses_keep_their_path_and_port);
  return g_test_run ();
}
