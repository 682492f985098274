/* SPDX-License-Identifier: MIT */
/* Claims of slipway:runTask, on a scripted ECS: started once, found again, judged by exit codes. */

#include "run-fixture.h"

#include <glib/gstdio.h>
#include <string.h>

#define TASK "arn:aws:ecs:eu-west-1:111111111111:task/preprod/0123456789abcdef"
#define MISSING "{\"tasks\":[],\"failures\":[{\"arn\":\"" TASK "\",\"reason\":\"MISSING\"}]}"
#define INPUTS "{\"cluster\":\"preprod\",\"taskDefinition\":\"restore\",\"launchType\":\"FARGATE\"}"

typedef struct
{
  guint started;
  guint looks;
  guint running_for;     /* looks until it is stopped */
  const char *stopped;   /* members of the stopped task */
  const char *failure;   /* reason with which nothing is started */
  const char *listed_as; /* desiredStatus under which ListTasks shows it */
  guint late_by;         /* looks until it is shown at all */
  gboolean forgotten;    /* it is not shown any more, once it has run */
  char *started_by;
  char *token;
  guint log_looks;
} Ecs;

static JsonNode *
run_task (Ecs *ecs, JsonObject *input)
{
  const char *by = slip_json_string (input, "startedBy");
  const char *token = slip_json_string (input, "clientToken");

  g_assert_cmpuint (strlen (by), <=, 128);
  g_assert_cmpuint (strlen (token), <=, 64);
  if (ecs->failure != NULL)
    {
      g_autofree char *text = g_strdup_printf (
          "{\"tasks\":[],\"failures\":[{\"reason\":\"%s\",\"detail\":\"no host\"}]}", ecs->failure);

      return fixture_json (text);
    }
  /* The same token is the same task. */
  if (g_strcmp0 (token, ecs->token) != 0)
    ecs->started++;
  g_free (ecs->token);
  ecs->token = g_strdup (token);
  g_free (ecs->started_by);
  ecs->started_by = g_strdup (by);
  return fixture_json ("{\"tasks\":[{\"taskArn\":\"" TASK "\"}],\"failures\":[]}");
}

static JsonNode *
describe (Ecs *ecs)
{
  g_autofree char *text = NULL;

  if (ecs->late_by > 0 && ecs->late_by-- > 0)
    return fixture_json (MISSING);
  if (++ecs->looks <= ecs->running_for)
    return fixture_json ("{\"tasks\":[{\"taskArn\":\"" TASK "\",\"lastStatus\":\"RUNNING\"}]}");
  if (ecs->forgotten)
    return fixture_json (MISSING);
  text = g_strdup_printf ("{\"tasks\":[{\"taskArn\":\"" TASK "\",\"lastStatus\":\"STOPPED\",%s}]}",
                          ecs->stopped);
  return fixture_json (text);
}

/* Each look shows what the last one showed, and one line more. */
static JsonNode *
log_events (Ecs *ecs, JsonObject *input)
{
  GString *text = g_string_new ("{\"events\":[");
  JsonNode *node;

  g_assert_cmpstr (slip_json_string (input, "logGroupName"), ==, "tasks");
  g_assert_cmpstr (json_array_get_string_element (slip_json_array (input, "logStreamNames"), 0), ==,
                   "app/main/0123456789abcdef");
  ecs->log_looks++;
  for (guint i = 0; i < ecs->log_looks; i++)
    g_string_append_printf (text,
                            "%s{\"eventId\":\"e%u\",\"timestamp\":%u000,\"message\":\"line %u "
                            "postgres://u:hidden-pw@h/d\"}",
                            i > 0 ? "," : "", i, 1795329000 + i, i);
  g_string_append (text, "]}");
  node = fixture_json (text->str);
  g_string_free (text, TRUE);
  return node;
}

static JsonNode *
answer (gpointer data, const char *operation, JsonObject *input, GError **error)
{
  Fixture *fixture = data;
  Ecs *ecs = fixture->data;

  if (g_str_equal (operation, "RunTask"))
    return run_task (ecs, input);
  if (g_str_equal (operation, "DescribeTasks"))
    return describe (ecs);
  if (g_str_equal (operation, "DescribeTaskDefinition"))
    return fixture_json (
        "{\"taskDefinition\":{\"containerDefinitions\":[{\"name\":\"main\",\"essential\":"
        "true,\"logConfiguration\":{\"logDriver\":\"awslogs\",\"options\":"
        "{\"awslogs-group\":\"tasks\",\"awslogs-stream-prefix\":\"app\"}}},{\"name\":"
        "\"sidecar\",\"essential\":false}]}}");
  if (g_str_equal (operation, "FilterLogEvents"))
    return log_events (ecs, input);
  g_assert_cmpstr (operation, ==, "ListTasks");
  g_assert_true (g_str_has_suffix (slip_json_string (input, "startedBy"), "/Task/1"));
  if (ecs->listed_as != NULL
      && g_str_equal (slip_json_string (input, "desiredStatus"), ecs->listed_as))
    return fixture_json ("{\"taskArns\":[\"" TASK "\"]}");
  return fixture_json ("{\"taskArns\":[]}");
}

