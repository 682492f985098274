/* SPDX-License-Identifier: MIT */
/* Claims of slipway:metric on a scripted CloudWatch: which metric is read, when its value is good, and
 * what is told when it never is. */

#include "run-fixture.h"

#include <string.h>

#define DR "{\"Name\":\"DBClusterIdentifier\",\"Value\":\"dr\"}"
#define FROM "{\"Name\":\"SourceRegion\",\"Value\":\"eu-west-1\"}"
#define METRIC(dimensions)                                                                         \
  "{\"Namespace\":\"AWS/RDS\",\"MetricName\":\"Lag\",\"Dimensions\":[" dimensions "]}"
#define OTHER METRIC ("{\"Name\":\"DBClusterIdentifier\",\"Value\":\"other\"}")

/* What CloudWatch lists, page by page, and what it has: the last value stays. */
typedef struct
{
  const char *pages[2];   /* elements of Metrics */
  const double values[8]; /* milliseconds; negative for no value */
  const char *wanted;     /* dimensions that have the values; others have twice as much */
  Fault fault;            /* of the first look */
  guint listed;
  guint looked;
} Script;

static JsonNode *
answer_list (Script *script, JsonObject *input, GError **error)
{
  const char *token = slip_json_string (input, "NextToken");
  guint page = token != NULL ? 1 : 0;
  gboolean more = page == 0 && script->pages[1] != NULL;
  const char *metrics = script->pages[page];
  g_autofree char *text = g_strdup_printf ("{\"Metrics\":[%s]%s}", metrics != NULL ? metrics : "",
                                           more ? ",\"NextToken\":\"two\"" : "");

  g_assert_cmpstr (slip_json_string (input, "Namespace"), ==, "AWS/RDS");
  g_assert_cmpstr (slip_json_string (input, "MetricName"), ==, "Lag");
  script->listed++;
  return slip_json_parse (text, -1, error);
}

/* The newest point is not the last one: CloudWatch gives them in no order. */
static JsonNode *
answer_statistics (Fixture *fixture, JsonObject *input, GError **error)
{
  Script *script = fixture->data;
  g_autoptr (JsonNode) dimensions = json_node_new (JSON_NODE_ARRAY);
  g_autofree char *asked = NULL;
  g_autofree char *text = NULL;
  guint i = MIN (script->looked, G_N_ELEMENTS (script->values) - 1);
  double value = script->values[i];
  gint64 from;
  gint64 to;

  json_node_set_array (dimensions, slip_json_array (input, "Dimensions"));
  asked = slip_json_to_text (dimensions, FALSE);
  g_assert_true (slip_time_parse (slip_json_string (input, "StartTime"), &from));
  g_assert_true (slip_time_parse (slip_json_string (input, "EndTime"), &to));
  g_assert_cmpint (to - from, ==, 3 * G_TIME_SPAN_MINUTE);
  g_assert_cmpint (slip_clock_now (fixture->clock) - to, <, G_TIME_SPAN_MILLISECOND);
  g_assert_cmpint (slip_json_int (input, "Period", 0), ==, 60);
  if (script->fault != FAULT_NONE && script->looked == 0)
    {
      script->looked++;
      slip_aws_error_set_service (error,
                                  script->fault == FAULT_DENIED ? "AccessDenied" : "Throttling",
                                  script->fault == FAULT_DENIED ? 403 : 400, "not now");
      return NULL;
    }
  if (value < 0 || (script->wanted != NULL && strstr (script->wanted, asked) == NULL))
    {
      script->looked++;
      return slip_json_parse ("{\"Datapoints\":[]}", -1, error);
    }
  if (script->wanted == NULL && strstr (asked, "two") != NULL)
    value *= 2;
  else
    script->looked++;
  text = g_strdup_printf (
      "{\"Datapoints\":[{\"Timestamp\":\"2026-11-21T06:29:00Z\",\"Maximum\":77000.5,\"Unit\":"
      "\"Milliseconds\"},{\"Timestamp\":\"2026-11-21T06:30:00Z\",\"Maximum\":%d,\"Unit\":"
      "\"Milliseconds\"},{\"Timestamp\":\"2026-11-21T06:28:00Z\",\"Maximum\":0,\"Unit\":"
      "\"Milliseconds\"}]}",
      (int)value);
  return slip_json_parse (text, -1, error);
}