static void
begin (Fixture *fixture, Ecs *ecs)
{
  g_autofree char *step = fixture_step ("Task", "slipway:runTask", INPUTS,
                                        "{\"effect\":\"change\",\"resume\":{\"rule\":\"R2\"}}");

  fixture->answer = answer;
  fixture->data = ecs;
  fixture_plan (fixture, step);
}

static void
clear (Ecs *ecs)
{
  g_free (ecs->started_by);
  g_free (ecs->token);
}

#define EXITED "\"stopCode\":\"EssentialContainerExited\",\"containers\":["
#define WELL EXITED "{\"name\":\"main\",\"exitCode\":0},{\"name\":\"sidecar\",\"exitCode\":143}]"

static void
follows_task_and_log_to_the_end (Fixture *fixture, gconstpointer data)
{
  Ecs ecs = {.running_for = 4, .stopped = WELL};
  g_autoptr (SlipRunFold) fold = NULL;
  g_autofree char *text = NULL;
  JsonObject *outputs;

  begin (fixture, &ecs);
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  outputs = slip_run_fold_find (fold, "Task")->outputs;
  g_assert_cmpstr (slip_json_string (outputs, "taskArn"), ==, TASK);
  g_assert_true (g_file_get_contents (slip_json_string (outputs, "logFile"), &text, NULL, NULL));
  /* Each event once, and no password. */
  for (guint i = 0; i < ecs.log_looks; i++)
    {
      g_autofree char *line = g_strdup_printf ("line %u ", i);

      g_assert_nonnull (strstr (text, line));
      g_assert_null (strstr (strstr (text, line) + 1, line));
    }
  g_assert_null (strstr (text, "hidden-pw"));
  g_assert_cmpuint (ecs.started, ==, 1);
  clear (&ecs);
}

static void
tells_the_truth_about_the_end (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *stopped;
    const char *why; /* NULL for well */
  } cases[] = {
      {WELL, NULL},
      {EXITED "{\"name\":\"main\",\"exitCode\":1}]", "container main exited with 1"},
      {EXITED "{\"name\":\"main\",\"reason\":\"OutOfMemoryError: killed\"}]",
       "container main has no exit code: OutOfMemoryError: killed"},
      {"\"stopCode\":\"TaskFailedToStart\",\"stoppedReason\":\"CannotPullContainerError\","
       "\"containers\":[{\"name\":\"main\"}]",
       "TaskFailedToStart"},
      {"\"stopCode\":\"UserInitiated\",\"containers\":[{\"name\":\"main\",\"exitCode\":0}]",
       "UserInitiated"},
      {"\"containers\":[{\"name\":\"main\",\"exitCode\":0}]", "without a stop code"},
      {EXITED "]", "no containers"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Ecs ecs = {.stopped = cases[i].stopped};
      g_autoptr (SlipRunFold) fold = NULL;

      begin (fixture, &ecs);
      fold = fixture_go (fixture);
      if (cases[i].why == NULL)
        g_assert_no_error (fixture->error);
      else
        {
          g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
          g_test_message ("%s", fixture->error->message);
          g_assert_nonnull (strstr (fixture->error->message, cases[i].why));
          /* How it ended is kept: ECS forgets within the hour. */
          g_assert_nonnull (slip_run_fold_find (fold, "Task")->response);
          /* Or it would be in the way of the next in the same cluster. */
          fixture_control (fixture, SLIP_RUNNER_CANCEL, NULL, NULL);
        }
      clear (&ecs);
    }
}

static void
failures_with_status_200_are_failures (Fixture *fixture, gconstpointer data)
{
  Ecs ecs = {.failure = "RESOURCE:MEMORY"};
  g_autoptr (SlipRunFold) fold = NULL;

  begin (fixture, &ecs);
  fold = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_nonnull (strstr (fixture->error->message, "RESOURCE:MEMORY: no host"));
  g_assert_cmpuint (ecs.looks, ==, 0);
}

static void
lost_answer_does_not_start_a_second_task (Fixture *fixture, gconstpointer data)
{
  Ecs ecs = {.stopped = WELL};
  g_autoptr (SlipRunFold) fold = NULL;

  begin (fixture, &ecs);
  fixture_fault (fixture, "RunTask", FAULT_AFTER);
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (ecs.started, ==, 1);
  clear (&ecs);
}