static JsonNode *
answer (gpointer data, const char *operation, JsonObject *input, GError **error)
{
  Fixture *fixture = data;

  if (g_str_equal (operation, "ListMetrics"))
    return answer_list (fixture->data, input, error);
  g_assert_cmpstr (operation, ==, "GetMetricStatistics");
  return answer_statistics (fixture, input, error);
}

static SlipRunFold *
wait_for (Fixture *fixture, Script *script)
{
  g_autofree char *step
      = fixture_step ("Wait", "slipway:metric",
                      "{\"Namespace\":\"AWS/RDS\",\"MetricName\":\"Lag\",\"Minutes\":3,\"AtMost\":"
                      "1000,\"Dimensions\":{\"DBClusterIdentifier\":\"dr\"}}",
                      "{\"timeoutSeconds\":600,\"region\":\"eu-west-2\"}");

  fixture->answer = answer;
  fixture->data = script;
  fixture_plan (fixture, step);
  return fixture_go (fixture);
}

static void
assert_value (Fixture *fixture, SlipRunFold *fold, const char *value)
{
  SlipFoldStep *step = slip_run_fold_find (fold, "Wait");

  g_assert_no_error (fixture->error);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_DONE);
  g_assert_cmpstr (slip_json_string (step->outputs, "Value"), ==, value);
  g_assert_cmpstr (slip_json_string (step->outputs, "Time"), ==, "2026-11-21T06:30:00Z");
}

/* On the second page, and with one dimension more than the step names. */
static void
reads_the_metric_that_has_the_named_dimensions (Fixture *fixture, gconstpointer data)
{
  Script script = {.pages = {OTHER, OTHER "," METRIC (DR "," FROM)},
                   .values = {12},
                   .wanted = "[" DR "," FROM "]"};
  g_autoptr (SlipRunFold) fold = wait_for (fixture, &script);

  assert_value (fixture, fold, "12");
  g_assert_cmpuint (script.listed, ==, 2);
  g_assert_cmpuint (script.looked, ==, 1);
}

static void
prefers_the_metric_with_just_these_dimensions (Fixture *fixture, gconstpointer data)
{
  Script script
      = {.pages = {METRIC (DR "," FROM) "," METRIC (DR)}, .values = {12}, .wanted = "[" DR "]"};
  g_autoptr (SlipRunFold) fold = wait_for (fixture, &script);

  assert_value (fixture, fold, "12");
  g_assert_cmpuint (script.looked, ==, 1);
}

/* 600 of one, and 1200 of the other is too much; then 600 and 800. */
static void
of_several_metrics_the_worst_counts (Fixture *fixture, gconstpointer data)
{
  Script script
      = {.pages = {METRIC (DR "," FROM) "," METRIC (DR ",{\"Name\":\"Role\",\"Value\":\"two\"}")},
         .values = {600, 600, 400, 400, 400, 400, 400, 400}};
  g_autoptr (SlipRunFold) fold = wait_for (fixture, &script);

  assert_value (fixture, fold, "800");
}

static void
what_is_not_listed_yet_is_asked_for_by_its_name (Fixture *fixture, gconstpointer data)
{
  Script script = {.values = {3}, .wanted = "[" DR "]"};
  g_autoptr (SlipRunFold) fold = wait_for (fixture, &script);

  assert_value (fixture, fold, "3");
}

static void
waits_until_the_newest_value_is_low_enough (Fixture *fixture, gconstpointer data)
{
  Script script = {.pages = {METRIC (DR)}, .values = {-1, 5000, 5000, 1001, 1000, 0}};
  gint64 before = slip_clock_now (fixture->clock);
  g_autoptr (SlipRunFold) fold = wait_for (fixture, &script);

  assert_value (fixture, fold, "1000");
  g_assert_cmpuint (script.looked, ==, 5);
  g_assert_cmpuint (fixture_entries (fold, SLIP_STEP_OBSERVED_KIND, "Wait"), ==, 3);
  g_assert_cmpint (slip_clock_now (fixture->clock) - before, >=, 4 * 24 * G_TIME_SPAN_SECOND);
  g_assert_cmpint (slip_clock_now (fixture->clock) - before, <=, 4 * 36 * G_TIME_SPAN_SECOND);
}