static void
crash_after_sending_finds_the_task_again (Fixture *fixture, gconstpointer data)
{
  static const char *const states[] = {"RUNNING", "STOPPED"};

  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    {
      Ecs ecs = {.stopped = WELL, .listed_as = states[i]};
      g_autoptr (SlipRunFold) fold = NULL;

      begin (fixture, &ecs);
      fixture_append (fixture, "run.started", NULL,
                      "{\"endpoints\":{\"production\":\"endpoint-a\"}}");
      fixture_append (fixture, "step.intent", "Task", NULL);
      {
        /* The intent as it is written has the request. */
        g_autoptr (JsonObject) entry
            = slip_run_entry_new ("step.intent", fixture->run, "Task", NULL);
        g_autofree char *request = g_strdup_printf ("{\"startedBy\":\"%s/Task/1\"}", fixture->run);

        json_object_set_member (entry, "request", fixture_json (request));
        g_assert_true (slip_ledger_append (fixture->ledger, entry, NULL, NULL));
      }
      fold = fixture_go (fixture);
      g_assert_no_error (fixture->error);
      g_assert_cmpuint (fixture_count (fixture->sent, "RunTask"), ==, 0);
      g_assert_cmpuint (ecs.started, ==, 0);
      clear (&ecs);
    }
}

static void
after_a_failure_a_new_task_is_started (Fixture *fixture, gconstpointer data)
{
  Ecs ecs = {.stopped = EXITED "{\"name\":\"main\",\"exitCode\":1}]"};
  g_autoptr (SlipRunFold) fold = NULL;

  begin (fixture, &ecs);
  slip_run_fold_free (fixture_go (fixture));
  ecs.stopped = WELL;
  fixture_control (fixture, SLIP_RUNNER_RESUME, NULL, NULL);
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (ecs.started, ==, 2);
  clear (&ecs);
}

/* Nobody was there for an hour: how it ended cannot be told, and a person is asked. */
static void
forgotten_task_is_for_a_person (Fixture *fixture, gconstpointer data)
{
  Ecs ecs = {.running_for = 2, .forgotten = TRUE};
  g_autoptr (SlipRunFold) asked = NULL;
  g_autoptr (SlipRunFold) fold = NULL;

  begin (fixture, &ecs);
  asked = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_NEEDS_PERSON);
  g_test_message ("%s", fixture->error->message);
  g_assert_nonnull (strstr (fixture->error->message, "ECS has forgotten the task " TASK));
  g_assert_nonnull (strstr (fixture->error->message, "did, or did not"));
  g_assert_cmpint (slip_run_fold_find (asked, "Task")->state, ==, SLIP_RUN_STEP_UNKNOWN);
  fixture_control (fixture, SLIP_RUNNER_DECIDE_DID, "Task", "the snapshot is there");
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (slip_run_fold_find (fold, "Task")->state, ==, SLIP_RUN_STEP_DONE);
  g_assert_cmpuint (fixture_count (fixture->sent, "RunTask"), ==, 1);
  clear (&ecs);
}

static void
forgotten_task_that_did_nothing_is_started_anew (Fixture *fixture, gconstpointer data)
{
  Ecs ecs = {.running_for = 2, .forgotten = TRUE};
  g_autoptr (SlipRunFold) fold = NULL;

  begin (fixture, &ecs);
  slip_run_fold_free (fixture_go (fixture));
  fixture_control (fixture, SLIP_RUNNER_DECIDE_DID_NOT, "Task", "there is no snapshot");
  slip_run_fold_free (fixture_go (fixture));
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_cmpuint (ecs.started, ==, 1);
  ecs.forgotten = FALSE;
  ecs.stopped = WELL;
  fixture_control (fixture, SLIP_RUNNER_RESUME, NULL, NULL);
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (ecs.started, ==, 2);
  clear (&ecs);
}

/* ECS is not always sure of what it has just been told. */
static void
task_that_is_shown_late_is_waited_for (Fixture *fixture, gconstpointer data)
{
  Ecs ecs = {.late_by = 3, .stopped = WELL};
  g_autoptr (SlipRunFold) fold = NULL;

  begin (fixture, &ecs);
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (ecs.started, ==, 1);
  clear (&ecs);
}

#define ADD(name, func)                                                                            \
  g_test_add ("/run/task/" name, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("follows_task_and_log_to_the_end", follows_task_and_log_to_the_end);
  ADD ("tells_the_truth_about_the_end", tells_the_truth_about_the_end);
  ADD ("failures_with_status_200_are_failures", failures_with_status_200_are_failures);
  ADD ("lost_answer_does_not_start_a_second_task", lost_answer_does_not_start_a_second_task);
  ADD ("crash_after_sending_finds_the_task_again", crash_after_sending_finds_the_task_again);
  ADD ("after_a_failure_a_new_task_is_started", after_a_failure_a_new_task_is_started);
  ADD ("forgotten_task_is_for_a_person", forgotten_task_is_for_a_person);
  ADD ("forgotten_task_that_did_nothing_is_started_anew",
       forgotten_task_that_did_nothing_is_started_anew);
  ADD ("task_that_is_shown_late_is_waited_for", task_that_is_shown_late_is_waited_for);
  return g_test_run ();
}