static void
a_value_that_stays_high_fails_at_the_deadline (Fixture *fixture, gconstpointer data)
{
  Script script
      = {.pages = {METRIC (DR)}, .values = {5000, 5000, 5000, 5000, 5000, 5000, 5000, 5000}};
  gint64 before = slip_clock_now (fixture->clock);
  g_autoptr (SlipRunFold) fold = wait_for (fixture, &script);

  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_FAILED);
  g_assert_nonnull (strstr (fixture->error->message,
                            "AWS/RDS Lag of DBClusterIdentifier=dr in eu-west-2 is still 5000 "
                            "Milliseconds"));
  g_assert_nonnull (
      strstr (fixture->error->message, "after 10 minutes, and should be at most 1000"));
  g_assert_nonnull (strstr (fixture->error->message, "then resume"));
  g_assert_cmpint (slip_clock_now (fixture->clock) - before, >=, 600 * G_TIME_SPAN_SECOND);
}

/* And tells by which dimensions CloudWatch has it instead. */
static void
no_value_fails_at_the_deadline_and_tells_which_there_are (Fixture *fixture, gconstpointer data)
{
  Script script = {.pages = {METRIC (FROM)}, .values = {-1, -1, -1, -1, -1, -1, -1, -1}};
  g_autoptr (SlipRunFold) fold = wait_for (fixture, &script);

  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_nonnull (strstr (fixture->error->message,
                            "CloudWatch in eu-west-2 has no value of AWS/RDS Lag of "
                            "DBClusterIdentifier=dr of the last 3 minutes, after 10 minutes"));
  g_assert_nonnull (strstr (fixture->error->message, "(SourceRegion=eu-west-1)"));
  g_assert_nonnull (strstr (fixture->error->message, "then resume"));
}

static void
a_look_that_is_throttled_is_made_again (Fixture *fixture, gconstpointer data)
{
  Script script
      = {.pages = {METRIC (DR)}, .values = {0, 7, 7, 7, 7, 7, 7, 7}, .fault = FAULT_THROTTLE};
  g_autoptr (SlipRunFold) fold = wait_for (fixture, &script);

  assert_value (fixture, fold, "7");
  g_assert_cmpuint (script.looked, ==, 2);
}

static void
a_look_that_is_refused_fails_at_once (Fixture *fixture, gconstpointer data)
{
  Script script
      = {.pages = {METRIC (DR)}, .values = {0, 7, 7, 7, 7, 7, 7, 7}, .fault = FAULT_DENIED};
  g_autoptr (SlipRunFold) fold = wait_for (fixture, &script);

  g_assert_nonnull (fixture->error);
  g_assert_nonnull (strstr (fixture->error->message, "not now"));
  g_assert_cmpuint (script.looked, ==, 1);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_FAILED);
}

/* It only reads: whoever killed it loses nothing, and it looks again. */
static void
after_a_failure_it_looks_anew (Fixture *fixture, gconstpointer data)
{
  Script script
      = {.pages = {METRIC (DR)}, .values = {0, 7, 7, 7, 7, 7, 7, 7}, .fault = FAULT_DENIED};
  g_autoptr (SlipRunFold) failed = wait_for (fixture, &script);
  g_autoptr (SlipRunFold) fold = NULL;

  g_assert_cmpint (failed->state, ==, SLIP_RUN_FAILED);
  fixture_control (fixture, SLIP_RUNNER_RESUME, NULL, NULL);
  fold = fixture_go (fixture);
  assert_value (fixture, fold, "7");
}

#define ADD(func)                                                                                  \
  g_test_add ("/run/metric/" #func, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (reads_the_metric_that_has_the_named_dimensions);
  ADD (prefers_the_metric_with_just_these_dimensions);
  ADD (of_several_metrics_the_worst_counts);
  ADD (what_is_not_listed_yet_is_asked_for_by_its_name);
  ADD (waits_until_the_newest_value_is_low_enough);
  ADD (a_value_that_stays_high_fails_at_the_deadline);
  ADD (no_value_fails_at_the_deadline_and_tells_which_there_are);
  ADD (a_look_that_is_throttled_is_made_again);
  ADD (a_look_that_is_refused_fails_at_once);
  ADD (after_a_failure_it_looks_anew);
  return g_test_run ();
}
